"""A neuron: a weighted sum, a bias, and an activation.

>>> neuron = Neuron(2, "sigmoid", weights=[1.0, 1.0], bias_value=0.0, name="h1")
>>> round(neuron([-2.0, -1.0]).data, 10)
0.0474258732
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd
from autograd import Op, Value
from autograd.core.operand import Operand
from autograd.core.plain_text import printable
from autograd.core.written_out import weighted_sum
from autograd.errors import describe
from autograd.program.tracer import Tracer
from nn.chance import Seed, make_generator
from nn.layers.activations import Activation, find_activation, name_in_a_layer
from nn.layers.initializers import Initializer, find_initializer
from nn.layers.naming import Names, as_parameter, has_label, is_further_out, placed, without_place
from nn.layers.shapes import checked_inputs, checked_list
from nn.module import Module, NetworkError, Parameter, Part, Row, ShapeError, counted
from nn.validation import count_of, whole_number

MOST_PRODUCTS = 16
"""A neuron with up to so many inputs is drawn as products that meet in a Σ; a wider one as a single node w·x.

Nobody looks at the 64 products of a wide neuron one by one, and without them it is more than twice as fast.
"""


def neuron_of(value: Value) -> Neuron | None:
    """The neuron that computed this value as its output, or None.

    >>> neuron = Neuron(1, name="h1")
    >>> neuron_of(neuron([2.0])) is neuron, neuron_of(Value(1.0))
    (True, None)
    """
    return getattr(value, "_made_by", None)


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
        weights, bias, function = self.weights, self.bias, self.activation_function
        if len(inputs) != len(weights):
            raise ShapeError(f"{self!r} was given {len(inputs)}: the neurons of a layer take the same inputs")
        # On a tape both are one sum of products.
        if len(weights) > MOST_PRODUCTS or type(inputs[0]) is Tracer:
            out = autograd.dot(weights, inputs)
            if bias is not None:
                out = out + bias
        else:
            out = weighted_sum(weights, inputs, bias)
        if type(function) is Op and function.arity == 1:
            out = out.record(function, (out,))
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
            out._made_by = self
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
        numbers = names.parameters(self.weights, "w")
        number = self.bias_name if self.bias is None else names.parameters([self.bias], "b")[0]
        self._label_parameters(self.place, numbers, number)

    def _label_parameters(self, place: str, weight_names: list[str], bias_name: str) -> None:
        """Give the parameters new names and, unless they keep their labels, new labels."""
        if (place, weight_names, bias_name) == (self.place, self.weight_names, self.bias_name):
            return
        before, now = [f"{outer}." if outer else "" for outer in (self.place, place)]
        # There may be other weights than names, if somebody has given others.
        for old, new, parameter, keeps_label in zip(
            [self.bias_name, *self.weight_names], [bias_name, *weight_names], [self.bias, *self.weights],
            [self.bias_keeps_label, *self.weight_keeps_label], strict=False,
        ):  # fmt: skip
            if parameter is not None and parameter.label == before + old and not keeps_label:
                parameter.label = now + new
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


def neuron_name(neuron: Neuron) -> str:
    """What a neuron is called inside of its network."""
    return without_place(neuron.place, neuron.name) if neuron.place else neuron.name


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
