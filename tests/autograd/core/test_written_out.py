"""Operators and steps of the backward pass that are written out from the rows of the table."""

import math
import operator
import traceback

import pytest

from autograd import DivisionByZeroError, NumberOverflowError, Value, detect_anomaly, ieee, no_grad, ops
from autograd.core import written_out
from autograd.core.written_out import Text

PYTHONS = {
    "__add__": operator.add, "__sub__": operator.sub, "__mul__": operator.mul, "__truediv__": operator.truediv,
}  # fmt: skip


@pytest.mark.parametrize("name", PYTHONS)
def test_an_operator_does_what_it_does_for_every_operation(name):
    op = written_out.OPERATORS[name]
    numbers = (0.0, -0.0, 1.5, -2.0, 1e300, 1e-300, math.inf, -math.inf, math.nan)
    with ieee():
        for x in map(Value, numbers):
            for y in map(Value, numbers):
                found, expected = PYTHONS[name](x, y), x._binary(op, y)
                assert repr(found) == repr(expected)
                assert math.copysign(1.0, found.data) == math.copysign(1.0, expected.data)
                assert (type(found), found.op, found.inputs) == (Value, op, (x, y))
    assert PYTHONS[name](Value(3.0), 2).data == op(3.0, 2.0)
    assert PYTHONS[name](3, Value(2.0)).data == op(3.0, 2.0)
    assert getattr(Value(3.0), name)(object()) is NotImplemented


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
    assert ops.tanh.derivatives(x, z)[0].text == "4 * (sigmoid_slope(2 * x))"
    assert ((1 - x) * -(y + 2) / z).text == "((1 - x) * (-(y + 2))) / z"
    assert written_out.contribution(1.0) == "upstream"
    assert written_out.contribution(-1.0) == "-1.0 * upstream"
    assert written_out.contribution(x + y) == "(x + y) * upstream"


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
