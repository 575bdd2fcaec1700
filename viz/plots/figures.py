"""What plots share beside the figure itself (``nn.history.figure``): saving, and the numbers along the axes."""

from __future__ import annotations

import inspect
import io
import math
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.errors import AutogradError
from autograd.value import Value
from nn.saving.files import file_path, write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["save_plot"]


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


def name_of(f: Callable[..., Any]) -> str:
    """What a function is called; "f", if it has no name of its own.

    >>> name_of(math.sin), name_of(lambda x: x)
    ('sin', 'f')
    """
    name = str(getattr(f, "name", getattr(f, "__name__", "f")))
    return "f" if name == "<lambda>" else name


def names_of_arguments(f: Callable[..., Any], otherwise: Sequence[str]) -> list[str]:
    """What a function calls the arguments that it is given, if it takes as many as expected.

    >>> names_of_arguments(lambda u, v: u * v, ("x", "y")), names_of_arguments(lambda w: w, ("x", "y"))
    (['u', 'v'], ['x', 'y'])
    >>> names_of_arguments(lambda w1, w2, w3=1.2: w1 * w2 * w3, ("x", "y"))
    ['w1', 'w2']
    """
    try:
        signature = inspect.signature(f)
        signature.bind(*otherwise)
    except (TypeError, ValueError):
        return list(otherwise)
    names = list(signature.parameters)[: len(otherwise)]
    return names if len(names) == len(otherwise) else list(otherwise)
