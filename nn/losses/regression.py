"""How far off is a number?"""

from __future__ import annotations

from autograd import Value, absolute, minimum
from nn.losses.pairing import Numbers, pairs, reduce
from nn.validation import real_number

__all__ = ["half_squared_error", "huber", "mean_absolute_error", "mean_squared_error"]


def half_squared_error(predictions: Numbers, targets: Numbers, reduction: str = "mean") -> Value:
    """½·(prediction - target)², whose derivative is the error itself: dL/dprediction = prediction - target.

    Source: "Training networks", where the delta of a weight is input · error.

    Raises:
        ShapeError: if predictions and targets differ in their form.

    >>> half_squared_error([3.0, 1.0], [1.0, 1.0], reduction="sum").data
    2.0
    """
    return reduce([0.5 * (p - t) ** 2 for p, t in pairs(predictions, targets)], reduction)


def mean_squared_error(predictions: Numbers, targets: Numbers, reduction: str = "mean") -> Value:
    """(prediction - target)², averaged over all numbers.

    Source: "Training a Neural Network", 24.4.

    Raises:
        ShapeError: if predictions and targets differ in their form.

    >>> mean_squared_error([3.0, 1.0], [1.0, 1.0]).data
    2.0
    """
    return reduce([(p - t) ** 2 for p, t in pairs(predictions, targets)], reduction)


def mean_absolute_error(predictions: Numbers, targets: Numbers, reduction: str = "mean") -> Value:
    """|prediction - target|, averaged over all numbers; its slope at 0 is taken to be 0.

    Source: "Training a Neural Network", 24.4.

    Raises:
        ShapeError: if predictions and targets differ in their form.

    >>> mean_absolute_error([3.0, 1.0], [1.0, 1.5]).data
    1.25
    """
    return reduce([absolute(p - t) for p, t in pairs(predictions, targets)], reduction)


def huber(predictions: Numbers, targets: Numbers, reduction: str = "mean", delta: float = 1.0) -> Value:
    """½·error² up to |error| = δ, and from there on the straight line δ·(|error| - ½δ).

    With m = min(|error|, δ) both are ½·m² + δ·(|error| - m).

    Source: Huber, "Robust Estimation of a Location Parameter" (1964).

    Raises:
        ShapeError: if predictions and targets differ in their form.
        ValueError: if delta is not above 0.

    >>> huber([3.0, 1.5], [1.0, 1.0], reduction="sum").data
    1.625
    """
    delta = real_number("delta", delta, above=0.0)
    losses = []
    for p, t in pairs(predictions, targets):
        size = absolute(p - t)
        quadratic = minimum(size, delta)
        losses.append(0.5 * quadratic**2 + delta * (size - quadratic))
    return reduce(losses, reduction)
