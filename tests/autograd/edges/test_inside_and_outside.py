"""What raises an error outside ieee() at an edge point, and what does not.

A value raises where it is inf or nan inside ieee(); a derivative raises where it is, and where anything does that it
is the derivative of.  What does not raise is the same number inside and outside.
"""

import math

import pytest

from autograd import AutogradError, grad, ieee
from autograd.accuracy.edges import edge_points, operations

every_op = pytest.mark.parametrize("op", operations(), ids=lambda op: op.name)


def answers(op, point):
    """The value, the slopes and the second derivatives; the error where there is one."""

    def answer(f):
        try:
            return f(*point)
        except AutogradError as error:
            return error

    places = range(len(point))
    slopes = [answer(grad(op, i)) for i in places]
    return [answer(op), *slopes, *[answer(grad(grad(op, i), j)) for i in places for j in places]]


@every_op
def test_outside_ieee_what_is_not_finite_raises_and_nothing_else(op):
    wrong = []
    for point in edge_points(op):
        if not all(map(math.isfinite, point)):
            continue
        n = len(point)
        with ieee():
            inside = answers(op, point)
        outside = answers(op, point)
        needs = [[0]] + [[0, 1 + i] for i in range(n)]
        needs += [[0, 1 + i, 1 + n + n * i + j] for i in range(n) for j in range(n)]
        for found, expected, needed in zip(outside, inside, needs, strict=True):
            is_finite = all(math.isfinite(inside[place]) for place in needed)
            if is_finite != (found == expected):
                wrong.append((point, len(needed) - 1, expected, repr(found)[:60]))
    assert not wrong, "\n".join(map(str, wrong[:20])) + f"\n{len(wrong)} in all"
