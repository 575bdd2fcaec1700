"""At every edge point every mode of differentiation gives the same, inside ieee() and outside.

The same is: one float, or nan in all modes; outside ieee() also one kind of error.  The sign of a zero is not
compared.  Second derivatives are sums of products, which forward and reverse mode add up in another order: they
agree to REL digits.
"""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache

import pytest

from autograd import AutogradError, Op, Value, grad, gradient, hessian, ieee, jvp, ops
from autograd.accuracy.edges import EXCUSES, edge_points, is_excused, operations

Point = tuple[float, ...]
Answer = float | type[AutogradError]

every_op = pytest.mark.parametrize("op", operations(), ids=lambda op: op.name)
inside_and_outside = pytest.mark.parametrize("mode", [ieee, nullcontext])

REL = 1e-11


def answer(compute: Callable[..., float], *args: object) -> Answer:
    try:
        found = compute(*args)
    except AutogradError as error:
        return type(error)
    assert type(found) is float
    return found


def is_finite(point: Point) -> bool:
    return all(map(math.isfinite, point))


def same(x: Answer, y: Answer, rel: float) -> bool:
    if isinstance(x, type) or isinstance(y, type):
        return x is y
    return x == y or (x != x and y != y) or math.isclose(x, y, rel_tol=rel, abs_tol=1e-320 if rel else 0.0)


def direction(point: Point, i: int) -> Point:
    return tuple([1.0 if j == i else 0.0 for j in range(len(point))])


VALUE: dict[str, Callable[[Op, Point], float]] = {
    "plain": lambda op, point: op(*point),
    "Value": lambda op, point: op(*[Value(x) for x in point]).data,
    "jvp": lambda op, point: jvp(op, point, (0.0,) * len(point))[0],
}


def by_backward(op: Op, point: Point, i: int) -> float:
    x = Value(point[i])
    op(*point[:i], x, *point[i + 1 :]).backward()
    return x.grad


def by_gradient(op: Op, point: Point, i: int) -> float:
    xs = [Value(x) for x in point]
    return gradient(op(*xs), [xs[i]])[0].data


SLOPE: dict[str, Callable[[Op, Point, int], float]] = {
    "backward": by_backward,
    "gradient": by_gradient,
    "grad": lambda op, point, i: grad(op, i)(*point),
    "jvp": lambda op, point, i: jvp(op, point, direction(point, i))[1],
}

# The slope in xi, and of that the slope in xj: as the rules give them.  (jvp over grad runs the function on dual
# numbers first, and so takes the slope in the direction of the jvp first.)
SECOND: dict[str, Callable[[Op, Point, int, int], float]] = {
    "grad of grad": lambda op, point, i, j: grad(grad(op, i), j)(*point),
    "jvp of jvp": lambda op, point, i, j: jvp(
        lambda *xs: jvp(op, xs, direction(point, i))[1], point, direction(point, j)
    )[1],
    "jvp of grad": lambda op, point, i, j: jvp(grad(op, j), point, direction(point, i))[1],
    "grad of jvp": lambda op, point, i, j: grad(lambda *xs: jvp(op, xs, direction(point, i))[1], j)(*point),
}


@cache
def disagreements(op: Op, mode: Callable[[], AbstractContextManager[None]]) -> list[tuple[Point, bool, object]]:
    """Where not all modes give the same: the point, whether that may be excused, and what they give."""
    different = []
    with mode():
        for point in edge_points(op):
            if mode is nullcontext and not is_finite(point):
                continue
            places = range(len(point))
            asked = (
                [(VALUE, ())] + [(SLOPE, (i,)) for i in places] + [(SECOND, (i, j)) for i in places for j in places]
            )
            for ways, which in asked:
                found = {name: answer(way, op, point, *which) for name, way in ways.items()}
                first, *others = found.values()
                if not all(same(first, other, REL if ways is SECOND else 0.0) for other in others):
                    # Which error it is may be excused, but values and slopes may not.
                    may_be = ways is SECOND or all(isinstance(x, type) for x in found.values())
                    different.append((point, may_be, (which, found)))
    return different


@inside_and_outside
@every_op
def test_every_mode_gives_the_same_number_or_the_same_error(op, mode):
    wrong = [x for x in disagreements(op, mode) if not (x[1] and is_excused(op, x[0], "modes"))]
    assert not wrong, "\n".join(map(str, wrong[:20])) + f"\n{len(wrong)} in all"


@pytest.mark.parametrize("excuse", [x for x in EXCUSES if "modes" in x.what], ids=lambda x: x.points)
def test_no_exception_is_left_over(excuse):
    for name in excuse.operations.split():
        op = ops.find(name)
        points = [point for mode in (ieee, nullcontext) for point, *_ in disagreements(op, mode)]
        assert any(excuse.holds(*point) for point in points), name


@every_op
def test_second_derivatives_are_symmetric(op):
    wrong = []
    for point in filter(is_finite, edge_points(op)):
        n = len(point)
        second = [[answer(SECOND["grad of grad"], op, point, i, j) for j in range(n)] for i in range(n)]
        pairs = [(second[i][j], second[j][i]) for i in range(n) for j in range(i)]
        if not all(isinstance(x, type) or isinstance(y, type) or same(x, y, REL) for x, y in pairs):
            wrong.append((point, second))
    if op.name == "power":
        wrong = [(point, second) for point, second in wrong if point not in ((0.0, 0.0), (0.0, 1.0))]
    assert not wrong, wrong


def test_where_second_derivatives_are_not_symmetric():
    """By convention (PyTorch's too) 0 ** y has slope 0 in y, also at y = 0 and 1: there it is not the limit, -∞."""
    assert hessian(ops.power)(0.0, 0.0) == [[0.0, 1.0], [0.0, 0.0]]
    assert hessian(ops.power)(0.0, 1.0) == [[0.0, 1.0], [0.0, 0.0]]
