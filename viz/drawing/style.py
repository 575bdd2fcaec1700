"""How numbers, labels and colours look in a picture."""

from __future__ import annotations

import math
import unicodedata

from autograd.core.plain_text import printable

__all__ = ["plural", "printable", "shorten", "tint", "width_of", "write_gradient", "write_number"]

POSITIVE, NEGATIVE = (0x56, 0xB4, 0xE9), (0xE6, 0x9F, 0x00)
"""Blue and orange: the pair of hues that people with any kind of colour blindness tell apart.

(Okabe and Ito, "Color Universal Design", 2008.)
"""

FAINTEST, STRONGEST = 1e-5, 10.0
"""Gradients of these sizes get the palest and the fullest tint, the same in all pictures."""

LONGEST = 28
"""A label with more characters than this is shortened in the picture; the tooltip has all of it."""


def write_number(x: float, decimals: int = 4) -> str:
    """A number with at most so many decimals, and in scientific notation where those would not show it.

    >>> write_number(2.0), write_number(0.70710678), write_number(0.0000123), write_number(-1234567890.0)
    ('2.0', '0.7071', '1.23e-05', '-1.235e+09')
    """
    if not math.isfinite(x):
        return str(float(x))
    if x == 0:
        return "0.0"
    if not 0.5 * 10**-decimals <= abs(x) < 1e7:
        mantissa, exponent = f"{x:.{max(decimals - 1, 0)}e}".split("e")
        return f"{without_zeros(mantissa)}e{exponent}"
    return without_zeros(f"{x:.{decimals}f}")


def without_zeros(digits: str) -> str:
    if "." not in digits:
        return digits
    digits = digits.rstrip("0")
    return digits + "0" if digits.endswith(".") else digits


def write_gradient(grad: float | None, decimals: int = 4) -> str:
    """A gradient with its sign, or "?" if it was never computed: the sign says what the colour says.

    >>> write_gradient(6.0), write_gradient(-4.0), write_gradient(0.0), write_gradient(None)
    ('+6.0', '-4.0', '0.0', '?')
    """
    if grad is None:
        return "?"
    return ("+" if grad > 0 else "") + write_number(grad, decimals)


def tint(grad: float | None) -> str:
    """The colour of a gradient: blue if positive, orange if negative, the fuller the larger (on a log scale).

    The scale is the same for every picture, so that two pictures can be compared.

    >>> tint(10.0), tint(-10.0), tint(0.0), tint(None)
    ('#56b4e9', '#e69f00', '#ffffff', '#ffffff')
    """
    if grad is None or grad == 0 or math.isnan(grad):
        return "#ffffff"
    size = min(max(abs(grad), FAINTEST), STRONGEST)
    strength = math.log(size / FAINTEST) / math.log(STRONGEST / FAINTEST)
    share = 0.12 + 0.88 * strength
    hue = POSITIVE if grad > 0 else NEGATIVE
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
