"""What the nodes of a graph are called, how they are found, and the paths between them."""

import importlib.util
import json
import math
from itertools import pairwise
from pathlib import Path

import pytest

from autograd import (
    Op,
    Value,
    dot,
    topological_order,
    total,
    trace,
)
from autograd.steps import ForwardStep, SeedStep, TraceError, in_parentheses


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


random_graphs = load(Path(__file__).parents[1] / "test_random_graphs.py")


def named(value, label):
    value.label = label
    return value


def small():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    d = named(a * b + 10, "d")
    return named(d.tanh() + a, "L"), a, b, d


# --- names --------------------------------------------------------------------------------------------------


def test_names():
    a, b = Value(2.0, "a"), Value(0.5)
    x = a * b
    long = total([Value(float(i), f"some_label_{i}") for i in range(5)])
    deep = ((((a + 1) * 2 + 3) * 4) + 5) * 6
    y = (x + long) * deep
    steps = trace(y)
    assert steps.name(x) == "a·0.5"
    assert steps.name(b) == "0.5"
    assert steps.name(a) == "a"
    for node in (long, deep, y):
        assert steps.name(node) == steps.find(node)
    assert steps.node(x).label == ""
    assert steps.node(a).kind == "input"
    assert steps.node(x).kind == "value"
    assert steps.node(x).inputs == (steps.find(a), steps.find(b))


def test_no_node_is_called_by_a_formula_that_is_the_label_of_another():
    p, q, r = Value(2.0, "p"), Value(3.0, "q"), Value(7.0, "p+q")
    steps = trace((p + q) * r)
    assert [node.name for node in steps.nodes] == ["p", "q", "v2", "p+q", "v2·(p+q)"]
    assert str(trace(named(p * q, "p*q")).seed) == "(p*q).grad = d(p*q)/d(p*q) = 1"


def test_repeated_labels_are_told_apart():
    a, b = Value(2.0, "h"), Value(3.0, "h")
    steps = trace(a * b)
    assert [node.name for node in steps.nodes] == ["h[v0]", "h[v1]", "h[v0]·h[v1]"]
    with pytest.raises(TraceError, match="2 nodes are called 'h'; say which one by its id: v0, v1"):
        steps.find("h")
    assert steps.find("h[v1]") == "v1"
    assert steps.find(b) == "v1"


def test_a_label_that_looks_like_an_id_wins():
    a, b = Value(2.0, "v1"), Value(3.0, "v7")
    steps = trace(a * b)
    assert steps.find("v1") == "v0"
    assert steps.find("v7") == "v1"
    assert steps.find("v2") == "v2"


def test_find():
    L, a, _, d = small()
    steps = trace(L)
    assert [steps.find(x) for x in (a, "a", "v0", d, "d", "a·b", L)] == ["v0", "v0", "v0", "v4", "v4", "v2", "v6"]
    with pytest.raises(TraceError, match="is not part of this graph"):
        steps.find(Value(1.0))
    with pytest.raises(TraceError, match=r"there is no node 'zz' in this graph; the labels are a, b, d, L"):
        steps.find("zz")
    with pytest.raises(TraceError, match="there is no node 'v99'"):
        steps.find("v99")
    with pytest.raises(TraceError, match="there is no node 3"):
        steps.find(3)
    with pytest.raises(TraceError, match="none has a label, so name it by its id, v0 to v2"):
        trace(Value(1.0) * Value(2.0)).find("a")
    many = sum([Value(1.0, f"x{i}") for i in range(20)])
    with pytest.raises(TraceError, match=r"x11, \.\.\."):
        trace(many).find("?")


def test_long_local_derivatives_are_written_with_the_name_of_the_result():
    w = [Value(0.1 * i, f"w{i}") for i in range(1, 4)]
    x = [Value(0.2 * i, f"x{i}") for i in range(1, 4)]
    h = named(dot(w, x).sigmoid(), "h1")
    steps = trace(h)
    assert steps.backward[0].formula == "h1·(1 - h1)"
    assert steps.forward[0].formula == "w1·x1 + w2·x2 + w3·x3"
    assert trace(dot(w, x).sigmoid()).backward[0].formula.startswith("σ(w1·x1 + w2·x2 + w3·x3)(1 - ")


def test_a_rule_that_cannot_run_on_symbols():
    from autograd import ops

    odd = Op("odd_one", lambda x: math.sin(x), lambda x, z: (math.cos(x),))
    try:
        assert trace(odd(Value(0.5, "x"))).backward[0].formula == "∂odd_one/∂x"
    finally:
        del ops.ALL["odd_one"]


HOSTILE = [
    "<script>alert(1)</script>",
    "</script>",
    '"',
    "\\",
    "{",
    "$",
    "\x1b[31m",
    "\0",
    "\u202e",
    "a b",
    "",
    "🙂" * 10_000,
    "\n",
    "1",
    "\ud800",
]


@pytest.mark.parametrize("label", HOSTILE, ids=lambda label: ascii(label)[:20])
def test_hostile_labels(label):
    a = Value(2.0, label)
    L = named((a * 3 + a).tanh(), label)
    steps = trace(L)
    data = json.loads(steps.to_json())
    assert data["nodes"][0]["label"] == label
    assert str(steps)
    L.backward()
    assert steps.gradients[steps.find(a)] == a.grad
    for s in steps.steps:
        assert str(s)
    for s in steps.backward:
        steps.formula(s).latex, steps.formula(s).mathml


def test_in_parentheses():
    assert in_parentheses("net_h1") == "net_h1"
    assert in_parentheses("a + b") == "(a + b)"


# --- breakpoints, paths ---------------------------------------------------------------------------------------


def test_steps_of_a_node_and_breakpoints():
    L, a, b, d = small()
    steps = trace(L)
    assert [type(s).__name__[0] + str(getattr(s, "number", "")) for s in steps.steps_of(a)] == [
        "F1",
        "F4",
        "B2",
        "B6",
    ]
    assert [type(s).__name__[0] + str(getattr(s, "number", "")) for s in steps.steps_of(d)] == [
        "F2",
        "F3",
        "B3",
        "B4",
        "B5",
    ]
    assert [type(s).__name__[0] + str(getattr(s, "number", "")) for s in steps.steps_of(L)] == [
        "F4",
        "S",
        "B1",
        "B2",
    ]
    positions = []
    k = 0
    while (k := steps.next_step("a", after=k)) is not None:
        positions.append(k)
    assert [steps.steps[k - 1] for k in positions] == list(steps.steps_of("a"))
    assert steps.next_step(b, after=12) is None
    assert steps.uses(a) == 2
    assert steps.uses(L) == 0


def test_every_step_is_found_by_its_nodes():
    leaves, program = random_graphs.random_program(3)
    y = random_graphs.run(program, [Value(x) for x in leaves], random_graphs.with_values)
    steps = trace(y)
    all_steps = list(steps.steps)
    for node in steps.nodes:
        expected = []
        for k, s in enumerate(all_steps, 1):
            if isinstance(s, ForwardStep):
                touched = {s.node, *s.inputs}
            else:
                touched = {s.node} if isinstance(s, SeedStep) else {s.node, s.input}
            if node.id in touched:
                expected.append(k)
        assert steps.positions(node.id) == expected


def test_paths():
    L, a, b, _ = small()
    steps = trace(L)
    assert set(steps.paths(a)) == {("v6", "v0"), ("v6", "v5", "v4", "v2", "v0")}
    assert list(steps.paths(b)) == [("v6", "v5", "v4", "v2", "v1")]
    [path] = steps.paths(b)
    along = steps.steps_of_path(path)
    assert [s.input for s in along] == list(path[1:])
    assert math.prod(s.local for s in along) == steps.gradients["v1"]
    with pytest.raises(TraceError, match="b is not an input of L, so no path runs there"):
        steps.steps_of_path(["L", "b"])


def test_paths_add_up_to_the_gradient():
    for seed in range(30):
        leaves, program = random_graphs.random_program(seed)
        xs = [Value(x) for x in leaves]
        y = random_graphs.run(program[:8], list(xs), random_graphs.with_values)
        steps = trace(y)
        order = topological_order(y)
        locals_ = {}
        for s in steps.backward:
            locals_.setdefault((s.node, s.input), []).append(s.local)
        if xs[0] not in order:
            continue
        # Parallel edges give the same path several times; each pair's local derivatives are added up instead.
        distinct = set(steps.paths(xs[0]))
        summed = math.fsum(math.prod(math.fsum(locals_[pair]) for pair in pairwise(path)) for path in distinct)
        assert summed == pytest.approx(steps.gradients[steps.find(xs[0])], rel=1e-9, abs=1e-12)


def test_astronomically_many_paths_come_one_at_a_time():
    a = Value(1.0, "a")
    x = a
    for _ in range(200):
        x = x + x
    paths = trace(x).paths("a")
    assert len(next(paths)) == 201
    assert len(next(paths)) == 201
