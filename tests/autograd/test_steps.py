"""trace(loss): every step of both passes, its numbers held against backward() bit for bit."""

import copy
import importlib.util
import json
import math
import pickle
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from autograd import (
    DomainError,
    GradientError,
    NumberOverflowError,
    Value,
    ieee,
    logsumexp,
    topological_order,
    trace,
)
from autograd.core.evaluate import local_derivatives
from autograd.steps import BackwardStep, ForwardStep, SeedStep, TraceError


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


random_graphs = load(Path(__file__).parent / "test_random_graphs.py")


def named(value, label):
    value.label = label
    return value


def small():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    d = named(a * b + 10, "d")
    return named(d.tanh() + a, "L"), a, b, d


# --- the numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", range(10))
def test_500_random_graphs_bit_for_bit(block):
    for seed in range(50 * block, 50 * block + 50):
        leaves, program = random_graphs.random_program(seed)
        y = random_graphs.run(program, [Value(x) for x in leaves], random_graphs.with_values)
        steps = trace(y)
        gradients = steps.gradients
        y.backward()
        order = topological_order(y)
        assert gradients == {f"v{i}": float(node.grad) for i, node in enumerate(order)}
        assert len(steps.backward) == sum(len(node.inputs) for node in order)


def test_steps_of_random_graphs_follow_the_chain_rule():
    for seed in range(20):
        leaves, program = random_graphs.random_program(seed)
        y = random_graphs.run(program, [Value(x) for x in leaves], random_graphs.with_values)
        order = topological_order(y)
        steps = trace(y)
        assert [s.data for s in steps.forward] == [node.data for node in order if node.op is not None]
        totals = {steps.root: 1.0}
        complete = {steps.root}
        for k, s in enumerate(steps.backward, 1):
            node = order[int(s.node[1:])]
            assert s.number == k
            assert s.node in complete
            assert s.upstream == totals[s.node]
            assert s.local == local_derivatives(node.op, node.inputs, node)[s.operand]
            assert s.product == s.local * s.upstream
            assert s.before == totals.get(s.input, 0.0)
            assert s.after == s.before + s.product
            totals[s.input] = s.after
            if s.is_last:
                complete.add(s.input)
        assert totals == steps.gradients
        assert complete == set(totals)


def test_the_formula_of_a_step_gives_its_number():
    L, *_ = small()
    steps = trace(L)
    numbers = {node.name: node.data for node in steps.nodes}
    for s in steps.backward:
        assert steps.formula(s).evaluate(numbers) == pytest.approx(s.local)
        assert steps.formula(s).text == s.formula


# --- the steps ----------------------------------------------------------------------------------------------


def test_forward_steps():
    L, *_ = small()
    steps = trace(L)
    first = steps.forward[0]
    assert first == ForwardStep(1, "v2", "a·b", "multiply", "*", ("v0", "v1"), (2.0, -3.0), -6.0, "a·b")
    assert [s.name for s in steps.forward] == ["a·b", "d", "tanh(d)", "L"]
    assert [s.formula for s in steps.forward] == ["a·b", "a·b + 10", "tanh(d)", "tanh(d) + a"]
    assert str(steps.forward[1]) == "2. d = a·b + 10 = 4"


def test_all_steps_are_one_sequence():
    L, *_ = small()
    steps = trace(L)
    assert len(steps.steps) == 4 + 1 + 7
    kinds = [type(s) for s in steps.steps]
    assert kinds == [ForwardStep] * 4 + [SeedStep] + [BackwardStep] * 7
    assert steps.steps[-1] == steps.backward[-1]
    assert steps.steps[3:6] == [steps.forward[3], steps.seed, steps.backward[0]]
    assert list(steps.steps)[4] == SeedStep("v6", "L", 1.0)
    assert str(steps.seed) == "L.grad = dL/dL = 1"
    assert repr(steps.steps) == "<12 steps>"
    for out in (12, -13):
        with pytest.raises(IndexError, match="there are 12 steps, counted from 0"):
            steps.steps[out]


def test_steps_are_frozen():
    L, *_ = small()
    steps = trace(L)
    for s in (steps.forward[0], steps.seed, steps.backward[0], steps.nodes[0]):
        with pytest.raises(FrozenInstanceError):
            s.node = "v9"
        assert hash(s) == hash(s)


def test_one_node_alone():
    steps = trace(Value(3.0, "a"))
    assert len(steps.forward) == len(steps.backward) == 0
    assert [str(s) for s in steps.steps] == ["a.grad = da/da = 1"]
    assert steps.gradients == {"v0": 1.0}
    assert steps.find("a") == steps.root == "v0"
    assert list(steps.paths("a")) == [("v0",)]
    assert steps.next_step("a") == 1


def test_nothing_is_changed_and_later_changes_do_not_matter():
    L, a, b, d = small()
    L.backward()
    before = [(x.data, x.grad, x.label) for x in topological_order(L)]
    steps = trace(L)
    first = str(steps.backward[0])
    assert [(x.data, x.grad, x.label) for x in topological_order(L)] == before
    a.data, d.label, b.label = 99.0, "changed", "too"
    assert str(steps.backward[0]) == first
    assert steps.find("d") == "v4"
    assert steps.gradients["v1"] == pytest.approx((1 - math.tanh(4) ** 2) * 2)
    assert steps.backward[-1].input_name == "b"


# --- large graphs ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_large_graph_is_traced_lazily():
    """300,000 operations: the first steps must not compute all the others."""
    a = Value(1.0, "a")
    x = a
    for _ in range(100_000):
        x = (x + 1e-9) * 1.0 - 1e-9
    steps = trace(x)
    assert len(steps.backward) == 600_000
    assert len(steps._found) == 0
    assert steps.backward[0].product == 1.0
    assert steps.steps[300_003].number == 3
    assert len(steps._found) <= 3
    assert steps.forward[-1].data == x.data
    assert len(steps._found) <= 3
    assert steps.next_step("a") == 1
    assert steps.name(x) == steps.root
    assert steps.find("v5") == "v5"
    with pytest.raises(TraceError, match="did you mean 'a'"):
        steps.find("aa")


def test_is_first():
    a = Value(2.0, "a")
    steps = trace(a * a + a)
    assert [steps.is_first(s) for s in steps.backward] == [True, True, False, False]
    assert [s.is_last for s in steps.backward] == [True, False, False, True]


def test_wide_operations():
    xs = [Value(0.01 * i, f"x{i}") for i in range(500)]
    L = logsumexp(xs)
    L.label = "L"
    steps = trace(L)
    e = np.exp([x.data for x in xs])
    assert [s.local for s in steps.backward] == pytest.approx(list(e / e.sum()))
    assert steps.backward[3].formula == "softmax₄(x0, x1, ..., x499)"
    assert steps.forward[0].formula == "logsumexp(x0, x1, ..., x499)"


# --- errors ---------------------------------------------------------------------------------------------------


def test_not_a_value():
    with pytest.raises(GradientError, match=r"trace needs a Value, but got 3\.0"):
        trace(3.0)


def test_a_derivative_that_is_not_defined_is_an_error_with_the_labels():
    x = Value(0.0, "x")
    steps = trace(x.sqrt())
    assert steps.forward[0].data == 0.0
    for _ in range(2):
        with pytest.raises(DomainError, match=r"derivative of sqrt\(x\).*x = 0.0 \(x\)"):
            steps.backward[0]


def test_the_snapshot_counts_even_if_the_data_is_repaired_later():
    x = Value(0.0, "x")
    steps = trace(x.sqrt())
    x.data = 1.0
    with pytest.raises(DomainError, match="derivative of sqrt"):
        steps.backward[0]


def test_overflow_is_the_same_as_in_backward():
    x = Value(1e-200, "x")
    L = x * 1e200 * 1e200
    with pytest.raises(NumberOverflowError) as expected:
        L.backward()
    with pytest.raises(NumberOverflowError) as found:
        trace(L).gradients  # noqa: B018
    assert "upstream gradient 1e+200 times the local derivative 1e+200" in str(found.value)
    # backward() adds where it was computed, and that nothing was changed.
    assert str(expected.value).startswith(str(found.value))


def test_inside_ieee_the_trace_goes_on():
    x = Value(0.0, "x")
    with ieee():
        L = x.sqrt()
        steps = trace(L)
        assert steps.gradients["v0"] == math.inf
        assert json.loads(steps.to_json())["backward"][0]["after"] == "inf"


def test_inside_ieee_an_overflowing_sum_goes_on():
    x = Value(1e-200, "x")
    with ieee():
        steps = trace(x * 1e200 * 1e200)
        assert steps.gradients[steps.find("x")] == math.inf


# --- the whole as data ----------------------------------------------------------------------------------------


def test_json_round_trip():
    L, *_ = small()
    steps = trace(L)
    data = json.loads(steps.to_json())
    assert data == json.loads(json.dumps(steps.data))
    assert data["root"] == "v6"
    assert data["seed"] == {"node": "v6", "name": "L", "grad": 1.0}
    as_tuples = {key: tuple(x) if isinstance(x, list) else x for key, x in data["forward"][0].items()}
    assert ForwardStep(**as_tuples) == steps.forward[0]
    assert [BackwardStep(**row) for row in data["backward"]] == list(steps.backward)
    assert [row["grad"] for row in data["nodes"]] == list(steps.gradients.values())


def test_table_and_repr():
    L, *_ = small()
    steps = trace(L)
    lines = str(steps).splitlines()
    assert lines[0].split() == ["forward", "node", "operation", "data"]
    assert lines[6].split() == [
        "backward",
        "into",
        "from",
        "upstream",
        "local",
        "derivative",
        "value",
        "product",
        "before",
        "after",
    ]
    assert len(lines) == 1 + 4 + 1 + 1 + 7
    assert repr(steps) == "<Trace of L: 4 forward and 7 backward steps; print(it) for the table>"


@pytest.mark.parametrize("length", [0, 5, 20_000])
def test_copies_and_pickles_of_a_trace_are_that_trace(length):
    x = Value(0.5, "x")
    v = x
    for _ in range(length):
        v = v * 1.00001
    steps = trace(v)
    if length:
        assert steps.backward[0].number == 1  # Begun, and not ended.
    for other in (pickle.loads(pickle.dumps(steps)), copy.deepcopy(steps), copy.copy(steps)):
        assert other.gradients == steps.gradients
        assert len(other.steps) == len(steps.steps)
        assert str(other.steps[-1]) == str(steps.steps[-1])


def test_a_copy_of_a_trace_that_ends_in_an_error_ends_in_the_same():
    steps = trace(Value(0.0, "x").sqrt() * 2)
    for other in (pickle.loads(pickle.dumps(steps)), steps):
        with pytest.raises(DomainError, match="sqrt") as caught:
            other.gradients  # noqa: B018
        assert "x" in str(caught.value)


def test_a_name_that_is_made_for_one_of_two_equal_labels_is_nobody_elses_label():
    first, second, third = Value(2.0, "x"), Value(3.0, "x"), Value(5.0, "x[v0]")
    steps = trace(first * second * third + first)
    names = [steps.name(steps.find(leaf)) for leaf in (first, second, third)]
    assert names == ["x[v0]_", "x[v1]", "x[v0]"]
    assert [steps.gradients[steps.find(leaf)] for leaf in (first, second, third)] == [16.0, 10.0, 6.0]


# --- the formula at a tie -------------------------------------------------------------------------------------


def test_the_formula_at_a_tie_is_the_one_whose_number_is_used():
    a, b = Value(2.0, "a"), Value(2.0, "b")
    steps = trace(a.maximum(b))
    assert [step.formula for step in steps.backward] == [f"0.5 {sign} ((a > b) - (b > a)) / 2" for sign in "+-"]
    assert steps.formula(steps.backward[0]).evaluate({"a": 2.0, "b": 2.0}) == steps.backward[0].local == 0.5
    apart = trace(a.maximum(Value(1.0, "b")))
    assert apart.backward[0].formula == "step(a - b)"
    # Beside sliders, which may be moved to a tie, both are needed.
    assert apart.formula(apart.backward[0], exact=True).text == "0.5 + ((a > b) - (b > a)) / 2"


def test_where_no_formula_gives_the_number_that_is_used_the_number_is_shown():
    x, y = Value(0.0, "x"), Value(2.0, "y")
    steps = trace(x**y)
    assert [(step.formula, step.local) for step in steps.backward] == [("y·x^(y - 1)", 0.0), ("0", 0.0)]
    assert steps.formula(steps.backward[1], exact=False).text == "x^y·ln(x)"


def test_where_no_slope_is_defined_the_textbooks_form_is_shown():
    with ieee():
        steps = trace(Value(0.0, "y").atan2(Value(0.0, "x")))
        assert [step.formula for step in steps.backward] == ["x / (x² + y²)", "-y / (x² + y²)"]
        assert all(math.isnan(step.local) for step in steps.backward)


def test_arithmetic_beyond_all_numbers_is_not_called_rounded():
    with ieee():
        x = Value(math.inf, "x")
        lines = [str(step) for step in trace(x * x).backward]
    assert lines == [
        "1. x.grad = 0 + upstream 1 × local inf = inf",
        "2. x.grad = inf + upstream 1 × local inf = inf",
    ]
