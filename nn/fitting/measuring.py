"""What a run measures: the loss and the gradient of a step, which must be finite, and a model on other data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd import AutogradError, DomainError, GradientError, NumberOverflowError, Value, no_grad
from autograd.core.evaluate import write_call
from autograd.core.plain_text import printable
from autograd.errors import label_of
from autograd.transforms.nesting import followed
from autograd.value import has_gradient, topological_order
from nn.data import Dataset
from nn.losses import mean_squared_error
from nn.metrics import Metric, as_numbers, measure, metrics_by_name
from nn.optim.clipping import gradient_norm

NOT_FINITE = (DomainError, ArithmeticError)
"""What the engine and Python raise when a number would not be finite."""


def checked_loss(loss: Any) -> Value:
    if isinstance(loss, Value):
        return loss
    raise TypeError(
        "the loss must be a Value that was computed from the model's prediction, "
        f"but it is {loss!r:.80} ({type(loss).__name__})"
    )


def require_finite(loss: Value) -> None:
    """Raise an error that names the first operation with an infinite result; only ``ieee()`` lets one through."""
    if math.isfinite(loss.data):
        return
    first = next(node for node in topological_order(loss) if not math.isfinite(node.data))
    if first.op is None:
        raise NumberOverflowError(f"{label_of(first) or 'a number'} is {first.data}")
    call, place = write_call(first.op, first.inputs)
    raise NumberOverflowError(f"{call} is {first.data} at {place}")


def require_some_gradient(parameters: list[Value]) -> None:
    if not any(has_gradient(parameter) for parameter in parameters):
        raise GradientError(
            "the loss does not depend on any parameter of the model, so there is nothing to learn from it; "
            "a .data on the way, or `with no_grad():` around fit, cuts the connection"
        )


def finite_gradient_norm(parameters: list[Value]) -> float:
    norm = gradient_norm(parameters)
    if norm == 0:
        require_some_gradient(parameters)
    elif not math.isfinite(norm):
        worst = max(parameters, key=lambda parameter: (not math.isfinite(parameter.grad), abs(parameter.grad)))
        name = label_of(worst) or "one parameter"
        raise NumberOverflowError(f"the length of the gradient is {norm}; that of {name} alone is {worst.grad}")
    return norm


def evaluate(
    model: Any,
    data: Any,
    *,
    loss: Callable[[Any, Any], Value] = mean_squared_error,
    metrics: Mapping[str, Metric] | Sequence[str] | str | None = None,
) -> dict[str, float]:
    """The mean loss over some data, and the metrics, without learning from it.

    Raises:
        DomainError, NumberOverflowError: if the loss is not finite; a note says of which sample.

    >>> from autograd import Value
    >>> evaluate(lambda x: 2 * Value(x[0]), ([1, 2], [2, 5]))
    {'loss': 0.5}
    """
    dataset = Dataset.of(data)
    measures = metrics_by_name(metrics, loss)
    outputs: list[Any] = []
    losses: list[float] = []
    with no_grad(), followed():
        for sample, (x, target) in enumerate(dataset):
            try:
                outputs.append(model(x))
                result = checked_loss(loss(outputs[-1], target))
                require_finite(result)
            except AutogradError as error:
                error.add_note(f"  This came of {describe_sample(dataset, sample)}.")
                raise
            losses.append(result.data)
    return summary(losses, [as_numbers(output) for output in outputs], dataset.targets, measures)


def describe_sample(dataset: Dataset, sample: int) -> str:
    name = dataset.sample_names[sample]
    number = f"sample {sample + 1}"
    return number if name == number else f"{number} ({printable(name)})"


def summary(
    losses: list[float], predictions: list[Any], targets: list[Any], metrics: dict[str, Metric]
) -> dict[str, float]:
    return {"loss": math.fsum(losses) / len(losses)} | measure(metrics, predictions, targets)
