"""How numbers are written, in all that is shown: one policy, which the page's script follows (assets/numbers.js).

Four significant digits (six in explanations), rounded on the decimal number, halves up, as on paper.  Digits before
the point all stay, whole numbers are whole, a minus is a minus, and a zero at the end says that digits were cut.
Very large and very small numbers have an exponent.  An equals sign stands between numbers only where those that
are shown give the one that is shown; else ≈ does.

``tests/browser`` compares the two languages on many numbers.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_05UP, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import reduce

SMALLEST, LARGEST = Decimal("0.001"), Decimal("1e7")
"""What is smaller than the one, or not smaller than the other, is written with an exponent."""

BOX_DIGITS = 3
"""A box of a graph has no room for more digits and an exponent."""

RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
SUPERSCRIPTS = str.maketrans("0123456789-", RAISED)
PLAIN_DIGITS = str.maketrans(RAISED + "−", "0123456789--")

# Digits enough for a sum of any two floats; ROUND_05UP: what is cut here may be rounded again.
EXACT = Context(prec=1000, rounding=ROUND_05UP, Emin=MIN_EMIN, Emax=MAX_EMAX)


def write_number(x: float | Decimal | Fraction, digits: int = 4) -> str:
    """A number with so many significant digits; digits before the point all stay.

    >>> write_number(2.0), write_number(0.70710678), write_number(-12345.678), write_number(5.9263e-25)
    ('2', '0.7071', '−12346', '5.926·10⁻²⁵')
    >>> write_number(0.1), write_number(0.0999999), write_number(0.00625, 2), write_number(-0.0)
    ('0.1', '0.1000', '0.0063', '0')
    """
    if isinstance(x, float) and not math.isfinite(x):
        return str(x).replace("-", "−")
    if not x:
        return "0"
    exact = in_decimal(x, digits)
    before_the_point = exact.adjusted() + 1
    shown = rounded(exact, max(digits, before_the_point) if abs(exact) < LARGEST else digits)
    if abs(shown) >= LARGEST:
        shown = rounded(exact, digits)
    minus = "−" if shown < 0 else ""
    figures, is_cut = "".join(map(str, shown.as_tuple().digits)), shown != exact
    if not is_cut:
        figures = figures.rstrip("0")
    place = shown.adjusted()
    if not SMALLEST <= abs(shown) < LARGEST:
        return f"{minus}{with_point(figures, 1)}·10{str(place).translate(SUPERSCRIPTS)}"
    return minus + with_point(figures, place + 1)


def with_point(figures: str, before: int) -> str:
    """Digits with a point behind so many of them; with zeros where there are not so many.

    >>> with_point("25", 1), with_point("25", 3), with_point("25", -1)
    ('2.5', '250', '0.025')
    """
    if before <= 0:
        return "0." + "0" * -before + figures
    figures = figures.ljust(before, "0")
    return f"{figures[:before]}.{figures[before:]}".removesuffix(".")


def in_decimal(x: float | Decimal | Fraction, digits: int) -> Decimal:
    """The decimal that a float stands for, or a fraction cut behind a thousand digits.

    A float holds 15 digits of a decimal; what comes behind them is the noise of its calculations.

    >>> in_decimal(0.1 + 0.2, 4), in_decimal(0.1 + 0.2, 17), in_decimal(Fraction(1, 8), 4)
    (Decimal('0.3'), Decimal('0.30000000000000004'), Decimal('0.125'))
    """
    if isinstance(x, Fraction):
        return EXACT.divide(Decimal(x.numerator), Decimal(x.denominator))
    if isinstance(x, Decimal):
        return x
    exact = rounded(Decimal(repr(float(x))), max(digits, sys.float_info.dig))
    return exact.normalize(EXACT)


def rounded(x: Decimal, digits: int) -> Decimal:
    """A number with so many significant digits, halves up.

    >>> rounded(Decimal("0.4985"), 3), rounded(Decimal("-12345"), 2), rounded(Decimal("99.96"), 3)
    (Decimal('0.499'), Decimal('-1.2E+4'), Decimal('100'))
    """
    return Context(digits, ROUND_HALF_UP, MIN_EMIN, MAX_EMAX).plus(x)


def round_on_paper(x: float, digits: int) -> float:
    """A number rounded to so many significant digits, as one does with a pencil.

    >>> round_on_paper(-0.0903533, 3), round_on_paper(123456.0, 2), round_on_paper(0.35 * 0.15, 2)
    (-0.0904, 120000.0, 0.053)
    """
    return float(rounded(in_decimal(x, digits), digits)) if math.isfinite(x) else x


def is_exact(x: float, digits: int = 4) -> bool:
    """True if a number is what is shown of it.

    >>> is_exact(0.1 + 0.2), is_exact(1 / 3)
    (True, False)
    """
    return write_number(x, digits) == write_number(x, sys.float_info.dig)


def write_short(x: float) -> str:
    """A number that fits into a box: with three digits where it has an exponent.

    >>> write_short(-0.0012345), write_short(1.23456e-7)
    ('−0.001235', '1.23·10⁻⁷')
    """
    text = write_number(x)
    return write_number(x, BOX_DIGITS) if "·" in text else text


def write_gradient(grad: float | None, digits: int = 4) -> str:
    """A gradient, or "?" if it was never computed.

    >>> write_gradient(6.0), write_gradient(-4.0), write_gradient(None)
    ('6', '−4', '?')
    """
    return "?" if grad is None else write_number(grad, digits)


def read_number(text: str) -> Fraction:
    """What a written number says, exactly.

    Raises:
        ValueError: if it is none, or not finite.

    >>> read_number("−0.25"), read_number("1.5·10⁻³")
    (Fraction(-1, 4), Fraction(3, 2000))
    """
    return Fraction(read_decimal(text))


def read_decimal(text: str) -> Decimal:
    try:
        found = Decimal(text.strip("()").replace("·10", "E").translate(PLAIN_DIGITS))
    except InvalidOperation:
        raise ValueError(f"{text!r} is no number") from None
    if not found.is_finite():
        raise ValueError(f"{text!r} is not finite")
    return found


def equal_sign(result: str, exact: Fraction | Decimal, digits: int = 4) -> str:
    """ "=" if this number, rounded as the result is, is the result that is shown; else "≈".

    >>> equal_sign("0.08", read_number("0.2") * read_number("0.4"))
    '='
    >>> equal_sign("−0.0011", read_number("0.0005") * read_number("−2"))
    '≈'
    """
    try:
        shown = read_decimal(result)
    except ValueError:
        return "≈"
    return "=" if shown in (exact, read_decimal(write_number(exact, digits))) else "≈"


def product_sign(factors: Sequence[str], result: str, digits: int = 4) -> str:
    """The sign between numbers that are multiplied and their product, all as shown.

    >>> product_sign(["0.5", "(−2)"], "−1"), product_sign(["0.3333", "3"], "1"), product_sign(["inf", "0"], "nan")
    ('=', '≈', '=')
    """
    try:
        return equal_sign(result, reduce(EXACT.multiply, map(read_decimal, factors)), digits)
    except ValueError:
        return "="


def sum_sign(terms: Sequence[str], result: str, digits: int = 4) -> str:
    """The sign between numbers that are added and their sum, all as shown.

    >>> sum_sign(["0.3333", "0.3333", "(−0.1)"], "0.5667"), sum_sign(["inf", "1"], "inf")
    ('≈', '=')
    """
    try:
        return equal_sign(result, reduce(EXACT.add, map(read_decimal, terms)), digits)
    except ValueError:
        return "="


def in_parentheses(text: str) -> str:
    """A number as it stands behind a sign.

    >>> in_parentheses("0.3"), in_parentheses("−0.3")
    ('0.3', '(−0.3)')
    """
    return f"({text})" if text.startswith("−") else text
