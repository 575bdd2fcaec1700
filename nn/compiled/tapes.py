"""What a training run computes, written on tapes: a sample's loss and gradients, the penalty, the update."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from autograd import AutogradError, Value, sqrt, total
from autograd.core.threads import cached_property
from autograd.program.captures import watching
from autograd.program.recorder import Recorder
from autograd.program.tape import Tape, TapeError
from autograd.program.tracer import Tracer
from autograd.transforms.nesting import followed
from nn.compiled.columns import Form, Shape, count_of, flat, form_of, form_of_sample, forms_of, shape_of
from nn.compiled.compilable import CannotCompile, Setting
from nn.data import Dataset
from nn.data.dataset import Sample
from nn.layers.embedding import has_embedding
from nn.losses import L1, L2
from nn.optim import Optimizer
from nn.validation import first_line


@dataclass(frozen=True)
class SampleTape:
    """What is computed for a sample of one form.

    Attributes:
        form: how many numbers the input and the target have.
        outputs: what the model gives.
        columns, predictions: how many numbers there are for each sample, and how many predictions are to be kept.
        tape: from the parameters, a sample's columns and its weight in the batch: its loss, the
            derivatives of weight × loss by the parameters, and its predictions.
        forward: the same without the derivatives, recorded on a twin, where it is recorded once more.
    """

    form: Form
    outputs: Shape
    columns: int
    predictions: int
    tape: Tape
    forward: Tape | None = field(default=None, compare=False)


@dataclass(frozen=True)
class RecordedPenalty:
    """A penalty, in one of two ways; or none.

    Attributes:
        of_all: from the parameters and a weight: the penalty, and the derivatives of weight × penalty.
        of_each: from a parameter and the strength: what it adds to the penalty, and the derivative of that.
        strength: of a penalty that is recorded for one parameter, as all are alike.
    """

    of_all: Tape | None = None
    of_each: Tape | None = None
    strength: float = 0.0


@dataclass(frozen=True)
class TrainingTapes:
    """What one step of a training run computes.

    Attributes:
        parameters: how many numbers the model has.
        samples: what is computed for a sample, for each form that there is.
        recorded_penalty: what is added to the loss because of the parameters.
        update: from a parameter, its gradient, its state, the number of the step and the learning rate:
            the new parameter and the new state.
        states: how many numbers an optimizer remembers about a parameter.
        clip_value, clip_norm: a limit for each gradient, and then one for the length of all together.
    """

    parameters: int
    samples: tuple[SampleTape, ...]
    recorded_penalty: RecordedPenalty
    update: Tape
    states: int
    clip_value: float | None = None
    clip_norm: float | None = None

    @property
    def sample(self) -> SampleTape:
        """What is computed for a sample, if all have one form."""
        (sample,) = self.samples
        return sample

    @property
    def has_one_form(self) -> bool:
        return len(self.samples) == 1

    @cached_property
    def penalty(self) -> Tape | None:
        """From the parameters and a weight: a penalty, and the derivatives of weight × penalty; or None."""
        recorded = self.recorded_penalty
        if recorded.of_each is None:
            return recorded.of_all
        recorder = Recorder()
        parameters, weight = [recorder.input() for _ in range(self.parameters)], recorder.input("weight")
        strength = recorder.tracer(recorded.strength)
        found = [write_down(recorder, recorded.of_each, [parameter, strength]) for parameter in parameters]
        return recorder.finish([total([part for part, _ in found]), *[slope * weight for _, slope in found]])

    @cached_property
    def predictions(self) -> int:
        """How many predictions of a sample there are at most."""
        return max([sample.predictions for sample in self.samples])

    @cached_property
    def longest(self) -> int:
        """How many steps there are for a sample at most."""
        return max([len(sample.tape.instructions) for sample in self.samples])

    @cached_property
    def instructions(self) -> int:
        """How many steps there are in all, when one sample is learned from."""
        of_all, of_each = [
            0 if tape is None else len(tape.instructions)
            for tape in (self.recorded_penalty.of_all, self.recorded_penalty.of_each)
        ]
        return self.longest + of_all + self.parameters * (of_each + len(self.update.instructions))


@dataclass(frozen=True)
class Recording:
    """What was recorded of a run: equal ones compute the same.

    Attributes:
        tapes: the loss of a sample and its gradients, the penalty, the update.
        moved: which parameters the run moves: those on which the loss or the penalty depends; with an Embedding,
            or samples of different lengths, all of them.
    """

    tapes: TrainingTapes
    moved: tuple[int, ...]

    @property
    def outputs(self) -> dict[Form, Shape]:
        """For each form what the model gives."""
        return {sample.form: sample.outputs for sample in self.tapes.samples}

    def moved_of(self, parameters: list[Value]) -> list[Value]:
        if len(self.moved) == len(parameters):
            return parameters
        return [parameters[place] for place in self.moved]


def record_run(setting: Setting) -> Recording:
    """What a run computes for each sample, and at each step.

    Raises:
        CannotCompile: if the model, the loss, the penalty or the optimizer cannot be recorded.
    """
    parameters, examples = setting.parameters, examples_in(setting.dataset)
    try:
        recorded = [record_sample(setting, parameters, sample) for sample in examples]
        penalty, also_reached = recorded_penalty(setting, parameters)
        reached = also_reached.union(*[places for _, places in recorded])
        trained = [place for place, parameter in enumerate(parameters) if not parameter.is_constant]
        moved = [place for place in trained if place in reached]
        if not moved:
            raise CannotCompile("the loss does not depend on any parameter")
        if setting.dataset.ragged or has_embedding(setting.model):
            moved = trained
        chosen = [parameters[place] for place in moved]
        if len(moved) < len(parameters):
            recorded = [record_sample(setting, chosen, sample) for sample in examples]
            penalty, _ = recorded_penalty(setting, chosen)
        samples = [sample for sample, _ in recorded] + record_others(setting, chosen)
        update = record_update(setting.optimizer)
    except CannotCompile:
        raise
    except Exception as error:
        # Numbers that are not known yet may surprise a model in many ways.
        if isinstance(error, AutogradError) and not isinstance(error, TapeError):
            # Perhaps it is no surprise, and plain numbers are refused as well.
            for x, target in examples:
                losses_of(setting, x, [target])
        raise CannotCompile(reason(error)) from error
    tapes = TrainingTapes(
        parameters=len(moved), samples=tuple(sorted(samples, key=lambda sample: sample.form)),
        recorded_penalty=penalty, update=update, states=len(setting.optimizer.state_names),
        clip_value=setting.clip_value, clip_norm=setting.clip_norm,
    )  # fmt: skip
    return Recording(tapes, tuple(moved))


def examples_in(dataset: Dataset) -> list[Sample]:
    """The first sample of each form."""
    forms = forms_of(dataset)
    return [dataset[forms.index(form)] for form in sorted(set(forms))]


def record_others(setting: Setting, parameters: list[Value]) -> list[SampleTape]:
    """What is computed for samples that are only measured, if these have forms that nothing is learned from.

    What cannot be recorded is measured node by node.
    """
    recorded: list[SampleTape] = []
    if setting.validation is not None and setting.dataset.ragged:
        known = set(forms_of(setting.dataset))
        with suppress(Exception):
            for sample in examples_in(setting.validation):
                if form_of_sample(*sample) not in known:
                    recorded.append(record_sample(setting, parameters, sample)[0])
    return recorded


def losses_of(setting: Setting, x: list[float], targets: Sequence[Any]) -> list[float]:
    """The losses of a sample for some targets, node by node.

    Raises:
        CannotCompile: if they cannot be computed; without a text, if the same error comes again in the run itself.
    """
    try:
        # Copies, because the samples are the user's.
        with followed():
            output = setting.model(list(x))
            losses = [setting.loss(output, list(t) if isinstance(t, list) else t) for t in targets]
    except (AutogradError, ArithmeticError) as error:
        raise CannotCompile("") from error
    except Exception as error:
        raise CannotCompile(reason(error)) from error
    if not all(isinstance(loss, Value) for loss in losses):
        raise CannotCompile("")
    return [loss.data for loss in losses]


def reason(error: Exception) -> str:
    """What an error says, and the user's line where it happened, if it is known."""
    lines = str(error).splitlines()
    place = next((line.strip() for line in lines[1:] if line.strip().startswith("at ")), "")
    what = lines[0] if isinstance(error, TapeError) and lines else f"{type(error).__name__}: {first_line(error)}"
    return f"{what} ({place})" if place else what


@dataclass(frozen=True)
class Traced:
    """The forward pass of a sample while it is recorded."""

    recorder: Recorder
    parameters: list[Tracer]
    outputs: Shape
    columns: int
    weight: Any
    loss: Tracer
    predictions: list[Any]

    def forward(self) -> Tape:
        return self.recorder.finish([self.loss, *self.predictions])


def trace_sample(setting: Setting, parameters: list[Value], sample: Sample) -> Traced:
    """Record the model and the loss on a sample like this one."""
    recorder, (x, target) = Recorder(), sample
    traced = [recorder.input(parameter.label, parameter) for parameter in parameters]
    xs = [recorder.input(f"x{i}") for i in range(1, len(x) + 1)]
    # A branch on a parameter's number would be taken once and for all.
    with watching(recorder), followed():
        output = setting.model(given := list(xs))
        outputs = shape_of(output)
        kind, count = form_of(target, count_of(outputs))
        targets = [recorder.input("target") for _ in range(count)]
        weight: Any = recorder.input("weight")
        loss = setting.loss(output, targets[0] if kind == "number" else (given_targets := list(targets)))
    if list(map(id, given)) != list(map(id, xs)) or (
        kind != "number" and list(map(id, given_targets)) != list(map(id, targets))
    ):
        raise CannotCompile("the model changes its inputs")
    if not isinstance(loss, Tracer):
        raise CannotCompile("the loss does not depend on the data or the parameters")
    predictions = flat(output) if setting.with_predictions else []
    return Traced(recorder, traced, outputs, len(x) + count, weight, loss, predictions)


def record_sample(setting: Setting, parameters: list[Value], sample: Sample) -> tuple[SampleTape, set[int]]:
    """What is computed for a sample like this one; and the places of the parameters on which the loss depends."""
    traced = trace_sample(setting, parameters, sample)
    recorder, loss, predictions = traced.recorder, traced.loss, traced.predictions
    gradients = recorder.slots_of_gradients(loss * traced.weight, traced.parameters)
    reached = places_behind(loss, traced.parameters)
    recorder.close()
    tape = recorder.tape([loss.slot, *gradients, *recorder.slots(predictions)])
    forward = traced.forward() if setting.is_twin else None
    form = form_of_sample(*sample)
    return SampleTape(form, traced.outputs, traced.columns, len(predictions), tape, forward), reached


def is_the_same_again(setting: Setting, recording: Recording) -> bool:
    """Whether what was recorded is recorded once more; what is derived of it needs not be.

    Raises:
        CannotCompile: as ``record_run``.
    """
    parameters, tapes = recording.moved_of(setting.parameters), recording.tapes
    forward = {sample.form: sample.forward for sample in tapes.samples}
    for sample in examples_in(setting.dataset):
        traced = trace_sample(setting, parameters, sample)
        traced.recorder.close()
        if traced.forward() != forward[form_of_sample(*sample)]:
            return False
    penalty, _ = recorded_penalty(setting, parameters)
    return penalty == tapes.recorded_penalty and record_update(setting.optimizer) == tapes.update


def places_behind(result: Tracer, traced: list[Tracer]) -> set[int]:
    """Which of some inputs a result depends on."""
    behind = result.recorder.graph.behind(result.place)
    return {place for place, tracer in enumerate(traced) if tracer.place in behind}


def recorded_penalty(setting: Setting, parameters: list[Value]) -> tuple[RecordedPenalty, set[int]]:
    """The penalty, and the places of the parameters on which it depends."""
    penalty: Any = setting.penalty
    if penalty is None:
        return RecordedPenalty(), set()
    # Ours add up the same for each parameter.  (One that does not move would count too.)
    if type(penalty) in (L1, L2) and len(parameters) == len(setting.parameters):
        of_each = record_penalty_of_each(type(penalty)(1.0))
        return RecordedPenalty(of_each=of_each, strength=penalty.strength), set(range(len(parameters)))
    of_all, reached = record_penalty(penalty, setting.parameters, parameters)
    return RecordedPenalty(of_all), reached


def record_penalty_of_each(penalty: Callable[[Any], Any]) -> Tape:
    """What one parameter adds to a penalty that has the strength 1, times a strength."""
    recorder = Recorder()
    parameter, strength = recorder.input("parameter"), recorder.input("strength")
    part = penalty([parameter]) * strength
    [slope] = recorder.slots_of_gradients(part, [parameter])
    return recorder.tape([part.slot, slope])


def record_penalty(
    of_parameters: Callable[[Any], Any], given: list[Value], parameters: list[Value]
) -> tuple[Tape, set[int]]:
    """A penalty of what is given, of which some parameters move."""
    recorder = Recorder()
    traced = {id(parameter): recorder.input(parameter.label, parameter) for parameter in parameters}
    # Parameters that the penalty finds for itself are watched as in a model, and so are those that do not move.
    with watching(recorder), followed():
        penalty = of_parameters([traced.get(id(parameter), parameter) for parameter in given])
    if not isinstance(penalty, Tracer):
        raise CannotCompile("the penalty does not depend on the parameters")
    inputs = list(traced.values())
    weight: Any = recorder.input("weight")
    gradients = recorder.slots_of_gradients(penalty * weight, inputs)
    reached = places_behind(penalty, inputs)
    recorder.close()
    return recorder.tape([penalty.slot, *gradients]), reached


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
    sample = inputs("x", tapes.sample.columns)
    step, rate = recorder.input("step"), recorder.input("lr")
    loss, *outputs = write_down(recorder, tapes.sample.tape, [*parameters, *sample, recorder.tracer(1.0)])
    gradients, predictions = outputs[:count], outputs[count:]
    if tapes.penalty is not None:
        penalty, *slopes = write_down(recorder, tapes.penalty, [*parameters, recorder.tracer(1.0)])
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
