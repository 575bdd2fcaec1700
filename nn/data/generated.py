"""Data sets made by chance: the same seed makes the same points."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nn.chance import Chance, Seed, draw_key, make_generator, normal, order_of, uniform
from nn.data.dataset import Dataset, Target
from nn.validation import real_number, whole_number

Point = list[float]


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
