"""Our own layout: nothing overlaps, edges run forwards, and it is quick whatever the graph."""

import random
import time

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

import nn
from autograd import Value, ieee
from viz import EXAMPLES
from viz.drawing.arrangement import FRAME_TITLE, ITEM_GAP, Item, rank, spread
from viz.drawing.boxes import make_scene
from viz.drawing.picture import Edge, Frame, Node, Picture, make_picture
from viz.drawing.placement import lay_out
from viz.drawing.style import edge_width
from viz.drawing.svg import bezier


def random_graph(seed: int, size: int, near: int) -> Value:
    """A graph in which every operation takes two of the ``near`` latest values."""
    numbers = random.Random(seed)
    values = [Value(numbers.uniform(-1, 1), f"x{i}") for i in range(3)]
    with ieee():
        for _ in range(size):
            x, y = numbers.choices(values[-near:], k=2)
            values.append(x * y if numbers.random() < 0.5 else x - y)
    return values[-1]


def scene_of(y, **options):
    return make_scene(make_picture(y, **options))


def boxes(scene, placement):
    for box in scene.boxes:
        (x, y), (width, height) = placement.centres[box.id], box.size
        yield box.node, (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def check(scene, placement):
    """Everything is placed, inside the picture, and nothing lies on another thing."""
    assert placement.centres.keys() == {box.id for box in scene.boxes}
    assert placement.curves.keys() == {edge.id for edge in scene.edges}
    placed = list(boxes(scene, placement))
    for _, (x0, y0, x1, y1) in placed:
        assert -1e-6 <= x0 < x1 <= placement.width + 1e-6
        assert -1e-6 <= y0 < y1 <= placement.height + 1e-6
    for i, (_, one) in enumerate(placed):
        for _, other in placed[:i]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def ends(scene, placement, edge):
    sizes = {box.id: box.size for box in scene.boxes}
    curve = placement.curves[edge.id]
    centres = placement.centres
    return centres[edge.source], sizes[edge.source], curve[0], centres[edge.target], sizes, curve[-1]


@given(st.integers(0, 10**6), st.integers(1, 40), st.sampled_from(["LR", "RL", "TB", "BT"]))
@settings(max_examples=40, deadline=None)
def test_no_two_things_overlap_and_edges_run_forwards(seed, size, direction):
    scene = scene_of(random_graph(seed, size, 10), direction=direction, title="A title")
    placement = lay_out(scene)
    check(scene, placement)
    axis, sign = {"LR": (0, 1), "RL": (0, -1), "TB": (1, 1), "BT": (1, -1)}[direction]
    for edge in scene.edges:
        source, target = placement.centres[edge.source], placement.centres[edge.target]
        assert sign * source[axis] < sign * target[axis]


@given(st.integers(0, 10**6), st.integers(1, 40))
@settings(max_examples=20, deadline=None)
def test_every_edge_begins_and_ends_at_its_boxes(seed, size):
    scene = scene_of(random_graph(seed, size, 10))
    placement = lay_out(scene)
    for edge in scene.edges:
        (ax, ay), size_a, (sx, sy), (bx, by), sizes, (tx, ty) = ends(scene, placement, edge)
        assert sx == pytest.approx(ax + size_a[0] / 2)
        assert abs(sy - ay) <= size_a[1] / 2
        width, height = sizes[edge.target]
        assert bx - width / 2 - 1e-6 <= tx <= bx
        assert abs(ty - by) <= height / 2
        assert len(placement.curves[edge.id]) % 3 == 1


def test_the_same_picture_gives_the_same_layout():
    assert lay_out(scene_of(random_graph(1, 60, 20))) == lay_out(scene_of(random_graph(1, 60, 20)))


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
@pytest.mark.parametrize("collapse", [None, "neurons", "layers"])
def test_frames_hold_what_is_in_them_and_nothing_else(direction, collapse):
    network = nn.MLP(2, [3, 2, 1], seed=1)
    loss = nn.mean_squared_error([network([1.0, 2.0]), network([3.0, 4.0])], [0.0, 1.0])
    scene = scene_of(loss, direction=direction, collapse=collapse)
    placement = lay_out(scene)
    check(scene, placement)
    parents = {frame.id: frame.parent for frame in scene.picture.frames}
    assert placement.frames.keys() == parents.keys()
    for node, (x0, y0, x1, y1) in boxes(scene, placement):
        around = []
        frame = node.frame
        while frame in placement.frames:
            around.append(frame)
            frame = parents[frame]
        for id, (left, upper, right, lower) in placement.frames.items():
            inside = left <= x0 and x1 <= right and upper + FRAME_TITLE <= y0 and y1 <= lower
            outside = x1 <= left or right <= x0 or y1 <= upper or lower <= y0
            assert inside if id in around else outside


def test_the_two_edges_of_a_plus_a_are_two_lines():
    a = Value(1.0)
    scene = scene_of(a + a)
    curves = lay_out(scene).curves
    assert curves["e0"] != curves["e1"]
    assert abs(curves["e0"][-1][1] - curves["e1"][-1][1]) > 5


def test_frames_that_depend_on_each_other_in_a_circle_are_left_out():
    def node(id, frame):
        return Node(id, "value", id, 0.0, None, "", (), id, frame)

    nodes = (node("v0", "f"), node("v1", None), node("v2", "f"))
    edges = (Edge("e0", "v0", "v1"), Edge("e1", "v1", "v2"))
    scene = make_scene(Picture(nodes, edges, (Frame("f", "neuron", "f"),), ("v2",), "LR", "", 3))
    placement = lay_out(scene)
    assert placement.frames == {}
    assert placement.centres["v0"][0] < placement.centres["v1"][0] < placement.centres["v2"][0]


def test_a_leaf_stands_just_before_its_first_user():
    ranks = rank(["a", "b", "c", "late"], [("a", "b"), ("b", "c"), ("late", "c")])
    assert ranks == {"a": 0, "b": 1, "c": 2, "late": 1}


def test_what_needs_only_inputs_stands_just_before_its_first_user():
    trunk = [("x", "a"), ("a", "b"), ("b", "c"), ("c", "d")]
    assert rank("xabcdpq", [*trunk, ("x", "p"), ("p", "q"), ("q", "d")]) == {
        "x": 0, "a": 1, "b": 2, "c": 3, "p": 2, "q": 3, "d": 4
    }  # fmt: skip
    # The difference of two inputs that are used elsewhere too would make two edges longer for one that is shorter.
    both = [("x", "p"), ("y", "p"), ("y", "a"), ("p", "d")]
    assert rank("xyabcdp", [*trunk, *both])["p"] == 1


@given(st.lists(st.tuples(st.floats(1, 50), st.floats(-1000, 1000), st.floats(0.5, 8)), min_size=1, max_size=30))
def test_spread_keeps_the_order_and_the_distances_and_is_as_near_as_can_be(row):
    items = [Item(str(i), 0.0, across, (i, 0)) for i, (across, _, _) in enumerate(row)]
    wishes = [(wish, weight) for _, wish, weight in row]
    spread(items, wishes)
    places = [item.at[1] for item in items]
    for i in range(1, len(items)):
        needed = (items[i - 1].across + items[i].across) / 2 + ITEM_GAP
        assert places[i] - places[i - 1] >= needed - 1e-6
    # The weighted sum of the squared distances is smallest where no feasible move makes it smaller: moving all by
    # the same amount is always feasible, so the mean of the distances must be 0.
    distances = [weight * (place - wish) for place, (wish, weight) in zip(places, wishes, strict=True)]
    assert sum(distances) == pytest.approx(0, abs=1e-6 * len(row) * 1000)


def test_large_graphs_are_placed_in_well_under_a_second():
    large = scene_of(random_graph(2, 1000, 5), max_nodes=10_000)
    assert len(large.boxes) > 800
    started = time.process_time()
    lay_out(large)
    # 0.4 s here, five times as much where coverage is measured; the rest is for slow machines.
    assert time.process_time() - started < 6.0


def test_a_long_chain_with_edges_over_all_of_it_does_not_take_forever():
    x = Value(1.0, "x")
    y = x
    for _ in range(3000):
        y = y + x
    scene = scene_of(y, max_nodes=10_000)
    started = time.process_time()
    placement = lay_out(scene)
    assert time.process_time() - started < 5.0
    assert len(placement.centres) == 3001


# --- no edge runs behind a box


def hidden_edges(scene, placement):
    """The edges that run behind a box."""
    cards = []
    for box in scene.boxes:
        (left, top), _ = box.corners(placement.centres[box.id])
        width, height = box.card
        cards.append((left + 0.5, top + 0.5, left + width - 0.5, top + height - 0.5))
    found = []
    for edge in scene.edges:
        points = placement.curves[edge.id]
        curve = [bezier(points[i : i + 4], t / 20) for i in range(0, len(points) - 3, 3) for t in range(21)]
        if any(x0 < x < x1 and y0 < y < y1 for x0, y0, x1, y1 in cards for x, y in curve):
            found.append(edge)
    return found


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_no_edge_of_a_worked_example_runs_behind_a_box(name, direction):
    scene = scene_of(EXAMPLES[name].build(), direction=direction)
    assert hidden_edges(scene, lay_out(scene)) == []


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("collapse", [None, "neurons", "layers"])
def test_no_edge_of_a_network_runs_behind_a_box(direction, collapse):
    network = nn.MLP(2, [3, 2, 2, 1], seed=1)
    loss = nn.mean_squared_error([network([1.0, 2.0]), network([3.0, 4.0])], [0.0, 1.0])
    scene = scene_of(loss, direction=direction, collapse=collapse, max_nodes=1000)
    assert hidden_edges(scene, lay_out(scene)) == []


@given(st.integers(0, 10**6), st.integers(1, 40), st.sampled_from(["LR", "RL", "TB", "BT"]))
@settings(max_examples=20, deadline=None)
def test_no_edge_of_any_graph_runs_behind_a_box(seed, size, direction):
    scene = scene_of(random_graph(seed, size, 10), direction=direction)
    assert hidden_edges(scene, lay_out(scene)) == []


def test_an_edge_out_of_a_frame_passes_what_stands_behind_it_there():
    """A value that a neuron computes on its way is used outside as well."""
    neuron = nn.Neuron(3, "tanh", seed=1)
    y = neuron([1.0, 2.0, 3.0])
    total = y.inputs[0]
    scene = scene_of(y * total * total.inputs[0])
    assert hidden_edges(scene, lay_out(scene)) == []


def test_two_wide_edges_between_the_same_boxes_are_seen_as_two():
    a = Value(3.0, "a")
    loss = a + a
    loss.backward()
    scene = make_scene(make_picture(loss))
    one, other = (lay_out(scene).curves[edge.id] for edge in scene.edges)
    widths = [edge_width(edge.contribution, scene.picture.reference) for edge in scene.edges]
    for place in (0, -1):
        assert abs(one[place][1] - other[place][1]) > sum(widths) / 2 + 1
