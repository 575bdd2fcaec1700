"""A graph as it was at one moment: its nodes by their numbers, what they are called, and how to find them.

Every node has an id, its place in topological order, and a name: its label, or else its formula if that is short.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograd.core.numbers import PLAIN_DIGITS
from autograd.core.op import Op
from autograd.core.plain_text import printable
from autograd.core.threads import cached_property
from autograd.errors import TraceError, text_of
from autograd.symbols import formulas
from autograd.symbols.formulas import Formula
from autograd.symbols.local_derivatives import written
from autograd.symbols.notation import is_word
from autograd.symbols.templates import MISTAKABLE
from autograd.value import Value, topological_order

LONGEST_NAME = 28
"""An unlabelled node is called by its formula up to so many characters, and by its id beyond."""


class NodeId(str):
    """The id of a node: v0, v1, ..., its place in topological order.

    It is of a type of its own, because a learner may call a node "v0" too: ``trace.find("v0")`` is the node with
    that label, if there is one, and ``trace.find(step.node)`` is always the node of the step.
    """

    __slots__ = ()

    @property
    def place(self) -> int:
        return int(self[1:])


def id_at(place: int) -> NodeId:
    return NodeId(f"v{place}")


@dataclass(frozen=True)
class NodeInfo:
    """One node of the graph, as it was when the trace was taken.

    Attributes:
        id: v0, v1, ...: its place in topological order, the same as in a drawing.
        name: what it is called in texts and formulas, where no other labelled node is called so: its label, with
            its id if others have that label too; without one its formula if that is short (``w1·x1``), else its id.
        label: what the learner called it, or "".
        data: its number.
        op: the name of the operation that made it, or "".
        inputs: the ids of that operation's inputs.
        kind: "input" for a leaf, "value" for all others.
    """

    id: NodeId
    name: str
    label: str
    data: float
    op: str
    inputs: tuple[NodeId, ...]
    kind: str


def in_parentheses(name: str) -> str:
    """A name that something can be attached to: a formula in parentheses.

    >>> in_parentheses("w1"), in_parentheses("w1·x1"), in_parentheses("z²")
    ('w1', '(w1·x1)', '(z²)')
    """
    return name if is_word(name) or name.isdecimal() else f"({name})"


def look_of(formula: str) -> str:
    """What two formulas have in common that a reader would not tell apart.

    >>> look_of("x1 * w1 − b") == look_of("x1·w1-b")
    True
    """
    return formula.replace(" ", "").translate(str.maketrans("*×⋅−", "···-"))


def look_alikes(labels: Iterable[str]) -> set[str]:
    """What the labels look like that are formulas: no other node is called by one of these formulas."""
    return {look_of(label) for label in labels if label and not is_word(label)}


def is_number(text: str) -> bool:
    """
    >>> is_number("-2.5e3"), is_number("−2·10⁹"), is_number("x1")
    (True, True, False)
    """
    try:
        float(text.replace("·10", "e").translate(PLAIN_DIGITS))
    except ValueError:
        return False
    return True


class Snapshot:
    """The nodes behind a result.  Later changes of the graph do not change it.

    Args:
        loss: the result.
        names: for some nodes without a label, by their place, what they are called.

    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> Snapshot((a + b) * 2).name("v4"), Snapshot((a + b) * 2, {2: "sum"}).name("v4")
    ('(a + b)·2', 'sum·2')
    """

    def __init__(self, loss: Value, names: Mapping[int, str] | None = None) -> None:
        self._order = topological_order(loss)
        self._place = {node: i for i, node in enumerate(self._order)}
        self._data = [node.data for node in self._order]
        self._labels = [node.label for node in self._order]
        # What is shown of the labels: all that follows is made of this, and is safe to print.
        self._shown = [printable(label or (names or {}).get(i, "")) for i, label in enumerate(self._labels)]
        self._taken = Counter(self._shown)
        self._mistakable = MISTAKABLE.intersection(self._taken)
        self._look_alikes = look_alikes(self._taken)
        self._formulas: dict[int, Formula] = {}
        self._operations = [i for i, node in enumerate(self._order) if node.op is not None]

    # names and formulas

    def _name(self, i: int) -> str:
        return self._formula_of(i).text

    def _formula_of(self, i: int) -> Formula:
        """The node as it stands in other formulas: by its label, its short formula or its id."""
        if i not in self._formulas:
            self._formulas[i] = self._find_formula(i)
        return self._formulas[i]

    def _find_formula(self, i: int) -> Formula:
        if self._shown[i]:
            return self._symbol(i)
        formula = self._written(i, depth=4)
        if formula is None or len(formula.text) > LONGEST_NAME:
            return self._called(self._free(f"v{i}"))
        return formula

    def _called(self, name: str) -> Formula:
        return formulas.symbol(name, self._mistakable)

    def _symbol(self, i: int) -> Formula:
        """A label, with the node's id where it could be taken for another node, or for a number."""
        label = self._shown[i]
        is_clear = self._taken[label] == 1 and not is_number(label)
        return self._called(label if is_clear else self._free(f"{label}[v{i}]"))

    def _free(self, name: str) -> str:
        """This name, or one very much like it that no label has."""
        while name in self._taken:
            name += "_"
        return name

    def _written(self, i: int, depth: int) -> Formula | None:
        """The formula of an unlabelled node, or None if it would be long."""
        node = self._order[i]
        if self._shown[i]:
            return self._symbol(i)
        if node.op is None:
            return formulas.number(self._data[i], self._mistakable)
        if depth == 0 or len(node.inputs) > 6:
            return None
        inputs = [self._written(self._place[x], depth - 1) for x in node.inputs]
        known = [x for x in inputs if x is not None]
        if len(known) < len(inputs):
            return None
        formula = written(node.op, known)
        is_a_label = self._look_alikes and look_of(formula.text) in self._look_alikes
        return self._called(self._free(f"v{i}")) if is_a_label else formula

    def _numbers_behind(self, i: int) -> Iterator[tuple[str, float]]:
        """The names in the formulas of a node's inputs, each with its number."""
        for x in self._order[i].inputs:
            j = self._place[x]
            if name := self._formula_of(j).name:
                yield name, self._data[j]
            else:
                yield from self._numbers_behind(j)

    def formula_of(self, what: Value | str) -> Formula:
        """A node as it stands in the formulas of others: its label, its own formula if that is short, or its id."""
        return self._formula_of(self.find(what).place)

    def op_of(self, what: Value | str) -> Op | None:
        """The operation that made a node; None for a leaf."""
        return self._order[self.find(what).place].op

    # nodes

    @property
    def root(self) -> NodeId:
        """The id of the result."""
        return id_at(len(self._order) - 1)

    @cached_property
    def nodes(self) -> tuple[NodeInfo, ...]:
        return tuple(self.node(id_at(i)) for i in range(len(self._order)))

    def node(self, what: Value | str) -> NodeInfo:
        """All about one node."""
        id = self.find(what)
        i = id.place
        node = self._order[i]
        inputs = tuple(id_at(self._place[x]) for x in node.inputs)
        op = "" if node.op is None else node.op.name
        return NodeInfo(
            id, self._name(i), self._labels[i], self._data[i], op, inputs, "value" if inputs else "input"
        )

    def name(self, what: Value | str) -> str:
        return self._name(self.find(what).place)

    @cached_property
    def _with_label(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for i, label in enumerate(self._labels):
            if label:
                found.setdefault(label, []).append(i)
        return found

    def find(self, what: Value | str) -> NodeId:
        """The id of a node that is given as a Value, a label, a name or an id.

        Raises:
            TraceError: if there is no such node, or several have that label.

        >>> x = Value(2.0, "weight")
        >>> Snapshot(x * x).find("wieght")
        Traceback (most recent call last):
        ...
        autograd.errors.TraceError: there is no node 'wieght' in this graph; did you mean 'weight'?
        """
        if isinstance(what, Value):
            if what not in self._place:
                raise TraceError(f"{what!r} is not part of this graph: the result was not computed from it")
            return id_at(self._place[what])
        if isinstance(what, NodeId) and what.place < len(self._order):
            return what
        # A label comes first: it is what the learner knows.
        found = self._with_label.get(what, [])
        given: object = what
        if not found and isinstance(given, str) and re.fullmatch("v[0-9]{1,18}", given):
            found = [i] if (i := int(what[1:])) < len(self._order) else []
        if not found and len(self._order) <= 2000:
            found = [i for i in range(len(self._order)) if self._name(i) == what]
        if len(found) == 1:
            return id_at(found[0])
        if found:
            ids = ", ".join(f"v{i}" for i in found[:8])
            raise TraceError(f"{len(found)} nodes are called {text_of(what)}; say which one by its id: {ids}")
        raise self._unknown(what)

    def find_all(self, wanted: Value | str | Iterable[Value | str]) -> set[NodeId]:
        """The ids of several nodes, or of one."""
        return {self.find(what) for what in ([wanted] if isinstance(wanted, (str, Value)) else wanted)}

    def _unknown(self, what: Any) -> TraceError:
        labels = [label for label in self._labels if label]
        close = difflib.get_close_matches(what, labels, n=1) if isinstance(what, str) else []
        hint = f"; did you mean {close[0]!r}?" if close else ""
        known = [label for label in self._taken if label]
        if not close:
            hint = (
                f"; the labels are {', '.join(known[:12])}{', ...' if len(known) > 12 else ''}"
                if known
                else (f"; none has a label, so name it by its id, v0 to {self.root}")
            )
        return TraceError(f"there is no node {text_of(what)} in this graph{hint}")

    # paths

    def paths(self, what: Value | str) -> Iterator[tuple[NodeId, ...]]:
        """Every path from the result down to a node, as ids; one at a time, for there may be very many.

        >>> a = Value(2.0, "a")
        >>> list(Snapshot(a * a).paths("a"))
        [('v1', 'v0'), ('v1', 'v0')]
        """
        goal = self.find(what).place
        useful = self._nodes_above(goal)
        # A path that has been begun, and its last node's inputs that have not been tried.
        path = [len(self._order) - 1]
        waiting = [self._inputs_on_the_way(path[0], useful, goal)]
        if path[0] == goal:
            yield (self.root,)
            return
        while path:
            step = next(waiting[-1], None)
            if step is None:
                path.pop()
                waiting.pop()
            elif step == goal:
                yield (*map(id_at, path), id_at(goal))
            else:
                path.append(step)
                waiting.append(self._inputs_on_the_way(step, useful, goal))

    def _nodes_above(self, goal: int) -> set[int]:
        above = {goal}
        for i in self._operations:
            if any(self._place[x] in above for x in self._order[i].inputs):
                above.add(i)
        return above

    def _inputs_on_the_way(self, i: int, useful: set[int], goal: int) -> Iterator[int]:
        return iter([j for x in self._order[i].inputs if (j := self._place[x]) in useful])
