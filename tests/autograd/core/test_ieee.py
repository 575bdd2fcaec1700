"""Inside ieee() there are infs and nans, but nothing of NumPy's: plain floats, and no warnings (which are errors here)."""

import math
from itertools import product

import numpy as np
import pytest

import autograd
from autograd import Dual, Value, grad, gradient, ieee, jvp, logsumexp, ops, value_and_grad

SPECIAL = [0.0, -0.0, 1.0, -1.0, 1000.0, -1000.0, 1e308, -1e308, 5e-324, math.inf, -math.inf, math.nan]
UNARY = [op for op in ops.ALL.values() if op.arity == 1 and not op.variadic and op.is_built_in]
BINARY = [op for op in ops.ALL.values() if op.arity == 2 and not op.variadic and op.is_built_in]


def check_all(op, numbers):
    """Every number that comes out of an operation and its derivatives is a float."""
    leaves = [Value(x) for x in numbers]
    y = op(*leaves)
    y.backward()
    slopes = gradient(op(*leaves), leaves)
    directional = jvp(op, tuple(numbers), (1.0,) * len(numbers))
    dual = op(*[Dual(x, 1.0) for x in numbers])
    plain = op(*numbers)
    value, found = value_and_grad(op, range(len(numbers)))(*numbers)
    everything = [y.data, plain, value, *found, *directional, dual.primal, dual.tangent]
    everything += [x for leaf in leaves for x in (leaf.data, leaf.grad)] + [slope.data for slope in slopes]
    assert {type(x) for x in everything} == {float}
    for leaf, slope in zip(leaves, found, strict=True):
        assert leaf.grad == slope or (leaf.grad != leaf.grad and slope != slope)
    assert y.data == plain == value == dual.primal == directional[0] or y.data != y.data


@pytest.mark.parametrize("op", UNARY, ids=lambda op: op.name)
def test_operations_of_one_number(op):
    with ieee():
        for x in SPECIAL:
            check_all(op, [x])


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.name)
def test_operations_of_two_numbers(op):
    with ieee():
        for x, y in product(SPECIAL, SPECIAL):
            check_all(op, [x, y])


@pytest.mark.parametrize("n", [-2, -1, 0, 0.5, 2, 3])
def test_powers(n):
    with ieee():
        for x in SPECIAL:
            check_all(ops.power_by(float(n)), [x])


@pytest.mark.parametrize(
    "op", [op for op in ops.ALL.values() if op.arity == 3 or op.variadic], ids=lambda op: op.name
)
def test_operations_of_many_numbers(op):
    with ieee():
        for numbers in product(
            [0.0, 1e308, -math.inf, math.nan, 2.0, -3.0], repeat=op.arity if op.arity > 1 else 4
        ):
            leaves = [Value(x) for x in numbers]
            y = op(*leaves)
            y.backward()
            assert {type(x) for leaf in [y, *leaves] for x in (leaf.data, leaf.grad)} == {float}


def test_a_graph_with_an_overflow_in_the_middle():
    with ieee():
        x = Value(1000.0)
        y = autograd.exp(x).clip(-1e9, 1.0) + logsumexp(Value(-math.inf), Value(-math.inf))
        y.backward()
        slope = grad(lambda x: autograd.exp(x).clip(-1e9, 1.0))(1000.0)
        both = jvp(lambda x: autograd.exp(x) / autograd.exp(x), (1000.0,), (1.0,))
    assert {type(z) for z in (x.grad, y.data, slope, *both)} == {float}


def test_numbers_of_numpy_become_floats_in_values():
    with ieee():
        for x in (np.float64(0.0), np.float32(0.0), np.int64(0)):
            v = Value(x)
            for y in (1.0 / v, x / v, v / x, v.log(), v**x, x**v, np.log(v), np.exp(v)):
                y.backward()
                assert type(y.data) is type(v.grad) is float


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64])
def test_functions_of_numpys_single_numbers(kind):
    # Outside ieee() they are the functions of the float, errors included; inside, NumPy's answer without a warning.
    assert autograd.divide(kind(3), kind(2)) == 1.5
    assert autograd.multiply(np.int64(2**62), np.int64(4)) == 2.0**64
    with pytest.raises(ZeroDivisionError, match="x / y"):
        autograd.divide(kind(1), kind(0))
    with ieee():
        assert autograd.divide(kind(1), kind(0)) == math.inf
        assert autograd.exp(kind(1000)) == math.inf


# A function in whose chain rule a slope of 0 meets an infinite one, and where.
ZERO_TIMES_INFINITY = {
    "a slope that was computed": (lambda x: x.sqrt() ** 2, 0.0),
    "a slope that is always 0": (lambda x: x.sqrt().sign(), 0.0),
    "the other way round": (lambda x: (x.step() - 1).sqrt() * 1, 1.0),
    "of two inputs": (lambda x: x.log() * (x * 0), 0.0),
}


@pytest.mark.parametrize("name", ZERO_TIMES_INFINITY)
def test_in_every_mode_0_times_infinity_is_not_a_number(name):
    f, x = ZERO_TIMES_INFINITY[name]
    with ieee():
        v = Value(x)
        y = f(v)
        y.backward()
        slopes = [v.grad, gradient(y, [v])[0].data, grad(f)(x), jvp(f, (x,), (1.0,))[1]]
        slopes.append(jvp(lambda x: jvp(f, (x,), (1.0,))[1] * 1.0, (x,), (0.0,))[0])
    assert all(math.isnan(slope) for slope in slopes), slopes


def test_a_rule_on_a_plain_number_beside_a_value_raises_nothing_either():
    """Forward over reverse: one input is a Value there, the other one a plain number."""
    with ieee():
        assert jvp(grad(ops.divide), (0.0, 0.0), (1.0, 1.0)) == (math.inf, -math.inf)
        assert jvp(grad(ops.divide), (2.0, 0.0), (1.0, 1.0)) == (math.inf, -math.inf)
        assert jvp(grad(ops.clip), (2.0, 0.0, math.inf), (1.0, 1.0, 1.0)) == (1.0, 0.0)
