"""draw_dot(): the graphviz object that micrograd's function gives, on machines with Graphviz' program and without."""

import os
import stat
import sys
import threading

import graphviz
import pytest

import nn
from autograd import Value
from autograd.core.numbers import write_number
from autograd.errors import GradientError
from viz import CannotRenderError, DrawingError, GraphTooLargeError, draw, draw_dot
from viz.drawing import renderers
from viz.drawing.style import COLOURS, LIGHT

linux_only = pytest.mark.skipif(sys.platform == "win32", reason="needs a program of POSIX")


@pytest.fixture(autouse=True)
def no_dot(monkeypatch, tmp_path_factory):
    """Hide a dot that may be installed here; the folder that PATH leads to is empty."""
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def fake_dot(no_dot):
    """A program called dot that says what it was asked for (as a PDF begins), and then repeats its input."""
    program = no_dot / "dot"
    program.write_text('#!/bin/sh\necho "%PDF dot $@"\nexec /bin/cat\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def loss():
    a, w = Value(2.0, "a"), nn.Parameter(-3.0, "w")
    L = (a * w).tanh()
    L.label = "L"
    L.backward()
    return L


# --- what it is


def test_it_is_a_digraph_with_labels_data_gradients_and_frames():
    source = draw_dot(loss()).source
    for part in (
        "<B>a</B>",
        f">{write_number(2.0)}<",
        "<B>w</B>",
        f">{write_number(-3.0)}<",
        'BORDER="2"',
        "rankdir=LR",
    ):
        assert part in source
    # Upstream 1 - tanh(-6)², times -3 to a and times 2 to w; from L into its operation flows L's own gradient, 1.
    assert 'arrowhead=none color="#0f66ad"' in source
    assert "style=dashed" in source
    assert "subgraph cluster_" in draw_dot(nn.Neuron(2, seed=1)([1.0, 2.0])).source
    assert isinstance(draw_dot(loss()), graphviz.Digraph)


def test_the_drawing_has_the_same_object():
    drawing = draw(loss())
    assert drawing.graphviz is drawing.graphviz
    assert drawing.graphviz.source == drawing.dot == draw_dot(loss()).source


@pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
def test_format_and_rankdir_as_in_micrograd(rankdir, format):
    by_name, by_position = draw_dot(loss(), format=format, rankdir=rankdir), draw_dot(loss(), format, rankdir)
    assert by_name.format == by_position.format == format
    assert by_name.graph_attr["rankdir"] == by_position.graph_attr["rankdir"] == rankdir


def test_it_takes_what_draw_takes():
    dot = draw_dot(loss(), gradients=False, title="a loss", digits=1)
    assert "BGCOLOR" not in dot.source.replace(f'BGCOLOR="{LIGHT["card"]}"', "")
    assert 'label="a loss"' in dot.source


def test_what_it_refuses():
    with pytest.raises(ValueError, match="unknown format: 'docx'"):
        draw_dot(loss(), format="docx")
    with pytest.raises(DrawingError, match="rankdir is one of LR, RL, TB, BT, but got 'up'"):
        draw_dot(loss(), rankdir="up")
    with pytest.raises(GradientError, match=r"draw needs a Value, but got 2\.0"):
        draw_dot(2.0)
    with pytest.raises(GraphTooLargeError):
        draw_dot(loss(), max_nodes=2)


# --- without the program


def test_without_the_program_it_is_our_own_picture(tmp_path):
    dot = draw_dot(loss())
    own = draw(loss()).svg()
    assert dot.pipe() == own.encode()
    assert dot.pipe("svg", encoding="utf-8") == dot.pipe(format="svg", encoding="utf-8") == own
    assert dot._repr_mimebundle_()[0]["image/svg+xml"] == own
    shown, _ = dot._repr_mimebundle_(include=["image/png"])
    assert (list(shown), shown["image/png"][:4]) == (["image/png"], b"\x89PNG")
    path = dot.render(tmp_path / "gout")
    assert (path, sorted(os.listdir(tmp_path))) == (str(tmp_path / "gout.svg"), ["gout", "gout.svg"])
    assert (tmp_path / "gout.svg").read_text(encoding="utf-8") == own
    assert (tmp_path / "gout").read_text(encoding="utf-8") == dot.source


def test_ipython_shows_it():
    formatters = pytest.importorskip("IPython.core.formatters", reason="asks IPython what it would show")
    data, _ = formatters.DisplayFormatter().format(draw_dot(loss()))
    assert data["image/svg+xml"].startswith("<svg")


def test_render_as_graphviz_objects_do_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dot = draw_dot(loss())
    assert dot.render() == "Digraph.gv.svg"
    assert dot.render("g", directory="out", cleanup=True) == os.path.join("out", "g.svg")
    assert os.listdir("out") == ["g.svg"]
    dot.format = "png"
    assert dot.render("h") == os.path.join("out", "h.png")  # graphviz remembers the folder
    assert (tmp_path / "out" / "h.png").read_bytes().startswith(b"\x89PNG")
    assert dot.render(outfile=tmp_path / "picture.svg") == str(tmp_path / "picture.svg")
    assert dot.save("source.gv", tmp_path) == str(tmp_path / "source.gv")
    assert (tmp_path / "source.gv").read_text(encoding="utf-8") == dot.source
    (tmp_path / "source.gv").write_text("mine", encoding="utf-8")
    assert dot.save("source.gv", skip_existing=True) == str(tmp_path / "source.gv")
    assert (tmp_path / "source.gv").read_text(encoding="utf-8") == "mine"


def test_render_refuses_what_graphviz_refuses(tmp_path):
    dot = draw_dot(loss())
    dot.render(tmp_path / "g")
    with pytest.raises(graphviz.FileExistsError, match="output file exists"):
        dot.render(tmp_path / "g", raise_if_result_exists=True)
    with pytest.raises(ValueError, match="must be different from the file of the source"):
        dot.render(tmp_path / "same.svg", outfile=tmp_path / "same.svg")


def test_view_opens_what_render_wrote(tmp_path, monkeypatch):
    opened = []
    dot = draw_dot(loss())
    monkeypatch.setattr(
        type(dot), "_view", lambda self, path, **settings: opened.append((path, settings["format"]))
    )
    assert dot.view(tmp_path / "g") == dot.render(tmp_path / "g", view=True) == str(tmp_path / "g.svg")
    assert opened == [(str(tmp_path / "g.svg"), "svg")] * 2


@pytest.mark.parametrize("format", ["pdf", "jpg"])
def test_what_only_the_program_makes_is_a_clear_error(tmp_path, format):
    dot = draw_dot(loss(), format=format)
    with pytest.raises(
        CannotRenderError, match=f"as {format.upper()} needs Graphviz' program dot, but it is not installed"
    ):
        dot.render(tmp_path / "g")
    assert not (tmp_path / f"g.{format}").exists()


def test_what_is_added_to_the_graph_needs_the_program():
    dot = draw_dot(loss())
    assert dot.copy().pipe() == dot.pipe()
    dot.node("note", label="my own remark", shape="box")
    for changed in (dot, dot.copy()):
        with pytest.raises(
            CannotRenderError, match=r"(?s)this graph as SVG needs .*brew install graphviz.*draw\(\)"
        ):
            changed.pipe()


def test_a_formatter_needs_a_renderer(fake_dot):
    with pytest.raises(graphviz.RequiredArgumentError, match="formatter given without renderer"):
        draw_dot(loss()).pipe("svg", formatter="cairo")


# --- with the program


@linux_only
def test_with_the_program_everything_comes_from_it(tmp_path, fake_dot):
    dot = draw_dot(loss(), format="pdf")
    answer = dot.pipe().decode()
    assert answer.splitlines()[0].startswith("%PDF dot -Kdot -Tpdf")
    assert dot.source.strip() in answer
    assert dot.render(tmp_path / "g") == str(tmp_path / "g.pdf")
    assert (tmp_path / "g.pdf").read_text(encoding="utf-8") == answer
    shown, _ = dot._repr_mimebundle_(include=["image/svg+xml"])
    assert shown["image/svg+xml"].startswith("%PDF dot -Kdot -Tsvg")
    assert dot.pipe("svg", "cairo", "cairo").startswith(b"%PDF dot -Kdot -Tsvg:cairo:cairo")
    assert dot.render(tmp_path / "g", format="svg", renderer="cairo") == str(tmp_path / "g.cairo.svg")


@linux_only
@pytest.mark.parametrize("answer", ["true", "echo garbage", r"printf '\211PNG\r\n\032\n'"])
def test_what_the_program_gives_is_only_written_as_a_pdf_if_it_is_one(tmp_path, fake_dot, answer):
    fake_dot.write_text(f"#!/bin/sh\n/bin/cat > /dev/null\n{answer}\n", encoding="utf-8")
    (tmp_path / "g.pdf").write_bytes(b"old")
    with pytest.raises(CannotRenderError, match=r"program dot was to make PDF: .*(no PDF|said nothing)"):
        draw_dot(loss(), format="pdf").render(tmp_path / "g")
    assert (tmp_path / "g.pdf").read_bytes() == b"old"


@linux_only
def test_a_program_that_takes_too_long_is_stopped(tmp_path, fake_dot, monkeypatch):
    monkeypatch.setattr(renderers, "TIME_LIMIT", 0.3)
    fake_dot.write_text("#!/bin/sh\n/bin/sleep 30\n", encoding="utf-8")
    dot = draw_dot(loss())
    for ask in (dot.pipe, lambda: dot.pipe("svg", encoding="utf-8"), lambda: dot.render(tmp_path / "g")):
        with pytest.raises(CannotRenderError, match=r"dot was to make SVG: stopped after 0\.3 seconds"):
            ask()
    assert os.listdir(tmp_path) == ["g"]


@linux_only
def test_a_program_that_writes_no_text_is_an_error_of_drawing(fake_dot):
    fake_dot.write_text("#!/bin/sh\nprintf '\\377'\n", encoding="utf-8")
    with pytest.raises(CannotRenderError, match="wrote what is no text"):
        draw_dot(loss())._repr_mimebundle_()


# --- files that are not ours to replace


@linux_only
def test_a_device_a_pipe_or_a_protected_file_is_never_replaced(tmp_path):
    dot = draw_dot(loss())
    fifo = tmp_path / "fifo.svg"
    os.mkfifo(fifo)
    done = []

    def render():
        with pytest.raises(OSError, match="a device or a pipe"):
            dot.render(tmp_path / "source", outfile=fifo)
        done.append(True)

    thread = threading.Thread(target=render, daemon=True)  # Opening a pipe that nobody reads would wait for ever.
    thread.start()
    thread.join(20)
    assert done
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    with pytest.raises(OSError, match="a device or a pipe"):
        dot.save(fifo)
    folder = tmp_path / "folder.svg"
    folder.mkdir()
    with pytest.raises(OSError, match=r"folder\.svg|directory"):
        dot.render(tmp_path / "folder")
    assert folder.is_dir()
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]


def test_a_picture_that_was_there_stays_if_the_new_one_cannot_be_made(tmp_path):
    (tmp_path / "g.pdf").write_text("mine", encoding="utf-8")
    with pytest.raises(CannotRenderError):
        draw_dot(loss(), format="pdf").render(tmp_path / "g")
    assert (tmp_path / "g.pdf").read_text(encoding="utf-8") == "mine"


# --- a colour of the user's, as EurekaLabsAI's micrograd sets it


def coloured(colour):
    a = Value(2.0, "a")
    a._vis_color = colour
    y = a * 3.0
    y.backward()
    return y


@pytest.mark.parametrize("colour", ["lightgreen", "#aabbcc", "steelblue"])
def test_a_node_has_the_colour_that_it_was_given(colour):
    dot = draw_dot(coloured(colour))
    assert dot.source.count(f'BGCOLOR="{colour}"') == 1
    # In our own picture the name and the data have it; the gradient keeps the colour that says its size.
    assert dot.pipe("svg", encoding="utf-8").count(f'fill="{colour}"') == 1
    assert dot.pipe("png") != draw_dot(coloured(None)).pipe("png")


@pytest.mark.parametrize(
    "colour",
    [
        None,
        3,
        "",
        "red;stroke:red",
        "url(http://x)",
        'a"b',
        "<b>",
        "red:blue",
        "lightgreen\n",
        "#12345",
        "nosuchcolour",
    ],
)
def test_what_is_no_colour_is_none(colour):
    assert draw(coloured(colour)).svg() == draw(coloured("")).svg()
    assert draw(coloured(colour)).dot == draw(coloured("")).dot


def test_all_colours_are_known_to_matplotlib_which_has_the_names_of_svg():
    colours = pytest.importorskip("matplotlib.colors", reason="has a list of SVG's colours")
    assert colours.CSS4_COLORS.keys() >= COLOURS
