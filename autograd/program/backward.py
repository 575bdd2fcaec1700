"""Backpropagation written down: the gradient of a graph as steps of the tape on which the graph stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.ops import Op

if TYPE_CHECKING:
    from autograd.program.recorder import Recorder


class Graph:
    """The nodes of a graph by their places: some inputs, and then each node after those that it was computed from.

    Attributes:
        count: how many inputs there are.
        place: the place of each node, by its id.
        slots: where it stands on the tape.
        ops, inputs: how it was computed, and from the nodes at which places; None and () for a leaf.
        depends: the places of those that depend on one of the inputs, and of these.
    """

    def __init__(self, inputs: Iterable[Any], slots: Sequence[int]) -> None:
        self.place: dict[int, int] = {}
        self.slots: list[int] = []
        self.ops: list[Op | None] = []
        self.inputs: list[tuple[int, ...]] = []
        self.depends: set[int] = set()
        for x, slot in zip(inputs, slots, strict=True):
            self.add(x, slot)
        self.count = len(self.slots)
        self.depends.update(range(self.count))

    def add(self, node: Any, slot: int, op: Op | None = None, inputs: tuple[int, ...] = ()) -> None:
        """One more node, unless it is here already."""
        place = len(self.slots)
        if self.place.setdefault(id(node), place) == place:
            self.slots.append(slot)
            self.ops.append(op)
            self.inputs.append(inputs)
            if not self.depends.isdisjoint(inputs):
                self.depends.add(place)

    def slot_of(self, node: Any) -> int:
        return self.slots[self.place[id(node)]]


def backpropagate(recorder: Recorder, graph: Graph, root: Any, noted: list[int] | None = None) -> list[int]:
    """Write down the gradients of a node by all others, and give their slots, in the order of places.

    What a node receives is one sum of products, local derivative × upstream gradient, written down when all of it
    is known: when the node is reached.

    Args:
        noted: a list that gets the slots of all local derivatives, in the order of the contributions; without it
            those are left out that nothing is multiplied with.
    """
    slots, ops, all_inputs, depends = graph.slots, graph.ops, graph.inputs, graph.depends
    zero = recorder.constant(0.0)
    zeros = (zero, recorder.constant(-0.0))
    received: list[list[tuple[int, int]] | None] = [None] * len(slots)
    one = recorder.constant(1.0)
    received[graph.place[id(root)]] = [(one, one)]
    gradients = [zero] * len(slots)
    # What the inputs receive is written down in their own order.
    for place in (*range(len(slots) - 1, graph.count - 1, -1), *range(graph.count)):
        pairs, received[place] = received[place], None
        upstream = gradients[place] = recorder.sum(pairs) if pairs else zero
        op, inputs, arrives = ops[place], all_inputs[place], upstream not in zeros
        if op is None or place not in depends or not (arrives or noted is not None):
            continue
        found = recorder.local_derivatives(op, (*[slots[i] for i in inputs], slots[place]))
        if noted is not None:
            noted += found
        if arrives:
            for i, local in zip(inputs, found, strict=True):
                if local not in zeros and i in depends:
                    before = received[i]
                    if before is None:
                        received[i] = [(local, upstream)]
                    else:
                        before.append((local, upstream))
    return gradients
