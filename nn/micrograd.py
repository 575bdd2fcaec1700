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

from nn import layers
from nn.activations import find_activation
from nn.checks import whole_number
from nn.module import Module
from nn.naming import name_network

__all__ = ["MLP", "Layer", "Module", "Neuron"]


class Neuron(layers.Neuron):
    """relu(w1·x1 + w2·x2 + ... + b), or without the relu if ``nonlin`` is False.

    The weights are drawn evenly from -1 to 1, the bias starts at 0.

    >>> neuron = Neuron(2, nonlin=False)
    >>> neuron, len(neuron.w), neuron.b.data
    (LinearNeuron(2), 2, 0.0)
    """

    def __init__(self, nin: int, nonlin: bool = True) -> None:
        weights = [random.uniform(-1, 1) for _ in range(whole_number("nin", nin))]
        super().__init__(nin, activation_for(nonlin), weights=weights, bias_value=0.0)

    @property
    def nonlin(self) -> bool:
        return self.activation_function is not None

    @nonlin.setter
    def nonlin(self, nonlin: bool) -> None:
        self.activation_function, self.activation = find_activation(activation_for(nonlin))

    @property
    def w(self) -> list[Any]:
        return self.weights

    @w.setter
    def w(self, weights: list[Any]) -> None:
        self.weights = weights

    @property
    def b(self) -> Any:
        return self.bias

    @b.setter
    def b(self, bias: Any) -> None:
        self.bias = bias

    def __repr__(self) -> str:
        return f"{'ReLU' if self.nonlin else 'Linear'}Neuron({len(self.weights)})"


class Layer(layers.Layer):
    """Several neurons that look at the same inputs; it gives a list of their outputs, or the only one.

    >>> Layer(3, 2), Layer(3, 1, nonlin=False)([1, 2, 3])
    (Layer of [ReLUNeuron(3), ReLUNeuron(3)], Value(data=..., grad=?, label='o1', op='Σ'))
    """

    def __init__(self, nin: int, nout: int, nonlin: bool = True) -> None:
        super().__init__(nin, nout, activation_for(nonlin), initializer=0.0)
        self.neurons = [Neuron(nin, nonlin) for _ in self.neurons]
        name_network([self])

    def forward(self, x: Any) -> Any:
        outputs = super().forward(x)
        return outputs[0] if len(outputs) == 1 else outputs

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

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"


def activation_for(nonlin: bool) -> str:
    return "relu" if nonlin else "identity"
