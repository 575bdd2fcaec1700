"""A trace written as text in columns, and as data that JSON can hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autograd.core.numbers import product_sign, sum_sign, write_number

if TYPE_CHECKING:
    from autograd.steps import Trace


def finite(x: Any) -> Any:
    if isinstance(x, dict):
        return {key: finite(part) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        return [finite(part) for part in x]
    return str(x) if isinstance(x, str) or (isinstance(x, float) and not math.isfinite(x)) else x


def write_table(steps: Trace) -> str:
    """Both passes as text in columns.

    >>> from autograd import Value, trace
    >>> a = Value(3.0, "a")
    >>> b = a * a
    >>> b.label = "b"
    >>> print(write_table(trace(b)))
    forward  node  operation  data
          1  b     a·a           9
    <BLANKLINE>
    backward  into  from  upstream  local derivative  value  product  before  after
           1  a     b            1  a                     3        3       0      3
           2  a     b            1  a                     3        3       3      6
    """
    forward = [["forward", "node", "operation", "data"]]
    forward += [[str(s.number), s.name, s.formula, write_number(s.data)] for s in steps.forward]
    backward = [["backward", "into", "from", "upstream", "local derivative", "value", "product", "before", "after"]]
    for s in steps.backward:
        upstream, local, product, before, after = map(
            write_number, (s.upstream, s.local, s.product, s.before, s.after)
        )
        # A result that does not come out of the numbers beside it says so.
        about_product = "≈ " * (product_sign([upstream, local], product) == "≈")
        about_after = "≈ " * (sum_sign([before, product], after) == "≈")
        numbers = (local, about_product + product, before, about_after + after)
        backward.append([str(s.number), s.input_name, s.node_name, upstream, s.formula, *numbers])
    return in_columns(forward, "rllr") + "\n\n" + in_columns(backward, "rllrlrrrr")


def in_columns(rows: list[list[str]], sides: str, between: str = "  ") -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(sides))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if side == "r" else cell.ljust(width)
            for cell, width, side in zip(row, widths, sides, strict=True)
        ]
        lines.append(between.join(cells).rstrip())
    return "\n".join(lines)
