"""NumPy's arrays and functions take Values and dual numbers alike, and every derivative through them is right."""

import math
import operator

import numpy as np
import pytest

import autograd
from autograd import (
    DataError,
    Dual,
    Value,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    vjp,
)
from autograd.transforms.gradcheck import central_difference

C = np.array([1.0, 2.0, 0.5])
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
FUNCTIONS = {
    **{f"x {how.__name__} array": lambda x, y, how=how: np.sum(how(x, C) * how(y, C)) for how in OPERATORS},
    **{f"array {how.__name__} x": lambda x, y, how=how: np.sum(how(C, x) * how(C, y)) for how in OPERATORS},
    **{f"x {how.__name__} matrix": lambda x, y, how=how: np.sum(y * how(x, np.outer(C, C))) for how in OPERATORS},
    **{f"x {how.__name__} 0-d": lambda x, y, how=how: how(x, np.array(2.0)) * y for how in OPERATORS},
    **{f"0-d {how.__name__} x": lambda x, y, how=how: how(np.array(2.0), x) * y for how in OPERATORS},
    **{f"x {how.__name__} scalar": lambda x, y, how=how: how(x, np.float64(2.0)) * y for how in OPERATORS},
    **{f"scalar {how.__name__} x": lambda x, y, how=how: how(np.int64(2), x) * y for how in OPERATORS},
    **{
        f"objects {how.__name__} x": lambda x, y, how=how: np.sum(how(np.array([x, y, 2.0]), y))
        for how in OPERATORS
    },
    **{
        f"x {how.__name__} objects": lambda x, y, how=how: np.sum(how(y, np.array([x, y, 2.0])))
        for how in OPERATORS
    },
    "mean": lambda x, y: np.mean([x, y * y, x * y]),
    "var": lambda x, y: np.var([x, y * y, x * y]),
    "var with one degree of freedom less": lambda x, y: np.var(np.array([x, y * y, x * y]), ddof=1),
    "std": lambda x, y: np.std([x, y * y, x * y]),
    "norm": lambda x, y: np.linalg.norm(np.array([x, y, x * y])),
    "dot": lambda x, y: np.dot(np.array([x, y]), np.array([y, 3.0])),
    "prod": lambda x, y: np.prod(np.array([x, y, x])),
    "cumsum": lambda x, y: np.cumsum(np.array([x, y, x]))[2] * y,
    "matmul": lambda x, y: (np.array([[x, y], [y, x]]) @ np.array([1.0, 2.0]))[0] * y,
    "arctan2": lambda x, y: np.sum(np.arctan2(C, x) * np.arctan2(y, C)),
    "hypot and maximum": lambda x, y: np.sum(np.hypot(C, x) * np.maximum(C, y * 1.1)),
    "max": lambda x, y: np.max(np.array([x * x, y * y])) * x,
    "median": lambda x, y: np.median(np.array([x, y * y, x * y])),
    "fabs": lambda x, y: np.sum(np.fabs(np.array([-x, y]))) * y,
    "clip": lambda x, y: np.clip(np.array([x, y]), 0.0, 5.0)[0] * y,
    "layer norm": lambda x, y: ((x - np.mean([x, y, 1.0])) / (np.var([x, y, 1.0]) + 1e-5) ** 0.5) * y,
}
POINT = (1.25, 0.75)


def as_one(f):
    """NumPy's result for one number may be an array without dimensions."""
    return lambda *xs: f(*xs)[()] if isinstance(f(*xs), np.ndarray) else f(*xs)


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_derivatives_agree_with_central_differences_of_numpy(f):
    f = as_one(f)
    plain = float(f(*POINT))
    first = [central_difference(lambda xs: float(f(*xs)), POINT, i) for i in range(2)]
    second = [
        [central_difference(lambda at, i=i: central_difference(lambda xs: float(f(*xs)), at, i), POINT, j)
         for j in range(2)] for i in range(2)
    ]  # fmt: skip
    directions = ((1.0, 0.0), (0.0, 1.0))
    for direction, slope in zip(directions, first, strict=True):
        assert jvp(f, POINT, direction) == pytest.approx((plain, slope), rel=1e-8)
    assert grad(f, (0, 1))(*POINT) == pytest.approx(first, rel=1e-8)
    assert vjp(f, *POINT)[1](1.0) == pytest.approx(first, rel=1e-8)
    assert jacobian(f)(*POINT)[0] == pytest.approx(first, rel=1e-8)
    for i, direction in enumerate(directions):
        for found in (hvp(f, POINT, direction), hessian(f)(*POINT)[i],
                      [jvp(lambda *xs, d=d: jvp(f, xs, d)[1], POINT, direction)[1] for d in directions]):  # fmt: skip
            assert found == pytest.approx(second[i], rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("make", [Value, lambda x: Dual(x, 1.0)], ids=["Value", "Dual"])
def test_questions_and_refusals(make):
    x, xs = make(2.0), np.array([make(2.0), make(-3.5)])
    assert (np.isfinite(x), np.isnan(x), np.isinf(x), np.signbit(-x)) == (True, False, False, True)
    assert np.conjugate(x) is x
    with autograd.ieee():
        assert np.isnan(make(float("nan")))
        assert np.isinf(make(float("-inf")))
    for lose in (np.trunc, lambda xs: xs.astype(float), np.float64):
        for given in (xs, xs[0]) if lose is not np.float64 else (x,):
            with pytest.raises((DataError, AttributeError), match=r"value\.data|astype"):
                lose(given)
    # NumPy has no isfinite for arrays of objects; the numbers can be asked.
    with pytest.raises(TypeError, match="isfinite"):
        np.isfinite(xs)
    assert np.allclose([x.data for x in xs], [2.0, -3.5])
    np.testing.assert_allclose([x.data for x in xs], [2.0, -3.5])


@pytest.mark.parametrize("make", [Value, lambda x: Dual(x, 1.0)], ids=["Value", "Dual"])
@pytest.mark.parametrize("how", OPERATORS, ids=lambda how: how.__name__)
def test_tensors_of_other_libraries_are_refused(make, how):
    torch = pytest.importorskip("torch", reason="a tensor is what is refused")
    for tensor, advice in ((torch.tensor(2.0), r"\.item\(\)"), (torch.ones(2), "one Value for each")):
        for left, right in ((make(2.0), tensor), (tensor, make(2.0))):
            with pytest.raises(DataError, match=f"Tensor.*{advice}"):
                how(left, right)
        with pytest.raises(DataError, match=f"Tensor.*{advice}"):
            Value(tensor)


TOO_LARGE = [10**400, -(10**400), 10**5000]


@pytest.mark.parametrize("make", [Value, lambda x: Dual(x, 1.0), lambda x: Dual(Value(x), 1.0)])
@pytest.mark.parametrize("how", OPERATORS, ids=lambda how: how.__name__)
@pytest.mark.parametrize("number", TOO_LARGE, ids=["+", "-", "++"])
def test_a_whole_number_that_is_no_float_is_refused_on_either_side(make, how, number):
    for left, right in ((make(2.0), number), (number, make(2.0))):
        with pytest.raises(DataError, match=r"too large for a float.*1\.8e308"):
            how(left, right)
    assert (make(2.0) < number) is (number > 0)
    assert (number > make(2.0)) is (number > 0)
    assert make(2.0) != number


@pytest.mark.parametrize("number", TOO_LARGE, ids=["+", "-", "++"])
def test_a_whole_number_that_is_no_float_is_refused_everywhere(number):
    def square(x):
        return x * x

    for use in (
        Value, autograd.exp, lambda n: autograd.add(n, 1), lambda n: autograd.total([n, 1.0]), grad(square),
        lambda n: jvp(square, (n,), (1.0,)), lambda n: jvp(square, (1.0,), (n,)), lambda n: vjp(square, n),
        lambda n: vjp(square, 2.0)[1](n), hessian(square), jacobian(square), lambda n: hvp(square, (n,), (1.0,)),
        lambda n: grad(lambda x: n)(1.0), lambda n: Dual(n, 1.0), lambda n: Dual(1.0, n), autograd.jit(square),
        lambda n: autograd.check_gradient(square, n), lambda n: autograd.compile(*variable_and_square())(n),
    ):  # fmt: skip
        with pytest.raises(DataError, match=r"1\.8e308"):
            use(number)


def variable_and_square():
    x = Value(1.0)
    return x * x, [x]


def slopes(result, *inputs):
    for x in inputs:
        x.zero_grad()
    result.backward()
    return [x.grad for x in inputs]


def test_numpy_scalar_on_the_left():
    v = Value(3.0)
    for result, expected in [
        (np.float64(2) * v, 2.0),
        (np.float32(2) + v, 1.0),
        (np.int64(2) - v, -1.0),
        (np.float64(9) / v, -1.0),
        (np.float64(2) ** v, 8 * math.log(2)),
    ]:
        assert type(result) is Value
        assert slopes(result, v) == pytest.approx([expected])


def test_arrays_give_object_arrays_of_values():
    v = Value(3.0)
    for result in (np.array([1.0, 2.0]) * v, v * np.array([1.0, 2.0])):
        assert result.dtype == object
        assert [x.data for x in result] == [3.0, 6.0]
        assert slopes(result.sum(), v) == [3.0]
    for result in (np.array(2.0) * v, v * np.array(2.0)):
        assert slopes(result, v) == [2.0]


NUMPY_FUNCTIONS = [
    np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sqrt, np.cbrt, np.square, np.reciprocal,
    np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.arctanh,
    np.abs, np.negative, np.positive, np.degrees, np.radians, np.deg2rad, np.rad2deg,
]  # fmt: skip


@pytest.mark.parametrize("function", NUMPY_FUNCTIONS, ids=lambda f: f.__name__)
def test_numpy_functions_take_values(function):
    x, h = 0.4, 1e-6
    v = Value(x)
    result = function(v)
    assert type(result) is Value
    assert result.data == pytest.approx(function(x), rel=1e-14)
    assert slopes(result, v) == pytest.approx([(function(x + h) - function(x - h)) / (2 * h)], rel=1e-8)
    of_array = function(np.array([v, v]))
    assert [type(y) for y in of_array] == [Value, Value]
    assert of_array[1].data == result.data


@pytest.mark.parametrize("make", [Value, lambda x: Dual(x, 1.0)], ids=["Value", "Dual"])
@pytest.mark.parametrize(
    "function",
    [np.floor, np.ceil, np.rint, np.round, lambda x: np.round(x, 1), lambda x: np.mod(x, 0.75), lambda x: 0.75 % x,
     lambda x: np.float64(7.5) % x, lambda x: x % np.array([0.75, -3.0])],
)  # fmt: skip
def test_numpy_rounds_and_takes_remainders(make, function):
    for number in (2.5, -2.5, -0.25, 0.5, 7.0):
        for found in (function(make(number)), *function(np.array([make(number)] * 2))):
            for x in np.atleast_1d(found):
                assert type(x) is type(make(number))
                assert x.data in np.atleast_1d(function(np.array([number] * 2)))


def test_where_chooses_from_arrays():
    v, w, c = Value(2.0), Value(-3.0), np.array([1.0, 0.0, -0.0, math.nan])
    chosen = autograd.where(c, np.arange(4.0), -1.0)
    np.testing.assert_array_equal(chosen, [0.0, -1.0, -1.0, 3.0])
    assert chosen.dtype == float
    found = autograd.where(np.array([v, 0.0]), np.array([v, v]), np.array([w, w]))
    assert [x.data for x in found] == [2.0, -3.0]
    for result in (np.sum(found), np.sum(np.where(np.array([v, w]) > 0, np.array([v, v]), w))):
        assert slopes(result, v, w) == [1.0, 1.0]
    assert autograd.where(v > w, v, w) is not v
    assert slopes(autograd.where(v > w, v * v, w), v, w) == [4.0, 0.0]


def test_numpy_arccosh_takes_values():
    v = Value(1.5)
    assert slopes(np.arccosh(v), v) == pytest.approx([1 / math.sqrt(1.25)])


@pytest.mark.parametrize(
    "function",
    [np.arctan2, np.hypot, np.power, np.multiply, np.add, np.maximum, np.minimum],
    ids=lambda f: f.__name__,
)
def test_numpy_functions_of_two_values(function):
    x, y, h = 0.4, 1.7, 1e-6
    v, w = Value(x), Value(y)
    result = function(v, w)
    assert result.data == pytest.approx(function(x, y), rel=1e-15)
    assert slopes(result, v, w) == pytest.approx(
        [
            (function(x + h, y) - function(x - h, y)) / (2 * h),
            (function(x, y + h) - function(x, y - h)) / (2 * h),
        ],
        rel=1e-8,
    )


def test_dot_sum_mean_of_object_arrays():
    ws, xs = [Value(1.0), Value(2.0)], [Value(3.0), Value(-4.0)]
    for result in (np.dot(ws, xs), np.array(ws) @ np.array(xs), np.sum(np.array(ws) * np.array(xs))):
        assert result.data == -5.0
        assert slopes(result, *ws, *xs) == [3.0, -4.0, 1.0, 2.0]
    assert slopes(np.dot(ws, [3.0, -4.0]), *ws) == [3.0, -4.0]
    assert slopes(np.mean(ws), *ws) == [0.5, 0.5]
    assert slopes(np.linalg.norm(xs), *xs) == pytest.approx([0.6, -0.8])
    matrix = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    assert [y.data for y in matrix @ np.array([1.0, -1.0])] == [-1.0, -1.0]


def test_an_array_of_floats_is_not_made_from_values_unnoticed():
    with pytest.raises(DataError, match="plain float"):
        np.array([Value(1.0)], dtype=float)


def test_functions_of_ours_on_arrays():
    array = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_array_equal(autograd.relu(array), [0.0, 0.0, 2.0])
    np.testing.assert_allclose(autograd.softplus(array), np.logaddexp(array, 0), rtol=1e-15)
    of_values = autograd.tanh(np.array([Value(1.0), Value(2.0)]))
    assert [type(y) for y in of_values] == [Value, Value]


def test_numpy_functions_of_two_numbers_take_a_value_on_either_side():
    """A regression: np.arctan2(2.0, v) looked for a method of the float 2.0."""
    v = Value(2.0)
    for function, slope in ((np.arctan2, -1.0 / 5.0), (np.hypot, 2.0 / math.sqrt(5.0)), (np.maximum, 1.0)):
        v.grad = 0
        result = function(1.0, v)
        assert isinstance(result, Value)
        assert result.data == pytest.approx(float(function(1.0, 2.0)), rel=1e-15)
        result.backward()
        assert v.grad == pytest.approx(slope, rel=1e-15)
    assert np.power(Value(-3.0), 2).op.constants == (2.0,)
    with pytest.raises(TypeError):
        np.floor_divide(v, 2.0)
