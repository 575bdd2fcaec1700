"""How well a model does on some data, without learning from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd import Value, no_grad
from autograd.transforms.nesting import followed
from nn.data import Dataset
from nn.fitting.finite import checked_loss, require_finite
from nn.losses import mean_squared_error
from nn.metrics import Metric, as_numbers, measure, metrics_by_name

__all__ = ["evaluate", "summary"]


def evaluate(
    model: Any,
    data: Any,
    *,
    loss: Callable[[Any, Any], Value] = mean_squared_error,
    metrics: Mapping[str, Metric] | Sequence[str] | str | None = None,
) -> dict[str, float]:
    """The mean loss over some data, and the metrics, without learning from it.

    Raises:
        DomainError, NumberOverflowError: if the loss is not finite.

    >>> from autograd import Value
    >>> evaluate(lambda x: 2 * Value(x[0]), ([1, 2], [2, 5]))
    {'loss': 0.5}
    """
    dataset = Dataset.of(data)
    measures = metrics_by_name(metrics, loss)
    outputs: list[Any] = []
    losses: list[float] = []
    with no_grad(), followed():
        for x, target in dataset:
            outputs.append(model(x))
            result = checked_loss(loss(outputs[-1], target))
            require_finite(result)
            losses.append(result.data)
    return summary(losses, [as_numbers(output) for output in outputs], dataset.targets, measures)


def summary(
    losses: list[float], predictions: list[Any], targets: list[Any], metrics: dict[str, Metric]
) -> dict[str, float]:
    return {"loss": math.fsum(losses) / len(losses)} | measure(metrics, predictions, targets)
