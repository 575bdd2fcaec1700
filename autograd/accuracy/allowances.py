"""How exact an operation has to be; and where it is not, each with its reason.  Nothing else is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd.accuracy.measure import Figure
from autograd.accuracy.runs import OURS

ULPS = {0: 2.0, 1: 4.0}
RELATIVE = 1e-11
"""What every operation keeps on every engine: the bounds of order 0 and 1, and that of order 2."""

EPSILON = 2.0**-52


@dataclass(frozen=True)
class Allowance:
    """An exception: up to so many ulps.

    Attributes:
        operations, order: what it is for.
        ulps: the bound.
        reason: why, as a line of the table.
        engines: by whom; all of ours, unless given.
        against: "ulps", or "terms" where the truth passes through zero and its terms cancel: then an ulp is the
            spacing of floats at the size of these terms (``Sheet.errors``).
    """

    operations: str
    order: int
    ulps: float
    reason: str
    engines: str = ""
    against: str = "ulps"

    def covers(self, figure: Figure) -> bool:
        return (
            figure.operation in self.operations.split()
            and figure.order == self.order
            and figure.engine in (self.engines.split() or OURS)
        )


ALLOWANCES: Sequence[Allowance] = ()


def allowance_for(figure: Figure) -> Allowance | None:
    """The exception that is made for a figure; None where there is none."""
    return next((allowance for allowance in ALLOWANCES if allowance.covers(figure)), None)


def is_kept(figure: Figure) -> bool:
    """True if a figure keeps the bound of its order; also if it does so only where cancelling terms are allowed."""
    return figure.relative <= RELATIVE if figure.order == 2 else figure.ulps <= ULPS[figure.order]


def is_allowed(figure: Figure) -> bool:
    """True if a figure keeps the bound of its order or, where an exception is made, the bound of that."""
    allowance = allowance_for(figure)
    if allowance is None or is_kept(figure):
        return is_kept(figure)
    return (figure.terms if allowance.against == "terms" else figure.ulps) <= allowance.ulps
