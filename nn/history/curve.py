"""The loss curve: how the loss fell while a network learned, with matplotlib or as plain SVG without it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from autograd.core.numbers import write_number
from autograd.core.operand import is_real, to_float
from autograd.errors import shown
from autograd.value import Value
from nn.history.figure import LINE_COLOURS, LINE_STYLES, describe_axes, new_figure, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


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
            f"but got {shown(numbers)}"
        )
    found = [number.data if isinstance(number, Value) else number for number in numbers]
    for number in found:
        if not is_real(number):
            raise TypeError(f"a loss is a number, but got {shown(number)}")
    return [to_float(number) for number in found]


def loss_curve(history: Any, *, log: bool = False, title: str | None = None, each: str = "epoch") -> Figure:
    """Draw how the loss fell, epoch by epoch; below it the metrics, if the history has any.

    Args:
        history: what ``nn.fit`` returned, or a list of one number for each epoch, or a dict of these by
            name, to compare runs.
        log: a logarithmic axis, which shows small losses better.
        title: what stands above it; "Loss over the epochs" unless given.
        each: what lies between two numbers, if it is no epoch: "update", for example.

    Raises:
        ImportError: if matplotlib is not installed.
        TypeError: if history is none of these.
        ValueError: if there is no number in it.

    >>> figure = loss_curve({"slow": [1.0, 0.9, 0.8], "fast": [1.0, 0.5, 0.1]})
    >>> figure.savefig( "loss.png")  # doctest: +SKIP
    """
    series = loss_series(history)
    title = f"Loss over the {each}s" if title is None else title
    given = dict(getattr(history, "metrics", {}))
    metrics = {name: (history.epochs, numbers) for name, numbers in given.items() if name != "validation_loss"}
    last = "; ".join(f"{name} {write_number(losses[-1])}" for name, (_, losses) in {**series, **metrics}.items())
    figure = new_figure(f"{title}; at the end: {last}")
    upper = figure.add_subplot(2 if metrics else 1, 1, 1)
    draw_series(upper, series)
    describe_axes(upper, title, each, "loss (logarithmic)" if log else "loss")
    if log:
        upper.set_yscale("log")
    elif all(loss >= 0 for _, losses in series.values() for loss in losses):
        upper.set_ylim(bottom=0)
    if metrics:
        lower = figure.add_subplot(2, 1, 2, sharex=upper)
        draw_series(lower, metrics)
        describe_axes(lower, "", each, "metric")
    return figure


def draw_series(axes: Axes, series: Mapping[str, tuple[list[int], list[float]]]) -> None:
    from matplotlib.ticker import MaxNLocator

    for i, (name, (epochs, numbers)) in enumerate(series.items()):
        axes.plot(
            epochs, numbers, LINE_STYLES[i % 4], color=LINE_COLOURS[i % 4],
            marker="o" if len(numbers) == 1 else None, label=plain(f"{name} (last: {write_number(numbers[-1])})"),
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
    summary = "; ".join(
        f"{name}: {write_number(ls[0])} to {write_number(ls[-1])}" for name, (_, ls) in series.items()
    )

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
        lines.append(f'<text x="62" y="{down(y) + 4:.1f}" text-anchor="end">{write_number(y, 6)}</text>')
    for x in x_ticks:
        lines.append(f'<line x1="{across(x):.1f}" x2="{across(x):.1f}" y1="340" y2="346" stroke="black"/>')
        lines.append(f'<text x="{across(x):.1f}" y="362" text-anchor="middle">{write_number(x, 6)}</text>')
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
            f"{escape(f'{name} (last: {write_number(losses[-1])})')}</text>"
        )
    return "\n".join([*lines, "</svg>\n"])


def round_steps(low: float, high: float) -> list[float]:
    """About five round numbers that span an interval.

    >>> round_steps(0.0, 0.93)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    if not high - low > 1e-300:
        # Nothing to divide, or less than a float can hold.
        high = low + max(1.0, abs(low) * 1e-6)
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if rough <= power * factor * 1.0001)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]
