"""A training run as a program: recorded from the model, the loss and the optimizer, then run at machine speed.

What one step computes is written on tapes (``nn.compiled.tapes``), an engine turns these into a function that
makes thousands of steps in one call (``nn.compiled.backends``), and that works on arrays (``nn.compiled.buffers``).
Here a program is found for a run.  A program is known by what it computes, never by whose objects made it:

- Models, losses, penalties and optimizers that are exactly nn's own are known by their configuration
  (``nn.saving.configuration``): all networks of one shape share one program, and nothing is recorded twice.
- Everything else is recorded anew at each call of ``fit``, twice, on a twin (``nn.compiled.twin``), so that what
  changes while it computes is noticed; the tape says which machine code there is already.

``fit`` trains node by node where there can be no program.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any, TypeVar

import numpy as np

from autograd import AutogradError, Value
from autograd.core import modes
from autograd.engines.numpy_batch import NumPyTape
from autograd.program.recorder import collector_at_rest
from autograd.program.tape import SUM, Tape, primitive
from autograd.transforms.nesting import followed
from nn.compiled.backends import FEW, Trainer, trainer_for
from nn.compiled.buffers import Buffers
from nn.compiled.columns import (
    KnownData,
    Samples,
    Shape,
    different,
    form_of_sample,
    forms_of,
    samples_of,
    shaped,
)
from nn.compiled.compilable import CannotCompile, Setting
from nn.compiled.evaluation import Forward, forwards_of
from nn.compiled.tapes import Recording, TrainingTapes, is_the_same_again, losses_of, record_run
from nn.compiled.twin import RandomStates, Twin, TwinError
from nn.data import Dataset
from nn.optim import Optimizer
from nn.saving.configuration import (
    are_methods_own,
    configuration_of_optimizer,
    is_own_loss,
    penalty_of,
)
from nn.saving.known import configuration_of_model

MOST_PROGRAMS = 32
"""So many programs are kept; then the oldest gives way, and its machine code is freed."""

SAMPLES_COMPARED = 32
"""With so many samples, spread over the data, a new program is compared with the model that was recorded."""

SAMPLES_WORTH_A_RECORDING = 10
"""Recording a run once takes about as long as learning from so many samples node by node."""

_by_configuration: OrderedDict[Hashable, TrainingProgram] = OrderedDict()
_by_tape: OrderedDict[Hashable, TrainingCode] = OrderedDict()

Kept = TypeVar("Kept")


def keep(programs: OrderedDict[Hashable, Kept], key: Hashable, program: Kept) -> Kept:
    programs[key] = program
    while len(programs) > MOST_PROGRAMS:
        programs.popitem(last=False)
    return program


def forget() -> None:
    """Forget all programs; their machine code is freed when no run needs it any more."""
    _by_configuration.clear()
    _by_tape.clear()


@dataclass(frozen=True)
class TrainingCode:
    """What is made of tapes: who makes the steps, by which engine, and the forward pass alone."""

    train: Trainer
    engine: str
    forwards: tuple[Forward, ...]


@dataclass(frozen=True)
class TrainingProgram:
    """A compiled run: what was recorded, and the code that was made of it.

    It belongs to nobody: every run that computes the same may use it, and it knows nobody's parameters.

    Attributes:
        last: the data of the last runs, because the next one often has the same.
        tried: the targets about which the loss has not complained, as texts, each with the length of the input.
        idle: memory that no run needs just now.
    """

    recording: Recording
    code: TrainingCode
    last: list[KnownData] = field(default_factory=list)
    tried: set[tuple[int, str]] = field(default_factory=set)
    idle: list[Buffers] = field(default_factory=list)


@dataclass(eq=False)
class Compiled:
    """A program, and the data of a run as it takes them.

    Attributes:
        samples: what to learn from.
        validation: those that are only measured; None if there are none, or they must be measured node by node.
    """

    program: TrainingProgram
    samples: Samples
    validation: Samples | None

    def is_like(self, other: Compiled) -> bool:
        return (
            self.program is other.program and self.samples is other.samples and self.validation is other.validation
        )


def program_for(setting: Setting, before: Compiled | None = None) -> Compiled:
    """The program for what model, loss, penalty, optimizer and data are now; that of ``before``, if it still holds.

    Raises:
        CannotCompile: with the reason.
    """
    if modes.active:
        raise CannotCompile("it runs inside ieee(), no_grad() or detect_anomaly()")
    if getattr(setting.optimizer.step, "__func__", None) is not Optimizer.step:
        raise CannotCompile("the optimizer has a step() of its own")
    configuration = configuration_of(setting)
    if configuration is None:
        return recorded_on_a_twin(setting, before)
    program = _by_configuration.get(configuration)
    if program is not None:
        return with_data(program, setting)
    return recorded_once(setting, configuration)


@collector_at_rest()
def recorded_once(setting: Setting, configuration: Hashable) -> Compiled:
    """The program of a run in which all is nn's own, kept for those that compute the same."""
    compiled = new_program(record_run(setting), setting)
    keep(_by_configuration, configuration, compiled.program)
    return compiled


def configuration_of(setting: Setting) -> Hashable | None:
    """All that shapes the program of a run with nn's own models; None if something in it is not nn's own."""
    if not (is_own_loss(setting.loss) and are_methods_own()):
        return None
    model = configuration_of_model(setting.own, setting.parameters)
    optimizer = configuration_of_optimizer(setting.optimizer)
    penalty = penalty_of(setting.penalty)
    if model is None or optimizer is None or (penalty is None and setting.penalty is not None):
        return None
    return (
        model, setting.loss, penalty, optimizer, setting.clip_value, setting.clip_norm, setting.one_by_one,
        setting.batch_size <= FEW, setting.with_predictions,
        forms_asked_for(setting), setting.engine,
    )  # fmt: skip


def forms_asked_for(setting: Setting) -> Hashable:
    """The forms of the samples to learn from, and those of the validation if a program can have several."""
    if not setting.dataset.ragged:
        return form_of_sample(*setting.dataset[0])
    learned = frozenset(forms_of(setting.dataset))
    if setting.validation is None:
        return learned, learned
    return learned, frozenset(forms_of(setting.validation))


@collector_at_rest()
def recorded_on_a_twin(setting: Setting, before: Compiled | None) -> Compiled:
    """The program of a run with a model, a loss, a penalty or an optimizer of somebody's own.

    Raises:
        CannotCompile: if it cannot be recorded, or is not the same each time.
    """
    if setting.engine == "auto" and setting.has_borders and len(setting.dataset) < SAMPLES_WORTH_A_RECORDING:
        raise CannotCompile(
            "a callback, a metric or a schedule may change anything, and to record the run anew after each epoch "
            "would take longer than to learn from so few samples"
        )
    twin, copy = twin_of(setting)
    states = RandomStates(twin.functions)
    try:
        recording = record_run(copy)
        if before is not None and recording == before.program.recording:
            compiled = with_data(before.program, copy)
        else:
            is_the_same = is_the_same_again(copy, recording)
            require_unchanged(twin, states)
            if not is_the_same:
                raise CannotCompile("the model changes while it computes")
            compiled = new_program(recording, copy)
            compare(compiled, copy)
        require_unchanged(twin, states)
    finally:
        states.restore()
    return compiled


def twin_of(setting: Setting) -> tuple[Twin, Setting]:
    """
    Raises:
        CannotCompile: if there can be none.
    """
    own_optimizer = configuration_of_optimizer(setting.optimizer) is not None
    originals = [setting.model, setting.loss, setting.penalty, None if own_optimizer else setting.optimizer]
    try:
        twin = Twin(originals, setting.parameters)
    except TwinError as error:
        raise CannotCompile(str(error)) from error
    model, loss, penalty, optimizer = twin.parts
    return twin, replace(
        setting, model=model, loss=loss, penalty=penalty, optimizer=optimizer or setting.optimizer, is_twin=True
    )


def require_unchanged(twin: Twin, states: RandomStates) -> None:
    """
    Raises:
        CannotCompile: if the recording has changed something.
    """
    if states.have_been_used():
        raise CannotCompile("random numbers are drawn while the model computes")
    if twin.has_changed():
        raise CannotCompile("the model changes while it computes")
    changed = twin.changed_around()
    if changed is not None:
        raise CannotCompile(f"{changed}, which is outside of the model, changes while the model computes")


def new_program(recording: Recording, setting: Setting) -> Compiled:
    """The program of a recorded run; machine code is made only if these tapes have none yet.

    Raises:
        CannotCompile: if there can be none.
    """
    tapes = recording.tapes
    key = (tapes, own_operations(tapes), setting.one_by_one, setting.batch_size <= FEW, setting.engine)
    code = _by_tape.get(key)
    if code is None:
        code = keep(_by_tape, key, TrainingCode(*trainer_for(tapes, setting), forwards_of(tapes)))
    return with_data(TrainingProgram(recording, code), setting)


def own_operations(tapes: TrainingTapes) -> frozenset[Any]:
    """The operations of somebody's own: on a tape stand only their names, and they may be declared once more."""
    samples = [sample.tape for sample in tapes.samples]
    all_tapes: list[Tape] = [
        tape for tape in (*samples, tapes.recorded_penalty.of_all, tapes.update) if tape is not None
    ]
    used = [primitive(atom) for tape in all_tapes for atom in {*tape.atoms} - {SUM}]
    return frozenset([op for op in used if not op.is_built_in])


def with_data(program: TrainingProgram, setting: Setting) -> Compiled:
    """
    Raises:
        CannotCompile: without a text, if the data to learn from will lead to an error.
    """
    samples = samples_for(program, setting, setting.dataset)
    measured = None
    if setting.validation is not None:
        # Node by node an error will come, and say where; or there is a form that could not be recorded.
        with suppress(CannotCompile):
            measured = samples_for(program, setting, setting.validation)
    return Compiled(program, samples, measured)


def samples_for(program: TrainingProgram, setting: Setting, data: Dataset) -> Samples:
    """The samples as a program takes them; those of the last runs, if they are the same.

    A recorded loss cannot complain about a target, so every kind of target is tried once.

    Raises:
        CannotCompile: without a text, if an error is to come of it, or if there is a sample of a form that the
            program does not know.
    """
    for last in program.last[:]:
        if last.are_in(data):
            return last.samples
    try:
        samples = samples_of(data, program.recording.outputs)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise CannotCompile("") from error
    for number, part in enumerate(samples.parts):
        if part is not None:
            chosen = samples.of_form(number)
            x, targets = data.inputs[chosen[0]], different([data.targets[i] for i in chosen], part.target)
            untried = [target for text, target in targets.items() if (len(x), text) not in program.tried]
            if untried:
                losses_of(with_any_outputs(setting, part.outputs), x, untried)
                program.tried.update([(len(x), text) for text in targets])
    # To learn from and to be measured: two.
    program.last[:] = [KnownData.of(data, samples), *program.last[:1]]
    return samples


def with_any_outputs(setting: Setting, outputs: Shape) -> Setting:
    """The same without the work of a model, if the loss is our own: what that says of a target needs none."""
    if not is_own_loss(setting.loss):
        return setting
    return replace(setting, model=lambda _: shaped(repeat(Value(0.5)), outputs))


def compare(compiled: Compiled, setting: Setting) -> None:
    """Compare a new program with the model itself, on many samples.

    Raises:
        CannotCompile: if they differ; without a text, if an error is to come of it.
    """
    program, data = compiled.program, setting.dataset
    step = -(-len(data) // SAMPLES_COMPARED)
    samples = list(dict.fromkeys([*range(0, len(data), step), len(data) - 1]))
    parameters = [parameter.data for parameter in program.recording.moved_of(setting.parameters)]
    expected = [losses_of(setting, data.inputs[i], [data.targets[i]])[0] for i in samples]
    for form, numbers, which in compiled.samples.chosen(samples):
        found = program.code.forwards[form].losses(parameters, numbers)
        if not are_close(found, np.array(expected)[which]):
            raise CannotCompile("the model computes something else each time")
    penalty = program.recording.tapes.penalty
    if setting.penalty is not None and penalty is not None:
        try:
            with followed():
                expected = [setting.penalty(setting.parameters).data]
        except (AutogradError, ArithmeticError) as error:
            # It comes again in the run itself.
            raise CannotCompile("") from error
        if not are_close(NumPyTape(penalty)(*parameters, 1.0)[:1], expected):
            raise CannotCompile("the penalty computes something else each time")


def are_close(found: Any, expected: Any) -> bool:
    return bool(np.allclose(found, expected, rtol=1e-9, atol=1e-12))
