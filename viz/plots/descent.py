"""Gradient descent: the points that it visits, and their path over the contour lines of the function."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd.core.modes import no_grad
from autograd.core.numbers import write_number
from autograd.errors import AutogradError, shown
from autograd.transforms.reverse import value_and_grad
from autograd.value import Value
from nn.history.figure import LINE_COLOURS, LINE_STYLES, describe_axes, import_matplotlib, new_figure, plain
from nn.optim import SGD, Optimizer
from nn.validation import count_of, real_number, whole_number
from viz.plots.figures import evenly, names_of_arguments, number_or_nan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ContourGrid", "contour_grid", "descent_frames", "descent_path", "gradient_descent"]

Points = list[tuple[float, float]]


def gradient_descent(
    f: Callable[..., Any],
    start: Sequence[float],
    lr: float | None = None,
    steps: int = 50,
    *,
    optimizer: Optimizer | None = None,
) -> list[tuple[float, ...]]:
    """Walk downhill from ``start``: the points visited, ``steps + 1`` of them.

    x ← x - lr · ∇f(x), or as the optimizer's rule says.  For a small lr a step changes f by about -lr · ‖∇f‖²;
    too large a one overshoots.

    Args:
        f: a function of one or more numbers, called as ``f(x, y, ...)``.
        start: where to begin, one number for each argument of f.
        lr: the learning rate, the length of a step in units of the gradient; 0.1, or the optimizer's own, unless
            it is given.
        steps: how many steps to take.
        optimizer: who makes the steps, like ``nn.Adam(0.3)``; a copy does, so that this one stays as it is.

    Raises:
        AutogradError: where f or its derivative is not defined, or overflows; a note says at which step.
        TypeError: if the optimizer is none.
        ValueError: if lr or steps is negative.

    >>> gradient_descent(lambda x, y: x**2 + y**2, (1.0, 2.0), lr=0.25, steps=2)
    [(1.0, 2.0), (0.5, 1.0), (0.25, 0.5)]
    >>> from nn import SGD
    >>> gradient_descent(lambda x: x**2, (1.0,), steps=2, optimizer=SGD(0.25, momentum=0.5))
    [(1.0,), (0.5,), (0.0,)]
    """
    if optimizer is not None and not isinstance(optimizer, Optimizer):
        raise TypeError(f"an optimizer is one like nn.Adam(0.3), but got {shown(optimizer)}")
    rule = SGD(0.1) if optimizer is None else copy.deepcopy(optimizer)
    rate = rule.lr if lr is None else real_number("lr", lr)
    names = names_of_arguments(f, [""] * len(start))
    place = [Value(float(x), name) for x, name in zip(start, names, strict=True)]
    slopes_at = value_and_grad(f, range(len(place)))
    path = [tuple(x.data for x in place)]
    for n in range(1, whole_number("steps", steps, at_least=0) + 1):
        try:
            for x, slope in zip(place, slopes_at(*path[-1])[1], strict=True):
                x.grad = slope
            rule.step(place, rate)
        except AutogradError as error:
            error.add_note(
                f"  This was step {n} of gradient descent, at {path[-1]}: is the learning rate too large?"
            )
            raise
        path.append(tuple(x.data for x in place))
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
    paths = checked_paths(path if isinstance(path, Mapping) else {"path": path})
    axes = draw_contours(f, paths, x_range, y_range, resolution, title)
    for i, (name, points) in enumerate(paths.items()):
        draw_path(axes, points, name if len(paths) > 1 else "", i, f)
    labels = [str(text) for text in axes.get_legend_handles_labels()[1]]
    axes.figure.description = f"{title}: {'; '.join(labels)}"  # type: ignore[union-attr]
    longest = max(map(len, labels))
    columns = 3 if len(paths) == 1 else 2 if longest <= 34 else 1
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=columns, frameon=False)
    return axes.figure  # type: ignore[return-value]


def descent_frames(
    f: Callable[..., Any],
    paths: Mapping[str, Sequence[Sequence[float]]],
    *,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    resolution: int = 60,
    most: int = 40,
    title: str = "Gradient descent",
) -> Iterator[Figure]:
    """Let several descents run at the same time, a picture for each step: ``animate(descent_frames(f, paths))``.

    Each path grows, and below stands the value of f where it is.  Who has no more points waits at the last one.

    Args:
        f: a function of two numbers, called as ``f(x, y)``.
        paths: for each racer the points visited, as ``gradient_descent`` gives them.
        x_range, y_range: how far the plot reaches; around the paths, unless given.
        resolution: how many points the grid for the contour lines has along each axis.
        most: how many pictures there are at most; where there are more steps, some are passed over.

    Returns:
        The pictures, one after the other: the same Figure, with the paths a little longer.

    Raises:
        ImportError: if matplotlib is not installed.
        ValueError: if a point has not two coordinates, f is defined nowhere in the plot, or most is less than 2.

    >>> bowl = lambda x, y: x**2 + 4 * y**2
    >>> rates = {"slow": 0.05, "fast": 0.2}
    >>> paths = {name: gradient_descent(bowl, (3.0, 2.0), lr, steps=20) for name, lr in rates.items()}
    >>> [figure.description for figure in descent_frames(bowl, paths, most=2)]
    ['Gradient descent, step 0: slow 25; fast 25', 'Gradient descent, step 20: slow 0.133; fast 3.34·10⁻⁸']
    """
    most = whole_number("most", most, at_least=2)
    checked = checked_paths(paths)
    axes = draw_contours(f, checked, x_range, y_range, resolution, title)
    steps = max(len(points) for points in checked.values()) - 1
    shown_steps = sorted({round(i * steps / (most - 1)) for i in range(most)})
    return grow(axes, f, checked, shown_steps, title)


def grow(
    axes: Axes, f: Callable[..., Any], paths: Mapping[str, Points], steps: Sequence[int], title: str
) -> Iterator[Figure]:
    """The same figure for each of the steps, with every path as long as it is then."""
    figure: Any = axes.figure
    lines = []
    for i in range(len(paths)):
        look: dict[str, Any] = {"color": LINE_COLOURS[i % 4], "zorder": 3 + (i + 1) / len(paths)}
        (line,) = axes.plot([], [], dash_of(i), marker=".", markersize=4, linewidth=1.5, **look)
        (racer,) = axes.plot([], [], "os^Dv"[i % 5], markersize=10, markeredgecolor="black", **look)
        lines.append((line, racer))
    width = max(len(name) for name in paths)
    for n in steps:
        said = []
        for (name, points), (line, racer) in zip(paths.items(), lines, strict=True):
            line.set_data(*zip(*points[: n + 1], strict=True))
            racer.set_data(*[[number] for number in points[min(n, len(points) - 1)]])
            with no_grad():
                height = write_number(number_or_nan(f, *points[min(n, len(points) - 1)]), 3)
            said.append(f"{name} {height}")
            racer.set_label(plain(f"{name:<{width}} {height:>10}"))
        axes.set_title(plain(f"{title}, step {n}"))
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, frameon=False, prop={"family": "monospace"}
        )
        figure.description = f"{title}, step {n}: {'; '.join(said)}"
        if n == steps[0]:
            # Whatever is written from now on, the plot stays where it is.
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
        yield figure


def checked_paths(paths: Mapping[str, Sequence[Sequence[float]]]) -> dict[str, Points]:
    """The paths as lists of pairs of floats."""
    for points in paths.values():
        if not points or any(len(point) != 2 for point in points):
            raise ValueError("a path is a list of points with two coordinates each, like [(3.0, 2.0), (2.5, 1.0)]")
    if not paths:
        raise ValueError("there is no path to draw: give at least one, by name")
    return {str(name): [(float(x), float(y)) for x, y in points] for name, points in paths.items()}


def draw_contours(
    f: Callable[..., Any],
    paths: Mapping[str, Points],
    x_range: tuple[float, float] | None,
    y_range: tuple[float, float] | None,
    resolution: int,
    title: str,
) -> Axes:
    """A new figure with the contour lines of a function around some paths."""
    around = ranges_around([point for points in paths.values() for point in points])
    grid = contour_grid(f, x_range or around[0], y_range or around[1], resolution=resolution)
    import_matplotlib()
    import numpy as np

    values = np.ma.masked_invalid(np.array(grid.values))
    if values.count() == 0:
        raise ValueError(f"the function is not defined anywhere in {x_range or around[0]} × {y_range or around[1]}")
    figure = new_figure(title)
    axes = figure.add_subplot()
    # Lines through equal shares of the area show steep and flat places alike.
    levels = np.unique(np.quantile(values.compressed(), np.linspace(0.02, 0.98, 12)))
    if len(levels) > 1:
        filled = axes.contourf(grid.x, grid.y, values, levels=levels, cmap="Greys", alpha=0.5, extend="both")
        lines = axes.contour(grid.x, grid.y, values, levels=levels, colors="#777777", linewidths=0.6)
        axes.clabel(lines, levels[::2].tolist(), fmt="%.3g", fontsize=8)
        figure.colorbar(filled, ax=axes, label="value of the function", format="%.3g")
    x_name, y_name = names_of_arguments(f, ("x", "y"))
    describe_axes(axes, title, x_name, y_name)
    axes.grid(False)
    axes.set_xlim(grid.x[0], grid.x[-1])
    axes.set_ylim(grid.y[0], grid.y[-1])
    return axes


def draw_path(axes: Axes, points: Points, name: str, i: int, f: Callable[..., Any]) -> None:
    """One path with a square where it starts and a star where it ends; with a name if there are others."""
    look: dict[str, Any] = {"color": LINE_COLOURS[i % 4]}
    with no_grad():
        first, last = (write_number(number_or_nan(f, *points[n]), 3) for n in (0, -1))
    steps = count_of(len(points) - 1, "step")
    x, y = zip(*points, strict=True)
    dots = "." if len(points) <= 100 else ""
    label = f"{name}: {steps}, {first} to {last}" if name else steps
    axes.plot(x, y, dash_of(i), marker=dots, markersize=5, linewidth=1.5, label=plain(label), **look)
    for point, marker, said in ((points[0], "s", f"start: {first}"), (points[-1], "*", f"end: {last}")):
        axes.plot(
            *point, marker, markeredgecolor="black", markersize=13 if marker == "*" else 8, zorder=4,
            label=None if name else said, **look,
        )  # fmt: skip


def dash_of(i: int) -> str:
    """A dash that goes with the colour: of eight paths, no two have both.

    >>> [dash_of(i) for i in range(6)]
    ['-', '--', '-.', ':', '--', '-.']
    """
    return LINE_STYLES[(i + i // 4) % 4]


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
