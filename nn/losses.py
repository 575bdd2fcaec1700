"""Losses: how wrong a prediction is, as one Value that can be differentiated.

Every loss is called as ``loss(predictions, targets)``.  Predictions are one number (a single output for
a single sample), or a list of numbers, or a list of lists (several outputs for several samples); the
targets have the same form.  Where targets are classes, a class is its index, counted from 0, or a list
with a probability for each class.

``reduction="mean"`` divides the sum of the single losses by their number, ``reduction="sum"`` does not.

Source of the names and conventions: PyTorch, torch.nn.functional, where nothing else is said.

>>> from autograd import Value
>>> prediction = Value(0.75)
>>> L = half_squared_error(prediction, 0.4)
>>> L.backward()
>>> round(L.data, 5), round(prediction.grad, 5)
(0.06125, 0.35)
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import DataError, Value, absolute, log, logsumexp, maximum, minimum, relu, softplus, step, total
from autograd.core.operand import Operand, is_real
from autograd.errors import describe, text_of
from autograd.ops import log_softmax_at
from autograd.program.tracer import Tracer
from nn.module import Module, NetworkError, ShapeError
from nn.validation import real_number

__all__ = [
    "L1", "L2", "LossError", "binary_cross_entropy", "binary_cross_entropy_with_logits",
    "categorical_cross_entropy", "cross_entropy", "half_squared_error", "hinge", "huber", "l1_penalty",
    "l2_penalty", "mean_absolute_error", "mean_squared_error",
]  # fmt: skip

Numbers = Value | float | Sequence[Any]

SMALLEST_PROBABILITY = math.exp(-100)
"""Cross entropies treat a probability below this, about 3.7e-44, as this: so no single loss exceeds 100."""


class LossError(NetworkError):
    """A prediction or target is not one that this loss is defined for, or its reduction is unknown."""


# How far off is a number?


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

    return reduce_samples(loss_of_class, predictions, targets, reduction)


# Penalties on large weights, to be added to a loss


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


# From predictions and targets to pairs, and from single losses to one number


def pairs(predictions: Any, targets: Any) -> list[tuple[Any, Any]]:
    """Each predicted number with its target, from two numbers or two equally nested lists.

    Raises:
        ShapeError: where one is a list and the other is not, or their lengths differ.
        DataError: for what is not a number.

    >>> [(p, t.data) for p, t in pairs([[1.0, 2.0]], [[0, 1]])]
    [(1.0, 0.0), (2.0, 1.0)]
    """
    if isinstance(predictions, Operand) and type(targets) in (float, int):
        return [(predictions, Value(targets, "target"))]
    found: list[tuple[Any, Any]] = []
    pair_up(predictions, targets, "", found)
    if not found:
        raise ShapeError("a loss needs at least one prediction, but the list of predictions is empty")
    several = len(found) > 1
    return [(p, as_target(t, f"target{i}" if several else "target")) for i, (p, t) in enumerate(found, start=1)]


def pair_up(predictions: Any, targets: Any, place: str, found: list[tuple[Any, Any]]) -> None:
    predictions, targets = as_list_or_number(predictions), as_list_or_number(targets)
    if isinstance(predictions, list) != isinstance(targets, list):
        raise ShapeError(
            f"predictions{place} is {form_of(predictions)}, but targets{place} is {form_of(targets)}: "
            "each prediction needs its own target"
        )
    if not isinstance(predictions, list):
        found.append((predictions, targets))
        return
    check_lengths(predictions, targets, place)
    for i, (p, t) in enumerate(zip(predictions, targets, strict=True)):
        pair_up(p, t, f"{place}[{i}]", found)


def check_lengths(predictions: list[Any], targets: list[Any], place: str) -> None:
    if len(predictions) != len(targets):
        raise ShapeError(
            f"predictions{place} has length {len(predictions)}, but targets{place} has length {len(targets)}: "
            "each prediction needs its own target"
        )


def as_list_or_number(given: Any) -> Any:
    """A list for anything like a list (a tuple, an array), and a number as it is."""
    if hasattr(given, "tolist"):
        given = given.tolist()
    if isinstance(given, (list, tuple)):
        return list(given)
    if isinstance(given, Operand) or is_real(given):
        return given
    raise DataError(f"a loss takes numbers, or lists of numbers, but got {describe(given)}")


def form_of(given: Any) -> str:
    return f"a list of {len(given)}" if isinstance(given, list) else "one number"


def as_target(target: Any, label: str) -> Any:
    """A target as a labelled leaf, so that a drawing says what this number is."""
    return target if isinstance(target, Operand) else Value(target, label)


def reduce(losses: list[Any], reduction: str) -> Value:
    """The mean or the sum of single losses.

    Raises:
        LossError: if reduction is something else.

    >>> reduce([Value(1.0), Value(3.0)], "mean").data
    2.0
    """
    if reduction not in ("mean", "sum"):
        raise LossError(f"reduction is 'mean' or 'sum', but got {reduction!r}")
    if len(losses) == 1:
        return losses[0]  # type: ignore[no-any-return]
    result: Value = total(losses)
    return result / len(losses) if reduction == "mean" else result


def reduce_samples(
    loss_of_class: Callable[[list[Any]], Callable[[int], Any]], predictions: Any, targets: Any, reduction: str
) -> Value:
    """Reduce Σ targetᵢ·lossᵢ over samples, where ``loss_of_class(sample)(i)`` is the loss if class i is true."""
    predictions, targets = as_list_or_number(predictions), as_list_or_number(targets)
    if not isinstance(predictions, list):
        raise ShapeError("predictions is one number, but it has to be a list with one number for each class")
    if not predictions:
        raise ShapeError("a loss needs at least one prediction, but the list of predictions is empty")
    if not isinstance(as_list_or_number(predictions[0]), list):
        predictions, targets = [predictions], [targets]
    if not isinstance(targets, list):
        raise ShapeError(f"there are {len(predictions)} samples, but only one target: each sample needs its own")
    check_lengths(predictions, targets, "")

    losses = []
    for sample, target in zip(predictions, targets, strict=True):
        outputs = as_list_or_number(sample)
        if not isinstance(outputs, list) or not all(isinstance(z, Operand) or is_real(z) for z in outputs):
            raise ShapeError(f"each sample needs a list with one number for each class, but got {sample!r}")
        if len(outputs) == 1:
            raise LossError(
                "there is only one class, which is always right, so there is nothing to learn; for yes or no, take "
                "one output with binary_cross_entropy_with_logits, or with a sigmoid and binary_cross_entropy"
            )
        loss = loss_of_class(outputs)
        terms = [weighted(t, loss(i)) for i, t in class_weights(target, len(outputs)).items()]
        losses.append(terms[0] if len(terms) == 1 else total(terms))
    # Plain predictions lead to plain numbers; a loss is always a Value.
    return reduce([loss if isinstance(loss, Operand) else Value(loss) for loss in losses], reduction)


def weighted(weight: Any, loss: Any) -> Any:
    """weight · loss, without a multiplication by a plain 1."""
    return loss if not isinstance(weight, Operand) and weight == 1 else weight * loss


def class_weights(target: Any, n_classes: int) -> dict[int, Any]:
    """The probability of each class that the target gives, by its index; classes with 0 are left out.

    >>> class_weights(2, 3), class_weights([0, 0.25, 0.75], 3)
    ({2: 1}, {1: 0.25, 2: 0.75})
    """
    target = as_list_or_number(target)
    if not isinstance(target, list):
        index = number_in(target)
        if isinstance(target, (bool, Operand)) or index not in range(n_classes):
            last = n_classes - 1
            raise LossError(
                f"the target {text_of(target)} is no class: classes are counted from 0, so the last is {last}"
                + (
                    "\n  A class is a plain whole number and no Value; in a traced function, give the target as a "
                    "list with 1 for the class and 0 for all others"
                    if isinstance(target, Operand)
                    else ""
                )
            )
        return {int(target): 1}
    if len(target) != n_classes:
        given = f"{len(target)} numbers: {text_of(target)}"
        raise ShapeError(f"there are {n_classes} classes, but a target has {given}")
    for t in target:
        check_probability("target", t, "write the class as its index, or 1 for it and 0 else")
    known = [number for number in map(number_in, target) if number is not None]
    if len(known) == n_classes and abs(math.fsum(known) - 1) > 1e-6:
        raise LossError(f"the probabilities in a target add up to 1, but {known} add up to {math.fsum(known):g}")
    return {i: t for i, t in enumerate(target) if isinstance(t, Operand) or t != 0}


def safe_log(p: Any) -> Any:
    """The logarithm of a probability, never of 0."""
    return log(maximum(p, SMALLEST_PROBABILITY))


def check_probability(what: str, p: Any, advice: str) -> None:
    number = number_in(p)
    if number is not None and not 0 <= number <= 1:
        raise LossError(f"a {what} is a probability, from 0 to 1, but got {number}; {advice}")


def guarded(loss: Any, *probabilities: Any) -> Any:
    """The loss; on a tape, where nobody can look at a number, it is finite only if all are probabilities."""
    for p in probabilities:
        if isinstance(p, Tracer):
            # 1/(1 - 0) inside, and 1/0 outside.
            inside = 1 / (1 - maximum(step(-p), step(p - 1)))
            inside.label = "is a prediction a probability, from 0 to 1?"
            loss = loss + (inside - 1)
    return loss


def number_in(x: Any) -> float | None:
    """The plain number in x, or None if that cannot be known, as in a dual number."""
    if isinstance(x, Value):
        return x.data
    return None if isinstance(x, Operand) else x
