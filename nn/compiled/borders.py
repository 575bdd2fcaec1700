"""What fit calls during a run, and whether it is nn's own.

A callback, a metric or a schedule of somebody's own is a border: it may look at everything, and change anything.
So a compiled run writes the parameters back before it, and looks at the model and the data again after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn import metrics
from nn.callbacks import EarlyStopping
from nn.schedules import CosineSchedule, ExponentialSchedule, LinearWarmup, StepSchedule

__all__ = ["is_own_listener", "is_own_metric", "is_own_schedule"]

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
