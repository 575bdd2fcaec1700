"""What an optimizer remembers about each parameter, without keeping the parameter alive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple
from weakref import ref

from autograd import Value

Remembered = tuple[int, tuple[Any, ...]]
"""How many updates a parameter has had, and the state of the optimizer's rule."""


@dataclass(frozen=True)
class Rows:
    """What is remembered about many parameters that all had the same number of updates.

    Attributes:
        parameters: a weak reference to each of them.
        updates: how many each has had.
        states: an array of NumPy's with a row for each number of a state.
    """

    parameters: list[ref[Value]]
    updates: int
    states: Any

    def entries(self) -> dict[ref[Value], Remembered]:
        """The same, parameter by parameter, of those that are still there."""
        states = zip(*self.states.tolist(), strict=True) if len(self.states) else repeat(())
        remembered = zip(self.parameters, zip(repeat(self.updates), states))  # noqa: B905
        # What is gone cannot be looked up any more.
        return {reference: entry for reference, entry in remembered if reference() is not None}


class Listed(NamedTuple):
    """What a step made node by node remembers about its parameters.

    Attributes:
        parameters: a weak reference to each of them.
        remembered: what is remembered about each.
    """

    parameters: list[ref[Value]]
    remembered: list[Remembered]

    def entries(self) -> dict[ref[Value], Remembered]:
        """The same, parameter by parameter, of those that are still there."""
        return {reference: entry for reference, entry in zip(*self, strict=True) if reference() is not None}


class Memory:
    """From parameters to what is remembered about them.

    A parameter is referred to weakly, so an optimizer keeps no model alive.  What was remembered of parameters
    that are gone is forgotten when new ones come.

    A program leaves what it remembers in rows, and a step in a list, from which the next one takes it up again; it
    is dealt out to the parameters as soon as anybody asks for that of one.

    >>> memory, w = Memory(), Value(1.0, "w")
    >>> memory[w] = (1, (0.5,))
    >>> memory[w], w in memory
    ((1, (0.5,)), True)
    >>> del w
    >>> memory.values()
    []
    """

    _entries: dict[ref[Value], Remembered]
    _left: Rows | Listed | None

    def __init__(self, entries: Iterable[tuple[Value, Remembered]] = ()) -> None:
        self.entries = {ref(parameter): remembered for parameter, remembered in entries}

    @property
    def entries(self) -> dict[ref[Value], Remembered]:
        """What is remembered, by the weak reference ``ref(parameter)``.

        This dict is never changed, only replaced by another one: who keeps it keeps what was remembered at that
        moment.
        """
        left = self._left
        if left is not None:
            self.entries = self._entries | left.entries()
        return self._entries

    @entries.setter
    def entries(self, entries: dict[ref[Value], Remembered]) -> None:
        self._entries, self._left = entries, None

    def leave(self, left: Rows | Listed) -> None:
        """Remember something about the parameters of some rows, or of a list."""
        if self._left is not None and self._left.parameters != left.parameters:
            self._entries = self.entries
        self._left = left

    def __bool__(self) -> bool:
        """True if anything is remembered."""
        return bool(self._entries) or self._left is not None

    def rows_of(self, references: list[ref[Value]]) -> Rows | None:
        """The rows that were left for exactly these parameters; None if something else was."""
        left = self._left
        return left if isinstance(left, Rows) and left.parameters == references else None

    def listed(self, references: list[ref[Value]]) -> list[Any]:
        """What is remembered about several parameters; None for an unknown one."""
        left = self._left
        if type(left) is Listed and left.parameters == references:
            return left.remembered
        return list(map(self.entries.get, references))

    def copy(self) -> Memory:
        """What is remembered at this moment."""
        copy = object.__new__(Memory)
        copy._entries, copy._left = self._entries, self._left
        return copy

    def __getitem__(self, parameter: Value) -> Remembered:
        return self.entries[ref(parameter)]

    def __setitem__(self, parameter: Value, remembered: Remembered) -> None:
        self.change([parameter], [remembered])

    def __delitem__(self, parameter: Value) -> None:
        self.entries = {key: entry for key, entry in self.entries.items() if key() is not parameter}

    def __contains__(self, parameter: Value) -> bool:
        return ref(parameter) in self.entries

    def values(self) -> list[Remembered]:
        """What is remembered, in the order in which the parameters were first met."""
        return [remembered for _, remembered in self.items()]

    def items(self) -> list[tuple[Value, Remembered]]:
        """Every parameter that is still there, with what is remembered about it."""
        found = [(reference(), remembered) for reference, remembered in self.entries.items()]
        return [(parameter, remembered) for parameter, remembered in found if parameter is not None]

    def of(self, parameters: Iterable[Value]) -> list[Any]:
        """What is remembered about several parameters; None for an unknown one."""
        return self.listed(list(map(ref, parameters)))

    def change(self, parameters: Iterable[Value], remembered: Iterable[Remembered]) -> None:
        """Remember something about several parameters."""
        self.entries = self.entries | dict(zip(map(ref, parameters), remembered, strict=True))

    def add(self, parameters: Iterable[Value], remembered: Remembered) -> None:
        """Give parameters that are not here yet their place, and forget those that are gone."""
        living = {key: entry for key, entry in self.entries.items() if key() is not None}
        self.entries = living | {key: remembered for key in map(ref, parameters) if key not in living}
