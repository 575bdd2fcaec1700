"""Gradient clipping: keep the gradients short before a step."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograd import NumberOverflowError, Value
from autograd.core.modes import ieee_is_on
from autograd.value import has_gradient
from nn.optim.optimizer import checked_parameters
from nn.validation import real_number


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
