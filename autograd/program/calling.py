"""A tape made ready by an engine, and run: on numbers, on arrays, on batches, with errors that explain.

Here the engines are known by their names only (``autograd.program.engine_table``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd.core.evaluate import compute
from autograd.core.modes import ieee_is_on
from autograd.core.operand import Operand
from autograd.errors import AutogradError
from autograd.ops import Op, add, multiply, negate, total
from autograd.program.engine_table import ENGINES, Runner
from autograd.program.tape import SUM, Tape, primitive
from autograd.value import Value


class EngineMissing(AutogradError, ImportError):
    """A package that an engine needs is not installed, or does not work on this machine."""


def eager(tape: Tape) -> Runner:
    """The steps one by one, each with its own error; on Values it makes a graph of them."""

    def run(*inputs: Any) -> list[Any]:
        slots = [*inputs, *tape.constants]
        on_values = any(isinstance(x, Operand) for x in inputs)

        def apply(op: Op, *operands: Any) -> Any:
            return op(*operands) if on_values else compute(op, operands)

        def summand(factors: tuple[int, ...], is_negative: bool) -> Any:
            part = slots[factors[0]] if len(factors) == 1 else apply(multiply, *[slots[i] for i in factors])
            return apply(negate, part) if is_negative else part

        for atom, operands, label in tape.instructions:
            try:
                if atom != SUM:
                    slots.append(apply(primitive(atom), *[slots[i] for i in operands]))
                else:
                    parts = [summand(*each) for each in tape.summands(operands)]
                    slots.append(apply(add if len(parts) == 2 else total, *parts))
            except AutogradError as error:
                if label:
                    error.add_note(f"  In the program this step is called {label!r}.")
                raise
        return [slots[i] for i in tape.outputs]

    return run


def explain(tape: Tape, numbers: Sequence[float]) -> list[float]:
    """Run a tape on Values that are called like its inputs, for an error that names them."""
    inputs = [Value(x, name) for x, name in zip(numbers, tape.inputs, strict=True)]
    return [x.data if isinstance(x, Value) else float(x) for x in eager(tape)(*inputs)]


ENGINES["eager"] = eager

FASTEST_FIRST = ("native", "numpy", "python")

ONE_AT_A_TIME = ("eager", "python")
"""These compute one sample; of a batch, one after the other."""


def make_runner(tape: Tape, engine: str) -> tuple[Runner, str]:
    """The tape made ready by an engine, and the engine's name.

    Raises:
        AutogradError: for an unknown engine, or one whose package is missing.
    """
    if checked_engine(engine) != "auto":
        try:
            return ENGINES[engine](tape), engine
        except ModuleNotFoundError as error:
            name = error.name
            raise EngineMissing(f"the engine {engine!r} needs the package {name}: pip install {name}") from None
    for name in FASTEST_FIRST:
        try:
            return ENGINES[name](tape), name
        except (AutogradError, ImportError):
            # It is not installed, or knows nothing of an operation of one's own.
            continue
    return eager(tape), "eager"


def checked_engine(engine: object) -> str:
    """
    Raises:
        AutogradError: if there is no such engine.
    """
    names = dict.fromkeys(["auto", "eager", *ENGINES])
    if not isinstance(engine, str) or engine not in names:
        raise AutogradError(f"there is no engine {engine!r}; the engines are {', '.join(names)}")
    return engine


def run_single(run: Runner, tape: Tape, numbers: Sequence[float]) -> list[float]:
    """Run a tape; if a result is not finite, run it once more, step by step, for the error."""
    try:
        results = [float(x) for x in run(*numbers)]
        if ieee_is_on() or all(map(math.isfinite, results)):
            return results
    except (ArithmeticError, ValueError):
        # Generated Python raises the bare errors of Python's math.
        pass
    return explain(tape, numbers)


def run_on_arrays(run: Any, tape: Tape, inputs: Sequence[Any]) -> Any:
    """The same for inputs of which some are lists or arrays of numbers; the outputs are an array."""
    try:
        results, are_finite = run.on_arrays(inputs)
        if are_finite or ieee_is_on():
            return results
    except (ArithmeticError, ValueError):
        pass
    import numpy as np

    return np.array(
        explain(tape, [number for x in inputs for number in ([x] if isinstance(x, float) else map(float, x))])
    )


def run_batch(run: Runner, tape: Tape, engine: str, given: list[Any], samples: int) -> list[Any]:
    """The same for inputs that are numbers or arrays of shape (samples,)."""
    import numpy as np

    def one_sample(compute: Callable[[list[float]], list[float]], i: int) -> list[float]:
        try:
            return compute([x if isinstance(x, float) else float(x[i]) for x in given])
        except AutogradError as error:
            error.add_note(f"  It happened in sample {i} of the batch, counted from 0.")
            raise

    if samples == 0:
        return [np.empty(0) for _ in tape.outputs]
    if engine in ONE_AT_A_TIME:
        single = partial(run_single, run, tape)
        return list(np.array([one_sample(single, i) for i in range(samples)]).reshape(samples, -1).T)
    found: Any = run(*given)
    # Machine code gives all results as one array, which can be looked at in one go.
    results = found if isinstance(found, np.ndarray) else [as_batch(x, samples) for x in found]
    if not (ieee_is_on() or (results is found and np.isfinite(found).all())):
        for i in np.flatnonzero(~np.isfinite(results).all(axis=0)).tolist():
            # Added up in another order a sum may be finite after all; if not, this says where.
            for result, number in zip(results, one_sample(partial(explain, tape), i), strict=True):
                result[i] = number
    return list(results)


def as_batch(x: Any, samples: int) -> Any:
    """An engine's result as an array with a number for each sample, which nobody else has."""
    import numpy as np

    array = np.asarray(x, dtype=np.float64)
    own = array.shape == (samples,) and array.flags.writeable
    return array if own else np.array(np.broadcast_to(array, samples))
