"""Derivatives inside of derivatives: whether an answer is floats, or what can be differentiated again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from autograd.core import modes
from autograd.core.operand import Operand, to_float
from autograd.transforms.pytree import flatten, rebuild
from autograd.value import Value

_depth: ContextVar[int] = ContextVar("depth", default=0)


class followed:
    """Open while something is computed that will be differentiated: ``grad``, ``jit`` and others give Values."""

    __slots__ = ("token",)

    def __enter__(self) -> None:
        self.token = _depth.set(_depth.get() + 1)

    def __exit__(self, *_: object) -> None:
        _depth.reset(self.token)


@contextmanager
def differentiating() -> Iterator[list[Value]]:
    """Open while a function is run in order to be differentiated; a no_grad() around it does not count inside.

    Gives the leaves that are made inside, for ``closes_over``.
    """
    no_grad = modes.no_grad.switch.set(0)
    try:
        with followed(), modes.noting_leaves() as leaves:
            yield leaves
    finally:
        modes.no_grad.switch.reset(no_grad)


def is_plain(results: Iterable[Any], leaves: list[Value], *arguments: Any) -> bool:
    """True if the answers of a differentiation may be plain floats, because nobody can ask for more."""
    return is_outermost(*arguments) and (modes.no_grad_is_on() or not closes_over(results, leaves))


def closes_over(results: Iterable[Any], leaves: list[Value]) -> bool:
    """True if results depend on Values that stand around the function: then somebody may ask for their gradients.

    Args:
        results: what the function returned, numbers of any kind.
        leaves: those that were made while it ran, which nobody outside knows.
    """
    known = set(map(id, leaves))
    stack = list(results)
    while stack:
        x = stack.pop()
        if not isinstance(x, Operand) or id(x) in known:
            continue
        known.add(id(x))
        if isinstance(x, Value):
            if not (x.inputs or x.is_constant):
                return True
            stack += x.inputs
        elif hasattr(x, "primal") and hasattr(x, "tangent"):
            stack += (x.primal, x.tangent)
        else:
            # A number that is recorded stands for whatever it will be.
            return True
    return False


def is_outermost(*trees: Any) -> bool:
    """True if nobody differentiates through this call: then its answers may be plain floats."""
    return _depth.get() == 0 and not any(map(has_operands, trees))


def has_operands(tree: Any) -> bool:
    """True if there is a Value, or another number that records, in a tree that may also hold anything else."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    elif getattr(getattr(tree, "dtype", None), "kind", "") == "O":
        tree = tree.ravel().tolist()
    return isinstance(tree, Operand) or (isinstance(tree, (list, tuple)) and any(map(has_operands, tree)))


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
