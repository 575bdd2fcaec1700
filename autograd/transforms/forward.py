"""Forward mode: dual numbers, which carry a derivative along while a function is computed.

A dual number is x + ẋε with ε² = 0.  Computing f on it gives f(x) + f'(x)ẋε: the derivative comes
out together with the result, in one pass and without a graph, for one direction ẋ at a time.
(Griewank and Walther, "Evaluating Derivatives", 2nd ed., section 3.1.)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from itertools import count
from math import isfinite
from typing import Any, NoReturn

from autograd.core.anomaly import asked_for
from autograd.core.evaluate import Extended, checked_rule, local_derivatives, number_of, write_call
from autograd.core.modes import ieee_is_on, no_grad_is_on
from autograd.core.operand import Operand, compared, exact, is_real, plus, times
from autograd.core.validation import checked_number, takes_part
from autograd.errors import GradientError, NumberOverflowError, shown
from autograd.ops import Op
from autograd.transforms.nesting import answer, differentiating, is_plain
from autograd.transforms.pytree import flatten, matched, rebuild


class Level(int):
    """The number of one differentiation by forward mode.  What comes later, or inside, has a higher one."""

    is_over = False


_levels = map(Level, count(1))

STILL = float("0")
"""The tangent, known by its identity, of what stands still whatever the inputs do: no derivative is asked of it."""


class Dual(Operand):
    """A number and its derivative in one direction, ``primal + tangent·ε``.

    ``level`` tells the ε of one differentiation from that of another one nested inside it: mixing
    them up is the mistake known as perturbation confusion (Siskind and Pearlmutter, 2005).

    Attributes:
        primal, tangent: the number and its derivative; inside another differentiation they may be duals or Values.
        level: which differentiation it belongs to.
        data: the plain number.
        label: a name, as a Value has one.

    >>> x = Dual(3.0, 1.0)
    >>> x * x
    Dual(9.0 + 6.0ε)
    """

    __slots__ = ("label", "level", "primal", "record_rank", "tangent")

    def __init__(self, primal: Any, tangent: Any, level: int = 0) -> None:
        self.primal = primal if type(primal) is float else checked(primal)
        self.tangent = tangent if type(tangent) is float else checked(tangent)
        self.level = level
        self.record_rank = level + 1
        self.label = ""

    def record(self, op: Op, inputs: tuple[Any, ...]) -> Any:
        inputs = tuple([x if type(x) is float else checked(x) for x in inputs])
        level = max((x.level for x in inputs if isinstance(x, Dual)), default=None)
        if level is None:
            return op(*inputs)
        primals = [x.primal if is_dual(x, level) else x for x in inputs]
        primal = op(*primals)
        tangents = [x.tangent if is_dual(x, level) else STILL for x in inputs]
        asked = [tangent is not STILL for tangent in tangents]
        if no_grad_is_on() or not any(asked):
            return Dual(primal, STILL, level)
        plain = not any(isinstance(x, Operand) for x in primals)
        rule = local_derivatives if plain else checked_rule
        if ieee_is_on() and not plain:
            primals = [x if isinstance(x, Operand) else Extended(x) for x in primals]
        tangent: Any = 0.0
        for local, x_tangent in zip(asked_for(rule, op, primals, primal, asked), tangents, strict=True):
            if x_tangent is not STILL:
                tangent = plus(tangent, times(local, x_tangent))
        if isinstance(tangent, float) and not isfinite(tangent) and not ieee_is_on():
            call, place = write_call(op, primals)
            raise NumberOverflowError(f"the derivative along a direction overflows in {call} at {place}")
        return Dual(primal, tangent, level)

    def _takes(self, other: Any) -> bool:
        return takes_part(other)

    def detach(self) -> Dual:
        """The same number without a derivative, at this level and all others."""
        return Dual(self.primal.detach() if isinstance(self.primal, Operand) else self.primal, STILL, self.level)

    @property
    def _is_inf_or_nan(self) -> bool:
        x = self.primal
        return x._is_inf_or_nan if isinstance(x, Operand) else not isfinite(x)

    # As with a Value, == looks at the number only beside a plain number; the others always look at it.

    def __eq__(self, other: object) -> bool:
        return bool(self.primal == exact(other)) if is_real(other) else NotImplemented

    __lt__, __le__, __gt__, __ge__ = map(compared, (operator.lt, operator.le, operator.gt, operator.ge))

    __hash__ = object.__hash__

    @property
    def data(self) -> Any:
        return number_of(self.primal)

    @property
    def grad(self) -> NoReturn:
        raise GradientError(f"{self!r} is a number of forward mode: its derivative is what jvp or hvp returns")

    def backward(self) -> NoReturn:
        raise GradientError(f"{self!r} is a number of forward mode, which has no backward pass; use autograd.grad")

    def __format__(self, how: str) -> str:
        return format(self.data, how) if how else str(self)

    def __repr__(self) -> str:
        return f"Dual({self.primal} + {self.tangent}ε)"


def current(x: Any) -> Any:
    """A number as it counts now: a dual that was kept from a differentiation that is over is a constant."""
    while isinstance(x, Dual) and isinstance(x.level, Level) and x.level.is_over:
        x = x.primal
    return x


def is_dual(x: Any, level: int) -> bool:
    return isinstance(x, Dual) and x.level == level


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
    level = next(_levels)
    duals = [Dual(checked(x), direction(v), level) for x, v in zip(given, directions, strict=True)]
    try:
        with differentiating() as inside:
            result = f(*rebuild(list(primals), duals), **kwargs)
    finally:
        level.is_over = True
    outputs = flatten(result)
    plain = is_plain(outputs, inside, list(primals), list(tangents), kwargs)
    value = rebuild(result, [y.primal if is_dual(y, level) else current(y) for y in outputs])
    derivative = rebuild(result, [y.tangent if is_dual(y, level) else 0.0 for y in outputs])
    return answer(value, plain), answer(derivative, plain)


def direction(v: Any) -> Any:
    """A tangent that somebody gave: in the direction 0 an input stands still."""
    v = checked(v)
    return STILL if type(v) is float and v == 0 else v


def checked(x: Any) -> Any:
    return current(x) if isinstance(x, Operand) else checked_number(x)
