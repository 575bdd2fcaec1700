"""The backward pass again, slowly: it looks at every number and says what went wrong, and where.

Value.backward() runs this when its fast pass met something that is not finite, and inside
``with detect_anomaly():``.  Inside ``with ieee():`` it carries on with inf and nan.

A local derivative that is not defined matters only where somebody asked for it: d(0 ** y)/dy is 0, although
0 ** y has no slope in the plain number 0.  ``asked_for`` is used by all kinds of differentiation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.core import evaluate, modes
from autograd.core.op import Op
from autograd.core.operand import Operand
from autograd.errors import AutogradError, GradientError, NumberOverflowError, label_of

if TYPE_CHECKING:
    from autograd.value import Value

__all__ = ["asked_for", "backpropagate", "contribute"]


def backpropagate(order: list[Value]) -> None:
    """Fill in the gradients exactly as Value.backward() does, checking each step.

    A plain number that became a leaf keeps the gradient that it has where there is none.

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
        try:
            if node.op is not None and modes.detect_anomaly.switch.get():
                check_unchanged(node)
            if node.op is not None:
                contribute(node, node.op, node.inputs)
        except AutogradError as error:
            raise type(error)(f"{error}{where_made(node)}") from None


def contribute(node: Value, op: Op, inputs: Sequence[Value]) -> None:
    """Add to the gradient of each input of a node: upstream gradient × local derivative."""
    if backward := op.backward_of(node):
        backward()
        if not modes.ieee_is_on() and not all(math.isfinite(x.grad) for x in inputs):
            raise NumberOverflowError(f"the _backward of {op.name!r} made a gradient that is not finite")
        return
    asked = [not x.is_constant for x in inputs]
    local_derivatives = asked_for(evaluate.local_derivatives, op, inputs, node, asked)
    grad: float | None = node.grad
    upstream = 0.0 if grad is None else grad
    for x, local, is_asked in zip(inputs, local_derivatives, asked, strict=True):
        if local is None:
            continue
        before: float | None = x.grad
        gradient = (0.0 if before is None else before) + local * upstream
        if math.isfinite(gradient) or modes.ieee_is_on():
            x.grad = gradient
        elif is_asked:
            raise overflow(node, x, upstream, local)


def asked_for(
    rule: Callable[..., tuple[Any, ...]], op: Op, inputs: Sequence[Any], output: Any, asked: Sequence[bool]
) -> tuple[Any, ...]:
    """The local derivatives ``rule(op, inputs, output)``; None for one that is not defined and not asked for.

    Raises:
        AutogradError: if one that is asked for is not defined.
    """
    try:
        return rule(op, inputs, output)
    except (AutogradError, *evaluate.FAILURES):
        if all(asked):
            raise
        if rule is evaluate.local_derivatives:
            inputs, output = [evaluate.number_of(x) for x in inputs], evaluate.number_of(output)
        found = one_by_one(op, inputs, output)
        if any(is_asked and local is None for is_asked, local in zip(asked, found, strict=True)):
            raise
        return found


def one_by_one(op: Op, inputs: Sequence[Any], output: Any) -> tuple[Any, ...]:
    """The local derivatives of an operation, each computed for itself; None for one that fails."""
    try:
        found = evaluate.checked_rule(op, [Attempt(x) for x in inputs], Attempt(output))
    except (AutogradError, *evaluate.FAILURES):
        return (None,) * len(inputs)
    results = [x.result if isinstance(x, Attempt) else x for x in found]
    return tuple([None if isinstance(result, Exception) else result for result in results])


class Attempt(Operand):
    """The result of a computation, or the error that it ended with: that does not stop the other computations."""

    __slots__ = ("result",)

    record_rank = 1_000_000

    def __init__(self, result: Any) -> None:
        self.result = result

    def record(self, op: Op, inputs: tuple[Any, ...]) -> Attempt:
        results = [x.result if isinstance(x, Attempt) else x for x in inputs]
        failures = [result for result in results if isinstance(result, Exception)]
        try:
            return Attempt(failures[0] if failures else op(*results))
        except (AutogradError, *evaluate.FAILURES) as error:
            return Attempt(error)


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
    name = f" of {label_of(x)}" if x.label else ""
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
