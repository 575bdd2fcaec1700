"""What Python does with numbers, done with Values: operators, methods, other kinds of numbers."""

import math
import operator
from fractions import Fraction

import numpy as np
import pytest

from autograd import DataError, Value, topological_order
from autograd.core.operand import Operand


def test_sum_max_min_sorted_prod():
    values = [Value(3.0), Value(1.0), Value(2.0)]
    assert sum(values).data == sum(values, 0.0).data == sum(values, Value(0.0)).data == 6.0
    assert max(values) is values[0]
    assert min(values) is values[1]
    assert [v.data for v in sorted(values)] == [1.0, 2.0, 3.0]
    product = math.prod(values)
    product.backward()
    assert product.data == 6.0
    assert [v.grad for v in values] == [2.0, 6.0, 3.0]


def test_sum_does_not_put_its_zero_into_the_graph():
    a, b = Value(1.0), Value(2.0)
    assert len(topological_order(sum([a, b]))) == 3


def test_unary_plus_is_the_value_itself():
    a = Value(2.0)
    assert +a is a


@pytest.mark.parametrize("lose", [float, math.exp, math.sqrt, "%f".__mod__])
def test_becoming_a_plain_float_unnoticed_is_refused(lose):
    with pytest.raises(DataError, match=r"(?s)plain float.*value\.data.*exp"):
        lose(Value(2.0, "a"))


@pytest.mark.parametrize("lose", [int, round, math.floor, complex, lambda v: v // 2, lambda v: v % 2])
def test_what_has_no_derivative_is_not_there(lose):
    with pytest.raises(TypeError):
        lose(Value(2.5))


@pytest.mark.parametrize(
    "number", [2, 2.5, True, Fraction(5, 2), np.float64(2.5), np.float32(2.5), np.int64(2), np.bool_(True)]
)
@pytest.mark.parametrize(
    "how", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow], ids=lambda how: how.__name__
)
def test_operators_with_numbers_on_either_side(how, number):
    for x, y, place in ((1.5, float(number), 0), (float(number), 1.5, 1)):
        v = Value(1.5)
        result = how(v, number) if place == 0 else how(number, v)
        assert type(result) is Value
        assert type(result.data) is float
        assert result.data == pytest.approx(how(x, y), rel=1e-15)
        result.backward()
        h = 1e-6
        slope = ((how(x + h, y) - how(x - h, y)) if place == 0 else (how(x, y + h) - how(x, y - h))) / (2 * h)
        assert v.grad == pytest.approx(slope, rel=1e-8)


@pytest.mark.parametrize("other", ["1", b"1", 1j, [1.0], (1.0,), {}, set(), None])
@pytest.mark.parametrize(
    "how", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow], ids=lambda how: how.__name__
)
def test_operators_with_other_things_on_either_side_are_refused(how, other):
    v = Value(2.0)
    with pytest.raises(DataError, match=type(other).__name__):
        how(v, other)
    with pytest.raises(TypeError):
        how(other, v)
    assert (v.data, v.grad, v.inputs) == (2.0, 0, ())


@pytest.mark.parametrize(
    "how", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow], ids=lambda how: how.__name__
)
def test_operators_with_something_unknown_are_python_s_own_type_error(how):
    v = Value(2.0)
    with pytest.raises(TypeError, match="unsupported operand"):
        how(v, object())
    with pytest.raises(TypeError, match="unsupported operand"):
        how(object(), v)


def test_another_kind_of_number_has_to_say_how_it_records():
    class Half(Operand):
        pass

    with pytest.raises(NotImplementedError):
        Half() + 1


class Stranger:
    """Some other library's number, which knows how to combine itself with ours."""

    def __radd__(self, other):
        return "stranger"

    __rpow__ = __radd__


def test_a_stranger_with_reflected_operators_gets_its_turn():
    assert Value(1.0) + Stranger() == "stranger"
    assert Value(1.0) ** Stranger() == "stranger"


@pytest.mark.parametrize("name", ["maximum", "minimum", "hypot", "atan2", "leaky_relu", "elu"])
@pytest.mark.parametrize("other", [object(), Stranger(), np.array([1.0, 2.0])], ids=lambda x: type(x).__name__)
def test_methods_with_two_inputs_never_answer_not_implemented(name, other):
    """NotImplemented is meant for Python's operators; from a method it would look like a result."""
    try:
        result = getattr(Value(1.0), name)(other)
    except TypeError:
        return
    assert result is not NotImplemented
    assert isinstance(result, np.ndarray)
