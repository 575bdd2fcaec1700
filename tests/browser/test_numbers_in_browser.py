"""The page's script writes and compares numbers as Python does."""

from __future__ import annotations

import math
import random
import struct

import pytest

from autograd.core.numbers import (
    product_sign,
    read_number,
    sum_sign,
    write_number,
    write_short,
)
from viz.pages.demos import demo

chance = random.Random(5)


def some_floats(n):
    """Of every size that there is, subnormal ones too."""
    found = (struct.unpack("d", struct.pack("Q", chance.getrandbits(64)))[0] for _ in range(n))
    return [x for x in found if math.isfinite(x)]


NUMBERS = [
    0.0, -0.0, 5e-324, 1.5e-323, 2.2250738585072014e-308, 1e-300, 1e300, -1.7976931348623157e308, 0.0009999, 0.00099995,
    0.00099996, 9999999.0, 9999999.4, 9999999.5, 1e7, 12345000.0, 1e15 + 5, 123456789012345.5, 0.1 + 0.2, 0.15 * 0.35,
    *[n / 8 for n in range(-500, 500)], *[n / 1000 for n in range(-3000, 3000, 7)], *[n + 0.5 for n in range(9980, 10020)],
    *[round(chance.random() * 10 ** chance.randint(-4, 6), chance.randint(0, 6)) for _ in range(2000)],
    *[chance.uniform(-1, 1) * 10 ** chance.randint(-12, 12) for _ in range(2000)], *some_floats(2000),
]  # fmt: skip


@pytest.fixture
def tab(visit):
    return visit(demo("cs231n-product"))


def test_thousands_of_numbers_are_written_as_in_python(tab):
    for digits in (1, 2, 3, 4, 6, 12, 17):
        written = tab.evaluate("([xs, digits]) => xs.map((x) => writeNumber(x, digits))", [NUMBERS, digits])
        assert written == [write_number(x, digits) for x in NUMBERS]
    assert tab.evaluate("[NaN, Infinity, -Infinity].map((x) => writeNumber(x))") == ["nan", "inf", "−inf"]
    assert tab.evaluate("(xs) => xs.map((x) => writeShort(x))", NUMBERS) == [write_short(x) for x in NUMBERS]


def test_numbers_are_read_as_in_python(tab):
    texts = [write_number(x, 17) for x in NUMBERS]
    found = tab.evaluate(
        "(texts) => texts.map(readNumber).map(([n, power]) => `${n}·10${superscript(power)}`)", texts
    )
    for text, read in zip(texts, found, strict=True):
        assert read_number(read) == read_number(text)
    assert tab.evaluate('["nan", "inf", "x", ""].map(readNumber)') == [None] * 4


def test_equals_signs_stand_where_they_do_in_python(tab):
    rows = []
    for _ in range(4000):
        a, b = chance.choice(NUMBERS), chance.choice(NUMBERS)
        rows.append([write_number(x) for x in (a, b, a * b * chance.choice((1, 1, 1.0003)), a + b)])
    rows += [["inf", "0", "nan", "inf"], ["1·10²⁰⁰", "1·10²⁰⁰", "inf", "2·10²⁰⁰"]]
    found = tab.evaluate("(rows) => rows.map(([a, b, p, s]) => [productSign([a, b], p), sumSign([a, b], s)])", rows)
    assert found == [[product_sign([a, b], p), sum_sign([a, b], s)] for a, b, p, s in rows]
    assert {sign for pair in found for sign in pair} == {"=", "≈"}
