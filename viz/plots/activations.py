"""Functions of one number with their derivatives: activations, losses; gaps where one jumps or is not defined."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd import ops
from autograd.core.modes import no_grad
from autograd.errors import AutogradError
from autograd.transforms.reverse import grad
from nn.history.figure import LINE_COLOURS, LINE_STYLES, describe_axes, new_figure, plain
from nn.layers.activations import takes_one_input
from viz.plots.figures import evenly, name_of, names_of_arguments, number_or_nan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ActivationCurve", "activation_curve", "activation_plot"]


@dataclass(frozen=True)
class ActivationCurve:
    """A function of one number and its derivative, at the places ``x``; nan where one is not defined."""

    name: str
    x: list[float]
    y: list[float]
    slope: list[float]


def activation_curve(
    function: str | Callable[[Any], Any], low: float = -5.0, high: float = 5.0, *, points: int = 401
) -> ActivationCurve:
    """Compute a function and its derivative at evenly spaced places.

    Args:
        function: the name of an operation, like ``"tanh"``, or a function of one number.

    Raises:
        ValueError: if no operation of one input has that name, or the range is empty.

    >>> curve = activation_curve("relu", -1, 1, points=3)
    >>> curve.y, curve.slope
    ([0.0, 0.0, 1.0], [0.0, 0.0, 1.0])
    """
    if not low < high:
        raise ValueError(f"a range goes from a smaller to a larger number, but got {low} to {high}")
    f = operation_of_one_input(function) if isinstance(function, str) else function
    name = function if isinstance(function, str) else name_of(f)
    xs = evenly(low, high, points)
    with no_grad():
        ys = [number_or_nan(f, x) for x in xs]
    return ActivationCurve(name, xs, ys, [slope_or_nan(f, x) for x in xs])


def activation_plot(
    function: str | Callable[[Any], Any] | Mapping[str, str | Callable[[Any], Any]],
    low: float = -5.0,
    high: float = 5.0,
) -> Figure:
    """Draw a function of one number together with its derivative; or several, above their derivatives.

    Where one of them is not defined, or jumps, its line has a gap.

    Args:
        function: the name of an operation, like ``"tanh"``, or a function of one number; or a dict of several,
            with the names that they have in the plot.

    Raises:
        ImportError: if matplotlib is not installed.
        ValueError: if no operation of one input has that name, the dict is empty, or the range is.

    >>> figure = activation_plot("sigmoid")
    >>> figure = activation_plot({"squared": lambda e: e * e, "absolute": abs}, -2, 2)
    """
    if isinstance(function, Mapping):
        return plot_several(function, low, high)
    curve = activation_curve(function, low, high)
    title = f"{curve.name} and its derivative"
    figure = new_figure(title)
    axes = figure.add_subplot()
    with_zero_lines(axes)
    variable = variable_of(function)
    label = plain(f"{curve.name}({variable})")
    axes.plot(*with_gaps(curve.x, curve.y, curve.slope), "-", color=LINE_COLOURS[0], label=label)
    axes.plot(*gapped_slopes(curve, function), "--", color=LINE_COLOURS[1], label="its derivative")
    keep_poles_out(axes, [*curve.y, *curve.slope])
    describe_axes(axes, title, variable, "value")
    axes.set_xlim(low, high)
    axes.legend()
    return figure


def plot_several(functions: Mapping[str, str | Callable[[Any], Any]], low: float, high: float) -> Figure:
    """Functions above, their derivatives below; each has a colour and a dash of its own."""
    if not functions:
        raise ValueError('there is no function to draw: give at least one, like {"square": lambda x: x**2}')
    curves = {str(name): activation_curve(f, low, high) for name, f in functions.items()}
    names = f"{', '.join(curves)}, and their derivatives"
    figure = new_figure(names)
    figure.set_size_inches(7.0, 6.4)
    upper, lower = figure.subplots(2, 1, sharex=True)
    for i, ((name, curve), f) in enumerate(zip(curves.items(), functions.values(), strict=True)):
        look: dict[str, Any] = {"color": LINE_COLOURS[i % 4], "linestyle": LINE_STYLES[(i + i // 4) % 4]}
        upper.plot(*with_gaps(curve.x, curve.y, curve.slope), label=plain(name), linewidth=2, **look)
        lower.plot(*gapped_slopes(curve, f), linewidth=2, **look)
    keep_poles_out(upper, [y for curve in curves.values() for y in curve.y])
    keep_poles_out(lower, [slope for curve in curves.values() for slope in curve.slope])
    variables = {variable_of(f) for f in functions.values()}
    variable = variables.pop() if len(variables) == 1 else "x"
    for axes, title, x_name, y_name in ((upper, names, "", "value"), (lower, "", variable, "derivative")):
        with_zero_lines(axes)
        describe_axes(axes, title, x_name, y_name)
    upper.set_xlim(low, high)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def variable_of(function: str | Callable[[Any], Any]) -> str:
    return "x" if isinstance(function, str) else names_of_arguments(function, ("x",))[0]


def with_zero_lines(axes: Axes) -> None:
    axes.axhline(0, color="#999999", linewidth=0.8)
    axes.axvline(0, color="#999999", linewidth=0.8)


def gapped_slopes(curve: ActivationCurve, function: str | Callable[[Any], Any]) -> tuple[list[float], list[float]]:
    """The points of the derivative's curve, with gaps where it jumps."""
    f = operation_of_one_input(function) if isinstance(function, str) else function
    return with_gaps(curve.x, curve.slope, [slope_or_nan(grad(f), x) for x in curve.x])


def with_gaps(xs: list[float], ys: list[float], slopes: list[float]) -> tuple[list[float], list[float]]:
    """The points of a curve, with a nan (which draws as a gap) wherever the curve jumps.

    A continuous curve moves as its slope says; where it moves quite differently, it has jumped.
    """
    finite = [y for y in ys if math.isfinite(y)]
    reach = max(finite, default=0.0) - min(finite, default=0.0)
    gapped_x, gapped_y = xs[:1], ys[:1]
    for i in range(1, len(xs)):
        moved = ys[i] - ys[i - 1]
        expected = (xs[i] - xs[i - 1]) * (slopes[i - 1] + slopes[i]) / 2
        if abs(moved) > 0.02 * reach and abs(moved - expected) > 0.5 * abs(moved):
            gapped_x.append((xs[i - 1] + xs[i]) / 2)
            gapped_y.append(math.nan)
        gapped_x.append(xs[i])
        gapped_y.append(ys[i])
    return gapped_x, gapped_y


def keep_poles_out(axes: Axes, heights: list[float]) -> None:
    """Cut the plot off where a curve goes to infinity, and would flatten all the rest."""
    import numpy as np

    numbers = np.array([z for z in heights if math.isfinite(z)])
    if len(numbers) == 0:
        return
    low, high = np.quantile(numbers, [0.1, 0.9])
    size = max(high - low, 1e-12)
    if numbers.max() > high + 4 * size or numbers.min() < low - 4 * size:
        axes.set_ylim(low - 0.5 * size, high + 0.5 * size)


def operation_of_one_input(name: str) -> ops.Op:
    """The operation of that name, if it takes one number (others may have defaults)."""
    op = ops.ALL.get(name)
    if op is None or not takes_one_input(op):
        known = ", ".join(row.name for row in ops.ALL.values() if takes_one_input(row))
        raise ValueError(f"{name!r} is not an operation of one number; there are {known}")
    return op


def slope_or_nan(f: Callable[[Any], Any], x: float) -> float:
    """f'(x), or nan where f or its derivative is not defined."""
    try:
        return float(grad(f)(x))
    except (AutogradError, ArithmeticError):
        return math.nan
