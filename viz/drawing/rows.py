"""Long graphs in rows: what is wider than its page is broken between its ranks, as a paragraph is between words.

As for a paragraph, all breaks are chosen together (Knuth and Plass, "Breaking Paragraphs into Lines", 1981): rows
should be about equally full and few, and few values should cross from one into the next.  A value that does cross
stands in the later row once more, as a tag.  A frame is broken only if it is wider than a row.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

from viz.drawing.arrangement import (
    Arrangement,
    Arranger,
    CyclicError,
    Item,
    arrange,
    gaps,
    path_to,
    put,
    rank,
    ways,
)
from viz.drawing.boxes import Scene

ROW_COST, SLACK_COST = 12.0, 100.0
CROSSING_NAMED, CROSSING_UNNAMED = 4.0, 9.0
"""What a row costs, one that is empty all along, and a value that crosses into the next: named, unnamed."""


def arrange_scene(scene: Scene, room: float | None = None, gutter: float = 0.0) -> list[Arrangement]:
    """Place everything, in one row if there is so much room, or else in several that begin with a gutter.

    It gives the same each time, and takes a time in proportion to the picture's size and to its ranks squared.
    """
    parents: dict[str, str | None] = {box.id: box.node.frame for box in scene.boxes}
    parents |= {frame.id: frame.parent for frame in scene.picture.frames}
    while True:
        try:
            whole = Whole(scene, parents)
        except CyclicError:
            parents = {box.id: None for box in scene.boxes}
            continue
        if room is None or not whole.arranger.horizontal or whole.width(whole.begin, whole.end) <= room:
            return [whole.place(whole.begin, whole.end)]
        too_wide = whole.frames_wider_than(room - gutter)
        if not too_wide:
            return [whole.place(begin, end) for begin, end in whole.break_into(room - gutter)]
        parents = open_frames(parents, too_wide)


def open_frames(parents: dict[str, str | None], frames: set[str]) -> dict[str, str | None]:
    """What is in one of the frames stands where the frame did."""

    def around(id: str) -> str | None:
        parent = parents[id]
        return around(parent) if parent is not None and parent in frames else parent

    return {id: around(id) for id in parents if id not in frames}


class Whole:
    """All of a picture, in ranks, from which rows are taken: from the rank ``begin`` up to before the rank ``end``.

    A box to which no edge leads belongs to the row of its first user, one rank before that.

    Raises:
        CyclicError: if frames depend on each other in a circle.
    """

    def __init__(self, scene: Scene, parents: dict[str, str | None]) -> None:
        self.scene = scene
        self.boxes = {box.id: box for box in scene.boxes}
        self.parents = parents
        self.arranger = Arranger(scene, parents)
        self.items = self.arranger.items(None)
        pairs = self.arranger.pairs.get(None, Counter())
        self.ranks = rank([item.id for item in self.items], pairs)
        self.top = {box.id: path_to(box.id, parents)[0] for box in scene.boxes}
        reached, left = {target for _, target in pairs}, {source for source, _ in pairs}
        self.home = {
            id: rank + (id in self.boxes and id in left and id not in reached) for id, rank in self.ranks.items()
        }
        self.begin, self.end = min(self.home.values()), max(self.home.values()) + 1
        self.gaps = gaps(pairs, self.ranks, self.end)
        # The ranks in which each box is used.
        self.uses: dict[str, set[int]] = {}
        for edge in scene.edges:
            if self.top[edge.source] != self.top[edge.target]:
                self.uses.setdefault(edge.source, set()).add(self.home[self.top[edge.target]])
        self.measure()

    def measure(self) -> None:
        """How wide each rank is, alone and with the tags that may stand there, and what precedes it in a row."""
        self.widths, self.widths_with_tags, self.leads = ([0.0] * (self.end + 1) for _ in range(3))
        for item in self.items:
            place = self.ranks[item.id]
            self.widths[place] = self.widths_with_tags[place] = max(self.widths[place], item.along)
            if self.home[item.id] > place:
                self.leads[place + 1] = max(self.leads[place + 1], item.along)
        for id, uses in self.uses.items():
            home, width = self.home[self.top[id]], self.boxes[id].tag[0]
            for use in uses:
                if home < use:
                    self.leads[use] = max(self.leads[use], width)
                if home < use - 1:
                    self.widths_with_tags[use - 1] = max(self.widths_with_tags[use - 1], width)

    def width(self, begin: int, end: int) -> float:
        """How wide a row is, or a little less than that."""
        widths = self.widths if begin == self.begin else self.widths_with_tags
        lead = self.leads[begin] + self.gaps[begin] if self.leads[begin] else 0.0
        return lead + sum(widths[begin:end]) + sum(self.gaps[begin + 1 : end])

    def frames_wider_than(self, room: float) -> set[str]:
        return {
            item.id for item in self.items
            if item.block and self.leads[(home := self.home[item.id])] + self.gaps[home] + item.along > room
        }  # fmt: skip

    def break_into(self, room: float) -> list[tuple[int, int]]:
        """The rows with which the picture is not wider than that, and which are the best to read."""
        crossing = self.costs_of_crossing()
        best = {self.begin: (0.0, self.begin)}
        for end in range(self.begin + 1, self.end + 1):
            begin = end - 1
            while begin >= self.begin and ((width := self.width(begin, end)) <= room or begin == end - 1):
                slack = (room - width) / room
                cost = best[begin][0] + SLACK_COST * slack**2 + ROW_COST + crossing[end]
                if end not in best or cost < best[end][0]:
                    best[end] = (cost, begin)
                begin -= 1
        rows = []
        end = self.end
        while end > self.begin:
            rows.append((best[end][1], end))
            end = best[end][1]
        return rows[::-1]

    def costs_of_crossing(self) -> list[float]:
        """For each rank, what it costs to break before it."""
        changes = [0.0] * (self.end + 2)
        for id, uses in self.uses.items():
            box = self.boxes[id]
            if self.home[self.top[id]] == self.ranks[self.top[id]]:
                cost = CROSSING_NAMED if box.name else CROSSING_UNNAMED
                changes[self.home[self.top[id]] + 1] += cost
                changes[max(uses) + 1] -= cost
        return list(accumulate(changes))

    def place(self, begin: int, end: int) -> Arrangement:
        """Lay out one row."""
        items = [item for item in self.items if begin <= self.home[item.id] < end]
        edges = [edge for edge in self.scene.edges if begin <= self.home[self.top[edge.target]] < end]
        start = begin - 1 if self.leads[begin] else begin
        ranks = {item.id: self.ranks[item.id] - start for item in items}
        tags: dict[str, float] = {}
        for id in dict.fromkeys(edge.source for edge in edges):
            if self.home[self.top[id]] < begin:
                tags[id] = self.boxes[id].tag[0]
                items.append(Item(id, tags[id], self.boxes[id].tag[1], (self.arranger.first[id], 0)))
                ranks[id] = min(use for use in self.uses[id] if use >= begin) - 1 - start
        parents = self.parents | dict.fromkeys(tags)
        pairs = Counter(
            (source, target) for edge in edges for frame, source, target in ways(edge, parents)[0] if frame is None
        )
        block = arrange(items, pairs, self.arranger.first, ranks)
        found = Arrangement(block.along, block.across, edges, parents, tags)
        put(found, block, None, (0.0, 0.0), self.scene.picture.direction)
        return found
