"""What you can write with a number that remembers: every operator and method, one line for each.

A line names its row in the table of operations and nothing else.  Value inherits them, and so does
every other kind of number that can stand where a Value stands (dual numbers, for instance).
"""

from __future__ import annotations

from math import isfinite
from typing import Any, NoReturn, Self

from autograd import ops
from autograd.core import arrays
from autograd.core.arrays import exact, is_real
from autograd.core.op import Op
from autograd.errors import DataError, describe

__all__ = ["Operand", "exact", "is_finite", "is_real", "plus", "times", "to_float"]


class Operand:
    """The operators and methods that all recording numbers share.

    A kind of recording number says how it records an operation (``record``) and which kind records
    when two kinds meet (the one with the higher ``record_rank``).
    """

    __slots__ = ()

    record_rank: int = 0

    def record(self, op: Op, inputs: tuple[Any, ...]) -> Any:
        raise NotImplementedError

    def detach(self) -> Any:
        """The same number without what it remembers: no gradient goes through it."""
        raise NotImplementedError

    def _unary(self, op: Op) -> Self:
        result: Self = self.record(op, (self,))
        return result

    def _binary(self, op: Op, other: Any) -> Self:
        result: Self = self.record(op, (self, other))
        return result

    def _reflected(self, op: Op, other: Any) -> Self:
        result: Self = self.record(op, (other, self))
        return result

    def _with(self, op: Op, *others: Any) -> Self:
        result: Self = op(self, *others)
        return result

    # operators

    def __add__(self, other: Self | float) -> Self:
        return self._binary(ops.add, other)

    def __radd__(self, other: float) -> Self:
        # sum([a, b]) begins with the number 0, which is not part of the learner's computation.
        if type(other) is int and other == 0:
            return self
        return self._reflected(ops.add, other)

    def __sub__(self, other: Self | float) -> Self:
        return self._binary(ops.subtract, other)

    def __rsub__(self, other: float) -> Self:
        return self._reflected(ops.subtract, other)

    def __mul__(self, other: Self | float) -> Self:
        return self._binary(ops.multiply, other)

    def __rmul__(self, other: float) -> Self:
        return self._reflected(ops.multiply, other)

    def __truediv__(self, other: Self | float) -> Self:
        return self._binary(ops.divide, other)

    def __rtruediv__(self, other: float) -> Self:
        return self._reflected(ops.divide, other)

    def __pow__(self, other: Self | float) -> Self:
        if isinstance(other, Operand) or not is_real(other) or not is_finite(other):
            return self._binary(ops.power, other)
        return self._unary(ops.power_by(float(other)))

    def __rpow__(self, other: float) -> Self:
        return self._reflected(ops.power, other)

    def __neg__(self) -> Self:
        return self._unary(ops.negate)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Self:
        return self._unary(ops.absolute)

    # methods

    def abs(self) -> Self:
        return self._unary(ops.absolute)

    def sign(self) -> Self:
        return self._unary(ops.sign)

    def step(self) -> Self:
        return self._unary(ops.step)

    def square(self) -> Self:
        return self._unary(ops.square)

    def reciprocal(self) -> Self:
        return self._unary(ops.reciprocal)

    def maximum(self, other: Self | float) -> Self:
        return self._with(ops.maximum, other)

    def minimum(self, other: Self | float) -> Self:
        return self._with(ops.minimum, other)

    def clip(self, low: Self | float, high: Self | float) -> Self:
        return self._with(ops.clip, low, high)

    def exp(self) -> Self:
        return self._unary(ops.exp)

    def exp2(self) -> Self:
        return self._unary(ops.exp2)

    def expm1(self) -> Self:
        return self._unary(ops.expm1)

    def log(self) -> Self:
        return self._unary(ops.log)

    def log2(self) -> Self:
        return self._unary(ops.log2)

    def log10(self) -> Self:
        return self._unary(ops.log10)

    def log1p(self) -> Self:
        return self._unary(ops.log1p)

    def sqrt(self) -> Self:
        return self._unary(ops.sqrt)

    def cbrt(self) -> Self:
        return self._unary(ops.cbrt)

    def sin(self) -> Self:
        return self._unary(ops.sin)

    def cos(self) -> Self:
        return self._unary(ops.cos)

    def tan(self) -> Self:
        return self._unary(ops.tan)

    def asin(self) -> Self:
        return self._unary(ops.asin)

    def acos(self) -> Self:
        return self._unary(ops.acos)

    def atan(self) -> Self:
        return self._unary(ops.atan)

    def atan2(self, x: Self | float) -> Self:
        return self._with(ops.atan2, x)

    def sinh(self) -> Self:
        return self._unary(ops.sinh)

    def cosh(self) -> Self:
        return self._unary(ops.cosh)

    def tanh(self) -> Self:
        return self._unary(ops.tanh)

    def asinh(self) -> Self:
        return self._unary(ops.asinh)

    def acosh(self) -> Self:
        return self._unary(ops.acosh)

    def atanh(self) -> Self:
        return self._unary(ops.atanh)

    def hypot(self, other: Self | float) -> Self:
        return self._with(ops.hypot, other)

    def degrees(self) -> Self:
        return self._unary(ops.degrees)

    def radians(self) -> Self:
        return self._unary(ops.radians)

    def erf(self) -> Self:
        return self._unary(ops.erf)

    def sigmoid(self) -> Self:
        return self._unary(ops.sigmoid)

    def softplus(self) -> Self:
        return self._unary(ops.softplus)

    def relu(self) -> Self:
        return self._unary(ops.relu)

    def leaky_relu(self, slope: Self | float = 0.01) -> Self:
        return self._with(ops.leaky_relu, slope)

    def elu(self, alpha: Self | float = 1.0) -> Self:
        return self._with(ops.elu, alpha)

    def silu(self) -> Self:
        return self._unary(ops.silu)

    def gelu(self) -> Self:
        return self._unary(ops.gelu)

    def softsign(self) -> Self:
        return self._unary(ops.softsign)

    def __array_ufunc__(self, function: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """What NumPy calls for ``np.exp(v)``, ``np.float64(2) * v`` or ``array * v``."""
        return arrays.numpy_function(ops.ALL, function, method, inputs, options)

    def __float__(self, *_: object) -> NoReturn:
        raise DataError(
            f"{self!r} cannot become a plain float unnoticed: its gradient would be lost. Write value.data for "
            "the number itself, and autograd.exp(value) or value.exp() where you would write math.exp(value)"
        )

    __int__ = __trunc__ = __round__ = __float__

    # NumPy calls these for the elements of an array: np.arcsin([v, w]), np.var([v, w]), np.round([v, w]).
    fabs, conjugate, rint = abs, __pos__, __float__
    arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
    arcsinh, arccosh, arctanh = asinh, acosh, atanh
    deg2rad, rad2deg = radians, degrees


def to_float(x: Any) -> float:
    """A real number as a float.

    Raises:
        DataError: if it is a whole number or fraction beyond the largest float.
    """
    try:
        return float(x)
    except OverflowError:
        raise DataError(f"a number is too large for a float: {describe(x)}") from None


def is_finite(x: Any) -> bool:
    """True for a real number that is neither inf nor nan, nor a whole number too large for a float."""
    try:
        return isfinite(x)
    except OverflowError:
        return False


# A plain 0 or 1 is not worth a node: it would bloat every graph and every formula.


def times(a: Any, b: Any) -> Any:
    """a * b, without an operation for a plain factor of 0, 1 or -1.

    >>> times(1, "anything"), times(-1, 2.5)
    ('anything', -2.5)
    """
    if not isinstance(a, Operand):
        if a == 1:
            return b
        if a == -1:
            return -b
        if a == 0:
            return 0.0
    elif isinstance(b, Operand):
        return a * b
    if not isinstance(b, Operand):
        if b == 1:
            return a
        if b == -1:
            return -a
        if b == 0:
            return 0.0
    return a * b


def plus(a: Any, b: Any) -> Any:
    """a + b, without an operation for a plain summand of 0."""
    if not isinstance(a, Operand) and a == 0:
        return b
    if not isinstance(b, Operand) and b == 0:
        return a
    return a + b
