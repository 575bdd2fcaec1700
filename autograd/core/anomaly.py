"""The backward pass again, carefully: it looks at every number and says what went wrong, and where.

Value.backward() runs ``backpropagate`` when its fast pass met something that is not finite, and inside
``with detect_anomaly():``.  Inside ``with ieee():`` it carries on with inf and nan.  The same sweep in slow motion,
``contributions``, is for those who watch it (``trace``) or run it on Values and on tapes (``gradient``).

A local derivative that is not defined matters only where somebody asked for it: d(0 ** y)/dy is 0, although
0 ** y has no slope in the plain number 0.  ``asked_for`` is used by all kinds of differentiation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence, Set
from typing import TYPE_CHECKING, Any

from autograd.core import evaluate, modes
from autograd.core.op import Op
from autograd.core.operand import Operand
from autograd.errors import AutogradError, GradientError, NumberOverflowError, label_of

if TYPE_CHECKING:
    from autograd.value import Value


def contributions(
    order: Sequence[Any],
    gradients: dict[int, Any],
    rule: Callable[[Any], Sequence[Any]],
    add: Callable[[Any, Any, Any, Any, Any], Any],
    wanted: Set[int] | None = None,
) -> Iterator[tuple[Any, int, Any, Any, Any]]:
    """Backpropagation, one contribution at a time: (node, which of its inputs, local, before, after).

    In reverse order, each input of a node receives upstream gradient × local derivative.  Nodes are known by their
    ids: what stands for a number may have no hash.

    Args:
        order: the nodes in topological order; each has ``op`` and ``inputs``.
        gradients: at first that of the result, by its id; in the end those of all that it depends on.
        rule: gives the local derivatives of a node, one for each of its inputs.
        add: gives the new gradient, ``add(node, x, before, local, upstream)``; ``before`` is None at first.
        wanted: the ids of the nodes whose gradients are asked for; all, unless given.
    """
    for node in reversed(order):
        key = id(node)
        upstream = gradients.get(key)
        if node.op is None or upstream is None or (wanted is not None and key not in wanted):
            continue
        for operand, (x, local) in enumerate(zip(node.inputs, rule(node), strict=True)):
            key = id(x)
            if wanted is None or key in wanted:
                before = gradients.get(key)
                gradients[key] = after = add(node, x, before, local, upstream)
                yield node, operand, local, before, after


def finite_sum(node: Value, x: Value, before: float | None, local: float | None, upstream: float) -> float:
    """before + local × upstream; what is not defined, or overflows, by a plain number stays what it was.

    Raises:
        NumberOverflowError: if the gradient of anything else overflows.
    """
    before = 0.0 if before is None else before
    if local is None:
        return before
    after = before + local * upstream
    if math.isfinite(after) or modes.ieee_is_on():
        return after
    if x.is_constant:
        return before
    raise overflow(node, x, upstream, local)


def backpropagate(order: list[Value]) -> None:
    """Fill in the gradients exactly as Value.backward() does, checking each step.

    A plain number that became a leaf keeps the gradient that it has where there is none.

    Raises:
        DomainError: where a derivative is not defined.
        NumberOverflowError: where a gradient overflows.
        GradientError: inside ``detect_anomaly()``, if data was changed after it was used.
    """
    before = [node.grad for node in order]
    try:
        for node in order:
            if node.inputs or node.grad is None:
                node.grad = 0.0
        order[-1].grad += 1.0
        for node in reversed(order):
            if node.op is not None:
                contribute_with_care(node, node.op)
    except BaseException:
        for node, grad in zip(order, before, strict=True):
            node.grad = grad
        raise


def contribute_with_care(node: Value, op: Op) -> None:
    """Let an error say where the node was made."""
    try:
        if modes.detect_anomaly.switch.get():
            check_unchanged(node)
        contribute(node, op, node.inputs)
    except AutogradError as error:
        raise type(error)(f"{error}{where_made(node)}") from None


def contribute(node: Value, op: Op, inputs: Sequence[Value]) -> None:
    """Add to the gradient of each input of a node: upstream gradient × local derivative."""
    if backward := op.backward_of(node):
        backward()
        if not modes.ieee_is_on() and not all(math.isfinite(x.grad) for x in inputs):
            raise NumberOverflowError(f"the _backward of {op.name!r} made a gradient that is not finite")
        return
    slopes = asked_for(evaluate.local_derivatives, op, inputs, node, [not x.is_constant for x in inputs])
    upstream: float | None = node.grad
    for x, local in zip(inputs, slopes, strict=True):
        x.grad = finite_sum(node, x, x.grad, local, 0.0 if upstream is None else upstream)


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
