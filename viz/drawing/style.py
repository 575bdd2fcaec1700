"""How pictures and pages look: colours, sizes, and how wide and how long a text may be."""

from __future__ import annotations

import math
import unicodedata

from autograd.core.plain_text import printable as printable

LIGHT = {
    "page": "#f6f7f8", "card": "#ffffff", "ink": "#1f2328", "muted": "#59636e", "line": "#57606a",
    "border": "#d7dce2", "pale": "#eef1f4", "frame": "#f7f9fb", "inner-frame": "#ffffff", "accent": "#6a31c9",
    "accent-pale": "#efe7fb", "positive": "#56b4e9", "negative": "#e69f00", "deep": "#4f8fb8",
    "alarm": "#8f2d00", "alarm-pale": "#fff1e0",
}  # fmt: skip
DARK = {
    "page": "#12161b", "card": "#1a1f26", "ink": "#e8ebef", "muted": "#9ba6b2", "line": "#93a0ad",
    "border": "#36404b", "pale": "#262d36", "frame": "#1f252d", "inner-frame": "#1a1f26", "accent": "#c3a5ff",
    "accent-pale": "#33284d", "positive": "#2478ab", "negative": "#a36a00", "deep": "#1f5b80",
    "alarm": "#ffc58a", "alarm-pale": "#3b2714",
}  # fmt: skip
"""All colours, of a light and of a dark page; pictures that stand alone have those of a light one.

A positive gradient is blue and a negative one orange: the pair of hues that people with any kind of colour
blindness tell apart (Okabe and Ito, "Color Universal Design", 2008).
"""

FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
FONT_SIZE = 12.0
NAME_ROW, ROW = 19.0, 17.0
HEADING_WIDTH, NUMBER_WIDTH, PADDING = 23.0, 57.0, 5.0
BADGE = 24.0
TITLE_HEIGHT = 30.0
"""Measures of a box, in points: the letters, the rows for its name and its numbers, the columns of a row."""

FAINTEST, STRONGEST = 1e-5, 10.0
"""Gradients of these sizes get the palest and the fullest tint, the same in all pictures."""

LONGEST = 28
"""A label with more characters than this is shortened in the picture; the tooltip has all of it."""


def variables(colours: dict[str, str]) -> str:
    """Colours as a style sheet declares them.

    >>> variables({"ink": "#1f2328", "card": "#ffffff"})
    '--ink:#1f2328;--card:#ffffff'
    """
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


def tint(grad: float | None) -> str:
    """The colour of a gradient: blue if positive, orange if negative, the fuller the larger (on a log scale).

    The scale is the same for every picture, so that two pictures can be compared.

    >>> tint(10.0), tint(-10.0), tint(0.0), tint(None)
    ('#56b4e9', '#e69f00', '#ffffff', '#ffffff')
    """
    if grad is None or grad == 0 or math.isnan(grad):
        return LIGHT["card"]
    size = min(max(abs(grad), FAINTEST), STRONGEST)
    strength = math.log(size / FAINTEST) / math.log(STRONGEST / FAINTEST)
    share = 0.12 + 0.88 * strength
    hue = bytes.fromhex(LIGHT["positive" if grad > 0 else "negative"][1:])
    return "#" + "".join(f"{round(255 + share * (part - 255)):02x}" for part in hue)


def shorten(text: str) -> str:
    """The beginning and the end of a text that is too long for a box.

    >>> shorten("a label of reasonable length"), shorten("abcdefghij" * 1000)
    ('a label of reasonable length', 'abcdefghijabcdefg…bcdefghij')
    """
    return text if len(text) <= LONGEST else f"{text[:17]}…{text[-9:]}"


def width_of(text: str, size: float) -> float:
    """About how wide a text is in a sans-serif font of that size: the widest common one, DejaVu Sans.

    >>> width_of("ill", 10) < width_of("WMW", 10)
    True
    """
    return size * sum(width_of_character(character) for character in text)


def width_of_character(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.35 if ord(character) > 0x1F000 else 1.05
    if character in "ijlI.,:;'|! ":
        return 0.36
    if character in "frt()[]/\\-":
        return 0.44
    if character in "mwMW@%…+<>=~±":
        return 0.98
    if character.isascii():
        return 0.72 if character.isupper() else 0.645
    return 0.85


def plural(count: int, thing: str) -> str:
    """
    >>> plural(1, "value"), plural(1200, "value")
    ('1 value', '1,200 values')
    """
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
