"""Graphviz' program dot: where it is, where it is not, and never for ever."""

import json
import os
import time

import pytest

import nn
from autograd import Value
from viz import DrawingError, draw
from viz.drawing import renderers
from viz.drawing.boxes import make_scene, without_outer_frames
from viz.drawing.digraph import write_scene
from viz.drawing.picture import make_picture
from viz.drawing.placement import lay_out
from viz.drawing.renderers import CannotRenderError, RendererFailed, make_pdf, place_by_dot
from viz.drawing.svg import MARGIN

pytestmark = pytest.mark.usefixtures("no_dot")


def scene_of(y=None, **options):
    a = Value(2.0, "a")
    return without_outer_frames(make_scene(make_picture(y if y is not None else (a * 3).tanh() + a, **options)))


def place(scene):
    """Where dot puts everything."""
    return place_by_dot(write_scene(scene), scene)


def answer_to(scene):
    """What dot would answer: everything where our own layout puts it, upside down and in Graphviz' words."""
    placement = lay_out(scene)
    low = placement.height

    def write(point):
        return f"{point[0]:.9g},{low - point[1]:.9g}"

    objects = [{"name": id, "pos": write(point)} for id, point in placement.centres.items()]
    for id, (x0, y0, x1, y1) in placement.frames.items():
        objects.append({"name": id, "bb": f"{write((x0, y1))},{write((x1, y0))}"})
    edges = [
        {"id": id, "pos": f"e,{write(points[-1])} {' '.join(map(write, points))}"}
        for id, points in placement.curves.items()
    ]
    return json.dumps({"bb": f"0,0,{placement.width:.9g},{low:.9g}", "objects": objects, "edges": edges})


# --- who places a picture


def test_our_own_layout_places_every_picture_whether_or_not_there_is_a_dot(fake_dot):
    fake_dot("sys.exit('nobody asked')")
    y = nn.MLP(2, [2, 1], seed=1)([1.0, 2.0])
    for layout in (None, "own"):
        assert draw(y, layout=layout).rendered_by == "own layout"
        assert draw(y, layout=layout)._placement == lay_out(scene_of(y), 950 - 2 * MARGIN)
    assert draw(y).svg() == draw(y, layout="own").svg()


def test_dot_places_it_if_that_is_asked_for(fake_dot):
    scene = scene_of(nn.MLP(2, [2, 1], seed=1)([1.0, 2.0]), title="Title")
    fake_dot(f"assert sys.argv[1:] == ['-Tjson0'] and 'digraph' in sys.stdin.read()\nprint({answer_to(scene)!r})")
    found, expected = place(scene), lay_out(scene)
    assert (found.width, found.height) == pytest.approx((expected.width, expected.height))
    assert found.centres.keys() == expected.centres.keys()
    for id, point in expected.centres.items():
        assert found.centres[id] == pytest.approx(point)
    for id, frame in expected.frames.items():
        assert found.frames[id] == pytest.approx(frame)
    for id, points in expected.curves.items():
        assert found.curves[id][-1] == pytest.approx(points[-1])
        assert len(found.curves[id]) == len(points)


def test_what_may_be_asked_for():
    y = Value(2.0, "a") * 3
    assert draw(y, layout="dot").rendered_by == "dot"
    assert draw(y, layout="dot").nodes == draw(y).nodes
    with pytest.raises(DrawingError, match='layout is "dot", "own" or None, but got \'neato\''):
        draw(y, layout="neato")


def test_a_dot_that_is_asked_for_and_not_here_is_an_error():
    drawing = draw(Value(2.0, "a") * 3, layout="dot")
    with pytest.raises(
        CannotRenderError, match=r"(?s)to place this drawing, but: it is not installed.*apt install"
    ):
        drawing.svg()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("sys.exit('no such format')", r"failed \(exit status 1\): no such format"),
        ("print('hello')", "gave an answer that cannot be read"),
        ("print('{}')", "gave an answer that cannot be read"),
        ("print('[]')", "gave an answer that cannot be read"),
        ("""print('{"bb": "0,0,nan,1"}')""", "gave an answer that cannot be read"),
        ("""print('{"bb": "0,0,9,9", "edges": [{"id": "e0", "pos": "1,1"}]}')""", "an edge without an arrow"),
        ("""print('{"bb": "0,0,10,10", "objects": []}')""", "left out"),
        ("", r"failed \(exit status 0\): it said nothing"),
        ("os.write(1, b'\\xff\\x00')", "gave an answer that cannot be read"),
    ],
)
def test_a_dot_that_fails_is_an_error_that_says_why(fake_dot, source, why):
    fake_dot(source)
    with pytest.raises(CannotRenderError, match=why):
        place(scene_of())


def test_a_dot_that_is_no_program_is_an_error(tmp_path, fake_dot):
    fake_dot("")
    (tmp_path / "dot").write_bytes(b"\x7fELF nonsense")
    with pytest.raises(CannotRenderError, match="could not be started"):
        place(scene_of())


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


def test_a_collapsed_network_keeps_its_neurons_in_their_order():
    scene = scene_of(nn.MLP(2, [16, 16, 1], seed=1)([1.0, 2.0]))
    placement = lay_out(scene)
    heights = {box.node.label: placement.centres[box.id][1] for box in scene.boxes}
    in_order = [heights[f"h{i}"] for i in range(1, 17)]
    assert in_order == sorted(in_order)


# --- PDF


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


def test_the_environment_hides_the_real_dot():
    assert "dot" not in os.listdir(os.environ["PATH"])
