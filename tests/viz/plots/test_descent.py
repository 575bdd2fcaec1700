"""Gradient descent: its steps against closed forms, and its path over the contour lines."""

import math
from itertools import pairwise

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.core.numbers import write_number
from viz import plots


def bowl(x, y):
    return x**2 + 4 * y**2


def test_gradient_descent_takes_the_steps_of_the_closed_form():
    path = plots.gradient_descent(bowl, (3, -2), lr=0.05, steps=30)
    n = np.arange(31)
    # x ← x - 0.05 · 2x = 0.9 x, and y ← y - 0.05 · 8y = 0.6 y.
    assert np.allclose(path, np.stack([3 * 0.9**n, -2 * 0.6**n], axis=1), rtol=1e-12)


@pytest.mark.parametrize("rate", [1e-3, 1e-4, 1e-5])
def test_a_small_step_changes_f_by_minus_rate_times_the_squared_gradient(rate):
    (x0, y0), (x1, y1) = plots.gradient_descent(bowl, (3, -2), lr=rate, steps=1)
    squared_gradient = (2 * x0) ** 2 + (8 * y0) ** 2
    change = bowl(x1, y1) - bowl(x0, y0)
    # What is left over is of second order: ½ · rate² · gᵀHg, here at most 4 · rate² · |g|².
    assert abs(change + rate * squared_gradient) <= 4 * rate**2 * squared_gradient
    assert change == pytest.approx(-rate * squared_gradient, rel=5 * rate)


def test_too_large_a_rate_overshoots_and_too_small_a_rate_crawls():
    def heights(lr):
        return [bowl(*point) for point in plots.gradient_descent(bowl, (3, -2), lr=lr, steps=20)]

    good, large, small = heights(0.1), heights(0.26), heights(1e-4)
    assert good[-1] < 0.2
    assert large[-1] > large[0]
    assert 0.9 * small[0] < small[-1] < small[0]
    ys = [y for _, y in plots.gradient_descent(bowl, (3, -2), lr=0.26, steps=5)]
    assert all(a * b < 0 for a, b in pairwise(ys))  # from one side to the other


def test_gradient_descent_in_one_and_three_variables():
    assert plots.gradient_descent(lambda x: x * x, (1.0,), lr=0.5, steps=1) == [(1.0,), (0.0,)]
    assert plots.gradient_descent(lambda x, y, z: x + 2 * y + 3 * z, (0, 0, 0), lr=1, steps=1)[1] == (-1, -2, -3)


def test_a_descent_that_leaves_the_domain_says_at_which_step():
    with pytest.raises(autograd.DomainError) as caught:
        plots.gradient_descent(lambda x, y: autograd.log(x) + y, (1.0, 0.0), lr=2, steps=5)
    assert caught.value.__notes__ == [
        "  This was step 2 of gradient descent, at (-1.0, -2.0): is the learning rate too large?"
    ]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"lr": -1}, "lr is -1, but it must be a finite number, 0 or more"),
        ({"lr": math.nan}, "lr is nan"),
        ({"steps": -1}, "steps is -1, but it must be a whole number, 0 or more"),
    ],
)
def test_a_descent_has_sensible_settings(settings, words):
    with pytest.raises(ValueError, match=words):
        plots.gradient_descent(bowl, (1, 1), **settings)


# --- the same with an optimizer -------------------------------------------------------------------------


def test_the_rate_is_a_tenth_the_optimizers_own_or_the_one_that_is_given():
    assert plots.gradient_descent(bowl, (3, -2), steps=9) == plots.gradient_descent(bowl, (3, -2), lr=0.1, steps=9)
    for optimizer, lr in ((nn.SGD(0.05), None), (nn.SGD(5.0), 0.05)):
        path = plots.gradient_descent(bowl, (3, -2), lr, 30, optimizer=optimizer)
        assert path == plots.gradient_descent(bowl, (3, -2), 0.05, 30)


def test_momentum_takes_the_steps_of_its_recurrence():
    path = plots.gradient_descent(bowl, (4.0, 1.5), steps=25, optimizer=nn.SGD(0.05, momentum=0.9))
    place, velocity = np.array([4.0, 1.5]), np.zeros(2)
    for point in path:
        assert np.allclose(point, place, rtol=1e-12, atol=1e-12)
        velocity = 0.9 * velocity + np.array([2.0, 8.0]) * place
        place = place - 0.05 * velocity
    assert np.allclose(path[2], (2.88, 0.0), atol=1e-12)


def test_adams_first_step_is_its_rate_whatever_the_slope_is():
    first, second = plots.gradient_descent(bowl, (4.0, 1.5), steps=1, optimizer=nn.Adam(0.1))
    assert np.allclose(np.subtract(first, second), 0.1, rtol=1e-8)


@pytest.mark.parametrize("kind", [nn.SGD, nn.Adagrad, nn.Adam, nn.AdamW, nn.RMSProp])
def test_every_optimizer_descends_as_in_pytorch_and_is_left_as_it_was(kind):
    torch = pytest.importorskip("torch")
    theirs = {nn.RMSProp: "RMSprop"}.get(kind, kind.__name__)
    optimizer = kind(lr=0.05)
    before = optimizer.state_dict()
    path = plots.gradient_descent(bowl, (4.0, 1.5), steps=20, optimizer=optimizer)
    assert path == plots.gradient_descent(bowl, (4.0, 1.5), steps=20, optimizer=optimizer)
    assert optimizer.state_dict() == before
    place = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (4.0, 1.5)]
    other = getattr(torch.optim, theirs)(place, lr=0.05)
    for _ in range(20):
        other.zero_grad()
        bowl(*place).backward()
        other.step()
    assert np.allclose(path[-1], [x.item() for x in place], rtol=1e-9)


def test_an_optimizer_that_has_worked_elsewhere_begins_anew_and_forgets_nothing():
    w = Value(3.0, "w")
    (w * w).backward()
    optimizer = nn.SGD(0.05, momentum=0.9)
    optimizer.step([w])
    before = optimizer.state_dict()
    path = plots.gradient_descent(bowl, (4.0, 1.5), steps=3, optimizer=optimizer)
    assert path == plots.gradient_descent(bowl, (4.0, 1.5), steps=3, optimizer=nn.SGD(0.05, momentum=0.9))
    assert optimizer.state_dict() == before
    assert w in optimizer.memory


def test_a_loaded_state_is_gone_on_from_and_stays_loaded():
    rolling = [{"step": 1, "velocity": 8.0}, {"step": 1, "velocity": 12.0}]
    optimizer = nn.SGD(0.05, momentum=0.9)
    optimizer.load_state_dict(optimizer.state_dict() | {"parameters": rolling})
    for _ in range(2):
        path = plots.gradient_descent(bowl, (3.6, 0.9), steps=1, optimizer=optimizer)
        assert np.allclose(path[1], (2.88, 0.0), atol=1e-12)
    assert optimizer.state_dict()["parameters"] == rolling


def test_a_step_to_infinity_says_which_it_was():
    with pytest.raises(autograd.NumberOverflowError, match="the update of x by SGD") as caught:
        plots.gradient_descent(lambda x, y: 1e200 * x + y, (1.0, 0.0), lr=1e200, steps=5)
    assert caught.value.__notes__[0].startswith("  This was step 1 of gradient descent, at (1.0, 0.0)")


def test_what_is_no_optimizer():
    with pytest.raises(TypeError, match=r"like nn\.Adam\(0\.3\), but got"):
        plots.gradient_descent(bowl, (1, 1), optimizer=nn.Adam)


# --- pictures -------------------------------------------------------------------------------------------


def test_the_contour_grid_has_the_functions_values_and_gaps_where_there_are_none():
    grid = plots.contour_grid(lambda x, y: autograd.log(x) * y, (-1, 1), (1, 2), resolution=5)
    values = np.array(grid.values)
    x, y = np.meshgrid(grid.x, grid.y)
    assert np.isnan(values[x <= 0]).all()
    assert np.allclose(values[x > 0], np.log(x[x > 0]) * y[x > 0], rtol=1e-14)


def test_the_path_is_drawn_over_the_contour():
    path = plots.gradient_descent(bowl, (3, -2), lr=0.05, steps=10)
    axes = plots.descent_path(bowl, path, resolution=20).axes[0]
    line = next(line for line in axes.lines if len(line.get_xdata()) == 11)
    assert list(zip(line.get_xdata(), line.get_ydata(), strict=True)) == path
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert axes.figure.description == f"Gradient descent: {'; '.join(legend)}"
    assert legend == ["10 steps", "start: 25", f"end: {write_number(bowl(*path[-1]), 3)}"]
    assert any(hasattr(c, "levels") for c in axes.collections)


def test_several_paths_are_told_apart_by_name_and_dash():
    rates = {"slow": 0.01, "fast": 0.1}
    paths = {name: plots.gradient_descent(bowl, (3, -2), lr=lr, steps=5) for name, lr in rates.items()}
    axes = plots.descent_path(bowl, paths, resolution=10).axes[0]
    lines = [line for line in axes.lines if len(line.get_xdata()) == 6]
    assert len({line.get_linestyle() for line in lines}) == 2
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        f"{name}: 5 steps, 25 to {write_number(bowl(*path[-1]), 3)}" for name, path in paths.items()
    ]


def test_long_names_stand_below_each_other_and_nothing_is_cut_off():
    names = ["to the deepest place, by way of the village", "against the gradient, as far as it goes"]
    figure = plots.descent_path(bowl, {name: [(4, 1.5), (0, 0)] for name in names}, resolution=5)
    figure.draw_without_rendering()
    legend = figure.axes[0].get_legend()
    box = legend.get_window_extent()
    assert 0 <= box.x0 < box.x1 <= figure.bbox.width
    assert figure.axes[0].get_position().width > 0.6
    assert [text.get_text() for text in legend.get_texts()] == [f"{name}: 1 step, 25 to 0" for name in names]


def test_a_path_over_a_plain_and_a_path_of_one_point():
    plots.descent_path(lambda u, v: 0 * u + 0 * v + 1, [(0, 0), (1, 1)], resolution=5)
    axes = plots.descent_path(lambda u, v: u * u, [(1.0, 1.0)], resolution=5).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("u", "v")


def test_a_function_that_says_nothing_of_its_arguments():
    class Bowl:
        __signature__ = "unreadable"

        def __call__(self, u, v):
            return bowl(u, v)

    axes = plots.descent_path(Bowl(), [(1.0, 1.0)], resolution=5).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")


@pytest.mark.parametrize("path", [[], [(1, 2, 3)], {"a": []}])
def test_paths_that_cannot_be_drawn(path):
    with pytest.raises(ValueError, match="two coordinates"):
        plots.descent_path(bowl, path)


def test_a_function_that_is_defined_nowhere():
    with pytest.raises(ValueError, match="not defined anywhere"):
        plots.descent_path(lambda x, y: autograd.log(-1 - x * x), [(0, 0)], resolution=3)
