"""A tape run by NumPy: each step once, for all samples of a batch together.

One sample alone is no work for NumPy, whose calls cost more than a sum or a product.  So it is computed by
generated Python; or, if the tape is long, level by level: many steps of one kind in one call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.core.arrays import in_numpy
from autograd.core.evaluate import FAILURES
from autograd.engines import python_source
from autograd.engines.levels import Levels
from autograd.program.tape import SUM, Tape, primitive

STEPS_PER_RUN = 40
"""With so many steps in a run, on the average, a call of NumPy for each run is the fastest for one sample."""

MOST_NUMBERS = 4_000_000
"""So many numbers are kept at a time when a batch is computed level by level."""


class NumPyTape:
    """The tape as a function of arrays: ``NumPyTape(tape)(x1, x2, ...)`` gives a list of arrays.

    An input is an array with one number for each sample, or one number for all of them.  Where a number
    is not finite it is inf or nan, without a warning; for one sample it may be an error of Python's instead.

    >>> from autograd import Value
    >>> from autograd.program.graphs import record
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> run = NumPyTape(record([a * b + 1], [a, b]))
    >>> import numpy as np
    >>> run(np.array([1.0, 2.0]), 10.0)
    [array([11., 21.])]
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.length = python_source.length(tape)
        self.is_long = self.length > python_source.LONGEST
        self._made: dict[str, Any] = {}

    def _make(self, what: Callable[..., Any], *settings: Any) -> Any:
        """Something made of the tape, when it is first needed."""
        name = what.__name__ + ("_in_numpy" if settings else "")
        if name not in self._made:
            self._made[name] = what(self.tape, *settings)
        return self._made[name]

    def __call__(self, *inputs: Any) -> list[Any]:
        if all(isinstance(x, float) for x in inputs):
            return self._single(inputs)
        with np.errstate(all="ignore"):
            if not self.is_long:
                return list(self._make(python_source.function, numpy_function)(*inputs))
            if self._is_wide():
                return in_parts(self._make(LevelByLevel), inputs)
            return list(self._make(step_by_step, numpy_function)(*inputs))

    def on_arrays(self, inputs: Sequence[Any]) -> tuple[Any, bool]:
        """One sample, given as numbers, lists or arrays: its outputs as an array, and whether all are finite."""
        numbers = np.concatenate([np.atleast_1d(x) for x in inputs])
        results = self._wide(numbers) if self._is_wide() else np.array(self._single(numbers.tolist()))
        return results, bool(np.isfinite(results).all())

    def _single(self, inputs: Sequence[Any]) -> list[Any]:
        if self._is_wide():
            return list(self._wide(np.array(inputs)).tolist())
        return list(self._make(step_by_step if self.is_long else python_source.function)(*inputs))

    def _wide(self, numbers: Any) -> Any:
        with np.errstate(all="ignore"):
            return self._make(LevelByLevel).run(numbers)

    def _is_wide(self) -> bool:
        """True for a long tape of many equal steps that do not need each other."""
        enough = self.length > STEPS_PER_RUN
        return enough and self.length > STEPS_PER_RUN * len(self._make(Levels).runs)


class LevelByLevel:
    """A tape whose runs are one call of NumPy each."""

    def __init__(self, tape: Tape) -> None:
        self.levels = levels = Levels(tape)
        self.runs: list[tuple[Callable[..., Any], list[Any], slice]] = []
        for atom, places, results in levels.calls():
            if atom == SUM:
                self.runs.append((sum_columns, [place_of(places[0]), places[1::2], places[2::2]], results))
            else:
                self.runs.append((numpy_function(atom), list(map(place_of, places)), results))

    def run(self, inputs: Any) -> Any:
        """Inputs of shape (inputs,) give outputs of shape (outputs,); n samples are a second axis."""
        levels = self.levels
        if inputs.ndim == 1:
            slots = levels.slots.copy()
        else:
            slots = np.repeat(levels.slots[:, None], inputs.shape[1], axis=1)
        slots[: levels.inputs] = inputs
        for compute, places, results in self.runs:
            slots[results] = compute(*[slots[place] for place in places])
        return slots[levels.outputs]


def sum_columns(first: Any, left: Any, right: Any) -> Any:
    """Sums of products: ``first`` has a number for each, the factors stand in columns."""
    return first + np.add.reduce(left * right, axis=0, initial=-0.0)


def place_of(operands: Any) -> Any:
    """Where numbers stand: as a slice if their distances are equal, which is faster."""
    first, count = int(operands[0]), len(operands)
    step = int(operands[1]) - first if count > 1 else 1
    if step < 0 or (operands != first + step * np.arange(count)).any():
        return operands
    return slice(first, first + step * count, step) if step else slice(first, first + 1)


def in_parts(tape: LevelByLevel, inputs: Sequence[Any]) -> list[Any]:
    """A batch, so many samples at a time as fit."""
    columns = np.array(np.broadcast_arrays(*inputs)) if inputs else np.empty((0, 1))
    samples = max(1, MOST_NUMBERS // max(len(tape.levels.slots), len(tape.levels.operands)))
    parts = [tape.run(columns[:, i : i + samples]) for i in range(0, columns.shape[1], samples)]
    return list(np.concatenate(parts, axis=1))


def step_by_step(
    tape: Tape, atoms: Callable[[str], Callable[..., Any]] = lambda atom: primitive(atom).forward
) -> Callable[..., list[Any]]:
    """A tape that is too long to be one Python function; numbers are let go after their last use."""
    first = len(tape.inputs) + len(tape.constants)
    last_use = {i: slot for slot, step in enumerate(tape.instructions, first) for i in step.operands}
    kept = set(tape.outputs)
    steps = []
    for slot, instruction in enumerate(tape.instructions, first):
        done_with = [i for i in set(instruction.operands) if last_use[i] == slot and i not in kept]
        compute = add_products if instruction.atom == SUM else atoms(instruction.atom)
        steps.append((compute, instruction.operands, done_with))

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
    if atom == "pow":
        return np.power
    op = primitive(atom)
    found: Callable[..., Any] = in_numpy(op)
    if not isinstance(found, np.vectorize):
        return found
    if atom == "step":
        return lambda x: np.heaviside(x, 0.0)
    if atom == "gt":
        return lambda x, y: np.greater(x, y).astype(float)
    return np.vectorize(cautious(op.forward), otypes=[float])


def add_products(total: Any, *factors: Any) -> Any:
    """The step of a sum, on numbers or arrays."""
    for a, b in zip(factors[::2], factors[1::2], strict=True):
        total = total + (a if type(b) is float and b == 1.0 else a * b)
    return total


def cautious(forward: Callable[..., float]) -> Callable[..., float]:
    """An operation that gives nan where Python raises an error."""

    def compute(*numbers: float) -> float:
        try:
            return float(forward(*numbers))
        except FAILURES:
            return float("nan")

    return compute
