"""Backpropagation written down: the gradient of a graph as steps of the tape on which the graph stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from autograd.ops import Op

if TYPE_CHECKING:
    from autograd.program.recorder import Recorder


class Graph:
    """The nodes of a graph by their places, each after those that it was computed from.

    Attributes:
        slots: where each stands on the tape.
        ops, inputs: how it was computed, and from the nodes at which places; None and () for a leaf.
    """

    def __init__(self) -> None:
        self.slots: list[int] = []
        self.ops: list[Op | None] = []
        self.inputs: list[tuple[int, ...]] = []

    def add(self, slot: int, op: Op | None = None, inputs: tuple[int, ...] = ()) -> int:
        """One more node; its place."""
        self.slots.append(slot)
        self.ops.append(op)
        self.inputs.append(inputs)
        return len(self.slots) - 1

    def behind(self, root: int) -> set[int]:
        """The places of all that a node was computed from, and its own."""
        found, waiting = {root}, [root]
        while waiting:
            new = set(self.inputs[waiting.pop()]) - found
            found |= new
            waiting += new
        return found

    def independent(self, inputs: Collection[int]) -> set[int]:
        """The places of the nodes that depend on none of some others."""
        found = {place for place, op in enumerate(self.ops) if op is None and place not in inputs}
        if found:
            for place, behind in enumerate(self.inputs):
                if behind and found.issuperset(behind) and place not in inputs:
                    found.add(place)
        return found


def backpropagate(
    recorder: Recorder, graph: Graph, root: int, inputs: Sequence[int], noted: list[int] | None = None
) -> list[int]:
    """Write down the gradients of a node by all others, and give their slots, in the order of places.

    What a node receives is one sum of products, local derivative × upstream gradient, written down when all of it
    is known: when the node is reached.

    Args:
        root, inputs: the places of the node and of those that its gradients are wanted for.
        noted: a list that gets the slots of all local derivatives, also for nodes that depend on no input, in the
            order of the contributions; without it those are left out that nothing is multiplied with.
    """
    slots, ops, all_inputs = graph.slots, graph.ops, graph.inputs
    wanted = set(inputs)
    idle = graph.independent(wanted) if noted is None else ()
    one, zero = recorder.constant(1.0), recorder.constant(0.0)
    zeros = (zero, recorder.constant(-0.0))
    # For each node that is waiting the factors of what it receives, one after the other.
    received = {root: [one, one]}
    gradients = [zero] * len(slots)
    for place in range(root, -1, -1):
        if place in wanted or place in idle:
            continue
        factors, op = received.pop(place, None), ops[place]
        if not factors and noted is None:
            continue
        upstream = gradients[place] = recorder.sum(factors) if factors else zero
        arrives = upstream not in zeros
        if op is None or not (arrives or noted is not None):
            continue
        behind = all_inputs[place]
        found = recorder.local_derivatives(op, (*[slots[i] for i in behind], slots[place]))
        if noted is not None:
            noted += found
        if arrives:
            for i, local in zip(behind, found, strict=True):
                if local in zeros:
                    continue
                if i in received:
                    received[i] += (local, upstream)
                else:
                    received[i] = [local, upstream]
    # What the inputs receive is written down in their own order.
    for place in inputs:
        if place in received:
            gradients[place] = recorder.sum(received[place])
    return gradients
