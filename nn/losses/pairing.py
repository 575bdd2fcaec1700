"""From predictions and targets to pairs, and from single losses to one number."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd import DataError, Value, total
from autograd.core.node import leaf
from autograd.core.operand import Operand, is_real
from autograd.errors import describe, text_of
from autograd.program.tracer import Tracer
from nn.indices import one_hot
from nn.module import NetworkError, ShapeError

Numbers = Value | float | Sequence[Any]


class LossError(NetworkError):
    """A prediction or target is not one that this loss is defined for, or its reduction is unknown."""


def pairs(predictions: Any, targets: Any) -> list[tuple[Any, Any]]:
    """Each predicted number with its target, from two numbers or two equally nested lists.

    Raises:
        ShapeError: where one is a list and the other is not, or their lengths differ.
        DataError: for what is not a number.

    >>> [(p, t.data) for p, t in pairs([[1.0, 2.0]], [[0, 1]])]
    [(1.0, 0.0), (2.0, 1.0)]
    """
    if isinstance(predictions, Operand) and type(targets) in (float, int):
        return [(predictions, leaf(Value, targets, "target"))]
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
    if is_number(given):
        return given
    raise DataError(f"a loss takes numbers, or lists of numbers, but got {describe(given)}")


def is_number(x: Any) -> bool:
    return isinstance(x, Operand) or is_real(x)


def form_of(given: Any) -> str:
    return f"a list of {len(given)}" if isinstance(given, list) else "one number"


def as_target(target: Any, label: str) -> Any:
    """A target as a labelled leaf, so that a drawing says what this number is."""
    return target if isinstance(target, Operand) else leaf(Value, target, label)


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
    loss_of_class: Callable[[list[Any]], Callable[[int], Any]],
    predictions: Any,
    targets: Any,
    reduction: str,
    of_recorded: Callable[[list[Any], list[Any]], Any] | None = None,
) -> Value:
    """Reduce Σ targetᵢ·lossᵢ over samples, where ``loss_of_class(sample)(i)`` is the loss if class i is true.

    ``of_recorded(sample, one_hot)`` is the same in fewer steps, where the class is not known while recording.
    """
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
        if not isinstance(outputs, list) or not outputs or not all(map(is_number, outputs)):
            raise ShapeError(f"each sample needs a list with one number for each class, but got {sample!r}")
        if len(outputs) == 1:
            raise LossError(
                "there is only one class, which is always right, so there is nothing to learn; for yes or no, take "
                "one output with binary_cross_entropy_with_logits, or with a sigmoid and binary_cross_entropy"
            )
        if of_recorded is not None and isinstance(target, Tracer):
            losses.append(of_recorded(outputs, one_hot(target, len(outputs))))
            continue
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

    Of a class that is a recorded number, the program will know which one it is.

    >>> class_weights(2, 3), class_weights([0, 0.25, 0.75], 3)
    ({2: 1}, {1: 0.25, 2: 0.75})
    """
    target = as_list_or_number(target)
    if isinstance(target, Tracer):
        return dict(enumerate(one_hot(target, n_classes)))
    if not isinstance(target, list):
        index = number_in(target)
        if isinstance(target, (bool, Operand)) or index not in range(n_classes):
            last = n_classes - 1
            raise LossError(
                f"the target {text_of(target)} is no class: classes are counted from 0, so the last is {last}"
                + (
                    "\n  A class is a plain whole number and no Value; or give the target as a list with 1 for the "
                    "class and 0 for all others"
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


def check_probability(what: str, p: Any, advice: str) -> None:
    number = number_in(p)
    if number is not None and not 0 <= number <= 1:
        raise LossError(f"a {what} is a probability, from 0 to 1, but got {number}; {advice}")


def number_in(x: Any) -> float | None:
    """The plain number in x, or None if that cannot be known, as in a dual number."""
    if isinstance(x, Value):
        return x.data
    return None if isinstance(x, Operand) else x
