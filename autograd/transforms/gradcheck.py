"""Hold derivatives against central differences, and find the operation whose rule is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd.core.evaluate import apply_rule
from autograd.core.modes import no_grad
from autograd.errors import GradientError, text_of
from autograd.ops import Op
from autograd.transforms.nesting import as_floats, differentiating
from autograd.transforms.pytree import flatten, rebuild
from autograd.transforms.reverse import one_number, value_and_grad
from autograd.value import Value, topological_order


class Comparison(NamedTuple):
    """One derivative twice: as the engine computes it, and by central differences."""

    order: int
    what: str
    point: tuple[float, ...]
    got: float
    expected: float
    agrees: bool


class GradientReport(NamedTuple):
    """What check_gradient found.  It is true if every derivative agrees; print it to read the table."""

    comparisons: tuple[Comparison, ...]
    culprits: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return all(row.agrees for row in self.comparisons)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        lines = ["all derivatives agree" if self.passed else "some derivatives are wrong"]
        for row in self.comparisons:
            point = ", ".join(f"{x:g}" for x in row.point)
            verdict = "ok   " if row.agrees else "WRONG"
            lines.append(f"  {verdict} {row.what} at ({point}): got {row.got!r}, expected {row.expected!r}")
        lines += [f"  look at {culprit}" for culprit in self.culprits]
        return "\n".join(lines)


def check_gradient(f: Callable[..., Any], *xs: Any, order: int = 1, tolerance: float = 1e-5) -> GradientReport:
    """Compare the derivatives of ``f`` at ``xs`` with central differences.

    f'(x) ≈ (f(x + h) - f(x - h)) / 2h, refined once by Richardson extrapolation.

    Args:
        f: a function, or an operation of the table, whose result is one number.
        xs: where: numbers, or lists of numbers.
        order: 2 also checks every second derivative, as the slope of the first.
        tolerance: how far apart the two may be, relative to the larger of the number and 1.

    Returns:
        A report that is true if all agree.  If not, it names the operations whose own rule is wrong.

    Raises:
        GradientError: if order is neither 1 nor 2, or f does not return one number.

    >>> from autograd import Op, Value
    >>> bool(check_gradient(lambda x, y: (x * y).tanh(), 0.5, -1.5, order=2))
    True
    >>> wrong = Op("wrong_cube", lambda x: x ** 3, lambda x, z: (2 * x * x,))
    >>> print(check_gradient(lambda x: wrong(x) + 1, 2.0))
    some derivatives are wrong
      WRONG df/dx1 at (2): got 8.0, expected 11.99999999...
      look at the rule of wrong_cube at x = 2.0: d/dx is 8.0, but central differences give 11.99999999...
    """
    if order not in (1, 2):
        raise GradientError(f"check_gradient compares derivatives of order 1 or 2, but order is {text_of(order)}")
    numbers: list[float] = as_floats(flatten(list(xs)))

    def at(values: Sequence[Any]) -> Any:
        return one_number(f(*rebuild(list(xs), values)))

    def number(values: Sequence[float]) -> float:
        with no_grad():
            return float(as_floats(at([Value(x) for x in values])))

    def slope(i: int) -> Callable[[Sequence[Any]], Any]:
        return lambda values: value_and_grad(at)(values)[1][i]

    rows = []
    inputs = range(len(numbers))
    for i in inputs:
        got, expected = slope(i)(numbers), central_difference(number, numbers, i)
        rows.append(Comparison(1, f"df/dx{i + 1}", tuple(numbers), got, expected, agree(got, expected, tolerance)))
    for i, j in [(i, j) for i in inputs for j in inputs if order == 2]:
        got, expected = value_and_grad(slope(i))(numbers)[1][j], central_difference(slope(i), numbers, j)
        what = f"d²f/dx{i + 1}dx{j + 1}"
        rows.append(Comparison(2, what, tuple(numbers), got, expected, agree(got, expected, tolerance)))

    culprits: list[str] = []
    if not all(row.agrees for row in rows):
        with differentiating():
            result = at([Value(x) for x in numbers])
        for node in topological_order(result):
            if node.op is not None:
                culprits += faults_of_rule(node.op, [x.data for x in node.inputs], order, tolerance)
    return GradientReport(tuple(rows), tuple(dict.fromkeys(culprits)))


def agree(got: float, expected: float, tolerance: float) -> bool:
    return abs(got - expected) <= tolerance * max(1.0, abs(expected))


def central_difference(f: Callable[[list[float]], float], point: Sequence[float], i: int, h: float = 1e-3) -> float:
    """The slope of f along its i-th input, from four values of f around the point.

    Two central differences, with steps h and h/2, combined so that their error terms in h² cancel.
    (Richardson, 1911; Burden and Faires, "Numerical Analysis", section 4.2.)
    """
    step = h * max(1.0, abs(point[i]))

    def slope(step: float) -> float:
        above, below = list(point), list(point)
        above[i] += step
        below[i] -= step
        return (f(above) - f(below)) / (above[i] - below[i])

    return (4 * slope(step / 2) - slope(step)) / 3


def faults_of_rule(op: Op, numbers: list[float], order: int, tolerance: float) -> list[str]:
    """Where an operation's rule, at these inputs, disagrees with central differences of its own forward."""
    names = ["x"] if len(numbers) == 1 else [f"x{i + 1}" for i in range(len(numbers))]
    place = ", ".join(f"{name} = {x}" for name, x in zip(names, numbers, strict=True))
    faults = []
    for i, name in enumerate(names):
        got = local_derivative(op, i)(numbers)
        expected = central_difference(lambda values: op(*values), numbers, i)
        if not agree(got, expected, tolerance):
            faults.append(
                f"the rule of {op.name} at {place}: d/d{name} is {got}, but central differences give {expected}"
            )
    if faults or order == 1:
        return faults
    for i, name in enumerate(names):
        rule = local_derivative(op, i)
        for j, got in enumerate(value_and_grad(rule)(numbers)[1]):
            expected = central_difference(rule, numbers, j)
            if not agree(got, expected, tolerance):
                faults.append(
                    f"the rule of {op.name} at {place}: the slope of d/d{name} along {names[j]} is {got}, "
                    f"but central differences give {expected}"
                )
    return faults


def local_derivative(op: Op, i: int) -> Callable[[Sequence[Any]], Any]:
    """The i-th local derivative that a rule gives, as a function of the operation's inputs."""
    return lambda values: apply_rule(op, values, op(*values))[i]
