"""The GPT written with single numbers and operators, for every engine whose values are scalars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tasks import EPSILON, HEADS, WIDTH

Vector = list[Any]
SIZE = WIDTH // HEADS


def loss_of_word(
    parameters: dict[str, list[Vector]],
    given: Sequence[int],
    wanted: Sequence[Any],
    *,
    dot: Callable[[Vector, Vector], Any],
    softmax: Callable[[Vector], Vector],
    relu: Callable[[Any], Any],
    cross_entropy: Callable[[Vector, Any], Any],
) -> Any:
    """The mean cross-entropy of guessing each letter from those before it; see ``tasks.gpt`` for the formula.

    ``given`` are rows of the table of letters; ``wanted`` is whatever ``cross_entropy(logits, wanted)`` takes.
    """

    def linear(x: Vector, name: str) -> Vector:
        return [dot(row, x) for row in parameters[name]]

    def rms(x: Vector) -> Vector:
        scale = (dot(x, x) / WIDTH + EPSILON) ** -0.5
        return [number * scale for number in x]

    def plus(x: Vector, y: Vector) -> Vector:
        return [a + b for a, b in zip(x, y, strict=True)]

    def attend(query: Vector, keys: list[Vector], values: list[Vector]) -> Vector:
        """What one position takes from those up to itself, head by head."""
        seen: Vector = []
        for start in range(0, WIDTH, SIZE):
            part = slice(start, start + SIZE)
            attention = softmax([dot(query[part], key[part]) * SIZE**-0.5 for key in keys])
            seen += [dot(attention, [value[i] for value in values]) for i in range(start, start + SIZE)]
        return seen

    keys: list[Vector] = []
    values: list[Vector] = []
    losses: Vector = []
    for position, (letter, target) in enumerate(zip(given, wanted, strict=True)):
        x = rms(plus(parameters["letters"][letter], parameters["positions"][position]))
        normal = rms(x)
        keys.append(linear(normal, "key"))
        values.append(linear(normal, "value"))
        x = plus(x, linear(attend(linear(normal, "query"), keys, values), "mix"))
        x = plus(x, linear([relu(number) for number in linear(rms(x), "up")], "down"))
        losses.append(cross_entropy(linear(x, "head"), target))
    return sum(losses[1:], losses[0]) * (1 / len(losses))
