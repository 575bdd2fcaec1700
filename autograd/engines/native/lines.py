"""Kernels for *lines*: rows of numbers, one for each of many samples.

Steps need not be alike to be computed in vectors here, because the samples are.  A row of a table stands for
``count`` steps of one kind, and the places of their inputs are listed, those of one step after those of another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from autograd.engines.native.atoms import ATOMS, code_for, lines_of
from autograd.engines.native.llvm_text import vector
from autograd.engines.native.loops import Function, Place
from autograd.program.tape import SUM, primitive

FIELDS = ("kind", "count", "terms", "out", "outs", "list", "function")
"""What stands in a row of the table.

``out`` is the place of the first step's result, and ``outs`` how far it is to the next one.  The places of the
inputs are listed from ``list`` on: for a sum what it begins with and then ``terms`` pairs of factors.  ``function``
is the address of one of the C library.
"""

CALLS = {1: "call", 2: "call of two"}
"""The kinds for functions of the C library with one and with two inputs."""

LISTED_SUM = "listed sum"

KINDS = (LISTED_SUM, *CALLS.values(), *ATOMS)
"""What the steps of a row may be; the kind is the number of a name."""


def kind_of(atom: str) -> str:
    """The kind of a row for a step.

    Raises:
        AutogradError: if it has no machine code.
    """
    if atom == SUM:
        return LISTED_SUM
    code_for(atom)
    return atom if atom in ATOMS else CALLS[primitive(atom).arity]


class Row:
    """The fields of a row of the table, by their names; each is loaded where it is asked for."""

    def __init__(self, w: Function, place: str, fields: Sequence[str]) -> None:
        self._function, self._place, self._fields = w, place, fields

    def __getitem__(self, name: str) -> str:
        w = self._function
        return w.load("i64", w.at(self._place, self._fields.index(name), "i64"))


class LineKernels:
    """Writes the functions of a program that computes steps on lines.

    Args:
        width: how many numbers a vector has.

    Attributes:
        functions: what has been written.
        cases: for each kind of row what is to be done.
    """

    sum_fields: tuple[str, ...] = ("terms",)

    def __init__(self, width: int) -> None:
        self.width, self.kind = width, vector("double", width)
        # What a tile needs besides the sums themselves are its lines of the right side and one number of the left.
        self.side = 4 if width == 8 else 2
        self.functions: list[Function] = []
        self.cases: dict[str, Callable[[Function, Row], None]] = {LISTED_SUM: self.listed_sum(is_uniform=False)}
        self.cases |= {name: self.call(arity) for arity, name in CALLS.items()}
        self.cases |= {atom: self.elements(atom) for atom in ATOMS}

    def line(self, w: Function, place: Place) -> str:
        """Where the line begins that a table calls by such a place: so many numbers from the memory's beginning."""
        return w.at("%memory", place)

    def function(self, name: str, arguments: str) -> Function:
        """A new function; arguments are places ("out"), or whole numbers ("outs: i64")."""
        pairs = [argument.partition(":") for argument in arguments.split(", ")]
        made = Function(name, {each: kind.strip() or "ptr" for each, _, kind in pairs})
        self.functions.append(made)
        return made

    def over_vectors(self, w: Function, body: Callable[[str, int], None], *tiles: int) -> None:
        """``body(b, n)`` for each group of n vectors of a line; what is left over in smaller groups."""
        b: Place = 0
        for n in tiles or (self.side, 1):
            b, _ = w.repeat(b, "%vectors", n, lambda b, n=n: body(w.mul(b, self.width), n))

    def load(self, w: Function, line: str, place: Place) -> str:
        return w.number(line, place, self.width)

    def multiply_add(self, w: Function, x: str, y: str, z: str) -> str:
        return w.multiply_add(self.width, x, y, z)

    def beginning(self, w: Function, init: str, b: Place, vectors: int) -> list[str]:
        """Some vectors of what a sum begins with: a line from ``b`` on."""
        line = w.at(init, b)
        return [self.load(w, line, self.width * v) for v in range(vectors)]

    def listed(
        self, name: str, length: Place, step: Callable[[Function, str, str], None], *more: str
    ) -> Callable[[Function, Row], None]:
        """Write a function for steps whose inputs are listed; the answer writes the call for a row.

        Args:
            length: how many inputs a step has, or "" if that depends on its terms.
            step: writes a step; it is given the place of its list, and its result's line.
            more: other fields that the function is told.
        """
        numbers = "".join(f"{field}: i64, " for field in ("out", "outs", "count", *more))
        w = self.function(name, f"memory, list, {numbers}vectors: i64")
        length = length or w.add(w.mul("%terms", 2), 1)

        def one(i: str) -> None:
            step(w, w.at("%list", w.mul(i, length), "i32"), self.line(w, w.add("%out", w.mul("%outs", i))))

        w.loop(0, "%count", 1, one)

        def call(of: Function, row: Row) -> None:
            fields = [row[field] for field in ("out", "outs", "count", *more)]
            of.call(w, "%memory", of.at("%lists", row["list"], "i32"), *fields, "%vectors")

        return call

    def listed_sum(self, is_uniform: bool) -> Callable[[Function, Row], None]:
        """``out = init + Σₖ left[k] · right[k]``; uniform left factors are numbers that are the same for all."""

        def step(w: Function, places: str, out: str) -> None:
            init = self.line(w, w.listed(places, 0))

            def tile(b: str, n: int) -> None:
                def term(t: str, *sums: str) -> list[str]:
                    left, right = [self.line(w, w.listed(places, each)) for each in (t, w.add(t, 1))]
                    if is_uniform:
                        lefts = [w.spread(w.load("double", left), self.width)] * n
                    else:
                        lefts = vectors(left)
                    return [self.multiply_add(w, *term) for term in zip(lefts, vectors(right), sums, strict=True)]

                def vectors(line: str) -> list[str]:
                    line = w.at(line, b)
                    return [self.load(w, line, self.width * v) for v in range(n)]

                carried = [(self.kind, number) for number in self.beginning(w, init, b, n)]
                target = w.at(out, b)
                for v, total in enumerate(w.loop(1, length, 2, term, carried)):
                    w.store(self.kind, total, w.at(target, self.width * v))

            length = w.add(w.mul("%terms", 2), 1)
            self.over_vectors(w, tile, 4, 2, 1)

        return self.listed(f"listed_sum_{int(is_uniform)}", "", step, *self.sum_fields)

    def elements(self, atom: str) -> Callable[[Function, Row], None]:
        """An atom, for each sample by itself."""
        arity = primitive(atom).arity

        def step(w: Function, places: str, out: str) -> None:
            lines = [self.line(w, w.listed(places, k)) for k in range(arity)]

            def samples(b: str, n: int) -> None:
                for at in [w.add(b, v * self.width) for v in range(n)]:
                    found = w.atom(atom, self.width, *[self.load(w, line, at) for line in lines])
                    w.store(self.kind, found, w.at(out, at))

            # To write long ones twice would only take longer to compile.
            self.over_vectors(w, samples, *([] if lines_of(atom) < 4 else [1]))

        return self.listed(f"each_{atom}", arity, step)

    def call(self, arity: int) -> Callable[[Function, Row], None]:
        """A function of the C library, for each sample by itself."""

        def step(w: Function, places: str, out: str) -> None:
            function = w.new("inttoptr i64 %function to ptr")
            lines = [self.line(w, w.listed(places, k)) for k in range(arity)]

            def sample(s: str) -> None:
                given = ", ".join(f"double {w.number(line, s)}" for line in lines)
                w.store("double", w.new(f"call double {function}({given})"), w.at(out, s))

            w.loop(0, w.mul("%vectors", self.width), 1, sample)

        return self.listed(f"call_{arity}", arity, step, "function")

    def write_run(self, kinds: Sequence[str], fields: Sequence[str], *more: str) -> Function:
        """All rows of a table, one after the other.

        Args:
            kinds, fields: what the numbers of a row mean.
            more: what the function is told besides.
        """
        w = self.function("run_rows", ", ".join(["memory, rows, count: i64, lists, vectors: i64", *more]))

        def row(r: str) -> None:
            row = Row(w, w.at("%rows", w.mul(r, len(fields)), "i64"), fields)
            w.switch(row["kind"], [partial(self.cases[name], w, row) for name in kinds])

        w.repeat(0, "%count", 1, row)
        return w
