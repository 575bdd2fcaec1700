"""What is shown in the place of characters that cannot be shown.

In a label, which may come from anywhere: control characters would change the terminal itself, and marks of
direction would reorder what stands around them.  ``printable`` puts a visible sign there, for all packages.

On a stream that knows few characters (ASCII, a code page of Windows): σ becomes ``sigma``, − becomes ``-``,
and the lines of a tree become ``|-``.  Nothing becomes ``?``, which means "not computed" here, and nothing is
an error.
"""

from __future__ import annotations

import codecs
import io
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from autograd.core.numbers import RAISED

# Left-to-right marks, embeddings, overrides and isolates: they would reorder the text around them.
DIRECTION_MARKS = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
NO_CHARACTERS = {0xFFFE, 0xFFFF}
UNSEEN = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of control characters, halves of surrogate pairs, line and paragraph separators."""

NAME = "glassgrad"
"""What this way of handling errors is called, for ``open(..., errors="glassgrad")`` too."""

SUPERSCRIPTS = dict(zip(RAISED, "0123456789-", strict=True))

SPELLED = {
    "Σ": "sum", "∑": "sum", "∏": "prod", "∇": "grad", "∂": "d", "∞": "inf", "ε": "eps", "√": "sqrt",
    "∛": "cbrt", "∜": "root4", "−": "-", "–": "-", "—": "-", "·": "*", "⋅": "*", "×": "*", "÷": "/",
    "±": "+-", "≈": "~", "≠": "!=", "≤": "<=", "≥": ">=", "½": "1/2", "¼": "1/4", "¾": "3/4", "°": " degrees",
    "∈": "in", "←": "<-", "→": "->", "↑": "^", "↓": "v", "↔": "<->", "…": "...", "⋯": "...", "′": "'",
    "‵": "`", "‘": "'", "’": "'", "“": '"', "”": '"', "«": "<<", "»": ">>", "‹": "<", "›": ">", "►": ">",
    "◄": "<", "●": "*", "•": "*", "✓": "ok", "✗": "x", "↵": "\\n", "\ufffd": "~", "─": "-", "━": "=",
    "│": "|", "┌": "+", "┐": "+", "└": "`", "┘": "'", "├": "|", "┤": "|", "┬": "+", "┴": "+", "┼": "+",
    "□": "[]", "▁": "_", "▂": ".", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%", "█": "#",
    "\u0302": "_hat", "‖": "||", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")",
}  # fmt: skip


def printable(text: str) -> str:
    """The text with a visible sign in place of each character that cannot be shown.

    >>> printable("a\\0b\\n")
    'a\ufffdb↵'
    """
    return text if text.isprintable() else "".join(printable_character(character) for character in text)


def printable_character(character: str) -> str:
    code = ord(character)
    if character == "\n":
        return "↵"
    if code in DIRECTION_MARKS or code in NO_CHARACTERS or unicodedata.category(character) in UNSEEN:
        return "\ufffd"
    return character


def spelled(text: str, start: int = 0, end: int | None = None) -> str:
    """A part of a text in ASCII.

    >>> spelled("∂L/∂σ = −2·x³ ≤ √x"), spelled("├─w₁"), spelled("größe")
    ('dL/dsigma = -2*x^3 <= sqrt x', '|-w1', 'grosse')
    """
    found = []
    for place in range(start, len(text) if end is None else end):
        before, character, after = text[place - 1 : place], text[place], text[place + 1 : place + 2]
        if character in SUPERSCRIPTS:
            found.append(("" if before in SUPERSCRIPTS else "^") + SUPERSCRIPTS[character])
        elif character in "√∛∜" and after != "(":
            found.append(SPELLED[character] + " ")
        else:
            found.append(character if character.isascii() else SPELLED.get(character) or spell_letter(character))
    return "".join(found)


def spelled_lines(text: str) -> str:
    """A message in ASCII; a ^ that points at a character of the line above still does.

    >>> print(spelled_lines("θ + ²\\n    ^ what is this?"))
    theta + ^2
            ^ what is this?
    """
    lines = text.split("\n")
    found = [spelled(line) for line in lines]
    for i, line in enumerate(lines[1:], start=1):
        if line.lstrip(" ").startswith("^"):
            found[i] = " " * len(spelled(lines[i - 1], end=line.index("^"))) + found[i].lstrip(" ")
    return "\n".join(found)


def spell_letter(character: str) -> str:
    """A letter without its accents, a Greek one by its name, and any other by its number."""
    alphabet, _, letter = unicodedata.name(character, "").partition(" LETTER ")
    if alphabet in ("GREEK SMALL", "GREEK CAPITAL"):
        letter = letter.removeprefix("FINAL ").partition(" ")[0].lower()
        return letter if alphabet == "GREEK SMALL" else letter.capitalize()
    if character == "ß":
        return "ss"
    plain = unicodedata.normalize("NFKD", character)
    plain = "".join(part for part in plain if not unicodedata.combining(part))
    if plain and plain.isascii() and plain.isprintable():
        return plain
    return character.encode("ascii", "backslashreplace").decode("ascii")


def spell_instead(error: UnicodeError) -> tuple[str, int]:
    """What ``codecs`` calls for characters that cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return spelled(error.object, error.start, error.end), error.end


codecs.register_error(NAME, spell_instead)


RAISING = ("strict", "surrogateescape")
"""The ways of handling errors by which a character that cannot be encoded is an error."""


ALL_WAYS = (*RAISING, "replace", "backslashreplace", "ignore")


def can_encode(stream: Any, text: str) -> bool:
    """True if a text stream shows this text as it is.

    >>> can_encode(io.StringIO(), "σ"), can_encode(io.TextIOWrapper(io.BytesIO(), "cp1252"), "σ")
    (True, False)
    """
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def let_stream_spell(stream: Any, instead_of: Sequence[str] = RAISING) -> None:
    """Let a text stream spell out what it cannot encode.

    Streams of another kind (IDLE's, None), and those that can encode everything, stay as they are.
    """
    if not isinstance(stream, io.TextIOWrapper) or stream.errors not in instead_of:
        return
    if not can_encode(stream, "σ−├✓"):
        # A stream that is closed already will say so when somebody writes.
        with suppress(OSError, ValueError):
            stream.reconfigure(errors=NAME)


def columns_of(text: str) -> int:
    """How many columns a terminal needs for a text.

    >>> columns_of("w1"), columns_of("重み"), columns_of("x̂")
    (2, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(column_of(character) for character in text)


def column_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
