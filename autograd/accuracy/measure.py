"""The worst error of each operation, found among all its points: for each engine, and for order 0, 1 and 2.

``measured(["exp"], ["eager"])`` gives three figures: of the value, of the slope, of the second derivative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd.accuracy.points import Point
from autograd.accuracy.runs import RUNS, is_here, run
from autograd.accuracy.sheets import Sheet, operations, sheets


@dataclass(frozen=True)
class Figure:
    """The worst error that was found for one operation, order and engine.

    Attributes:
        ulps: how far the result lies from the truth, in units of the spacing of floats there.
        relative: the same, divided by the truth.
        point: where that was.
        by: the inputs by which it was differentiated, counted from 0.
        found, truth: what the engine gave there, and what is right.
        terms: the worst error in ulps of the terms (``Sheet.errors``), wherever that was.
        inner, inner_terms: the worst of both where no number is extreme (``Sheet.is_extreme``).
        count: how many numbers were compared.
    """

    operation: str
    order: int
    engine: str
    ulps: float
    relative: float
    point: Point
    by: tuple[int, ...]
    found: float
    truth: float
    terms: float
    inner: float
    inner_terms: float
    count: int


def measured(
    names: Iterable[str] | None = None, engines: Iterable[str] | None = None, thin: bool = False
) -> list[Figure]:
    """The worst error of operations (all, unless given) by engines (all that are here), in the table's order.

    Args:
        thin: True for a look at few points.

    Raises:
        AccuracyError: if there is no such operation or engine, or what it needs is not installed.
        JudgeMissing: if mpmath is not installed.
    """
    return [figure for figures in one_by_one(names, engines, thin) for figure in figures]


def one_by_one(
    names: Iterable[str] | None = None, engines: Iterable[str] | None = None, thin: bool = False
) -> Iterator[list[Figure]]:
    """The same, an operation at a time, for somebody who wants to see how far it is."""
    chosen = list(engines or filter(is_here, RUNS))
    for name in names or operations():
        pages = list(sheets(name, thin))
        found = {engine: [run(engine, page.op, page.inputs) for page in pages] for engine in chosen}
        yield [
            figure
            for order in (0, 1, 2)
            for engine, results in found.items()
            if (figure := worst(name, order, engine, pages, results)) is not None
        ]


def worst(name: str, order: int, engine: str, pages: Sequence[Sheet], results: Sequence[Any]) -> Figure | None:
    """The worst error of one order; None if nothing could be compared."""
    found: list[Figure] = []
    for page, numbers in zip(pages, results, strict=True):
        if numbers is None:
            continue
        rows = [k for k, (of_order, _) in enumerate(page.results) if of_order == order]
        errors, terms = page.errors(numbers)[rows], page.errors(numbers, "terms")[rows]
        if np.isnan(errors).all():
            continue
        row, column = np.unravel_index(np.nanargmax(errors), errors.shape)
        k = rows[row]
        ulps, truth, number = (float(x) for x in (errors[row, column], page.truth[k, column], numbers[k, column]))
        inner = ~page.is_extreme[rows]
        found.append(
            Figure(
                operation=name, order=order, engine=engine, ulps=ulps,
                relative=ulps * float(page.ulp[k, column]) / abs(truth) if truth else ulps,
                point=tuple(page.inputs[:, column].tolist()), by=page.results[k][1], found=number, truth=truth,
                terms=float(np.nanmax(terms)), inner=largest(errors[inner]), inner_terms=largest(terms[inner]),
                count=int((~np.isnan(errors)).sum()),
            )
        )  # fmt: skip
    if not found:
        return None
    return replace(
        max(found, key=lambda figure: figure.ulps),
        terms=max(figure.terms for figure in found),
        inner=max(figure.inner for figure in found),
        inner_terms=max(figure.inner_terms for figure in found),
        count=sum(figure.count for figure in found),
    )


def largest(errors: Any) -> float:
    return float(max(errors[~np.isnan(errors)], default=0.0))
