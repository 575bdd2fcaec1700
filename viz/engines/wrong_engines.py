"""Backward passes as people first write them: one that is right, and those that are wrong on some graphs.

Every engine takes the result of a computation and answers with the gradient of each node.  It reads the
graph and changes nothing.

>>> a = Value(3.0, "a")
>>> b = a + a
>>> right(b)[a], overwriting(b)[a]
(2.0, 1.0)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from operator import attrgetter

from autograd import Value, topological_order
from autograd.core import evaluate

Gradients = dict[Value, float]
Rule = Callable[..., list[tuple[Value, float]]]
Engine = Callable[..., Gradients]


def slopes(node: Value, number: Callable[[Value], float] = attrgetter("data")) -> list[tuple[Value, float]]:
    """Each input of a node with the local derivative with respect to it; nothing for a leaf."""
    if node.op is None:
        return []
    local_derivatives = evaluate.local_derivatives(node.op, [number(x) for x in node.inputs], number(node))
    return list(zip(node.inputs, local_derivatives, strict=True))


# --- the engines ------------------------------------------------------------------------------------------


def right(root: Value, rule: Rule = slopes) -> Gradients:
    """In reverse topological order, each gradient is complete before it is passed on, and contributions add up."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    return sweep(grad, root, rule)


def sweep(grad: Gradients, root: Value, rule: Rule) -> Gradients:
    """Pass gradients on from the result to the leaves, over nodes in topological order."""
    grad[root] = 1.0
    for node in reversed(grad):
        for x, local in rule(node):
            grad[x] += local * grad[node]
    return grad


def overwriting(root: Value, rule: Rule = slopes) -> Gradients:
    """The last contribution takes the place of all others."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    grad[root] = 1.0
    for node in reversed(grad):
        for x, local in rule(node):
            grad[x] = local * grad[node]  # wrong
    return grad


def depth_first(root: Value, rule: Rule = slopes) -> Gradients:
    """Each node is taken as soon as somebody reaches it, whether or not its gradient is complete."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    grad[root] = 1.0
    done, waiting = set(), [root]
    while waiting:
        node = waiting.pop()  # wrong
        if node not in done:
            done.add(node)
            for x, local in rule(node):
                grad[x] += local * grad[node]
            waiting.extend(reversed(node.inputs))
    return grad


def breadth_first(root: Value, rule: Rule = slopes) -> Gradients:
    """Nodes are taken by their distance from the result: a short way may be gone before a longer one arrives."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    grad[root] = 1.0
    done, waiting = set(), deque([root])
    while waiting:
        node = waiting.popleft()  # wrong
        if node not in done:
            done.add(node)
            for x, local in rule(node):
                grad[x] += local * grad[node]
            waiting.extend(node.inputs)
    return grad


def revisiting(root: Value, rule: Rule = slopes) -> Gradients:
    """A shared node passes its whole gradient on each time that it is reached, so that a part is counted twice."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    grad[root] = 1.0

    def visit(node: Value) -> None:
        for x, local in rule(node):
            grad[x] += local * grad[node]
            visit(x)  # wrong

    visit(root)
    return grad


def every_path(root: Value, rule: Rule = slopes) -> Gradients:
    """Each path is walked on its own: the sums are right, but every operation may double the number of paths."""
    grad = dict.fromkeys(topological_order(root), 0.0)

    def visit(node: Value, arriving: float) -> None:
        grad[node] += arriving
        for x, local in rule(node):
            visit(x, local * arriving)  # wrong

    visit(root, 1.0)
    return grad


def never_zeroed(root: Value, rule: Rule = slopes) -> Gradients:
    """The second pass adds to what the first one left."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    for _ in range(2):  # wrong
        for node in grad:
            if node.inputs:
                grad[node] = 0.0
        sweep(grad, root, rule)
    return grad


def stale_intermediates(root: Value, rule: Rule = slopes) -> Gradients:
    """Between two passes only the leaves are set to 0; what intermediate nodes still have is passed on again."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    for _ in range(2):
        for node in grad:
            if not node.inputs:  # wrong
                grad[node] = 0.0
        sweep(grad, root, rule)
    return grad


def changed_data(root: Value, rule: Rule = slopes) -> Gradients:
    """A number was changed after the forward pass: the rules see the new one, the result belongs to the old one."""
    order = topological_order(root)
    number = {node: node.data for node in order}
    number[order[0]] += 1.0  # wrong
    grad = dict.fromkeys(order, 0.0)
    return sweep(grad, root, partial(rule, number=number.__getitem__))


# --- watch an engine ----------------------------------------------------------------------------------------


class Watched(float):
    """A local derivative that tells with what it is multiplied: with the gradient that a node passes on."""

    tell: Callable[[float], None]

    def __mul__(self, gradient: float) -> float:
        self.tell(gradient)
        return float(self) * gradient


@dataclass(frozen=True)
class Passed:
    """A gradient that a node passed on to the input at this place, times the local derivative."""

    node: Value
    place: int
    gradient: float
    contribution: float


def watch(engine: Engine, root: Value) -> tuple[Gradients, list[Passed]]:
    """What an engine answers, and what was passed on on the way, in that order.

    >>> a = Value(3.0, "a")
    >>> _, passed = watch(overwriting, a + a)
    >>> [(step.place, step.contribution) for step in passed]
    [(0, 1.0), (1, 1.0)]
    """
    passed: list[Passed] = []

    def watching(node: Value, number: Callable[[Value], float] = attrgetter("data")) -> list[tuple[Value, float]]:
        found: list[tuple[Value, float]] = []
        for place, (x, local) in enumerate(slopes(node, number)):
            watched = Watched(local)
            watched.tell = partial(tell, node, place, local)
            found.append((x, watched))
        return found

    def tell(node: Value, place: int, local: float, gradient: float) -> None:
        passed.append(Passed(node, place, gradient, local * gradient))

    return engine(root, watching), passed


# --- find the smallest graph yourself ---------------------------------------------------------------------


def smallest_failure(engine: Engine, most_operations: int = 3, leaves: int = 2) -> Value | None:
    """Search all graphs of sums and products, the smallest first, for one that an engine gets wrong.

    Smaller means fewer operations, then fewer leaves.  Write your own backward pass and see whether it survives.

    Returns:
        The result of the smallest graph with a wrong gradient, or None if there is none.

    >>> smallest_failure(right) is None
    True
    >>> graph = smallest_failure(revisiting)
    >>> b, again = graph.inputs
    >>> b is again, b.op.name
    (True, 'add')
    """
    for operations in range(most_operations + 1):
        for count in range(1, leaves + 1):
            for root in small_graphs(operations, count):
                expected, found = right(root), engine(root)
                if any(found.get(node) != grad for node, grad in expected.items()):
                    return root
    return None


def small_graphs(operations: int, leaves: int) -> Iterator[Value]:
    """Every graph with so many sums or products and so many leaves, all of which the result depends on."""
    choices = []
    for i in range(operations):
        places = range(leaves + i)
        choices.append([(sign, x, y) for sign in "+*" for x in places for y in places])
    for steps in product(*choices):
        nodes = [Value(number, label) for number, label in zip((3.0, 5.0, 7.0, 11.0), "abcd", strict=True)][:leaves]
        for sign, x, y in steps:
            nodes.append(nodes[x] + nodes[y] if sign == "+" else nodes[x] * nodes[y])
        if len(topological_order(nodes[-1])) == operations + leaves:
            yield nodes[-1]
