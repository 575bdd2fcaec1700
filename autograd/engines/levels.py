"""A tape in level order, for engines that compute many steps of one kind together.

A step's level is one more than the highest of its inputs, so the steps of a level do not need each
other.  Sorted by level, on each level by atom, and sums by their length, the tape falls into *runs*: steps in a row
with the same atom and as many inputs, all of which are known when the run begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from autograd.program.tape import Tape

FEW, WIDE = 200, 20
"""So few runs, or runs of so many steps, are put into the order that suits an engine best."""


class Levels:
    """A tape's slots and steps in level order.

    Args:
        tape: what is to be computed.
        shared, begin: so many of its first inputs stand at the beginning of a memory that others use as well; all
            other numbers stand from the place ``begin`` on.

    Attributes:
        inputs, constants: how many there are.
        first: the place of the first step.
        slots: all numbers that are not shared at the start: constants filled in, zeros where something is computed.
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

    def __init__(self, tape: Tape, shared: int = 0, begin: int = 0) -> None:
        first, count = len(tape.inputs) + len(tape.constants), len(tape.instructions)
        names = tape.atoms
        lengths, flat = tape.flat()
        # A view gives one number after the other: a list of all would take much memory.
        level = np.array(levels_of(flat.data, lengths.tolist(), first)[first:], dtype=np.int64)
        known = sorted(set(names))
        number = {name: i for i, name in enumerate(known)}
        atoms = np.array([number[name] for name in names], dtype=np.int64)
        order = np.lexsort((lengths, atoms, level))
        began = np.cumsum(lengths) - lengths
        changes = np.any([np.diff(each[order]) for each in (atoms, level, lengths)], axis=0)
        borders = [0, *(np.flatnonzero(changes) + 1).tolist(), count] if count else []
        place = np.arange(first + count)
        place[first + order] = first + np.arange(count)
        for start, stop in pairwise(borders) if len(borders) < max(FEW, count // WIDE) else ():
            if stop - start > 3:
                inputs = flat[began[order[start:stop], None] + np.arange(min(3, lengths[order[start]]))]
                if goes_down(place[inputs]):
                    order[start:stop] = order[start:stop][::-1]
                    place[first + order[start:stop]] = np.arange(first + start, first + stop)

        place[shared:] += begin - shared
        self.inputs, self.constants, self.first = len(tape.inputs), len(tape.constants), first + begin - shared
        self.slots = np.zeros(first + count - shared)
        self.slots[self.inputs - shared : first - shared] = tape.constants
        self.outputs = place[np.array(tape.outputs, dtype=np.int64)]
        self.borders = np.concatenate([[0], np.cumsum(lengths[order])])
        self.operands = place[flat[segments(began[order], lengths[order])]].astype(np.int32)
        firsts = order[borders[:-1]].tolist()
        self.runs = [(names[step], *ends) for step, ends in zip(firsts, pairwise(borders), strict=True)]

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


def segments(begins: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """All places of some segments, those of one segment after those of another.

    >>> segments(np.array([7, 0]), np.array([2, 3])).tolist()
    [7, 8, 0, 1, 2]
    """
    before = np.cumsum(lengths) - lengths
    return np.repeat(begins - before, lengths) + np.arange(int(lengths.sum()))


def goes_down(places: np.ndarray) -> bool:
    """True if from step to step inputs go backwards more often than forwards, as those of derivatives may do."""
    moves = np.diff(places, axis=0)
    some = moves.any(axis=1)
    return int((some & (moves <= 0).all(axis=1)).sum()) > int((some & (moves >= 0).all(axis=1)).sum())


def levels_of(operands: Sequence[int], lengths: Sequence[int], first: int) -> list[int]:
    """The level of every slot, from the operands of all steps; slots before the first step are on level 0."""
    levels = [0] * first
    begin = 0
    for length in lengths:
        level = levels[operands[begin]]
        if length == 2:
            # Most steps, and the time of large tapes is spent here.
            other = levels[operands[begin + 1]]
            if other > level:
                level = other
        elif length > 2:
            level = max([levels[slot] for slot in operands[begin : begin + length]])
        levels.append(level + 1)
        begin += length
    return levels
