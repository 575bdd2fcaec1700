"""Small graphs, the smallest first: on which of them is an engine wrong?

A graph is written down as steps, so that it can be computed with any class of numbers, a learner's own too.

>>> graph = next(small_graphs(2, 1))
>>> graph.formula, graph.nodes([3.0])
('a + (a + a)', [3.0, 6.0, 9.0])
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Any

from autograd import Value
from viz.engines.wrong_engines import Engine, right

NUMBERS = (3.0, 5.0, 7.0, 11.0)
LETTERS = "abcdefghi"


@dataclass(frozen=True)
class Kind:
    """One way to make a value of others.

    Attributes:
        formula: how Python writes it.
        method: the method that a class needs for it.
        apply: computes it, on values of any class.
        arity: how many values it takes.
    """

    formula: str
    method: str
    apply: Callable[..., Any]
    arity: int = 1


PLUS = Kind("{} + {}", "__add__", operator.add, 2)
PLUS_ONE = Kind("{} + 1", "__add__", lambda x: x + 1)
ONE_PLUS = Kind("1 + {}", "__radd__", lambda x: 1 + x)
TIMES = Kind("{} * {}", "__mul__", operator.mul, 2)
TIMES_TWO = Kind("{} * 2", "__mul__", lambda x: x * 2)
TWO_TIMES = Kind("2 * {}", "__rmul__", lambda x: 2 * x)
MINUS = Kind("{} - {}", "__sub__", operator.sub, 2)
MINUS_ONE = Kind("{} - 1", "__sub__", lambda x: x - 1)
ONE_MINUS = Kind("1 - {}", "__rsub__", lambda x: 1 - x)
NEGATIVE = Kind("-{}", "__neg__", operator.neg)
SQUARE = Kind("{} ** 2", "__pow__", lambda x: x**2)
CUBE = Kind("{} ** 3", "__pow__", lambda x: x**3)
OVER = Kind("{} / {}", "__truediv__", operator.truediv, 2)
OVER_TWO = Kind("{} / 2", "__truediv__", lambda x: x / 2)
ONE_OVER = Kind("1 / {}", "__rtruediv__", lambda x: 1 / x)
EXP = Kind("{}.exp()", "exp", lambda x: x.exp())
TANH = Kind("{}.tanh()", "tanh", lambda x: x.tanh())
RELU = Kind("{}.relu()", "relu", lambda x: x.relu())

SUMS_AND_PRODUCTS = (PLUS, TIMES)


@dataclass(frozen=True)
class Graph:
    """A computation, step by step, whose last step uses all that was made before.

    Attributes:
        numbers: where it begins: the numbers of a, b, c.
        steps: what is made of which values, counted from 0; the leaves come first.
    """

    numbers: tuple[float, ...]
    steps: tuple[tuple[Kind, tuple[int, ...]], ...]

    def nodes(self, leaves: Sequence[Any]) -> list[Any]:
        """All values, the leaves first and the result last, computed with leaves of any class."""
        nodes = list(leaves)
        for kind, places in self.steps:
            nodes.append(kind.apply(*(nodes[place] for place in places)))
        return nodes

    @cached_property
    def uses(self) -> list[int]:
        """How often each value is used."""
        used = [place for _, places in self.steps for place in places]
        return [used.count(place) for place in range(len(self.numbers) + len(self.steps))]

    @cached_property
    def names(self) -> list[str]:
        """A letter for each leaf and for what is used more than once; a formula for all else."""
        leaves = len(self.numbers)
        names, letters = list(LETTERS[:leaves]), iter(LETTERS[leaves:])
        for place in range(leaves, leaves + len(self.steps)):
            names.append(next(letters) if self.uses[place] > 1 else self._write(place, names))
        return names

    def written(self, place: int) -> str:
        """How a value was made; a leaf's name."""
        return self.names[place] if place < len(self.numbers) else self._write(place, self.names)

    def _write(self, place: int, names: Sequence[str]) -> str:
        kind, places = self.steps[place - len(self.numbers)]
        inside = (names[x] for x in places)
        return kind.formula.format(*(x if x.isidentifier() or x.endswith("()") else f"({x})" for x in inside))

    @cached_property
    def formula(self) -> str:
        """The graph as Python code: ``b = a + a; b + b``."""
        first = len(self.numbers)
        shared = [place for place in range(first, len(self.names)) if self.uses[place] > 1]
        return "; ".join([*(f"{self.names[i]} = {self.written(i)}" for i in shared), self.names[-1]])

    @cached_property
    def values(self) -> list[Value]:
        """Its nodes as Values, with the letters as labels."""
        leaves = [Value(number, letter) for number, letter in zip(self.numbers, LETTERS, strict=False)]
        nodes: list[Value] = self.nodes(leaves)
        for node, name in zip(nodes, self.names, strict=True):
            if name.isidentifier():
                node.label = name
        return nodes

    @cached_property
    def gradients(self) -> list[float]:
        """The right gradient of each node."""
        found = right(self.values[-1])
        return [found[node] for node in self.values]

    def reads_in_order(self) -> bool:
        """True if every value is used, and who reads the formula meets a before b and b before c.

        Of graphs that differ in the letters of their leaves only, that leaves one.
        """
        if not all(self.uses[:-1]):
            return False
        met: list[int] = []
        waiting = [len(self.uses) - 1]
        while waiting:
            place = waiting.pop()
            if place < len(self.numbers):
                met.append(place)
            else:
                waiting.extend(reversed(self.steps[place - len(self.numbers)][1]))
        return list(dict.fromkeys(met)) == list(range(len(self.numbers)))


def small_graphs(
    operations: int, leaves: int, kinds: Sequence[Kind] = SUMS_AND_PRODUCTS, shared: bool = True
) -> Iterator[Graph]:
    """Every graph with so many operations and so many leaves, all of which the result depends on.

    With ``shared=False`` only those in which nothing is used twice.
    """
    choices = []
    for i in range(operations):
        places = range(leaves + i)
        choices.append([(kind, chosen) for kind in kinds for chosen in product(places, repeat=kind.arity)])
    for steps in product(*choices):
        graph = Graph(NUMBERS[:leaves], steps)
        if graph.reads_in_order() and (shared or max(graph.uses) <= 1):
            yield graph


@lru_cache(maxsize=64)
def listed(operations: int, leaves: int, kinds: tuple[Kind, ...], shared: bool = True) -> tuple[Graph, ...]:
    """The same as a tuple, which is made once."""
    return tuple(small_graphs(operations, leaves, kinds, shared))


def by_size(
    most_operations: int, most_leaves: int, kinds: tuple[Kind, ...] = SUMS_AND_PRODUCTS, shared: bool = True
) -> Iterator[Graph]:
    """Graphs, the smallest first: with fewer operations, then with fewer leaves."""
    for operations in range(most_operations + 1):
        for leaves in range(1, most_leaves + 1):
            yield from listed(operations, leaves, kinds, shared)


def smallest_failure(
    engine: Engine, most_operations: int = 3, leaves: int = 2, kinds: tuple[Kind, ...] = SUMS_AND_PRODUCTS
) -> Value | None:
    """Search all graphs, the smallest first, for one that an engine gets wrong.

    Smaller means fewer operations, then fewer leaves.  Write your own backward pass and see whether it survives.

    Returns:
        The result of the smallest graph with a wrong gradient, or None if there is none.

    >>> from viz.engines.wrong_engines import revisiting
    >>> smallest_failure(right) is None
    True
    >>> graph = smallest_failure(revisiting)
    >>> b, again = graph.inputs
    >>> b is again, b.op.name
    (True, 'add')
    """
    for graph in by_size(most_operations, leaves, kinds):
        root = graph.values[-1]
        found = engine(root)
        if any(found.get(node) != grad for node, grad in right(root).items()):
            return root
    return None
