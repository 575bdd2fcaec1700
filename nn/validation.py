"""Small helpers of all error messages: settings that somebody typed must be numbers in their range."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from autograd.core.operand import is_finite, is_real
from autograd.errors import shown, text_of


def real_number(
    name: str, x: Any, *, at_least: float = 0.0, below: float = math.inf, above: float = -math.inf
) -> float:
    """A finite number as a float.

    Raises:
        TypeError: if it is no real number.
        ValueError: if it is out of range.

    >>> real_number("momentum", -1)
    Traceback (most recent call last):
    ...
    ValueError: momentum is -1, but it must be a finite number, 0 or more
    """
    number: float = x
    if type(x) is not float:
        if not is_real(x) or isinstance(x, bool):
            raise TypeError(f"{name} must be a number, but is {shown(x)}")
        number = float(x) if is_finite(x) else math.inf
    # Neither inf nor nan is between two others.
    if above < number < below and number >= at_least:
        return number
    expected = f"more than {above:g}" if above > -math.inf else f"{at_least:g} or more"
    if below < math.inf:
        expected += f" and less than {below:g}"
    raise ValueError(f"{name} is {text_of(x)}, but it must be a finite number, {expected}")


def whole_number(name: str, x: Any, *, at_least: int = 1) -> int:
    """A whole number as an int.

    Raises:
        TypeError: if it is no whole number.
        ValueError: if it is too small.

    >>> whole_number("epochs", 0)
    Traceback (most recent call last):
    ...
    ValueError: epochs is 0, but it must be a whole number, 1 or more
    """
    if type(x) is int and x >= at_least:
        return x
    if isinstance(x, bool) or not hasattr(x, "__index__"):
        raise TypeError(f"{name} must be a whole number, but is {shown(x)}")
    number = operator.index(x)
    if number < at_least:
        raise ValueError(f"{name} is {text_of(x)}, but it must be a whole number, {at_least} or more")
    return number


def first_line(error: BaseException) -> str:
    """What an error says, without the advice that follows it.

    >>> first_line(OverflowError(34, "Numerical result out of range")), first_line(ZeroDivisionError())
    ('Numerical result out of range', 'ZeroDivisionError')
    """
    lines = str(error.args[-1]).splitlines() if error.args else []
    return lines[0] if lines else type(error).__name__


def count_of(n: int, thing: str) -> str:
    """
    >>> count_of(1, "weight"), count_of(2, "weight")
    ('1 weight', '2 weights')
    """
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def shorten(name: object) -> str:
    """A name as a string literal, not longer than a line, for a message."""
    text = repr(name)
    return text if len(text) <= 60 else text[:57] + "..."


def unknown_name(name: object, known: Mapping[str, Any]) -> str:
    """A name that nobody knows, with the known one that it was perhaps meant to be."""
    text = shorten(name)
    # Comparing takes time that grows with the square of the length, and a file may say anything.
    if isinstance(name, str) and len(name) <= 60 and len(known) <= 10_000:
        close = get_close_matches(name, list(known), n=1)
        if close:
            text += f" (did you mean {close[0]!r}?)"
    return text


def some_of(names: list[str], limit: int = 5) -> str:
    """
    >>> some_of(["a", "b", "c", "d"], limit=2)
    'a, b and 2 more'
    """
    text = ", ".join(names[:limit])
    return text if len(names) <= limit else f"{text} and {len(names) - limit} more"
