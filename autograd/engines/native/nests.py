"""A tape as a table of rows for the one program of machine code; ``print(Table(tape))`` shows it.

The steps of a level do not need each other, so those of one kind can be computed together.  Often each of them is
the one before, moved on: the sum of neuron 2 has the places of neuron 1's, each so many further.  Such steps are a
*nest* (a loop, and for sums one more inside of it), and a row says all of it: from where, how often, by how much to
move on.  Steps that are alike in nothing but their kind are a row with a list of places.

Nothing here goes through the steps one by one: whatever is found, NumPy finds for all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engines.levels import Levels, segments
from autograd.engines.native.machine_code import function_of, lanes
from autograd.engines.native.printed_table import table_as_text
from autograd.engines.native.program import program
from autograd.engines.native.rows import DOT, FIELDS, NEIGHBOURS, STRIP, Kind, kinds, listed_kind, packed, shortest
from autograd.engines.native.series import apart, inside, series
from autograd.program.tape import SUM, Tape

SHORTEST_DOT = 4
"""A sum of fewer terms is computed one by one."""


class Table:
    """A tape's steps in level order, and the rows that have them computed.

    Args:
        tape: what is to be computed.
        shared, begin: so many of its first inputs (the parameters, say) stand at the beginning of a memory that
            several tables use; this one's own part stands in it from the place ``begin`` on.

    Attributes:
        levels: the steps in level order, and the places of their inputs, to which the rows refer.
        slots: all numbers of its own at the start, and some more, because vectors may reach beyond the last one.
        rows: for each row the numbers that ``rows.FIELDS`` names.
        program, address: ``program(address of the memory, address, address of results)`` computes all steps where
            the inputs have been filled in, and copies the outputs; less than 0 if one of them is not finite.

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
        AutogradError: if the tape has an atom without machine code.
    """

    def __init__(self, tape: Tape, shared: int = 0, begin: int = 0) -> None:
        # Made now if at all: whoever has a table can run it.
        self.program = program()
        self.levels = levels = Levels(tape, shared, begin)
        self.rows = packed(rows_of(levels))
        self.slots = np.concatenate([levels.slots, np.zeros(lanes())])
        self._copies = copies_of(levels.outputs)
        rows, lists, copies = [array.ctypes.data for array in (self.rows, levels.operands, self._copies)]
        self._header = np.array([rows, len(self.rows), lists, copies, len(self._copies)], dtype=np.int64)
        self.address = self._header.ctypes.data

    def __str__(self) -> str:
        return table_as_text(self.levels, self.rows)


class Steps:
    """What is known of all steps of a tape, in level order, as arrays with a number for each step.

    Attributes:
        count: how many there are.
        run_starts: the first step of each run.
        is_sum: whether it is a sum.
        inputs: where its first input, its second and its third stand in the list of places; a sum begins with the
            first, and the other two are its first factors.
        moves: by how much what a sum begins with, a factor that moves (if any) and the other one are moved on from
            the step before; for another step 0, and then its two inputs.
        is_copy: whether a step is the one before, moved on.
        is_turned: for each term of a sum, whether its right factor was moved on, and not the left one.
    """

    def __init__(self, levels: Levels) -> None:
        self.levels, self.places = levels, levels.operands.astype(np.int64)
        begins, lengths = levels.borders[:-1], np.diff(levels.borders)
        self.count, self.begins, self.lengths = len(begins), begins, lengths
        self.run_starts = np.array([start for _, start, _ in levels.runs], dtype=np.int64)
        self._run_lengths = np.array([stop - start for _, start, stop in levels.runs], dtype=np.int64)
        self.is_sum = self.of_runs(lambda atom: atom == SUM).astype(bool)
        self.inputs = [begins + np.minimum(k, lengths - 1) for k in range(3)]
        # The terms of all sums: of which step each is, the how many-th there, and where its left factor stands.
        self.terms = np.where(self.is_sum, lengths // 2, 0)
        self._step = np.repeat(np.arange(self.count), self.terms)
        self._term = segments(np.zeros_like(self.terms), self.terms)
        self._left = begins[self._step] + 1 + 2 * self._term

        # The same input of the step before stands as many places further in front as a step has inputs.
        before = np.arange(len(self.places)) - np.repeat(lengths, lengths)
        moves = self.places - self.places[before]
        left, right = moves[self._left], moves[self._left + 1]
        self.is_turned = (left == 0) & (right != 0)
        left, right = np.where(self.is_turned, [right, left], [left, right])
        first, second = [moves[places] for places in self.inputs[:2]]
        self.moves = [np.where(self.is_sum, first, 0), first.copy(), second.copy()]
        firsts = self._term == 0
        self.moves[1][self._step[firsts]], self.moves[2][self._step[firsts]] = left[firsts], right[firsts]
        self.is_copy = self.for_all_terms(
            (left == self.moves[1][self._step]) & (right == self.moves[2][self._step])
        )
        self.is_copy[self.run_starts] = False
        changes = np.repeat(np.arange(self.count), lengths)[moves != moves[before]]
        self._goes_on = np.bincount(changes, minlength=self.count) == 0

    def of_runs(self, value: Callable[[str], int]) -> Any:
        """Something that depends on the atom of a step only."""
        known = {atom: value(atom) for atom in {atom for atom, _, _ in self.levels.runs}}
        numbers = np.array([known[atom] for atom, _, _ in self.levels.runs], dtype=np.int64)
        return np.repeat(numbers, self._run_lengths)

    def for_all_terms(self, is_good: Any) -> Any:
        """Whether something holds for all terms of a step."""
        return np.bincount(self._step[~is_good], minlength=self.count) == 0

    def factors_in_a_row(self) -> tuple[Any, Any]:
        """Whether the left factors of a sum stand side by side, or the right ones; 0 if they are one and the same.

        Returns:
            For either side the distance from term to term: 0, 1, or -1 for another one or several.
        """
        found = []
        for side in (0, 1):
            places = self.places[self._left + side]
            distances = np.diff(places, prepend=0)
            is_first = self._term == 0
            is_one = self.for_all_terms((distances == 1) | is_first)
            is_none = self.for_all_terms((distances == 0) | is_first)
            found.append(np.where(is_none, 0, np.where(is_one, 1, -1)))
        return found[0], found[1]

    def nests(self, is_good: Any) -> tuple[Any, Any]:
        """Where nests begin, and where they have ended: copies of one step, each moved on as the one before.

        Args:
            is_good: whether a step may be the second one of a nest, as it was moved on from the first.
        """
        starts, ends = series(self.is_copy, self._goes_on)
        usable = is_good[starts + 1]
        starts, ends = starts[usable], ends[usable]
        return apart(starts, ends, shortest(lanes()))

    def turn(self, starts: Any) -> Any:
        """Give the first steps of nests their factors such that those that move are the left ones.

        Returns:
            Whether the right factors moved in all terms of a step.
        """
        is_second = np.zeros(self.count + 1, dtype=bool)
        is_second[starts + 1] = True
        chosen = self.is_turned & is_second[self._step]
        left = self._left[chosen] - self.lengths[self._step[chosen]]
        for places in (self.places, self.levels.operands):
            places[left], places[left + 1] = places[left + 1], places[left]
        return self.for_all_terms(self.is_turned)


def rows_of(levels: Levels) -> Any:
    """The rows of a table, in the order in which they are to be computed."""
    if not levels.runs:
        return np.zeros((0, len(FIELDS)), dtype=np.int64)
    steps, numbers = Steps(levels), kinds()
    start, left, right = steps.moves
    # Neighbours can be computed in one vector if inputs move on by one place, or by none at all.
    are_neighbours = ((start | left | right) & ~1 == 0) & (left | right == 1)
    are_neighbours &= steps.of_runs(lambda atom: atom == SUM or Kind(atom, STRIP) in numbers).astype(bool)
    left_row, right_row = steps.factors_in_a_row()
    is_dot = (steps.terms >= SHORTEST_DOT) & ((left_row | right_row) == 1)
    all_turned, none_turned = steps.for_all_terms(steps.is_turned), steps.for_all_terms(~steps.is_turned)
    starts, ends = steps.nests(are_neighbours | (is_dot & (all_turned | none_turned)))
    steps.turn(starts)
    alone = np.flatnonzero(is_dot & ~inside(starts, ends, steps.count))

    # A row begins with each run, with each nest and after it, and with each dot product outside of nests.
    begins_row = np.zeros(steps.count + 1, dtype=bool)
    for places in (steps.run_starts, starts, ends, alone, alone + 1):
        begins_row[places] = True
    first = np.flatnonzero(begins_row[:-1])
    rows = Rows(steps, first, np.isin(first, starts))
    if not len(starts) and not len(alone):
        return rows.numbers
    are_neighbours = rows.are_nests & are_neighbours[rows.second]
    rows.write_strips(are_neighbours & ~steps.is_sum[first])
    rows.write_neighbours(are_neighbours & steps.is_sum[first])
    turned = rows.are_nests & all_turned[rows.second]
    rows.write_dots(
        np.isin(first, alone) | (rows.are_nests & ~are_neighbours),
        *np.where(turned, [right_row[first], left_row[first]], [left_row[first], right_row[first]]),
    )
    return rows.together()


class Rows:
    """The rows of a table.  At first all steps are listed ones.

    Attributes:
        numbers: what stands in the rows.
        first, second: for each row its first step, and its second one if it is a nest.
        are_nests: whether a row is a nest.
        moves, inputs: by how much the inputs of a nest move on, and where those of the first step stand.
    """

    def __init__(self, steps: Steps, first: Any, are_nests: Any) -> None:
        self.steps, self.first, self.second, self.are_nests = steps, first, first + are_nests, are_nests
        self.moves = [np.where(are_nests, move[self.second], 0) for move in steps.moves]
        self.inputs = [steps.places[places[first]] for places in steps.inputs]
        self.numbers = np.zeros((len(first), len(FIELDS)), dtype=np.int64)
        self.write(
            slice(None), count=np.diff(np.append(first, steps.count)), result=steps.levels.first + first,
            list=steps.begins[first], terms=steps.terms[first], kind=self.kind_of(listed_kind),
            function=steps.of_runs(function_of)[first],
            copies=np.ones(len(first)),
        )  # fmt: skip

    def write(self, chosen: Any, **values: Any) -> None:
        """Write numbers into some of the rows."""
        for name, value in values.items():
            self.numbers[chosen, FIELDS.index(name)] = value[chosen]

    def kind_of(self, kind: Callable[[str], Kind]) -> Any:
        """The number of a kernel that depends on the atom."""
        return self.steps.of_runs(lambda atom: kinds().get(kind(atom), 0))[self.first]

    def write_strips(self, chosen: Any) -> None:
        (left, right, _), (_, left_step, right_step) = self.inputs, self.moves
        kind = self.kind_of(lambda atom: Kind(atom, STRIP))
        self.write(chosen, kind=kind, left=left, left_step=left_step, right=right, right_step=right_step)

    def write_neighbours(self, chosen: Any) -> None:
        (start, left, right), (start_step, left_step, right_step) = self.inputs, self.moves
        kind = np.where(right_step, *[kinds()[Kind(SUM, NEIGHBOURS, right)] for right in (1, 0)])
        self.write(
            chosen, kind=kind, start=start, start_step=start_step,
            left=left, left_step=left_step, right=right, right_step=right_step,
        )  # fmt: skip

    def write_dots(self, chosen: Any, left_row: Any, right_row: Any) -> None:
        """
        Args:
            left_row, right_row: from term to term the distance of the left factors, and of the right ones.
        """
        (start, left, right), (start_step, left_step, right_step) = self.inputs, self.moves
        in_rows = left_row & right_row == 1
        kind = np.where(in_rows, *[kinds()[Kind(SUM, DOT, right)] for right in (1, 0)])
        # The factors that are the same for all terms, or else for all sums of a nest, are to be the right ones.
        swapped = np.where(in_rows, (left_step == 0) & (right_step != 0), left_row == 0)
        self.write(
            chosen, kind=kind, start=start, start_step=start_step,
            left=np.where(swapped, right, left), left_step=np.where(swapped, right_step, left_step),
            right=np.where(swapped, left, right), right_step=np.where(swapped, left_step, right_step),
        )  # fmt: skip

    def column(self, name: str) -> Any:
        """A number of all rows."""
        return self.numbers[:, FIELDS.index(name)]

    def together(self) -> Any:
        """The rows, those that are copies of each other as one: the sums for all rows of a matrix, say."""
        names = ["kind", "count", "terms", "start_step", "left_step", "right_step"]
        alike = (np.diff(self.numbers[:, [FIELDS.index(name) for name in names]], axis=0) == 0).all(axis=1)
        places, kind, begins = self.steps.places, self.column("kind"), self.column("list")
        is_copy = np.append(False, alike) & np.array([each.has_copies for each in kinds()])[kind]
        if not is_copy.any():
            return self.numbers
        is_copy &= ~np.isin(self.first, self.steps.run_starts)
        moves = np.array([np.diff(self.column(name), prepend=0) for name in ("start", "left", "right")])
        # All places of a list must have moved as its first ones have.
        listed = np.flatnonzero(is_copy & (kind == kinds()[Kind(SUM, NEIGHBOURS, 0)]))
        terms = self.column("terms")[listed]
        row = np.repeat(listed, terms)
        term = segments(np.zeros_like(terms), terms)
        for side in (1, 2):
            moved = places[begins[row] + 2 * term + side] - places[begins[row - 1] + 2 * term + side]
            is_copy[row[moved != moves[side, row]]] = False

        starts, ends = series(is_copy, np.append(False, (np.diff(moves, axis=1) == 0).all(axis=0)))
        starts, ends = apart(starts, ends, 2)
        for name, move in zip(("start_copy", "left_copy", "right_copy"), moves, strict=True):
            self.column(name)[starts] = move[starts + 1]
        self.column("copies")[starts] = ends - starts
        return self.numbers[~inside(starts + 1, ends, len(kind))]


def copies_of(outputs: Any) -> Any:
    """The places of outputs as a list of copies: from where, to where, and how many neighbours."""
    targets = np.flatnonzero(np.diff(outputs, prepend=-2) != 1)
    counts = np.diff(np.append(targets, len(outputs)))
    return np.stack([outputs[targets], targets, counts], axis=1).astype(np.int64)
