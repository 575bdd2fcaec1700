"""Series: things of which each is the one before, moved on by as much as that was; found for all at once."""

from __future__ import annotations

from typing import Any

import numpy as np


def series(is_copy: Any, goes_on: Any) -> tuple[Any, Any]:
    """Where series begin, and where they have ended.  Two of them may have one thing in common.

    Args:
        is_copy: whether something is the one before, moved on.
        goes_on: whether it was moved on as the one before was.
    """
    goes_on = goes_on[1:] & is_copy[1:] & is_copy[:-1]
    starts = np.flatnonzero(is_copy & ~np.append(False, goes_on)) - 1
    ends = np.flatnonzero(is_copy & ~np.append(goes_on, False)) + 1
    return starts, ends


def apart(starts: Any, ends: Any, shortest: int) -> tuple[Any, Any]:
    """Of two series that share one thing the longer one keeps it; those that are too short are left out."""
    for _ in range(2):
        length = ends - starts
        starts, ends, length = starts[length >= shortest], ends[length >= shortest], length[length >= shortest]
        is_shared, is_shorter = starts[1:] < ends[:-1], length[1:] <= length[:-1]
        starts[1:] += is_shared & is_shorter
        ends[:-1] -= is_shared & ~is_shorter
    return starts, ends


def inside(starts: Any, ends: Any, count: int) -> Any:
    """For each of so many things whether it belongs to one of some series that have nothing in common."""
    steps = np.zeros(count + 1, dtype=np.int64)
    steps[starts] += 1
    steps[ends] -= 1
    return np.cumsum(steps[:-1]) > 0
