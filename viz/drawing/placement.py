"""From places to points: what our own layout arranged becomes a placement, with a curve for every edge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from viz.drawing.arrangement import Arrangement, Point, ways
from viz.drawing.boxes import Box, Scene
from viz.drawing.picture import Edge
from viz.drawing.rows import arrange_scene
from viz.drawing.style import BADGE, TITLE_HEIGHT

Frame = tuple[float, float, float, float]
"""The left, upper, right and lower border of something."""

ROW_PADDING, ROW_GAP, ROW_NUMBER = 5.0, 4.0, 26.0
"""The room within a row's border, the room between two rows, and the room for a row's number at its left."""


@dataclass(frozen=True)
class Tag:
    """What stands in a row for a box of an earlier one: its name and number, in a box ``width`` wide.

    ``node`` is the box for which it stands, ``id`` the tag's own name.
    """

    id: str
    node: str
    centre: Point
    width: float


@dataclass
class Placement:
    """Where everything stands, in points, x to the right and y downwards from the upper left corner.

    Attributes:
        width, height: the size of the whole.
        centres: the middle of every box with its badge, by its id.
        curves: by an edge's id its Bézier curve (a point, then three for each piece); an edge from a box of an
            earlier row begins at its tag.
        frames: by a frame's id its borders.
        rows: the borders of the rows, the first one first; empty if all stands in one.
        tags: what the rows need of earlier ones.
    """

    width: float
    height: float
    centres: dict[str, Point] = field(default_factory=dict)
    curves: dict[str, list[Point]] = field(default_factory=dict)
    frames: dict[str, Frame] = field(default_factory=dict)
    rows: list[Frame] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)


def lay_out(scene: Scene, width: float | None = None) -> Placement:
    """Place everything by our own layout.

    A picture that runs sideways and would be wider than ``width`` is broken into rows.

    >>> from autograd import Value
    >>> from viz.drawing.picture import make_picture
    >>> from viz.drawing.boxes import make_scene
    >>> y = Value(2.0, "a").tanh().tanh()
    >>> placement = lay_out(make_scene(make_picture(y)))
    >>> placement.centres["v0"][0] < placement.centres["v1"][0] < placement.centres["v2"][0]
    True
    >>> placement = lay_out(make_scene(make_picture(y)), width=330)
    >>> placement.centres["v1"][1] < placement.rows[1][1] < placement.centres["v2"][1]
    True
    >>> [(tag.id, tag.node) for tag in placement.tags], placement.width <= 330
    ([('v1_row2', 'v1')], True)
    """
    direction = scene.picture.direction
    rows = arrange_scene(scene, width, ROW_NUMBER + 2 * ROW_PADDING)
    top = TITLE_HEIGHT if scene.picture.title else 0.0
    if len(rows) == 1:
        [row] = rows
        flat = direction in ("LR", "RL")
        placement = Placement(row.along if flat else row.across, (row.across if flat else row.along) + top)
        enter(placement, scene, row, (0.0, top), row.along, "")
        return placement
    along = max(row.along for row in rows)
    right = ROW_NUMBER + along + 2 * ROW_PADDING
    placement = Placement(right, top - ROW_GAP)
    for i, row in enumerate(rows, 1):
        upper = placement.height + ROW_GAP
        enter(placement, scene, row, (ROW_NUMBER + ROW_PADDING, upper + ROW_PADDING), along, f"_row{i}")
        placement.height = upper + row.across + 2 * ROW_PADDING
        placement.rows.append((0.0, upper, right, placement.height))
    return placement


def enter(placement: Placement, scene: Scene, row: Arrangement, corner: Point, along: float, name: str) -> None:
    """Enter all that stands in a row whose upper left corner is there, and which may reach so far along."""
    direction = scene.picture.direction

    def turn(point: Point) -> Point:
        a, b = point
        if direction in ("RL", "BT"):
            a = along - a
        x, y = (a, b) if direction in ("LR", "RL") else (b, a)
        return x + corner[0], y + corner[1]

    for id, (a, b, c, d) in row.frames.items():
        (x0, y0), (x1, y1) = turn((a, b)), turn((c, d))
        placement.frames[id] = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    for id, centre in row.centres.items():
        if id in row.tags:
            placement.tags.append(Tag(id + name, id, turn(centre), row.tags[id]))
        else:
            placement.centres[id] = turn(centre)
    for id, points in edges_of(scene, row):
        placement.curves[id] = [turn(point) for point in points]


def edges_of(scene: Scene, row: Arrangement) -> Iterator[tuple[str, list[Point]]]:
    """For each edge of a row its curve, along and across the picture."""
    flat = scene.picture.direction in ("LR", "RL")
    boxes = {box.id: box for box in scene.boxes}
    stops = {edge.id: stops_of(edge, row) for edge in row.edges}

    def start_of(edge: Edge, shift: float) -> Point:
        a, b = row.centres[edge.source]
        along = row.tags[edge.source] if edge.source in row.tags else boxes[edge.source].size[not flat]
        return a + along / 2, b + max(-10.0, min(shift, 10.0))

    def comes_from(edge: Edge) -> float:
        """How far across the picture an edge runs before it turns to its target."""
        heights = [across for part in stops[edge.id] for _, _, across in part if across is not None]
        return heights[-1] if heights else row.centres[edge.source][1]

    by_target = sorted(row.edges, key=lambda edge: edge.target)
    for target, group in groupby(by_target, key=lambda edge: edge.target):
        # The uppermost edge arrives uppermost.
        edges = sorted(group, key=lambda edge: (comes_from(edge), edge.operand or 0))
        alike = Counter(edge.source for edge in edges)
        drawn: Counter[str] = Counter()
        for i, edge in enumerate(edges):
            tip = touch(boxes[target], row.centres[target], (2 * i + 1) / len(edges) - 1, flat)
            # Several edges from the same box leave it one below the other, and are seen to be several when wide.
            start = start_of(edge, (drawn[edge.source] - (alike[edge.source] - 1) / 2) * 12)
            drawn[edge.source] += 1
            yield edge.id, curve([start, *way(*stops[edge.id], start, tip), tip])


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
    return [(min(a, tip[0]), b) for a, b in (*before, *reversed(after))]


def touch(box: Box, centre: Point, share: float, flat: bool) -> Point:
    """Where an edge touches a box or its badge, on the side that it comes from; share runs from -1 to 1."""
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
