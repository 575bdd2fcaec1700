"""Gradient descent: the points that it visits, and their path over the contour lines of the function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd.core.modes import no_grad
from autograd.errors import AutogradError
from autograd.transforms.reverse import value_and_grad
from nn.history.figure import LINE_COLOURS, LINE_STYLES, describe_axes, import_matplotlib, new_figure, plain
from viz.plots.figures import evenly, names_of_arguments, number_or_nan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ContourGrid", "contour_grid", "descent_path", "gradient_descent"]


def gradient_descent(
    f: Callable[..., Any], start: Sequence[float], lr: float = 0.1, steps: int = 50
) -> list[tuple[float, ...]]:
    """Walk downhill from ``start``: the points visited, ``steps + 1`` of them.

    x ← x - lr · ∇f(x).  For a small lr a step changes f by about -lr · ‖∇f‖²; too large a one overshoots.

    Args:
        f: a function of one or more numbers, called as ``f(x, y, ...)``.
        start: where to begin, one number for each argument of f.
        lr: the learning rate, the length of a step in units of the gradient.
        steps: how many steps to take.

    Raises:
        AutogradError: where f or its derivative is not defined, or overflows; a note says at which step.
        ValueError: if lr or steps is negative.

    >>> gradient_descent(lambda x, y: x**2 + y**2, (1.0, 2.0), lr=0.25, steps=2)
    [(1.0, 2.0), (0.5, 1.0), (0.25, 0.5)]
    """
    if not lr >= 0 or steps < 0:
        raise ValueError(f"the learning rate and the number of steps are not negative, but got {lr} and {steps}")
    point = tuple(float(x) for x in start)
    slopes_at = value_and_grad(f, range(len(point)))
    path = [point]
    for n in range(1, steps + 1):
        try:
            _, slopes = slopes_at(*point)
        except AutogradError as error:
            error.add_note(f"  This was step {n} of gradient descent, at {point}: is the learning rate too large?")
            raise
        point = tuple(x - lr * slope for x, slope in zip(point, slopes, strict=True))
        path.append(point)
    return path


@dataclass(frozen=True)
class ContourGrid:
    """A function of two variables on a grid: ``values[j][i]`` is f(x[i], y[j]), nan where f is not defined."""

    x: list[float]
    y: list[float]
    values: list[list[float]]


def contour_grid(
    f: Callable[..., Any],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    *,
    resolution: int = 60,
) -> ContourGrid:
    """Compute ``f(x, y)`` on a grid of points.

    >>> contour_grid(lambda x, y: x * y, (0, 2), (0, 4), resolution=3).values
    [[0.0, 0.0, 0.0], [0.0, 2.0, 4.0], [0.0, 4.0, 8.0]]
    """
    xs, ys = evenly(*x_range, resolution), evenly(*y_range, resolution)
    with no_grad():
        values = [[number_or_nan(f, x, y) for x in xs] for y in ys]
    return ContourGrid(xs, ys, values)


def descent_path(
    f: Callable[..., Any],
    path: Sequence[Sequence[float]] | Mapping[str, Sequence[Sequence[float]]],
    *,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    resolution: int = 60,
    title: str = "Gradient descent",
) -> Figure:
    """Draw the path of a descent over the contour lines of the function that it descends.

    Args:
        f: a function of two numbers, called as ``f(x, y)``.
        path: the points visited, as ``gradient_descent`` gives them; or a dict of such paths, to compare them.
        x_range: how far the plot reaches; around the paths, unless given.
        y_range: the same for the other axis.
        resolution: how many points the grid for the contour lines has along each axis.

    Raises:
        ImportError: if matplotlib is not installed.
        ValueError: if a point has not two coordinates, or f is defined nowhere in the plot.

    >>> bowl = lambda x, y: x**2 + 4 * y**2
    >>> figure = descent_path(bowl, gradient_descent(bowl, (3.0, 2.0), lr=0.2, steps=20))
    """
    paths = path if isinstance(path, Mapping) else {"path": path}
    for points in paths.values():
        if not points or any(len(point) != 2 for point in points):
            raise ValueError("a path is a list of points with two coordinates each, like [(3.0, 2.0), (2.5, 1.0)]")
    everything = [point for points in paths.values() for point in points]
    around = ranges_around(everything)
    grid = contour_grid(f, x_range or around[0], y_range or around[1], resolution=resolution)
    import_matplotlib()
    import numpy as np

    values = np.ma.masked_invalid(np.array(grid.values))
    if values.count() == 0:
        raise ValueError(f"the function is not defined anywhere in {x_range or around[0]} × {y_range or around[1]}")
    figure = new_figure(title)
    axes = figure.add_subplot()
    # Lines through equal shares of the area show steep and flat places alike.
    levels = np.unique(np.quantile(values.compressed(), np.linspace(0.02, 0.98, 16)))
    if len(levels) > 1:
        filled = axes.contourf(grid.x, grid.y, values, levels=levels, cmap="Greys", alpha=0.5, extend="both")
        lines = axes.contour(grid.x, grid.y, values, levels=levels, colors="#777777", linewidths=0.6)
        axes.clabel(lines, levels[::3].tolist(), fmt="%.3g", fontsize=8)
        figure.colorbar(filled, ax=axes, label="value of the function", format="%.3g")
    for i, (name, points) in enumerate(paths.items()):
        draw_path(axes, [(float(x), float(y)) for x, y in points], name if len(paths) > 1 else "", i, f)
    x_name, y_name = names_of_arguments(f, ("x", "y"))
    describe_axes(axes, title, x_name, y_name)
    axes.grid(False)
    axes.set_xlim(grid.x[0], grid.x[-1])
    axes.set_ylim(grid.y[0], grid.y[-1])
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3, frameon=False)
    return figure


def draw_path(axes: Axes, points: list[tuple[float, float]], name: str, i: int, f: Callable[..., Any]) -> None:
    colour = LINE_COLOURS[i % 4]
    x, y = [point[0] for point in points], [point[1] for point in points]
    before = f"{name}: " if name else ""
    label = f"{before}{len(points) - 1} steps"
    dots = "." if len(points) <= 100 else ""
    axes.plot(x, y, LINE_STYLES[i % 4], color=colour, marker=dots, markersize=5, linewidth=1.5, label=plain(label))
    for point, marker, what in ((points[0], "s", "start"), (points[-1], "*", "end")):
        with no_grad():
            height = number_or_nan(f, *point)
        axes.plot(
            *point, marker, color=colour, markeredgecolor="black", markersize=13 if marker == "*" else 8,
            zorder=4, label=plain(f"{before}{what}: {height:.3g}"),
        )  # fmt: skip


def ranges_around(points: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """A box around the points, never much flatter than it is wide."""
    lows = [min(point[i] for point in points) for i in (0, 1)]
    highs = [max(point[i] for point in points) for i in (0, 1)]
    widest = max(high - low for low, high in zip(lows, highs, strict=True)) or 1.0
    ranges = []
    for low, high in zip(lows, highs, strict=True):
        middle, half = (low + high) / 2, max(high - low, 0.5 * widest) / 2
        ranges.append((middle - 1.3 * half, middle + 1.3 * half))
    return ranges
