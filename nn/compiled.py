"""A training run as a program: recorded once from the model, the loss and the optimizer, then run at machine speed.

What one step computes is written on tapes (``nn.recording``), an engine turns these into a function that
makes thousands of steps in one call (``nn.trainers``), and that works on arrays (``nn.stepping``).  Here a
program is found for a run: made anew, or the one with which the model has been trained before.  ``fit``
asks for it, and trains node by node where there can be none.
"""

from __future__ import annotations

import weakref
from collections.abc import Hashable, Sequence
from typing import Any

from autograd import AutogradError, Value, modes
from nn.data import Dataset
from nn.forward import Forward, Validation
from nn.optim import Optimizer
from nn.recording import CannotCompile, Columns, Setting, columns_of, record_tapes
from nn.stepping import Program, Stepper
from nn.trainers import trainer_for

__all__ = ["ENGINES", "program_for", "validation_for"]

ENGINES = ("auto", "eager", "native", "numpy", "python")

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
    loss, outputs = first_loss(setting, dataset.inputs[0], dataset.targets[:1])
    columns = columns_of(dataset, outputs)
    known = programs_of(setting.model)
    key = key_of(setting, columns, engine)
    program = known.get(key) if key is not None else None
    if program is not None and not agrees(program, columns, loss):
        # The model has been changed since: another activation, say.
        program = None
    # A recorded loss cannot complain about a target, so every kind of target is tried once.
    targets = different(dataset.targets)
    untried = [target for text, target in targets.items() if program is None or text not in program.tried]
    if untried:
        first_loss(setting, dataset.inputs[0], untried)
    if program is None:
        tapes, parameters = record_tapes(setting, columns)
        program = Program(tapes, parameters, *trainer_for(tapes, setting, engine), Forward(tapes))
        if not agrees(program, columns, loss):
            raise CannotCompile("the model computes something else each time, or changes while it computes")
        if key is not None:
            known[key] = program
    program.tried.update(targets)
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


def different(targets: Sequence[Any], most: int = 12) -> dict[str, Any]:
    """The first of all targets and some that are different, each with its text."""
    found: dict[str, Any] = {}
    for target in targets:
        found.setdefault(repr(target), target)
        if len(found) == most:
            break
    return found


def agrees(program: Program, columns: Columns, loss: float) -> bool:
    """True if the program gives the loss that the model gives for the first sample."""
    return program.forward.agrees([p.data for p in program.parameters], columns, loss)


def validation_for(program: Program, stepper: Stepper, setting: Setting, dataset: Dataset) -> Validation | None:
    """Other data, ready to be measured by the program of a run; None if that has to be done node by node."""
    try:
        loss, outputs = first_loss(setting, dataset.inputs[0], list(different(dataset.targets).values()))
    except CannotCompile:
        return None
    columns = columns_of(dataset, outputs)
    of_one_form = (len(columns.numbers), columns.inputs, columns.target) == (
        program.tapes.columns, stepper.inputs, stepper.target,
    )  # fmt: skip
    if not (of_one_form and agrees(program, columns, loss)):
        return None
    return Validation(program.forward, stepper.parameters, columns, in_machine_code=program.engine == "native")


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
