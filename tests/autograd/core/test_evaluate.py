"""What is said of each operation that cannot be computed, one by one."""

import math
import os

import pytest
from expectations import check_message, line_here, nothing_changes

import autograd
import nn
from autograd import (
    DataError,
    DivisionByZeroError,
    DomainError,
    GradientError,
    NumberOverflowError,
    Value,
    gradient,
    ieee,
    topological_order,
)

THIS_FILE = os.path.basename(__file__)


def test_log_of_zero_says_everything():
    price = Value(0.0, "price")
    with pytest.raises(DomainError) as caught:
        price.log()
    line = line_here() - 1
    check_message(
        caught,
        "log(x) is not defined at x = 0.0 (price)",
        "It needs x > 0",
        f"{THIS_FILE}, line {line}: price.log()",
        "ieee()",
    )


def test_a_negative_base_to_a_fractional_power():
    with pytest.raises(DomainError) as caught:
        Value(-8.0, "a") ** (1 / 3)
    check_message(caught, "** ", "x = -8.0 (a)")
    with pytest.raises(DomainError) as caught:
        Value(-8.0, "a") ** Value(0.5, "n")
    check_message(caught, "**", "-8.0 (a)", "0.5 (n)", "negative base")


def test_zero_to_the_power_of_minus_one():
    with pytest.raises(DomainError) as caught:
        Value(0.0, "a") ** -1
    check_message(caught, "x = 0.0 (a)", "x ≠ 0")
    with pytest.raises(DomainError):
        0 ** Value(-1.0)
    with pytest.raises(DivisionByZeroError):
        1 / Value(0.0)


def test_zero_to_the_power_of_zero_is_one_and_its_derivative_zero():
    a, n = Value(0.0), Value(0.0)
    for y in (a**0, a**n, 0**n, a**0.0):
        y.zero_grad()
        y.backward()
        assert y.data == 1.0
        assert (a.grad, n.grad) == (0.0, 0.0)


def test_the_derivative_of_sqrt_at_zero():
    a = Value(0.0, "a")
    y = a.sqrt()
    assert y.data == 0.0
    with nothing_changes(y), pytest.raises(DivisionByZeroError) as caught:
        y.backward()
    check_message(caught, "the derivative of sqrt(x) is not defined at x = 0.0 (a)", "x > 0 for its derivative")


def test_the_derivative_of_a_fractional_power_at_zero():
    a = Value(0.0, "a")
    with pytest.raises(DomainError, match=r"the derivative of x \*\*\s?0\.5 is not defined at x = 0\.0 \(a\)"):
        (a**0.5).backward()


def test_functions_at_their_edges_have_values():
    assert Value(1.0).asin().data == math.pi / 2
    assert Value(-1.0).acos().data == math.pi
    assert Value(1.0).acosh().data == 0.0
    assert Value(0.0).sqrt().data == 0.0


def test_exp_of_a_thousand():
    with pytest.raises(NumberOverflowError) as caught:
        Value(1000, "x").exp()
    check_message(caught, "exp(x) overflows at x = 1000.0 (x)", "1.8e308", THIS_FILE)


def test_an_operation_over_a_long_list_shows_only_some_of_its_inputs():
    with pytest.raises(NumberOverflowError) as caught:
        autograd.total([Value(1e308, f"w{i}") for i in range(1, 101)])
    check_message(caught, "(w1)", "(w100)", "...")
    assert "(w50)" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_inputs_that_are_infinite_already_are_pointed_at():
    with ieee():
        lost = Value(0.0, "lost").log()
    lost.label = "lost"
    with pytest.raises(DomainError, match=r"(?s)x = -inf \(lost\).*already inf or nan"):
        lost * 2


@pytest.mark.parametrize("wrong", ["2.0", 2j, [1.0], None, b"1"])
def test_a_wrong_operand_is_named(wrong):
    a = Value(1.0, "a")
    for attempt in (
        lambda: a + wrong,
        lambda: a**wrong,
        lambda: a.maximum(wrong),
        lambda: a.clip(0.0, wrong),
        lambda: autograd.maximum(a, wrong),
        lambda: autograd.total(a, wrong),
    ):
        with nothing_changes(a), pytest.raises(DataError, match=rf"got .*\({type(wrong).__name__}\)"):
            attempt()


@pytest.mark.parametrize("wrong", ["2.0", 2j, [1.0], None, b"1", 10**400, object()], ids=lambda x: type(x).__name__)
@pytest.mark.parametrize(
    "function", [autograd.tanh, autograd.relu, autograd.identity, autograd.sigmoid, autograd.sqrt], ids=str
)
def test_a_function_of_something_that_is_no_number(function, wrong):
    with pytest.raises(DataError) as caught:
        function(wrong)
    check_message(caught, function.name, type(wrong).__name__)
    assert len(str(caught.value)) < 300


def test_data_that_was_changed_to_something_else_is_found_when_it_is_used():
    a = Value(1.0, "a")
    a.data = "oops"
    with pytest.raises(DataError, match=r"'oops' \(str\) \(a\)"):
        a * 2
    a.data = math.inf
    with pytest.raises(DomainError, match=r"(?s)x = inf \(a\).*already inf or nan"):
        a * 2


@pytest.mark.parametrize("function", [topological_order, lambda x: gradient(x, [])])
@pytest.mark.parametrize("root", [3.0, None, [Value(1.0)], "L"])
def test_a_root_that_is_no_value(function, root):
    with pytest.raises(GradientError, match=rf"needs a Value, but got .*\({type(root).__name__}\)"):
        function(root)


def test_instead_of_a_network_a_value_that_it_computes():
    with pytest.raises(GradientError, match="A network computes Values when it is called with inputs: give one"):
        topological_order(nn.Neuron(2))
    with pytest.raises(GradientError, match=r"Give one of the numbers in it, or total\(\.\.\.\) of them"):
        topological_order([Value(1.0)])


def test_gradient_with_respect_to_something_that_is_no_value():
    a = Value(1.0)
    with pytest.raises(GradientError, match=r"second argument.*got 3\.0 \(float\)"):
        gradient(a * 2, [3.0])


def test_gradient_with_respect_to_one_value_without_a_list():
    """gradient(y, x) for gradient(y, [x]): say so, instead of 'Value object is not iterable'."""
    a = Value(1.0)
    with pytest.raises((GradientError, DataError), match=r"\[x\]|list"):
        gradient(a * 2, a)
