"""The figures as text: a table, a column for each engine, and below it every exception with its reason."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from autograd.accuracy import allowances
from autograd.accuracy.allowances import RELATIVE, ULPS, allowance_for, is_allowed, is_kept
from autograd.accuracy.measure import Figure
from autograd.accuracy.points import Point
from autograd.accuracy.runs import OURS
from autograd.steps import in_columns

WIDTH = 100


def plain(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    """The figures as plain data; what is not finite, as JSON has no word for it, is written as text."""

    def written(x: Any) -> Any:
        if isinstance(x, tuple):
            return list(x)
        return str(x) if isinstance(x, float) and not isfinite(x) else x

    return [{name: written(x) for name, x in asdict(figure).items()} for figure in figures]


def write_table(figures: Sequence[Figure]) -> str:
    """What was measured, as text of 100 columns: side by side for several engines, at length for one of them."""
    engines = list(dict.fromkeys(figure.engine for figure in figures))
    table = at_length(figures) if len(engines) == 1 else side_by_side(figures, engines)
    legend = (
        "The worst error found, in ulps (the spacing of floats at the truth), against mpmath.  Bounds: order 0 "
        f"within {ULPS[0]:g} ulps, order 1 within {ULPS[1]:g}, order 2 within {RELATIVE:g} of the truth.  * marks "
        "an exception, whose reason stands below, and ! what breaks a bound."
    )
    parts = [table, textwrap.fill(legend, WIDTH), write_reasons(figures), write_broken(figures)]
    return "\n\n".join(part for part in parts if part)


def side_by_side(figures: Sequence[Figure], engines: Sequence[str]) -> str:
    """A line for each operation and order, a column for each engine; the point is that of the worst of ours."""
    lines = [["operation", "", *engines, "ours worst at"]]
    by_row: dict[tuple[str, int], dict[str, Figure]] = {}
    for figure in figures:
        by_row.setdefault((figure.operation, figure.order), {})[figure.engine] = figure
    last = ""
    for (operation, order), found in by_row.items():
        ours = [figure for figure in found.values() if figure.engine in OURS] or list(found.values())
        worst = max(ours, key=lambda figure: figure.ulps)
        place = write_point(worst.point) if worst.ulps else ""
        cells = [write_cell(found[engine]) if engine in found else "-" for engine in engines]
        lines.append([operation if operation != last else "", str(order), *cells, shortened(place, 14)])
        last = operation
    return in_columns(lines, "lr" + "r" * len(engines) + "l", between=" ")


def at_length(figures: Sequence[Figure]) -> str:
    lines = [["operation", "", "ulps", "relative", "at", "found", "truth"]]
    for figure in figures:
        by = "".join(f" d{i + 1}" for i in figure.by)
        numbers = [f"{figure.relative:.1e}" if figure.ulps else "0", shortened(write_point(figure.point), 22) + by]
        found = [f"{x:.17g}" for x in (figure.found, figure.truth)]
        name = figure.operation if figure.order == 0 else ""
        lines.append([name, str(figure.order), write_cell(figure), *numbers, *found])
    return in_columns(lines, "lrrrlll", between=" ")


def write_cell(figure: Figure) -> str:
    """
    >>> from autograd.accuracy.measure import Figure
    >>> write_cell(Figure("exp", 0, "eager", 0.5004, 1e-16, (2.0,), (), 7.4, 7.4, 0.5, 0.5, 0.5, 100))
    '0.50 '
    """
    mark = " "
    if figure.engine in OURS and not is_kept(figure):
        mark = "*" if is_allowed(figure) else "!"
    return write_ulps(figure.ulps) + mark


def write_ulps(ulps: float) -> str:
    """
    >>> [write_ulps(x) for x in (0.0, 0.4961, 12.34, 308.2, 45678.0, 8.79e15, float("inf"))]
    ['0', '0.50', '12', '308', '5e4', '9e15', 'inf']
    """
    if ulps == 0 or not isfinite(ulps):
        return "inf" if ulps else "0"
    if ulps < 9.995:
        return f"{ulps:.2f}"
    return f"{ulps:.0f}" if ulps < 9999.5 else f"{ulps:.0e}".replace("e+0", "e").replace("e+", "e")


def write_point(point: Point) -> str:
    """
    >>> write_point((1e-300, 0.5, -123456.0))
    '1e-300, 0.5, -1.235e+05'
    """
    return ", ".join(f"{x:.4g}" for x in point)


def shortened(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def write_reasons(figures: Sequence[Figure]) -> str:
    """A line for each exception that is made for one of the figures."""
    lines = []
    for allowance in allowances.ALLOWANCES:
        excused = [f for f in figures if allowance_for(f) is allowance and not is_kept(f)]
        if excused:
            names = ", ".join(dict.fromkeys(f.operation for f in excused))
            engines = ", ".join(allowance.engines.split()) or "all"
            worst = max(map(allowance.measure, excused))
            bound = f"up to {allowance.ulps:g} ulps" + " of the terms" * (allowance.against == "terms")
            bound += " where no number is extreme" * allowance.inside + f", {write_ulps(worst)} found"
            text = f"* {names}, order {allowance.order} ({engines}): {bound}: {allowance.reason}"
            lines.append(textwrap.fill(text, WIDTH, subsequent_indent="  "))
    return "\n".join(lines)


def write_broken(figures: Sequence[Figure]) -> str:
    """Lines for what breaks a bound; nothing, as it should be."""
    lines = []
    by_row: dict[tuple[str, int], list[Figure]] = {}
    for figure in broken(figures):
        by_row.setdefault((figure.operation, figure.order), []).append(figure)
    for (operation, order), found in by_row.items():
        worst = max(found, key=lambda figure: figure.ulps)
        engines = ", ".join(figure.engine for figure in found)
        place = f"{write_ulps(worst.ulps)} ulps at {write_point(worst.point)}, {worst.found!r} for {worst.truth!r}"
        lines.append(
            textwrap.fill(f"! {operation}, order {order} ({engines}): {place}", WIDTH, subsequent_indent="  ")
        )
    return "\n".join(lines)


def broken(figures: Iterable[Figure]) -> list[Figure]:
    """The figures of ours that keep neither their bound nor that of an exception."""
    return [figure for figure in figures if figure.engine in OURS and not is_allowed(figure)]
