"""Mathematical notation as a small tree, written as plain text, as LaTeX or as MathML.

The table of operations says how each operation is written, as a LaTeX template like ``\\frac{{0}}{{1}}``.
``read_template`` turns a template into a tree, ``fill`` puts other trees in place of its slots, with
parentheses where they are needed, and the three writers write the result.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

__all__ = [
    "Fence", "Fraction", "Name", "Notation", "Number", "Power", "Root", "Row", "Sign", "Slot", "Subscript", "Word",
    "fill", "read_template", "write_latex", "write_mathml", "write_text",
]  # fmt: skip

# How strongly a piece of notation holds together: a sum falls apart first.
SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4


@dataclass(frozen=True)
class Name:
    """What a learner called something: ``w1``."""

    label: str


@dataclass(frozen=True)
class Number:
    value: float


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
SIGNS = {"+": PLUS, "-": MINUS, r"\cdot": TIMES, ",": COMMA, "=": Sign("=", "=")}
# The letters and big signs of the table; any other command is a function's name.
LETTERS = {r"\sigma": "σ", r"\pi": "π", r"\sum": "Σ", r"\partial": "∂"}
FUNCTION = re.compile(r"\\(?:operatorname|mathrm|text)$")

KNOWN_NUMBERS: dict[float, Notation] = {
    math.pi: Word("π", r"\pi"),
    math.e: Word("e", "e"),
    math.log(2): Row((Word("ln", r"\ln"), Fence(Number(2)))),
    math.log(10): Row((Word("ln", r"\ln"), Fence(Number(10)))),
    2 / math.sqrt(math.pi): Fraction(Number(2), Root(Word("π", r"\pi"))),
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


# --- reading a template -----------------------------------------------------------------------------------

TOKEN = re.compile(r"\\left|\\right|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)


@lru_cache(maxsize=1024)
def read_template(latex: str, slots: int) -> Notation:
    r"""The tree of a LaTeX template in which ``{0}``, ``{1}``, ... below ``slots`` stand for inputs.

    >>> write_text(fill(read_template(r"\frac{{0}}{{1}}", 2), [Name("a"), Name("b")]))
    'a / b'
    """
    return Reader(TOKEN.findall(latex), slots).row(until="")


class Reader:
    """Reads a template from left to right."""

    def __init__(self, tokens: list[str], slots: int) -> None:
        self.tokens = [token for token in tokens if not token.isspace()]
        self.slots = slots
        self.at = 0

    @property
    def current(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.current
        self.at += 1
        return token

    def row(self, until: str) -> Notation:
        parts: list[Notation] = []
        while self.current not in ("", until):
            part = self.part()
            while self.current in ("^", "_"):
                scripted = Power if self.take() == "^" else Subscript
                part = scripted(part, self.part())
            parts.append(part)
        self.take()
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def part(self) -> Notation:
        token = self.take()
        if token == "{":
            return self.group()
        if token in ("(", "["):
            return Fence(self.row(until=")" if token == "(" else "]"), token, ")" if token == "(" else "]")
        if token == r"\left":
            left = self.take()
            inside = self.row(until=r"\right")
            return Fence(inside, left, self.take())
        if token == r"\frac":
            return Fraction(self.part(), self.part())
        if token == r"\sqrt":
            degree = self.part().inside if self.current == "[" else None  # type: ignore[union-attr]
            return Root(self.part(), degree)
        if FUNCTION.match(token):
            return self.function(token)
        if token in SIGNS:
            return SIGNS[token]
        if token in LETTERS:
            return Word(LETTERS[token], token)
        if re.match(r"\d", token):
            return Number(float(token))
        return Word(token.lstrip("\\") or token, token)

    def group(self) -> Notation:
        following = self.tokens[self.at : self.at + 2]
        is_slot = len(following) == 2 and following[1] == "}" and following[0].isdigit()
        if is_slot and int(following[0]) < self.slots:
            self.at += 2
            return Slot(int(following[0]))
        return self.row(until="}")

    def function(self, command: str) -> Notation:
        name = ""
        self.take()
        while self.current not in ("", "}"):
            name += self.take()
        self.take()
        return Word(name.replace("\\", ""), f"{command}{{{name}}}")


# --- filling the slots ------------------------------------------------------------------------------------


def fill(template: Notation, inputs: Sequence[Notation]) -> Notation:
    """The template with its slots replaced by the inputs, in parentheses where these would be misread.

    >>> product = read_template(r"{0} \\cdot {1}", 2)
    >>> write_text(fill(product, [Name("a"), Row((Name("b"), PLUS, Name("c")))]))
    'a·(b + c)'
    """
    match template:
        case Slot(i):
            return inputs[i]
        case Row(parts):
            return fill_row(parts, inputs)
        case Fence(inside, left, right):
            return Fence(fill(inside, inputs), left, right)
        case Fraction(over, under):
            return Fraction(fill(over, inputs), fill(under, inputs))
        case Power(base, exponent):
            return raised(fill(base, inputs), fill(exponent, inputs))
        case Subscript(base, index):
            return Subscript(fill(base, inputs), index)
        case Root(inside, degree):
            return Root(fill(inside, inputs), degree)
    return template


def fill_row(parts: tuple[Notation, ...], inputs: Sequence[Notation]) -> Notation:
    filled: list[Notation] = []
    for i, part in enumerate(parts):
        new = fill(part, inputs)
        if isinstance(part, Slot):
            before = parts[i - 1] if i else None
            after = parts[i + 1] if i + 1 < len(parts) else None
            if must_be_fenced(new, before, after):
                new = Fence(new)
            # Between parentheses no dot is needed: 2(x - 1), σ(z)(1 - σ(z)); but 2·(-3) would be misread.
            is_sum = isinstance(new, Fence) and not isinstance(new.inside, Number)
            if before == TIMES and is_sum and ends_closed(filled[-2]):
                filled.pop()
        # A sum of sums, a product of products: one row.
        filled += new.parts if isinstance(new, Row) and isinstance(part, Slot) and not is_call(new) else [new]
    return Row(tuple(filled))


def must_be_fenced(part: Notation, before: Notation | None, after: Notation | None) -> bool:
    if before is None and isinstance(part, Number):
        # What begins with a negative number needs no parentheses: -2·x.
        return False
    if before is not None and before != COMMA and begins_with_minus(part):
        return True
    if TIMES in (before, after) or before == MINUS:
        return level(part) < PRODUCT
    return False


def raised(base: Notation, exponent: Notation) -> Notation:
    if base == Number(1):
        return base
    if isinstance(base, Row) and is_call(base) and isinstance(exponent, Number) and exponent.value > 0:
        # tanh²(x): a book puts the exponent between the function and its input.
        word, fence = base.parts
        if isinstance(word, Word) and not has_comma(fence):
            return Row((Power(word, exponent), fence))
    return Power(base if isinstance(base, (Name, Word, Fence)) or is_digits(base) else Fence(base), exponent)


def is_digits(part: Notation) -> bool:
    return isinstance(part, Number) and level(part) == ATOM


def has_comma(part: Notation) -> bool:
    return isinstance(part, Fence) and isinstance(part.inside, Row) and COMMA in part.inside.parts


def level(part: Notation) -> int:
    """How strongly it holds together."""
    match part:
        case Row(parts):
            if PLUS in parts or MINUS in parts:
                return SUM
            return ATOM if is_call(part) else PRODUCT
        case Fraction():
            return PRODUCT
        case Power():
            return POWER
        case Number(value):
            return ATOM if value >= 0 and "e" not in write_number(value) else SUM if value < 0 else PRODUCT
    return ATOM


def is_call(part: Notation) -> bool:
    """True for a function with its input: tanh(x), log₂(x), tanh²(x)."""
    if not isinstance(part, Row) or len(part.parts) != 2 or not isinstance(part.parts[1], Fence):
        return False
    function = part.parts[0]
    if isinstance(function, (Power, Subscript)):
        function = function.base
    return isinstance(function, Word)


def begins_with_minus(part: Notation) -> bool:
    match part:
        case Row(parts):
            return begins_with_minus(parts[0])
        case Sign():
            return part == MINUS
        case Number(value):
            return value < 0
        case Fraction(over, _):
            return begins_with_minus(over)
    return False


def ends_closed(part: Notation) -> bool:
    match part:
        case Number() | Fence():
            return True
        case Row(parts):
            return ends_closed(parts[-1])
    return False


def write_number(value: float, digits: int = 6) -> str:
    """Six digits are enough to recognize a number.

    >>> write_number(2.0), write_number(0.044715), write_number(1e-7)
    ('2', '0.044715', '1e-07')
    """
    return f"{value:.{digits}g}"


# --- plain text -------------------------------------------------------------------------------------------

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
ROOTS: dict[Notation | None, str] = {None: "√", Number(3): "∛", Number(4): "∜"}


def write_text(part: Notation) -> str:
    """The notation in one line of characters.

    >>> write_text(fill(read_template(r"\\tanh({0})", 1), [Name("n")]))
    'tanh(n)'
    """
    match part:
        case Name(label):
            return label
        case Number(value):
            return write_number(value)
        case Word(text, _) | Sign(text, _):
            return text
        case Row(parts):
            return write_row(parts)
        case Fence(inside, left, right):
            return f"{left}{write_text(inside)}{right}"
        case Fraction(over, under):
            return f"{fenced_text(over, PRODUCT)} / {fenced_text(under, POWER)}"
        case Power(base, exponent):
            raised_by = write_text(exponent)
            if re.fullmatch(r"-?\d+", raised_by):
                return write_text(base) + raised_by.translate(SUPERSCRIPTS)
            return f"{write_text(base)}^{fenced_text(exponent, ATOM)}"
        case Subscript(base, index):
            return write_text(base) + write_text(index).translate(SUBSCRIPTS)
        case Root(inside, degree):
            return ROOTS.get(degree, "√") + fenced_text(inside, ATOM)
        case Slot(i):
            return f"{{{i}}}"


def fenced_text(part: Notation, needed: int) -> str:
    text = write_text(part)
    return text if level(part) >= needed else f"({text})"


def write_row(parts: tuple[Notation, ...]) -> str:
    text = ""
    for i, part in enumerate(parts):
        written = write_text(part)
        if part in (PLUS, MINUS) and i:
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
        case Number(value):
            return number_in_latex(value)
        case Word(_, latex) | Sign(_, latex):
            return latex
        case Row(parts):
            return row_in_latex(parts)
        case Fence(inside, left, right):
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


def number_in_latex(value: float, digits: int = 6) -> str:
    r"""
    >>> print(number_in_latex(1.5e-7))
    1.5 \cdot 10^{-7}
    """
    mantissa, e, exponent = write_number(value, digits).partition("e")
    return f"{mantissa} \\cdot 10^{{{int(exponent)}}}" if e else mantissa


# --- MathML -----------------------------------------------------------------------------------------------


def write_mathml(part: Notation) -> str:
    """The notation in MathML (presentation markup), to stand inside ``<math>``.

    >>> write_mathml(Power(Name("x"), Number(2)))
    '<msup><mi>x</mi><mn>2</mn></msup>'
    """
    match part:
        case Name(label):
            return name_in_mathml(label)
        case Number(value):
            return number_in_mathml(value)
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


def number_in_mathml(value: float, digits: int = 6) -> str:
    if value < 0:
        return f"<mrow><mo>−</mo>{number_in_mathml(-value, digits)}</mrow>"
    mantissa, e, exponent = write_number(value, digits).partition("e")
    if not e:
        return f"<mn>{mantissa}</mn>"
    power = f"<msup><mn>10</mn><mn>{int(exponent)}</mn></msup>".replace("<mn>-", "<mn>−")
    return f"<mrow><mn>{mantissa}</mn><mo>·</mo>{power}</mrow>"
