"""The kernels of the program that runs every tape: each is a function that computes the steps of a row (``rows``).

Numbers stand in ``memory``, lists of places in ``lists``.  How many a vector holds is this machine's matter.
"""

from __future__ import annotations

from collections.abc import Callable

from autograd.engines.native.llvm_text import float_bits, splat, vector
from autograd.engines.native.loops import Function, Place
from autograd.engines.native.rows import CALL, DOT, FIELDS, NEIGHBOURS, STRIP, Kind, shortest
from autograd.program.tape import SUM, primitive


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
