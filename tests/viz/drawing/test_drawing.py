"""draw(): what a learner calls, what a notebook shows, what is saved."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import nn
import viz
from autograd import Op, Value, clip, ieee
from autograd.core.numbers import write_gradient, write_number
from autograd.errors import GradientError
from viz import DrawingError, draw
from viz.drawing.renderers import CannotRenderError
from viz.drawing.style import printable, shorten

ROOT = Path(viz.__file__).parent.parent
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def no_dot(monkeypatch, tmp_path):
    """Hide a dot that may be installed here."""
    monkeypatch.setenv("PATH", str(tmp_path))


def neuron():
    x, w = Value(2.0, "x"), nn.Parameter(-0.5, "w")
    o = (x * w).tanh()
    o.label = "o"
    o.backward()
    return o


def shown(svg):
    """The texts in a drawing, and its tooltips."""
    root = ElementTree.fromstring(svg)
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    return texts, [title.text for title in root.iter(f"{SVG}title")]


# --- the SVG


def test_every_number_stands_in_the_svg():
    texts, tooltips = shown(draw(neuron()).svg())
    data = {write_number(x) for x in (2.0, -0.5, -0.76159415595)}
    gradients = {write_gradient(x) for x in (1.0, -0.20998717080, 0.83994868323)}
    assert {"x", "w", "o", "×", "tanh"} | data | gradients <= set(texts)
    assert any("grad = -0.20998717" in tooltip for tooltip in tooltips)


def test_the_svg_is_for_everybody():
    root = ElementTree.fromstring(draw(neuron(), title="One neuron").svg())
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "One neuron"
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text.startswith(
        f"A graph of 4 values and 2 operations. Result: o = {write_number(-0.76159415595)}. "
    )
    assert "orange dashed line: below 0" in root[1].text


def test_without_a_title_it_is_named_by_its_result():
    assert ElementTree.fromstring(draw(neuron()).svg())[0].text == "Computation graph of o"
    assert ElementTree.fromstring(draw(Value(1.0)).svg())[0].text == "Computation graph"


def test_the_svg_needs_nothing_from_outside():
    svg = draw(neuron()).svg()
    for word in ["href", "url(", "<style", "<script", "@import", "<image", "<foreignObject"]:
        assert word not in svg
    assert svg.count("http") == 1  # the name space


def test_a_parameter_has_a_bold_border():
    root = ElementTree.fromstring(draw(neuron()).svg())
    borders = {}
    for group in root.iter(f"{SVG}g"):
        if (group.get("class") or "").startswith("node") and "operation" not in group.get("class"):
            name = group.find(f"{SVG}title").text.splitlines()[0]
            borders[name] = float(group.find(f"{SVG}rect[@class='box']").get("stroke-width", "1"))
    assert borders["w"] >= 2 * borders["x"]


def test_blue_is_positive_and_orange_negative():
    x = Value(1.0, "x")
    x.grad = 1.0
    positive = draw(x).svg()
    x.grad = -1.0
    negative = draw(x).svg()
    assert 'fill="#74b6ea"' in positive
    assert 'fill="#74b6ea"' not in negative
    assert 'fill="#f0a95a"' in negative


def test_operand_numbers_do_not_hide_each_other():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    svg = draw(clip(b, (a - b), b) - a).svg()
    discs = [
        (float(disc.get("cx")), float(disc.get("cy"))) for disc in ElementTree.fromstring(svg).iter(f"{SVG}circle")
    ]
    assert len(discs) == 5
    for i, (x, y) in enumerate(discs):
        assert all((x - u) ** 2 + (y - v) ** 2 >= 12**2 for u, v in discs[:i])


HOSTILE = [
    "|{}<>\"\n", "\\", "\\N", "<b>x</b>", "</script><script>alert(1)</script>", "]]>", "&lt;", "&#x41;", "a\x00b\x1b[31m",
    "\ud800", "\u202egnp.exe", "שלום עולם", "👩‍🔬", "x" * 10_000, "'\" onload='alert(1)", "<!-- -->", "  two  ", "\r\n", "{0}%s",
]  # fmt: skip


@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_is_data_and_never_markup(label):
    drawing = draw(Value(2.0, label) * 1.0, title=label)
    svg = drawing.svg()
    texts, tooltips = shown(svg.encode())
    assert shorten(printable(label)) in texts
    assert any(tooltip.startswith(printable(label) + "\n") for tooltip in tooltips)
    plain = draw(Value(2.0, "a") * 1.0, title="a")
    assert tags(svg) == tags(plain.svg())
    assert json.loads(drawing.to_json())["nodes"][0]["label"] == label


def tags(svg):
    """The elements of a drawing, without those of its key, for which only a wide one has room."""
    root = ElementTree.fromstring(svg)
    for key in [group for group in root if group.get("class") == "key"]:
        root.remove(key)
    return [element.tag for element in root.iter()]


def test_other_names_are_data_too():
    op = Op("test_drawing <i>", lambda x: x, lambda x, z: (1,), symbol="</text>")
    layer = nn.Neuron(1, op, name='<h1> & "co"', weights=[1.0])
    y = layer([Value(1.0)])
    for collapse in (None, "neurons"):
        texts, _ = shown(draw(y, collapse=collapse).svg())
        assert '<h1> & "co"' in texts


def test_an_undefined_number_can_be_drawn_and_saved():
    with ieee():
        y = Value(0.0).log() * 0
        y.backward()
    drawing = draw(y)
    assert "nan" in shown(drawing.svg())[0]
    assert {"nan", "-inf"} <= {node["data"] for node in json.loads(drawing.to_json())["nodes"]}


# --- the object


def test_a_notebook_shows_it():
    bundle, _ = draw(neuron())._repr_mimebundle_()
    assert {"image/svg+xml", "text/plain"} <= bundle.keys()
    ElementTree.fromstring(bundle["image/svg+xml"])
    assert bundle["text/plain"].startswith("<Drawing of o: 4 values and 2 operations")


def test_ipython_shows_it():
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(draw(neuron()))
    assert {"image/svg+xml", "text/plain"} <= data.keys()


def test_everything_drawn_is_plain_data_too():
    drawing = draw(neuron())
    data = json.loads(drawing.to_json())
    assert data == drawing.data == json.loads(json.dumps(drawing.data))
    assert [node["id"] for node in data["nodes"]] == [node.id for node in drawing.nodes]
    assert {(edge["source"], edge["target"]) for edge in data["edges"]} == {
        (edge.source, edge.target) for edge in drawing.edges
    }
    assert data["results"] == ["v3"]


def test_the_same_graph_gives_the_same_drawing():
    assert draw(neuron()).svg() == draw(neuron()).svg()
    assert draw(neuron()).dot == draw(neuron()).dot


def test_it_says_what_it_did_differently():
    assert draw(neuron()).notes == ()
    large = draw(nn.MLP(2, [16, 16, 1], seed=1)([1.0, 2.0]))
    assert large.notes == (
        "the graph has 709 values, so its neurons are drawn as one box each "
        '(all of it: max_nodes=709; other scales: collapse="neurons" or "layers")',
    )
    assert "collapsed neurons" in repr(large)
    assert "no neurons" in draw(neuron(), collapse="neurons").notes[0]
    assert "no layers" in draw(neuron(), collapse="layers").notes[0]


def test_only_a_value_can_be_drawn():
    with pytest.raises(GradientError, match=r"draw needs a Value, but got 2\.0 \(float\)"):
        draw(2.0)


# --- saving


@pytest.mark.parametrize("ending", ["svg", "dot", "gv", "json", "SVG"])
def test_saved_as_the_ending_says(tmp_path, ending):
    drawing = draw(neuron())
    path = drawing.save(tmp_path / f"graph.{ending}")
    content = {"svg": drawing.svg(), "json": drawing.to_json()}.get(ending.lower(), drawing.dot)
    assert path == tmp_path / f"graph.{ending}"
    assert path.read_text(encoding="utf-8") == content
    assert os.listdir(tmp_path) == [path.name]


def test_saved_as_png(tmp_path):
    assert draw(neuron()).save(str(tmp_path / "graph.png")).read_bytes().startswith(b"\x89PNG")


def test_a_pdf_without_dot_says_what_to_install_and_writes_nothing(tmp_path):
    with pytest.raises(CannotRenderError, match="brew install graphviz"):
        draw(neuron()).save(tmp_path / "graph.pdf")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["graph.bmp", "graph", "graph.", ".svg", "graph.svg.zip"])
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(DrawingError, match=r"a drawing is saved as \.svg, \.png, \.pdf, \.dot, \.gv, \.json, but"):
        draw(neuron()).save(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        draw(neuron()).save(tmp_path / "missing" / "graph.svg")


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "graph.svg"
    path.write_text("what was there", encoding="utf-8")

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="the disk is full"):
        draw(neuron()).save(path)
    assert path.read_text(encoding="utf-8") == "what was there"
    assert os.listdir(tmp_path) == ["graph.svg"]


def test_a_saved_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "usual").write_text("", encoding="utf-8")
    saved = draw(neuron()).save(tmp_path / "graph.svg")
    assert saved.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_render_adds_the_ending_as_graphviz_objects_do(tmp_path):
    assert draw(neuron()).render(tmp_path / "gout") == str(tmp_path / "gout.svg")
    assert draw(neuron()).render(tmp_path / "gout", format="dot") == str(tmp_path / "gout.dot")


# --- the package


def run_python(source, *path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    return subprocess.run(
        [sys.executable, "-c", source],
        cwd=path[0],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )


def test_importing_viz_imports_no_heavy_library():
    heavy = ["graphviz", "matplotlib", "resvg_py", "IPython", "tqdm", "rich"]
    result = run_python(f"import viz, sys; print([name for name in {heavy} if name in sys.modules])", ROOT)
    assert (result.stdout.strip(), result.stderr) == ("[]", "")


def test_drawing_leaves_no_complaint_at_exit():
    result = run_python("import autograd, viz; print(viz.draw(autograd.Value(2.0)).rendered_by)", ROOT)
    assert (result.stdout.strip(), result.stderr) == ("own layout", "")
