"""A writer of functions in LLVM's language, with loops inside of loops.

A loop's body is a Python function that writes the lines of the body.  Numbers that go on from one round to the next
(sums, say) are *carried*: the body is given their names, and gives the names of the next ones back.

>>> function = Function("total", {"numbers": "ptr", "count": "i64"}, "double")
>>> _, [total] = function.repeat(
...     0, "%count", 1, lambda i, total: [function.new(f"fadd double {total}, {function.number('%numbers', i)}")],
...     [("double", "0.0")],
... )
>>> function.give(total)
>>> print(function.text().partition("{")[0])
define double @total(ptr %numbers, i64 %count)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from autograd.engines.native.atoms import code_for
from autograd.engines.native.llvm_text import Body, neighbours, vector

Place = int | str
"""A whole number, or the name of one."""


class Function:
    """The lines of a function that is being written.

    Attributes:
        name, arguments, result: how it is called; for each argument its type ("ptr", "i64", "double").
        lines: what has been written so far.
        bodies: the code of atoms that stands in it, with the functions that it calls.
        declared: what must be said about other functions that it calls.
    """

    def __init__(self, name: str, arguments: Mapping[str, str], result: str = "void") -> None:
        self.name, self.arguments, self.result = name, dict(arguments), result
        self.lines: list[str] = []
        self.bodies: list[Body] = []
        self.declared: set[str] = set()
        self._count = 0
        # The block that is being written: a loop must know from where it was entered.
        self._block = "entry"

    def fresh(self, prefix: str) -> str:
        """A name that nothing else has."""
        self._count += 1
        return f"{prefix}{self._count}"

    def do(self, instruction: str) -> None:
        """Write an instruction without a result."""
        self.lines.append(f"  {instruction}")

    def new(self, instruction: str) -> str:
        """Write an instruction; the answer is the name of its result."""
        name = self.fresh("%t")
        self.do(f"{name} = {instruction}")
        return name

    def give(self, answer: str) -> None:
        """End the function with a result."""
        self.do(f"ret {self.result} {answer}")

    def text(self) -> str:
        """The whole function."""
        arguments = ", ".join(f"{kind} %{name}" for name, kind in self.arguments.items())
        end = ["  ret void"] if self.result == "void" else []
        return "\n".join([f"define {self.result} @{self.name}({arguments}) {{", "entry:", *self.lines, *end, "}"])

    # --- whole numbers, and numbers in memory ---------------------------------------------------------------

    def add(self, x: Place, y: Place) -> str:
        return self.new(f"add i64 {x}, {y}")

    def mul(self, x: Place, y: Place) -> str:
        return self.new(f"mul i64 {x}, {y}")

    def smaller(self, x: Place, y: Place) -> str:
        self.declared.add("declare i64 @llvm.smin.i64(i64, i64)")
        return self.new(f"call i64 @llvm.smin.i64(i64 {x}, i64 {y})")

    def at(self, array: str, place: Place, each: str = "double") -> str:
        """Where an element of an array stands."""
        return self.new(f"getelementptr {each}, ptr {array}, i64 {place}")

    def load(self, kind: str, pointer: str, align: int = 8) -> str:
        return self.new(f"load {kind}, ptr {pointer}, align {align}")

    def store(self, kind: str, value: str, pointer: str, align: int = 8) -> None:
        self.do(f"store {kind} {value}, ptr {pointer}, align {align}")

    def number(self, array: str, place: Place, width: int = 1) -> str:
        """A number from an array, or a vector of it and its neighbours."""
        return self.load(vector("double", width), self.at(array, place))

    def listed(self, array: str, place: Place) -> str:
        """A whole number from a list of short ones (32 bits)."""
        return self.new(f"sext i32 {self.load('i32', self.at(array, place, 'i32'), 4)} to i64")

    # --- arithmetic -----------------------------------------------------------------------------------------

    def spread(self, number: str, width: int, kind: str = "double") -> str:
        """One number in all lanes of a vector."""
        if width == 1:
            return number
        wide = vector(kind, width)
        first = self.new(f"insertelement {wide} poison, {kind} {number}, i64 0")
        return self.new(f"shufflevector {wide} {first}, {wide} poison, <{width} x i32> zeroinitializer")

    def multiply_add(self, width: int, x: str, y: str, z: str) -> str:
        """x·y + z: one instruction where the processor has it, and two where it has not."""
        kind, suffix = vector("double", width), "f64" if width == 1 else f"v{width}f64"
        self.declared.add(f"declare {kind} @llvm.fmuladd.{suffix}({kind}, {kind}, {kind})")
        return self.new(f"call {kind} @llvm.fmuladd.{suffix}({kind} {x}, {kind} {y}, {kind} {z})")

    def sum_of_lanes(self, width: int, wide: str) -> str:
        """The sum of the numbers in a vector."""
        if width == 1:
            return wide
        name, kind = f"llvm.vector.reduce.fadd.v{width}f64", vector("double", width)
        self.declared.add(f"declare double @{name}(double, {kind})")
        return self.new(f"call reassoc double @{name}(double -0.0, {kind} {wide})")

    def sums_across(self, width: int, parts: list[str]) -> str:
        """For as many vectors as each has numbers the sum of each, as one vector.

        Pairs of vectors become one, whose numbers are sums of neighbours, until one vector is left.
        """
        distance, kind = 1, vector("double", width)
        while len(parts) > 1:
            left, right = neighbours(width, distance)
            parts = [
                self.new(f"fadd {kind} {self.chosen(x, y, left)}, {self.chosen(x, y, right)}")
                for x, y in zip(parts[::2], parts[1::2], strict=True)
            ]
            distance *= 2
        return parts[0]

    def transposed(self, width: int, rows: list[str]) -> list[str]:
        """As many vectors as each has numbers, turned: number i of vector j becomes number j of vector i."""
        rows, distance = list(rows), 1
        while distance < width:
            # Of two vectors at this distance those numbers change places whose two places differ in its bit.
            first = [width + i - distance if i & distance else i for i in range(width)]
            second = [width + i if i & distance else i + distance for i in range(width)]
            for i in [i for i in range(width) if not i & distance]:
                x, y = rows[i], rows[i + distance]
                rows[i], rows[i + distance] = self.chosen(x, y, first), self.chosen(x, y, second)
            distance *= 2
        return rows

    def chosen(self, x: str, y: str, places: list[int]) -> str:
        """Numbers of two vectors: those of the first are counted from 0, those of the second behind them."""
        mask, kind = ", ".join(f"i32 {place}" for place in places), vector("double", len(places))
        return self.new(f"shufflevector {kind} {x}, {kind} {y}, <{len(places)} x i32> <{mask}>")

    def atom(self, atom: str, width: int, *inputs: str) -> str:
        """An operation of the table, on numbers or on vectors.

        Raises:
            AutogradError: if it has no machine code.
        """
        body = Body(width, self.fresh("a") + "_", in_loop=True)
        result = code_for(atom)(body, *inputs)
        self.bodies.append(body)
        self.lines += body.lines
        return result

    def call(self, function: Function, *given: Place) -> str:
        """Call another function; the answer is the name of its result, if it has one."""
        kinds = function.arguments.values()
        inputs = ", ".join(f"{kind} {x}" for kind, x in zip(kinds, given, strict=True))
        instruction = f"call {function.result} @{function.name}({inputs})"
        if function.result != "void":
            return self.new(instruction)
        self.do(instruction)
        return ""

    # --- loops and branches ---------------------------------------------------------------------------------

    def label(self, name: str) -> None:
        """Begin a block, to which others jump."""
        self.lines.append(f"{name}:")
        self._block = name

    def jump(self, name: str) -> None:
        self.do(f"br label %{name}")

    def loop(
        self,
        start: Place,
        end: Place,
        stride: Place,
        body: Callable[..., Sequence[str] | None],
        carried: Sequence[tuple[str, str]] = (),
    ) -> list[str]:
        """``for i in range(start, end, stride): body(i, *carried)``, at least once.

        Args:
            carried: for each number that is carried along its type and its value at first.

        Returns:
            What was carried, after the last round.
        """
        again, after, before = self.fresh("loop"), self.fresh("after"), self._block
        i, names = self.fresh("%i"), [self.fresh("%c") for _ in carried]
        self.jump(again)
        self.label(again)
        top = len(self.lines)
        values = list(body(i, *names) or ())
        following, last = self.add(i, stride), self._block
        more = self.new(f"icmp slt i64 {following}, {end}")
        self.do(f"br i1 {more}, label %{again}, label %{after}")
        # What each round begins with is known only now.
        self._begin(top, before, last, [(i, "i64", start, following)], names, carried, values)
        self.label(after)
        return values

    def repeat(
        self,
        start: Place,
        end: Place,
        stride: int,
        body: Callable[..., Sequence[str] | None],
        carried: Sequence[tuple[str, str]] = (),
    ) -> tuple[str, list[str]]:
        """The same as often as a whole stride fits between ``i`` and the end, which may be never.

        Returns:
            The first ``i`` that is left over, and what was carried.
        """
        check, again, after = self.fresh("check"), self.fresh("loop"), self.fresh("after")
        before, i, names = self._block, self.fresh("%i"), [self.fresh("%c") for _ in carried]
        self.jump(check)
        self.label(check)
        top = len(self.lines)
        following = self.add(i, stride)
        fits = self.new(f"icmp sle i64 {following}, {end}")
        self.do(f"br i1 {fits}, label %{again}, label %{after}")
        self.label(again)
        values = list(body(i, *names) or ())
        last = self._block
        self.jump(check)
        self._begin(top, before, last, [(i, "i64", start, following)], names, carried, values)
        self.label(after)
        return i, names

    def _begin(
        self,
        top: int,
        before: str,
        last: str,
        counter: list[tuple[str, str, Place, str]],
        names: list[str],
        carried: Sequence[tuple[str, str]],
        values: list[str],
    ) -> None:
        """Write at the top of a loop what its numbers are: at first, and after each round."""
        numbers = counter + [
            (name, kind, first, value) for name, (kind, first), value in zip(names, carried, values, strict=True)
        ]
        self.lines[top:top] = [
            f"  {name} = phi {kind} [ {first}, %{before} ], [ {value}, %{last} ]"
            for name, kind, first, value in numbers
        ]

    def switch(
        self, number: str, cases: Mapping[int, Callable[[], object]] | Sequence[Callable[[], object]]
    ) -> None:
        """Write what is to be done for each number, counted from 0; nothing is for one that is not among them."""
        known = dict(cases) if isinstance(cases, Mapping) else dict(enumerate(cases))
        labels, after = {i: self.fresh("case") for i in known}, self.fresh("after")
        self.do(f"switch i64 {number}, label %{after} [")
        self.lines += [f"    i64 {i}, label %{label}" for i, label in labels.items()]
        self.do("]")
        for i, label in labels.items():
            self.label(label)
            known[i]()
            self.jump(after)
        self.label(after)
