"""One answer that is asked for, and all from which it is computed: what a mistake may change.

>>> from autograd import Value, topological_order, trace
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> L = w * x
>>> case = Case(Graph(trace(L), topological_order(L)), (0,))
>>> case.name, case.answer, [share.local for share in case.shares()]
('w', 2.0, [2.0])
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd import Op, Trace, Value
from autograd.core import evaluate
from autograd.core.operand import Operand
from autograd.steps import BackwardStep, ForwardStep, NodeInfo
from autograd.symbols.formulas import Formula
from nn import Parameter
from viz.stepping.narration import derivative
from viz.stepping.wiring import Wiring

__all__ = ["Case", "Graph", "Numbers", "Share"]

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
        order: its Values in topological order.
        lr: the learning rate of the learner's training, or None for the usual ones.
    """

    def __init__(self, trace: Trace, order: Sequence[Value], lr: float | None = None) -> None:
        self.trace = trace
        self.rates = USUAL_RATES if lr is None else (lr,)
        self.nodes: dict[str, NodeInfo] = {f"v{i}": trace.node(value) for i, value in enumerate(order)}
        self.operations = {f"v{i}": value.op for i, value in enumerate(order)}
        wiring = Wiring(order[-1])
        self.places = {f"v{i}": [step - 1 for step in steps] for i, steps in enumerate(wiring.received) if steps}
        """For each node the backward steps (from 0) that contribute to its gradient."""
        self.uses = Counter(x for node in self.nodes.values() for x in node.inputs)
        self.root = trace.name(trace.root)
        self.numbers = Numbers(
            lambda id: self.nodes[id].data,
            lambda id: trace.gradients[id],
            lambda k: trace.backward[k].local,
            lambda k: trace.backward[k].product,
        )
        # If there are no parameters, every leaf with a label may be what somebody trains.
        parameters = {f"v{i}" for i, value in enumerate(order) if isinstance(value, Parameter)}
        leaves = {id for id, node in self.nodes.items() if node.label and not node.inputs}
        self.weights = parameters or leaves

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


@dataclass(frozen=True)
class Share:
    """One contribution to a gradient: the upstream gradient times the local derivative."""

    graph: Graph
    step: BackwardStep
    numbers: Numbers

    @property
    def place(self) -> int:
        return self.step.number - 1

    @property
    def op(self) -> Op:
        op = self.graph.operations[self.step.node]
        assert op is not None
        return op

    @property
    def input_ids(self) -> tuple[str, ...]:
        return self.graph.nodes[self.step.node].inputs

    @property
    def inputs(self) -> list[Any]:
        return [self.numbers.data(id) for id in self.input_ids]

    @property
    def output(self) -> Any:
        return self.numbers.data(self.step.node)

    @property
    def upstream(self) -> Any:
        return self.numbers.gradient(self.step.node)

    @property
    def local(self) -> Any:
        return self.numbers.local(self.place)

    @property
    def product(self) -> Any:
        return self.numbers.product(self.place)

    def rule(self, inputs: Sequence[Any], output: Any, operand: int | None = None) -> Any:
        """The local derivative that the operation's own rule gives for these numbers.

        Raises:
            GradientError: outside its domain.
        """
        derive = evaluate.checked_rule if isinstance(output, Operand) else evaluate.local_derivatives
        return derive(self.op, list(inputs), output)[self.step.operand if operand is None else operand]

    def forward(self, inputs: Sequence[Any]) -> Any:
        """The operation's result for these inputs.

        Raises:
            GradientError: outside its domain.
        """
        if not isinstance(inputs[0], Operand):
            return evaluate.compute(self.op, tuple(inputs))
        return self.op(list(inputs)) if self.op.variadic else self.op(*inputs)

    @property
    def formula(self) -> Formula:
        return self.graph.trace.formula(self.step)

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

    @property
    def name(self) -> str:
        return self.steps[0].input_name

    def names_in(self, step: BackwardStep) -> set[str]:
        """The names that stand in the formula of the local derivative."""
        return names_in(self.graph.trace.formula(step))


def names_in(formula: Formula) -> set[str]:
    return {formula.name} if formula.op is None else {name for x in formula.inputs for name in names_in(x)}
