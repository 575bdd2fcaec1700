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
            if op is multiply:
                x.grad += y.data * upstream
                y.grad += x.data * upstream
...
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from math import fsum, isfinite
from types import SimpleNamespace
from typing import Any

from autograd import ops
from autograd.core import composites, evaluate, modes
from autograd.core.node import leaf
from autograd.core.op import ALL, NODES, Op
from autograd.core.operand import Operand
from autograd.core.validation import is_operand

OPERATORS = {"__add__": ops.add, "__sub__": ops.subtract, "__mul__": ops.multiply, "__truediv__": ops.divide}

FREQUENT = (ops.multiply, ops.add, ops.subtract, ops.relu, ops.tanh, ops.sigmoid, ops.exp, ops.divide, ops.negate)
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
        return Text(f"{op.name}.forward({', '.join([x.text if isinstance(x, Text) else repr(x) for x in inputs])})")


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

NEW_NODE = """\
node = new_value(Value)
node.data = data
node.grad = 0
node.label = ""
node.op = {op}
node._first = {first}
node._second = {second}
node._met = None
if modes.active:
    modes.mark(node)
"""

BINARY = """\
def {signature}:
    if not isinstance(other, Value):
        if not is_operand(other):
            return NotImplemented
        other = leaf(Constant, other)
    try:
        {compute}
        if isfinite(data):
{new_node}
            return node
    except FAILURES:
        pass
    return {readable}
"""

RECORD = """\
def record(self, op, inputs):
    try:
        forward = op.forward
        if len(inputs) == 1:
            first, second = inputs, None
            data = forward(self.data)
        elif len(inputs) == 2:
            first, second = inputs
            if not isinstance(first, Value):
                first = leaf(Constant, first)
            if not isinstance(second, Value):
                second = leaf(Constant, second)
            data = forward(first.data, second.data)
        else:
            if not op.variadic or not NODES.issuperset(map(type, inputs)):
                for x in inputs:
                    if not isinstance(x, Value):
                        inputs = tuple([x if isinstance(x, Value) else leaf(Constant, x) for x in inputs])
                        break
            first, second = inputs, None
            data = forward(*[x.data for x in inputs])
        if type(data) is not float:
            data = float(data)
        if isfinite(data):
{new_node}
            return node
    except FAILURES:
        pass
    return readable(self, op, inputs)
"""

WEIGHTED_SUM = """\
def weighted_sum(weights, inputs, summand=None):
    try:
        if (
            Value.__mul__ is times
            and NODES.issuperset(map(type, weights))
            and NODES.issuperset(map(type, inputs))
            and (summand is None or type(summand) in NODES)
        ):
            terms, numbers = [], []
            for w, x in zip(weights, inputs):
                data = {product}
{new_product}
                terms.append(node)
                numbers.append(data)
            if summand is not None:
                terms.append(summand)
                numbers.append(summand.data)
            if len(terms) > 1:
                data = fsum(numbers)
                if isfinite(data):
                    first, second = terms if len(terms) == 2 else (tuple(terms), None)
{new_sum}
                    return node
    except FAILURES:
        pass
    return readable(weights, inputs, summand)
"""


def operator_source(name: str, op: Op) -> str:
    """An operator of Value."""
    data = op(Text("self.data"), Text("other.data")).text
    return binary_source(f"{name}(self, other)", op.name, f"data = {data}", f"self._binary({op.name}, other)")


def binary_source(signature: str, op: str, compute: str, readable: str) -> str:
    """An operation of two inputs, of which the first is a Value; what goes wrong is left to the one to be read."""
    node = new_node(12, op, "self", "other")
    return BINARY.format(signature=signature, compute=compute, new_node=node, readable=readable)


def record_source() -> str:
    """``Value.record``; what goes wrong is left to the one to be read."""
    return RECORD.format(new_node=new_node(12, "op", "first", "second"))


def weighted_sum_source() -> str:
    """``composites.weighted_sum`` where all are plain Values; what goes wrong is left to the one to be read."""
    return WEIGHTED_SUM.format(
        product=ops.multiply(Text("w.data"), Text("x.data")).text,
        new_product=new_node(16, "multiply", "w", "x"),
        new_sum=new_node(20, "total", "first", "second"),
    )


def new_node(indent: int, op: str, first: str, second: str) -> str:
    """The lines that make a node of ``data``."""
    return textwrap.indent(NEW_NODE.format(op=op, first=first, second=second).rstrip(), " " * indent)


weighted_sum: Callable[..., Any] = defined("weighted_sum", weighted_sum_source(), {})


def give_operators(Value: type, Constant: type) -> None:
    """Let Value have what is written out of it: operators, ``_binary``, ``record``; and all of them know Value."""
    names = {
        "Value": Value,
        "Constant": Constant,
        "leaf": leaf,
        "is_operand": is_operand,
        "new_value": object.__new__,
        "modes": modes,
        "isfinite": isfinite,
        "FAILURES": evaluate.FAILURES,
        "NODES": NODES,
    }
    sources = {name: operator_source(name, op) for name, op in OPERATORS.items()}
    compute = "forward = op.forward\n        data = forward(self.data, other.data)"
    sources["_binary"] = binary_source("_binary(self, op, other)", "op", compute, "readable(self, op, other)")
    sources["record"] = record_source()
    for name, source in sources.items():
        setattr(Value, name, defined(name, source, names | {"readable": vars(Value).get(name)}))
    times = vars(Value)["__mul__"]
    weighted_sum.__globals__.update(names | {"times": times, "fsum": fsum, "readable": composites.weighted_sum})


# --- the backward pass ------------------------------------------------------------------------------------

CONTRIBUTE = """\
def contribute(operations):
    all_gradients = 0.0
    for node in reversed(operations):
        upstream, op = node.grad, node.op
        x, y = node._first, node._second
        all_gradients += upstream
        if y is not None:
            {with_two_inputs}
            elif op.arity == 2:
                slopes = op.derivatives
                local_x, local_y = slopes(x.data, y.data, node.data)
                x.grad += local_x * upstream
                y.grad += local_y * upstream
            else:
                contribute_to_each(op, (x, y), node.data, upstream)
        elif len(x) == 1:
            (x,) = x
            {with_one_input}
            elif op.variadic:
                contribute_to_each(op, (x,), node.data, upstream)
            else:
                slopes = op.derivatives
                (local,) = slopes(x.data, node.data)
                x.grad += local * upstream
        else:
            contribute_to_each(op, x, node.data, upstream)
    return all_gradients
"""

CONTRIBUTE_TO_EACH = """\
def contribute_to_each(op, inputs, output, upstream):
    if op is total:
        for x in inputs:
            x.grad += {total}
    elif op is dot:
        weights, inputs = halves(inputs)
        for w, x in zip(weights, inputs):
            w.grad += {weight}
        for w, x in zip(weights, inputs):
            x.grad += {input}
    elif op.is_by_hand:
        raise TypeError
    else:
        numbers = tuple([x.data for x in inputs])
        slopes = op.derivatives(numbers, output) if op.variadic else op.derivatives(*numbers, output)
        if len(slopes) != len(numbers):
            raise TypeError
        for x, local in zip(inputs, slopes):
            x.grad += local * upstream
"""


def contribute_source() -> str:
    """Backpropagation over operations in topological order, whose gradients are 0, and 1 for the result."""
    x, y, z = Text("x.data"), Text("y.data"), Text("node.data")
    one = [step(op, x=op.derivatives(x, z)[0]) for op in FREQUENT if op.arity == 1]
    two = [step(op, **dict(zip("xy", op.derivatives(x, y, z), strict=True))) for op in FREQUENT if op.arity == 2]
    return CONTRIBUTE.format(with_one_input=one_of(one), with_two_inputs=one_of(two))


def step(op: Op, **slopes: Text | float) -> str:
    """What a node of an operation adds to the gradients of its inputs."""
    lines = [f"                {name}.grad += {contribution(local)}" for name, local in slopes.items()]
    return "\n".join([f"if op is {op.name}:", *lines])


def one_of(steps: list[str]) -> str:
    return "\n            el".join(steps)


def contribute_to_each_source() -> str:
    """The same for one operation with a list of inputs."""
    w, x, z = Text("w.data"), Text("x.data"), Text("output")
    (of_total,) = ops.total.derivatives((x,), z)
    of_weight, of_input = ops.inner_product.derivatives((w, x), z)
    return CONTRIBUTE_TO_EACH.format(
        total=contribution(of_total), weight=contribution(of_weight), input=contribution(of_input)
    )


def contribution(local: Text | float) -> str:
    """local × upstream, and without the factor where it is 1."""
    return "upstream" if isinstance(local, float) and local == 1 else f"{factor(local)} * upstream"


contribute_to_each = defined("contribute_to_each", contribute_to_each_source(), {"halves": ops.halves})
contribute: Callable[[list[Any]], float] = defined(
    "contribute", contribute_source(), {"contribute_to_each": contribute_to_each}
)
