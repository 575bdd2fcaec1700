"""Three switches for a ``with`` block: no_grad, detect_anomaly and ieee.

A block changes only the thread (or task) that entered it.  ``active`` counts the blocks that are
open anywhere, so that the engine asks nothing further while there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from autograd.core.threads import counting
from autograd.errors import users_line

if TYPE_CHECKING:
    from autograd.value import Value


active = 0
noting = 0
_leaves: ContextVar[list[Value] | None] = ContextVar("leaves", default=None)
_made_at: WeakKeyDictionary[Value, str] = WeakKeyDictionary()


Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class _Mode:
    """A switch that is on inside its ``with`` block, or inside a function that it decorates."""

    # How many blocks are open here.  A count, because generators may close their blocks in any order.
    switch: ContextVar[int]

    def __call__(self, function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        import inspect

        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            mode = type(self).__name__
            raise TypeError(
                f"@{mode}() cannot decorate the generator {function.__name__}: it hands over to other code on its "
                f"way. Write `with {mode}():` inside it, around a part without yield"
            )

        @wraps(function)
        def inside(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            with type(self)():
                return function(*args, **kwargs)

        @wraps(function)
        async def awaited(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Any:
            with type(self)():
                return await function(*args, **kwargs)  # type: ignore[misc]

        return awaited if inspect.iscoroutinefunction(function) else inside  # type: ignore[return-value]

    def __enter__(self) -> None:
        global active
        with counting:
            active += 1
        self.switch.set(self.switch.get() + 1)

    def __exit__(self, *_: object) -> None:
        global active
        with counting:
            active -= 1
        self.switch.set(max(0, self.switch.get() - 1))


class no_grad(_Mode):
    """Compute numbers without remembering how: for every kind of derivative, results made inside are constants.

    A differentiation that is begun inside (``grad``, ``jvp``, ...) is whole, as if there were no block
    around it; its results are constants for what goes on outside.  As with every ``with`` block, a generator
    that yields inside of it leaves it open for whoever asks the generator for more.

    >>> from autograd import Value, no_grad
    >>> a = Value(2.0)
    >>> with no_grad():
    ...     b = a * 3
    >>> b.data, b.inputs
    (6.0, ())
    """

    switch = ContextVar("no_grad", default=0)


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
      It was computed at <doctest autograd.core.modes.detect_anomaly[1]>, line 3: a.sqrt().backward()
      Nothing was changed: all gradients are as they were before backward().
    """

    switch = ContextVar("detect_anomaly", default=0)


class ieee(_Mode):
    """Let inf and nan through, as NumPy does, where the engine would raise an error.

    >>> from autograd import Value, ieee
    >>> with ieee():
    ...     Value(0.0).log().data
    -inf
    """

    switch = ContextVar("ieee", default=0)


def ieee_is_on() -> bool:
    return active > 0 and ieee.switch.get() > 0


def no_grad_is_on() -> bool:
    return active > 0 and no_grad.switch.get() > 0


@contextmanager
def noting_leaves() -> Iterator[list[Value]]:
    """Open while a function is differentiated; gives the leaves that are made in the meantime.

    ``noting`` counts these blocks as ``active`` counts the switches.
    """
    global noting
    found = _leaves.get()
    leaves: list[Value] = [] if found is None else found
    with counting:
        noting += 1
    token = _leaves.set(leaves)
    try:
        yield leaves
    finally:
        with counting:
            noting -= 1
        _leaves.reset(token)


def note_leaf(leaf: Value) -> None:
    leaves = _leaves.get()
    if leaves is not None:
        leaves.append(leaf)


def mark(node: Value) -> None:
    """Do to a new node what the open blocks ask for."""
    if no_grad.switch.get():
        node.op = None
        node.inputs = ()
        note_leaf(node)
    elif detect_anomaly.switch.get():
        _made_at[node] = users_line()


def made_at(node: Value) -> str:
    """The user's line on which a node was made, if detect_anomaly() was on at the time."""
    return _made_at.get(node, "")
