"""Samples to learn from: what a model is given, and what it should say."""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING, Any, overload

from autograd import DataError
from autograd.core.operand import is_finite, is_real
from autograd.core.plain_text import printable
from autograd.errors import shown, text_of
from nn.chance import Seed, draw_key, make_generator, order_of
from nn.validation import count_of, real_number

if TYPE_CHECKING:
    import numpy as np


Target = float | list[float]
Sample = tuple[list[float], Target]


@dataclass(frozen=True, repr=False)
class Dataset:
    """Samples to learn from: for each one a list of features and the target.

    Args:
        inputs: for each sample a list of as many numbers as there are features.
        targets: for each sample a number (a whole number may name a class), or a list of numbers.
        name: what to call it.
        feature_names: one for each feature; of ragged data, one for each place of the longest input.
        target_names: of the classes 0, 1, ... where the targets are whole numbers, else of the outputs.
        sample_names: one for each sample.
        story: one line about it.
        source: where it comes from.
        unseen: samples that are kept from the network until it has learned.
        ragged: True if samples are sequences that may differ in length: their inputs, and their targets if these
            are lists.

    Raises:
        DataError: (a TypeError) if something is not a number where a number belongs.
        ValueError: if rows differ in length and the data are not ragged, a number is not finite, there are no
            samples, or there are not as many names as things to be named.

    >>> points = Dataset([[0, 1], [2, 3]], [0, 1], name="two points")
    >>> points[1]
    ([2.0, 3.0], 1)
    >>> points.as_arrays()
    (array([[0., 1.],
           [2., 3.]]), array([0, 1]))
    >>> Dataset([[3, 1], [2, 5, 4]], [[1, 0], [5, 4, 0]], name="words", ragged=True)
    <Dataset words: 2 samples, 2 to 3 numbers each>
    """

    inputs: list[list[float]]
    targets: list[Target]
    name: str = "data"
    feature_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    sample_names: tuple[str, ...] = ()
    story: str = ""
    source: str = ""
    unseen: Dataset | None = None
    ragged: bool = False

    def __post_init__(self) -> None:
        rows = as_rows("inputs", self.inputs)
        inputs = plain_features(rows) or [as_features(x, i) for i, x in enumerate(rows, 1)]
        rows = as_rows("targets", self.targets)
        targets = plain_targets(rows) or [as_target(y, i) for i, y in enumerate(rows, 1)]
        if len(inputs) != len(targets):
            raise ValueError(
                f"each sample needs a target, but there are {len(inputs)} inputs and {len(targets)} targets"
            )
        if not inputs:
            raise ValueError("a data set needs at least one sample, but this one is empty")
        require_one_kind(targets)
        if not self.ragged:
            require_equal_lengths(inputs, targets, "for sequences that differ, write Dataset(..., ragged=True)")
        width = longest(inputs)
        features = as_names("feature_names", self.feature_names) or numbered("x", width)
        samples = as_names("sample_names", self.sample_names) or numbered("sample ", len(inputs))
        require_length("feature_names", features, width)
        require_length("sample_names", samples, len(inputs))
        # A frozen dataclass fills in its own fields like this.
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "targets", targets)
        object.__setattr__(self, "feature_names", features)
        object.__setattr__(self, "target_names", as_names("target_names", self.target_names))
        object.__setattr__(self, "sample_names", samples)

    @classmethod
    def of(cls, data: Any, targets: Any = None, *, ragged: bool = False) -> Dataset:
        """Whatever holds samples as a Dataset: one already, ``(xs, ys)``, or a list of ``(x, y)``.

        A tuple of two is taken as all inputs and all targets; a list as one pair for each sample.  ``ragged`` says
        that these may differ in length.

        Raises:
            DataError: (a TypeError) if it is none of these.

        >>> Dataset.of([0, 1, 2], [0, 2, 4]) == Dataset.of(([0, 1, 2], [0, 2, 4]))
        True
        >>> Dataset.of([([0], 0), ([1], 2), ([2], 4)]).inputs
        [[0.0], [1.0], [2.0]]
        """
        if targets is not None:
            return cls(data, targets, ragged=ragged)
        if isinstance(data, Dataset):
            return data
        if isinstance(data, tuple) and len(data) == 2:
            return cls(*data, ragged=ragged)
        expected = "a Dataset, a tuple (xs, ys), or a list of pairs [(x, y), ...]"
        if not isinstance(data, Iterable) or isinstance(data, (str, dict)):
            raise DataError(f"data must be {expected}, but it is {data!r:.80} ({type(data).__name__})")
        pairs = list(data)
        for pair in pairs:
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise DataError(f"data must be {expected}, but {pair!r:.80} is not a pair of input and target")
        return cls([x for x, _ in pairs], [y for _, y in pairs], ragged=ragged)

    def __len__(self) -> int:
        return len(self.inputs)

    def __iter__(self) -> Iterator[Sample]:
        return iter(zip(self.inputs, self.targets, strict=True))

    @overload
    def __getitem__(self, index: int) -> Sample: ...

    @overload
    def __getitem__(self, index: slice) -> Dataset: ...

    def __getitem__(self, index: int | slice) -> Sample | Dataset:
        """One sample, or the data set of a slice: ``data[0]``, ``data[:10]``."""
        if isinstance(index, slice):
            return self.subset(range(*index.indices(len(self))))
        return self.inputs[index], self.targets[index]

    def subset(self, indices: Iterable[int]) -> Dataset:
        """The data set of the chosen samples, counted from 0, in that order.

        Raises:
            IndexError: if there is no such sample.

        >>> from nn.data import alice_bob
        >>> alice_bob().subset([3, 0]).sample_names
        ('Diana', 'Alice')
        """
        chosen = [operator.index(i) for i in indices]
        for i in chosen:
            if not 0 <= i < len(self):
                raise IndexError(f"there is no sample {i}: {self.name} has {len(self)}, counted from 0")
        inputs = [self.inputs[i] for i in chosen]
        return replace(
            self,
            inputs=inputs,
            feature_names=self.feature_names[: longest(inputs)],
            targets=[self.targets[i] for i in chosen],
            sample_names=tuple(self.sample_names[i] for i in chosen),
        )

    def split(self, fraction: float, seed: Seed = 0) -> tuple[Dataset, Dataset]:
        """Two data sets: a random ``fraction`` of the samples, and the others.

        Raises:
            ValueError: if one of the two would be empty.

        >>> from nn.data import moons
        >>> training, testing = moons(100).split(0.8)
        >>> len(training), len(testing)
        (80, 20)
        """
        count = round(real_number("fraction", fraction, above=0.0, below=1.0) * len(self))
        if not 0 < count < len(self):
            raise ValueError(
                f"a fraction of {fraction} splits {len(self)} samples into {count} and {len(self) - count}"
            )
        order = order_of(len(self), draw_key(make_generator(seed)))
        return self.subset(order[:count]), self.subset(order[count:])

    def as_arrays(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Inputs (samples × features, float64) and targets (samples, or samples × outputs) as NumPy arrays.

        Raises:
            ValueError: if samples differ in length.
        """
        import numpy as np

        require_equal_lengths(self.inputs, self.targets, "to become an array, choose some with subset()")
        return np.array(self.inputs, dtype=np.float64), np.array(self.targets)

    def target_text(self, target: Target) -> str:
        """A target as people read it: with the name of its class, if it has one.

        >>> from nn.data import alice_bob
        >>> alice_bob().target_text(1)
        '1 (female)'
        """
        if isinstance(target, int) and 0 <= target < len(self.target_names):
            return f"{target} ({self.target_names[target]})"
        return str(target)

    def table(self) -> str:
        """All samples as text, one on a line.

        >>> from nn.data import alice_bob
        >>> print(alice_bob().table())
                 weight - 135 lb  height - 66 in      target
        Alice               -2.0            -1.0  1 (female)
        Bob                 25.0             6.0    0 (male)
        Charlie             17.0             4.0    0 (male)
        Diana              -15.0            -6.0  1 (female)
        """
        rows = [["", *map(printable, self.feature_names), "target"]]
        for name, (x, y) in zip(self.sample_names, self, strict=True):
            empty = [""] * (len(self.feature_names) - len(x))
            rows.append([printable(name), *map(str, x), *empty, printable(self.target_text(y))])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = []
        for first, *others in rows:
            cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
            lines.append("  ".join([first.ljust(widths[0]), *cells]))
        return "\n".join(lines)

    def __repr__(self) -> str:
        shown = list(self.feature_names) if len(self.feature_names) <= 4 else [*self.feature_names[:3], "..."]
        samples = "1 sample" if len(self) == 1 else f"{len(self)} samples"
        if self.ragged:
            shortest, width = min(map(len, self.inputs)), longest(self.inputs)
            numbers = count_of(width, "number") if shortest == width else f"{shortest} to {width} numbers"
            return printable(f"<Dataset {self.name}: {samples}, {numbers} each>")
        features = "1 feature" if len(self.feature_names) == 1 else f"{len(self.feature_names)} features"
        return printable(f"<Dataset {self.name}: {samples}, {features} ({', '.join(shown)})>")


# What a Dataset asks of what it is given


def as_rows(what: str, rows: Any) -> list[Any]:
    if isinstance(rows, (str, bytes, dict)) or not isinstance(rows, Iterable) or getattr(rows, "ndim", 1) == 0:
        raise DataError(f"{what} must be a list with one entry for each sample, but it is {rows!r:.80}")
    return list(as_list(rows))


def as_features(x: Any, sample: int) -> list[float]:
    """One sample's features as floats; a single number is a list of one feature."""
    if is_real(x):
        x = [x]
    if not is_row(x):
        raise DataError(f"the input of sample {sample} must be a list of numbers, but it is {text_of(x)}")
    features = [float(as_number(number, f"feature {i} of sample {sample}")) for i, number in enumerate(x, 1)]
    if not features:
        raise ValueError(f"sample {sample} has no features")
    return features


def as_target(y: Any, sample: int) -> Target:
    """One sample's target: a number, whole numbers staying whole, or a list of numbers."""
    if is_row(y):
        numbers = [as_number(number, f"target {i} of sample {sample}") for i, number in enumerate(y, 1)]
        if not numbers:
            raise ValueError(f"the target of sample {sample} is an empty list")
        return numbers
    return as_number(y, f"the target of sample {sample}")


PLAIN, ROWS = frozenset([int, float]), frozenset([list, tuple])
"""Python's own numbers and rows of them.  (True is a number for ``isinstance``, but not here.)"""

# Data of nothing but finite plain numbers are taken as a whole, in a tenth of the time that a look at each number
# takes.  An empty list says that there is something to look at: a fault, which has to be named, or another kind of
# number.


def plain_features(rows: list[Any]) -> list[list[float]]:
    """The features of all samples as floats, if they are plain numbers.

    >>> plain_features([[1, 2.5], (3, 4)]), plain_features([[1, 2.5], [True, 4]]), plain_features([[float("inf")]])
    ([[1.0, 2.5], [3.0, 4.0]], [], [])
    """
    if PLAIN.issuperset(map(type, rows)):
        rows = [[x] for x in rows]
    if not ROWS.issuperset(map(type, rows)):
        rows = list(map(as_list, rows))
        if not ROWS.issuperset(map(type, rows)):
            return []
    kinds = set(map(type, chain.from_iterable(rows)))
    if not kinds <= PLAIN:
        return []
    try:
        floats = [list(map(float, row)) for row in rows] if int in kinds else list(map(list, rows))
    except OverflowError:
        return []
    # A number that is not finite makes the sum infinite too, or nan.
    return floats if all(floats) and isfinite(sum(map(sum, floats))) else []


def plain_targets(rows: list[Any]) -> list[Target]:
    """The targets of all samples, if they are plain numbers; whole ones stay whole."""
    if PLAIN.issuperset(map(type, rows)):
        return rows if all(map(is_finite, rows)) else []
    return [list(as_list(row)) for row in rows] if plain_features(rows) else []


def as_list(x: Any) -> Any:
    """An array of NumPy's with numbers as a list; whatever else it is stays as it is."""
    numpy = sys.modules.get("numpy")
    if numpy is None or type(x) is not numpy.ndarray or x.dtype.kind not in "fiu" or x.ndim > 2:
        return x
    return x.tolist()


def is_row(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or getattr(x, "ndim", 0) == 1


def as_number(x: Any, place: str) -> float:
    if not is_real(x):
        raise DataError(f"{place} must be a number, but it is {shown(x)}")
    if not is_finite(x):
        given = text_of(float(x) if isinstance(x, float) or hasattr(x, "dtype") else x)
        raise ValueError(f"{place} is {given}; leave such a sample out, or fill in a number")
    return operator.index(x) if hasattr(x, "__index__") else float(x)


def as_names(what: str, names: Any) -> tuple[str, ...]:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise DataError(f"{what} must be a list of strings, but it is {names!r:.80}")
    return tuple(names)


def numbered(what: str, count: int) -> tuple[str, ...]:
    return tuple(f"{what}{i}" for i in range(1, count + 1))


def require_length(what: str, names: Sequence[Any], count: int) -> None:
    if len(names) != count:
        raise ValueError(f"{count} {what} are needed, but there are {len(names)}: {names!r:.80}")


def require_one_kind(targets: list[Target]) -> None:
    """Targets are all numbers, or all lists."""
    kinds = ["a list" if isinstance(target, list) else "one number" for target in targets]
    if len(set(kinds)) > 1:
        other = next(i for i, kind in enumerate(kinds) if kind != kinds[0])
        raise ValueError(
            f"targets must be all numbers or all lists, but that of sample 1 is {kinds[0]} and that of sample "
            f"{other + 1} is {kinds[other]}"
        )


def require_equal_lengths(inputs: list[list[float]], targets: list[Target], advice: str) -> None:
    for what, of_what, rows in (("inputs", "feature", inputs), ("targets", "number", targets)):
        lengths = [len(row) for row in rows if isinstance(row, list)]
        if len(set(lengths)) > 1:
            other = next(i for i, length in enumerate(lengths) if length != lengths[0])
            raise ValueError(
                f"all {what} must have the same length, but sample 1 has {count_of(lengths[0], of_what)} and "
                f"sample {other + 1} has {count_of(lengths[other], of_what)}; {advice}"
            )


def longest(inputs: list[list[float]]) -> int:
    return max(map(len, inputs), default=0)
