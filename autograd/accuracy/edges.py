"""Where operations are likely to go wrong, and what is true there.

Signed zeros, infinities, subnormals, what over- and underflows on the way, kinks, ties, jumps and ends of domains.
Where mpmath has no number, at infinity and at the ends of domains, the truth is the limit, written by hand below.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import NamedTuple

from autograd import ops
from autograd.accuracy.jets import Outside, judged, mp
from autograd.accuracy.truth import TRUTH
from autograd.ops import Op

Truth = float | None

inf, nan = math.inf, math.nan
SMALLEST = 5e-324
BEFORE_1, AFTER_1 = 1 - 2**-53, 1 + 2**-52

EVERYWHERE = (
    0.0, -0.0, SMALLEST, -SMALLEST, 1e-310, 1e-300, -1e-300, 1e-20, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 20.0, -20.0,
    40.0, -40.0, 700.0, -700.0, 800.0, -800.0, 1e160, -1e160, 1e300, -1e300, inf, -inf, nan,
)  # fmt: skip
IN_PAIRS = (0.0, -0.0, 1e-300, 1.0, -2.5, 1e300, inf, nan)
IN_TRIPLES = (0.0, 1.0, inf)

OF_ONE: dict[str, Sequence[float]] = {
    "asin": (BEFORE_1, -BEFORE_1, AFTER_1),
    "acos": (BEFORE_1, -BEFORE_1, AFTER_1),
    "atanh": (BEFORE_1, -BEFORE_1, AFTER_1),
    "acosh": (BEFORE_1, AFTER_1),
    "one_minus_square": (BEFORE_1, AFTER_1),
    "log1p": (-BEFORE_1, -AFTER_1),
    "exp": (709.0, 710.0, -745.0, -746.0),
    "expm1": (709.0, 710.0, -37.0),
    "exp2": (1023.0, 1024.0, -1074.0, -1075.0),
    "sinh": (710.0, -710.0, 711.0),
    "cosh": (710.0, -710.0, 711.0),
    "tan": (math.pi / 2, -math.pi / 2),
    "erf": (6.0, 26.0, 27.5),
    "erfc": (6.0, 26.0, 27.5, -6.0),
    "gauss": (26.0, 27.5),
    "gelu": (-7.0, -27.0, -28.0),
    "floor": (1.5, -1.5, 2.0**52 - 0.5),
    "ceil": (1.5, -1.5, 2.0**52 - 0.5),
    "round": (1.5, -1.5, 2.5, 2.0**52 - 0.5),
    "relu6": (6.0, 6.5),
}
"""What stands beside EVERYWHERE for single operations: ends of domains, jumps, results that over- or underflow."""

OF_SEVERAL: dict[str, Sequence[Sequence[float]]] = {
    "power": (
        (-2.0, 2.0),
        (-2.0, 3.0),
        (0.0, 2.0),
        (0.0, 1.5),
        (0.0, 0.5),
        (-0.0, 3.0),
        (5.0, 0.0),
        (SMALLEST, 1.0),
    ),
    "divide": ((1.0, 1e-160), (1e-160, 1e-160), (1e300, 1e-10), (1.0, -inf), (0.0, SMALLEST)),
    "maximum": ((1e308, -1e308), (-1e308, 1e308), (inf, -inf), (0.0, SMALLEST)),
    "minimum": ((1e308, -1e308), (-1e308, 1e308), (inf, -inf), (0.0, SMALLEST)),
    "greater": ((1e308, -1e308), (-1e308, 1e308)),
    "atan2": ((1e160, 1e160), (1e-200, 1e-200), (3.0, 4.0), (-1e-300, -1.0), (-inf, 1.0)),
    "hypot": ((1e160, 1e160), (1e-200, 1e-200), (3.0, 4.0), (SMALLEST, SMALLEST), (-inf, 1.0), (inf, -inf)),
    "unit": ((1e160, 1e160), (1e-200, 1e-200), (3.0, 4.0), (SMALLEST, SMALLEST), (-inf, 1.0), (inf, -inf)),
    "mod": ((5.5, 2.5), (-5.5, 2.5), (5.5, -2.5), (5.0, 2.5), (-5.0, 2.5), (1e300, 3.0), (1.0, SMALLEST)),
    "clip": ((0.5, -1.0, 1.0), (1.0, 1.0, 1.0), (1.0, 2.0, 0.0), (1e308, -1e308, 0.0), (-inf, -inf, inf)),
    "hardtanh": ((0.5, -1.0, 1.0), (1.0, -1.0, 1.0), (-1.0, -1.0, 1.0), (1e308, -1e308, 0.0)),
}
"""What stands beside all pairs, or triples: ties, jumps, what over- or underflows on the way."""

BY_A_NUMBER = (0.01, 1.0, 0.0, -1.0, inf)
"""The second inputs of leaky_relu, elu and celu."""

LISTS = (
    (0.0,), (nan,), (0.0, 0.0), (-0.0, -0.0), (1.0, 2.0), (inf, 0.0), (-inf, 0.0), (-inf, -inf), (inf, inf),
    (inf, -inf), (nan, 1.0), (1e300, -1e300), (SMALLEST, 1e-310), (800.0, -800.0), (1.0, 1.0, 1.0),
    (0.0, 1.0, inf, 1.0), (0.0, inf, 0.0, inf), (1.0, 2.0, 3.0, 4.0), (1e300, 1e300, 1e300, -1e300),
)  # fmt: skip

POWERS = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0)


def operations() -> list[Op]:
    """Every row of the table, and some of each family."""
    rows = [op for op in ops.ALL.values() if op.is_built_in]
    families = [ops.softmax_at(0), ops.softmax_at(1), ops.log_softmax_at(0)]
    return rows + families + [ops.power_by(n) for n in POWERS]


def edge_points(op: Op) -> list[tuple[float, ...]]:
    """The points of an operation, infinities and nan among them."""
    if op.variadic:
        smallest = 2 if op.name.startswith("softmax") else 1
        return [xs for xs in LISTS if len(xs) >= smallest and (op.name != "dot" or len(xs) % 2 == 0)]
    if op.arity == 1:
        return [(x,) for x in (*EVERYWHERE, *OF_ONE.get(op.name, ()))]
    found: Iterable[tuple[float, ...]]
    if op.name in ("leaky_relu", "elu", "celu"):
        numbers = [x for x in BY_A_NUMBER if x or op.name != "celu"]
        found = product((*IN_PAIRS, -800.0, 40.0, -1e-300, -inf), numbers)
    else:
        found = product(IN_PAIRS if op.arity == 2 else IN_TRIPLES, repeat=op.arity)
    return [tuple(point) for point in (*found, *OF_SEVERAL.get(op.name, ()))]


# --- what is true there -----------------------------------------------------------------------------------

HALF_PI, TURN, UNTURN = math.pi / 2, 180 / math.pi, math.pi / 180
SELU_RIGHT, SELU_LEFT = 1.0507009873554805, -1.7580993408473766
NOTHING = (nan, nan, nan)

LIMITS: dict[str, dict[float, tuple[float, float, float]]] = {
    "negate": {-inf: (inf, -1, 0), inf: (-inf, -1, 0)},
    "identity": {-inf: (-inf, 1, 0), inf: (inf, 1, 0)},
    "square": {-inf: (inf, -inf, 2), inf: (inf, inf, 2)},
    "reciprocal": {-inf: (0, 0, 0), inf: (0, 0, 0)},
    "one_minus_square": {-inf: (-inf, inf, -2), inf: (-inf, -inf, -2)},
    "degrees": {-inf: (-inf, TURN, 0), inf: (inf, TURN, 0)},
    "radians": {-inf: (-inf, UNTURN, 0), inf: (inf, UNTURN, 0)},
    "step": {-inf: (0, 0, 0), inf: (1, 0, 0)},
    "sign": {-inf: (-1, 0, 0), inf: (1, 0, 0)},
    "abs": {-inf: (inf, -1, 0), inf: (inf, 1, 0)},
    "floor": {-inf: (-inf, 0, 0), inf: (inf, 0, 0)},
    "ceil": {-inf: (-inf, 0, 0), inf: (inf, 0, 0)},
    "round": {-inf: (-inf, 0, 0), inf: (inf, 0, 0)},
    "exp": {-inf: (0, 0, 0), inf: (inf, inf, inf)},
    "exp2": {-inf: (0, 0, 0), inf: (inf, inf, inf)},
    "expm1": {-inf: (-1, 0, 0), inf: (inf, inf, inf)},
    "log": {0.0: (-inf, inf, -inf), inf: (inf, 0, 0)},
    "log2": {0.0: (-inf, inf, -inf), inf: (inf, 0, 0)},
    "log10": {0.0: (-inf, inf, -inf), inf: (inf, 0, 0)},
    "log1p": {-1.0: (-inf, inf, -inf), inf: (inf, 0, 0)},
    "sqrt": {-1.0: NOTHING, -inf: NOTHING, 0.0: (0, inf, -inf), inf: (inf, 0, 0)},
    "cbrt": {-inf: (-inf, 0, 0), inf: (inf, 0, 0)},
    "sin": {-inf: NOTHING, inf: NOTHING},
    "cos": {-inf: NOTHING, inf: NOTHING},
    "tan": {-inf: NOTHING, inf: NOTHING},
    "asin": {-2.0: NOTHING, -1.0: (-HALF_PI, inf, -inf), 1.0: (HALF_PI, inf, inf), 2.0: NOTHING, inf: NOTHING},
    "acos": {-2.0: NOTHING, -1.0: (math.pi, -inf, inf), 1.0: (0, -inf, -inf), 2.0: NOTHING, inf: NOTHING},
    "atan": {-inf: (-HALF_PI, 0, 0), inf: (HALF_PI, 0, 0)},
    "sinh": {-inf: (-inf, inf, -inf), inf: (inf, inf, inf)},
    "cosh": {-inf: (inf, -inf, inf), inf: (inf, inf, inf)},
    "tanh": {-inf: (-1, 0, 0), inf: (1, 0, 0)},
    "asinh": {-inf: (-inf, 0, 0), inf: (inf, 0, 0)},
    "acosh": {0.5: NOTHING, 1.0: (0, inf, -inf), inf: (inf, 0, 0)},
    "atanh": {-1.0: (-inf, inf, -inf), 1.0: (inf, inf, inf)},
    "erf": {-inf: (-1, 0, 0), inf: (1, 0, 0)},
    "erfc": {-inf: (2, 0, 0), inf: (0, 0, 0)},
    "gauss": {-inf: (0, 0, 0), inf: (0, 0, 0)},
    "sigmoid": {-inf: (0, 0, 0), inf: (1, 0, 0)},
    "sigmoid_slope": {-inf: (0, 0, 0), inf: (0, 0, 0)},
    "softplus": {-inf: (0, 0, 0), inf: (inf, 1, 0)},
    "logsigmoid": {-inf: (-inf, 1, 0), inf: (0, 0, 0)},
    "relu": {-inf: (0, 0, 0), inf: (inf, 1, 0)},
    "relu6": {-inf: (0, 0, 0), inf: (6, 0, 0)},
    "selu": {-inf: (SELU_LEFT, 0, 0), inf: (inf, SELU_RIGHT, 0)},
    "silu": {-inf: (0, 0, 0), inf: (inf, 1, 0)},
    "gelu": {-inf: (0, 0, 0), inf: (inf, 1, 0)},
    "mish": {-inf: (0, 0, 0), inf: (inf, 1, 0)},
    "softsign": {-inf: (-1, 0, 0), inf: (1, 0, 0)},
}
"""Value, slope and second derivative where mpmath has none: limits from inside of the domain; nan outside of it."""

LIMITS_OF_TWO: dict[str, dict[tuple[float, float], tuple[float, float, float]]] = {
    "divide": {(1.0, inf): (0, 0, 0), (1.0, -inf): (0, 0, 0)},
    "hypot": {(inf, 1.0): (inf, 1, 0), (-inf, 1.0): (inf, -1, 0), (1.0, inf): (inf, 0, 1)},
    "unit": {(inf, 1.0): (1, 0, 0), (-inf, 1.0): (-1, 0, 0), (1.0, inf): (0, 0, 0)},
    "atan2": {(1.0, inf): (0, 0, 0), (inf, 1.0): (HALF_PI, 0, 0), (-inf, 1.0): (-HALF_PI, 0, 0)},
    "maximum": {(inf, 1.0): (inf, 1, 0), (1.0, inf): (inf, 0, 1), (inf, -inf): (inf, 1, 0)},
    "minimum": {(inf, 1.0): (1, 0, 1), (1.0, inf): (1, 1, 0), (inf, -inf): (-inf, 0, 1)},
    "leaky_relu": {(inf, 0.01): (inf, 1, 0), (-inf, 0.01): (-inf, 0.01, -inf)},
    "elu": {(inf, 1.0): (inf, 1, 0), (-inf, 1.0): (-1, 0, -1)},
    "celu": {(inf, 1.0): (inf, 1, 0), (-inf, 1.0): (-1, 0, -1)},
    "power": {(1.0, inf): (1, inf, 0)},
}
"""The value and both slopes at such points."""


CUT_AT_ZERO = ("log", "log2", "log10", "sqrt", "atan2")


def true_results(op: Op, point: Sequence[float]) -> list[Truth]:
    """The true value, slopes and second derivatives (row by row) of an operation; None where nothing is true.

    A number that is too large for a float is inf, one that is too small 0.

    Raises:
        JudgeMissing: if mpmath is not installed.

    >>> from autograd import ops
    >>> true_results(ops.exp, (-inf,))
    [0, 0, 0]
    """
    n = len(point)
    unknown: list[Truth] = [None] * (1 + n + n * n)
    # Mathematics has one zero: where a function is cut there, -0.0 is on the other side of the cut.
    if any(x == 0 and math.copysign(1.0, x) < 0 for x in point) and op.name in CUT_AT_ZERO:
        return unknown
    limit = LIMITS.get(op.name, {}).get(point[0]) if n == 1 else None
    if limit is not None:
        return list(limit)
    if n == 2 and (of_two := LIMITS_OF_TWO.get(op.name, {}).get((point[0], point[1]))):
        return [*of_two, *[None] * 4]
    if op.name not in TRUTH or not all(map(math.isfinite, point)):
        return unknown
    try:
        found = judged(TRUTH[op.name], point)
    except Outside:
        return unknown
    terms = [found.value, *found.slopes, *[d for row in found.second for d in row]]
    return [float(mp.mpf(term.value)) for term in terms]


# --- exceptions -------------------------------------------------------------------------------------------


class Excuse(NamedTuple):
    """Points at which an operation is not what it is everywhere else.

    Attributes:
        operations: their names.
        holds: tells whether a point is one of these.
        points: the same in words.
        what: "modes" where modes of differentiation do not agree, "truth" where results are not the truth,
            "programs" where programs do not give what single steps give.
        reason: why.
    """

    operations: str
    holds: Callable[..., bool]
    points: str
    what: str
    reason: str


EXCUSES: Sequence[Excuse] = (
    Excuse(
        "power", lambda x, y: abs(x) < 1e-150 or abs(y) > 1e200, "|x| < 1e-150 or |y| > 1e200", "modes truth",
        "x ** (y - 1) or x ** (y - 2) overflows before it is multiplied by something small",
    ),
    Excuse(
        "power", lambda x, y: abs(x) > 1e150, "|x| > 1e150, inside ieee()", "modes",
        "where x ** y overflows, its logarithm is infinite too, and comes to 0·∞",
    ),
    Excuse(
        "gauss mish", lambda x: math.isinf(x), "±∞", "modes truth",
        "the rule takes the largest float for infinity, and 2 or 4 times that overflows",
    ),
    Excuse(
        "unit", lambda x, y: abs(x) < 1e-150, "|x| < 1e-150", "modes",
        "1 / r overflows, in forward mode, before it is multiplied by 0",
    ),
    Excuse(
        "hypot unit", lambda x, y: 0 < abs(x) < 1e-322 and 0 < abs(y) < 1e-322, "two inputs of 5e-324", "truth",
        "the length of (x, y) is a float with one binary digit",
    ),
    Excuse(
        "mod", lambda x, y: abs(y) < 1e-150, "|y| < 1e-150", "modes truth",
        "x / y, or what moves it, overflows before it is multiplied by 0",
    ),
    Excuse(
        "dot", lambda *xs: max(map(abs, xs)) > 1e154, "products beyond 1.8e308", "truth",
        "they overflow before they are added",
    ),
    Excuse(
        "elu", lambda x, alpha: math.isinf(alpha), "alpha = ∞, inside ieee()", "modes",
        "0·∞: the slope that is not chosen is infinite",
    ),
    Excuse(
        "celu", lambda x, alpha: alpha < 0, "alpha < 0 and large |x|, inside ieee()", "modes",
        "0·∞: e to the power of a large number, times a slope of 0",
    ),
    Excuse(
        "celu_slope", lambda x: abs(x) < 1e-15 or x > 700, "|x| < 1e-15, and x > 709", "truth",
        "eˣ − 1 and x·eˣ cancel near 0, and come to ∞ − ∞ where they overflow",
    ),
    Excuse(
        "power_by(0.5) power_by(1.5)", lambda x: x == -inf, "(-∞) ** 0.5, inside ieee()", "programs",
        "programs take the square root, which is not defined there; C's pow says ∞",
    ),
)  # fmt: skip
"""Every point where modes do not agree, or a result is not the truth, with its reason."""


def is_excused(op: Op, point: Sequence[float], what: str) -> bool:
    """True if an exception is made for a point of an operation."""
    return any(op.name in x.operations.split() and what in x.what.split() and x.holds(*point) for x in EXCUSES)
