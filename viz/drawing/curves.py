"""Curves as SVG writes them, in few characters."""

from __future__ import annotations

import math

from viz.drawing.arrangement import Point

UNDER = 3.0
"""How far an edge reaches under the disc or the box to which it leads."""


def n(x: float) -> str:
    """A coordinate, short."""
    return f"{x:.1f}".removesuffix(".0")


def path_through(points: list[Point]) -> str:
    """A curve as SVG writes it, each point as seen from where the last piece ended.

    It goes on for a little, under the round disc that it touches: an edge may be as wide as that is.

    >>> path_through([(1.0, 2.0), (2.0, 2.0), (4.0, 2.0), (6.0, 2.0)])
    'M1 2h8'
    >>> path_through([(0.0, 0.0), (5.0, 0.0), (5.0, 20.0), (10.0, 20.0)])
    'M0 0c5 0 5 20 10 20h3'
    """
    before, tip = points[-2:]
    length = math.dist(before, tip) or 1.0
    beyond = (tip[0] + UNDER * (tip[0] - before[0]) / length, tip[1] + UNDER * (tip[1] - before[1]) / length)
    written = [(round(x, 1), round(y, 1)) for x, y in (*points, beyond)]
    path = f"M{n(written[0][0])} {n(written[0][1])}"
    start = at = written[0]
    """Where the last piece ended, and where a straight line leads that begins there and is not written yet."""
    for i in range(1, len(written), 3):
        piece = written[i : i + 3]
        if is_straight(start, at, *piece):
            at = piece[-1]
            continue
        path += line_from(start, at)
        start, at = at, piece[-1]
        if not is_straight(start, *piece):
            path += "c" + beside(*(c - c0 for point in piece for c, c0 in zip(point, start, strict=True)))
            start = at
    return path + line_from(start, at)


def is_straight(*points: Point) -> bool:
    """True for points one below or one beside the other.

    >>> is_straight((0, 1), (5, 1), (7, 1)), is_straight((0, 1), (5, 2))
    (True, False)
    """
    return len({x for x, _ in points}) == 1 or len({y for _, y in points}) == 1


def line_from(start: Point, end: Point) -> str:
    """A line as a path writes it, as seen from its start."""
    across, down = end[0] - start[0], end[1] - start[1]
    if start == end:
        return ""
    return f"h{n(across)}" if not down else f"v{n(down)}" if not across else f"l{beside(across, down)}"


def beside(*numbers: float) -> str:
    """Numbers one after the other; a minus parts them as well as a space does.

    >>> beside(1, -2.5, 3)
    '1-2.5 3'
    """
    return " ".join(map(n, numbers)).replace(" -", "-")
