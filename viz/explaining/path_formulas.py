"""The derivative along a segment as a formula that reads like a textbook's.

The formulas of the operations on a segment are multiplied (and added up, where unlabelled ways are
parallel).  What would be long gets a name of its own: w5·σ(z)(1 - σ(z)) with z = w5·h1 + w6·h2 + b3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograd import ops
from autograd.core import evaluate
from autograd.ops import Op
from autograd.symbols import formulas, notation
from autograd.symbols.formulas import ONE, ZERO, Formula
from autograd.symbols.local_derivatives import book_fails, local_formulas, product, written
from autograd.symbols.snapshot import is_number, look_alikes, look_of
from autograd.symbols.templates import MISTAKABLE, read_template, spelled
from viz.drawing.style import printable, shorten

if TYPE_CHECKING:
    from viz.explaining.paths import Stations

LONGEST_LINE = 40
"""In a formula longer than this, what is repeated gets a name."""

LONGEST_FORMULA = 150
"""A derivative whose formula is longer than this, in spite of such names, is not written out."""

MOST_OPERATIONS = 60
"""Nor is that of a segment with more operations than this."""

LARGEST_FORMULA = 1000
"""Nor is one with more operations and names than this: where ways part again and again, it doubles each time."""

LARGEST_PART = 40
"""A part with more operations and names than this gets a name in any case."""

LONGEST_NAME = 28
MOST_TERMS = 8
"""A sum or function of more inputs than this is written with dots."""


class Names:
    """What the nodes are called in an explanation: unique, printable and short.

    Attributes:
        places: the place of each node that has been asked for, by its name.

    A node's own label if that is all this; else a shortened one, with the node's id in brackets.  The
    result is L if it has no label, and the goal c if it is a constant.
    """

    def __init__(self, graph: Stations) -> None:
        self._graph = graph
        self._labels = [node.label for node in graph.order]
        self._uses = Counter(self._labels)
        self.mistakable = MISTAKABLE.intersection(self._uses)
        self.look_alikes = look_alikes(self._uses)
        self._given: dict[int, Formula] = {}
        self.places: dict[str, int] = {}
        if not self._labels[graph.root]:
            free = [name for name in ("L", "loss", "f") if name not in self._uses]
            self.give(graph.root, self.free(free[0] if free else f"v{graph.root}"))
        goal = graph.goal
        if not self._labels[goal] and goal != graph.root:
            short = formula_if_short(graph, self, goal)
            if short is not None:
                self._given[goal] = short
            else:
                self.give(goal, self.free(f"v{goal}" if graph.inputs[goal] else "c"))

    def give(self, i: int, name: str) -> None:
        self._given[i] = self.called(name)
        self.places[name] = i

    def is_label(self, formula: Formula) -> bool:
        """True if some other node has this formula as its label."""
        return look_of(formula.text) in self.look_alikes

    def called(self, name: str) -> Formula:
        return formulas.symbol(name, self.mistakable)

    def free(self, name: str) -> str:
        """This name, or one very much like it that no label has."""
        while name in self._uses:
            name += "'"
        return name

    def get(self, i: int) -> Formula | None:
        """The node's name, or None if it has none."""
        if i not in self._given and (label := self._labels[i]):
            name = shorten(printable(label))
            is_taken = name != label or self._uses[label] > 1 or is_number(label) or set("[]'") & set(label)
            self.give(i, f"{name}[v{i}]" if is_taken else name)
        return self._given.get(i)

    def __getitem__(self, i: int) -> Formula:
        name = self.get(i)
        assert name is not None
        return name


def formula_if_short(graph: Stations, names: Names, i: int, depth: int = 4) -> Formula | None:
    """The formula of an unlabelled node with labelled or constant inputs, to serve as its name."""
    node = graph.order[i]
    if node.op is None or len(graph.inputs[i]) > MOST_TERMS or depth == 0:
        return None
    parts = []
    for j in graph.inputs[i]:
        part = names.get(j)
        if part is None and graph.order[j].op is None:
            part = formulas.number(graph.data[j], names.mistakable)
        if part is None:
            part = formula_if_short(graph, names, j, depth - 1)
        if part is None:
            return None
        parts.append(part)
    formula = written(node.op, parts)
    return formula if len(formula.text) <= LONGEST_NAME and not names.is_label(formula) else None


class Prime(Formula):
    """σ'(z): the local derivative of an operation with one input, not written out."""

    def __init__(self, of: Op, argument: Formula, near: frozenset[str] = frozenset()) -> None:
        super().__init__(inputs=(argument,), near=near)
        self.of = of
        self.key = ("prime", of.name, argument.key)

    def applied_to(self, inputs: tuple[Formula, ...]) -> Formula:
        return Prime(self.of, inputs[0], self.near)

    def written_near(self, near: frozenset[str]) -> notation.Notation:
        call = spelled(read_template(self.of.latex, 1), near)
        assert isinstance(call, notation.Row)
        word = call.parts[0]
        assert isinstance(word, notation.Word)
        primed = notation.Word(word.text + "'", word.latex + "'")
        return notation.Row((primed, notation.Fence(self.inputs[0].written_near(near))))

    def evaluate(self, numbers: Mapping[str, float]) -> float:
        x = self.inputs[0].evaluate(numbers)
        return evaluate.local_derivatives(self.of, [x], self.of(x))[0]


def has_prime(op: Op) -> bool:
    """True for an operation that is written as a function's name and its input, like tanh(x)."""
    if op.variadic or op.arity != 1:
        return False
    call = read_template(op.latex, 1)
    return notation.is_call(call) and isinstance(call, notation.Row) and isinstance(call.parts[0], notation.Word)


@dataclass(frozen=True)
class Derivation:
    """How the derivative along one segment is written.

    Attributes:
        formula: the derivative, or None if it would be too long.
        primed: the same with σ'(...) where ``formula`` has σ(z)(1 - σ(z)), or None if nothing is gained.
        parts: the places of the nodes that have got a name for this formula, in forward order.
    """

    formula: Formula | None
    primed: Formula | None
    parts: tuple[int, ...]


class SegmentWriter:
    """Writes the formulas of one graph; all of its segments share the names of their parts."""

    def __init__(self, graph: Stations, names: Names) -> None:
        self.graph = graph
        self.names = names
        self.part_names: dict[int, Formula] = {}
        self.place_of_part: dict[str, int] = {}
        self.forced: set[int] = set()
        self._name_what_cannot_be_written()

    def _name_what_cannot_be_written(self) -> None:
        """Parts that are too large get names, and those whose formula is the label of another node."""
        sizes: list[int] = []
        for i in range(len(self.graph.order)):
            size = 1
            if self.graph.inputs[i] and self.names.get(i) is None:
                size += sum(sizes[j] for j in self.graph.inputs[i])
                if size > LARGEST_PART or self._looks_like_a_label(i):
                    self.forced.add(i)
                    size = 1
            sizes.append(size)

    def _looks_like_a_label(self, i: int) -> bool:
        return bool(self.names.look_alikes) and self.names.is_label(self.spelled_out(i, set()))

    # deciding what gets a name

    def choose(self, v: int, u: int) -> set[int] | None:
        """The nodes that need names, so that the derivative along the segment from v to u is short enough.

        None if it cannot be written in any case.
        """
        way = self.way(v, u)
        if len(way) > MOST_OPERATIONS:
            return None
        parts: set[int] = set()
        formula = self.derive(v, u, parts)
        while formula is not None and len(formula.text) > LONGEST_LINE:
            best = self.most_saving(formula, self.inlined(way, parts), parts)
            if best is None:
                break
            parts.add(best)
            formula = self.derive(v, u, parts)
        return parts if formula is not None and len(formula.text) <= LONGEST_FORMULA else None

    def most_saving(self, formula: Formula, candidates: set[int], parts: set[int]) -> int | None:
        counts = Counter(part.key for part in everything_in(formula))
        best, most = None, 0
        for i in sorted(candidates):
            part = self.node(i, parts)
            length, count = len(part.text), counts[part.key]
            if (count > 1 and length >= 8) or (count == 1 and length >= 30):
                saved = count * (length - 2)
                if saved > most:
                    best, most = i, saved
        return best

    def inlined(self, way: list[int], parts: set[int]) -> set[int]:
        """The unlabelled nodes that are written out in the formula of a segment."""
        found: set[int] = set()
        waiting = [j for i in way for j in self.graph.inputs[i]]
        while waiting:
            i = waiting.pop()
            is_whole = self.names.get(i) is not None or i in parts or i in self.forced
            if i not in found and not is_whole and self.graph.inputs[i]:
                found.add(i)
                waiting += self.graph.inputs[i]
        return found

    def name_parts(self, chosen: set[int]) -> None:
        """Give the parts their names: z, or z1, z2, ... in forward order."""
        self.part_names.clear()
        self.place_of_part.clear()
        for n, i in enumerate(sorted(chosen), 1):
            self._name_part(i, "z" if len(chosen) == 1 else f"z{n}")

    def _name_part(self, i: int, name: str) -> None:
        name = self.names.free(name)
        self.part_names[i] = self.names.called(name)
        self.place_of_part[name] = i

    def _part(self, i: int) -> Formula:
        if i not in self.part_names:
            # Until it is known how many parts there are, they have long names: z_17.
            self._name_part(i, f"z_{i}")
        return self.part_names[i]

    # writing

    def way(self, v: int, u: int) -> list[int]:
        """v and the unlabelled nodes between it and u, the last computed first."""
        leading = {u}
        found = []
        for i in reversed(self.graph.region(v)):
            if any(j in leading for j in self.graph.inputs[i]):
                leading.add(i)
                found.append(i)
        return found[::-1]

    def node(self, i: int, parts: Collection[int] = ()) -> Formula:
        """A node as it stands in a formula: by its name, or written out."""
        if i in parts or i in self.forced:
            return self._part(i)
        name = self.names.get(i)
        return name if name is not None else self.spelled_out(i, parts)

    def spelled_out(self, i: int, parts: Collection[int]) -> Formula:
        op = self.graph.order[i].op
        if op is None:
            return formulas.number(self.graph.data[i], self.names.mistakable)
        return written(op, [self.node(j, parts) for j in self.graph.inputs[i]])

    def parts_in(self, formula: Formula) -> set[int]:
        """The places of the parts that stand in a formula by their names."""
        return {self.place_of_part[name] for name in symbols_in(formula) if name in self.place_of_part}

    def definition(self, i: int) -> Formula:
        """The right side of ``h1 = σ(w1·x1 + w2·x2 + b1)``; long sums have dots in the middle."""
        op, inputs = self.graph.order[i].op, self.graph.inputs[i]
        assert op is not None
        places = [inputs] if op is not ops.inner_product else list(ops.halves(tuple(inputs)))
        if len(places[0]) <= MOST_TERMS:
            return self.spelled_out(i, set())
        dots = formulas.symbol("…")
        shortened = [[*[self.node(j) for j in row[:2]], dots, self.node(row[-1])] for row in places]
        if op is ops.inner_product:
            terms = [dots if w is dots else product(w, x) for w, x in zip(*shortened, strict=True)]
            return written(ops.total, terms)
        return written(op, shortened[0])

    def derive(self, v: int, u: int, parts: set[int], primed: set[int] | None = None) -> Formula | None:
        """The derivative of v with respect to u along the segment: a small backward pass on formulas.

        None if it would be far too long to be written.
        """
        totals: dict[int, Formula] = {v: ONE}
        way = self.way(v, u)
        leading = {u, *way}
        for i in way:
            for j, local in zip(self.graph.inputs[i], self.local(i, parts, primed or set()), strict=True):
                if j not in leading:
                    continue
                # What is found later stands further to the left: terms come in the order of the forward pass.
                totals[j] = local * totals[i] + totals.get(j, ZERO)
                if totals[j].size > LARGEST_FORMULA:
                    return None
        return totals[u]

    def local(self, i: int, parts: set[int], primed: set[int]) -> tuple[Formula, ...]:
        op = self.graph.order[i].op
        assert op is not None
        inputs = [self.node(j, parts) for j in self.graph.inputs[i]]
        if i in primed:
            return (Prime(op, inputs[0]),)
        is_whole = i in parts or i in self.forced or len(inputs) > LARGEST_PART
        is_tail = book_fails(op, [self.graph.data[j] for j in self.graph.inputs[i]], self.graph.data[i])
        return local_formulas(op, inputs, self.node(i, parts) if is_whole else None, is_tail)

    def derivation(self, v: int, u: int, parts: set[int] | None) -> Derivation:
        """The derivative along the segment with these parts, and with primes where they help."""
        way = self.way(v, u)
        if len(way) > MOST_OPERATIONS:
            return Derivation(None, None, ())
        formula = None if parts is None else self.derive(v, u, parts)
        gained = {i for i in way if self.gains_by_prime(i, parts)}
        primed = self.derive(v, u, set(), gained) if gained else None
        if primed is not None and len(primed.text) > LONGEST_FORMULA // 2:
            primed = None
        if formula is None:
            formula, primed = primed, None
        named = set() if formula is None else self.parts_in(formula)
        return Derivation(formula, primed, tuple(sorted(named)))

    def gains_by_prime(self, i: int, parts: set[int] | None) -> bool:
        op = self.graph.order[i].op
        if op is None or not has_prime(op):
            return False
        return parts is None or bool(set(self.graph.inputs[i]) & parts)


# --- what is in a formula ---------------------------------------------------------------------------------


def everything_in(formula: Formula) -> Iterator[Formula]:
    """The formula and all of its parts from left to right, repeated ones as often as they are written."""
    waiting = [formula]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += part.inputs[::-1]


def symbols_in(formula: Formula | None) -> dict[str, None]:
    """The names in a formula, in the order in which they are read; none in no formula."""
    return {} if formula is None else {part.name: None for part in everything_in(formula) if part.name}


def operations_in(formula: Formula) -> int:
    """How many operations it takes to compute the formula as it is written.

    >>> x = formulas.symbol("x")
    >>> operations_in(x * x * 2 + 1)
    3
    """
    return sum(bool(part.inputs) for part in everything_in(formula))
