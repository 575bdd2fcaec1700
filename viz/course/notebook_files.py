"""The lessons as files: where their sources are, and a notebook made of one for somebody's own folder.

>>> [lesson.title for lesson in find_lessons()][:2]
['The slope', 'One neuron by hand']
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nn.saving.files import FileError, file_path, write_whole
from viz.course.lessons import Lesson, read_lesson
from viz.course.percent_files import Cell

SHIPPED = Path(__file__).parent / "notebooks"
WRITTEN = Path(__file__).parents[2] / "notebooks"
"""Where an installation has the lessons (setup.py copies them there), and where they are written."""


def sources() -> dict[Lesson, Path]:
    """All lessons with the file of each, in their order."""
    found: dict[Lesson, Path] = {}
    for path in sorted((SHIPPED if SHIPPED.is_dir() else WRITTEN).glob("[0-9][0-9]_*.py")):
        with suppress(ValueError):  # A notebook that stands alone says nothing of itself.
            found[read_lesson(path.read_text(encoding="utf-8"))] = path
    return found


def find_lessons() -> list[Lesson]:
    """All lessons, in their order."""
    return list(sources())


def notebook(cells: Sequence[Cell]) -> str:
    """Cells as a notebook without outputs; what only checks the prose is left out.

    >>> made = json.loads(notebook([Cell("code", "1 + 1"), Cell("code", "assert True", ("assert",))]))
    >>> [cell["source"] for cell in made["cells"]]
    [['1 + 1']]
    """
    shown = [cell for cell in cells if "assert" not in cell.tags]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = {
        "cells": [
            {
                "cell_type": cell.kind,
                **({"execution_count": None, "outputs": []} if cell.kind == "code" else {}),
                "id": f"cell-{number}",
                "metadata": {"tags": [*cell.tags]} if cell.tags else {},
                "source": cell.source.splitlines(keepends=True),
            }
            for number, cell in enumerate(shown, 1)
        ],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def save_lesson(lesson: Lesson, out: str | os.PathLike[str] | None = None) -> Path:
    """Write a lesson's notebook into the current folder, or into another, or under another name.

    Raises:
        FileError: if there is such a file already, or it cannot be written.
    """
    target = new_path(sources()[lesson].with_suffix(".ipynb").name, out)
    return write_whole(target, notebook(lesson.cells))


def files_of(lesson: Lesson) -> list[Path]:
    """The files that go with a lesson, for an editor and pytest; most lessons have none."""
    source = sources()[lesson]
    folder = source.with_name(source.stem[3:])
    return sorted(file for file in folder.glob("*") if file.suffix in (".py", ".md", ".ini"))


def save_files(lesson: Lesson, out: str | os.PathLike[str] | None = None) -> Path:
    """Copy the files that go with a lesson into a new folder: in the current one, or under another name.

    Raises:
        FileError: if there is such a folder already, or it cannot be written.
    """
    files = files_of(lesson)
    folder = new_path(files[0].parent.name, out)
    try:
        folder.mkdir()
    except OSError as error:
        raise FileError(error.errno, error.strerror or str(error), str(folder)) from None
    for file in files:
        write_whole(folder / file.name, file.read_bytes())
    return folder


def new_path(name: str, out: str | os.PathLike[str] | None) -> Path:
    """The path to write to, at which there is nothing yet."""
    path = Path(name) if out is None else file_path(out)
    if out is not None and path.is_dir():
        path = path / name
    if os.path.lexists(path):
        reason = "it is there already, perhaps with your answers; --out gives another name"
        raise FileError(errno.EEXIST, reason, str(path))
    return path
