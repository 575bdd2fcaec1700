"""The backward pass again, slowly: it looks at every number and says what went wrong, and where.

Value.backward() runs this when its fast pass met something that is not finite, and inside
``with detect_anomaly():``.  Inside ``with ieee():`` it carries on with inf and nan.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from autograd import evaluate, modes
from autograd.errors import AutogradError, GradientError, NumberOverflowError

if TYPE_CHECKING:
    from autograd.value import Value

__all__ = ["backpropagate"]


def backpropagate(order: list[Value]) -> None:
    """Fill in the gradients exactly as Value.backward() does, checking each step.

    Raises:
        DomainError: where a derivative is not defined.
        NumberOverflowError: where a gradient overflows.
        GradientError: inside ``detect_anomaly()``, if data was changed after it was used.
    """
    for node in order:
        if node.inputs or node.grad is None:
            node.grad = 0.0
    order[-1].grad += 1.0
    for node in reversed(order):
        if node.op is None:
            continue
        try:
            if modes.detect_anomaly.switch.get():
                check_unchanged(node)
            local_derivatives = evaluate.local_derivatives(node.op, node.inputs, node)
            for x, local in zip(node.inputs, local_derivatives, strict=True):
                x.grad += local * node.grad
                if not math.isfinite(x.grad) and not modes.ieee_is_on():
                    raise overflow(node, x, node.grad, local)
        except AutogradError as error:
            raise type(error)(f"{error}{where_made(node)}") from None


def check_unchanged(node: Value) -> None:
    """Raise GradientError if computing the node again gives another number."""
    assert node.op is not None
    if node.data != node.data:
        return
    try:
        again = node.op.forward(*[x.data for x in node.inputs])
    except evaluate.FAILURES as error:
        again = f"an error ({error})"
    if again != node.data:
        call, place = evaluate.write_call(node.op, node.inputs)
        raise GradientError(
            f"{call} gave {node.data} in the forward pass, but gives {again} now, at {place}: "
            "the data of an input was changed in between\n"
            "  Compute the result again before calling backward()."
        )


def overflow(node: Value, x: Value, upstream: float, local: float) -> NumberOverflowError:
    assert node.op is not None
    call, place = evaluate.write_call(node.op, node.inputs)
    name = f" of {x.label}" if x.label else ""
    return NumberOverflowError(
        f"the gradient{name} overflows in {call} at {place}\n"
        f"  It is the upstream gradient {upstream} times the local derivative {local}, added to what was there."
    )


def where_made(node: Value) -> str:
    line = modes.made_at(node)
    hint = (
        f"It was computed at {line}"
        if line
        else ("To see the line that computed it, do the forward and backward pass inside `with detect_anomaly():`.")
    )
    return f"\n  {hint}\n  Nothing was changed: all gradients are as they were before backward()."
