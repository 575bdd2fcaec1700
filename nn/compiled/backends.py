"""Who makes the steps of a compiled run: machine code, generated Python, NumPy, or the interpreter of tapes."""

from __future__ import annotations

import ctypes
import math
from typing import Any

import numpy as np

from autograd import AutogradError
from autograd.core.evaluate import FAILURES
from autograd.engines import numpy_batch, python_source
from autograd.engines.native.llvm_text import LANES
from autograd.engines.native.tape_interpreter import Schedule
from autograd.program.running import EngineMissing
from autograd.program.tape import Tape
from nn.compiled.buffers import Batches, Program, Steps, Trainer
from nn.compiled.machine_training import Job, TooLong, compile_training
from nn.compiled.setting import CannotCompile, Setting
from nn.compiled.tapes import TrainingTapes, record_step
from nn.validation import first_line

__all__ = ["epochs_per_call", "trainer_for"]


FEW = 12
"""Up to so many samples at a time, Python one after the other is faster than NumPy on arrays of them."""


def trainer_for(tapes: TrainingTapes, setting: Setting, engine: str) -> tuple[Trainer, str]:
    """The function that makes steps, by the engine that was asked for or by the best one there is.

    Raises:
        EngineMissing: if that engine is not installed, or does not work here.
        CannotCompile: if it has no code for an operation.
    """
    if engine in ("auto", "native"):
        try:
            return native_trainer(tapes, setting), "native"
        except EngineMissing:
            if engine == "native":
                raise
        except AutogradError as error:
            if engine == "native":
                raise CannotCompile(first_line(error)) from error
    short = tapes.instructions <= python_source.LONGEST
    if engine == "python" or (engine == "auto" and setting.batch_size <= FEW and short):
        return python_trainer(tapes, setting), "python"
    return NumPyTrainer(tapes), "numpy"


def native_trainer(tapes: TrainingTapes, setting: Setting) -> Trainer:
    """Machine code: all steps in one call.

    Raises:
        EngineMissing: if llvmlite is not installed, or does not work here.
        AutogradError: for an operation of somebody's own.
    """
    try:
        train = compile_training(tapes, setting.one_by_one)
    except TooLong:
        return InterpretingTrainer(tapes)

    def run(steps: Steps, end: int) -> None:
        stepper, done = steps.stepper, steps.done
        # The rows of an array lie one behind the other.
        memory, row = address(stepper.memory), stepper.memory.strides[0]
        stride = steps.columns.shape[1]
        results = address(steps.results) + 8 * done
        several_rates = int(len(steps.rates) > 1)
        job = Job(
            parameters=memory, gradients=memory + row, states=memory + 2 * row,
            columns=address(steps.columns), stride=stride, written=stride - LANES,
            samples=stepper.batches.samples, size=stepper.batches.size, place=stepper.batches.place_of(done)[0],
            rates=address(steps.rates) + 8 * done * several_rates, rate_stride=several_rates,
            before=stepper.before, steps=end - done, losses=results, norms=results + steps.results.strides[0],
            predictions=steps.predictions.ctypes.data, prediction_stride=steps.predictions.shape[1],
            made=address(stepper.made),
        )  # fmt: skip
        train(job)

    return run


def python_trainer(tapes: TrainingTapes, setting: Setting) -> Trainer:
    """Generated Python source: the whole step if it is for one sample and not too long."""
    if setting.one_by_one:
        step = record_step(tapes)
        if len(step.instructions) <= python_source.LONGEST:
            return OneFunctionTrainer(tapes, step)
    return PythonTrainer(tapes)


def address(array: Any) -> int:
    """Where the numbers of an array begin, found in half the time that array.ctypes.data takes."""
    return ctypes.addressof(ctypes.c_char.from_buffer(array))


class OneFunctionTrainer:
    """A step on one sample is one call of a function of generated Python source."""

    def __init__(self, tapes: TrainingTapes, step: Tape) -> None:
        self.tapes = tapes
        self.step = python_source.function(step)

    def __call__(self, steps: Steps, end: int) -> None:
        stepper, count = steps.stepper, self.tapes.parameters
        learned: Any = stepper.memory[[0, *range(2, len(stepper.memory))], :count].ravel().tolist()
        size = len(learned)
        samples = steps.columns[:, :-LANES].T.tolist()
        rates = steps.rates.tolist() * (steps.count if len(steps.rates) == 1 else 1)
        first = steps.done
        # How many steps are made, and what the last of them gave: two things that change at the same moment.
        done: tuple[int, Any] = (first, None)
        try:
            for k in range(first, end):
                number = stepper.before + k - first + 1.0
                found = self.step(*learned, *samples[k % len(samples)], number, rates[k])
                if not math.isfinite(sum(found)):
                    break
                steps.losses[k], steps.norms[k] = found[size : size + 2]
                if self.tapes.predictions:
                    steps.predictions[:, k] = found[size + 2 + count :]
                learned = found[:size]
                done = (k + 1, found)
        except FAILURES:
            pass
        finally:
            made, found = done[0] - first, done[1]
            if made:
                stepper.parameters[:count] = found[:count]
                stepper.states[:, :count] = np.reshape(found[count:size], (-1, count))
                stepper.gradients[:count] = found[size + 2 : size + 2 + count]
            stepper.made[0] = made


class PythonTrainer:
    """The same by generated Python source, sample by sample."""

    def __init__(self, tapes: TrainingTapes) -> None:
        self.tapes = tapes
        self.update = numpy_batch.function(tapes.update)
        self.penalty = None if tapes.penalty is None else numpy_batch.function(tapes.penalty)
        self.prepare()

    def prepare(self) -> None:
        self.sample: Any = python_source.function(self.tapes.sample)

    def __call__(self, steps: Steps, end: int) -> None:
        with np.errstate(all="ignore"):
            for k in range(steps.done, end):
                try:
                    if not self.step(steps, k):
                        return
                except FAILURES:
                    return
                steps.stepper.made[0] += 1

    def step(self, steps: Steps, k: int) -> bool:
        """Make one step, unless one of its numbers would not be finite."""
        stepper, tapes = steps.stepper, self.tapes
        count = tapes.parameters
        parameters, states = stepper.parameters[:count], stepper.states[:, :count]
        begin, samples = stepper.batches.place_of(k)
        loss, gradients = self.loss_and_gradients(
            parameters.tolist(), steps.columns_of(k), steps.predictions[:, begin : begin + samples]
        )
        if self.penalty is not None:
            penalty, *slopes = self.penalty(*parameters.tolist())
            loss, gradients = loss + penalty, gradients + np.array(slopes)
        norm = math.sqrt(float(gradients @ gradients))
        used = stepper.clipped(gradients)
        number = stepper.before + int(stepper.made[0]) + 1
        moved, new_states = self.moved(parameters, used, states, number, steps.rate_of(k))
        if not (math.isfinite(loss + norm) and np.isfinite(moved).all() and np.isfinite(new_states).all()):
            return False
        stepper.gradients[:count] = gradients
        parameters[:] = moved
        states[:] = new_states
        steps.losses[k], steps.norms[k] = loss, norm
        return True

    def loss_and_gradients(self, parameters: list[float], columns: Any, predictions: Any) -> tuple[float, Any]:
        """The mean loss of a batch and its derivatives; the predictions are put where they belong."""
        losses, gradients = [], np.zeros(len(parameters))
        weight = 1.0 / columns.shape[1]
        for i, numbers in enumerate(columns.T.tolist()):
            outputs = self.sample(*parameters, *numbers, weight)
            losses.append(outputs[0])
            gradients += outputs[1 : len(parameters) + 1]
            predictions[:, i] = outputs[len(parameters) + 1 :]
        return math.fsum(losses) * weight, gradients

    def moved(self, parameters: Any, gradients: Any, states: Any, step: int, rate: float) -> tuple[Any, Any]:
        """The optimizer's rule, on all parameters together."""
        moved, *new_states = self.update(parameters, gradients, *states, float(step), rate)
        return moved, np.reshape([np.broadcast_to(state, parameters.shape) for state in new_states], states.shape)


class InterpretingTrainer(PythonTrainer):
    """The same by the interpreter of tapes, sample by sample: for networks too large to be compiled."""

    def prepare(self) -> None:
        self.schedule = Schedule(self.tapes.sample)
        self.slots = self.schedule.slots

    def loss_and_gradients(self, parameters: list[float], columns: Any, predictions: Any) -> tuple[float, Any]:
        count, samples = len(parameters), columns.shape[1]
        slots = self.slots.copy()
        slots[:count] = parameters
        slots[self.schedule.inputs - 1] = 1.0 / samples
        losses, gradients = [], np.zeros(count)
        for i in range(samples):
            slots[count : self.schedule.inputs - 1] = columns[:, i]
            self.schedule.run(slots)
            outputs = slots[self.schedule.outputs]
            losses.append(float(outputs[0]))
            gradients += outputs[1 : count + 1]
            predictions[:, i] = outputs[count + 1 :]
        return math.fsum(losses) / samples, gradients


class NumPyTrainer(PythonTrainer):
    """The same by NumPy: each operation once, for all samples of a batch together."""

    def prepare(self) -> None:
        self.sample = numpy_batch.function(self.tapes.sample)

    def loss_and_gradients(self, parameters: list[float], columns: Any, predictions: Any) -> tuple[float, Any]:
        samples = columns.shape[1]
        # One sample alone is given as plain numbers, for which there is a quicker way.
        numbers = columns[:, 0].tolist() if samples == 1 else columns
        losses, *outputs = self.sample(*parameters, *numbers, 1.0 / samples)
        gradients = np.empty((len(parameters), samples))
        for row, output in zip(gradients, outputs, strict=False):
            row[:] = output
        for row, output in zip(predictions, outputs[len(parameters) :], strict=True):
            row[:] = output
        return float(np.broadcast_to(losses, samples).mean()), gradients.sum(axis=1)


SECONDS_PER_CALL = 0.05
"""About so long a call may take: then the progress bar moves, and Ctrl-C is heard."""


def epochs_per_call(program: Program, batches: Batches) -> int:
    """How many epochs to make in one call, estimated from the number of numbers to be computed."""
    each_sample, each_step = len(program.tapes.sample.instructions), program.tapes.instructions
    numbers = batches.samples * each_sample + batches.per_epoch * each_step
    return max(1, min(10_000, int(SECONDS_PER_CALL / (numbers * 1e-9))))
