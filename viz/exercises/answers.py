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
from viz.formulas.expression import CONSTANTS, ExpressionError
from viz.formulas.parser import parse

EXAMPLES = "Type a number like 0.25, -0.5, 1/4 or 1e-3."

NOTES = {
    "nothing": f"There is nothing to read. {EXAMPLES}",
    "unread": f"I cannot read '{{text}}' as a number{{why}}. {EXAMPLES}",
    "unclear": "{text} can be read in two ways. Write {plain}, without a comma.",
    "infinite": f"'{{text}}' has no finite value. {EXAMPLES}",
    "comma": "I read {text} as {plain}: decimals come after a point here.",
}
"""What is said to a text, here and on a page: its predict/answer.js reads in the same way, but without why."""

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
    >>> print(read_number("I do not know").note)
    I cannot read 'I do not know' as a number. Type a number like 0.25, -0.5, 1/4 or 1e-3.
    >>> print(read_number("1,000").note)
    1,000 can be read in two ways. Write 1000 or 1.000, without a comma.
    """
    if not isinstance(given, str):
        if is_real(given) and not isinstance(given, bool) and is_finite(given):
            return Reading(float(given), digits=significant_digits(repr(float(given))))
        return Reading(None, f"{text_of(given)} is not a number that I can use. {EXAMPLES}")
    text = given.strip().rpartition("=")[2].strip().translate(SAME_MEANING)
    if not text:
        return Reading(None, NOTES["nothing"])
    note = ""
    if found := re.fullmatch(r"([-+]?)(\d*),(\d+)", text):
        sign, whole, decimals = found.groups()
        if len(decimals) == 3 and whole.strip("0"):
            plain = f"{sign}{whole}{decimals} or {sign}{whole}.{decimals}"
            return Reading(None, NOTES["unclear"].format(text=text, plain=plain))
        text = f"{sign}{whole or '0'}.{decimals}"
        note = NOTES["comma"].format(text=found[0], plain=write_number(float(text), 15))
    return calculated(text, given, note, names or {})


def calculated(text: str, given: str, note: str, names: Mapping[str, float]) -> Reading:
    shown = shorten(printable(given.strip()))
    infinite = Reading(None, NOTES["infinite"].format(text=shown))
    try:
        formula = parse(text)
        steps = [step.what for statement in formula.statements for step in statement.instructions]
        used = {what for what in steps if isinstance(what, str)}
        if not names.keys() | CONSTANTS.keys() >= used:
            return Reading(None, NOTES["unread"].format(text=shown, why=""))
        # A node called e is meant, and not Euler's number.
        number = formula.evaluate({name: names[name] for name in used & names.keys()}).data
    except ExpressionError as error:
        # To words, such as "I do not know", the grammar of formulas is no help.
        why = f": {printable(error.reason)}" if any(map(str.isdigit, shown)) else ""
        return Reading(None, NOTES["unread"].format(text=shown, why=why))
    except (AutogradError, ArithmeticError, RecursionError):
        return infinite
    return Reading(number, note, significant_digits(text)) if math.isfinite(number) else infinite


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
