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
from autograd.core.evaluate import write_call

Function = Callable[..., float]

OUR_OPS = [op for op in ops.ALL.values() if op.is_built_in]
every_op = pytest.mark.parametrize("op", OUR_OPS, ids=lambda op: op.name)


def sigma(x):
    return 1 / (1 + np.exp(-x))


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
    "abs": (np.abs, lambda x: (np.sign(x),)),
    "maximum": (np.maximum, lambda x, y: (float(x > y), float(y > x))),
    "minimum": (np.minimum, lambda x, y: (float(x < y), float(y < x))),
    "clip": (np.clip, lambda x, low, high: (float(low < x < high), float(x < low), float(x > high))),
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
    "silu": (lambda x: x * sigma(x), lambda x: (sigma(x) * (1 + x * sigma(-x)),)),
    "gelu": (
        lambda x: x / 2 * (1 + tanh_of_gelu(x)),
        lambda x: (
            (1 + tanh_of_gelu(x)) / 2
            + x / 2 * (1 - tanh_of_gelu(x) ** 2) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2),
        ),
    ),
    "softsign": (lambda x: x / (1 + np.abs(x)), lambda x: (1 / (1 + np.abs(x)) ** 2,)),
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
    "negate": operator.neg,
    "abs": operator.abs,
}

# Lists have no methods, and the identity is only met inside the engine.
WITHOUT_METHOD = {"identity", "total", "dot", "logsumexp"}


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
    name = "absolute" if op.name == "abs" else op.name
    assert name in autograd.__all__
    ways: list[Callable[..., Value]] = [op, getattr(ops, name), getattr(autograd, name)]
    if op.name == "dot":
        # As a function it takes two lists.
        ways = [op, lambda *xs: autograd.dot(xs[: len(xs) // 2], xs[len(xs) // 2 :])]
    if op.name in OPERATORS:
        ways.append(OPERATORS[op.name])
    if op.name == "abs" or op.name not in WITHOUT_METHOD | set(OPERATORS):
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
    if op.name in {"leaky_relu", "elu"}:
        points = [[x, 0.5] for x in SPECIAL_NUMBERS]
    if op.name == "clip":
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
    **dict.fromkeys(["step", "sign", "abs", "relu", "softsign"], lambda x: x == 0),
    **dict.fromkeys(["leaky_relu", "elu"], lambda x, _: x == 0),
    **dict.fromkeys(["maximum", "minimum"], lambda x, y: x == y),
    "clip": lambda x, low, high: x in (low, high) or low >= high,
    "power": lambda x, y: x == 0,
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


# --- powers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [-3, -2, -1, 0, 1, 2, 3, 4, 5, 0.5, -0.5, 1.5, 2.0, 1 / 3])
def test_power_by_a_number(n):
    points = (
        [0.3, 1.0, 2.5] + ([-0.3, -1.0, -2.5] if n == int(n) else []) + ([0.0] if n >= 0 and n == int(n) else [])
    )
    for x in points:
        value, (slope,) = forward_and_backward(lambda v: v**n, [x])
        assert value == pytest.approx(np.power(np.float64(x), n), rel=1e-15)
        expected = 0.0 if n == 0 else n * np.power(np.float64(x), n - 1)
        assert slope == pytest.approx(expected, rel=1e-14)
        assert type(value) is float
        assert type(slope) is float
        if x:
            curvature = hessian(lambda v: v**n)(x)[0][0]
            assert curvature == pytest.approx(
                n * (n - 1) * abs(x) ** (n - 2) * (1 if x > 0 else (-1) ** n), abs=1e-12
            )


def test_power_by_is_made_once_and_pickled_by_its_number():
    cube = ops.power_by(3.0)
    assert cube is ops.power_by(3.0)
    assert pickle.loads(pickle.dumps(cube)) is cube
    assert cube.constants == (3.0,)
    assert cube.name not in ops.ALL


@pytest.mark.parametrize("n", [-2, -1, 0, 1, 2, 3, 9, 10, 0.5])
def test_power_by_writes_its_own_exponent_in_latex(n):
    mathtext = pytest.importorskip("matplotlib.mathtext", reason="matplotlib is an extra")
    formula = ops.power_by(float(n)).write_latex("x")
    assert formula in (f"x^{{{n}}}", f"x^{n}")
    mathtext.MathTextParser("path").parse(f"${formula}$")


def test_the_gradient_graph_of_a_power_has_no_logarithm():
    x = Value(-3.0)
    [slope] = gradient(x**2, [x])
    names = {node.op.name for node in autograd.topological_order(slope) if node.op}
    assert slope.data == -6.0
    assert names == {"multiply"}


@pytest.mark.parametrize(
    ("base", "exponent", "value", "slopes"),
    [
        (2.0, 3.0, 8.0, (12.0, 8 * math.log(2))),
        (0.0, 0.0, 1.0, (0.0, 0.0)),
        (0.0, 2.0, 0.0, (0.0, 0.0)),
        (0.0, 1.0, 0.0, (1.0, 0.0)),
        (5.0, 0.0, 1.0, (0.0, math.log(5))),
        (4.0, -0.5, 0.5, (-0.0625, 0.5 * math.log(4))),
    ],
)
def test_an_exponent_that_is_a_value(base, exponent, value, slopes):
    found, gradients = forward_and_backward(operator.pow, [base, exponent])
    assert found == value
    assert gradients == pytest.approx(slopes, rel=1e-14)


def test_a_number_to_the_power_of_a_value():
    value, (slope,) = forward_and_backward(lambda y: 2**y, [3.0])
    assert value == 8.0
    assert slope == pytest.approx(8 * np.log(2), rel=1e-15)


# --- conventions at kinks ---------------------------------------------------------------------------------

# the function, the point, its slopes there as PyTorch gives them
KINKS = {
    "relu": ((0.0,), (0.0,)),
    "abs": ((0.0,), (0.0,)),
    "sign": ((0.0,), (0.0,)),
    "maximum": ((1.5, 1.5), (0.5, 0.5)),
    "minimum": ((1.5, 1.5), (0.5, 0.5)),
    "leaky_relu": ((0.0, 0.25), (0.25, None)),
    "elu": ((0.0, 1.5), (1.5, None)),
    "softsign": ((0.0,), (1.0,)),
}


@pytest.mark.parametrize("name", KINKS)
def test_slopes_at_kinks(name):
    point, expected = KINKS[name]
    _, slopes = forward_and_backward(ops.find(name), point)
    assert [s for s, e in zip(slopes, expected, strict=True) if e is not None] == [
        e for e in expected if e is not None
    ]


@pytest.mark.parametrize("name", KINKS)
def test_slopes_at_kinks_are_those_of_pytorch(name):
    torch = pytest.importorskip("torch", reason="the conventions at kinks are PyTorch's")
    point, expected = KINKS[name]
    theirs = {
        "relu": torch.relu,
        "abs": torch.abs,
        "sign": torch.sign,
        "maximum": torch.maximum,
        "minimum": torch.minimum,
        "leaky_relu": lambda x, slope: torch.nn.functional.leaky_relu(x, slope.item()),
        "elu": lambda x, alpha: torch.nn.functional.elu(x, alpha.item()),
        "softsign": torch.nn.functional.softsign,
    }[name]
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
    theirs(*tensors).backward()
    assert [t.grad.item() for t, e in zip(tensors, expected, strict=True) if e is not None] == [
        e for e in expected if e is not None
    ]


def test_step_is_zero_at_zero_and_has_no_slope_anywhere():
    assert [autograd.step(x) for x in (-1.0, 0.0, 1.0)] == [0.0, 0.0, 1.0]
    assert [grad(autograd.step)(x) for x in (-1.0, 0.0, 1.0)] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("x", [-2.0, -1.0, 0.5, 1.0, 2.0])
def test_clip_lets_the_gradient_through_between_and_on_its_limits_as_pytorch_does(x):
    torch = pytest.importorskip("torch", reason="the conventions at kinks are PyTorch's")
    tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    torch.clamp(tensor, -1.0, 1.0).backward()
    value, slopes = forward_and_backward(lambda v: v.clip(-1.0, 1.0), [x])
    assert value == np.clip(x, -1.0, 1.0)
    assert slopes == [tensor.grad.item()]


def test_clip_with_crossed_limits_answers_like_numpy_and_its_rule_fits():
    """np.clip(1, 2, 0) is 0, the upper limit; the whole gradient then belongs to the upper limit."""
    value, slopes = forward_and_backward(autograd.clip, [1.0, 2.0, 0.0])
    assert value == np.clip(1.0, 2.0, 0.0) == 0.0
    assert slopes == [0.0, 0.0, 1.0]


# --- extremes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [-1e200, -1e4, -800.0, -40.0, 40.0, 800.0, 1e4, 1e200])
@pytest.mark.parametrize("name", ["sigmoid", "softplus", "tanh", "silu", "gelu", "relu", "elu", "softsign", "erf"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_activations_and_their_slopes_do_not_overflow(name, x):
    torch = pytest.importorskip("torch", reason="PyTorch's activations are stable at the extremes")
    theirs = {
        "sigmoid": torch.sigmoid,
        "softplus": lambda t: torch.logaddexp(t, torch.zeros_like(t)),
        "tanh": torch.tanh,
        "silu": lambda t: t * torch.sigmoid(t),
        "gelu": lambda t: t * (t > 0),
        "relu": torch.relu,
        "elu": torch.nn.functional.elu,
        "softsign": torch.nn.functional.softsign,
        "erf": torch.erf,
    }[name]
    tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    expected = theirs(tensor)
    expected.backward()
    value, (slope,) = forward_and_backward(lambda v: getattr(v, name)(), [x])
    # gelu's true value at -40 is below 1e-300; everything else fits to the last digits.
    assert value == pytest.approx(expected.item(), rel=1e-14, abs=1e-300)
    assert slope == pytest.approx(tensor.grad.item(), rel=1e-13, abs=1e-300)


def test_dot_takes_two_lists_of_one_length():
    ws, xs = [Value(3.0), Value(4.0)], [Value(0.5), Value(0.25)]
    z = autograd.dot(ws, xs)
    z.backward()
    assert (z.data, [w.grad for w in ws], [x.grad for x in xs]) == (2.5, [0.5, 0.25], [3.0, 4.0])
    assert autograd.dot([1.0, 2.0], [3.0, 4.0]) == 11.0
    with pytest.raises(ValueError, match="2 and 1 numbers"):
        autograd.dot([1.0, 2.0], [3.0])
    with pytest.raises(ValueError, match="empty"):
        autograd.dot([], [])


def test_logsumexp_and_softmax_do_not_overflow():
    assert autograd.logsumexp([1000.0, 1000.0]) == pytest.approx(1000 + math.log(2), rel=1e-15)
    assert autograd.logsumexp([-1000.0, -1000.0]) == pytest.approx(-1000 + math.log(2), rel=1e-15)
    assert autograd.softmax([-1e308, 0.0]) == [0.0, 1.0]
    xs = [Value(1000.0), Value(0.0)]
    autograd.logsumexp(xs).backward()
    assert [x.grad for x in xs] == [1.0, 0.0]


def test_softmax_is_that_of_numpy_with_its_jacobian():
    xs = [0.3, -1.2, 2.0]
    p = np.exp(xs) / np.sum(np.exp(xs))
    assert autograd.softmax(xs) == pytest.approx(list(p), rel=1e-14)
    found = autograd.jacobian(autograd.softmax)(xs)
    np.testing.assert_allclose(found, np.diag(p) - np.outer(p, p), rtol=1e-13)


def test_lists_may_be_given_as_one_list_as_several_arguments_or_as_a_generator():
    xs = [Value(1.0), Value(2.0), Value(3.0)]
    assert autograd.total(xs).data == autograd.total(*xs).data == autograd.total(x for x in xs).data == 6.0
    assert autograd.total(1.0, xs[0]).data == 2.0
    assert autograd.total(xs).inputs == tuple(xs)


def test_total_rounds_once():
    numbers = [1e16, 1.0, -1e16, 1.0]
    assert autograd.total([Value(x) for x in numbers]).data == math.fsum(numbers) == 2.0


@pytest.mark.parametrize("function", [autograd.total, autograd.logsumexp, autograd.softmax])
def test_an_empty_list_is_refused(function):
    with pytest.raises(ValueError, match="of an empty list is not defined; give it at least one number"):
        function([])


def test_a_wrong_number_of_inputs_is_refused():
    x = Value(1.0)
    with pytest.raises(TypeError, match=r"tanh takes 1 input\(s\), but 2 were given"):
        autograd.tanh(x, x)
    with pytest.raises(TypeError, match=r"hypot takes 2 input\(s\), but 1 were given"):
        autograd.hypot(x)
    with pytest.raises(TypeError, match=r"leaky_relu takes 2 input\(s\), but 0 were given"):
        autograd.leaky_relu()


def test_defaults_are_filled_in():
    x = Value(-2.0)
    assert autograd.leaky_relu(x).data == x.leaky_relu().data == autograd.leaky_relu(-2.0) == -0.02
    assert autograd.elu(x).data == x.elu().data == math.expm1(-2.0)


# --- a learner's own operation ----------------------------------------------------------------------------


@pytest.fixture
def cube():
    """One line, from outside the package; taken out of the table again after the test."""
    yield Op("cube_of_test", lambda x: x * x * x, lambda x, z: (3 * x * x,), latex="{0}^3", requires="courage")
    del ops.ALL["cube_of_test"]


@pytest.fixture
def clean_table():
    """Takes out whatever a test puts into the table."""
    before = dict(ops.ALL)
    yield
    ops.ALL.clear()
    ops.ALL.update(before)


def test_own_operation_on_numbers_values_arrays_and_in_second_order(cube):
    assert cube(2.0) == 8.0
    np.testing.assert_array_equal(cube(np.array([1.0, 2.0])), [1.0, 8.0])
    assert forward_and_backward(cube, [2.0]) == (8.0, [12.0])
    assert grad(grad(cube))(2.0) == 12.0
    assert grad(grad(grad(cube)))(2.0) == 6.0
    assert autograd.jvp(cube, (2.0,), (1.0,)) == (8.0, 12.0)
    assert cube.write_latex("a") == "a^3"
    assert check_gradient(cube, 1.5, order=2)


def test_own_operation_in_a_graph_is_pickled_by_name(cube):
    x = Value(2.0, "x")
    y = pickle.loads(pickle.dumps(cube(x) + 1))
    y.backward()
    assert y.inputs[0].op is cube
    assert y.inputs[0].inputs[0].grad == 12.0


def test_unpickling_an_operation_that_is_not_declared_says_what_to_do():
    with pytest.raises(
        LookupError, match=r"no operation is named 'mystery'; declare it with Op\('mystery', \.\.\.\)"
    ):
        ops.find("mystery")


def test_own_operation_in_an_error_message(cube):
    with pytest.raises(autograd.NumberOverflowError, match=r"cube_of_test\(x\) overflows at x = 1e\+200 \(big\)"):
        cube(Value(1e200, "big"))


def test_own_operation_with_a_domain_names_its_requirement(clean_table):
    half_log = Op("half_log", lambda x: math.log(x) / 2, lambda x, z: (0.5 / x,), requires="x > 0")
    with pytest.raises(
        autograd.DomainError, match=r"(?s)half_log\(x\) is not defined at x = -1\.0.*It needs x > 0"
    ):
        half_log(Value(-1.0))


def test_own_operation_with_two_inputs_and_over_a_list(clean_table):
    area = Op("area", lambda width, height: width * height, lambda width, height, z: (height, width))
    assert forward_and_backward(area, [2.0, 3.0]) == (6.0, [3.0, 2.0])
    assert area.write_latex("a", "b") == r"\operatorname{area}(a, b)"
    mean = Op(
        "mean_of_list", lambda *xs: sum(xs) / len(xs), lambda xs, z: (1 / len(xs),) * len(xs), variadic=True
    )  # fmt: skip
    assert forward_and_backward(lambda *xs: mean(list(xs)), [1.0, 2.0, 6.0]) == (3.0, [1 / 3] * 3)
    assert "a, b" in mean.write_latex("a", "b")


def test_latex_of_an_own_operation_needs_no_template_even_with_underscores_in_its_name(clean_table):
    """In TeX a bare _ would begin a subscript, and two of them in a row are an error."""
    mathtext = pytest.importorskip("matplotlib.mathtext", reason="matplotlib is an extra")
    op = Op("one_two_three", lambda x: x, lambda x, z: (1,))
    formula = op.write_latex("a")
    assert formula == r"\operatorname{one\_two\_three}(a)"
    mathtext.MathTextParser("path").parse(f"${formula}$")


def test_the_name_of_an_existing_operation_is_refused():
    with pytest.raises(ValueError, match="there is already an operation named 'tanh'"):
        Op("tanh", math.tanh, lambda x, z: (1 - z * z,))
    assert ops.find("tanh") is ops.tanh


def test_the_name_of_somebody_elses_operation_is_refused(cube):
    source = "from autograd import Op\nOp('cube_of_test', lambda x: x**3, lambda x, z: (3 * x * x,))"
    with pytest.raises(ValueError, match="there is already an operation named 'cube_of_test'"):
        exec(compile(source, "another_file.py", "exec"), {"__name__": "another_file"})
    assert ops.find("cube_of_test") is cube


@pytest.mark.parametrize(
    "files",
    [
        ("/tmp/ipykernel_7/1.py", "/tmp/ipykernel_7/2.py"),
        ("<ipython-input-3-8b2ad9bc60be>", "<ipython-input-4-0ff1ce0ff1ce>"),
        ("/tmp/marimo_9/__marimo__cell_Hbol_.py", "/tmp/marimo_9/__marimo__cell_MJUe_.py"),
        ("<stdin>", "<stdin>"),
        ("<python-input-1>", "<python-input-2>"),
        ("<pyshell#3>", "<pyshell#4>"),
        ("<doctest lesson.md[2]>", "<doctest lesson.md[3]>"),
        ("lesson.py", "<stdin>"),
    ],
)
def test_what_was_typed_may_be_typed_again(files, clean_table):
    """In every shell and notebook, also after ``python -i lesson.py``."""
    source = "from autograd import Op\nquart = Op('quart', lambda x: x**4, lambda x, z: (4 * x * x * x,))"
    for file in files:
        names: dict[str, object] = {"__name__": "__main__"}
        exec(compile(source, file, "exec"), names)
        assert ops.find("quart") is names["quart"]


@pytest.mark.parametrize("file", ["<stdin>", "/tmp/ipykernel_7/1.py"])
def test_what_was_typed_takes_no_name_of_ours_and_of_no_module(file, cube):
    for name in ("tanh", "cube_of_test"):
        source = f"from autograd import Op\nOp({name!r}, lambda x: x**3, lambda x, z: (3 * x * x,))"
        with pytest.raises(ValueError, match=f"there is already an operation named '{name}'"):
            exec(compile(source, file, "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize(
    ("rule", "variadic"), [(lambda x: (1,), False), (lambda: (1,), False), (lambda x, y, z: (1, 1), True)]
)
def test_a_rule_that_does_not_take_inputs_and_output_is_refused(rule, variadic):
    with pytest.raises(
        TypeError, match=r"the derivative rule of 'odd' takes \d argument.*inputs and then the output"
    ):
        Op("odd", lambda x: x, rule, variadic=variadic)
    assert "odd" not in ops.ALL


def test_a_rule_need_not_be_a_lambda(clean_table):
    """A callable object has no __code__; declaring its name a second time is refused all the same."""

    class Rule:
        def __call__(self, x, z):
            return (2 * x,)

    op = Op("square_by_object", lambda x: x * x, Rule())
    assert forward_and_backward(op, [3.0]) == (9.0, [6.0])
    with pytest.raises(ValueError, match="there is already an operation named 'square_by_object'"):
        Op("square_by_object", lambda x: x * x, Rule())


@pytest.mark.parametrize("rule", [lambda x, z: 2 * x, lambda x, z: (2 * x, 0), lambda x, z: None])
def test_a_rule_without_one_derivative_for_each_input_is_named(rule, clean_table):
    """The commonest slip: forgetting the comma of a tuple with one element."""
    x = Value(3.0, "x")
    y = Op("slip", lambda x: x * x, rule)(x)
    for differentiate in (y.backward, lambda: gradient(y, [x])):
        with pytest.raises((TypeError, ValueError), match=r"(?s)slip.*tuple"):
            differentiate()
    assert x.grad == 0


def test_an_own_primitive_that_numpy_does_not_know_works_on_arrays_and_leaves_numpys_functions_alone():
    """A regression: after such a row, np.exp(v) raised AttributeError for any Value v."""
    triple = Op("test_ops_triple", lambda x: 3 * x, lambda x, z: (3.0,), atom="a_word_that_numpy_does_not_have")
    own_exp = Op("test_ops_exp", math.exp, lambda x, z: (z,), atom="exp")
    assert np.exp(Value(1.0)).op is ops.exp
    assert list(triple(np.array([1.0, 2.0]))) == [3.0, 6.0]
    assert list(own_exp(np.array([0.0]))) == [1.0]
    assert list(ops.step(np.array([-1.0, 0.0, 2.0]))) == [0.0, 0.0, 1.0]


def test_messages_write_arithmetic_between_its_inputs():
    written = {name: write_call(ops.ALL[name], (1.0, 2.0))[0] for name in ("add", "divide", "power", "hypot")}
    assert written == {"add": "x + y", "divide": "x / y", "power": "x ** y", "hypot": "hypot(x, y)"}
    assert write_call(ops.power_by(-1.0), (0.0,))[0] == "x ** -1"


@pytest.mark.parametrize("x", [0.0, -0.0, 1e-300, 0.3, -0.3, 1.0, -1.0, 36.5, -36.5, 709.0, -745.0, 1e308, -1e308])
def test_the_sigmoid_of_a_float_has_the_bits_of_the_operations_that_it_is_recorded_as(x):
    small = ops.exp(-abs(x))
    assert ops.sigmoid.forward(x) == ops.maximum(small, ops.step(x)) / (1 + small)
