"""Yes or no, or which one of several classes?"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from autograd import Value, dot, log, logsumexp, maximum, relu, softplus, step
from autograd.ops import log_softmax_at
from autograd.program.tracer import Tracer
from nn.losses.pairing import LossError, Numbers, check_probability, number_in, pairs, reduce, reduce_samples

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "categorical_cross_entropy", "cross_entropy",
    "hinge",
]  # fmt: skip

SMALLEST_PROBABILITY = math.exp(-100)
"""Cross entropies treat a probability below this, about 3.7e-44, as this: so no single loss exceeds 100."""


# Yes or no: targets are 0 or 1 (or a probability between)


def binary_cross_entropy(predictions: Numbers, targets: Numbers, reduction: str = "mean") -> Value:
    """-(target·log(p) + (1 - target)·log(1 - p)) for a predicted probability p.

    log(0) is never computed: a probability below e⁻¹⁰⁰ counts as e⁻¹⁰⁰, so that each logarithm is at
    least -100, as in PyTorch.  There the loss is flat: a prediction that is exactly 0 or 1 and wrong gets
    no gradient.  From logits, ``binary_cross_entropy_with_logits`` has no such limit.

    Source: "Training a Neural Network", 24.4.

    Raises:
        ShapeError: if predictions and targets differ in their form.
        LossError: if a prediction or target is not between 0 and 1.

    >>> round(binary_cross_entropy([0.9, 0.2], [1, 0]).data, 6)
    0.164252
    >>> binary_cross_entropy(0.0, 1).data
    100.0
    """
    losses = []
    for p, t in pairs(predictions, targets):
        check_probability("prediction", p, "for logits there is binary_cross_entropy_with_logits")
        check_probability("target", t, "write 1 for yes and 0 for no")
        losses.append(guarded(-(t * safe_log(p) + (1 - t) * safe_log(1 - p)), p))
    return reduce(losses, reduction)


def binary_cross_entropy_with_logits(predictions: Numbers, targets: Numbers, reduction: str = "mean") -> Value:
    """Binary cross entropy of p = σ(z), from the logit z: target·softplus(-z) + (1 - target)·softplus(z).

    For -log(σ(z)) = softplus(-z) and -log(1 - σ(z)) = softplus(z), which cannot overflow and lose
    nothing, however large z is.

    Raises:
        ShapeError: if predictions and targets differ in their form.
        LossError: if a target is not between 0 and 1.

    >>> binary_cross_entropy_with_logits([1000.0, -1000.0], [1, 1], reduction="sum").data
    1000.0
    """
    losses = []
    for z, t in pairs(predictions, targets):
        check_probability("target", t, "write 1 for yes and 0 for no")
        losses.append(t * softplus(-z) + (1 - t) * softplus(z))
    return reduce(losses, reduction)


def hinge(predictions: Numbers, targets: Numbers, reduction: str = "mean") -> Value:
    """max(0, 1 - target·prediction) for targets +1 and -1: the loss of a support vector machine.

    Source: the moons demo of micrograd; Rosasco et al., "Are Loss Functions All the Same?" (2004).

    Raises:
        ShapeError: if predictions and targets differ in their form.
        LossError: if a target is neither 1 nor -1.

    >>> hinge([0.5, -2.0], [1, 1], reduction="sum").data
    3.5
    """
    losses = []
    for p, t in pairs(predictions, targets):
        if number_in(t) not in (1.0, -1.0, None):
            raise LossError(f"hinge takes targets 1 and -1, but got {number_in(t)}; from 0 and 1, write 2 * y - 1")
        losses.append(relu(1 - t * p))
    return reduce(losses, reduction)


# Which one of several classes?


def categorical_cross_entropy(predictions: Numbers, targets: Numbers, reduction: str = "mean") -> Value:
    """-Σ targetᵢ·log(pᵢ) over the classes, for predicted probabilities p; averaged over the samples.

    Predictions are a list with one probability per class, or a list of such lists.  The target of a
    sample is the index of its class or a list of probabilities.  Classes whose target is 0 add nothing
    and are left out.  A probability below e⁻¹⁰⁰ counts as e⁻¹⁰⁰, as in ``binary_cross_entropy``.

    Source: "Training a Neural Network", 24.4.

    Raises:
        ShapeError: if predictions and targets differ in their form.
        LossError: if a prediction is not between 0 and 1, or a target is not a class or its
            probabilities do not add up to 1.

    >>> round(categorical_cross_entropy([0.7, 0.2, 0.1], 0).data, 6)
    0.356675
    >>> round(categorical_cross_entropy([[0.7, 0.3], [0.4, 0.6]], [0, [0, 1]]).data, 6)
    0.43375
    """

    def loss_of_class(probabilities: list[Any]) -> Callable[[int], Any]:
        for p in probabilities:
            check_probability("prediction", p, "for logits there is cross_entropy")
        return lambda i: guarded(-safe_log(probabilities[i]), *probabilities)

    return reduce_samples(loss_of_class, predictions, targets, reduction)


def cross_entropy(predictions: Numbers, targets: Numbers, reduction: str = "mean") -> Value:
    """Categorical cross entropy of p = softmax(z), from the logits z: -Σ targetᵢ·log_softmax(z)ᵢ.

    It has no limit, however wrong a prediction is.  Predictions and targets have the form that
    ``categorical_cross_entropy`` takes.

    Raises:
        ShapeError: if predictions and targets differ in their form.
        LossError: if a target is not a class, or its probabilities do not add up to 1.

    >>> cross_entropy([1000.0, -1000.0], 1).data
    2000.0
    >>> round(cross_entropy([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]], [2, 0]).data, 6)
    0.753109
    """

    def loss_of_class(logits: list[Any]) -> Callable[[int], Any]:
        if any(isinstance(z, Tracer) for z in logits):
            # The same in fewer steps, when no class is known while recording and all have to be there.
            largest = functools.reduce(maximum, logits)
            distances = [z - largest for z in logits]
            log_of_sum = logsumexp(distances)
            return lambda i: log_of_sum - distances[i]
        return lambda i: -log_softmax_at(i)(*logits)

    return reduce_samples(loss_of_class, predictions, targets, reduction, cross_entropy_of_recorded)


def cross_entropy_of_recorded(logits: list[Any], ones: list[Any]) -> Any:
    """The logsumexp of each logit's distance from the true class's, where ``ones`` has 1 for that class.

    Its own distance is 0 whatever the numbers are, and so is multiplied by 0: no slope goes back there to cancel.
    """
    true = dot(ones, logits)
    return logsumexp([(1 - one) * (z - true) for one, z in zip(ones, logits, strict=True)])


def safe_log(p: Any) -> Any:
    """The logarithm of a probability, never of 0."""
    return log(maximum(p, SMALLEST_PROBABILITY))


def guarded(loss: Any, *probabilities: Any) -> Any:
    """The loss; on a tape, where nobody can look at a number, it is finite only if all are probabilities."""
    for p in probabilities:
        if isinstance(p, Tracer):
            # 1/(1 - 0) inside, and 1/0 outside.
            inside = 1 / (1 - maximum(step(-p), step(p - 1)))
            inside.label = "is a prediction a probability, from 0 to 1?"
            loss = loss + (inside - 1)
    return loss
