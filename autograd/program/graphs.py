"""Tapes of graphs that stand: of Values, of a gradient, and of all that backpropagation computes.

>>> from autograd import Value
>>> x = Value(0.5, "x")
>>> print(record_gradient(x * x, [x]))
inputs x
t1 = x * x
t2 = x + x
return t1, t2
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.core.operand import Operand
from autograd.errors import GradientError, describe, shown
from autograd.program.recorder import Recorder, collector_at_rest
from autograd.program.tape import Tape, TapeError
from autograd.program.tracer import Tracer, name_of
from autograd.value import Value, require_value, topological_order


@collector_at_rest()
def record(outputs: Sequence[Value], inputs: Sequence[Value]) -> Tape:
    """The tape that computes Values from other ones.

    Every leaf that is not among the inputs is a constant.  An input may be any node: what is behind it
    is then not computed.

    Raises:
        TapeError: if an operation cannot be recorded, or an input is not a Value or comes twice.
        GradientError: if an output is not a Value.

    >>> w, x = Value(0.5, "w"), Value(3.0, "x")
    >>> print(record([(w * x).relu()], [w]))
    inputs w
    t1 = w * 3
    t2 = maximum t1 0
    return t2
    """
    recorder, _ = recorder_for(inputs, "record")
    return recorder.finish(checked_outputs(outputs, "record"))


@collector_at_rest()
def record_gradient(loss: Value, inputs: Sequence[Value]) -> Tape:
    """The tape that computes a Value, and then its derivative with respect to each input.

    Raises:
        TapeError, GradientError: as ``record`` does.
    """
    [loss] = checked_outputs([loss], "record_gradient")
    recorder, tracers = recorder_for(inputs, "record_gradient")
    traced = recorder.tracer(loss)
    return recorder.finish([traced, *recorder.gradients(traced, tracers)])


@collector_at_rest()
def record_backward(loss: Value, inputs: Sequence[Value]) -> Tape:
    """The tape that computes all that backpropagation computes, for pictures that move.

    Its outputs are the data of every node in ``topological_order(loss)``, then the local derivative of
    every contribution in the order of ``backward()``, then the gradient of every node.

    Raises:
        TapeError: as ``record`` does; also if an input was computed from other Values.
        GradientError: if loss is not a Value.

    >>> a = Value(3.0, "a")
    >>> print(record_backward(a * a, [a]))
    inputs a
    t1 = a * a
    t2 = a + a
    return a, t1, a, a, t2, 1
    """
    order = topological_order(loss)
    recorder, _ = recorder_for(inputs, "record_backward")
    for x in inputs:
        if x.inputs:
            raise TapeError(
                f"record_backward takes leaves as inputs, but {name_of(x)} was computed from other Values"
            )
    recorder.tracer(loss)
    tracers = [recorder.tracer(node) for node in order]
    local_derivatives: list[int] = []

    def rule(node: Tracer) -> list[int]:
        found = recorder.local_derivatives(node)
        local_derivatives.extend(found)
        return found

    gradients = recorder.backpropagate(tracers[-1], tracers, set(map(id, tracers)), rule)
    slots = [*local_derivatives, *[gradients[id(node)] for node in tracers]]
    return recorder.finish([*tracers, *[Tracer(recorder, slot) for slot in slots]], fuse=False)


def recorder_for(inputs: Sequence[Value], asker: str) -> tuple[Recorder, list[Tracer]]:
    if isinstance(inputs, Operand):
        raise TapeError(f"{asker} takes a list of inputs, also for a single one: [x]")
    recorder, tracers = Recorder(), []
    for x in inputs:
        if not isinstance(x, Value):
            raise TapeError(f"each input of {asker} is a Value, but got {describe(x)}")
        tracers.append(recorder.input(x.label, x))
    return recorder, tracers


def checked_outputs(outputs: Sequence[Any], asker: str) -> list[Value]:
    if isinstance(outputs, Operand):
        raise TapeError(f"{asker} takes a list of outputs, also for a single one: [{shown(outputs)}]")
    for y in outputs:
        if isinstance(y, Operand) and not isinstance(y, Value):
            raise GradientError(
                f"{asker} takes Values, but got a {type(y).__name__}: inside of a function that is traced, or "
                "differentiated in forward mode, no program is made\n  Call the function itself, or use jit."
            )
        require_value(y, asker)
    return list(outputs)
