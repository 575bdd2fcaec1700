"""A graph as whole numbers: who is computed from whom, in which step, as a tree and in levels; and computed anew.

>>> from autograd import Value
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> wiring = Wiring(w * x + w)
>>> wiring.inputs
[(), (), (0, 1), (2, 0)]
>>> wiring.replay({0: 5.0})
[5.0, 2.0, 10.0, 15.0]
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograd.value import Value, topological_order


@dataclass(frozen=True)
class Edge:
    """One input of one operation: ``node`` is computed from ``input``, its ``operand``-th input from 0."""

    node: int
    operand: int
    input: int


class Wiring:
    """Who is computed from whom, as whole numbers: node i is "v<i>" of the trace.

    It is found without making a single step, so that a graph with 100,000 nodes opens at once.

    Attributes:
        order: the nodes, each after its inputs.
        inputs: for each node its inputs.
        data: their numbers.
    """

    def __init__(self, loss: Value) -> None:
        self.order = topological_order(loss)
        self.place = {node: i for i, node in enumerate(self.order)}
        self.inputs = [tuple([self.place[x] for x in node.inputs]) for node in self.order]
        self.data = [node.data for node in self.order]

    def replay(self, given: Mapping[int, Any], each: Callable[[int, Any], Any] = lambda i, x: x) -> list[Any]:
        """All numbers, if some nodes had those that are given; ``each`` number may be changed before it is used.

        Raises:
            GradientError: if an operation is not defined there.
        """
        found: list[Any] = []
        for i, node in enumerate(self.order):
            if i in given:
                x = given[i]
            else:
                x = self.data[i] if node.op is None else node.op(*[found[j] for j in self.inputs[i]])
            found.append(each(i, x))
        return found

    # the steps of the two passes

    @cached_property
    def number(self) -> list[int]:
        """For each node the number of the forward step that computes it, from 1; 0 for a leaf."""
        found, computed = [], 0
        for inputs in self.inputs:
            computed += bool(inputs)
            found.append(computed if inputs else 0)
        return found

    @cached_property
    def passed(self) -> list[int]:
        """For each node the number of the first backward step that passes its gradient on."""
        found, step = [0] * len(self.order), 1
        for i in range(len(self.order) - 1, -1, -1):
            found[i] = step
            step += len(self.inputs[i])
        return found

    @cached_property
    def _passing(self) -> list[int]:
        return [i for i in range(len(self.order) - 1, -1, -1) if self.inputs[i]]

    def computed_by(self, step: int) -> int:
        """The node that a forward step computes."""
        return self._passing[-step]

    def edge(self, step: int) -> Edge:
        """The edge along which a backward step runs."""
        k = bisect_right(self._passing, step, key=lambda i: self.passed[i]) - 1
        node = self._passing[k]
        operand = step - self.passed[node]
        return Edge(node, operand, self.inputs[node][operand])


# --- where the nodes stand on a screen ----------------------------------------------------------------------


@dataclass(slots=True)
class Row:
    """A line of the tree: the result, or one input of one operation.

    Attributes:
        node: what stands there.
        depth: how far it is indented.
        parent: the row of the operation whose input this is; -1 for the result.
        is_last: True for an operation's last input.
        is_repeated: True if what the node is computed from is shown under an earlier row.
        children: the rows of its inputs.
    """

    node: int
    depth: int
    parent: int
    is_last: bool
    is_repeated: bool = False
    children: list[int] = field(default_factory=list)


class Tree:
    """The graph as lines, the result first.  Each edge of the graph has one row, and each node is opened once.

    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> [(row.node, row.depth) for row in Tree(Wiring((a * b) * (a * b))).rows]
    [(4, 0), (2, 1), (0, 2), (1, 2), (3, 1), (0, 2), (1, 2)]
    """

    def __init__(self, wiring: Wiring) -> None:
        self.rows: list[Row] = []
        self.row_of: dict[int, int] = {}
        root = len(wiring.order) - 1
        waiting = [Row(root, 0, -1, True)]
        while waiting:
            row = waiting.pop()
            here = len(self.rows)
            self.rows.append(row)
            if row.parent >= 0:
                self.rows[row.parent].children.append(here)
            inputs = wiring.inputs[row.node]
            row.is_repeated = bool(inputs) and row.node in self.row_of
            self.row_of.setdefault(row.node, here)
            if not row.is_repeated:
                last = len(inputs) - 1
                below = [Row(x, row.depth + 1, here, k == last) for k, x in enumerate(inputs)]
                waiting += below[::-1]

    def row_of_edge(self, edge: Edge) -> int:
        return self.rows[self.row_of[edge.node]].children[edge.operand]


class Levels:
    """The nodes in columns: level 0 is the result, and every node stands one level beyond its last user.

    Attributes:
        level: for each node its level.
        columns: for each level its nodes, in the order of the tree.
        place: for each node its place in its column.
    """

    def __init__(self, wiring: Wiring, tree: Tree) -> None:
        self.level = [0] * len(wiring.order)
        for i in range(len(wiring.order) - 1, -1, -1):
            for j in wiring.inputs[i]:
                self.level[j] = max(self.level[j], self.level[i] + 1)
        self.columns: list[list[int]] = [[] for _ in range(max(self.level) + 1)]
        self.place: dict[int, int] = {}
        for i in tree.row_of:  # in the order of the rows
            column = self.columns[self.level[i]]
            self.place[i] = len(column)
            column.append(i)
