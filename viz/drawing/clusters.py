"""Which nodes of a graph belong to which neuron, and which neurons form a layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograd import Value
from nn import Parameter


@dataclass(eq=False)
class Call:
    """One use of a neuron: its output, every node between its weights and that output, and its inputs."""

    neuron: Any
    output: Value
    members: list[Value]
    inputs: list[Value]
    parameters: int


@dataclass(eq=False)
class LayerCall:
    """The neurons of one layer that were given the same inputs."""

    name: str
    calls: list[Call] = field(default_factory=list)


def users_of(order: list[Value]) -> dict[Value, list[Value]]:
    """For each node the nodes that were computed from it."""
    users: dict[Value, list[Value]] = {node: [] for node in order}
    for node in order:
        for x in node.inputs:
            users[x].append(node)
    return users


def find_calls(order: list[Value], neuron_of: Callable[[Value], Any]) -> list[Call]:
    """Every use of a neuron in the graph, in topological order of the outputs."""
    neurons = {node: neuron for node in order if (neuron := neuron_of(node)) is not None}
    if not neurons:
        return []
    users = users_of(order)
    place = {node: i for i, node in enumerate(order)}
    taken: set[Value] = set()
    calls = []
    for output, neuron in neurons.items():
        inside = nodes_inside(output, neuron, neurons) - taken
        own = parameters_of(neuron)
        for leaf in {x for node in inside for x in node.inputs if not x.inputs} - taken:
            if all(user in inside for user in users[leaf]) and (leaf in own or is_constant(leaf, users[leaf], own)):
                inside.add(leaf)
        taken |= inside
        members = sorted(inside, key=place.__getitem__)
        inputs = dict.fromkeys(x for node in members for x in node.inputs if x not in inside and x not in own)
        calls.append(Call(neuron, output, members, list(inputs), len(own)))
    return calls


def nodes_inside(output: Value, neuron: Any, neurons: dict[Value, Any]) -> set[Value]:
    """From the output backwards, as far as the products with the neuron's weights."""
    weights = set(neuron.weights)
    inside = {output}
    waiting = [output]
    while waiting:
        node = waiting.pop()
        if not weights.isdisjoint(node.inputs):
            continue  # A product w·x: what x was computed from is not part of the neuron.
        for x in node.inputs:
            if x.inputs and x not in inside and x not in neurons:
                inside.add(x)
                waiting.append(x)
    return inside


def parameters_of(neuron: Any) -> set[Value]:
    """Its weights and bias, and what a subclass has besides."""
    return set(neuron.parameters())


def is_constant(leaf: Value, users: list[Value], own: set[Value]) -> bool:
    """True for a number inside the activation function, and false for an input of the neuron."""
    multiplied = any(x in own for user in users for x in user.inputs)
    return not leaf.label and not isinstance(leaf, Parameter) and not multiplied


def find_layers(calls: list[Call]) -> list[LayerCall]:
    """Put together the neurons that bear the name of the same layer and were given the same inputs."""
    layers: list[LayerCall] = []
    open_layers: dict[tuple[str, frozenset[Value]], LayerCall] = {}
    for call in calls:
        name = call.neuron.layer_name
        if not name or name == call.neuron.name:
            continue  # A neuron on its own is in no layer.
        key = (name, frozenset(call.inputs))
        layer = open_layers.get(key)
        # A second neuron of the same name belongs to another network, or to another pass through this one.
        if layer is None or any(other.neuron.name == call.neuron.name for other in layer.calls):
            layer = open_layers[key] = LayerCall(name)
            layers.append(layer)
        layer.calls.append(call)
    return layers
