"""Data sets: a few that teachers use, and the class that holds your own.

>>> from nn import data
>>> people = data.alice_bob()
>>> people
<Dataset Alice and Bob: 4 samples, 2 features (weight - 135 lb, height - 66 in)>
>>> for x, y in people:
...     print(x, y)
[-2.0, -1.0] 1
[25.0, 6.0] 0
[17.0, 4.0] 0
[-15.0, -6.0] 1
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

from autograd import DataError
from autograd.core.operand import is_finite, is_real
from autograd.core.plain_text import printable
from autograd.errors import shown, text_of
from nn.chance import Seed, make_generator, normal, uniform
from nn.order import Chance, draw_key, order_of
from nn.validation import real_number, whole_number

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "Dataset", "alice_bob", "blobs", "circles", "linear_relationship", "moons", "single_neuron", "spirals", "xor",
]  # fmt: skip

Target = float | list[float]
Sample = tuple[list[float], Target]
Point = list[float]


@dataclass(frozen=True, repr=False)
class Dataset:
    """Samples to learn from: for each one a list of features and the target.

    Args:
        inputs: for each sample a list of as many numbers as there are features.
        targets: for each sample a number (a whole number may name a class), or a list of numbers.
        name: what to call it.
        feature_names: one for each feature.
        target_names: of the classes 0, 1, ... where the targets are whole numbers, else of the outputs.
        sample_names: one for each sample.
        story: one line about it.
        source: where it comes from.
        unseen: samples that are kept from the network until it has learned.

    Raises:
        DataError: (a TypeError) if something is not a number where a number belongs.
        ValueError: if rows differ in length, a number is not finite, there are no samples,
            or there are not as many names as things to be named.

    >>> points = Dataset([[0, 1], [2, 3]], [0, 1], name="two points")
    >>> points[1]
    ([2.0, 3.0], 1)
    >>> points.as_arrays()
    (array([[0., 1.],
           [2., 3.]]), array([0, 1]))
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

    def __post_init__(self) -> None:
        inputs = [as_features(x, i) for i, x in enumerate(as_rows("inputs", self.inputs), 1)]
        targets = [as_target(y, i) for i, y in enumerate(as_rows("targets", self.targets), 1)]
        if len(inputs) != len(targets):
            raise ValueError(
                f"each sample needs a target, but there are {len(inputs)} inputs and {len(targets)} targets"
            )
        if not inputs:
            raise ValueError("a data set needs at least one sample, but this one is empty")
        require_equal_shapes("inputs", "features", inputs)
        require_equal_shapes("targets", "numbers", targets)
        width = len(inputs[0])
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
    def of(cls, data: Any, targets: Any = None) -> Dataset:
        """Whatever holds samples as a Dataset: one already, ``(xs, ys)``, or a list of ``(x, y)``.

        A tuple of two is taken as all inputs and all targets; a list as one pair for each sample.

        Raises:
            DataError: (a TypeError) if it is none of these.

        >>> Dataset.of([0, 1, 2], [0, 2, 4]) == Dataset.of(([0, 1, 2], [0, 2, 4]))
        True
        >>> Dataset.of([([0], 0), ([1], 2), ([2], 4)]).inputs
        [[0.0], [1.0], [2.0]]
        """
        if targets is not None:
            return cls(data, targets)
        if isinstance(data, Dataset):
            return data
        if isinstance(data, tuple) and len(data) == 2:
            return cls(*data)
        expected = "a Dataset, a tuple (xs, ys), or a list of pairs [(x, y), ...]"
        if not isinstance(data, Iterable) or isinstance(data, (str, dict)):
            raise DataError(f"data must be {expected}, but it is {data!r:.80} ({type(data).__name__})")
        pairs = list(data)
        for pair in pairs:
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise DataError(f"data must be {expected}, but {pair!r:.80} is not a pair of input and target")
        return cls([x for x, _ in pairs], [y for _, y in pairs])

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

        >>> alice_bob().subset([3, 0]).sample_names
        ('Diana', 'Alice')
        """
        chosen = [operator.index(i) for i in indices]
        for i in chosen:
            if not 0 <= i < len(self):
                raise IndexError(f"there is no sample {i}: {self.name} has {len(self)}, counted from 0")
        return replace(
            self,
            inputs=[self.inputs[i] for i in chosen],
            targets=[self.targets[i] for i in chosen],
            sample_names=tuple(self.sample_names[i] for i in chosen),
        )

    def split(self, fraction: float, seed: Seed = 0) -> tuple[Dataset, Dataset]:
        """Two data sets: a random ``fraction`` of the samples, and the others.

        Raises:
            ValueError: if one of the two would be empty.

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
        """Inputs (samples × features, float64) and targets (samples, or samples × outputs) as NumPy arrays."""
        import numpy as np

        return np.array(self.inputs, dtype=np.float64), np.array(self.targets)

    def target_text(self, target: Target) -> str:
        """A target as people read it: with the name of its class, if it has one.

        >>> alice_bob().target_text(1)
        '1 (female)'
        """
        if isinstance(target, int) and 0 <= target < len(self.target_names):
            return f"{target} ({self.target_names[target]})"
        return str(target)

    def table(self) -> str:
        """All samples as text, one on a line.

        >>> print(alice_bob().table())
                 weight - 135 lb  height - 66 in      target
        Alice               -2.0            -1.0  1 (female)
        Bob                 25.0             6.0    0 (male)
        Charlie             17.0             4.0    0 (male)
        Diana              -15.0            -6.0  1 (female)
        """
        rows = [["", *map(printable, self.feature_names), "target"]]
        for name, (x, y) in zip(self.sample_names, self, strict=True):
            rows.append([printable(name), *map(str, x), printable(self.target_text(y))])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = []
        for first, *others in rows:
            cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
            lines.append("  ".join([first.ljust(widths[0]), *cells]))
        return "\n".join(lines)

    def __repr__(self) -> str:
        shown = list(self.feature_names) if len(self.feature_names) <= 4 else [*self.feature_names[:3], "..."]
        samples = "1 sample" if len(self) == 1 else f"{len(self)} samples"
        features = "1 feature" if len(self.feature_names) == 1 else f"{len(self.feature_names)} features"
        return printable(f"<Dataset {self.name}: {samples}, {features} ({', '.join(shown)})>")


# What a Dataset asks of what it is given


def as_rows(what: str, rows: Any) -> list[Any]:
    if isinstance(rows, (str, bytes, dict)) or not isinstance(rows, Iterable) or getattr(rows, "ndim", 1) == 0:
        raise DataError(f"{what} must be a list with one entry for each sample, but it is {rows!r:.80}")
    return list(rows)


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


def is_row(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or getattr(x, "ndim", 0) == 1


def as_number(x: Any, place: str) -> float:
    if not is_real(x):
        raise DataError(f"{place} must be a number, but it is {shown(x)}")
    if not is_finite(x):
        given = text_of(float(x) if isinstance(x, float) else x)
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


def require_equal_shapes(what: str, of_what: str, rows: Sequence[Any]) -> None:
    shapes = [len(row) if isinstance(row, list) else None for row in rows]
    for sample, shape in enumerate(shapes, 1):
        if shape != shapes[0]:
            first, other = ("one number" if size is None else f"{size} {of_what}" for size in (shapes[0], shape))
            raise ValueError(
                f"all {what} must have the same shape, but sample 1 has {first} and sample {sample} has {other}"
            )


# From the pages that teach with them

TRAINING_NETWORKS = '"Training networks", an introduction to learning with a single neuron'


def alice_bob() -> Dataset:
    """Four people, their weight and height, and whether they are female (1) or male (0).

    Emily and Frank wait in ``.unseen`` until the network has learned from the four.

    >>> alice_bob().unseen.sample_names
    ('Emily', 'Frank')
    """
    features = ("weight - 135 lb", "height - 66 in")
    classes = ("male", "female")
    source = (
        'Victor Zhou, "Machine Learning for Beginners: An Introduction to Neural Networks" (2019), '
        "https://victorzhou.com/blog/intro-to-neural-networks/"
    )
    unseen = Dataset(
        [[-7, -3], [20, 2]], [1, 0], "Emily and Frank", features, classes, ("Emily", "Frank"),
        "Two people whom the network has never seen.", source,
    )  # fmt: skip
    return Dataset(
        [[-2, -1], [25, 6], [17, 4], [-15, -6]], [1, 0, 0, 1],
        "Alice and Bob", features, classes, ("Alice", "Bob", "Charlie", "Diana"),
        "Tell a person's sex from weight and height (in pounds less 135 and inches less 66).",
        source, unseen,
    )  # fmt: skip


def single_neuron() -> Dataset:
    """One sample for one neuron whose step can be done by hand: weights (0.3, 0.9), learning rate 1.

    >>> single_neuron()[0]
    ([0.1, 0.8], 0.4)
    """
    return Dataset(
        [[0.1, 0.8]], [0.4], "a single neuron", ("input 1", "input 2"), ("output",), ("the sample",),
        "With weights 0.3 and 0.9 the neuron says 0.75 where 0.4 is expected: which way should the weights go?",
        TRAINING_NETWORKS,
    )  # fmt: skip


def linear_relationship() -> Dataset:
    """Five samples made by the weights (0.5, 0.9, 1.2), which gradient descent can find again.

    >>> x, y = linear_relationship()[0]
    >>> round(0.5 * x[0] + 0.9 * x[1] + 1.2 * x[2], 6) == y
    True
    """
    return Dataset(
        [[3, 4, 7], [6, 2, 9], [8, 10, 12], [9, 7, 4], [7, 6, 3]], [13.5, 15.6, 27.4, 15.6, 12.5],
        "a linear relationship", target_names=("y",),
        story="Somebody multiplied three numbers by three weights and added up: which weights were they?",
        source='"How to train a neural network", introductory example',
    )  # fmt: skip


def xor() -> Dataset:
    """Exclusive or: 1 if the two inputs differ.  No single neuron can learn it; two in a hidden layer can.

    >>> xor().targets
    [0, 1, 1, 0]
    """
    return Dataset(
        [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0],
        "exclusive or", ("a", "b"), ("same", "different"), ("0 xor 0", "0 xor 1", "1 xor 0", "1 xor 1"),
        "The four points that no straight line divides, and that made hidden layers necessary.",
        'Minsky and Papert, "Perceptrons" (1969); learned by Rumelhart, Hinton and Williams, '
        '"Learning representations by back-propagating errors" (1986)',
    )  # fmt: skip


# Made by chance: the same seed makes the same points


def moons(n: int = 100, noise: float = 0.1, seed: Seed = 0) -> Dataset:
    """Two half circles, one inside the bend of the other: n points in the plane, of classes 0 and 1.

    Upper moon (cos t, sin t), lower moon (1 - cos t, ½ - sin t), t from 0 to π, and normal noise.

    Raises:
        ValueError: if n is below 2 or noise below 0.

    >>> moons(100, seed=1) == moons(100, seed=1), moons(100, seed=1) == moons(100, seed=2)
    (True, False)
    """
    noise, generator = real_number("noise", noise), make_generator(seed)
    upper, lower = ([math.pi * part for part in evenly(count)] for count in halves(n))
    curves = [[[math.cos(t), math.sin(t)] for t in upper], [[1 - math.cos(t), 0.5 - math.sin(t)] for t in lower]]
    return Dataset(
        *shuffled_with_noise(curves, noise, generator), "moons", target_names=("upper moon", "lower moon"),
        story="Two interleaved half moons: a line cannot divide them, a small network can.",
        source="the make_moons of scikit-learn (Pedregosa et al., 2011), known from micrograd's demonstration",
    )  # fmt: skip


def circles(n: int = 100, noise: float = 0.05, factor: float = 0.5, seed: Seed = 0) -> Dataset:
    """A circle of radius 1 (class 0) around one of radius ``factor`` (class 1): n points in the plane.

    Raises:
        ValueError: if n is below 2, noise below 0, or factor not between 0 and 1.

    >>> circles(100).targets.count(1)
    50
    """
    factor = real_number("factor", factor, above=0.0, below=1.0)
    noise, generator = real_number("noise", noise), make_generator(seed)
    curves = []
    for count, radius in zip(halves(n), (1.0, factor), strict=True):
        angles = [2 * math.pi * i / count for i in range(count)]
        curves.append([[radius * math.cos(t), radius * math.sin(t)] for t in angles])
    return Dataset(
        *shuffled_with_noise(curves, noise, generator), "circles", target_names=("outer circle", "inner circle"),
        story="One ring inside another: the network must learn the distance from the centre.",
        source="the make_circles of scikit-learn (Pedregosa et al., 2011)",
    )  # fmt: skip


def spirals(n: int = 100, noise: float = 0.02, classes: int = 2, turns: float = 1.0, seed: Seed = 0) -> Dataset:
    """Spiral arms that wind around each other, one for each class: n points in the plane.

    Arm k: radius r from 0.1 to 1, angle 2π·(turns·r + k / classes), and normal noise.

    Raises:
        ValueError: if n is below classes, classes below 2, noise or turns below 0.

    >>> sorted(set(spirals(90, classes=3).targets))
    [0, 1, 2]
    """
    classes = whole_number("classes", classes, at_least=2)
    n = whole_number("n", n, at_least=classes)
    turns = real_number("turns", turns)
    noise, generator = real_number("noise", noise), make_generator(seed)
    arms = []
    for k in range(classes):
        radii = [0.1 + 0.9 * part for part in evenly(share(n, classes, k))]
        angles = [2 * math.pi * (turns * r + k / classes) for r in radii]
        arms.append([[r * math.cos(t), r * math.sin(t)] for r, t in zip(radii, angles, strict=True)])
    return Dataset(
        *shuffled_with_noise(arms, noise, generator), "spirals",
        target_names=tuple(f"arm {k + 1}" for k in range(classes)),
        story="Arms wound around each other: hard for a small network, a matter of width and patience.",
        source='Lang and Witbrock, "Learning to Tell Two Spirals Apart" (1988); '
        "with three arms in Stanford's CS231n",
    )  # fmt: skip


def blobs(n: int = 150, features: int = 4, classes: int = 3, spread: float = 0.5, seed: Seed = 0) -> Dataset:
    """Clouds of points around random centres, as large as the iris data unless told otherwise.

    Centres are drawn evenly from -3 to 3 in each feature, points normally around them.

    Raises:
        ValueError: if n is below classes, features or classes below 1, or spread below 0.

    >>> blobs()
    <Dataset blobs: 150 samples, 4 features (x1, x2, x3, x4)>
    """
    features = whole_number("features", features)
    classes = whole_number("classes", classes)
    n = whole_number("n", n, at_least=classes)
    spread, generator = real_number("spread", spread), make_generator(seed)
    places = [[uniform(generator, -3, 3) for _ in range(classes)] for _ in range(features)]
    clouds = [[[place[k] for place in places]] * share(n, classes, k) for k in range(classes)]
    return Dataset(
        *shuffled_with_noise(clouds, spread, generator), "blobs",
        target_names=tuple(f"blob {k + 1}" for k in range(classes)),
        story="As many flowers, measurements and kinds as in the iris data, but from no garden.",
        source="made up by chance; the size is that of the irises in Fisher, "
        '"The Use of Multiple Measurements in Taxonomic Problems" (1936)',
    )  # fmt: skip


def halves(n: int) -> tuple[int, int]:
    n = whole_number("n", n, at_least=2)
    return share(n, 2, 0), share(n, 2, 1)


def share(n: int, classes: int, k: int) -> int:
    """How many of n points class k gets; the first classes get one more if n cannot be divided."""
    return n // classes + (k < n % classes)


def evenly(count: int) -> list[float]:
    """So many numbers from 0 to 1, at equal distances.

    >>> evenly(3), evenly(1)
    ([0.0, 0.5, 1.0], [0.0])
    """
    return [i / max(count - 1, 1) for i in range(count)]


def shuffled_with_noise(
    classes: Sequence[Sequence[Point]], noise: float, generator: Chance
) -> tuple[list[list[float]], list[Target]]:
    """The points of all classes with normal noise, and the class of each, in an order drawn by chance."""
    points = [
        ([normal(generator, x, noise) for x in point], target)
        for target, points in enumerate(classes)
        for point in points
    ]
    chosen = [points[i] for i in order_of(len(points), draw_key(generator))]
    return [point for point, _ in chosen], [target for _, target in chosen]
