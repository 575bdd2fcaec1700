"""The most frequent steps written out: + - * / and the backward pass, as Python source made from rows of the table.

A row's rule is ordinary arithmetic: run on texts, it gives its own source.  What is made of that here does what
``Value._binary`` and ``autograd.value.backpropagate`` do for every operation, without their calls.

>>> print(operator_source("__mul__", ops.multiply))  # doctest: +ELLIPSIS
def __mul__(self, other):
...
    try:
        data = self.data * other.data
...
>>> print(contribute_source())  # doctest: +ELLIPSIS
def contribute(operations):
...
        elif op is multiply:
            x, y = node._first, node._second
            x.grad += y.data * upstream
            y.grad += x.data * upstream
...
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from types import SimpleNamespace
from typing import Any

from autograd import ops
from autograd.core import evaluate, modes
from autograd.core.op import ALL, Op
from autograd.core.operand import Operand
from autograd.core.validation import is_operand

OPERATORS = {"__add__": ops.add, "__sub__": ops.subtract, "__mul__": ops.multiply, "__truediv__": ops.divide}

FREQUENT = (ops.add, ops.multiply, ops.subtract, ops.relu, ops.tanh, ops.sigmoid, ops.exp, ops.divide, ops.negate)
"""Whose steps stand in the backward pass, the most frequent first."""


class Text(Operand):
    """Source code that stands where a number will stand."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def record(self, op: Op, inputs: tuple[Any, ...]) -> Text:
        if op in OPERATORS.values():
            return Text(f" {op.symbol} ".join(map(factor, inputs)))
        if op is ops.negate:
            return Text(f"-{factor(inputs[0])}")
        return Text(f"{op.name}({', '.join([x.text if isinstance(x, Text) else repr(x) for x in inputs])})")


def factor(x: Any) -> str:
    """Source as one part of a longer expression."""
    text = x.text if isinstance(x, Text) else repr(x)
    return f"({text})" if " " in text else text


def defined(name: str, source: str, names: dict[str, Any]) -> Any:
    """What a source defines under a name, which may use all operations; tracebacks show its lines."""
    namespace = {**ALL, **names, "__name__": __name__, "__loader__": SimpleNamespace(get_source=lambda _: source)}
    exec(compile(source, f"{__file__} ({name})", "exec"), namespace)
    return namespace[name]


# --- operators --------------------------------------------------------------------------------------------

OPERATOR = """\
def {name}(self, other):
    if not isinstance(other, Value):
        if not is_operand(other):
            return NotImplemented
        other = Constant(other)
    try:
        data = {data}
        if isfinite(data):
            node = new_value(Value)
            node.data = data
            node.grad = 0
            node.label = ""
            node.op = {op}
            node._first = self
            node._second = other
            node._met = None
            if modes.active:
                modes.mark(node)
            return node
    except FAILURES:
        pass
    return self._binary({op}, other)
"""


def operator_source(name: str, op: Op) -> str:
    """An operator of Value; what goes wrong is left to ``_binary``."""
    return OPERATOR.format(name=name, op=op.name, data=op(Text("self.data"), Text("other.data")).text)


def give_operators(Value: type, Constant: type) -> None:
    """Let Value have the operators that are written out."""
    names = {
        "Value": Value,
        "Constant": Constant,
        "is_operand": is_operand,
        "new_value": object.__new__,
        "modes": modes,
        "isfinite": isfinite,
    }
    names["FAILURES"] = evaluate.FAILURES
    for name, op in OPERATORS.items():
        setattr(Value, name, defined(name, operator_source(name, op), names))


# --- the backward pass ------------------------------------------------------------------------------------

CONTRIBUTE = """\
def contribute(operations):
    all_gradients = 0.0
    for node in reversed(operations):
        upstream, op = node.grad, node.op
        all_gradients += upstream
        {frequent}
        elif op.arity == 2:
            x, y = node._first, node._second
            local_x, local_y = op.derivatives(x.data, y.data, node.data)
            x.grad += local_x * upstream
            y.grad += local_y * upstream
        elif op.arity == 1 and not op.variadic:
            (x,) = node._first
            (local,) = op.derivatives(x.data, node.data)
            x.grad += local * upstream
        elif op.is_by_hand:
            raise TypeError
        else:
            inputs = node.inputs
            numbers = tuple([x.data for x in inputs])
            slopes = op.derivatives(numbers, node.data) if op.variadic else op.derivatives(*numbers, node.data)
            if len(slopes) != len(numbers):
                raise TypeError
            for x, local in zip(inputs, slopes):
                x.grad += local * upstream
    return all_gradients
"""

WITH_ONE_INPUT = """\
if op is {op}:
            (x,) = node._first
            x.grad += {}"""

WITH_TWO_INPUTS = """\
if op is {op}:
            x, y = node._first, node._second
            x.grad += {}
            y.grad += {}"""


def contribute_source() -> str:
    """Backpropagation over operations in topological order, whose gradients are 0, and 1 for the result."""
    x, y, z = Text("x.data"), Text("y.data"), Text("node.data")
    steps = []
    for op in FREQUENT:
        if op.arity == 1:
            steps.append(WITH_ONE_INPUT.format(*map(contribution, op.derivatives(x, z)), op=op.name))
        else:
            steps.append(WITH_TWO_INPUTS.format(*map(contribution, op.derivatives(x, y, z)), op=op.name))
    return CONTRIBUTE.format(frequent="\n        el".join(steps))


def contribution(local: Text | float) -> str:
    """local × upstream, and without the factor where it is 1."""
    return "upstream" if isinstance(local, float) and local == 1 else f"{factor(local)} * upstream"


contribute: Callable[[list[Any]], float] = defined("contribute", contribute_source(), {})
