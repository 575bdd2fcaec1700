"""What is asked of a program: everything that shapes it.  (Here nothing needs NumPy.)"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd import Value
from nn.optim import Optimizer

__all__ = ["ENGINES", "CannotCompile", "Setting"]

ENGINES = ("auto", "eager", "native", "numpy", "python")


class CannotCompile(Exception):
    """Why a run has to be made node by node; without a text, because an error is to come of it."""


@dataclass(frozen=True)
class Setting:
    """What is to be recorded: everything that shapes the program of a run.

    ``has_borders`` is True if it must be recorded again after each epoch, because something is called that is not
    nn's own.
    """

    model: Any
    parameters: list[Value]
    loss: Callable[[Any, Any], Any]
    optimizer: Optimizer
    penalty: Callable[[Any], Any] | None
    clip_value: float | None
    clip_norm: float | None
    batch_size: int
    with_predictions: bool
    has_borders: bool = False

    @property
    def one_by_one(self) -> bool:
        return self.batch_size == 1
