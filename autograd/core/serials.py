"""Serial numbers of nodes: behind a node are only smaller ones (``autograd.transforms.nesting`` says what for)."""

from __future__ import annotations

from itertools import count
from typing import Any

from autograd.core.threads import counting

numbers = count(1)
valid_from = 0


def forget_all() -> None:
    """Let all nodes be numbered anew: one of them was given other inputs, which may have larger numbers than it."""
    global valid_from
    with counting:
        valid_from = next(numbers)


def number_of(node: Any) -> int | None:
    """The serial number of a node, or None if it has none yet."""
    number: int | None = getattr(node, "_serial", None)
    return None if number is None or number < valid_from else number
