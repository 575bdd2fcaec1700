"""A tape in level order, for engines that compute many steps of one kind together.

A step's level is one more than the highest of its inputs, so the steps of a level do not need each
other.  Sorted by level, on each level by atom, and sums by their length, the tape falls into *runs*: steps in a row
with the same atom and as many inputs, all of which are known when the run begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np

from autograd.program.tape import Tape


class Levels:
    """A tape's slots and steps in level order.

    Attributes:
        inputs, first: how many slots are inputs, and how many stand before the first step.
        slots: all numbers at the start: constants filled in, zeros where something is to be computed.
        outputs: the places of the tape's outputs among the slots.
        operands, borders: the places of the inputs of all steps, those of one step after those of another, and
            where each step's begin; in the end where all end.
        runs: for each run its atom, its first step, and the step after its last.

    >>> from autograd import Value
    >>> from autograd.program.graphs import record
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> Levels(record([a * b, (a + b) * b, a * a], [a, b])).runs
    [('add', 0, 1), ('multiply', 1, 3), ('multiply', 3, 4)]
    """

    def __init__(self, tape: Tape) -> None:
        first, count = len(tape.inputs) + len(tape.constants), len(tape.instructions)
        names, operands = tape.atoms, tape.operands
        level = np.array(levels_of(operands, first)[first:], dtype=np.int64)
        known = sorted(set(names))
        number = {name: i for i, name in enumerate(known)}
        atoms = np.array([number[name] for name in names], dtype=np.int64)
        lengths = np.array([len(each) for each in operands], dtype=np.int64)
        order = np.lexsort((lengths, atoms, level))
        place = np.arange(first + count)
        place[first + order] = first + np.arange(count)

        self.inputs, self.first = len(tape.inputs), first
        self.slots = np.zeros(first + count)
        self.slots[self.inputs : first] = tape.constants
        self.outputs = place[np.array(tape.outputs, dtype=np.int64)]
        began = np.cumsum(lengths) - lengths
        lengths, atoms, level = lengths[order], atoms[order], level[order]
        self.borders = np.concatenate([[0], np.cumsum(lengths)])
        moved = np.repeat(began[order] - self.borders[:-1], lengths) + np.arange(self.borders[-1])
        flat = np.fromiter(chain.from_iterable(operands), dtype=np.int64, count=len(moved))
        self.operands = place[flat[moved]].astype(np.int32)
        changes = np.flatnonzero((np.diff(atoms) != 0) | (np.diff(level) != 0) | (np.diff(lengths) != 0)) + 1
        borders = [0, *changes.tolist(), count] if count else []
        self.runs = [(known[atoms[start]], start, stop) for start, stop in pairwise(borders)]

    def calls(self) -> list[tuple[str, np.ndarray, slice]]:
        """For each run its atom, a row of places for each of its inputs, and the places of its results."""
        return [
            (
                atom,
                self.operands[self.borders[start] : self.borders[stop]].reshape(stop - start, -1).T,
                slice(self.first + start, self.first + stop),
            )
            for atom, start, stop in self.runs
        ]


def levels_of(operands: Sequence[tuple[int, ...]], first: int) -> list[int]:
    """The level of every slot; those before the first step are on level 0."""
    levels = [0] * first
    for each in operands:
        if len(each) == 2:
            # Most steps, and the time of large tapes is spent here.
            one, other = levels[each[0]], levels[each[1]]
            levels.append((one if one > other else other) + 1)
        else:
            levels.append(max([levels[i] for i in each]) + 1)
    return levels
