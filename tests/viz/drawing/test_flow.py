"""What flows back along each edge, compared with central differences, with the trace and with the gradients."""

import math
import random
import re
from xml.etree import ElementTree

import pytest

import nn
from autograd import Op, Value, ieee, ops, topological_order, trace
from viz import EXAMPLES, DrawingError, draw
from viz.drawing.boxes import make_scene
from viz.drawing.picture import make_picture
from viz.drawing.style import edge_width

SVG = "{http://www.w3.org/2000/svg}"


def random_graph(seed):
    """A loss of sums, products, differences and smooth functions, with values that are used more than once."""
    chance = random.Random(seed)
    values = [Value(chance.uniform(0.5, 2.0), f"x{i}") for i in range(4)]
    for _ in range(12):
        a, b = chance.sample(values, 2)
        values.append(chance.choice([a + b, a * b, a - b, a / (b * b + 1), (a * 0.3).tanh(), a.sigmoid(), a**2]))
    return sum(values[-3:], Value(0.0, "start"))


GRAPHS = [EXAMPLES[name].build for name in EXAMPLES] + [lambda seed=seed: random_graph(seed) for seed in range(8)]


@pytest.mark.parametrize("build", GRAPHS)
def test_every_edge_has_what_flows_back_along_it(build):
    loss = build()
    loss.backward()
    by_id = {f"v{i}": node for i, node in enumerate(topological_order(loss))}
    steps = {(f"{step.node}_op", step.operand + 1): step for step in trace(loss).backward}
    arriving = dict.fromkeys(by_id, 0.0)
    edges = [edge for edge in make_picture(loss).edges if edge.operand is not None]
    assert len(edges) == len(steps)
    for edge in edges:
        result = by_id[edge.target.removesuffix("_op")]
        numbers = [x.data for x in result.inputs]
        i, h = edge.operand - 1, 1e-6
        above, below = ([*numbers[:i], numbers[i] + shift, *numbers[i + 1 :]] for shift in (h, -h))
        forward = result.op.forward
        assert edge.local == pytest.approx((forward(*above) - forward(*below)) / (2 * h), rel=1e-5, abs=1e-6)
        assert edge.contribution == result.grad * edge.local
        assert edge.contribution == pytest.approx(steps[edge.target, edge.operand].product, rel=1e-12)
        arriving[edge.source] += edge.contribution
    for id, node in by_id.items():
        assert arriving[id] == pytest.approx(node.grad, rel=1e-12) or node is loss


def test_nothing_is_known_before_backward_and_nothing_is_written():
    a = Value(3.0, "a")
    y = a * a + 1
    picture = make_picture(y)
    assert {edge.contribution for edge in picture.edges} == {None}
    assert [edge.local for edge in picture.edges if edge.operand] == [3.0, 3.0, 1.0, 1.0]
    assert classes(draw(y)) == {"pending"}
    y.backward()
    before = [node.grad for node in topological_order(y)]
    assert classes(draw(y)) == {"positive"}
    assert classes(draw(y, gradients=False)) == {"pending"}
    assert [node.grad for node in topological_order(y)] == before


def test_a_rule_that_fails_is_drawn_all_the_same():
    def fails(x, z):
        raise KeyError("no such rule")

    broken = Op("test_flow_broken", lambda x: 2 * x, fails)
    y = broken(Value(1.0, "a")) + broken(Value(2.0, "b"))
    y.grad = 1.0
    assert [edge.local for edge in make_picture(y).edges if edge.operand] == [None, None, 1.0, 1.0]
    del ops.ALL["test_flow_broken"]


def test_where_only_a_plain_number_has_no_derivative_the_others_have():
    y = ops.power(Value(-2.0, "a"), 3.0)
    y.backward()
    [power] = [edge for edge in make_picture(y).edges if edge.source == "v0"]
    assert (power.local, power.contribution) == (12.0, 12.0)


def test_what_is_not_a_number_is_no_flow():
    with ieee():
        y = Value(0.0, "a").log() * 0
        y.backward()
        assert "pending" in classes(draw(y))


def test_a_step_by_hand_has_its_contributions_and_keeps_its_gradients():
    a = Value(3.0, "a")
    out = Value(9.0, (a,), "cube-ish")

    def backward():
        a.grad += 6.0 * out.grad

    out._backward = backward
    out.backward()
    [edge] = [edge for edge in make_picture(out).edges if edge.operand]
    assert (edge.contribution, a.grad, out.grad) == (6.0, 6.0, 1.0)


# --- neurons and layers that are drawn as one box


def alice():
    loss = EXAMPLES["alice"].build()
    loss.backward()
    return loss


@pytest.mark.parametrize("collapse", [None, "neurons"])
def test_what_leaves_a_value_adds_up_to_its_gradient(collapse):
    picture = make_picture(alice(), collapse=collapse)
    by_label = {node.label: node for node in picture.nodes if node.kind != "operation"}
    for label in ("x1", "x2", "h1", "h2", "o1"):
        node = by_label[label]
        arriving = [edge.contribution for edge in picture.edges if edge.source == node.id]
        assert math.fsum(arriving) == pytest.approx(node.grad, rel=1e-12)


def test_from_a_layer_the_largest_contribution_is_shown():
    loss = nn.mean_squared_error(nn.MLP(2, [3, 2], seed=1)([1.0, 2.0]), [1.0, 0.0])
    loss.backward()
    picture = make_picture(loss, collapse="layers")
    [between] = [edge for edge in picture.edges if edge.source == "layer0"]
    single = [edge for edge in make_picture(loss).edges if edge.operand]
    assert between.contribution in [edge.contribution for edge in single]


# --- what is seen of it


def edges_of(drawing):
    return [
        group for group in ElementTree.fromstring(drawing.svg()).iter(f"{SVG}g")
        if (group.get("class") or "").startswith("edge ")
    ]  # fmt: skip


def classes(drawing):
    return {group.get("class").split()[1] for group in edges_of(drawing)}


def test_a_dead_relu_is_a_dotted_path_to_the_input():
    x, w = Value(2.0, "x"), nn.Parameter(-3.0, "w")
    y = (x * w).relu() + Value(1.0, "b")
    y.backward()
    groups = {group.get("data-id"): group for group in edges_of(draw(y))}
    flows = {edge.id: edge.contribution for edge in make_scene(make_picture(y)).edges}
    assert sorted(flows.values()) == [-0.0, 0.0, 0.0, 1.0, 1.0]
    for id, contribution in flows.items():
        line = groups[id].find(f"{SVG}path")
        assert (groups[id].get("class") == "edge zero") == (contribution == 0)
        assert (line.get("stroke-dasharray") == "1.5 3") == (contribution == 0)


def test_a_gradient_that_vanishes_is_a_line_that_becomes_thin():
    y = x = Value(2.0, "x")
    for _ in range(6):
        y = y.sigmoid()
    y.backward()
    drawing = draw(y)
    widths = [float(group.find(f"{SVG}path").get("stroke-width")) for group in edges_of(drawing)]
    assert x.grad < 1e-3
    assert max(widths) > 3 > 1.3 > min(widths)
    # The wide ones come first, behind the others.
    assert widths == sorted(widths, reverse=True)


def test_the_widths_of_two_drawings_can_be_compared():
    a = Value(3.0, "a")
    y = a * 0.02
    y.backward()
    own, given = draw(y), draw(y, reference=2.0)
    assert (own.picture.reference, given.picture.reference) == (0.02, 2.0)
    [one], [other] = edges_of(own), edges_of(given)
    assert float(one.find(f"{SVG}path").get("stroke-width")) == 8.0
    assert float(other.find(f"{SVG}path").get("stroke-width")) == pytest.approx(edge_width(0.02, 2.0), abs=0.05)
    for wrong in (0.0, -1.0, math.inf, math.nan, "1"):
        with pytest.raises(DrawingError, match="reference is a number above 0"):
            draw(y, reference=wrong)


def test_a_negative_contribution_has_two_cues():
    a, b = Value(3.0, "a"), Value(2.0, "b")
    y = a - b
    y.backward()
    lines = {group.get("class"): group.find(f"{SVG}path") for group in edges_of(draw(y))}
    assert lines["edge negative"].get("stroke-dasharray") == "9 3"
    assert lines["edge positive"].get("stroke-dasharray") is None
    assert lines["edge negative"].get("stroke") != lines["edge positive"].get("stroke")
    dot = draw(y).dot
    assert len(re.findall('color="#b04a00".*style=dashed', dot)) == 1


def test_on_hover_stands_all_that_is_known():
    a = Value(3.0, "a")
    y = a * Value(0.1, "b")
    y.backward()
    titles = [group.find(f"{SVG}title").text for group in edges_of(draw(y))]
    assert "flows back: 0.1\nlocal derivative: 0.1" in titles
