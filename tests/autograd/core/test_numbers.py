"""Numbers as they are shown, against arithmetic with fractions of whole numbers."""

import math
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.core.numbers import (
    equal_sign,
    in_parentheses,
    product_sign,
    read_number,
    sum_sign,
    write_gradient,
    write_number,
    write_short,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
digits = st.integers(1, 9)


def shown_digits(text):
    """The digits of a written number, without zeros in front, and without its exponent."""
    return re.sub(r"[−.]", "", text.partition("·")[0]).lstrip("0")


@given(numbers, digits)
def test_no_number_with_as_many_digits_is_nearer(x, count):
    text = write_number(x, count)
    exact = Decimal(repr(x))
    # A unit of the last digit that is shown; beyond 15 digits the decimal is noise.
    unit = Fraction(10) ** (exact.adjusted() + 1 - count)
    assert abs(read_number(text) - Fraction(exact)) <= unit / 2 + abs(Fraction(exact)) / 10**14
    assert len(shown_digits(text)) <= max(count, 8)


@given(numbers)
def test_what_is_written_is_read_as_the_same_again(x):
    exact = Fraction(Decimal(repr(x)))
    assert abs(read_number(write_number(x, 15)) - exact) <= abs(exact) / 10**14
    # What is shown is shown as it is once more, but for zeros that say that digits were cut.
    text = write_number(x)
    assert read_number(write_number(read_number(text))) == read_number(text)


@given(st.integers(-(10**7) + 1, 10**7 - 1), digits)
def test_whole_numbers_are_whole(i, count):
    assert write_number(float(i), count) == str(i).replace("-", "−")


@pytest.mark.parametrize(
    ("x", "count", "text"),
    [
        (0.4985, 3, "0.499"), (0.125, 2, "0.13"), (-2.5, 1, "−3"), (2.675, 3, "2.68"), (0.1 + 0.2, 4, "0.3"),
        (0.99996, 4, "1.000"), (0.1, 4, "0.1"), (0.100000004, 4, "0.1000"), (41087.4, 4, "41087"),
        (9999999.7, 4, "1.000·10⁷"), (0.00099996, 4, "0.001000"), (0.001, 4, "0.001"), (5.9263e-25, 4, "5.926·10⁻²⁵"),
        (5e-324, 4, "5·10⁻³²⁴"), (-1e300, 4, "−1·10³⁰⁰"), (math.inf, 4, "inf"), (-math.inf, 4, "−inf"),
        (math.nan, 4, "nan"), (-0.0, 4, "0"),
    ],
)  # fmt: skip
def test_numbers_as_on_paper(x, count, text):
    assert write_number(x, count) == text


def test_a_box_has_three_digits_beside_an_exponent():
    assert [write_short(x) for x in (1.23456e-7, 0.123456)] == ["1.23·10⁻⁷", "0.1235"]
    assert [write_gradient(x) for x in (None, 0.25, -2.0)] == ["?", "0.25", "−2"]
    assert [in_parentheses(x) for x in ("2", "−2")] == ["2", "(−2)"]


@given(st.lists(st.decimals(-99, 99, places=3), min_size=2, max_size=3))
def test_an_equals_sign_stands_only_where_what_is_shown_gives_the_result(factors):
    texts = [write_number(float(x), 6) for x in factors]
    product, total = math.prod(map(Fraction, factors)), sum(map(Fraction, factors))
    for sign_of, exact in ((product_sign, product), (sum_sign, total)):
        right = write_number(exact)
        assert sign_of(texts, right) == "="
        # One unit more in the last digit on show is another number.
        step = Fraction(1, 10) ** (len(right.partition("·")[0].partition(".")[2]) or 0)
        wrong = write_number(read_number(right.partition("·")[0]) + step, 12)
        assert sign_of(texts, wrong) == "≈"


def test_what_is_no_number_is_not_compared():
    assert equal_sign("inf", Fraction(1)) == "≈"
    assert (product_sign(["inf", "2"], "inf"), sum_sign(["nan", "2"], "nan")) == ("=", "=")
    with pytest.raises(ValueError, match="is no number"):
        read_number("two")
    with pytest.raises(ValueError, match="is not finite"):
        read_number("inf")
