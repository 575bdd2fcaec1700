"""The checker passes what is right, and finds and names what is wrong, in a first and in a second derivative."""

import math

import pytest

import autograd
from autograd import GradientError, Op, Value, check_gradient, grad, no_grad, ops


@pytest.fixture
def rule():
    """Declares an operation for one test, and takes it out of the table afterwards."""
    before = set(ops.ALL)
    yield Op
    for name in set(ops.ALL) - before:
        del ops.ALL[name]


@pytest.mark.parametrize(
    ("f", "xs"),
    [
        (lambda x: x**3 - 2 * x, (1.5,)),
        (lambda x, y: (x * y).tanh() + x / y, (0.5, -1.5)),
        (lambda x: autograd.softplus(x) * autograd.gelu(x), (0.3,)),
        (lambda ws: autograd.logsumexp(ws) + ws[0] * ws[2], ([0.1, -0.4, 2.0],)),
        (lambda p: p["w"][0] ** p["b"], ({"w": [1.5], "b": 2.5},)),
        (autograd.atan2, (0.3, -0.7)),
        (lambda x: 3.0, (1.0,)),
        (lambda x: 1e8 * x * x, (300.0,)),
        (lambda x: x * 1e-6, (1e6,)),
    ],
)
@pytest.mark.parametrize("order", [1, 2])
def test_right_functions_pass(f, xs, order):
    report = check_gradient(f, *xs, order=order)
    assert report, str(report)
    assert report.passed is True
    assert report.culprits == ()


def test_the_report_as_text_and_as_data():
    report = check_gradient(lambda x, y: x * x * y, 3.0, 4.0, order=2)
    lines = str(report).splitlines()
    assert lines[0] == "all derivatives agree"
    assert len(lines) == 1 + 2 + 4
    assert lines[1].startswith("  ok    df/dx1 at (3, 4): got 24.0, expected 24.0")
    assert lines[3].startswith("  ok    d²f/dx1dx1 at (3, 4): got 8.0, expected ")
    first = report.comparisons[0]
    assert (first.order, first.what, first.point, first.got, first.agrees) == (1, "df/dx1", (3.0, 4.0), 24.0, True)
    assert first.expected == pytest.approx(24.0, rel=1e-9)
    assert [row.order for row in report.comparisons] == [1, 1, 2, 2, 2, 2]


def test_a_wrong_first_order_rule_is_found_and_named(rule):
    wrong = rule("wrong_tanh", math.tanh, lambda x, z: (1 + z * z,))
    report = check_gradient(lambda x, y: autograd.sin(wrong(x * y)) + y, 0.5, 0.8)
    assert not report
    assert report.passed is False
    text = str(report)
    assert text.startswith("some derivatives are wrong")
    assert "WRONG df/dx1 at (0.5, 0.8)" in text
    t = math.tanh(0.4)
    [culprit] = report.culprits
    assert culprit.startswith("the rule of wrong_tanh at x = 0.4: d/dx is ")
    assert f"{1 + t * t:.10g}"[:10] in culprit
    assert f"{1 - t * t:.10g}"[:10] in culprit


def test_a_wrong_derivative_of_one_input_of_several_is_named(rule):
    wrong = rule("wrong_product", lambda x, y: x * y, lambda x, y, z: (y, -x))
    report = check_gradient(lambda a: wrong(a, a + 1), 2.0)
    [culprit] = report.culprits
    assert "wrong_product" in culprit
    assert "d/dx2 is -2.0" in culprit


def test_a_rule_wrong_only_at_second_order_is_found_and_named(rule):
    """The rule takes the plain number out of the Value, so its derivative is lost."""
    frozen = rule("frozen_square", lambda x: x * x, lambda x, z: (2 * getattr(x, "data", x),))
    assert check_gradient(frozen, 3.0)
    assert grad(frozen)(3.0) == 6.0
    report = check_gradient(lambda x: autograd.exp(frozen(x) / 10), 3.0, order=2)
    assert not report
    assert [row.agrees for row in report.comparisons] == [True, False]
    [culprit] = report.culprits
    assert culprit.startswith("the rule of frozen_square at x = 3.0: the slope of d/dx along x is 0.0")
    assert "central differences give 2.0" in culprit or "1.99999" in culprit


def test_a_second_order_mistake_in_a_mixed_derivative(rule):
    frozen = rule("frozen_product", lambda x, y: x * y, lambda x, y, z: (getattr(y, "data", y), x))
    assert check_gradient(frozen, 3.0, 2.0)
    report = check_gradient(frozen, 3.0, 2.0, order=2)
    assert not report
    assert "slope of d/dx1 along x2" in report.culprits[0]


def test_a_wrong_rule_over_a_list_is_named(rule):
    wrong = rule("wrong_mean", lambda *xs: sum(xs) / len(xs), lambda xs, z: (1,) * len(xs), variadic=True)
    report = check_gradient(lambda x, y: wrong([x, y]), 1.0, 2.0)
    assert not report
    assert "wrong_mean" in str(report)


def test_a_mistake_outside_every_rule_leaves_no_culprit():
    """The number was taken out of the graph by hand: no rule is at fault."""
    report = check_gradient(lambda x: x * getattr(x, "data", x), 3.0)
    assert not report
    assert report.culprits == ()


def test_two_wrong_rules_are_both_named_once_each_place(rule):
    one = rule("wrong_one", math.sin, lambda x, z: (z,))
    two = rule("wrong_two", math.exp, lambda x, z: (2 * z,))
    report = check_gradient(lambda x: one(x) + two(x) + one(x), 0.5)
    assert len(report.culprits) == 2
    assert "wrong_one" in report.culprits[0] + report.culprits[1]
    assert "wrong_two" in report.culprits[0] + report.culprits[1]


def test_the_tolerance_decides(rule):
    nearly = rule("nearly", lambda x: x * x, lambda x, z: (2.001 * x,))
    assert not check_gradient(nearly, 1.0)
    assert check_gradient(nearly, 1.0, tolerance=0.01)


def test_nothing_is_left_behind_in_values_that_the_function_uses():
    w = Value(2.0)
    assert check_gradient(lambda x: w * x * x, 3.0, order=2)
    assert w.grad == 0


def test_numpy_arguments():
    import numpy as np

    assert check_gradient(lambda xs: xs[0] * xs[1], np.array([2.0, 3.0]), order=2)
    assert check_gradient(lambda x: x * x, np.float32(2.0))


@pytest.mark.parametrize("order", [0, 3, "2"])
def test_other_orders_are_refused(order):
    with pytest.raises(GradientError, match="order 1 or 2"):
        check_gradient(lambda x: x, 1.0, order=order)


def test_a_function_with_several_results_is_refused():
    with pytest.raises(GradientError, match="one number"):
        check_gradient(lambda x: [x, x], 1.0)


def test_a_point_next_to_the_edge_of_the_domain_is_an_error_that_says_so():
    with pytest.raises(autograd.DomainError, match=r"log\(x\) is not defined"):
        check_gradient(autograd.log, 1e-5)


def test_a_wrong_rule_is_named_inside_no_grad_too():
    wrong = Op("wrong_inside_no_grad", lambda x: x**3, lambda x, z: (2 * x * x,))
    with no_grad():
        report = check_gradient(lambda x: wrong(x) * 2, 1.5)
    assert not report
    assert "wrong_inside_no_grad" in str(report)
