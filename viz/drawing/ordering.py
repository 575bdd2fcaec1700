"""In which order things stand in each rank of a picture: as they were computed, and so that few edges cross."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar

SWEEPS = 8
"""How often the ranks are sorted by where their neighbours stand, forwards and backwards in turn."""
MOST_EXCHANGES = 12
"""How often all pairs of neighbours are looked at, to see whether they had better change places."""


class Ordered(Protocol):
    """Something that stands in a rank; ``order`` says where it comes in the order of computation."""

    @property
    def order(self) -> tuple[int, int]: ...


Thing = TypeVar("Thing", bound=Ordered)


def put_in_order(
    ranks: list[list[Thing]], before: Mapping[Thing, list[Thing]], after: Mapping[Thing, list[Thing]]
) -> None:
    """Sort every rank such that few edges cross, and such that otherwise what was computed first stands first.

    In a tree the order of computation has no crossings at all, and the first operand of each operation arrives
    above the second: it is where the search begins.  From there the ranks are sorted by where their neighbours
    stand on average (Sugiyama, Tagawa and Toda, 1981), and neighbours change places for as long as that makes
    fewer crossings.  The best of what was seen is taken.
    """
    for rank in ranks:
        rank.sort(key=lambda thing: thing.order)
    best = improve(ranks, before, after)
    seen = [list(rank) for rank in ranks]
    if not best[0]:
        return
    for rank in ranks:
        rank.sort(key=lambda thing: thing.order)
    for sweep in range(SWEEPS):
        neighbours = before if sweep % 2 == 0 else after
        sort_by_neighbours(ranks if sweep % 2 == 0 else ranks[::-1], neighbours)
        kept = [list(rank) for rank in ranks]
        found = improve(ranks, before, after)
        if found < best:
            best, seen = found, [list(rank) for rank in ranks]
        ranks[:] = kept
    ranks[:] = seen


def sort_by_neighbours(ranks: Iterable[list[Thing]], neighbours: Mapping[Thing, list[Thing]]) -> None:
    """Sort each rank by where the neighbours of its members, in the rank before it here, stand on average."""
    place: dict[Thing, float] = {}
    for rank in ranks:
        for i, thing in enumerate(rank):
            others = [place[other] for other in neighbours.get(thing, ()) if other in place]
            place[thing] = sum(others) / len(others) if others else float(i)
        rank.sort(key=place.__getitem__)
        place |= {thing: float(i) for i, thing in enumerate(rank)}


def improve(
    ranks: list[list[Thing]], before: Mapping[Thing, list[Thing]], after: Mapping[Thing, list[Thing]]
) -> tuple[int, int]:
    """Exchange neighbours for as long as that helps; how many edges cross then, and how many pairs stand turned."""
    place = {thing: i for rank in ranks for i, thing in enumerate(rank)}
    to_look_at = list(range(len(ranks)))
    for _ in range(MOST_EXCHANGES):
        changed = [r for r in to_look_at if exchange(ranks[r], place, before, after)]
        to_look_at = sorted({near for r in changed for near in (r - 1, r, r + 1) if 0 <= near < len(ranks)})
    crossings = sum(
        count_turned(sorted((place[x], place[y]) for x in rank for y in after.get(x, ()))) for rank in ranks
    )
    return crossings, sum(count_turned([(i, thing.order) for i, thing in enumerate(rank)]) for rank in ranks)


def exchange(
    rank: list[Thing],
    place: dict[Thing, int],
    before: Mapping[Thing, list[Thing]],
    after: Mapping[Thing, list[Thing]],
) -> bool:
    """Let neighbours in a rank change places where fewer edges cross then; True if any did."""
    changed = False
    for i in range(len(rank) - 1):
        upper, lower = rank[i], rank[i + 1]
        gain = 0
        for neighbours in (before, after):
            of_upper = sorted(place[other] for other in neighbours.get(upper, ()))
            of_lower = sorted(place[other] for other in neighbours.get(lower, ()))
            gain += count_crossings(of_upper, of_lower) - count_crossings(of_lower, of_upper)
        if gain > 0 or (gain == 0 and upper.order > lower.order):
            rank[i], rank[i + 1] = lower, upper
            place[upper], place[lower] = i + 1, i
            changed = True
    return changed


def count_crossings(upper: list[int], lower: list[int]) -> int:
    """How often the edges of two things cross, the first of which stands above the second; to these places.

    >>> count_crossings([0, 2], [1, 3]), count_crossings([1, 3], [0, 2])
    (1, 3)
    """
    return sum(bisect_left(lower, place) for place in upper)


def count_turned(pairs: Iterable[tuple[int, Any]]) -> int:
    """How many pairs there are in which a larger one comes before a smaller one.

    >>> count_turned([(0, 5), (1, 4), (2, 6)])
    1
    """
    seen: list[Any] = []
    turned = 0
    for _, place in pairs:
        turned += len(seen) - bisect_right(seen, place)
        insort(seen, place)
    return turned
