"""What ``fit`` was given, looked at before anything is changed: a setting that makes no sense is an error."""

from __future__ import annotations

import random
from typing import Any

from autograd import Value
from autograd.core.node import first_computed
from autograd.errors import text_of
from nn.chance import Chance, Seed
from nn.compiled.compilable import ENGINES
from nn.module import Module
from nn.optim import SGD, Optimizer
from nn.optim.optimizer import checked_parameters
from nn.saving.known import Known
from nn.validation import whole_number


def parameters_of(model: Any, own: Known | None) -> list[Value]:
    """The model's parameters, each one once; ``own`` is what is known about the model if it is nn's own."""
    if own is not None and own.are_plain and own.parameters:
        return list(own.parameters)
    if isinstance(model, type) or not callable(model) or not callable(getattr(model, "parameters", None)):
        raise TypeError(f"a model is called with inputs and has a method parameters(), but this is {model!r:.80}")
    if own is not None:
        parameters = list(own.parameters)
    else:
        if isinstance(model, Module):
            model._name_inside()  # Names come first, so that the model does not change while it is recorded.
        # Here parameters without a label get one.
        parameters = list(dict.fromkeys(checked_parameters(model.parameters())))
    if not parameters:
        raise ValueError(f"the model has no parameters that could be trained: {model!r:.80}")
    if all(parameter.is_constant for parameter in parameters):
        raise ValueError(
            f"all parameters of the model are frozen, so there is nothing to train: {model!r:.80}; "
            "model.requires_grad_() lets them be trained"
        )
    computed = first_computed(parameters)
    if computed is not None:
        raise ValueError(f"{computed!r} was computed from other values; a parameter is a leaf: Value(...)")
    return parameters


def checked_function(name: str, function: Any) -> Any:
    if isinstance(function, type) or not callable(function):
        raise TypeError(f"{name} must be a function, or an object that can be called, but it is {function!r:.80}")
    return function


def checked_optimizer(optimizer: Any) -> Optimizer:
    if optimizer is None:
        return SGD(lr=0.1)
    if isinstance(optimizer, Optimizer):
        return optimizer
    raise TypeError(f"optimizer must be one like nn.SGD(lr=0.1), but it is {text_of(optimizer)}")


def checked_engine(engine: str) -> str:
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, but it is {text_of(engine)}")
    return engine


def checked_unit(unit: str) -> str:
    if unit not in ("epoch", "step"):
        raise ValueError(f"schedule_unit must be 'epoch' or 'step', but it is {text_of(unit)}")
    return unit


def chance_and_seed(seed: Seed) -> tuple[Chance, int | None]:
    """The source of chance, and the seed with which it can be had again (unknown for a given generator)."""
    if callable(getattr(seed, "random", None)):
        return seed, None  # type: ignore[return-value]
    if seed is None:
        # Nobody chose one, so one is drawn: then this run too can be repeated.
        seed = random.SystemRandom().getrandbits(32)
    seed = whole_number("seed", seed, at_least=0)
    return random.Random(seed), seed
