"""How numbers are written, in all that is shown: one policy, which the page's script follows (assets/numbers.js).

``tests/browser`` compares the two on many numbers.
"""

from __future__ import annotations

import math


def write_number(x: float, decimals: int = 4) -> str:
    """A number with at most so many decimals, and in scientific notation where those would not show it.

    >>> write_number(2.0), write_number(0.70710678), write_number(0.0000123), write_number(-1234567890.0)
    ('2.0', '0.7071', '1.23e-05', '-1.235e+09')
    """
    if not math.isfinite(x):
        return str(float(x))
    if x == 0:
        return "0.0"
    if not 0.5 * 10**-decimals <= abs(x) < 1e7:
        mantissa, exponent = f"{x:.{max(decimals - 1, 0)}e}".split("e")
        return f"{without_zeros(mantissa)}e{exponent}"
    return without_zeros(f"{x:.{decimals}f}")


def without_zeros(digits: str) -> str:
    if "." not in digits:
        return digits
    digits = digits.rstrip("0")
    return digits + "0" if digits.endswith(".") else digits


def write_gradient(grad: float | None, decimals: int = 4) -> str:
    """A gradient with its sign, or "?" if it was never computed: the sign says what the colour says.

    >>> write_gradient(6.0), write_gradient(-4.0), write_gradient(0.0), write_gradient(None)
    ('+6.0', '-4.0', '0.0', '?')
    """
    if grad is None:
        return "?"
    return ("+" if grad > 0 else "") + write_number(grad, decimals)


def significant(x: float, digits: int = 4) -> str:
    """A number with at most so many significant digits.

    >>> significant(0.25), significant(-0.0), significant(0.0214695), significant(12.0), significant(2 / 3, 6)
    ('0.25', '0', '0.02147', '12', '0.666667')
    """
    return f"{x:.{digits}g}" if x else "0"
