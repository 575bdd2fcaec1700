"""Run every lesson and store it as a notebook with its outputs: ``make notebooks``.

A lesson is written once, as a ``.py`` file of cells; the ``.ipynb`` beside it is made from that.
"""

from __future__ import annotations

import sys
from pathlib import Path

import jupytext
import nbclient
import nbformat

HERE = Path(__file__).resolve().parent


def lessons() -> list[Path]:
    return sorted(HERE.glob("[0-9][0-9]_*.py"))


def run(lesson: Path) -> nbformat.NotebookNode:
    """The lesson as a notebook with fresh outputs; a cell that fails raises CellExecutionError."""
    notebook = jupytext.read(lesson)
    client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(HERE.parent)}})
    client.execute()
    tidy(notebook)
    return notebook


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Take out what differs from run to run or from machine to machine."""
    notebook.metadata.pop("language_info", None)
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number}"
        cell.metadata.pop("execution", None)


def store(lesson: Path) -> None:
    notebook = run(lesson)
    target = lesson.with_suffix(".ipynb")
    temporary = target.with_suffix(".ipynb.part")
    nbformat.write(notebook, temporary)
    temporary.replace(target)
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    for path in lessons():
        store(path)
    sys.exit(0)
