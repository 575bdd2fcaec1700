"""Every lesson runs from top to bottom, and the stored notebook was made from the source beside it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("ipykernel", reason="the lessons need ipykernel, from the extra 'test'")
jupytext = pytest.importorskip("jupytext", reason="the lessons need jupytext, from the extra 'test'")

pytestmark = pytest.mark.slow

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.py"))


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebooks_build", NOTEBOOKS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_lessons() -> None:
    assert len(LESSONS) >= 2


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_and_shows_its_pictures(lesson: Path) -> None:
    notebook = builder().run(lesson)
    kinds = {
        kind for cell in notebook.cells for output in cell.get("outputs", []) for kind in output.get("data", {})
    }
    assert "image/svg+xml" in kinds


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_the_stored_notebook_was_made_from_its_source(lesson: Path) -> None:
    source = [cell.source for cell in jupytext.read(lesson).cells]
    stored = jupytext.read(lesson.with_suffix(".ipynb"))
    assert [cell.source for cell in stored.cells] == source
    assert any(cell.get("outputs") for cell in stored.cells)
    assert lesson.with_suffix(".ipynb").stat().st_size < 700_000
