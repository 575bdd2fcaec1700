"""Networks: layers, and anything else that can be called, one after the other.

>>> net = MLP(2, [2, 1], activation="sigmoid", initializer=1.0)
>>> print(net.summary())
layer           neurons  in → out  activation  parameters
---------------------------------------------------------
hidden layer 1  h1, h2   2 → 2     sigmoid              6
output layer    o1       2 → 1     sigmoid              3
---------------------------------------------------------
total: 9 parameters
>>> output = net([-2.0, -1.0])
>>> round(output.data, 10)
0.5236951741
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from autograd import DataError
from autograd.errors import describe
from nn.chance import Seed, make_generator
from nn.layers.activations import Activation, name_in_a_layer, name_of_function, require_several
from nn.layers.layer import Layer, neurons_of, parts_in_order
from nn.layers.naming import name_network, placed, without_place
from nn.layers.neuron import Neuron
from nn.layers.shapes import checked_inputs, checked_list, checked_sizes
from nn.module import Module, Parameter, Part, Row
from nn.validation import count_of, whole_number


class MLP(Module):
    """A multi-layer perceptron: layers, each of which takes the outputs of the one before.

    Its result is one Value if the last layer has one neuron, and else a list of Values.

    The hidden neurons are called h1, h2, ..., the output neurons o1, o2, ..., the weights w1, w2, ... and
    the biases b1, b2, ..., all counted through the network.

    Args:
        n_inputs: how many numbers the network takes.
        sizes: how many neurons each layer has; the last one is the output layer.
        activation: of every layer.
        output_activation: of the last layer, if it is to have another one.
        weights: for each layer a list of lists, as Layer takes them.
        bias_values: for each layer a list of biases.
        bias, initializer, bias_initializer, seed: as for Neuron.

    Attributes:
        layers: the list of layers.

    Raises:
        NetworkError, ShapeError, DataError: as Neuron does.

    >>> net = MLP(2, [2, 1], activation="tanh", output_activation="identity", seed=1)
    >>> list(net.named_parameters())
    ['h1.w1', 'h1.w2', 'h1.b1', 'h2.w3', 'h2.w4', 'h2.b2', 'o1.w5', 'o1.w6', 'o1.b3']
    >>> net([1.0, 0.5])
    Value(data=..., grad=?, label='o1', op='Σ')
    """

    def __init__(
        self,
        n_inputs: int,
        sizes: Sequence[int],
        activation: Activation = "tanh",
        *,
        output_activation: Activation = "same",
        bias: bool = True,
        initializer: Any = "normal",
        bias_initializer: Any = None,
        seed: Seed = None,
        weights: Sequence[Sequence[Sequence[float | Parameter]]] | None = None,
        bias_values: Sequence[Sequence[float | Parameter]] | None = None,
    ) -> None:
        n_inputs = whole_number("n_inputs", n_inputs)
        sizes = checked_sizes(sizes)
        matrices = checked_list("weights", weights, len(sizes), "a list of lists for each layer")
        biases = checked_list("bias_values", bias_values, len(sizes), "a list for each layer")
        generator = make_generator(seed)
        if isinstance(output_activation, str) and output_activation == "same":
            output_activation = activation
        layers = [
            Layer(
                n_in, n_out, output_activation if i == len(sizes) else activation, bias=bias,
                initializer=initializer, bias_initializer=bias_initializer, seed=generator,
                weights=matrices[i - 1], bias_values=biases[i - 1],
            )
            for i, (n_in, n_out) in enumerate(pairwise([n_inputs, *sizes]), start=1)
        ]  # fmt: skip
        name_network(layers)
        self.layers = layers

    def forward(self, x: Any) -> Any:
        outputs = checked_inputs(x, len(self.layers[0].neurons[0].weights), self)
        for layer in self.layers:
            outputs = layer(outputs)
        return outputs[0] if len(outputs) == 1 else outputs

    _holders = frozenset(("layers",))

    def _own_parts(self) -> list[Part]:
        return parts_in_order(self, "layers.", self.layers)

    def _name_inside(self) -> None:
        if len(self.layers) > 1 and not all(map(has_names, self.layers)):
            name_network(self.layers)  # Somebody has put a new layer here, or a new neuron.
        super()._name_inside()

    def _name_under(self, place: str, visited: set[int]) -> None:
        self._name_inside()
        for i, layer in enumerate(self.layers):
            layer._name_under(place, visited)
            layer._name_parts(layer._parts_in_attributes(), f"{place}.layers.{i}", visited)

    def _rows_of_own_parts(self, name: str, seen: set[int]) -> list[Row]:
        return rows_of(self.layers, name, seen)

    def __repr__(self) -> str:
        sizes = [len(layer.neurons) for layer in self.layers]
        n_parameters = count_of(len(self.parameters()), "parameter")
        return f"MLP({len(self.layers[0].neurons[0].weights)}, {sizes}) with {n_parameters}"


class Sequential(Module):
    """Modules and functions, one after the other: each takes what the one before gave.

    Layers and neurons that do not belong to a network yet are named as in an MLP.

    Raises:
        DataError: if one of them cannot be called.

    >>> import autograd
    >>> net = Sequential(Layer(2, 3, "relu", seed=1), Layer(3, 2, "identity", seed=2), autograd.softmax)
    >>> print(net.summary())
    layer           neurons    in → out  activation  parameters
    -----------------------------------------------------------
    hidden layer 1  h1 ... h3  2 → 3     relu                 9
    output layer    o1, o2     3 → 2     identity             8
    softmax                                                   0
    -----------------------------------------------------------
    total: 17 parameters
    """

    def __init__(self, *modules: Callable[..., Any]) -> None:
        for module in modules:
            if isinstance(module, type) or not callable(module):
                raise DataError(f"Sequential takes modules and functions, but got {describe(module)}")
        for before, function in pairwise(modules):
            if isinstance(before, Layer):
                require_several(name_in_a_layer(function), len(before.neurons))
        self.modules = list(modules)
        own = [module for module in modules if isinstance(module, Module)]
        layers = [m for m in own if isinstance(m, (Layer, Neuron)) and not m.belongs_to_a_network]
        name_network(list(dict.fromkeys(layers)), last=own[-1] if own else None)
        self._name_under("", {id(self)})

    def forward(self, x: Any) -> Any:
        for module in self.modules:
            x = module(x)
        return x

    _holders = frozenset(("modules",))

    def _own_parts(self) -> list[Part]:
        return parts_in_order(self, "", self.modules)

    def _name_inside(self) -> None:
        super()._name_inside()
        self._name_under("", {id(self)})

    def _name_under(self, place: str, visited: set[int]) -> None:
        for i, module in enumerate(self.modules):
            if isinstance(module, (Layer, Neuron)) and module.belongs_to_a_network:
                if place:
                    module._name_under(place, visited)
                module._name_parts(module._parts_in_attributes(), placed(place, str(i)), visited)
            elif isinstance(module, Module):
                module._take_place(placed(place, str(i)), visited)

    def _rows_of_own_parts(self, name: str, seen: set[int]) -> list[Row]:
        return rows_of(self.modules, name, seen)

    def __repr__(self) -> str:
        return f"Sequential of {len(self.modules)} with {count_of(len(self.parameters()), 'parameter')}"


def has_names(layer: Layer | Neuron) -> bool:
    """True if a layer and its neurons have got their names in a network."""
    return layer.belongs_to_a_network and all(neuron.name for neuron in neurons_of(layer))


def rows_of(modules: Sequence[Any], name: str, seen: set[int]) -> list[Row]:
    """The lines of a summary for modules and functions that follow each other."""
    rows = []
    for position, module in enumerate(modules):
        if isinstance(module, Layer):
            rows += module._rows(placed(name, without_place(module.place, module.name)), seen)
        elif isinstance(module, Neuron):
            rows += module._rows(placed(name, without_place(module.place, module.layer_name)), seen)
        elif isinstance(module, Module):
            rows += module._rows(placed(name, str(position)), seen)
        else:
            rows.append(Row(name_of_function(module), functions=(module,)))
    return rows
