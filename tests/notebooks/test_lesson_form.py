"""The rules of a lesson, held to its source and its stored notebook without running it (CONTRIBUTING.md has them)."""

import re
from collections import Counter
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
from lesson_files import (
    COURSE,
    NOTEBOOKS,
    SOURCES,
    assigned,
    cells_of,
    is_picture,
    joined,
    numbers_in,
    numerals,
    occurs,
    prose,
    stored,
    texts_of,
    used,
    words,
)

from viz.course.lessons import read_lesson

MOST_WORDS, MOST_LINES, LARGEST = 60, 8, 700_000

FORBIDDEN = re.compile(
    r"\b(simpl[ye]|obvious(ly)?|just|of course|trivial(ly)?|eas(y|ily|ier)|clearly)\b", re.IGNORECASE
)
HYPHEN_FOR_MINUS = re.compile(r"(?<![\w)\]])-\.?\d")

every_lesson = pytest.mark.parametrize("lesson", COURSE, ids=lambda path: path.stem)
every_source = pytest.mark.parametrize("lesson", SOURCES, ids=lambda path: path.stem)


def prose_of(lesson: Path) -> list[str]:
    """All prose, cell by cell, without code and formulas."""
    cells = [cell for cell in cells_of(lesson) if cell.kind == "markdown"]
    return [re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", " ", prose(cell), flags=re.DOTALL) for cell in cells]


def test_every_notebook_has_a_source():
    assert [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))] == [path.stem for path in SOURCES]


@every_lesson
def test_the_first_cell_says_what_the_lesson_is(lesson):
    found = read_lesson(lesson.read_text(encoding="utf-8"))
    assert found.number == int(lesson.name[:2])
    assert re.sub(r"\W+", "_", found.title).lower() == lesson.stem[3:]
    assert len(found.abilities) >= 2


@every_lesson
def test_prose_is_short(lesson):
    cells = [cell for cell in cells_of(lesson)[1:] if cell.kind == "markdown"]
    counts = {cell.source: len(words(cell)) for cell in cells}
    assert {text: count for text, count in counts.items() if count > MOST_WORDS} == {}


@every_lesson
def test_code_is_short(lesson):
    cells = [cell.source for cell in cells_of(lesson) if cell.kind == "code" and "assert" not in cell.tags]
    assert [code for code in cells if sum(map(bool, map(str.strip, code.splitlines()))) > MOST_LINES] == []


@every_lesson
def test_of_three_cells_of_code_one_shows_a_picture(lesson):
    cells = stored(lesson)
    end = next(i for i, cell in enumerate(cells) if joined(cell["source"]).startswith("## Exercises"))
    code = [cell for cell in cells[:end] if cell["cell_type"] == "code"]
    shows = [any(map(is_picture, cell["outputs"])) for cell in code]
    places = [-1, *(i for i, picture in enumerate(shows) if picture), len(code)]
    assert [joined(code[i + 1]["source"]) for i, j in pairwise(places) if j - i > 3] == []


@every_lesson
def test_words_that_make_readers_feel_slow_are_not_used(lesson):
    found = [text for text in prose_of(lesson) if FORBIDDEN.search(text)]
    sheet = exercises_of(lesson)
    for exercise in sheet.exercises.values():
        said = (exercise.question, exercise.hint, exercise.solution, *exercise.mistakes.values())
        found += [text for text in said if FORBIDDEN.search(text)]
    assert found == []


@every_lesson
def test_a_minus_is_no_hyphen(lesson):
    assert [text for text in prose_of(lesson) if HYPHEN_FOR_MINUS.search(text)] == []


@every_lesson
def test_no_sentence_begins_a_list_by_chance(lesson):
    """A line that begins with "1. " or "- " would be one, whatever stands before it; and so would "53. " above all."""
    for cell in cells_of(lesson):
        for before, line in pairwise(["", *cell.source.splitlines()] if cell.kind == "markdown" else []):
            chance = re.match(r"(\d+[.)]|[-+*>#]) ", line) and before.strip()
            assert not chance or re.match(r"\s*(\d+\.|[-+*>|#])|  ", before), line
            assert before.strip() or not re.match(r"(?!1\.)\d+[.)] ", line), line


@every_lesson
def test_each_global_name_is_assigned_in_one_cell(lesson):
    """So marimo can open it, which runs a cell again when a name that it uses has changed; _ belongs to its cell."""
    cells = [cell for cell in cells_of(lesson) if cell.kind == "code"]
    counts = Counter(name for cell in cells for name in assigned(cell.source))
    assert {name for name, count in counts.items() if count > 1 and not name.startswith("_")} == set()


@every_lesson
def test_readers_need_no_name_of_a_cell_that_they_do_not_see(lesson):
    cells = [cell for cell in cells_of(lesson) if cell.kind == "code"]
    hidden = {name for cell in cells if "assert" in cell.tags for name in assigned(cell.source)}
    assert [cell.source for cell in cells if "assert" not in cell.tags and used(cell.source) & hidden] == []


@every_lesson
def test_each_number_of_the_prose_is_computed(lesson):
    """Three digits or more stand in a hidden assertion, in code, or in an output."""
    cells = cells_of(lesson)
    known = [x for cell in cells if cell.kind == "code" for x in numbers_in(cell.source)]
    known += [
        x for cell in stored(lesson) for output in cell.get("outputs", []) for x in numbers_in(texts_of(output))
    ]
    text = "\n".join(re.sub(r"\]\([^)]*\)", "]", cell.source) for cell in cells if cell.kind == "markdown")
    assert [numeral for numeral in numerals(text) if not occurs(numeral, known)] == []


def exercises_of(lesson):
    return import_module(f"viz.course.lesson_{int(lesson.name[:2])}").SHEET


@every_lesson
def test_a_lesson_ends_with_exercises_and_where_to_go_on(lesson):
    cells = cells_of(lesson)
    start = next(i for i, cell in enumerate(cells) if cell.source.startswith("## Exercises"))
    number = int(lesson.name[:2])
    code = [cell.source for cell in cells[start:] if cell.kind == "code" and "assert" not in cell.tags]
    assert code[0].strip() == f"from viz.course.lesson_{number} import check, hint, solution"
    asked = [int(found) for found in re.findall(r"^check\((\d+), \.\.\.\)", "\n".join(code), re.MULTILINE)]
    assert asked == list(exercises_of(lesson).exercises)
    assert cells[-1].source.startswith("## Go on")
    assert "`glassgrad " in cells[-1].source or "\nglassgrad " in cells[-1].source


@every_source
def test_the_stored_notebook_was_made_from_its_source(lesson):
    shown = [cell for cell in cells_of(lesson) if "assert" not in cell.tags]
    cells = stored(lesson)
    assert [joined(cell["source"]) for cell in cells] == [cell.source for cell in shown]
    assert [cell["cell_type"] for cell in cells] == [cell.kind for cell in shown]
    assert any(cell.get("outputs") for cell in cells)
    assert lesson.with_suffix(".ipynb").stat().st_size <= LARGEST


@every_source
def test_what_is_stored_tells_nothing_of_the_machine(lesson):
    for cell in stored(lesson):
        assert set(cell["metadata"]) <= {"tags"}
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", joined(output["text"])
            assert output["output_type"] != "error"
            found = re.search(r"/home/|/tmp/|/work/|/usr/|[A-Z]:\\\\| at 0x[0-9a-f]{6}", texts_of(output))
            assert found is None, texts_of(output)


@every_source
def test_every_picture_is_described_and_every_frame_has_something_in_its_place(lesson):
    for cell in stored(lesson):
        for output in cell.get("outputs", []):
            data, said = output.get("data", {}), output.get("metadata", {})
            if "image/png" in data and "image/svg+xml" not in data:
                assert said["image/png"]["alt"].strip()
            if "image/svg+xml" in data:
                assert "<title" in joined(data["image/svg+xml"])
            html = joined(data.get("text/html", ""))
            beside = re.sub(r"<iframe.*?</iframe>", "", html, flags=re.DOTALL)
            assert "<iframe" not in html or re.search(r"<img|<svg|<p>|<table", beside)
            assert all("alt=" in image for image in re.findall(r"<img[^>]*>", beside))
