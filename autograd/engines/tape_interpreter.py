"""A tape of any length, run by one small program of machine code that is made once.

It goes through the runs of a tape in level order: it chooses an atom once, and then computes a whole
run of steps with it.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

from autograd.engines.levels import Levels
from autograd.engines.llvm_text import Body, all_atoms, code_for
from autograd.engines.machine_code import compile_text
from autograd.tape import Tape, primitive

__all__ = ["Schedule", "interpreter"]


class Schedule(Levels):
    """A tape in level order, as the interpreter reads it: each atom by its number.

    Raises:
        AutogradError: if the tape has an atom without machine code.
    """

    def __init__(self, tape: Tape) -> None:
        import numpy as np

        for atom in {step.atom for step in tape.instructions}:
            code_for(atom)
        super().__init__(tape)
        numbers = {atom: number for number, atom in enumerate(all_atoms())}
        rows = [[numbers[atom], stop - start, start] for atom, start, stop in self.runs]
        self.numbered_runs = np.array(rows, dtype=np.int64).reshape(-1, 3)
        operands = self.operands or [np.zeros(0, dtype=np.int32)]
        # These arrays never move.
        self._addresses = (
            self.numbered_runs.ctypes.data, len(rows), operands[0].ctypes.data, operands[-1].ctypes.data,
        )  # fmt: skip

    def run(self, slots: Any) -> None:
        """Compute all steps on an array of slots whose inputs have been filled in."""
        self.run_at(slots.ctypes.data)

    def run_at(self, address: int) -> None:
        """The same for slots that begin at an address."""
        interpreter()(address, address + 8 * self.first, *self._addresses)


@cache
def interpreter() -> Any:
    """The program ``interpret(slots, results, runs, number of runs, left, right)``."""
    bodies: list[Body] = []
    blocks: list[str] = []
    cases: list[str] = []
    for number, atom in enumerate(all_atoms()):
        body = Body(1, f"a{number}_", in_loop=True)
        left = load(body, "%left")
        inputs = [left] if is_unary(atom) else [left, load(body, "%right")]
        result = code_for(atom)(body, *inputs)
        place = body.new("getelementptr double, ptr %results, i64 %i")
        body.lines.append(f"  store double {result}, ptr {place}, align 8")
        bodies.append(body)
        cases.append(f"    i64 {number}, label %atom{number}")
        lines = [line.replace("%i", f"%i{number}") if "%i" in line else line for line in body.lines]
        blocks += [
            f"atom{number}:",
            f"  %i{number} = phi i64 [ %start, %run ], [ %i{number}_next, %atom{number} ]",
            *lines,
            f"  %i{number}_next = add i64 %i{number}, 1",
            f"  %i{number}_more = icmp slt i64 %i{number}_next, %end",
            f"  br i1 %i{number}_more, label %atom{number}, label %next",
        ]
    text = "\n".join(
        [
            "define void @interpret(ptr %slots, ptr %results, ptr %runs, i64 %count, ptr %left, ptr %right) {",
            "entry:",
            "  %any = icmp sgt i64 %count, 0",
            "  br i1 %any, label %run, label %done",
            "run:",
            "  %k = phi i64 [ 0, %entry ], [ %k_next, %next ]",
            "  %at = mul i64 %k, 3",
            "  %atom_place = getelementptr i64, ptr %runs, i64 %at",
            "  %atom = load i64, ptr %atom_place, align 8",
            "  %length_place = getelementptr i64, ptr %atom_place, i64 1",
            "  %length = load i64, ptr %length_place, align 8",
            "  %start_place = getelementptr i64, ptr %atom_place, i64 2",
            "  %start = load i64, ptr %start_place, align 8",
            "  %end = add i64 %start, %length",
            "  switch i64 %atom, label %next [",
            *cases,
            "  ]",
            *blocks,
            "next:",
            "  %k_next = add i64 %k, 1",
            "  %more = icmp slt i64 %k_next, %count",
            "  br i1 %more, label %run, label %done",
            "done:",
            "  ret void",
            "}",
        ]
    )
    code = compile_text([text], bodies, 0)
    pointer, integer = ctypes.c_void_p, ctypes.c_int64
    return code.function("interpret", None, pointer, pointer, pointer, integer, pointer, pointer)


def load(body: Body, array: str) -> str:
    place = body.new(f"getelementptr i32, ptr {array}, i64 %i")
    slot = body.new(f"load i32, ptr {place}, align 4")
    place = body.new(f"getelementptr double, ptr %slots, i32 {slot}")
    return body.new(f"load double, ptr {place}, align 8")


def is_unary(atom: str) -> bool:
    """True if the atom takes one input, as the operation with that atom in the table does."""
    return primitive(atom).arity == 1
