"""What is true: every operation of the table once more, in mpmath, written by hand and apart from its row.

A function of one number is written with its two derivatives, in forms in which nothing cancels; what is written
with other functions is differentiated as ``jets.py`` does it.  Constants are the exact real numbers where they are
mathematics (ln 2, 180/π, √(2/π)), and decimals where they were published as decimals (0.044715).  At a kink or a
jump there is no truth: ``Outside``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.accuracy.jets import Jet, Outside, as_jet, combined, mp, reciprocal, rounded, smooth

# --- functions of one number ------------------------------------------------------------------------------

exp = smooth(lambda x: (mp.exp(x),) * 3)
exp2 = smooth(lambda x: (2**x, mp.ln2 * 2**x, mp.ln2**2 * 2**x))
expm1 = smooth(lambda x: (mp.expm1(x), mp.exp(x), mp.exp(x)))
log = smooth(lambda x: (mp.log(x), 1 / x, -1 / x**2))
log2 = smooth(lambda x: (mp.log(x) / mp.ln2, 1 / (mp.ln2 * x), -1 / (mp.ln2 * x**2)))
log10 = smooth(lambda x: (mp.log(x) / mp.ln10, 1 / (mp.ln10 * x), -1 / (mp.ln10 * x**2)))
log1p = smooth(lambda x: (mp.log1p(x), 1 / (1 + x), -1 / (1 + x) ** 2))
square = smooth(lambda x: (x * x, 2 * x, mp.mpf(2)))
sqrt = smooth(lambda x: (mp.sqrt(x), 1 / (2 * mp.sqrt(x)), -1 / (4 * x * mp.sqrt(x))))
sin = smooth(lambda x: (mp.sin(x), mp.cos(x), -mp.sin(x)))
cos = smooth(lambda x: (mp.cos(x), -mp.sin(x), -mp.cos(x)))
tan = smooth(lambda x: (mp.tan(x), 1 / mp.cos(x) ** 2, 2 * mp.tan(x) / mp.cos(x) ** 2))
sinh = smooth(lambda x: (mp.sinh(x), mp.cosh(x), mp.sinh(x)))
cosh = smooth(lambda x: (mp.cosh(x), mp.sinh(x), mp.cosh(x)))
tanh = smooth(lambda x: (mp.tanh(x), 1 / mp.cosh(x) ** 2, -2 * mp.tanh(x) / mp.cosh(x) ** 2))
atan = smooth(lambda x: (mp.atan(x), 1 / (1 + x * x), -2 * x / (1 + x * x) ** 2))
asinh = smooth(lambda x: (mp.asinh(x), 1 / mp.sqrt(1 + x * x), -x / mp.sqrt(1 + x * x) ** 3))
one_minus_square = smooth(lambda x: ((1 - x) * (1 + x), -2 * x, mp.mpf(-2)))


@smooth
def cbrt(x: Any) -> tuple[Any, Any, Any]:
    root = mp.sign(x) * mp.cbrt(abs(x))
    return root, 1 / (3 * root**2), -2 / (9 * root**5)


@smooth
def asin(x: Any) -> tuple[Any, Any, Any]:
    root = mp.sqrt((1 - x) * (1 + x))
    return mp.asin(x), 1 / root, x / root**3


@smooth
def acos(x: Any) -> tuple[Any, Any, Any]:
    root = mp.sqrt((1 - x) * (1 + x))
    return mp.acos(x), -1 / root, -x / root**3


@smooth
def acosh(x: Any) -> tuple[Any, Any, Any]:
    root = mp.sqrt((x - 1) * (x + 1))
    return mp.acosh(x), 1 / root, -x / root**3


@smooth
def atanh(x: Any) -> tuple[Any, Any, Any]:
    rest = (1 - x) * (1 + x)
    return mp.atanh(x), 1 / rest, 2 * x / rest**2


@smooth
def erf(x: Any) -> tuple[Any, Any, Any]:
    slope = 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)
    return mp.erf(x), slope, -2 * x * slope


@smooth
def erfc(x: Any) -> tuple[Any, Any, Any]:
    slope = -2 / mp.sqrt(mp.pi) * mp.exp(-x * x)
    # Beyond 1e5 it is e to a power of ten digits: 0 to every float, and a long computation.
    return mp.erfc(x) if x < 1e5 else -slope / (2 * x), slope, -2 * x * slope


# --- kinks and jumps --------------------------------------------------------------------------------------


def constant(x: Jet, number: Any) -> Jet:
    """A number beside x that does not move with it."""
    return as_jet(number, len(x.slopes))


def not_at(x: Jet, *places: Any) -> Jet:
    """x itself, unless it stands at a place where there is no derivative."""
    if x.number in places:
        raise Outside
    return x


def sign(x: Jet) -> Jet:
    return constant(x, 1 if not_at(x, 0).number > 0 else -1)


def larger(x: Jet, y: Jet) -> Jet:
    return x if (not_at(x - y, 0)).number > 0 else y


def smaller(x: Jet, y: Jet) -> Jet:
    return y if (not_at(x - y, 0)).number > 0 else x


def clip(x: Jet, low: Jet, high: Jet) -> Jet:
    return smaller(larger(x, low), high)


def by_side(x: Jet, left: Callable[[Jet], Jet], right: Callable[[Jet], Jet]) -> Jet:
    """One function where x is negative, another one where it is positive."""
    return right(x) if not_at(x, 0).number > 0 else left(x)


def to_whole(rounding: Callable[[Any], Any], jumps_at: Any) -> Callable[[Jet], Jet]:
    """A function with whole numbers as its values, which jumps at all n + jumps_at."""

    def apply(x: Jet) -> Jet:
        if mp.isint(x.number - jumps_at):
            raise Outside
        return constant(x, int(rounding(x.number)))

    return apply


floor = to_whole(lambda x: mp.floor(x), 0)
ceil = to_whole(lambda x: mp.ceil(x), 0)
nearest = to_whole(lambda x: mp.nint(x), 0.5)


def mod(x: Jet, y: Jet) -> Jet:
    if not y.number:
        raise Outside
    # The quotient of two floats has up to 2100 binary digits in front of its point, and what is left is exact.
    with mp.workdps(1000):
        whole = floor(constant(x, x.number / y.number)).number
        rest = x.number - y.number * whole
    return combined(x, y, rounded(rest), [1, -whole], [[0, 0], [0, 0]])


def where(condition: Jet, x: Jet, y: Jet) -> Jet:
    return x if not_at(condition, 0).number else y


# --- functions of two numbers -----------------------------------------------------------------------------


def power(x: Jet, y: Jet) -> Jet:
    a, b = x.number, y.number
    if a <= 0:
        raise Outside
    z, ln = a**b, mp.log(a)
    mixed = rounded(z / a) + rounded(z / a * b * ln)
    second = [[b * (b - 1) * z / a / a, mixed], [mixed, z * ln**2]]
    return combined(x, y, rounded(z), [b * z / a, z * ln], second)


def hypot(x: Jet, y: Jet) -> Jet:
    a, b = x.number, y.number
    r = mp.sqrt(a * a + b * b)
    if not r:
        raise Outside
    mixed = -a * b / r**3
    return combined(x, y, rounded(r), [a / r, b / r], [[b * b / r**3, mixed], [mixed, a * a / r**3]])


def atan2(y: Jet, x: Jet) -> Jet:
    b, a = y.number, x.number
    square = a * a + b * b
    if not square:
        raise Outside
    mixed = rounded((b / square) ** 2) + rounded(-((a / square) ** 2))
    turn = 2 * (a / square) * (b / square)
    return combined(y, x, rounded(mp.atan2(b, a)), [a / square, -b / square], [[-turn, mixed], [mixed, turn]])


def unit(x: Jet, y: Jet) -> Jet:
    a, b = x.number, y.number
    r = mp.sqrt(a * a + b * b)
    if not r:
        raise Outside
    mixed = rounded(2 * a * a * b / r**5) + rounded(-(b**3) / r**5)
    by_y_twice = rounded(2 * a * b * b / r**5) + rounded(-(a**3) / r**5)
    second = [[-3 * a * b * b / r**5, mixed], [mixed, by_y_twice]]
    return combined(x, y, rounded(a / r), [b * b / r**3, -a * b / r**3], second)


def power_by(n: Any) -> Callable[[Jet], Jet]:
    def rule(x: Any) -> tuple[Any, Any, Any]:
        if x == 0:
            raise Outside
        return x**n, n * x ** (n - 1), n * (n - 1) * x ** (n - 2)

    return smooth(rule)


# --- activations ------------------------------------------------------------------------------------------


def sigmoid(x: Jet) -> Jet:
    power = exp(-x) if x.number > 0 else exp(x)
    return 1 / (1 + power) if x.number > 0 else power / (1 + power)


def softplus(x: Jet) -> Jet:
    return x + log1p(exp(-x)) if x.number > 0 else log1p(exp(x))


def mish(x: Jet) -> Jet:
    # tanh(ln(1 + eˣ)) = n / (n + 2) with n = eˣ·(eˣ + 2).
    power = exp(x)
    n = power * (power + 2)
    return x * (1 - 2 / (n + 2) if x.number > 0 else n / (n + 2))


def gelu(x: Jet) -> Jet:
    scale = mp.sqrt(2 / mp.pi)
    return x * sigmoid(2 * scale * (x + mp.mpf("0.044715") * x * x * x))


def selu(x: Jet) -> Jet:
    scale, alpha = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")
    return by_side(x, lambda x: scale * alpha * expm1(x), lambda x: scale * x)


def log_sum_exp(*xs: Jet) -> Jet:
    largest = max(xs, key=lambda x: x.number)
    others = [exp(x - largest) for x in xs if x is not largest]
    return largest + log1p(sum(others[1:], others[0])) if others else largest


def softmax_1(*xs: Jet) -> Jet:
    return 1 / (1 + sum([exp(x - xs[0]) for x in xs[2:]], exp(xs[1] - xs[0])))


def log_softmax_1(*xs: Jet) -> Jet:
    return -log_sum_exp(*[x - xs[0] for x in xs[1:]], constant(xs[0], 0))


def added(*xs: Jet) -> Jet:
    return sum(xs[1:], xs[0])


# --- by name ----------------------------------------------------------------------------------------------

TRUTH: dict[str, Callable[..., Jet]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "negate": lambda x: -x,
    "power": power,
    "identity": lambda x: x,
    "square": square,
    "reciprocal": reciprocal,
    "total": added,
    "dot": lambda *xs: added(*[w * x for w, x in zip(xs[: len(xs) // 2], xs[len(xs) // 2 :], strict=True)]),
    "step": lambda x: constant(x, int(not_at(x, 0).number > 0)),
    "sign": sign,
    "abs": lambda x: x * sign(x),
    "maximum": larger,
    "minimum": smaller,
    "clip": clip,
    "floor": floor,
    "ceil": ceil,
    "round": nearest,
    "mod": mod,
    "where": where,
    "greater": lambda x, y: constant(x, int(not_at(x - y, 0).number > 0)),
    "exp": exp,
    "exp2": exp2,
    "expm1": expm1,
    "log": log,
    "log2": log2,
    "log10": log10,
    "log1p": log1p,
    "sqrt": sqrt,
    "cbrt": cbrt,
    "sin": sin,
    "cos": cos,
    "tan": tan,
    "asin": asin,
    "acos": acos,
    "atan": atan,
    "atan2": atan2,
    "sinh": sinh,
    "cosh": cosh,
    "tanh": tanh,
    "asinh": asinh,
    "acosh": acosh,
    "atanh": atanh,
    "hypot": hypot,
    "unit": unit,
    "one_minus_square": one_minus_square,
    "degrees": lambda x: x * (180 / mp.pi),
    "radians": lambda x: x * (mp.pi / 180),
    "erf": erf,
    "erfc": erfc,
    "atan_slope": lambda x: 1 / (1 + x * x),
    "celu_slope": lambda x: expm1(x) - x * exp(x),
    "gauss": lambda x: exp(-square(x)),
    "sigmoid": sigmoid,
    "sigmoid_slope": lambda x: sigmoid(x) * sigmoid(-x),
    "softplus": softplus,
    "logsigmoid": lambda x: -softplus(-x),
    "relu": lambda x: by_side(x, lambda x: constant(x, 0), lambda x: x),
    "relu6": lambda x: clip(x, constant(x, 0), constant(x, 6)),
    "hardtanh": clip,
    "leaky_relu": lambda x, slope: by_side(x, lambda x: slope * x, lambda x: x),
    "elu": lambda x, alpha: by_side(x, lambda x: alpha * expm1(x), lambda x: x),
    "celu": lambda x, alpha: by_side(x, lambda x: alpha * expm1(x / alpha), lambda x: x),
    "selu": selu,
    "silu": lambda x: x * sigmoid(x),
    "gelu": gelu,
    "mish": mish,
    "softsign": lambda x: x / (1 + x * sign(x)),
    "logsumexp": log_sum_exp,
    "power_by(2)": power_by(2),
    "power_by(3)": power_by(3),
    "power_by(0.5)": power_by(0.5),
    "power_by(-1.5)": power_by(-1.5),
    "softmax_1": softmax_1,
    "log_softmax_1": log_softmax_1,
}
"""For each operation of the table what mpmath says it is."""
