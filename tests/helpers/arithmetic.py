"""Arithmetic on show, taken apart and computed anew with fractions: nothing of glassgrad's own is used to check it."""

from __future__ import annotations

import random
import re
from fractions import Fraction

from autograd import Value

NUMBER = r"−?\d+(?:\.\d+)?(?:·10⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
PLAIN = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")


def value(text: str) -> Fraction:
    mantissa, _, exponent = text.strip("() ").partition("·10")
    return Fraction(mantissa.translate(PLAIN)) * Fraction(10) ** int(exponent.translate(PLAIN) or 0)


def rounded(exact: Fraction, digits: int) -> Fraction:
    """Halves up; digits before the point all stay where there is no exponent."""
    if not exact:
        return exact
    unit = Fraction(10) ** 400
    while unit > abs(exact):
        unit /= 10
    for _ in range(digits - 1):
        unit /= 10
    if abs(exact) < 10**7:
        unit = min(unit, Fraction(1))
    size = (abs(exact) / unit + Fraction(1, 2)).__floor__() * unit
    return size if exact > 0 else -size


def is_right(exact: Fraction, sign: str, result: str, digits: int = 4) -> bool:
    """True if "=" stands where the numbers give the result to the digits shown, and ≈ where they come near it."""
    gives_it = value(result) in (exact, rounded(exact, digits))
    return gives_it if sign == "=" else not gives_it


PRODUCT = re.compile(
    rf"upstream gradient .+? = ({NUMBER}) times local derivative (?:.* = )?({NUMBER}) is (≈ )?({NUMBER})\. "
)
SUM = re.compile(rf"Added to the ({NUMBER}) from before it makes (≈ )?({NUMBER})[,:]")
CHAIN = re.compile(rf"(?:^|= )\(?({NUMBER})\)? \+ \(?({NUMBER})\)? · \(?({NUMBER})\)? ([=≈]) ({NUMBER})$")
STEP = re.compile(rf"grad = ({NUMBER}) \+ upstream \(?({NUMBER})\)? × local \(?({NUMBER})\)? ([=≈]) ({NUMBER})$")


def wrong_sentences(sentence: str) -> list[str]:
    """The claims of a backward step's sentence that are not true as they stand."""
    wrong = []
    found = PRODUCT.search(sentence)
    if not found:
        return [f"no product in {sentence}"]
    upstream, local, about, product = found.groups()
    if not is_right(value(upstream) * value(local), "≈" if about else "=", product):
        wrong.append(found[0])
    if found := SUM.search(sentence):
        before, about, after = found.groups()
        if not is_right(value(before) + value(product), "≈" if about else "=", after):
            wrong.append(found[0])
    elif "Added" in sentence:
        wrong.append(f"no sum in {sentence}")
    return wrong


def wrong_chain(line: str, shape: re.Pattern[str] = CHAIN) -> list[str]:
    """The same for ``… = before + upstream · local = after``."""
    found = shape.search(line)
    if not found:
        return [f"no arithmetic in {line}"]
    before, upstream, local, sign, after = found.groups()
    return [] if is_right(value(before) + value(upstream) * value(local), sign, after) else [line]


def random_graph(seed: int) -> Value:
    """A graph with numbers of many sizes, in which values are used more than once."""
    chance = random.Random(seed)
    nodes = [
        Value(chance.choice((-1, 1)) * chance.random() * 10 ** chance.randint(-3, 2), f"x{i}") for i in range(4)
    ]
    for _ in range(chance.randint(4, 12)):
        a, b = chance.choice(nodes), chance.choice(nodes)
        nodes.append(chance.choice((a * b, a + b, a - b, a.tanh() * b, a.sigmoid())))
    L = sum(nodes[-3:], Value(0.125, "c"))
    L.label = "L"
    return L
