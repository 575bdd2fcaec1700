"""How pictures and pages look: colours, sizes, and how wide and how long a text may be."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping

from autograd.core.plain_text import printable as printable

LIGHT = {
    "page": "#f4f6f8", "card": "#ffffff", "ink": "#1b1f24", "muted": "#545d68", "line": "#77818c",
    "border": "#d3d9e0", "pale": "#eef1f4", "frame": "#f6f8fa", "inner-frame": "#ffffff", "accent": "#6a31c9",
    "accent-pale": "#efe7fb", "positive": "#74b6ea", "negative": "#f0a95a", "positive-line": "#0f66ad",
    "negative-line": "#b04a00", "deep": "#4f8fb8", "alarm": "#8f2d00", "alarm-pale": "#fff1e0",
}  # fmt: skip
DARK = {
    "page": "#11151a", "card": "#1a1f26", "ink": "#eef1f4", "muted": "#a8b2bd", "line": "#7f8b97",
    "border": "#36404b", "pale": "#262d36", "frame": "#1e242c", "inner-frame": "#1a1f26", "accent": "#c3a5ff",
    "accent-pale": "#33284d", "positive": "#1f6299", "negative": "#8a4c00", "positive-line": "#62b6f4",
    "negative-line": "#f3a04a", "deep": "#1f5b80", "alarm": "#ffc58a", "alarm-pale": "#3b2714",
}  # fmt: skip
"""All colours, of a light and of a dark page; pictures that stand alone have those of a light one.

What is above 0 is blue and what is below is orange, lines and tints: the pair of hues that people with any kind of
colour blindness tell apart (Okabe and Ito, "Color Universal Design", 2008).
"""

FONTS = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'Noto Sans', 'DejaVu Sans', sans-serif"
FONT_SIZE, SUBSCRIPT_SIZE, SYMBOL_SIZE = 12.0, 11.4, 13.0
BOLD = 1.12
"""How much wider a text is in bold letters."""
ROW, PADDING, GAP = 16.0, 6.0, 6.0
NARROWEST, NUMBER_WIDTH = 74.0, 44.0
BADGE, COVERED = 22.0, 4.0
TITLE_HEIGHT = 30.0
"""Measures of a box, in points: the letters; a row, what is left free at its ends and between name and number; the
narrowest box, and the least room for the number of one that has a name; the disc, and what the card covers of it.
"""


def variables(colours: dict[str, str]) -> str:
    """Colours as a style sheet declares them.

    >>> variables({"ink": "#1b1f24", "card": "#ffffff"})
    '--ink:#1b1f24;--card:#ffffff'
    """
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


# --- what flows back: the width of an edge, the tint of a gradient ----------------------------------------------


def reference_of(contributions: Iterable[float | None]) -> float:
    """The size with which a graph's widths and tints are compared: the largest, rounded up to 1, 2 or 5·10ⁿ.

    >>> reference_of([0.95, -0.2, None]), reference_of([-345.0]), reference_of([0.0012]), reference_of([])
    (1.0, 500.0, 0.002, 1.0)
    """
    sizes = [abs(x) for x in contributions if x is not None and math.isfinite(x)]
    largest = max(sizes, default=0.0)
    if largest < 1e-300:
        return 1.0
    exponent = math.floor(math.log10(largest))
    # As a decimal, because 10.0**-3 is not 0.001.
    rounded = (float(f"{digit}e{exponent + more}") for digit, more in ((1, 0), (2, 0), (5, 0), (1, 1)))
    return next(size for size in rounded if size >= largest)


def flow(contribution: float | None) -> str:
    """What an edge is called by what flows back along it.

    >>> flow(0.3), flow(-0.3), flow(0.0), flow(None)
    ('positive', 'negative', 'zero', 'pending')
    """
    if contribution is None or math.isnan(contribution):
        return "pending"
    return "positive" if contribution > 0 else "negative" if contribution < 0 else "zero"


def edge_width(contribution: float | None, reference: float = 1.0) -> float:
    """How wide an edge is: 1 + 7·√(|contribution| / reference), and never more than 10.1.

    >>> [round(edge_width(x), 2) for x in (None, 0.0, 0.01, -0.95, 100.0)]
    [1.0, 1.0, 1.7, 7.82, 10.1]
    """
    if not contribution or math.isnan(contribution):
        return 1.0
    return 1 + 7 * min(1.3, math.sqrt(abs(contribution) / reference))


def share_of_tint(gradient: float | None, reference: float = 1.0) -> float:
    """How full the tint of a gradient is: 0.08 + 0.92·√(|gradient| / reference), 1 at most, and 0 for none.

    >>> [round(share_of_tint(x), 2) for x in (None, 0.0, 0.01, -0.95, 100.0)]
    [0.0, 0.0, 0.17, 0.98, 1.0]
    """
    if not gradient or math.isnan(gradient):
        return 0.0
    return 0.08 + 0.92 * min(1.0, math.sqrt(abs(gradient) / reference))


def tint(gradient: float | None, reference: float = 1.0, colours: Mapping[str, str] = LIGHT) -> str:
    """The colour behind a gradient: blue above 0, orange below, the fuller the larger.

    >>> tint(1.0), tint(-1.0), tint(0.0), tint(None)
    ('#74b6ea', '#f0a95a', '#ffffff', '#ffffff')
    """
    share = share_of_tint(gradient, reference)
    if not gradient or not share:
        return colours["card"]
    card, full = (bytes.fromhex(colours[name][1:]) for name in ("card", flow(gradient)))
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in zip(card, full, strict=True))


# --- texts ------------------------------------------------------------------------------------------------------

LONGEST = 28
"""A label with more characters than this is shortened in the picture; the tooltip has all of it."""


COLOURS = {
    "aqua", "aquamarine", "coral", "cyan", "gold", "gray", "green", "grey", "khaki", "lavender", "lightblue",
    "lightcoral", "lightcyan", "lightgray", "lightgreen", "lightgrey", "lightpink", "lightsalmon", "lightskyblue",
    "lightyellow", "lime", "magenta", "mistyrose", "orange", "orchid", "palegreen", "pink", "plum", "red",
    "salmon", "skyblue", "steelblue", "tan", "tomato", "turquoise", "violet", "wheat", "white", "yellow",
}  # fmt: skip
"""What ``value._vis_color`` may be, besides #rrggbb: the usual of the names that Graphviz and SVG share."""


def fill_of(node: object) -> str:
    """The colour that EurekaLabsAI's micrograd gives a node: a usual name or #rrggbb; anything else is none."""
    colour = getattr(node, "_vis_color", "")
    if not isinstance(colour, str):
        return ""
    return colour if colour in COLOURS or re.fullmatch("#[0-9a-fA-F]{6}", colour) else ""


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
    if character in "ijlI.,:;'|!· ":
        return 0.36
    if character in "frt()[]/\\-⁰¹²³⁴⁵⁶⁷⁸⁹":
        return 0.44
    if character in "mwMW@%…":
        return 0.98
    if character in "√Σσ⁻":
        return 0.68
    if character in "+<>=~":
        return 0.85
    if character.isascii():
        return 0.72 if character.isupper() else 0.645
    return 0.85


def plural(count: int, thing: str) -> str:
    """
    >>> plural(1, "value"), plural(1200, "value")
    ('1 value', '1,200 values')
    """
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
