"""The same for a batch: every number of the tape is a line of samples, and each step is computed on lines.

The table has one row for each run of steps of one kind.  Columns that are given are read where they stand, and
results are written where they will stay.  The program is one of its own, made when a batch is first computed.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engines.levels import Levels
from autograd.engines.native.lines import FIELDS, KINDS, LineKernels, kind_of
from autograd.engines.native.loops import Function, Place
from autograd.engines.native.machine_code import address, aligned, function_of, lanes, made_once
from autograd.engines.native.program import read_header

TILE = 4
"""Lines are as long as so many vectors, or an odd multiple of that.

At distances of a power of two, lines would drive each other out of the memory.
"""

MOST_TILES = 15
"""Longer lines gain nothing."""

MOST_NUMBERS = 100_000
"""So many numbers at a time stay in the fast memory; lines are as long as that allows."""

HEADER = ("rows", "lists", "moved", "row_count", "moved_count", "size_count")
"""What the program is told: of the table, which lines belong to a column or a result, and how long lines are."""


class Batches:
    """A tape as a function of batches: ``run(inputs)`` gives an array of shape (outputs, samples)."""

    def __init__(self, levels: Levels) -> None:
        self.levels = levels
        # Made now if at all.
        self._program = program()
        self._rows = rows_of_runs(levels)
        self._tile = TILE * lanes()
        self._longest = self._tile * min(MOST_TILES, MOST_NUMBERS // len(levels.slots) // self._tile | 1)
        self._here = threading.local()
        # The line of an output stands among the results, unless it is nothing computed, or is one already.
        outputs = levels.outputs.tolist()
        rows = {place: row for row, place in reversed(list(enumerate(outputs))) if place >= levels.first}
        self._computed = list(rows)
        self._rows_of_computed = np.array(list(rows.values()), dtype=np.int64)
        self._copies = [
            (row, place, rows.get(place)) for row, place in enumerate(outputs) if rows.get(place) != row
        ]

    def __call__(self, inputs: Sequence[Any]) -> Any:
        """
        Args:
            inputs: numbers, which are the same for all samples, and arrays of one length.
        """
        numbers = [i for i, x in enumerate(inputs) if type(x) is float]
        places = [i for i, x in enumerate(inputs) if type(x) is not float]
        columns = [np.ascontiguousarray(inputs[i]) for i in places]
        samples = len(columns[0])
        groups = -(-samples // self._longest)
        size = self._tile * (-(-samples // (groups * self._tile)) | 1)
        groups, rest = divmod(samples, size)
        here = self._of_thread(size)
        if numbers:
            here.memory[numbers] = np.array([inputs[i] for i in numbers])[:, None]
        results: Any = np.empty((len(self.levels.outputs) or 1, -(-samples // size) * size))
        targets = address(results) + results.strides[0] * self._rows_of_computed
        moved = np.array(places + self._computed)
        if groups:
            sources = [column.ctypes.data for column in columns]
            self._run(moved, [sources, targets], groups)
        if rest:
            # A last line that is not full is filled up with the last sample: numbers like the others.
            last = np.empty((len(columns), size))
            for line, column in zip(last, columns, strict=True):
                line[:rest], line[rest:] = column[-rest:], column[-1]
            first = address(last)
            sources = list(range(first, first + last.nbytes, 8 * size))
            self._run(moved, [sources, targets + 8 * groups * size], 1)
        results = results[: len(self.levels.outputs), :samples]
        for row, place, computed in self._copies:
            if computed is not None:
                results[row] = results[computed]
            else:
                results[row] = inputs[place] if place < len(inputs) else self.levels.slots[place]
        return results

    def _of_thread(self, size: int) -> Any:
        """Lines of so many samples; every thread has its own, so that several may call at once."""
        here = self._here
        if getattr(here, "size", 0) != size:
            here.size, here.memory = size, aligned(size * len(self.levels.slots)).reshape(-1, size)
            here.memory[:] = self.levels.slots[:, None]
            here.lines = address(here.memory) + 8 * size * np.arange(len(here.memory))
            arrays = map(address, (self._rows, self.levels.operands))
            here.header = np.array([*arrays, 0, len(self._rows), 0, size])
        return here

    def _run(self, moved: Any, begins: Sequence[Any], groups: int) -> None:
        """
        Args:
            moved, begins: which lines stand elsewhere than in the memory, and where they begin.
        """
        lines, header = self._here.lines.copy(), self._here.header
        lines[moved] = np.concatenate(begins)
        header[2], header[4] = address(moved), len(moved)
        self._program(address(lines), address(header), groups)


def rows_of_runs(levels: Levels) -> Any:
    """A row for each run of steps."""
    rows = np.zeros((len(levels.runs), len(FIELDS)), dtype=np.int64)
    for row, (atom, start, stop) in zip(rows, levels.runs, strict=True):
        values = {
            "kind": KINDS.index(kind_of(atom)), "count": stop - start, "out": levels.first + start, "outs": 1,
            "list": levels.borders[start], "terms": (levels.borders[start + 1] - levels.borders[start]) // 2,
            "function": function_of(atom),
        }  # fmt: skip
        row[[FIELDS.index(name) for name in values]] = list(values.values())
    return rows


class BatchKernels(LineKernels):
    """The kernels, where ``memory`` has the addresses of the lines."""

    def line(self, w: Function, place: Place) -> str:
        return w.load("ptr", w.at("%memory", place, "i64"))


def functions(width: int) -> list[Function]:
    """The whole program, for vectors of such a width; its last function is the one to be called."""
    kernels = BatchKernels(width)
    rows = kernels.write_run(KINDS, FIELDS)
    run = Function("run", {"memory": "ptr", "table": "ptr", "groups": "i64"})
    header = read_header(run, HEADER)
    vectors, bytes_moved = run.new(f"udiv i64 {header['size_count']}, {width}"), run.mul(header["size_count"], 8)

    def group(_: str) -> None:
        run.call(rows, "%memory", header["rows"], header["row_count"], header["lists"], vectors)

        def move(i: str) -> None:
            line = run.at("%memory", run.load("i64", run.at(header["moved"], i, "i64")), "i64")
            run.store("i64", run.add(run.load("i64", line), bytes_moved), line)

        run.repeat(0, header["moved_count"], 1, move)

    run.repeat(0, "%groups", 1, group)
    return [*kernels.functions, run]


def program() -> Any:
    """The function ``run(addresses of lines, table, groups)``."""
    return made_once(functions, lanes())
