"""A backward pass that fails says why and where, and leaves everything as it was."""

import os

import pytest
from expectations import check_message, line_here, nothing_changes

import autograd
from autograd import (
    DomainError,
    GradientError,
    NumberOverflowError,
    Op,
    Value,
    detect_anomaly,
    ieee,
    ops,
)

THIS_FILE = os.path.basename(__file__)


# --- backward ---------------------------------------------------------------------------------------------


def test_a_gradient_that_overflows():
    z = Value(1e-200, "z")
    y = (z * 1e200) * 1e200
    with nothing_changes(y), pytest.raises(NumberOverflowError) as caught:
        y.backward()
    check_message(
        caught, "gradient of z overflows", "x * y", "(z)", "upstream gradient 1e+200", "Nothing was changed"
    )


def test_a_derivative_that_overflows():
    a = Value(1e-200, "a")
    y = a.log() / 1e200
    y.backward()
    assert a.grad == pytest.approx(1.0)
    y = Value(1e-310, "a").log()
    with (
        nothing_changes(y),
        pytest.raises(NumberOverflowError, match=r"the derivative of log\(x\) overflows.*\(a\)"),
    ):
        y.backward()


def test_many_finite_gradients_whose_sum_is_not_finite_are_no_error():
    a, b = Value(1e-10), Value(1e-10)
    y = a * 1e308 + b * 1e308
    y.backward()
    assert (a.grad, b.grad) == (1e308, 1e308)


def test_accumulating_until_a_leaf_overflows_leaves_what_was_there():
    a = Value(1e-10, "a")
    y = a * 1.5e308
    y.backward()
    with nothing_changes(y), pytest.raises(NumberOverflowError, match="gradient of a overflows"):
        y.backward()
    assert a.grad == 1.5e308


def test_an_error_in_a_rule_restores_the_gradients():
    calls = []

    def rule(x, z):
        calls.append(x)
        raise KeyError("lost")

    broken = Op("broken_rule_of_test", lambda x: x, rule)
    try:
        a = Value(2.0)
        (a * 3).backward()
        y = broken(a) * 2
        with nothing_changes(y, a), pytest.raises(KeyError, match="lost"):
            y.backward()
        assert calls
        assert a.grad == 3.0
    finally:
        del ops.ALL["broken_rule_of_test"]


def test_an_interrupt_restores_the_gradients():
    def rule(x, z):
        raise KeyboardInterrupt

    stopped = Op("stopped_rule_of_test", lambda x: x, rule)
    try:
        y = stopped(Value(2.0)) * 2
        with nothing_changes(y), pytest.raises(KeyboardInterrupt):
            y.backward()
    finally:
        del ops.ALL["stopped_rule_of_test"]


def test_an_error_in_the_middle_of_a_graph_restores_everything():
    a, b = Value(0.0, "a"), Value(2.0, "b")
    y = a.sqrt() * b + b * b
    with nothing_changes(y):
        for _ in range(2):
            with pytest.raises(DomainError):
                y.backward()
    a.data = 4.0
    z = a.sqrt() * b + b * b
    z.backward()
    assert (a.grad, b.grad) == (0.5, 6.0)


# --- detect_anomaly ---------------------------------------------------------------------------------------


def test_detect_anomaly_names_the_line_of_the_operation_at_fault():
    with detect_anomaly():
        a = Value(0.0, "a")
        y = a * 2
        z = y.sqrt()
        line = line_here() - 1
        L = z + 1
        with nothing_changes(L), pytest.raises(DomainError) as caught:
            L.backward()
    check_message(
        caught,
        "the derivative of sqrt(x) is not defined",
        f"It was computed at {THIS_FILE}, line {line}: z = y.sqrt()",
    )


def test_detect_anomaly_may_end_before_backward():
    with detect_anomaly():
        y = Value(0.0).sqrt()
        line = line_here() - 1
    with pytest.raises(DomainError, match=f"{THIS_FILE}, line {line}:"):
        y.backward()


def test_detect_anomaly_names_the_line_of_a_gradient_that_overflows():
    with detect_anomaly():
        z = Value(1e-200, "z")
        y = z * 1e200
        line = line_here() - 1
        with pytest.raises(NumberOverflowError, match=f"{THIS_FILE}, line {line}:"):
            (y * 1e200).backward()


def test_detect_anomaly_finds_data_that_was_changed_in_between():
    with detect_anomaly():
        a, b = Value(2.0, "a"), Value(3.0, "b")
        c = a * b
        line = line_here() - 1
        L = c.tanh()
        a.data = 5.0
        with nothing_changes(L), pytest.raises(GradientError) as caught:
            L.backward()
    check_message(
        caught, "gave 6.0 in the forward pass, but gives 15.0 now", "5.0 (a)", f"{THIS_FILE}, line {line}"
    )


def test_detect_anomaly_finds_data_that_could_not_have_been_computed_with():
    with detect_anomaly():
        a = Value(2.0, "a")
        y = a.log()
        a.data = -1.0
        with nothing_changes(y), pytest.raises(GradientError) as caught:
            y.backward()
    check_message(caught, "in the forward pass, but gives an error", "-1.0 (a)", "the data of an input was changed")


def test_detect_anomaly_finds_nothing_where_nothing_is_wrong():
    def run():
        a, b = Value(2.0, "a"), Value(3.0, "b")
        L = autograd.logsumexp([a * b, a**2, b.tanh(), autograd.total([a, b])])
        L.backward()
        return L.data, a.grad, b.grad

    expected = run()
    with detect_anomaly():
        assert run() == expected
    with ieee():
        assert run() == expected


def test_without_detect_anomaly_the_message_says_how_to_find_the_line():
    with pytest.raises(DomainError, match=r"detect_anomaly\(\)"):
        Value(0.0).sqrt().backward()


def test_detect_anomaly_inside_ieee_takes_nan_as_unchanged():
    with ieee(), detect_anomaly():
        a = Value(-1.0)
        a.log().backward()
    assert a.grad == -1.0
