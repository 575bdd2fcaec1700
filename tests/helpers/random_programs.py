"""Random programs from the whole table of operations, and how large the rounding errors of their derivatives may be.

A program is a list of steps on numbers.  Each step brings earlier numbers into the interval in which the operation is
smooth, as its row says (``domain``), so that no program comes near a kink, a jump or a pole; it adds its result to the
numbers, and all that was computed counts in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st

from autograd import Op, ops
from autograd.core.evaluate import local_derivatives
from autograd.core.operand import Operand
from autograd.ops import log_softmax_at, power_by, softmax_at
from autograd.transforms.forward import jvp

FAMILIES = [*map(power_by, (2.0, 3.0, 0.5, -1.5)), softmax_at(0), log_softmax_at(0)]
TABLE = {op.name: op for op in [*ops.ALL.values(), *FAMILIES] if op.is_built_in}

MIRRORED = ("step", "sign", "abs", "relu", "relu6", "selu", "softsign", "maximum", "minimum", "greater", "floor", "ceil",
            "round")  # fmt: skip
"""Operations with something else on the other side of their kink: their intervals may also stand left of 0."""


@dataclass(frozen=True)
class Step:
    """An operation on earlier numbers, counted from the last.

    Attributes:
        places: for a variadic operation as many as there are, or twice that for ``dot``.
        side: -1 where the operation is tried out left of 0.
    """

    name: str
    places: tuple[int, ...]
    side: int = 1


@dataclass(frozen=True)
class Program:
    steps: tuple[Step, ...]
    start: tuple[float, ...]

    def outputs(self, xs: Sequence[Any], table: Any = TABLE) -> list[Any]:
        """What each step gives; ``table`` has the operations by name, for another kind of numbers."""
        numbers = list(xs)
        for step in self.steps:
            op = TABLE[step.name]
            places = step.places if op.variadic else step.places[: op.arity]
            intervals = op.domain * len(places) if op.variadic else op.domain
            args = []
            for place, (low, high) in zip(places, intervals, strict=True):
                middle, half = step.side * (low + high) / 2, 0.49 * (high - low)
                args.append(table["sin"](numbers[-1 - place % len(numbers)]) * half + middle)
            numbers.append(table[step.name](*args))
        return numbers[len(xs) :]

    def __call__(self, *xs: Any, table: Any = TABLE) -> Any:
        """One number: the last result, and something of all others."""
        *others, last = self.outputs(xs, table)
        for weight, number in enumerate(others, 2):
            last = last + number * (1 / weight)
        return last


def steps(names: Sequence[str]) -> st.SearchStrategy[Step]:
    def of(name: str) -> st.SearchStrategy[Step]:
        places = st.lists(st.integers(0, 7), min_size=4, max_size=4).map(tuple)
        if TABLE[name].variadic and name != "dot":
            places = st.lists(st.integers(0, 7), min_size=2, max_size=4).map(tuple)
        return st.builds(Step, st.just(name), places, st.sampled_from([1, -1] if name in MIRRORED else [1]))

    return st.sampled_from(names).flatmap(of)


def programs(inputs: int = 3, count: int = 6) -> st.SearchStrategy[Program]:
    """At most so many inputs and steps."""
    starts = st.lists(st.floats(-2.0, 2.0).map(lambda x: round(x, 3)), min_size=1, max_size=inputs).map(tuple)
    return st.builds(Program, st.lists(steps(sorted(TABLE)), min_size=1, max_size=count).map(tuple), starts)


def drawn_program(rng: Random, inputs: int = 3, count: int = 6) -> Program:
    """A program of the same kind, from a generator of random numbers."""

    def step() -> Step:
        name = rng.choice(sorted(TABLE))
        places = rng.choice([2, 3, 4]) if TABLE[name].variadic and name != "dot" else 4
        side = rng.choice([1, -1]) if name in MIRRORED else 1
        return Step(name, tuple([rng.randrange(8) for _ in range(places)]), side)

    start = tuple([round(rng.uniform(-2.0, 2.0), 3) for _ in range(rng.randint(1, inputs))])
    return Program(tuple([step() for _ in range(rng.randint(1, count))]), start)


# --- how large rounding errors may be -----------------------------------------------------------------------

UNIT = 2.0**-53


class Sized(Operand):
    """A float with a bound of its rounding error, which every operation passes on and adds to.

    It is a running error analysis (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 3.3):
    an operation's slopes carry the errors of its inputs along, and its own error is as if its inputs and its result
    had been rounded once more.
    """

    __slots__ = ("data", "error")

    def __init__(self, data: float, error: float = 0.0) -> None:
        self.data, self.error = data, error

    def record(self, op: Op, inputs: tuple[Any, ...]) -> Sized:
        sized = [x if isinstance(x, Sized) else Sized(float(x)) for x in inputs]
        numbers = [x.data for x in sized]
        z = op(*numbers)
        slopes = local_derivatives(op, numbers, z)
        carried = sum(abs(slope) * x.error for slope, x in zip(slopes, sized, strict=True))
        size = abs(z) + sum(abs(slope * number) for slope, number in zip(slopes, numbers, strict=True))
        # One of many inputs may be computed in as many steps.
        return Sized(z, carried + UNIT * size * (len(inputs) if op.variadic else 1))

    def detach(self) -> Sized:
        return self


def bounds(f: Callable[..., Any], start: Sequence[float], *directions: Sequence[float]) -> tuple[float, float]:
    """The derivative of f along one direction after the other, by forward mode, and a bound of its rounding error."""
    for direction in directions:
        f = along(f, direction)
    found = f(*[Sized(x, UNIT * abs(x)) for x in start])
    return (found.data, found.error) if isinstance(found, Sized) else (float(found), 0.0)


def along(f: Callable[..., Any], direction: Sequence[float]) -> Callable[..., Any]:
    return lambda *xs: jvp(f, xs, tuple(direction))[1]


def axes(n: int) -> list[tuple[float, ...]]:
    return [tuple(float(i == k) for i in range(n)) for k in range(n)]


# --- rules that are wrong -----------------------------------------------------------------------------------


@contextmanager
def in_place_of(name: str, derivatives: Callable[..., Any]) -> Iterator[None]:
    """While it is open, programs use an operation of the table with another rule."""
    right = TABLE[name]
    wrong = Op(f"wrong_{name}", right.forward, derivatives, atom=right.atom, domain=right.domain)
    TABLE[name] = wrong
    try:
        yield
    finally:
        TABLE[name] = right
        del ops.ALL[wrong.name]
