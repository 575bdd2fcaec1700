"""Run the lessons and store them as notebooks with outputs: all, or those with given numbers (``build.py 03``).

A lesson is written once, as a ``.py`` file of cells; the ``.ipynb`` beside it is made from that.  Cells tagged
``assert`` hold the numbers of the prose to what is computed: they run here, and readers do not see them.
"""

from __future__ import annotations

import base64
import io
import os
import sys
from pathlib import Path

import jupytext
import nbclient
import nbformat
from PIL import Image

from viz.plots.animation import colours_of, commonest, in_colours

HERE = Path(__file__).resolve().parent


def lessons(*numbers: str) -> list[Path]:
    """The sources of the lessons with these numbers, or of all."""
    found = sorted(HERE.glob("[0-9][0-9]_*.py"))
    unknown = [number for number in numbers if not any(path.name.startswith(f"{number}_") for path in found)]
    if unknown:
        known = ", ".join(path.name[:2] for path in found)
        raise SystemExit(f"there is no lesson {unknown[0]}; there are {known}")
    return [path for path in found if not numbers or path.name[:2] in numbers]


def run(lesson: Path) -> nbformat.NotebookNode:
    """The lesson as readers get it, with fresh outputs; a cell that fails raises CellExecutionError."""
    notebook = jupytext.read(lesson)
    client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(HERE.parent)}})
    # What warns of our own code would warn here of that of others.
    client.execute(env={name: value for name, value in os.environ.items() if name != "PYTHONWARNDEFAULTENCODING"})
    tidy(notebook)
    return notebook


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Take out what readers do not see, and what differs from run to run or from machine to machine."""
    notebook.metadata.pop("language_info", None)
    notebook.cells = [cell for cell in notebook.cells if "assert" not in cell.metadata.get("tags", [])]
    count = 0
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number}"
        for name in ("execution", "lines_to_next_cell"):
            cell.metadata.pop(name, None)
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            cell.outputs = joined(cell.outputs)
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = count


def joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """The outputs, with one after another of what was printed as one: a slow machine sends it in parts."""
    found: list[nbformat.NotebookNode] = []
    for output in outputs:
        if found and output.output_type == found[-1].output_type == "stream" and output.name == found[-1].name:
            found[-1].text += output.text
        else:
            found.append(output)
    return found


def with_fewer_colours(png: bytes) -> bytes:
    """The same picture in 256 colours, each near its own: a third of the bytes; one that moves stays."""
    with Image.open(io.BytesIO(png)) as picture:
        if getattr(picture, "is_animated", False):
            return png
        opaque = Image.new("RGB", picture.size, "white")
        opaque.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    smaller = io.BytesIO()
    # What covers much, as the bands between contour lines do, keeps its colour.
    colours = commonest(opaque, 32) + colours_of(opaque.quantize(224, Image.Quantize.MAXCOVERAGE))
    in_colours(opaque, colours).save(smaller, "PNG", optimize=True)
    return min(png, smaller.getvalue(), key=len)


def store(lesson: Path) -> None:
    notebook = run(lesson)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        data = output.get("data", {})
        if "image/png" in data:
            data["image/png"] = base64.b64encode(with_fewer_colours(base64.b64decode(data["image/png"]))).decode()
    target = lesson.with_suffix(".ipynb")
    temporary = target.with_suffix(".ipynb.part")
    nbformat.write(notebook, temporary)
    temporary.replace(target)
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    for path in lessons(*sys.argv[1:]):
        store(path)
