"""How large a graph may be for what is shown of it: one rule for all, found by counting before anything is made.

A larger one would keep a learner waiting for more than a few seconds, for more than anybody reads.  A drawing
has a rule of its own, because it can be collapsed; ``trace`` takes every graph, because it is computed as far
as somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograd.errors import AutogradError
from autograd.value import Value, topological_order
from viz.drawing.picture import GraphTooLargeError
from viz.drawing.style import plural

PART = "Take a part of it: the loss of one sample, say, or a smaller network"


@dataclass(frozen=True)
class Limit:
    """How many values a graph may have, and how many contributions to gradients: one for every use of a value."""

    says: str
    values: int
    contributions: int
    instead: str = "."


LIMITS = {
    "worksheet": Limit("a worksheet has at most {}", 120, 400),
    "page": Limit(
        "a page shows {} at most", 400, 2_000, ". viz.draw draws large networks with their neurons collapsed."
    ),
    "quiz": Limit("a quiz has at most {}", 30_000, 30_000),
    "explain": Limit("an explanation goes through {} at most", 50_000, 50_000, "; or explain a value further up."),
    "four_ways": Limit("four_ways goes through {} at most", 10_000, 10_000, "; check_gradient checks larger ones."),
    "step": Limit(
        "so many lines nobody reads; {} at most are printed", 4_000, 4_000,
        ", or what you look for: step(loss, breakpoints=[...]). In a terminal, step(loss) fills the screen and "
        "takes every graph.",
    ),
}  # fmt: skip

MOST_VALUES = LIMITS["page"].values


def require_size(loss: Value, asker: str, error: type[AutogradError] = GraphTooLargeError) -> None:
    """Raise an error if the graph behind a Value is too large for what is to be made of it.

    >>> x = Value(1.0, "x")
    >>> for _ in range(200):
    ...     x = x + 1
    >>> require_size(x, "worksheet")
    Traceback (most recent call last):
    ...
    viz.drawing.picture.GraphTooLargeError: this graph has 401 values, but a worksheet has at most 120
      Take a part of it: the loss of one sample, say, or a smaller network.
    """
    limit = LIMITS[asker]
    order = topological_order(loss)
    contributions = sum([len(node.inputs) for node in order])
    for count, most, what in (
        (len(order), limit.values, plural(len(order), "value")),
        (contributions, limit.contributions, plural(contributions, "contribution") + " to gradients"),
    ):
        if count > most:
            says = limit.says.format(f"{most:,}")
            raise error(f"this graph has {what}, but {says}\n  {PART}{limit.instead}")
