"""What may become a Value, and what is said of the rest."""

from __future__ import annotations

from math import inf
from typing import Any

from autograd.core import modes
from autograd.core.operand import Operand, is_real, to_float
from autograd.errors import DataError, DomainError, describe, text_of


def is_operand(x: Any) -> bool:
    """True for a number that an operator may take; False leaves the other operand to try.

    Raises:
        DataError: for what can never be part of a computation, like a string.
    """
    if type(x) is float or is_real(x):
        return True
    # An array of NumPy's goes through its elements; other libraries do not know what a Value is.
    is_foreign = hasattr(x, "dtype") and not hasattr(x.dtype, "kind")
    if isinstance(x, (str, bytes, complex, list, tuple, dict, set)) or x is None or is_foreign:
        raise DataError(f"an operation with a Value takes a Value or a real number, but got {describe(x)}")
    return False


def takes_part(x: Any) -> bool:
    """True for what an operation may be applied to: a recording number of any kind, or an operand of one."""
    return isinstance(x, Operand) or is_operand(x)


def checked_number(data: Any) -> float:
    """Data as a float, or an error that says what was given."""
    if type(data) is not float:
        if isinstance(data, Operand):
            what = f"{text_of(data)} is a {type(data).__name__} already"
            raise DataError(f"{what}; use it as it is, or value.detach() for a new leaf")
        if not is_real(data):
            raise DataError(f"a Value holds one real number, but got {describe(data)}")
        data = to_float(data)
    if -inf < data < inf or modes.ieee_is_on():
        number: float = data
        return number
    raise DomainError(f"a Value holds a finite number, but got {data}; `with autograd.ieee():` allows inf and nan")


def checked_label(label: Any) -> str:
    if not isinstance(label, str):
        raise DataError(f"a label is a string, but got {describe(label)}; write Value(2.0, 'a')")
    return label
