"""Copy and pickle graphs of any depth, one node at a time instead of one inside the other."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.value import Value


def restore(kind: type[Value], attributes: dict[str, Any], *fields: Any) -> Value:
    """A Value with exactly these fields (data, grad, label, op, inputs), and what else was put on it."""
    value = object.__new__(kind)
    value.data, value.grad, value.label, value.op, value.inputs = fields
    if attributes:
        vars(value).update(attributes)
    return value


def fields_of(value: Value) -> tuple[Any, ...]:
    return vars(value), value.data, value.grad, value.label, value.op, value.inputs


def copy_graph(root: Value, order: list[Value], memo: dict[int, Any]) -> Value:
    """A copy of every node in ``order``; ``memo`` is copy.deepcopy's record of what is copied already."""
    for node in order:
        if id(node) not in memo:
            attributes, *fields, inputs = fields_of(node)
            copied = tuple([memo[id(x)] for x in inputs])
            memo[id(node)] = restore(type(node), copy.deepcopy(attributes, memo), *fields, copied)
    found: Value = memo[id(root)]
    return found


_next_node: ContextVar[Value | None] = ContextVar("next_node", default=None)


class _Announcement:
    """An item that pickle writes as False; writing it announces that ``node`` is the next item."""

    def __init__(self, node: Value | None) -> None:
        self.node = node

    def __reduce__(self) -> tuple[Any, ...]:
        _next_node.set(self.node)
        return bool, ()


class _InOrder:
    """A graph's nodes in topological order, to be pickled one after the other.

    pickle would go from a node to its inputs, from there to theirs, and so run out of stack.  Here
    every node comes after its inputs, so pickle has met those already and only refers to them.  Each
    node is announced, so that ``reduce_value`` knows it is one of these and needs no list of its own.
    """

    def __init__(self, order: list[Value]) -> None:
        self.order = order

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, self._announced()

    def _announced(self) -> Iterator[Value | _Announcement]:
        for node in self.order:
            yield _Announcement(node)
            yield node
        yield _Announcement(None)


def result_of(items: list[Value]) -> Value:
    """The result of a graph that was pickled by ``_InOrder``: the last item but the closing announcement."""
    return items[-2]


def reduce_value(value: Value, topological_order: Callable[[Value], list[Value]]) -> tuple[Any, ...]:
    """What pickle is to write for a Value: its fields, or for the result of a graph the whole graph in order."""
    if _next_node.get() is value or not value.inputs:
        _next_node.set(None)
        return restore, (type(value), *fields_of(value))
    return result_of, (_InOrder(topological_order(value)),)
