"""four_ways(): four gradients that agree, and costs that are counted."""

import json
import math
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import nn
from autograd import GradientError, Value, topological_order
from autograd.steps import TraceError
from viz.explaining.comparison import four_ways
from viz.formulas.worked_examples import EXAMPLES


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_four_ways_agree_on_every_example(name):
    loss = EXAMPLES[name].build()
    found = four_ways(loss)
    loss.backward()
    grads = {x.label: x.grad for x in topological_order(loss) if x.op is None and x.label}
    assert {row.name for row in found.rows} == set(grads)
    for row in found.rows:
        assert row.backpropagation == grads[row.name]
        assert row.dual_numbers == pytest.approx(row.backpropagation, rel=1e-12, abs=1e-14)
        assert row.formula == pytest.approx(row.backpropagation, rel=1e-12, abs=1e-14)
        assert row.central_difference == pytest.approx(row.backpropagation, rel=1e-5, abs=1e-7)


def test_costs_of_karpathys_graph():
    """L = (a·b + c)·f: three operations with two inputs each, and four inputs."""
    central, dual, reverse, formula = four_ways(EXAMPLES["karpathy"].build()).ways
    assert (central.passes, central.operations, central.rules, central.products) == (8, 24, 0, 0)
    assert (dual.passes, dual.operations, dual.rules, dual.products) == (4, 12, 12, 24)
    assert (reverse.passes, reverse.operations, reverse.rules, reverse.products) == (2, 3, 3, 6)
    # f·1·b, f·1·a, f·1 and d, written as products of the factors; and the forward pass.
    assert (formula.passes, formula.operations) == (1, 3 + 2 + 2 + 1 + 0)
    assert reverse.total == 12


def test_reverse_mode_wins_with_many_inputs():
    model = nn.MLP(2, [4, 1], activation="tanh", seed=1)
    found = four_ways(nn.mean_squared_error(model([1.0, 2.0]), 1.0))
    central, dual, reverse, _ = found.ways
    n = found.inputs
    assert n == len(model.parameters()) + 3
    assert central.passes == 2 * n
    assert dual.passes == n
    assert reverse.passes == 2
    assert dual.total == n * reverse.total
    assert central.operations == 2 * n * reverse.operations


def test_one_input():
    x = Value(0.5, "x")
    found = four_ways(x.tanh(), "x")
    assert [row.name for row in found.rows] == ["x"]
    assert found.rows[0].formula == pytest.approx(1 - np.tanh(0.5) ** 2)


def test_intermediate_node_and_unlabelled_leaves():
    w, x = Value(3.0), Value(2.0)
    product = w * x
    found = four_ways(product.tanh(), product)
    assert found.rows[0].dual_numbers == pytest.approx(1 - np.tanh(6.0) ** 2)
    assert found.rows[0].central_difference == pytest.approx(found.rows[0].dual_numbers, abs=1e-9)
    assert found.inputs == 2
    assert four_ways(x).rows[0].dual_numbers == 1.0


def test_the_error_first_shrinks_with_h_squared_and_then_grows():
    x = Value(1.0, "x")
    found = four_ways(x.sin() * x.exp(), x)
    errors = [estimate.error for estimate in found.estimates]
    assert errors[1] / errors[0] == pytest.approx(0.01, rel=0.1)
    assert errors[2] / errors[1] == pytest.approx(0.01, rel=0.1)
    best = found.best
    assert 1e-8 < best.h < 1e-3
    assert errors[-1] > 1e4 * best.error
    exact = math.exp(1) * (math.sin(1) + math.cos(1))
    assert found.rows[0].backpropagation == pytest.approx(exact, rel=1e-14)


def test_outside_of_the_domain_a_central_difference_is_not_defined():
    x = Value(1e-12, "x")
    found = four_ways(x.log(), x)
    assert found.rows[0].central_difference is None
    assert math.isnan(found.estimates[0].error)
    assert "not defined" in str(found)
    assert "none" in str(found)
    assert json.loads(json.dumps(found.data, allow_nan=False))["estimates"][0]["slope"] == "nan"


def test_a_formula_that_is_too_long_is_said_to_be():
    a = Value(1.0001, "a")
    x = a
    for _ in range(100):
        x = (x + x) * 0.5
    found = four_ways(x)
    assert found.rows[0].formula is None
    assert found.ways[3].total is None
    assert "too long" in str(found)
    for i in range(300):
        x = x + 1e-3
        x.label = f"n{i}"
    assert four_ways(x).rows[0].formula is None


def test_many_inputs_are_not_all_shown():
    xs = [Value(0.1 * i, f"x{i}") for i in range(40)]
    found = four_ways(sum(xs))
    assert [row.name for row in found.rows[:3]] == ["x0", "x1", "x2"]
    assert "The first 30 of 40 are shown." in str(found)


def test_the_written_out_formula_grows_with_the_paths():
    x = Value(1.0, "x")
    y = x
    for i in range(40):
        p, q = y * 0.5, y * 0.25
        p.label, q.label = f"p{i}", f"q{i}"
        y = p + q
        y.label = f"y{i}"
    found = four_ways(y, x)
    assert found.rows[0].formula == pytest.approx(0.75**40)
    # 2^40 summands of 80 factors each.
    assert found.ways[3].operations == 120 + 2**40 * 79 + 2**40 - 1
    assert "·10¹³" in str(found)


def test_what_is_shown_everywhere():
    found = four_ways(EXAMPLES["alice"].build())
    html = found._repr_html_()
    ElementTree.fromstring(html)
    assert "backpropagation" in html
    assert found.markdown.count("| way |") == 1
    assert "print(it)" in repr(found)
    assert found.data["ways"][2]["name"] == "backpropagation"
    assert found.differences()["dual numbers"] < 1e-15


def test_hostile_labels_are_inert():
    x = Value(1.0, "<b>|`$\x1b[31m")
    y = x * x
    y.label = "<script>"
    found = four_ways(y)
    ElementTree.fromstring(found._repr_html_())
    assert "<" not in found.markdown
    assert "\x1b" not in found.markdown + str(found) + found._repr_html_()


def test_plot():
    figure = four_ways(EXAMPLES["alice"].build(), "w1").plot()
    [axes] = figure.axes
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert len(axes.lines) == 2
    x = Value(1.0, "x")
    with pytest.raises(ValueError, match="no error to plot"):
        four_ways(x).plot()


def test_errors():
    with pytest.raises(GradientError, match="four_ways needs a Value"):
        four_ways(3.0)
    x = Value(1.0, "x")
    with pytest.raises(TraceError, match="there is no node 'y'"):
        four_ways(x * 2, "y")


def test_nothing_is_changed():
    loss = EXAMPLES["mazur"].build()
    loss.backward()
    before = [(x.data, x.grad) for x in topological_order(loss)]
    four_ways(loss)
    assert [(x.data, x.grad) for x in topological_order(loss)] == before


def test_a_formula_that_is_not_defined_at_this_point():
    x, y = Value(0.0, "x"), Value(2.0, "y")
    assert four_ways(x**y, y).rows[0].formula is None
