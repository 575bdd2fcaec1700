"""Numbers that say which one of several: a row of a table, a class."""

from __future__ import annotations

from typing import Any

from autograd import total, where
from autograd.program.tracer import Tracer


def one_hot(index: Tracer, count: int) -> list[Any]:
    """1 in the place that a recorded number names, counted from 0, and 0 in the ``count`` - 1 others.

    Which one it is will be known when the program runs.  Where it names none of them, the first is not finite.

    >>> from autograd import jit
    >>> jit(lambda index: one_hot(index, 3))(2)
    [0.0, 0.0, 1.0]
    """
    ones: list[Any] = [where(index - place, 0.0, 1.0) for place in range(count)]
    # 1/1 where it is one of them, and 1/0 where it is none.
    is_one: Any = 1 / total(ones)
    is_one.label = f"is it a whole number from 0 to {count - 1}?"
    ones[0] = ones[0] + (is_one - 1)
    return ones
