"""Neurons, layers of neurons, and networks of layers.

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
from operator import mul
from typing import Any
from weakref import ref

import autograd
from autograd import DataError, Op, Value
from autograd.core.operand import Operand
from autograd.core.plain_text import printable
from autograd.errors import describe
from autograd.program.tracer import Tracer
from nn.chance import Seed, make_generator
from nn.layers.activations import (
    OF_A_LAYER,
    Activation,
    applied_to_layer,
    find_activation,
    name_in_a_layer,
    name_of_function,
    require_several,
)
from nn.layers.initializers import Initializer, find_initializer
from nn.layers.naming import Names, as_parameter, has_label, is_further_out, name_network, placed, without_place
from nn.layers.shapes import checked_inputs, checked_list, checked_sizes
from nn.module import Module, NetworkError, Parameter, Part, Row, ShapeError, count_of, counted
from nn.validation import whole_number

__all__ = ["MLP", "Layer", "Neuron", "Sequential", "neuron_of"]

MOST_PRODUCTS = 16
"""A neuron with up to so many inputs is drawn as products that meet in a Σ; a wider one as a single node w·x.

Nobody looks at the 64 products of a wide neuron one by one, and without them it is more than twice as fast.
"""

_made_by: dict[ref[Value], Neuron] = {}
"""Which neuron made a Value, as long as the Value is there."""
_forget = _made_by.pop


def neuron_of(value: Value) -> Neuron | None:
    """The neuron that computed this value as its output, or None.

    >>> neuron = Neuron(1, name="h1")
    >>> neuron_of(neuron([2.0])) is neuron, neuron_of(Value(1.0))
    (True, None)
    """
    return _made_by.get(ref(value))


class Alias:
    """A second name of an attribute, as long as nobody gives the object an attribute of that name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, owner: Any, kind: type) -> Any:
        return self if owner is None else getattr(owner, self.name)


class Neuron(Module):
    """activation(w1·x1 + w2·x2 + ... + b)

    Args:
        n_inputs: how many numbers it takes.
        activation: the name of an operation ("tanh", "relu", ...), any function from Value to Value,
            or "identity" (also "linear" or None) for none.
        bias: False for a neuron without one.
        initializer: how the weights start: "normal", "uniform", "xavier_uniform", "xavier_normal",
            "he_uniform", "he_normal", a number for all, or one of the functions in nn.layers.initializers.
        bias_initializer: how the bias starts.  Unless given, "normal" and "uniform" draw it too (after
            the weights), and with all others, or with given weights, it starts at 0.
        seed: a whole number or a generator; the same whole number gives the same weights.  Without one
            they follow Python's ``random``, so that ``random.seed`` makes them repeatable.
        weights: the starting weights themselves.  A Parameter among them is used as it is, so that
            several neurons can share it.
        bias_value: the starting bias itself, a number or a Parameter.
        name: what its output is called in drawings and messages.
        layer_size: how many neurons its layer has, which Xavier's initializers look at.

    Attributes:
        weights: a list of ``n_inputs`` parameters; also ``w``, as micrograd calls it.
        bias: a parameter or None; also ``b``.
        activation: the name of its activation; ``activation_function`` is the function (None for identity).
        name: "h1", "o1", ... in a network.
        layer_name: "hidden layer 1", "output layer", ... in a network.

    Raises:
        NetworkError: for an unknown activation or initializer.
        ValueError: if n_inputs is not a whole number from 1 up.
        ShapeError: if there are not ``n_inputs`` weights, or later not ``n_inputs`` inputs.
        DataError: if a weight or an input is not a number.

    >>> neuron = Neuron(2, "identity", bias=False, weights=[0.3, 0.9])
    >>> round(neuron([0.1, 0.8]).data, 12)
    0.75
    """

    # The names that micrograd uses.
    w = Alias("weights")
    b = Alias("bias")

    def __init__(
        self,
        n_inputs: int,
        activation: Activation = "sigmoid",
        *,
        bias: bool = True,
        initializer: Any = "normal",
        bias_initializer: Any = None,
        seed: Seed = None,
        weights: Sequence[float | Parameter] | None = None,
        bias_value: float | Parameter | None = None,
        name: str = "",
        layer_size: int = 1,
        nonlin: None = None,
    ) -> None:
        require_no_nonlin("Neuron", nonlin)
        n_inputs = whole_number("n_inputs", n_inputs)
        if of_a_layer := name_in_a_layer(activation):
            raise NetworkError(
                f"{of_a_layer} compares the neurons of a layer: nn.Layer takes it, a single neuron cannot"
            )
        if bias_value is not None and not bias:
            raise NetworkError("bias=False says that there is no bias, but bias_value is given too")
        draw_weight = find_initializer(initializer)
        draw_bias = choose_bias_initializer(draw_weight, bias_initializer, weights is not None)
        generator = make_generator(seed)

        if weights is None:
            weights = [draw_weight(generator, n_inputs, layer_size) for _ in range(n_inputs)]
        given = checked_list("weights", weights, n_inputs, "one for each input")
        if bias and bias_value is None:
            bias_value = draw_bias(generator, n_inputs, layer_size)

        self.activation_function, self.activation = find_activation(activation)
        self.name = name
        self.layer_name = name
        # A name that the user has chosen stays when the neuron becomes a part of something.
        self.keeps_name = name != ""
        self.place = ""
        self.belongs_to_a_network = False
        self.weight_names = [f"w{i}" for i in range(1, n_inputs + 1)]
        self.bias_name = "b"
        # A label that the user has chosen stays when the network numbers its parameters.
        self.weight_keeps_label = [has_label(w) for w in given]
        self.bias_keeps_label = has_label(bias_value)
        self.weights = [as_parameter(w, label) for w, label in zip(given, self.weight_names, strict=True)]
        self.bias = None if bias_value is None else as_parameter(bias_value, self.bias_name)

    def __call__(self, x: Any) -> Any:
        out = super().__call__(x)
        if not self._is_own:
            self._sign(out)
        return out

    def forward(self, x: Any) -> Any:
        return self.output_for(checked_inputs(x, len(self.weights), self))

    def output_for(self, inputs: Sequence[Any]) -> Any:
        """What the neuron computes, once its inputs are known to be ``n_inputs`` Values."""
        out: Any
        if len(self.weights) > MOST_PRODUCTS:
            out = autograd.dot(self.weights, inputs)
            if self.bias is not None:
                out = out + self.bias
        else:
            if len(inputs) != len(self.weights):
                raise ShapeError(f"{self!r} was given {len(inputs)}: the neurons of a layer take the same inputs")
            terms = list(map(mul, self.weights, inputs))
            if self.bias is not None:
                terms.append(self.bias)
            out = terms[0] if len(terms) == 1 else autograd.total(*terms)
        function = self.activation_function
        if type(function) is Op and function.arity == 1:
            out = out._unary(function)
        elif function is not None:
            out = function(out)
        if not isinstance(out, Operand):
            raise NetworkError(
                f"the activation {self.activation!r} of {self!r} gave {describe(out)}, but it must give a Value: "
                "a plain number has forgotten how it was computed"
            )
        # A subclass may go on from here; what its forward() gives is the output.
        if self._is_own:
            self._sign(out)
        return out

    def _sign(self, out: Any) -> None:
        """Put the neuron's name on its output."""
        if isinstance(out, Value):
            _made_by[ref(out, _forget)] = self
        elif not isinstance(out, Tracer):
            return
        out.label = out.label or self.name

    _holders = frozenset((
        "weights", "bias", "activation_function", "activation", "name", "layer_name", "keeps_name", "place",
        "belongs_to_a_network", "weight_names", "bias_name", "weight_keeps_label", "bias_keeps_label",
    ))  # fmt: skip

    def _own_parts(self) -> list[Part]:
        names, attributes = self.weight_names, vars(self).keys()
        has_others = not attributes <= self._holders
        if len(names) != len(self.weights) or (has_others and not attributes.isdisjoint(names)):
            # Somebody has given other weights, or an attribute of a subclass is called as one of them.
            names = [f"weights.{i}" for i in range(len(self.weights))]
        parts: list[Part] = list(zip(names, self.weights, strict=True))
        if self.bias is not None:
            parts.append(("bias" if has_others and self.bias_name in attributes else self.bias_name, self.bias))
        if isinstance(self.activation_function, Module):
            parts.append(("activation_function", self.activation_function))
        return parts

    def _name_inside(self) -> None:
        super()._name_inside()
        weights = self.weight_names
        if not vars(self).keys().isdisjoint(weights):
            weights = [f"weights.{i}" for i in range(len(weights))]
        bias = "bias" if self.bias_name in vars(self) else self.bias_name
        if (weights, bias) != (self.weight_names, self.bias_name):
            self._label_parameters(self.place, weights, bias)

    def _take_names(self, names: Names, layer_name: str, is_output: bool) -> None:
        # A neuron that the user has named is a layer of that name.
        if self.name:
            self.layer_name = self.name
        else:
            self.name, self.layer_name = names.neuron(is_output), layer_name
        self._number_parameters(names)

    def _number_parameters(self, names: Names) -> None:
        numbers = [names.parameter(weight, "w") for weight in self.weights]
        number = self.bias_name if self.bias is None else names.parameter(self.bias, "b")
        self._label_parameters(self.place, numbers, number)

    def _label_parameters(self, place: str, weight_names: list[str], bias_name: str) -> None:
        """Give the parameters new names and, unless they keep their labels, new labels."""
        for old, new, weight, keeps_label in zip(
            self.weight_names, weight_names, self.weights, self.weight_keeps_label, strict=False
        ):
            if weight.label == placed(self.place, old) and not keeps_label:
                weight.label = placed(place, new)
        if (
            self.bias is not None
            and self.bias.label == placed(self.place, self.bias_name)
            and not self.bias_keeps_label
        ):
            self.bias.label = placed(place, bias_name)
        self.weight_names, self.bias_name = weight_names, bias_name

    def _name_under(self, place: str, visited: set[int]) -> None:
        if not is_further_out(place, self.place):
            return
        self._label_parameters(place, self.weight_names, self.bias_name)
        if not self.keeps_name:
            self.name = placed(place, without_place(self.place, self.name))
            self.layer_name = placed(place, without_place(self.place, self.layer_name))
        self.place = place

    def _rows_of_own_parts(self, name: str, seen: set[int]) -> list[Row]:
        title = name or self.layer_name or "neuron"
        own = [part for _, part in self._own_parts()]
        parameters = [p for part in own for p in (part.parameters() if isinstance(part, Module) else [part])]
        functions = (self.activation_function,)
        row = Row(title, neuron_name(self) or self.name, len(self.weights), 1, self.activation, functions)
        return [counted(row, parameters, seen)]

    def __repr__(self) -> str:
        name = f" {self.name}" if self.name else ""
        return printable(f"Neuron{name} ({count_of(len(self.weights), 'input')}, {self.activation})")


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
        rows: list[Any] = [None] * n_outputs
        if weights is not None:
            rows = checked_list("weights", weights, n_outputs, "a list of weights for each neuron")
        biases: list[Any] = [None] * n_outputs
        if bias_values is not None:
            biases = checked_list("bias_values", bias_values, n_outputs, "one for each neuron")
        generator = make_generator(seed)
        self.softmax = name_in_a_layer(activation)
        require_several(self.softmax, n_outputs)
        neurons = [
            Neuron(
                n_inputs,
                None if self.softmax else activation,
                bias=bias,
                initializer=initializer,
                bias_initializer=bias_initializer,
                seed=generator,
                weights=row,
                bias_value=bias_value,
                layer_size=n_outputs,
            )
            for row, bias_value in zip(rows, biases, strict=True)
        ]
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
        matrices: list[Any] = [None] * len(sizes)
        if weights is not None:
            matrices = checked_list("weights", weights, len(sizes), "a list of lists for each layer")
        biases: list[Any] = [None] * len(sizes)
        if bias_values is not None:
            biases = checked_list("bias_values", bias_values, len(sizes), "a list for each layer")
        generator = make_generator(seed)
        if isinstance(output_activation, str) and output_activation == "same":
            output_activation = activation
        layers: list[Layer] = []
        for i, size in enumerate(sizes):
            layer = Layer(
                n_inputs if i == 0 else sizes[i - 1],
                size,
                output_activation if i == len(sizes) - 1 else activation,
                bias=bias,
                initializer=initializer,
                bias_initializer=bias_initializer,
                seed=generator,
                weights=matrices[i],
                bias_values=biases[i],
            )
            layers.append(layer)
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
            layer._name_attributes_under(f"{place}.layers.{i}", visited)

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
                module._name_attributes_under(placed(place, str(i)), visited)
            elif isinstance(module, Module):
                module._take_place(placed(place, str(i)), visited)

    def _rows_of_own_parts(self, name: str, seen: set[int]) -> list[Row]:
        return rows_of(self.modules, name, seen)

    def __repr__(self) -> str:
        return f"Sequential of {len(self.modules)} with {count_of(len(self.parameters()), 'parameter')}"


def has_names(layer: Layer | Neuron) -> bool:
    """True if a layer and its neurons have got their names in a network."""
    return layer.belongs_to_a_network and all(neuron.name for neuron in neurons_of(layer))


def neuron_name(neuron: Neuron) -> str:
    """What a neuron is called inside of its network."""
    return without_place(neuron.place, neuron.name) if neuron.place else neuron.name


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


def require_no_nonlin(kind: str, nonlin: object) -> None:
    if nonlin is not None:
        raise NetworkError(
            f'nonlin is micrograd\'s; nn.{kind} takes an activation: "relu" for nonlin=True, "identity" for False\n'
            f"  For micrograd's own {kind}, with its weights and defaults, write: from nn.micrograd import {kind}"
        )


def choose_bias_initializer(weights: Initializer, wanted: Any, weights_are_given: bool) -> Initializer:
    if wanted is not None:
        return find_initializer(wanted)
    if weights.draws_biases and not weights_are_given:
        return weights
    return find_initializer(0.0)
