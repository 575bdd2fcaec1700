"""Apply an operation to plain numbers and to arrays, and say clearly why it could not be done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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
    from autograd.ops import Op

FAILURES = (ArithmeticError, ValueError, TypeError)
"""What Python's own arithmetic raises when an operation cannot be computed."""


def compute(op: Op, inputs: tuple[Any, ...]) -> Any:
    """An operation on plain numbers (a number), or element by element on NumPy arrays (an array)."""
    for x in inputs:
        if type(x) is not float and hasattr(x, "dtype"):
            return compute_in_numpy(op, inputs)
    try:
        result = op.forward(*inputs)
        if not math.isfinite(result):
            raise OverflowError
    except FAILURES as error:
        return float(recover(op, inputs, error))
    return result


def compute_in_numpy(op: Op, inputs: tuple[Any, ...]) -> Any:
    """On arrays element by element; on NumPy's single numbers as on floats."""
    import numpy as np

    if any(getattr(x, "ndim", None) for x in inputs):
        return compute_on_arrays(op, inputs)
    result = compute(op, tuple([float(x) if isinstance(x, np.generic) else x for x in inputs]))
    # Inside ieee() a rule that divides by this result must go on with NumPy's division, which gives inf.
    return np.float64(result) if ieee_is_on() else result


def compute_on_arrays(op: Op, inputs: tuple[Any, ...]) -> Any:
    import numpy as np

    if any(getattr(getattr(x, "dtype", None), "kind", "") == "O" for x in inputs):
        return np.frompyfunc(op, len(inputs), 1)(*inputs)
    if op.atom is None or op.constants:
        return op.forward(*inputs)
    return in_numpy(op)(*inputs)


def in_numpy(op: Op) -> Any:
    """The NumPy function of a primitive: it has the same name, or NumPy has none and goes through the elements."""
    import numpy as np

    # An operation of one's own may have the name of something else there.
    function = getattr(np, op.atom or "", None) if op.is_built_in else None
    return function if isinstance(function, np.ufunc) else np.vectorize(op.forward, otypes=[float])


def recover(op: Op, inputs: Sequence[Any], error: Exception) -> Any:
    """What to do when ``forward`` failed: inside ``ieee()`` NumPy's answer, else an error that explains.

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
        return _as_numpy_does(op, numbers)
    raise _explained(op, "", inputs, numbers, error) from None


def local_derivatives(op: Op, inputs: Sequence[Any], output: Any) -> tuple[float, ...]:
    """The rule of an operation on plain numbers or those of Values, with a readable error where it is not defined.

    Raises:
        DomainError: outside the domain of the derivative.
        NumberOverflowError: if it is too large for a float.
    """
    numbers, z = [number_of(x) for x in inputs], number_of(output)
    try:
        found = checked_rule(op, numbers, z)
        if not all(math.isfinite(d) for d in found):
            raise OverflowError
    except FAILURES as error:
        if isinstance(error, GradientError):
            raise
        if not ieee_is_on():
            raise _explained(op, "the derivative of ", inputs, numbers, error) from None
    else:
        return found
    import numpy as np

    with np.errstate(all="ignore"):
        found = apply_rule(op, [np.float64(x) for x in numbers], np.float64(z))
    return tuple(float(d) for d in found)


def checked_rule(op: Op, inputs: Sequence[Any], output: Any) -> tuple[Any, ...]:
    """Like ``apply_rule``, with a GradientError if the rule does not give one local derivative per input."""
    found: object = apply_rule(op, inputs, output)
    if not isinstance(found, tuple) or len(found) != len(inputs):
        raise GradientError(
            f"the derivative rule of {op.name} must give a tuple of {len(inputs)} number(s), one for each input, "
            f"but gave {shown(found)}; a tuple of one is written (d,)"
        )
    return found


def apply_rule(op: Op, inputs: Sequence[Any], output: Any) -> tuple[Any, ...]:
    """Call an operation's derivative rule the way it is declared: ``(x, y, z)``, or ``(xs, z)`` if variadic."""
    if op.variadic:
        return op.derivatives(tuple(inputs), output)
    return op.derivatives(*inputs, output)


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
    # A symbol without letters, like + or **, stands between its inputs.
    if not op.variadic and (op.constants or (op.arity == 2 and not any(map(str.isalnum, op.symbol)))):
        return f" {op.symbol} ".join(names) if len(
            names
        ) == 2 else f"{names[0]} {op.symbol.replace('**', '** ')}", ", ".join(places)
    return f"{op.name}({', '.join(names)})", ", ".join(places)


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


def _as_numpy_does(op: Op, numbers: Sequence[Any]) -> Any:
    import numpy as np

    exact = [np.float64(x) for x in numbers]
    with np.errstate(all="ignore"):
        if op.atom is None:
            return op.forward(*exact)
        return in_numpy(op)(*exact, *op.constants)


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
