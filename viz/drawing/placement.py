"""From places to points: what our own layout arranged becomes a placement, with a curve for every edge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from viz.drawing.arrangement import Arrangement, Point, arrange_scene, ways
from viz.drawing.boxes import Box, Scene
from viz.drawing.picture import Edge
from viz.drawing.style import BADGE, TITLE_HEIGHT

ARROW = 7.0
"""How long the tip of an arrow is."""


@dataclass
class Placement:
    """Where everything stands, in points, x to the right and y downwards from the upper left corner.

    Attributes:
        width, height: the size of the whole.
        centres: the middle of every box with its badge, by its id.
        curves: by an edge's id its Bézier curve (a point, then three for each piece) and the tip of its arrow.
        frames: by a frame's id its left, upper, right and lower border.
    """

    width: float
    height: float
    centres: dict[str, Point] = field(default_factory=dict)
    curves: dict[str, tuple[list[Point], Point]] = field(default_factory=dict)
    frames: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)


def lay_out(scene: Scene) -> Placement:
    """Place everything by our own layout.

    >>> from autograd import Value
    >>> from viz.drawing.picture import make_picture
    >>> from viz.drawing.boxes import make_scene
    >>> placement = lay_out(make_scene(make_picture(Value(2.0, "a").tanh())))
    >>> placement.centres["v0"][0] < placement.centres["v1"][0]
    True
    """
    picture = scene.picture
    horizontal, mirrored = picture.direction in ("LR", "RL"), picture.direction in ("RL", "BT")
    found = arrange_scene(scene)
    top = TITLE_HEIGHT if picture.title else 0.0

    def turn(point: Point) -> Point:
        a, b = point
        a = found.along - a if mirrored else a
        return (a, b + top) if horizontal else (b, a + top)

    frames = {}
    for id, (a, b, c, d) in found.frames.items():
        (x0, y0), (x1, y1) = turn((a, b)), turn((c, d))
        frames[id] = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    width, height = (found.along, found.across) if horizontal else (found.across, found.along)
    return Placement(
        width, height + top,
        {id: turn(point) for id, point in found.centres.items()},
        {id: ([turn(point) for point in points], turn(tip)) for id, points, tip in edges_of(scene, found)},
        frames,
    )  # fmt: skip


def edges_of(scene: Scene, found: Arrangement) -> Iterator[tuple[str, list[Point], Point]]:
    """For each edge its curve and its tip, along and across the picture."""
    flat = scene.picture.direction in ("LR", "RL")
    boxes = {box.id: box for box in scene.boxes}
    stops = {edge.id: stops_of(edge, found) for edge in scene.edges}

    def start_of(edge: Edge, shift: float) -> Point:
        a, b = found.centres[edge.source]
        return a + boxes[edge.source].size[not flat] / 2, b + max(-10.0, min(shift, 10.0))

    def comes_from(edge: Edge) -> float:
        """How far across the picture an edge runs before it turns to its target."""
        heights = [across for part in stops[edge.id] for _, _, across in part if across is not None]
        return heights[-1] if heights else found.centres[edge.source][1]

    by_target = sorted(scene.edges, key=lambda edge: edge.target)
    for target, group in groupby(by_target, key=lambda edge: edge.target):
        # The uppermost edge arrives uppermost.
        edges = sorted(group, key=lambda edge: (comes_from(edge), edge.operand or 0))
        alike = Counter(edge.source for edge in edges)
        drawn: Counter[str] = Counter()
        for i, edge in enumerate(edges):
            tip = touch(boxes[target], found.centres[target], (i + 1) / (len(edges) + 1) * 2 - 1, flat)
            # Several edges from the same box leave it one below the other.
            start = start_of(edge, (drawn[edge.source] - (alike[edge.source] - 1) / 2) * 7)
            drawn[edge.source] += 1
            yield edge.id, curve([start, *way(*stops[edge.id], start, tip), (tip[0] - ARROW, tip[1])]), tip


Stop = tuple[float, float, float | None]
"""A straight part of an edge's way: from where to where along the picture, and how far across if that is fixed."""


def stops_of(edge: Edge, found: Arrangement) -> tuple[list[Stop], list[Stop]]:
    """The straight parts of an edge: those on which it goes on as it began, and those that lead to its tip.

    It leaves the rank of its source, and every frame around that, before it bends; and it has bent before it
    comes to the rank of its target.
    """
    parts, leading_out = ways(edge, found.parents)
    begin: list[Stop] = []
    end: list[Stop] = []
    for i, (frame, source, target) in enumerate(parts):
        lanes = found.lanes[frame, source, target]
        if i <= leading_out:
            right = found.ranks[source][1]
            begin += [(right, right, None), *lanes]
        else:
            end += lanes
        if i >= leading_out:
            left = found.ranks[target][0]
            end.append((left, left, None))
    return begin, end


def way(begin: list[Stop], end: list[Stop], start: Point, tip: Point) -> list[Point]:
    """The points at which an edge begins or ends to run straight."""
    before: list[Point] = []
    across = start[1]
    for left, right, fixed in begin:
        across = across if fixed is None else fixed
        before += [(left, across), (right, across)]
    after: list[Point] = []
    across = tip[1]
    for left, right, fixed in reversed(end):
        across = across if fixed is None else fixed
        after += [(right, across), (left, across)]
    last = tip[0] - ARROW
    return [(min(a, last), b) for a, b in (*before, *reversed(after))]


def touch(box: Box, centre: Point, share: float, flat: bool) -> Point:
    """Where an arrow's tip touches a box or its badge, on the side that it comes from; share runs from -1 to 1."""
    edge = centre[0] - box.size[not flat] / 2
    if not box.symbol:
        return edge, centre[1] + share * (box.size[flat] / 2 - 3)
    half = box.badge[flat] / 2
    # The ends of the badge are round.
    beyond = max(0.0, abs(share) * half - (half - BADGE / 2))
    inwards = BADGE / 2 - ((BADGE / 2) ** 2 - beyond**2) ** 0.5
    return edge + round(inwards), centre[1] + round(share * half)


def curve(way: list[Point]) -> list[Point]:
    """A smooth curve through points: straight where two are equally far across, else bent like an S."""
    corners = way[:1]
    for other in way[1:]:
        if len(corners) > 1 and corners[-2][1] == corners[-1][1] == other[1]:
            corners.pop()
        if other != corners[-1]:
            corners.append(other)
    points = corners[:1]
    for (a, b), (c, d) in pairwise(corners):
        middle = (a + c) // 2
        points += [(middle, b), (middle, d), (c, d)]
    return points
