"""The picture of a graph as plain data."""

import math
import re

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

import nn
from autograd import Op, Value, ieee, ops, topological_order, total
from autograd.core.numbers import write_number
from autograd.errors import GradientError
from viz.drawing.digraph import write_dot
from viz.drawing.picture import DrawingError, GraphTooLargeError, make_picture
from viz.drawing.signs import order_matters


def lecture_neuron() -> Value:
    """Example 7: Karpathy's neuron."""
    x1, x2 = Value(2.0, "x1"), Value(0.0, "x2")
    w1, w2 = nn.Parameter(-3.0, "w1"), nn.Parameter(1.0, "w2")
    n = x1 * w1 + x2 * w2 + nn.Parameter(6.8813735870195432, "b")
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    return o


def alice() -> Value:
    """Example 4: a 2-2-1 network, all weights 1 and all biases 0."""
    network = nn.MLP(2, [2, 1], activation="sigmoid", initializer=1.0, bias_initializer=0.0)
    loss = (1 - network([-2.0, -1.0])) ** 2
    loss.label = "L"
    return loss


def by_label(picture, label):
    [node] = [node for node in picture.nodes if node.label == label and node.kind != "operation"]
    return node


# --- nodes and edges


def test_ids_follow_the_order_of_computation_with_the_left_input_first():
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    picture = make_picture((a + b) * (b - c))
    labels = {node.id: node.label for node in picture.nodes if node.kind == "input"}
    assert labels == {"v0": "a", "v1": "b", "v3": "c"}
    assert [node.id for node in picture.nodes if node.kind == "operation"] == ["v2_op", "v4_op", "v5_op"]


def test_the_same_graph_gives_the_same_dot():
    assert write_dot(make_picture(alice())) == write_dot(make_picture(alice()))


def test_one_edge_for_each_operand_so_a_plus_a_has_two():
    a = Value(3.0, "a")
    picture = make_picture(a + a)
    assert [(edge.source, edge.target, edge.operand) for edge in picture.edges] == [
        ("v0", "v1_op", 1), ("v0", "v1_op", 2), ("v1_op", "v1", None),
    ]  # fmt: skip
    assert write_dot(picture).count("v0 -> v1_op") == 2


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_every_value_and_every_operand_of_a_random_graph_is_there(seed):
    import random

    random = random.Random(seed)
    values = [Value(random.uniform(-1, 1), f"x{i}") for i in range(3)]
    for _ in range(random.randrange(1, 30)):
        x, y = random.choices(values, k=2)
        values.append(random.choice([lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x - y])(x, y))
    root = values[-1]
    order = topological_order(root)
    picture = make_picture(root)
    boxes = [node for node in picture.nodes if node.kind != "operation"]
    assert [node.data for node in boxes] == [value.data for value in order]
    expected = sum(len(value.inputs) for value in order) + sum(value.op is not None for value in order)
    assert len(picture.edges) == expected
    ids = {node.id for node in picture.nodes}
    assert len(ids) == len(picture.nodes)
    assert all(edge.source in ids and edge.target in ids for edge in picture.edges)


def test_the_lectures_numbers_are_in_the_boxes():
    o = lecture_neuron()
    o.backward()
    picture = make_picture(o)
    shown = {node.label: node.cells[-1].line for node in picture.nodes if node.label and node.kind != "operation"}
    assert shown == {
        "x1": "grad −1.5", "x2": "grad 0.5", "w1": "grad 1", "w2": "grad 0", "b": "grad 0.5",
        "n": "grad 0.5", "o": "grad 1",
    }  # fmt: skip
    assert [cell.line for cell in by_label(picture, "o").cells] == ["o", "data 0.7071", "grad 1"]
    assert "<B>o</B>" in write_dot(picture)


def test_a_gradient_that_was_never_computed_is_a_question_mark_and_not_zero():
    picture = make_picture(lecture_neuron())
    assert {node.cells[-1].line for node in picture.nodes if node.kind != "operation"} == {"grad ?"}
    assert {node.grad for node in picture.nodes} == {None}
    assert "not computed yet" in by_label(picture, "o").tooltip


def test_gradients_can_be_left_out():
    o = lecture_neuron()
    o.backward()
    picture = make_picture(o, gradients=False)
    assert "grad" not in write_dot(picture)
    assert {node.grad for node in picture.nodes} == {None}
    assert {edge.contribution for edge in picture.edges} == {None}


def test_parameters_are_of_their_own_kind_and_bold():
    picture = make_picture(lecture_neuron())
    assert {node.label for node in picture.nodes if node.kind == "parameter"} == {"w1", "w2", "b"}
    bold = [line for line in write_dot(picture).splitlines() if '<TABLE BORDER="2"' in line]
    assert len(bold) == 3


def test_several_results_are_drawn_together():
    x = Value(2.0, "x")
    y, z = x * 3, x.exp()
    y.label, z.label = "y", "z"
    picture = make_picture([y, z, y])
    assert [node.label for node in picture.nodes if node.kind == "input"].count("x") == 1
    assert [next(node.label for node in picture.nodes if node.id == id) for id in picture.results] == ["y", "z"]


def test_the_picture_does_not_change_when_the_graph_does_afterwards():
    x = Value(2.0, "x")
    picture = make_picture(x * 3)
    x.data = 100.0
    assert by_label(picture, "x").data == 2.0


def test_the_tooltip_of_an_operation_names_its_local_derivatives():
    a, b = Value(2.0, "a"), Value(-4.0, "b")
    [op] = [node for node in make_picture(a / b).nodes if node.kind == "operation"]
    assert "x / y" in op.tooltip
    assert "x = 2.0 (a), y = -4.0 (b)" in op.tooltip
    assert "d/dx = -0.25, d/dy = -0.125" in op.tooltip


def test_the_tooltip_says_so_where_there_is_no_derivative():
    [op] = [node for node in make_picture(Value(0.0).sqrt()).nodes if node.kind == "operation"]
    assert "no derivative" in op.tooltip


def test_the_tooltip_of_a_long_sum_is_short():
    [op] = [
        node for node in make_picture(total([Value(1.0) for _ in range(200)])).nodes if node.kind == "operation"
    ]
    assert len(op.tooltip) < 300


def test_infinite_and_undefined_numbers_can_be_drawn():
    with ieee():
        y = Value(0.0, "x").log() * 0
    picture = make_picture(y)
    assert "data nan" in [cell.line for node in picture.nodes for cell in node.cells]
    assert f">{write_number(-math.inf)}<" in write_dot(picture)


# --- the order of operands

COMMUTATIVE = {"add", "multiply", "maximum", "minimum", "hypot", "total", "logsumexp"}


def test_operands_are_numbered_exactly_where_their_order_matters():
    table = [op for op in ops.ALL.values() if op.is_built_in]
    several = {op.name: order_matters(op) for op in table if op.variadic or op.arity > 1}
    assert {name for name, matters in several.items() if not matters} == COMMUTATIVE
    assert {"subtract", "divide", "power", "atan2", "clip", "leaky_relu", "elu"} <= several.keys() - COMMUTATIVE
    assert not any(order_matters(op) for op in table if op.arity == 1 and not op.variadic)


def test_the_only_operand_has_no_number_nor_have_those_of_an_operation_made_by_hand():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    for result in (ops.log_softmax_at(0)(a), Value(6.0, (a, b), "*"), Value(2.0, (a,), "copy")):
        assert {edge.label for edge in make_picture(result).edges} == {""}


def test_the_numbers_stand_on_the_edges():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert [edge.label for edge in make_picture(a - b).edges] == ["1", "2", ""]
    assert [edge.label for edge in make_picture(a - a).edges] == ["1", "2", ""]
    assert [edge.label for edge in make_picture(a * b).edges] == ["", "", ""]
    assert "headlabel=2" in write_dot(make_picture(a - b))


def test_a_learners_own_operation_is_judged_by_what_it_computes():
    first = Op("test_graph_first", lambda x, y, w: x + 0 * y * w, lambda x, y, w, z: (1, 0, 0))
    mean = Op(
        "test_graph_mean", lambda *xs: sum(xs) / len(xs), lambda xs, z: (1 / len(xs),) * len(xs), variadic=True
    )
    fails = Op("test_graph_fails", lambda x, y: (y - x) ** -0.0 / 0, lambda x, y, z: (1, 1))
    assert (order_matters(first), order_matters(mean)) == (True, False)
    assert order_matters(fails)


# --- neurons and layers


def test_neurons_stand_in_frames_inside_the_frames_of_their_layers():
    picture = make_picture(alice())
    frames = {frame.id: frame for frame in picture.frames}
    nesting = {(frame.title, frames[frame.parent].title) for frame in picture.frames if frame.parent}
    assert nesting == {("h1", "hidden layer 1"), ("h2", "hidden layer 1"), ("o1", "output layer")}
    where = {node.label: frames[node.frame].title if node.frame else None for node in picture.nodes if node.label}
    expected = {"w1": "h1", "w2": "h1", "b1": "h1", "w3": "h2", "w6": "o1", "b3": "o1", "h1": "h1", "o1": "o1"}
    assert expected.items() <= where.items()
    assert where["x1"] is where["x2"] is where["L"] is None


def test_dot_nests_the_frames():
    dot = write_dot(make_picture(alice()))
    assert re.search(r'subgraph cluster_layer0 \{\s+[^{]*"?hidden layer 1', dot)
    assert dot.count("subgraph") == 5


def test_a_weight_that_two_samples_share_stands_outside_of_both_neurons():
    network = nn.MLP(2, [2, 1], seed=1)
    picture = make_picture(network([1.0, 2.0]) + network([3.0, 4.0]))
    assert sum(frame.kind == "layer" for frame in picture.frames) == 4
    assert {node.frame for node in picture.nodes if node.kind == "parameter"} == {None}


def test_two_networks_on_the_same_inputs_have_layers_of_their_own():
    xs = [Value(1.0, "x1"), Value(2.0, "x2")]
    one, other = nn.MLP(2, [2, 1], seed=1), nn.MLP(2, [2, 1], seed=2)
    picture = make_picture(one(xs) - other(xs))
    hidden = [frame for frame in picture.frames if frame.title == "hidden layer 1"]
    assert len(hidden) == 2
    for layer in hidden:
        assert sorted(frame.title for frame in picture.frames if frame.parent == layer.id) == ["h1", "h2"]


def test_an_activation_of_several_operations_belongs_to_its_neuron():
    neuron = nn.Neuron(1, lambda z: (z * z + 1) / 2, name="h1", weights=[0.5])
    x = Value(3.0)
    picture = make_picture(neuron([x]) * 1.0)
    inside = [node for node in picture.nodes if node.frame]
    assert sorted(node.data for node in inside if node.kind == "input") == [1.0, 2.0]
    assert {node.op for node in inside if node.kind == "operation"} == {"multiply", "total", "add", "divide"}


def test_collapsed_to_neurons():
    loss = alice()
    loss.backward()
    picture = make_picture(loss, collapse="neurons")
    h1 = by_label(picture, "h1")
    assert (h1.kind, h1.parameters) == ("neuron", 3)
    assert h1.data == pytest.approx(0.0474258732)
    o1 = by_label(picture, "o1")
    assert o1.grad == pytest.approx(-0.9526096518)
    names = {node.id: node.label for node in picture.nodes}
    edges = {(names[edge.source], names[edge.target]) for edge in picture.edges}
    assert {("x1", "h1"), ("x2", "h1"), ("x1", "h2"), ("x2", "h2"), ("h1", "o1"), ("h2", "o1")} <= edges
    assert not any(node.kind == "parameter" for node in picture.nodes)
    assert {frame.title for frame in picture.frames} == {"hidden layer 1", "output layer"}
    assert picture.collapsed == "neurons"
    assert picture.values == len(topological_order(loss))


def test_collapsed_to_layers():
    loss = alice()
    picture = make_picture(loss, collapse="layers")
    names = {node.id: node.label for node in picture.nodes}
    edges = [(names[edge.source], names[edge.target]) for edge in picture.edges]
    assert edges[:3] == [("x1", "hidden layer 1"), ("x2", "hidden layer 1"), ("hidden layer 1", "output layer")]
    layer = by_label(picture, "hidden layer 1")
    assert layer.parameters == 6
    assert [cell.line for cell in layer.cells] == ["hidden layer 1", "2 neurons, 6 parameters"]
    assert "h1 data 0.0474" in layer.tooltip
    assert "data 0.5237" in [cell.line for cell in by_label(picture, "output layer").cells]


def test_a_weight_that_a_penalty_uses_keeps_its_box_when_collapsed():
    network = nn.MLP(2, [2, 1], seed=1)
    w1 = network.parameters()[0]
    picture = make_picture(network([1.0, 2.0]) + w1**2, collapse="neurons")
    assert [node.label for node in picture.nodes if node.kind == "parameter"] == [w1.label]
    names = {node.id: node.label for node in picture.nodes}
    assert ("w1", "h1") in {(names[edge.source], names[edge.target]) for edge in picture.edges}


def test_collapsed_samples_share_parameters_without_edges_between_them():
    network = nn.MLP(1, [1], seed=1)
    picture = make_picture(network([1.0]) * network([2.0]), collapse="neurons")
    neurons = {node.id for node in picture.nodes if node.kind == "neuron"}
    assert len(neurons) == 2
    assert not [edge for edge in picture.edges if {edge.source, edge.target} <= neurons]


def test_collapsing_a_graph_without_neurons_changes_nothing():
    a = Value(1.0, "a")
    assert make_picture(a + 1, collapse="neurons") == make_picture(a + 1)
    alone = nn.Neuron(1, weights=[1.0])([2.0])
    assert make_picture(alone, collapse="layers") == make_picture(alone)
    assert make_picture(alone, collapse="layers", max_nodes=3).collapsed == "neurons"


# --- large graphs


def test_a_large_network_is_collapsed_to_neurons_and_a_larger_one_to_layers():
    assert make_picture(nn.MLP(2, [16, 16, 1], seed=1)([1.0, 2.0])).collapsed == "neurons"
    assert make_picture(nn.MLP(2, [200, 200, 1], seed=1)([1.0, 2.0])).collapsed == "layers"


def test_a_large_graph_without_neurons_is_refused_with_advice():
    y = Value(1.0)
    for _ in range(1000):
        y = y + 1
    with pytest.raises(
        GraphTooLargeError, match=r"(?s)2,001 values.*max_nodes is 300.*one sample.*max_nodes="
    ) as error:
        make_picture(y)
    assert isinstance(error.value, ValueError)
    assert len(make_picture(y, max_nodes=2001).nodes) == 3001


def test_a_batch_that_no_collapsing_makes_small_enough_is_refused():
    network = nn.MLP(2, [2, 1], seed=1)
    losses = [nn.mean_squared_error(network([float(i), 1.0]), 1.0) for i in range(100)]
    with pytest.raises(GraphTooLargeError, match=r"with neurons collapsed.*with layers collapsed"):
        make_picture(total(losses))


# --- wrong arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"direction": "left"}, "direction is one of LR, RL, TB, BT, but got 'left'"),
        ({"collapse": "all"}, "collapse is None"),
        ({"max_nodes": 0}, "max_nodes is a whole number"),
        ({"max_nodes": 2.5}, "max_nodes is a whole number"),
        ({"digits": 0}, "digits is a whole number"),
        ({"digits": "4"}, "digits is a whole number"),
        ({"title": 3}, "title is a string"),
    ],
)
def test_wrong_arguments_are_explained(arguments, message):
    with pytest.raises(DrawingError, match=re.escape(message)):
        make_picture(Value(1.0), **arguments)


@pytest.mark.parametrize("y", [1.0, None, "y", [1.0], [Value(1.0), 2.0], (x for x in ())])
def test_only_values_can_be_drawn(y):
    with pytest.raises(GradientError, match="draw"):
        make_picture(y)


def test_an_empty_list_cannot_be_drawn():
    with pytest.raises(DrawingError, match="at least one Value"):
        make_picture([])
