"""The large curve of a page of one number as a picture that stands still: for where a page cannot be shown."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.sax.saxutils import escape

from autograd import Value, compile
from autograd.core.numbers import write_number
from autograd.errors import AutogradError
from viz.drawing.curves import n
from viz.drawing.style import FONTS, LIGHT, printable, shorten

WIDTH, HEIGHT = 640.0, 280.0
LEFT, RIGHT, TOP, BOTTOM = 70.0, 20.0, 10.0, 40.0
ROOM = 10.0
"""Above and below the curve, for the dot on it."""

ROUND = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
"""Where a range may end, as those of the sliders do (``play/ranges.js``)."""

PLACES = 241


def reach_of(value: float) -> float:
    """How far a curve reaches to both sides of 0: about twice as far as the number.

    >>> reach_of(1.5), reach_of(-70.0), reach_of(0.0), reach_of(0.001), reach_of(1e308)
    (3.0, 150.0, 2.0, 0.002, 1e+300)
    """
    reach = max(2 * abs(value), 2.0 if not value or abs(value) > 0.005 else 1e-300)
    if reach > 1e300:
        return 1e300
    power = 10.0 ** math.floor(math.log10(reach))
    return next(end * power for end in ROUND if end * power >= reach * 0.999999)


def write_curve(loss: Value, leaf: Value, slope: float) -> tuple[str, str]:
    """The curve of a result along one number, with the tangent where that is, as SVG; and what it shows, in words.

    >>> x = Value(1.5, "x")
    >>> y = x**2
    >>> y.label = "y"
    >>> svg, words = write_curve(y, x, 3.0)
    >>> svg[:4], words
    ('<svg', 'y along x: at x = 1.5 it is 2.25, and its slope is 3')
    """
    x_name, y_name = (shorten(printable(one.label)) or "the result" for one in (leaf, loss))
    slope_text = write_number(slope)
    words = (
        f"{y_name} along {x_name}: at {x_name} = {write_number(leaf.data)} it is {write_number(loss.data)}, "
        f"and its slope is {slope_text}"
    )
    reach = reach_of(leaf.data)
    places = [-reach + 2 * reach * i / (PLACES - 1) for i in range(PLACES)]
    heights = list(heights_at(loss, leaf, places))
    low, high = range_of([loss.data, *(y for y in heights if math.isfinite(y))])

    def across(x: float) -> float:
        return (WIDTH - LEFT - RIGHT) * (x / reach + 1) / 2

    def down(y: float) -> float:
        # A line that leads far out of the picture ends somewhere outside.
        share = min(3.0, max(-3.0, (y - low) / (high - low)))
        return HEIGHT - TOP - BOTTOM - ROOM - (HEIGHT - TOP - BOTTOM - 2 * ROOM) * share

    points = [(across(x), down(y)) if math.isfinite(y) else None for x, y in zip(places, heights, strict=True)]
    half = reach / 4
    ends = [(across(leaf.data + d), down(loss.data + slope * d)) for d in (-half, half)]
    dot = (across(leaf.data), down(loss.data))
    size = f'width="{n(WIDTH - LEFT - RIGHT)}" height="{n(HEIGHT - TOP - BOTTOM)}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{n(WIDTH)}" height="{n(HEIGHT)}" '
        f'viewBox="0 0 {n(WIDTH)} {n(HEIGHT)}" role="img" font-family="{FONTS}" '
        f'font-size="12" fill="{LIGHT["ink"]}">',
        f"<title>{escape(words)}</title>",
        f'<rect width="{n(WIDTH)}" height="{n(HEIGHT)}" fill="{LIGHT["card"]}"/>',
        f'<svg x="{n(LEFT)}" y="{n(TOP)}" {size}>',
        f'<path d="M0 {n(down(0))}H{n(WIDTH)}M{n(across(0))} 0V{n(HEIGHT)}" stroke="{LIGHT["border"]}"/>',
        f'<path d="{path_with_gaps(points)}" fill="none" stroke="{LIGHT["ink"]}" stroke-width="2"/>',
        f'<path d="{path_with_gaps([*ends])}" stroke="{LIGHT["positive-line"]}" stroke-width="3"/>',
        f'<circle cx="{n(dot[0])}" cy="{n(dot[1])}" r="7" fill="{LIGHT["accent"]}"/></svg>',
    ]
    for x in (-reach, 0.0, reach):
        place, text = LEFT + across(x), write_number(x)
        parts.append(f'<text x="{n(place)}" y="{n(HEIGHT - BOTTOM + 16)}" text-anchor="middle">{text}</text>')
    for y in (low, high):
        text = write_number(y if abs(y) > 1e-9 * (high - low) else 0.0, 3)
        parts.append(f'<text x="{n(LEFT - 8)}" y="{n(TOP + down(y) + 4)}" text-anchor="end">{text}</text>')
    parts += [f'<text x="{n(LEFT)}" y="{n(HEIGHT - 6)}" font-weight="bold">{escape(words)}</text>', "</svg>"]
    return "".join(parts), words


def heights_at(loss: Value, leaf: Value, places: list[float]) -> Iterator[float]:
    """The result at each place; nan where it is not defined."""
    result = compile(loss, [leaf])
    for x in places:
        try:
            yield float(result(x))
        except (AutogradError, ArithmeticError):
            yield math.nan


def range_of(heights: list[float]) -> tuple[float, float]:
    """From where to where a picture shows these: all of them, but not a few that lie far out, as near a pole.

    >>> range_of([0.0, 1.0, 2.0]), range_of([5.0])
    ((0.0, 2.0), (4.0, 6.0))
    >>> range_of([*range(100), 1e9])
    (0, 250.0)
    """
    ranked = sorted(heights)
    first, last = ranked[len(ranked) // 10], ranked[-1 - len(ranked) // 10]
    size = 2.0 * (last - first)
    low, high = max(ranked[0], first - size), min(ranked[-1], last + size)
    return (low, high) if low < high else (low - 1, high + 1)


def path_with_gaps(points: list[tuple[float, float] | None]) -> str:
    """A line through points as SVG writes it, with a gap at each None.

    >>> path_with_gaps([(0, 1), (2, 1), None, (4, 0), (5, 2)])
    'M0 1L2 1M4 0L5 2'
    """
    path, letter = "", "M"
    for point in points:
        if point is not None:
            path += f"{letter}{n(point[0])} {n(point[1])}"
        letter = "M" if point is None else "L"
    return path
