"""The samples of a run as columns of numbers, which is how a program takes them.

Sequences differ in length.  Samples of one *form* (as long an input, and as long a target) are computed by the same
tape, and stand together in columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from autograd.core.threads import cached_property
from autograd.engines.native.llvm_text import LANES
from nn.compiled.compilable import CannotCompile
from nn.data import Dataset

Form = tuple[int, int]
"""How many numbers a sample's input has, and its target if that is a list; 0 if it is none."""

Shape = int | tuple[Any, ...]
"""What a model gives: 0 for a number, the length of a list of numbers, or the shapes of a list's parts."""


@dataclass(frozen=True)
class Columns:
    """Samples of one form as an array with one row for each number of a sample, inputs before targets.

    ``target`` says what a target is: "number", "list", or "class", which stands here as one number for
    each class: 1 for it, 0 for all others.  ``outputs`` says what the model gives.
    """

    numbers: np.ndarray
    target: str
    outputs: Shape

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


@dataclass(frozen=True)
class Samples:
    """A data set as a program takes it.

    Attributes:
        parts: for each form of the program the samples of that form; None if there are none.
        count: how many samples there are.
        forms, places: for each sample the number of its form, and its place among the samples of that form; None if
            the program has only one form.
    """

    parts: tuple[Columns | None, ...]
    count: int
    forms: np.ndarray | None = None
    places: np.ndarray | None = None

    @property
    def columns(self) -> Columns:
        """The samples of a program that has only one form."""
        (columns,) = self.parts
        assert columns is not None
        return columns

    def of_form(self, number: int) -> Sequence[int]:
        """Which samples are of that form."""
        return range(self.count) if self.forms is None else np.flatnonzero(self.forms == number).tolist()

    def chosen(self, samples: list[int]) -> Iterator[tuple[int, np.ndarray, Any]]:
        """Some samples, form by form: the number of the form, their columns, and which of them these are."""
        if self.forms is None or self.places is None:
            yield 0, self.columns.numbers[:, samples], slice(None)
            return
        forms, places = self.forms[samples], self.places[samples]
        for form in np.unique(forms).tolist():
            which = np.flatnonzero(forms == form)
            columns = self.parts[form]
            assert columns is not None
            yield form, columns.numbers[:, places[which]], which


def forms_of(dataset: Dataset) -> list[Form]:
    """The form of each sample; of data that are not ragged one for all.

    Raises:
        CannotCompile: without a text, if these are no samples any more.
    """
    if not dataset.ragged:
        return [form_of_sample(*dataset[0])]
    try:
        return [form_of_sample(x, target) for x, target in dataset]
    except (TypeError, ValueError) as error:
        raise CannotCompile("") from error


def form_of_sample(x: list[float], target: Any) -> Form:
    return len(x), len(target) if isinstance(target, list) else 0


def samples_of(dataset: Dataset, outputs: dict[Form, Shape]) -> Samples:
    """The samples as a program takes them.

    Args:
        outputs: for each form of the program what the model gives.

    Raises:
        KeyError: if there is a sample of another form.
    """
    forms = forms_of(dataset)
    if len(outputs) == 1 and len(set(forms)) == 1:
        return Samples((columns_of(dataset, outputs[forms[0]]),), len(dataset))
    forms = forms if dataset.ragged else forms * len(dataset)
    numbers = {form: number for number, form in enumerate(outputs)}
    form_numbers = np.array([numbers[form] for form in forms])
    places, parts = np.empty_like(form_numbers), []
    for number, shape in enumerate(outputs.values()):
        which = np.flatnonzero(form_numbers == number)
        places[which] = np.arange(len(which))
        parts.append(columns_of(dataset.subset(which), shape) if len(which) else None)
    return Samples(tuple(parts), len(dataset), form_numbers, places)


def columns_of(dataset: Dataset, outputs: Shape) -> Columns:
    """Samples of one form as columns, for a model that gives such outputs.

    >>> data = Dataset.of(([[0.5, 1.0], [2.0, 3.0]], [1, 0]))
    >>> columns_of(data, outputs=0).numbers.tolist(), columns_of(data, outputs=2).target
    ([[0.5, 2.0], [1.0, 3.0], [1.0, 0.0]], 'class')
    """
    classes = count_of(outputs)
    kind, _ = form_of(dataset.targets[0], classes)
    inputs = np.array(dataset.inputs, dtype=np.float64).T
    targets = np.atleast_2d(np.array(dataset.targets, dtype=np.float64).T)
    if kind == "class":
        targets = np.arange(classes)[:, None] == targets
    # A row's numbers lie side by side, as they are read.
    numbers = np.concatenate([inputs, targets], out=np.empty((len(inputs) + len(targets), len(dataset))))
    return Columns(numbers, kind, outputs)


# --- what a model gives -----------------------------------------------------------------------------------------


def shape_of(output: Any) -> Shape:
    """
    >>> shape_of(0.5), shape_of([0.5, 1.0, 2.0]), shape_of([[0.5, 1.0], [2.0, 3.0]])
    (0, 3, (2, 2))
    """
    if not isinstance(output, (list, tuple)):
        return 0
    parts = tuple(map(shape_of, output))
    return parts if any(parts) else len(parts)


def flat(output: Any) -> list[Any]:
    """All numbers in it.

    >>> flat(0.5), flat([[0.5, 1.0], [2.0, 3.0]])
    ([0.5], [0.5, 1.0, 2.0, 3.0])
    """
    return [number for part in output for number in flat(part)] if isinstance(output, (list, tuple)) else [output]


def shaped(numbers: Iterable[Any], shape: Shape) -> Any:
    """The numbers as the model gave them.

    >>> shaped([0.5, 1.0, 2.0, 3.0], (2, 2)), shaped([0.5], 0)
    ([[0.5, 1.0], [2.0, 3.0]], 0.5)
    """
    rest = iter(numbers)
    if shape == 0:
        return next(rest)
    return list(islice(rest, shape)) if isinstance(shape, int) else [shaped(rest, part) for part in shape]


def given_back(rows: np.ndarray, shape: Shape) -> list[Any]:
    """What the model gave for each sample, from rows with a number of each."""
    if shape == 0:
        return list(rows[0].tolist())
    columns: list[Any] = rows.T.tolist()
    return columns if isinstance(shape, int) else [shaped(numbers, shape) for numbers in columns]


def count_of(shape: Shape) -> int:
    """How many outputs there are; 0 for a number that is no list."""
    return shape if isinstance(shape, int) else len(shape)


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
    """Data that have been looked at, and their samples as a program takes them."""

    inputs: list[list[float]]
    targets: list[Any]
    samples: Samples

    @classmethod
    def of(cls, dataset: Dataset, samples: Samples) -> KnownData:
        # Copies, because the lists of a data set may be changed.
        targets = [list(target) if isinstance(target, list) else target for target in dataset.targets]
        return cls([list(x) for x in dataset.inputs], targets, samples)

    def are_in(self, dataset: Dataset) -> bool:
        try:
            return dataset.targets == self.targets and dataset.inputs == self.inputs
        except ValueError:
            # Somebody has put an array in.
            return False


def different(targets: list[Any], kind: str, most: int = 12) -> dict[str, Any]:
    """Some targets that are different, each with its text: the first ones, and the extremes.

    Of classes all, because any may be none of the model's.  Of lists those in which a number comes for the first
    time, and the extremes of numbers and sums, because a loss may ask for -1 and 1, or for probabilities.

    Args:
        kind: what a target is, as ``Columns`` says.
    """
    if kind == "list":
        extremes = [choose(targets, key=key) for choose, key in ((min, min), (max, max), (min, sum), (max, sum))]
        targets = [*islice(with_new_numbers(targets), most), *extremes]
    else:
        numbers = list(dict.fromkeys(targets))
        few = kind == "class" or len(numbers) <= most
        targets = numbers if few else [*numbers[:most], min(numbers), max(numbers)]
    return {repr(target): target for target in targets}


def with_new_numbers(targets: list[list[float]]) -> Iterator[list[float]]:
    """
    >>> list(with_new_numbers([[1, 0], [0, 1], [1, 2]]))
    [[1, 0], [1, 2]]
    """
    known: set[float] = set()
    for target in targets:
        if not known.issuperset(target):
            known.update(target)
            yield target
