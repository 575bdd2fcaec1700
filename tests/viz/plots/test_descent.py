"""Gradient descent: its steps against closed forms, and its path over the contour lines."""

import math
from itertools import pairwise

import numpy as np
import pytest

import autograd
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


@pytest.mark.parametrize(("lr", "steps"), [(-1, 5), (0.1, -1), (math.nan, 1)])
def test_a_descent_has_sensible_settings(lr, steps):
    with pytest.raises(ValueError, match="not negative"):
        plots.gradient_descent(bowl, (1, 1), lr=lr, steps=steps)


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
    assert legend == ["10 steps", "start: 25", f"end: {bowl(*path[-1]):.3g}"]
    assert any(hasattr(c, "levels") for c in axes.collections)


def test_several_paths_are_told_apart_by_name_and_dash():
    rates = {"slow": 0.01, "fast": 0.1}
    paths = {name: plots.gradient_descent(bowl, (3, -2), lr=lr, steps=5) for name, lr in rates.items()}
    axes = plots.descent_path(bowl, paths, resolution=10).axes[0]
    lines = [line for line in axes.lines if len(line.get_xdata()) == 6]
    assert len({line.get_linestyle() for line in lines}) == 2
    assert "fast: 5 steps" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_a_path_over_a_plain_and_a_path_of_one_point():
    plots.descent_path(lambda u, v: 0 * u + 0 * v + 1, [(0, 0), (1, 1)], resolution=5)
    axes = plots.descent_path(lambda u, v: u * u, [(1.0, 1.0)], resolution=5).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("u", "v")


@pytest.mark.parametrize("path", [[], [(1, 2, 3)], {"a": []}])
def test_paths_that_cannot_be_drawn(path):
    with pytest.raises(ValueError, match="two coordinates"):
        plots.descent_path(bowl, path)


def test_a_function_that_is_defined_nowhere():
    with pytest.raises(ValueError, match="not defined anywhere"):
        plots.descent_path(lambda x, y: autograd.log(-1 - x * x), [(0, 0)], resolution=3)
