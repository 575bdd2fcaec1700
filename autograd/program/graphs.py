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
from autograd.program.backward import Graph, backpropagate
from autograd.program.recorder import Recorder, collector_at_rest
from autograd.program.tape import Tape, TapeError
from autograd.program.tracer import Tracer, in_order, name_of, plain_number
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
    roots = checked_outputs(outputs, "record")
    graph = write_down(recorder, roots, inputs)
    return recorder.finish(recorder.tracers(map(graph.slot_of, roots)))


@collector_at_rest()
def record_gradient(loss: Value, inputs: Sequence[Value]) -> Tape:
    """The tape that computes a Value, and then its derivative with respect to each input.

    Raises:
        TapeError, GradientError: as ``record`` does.
    """
    [loss] = checked_outputs([loss], "record_gradient")
    recorder, _ = recorder_for(inputs, "record_gradient")
    graph = write_down(recorder, [loss], inputs)
    gradients = backpropagate(recorder, graph, loss)
    return recorder.finish(recorder.tracers([graph.slot_of(loss), *gradients[: len(inputs)]]))


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
    graph = write_down(recorder, [loss], inputs)
    # Of plain numbers too.
    graph.depends.update(range(len(graph.slots)))
    local_derivatives: list[int] = []
    gradients = backpropagate(recorder, graph, loss, local_derivatives)
    slots = [
        *map(graph.slot_of, order), *local_derivatives, *[gradients[graph.place[id(node)]] for node in order]
    ]  # fmt: skip
    return recorder.finish(recorder.tracers(slots), fuse=False)


def write_down(recorder: Recorder, roots: Sequence[Value], inputs: Sequence[Value]) -> Graph:
    """The graph behind some Values, written down on a tape whose inputs are already there, in this order."""
    graph = Graph(inputs, range(len(inputs)))
    place, slots = graph.place, graph.slots
    for node in in_order(roots, set(place)):
        op = node.op
        if op is None:
            graph.add(node, recorder.constant(plain_number(node)))
        else:
            places = tuple([place[id(x)] for x in node.inputs])
            slot = recorder.result(op, tuple([slots[i] for i in places]))
            if node.label:
                recorder.suggest(slot, node.label)
            graph.add(node, slot, op, places)
    return graph


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
