"""What a network is made of, as plain data: a file with parameters says for which network they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn.layers.activations import NO_ACTIVATION, name_of_function
from nn.module import Module
from nn.saving.configuration import is_from_table
from nn.validation import count_of, some_of

FORMS: tuple[dict[str, type], ...] = (
    {"layer": str, "inputs": int, "outputs": int, "activation": str},
    {"function": str},
)
"""What is said of a layer, and of a function between layers."""


def architecture_of(model: Module) -> list[dict[str, Any]]:
    """The layers of a network in order, and the functions between them, as ``summary()`` lists them.

    >>> from nn.layers import MLP
    >>> architecture_of(MLP(2, [1], "tanh"))
    [{'layer': 'output layer', 'inputs': 2, 'outputs': 1, 'activation': 'tanh'}]
    """
    found: list[dict[str, Any]] = []
    for row in model._rows("", set()):
        functions = ", ".join(map(name_of, row.functions))
        if row.inputs is not None:
            found.append({"layer": row.name, "inputs": row.inputs, "outputs": row.outputs, "activation": functions})
        elif functions or row.activation:
            found.append({"function": functions or row.activation})
    return found


def name_of(function: Callable[..., Any] | None) -> str:
    """The name of an activation; one that is not ours may have the name of one that is.

    >>> from autograd import ops
    >>> def relu(z):
    ...     return z
    >>> name_of(None), name_of(ops.relu), name_of(relu)
    ('identity', 'relu', 'relu (your own)')
    """
    if function is None:
        return NO_ACTIVATION[0]
    name = name_of_function(function)
    return name if is_from_table(function) else f"{name} (your own)"


def is_architecture(given: Any) -> bool:
    """True for a list that ``architecture_of`` may have made."""
    return isinstance(given, list) and all(
        isinstance(entry, dict) and {key: type(value) for key, value in entry.items()} in FORMS for entry in given
    )


def differences(saved: list[dict[str, Any]], model: Module) -> list[str]:
    """What is different between an architecture in a file and that of a network; what a layer is called is not.

    >>> from nn.layers import MLP
    >>> for line in differences(architecture_of(MLP(2, [3, 1])), MLP(2, [2, 1], output_activation="sigmoid")):
    ...     print(line)
    hidden layer 1: 2 → 3 in the file, but 2 → 2 in this network
    output layer: 3 → 1 in the file, but 2 → 1 in this network
    output layer: activation 'tanh' in the file, but 'sigmoid' in this network
    """
    here = architecture_of(model)
    if [list(entry) for entry in saved] != [list(entry) for entry in here]:
        return [f"the file has {written(saved)}, but this network has {written(here)}"]
    found = []
    for theirs, ours in zip(saved, here, strict=True):
        shapes = [f"{entry['inputs']} → {entry['outputs']}" if "layer" in entry else "" for entry in (theirs, ours)]
        if shapes[0] != shapes[1]:
            found.append(f"{ours['layer']}: {shapes[0]} in the file, but {shapes[1]} in this network")
        what = "activation" if "layer" in ours else "function"
        if theirs[what] != ours[what]:
            place = f"{ours['layer']}: " if "layer" in ours else ""
            found.append(f"{place}{what} {theirs[what]!r} in the file, but {ours[what]!r} in this network")
    return found


def written(architecture: list[dict[str, Any]]) -> str:
    """
    >>> written([{"layer": "encoder", "inputs": 2, "outputs": 1, "activation": "tanh"}, {"function": "softmax"}])
    '1 layer and 1 function (encoder, softmax)'
    """
    names = [repr(next(iter(entry.values())))[1:-1] for entry in architecture]
    layers = sum("layer" in entry for entry in architecture)
    counts = [count_of(layers, "layer")]
    if layers < len(architecture):
        counts.append(count_of(len(architecture) - layers, "function"))
    return " and ".join(counts) + (f" ({some_of(names, 10)})" if names else "")
