"""A tape as straight-line code: each step stands there once, for one sample or for several side by side.

The engine itself runs a table of rows, for which nothing has to be compiled.  This is for who wants to read a tape
as machine code.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from autograd.engines.native.atoms import emit
from autograd.engines.native.llvm_text import Body, loop, spread
from autograd.engines.native.machine_code import compile_text
from autograd.program.tape import Tape


def assembly(tape: Tape) -> str:
    """The tape as machine code for one sample, in the words of this processor's assembly language."""
    return str(straight_line(tape, 1, (False,) * len(tape.inputs)).code.assembly)


def straight_line(tape: Tape, width: int, broadcast: Sequence[bool]) -> Any:
    """A tape as a function ``run(inputs, outputs, groups)``: for each group of samples all steps, in order.

    Args:
        width: 1, or LANES samples at a time.
        broadcast: for each input whether it is one number for all samples.

    ``inputs`` and ``outputs`` are arrays of pointers to float64 numbers.
    """
    before, body = Body(width, "in"), Body(width)
    pointers = [before.load("%inputs", k, "ptr", each="ptr") for k in range(len(broadcast))]
    results = [before.load("%outputs", k, "ptr", each="ptr") for k in range(len(tape.outputs))]
    inputs = [
        spread(before, before.load(pointer, 0, "double")) if is_fixed else body.load(pointer, "%first")
        for pointer, is_fixed in zip(pointers, broadcast, strict=True)
    ]
    for pointer, output in zip(results, emit(body, tape, inputs), strict=True):
        body.store(output, pointer, "%first")
    text = "\n".join(
        [
            "define void @run(ptr noalias %inputs, ptr noalias %outputs, i64 %groups) {",
            *before.lines,
            *loop("group", "i", "%groups", 1, [f"  %first = mul i64 %i, {width}", *body.lines]),
            "  ret void",
            "}",
        ]
    )
    code = compile_text([text], [before, body], len(tape.instructions))
    return code.function("run", None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
