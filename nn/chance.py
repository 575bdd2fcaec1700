"""Chance: all that is drawn at random comes from the method ``random()`` of a generator, and from nothing else.

That of ``random.Random(seed)`` gives the same numbers, evenly from 0 to below 1, on every Python, so a seed is the
same network, data set or run for ever.  A NumPy generator has such a method too.

>>> import random
>>> uniform(random.Random(1), -1, 1) == random.Random(1).uniform(-1, 1)
True
"""

from __future__ import annotations

import math
import operator
import random
from typing import SupportsIndex, cast

from autograd import DataError
from autograd.errors import describe
from nn.order import Chance

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
