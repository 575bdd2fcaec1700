"""Where the nodes of a graph stand in a stepper: as a tree under the result, or in levels from the inputs to it.

>>> from autograd import Value
>>> a, b = Value(2.0, "a"), Value(3.0, "b")
>>> tree = Tree(Wiring((a * b) * (a * b)))
>>> [(row.node, row.depth) for row in tree.rows]
[(4, 0), (2, 1), (0, 2), (1, 2), (3, 1), (0, 2), (1, 2)]
"""

from __future__ import annotations

from dataclasses import dataclass, field

from viz.stepping.wiring import Edge, Wiring


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
    """The graph as lines, the result first.  Each edge of the graph has one row, and each node is opened once."""

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
            below = self.level[i] + 1
            for j in wiring.inputs[i]:
                if self.level[j] < below:
                    self.level[j] = below
        self.columns: list[list[int]] = [[] for _ in range(max(self.level) + 1)]
        self.place: dict[int, int] = {}
        for i in tree.row_of:  # in the order of the rows
            column = self.columns[self.level[i]]
            self.place[i] = len(column)
            column.append(i)
