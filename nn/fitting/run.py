"""One run of ``fit``: its settings, where it stands, and the way back to where all numbers were finite."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograd import AutogradError, Value
from autograd.core.operand import is_real, to_float
from nn.callbacks import Event, StopTraining
from nn.chance import Chance
from nn.compiled.compilable import Setting
from nn.fitting.measuring import NOT_FINITE, describe_sample, evaluate, summary
from nn.history import History
from nn.optim import clip_gradient_norm, clip_gradient_value
from nn.optim.state import Memory
from nn.validation import first_line, real_number

if TYPE_CHECKING:
    from nn.compiled.compiled_run import CompiledRun


Measured = tuple[list[float], list[Any]]
"""The loss and the prediction of each sample."""


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


@dataclass(kw_only=True, eq=False)
class Run(Setting):
    """One run of ``fit``: its settings, already checked, and where it stands."""

    schedule: Callable[[int, float], float] | None
    schedule_unit: str
    all_move: bool
    listeners: dict[str, list[Callable[[Event], Any]]]
    record_every: int
    event: Event
    compiled: CompiledRun | None = None
    names: list[str] = field(default_factory=list)
    chance: Chance | None = None

    # The way back: parameters, and the optimizer's memory, when the loss was last computed.
    good_values: list[float] = field(default_factory=list)
    good_memory: Memory = field(default_factory=Memory)
    good_loss: float = math.nan
    in_update: bool = False
    # For messages: the sample that is being computed, and how many there are in its batch.
    sample: int | None = None
    in_batch: int = 0

    @property
    def history(self) -> History:
        return self.event.history

    def make_floats(self) -> None:
        """Parameters as floats: with a number of NumPy's that has 32 bits, all results would have as few."""
        for parameter in self.parameters:
            if type(parameter.data) is not float and is_real(parameter.data):
                parameter.data = to_float(parameter.data)

    def note_way_back(self, loss: Value) -> None:
        """Note how things stand before a step whose loss is finite."""
        self.good_loss = loss.data
        self.good_values = [parameter.data for parameter in self.parameters]
        self.good_memory = self.optimizer.memory.copy()

    def complete_gradients(self) -> None:
        """A parameter that the batch did not need gets the gradient 0: so an Embedding moves as one."""
        for parameter in self.parameters:
            parameter.grad = parameter.grad or 0.0

    def clip_gradients(self) -> None:
        """Keep the gradients within the limits that were set, first each alone and then all together."""
        if self.clip_value is not None:
            clip_gradient_value(self.parameters, self.clip_value)
        if self.clip_norm is not None:
            clip_gradient_norm(self.parameters, self.clip_norm)

    def go_back(self) -> None:
        """To the parameters with which the loss was last computed."""
        for parameter, data in zip(self.parameters, self.good_values, strict=True):
            parameter.data = data
        memory, unused = self.optimizer.memory, (0, self.optimizer.initial_state())
        known = [parameter for parameter in self.parameters if parameter in memory]
        memory.change(known, [then or unused for then in self.good_memory.of(known)])

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

    def learning_rate(self, moment: int) -> float:
        """The learning rate at that epoch or step, counted from 0."""
        if self.schedule is None:
            return real_number("lr", self.optimizer.lr)
        return real_number("the learning rate from the schedule", self.schedule(moment, self.optimizer.lr))

    def parameter_values(self) -> dict[str, float]:
        """The parameters by name if the history is to keep them, else nothing."""
        return {name: self.parameters[i].data for i, name in enumerate(self.names)}

    def write_epoch(self) -> None:
        """Enter the epoch into the history."""
        event = self.event
        self.history.add(
            event.epoch, event.loss, event.lr, event.gradient_norm, event.metrics, self.parameter_values(),
            self.record_every,
        )  # fmt: skip

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
        try:
            if measured is not None:
                found = summary(*measured, self.validation.targets, self.metrics)
            else:
                found = evaluate(self.model, self.validation, loss=self.loss, metrics=self.metrics)
        except NOT_FINITE as error:
            note_way_back()
            raise self.failure(event.step, error, "on the validation data") from error
        except AutogradError as error:
            error.add_note("  It belongs to the validation data.")
            raise
        event.metrics |= {f"validation_{name}": number for name, number in found.items()}

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
