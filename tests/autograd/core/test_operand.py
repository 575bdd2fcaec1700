"""What Python does with numbers, done with Values: operators, methods, other kinds of numbers."""

import math
import operator
from fractions import Fraction

import numpy as np
import pytest

from autograd import DataError, Dual, Value, topological_order
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


@pytest.mark.parametrize("lose", [int, math.trunc, complex, lambda v: v // 2, lambda v: divmod(v, 2)])
def test_what_has_no_derivative_is_not_there(lose):
    with pytest.raises(TypeError):
        lose(Value(2.5))


@pytest.mark.parametrize("number", [2.5, -2.5, 3.5, -0.5, 0.0, -0.0, 7.0, 1e300, 5e-324])
def test_whole_numbers_and_remainders_are_those_of_python(number):
    for how in (round, math.floor, math.ceil, lambda v: v % 3, lambda v: v % -0.75, lambda v: 7.5 % (v + 0.25)):
        result = how(Value(number))
        assert type(result) is Value
        assert result.data == how(number)
        assert math.copysign(1.0, result.data) == math.copysign(1.0, how(number) or result.data)


def test_slopes_of_whole_numbers_and_remainders():
    for how, slope in (
        (round, 0.0), (math.floor, 0.0), (math.ceil, 0.0), (lambda v: v % 3, 1.0), (lambda v: 100.0 % v, -13.0),
        (lambda v: -100.0 % v, 14.0), (lambda v: 100.0 % -v, -14.0),
    ):  # fmt: skip
        v = Value(7.5)
        how(v).backward()
        assert v.grad == slope


@pytest.mark.parametrize("kind", [Value, lambda x: Dual(x, 1.0)], ids=["Value", "Dual"])
def test_rounding_to_digits_says_how_to_write_it(kind):
    for digits in (2, 0, -1):
        with pytest.raises(DataError, match=rf"round\(v, {digits}\) is not one operation: write round\(v \* 100\)"):
            round(kind(2.345), digits)
    assert (round(kind(2.345) * 100) / 100).data == 2.35


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
