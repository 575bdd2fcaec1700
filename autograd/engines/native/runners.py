"""The native engine: a tape run as machine code, on single numbers or on batches.

Nothing is compiled for a tape.  It becomes a table of rows, which one program reads for single numbers (``nests``)
and another one for batches (``batches``); both are made once in a process.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.core.threads import cached_property
from autograd.engines.native.batches import Batches
from autograd.engines.native.nests import Table
from autograd.program.tape import Tape


class NativeTape:
    """The tape as a function of floats and arrays of shape (n,).

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
        AutogradError: if the tape has an atom without machine code.
    """

    def __init__(self, tape: Tape) -> None:
        self.table = Table(tape)
        self._run, self._address = self.table.program, self.table.address
        self._inputs, self._outputs = len(tape.inputs), len(tape.outputs)
        self._here = threading.local()

    def on_arrays(self, inputs: Sequence[Any]) -> tuple[Any, bool]:
        """One sample, given as numbers, lists or arrays, always of the same lengths.

        Returns:
            Its outputs as an array, and whether all are finite.
        """
        here = self._here
        try:
            views = here.views
        except AttributeError:
            views = here.views = views_of(self._slots(), inputs)
            # An array in the place of a number is a batch.
            here.memories = [
                None if isinstance(x, float) else memoryview(view) for view, x in zip(views, inputs, strict=True)
            ]
        for view, x in zip(views, inputs, strict=True):
            view[:] = x
        return self._results(here.address)

    def directly(self, inputs: Sequence[Any]) -> Any:
        """The outputs for one sample of arrays that need not be looked at, as the most frequent call has them.

        Returns:
            None for anything else, if an output is not finite, and if ``on_arrays`` was never called here.
        """
        here = self._here
        try:
            for memory, x in zip(here.memories, inputs, strict=True):
                # This fails unless x has as many numbers, and of the same kind.
                memory[:] = x if type(x) is ndarray else None
        except (AttributeError, TypeError, ValueError):
            return None
        results, are_finite = self._results(here.address)
        return results if are_finite else None

    def __call__(self, *inputs: Any) -> Sequence[Any]:
        if set(map(type, inputs)) <= {float}:
            self._slots()[: self._inputs] = inputs
            return list(self._results(self._here.address)[0].tolist())
        found: Sequence[Any] = self._batches(inputs)
        return found

    def _slots(self) -> Any:
        """The numbers of this thread: every one has its own, so that several may call at once."""
        here = self._here
        if not hasattr(here, "slots"):
            here.slots = self.table.slots.copy()
            here.address = here.slots.ctypes.data
        return here.slots

    def _results(self, slots: int) -> tuple[Any, bool]:
        results: Any = np.empty(self._outputs)
        # In half the time that results.ctypes.data takes; there is none of an empty array.
        place = ctypes.addressof(ctypes.c_char.from_buffer(results)) if self._outputs else 0
        return results, self._run(slots, self._address, place) >= 0

    @cached_property
    def _batches(self) -> Batches:
        return Batches(self.table.levels)


def views_of(slots: Any, inputs: Sequence[Any]) -> list[Any]:
    """Parts of the slots, one for each input."""
    views, place = [], 0
    for x in inputs:
        count = 1 if isinstance(x, float) else len(x)
        views.append(slots[place : place + count])
        place += count
    return views
