"""A graph as whole numbers: who is computed from whom, in which step, and what other numbers would give.

>>> from autograd import Value
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> wiring = Wiring(w * x + w)
>>> wiring.inputs, wiring.received[0]
([(), (), (0, 1), (2, 0)], [2, 3])
>>> wiring.replay({0: 5.0})
[5.0, 2.0, 10.0, 15.0]
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    def received(self) -> list[list[int]]:
        """For each node the numbers of the backward steps that add to its gradient, from 1."""
        found: list[list[int]] = [[] for _ in self.order]
        for i, first in enumerate(self.passed):
            for operand, j in enumerate(self.inputs[i]):
                found[j].append(first + operand)
        return [sorted(steps) for steps in found]

    @cached_property
    def passed(self) -> list[int]:
        """For each node the number of the first backward step that passes its gradient on."""
        found, step = [0] * len(self.order), 1
        for i in range(len(self.order) - 1, -1, -1):
            found[i] = step
            step += len(self.inputs[i])
        return found

    @cached_property
    def edges(self) -> int:
        """How many backward steps there are."""
        return sum(map(len, self.inputs))

    @cached_property
    def _passing(self) -> list[int]:
        return [i for i in range(len(self.order) - 1, -1, -1) if self.inputs[i]]

    @property
    def operations(self) -> int:
        return len(self._passing)

    def computed_by(self, step: int) -> int:
        """The node that a forward step computes."""
        return self._passing[-step]

    def edge(self, step: int) -> Edge:
        """The edge along which a backward step runs."""
        k = bisect_right(self._passing, step, key=lambda i: self.passed[i]) - 1
        node = self._passing[k]
        operand = step - self.passed[node]
        return Edge(node, operand, self.inputs[node][operand])

    def positions(self, i: int) -> list[int]:
        """The positions behind all steps that touch a node, in order."""
        seed = self.operations + 1
        found: set[int] = set()
        if self.inputs[i]:
            found.add(self.number[i])
            found |= {seed + self.passed[i] + operand for operand in range(len(self.inputs[i]))}
        for step in self.received[i]:
            found |= {self.number[self.edge(step).node], seed + step}
        if i == len(self.order) - 1:
            found.add(seed)
        return sorted(found)
