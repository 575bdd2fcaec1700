"""A layer: neurons that look at the same inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.chance import Seed, make_generator
from nn.layers.activations import OF_A_LAYER, Activation, applied_to_layer, name_in_a_layer, require_several
from nn.layers.naming import Names, is_further_out, name_network, placed, without_place
from nn.layers.neuron import Neuron, neuron_name, require_no_nonlin
from nn.layers.shapes import checked_inputs, checked_list
from nn.module import Module, Parameter, Part, Row, counted
from nn.validation import count_of, whole_number


class Layer(Module):
    """Several neurons that look at the same inputs; it gives a list with the output of each.

    Args:
        n_inputs: how many numbers each neuron takes.
        n_outputs: how many neurons there are.
        activation: as for Neuron; also "softmax", which turns the sums of all neurons into probabilities, and
            "log_softmax", into the logarithms of these.
        weights: a list of ``n_inputs`` starting weights for each neuron.
        bias_values: the starting bias of each neuron.
        name: neurons are called by it and their number; unless given, "o1", "o2", ...
        bias, initializer, bias_initializer, seed: as for Neuron.

    Attributes:
        neurons: the list of neurons.
        activation: the name of the activation.
        name: "hidden layer 1", "output layer", ... in a network.

    Raises:
        NetworkError, ShapeError, DataError: as Neuron does.

    >>> layer = Layer(2, 2, "relu", weights=[[1.0, 2.0], [3.0, -4.0]])
    >>> [output.data for output in layer([1.0, 1.0])]
    [3.0, 0.0]
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: Activation = "sigmoid",
        *,
        bias: bool = True,
        initializer: Any = "normal",
        bias_initializer: Any = None,
        seed: Seed = None,
        weights: Sequence[Sequence[float | Parameter]] | None = None,
        bias_values: Sequence[float | Parameter] | None = None,
        name: str = "",
        nonlin: None = None,
    ) -> None:
        require_no_nonlin("Layer", nonlin)
        n_inputs = whole_number("n_inputs", n_inputs)
        n_outputs = whole_number("n_outputs", n_outputs)
        rows = checked_list("weights", weights, n_outputs, "a list of weights for each neuron")
        biases = checked_list("bias_values", bias_values, n_outputs, "one for each neuron")
        generator = make_generator(seed)
        self.softmax = name_in_a_layer(activation)
        require_several(self.softmax, n_outputs)
        neurons = [
            Neuron(
                n_inputs, None if self.softmax else activation, bias=bias, initializer=initializer,
                bias_initializer=bias_initializer, seed=generator, weights=row, bias_value=bias_value,
                layer_size=n_outputs,
            )
            for row, bias_value in zip(rows, biases, strict=True)
        ]  # fmt: skip
        self.activation = self.softmax or neurons[0].activation
        self.given_name = name
        self.name = name
        self.place = ""
        self.belongs_to_a_network = False
        self.neurons = neurons

    def forward(self, x: Any) -> list[Any]:
        inputs = checked_inputs(x, len(self.neurons[0].weights), self)
        # A subclass may compute something else.
        outputs = [neuron.output_for(inputs) if neuron._is_own else neuron(inputs) for neuron in self.neurons]
        return applied_to_layer(self.softmax, outputs) if self.softmax else outputs

    _holders = frozenset(
        ("neurons", "softmax", "activation", "given_name", "name", "place", "belongs_to_a_network")
    )

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "neurons" and not any(neuron.name for neuron in value):
            name_network([self])

    def _own_parts(self) -> list[Part]:
        return parts_in_order(self, "neurons.", self.neurons)

    def _take_names(self, names: Names, layer_name: str, is_output: bool) -> None:
        self.name = placed(self.place, self.given_name or layer_name)
        for i, neuron in enumerate(self.neurons, start=1):
            own_name = f"{self.given_name}{i}" if self.given_name else names.neuron(is_output)
            neuron.name = placed(neuron.place, own_name)
            neuron.keeps_name = self.given_name != ""
            neuron._number_parameters(names)
            if self.place:
                neuron._name_under(self.place, set())
            neuron.layer_name = self.name

    def _take_place(self, place: str, visited: set[int]) -> None:
        if not (self.place or self.given_name or self.belongs_to_a_network):
            self.name = ""  # On its own it was an output layer; now its place says which one it is.
        super()._take_place(place, visited)

    def _name_under(self, place: str, visited: set[int]) -> None:
        if is_further_out(place, self.place):
            if not self.given_name:
                self.name = placed(place, without_place(self.place, self.name))
            self.place = place
        for neuron in self.neurons:
            neuron._name_under(place, visited)
            neuron.layer_name = self.name

    def _rows_of_own_parts(self, name: str, seen: set[int]) -> list[Row]:
        names = [neuron_name(neuron) for neuron in self.neurons]
        functions = [OF_A_LAYER[self.softmax]] if self.softmax else [n.activation_function for n in self.neurons]
        activations = [self.softmax] if self.softmax else [neuron.activation for neuron in self.neurons]
        row = Row(
            name or self.name,
            ", ".join(names) if len(names) < 3 else f"{names[0]} ... {names[-1]}",
            len(self.neurons[0].weights),
            len(self.neurons),
            ", ".join(dict.fromkeys(activations)),
            tuple({id(function): function for function in functions}.values()),
        )
        return [counted(row, [p for neuron in self.neurons for p in neuron.parameters()], seen)]

    def __repr__(self) -> str:
        shape = f"{count_of(len(self.neurons[0].weights), 'input')}, {count_of(len(self.neurons), 'neuron')}"
        return f"Layer {self.name!r} ({shape}, {self.activation})"


def neurons_of(module: Module) -> list[Neuron]:
    """The neurons of a layer or of a neuron; of any other module none."""
    if isinstance(module, Layer):
        return module.neurons
    return [module] if isinstance(module, Neuron) else []


def parts_in_order(whole: Module, prefix: str, modules: Sequence[Any]) -> list[Part]:
    """The parts of modules that follow each other; the places of these begin with ``prefix``.

    Neurons go by their own names, unless another one here, or an attribute, has that name already.
    """
    taken: dict[str, Any] = dict(vars(whole))
    parts: list[Part] = []
    for i, module in enumerate(modules):
        neurons = neurons_of(module)
        named = {neuron_name(neuron): neuron for neuron in neurons}
        if neurons and len(named) == len(neurons) and "" not in named and are_free(named, taken):
            taken |= named
            parts += named.items()
            if isinstance(module, Layer):
                parts += [(f"{prefix}{i}.{name}", part) for name, part in module._parts_in_attributes()]
        elif isinstance(module, Module):
            parts.append((f"{prefix}{i}", module))
    return parts


def are_free(named: dict[str, Neuron], taken: dict[str, Any]) -> bool:
    """True if nobody else has these names."""
    return taken.keys().isdisjoint(named) or all(taken.get(name, one) is one for name, one in named.items())
