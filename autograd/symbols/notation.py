"""Mathematical notation as a small tree, written as plain text, as LaTeX or as MathML.

A tree comes from the template of an operation (``templates.py``), or is put together from the parts below.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from autograd.core.numbers import PLAIN_DIGITS, SUPERSCRIPTS, write_number

DIGITS = 6
"""So many significant digits are enough to recognize a number."""

# How strongly a piece of notation holds together: a comparison falls apart first, and then a sum.
COMPARISON, SUM, PRODUCT, POWER, ATOM = 0, 1, 2, 3, 4


@dataclass(frozen=True)
class Name:
    """What a learner called something: ``w1``."""

    label: str


@dataclass(frozen=True)
class Number:
    """A number, written with so many significant digits."""

    value: float
    digits: int = DIGITS


@dataclass(frozen=True)
class Word:
    """The name of a function, or a letter with a fixed meaning: ``tanh``, ``σ``, ``e``."""

    text: str
    latex: str


@dataclass(frozen=True)
class Sign:
    """Something between two others: ``+``, ``·``, a comma."""

    text: str
    latex: str


@dataclass(frozen=True)
class Row:
    """One thing beside the other."""

    parts: tuple[Notation, ...]


@dataclass(frozen=True)
class Fence:
    """Something between parentheses or bars."""

    inside: Notation
    left: str = "("
    right: str = ")"


@dataclass(frozen=True)
class Fraction:
    over: Notation
    under: Notation


@dataclass(frozen=True)
class Power:
    base: Notation
    exponent: Notation


@dataclass(frozen=True)
class Subscript:
    base: Notation
    index: Notation


@dataclass(frozen=True)
class Root:
    inside: Notation
    degree: Notation | None = None


@dataclass(frozen=True)
class Slot:
    """A place for an input."""

    number: int


Notation = Name | Number | Word | Sign | Row | Fence | Fraction | Power | Subscript | Root | Slot

PLUS, MINUS, TIMES, COMMA = Sign("+", "+"), Sign("-", "-"), Sign("·", r"\cdot"), Sign(",", ",")
GREATER = Sign(">", ">")
KNOWN_NUMBERS: dict[float, Notation] = {
    math.pi: Word("π", r"\pi"),
    math.e: Word("e", "e"),
    math.log(2): Row((Word("ln", r"\ln"), Fence(Number(2)))),
    math.log(10): Row((Word("ln", r"\ln"), Fence(Number(10)))),
    2 / math.sqrt(math.pi): Fraction(Number(2), Root(Word("π", r"\pi"))),
    math.sqrt(8 / math.pi): Root(Fraction(Number(8), Word("π", r"\pi"))),
    math.sqrt(2 / math.pi): Root(Fraction(Number(2), Word("π", r"\pi"))),
    180 / math.pi: Fraction(Number(180), Word("π", r"\pi")),
    math.pi / 180: Fraction(Word("π", r"\pi"), Number(180)),
}
"""Numbers that a book writes with signs."""


def known(value: float) -> float | None:
    """The number of that list which this one is, but for the last digits that rounding changes."""
    return next((x for x in KNOWN_NUMBERS if math.isclose(x, value, rel_tol=1e-14)), None)


def number(value: float) -> Notation:
    """A number as a book writes it.

    >>> write_text(number(2.0)), write_text(number(0.5)), write_text(number(2 / math.sqrt(math.pi)))
    ('2', '0.5', '2 / √π')
    """
    sign = known(value)
    return Number(value) if sign is None else KNOWN_NUMBERS[sign]


LETTER, MORE = r"[^\W\d¹²³⁰-⁹¼-¾]", r"(?:[^\W¹²³⁰-⁹¼-¾]|[\u0300-\u036f])*"
WORD = re.compile(rf"{LETTER}{MORE}(?:\.{MORE})*(?:\[\w+\])?['′]*|\d+(?:\.\d+)?|…")


def is_word(label: str) -> bool:
    """True for what reads as one thing: a word, perhaps with dots, an index in brackets or primes; or a number.

    >>> [is_word(label) for label in ("w1", "ŷ", "layer0.b", "h'", "x[0]", "2.5")]
    [True, True, True, True, True, True]
    >>> [is_word(label) for label in ("a+b", "x²", "2x", "-a", "my w", "")]
    [False, False, False, False, False, False]
    """
    return WORD.fullmatch(label) is not None


def level(part: Notation) -> int:
    """How strongly it holds together."""
    match part:
        case Name(label):
            return ATOM if is_word(label) else SUM
        case Row(parts):
            if GREATER in parts:
                return COMPARISON
            if PLUS in parts or MINUS in parts:
                return SUM
            return ATOM if is_call(part) else PRODUCT
        case Fraction():
            return PRODUCT
        case Power():
            return POWER
        case Number(value):
            return ATOM if value >= 0 and "·" not in write_number(value, DIGITS) else SUM if value < 0 else PRODUCT
    return ATOM


def is_call(part: Notation) -> bool:
    """True for a function with its input: tanh(x), log₂(x), tanh²(x)."""
    if not isinstance(part, Row) or len(part.parts) != 2 or not isinstance(part.parts[1], Fence):
        return False
    function = part.parts[0]
    if isinstance(function, (Power, Subscript)):
        function = function.base
    return isinstance(function, Word)


# --- plain text -------------------------------------------------------------------------------------------

FENCES_IN_LATEX = {"⌊": r"\lfloor ", "⌋": r"\rfloor", "⌈": r"\lceil ", "⌉": r"\rceil"}

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
ROOTS: dict[Notation | None, str] = {None: "√", Number(3): "∛", Number(4): "∜"}


def write_text(part: Notation, call: Callable[[str], str] = str) -> str:
    """The notation in one line of characters; ``call`` says how to call what has a name, from left to right.

    >>> tanh = Row((Word("tanh", r"\\tanh"), Fence(Name("n"))))
    >>> write_text(tanh), write_text(tanh, str.upper)
    ('tanh(n)', 'tanh(N)')
    """
    match part:
        case Name(label):
            return call(label)
        case Number(value, digits):
            return write_number(value, digits)
        case Word(text, _) | Sign(text, _):
            return text
        case Row(parts):
            return write_row(parts, call)
        case Fence(inside, left, right):
            return f"{left}{write_text(inside, call)}{right}"
        case Fraction(over, under):
            return f"{fenced_text(over, PRODUCT, call)} / {fenced_text(under, POWER, call)}"
        case Power(base, exponent):
            raised_by = write_text(exponent)
            if re.fullmatch(r"-?\d+", raised_by):
                return write_text(base, call) + raised_by.translate(SUPERSCRIPTS)
            return f"{write_text(base, call)}^{fenced_text(exponent, ATOM, call)}"
        case Subscript(base, index):
            return write_text(base, call) + write_text(index).translate(SUBSCRIPTS)
        case Root(inside, degree):
            return ROOTS.get(degree, "√") + fenced_text(inside, ATOM, call)
        case Slot(i):
            return f"{{{i}}}"


def fenced_text(part: Notation, needed: int, call: Callable[[str], str]) -> str:
    text = write_text(part, call)
    return text if level(part) >= needed else f"({text})"


def write_row(parts: tuple[Notation, ...], call: Callable[[str], str]) -> str:
    text = ""
    for i, part in enumerate(parts):
        written = write_text(part, call)
        if part in (PLUS, MINUS, GREATER) and i:
            written = f" {written} "
        elif isinstance(part, Fraction) and TIMES in (*parts[max(i - 1, 0) : i], *parts[i + 1 : i + 2]):
            # (a / b)·c and not a / b·c, which may be misread.
            written = f"({written})"
        text += f"{written} " if part == COMMA else written
    return text


# --- LaTeX ------------------------------------------------------------------------------------------------


def write_latex(part: Notation) -> str:
    r"""The notation in LaTeX.

    >>> print(write_latex(Fraction(Number(1), Name("w1"))))
    \frac{1}{w_1}
    """
    match part:
        case Name(label):
            return name_in_latex(label)
        case Number(value, digits):
            return number_in_latex(value, digits)
        case Word(_, latex) | Sign(_, latex):
            return latex
        case Row(parts):
            return row_in_latex(parts)
        case Fence(inside, left, right):
            left, right = FENCES_IN_LATEX.get(left, left), FENCES_IN_LATEX.get(right, right)
            return f"\\left{left}{write_latex(inside)}\\right{right}"
        case Fraction(over, under):
            return f"\\frac{{{write_latex(over)}}}{{{write_latex(under)}}}"
        case Power(base, exponent):
            return f"{write_latex(base)}^{{{write_latex(exponent)}}}"
        case Subscript(base, index):
            return f"{write_latex(base)}_{{{write_latex(index)}}}"
        case Root(inside, degree):
            return f"\\sqrt{'' if degree is None else f'[{write_latex(degree)}]'}{{{write_latex(inside)}}}"
        case Slot(i):
            return f"{{{i}}}"


def row_in_latex(parts: tuple[Notation, ...]) -> str:
    written = [write_latex(part) for part in parts]
    for i, part in enumerate(parts):
        if isinstance(part, Sign) and part != COMMA and i:
            written[i] = f" {written[i]} "
        elif part == COMMA:
            written[i] = ", "
    return "".join(written)


def name_in_latex(label: str) -> str:
    r"""A name in LaTeX: a letter with its number or word as an index, everything else as text.

    >>> print(name_in_latex("w12"), name_in_latex("y_pred"), name_in_latex("target"))
    w_{12} y_{\text{pred}} \text{target}
    """
    letter, index = letter_and_index(label)
    if letter and not index:
        return letter
    if letter and index.isdigit():
        return f"{letter}_{index}" if len(index) == 1 else f"{letter}_{{{index}}}"
    if letter:
        return f"{letter}_{{\\text{{{index}}}}}"
    return text_in_latex(label)


def text_in_latex(text: str) -> str:
    r"""Any text inside of mathematics.

    Signs that mean something to LaTeX stand outside of ``\text``, because there all of LaTeX, MathJax and
    KaTeX read them alike.

    >>> print(text_in_latex("50% off"))
    \text{50}\%\text{ off}
    """
    return "".join(LATEX_SIGNS.get(run, f"\\text{{{run}}}") for run in RUNS.findall(text))


def letter_and_index(label: str) -> tuple[str, str]:
    """
    >>> letter_and_index("w1"), letter_and_index("y_pred"), letter_and_index("target")
    (('w', '1'), ('y', 'pred'), ('', ''))
    """
    found = re.fullmatch(r"([A-Za-z])(?:(\d{0,6})|_([A-Za-z0-9]{1,12}))", label)
    return (found[1], found[2] or found[3] or "") if found else ("", "")


LATEX_SIGNS = {
    "\\": r"\backslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
    "^": r"\wedge{}", "~": r"\sim{}", "…": r"\cdots{}",
    "<": "<", ">": ">", "`": "`",
}  # fmt: skip
RUNS = re.compile(f"[{re.escape(''.join(LATEX_SIGNS))}]|[^{re.escape(''.join(LATEX_SIGNS))}]+")


def number_in_latex(value: float, digits: int = DIGITS) -> str:
    r"""
    >>> print(number_in_latex(-1.5e-7))
    -1.5 \cdot 10^{-7}
    """
    mantissa, times, exponent = write_number(value, digits).translate(PLAIN_DIGITS).partition("·10")
    return f"{mantissa} \\cdot 10^{{{exponent}}}" if times else mantissa


# --- MathML -----------------------------------------------------------------------------------------------


def write_mathml(part: Notation) -> str:
    """The notation in MathML (presentation markup), to stand inside ``<math>``.

    >>> write_mathml(Power(Name("x"), Number(2)))
    '<msup><mi>x</mi><mn>2</mn></msup>'
    """
    match part:
        case Name(label):
            return name_in_mathml(label)
        case Number(value, digits):
            return number_in_mathml(value, digits)
        case Word(text, _):
            return f"<mi>{escape(text)}</mi>"
        case Sign(text, _):
            return f"<mo>{'−' if text == '-' else escape(text)}</mo>"
        case Row(parts):
            return f"<mrow>{''.join(write_mathml(part) for part in parts)}</mrow>"
        case Fence(inside, left, right):
            return f"<mrow><mo>{escape(left)}</mo>{write_mathml(inside)}<mo>{escape(right)}</mo></mrow>"
        case Fraction(over, under):
            return f"<mfrac>{write_mathml(over)}{write_mathml(under)}</mfrac>"
        case Power(base, exponent):
            return f"<msup>{write_mathml(base)}{write_mathml(exponent)}</msup>"
        case Subscript(base, index):
            return f"<msub>{write_mathml(base)}{write_mathml(index)}</msub>"
        case Root(inside, None):
            return f"<msqrt>{write_mathml(inside)}</msqrt>"
        case Root(inside, degree):
            return f"<mroot>{write_mathml(inside)}{write_mathml(degree)}</mroot>"  # type: ignore[arg-type]
        case Slot(i):
            return f"<mi>{{{i}}}</mi>"


def name_in_mathml(label: str) -> str:
    letter, index = letter_and_index(label)
    if letter and index:
        kind = "mn" if index.isdigit() else "mtext"
        return f"<msub><mi>{letter}</mi><{kind}>{index}</{kind}></msub>"
    # XML has no control characters, and marks that turn the direction of text would turn the formula.
    shown = "".join(character if character.isprintable() else "\ufffd" for character in label)
    return f"<mi>{letter}</mi>" if letter else f"<mtext>{escape(shown)}</mtext>"


def number_in_mathml(value: float, digits: int = DIGITS) -> str:
    if value < 0:
        return f"<mrow><mo>−</mo>{number_in_mathml(-value, digits)}</mrow>"
    mantissa, times, exponent = write_number(value, digits).partition("·10")
    if not times:
        return f"<mn>{mantissa}</mn>"
    power = exponent.translate(PLAIN_DIGITS).replace("-", "−")
    return f"<mrow><mn>{mantissa}</mn><mo>·</mo><msup><mn>10</mn><mn>{power}</mn></msup></mrow>"
