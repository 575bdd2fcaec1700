"""What the rows of a table are, and how shifted copies are found among the steps of a tape, in arrays.

The time grows with the length of the tape, and there is no loop in Python around its steps but for their levels.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from autograd.engines.levels import segments
from autograd.engines.native import lines
from autograd.engines.native.machine_code import function_of
from autograd.engines.native.series import apart, inside, series
from autograd.program.tape import Tape

Array = Any

FIELDS = [
    *lines.FIELDS, "from_number", "init", "inits", "left", "lefts", "left_terms", "right", "rights", "right_terms",
]  # fmt: skip
"""What stands in a row of the table.

It is a step with so many ``terms``, and ``count`` copies of it.  Inputs are listed (``lines.FIELDS``) or stand at
equal distances: ``left`` and ``right`` are the places of the first copy's first factors, ``init`` of what its
sum begins with.  ``inits``, ``lefts`` and ``rights`` say how far it is to those of the next copy, ``left_terms``
and ``right_terms`` how far to those of the next term.  ``from_number`` is 1 if sums begin with uniform numbers:
``init`` and ``inits`` count numbers then, and not lines.
"""

IN_LINES = {
    "uniform sum": "out outs init inits right rights right_terms",
    "sum": "out outs init inits left lefts left_terms right rights right_terms",
    "listed uniform sum": "out outs",
    "spread": "out outs",
    "outer product": "left lefts right right_terms",
    "products": "left lefts right rights",
    "packed sum": "out outs init inits right rights right_terms",
    "packed outer product": "left lefts right right_terms",
}
"""What a row may be besides the kinds of all lines, and which of its fields count lines; the others count numbers.

In a *uniform* sum the left number of each product is uniform.  A *listed* one has terms that do not follow each
other at equal distances.  A uniform number that is needed for each
sample is *spread*.  An *outer product* adds count × terms products, summed over the samples, to gradients;
*products* adds the products of a left number with its own right one.

*Packed* are a uniform sum and an outer product whose other side are the first numbers of the samples: these stand
in the place of their lines, but ``PACK`` numbers of a sample side by side, then as many of the next sample.
"""

PACK = 32
"""So many numbers of a sample stand side by side where samples are packed: whole vectors of every width."""


def rows_of(kind: Array | str, **columns: Array) -> Array:
    """Rows of the table; what is not given is 0."""
    rows = np.zeros((len(columns["count"]), len(FIELDS)), dtype=np.int64)
    rows[:, 0] = kinds_by_name()[kind] if isinstance(kind, str) else kind
    for name, column in columns.items():
        rows[:, FIELDS.index(name)] = column
    return rows


@cache
def kinds_by_name() -> dict[str, int]:
    """The numbers of the kinds: first those of all lines, then those of IN_LINES."""
    return {name: number for number, name in enumerate([*lines.KINDS, *IN_LINES])}


def fields_of(rows: Array) -> dict[str, Array]:
    """The columns of a table, by their names; to change them changes the table."""
    return {name: rows[:, i] for i, name in enumerate(FIELDS)}


def lines_in(rows: Array) -> Array:
    """Which fields of some rows count lines."""
    found = fields_in_lines()[rows[:, 0]]
    found[rows[:, FIELDS.index("from_number")] == 1, FIELDS.index("init") : FIELDS.index("inits") + 1] = False
    return found


@cache
def fields_in_lines() -> Array:
    """For each kind which fields count lines."""
    texts = [IN_LINES.get(name, "out outs") for name in kinds_by_name()]
    return np.array([[name in text.split() for name in FIELDS] for text in texts])


class Nests(NamedTuple):
    """Items that are shifted copies: where each nest begins, how many it has, and how far apart they are."""

    first: Array
    count: Array
    strides: Array


class Steps:
    """The steps of a tape as arrays: their kinds, and all inputs one behind the other."""

    def __init__(self, tape: Tape) -> None:
        kinds, atoms = kinds_by_name(), set(tape.atoms)
        numbers = {atom: kinds[lines.kind_of(atom)] for atom in atoms}
        functions = {atom: function_of(atom) for atom in atoms}
        self.kinds = np.array([numbers[atom] for atom in tape.atoms], dtype=np.int64)
        self.functions = np.array([functions[atom] for atom in tape.atoms], dtype=np.int64)
        self.counts = np.array([len(operands) for operands in tape.operands], dtype=np.int64)
        self.flat = np.fromiter(chain.from_iterable(tape.operands), np.int64, int(self.counts.sum()))
        self.starts = np.cumsum(self.counts) - self.counts

    def first_of(self, steps: Array) -> Array:
        return self.flat[self.starts[steps]]

    def last_of(self, steps: Array) -> Array:
        return self.flat[self.starts[steps] + self.counts[steps] - 1]

    def inputs_of(self, steps: Array) -> Array:
        """All inputs of some steps, those of one behind those of another."""
        return self.flat[segments(self.starts[steps], self.counts[steps])]


class Parts(NamedTuple):
    """Sums taken apart: products with a uniform number, and products of two numbers of a sample.

    ``factors`` has the places of both factors of all products, in the order of the parts, and ``are_lines`` whether
    these are lines; ``is_listed`` says of which parts they do not follow each other at equal distances.
    """

    owner: Array
    goes_on: Array
    kind: Array
    count: Array
    left: Array
    left_terms: Array
    right: Array
    right_terms: Array
    is_listed: Array
    factors: Array
    are_lines: Array

    def lists(self, init: Array, is_line: Array) -> tuple[Array, Array, Array]:
        """For the parts that are listed what they begin with and their factors, one part behind the other.

        Args:
            init, is_line: what each part begins with, and whether that is a line.

        Returns:
            Places, whether they are lines, and for each part how many of them are its own.
        """
        wanted = np.repeat(self.is_listed, self.count)
        count = self.count[self.is_listed]
        first = 2 * (np.cumsum(count) - count)
        places = np.insert(self.factors[wanted].ravel(), first, init[self.is_listed])
        are_lines = np.insert(self.are_lines[wanted].ravel(), first, is_line[self.is_listed])
        return places, are_lines, np.where(self.is_listed, 1 + 2 * self.count, 0)


class Terms:
    """The products of some sums, one behind the other."""

    def __init__(self, steps: Steps, sums: Array, uniform: Array) -> None:
        self.init = steps.first_of(sums)
        counts = (steps.counts[sums] - 1) // 2
        self.owner = np.repeat(np.arange(len(sums)), counts)
        at = steps.starts[sums][self.owner] + 1 + 2 * segments(np.zeros_like(counts), counts)
        one, other = steps.flat[at], steps.flat[at + 1]
        turn = uniform[other] & ~uniform[one]
        self.left, self.right = np.where(turn, other, one), np.where(turn, one, other)
        self.is_uniform = uniform[self.left]

    def parts(self, left: Array, line_of: Array) -> Parts:
        """
        Args:
            left: where the left number of each product stands.
        """
        order = np.lexsort((~self.is_uniform, self.owner))
        owner, is_uniform = self.owner[order], self.is_uniform[order]
        places = np.array([left[order], line_of[self.right[order]]])
        begins = np.ones(len(order), dtype=bool)
        begins[1:] = (np.diff(owner) != 0) | (np.diff(is_uniform) != 0)
        first = np.flatnonzero(begins)
        count = np.diff(np.append(first, len(order)))
        part = np.cumsum(begins) - 1
        distances = np.diff(places, axis=1, append=0)
        strides = np.where(count > 1, distances[:, first], 0)
        # Whether each term but the first is as far from the one before as the second one.
        astray = ~begins
        astray[1:] &= (distances[:, :-1] != strides[:, part[1:]]).any(axis=0)
        listed = np.bincount(part[astray], minlength=len(first)) > 0
        goes_on = np.zeros(len(first), dtype=bool)
        goes_on[1:] = np.diff(owner[first]) == 0
        kinds = ["uniform sum", "sum", "listed uniform sum", "listed sum"]
        kind = np.choose(~is_uniform[first] + 2 * listed, [kinds_by_name()[name] for name in kinds])
        begin, strides = np.where(listed, 0, places[:, first]), np.where(listed, 0, strides)
        are_lines = np.stack([~is_uniform, np.ones(len(order), dtype=bool)], axis=1)
        return Parts(
            owner[first], goes_on, kind, count, begin[0], strides[0], begin[1], strides[1],
            listed, places.T, are_lines,
        )  # fmt: skip


def levels_of(tape: Tape, first: int, computed: Array) -> Array:
    """For each step that is computed one more than the highest level of its inputs."""
    levels = [0] * (first + len(tape.atoms))
    operands = tape.operands
    for step in np.flatnonzero(computed).tolist():
        levels[first + step] = 1 + max([levels[i] for i in operands[step]])
    return np.array(levels[first:], dtype=np.int64)


def nests_of(group: Array, columns: list[Array]) -> Nests:
    """Items of one group that follow each other at equal distances, three or more; all others alone.

    >>> nests_of(np.zeros(5), [np.array([1, 2, 3, 7, 8]), np.array([4, 6, 8, 0, 0])])[:2]
    (array([0, 3, 4]), array([3, 1, 1]))
    """
    items = len(group)
    distances = np.diff(np.array(columns, dtype=np.int64).reshape(len(columns), items), axis=1, append=0)
    is_copy, goes_on = np.zeros(items, dtype=bool), np.zeros(items, dtype=bool)
    is_copy[1:] = group[1:] == group[:-1]
    goes_on[2:] = (distances[:, 1:-1] == distances[:, :-2]).all(axis=0)
    starts, ends = apart(*series(is_copy, goes_on), 3)
    first = np.flatnonzero(~inside(starts + 1, ends, items))
    count = np.diff(np.append(first, items))
    return Nests(first, count, np.where(count > 1, distances[:, first], 0))
