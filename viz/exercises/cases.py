"""One answer that is asked for, and all from which it is computed: what a mistake may change.

>>> from autograd import Value, trace
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> L = w * x
>>> case = Case(Graph(trace(L), L), (0,))
>>> case.answer, [share.local for share in case.shares()]
(2.0, [2.0])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd import Trace, Value, topological_order
from autograd.core import evaluate
from autograd.core.operand import Operand
from autograd.steps import BackwardStep, ForwardStep, NodeInfo, id_at
from nn import Parameter
from viz.stepping.narration import derivative

USUAL_RATES = (0.01, 0.1, 0.5, 1.0)
"""Learning rates with which somebody may have updated a weight too early."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of a graph: floats; or tracers, so that what is done with them becomes a program.

    Attributes:
        data, gradient: of the node with an id.
        local, product: of a backward step, counted from 0.
    """

    data: Callable[[str], Any]
    gradient: Callable[[str], Any]
    local: Callable[[int], Any]
    product: Callable[[int], Any]

    def rounded(self, cut: Callable[[float], float]) -> Numbers:
        """All but the finished products with fewer digits."""
        return Numbers(
            lambda id: cut(self.data(id)), lambda id: cut(self.gradient(id)), lambda k: cut(self.local(k)),
            self.product,
        )  # fmt: skip


class Graph:
    """What is known of the graph that the answers are about.

    Args:
        trace: its steps.
        loss: its result.
        lr: the learning rate of the learner's training, or None for the usual ones.
    """

    def __init__(self, trace: Trace, loss: Value, lr: float | None = None) -> None:
        self.trace = trace
        self.rates = USUAL_RATES if lr is None else (lr,)
        self.nodes: dict[str, NodeInfo] = {node.id: node for node in trace.nodes}
        self.places = {id_at(i): steps for i, steps in trace.received.items()}
        """For each node the backward steps (from 0) that contribute to its gradient."""
        self.root = trace.name(trace.root)
        self.numbers = Numbers(
            lambda id: self.nodes[id].data, trace.gradients.__getitem__,
            lambda k: trace.backward[k].local, lambda k: trace.backward[k].product,
        )  # fmt: skip
        # If there are no parameters, every leaf with a label may be what somebody trains.
        parameters = {id_at(i) for i, value in enumerate(topological_order(loss)) if isinstance(value, Parameter)}
        self.weights = parameters or {node.id for node in trace.nodes if node.label and not node.inputs}

    @cached_property
    def forward_steps(self) -> dict[str, ForwardStep]:
        """How each node was computed, by its id."""
        return {step.node: step for step in self.trace.forward}

    @cached_property
    def names(self) -> dict[str, float]:
        """The numbers of the forward pass by their labels."""
        return {node.label: node.data for node in self.nodes.values() if node.label and node.name == node.label}

    def written(self, id: str) -> str:
        """The operation of a node as it is written: ``z = w·x``."""
        forward = self.forward_steps[id]
        return forward.formula if forward.name == forward.formula else f"{forward.name} = {forward.formula}"

    def upstream(self, id: str) -> str:
        """What the gradient of a node is called: ``dL/dz``."""
        return derivative(self.root, self.nodes[id].name)


def is_asked(node: NodeInfo) -> bool:
    """True for what quiz() and a page ask about unless told otherwise: all but plain numbers.

    >>> L = Value(3.0, "w") * 2.0
    >>> [is_asked(node) for node in Trace(L).nodes]
    [True, False, True]
    """
    return bool(node.inputs or node.label)


class Share:
    """One contribution to a gradient: the upstream gradient times the local derivative."""

    def __init__(self, graph: Graph, step: BackwardStep, numbers: Numbers) -> None:
        self.graph, self.step, self.numbers = graph, step, numbers
        self.place = step.number - 1
        op = graph.trace.op_of(step.node)
        assert op is not None
        self.op = op
        self.input_ids = graph.nodes[step.node].inputs
        self.inputs = [numbers.data(id) for id in self.input_ids]
        self.output, self.upstream = numbers.data(step.node), numbers.gradient(step.node)
        self.local, self.product = numbers.local(self.place), numbers.product(self.place)

    def rule(self, inputs: Sequence[Any], output: Any, operand: int | None = None) -> Any:
        """The local derivative that the operation's own rule gives for these numbers: as in the textbook, by which
        mistakes are made.

        Raises:
            GradientError: outside its domain.
        """
        derive = evaluate.checked_rule if isinstance(output, Operand) else evaluate.local_derivatives
        return derive(self.op, list(inputs), output, self.op.textbook)[
            self.step.operand if operand is None else operand
        ]

    def forward(self, inputs: Sequence[Any]) -> Any:
        """The operation's result for these inputs.

        Raises:
            GradientError: outside its domain.
        """
        if not isinstance(inputs[0], Operand):
            return evaluate.compute(self.op, tuple(inputs))
        return self.op(list(inputs)) if self.op.variadic else self.op(*inputs)

    def links(self, most: int) -> Iterator[tuple[Share, Any]]:
        """The steps through which the upstream gradient came, from here towards the result up to a node with
        several uses; each with the product of the local derivatives behind it.

        >>> from autograd import trace
        >>> x = Value(2.0, "x")
        >>> L = (3 * x) ** 2
        >>> graph = Graph(trace(L), L)
        >>> [(link.local, behind) for link, behind in Case(graph, (2,)).shares()[0].links(9)]
        [(12.0, 3.0)]
        """
        link, behind = self, self.local
        for _ in range(most):
            uses = self.graph.places.get(link.step.node, ())
            if len(uses) != 1:
                return
            link = Share(self.graph, self.graph.trace.backward[uses[0]], self.numbers)
            yield link, behind
            behind = behind * link.local

    @property
    def words(self) -> dict[str, str]:
        """What stands in the blanks of a hint."""
        return {
            "x": self.step.input_name, "z": self.step.node_name, "loss": self.graph.root,
            "operation": self.graph.written(self.step.node), "upstream": self.graph.upstream(self.step.node),
        }  # fmt: skip


class Case:
    """One answer that is asked for: the sum of some contributions to one gradient.

    Args:
        graph: the graph.
        places: which steps of ``trace.backward``, counted from 0.
        whole: True if these are all contributions to that gradient so far.
    """

    def __init__(self, graph: Graph, places: tuple[int, ...], whole: bool = True) -> None:
        self.graph = graph
        self.places = places
        self.whole = whole

    @cached_property
    def steps(self) -> tuple[BackwardStep, ...]:
        return tuple(self.graph.trace.backward[k] for k in self.places)

    def shares(self, numbers: Numbers | None = None) -> list[Share]:
        return [Share(self.graph, step, numbers or self.graph.numbers) for step in self.steps]

    @property
    def answer(self) -> float:
        return self.steps[-1].after if self.whole else self.steps[0].product
