"""A training run as a program: recorded once from the model, the loss and the optimizer, then run at machine speed.

What one step computes is written on tapes (``nn.recording``), an engine turns these into a function that
makes thousands of steps in one call (``nn.trainers``), and that works on arrays (``nn.stepping``).  Here a
program is found for a run: made anew, or the one with which the model has been trained before.  ``fit``
asks for it, and trains node by node where there can be none.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Hashable, Sequence
from typing import Any

from autograd import AutogradError, Value, modes
from autograd.compiler import eager
from nn.data import Dataset
from nn.forward import Forward, Validation
from nn.optim import Optimizer
from nn.recording import CannotCompile, Columns, Setting, columns_of, record_tapes
from nn.stepping import KnownData, Program, Stepper
from nn.surroundings import Surroundings
from nn.trainers import trainer_for

__all__ = ["ENGINES", "program_for", "validation_for"]

ENGINES = ("auto", "eager", "native", "numpy", "python")

Key = tuple[Hashable, Hashable]
"""What the run is, and what model, loss and penalty were when it was recorded."""

MOST_PROGRAMS = 8
"""A model keeps so many programs; then the oldest gives way, and its machine code is freed."""

_programs: weakref.WeakKeyDictionary[Any, dict[Key, Program]] = weakref.WeakKeyDictionary()


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
    known = programs_of(setting.model)
    run = run_of(setting, dataset, engine)
    program = next((program for key, program in known.items() if key[0] == run and is_unchanged(program)), None)
    around = None
    if program is None:
        around = Surroundings([setting.model, setting.loss, setting.penalty], setting.parameters)
        program = known.get((run, around.fingerprint)) if run is not None else None
    if program is not None:
        for last in program.last[:]:
            if last.are_in(dataset):
                return program, last.columns
        columns = columns_of(dataset, program.outputs)
        try_targets(program, setting, dataset, columns)
        program.last[:] = [KnownData.of(dataset, columns)]
        return program, columns
    assert around is not None
    around.with_chance()
    try:
        program, columns = new_program(setting, dataset, engine, around)
        if around.has_drawn() or around.has_changed():
            raise CannotCompile("the model changes while it computes")
    except CannotCompile as reason:
        drawn = around.has_drawn()
        around.restore()
        if drawn and str(reason):
            raise CannotCompile("the model draws random numbers while it computes") from reason
        raise
    if run is not None:
        known[run, around.fingerprint] = program
        while len(known) > MOST_PROGRAMS:
            del known[next(iter(known))]
    return program, columns


def is_unchanged(program: Program) -> bool:
    """True if it is plain to see that the model is what it was."""
    return program.parts is not None and all(now == before for now, before in program.parts)


def new_program(setting: Setting, dataset: Dataset, engine: str, around: Surroundings) -> tuple[Program, Columns]:
    """
    Raises:
        CannotCompile: with the reason.
    """
    _, outputs = first_loss(setting, dataset.inputs[0], dataset.targets[:1])
    columns = columns_of(dataset, outputs)
    tapes, parameters = record_tapes(setting, columns)
    trainer, engine = trainer_for(tapes, setting, engine)
    program = Program(tapes, parameters, trainer, engine, Forward(tapes), outputs, around.parts())
    try_targets(program, setting, dataset, columns)
    check_agreement(program, setting, dataset, columns)
    return program, columns


def try_targets(program: Program, setting: Setting, dataset: Dataset, columns: Columns) -> None:
    """A recorded loss cannot complain about a target, so every kind of target is tried once.

    Raises:
        CannotCompile: without a text, because the error will come.
    """
    targets = different(dataset.targets, columns)
    untried = [target for text, target in targets.items() if text not in program.tried]
    if untried:
        first_loss(setting, dataset.inputs[0], untried)
        program.tried.update(targets)


def check_agreement(program: Program, setting: Setting, dataset: Dataset, columns: Columns) -> None:
    """Compare a new program with the model itself, on some samples.

    Raises:
        CannotCompile: if they differ.
    """
    for i in dict.fromkeys([0, len(dataset) // 2, len(dataset) - 1]):
        loss, _ = first_loss(setting, dataset.inputs[i], [dataset.targets[i]])
        if not agrees(program, columns, loss, i):
            raise CannotCompile("the model computes something else each time, or changes while it computes")
    if setting.penalty is not None and program.tapes.penalty is not None:
        found = eager(program.tapes.penalty)(*[p.data for p in program.parameters])[0]
        if not math.isclose(found, setting.penalty(program.parameters).data, rel_tol=1e-9, abs_tol=1e-12):
            raise CannotCompile("the penalty computes something else each time")


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


def different(targets: Sequence[Any], columns: Columns, most: int = 12) -> dict[str, Any]:
    """Some targets that are different, each with its text: the first ones, and of numbers the extremes.

    Of classes all, because any may be none of the model's.
    """
    if columns.target == "list":
        targets = targets[:most]
    else:
        numbers = list(dict.fromkeys(targets))
        few = columns.target == "class" or len(numbers) <= most
        targets = numbers if few else [*numbers[:most], min(numbers), max(numbers)]
    return {repr(target): target for target in targets}


def agrees(program: Program, columns: Columns, loss: float, sample: int = 0) -> bool:
    """True if the program gives the loss that the model gives for a sample."""
    return program.forward.agrees([p.data for p in program.parameters], columns, loss, sample)


def validation_for(program: Program, stepper: Stepper, setting: Setting, dataset: Dataset) -> Validation | None:
    """Other data, ready to be measured by the program of a run; None if that has to be done node by node."""
    try:
        loss, outputs = first_loss(setting, dataset.inputs[0], dataset.targets[:1])
        columns = columns_of(dataset, outputs)
        first_loss(setting, dataset.inputs[0], list(different(dataset.targets, columns).values()))
    except CannotCompile:
        return None
    of_one_form = (len(columns.numbers), columns.inputs, columns.target) == (
        program.tapes.columns, stepper.inputs, stepper.target,
    )  # fmt: skip
    if not (of_one_form and agrees(program, columns, loss)):
        return None
    return Validation(program.forward, stepper.parameters, columns, in_machine_code=program.engine == "native")


def programs_of(model: Any) -> dict[Key, Program]:
    try:
        return _programs.setdefault(model, {})
    except TypeError:  # a model that cannot be a key is recorded anew each time
        return {}


def run_of(setting: Setting, dataset: Dataset, engine: str) -> Hashable | None:
    """What else must be the same for a program to be used again; None if that cannot be compared."""
    optimizer, target = setting.optimizer, dataset.targets[0]
    run = (
        tuple(map(id, setting.parameters)), setting.loss, setting.penalty, type(optimizer), repr(optimizer),
        setting.clip_value, setting.clip_norm, setting.one_by_one, setting.with_predictions,
        len(dataset.inputs[0]), len(target) if isinstance(target, (list, tuple)) else None, engine,
    )  # fmt: skip
    try:
        hash(run)
    except TypeError:
        return None
    return run
