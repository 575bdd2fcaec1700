"""Large graphs are folded until they can be read: samples into one, neurons and layers into boxes."""

import re
from xml.etree import ElementTree

import pytest

import nn
from autograd import Value
from tests.viz.drawing.test_rows import check_rows
from viz import EXAMPLES, DrawingError, draw

SVG = "{http://www.w3.org/2000/svg}"


def size_of(svg):
    root = ElementTree.fromstring(svg)
    return float(root.get("width")), float(root.get("height"))


def names(drawing):
    return [node.label for node in drawing.nodes if node.kind != "operation"]


def batch(count, sizes=(2, 2, 1), total=None):
    """The loss of a network over so many samples, and its drawing's numbers by hand."""
    network = nn.MLP(sizes[0], list(sizes[1:]), seed=1)
    xs = [[0.1 * i, 0.3 - 0.2 * i] for i in range(count)]
    outputs = [network(x) for x in xs]
    if total is None:
        loss = nn.mean_squared_error(outputs, [0.5 * i for i in range(count)])
    else:
        loss = total((output - 0.5 * i) ** 2 for i, output in enumerate(outputs))
    loss.label = "L"
    loss.backward()
    return network, outputs, loss


# --- what fits a notebook's column


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_worked_example_fits_the_column_in_letters_of_at_least_11_pixels(name):
    loss = EXAMPLES[name].build()
    loss.backward()
    drawing = draw(loss)
    svg = drawing.svg()
    assert size_of(svg)[0] <= 950
    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)) >= 11
    assert drawing.notes == ()
    check_rows(drawing._scene, drawing._placement, 926)


@pytest.mark.parametrize("name", ["karpathy", "alice", "mazur", "micrograd"])
def test_the_best_known_ones_fit_a_slide(name):
    width, height = size_of(draw(EXAMPLES[name].build()).svg())
    assert width <= 950
    assert height <= 534


def test_a_drawing_may_be_wider_or_narrower():
    loss = EXAMPLES["mazur"].build()
    assert size_of(draw(loss, width=600).svg())[0] <= 600
    assert draw(loss, width=None)._placement.rows == draw(loss, width=5000)._placement.rows == []
    for width in (0, -1):
        with pytest.raises(DrawingError, match="width is a number above 0"):
            draw(loss, width=width)


def test_from_above_to_below_a_drawing_grows_downward():
    drawing = draw(EXAMPLES["mazur"].build(), direction="TB")
    assert drawing._placement.rows == []
    width, height = size_of(drawing.svg())
    assert width <= 950 < height + 100


# --- networks


def test_a_network_of_two_layers_of_sixteen_is_columns_of_neurons_in_their_order():
    network = nn.MLP(2, [16, 16, 1], seed=1)
    loss = (network([1.0, 2.0]) - 1) ** 2
    loss.backward()
    drawing = draw(loss)
    assert drawing.picture.collapsed == "neurons"
    assert size_of(drawing.svg())[0] <= 950
    assert "its neurons are drawn as one box each" in drawing.notes[0]
    centres = drawing._placement.centres
    by_name = {node.label: centres[node.id] for node in drawing.nodes if node.kind == "neuron"}
    for first in (1, 17):
        column = [by_name[f"h{i}"] for i in range(first, first + 16)]
        assert len({x for x, _ in column}) == 1
        assert [y for _, y in column] == sorted(y for _, y in column)
    assert by_name["h1"][0] < by_name["h17"][0] < by_name["o1"][0]


def test_wide_layers_are_discs_and_wider_ones_one_box():
    network = nn.MLP(2, [17, 33, 1], seed=1)
    loss = network([1.0, 2.0])
    loss.backward()
    drawing = draw(loss, collapse="neurons")
    discs = [box for box in drawing._scene.boxes if not box.node.cells]
    assert [box.node.label for box in discs] == [f"h{i}" for i in range(1, 18)]
    assert all(box.size == (16, 16) for box in discs)
    # The name of a disc is said when the mouse rests on it.
    root = ElementTree.fromstring(drawing.svg())
    titles = [title.text for title in root.iter(f"{SVG}title") if title.text]
    assert sum(title.startswith("neuron h") for title in titles) == 17
    [layer] = [node for node in drawing.nodes if node.kind == "layer"]
    assert [cell.text for cell in layer.cells] == ["hidden layer 2", "33 neurons", "594 parameters"]
    assert [edge.target for edge in drawing.edges if edge.source == layer.id] != []
    assert size_of(drawing.svg())[0] <= 950
    # What flows back into the layer is added; out of it, the largest counts.
    into = {edge.source: edge.contribution for edge in drawing.edges if edge.target == layer.id}
    assert into[discs[0].id] == pytest.approx(discs[0].node.grad)


# --- samples


@pytest.mark.parametrize("total", [None, sum])
def test_a_batch_is_drawn_as_one_sample_with_means_and_sums(total):
    network, outputs, loss = batch(12, total=total)
    drawing = draw(loss)
    assert drawing.picture.samples == 12
    assert "its 12 samples are drawn as one" in drawing.notes[0]
    assert "Means of 12 samples, gradients added up" in drawing.svg()
    assert size_of(drawing.svg())[0] <= 950
    by_name = {node.label: node for node in drawing.nodes if node.label}
    assert by_name["o1"].data == pytest.approx(sum(o.data for o in outputs) / 12)
    assert by_name["o1"].grad == pytest.approx(sum(o.grad for o in outputs))
    assert by_name["L"].data == loss.data
    # Each parameter is there once, with its own numbers, and in the frame of its neuron.
    for parameter in network.parameters():
        node = by_name[parameter.label]
        assert (node.data, node.grad) == (parameter.data, parameter.grad)
        assert node.frame is not None
    # What flows back into a box adds up to its gradient, for samples that are drawn as one too.
    for node in drawing.nodes:
        flows = [edge.contribution for edge in drawing.edges if edge.source == node.id and edge.operand]
        if flows and node.grad is not None:
            assert node.grad == pytest.approx(sum(flows))


def test_all_samples_of_a_batch_can_be_seen():
    _, _, loss = batch(12)
    drawing = draw(loss, max_nodes=1000)
    assert drawing.picture.samples == 1
    assert names(drawing).count("o1") == 12


@pytest.mark.parametrize("collapse", ["neurons", "layers"])
def test_a_large_batch_is_folded_on_coarser_scales_too(collapse):
    _, _, loss = batch(60, (2, 4, 4, 1))
    drawing = draw(loss, collapse=collapse, title="Sixty")
    assert (drawing.picture.samples, drawing.picture.collapsed) == (60, collapse)
    assert drawing.picture.title == "Sixty: means of 60 samples, gradients added up"
    assert size_of(drawing.svg())[0] <= 950


def test_what_is_no_batch_is_not_taken_for_one():
    assert draw(EXAMPLES["alice"].build()).picture.samples == 1
    network = nn.MLP(2, [16, 1], seed=1)
    # Two samples of one network, and one of another.
    other = nn.MLP(2, [16, 1], seed=2)
    loss = network([1.0, 2.0]) + network([2.0, 3.0]) + other([4.0, 1.0])
    drawing = draw(loss)
    assert drawing.picture.samples == 2
    assert names(drawing).count("o1") == 2
    x = Value(1.0, "x")
    assert draw([x * 2, x * 2]).picture.samples == 1


def test_an_irregular_batch_is_drawn_neuron_by_neuron():
    network = nn.MLP(2, [8, 1], seed=1)
    outputs = [network([0.1 * i, 0.2]) for i in range(4)]
    loss = outputs[0] + outputs[1] * outputs[2] + outputs[3].tanh() * outputs[0]
    drawing = draw(loss)
    assert drawing.picture.collapsed == "neurons"
