"""Machine code that runs tables of rows (``nn.compiled.table``), the same for all models.

A line of memory is a number for as many samples as are computed together.  Loops go over the copies of a step (i),
the terms of a sum (k) and a line's vectors of numbers (b).  A few copies and vectors at a time are kept in the
processor's registers while k runs: a *tile*, as large as there are registers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from autograd.engines.native.lines import LineKernels, Row
from autograd.engines.native.loops import Function, Place
from nn.compiled.nests import FIELDS, PACK, kinds_by_name

TILE = 4
"""So many copies of a sum are computed together."""


class Kernels(LineKernels):
    """Writes the functions of the program: those for listed steps, and those for steps at equal distances."""

    sum_fields = ("terms", "from_number")

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.tile = self.write_sum(TILE, True)
        self.kernels = {"uniform sum": self.write_sum(1, True), "sum": self.write_sum(1, False)}
        self.outer, self.packed = self.write_outer(), self.write_packed_sum()
        self.product = self.write_product()
        self.cases |= {
            "uniform sum": partial(self.sums, name="uniform sum"), "sum": partial(self.sums, name="sum"),
            "listed uniform sum": self.listed_sum(is_uniform=True), "spread": self.spread,
            "outer product": self.outer_product, "products": self.products, "packed sum": self.packed_sum,
            "packed outer product": self.packed_outer_product,
        }  # fmt: skip
        self.run = self.write_run(list(kinds_by_name()), FIELDS, "gradients")

    def write_sum(self, copies: int, is_uniform: bool) -> Function:
        """``out[i] = init[i] + Σₖ left[i, k] · right[k]`` for some copies i."""
        w = self.function(
            f"{'uniform' if is_uniform else 'wide'}_sum_{copies}",
            "out, outs: i64, init, inits: i64, left, lefts: i64, left_terms: i64, right, right_terms: i64, "
            "terms: i64, vectors: i64, from_number: i64",
        )
        begin = {
            name: [w.at(f"%{name}", w.mul(f"%{name}s", i)) if i else f"%{name}" for i in range(copies)]
            for name in ("out", "init", "left")
        }

        def tile(b: str, n: int) -> None:
            def term(k: str, *sums: str) -> list[str]:
                at = w.add(w.mul(k, "%right_terms"), b)
                line = w.at("%right", at)
                rights = [self.load(w, line, self.width * v) for v in range(n)]
                left_at, found = w.mul(k, "%left_terms"), []
                for i in range(copies):
                    if is_uniform:
                        lefts = [w.spread(w.number(begin["left"][i], left_at), self.width)] * n
                    else:
                        lefts_line = w.at(begin["left"][i], w.add(left_at, b))
                        lefts = [self.load(w, lefts_line, self.width * v) for v in range(n)]
                    found += [
                        self.multiply_add(w, x, y, z)
                        for x, y, z in zip(lefts, rights, sums[i * n : (i + 1) * n], strict=True)
                    ]
                return found

            carried = [(self.kind, number) for init in begin["init"] for number in self.beginning(w, init, b, n)]
            sums = w.loop(0, "%terms", 1, term, carried)
            outs = [w.at(line, b) for line in begin["out"]]
            for v, found in enumerate(sums):
                w.store(self.kind, found, w.at(outs[v // n], self.width * (v % n)))

        self.over_vectors(w, tile)
        return w

    def beginning(self, w: Function, init: str, b: Place, vectors: int) -> list[str]:
        """Some vectors of what a sum begins with: a line from ``b`` on, or a number that is the same for all."""
        is_number, line = w.new("icmp ne i64 %from_number, 0"), w.at(init, b)
        number = w.spread(w.load("double", init), self.width)
        return [
            w.new(f"select i1 {is_number}, {self.kind} {number}, {self.kind} {self.load(w, line, self.width * v)}")
            for v in range(vectors)
        ]

    def write_packed_sum(self) -> Function:
        """``out[i] = init[i] + Σₖ left[i, k] · right[k]`` for all i, and as many samples as a vector has numbers.

        Their numbers stand packed in ``right``, and so k goes along the vectors.
        """
        w = self.function(
            "packed_sum",
            "out, outs: i64, init, inits: i64, left, lefts: i64, right, right_terms: i64, terms: i64, copies: i64, "
            "begin: i64, from_number: i64",
        )

        def block(first: str, copies: int) -> None:
            lefts = [w.at("%left", w.mul("%lefts", w.add(first, i))) for i in range(copies)]

            def pack(k: str, *sums: str) -> list[str]:
                samples = [w.at(w.at("%right", w.mul(k, "%right_terms")), j * PACK) for j in range(self.width)]

                def numbers(b: str, *sums: str) -> list[str]:
                    xs = [self.load(w, line, w.add(k, b)) for line in lefts]
                    return self.products_with(w, samples, b, xs, sums)

                return w.loop(0, PACK, self.width, numbers, [(self.kind, each) for each in sums])

            sums = w.loop(0, "%terms", PACK, pack, [(self.kind, "zeroinitializer")] * (self.width * copies))
            for i in range(copies):
                init, out = [w.at(f"%{name}", w.mul(f"%{name}s", w.add(first, i))) for name in ("init", "out")]
                total = w.sums_across(self.width, sums[i::copies])
                [begin] = self.beginning(w, init, "%begin", 1)
                w.store(self.kind, w.new(f"fadd {self.kind} {begin}, {total}"), out)

        i: Place = 0
        for copies in (3, 2, 1):
            i, _ = w.repeat(i, "%copies", copies, partial(block, copies=copies))
        return w

    def products_with(
        self, w: Function, lines: list[str], at: str, others: list[str], sums: Sequence[str]
    ) -> list[str]:
        """For vectors of some lines their products with some other vectors, each added to its sum."""
        found = []
        for j, line in enumerate(lines):
            x = self.load(w, line, at)
            before = sums[j * len(others) : (j + 1) * len(others)]
            found += [self.multiply_add(w, x, y, z) for y, z in zip(others, before, strict=True)]
        return found

    def write_outer(self) -> Function:
        """``out[j, i] += Σ over samples left[j] · right[i]`` for as many j as a vector has numbers, and all i."""
        w = self.function(
            "outer",
            "out, outs: i64, inits: i64, left, lefts: i64, right, right_terms: i64, terms: i64, vectors: i64",
        )
        lefts = [w.at("%left", w.mul("%lefts", j)) for j in range(self.width)]

        def block(first: str, rows: int) -> None:
            rights = [w.at("%right", w.mul("%right_terms", w.add(first, i))) for i in range(rows)]

            def samples(b: str, *sums: str) -> list[str]:
                at = w.mul(b, self.width)
                return self.products_with(w, lefts, at, [self.load(w, line, at) for line in rights], sums)

            sums = w.loop(0, "%vectors", 1, samples, [(self.kind, "zeroinitializer")] * (self.width * rows))
            totals = [w.sums_across(self.width, sums[i::rows]) for i in range(rows)]
            outs = [w.at("%out", w.mul("%outs", w.add(first, i))) for i in range(rows)]

            def in_a_row() -> None:
                for out, total in zip(outs, totals, strict=True):
                    add_to(w, self.kind, out, total)

            def scattered() -> None:
                for out, total in zip(outs, totals, strict=True):
                    for j in range(self.width):
                        number = w.new(f"extractelement {self.kind} {total}, i64 {j}")
                        add_to(w, "double", w.at(out, w.mul("%inits", j)), number)

            w.switch(w.new(f"zext i1 {w.new('icmp eq i64 %inits, 1')} to i64"), [scattered, in_a_row])

        i: Place = 0
        for rows in (3, 2, 1):
            i, _ = w.repeat(i, "%terms", rows, partial(block, rows=rows))
        return w

    def write_product(self) -> Function:
        """``out += Σ over samples left · right``."""
        w = self.function("product", "out, left, right, vectors: i64")

        def samples(b: str, total: str) -> list[str]:
            at = w.mul(b, self.width)
            return [self.multiply_add(w, self.load(w, "%left", at), self.load(w, "%right", at), total)]

        [total] = w.loop(0, "%vectors", 1, samples, [(self.kind, "zeroinitializer")])
        add_to(w, "double", "%out", w.sum_of_lanes(self.width, total))
        return w

    def sums(self, w: Function, row: Row, name: str) -> None:
        """All copies of a sum: of a uniform one several at a time, where the right side is the same for all."""

        def call(i: str, kernel: Function) -> None:
            out, init, left, right = [
                w.at(w.at("%memory", row[place]), w.mul(i, row[stride]))
                for place, stride in (("out", "outs"), ("init", "inits"), ("left", "lefts"), ("right", "rights"))
            ]
            w.call(
                kernel, out, row["outs"], init, row["inits"], left, row["lefts"], row["left_terms"], right,
                row["right_terms"], row["terms"], "%vectors", row["from_number"],
            )  # fmt: skip

        i: Place = 0
        if name == "uniform sum":
            shared = w.new(f"icmp eq i64 {row['rights']}, 0")
            tiled = w.new(f"select i1 {shared}, i64 {row['count']}, i64 0")
            i, _ = w.repeat(0, tiled, TILE, lambda i: call(i, self.tile))
        w.repeat(i, row["count"], 1, lambda i: call(i, self.kernels[name]))

    def spread(self, w: Function, row: Row) -> None:
        def one(i: str) -> None:
            number = w.number(w.at("%memory", row["left"]), w.mul(i, row["lefts"]))
            wide, out = w.spread(number, self.width), w.at(w.at("%memory", row["out"]), w.mul(i, row["outs"]))
            w.loop(0, "%vectors", 1, lambda b: w.store(self.kind, wide, w.at(out, w.mul(b, self.width))))

        w.loop(0, row["count"], 1, one)

    def outer_product(self, w: Function, row: Row) -> None:
        """Along j a vector at a time; what is left over one by one."""
        out, left, right = (
            w.at("%gradients", row["out"]),
            w.at("%memory", row["left"]),
            w.at("%memory", row["right"]),
        )

        def column(j: str) -> None:
            to, x = w.at(out, w.mul(j, row["inits"])), w.at(left, w.mul(j, row["lefts"]))
            w.call(
                self.outer, to, row["outs"], row["inits"], x, row["lefts"], right, row["right_terms"], row["terms"],
                "%vectors",
            )  # fmt: skip

        j, _ = w.repeat(0, row["count"], self.width, column)

        def rest(j: str) -> None:
            def one(i: str) -> None:
                to = w.at(w.at(out, w.mul(j, row["inits"])), w.mul(i, row["outs"]))
                x, y = w.at(left, w.mul(j, row["lefts"])), w.at(right, w.mul(i, row["right_terms"]))
                w.call(self.product, to, x, y, "%vectors")

            w.loop(0, row["terms"], 1, one)

        w.repeat(j, row["count"], 1, rest)

    def products(self, w: Function, row: Row) -> None:
        def one(i: str) -> None:
            to = w.at(w.at("%gradients", row["out"]), w.mul(i, row["inits"]))
            x = w.at(w.at("%memory", row["left"]), w.mul(i, row["lefts"]))
            y = w.at(w.at("%memory", row["right"]), w.mul(i, row["rights"]))
            w.call(self.product, to, x, y, "%vectors")

        w.loop(0, row["count"], 1, one)

    def packed_sum(self, w: Function, row: Row) -> None:
        out, init, left, right = [w.at("%memory", row[place]) for place in ("out", "init", "left", "right")]

        def some(b: str) -> None:
            at = w.mul(b, self.width)
            w.call(
                self.packed, w.at(out, at), row["outs"], init, row["inits"], left, row["lefts"],
                w.at(right, w.mul(at, PACK)), row["right_terms"], row["terms"], row["count"], at,
                row["from_number"],
            )  # fmt: skip

        w.loop(0, "%vectors", 1, some)

    def packed_outer_product(self, w: Function, row: Row) -> None:
        """As uniform sums, which begin with the gradients: samples are the terms, packed numbers lines."""
        out = w.at("%gradients", row["out"])
        left, right = [w.at("%memory", row[place]) for place in ("left", "right")]
        samples = w.mul("%vectors", self.width)

        def pack(c: str) -> None:
            numbers = w.at(left, w.mul(c, row["lefts"]))

            def copies(i: str, kernel: Function) -> None:
                to, factors = w.at(out, w.add(w.mul(i, row["outs"]), c)), w.at(right, w.mul(i, row["right_terms"]))
                w.call(
                    kernel, to, row["outs"], to, row["outs"], factors, row["right_terms"], 1, numbers, PACK,
                    samples, PACK // self.width, 0,
                )  # fmt: skip

            i: Place = 0
            for many, kernel in ((TILE, self.tile), (1, self.kernels["uniform sum"])):
                i, _ = w.repeat(i, row["terms"], many, partial(copies, kernel=kernel))

        w.repeat(0, row["count"], PACK, pack)


def add_to(w: Function, kind: str, place: str, number: str) -> None:
    w.store(kind, w.new(f"fadd {kind} {w.load(kind, place)}, {number}"), place)
