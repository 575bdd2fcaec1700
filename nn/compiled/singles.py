"""Samples one after the other, each by the program of machine code that runs a tape (``engines.native``).

A table of lines (``nn.compiled.table``) computes many samples side by side; for one or two of them most of a line
would be computed in vain.  Here the neighbours in a vector are numbers of *one* sample.  The function takes what
``nn.compiled.groups`` takes, so that a run may call either.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from autograd.engines.native import loops, nests
from autograd.engines.native.llvm_text import vector
from autograd.engines.native.loops import Function
from autograd.engines.native.machine_code import lanes, made_once
from autograd.engines.native.program import HEADER
from autograd.program.tape import Tape
from nn.compiled.groups import function_over_samples
from nn.compiled.kernels import add_to
from nn.compiled.table import padded

Array = Any

SHORTEST = 4
"""So many gradients that stand in a row are added as vectors; others are listed."""


class Place(ctypes.Structure):
    """A table of single samples, as the machine code reads it; places are offsets in the memory.

    Fields:
        run, header: the program that computes the rows, and what it is told of them.
        begin, columns: where the numbers of a sample stand, behind which is its weight, and how many there are.
        constants, constant_count: what stands behind the weight.
        loss, kept, kept_count: where the loss stands; the places of what is copied out, and how many they are.
        rows, row_count: gradients that stand in a row: from where, to which, and how many.
        pairs, pair_count: other gradients: from where, and to which.
    """

    _fields_ = [
        (name, ctypes.c_void_p if is_address else ctypes.c_int64)
        for is_address, names in (
            (True, "run header constants kept rows pairs"),
            (False, "begin columns constant_count loss kept_count row_count pair_count"),
        )
        for name in names.split()
    ]


class SingleTable:
    """A sample's tape, laid out for one sample at a time.

    Args:
        tape: its inputs are the parameters, then the numbers of a sample, then the sample's weight.  Its first
            output is the loss.
        parameters: how many there are; they stand at the beginning of the memory.
        gradients: how many outputs, from the second on, are gradients; the others are kept for each sample.
        begin: where in the memory its own part begins.  Everything there is written anew for each sample, so
            several tables may lie over each other.

    Attributes:
        end: where its own part ends.
        samples: how many samples are computed in one call: any number.

    Raises:
        EngineMissing: if llvmlite does not work here, or the C library has not all functions.
        AutogradError: if the tape has an atom without machine code.
    """

    samples = 2**31

    def __init__(self, tape: Tape, parameters: int, gradients: int, begin: int) -> None:
        self.table = table = nests.Table(tape, parameters, begin)
        self.end = padded(begin + len(table.slots))
        slots, outputs = np.array(tape.outputs, dtype=np.int64), table.levels.outputs
        self._constants = constants = np.array(tape.constants)
        zeros = len(tape.inputs) + np.flatnonzero(constants == 0)
        is_zero = np.isin(slots, zeros)
        wanted = 1 + np.flatnonzero(~is_zero[1 : 1 + gradients])
        self._rows, self._pairs = rows_and_pairs(outputs[wanted], wanted - 1)
        self._kept = outputs[1 + gradients :].astype(np.int64)
        told = {
            "rows": table.rows.ctypes.data,
            "row_count": len(table.rows),
            "lists": table.levels.operands.ctypes.data,
        }
        self._header = np.array([told.get(name, 0) for name in HEADER], dtype=np.int64)
        self.place = Place(
            run=ctypes.cast(table.program, ctypes.c_void_p), header=self._header.ctypes.data, begin=begin,
            columns=len(tape.inputs) - parameters - 1, constants=constants.ctypes.data,
            constant_count=len(constants), loss=outputs[0], kept=self._kept.ctypes.data,
            kept_count=len(self._kept), rows=self._rows.ctypes.data, row_count=len(self._rows),
            pairs=self._pairs.ctypes.data, pair_count=len(self._pairs),
        )  # fmt: skip
        self.address = ctypes.addressof(self.place)


def rows_and_pairs(sources: Array, targets: Array) -> tuple[Array, Array]:
    """What is to be copied: rows of numbers (from where, to where, how many), and what stands alone.

    >>> rows, pairs = rows_and_pairs(np.array([7, 8, 9, 10, 3]), np.array([0, 1, 2, 3, 4]))
    >>> rows.tolist(), pairs.tolist()
    ([[7, 0, 4]], [[3, 4]])
    """
    is_first = np.append(True, (np.diff(sources) != 1) | (np.diff(targets) != 1))[: len(sources)]
    begins = np.flatnonzero(is_first)
    counts = np.diff(np.append(begins, len(sources)))
    is_row = counts >= SHORTEST
    rows = np.stack([sources[begins], targets[begins], counts], axis=1)[is_row]
    alone = np.repeat(~is_row, counts)
    return rows.astype(np.int64), np.stack([sources, targets], axis=1)[alone].astype(np.int64)


def program() -> Any:
    """The function ``singles``, made once in a process (``write_singles``).

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
    """
    return made_once(functions, lanes())


def functions(width: int) -> list[Function]:
    return [write_singles(width)]


def write_singles(width: int) -> Function:
    """Some samples one after the other.  What it takes and gives is what ``groups.write_group`` says."""
    w, fields = function_over_samples("singles", Place)
    inputs, losses = w.at("%memory", fields["begin"]), w.at("%memory", fields["loss"])
    is_ordered = w.new("icmp ne ptr %order, null")
    # Without an order something is read too, but not used.
    order = w.new(f"select i1 {is_ordered}, ptr %order, ptr %memory")

    def one(i: str, total: str) -> list[str]:
        listed = w.load("i64", w.at(order, w.new(f"select i1 {is_ordered}, i64 {i}, i64 0"), "i64"))
        number = w.new(f"select i1 {is_ordered}, i64 {listed}, i64 {w.add('%first', i)}")
        copy(w, w.at("%samples", w.mul(number, fields["columns"])), inputs, fields["columns"], width)
        weight = w.at(inputs, fields["columns"])
        w.store("double", "%weight", weight)
        copy(w, fields["constants"], w.at(weight, 1), fields["constant_count"], width)
        w.do(f"call i64 {fields['run']}(ptr %memory, ptr {fields['header']}, ptr null)")

        def row(r: str) -> None:
            source, target, count = whole_numbers(w, fields["rows"], r, 3)
            copy(w, w.at("%memory", source), w.at("%gradients", target), count, width, adds=True)

        def pair(p: str) -> None:
            source, target = whole_numbers(w, fields["pairs"], p, 2)
            add_to(w, "double", w.at("%gradients", target), w.number("%memory", source))

        def keep(k: str) -> None:
            number = w.number("%memory", w.load("i64", w.at(fields["kept"], k, "i64")))
            w.store("double", number, w.at(w.at("%results", w.mul(k, "%results_stride")), i))

        w.repeat(0, fields["row_count"], 1, row)
        w.repeat(0, fields["pair_count"], 1, pair)
        w.repeat(0, fields["kept_count"], 1, keep)
        return [w.multiply_add(1, w.load("double", losses), "%weight", total)]

    w.give(w.repeat(0, "%count", 1, one, [("double", "0.0")])[1][0])
    return w


def copy(w: Function, source: str, target: str, count: loops.Place, width: int, adds: bool = False) -> None:
    """Copy numbers that stand in a row, or add them to what is there."""
    at: loops.Place = 0
    for each in (width, 1):

        def some(i: str, each: int = each) -> None:
            kind = vector("double", each)
            number = w.number(source, i, each)
            if adds:
                add_to(w, kind, w.at(target, i), number)
            else:
                w.store(kind, number, w.at(target, i))

        at, _ = w.repeat(at, count, each, some)


def whole_numbers(w: Function, table: str, row: str, length: int) -> list[str]:
    """A row of a table of whole numbers."""
    return [w.load("i64", w.at(table, w.add(w.mul(row, length), k), "i64")) for k in range(length)]
