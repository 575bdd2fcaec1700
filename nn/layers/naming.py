"""Names: what the neurons of a network are called (h1, o1, ...) and its parameters (w1, b1, ...).

A layer or network that is an attribute of a larger one puts the attribute before its names: the neuron h1 of
``self.encoder`` is encoder.h1, and its weight w1 is labelled encoder.w1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from nn.module import Module, Parameter


class Names:
    """Hands out the names of one network, each kind counted through the whole of it.

    >>> names = Names()
    >>> names.neuron(is_output=False), names.neuron(is_output=False), names.neuron(is_output=True)
    ('h1', 'h2', 'o1')
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.numbered: dict[Parameter, str] = {}

    def next(self, kind: str) -> str:
        self.counts[kind] += 1
        return f"{kind}{self.counts[kind]}"

    def layer(self, is_output: bool) -> str:
        return "output layer" if is_output else self.next("hidden layer ")

    def neuron(self, is_output: bool) -> str:
        return self.next("o" if is_output else "h")

    def parameters(self, parameters: Sequence[Parameter], kind: str) -> list[str]:
        """The numbers of weights ("w") or biases ("b"); one that neurons share keeps its first number."""
        numbered, count, names = self.numbered, self.counts[kind], []
        for parameter in parameters:
            name = numbered.get(parameter)
            if name is None:
                count += 1
                name = numbered[parameter] = f"{kind}{count}"
            names.append(name)
        self.counts[kind] = count
        return names


class Nameable(Protocol):
    """A layer, or a neuron that stands in the place of one."""

    belongs_to_a_network: bool

    def _take_names(self, names: Names, layer_name: str, is_output: bool) -> None: ...


def name_network(layers: Sequence[Nameable], last: Module | None = None) -> None:
    """Name the neurons of consecutive layers, and number their parameters through all of them.

    ``last`` is the output layer, unless it is simply the last of ``layers``.  A layer or neuron that the
    user has named keeps its name, and so does every parameter that the user has labelled.
    """
    names = Names()
    for layer in layers:
        is_output = layer is (layers[-1] if last is None else last)
        layer.belongs_to_a_network = len(layers) > 1 or last is not None
        layer._take_names(names, names.layer(is_output), is_output)


def placed(place: str, name: str) -> str:
    """
    >>> placed("encoder", "h1"), placed("", "h1"), placed("encoder", "")
    ('encoder.h1', 'h1', 'encoder')
    """
    return f"{place}.{name}" if place and name else place or name


def without_place(place: str, name: str) -> str:
    """
    >>> without_place("encoder", "encoder.h1"), without_place("", "h1"), without_place("encoder", "encoder")
    ('h1', 'h1', '')
    """
    return "" if name == place else name.removeprefix(f"{place}.")


def is_further_out(place: str, before: str) -> bool:
    """True if a place says more than the one before: the whole of it, seen from a larger network.

    >>> is_further_out("encoder", ""), is_further_out("body.encoder", "encoder"), is_further_out("b", "a")
    (True, True, False)
    """
    return not before or place.endswith(f".{before}")


def has_label(given: float | Parameter | None) -> bool:
    return isinstance(given, Parameter) and given.label != ""


def as_parameter(given: float | Parameter, label: str) -> Parameter:
    """A new parameter that starts at a number, or the given one itself."""
    if not isinstance(given, Parameter):
        return Parameter(given, label)
    given.label = given.label or label
    return given
