"""The one program of machine code that runs every tape: it reads a table, and leaves each row to its kernel.

It is made once in a process, whatever tapes there will be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd.engines.native.kernels import written
from autograd.engines.native.llvm_text import float_bits, splat, vector
from autograd.engines.native.loops import Function
from autograd.engines.native.machine_code import lanes, made_once
from autograd.engines.native.rows import FIELDS, kinds

HEADER = ("rows", "row_count", "lists", "copies", "copy_count")
"""What the program is told of a table: addresses and counts."""


EXPONENT = float_bits(math.inf).replace("0x", "u0x")
LOWEST_OF_EXPONENT = 2**52
"""The bits of a number's exponent, which are all 1 in inf and nan only, and the lowest of them.

One more than all ones is carried into the bit of the sign.
"""


def collected(function: Function, copies: str, count: str, width: int) -> str:
    """Copy the outputs; the answer is less than 0 if one of them is not finite.

    Args:
        copies: rows of three numbers: from where in memory, to where among the results, and how many.
    """

    def some(source: str, target: str, each: int) -> Callable[[str, str], list[str]]:
        kind = vector("i64", each)

        def copy(i: str, signs: str) -> list[str]:
            bits = function.load(kind, function.at(source, i))
            function.store(kind, bits, function.at(target, i))
            exponent = function.new(f"and {kind} {bits}, {splat('i64', EXPONENT, each)}")
            carried = function.new(f"add {kind} {exponent}, {splat('i64', str(LOWEST_OF_EXPONENT), each)}")
            return [function.new(f"or {kind} {signs}, {carried}")]

        return copy

    def neighbours(row: str, wide_signs: str, signs: str) -> list[str]:
        source, target, length = [
            function.load("i64", function.at(copies, function.add(function.mul(row, 3), k), "i64"))
            for k in range(3)
        ]
        source, target = function.at("%memory", source), function.at("%results", target)
        i, [wide_signs] = function.repeat(0, length, width, some(source, target, width), [(wide, wide_signs)])
        _, [signs] = function.repeat(i, length, 1, some(source, target, 1), [("i64", signs)])
        return [wide_signs, signs]

    wide, reduce = vector("i64", width), f"llvm.vector.reduce.or.v{width}i64"
    function.declared.add(f"declare i64 @{reduce}({wide})")
    begin = [(wide, "zeroinitializer"), ("i64", "0")]
    _, [wide_signs, signs] = function.repeat(0, count, 1, neighbours, begin)
    return function.new(f"or i64 {signs}, {function.new(f'call i64 @{reduce}({wide} {wide_signs})')}")


def read_header(function: Function, names: Sequence[str]) -> dict[str, str]:
    """Load what a program is told of a table; the numbers of things are whole, all else are addresses."""
    return {
        name: function.load("i64" if name.endswith("count") else "ptr", function.at("%table", place, "i64"))
        for place, name in enumerate(names)
    }


def functions(width: int) -> list[Function]:
    """The whole program, for vectors of such a width; its last function is the one to be called."""
    kernels = {number: written(kind, width) for kind, number in kinds().items()}
    run = Function("run", {"memory": "ptr", "table": "ptr", "results": "ptr"}, "i64")
    header = read_header(run, HEADER)

    def row(r: str) -> None:
        place = run.at(header["rows"], run.mul(r, len(FIELDS) + 1), "i32")
        cases = {
            kind: partial(run.call, kernel, "%memory", place, header["lists"]) for kind, kernel in kernels.items()
        }
        run.switch(run.listed(place, 0), cases)

    run.repeat(0, header["row_count"], 1, row)
    run.give(collected(run, header["copies"], header["copy_count"], width))
    return [*kernels.values(), run]


def program() -> Any:
    """The function ``run(memory, table, results)``: less than 0 if a result is not finite."""
    return made_once(functions, lanes())
