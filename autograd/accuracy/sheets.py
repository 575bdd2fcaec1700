"""The right answers: an operation at all of its points, its slopes and second derivatives there, as floats.

A true number is kept as the nearest float, the spacing of floats around it (its ulp), and how many of these it lies
beyond that float.  So an error is found in ulps without another number of mpmath.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import ops
from autograd.accuracy.jets import Jet, Outside, Term, judged, mp
from autograd.accuracy.points import Point, points
from autograd.accuracy.truth import TRUTH
from autograd.ops import Op

SMALLEST_NORMAL, LARGEST = 2.0**-1022, 1.7976931348623157e308

FAMILIES = (
    ops.power_by(2.0), ops.power_by(3.0), ops.power_by(0.5), ops.power_by(-1.5), ops.softmax_at(0),
    ops.log_softmax_at(0),
)  # fmt: skip
"""Some of the operations that are made from constants; the table has one row for each family."""


def operations() -> dict[str, Op]:
    """What is measured, by name: every row of the table, and some members of its families."""
    return {op.name: op for op in (*ops.ALL.values(), *FAMILIES) if op.is_built_in}


@dataclass(frozen=True)
class Sheet:
    """An operation at points with one number of inputs, as arrays: a row for each result, a column for each point.

    Attributes:
        inputs: the points, a row for each input.
        results: for each row its order (0, 1 or 2) and the inputs by which it was differentiated.
        truth: the nearest floats.
        ulp: the spacing of floats there; nan where the number does not count.
        beyond: how far the truth lies above that float, in ulps.
        ulp_of_terms: the spacing of floats at what rounding can do to the judge's own formula.
    """

    op: Op
    inputs: Any
    results: tuple[tuple[int, tuple[int, ...]], ...]
    truth: Any
    ulp: Any
    beyond: Any
    ulp_of_terms: Any

    @property
    def is_extreme(self) -> Any:
        """For each number whether it is beyond 1e±290, or one of its point's inputs beyond 1e±100 (and not 0)."""
        sizes = np.abs(self.inputs)
        inputs = ((sizes > 1e100) | ((sizes < 1e-100) & (sizes > 0))).any(axis=0)
        truth = np.abs(self.truth)
        return inputs | (truth > 1e290) | ((truth < 1e-290) & (truth > 0))

    def errors(self, found: Any, against: str = "ulps") -> Any:
        """How far results lie from the truth, in ulps; inf where they are no numbers, nan where nothing counts.

        Against "terms" the ulp is taken of what rounding can do to the judge's formula: of the sum of all its
        intermediate results, by their absolute values and each as far as it moves the result.
        """
        unit = self.ulp_of_terms if against == "terms" else self.ulp
        with np.errstate(all="ignore"):
            off = np.abs((found - self.truth) / unit - self.beyond * (self.ulp / unit))
            off[~np.isfinite(found) & ~np.isnan(self.ulp)] = np.inf
            return off


def sheets(name: str, thin: bool = False) -> Iterator[Sheet]:
    """The right answers for an operation, a sheet for each number of inputs that it is tried with.

    Raises:
        JudgeMissing: if mpmath is not installed.
    """
    op = operations()[name]
    by_length: dict[int, list[Point]] = {}
    for point in points(0 if op.variadic else op.arity, thin):
        by_length.setdefault(len(point), []).append(point)
    for length, group in by_length.items():
        if name != "dot" or length % 2 == 0:
            yield sheet(op, TRUTH[name], group)


def sheet(op: Op, truth: Callable[..., Jet], group: Sequence[Point]) -> Sheet:
    """The right answers at points that have one number of inputs."""
    columns, places = [], []
    for point in group:
        try:
            found = judged(truth, point)
        except Outside:
            continue
        columns.append(column_of(found))
        places.append(point)
    n = len(group[0])
    results = [(0, ()), *[(1, (i,)) for i in range(n)], *[(2, (i, j)) for i in range(n) for j in range(n)]]
    numbers = np.array(columns).reshape(len(places), len(results), 4).transpose(2, 1, 0)
    return Sheet(op, np.array(places).reshape(len(places), n).T, tuple(results), *numbers)


NOTHING = (math.nan,) * 4


def column_of(found: Jet) -> list[tuple[float, float, float, float]]:
    """Truth, ulp, beyond and ulp of the terms of one point, for each result.

    A derivative counts where its operation, and the derivative of lower order, can be computed at all.
    """
    value = as_floats(found.value)
    if not abs(found.number) <= LARGEST:
        return [NOTHING] * (1 + len(found.slopes) * (1 + len(found.slopes)))
    fits = [abs(slope.value) <= LARGEST for slope in found.slopes]
    second = [
        as_floats(term) if fits[i] and fits[j] else NOTHING
        for i, row in enumerate(found.second)
        for j, term in enumerate(row)
    ]
    return [value, *map(as_floats, found.slopes), *second]


def as_floats(term: Term) -> tuple[float, float, float, float]:
    size = abs(term.value)
    if size == 0:
        # Nothing but 0 is right; only where terms cancel it may be as large as their rounding.
        return 0.0, math.ulp(0.0), 0.0, math.ulp(min(float(term.error), LARGEST))
    if not SMALLEST_NORMAL <= size <= LARGEST:
        return NOTHING
    nearest = float(term.value)
    ulp = math.ulp(nearest)
    # The difference has few digits, however many its terms have.
    beyond = float((term.value - mp.mpf(nearest)) / mp.mpf(ulp))
    return nearest, ulp, beyond, math.ulp(min(float(max(term.error, size)), LARGEST))
