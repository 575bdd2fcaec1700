"""The one program of machine code that runs every tape: it reads a table of rows, each of them many equal steps.

It is made once in a process, whatever tapes there will be.  A row (``FIELDS``) says which *kernel* computes its
steps, how many there are, where the results stand, and where the inputs:

- ``dot``: sums whose left factors stand side by side, the terms in vectors; the right factors stand so as well
  (``dot 1``), or are one and the same number (``dot 0``);
- ``neighbours``: sums that are shifted copies of each other, several in a vector.  The places of the first one are
  listed; from one sum to the next the left factors move by one, the right ones by one or by nothing;
- ``strip``: an atom on numbers that stand in a row, several in a vector;
- ``listed``: sums, or an atom, on numbers that stand anywhere: the places of each are listed.

Numbers stand in ``memory``, lists of places in ``lists``.  How many a vector holds is this machine's matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from autograd.engines.native.llvm_text import ATOMS, code_for, float_bits, splat, vector
from autograd.engines.native.loops import Function, Place
from autograd.engines.native.machine_code import lanes, made_once
from autograd.program.tape import SUM, primitive

FIELDS = (
    "kind", "count", "result", "list", "terms", "start", "start_step", "left", "left_step", "right", "right_step",
    "copies", "start_copy", "left_copy", "right_copy", "function",
)  # fmt: skip
"""The whole numbers of a row: places among the numbers, by how much they move from step to step, and how often all
that is to be done again, with other places.  The last one is an address."""

HEADER = ("rows", "row_count", "lists", "copies", "copy_count")
"""What the program is told of a table: addresses and counts."""


def packed(rows: Any) -> Any:
    """Rows as the program reads them: numbers of 32 bits, so that large tables stay near; the address has two."""
    return np.concatenate([rows[:, :-1].astype(np.int32), rows[:, -1:].copy().view(np.int32)], axis=1)


class Kind(NamedTuple):
    """A kernel: what it computes, and how.

    Attributes:
        right: for sums by how much the right factors move; for functions how many inputs they have.
    """

    atom: str
    how: str
    right: int = 1

    def __str__(self) -> str:
        has_right = self.how in (DOT, NEIGHBOURS) or self.atom == CALL
        return f"{self.atom} {self.how}" + (f" {self.right}" if has_right else "")

    @property
    def has_copies(self) -> bool:
        """Whether a row may stand for several that are copies of each other."""
        return self.how in (DOT, STRIP) or (self.how == NEIGHBOURS and self.right == 0)


DOT, NEIGHBOURS, STRIP, LISTED = "dot", "neighbours", "strip", "listed"

CALL = "call"
"""In the place of an atom: a function of the C library, whose address stands in the row."""

RARE = ("mod", "where", "sign", "floor", "ceil", "rint")
"""Atoms of which there are hardly many side by side; their steps are listed."""


@cache
def kinds() -> dict[Kind, int]:
    """All kernels, with their numbers."""
    found = [Kind(SUM, how, right) for how in (DOT, NEIGHBOURS) for right in (0, 1)]
    found += [Kind(atom, LISTED) for atom in (SUM, *ATOMS)]
    found += [Kind(atom, STRIP) for atom in ATOMS if atom not in RARE]
    found += [Kind(CALL, LISTED, arity) for arity in (1, 2)]
    return {kind: number for number, kind in enumerate(found)}


def listed_kind(atom: str) -> Kind:
    """The kernel for an atom on numbers that stand anywhere.

    Raises:
        AutogradError: if it has no machine code.
    """
    if atom == SUM or atom in ATOMS:
        return Kind(atom, LISTED)
    code_for(atom)
    return Kind(CALL, LISTED, primitive(atom).arity)


def shortest(width: int) -> int:
    """So many steps in a row are computed as vectors."""
    return min(width, 4)


class Kernel(Function):
    """The function that computes the steps of a row."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(str(kind).replace(" ", "_"), {"memory": "ptr", "row": "ptr", "lists": "ptr"})
        self._fields: dict[str, str] = {}
        self.results = self.at("%memory", self.field("result"))

    def field(self, name: str) -> str:
        """A number of the row; it is loaded where it is first asked for, which is before the loops."""
        if name not in self._fields:
            place = FIELDS.index(name)
            is_address = name == FIELDS[-1]
            self._fields[name] = (
                self.load("i64", self.at("%row", place, "i32"), 4) if is_address else self.listed("%row", place)
            )
        return self._fields[name]

    def of_copy(self, name: str, c: Place) -> str:
        """Where the inputs of a copy begin; the first one has the number 0."""
        return self.at("%memory", self.add(self.field(name), self.mul(c, self.field(f"{name}_copy"))))

    def results_of(self, c: Place) -> str:
        """Where the results of a copy begin."""
        return self.at(self.results, self.mul(c, self.field("count")))

    def each_copy(self, body: Callable[[str], None]) -> None:
        """Write what is to be done for each copy."""
        for name in FIELDS:
            self.field(name)
        self.loop(0, self.field("copies"), 1, body)

    def neighbours(self, width: int, tiles: tuple[int, ...], block: Callable[[Place, int, int], None]) -> None:
        """Compute all steps of the row in vectors, several of these at a time.

        Args:
            block: writes the code for step ``i`` and its neighbours: so many vectors of such a width.
        """
        count, least, i = self.field("count"), shortest(width), "0"
        for many, each in [(many, width) for many in tiles if many * width > least]:
            i, _ = self.repeat(i, count, many * each, lambda i, many=many, each=each: block(i, many, each))
        # The last vector may reach beyond the row's results, where what comes later is not computed yet.
        self.repeat(i, self.add(count, least - 1), least, lambda i: block(i, 1, least))

    def in_a_row(self, name: str, width: int, c: Place) -> Callable[[Place, int], str]:
        """Loads inputs that stand in a row, or are one number for all steps: a function of the step and a width."""
        place = self.of_copy(name, c)
        is_one = self.new(f"icmp eq i64 {self.field(f'{name}_step')}, 0")
        ones = {each: self.spread(self.number(place, 0), each) for each in {width, shortest(width)}}

        def load(i: Place, each: int) -> str:
            wide, kind = self.number(place, i, each), vector("double", each)
            return self.new(f"select i1 {is_one}, {kind} {ones[each]}, {kind} {wide}")

        return load


def dot(kind: Kind, width: int) -> Kernel:
    """Sums of terms that stand side by side.  Where the right factors are the same for all, several at a time."""
    kernel = Kernel(kind)
    wide = vector("double", width)

    def copy(c: str) -> None:
        count, terms, results = kernel.field("count"), kernel.field("terms"), kernel.results_of(c)
        inputs = [(kernel.of_copy(name, c), kernel.field(f"{name}_step")) for name in ("start", "left", "right")]

        def block(many: int) -> Callable[[str], None]:
            def write(i: str) -> None:
                sums = [kernel.add(i, k) for k in range(many)]
                starts, lefts, rights = [
                    [kernel.at(place, kernel.mul(step, each)) for each in sums] for place, step in inputs
                ]

                def adder(each: int) -> Callable[..., list[str]]:
                    def add(k: str, *totals: str) -> list[str]:
                        if kind.right:
                            factor = kernel.number(rights[0], k, each)
                        else:
                            factor = kernel.spread(kernel.number(rights[0], 0), each)
                        return [
                            kernel.multiply_add(each, kernel.number(left, k, each), factor, total)
                            for left, total in zip(lefts, totals, strict=True)
                        ]

                    return add

                k, totals = kernel.repeat(0, terms, width, adder(width), [(wide, zeros(width))] * many)
                begin = [
                    kernel.new(f"fadd double {kernel.number(start, 0)}, {kernel.sum_of_lanes(width, total)}")
                    for start, total in zip(starts, totals, strict=True)
                ]
                _, totals = kernel.repeat(k, terms, 1, adder(1), [("double", total) for total in begin])
                for each, total in zip(sums, totals, strict=True):
                    kernel.store("double", total, kernel.at(results, each))

            return write

        i = "0"
        if kind.right:
            are_same = kernel.new(f"icmp eq i64 {kernel.field('right_step')}, 0")
            several = kernel.new(f"select i1 {are_same}, i64 {count}, i64 0")
            for many in (8, 4):
                i, _ = kernel.repeat(i, several, many, block(many))
        kernel.repeat(i, count, 1, block(1))

    kernel.each_copy(copy)
    return kernel


def neighbouring_sums(kind: Kind, width: int) -> Kernel:
    """Sums that are shifted copies of each other, neighbours in vectors; the first one's places are listed."""
    kernel = Kernel(kind)
    for name in FIELDS:
        kernel.field(name)
    lists = kernel.at("%lists", kernel.add(kernel.field("list"), 1), "i32")
    end = kernel.mul(kernel.field("terms"), 2)

    def rows(copies: int) -> Callable[[str], None]:
        """A copy, or several at a time that have the left factors in common."""

        def write(c: str) -> None:
            each_copy = [kernel.add(c, k) for k in range(copies)]
            starts = [kernel.in_a_row("start", width, c) for c in each_copy]
            results = [kernel.results_of(c) for c in each_copy]
            left_memory, memory = "%memory", ["%memory"]
            if kind.has_copies:
                left_memory = kernel.at("%memory", kernel.mul(c, kernel.field("left_copy")))
                memory = [kernel.at("%memory", kernel.mul(c, kernel.field("right_copy"))) for c in each_copy]

            def block(i: Place, many: int, each: int) -> None:
                wide, sums = vector("double", each), [kernel.add(i, k * each) for k in range(many)]

                def numbers(row: str) -> list[str]:
                    return [kernel.number(row, at, each) for at in sums]

                def add(t: str, *totals: str) -> list[str]:
                    left, right = kernel.listed(lists, t), kernel.listed(lists, kernel.add(t, 1))
                    lefts = numbers(kernel.at(left_memory, left))
                    rights = [
                        numbers(kernel.at(place, right))
                        if kind.right
                        else [kernel.spread(kernel.number(place, right), each)] * many
                        for place in memory
                    ]
                    factors = [(x, y) for of_copy in rights for x, y in zip(lefts, of_copy, strict=True)]
                    return [
                        kernel.multiply_add(each, x, y, total)
                        for (x, y), total in zip(factors, totals, strict=True)
                    ]

                begin = [(wide, start(at, each)) for start in starts for at in sums]
                targets = [kernel.at(result, at) for result in results for at in sums]
                for target, total in zip(targets, kernel.loop(0, end, 2, add, begin), strict=True):
                    kernel.store(wide, total, target)

            # 32, 16 and then as few as a vector holds.
            tiles = (min(8, 32 // width) // copies, min(4, 16 // width), 1)
            kernel.neighbours(width, tiles, block)

        return write

    if not kind.has_copies:
        rows(1)("0")
        return kernel
    # The last vector of a copy may reach into the next one, which must not have been computed before.
    rest = kernel.new(f"and i64 {kernel.field('count')}, {shortest(width) - 1}")
    either = kernel.new(f"or i64 {rest}, {kernel.field('left_copy')}")
    alone = kernel.new(f"icmp ne i64 {either}, 0")
    pairs = kernel.new(f"select i1 {alone}, i64 0, i64 {kernel.field('copies')}")
    c, _ = kernel.repeat(0, pairs, 2, rows(2))
    kernel.repeat(c, kernel.field("copies"), 1, rows(1))
    return kernel


def listed_sums(kind: Kind) -> Kernel:
    """Sums whose terms stand anywhere, one by one."""
    kernel = Kernel(kind)
    lists = kernel.at("%lists", kernel.field("list"), "i32")
    length = kernel.add(kernel.mul(kernel.field("terms"), 2), 1)

    def write(i: str) -> None:
        places = kernel.at(lists, kernel.mul(i, length), "i32")

        def number(t: Place) -> str:
            return kernel.number("%memory", kernel.listed(places, t))

        def add(t: str, total: str) -> list[str]:
            return [kernel.multiply_add(1, number(t), number(kernel.add(t, 1)), total)]

        [total] = kernel.loop(1, length, 2, add, [("double", number(0))])
        kernel.store("double", total, kernel.at(kernel.results, i))

    kernel.loop(0, kernel.field("count"), 1, write)
    return kernel


def listed_atoms(kind: Kind, width: int) -> Kernel:
    """An atom whose inputs stand anywhere: one by one, or gathered into vectors if it takes long."""
    kernel, arity = Kernel(kind), kind.right if kind.atom == CALL else primitive(kind.atom).arity
    function = kernel.new(f"inttoptr i64 {kernel.field('function')} to ptr") if kind.atom == CALL else ""
    lists = kernel.at("%lists", kernel.field("list"), "i32")

    def inputs(i: Place) -> list[str]:
        first = kernel.mul(i, arity)
        places = [kernel.listed(lists, kernel.add(first, k)) for k in range(arity)]
        return [kernel.number("%memory", place) for place in places]

    def single(i: str) -> None:
        if function:
            result = kernel.new(f"call double {function}({', '.join(f'double {x}' for x in inputs(i))})")
        else:
            result = kernel.atom(kind.atom, 1, *inputs(i))
        kernel.store("double", result, kernel.at(kernel.results, i))

    def gathered(i: str) -> None:
        wide, numbers, last = vector("double", each), "poison", kernel.add(kernel.field("count"), -1)
        for lane in range(each):
            [number] = inputs(kernel.smaller(kernel.add(i, lane), last))
            numbers = kernel.new(f"insertelement {wide} {numbers}, double {number}, i64 {lane}")
        kernel.store(wide, kernel.atom(kind.atom, each, numbers), kernel.at(kernel.results, i))

    each = shortest(width) if kind.atom in ("exp", "tanh") else 1
    kernel.loop(0, kernel.field("count"), each, gathered if each > 1 else single)
    return kernel


def strip(kind: Kind, width: int) -> Kernel:
    """An atom on numbers that stand in a row, in vectors."""
    kernel = Kernel(kind)

    def copy(c: str) -> None:
        sides = ("left", "right")[: primitive(kind.atom).arity]
        inputs, results = [kernel.in_a_row(name, width, c) for name in sides], kernel.results_of(c)

        def block(i: Place, many: int, each: int) -> None:
            result = kernel.atom(kind.atom, each, *[load(i, each) for load in inputs])
            kernel.store(vector("double", each), result, kernel.at(results, i))

        kernel.neighbours(width, (1,), block)

    kernel.each_copy(copy)
    return kernel


def written(kind: Kind, width: int) -> Kernel:
    """The kernel of a kind, for vectors of such a width."""
    if kind.how == DOT:
        return dot(kind, width)
    if kind.how == NEIGHBOURS:
        return neighbouring_sums(kind, width)
    if kind.how == STRIP:
        return strip(kind, width)
    return listed_sums(kind) if kind.atom == SUM else listed_atoms(kind, width)


def zeros(width: int) -> str:
    """What a sum begins with that has nothing to begin with: -0.0 changes no number."""
    return splat("double", float_bits(-0.0), width)


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


def run_rows(function: Function, header: dict[str, str], kernels: dict[int, Kernel]) -> None:
    """Write a loop over the rows of a table, each of which is left to the kernel of its kind."""

    def row(r: str) -> None:
        place = function.at(header["rows"], function.mul(r, len(FIELDS) + 1), "i32")
        cases = {
            kind: lambda kernel=kernel: function.call(kernel, "%memory", place, header["lists"])
            for kind, kernel in kernels.items()
        }
        function.switch(function.listed(place, 0), cases)

    function.repeat(0, header["row_count"], 1, row)


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
    run_rows(run, header, kernels)
    run.give(collected(run, header["copies"], header["copy_count"], width))
    return [*kernels.values(), run]


def program() -> Any:
    """The function ``run(memory, table, results)``: less than 0 if a result is not finite."""
    return made_once(functions, lanes())
