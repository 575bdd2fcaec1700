"""What flows back along the edges of a graph: upstream × local derivative, by the rules of its operations.

Where something is not known, because no gradients were computed or a rule fails, it is None: a picture is drawn all
the same, and nothing of the user's is changed.
"""

from __future__ import annotations

from autograd import Value
from autograd.core import evaluate
from autograd.core.anomaly import asked_for
from autograd.value import has_gradient


class Flow:
    """Local derivatives and contributions, each found when it is asked for.

    Without ``gradients`` nothing flows.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> L = a * b
    >>> flow = Flow()
    >>> flow.slopes(L), flow.contribution(L, 0)
    ((-3.0, 2.0), None)
    >>> L.backward()
    >>> flow.contribution(L, 0)
    -3.0
    """

    def __init__(self, gradients: bool = True) -> None:
        self.gradients = gradients
        self._slopes: dict[Value, tuple[float | None, ...]] = {}

    def gradient(self, node: Value) -> float | None:
        return node.grad if self.gradients and has_gradient(node) else None

    def slopes(self, node: Value) -> tuple[float | None, ...]:
        """The local derivatives of the operation that made a node, one for each input."""
        if node not in self._slopes:
            self._slopes[node] = slopes_of(node)
        return self._slopes[node]

    def contribution(self, node: Value, operand: int) -> float | None:
        """What a node hands back to one of its inputs (counted from 0)."""
        upstream = self.gradient(node)
        local = None if upstream is None else self.slopes(node)[operand]
        return None if upstream is None or local is None else upstream * local


def slopes_of(node: Value) -> tuple[float | None, ...]:
    assert node.op is not None
    try:
        # Where there is no derivative by a plain number, there may be one by the other inputs.
        asked = [not x.is_constant for x in node.inputs]
        return tuple(asked_for(evaluate.local_derivatives, node.op, node.inputs, node, asked))
    except Exception:
        return (None,) * len(node.inputs)


def join(one: float | None, other: float | None, add: bool) -> float | None:
    """Two contributions that are drawn as one edge: those to one value are added, of others the largest is seen.

    >>> join(1.0, -3.0, True), join(1.0, -3.0, False), join(None, -3.0, False)
    (-2.0, -3.0, None)
    """
    if one is None or other is None:
        return None
    return one + other if add else max(one, other, key=abs)
