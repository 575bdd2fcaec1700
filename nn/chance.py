"""Chance: all that is drawn at random comes from the method ``random()`` of a generator, and from nothing else.

That of ``random.Random(seed)`` gives the same numbers, evenly from 0 to below 1, on every Python, so a seed is the
same network, data set or run for ever.  A NumPy generator has such a method too.

Each epoch of a run draws one number, its *key*, and the order of the samples follows from that by a rule that
Python and machine code follow alike: Fisher and Yates' shuffle from the last place down, with numbers of Knuth's
linear congruential generator MMIX, x ← 6364136223846793005 x + 1442695040888963407 (mod 2⁶⁴), which begins with
the key.

>>> import random
>>> uniform(random.Random(1), -1, 1) == random.Random(1).uniform(-1, 1)
True
"""

from __future__ import annotations

import math
import operator
import random
from typing import Protocol, SupportsIndex, cast

from autograd import DataError
from autograd.errors import describe

MULTIPLIER, INCREMENT = 6364136223846793005, 1442695040888963407
"""Knuth, "The Art of Computer Programming", volume 2, section 3.3.4, table 1, line 26."""


class Chance(Protocol):
    """A source of chance: a ``random.Random``, or a NumPy generator."""

    def random(self) -> float:
        """A number from 0 up to, but not including, 1."""


Seed = int | Chance | None
"""A whole number, a generator, or None for what Python's ``random`` has in store."""


def make_generator(seed: object) -> Chance:
    """What to draw from: the same whole number always gives the same numbers.

    A generator is used as it is (and moves on); None asks Python's ``random``, which ``random.seed`` can repeat.

    Raises:
        DataError: if seed is none of these.

    >>> make_generator(7).random() == make_generator(7).random()
    True
    """
    if seed is None:
        return cast(Chance, random)
    if callable(getattr(seed, "random", None)) and not isinstance(seed, type):
        return cast(Chance, seed)
    if isinstance(seed, SupportsIndex) and not isinstance(seed, bool) and (number := operator.index(seed)) >= 0:
        return random.Random(number)
    raise DataError(
        "a seed is a whole number from 0 up, a generator like random.Random(1) or NumPy's, or None, "
        f"but got {describe(seed)}"
    )


def uniform(generator: Chance, low: float, high: float) -> float:
    """A number from low to high, each as likely as any other."""
    return low + (high - low) * generator.random()


def normal(generator: Chance, mean: float = 0.0, std: float = 1.0) -> float:
    """A number from the bell curve, made of two even ones u and v: mean + std·√(-2·log(1 - u))·cos(2π·v).

    Source: Box and Muller, "A Note on the Generation of Random Normal Deviates" (1958).

    >>> round(normal(make_generator(1)), 6)
    0.308709
    """
    u, v = generator.random(), generator.random()
    # 1 - u is never 0, whose logarithm there is not.
    return mean + std * math.sqrt(-2.0 * math.log(1.0 - u)) * math.cos(2.0 * math.pi * v)


def draw_key(chance: Chance) -> int:
    """The key of the next epoch, from 0 up to 2⁵³: all the bits that a number between 0 and 1 is drawn with."""
    return int(chance.random() * 2**53)


def order_of(samples: int, key: int) -> list[int]:
    """The order of so many samples in the epoch with that key.

    >>> order_of(5, key=1), order_of(5, key=2)
    ([3, 0, 1, 4, 2], [1, 0, 2, 4, 3])
    """
    order = list(range(samples))
    for last in range(samples - 1, 0, -1):
        # The high half of the state is the better one; as a fraction of 2³² it chooses among the first places.
        key = (key * MULTIPLIER + INCREMENT) % 2**64
        chosen = (key >> 32) * (last + 1) >> 32
        order[last], order[chosen] = order[chosen], order[last]
    return order
