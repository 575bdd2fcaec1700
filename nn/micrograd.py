"""micrograd's own neurons, layers and networks, for programs that were written for it: relu, and linear at the end.

The weights come from Python's ``random``, in micrograd's order, so that ``random.seed`` gives micrograd's very
network.  Everything else of nn (summary, save, fit, to_torch, drawings, ...) works with them.

>>> import random
>>> random.seed(1337)
>>> net = MLP(2, [2, 1])
>>> net
MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]
>>> [round(p.data, 4) for p in net.parameters()]
[0.2355, 0.0665, 0.0, -0.2683, 0.1716, 0.0, -0.6686, 0.6487, 0.0]
>>> net([1.0, -2.0])
Value(data=..., grad=?, label='o1', op='Σ')
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from autograd import Value
from nn import layers
from nn.chance import uniform
from nn.layers.activations import find_activation
from nn.layers.naming import name_network
from nn.layers.neuron import Alias
from nn.layers.shapes import checked_inputs
from nn.module import Module
from nn.validation import whole_number

__all__ = ["MLP", "Layer", "Module", "Neuron"]


class Name(Alias):
    """A second name of an attribute, also where it is set."""

    def __set__(self, owner: Any, value: Any) -> None:
        setattr(owner, self.name, value)


class Neuron(layers.Neuron):
    """relu(w1·x1 + w2·x2 + ... + b), or without the relu if ``nonlin`` is False.

    The weights are drawn evenly from -1 to 1, the bias starts at 0.

    >>> neuron = Neuron(2, nonlin=False)
    >>> neuron, len(neuron.w), neuron.b.data
    (LinearNeuron(2), 2, 0.0)
    """

    w, b = Name("weights"), Name("bias")

    # What a subclass has whose constructor sets w, b and nonlin and calls no other, as with micrograd.
    name = layer_name = place = ""
    activation, activation_function, bias, bias_name = "identity", None, None, "b"
    keeps_name = belongs_to_a_network = bias_keeps_label = False
    weight_names: list[str] = []  # noqa: RUF012
    weight_keeps_label: list[bool] = []  # noqa: RUF012

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        weights = [uniform(random, -1, 1) for _ in range(whole_number("nin", nin))]
        super().__init__(nin, activation_for(nonlin), weights=weights, bias_value=0.0)

    @property
    def nonlin(self) -> bool:
        return self.activation_function is not None

    @nonlin.setter
    def nonlin(self, nonlin: bool) -> None:
        self.activation_function, self.activation = find_activation(activation_for(nonlin))

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.weights)})"


class Layer(layers.Layer):
    """Several neurons that look at the same inputs; it gives a list of their outputs, or the only one.

    >>> Layer(3, 2), Layer(3, 1, nonlin=False)([1, 2, 3])
    (Layer of [ReLUNeuron(3), ReLUNeuron(3)], Value(data=..., grad=?, label='o1', op='Σ'))
    """

    name = given_name = place = softmax = ""
    activation = "relu"
    belongs_to_a_network = False

    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        super().__init__(nin, nout, activation_for(nonlin), initializer=0.0)
        self.neurons = [Neuron(nin, nonlin) for _ in self.neurons]
        name_network([self])

    def forward(self, x: Any) -> Any:
        inputs = checked_inputs(x, len(self.neurons[0].weights), self)
        # A subclass may compute something else, or somebody may have set another Neuron.__call__.
        outputs = [
            n.output_for(inputs) if n._is_own and type(n).__call__ is CALL else n(inputs) for n in self.neurons
        ]
        return outputs[0] if len(outputs) == 1 else outputs

    def parameters(self) -> list[Any]:
        return parameters_of(self, self.neurons)

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(map(repr, self.neurons))}]"


class MLP(layers.MLP):
    """A network whose layers apply relu, but for the last.

    >>> len(MLP(3, [4, 4, 1]).parameters())
    41
    """

    def __init__(self, nin: int, nouts: Sequence[int]) -> None:
        super().__init__(nin, nouts, "relu", output_activation="identity", initializer=0.0)
        last = self.layers[-1]
        self.layers = [
            Layer(len(layer.neurons[0].weights), len(layer.neurons), nonlin=layer is not last)
            for layer in self.layers
        ]
        name_network(self.layers)

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Any]:
        return parameters_of(self, self.layers)

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"


CALL = layers.Neuron.__call__


def parameters_of(whole: Module, parts: Sequence[Any]) -> list[Any]:
    """What the parts say that their parameters are, as in micrograd, and those of the whole itself; each once."""
    if all(map(says_what_nn_says, parts)):
        return Module.parameters(whole)
    said = [parameter for part in parts for parameter in part.parameters()]
    return list(dict.fromkeys([*said, *Module.parameters(whole)]))


def says_what_nn_says(part: Any) -> bool:
    """True unless a subclass has a ``parameters()`` of its own."""
    usual = type(part).parameters in (Module.parameters, Layer.parameters)
    return usual and all(map(says_what_nn_says, getattr(part, "neurons", ())))


def activation_for(nonlin: bool) -> Any:
    """What the method ``relu`` of a Value is now: a learner may have given it another."""
    return Value.relu if nonlin else "identity"
