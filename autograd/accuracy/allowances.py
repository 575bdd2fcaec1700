"""How exact an operation has to be; and where it is not, each with its reason.  Nothing else is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd.accuracy.measure import Figure
from autograd.accuracy.runs import OURS

ULPS = {0: 2.0, 1: 4.0}
RELATIVE = 1e-11
"""What every operation keeps on every engine: the bounds of order 0 and 1, and that of order 2."""


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
        inside: True if nothing is promised where a number is extreme (``Sheet.is_extreme``), but the bound inside.
    """

    operations: str
    order: int
    ulps: float
    reason: str
    engines: str = ""
    against: str = "ulps"
    inside: bool = False

    def covers(self, figure: Figure) -> bool:
        return (
            figure.operation in self.operations.split()
            and figure.order == self.order
            and figure.engine in (self.engines.split() or OURS)
        )

    def measure(self, figure: Figure) -> float:
        """The error that the bound is for."""
        if self.against == "terms":
            return figure.inner_terms if self.inside else figure.terms
        return figure.inner if self.inside else figure.ulps


ROOT = "it passes through zero, where its terms cancel; against the size of the terms it is exact"
EXPONENT = "an exponent is rounded, and what is raised to it has the error many times over; PyTorch and JAX alike"
PARTS = "it is put together from functions that are each rounded to an ulp or two"
XLA = "XLA computes it by another function, whose exponent is rounded; JAX's own is the same"
REARRANGED = "XLA turns x/r/r into x/(r·r), which underflows"
MERGED = "XLA makes e^a·e^b e^(a+b), whose exponent is rounded"
FLUSHED = f"{ROOT}; and XLA takes numbers below 2.2e-308, like e^x from x = -708.4 down, for 0"
TREE = "node by node a sum is rounded once; programs add in their own order, to n·2^-52 of the terms"
NOT_A_NUMBER = "0 times the slope of the quotient, which overflows, is not a number"
CELU = "e^u - 1 - u·e^u cancels near 0, u = x/alpha may underflow, and its rounding is many ulps of e^u"
OUTSIDE = "intermediate results over- or underflow"
LIBM = "the C library's cube root is wrong by more than two ulps in places, that of JavaScript is not"
OWN_ERFC = "JavaScript has no erfc: the page's own is a continued fraction"

NOT_JAX, TAPES = "eager forward python numpy native javascript", "python numpy native jax javascript"

ALLOWANCES: Sequence[Allowance] = (
    Allowance("cbrt", 0, 4, LIBM, "eager forward python numpy native jax"),
    Allowance("cbrt", 1, 7, LIBM, "eager forward python numpy native jax"),
    Allowance("power", 1, 800, EXPONENT),
    Allowance("power", 2, 4e4, OUTSIDE, inside=True),
    Allowance("total dot", 0, 2, TREE, TAPES, against="terms"),
    Allowance("mod", 2, 0, NOT_A_NUMBER, "eager forward", inside=True),
    Allowance("sigmoid_slope", 0, 5, PARTS),
    Allowance("sigmoid_slope", 1, 9, PARTS, "jax"),
    Allowance("sigmoid gauss", 0, 4, PARTS, "native"),
    Allowance("unit", 1, 7, PARTS, NOT_JAX),
    Allowance("silu mish", 0, 5, PARTS, NOT_JAX),
    Allowance("silu mish", 1, 2, ROOT, NOT_JAX, against="terms"),
    Allowance("atan_slope celu_slope sigmoid_slope gauss silu gelu mish", 2, 2, ROOT, NOT_JAX, against="terms"),
    Allowance("softmax_1", 2, 2, ROOT, against="terms"),
    Allowance("celu", 0, 2, CELU, against="terms", inside=True),
    Allowance("celu", 1, 2, CELU, against="terms", inside=True),
    Allowance("celu_slope", 0, 2, CELU, against="terms"),
    Allowance("selu", 0, 4, PARTS, "jax"),
    Allowance("gelu", 0, 2, EXPONENT, against="terms"),
    Allowance("gelu", 1, 2, EXPONENT, against="terms"),
    Allowance("logsumexp softmax_1 log_softmax_1", 1, 2, EXPONENT, against="terms"),
    Allowance("atan2 unit", 2, 10, f"{ROOT}; and far out {OUTSIDE}", against="terms", inside=True),
    Allowance("erfc", 0, 8, OWN_ERFC, "javascript"),
    Allowance("exp2 sinh cosh log1p atanh erfc", 0, 800, XLA, "jax"),
    Allowance("exp2 sinh cosh erf erfc", 1, 800, XLA, "jax"),
    Allowance("tanh acosh", 0, 8, "XLA's own is a quotient of polynomials; JAX's is the same", "jax"),
    Allowance("gauss", 0, 800, MERGED, "jax"),
    Allowance("gauss", 1, 800, MERGED, "jax"),
    Allowance("atan2 unit", 1, 7, REARRANGED, "jax", inside=True),
    Allowance("hypot", 2, 4e4, REARRANGED, "jax", inside=True),
    Allowance("silu mish", 0, 5, FLUSHED.partition("; and ")[2], "jax", inside=True),
    Allowance("celu_slope silu mish", 1, 2, FLUSHED, "jax", "terms", inside=True),
    Allowance(
        "atan_slope celu_slope sigmoid_slope gauss silu gelu mish", 2, 2, FLUSHED, "jax", "terms", inside=True
    ),
)
"""Each exception, as tight as what was measured allows, with some room for the libraries of other machines."""


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
    return allowance.measure(figure) <= allowance.ulps
