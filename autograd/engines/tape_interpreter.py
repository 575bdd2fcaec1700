"""A tape of any length, run by one small program of machine code that is made once.

The steps are put in a new order: level by level (a step's level is one more than the highest of its
inputs), and on each level one atom after the other.  So the program chooses an atom once and then
computes a whole run of steps with it.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

from autograd.engines.llvm_text import Body, all_atoms, code_for
from autograd.engines.machine_code import compile_text
from autograd.tape import Tape, primitive

__all__ = ["Schedule", "interpreter"]


class Schedule:
    """A tape in the order in which the interpreter runs it.

    Attributes:
        slots: the numbers at the start: one place for each slot, constants filled in.
        inputs, outputs: the places of the tape's inputs and outputs among the slots.
        runs: for each run its atom's number, how many steps it has, and its first step.
        left, right: for each step the places of its inputs.
    """

    def __init__(self, tape: Tape) -> None:
        import numpy as np

        first = len(tape.inputs) + len(tape.constants)
        count = len(tape.instructions)
        numbers = {atom: number for number, atom in enumerate(all_atoms())}
        atoms = np.empty(count, dtype=np.int64)
        left, right = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        levels = [0] * (first + count)
        for i, instruction in enumerate(tape.instructions):
            if instruction.atom not in numbers:
                code_for(instruction.atom)
            atoms[i] = numbers[instruction.atom]
            operands = instruction.operands
            left[i], right[i] = operands[0], operands[-1]
            levels[first + i] = 1 + max([levels[k] for k in operands])
        order = np.lexsort((atoms, np.array(levels[first:], dtype=np.int64)))
        place = np.arange(first + count)
        place[first + order] = first + np.arange(count)
        atoms = atoms[order]
        self.left, self.right = place[left[order]].astype(np.int32), place[right[order]].astype(np.int32)
        in_order = np.array(levels[first:], dtype=np.int64)[order]
        changes = np.flatnonzero((np.diff(atoms) != 0) | (np.diff(in_order) != 0)) + 1
        starts = np.concatenate([np.zeros(min(count, 1)), changes]).astype(np.int64)
        lengths = np.diff(np.concatenate([starts, [count]]))
        self.runs = np.ascontiguousarray(np.stack([atoms[starts], lengths, starts], axis=1))
        self.first = first
        self.inputs = len(tape.inputs)
        self.slots = np.zeros(first + count)
        self.slots[len(tape.inputs) : first] = tape.constants
        self.outputs = place[np.array(tape.outputs, dtype=np.int64)]

    def run(self, slots: Any) -> None:
        """Compute all steps on an array of slots whose inputs have been filled in."""
        interpreter()(
            slots.ctypes.data, slots.ctypes.data + 8 * self.first, self.runs.ctypes.data, len(self.runs),
            self.left.ctypes.data, self.right.ctypes.data,
        )  # fmt: skip


@cache
def interpreter() -> Any:
    """The program ``interpret(slots, results, runs, number of runs, left, right)``."""
    bodies: list[Body] = []
    blocks: list[str] = []
    cases: list[str] = []
    for number, atom in enumerate(all_atoms()):
        body = Body(1, f"a{number}_")
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
