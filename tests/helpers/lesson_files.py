"""The lessons as their tests need them: sources, stored notebooks, names that a cell assigns, numbers in a text."""

from __future__ import annotations

import ast
import importlib.util
import json
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from viz.course.percent_files import Cell, read_cells

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
SOURCES = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.py"))
COURSE = [path for path in SOURCES if int(path.name[:2]) < 10]
"""The lessons that follow the rules of the course; an older one behind them is run and no more."""

PICTURES = ("image/svg+xml", "image/png")


def builder() -> ModuleType:
    """notebooks/build.py, which is no module of a package."""
    spec = importlib.util.spec_from_file_location("notebooks_build", NOTEBOOKS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cells_of(lesson: Path) -> list[Cell]:
    return read_cells(lesson.read_text(encoding="utf-8"))


def stored(lesson: Path) -> list[dict[str, Any]]:
    """The cells of the stored notebook."""
    return list(json.loads(lesson.with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"])


def joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def texts_of(output: dict[str, Any]) -> str:
    """What an output says in words and numbers; of a drawing, the texts in it."""
    data = output.get("data", {})
    kinds = [joined(data[kind]) for kind in ("text/plain", "text/markdown") if kind in data]
    html = joined(data.get("text/html", ""))
    if "<iframe" not in html:
        kinds.append(re.sub(r"<[^>]*>", " ", html))
    svg = joined(data.get("image/svg+xml", ""))
    return "\n".join([joined(output.get("text", "")), *kinds, *re.findall(r">([^<>]+)<", svg)])


def is_picture(output: dict[str, Any]) -> bool:
    data = output.get("data", {})
    return any(kind in data for kind in PICTURES) or bool(
        re.search("<(img|svg|iframe)", joined(data.get("text/html", "")))
    )


def prose(cell: Cell) -> str:
    """The words of a cell of prose: without headings, tables, lists' bullets, the addresses of links, displayed code."""
    text = re.sub(r"```.*?```", " ", cell.source, flags=re.DOTALL)
    text = re.sub(r"^(#|\|).*$", " ", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*(-|\d+\.) ", " ", text, flags=re.MULTILINE)
    return re.sub(r"\]\([^)]*\)", "] ", text)


def words(cell: Cell) -> list[str]:
    """A formula or a piece of code is one word."""
    text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", "x", prose(cell), flags=re.DOTALL)
    return [word for word in text.split() if re.search(r"\w", word)]


# --- numbers --------------------------------------------------------------------------------------------------

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
NUMERAL = re.compile(r"(?<![\w.#])(?:\d{1,3}(?:,\d{3})+|\d+)?\.?\d+(?![\w]*\d)")
CITED = re.compile(r"(?:Stack Overflow|Stack Exchange|\.SE|micrograd|brain\.js|issue|question)[^.\n]{0,20}?#?\d+")


def numerals(text: str) -> list[str]:
    """The numbers of a text, as they are written, that have three significant digits or more.

    >>> numerals("From .7889 to 41,087.29 in 20 steps, 5.60 off; see #2441")
    ['.7889', '41,087.29', '5.60']
    """
    text = CITED.sub(" ", text.replace("{,}", ",").replace("\\,", ""))
    return [found for found in NUMERAL.findall(text) if digits_of(found) >= 3]


def digits_of(numeral: str) -> int:
    return len(numeral.replace(",", "").replace(".", "").lstrip("0"))


def numbers_in(text: str) -> list[float]:
    """All numbers of a text, with their powers of ten."""
    text = text.replace("{,}", ",").replace("\\,", "")
    found = []
    for whole, power, exponent in re.findall(
        r"((?:\d{1,3}(?:,\d{3})+|\d+)?\.?\d+|\d+\.)(?:·10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)|[eE]([-+]?\d+))?", text
    ):
        raised = int(power.translate(RAISED) or 0) if power else int(exponent or 0)
        number = float(whole.replace(",", ""))
        found += [number, number * 10.0**raised]
    return found


def occurs(numeral: str, numbers: Iterable[float]) -> bool:
    """True if one of the numbers is the written one, or would be written so with as many digits.

    >>> occurs("0.0215", [0.0214695]), occurs("0.0214", [0.0214695]), occurs("98.1", [0.981])
    (True, False, True)
    """
    written = float(numeral.replace(",", ""))
    unit = 10.0 ** (math.floor(math.log10(written)) - digits_of(numeral) + 1)
    return any(abs(abs(x) * factor - written) <= unit * 0.5000001 for x in numbers for factor in (1, 100))


# --- names ----------------------------------------------------------------------------------------------------


def assigned(source: str) -> set[str]:
    """The global names that a cell assigns: what marimo counts as its own."""
    found: set[str] = set()
    for node in global_nodes(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            found.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(name.asname or name.name).partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def global_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in the global scope: not what functions, classes and comprehensions keep to themselves."""
    inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, comprehensions):
            continue
        yield child
        if not isinstance(child, inner):
            yield from global_nodes(child)


def used(source: str) -> set[str]:
    """All names that a cell reads, wherever."""
    return {
        node.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
