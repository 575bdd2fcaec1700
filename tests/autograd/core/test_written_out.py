"""Operators and steps of the backward pass that are written out from the rows of the table."""

import contextlib
import math
import operator
import random
import re
import struct
import traceback

import pytest

from autograd import (
    AutogradError,
    DivisionByZeroError,
    NumberOverflowError,
    Op,
    Value,
    detect_anomaly,
    ieee,
    no_grad,
    ops,
)
from autograd.core import composites, written_out
from autograd.core.op import NODES
from autograd.core.written_out import Text
from autograd.value import Constant, topological_order
from nn.module import FrozenParameter, Parameter

PYTHONS = {
    "__add__": operator.add, "__sub__": operator.sub, "__mul__": operator.mul, "__truediv__": operator.truediv,
}  # fmt: skip


READABLE, READABLE_BINARY = [method.__globals__["readable"] for method in (Value.record, Value._binary)]


@pytest.mark.parametrize("name", PYTHONS)
def test_an_operator_does_what_it_does_for_every_operation(name):
    op = written_out.OPERATORS[name]
    numbers = (0.0, -0.0, 1.5, -2.0, 1e300, 1e-300, math.inf, -math.inf, math.nan)
    with ieee():
        for x in map(Value, numbers):
            for y in map(Value, numbers):
                found, expected = PYTHONS[name](x, y), READABLE_BINARY(x, op, y)
                assert repr(found) == repr(expected)
                assert math.copysign(1.0, found.data) == math.copysign(1.0, expected.data)
                assert (type(found), found.op, found.inputs) == (Value, op, (x, y))
    assert PYTHONS[name](Value(3.0), 2).data == op(3.0, 2.0)
    assert PYTHONS[name](3, Value(2.0)).data == op(3.0, 2.0)
    assert getattr(Value(3.0), name)(object()) is NotImplemented


@pytest.mark.parametrize("name", [name for name, op in ops.ALL.items() if op.arity == 2])
def test_an_operation_of_two_inputs_does_what_the_one_to_be_read_does(name):
    op, chance = ops.ALL[name], random.Random(name)
    numbers = (0.0, -0.0, 1.5, -2.0, 0.25, 1e300, 1e-300, math.inf, -math.inf, math.nan)
    for _ in range(40):
        with ieee():
            x, kind = Value(chance.choice(numbers)), chance.choice((float, int, Value))
            inputs = x, kind(chance.choice(numbers[:7]))
        for mode in (contextlib.nullcontext, ieee, no_grad):
            found, expected = [
                outcome(lambda x, op, inputs, binary=binary: binary(x, op, inputs[1]), mode, x, op, inputs)
                for binary in (Value._binary, READABLE_BINARY)
            ]
            assert found == expected
    assert Value._binary(x, op, object()) is READABLE_BINARY(x, op, object()) is NotImplemented


@pytest.mark.parametrize("name", ops.ALL)
def test_record_does_what_the_one_to_be_read_does(name):
    """On numbers inside and outside of the domain, among them those that are not finite, and on plain numbers."""
    op, chance = ops.ALL[name], random.Random(name)
    numbers = (0.0, -0.0, 1.5, -2.0, 0.25, 1e300, 1e-300, math.inf, -math.inf, math.nan)
    for _ in range(40):
        with ieee():
            count = chance.choice((2, 4)) if op.variadic else op.arity
            inputs = [Value(chance.choice(numbers)) for _ in range(count)]
            if count > 1 and chance.random() < 0.3:
                inputs[-1] = chance.choice(numbers)
        for mode in (contextlib.nullcontext, ieee, no_grad):
            found, expected = [
                outcome(record, mode, inputs[0], op, tuple(inputs)) for record in (Value.record, READABLE)
            ]
            assert found == expected


def outcome(record, mode, x, op, inputs):
    """Everything there is to know of a new node, or the error."""
    try:
        with mode():
            node = record(x, op, inputs)
    except AutogradError as error:
        return type(error), str(error)
    kept = [x if x.is_constant is False else (type(x), repr(x)) for x in node.inputs]
    return struct.pack("d", node.data), type(node.data), node.grad, node.label, node.op, kept


@pytest.mark.parametrize("name", PYTHONS)
def test_the_forward_of_a_row_is_its_symbol(name):
    """The source is written with the symbol: it has to be what the row computes."""
    assert written_out.OPERATORS[name].forward is PYTHONS[name]


def test_no_grad_and_anomaly_detection_are_asked():
    a, b = Value(2.0), Value(3.0)
    with no_grad():
        assert [(a + b).op, (a - b).op, (a * b).op, (a / b).op] == [None] * 4
        assert (a * b).inputs == ()
    nothing, huge = Value(0.0), Value(1e200)
    with detect_anomaly():
        product = nothing * huge
        with pytest.raises(NumberOverflowError, match=r"at test_written_out.py, line \d+: product = nothing"):
            (product * huge).backward()


def test_the_result_of_an_operation_of_ones_own_becomes_a_float():
    counted = Op("counted_in_written_out", lambda x: int(x), lambda x, z: (0.0,))
    assert (type(counted(Value(2.5)).data), counted(Value(2.5)).data) == (float, 2.0)


def test_errors_name_labels_and_the_line():
    a, b = Value(1.0, "a"), Value(0.0, "b")
    with pytest.raises(DivisionByZeroError, match=r"x = 1.0 \(a\), y = 0.0 \(b\)[^$]*test_written_out.py.*: a / b"):
        a / b


def test_tracebacks_show_the_lines():
    a, b = Value(1.0), Value(0.0)
    with pytest.raises(DivisionByZeroError) as caught:
        a / b
    assert "return self._binary(divide, other)" in "".join(traceback.format_exception(caught.value))


def test_rules_write_themselves():
    x, y, z = Text("x"), Text("y"), Text("z")
    assert [local.text for local in ops.divide.derivatives(x, y, z)] == ["1 / y", "-z / y"]
    assert ops.tanh.derivatives(x, z)[0].text == "4 * (sigmoid_slope.forward(2 * x))"
    assert ((1 - x) * -(y + 2) / z).text == "((1 - x) * (-(y + 2))) / z"
    assert written_out.contribution(1.0) == "upstream"
    assert written_out.contribution(-1.0) == "-1.0 * upstream"
    assert written_out.contribution(x + y) == "(x + y) * upstream"


class Doubling(Value):
    """A Value that computes in its own way."""

    __slots__ = ()

    def __mul__(self, other):
        return Value.__mul__(self, other) * 2


def graph_of(root):
    order = topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    return [(struct.pack("d", n.data), type(n), n.op, n.label, n.grad, [place[x] for x in n.inputs]) for n in order]


def outcome_of_sum(compute, *arguments):
    try:
        return graph_of(compute(*arguments))
    except AutogradError as error:
        return type(error), re.sub(r"line \d+.*", "", str(error))


@pytest.mark.parametrize("seed", range(60))
def test_a_weighted_sum_is_the_one_to_be_read(seed):
    """Of all lengths, kinds of numbers, and modes, among them what overflows or is no Value."""
    chance = random.Random(seed)

    def number():
        data = chance.choice((0.0, -0.0, 1e200, -1e200, 1e308, -1e308, math.inf)) if chance.random() < 0.1 else None
        with ieee():
            made = Value(chance.gauss(0, 1) if data is None else data, chance.choice(("", "x")))
        if chance.random() < 0.1:
            return chance.choice((Doubling(1.5), 2.0, Value(1.0) * 3, Parameter(0.5)))
        return made

    for _ in range(20):
        count = chance.randint(1, 4)
        arguments = [number() for _ in range(count)], [number() for _ in range(count)]
        if not all(isinstance(w, Value) for w in arguments[0]):
            continue
        arguments += (chance.choice((None, number())),)
        for mode in (contextlib.nullcontext, ieee, no_grad):
            with mode():
                found = [outcome_of_sum(f, *arguments) for f in (written_out.weighted_sum, composites.weighted_sum)]
            assert found[0] == found[1]


def test_the_kinds_that_compute_as_a_value_does():
    assert {Value, Constant, Parameter, FrozenParameter} <= NODES
    assert Doubling not in NODES


def test_each_frequent_operation_has_the_steps_of_its_row():
    source = written_out.contribute_source()
    for op in written_out.FREQUENT:
        assert source.count(f"if op is {op.name}:\n") == 1
    for op in written_out.FREQUENT:
        inputs = [Value(0.3), Value(0.7)][: op.arity]
        node = op(*inputs)
        node.grad = 2.5
        written_out.contribute([node])
        assert [x.grad for x in inputs] == [
            local * 2.5 for local in op.derivatives(*[x.data for x in inputs], node.data)
        ]
