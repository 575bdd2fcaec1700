"""fit: the loop in which a network learns, one step after the other.

What surrounds the steps, from a look at the settings to the record that is kept, is in ``nn.fitting``; the same run
as a program, at machine speed, in ``nn.compiled``.

Everything that people count begins at 1 (epochs, steps, samples in messages); schedules count from 0.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from autograd import AutogradError, Value, total
from autograd.transforms.nesting import followed
from nn.callbacks import EarlyStopping, Event, StopTraining, listeners_of
from nn.chance import Seed, draw_key, order_of
from nn.compiled.compilable import CannotCompile, is_own_schedule
from nn.data import Dataset
from nn.fitting import settings
from nn.fitting.advice import advice_after, advice_before
from nn.fitting.busy import alone_with
from nn.fitting.measuring import NOT_FINITE, checked_loss, describe_sample, finite_gradient_norm, require_finite
from nn.fitting.progress import is_watched, progress_bar, say_once
from nn.fitting.run import Run, TrainingError
from nn.history import History
from nn.history.parameters import names_of_parameters
from nn.layers.embedding import has_embedding
from nn.losses import mean_squared_error
from nn.metrics import Metric, as_numbers, measure, metrics_by_name
from nn.optim import Optimizer
from nn.saving.known import known
from nn.validation import real_number, whole_number

if TYPE_CHECKING:
    from nn.compiled.compiled_run import CompiledRun

__all__ = ["TrainingError", "fit", "one_step"]


def one_step(run: Run, batch: Sequence[int]) -> tuple[Value, list[Any]]:
    """Learn from a batch of samples, given by their numbers.  Returns its loss, and what the model predicted."""
    # Forward: what the model predicts, and how wrong that is.
    loss, predictions = mean_loss(run, batch)
    require_finite(loss)
    run.note_way_back(loss)

    # Forget the gradients of the step before, because backward() adds to what is there.
    for parameter in run.parameters:
        parameter.grad = 0

    # Backward: the derivative of the loss with respect to every parameter.
    loss.backward()
    run.event.gradient_norm = finite_gradient_norm(run.parameters)
    if run.all_move:
        run.complete_gradients()
    run.clip_gradients()

    # Move every parameter, against its gradient.
    run.in_update = True
    run.optimizer.step(run.parameters, run.event.lr)
    run.in_update = False
    return loss, predictions


def mean_loss(run: Run, batch: Sequence[int]) -> tuple[Value, list[Any]]:
    """The mean loss of a batch, with the penalty, and the predictions from which it was computed."""
    predictions: list[Any] = []
    losses: list[Value] = []
    run.in_batch = len(batch)
    # It will be differentiated, so what grad or jit give inside of a model must keep its gradient.
    with followed():
        for run.sample in batch:
            predictions.append(run.model(run.dataset.inputs[run.sample]))
            losses.append(checked_loss(run.loss(predictions[-1], run.dataset.targets[run.sample])))
        if len(batch) > 1:
            run.sample = None
        loss = losses[0] if len(losses) == 1 else total(losses) / len(losses)
        if run.penalty is not None:
            loss = loss + run.penalty(run.parameters)
    return loss, predictions


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
        data: a Dataset, a tuple ``(xs, ys)``, or a list of pairs ``(x, y)``; for sequences of different lengths
            ``nn.Dataset(xs, ys, ragged=True)``.
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
        record_parameters: keep all parameters' values in the history, for ``history.restore(model, epoch)``.
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
    results = ["loss", *measures]
    if validation is not None:
        results += [f"validation_{name}" for name in results]
    listeners = listeners_of(callbacks, early_stopping, results)
    own = known(model)
    run = Run(
        model=model,
        own=own,
        dataset=dataset,
        parameters=settings.parameters_of(model, own),
        loss=settings.checked_function("loss", loss),
        optimizer=settings.checked_optimizer(optimizer),
        batch_size=(
            len(dataset)
            if batch_size in (None, "full")
            else min(whole_number("batch_size", batch_size), len(dataset))
        ),
        penalty=None if penalty is None else settings.checked_function("penalty", penalty),
        schedule=None if schedule is None else settings.checked_function("schedule", schedule),
        schedule_unit=settings.checked_unit(schedule_unit),
        clip_value=None if clip_value is None else real_number("clip_value", clip_value, above=0.0),
        clip_norm=None if clip_norm is None else real_number("clip_norm", clip_norm, above=0.0),
        metrics=measures,
        validation=validation,
        all_move=dataset.ragged or has_embedding(model),
        listeners=listeners,
        record_every=whole_number("record_every", record_every),
        engine=settings.checked_engine(engine),
        event=Event(whole_number("epochs", epochs), model, History()),
    )
    if shuffle:
        run.chance, run.history.seed = settings.chance_and_seed(seed)
    run.optimizer.take_loaded(run.parameters)
    if record_parameters:
        run.names = names_of_parameters(model, run.parameters)
        run.history.parameters_at_start = run.parameter_values()
    lr = run.optimizer.lr if schedule is None or is_own_schedule(schedule) else math.nan
    for advice in advice_before(model, dataset.targets, loss, lr, own):
        say_once(f"glassgrad: {advice}")
    with alone_with(run.parameters):
        from_start_to_end(run, show_progress=is_watched() if progress is None else progress)
    for advice in advice_after(run.history, run.event.gradient_norm):
        say_once(f"glassgrad: {advice}")
    return run.history


def from_start_to_end(run: Run, show_progress: bool) -> None:
    """All epochs, and an orderly end whatever happens."""
    started = time.perf_counter()
    stopped_because = "error"
    try:
        with progress_bar(run.event.epochs, show_progress) as report:
            all_epochs(run, report)
        stopped_because = "finished"
    except StopTraining as reason:
        stopped_because = str(reason) or "callback"
    except KeyboardInterrupt:
        if run.in_update:
            run.go_back()
        stopped_because = "keyboard"
    finally:
        history = run.history
        history.stopped_because, history.steps = stopped_because, run.event.step
        history.seconds = time.perf_counter() - started
    run.notify("on_end")
    if run.compiled is not None:
        run.compiled.close()


def all_epochs(run: Run, report: Callable[[Event, int], None]) -> None:
    """By a program, if there can be one; node by node from the epoch on where there is none."""
    run.notify_or_stop("on_start")
    if run.own is None or not run.own.are_plain:
        run.make_floats()
    try:
        run.compiled = as_program(run)
        run.compiled.epochs(report)
        return
    except CannotCompile as error:
        # What goes wrong from here on did not come of this error, so it is left behind.
        reason = str(error)
    run.history.engine = "eager"
    run.make_floats()
    if run.engine != "eager" and reason:
        say_once(f"glassgrad: this training runs node by node, because {reason}")
    begun = None
    if run.compiled is not None:
        run.compiled.remember_last()
        begun = run.compiled.begun
    for epoch in range(run.event.epoch + 1, run.event.epochs + 1):
        run.event.epoch = epoch
        one_epoch(run, begun)
        begun = None
        run.write_epoch()
        report(run.event, 1)
        run.notify_or_stop("on_epoch")


def as_program(run: Run) -> CompiledRun:
    """
    Raises:
        CannotCompile: with the reason.
    """
    if run.engine == "eager":
        raise CannotCompile("engine='eager' asks for it")
    try:
        from nn.compiled.compiled_run import CompiledRun
    except ModuleNotFoundError as error:
        raise CannotCompile(f"{error.name} is not installed") from None
    return CompiledRun(run, counted_step, mean_loss)


def one_epoch(run: Run, begun: tuple[int | None, float] | None) -> None:
    """Go through the data once, batch by batch; the epoch's loss is the mean over its samples.

    An epoch that has begun as a program has its order, given by its key, and its learning rate already.
    """
    event = run.event
    losses: list[float] = []
    norms: list[float] = []
    predictions: list[Any] = []
    targets: list[Any] = []
    count = len(run.dataset)
    if begun is not None:
        key, event.lr = begun
    else:
        key = None if run.chance is None else draw_key(run.chance)
        if run.schedule_unit == "epoch":
            event.lr = run.learning_rate(event.epoch - 1)
    for batch in batches(range(count) if key is None else order_of(count, key), run.batch_size):
        if run.schedule_unit == "step":
            event.lr = run.learning_rate(event.step)
        loss, outputs = counted_step(run, batch)
        event.loss, event.last_loss = loss.data, loss
        losses.append(event.loss * len(batch))
        norms.append(event.gradient_norm)
        if run.metrics:
            predictions += [as_numbers(output) for output in outputs]
            targets += [run.dataset.targets[i] for i in batch]
        if run.listeners["on_step"]:
            run.notify_or_stop("on_step")
    event.loss = math.fsum(losses) / count
    event.gradient_norm = math.fsum(norms) / len(norms)
    event.metrics = measure(run.metrics, predictions, targets)
    if run.validation is not None:
        run.measure_validation()


def batches(order: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """The numbers of the samples, batch by batch; the last batch may be smaller."""
    for start in range(0, len(order), size):
        yield order[start : start + size]


def counted_step(run: Run, batch: Sequence[int]) -> tuple[Value, list[Any]]:
    """
    Raises:
        TrainingError: if a number is not finite.
    """
    try:
        made = one_step(run, batch)
    except NOT_FINITE as error:
        raise run.failure(run.event.step + 1, error) from error
    except AutogradError as error:
        if run.sample is not None:
            error.add_note(f"  This came of {describe_sample(run.dataset, run.sample)}.")
        raise
    run.event.step += 1
    return made
