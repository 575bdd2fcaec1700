"""The four tasks that every peer works on: data, start weights and settings, as plain lists of floats.

Nothing here comes from any of the peers, glassgrad included: the numbers are drawn by Python's ``random``
from fixed seeds, so that each process makes the same ones for itself.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

LETTERS = "abcdefghijklmnopqrstuvwxyz"
BOUNDARY = len(LETTERS)
"""The 27th token stands for the beginning and the end of a word."""


@dataclass(frozen=True)
class Task:
    """What is to be computed.

    A peer's ``run(steps)`` begins with ``parameters`` each time and makes so many steps (epochs, for Alice and
    Bob).  It gives the loss of every step, and the parameters at the end; where nothing is updated, the last
    gradients.
    """

    name: str
    title: str
    unit: str
    """What the figure in the table is the time of."""
    unit_steps: int
    """How many steps that is."""
    check_steps: int
    """Steps of the first call, and of all calls of a slow peer."""
    many_steps: int
    """Steps of a measured call of a fast peer, so that the call itself hardly counts."""
    parameters: dict[str, Any]
    """Name → matrix (a list of rows) or vector."""
    inputs: list[list[float]] = field(default_factory=list)
    targets: list[float] = field(default_factory=list)
    words: list[list[int]] = field(default_factory=list)
    """For the GPT: the tokens of each word, boundaries included."""
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
        words=[tokens_of(word) for word in WORDS],
        lr=0.01, betas=(0.85, 0.99), eps=1e-8,
    )  # fmt: skip


def tokens_of(word: str) -> list[int]:
    return [BOUNDARY, *(LETTERS.index(letter) for letter in word), BOUNDARY]


TASKS: dict[str, Callable[[], Task]] = {"alice_bob": alice_bob, "moons": moons, "wide": wide, "gpt": gpt}
