"""Numbers inside lists, tuples and dicts: take them out in order, and put others in their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from autograd import modes
from autograd.errors import DataError, describe
from autograd.operand import Operand, is_real, to_float
from autograd.value import Value

_depth: ContextVar[int] = ContextVar("depth", default=0)


def flatten(tree: Any) -> list[Any]:
    """Every number in nested lists, tuples, dicts and NumPy arrays, from left to right.

    >>> flatten([1, (2, {"b": 3})])
    [1, 2, 3]
    """
    if isinstance(tree, Operand) or is_real(tree):
        return [tree]
    if isinstance(tree, dict):
        tree = list(tree.values())
    elif getattr(tree, "ndim", None):
        tree = tree.tolist()
    if not isinstance(tree, (list, tuple)):
        raise DataError(f"expected a number, or a list, tuple or dict of numbers, but got {describe(tree)}")
    return [number for part in tree for number in flatten(part)]


def rebuild(tree: Any, numbers: Sequence[Any]) -> Any:
    """The same nesting with other numbers; arrays become lists.

    >>> rebuild([1, (2, {"b": 3})], [10, 20, 30])
    [10, (20, {'b': 30})]
    """
    return _take(tree, iter(numbers))


def _take(tree: Any, numbers: Iterator[Any]) -> Any:
    if isinstance(tree, dict):
        return {key: _take(part, numbers) for key, part in tree.items()}
    if isinstance(tree, tuple):
        return tuple(_take(part, numbers) for part in tree)
    if getattr(tree, "ndim", None):
        tree = tree.tolist()
    if isinstance(tree, list):
        return [_take(part, numbers) for part in tree]
    return next(numbers)


@contextmanager
def differentiating() -> Iterator[None]:
    """Open while a function is run in order to be differentiated; a no_grad() around it does not count inside."""
    depth, no_grad = _depth.set(_depth.get() + 1), modes.no_grad.switch.set(0)
    try:
        yield
    finally:
        modes.no_grad.switch.reset(no_grad)
        _depth.reset(depth)


def is_outermost(*trees: Any) -> bool:
    """True if nobody differentiates through this call: then its answers may be plain floats."""
    return _depth.get() == 0 and not any(isinstance(x, Operand) for tree in trees for x in flatten(tree))


def answer(tree: Any, plain: bool) -> Any:
    """What a differentiation hands out: floats, or what can be differentiated again, but not inside no_grad()."""
    if plain:
        return as_floats(tree)
    return detached(tree) if modes.no_grad_is_on() else tree


def detached(tree: Any) -> Any:
    """The same nesting with numbers that nobody can differentiate through."""
    return rebuild(tree, [x.detach() if isinstance(x, Operand) else x for x in flatten(tree)])


def as_floats(tree: Any) -> Any:
    """The same nesting with each Value replaced by its number."""
    return rebuild(tree, [x.data if isinstance(x, Value) else to_float(x) for x in flatten(tree)])
