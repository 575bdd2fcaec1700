"""Templates: how the table says that an operation is written, with slots for its inputs.

``read_template`` turns LaTeX like ``\\frac{{0}}{{1}}`` into notation, and ``fill`` puts other notation in place of
its slots, with parentheses where they are needed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence, Set
from functools import lru_cache
from typing import TypeGuard

from autograd.symbols.notation import (
    ATOM,
    COMMA,
    COMPARISON,
    GREATER,
    MINUS,
    PLUS,
    PRODUCT,
    TIMES,
    Fence,
    Fraction,
    Name,
    Notation,
    Number,
    Power,
    Root,
    Row,
    Sign,
    Slot,
    Subscript,
    Word,
    is_call,
    is_word,
    level,
)

SIGNS = {"+": PLUS, "-": MINUS, ">": GREATER, r"\cdot": TIMES, ",": COMMA, "=": Sign("=", "=")}
# The letters and big signs of the table; any other command is a function's name.
LETTERS = {r"\sigma": "σ", r"\pi": "π", r"\sum": "Σ", r"\partial": "∂"}
FENCES = {r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉"}
FUNCTION = re.compile(r"\\(?:operatorname|mathrm|text)$")
TOKEN = re.compile(r"\\left|\\right|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)


@lru_cache(maxsize=1024)
def read_template(latex: str, slots: int) -> Notation:
    r"""The tree of a LaTeX template in which ``{0}``, ``{1}``, ... below ``slots`` stand for inputs.

    >>> from autograd.symbols.notation import write_text
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
            right = self.take()
            return Fence(inside, FENCES.get(left, left), FENCES.get(right, right))
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


# --- names that could be taken for the book's own letters ----------------------------------------------------

MISTAKABLE = frozenset({"e", "π", "pi", "σ", "sigma"})
"""What a learner may call something, and a book writes for Euler's number, the circle's number and the sigmoid."""


def spelled(part: Notation, near: Set[str]) -> Notation:
    """The notation without those letters of the book that names near it have.

    >>> from autograd.symbols.notation import write_text
    >>> power, turn = read_template("e^{{0}}", 1), read_template(r"2 \\cdot \\pi \\cdot {0}", 1)
    >>> write_text(spelled(power, {"e"})), write_text(spelled(turn, {"pi"}))
    ('exp({0})', '2·3.14159265·{0}')
    """
    if not near:
        return part
    match part:
        case Power(Word("e"), exponent) if "e" in near:
            return Row((EXP, Fence(spelled(exponent, near))))
        case Word("e") if "e" in near:
            return Row((EXP, Fence(Number(1))))
        case Word("π") if "π" in near or "pi" in near:
            return Number(math.pi, digits=9)
        case Word("σ") if "σ" in near or "sigma" in near:
            return SIGMOID
    return with_parts(part, lambda inner: spelled(inner, near))


EXP, SIGMOID = Word("exp", r"\exp"), Word("sigmoid", r"\operatorname{sigmoid}")

LONGEST_LIST = 12
"""Of a list of more inputs than this, the first two and the last are written."""


def with_commas(parts: list[Notation]) -> Notation:
    """A list of inputs with commas between them."""
    if len(parts) > LONGEST_LIST:
        parts = [*parts[:2], Word("...", r"\dots"), parts[-1]]
    row: list[Notation] = []
    for part in parts:
        row += [COMMA, part] if row else [part]
    return row[0] if len(row) == 1 else Row(tuple(row))


# --- filling the slots ------------------------------------------------------------------------------------


def fill(template: Notation, inputs: Sequence[Notation]) -> Notation:
    """The template with its slots replaced by the inputs, in parentheses where these would be misread.

    >>> from autograd.symbols.notation import write_text
    >>> product = read_template(r"{0} \\cdot {1}", 2)
    >>> write_text(fill(product, [Name("a"), Row((Name("b"), PLUS, Name("c")))]))
    'a·(b + c)'
    """
    match template:
        case Slot(i):
            return inputs[i]
        case Row(parts):
            return fill_row(parts, inputs)
        case Power(base, exponent):
            return raised(fill(base, inputs), fill(exponent, inputs))
    return with_parts(template, lambda part: fill(part, inputs))


def with_parts(whole: Notation, change: Callable[[Notation], Notation]) -> Notation:
    """The same notation with each of its parts changed."""
    match whole:
        case Row(parts):
            return Row(tuple(map(change, parts)))
        case Fence(inside, left, right):
            return Fence(change(inside), left, right)
        case Fraction(over, under):
            return Fraction(change(over), change(under))
        case Power(base, exponent):
            return Power(change(base), change(exponent))
        case Subscript(base, index):
            return Subscript(change(base), index)
        case Root(inside, degree):
            return Root(change(inside), degree)
    return whole


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
            is_sum = is_parenthesis(new) and not isinstance(new.inside, Number)
            if before == TIMES and is_sum and ends_closed(filled[-2]):
                filled.pop()
        # A sum of sums, a product of products: one row.
        filled += new.parts if isinstance(new, Row) and isinstance(part, Slot) and not is_call(new) else [new]
    return Row(tuple(filled))


def must_be_fenced(part: Notation, before: Notation | None, after: Notation | None) -> bool:
    if isinstance(part, Name) and not is_word(part.label):
        # A label that looks like a formula: in parentheses it is one thing.
        is_alone = (before is None or before == COMMA) and (after is None or after == COMMA)
        return not is_alone or (before != after and "," in part.label)
    if level(part) == COMPARISON:
        return {before, after} - {None, COMMA} != set()
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
    is_one = isinstance(base, (Name, Number, Word, Fence)) and level(base) == ATOM
    return Power(base if is_one else Fence(base), exponent)


def is_parenthesis(part: Notation) -> TypeGuard[Fence]:
    """True for a formula in parentheses, but not for a label in them."""
    return isinstance(part, Fence) and part.left == "(" and not isinstance(part.inside, Name)


def has_comma(part: Notation) -> bool:
    return isinstance(part, Fence) and isinstance(part.inside, Row) and COMMA in part.inside.parts


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
        case Number():
            return True
        case Fence():
            return is_parenthesis(part)
        case Row(parts):
            return is_call(part) or ends_closed(parts[-1])
    return False
