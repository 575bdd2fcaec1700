"""PNGs: beside the SVG in a notebook, of the same size, and with every letter that some font has."""

import base64
import io
import re
import struct
import sys

import pytest

from autograd import Value
from viz import draw, draw_dot
from viz.drawing import png
from viz.drawing.boxes import make_scene
from viz.drawing.placement import lay_out
from viz.drawing.png import make_png
from viz.drawing.renderers import CannotRenderError
from viz.drawing.svg import write_svg

pytestmark = pytest.mark.usefixtures("no_dot")

NOBODY_HAS = "\U00010600"
"""A letter of Linear A, which is in hardly any font."""


def svg_and_dot(label):
    drawing = draw(Value(2.0, label) * 3)
    scene = make_scene(drawing.picture)
    return write_svg(scene, lay_out(scene)), drawing.dot


def test_png_shows_the_text():
    one, other = make_png(*svg_and_dot("a"))[0], make_png(*svg_and_dot("b"))[0]
    assert one.startswith(b"\x89PNG\r\n\x1a\n")
    assert one != other
    svg, _ = svg_and_dot("a")
    width = float(svg.split('width="')[1].split('"')[0])
    assert struct.unpack(">I", one[16:20])[0] == pytest.approx(2 * width, abs=2)


def test_a_huge_drawing_makes_a_png_of_bounded_size():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="400000" height="90"><rect width="9" height="9"/></svg>'
    width, height = struct.unpack(">II", make_png(svg, "")[0][16:24])
    assert width <= 30_000
    assert height >= 1


def test_a_drawing_that_would_keep_resvg_busy_for_minutes_is_refused(monkeypatch):
    monkeypatch.setattr(png, "MOST_SVG", 1000)
    with pytest.raises(CannotRenderError, match=r"too large for a PNG.*save the \.svg"):
        make_png(*svg_and_dot("a"))


def test_without_resvg_dot_makes_the_png(monkeypatch, fake_dot):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    fake_dot("assert sys.argv[1:] == ['-Tpng']\nos.write(1, b'\\x89PNG\\r\\n\\x1a\\n')")
    assert make_png("<svg/>", "digraph {}") == (b"\x89PNG\r\n\x1a\n", "")


def test_without_either_the_png_is_refused_with_the_package_that_makes_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(CannotRenderError, match=r'pip install "glassgrad\[png\]"'):
        make_png("<svg/>", "digraph {}")


def test_what_is_no_png_is_not_written_as_one(fake_dot, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    fake_dot("print('an error message')")
    with pytest.raises(CannotRenderError, match="which is no PNG"):
        make_png("<svg/>", "digraph {}")
    fake_dot("os.write(1, b'\\x89PNG\\r\\n\\x1a\\n...')")
    assert make_png("<svg/>", "digraph {}")[0].startswith(b"\x89PNG")


# --- in a notebook


def size_of_png(content):
    return struct.unpack(">II", content[16:24])


@pytest.mark.parametrize("make", [draw, draw_dot])
def test_a_notebook_gets_a_png_of_the_same_size_beside_the_svg(make):
    shown, sizes = make(Value(2.0, "a") * 3 + 1)._repr_mimebundle_()
    assert shown["image/png"].startswith(b"\x89PNG\r\n\x1a\n")
    opening = shown["image/svg+xml"].partition(">")[0]
    width, height = (float(re.search(rf' {side}="([\d.]+)"', opening)[1]) for side in ("width", "height"))
    assert sizes == {"image/png": {"width": round(width), "height": round(height)}}
    assert size_of_png(shown["image/png"]) == (round(2 * width), round(2 * height))


@pytest.mark.parametrize("make", [draw, draw_dot])
def test_marimo_is_given_one_picture(make):
    drawing = make(Value(2.0, "a") * 3)
    kind, shown = drawing._mime_()
    assert kind == "image/svg+xml"
    assert shown == drawing._repr_mimebundle_()[0][kind]


@pytest.mark.parametrize("make", [draw, draw_dot])
def test_without_resvg_a_notebook_gets_the_svg_alone(monkeypatch, make):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    shown, sizes = make(Value(2.0, "a") * 3)._repr_mimebundle_()
    assert "<svg" in shown["image/svg+xml"]
    assert ("image/png" in shown, sizes) == (False, {})


def test_a_notebook_does_not_wait_for_the_png_of_a_huge_drawing(monkeypatch):
    monkeypatch.setattr(png, "MOST_PIXELS_IN_A_NOTEBOOK", 10_000)
    assert "image/png" not in draw(Value(2.0, "a") * 3)._repr_mimebundle_()[0]


def test_ipython_takes_both_and_the_size():
    formatters = pytest.importorskip("IPython.core.formatters", reason="asks IPython what it would show")
    shown, sizes = formatters.DisplayFormatter().format(draw(Value(2.0, "a") * 3))
    assert {"image/svg+xml", "image/png", "text/plain"} <= shown.keys()
    assert sizes["image/png"]["width"] > 0


@pytest.mark.slow
def test_an_executed_notebook_keeps_the_png_and_its_size():
    nbclient = pytest.importorskip("nbclient", reason="runs a notebook: pip install nbclient ipykernel")
    nbformat = pytest.importorskip("nbformat", reason="reads a notebook: pip install nbformat")
    cell = "from autograd import Value\nfrom viz import draw\ndraw(Value(2.0, 'a') * 3)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    nbclient.NotebookClient(notebook, timeout=120).execute()
    [output] = notebook.cells[0].outputs
    stored = base64.b64decode(output.data["image/png"])
    size = output.metadata["image/png"]
    assert size_of_png(stored) == pytest.approx((2 * size["width"], 2 * size["height"]), abs=1)


# --- letters that fonts lack


def test_a_letter_that_no_font_has_is_noted_and_no_other():
    drawing = draw(Value(2.0, f"{NOBODY_HAS}θ̂") * Value(3.0, "ŵ−σ"))
    drawing.png()
    [note] = drawing.notes
    assert note.startswith(f"no font here has {NOBODY_HAS}: a PNG shows boxes")
    drawing.png()
    drawing._repr_mimebundle_()
    assert len(drawing.notes) == 1
    assert NOBODY_HAS in drawing.svg()


def ink(label):
    """Where a PNG is dark, when nothing but a label is drawn."""
    image = pytest.importorskip("PIL.Image", reason="looks at pixels: pip install pillow")
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40" font-family="Liberation Sans, sans-serif">'
        f'<rect width="90" height="40" fill="#fff"/><text x="10" y="30" font-size="20">{label}</text></svg>'
    )
    picture = image.open(io.BytesIO(make_png(svg, "")[0])).convert("L")
    return picture.point(lambda level: 255 * (level < 128)).getbbox()


def test_an_accent_stands_on_its_letter():
    plain, hat = ink("θ"), ink("θ̂")
    assert hat[1] < plain[1] - 4  # higher
    assert abs(hat[2] - plain[2]) < 6  # and no box behind the letter


def test_a_letter_that_no_font_has_takes_no_other_letter_along():
    alone, beside = ink("ж→"), ink(f"ж→{NOBODY_HAS}")
    assert alone[0] == beside[0]
    assert make_png('<svg width="9" height="9"><text>&amp;→</text></svg>', "")[1] == ""


def test_without_any_font_the_note_says_so(monkeypatch):
    monkeypatch.setattr(png, "is_drawn", lambda letter, family: False)
    drawing = draw(Value(2.0, "a") * 3)
    drawing.png()
    assert drawing.notes == ("no font here has any letter: a PNG shows boxes in their place, an SVG does not",)
