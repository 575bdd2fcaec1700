"""Numbers for a graph with which its backward pass can be computed by hand.

Whole numbers and short decimals are tried, by chance but always the same for one seed, until every
number of both passes is short; where that can't be (a sigmoid), the shortest ones found are taken.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Sequence

from autograd import Value
from autograd.core import evaluate
from autograd.errors import AutogradError

__all__ = ["choose_numbers", "digits_of"]

POOLS: tuple[tuple[float, ...], ...] = (
    (1, 2, 3, 4, 5, -1, -2, -3),
    (1, 2, 3, -1, -2, 0.5, -0.5, 1.5),
    (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, -0.1, -0.2, -0.3, -0.4, -0.5, 1, -1, 2),
)
"""Each sheet takes its numbers from one of these."""

MOST_TRIES = 400
ENDLESS = 8
"""A number with so many significant digits is not going to end."""

Numbers = list[float]


def digits_of(x: float) -> int:
    """How many significant digits a number has, leaving aside the noise of floats.

    >>> digits_of(-0.25), digits_of(1200.0), digits_of(0.1 + 0.2), digits_of(1 / 3)
    (2, 2, 1, 10)
    """
    return len(f"{abs(x):.9e}".partition("e")[0].replace(".", "").rstrip("0"))


def choose_numbers(order: Sequence[Value], free: Collection[int], seed: int, digits: int) -> Numbers:
    """New data for every node of a graph in topological order; only the leaves at the places ``free`` change.

    Raises:
        AutogradError: if the graph cannot be computed with any of the numbers that were tried.

    >>> from autograd import topological_order
    >>> w, x = Value(0.123, "w"), Value(0.456, "x")
    >>> numbers = choose_numbers(topological_order(w * x), {0, 1}, seed=1, digits=3)
    >>> numbers[0] * numbers[1] == numbers[2]
    True
    """
    chance = random.Random(seed)
    inputs = places_of_inputs(order)
    best: Numbers | None = None
    lowest = math.inf
    failure: AutogradError | None = None
    for _ in range(max(20, min(MOST_TRIES, 40_000 // len(order)))):
        pool = chance.choice(POOLS)
        leaves = [float(chance.choice(pool)) if i in free else node.data for i, node in enumerate(order)]
        try:
            numbers = forward(order, inputs, leaves)
            gradients, slopes = backward(order, inputs, numbers)
        except AutogradError as error:
            failure = error
            continue
        cost = length([*numbers, *gradients, *slopes], digits) + size(numbers, zero=40) + size(gradients, zero=6)
        cost += repetition([leaves[i] for i in free])
        if cost < lowest:
            best, lowest = numbers, cost
        if cost == 0:
            break
    if best is None:
        assert failure is not None
        raise failure
    return best


def places_of_inputs(order: Sequence[Value]) -> list[list[int]]:
    place = {node: i for i, node in enumerate(order)}
    return [[place[x] for x in node.inputs] for node in order]


def forward(order: Sequence[Value], inputs: list[list[int]], leaves: Numbers) -> Numbers:
    """Run every operation again."""
    numbers: Numbers = []
    for i, node in enumerate(order):
        numbers.append(
            leaves[i] if node.op is None else float(evaluate.compute(node.op, tuple(numbers[j] for j in inputs[i])))
        )
    return numbers


def backward(order: Sequence[Value], inputs: list[list[int]], numbers: Numbers) -> tuple[Numbers, Numbers]:
    """All gradients, and all local derivatives."""
    totals = [0.0] * len(order)
    totals[-1] = 1.0
    slopes: Numbers = []
    for i in reversed(range(len(order))):
        op = order[i].op
        if op is None:
            continue
        local_derivatives = evaluate.local_derivatives(op, [numbers[j] for j in inputs[i]], numbers[i])
        slopes.extend(local_derivatives)
        for j, local in zip(inputs[i], local_derivatives, strict=True):
            totals[j] += local * totals[i]
    return totals, slopes


def length(numbers: Numbers, digits: int) -> float:
    """How many digits there are too many; a number that does not end can be rounded, and counts as two."""
    return sum(2 if n >= ENDLESS else max(0, n - digits) for n in map(digits_of, numbers))


def size(numbers: Numbers, zero: float) -> float:
    """How many numbers are not of a handy size; a 0 hides all that is multiplied by it."""
    return sum(zero if abs(x) < 1e-12 else 12 if not 0.004 < abs(x) < 200 else 0 for x in numbers)


def repetition(leaves: Numbers) -> float:
    """How many inputs can't be told apart by their numbers: there, a swap would go unnoticed."""
    return 8 * max(0, len(leaves) - len(set(leaves)) - len(leaves) // 6)
