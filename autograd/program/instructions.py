"""The steps of a tape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, overload

if TYPE_CHECKING:
    import numpy as np


class Instruction(NamedTuple):
    """One step: an atom, applied to the slots ``operands``.  Its label is what the learner called the result.

    The atom ``SUM`` is no row of the table: with the operands ``(init, a1, b1, a2, b2, ...)`` it is the sum of
    products ``slots[init] + slots[a1]*slots[b1] + slots[a2]*slots[b2] + ...``, in whatever order an engine adds
    them.  Where there is nothing to begin with, init is the constant -0.0, the number that changes no sum; a
    number that is added alone has the factor 1.0, one that is taken off -1.0, and stands before it.
    """

    atom: str
    operands: tuple[int, ...]
    label: str = ""


class Instructions(Sequence[Instruction]):
    """The steps of a tape, kept as columns: a million small objects would take much memory, and long to make.

    Args:
        place: where each slot in the operands stands, if they are those of somebody who counts slots otherwise.

    Attributes:
        atoms, operands: those of all steps.
        labels: from the number of a step to its label, for those that have one.
    """

    __slots__ = ("_given", "atoms", "labels")

    def __init__(
        self,
        atoms: Sequence[str],
        operands: Sequence[tuple[int, ...]],
        labels: Mapping[int, str],
        place: Sequence[int] | None = None,
    ) -> None:
        self.atoms, self.labels = atoms, labels
        # The operands, and where their slots stand; one attribute, as another thread may look.
        self._given = operands, place

    @property
    def operands(self) -> Sequence[tuple[int, ...]]:
        operands, place = self._given
        if place is not None:
            at = place.__getitem__
            operands = [tuple(map(at, each)) for each in operands]
            self._given = operands, None
        return operands

    def flat(self) -> tuple[np.ndarray, np.ndarray]:
        """How many operands each step has, and all of them, those of one step after those of another."""
        import numpy as np

        operands, place = self._given
        lengths = np.fromiter(map(len, operands), np.int64, len(operands))
        slots = np.fromiter(chain.from_iterable(operands), np.int64, int(lengths.sum()))
        return lengths, slots if place is None else np.array(place, np.int64)[slots]

    def __reduce__(self) -> tuple[Any, ...]:
        return Instructions, (self.atoms, self.operands, self.labels)

    @classmethod
    def of(cls, steps: Sequence[Instruction]) -> Instructions:
        """The same as columns."""
        labels = {i: step.label for i, step in enumerate(steps) if step.label}
        return cls([step.atom for step in steps], [step.operands for step in steps], labels)

    def __len__(self) -> int:
        return len(self.atoms)

    @overload
    def __getitem__(self, place: int) -> Instruction: ...

    @overload
    def __getitem__(self, place: slice) -> list[Instruction]: ...

    def __getitem__(self, place: int | slice) -> Instruction | list[Instruction]:
        if isinstance(place, slice):
            return list(self)[place]
        at = range(len(self))[place]
        return Instruction(self.atoms[at], self.operands[at], self.labels.get(at, ""))

    def __iter__(self) -> Iterator[Instruction]:
        for at, (atom, operands) in enumerate(zip(self.atoms, self.operands, strict=True)):
            yield Instruction(atom, operands, self.labels.get(at, ""))
