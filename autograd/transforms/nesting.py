"""Derivatives inside of derivatives: whether an answer is floats, or what can be differentiated again.

And how far each of them looks.  Every node that a differentiation meets for the first time gets the next serial
number, after its inputs have theirs: behind a node are only smaller numbers.  So where the numbers are smaller than
that of an x, no x is behind, and what has a number had it from an earlier time than what has none.  A derivative
inside of another one need not walk over the whole graph around it: n of them in a loop take n steps and not n².
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from typing import Any, NamedTuple

from autograd.core import modes, serials
from autograd.core.operand import Operand, to_float
from autograd.core.threads import counting
from autograd.transforms.pytree import flatten, rebuild
from autograd.value import Constant, Value

_depth: ContextVar[int] = ContextVar("depth", default=0)


def dependents(xs: Sequence[Any], y: Any) -> tuple[list[Any], set[int]]:
    """The nodes behind ``y`` that depend on ``xs``, in topological order; and their ids, with those of ``xs``.

    It goes only down to where no x can be, and gives each node on its way a serial number.
    """
    order: list[Any] = []
    depends = set(map(id, xs))
    visited: set[int] = set()
    stack: list[Any] = [y]
    with counting:
        first = min(map(serial_of, xs), default=inf)
        while stack:
            node = stack.pop()
            if node is None:
                node = stack.pop()
                if not depends.isdisjoint(map(id, node.inputs)):
                    depends.add(id(node))
                    order.append(node)
                if node._serial is None:
                    node._serial = next(serials.numbers)
            elif type(node) is not Constant and id(node) not in visited:
                visited.add(id(node))
                serial = serials.number_of(node)
                if serial is None or serial >= first:
                    node._serial = serial
                    stack.append(node)
                    stack.append(None)
                    stack.extend(node.inputs[::-1])
    return order, depends


def serial_of(node: Any) -> float:
    """The serial number of a node: inf if it has none yet, and 0 for a constant, which gets none."""
    number = serials.number_of(node)
    return number if number is not None else 0 if type(node) is Constant else inf


class Inside(NamedTuple):
    """What is known of the nodes that are made while a function is differentiated.

    Attributes:
        leaves: those that are made, which nobody outside knows.
        begun: whatever has a smaller serial number was there before.
    """

    leaves: list[Value]
    begun: float = 0


class followed:
    """Open while something is computed that will be differentiated: ``grad``, ``jit`` and others give Values."""

    __slots__ = ("token",)

    def __enter__(self) -> None:
        self.token = _depth.set(_depth.get() + 1)

    def __exit__(self, *_: object) -> None:
        _depth.reset(self.token)


@contextmanager
def differentiating() -> Iterator[Inside]:
    """Open while a function is run in order to be differentiated; a no_grad() around it does not count inside."""
    no_grad = modes.no_grad.switch.set(0)
    try:
        with followed(), modes.noting_leaves() as leaves:
            yield Inside(leaves, next(serials.numbers))
    finally:
        modes.no_grad.switch.reset(no_grad)


def is_plain(results: Iterable[Any], inside: Inside, *arguments: Any) -> bool:
    """True if the answers of a differentiation may be plain floats, because nobody can ask for more."""
    return is_outermost(*arguments) and (modes.no_grad_is_on() or not closes_over(results, inside))


def closes_over(results: Iterable[Any], inside: Inside) -> bool:
    """True if results depend on Values that stand around the function: then somebody may ask for their gradients.

    Args:
        results: what the function returned, numbers of any kind.
        inside: what was made while it ran.
    """
    known = set(map(id, inside.leaves))
    stack = list(results)
    while stack:
        x = stack.pop()
        if not isinstance(x, Operand) or id(x) in known:
            continue
        known.add(id(x))
        if isinstance(x, Value):
            if serial_of(x) < inside.begun if x.inputs else not x.is_constant:
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
