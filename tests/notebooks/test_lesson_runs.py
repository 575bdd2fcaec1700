"""Each lesson runs from top to bottom in a kernel of its own, its hidden assertions hold, and it says what is stored."""

import io
import re
import shlex
from pathlib import Path

import pytest
from lesson_files import COURSE, PICTURES, SOURCES, builder, cells_of, is_picture, joined, stored

from viz.command_line.main import main

pytest.importorskip("ipykernel", reason="the lessons need ipykernel, from the extra 'test'")
jupytext = pytest.importorskip("jupytext", reason="the lessons need jupytext, from the extra 'test'")

SLOW = [path for path in SOURCES if path.name[:2] not in ("01", "02")]


def marked(lesson: Path):
    return pytest.param(lesson, marks=pytest.mark.slow if lesson in SLOW else (), id=lesson.stem)


LONG_NUMBER = re.compile(r"\d+\.\d{10,}(?:e[-+]\d+)?")


def text_of(content):
    """A text whose long numbers are cut: in which order a sum is added up depends on how wide a machine's vectors are."""
    return LONG_NUMBER.sub(lambda number: f"{float(number[0]):.9g}", joined(content))


def told(output):
    """What must be the same on every machine: texts, and of pictures their texts and sizes."""
    if output["output_type"] == "stream":
        return output["name"], text_of(output["text"])
    data = {kind: text_of(content) for kind, content in output.get("data", {}).items()}
    found = {kind: text for kind, text in data.items() if kind.startswith("text/") and "<iframe" not in text}
    if svg := data.get("image/svg+xml"):
        found["svg"] = [*re.findall(r">([^<>]+)<", svg), *re.findall(r' (?:width|height)="([^"]+)"', svg)[:2]]
    found["alt"] = output.get("metadata", {}).get("image/png", {}).get("alt")
    return {kind for kind in data if kind in PICTURES}, found


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("lesson", [*map(marked, SOURCES)])
def test_a_lesson_runs_and_says_what_is_stored(lesson):
    fresh = builder().run(lesson).cells
    assert any(is_picture(output) for cell in fresh for output in cell.get("outputs", []))
    for new, old in zip(fresh, stored(lesson), strict=True):
        if lesson in COURSE and "measured" not in new.metadata.get("tags", []) and new.cell_type == "code":
            assert list(map(told, new.outputs)) == list(map(told, old["outputs"])), new.source


def test_a_stored_picture_is_smaller_and_looks_the_same():
    np, pillow = pytest.importorskip("numpy"), pytest.importorskip("PIL.Image")
    from viz import decision_boundary

    png, _ = decision_boundary(
        lambda x: 1 / (1 + 2 ** (x[0] - x[1])), ([[0, 0], [9, 9], [4, 2]], [0, 1, 1])
    )._repr_png_()
    small = builder().with_fewer_colours(png)
    assert len(small) < len(png) / 2
    one, other = (np.asarray(pillow.open(io.BytesIO(bytes_)).convert("RGB"), int) for bytes_ in (png, small))
    assert abs(one - other).max() <= 8
    assert len(builder().with_fewer_colours(small)) <= len(small)
    moving = io.BytesIO()
    frames = [pillow.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(moving, "PNG", save_all=True, append_images=frames[1:])
    assert builder().with_fewer_colours(moving.getvalue()) == moving.getvalue()


@pytest.mark.parametrize("lesson", SOURCES, ids=lambda path: path.stem)
def test_jupytext_reads_the_same_cells(lesson):
    cells = jupytext.read(lesson).cells
    ours = cells_of(lesson)
    assert [cell.source for cell in cells] == [cell.source for cell in ours]
    assert [cell.cell_type for cell in cells] == [cell.kind for cell in ours]
    assert [tuple(cell.metadata.get("tags", ())) for cell in cells] == [cell.tags for cell in ours]


@pytest.mark.slow
@pytest.mark.parametrize("lesson", SOURCES, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_page_of_a_repository_shows_every_picture(lesson):
    """Such a page shows what a notebook has stored, and takes away scripts and frames."""
    nbconvert = pytest.importorskip("nbconvert", reason="nbconvert comes with jupyterlab: make oracles")
    shown, _ = nbconvert.HTMLExporter(template_name="basic").from_filename(str(lesson.with_suffix(".ipynb")))
    plain = re.sub(r"<(iframe|script)\b.*?</\1>", "", shown, flags=re.DOTALL)
    pictures = sum(is_picture(output) for cell in stored(lesson) for output in cell.get("outputs", []))
    assert len(re.findall(r"<img|<svg", plain)) >= pictures


@pytest.mark.slow
@pytest.mark.parametrize("lesson", COURSE, ids=lambda path: path.stem)
def test_the_commands_of_a_lesson_work(lesson, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = "\n".join(cell.source for cell in cells_of(lesson) if cell.kind == "markdown")
    commands = re.findall(r"`(glassgrad [a-z]+[^`]*)`|^(glassgrad [a-z]+.*)$", text, re.MULTILINE)
    assert commands
    for inline, line in commands:
        monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))
        command = shlex.split(inline or line, comments=True)[1:]
        assert main(command) == 0, command
        assert capsys.readouterr().out.strip()
