"""A tape run by NumPy: each step once, for all samples of a batch together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.engines import python_source
from autograd.evaluate import in_numpy
from autograd.tape import Tape, primitive

__all__ = ["function"]


def function(tape: Tape) -> Callable[..., list[Any]]:
    """The tape as a function of arrays: ``function(tape)(x1, x2, ...)`` gives a list of arrays.

    An input is an array with one number for each sample, or one number for all of them.  Where a number
    is not finite it is inf or nan, without a warning.

    >>> from autograd import Value
    >>> from autograd.tape import record
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> run = function(record([a * b + 1], [a, b]))
    >>> import numpy as np
    >>> run(np.array([1.0, 2.0]), 10.0)
    [array([11., 21.])]
    """
    import numpy as np

    if len(tape.instructions) <= python_source.LONGEST:
        compute: Any = python_source.function(tape, numpy_function)
    else:
        compute = step_by_step(tape)

    def run(*inputs: Any) -> list[Any]:
        with np.errstate(all="ignore"):
            return list(compute(*inputs))

    return run


def step_by_step(tape: Tape) -> Callable[..., list[Any]]:
    """The same for a tape that is too long to be one Python function; numbers are let go after their last use."""
    first = len(tape.inputs) + len(tape.constants)
    last_use = {i: slot for slot, step in enumerate(tape.instructions, first) for i in step.operands}
    kept = set(tape.outputs)
    steps = []
    for slot, instruction in enumerate(tape.instructions, first):
        done_with = [i for i in set(instruction.operands) if last_use[i] == slot and i not in kept]
        steps.append((numpy_function(instruction.atom), instruction.operands, done_with))

    def run(*inputs: Any) -> list[Any]:
        slots: list[Any] = [*inputs, *tape.constants]
        for compute, operands, done_with in steps:
            slots.append(compute(*[slots[i] for i in operands]))
            for i in done_with:
                slots[i] = None
        return [slots[i] for i in tape.outputs]

    return run


def numpy_function(atom: str) -> Callable[..., Any]:
    """NumPy's function for an atom, or else one that goes through the elements."""
    import numpy as np

    if atom == "pow":
        return np.power
    op = primitive(atom)
    found: Callable[..., Any] = in_numpy(op)
    if isinstance(found, np.ufunc):
        return found
    if atom == "step":
        return lambda x: np.heaviside(x, 0.0)
    return np.vectorize(cautious(op.forward), otypes=[float])


def cautious(forward: Callable[..., float]) -> Callable[..., float]:
    """An operation that gives nan where Python raises an error."""
    from autograd.evaluate import FAILURES

    def compute(*numbers: float) -> float:
        try:
            return float(forward(*numbers))
        except FAILURES:
            return float("nan")

    return compute
