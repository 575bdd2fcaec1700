"""Patterns: what an operation, or its rule, comes to on a tape, written down once and then copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from autograd.ops import Op
from autograd.program.sums import NEGATIVE
from autograd.program.tape import Tape
from autograd.program.writer import COMMUTATIVE

OF_ONE, OF_SEVERAL, BOTH_WAYS, PERHAPS_SIMPLER = range(4)
"""How a step of a pattern is looked for, before it is written once more."""


class Pattern(NamedTuple):
    """A tape as a recorder copies it.

    Attributes:
        constants: its numbers, which stand after its inputs; for a certain recorder their slots.
        steps: for each its atom, which numbers it takes (a function that chooses them, or for ``OF_ONE`` the place
            of the only one), and how it is looked for.
        outputs: a function that chooses the results.
    """

    constants: Sequence[Any]
    steps: list[tuple[str, Any, int]]
    outputs: Any


Patterns = dict[tuple[Callable[..., Any], int], "Pattern | None"]
"""By a function, an operation's forward or its rule, and how many numbers it takes.  None: it refuses tracers."""

_of_our_operations: WeakKeyDictionary[Op, Patterns] = WeakKeyDictionary()


def patterns_of(op: Op, others: dict[Op, Patterns]) -> Patterns:
    """The patterns of an operation that are known by now.

    Those of a learner's own stand in ``others``, which is of one tape: its functions may use what changes.
    """
    return (_of_our_operations if op.is_built_in else others).setdefault(op, {})


def pattern_of(tape: Tape) -> Pattern:
    """A tape to be copied."""
    steps = []
    for atom, places in zip(tape.atoms, tape.operands, strict=True):
        how = BOTH_WAYS if atom in COMMUTATIVE else OF_SEVERAL
        if atom == NEGATIVE and places[0] < len(tape.inputs):
            how = PERHAPS_SIMPLER
        elif len(places) == 1:
            how = OF_ONE
        steps.append((atom, places[0] if how == OF_ONE else choice(places), how))
    return Pattern(tape.constants, steps, choice(tape.outputs))


def choice(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """A function that chooses what stands at some places.

    >>> choice([0, 2])("abc"), choice([1])("abc")
    (('a', 'c'), ('b',))
    """
    return itemgetter(*places) if len(places) > 1 else lambda slots: tuple([slots[place] for place in places])
