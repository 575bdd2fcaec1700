"""Derivatives as functions and as graphs: against closed forms, against torch.func, and nested in every way."""

import math
import random
from collections import Counter, OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass
from fractions import Fraction
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
from autograd.transforms.pytree import flatten


def slope(f):
    """d/dx by forward mode, as a function."""
    return lambda x: jvp(f, (x,), (1.0,))[1]


BOTH_MODES = pytest.mark.parametrize(("outer", "inner"), [(a, b) for a in (grad, slope) for b in (grad, slope)])


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


# --- arguments and results of any structure ---------------------------------------------------------------


def test_arguments_may_be_lists_tuples_dicts_and_arrays():
    def loss(parameters, x):
        return (parameters["w"][0] * x[0] + parameters["w"][1] * x[1] + parameters["b"][0]) ** 2

    parameters = {"w": [1.0, -2.0], "b": (0.5,)}
    value, slopes = value_and_grad(loss)(parameters, np.array([3.0, 4.0]))
    assert value == 4.5**2
    assert slopes == {"w": [-27.0, -36.0], "b": (-9.0,)}
    assert grad(loss, 1)(parameters, [3.0, 4.0]) == [-9.0, 18.0]
    assert parameters == {"w": [1.0, -2.0], "b": (0.5,)}


def test_an_array_argument_gives_a_list_of_slopes():
    assert grad(lambda x: x[0] * x[1])(np.array([2.0, 3.0])) == [3.0, 2.0]
    assert grad(lambda m: m[0][1] * m[1][0])(np.array([[1.0, 2.0], [3.0, 4.0]])) == [[0.0, 3.0], [2.0, 0.0]]


def test_integers_numpy_scalars_and_bools_are_arguments():
    for x in (3, 3.0, np.float64(3), np.int64(3)):
        assert grad(lambda x: x * x)(x) == 6.0
        assert jvp(lambda x: x * x, (x,), (1,)) == (9.0, 6.0)


def test_keyword_arguments_are_passed_on():
    assert grad(lambda x, *, scale: scale * x * x)(3.0, scale=10) == 60.0


def test_an_empty_structure():
    assert grad(lambda xs, y: y * y)([], 3.0) == []


def test_results_may_have_any_structure_in_jvp_vjp_and_jacobian():
    value, derivative = jvp(lambda x: {"twice": 2 * x, "list": [x, 1.0]}, (3.0,), (1.0,))
    assert (value, derivative) == ({"twice": 6.0, "list": [3.0, 1.0]}, {"twice": 2.0, "list": [1.0, 0.0]})
    value, pull_back = vjp(lambda x: {"twice": 2 * x, "list": [x]}, 3.0)
    assert value == {"twice": 6.0, "list": [3.0]}
    assert pull_back({"twice": 1.0, "list": [10.0]}) == (12.0,)
    assert jacobian(lambda x: (2 * x, (x * x,)))(3.0) == [[2.0], [6.0]]


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


# --- nesting ----------------------------------------------------------------------------------------------


@BOTH_MODES
def test_second_derivatives_in_all_four_ways(outer, inner):
    for f, expected in [
        (lambda x: x**3, lambda x: 6 * x),
        (autograd.sin, lambda x: -math.sin(x)),
        (lambda x: autograd.exp(2 * x) / x, lambda x: math.exp(2 * x) * (4 / x - 4 / x**2 + 2 / x**3)),
        (lambda x: x * x, lambda x: 2.0),
        (lambda x: 5 * x, lambda x: 0.0),
        (lambda x: x**x, lambda x: x**x * ((math.log(x) + 1) ** 2 + 1 / x)),
    ]:
        found = outer(inner(f))(0.8)
        assert found == pytest.approx(expected(0.8), rel=1e-12)
        assert type(found) is float


@pytest.mark.parametrize("ways", [(a, b, c) for a in (grad, slope) for b in (grad, slope) for c in (grad, slope)])
def test_third_derivatives_in_all_eight_ways(ways):
    f = lambda x: autograd.sin(x) * autograd.exp(x) / (1 + x * x)  # noqa: E731
    expected = grad(grad(grad(f)))(0.4)
    h = 1e-3
    second = grad(grad(f))
    central = (8 * (second(0.4 + h) - second(0.4 - h)) - (second(0.4 + 2 * h) - second(0.4 - 2 * h))) / (12 * h)
    assert expected == pytest.approx(central, rel=1e-8)
    for way in ways:
        f = way(f)
    assert f(0.4) == pytest.approx(expected, rel=1e-12)


@BOTH_MODES
def test_perturbation_confusion(outer, inner):
    """Siskind and Pearlmutter's example: d/dx [x · d/dy (x + y)] at y = 1 is 1; confused, it would be 2."""
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0


@BOTH_MODES
def test_perturbation_confusion_with_a_product(outer, inner):
    """d/dx [x · d/dy (x·y)] = d/dx x² = 2x."""
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0) == 6.0


@BOTH_MODES
def test_the_inner_argument_is_the_outer_variable(outer, inner):
    """d/dx [x · (d/dy (x·y²) at y = x)] = d/dx [x·2x·x] = 6x²; the inner x stays fixed there."""
    assert outer(lambda x: x * inner(lambda y: x * y * y)(x))(3.0) == 54.0
    assert outer(lambda x: inner(lambda y: x * y)(x))(3.0) == 1.0
    assert outer(lambda x: inner(lambda y: y * y * y)(x * x))(2.0) == 3 * 4 * 2.0**3


@BOTH_MODES
def test_the_inner_function_ignores_its_argument(outer, inner):
    assert outer(lambda x: x + inner(lambda y: x * x)(1.0))(3.0) == 1.0


@BOTH_MODES
def test_the_inner_function_hides_the_outer_variable_in_a_closure(outer, inner):
    """The inner derivative is taken of a function that was made by the outer one."""

    def outer_function(x):
        def inner_function(y):
            return autograd.sin(x * y) + x * x

        return inner(inner_function)(x + 1)

    # d/dx [x·cos(x·(x + 1))]
    x = 0.7
    assert outer(outer_function)(x) == pytest.approx(
        math.cos(x * (x + 1)) - x * math.sin(x * (x + 1)) * (2 * x + 1)
    )


def test_higher_order_functions_through_vjp_jacobian_and_hessian():
    assert grad(lambda x: vjp(lambda y: x * y * y, x)[1](1.0)[0])(3.0) == 12.0
    assert slope(lambda x: vjp(lambda y: x * y * y, x)[1](1.0)[0])(3.0) == 12.0
    assert grad(lambda x: jacobian(lambda y: [x * y * y])(x)[0][0])(3.0) == 12.0
    assert slope(lambda x: jacobian(lambda y: [x * y * y])(x)[0][0])(3.0) == 12.0
    assert grad(lambda x: hessian(lambda y: y**4)(x)[0][0])(3.0) == 72.0
    assert slope(lambda x: hessian(lambda y: y**4)(x)[0][0])(3.0) == 72.0
    assert grad(lambda x: hvp(lambda y: y**4, (x,), (1.0,))[0])(3.0) == 72.0
    assert slope(lambda x: hvp(lambda y: y**4, (x,), (1.0,))[0])(3.0) == 72.0


def test_the_tangent_may_depend_on_the_outer_variable():
    assert grad(lambda v: jvp(lambda x: x**3, (2.0,), (v * v,))[1])(5.0) == 120.0
    assert slope(lambda v: jvp(lambda x: x**3, (2.0,), (v * v,))[1])(5.0) == 120.0


# polynomials in t = tanh(x): d/dx tᵏ = k·tᵏ⁻¹·(1 - t²)
def derivative_in_powers_of_tanh(coefficients):
    result = [0] * (len(coefficients) + 1)
    for k, c in enumerate(coefficients):
        if k:
            result[k - 1] += k * c
            result[k + 1] -= k * c
    return result


@pytest.mark.parametrize("way", [grad, slope])
@pytest.mark.parametrize("n", range(1, 7))
def test_nth_derivatives_of_tanh(n, way):
    if way is slope and n == 6:
        n = 5
    f, coefficients = autograd.tanh, [0, 1]
    for _ in range(n):
        f, coefficients = way(f), derivative_in_powers_of_tanh(coefficients)
    for x in (-1.5, -0.3, 0.0, 0.4, 2.0):
        t = math.tanh(x)
        expected = math.fsum(c * t**k for k, c in enumerate(coefficients))
        assert f(x) == pytest.approx(expected, rel=1e-10, abs=1e-11)


def test_nth_derivatives_of_tanh_as_graphs():
    x = Value(0.4)
    y, coefficients = x.tanh(), [0, 1]
    for _ in range(6):
        [y] = gradient(y, [x])
        coefficients = derivative_in_powers_of_tanh(coefficients)
        t = math.tanh(0.4)
        assert y.data == pytest.approx(sum(c * t**k for k, c in enumerate(coefficients)), rel=1e-11)


def taylor_sine(x, terms=12):
    """Σ (-1)ᵏ x²ᵏ⁺¹ / (2k+1)!, each term made from the one before."""
    term = result = x
    for k in range(1, terms):
        term = -term * x * x / ((2 * k) * (2 * k + 1))
        result = result + term
    return result


@pytest.mark.parametrize("way", [grad, slope])
def test_the_derivative_of_a_taylor_series_of_sine_is_the_cosine(way):
    for x in (-3.0, -0.5, 0.0, 1.0, 3.1):
        assert taylor_sine(x) == pytest.approx(math.sin(x), abs=1e-10)
        assert way(taylor_sine)(x) == pytest.approx(math.cos(x), abs=1e-9)
        assert way(way(taylor_sine))(x) == pytest.approx(-math.sin(x), abs=1e-8)


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


# --- arguments and results of all kinds -------------------------------------------------------------------

Point = namedtuple("Point", "x y")


def product(p):
    return p.x * p.y * p.y


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        (Point(2.0, 3.0), Point(9.0, 12.0)),
        (Point(np.float64(2.0), 3), Point(9.0, 12.0)),
        (Point(np.array(2.0), np.array(3)), Point(9.0, 12.0)),
    ],
)
def test_a_named_tuple_stays_one(point, expected):
    value, slopes = value_and_grad(product)(point)
    assert (value, slopes) == (18.0, expected)
    assert type(slopes) is Point
    assert [type(slope) for slope in slopes] == [float, float]
    assert vjp(product, point)[1](1.0) == (expected,)
    assert jvp(product, (point,), (Point(1.0, 0.0),)) == (18.0, 9.0)
    _, derivative = jvp(lambda x: Point(x, x * x), (3.0,), (1.0,))
    assert derivative == Point(1.0, 6.0)
    assert type(hvp(product, (point,), (Point(0.0, 1.0),))[0]) is Point


def test_kinds_of_dicts_stay_what_they_are_and_are_not_changed():
    kinds = (OrderedDict(b=2.0, a=3.0), defaultdict(float, b=2.0, a=3.0), Counter(b=2, a=3), {"b": 2.0, "a": 3.0})
    for given in kinds:
        before = dict(given)
        slopes = grad(lambda d: d["b"] * d["a"] ** 2)(given)
        assert type(slopes) is type(given)
        assert slopes == {"b": 9.0, "a": 12.0}
        assert list(slopes) == ["b", "a"]
        assert autograd.jit(lambda d: d["b"] * d["a"] ** 2, engine="python").value_and_grad(given)[1] == slopes
        assert given == before


def random_tree(chance, depth):
    """Numbers of every kind in nested lists, tuples, named tuples, dicts and arrays; and the same as Python's floats."""
    kind = chance.choice(["number", "number", "array", "list", "tuple", "point", "dict", "ordered"])
    if depth == 0 or kind == "number":
        x = chance.choice([1.0, 2, np.float64(0.5), np.int64(3), np.array(4.0), Fraction(1, 4)])
        return x, float(x)
    if kind == "array":
        rows = [[chance.randint(-8, 8) / 4 for _ in range(2)] for _ in range(chance.randint(1, 2))]
        return np.array(rows), rows
    parts = [random_tree(chance, depth - 1) for _ in range(2 if kind == "point" else chance.randint(0, 3))]
    given, floats = [part[0] for part in parts], [part[1] for part in parts]
    if kind in ("dict", "ordered"):
        make = dict if kind == "dict" else OrderedDict
        return tuple(make(zip("cab", numbers, strict=False)) for numbers in (given, floats))
    make = {"list": list, "tuple": tuple, "point": Point._make}[kind]
    return make(given), make(floats)


def mapped(f, tree):
    """f of each number, in a tree of the same kind."""
    if isinstance(tree, dict):
        return type(tree)((key, mapped(f, part)) for key, part in tree.items())
    if isinstance(tree, (list, tuple)):
        parts = [mapped(f, part) for part in tree]
        return Point._make(parts) if isinstance(tree, Point) else type(tree)(parts)
    return f(tree)


def same(one, other):
    if isinstance(one, (dict, list, tuple)):
        keys = list(one) if isinstance(one, dict) else range(len(one))
        return (
            type(one) is type(other) and len(one) == len(other) and all(same(one[key], other[key]) for key in keys)
        )
    return type(one) is type(other) is float and one == other


@pytest.mark.parametrize("seed", range(60))
def test_trees_of_every_shape(seed):
    """The sum of all x³ has the slopes 3·x², in the same places."""
    tree, floats = random_tree(random.Random(seed), 4)

    def cubes(tree):
        return autograd.total([0.0, *[x * x * x for x in flatten(tree)]])

    assert same(grad(cubes)(tree), mapped(lambda x: 3 * x * x, floats))
    _, directional = jvp(cubes, (tree,), (floats,))
    assert directional == pytest.approx(sum(3 * x**3 for x in flatten(floats)), rel=1e-12, abs=1e-12)
    result, pull_back = vjp(lambda tree: tree, tree)
    assert same(result, floats)
    assert same(pull_back(floats)[0], floats)


def test_dicts_of_tuples_of_lists_and_empty_parts():
    tree = {"w": ([1.0, 2.0], 3.0), "none": [], "b": ((), (4.0,))}
    slopes = grad(lambda t: t["w"][0][0] * t["w"][0][1] * t["w"][1] + t["b"][1][0] ** 2)(tree)
    assert slopes == {"w": ([6.0, 3.0], 2.0), "none": [], "b": ((), (8.0,))}


@pytest.mark.parametrize(
    "number", [np.array(2.0), np.array(2), np.float32(2.0), np.int64(2), True + 1, Fraction(2)]
)
def test_everything_that_is_one_number(number):
    def cube(x):
        return x * x * x

    assert grad(cube)(number) == 12.0
    assert value_and_grad(cube)(number) == (8.0, 12.0)
    assert jacobian(cube)(number) == [[12.0]]
    assert hessian(cube)(number) == [[12.0]]
    assert jvp(cube, (number,), (number,)) == (8.0, 24.0)
    assert vjp(cube, number)[1](number) == (24.0,)
    assert hvp(cube, (number,), (1.0,)) == (12.0,)


def test_arrays_without_dimensions_as_results():
    """NumPy's where gives one that holds a Value."""

    def branches(x):
        return np.where(x > 0, x * x, -x)

    assert (grad(branches)(3.0), grad(branches)(-3.0)) == (6.0, -1.0)
    assert jvp(branches, (3.0,), (1.0,)) == (9.0, 6.0)
    assert jacobian(branches)(3.0) == [[6.0]]
    assert vjp(branches, 3.0)[1](2.0) == (12.0,)
    assert grad(lambda x: np.array(5.0))(3.0) == 0.0


@pytest.mark.parametrize("argnums", [1, np.int64(1), -1, np.int32(-1)])
def test_one_argument_by_its_place(argnums):
    def f(x, y, k=1.0):
        return [k * x * y, y**3]

    assert grad(lambda *xs: f(*xs)[0], argnums)(2.0, 3.0) == 2.0
    assert jacobian(f, argnums)(2.0, 3.0) == [[2.0], [27.0]]
    assert jacobian(f, argnums)(2.0, 3.0, k=10.0) == [[20.0], [27.0]]
    assert hessian(lambda x, y: x * y**3, argnums)(2.0, 3.0) == [[36.0]]


@pytest.mark.parametrize("argnums", [(0, 1), [np.int64(0), 1], range(2), np.array([0, 1])])
def test_several_arguments_by_their_places(argnums):
    assert grad(bowl, argnums)(*POINT) == pytest.approx(tuple(bowl_gradient(*POINT)), rel=1e-14)
    np.testing.assert_allclose(hessian(bowl, argnums)(*POINT), bowl_hessian(*POINT), rtol=1e-13)
    swapped = jacobian(lambda x, y: [x, y], (1, 0))(2.0, 3.0)
    assert swapped == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize("transformation", [grad, value_and_grad, jacobian, hessian])
@pytest.mark.parametrize(
    ("argnums", "message"),
    [(2, "argnums is 2, but"), ("0", "argnums is a whole number"), (0.5, "got 0.5"), ((0, "x"), "whole number")],
)
def test_argnums_that_are_none(transformation, argnums, message):
    with pytest.raises(GradientError, match=message):
        transformation(lambda x, y: x * y, argnums)(2.0, 3.0)


def test_all_arguments_together_are_no_argnums_of_a_gradient():
    with pytest.raises(GradientError, match="argnums is a whole number, or a list of them, but got None"):
        grad(bowl, None)(*POINT)
    assert jacobian(bowl, None)(*POINT) == jacobian(bowl)(*POINT)


def test_compiled_programs_take_the_same_argnums():
    x, y = Value(2.0), Value(3.0)
    assert autograd.compile(x * y * y, [x, y], argnums=np.int64(1)).value_and_grad(2.0, 3.0) == (18.0, 12.0)
    with pytest.raises(GradientError, match="argnums is a whole number"):
        autograd.compile(x * y, [x, y], argnums="x")


def test_arguments_that_are_not_differentiated_may_be_anything():
    def f(x, how, *, power=2, also=None):
        assert also is None or isinstance(also, str)
        return x**power if how is None else x * len(how)

    assert grad(f)(3.0, None) == 6.0
    assert grad(f)(3.0, "four", also="text") == 4.0
    assert jacobian(f, 0)(3.0, None, power=3) == [[27.0]]
    assert hessian(f, 0)(3.0, None, power=3) == [[18.0]]

    def by_name(x, power=1):
        return x**power

    assert vjp(by_name, 3.0, power=2)[1](1.0) == (6.0,)
    assert jvp(by_name, (3.0,), (1.0,), power=2) == (9.0, 6.0)
    assert hvp(by_name, (3.0,), (1.0,), power=3) == (18.0,)
    for transformation in (jacobian, hessian):
        with pytest.raises(DataError, match="expected a number, or a list, tuple or dict of numbers, but got"):
            transformation(f)(3.0, "four")


@dataclass
class Pair:
    x: float
    y: float


@pytest.mark.parametrize("argument", [None, "text", {1.0, 2.0}, Pair(1.0, 2.0), [1.0, None], {"a": "b"}, 1j])
def test_arguments_that_hold_no_numbers_are_refused(argument):
    with pytest.raises(DataError, match="expected a number, or a list, tuple or dict of numbers, but got"):
        grad(lambda x: 1.0)(argument)
    with pytest.raises(DataError, match="expected a number, or a list, tuple or dict of numbers, but got"):
        jvp(lambda x: 1.0, (argument,), (1.0,))


@pytest.mark.parametrize(
    ("primals", "tangents"),
    [
        (([1.0, 2.0], 3.0), (1.0, [2.0, 3.0])),
        ((1.0, 2.0), ([1.0, 2.0],)),
        (({"a": 1.0, "b": 2.0},), ({"a": 1.0, "c": 2.0},)),
        (({"a": 1.0, "b": 2.0},), ([1.0, 2.0],)),
        (([1.0, [2.0]],), ([[1.0], 2.0],)),
        ((1.0,), ([1.0],)),
    ],
)
def test_tangents_of_another_shape_are_refused(primals, tangents):
    with pytest.raises(GradientError, match="one tangent for each number, in the same lists, tuples and dicts"):
        jvp(lambda *xs: 1.0, primals, tangents)
    with pytest.raises(GradientError, match="one tangent for each number, in the same lists, tuples and dicts"):
        hvp(lambda *xs: 1.0, primals, tangents)
    with pytest.raises(GradientError, match="u has the shape of the function's result"):
        vjp(lambda x: primals, 1.0)[1](tangents)


def test_tangents_may_come_in_another_kind_of_list_and_in_any_order_of_keys():
    def f(xs, d):
        return xs[0] * xs[1] + d["a"] * d["b"] ** 2

    given = ([2.0, 3.0], {"a": 5.0, "b": 7.0})
    assert jvp(f, given, (np.array([1.0, 0.0]), {"b": 0.0, "a": 1.0})) == (251.0, 3.0 + 49.0)
    result = {"s": 2.0, "t": 3.0}
    pulled = vjp(lambda x: {key: k * x for key, k in result.items()}, 1.0)[1]({"t": 1.0, "s": 10.0})
    assert pulled == (23.0,)


def test_a_value_in_another_place_is_not_lost():
    """Called with a number and a Value, grad answers with what the Value's own gradient can be taken of."""
    w = Value(3.0, "w")
    ways = {
        "argument": lambda: grad(lambda x, w: w * x * x)(2.0, w),
        "by name": lambda: grad(lambda x, w: w * x * x)(2.0, w=w),
        "in a list": lambda: grad(lambda x, ws: ws[0]["w"] * x * x)(2.0, [{"w": w}]),
        "in an array": lambda: grad(lambda x, ws: ws[0] * x * x)(2.0, np.array([w, 1.0], dtype=object)),
        "jacobian": lambda: jacobian(lambda x, w: [w * x * x], 0)(2.0, w)[0][0],
        "hessian": lambda: hessian(lambda x, w: w * x * x * x / 3, 0)(2.0, w)[0][0],
        "vjp": lambda: vjp(lambda x, w: w * x * x, 2.0, w=w)[1](1.0)[0],
        "jvp": lambda: jvp(lambda x, w: w * x * x, (2.0,), (1.0,), w=w)[1],
        "hvp": lambda: hvp(lambda x, w: w * x * x * x / 3, (2.0,), (1.0,), w=w)[0],
    }
    for name, way in ways.items():
        w.grad = 0
        slope = way()
        assert slope.data == 12.0, name
        slope.backward()
        assert w.grad == pytest.approx(4.0, rel=1e-14), name


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
