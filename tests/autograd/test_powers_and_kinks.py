"""Powers, slopes at kinks, and what would overflow if it were written without care."""

import math
import operator
import pickle
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Value, grad, gradient, hessian, ops


def forward_and_backward(f: Callable[..., Value], point: Sequence[float]) -> tuple[float, list[float]]:
    values = [Value(x) for x in point]
    y = f(*values)
    y.backward()
    return y.data, [x.grad for x in values]


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

# the function, a point, its slopes there as PyTorch gives them (None where PyTorch takes a plain number)
KINKS = [
    ("relu", (0.0,), (0.0,)),
    ("abs", (0.0,), (0.0,)),
    ("sign", (0.0,), (0.0,)),
    ("maximum", (1.5, 1.5), (0.5, 0.5)),
    ("minimum", (1.5, 1.5), (0.5, 0.5)),
    ("leaky_relu", (0.0, 0.25), (0.25, None)),
    ("elu", (0.0, 1.5), (1.5, None)),
    ("softsign", (0.0,), (1.0,)),
    ("selu", (0.0,), (1.7580993408473768,)),
    ("celu", (0.0, 1.5), (1.0, None)),
    ("celu", (0.0, -1.5), (1.0, None)),
    ("relu6", (0.0,), (0.0,)),
    ("relu6", (6.0,), (0.0,)),
    ("hardtanh", (-1.0, -1.0, 1.0), (0.0, None, None)),
    ("hardtanh", (1.0, -1.0, 1.0), (0.0, None, None)),
    ("hardtanh", (0.5, 0.5, 0.5), (0.0, None, None)),
    ("floor", (2.0,), (0.0,)),
    ("ceil", (-2.0,), (0.0,)),
    ("round", (2.5,), (0.0,)),
    ("round", (-0.5,), (0.0,)),
    ("mod", (6.0, 1.5), (1.0, -4.0)),
    ("mod", (-6.0, 1.5), (1.0, 4.0)),
    ("mod", (-0.0, -1.5), (1.0, 0.0)),
    ("mod", (-1e-20, 1.0), (1.0, 1.0)),
    ("mod", (7.0, -1.5), (1.0, 5.0)),
    ("where", (0.0, 2.0, 3.0), (None, 0.0, 1.0)),
    ("where", (-0.5, 2.0, 3.0), (None, 1.0, 0.0)),
]
every_kink = pytest.mark.parametrize(("name", "point", "expected"), KINKS)


@every_kink
def test_slopes_at_kinks(name, point, expected):
    _, slopes = forward_and_backward(ops.find(name), point)
    assert [s for s, e in zip(slopes, expected, strict=True) if e is not None] == [
        e for e in expected if e is not None
    ]


@every_kink
def test_slopes_at_kinks_are_those_of_pytorch(name, point, expected):
    torch = pytest.importorskip("torch", reason="the conventions at kinks are PyTorch's")
    functional = torch.nn.functional
    theirs = (
        {
            "leaky_relu": lambda x, slope: functional.leaky_relu(x, slope.item()),
            "elu": lambda x, alpha: functional.elu(x, alpha.item()),
            "celu": lambda x, alpha: functional.celu(x, alpha.item()),
            "hardtanh": lambda x, low, high: functional.hardtanh(x, low.item(), high.item()),
            "mod": torch.remainder,
            "where": lambda c, x, y: torch.where(c != 0, x, y),
        }.get(name)
        or getattr(torch, name, None)
        or getattr(functional, name)
    )
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
    theirs(*tensors).backward()
    assert [t.grad.item() for t, e in zip(tensors, expected, strict=True) if e is not None] == pytest.approx(
        [e for e in expected if e is not None], rel=3e-16, abs=0
    )


def test_on_a_limit_of_hardtanh_the_gradient_goes_to_the_limit():
    for x, expected in [
        (-3.0, [0.0, 1.0, 0.0]), (-1.0, [0.0, 1.0, 0.0]), (0.5, [1.0, 0.0, 0.0]), (1.0, [0.0, 0.0, 1.0]),
    ]:  # fmt: skip
        assert forward_and_backward(autograd.hardtanh, [x, -1.0, 1.0])[1] == expected
    assert forward_and_backward(autograd.hardtanh, [1.0, 2.0, 0.0]) == (0.0, [0.0, 0.0, 1.0])
    assert autograd.hardtanh(Value(-1e308), -math.pi, 1e308).data == -math.pi


@pytest.mark.parametrize("x", [5.999999999999999, 1e17, -1e-300, 123456.75, -1e300, 3.0])
@pytest.mark.parametrize("y", [3.0, -0.1, 1e-5, 1e300, -7.25, 1.5])
def test_the_slope_of_a_remainder_is_a_whole_number(x, y):
    """-floor(x / y) of the true quotient, which the rounded one may miss by 1."""
    _, slopes = forward_and_backward(operator.mod, [x, y])
    assert slopes == [1.0, pytest.approx(-float(Fraction(x) // Fraction(y)), rel=2.3e-16, abs=0)]
    assert forward_and_backward(operator.mod, [-1.7e308, 1e308])[1] == [1.0, 2.0]


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
@pytest.mark.parametrize(
    "name",
    ["sigmoid", "softplus", "tanh", "silu", "gelu", "relu", "elu", "softsign", "erf", "erfc", "relu6", "hardtanh",
     "mish", "selu", "celu", "logsigmoid"],
)  # fmt: skip
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
        "erfc": torch.erfc,
    }.get(name) or getattr(torch.nn.functional, name)
    tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    expected = theirs(tensor)
    expected.backward()
    value, (slope,) = forward_and_backward(lambda v: getattr(v, name)(), [x])
    # gelu's true value at -40 is below 1e-300; everything else fits to the last digits.
    assert value == pytest.approx(expected.item(), rel=1e-14, abs=1e-300)
    # PyTorch's slopes of sigmoid and tanh are 0 where 1 - z is; the tests of accuracy say who is right there.
    assert slope == pytest.approx(tensor.grad.item(), rel=1e-13, abs=2**-53)


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
