"""At every edge point an operation and its derivatives are what mpmath says, or the limit, inside ieee()."""

import math

import pytest

from autograd import grad, ieee, ops
from autograd.accuracy.edges import EXCUSES, edge_points, is_excused, operations, true_results

pytest.importorskip("mpmath", reason="mpmath is the judge: it needs the extra accuracy")

every_op = pytest.mark.parametrize("op", operations(), ids=lambda op: op.name)

REL = (1e-13, 1e-13, 1e-11)
"""How near to the truth each order is at the ends; ``glassgrad ops --accuracy`` measures it in ulps."""


def near(found, truth, order):
    if truth is None or math.isnan(truth):
        return truth is None or math.isnan(found)
    return found == truth or math.isclose(found, truth, rel_tol=REL[order], abs_tol=1e-307)


def results(op, point):
    places = range(len(point))
    slopes = [grad(op, i)(*point) for i in places]
    return [op(*point), *slopes, *[grad(grad(op, i), j)(*point) for i in places for j in places]]


@every_op
def test_results_inside_ieee_are_the_truth(op):
    """Beyond an infinite value, nothing is said of slopes; beside an infinite slope, nan may be another one that is 0."""
    wrong = []
    for point in edge_points(op):
        n = len(point)
        truth = true_results(op, point)
        known = [x for x in truth if x is not None]
        too_large = all(map(math.isfinite, point)) and any(map(math.isinf, known))
        with ieee():
            found = results(op, point)
        if too_large and known and math.isinf(known[0]):
            found, truth = found[:1], truth[:1]
        for x, y, order in zip(found, truth, [0] + [1] * n + [2] * n * n, strict=False):
            excused = (too_large and math.isnan(x) and order) or is_excused(op, point, "truth")
            if not near(x, y, order) and not excused:
                wrong.append((point, order, "found", x, "truth", y))
    assert not wrong, "\n".join(map(str, wrong[:30])) + f"\n{len(wrong)} in all"


@pytest.mark.parametrize(
    "excuse", [x for x in EXCUSES if "truth" in x.what], ids=lambda x: f"{x.operations} {x.points}"
)
def test_no_exception_is_left_over(excuse):
    for name in excuse.operations.split():
        op = ops.find(name)
        points = [point for point in edge_points(op) if excuse.holds(*point)]
        with ieee():
            found = [results(op, point) for point in points]
        truth = [true_results(op, point) for point in points]
        assert not all(
            near(x, y, 2) for row, right in zip(found, truth, strict=True) for x, y in zip(row, right, strict=True)
        )
