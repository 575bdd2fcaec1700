"""The locks of glassgrad, and why a forked process finds all of them open.

A fork copies a process as it stands, but of its threads only the one that asked.  A lock that another thread held
would stay closed for ever in the copy.  So a fork takes all locks first, and thereby waits until the others have
done: the copy finds no half-recorded tape and no half-compiled program.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, TypeVar, overload

recording = RLock()
"""One function is traced at a time, because meanwhile the one class Value is watched."""

backpropagating = RLock()
"""One backward pass at a time, because two may meet in one node, and would add to its gradient at once."""

compiling = RLock()
"""One program is compiled at a time: LLVM's own tables are not made for several threads."""

counting = RLock()
"""What is open, and who trains what, changes one at a time."""

IN_ORDER = (recording, backpropagating, compiling, counting)
"""Whoever holds one of these may wait for a later one, and never for an earlier one."""

PATIENCE = 10.0
"""So many seconds a fork waits for another thread; it may hold a lock for ever."""

_held: list[Any] = []


def take_all() -> None:
    _held.extend(lock for lock in IN_ORDER if lock.acquire(timeout=PATIENCE))


def release_all() -> None:
    while _held:
        _held.pop().release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=take_all, after_in_parent=release_all, after_in_child=release_all)


Result = TypeVar("Result")


class cached_property(Generic[Result]):
    """``functools.cached_property`` as it is from Python 3.12 on: the one of 3.11 has a lock of its own."""

    def __init__(self, compute: Callable[[Any], Result]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, owner: None, kind: type) -> cached_property[Result]: ...

    @overload
    def __get__(self, owner: object, kind: type) -> Result: ...

    def __get__(self, owner: object, kind: type) -> Any:
        if owner is None:
            return self
        found = vars(owner)[self.name] = self.compute(owner)
        return found
