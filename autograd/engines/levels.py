"""A tape in level order, for engines that compute many steps of one kind together.

A step's level is one more than the highest of its inputs, so the steps of a level do not need each
other.  Sorted by level, and on each level by atom, the tape falls into *runs*: steps in a row with the
same atom, all of whose inputs are known when the run begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.program.sums import expanded
from autograd.program.tape import Tape, primitive


class Levels:
    """A tape's slots and steps in level order.

    Attributes:
        inputs, first: how many slots are inputs, and how many stand before the first step.
        slots: all numbers at the start: constants filled in, zeros where something is to be computed.
        outputs: the places of the tape's outputs among the slots.
        operands: for each step the places of its inputs; one array for the first input, one for the second...
        runs: for each run its atom, its first step, and the step after its last.

    >>> from autograd import Value
    >>> from autograd.program.graphs import record
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> Levels(record([a * b, (a + b) * b, a * a], [a, b])).runs
    [('add', 0, 1), ('multiply', 1, 3), ('multiply', 3, 4)]
    """

    def __init__(self, tape: Tape) -> None:
        tape = expanded(tape)
        first, count = len(tape.inputs) + len(tape.constants), len(tape.instructions)
        names, operands = tape.atoms, tape.operands
        columns = columns_of(operands)
        level = np.array(levels_of(columns, first)[first:], dtype=np.int64)
        known = sorted(set(names))
        number = {name: i for i, name in enumerate(known)}
        atoms = np.array([number[name] for name in names], dtype=np.int64)
        order = np.lexsort((atoms, level))
        place = np.arange(first + count)
        place[first + order] = first + np.arange(count)

        self.inputs, self.first = len(tape.inputs), first
        self.slots = np.zeros(first + count)
        self.slots[self.inputs : first] = tape.constants
        self.outputs = place[np.array(tape.outputs, dtype=np.int64)]
        self.operands = [place[np.array(column, dtype=np.int64)[order]].astype(np.int32) for column in columns]
        atoms, level = atoms[order], level[order]
        changes = np.flatnonzero((np.diff(atoms) != 0) | (np.diff(level) != 0)) + 1
        borders = [0, *changes.tolist(), count] if count else []
        self.runs = [(known[atoms[start]], start, stop) for start, stop in pairwise(borders)]

    def calls(self, functions: Callable[[str], Any]) -> list[tuple[Any, list[np.ndarray], slice]]:
        """For each run the function of its atom, the places of its inputs, and those of its results."""
        return [
            (
                functions(atom),
                [places[start:stop] for places in self.operands[: primitive(atom).arity]],
                slice(self.first + start, self.first + stop),
            )
            for atom, start, stop in self.runs
        ]


def columns_of(operands: Sequence[tuple[int, ...]]) -> list[list[int]]:
    """The first inputs of all steps, the second ones, and so on; where a step has fewer, its last one again."""
    most = max(map(len, operands), default=2)
    columns = [[each[0] for each in operands]]
    columns += [[each[min(k, len(each) - 1)] for each in operands] for k in range(1, most - 1)]
    return [*columns, [each[-1] for each in operands]]


def levels_of(columns: list[list[int]], first: int) -> list[int]:
    """The level of every slot; those before the first step are on level 0."""
    levels = [0] * first
    if len(columns) == 2:
        # Nearly every tape, and the time of large ones is spent here.
        for i, k in zip(*columns, strict=True):
            one, other = levels[i], levels[k]
            levels.append((one if one > other else other) + 1)
    else:
        for operands in zip(*columns, strict=True):
            levels.append(max([levels[i] for i in operands]) + 1)
    return levels
