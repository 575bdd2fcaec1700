"""What all plots share: matplotlib when it is needed, the figure, its axes and colours, and the numbers along them.

A plot is a matplotlib ``Figure`` that shows itself in a notebook and belongs to nobody else: there is no
pyplot, hence no display is needed and no figure stays behind.

Colours are blue and orange, which colour-blind people can tell apart (Okabe and Ito, "Color Universal
Design", 2008), and whatever has a colour has another mark as well: a shape, a dash, a word.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from autograd.errors import AutogradError
from autograd.value import Value
from nn.saving.files import file_path, write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["save_plot"]

# Lines have a colour dark enough for a thin stroke, and a dash.
LINE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
LINE_STYLES = ("-", "--", "-.", ":")


def save_plot(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Save a plot to a file, the format by its ending (.png, .svg, .pdf): the whole file or none.

    Raises:
        FileError: if the file cannot be written.
        ValueError: if the ending is unknown.
    """
    path = file_path(path)
    ending = path.suffix.lstrip(".").lower()
    known = figure.canvas.get_supported_filetypes()
    if ending not in known:
        raise ValueError(f"cannot tell the format of {str(path)!r}; end it with one of .{', .'.join(known)}")
    content = io.BytesIO()
    figure.savefig(content, format=ending, dpi=150)
    write_whole(path, content.getvalue())


def import_matplotlib() -> None:
    """Import matplotlib, or say how to get it.

    Raises:
        ImportError: if it is not installed.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise ImportError(
            'plots are drawn with matplotlib, which is not installed here: pip install "glassgrad[plot]"'
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


def numbers_of(result: Any) -> list[float]:
    """A model's answer, or a target, as a list of numbers."""
    parts = list(result) if is_list(result) else [result]
    return [float(getattr(part, "data", part)) if isinstance(part, Value) else float(part) for part in parts]


def is_list(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or getattr(x, "ndim", 0) > 0


def number_or_nan(f: Callable[..., Any], *place: float) -> float:
    """f at this place, or nan where it is not defined."""
    try:
        return numbers_of(f(*[Value(x) for x in place]))[0]
    except (AutogradError, ArithmeticError):
        return math.nan
