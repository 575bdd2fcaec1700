"""The native engine: a tape run as machine code, on single numbers or on batches.

A short tape becomes straight-line code, made when it is first needed: one function for single numbers,
and one for batches for each choice of the inputs that are the same for all samples.  A long tape is
run by the interpreter, which needs no time to compile.
"""

from __future__ import annotations

import ctypes
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from autograd.core.threads import compiling
from autograd.engines.native.llvm_text import LANES, Body, code_for
from autograd.engines.native.machine_code import llvm, straight_line
from autograd.engines.native.tape_interpreter import Schedule
from autograd.program.sums import expanded
from autograd.program.tape import Tape, primitive

LONGEST = 4_000
"""The longest straight-line code, in lines for LLVM, which takes about a second for so many."""


def runner(tape: Tape) -> Callable[..., Sequence[Any]]:
    """The tape as a function of floats and arrays of shape (n,).

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
        AutogradError: if the tape has an atom without machine code.
    """
    llvm()
    tape = expanded(tape)
    return ShortTape(tape) if is_short(tape) else LongTape(tape)


def assembly(tape: Tape) -> str:
    """The tape as machine code for one sample, in the words of this processor's assembly language."""
    return str(straight_line(tape, 1, (False,) * len(tape.inputs)).code.assembly)


def is_short(tape: Tape) -> bool:
    """True if straight-line code for batches would not be too long."""
    counts = Counter(expanded(tape).atoms)
    return sum(count * lines_of(atom) for atom, count in counts.items()) <= LONGEST


@cache
def lines_of(atom: str) -> int:
    """How many lines an atom takes, for a vector of samples: 1 for a sum, dozens for a tanh."""
    body = Body(LANES)
    code_for(atom)(body, *["%x"] * primitive(atom).arity)
    return len(body.lines)


class ShortTape:
    """Straight-line code."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self._functions: dict[tuple[int, tuple[bool, ...]], Any] = {}
        self._here = threading.local()
        self._single = self._function(1, (False,) * len(tape.inputs))

    def _function(self, width: int, broadcast: tuple[bool, ...]) -> Any:
        key = (width, broadcast)
        if key not in self._functions:
            with compiling:
                if key not in self._functions:
                    self._functions[key] = straight_line(self.tape, width, broadcast)
        return self._functions[key]

    def on_arrays(self, inputs: Sequence[Any]) -> tuple[Any, bool]:
        """One sample, given as numbers, lists or arrays: its outputs as an array, and whether all are finite."""
        here = self._arrays_of_this_thread()
        fill(here.inputs, inputs)
        self._single(*here.addresses, 1)
        return here.outputs.copy(), bool(np.isfinite(here.outputs).all())

    def _arrays_of_this_thread(self) -> Any:
        here = self._here
        if not hasattr(here, "inputs"):
            # Their addresses are written down once.
            here.inputs, here.outputs = np.zeros(len(self.tape.inputs)), np.zeros(len(self.tape.outputs))
            here.addresses = places_of(here.inputs[:, None]), places_of(here.outputs[:, None])
        return here

    def __call__(self, *inputs: Any) -> Sequence[Any]:
        single = tuple([isinstance(x, float) for x in inputs])
        if all(single):
            here = self._arrays_of_this_thread()
            here.inputs[:] = inputs
            self._single(*here.addresses, 1)
            return list(here.outputs.tolist())
        samples = next(len(x) for x in inputs if not isinstance(x, float))
        run = self._function(LANES, single)
        columns = [np.array([x]) if isinstance(x, float) else np.ascontiguousarray(x) for x in inputs]
        groups = samples // LANES
        results = np.empty((len(self.tape.outputs), (groups + 1) * LANES))
        run(places_of(columns), places_of(results), groups)
        if samples % LANES:
            # A last group that is not full is filled up with the last sample: numbers like the others.
            rest = np.minimum(np.arange(groups * LANES, (groups + 1) * LANES), samples - 1)
            last = [x if is_single else x[rest] for x, is_single in zip(columns, single, strict=True)]
            run(places_of(last), places_of(results[:, groups * LANES :]), 1)
        return list(results[:, :samples])


def fill(slots: Any, inputs: Sequence[Any]) -> None:
    """Put numbers, and lists or arrays of them, one after the other into an array."""
    place = 0
    for x in inputs:
        count = 1 if isinstance(x, float) else len(x)
        slots[place : place + count] = x
        place += count


def places_of(arrays: Any) -> Any:
    """The addresses of some arrays, or of the rows of one, as a C array of pointers."""
    places = [array.ctypes.data for array in arrays]
    return (ctypes.c_void_p * len(places))(*places)


class LongTape:
    """The interpreter, sample by sample."""

    def __init__(self, tape: Tape) -> None:
        self.schedule = Schedule(tape)
        self._here = threading.local()

    def on_arrays(self, inputs: Sequence[Any]) -> tuple[Any, bool]:
        """The same as for a short tape."""
        schedule, here = self.schedule, self._here
        if not hasattr(here, "slots"):
            # Every thread has slots of its own, so that several may call at once.
            here.slots = schedule.slots.copy()
            here.address = here.slots.ctypes.data
        fill(here.slots, inputs)
        schedule.run_at(here.address)
        return schedule.collect(here.address)

    def __call__(self, *inputs: Any) -> Sequence[Any]:
        lengths = [len(x) for x in inputs if not isinstance(x, float)]
        if not lengths:
            return list(self.on_arrays([inputs])[0].tolist())
        results = np.empty((lengths[0], len(self.schedule.outputs)))
        columns = np.array([np.broadcast_to(x, lengths[0]) for x in inputs])
        for row, sample in zip(results, columns.T, strict=True):
            row[:], _ = self.on_arrays([sample])
        return list(results.T)
