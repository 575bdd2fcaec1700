"""A training run as a program: recorded once from the model, the loss and the optimizer, then run at machine speed.

What one step computes is written on tapes (``autograd.tape``): for a sample its loss, gradients and
predictions; for a parameter its update.  An engine turns these into a function that makes thousands of
steps in one call.  ``fit`` asks for it, and trains node by node where there can be none.
"""

from __future__ import annotations

import copy
import math
import weakref
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd import AutogradError, Value, modes
from autograd.engines import numpy_batch, python_source
from autograd.engines.machine_code import EngineMissing
from autograd.engines.native_training import ALIGNMENT, TooLong, TrainingTapes, compile_training, padded
from autograd.engines.tape_interpreter import Schedule
from autograd.evaluate import FAILURES
from autograd.tape import Recorder, Tape, TapeError, Tracer, in_order
from autograd.watching import watching
from nn.checks import first_line
from nn.data import Dataset
from nn.optim import Optimizer

__all__ = ["CannotCompile", "Program", "Stepper", "program_for"]

ENGINES = ("auto", "eager", "native", "numpy", "python")


class CannotCompile(Exception):
    """Why a run has to be made node by node; without a text, because an error is to come of it."""


# --- the samples as columns of numbers --------------------------------------------------------------------


@dataclass(frozen=True)
class Columns:
    """A data set as an array with one row for each number of a sample, inputs before targets.

    ``target`` says what a target is: "number", "list", or "class", which stands here as one number for
    each class: 1 for it, 0 for all others.  ``outputs`` counts the outputs of the model, 0 meaning a
    single number that is no list.
    """

    numbers: np.ndarray
    inputs: int
    target: str
    outputs: int


def columns_of(dataset: Dataset, outputs: int) -> Columns:
    """The samples as columns, for a model with so many outputs (0 for a single number).

    >>> data = Dataset.of(([[0.5, 1.0], [2.0, 3.0]], [1, 0]))
    >>> columns_of(data, outputs=0).numbers.tolist(), columns_of(data, outputs=2).target
    ([[0.5, 2.0], [1.0, 3.0], [1.0, 0.0]], 'class')
    """
    targets: list[list[Any]]
    if isinstance(dataset.targets[0], (list, tuple)):
        kind, targets = "list", [list(target) for target in dataset.targets]  # type: ignore[arg-type]
    elif outputs > 1:
        kind, targets = "class", [[float(i == target) for i in range(outputs)] for target in dataset.targets]
    else:
        kind, targets = "number", [[target] for target in dataset.targets]
    rows = [[*x, *target] for x, target in zip(dataset.inputs, targets, strict=True)]
    return Columns(np.array(rows, dtype=np.float64).T.copy(), len(dataset.inputs[0]), kind, outputs)


# --- recording --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """What is to be recorded: everything that shapes the program of a run."""

    model: Any
    parameters: list[Value]
    loss: Callable[[Any, Any], Any]
    optimizer: Optimizer
    penalty: Callable[[Any], Any] | None
    clip_value: float | None
    clip_norm: float | None
    one_by_one: bool
    with_predictions: bool


def record_tapes(setting: Setting, columns: Columns) -> tuple[TrainingTapes, list[Value]]:
    """The tapes of a run, and the parameters that it moves: those on which the loss or the penalty depends.

    Raises:
        CannotCompile: if the model, the loss, the penalty or the optimizer cannot be recorded.
    """
    try:
        sample, reached = record_sample(setting, columns, setting.parameters)
        penalty, also_reached = record_penalty(setting, setting.parameters)
        moved = [p for p in setting.parameters if p in reached or p in also_reached]
        if not moved:
            raise CannotCompile("the loss does not depend on any parameter")
        if len(moved) < len(setting.parameters):
            sample, _ = record_sample(setting, columns, moved)
            penalty, _ = record_penalty(setting, moved)
        update = record_update(setting.optimizer)
    except TapeError as error:
        raise CannotCompile(first_line(error)) from error
    rows = len(columns.numbers)
    predictions = len(sample.outputs) - 1 - len(moved)
    tapes = TrainingTapes(
        len(moved), rows, predictions, sample, penalty, update, len(setting.optimizer.state_names),
        setting.clip_value, setting.clip_norm,
    )  # fmt: skip
    return tapes, moved


def record_sample(setting: Setting, columns: Columns, parameters: list[Value]) -> tuple[Tape, set[Value]]:
    """From parameters, a sample and its weight: loss, derivatives of weight · loss, predictions."""
    recorder = Recorder()
    traced = [recorder.input(parameter.label, parameter) for parameter in parameters]
    xs = [recorder.input(f"x{i}") for i in range(1, columns.inputs + 1)]
    targets = [recorder.input("target") for _ in range(len(columns.numbers) - columns.inputs)]
    weight: Any = recorder.input("weight")
    # A branch on a parameter's number would be taken once and for all.
    with watching(recorder, parameters):
        output = setting.model(xs)
        loss = setting.loss(output, targets[0] if columns.target == "number" else targets)
    if not isinstance(loss, Tracer):
        raise CannotCompile("the loss does not depend on the data or the parameters")
    weighted = loss if setting.one_by_one else loss * weight
    gradients = recorder.gradients(weighted, traced)
    predictions = outputs_in(output) if setting.with_predictions else []
    behind = set(in_order([loss]))
    reached = {parameter for parameter, tracer in zip(parameters, traced, strict=True) if tracer in behind}
    return recorder.finish([loss, *gradients, *predictions]), reached


def outputs_in(output: Any) -> list[Any]:
    return list(output) if isinstance(output, (list, tuple)) else [output]


def record_penalty(setting: Setting, parameters: list[Value]) -> tuple[Tape | None, set[Value]]:
    if setting.penalty is None:
        return None, set()
    recorder = Recorder()
    traced = [recorder.input(parameter.label, parameter) for parameter in parameters]
    penalty = setting.penalty(traced)
    if not isinstance(penalty, Tracer):
        raise CannotCompile("the penalty does not depend on the parameters")
    behind = set(in_order([penalty]))
    reached = {parameter for parameter, tracer in zip(parameters, traced, strict=True) if tracer in behind}
    return recorder.finish([penalty, *recorder.gradients(penalty, traced)]), reached


def record_update(optimizer: Optimizer) -> Tape:
    """The optimizer's rule for one parameter: its new value and the new state."""
    recorder = Recorder()
    parameter, gradient = recorder.input("parameter"), recorder.input("gradient")
    state = tuple([recorder.input(name) for name in optimizer.state_names])
    step, rate = recorder.input("step"), recorder.input("lr")
    moved, new_state = optimizer.update(parameter, gradient, state, step, rate)
    return recorder.finish([moved, *new_state])


Trainer = Callable[["Steps", int], None]
"""Makes steps, from those that are done up to an end, until one would not be finite."""


# --- programs, made once for each model -------------------------------------------------------------------


@dataclass(frozen=True)
class Program:
    """A compiled run: its tapes, the parameters that it moves, who makes the steps, and the loss alone."""

    tapes: TrainingTapes
    parameters: list[Value]
    train: Trainer
    engine: str
    loss: Callable[..., float]


_programs: weakref.WeakKeyDictionary[Any, dict[Hashable, Program]] = weakref.WeakKeyDictionary()


def program_for(setting: Setting, dataset: Dataset, engine: str) -> tuple[Program, Columns]:
    """The program for a run, a new one unless the model has been trained in this way before.

    Raises:
        CannotCompile: with the reason.
    """
    if engine == "eager":
        raise CannotCompile("engine='eager' asks for it")
    if modes.active:
        raise CannotCompile("it runs inside ieee(), no_grad() or detect_anomaly()")
    if type(setting.optimizer).step is not Optimizer.step:
        raise CannotCompile("the optimizer has a step() of its own")
    if setting.clip_value is not None and setting.clip_norm is not None:
        raise CannotCompile("clip_value and clip_norm are both set")
    loss, outputs = first_loss(setting, dataset.inputs[0], dataset.targets[:1])
    columns = columns_of(dataset, outputs)
    known = programs_of(setting.model)
    key = key_of(setting, columns, engine)
    program = known.get(key) if key is not None else None
    if program is not None and not agrees(program, columns, loss):
        # The model has been changed since: another activation, say.
        program = None
    if program is None:
        # A recorded loss cannot complain about a target, so every kind of target is tried.
        first_loss(setting, dataset.inputs[0], different(dataset.targets))
        tapes, parameters = record_tapes(setting, columns)
        program = Program(tapes, parameters, *trainer_for(tapes, setting, engine), loss_of(tapes.sample))
        if not agrees(program, columns, loss):
            raise CannotCompile("the model computes something else each time, or changes while it computes")
        if key is not None:
            known[key] = program
    return program, columns


def first_loss(setting: Setting, x: Any, targets: Sequence[Any]) -> tuple[float, int]:
    """The loss of a sample, node by node, and how many outputs the model has (0 for a single number)."""
    try:
        output = setting.model(x)
        losses = [setting.loss(output, target) for target in targets]
    except (AutogradError, ArithmeticError) as error:
        # Node by node the same error comes again, with all that belongs to it.
        raise CannotCompile("") from error
    outputs = len(output) if isinstance(output, (list, tuple)) else 0
    if not isinstance(losses[0], Value):
        raise CannotCompile("the loss is not a Value")
    return losses[0].data, outputs


def different(targets: Sequence[Any], most: int = 12) -> list[Any]:
    """The first of all targets, and some that are different."""
    found: dict[str, Any] = {}
    for target in targets:
        found.setdefault(repr(target), target)
        if len(found) == most:
            break
    return list(found.values())


def agrees(program: Program, columns: Columns, loss: float) -> bool:
    """True if the program's own steps give the loss that the model gives for the first sample."""
    try:
        found = program.loss(*[p.data for p in program.parameters], *columns.numbers[:, 0].tolist(), 1.0)
    except FAILURES:
        return False
    return math.isclose(found, loss, rel_tol=1e-9, abs_tol=1e-12)


def loss_of(sample: Tape) -> Callable[..., float]:
    """The loss alone, as a function of what the tape of a sample takes."""
    first = len(sample.inputs) + len(sample.constants)
    loss = sample.outputs[0]
    forward = sample.instructions[: max(0, loss + 1 - first)]
    tape = replace(sample, instructions=forward, outputs=(loss,))
    engine: Any = python_source if len(forward) <= python_source.LONGEST else numpy_batch
    compute = engine.function(tape)
    return lambda *numbers: float(compute(*numbers)[0])


def programs_of(model: Any) -> dict[Hashable, Program]:
    try:
        return _programs.setdefault(model, {})
    except TypeError:  # a model that cannot be a key is recorded anew each time
        return {}


def key_of(setting: Setting, columns: Columns, engine: str) -> Hashable | None:
    """What must be the same for a program to be used again; None if that cannot be compared."""
    optimizer = setting.optimizer
    key = (
        tuple(map(id, setting.parameters)), setting.loss, setting.penalty, type(optimizer), repr(optimizer),
        setting.clip_value, setting.clip_norm, setting.one_by_one, setting.with_predictions,
        len(columns.numbers), columns.inputs, columns.target, engine,
    )  # fmt: skip
    try:
        hash(key)
    except TypeError:
        return None
    return key


def trainer_for(tapes: TrainingTapes, setting: Setting, engine: str) -> tuple[Trainer, str]:
    """The function that makes steps, by the engine that was asked for or by the best one there is.

    Raises:
        CannotCompile: if that engine is not installed.
    """
    if engine in ("auto", "native"):
        try:
            return native_trainer(tapes, setting.one_by_one), "native"
        except TooLong:
            return InterpretingTrainer(tapes, setting.optimizer), "native"
        except EngineMissing as error:
            if engine == "native":
                raise CannotCompile(first_line(error)) from error
    short = tapes.instructions <= python_source.LONGEST
    if engine == "python" or (engine == "auto" and setting.one_by_one and short):
        return PythonTrainer(tapes, setting.optimizer), "python"
    return NumPyTrainer(tapes, setting.optimizer), "numpy"


def native_trainer(tapes: TrainingTapes, one_by_one: bool) -> Trainer:
    """Machine code: all steps in one call."""
    train = compile_training(tapes, one_by_one)

    def run(steps: Steps, end: int) -> None:
        stepper, done = steps.stepper, steps.done
        train(
            stepper.parameters.ctypes.data, stepper.states.ctypes.data, stepper.gradients.ctypes.data,
            steps.columns.ctypes.data, steps.columns.shape[1],
            steps.starts[done:].ctypes.data, steps.counts[done:].ctypes.data, steps.rates[done:].ctypes.data,
            stepper.before, end - done, steps.losses[done:].ctypes.data, steps.norms[done:].ctypes.data,
            steps.predictions.ctypes.data, steps.predictions.shape[1], steps.marks[done:].ctypes.data,
            stepper.made.ctypes.data,
        )  # fmt: skip

    return run


class PythonTrainer:
    """The same by generated Python source, sample by sample."""

    def __init__(self, tapes: TrainingTapes, optimizer: Optimizer) -> None:
        self.tapes = tapes
        # A copy, because a program outlives the optimizer that it was made for.
        self.update = copy.copy(optimizer).update
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
        parameters, states = stepper.parameters[:count], stepper.states[: tapes.states, :count]
        begin, samples = int(steps.starts[k]), int(steps.counts[k])
        columns = steps.columns[:, begin : begin + samples]
        place = slice(int(steps.marks[k]), int(steps.marks[k]) + samples)
        loss, gradients = self.loss_and_gradients(parameters.tolist(), columns, steps.predictions[:, place])
        if self.penalty is not None:
            penalty, *slopes = self.penalty(*parameters.tolist())
            loss, gradients = loss + penalty, gradients + np.array(slopes)
        norm = math.sqrt(float(gradients @ gradients))
        used = stepper.clipped(gradients)
        number = stepper.before + int(stepper.made[0]) + 1
        moved, new_states = self.moved(parameters, used, tuple(states), number, float(steps.rates[k]))
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
        moved, new_states = self.update(parameters, gradients, states, step, rate)
        return moved, np.array(new_states).reshape(len(states), -1)


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
        losses, *outputs = self.sample(*parameters, *columns, 1.0 / samples)
        gradients = np.empty((len(parameters), samples))
        for row, output in zip(gradients, outputs, strict=False):
            row[:] = output
        for row, output in zip(predictions, outputs[len(parameters) :], strict=True):
            row[:] = output
        return float(np.broadcast_to(losses, samples).mean()), gradients.sum(axis=1)


SECONDS_PER_CALL = 0.05
"""About so long a call may take: then the progress bar moves, and Ctrl-C is heard."""


def epochs_per_call(program: Program, steps: int, samples: int) -> int:
    """How many epochs to make in one call, estimated from the number of numbers to be computed."""
    numbers = samples * len(program.tapes.sample.instructions) + steps * program.tapes.instructions
    return max(1, min(10_000, int(SECONDS_PER_CALL / (numbers * 1e-9))))


# --- running ----------------------------------------------------------------------------------------------


class Stepper:
    """The arrays on which a program runs: parameters, the optimizer's states, samples, and what comes out."""

    def __init__(self, program: Program, columns: Columns, optimizer: Optimizer) -> None:
        self.program = program
        self.optimizer = optimizer
        tapes = program.tapes
        row = padded(tapes.parameters)
        self.parameters = aligned(row)
        self.states = aligned(max(tapes.states, 1) * row).reshape(-1, row)
        self.gradients = aligned(row)
        self.samples = columns.numbers.shape[1]
        self.columns = lengthened(columns.numbers)
        self.outputs = columns.outputs
        self.made = np.zeros(1, dtype=np.int64)
        self.before = 0
        self.read()

    def read(self) -> None:
        """Take over the parameters and the optimizer's memory.

        Raises:
            CannotCompile: if the parameters have not all had the same number of updates.
        """
        parameters, memory = self.program.parameters, self.optimizer.memory
        counts = {memory[p][0] for p in parameters}
        if len(counts) != 1:
            raise CannotCompile("the optimizer has moved some parameters more often than others")
        self.before = counts.pop()
        count = len(parameters)
        self.parameters[:count] = [p.data for p in parameters]
        self.gradients[:count] = [p.grad for p in parameters]
        if self.program.tapes.states:
            self.states[:, :count] = np.array([memory[p][1] for p in parameters]).T

    def write(self) -> None:
        """Give back the parameters, their gradients and the optimizer's memory."""
        parameters = self.program.parameters
        count = len(parameters)
        data, gradients = self.parameters[:count].tolist(), self.clipped(self.gradients[:count]).tolist()
        states = self.states[: self.program.tapes.states, :count].T.tolist() or [[]] * count
        for parameter, number, gradient in zip(parameters, data, gradients, strict=True):
            parameter.data = number
            parameter.grad = gradient
        memory = dict(self.optimizer.memory)
        for parameter, state in zip(parameters, states, strict=True):
            memory[parameter] = (self.before, tuple(state))
        self.optimizer.memory = memory

    def clipped(self, gradients: np.ndarray) -> np.ndarray:
        tapes = self.program.tapes
        if tapes.clip_value is not None:
            return gradients.clip(-tapes.clip_value, tapes.clip_value)
        if tapes.clip_norm is not None:
            return gradients * min(1.0, tapes.clip_norm / (float(np.linalg.norm(gradients)) + 1e-6))
        return gradients


class Steps:
    """Some steps that are to be made one after the other, and what each of them gave.

    Args:
        order: the numbers of the samples, step after step.
        counts: how many samples each step takes.
        rates: the learning rate of each step.
    """

    def __init__(self, stepper: Stepper, order: np.ndarray | None, counts: np.ndarray, rates: np.ndarray) -> None:
        self.stepper = stepper
        self.order = order
        self.counts = counts
        self.rates = rates
        self.marks = np.cumsum(counts) - counts
        places = int(counts.sum())
        if order is None:
            self.starts = self.marks % stepper.samples
            self.columns = stepper.columns
        else:
            self.starts = self.marks
            self.columns = lengthened(stepper.columns[:, order])
        self.losses, self.norms = np.empty(len(counts)), np.empty(len(counts))
        self.predictions = np.empty((stepper.program.tapes.predictions, places + ALIGNMENT))
        self.done = 0
        self.take_snapshot()

    def take_snapshot(self) -> None:
        """Note how things stand, so that any later moment can be had again."""
        stepper = self.stepper
        self.snapshot = (self.done, stepper.parameters.copy(), stepper.states.copy(), stepper.before)

    def keep(self, loss: float, norm: float, predictions: list[Any]) -> None:
        """Note the results of the next step, which was made in another way."""
        k = self.done
        self.losses[k], self.norms[k] = loss, norm
        if len(self.predictions):
            begin = self.marks[k]
            self.predictions[:, begin : begin + len(predictions)] = (
                np.array(predictions).reshape(len(predictions), -1).T
            )
        self.done += 1
        self.stepper.read()
        self.take_snapshot()

    def samples_of(self, step: int) -> list[int]:
        """The numbers of the samples of a step."""
        begin = int(self.marks[step])
        places = range(begin, begin + int(self.counts[step]))
        return [int(i % self.stepper.samples if self.order is None else self.order[i]) for i in places]

    def epochs(self, per_epoch: int) -> tuple[list[float], list[float], list[float]]:
        """For each complete epoch its mean loss over the samples, mean length of the gradient, last rate."""
        rows = self.done // per_epoch
        steps = rows * per_epoch
        shares = self.counts[:per_epoch] / self.counts[:per_epoch].sum()
        losses = self.losses[:steps].reshape(rows, per_epoch) @ shares
        norms = self.norms[:steps].reshape(rows, per_epoch) @ np.full(per_epoch, 1 / per_epoch)
        return losses.tolist(), norms.tolist(), self.rates[per_epoch - 1 : steps : per_epoch].tolist()

    def predictions_of(self, first: int, last: int) -> list[Any]:
        """What the model predicted in some steps, in the form in which it gives predictions."""
        begin, end = self.marks[first], self.marks[last - 1] + self.counts[last - 1]
        if self.stepper.outputs == 0:
            return list(self.predictions[0, begin:end].tolist())
        return list(self.predictions[:, begin:end].T.tolist())

    def rewind(self, count: int) -> None:
        """Go back to the moment when so many steps were made, by making those since the snapshot once more."""
        stepper = self.stepper
        self.done, stepper.parameters[:], stepper.states[:], stepper.before = self.snapshot
        self.run(count)

    def run(self, upto: int | None = None) -> None:
        """Go on until all steps are made, or the next one would not be finite; ``done`` says how many are made."""
        stepper = self.stepper
        end = len(self.counts) if upto is None else upto
        stepper.made[0] = 0
        try:
            stepper.program.train(self, end)
        finally:
            made = int(stepper.made[0])
            self.done += made
            stepper.before += made


def lengthened(columns: np.ndarray) -> np.ndarray:
    """Whole vectors are read, so there is something behind the last sample: the same one again."""
    return np.concatenate([columns, np.repeat(columns[:, -1:], ALIGNMENT, axis=1)], axis=1)


def aligned(count: int) -> np.ndarray:
    """An array of zeros that begins where a vector may begin."""
    room = np.zeros(count + ALIGNMENT // 8)
    skip = (-room.ctypes.data % ALIGNMENT) // 8
    return room[skip : skip + count]
