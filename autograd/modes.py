"""Three switches for a ``with`` block: no_grad, detect_anomaly and ieee.

A block changes only the thread (or task) that entered it.  ``active`` counts the blocks that are
open anywhere, so that the engine asks nothing further while there are none.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from autograd.errors import users_line

if TYPE_CHECKING:
    from autograd.value import Value

__all__ = ["detect_anomaly", "ieee", "no_grad"]

active = 0
_counting = Lock()
_made_at: WeakKeyDictionary[Value, str] = WeakKeyDictionary()


Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class _Mode:
    """A switch that is on inside its ``with`` block, or inside a function that it decorates."""

    switch: ContextVar[bool]

    def __init__(self) -> None:
        self._tokens: list[Token[bool]] = []

    def __call__(self, function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        @wraps(function)
        def inside(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            with type(self)():
                return function(*args, **kwargs)

        return inside

    def __enter__(self) -> None:
        global active
        with _counting:
            active += 1
        self._tokens.append(self.switch.set(True))

    def __exit__(self, *_: object) -> None:
        global active
        with _counting:
            active -= 1
        self.switch.reset(self._tokens.pop())


class no_grad(_Mode):
    """Compute numbers without remembering how: results made inside are leaves.

    >>> from autograd import Value, no_grad
    >>> a = Value(2.0)
    >>> with no_grad():
    ...     b = a * 3
    >>> b.data, b.inputs
    (6.0, ())
    """

    switch = ContextVar("no_grad", default=False)


class detect_anomaly(_Mode):
    """Remember where each node is made, so that an error in ``backward()`` names that line.

    It also notices when ``.data`` of a node was changed between the forward and the backward pass.
    It costs time and memory: use it to find a fault, then take it out again.

    >>> from autograd import Value, detect_anomaly
    >>> with detect_anomaly():
    ...     a = Value(0.0, "a")
    ...     a.sqrt().backward()
    Traceback (most recent call last):
    ...
    autograd.errors.DivisionByZeroError: the derivative of sqrt(x) is not defined at x = 0.0 (a)
      It needs x ≥ 0, and x > 0 for its derivative.
      It was computed at <doctest autograd.modes.detect_anomaly[1]>, line 3: a.sqrt().backward()
      Nothing was changed: all gradients are as they were before backward().
    """

    switch = ContextVar("detect_anomaly", default=False)


class ieee(_Mode):
    """Let inf and nan through, as NumPy does, where the engine would raise an error.

    >>> from autograd import Value, ieee
    >>> with ieee():
    ...     Value(0.0).log().data
    -inf
    """

    switch = ContextVar("ieee", default=False)


def ieee_is_on() -> bool:
    return active > 0 and ieee.switch.get()


def mark(node: Value) -> None:
    """Do to a new node what the open blocks ask for."""
    if no_grad.switch.get():
        node.op = None
        node.inputs = ()
    elif detect_anomaly.switch.get():
        _made_at[node] = users_line()


def made_at(node: Value) -> str:
    """The user's line on which a node was made, if detect_anomaly() was on at the time."""
    return _made_at.get(node, "")
