"""A module is anything with parameters: it finds them, names them, and saves and restores their numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from autograd import Value
from autograd.errors import AutogradError, describe
from autograd.operand import is_real
from autograd.plain_text import printable

__all__ = ["Module", "NetworkError", "Parameter", "ShapeError", "StateError"]


class NetworkError(AutogradError, ValueError):
    """A network, or a part of one, was described or used in a way that cannot work."""


class ShapeError(NetworkError):
    """The number of inputs, weights, predictions or targets is not the expected one."""


class StateError(NetworkError):
    """The parameters of a module cannot be named, or a state does not fit them."""


class Parameter(Value):
    """A Value that training may change: a weight or a bias.

    >>> w = Parameter(0.3, "w")
    >>> w
    Parameter(data=0.3, grad=?, label='w')
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return super().__repr__().replace("Value(", "Parameter(", 1)


@dataclass(frozen=True)
class Row:
    """One line of ``Module.summary()``."""

    name: str
    neurons: str
    shape: str
    activation: str
    parameters: int


class Module:
    """The base of everything that has parameters.

    To write your own, assign parameters and other modules to attributes (also in lists, tuples and
    dicts) and say in ``forward`` what it computes.  Parameters without a label get the name of their
    attribute.  Only a ``Parameter`` is trained; a plain ``Value`` is a constant.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Parameter(2.0)
    ...         self.offset = Parameter(1.0)
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(10.0).data
    21.0
    >>> line.state_dict()
    {'slope': 2.0, 'offset': 1.0}
    """

    def __call__(self, *inputs: Any, **named_inputs: Any) -> Any:
        return self.forward(*inputs, **named_inputs)

    def forward(self, *inputs: Any, **named_inputs: Any) -> Any:
        """What the module computes from its inputs; your own module says it here."""
        name = type(self).__name__
        raise NotImplementedError(f"{name} does not say what it computes; give it a method forward(self, x)")

    def __setattr__(self, name: str, value: Any) -> None:
        parts = list(find_parts(name, value, set()))
        super().__setattr__(name, value)
        for path, part in parts:
            if isinstance(part, Parameter) and not part.label:
                part.label = path

    def _parts(self) -> Iterator[tuple[str, Parameter | Module]]:
        """The parameters and modules that this one directly consists of, each with its name."""
        for name, value in vars(self).items():
            yield from find_parts(name, value, set())

    def named_parameters(self) -> dict[str, Parameter]:
        """Every parameter by its name, in a fixed order; one that is used in several places comes once.

        Raises:
            StateError: if two different parameters would get the same name.
        """
        found: dict[str, Parameter] = {}
        collect_parameters(self, "", found, set())
        return found

    def parameters(self) -> list[Parameter]:
        """Every parameter once, in the order of ``named_parameters()``."""
        return list(self.named_parameters().values())

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters, because ``backward()`` adds to what is there."""
        for parameter in self.parameters():
            parameter.grad = 0

    def state_dict(self) -> dict[str, float]:
        """The number of every parameter by its name: all that training has learned."""
        return {name: float(parameter.data) for name, parameter in self.named_parameters().items()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Give every parameter the number that ``state`` has for its name.

        Raises:
            StateError: if a name is missing or unknown, or something is not a finite number.  The
                message lists them all, and nothing is changed.

        >>> line = Module()
        >>> line.slope = Parameter(2.0)
        >>> line.load_state_dict({"slop": 3.0})
        Traceback (most recent call last):
        ...
        nn.module.StateError: this state does not fit Module with 1 parameter:
          missing: 'slope'
          unknown: 'slop' (did you mean 'slope'?)
          Nothing was changed.
        """
        if not isinstance(state, Mapping):
            raise StateError(
                f"a state is a dict from names to numbers, as state_dict() gives it, but got {describe(state)}"
            )
        parameters = self.named_parameters()
        numbers: dict[str, float] = {}
        not_numbers, not_finite = [], []
        for name in parameters:
            if name not in state:
                continue
            given = state[name]
            if isinstance(given, bool) or not is_real(given):
                not_numbers.append(f"{name!r} is {describe(given)}")
                continue
            number = as_float(given)
            if not math.isfinite(number):
                not_finite.append(f"{name!r} is {number}")
            numbers[name] = number
        problems = {
            "missing": [repr(name) for name in parameters if name not in state],
            "unknown": [unknown_name(name, parameters) for name in state if name not in parameters],
            "not a number": not_numbers,
            "not finite": not_finite,
        }
        if any(problems.values()):
            lines = [f"{what}: {some_of(names)}" for what, names in problems.items() if names]
            raise StateError("\n  ".join([f"this state does not fit {self!r}:", *lines, "Nothing was changed."]))
        for name, number in numbers.items():
            parameters[name].data = number

    def summary(self) -> str:
        """A table of the layers: names, inputs → outputs, activation, and how many parameters each has.

        A parameter that several layers share is counted where it comes first.
        """
        total = count_of(len(self.parameters()), "parameter")
        rows = [
            [printable(cell) for cell in (row.name, row.neurons, row.shape, row.activation, str(row.parameters))]
            for row in self._rows("", set())
        ]
        head = ("layer", "neurons", "in → out", "activation", "parameters")
        widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
        lines = []
        for row in [head, *rows]:
            cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
            lines.append("  ".join([*cells, row[-1].rjust(widths[-1])]))
        ruler = "-" * len(lines[0])
        return "\n".join([lines[0], ruler, *lines[1:], ruler, f"total: {total}"])

    def _rows(self, name: str, seen: set[Parameter]) -> list[Row]:
        """The lines of the summary for this module, which is called ``name`` in the one that contains it."""
        rows = []
        for part_name, part in self._parts():
            path = f"{name}.{part_name}" if name else part_name
            if isinstance(part, Module):
                rows += part._rows(path, seen)
            else:
                rows.append(Row(path, "", "", "", count_new([part], seen)))
        return rows

    def __repr__(self) -> str:
        return f"{type(self).__name__} with {count_of(len(self.parameters()), 'parameter')}"


def find_parts(name: str, value: Any, inside: set[int]) -> Iterator[tuple[str, Parameter | Module]]:
    """The parameters and modules in an attribute, looked for in lists, tuples and dicts, with their names.

    ``inside`` holds the containers that we are in, so that one which contains itself does no harm.

    Raises:
        StateError: for a set of them, which has no order and so no names.
    """
    if isinstance(value, (Parameter, Module)):
        yield name, value
    elif isinstance(value, (set, frozenset)):
        if any(isinstance(part, (Parameter, Module)) for part in value):
            raise StateError(f"{name!r} is a set, which has no order: put its parameters and modules into a list")
    elif isinstance(value, (list, tuple, dict)) and id(value) not in inside:
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in parts:
            yield from find_parts(f"{name}.{key}", part, inside | {id(value)})


def collect_parameters(
    module: Module, prefix: str, found: dict[str, Parameter], visited: set[Module | Parameter]
) -> None:
    """Add the parameters of ``module`` to ``found``, and then those of the modules inside it."""
    visited.add(module)
    for name, part in module._parts():
        if part in visited:
            continue
        if isinstance(part, Module):
            collect_parameters(part, f"{prefix}{name}.", found, visited)
            continue
        path = prefix + name
        if path in found:
            raise StateError(f"two different parameters are both named {path!r}; rename one of them")
        visited.add(part)
        found[path] = part


def count_new(parameters: list[Parameter], seen: set[Parameter]) -> int:
    """How many of the parameters have not been seen yet; from now on they have."""
    new = set(parameters) - seen
    seen |= new
    return len(new)


def count_of(n: int, thing: str) -> str:
    """
    >>> count_of(1, "weight"), count_of(2, "weight")
    ('1 weight', '2 weights')
    """
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def as_float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


def shorten(name: object) -> str:
    """A name as a string literal, not longer than a line, for a message."""
    text = repr(name)
    return text if len(text) <= 60 else text[:57] + "..."


def unknown_name(name: object, known: Mapping[str, Any]) -> str:
    """A name that nobody knows, with the known one that it was perhaps meant to be."""
    text = shorten(name)
    # Comparing takes time that grows with the square of the length, and a file may say anything.
    if isinstance(name, str) and len(name) <= 60 and len(known) <= 10_000:
        close = get_close_matches(name, list(known), n=1)
        if close:
            text += f" (did you mean {close[0]!r}?)"
    return text


def some_of(names: list[str], limit: int = 5) -> str:
    """
    >>> some_of(["a", "b", "c", "d"], limit=2)
    'a, b and 2 more'
    """
    text = ", ".join(names[:limit])
    return text if len(names) <= limit else f"{text} and {len(names) - limit} more"
