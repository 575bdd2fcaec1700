"""The graph between a result and one of its nodes, as a chain from labelled node to labelled node.

Nodes without a label are composed away.  What is left is a small graph of *stations* (the result, the
labelled nodes, the goal) joined by *segments*; the derivative along a segment is one factor of the
chain rule, even if ten unlabelled operations lie on it.

>>> from autograd import Value
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> h = (w * x + 1).tanh()
>>> h.label = "h"
>>> L = (1 - h) ** 2 + w
>>> graph = Stations(L, w)
>>> [[graph.order[i].label for i in path.stations] for path in graph.largest_paths(5)]
[['', 'w'], ['', 'h', 'w']]
>>> graph.count
2
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from autograd.core import evaluate
from autograd.core.anomaly import asked_for
from autograd.value import Value
from viz.stepping.wiring import Wiring

MOST_VISITS = 3_000_000
"""So many visits of unlabelled nodes are made before labels are given up as stations."""

Link = tuple[int, "Link | None"]


@dataclass(frozen=True)
class Path:
    """A way from the result down to the goal: the places of its stations, and the product of its factors."""

    stations: tuple[int, ...]
    value: float


class Stations:
    """The stations between ``loss`` and ``goal`` (one of its nodes), and the segments between them.

    Attributes:
        order: all nodes behind the loss, each one after its inputs; a node's index here is its *place*.
        data: their numbers.
        goal, root: the places of the goal and of the loss.
        too_many: True if there are so many segments that only the loss and the goal count as stations.
    """

    def __init__(self, loss: Value, goal: Value) -> None:
        self.wiring = Wiring(loss)
        self.order, self.inputs, self.data = self.wiring.order, self.wiring.inputs, self.wiring.data
        self.root = len(self.order) - 1
        self.goal = self.wiring.place[goal]
        self.on_way = self._nodes_above_the_goal()
        self.too_many = False
        self._regions: dict[int, list[int]] = {}
        self._segments: dict[int, dict[int, float]] = {}
        self._local: dict[int, tuple[float, ...]] = {}
        self._find_segments()

    def _nodes_above_the_goal(self) -> set[int]:
        above = {self.goal}
        for i in range(self.goal + 1, len(self.order)):
            if any(j in above for j in self.inputs[i]):
                above.add(i)
        return above

    def _find_segments(self) -> None:
        self.stations = [i for i in sorted(self.on_way) if i in (self.root, self.goal) or self.order[i].label]
        self._is_station = set(self.stations)
        visits = 0
        for v in self.stations:
            if v == self.goal:
                continue
            region = self.region(v)
            visits += len(region)
            if visits > MOST_VISITS:
                self.too_many = True
                self.stations = sorted({self.root, self.goal})
                self._is_station = set(self.stations)
                self._regions.clear()
                self._segments.clear()
                self._find_segments_from(self.root)
                return
            self._find_segments_from(v)

    def _find_segments_from(self, v: int) -> None:
        self._segments[v] = derivatives_along(self, v, self.data)

    def region(self, v: int) -> list[int]:
        """v and the unlabelled nodes below it, down to the next stations; the last computed first."""
        if v not in self._regions:
            found = {v}
            waiting = [v]
            while waiting:
                for j in self.inputs[waiting.pop()]:
                    if j in self.on_way and j not in self._is_station and j not in found:
                        found.add(j)
                        waiting.append(j)
            self._regions[v] = sorted(found, reverse=True)
        return self._regions[v]

    def is_station(self, i: int) -> bool:
        return i in self._is_station

    def segments_from(self, v: int) -> dict[int, float]:
        """The stations that v is computed from, and the derivative of v along each of these segments."""
        return {} if v == self.goal else self._segments[v]

    def local_derivatives(self, i: int) -> tuple[float, ...]:
        if i not in self._local:
            self._local[i] = local_derivatives(self, i, self.data)
        return self._local[i]

    # paths

    @cached_property
    def count(self) -> int:
        """How many paths there are; it may be a number of many digits."""
        counts: dict[int, int] = {self.goal: 1}
        for v in self.stations:
            if v != self.goal:
                counts[v] = sum(counts[u] for u in self._segments[v])
        return counts[self.root]

    def largest_paths(self, most: int) -> list[Path]:
        """The paths whose products are largest, by size, without going through all of them.

        The largest product from a station on is the largest of factor × largest product from the next
        station on, because sizes multiply; the same holds for the second largest, and so on.
        """
        best: dict[int, list[tuple[float, Link]]] = {self.goal: [(1.0, (self.goal, None))]}
        for v in self.stations:
            if v == self.goal:
                continue
            candidates = [
                (factor * value, (v, rest)) for u, factor in self._segments[v].items() for value, rest in best[u]
            ]
            best[v] = heapq.nlargest(most, candidates, key=lambda candidate: size(candidate[0]))
        return [Path(unlinked(link), value) for value, link in best[self.root]]


def derivatives_along(graph: Stations, v: int, data: Sequence[float]) -> dict[int, float]:
    """The derivatives of station v with respect to the next stations, in forward order: a small backward pass."""
    region = graph.region(v)
    totals: dict[int, float] = {v: 1.0}
    for i in region:
        # Only a node's own gradient is complete when its turn comes.
        upstream = totals[i]
        locals_ = graph.local_derivatives(i) if data is graph.data else local_derivatives(graph, i, data)
        for j, local in zip(graph.inputs[i], locals_, strict=True):
            if j in graph.on_way:
                totals[j] = totals.get(j, 0.0) + local * upstream
    return {u: totals[u] for u in sorted(totals) if graph.is_station(u) and u != v}


def local_derivatives(graph: Stations, i: int, data: Sequence[float]) -> tuple[float, ...]:
    op = graph.order[i].op
    assert op is not None
    numbers, on_way = [data[j] for j in graph.inputs[i]], [j in graph.on_way for j in graph.inputs[i]]
    return asked_for(evaluate.local_derivatives, op, numbers, data[i], on_way)


def size(x: float) -> float:
    return math.inf if math.isnan(x) else abs(x)


def unlinked(link: Link | None) -> tuple[int, ...]:
    places = []
    while link is not None:
        place, link = link
        places.append(place)
    return tuple(places)
