"""Metrics: numbers that people understand better than a loss, measured while or after a network learns.

A metric is a function ``metric(predictions, targets)`` of all predictions as plain numbers (a list of
numbers for each sample if there are several outputs).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd import Value

__all__ = ["accuracy"]

Metric = Callable[[list[Any], list[Any]], float]


def accuracy(predictions: list[Any], targets: list[Any]) -> float:
    """The share of samples whose class is predicted, from 0 to 1.

    With several outputs the largest one names the class, and the target is its number (or a list in
    which it is the largest).  With a single output class 1 is predicted above 0.5; where the targets
    are -1 and 1, above 0.

    Raises:
        ValueError: if there are no predictions, or not as many as targets.

    >>> accuracy([0.9, 0.2, 0.6], [1, 0, 0])
    0.6666666666666666
    >>> accuracy([[0.1, 0.7, 0.2]], [1])
    1.0
    """
    if not predictions or len(predictions) != len(targets):
        raise ValueError(f"accuracy needs one prediction for each target: {len(predictions)}, {len(targets)}")
    boundary = 0.0 if any(not isinstance(target, list) and target < 0 for target in targets) else 0.5
    right = 0
    for prediction, target in zip(predictions, targets, strict=True):
        if isinstance(prediction, list):
            wanted = largest(target) if isinstance(target, list) else target
            right += largest(prediction) == wanted
        else:
            right += (prediction > boundary) == (target > boundary)
    return right / len(targets)


def largest(numbers: list[float]) -> int:
    """The index of the largest number, the first one if there are several."""
    return numbers.index(max(numbers))


METRICS: dict[str, Metric] = {"accuracy": accuracy}


def measure(metrics: dict[str, Metric], predictions: list[Any], targets: list[Any]) -> dict[str, float]:
    return {name: float(metric(predictions, targets)) for name, metric in metrics.items()}


def as_numbers(output: Any) -> Any:
    """A model's output without its graph: a number, or a list of numbers."""
    if isinstance(output, Value):
        return output.data
    return [as_numbers(part) for part in output] if isinstance(output, (list, tuple)) else float(output)


def metrics_by_name(metrics: Mapping[str, Metric] | Sequence[str] | str | None) -> dict[str, Metric]:
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
    return {name: METRICS[name] for name in names}
