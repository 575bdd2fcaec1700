"""Plots with matplotlib: a loss curve, a decision boundary, a descent, an activation with its derivative.

matplotlib is an extra (``pip install 'glassgrad[plot]'``) and is imported when a plot is drawn.  Every
plot is a matplotlib ``Figure`` that shows itself in a notebook and belongs to nobody else: there is no
pyplot, hence no display is needed and no figure stays behind.  Beside each plot stands a function that
gives the numbers that are plotted, as plain lists.

Colours are blue and orange, which colour-blind people can tell apart (Okabe and Ito, "Color Universal
Design", 2008), and whatever has a colour has another mark as well: a shape, a dash, a word.
"""

from __future__ import annotations

import inspect
import io
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd import ops
from autograd.errors import AutogradError
from autograd.functional import grad, value_and_grad
from autograd.modes import no_grad
from autograd.value import Value
from viz.drawing import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "ActivationCurve",
    "BoundaryGrid",
    "ContourGrid",
    "activation_curve",
    "activation_plot",
    "contour_grid",
    "decision_boundary",
    "decision_boundary_grid",
    "descent_path",
    "gradient_descent",
    "loss_curve",
    "loss_curve_svg",
    "loss_series",
    "save_plot",
]

BLUE, ORANGE = "#56B4E9", "#E69F00"
# The classes 0, 1, 2, ...: each has a colour and a shape of its own.
CLASS_COLOURS = (ORANGE, BLUE, "#009E73", "#CC79A7", "#F0E442", "#D55E00")
CLASS_MARKERS = ("s", "o", "^", "D", "v", "P")
# The same for lines: a colour dark enough for a thin stroke, and a dash.
LINE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
LINE_STYLES = ("-", "--", "-.", ":")

NAMED_SAMPLES = 12
"""Up to this many samples are drawn with their names beside them."""


# --- the loss curve -------------------------------------------------------------------------------------


def loss_series(history: Any) -> dict[str, tuple[list[int], list[float]]]:
    """What a loss curve shows: under each name the numbers of the epochs, and the losses.

    Args:
        history: what ``nn.fit`` returned, or a list of one number for each epoch, or a dict of these by name.

    Raises:
        TypeError: if it is none of these.
        ValueError: if there is no number in it.

    >>> loss_series([0.5, 0.25])
    {'loss': ([1, 2], [0.5, 0.25])}
    """
    if isinstance(history, Mapping):
        series = {str(name): next(iter(loss_series(one).values())) for name, one in history.items()}
    else:
        losses = floats(getattr(history, "loss", history))
        epochs = list(getattr(history, "epochs", range(1, len(losses) + 1)))
        series = {"loss": (epochs, losses)}
        if validation := floats(getattr(history, "validation_loss", [])):
            series["validation loss"] = (epochs, validation)
    if not series or not all(losses for _, losses in series.values()):
        raise ValueError("there is no loss to draw: train for at least one epoch")
    return series


def floats(numbers: Any) -> list[float]:
    if isinstance(numbers, (str, bytes)) or not isinstance(numbers, Iterable):
        raise TypeError(
            "a loss curve is drawn from what nn.fit returned, a list of numbers, or a dict of these by name, "
            f"but got {numbers!r} ({type(numbers).__name__})"
        )
    return [float(number.data if isinstance(number, Value) else number) for number in numbers]


def loss_curve(history: Any, *, log: bool = False, title: str = "Loss over the epochs") -> Figure:
    """Draw how the loss fell, epoch by epoch; below it the metrics, if the history has any.

    Args:
        history: what ``nn.fit`` returned, or a list of one number for each epoch, or a dict of these by
            name, to compare runs.
        log: a logarithmic axis, which shows small losses better.

    Raises:
        ImportError: if matplotlib is not installed.
        TypeError: if history is none of these.
        ValueError: if there is no number in it.

    >>> figure = loss_curve({"slow": [1.0, 0.9, 0.8], "fast": [1.0, 0.5, 0.1]})
    >>> figure.savefig("loss.png")  # doctest: +SKIP
    """
    series = loss_series(history)
    given = dict(getattr(history, "metrics", {}))
    metrics = {name: (history.epochs, numbers) for name, numbers in given.items() if name != "validation_loss"}
    last = "; ".join(f"{name} {losses[-1]:.4g}" for name, (_, losses) in {**series, **metrics}.items())
    figure = new_figure(f"{title}; at the end: {last}")
    upper = figure.add_subplot(2 if metrics else 1, 1, 1)
    draw_series(upper, series)
    describe_axes(upper, title, "epoch", "loss (logarithmic)" if log else "loss")
    if log:
        upper.set_yscale("log")
    elif all(loss >= 0 for _, losses in series.values() for loss in losses):
        upper.set_ylim(bottom=0)
    if metrics:
        lower = figure.add_subplot(2, 1, 2, sharex=upper)
        draw_series(lower, metrics)
        describe_axes(lower, "", "epoch", "metric")
    return figure


def draw_series(axes: Axes, series: Mapping[str, tuple[list[int], list[float]]]) -> None:
    from matplotlib.ticker import MaxNLocator

    for i, (name, (epochs, numbers)) in enumerate(series.items()):
        axes.plot(
            epochs, numbers, LINE_STYLES[i % 4], color=LINE_COLOURS[i % 4],
            marker="o" if len(numbers) == 1 else None, label=plain(f"{name} (last: {numbers[-1]:.4g})"),
        )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.legend()


def loss_curve_svg(history: Any, *, title: str = "Loss over the epochs") -> str:
    """A plain loss curve as SVG text: it needs nothing installed.

    Raises:
        TypeError: if history is not what ``loss_curve`` takes.
        ValueError: if there is no number in it.

    >>> loss_curve_svg([0.5, 0.25])[:4]
    '<svg'
    """
    series = loss_series(history)
    numbers = [loss for _, losses in series.values() for loss in losses if math.isfinite(loss)]
    first, last = min(e[0] for e, _ in series.values()), max(e[-1] for e, _ in series.values())
    y_ticks = round_steps(min([0.0, *numbers]), max(numbers, default=1.0))
    x_ticks = [x for x in round_steps(first, last) if first <= x <= last and x == int(x)]
    low, high = y_ticks[0], y_ticks[-1]
    summary = "; ".join(f"{name}: {ls[0]:.4g} to {ls[-1]:.4g}" for name, (_, ls) in series.items())

    def across(epoch: float) -> float:
        return 70 + 550 * (epoch - first) / max(last - first, 1)

    def down(loss: float) -> float:
        return 340 - 290 * (loss - low) / (high - low)

    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 400" width="640" height="400" role="img" '
        'font-family="sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(summary)}</desc>",
        '<rect width="640" height="400" fill="white"/>',
        f'<text x="345" y="28" text-anchor="middle" font-size="16">{escape(title)}</text>',
    ]
    for y in y_ticks:
        lines.append(f'<line x1="70" x2="620" y1="{down(y):.1f}" y2="{down(y):.1f}" stroke="#ddd"/>')
        lines.append(f'<text x="62" y="{down(y) + 4:.1f}" text-anchor="end">{y:g}</text>')
    for x in x_ticks:
        lines.append(f'<line x1="{across(x):.1f}" x2="{across(x):.1f}" y1="340" y2="346" stroke="black"/>')
        lines.append(f'<text x="{across(x):.1f}" y="362" text-anchor="middle">{x:g}</text>')
    lines.append('<path d="M70,50 V340 H620" fill="none" stroke="black"/>')
    lines.append('<text x="345" y="386" text-anchor="middle">epoch</text>')
    lines.append('<text transform="translate(18,195) rotate(-90)" text-anchor="middle">loss</text>')
    for i, (name, (epochs, losses)) in enumerate(series.items()):
        points = [(across(n), down(loss)) for n, loss in zip(epochs, losses, strict=True) if math.isfinite(loss)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        colour, dash = LINE_COLOURS[i % 4], ("none", "8 4", "8 3 2 3", "2 3")[i % 4]
        lines.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        lines.append(
            f'<text x="612" y="{68 + 18 * i}" text-anchor="end" fill="{colour}">'
            f"{escape(f'{name} (last: {losses[-1]:.4g})')}</text>"
        )
    return "\n".join([*lines, "</svg>\n"])


def round_steps(low: float, high: float) -> list[float]:
    """About five round numbers that span an interval.

    >>> round_steps(0.0, 0.93)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    if not low < high:
        high = low + 1.0
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if rough <= power * factor * 1.0001)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]


# --- the decision boundary ------------------------------------------------------------------------------


@dataclass(frozen=True)
class BoundaryGrid:
    """What a model says about a grid of points.

    Attributes:
        x1: the first feature's values.
        x2: the second feature's values.
        outputs: ``outputs[j][i]`` is what the model says about ``(x1[i], x2[j])``: its output, or,
            for a model with several outputs, the number of the class whose output is largest.
        threshold: the output at which the class changes; None for a model with several outputs.
        classes: how many classes there are.
        margins: for a model with several outputs: ``margins[k][j][i]`` is by how much output k exceeds the
            largest other one there; empty for a model with one output.
    """

    x1: list[float]
    x2: list[float]
    outputs: list[list[float]]
    threshold: float | None
    classes: int
    margins: list[list[list[float]]]


def decision_boundary_grid(
    model: Callable[[list[float]], Any],
    data: Any,
    *,
    resolution: int = 50,
    threshold: float | None = None,
) -> BoundaryGrid:
    """Ask a model of two inputs about every point of a grid that covers its data.

    Args:
        model: anything that is called as ``model([x1, x2])`` and gives a Value, a number, or a list of them.
        data: a data set (with ``inputs`` and ``targets``), or a pair of these two lists.
        resolution: how many points the grid has along each axis.
        threshold: the output at which the class changes.  Unless given, it is 0.5 if all outputs lie
            between 0 and 1 and no target is negative (a probability), and 0 otherwise (a logit, a margin, tanh).

    Raises:
        ValueError: if the data have not exactly two features, or there are none.

    >>> grid = decision_boundary_grid(lambda x: x[0] - x[1], ([[0, 0], [1, 2]], [-1, 1]), resolution=3)
    >>> grid.threshold, round(grid.outputs[1][1], 6)
    (0.0, -0.5)
    """
    inputs, targets = inputs_and_targets(data)
    everything = inputs + (inputs_and_targets(data.unseen)[0] if getattr(data, "unseen", None) else [])
    ranges = [spread(min(x[i] for x in everything), max(x[i] for x in everything)) for i in (0, 1)]
    x1, x2 = (evenly(low, high, resolution) for low, high in ranges)
    with no_grad():
        answers = [[numbers_of(model([a, b])) for a in x1] for b in x2]
    if len(answers[0][0]) > 1:
        classes = len(answers[0][0])
        winners = [[float(largest(a)) for a in row] for row in answers]
        margins = [[[margin(a, k) for a in row] for row in answers] for k in range(classes)]
        return BoundaryGrid(x1, x2, winners, None, classes, margins)
    outputs = [[a[0] for a in row] for row in answers]
    if threshold is None:
        is_probability = all(0 <= z <= 1 for row in outputs for z in row)
        threshold = 0.5 if is_probability and not any(t < 0 for t in targets if not is_list(t)) else 0.0
    return BoundaryGrid(x1, x2, outputs, threshold, 2, [])


def decision_boundary(
    model: Callable[[list[float]], Any],
    data: Any,
    *,
    resolution: int = 50,
    threshold: float | None = None,
    title: str = "",
) -> Figure:
    """Draw what a model of two inputs says everywhere, with its data on top.

    Samples of the data's ``unseen`` part are hollow.  The arguments are those of ``decision_boundary_grid``.

    Raises:
        ImportError: if matplotlib is not installed.
        ValueError: if the data have not exactly two features, or there are none.
    """
    grid = decision_boundary_grid(model, data, resolution=resolution, threshold=threshold)
    name = getattr(data, "name", "")
    title = title or (f"Decision boundary: {name}" if name else "Decision boundary")
    figure = new_figure(title)
    axes = figure.add_subplot()
    if grid.threshold is None:
        fill_classes(axes, grid)
    else:
        fill_outputs(figure, axes, grid)
    names = class_names(data, grid)
    scatter_samples(axes, data, grid, names, filled=True)
    if getattr(data, "unseen", None):
        scatter_samples(axes, data.unseen, grid, names, filled=False)
    x1_name, x2_name = list(getattr(data, "feature_names", None) or ["x1", "x2"])
    describe_axes(axes, title, str(x1_name), str(x2_name))
    axes.grid(False)
    axes.set_xlim(grid.x1[0], grid.x1[-1])
    axes.set_ylim(grid.x2[0], grid.x2[-1])
    # Above the plot, where it can cover no sample.
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=4, frameon=False)
    return figure


def fill_outputs(figure: Figure, axes: Axes, grid: BoundaryGrid) -> None:
    """Shade the plane by the one output of a model, with a line where the class changes."""
    from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm

    assert grid.threshold is not None
    numbers = [z for row in grid.outputs for z in row if math.isfinite(z)]
    reach = max(abs(z - grid.threshold) for z in numbers) or 1.0
    norm = TwoSlopeNorm(grid.threshold, grid.threshold - reach, grid.threshold + reach)
    shades = LinearSegmentedColormap.from_list("orange to blue", [paler(ORANGE), "white", paler(BLUE)])
    mesh = axes.pcolormesh(
        grid.x1, grid.x2, grid.outputs, cmap=shades, norm=norm, shading="gouraud", rasterized=True
    )
    figure.colorbar(mesh, ax=axes, label="model output")
    if min(numbers) < grid.threshold < max(numbers):
        lines = axes.contour(
            grid.x1, grid.x2, grid.outputs, levels=[grid.threshold], colors="black", linestyles="--"
        )
        axes.clabel(lines, fmt=f"{grid.threshold:g}")


def fill_classes(axes: Axes, grid: BoundaryGrid) -> None:
    """Fill the plane with the classes of a model that has one output for each class."""
    for k, margins in enumerate(grid.margins):
        numbers = [z for row in margins for z in row]
        if max(numbers) <= 0:
            continue  # This class is nowhere the winner.
        colour = paler(CLASS_COLOURS[k % len(CLASS_COLOURS)])
        axes.contourf(grid.x1, grid.x2, margins, levels=[0.0, max(numbers)], colors=[colour])
        if min(numbers) < 0:
            axes.contour(grid.x1, grid.x2, margins, levels=[0.0], colors="black", linewidths=0.8)


def paler(colour: str) -> str:
    """The colour half way to white, so that the samples stand out against it.

    >>> paler("#56B4E9")
    '#aad9f4'
    """
    return "#" + "".join(f"{(int(colour[i : i + 2], 16) + 255) // 2:02x}" for i in (1, 3, 5))


def scatter_samples(axes: Axes, data: Any, grid: BoundaryGrid, names: list[str], *, filled: bool) -> None:
    inputs, targets = inputs_and_targets(data)
    classes = [class_of(target, grid) for target in targets]
    for n in sorted(set(classes)):
        colour, marker = CLASS_COLOURS[n % len(CLASS_COLOURS)], CLASS_MARKERS[n % len(CLASS_MARKERS)]
        points = [x for x, c in zip(inputs, classes, strict=True) if c == n]
        axes.scatter(
            [x[0] for x in points], [x[1] for x in points], marker=marker, s=45, zorder=3, linewidths=1.2,
            facecolors=colour if filled else "white", edgecolors="black" if filled else "#333333",
            label=plain(names[n] + ("" if filled else " (unseen)")),
        )  # fmt: skip
    sample_names = list(getattr(data, "sample_names", None) or [])
    if len(sample_names) == len(inputs) <= NAMED_SAMPLES:
        for name, x in zip(sample_names, inputs, strict=True):
            # Towards the middle of the picture, so that no name is cut off.
            to_the_left = x[0] > (grid.x1[0] + grid.x1[-1]) / 2
            axes.annotate(
                plain(str(name)), (x[0], x[1]), textcoords="offset points", xytext=(-8 if to_the_left else 8, 6),
                ha="right" if to_the_left else "left",
            )  # fmt: skip


def class_names(data: Any, grid: BoundaryGrid) -> list[str]:
    """What each class is called: by the data set, or by its target."""
    given = [str(name) for name in getattr(data, "class_names", None) or getattr(data, "target_names", None) or []]
    if len(given) == grid.classes:
        return given
    if grid.threshold is None:
        return [f"class {n}" for n in range(grid.classes)]
    targets = inputs_and_targets(data)[1]
    names = []
    for n in range(2):
        found = sorted({float(numbers_of(t)[0]) for t in targets if class_of(t, grid) == n})
        names.append("target " + " or ".join(f"{t:g}" for t in found[:3]) if found else f"class {n}")
    return names


def class_of(target: Any, grid: BoundaryGrid) -> int:
    numbers = numbers_of(target)
    if len(numbers) > 1:
        return largest(numbers)
    if grid.threshold is None:
        return int(numbers[0])
    # Targets are 0 and 1, or -1 and 1, whatever the model's outputs are.
    return int(numbers[0] > 0.5)


def inputs_and_targets(data: Any) -> tuple[list[list[float]], list[Any]]:
    """The samples of a data set, or of a pair of lists, if they have two features."""
    inputs, targets = (data.inputs, data.targets) if hasattr(data, "inputs") else data
    inputs = [[float(number) for number in x] for x in inputs]
    targets = list(targets)
    if not inputs or len(inputs) != len(targets):
        raise ValueError(f"there must be as many targets as samples, but got {len(inputs)} and {len(targets)}")
    if any(len(x) != 2 for x in inputs):
        features = next(len(x) for x in inputs if len(x) != 2)
        raise ValueError(f"a decision boundary is drawn over two features, but these data have {features}")
    return inputs, targets


def numbers_of(result: Any) -> list[float]:
    """A model's answer, or a target, as a list of numbers."""
    parts = list(result) if is_list(result) else [result]
    return [float(getattr(part, "data", part)) if isinstance(part, Value) else float(part) for part in parts]


def is_list(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or getattr(x, "ndim", 0) > 0


def margin(scores: Sequence[float], k: int) -> float:
    """By how much score k exceeds the largest other one."""
    return scores[k] - max(score for i, score in enumerate(scores) if i != k)


def largest(numbers: Sequence[float]) -> int:
    return max(range(len(numbers)), key=lambda i: numbers[i])


# --- the path of gradient descent -----------------------------------------------------------------------


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
    x_name, y_name = two_names(f)
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


def two_names(f: Callable[..., Any]) -> tuple[str, str]:
    """What a function calls its two arguments."""
    try:
        names = list(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        names = []
    return (names[0], names[1]) if len(names) == 2 else ("x", "y")


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


# --- an activation with its derivative ------------------------------------------------------------------


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
    name = function if isinstance(function, str) else getattr(f, "name", getattr(f, "__name__", "f"))
    name = "f" if name == "<lambda>" else str(name)
    xs = evenly(low, high, points)
    with no_grad():
        ys = [number_or_nan(f, x) for x in xs]
    return ActivationCurve(name, xs, ys, [slope_or_nan(f, x) for x in xs])


def activation_plot(function: str | Callable[[Any], Any], low: float = -5.0, high: float = 5.0) -> Figure:
    """Draw a function of one number together with its derivative.

    Where one of them is not defined, or jumps, its line has a gap.

    Args:
        function: the name of an operation, like ``"tanh"``, or a function of one number.

    Raises:
        ImportError: if matplotlib is not installed.
        ValueError: if no operation of one input has that name, or the range is empty.

    >>> figure = activation_plot("sigmoid")
    """
    curve = activation_curve(function, low, high)
    f = operation_of_one_input(function) if isinstance(function, str) else function
    curvature = [slope_or_nan(grad(f), x) for x in curve.x]
    title = f"{curve.name} and its derivative"
    figure = new_figure(title)
    axes = figure.add_subplot()
    axes.axhline(0, color="#999999", linewidth=0.8)
    axes.axvline(0, color="#999999", linewidth=0.8)
    axes.plot(*with_gaps(curve.x, curve.y, curve.slope), "-", color="#0072B2", label=plain(f"{curve.name}(x)"))
    axes.plot(*with_gaps(curve.x, curve.slope, curvature), "--", color="#D55E00", label="its derivative")
    keep_poles_out(axes, curve)
    describe_axes(axes, title, "x", "value")
    axes.set_xlim(low, high)
    axes.legend()
    return figure


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


def keep_poles_out(axes: Axes, curve: ActivationCurve) -> None:
    """Cut the plot off where a function or its derivative goes to infinity, and would flatten all the rest."""
    import numpy as np

    numbers = np.array([z for z in [*curve.y, *curve.slope] if math.isfinite(z)])
    if len(numbers) == 0:
        return
    low, high = np.quantile(numbers, [0.1, 0.9])
    size = max(high - low, 1e-12)
    if numbers.max() > high + 4 * size or numbers.min() < low - 4 * size:
        axes.set_ylim(low - 0.5 * size, high + 0.5 * size)


def operation_of_one_input(name: str) -> ops.Op:
    """The operation of that name, if it takes one number (others may have defaults)."""
    op = ops.ALL.get(name)
    defaults = getattr(op.forward, "__defaults__", None) or () if op else ()
    if op is None or op.variadic or op.arity - len(defaults) > 1:
        known = ", ".join(
            row.name for row in ops.ALL.values()
            if not row.variadic and row.arity - len(getattr(row.forward, "__defaults__", None) or ()) <= 1
        )  # fmt: skip
        raise ValueError(f"{name!r} is not an operation of one number; there are {known}")
    return op


# --- what all plots share -------------------------------------------------------------------------------


def save_plot(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Save a plot to a file, the format by its ending (.png, .svg, .pdf): the whole file or none.

    Raises:
        OSError: if the file cannot be written.
        ValueError: if the ending is unknown.
    """
    ending = os.path.splitext(os.fspath(path))[1].lstrip(".").lower()
    known = figure.canvas.get_supported_filetypes()
    if ending not in known:
        raise ValueError(f"cannot tell the format of {os.fspath(path)!r}; end it with one of .{', .'.join(known)}")
    content = io.BytesIO()
    figure.savefig(content, format=ending, dpi=150)
    write_whole(Path(path), content.getvalue())


def import_matplotlib() -> None:
    """Import matplotlib, or say how to get it.

    Raises:
        ImportError: if it is not installed.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "plots are drawn with matplotlib, which is not installed here: pip install 'glassgrad[plot]'"
        ) from error


@cache
def notebook_figure() -> type[Figure]:
    """matplotlib's Figure, made to show itself in a notebook although pyplot knows nothing of it."""
    import_matplotlib()
    from matplotlib.figure import Figure

    class NotebookFigure(Figure):
        """A Figure that a notebook shows as a picture, with a description for those who cannot see it."""

        description = ""

        def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
            content = io.BytesIO()
            self.savefig(content, format="png", dpi=100)
            return content.getvalue(), {"alt": self.description}

    return NotebookFigure


def new_figure(description: str) -> Figure:
    figure = notebook_figure()(figsize=(7.0, 4.8), layout="constrained")
    figure.description = description  # type: ignore[attr-defined]
    return figure


def describe_axes(axes: Axes, title: str, x_name: str, y_name: str) -> None:
    axes.set_title(plain(title))
    axes.set_xlabel(plain(x_name))
    axes.set_ylabel(plain(y_name))
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def plain(text: str) -> str:
    """A text that matplotlib shows as it is, and does not read as a formula between $ signs."""
    return text.replace("$", r"\$")


def evenly(low: float, high: float, count: int) -> list[float]:
    """Numbers at equal distances from low to high, both included.

    >>> evenly(0, 1, 5)
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    if count < 2:
        raise ValueError(f"a grid has at least two points along each axis, but got {count}")
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def spread(low: float, high: float) -> tuple[float, float]:
    """An interval with some room on both sides."""
    room = 0.15 * (high - low) or 1.0
    return low - room, high + room


def number_or_nan(f: Callable[..., Any], *place: float) -> float:
    """f at this place, or nan where it is not defined."""
    try:
        return numbers_of(f(*[Value(x) for x in place]))[0]
    except (AutogradError, ArithmeticError):
        return math.nan


def slope_or_nan(f: Callable[[Any], Any], x: float) -> float:
    """f'(x), or nan where f or its derivative is not defined."""
    try:
        return float(grad(f)(x))
    except (AutogradError, ArithmeticError):
        return math.nan
