"""The GPT written with single numbers and operators, for micrograd, whose values are scalars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tasks import EPSILON, HEADS, WIDTH

Vector = list[Any]
SIZE = WIDTH // HEADS


def logits_of_word(
    parameters: Mapping[str, list[Vector]],
    letters: Sequence[Vector],
    *,
    dot: Callable[[Vector, Vector], Any],
    softmax: Callable[[Vector], Vector],
    relu: Callable[[Any], Any],
) -> list[Vector]:
    """For each letter, given as its row of the table, the logits of the next one; ``tasks.gpt`` has the formula."""

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
    logits: list[Vector] = []
    for letter, position in zip(letters, parameters["positions"], strict=False):
        x = rms(plus(letter, position))
        normal = rms(x)
        keys.append(linear(normal, "key"))
        values.append(linear(normal, "value"))
        x = plus(x, linear(attend(linear(normal, "query"), keys, values), "mix"))
        x = plus(x, linear([relu(number) for number in linear(rms(x), "up")], "down"))
        logits.append(linear(x, "head"))
    return logits
