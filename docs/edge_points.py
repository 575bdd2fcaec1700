"""Write the tables of edge_points.md anew: glassgrad, PyTorch and JAX at the edge points, and who is right there.

    python docs/edge_points.py                         (it needs mpmath, PyTorch and JAX: make oracles)

A row is a result that is not the same everywhere; alike ones are counted, and the first of them is shown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from autograd import grad, ieee
from autograd.accuracy.edges import EXCUSES, edge_points, operations, true_results
from autograd.accuracy.peers import PEERS
from autograd.ops import Op

PAGE = Path(__file__).parent / "edge_points.md"
SMALLEST_NORMAL = 2.0**-1022
LETTERS = "xyz"


@dataclass(frozen=True)
class Result:
    """One number of an operation at a point: by each engine, and what is true (None where nothing is).

    ``is_defined`` tells whether the value of the operation is a finite float there.
    """

    op: Op
    point: tuple[float, ...]
    order: int
    name: str
    found: dict[str, float]
    truth: float | None
    is_defined: bool

    @property
    def is_among_subnormals(self) -> bool:
        numbers = [*self.point] if self.truth is None else [*self.point, self.truth]
        return any(0 < abs(x) < SMALLEST_NORMAL for x in numbers)

    @property
    def is_shown(self) -> bool:
        """False for the derivatives of a value that is too large for a float."""
        return self.is_defined or self.order == 0 or not all(map(math.isfinite, self.point))

    @property
    def right(self) -> tuple[str, ...]:
        return tuple([who for who, x in self.found.items() if is_same(x, self.truth)])


def is_same(x: float, y: float | None) -> bool:
    """True for equal numbers, up to rounding."""
    if y is None:
        return False
    return x == y or (x != x and y != y) or math.isclose(x, y, rel_tol=1e-6, abs_tol=SMALLEST_NORMAL)


def names_of_results(op: Op, n: int) -> list[tuple[int, str]]:
    """The order and the name of each result: f, ∂f/∂x, ∂²f/∂x∂y."""
    letters = LETTERS[:n] if n <= len(LETTERS) else [f"x{i}" for i in range(1, n + 1)]
    if op.name == "atan2":
        letters = "yx"
    if n == 1:
        return [(0, "f"), (1, "f′"), (2, "f″")]
    second = [(2, f"∂²f/∂{a}²" if a == b else f"∂²f/∂{a}∂{b}") for a in letters for b in letters]
    return [(0, "f"), *[(1, f"∂f/∂{a}") for a in letters], *second]


def by_glassgrad(op: Op, point: Sequence[float]) -> list[float]:
    places = range(len(point))
    with ieee():
        slopes = [grad(op, i)(*point) for i in places]
        return [op(*point), *slopes, *[grad(grad(op, i), j)(*point) for i in places for j in places]]


def results() -> Iterator[Result]:
    """All results of all operations at their edge points, without nan among the inputs."""
    for op in operations():
        points = [point for point in edge_points(op) if not any(map(math.isnan, point))]
        for n, group in groupby(sorted(points, key=len), key=len):
            same_length = list(group)
            theirs = {who: run(op, np.array(same_length).T) for who, run in PEERS.items()}
            for k, point in enumerate(same_length):
                ours, truth = by_glassgrad(op, point), true_results(op, point)
                for i, (order, name) in enumerate(names_of_results(op, n)):
                    found = {"glassgrad": ours[i]}
                    found |= {who: float(table[i][k]) for who, table in theirs.items() if table is not None}
                    yield Result(op, point, order, name, found, truth[i], math.isfinite(ours[0]))


def shown(x: float | None) -> str:
    """A number for the page."""
    if x is None:
        return ""
    if math.isinf(x):
        return "∞" if x > 0 else "-∞"
    text = f"{x:.4g}"
    return "0" if text == "-0" else re.sub(r"e([+-])0*(\d+)", lambda e: f"e{e[1].strip('+')}{e[2]}", text)


def shown_point(point: Sequence[float]) -> str:
    # The sign of a zero counts among the inputs.
    numbers = ["-0" if x == 0 and math.copysign(1.0, x) < 0 else shown(x) for x in point]
    return numbers[0] if len(numbers) == 1 else f"({', '.join(numbers)})"


def table(rows: Sequence[Result], judged: bool) -> str:
    """Rows of the page; those with one operation, order and verdict are one row."""
    names = ["glassgrad", *PEERS]
    head = ["operation", "at", "what", *names, *(["truth", "right"] if judged else [])]
    lines = [head]

    def kind(x: Result) -> tuple[Any, ...]:
        numbers = tuple([] if judged else [(who, shown(y)) for who, y in x.found.items()])
        return x.op.name, x.order, x.right, numbers

    alike: dict[tuple[Any, ...], list[Result]] = {}
    for row in rows:
        alike.setdefault(kind(row), []).append(row)
    for group in alike.values():
        first = group[0]
        more = f" and {len(group) - 1} more" if len(group) > 1 else ""
        line = [f"`{first.op.name}`", shown_point(first.point) + more, first.name]
        line += [shown(first.found.get(who)) for who in names]
        lines.append(line + ([shown(first.truth), ", ".join(first.right) or "nobody"] if judged else []))
    return markdown(lines)


def markdown(lines: Sequence[Sequence[str]]) -> str:
    head, *rest = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rest))


def tables() -> dict[str, str]:
    """What stands between the marks of the page, by their names."""
    everything = [x for x in results() if len(x.found) > 1]
    judged = [x for x in everything if x.truth is not None]
    clear = [x for x in judged if not x.is_among_subnormals and x.is_shown and len(x.right) < len(x.found)]
    kinks = [x for x in everything if x.truth is None and not x.is_among_subnormals and x.is_defined]
    kinks = [x for x in kinks if all(map(math.isfinite, x.point))]
    kinks = [x for x in kinks if any(not is_same(y, x.found["glassgrad"]) for y in x.found.values())]
    wrong = {who: [x for x in judged if who in x.found and who not in x.right] for who in ("glassgrad", *PEERS)}
    lines = [["", "results", "not right", "of these, among subnormals"]]
    for who, rows in wrong.items():
        count = sum(who in x.found for x in judged)
        lines.append([who, f"{count:,}", f"{len(rows):,}", f"{sum(x.is_among_subnormals for x in rows):,}"])
    excuses = [["operation", "at", "reason"]]
    excuses += [[" ".join(f"`{name}`" for name in x.operations.split()), x.points, x.reason] for x in EXCUSES]
    return {
        "versions": f"PyTorch {version('torch')} and JAX {version('jax')}, in float64 on a CPU:",
        "counts": markdown(lines),
        "differences": table(clear, judged=True),
        "kinks": table(kinks, judged=False),
        "exceptions": markdown(excuses),
    }


def written(page: str, parts: dict[str, str]) -> str:
    """The page with its tables."""
    for name, text in parts.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        assert mark.search(page), name
        page = mark.sub(lambda found, text=text: f"{found[1]}\n{text}\n\n{found[2]}", page)
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), tables()), encoding="utf-8")
