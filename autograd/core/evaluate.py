"""Apply an operation to plain numbers and to arrays, and say clearly why it could not be done."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.core import arrays
from autograd.core.modes import ieee_is_on
from autograd.errors import (
    DataError,
    DivisionByZeroError,
    DomainError,
    GradientError,
    NumberOverflowError,
    advice_on,
    label_of,
    shown,
    users_line,
)

if TYPE_CHECKING:
    from autograd.core.op import Op

FAILURES = (ArithmeticError, ValueError, TypeError)
"""What Python's own arithmetic raises when an operation cannot be computed."""


def compute(op: Op, inputs: tuple[Any, ...]) -> Any:
    """An operation on plain numbers (a number), or element by element on NumPy arrays (an array)."""
    for x in inputs:
        if type(x) is not float and hasattr(x, "dtype"):
            if any(getattr(x, "ndim", None) for x in inputs):
                return arrays.compute(op, inputs)
            inputs = tuple([float(x) if arrays.is_real(x) else x for x in inputs])
            break
    try:
        result = op.forward(*inputs)
        if not math.isfinite(result):
            raise OverflowError
    except FAILURES as error:
        return float(recover(op, inputs, error))
    return result


def recover(op: Op, inputs: Sequence[Any], error: Exception) -> Any:
    """What to do when ``forward`` failed: inside ``ieee()`` inf or nan, else an error that explains.

    ``inputs`` are numbers or Values; ``error`` is what Python raised, an OverflowError if the result is infinite.
    """
    if isinstance(error, GradientError):
        raise error
    numbers = [number_of(x) for x in inputs]
    for x, number in zip(inputs, numbers, strict=True):
        if not _is_number(number):
            given = f"{shown(number)}{_label(x)}{advice_on(number)}"
            raise DataError(f"{op.name} takes real numbers, but was given {given}") from None
    if ieee_is_on():
        return in_ieee(op, numbers)
    raise _explained(op, "", inputs, numbers, error) from None


def local_derivatives(
    op: Op, inputs: Sequence[Any], output: Any, rule: Callable[..., Any] | None = None
) -> tuple[float, ...]:
    """The rule of an operation on plain numbers or those of Values, with a readable error where it is not defined.

    ``rule`` may be its ``textbook`` instead.

    Raises:
        DomainError: outside the domain of the derivative.
        NumberOverflowError: if it is too large for a float.
    """
    numbers, z = [number_of(x) for x in inputs], number_of(output)
    try:
        found = checked_rule(op, numbers, z, rule)
        if not all(math.isfinite(d) for d in found):
            raise OverflowError
    except FAILURES as error:
        if isinstance(error, GradientError):
            raise
        if not ieee_is_on():
            raise _explained(op, "the derivative of ", inputs, numbers, error) from None
    else:
        return found
    return tuple([float(d) for d in apply_rule(op, [Extended(x) for x in numbers], Extended(z), rule)])


def checked_rule(
    op: Op, inputs: Sequence[Any], output: Any, rule: Callable[..., Any] | None = None
) -> tuple[Any, ...]:
    """Like ``apply_rule``, with a GradientError if the rule does not give one local derivative per input."""
    found: object = apply_rule(op, inputs, output, rule)
    if not isinstance(found, tuple) or len(found) != len(inputs):
        raise GradientError(
            f"the derivative rule of {op.name} must give a tuple of {len(inputs)} number(s), one for each input, "
            f"but gave {shown(found)}; a tuple of one is written (d,)"
        )
    return found


def apply_rule(
    op: Op, inputs: Sequence[Any], output: Any, rule: Callable[..., Any] | None = None
) -> tuple[Any, ...]:
    """Call an operation's rule (or its ``textbook``'s) the way it is declared: ``(x, y, z)``, or ``(xs, z)``."""
    found: tuple[Any, ...] = (rule or op.derivatives)(*((tuple(inputs),) if op.variadic else inputs), output)
    return found


def write_call(op: Op, inputs: Sequence[Any]) -> tuple[str, str]:
    """An operation and where it stands, for a message: ``("x / y", "x = 1.0 (a), y = 0.0")``."""
    if op.variadic:
        names = [f"x{i}" for i in range(1, len(inputs) + 1)]
    else:
        names = parameter_names(op.derivatives)[: op.arity]
    places = [f"{name} = {number_of(x)}{_label(x)}" for name, x in zip(names, inputs, strict=True)]
    if len(places) > 6:
        places[3:-2] = ["..."]
    if len(names) > 6:
        names[2:-1] = ["..."]
    call = f"{op.name}({', '.join(names)})"
    # A symbol without letters, like + or **, stands between its inputs.
    if not op.variadic and (op.constants or (op.arity == 2 and not any(map(str.isalnum, op.symbol)))):
        call = f" {op.symbol} ".join(names) if len(names) == 2 else f"{names[0]} {op.symbol.replace('**', '** ')}"
    return call, ", ".join(places)


def parameter_names(function: Any) -> list[str]:
    """The names of a function's parameters, in order."""
    import inspect

    return list(inspect.signature(function).parameters)


def _explained(
    op: Op, of_what: str, inputs: Sequence[Any], numbers: Sequence[Any], error: Exception
) -> DomainError | NumberOverflowError:
    call, place = write_call(op, inputs)
    lines = [f"at {place}"]
    if all(math.isfinite(x) for x in numbers):
        if isinstance(error, OverflowError):
            kind: type[DomainError | NumberOverflowError] = NumberOverflowError
            lines[0] = f"{of_what}{call} overflows {lines[0]}"
            lines.append("The result is larger than the largest float, about 1.8e308.")
        else:
            # 0 to a negative power is a division by zero in Python, though not for math.pow.
            is_division = isinstance(error, ZeroDivisionError) or (op.atom == "pow" and numbers[0] == 0)
            kind = DivisionByZeroError if is_division else DomainError
            lines[0] = f"{of_what}{call} is not defined {lines[0]}"
            if op.requires:
                lines.append(f"It needs {op.requires}.")
    else:
        kind = DomainError
        lines[0] = f"{of_what}{call} has no finite value {lines[0]}"
        lines.append("An input is already inf or nan; look where it came from.")
    if not of_what:
        if where := users_line():
            lines.append(f"It was computed at {where}")
        lines.append("To get inf or nan instead, as NumPy gives them, compute inside `with autograd.ieee():`.")
    return kind("\n  ".join(lines))


def _is_number(x: Any) -> bool:
    try:
        math.isfinite(x)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def number_of(x: Any) -> Any:
    """The number of a Value, or the number itself.  (NumPy's numbers have a ``data`` too, but no label.)"""
    return x.data if hasattr(x, "label") else x


def _label(x: Any) -> str:
    label = label_of(x)
    return f" ({label})" if label else ""


# --- inf and nan instead of errors ------------------------------------------------------------------------


class Extended(float):
    """A float with the arithmetic of IEEE 754, and so NumPy's: what Python refuses is inf or nan.

    >>> Extended(1.0) / 0, Extended(1e200) ** 2, Extended(0.0) * math.inf
    (inf, inf, nan)
    """

    __slots__ = ()

    record_rank = 0

    def record(self, op: Op, inputs: tuple[Any, ...]) -> Any:
        if all(isinstance(x, (int, float)) for x in inputs):
            return in_ieee(op, inputs)
        # What stands beside it records.
        return op(*[float(x) if isinstance(x, Extended) else x for x in inputs])

    def __neg__(self) -> Extended:
        return Extended(-float(self))

    def __abs__(self) -> Extended:
        return Extended(abs(float(self)))


def _let_operator_answer(name: str, function: Callable[[float, float], float]) -> None:
    def operator_of(x: Extended, y: Any) -> Any:
        return Extended(_answer(function, x, y)) if isinstance(y, (int, float)) else NotImplemented

    setattr(Extended, f"__{name}__", operator_of)
    setattr(Extended, f"__r{name}__", lambda x, y: Extended(_answer(function, y, x)))


_let_operator_answer("add", operator.add)
_let_operator_answer("sub", operator.sub)
_let_operator_answer("mul", operator.mul)
_let_operator_answer("truediv", operator.truediv)
_let_operator_answer("pow", math.pow)


def in_ieee(op: Op, numbers: Sequence[Any]) -> Extended:
    """An operation on numbers as IEEE 754 has it: a composite by its own parts, a primitive by ``_answer``."""
    if op.atom is None:
        return Extended(op.forward(*[Extended(x) for x in numbers]))
    return Extended(_answer(math.pow if op.atom == "pow" else op.forward, *numbers, *op.constants))


def _answer(function: Callable[..., float], *inputs: float) -> float:
    """The result of a primitive; where Python raises an error, inf (beyond the largest float, at a pole) or nan."""
    x, y = float(inputs[0]), float(inputs[-1])
    is_odd = function in (math.sinh, math.atanh) or (function is math.pow and y % 2 == 1)
    infinity = math.copysign(math.inf, x) if is_odd else math.inf
    try:
        return function(*map(float, inputs))
    except OverflowError:
        return infinity
    except ZeroDivisionError:
        is_nan = x == 0 or x != x or function is operator.mod
        return math.nan if is_nan else math.copysign(math.inf, x) * math.copysign(1.0, y)
    except ValueError:
        if POLES.get(function) == x:
            return -math.inf
        at_pole = x == 0 > y if function is math.pow else abs(x) == 1 and function is math.atanh
        return infinity if at_pole else math.nan


POLES: dict[Any, float] = {math.log: 0.0, math.log2: 0.0, math.log10: 0.0, math.log1p: -1.0}
"""Where a logarithm is minus infinity."""
