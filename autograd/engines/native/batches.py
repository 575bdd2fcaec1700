"""The same for a batch: every number of the tape is a row of samples, and each step is computed on rows.

Steps need not be alike to be computed in vectors here, because the samples are.  So the table has one row for each
run of steps of one kind, and its kernels take the places of all inputs from the list.  They are a program of their
own, made when a batch is first computed.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engines.levels import Levels
from autograd.engines.native.kernels import (
    CALL,
    FIELDS,
    LISTED,
    Kernel,
    Kind,
    kinds,
    listed_kind,
    packed,
    read_header,
    run_rows,
)
from autograd.engines.native.llvm_text import vector
from autograd.engines.native.loops import Function, Place
from autograd.engines.native.machine_code import c_function, lanes, made_once
from autograd.program.tape import SUM, primitive

TILE = 4
"""So many vectors of samples are added up at the same time."""

MOST_NUMBERS = 8192
"""So many numbers at a time stay in the fast memory; rows of samples are as long as that allows."""

HEADER = (
    "rows", "lists", "outputs", "row_count", "output_count",
    "column_count", "places", "columns", "stride_count", "samples_count",
)  # fmt: skip
"""What the program is told: of the table, and of a batch.

``places`` says where the inputs stand that differ from sample to sample, and ``columns`` where their numbers are.
"""


class Batches:
    """A tape as a function of batches: ``run(inputs)`` gives an array of shape (outputs, samples)."""

    def __init__(self, levels: Levels) -> None:
        self.levels = levels
        # Made now if at all.
        self._program = program()
        self._rows = packed(rows_of_runs(levels))
        self._outputs = levels.outputs.astype(np.int64)
        self._tile = TILE * lanes()
        # An odd number of tiles: at distances of a power of two, rows would drive each other out of the memory.
        self._longest = (MOST_NUMBERS // len(levels.slots) // self._tile // 2 * 2 + 1) * self._tile
        self._here = threading.local()

    def __call__(self, inputs: Sequence[Any]) -> Any:
        """
        Args:
            inputs: numbers, which are the same for all samples, and arrays of one length.
        """
        numbers = [i for i, x in enumerate(inputs) if type(x) is float]
        places = np.array([i for i, x in enumerate(inputs) if type(x) is not float])
        columns = [np.ascontiguousarray(inputs[i]) for i in places.tolist()]
        samples = len(columns[0])
        size = min(self._longest, -(-samples // self._tile) * self._tile)
        groups, rest = divmod(samples, size)
        here = self._of_thread(size)
        memory, header = here.memory, here.header
        if numbers:
            memory[numbers] = np.array([inputs[i] for i in numbers])[:, None]
        results = np.empty((len(self._outputs) or 1, -(-samples // size) * size))
        starts = np.empty(len(columns), dtype=np.int64)
        header[-5:] = len(columns), address(places), address(starts), results.shape[1], size
        if groups:
            starts[:] = [column.ctypes.data for column in columns]
            self._program(address(memory), address(header), address(results), groups)
        if rest:
            # A last row that is not full is filled up with the last sample: numbers like the others.
            last = np.empty((len(columns), size))
            for row, column in zip(last, columns, strict=True):
                row[:rest], row[rest:] = column[-rest:], column[-1]
            starts[:] = address(last) + 8 * size * np.arange(len(columns))
            self._program(address(memory), address(header), address(results) + 8 * groups * size, 1)
        return results[: len(self._outputs), :samples]

    def _of_thread(self, size: int) -> Any:
        """Rows of so many samples, and the header; every thread has its own, so that several may call at once."""
        here = self._here
        if getattr(here, "size", 0) != size:
            here.size, here.memory = size, np.repeat(self.levels.slots[:, None], size, axis=1)
            arrays = self._rows, self.levels.operands, self._outputs
            counts = len(self._rows), len(self._outputs)
            here.header = np.array([*map(address, arrays), *counts, *[0] * 5], dtype=np.int64)
        return here


def address(array: Any) -> int:
    """Where the numbers of an array begin, found in half the time that array.ctypes.data takes."""
    return ctypes.addressof(ctypes.c_char.from_buffer(array)) if array.size else 0


def rows_of_runs(levels: Levels) -> Any:
    """A row for each run of steps."""
    rows = np.zeros((len(levels.runs), len(FIELDS)), dtype=np.int64)
    for row, (atom, start, stop) in zip(rows, levels.runs, strict=True):
        terms = (levels.borders[start + 1] - levels.borders[start]) // 2
        function = 0 if listed_kind(atom).atom != CALL else c_function(atom)
        values = {
            "kind": kinds()[listed_kind(atom)], "count": stop - start, "result": levels.first + start,
            "list": levels.borders[start], "terms": terms, "function": function,
        }  # fmt: skip
        row[[FIELDS.index(name) for name in values]] = list(values.values())
    return rows


def kernel_of(kind: Kind, width: int) -> Kernel:
    """The kernel that computes steps of a kind on rows of samples, for vectors of such a width."""
    kernel = Kernel(kind, {"samples": "i64"})
    lists, function = kernel.at("%lists", kernel.field("list"), "i32"), ""
    if kind.atom == SUM:
        length: Place = kernel.add(kernel.mul(kernel.field("terms"), 2), 1)
    else:
        length = kind.right if kind.atom == CALL else primitive(kind.atom).arity
    if kind.atom == CALL:
        function = kernel.new(f"inttoptr i64 {kernel.field('function')} to ptr")

    def row(place: Place) -> str:
        return kernel.at("%memory", kernel.mul(place, "%samples"))

    def sums(places: str, result: str) -> None:
        def tile(first: str) -> None:
            vectors, kind = [kernel.add(first, k * width) for k in range(TILE)], vector("double", width)

            def numbers(t: Place) -> list[str]:
                start = row(kernel.listed(places, t))
                return [kernel.number(start, k, width) for k in vectors]

            def add(t: str, *totals: str) -> list[str]:
                terms = zip(numbers(t), numbers(kernel.add(t, 1)), totals, strict=True)
                return [kernel.multiply_add(width, *term) for term in terms]

            found = kernel.loop(1, length, 2, add, [(kind, number) for number in numbers(0)])
            for k, total in zip(vectors, found, strict=True):
                kernel.store(kind, total, kernel.at(result, k))

        kernel.loop(0, "%samples", TILE * width, tile)

    def atoms(places: str, result: str) -> None:
        inputs, each = [row(kernel.listed(places, k)) for k in range(int(length))], 1 if function else width

        def compute(k: str) -> None:
            numbers = [kernel.number(x, k, each) for x in inputs]
            if function:
                found = kernel.new(f"call double {function}({', '.join(f'double {x}' for x in numbers)})")
            else:
                found = kernel.atom(kind.atom, each, *numbers)
            kernel.store(vector("double", each), found, kernel.at(result, k))

        kernel.loop(0, "%samples", each, compute)

    def step(i: str) -> None:
        places, result = kernel.at(lists, kernel.mul(i, length), "i32"), row(kernel.add(kernel.field("result"), i))
        (sums if kind.atom == SUM else atoms)(places, result)

    kernel.loop(0, kernel.field("count"), 1, step)
    return kernel


def functions(width: int) -> list[Function]:
    """The whole program, for vectors of such a width; its last function is the one to be called."""
    kernels = {number: kernel_of(kind, width) for kind, number in kinds().items() if kind.how == LISTED}
    run = Function("run", {"memory": "ptr", "table": "ptr", "results": "ptr", "groups": "i64"})
    header, wide = read_header(run, HEADER), vector("double", width)
    samples = header["samples_count"]

    def copy(source: str, target: str) -> None:
        def some(k: str) -> None:
            run.store(wide, run.number(source, k, width), run.at(target, k))

        run.loop(0, samples, width, some)

    def place(list_name: str, i: str) -> str:
        return run.at("%memory", run.mul(run.load("i64", run.at(header[list_name], i, "i64")), samples))

    def group(g: str) -> None:
        first = run.mul(g, samples)

        def column(i: str) -> str:
            return run.at(run.load("ptr", run.at(header["columns"], i, "i64")), first)

        def row_of_results(i: str) -> str:
            return run.at("%results", run.add(run.mul(i, header["stride_count"]), first))

        run.repeat(0, header["column_count"], 1, lambda i: copy(column(i), place("places", i)))
        run_rows(run, header, kernels, samples)
        run.repeat(0, header["output_count"], 1, lambda i: copy(place("outputs", i), row_of_results(i)))

    run.repeat(0, "%groups", 1, group)
    return [*kernels.values(), run]


def program() -> Any:
    """The function ``run(memory, table, results, groups)``."""
    return made_once(functions, lanes())
