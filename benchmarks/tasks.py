"""The tasks that the peers work on: data, start weights and settings, as plain lists of floats.

Nothing here is computed by any of the peers, glassgrad included: the numbers are drawn by Python's ``random`` from
fixed seeds, so that each process makes the same ones for itself.  Only the images of digits are read from the file
that scikit-learn brings with it, where it is installed.
"""

from __future__ import annotations

import csv
import gzip
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

LETTERS = "abcdefghijklmnopqrstuvwxyz"
BOUNDARY = len(LETTERS)
"""The 27th token stands for the beginning and the end of a word."""


@dataclass(frozen=True)
class Task:
    """What is to be computed.

    A peer's ``run(steps)`` begins with ``parameters`` each time and makes so many steps (epochs, for Alice and Bob
    and for the images).  It gives the loss of every step, and the parameters at the end; where nothing is updated,
    the last gradients.
    """

    name: str
    title: str
    unit: str
    """What the figure in the table is the time of."""
    unit_steps: float
    """How many steps that is: of an epoch, one sample is a part."""
    check_steps: int
    """Steps of the first call, and of all calls of a slow peer."""
    many_steps: int
    """Steps of a measured call of a fast peer, so that the call itself hardly counts; of all, if ``whole``."""
    parameters: dict[str, Any]
    """Name → matrix (a list of rows) or vector."""
    inputs: list[list[float]] = field(default_factory=list)
    targets: list[float] = field(default_factory=list)
    words: list[list[int]] = field(default_factory=list)
    """For the GPT: the tokens of each word, boundaries included."""
    whole: bool = False
    """Whether a measured call is always the whole of so many steps, by slow peers too."""
    batch: int = 0
    """Samples for each update, where they are neither one nor all."""
    epoch: int = 1
    """So many steps are an epoch, whose mean loss is compared."""
    lr: float = 0.0
    penalty: float = 0.0
    betas: tuple[float, float] = (0.0, 0.0)
    eps: float = 0.0


def matrix(chance: random.Random, rows: int, columns: int, size: float) -> list[list[float]]:
    return [[chance.uniform(-size, size) for _ in range(columns)] for _ in range(rows)]


def vector(chance: random.Random, length: int, size: float) -> list[float]:
    return [chance.uniform(-size, size) for _ in range(length)]


def layers(chance: random.Random, *sizes: int) -> dict[str, Any]:
    """Weights and biases of a fully connected network: w1 (outputs × inputs), b1, w2, b2, ..."""
    parameters: dict[str, Any] = {}
    for number, (inputs, outputs) in enumerate(pairwise(sizes), 1):
        parameters[f"w{number}"] = matrix(chance, outputs, inputs, 1 / math.sqrt(inputs))
        parameters[f"b{number}"] = vector(chance, outputs, 0.1)
    return parameters


def alice_bob() -> Task:
    """Weight and height of four people; a 2-2-1 sigmoid network; (prediction - target)²; one sample an update."""
    return Task(
        "alice_bob", "Alice and Bob: 2-2-1 sigmoid, MSE, SGD, 1000 epochs of 4 single-sample updates",
        "1000 epochs", unit_steps=1000, check_steps=1000, many_steps=1000,
        parameters=layers(random.Random(1), 2, 2, 1),
        inputs=[[-2.0, -1.0], [25.0, 6.0], [17.0, 4.0], [-15.0, -6.0]], targets=[1.0, 0.0, 0.0, 1.0],
        lr=0.1,
    )  # fmt: skip


def moons() -> Task:
    """Two interleaved half circles; a 2-16-16-1 ReLU network; hinge + L2; all 100 samples an update."""
    chance = random.Random(2)
    inputs, targets = [], []
    for i in range(100):
        angle = math.pi * (i // 2) / 49
        x, y, target = math.cos(angle), math.sin(angle), -1.0
        if i % 2:
            x, y, target = 1 - x, 0.5 - y, 1.0
        inputs.append([x + chance.gauss(0, 0.1), y + chance.gauss(0, 0.1)])
        targets.append(target)
    return Task(
        "moons", "Moons: 2-16-16-1 ReLU, hinge + L2, SGD, one full-batch step over 100 samples",
        "step", unit_steps=1, check_steps=3, many_steps=1000,
        parameters=layers(chance, 2, 16, 16, 1), inputs=inputs, targets=targets, lr=0.1, penalty=1e-4,
    )  # fmt: skip


def wide() -> Task:
    """A 64-64-10 ReLU network with softmax cross-entropy: forward and backward on one sample, no update.

    Eight samples take turns, so that nothing can be kept from one step to the next.
    """
    chance = random.Random(3)
    return Task(
        "wide", "64-64-10 ReLU, softmax cross-entropy: one sample, forward and backward, no update",
        "step", unit_steps=1, check_steps=8, many_steps=1000,
        parameters=layers(chance, 64, 64, 10),
        inputs=[[chance.random() for _ in range(64)] for _ in range(8)],
        targets=[chance.randrange(10) for _ in range(8)],
    )  # fmt: skip


def digits() -> Task:
    """Images of 8 × 8 pixels; 64-32-10, ReLU, softmax cross-entropy; batches of 32 in the order of the data."""
    chance = random.Random(5)
    inputs, targets, source = images_of_digits()
    return Task(
        "digits", f"Digits ({source}): 64-32-10 ReLU, cross-entropy, SGD in batches of 32, whole training",
        "a sample", unit_steps=1 / len(inputs), check_steps=1, many_steps=20, whole=True,
        parameters=layers(chance, 64, 32, 10), inputs=inputs, targets=targets, batch=32, lr=0.1,
    )  # fmt: skip


def images_of_digits() -> tuple[list[list[float]], list[float], str]:
    """Pixels from 0 to 1, classes, and where they are from: 1,797 images of scikit-learn, or as many drawn ones."""
    package = find_spec("sklearn")
    for folder in (package and package.submodule_search_locations) or []:
        with gzip.open(Path(folder) / "datasets" / "data" / "digits.csv.gz", "rt", encoding="utf-8") as file:
            rows = [[float(number) for number in row] for row in csv.reader(file)]
        return [[pixel / 16 for pixel in row[:-1]] for row in rows], [row[-1] for row in rows], "scikit-learn's"
    return *drawn_images(random.Random(6), 1797, 64), "drawn, as scikit-learn's are not installed"


def pixels() -> Task:
    """Drawn images of 28 × 28 pixels; 784-32-10, else as the digits."""
    inputs, targets = drawn_images(random.Random(7), 1920, 784)
    return Task(
        "pixels", "1,920 drawn images: 784-32-10 ReLU, cross-entropy, SGD in batches of 32, whole training",
        "a sample", unit_steps=1 / len(inputs), check_steps=1, many_steps=10, whole=True,
        parameters=layers(random.Random(8), 784, 32, 10), inputs=inputs, targets=targets, batch=32, lr=0.02,
    )  # fmt: skip


def drawn_images(chance: random.Random, count: int, size: int) -> tuple[list[list[float]], list[float]]:
    """Each of ten classes has a pattern, of which an image is a noisy copy; pixels from 0 to 1."""
    patterns = [vector(chance, size, 0.5) for _ in range(10)]
    targets = [chance.randrange(10) for _ in range(count)]
    inputs = [[0.5 + 0.5 * pixel + chance.uniform(-0.25, 0.25) for pixel in patterns[target]] for target in targets]
    return inputs, [float(target) for target in targets]


WORDS = ["oliver", "eva", "annabelle", "james", "matilda", "sophia"]
"""Three to nine letters, six on average; every peer goes through all of them again and again."""

WIDTH, HEADS, CONTEXT, EPSILON = 16, 4, 16, 1e-5


def gpt() -> Task:
    """A GPT that guesses the next letter: 1 layer, 16 wide, 4 heads, context 16; 4,192 parameters; Adam.

    x = rms(letter + position), x += attention(rms(x)), x += mlp(rms(x)), logits = head·x, the mean cross-entropy
    over the word's letters; rms(x) = x/√(mean(x²) + 10⁻⁵), ReLU in the MLP, no biases.
    """
    chance = random.Random(4)
    tokens, size = len(LETTERS) + 1, 0.15
    shapes = {
        "letters": (tokens, WIDTH), "positions": (CONTEXT, WIDTH),
        "query": (WIDTH, WIDTH), "key": (WIDTH, WIDTH), "value": (WIDTH, WIDTH), "mix": (WIDTH, WIDTH),
        "up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH), "head": (tokens, WIDTH),
    }  # fmt: skip
    return Task(
        "gpt", "Scalar GPT: 1 layer, 16 wide, 4 heads, 4,192 parameters, Adam, one training step on one word",
        "step", unit_steps=1, check_steps=len(WORDS), many_steps=50 * len(WORDS),
        parameters={name: matrix(chance, *shape, size) for name, shape in shapes.items()},
        words=[tokens_of(word) for word in WORDS], epoch=len(WORDS),
        lr=0.01, betas=(0.85, 0.99), eps=1e-8,
    )  # fmt: skip


def tokens_of(word: str) -> list[int]:
    return [BOUNDARY, *(LETTERS.index(letter) for letter in word), BOUNDARY]


TASKS: dict[str, Callable[[], Task]] = {
    "alice_bob": alice_bob, "moons": moons, "digits": digits, "pixels": pixels, "wide": wide, "gpt": gpt,
}  # fmt: skip
