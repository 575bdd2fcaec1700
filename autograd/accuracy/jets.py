"""Numbers of mpmath that carry their first and second derivatives, and a bound of their own rounding error.

The judge of the table of operations.  A function of the numbers here is differentiated by Taylor's formula of
order 2, in as many digits as it takes: each number knows how large the errors of all roundings behind it can be
(a running error analysis), and where they might reach the 35th digit, everything is computed again with twice as
many.  So nothing that cancels is ever taken for a result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from autograd.errors import AutogradError

DIGITS, LEAST, MOST = 35, 50, 2000
"""So many digits are right; the fewest that are computed with, and the most."""

SMALLEST, HUGE = 1e-323, 10**400
"""No float but 0 is smaller, and none is larger, even where some digits are wrong."""


class AccuracyError(AutogradError):
    """The accuracy of an operation cannot be measured."""


class JudgeMissing(AccuracyError, ImportError):
    """mpmath is not installed."""


class Outside(ArithmeticError):
    """The function, or its derivative, is not defined at this point."""


@cache
def context() -> Any:
    """A context of mpmath's that is ours alone, so that nobody else's precision changes.

    Raises:
        JudgeMissing: if mpmath is not installed.
    """
    try:
        from mpmath.ctx_mp import MPContext
    except ImportError:
        raise JudgeMissing(
            'accuracy is measured against the package mpmath: pip install "glassgrad[accuracy]"'
        ) from None
    return MPContext()


class Judge:
    """mpmath's functions, imported when the first of them is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # What looks at all names of a module asks for these.
            raise AttributeError(name)
        return getattr(context(), name)


mp: Any = Judge()


class Term:
    """A number, and a bound of its error in units of the last digit that is computed with."""

    __slots__ = ("error", "value")

    def __init__(self, value: Any, error: Any) -> None:
        self.value, self.error = value, error

    def __add__(self, other: Term) -> Term:
        value = self.value + other.value
        return Term(value, self.error + other.error + abs(value))

    def __mul__(self, other: Term) -> Term:
        for one, rest in ((self, other), (other, self)):
            # Most slopes of inputs are exactly 0 or 1, and cost nothing.
            if not one.error and (one.value == 0 or one.value == 1):
                return rest if one.value else ZERO
        value = self.value * other.value
        return Term(value, abs(self.value) * other.error + abs(other.value) * self.error + abs(value))

    @property
    def is_exact_zero(self) -> bool:
        return not self.value and not self.error


def rounded(value: Any) -> Term:
    """A number that was rounded once."""
    return Term(value, abs(value))


class Jet:
    """The value of a function, its slopes, and its matrix of second derivatives."""

    __slots__ = ("second", "slopes", "value")

    def __init__(self, value: Term, slopes: list[Term], second: list[list[Term]]) -> None:
        self.value, self.slopes, self.second = value, slopes, second

    @property
    def number(self) -> Any:
        """The value alone, to choose a branch by."""
        return self.value.value

    def __add__(self, other: Any) -> Jet:
        other = as_jet(other, len(self.slopes))
        return combined(self, other, self.value + other.value, [1, 1], [[0, 0], [0, 0]])

    def __mul__(self, other: Any) -> Jet:
        other = as_jet(other, len(self.slopes))
        return combined(self, other, self.value * other.value, [other.value, self.value], [[0, 1], [1, 0]])

    def __neg__(self) -> Jet:
        return self * -1

    def __sub__(self, other: Any) -> Jet:
        return self + as_jet(other, len(self.slopes)) * -1

    def __rsub__(self, other: Any) -> Jet:
        return as_jet(other, len(self.slopes)) - self

    def __truediv__(self, other: Any) -> Jet:
        return self * reciprocal(as_jet(other, len(self.slopes)))

    def __rtruediv__(self, other: Any) -> Jet:
        return as_jet(other, len(self.slopes)) * reciprocal(self)

    def __radd__(self, other: Any) -> Jet:
        return as_jet(other, len(self.slopes)) + self

    def __rmul__(self, other: Any) -> Jet:
        return as_jet(other, len(self.slopes)) * self


ZERO = Term(0, 0)


def as_jet(x: Any, inputs: int) -> Jet:
    if isinstance(x, Jet):
        return x
    return Jet(Term(x, abs(x) if isinstance(x, mp.mpf) else 0), [ZERO] * inputs, [[ZERO] * inputs] * inputs)


def independent(numbers: Sequence[float]) -> list[Jet]:
    """The inputs: floats, which are exact, with slope 1 in themselves."""
    n = len(numbers)
    zeros = [[ZERO] * n] * n
    return [Jet(Term(mp.mpf(x), 0), [Term(int(i == j), 0) for j in range(n)], zeros) for i, x in enumerate(numbers)]


def combined(u: Jet, v: Jet, value: Term, slopes: Sequence[Any], second: Sequence[Sequence[Any]]) -> Jet:
    """f(u, v) by the chain rule, from f's own slopes and second derivatives there (numbers or Terms)."""
    parts = [(as_term(d), part) for d, part in zip(slopes, (u, v), strict=True)]
    pairs = [
        (d, a.slopes, b.slopes)
        for row, a in zip(second, (u, v), strict=True)
        for d, b in zip(map(as_term, row), (u, v), strict=True)
        if not d.is_exact_zero
    ]
    n = len(u.slopes)
    by_each = [sum_of([d * part.slopes[i] for d, part in parts]) for i in range(n)]
    matrix = [[ZERO] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            terms = [d * part.second[i][j] for d, part in parts] + [d * a[i] * b[j] for d, a, b in pairs]
            matrix[i][j] = matrix[j][i] = sum_of(terms)
    return Jet(value, by_each, matrix)


def as_term(x: Any) -> Term:
    if isinstance(x, Term):
        return x
    return Term(x, 0) if isinstance(x, int) else rounded(x)


def sum_of(terms: Sequence[Term]) -> Term:
    left = [term for term in terms if not term.is_exact_zero]
    total = left[0] if left else ZERO
    for term in left[1:]:
        total = total + term
    return total


Rule = Callable[[Any], tuple[Any, Any, Any]]


def smooth(rule: Rule) -> Callable[[Jet], Jet]:
    """A function of one number from its closed forms: ``rule(x)`` gives f(x), f'(x) and f''(x)."""

    def apply(x: Jet) -> Jet:
        try:
            found = rule(x.number)
        except ZeroDivisionError:
            raise Outside from None
        if any(isinstance(d, mp.mpc) or not mp.isfinite(d) for d in found):
            raise Outside
        f, slope, second = found
        # An error in x moves f by its slope; and the slopes in proportion, as far as an estimate goes.
        x_error = x.value.error
        value = Term(f, abs(f) + abs(slope) * x_error)
        share = abs(second) * x_error
        by, by2 = Term(slope, abs(slope) + share), Term(second, abs(second))
        if slope:
            by2.error += abs(second) * share / abs(slope)
        n = len(x.slopes)
        slopes = [by * x.slopes[i] for i in range(n)]
        matrix = [
            [sum_of([by2 * x.slopes[i] * x.slopes[j], by * x.second[i][j]]) for j in range(n)] for i in range(n)
        ]
        return Jet(value, slopes, matrix)

    return apply


reciprocal = smooth(lambda x: (1 / x, -1 / x**2, 2 / x**3))


def judged(function: Callable[..., Jet], numbers: Sequence[float]) -> Jet:
    """A function at a point, with its derivatives, right to ``DIGITS`` digits.

    Raises:
        Outside: where it is not defined, or has no derivative.
        JudgeMissing: if mpmath is not installed.
    """
    digits = LEAST
    while True:
        with mp.workdps(digits):
            found = function(*independent(numbers))
            terms = [found.value, *found.slopes, *[d for row in found.second for d in row]]
            if digits >= MOST or all(is_certain(term, digits) for term in terms):
                return found
        digits *= 2


def is_certain(term: Term, digits: int) -> bool:
    """True if so many digits give ``DIGITS`` right ones, or a number that no float is as small or large as."""
    if not term.error:
        return True
    size = abs(term.value)
    return bool(
        term.error * power_of_ten(DIGITS - digits) <= size
        or size > HUGE
        or size + term.error * power_of_ten(-digits) < SMALLEST
    )


@cache
def power_of_ten(n: int) -> Any:
    return mp.mpf(10) ** n
