"""Patterns: what an operation, or its rule, comes to on a tape, written down once and then copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from autograd.ops import Op
from autograd.program.sums import ADD, MULTIPLY, NEGATIVE
from autograd.program.tape import Tape

COMMUTATIVE = (ADD, MULTIPLY)

AS_IT_IS, BOTH_WAYS, PERHAPS_SIMPLER = range(3)
"""How a step of a pattern is looked for, before it is written once more."""


class Pattern(NamedTuple):
    """A tape as a recorder copies it.

    Attributes:
        constants: its numbers, which stand after its inputs.
        steps: for each its atom, which numbers it takes (see ``choice``), and how it is looked for.
        outputs: which numbers are the results, as in the steps.
    """

    constants: tuple[float, ...]
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
        how = BOTH_WAYS if atom in COMMUTATIVE else AS_IT_IS
        if atom == NEGATIVE and places[0] < len(tape.inputs):
            how = PERHAPS_SIMPLER
        steps.append((atom, choice(places), how))
    return Pattern(tape.constants, steps, choice(tape.outputs))


def choice(places: Sequence[int]) -> Any:
    """A function that chooses what stands at some places, or the only place.

    >>> choice([0, 2])("abc"), choice([1])
    (('a', 'c'), 1)
    """
    return itemgetter(*places) if len(places) > 1 else places[0]
