"""The way out, when a learner graduates: the same network in PyTorch, and back.

PyTorch is imported when one of these functions is called (``pip install torch``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nn.checks import first_line
from nn.layers import MLP, Layer, Sequential
from nn.module import NetworkError

if TYPE_CHECKING:
    import torch

__all__ = ["from_torch", "to_torch"]

ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("ReLU", {}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.01}),
    "elu": ("ELU", {"alpha": 1.0}),
    "silu": ("SiLU", {}),
    "gelu": ("GELU", {"approximate": "tanh"}),
    "softplus": ("Softplus", {"beta": 1.0, "threshold": 20.0}),
    "softsign": ("Softsign", {}),
    "softmax": ("Softmax", {"dim": -1}),
    "log_softmax": ("LogSoftmax", {"dim": -1}),
}
"""For each activation PyTorch's module, and the settings with which the two are the same function."""


def import_torch() -> Any:
    try:
        import torch
    except ImportError:
        raise ImportError("nn.to_torch and nn.from_torch need PyTorch: pip install torch") from None
    return torch


def to_torch(model: MLP | Sequential | Layer) -> torch.nn.Sequential:
    """The same network as a ``torch.nn.Sequential`` in float64, with the same weights and the same outputs.

    It takes tensors of shape (inputs,) or (samples, inputs), and its result always has a dimension for
    the outputs, also if there is only one.

    Raises:
        NetworkError: for a layer or activation that PyTorch has no module for.
        ImportError: if PyTorch is not installed.
    """
    torch = import_torch()
    modules = []
    for layer in layers_of(model):
        first = layer.neurons[0]
        if len({(neuron.bias is None, neuron.activation) for neuron in layer.neurons}) > 1:
            raise NetworkError(
                f"the neurons of {layer!r} have different activations, or only some have a bias; "
                "a torch.nn.Linear has one of a kind"
            )
        linear = torch.nn.Linear(
            len(first.weights), len(layer.neurons), bias=first.bias is not None, dtype=torch.float64
        )
        with torch.no_grad():
            weights = [[weight.data for weight in neuron.weights] for neuron in layer.neurons]
            linear.weight.copy_(torch.tensor(weights, dtype=torch.float64))
            if first.bias is not None:
                biases = [neuron.bias.data for neuron in layer.neurons]  # type: ignore[union-attr]
                linear.bias.copy_(torch.tensor(biases, dtype=torch.float64))
        modules.append(linear)
        if layer.activation != "identity":
            if layer.activation not in ACTIVATIONS:
                raise NetworkError(
                    f"{layer!r} has the activation {layer.activation!r}, for which PyTorch has no module; "
                    f"the ones that can be translated are identity, {', '.join(ACTIVATIONS)}"
                )
            name, settings = ACTIVATIONS[layer.activation]
            modules.append(getattr(torch.nn, name)(**settings))
    return torch.nn.Sequential(*modules)


def from_torch(module: torch.nn.Sequential) -> MLP:
    """The MLP with the same weights and outputs as a ``torch.nn.Sequential`` of linear layers and activations.

    All layers but the last must have one activation.

    Raises:
        NetworkError: for modules that are no such network.
        ImportError: if PyTorch is not installed.
    """
    torch = import_torch()
    if not isinstance(module, torch.nn.Sequential):
        raise NetworkError(f"from_torch takes a torch.nn.Sequential, but got {module!r:.80}")
    linears: list[Any] = []
    activations: list[str] = []
    for part in module:
        if isinstance(part, torch.nn.Linear):
            if linears and linears[-1].out_features != part.in_features:
                raise NetworkError(
                    f"{part!r} takes {part.in_features} numbers, but the layer before it gives "
                    f"{linears[-1].out_features}"
                )
            linears.append(part)
            activations.append("identity")
        elif isinstance(part, torch.nn.Identity):
            continue
        elif linears and activations[-1] == "identity":
            activations[-1] = activation_of(part)
        else:
            raise NetworkError(f"{part!r} does not follow a linear layer, so it is no activation of one")
    if not linears:
        raise NetworkError(f"there is no linear layer in {module!r:.80}")
    if len(set(activations[:-1])) > 1:
        raise NetworkError(f"an MLP has one activation in all hidden layers, but these are {activations[:-1]}")
    has_bias = linears[0].bias is not None
    if any((linear.bias is not None) != has_bias for linear in linears):
        raise NetworkError("an MLP has biases in all layers or in none, but here only some have one")
    return MLP(
        linears[0].in_features,
        [linear.out_features for linear in linears],
        activations[0],
        output_activation=activations[-1],
        bias=has_bias,
        weights=[numbers_of(linear, "weight") for linear in linears],
        bias_values=[numbers_of(linear, "bias") for linear in linears] if has_bias else None,
    )


def numbers_of(linear: Any, name: str) -> list[Any]:
    """The weights or biases of a linear layer, as a list of floats."""
    tensor = getattr(linear, name)
    try:
        if tensor.is_complex():
            raise NetworkError(f"the {name} of {linear!r} has complex numbers, which are not supported")
        numbers: list[Any] = tensor.detach().double().tolist()
    except (RuntimeError, ValueError, NotImplementedError) as error:
        raise NetworkError(f"the {name} of {linear!r} has no numbers to be read: {first_line(error)}") from None
    return numbers


def activation_of(part: Any) -> str:
    """Our name for one of PyTorch's modules, if its settings make it the same function."""
    for name, (theirs, settings) in ACTIVATIONS.items():
        if type(part).__name__ == theirs:
            if any(getattr(part, key, setting) != setting for key, setting in settings.items()):
                known = ", ".join(f"{key}={setting!r}" for key, setting in settings.items())
                raise NetworkError(f"{part!r} is another function than {name}, which is {theirs}({known})")
            return name
    known = ", ".join(theirs for theirs, _ in ACTIVATIONS.values())
    raise NetworkError(f"{part!r} is no activation that can be translated; these can: {known}")


def layers_of(model: Any) -> list[Layer]:
    """The layers of a plain feed-forward network, in order."""
    if isinstance(model, Layer):
        return [model]
    found = model.layers if isinstance(model, MLP) else getattr(model, "modules", None)
    if not isinstance(found, list) or not all(isinstance(layer, Layer) for layer in found):
        raise NetworkError(f"only layers, one after the other, can be translated, but got {model!r:.80}")
    return found
