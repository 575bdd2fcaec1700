"""Graphviz' own program, where it is installed (make check installs it where it can): viz renders with graphviz."""

import shutil
import subprocess
from xml.etree import ElementTree

import pytest

import nn
from autograd import Op, Value, ieee
from autograd.core.numbers import write_gradient, write_number
from viz import EXAMPLES, draw, draw_dot
from viz.drawing.boxes import make_scene
from viz.drawing.digraph import write_dot, write_scene
from viz.drawing.picture import make_picture
from viz.drawing.placement import lay_out
from viz.drawing.renderers import place_by_dot
from viz.drawing.style import printable, shorten

pytestmark = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz' program dot is not installed here")

SVG = "{http://www.w3.org/2000/svg}"


def place(scene):
    """Where dot puts everything."""
    return place_by_dot(write_scene(scene), scene)


def graphviz_texts(dot):
    """What Graphviz itself shows for each node: the texts in the SVG that it draws, by the title of the node."""
    svg = subprocess.run(["dot", "-Tsvg"], input=dot.encode(), capture_output=True, check=True, timeout=60).stdout
    shown = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if group.get("class") == "node":
            texts = ["".join(text.itertext()).replace("\xa0", " ") for text in group.iter(f"{SVG}text")]
            shown[group.find(f"{SVG}title").text] = texts
    return shown


def check_texts(y, **options):
    drawing = draw(y, **options)
    shown = graphviz_texts(drawing.graphviz.source)
    assert shown == {node.id: texts_of(node) for node in drawing.nodes}


def texts_of(node):
    """Name and number, and in the rows below what else is said, with the gradient at the right of the first."""
    first = [cell.text for cell in node.cells if cell.heading == "data" or cell is node.cells[0]]
    others = [cell.text for cell in node.cells[1:] if not cell.heading]
    return [*first, *others[:1], *[cell.text for cell in node.cells if cell.heading == "grad"], *others[1:]]


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_dot_draws_every_label_number_and_gradient_of_the_worked_examples(name, rankdir):
    y = EXAMPLES[name].build()
    check_texts(y, direction=rankdir)
    y.backward()
    check_texts(y, direction=rankdir)
    shown = graphviz_texts(draw_dot(y, rankdir=rankdir).source)
    assert any(texts[-1] == write_gradient(1.0) for texts in shown.values())


@pytest.mark.parametrize("collapse", ["neurons", "layers"])
def test_dot_draws_collapsed_networks(collapse):
    check_texts(nn.MLP(2, [3, 1], seed=1)([1.0, 2.0]), collapse=collapse)


@pytest.mark.parametrize("format", ["svg", "pdf", "png"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_digraph_of_every_worked_example_renders(tmp_path, name, format):
    y = EXAMPLES[name].build()
    begin = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}[format]
    path = draw_dot(y, format=format).render(tmp_path / "graph")
    with open(path, "rb") as file:
        assert file.read(5).startswith(begin)


def test_a_drawing_is_saved_as_pdf(tmp_path):
    assert draw(Value(2.0, "a") * 3).save(tmp_path / "graph.pdf").read_bytes().startswith(b"%PDF")


def test_what_is_added_to_the_graph_is_shown():
    dot = draw_dot(Value(2.0, "a") * 3)
    dot.node("note", label="my own remark", shape="box")
    dot.edge("note", "v0")
    assert "my own remark" in dot.pipe("svg", encoding="utf-8")
    assert dot.copy().pipe("png").startswith(b"\x89PNG")


# --- dot places the same boxes


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_dot_places_everything_inside_of_the_picture(direction):
    network = nn.MLP(2, [2, 1], seed=1)
    scene = make_scene(make_picture((1 - network([1.0, 2.0])) ** 2, direction=direction, title="Title"))
    placement = place(scene)
    assert placement.frames.keys() == {frame.id for frame in scene.picture.frames}
    boxes = {box.id: box for box in scene.boxes}
    for id, (x, y) in placement.centres.items():
        width, height = boxes[id].size
        assert width / 2 - 1 <= x <= placement.width - width / 2 + 1
        assert height / 2 - 1 <= y <= placement.height - height / 2 + 1
        frame = boxes[id].node.frame
        if frame:
            x0, y0, x1, y1 = placement.frames[frame]
            assert x0 < x < x1
            assert y0 < y < y1
    axis, sign = {"LR": (0, 1), "RL": (0, -1), "TB": (1, 1), "BT": (1, -1)}[direction]
    for edge in scene.edges:
        assert sign * placement.centres[edge.source][axis] < sign * placement.centres[edge.target][axis]
        points = placement.curves[edge.id]
        tip = points[-1]
        # The arrow points to the box that it belongs to.
        (x, y), (width, height) = placement.centres[edge.target], boxes[edge.target].size
        assert abs(tip[0] - x) <= width / 2 + 1.5
        assert abs(tip[1] - y) <= height / 2 + 1.5
        assert len(points) % 3 == 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_layout_dot_shows_what_our_own_layout_shows(name):
    y = EXAMPLES[name].build()
    y.backward()
    by_dot, own = (ElementTree.fromstring(draw(y, layout=layout, width=None).svg()) for layout in ("dot", None))
    # Operands are numbered where they do not arrive in their order, and a key stands where it has room.
    texts = [
        sorted(
            "".join(text.itertext())
            for text in svg.iter(f"{SVG}text")
            if text.get("class") not in ("operand", "key")
        )
        for svg in (by_dot, own)
    ]
    assert texts[0] == texts[1]
    scene = make_scene(make_picture(y))
    assert place(scene) != lay_out(scene)


# --- DOT is data, never markup

HOSTILE = [
    "|{}<>\"\n", '"', "\\", "\\\\", "\\N\\G\\L", 'a"];evil[label="', "<b>bold</b>", "<<TABLE></TABLE>>", "a\\", "&amp;",
    "&#60;", "&lt;script&gt;", "</script><script>alert(1)</script>", "a  b", " a ", "->", "{a|b}", "\x00\x01\x1b", "\ud800",
    "\u202eabc", "שלום", "👩‍🔬 emoji", "strict", "%s %d {0}", "x" * 10_000, "]]>", "<!--", "a;b", "//", "\n\n", "\t",
]  # fmt: skip


@pytest.mark.parametrize("label", HOSTILE)
def test_graphviz_shows_a_label_as_it_is(label):
    picture = make_picture(Value(2.0, label), title=label)
    [cells] = graphviz_texts(write_dot(picture)).values()
    assert cells == [shorten(printable(label)), write_number(2.0), "?"]


def test_graphviz_shows_an_operations_symbol_as_it_is():
    bracket = Op("test_with_dot <b>|", lambda x: x, lambda x, z: (1,), symbol='<"\\N&lt;">')
    assert graphviz_texts(write_dot(make_picture(bracket(Value(1.0)))))["v1_op"] == ['<"\\N&lt;">']


def test_graphviz_shows_the_name_of_a_neuron_as_it_is():
    picture = make_picture(nn.Neuron(1, name='}"] <i>', weights=[1.0])([Value(1.0)]))
    assert "v3" in graphviz_texts(write_dot(picture))
    assert picture.frames[0].title == '}"] <i>'


def test_graphviz_shows_undefined_numbers():
    with ieee():
        check_texts(Value(0.0, "x").log() * 0)
