"""What rows of the table are written with where one line is not enough, and the operations that come in families.

A row of ``ops.py`` names these functions.  They are written with other rows in turn (``rows.exp``), so that
they record what they do on Values, duals, symbols and tapes, and overflow nowhere: ``exp`` is only ever taken
of a number that is not positive.  Where all numbers are floats, some take a shorter way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import mul
from typing import Any

from autograd.core.op import Op, rows
from autograd.errors import shown

PI, LN_2, LN_10, LARGEST_FLOAT = math.pi, math.log(2), math.log(10), 1.7976931348623157e308

ANY, POSITIVE, INSIDE, LEFT, RIGHT = (((-2.0, 2.0),), ((0.2, 3.0),), ((-0.9, 0.9),), ((-2.0, -0.2),), ((0.2, 2.0),))
BETWEEN = ((1.1, 1.9),)
"""Intervals in which an operation of one input may be tried out: LEFT and RIGHT of a kink, INSIDE of -1 and 1, and
BETWEEN two whole numbers."""

# --- powers -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def power_by(n: float) -> Op:
    """``x ** n`` for a plain number n: an operation of one input, because n is not differentiated.

    d(xⁿ)/dx = n·xⁿ⁻¹, so a negative x is welcome when n is whole, and x⁰ = 1 has derivative 0 everywhere.

    >>> from autograd import Value
    >>> x = Value(-3.0)
    >>> y = x ** 2
    >>> y.backward()
    >>> y.data, x.grad
    (9.0, -6.0)
    """
    exponent = f"{n:g}" if len(f"{n:g}") == 1 else f"{{{n:g}}}"
    rules: dict[float, Callable[[Any, Any], tuple[Any]]] = {
        0: lambda x, z: (0.0,), 1: lambda x, z: (1.0,), 2: lambda x, z: (2 * x,),
    }  # fmt: skip
    return Op(
        f"power_by({n:g})", lambda x: math.pow(x, n) if type(x) is float else x**n,
        rules.get(n, lambda x, z: (n * x ** (n - 1),)),
        symbol=f"**{n:g}", latex="{0}^" + exponent, atom="pow", domain=POSITIVE,
        requires="x ≠ 0" if n < 0 and n == int(n) else "x ≥ 0" if n > 0 else "x > 0", constants=(n,),
        family=power_by,
    )  # fmt: skip


def is_zero(x: Any) -> Any:
    """1 where x is 0, and 0 elsewhere."""
    return 1 - rows.step(abs(x))


def slopes_of_power(x: Any, y: Any, z: Any) -> tuple[Any, Any]:
    """(y·xʸ⁻¹, z·ln x), where the exponent is a Value too.

    Two points of the left edge x = 0 are taken care of: 0 ** y has slope 0 in y, and at y = 0 also in x,
    because x ** 0 = 1 for every x.
    """
    at_edge = is_zero(x)
    return y * rows.where(at_edge * is_zero(y), 1.0, x) ** (y - 1), z * rows.log(rows.where(at_edge, 1.0, x))


# --- sums -------------------------------------------------------------------------------------------------

PLAIN = {float, int}


def sum_of(*xs: Any) -> Any:
    """x1 + x2 + ...: of plain numbers exactly, rounded once."""
    if PLAIN.issuperset(map(type, xs)):
        return math.fsum(xs)
    # In pairs, and then pairs of pairs: rounding errors stay small, and a machine can do several at once.
    while len(xs) > 1:
        xs = tuple([x + y for x, y in zip(xs[::2], xs[1::2], strict=False)]) + xs[len(xs) // 2 * 2 :]
    return xs[0]


def sum_of_products(*xs: Any) -> Any:
    """The inputs are all first factors and then all second factors."""
    return sum_of(*[w * x for w, x in zip(*halves(xs), strict=True)])


def weighted_sum(weights: Sequence[Any], inputs: Sequence[Any], summand: Any = None) -> Any:
    """w1·x1 + w2·x2 + ... + summand, as products that meet in a Σ.

    This is how it is to be read; it runs written out (``autograd.core.written_out``).
    """
    terms = list(map(mul, weights, inputs))
    if summand is not None:
        terms.append(summand)
    return terms[0] if len(terms) == 1 else rows.total(*terms)


def halves(xs: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    middle = len(xs) // 2
    return xs[:middle], xs[middle:]


def dot(weights: Iterable[Any], inputs: Iterable[Any]) -> Any:
    """The sum of products w1·x1 + w2·x2 + ... of two lists, as one operation.

    The products are added exactly and rounded once, as ``total`` does it.  A program adds in pairs, and is within
    n·2⁻⁵²·Σ|wₖ·xₖ| of that.

    Raises:
        ValueError: if the lists are empty or not of one length.

    >>> from autograd import Value, dot
    >>> w1, w2 = Value(3.0), Value(4.0)
    >>> z = dot([w1, w2], [0.5, 0.25])
    >>> z.backward()
    >>> z.data, w1.grad, w2.grad
    (2.5, 0.5, 0.25)
    """
    weights, inputs = list(weights), list(inputs)
    if len(weights) != len(inputs):
        raise ValueError(f"dot takes two lists of one length, but got {len(weights)} and {len(inputs)} numbers")
    return rows.dot(*weights, *inputs)


# --- kinks and activations --------------------------------------------------------------------------------


def side(x: Any, y: Any) -> Any:
    """1 where x is the larger number, -1 where y is, 0 where they are equal.  (A difference might overflow.)"""
    if type(x) is type(y) is float:
        return float(x > y) - float(x < y)
    return rows.greater(x, y) - rows.greater(y, x)


def slopes_of_clip(x: Any, low: Any, high: Any, z: Any) -> tuple[Any, Any, Any]:
    """Between its limits (and on them) clip lets the gradient through; beyond one, it goes to that limit."""
    below, above = rows.greater(low, x), rows.greater(rows.maximum(x, low), high)
    return (1 - below) * (1 - above), below * (1 - above), above


def within(limit: float, x: Any) -> Any:
    """x, and where it is further out than ±limit, that limit."""
    if type(x) is float and -limit <= x <= limit:
        return x
    return rows.clip(x, -limit, limit)


def finite(x: Any) -> Any:
    """x, and for an infinite x the largest float: infinity times 0 is not a number, but this times 0 is 0."""
    if type(x) is float and -LARGEST_FLOAT <= x <= LARGEST_FLOAT:
        return x
    return rows.minimum(rows.maximum(x, -LARGEST_FLOAT), LARGEST_FLOAT)


def above_minus_infinity(x: Any) -> Any:
    """What x·σ(x) multiplies by: at minus infinity that is 0."""
    if type(x) is float and x >= -LARGEST_FLOAT:
        return x
    return rows.maximum(x, -LARGEST_FLOAT)


def sigmoid_of(x: Any) -> Any:
    """1 / (1 + e⁻ˣ) for a positive x, eˣ / (1 + eˣ) for all others."""
    if type(x) is float:
        small = math.exp(-abs(x))
        return (1.0 if x > 0 else small) / (1.0 + small)
    small = rows.exp(-abs(x))
    return rows.maximum(small, rows.step(x)) / (1 + small)


def sigmoid_slope_of(x: Any) -> Any:
    """σ(x)·σ(−x) = e^(−|x|) / (1 + e^(−|x|))²."""
    small = math.exp(-abs(x)) if type(x) is float else rows.exp(-abs(x))
    one_more = 1 + small
    return small / (one_more * one_more)


def gauss_of(x: Any) -> Any:
    """e^(−x²) = e^(−h²)·e^((h − x)(h + x)), where h is x rounded so that h² has no rounding error.

    An error in the exponent is one of so many ulps in the result; beyond ±30 this is 0.
    """
    x = within(30.0, x)
    exp, nearest = (math.exp, round) if type(x) is float else (rows.exp, rows.round)
    h = nearest(x * 4096) / 4096
    return exp(-h * h) * exp((h - x) * (h + x))


def slopes_of_hypot(x: Any, y: Any, z: Any) -> tuple[Any, Any]:
    """(x/z, y/z), the unit vector: an operation of its own, because in the slopes of x/z its parts would cancel."""
    if type(x) is type(y) is type(z) is float:
        return x / z, y / z
    return rows.unit(x, y), rows.unit(y, x)


def slopes_of_angle(y: Any, x: Any, z: Any) -> tuple[Any, Any]:
    """(x/r², -y/r²), where r is the length of (x, y), divided by r twice: r² may be too large for a float, or 0."""
    r = math.hypot(x, y) if type(x) is type(y) is float else rows.hypot(x, y)
    by_x, by_y = slopes_of_hypot(x, y, r)
    return by_x / r, -by_y / r


def slopes_of_unit(other: Any, length: Any, z: Any) -> tuple[Any, Any]:
    """(y²/r³, −x·y/r³) with r the length of (x, y), z = x/r and other = y/r: no square over- or underflows."""
    return other * (other / length), -z * (other / length)


def not_above_zero(x: Any) -> Any:
    """min(x, 0), whose slope at 0 is 1, as on the left side, to which 0 belongs."""
    if type(x) is float:
        return x if x <= 0 else 0.0
    return rows.where(rows.step(x), 0.0, x)


def slopes_of_elu(x: Any, alpha: Any, z: Any) -> tuple[Any, Any]:
    exponent = not_above_zero(x)
    return rows.where(rows.step(x), 1.0, alpha * rows.exp(exponent)), rows.expm1(exponent)


def elu_textbook(x: Any, alpha: Any, z: Any) -> tuple[Any, Any]:
    is_right, exponent = rows.step(x), x * (1 - rows.step(x))
    return is_right + alpha * (1 - is_right) * rows.exp(exponent), rows.expm1(exponent)


SELU_RIGHT, SELU_LEFT = 1.0507009873554805, 1.7580993408473768
"""Klambauer et al., "Self-Normalizing Neural Networks" (2017): λ, and λ·α with α = 1.6732632423543772."""


def celu_of(x: Any, alpha: Any = 1.0) -> Any:
    """x on the right; alpha·(eᵘ − 1) with u = x / alpha on the left, which is x too where u is very small."""
    u = not_above_zero(x) / alpha
    return rows.where(rows.greater(abs(u), 1e-20), alpha * rows.expm1(u), x)


def slopes_of_celu(x: Any, alpha: Any, z: Any) -> tuple[Any, Any]:
    u = not_above_zero(x) / alpha
    return rows.where(rows.step(x), 1.0, rows.exp(u)), rows.celu_slope(u)


def celu_textbook(x: Any, alpha: Any, z: Any) -> tuple[Any, Any]:
    is_right, u = rows.step(x), x * (1 - rows.step(x)) / alpha
    return is_right + (1 - is_right) * rows.exp(u), rows.expm1(u) - u * rows.exp(u)


def slopes_of_hardtanh(x: Any, low: Any, high: Any, z: Any) -> tuple[Any, Any, Any]:
    """Between its limits hardtanh lets the gradient through; on them and beyond, it goes to that limit."""
    is_above = 1 - rows.greater(high, rows.maximum(x, low))
    is_between = rows.greater(x, low) * (1 - is_above)
    return is_between, 1 - is_between - is_above, is_above


def mish_slope(x: Any) -> Any:
    """tanh s + x·(1 − tanh² s)·σ(x) with s = softplus(x)."""
    s = rows.softplus(x)
    t = rows.tanh(s)
    (slope_of_tanh,) = rows.tanh.derivatives(s, t)
    return t + finite(x) * (slope_of_tanh * rows.sigmoid(x))


GELU_SCALE, GELU_CUBE = math.sqrt(2 / math.pi), 0.044715
"""Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016), section 2: the approximation with tanh."""


def gelu_exponent(x: Any) -> Any:
    """t in gelu(x) = x·½(1 + tanh(t/2)) = x·σ(t).  Beyond ±25, where σ(t) is 0 or 1, x³ might overflow."""
    x = within(25.0, x)
    return x * (2 * GELU_SCALE + 2 * GELU_SCALE * GELU_CUBE * (x * x))


def gelu_slope(x: Any) -> Any:
    """σ(t) + x·σ(t)·σ(−t)·dt/dx, in which nothing cancels but at the one place where the slope is 0."""
    t, x = gelu_exponent(x), within(25.0, x)
    slope_of_exponent = 2 * GELU_SCALE + 6 * GELU_SCALE * GELU_CUBE * (x * x)
    return rows.sigmoid(t) + x * rows.sigmoid_slope(t) * slope_of_exponent


def gelu_textbook(x: Any, z: Any) -> tuple[Any]:
    """½(1 + tanh u) + ½x·(1 − tanh² u)·du/dx with u = √(2/π)·(x + 0.044715·x³)."""
    gate = rows.tanh(GELU_SCALE * (x + GELU_CUBE * x * x * x))
    slope = GELU_SCALE * (1 + 3 * GELU_CUBE * x * x)
    return (0.5 * (1 + gate) + 0.5 * x * (1 - gate * gate) * slope,)


# --- softmax ----------------------------------------------------------------------------------------------

# The largest is subtracted before exp is taken: softmax and its logarithm do not change when all inputs are
# moved by the same amount, and the distances between large numbers are known better than the numbers.


def exponentials(xs: tuple[Any, ...]) -> tuple[Any, list[Any], Any, Any]:
    """The largest number; exp(x - largest) for each x; the largest of these, which is 1; the sum of the others."""
    if set(map(type, xs)) == {float}:
        largest = max(xs)
        powers = [math.exp(x - largest) for x in xs]
        return largest, powers, 1.0, math.fsum([*powers, -1.0])
    largest, _ = tournament(list(xs))
    # Inside ieee() it may be infinite, and infinity minus infinity is not a number.
    largest = finite(largest)
    powers = [rows.exp(x - largest) for x in xs]
    one, others = tournament(powers)
    return largest, powers, one, rows.total(others) if others else 0.0


def tournament(xs: list[Any]) -> tuple[Any, list[Any]]:
    """The largest number, found in pairs and pairs of pairs; and all others, the losers of each pair."""
    others: list[Any] = []
    while len(xs) > 1:
        pairs = list(zip(xs[::2], xs[1::2], strict=False))
        others += [rows.minimum(x, y) for x, y in pairs]
        xs = [rows.maximum(x, y) for x, y in pairs] + xs[2 * len(pairs) :]
    return xs[0], others


def log_sum_exp(*xs: Any) -> Any:
    largest, _, one, others = exponentials(xs)
    return largest + rows.log1p(one - 1 + others)


def shares(xs: tuple[Any, ...]) -> list[Any]:
    """softmax(xs): where something records, each share is a node; numbers are computed together."""
    if any(hasattr(x, "record_rank") and not isinstance(x, float) for x in xs):
        return softmax(xs)
    _, powers, one, others = exponentials(xs)
    return [power / (one + others) for power in powers]


@lru_cache(maxsize=1024)
def softmax_at(i: int) -> Op:
    """The i-th number of ``softmax(xs)``, counted from 0, as an operation: exp(xᵢ) / Σ exp(xⱼ).

    ∂pᵢ/∂xᵢ = pᵢ·(1 - pᵢ), where 1 - pᵢ is the sum of all others, and ∂pᵢ/∂xⱼ = -pᵢ·pⱼ.
    """

    def forward(*xs: Any) -> Any:
        _, powers, one, others = exponentials(xs)
        return powers[i] / (one + others)

    return Op(
        f"softmax_{i + 1}", forward,
        lambda xs, z: tuple([z * slope for slope in one_for_all_others(i, shares(xs))]),
        symbol="softmax", latex=rf"\operatorname{{softmax}}_{{{i + 1}}}({{0}})", variadic=True,
        constants=(i,), family=softmax_at,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def log_softmax_at(i: int) -> Op:
    """The i-th number of ``log_softmax(xs)``, counted from 0, as an operation: xᵢ - logsumexp(xs)."""

    def forward(*xs: Any) -> Any:
        largest, _, one, others = exponentials(xs)
        return -(rows.log1p(one - 1 + others) - (xs[i] - largest))

    return Op(
        f"log_softmax_{i + 1}", forward, lambda xs, z: tuple(one_for_all_others(i, shares(xs))),
        symbol="log softmax", latex=rf"\operatorname{{log\_softmax}}_{{{i + 1}}}({{0}})", variadic=True,
        constants=(i,), family=log_softmax_at,
    )  # fmt: skip


def one_for_all_others(i: int, shares: list[Any]) -> list[Any]:
    """1 - pᵢ in the i-th place, as the sum of all other shares, so that nothing cancels; else -pⱼ."""
    others = shares[:i] + shares[i + 1 :]
    return [-p for p in others[:i]] + [sum(others)] + [-p for p in others[i:]]


def softmax(xs: Iterable[Any]) -> list[Any]:
    """Turn a list of logits into probabilities: softmax(x)ᵢ = exp(xᵢ) / Σ exp(xⱼ).

    Raises:
        TypeError, ValueError: if it is given no list, or an empty one.

    >>> from autograd import softmax
    >>> [round(p, 4) for p in softmax([1.0, 2.0, 1002.0])], softmax([1e16, 1e16])
    ([0.0, 0.0, 1.0], [0.5, 0.5])
    """
    return each_of(softmax_at, xs, "softmax")


def log_softmax(xs: Iterable[Any]) -> list[Any]:
    """The logarithms of softmax, without taking that of a probability that may be 0: xᵢ - logsumexp(x).

    Raises:
        TypeError, ValueError: if it is given no list, or an empty one.

    >>> from autograd import log_softmax
    >>> log_softmax([-1000.0, 1000.0])[0]
    -2000.0
    """
    return each_of(log_softmax_at, xs, "log_softmax")


def each_of(member: Callable[[int], Op], xs: Iterable[Any], name: str) -> list[Any]:
    if not isinstance(xs, Iterable):
        raise TypeError(f"{name} takes a list of numbers, but got {shown(xs)}")
    xs = tuple(xs)
    if not xs:
        raise ValueError(f"{name} of an empty list is not defined; give it at least one number")
    return [member(i)(xs) for i in range(len(xs))]
