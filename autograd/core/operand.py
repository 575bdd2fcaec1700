"""What you can write with a number that remembers: every operator and method, and the row of the table behind it.

Value inherits them, and so does every other kind of number that can stand where a Value stands, like dual numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, NoReturn, Self, TypeVar

from autograd import ops
from autograd.core import arrays
from autograd.core.arrays import exact, is_real
from autograd.core.op import Op
from autograd.errors import DataError, describe

__all__ = ["Operand", "compared", "exact", "is_finite", "is_real", "plus", "times", "to_float"]


T = TypeVar("T", bound="Operand")


def unary(op: Op) -> Callable[[T], T]:
    """The method of an operation of one input: ``x.tanh()``."""

    def method(self: T) -> T:
        result: T = self.record(op, (self,))
        return result

    return method


def binary(op: Op) -> Callable[[T, T | float], T]:
    """The operator of an operation of two inputs: ``x + y``."""

    def method(self: T, other: T | float) -> T:
        return self._binary(op, other)

    return method


def reflected(op: Op) -> Callable[[T, float], T]:
    """The operator for a plain number on its left: ``2 + x``."""

    def method(self: T, other: float) -> T:
        return self._reflected(op, other)

    return method


def compared(how: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    """The operator of a comparison, which looks at the numbers."""

    def method(self: Any, other: Any) -> bool:
        return how(self.data, other.data if isinstance(other, type(self)) else exact(other))

    method.__name__ = f"__{how.__name__}__"
    return method


class Operand:
    """The operators and methods that all recording numbers share.

    A kind of recording number says how it records an operation (``record``) and which kind records
    when two kinds meet (the one with the higher ``record_rank``).
    """

    # A node has it when a derivative has met it, and not before (``autograd.transforms.nesting``).
    __slots__ = ("_serial",)

    _serial: int | None
    record_rank: int = 0

    @property
    def _is_inf_or_nan(self) -> bool:
        """True for a number that inside ieee() became inf or nan: 0 times it is not 0."""
        known: Any = self
        return not isfinite(known.data)

    def record(self, op: Op, inputs: tuple[Any, ...]) -> Any:
        raise NotImplementedError

    def detach(self) -> Any:
        """The same number without what it remembers: no gradient goes through it."""
        raise NotImplementedError

    def _takes(self, other: Any) -> bool:
        """True if an operator may have this on its other side; if not, that may answer (an array, say)."""
        return True

    def _binary(self, op: Op, other: Any) -> Self:
        return self.record(op, (self, other)) if self._takes(other) else NotImplemented

    def _reflected(self, op: Op, other: Any) -> Self:
        return self.record(op, (other, self)) if self._takes(other) else NotImplemented

    # operators

    __add__ = binary(ops.add)
    __sub__, __rsub__ = binary(ops.subtract), reflected(ops.subtract)
    __mul__, __rmul__ = binary(ops.multiply), reflected(ops.multiply)
    __truediv__, __rtruediv__ = binary(ops.divide), reflected(ops.divide)
    __mod__, __rmod__ = binary(ops.mod), reflected(ops.mod)
    __rpow__ = reflected(ops.power)
    __neg__ = unary(ops.negate)
    __abs__ = unary(ops.absolute)
    __floor__, __ceil__ = unary(ops.floor), unary(ops.ceil)

    def __round__(self, digits: int | None = None) -> Self:
        if digits is not None:
            raise DataError(
                f"round(v, {digits!r}) is not one operation: write round(v * 100) / 100 for two digits, or "
                f"round(v.data, {digits!r}) for the plain number"
            )
        return self.round()

    def __radd__(self, other: float) -> Self:
        # sum([a, b]) begins with the number 0, which is not part of the learner's computation.
        return self if type(other) is int and other == 0 else self._reflected(ops.add, other)

    def __pow__(self, other: Self | float) -> Self:
        if isinstance(other, Operand) or not is_real(other) or not is_finite(other):
            return self._binary(ops.power, other)
        result: Self = self.record(ops.power_by(float(other)), (self,))
        return result

    def __pos__(self) -> Self:
        return self

    # methods

    abs, sign, step = unary(ops.absolute), unary(ops.sign), unary(ops.step)
    floor, ceil, round = unary(ops.floor), unary(ops.ceil), unary(ops.rint)
    square, reciprocal = unary(ops.square), unary(ops.reciprocal)
    exp, exp2, expm1 = unary(ops.exp), unary(ops.exp2), unary(ops.expm1)
    log, log2, log10, log1p = unary(ops.log), unary(ops.log2), unary(ops.log10), unary(ops.log1p)
    sqrt, cbrt = unary(ops.sqrt), unary(ops.cbrt)
    sin, cos, tan = unary(ops.sin), unary(ops.cos), unary(ops.tan)
    asin, acos, atan = unary(ops.asin), unary(ops.acos), unary(ops.atan)
    sinh, cosh, tanh = unary(ops.sinh), unary(ops.cosh), unary(ops.tanh)
    asinh, acosh, atanh = unary(ops.asinh), unary(ops.acosh), unary(ops.atanh)
    degrees, radians = unary(ops.degrees), unary(ops.radians)
    erf, erfc = unary(ops.erf), unary(ops.erfc)
    sigmoid, softplus, softsign = unary(ops.sigmoid), unary(ops.softplus), unary(ops.softsign)
    logsigmoid, relu, relu6 = unary(ops.logsigmoid), unary(ops.relu), unary(ops.relu6)
    silu, mish, gelu, selu = unary(ops.silu), unary(ops.mish), unary(ops.gelu), unary(ops.selu)

    def maximum(self, other: Self | float) -> Self:
        return ops.maximum(self, other)

    def minimum(self, other: Self | float) -> Self:
        return ops.minimum(self, other)

    def greater(self, other: Self | float) -> Self:
        return ops.greater(self, other)

    def mod(self, other: Self | float) -> Self:
        return ops.mod(self, other)

    def clip(self, low: Self | float, high: Self | float) -> Self:
        return ops.clip(self, low, high)

    def atan2(self, x: Self | float) -> Self:
        return ops.atan2(self, x)

    def hypot(self, other: Self | float) -> Self:
        return ops.hypot(self, other)

    def leaky_relu(self, slope: Self | float = 0.01) -> Self:
        return ops.leaky_relu(self, slope)

    def elu(self, alpha: Self | float = 1.0) -> Self:
        return ops.elu(self, alpha)

    def celu(self, alpha: Self | float = 1.0) -> Self:
        return ops.celu(self, alpha)

    def hardtanh(self, low: Self | float = -1.0, high: Self | float = 1.0) -> Self:
        return ops.hardtanh(self, low, high)

    def __array_ufunc__(self, function: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """What NumPy calls for ``np.exp(v)``, ``np.float64(2) * v`` or ``array * v``."""
        return arrays.numpy_function(ops.ALL, function, method, inputs, options)

    def __float__(self, *_: object) -> NoReturn:
        raise DataError(
            f"{self!r} cannot become a plain float unnoticed: its gradient would be lost. Write value.data for "
            "the number itself, and autograd.exp(value) or value.exp() where you would write math.exp(value)"
        )

    __int__ = __trunc__ = __float__

    # NumPy calls these for the elements of an array: np.arcsin([v, w]), np.var([v, w]), np.round([v, w]).
    fabs, conjugate, rint = abs, __pos__, round
    arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
    arcsinh, arccosh, arctanh = asinh, acosh, atanh
    deg2rad, rad2deg = radians, degrees


for _name, _method in vars(Operand).items():
    if getattr(_method, "__name__", "") == "method":
        _method.__name__, _method.__qualname__ = _name, f"Operand.{_name}"


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
    """a * b, without an operation for a plain factor of 0, 1 or -1 beside what records.

    Inside ieee() 0 times infinity is not a number, here too.
    """
    if not isinstance(b, Operand):
        a, b = b, a
    if isinstance(a, Operand) or not isinstance(b, Operand) or a not in (0, 1, -1):
        return a * b
    if a == 0:
        return a * b if b._is_inf_or_nan else 0.0
    return b if a == 1 else -b


def plus(a: Any, b: Any) -> Any:
    """a + b, without an operation for a plain summand of 0 beside what records."""
    if isinstance(b, Operand) and not isinstance(a, Operand) and a == 0:
        return b
    if isinstance(a, Operand) and not isinstance(b, Operand) and b == 0:
        return a
    return a + b
