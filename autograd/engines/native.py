"""The native engine: a tape run as machine code, on single numbers or on batches.

A short tape becomes straight-line code, made when it is first needed: one function for single numbers,
and one for batches for each choice of the inputs that are the same for all samples.  A long tape is
run by the interpreter, which needs no time to compile.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Sequence
from typing import Any

from autograd.engines.llvm_text import LANES
from autograd.engines.machine_code import llvm, straight_line
from autograd.engines.tape_interpreter import Schedule
from autograd.tape import Tape

__all__ = ["runner"]

LONGEST = 3_000
"""The longest tape, in steps, that becomes straight-line code."""


def runner(tape: Tape) -> Callable[..., Sequence[Any]]:
    """The tape as a function of floats and arrays of shape (n,).

    Raises:
        EngineMissing: if llvmlite is not installed.
        AutogradError: if the tape has an atom without machine code.
    """
    llvm()
    return LongTape(tape) if len(tape.instructions) > LONGEST else ShortTape(tape)


class ShortTape:
    """Straight-line code."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._functions: dict[tuple[int, tuple[bool, ...]], Any] = {}
        self._lock = threading.Lock()
        self._here = threading.local()
        self._single = self._function(1, (False,) * len(tape.inputs))

    def _function(self, width: int, broadcast: tuple[bool, ...]) -> Any:
        key = (width, broadcast)
        with self._lock:
            if key not in self._functions:
                self._functions[key] = straight_line(self.tape, width, broadcast)
            return self._functions[key]

    def on_array(self, inputs: Any) -> Any:
        """One sample: an array of shape (inputs,) gives one of shape (outputs,)."""
        return self._run_single(inputs).copy()

    def _run_single(self, inputs: Any) -> Any:
        import numpy as np

        here = self._here
        if not hasattr(here, "inputs"):
            # Each thread has arrays of its own, whose addresses are written down once.
            here.inputs, here.outputs = np.zeros(len(self.tape.inputs)), np.zeros(len(self.tape.outputs))
            here.addresses = addresses(here.inputs, 1), addresses(here.outputs, 1)
        here.inputs[:] = inputs
        self._single(*here.addresses, 1)
        return here.outputs

    def __call__(self, *inputs: Any) -> Sequence[Any]:
        import numpy as np

        single = tuple([isinstance(x, float) for x in inputs])
        if all(single):
            return list(self._run_single(inputs).tolist())
        samples = next(len(x) for x in inputs if not isinstance(x, float))
        groups = -(-samples // LANES)
        columns = np.zeros((len(inputs), groups * LANES))
        for row, x in zip(columns, inputs, strict=True):
            row[:samples] = x
            # What stands behind the last sample is that sample once more: a number like the others.
            row[samples:] = x if isinstance(x, float) else x[-1:]
        results = np.empty((len(self.tape.outputs), groups * LANES))
        length = columns.shape[1]
        self._function(LANES, single)(addresses(columns, length), addresses(results, length), groups)
        return list(results[:, :samples])


def addresses(array: Any, step: int) -> Any:
    """The addresses of the numbers (or rows) of an array, as a C array of pointers."""
    count = array.size // step if step else 0
    first = array.ctypes.data
    return (ctypes.c_void_p * count)(*range(first, first + 8 * step * count, 8 * step)) if count else None


class LongTape:
    """The interpreter, sample by sample."""

    def __init__(self, tape: Tape) -> None:
        self.schedule = Schedule(tape)
        self._here = threading.local()

    def on_array(self, inputs: Any) -> Any:
        """One sample: an array of shape (inputs,) gives one of shape (outputs,)."""
        schedule, here = self.schedule, self._here
        if not hasattr(here, "slots"):
            # Every thread has slots of its own, so that several may call at once.
            here.slots = schedule.slots.copy()
            here.address = here.slots.ctypes.data
        here.slots[: schedule.inputs] = inputs
        schedule.run_at(here.address)
        return here.slots[schedule.outputs]

    def __call__(self, *inputs: Any) -> Sequence[Any]:
        import numpy as np

        lengths = [len(x) for x in inputs if not isinstance(x, float)]
        if not lengths:
            return list(self.on_array(inputs).tolist())
        results = np.empty((lengths[0], len(self.schedule.outputs)))
        columns = np.array([np.broadcast_to(x, lengths[0]) for x in inputs])
        for row, sample in zip(results, columns.T, strict=True):
            row[:] = self.on_array(sample)
        return list(results.T)
