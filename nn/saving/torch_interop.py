"""The way out, when a learner graduates: the same network in PyTorch, and back.

PyTorch is imported when one of these functions is called (``pip install torch``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from autograd import ops
from autograd.core.plain_text import printable
from nn import micrograd
from nn.layers import MLP, Layer, Neuron, Sequential
from nn.layers.activations import OF_A_LAYER, name_of_function
from nn.module import NetworkError, is_frozen
from nn.saving.configuration import are_methods_own
from nn.validation import first_line, some_of

if TYPE_CHECKING:
    import torch


ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("ReLU", {}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.01}),
    "elu": ("ELU", {"alpha": 1.0}),
    "silu": ("SiLU", {}),
    "gelu": ("GELU", {"approximate": "tanh"}),
    "softplus": ("Softplus", {"beta": 1.0, "threshold": 40.0}),
    "softsign": ("Softsign", {}),
    "mish": ("Mish", {}),
    "selu": ("SELU", {}),
    "celu": ("CELU", {"alpha": 1.0}),
    "relu6": ("ReLU6", {}),
    "hardtanh": ("Hardtanh", {"min_val": -1.0, "max_val": 1.0}),
    "logsigmoid": ("LogSigmoid", {}),
    "softmax": ("Softmax", {"dim": -1}),
    "log_softmax": ("LogSoftmax", {"dim": -1}),
}
"""For each activation PyTorch's module, and the settings with which the two are the same function.

(Above its threshold PyTorch's softplus is the identity.  From 40 on this is what the true one rounds to; PyTorch's
own 20 is taken too, where the two differ by 2·10⁻⁹.)
"""


def import_torch() -> Any:
    try:
        import torch
    except ImportError:
        raise ImportError("nn.to_torch and nn.from_torch need PyTorch: pip install torch") from None
    return torch


def to_torch(model: MLP | Sequential | Layer | Neuron) -> torch.nn.Sequential:
    """The same network as a ``torch.nn.Sequential`` in float64, with the same weights and the same outputs.

    It takes tensors of shape (inputs,) or (samples, inputs), and its result always has a dimension for
    the outputs, also if there is only one.  What is frozen here is frozen there.

    Raises:
        NetworkError: for anything but nn's layers, one after the other, with activations that PyTorch has a
            module for; also for a subclass with a forward() or parameters of its own.  An activation is known by
            which function it is, not by its name.
        ImportError: if PyTorch is not installed.
    """
    torch = import_torch()
    steps = steps_of(model)
    require_unshared(steps)
    modules = []
    for step in steps:
        if isinstance(step, Linear):
            modules.append(linear_module(torch, step))
        else:
            name, settings = ACTIVATIONS[step]
            modules.append(getattr(torch.nn, name)(**settings))
    return torch.nn.Sequential(*modules)


@dataclass(frozen=True)
class Linear:
    """The weighted sums of a layer: what becomes one ``torch.nn.Linear``."""

    neurons: Sequence[Neuron]
    written: str

    @property
    def weights(self) -> list[list[Any]]:
        return [neuron.weights for neuron in self.neurons]

    @property
    def biases(self) -> list[Any]:
        return [neuron.bias for neuron in self.neurons if neuron.bias is not None]

    @property
    def parameters(self) -> list[Any]:
        return [*[weight for row in self.weights for weight in row], *self.biases]


def steps_of(model: Any) -> list[Linear | str]:
    """What a plain feed-forward network does, in order: linear maps and the names of activations.

    Raises:
        NetworkError: with the reason, if it is anything else.
    """
    steps: list[Linear | str] = []
    for part in parts_of(model):
        if isinstance(part, (Layer, Neuron)):
            neurons = part.neurons if isinstance(part, Layer) else [part]
            linear, function = linear_of(part, neurons)
            steps.append(linear)
        else:
            function = part
        if function is not None:
            steps.append(name_of_activation(function, part))
    if not steps:
        raise NetworkError(f"there is no layer in {model!r:.80}")
    sizes = [(len(step.weights[0]), len(step.neurons), step.written) for step in steps if isinstance(step, Linear)]
    for (_, outputs, first), (inputs, _, second) in pairwise(sizes):
        if inputs != outputs:
            raise NetworkError(f"{second} takes {inputs} inputs, but {first} gives {outputs}")
    return steps


def parts_of(model: Any) -> list[Any]:
    """The layers, neurons and functions that follow each other in a network of nn."""
    problem = what_computes_otherwise(model)
    if problem or not are_methods_own():
        raise NetworkError(
            f"only layers, one after the other, can be translated, but {model!r:.80} may compute anything: "
            f"{problem or 'methods of nn have been replaced'}\n"
            "  nn.to_torch takes what computes as nn.MLP, Sequential, Layer and Neuron do; "
            "write your own class once more as a torch.nn.Module"
        )
    if isinstance(model, (Layer, Neuron)):
        return [model]
    if isinstance(model, MLP):
        return [part for layer in model.layers for part in parts_of(layer)]
    parts = []
    for module in model.modules:
        parts += [module] if any(module is function for function in OF_A_LAYER.values()) else parts_of(module)
    return parts


def what_computes_otherwise(model: Any) -> str:
    """What a subclass, or an attribute that was given to a model, adds to what nn computes; "" for nothing."""
    kind = printable(type(model).__name__)
    bases = (micrograd.Neuron, micrograd.Layer, micrograd.MLP, Neuron, Layer, MLP, Sequential)
    base = next((base for base in bases if isinstance(model, base)), None)
    if base is None:
        return f"{kind} is no MLP, Sequential, Layer or Neuron"
    methods = ("__call__", "forward", "output_for")
    own = [f"{name}()" for name in methods if getattr(type(model), name, None) is not getattr(base, name, None)]
    own += [f"{name}()" for name in methods if name in vars(model)]
    own += [name for name, _ in model._parts_in_attributes()]
    return f"this {kind} has its own {', '.join(own)}" if own else ""


def linear_of(part: Layer | Neuron, neurons: Sequence[Any]) -> tuple[Linear, Any]:
    """The weighted sums of a layer, and its activation function; None for none."""
    for neuron in neurons:
        parts_of(neuron)
    kinds = {(len(n.weights), n.bias is None, id(n.activation_function)) for n in neurons}
    if len(kinds) != 1:
        raise NetworkError(
            f"the neurons of {part!r} have different activations or numbers of inputs, or only some have a bias; "
            "a torch.nn.Linear has one of a kind"
        )
    linear = Linear(neurons, repr(part))
    for parameters in ([weight for row in linear.weights for weight in row], linear.biases):
        if len(set(map(is_frozen, parameters))) > 1:
            raise NetworkError(f"only some weights of {part!r} are frozen; in PyTorch a whole tensor is or is not")
    function = neurons[0].activation_function
    return linear, OF_A_LAYER[part.softmax] if isinstance(part, Layer) and part.softmax else function


def name_of_activation(function: Any, part: Any) -> str:
    """The name of an activation in ACTIVATIONS, by which function it is."""
    for name in ACTIVATIONS:
        if function is (OF_A_LAYER[name] if name in OF_A_LAYER else getattr(ops, name)):
            return name
    name = name_of_function(function)
    raise NetworkError(
        f"{part!r} has the activation {name!r}, for which PyTorch has no module"
        + (" (it is a function of yours that only has this name)" if name in ACTIVATIONS else "")
        + f"; the ones that can be translated are identity, {', '.join(ACTIVATIONS)}"
    )


def require_unshared(steps: Sequence[Linear | str]) -> None:
    places = Counter(parameter for step in steps if isinstance(step, Linear) for parameter in step.parameters)
    shared = [parameter.label or "one without a label" for parameter, count in places.items() if count > 1]
    if shared:
        raise NetworkError(
            f"some parameters stand in several places ({some_of(shared)}); PyTorch would train each for itself"
        )


def linear_module(torch: Any, step: Linear) -> Any:
    linear = torch.nn.Linear(
        len(step.weights[0]), len(step.neurons), bias=bool(step.biases), dtype=torch.float64, device="cpu"
    )
    for tensor, rows in ((linear.weight, step.weights), (linear.bias, [step.biases])):
        if tensor is not None:
            numbers = [[parameter.data for parameter in row] for row in rows]
            with torch.no_grad():
                tensor.copy_(torch.tensor(numbers, dtype=torch.float64, device="cpu").reshape(tensor.shape))
            tensor.requires_grad_(not is_frozen(rows[0][0]))
    return linear


def from_torch(module: torch.nn.Sequential) -> MLP:
    """The MLP with the same weights and outputs as a ``torch.nn.Sequential`` of linear layers and activations.

    All layers but the last must have one activation.  What is frozen there is frozen here.

    Raises:
        NetworkError: for modules that are no such network.
        ImportError: if PyTorch is not installed.
    """
    torch = import_torch()
    if getattr(type(module), "forward", None) is not torch.nn.Sequential.forward:
        raise NetworkError(f"from_torch takes a torch.nn.Sequential with its own forward(), but got {module!r:.80}")
    linears: list[Any] = []
    activations: list[str] = []
    for part in module:
        if getattr(type(part), "forward", None) is torch.nn.Linear.forward:
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
            activations[-1] = activation_of(torch, part)
        else:
            raise NetworkError(f"{part!r} does not follow a linear layer, so it is no activation of one")
    if not linears:
        raise NetworkError(f"there is no linear layer in {module!r:.80}")
    if len(set(activations[:-1])) > 1:
        raise NetworkError(f"an MLP has one activation in all hidden layers, but these are {activations[:-1]}")
    tensors = [tensor for linear in linears for tensor in (linear.weight, linear.bias) if tensor is not None]
    if len(set(map(id, tensors))) < len(tensors):
        raise NetworkError("weights stand in several places, and an MLP would train each for itself")
    has_bias = linears[0].bias is not None
    if any((linear.bias is not None) != has_bias for linear in linears):
        raise NetworkError("an MLP has biases in all layers or in none, but here only some have one")
    model = MLP(
        linears[0].in_features,
        [linear.out_features for linear in linears],
        activations[0],
        output_activation=activations[-1],
        bias=has_bias,
        weights=[numbers_of(linear, "weight") for linear in linears],
        bias_values=[numbers_of(linear, "bias") for linear in linears] if has_bias else None,
    )
    if any(part._forward_hooks or part._forward_pre_hooks for part in module.modules()):
        raise NetworkError("there are forward hooks in this module, which may compute anything; remove them first")
    for linear, layer in zip(linears, model.layers, strict=True):
        for neuron in layer.neurons:
            for weight in neuron.weights:
                weight.requires_grad = linear.weight.requires_grad
            if neuron.bias is not None:
                neuron.bias.requires_grad = linear.bias.requires_grad
    return model


def numbers_of(linear: Any, name: str) -> list[Any]:
    """The weights or biases of a linear layer, as a list of floats."""
    tensor = getattr(linear, name)
    try:
        if tensor.is_complex():
            raise NetworkError(f"the {name} of {linear!r} has complex numbers, which are not supported")
        tensor = tensor.detach().double()
        if not tensor.isfinite().all():
            raise NetworkError(f"the {name} of {linear!r} has numbers that are not finite")
        numbers: list[Any] = tensor.tolist()
    except (RuntimeError, ValueError, NotImplementedError) as error:
        raise NetworkError(f"the {name} of {linear!r} has no numbers to be read: {first_line(error)}") from None
    return numbers


def activation_of(torch: Any, part: Any) -> str:
    """Our name for one of PyTorch's modules, if its settings make it the same function."""
    for name, (theirs, settings) in ACTIVATIONS.items():
        if type(part) is getattr(torch.nn, theirs):
            found = {key: getattr(part, key, setting) for key, setting in settings.items()}
            if 20 <= found.get("threshold", 0) <= 40:
                found["threshold"] = settings["threshold"]
            if found != settings:
                known = ", ".join(f"{key}={setting!r}" for key, setting in settings.items())
                raise NetworkError(f"{part!r} is another function than {name}, which is {theirs}({known})")
            return name
    known = ", ".join(theirs for theirs, _ in ACTIVATIONS.values())
    raise NetworkError(f"{part!r} is no activation that can be translated; these can: {known}")
