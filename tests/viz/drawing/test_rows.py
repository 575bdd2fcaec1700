"""Long graphs in rows: nothing is wider than the page, rows follow each other, and tags say what came before."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

import nn
from autograd import Value
from tests.viz.drawing.test_placement import check, hidden_edges, random_graph, scene_of
from viz import EXAMPLES
from viz.drawing.placement import lay_out
from viz.drawing.rows import Whole


def row_of(placement, y):
    """In which row something stands, counted from 1."""
    [row] = [i for i, (_, upper, _, lower) in enumerate(placement.rows, 1) if upper <= y <= lower]
    return row


def check_rows(scene, placement, width):
    """All that holds for any graph in rows."""
    check(scene, placement)
    assert placement.width <= width
    centres = placement.centres
    for (_, _, _, lower), (_, upper, _, _) in zip(placement.rows, placement.rows[1:], strict=False):
        assert lower < upper
    if not placement.rows:
        assert placement.tags == []
        return
    rows = {id: row_of(placement, y) for id, (_, y) in centres.items()}
    tags = {(tag.node, row_of(placement, tag.centre[1])): tag for tag in placement.tags}
    assert len(tags) == len({tag.id for tag in placement.tags}) == len(placement.tags)
    for edge in scene.edges:
        source, target = rows[edge.source], rows[edge.target]
        start, end = placement.curves[edge.id][0], placement.curves[edge.id][-1]
        assert row_of(placement, start[1]) == row_of(placement, end[1]) == target
        if source != target:
            # What comes from elsewhere comes from an earlier row, and from the tag that stands for it in this one.
            assert source < target
            tag = tags[edge.source, target]
            side = tag.width / 2 if scene.picture.direction == "LR" else -tag.width / 2
            assert start == pytest.approx((tag.centre[0] + side, tag.centre[1]), abs=11)
    for node, row in tags:
        assert any(edge.source == node and rows[edge.target] == row for edge in scene.edges)
        assert rows[node] < row
    assert texts_apart(scene, placement)


def texts_apart(scene, placement):
    """Tags and boxes do not overlap."""
    sizes = {box.id: box.size for box in scene.boxes}
    areas = [
        (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        for id, (x, y) in placement.centres.items()
        for w, h in [sizes[id]]
    ]
    areas += [
        (t.centre[0] - t.width / 2, t.centre[1] - 10, t.centre[0] + t.width / 2, t.centre[1] + 10)
        for t in placement.tags
    ]
    return all(
        one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        for i, one in enumerate(areas) for other in areas[:i]
    )  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_worked_example_fits_a_notebook_column(name):
    scene = scene_of(EXAMPLES[name].build())
    placement = lay_out(scene, 926)
    check_rows(scene, placement, 926)
    assert hidden_edges(scene, placement) == []


@given(st.integers(0, 10**6), st.integers(1, 60), st.sampled_from(["LR", "RL"]))
@settings(max_examples=100, deadline=None)
def test_any_graph_fits(seed, size, direction):
    scene = scene_of(random_graph(seed, size, 6), direction=direction)
    placement = lay_out(scene, 700)
    check_rows(scene, placement, 700)
    assert hidden_edges(scene, placement) == []


def test_what_fits_stands_in_one_row_as_if_it_had_all_the_room():
    scene = scene_of(EXAMPLES["karpathy"].build())
    assert lay_out(scene, 926) == lay_out(scene)
    assert lay_out(scene).rows == []


@pytest.mark.parametrize("direction", ["TB", "BT"])
def test_from_above_to_below_there_are_no_rows(direction):
    scene = scene_of(random_graph(3, 40, 6), direction=direction)
    assert lay_out(scene, 400) == lay_out(scene)


def test_a_frame_is_broken_only_if_it_is_wider_than_a_row():
    network = nn.MLP(2, [2, 2, 1], seed=1)
    scene = scene_of(network([1.0, 2.0]))
    placement = lay_out(scene, 700)
    assert len(placement.rows) > 1
    assert placement.frames.keys() == {frame.id for frame in scene.picture.frames}
    narrow = lay_out(scene, 450)
    check_rows(scene, narrow, 450)
    assert narrow.frames == {}


def test_a_break_is_where_few_values_cross_and_named_ones_rather_than_others():
    """Between two bundles of five values stands one that all of the second come from."""
    x = Value(1.0, "x")
    middle = sum(((x + i).tanh() for i in range(5)), Value(0.0))
    middle.label = "middle"
    y = sum(((middle + i).tanh() for i in range(5)), Value(0.0))
    placement = lay_out(scene_of(y), 1300)
    assert [tag.node for tag in placement.tags if row_of(placement, tag.centre[1]) == 2]


def test_an_input_of_two_rows_stands_in_the_first_and_is_a_tag_in_the_second():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    for _ in range(12):
        y = y * x
    placement = lay_out(scene_of(y), 700)
    rows = range(2, len(placement.rows) + 1)
    assert {tag.id for tag in placement.tags if tag.node == "v1" or tag.node == "v0"} >= {
        f"v1_row{i}" for i in rows
    }


def test_a_value_on_its_own_and_several_results_are_placed():
    assert lay_out(scene_of(Value(1.0, "x")), 300).rows == []
    placement = lay_out(scene_of([Value(1.0, "x"), Value(2.0, "y").tanh()]), 926)
    assert len(placement.centres) == 3


def test_rows_are_chosen_together():
    """No other choice of breaks costs less: compared with all of them."""
    scene = scene_of(random_graph(5, 9, 4))
    whole = Whole(scene, {box.id: None for box in scene.boxes})
    room = 500.0
    crossing = whole.costs_of_crossing()

    def cost(rows):
        return sum(100 * ((room - whole.width(*row)) / room) ** 2 + 12 + crossing[row[1]] for row in rows)

    def all_rows(begin):
        if begin == whole.end:
            yield []
        for end in range(begin + 1, whole.end + 1):
            if whole.width(begin, end) <= room or end == begin + 1:
                yield from ([(begin, end), *rest] for rest in all_rows(end))

    assert cost(whole.break_into(room)) == pytest.approx(min(map(cost, all_rows(whole.begin))))
