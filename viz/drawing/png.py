"""PNGs of a drawing, made by resvg-py: with a font for each letter, and word of the letters that no font has.

It needs the extra: ``pip install "glassgrad[png]"``.  Graphviz' program ``dot`` makes a PNG too, where it is.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from viz.drawing.renderers import CannotRenderError, RendererFailed, run_dot

MOST_PIXELS = 40_000_000
MOST_SVG = 10_000_000
"""A PNG has at most so many pixels, and is made of an SVG of at most so many characters."""

MOST_PIXELS_IN_A_NOTEBOOK = 6_000_000
"""So many take about half a second, and 300 kB in the notebook's file."""

FAMILIES = (
    "DejaVu Sans", "Segoe UI", "Lucida Grande", "Noto Sans", "Arial Unicode MS", "Noto Sans CJK SC", "Noto Sans SC",
    "Microsoft YaHei", "PingFang SC", "WenQuanYi Zen Hei", "Noto Sans Arabic", "Noto Sans Devanagari",
)  # fmt: skip
"""Where letters are looked for that the drawing's own fonts lack: what systems come with, and matplotlib."""

NOWHERE = chr(0x378)
"""A letter that no font has, because Unicode has none there."""

BOX = "\u25a1"

NOBODY = "there is no such family"


def make_png(svg: str, dot: str) -> tuple[bytes, str]:
    """The drawing as PNG, twice as large as on the screen, and the letters in it that no font here has.

    It is made by resvg-py from the SVG, or else by ``dot``.

    Raises:
        CannotRenderError: if neither is installed, or the drawing is too large.
    """
    try:
        import resvg_py  # noqa: F401
    except ImportError:
        try:
            return run_dot(dot, "png"), ""
        except RendererFailed as error:
            raise CannotRenderError(
                'a PNG needs the package resvg-py: pip install "glassgrad[png]"\n'
                f"  (Graphviz' program dot would do as well, but: {error}.)  SVG works with what is here."
            ) from None
    if len(svg) > MOST_SVG:
        raise CannotRenderError(
            f"this drawing is too large for a PNG: its SVG has {len(svg):,} characters, the limit is {MOST_SVG:,}; "
            "save the .svg, or draw a part of the graph"
        )
    return paint(svg, MOST_PIXELS)


def beside(svg: str) -> tuple[dict[str, bytes], dict[str, dict[str, int]], str]:
    """The PNG that stands beside an SVG in a notebook, its size as there, and the letters that no font here has.

    Nothing, without resvg-py or where it would take long.  Whoever may not show the SVG, because a notebook is not
    trusted or on a repository's page, shows the PNG.
    """
    width, height = size_of(svg)
    if find_spec("resvg_py") is None or width * height > MOST_PIXELS_IN_A_NOTEBOOK:
        return {}, {}, ""
    picture, missing = paint(svg, MOST_PIXELS_IN_A_NOTEBOOK)
    return {"image/png": picture}, {"image/png": {"width": round(width), "height": round(height)}}, missing


def size_of(svg: str) -> tuple[float, float]:
    """The width and height that an SVG says it has, in pixels of a screen.

    >>> size_of('<svg width="20" height="10.5"></svg>'), size_of('<?xml?><svg width="72pt" height="36pt"></svg>')
    ((20.0, 10.5), (96.0, 48.0))
    """
    sides = [re.search(rf' {side}="([\d.]+)(pt)?"', opening_of(svg)) for side in ("width", "height")]
    width, height = (float(side[1]) * (96 / 72 if side[2] else 1) for side in sides if side is not None)
    return width, height


def opening_of(svg: str) -> str:
    start = svg.index("<svg")
    return svg[start : svg.index(">", start)]


def paint(svg: str, most_pixels: int) -> tuple[bytes, str]:
    """By resvg, as large as the limit of pixels lets it be."""
    width, height = size_of(svg)
    zoom = min(2.0, math.sqrt(most_pixels / (width * height)), 30_000 / max(width, height))
    svg, missing = with_fonts(svg)
    return run_resvg(svg, max(round(width * zoom), 1), max(round(height * zoom), 1)), missing


def run_resvg(svg: str, width: int, height: int) -> bytes:
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, dpi=96, width=width, height=height, font_dirs=spare_fonts(), sans_serif_family=None
        )
    )


@cache
def spare_fonts() -> list[str]:
    """The fonts that come with matplotlib, if it is there: a small machine may have no others."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return []
    folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    return [str(folder)] if folder.is_dir() else []


# --- letters and fonts ----------------------------------------------------------------------------------------


def with_fonts(svg: str) -> tuple[str, str]:
    """The SVG in whose texts every letter has a font or is a box, and the letters that became boxes.

    Left to itself, resvg gives up on all strange letters of a text at the first that no font has, takes an accent
    from another font than its letter, where it stands in the letter's way, and writes 10⁻⁴ with serifs.
    """
    usual = family_in(opening_of(svg)) or "sans-serif"
    missing: dict[str, None] = {}

    def mend(text: re.Match[str]) -> str:
        opening, inside = text.groups()
        strange = [letter for letter in letters_of(re.sub(r"<[^>]*>", "", inside)) if not is_plain(letter)]
        if not strange:
            return text[0]
        own = family_in(opening) or usual
        others = [f"{name}, {own}" for name in installed()]
        lacking = {name: [x for x in strange if not is_drawn(x, name)] for name in (own, *others)}
        family = min([*others, own], key=lambda name: len(lacking[name]))
        missing.update(dict.fromkeys(lacking[family]))
        for letter in lacking[family]:
            inside = inside.replace(letter, BOX)
        return f'{re.sub(FAMILY, "", opening)} font-family="{family}">{inside}'

    if not is_drawn("x", usual):
        return svg, "any letter"
    return re.sub(r"(<text\b[^>]*)>(.*?(?=</text>))", mend, svg, flags=re.DOTALL), "".join(missing)


FAMILY = re.compile(r' font-family="([^"]*)"')


def family_in(opening: str) -> str:
    found = FAMILY.search(opening)
    return found[1] if found else ""


def letters_of(text: str) -> list[str]:
    """Letters with the accents that stand on them, as one sees them.

    >>> letters_of("aθ̂b")
    ['a', 'θ̂', 'b']
    """
    found: list[str] = []
    for character in text:
        if found and (unicodedata.combining(character) or unicodedata.category(character) in ("Me", "Mc", "Cf")):
            found[-1] += character
        else:
            found.append(character)
    return found


def is_plain(letter: str) -> bool:
    """Whether the fonts that everybody has can draw it: the letters of western Europe and of Greece, some signs."""
    return len(letter) == 1 and (ord(letter) < 0x180 or "Α" <= letter <= "ω" or letter in "−≈≤≥∂∑∏√∞")


@cache
def installed() -> tuple[str, ...]:
    """Which of ``FAMILIES`` are here: those with which a letter looks not as without any."""
    return tuple(name for name in FAMILIES if sketch("R", f"{name}, {NOBODY}") != sketch("R", NOBODY))


@cache
def is_drawn(letter: str, family: str) -> bool:
    """Whether a letter is drawn as more than the box that stands for letters that are missing."""
    boxes = {NOWHERE, letter[0] + NOWHERE * (len(letter) - 1)} - {letter}
    return all(sketch(letter, family) != sketch(box, family) for box in boxes)


@cache
def sketch(letter: str, family: str) -> bytes:
    """A small picture of a letter."""
    return run_resvg(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="32" height="24"><text x="4" y="18" font-size="16" '
        f'font-family="{family}">{letter}</text></svg>', 32, 24,
    )  # fmt: skip
