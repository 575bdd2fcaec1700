"""The forward pass alone, as a program: the loss and the predictions, of one sample or of many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from autograd.core.evaluate import FAILURES
from autograd.core.threads import cached_property
from autograd.engines.native.machine_code import aligned
from autograd.engines.numpy_batch import NumPyTape
from autograd.program.calling import EngineMissing
from autograd.program.tape import Tape
from nn.compiled import groups
from nn.compiled.columns import Columns, Samples, given_back
from nn.compiled.table import Table, padded
from nn.compiled.tapes import SampleTape, TrainingTapes


class Forward:
    """The forward pass of a sample: from parameters, a sample and a weight to the loss and the predictions."""

    def __init__(self, sample: SampleTape, parameters: int) -> None:
        self.sample, self.parameters = sample, parameters

    @cached_property
    def tape(self) -> Tape:
        sample = self.sample
        return sample.forward or sample.tape.only([0, *range(1 + self.parameters, len(sample.tape.outputs))])

    @cached_property
    def on_arrays(self) -> Callable[..., Sequence[Any]]:
        return NumPyTape(self.tape)

    @cached_property
    def in_machine_code(self) -> tuple[Any, Table] | None:
        """The function for a group of samples, and the table that keeps their losses and predictions for it."""
        with suppress(EngineMissing):
            tape = self.tape.only([0, *range(len(self.tape.outputs))])
            return groups.program(), Table(tape, self.parameters, 0, padded(self.parameters))
        return None

    def losses(self, parameters: list[float], columns: np.ndarray) -> np.ndarray:
        """The loss of each sample; inf or nan where it is not defined."""
        # One sample alone is given as plain numbers, for which there is a quicker way.
        numbers = columns[:, 0].tolist() if columns.shape[1] == 1 else columns
        try:
            return np.broadcast_to(self.on_arrays(*parameters, *numbers, 1.0)[0], columns.shape[1])
        except FAILURES:
            return np.full(columns.shape[1], np.nan)


def forwards_of(tapes: TrainingTapes) -> tuple[Forward, ...]:
    return tuple([Forward(sample, tapes.parameters) for sample in tapes.samples])


class Validation:
    """Data from which a model does not learn, to be measured whenever the parameters have changed.

    Args:
        forwards: for each form what is computed.
        parameters: the array in which the run changes them.
        in_machine_code: whether there is an engine for that.
    """

    def __init__(
        self, forwards: Sequence[Forward], parameters: np.ndarray, samples: Samples, in_machine_code: bool
    ) -> None:
        self.samples = samples
        self.parts = [
            None if columns is None else ValidationPart(forward, parameters, columns, in_machine_code)
            for forward, columns in zip(forwards, samples.parts, strict=True)
        ]

    def measure(self) -> tuple[list[float], list[Any]] | None:
        """The loss of each sample, and its prediction if that is recorded; None if a loss is not finite."""
        measured = [([], []) if part is None else part.measure() for part in self.parts]
        found = [each for each in measured if each is not None]
        if len(found) < len(measured):
            return None
        if self.samples.forms is None:
            return found[0]
        forms, rest = self.samples.forms.tolist(), [list(map(iter, each)) for each in found]
        losses = [next(rest[form][0]) for form in forms]
        return losses, [next(rest[form][1]) for form in forms] if any(each[1] for each in found) else []


class ValidationPart:
    """The samples of one form."""

    def __init__(self, forward: Forward, parameters: np.ndarray, columns: Columns, in_machine_code: bool) -> None:
        self.forward = forward
        self.parameters = parameters
        self.columns = columns
        self.samples = columns.numbers.shape[1]
        self.rows = self.rows_by_numpy
        if in_machine_code and forward.in_machine_code is not None:
            self.rows = self.rows_by_machine_code
            self.group, table = forward.in_machine_code
            self.table = table.for_batches(self.samples)
            self.memory = aligned(self.table.end)
            self.table.fill(self.memory)
            self.results = np.empty((len(forward.tape.outputs), self.samples))

    def measure(self) -> tuple[list[float], list[Any]] | None:
        """The same for these samples."""
        losses, *predictions = self.rows()
        if not np.isfinite(losses).all():
            return None
        return losses.tolist(), given_back(np.array(predictions), self.columns.outputs) if predictions else []

    def rows_by_numpy(self) -> list[np.ndarray]:
        parameters = self.parameters[: self.forward.parameters].tolist()
        found = self.forward.on_arrays(*parameters, *self.columns.numbers, 1.0)
        return [np.broadcast_to(row, self.samples) for row in found]

    def rows_by_machine_code(self) -> list[np.ndarray]:
        table, memory = self.table, self.memory.ctypes.data
        self.memory[: self.forward.parameters] = self.parameters[: self.forward.parameters]
        for first in range(0, self.samples, table.samples):
            count = min(table.samples, self.samples - first)
            samples, results = self.columns.rows.ctypes.data, self.results.ctypes.data + 8 * first
            self.group(table.address, memory, None, samples, None, first, count, 1.0, results, self.samples)
        return list(self.results)
