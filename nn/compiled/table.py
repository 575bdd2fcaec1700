"""A sample's tape as a table of rows, which one fixed program of machine code runs (``nn.compiled.kernels``).

Every number that is computed has a *line* of memory: itself for as many samples as are computed together.  The
parameters and the constants are *uniform*, the same for all samples, and stand once.  A sum of the tape is a loop
over its products, and sums of one level that are shifted copies of each other (the neurons of a layer) are a loop
around that: a *nest*, which is one row of the table.  Steps that are no sums form nests in the same way.

The gradient of a parameter is added up over the samples.  Mostly it is a single product δ·x that nothing else
needs: then it gets no line, and all such gradients of a layer together are one *outer product* over the samples.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from autograd.engines.levels import segments
from autograd.program.tape import Tape
from nn.compiled.nests import (
    FIELDS,
    PACK,
    Steps,
    Terms,
    fields_of,
    kinds_by_name,
    levels_of,
    lines_in,
    nests_of,
    rows_of,
)

Array = Any

NEAR = 2048
"""So many numbers stay in the processor's nearest memory while they are used again and again."""

NUMBERS_NEARBY = 50_000
"""So many numbers stay in the memory that is nearly as near, and belongs to one processor alone."""


def padded(count: int) -> int:
    """The next multiple of the widest vector's length."""
    return -(-count // 8) * 8


class Place(ctypes.Structure):
    """A table for lines of a certain length, as the machine code reads it; its places are offsets in the memory.

    Fields:
        rows, count, lists: the rows, how many they are, and the lists of places.
        length: how many numbers a line has.
        first, columns, packed: where the lines of the samples' own numbers begin, how many there are, and how many
            of them stand packed in this place instead.
        weights, loss: the line of the samples' weights, and that of their losses.
        kept, kept_count: the lines that are copied out, and how many they are.
    """

    _fields_ = [
        ("rows", ctypes.c_void_p), ("count", ctypes.c_int64), ("lists", ctypes.c_void_p),
        ("length", ctypes.c_int64), ("first", ctypes.c_int64), ("columns", ctypes.c_int64),
        ("weights", ctypes.c_int64), ("loss", ctypes.c_int64), ("kept", ctypes.c_void_p),
        ("kept_count", ctypes.c_int64), ("packed", ctypes.c_int64),
    ]  # fmt: skip


class Table:
    """A tape laid out.

    Args:
        tape: its inputs are the parameters, then the numbers of a sample, then the sample's weight.  Its first
            output is the loss.
        parameters: how many there are.
        gradients: how many outputs, from the second on, are gradients; the others are kept for each sample.
        begin: where in the memory, which begins with the parameters, its own part begins.

    Attributes:
        rows: one for each nest, as ``FIELDS`` says.
        constants: what stands behind the parameters: the uniform numbers that never change.
        lines: how many lines of memory there are.

    Raises:
        EngineMissing: if llvmlite does not work here, or the C library has not all functions.
        AutogradError: if the tape has an atom without machine code.
    """

    def __init__(self, tape: Tape, parameters: int, gradients: int, begin: int) -> None:
        kinds = kinds_by_name()
        self.begin = begin
        self.parameters, self.columns = parameters, len(tape.inputs) - parameters - 1
        before, first = len(tape.inputs), len(tape.inputs) + len(tape.constants)
        one = first + len(tape.atoms)
        slots = np.arange(one + 1)
        self.uniform = (slots < parameters) | ((slots >= before) & (slots < first)) | (slots == one)
        self.constants = np.array([*tape.constants, 1.0])
        # Where uniform numbers stand: the parameters, the constants, and a 1.
        self.number_of = np.where(slots < parameters, slots, slots + begin - before)
        self.number_of[one] = begin + len(tape.constants)
        self.numbers = padded(begin + len(self.constants))

        steps = self.steps = Steps(tape)
        outputs = np.array(tape.outputs, dtype=np.int64)
        wanted, kept = outputs[1 : 1 + gradients], np.delete(outputs, slice(1, 1 + gradients))
        lone = self.lone_products(wanted, kept, first)
        lefts, rights = wanted.copy(), np.full(gradients, one)
        lefts[lone], rights[lone] = steps.first_of(wanted[lone] - first), steps.last_of(wanted[lone] - first)
        computed = np.ones(len(tape.atoms), dtype=bool)
        computed[wanted[lone] - first] = False
        levels = levels_of(tape, first, computed)
        order = np.flatnonzero(computed)
        order = order[np.lexsort((steps.counts[order], steps.functions[order], steps.kinds[order], levels[order]))]

        is_sum = steps.kinds[order] == kinds["listed sum"]
        sums, others = order[is_sum], order[~is_sum]
        terms = Terms(steps, sums, self.uniform)
        # Which uniform numbers are needed for each sample.
        distinct = np.unique(np.concatenate([kept, lefts, rights, terms.right, steps.inputs_of(others)]))
        spread = distinct[self.uniform[distinct]]
        self.line_of = np.full(one + 1, -1)
        lines = [spread, np.arange(parameters, before), self.together(terms, first + order, first)]
        self.line_of[np.concatenate(lines)] = np.arange(sum(map(len, lines)))
        self.lines = sum(map(len, lines))
        self.first_column = len(spread)
        self.fixed_lines = spread[spread >= parameters]
        self.loss, self.kept = self.line_of[kept[0]], self.line_of[kept[1:]]

        self.lists = np.zeros((2, 0), dtype=np.int64)
        nests = [
            self.spreads(spread[spread < parameters]),
            self.computations(terms, sums, others, levels, first),
            self.products(self.line_of[lefts], self.line_of[rights]),
        ]
        self.rows, self.packed = self.with_packed_rows(np.concatenate(nests))
        self.places: dict[int, PlacedTable] = {}

    def together(self, terms: Terms, computed: Array, first: int) -> Array:
        """In which order what is computed stands in memory: what is summed up together stands together."""
        many = np.bincount(terms.owner, minlength=len(terms.init)) > 2
        wanted = many[terms.owner]
        owner = np.concatenate([np.flatnonzero(many), terms.owner[wanted]])
        used = np.concatenate([terms.init[many], terms.right[wanted]])[np.argsort(owner, kind="stable")]
        used = used[(used >= first) & ~self.uniform[used]]
        _, where = np.unique(used, return_index=True)
        used = used[np.sort(where)]
        return np.concatenate([used, np.setdiff1d(computed, used, assume_unique=True)])

    def lone_products(self, wanted: Array, kept: Array, first: int) -> Array:
        """Which gradients are a product of two numbers of a sample that nothing else needs."""
        steps = self.steps
        uses = np.bincount(np.concatenate([steps.flat, kept]), minlength=len(self.uniform))
        is_step = wanted >= first
        step = np.where(is_step, wanted - first, 0)
        lone = is_step & (uses[wanted] == 0)
        if not lone.any():
            return lone
        lone &= steps.kinds[step] == kinds_by_name()["multiply"]
        return lone & ~(self.uniform[steps.first_of(step)] & self.uniform[steps.last_of(step)])

    def spreads(self, slots: Array) -> Array:
        """The rows that put parameters into lines."""
        nests = nests_of(np.zeros(len(slots)), [self.line_of[slots], slots])
        out, left = self.line_of[slots][nests.first], slots[nests.first]
        return rows_of(
            "spread", count=nests.count, out=out, outs=nests.strides[0], left=left, lefts=nests.strides[1]
        )

    def computations(self, terms: Terms, sums: Array, others: Array, levels: Array, first: int) -> Array:
        """The rows of all steps, level by level."""
        line_of, steps = self.line_of, self.steps
        parts = terms.parts(
            np.where(self.uniform[terms.left], self.number_of[terms.left], line_of[terms.left]), line_of
        )
        out = np.concatenate([line_of[first + sums][parts.owner], line_of[first + others]])
        # What is added to a sum in a second part begins with what the first one gave.
        from_number = self.uniform[terms.init][parts.owner] & ~parts.goes_on
        init = np.where(self.uniform[terms.init], self.number_of[terms.init], line_of[terms.init])[parts.owner]
        init = np.where(parts.goes_on, out[: len(init)], init)
        nothing = np.zeros(len(others), dtype=np.int64)
        columns = {
            "kind": np.concatenate([parts.kind, steps.kinds[others]]),
            "terms": np.concatenate([parts.count, nothing + 1]),
            "function": np.concatenate([np.zeros(len(init), dtype=np.int64), steps.functions[others]]),
            "left_terms": np.concatenate([parts.left_terms, nothing]),
            "right_terms": np.concatenate([parts.right_terms, nothing]),
            "out": out,
            "init": np.concatenate([np.where(parts.is_listed, 0, init), nothing]),
            "from_number": np.concatenate([from_number, nothing]),
            "left": np.concatenate([parts.left, nothing]),
            "right": np.concatenate([parts.right, nothing]),
        }
        when = 2 * np.concatenate([levels[sums][parts.owner], levels[others]])
        when[: len(parts.owner)] += parts.goes_on
        alike = [
            when,
            *[columns[name] for name in ("kind", "function", "terms", "left_terms", "right_terms", "from_number")],
        ]
        order = np.lexsort([out, *alike[::-1]])
        columns = {name: column[order] for name, column in columns.items()}
        alike = [column[order] for column in alike]
        changes = np.any([np.diff(column) != 0 for column in alike], axis=0)
        places, are_lines, lengths = parts.lists(init, ~from_number)
        inputs = line_of[steps.inputs_of(others)]
        lengths = np.concatenate([lengths, steps.counts[others]])
        found = segments((np.cumsum(lengths) - lengths)[order], lengths[order])
        places = np.concatenate([places, inputs])[found]
        self.lists = np.array([places, np.concatenate([are_lines, np.ones(len(inputs), dtype=bool)])[found]])
        columns["list"] = np.cumsum(lengths[order]) - lengths[order]
        group = np.concatenate([[0], np.cumsum(changes)])[: len(order)]
        nests = nests_of(group, [columns[name] for name in ("out", "init", "left", "right")])
        columns = {name: column[nests.first] for name, column in columns.items()}
        strides = dict(zip(("outs", "inits", "lefts", "rights"), nests.strides, strict=True))
        return rows_of(count=nests.count, **columns, **strides)

    def products(self, one: Array, other: Array) -> Array:
        """The rows that add to the gradients: for each gradient two lines whose products are to be summed."""
        gradient = np.arange(len(one))
        # What was computed later stands further behind: mostly the input of a layer moves, and its delta stays.
        left, right = np.minimum(one, other), np.maximum(one, other)
        inner = nests_of(np.zeros(len(one)), [gradient, left, right])
        gradient, left, right = gradient[inner.first], left[inner.first], right[inner.first]
        gradients, lefts, rights = inner.strides
        moves_right = (lefts == 0) & (rights != 0)
        left, right = np.where(moves_right, right, left), np.where(moves_right, left, right)
        lefts, rights = np.where(moves_right, rights, lefts), np.where(moves_right, lefts, rights)
        both = rights != 0
        pairs = rows_of(
            "products", count=inner.count[both], out=gradient[both], inits=gradients[both], left=left[both],
            lefts=lefts[both], right=right[both], rights=rights[both],
        )  # fmt: skip
        alike = [column[~both] for column in (inner.count, gradients, lefts, left)]
        gradient, right = gradient[~both], right[~both]
        order = np.lexsort([gradient, *alike[::-1]])
        gradient, right = gradient[order], right[order]
        count, gradients, lefts, left = alike = [column[order] for column in alike]
        changes = np.any([np.diff(column) != 0 for column in alike], axis=0)
        outer = nests_of(np.concatenate([[0], np.cumsum(changes)])[: len(order)], [gradient, right])
        count, gradients, lefts, left = [column[outer.first] for column in alike]
        gradient, right, terms, (outs, right_terms) = (
            gradient[outer.first],
            right[outer.first],
            outer.count,
            outer.strides,
        )
        # Whole vectors of neighbours are wanted along the first dimension.
        turn = (count < 4) & (terms > count)
        return np.concatenate(
            [
                pairs,
                rows_of(
                    "outer product", out=gradient,
                    count=np.where(turn, terms, count), inits=np.where(turn, outs, gradients),
                    left=np.where(turn, right, left), lefts=np.where(turn, right_terms, lefts),
                    terms=np.where(turn, count, terms), outs=np.where(turn, gradients, outs),
                    right=np.where(turn, left, right), right_terms=np.where(turn, lefts, right_terms),
                ),
            ]
        )  # fmt: skip

    def with_packed_rows(self, rows: Array) -> tuple[Array, int]:
        """The rows for samples whose first numbers are packed, and how many numbers that are.

        A layer's sums over many numbers of a sample go along these in vectors, and so do the products for its
        gradients.  So no lines have to be made of these numbers, if nothing else reads them.
        """
        kinds, field, first = kinds_by_name(), fields_of(rows), self.first_column
        is_sum = (field["kind"] == kinds["uniform sum"]) & (field["right"] == first) & (field["rights"] == 0)
        is_sum &= (field["left_terms"] == 1) & (field["right_terms"] == 1) & (field["terms"] >= PACK)
        if not is_sum.any():
            return rows, 0
        packed = int(field["terms"][is_sum].min()) // PACK * PACK
        is_product = (field["kind"] == kinds["outer product"]) & (field["left"] == first) & (field["lefts"] == 1)
        is_product &= (field["inits"] == 1) & (field["count"] >= packed)
        cut = is_sum | is_product
        if self.read_lines(rows[~cut], first, first + packed):
            return rows, 0
        found = np.repeat(rows, 1 + cut, axis=0)
        field, rest = fields_of(found), np.cumsum(1 + cut)[cut] - 1
        sums, products = rest[is_sum[cut]], rest[is_product[cut]]
        for kind, each, length in (("packed sum", sums, "terms"), ("packed outer product", products, "count")):
            field["kind"][each - 1], field[length][each - 1] = kinds[kind], packed
            field[length][each] -= packed
            field["left"][each] += packed
        # What is left over goes on where they end.
        field["right"][sums] += packed
        field["out"][products] += packed
        field["init"][sums], field["inits"][sums] = field["out"][sums], field["outs"][sums]
        field["from_number"][sums] = 0
        empty = np.concatenate([sums[field["terms"][sums] == 0], products[field["count"][products] == 0]])
        return np.delete(found, empty, axis=0), packed

    def read_lines(self, rows: Array, first: int, end: int) -> bool:
        """Whether any of some rows, a list or an output reads a line from the first one on."""
        field, in_lines = fields_of(rows), lines_in(rows)
        lines = np.concatenate([self.lists[0][self.lists[1] == 1], self.kept, [self.loss]])
        found = bool(((lines >= first) & (lines < end)).any())
        for side in ("init", "left", "right"):
            moves = [(field["count"] - 1) * field[f"{side}s"]]
            if side != "init":
                moves.append((field["terms"] - 1) * field[f"{side}_terms"])
            lowest = field[side] + sum(np.minimum(move, 0) for move in moves)
            highest = field[side] + sum(np.maximum(move, 0) for move in moves)
            reads = in_lines[:, FIELDS.index(side)] & (lowest < end) & (highest >= first)
            found = found or bool(reads.any())
        return found

    def for_batches(self, size: int) -> PlacedTable:
        """The table for batches of so many samples, which are computed in groups of one size, or a few less."""
        most = max(32, NUMBERS_NEARBY // self.lines // 8 * 8)
        return self.placed(-(-size // -(-size // most)))

    def placed(self, samples: int) -> PlacedTable:
        """The table for groups of so many samples."""
        if samples not in self.places:
            self.places[samples] = PlacedTable(self, samples)
        return self.places[samples]


class PlacedTable:
    """A table for groups of a certain size.

    Attributes:
        place: what the machine code reads.
        end: where its part of the memory, which begins with the parameters, ends.
    """

    def __init__(self, table: Table, samples: int) -> None:
        # At distances of an odd number of cache lines, not all lines of memory compete for the same few of these.
        self.length = length = 8 * (-(-samples // 8) | 1)
        self.table, self.samples = table, samples
        rows = in_pieces(table.rows, {"uniform sum": max(8, NEAR // length), "packed sum": 4 * PACK})
        in_lines = lines_in(rows)
        starts = np.isin(FIELDS, ["out", "init", "left", "right"])
        self.rows = np.where(in_lines, rows * length, rows)
        self.rows += np.where(in_lines & starts, table.numbers, 0)
        lists, is_line = table.lists
        self.lists = np.where(is_line, self.place_of(lists), lists).astype(np.int32)
        self.kept = self.place_of(table.kept)
        self.end = int(self.place_of(table.lines))
        first = self.place_of(table.first_column)
        self.place = Place(
            rows=self.rows.ctypes.data, count=len(self.rows), lists=self.lists.ctypes.data, length=length,
            first=first, columns=table.columns, weights=first + table.columns * length,
            loss=self.place_of(table.loss), kept=self.kept.ctypes.data, kept_count=len(self.kept),
            packed=table.packed,
        )  # fmt: skip
        self.address = ctypes.addressof(self.place)

    def place_of(self, line: Any) -> Any:
        """Where a line begins."""
        return self.table.numbers + line * self.length

    def fill(self, memory: Array) -> None:
        """Write down what never changes."""
        table = self.table
        memory[table.begin : table.begin + len(table.constants)] = table.constants
        lines = memory[table.numbers : self.end].reshape(-1, self.length)
        lines[table.line_of[table.fixed_lines]] = memory[table.number_of[table.fixed_lines]][:, None]


def in_pieces(rows: Array, most_terms: dict[str, int]) -> Array:
    """The table with long sums cut into pieces, whose right sides stay near from copy to copy.

    Args:
        most_terms: for each kind that is cut, of how many terms a piece is.
    """
    terms, count = rows[:, FIELDS.index("terms")], rows[:, FIELDS.index("count")]
    most = np.full(len(rows), int(terms.max(initial=1)))
    for kind, each in most_terms.items():
        most[rows[:, 0] == kinds_by_name()[kind]] = each
    long = (terms >= 2 * most) & (count > 1)
    pieces = np.where(long, -(-terms // most), 1)
    found = rows[np.repeat(np.arange(len(rows)), pieces)]
    most = np.repeat(most, pieces)
    done = most * segments(np.zeros_like(pieces), pieces)
    field = fields_of(found)
    for side in ("left", "right"):
        field[side] += done * field[f"{side}_terms"]
    later = done > 0
    for to, of in (("init", "out"), ("inits", "outs")):
        field[to][later] = field[of][later]
    field["from_number"][later] = 0
    cut = np.repeat(long, pieces)
    field["terms"][cut] = np.minimum(field["terms"][cut] - done[cut], most[cut])
    return found
