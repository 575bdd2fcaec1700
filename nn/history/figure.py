"""A matplotlib figure: made when it is asked for, shown by a notebook, and belonging to nobody else.

There is no pyplot, hence no display is needed and no figure stays behind.

Colours are blue and orange, which colour-blind people can tell apart (Okabe and Ito, "Color Universal
Design", 2008), and whatever has a colour has another mark as well: a shape, a dash, a word.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Lines have a colour dark enough for a thin stroke, and a dash.
LINE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
LINE_STYLES = ("-", "--", "-.", ":")


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
