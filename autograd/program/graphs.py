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
from autograd.program.backward import backpropagate
from autograd.program.recorder import Recorder, collector_at_rest
from autograd.program.tape import Tape, TapeError
from autograd.program.tracer import Tracer, name_of, plain_number
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
    place = write_down(recorder, roots, inputs)
    return recorder.tape([recorder.graph.slots[place[id(root)]] for root in roots])


@collector_at_rest()
def record_gradient(loss: Value, inputs: Sequence[Value]) -> Tape:
    """The tape that computes a Value, and then its derivative with respect to each input.

    Raises:
        TapeError, GradientError: as ``record`` does.
    """
    [loss] = checked_outputs([loss], "record_gradient")
    recorder, _ = recorder_for(inputs, "record_gradient")
    root = write_down(recorder, [loss], inputs)[id(loss)]
    gradients = backpropagate(recorder, recorder.graph, root, range(len(inputs)))
    return recorder.tape([recorder.graph.slots[root], *gradients[: len(inputs)]])


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
    place, graph = write_down(recorder, [loss], inputs), recorder.graph
    local_derivatives: list[int] = []
    gradients = backpropagate(recorder, graph, place[id(loss)], range(len(inputs)), local_derivatives)
    places = [place[id(node)] for node in order]
    slots = [*[graph.slots[i] for i in places], *local_derivatives, *[gradients[i] for i in places]]
    return recorder.tape(slots, fuse=False)


def write_down(recorder: Recorder, roots: Sequence[Value], inputs: Sequence[Value]) -> dict[int, int]:
    """Write down the graph behind some Values, for a recorder that knows nothing but its inputs, in this order.

    Returns:
        the places of the nodes in the recorder's graph, by their ids.
    """
    graph = recorder.graph
    slots, add, result = graph.slots, graph.add, recorder.result
    place = {id(x): i for i, x in enumerate(inputs)}
    place_of = place.get
    waiting: list[Value] = list(roots)[::-1]
    places: tuple[int, ...]
    operands: tuple[int, ...]
    while waiting:
        node = waiting.pop()
        at = id(node)
        if at in place:
            continue
        op = node.op
        if op is None:
            place[at] = add(recorder.constant(plain_number(node)))
            continue
        first, second = node._first, node._second
        if second is not None:
            i, j = place_of(id(first)), place_of(id(second))
            if i is None or j is None:
                # First what it was computed from, and then the node itself.
                waiting += (node, second, first)
                continue
            places, operands = (i, j), (slots[i], slots[j])
        else:
            found: list[Any] = [place_of(id(x)) for x in first]
            if None in found:
                waiting.append(node)
                waiting += first[::-1]
                continue
            places = tuple(found)
            operands = tuple([slots[i] for i in found])
        slot = result(op, operands)
        if node.label:
            recorder.suggest(slot, node.label)
        place[at] = add(slot, op, places)
    return place


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
