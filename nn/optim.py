"""Optimizers: how every parameter moves, given its gradient.  One class for each rule, and gradient clipping.

>>> import nn.optim
>>> from autograd import Value
>>> w = Value(3.0, "w")
>>> (w * w).backward()
>>> nn.optim.SGD(lr=0.1).step([w])
>>> w.data
2.4

Each rule is the method ``update``: plain arithmetic on one parameter, without an ``if`` on its
numbers.  The same few lines therefore run on floats (``step`` does that), on NumPy vectors of
parameters, and on Values, where they become part of a graph.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable
from functools import cache
from math import isfinite
from typing import Any, ClassVar
from weakref import ref

from autograd import GradientError, NumberOverflowError, Value, sqrt
from autograd.core.modes import ieee_is_on
from autograd.errors import DomainError, text_of
from autograd.value import has_gradient
from nn.memory import Memory, Remembered
from nn.validation import first_line, real_number

__all__ = ["Adagrad", "Adam", "AdamW", "Optimizer", "RMSProp", "SGD", "clip_gradient_norm", "clip_gradient_value"]

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
        moves: list[tuple[Value, float]] = []
        entries: dict[ref[Value], Remembered] = {}
        update = self.update
        for parameter, reference, (count, state) in zip(parameters, references, remembered):  # noqa: B905
            gradient = parameter.grad
            if not gradient and not has_gradient(parameter):
                continue
            count += 1
            try:
                data, state = update(parameter.data, float(gradient), state, count, rate)
            except (ArithmeticError, DomainError) as error:
                raise self._failure(parameter, rate, error) from error
            # A number that is not finite makes the sum infinite too, or nan.
            if not isfinite(sum(state, data)) and not (all(map(isfinite, (data, *state))) or ieee_is_on()):
                raise self._failure(parameter, rate, None)
            moves.append((parameter, data))
            entries[reference] = (count, state)
        if parameters and not moves:
            if all(parameter.is_constant for parameter in parameters):
                raise GradientError(
                    f"all {len(parameters)} parameters are frozen: requires_grad_() lets them be trained"
                )
            raise GradientError(
                f"none of the {len(parameters)} parameters has a gradient: call loss.backward() first, then step()"
            )
        for parameter, data in moves:
            parameter.data = data
        self.memory.entries = self.memory.entries | entries

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
        remembered: list[Any] = list(map(self.memory.entries.get, references))
        if not all(remembered):
            self.memory.add(parameters, (0, self.initial_state()))
            remembered = list(map(self.memory.entries.get, references))
        return references, remembered

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


class SGD(Optimizer):
    """Gradient descent: each parameter goes a step against its gradient, p ← p - lr·g.

    With momentum μ the steps gather speed, v ← μ·v + g and p ← p - lr·v; Nesterov's variant looks
    one step ahead, p ← p - lr·(g + μ·v).  Weight decay λ adds λ·p to the gradient.

    Sources: Robbins and Monro, "A Stochastic Approximation Method" (1951); Polyak (1964) for momentum;
    Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013),
    section 2, for Nesterov's, in the form that PyTorch uses.

    Raises:
        ValueError: for a setting out of its range, or nesterov without momentum.

    >>> SGD(lr=0.1).update(3.0, 6.0, (0.0,), step=1, lr=0.1)[0]
    2.4
    """

    state_names = ("velocity",)

    def __init__(
        self, lr: float = 0.001, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0
    ) -> None:
        super().__init__(lr)
        self.momentum = real_number("momentum", momentum)
        self.nesterov = bool(nesterov)
        self.weight_decay = real_number("weight_decay", weight_decay)
        if nesterov and not self.momentum:
            raise ValueError("nesterov=True needs a momentum above 0: SGD(lr=0.1, momentum=0.9, nesterov=True)")

    def update(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        if self.weight_decay:
            gradient = with_weight_decay(gradient, parameter, self.weight_decay)
        if not self.momentum:
            return parameter - lr * gradient, state
        (velocity,) = state
        velocity = self.momentum * velocity + gradient
        direction = gradient + self.momentum * velocity if self.nesterov else velocity
        return parameter - lr * direction, (velocity,)


class Adagrad(Optimizer):
    """Smaller steps for parameters that have had large gradients: p ← p - lr·g / (√s + ε), s ← s + g².

    s sums up all squared gradients so far.  With lr_decay η the rate of step t is lr / (1 + (t - 1)·η).

    Source: Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization" (2011), in the form that PyTorch uses.

    Raises:
        ValueError: for a setting out of its range.

    >>> round(Adagrad(lr=0.1).update(3.0, 6.0, (0.0,), step=1, lr=0.1)[0], 6)
    2.9
    """

    state_names = ("sum_of_squares",)

    def __init__(
        self,
        lr: float = 0.01,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(lr)
        self.lr_decay = real_number("lr_decay", lr_decay)
        self.weight_decay = real_number("weight_decay", weight_decay)
        self.initial_accumulator_value = real_number("initial_accumulator_value", initial_accumulator_value)
        self.eps = real_number("eps", eps)

    def initial_state(self) -> State:
        return (self.initial_accumulator_value,)

    def update(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        (sum_of_squares,) = state
        gradient = with_weight_decay(gradient, parameter, self.weight_decay)
        sum_of_squares = sum_of_squares + gradient * gradient
        rate = lr / (1 + (step - 1) * self.lr_decay) if self.lr_decay else lr
        return parameter - rate * gradient / (sqrt(sum_of_squares) + self.eps), (sum_of_squares,)


class RMSProp(Optimizer):
    """Steps divided by the recent size of the gradient: p ← p - lr·g / (√s + ε), s ← α·s + (1 - α)·g².

    With momentum μ: v ← μ·v + g / (√s + ε) and p ← p - lr·v.  PyTorch writes it RMSprop.

    Source: Tieleman and Hinton, "Lecture 6.5: rmsprop", Neural Networks for Machine Learning,
    Coursera (2012), in the form that PyTorch uses (not centered).

    Raises:
        ValueError: for a setting out of its range.

    >>> round(RMSProp(lr=0.1).update(3.0, 6.0, (0.0, 0.0), step=1, lr=0.1)[0], 6)
    2.0
    """

    state_names = ("mean_of_squares", "velocity")

    def __init__(
        self,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(lr)
        self.alpha = real_number("alpha", alpha, below=1.0)
        self.eps = real_number("eps", eps)
        self.weight_decay = real_number("weight_decay", weight_decay)
        self.momentum = real_number("momentum", momentum)

    def update(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        mean_of_squares, velocity = state
        gradient = with_weight_decay(gradient, parameter, self.weight_decay)
        mean_of_squares = self.alpha * mean_of_squares + (1 - self.alpha) * (gradient * gradient)
        scaled = gradient / (sqrt(mean_of_squares) + self.eps)
        if not self.momentum:
            return parameter - lr * scaled, (mean_of_squares, velocity)
        velocity = self.momentum * velocity + scaled
        return parameter - lr * velocity, (mean_of_squares, velocity)


class Adam(Optimizer):
    """Momentum and a scale for each parameter, both from running means: p ← p - lr·m̂ / (√v̂ + ε).

    m ← β₁·m + (1 - β₁)·g and v ← β₂·v + (1 - β₂)·g² begin at 0; m̂ = m / (1 - β₁ᵗ) and
    v̂ = v / (1 - β₂ᵗ) make up for that in step t.  Weight decay λ adds λ·p to the gradient.

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1.

    Raises:
        ValueError: for a setting out of its range.

    >>> round(Adam(lr=0.1).update(3.0, 6.0, (0.0, 0.0), step=1, lr=0.1)[0], 6)
    2.9
    """

    state_names = ("mean", "mean_of_squares")

    def __init__(
        self,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr)
        self.betas = checked_betas(betas)
        self.eps = real_number("eps", eps)
        self.weight_decay = real_number("weight_decay", weight_decay)

    def update(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        gradient = with_weight_decay(gradient, parameter, self.weight_decay)
        return self.adaptive_step(parameter, gradient, state, step, lr)

    def adaptive_step(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        """Algorithm 1 of the paper, without weight decay."""
        mean, mean_of_squares = state
        beta1, beta2 = self.betas
        mean = beta1 * mean + (1 - beta1) * gradient
        mean_of_squares = beta2 * mean_of_squares + (1 - beta2) * (gradient * gradient)
        unbiased_mean = mean / (1 - beta1**step)
        unbiased_mean_of_squares = mean_of_squares / (1 - beta2**step)
        moved = parameter - lr * unbiased_mean / (sqrt(unbiased_mean_of_squares) + self.eps)
        return moved, (mean, mean_of_squares)


class AdamW(Adam):
    """Adam whose weight decay does not pass through the gradient: first p ← p - lr·λ·p, then Adam's step.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2.

    Raises:
        ValueError: for a setting out of its range.

    >>> round(AdamW(lr=0.1, weight_decay=0.5).update(3.0, 6.0, (0.0, 0.0), step=1, lr=0.1)[0], 6)
    2.75
    """

    def __init__(
        self,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(lr, betas, eps, weight_decay)

    def update(self, parameter: Any, gradient: Any, state: State, step: Any, lr: Any) -> tuple[Any, State]:
        return self.adaptive_step(parameter - lr * self.weight_decay * parameter, gradient, state, step, lr)


def with_weight_decay(gradient: Any, parameter: Any, weight_decay: float) -> Any:
    """The gradient of the loss plus that of ½·λ·p², the penalty which draws a parameter to 0."""
    return gradient + weight_decay * parameter if weight_decay else gradient


# Gradient clipping


def clip_gradient_value(parameters: Iterable[Value], limit: float) -> None:
    """Bring each gradient into the interval from -limit to limit.

    Raises:
        ValueError: if limit is not above 0.

    >>> w = Value(3.0)
    >>> (w * w).backward()
    >>> clip_gradient_value([w], 1.0)
    >>> w.grad
    1.0
    """
    limit = real_number("limit", limit, above=0.0)
    for parameter in checked_parameters(parameters):
        if has_gradient(parameter):
            parameter.grad = max(min(float(parameter.grad), limit), -limit)


def clip_gradient_norm(parameters: Iterable[Value], max_norm: float) -> float:
    """Shorten the gradient to the length max_norm if it is longer, and return the length that it had.

    All gradients g together are one vector: g ← g · max_norm / (‖g‖ + 10⁻⁶) if that is shorter.
    (Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013),
    section 3.2; the 10⁻⁶ is PyTorch's.)

    Raises:
        ValueError: if max_norm is not above 0.
        NumberOverflowError: if the norm is too large for a float; then nothing is changed.

    >>> a, b = Value(3.0), Value(4.0)
    >>> (a * a + b * b).backward()
    >>> clip_gradient_norm([a, b], 1.0)
    10.0
    >>> round(a.grad, 6), round(b.grad, 6)
    (0.6, 0.8)
    """
    max_norm = real_number("max_norm", max_norm, above=0.0)
    parameters = checked_parameters(parameters)
    norm = gradient_norm(parameters)
    if not math.isfinite(norm) and not ieee_is_on():
        largest = max(parameters, key=lambda parameter: abs(parameter.grad or 0.0))
        raise NumberOverflowError(
            f"the norm of the gradient is not finite; the gradient of {largest.label or 'one parameter'} "
            f"alone is {largest.grad}"
        )
    factor = max_norm / (norm + 1e-6)
    if not factor >= 1.0:
        for parameter in parameters:
            if has_gradient(parameter):
                parameter.grad *= factor
    return norm


def gradient_norm(parameters: Iterable[Value]) -> float:
    """The length of the gradient: the square root of the sum of all squares, without squaring large numbers."""
    return math.hypot(*[parameter.grad or 0.0 for parameter in parameters])


def checked_betas(betas: Any) -> tuple[float, float]:
    if not isinstance(betas, (tuple, list)) or len(betas) != 2:
        raise ValueError(f"betas must be two numbers like (0.9, 0.999), but it is {text_of(betas)}")
    return real_number("betas[0]", betas[0], below=1.0), real_number("betas[1]", betas[1], below=1.0)


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
    for parameter in parameters:
        if not isinstance(parameter, Value):
            raise TypeError(f"a parameter must be a Value, but this one is {parameter!r:.80}")
    return parameters
