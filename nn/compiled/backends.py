"""Who makes the steps of a compiled run: machine code, generated Python, or NumPy."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import AutogradError
from autograd.core.evaluate import FAILURES
from autograd.core.threads import cached_property
from autograd.engines import python_source
from autograd.engines.native.llvm_text import LANES
from autograd.engines.native.machine_code import address
from autograd.engines.numpy_batch import NumPyTape
from autograd.program.calling import EngineMissing
from autograd.program.tape import Tape
from nn.compiled import groups, singles
from nn.compiled.buffers import Batches, EpochBlock
from nn.compiled.compilable import CannotCompile, Setting
from nn.compiled.machine_training import Job, compile_training, is_small
from nn.compiled.singles import SingleTable
from nn.compiled.table import PlacedTable, Table, padded
from nn.compiled.table_training import FormOfJob, TableJob, training_function
from nn.compiled.tapes import TrainingTapes, record_step
from nn.validation import first_line

Trainer = Callable[[EpochBlock, int], None]
"""Makes steps, from those that are done up to an end, until one would not be finite."""

FEW = 12
"""Up to so many samples at a time, Python one after the other is faster than NumPy on arrays of them."""

MOST_SINGLE = 2
"""Up to so many samples at a time, machine code computes one after the other, and more of them side by side."""


def trainer_for(tapes: TrainingTapes, setting: Setting) -> tuple[Trainer, str]:
    """The function that makes steps, by the engine that was asked for or by the best one there is.

    Raises:
        EngineMissing: if that engine is not installed, or does not work here.
        CannotCompile: if it has no code for an operation.
    """
    engine = setting.engine
    if engine in ("auto", "native"):
        try:
            return native_trainer(tapes, setting), "native"
        except EngineMissing:
            if engine == "native":
                raise
        except AutogradError as error:
            if engine == "native":
                raise CannotCompile(first_line(error)) from error
    lengths = [tapes.instructions, *[python_source.length(sample.tape) for sample in tapes.samples]]
    short = max(lengths) <= python_source.LONGEST
    if engine == "python" or (engine == "auto" and setting.batch_size <= FEW and short):
        return python_trainer(tapes, setting), "python"
    return StepByStep(tapes, by_numpy(tapes)), "numpy"


def native_trainer(tapes: TrainingTapes, setting: Setting) -> Trainer:
    """Machine code: all steps in one call.

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
        AutogradError: for an operation of somebody's own.
    """
    if is_small(tapes):
        return StraightLine(tapes, setting.one_by_one)
    return ByTable(tapes, setting.batch_size)


class StraightLine:
    """Machine code of its own for a small model: its numbers stay in the processor's registers."""

    def __init__(self, tapes: TrainingTapes, one_by_one: bool) -> None:
        self.train = compile_training(tapes, one_by_one)

    def __call__(self, block: EpochBlock, end: int) -> None:
        columns = block.columns
        job = Job(
            **common_fields(block, end), columns=address(columns), stride=columns.shape[1],
            written=columns.shape[1] - LANES, samples=block.buffers.batches.samples,
        )  # fmt: skip
        self.train(job)


class ByTable:
    """Machine code that is the same for all models, which goes through a table of what one computes.

    Its memory begins with the parameters, behind which are the parts of the penalty and of the samples, and room
    for what was there before a step.
    """

    def __init__(self, tapes: TrainingTapes, batch_size: int) -> None:
        count = self.count = tapes.parameters
        self.tapes, self.row, self.rows = tapes, padded(count), 1 + tapes.states
        self.begin, self.penalty = self.row, None
        recorded = tapes.recorded_penalty
        self.strength = np.array([recorded.strength])
        if recorded.of_all is not None:
            self.penalty = SingleTable(recorded.of_all, count, count, self.begin)
            self.begin = self.penalty.end
        self.train = training_function(tapes.update, recorded.of_each, tapes.clip_value, tapes.clip_norm)
        # Made now if at all.
        self.tables_for(batch_size)

    @cached_property
    def singles(self) -> list[SingleTable]:
        count = self.count
        return [SingleTable(sample.tape, count, count, self.begin) for sample in self.tapes.samples]

    @cached_property
    def lines(self) -> Table:
        return Table(self.tapes.sample.tape, self.count, self.count, self.begin)

    def tables_for(self, batch_size: int) -> tuple[Any, Sequence[SingleTable | PlacedTable]]:
        """The function that computes samples of a batch, and its tables: one for each form."""
        if batch_size <= MOST_SINGLE or not self.tapes.has_one_form:
            return singles.program(), self.singles
        return groups.program(), [self.lines.for_batches(batch_size)]

    def end_of(self, batch_size: int) -> int:
        """Where the last table's part of the memory ends."""
        return max([table.end for table in self.tables_for(batch_size)[1]])

    def memory_behind(self, batch_size: int) -> int:
        """How many numbers of memory it needs, the parameters included, with which that begins."""
        return self.end_of(batch_size) + self.rows * self.row

    def __call__(self, block: EpochBlock, end: int) -> None:
        buffers = block.buffers
        size, memory = buffers.batches.size, buffers.behind
        function, tables = self.tables_for(size)
        if not buffers.is_filled:
            for table in tables:
                if isinstance(table, PlacedTable):
                    table.fill(memory)
            buffers.is_filled = True
        order, kinds = block.placed
        forms = (FormOfJob * len(tables))()
        for form, table, part in zip(forms, tables, buffers.samples.parts, strict=True):
            form.function, form.table = code_at(function), table.address
            form.samples = None if part is None else address(part.rows)
        penalty = FormOfJob()
        if self.penalty is not None:
            penalty = FormOfJob(code_at(singles.program()), self.penalty.address)
        places = [None if array is None else array.ctypes.data for array in (order, kinds)]
        job = TableJob(
            **common_fields(block, end), old=address(memory) + 8 * self.end_of(size), row=self.row,
            count=self.count, forms=ctypes.addressof(forms), length=tables[0].samples if kinds is None else 1,
            order=places[0], kinds=places[1], penalties=self.penalty is not None,
            penalty=ctypes.addressof(penalty), strength=address(self.strength), epoch=buffers.batches.samples,
        )  # fmt: skip
        self.train(ctypes.addressof(job))


def code_at(function: Any) -> int | None:
    """Where the machine code of a function begins."""
    return ctypes.cast(function, ctypes.c_void_p).value


def common_fields(block: EpochBlock, end: int) -> dict[str, int]:
    """Where everything stands that a run works on, and which steps it is to make."""
    buffers, done, rates, predictions = block.buffers, block.done, block.rates_in_memory, block.predictions
    rate_stride, losses = int(len(rates) > 1), buffers.results_at + 8 * done
    return {
        **buffers.addresses,
        "place": buffers.batches.place_of(done)[0], "rates": address(rates) + 8 * done * rate_stride,
        "rate_stride": rate_stride, "before": buffers.before, "steps": end - done, "losses": losses,
        "norms": losses + buffers.results.strides[0], "prediction_stride": predictions.shape[1],
        "predictions": address(predictions),
    }  # fmt: skip


def python_trainer(tapes: TrainingTapes, setting: Setting) -> Trainer:
    """Generated Python source: the whole step if it is for one sample and not too long."""
    if setting.one_by_one and tapes.has_one_form:
        step = record_step(tapes)
        if python_source.length(step) <= python_source.LONGEST:
            return WholeSteps(tapes, step)
    return StepByStep(tapes, by_python(tapes))


class WholeSteps:
    """A step on one sample is one call of a function of generated Python source."""

    def __init__(self, tapes: TrainingTapes, step: Tape) -> None:
        self.tapes = tapes
        self.step = python_source.function(step)

    def __call__(self, block: EpochBlock, end: int) -> None:
        buffers, count = block.buffers, self.tapes.parameters
        learned: Any = [*buffers.parameters.tolist(), *buffers.states.ravel().tolist()]
        size = len(learned)
        samples = block.columns[:, :-LANES].T.tolist()
        first = block.done
        # How many steps are made, and what the last of them gave: two things that change at the same moment.
        done: tuple[int, Any] = (first, None)
        try:
            for k in range(first, end):
                number = buffers.before + k - first + 1.0
                found = self.step(*learned, *samples[k % len(samples)], number, block.rate_of(k))
                if not math.isfinite(sum(found)):
                    break
                block.losses[k], block.norms[k] = found[size : size + 2]
                if self.tapes.predictions:
                    block.predictions[:, k] = found[size + 2 + count :]
                learned = found[:size]
                done = (k + 1, found)
        except FAILURES:
            pass
        finally:
            made, found = done[0] - first, done[1]
            if made:
                buffers.parameters[:] = found[:count]
                buffers.states[:] = np.reshape(found[count:size], (-1, count))
                buffers.gradients[:] = found[size + 2 : size + 2 + count]
            buffers.made[0] = made


GradientsOfSamples = Callable[[list[float], np.ndarray, float], tuple[float, np.ndarray, Sequence[Any]]]
"""From the parameters, the columns of some samples and their weight to the sum of weight × loss, to the derivatives
of that, and to the predictions in rows with a number for each sample.
"""


class StepByStep:
    """Steps one after the other, each of three calls: the gradients of the batch, the penalty, the update."""

    def __init__(self, tapes: TrainingTapes, gradients: Sequence[GradientsOfSamples]) -> None:
        self.tapes = tapes
        # For each form.
        self.gradients = gradients
        self.update = NumPyTape(tapes.update)
        self.penalty = None if tapes.penalty is None else NumPyTape(tapes.penalty)

    def __call__(self, block: EpochBlock, end: int) -> None:
        with np.errstate(all="ignore"):
            for k in range(block.done, end):
                try:
                    if not self.step(block, k):
                        return
                except FAILURES:
                    return
                block.buffers.made[0] += 1

    def step(self, block: EpochBlock, k: int) -> bool:
        """Make one step, unless one of its numbers would not be finite."""
        buffers, count = block.buffers, self.tapes.parameters
        parameters, states = buffers.parameters, buffers.states
        begin, samples = buffers.batches.place_of(k)
        predictions, numbers = block.predictions[:, begin : begin + samples], parameters.tolist()
        loss, gradients = 0.0, np.zeros(count)
        for form, columns, which in block.parts_of(k):
            some, slopes, rows = self.gradients[form](numbers, columns, 1.0 / samples)
            loss, gradients = loss + some, gradients + slopes
            for row, numbers_of_row in zip(predictions, rows, strict=False):
                row[which] = numbers_of_row
        if self.penalty is not None:
            penalty, *of_penalty = self.penalty(*numbers, 1.0)
            loss, gradients = loss + penalty, gradients + np.array(of_penalty)
        norm = math.sqrt(float(gradients @ gradients))
        number = float(buffers.before + int(buffers.made[0]) + 1)
        # The optimizer's rule, on all parameters together.
        found = self.update(parameters, buffers.clipped(gradients), *states, number, block.rate_of(k))
        moved, *new_states = [np.broadcast_to(row, parameters.shape) for row in found]
        if not (math.isfinite(loss + norm) and np.isfinite([moved, *new_states]).all()):
            return False
        buffers.gradients[:] = gradients
        parameters[:] = moved
        for row, new in zip(states, new_states, strict=True):
            row[:] = new
        block.losses[k], block.norms[k] = loss, norm
        return True


def by_python(tapes: TrainingTapes) -> list[GradientsOfSamples]:
    """By generated Python source, sample by sample."""
    count = tapes.parameters

    def with_tape(tape: Tape) -> GradientsOfSamples:
        sample = python_source.function(tape)

        def run(parameters: list[float], columns: np.ndarray, weight: float) -> tuple[float, np.ndarray, Any]:
            losses, gradients = [], np.zeros(count)
            predictions: list[Any] = []
            for numbers in columns.T.tolist():
                outputs = sample(*parameters, *numbers, weight)
                losses.append(outputs[0])
                gradients += outputs[1 : count + 1]
                predictions.append(outputs[count + 1 :])
            return math.fsum(losses) * weight, gradients, np.transpose(predictions)

        return run

    return [with_tape(sample.tape) for sample in tapes.samples]


def by_numpy(tapes: TrainingTapes) -> list[GradientsOfSamples]:
    """By NumPy: each operation once, for all samples together."""
    count = tapes.parameters

    def with_tape(tape: Tape) -> GradientsOfSamples:
        sample = NumPyTape(tape)

        def run(parameters: list[float], columns: np.ndarray, weight: float) -> tuple[float, np.ndarray, Any]:
            samples = columns.shape[1]
            # One sample alone is given as plain numbers, for which there is a quicker way.
            numbers = columns[:, 0].tolist() if samples == 1 else columns
            losses, *outputs = sample(*parameters, *numbers, weight)
            gradients = np.empty((count, samples))
            for row, output in zip(gradients, outputs, strict=False):
                row[:] = output
            loss = float(np.broadcast_to(losses, samples).sum()) * weight
            return loss, gradients.sum(axis=1), outputs[count:]

        return run

    return [with_tape(sample.tape) for sample in tapes.samples]


SECONDS_PER_CALL = 0.05
"""About so long a call may take: then the progress bar moves, and Ctrl-C is heard."""


def epochs_per_call(tapes: TrainingTapes, batches: Batches) -> int:
    """How many epochs to make in one call, estimated from the number of numbers to be computed."""
    each_sample, each_step = tapes.longest, tapes.instructions
    numbers = batches.samples * each_sample + batches.per_epoch * each_step
    return max(1, min(10_000, int(SECONDS_PER_CALL / (numbers * 1e-9))))
