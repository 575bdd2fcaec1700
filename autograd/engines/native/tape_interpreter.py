"""A tape of any length, run by one small program of machine code that is made once.

It goes through a tape in level order, and finds *strips* in it: steps in a row with the same atom whose
inputs stand in a row too, like the products of a neuron's weights with its inputs.  They are computed several
at a time.  All other steps are computed one after the other, their inputs looked up in a list of places.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from autograd.engines.levels import Levels
from autograd.engines.native.llvm_text import ATOMS, LANES, Body, all_atoms, code_for, float_bits, spread
from autograd.engines.native.machine_code import compile_text
from autograd.program.sums import expanded
from autograd.program.tape import Tape, primitive

SHORTEST = 2 * LANES
"""Strips have at least so many steps."""


class Schedule(Levels):
    """A tape in level order, as the interpreter reads it.

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
        AutogradError: if the tape has an atom without machine code.
    """

    def __init__(self, tape: Tape) -> None:
        tape = expanded(tape)
        for atom in set(tape.atoms):
            code_for(atom)
        # Made now if at all: whoever has a schedule can run it.
        interpreter()
        super().__init__(tape)
        # Of three inputs the second one is in the middle; of two it is the right one.
        begins, ends = self.borders[:-1], self.borders[1:] - 1
        self.left, self.middle, self.right = [
            self.operands[places] for places in (begins, np.minimum(begins + 1, ends), ends)
        ]
        rows = [
            [numbered()[kind], last - first, first, self.left[first], self.right[first]]
            for kind, first, last in self.parts()
        ]
        self.rows = np.array(rows, dtype=np.int64).reshape(-1, 5)
        # These arrays never move.
        self._output_address = self.outputs.ctypes.data
        columns = [column.ctypes.data for column in (self.left, self.middle, self.right)]
        self._addresses = self.rows.ctypes.data, len(rows), *columns

    def parts(self) -> Iterator[tuple[Kind, int, int]]:
        """The runs taken apart: strips, and what is left between them; each from a step to another one."""
        found = iter([*self.strips(), (None, len(self.left), 0)])
        kind, first, last = next(found)
        for atom, start, stop in self.runs:
            done = start
            while first < stop and kind is not None:
                if done < first:
                    yield Kind(atom, None), done, first
                yield kind, first, last
                done = last
                kind, first, last = next(found)
            if done < stop:
                yield Kind(atom, None), done, stop

    def strips(self) -> Iterator[tuple[Kind, int, int]]:
        """Where a strip begins and ends, and its kind."""
        if len(self.left) < SHORTEST:
            return
        # From each step to the next one: whether both are in the same run, and how far their inputs are apart.
        atoms, starts = [run[0] for run in self.runs], np.array([run[1] for run in self.runs])
        together = np.ones(len(self.left) - 1, dtype=bool)
        together[starts[1:] - 1] = False
        by_left, by_right = np.diff(self.left), np.diff(self.right)
        same = (np.diff(by_left) == 0) & (np.diff(by_right) == 0) & together[1:] & together[:-1]
        borders = np.array([0, *np.flatnonzero(~same) + 1, len(together)])
        done = 0
        for k in np.flatnonzero((np.diff(borders) + 1 >= SHORTEST) & together[borders[:-1]]).tolist():
            # Between these steps the distances stay the same.
            a, b = borders[k : k + 2].tolist()
            first, last = max(a, done), b + 1
            last -= (last - first) % LANES
            atom = atoms[int(np.searchsorted(starts, first, side="right")) - 1]
            kind = Kind(atom, (int(by_left[a]), int(by_right[a])))
            is_pair = kind.steps != (2, 2) or self.right[first] == self.left[first] + 1
            if last - first >= SHORTEST and kind in numbered() and is_pair:
                yield kind, first, last
                done = last

    def run(self, slots: Any) -> None:
        """Compute all steps on an array of slots whose inputs have been filled in."""
        self.run_at(slots.ctypes.data)

    def run_at(self, address: int) -> None:
        """The same for slots that begin at an address."""
        interpreter()[0](address, address + 8 * self.first, *self._addresses)

    def collect(self, address: int) -> tuple[Any, bool]:
        """The outputs, as an array, from slots that have been computed; and whether all are finite."""
        found = np.empty(len(self.outputs))
        signs = interpreter()[1](address, self._output_address, found.ctypes.data, len(found))
        return found, signs >= 0


class Kind(NamedTuple):
    """What the interpreter can do: an atom, and how far apart the left and the right inputs of a strip stand.

    (1, 1): both stand in a row; (1, 0) and (0, 1): one is the same for all; (2, 2): each step takes the next
    two of a row; None: anywhere.
    """

    atom: str
    steps: tuple[int, int] | None


@cache
def kinds() -> list[Kind]:
    """All of them, in the order of their numbers."""
    scattered = [Kind(atom, None) for atom in all_atoms()]
    steps: dict[int, tuple[tuple[int, int], ...]] = {1: ((1, 1),), 2: ((1, 1), (1, 0), (0, 1), (2, 2)), 3: ()}
    return scattered + [Kind(atom, how) for atom in ATOMS for how in steps[len(sides_of(atom))]]


def sides_of(atom: str) -> tuple[str, ...]:
    """Where the inputs of an atom stand: as many as the operation with that atom in the table takes."""
    return {1: ("left",), 2: ("left", "right"), 3: ("left", "middle", "right")}[primitive(atom).arity]


@cache
def numbered() -> dict[Kind, int]:
    return {kind: number for number, kind in enumerate(kinds())}


@cache
def interpreter() -> tuple[Any, Any]:
    """The programs ``interpret(slots, results, rows, number of rows, left, middle, right)`` and ``collect``."""
    bodies: list[Body] = []
    blocks: list[str] = []
    cases: list[str] = []
    row = Body(prefix="row")
    which, length, start, left_start, right_start = [
        row.load("%row", place, "i64", each="i64") for place in range(5)
    ]
    for number, kind in enumerate(kinds()):
        width = 1 if kind.steps is None else LANES
        body = Body(width, f"k{number}_", in_loop=True)
        i = f"%i{number}"
        inputs = scattered(body, kind, i) if kind.steps is None else in_a_row(body, kind, i)
        result = code_for(kind.atom)(body, *inputs)
        body.store(result, "%row_results", i)
        bodies.append(body)
        cases.append(f"    i64 {number}, label %kind{number}")
        blocks += [
            f"kind{number}:",
            f"  {i} = phi i64 [ 0, %run ], [ {i}_next, %kind{number} ]",
            *body.lines,
            f"  {i}_next = add i64 {i}, {width}",
            f"  {i}_more = icmp slt i64 {i}_next, {length}",
            f"  br i1 {i}_more, label %kind{number}, label %next",
        ]
    text = "\n".join(
        [
            "define void @interpret(ptr %slots, ptr %results, ptr %rows, i64 %count, ptr %left, ptr %middle, "
            "ptr %right) {",
            "entry:",
            "  %any = icmp sgt i64 %count, 0",
            "  br i1 %any, label %run, label %done",
            "run:",
            "  %k = phi i64 [ 0, %entry ], [ %k_next, %next ]",
            "  %at = mul i64 %k, 5",
            "  %row = getelementptr i64, ptr %rows, i64 %at",
            *row.lines,
            f"  %row_results = getelementptr double, ptr %results, i64 {start}",
            f"  %row_left = getelementptr i32, ptr %left, i64 {start}",
            f"  %row_middle = getelementptr i32, ptr %middle, i64 {start}",
            f"  %row_right = getelementptr i32, ptr %right, i64 {start}",
            f"  %strip_left = getelementptr double, ptr %slots, i64 {left_start}",
            f"  %strip_right = getelementptr double, ptr %slots, i64 {right_start}",
            f"  switch i64 {which}, label %next [",
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
    code = compile_text([text, COLLECT], bodies, 0)
    pointer, integer = ctypes.c_void_p, ctypes.c_int64
    return (
        code.function("interpret", None, pointer, pointer, pointer, integer, pointer, pointer, pointer),
        code.function("collect", integer, pointer, pointer, pointer, integer),
    )


EXPONENT = float_bits(math.inf).replace("0x", "u0x")
LOWEST_OF_EXPONENT = 2**52
"""The bits of a number's exponent, which are all 1 in inf and nan only, and the lowest of them.

One more than all ones is carried into the bit of the sign.
"""

COLLECT = f"""
define i64 @collect(ptr %slots, ptr %places, ptr %results, i64 %count) {{
entry:
  %any = icmp sgt i64 %count, 0
  br i1 %any, label %loop, label %done
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %signs = phi i64 [ 0, %entry ], [ %signs_next, %loop ]
  %place = getelementptr i64, ptr %places, i64 %i
  %slot = load i64, ptr %place, align 8
  %from = getelementptr i64, ptr %slots, i64 %slot
  %bits = load i64, ptr %from, align 8
  %to = getelementptr i64, ptr %results, i64 %i
  store i64 %bits, ptr %to, align 8
  %exponent = and i64 %bits, {EXPONENT}
  %carried = add i64 %exponent, {LOWEST_OF_EXPONENT}
  %signs_next = or i64 %signs, %carried
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %count
  br i1 %more, label %loop, label %done
done:
  %found = phi i64 [ 0, %entry ], [ %signs_next, %loop ]
  ret i64 %found
}}
"""


def scattered(body: Body, kind: Kind, i: str) -> list[str]:
    """Inputs that stand anywhere: their places are looked up."""
    found = []
    for side in sides_of(kind.atom):
        slot = body.load(f"%row_{side}", i, "i32", each="i32", align=4)
        place = body.new(f"getelementptr double, ptr %slots, i32 {slot}")
        found.append(body.new(f"load double, ptr {place}, align 8"))
    return found


def in_a_row(body: Body, kind: Kind, i: str) -> list[str]:
    """Inputs of a strip, as vectors."""
    if kind.steps == (2, 2):
        return pairs(body, i)
    found = []
    for side, step in zip(sides_of(kind.atom), kind.steps or (), strict=False):
        array = f"%strip_{side}"
        found.append(body.load(array, i) if step else spread(body, body.load(array, 0, "double")))
    return found


def pairs(body: Body, i: str) -> list[str]:
    """The first, third, fifth... number from here on, and the second, fourth, sixth..."""
    both, twice = f"<{2 * LANES} x double>", body.new(f"mul i64 {i}, 2")
    row = body.load("%strip_left", twice, both)
    found = []
    for offset in (0, 1):
        lanes = ", ".join(f"i32 {2 * lane + offset}" for lane in range(LANES))
        found.append(body.new(f"shufflevector {both} {row}, {both} poison, <{LANES} x i32> <{lanes}>"))
    return found
