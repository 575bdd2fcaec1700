"""A module is anything with parameters: it finds them, names them, and saves and restores their numbers."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MemberDescriptorType, NoneType
from typing import Any, ClassVar, Self
from weakref import WeakValueDictionary

from autograd import Value
from autograd.core.operand import is_real
from autograd.core.plain_text import printable
from autograd.errors import AutogradError, describe
from nn.validation import count_of, some_of, unknown_name


class NetworkError(AutogradError, ValueError):
    """A network, or a part of one, was described or used in a way that cannot work."""


class ShapeError(NetworkError):
    """The number of inputs, weights, predictions or targets is not the expected one."""


class StateError(NetworkError):
    """The parameters of a module cannot be named, or a state does not fit them."""


class Parameter(Value):
    """A Value that training may change: a weight or a bias.

    ``requires_grad_(False)`` freezes it, as in PyTorch: it gets no gradient, so no optimizer moves it, until
    ``requires_grad_()`` lets it go.  What is frozen is saved and loaded like everything else.

    >>> w = Parameter(0.3, "w")
    >>> w
    Parameter(data=0.3, grad=?, label='w')
    >>> x = Parameter(2.0, "x").requires_grad_(False)
    >>> (w * x).backward()
    >>> w.grad, x.grad, x.requires_grad
    (2.0, 0, False)
    """

    __slots__ = ()

    @property
    def requires_grad(self) -> bool:
        """False while it is frozen."""
        return not isinstance(self, FrozenParameter)

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if bool(wanted) == self.requires_grad:
            return
        if type(self) not in (Parameter, FrozenParameter):
            raise TypeError(f"only an nn.Parameter itself can be frozen, but this is a {type(self).__name__}")
        self.__class__ = Parameter if wanted else FrozenParameter
        self.grad = 0

    def requires_grad_(self, requires_grad: bool = True) -> Parameter:
        """Freeze it (False) or let it be trained (True); gives itself."""
        self.requires_grad = requires_grad
        return self

    def __repr__(self) -> str:
        text = super().__repr__().replace("Value(", "Parameter(", 1)
        return text if self.requires_grad else f"{text[:-1]}, requires_grad=False)"


class FrozenParameter(Parameter):
    """What a Parameter is while it is frozen: a constant, whose gradient nobody finds."""

    __slots__ = ()

    is_constant = True

    @property
    def grad(self) -> float:
        return 0

    @grad.setter
    def grad(self, gradient: float) -> None:
        """backward() adds to the gradient of every leaf; here it is not kept."""


@dataclass(frozen=True)
class Row:
    """One line of ``Module.summary()``.

    Attributes:
        inputs, outputs: how many a layer has; None for a parameter or a function.
        activation: its name.
        functions: the activation functions themselves, each once.
        parameters: those that stand in no line before.
    """

    name: str
    neurons: str = ""
    inputs: int | None = None
    outputs: int | None = None
    activation: str = ""
    functions: tuple[Any, ...] = ()
    parameters: tuple[Parameter, ...] = ()

    @property
    def cells(self) -> tuple[str, ...]:
        shape = "" if self.inputs is None else f"{self.inputs} → {self.outputs}"
        number, frozen = len(self.parameters), sum(map(is_frozen, self.parameters))
        count = str(number)
        if frozen:
            count = f"{count} frozen" if frozen == number else f"{count}, {frozen} frozen"
        return self.name, self.neurons, shape, self.activation, count


Part = tuple[str, "Parameter | Module"]
"""A parameter or a module, with its name."""

_named: WeakValueDictionary[int, Module] = WeakValueDictionary()
"""Modules that have named what stands inside of them, by their ids: not every module can be hashed."""


class Module:
    """The base of everything that has parameters.

    To write your own, assign parameters and other modules to attributes (also in lists, tuples, dicts and
    arrays) and say in ``forward`` what it computes.  Parameters without a label get the name of their
    attribute, and layers and neurons without a name too.  Only a ``Parameter`` is trained; a plain ``Value``
    is a constant.  The same holds for a subclass of Neuron, Layer, MLP or Sequential, and for what stands in the
    class itself, which all modules of that class share.

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
        if not self._is_own and _named.get(id(self)) is not self:
            self._name_inside()
            _named[id(self)] = self
        return self.forward(*inputs, **named_inputs)

    def forward(self, *inputs: Any, **named_inputs: Any) -> Any:
        """What the module computes from its inputs; your own module says it here."""
        name = type(self).__name__
        raise NotImplementedError(f"{name} does not say what it computes; give it a method forward(self, x)")

    def __setattr__(self, name: str, value: Any) -> None:
        parts = [] if type(value) in PLAIN else list(find_parts(name, value))
        super().__setattr__(name, value)
        if parts:
            self._name_parts(
                [part for part in parts if name not in self._holders or isinstance(part[1], Parameter)]
            )

    _is_own = False
    """True for the classes of nn, which name their parts when they are made."""

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        cls._is_own = cls.__module__.startswith("nn.")
        if not cls._is_own and not hasattr(cls, "__getattr__"):
            setattr(cls, "__getattr__", not_there)  # noqa: B010

    _holders: ClassVar[frozenset[str]] = frozenset()
    """Attributes of nn's own classes: with parts that have names of their own (the neurons of a layer), or none."""

    def _own_parts(self) -> list[Part]:
        """The parts in ``_holders``, each with its name."""
        return []

    def _parts_in_attributes(self) -> list[Part]:
        """The parts in all other attributes, each with its name."""
        if self._is_own and vars(self).keys() <= self._holders:
            return []
        attributes = [(name, value) for name, value in self._attributes().items() if name not in self._holders]
        return [part for name, value in attributes for part in find_parts(name, value)]

    def _attributes(self) -> dict[str, Any]:
        """All attributes: those of the classes that users wrote, also in ``__slots__``, and the module's own."""
        found: dict[str, Any] = {}
        for kind in reversed(type(self).__mro__):
            if kind not in (object, Module) and not getattr(kind, "_is_own", False):
                found |= {name: value for name, value in vars(kind).items() if not name.startswith("__")}
        slots = [name for name, value in found.items() if isinstance(value, MemberDescriptorType)]
        return found | {name: getattr(self, name) for name in slots if hasattr(self, name)} | vars(self)

    def _parts(self) -> list[Part]:
        """The parameters and modules that this one directly consists of, each with its name."""
        return self._own_parts() + self._parts_in_attributes()

    def _name_inside(self) -> None:
        """Name what stands in attributes, also what a list or dict got after it was assigned."""
        self._name_parts(self._parts_in_attributes())

    def _name_parts(self, parts: Iterable[Part], place: str = "", visited: set[int] | None = None) -> None:
        """Name parts by the attributes in which they stand, unless they have a name; modules also by the place."""
        for name, part in parts:
            if isinstance(part, Module):
                part._take_place(f"{place}.{name}" if place else name, visited or {id(self)})
            else:
                part.label = part.label or name

    def _take_place(self, place: str, visited: set[int]) -> None:
        """Tell everything inside that this module is called ``place`` in a larger one."""
        if id(self) not in visited:
            visited.add(id(self))
            self._name_under(place, visited)
            self._name_parts(self._parts_in_attributes(), place, visited)

    def _name_under(self, place: str, visited: set[int]) -> None:
        """Put ``place`` before the names of the parts in ``_holders``."""

    def named_parameters(self) -> dict[str, Parameter]:
        """Every parameter by its name, in a fixed order; one that is used in several places comes once.

        Raises:
            StateError: if two different parameters would get the same name.
        """
        self._name_inside()
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

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze all parameters (False), or let them be trained again (True); gives the module itself.

        >>> line = Module()
        >>> line.slope = Parameter(2.0)
        >>> print(line.requires_grad_(False).summary().splitlines()[-1])
        total: 1 parameter, 1 of them frozen
        """
        for parameter in self.named_parameters().values():
            parameter.requires_grad_(requires_grad)
        return self

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
        numbers, problems = numbers_in_state(self, state)
        if problems:
            raise StateError(does_not_fit(self, problems))
        parameters = self.named_parameters()
        for name, number in numbers.items():
            parameters[name].data = number

    def summary(self) -> str:
        """A table of the layers: names, inputs → outputs, activation, and how many parameters each has.

        A parameter that several layers share is counted where it comes first.
        """
        parameters = list(self.named_parameters().values())
        frozen = sum(is_frozen(parameter) for parameter in parameters)
        total = count_of(len(parameters), "parameter") + (f", {frozen} of them frozen" if frozen else "")
        rows = [list(map(printable, row.cells)) for row in self._rows("", set())]
        head = ("layer", "neurons", "in → out", "activation", "parameters")
        widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
        lines = []
        for row in [head, *rows]:
            cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
            lines.append("  ".join([*cells, row[-1].rjust(widths[-1])]))
        ruler = "-" * len(lines[0])
        return "\n".join([lines[0], ruler, *lines[1:], ruler, f"total: {total}"])

    def _rows(self, name: str, seen: set[int]) -> list[Row]:
        """The lines of the summary for this module, which is called ``name`` in the one that contains it.

        ``seen`` holds the ids of the parameters that are counted, and of the modules that we are in.
        """
        if id(self) in seen:
            return []
        seen.add(id(self))
        rows = self._rows_of_own_parts(name, seen)
        for part_name, part in self._parts_in_attributes():
            path = f"{name}.{part_name}" if name else part_name
            rows += part._rows(path, seen) if isinstance(part, Module) else [counted(Row(path), [part], seen)]
        seen.remove(id(self))
        return rows

    def _rows_of_own_parts(self, name: str, seen: set[int]) -> list[Row]:
        """The lines for the parts in ``_holders``."""
        return []

    def __repr__(self) -> str:
        return f"{printable(type(self).__name__)} with {count_of(len(self.parameters()), 'parameter')}"


def not_there(module: Module, name: str) -> Any:
    """``__getattr__`` of the classes that users write, whose ``__init__`` may not call the one that it replaces."""
    if name in module._holders:
        kind = type(module).__name__
        raise AttributeError(
            f"this {kind} has no {name!r} yet: its __init__ must call super().__init__(...) first",
            name=name,
            obj=module,
        )
    return module.__getattribute__(name)


PLAIN = frozenset((bool, float, int, str, NoneType))
"""What nothing can stand inside of."""


def find_parts(name: str, value: Any, inside: frozenset[int] = frozenset()) -> Iterator[Part]:
    """The parameters and modules in an attribute, looked for in lists, tuples, dicts and arrays, with their names.

    ``inside`` holds the containers that we are in, so that one which contains itself does no harm.

    Raises:
        StateError: for a set of them, which has no order and so no names.
    """
    if isinstance(value, (Parameter, Module)):
        yield name, value
    elif isinstance(value, (set, frozenset)):
        if any(isinstance(part, (Parameter, Module)) for part in value):
            raise StateError(f"{name!r} is a set, which has no order: put its parameters and modules into a list")
    elif isinstance(value, (list, tuple, dict, deque)) and id(value) not in inside:
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        inside |= {id(value)}
        for key, part in parts:
            # The two things that most lists are made of need no further look.
            if isinstance(part, Parameter):
                yield f"{name}.{key}", part
            elif type(part) not in PLAIN:
                yield from find_parts(f"{name}.{key}", part, inside)
    elif hasattr(type(value), "dtype") and getattr(value.dtype, "kind", "") == "O":
        yield from find_parts(name, value.tolist(), inside)


def collect_parameters(module: Module, prefix: str, found: dict[str, Parameter], visited: set[int]) -> None:
    """Add the parameters of ``module`` to ``found``, and then those of the modules inside it."""
    visited.add(id(module))
    for name, part in module._parts():
        if id(part) in visited:
            continue
        visited.add(id(part))
        path = prefix + name
        if isinstance(part, Module):
            collect_parameters(part, f"{path}.", found, visited)
        elif found.setdefault(path, part) is not part:
            raise StateError(f"two different parameters are both named {path!r}; rename one of them")
        else:
            part.label = part.label or path


def numbers_in_state(module: Module, state: Mapping[str, Any]) -> tuple[dict[str, float], list[str]]:
    """The number of each parameter in a state, and all reasons why the state does not fit."""
    if not isinstance(state, Mapping):
        raise StateError(
            f"a state is a dict from names to numbers, as state_dict() gives it, but got {describe(state)}"
        )
    parameters = module.named_parameters()
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
    return numbers, [f"{what}: {some_of(names)}" for what, names in problems.items() if names]


def does_not_fit(module: Module, problems: list[str]) -> str:
    return "\n  ".join([f"this state does not fit {module!r}:", *problems, "Nothing was changed."])


def is_frozen(parameter: Value) -> bool:
    return isinstance(parameter, FrozenParameter)


def counted(row: Row, parameters: Iterable[Parameter], seen: set[int]) -> Row:
    """A line with those parameters that stand in no line before."""
    new = {id(parameter): parameter for parameter in parameters if id(parameter) not in seen}
    seen.update(new)
    return replace(row, parameters=tuple(new.values()))


def as_float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf
