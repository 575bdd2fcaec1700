"""What stands in the disc of an operation, and what is said about it when the mouse rests there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from inspect import signature
from itertools import permutations
from math import isclose

from autograd import Op, Value
from autograd.core import evaluate
from autograd.core.numbers import SUPERSCRIPTS
from viz.drawing.style import printable

ON_PAPER = {"*": "×", "-": "−", "/": "÷", "**": "^"}
"""What a keyboard has in place of the signs that people write."""


def sign_of(op: Op) -> str:
    """An operation's symbol as people write it, with ( ) where its only operand stands.

    >>> from autograd import ops
    >>> [sign_of(op) for op in (ops.multiply, ops.power, ops.square, ops.power_by(3), ops.negate, ops.relu)]
    ['×', '^', '( )²', '( )³', '−( )', 'ReLU']
    """
    power = re.fullmatch(r"\*\*(.+)", op.symbol)
    if op.is_built_in and op.arity == 1 and power is None:
        power = re.fullmatch(r"\{0\}\^\{?(.+?)\}?", op.latex)
    if power:
        exponent = power[1]
        return "( )" + (exponent.translate(SUPERSCRIPTS) if exponent.lstrip("-").isdecimal() else f"^{exponent}")
    if op.is_built_in and op.latex == "-{0}":
        return "−( )"
    return ON_PAPER.get(op.symbol, op.symbol)


def has_operands_beside(op: Op) -> bool:
    """True for an operation whose sign stands between its two operands, as + does.

    >>> from autograd import ops
    >>> has_operands_beside(ops.divide), has_operands_beside(ops.maximum)
    (True, False)
    """
    return op.arity == 2 and not op.variadic and not any(map(str.isalnum, op.symbol))


def explain(op: Op, node: Value, slopes: Sequence[float | None]) -> str:
    """What an operation was applied to, and its local derivatives there."""
    call, place = evaluate.write_call(op, node.inputs)
    lines = [op.name if call.startswith(op.name) else f"{op.name}: {call}", f"at {place}"]
    if all(slope is None for slope in slopes):
        lines.append("it has no derivative here")
    else:
        names = [f"x{i}" for i in range(1, len(node.inputs) + 1)]
        if not op.variadic:
            names = list(signature(op.derivatives).parameters)[: op.arity]
        written = [
            f"d/d{name} is not defined" if slope is None else f"d/d{name} = {slope!r}"
            for name, slope in zip(names, slopes, strict=True)
        ]
        if len(written) > 6:
            written[3:-2] = ["..."]
        lines.append(f"local derivatives: {', '.join(written)}")
    return "\n".join(printable(line) for line in lines)


@lru_cache(maxsize=512)
def order_matters(op: Op) -> bool:
    """True if the operation gives something else when its operands change places, as - and / do.

    It is tried out: on different numbers from the operation's domain, in every order.

    >>> from autograd import ops
    >>> order_matters(ops.subtract), order_matters(ops.multiply), order_matters(ops.total)
    (True, False, False)
    """
    count = 3 if op.variadic else op.arity
    if count == 1 or count > 6:
        return count > 6
    intervals = [op.domain[min(i, len(op.domain) - 1)] for i in range(count)]
    xs = [low + (high - low) * (i + 1.3) / (count + 2) for i, (low, high) in enumerate(intervals)]
    try:
        expected = op.forward(*xs)
        return not all(isclose(op.forward(*order), expected, rel_tol=1e-12) for order in permutations(xs))
    except (ArithmeticError, ValueError, TypeError):
        return True
