"""Where each operation is tried out: grids that reach its tails, and the same ones on every machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import product

Point = tuple[float, ...]

TINY = [10.0**k for k in (-300, -250, -200, -160, -155, -150, -110, -80, -50, -30, -20, -16, -12, -9, -8, -6, -5)]
HUGE = [10.0**k for k in (4, 5, 6, 8, 9, 12, 16, 20, 30, 50, 80, 110, 150, 155, 160, 200, 250, 300)]
NEAR = [10.0**-k for k in (1, 2, 3, 4, 6, 8, 10, 12, 15)]
"""Distances from places where something happens: -1, 1, a kink, a tie."""


ROOTS = [
    0.5773502691896257, 0.7071067811865475, 0.7524614220710163, 1.1924312145154954, 1.278464542761074,
    1.3169578969248166, 1.4185040087908285, 1.4905711794854284, 2.2563763963607935, 2.399357280515468,
]  # fmt: skip
"""Where derivatives of activations pass through zero: the floats beside the roots."""


@cache
def line(thin: bool = False) -> tuple[float, ...]:
    """Numbers from 1e-300 to 1e300 in both signs: dense in the middle, where functions bend, and near -1 and 1.

    >>> len(line()) > 500, min(map(abs, line())), max(line())
    (True, 0.0, 1e+300)
    """
    by = 8 if thin else 1
    middle = [k / 64 for k in range(1, 4 * 64, 3 * by)] + [k / 16 for k in range(4 * 16, 12 * 16, 3 * by)]
    # Where exponentials of x, or of x squared, pass the precision of a float, and later its range.
    tails = [12 + k * 0.71 for k in range(0, 40, by)] + [41 + k * 17.3 for k in range(0, 41, by)]
    edges = [708.3, 709.7, 744.0, 800.0, 1000.0, 3000.0]
    near_one = [1 + s * d for d in NEAR for s in (1, -1)]
    small = [0.003, 0.0007, 0.0001]
    sizes = {*TINY, *small, *middle, 1.0, *near_one, *ROOTS, *tails, *edges, *HUGE}
    return (0.0, *sorted([-x for x in sizes]), *sorted(sizes))


@cache
def coarse_line(thin: bool = False) -> tuple[float, ...]:
    """Some of the same, for products."""
    sizes = [1e-300, 1e-160, 1e-100, 1e-8, 0.001, 0.7, 1.0, 2.7, 40.0, 1e5, 1e100, 1e160, 1e300]
    sizes = sizes[::3] if thin else sizes
    return (*[-x for x in reversed(sizes)], *sizes)


LISTS: tuple[Point, ...] = (
    (0.3, -1.7),
    (1e-300, 2e-300),
    (1e300, -3e290),
    (0.1, 0.2, 0.3),
    (700.0, 1.5, -700.0),
    (-0.001, 0.002, 1000.0),
    (5.0, 5.0, 5.0),
    (-1e300, 1.0, 1e-300),
    (0.0, -600.0, -300.0),
    (1e16, 1.0, -1e16, 0.5),
    (30.0, -2.5, 1e-8, 31.0),
    (-1000.0, -1001.0, -1000.5, -2000.0),
    (1.1, -0.7, 2.3, 0.4),
)
"""Lists for the operations that take any number of inputs."""


def points(arity: int, thin: bool = False) -> Sequence[Point]:
    """The points at which an operation of so many inputs is measured (0 for one that takes a list)."""
    if arity == 0:
        return LISTS
    if arity == 1:
        return [(x,) for x in line(thin)]
    if arity == 2:
        near = [(x, x * (1 + s * d)) for x in (1.5, -2.7, 1e100, -1e-100) for d in NEAR for s in (1, -1)]
        return [*product(coarse_line(thin), repeat=2), *pairs(thin), *near]
    few = coarse_line(thin)[:: 2 if thin else 4]
    return [*product(few, repeat=arity), *product((-2.5, -0.4, 0.9, 3.1), repeat=arity)]


def pairs(thin: bool) -> list[Point]:
    """Bases and exponents, legs and angles of everyday size."""
    few = [k / 4 for k in range(1, 24, 9 if thin else 4)]
    return [(s * x, t * y) for x in few for y in few for s in (1, -1) for t in (1, -1) if math.isfinite(x * y)]
