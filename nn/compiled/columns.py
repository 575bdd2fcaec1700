"""The samples of a run as columns of numbers, which is how a program takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.core.threads import cached_property
from autograd.engines.native.llvm_text import LANES
from nn.data import Dataset


@dataclass(frozen=True)
class Columns:
    """A data set as an array with one row for each number of a sample, inputs before targets.

    ``target`` says what a target is: "number", "list", or "class", which stands here as one number for
    each class: 1 for it, 0 for all others.  ``outputs`` counts the outputs of the model, 0 meaning a
    single number that is no list.
    """

    numbers: np.ndarray
    inputs: int
    target: str
    outputs: int

    @property
    def form(self) -> tuple[int, int, str]:
        """What must be the same for two data sets to be put into one program."""
        return len(self.numbers), self.inputs, self.target

    @cached_property
    def rows(self) -> np.ndarray:
        """The numbers of a sample one behind the other, sample after sample."""
        return np.ascontiguousarray(self.numbers.T)

    @cached_property
    def longer(self) -> np.ndarray:
        """The numbers, and a few more behind the last sample: whole vectors are read."""
        return lengthened(self.numbers)


def lengthened(columns: np.ndarray) -> np.ndarray:
    """Whole vectors are read, so there is something behind the last sample: the same one again."""
    rows, samples = columns.shape
    longer = np.empty((rows, samples + LANES))
    longer[:, :samples] = columns
    longer[:, samples:] = columns[:, -1:]
    return longer


def columns_of(dataset: Dataset, outputs: int) -> Columns:
    """The samples as columns, for a model with so many outputs (0 for a single number).

    >>> data = Dataset.of(([[0.5, 1.0], [2.0, 3.0]], [1, 0]))
    >>> columns_of(data, outputs=0).numbers.tolist(), columns_of(data, outputs=2).target
    ([[0.5, 2.0], [1.0, 3.0], [1.0, 0.0]], 'class')
    """
    kind, _ = form_of(dataset.targets[0], outputs)
    inputs = np.array(dataset.inputs, dtype=np.float64).T
    targets = np.atleast_2d(np.array(dataset.targets, dtype=np.float64).T)
    if kind == "class":
        targets = np.arange(outputs)[:, None] == targets
    # A row's numbers lie side by side, as they are read.
    numbers = np.concatenate([inputs, targets], out=np.empty((len(inputs) + len(targets), len(dataset))))
    return Columns(numbers, len(dataset.inputs[0]), kind, outputs)


def form_of(target: Any, outputs: int) -> tuple[str, int]:
    """What a target is, and as how many numbers it stands in the columns.

    >>> form_of([0.0, 1.0], outputs=2), form_of(1, outputs=3), form_of(1, outputs=0)
    (('list', 2), ('class', 3), ('number', 1))
    """
    if isinstance(target, (list, tuple)):
        return "list", len(target)
    return ("class", outputs) if outputs > 1 else ("number", 1)


@dataclass(frozen=True)
class KnownData:
    """Samples that have been looked at, and their columns."""

    inputs: list[list[float]]
    targets: list[Any]
    columns: Columns

    @classmethod
    def of(cls, dataset: Dataset, columns: Columns) -> KnownData:
        # Copies, because the lists of a data set may be changed.
        targets = [list(target) if isinstance(target, list) else target for target in dataset.targets]
        return cls([list(x) for x in dataset.inputs], targets, columns)

    def are_in(self, dataset: Dataset) -> bool:
        return dataset.targets == self.targets and dataset.inputs == self.inputs


def different(targets: list[Any], columns: Columns, most: int = 12) -> dict[str, Any]:
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
