"""A formula cut into words: numbers, names, signs, and exponents that are written small.

>>> [token.text for token in tokenize("y = 2.5e-1·x₁² − |z|")]
['y', '=', '2.5e-1', '·', 'x₁', '²', '−', '|', 'z', '|', '']
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from autograd.core.numbers import RAISED
from viz.formulas.expression import ExpressionError

SMALL_DIGITS = RAISED.removesuffix("⁻")
FULL_SIZE = str.maketrans(RAISED + "−₀₁₂₃₄₅₆₇₈₉", "0123456789--0123456789")
ROOTS = "√∛∜"

NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
PLAIN_NUMBER = re.compile(NUMBER)
# 5.926·10⁻²⁵ is one number, as it is printed.
LONG_NUMBER = re.compile(rf"{NUMBER}(?:[·⋅×]10⁻?[{SMALL_DIGITS}]+)?")
EXPONENT = re.compile(rf"⁻?[{SMALL_DIGITS}]+")
SYMBOL = re.compile(rf"\*\*|==|//|[-+*/%^(),;=\n·⋅×÷−–|⌊⌋⌈⌉>{ROOTS}]")
POWERS = ("**", "^")

ADVICE = {
    "==": "one = gives a result its name: z = w*x",
    "<": "what is smaller stands behind >: write b > a",
    "≤": "what is smaller stands behind >: write b > a",
    "≥": "there is >, which is 1 where it is true, and else 0: a > b",
    "//": "for a division write /, and floor(a / b) for its whole part",
    ".": "a name has no parts after a dot here, and a number begins or ends with a digit: 0.5",
    "[": "there are no lists here; write ( for a parenthesis",
    "]": "there are no lists here; write ) for a parenthesis",
    "{": "write ( for a parenthesis",
    "}": "write ) for a parenthesis",
    **dict.fromkeys("'\"", "a formula has numbers, names and functions, but no text in quotes"),
    ":": "give values beside the formula, as name=value",
    "⁻": "a small minus belongs to an exponent: x⁻¹",
    "≈": "≈ says that a number was rounded; one = gives a result its name: z = w*x",
}


@dataclass(frozen=True)
class Token:
    """A word of a formula: its characters, where it stands, and its kind.

    A kind is "number", "name", "symbol", "exponent" (a small one: ²) or "end".
    """

    kind: str
    text: str
    position: int

    @property
    def number(self) -> float:
        """The number that it is, as a number or as an exponent.

        >>> Token("number", "5.926·10⁻²⁵", 0).number, Token("exponent", "⁻²", 0).number
        (5.926e-25, -2.0)
        """
        return float(re.sub("[·⋅×]10", "e", self.text).translate(FULL_SIZE))

    @property
    def described(self) -> str:
        return {"": "the end", "\n": "the end of the line"}.get(self.text, repr(self.text))


def tokenize(text: str) -> list[Token]:
    """Cut a formula into tokens; the last one has the kind "end".

    Inside parentheses a new line is mere space.

    Raises:
        ExpressionError: at a character that has no meaning.
    """
    tokens: list[Token] = []
    open_parentheses = 0
    at = 0
    while at < len(text):
        if text[at].isspace() and text[at] != "\n":
            at += 1
            continue
        token = token_at(text, at, is_exponent=bool(tokens) and tokens[-1].text in POWERS)
        at += len(token.text)
        open_parentheses += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text != "\n" or open_parentheses <= 0:
            tokens.append(token)
    tokens.append(Token("end", "", len(text)))
    return tokens


def token_at(text: str, at: int, is_exponent: bool) -> Token:
    # In x^2·10³ the exponent is 2.
    if match := (PLAIN_NUMBER if is_exponent else LONG_NUMBER).match(text, at):
        return Token("number", match[0], at)
    if starts_a_name(text[at]):
        end = at + 1
        while end < len(text) and continues_a_name(text[end]):
            end += 1
        return Token("name", text[at:end], at)
    if match := EXPONENT.match(text, at):
        return Token("exponent", match[0], at)
    match = SYMBOL.match(text, at)
    if match and match[0] not in ADVICE:
        return Token("symbol", match[0], at)
    wrong = match[0] if match else text[at]
    shown = repr(wrong) if wrong.isprintable() else f"the character U+{ord(wrong):04X}"
    raise ExpressionError(ADVICE.get(wrong, f"{shown} has no meaning in a formula"), text, at)


def starts_a_name(character: str) -> bool:
    return character == "_" or character.isalpha()


def continues_a_name(character: str) -> bool:
    """Letters, digits and _, subscripts like ₁, and the accents of letters like x̂; but no exponents."""
    is_part = character == "_" or character.isalnum() or unicodedata.combining(character) > 0
    return is_part and character not in SMALL_DIGITS


def is_name(text: str) -> bool:
    return bool(text) and starts_a_name(text[0]) and all(continues_a_name(c) for c in text[1:])
