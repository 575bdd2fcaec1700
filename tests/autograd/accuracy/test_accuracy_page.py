"""docs/accuracy.md quotes the table as one machine printed it: all operations, and within the bounds."""

import re
from pathlib import Path

from autograd.accuracy.allowances import RELATIVE, ULPS
from autograd.accuracy.runs import OURS, RUNS
from autograd.accuracy.sheets import operations

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "accuracy.md").read_text(encoding="utf-8")
TABLE = re.search(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[1].splitlines()


def rows():
    """For each line its operation, its order, and the figure of each engine."""
    name = ""
    for line in TABLE[1 : TABLE.index("")]:
        cells = line.split()
        if not cells[0].isdigit():
            name = cells.pop(0)
        yield name, int(cells[0]), dict(zip(RUNS, cells[1:], strict=False))


def test_the_page_has_every_operation_order_and_engine():
    assert TABLE[0].split()[:-3] == ["operation", *RUNS]
    assert [(name, order) for name, order, _ in rows()] == [
        (name, order) for name in operations() for order in (0, 1, 2)
    ]


def test_what_the_page_quotes_is_within_the_bounds():
    for name, order, figures in rows():
        bound = ULPS.get(order, RELATIVE * 2**53)
        for engine in OURS:
            assert figures[engine].endswith("*") or float(figures[engine]) <= bound, (name, order, engine)


def test_the_page_gives_every_reason():
    starred = {
        (name, order) for name, order, figures in rows() if any(cell.endswith("*") for cell in figures.values())
    }
    explained = set()
    for names, order in re.findall(r"^\* ([\w, ()\n.-]+?),\s+order\s+(\d)", "\n".join(TABLE), re.MULTILINE):
        explained |= {(name, int(order)) for name in re.split(r",\s+", names)}
    assert starred == explained
    assert not any(line.startswith("!") for line in TABLE)
