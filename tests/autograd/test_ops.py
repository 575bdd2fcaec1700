"""Every row of the table of operations, held against NumPy, central differences and PyTorch.

A new row fails a test until its closed form stands in ``tests/helpers/closed_forms.py``.
"""

import itertools
import math
import operator
import pickle
import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from closed_forms import CLOSED_FORMS, Function

import autograd
from autograd import Op, Value, check_gradient, grad, gradient, hessian, ieee, ops
from autograd.core.evaluate import apply_rule

OUR_OPS = [op for op in ops.ALL.values() if op.is_built_in]
every_op = pytest.mark.parametrize("op", OUR_OPS, ids=lambda op: op.name)

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
PARTS = {"identity", "one_minus_square", "atan_slope", "celu_slope", "gauss", "sigmoid_slope", "unit"}
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
