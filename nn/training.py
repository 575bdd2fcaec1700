"""fit: the loop in which a network learns, and what may be hung into it.

The heart of it is ``Run.one_step``: forget the gradients, run forward, run backward, move the
parameters.  Everything else here chooses the samples, keeps the record, and cleans up.

Everything that people count begins at 1 (epochs, steps, samples in messages); schedules count from 0.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from weakref import ref

from autograd import AutogradError, DomainError, GradientError, NumberOverflowError, Value, no_grad, total
from autograd.core.evaluate import write_call
from autograd.core.plain_text import printable
from autograd.errors import label_of, text_of
from autograd.transforms.pytree import followed
from autograd.value import has_gradient, topological_order
from nn.advice import advice_after, advice_before
from nn.alone import alone_with
from nn.callbacks import EarlyStopping, Event, StopTraining, listeners_of
from nn.chance import Seed
from nn.compiled.borders import is_own_schedule
from nn.compiled.setting import ENGINES, CannotCompile
from nn.data import Dataset
from nn.history import History
from nn.losses import mean_squared_error
from nn.memory import Remembered
from nn.metrics import Metric, as_numbers, measure, metrics_by_name
from nn.module import Module
from nn.optim import (
    SGD,
    Optimizer,
    checked_parameters,
    clip_gradient_norm,
    clip_gradient_value,
    gradient_norm,
)
from nn.order import Chance, draw_key, order_of
from nn.validation import first_line, real_number, whole_number

if TYPE_CHECKING:
    from nn.compiled.run import CompiledRun

__all__ = ["TrainingError", "evaluate", "fit"]

Measured = tuple[list[float], list[Any]]
"""The loss and the prediction of each sample."""

FAILURES = (DomainError, ArithmeticError)
"""What the engine and Python raise when a number would not be finite."""


class TrainingError(AutogradError):
    """A run ended because the loss, a gradient or an update stopped being a finite number.

    Attributes:
        epoch, step: where in the run, counted from 1.
        sample: which sample of the data, counted from 0; None if it was not one sample alone.
        history: the record of the epochs before.

    Its ``__cause__`` is the engine's own error.
    """

    def __init__(self, message: str, epoch: int, step: int, sample: int | None, history: History) -> None:
        super().__init__(message)
        self.epoch = epoch
        self.step = step
        self.sample = sample
        self.history = history

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (*self.args, self.epoch, self.step, self.sample, self.history)


def fit(
    model: Any,
    data: Any,
    *,
    loss: Callable[[Any, Any], Value] = mean_squared_error,
    optimizer: Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | Literal["full"] | None = 1,
    shuffle: bool = False,
    seed: Seed = None,
    penalty: Callable[[list[Value]], Value] | None = None,
    schedule: Callable[[int, float], float] | None = None,
    schedule_unit: Literal["epoch", "step"] = "epoch",
    clip_value: float | None = None,
    clip_norm: float | None = None,
    metrics: Mapping[str, Metric] | Sequence[str] | str | None = None,
    validation: Any = None,
    callbacks: Iterable[Any] = (),
    early_stopping: EarlyStopping | int | None = None,
    progress: bool | None = None,
    record_parameters: bool = False,
    record_every: int = 1,
    engine: Literal["auto", "eager", "native", "numpy", "python"] = "auto",
) -> History:
    """Train a model: for every batch, loss = mean over its samples, then one step of the optimizer.

    Ctrl-C (or the notebook's stop button) ends the run and keeps what was learned.

    Args:
        model: anything that can be called with one sample's inputs and has ``parameters()``.
        data: a Dataset, a tuple ``(xs, ys)``, or a list of pairs ``(x, y)``.
        loss: ``loss(prediction, target)`` of one sample, a Value.
        optimizer: ``SGD(lr=0.1)``, unless given.  It keeps its state: fit again to go on.
        epochs: how many times to go through the data.
        batch_size: samples for each update; None or "full" for all of them.  A last batch that is
            smaller has its own mean, and counts less in the epoch's loss.
        shuffle: draw a new order for each epoch.
        seed: for the shuffling, a whole number, or a source of chance like a NumPy generator.  The same seed gives
            the same run.
        penalty: ``penalty(parameters)``, added to the loss of every batch.
        schedule: ``schedule(epoch, lr)`` gives the learning rate; see ``nn.schedules``.
        schedule_unit: "step" to have the schedule count updates instead of epochs.
        clip_value, clip_norm: limits for each gradient, and for the length of all together.
        metrics: names ("accuracy"), or functions by name: ``{"error": f}`` with ``f(predictions, targets)``.
        validation: data to be measured after each epoch, and not learned from.
        callbacks: functions called after each epoch with an Event, or objects with any of the methods
            on_start, on_step, on_epoch, on_end.  Returning True, or raising StopTraining, ends the run.
        early_stopping: an EarlyStopping, or its patience.
        progress: True or False for a progress bar or none; None shows one where somebody can see it.
        record_parameters: keep all parameters' values in the history.
        record_every: how often the history gets an entry; the first and last epoch always do.
        engine: "auto" records the run once and makes it at machine speed where that is possible, and node by
            node where it is not (a line on stderr says why).  "eager" is always node by node, "native" is
            machine code (extra ``fast``), "python" and "numpy" need nothing more.  All give the same history.

    A line on stderr warns of settings that cannot learn what they are asked to, like targets that the output layer
    never reaches.

    What is not nn's own (a model, loss, penalty or optimizer of yours) is recorded on a copy: it is called a few
    times more than the training needs, which code that keeps state outside of the model sees, and within one call
    of ``fit`` it is taken to compute the same formula for every sample.

    Node by node, a step is the forward pass, the loss, ``backward()`` and the optimizer, and what a loop of one's
    own often leaves out: a look at whether loss, gradient and parameters are finite, the way back if one is not,
    the length of the gradient, the history.  In a tiny network that can be felt, in a larger one it hardly counts.

    Raises:
        TrainingError: if a number stops being finite.  The parameters are then those at which the last
            finite loss was computed.
        BusyError: if another thread is training these parameters.
        EngineMissing: for engine="native" without llvmlite (pip install "glassgrad[fast]").
        TypeError, ValueError: for a setting that makes no sense, before anything is changed.

    >>> from autograd import Value
    >>> class Line:
    ...     def __init__(self):
    ...         self.w, self.b = Value(0.0, "w"), Value(0.0, "b")
    ...     def parameters(self):
    ...         return [self.w, self.b]
    ...     def __call__(self, x):
    ...         return self.w * x[0] + self.b
    >>> line = Line()
    >>> history = fit(line, ([0, 1, 2], [1, 3, 5]), epochs=200)
    >>> round(line.w.data, 2), round(line.b.data, 2), len(history)
    (2.0, 1.0, 200)
    """
    # Look at every setting first, so that a wrong one changes nothing.
    dataset = Dataset.of(data)
    validation = None if validation is None else Dataset.of(validation)
    measures = metrics_by_name(metrics, loss)
    listeners = listeners_of(callbacks, early_stopping, names_of_results(measures, validation is not None))
    run = Run(
        model,
        dataset,
        parameters_of(model),
        checked_function("loss", loss),
        checked_optimizer(optimizer),
        len(dataset) if batch_size in (None, "full") else whole_number("batch_size", batch_size),
        penalty=None if penalty is None else checked_function("penalty", penalty),
        schedule=None if schedule is None else checked_function("schedule", schedule),
        schedule_unit=checked_unit(schedule_unit),
        clip_value=None if clip_value is None else real_number("clip_value", clip_value, above=0.0),
        clip_norm=None if clip_norm is None else real_number("clip_norm", clip_norm, above=0.0),
        metrics=measures,
        validation=validation,
        listeners=listeners,
        record_every=whole_number("record_every", record_every),
        engine=checked_engine(engine),
        event=Event(whole_number("epochs", epochs), model, History()),
    )
    if shuffle:
        run.chance, run.history.seed = chance_and_seed(seed)
    run.optimizer.prepare(run.parameters)
    if record_parameters:
        run.names = names_of_parameters(model, run.parameters)
        run.history.parameters_at_start = run.parameter_values()
    lr = run.optimizer.lr if schedule is None or is_own_schedule(schedule) else math.nan
    for advice in advice_before(model, dataset.targets, loss, lr):
        say_once(f"glassgrad: {advice}")
    with alone_with(run.parameters):
        history = run.from_start_to_end(show_progress=is_watched() if progress is None else progress)
    for advice in advice_after(history):
        say_once(f"glassgrad: {advice}")
    return history


@dataclass
class Run:
    """One run of ``fit``: its settings, already checked, and where it stands."""

    model: Any
    dataset: Dataset
    parameters: list[Value]
    loss: Callable[[Any, Any], Value]
    optimizer: Optimizer
    batch_size: int
    penalty: Callable[[list[Value]], Value] | None
    schedule: Callable[[int, float], float] | None
    schedule_unit: str
    clip_value: float | None
    clip_norm: float | None
    metrics: dict[str, Metric]
    validation: Dataset | None
    listeners: dict[str, list[Callable[[Event], Any]]]
    record_every: int
    engine: str
    event: Event
    compiled: CompiledRun | None = None
    names: list[str] = field(default_factory=list)
    chance: Chance | None = None

    # The way back: parameters, and the optimizer's memory, when the loss was last computed.
    good_values: list[float] = field(default_factory=list)
    good_memory: dict[ref[Value], Remembered] = field(default_factory=dict)
    good_loss: float = math.nan
    in_update: bool = False
    # For messages: the sample that is being computed, and how many there are in its batch.
    sample: int | None = None
    in_batch: int = 0

    @property
    def history(self) -> History:
        return self.event.history

    def from_start_to_end(self, show_progress: bool) -> History:
        """All epochs, and an orderly end whatever happens."""
        started = time.perf_counter()
        stopped_because = "error"
        try:
            with progress_bar(self.event.epochs, show_progress) as report:
                self.all_epochs(report)
            stopped_because = "finished"
        except StopTraining as reason:
            stopped_because = str(reason) or "callback"
        except KeyboardInterrupt:
            if self.in_update:
                self.go_back()
            stopped_because = "keyboard"
        finally:
            self.history.stopped_because = stopped_because
            self.history.steps = self.event.step
            self.history.seconds = time.perf_counter() - started
        self.notify("on_end")
        if self.compiled is not None:
            self.compiled.close()
        return self.history

    def all_epochs(self, report: Callable[[Event, int], None]) -> None:
        """By a program, if there can be one; node by node from the epoch on where there is none."""
        self.notify_or_stop("on_start")
        begun = None
        try:
            self.compiled = self.as_program()
            self.compiled.epochs(report)
        except CannotCompile as reason:
            self.history.engine = "eager"
            if self.engine != "eager" and str(reason):
                say_once(f"glassgrad: this training runs node by node, because {reason}")
            if self.compiled is not None:
                self.compiled.remember_last()
                begun = self.compiled.begun
            self.eager_epochs(report, begun)

    def as_program(self) -> CompiledRun:
        """
        Raises:
            CannotCompile: with the reason.
        """
        if self.engine == "eager":
            raise CannotCompile("engine='eager' asks for it")
        try:
            from nn.compiled.run import CompiledRun
        except ModuleNotFoundError as error:
            if error.name != "numpy":
                raise
            raise CannotCompile("NumPy is not installed") from None
        return CompiledRun(self)

    def eager_epochs(self, report: Callable[[Event, int], None], begun: tuple[int | None, float] | None) -> None:
        """Epoch by epoch, each step a graph of Values; the first may have begun, with an order and a rate."""
        event = self.event
        for epoch in range(event.epoch + 1, event.epochs + 1):
            event.epoch = epoch
            self.one_epoch(begun)
            begun = None
            self.write_epoch()
            report(event, 1)
            self.notify_or_stop("on_epoch")

    def write_epoch(self) -> None:
        """Enter the epoch into the history."""
        event = self.event
        self.history.add(
            event.epoch, event.loss, event.lr, event.gradient_norm, event.metrics, self.parameter_values(),
            self.record_every,
        )  # fmt: skip

    def one_epoch(self, begun: tuple[int | None, float] | None) -> None:
        """Go through the data once, batch by batch; the epoch's loss is the mean over its samples."""
        event = self.event
        losses: list[float] = []
        norms: list[float] = []
        predictions: list[Any] = []
        targets: list[Any] = []
        count = len(self.dataset)
        if begun is not None:
            key, event.lr = begun
        else:
            key = None if self.chance is None else draw_key(self.chance)
            if self.schedule_unit == "epoch":
                event.lr = self.learning_rate(event.epoch - 1)
        for batch in self.batches(range(count) if key is None else order_of(count, key)):
            if self.schedule_unit == "step":
                event.lr = self.learning_rate(event.step)
            loss, outputs = self.counted_step(batch)
            event.loss, event.last_loss = loss.data, loss
            losses.append(event.loss * len(batch))
            norms.append(event.gradient_norm)
            if self.metrics:
                predictions += [as_numbers(output) for output in outputs]
                targets += [self.dataset.targets[i] for i in batch]
            if self.listeners["on_step"]:
                self.notify_or_stop("on_step")
        event.loss = math.fsum(losses) / len(self.dataset)
        event.gradient_norm = math.fsum(norms) / len(norms)
        event.metrics = measure(self.metrics, predictions, targets)
        if self.validation is not None:
            self.measure_validation()

    def measure_validation(
        self, measured: Measured | None = None, note_way_back: Callable[[], None] = lambda: None
    ) -> None:
        """Add what is measured on the validation data to the epoch's metrics.

        Args:
            measured: the losses and the predictions, if they are known already.
            note_way_back: to be called before an error, where the way back has not been noted yet.
        """
        event = self.event
        assert self.validation is not None
        if measured is not None:
            found = summary(*measured, self.validation.targets, self.metrics)
        else:
            try:
                found = evaluate(self.model, self.validation, loss=self.loss, metrics=self.metrics)
            except FAILURES as error:
                note_way_back()
                raise self.failure(event.step, error, "on the validation data") from error
        event.metrics |= {f"validation_{name}": number for name, number in found.items()}

    def counted_step(self, batch: Sequence[int]) -> tuple[Value, list[Any]]:
        """
        Raises:
            TrainingError: if a number is not finite.
        """
        try:
            made = self.one_step(batch)
        except FAILURES as error:
            raise self.failure(self.event.step + 1, error) from error
        self.event.step += 1
        return made

    def one_step(self, batch: Sequence[int]) -> tuple[Value, list[Any]]:
        """Learn from one batch.  Returns its loss, and the predictions from which that was computed."""
        # Forget the gradients of the step before: backward() adds to what is there.
        for parameter in self.parameters:
            parameter.grad = 0

        # Forward: the mean loss of the batch.
        loss, outputs = self.mean_loss(batch)
        require_finite(loss)
        self.good_loss = loss.data
        self.good_values = [parameter.data for parameter in self.parameters]
        self.good_memory = self.optimizer.memory.entries

        # Backward: the gradient of that loss with respect to every parameter.
        loss.backward()
        self.event.gradient_norm = finite_gradient_norm(self.parameters)
        if self.clip_value is not None:
            clip_gradient_value(self.parameters, self.clip_value)
        if self.clip_norm is not None:
            clip_gradient_norm(self.parameters, self.clip_norm)

        # Move every parameter.
        self.in_update = True
        self.optimizer.step(self.parameters, self.event.lr)
        self.in_update = False
        return loss, outputs

    def mean_loss(self, batch: Sequence[int]) -> tuple[Value, list[Any]]:
        """The mean loss of a batch, with the penalty, and the predictions from which it was computed."""
        outputs: list[Any] = []
        losses: list[Value] = []
        self.in_batch = len(batch)
        # It will be differentiated, so what grad or jit give inside of a model must keep its gradient.
        with followed():
            for self.sample in batch:
                outputs.append(self.model(self.dataset.inputs[self.sample]))
                losses.append(checked_loss(self.loss(outputs[-1], self.dataset.targets[self.sample])))
            if len(batch) > 1:
                self.sample = None
            loss = losses[0] if len(losses) == 1 else total(losses) / len(losses)
            if self.penalty is not None:
                loss = loss + self.penalty(self.parameters)
        return loss, outputs

    def batches(self, order: Sequence[int]) -> Iterator[Sequence[int]]:
        """The numbers of the samples, batch by batch; the last batch may be smaller."""
        for start in range(0, len(order), self.batch_size):
            yield order[start : start + self.batch_size]

    def learning_rate(self, moment: int) -> float:
        """The learning rate at that epoch or step, counted from 0."""
        if self.schedule is None:
            return self.optimizer.lr
        return real_number("the learning rate from the schedule", self.schedule(moment, self.optimizer.lr))

    def parameter_values(self) -> dict[str, float]:
        """The parameters by name if the history is to keep them, else nothing."""
        return {name: self.parameters[i].data for i, name in enumerate(self.names)}

    def notify(self, moment: str) -> StopTraining | None:
        """Call everybody who listens for this moment; the answer is the first wish to stop, if there is one."""
        wish = None
        for listener in self.listeners[moment]:
            try:
                answer = listener(self.event)
            except StopTraining as reason:
                wish = wish or reason
            else:
                if type(answer).__name__ in ("bool", "bool_") and answer:
                    wish = wish or StopTraining()
        return wish

    def notify_or_stop(self, moment: str) -> None:
        """
        Raises:
            StopTraining: if somebody who was called wishes it.
        """
        wish = self.notify(moment)
        if wish is not None:
            raise wish

    def go_back(self) -> None:
        """To the parameters with which the loss was last computed."""
        for parameter, data in zip(self.parameters, self.good_values, strict=True):
            parameter.data = data
        known = [parameter for parameter in self.parameters if ref(parameter) in self.good_memory]
        self.optimizer.memory.change(known, [self.good_memory[ref(parameter)] for parameter in known])

    def failure(self, step: int, error: Exception, where: str = "") -> TrainingError:
        """Go back to the last good parameters, and say what happened."""
        epoch, sample, lr = self.event.epoch, self.sample, self.event.lr
        if where:
            sample = None
        elif sample is not None:
            where = f"at {describe_sample(self.dataset, sample)}"
        else:
            where = f"in a batch of {self.in_batch} samples"
        if math.isnan(self.good_loss):
            kept = "No step was made: the parameters are as they were."
        else:
            self.go_back()
            kept = f"The parameters are those of the last finite loss, {self.good_loss:.6g}."
        return TrainingError(
            f"training ended in epoch {epoch}, step {step}, {where}: {first_line(error)}\n"
            f"  {kept}  The record so far is in the error's .history.\n"
            f"  What often helps: a smaller learning rate (it was {lr:g}), clip_norm=1.0, or smaller inputs.",
            epoch, step, sample, self.history,
        )  # fmt: skip


# What a step asks of a loss and of a gradient


def checked_loss(loss: Any) -> Value:
    if isinstance(loss, Value):
        return loss
    raise TypeError(
        "the loss must be a Value that was computed from the model's prediction, "
        f"but it is {loss!r:.80} ({type(loss).__name__})"
    )


def require_finite(loss: Value) -> None:
    """Raise an error that names the first operation with an infinite result; only ``ieee()`` lets one through."""
    if math.isfinite(loss.data):
        return
    first = next(node for node in topological_order(loss) if not math.isfinite(node.data))
    if first.op is None:
        raise NumberOverflowError(f"{label_of(first) or 'a number'} is {first.data}")
    call, place = write_call(first.op, first.inputs)
    raise NumberOverflowError(f"{call} is {first.data} at {place}")


def require_some_gradient(parameters: list[Value]) -> None:
    if not any(has_gradient(parameter) for parameter in parameters):
        raise GradientError(
            "the loss does not depend on any parameter of the model, so there is nothing to learn from it; "
            "a .data on the way, or `with no_grad():` around fit, cuts the connection"
        )


def finite_gradient_norm(parameters: list[Value]) -> float:
    norm = gradient_norm(parameters)
    if norm == 0:
        require_some_gradient(parameters)
    elif not math.isfinite(norm):
        worst = max(parameters, key=lambda parameter: (not math.isfinite(parameter.grad), abs(parameter.grad)))
        name = label_of(worst) or "one parameter"
        raise NumberOverflowError(f"the length of the gradient is {norm}; that of {name} alone is {worst.grad}")
    return norm


def describe_sample(dataset: Dataset, sample: int) -> str:
    name = dataset.sample_names[sample]
    number = f"sample {sample + 1}"
    return number if name == number else f"{number} ({printable(name)})"


# Measuring


def evaluate(
    model: Any,
    data: Any,
    *,
    loss: Callable[[Any, Any], Value] = mean_squared_error,
    metrics: Mapping[str, Metric] | Sequence[str] | str | None = None,
) -> dict[str, float]:
    """The mean loss over some data, and the metrics, without learning from it.

    Raises:
        DomainError, NumberOverflowError: if the loss is not finite.

    >>> from autograd import Value
    >>> evaluate(lambda x: 2 * Value(x[0]), ([1, 2], [2, 5]))
    {'loss': 0.5}
    """
    dataset = Dataset.of(data)
    measures = metrics_by_name(metrics, loss)
    outputs: list[Any] = []
    losses: list[float] = []
    with no_grad(), followed():
        for x, target in dataset:
            outputs.append(model(x))
            result = checked_loss(loss(outputs[-1], target))
            require_finite(result)
            losses.append(result.data)
    return summary(losses, [as_numbers(output) for output in outputs], dataset.targets, measures)


def summary(
    losses: list[float], predictions: list[Any], targets: list[Any], metrics: dict[str, Metric]
) -> dict[str, float]:
    return {"loss": math.fsum(losses) / len(losses)} | measure(metrics, predictions, targets)


# Progress


def is_watched() -> bool:
    """True if the standard error stream is a terminal or belongs to a notebook."""
    stream = sys.stderr  # None without a terminal (pythonw)
    return stream is not None and (stream.isatty() or type(stream).__module__.startswith("ipykernel"))


@contextmanager
def progress_bar(epochs: int, shown: bool) -> Iterator[Callable[[Event, int], None]]:
    """Gives a function that is to be called whenever some epochs have been made."""
    if not shown or sys.stderr is None:
        yield lambda event, epochs: None
        return
    from tqdm import tqdm

    with tqdm(total=epochs, desc="training", unit="epoch") as bar:

        def report(event: Event, epochs: int) -> None:
            bar.set_postfix_str(f"loss={event.loss:.4g}", refresh=False)
            bar.update(epochs)

        yield report


# Looking at what fit was given


def parameters_of(model: Any) -> list[Value]:
    """The model's parameters, each one once."""
    if isinstance(model, type) or not callable(model) or not callable(getattr(model, "parameters", None)):
        raise TypeError(f"a model is called with inputs and has a method parameters(), but this is {model!r:.80}")
    if isinstance(model, Module):
        model._name_inside()  # Names come first, so that the model does not change while it is recorded.
    parameters = list(dict.fromkeys(checked_parameters(model.parameters())))
    if not parameters:
        raise ValueError(f"the model has no parameters that could be trained: {model!r:.80}")
    if all(parameter.is_constant for parameter in parameters):
        raise ValueError(
            f"all parameters of the model are frozen, so there is nothing to train: {model!r:.80}; "
            "model.requires_grad_() lets them be trained"
        )
    for parameter in parameters:
        if parameter.inputs:
            raise ValueError(f"{parameter!r} was computed from other values; a parameter is a leaf: Value(...)")
    return parameters


def names_of_parameters(model: Any, parameters: list[Value]) -> list[str]:
    """The names that the model has for them, or else their labels; numbers if that does not tell them apart."""
    named: dict[Value, str] = {}
    if hasattr(model, "named_parameters"):
        named = {parameter: name for name, parameter in model.named_parameters().items()}
    names = [named.get(parameter, parameter.label) for parameter in parameters]
    if "" in names or len(set(names)) < len(names):
        return [f"parameter {i}" for i in range(1, len(names) + 1)]
    return names


def names_of_results(metrics: dict[str, Metric], with_validation: bool) -> list[str]:
    names = ["loss", *metrics]
    return names + [f"validation_{name}" for name in names] if with_validation else names


def checked_function(name: str, function: Any) -> Any:
    if isinstance(function, type) or not callable(function):
        raise TypeError(f"{name} must be a function, or an object that can be called, but it is {function!r:.80}")
    return function


def checked_optimizer(optimizer: Any) -> Optimizer:
    if optimizer is None:
        return SGD(lr=0.1)
    if isinstance(optimizer, Optimizer):
        return optimizer
    raise TypeError(f"optimizer must be one like nn.SGD(lr=0.1), but it is {text_of(optimizer)}")


def checked_engine(engine: str) -> str:
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, but it is {text_of(engine)}")
    return engine


_said: set[str] = set()


def say_once(line: str) -> None:
    """A line for the person who is waiting; never the same one twice."""
    if line not in _said:
        _said.add(line)
        print(printable(line), file=sys.stderr)


def checked_unit(unit: str) -> str:
    if unit not in ("epoch", "step"):
        raise ValueError(f"schedule_unit must be 'epoch' or 'step', but it is {text_of(unit)}")
    return unit


def chance_and_seed(seed: Seed) -> tuple[Chance, int | None]:
    """The source of chance, and the seed with which it can be had again (unknown for a given generator)."""
    if callable(getattr(seed, "random", None)):
        return seed, None  # type: ignore[return-value]
    if seed is None:
        # Nobody chose one, so one is drawn: then this run too can be repeated.
        seed = random.SystemRandom().getrandbits(32)
    seed = whole_number("seed", seed, at_least=0)
    return random.Random(seed), seed
