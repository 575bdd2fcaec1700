"""What you can write with a number that remembers: every operator and method, one line for each.

A line names its row in the table of operations and nothing else.  Value inherits them, and so does
every other kind of number that can stand where a Value stands (dual numbers, for instance).
"""

from __future__ import annotations

from functools import cache
from math import isfinite
from typing import Any, NoReturn, Self

from autograd import ops
from autograd.core.evaluate import compute_on_arrays, in_numpy, number_of
from autograd.errors import DataError, describe
from autograd.ops import Op

__all__ = ["Operand"]


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
        return numpy_function(function, method, inputs, options)

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


def is_real(x: Any) -> bool:
    """True for what counts as one real number: int, float, bool, a fraction, a NumPy scalar."""
    if isinstance(x, (int, float)):
        return True
    if hasattr(x, "dtype"):
        # A NumPy scalar, but not an array of one number: that one can be changed in place.
        return getattr(x.dtype, "kind", "?") in "fiub" and x.ndim == 0 and not hasattr(x, "__setitem__")
    return hasattr(x, "numerator") and hasattr(x, "denominator")


def exact(x: Any) -> Any:
    """A NumPy scalar as a number of Python's, for comparisons: NumPy would round the other side to its own type."""
    if not hasattr(x, "dtype") or not is_real(x):
        return x
    return float(x) if x.dtype.kind == "f" else x.item()


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


def numpy_function(function: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """One of NumPy's functions where an operand stands among its inputs.

    On single numbers it is the operation of the table that NumPy knows by that function; on arrays,
    NumPy goes through the elements itself.
    """
    import numpy as np

    single = all(isinstance(x, Operand) or is_real(x) for x in inputs)
    op = numpy_operations().get(function) if method == "__call__" and not options else None
    if single and op is not None:
        return op(*inputs)
    if single and function in (np.isfinite, np.isinf, np.isnan, np.signbit):
        return function(*[number_of(x) for x in inputs])
    # A long double among objects stays NumPy's, and would ask here again.
    inputs = tuple([x.astype(float) if getattr(x, "dtype", None) == np.longdouble else x for x in inputs])
    elements = [np.array(x, dtype=object) if isinstance(x, Operand) else x for x in inputs]
    if op is not None:
        return compute_on_arrays(op, tuple(elements))
    return getattr(function, method)(*elements, **options)


@cache
def numpy_operations() -> dict[Any, Op]:
    """The primitives by their NumPy functions; all but power, whose ``**`` tells plain exponents from Values."""
    known: dict[Any, Op] = {}
    for op in ops.ALL.values():
        if op.atom is not None and op is not ops.power:
            known.setdefault(in_numpy(op), op)
    return known
