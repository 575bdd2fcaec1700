"""An operation's own rule, run on symbols, gives its local derivatives as a book prints them.

>>> from autograd import ops
>>> from autograd.symbols.formulas import symbol
>>> [slope] = local_formulas(ops.tanh, [symbol("n")])
>>> slope.text
'1 - tanh²(n)'

Nothing is differentiated here: the rules are those of the table, ``autograd/ops.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from autograd import ops
from autograd.core.evaluate import checked_rule
from autograd.errors import AutogradError
from autograd.ops import Op
from autograd.symbols.formulas import Formula, as_formula, names_near, symbol

LONGEST_SUM = 24
"""A sum or inner product of more numbers than this is written as Σ(...) or dot(...)."""


def written(op: Op, inputs: Sequence[Formula]) -> Formula:
    """An operation on formulas just as it stands, not simplified.

    >>> written(ops.add, [symbol("a"), as_formula(0.0)]).text
    'a + 0'
    >>> written(ops.total, [symbol("a"), symbol("b"), symbol("c")]).text
    'a + b + c'
    """
    if len(inputs) > LONGEST_SUM:
        return Formula(op, tuple(inputs))
    if op is ops.inner_product:
        # Sums are written out: w1·x1 + w2·x2 says more than dot(...).
        inputs = [written(ops.multiply, pair) for pair in zip(*ops.halves(tuple(inputs)), strict=True)]
    if op in (ops.inner_product, ops.total):
        result = inputs[0]
        for x in inputs[1:]:
            result = Formula(ops.add, (result, x))
        return result
    return Formula(op, tuple(inputs))


def local_formulas(op: Op, inputs: Sequence[Formula], output: Formula | None = None) -> tuple[Formula, ...]:
    """The local derivatives of an operation, as formulas in its inputs.

    Args:
        op: the operation.
        inputs: a formula for each input.
        output: a formula for the result; the operation itself, written out, unless given.

    A rule that cannot be run on symbols (it calls ``math.cos``, say) gives ``∂op/∂x`` instead.
    Where a rule treats a single point in its own way (x ** y at y = 0), the formula is that of all
    other points; ``holds_at`` tells.

    >>> [slope] = local_formulas(ops.sigmoid, [symbol("z")])
    >>> slope.text
    'σ(z)(1 - σ(z))'
    >>> [f.text for f in local_formulas(ops.divide, [symbol("x"), symbol("y")])]
    ['1 / y', '-x / y²']
    """
    if output is None:
        output = written(op, inputs)
    try:
        found = checked_rule(op, tuple(inputs), output, op.textbook)
    except (AutogradError, TypeError):
        return tuple(symbol(f"∂{op.name}/∂{x.text}") for x in inputs)
    return tuple(as_formula(x).among(names_near(inputs)) for x in found)


def holds_at(formula: Formula, numbers: Mapping[str, float], exact: float) -> bool:
    """False where a formula does not give what the operations' own rules say at this point.

    A name without a number (a rule could not be run on symbols) gets the benefit of the doubt, and so does a slope
    that is not finite.

    >>> slope = local_formulas(ops.power, [symbol("x"), symbol("y")])[0]
    >>> slope.text, holds_at(slope, {"x": 2, "y": 3}, 12.0), holds_at(slope, {"x": 0, "y": 0}, 0.0)
    ('y·x^(y - 1)', True, False)
    """
    try:
        is_close = math.isclose(formula.evaluate(numbers), exact, rel_tol=1e-6, abs_tol=1e-9)
        return is_close or not math.isfinite(exact)
    except KeyError:
        return True
    except (AutogradError, ArithmeticError):
        return False
