"""What is said about a training run that cannot learn what it is asked to, though each part of it is right."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from autograd import Op, ops
from nn import losses
from nn.history import History
from nn.layers import MLP, Layer, Neuron, Sequential
from nn.layers.activations import OF_A_LAYER, name_of_function
from nn.saving.configuration import what_is_not_own
from nn.saving.known import Known

RANGES: dict[Any, tuple[float, float]] = {
    ops.sigmoid: (0, 1), ops.tanh: (-1, 1), ops.softsign: (-1, 1), ops.relu: (0, math.inf),
    ops.softplus: (0, math.inf), OF_A_LAYER["softmax"]: (0, 1), OF_A_LAYER["log_softmax"]: (-math.inf, 0),
}  # fmt: skip
"""Between which numbers the outputs lie."""

REACH_FOR_THE_TARGET = (
    losses.half_squared_error, losses.mean_squared_error, losses.mean_absolute_error, losses.huber, losses.hinge,
)  # fmt: skip
"""Losses for which the prediction is to come to the target."""

TWICE = {
    (losses.cross_entropy, OF_A_LAYER["softmax"]): "categorical_cross_entropy",
    (losses.binary_cross_entropy_with_logits, ops.sigmoid): "binary_cross_entropy",
}
"""Losses that apply an activation themselves, and the loss to be taken where the output layer has it already."""

LOSSES = (*REACH_FOR_THE_TARGET, *[loss for loss, _ in TWICE])


def advice_before(
    model: Any, targets: Sequence[Any], loss: Any, lr: float, own: Known | None = None
) -> Iterator[str]:
    """What is wrong with a run that has not begun, and what to write instead.

    ``own`` is what is known about the model if it is nn's own: then its output, the loss and the targets are looked
    at only when they are others than the last time.
    """
    if lr == 0:
        yield "the learning rate is 0, so nothing will be learned; 0.1 is a good first try for SGD, 0.001 for Adam"
    if type(model) is MLP:
        for layer, following in pairwise(model.layers):
            if are_all_the_same(layer, following):
                yield (
                    f"the neurons of {layer.name} start with the same weights and get the same gradients, so they "
                    "stay the same, as good as one; initializer='normal' draws a different one for each"
                )
    # Only losses of nn are remembered: one of somebody's own may keep the model alive.
    if loss in LOSSES and (own is None or own.advised_on != (loss, targets)):
        yield from advice_about_output(model, targets, loss)
        if own is not None:
            own.advised_on = (loss, list(targets))


def advice_about_output(model: Any, targets: Sequence[Any], loss: Any) -> Iterator[str]:
    """What is wrong with the activation of the output layer."""
    activation = output_activation(model)
    if activation is None:
        return
    name = activation.name if isinstance(activation, Op) else name_of_function(activation)
    for (a_loss, an_activation), instead in TWICE.items():
        if loss is a_loss and activation is an_activation:
            yield (
                f"{loss.__name__} applies {name} itself, and the output layer has applied it already, so that no "
                f"prediction can be sure; write output_activation='identity', or loss=nn.{instead}"
            )
    if any(loss is known for known in REACH_FOR_THE_TARGET) and activation in RANGES:
        low, high = RANGES[activation]
        numbers = [t for target in targets for t in (target if isinstance(target, (list, tuple)) else [target])]
        if min(numbers) < low or max(numbers) > high:
            far = max(numbers, key=lambda t: max(low - t, t - high))
            what = f"from {low:g} to {high:g}" if low > -math.inf and high < math.inf else "of one sign only"
            yield (
                f"the {name} of the output layer gives numbers {what}, but there is a target {far:g}, which it "
                "never reaches; write output_activation='identity', or scale the targets"
            )


def advice_after(history: History, last_norm: float) -> Iterator[str]:
    """What is wrong with a run in which nothing was learned, and whose last gradient had that length."""
    if not last_norm and history.gradient_norm and not any(history.gradient_norm) and history.loss[-1]:
        yield (
            "the gradient was exactly 0 in every epoch, so nothing was learned: perhaps the outputs do not depend "
            "on the weights (the softmax of one output is 1), or lie where an activation is flat (relu below 0)"
        )


def are_all_the_same(layer: Layer, following: Layer) -> bool:
    """True if no neuron of a hidden layer differs from the others, neither in what goes in nor in what goes out.

    >>> are_all_the_same(*MLP(2, [3, 1], initializer=0.5).layers), are_all_the_same(*MLP(2, [3, 1], seed=1).layers)
    (True, False)
    """
    first, *others = layer.neurons
    if not (others and first.weights) or others[0].weights[0].data != first.weights[0].data:
        return False
    weights = [w.data for w in first.weights]
    if any([w.data for w in neuron.weights] != weights for neuron in others):
        return False
    numbers = [p.data for p in first.parameters()]
    same_in = all([p.data for p in neuron.parameters()] == numbers for neuron in others)
    return same_in and all(len({w.data for w in n.weights}) == 1 for n in following.neurons)


def output_activation(model: Any) -> Any:
    """The activation function behind the outputs of a network that is nn's own; None if there is none to be known.

    >>> output_activation(Sequential(Layer(2, 3), MLP(3, [1], "tanh"))), output_activation(MLP(1, [1], None))
    (<Op tanh>, None)
    """
    if what_is_not_own(model):
        return next((function for function in OF_A_LAYER.values() if function is model), None)
    if isinstance(model, Neuron):
        return model.activation_function
    if isinstance(model, Layer):
        return OF_A_LAYER[model.softmax] if model.softmax else output_activation(model.neurons[0])
    parts = model.layers if isinstance(model, MLP) else model.modules if isinstance(model, Sequential) else []
    return output_activation(parts[-1]) if parts else None
