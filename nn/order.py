"""The order in which an epoch takes the samples: a rule that Python and machine code follow alike.

A run has one source of chance, ``random.Random(seed)``.  Each epoch draws one number from it, its *key*, and the
order follows from that: Fisher and Yates' shuffle from the last place down, with numbers of Knuth's linear
congruential generator MMIX, x ← 6364136223846793005 x + 1442695040888963407 (mod 2⁶⁴), which begins with the key.
"""

from __future__ import annotations

from typing import Protocol

MULTIPLIER, INCREMENT = 6364136223846793005, 1442695040888963407
"""Knuth, "The Art of Computer Programming", volume 2, section 3.3.4, table 1, line 26."""


class Chance(Protocol):
    """A source of chance: a ``random.Random``, or a NumPy generator."""

    def random(self) -> float:
        """A number from 0 up to, but not including, 1."""


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
