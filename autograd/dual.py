"""Forward mode: dual numbers, which carry a derivative along while a function is computed.

A dual number is x + ẋε with ε² = 0.  Computing f on it gives f(x) + f'(x)ẋε: the derivative comes
out together with the result, in one pass and without a graph, for one direction ẋ at a time.
(Griewank and Walther, "Evaluating Derivatives", 2nd ed., section 3.1.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from math import isfinite
from typing import Any

from autograd.careful import asked_for
from autograd.errors import GradientError, NumberOverflowError, shown
from autograd.evaluate import checked_rule, local_derivatives, write_call
from autograd.modes import ieee_is_on
from autograd.operand import Operand
from autograd.ops import Op
from autograd.structure import as_floats, differentiating, flatten, is_outermost, matched, rebuild

__all__ = ["Dual", "jvp", "plus", "times"]

_levels = count(1)


class Dual(Operand):
    """A number and its derivative in one direction, ``primal + tangent·ε``.

    ``level`` tells the ε of one differentiation from that of another one nested inside it: mixing
    them up is the mistake known as perturbation confusion (Siskind and Pearlmutter, 2005).

    >>> x = Dual(3.0, 1.0)
    >>> x * x
    Dual(9.0 + 6.0ε)
    """

    __slots__ = ("primal", "record_rank", "tangent")

    def __init__(self, primal: Any, tangent: Any, level: int = 0) -> None:
        self.primal = primal
        self.tangent = tangent
        self.record_rank = level + 1

    def record(self, op: Op, inputs: tuple[Any, ...]) -> Dual:
        level = max(x.record_rank for x in inputs if isinstance(x, Dual))
        primals = [x.primal if is_dual(x, level) else x for x in inputs]
        tangents = [x.tangent if is_dual(x, level) else 0.0 for x in inputs]
        primal = op(*primals)
        plain = not any(isinstance(x, Operand) for x in primals)
        rule = local_derivatives if plain else checked_rule
        asked = [is_dual(x, level) for x in inputs]
        tangent: Any = 0.0
        for local, x_tangent in zip(asked_for(rule, op, primals, primal, asked), tangents, strict=True):
            tangent = plus(tangent, times(local, x_tangent))
        if isinstance(tangent, float) and not isfinite(tangent) and not ieee_is_on():
            call, place = write_call(op, primals)
            raise NumberOverflowError(f"the derivative along a direction overflows in {call} at {place}")
        return Dual(primal, tangent, level - 1)

    # comparisons, and so the branches of a program, look at the number and not at its derivative

    def __eq__(self, other: object) -> bool:
        return bool(self.primal == primal_of(other))

    def __lt__(self, other: Any) -> bool:
        return bool(self.primal < primal_of(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.primal <= primal_of(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.primal > primal_of(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.primal >= primal_of(other))

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self.primal)

    def __repr__(self) -> str:
        return f"Dual({self.primal} + {self.tangent}ε)"


def primal_of(x: Any) -> Any:
    return x.primal if isinstance(x, Dual) else x


def is_dual(x: Any, record_rank: int) -> bool:
    return isinstance(x, Dual) and x.record_rank == record_rank


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], **kwargs: Any) -> tuple[Any, Any]:
    """The result of ``f(*primals)`` and its directional derivative, by forward mode.

    The derivative is J·v, the Jacobian of f at ``primals`` times the vector ``tangents``.  Arguments that are
    given by name are not differentiated.

    Raises:
        GradientError: if primals and tangents do not have the same shape.

    >>> jvp(lambda x, y: x * y, (3.0, 4.0), (1.0, 0.0))
    (12.0, 4.0)
    """
    given, directions = flatten(list(primals)), matched(list(primals), list(tangents))
    if directions is None:
        raise GradientError(
            "jvp needs one tangent for each number, in the same lists, tuples and dicts, but got primals "
            f"{shown(primals)} and tangents {shown(tangents)}"
        )
    outermost = is_outermost(list(primals), list(tangents), kwargs)
    level = next(_levels)
    duals = [Dual(x, v, level) for x, v in zip(given, directions, strict=True)]
    with differentiating():
        result = f(*rebuild(list(primals), duals), **kwargs)
    outputs = flatten(result)
    value = rebuild(result, [y.primal if is_dual(y, level + 1) else y for y in outputs])
    derivative = rebuild(result, [y.tangent if is_dual(y, level + 1) else 0.0 for y in outputs])
    if outermost:
        return as_floats(value), as_floats(derivative)
    return value, derivative


# A plain 0 or 1 is not worth a node: it would bloat every graph and every formula.


def times(a: Any, b: Any) -> Any:
    """a * b, without an operation for a plain factor of 0, 1 or -1.

    >>> times(1, "anything"), times(-1, 2.5)
    ('anything', -2.5)
    """
    for factor, other in ((a, b), (b, a)):
        if not isinstance(factor, Operand):
            if factor == 1:
                return other
            if factor == -1:
                return -other
            if factor == 0:
                return 0.0
    return a * b


def plus(a: Any, b: Any) -> Any:
    """a + b, without an operation for a plain summand of 0."""
    if not isinstance(a, Operand) and a == 0:
        return b
    if not isinstance(b, Operand) and b == 0:
        return a
    return a + b
