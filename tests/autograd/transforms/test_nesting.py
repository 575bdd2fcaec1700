"""Derivatives inside of derivatives, in all orders and all ways."""

import math

import pytest

import autograd
from autograd import (
    Value,
    grad,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    vjp,
)


def slope(f):
    """d/dx by forward mode, as a function."""
    return lambda x: jvp(f, (x,), (1.0,))[1]


BOTH_MODES = pytest.mark.parametrize(("outer", "inner"), [(a, b) for a in (grad, slope) for b in (grad, slope)])


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
