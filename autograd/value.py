"""A Value is one number that remembers how it was computed; backward() walks that memory in reverse."""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import isfinite
from typing import Any

from autograd.core import anomaly, by_hand, copying, evaluate, modes, sweep, written_out
from autograd.core.node import Node, leaf
from autograd.core.operand import compared, exact, is_real
from autograd.core.threads import backpropagating
from autograd.core.validation import checked_label, checked_number, is_operand
from autograd.errors import GradientError, shown
from autograd.ops import Op


class Value(Node):
    """A number with a gradient.

    ``Value(data, label)`` is a leaf, and arithmetic makes all other nodes.  What is written for micrograd may also
    make a node by hand, as ``Value(data, (x, y), "name")`` with a ``_backward`` of its own.

    Args:
        data: a real number: int, float, bool or a NumPy scalar.
        label: a name for drawings, explanations and error messages.

    Attributes:
        data: the number.
        grad: the derivative of the result with respect to this value; 0 (or None, if you set it so) until
            ``backward()`` finds it.
        label: its name, or "".
        op: the operation that made it, or None for a leaf.
        inputs: what that operation was applied to, in order; () for a leaf.

    Raises:
        DataError: if data is not a real number.
        DomainError: if it is inf or nan, outside ``with ieee():``.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> c = a * b + 10
    >>> c.backward()
    >>> c.data, a.grad, b.grad
    (4.0, -3.0, 2.0)
    """

    # With a __dict__ too, a Value takes further attributes, like an optimizer's p.m = 0.0.
    __slots__ = ("__dict__", "__weakref__", "data", "grad", "label", "op")

    data: float
    grad: float
    label: str
    op: Op | None
    is_constant = False

    def __init__(self, data: float, name: Any = "", *made: Any, label: str = "", **made_with: Any) -> None:
        self.data = checked_number(data)
        self.grad = 0
        self.op = None
        self._first = ()
        self._second = self._met = None
        if made or made_with or label != "" or not isinstance(name, str):
            name = by_hand.make(self, name, *made, **made_with)
            name = checked_label(name if label == "" else label)
        self.label = name
        if modes.noting and self.op is None:
            modes.note_leaf(self)

    # forward: compute the number, remember the operation and its inputs

    def _binary(self, op: Op, other: Any) -> Value:
        """What ``record`` does, for two inputs.  (It and + - * / are written out: ``core.written_out``.)"""
        if not isinstance(other, Value):
            if not is_operand(other):
                return NotImplemented  # type: ignore[no-any-return]
            other = Constant(other)
        try:
            data = op.forward(self.data, other.data)
            if not isfinite(data):
                raise OverflowError
        except evaluate.FAILURES as error:
            data = float(evaluate.recover(op, (self, other), error))
        return new_node(data, op, self, other)

    def _reflected(self, op: Op, other: Any) -> Value:
        if not is_operand(other):
            return NotImplemented  # type: ignore[no-any-return]
        return leaf(Constant, other)._binary(op, self)

    def record(self, op: Op, inputs: tuple[Any, ...]) -> Value:
        """Apply an operation with any number of inputs; plain numbers among them become leaves."""
        if len(inputs) > 1:
            for x in inputs:
                if not isinstance(x, Value):
                    inputs = tuple([x if isinstance(x, Value) else Constant(x) for x in inputs])
                    break
            numbers = [x.data for x in inputs]
        else:
            numbers = [self.data]
        try:
            data = float(op.forward(*numbers))
            if not isfinite(data):
                raise OverflowError
        except evaluate.FAILURES as error:
            data = float(evaluate.recover(op, inputs, error))
        return new_node(data, op, *inputs) if len(inputs) == 2 else new_node(data, op, inputs)

    # backward: the chain rule, one operation at a time, from the result to the leaves

    def backward(self) -> None:
        """Compute the derivative of this value with respect to every node that it was computed from.

        Gradients of leaves add up over several calls, until they are set to 0; those of intermediate
        nodes are made afresh.  If anything goes wrong, no gradient is changed.

        Raises:
            DomainError: where a derivative is not defined (sqrt at 0); that by a plain number is not needed.
            NumberOverflowError: if a gradient is too large for a float.
        """
        with backpropagating:
            if modes.active or not sweep.backpropagate(self):
                anomaly.backpropagate(topological_order(self))

    def zero_grad(self) -> None:
        """Forget the gradients of this value and of every node that it was computed from."""
        for node in topological_order(self):
            node.grad = 0

    def detach(self) -> Value:
        """A new leaf with the same number and label: gradients stop here."""
        return Value(self.data, self.label)

    # A Value is a node: it is true because it is there, and equal to another Value only if they are one
    # and the same.  Only with plain numbers does == look at the number; the others always look at it.

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return self.data == exact(other) if is_real(other) else NotImplemented

    __hash__ = object.__hash__

    __lt__, __le__, __gt__, __ge__ = map(compared, (operator.lt, operator.le, operator.gt, operator.ge))

    # the rest of what Python and NumPy ask of a number

    def __format__(self, how: str) -> str:
        return format(self.data, how) if how else str(self)

    def __repr__(self) -> str:
        parts = [f"data={self.data}", f"grad={self.grad if has_gradient(self) else '?'}"]
        if self.label:
            parts.append(f"label={self.label!r}")
        if self.op is not None:
            parts.append(f"op={self.op.symbol!r}")
        return f"Value({', '.join(parts)})"

    def __copy__(self) -> Value:
        return copying.restore(type(self), *copying.fields_of(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        return copying.copy_graph(self, topological_order(self), memo)

    def __reduce__(self) -> tuple[Any, ...]:
        return copying.reduce_value(self, topological_order)

    # the names that micrograd and microgpt use

    @by_hand.read_only
    def _prev(self) -> set[Value]:
        return by_hand.Previous(self.inputs)

    @by_hand.read_only
    def _op(self) -> str:
        return "" if self.op is None else self.op.symbol

    @property
    def _backward(self) -> Callable[[], object]:
        """Adds this node's contributions to the gradients of its inputs."""
        return by_hand.backward_of(self)

    @_backward.setter
    def _backward(self, backward: Callable[[], object]) -> None:
        by_hand.set_backward(self, backward)

    @by_hand.read_only
    def _children(self) -> tuple[Value, ...]:
        return self.inputs

    @by_hand.read_only
    def _local_grads(self) -> tuple[float, ...]:
        return () if self.op is None else evaluate.local_derivatives(self.op, self.inputs, self)


class Constant(Value):
    """A plain number that became a leaf of a graph: nobody can ask for its gradient, which may be undefined."""

    __slots__ = ()

    is_constant = True


def new_node(data: float, op: Op, first: Any, second: Value | None = None) -> Value:
    """What an operation made of its two inputs, or of the tuple of them."""
    node = new_value(Value)
    node.data = data
    node.grad = 0
    node.label = ""
    node.op = op
    node._first = first
    node._second = second
    node._met = None
    if modes.active:
        modes.mark(node)
    return node


new_value = object.__new__
written_out.give_operators(Value, Constant)


def topological_order(root: Value) -> list[Value]:
    """List every node behind ``root``, each one after all of its inputs; ``root`` comes last.

    A loop with its own stack, because a graph may be deeper than Python lets a function call itself.

    Raises:
        GradientError: if ``root`` is not a Value.
    """
    require_value(root, "topological_order")
    order: list[Value] = []
    visited: set[Value] = set()
    stack: list[Value | None] = [root]
    while stack:
        node = stack.pop()
        if node is None:
            # Every input of the node below this mark is in the order now, so the node may follow.
            order.append(stack.pop())  # type: ignore[arg-type]
        elif node not in visited:
            visited.add(node)
            inputs = node.inputs
            if inputs:
                stack.append(node)
                stack.append(None)
                stack.extend(inputs[::-1])
            else:
                order.append(node)
    return order


def backpropagate(order: list[Value]) -> None:
    """Fill in the gradients of nodes that stand in topological order, the last being the result.

    In reverse order, a node's own gradient is complete when its turn comes.  It is then the upstream
    gradient for the node's inputs, each of which receives upstream gradient × local derivative.

    This is backpropagation to be read.  What ``backward()`` runs computes the same bits in half of the time
    (``autograd.core.sweep``), and where a number is not finite, a careful one says why (``autograd.core.anomaly``).
    """
    for node in order:
        if node.op is not None or node.grad is None:
            node.grad = 0.0
    order[-1].grad += 1.0
    for node in reversed(order):
        if node.op is not None:
            slopes = evaluate.apply_rule(node.op, [x.data for x in node.inputs], node.data)
            for x, local in zip(node.inputs, slopes, strict=True):
                x.grad += local * node.grad


def has_gradient(node: Value) -> bool:
    """True once backward() has computed the gradient, or somebody has set it: until then it is drawn as "?"."""
    grad: object = node.grad
    return isinstance(grad, float) or bool(grad)


def require_value(root: object, asker: str) -> None:
    """Raise GradientError, saying who asked, unless ``root`` is a Value."""
    if isinstance(root, Value):
        return
    hint = "If it was computed from Values, something on the way (a .data, a math function) made it a plain number"
    if isinstance(root, (list, tuple)):
        hint = "Give one of the numbers in it, or total(...) of them"
    elif hasattr(root, "parameters"):
        hint = "A network computes Values when it is called with inputs: give one of these"
    raise GradientError(f"{asker} needs a Value, but got {shown(root)}. {hint}")
