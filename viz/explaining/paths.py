"""The chain rule from a result down to one of its nodes: the paths, their factors, formulas and numbers.

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
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

from autograd.core import evaluate
from autograd.core.anomaly import asked_for
from autograd.core.numbers import round_on_paper
from autograd.errors import AutogradError
from autograd.symbols.formulas import Formula
from autograd.symbols.local_derivatives import holds_at
from autograd.value import Value
from viz.explaining.path_formulas import LONGEST_FORMULA, Derivation, Names, SegmentWriter, symbols_in
from viz.stepping.replay import Wiring

MOST_VISITS = 3_000_000
"""So many visits of unlabelled nodes are made before labels are given up as stations."""

MOST_FACTORS_IN_A_LINE = 10
"""Of a longer path, only the first and the last factors are written."""

MOST_FACTORS = 24
"""So many factors are derived; the others are found in the same way."""

NOISE = 1e-12
"""So much may be left of a derivative whose parts cancel."""

MOST_PARTS = 8
"""A definition that needs more parts with names of their own than this is not shown: only its number."""

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
        self._regions: dict[int, list[int]] = {}
        self._local: dict[int, tuple[float, ...]] = {}
        self._choose_stations()
        self._segments = {v: derivatives_along(self, v, self.data) for v in self.stations if v != self.goal}

    def _nodes_above_the_goal(self) -> set[int]:
        above = {self.goal}
        for i in range(self.goal + 1, len(self.order)):
            if any(j in above for j in self.inputs[i]):
                above.add(i)
        return above

    def _choose_stations(self) -> None:
        ends = {self.root, self.goal}
        self.is_station = ends | {i for i in self.on_way if self.order[i].label}
        visits = accumulate(len(self.region(v)) for v in sorted(self.is_station - {self.goal}))
        self.too_many = any(count > MOST_VISITS for count in visits)
        if self.too_many:
            self.is_station = ends
            self._regions.clear()
        self.stations = sorted(self.is_station)

    def region(self, v: int) -> list[int]:
        """v and the unlabelled nodes below it, down to the next stations; the last computed first."""
        if v not in self._regions:
            found = {v}
            waiting = [v]
            while waiting:
                for j in self.inputs[waiting.pop()]:
                    if j in self.on_way and j not in self.is_station and j not in found:
                        found.add(j)
                        waiting.append(j)
            self._regions[v] = sorted(found, reverse=True)
        return self._regions[v]

    def segments_from(self, v: int) -> dict[int, float]:
        """The stations that v is computed from, and the derivative of v along each of these segments."""
        return self._segments.get(v, {})

    def local_derivatives(self, i: int, data: Sequence[float]) -> tuple[float, ...]:
        """Those of an operation; at the graph's own numbers they are kept."""
        if data is self.data and i in self._local:
            return self._local[i]
        op = self.order[i].op
        assert op is not None
        numbers, on_way = [data[j] for j in self.inputs[i]], [j in self.on_way for j in self.inputs[i]]
        found: tuple[float, ...] = asked_for(evaluate.local_derivatives, op, numbers, data[i], on_way)
        if data is self.data:
            self._local[i] = found
        return found

    # paths

    @cached_property
    def count(self) -> int:
        """How many paths there are; it may be a number of many digits."""
        counts: dict[int, int] = {self.goal: 1}
        for v, segments in self._segments.items():
            counts[v] = sum(counts[u] for u in segments)
        return counts[self.root]

    def largest_paths(self, most: int) -> list[Path]:
        """The paths whose products are largest, by size, without going through all of them.

        The largest product from a station on is the largest of factor × largest product from the next
        station on, because sizes multiply; the same holds for the second largest, and so on.
        """
        best: dict[int, list[tuple[float, Link]]] = {self.goal: [(1.0, (self.goal, None))]}
        for v, segments in self._segments.items():
            candidates = [(factor * value, (v, rest)) for u, factor in segments.items() for value, rest in best[u]]
            best[v] = heapq.nlargest(most, candidates, key=lambda candidate: size(candidate[0]))
        return [Path(unlinked(link), value) for value, link in best[self.root]]


def derivatives_along(graph: Stations, v: int, data: Sequence[float]) -> dict[int, float]:
    """The derivatives of station v with respect to the next stations, in forward order: a small backward pass."""
    region = graph.region(v)
    totals: dict[int, float] = {v: 1.0}
    for i in region:
        # Only a node's own gradient is complete when its turn comes.
        upstream = totals[i]
        for j, local in zip(graph.inputs[i], graph.local_derivatives(i, data), strict=True):
            if j in graph.on_way:
                totals[j] = totals.get(j, 0.0) + local * upstream
    return {u: totals[u] for u in sorted(totals) if u in graph.is_station and u != v}


def size(x: float) -> float:
    return math.inf if math.isnan(x) else abs(x)


def unlinked(link: Link | None) -> tuple[int, ...]:
    places = []
    while link is not None:
        place, link = link
        places.append(place)
    return tuple(places)


# --- the chain rule ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Factor:
    """One factor of the chain rule: the derivative of a named node with respect to the next one.

    Attributes:
        of, by: the places of the two nodes.
        derivation: its formula, if that is not too long to be written.
        operations: how many operations lie between the two nodes.
        value: its exact value.
        used: the value to calculate with: rounded, if rounding was asked for.
        is_exceptional: True at a single point where the operation's rule does not follow the formula, like
            the kink of max(x, y) at x = y.
    """

    of: int
    by: int
    derivation: Derivation
    operations: int
    value: float
    used: float
    is_exceptional: bool


class ChainRule:
    """The derivative of ``loss`` with respect to ``x``, factor by factor.

    Attributes:
        paths: the paths with the largest products, largest first if some are left out.
        count: how many paths there are.
        total: the derivative, as backpropagation found it.
        factors: those of the shown paths, by the places of their two nodes.
        rounded: the result of calculating with rounded numbers, or None.
        rounding_failed: why there is none, although it was asked for; or "".
    """

    def __init__(self, loss: Value, x: Value, total: float, round_to: int | None, most_paths: int) -> None:
        self.graph = Stations(loss, x)
        self.total = total
        self.round_to = round_to
        self.count = self.graph.count
        self.paths = self.graph.largest_paths(most_paths)
        if self.shows_all:
            # In the order in which the operations take their inputs: as one writes them.
            self.paths.sort(key=lambda path: path.stations[1:])
        self.names = Names(self.graph)
        self.writer = SegmentWriter(self.graph, self.names)
        self._derivations = self._derive()
        self.rounding_failed = ""
        self._data = self._numbers_to_use()
        self.factors = self._make_factors()
        self.rounded = None if round_to is None or self.rounding_failed else self._round_the_result(round_to)

    @property
    def digits(self) -> int:
        """With so many significant digits a result is shown."""
        return 6 if self.round_to is None else self.round_to

    @property
    def shows_all(self) -> bool:
        return self.count == len(self.paths)

    @property
    def loss(self) -> Formula:
        return self.names[self.graph.root]

    @property
    def x(self) -> Formula:
        return self.names[self.graph.goal]

    @cached_property
    def segments(self) -> list[tuple[int, int]]:
        """The segments of the shown paths, each one once, in the order in which they come up."""
        return list(dict.fromkeys(pair for path in self.paths for pair in pairwise(path.stations)))

    @cached_property
    def shown_segments(self) -> list[tuple[int, int]]:
        """Those whose factor is derived."""
        pairs = dict.fromkeys(pair for path in self.paths for pair in self.pairs_to_write(path) if pair is not None)
        return list(pairs)[:MOST_FACTORS]

    def pairs_to_write(self, path: Path) -> list[tuple[int, int] | None]:
        """The segments of a path; None stands for dots in the middle of a long one."""
        pairs: list[tuple[int, int] | None] = list(pairwise(path.stations))
        half = MOST_FACTORS_IN_A_LINE // 2
        return pairs if len(pairs) <= MOST_FACTORS_IN_A_LINE else [*pairs[:half], None, *pairs[-half:]]

    # formulas

    def _derive(self) -> dict[tuple[int, int], Derivation]:
        chosen = {(v, u): self.writer.choose(v, u) for v, u in self.shown_segments}
        formulas = [self.writer.derive(v, u, parts) for (v, u), parts in chosen.items() if parts is not None]
        used = {part for formula in formulas if formula is not None for part in self.writer.parts_in(formula)}
        for i in [*used, *self.shown_stations]:
            used |= self.parts_behind(i) or set()
        self.writer.name_parts(used)
        return {(v, u): self.writer.derivation(v, u, parts) for (v, u), parts in chosen.items()}

    def parts_behind(self, i: int) -> set[int] | None:
        """The parts with which the definition of a node is written, and theirs; None if they are too many."""
        found: set[int] = set()
        waiting = [i]
        while waiting:
            for j in self.writer.parts_in(self.writer.definition(waiting.pop())):
                if j not in found:
                    found.add(j)
                    waiting.append(j)
            if len(found) > MOST_PARTS:
                return None
        return found

    def definition(self, i: int) -> Formula | None:
        """The right side of ``h1 = σ(w1·x1 + w2·x2 + b1)``, or None if it would be too long."""
        formula = self.writer.definition(i)
        is_short = len(formula.text) <= LONGEST_FORMULA and self.parts_behind(i) is not None
        return formula if is_short else None

    @cached_property
    def shown_stations(self) -> list[int]:
        """The computed nodes on the shown paths, in forward order."""
        places = {i for pair in self.shown_segments for i in pair if self.graph.inputs[i]}
        if not self.x.name:
            places.discard(self.graph.goal)  # its name is its formula
        return sorted(places)

    @property
    def place_of(self) -> Mapping[str, int]:
        """The places of all nodes that have a name, by it."""
        return ChainMap(self.names.places, self.writer.place_of_part)

    # numbers

    def number(self, i: int) -> float:
        """The number of a node, rounded if rounding was asked for."""
        return self._data[i]

    def numbers_in(self, formula: Formula) -> dict[str, float]:
        """A number for each name in a formula."""
        return {name: self._data[self.place_of[name]] for name in symbols_in(formula) if name in self.place_of}

    def _numbers_to_use(self) -> Sequence[float]:
        """The data of all nodes; rounded, the forward pass is computed anew, as on paper.

        Whatever has a name is written down, and so it is rounded; from there on the rounded number is used.
        """
        if self.round_to is None:
            return self.graph.data
        digits, written_down = self.round_to, {self.graph.root, self.graph.goal, *self.place_of.values()}

        def on_paper(i: int, x: Any) -> float:
            return round_on_paper(x, digits) if i in written_down else float(x)

        try:
            return self.graph.wiring.replay({}, on_paper)
        except (AutogradError, ArithmeticError) as error:
            self.rounding_failed = str(error).splitlines()[0]
            return self.graph.data

    def _make_factors(self) -> dict[tuple[int, int], Factor]:
        found = {}
        for v, u in self.segments:
            derivation = self._derivations.get((v, u), Derivation(None, None, ()))
            exact = self.graph.segments_from(v)[u]
            is_exceptional = not self._holds(derivation.formula, exact)
            formula = None if is_exceptional else derivation.formula
            used = exact if self.round_to is None else self._rounded_factor(v, u, formula)
            found[v, u] = Factor(v, u, derivation, len(self.writer.way(v, u)), exact, used, is_exceptional)
        return found

    def _holds(self, formula: Formula | None, exact: float) -> bool:
        """False where the formula does not give what the operations' own rules say at this point."""
        if formula is None:
            return True
        names = symbols_in(formula).keys() & self.place_of.keys()
        numbers = {name: self.graph.data[self.place_of[name]] for name in names}
        return holds_at(formula, numbers, exact, NOISE)

    def _rounded_factor(self, v: int, u: int, formula: Formula | None) -> float:
        exact = self.graph.segments_from(v)[u]
        if self.rounding_failed or self.round_to is None:
            return exact
        try:
            if formula is not None and self.can_be_evaluated(formula):
                slope = formula.evaluate(self.numbers_in(formula))
            else:
                slope = derivatives_along(self.graph, v, self._data)[u]
        except (AutogradError, ArithmeticError) as error:
            self.rounding_failed = str(error).splitlines()[0]
            return exact
        return round_on_paper(slope, self.round_to)

    def can_be_evaluated(self, formula: Formula) -> bool:
        """False if the rule of an operation could not be run on symbols."""
        return symbols_in(formula).keys() <= self.place_of.keys()

    def used_product(self, path: Path) -> float:
        """The product of a path's factors, rounded if rounding was asked for."""
        if self.round_to is None or self.rounding_failed:
            return path.value
        product = math.prod(self.factors[pair].used for pair in pairwise(path.stations))
        return round_on_paper(product, self.round_to)

    def _round_the_result(self, digits: int) -> float | None:
        if self.shows_all:
            total = math.fsum(self.used_product(path) for path in self.paths)
            return round_on_paper(total, digits)
        # Too many paths to multiply out: what stands before a node is factored out, as backpropagation does it.
        slopes = {self.graph.goal: 1.0}
        try:
            for v in self.graph.stations:
                if v != self.graph.goal:
                    segments = derivatives_along(self.graph, v, self._data)
                    slopes[v] = sum(round_on_paper(d, digits) * slopes[u] for u, d in segments.items())
        except (AutogradError, ArithmeticError) as error:
            self.rounding_failed = str(error).splitlines()[0]
            return None
        return round_on_paper(slopes[self.graph.root], digits)

    @property
    def rest(self) -> float:
        """The sum over all paths that are not shown; 0 if it is no more than what rounding leaves of the others."""
        if self.shows_all:
            return 0.0
        values = [path.value for path in self.paths]
        rest = math.fsum([self.total, *[-value for value in values]])
        return 0.0 if abs(rest) <= 1e-15 * max(map(abs, values)) else rest
