"""Metrics: numbers that people understand better than a loss, measured while or after a network learns.

A metric is a function ``metric(predictions, targets)`` of all predictions as plain numbers (a list of
numbers for each sample if there are several outputs).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

from autograd import Value
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    half_squared_error,
    hinge,
    huber,
    mean_absolute_error,
    mean_squared_error,
)

Metric = Callable[[list[Any], list[Any]], float]

LOSSES_OF_SCORES = (binary_cross_entropy_with_logits, hinge)
"""With these a single output is a score (a logit, a margin), and its sign names the class."""

LOSSES_OF_DISTANCE = (binary_cross_entropy, half_squared_error, huber, mean_absolute_error, mean_squared_error)
"""These draw a single output towards its target, and half way between the two targets the class changes."""


def accuracy(predictions: list[Any], targets: list[Any], threshold: float | None = None) -> float:
    """The share of samples whose class is predicted, from 0 to 1.

    With several outputs the largest one names the class, and the target is its number (or a list in
    which it is the largest).  A single output predicts class 1 where it is above the threshold.  Where a
    sample is a sequence, with a list of outputs and a target for each position, every position counts.

    ``nn.fit`` and ``nn.evaluate`` take the threshold that belongs to the loss: 0 for
    ``binary_cross_entropy_with_logits`` and ``hinge``; half way between the targets (0.5, or 0 where they
    are -1 and 1) for squared, absolute and Huber errors and ``binary_cross_entropy``.

    Args:
        predictions: all outputs, each a number or a list of numbers.
        targets: the target of each.
        threshold: where a single output's class changes.  Unless given, it is 0.5 if all predictions lie
            between 0 and 1 and no target is negative (probabilities), and 0 otherwise (logits, margins).

    Raises:
        ValueError: if there are no predictions, or not as many as targets, also of a sequence.

    >>> accuracy([0.9, 0.2, 0.6], [1, 0, 0])
    0.6666666666666666
    >>> accuracy([0.3, -2.0, 4.0], [1, 0, 1])
    1.0
    >>> accuracy([[0.1, 0.7, 0.2]], [1])
    1.0
    >>> accuracy([[[0.9, 0.1], [0.2, 0.8]], [[0.6, 0.4]]], [[0, 0], [0]])
    0.6666666666666666
    """
    if not predictions or len(predictions) != len(targets):
        raise ValueError(f"accuracy needs one prediction for each target: {len(predictions)}, {len(targets)}")
    if any(map(is_sequence, predictions)):
        return accuracy(*positions_of(predictions, targets), threshold)
    middle = middle_of(targets)
    if threshold is None:
        are_probabilities = all(isinstance(p, list) or 0 <= p <= 1 for p in predictions)
        threshold = middle if are_probabilities else 0.0
    right = 0
    for prediction, target in zip(predictions, targets, strict=True):
        if isinstance(prediction, list):
            wanted = largest(target) if isinstance(target, list) else target
            right += largest(prediction) == wanted
        else:
            right += (prediction > threshold) == (target > middle)
    return right / len(targets)


def is_sequence(prediction: Any) -> bool:
    """True for a list of outputs for each of several positions."""
    return isinstance(prediction, list) and bool(prediction) and isinstance(prediction[0], list)


def positions_of(predictions: list[Any], targets: list[Any]) -> tuple[list[Any], list[Any]]:
    """The outputs at all positions of all samples, and the target of each."""
    for prediction, target in zip(predictions, targets, strict=True):
        count = len(prediction) if is_sequence(prediction) else 1
        if not (is_sequence(prediction) and isinstance(target, list) and count == len(target)):
            raise ValueError(
                "accuracy of sequences needs a target for each position, but a prediction for "
                f"{count} has the target {target!r:.80}"
            )
    return list(chain.from_iterable(predictions)), list(chain.from_iterable(targets))


def middle_of(targets: list[Any]) -> float:
    """Half way between the targets of the two classes: 0 for -1 and 1, and 0.5 for 0 and 1."""
    return 0.0 if any(not isinstance(target, list) and target < 0 for target in targets) else 0.5


def accuracy_of_scores(predictions: list[Any], targets: list[Any]) -> float:
    return accuracy(predictions, targets, threshold=0.0)


def accuracy_by_distance(predictions: list[Any], targets: list[Any]) -> float:
    return accuracy(predictions, targets, threshold=middle_of(targets))


def accuracy_for(loss: Callable[..., Any]) -> Metric:
    """The accuracy of a model that learns with this loss."""
    if loss in LOSSES_OF_SCORES:
        return accuracy_of_scores
    return accuracy_by_distance if loss in LOSSES_OF_DISTANCE else accuracy


def largest(numbers: list[float]) -> int:
    """The index of the largest number, the first one if there are several."""
    return numbers.index(max(numbers))


METRICS: dict[str, Callable[[Callable[..., Any]], Metric]] = {"accuracy": accuracy_for}
"""For each metric that has a name, what gives it for a loss."""


def measure(metrics: dict[str, Metric], predictions: list[Any], targets: list[Any]) -> dict[str, float]:
    return {name: float(metric(predictions, targets)) for name, metric in metrics.items()}


def as_numbers(output: Any) -> Any:
    """A model's output without its graph: a number, or a list of numbers."""
    if isinstance(output, Value):
        return output.data
    return [as_numbers(part) for part in output] if isinstance(output, (list, tuple)) else float(output)


def metrics_by_name(
    metrics: Mapping[Any, Metric] | Sequence[str] | str | None, loss: Callable[..., Any]
) -> dict[str, Metric]:
    """The metrics that were asked for, as they are measured with this loss."""
    if metrics is None:
        return {}
    if isinstance(metrics, Mapping):
        for name, metric in metrics.items():
            if name == "loss" or not isinstance(name, str) or not callable(metric):
                raise TypeError(
                    'metrics must be functions by name like {"error": f}, and "loss" is taken, '
                    f"but one is {name!r}: {metric!r:.80}"
                )
        return dict(metrics)
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    for name in names:
        if name not in METRICS:
            raise ValueError(f"no metric is named {name!r}; known by name: {', '.join(METRICS)}")
    return {name: METRICS[name](loss) for name in names}
