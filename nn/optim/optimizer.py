"""What all optimizers share: the step that applies the rule to each parameter, and the state to go on from."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable
from functools import cache
from math import isfinite
from typing import Any, ClassVar
from weakref import ref

from autograd import GradientError, NumberOverflowError, Value
from autograd.core.modes import ieee_is_on
from autograd.errors import DomainError
from autograd.value import has_gradient
from nn.optim.state import Listed, Memory, Remembered
from nn.validation import first_line, real_number

State = tuple[Any, ...]
"""What a rule remembers about one parameter: as many numbers as it has ``state_names``."""


class Optimizer:
    """What all optimizers share: it calls the rule for each parameter and keeps what the rule remembers.

    Your own optimizer is a subclass with an ``update`` and, if it remembers anything, ``state_names``.
    Its settings are attributes named like the arguments of its ``__init__``.

    >>> from autograd import Value, sign
    >>> class SignSGD(Optimizer):
    ...     def update(self, parameter, gradient, state, step, lr):
    ...         return parameter - lr * sign(gradient), state
    >>> w = Value(3.0)
    >>> (w * w).backward()
    >>> SignSGD(lr=0.5).step([w])
    >>> w.data
    2.5
    """

    state_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, lr: float = 0.001) -> None:
        self.lr = real_number("lr", lr)
        # For each parameter, as long as it is there: how many updates it has had, and the rule's state.
        self.memory = Memory()
        self._loaded: list[tuple[int, State]] | None = None

    def update(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        """The rule itself: the new parameter and the new state.  It changes nothing.

        Args:
            parameter, gradient: floats, NumPy arrays of one shape, or Values.
            state: one number (array, Value) for each of ``state_names``.
            step: 1 for the first update of this parameter, then 2, 3, ...
            lr: the learning rate of this update.
        """
        raise NotImplementedError(
            f"{type(self).__name__} needs a method update(parameter, gradient, state, step, lr)"
        )

    def initial_state(self) -> State:
        """The state before the first update."""
        return (0.0,) * len(self.state_names)

    def step(self, parameters: Iterable[Value], lr: float | None = None) -> None:
        """Move each parameter once, as its ``.grad`` says; those without a gradient stay where they are.

        All new values are computed before the first one is stored.

        Args:
            parameters: the Values to be changed, ``model.parameters()``.
            lr: the learning rate for this step only; the optimizer's own, unless given.

        Raises:
            GradientError: if no parameter has a gradient.
            NumberOverflowError, DomainError: if a new value is not finite.
            ValueError: if a loaded state was made for another number of parameters.
        """
        parameters = checked_parameters(parameters)
        rate = self.lr if lr is None else real_number("lr", lr)
        references, remembered = self.prepare(parameters)
        numbers: list[float] = []
        now: list[Remembered] = []
        has_moved = False
        update = self.update
        for parameter, (count, state) in zip(parameters, remembered):  # noqa: B905
            data, gradient = parameter.data, parameter.grad
            if gradient or has_gradient(parameter):
                has_moved = True
                count += 1
                try:
                    data, state = update(data, float(gradient), state, count, rate)
                except (ArithmeticError, DomainError) as error:
                    raise self._failure(parameter, rate, error) from error
                # A number that is not finite makes the sum infinite too, or nan.
                if not isfinite(sum(state, data)) and not (all(map(isfinite, (data, *state))) or ieee_is_on()):
                    raise self._failure(parameter, rate, None)
            numbers.append(data)
            now.append((count, state))
        if parameters and not has_moved:
            if all(parameter.is_constant for parameter in parameters):
                raise GradientError(
                    f"all {len(parameters)} parameters are frozen: requires_grad_() lets them be trained"
                )
            raise GradientError(
                f"none of the {len(parameters)} parameters has a gradient: call loss.backward() first, then step()"
            )
        for parameter, data in zip(parameters, numbers):  # noqa: B905
            parameter.data = data
        self.memory.leave(Listed(references, now))

    def prepare(self, parameters: list[Value]) -> tuple[list[ref[Value]], list[Remembered]]:
        """Give each parameter its place in the memory, with a loaded state if there is one.

        ``step`` does this by itself.  Returns, for each parameter, its place and what is remembered there.

        Raises:
            ValueError: if a loaded state was made for another number of parameters.
        """
        if self._loaded is not None:
            if len(self._loaded) != len(parameters):
                raise ValueError(
                    f"the loaded state of {type(self).__name__} belongs to {len(self._loaded)} parameters, "
                    f"but step() was given {len(parameters)}: load it for the model that it was saved with"
                )
            self.memory = Memory(zip(parameters, self._loaded, strict=True))
            self._loaded = None
        references = list(map(ref, parameters))
        remembered = self.memory.listed(references)
        if not all(remembered):
            self.memory.add(parameters, (0, self.initial_state()))
            remembered = self.memory.listed(references)
        return references, remembered

    def take_loaded(self, parameters: list[Value]) -> None:
        """Give each parameter its part of a loaded state, if there is one.

        Raises:
            ValueError: if it was made for another number of parameters.
        """
        if self._loaded is not None:
            self.prepare(parameters)

    def _failure(self, parameter: Value, lr: float, error: Exception | None) -> NumberOverflowError | DomainError:
        kind = DomainError if isinstance(error, (DomainError, ZeroDivisionError)) else NumberOverflowError
        cause = f"  {first_line(error)}\n" if error else ""
        return kind(
            f"the update of {parameter.label or 'a parameter'} by {type(self).__name__} has no finite result: "
            f"data = {parameter.data}, gradient = {parameter.grad}, lr = {lr}\n{cause}"
            "  Nothing was changed.  A smaller lr, or clip_gradient_norm() before step(), keeps updates small."
        )

    # what is needed to go on another day

    def hyperparameters(self) -> dict[str, Any]:
        """The settings by name, as the constructor takes them."""
        return {name: getattr(self, name) for name in names_of_settings(type(self))}  # type: ignore[arg-type]

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on later, as plain data that JSON can hold.

        The parameters' states stand in the order in which ``step`` first met the parameters.

        >>> from nn.optim import SGD
        >>> SGD(lr=0.1, momentum=0.9).state_dict()["hyperparameters"]
        {'lr': 0.1, 'momentum': 0.9, 'nesterov': False, 'weight_decay': 0.0}
        """
        plain = {
            name: list(setting) if isinstance(setting, tuple) else setting
            for name, setting in self.hyperparameters().items()
        }
        entries = self.memory.values() if self._loaded is None else self._loaded
        states = [{"step": count, **dict(zip(self.state_names, state, strict=True))} for count, state in entries]
        return {"optimizer": type(self).__name__, "hyperparameters": plain, "parameters": states}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Go on where ``state_dict()`` was taken: with its settings, and its state for the next ``step()``.

        Raises:
            TypeError, ValueError: if it is not the state of such an optimizer; then nothing is changed.
        """
        kind = type(self).__name__
        expected = {"optimizer", "hyperparameters", "parameters"}
        given: object = saved
        if not isinstance(given, dict) or set(given) != expected:
            raise ValueError(
                f"the state of an optimizer is a dict with {sorted(expected)}, but this is {saved!r:.80}"
            )
        if saved["optimizer"] != kind:
            raise ValueError(f"this is the state of {saved['optimizer']!r:.80}, but the optimizer is {kind}")
        settings, entries = saved["hyperparameters"], saved["parameters"]
        if not isinstance(settings, dict) or set(settings) != set(self.hyperparameters()):
            raise ValueError(
                f"{kind} has the settings {list(self.hyperparameters())}, but these are {settings!r:.80}"
            )
        if not isinstance(entries, list):
            raise ValueError(f"the states of the parameters must be a list, but this is {entries!r:.80}")
        names = ("step", *self.state_names)
        loaded: list[tuple[int, State]] = []
        for position, entry in enumerate(entries, 1):
            if not isinstance(entry, dict) or set(entry) != set(names):
                raise ValueError(f"state {position} must have {list(names)}, but it is {entry!r:.80}")
            count = entry["step"]
            if type(count) is not int or count < 0:
                raise ValueError(
                    f"step of state {position} must be a whole number, 0 or more, but it is {count!r:.80}"
                )
            numbers = [
                real_number(f"{name} of state {position}", entry[name], at_least=-math.inf)
                for name in self.state_names
            ]
            loaded.append((count, tuple(numbers)))
        self.__dict__.update(type(self)(**settings).__dict__)
        self._loaded = loaded

    def __getstate__(self) -> dict[str, Any]:
        # A copy, also a pickled one, goes with copies of the parameters.
        return vars(self) | {"memory": self.memory.items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state | {"memory": Memory(state["memory"])})

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={setting!r}" for name, setting in self.hyperparameters().items())
        return f"{type(self).__name__}({settings})"


@cache
def names_of_settings(kind: type[Optimizer]) -> tuple[str, ...]:
    return tuple(inspect.signature(kind).parameters)


def checked_parameters(parameters: Iterable[Value]) -> list[Value]:
    """The parameters as a list, or a TypeError that says what was given instead."""
    if type(parameters) is not list:
        if isinstance(parameters, dict):
            raise TypeError("parameters must be a list of Values: model.parameters(), not model.named_parameters()")
        if callable(parameters) or isinstance(parameters, (Value, str)) or not isinstance(parameters, Iterable):
            raise TypeError(
                f"parameters must be a list of Values like model.parameters(), but it is {parameters!r:.80}"
            )
        parameters = list(parameters)
    for kind in set(map(type, parameters)):
        if not issubclass(kind, Value):
            wrong = next(parameter for parameter in parameters if type(parameter) is kind)
            raise TypeError(f"a parameter must be a Value, but this one is {wrong!r:.80}")
    return parameters
