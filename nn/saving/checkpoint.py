"""Save what a network has learned to a readable file, and load it again, to the last bit.

The file is JSON::

    {
      "format": "glassgrad state",
      "version": 2,
      "architecture": [
        {
          "layer": "hidden layer 1",
          "inputs": 1,
          "outputs": 1,
          "activation": "tanh"
        }
      ],
      "parameters": {
        "h1.w1": 0.1,
        "h1.b1": -0.25
      }
    }

The architecture says for which network the numbers are; files of version 1, without it, can still be read.
Python writes a float with as many digits as are needed to read the same float again, so no bit is
lost.  A file is data: loading one runs nothing, and a file that is damaged or made to do harm is
refused before the network is touched.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from nn.module import Module, StateError, does_not_fit, numbers_in_state
from nn.saving.architecture import architecture_of, differences, is_architecture
from nn.saving.files import FileError, file_path, write_whole
from nn.validation import shorten, some_of

FORMAT = "glassgrad state"
VERSIONS = {1: ("format", "version", "parameters"), 2: ("format", "version", "architecture", "parameters")}
"""What the files of each version say."""


class CheckpointError(StateError):
    """A file could not be written, or is not a state of this network."""


def save(model: Module, path: str | os.PathLike[str]) -> None:
    """Write the architecture and the parameters of a module to a JSON file, whole or not at all.

    Raises:
        CheckpointError: if a parameter is inf or nan, or has no name, or the file cannot be written.  A file
            that was there before is then still there, unchanged.

    >>> import tempfile
    >>> from nn.layers import Neuron
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(Neuron(1, weights=[0.1]), f"{folder}/neuron.json")
    ...     other = Neuron(1, seed=1)
    ...     load(other, f"{folder}/neuron.json")
    >>> other.state_dict()
    {'w1': 0.1, 'b': 0.0}
    """
    named = set(map(id, model.named_parameters().values()))
    nameless = sum(id(parameter) not in named for parameter in model.parameters())
    if nameless:
        raise CheckpointError(
            f"{shorten(model)} is not saved, because {nameless} of its parameters() have no name\n"
            "  They would be lost: make each an nn.Parameter, in an attribute, or a list or dict there"
        )
    state = model.state_dict()
    bad = [f"{name!r} is {number}" for name, number in state.items() if not math.isfinite(number)]
    if bad:
        raise CheckpointError(f"{model!r} is not saved, because not all its numbers are finite: {some_of(bad)}")
    whole = {"format": FORMAT, "version": 2, "architecture": architecture_of(model), "parameters": state}
    text = json.dumps(whole, indent=2, ensure_ascii=False)
    try:
        write_whole(path, text + "\n")
    except FileError as error:
        raise CheckpointError(str(error)) from error


def load(model: Module, path: str | os.PathLike[str]) -> None:
    """Give a module the parameters that ``save`` has written.

    Raises:
        CheckpointError: if the file cannot be read, is not such a file, or belongs to another network: other
            parameters, sizes or activations.  The message says what differs, and nothing is changed.
    """
    try:
        restore(model, parse(read_limited(file_path(path), size_limit(model))))
    except OSError as error:
        raise CheckpointError(f"cannot read {os.fsdecode(path)!r}: {error.strerror or error}") from error
    except StateError as error:
        raise CheckpointError(f"cannot load {os.fsdecode(path)!r}: {error}") from None
    except RecursionError:
        raise CheckpointError(
            f"cannot load {os.fsdecode(path)!r}: it is nested far deeper than a state is"
        ) from None


def restore(model: Module, whole: dict[str, Any]) -> None:
    """Give a module the parameters in what a file says.

    Raises:
        StateError: if they are those of another network.
    """
    different = differences(whole["architecture"], model) if "architecture" in whole else []
    if different:
        _, problems = numbers_in_state(model, whole["parameters"])
        raise StateError(does_not_fit(model, [*different, *problems]))
    model.load_state_dict(whole["parameters"])


def size_limit(model: Module) -> int:
    """More bytes than any honest file for this network has: a number takes at most 24, and an indent some."""
    names = [
        *model.named_parameters(),
        *[text for entry in architecture_of(model) for text in map(str, entry.values())],
    ]
    return 1_000_000 + sum(100 + 6 * len(name) for name in names)


def read_limited(path: Path, limit: int) -> str:
    """The text of a file that is not larger than it may be.

    Raises:
        OSError: if it cannot be read.
        CheckpointError: if it is too large, or not a text file.
    """
    if path.exists() and not path.is_file():
        raise CheckpointError("it is not a file")
    with open(path, "rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise CheckpointError(f"it is larger than {limit:,} bytes, far more than this network's numbers need")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CheckpointError("it is not a text file") from None


def parse(content: str) -> dict[str, Any]:
    """What the text of a state file says.

    Raises:
        CheckpointError: if the text is anything else.

    >>> parse('{"format": "glassgrad state", "version": 1, "parameters": {"w": 0.5}}')
    {'format': 'glassgrad state', 'version': 1, 'parameters': {'w': 0.5}}
    """
    try:
        whole = json.loads(content, object_pairs_hook=unique_names, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise CheckpointError(
            f"it is not complete JSON: {error.msg} at line {error.lineno}, column {error.colno}; "
            "was it cut off, or changed by hand?"
        ) from None
    except ValueError as error:
        # A whole number with thousands of digits, or one of our own errors from within.
        raise CheckpointError(str(error)) from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise CheckpointError(f'it is not a file that nn.save has written: "format" is not "{FORMAT}"')
    version = whole.get("version")
    if type(version) is not int or version not in VERSIONS:
        raise CheckpointError(f"its version is {shorten(version)}, but this glassgrad reads versions 1 and 2")
    unknown = [shorten(name) for name in whole if name not in VERSIONS[version]]
    if unknown:
        raise CheckpointError(f"it says something that no state says: {some_of(unknown)}")
    parameters = whole.get("parameters")
    if not isinstance(parameters, dict):
        raise CheckpointError(f'"parameters" has to be a table of names and numbers, but is {shorten(parameters)}')
    if version > 1 and not is_architecture(whole.get("architecture")):
        given = shorten(whole.get("architecture"))
        raise CheckpointError(f'"architecture" has to be a list of layers, as nn.save writes it, but is {given}')
    return whole


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object as a dict, if no name comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = [shorten(name) for name, count in counts.items() if count > 1]
        raise CheckpointError(f"a name comes twice: {some_of(twice)}")
    return found


def refuse_constant(name: str) -> NoReturn:
    raise CheckpointError(f"it contains {name}, but a parameter is a finite number")
