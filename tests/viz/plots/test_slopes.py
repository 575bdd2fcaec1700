"""The slope at one place: nudges, tangents and steps against closed forms, and what the picture says of them."""

import math

import numpy as np
import pytest

import autograd
from viz import plots


def error(w):
    return (8.4 - 7 * w) ** 2


def line(axes, start):
    return next(line for line in axes.lines if str(line.get_label()).startswith(start))


def texts(figure):
    axes = figure.axes[0]
    return [text.get_text() for text in [*axes.texts, *axes.get_legend().get_texts()] if text.get_text()]


@pytest.mark.parametrize("h", [0.1, 0.01, 0.001, -0.5])
def test_a_nudge_misses_the_slope_by_49_h(h):
    curve = plots.slope_curve(error, 2.0, h=h)
    assert curve.slope == pytest.approx(78.4, rel=1e-14)
    assert curve.ratio == pytest.approx(78.4 + 49 * h, rel=1e-9)
    assert (curve.lr, curve.step, curve.landing) == (None, None, None)


@pytest.mark.parametrize(("lr", "lands"), [(0.01, 1.216), (0.02, 0.432), (0.021, 0.3536), (1 / 98, 1.2)])
def test_a_step_leaves_1_minus_98_lr_of_the_way(lr, lands):
    curve = plots.slope_curve(error, 2.0, lr=lr)
    assert curve.at + curve.step == pytest.approx(lands, rel=1e-12)
    assert curve.landing == pytest.approx(error(lands), abs=1e-12)
    assert (curve.h, curve.change, curve.ratio) == (None, None, None)


def test_the_curve_reaches_around_all_that_is_drawn():
    curve = plots.slope_curve(error, 2.0, h=0.5, lr=0.01)
    assert curve.x[0] < 1.216 < 2.5 < curve.x[-1]
    assert np.allclose(curve.y, error(np.array(curve.x)), rtol=1e-13)
    assert plots.slope_curve(error, 2.0).x[0::240] == [0.0, 4.0]
    assert plots.slope_curve(error, 2.0, low=1, high=3, points=3).x == [1.0, 2.0, 3.0]


def test_the_tangent_touches_and_the_secant_crosses_twice():
    axes = plots.slope_plot(error, 2.0, h=0.5).axes[0]
    tangent, secant = line(axes, "tangent"), line(axes, "secant")
    for drawn, slope in ((tangent, 78.4), (secant, 102.9)):
        x, y = np.array(drawn.get_xdata()), np.array(drawn.get_ydata())
        assert np.allclose(y, 31.36 + slope * (x - 2), rtol=1e-9)
    assert len({line(axes, start).get_linestyle() for start in ("error", "tangent", "secant")}) == 3


def test_the_numbers_are_written_by_the_one_policy():
    figure = plots.slope_plot(error, at=2.0, h=0.5, lr=0.01)
    for text in (
        "error(w)",
        "tangent: slope 78.4",
        "Δw = 0.5",
        "Δerror = 51.45",
        "secant: Δerror / Δw = 51.45 / 0.5 = 102.9",
        "step −0.784",
        "step −lr · slope = −0.01 · 78.4 = −0.784",
        "after the step, w = 1.216: error = 0.01254",
    ):
        assert text in texts(figure)
    assert figure.axes[0].get_title() == "error(w) at w = 2: the slope is 78.4"
    assert figure._repr_png_()[1]["alt"].endswith("leads to w = 1.216, from error = 31.36 to 0.01254.")


def test_signs_to_the_left_and_where_numbers_were_rounded():
    said = plots.slope_plot(lambda x: 1 / x, at=3.0, h=-1.0, lr=0.5).description
    assert "A nudge Δx = −1 gives Δf / Δx = 0.1667 / (−1) = −0.1667." in said
    assert "−lr · slope = −0.5 · (−0.1111) ≈ 0.05556" in said
    assert "Δf / Δx = 0.1667 / (−1)" in " ".join(texts(plots.slope_plot(lambda x: 1 / x, at=3.0, h=-1.0)))


def test_the_arrow_runs_along_the_axis_from_the_place_to_the_landing():
    axes = plots.slope_plot(error, at=2.0, lr=0.02).axes[0]
    arrow = next(text for text in axes.texts if text.arrow_patch is not None)
    (there, level), (here, same) = arrow.xy, arrow.xyann
    assert (here, round(there, 9)) == (2.0, 0.432)
    assert level == same < 0  # below the curve, which is nowhere below 0


def test_a_curve_with_gaps_a_flat_one_and_a_name_with_a_dollar_sign():
    assert math.isnan(plots.slope_curve(autograd.log, 1.0).y[0])
    assert plots.slope_curve(autograd.log, 1.0).name == "log"
    flat = plots.slope_plot(lambda x: 0 * x + 1, at=0.0, h=1.0)
    assert flat.axes[0].get_ylim()[0] < 1 < flat.axes[0].get_ylim()[1]
    error.__name__, kept = "$E^$", error.__name__
    try:
        plots.slope_plot(error, at=2.0, h=0.5, lr=0.01)._repr_png_()
    finally:
        error.__name__ = kept


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"h": 0}, "h is 0, but a ratio"),
        ({"lr": -1}, "lr is -1"),
        ({"h": math.inf}, "h is inf"),
        ({"low": 3, "high": 1}, "from a smaller to a larger number"),
    ],
)
def test_settings_without_a_meaning(settings, words):
    with pytest.raises(ValueError, match=words):
        plots.slope_plot(error, 2.0, **settings)


@pytest.mark.parametrize(
    ("settings", "note"),
    [
        ({"at": -1.0}, "  This was at −1, where the slope is asked for."),
        ({"at": 1.0, "h": -2.0}, "  This was at −1, where the nudge ends."),
        ({"at": 1.0, "lr": 3.0}, "  This was at −2, where the step ends: is lr too large?"),
    ],
)
def test_a_place_where_the_function_is_not_defined(settings, note):
    with pytest.raises(autograd.DomainError) as caught:
        plots.slope_curve(autograd.log, **settings)
    assert caught.value.__notes__ == [note]
