"""Learning rate schedules: how the learning rate changes while a network learns.

A schedule is any function ``schedule(epoch, lr) -> lr``.  ``epoch`` counts from 0 (steps, if you
prefer, with ``fit(..., schedule_unit="step")``), ``lr`` is the optimizer's own learning rate.

>>> halve = StepSchedule(step_size=10, gamma=0.5)
>>> [halve(epoch, 0.1) for epoch in (0, 9, 10, 20)]
[0.1, 0.1, 0.05, 0.025]
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd import cos, maximum, minimum
from nn.validation import real_number, whole_number


@dataclass(frozen=True)
class StepSchedule:
    """Multiply the rate by gamma after every step_size epochs: lr · γ^⌊epoch / step_size⌋.

    Raises:
        ValueError: if step_size is below 1 or gamma not above 0.
    """

    step_size: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        whole_number("step_size", self.step_size)
        real_number("gamma", self.gamma, above=0.0)

    def __call__(self, epoch: Any, lr: Any) -> Any:
        return lr * self.gamma ** (epoch // self.step_size)


@dataclass(frozen=True)
class ExponentialSchedule:
    """Multiply the rate by gamma after every epoch: lr · γ^epoch.

    Raises:
        ValueError: if gamma is not above 0.

    >>> round(ExponentialSchedule(gamma=0.9)(2, 1.0), 6)
    0.81
    """

    gamma: float

    def __post_init__(self) -> None:
        real_number("gamma", self.gamma, above=0.0)

    def __call__(self, epoch: Any, lr: Any) -> Any:
        return lr * self.gamma**epoch


@dataclass(frozen=True)
class CosineSchedule:
    """Go from lr to eta_min along half a cosine: eta_min + (lr - eta_min) · (1 + cos(π·epoch / T_max)) / 2.

    It reaches eta_min at epoch T_max.  (Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent
    with Warm Restarts" (2017), equation 5, without restarts.)  After that it rises again, like PyTorch's.

    Raises:
        ValueError: if T_max is below 1 or eta_min below 0.

    >>> [round(CosineSchedule(T_max=10)(epoch, 0.1), 3) for epoch in (0, 5, 10)]
    [0.1, 0.05, 0.0]
    """

    T_max: int
    eta_min: float = 0.0

    def __post_init__(self) -> None:
        whole_number("T_max", self.T_max)
        real_number("eta_min", self.eta_min)

    def __call__(self, epoch: Any, lr: Any) -> Any:
        return self.eta_min + (lr - self.eta_min) * (1 + cos(math.pi * epoch / self.T_max)) / 2


@dataclass(frozen=True)
class LinearWarmup:
    """Begin with start_factor · lr, rise in a straight line to lr, and then follow another schedule.

    The rate is lr · (f + (1 - f) · epoch / total_iters) for the first total_iters epochs; after them
    ``then`` counts its epochs from 0.  Without ``then`` the rate stays at lr.

    Raises:
        ValueError: if total_iters is below 1 or start_factor not between 0 and 1.
        TypeError: if ``then`` is not a schedule.

    >>> warm = LinearWarmup(total_iters=4, start_factor=0.5, then=ExponentialSchedule(0.1))
    >>> [round(warm(epoch, 1.0), 3) for epoch in range(7)]
    [0.5, 0.625, 0.75, 0.875, 1.0, 0.1, 0.01]
    """

    total_iters: int
    start_factor: float = 1 / 3
    then: Callable[[Any, Any], Any] | None = None

    def __post_init__(self) -> None:
        whole_number("total_iters", self.total_iters)
        real_number("start_factor", self.start_factor, below=1.0)
        if self.then is not None and not callable(self.then):
            raise TypeError(f"then must be a schedule like CosineSchedule(T_max=50), but it is {self.then!r}")

    def __call__(self, epoch: Any, lr: Any) -> Any:
        warmth = minimum(epoch / self.total_iters, 1.0)
        factor = self.start_factor + (1 - self.start_factor) * warmth
        if self.then is not None:
            lr = self.then(maximum(epoch - self.total_iters, 0), lr)
        return factor * lr
