"""What is asked of a program: all that shapes it, and what fit calls in between.  (Here nothing needs NumPy.)

A callback, a metric or a schedule of somebody's own is a border: it may look at everything, and change anything.
So a compiled run writes the parameters back before it, and looks at the model and the data again after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd import Value
from nn import metrics
from nn.callbacks import EarlyStopping
from nn.data import Dataset
from nn.optim import Optimizer
from nn.saving.known import Known
from nn.schedules import CosineSchedule, ExponentialSchedule, LinearWarmup, StepSchedule

ENGINES = ("auto", "eager", "native", "numpy", "python")


class CannotCompile(Exception):
    """Why a run has to be made node by node; without a text, because an error is to come of it."""


@dataclass(kw_only=True, eq=False)
class Setting:
    """What is to be recorded: everything that shapes the program of a run.

    ``own`` is what is known about the model if it is nn's own.
    ``has_borders`` is True if it must be recorded again after each epoch, because something is called that is not
    nn's own; ``is_twin`` if model, loss and penalty are copies.
    """

    model: Any
    own: Known | None
    dataset: Dataset
    parameters: list[Value]
    loss: Callable[[Any, Any], Any]
    optimizer: Optimizer
    batch_size: int
    penalty: Callable[[Any], Any] | None
    clip_value: float | None
    clip_norm: float | None
    metrics: dict[str, metrics.Metric]
    validation: Dataset | None
    engine: str
    has_borders: bool = False
    is_twin: bool = False

    @property
    def one_by_one(self) -> bool:
        return self.batch_size == 1

    @property
    def with_predictions(self) -> bool:
        return bool(self.metrics)


SCHEDULES = (CosineSchedule, ExponentialSchedule, LinearWarmup, StepSchedule)


def is_own_schedule(schedule: Callable[..., Any]) -> bool:
    """
    >>> is_own_schedule(LinearWarmup(5, then=StepSchedule(10))), is_own_schedule(lambda epoch, lr: lr / (1 + epoch))
    (True, False)
    """
    if type(schedule) is LinearWarmup and schedule.then is not None:
        return is_own_schedule(schedule.then)
    return type(schedule) in SCHEDULES


def is_own_metric(metric: Callable[..., Any]) -> bool:
    """
    >>> is_own_metric(metrics.accuracy), is_own_metric(lambda predictions, targets: 0.0)
    (True, False)
    """
    return metric is getattr(metrics, getattr(metric, "__name__", ""), None)


def is_own_listener(listener: Callable[..., Any]) -> bool:
    """
    >>> is_own_listener(EarlyStopping(3).on_epoch), is_own_listener(print)
    (True, False)
    """
    method = getattr(listener, "__func__", None)
    owner = type(getattr(listener, "__self__", None))
    return owner is EarlyStopping and method is getattr(EarlyStopping, getattr(method, "__name__", ""), None)
