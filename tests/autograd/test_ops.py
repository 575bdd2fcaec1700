"""Every row of the table of operations, held against NumPy, central differences and PyTorch.

The closed forms below are written a second time on purpose, in NumPy and by hand: they are what the
table is compared with.  A new row fails a test until its closed form stands here.
"""

import itertools
import math
import operator
import pickle
import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest

import autograd
from autograd import Op, Value, check_gradient, grad, gradient, hessian, ieee, ops
from autograd.core.evaluate import apply_rule

Function = Callable[..., float]

OUR_OPS = [op for op in ops.ALL.values() if op.is_built_in]
every_op = pytest.mark.parametrize("op", OUR_OPS, ids=lambda op: op.name)


LARGEST = np.finfo(float).max


def finite(x):
    """At infinity NumPy's form of an operation may be inf · 0 or inf / inf, where the operation has a limit."""
    return np.clip(x, -LARGEST, LARGEST)


def sigma(x):
    return 1 / (1 + np.exp(-x))


SELU = 1.0507009873554805, 1.6732632423543772


def tanh_of_gelu(x):
    return np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))


# name: the function, and its partial derivatives with respect to each input
CLOSED_FORMS: dict[str, tuple[Function, Callable[..., tuple[float, ...]]]] = {
    "add": (lambda x, y: x + y, lambda x, y: (1, 1)),
    "subtract": (lambda x, y: x - y, lambda x, y: (1, -1)),
    "multiply": (lambda x, y: x * y, lambda x, y: (y, x)),
    "divide": (lambda x, y: x / y, lambda x, y: (1 / y, -x / y**2)),
    "negate": (np.negative, lambda x: (-1,)),
    "power": (np.power, lambda x, y: (y * x ** (y - 1), x**y * np.log(x))),
    "identity": (np.positive, lambda x: (1,)),
    "square": (np.square, lambda x: (2 * x,)),
    "reciprocal": (np.reciprocal, lambda x: (-1 / x**2,)),
    "total": (lambda *xs: np.sum(xs), lambda *xs: (1,) * len(xs)),
    "dot": (
        lambda *xs: np.dot(xs[: len(xs) // 2], xs[len(xs) // 2 :]),
        lambda *xs: (*xs[len(xs) // 2 :], *xs[: len(xs) // 2]),
    ),
    "step": (lambda x: np.heaviside(x, 0.0), lambda x: (0,)),
    "sign": (np.sign, lambda x: (0,)),
    "greater": (lambda x, y: np.greater(x, y) * 1.0, lambda x, y: (0, 0)),
    "abs": (np.abs, lambda x: (np.sign(x),)),
    "maximum": (np.maximum, lambda x, y: (float(x > y), float(y > x))),
    "minimum": (np.minimum, lambda x, y: (float(x < y), float(y < x))),
    "clip": (np.clip, lambda x, low, high: (float(low < x < high), float(x < low), float(x > high))),
    "floor": (np.floor, lambda x: (0,)),
    "ceil": (np.ceil, lambda x: (0,)),
    "round": (np.rint, lambda x: (0,)),
    "mod": (np.mod, lambda x, y: (1, -np.floor(x / y))),
    "where": (
        lambda condition, x, y: np.where(condition, x, y)[()],
        lambda condition, x, y: (0, float(condition != 0), float(condition == 0)),
    ),
    "exp": (np.exp, lambda x: (np.exp(x),)),
    "exp2": (np.exp2, lambda x: (np.log(2) * np.exp2(x),)),
    "expm1": (np.expm1, lambda x: (np.exp(x),)),
    "log": (np.log, lambda x: (1 / x,)),
    "log2": (np.log2, lambda x: (1 / (x * np.log(2)),)),
    "log10": (np.log10, lambda x: (1 / (x * np.log(10)),)),
    "log1p": (np.log1p, lambda x: (1 / (1 + x),)),
    "sqrt": (np.sqrt, lambda x: (1 / (2 * np.sqrt(x)),)),
    "cbrt": (np.cbrt, lambda x: (1 / (3 * np.cbrt(x) ** 2),)),
    "sin": (np.sin, lambda x: (np.cos(x),)),
    "cos": (np.cos, lambda x: (-np.sin(x),)),
    "tan": (np.tan, lambda x: (1 / np.cos(x) ** 2,)),
    "asin": (np.arcsin, lambda x: (1 / np.sqrt(1 - x**2),)),
    "acos": (np.arccos, lambda x: (-1 / np.sqrt(1 - x**2),)),
    "atan": (np.arctan, lambda x: (1 / (1 + x**2),)),
    "atan2": (np.arctan2, lambda y, x: (x / (x**2 + y**2), -y / (x**2 + y**2))),
    "sinh": (np.sinh, lambda x: (np.cosh(x),)),
    "cosh": (np.cosh, lambda x: (np.sinh(x),)),
    "tanh": (np.tanh, lambda x: (1 / np.cosh(x) ** 2,)),
    "asinh": (np.arcsinh, lambda x: (1 / np.sqrt(x**2 + 1),)),
    "acosh": (np.arccosh, lambda x: (1 / np.sqrt(x**2 - 1),)),
    "atanh": (np.arctanh, lambda x: (1 / (1 - x**2),)),
    "hypot": (np.hypot, lambda x, y: (x / np.hypot(x, y), y / np.hypot(x, y))),
    "degrees": (np.degrees, lambda x: (180 / np.pi,)),
    "radians": (np.radians, lambda x: (np.pi / 180,)),
    "erf": (np.vectorize(math.erf, otypes=[float]), lambda x: (2 / np.sqrt(np.pi) * np.exp(-(x**2)),)),
    "erfc": (np.vectorize(math.erfc, otypes=[float]), lambda x: (-2 / np.sqrt(np.pi) * np.exp(-(x**2)),)),
    "one_minus_square": (lambda x: 1 - x**2, lambda x: (-2 * x,)),
    "atan_slope": (lambda x: 1 / (1 + x**2), lambda x: (-2 * x / (1 + x**2) ** 2,)),
    "gauss": (lambda x: np.exp(-(x**2)), lambda x: (-2 * x * np.exp(-(x**2)),)),
    "sigmoid_slope": (
        lambda x: sigma(x) * sigma(-x),
        lambda x: (sigma(x) * sigma(-x) * (sigma(-x) - sigma(x)),),
    ),
    "unit": (
        lambda x, y: finite(x) / np.hypot(finite(x), y),
        lambda x, y: (y**2 / (x**2 + y**2) ** 1.5, -x * y / (x**2 + y**2) ** 1.5),
    ),
    "sigmoid": (sigma, lambda x: (sigma(x) * sigma(-x),)),
    "softplus": (lambda x: np.logaddexp(x, 0), lambda x: (sigma(x),)),
    "relu": (lambda x: np.maximum(x, 0), lambda x: (float(x > 0),)),
    "leaky_relu": (
        lambda x, slope: np.where(x > 0, x, slope * x)[()],
        lambda x, slope: (1 if x > 0 else slope, min(x, 0)),
    ),
    "elu": (
        lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(x))[()],
        lambda x, alpha: (1 if x > 0 else alpha * np.exp(x), np.expm1(min(x, 0))),
    ),
    "logsigmoid": (lambda x: -np.logaddexp(-x, 0), lambda x: (sigma(-x),)),
    "relu6": (lambda x: np.clip(x, 0, 6), lambda x: (float(0 < x < 6),)),
    "hardtanh": (np.clip, lambda x, low, high: (float(low < x < high), float(x < low), float(x > high))),
    "selu": (
        lambda x: SELU[0] * np.where(x > 0, x, SELU[1] * np.expm1(x))[()],
        lambda x: (SELU[0] if x > 0 else SELU[0] * SELU[1] * np.exp(x),),
    ),
    "celu": (
        lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(x / alpha))[()],
        lambda x, alpha: (
            1 if x > 0 else np.exp(x / alpha),
            np.expm1(min(x, 0) / alpha) - min(x, 0) / alpha * np.exp(min(x, 0) / alpha),
        ),
    ),
    "mish": (
        lambda x: np.maximum(x, -LARGEST) * np.tanh(np.logaddexp(x, 0)),
        lambda x: (np.tanh(np.logaddexp(x, 0)) + x * (1 - np.tanh(np.logaddexp(x, 0)) ** 2) * sigma(x),),
    ),
    "silu": (lambda x: np.maximum(x, -LARGEST) * sigma(x), lambda x: (sigma(x) * (1 + x * sigma(-x)),)),
    "gelu": (
        lambda x: np.maximum(x, -LARGEST) / 2 * (1 + tanh_of_gelu(x)),
        lambda x: (
            (1 + tanh_of_gelu(x)) / 2
            + x / 2 * (1 - tanh_of_gelu(x) ** 2) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2),
        ),
    ),
    "softsign": (lambda x: finite(x) / (1 + np.abs(finite(x))), lambda x: (1 / (1 + np.abs(x)) ** 2,)),
    "logsumexp": (
        lambda *xs: np.logaddexp.reduce(xs),
        lambda *xs: tuple(np.exp(xs) / np.sum(np.exp(xs))),
    ),
}

OPERATORS: dict[str, Callable[..., Value]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    "mod": operator.mod,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "negate": operator.neg,
    "abs": operator.abs,
}

# Lists have no methods, a condition is no x.where(...), and these parts of derivatives are only met inside the engine.
PARTS = {"identity", "one_minus_square", "atan_slope", "gauss", "sigmoid_slope", "unit"}
WITHOUT_METHOD = {"total", "dot", "logsumexp", "where"} | PARTS

# What would hide Python's own abs and round is exported under another name.
EXPORTED = {"abs": "absolute", "round": "rint"}


def samples(op: Op, count: int = 20) -> list[list[float]]:
    """Random points of an operation's domain; four inputs for those that take a list."""
    chance = random.Random(op.name)
    intervals = op.domain * 4 if op.variadic else op.domain
    return [[chance.uniform(low, high) for low, high in intervals] for _ in range(count)]


def central_difference(f: Function, point: Sequence[float], i: int, h: float = 1e-3) -> float:
    """Fourth order: (8·(f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h."""

    def shifted(by: float) -> float:
        return f(*[x + by * (j == i) for j, x in enumerate(point)])

    return (8 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / (12 * h)


def forward_and_backward(f: Callable[..., Value], point: Sequence[float]) -> tuple[float, list[float]]:
    values = [Value(x) for x in point]
    y = f(*values)
    y.backward()
    return y.data, [x.grad for x in values]


# --- every operation --------------------------------------------------------------------------------------


def test_every_operation_has_a_closed_form_and_no_closed_form_is_left_over():
    assert {op.name for op in OUR_OPS} == set(CLOSED_FORMS)


@every_op
def test_name_is_the_key_of_the_table(op):
    assert ops.ALL[op.name] is op
    assert ops.find(op.name) is op
    assert repr(op) == f"<Op {op.name}>"
    assert op.symbol


@every_op
def test_forward_is_what_numpy_says(op):
    for point in samples(op):
        expected = CLOSED_FORMS[op.name][0](*point)
        assert op(*[Value(x) for x in point]).data == pytest.approx(expected, rel=1e-13, abs=1e-15)
        assert op(*point) == pytest.approx(expected, rel=1e-13, abs=1e-15)


@every_op
def test_arrays_are_computed_element_by_element(op):
    points = samples(op)
    columns = [np.array(column) for column in zip(*points, strict=True)]
    expected = [CLOSED_FORMS[op.name][0](*point) for point in points]
    np.testing.assert_allclose(op(*columns), expected, rtol=1e-13, atol=1e-15)


@every_op
def test_derivative_is_the_closed_form(op):
    for point in samples(op):
        _, slopes = forward_and_backward(op, point)
        assert slopes == pytest.approx(list(CLOSED_FORMS[op.name][1](*point)), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("op", [op for op in OUR_OPS if op.textbook], ids=lambda op: op.name)
def test_textbooks_form_of_a_derivative_is_the_same_in_the_middle(op):
    for point in samples(op):
        z = op(*point)
        exact, textbook = apply_rule(op, point, z), apply_rule(op, point, z, op.textbook)
        assert textbook == pytest.approx(exact, rel=1e-12, abs=1e-15)


@every_op
def test_derivative_is_the_central_difference(op):
    for point in samples(op, 5):
        _, slopes = forward_and_backward(op, point)
        for i, slope in enumerate(slopes):
            assert slope == pytest.approx(
                central_difference(CLOSED_FORMS[op.name][0], point, i), rel=1e-8, abs=1e-9
            )


@every_op
def test_second_derivatives_are_central_differences_of_the_closed_form(op):
    for point in samples(op, 3):
        found = hessian(op)(*point)
        for i in range(len(point)):
            for j in range(len(point)):
                expected = central_difference(lambda *xs, i=i: CLOSED_FORMS[op.name][1](*xs)[i], point, j)
                assert found[i][j] == pytest.approx(expected, rel=1e-8, abs=1e-9)


@every_op
def test_the_checker_agrees(op):
    report = check_gradient(op, *samples(op, 1)[0], order=2)
    assert report, str(report)


@every_op
def test_forward_mode_is_reverse_mode(op):
    for point in samples(op, 5):
        directions = [1.0 + 0.25 * i for i in range(len(point))]
        value, slope = autograd.jvp(op, point, directions)
        expected, slopes = forward_and_backward(op, point)
        assert value == expected
        assert slope == pytest.approx(sum(s * v for s, v in zip(slopes, directions, strict=True)), rel=1e-13)


@every_op
def test_latex_renders(op):
    mathtext = pytest.importorskip("matplotlib.mathtext", reason="matplotlib is an extra")
    names = ["x_1", "x_2", "x_3"][: op.arity] if not op.variadic else ["x_1", "x_2", "x_3"]
    formula = op.write_latex(*names)
    assert all(name in formula for name in names)
    mathtext.MathTextParser("path").parse(f"${formula}$")


@every_op
def test_function_method_and_operator_are_the_same(op):
    name = EXPORTED.get(op.name, op.name)
    assert name in autograd.__all__
    ways: list[Callable[..., Value]] = [op, getattr(ops, name), getattr(autograd, name)]
    if op.name == "dot":
        # As a function it takes two lists.
        ways = [op, lambda *xs: autograd.dot(xs[: len(xs) // 2], xs[len(xs) // 2 :])]
    if op.name in OPERATORS:
        ways.append(OPERATORS[op.name])
    if op.name in {"abs", "mod", "floor", "ceil", "round"} or op.name not in WITHOUT_METHOD | set(OPERATORS):
        ways.append(getattr(Value, op.name))
    point = samples(op, 1)[0]
    results = [forward_and_backward(way, point) for way in ways]
    assert results == results[:1] * len(results)


@every_op
@pytest.mark.parametrize("kind", [float, np.float64])
def test_data_and_gradients_are_plain_floats(op, kind):
    for point in samples(op, 3):
        data, slopes = forward_and_backward(op, [kind(x) for x in point])
        assert type(data) is float
        assert [type(slope) for slope in slopes] == [float] * len(point)


@every_op
def test_pickling_finds_the_operation_by_its_name(op):
    assert pickle.loads(pickle.dumps(op)) is op


SPECIAL_NUMBERS = (0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 800.0, -800.0, 1e200, -1e200, math.inf, -math.inf, math.nan)


@every_op
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_inside_ieee_every_operation_gives_what_numpy_gives(op):
    inputs = 2 if op.variadic else op.arity
    chance = random.Random(op.name)
    points = [[chance.choice(SPECIAL_NUMBERS) for _ in range(inputs)] for _ in range(60)]
    if inputs == 1:
        points = [[x] for x in SPECIAL_NUMBERS]
    if op.name in {"leaky_relu", "elu", "celu"}:
        points = [[x, 0.5] for x in SPECIAL_NUMBERS]
    if op.name in {"clip", "hardtanh"}:
        points = [[x, -1.0, 1.0] for x in SPECIAL_NUMBERS]
    with ieee(), np.errstate(all="ignore"):
        for point in points:
            found = op(*[Value(x) for x in point]).data
            expected = CLOSED_FORMS[op.name][0](*[np.float64(x) for x in point])
            np.testing.assert_allclose(found, expected, rtol=1e-13, err_msg=f"{op.name} at {point}")


# --- second derivatives at special points -----------------------------------------------------------------

SPECIAL_POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 3.0)

# Where a first derivative jumps, or the operation ends: there the differences below say nothing.
AT_A_KINK: dict[str, Callable[..., bool]] = {
    **dict.fromkeys(["step", "sign", "abs", "relu", "softsign", "selu"], lambda x: x == 0),
    **dict.fromkeys(["leaky_relu", "elu"], lambda x, _: x == 0),
    "celu": lambda x, alpha: x == 0 and alpha != 0,
    **dict.fromkeys(["maximum", "minimum", "greater"], lambda x, y: x == y),
    **dict.fromkeys(["clip", "hardtanh"], lambda x, low, high: x in (low, high) or low >= high),
    "relu6": lambda x: x in (0, 6),
    "power": lambda x, y: x == 0,
    **dict.fromkeys(["floor", "ceil"], lambda x: x % 1 == 0),
    "round": lambda x: x % 1 == 0.5,
    "mod": lambda x, y: y != 0 and x % y == 0,
    "where": lambda condition, x, y: condition == 0,
}


def special_points(op: Op) -> list[tuple[float, ...]]:
    inputs = 4 if op.name == "dot" else 2 if op.variadic else op.arity
    return list(itertools.product(SPECIAL_POINTS[: 7 if inputs < 3 else 4], repeat=inputs))


def hessian_of_the_closed_form(op: Op, point: Sequence[float]) -> np.ndarray:
    """Central differences of the closed first derivatives; nan where the value or one of these is not finite."""
    (value, slopes), places = CLOSED_FORMS[op.name], range(len(point))
    with np.errstate(all="ignore"):
        point = [np.float64(x) for x in point]
        if not np.isfinite(np.array([value(*point), *slopes(*point)], dtype=float)).all():
            return np.full((len(point), len(point)), math.nan)
        return np.array(
            [[central_difference(lambda *xs, i=i: slopes(*xs)[i], point, j, 2e-4) for j in places] for i in places]
        )


SECOND_DERIVATIVES: dict[str, Callable[..., list[list[float]]]] = {
    "reverse over reverse": lambda op, point: hessian(op)(*point),
    "forward over forward": lambda op, point: [
        [
            autograd.jvp(lambda *xs, v=v: autograd.jvp(op, xs, v)[1], point, u)[1]
            for u in np.eye(len(point)).tolist()
        ]
        for v in np.eye(len(point)).tolist()
    ],
    "forward over reverse": lambda op, point: [
        list(autograd.hvp(op, point, v)) for v in np.eye(len(point)).tolist()
    ],
    "reverse over forward": lambda op, point: [
        list(grad(lambda *xs, v=v: autograd.jvp(op, xs, v)[1], range(len(point)))(*point))
        for v in np.eye(len(point)).tolist()
    ],
}


@every_op
@pytest.mark.parametrize("way", SECOND_DERIVATIVES)
def test_hessians_at_special_points_are_symmetric_and_those_of_the_closed_form(op, way):
    for point in special_points(op):
        expected = hessian_of_the_closed_form(op, point)
        if op.name in AT_A_KINK and AT_A_KINK[op.name](*point):
            continue
        if not np.isfinite(expected).all():
            with pytest.raises(autograd.AutogradError):
                SECOND_DERIVATIVES[way](op, point)
            continue
        found = np.array(SECOND_DERIVATIVES[way](op, point))
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7, err_msg=f"{op.name} at {point}")
        np.testing.assert_allclose(found, found.T, rtol=1e-13, atol=1e-15, err_msg=f"{op.name} at {point}")


@every_op
def test_hessians_at_kinks_and_ties_are_symmetric_too(op):
    for point in special_points(op):
        if op.name in AT_A_KINK and op.name != "power" and AT_A_KINK[op.name](*point):
            found = np.array(hessian(op)(*point))
            np.testing.assert_array_equal(found, found.T, err_msg=f"{op.name} at {point}")


@every_op
def test_a_traced_hessian_is_the_same_at_special_points_kinks_and_ties(op):
    traced = autograd.jit(lambda *xs: hessian(op)(*xs), engine="python")
    for point in special_points(op):
        try:
            expected = hessian(op)(*point)
        except autograd.AutogradError:
            continue
        np.testing.assert_allclose(
            traced(*point), expected, rtol=1e-13, atol=1e-16, err_msg=f"{op.name} at {point}"
        )


def test_at_its_kink_an_operation_keeps_to_the_side_whose_slope_it_has():
    """elu and leaky_relu have the slope of their left side at 0 (as in PyTorch), and its second derivatives."""
    assert hessian(autograd.elu)(0.0, 1.5) == [[1.5, 1.0], [1.0, 0.0]]
    assert hessian(autograd.elu)(-1e-300, 1.5) == [[1.5, 1.0], [1.0, -0.0]]
    assert hessian(autograd.leaky_relu)(0.0, 1.5) == [[0.0, 1.0], [1.0, 0.0]]
    assert hessian(autograd.relu)(0.0) == hessian(autograd.absolute)(0.0) == [[0.0]]
    assert hessian(autograd.maximum)(1.5, 1.5) == hessian(autograd.minimum)(0.0, 0.0) == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("x", [0.25, 1.0, 4.0])
@pytest.mark.parametrize("y", [-1.0, 0.0, 1.0, 2.0, 0.5])
def test_second_derivatives_of_a_power(x, y):
    """∂²/∂x∂y of x ** y is x ** (y - 1)·(1 + y·ln x), so 1/x at y = 0 (JAX once had this wrong: issue 12033)."""
    mixed = x ** (y - 1) * (1 + y * math.log(x))
    expected = [[y * (y - 1) * x ** (y - 2), mixed], [mixed, x**y * math.log(x) ** 2]]
    for way in SECOND_DERIVATIVES.values():
        np.testing.assert_allclose(way(autograd.power, [x, y]), expected, rtol=1e-14, atol=1e-16)
    u, v = Value(x), Value(y)
    slopes = gradient(u**v, [u, v])
    program = autograd.compile(gradient(slopes[0], [u, v]) + gradient(slopes[1], [u, v]), [u, v], engine="python")
    for other in (0.5, 3.0):
        mixed = other ** (y - 1) * (1 + y * math.log(other))
        np.testing.assert_allclose(
            program(other, y),
            [y * (y - 1) * other ** (y - 2), mixed, mixed, other**y * math.log(other) ** 2],
            rtol=1e-13,
            atol=1e-15,
        )


@pytest.mark.parametrize("y", [2.0, 3.0, 2.5])
def test_second_derivatives_of_a_power_at_0_where_they_are_defined(y):
    """x ** (y - 1)·(1 + y·ln x) and x ** y·ln²x go to 0 with x, if y > 1."""
    assert hessian(autograd.power)(0.0, y) == [[2.0 if y == 2 else 0.0, 0.0], [0.0, 0.0]]
    for n in (1.0, 0.0):
        assert grad(grad(autograd.power))(0.0, n) == 0.0
