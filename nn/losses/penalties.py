"""Penalties on large weights, to be added to a loss."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograd import Value, absolute, total
from nn.module import Module
from nn.validation import real_number


def l1_penalty(parameters: Module | Iterable[Value], strength: float) -> Value:
    """strength · Σ|w| over the parameters (of a module, or a list of them): it pushes weights to exactly 0.

    Source: Tibshirani, "Regression Shrinkage and Selection via the Lasso" (1996).

    Raises:
        ValueError: if strength is negative or not finite.

    >>> l1_penalty([Value(3.0), Value(-4.0)], strength=0.5).data
    3.5
    """
    return penalty([absolute(w) for w in parameters_in(parameters)], strength)


def l2_penalty(parameters: Module | Iterable[Value], strength: float) -> Value:
    """strength · Σw² over the parameters (of a module, or a list of them): it keeps weights small.

    Its derivative is 2·strength·w: for SGD, strength ½λ does the same as ``weight_decay`` λ.

    Source: Hoerl and Kennard, "Ridge Regression" (1970); the moons demo of micrograd.

    Raises:
        ValueError: if strength is negative or not finite.

    >>> l2_penalty([Value(3.0), Value(-4.0)], strength=0.5).data
    12.5
    """
    return penalty([w**2 for w in parameters_in(parameters)], strength)


@dataclass(frozen=True)
class L1:
    """An L1 penalty with a fixed strength, ready to be given to ``fit(penalty=...)``.

    >>> L1(0.5)([Value(3.0), Value(-4.0)]).data
    3.5
    """

    strength: float

    def __post_init__(self) -> None:
        real_number("strength", self.strength)

    def __call__(self, parameters: Module | Iterable[Value]) -> Value:
        return l1_penalty(parameters, self.strength)


@dataclass(frozen=True)
class L2:
    """An L2 penalty with a fixed strength, ready to be given to ``fit(penalty=...)``.

    >>> L2(0.5)([Value(3.0), Value(-4.0)]).data
    12.5
    """

    strength: float

    def __post_init__(self) -> None:
        real_number("strength", self.strength)

    def __call__(self, parameters: Module | Iterable[Value]) -> Value:
        return l2_penalty(parameters, self.strength)


def parameters_in(given: Module | Iterable[Value]) -> list[Value]:
    return [*given.parameters()] if isinstance(given, Module) else list(given)


def penalty(sizes: list[Value], strength: float) -> Value:
    strength = real_number("strength", strength)
    result: Value = strength * total(sizes) if sizes else Value(0.0)
    return result
