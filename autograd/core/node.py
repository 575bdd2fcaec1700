"""How a node of a graph keeps what it was computed from."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from autograd.core import modes, serials
from autograd.core.op import NODES
from autograd.core.operand import Operand

if TYPE_CHECKING:
    from autograd.value import Value


class Node(Operand):
    """What has inputs.

    Nearly all nodes have two.  These stand in two slots: a tuple would be a second object for each node, to be
    made, kept and looked at by the garbage collector.

    Attributes:
        inputs: what the operation was applied to, in order; () for a leaf.
        _first: the first of two inputs; else the tuple of all.
        _second: the second of two inputs; else None.
        _met: the last backward pass that came by.
        _made_by: whose output it is, if it is one: the neuron's.  Others do not have it.
    """

    __slots__ = ("_first", "_made_by", "_met", "_second")

    _first: Any
    _second: Value | None
    _met: object
    _made_by: object

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        plain = [kind for kind in cls.__mro__ if kind in NODES]
        if all(getattr(cls, name) is getattr(kind, name) for kind in plain for name in ("__mul__", "record")):
            NODES.add(cls)

    @property
    def inputs(self) -> tuple[Value, ...]:
        second = self._second
        return self._first if second is None else (self._first, second)

    @inputs.setter
    def inputs(self, inputs: tuple[Value, ...]) -> None:
        self._first, self._second = inputs if len(inputs) == 2 else (inputs, None)
        self._met = None
        if serials.number_of(self) is not None:
            serials.forget_all()


def leaf(kind: type[Value], number: Any, label: str = "") -> Value:
    """``kind(number, label)``: what that does with an ordinary number, without its other questions."""
    if type(number) is int and -1e300 < number < 1e300:
        number = float(number)
    if type(number) is not float or not isfinite(number):
        return kind(number, label)
    made: Value = new_object(kind)
    made.data = number
    made.grad = 0
    made.label = label
    made.op = None
    made._first = ()
    made._second = made._met = None
    if modes.noting:
        modes.note_leaf(made)
    return made


new_object: Any = object.__new__


def first_computed(nodes: Sequence[Node]) -> Node | None:
    """The first of some nodes that has inputs; None if all are leaves."""
    if not any(map(attrgetter("_first"), nodes)):
        return None
    return next(node for node in nodes if node._first)
