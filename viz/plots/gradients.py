"""What reaches each layer of a network: the size of its gradient, from the loss's side to the inputs' side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from autograd.core.numbers import write_number
from autograd.errors import GradientError, describe
from autograd.value import has_gradient
from nn.history.figure import LINE_COLOURS, describe_axes, new_figure, plain
from nn.module import Module

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LayerGradients", "gradient_flow", "layer_gradients"]

HATCHES = ("", "///", "...", "xxx")
"""Networks that are compared have bars of another colour and another pattern."""


@dataclass(frozen=True)
class LayerGradients:
    """The size of the gradient in each layer, from the loss's side to the inputs' side.

    Attributes:
        layers: what the layers are called, as in ``summary()``.
        parameters: how many parameters each has.
        rms: the root mean square of the gradients of these; nan for a layer that the loss does not depend on.
    """

    layers: list[str]
    parameters: list[int]
    rms: list[float]


def layer_gradients(model: Module) -> LayerGradients:
    """Measure the gradient in each layer: √(mean of grad²) over the layer's parameters.

    Frozen parameters, and those that the loss does not depend on, do not count.

    Args:
        model: a network, after ``backward()`` of its loss.

    Raises:
        TypeError: if model is not a Module.
        GradientError: if no parameter has a gradient.

    >>> import nn
    >>> model = nn.MLP(1, [1, 1], "identity", weights=[[[3.0]], [[2.0]]], bias=False)
    >>> model([5.0]).backward()
    >>> layer_gradients(model)
    LayerGradients(layers=['output layer', 'hidden layer 1'], parameters=[1, 1], rms=[15.0, 10.0])
    """
    if not isinstance(model, Module):
        raise TypeError(
            f"this takes a network after loss.backward(), like gradient_flow(model), but got {describe(model)}"
        )
    if not any(map(has_gradient, model.parameters())):
        raise GradientError(
            "no parameter of this network has a gradient: call backward() on a loss that was computed with it, "
            "before zero_grad() and not after it"
        )
    rows = [row for row in reversed(model._rows("", set())) if row.parameters]
    gradients = [[p.grad for p in row.parameters if has_gradient(p)] for row in rows]
    # hypot, because the square of a gradient that has vanished would be 0.
    rms = [math.hypot(*grads) / math.sqrt(len(grads)) if grads else math.nan for grads in gradients]
    return LayerGradients([row.name for row in rows], [len(row.parameters) for row in rows], rms)


def gradient_flow(
    model: Module | Mapping[str, Module], *, title: str = "What reaches the parameters of each layer"
) -> Figure:
    """Draw how large the gradient is in each layer, from the loss's side (above) to the inputs' side (below).

    A bar is the root mean square of the gradients of one layer's parameters, on a logarithmic axis.  Where each bar
    is much shorter than the one above, gradients vanish; where it is longer, they explode.

    Args:
        model: a network, after ``backward()`` of its loss; or a dict of several, to compare them.
        title: a heading.

    Raises:
        TypeError: if a model is not a Module.
        GradientError: if no parameter of a model has a gradient.
        ValueError: if the dict is empty.
        ImportError: if matplotlib is not installed.

    >>> import nn
    >>> model = nn.MLP(2, [8, 8, 1], "sigmoid", seed=1)
    >>> nn.mean_squared_error(model([0.5, -0.3]), 1.0).backward()
    >>> figure = gradient_flow(model)
    """
    models = model if isinstance(model, Mapping) else {"": model}
    if not models:
        raise ValueError("there is no network to draw; give one, or a dict like {'sigmoid': model}")
    measured = {name: layer_gradients(one) for name, one in models.items()}
    figure = new_figure(described(title, measured))
    axes = figure.add_subplot()
    axes.set_xscale("log")
    describe_axes(axes, title, "root mean square of the gradients (logarithmic)", "")
    axes.set_xlim(*limits([x for flow in measured.values() for x in flow.rms]))
    draw_bars(axes, measured)
    axes.grid(False, axis="y")
    if len(measured) > 1:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=4, frameon=False)
    return figure


def draw_bars(axes: Axes, measured: Mapping[str, LayerGradients]) -> None:
    """One group of bars for each layer: the n-th of each network from the loss."""
    height, left = 0.8 / len(measured), axes.get_xlim()[0]
    # Networks of different depths have different layers at the same distance from the loss.
    rows = list(zip_longest(*[flow.layers for flow in measured.values()]))
    for i, (name, flow) in enumerate(measured.items()):
        colour, hatch = LINE_COLOURS[i % 4], HATCHES[i % 4]
        places = [n + height * (i - (len(measured) - 1) / 2) for n in range(len(flow.layers))]
        reach = [x - left if 0 < x < math.inf else 0.0 for x in flow.rms]
        axes.barh(places, reach, height, left=left, color=colour, hatch=hatch, edgecolor="white", label=plain(name))
        for place, x, width in zip(places, flow.rms, reach, strict=True):
            text = "no gradient" if math.isnan(x) else write_number(x, 3)
            axes.annotate(text, (left + width, place), (4, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(range(len(rows)), [plain(" / ".join(dict.fromkeys(filter(None, row)))) for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)


def limits(sizes: list[float]) -> tuple[float, float]:
    """Powers of ten around the bars, with room for the numbers.

    >>> limits([0.05, 0.002]), limits([0.0])
    ((0.0001, 1.0), (0.1, 10.0))
    """
    drawn = [math.log10(x) for x in sizes if 0 < x < math.inf] or [0.0]
    low, high = math.floor(min(drawn)), max(drawn)
    room = 0.15 * (high - low) + 0.3
    return max(10.0 ** (low - 1), 5e-324), 10.0 ** min(math.ceil(high + room), 308)


def described(title: str, measured: Mapping[str, LayerGradients]) -> str:
    """All numbers of the picture in words, for those who cannot see it."""
    parts = []
    for name, flow in measured.items():
        layers = ", ".join(f"{layer} {write_number(x, 3)}" for layer, x in zip(flow.layers, flow.rms, strict=True))
        parts.append(f"{name}: {layers}" if name else layers)
    return f"{title}, root mean square by layer. {'; '.join(parts)}."
