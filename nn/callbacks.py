"""Callbacks: what else is to happen while a network learns, and when it is to stop.

>>> def stop_when_good(event):
...     return event.loss < 0.01

Given to ``fit(..., callbacks=[stop_when_good])``, it is called after each epoch.  An object may have
any of the methods ``on_start``, ``on_step``, ``on_epoch`` and ``on_end`` instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from autograd import Value
from nn.history import History
from nn.validation import real_number, whole_number


class StopTraining(Exception):
    """Raise it in a callback to end the run after this step or epoch; the text becomes ``stopped_because``."""


@dataclass
class Event:
    """What a callback is told.

    Attributes:
        epoch, epochs: the epoch's number, and how many there may be.
        model, history: what is being trained, and the record so far.
        step: how many updates have been made in the whole run.
        loss, gradient_norm: of the step (in ``on_step``), or their means over the epoch.
        lr: the learning rate of the last step.
        metrics: what was measured in the epoch, with the names of ``history.metrics``.
        graph: the last step's loss as a Value: ``draw(event.graph)``.  In a run that was compiled it is computed
            when somebody asks for it, with the parameters as they are then.
    """

    epochs: int
    model: Any
    history: History
    epoch: int = 0
    step: int = 0
    loss: float = math.nan
    lr: float = 0.0
    gradient_norm: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    last_loss: Value | Callable[[], Value] | None = None

    @property
    def graph(self) -> Value | None:
        if callable(self.last_loss):
            self.last_loss = self.last_loss()
        return self.last_loss


SMALLEST_GAIN = 1e-9
"""An improvement by a smaller part than this may be rounding: no engine should see one where others do not."""


class EarlyStopping:
    """A callback that ends a run in which nothing gets better any more.

    Args:
        patience: how many epochs in a row without improvement are enough.
        min_delta: what counts as an improvement: more than this, and more than a part of 1e-9.
        restore_best: at the end, put back the parameters as they were after the best epoch.
        monitor: "loss", or the name of a metric, like "validation_loss".
        mode: "min" or "max" is better; "auto" takes max for an accuracy and min for all else.

    After the run ``best`` and ``best_epoch`` tell what was best, and when.
    (Prechelt, "Early Stopping - But When?" (1998).)

    Raises:
        ValueError, TypeError: for a setting out of its range.
    """

    def __init__(
        self,
        patience: int = 10,
        min_delta: float = 0.0,
        restore_best: bool = True,
        monitor: str = "loss",
        mode: Literal["auto", "min", "max"] = "auto",
    ) -> None:
        self.patience = whole_number("patience", patience)
        self.min_delta = real_number("min_delta", min_delta)
        self.restore_best = restore_best
        self.monitor = monitor
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode must be 'auto', 'min' or 'max', but it is {mode!r}")
        self.mode = mode
        self.on_start()

    def on_start(self, event: Event | None = None) -> None:
        self.best, self.best_epoch = math.nan, 0
        self.best_values: list[float] = []

    def on_epoch(self, event: Event) -> None:
        now = event.loss if self.monitor == "loss" else event.metrics[self.monitor]
        higher_is_better = self.mode == "max" or (self.mode == "auto" and self.monitor.endswith("accuracy"))
        gain = now - self.best if higher_is_better else self.best - now
        least = max(self.min_delta, SMALLEST_GAIN * abs(self.best)) if math.isfinite(self.best) else 0.0
        # What is not a number is no improvement, and anything improves on it.
        if gain > least or (math.isnan(self.best) and not math.isnan(now)):
            self.best = now
            self.best_epoch = event.epoch
            self.best_values = [parameter.data for parameter in event.model.parameters()]
        elif event.epoch - self.best_epoch >= self.patience:
            raise StopTraining("early stopping")

    def on_end(self, event: Event) -> None:
        if self.restore_best and self.best_values:
            for parameter, data in zip(event.model.parameters(), self.best_values, strict=True):
                parameter.data = data


MOMENTS = ("on_start", "on_step", "on_epoch", "on_end")


def listeners_of(
    callbacks: Iterable[Any], early_stopping: EarlyStopping | int | None, results: list[str]
) -> dict[str, list[Callable[[Event], Any]]]:
    """Who is to be called at which moment."""
    if callable(callbacks) or not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a list, but it is {callbacks!r:.80}; write callbacks=[...]")
    everybody = list(callbacks)
    if early_stopping is not None:
        if not isinstance(early_stopping, EarlyStopping):
            early_stopping = EarlyStopping(whole_number("early_stopping", early_stopping))
        everybody.append(early_stopping)
    listeners: dict[str, list[Callable[[Event], Any]]] = {moment: [] for moment in MOMENTS}
    for callback in everybody:
        if isinstance(callback, EarlyStopping) and callback.monitor not in results:
            raise ValueError(
                f"early stopping is to watch {callback.monitor!r}, but this run only has {', '.join(results)}; "
                "pass metrics=... or validation=... to fit"
            )
        methods = [moment for moment in MOMENTS if hasattr(callback, moment)]
        if isinstance(callback, type) or not (methods or callable(callback)):
            raise TypeError(
                f"a callback must be a function or have one of {', '.join(MOMENTS)}, but it is {callback!r:.80}"
            )
        for moment in methods:
            listeners[moment].append(getattr(callback, moment))
        if not methods:
            listeners["on_epoch"].append(callback)
    return listeners
