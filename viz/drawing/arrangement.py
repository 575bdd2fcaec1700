"""Where everything stands in a picture: our own layout in layers, the same on every machine.

It is what Graphviz does, in its simplest form (Sugiyama, Tagawa and Toda, "Methods for Visual
Understanding of Hierarchical System Structures", 1981): give every node a rank, so that edges run
forwards; order each rank so that few edges cross; straighten what can be straightened.  A frame is
laid out on its own and is then one large node of what surrounds it.  An edge that passes a rank has a
lane between the boxes there, in the frames that it enters and leaves too: no edge runs behind a box.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from viz.drawing.boxes import Scene
from viz.drawing.ordering import put_in_order
from viz.drawing.picture import Edge
from viz.drawing.style import FONT_SIZE, printable, shorten, width_of

Point = tuple[float, float]

RANK_GAP, ITEM_GAP, LANE = 22.0, 7.0, 6.0
FRAME_PADDING, FRAME_TITLE = 6.0, 14.0

SWEEPS = 9
"""How often the ranks are straightened; an odd number, so that the users of a node have the last word."""
STRAIGHT = (1.0, 1.0, 4.0)
"""How much the ends of a piece of an edge pull each other: two boxes, a box and a lane, two lanes."""
MOST_LANES = 20_000
"""Edges get lanes of their own between the boxes, unless that makes more lanes than this."""


@dataclass(eq=False)
class Item:
    """Something to be placed: a box, a frame with all that is in it, or a lane through which an edge runs.

    Its measures are taken ``along`` the direction of the picture and ``across`` it; ``order`` says where it comes
    in the order of computation, ``at`` is its middle, and ``rank`` is from where to where its rank reaches along
    the picture.
    """

    id: str
    along: float
    across: float
    order: tuple[int, int]
    block: Block | None = None
    at: Point = (0.0, 0.0)
    rank: Point = (0.0, 0.0)


@dataclass(eq=False)
class Block:
    """Items with their places, measured from the block's own corner, and the lanes of the edges between them."""

    along: float
    across: float
    items: list[Item]
    lanes: dict[tuple[str, str], list[Item]]


Lane = tuple[float, float, float]
"""From where to where it runs along the picture, and how far across it."""


@dataclass
class Arrangement:
    """Where everything stands in a picture, or in one row of it, measured along and across its direction.

    Attributes:
        along, across: the size of the whole.
        edges: the edges in it.
        parents: for each box and each frame the frame that it stands in, or None; None for a box of an earlier row.
        centres: the middle of every box, or of the tag that stands for it here.
        tags: for each box of an earlier row, which is a tag here, how wide that is.
        ranks: for each box and each frame from where to where its rank reaches along the picture.
        frames: the borders of each frame: its beginning along and across, its end along and across.
        lanes: for an edge's way through a frame (None: between all frames) the lanes that it takes, see ``ways``.
    """

    along: float
    across: float
    edges: Sequence[Edge]
    parents: dict[str, str | None]
    tags: dict[str, float] = field(default_factory=dict)
    centres: dict[str, Point] = field(default_factory=dict)
    ranks: dict[str, Point] = field(default_factory=dict)
    frames: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    lanes: dict[tuple[str | None, str, str], list[Lane]] = field(default_factory=dict)


class CyclicError(Exception):
    """Frames depend on each other in a circle, so that they cannot be ranked."""


def put(found: Arrangement, block: Block, frame: str | None, corner: Point, direction: str) -> None:
    """Enter the places of a block whose corner is there, in a picture of that direction."""
    for item in block.items:
        a, b = corner[0] + item.at[0], corner[1] + item.at[1]
        found.ranks[item.id] = (corner[0] + item.rank[0], corner[0] + item.rank[1])
        if item.block is None:
            found.centres[item.id] = (a, b)
            continue
        left, upper = a - item.along / 2, b - item.across / 2
        found.frames[item.id] = (left, upper, left + item.along, upper + item.across)
        # The title stands at the upper edge: where that is depends on the direction of the picture.
        before = {"TB": (FRAME_TITLE, 0.0), "BT": (0.0, 0.0)}.get(direction, (0.0, FRAME_TITLE))
        title = (FRAME_TITLE, 0.0) if direction in ("TB", "BT") else (0.0, FRAME_TITLE)
        inner = (
            left + before[0] + (item.along - title[0] - item.block.along) / 2,
            upper + before[1] + (item.across - title[1] - item.block.across) / 2,
        )
        put(found, item.block, item.id, inner, direction)
    for (source, target), lanes in block.lanes.items():
        found.lanes[frame, source, target] = [
            (corner[0] + lane.rank[0], corner[0] + lane.rank[1], corner[1] + lane.at[1]) for lane in lanes
        ]


# --- which edge runs where ----------------------------------------------------------------------------------


def ways(edge: Edge, parents: dict[str, str | None]) -> tuple[list[tuple[str | None, str, str]], int]:
    """An edge's way in parts: a frame, and there from where to where; and how many parts lead out of frames.

    Out of a frame all edges of one box go together, to ""; into a frame each comes from its own box.
    """
    source, target = path_to(edge.source, parents), path_to(edge.target, parents)
    shared = next(i for i, (one, other) in enumerate(zip(source, target, strict=False)) if one != other)
    around = [None, *source[:-1]][: shared + 1]
    out = [(frame, id, "") for frame, id in zip(source[shared:-1], source[shared + 1 :], strict=True)][::-1]
    into = [(frame, edge.source, id) for frame, id in zip(target[shared:-1], target[shared + 1 :], strict=True)]
    return [*out, (around[-1], source[shared], target[shared]), *into], len(out)


def path_to(id: str, parents: dict[str, str | None]) -> list[str]:
    """The frames around a box, the outermost first, and then the box."""
    path = [id]
    while (parent := parents[path[-1]]) is not None:
        path.append(parent)
    return path[::-1]


# --- which rank, which order, how far apart -----------------------------------------------------------------


class Arranger:
    """Lays out a frame (None: the whole picture), inner frames first."""

    def __init__(self, scene: Scene, parents: dict[str, str | None]) -> None:
        self.horizontal = scene.picture.direction in ("LR", "RL")
        self.children: dict[str | None, list[tuple[str, Point]]] = {}
        for box in scene.boxes:
            self.children.setdefault(parents[box.id], []).append((box.id, box.size))
        # How wide the titles of the frames are.
        self.titles: dict[str, float] = {}
        self.inner: dict[str | None, list[str]] = {}
        for inner in scene.picture.frames:
            if inner.id in parents:
                self.inner.setdefault(parents[inner.id], []).append(inner.id)
                self.titles[inner.id] = math.ceil(width_of(shorten(printable(inner.title)), FONT_SIZE)) + 24.0
        self.pairs: dict[str | None, Counter[tuple[str, str]]] = {}
        for edge in scene.edges:
            for frame, source, target in ways(edge, parents)[0]:
                self.pairs.setdefault(frame, Counter())[source, target] += 1
        # A frame stands in the order of computation where its first box does.
        self.first: dict[str, int] = {}
        for i, box in enumerate(scene.boxes):
            for id in path_to(box.id, parents):
                self.first.setdefault(id, i)

    def items(self, frame: str | None) -> list[Item]:
        """What stands directly in a frame, the frames in it laid out, in the order of computation."""
        found = []
        for id, (width, height) in self.children.get(frame, []):
            found.append(Item(id, *((width, height) if self.horizontal else (height, width)), (self.first[id], 0)))
        for id in self.inner.get(frame, []):
            block = arrange(self.items(id), self.pairs.get(id, Counter()), self.first)
            along, across = block.along + 2 * FRAME_PADDING, block.across + 2 * FRAME_PADDING
            if self.horizontal:
                along, across = max(along, self.titles[id]), across + FRAME_TITLE
            else:
                along, across = along + FRAME_TITLE, max(across, self.titles[id])
            found.append(Item(id, along, across, (self.first[id], 0), block))
        return sorted(found, key=lambda item: item.order)


def arrange(
    items: list[Item],
    pairs: Counter[tuple[str, str]],
    first: Mapping[str, int],
    ranks: dict[str, int] | None = None,
) -> Block:
    """Place items in ranks, such that every pair (with so many edges) runs from a lower rank to a higher one.

    One end of a pair may be outside: it comes from before the first rank, or goes to behind the last one.
    """
    by_id = {item.id: item for item in items}
    if ranks is None:
        ranks = rank(list(by_id), [pair for pair in pairs if pair[0] in by_id and pair[1] in by_id])
    rows: list[list[Item]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for item in items:
        rows[ranks[item.id]].append(item)

    spans = {(a, b): range(ranks.get(a, -1) + 1, ranks.get(b, len(rows))) for a, b in pairs}
    with_lanes = sum(map(len, spans.values())) <= MOST_LANES
    lanes: dict[tuple[str, str], list[Item]] = {}
    before: dict[Item, list[Item]] = {}
    after: dict[Item, list[Item]] = {}
    for (source, target), span in spans.items():
        order = (first[source], 1 + first.get(target, 0))
        lane = [Item("", 0.0, LANE, order) for _ in span] if with_lanes else []
        for place, item in zip(span, lane, strict=False):
            rows[place].append(item)
        lanes[source, target] = lane
        for one, other in pairwise(x for x in (by_id.get(source), *lane, by_id.get(target)) if x is not None):
            after.setdefault(one, []).append(other)
            before.setdefault(other, []).append(one)

    put_in_order(rows, before, after)
    align(rows, before, after)
    return finish(rows, items, lanes, gaps(pairs, ranks, len(rows)))


def gaps(pairs: Counter[tuple[str, str]], ranks: dict[str, int], count: int) -> list[float]:
    """How far each of so many ranks stays away from the one before it: many edges need room to be told apart."""
    entering = [0] * count
    for (_, target), edges in pairs.items():
        if target in ranks:
            entering[ranks[target]] += edges
    return [RANK_GAP + min(edges // 3, 4 * RANK_GAP) for edges in entering]


def rank(ids: Sequence[str], pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The length of the longest way to each node; but an input moves up to just before its first user.

    So does what needs nothing but inputs, of which at most one is used elsewhere too: as many edges become longer
    as shorter.  (Kahn, "Topological sorting of large networks", 1962.)
    """
    after: dict[str, list[str]] = {id: [] for id in ids}
    before: dict[str, list[str]] = {id: [] for id in ids}
    for source, target in pairs:
        after[source].append(target)
        before[target].append(source)
    missing = {id: len(before[id]) for id in ids}
    ranks = dict.fromkeys(ids, 0)
    ready = [id for id in ids if not missing[id]]
    near_inputs: set[str] = set()
    for id in ready:
        shared = [source for source in before[id] if len(after[source]) > 1]
        if near_inputs.issuperset(before[id]) and len(shared) <= 1 and not any(before[source] for source in shared):
            near_inputs.add(id)
        for target in after[id]:
            ranks[target] = max(ranks[target], ranks[id] + 1)
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    if len(ready) < len(ids):
        raise CyclicError
    for id in reversed(ready):
        if id in near_inputs and after[id]:
            ranks[id] = min(ranks[target] for target in after[id]) - 1
    return ranks


def align(rows: list[list[Item]], before: dict[Item, list[Item]], after: dict[Item, list[Item]]) -> None:
    """Move the items of each rank towards their neighbours, without changing their order."""
    for row in rows:
        spread(row, [(0.0, 1.0)] * len(row))
    for sweep in range(SWEEPS + 1):
        neighbours = [after, before][sweep % 2] if sweep < SWEEPS else None
        for row in reversed(rows) if sweep % 2 == 0 else rows:
            wishes = []
            for item in row:
                others = neighbours.get(item, []) if neighbours else before.get(item, []) + after.get(item, [])
                pulls = [STRAIGHT[(not item.id) + (not other.id)] for other in others]
                place = sum(pull * other.at[1] for pull, other in zip(pulls, others, strict=True))
                wishes.append((place / sum(pulls), sum(pulls)) if others else (item.at[1], 0.1))
            spread(row, wishes)


def spread(row: list[Item], wishes: Sequence[tuple[float, float]]) -> None:
    """Put items as near to where they wish to be as their sizes allow, in their order (weighted least squares).

    A wish is a place and its weight.  Items that would overlap form a group that stands where its members wish to
    be on average; groups that then overlap are joined.  (Isotonic regression by pooling adjacent violators: Barlow
    et al., 1972.)
    """
    offsets: list[float] = []
    offset = 0.0
    for i, item in enumerate(row):
        if i:
            gap = ITEM_GAP if item.id and row[i - 1].id else ITEM_GAP / 2
            offset += (row[i - 1].across + item.across) / 2 + gap
        offsets.append(offset)
    groups: list[tuple[float, float, int]] = []
    for (wish, weight), offset in zip(wishes, offsets, strict=True):
        total, count = weight * (wish - offset), 1
        while groups and groups[-1][0] / groups[-1][1] > total / weight:
            earlier = groups.pop()
            total, weight, count = total + earlier[0], weight + earlier[1], count + earlier[2]
        groups.append((total, weight, count))
    start = [total / weight for total, weight, count in groups for _ in range(count)]
    for item, first, offset in zip(row, start, offsets, strict=True):
        item.at = (item.at[0], first + offset)


def finish(
    rows: list[list[Item]],
    items: list[Item],
    lanes: dict[tuple[str, str], list[Item]],
    gaps: list[float],
) -> Block:
    """Give the ranks their places along the picture, and move everything so that it starts at 0."""
    everything = [item for row in rows for item in row]
    top = min((item.at[1] - item.across / 2 for item in everything), default=0.0)
    along = bottom = 0.0
    for row, gap in zip(rows, gaps, strict=True):
        along += gap if along else 0.0
        widest = max((item.along for item in row), default=0.0)
        for item in row:
            item.at = (along + widest / 2, float(math.ceil(item.at[1] - top)))
            bottom = max(bottom, item.at[1] + item.across / 2)
            item.rank = (along, along + widest)
        along += widest
    return Block(along, float(math.ceil(bottom)), items, lanes)
