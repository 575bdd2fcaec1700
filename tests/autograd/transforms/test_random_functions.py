"""Random functions, differentiated in every way that there is: all ways agree.

A function is a list of steps on numbers.  Among them are parts that are held fixed (``no_grad``, ``detach``), branches
on plain flags, Values that it closes over, and derivatives of functions inside of it, nested up to three deep.  They
agree with central differences of the same function in which the held parts are constants, and with PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

import autograd
from autograd import (
    Value,
    compile,
    dot,
    grad,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)  # fmt: skip
from autograd.program.engine_table import ENGINES

NEEDS = {"native": "llvmlite", "jax": "jax"}
engines = [name for name in ENGINES if find_spec(NEEDS.get(name, "math"))]

# --- the functions ----------------------------------------------------------------------------------------

OPERATIONS = {
    "mean": lambda m, a, b: (a + b) / 2,
    "difference": lambda m, a, b: a - b,
    "gated": lambda m, a, b: m.tanh(a) * b,
    "quotient": lambda m, a, b: a / (1 + b * b),
    "sine": lambda m, a, b: m.sin(a + 2 * b),
    "sigmoid": lambda m, a, b: m.sigmoid(a * b),
    "cube": lambda m, a, b: m.tanh(a) ** 3 - b,
    "dot": lambda m, a, b: m.dot([a, 0.5, b], [b, a, 0.25]) / 2,
}
"""Smooth, and none of them makes large numbers of small ones."""

TRANSFORMATIONS = (
    "grad", "value_and_grad", "vjp", "jvp", "jacobian", "hessian", "hvp", "jit", "jit value_and_grad", "jit grad",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One more number: an operation on two earlier ones, counted from the last.

    Attributes:
        held: "", or how gradients are kept out: "no_grad" or "detach".
        flag: the branch depends on this plain flag, or -1.
        transformation, body: the derivative of a function inside, with respect to the first operand.
        of_a_number: that operand is a plain number instead.
    """

    operation: str
    first: int
    second: int
    held: str = ""
    flag: int = -1
    transformation: str = ""
    body: tuple[Step, ...] = ()
    of_a_number: bool = False


def steps(depth: int) -> st.SearchStrategy[tuple[Step, ...]]:
    simple = st.builds(
        Step, st.sampled_from(sorted(OPERATIONS)), st.integers(0, 5), st.integers(0, 5),
        st.sampled_from(["", "", "no_grad", "detach"]), st.integers(-3, 1),
    )  # fmt: skip
    if depth == 0:
        return st.lists(simple, min_size=1, max_size=3).map(tuple)
    nested = st.builds(
        Step, st.just("mean"), st.integers(0, 5), st.integers(0, 5), st.sampled_from(["", "", "", "no_grad", "detach"]),
        st.just(-1), st.sampled_from(TRANSFORMATIONS), steps(depth - 1), st.booleans(),
    )  # fmt: skip
    return st.lists(st.one_of(simple, nested), min_size=1, max_size=4).map(tuple)


def everything_in(body: tuple[Step, ...]) -> Any:
    for step in body:
        yield step
        yield from everything_in(step.body)


# --- how they are computed --------------------------------------------------------------------------------


@dataclass
class Ours:
    """By glassgrad.

    Attributes:
        seen: a list that collects the numbers of the parts that are held.
        held: such a list, of which the numbers stand in the place of these parts.
    """

    seen: list[float] | None = None
    held: list[float] | None = None

    tanh, sin, sigmoid, dot = map(staticmethod, (autograd.tanh, autograd.sin, autograd.sigmoid, dot))

    def hold(self, how: str, compute: Any) -> Any:
        if self.held is not None:
            compute()
            return self.held.pop(0)
        if how == "no_grad":
            with no_grad():
                found = compute()
        else:
            found = compute()
            found = found.detach() if hasattr(found, "detach") else found
        if self.seen is not None:
            self.seen.append(getattr(found, "data", found))
        return found

    def transform(self, name: str, f: Any, x: Any, v: Any) -> Any:
        if self.seen is not None or self.held is not None:
            # A program could not tell the numbers, nor take other ones.
            name = name.removeprefix("jit ")
            if name == "jit":
                return f(x)
        if name == "grad":
            return grad(f)(x)
        if name == "value_and_grad":
            return sum(value_and_grad(f)(x))
        if name == "vjp":
            return vjp(f, x)[1](v)[0]
        if name == "jvp":
            return jvp(f, (x,), (v,))[1]
        if name == "jacobian":
            return jacobian(f)(x)[0][0]
        if name == "hessian":
            return hessian(f)(x)[0][0]
        if name == "hvp":
            return hvp(f, (x,), (v,))[0]
        if name == "jit":
            return jit(f, engine="python")(x)
        if name == "jit value_and_grad":
            return sum(jit(f, engine="python").value_and_grad(x))
        return jit(grad(f), engine="python")(x)


class Torch:
    """By PyTorch, every derivative in reverse mode."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.tanh, self.sin, self.sigmoid = torch.tanh, torch.sin, torch.sigmoid

    def dot(self, xs: Any, ys: Any) -> Any:
        return sum(x * y for x, y in zip(xs, ys, strict=True))

    def hold(self, how: str, compute: Any) -> Any:
        if how == "detach":
            return compute().detach()
        with self.torch.no_grad():
            return compute().detach()

    def slope(self, f: Any, x: Any) -> tuple[Any, Any]:
        with self.torch.enable_grad():
            x = x.clone() if x.requires_grad else x.detach().clone().requires_grad_()
            y = f(x)
            if not y.requires_grad:
                return y, self.torch.zeros(())
            [found] = self.torch.autograd.grad(y, x, create_graph=True, allow_unused=True)
            return y, self.torch.zeros(()) if found is None else found

    def transform(self, name: str, f: Any, x: Any, v: Any) -> Any:
        x = self.torch.as_tensor(x, dtype=self.torch.float64)
        if name in ("grad", "jacobian", "jit grad"):
            return self.slope(f, x)[1]
        if name in ("value_and_grad", "jit value_and_grad"):
            return sum(self.slope(f, x))
        if name in ("vjp", "jvp"):
            return self.slope(f, x)[1] * v
        if name == "jit":
            return f(x)
        second = self.slope(lambda t: self.slope(f, t)[1], x)[1]
        return second if name == "hessian" else second * v


def computed(body: tuple[Step, ...], numbers: Any, flags: Any, maths: Any) -> Any:
    """The result of the last step, plus something of every number."""
    numbers = list(numbers)
    for step in body:
        a, b = [numbers[-1 - k % len(numbers)] for k in (step.first, step.second)]

        def compute(step: Step = step, a: Any = a, b: Any = b) -> Any:
            if step.transformation:
                inner = [*numbers]
                x = 0.75 if step.of_a_number else a
                return maths.transform(
                    step.transformation, lambda t: computed(step.body, [*inner, t], flags, maths), x, b
                )
            if step.flag >= 0 and not flags[step.flag]:
                return OPERATIONS["difference"](maths, b, a)
            return OPERATIONS[step.operation](maths, a, b)

        numbers.append(maths.hold(step.held, compute) if step.held else compute())
    return numbers[-1] + 0.1 * sum(numbers[:-1])


# --- the test ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    body: tuple[Step, ...]
    xs: tuple[float, ...]
    ws: tuple[float, ...]
    flags: tuple[bool, bool]

    def __call__(self, xs: Any, ws: Any, maths: Any = None) -> Any:
        return computed(self.body, [*ws, *xs], self.flags, maths or Ours())

    @property
    def is_a_graph(self) -> bool:
        """Whether all of it is remembered by Values alone: a derivative at a plain number answers with a float."""
        return not any(step.of_a_number for step in everything_in(self.body))


some_numbers = st.floats(-1.5, 1.5).map(lambda x: round(x, 3))
cases = st.builds(
    Case, steps(2), st.tuples(some_numbers, some_numbers), st.tuples(some_numbers), st.tuples(*[st.booleans()] * 2)
)


def near(found: Any, expected: Any, rel: float = 1e-9) -> Any:
    return found == pytest.approx(expected, rel=rel, abs=rel)


def expected_of(case: Case) -> tuple[float, list[float]]:
    """By reverse mode: the result, and its slopes by xs and then ws."""
    value, (by_xs, by_ws) = value_and_grad(case, (0, 1))(list(case.xs), list(case.ws))
    return value, [*by_xs, *by_ws]


def examples(count: int) -> Any:
    """So many, and what a slow machine takes for one is no failure."""
    return settings(max_examples=count, suppress_health_check=[HealthCheck.too_slow])


@given(cases)
@examples(50)
def test_every_way_to_differentiate_gives_the_same(case):
    value, slopes = expected_of(case)
    note(f"{value} {slopes}")
    xs, ws = list(case.xs), list(case.ws)
    assert near(jacobian(case)(xs, ws)[0], slopes)
    result, pull_back = vjp(case, xs, ws)
    assert near(result, value)
    assert near([x for part in pull_back(2.0) for x in part], [2 * slope for slope in slopes])
    for k, slope in enumerate(slopes):
        direction = [float(i == k) for i in range(len(slopes))]
        found = jvp(case, (xs, ws), (direction[:2], direction[2:]))
        assert near(found, (value, slope))
    if case.is_a_graph:
        leaves = [Value(x) for x in (*xs, *ws)]
        y = case(leaves[:2], leaves[2:])
        y.backward()
        assert near([y.data, *[x.grad for x in leaves]], [value, *slopes])


@given(cases)
@examples(40)
def test_second_derivatives_by_either_mode_are_the_same(case):
    xs, ws = list(case.xs), list(case.ws)
    first = hessian(case)(xs, ws)
    for row in range(3):
        direction = [float(i == row) for i in range(3)]
        found = hvp(case, (xs, ws), (direction[:2], direction[2:]))
        assert near([*found[0], *found[1]], [column[row] for column in first], rel=1e-8)


@given(cases)
@examples(40)
def test_they_agree_with_central_differences_of_the_function_with_constants_for_what_is_held(case):
    _, slopes = expected_of(case)
    seen: list[float] = []
    case(list(case.xs), list(case.ws), Ours(seen=seen))
    point, h = [*case.xs, *case.ws], 1e-5
    for k, slope in enumerate(slopes):
        ends = []
        for side in (1, -1):
            moved = [x + side * h * (i == k) for i, x in enumerate(point)]
            ends.append(case(moved[:2], moved[2:], Ours(held=list(seen))))
        assert near((ends[0] - ends[1]) / (2 * h), slope, rel=1e-5)


@given(cases)
@examples(40)
def test_they_agree_with_pytorch(case):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle")
    value, slopes = expected_of(case)
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (*case.xs, *case.ws)]
    y = case(leaves[:2], leaves[2:], Torch(torch))
    y.backward()
    found = [0.0 if x.grad is None else x.grad.item() for x in leaves]
    assert near([y.item(), *found], [value, *slopes])


@pytest.mark.parametrize("engine", engines)
@given(case=cases)
@examples(15)
def test_every_engine_computes_the_same(engine, case):
    value, slopes = expected_of(case)
    xs, ws = list(case.xs), [Value(w) for w in case.ws]
    everything = jit(case, engine=engine)
    assert near(everything(xs, list(case.ws)), value)
    found, (by_xs, by_ws) = everything.value_and_grad(xs, list(case.ws))
    assert near([found, *by_xs, *by_ws], [value, *slopes])
    # Values around it count with their present numbers.
    closed = jit(lambda xs: case(xs, ws), engine=engine)
    for shift in (1.0, 0.0):
        for w, number in zip(ws, case.ws, strict=True):
            w.data = number + shift
        there, there_slopes = expected_of(Case(case.body, case.xs, tuple(w.data for w in ws), case.flags))
        assert near(closed(xs), there)
        found, by_xs = closed.value_and_grad(xs)
        assert near([found, *by_xs], [there, *there_slopes[:2]])
    # A derivative that somebody asks for through a jitted function, of what it closes over.
    through = value_and_grad(lambda ws: jit(lambda xs: case(xs, ws), engine=engine)(xs))
    found, by_ws = through(list(case.ws))
    assert near([found, *by_ws], [value, *slopes[2:]])


@pytest.mark.parametrize("engine", engines)
@given(case=cases)
@examples(15)
def test_a_graph_that_stands_is_compiled_to_the_same(engine, case):
    assume(case.is_a_graph)
    value, slopes = expected_of(case)
    xs, ws = [Value(x) for x in case.xs], [Value(w) for w in case.ws]
    program = compile(case(xs, ws), [xs, ws], engine=engine)
    # What is held was computed when the graph was made; it stays as it was.
    found, (by_xs, by_ws) = program.value_and_grad(list(case.xs), list(case.ws))
    assert near([found, *by_xs, *by_ws], [value, *slopes])
