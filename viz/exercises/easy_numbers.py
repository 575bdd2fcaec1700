"""Numbers for a graph with which its backward pass can be computed by hand.

Whole numbers and short decimals are tried, by chance but always the same for one seed, until every
number of both passes is short; where that can't be (a sigmoid), the shortest ones found are taken.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection

from autograd.core import evaluate
from autograd.errors import AutogradError
from viz.stepping.replay import Wiring

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


def choose_numbers(wiring: Wiring, free: Collection[int], seed: int, digits: int) -> Numbers:
    """New data for every node of a graph; only the leaves at the places ``free`` change.

    Raises:
        AutogradError: if the graph cannot be computed with any of the numbers that were tried.

    >>> from autograd import Value
    >>> w, x = Value(0.123, "w"), Value(0.456, "x")
    >>> numbers = choose_numbers(Wiring(w * x), {0, 1}, seed=1, digits=3)
    >>> numbers[0] * numbers[1] == numbers[2]
    True
    """
    chance = random.Random(seed)
    best: Numbers | None = None
    lowest = math.inf
    failure: AutogradError | None = None
    for _ in range(max(20, min(MOST_TRIES, 40_000 // len(wiring.order)))):
        pool = chance.choice(POOLS)
        leaves = {i: float(chance.choice(pool)) for i in sorted(free)}
        try:
            numbers = wiring.replay(leaves)
            gradients, slopes = backward(wiring, numbers)
        except AutogradError as error:
            failure = error
            continue
        cost = length([*numbers, *gradients, *slopes], digits) + size(numbers, zero=40) + size(gradients, zero=6)
        cost += repetition([*leaves.values()])
        if cost < lowest:
            best, lowest = numbers, cost
        if cost == 0:
            break
    if best is None:
        assert failure is not None
        raise failure
    return best


def backward(wiring: Wiring, numbers: Numbers) -> tuple[Numbers, Numbers]:
    """All gradients, and all local derivatives."""
    totals = [0.0] * len(numbers)
    totals[-1] = 1.0
    slopes: Numbers = []
    for i in reversed(range(len(numbers))):
        op, inputs = wiring.order[i].op, wiring.inputs[i]
        if op is not None:
            local_derivatives = evaluate.local_derivatives(op, [numbers[j] for j in inputs], numbers[i])
            slopes.extend(local_derivatives)
            for j, local in zip(inputs, local_derivatives, strict=True):
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
