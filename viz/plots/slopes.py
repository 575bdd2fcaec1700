"""The slope of a curve at a point: the triangle of a nudge, the tangent, and the step that the slope leads to."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd.core.modes import no_grad
from autograd.core.numbers import equal_sign, in_parentheses, product_sign, read_number, write_number
from autograd.errors import AutogradError
from autograd.transforms.reverse import value_and_grad
from autograd.value import Value
from nn.history.figure import LINE_COLOURS, describe_axes, new_figure, plain
from nn.validation import real_number
from viz.plots.figures import evenly, name_of, names_of_arguments, number_or_nan, numbers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["SlopeCurve", "slope_curve", "slope_plot"]

BLUE, ORANGE, GREEN, _ = LINE_COLOURS

HALO = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
"""What stands behind a number in the picture, so that no line runs through it."""


@dataclass(frozen=True)
class SlopeCurve:
    """A function of one number, its slope at one place, and what a nudge and a step do there.

    Attributes:
        name, variable: what the function and its number are called.
        x, y: the curve; nan where the function is not defined.
        at, height: the place and the function there.
        slope: the derivative there.
        h, change: the nudge, and by how much the function changes; None without a nudge.
        lr, step: the learning rate, and the step −lr · slope; None without a rate.
        landing: the function where the step ends; None without a rate.
    """

    name: str
    variable: str
    x: list[float]
    y: list[float]
    at: float
    height: float
    slope: float
    h: float | None
    change: float | None
    lr: float | None
    step: float | None
    landing: float | None

    @property
    def ratio(self) -> float | None:
        """The slope of the secant, change / h; None without a nudge."""
        return None if self.h is None or self.change is None else self.change / self.h


def slope_curve(
    f: Callable[[Any], Any],
    at: float,
    *,
    h: float | None = None,
    lr: float | None = None,
    low: float | None = None,
    high: float | None = None,
    points: int = 241,
) -> SlopeCurve:
    """Compute what ``slope_plot`` draws.

    Raises:
        AutogradError: if f or its derivative is not defined at one of the places; a note says which.
        ValueError: if h is 0, lr is negative, or the range is empty.

    >>> curve = slope_curve(lambda w: (8.4 - 7 * w) ** 2, 2.0, h=0.5, lr=0.01)
    >>> round(curve.slope, 6), round(curve.ratio, 6), round(curve.step, 6), round(curve.landing, 6)
    (78.4, 102.9, -0.784, 0.012544)
    """
    at = real_number("at", at, at_least=-math.inf)
    if h is not None and real_number("h", h, at_least=-math.inf) == 0:
        raise ValueError("h is 0, but a ratio of changes divides by it: nudge by something, like h=0.5")
    lr = None if lr is None else real_number("lr", lr)
    height, slope = at_place(value_and_grad(f), at, "where the slope is asked for.")
    change = None if h is None else at_place(f, at + h, "where the nudge ends.")[0] - height
    step = None if lr is None else -lr * slope
    landing = None if step is None else at_place(f, at + step, "where the step ends: is lr too large?")[0]
    places = [at + way for way in (0.0, h, step) if way is not None]
    room = 0.7 * (max(places) - min(places)) or 2.0
    low = min(places) - room if low is None else low
    high = max(places) + room if high is None else high
    if not low < high:
        raise ValueError(f"a range goes from a smaller to a larger number, but got {low} to {high}")
    xs = evenly(low, high, points)
    with no_grad():
        ys = [number_or_nan(f, x) for x in xs]
    variable = names_of_arguments(f, ("x",))[0]
    return SlopeCurve(name_of(f), variable, xs, ys, at, height, slope, h, change, lr, step, landing)


def at_place(f: Callable[[Any], Any], x: float, what: str) -> list[float]:
    """What f gives at x, as a list of numbers; an error says what there is at x."""
    try:
        return numbers_of(f(Value(x)))
    except AutogradError as error:
        error.add_note(f"  This was at {write_number(x, 6)}, {what}")
        raise


def slope_plot(
    f: Callable[[Any], Any],
    at: float,
    *,
    h: float | None = None,
    lr: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Figure:
    """Draw a curve with its tangent at one place: the slope is the limit of Δf / Δx for ever smaller Δx.

    With a nudge ``h``, also the secant through x and x + h, with its triangle: the ratio Δf / Δx is the secant's
    slope.  With a learning rate ``lr``, also the step −lr · slope as an arrow along the axis, and where it lands.

    Args:
        f: a function of one number.
        at: the place whose slope is asked for.
        h: how far to nudge, to the right or (below 0) to the left.
        lr: the learning rate of one step of gradient descent.
        low, high: how far the plot reaches; closely around all that is drawn, unless given.

    Raises:
        ImportError: if matplotlib is not installed.
        AutogradError: if f or its derivative is not defined at one of the places; a note says which.
        ValueError: if h is 0, lr is negative, or the range is empty.

    >>> figure = slope_plot(lambda w: (8.4 - 7 * w) ** 2, at=2.0, h=0.5, lr=0.01)
    >>> print(figure.description)
    f(w) at w = 2: the slope is 78.4.  A nudge Δw = 0.5 gives Δf / Δw = 51.45 / 0.5 = 102.9.  The step −lr · slope
    = −0.01 · 78.4 = −0.784 leads to w = 1.216, from f = 31.36 to 0.01254.
    """
    curve = slope_curve(f, at, h=h, lr=lr, low=low, high=high)
    x, y = curve.variable, curve.name
    place, slope = write_number(curve.at), write_number(curve.slope)
    title = f"{y}({x}) at {x} = {place}: the slope is {slope}"
    figure = new_figure(title)
    axes = figure.add_subplot()
    describe_axes(axes, title, x, f"{y}({x})")
    axes.plot(curve.x, curve.y, "-", color=BLUE, linewidth=2, label=plain(f"{y}({x})"))
    ends = [curve.x[0], curve.x[-1]]
    axes.set_xlim(*ends)
    axes.set_ylim(*heights(curve))
    axes.ticklabel_format(useOffset=False)
    tangent = [curve.height + curve.slope * (end - curve.at) for end in ends]
    axes.plot(ends, tangent, "--", color=ORANGE, label=f"tangent: slope {slope}")
    said = [f"{title}."]
    if curve.h is not None:
        said.append(draw_secant(axes, curve))
    if curve.lr is not None:
        said.append(draw_step(axes, curve))
    axes.plot(curve.at, curve.height, "o", color="black", markersize=7, zorder=5)
    figure.description = "  ".join(said)  # type: ignore[attr-defined]
    # Below the plot, where it can cover no line.
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, frameon=False)
    return figure


def heights(curve: SlopeCurve) -> tuple[float, float]:
    """How far the plot reaches up and down: the curve, with room below it for the arrow of a step."""
    numbers = [y for y in [curve.height, *curve.y] if math.isfinite(y)]
    low, high = min(numbers), max(numbers)
    size = high - low or 1.0
    return low - (0.08 if curve.lr is None else 0.22) * size, high + 0.08 * size


def draw_secant(axes: Axes, curve: SlopeCurve) -> str:
    """The triangle of a nudge and the line along its long side; what it shows, in words."""
    assert curve.h is not None
    assert curve.change is not None
    assert curve.ratio is not None
    x, y = curve.variable, curve.name
    h, change, ratio = (write_number(number) for number in (curve.h, curve.change, curve.ratio))
    sign = equal_sign(ratio, read_number(change) / read_number(h))
    division = f"Δ{y} / Δ{x} = {change} / {in_parentheses(h)} {sign} {ratio}"
    ends = [curve.x[0], curve.x[-1]]
    secant = [curve.height + curve.ratio * (end - curve.at) for end in ends]
    axes.plot(ends, secant, "-.", color=GREEN, label=plain(f"secant: {division}"))
    there, top = curve.at + curve.h, curve.height + curve.change
    axes.plot([curve.at, there, there], [curve.height, curve.height, top], "-", color=GREEN, linewidth=1.2)
    axes.plot(there, top, "o", color=GREEN, markersize=6, zorder=5)
    rises, leads_right = curve.change >= 0, curve.h > 0
    axes.annotate(
        plain(f"Δ{x} = {h}"), ((curve.at + there) / 2, curve.height), xytext=(0, -5 if rises else 5),
        textcoords="offset points", ha="center", va="top" if rises else "bottom", bbox=HALO,
    )  # fmt: skip
    axes.annotate(
        plain(f"Δ{y} = {change}"), (there, curve.height + curve.change / 2), xytext=(7 if leads_right else -7, 0),
        textcoords="offset points", ha="left" if leads_right else "right", va="center", bbox=HALO,
    )  # fmt: skip
    return f"A nudge Δ{x} = {h} gives {division}."


def draw_step(axes: Axes, curve: SlopeCurve) -> str:
    """The step of gradient descent as an arrow along the axis; what it shows, in words."""
    assert curve.lr is not None
    assert curve.step is not None
    assert curve.landing is not None
    x, y, there = curve.variable, curve.name, curve.at + curve.step
    factors = [write_number(-curve.lr), in_parentheses(write_number(curve.slope))]
    step, place = write_number(curve.step), write_number(there)
    product = f"−lr · slope = {' · '.join(factors)} {product_sign(factors, step)} {step}"
    floor = axes.get_ylim()[0]
    level = floor + 0.06 * (axes.get_ylim()[1] - floor)
    axes.vlines([curve.at, there], floor, [curve.height, curve.landing], colors="#666666", linestyles=":", zorder=1)
    axes.annotate(
        "", (there, level), (curve.at, level), annotation_clip=False,
        arrowprops={"arrowstyle": "-|>", "color": "black", "linewidth": 2, "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip
    axes.annotate(
        f"step {step}", ((curve.at + there) / 2, level), xytext=(0, 4), textcoords="offset points", ha="center",
        va="bottom", bbox=HALO,
    )  # fmt: skip
    axes.plot([], [], "-", color="black", marker=">", label=f"step {product}")
    axes.plot(
        there, curve.landing, "o", color="black", markerfacecolor="white", markersize=7, zorder=5,
        label=plain(f"after the step, {x} = {place}: {y} = {write_number(curve.landing)}"),
    )  # fmt: skip
    height = write_number(curve.height)
    return f"The step {product} leads to {x} = {place}, from {y} = {height} to {write_number(curve.landing)}."
