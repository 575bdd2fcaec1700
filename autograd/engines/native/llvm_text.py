"""Lines of LLVM's language (https://llvm.org/docs/LangRef.html), on single numbers or on vectors of samples."""

from __future__ import annotations

import struct
from collections.abc import Sequence

LANES = 4
"""How many samples a vector holds."""


class Body:
    """The lines of a function that is being written, all on numbers of one type.

    Attributes:
        width: 1 for single numbers, ``LANES`` for vectors.
        fused: True if a product and a sum may be computed together, with one rounding instead of two.
        in_loop: True if one number follows the other, so that several are computed at a time; calls prevent that.
        lines: what has been written so far.
        functions: the names of C and LLVM functions that it calls, with their number of inputs.
    """

    def __init__(self, width: int = 1, prefix: str = "r", fused: bool = False, in_loop: bool = False) -> None:
        self.width = width
        self.in_loop = in_loop
        self.prefix = prefix
        self.fused = fused
        self.lines: list[str] = []
        self.functions: dict[str, int] = {}
        self.declared: set[str] = set()
        self._known: dict[str, str] = {}

    @property
    def type(self) -> str:
        return vector("double", self.width)

    def new(self, instruction: str) -> str:
        """Write an instruction, unless it stands there already; the answer is the name of its result."""
        name = self._known.get(instruction)
        # What is loaded may have been stored anew.
        if name is None or instruction.startswith("load"):
            name = self._known[instruction] = f"%{self.prefix}{len(self.lines)}"
            self.lines.append(f"  {name} = {instruction}")
        return name

    def place(self, array: str, at: int | str, each: str = "double") -> str:
        """Where an element of an array is to be found."""
        return self.new(f"getelementptr {each}, ptr {array}, i64 {at}")

    def load(self, array: str, at: int | str, kind: str = "", each: str = "double", align: int = 8) -> str:
        """Numbers of this body's type from an array, or something of another kind."""
        return self.new(f"load {kind or self.type}, ptr {self.place(array, at, each)}, align {align}")

    def store(self, x: str, array: str, at: int | str, each: str = "double", align: int = 8) -> None:
        self.lines.append(f"  store {self.type} {x}, ptr {self.place(array, at, each)}, align {align}")

    def constant(self, value: float) -> str:
        return splat("double", float_bits(value), self.width)

    def binary(self, instruction: str, x: str, y: str) -> str:
        flag = " contract" if self.fused else ""
        return self.new(f"{instruction}{flag} {self.type} {x}, {y}")

    def compare(self, how: str, x: str, y: str) -> str:
        return self.new(f"fcmp {how} {self.type} {x}, {y}")

    def select(self, condition: str, x: str, y: str) -> str:
        return self.new(f"select {vector('i1', self.width)} {condition}, {self.type} {x}, {self.type} {y}")

    def intrinsic(self, name: str, *inputs: str) -> str:
        """Call a function of LLVM that takes vectors as well as numbers."""
        suffix = "f64" if self.width == 1 else f"v{self.width}f64"
        full_name = f"llvm.{name}.{suffix}"
        self.functions[full_name] = len(inputs)
        return self.new(f"call {self.type} @{full_name}({', '.join(f'{self.type} {x}' for x in inputs)})")

    def library(self, name: str, *inputs: str) -> str:
        """Call a function of the C library, once for each number in a vector."""
        self.functions[name] = len(inputs)
        if self.width == 1:
            return self.new(f"call double @{name}({', '.join(f'double {x}' for x in inputs)})")
        result = "poison"
        for lane in range(self.width):
            parts = [self.new(f"extractelement {self.type} {x}, i64 {lane}") for x in inputs]
            single = self.new(f"call double @{name}({', '.join(f'double {x}' for x in parts)})")
            result = self.new(f"insertelement {self.type} {result}, double {single}, i64 {lane}")
        return result

    def declarations(self) -> list[str]:
        """What must be said about the functions that are called, outside of this one."""
        found = sorted(self.declared)
        for name, inputs in self.functions.items():
            kind = self.type if name.startswith("llvm.") else "double"
            found.append(f"declare {kind} @{name}({', '.join([kind] * inputs)})")
        return found

    # integers inside of numbers, for exp

    def as_integer(self, x: str) -> str:
        return self.new(f"bitcast {self.type} {x} to {vector('i64', self.width)}")

    def as_number(self, x: str) -> str:
        return self.new(f"bitcast {vector('i64', self.width)} {x} to {self.type}")

    def on_integers(self, instruction: str, x: str, y: int | str) -> str:
        other = splat("i64", str(y), self.width) if isinstance(y, int) else y
        return self.new(f"{instruction} {vector('i64', self.width)} {x}, {other}")


def spread(body: Body, single: str, kind: str = "double") -> str:
    """One number in all lanes of a vector."""
    if body.width == 1:
        return single
    wide = vector(kind, body.width)
    first = body.new(f"insertelement {wide} poison, {kind} {single}, i64 0")
    return body.new(f"shufflevector {wide} {first}, {wide} poison, <{body.width} x i32> zeroinitializer")


def shuffled(body: Body, x: str, y: str, lanes: Sequence[int]) -> str:
    """A vector of lanes of two vectors: those of the first are counted from 0, those of the second after them."""
    mask = ", ".join(f"i32 {lane}" for lane in lanes)
    return body.new(f"shufflevector {body.type} {x}, {body.type} {y}, <{len(lanes)} x i32> <{mask}>")


def neighbours(width: int, distance: int) -> tuple[list[int], list[int]]:
    """The lanes of two vectors whose sums are the sums of neighbours, of numbers that are so far apart.

    Lane i takes two neighbours of the first vector, or of the second if i has the distance's bit.

    >>> neighbours(4, 1), neighbours(4, 2)
    (([0, 4, 2, 6], [1, 5, 3, 7]), ([0, 1, 4, 5], [2, 3, 6, 7]))
    """
    first = [i for i in range(width) if not i & distance]
    left = [first[i // (2 * distance) * distance + i % distance] for i in range(width)]
    left = [lane + width if i & distance else lane for i, lane in enumerate(left)]
    return left, [lane + distance for lane in left]


def added_up(body: Body, numbers: list[str]) -> str:
    """A sum in pairs, which a processor can compute side by side."""
    while len(numbers) > 1:
        rest = [numbers[-1]] if len(numbers) % 2 else []
        numbers = [body.binary("fadd", x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=False)] + rest
    return numbers[0]


def sum_of_lanes(single: Body, wide: str) -> str:
    """The sum of the lanes of a vector, as a number of another body."""
    name, kind = f"llvm.vector.reduce.fadd.v{LANES}f64", vector("double", LANES)
    single.declared.add(f"declare double @{name}(double, {kind})")
    return single.new(f"call reassoc double @{name}(double 0.0, {kind} {wide})")


def loop(name: str, i: str, end: int | str, stride: int, lines: Sequence[str]) -> list[str]:
    """``for i in range(0, end, stride)`` around some lines, at least once."""
    return [
        f"  br label %{name}_before",
        f"{name}_before:",
        f"  br label %{name}_loop",
        f"{name}_loop:",
        f"  %{i} = phi i64 [ 0, %{name}_before ], [ %{i}_next, %{name}_loop ]",
        *lines,
        f"  %{i}_next = add i64 %{i}, {stride}",
        f"  %{i}_more = icmp slt i64 %{i}_next, {end}",
        f"  br i1 %{i}_more, label %{name}_loop, label %{name}_after",
        f"{name}_after:",
    ]


def vector(kind: str, width: int) -> str:
    return kind if width == 1 else f"<{width} x {kind}>"


def splat(kind: str, value: str, width: int) -> str:
    return value if width == 1 else "<" + ", ".join([f"{kind} {value}"] * width) + ">"


def float_bits(value: float) -> str:
    """
    >>> float_bits(1.0)
    '0x3FF0000000000000'
    """
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"
