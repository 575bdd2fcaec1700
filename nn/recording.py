"""What a training run computes, written on tapes: a sample's loss and gradients, the penalty, the update."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import Value, sqrt
from autograd.engines.native_training import TrainingTapes
from autograd.recorder import Recorder, Tracer, in_order
from autograd.tape import Tape, TapeError
from autograd.watching import watching
from nn.checks import first_line
from nn.data import Dataset
from nn.optim import Optimizer

__all__ = ["CannotCompile", "Columns", "Setting", "columns_of", "record_step", "record_tapes"]


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
    batch_size: int
    with_predictions: bool

    @property
    def one_by_one(self) -> bool:
        return self.batch_size == 1


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
    except CannotCompile:
        raise
    except Exception as error:
        # Numbers that are not known yet may surprise a model in many ways.
        raise CannotCompile(reason(error)) from error
    rows = len(columns.numbers)
    predictions = len(sample.outputs) - 1 - len(moved)
    tapes = TrainingTapes(
        len(moved), rows, predictions, sample, penalty, update, len(setting.optimizer.state_names),
        setting.clip_value, setting.clip_norm,
    )  # fmt: skip
    return tapes, moved


def reason(error: Exception) -> str:
    """What an error says, and the user's line where it happened, if it is known."""
    lines = str(error).splitlines()
    place = next((line.strip() for line in lines[1:] if line.strip().startswith("at ")), "")
    what = lines[0] if isinstance(error, TapeError) and lines else f"{type(error).__name__}: {first_line(error)}"
    return f"{what} ({place})" if place else what


def record_sample(setting: Setting, columns: Columns, parameters: list[Value]) -> tuple[Tape, set[Value]]:
    """From parameters, a sample and its weight: loss, derivatives of weight · loss, predictions."""
    recorder = Recorder()
    traced = [recorder.input(parameter.label, parameter) for parameter in parameters]
    xs = [recorder.input(f"x{i}") for i in range(1, columns.inputs + 1)]
    targets = [recorder.input("target") for _ in range(len(columns.numbers) - columns.inputs)]
    weight: Any = recorder.input("weight")
    # A branch on a parameter's number would be taken once and for all.
    with watching(recorder):
        output = setting.model(xs)
        loss = setting.loss(output, targets[0] if columns.target == "number" else targets)
    if not isinstance(loss, Tracer):
        raise CannotCompile("the loss does not depend on the data or the parameters")
    weighted = loss if setting.one_by_one else loss * weight
    gradients = recorder.gradients(weighted, traced)
    predictions = outputs_in(output) if setting.with_predictions else []
    behind = set(map(id, in_order([loss])))
    reached = {parameter for parameter, tracer in zip(parameters, traced, strict=True) if id(tracer) in behind}
    recorder.close()
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
    behind = set(map(id, in_order([penalty])))
    reached = {parameter for parameter, tracer in zip(parameters, traced, strict=True) if id(tracer) in behind}
    gradients = recorder.gradients(penalty, traced)
    recorder.close()
    return recorder.finish([penalty, *gradients]), reached


def record_update(optimizer: Optimizer) -> Tape:
    """The optimizer's rule for one parameter: its new value and the new state."""
    recorder = Recorder()
    parameter, gradient = recorder.input("parameter"), recorder.input("gradient")
    state = tuple([recorder.input(name) for name in optimizer.state_names])
    step, rate = recorder.input("step"), recorder.input("lr")
    moved, new_state = optimizer.update(parameter, gradient, state, step, rate)
    recorder.close()
    return recorder.finish([moved, *new_state])


def record_step(tapes: TrainingTapes) -> Tape:
    """A whole training step on a single sample.

    It takes the parameters, their states (a row for each number of a state), the numbers of the sample, the
    number of the step and the learning rate, and gives the new parameters, the new states, the loss, the
    length of the gradient, the gradients as they were before clipping, and the predictions.
    """
    recorder = Recorder()

    def inputs(name: str, count: int) -> list[Tracer]:
        return [recorder.input(f"{name}{i}") for i in range(1, count + 1)]

    count = tapes.parameters
    parameters = inputs("parameter", count)
    states = [inputs(f"state{row}.", count) for row in range(1, tapes.states + 1)]
    sample = inputs("x", tapes.columns)
    step, rate = recorder.input("step"), recorder.input("lr")
    loss, *outputs = write_down(recorder, tapes.sample, [*parameters, *sample, recorder.tracer(1.0)])
    gradients, predictions = outputs[:count], outputs[count:]
    if tapes.penalty is not None:
        penalty, *slopes = write_down(recorder, tapes.penalty, parameters)
        loss = loss + penalty
        gradients = [gradient + slope for gradient, slope in zip(gradients, slopes, strict=True)]
    moved = []
    for old in zip(parameters, clipped(gradients, tapes), *states, strict=True):
        moved.append(write_down(recorder, tapes.update, [*old, step, rate]))
    new = [numbers[row] for row in range(1 + tapes.states) for numbers in moved]
    return recorder.finish([*new, loss, length(gradients), *gradients, *predictions])


def write_down(recorder: Recorder, tape: Tape, inputs: list[Tracer]) -> list[Tracer]:
    """Another tape's steps once more, on numbers of this recorder; its outputs."""
    slots = recorder.replay(tape, tuple([x.slot for x in inputs]))
    return [Tracer(recorder, slot) for slot in slots]


def clipped(gradients: list[Tracer], tapes: TrainingTapes) -> list[Tracer]:
    """The gradients within the limits that were set, first of each alone and then of all together."""
    if tapes.clip_value is not None:
        gradients = [gradient.minimum(tapes.clip_value).maximum(-tapes.clip_value) for gradient in gradients]
    if tapes.clip_norm is not None:
        factor = (tapes.clip_norm / (length(gradients) + 1e-6)).minimum(1.0)
        gradients = [gradient * factor for gradient in gradients]
    return gradients


def length(gradients: list[Tracer]) -> Any:
    squares: Any = sum([gradient * gradient for gradient in gradients])
    return sqrt(squares)
