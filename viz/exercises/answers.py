"""Read a number as people type it: 0.25, -.5, 1/4, 1e-3, 0,25, = 2·3; nothing is executed.

>>> read_number("1/4").number, read_number("−.5").number, read_number("dL/dw = 2·3").number
(0.25, -0.5, 6.0)
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from autograd.core.numbers import RAISED, write_number
from autograd.core.operand import is_finite, is_real
from autograd.errors import AutogradError, text_of
from viz.drawing.style import printable, shorten
from viz.formulas.parser import ExpressionError, parse

EXAMPLES = "Type a number like 0.25, -0.5, 1/4 or 1e-3."

SAME_MEANING = str.maketrans({"−": "-", "–": "-", "½": "(1/2)", "¼": "(1/4)"})


@dataclass(frozen=True)
class Reading:
    """What was understood.

    Attributes:
        number: the number, or None.
        note: how it was understood, or why it was not; "" where that is plain.
        digits: how many significant digits were typed; 15 for a calculation.
    """

    number: float | None
    note: str = ""
    digits: int = 15


def read_number(given: str | float, names: Mapping[str, float] | None = None) -> Reading:
    """Read a number, a calculation, or a formula with known names.

    Never raises for a text: what cannot be read gives a reading without a number, and a friendly note.

    >>> read_number("2*w", {"w": 3.0}).number
    6.0
    >>> print(read_number("huge").note)
    I cannot read 'huge' as a number. Type a number like 0.25, -0.5, 1/4 or 1e-3.
    >>> print(read_number("1,000").note)
    1,000 can be read in two ways. Write 1000 or 1.000, without a comma.
    """
    if not isinstance(given, str):
        if is_real(given) and not isinstance(given, bool) and is_finite(given):
            return Reading(float(given), digits=significant_digits(repr(float(given))))
        return Reading(None, f"{text_of(given)} is not a number that I can use. {EXAMPLES}")
    text = given.strip().rpartition("=")[2].strip().translate(SAME_MEANING)
    if not text:
        return Reading(None, f"There is nothing to read. {EXAMPLES}")
    note = ""
    if found := re.fullmatch(r"([-+]?)(\d*),(\d+)", text):
        sign, whole, decimals = found.groups()
        if len(decimals) == 3 and whole.strip("0"):
            plain = f"{sign}{whole}{decimals} or {sign}{whole}.{decimals}"
            return Reading(None, f"{text} can be read in two ways. Write {plain}, without a comma.")
        text = f"{sign}{whole or '0'}.{decimals}"
        note = f"I read {found[0]} as {write_number(float(text), 15)}: decimals come after a point here."
    return calculated(text, given, note, names or {})


def calculated(text: str, given: str, note: str, names: Mapping[str, float]) -> Reading:
    shown = shorten(printable(given.strip()))
    try:
        formula = parse(text)
        if not names.keys() >= {*formula.names}:
            return Reading(None, f"I cannot read {shown!r} as a number. {EXAMPLES}")
        number = formula.evaluate({name: names[name] for name in formula.names}).data
    except ExpressionError as error:
        return Reading(None, f"I cannot read {shown!r} as a number: {printable(error.reason)}. {EXAMPLES}")
    except (AutogradError, ArithmeticError, RecursionError):
        return Reading(None, f"{shown!r} has no finite value. {EXAMPLES}")
    if not math.isfinite(number):
        return Reading(None, f"{shown!r} has no finite value. {EXAMPLES}")
    return Reading(number, note, significant_digits(text))


def significant_digits(text: str) -> int:
    """How many significant digits a plain number was typed with; 15 for a calculation.

    >>> [significant_digits(text) for text in ("0.0214", "-2", "1.5·10⁻⁷", "1/3")]
    [3, 1, 2, 15]
    """
    found = re.fullmatch(rf"[-+]?(\d*)\.?(\d*)(?:[eE][-+]?\d+|[·⋅×]10[{RAISED}]+)?", text)
    if found is None:
        return 15
    digits = (found[1] + found[2]).lstrip("0")
    # An answer "6" is meant as exactly six.
    return len(digits.rstrip("0") if found[2] and text.endswith(".0") else digits)
