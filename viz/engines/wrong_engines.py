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
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from autograd import Value, topological_order
from autograd.core import evaluate

Gradients = dict[Value, float]
Rule = Callable[..., list[tuple[Value, float]]]
Engine = Callable[..., Gradients]


def slopes(node: Value, number: Callable[[Value], float] | None = None) -> list[tuple[Value, float]]:
    """Each input of a node with the local derivative with respect to it; nothing for a leaf.

    With other numbers than those of the graph it is the textbook's rule, which learners write, that gets them.
    """
    op = node.op
    if op is None:
        return []
    data = number or attrgetter("data")
    rule = op.textbook if number else None
    found = evaluate.local_derivatives(op, [data(x) for x in node.inputs], data(node), rule)
    return list(zip(node.inputs, found, strict=True))


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
        for x in node.inputs:
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


def first_input_only(root: Value, rule: Rule = slopes) -> Gradients:
    """Only the first input of an operation gets its share."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    grad[root] = 1.0
    for node in reversed(grad):
        for x, local in rule(node)[:1]:  # wrong
            grad[x] += local * grad[node]
    return grad


def swapped(root: Value, rule: Rule = slopes) -> Gradients:
    """Each input of an operation gets the local derivative of the other one."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    grad[root] = 1.0
    for node in reversed(grad):
        others = reversed(rule(node))  # wrong
        for x, (_, local) in zip(node.inputs, others, strict=True):
            grad[x] += local * grad[node]
    return grad


def no_upstream(root: Value, rule: Rule = slopes) -> Gradients:
    """Each operation gives its local derivatives, as if it were the last one."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    grad[root] = 1.0
    for node in reversed(grad):
        for x, local in rule(node):
            grad[x] += local * 1.0  # wrong
    return grad


def data_passed_on(root: Value, rule: Rule = slopes) -> Gradients:
    """The number of a node is multiplied with the local derivatives in the place of its gradient."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    grad[root] = 1.0
    for node in reversed(grad):
        for x, local in rule(node):
            grad[x] += local * node.data  # wrong
    return grad


def wrong_number(root: Value, rule: Rule = slopes) -> Gradients:
    """A rule that is written with the result of the operation is given its input."""

    def mistaken(node: Value) -> list[tuple[Value, float]]:
        def number(x: Value) -> float:
            return x.inputs[0].data if x is node else x.data  # wrong

        return rule(node, number) if node.inputs else []

    grad = dict.fromkeys(topological_order(root), 0.0)
    return sweep(grad, root, mistaken)


def no_seed(root: Value, rule: Rule = slopes) -> Gradients:
    """Nobody says that the gradient of the result is 1, so there is nothing to pass on."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    for node in reversed(grad):  # wrong
        for x, local in rule(node):
            grad[x] += local * grad[node]
    return grad


def not_reversed(root: Value, rule: Rule = slopes) -> Gradients:
    """The topological order is right, and gone through from the leaves to the result."""
    grad = dict.fromkeys(topological_order(root), 0.0)
    grad[root] = 1.0
    for node in grad:  # wrong
        for x, local in rule(node):
            grad[x] += local * grad[node]
    return grad


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
        for x, local in slopes(node, number):
            watched = Watched(local)
            watched.tell = partial(tell, node, local)
            found.append((x, watched))
        return found

    def tell(node: Value, local: float, gradient: float) -> None:
        # Engines go through the inputs in their order, also those that take another input's local derivative.
        place = sum(step.node is node for step in passed) % len(node.inputs)
        passed.append(Passed(node, place, gradient, local * gradient))

    return engine(root, watching), passed
