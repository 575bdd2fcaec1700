"""Functions with their derivatives: against closed forms, with gaps where they jump, one or several on a page."""

import math

import numpy as np
import pytest

import autograd
import nn
from viz import plots


@pytest.mark.parametrize(
    ("name", "function", "derivative"),
    [
        ("tanh", np.tanh, lambda x: 1 / np.cosh(x) ** 2),
        ("sigmoid", lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
        ("relu", lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0),
        ("leaky_relu", lambda x: np.where(x > 0, x, 0.01 * x), lambda x: np.where(x > 0, 1, 0.01)),
        ("softplus", lambda x: np.log1p(np.exp(x)), lambda x: 1 / (1 + np.exp(-x))),
    ],
)
def test_curves_are_the_closed_forms(name, function, derivative):
    curve = plots.activation_curve(name)
    x = np.array(curve.x)
    assert np.allclose(curve.y, function(x), rtol=1e-12, atol=1e-15)
    assert np.allclose(curve.slope, derivative(x), rtol=1e-10, atol=1e-15)


def test_a_curve_has_gaps_where_it_is_not_defined():
    curve = plots.activation_curve("sqrt", -1, 1, points=5)
    assert curve.x == [-1, -0.5, 0, 0.5, 1]
    assert [math.isnan(y) for y in curve.y] == [True, True, False, False, False]
    assert [math.isnan(d) for d in curve.slope] == [True, True, True, False, False]


def test_a_function_of_your_own():
    def swish(x):
        return x * autograd.sigmoid(x)

    own, known = plots.activation_curve(swish), plots.activation_curve("silu")
    assert own.name == "swish"
    assert np.allclose(own.slope, known.slope, rtol=1e-12)
    assert plots.activation_curve(lambda x: x, -1, 1, points=3).name == "f"
    assert plots.activation_curve(autograd.tanh).name == "tanh"


def drawn_points(axes, i):
    line = [line for line in axes.lines if len(line.get_xdata()) > 10][i]
    return np.array(line.get_xdata()), np.array(line.get_ydata())


def test_a_jump_is_a_gap_and_a_kink_is_none():
    step = plots.activation_plot("step").axes[0]
    x, y = drawn_points(step, 0)
    assert len(x[np.isnan(y)]) == 1
    assert abs(x[np.isnan(y)][0]) < 0.03
    relu = plots.activation_plot("relu").axes[0]
    assert not np.isnan(drawn_points(relu, 0)[1]).any()
    assert np.isnan(drawn_points(relu, 1)[1]).sum() == 1


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "gelu", "silu", "elu", "sin", "exp"])
def test_smooth_functions_have_no_gaps(name):
    axes = plots.activation_plot(name).axes[0]
    for i in (0, 1):
        assert not np.isnan(drawn_points(axes, i)[1]).any()


def test_a_pole_does_not_flatten_the_plot():
    low, high = plots.activation_plot("tan").axes[0].get_ylim()
    assert high - low < 200


def test_a_function_that_is_defined_nowhere_in_the_range_is_an_empty_plot():
    figure = plots.activation_plot("log", -5, -1)
    assert figure.axes[0].get_xlim() == (-5, -1)


@pytest.mark.parametrize("name", ["tanhh", "maximum", "logsumexp", "clip"])
def test_names_that_are_no_activations(name):
    with pytest.raises(ValueError, match=r"is not an operation of one number; there are .*tanh"):
        plots.activation_plot(name)


def test_an_empty_range():
    with pytest.raises(ValueError, match="from a smaller to a larger number"):
        plots.activation_plot("tanh", 1, 1)


# --- several on one page --------------------------------------------------------------------------------

LOSSES = {
    "MSE": lambda p: (p - 1) ** 2,
    "MAE": lambda p: abs(p - 1),
    "BCE": lambda p: nn.binary_cross_entropy(p, 1.0),
}


def test_several_functions_stand_above_their_derivatives():
    figure = plots.activation_plot(LOSSES, 0.01, 0.99)
    upper, lower = figure.axes
    p = np.linspace(0.01, 0.99, 401)
    closed = [((p - 1) ** 2, 2 * (p - 1)), (1 - p, -1 + 0 * p), (-np.log(p), -1 / p)]
    for i, (value, slope) in enumerate(closed):
        assert np.allclose(drawn_points(upper, i), (p, value), rtol=1e-9, atol=1e-12)
        assert np.allclose(drawn_points(lower, i), (p, slope), rtol=1e-9, atol=1e-12)
    assert (lower.get_xlabel(), lower.get_ylabel(), upper.get_ylabel()) == ("p", "derivative", "value")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(LOSSES)
    assert figure._repr_png_()[1]["alt"] == "MSE, MAE, BCE, and their derivatives"


def test_eight_functions_differ_in_colour_or_in_dash_and_the_same_one_looks_alike_above_and_below():
    names = ["tanh", "sigmoid", "relu", "softplus", "gelu", "silu", "elu", "step"]
    upper, lower = plots.activation_plot({f"${name}": name for name in names}).axes
    looks = [
        [(x.get_color(), x.get_linestyle()) for x in a.lines if len(x.get_xdata()) > 10] for a in (upper, lower)
    ]
    assert looks[0] == looks[1]
    assert len(set(looks[0])) == 8
    assert all(a[1] != b[1] for a, b in zip(looks[0], looks[0][1:], strict=False))
    assert upper.get_xlim() == (-5, 5)


def test_several_functions_keep_their_gaps_and_their_poles_out():
    upper, lower = plots.activation_plot({"log": "log", "a jump": autograd.step}, -1, 1).axes
    assert np.isnan(drawn_points(upper, 1)[1]).sum() == 1
    assert lower.get_ylim()[1] < 300  # 1/x goes to infinity
    assert lower.get_xlabel() == "x"


def test_no_function_at_all():
    with pytest.raises(ValueError, match="there is no function to draw"):
        plots.activation_plot({})
