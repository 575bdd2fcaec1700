"""The errors of the engine, and how they find the learner's own line."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from types import FrameType
from typing import Any

from autograd.core.plain_text import printable


class AutogradError(Exception):
    """Every error that the engine raises on purpose."""


class DataError(AutogradError, TypeError):
    """Something that is not a real number was given where one is needed."""


class DomainError(AutogradError, ValueError):
    """An operation, or its derivative, is not defined at these inputs."""


class DivisionByZeroError(DomainError, ZeroDivisionError):
    """A division by zero, in an operation or in its derivative."""


class NumberOverflowError(AutogradError, OverflowError):
    """A result is larger than the largest float, about 1.8e308."""


class GradientError(AutogradError, ValueError):
    """A gradient was asked for that cannot be had."""


class TraceError(AutogradError, LookupError):
    """A node or step was asked for that the trace does not have."""


def written_out(file: str) -> str:
    """A file's name in the one form in which two names of one file are equal."""
    return os.path.normcase(os.path.abspath(file))


_home = os.path.dirname(os.path.dirname(written_out(__file__)))
OUR_FOLDERS = tuple(os.path.join(_home, package) + os.sep for package in ("autograd", "nn", "viz"))


@lru_cache(1000)
def is_ours(file: str) -> bool:
    """True for a file of glassgrad, however the import path that it was found on is written."""
    return not is_typed(file) and written_out(file).startswith(OUR_FOLDERS)


CELLS = ("ipykernel_", "ipython-input-", "xpython_", "__marimo__cell_")
PROMPTS = ("<stdin>", "<python-input-", "<pyshell#", "<bpython-input-", "<console>", "<input>")
"""What the made-up file names of a notebook's cells have in them, and those of shells begin with.

They are those of Jupyter, Colab, IPython, xeus-python and marimo; of Python, IDLE, bpython and ``code.interact``.
"""


def is_typed(file: str) -> bool:
    """True for the made-up file name of what was typed: in a notebook, a shell, a doctest.

    >>> is_typed("<stdin>"), is_typed("/tmp/ipykernel_12/345.py"), is_typed(__file__)
    (True, True, False)
    """
    return file.startswith("<") or any(cell in file for cell in CELLS)


def users_line() -> str:
    """The innermost line outside glassgrad that is running now, as ``file, line n: source``.

    It is an empty string when there is none (in a C extension, say).
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return "" if frame is None else line_in_words(frame.f_code.co_filename, frame.f_lineno, frame.f_globals)


def line_in_words(file: str, line: int, names: dict[str, Any] | None = None) -> str:
    """A line as ``file, line n: source``; in a notebook the file is "this cell".

    ``names`` are the globals of its module, for sources that are not in a file.
    """
    import linecache

    source = printable(linecache.getline(file, line, names).strip())
    if len(source) > 100:
        source = source[:97] + "..."
    where = os.path.basename(file)
    # "<ipython-input-3-8b2ad9bc60be>" says nothing to anybody.
    if any(cell in file for cell in CELLS):
        where = "this cell"
    elif file.startswith(PROMPTS):
        where = "the prompt"
    return f"{where}, line {line}" + (f": {source}" if source else "")


def describe(x: object) -> str:
    """What was given, shortly: its value, its type, and what to do about it where that is known."""
    return shown(x) + advice_on(x)


def advice_on(x: object) -> str:
    """What to do about something that is no number, where that is known."""
    if isinstance(x, str):
        return "; for a number in a string, write float(...)"
    if isinstance(x, complex):
        return "; complex numbers are not supported"
    if isinstance(x, (list, tuple)) or getattr(x, "ndim", None):
        return "; make one Value for each number: [Value(x) for x in ...]"
    if hasattr(x, "dtype") and hasattr(x, "item"):
        return "; write .item() for the number in it"
    if isinstance(x, int) and abs(x) > sys.float_info.max:
        return "; the largest float is about 1.8e308"
    return ""


def shown(x: object) -> str:
    """A value and its type for a message: ``'abc' (str)``."""
    return f"{text_of(x)} ({type(x).__name__})"


def text_of(x: object) -> str:
    """``repr(x)``, shortened; for a number on a tape, which shows nothing of itself, its name.

    >>> text_of(10**100)
    '1000000000000000000000000000000000000...'
    """
    try:
        text = repr(x)
    except AutogradError:
        text = getattr(x, "label", "") or "numbers that are not known yet"
    except ValueError:
        # Python does not write whole numbers of thousands of digits.
        return "..."
    text = printable(text)
    return text if len(text) <= 40 else text[:37] + "..."


def label_of(x: Any) -> str:
    """The label of a Value for a message, safe to print; "" for what has none.

    >>> label_of(2.0)
    ''
    """
    return printable(getattr(x, "label", ""))
