"""Where everything stands in a picture: our own layout in layers, for when Graphviz is not to be had.

It is what Graphviz does, in its simplest form (Sugiyama, Tagawa and Toda, "Methods for Visual
Understanding of Hierarchical System Structures", 1981): give every node a rank, so that edges run
forwards; order each rank so that few edges cross; straighten what can be straightened.  A frame is
laid out on its own and is then one large node of what surrounds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from viz.drawing.picture import Edge, Node, Picture

__all__ = ["Placement", "estimate_cost", "lay_out"]

Point = tuple[float, float]

RANK_GAP, ITEM_GAP, LANE = 34.0, 14.0, 6.0
FRAME_PADDING, FRAME_TITLE = 10.0, 20.0
TITLE_HEIGHT = 30.0
ARROW = 7.0

SWEEPS = 9
"""How often the order of the ranks is improved; an odd number, so that the users of a node have the last word."""
MOST_LANES = 20_000
"""Long edges get lanes of their own between the nodes, unless that makes more lanes than this."""


@dataclass
class Placement:
    """Where everything stands, in points, x to the right and y downwards from the upper left corner.

    Attributes:
        width, height: the size of the whole.
        centres: the middle of every node, by its id.
        curves: by an edge's id its Bézier curve (a point, then three for each piece) and the tip of its arrow.
        frames: by a frame's id its left, upper, right and lower border.
    """

    width: float
    height: float
    centres: dict[str, Point] = field(default_factory=dict)
    curves: dict[str, tuple[list[Point], Point]] = field(default_factory=dict)
    frames: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)


@dataclass(eq=False)
class Item:
    """Something to be placed: a node, a frame with all that is in it, or a lane through which a long edge runs.

    Its measures are taken ``along`` the direction of the picture and ``across`` it.
    """

    id: str
    along: float
    across: float
    block: Block | None = None
    at: Point = (0.0, 0.0)


@dataclass(eq=False)
class Block:
    """Items with their places, measured from the block's own corner, and the lanes of the long edges."""

    along: float
    across: float
    items: list[Item]
    lanes: dict[tuple[str, str], list[Item]]


class CyclicError(Exception):
    """Frames depend on each other in a circle, so that they cannot be ranked."""


def lay_out(picture: Picture) -> Placement:
    """Place everything.  It takes a time in proportion to the picture's size, and gives the same each time."""
    horizontal = picture.direction in ("LR", "RL")
    try:
        parents = {node.id: node.frame for node in picture.nodes}
        parents |= {frame.id: frame.parent for frame in picture.frames}
        block = arrange_frame(None, picture, parents, horizontal)
    except CyclicError:
        parents = {node.id: None for node in picture.nodes}
        block = arrange_frame(None, picture, parents, horizontal)
    return Painter(picture, parents, horizontal).paint(block)


def estimate_cost(picture: Picture) -> int:
    """About how hard Graphviz' layout would find the picture: its nodes, and the ranks that long edges span."""
    ids = [node.id for node in picture.nodes]
    ranks = rank(ids, [(edge.source, edge.target) for edge in picture.edges])
    spans = (ranks[edge.target] - ranks[edge.source] for edge in picture.edges)
    return len(ids) + sum(span for span in spans if span > 12)


# --- which rank, which order, how far apart -----------------------------------------------------------------


def arrange_frame(frame: str | None, picture: Picture, parents: dict[str, str | None], horizontal: bool) -> Block:
    """Lay out the inside of a frame (None: the whole picture), inner frames first."""
    children: dict[str | None, list[Node]] = {}
    for node in picture.nodes:
        children.setdefault(parents[node.id], []).append(node)
    inner: dict[str | None, list[str]] = {}
    for other in picture.frames:
        if other.id in parents:
            inner.setdefault(parents[other.id], []).append(other.id)
    pairs: dict[str | None, Counter[tuple[str, str]]] = {}
    for edge in picture.edges:
        home, source, target = common_frame(edge, parents)
        pairs.setdefault(home, Counter())[source, target] += 1

    def build(frame: str | None) -> Block:
        items = []
        for node in children.get(frame, []):
            width, height = node.size
            items.append(Item(node.id, *((width, height) if horizontal else (height, width))))
        for id in inner.get(frame, []):
            block = build(id)
            extra = (0.0, FRAME_TITLE) if horizontal else (FRAME_TITLE, 0.0)
            along = block.along + 2 * FRAME_PADDING + extra[0]
            across = block.across + 2 * FRAME_PADDING + extra[1]
            items.append(Item(id, along, across, block))
        # Start in the order of computation, in which a frame stands where its first node does.
        items.sort(key=lambda item: first[item.id])
        return arrange(items, pairs.get(frame, Counter()))

    first: dict[str, int] = {}
    for i, node in enumerate(picture.nodes):
        for id in path_to(node.id, parents):
            first.setdefault(id, i)
    return build(frame)


def common_frame(edge: Edge, parents: dict[str, str | None]) -> tuple[str | None, str, str]:
    """The innermost frame that holds both ends of an edge, and what in it holds the one and the other."""
    source, target = path_to(edge.source, parents), path_to(edge.target, parents)
    home = None
    for one, other in zip(source, target, strict=False):
        if one != other:
            return home, one, other
        home = one
    raise CyclicError


def path_to(id: str, parents: dict[str, str | None]) -> list[str]:
    """The frames around a node, the outermost first, and then the node."""
    path = [id]
    while (parent := parents[path[-1]]) is not None:
        path.append(parent)
    return path[::-1]


def arrange(items: list[Item], pairs: Counter[tuple[str, str]]) -> Block:
    """Place items in ranks, such that every pair (with so many edges) runs from a lower rank to a higher one."""
    by_id = {item.id: item for item in items}
    ranks = rank(list(by_id), pairs)
    rows: list[list[Item]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for item in items:
        rows[ranks[item.id]].append(item)

    lanes: dict[tuple[str, str], list[Item]] = {}
    with_lanes = sum(ranks[target] - ranks[source] - 1 for source, target in pairs) <= MOST_LANES
    before: dict[Item, list[Item]] = {}
    after: dict[Item, list[Item]] = {}
    for source, target in pairs:
        lane = [Item("", 0.0, LANE) for _ in range(ranks[source] + 1, ranks[target])] if with_lanes else []
        for place, item in enumerate(lane, ranks[source] + 1):
            rows[place].append(item)
        lanes[source, target] = lane
        chain = [by_id[source], *lane, by_id[target]]
        for one, other in pairwise(chain):
            after.setdefault(one, []).append(other)
            before.setdefault(other, []).append(one)

    leaving = Counter[int]()
    for (source, _), count in pairs.items():
        leaving[ranks[source]] += count

    reduce_crossings(rows, before, after)
    align(rows, before, after)
    return finish(rows, items, lanes, leaving)


def rank(ids: Sequence[str], pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The length of the longest way to each node; what nothing leads to moves up to just before its first user.

    (Kahn, "Topological sorting of large networks", 1962.)
    """
    after: dict[str, list[str]] = {id: [] for id in ids}
    missing = dict.fromkeys(ids, 0)
    for source, target in pairs:
        after[source].append(target)
        missing[target] += 1
    sources = [id for id in ids if not missing[id]]
    ranks = dict.fromkeys(ids, 0)
    ready = list(sources)
    for id in ready:
        for target in after[id]:
            ranks[target] = max(ranks[target], ranks[id] + 1)
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    if len(ready) < len(ids):
        raise CyclicError
    for id in sources:
        if after[id]:
            ranks[id] = min(ranks[target] for target in after[id]) - 1
    return ranks


def reduce_crossings(rows: list[list[Item]], before: dict[Item, list[Item]], after: dict[Item, list[Item]]) -> None:
    """Sort every rank by where the neighbours of its items stand on average, forwards and backwards in turn."""
    place = {item: float(i) for row in rows for i, item in enumerate(row)}
    for sweep in range(SWEEPS):
        neighbours = after if sweep % 2 == 0 else before
        for row in reversed(rows) if sweep % 2 == 0 else rows:
            wish = {
                item: average([place[other] for other in neighbours[item]]) if item in neighbours else place[item]
                for item in row
            }
            row.sort(key=wish.__getitem__)
            for i, item in enumerate(row):
                place[item] = float(i)


def align(rows: list[list[Item]], before: dict[Item, list[Item]], after: dict[Item, list[Item]]) -> None:
    """Move the items of each rank towards their neighbours, without changing their order."""
    for row in rows:
        spread(row, [0.0] * len(row))
    for sweep in range(SWEEPS + 1):
        neighbours = [after, before][sweep % 2] if sweep < SWEEPS else None
        for row in reversed(rows) if sweep % 2 == 0 else rows:
            wishes = []
            for item in row:
                others = neighbours.get(item, []) if neighbours else before.get(item, []) + after.get(item, [])
                wishes.append(average([other.at[1] for other in others]) if others else item.at[1])
            spread(row, wishes)


def spread(row: list[Item], wishes: list[float]) -> None:
    """Put items as near to where they wish to be as their sizes allow, in their order (least squares).

    Items that would overlap form a group that stands where its members wish to be on average; groups
    that then overlap are joined.  (Isotonic regression by pooling adjacent violators: Barlow et al., 1972.)
    """
    offsets: list[float] = []
    offset = 0.0
    for i, item in enumerate(row):
        if i:
            gap = ITEM_GAP if item.id and row[i - 1].id else ITEM_GAP / 2
            offset += (row[i - 1].across + item.across) / 2 + gap
        offsets.append(offset)
    groups: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        total, count = wish - offset, 1
        while groups and groups[-1][0] / groups[-1][1] > total / count:
            earlier = groups.pop()
            total, count = total + earlier[0], count + earlier[1]
        groups.append((total, count))
    start = [total / count for total, count in groups for _ in range(count)]
    for item, first, offset in zip(row, start, offsets, strict=True):
        item.at = (item.at[0], first + offset)


def finish(
    rows: list[list[Item]],
    items: list[Item],
    lanes: dict[tuple[str, str], list[Item]],
    leaving: Counter[int],
) -> Block:
    """Give the ranks their places along the picture, and move everything so that it starts at 0."""
    everything = [item for row in rows for item in row]
    top = min((item.at[1] - item.across / 2 for item in everything), default=0.0)
    bottom = max((item.at[1] + item.across / 2 for item in everything), default=0.0)
    along = gap = 0.0
    for i, row in enumerate(rows):
        along += gap
        widest = max(item.along for item in row)
        for item in row:
            item.at = (along + widest / 2, item.at[1] - top)
            if not item.id:
                item.along = widest
        along += widest
        # Many edges need room to be told apart.
        gap = RANK_GAP + min(leaving[i] / 3, 2 * RANK_GAP)
    return Block(along, bottom - top, items, lanes)


def average(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


# --- from places to points ----------------------------------------------------------------------------------


class Painter:
    """Turns a block into a Placement: absolute points, curves for the edges, and the picture's direction."""

    def __init__(self, picture: Picture, parents: dict[str, str | None], horizontal: bool) -> None:
        self.picture = picture
        self.parents = parents
        self.horizontal = horizontal
        self.centres: dict[str, Point] = {}
        self.frames: dict[str, tuple[float, float, float, float]] = {}
        self.lanes: dict[tuple[str, str], list[tuple[Point, float]]] = {}

    def paint(self, block: Block) -> Placement:
        self.place(block, (0.0, 0.0))
        curves = self.draw_edges()
        along, across = block.along, block.across
        width, height = (along, across) if self.horizontal else (across, along)
        top = TITLE_HEIGHT if self.picture.title else 0.0
        mirrored = self.picture.direction in ("RL", "BT")

        def turn(point: Point) -> Point:
            a, b = point
            a = along - a if mirrored else a
            return (a, b + top) if self.horizontal else (b, a + top)

        frames = {}
        for id, (a, b, c, d) in self.frames.items():
            (x0, y0), (x1, y1) = turn((a, b)), turn((c, d))
            frames[id] = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        return Placement(
            width, height + top,
            {id: turn(point) for id, point in self.centres.items()},
            {id: ([turn(point) for point in points], turn(tip)) for id, (points, tip) in curves.items()},
            frames,
        )  # fmt: skip

    def place(self, block: Block, corner: Point) -> None:
        for item in block.items:
            a, b = corner[0] + item.at[0], corner[1] + item.at[1]
            if item.block is None:
                self.centres[item.id] = (a, b)
                continue
            left, upper = a - item.along / 2, b - item.across / 2
            self.frames[item.id] = (left, upper, left + item.along, upper + item.across)
            # The title stands at the upper edge: where that is depends on the direction of the picture.
            extra = (0.0, FRAME_TITLE) if self.horizontal else (FRAME_TITLE, 0.0)
            if self.picture.direction == "BT":
                extra = (0.0, 0.0)
            self.place(item.block, (left + FRAME_PADDING + extra[0], upper + FRAME_PADDING + extra[1]))
        for pair, lane in block.lanes.items():
            self.lanes[pair] = [((corner[0] + item.at[0], corner[1] + item.at[1]), item.along) for item in lane]

    def draw_edges(self) -> dict[str, tuple[list[Point], Point]]:
        sizes = {
            node.id: node.size if self.horizontal else (node.size[1], node.size[0]) for node in self.picture.nodes
        }
        round_ones = {node.id for node in self.picture.nodes if node.kind == "operation"}
        ways = {edge.id: self.way_of(edge) for edge in self.picture.edges}
        curves = {}
        by_target = sorted(self.picture.edges, key=lambda edge: edge.target)
        for target, group in groupby(by_target, key=lambda edge: edge.target):
            # The uppermost edge arrives uppermost.
            edges = sorted(group, key=lambda edge: (self.height_before(edge, ways[edge.id]), edge.operand or 0))
            alike = Counter(edge.source for edge in edges)
            drawn: Counter[str] = Counter()
            for i, edge in enumerate(edges):
                share = (i + 1) / (len(edges) + 1) * 2 - 1
                tip = touch(self.centres[target], sizes[target], share, target in round_ones)
                # Several edges from the same box leave it one below the other.
                shift = (drawn[edge.source] - (alike[edge.source] - 1) / 2) * 7
                drawn[edge.source] += 1
                a, b = self.centres[edge.source]
                start = (a + sizes[edge.source][0] / 2, b + max(-10.0, min(shift, 10.0)))
                curves[edge.id] = curve([start, *ways[edge.id]], tip)
        return curves

    def way_of(self, edge: Edge) -> list[Point]:
        """The points that a long edge passes: where its lane begins and ends in each rank."""
        _, source, target = common_frame(edge, self.parents)
        return [(a + side * along / 2, b) for (a, b), along in self.lanes[source, target] for side in (-1, 1)]

    def height_before(self, edge: Edge, way: list[Point]) -> float:
        return way[-1][1] if way else self.centres[edge.source][1]


def touch(centre: Point, size: Point, share: float, is_round: bool) -> Point:
    """Where an arrow's tip touches a node, on the side that it comes from; share runs from -1 to 1 across it."""
    half_along, half_across = size[0] / 2, size[1] / 2
    if not is_round:
        return centre[0] - half_along, centre[1] + share * (half_across - 3)
    return centre[0] - half_along * (1 - share**2) ** 0.5, centre[1] + share * half_across


def curve(way: list[Point], tip: Point) -> tuple[list[Point], Point]:
    """A smooth curve through the points of a way and to just before the tip."""
    end = (tip[0] - ARROW, tip[1])
    points = [way[0]]
    for (a, b), (c, d) in zip(way, [*way[1:], end], strict=True):
        middle = (a + c) / 2
        points += [(middle, b), (middle, d), (c, d)]
    return points, tip
