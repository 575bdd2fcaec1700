"""Derivatives as functions and as graphs: against closed forms, against torch.func, and nested in every way."""

import math
import random
from itertools import pairwise

import numpy as np
import pytest

import autograd
from autograd import (
    DataError,
    Dual,
    GradientError,
    Value,
    grad,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    topological_order,
    value_and_grad,
    vjp,
)


def slope(f):
    """d/dx by forward mode, as a function."""
    return lambda x: jvp(f, (x,), (1.0,))[1]


# --- closed forms -----------------------------------------------------------------------------------------


def bowl(x, y):
    return x**2 * y + autograd.sin(y) / x


def bowl_gradient(x, y):
    return [2 * x * y - np.sin(y) / x**2, x**2 + np.cos(y) / x]


def bowl_hessian(x, y):
    mixed = 2 * x - np.cos(y) / x**2
    return [[2 * y + 2 * np.sin(y) / x**3, mixed], [mixed, -np.sin(y) / x]]


POINT = (1.3, -0.7)


def test_value_and_grad():
    value, slopes = value_and_grad(bowl, argnums=(0, 1))(*POINT)
    assert value == pytest.approx(1.3**2 * -0.7 + math.sin(-0.7) / 1.3, rel=1e-15)
    assert slopes == pytest.approx(bowl_gradient(*POINT), rel=1e-14)
    assert type(value) is float
    assert [type(s) for s in slopes] == [float, float]


@pytest.mark.parametrize(("argnums", "expected"), [(0, 0), (1, 1), (-1, 1), (-2, 0)])
def test_grad_with_respect_to_one_argument(argnums, expected):
    assert grad(bowl, argnums)(*POINT) == pytest.approx(bowl_gradient(*POINT)[expected], rel=1e-14)


def test_grad_with_respect_to_several_arguments_in_the_order_asked():
    first, second = bowl_gradient(*POINT)
    assert grad(bowl, (1, 0))(*POINT) == pytest.approx((second, first), rel=1e-14)
    assert grad(bowl, [0])(*POINT) == pytest.approx((first,), rel=1e-14)


def test_gradient_of_a_graph():
    x, y = Value(POINT[0]), Value(POINT[1])
    slopes = gradient(bowl(x, y), [x, y])
    assert [s.data for s in slopes] == pytest.approx(bowl_gradient(*POINT), rel=1e-14)


def test_gradient_with_respect_to_intermediate_nodes_and_to_the_result():
    x = Value(2.0)
    y = x * 3
    z = y * y
    by_z, by_y, by_x = gradient(z, [z, y, x])
    assert (by_z.data, by_y.data, by_x.data) == (1.0, 12.0, 36.0)


def test_gradient_with_respect_to_something_else_is_zero():
    x, other = Value(2.0), Value(5.0)
    [slope] = gradient(x * x, [other])
    assert slope.data == 0.0


def test_gradient_with_an_upstream_gradient():
    x = Value(2.0)
    assert gradient(x * x, [x], upstream=10.0)[0].data == 40.0
    weight = Value(10.0)
    [slope] = gradient(x * x, [x], upstream=weight)
    assert gradient(slope, [weight])[0].data == 4.0


def test_gradient_touches_no_grad():
    x, y = Value(POINT[0]), Value(POINT[1])
    z = bowl(x, y)
    z.backward()
    before = [node.grad for node in topological_order(z)]
    slopes = gradient(z, [x, y])
    gradient(slopes[0], [x, y])
    assert [node.grad for node in topological_order(z)] == before


def test_gradient_graphs_have_no_multiplication_by_one():
    x, y = Value(2.0), Value(3.0)
    [slope] = gradient((x + y) - 2 * x, [y])
    assert slope.inputs == ()
    [slope] = gradient(x * y, [x])
    assert slope is y


def test_backward_and_gradient_agree():
    x, y = Value(POINT[0]), Value(POINT[1])
    z = bowl(x, y)
    z.backward()
    assert [x.grad, y.grad] == pytest.approx([s.data for s in gradient(z, [x, y])], rel=1e-15)


def test_gradients_can_be_trained_through_with_backward():
    """A penalty on the slope: L = (df/dx)², dL/dx by backward() through the gradient's own graph."""
    x = Value(0.7)
    [slope] = gradient(x**3, [x])
    (slope**2).backward()
    assert x.grad == pytest.approx(36 * 0.7**3)


def test_hessian():
    np.testing.assert_allclose(hessian(bowl)(*POINT), bowl_hessian(*POINT), rtol=1e-13)
    np.testing.assert_allclose(hessian(lambda p: bowl(p[0], p[1]))(list(POINT)), bowl_hessian(*POINT), rtol=1e-13)


def test_hessian_of_a_linear_and_of_a_constant_function():
    assert hessian(lambda x, y: 2 * x + y)(1.0, 2.0) == [[0.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda x: 3.0)(1.0) == [[0.0]]
    assert grad(lambda x: 3.0)(1.0) == 0.0
    assert jacobian(lambda x: [x, 3.0])(1.0) == [[1.0], [0.0]]


def test_hvp_is_the_hessian_times_the_vector():
    for vector in [(1.0, 0.0), (0.0, 1.0), (0.3, -2.0)]:
        assert hvp(bowl, POINT, vector) == pytest.approx(np.array(bowl_hessian(*POINT)) @ vector, rel=1e-13)


def test_hvp_keeps_the_shape_of_the_arguments():
    result = hvp(lambda w, b: w[0] ** 2 * w[1] * b, ([1.0, 2.0], 3.0), ([1.0, 0.0], 0.0))
    assert result == ([12.0, 6.0], 4.0)


def polar(r, angle):
    return [r * autograd.cos(angle), r * autograd.sin(angle)]


def polar_jacobian(r, angle):
    return np.array([[np.cos(angle), -r * np.sin(angle)], [np.sin(angle), r * np.cos(angle)]])


def test_jacobian_vjp_jvp():
    J = polar_jacobian(2.0, 0.6)
    np.testing.assert_allclose(jacobian(polar)(2.0, 0.6), J, rtol=1e-14)
    value, derivative = jvp(polar, (2.0, 0.6), (0.5, -1.0))
    assert value == pytest.approx([2 * math.cos(0.6), 2 * math.sin(0.6)], rel=1e-15)
    assert derivative == pytest.approx(J @ [0.5, -1.0], rel=1e-14)
    value, pull_back = vjp(polar, 2.0, 0.6)
    assert value == pytest.approx([2 * math.cos(0.6), 2 * math.sin(0.6)], rel=1e-15)
    assert pull_back([0.5, -1.0]) == pytest.approx([0.5, -1.0] @ J, rel=1e-14)
    assert pull_back([0.0, 0.0]) == (0.0, 0.0)


def test_jacobian_of_a_result_used_as_another():
    assert jacobian(lambda x, y: [x, y, x])(1.0, 2.0) == [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]


def test_vjp_and_jvp_are_transposes():
    def f(x):
        return [x[0] * x[1].exp(), autograd.hypot(x[1], x[2]), x[2].sigmoid() / x[0]]

    chance = random.Random(3)
    x, u, v = ([chance.uniform(0.5, 2) for _ in range(3)] for _ in range(3))
    forward = jvp(f, (x,), (v,))[1]
    [back] = vjp(f, x)[1](u)
    assert np.dot(u, forward) == pytest.approx(np.dot(back, v), rel=1e-13)


# --- called with Values -----------------------------------------------------------------------------------


def test_grad_called_with_values_answers_with_values():
    x = Value(0.5)
    y = grad(autograd.tanh)(x)
    assert isinstance(y, Value)
    y.backward()
    t = math.tanh(0.5)
    assert y.data == pytest.approx(1 - t * t)
    assert x.grad == pytest.approx(-2 * t * (1 - t * t))


def test_a_function_may_use_values_from_outside():
    w = Value(3.0)
    value, slope = value_and_grad(lambda x: w * x * x)(2.0)
    assert (value, slope) == (12.0, 12.0)
    assert w.grad == 0
    assert jvp(lambda x: w * x * x, (2.0,), (1.0,)) == (12.0, 12.0)
    assert jacobian(lambda x: [w, w * x])(2.0) == [[0.0], [3.0]]


def test_grad_inside_a_training_step():
    """The slope of a small network with respect to its input, trained by its parameter."""
    w, x = Value(0.3), Value(0.8)
    y = grad(lambda x: autograd.tanh(w * x))(x)
    y.backward()
    h = 1e-6

    def number(w, x):
        return w * (1 - math.tanh(w * x) ** 2)

    assert w.grad == pytest.approx((number(0.3 + h, 0.8) - number(0.3 - h, 0.8)) / (2 * h), rel=1e-8)
    assert x.grad == pytest.approx((number(0.3, 0.8 + h) - number(0.3, 0.8 - h)) / (2 * h), rel=1e-8)


def test_jvp_called_with_values_answers_with_values():
    x = Value(0.5)
    value, derivative = jvp(autograd.tanh, (x,), (1.0,))
    assert isinstance(value, Value)
    derivative.backward()
    t = math.tanh(0.5)
    assert x.grad == pytest.approx(-2 * t * (1 - t * t))


def test_vjp_called_with_values_answers_with_values():
    x, u = Value(0.5), Value(2.0)
    value, pull_back = vjp(autograd.tanh, x)
    [pulled] = pull_back(u)
    assert isinstance(value, Value)
    t = math.tanh(0.5)
    pulled.backward()
    assert (x.grad, u.grad) == pytest.approx((-4 * t * (1 - t * t), 1 - t * t))


def test_vjp_called_with_numbers_pulls_back_values():
    u = Value(2.0)
    [pulled] = vjp(autograd.tanh, 0.5)[1](u)
    pulled.backward()
    assert u.grad == pytest.approx(1 - math.tanh(0.5) ** 2)


# --- loops and branches of Python ---------------------------------------------------------------------------


@pytest.mark.parametrize("way", [grad, slope])
def test_branches_on_the_numbers(way):
    """Python's if, max, min, abs and sorted look at the number, in reverse mode and in forward mode."""
    assert way(lambda x: x * x if x > 0 else -x)(3.0) == 6.0
    assert way(lambda x: x * x if x > 0 else -x)(-3.0) == -1.0
    assert way(lambda x: x * x if x >= 3.0 and not x < 3.0 and x <= 3.0 else -x)(3.0) == 6.0
    assert way(lambda x: max(x, 2 * x))(3.0) == 2.0
    assert way(lambda x: sorted([3 * x, x, 2 * x])[1])(3.0) == 2.0
    assert way(lambda x: abs(-x))(3.0) == 1.0
    assert way(lambda x: x * 2 if x == 3.0 else x)(3.0) == 2.0
    assert way(lambda x: x * 2 if x else x)(3.0) == 2.0


@pytest.mark.parametrize("way", [grad, slope])
def test_newtons_iteration_for_a_square_root(way):
    def root(a):
        x = a
        for _ in range(30):
            x = 0.5 * (x + a / x)
        return x

    assert way(root)(2.0) == pytest.approx(0.5 / math.sqrt(2.0), rel=1e-12)


@pytest.mark.parametrize("name", ["maximum", "minimum", "hypot", "atan2", "leaky_relu", "elu"])
def test_a_value_meets_a_dual_number_in_a_method(name):
    w = Value(2.0)
    f = getattr(autograd, name)
    by_method = jvp(lambda x: getattr(w, name)(x), (1.5,), (1.0,))
    expected = jvp(lambda x: f(2.0, x), (1.5,), (1.0,))
    for found in (by_method, jvp(lambda x: f(w, x), (1.5,), (1.0,))):
        # They are Values, because somebody may differentiate them by w.
        assert tuple(x.data for x in found) == expected


def test_dual_numbers_by_hand():
    x = Dual(3.0, 1.0)
    y = 2 * x + x * x - 1 / x
    assert y.primal == pytest.approx(15 - 1 / 3)
    assert y.tangent == pytest.approx(8 + 1 / 9)
    assert repr(Dual(1.0, 2.0)) == "Dual(1.0 + 2.0ε)"
    assert (x**x).tangent == pytest.approx(27 * (math.log(3) + 1))
    assert (2**x).tangent == pytest.approx(8 * math.log(2))
    assert (x + Value(1.0)).primal.data == (Value(1.0) + x).primal.data == 4.0
    with pytest.raises(DataError):
        x + "a"


# --- torch.func -------------------------------------------------------------------------------------------


def rosenbrock(x):
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def softmax_cross_entropy(x):
    return autograd.logsumexp(list(x)) - x[1]


def torch_softmax_cross_entropy(x):
    return x.logsumexp(0) - x[1]


def waves(x):
    return (x[0] * x[1]).tanh() + (x[2] * x[0]).sin() * x[1].exp() + (x[2] ** 2 + 1).log() / x[1]


PAIRS = pytest.mark.parametrize(
    ("ours", "theirs"),
    [(rosenbrock, rosenbrock), (softmax_cross_entropy, torch_softmax_cross_entropy), (waves, waves)],
    ids=["rosenbrock", "cross entropy", "waves"],
)


@PAIRS
def test_against_torch_func(ours, theirs):
    torch = pytest.importorskip("torch", reason="an independent implementation to compare with")
    x, v = [0.7, -1.1, 0.4], [0.3, 1.0, -2.0]
    tx, tv = torch.tensor(x, dtype=torch.float64), torch.tensor(v, dtype=torch.float64)
    value, slopes = value_and_grad(ours)(x)
    assert value == pytest.approx(theirs(tx).item(), rel=1e-14)
    assert slopes == pytest.approx(torch.func.grad(theirs)(tx).tolist(), rel=1e-12)
    # torch.func.hessian and torch.func.jvp call torch.jit.script, which PyTorch itself deprecates with a warning.
    curvature = torch.autograd.functional.hessian(theirs, tx)
    np.testing.assert_allclose(hessian(ours)(x), curvature.tolist(), rtol=1e-11, atol=1e-13)
    expected = (curvature @ tv).tolist()
    assert hvp(ours, (x,), (v,))[0] == pytest.approx(expected, rel=1e-11, abs=1e-13)
    directional = torch.autograd.functional.jvp(theirs, tx, tv)[1]
    assert jvp(ours, (x,), (v,))[1] == pytest.approx(directional.item(), rel=1e-12)


def test_jacobian_and_vjp_against_torch_func():
    torch = pytest.importorskip("torch", reason="an independent implementation to compare with")

    def ours(x):
        return autograd.softmax([x[0] * x[1], x[1].sin(), x[2] / x[0]])

    def theirs(x):
        return torch.softmax(torch.stack([x[0] * x[1], x[1].sin(), x[2] / x[0]]), 0)

    x, u = [0.7, -1.1, 0.4], [0.3, 1.0, -2.0]
    tx, tu = torch.tensor(x, dtype=torch.float64), torch.tensor(u, dtype=torch.float64)
    np.testing.assert_allclose(jacobian(ours)(x), torch.func.jacrev(theirs)(tx).tolist(), rtol=1e-12, atol=1e-15)
    assert vjp(ours, x)[1](u)[0] == pytest.approx(torch.func.vjp(theirs, tx)[1](tu)[0].tolist(), rel=1e-12)


# --- errors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", [[1.0, 2.0], None, "a", (1.0,)])
def test_a_function_that_does_not_return_one_number(result):
    for derivative in (grad(lambda x: result), value_and_grad(lambda x: result), hessian(lambda x: result)):
        with pytest.raises(GradientError, match=rf"(?s)one number.*\({type(result).__name__}\).*jacobian"):
            derivative(1.0)


@pytest.mark.parametrize("argnums", [2, -3, (0, 5)])
def test_argnums_that_names_no_argument(argnums):
    with pytest.raises(GradientError, match=r"argnums is .*, but the function was called with 2 positional"):
        grad(bowl, argnums)(*POINT)


def test_an_argument_that_is_no_number():
    with pytest.raises(DataError, match=r"'a' \(str\)"):
        grad(lambda x: x)("a")
    with pytest.raises(DataError, match=r"\(set\)"):
        jvp(lambda x: x, ({1.0},), (1.0,))
    with pytest.raises(DataError, match="NoneType"):
        jacobian(lambda x: [x, None])(1.0)


def test_vectors_of_the_wrong_length():
    with pytest.raises(
        GradientError, match=r"one tangent for each number.* got primals .*-0\.7.* tangents \(1\.0,"
    ):
        jvp(bowl, POINT, (1.0,))
    with pytest.raises(GradientError, match=r"result, which has 2 number\(s\), but got \[1\.0, 2\.0, 3\.0\]"):
        vjp(polar, 2.0, 0.6)[1]([1.0, 2.0, 3.0])
    with pytest.raises(GradientError):
        hvp(bowl, POINT, (1.0,))


def test_an_error_inside_a_derivative_leaves_nested_calls_intact():
    with pytest.raises(autograd.DomainError):
        grad(lambda x: autograd.log(x))(-1.0)
    assert type(grad(autograd.tanh)(0.5)) is float
    with pytest.raises(autograd.DomainError):
        jvp(autograd.log, (-1.0,), (1.0,))
    assert type(jvp(autograd.tanh, (0.5,), (1.0,))[1]) is float


@pytest.mark.parametrize("way", [grad, slope])
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (autograd.sqrt, 0.0),
        (autograd.cbrt, 0.0),
        (autograd.asin, 1.0),
        (autograd.acosh, 1.0),
        (lambda x: x**0.5, 0.0),
        (lambda x: autograd.hypot(x, 0.0), 0.0),
    ],
)
def test_where_there_is_no_derivative_both_modes_say_so(way, f, x):
    with pytest.raises(autograd.DomainError, match="is not defined at"):
        way(f)(x)


@pytest.mark.parametrize("way", [grad, slope])
def test_derivatives_that_overflow_are_errors_in_both_modes(way):
    with pytest.raises(autograd.NumberOverflowError):
        way(lambda x: (x * 1e200) * 1e200)(1e-200)
