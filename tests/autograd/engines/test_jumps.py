"""Operations that jump or choose, where it is hard to get them right: halves, signed zeros, infinities, nan."""

import itertools
import math

import numpy as np
import pytest

from autograd import Value, compile, ieee, jit, ops, where
from autograd.program.calling import EngineMissing

HARD = [
    0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.49999999999999994, 3.0, -7.0, 4503599627370495.5, -4503599627370497.0,
    1e300, -1e300, 2.2250738585072014e-308, math.inf, -math.inf, math.nan,
]  # fmt: skip

OPERATIONS = {
    ops.floor: np.floor,
    ops.ceil: np.ceil,
    ops.rint: np.rint,
    ops.mod: np.mod,
    ops.greater: lambda x, y: np.greater(x, y) * 1.0,
    ops.where: lambda c, x, y: np.where(c, x, y),
}


@pytest.mark.parametrize("engine", ["eager", "python", "numpy", "native", "jax"])
@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.name)
def test_hard_places(op, engine):
    """Each number is NumPy's, with the sign of a zero: for one sample, for many, and directly."""
    points = list(itertools.product(HARD, repeat=op.arity))[:: 1 if op.arity < 3 else 7]
    leaves = [Value(1.0, f"x{i}") for i in range(op.arity)]
    try:
        program = compile(op(*leaves), leaves, engine=engine)
    except EngineMissing as error:
        pytest.skip(str(error))
    columns = [np.array(column) for column in zip(*points, strict=True)]
    with ieee(), np.errstate(all="ignore"):
        expected = OPERATIONS[op](*columns)
        one_by_one = np.array([program(*point) for point in points])
        for found in (program(*columns), one_by_one, op(*columns), np.array([op(*point) for point in points])):
            np.testing.assert_array_equal(found, expected)
            known = ~np.isnan(expected)
            np.testing.assert_array_equal(np.signbit(found[known]), np.signbit(expected[known]))


def test_where_is_recorded():
    @jit
    def absolute(x):
        return where(ops.greater(x, 0.0), x, -x)

    assert [absolute(x) for x in (-2.0, 3.0)] == [2.0, 3.0]
    np.testing.assert_array_equal(absolute(np.array([-2.0, 3.0])), [2.0, 3.0])
    with pytest.raises(TypeError, match=r"where\(autograd\.greater\(x, y\), a, b\) for `a if x > y else b`"):
        jit(lambda x: x if x > 0 else -x)(2.0)
    for condition in (True, 0.0, 2):
        assert jit(lambda x, c=condition: where(c, x * 2, 1.0))(3.0) == (6.0 if condition else 1.0)


def test_a_choice_between_constants_is_recorded():
    """Of three inputs any one or two may be constants."""
    for numbers in itertools.product((None, 2.0, 0.0), repeat=3):
        leaves = [Value(3.0, f"x{i}") for i in range(3)]
        inputs = [leaf if x is None else x for leaf, x in zip(leaves, numbers, strict=True)]
        free = [leaf for leaf, x in zip(leaves, numbers, strict=True) if x is None]
        if free:
            program = compile(where(*inputs), free, engine="python")
            assert program(*[3.0] * len(free)) == where(*[3.0 if x is None else x for x in numbers])
