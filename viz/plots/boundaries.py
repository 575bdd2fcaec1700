"""The decision boundary: what a model of two inputs says about every place of the plane, with its data on top."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd.core.modes import no_grad
from autograd.core.numbers import write_number
from nn.history.figure import describe_axes, new_figure, plain
from viz.plots.figures import evenly, is_list, numbers_of, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["BoundaryGrid", "decision_boundary", "decision_boundary_grid"]

BLUE, ORANGE = "#56B4E9", "#E69F00"
# The classes 0, 1, 2, ...: each has a colour and a shape of its own.
CLASS_COLOURS = (ORANGE, BLUE, "#009E73", "#CC79A7", "#F0E442", "#D55E00")
CLASS_MARKERS = ("s", "o", "^", "D", "v", "P")

NAMED_SAMPLES = 12
"""Up to this many samples are drawn with their names beside them."""


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
    # The shades of probabilities mean the same in each picture, of others the palest and the darkest are there.
    is_probability = grid.threshold == 0.5 and all(0 <= z <= 1 for z in numbers)
    reach = 0.5 if is_probability else max(abs(z - grid.threshold) for z in numbers) or 1.0
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
        axes.clabel(lines, fmt=f"{write_number(grid.threshold, 6)}")


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
        names.append("target " + " or ".join(f"{write_number(t, 6)}" for t in found[:3]) if found else f"class {n}")
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


def margin(scores: Sequence[float], k: int) -> float:
    """By how much score k exceeds the largest other one."""
    return scores[k] - max(score for i, score in enumerate(scores) if i != k)


def largest(numbers: Sequence[float]) -> int:
    return max(range(len(numbers)), key=lambda i: numbers[i])
