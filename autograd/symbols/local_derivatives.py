"""An operation's own rule, run on symbols, gives its local derivatives as a book prints them.

>>> from autograd import ops
>>> from autograd.symbols.formulas import symbol
>>> [slope] = local_formulas(ops.tanh, [symbol("n")])
>>> slope.text
'1 - tanh²(n)'

Nothing is differentiated here: the rules are those of the table, ``autograd/ops.py``.  Where a row has two
forms, the one that is computed and the textbook's, ``book_fails`` decides which of them a learner sees.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from autograd import ops
from autograd.core import evaluate
from autograd.core.numbers import round_on_paper
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
        inputs = [product(*pair) for pair in zip(*ops.halves(tuple(inputs)), strict=True)]
    if op in (ops.inner_product, ops.total):
        result = inputs[0]
        for x in inputs[1:]:
            result = Formula(ops.add, (result, x))
        return result
    return Formula(op, tuple(inputs))


def product(left: Formula, right: Formula) -> Formula:
    """A product in a sum of products.

    >>> w, x = symbol("w"), symbol("x")
    >>> product(w, x).text, product(w, w).text
    ('w·x', 'w²')
    """
    return Formula(ops.square, (left,)) if left == right else Formula(ops.multiply, (left, right))


def local_formulas(
    op: Op, inputs: Sequence[Formula], output: Formula | None = None, exact: bool = False
) -> tuple[Formula, ...]:
    """The local derivatives of an operation, as formulas in its inputs.

    Args:
        op: the operation.
        inputs: a formula for each input.
        output: a formula for the result; the operation itself, written out, unless given.
        exact: write the form that is computed where the row has the textbook's beside it (see ``book_fails``).

    A rule that cannot be run on symbols (it calls ``math.cos``, say) gives ``∂op/∂x`` instead.
    Where a rule treats a single point in its own way (x ** y at y = 0), the formula is that of all
    other points; ``holds_at`` tells.

    >>> z = symbol("z")
    >>> [slope] = local_formulas(ops.sigmoid, [z])
    >>> slope.text
    'σ(z)(1 - σ(z))'
    >>> [slope] = local_formulas(ops.sigmoid, [z], exact=True)
    >>> slope.text
    'σ(z)·σ(-z)'
    >>> [f.text for f in local_formulas(ops.divide, [symbol("x"), symbol("y")])]
    ['1 / y', '-x / y²']
    """
    if output is None:
        output = written(op, inputs)
    try:
        found = evaluate.checked_rule(op, tuple(inputs), output, None if exact else op.textbook)
    except (AutogradError, TypeError):
        return tuple(symbol(f"∂{op.name}/∂{x.text}") for x in inputs)
    return tuple(as_formula(x).among(names_near(inputs)) for x in found)


DIGITS_ON_SHOW = 4
"""With so many digits most numbers are shown, and learners calculate."""


def book_fails(op: Op, inputs: Sequence[float], output: float) -> bool:
    """True where the textbook's form loses the digits of the slope: then the form that is computed is shown.

    The textbook's is kept if it gives six digits of the slope, and if it is right to a tenth even with no more
    digits of the result than are on show: so it is at σ(z) = 0.999, but not at 1.000, where z(1 - z) says 0.

    >>> book_fails(ops.sigmoid, [2.0], ops.sigmoid(2.0)), book_fails(ops.sigmoid, [40.0], ops.sigmoid(40.0))
    (False, True)
    """
    if op.textbook is None:
        return False
    try:
        used = evaluate.checked_rule(op, inputs, output)
    except (AutogradError, *evaluate.FAILURES):
        return False
    try:
        book = evaluate.checked_rule(op, inputs, output, op.textbook)
        on_paper = evaluate.checked_rule(op, inputs, round_on_paper(output, DIGITS_ON_SHOW), op.textbook)
    except (AutogradError, *evaluate.FAILURES):
        return True
    return not all(is_close(x, d) and is_close(y, d, 0.1) for x, y, d in zip(book, on_paper, used, strict=True))


def is_close(x: float, exact: float, share: float = 1e-6) -> bool:
    """True for the same number, but for such a share of it; what is not finite gets the benefit of the doubt."""
    return math.isclose(x, exact, rel_tol=share) or not math.isfinite(exact)


def holds_at(formula: Formula, numbers: Mapping[str, float], exact: float, noise: float = 0.0) -> bool:
    """False where a formula does not give what the operations' own rules say at this point.

    ``noise`` is what rounding may leave of a sum whose terms cancel.  A name without a number (a rule could not be
    run on symbols) gets the benefit of the doubt, and so does a slope that is not finite.

    >>> slope = local_formulas(ops.power, [symbol("x"), symbol("y")])[0]
    >>> slope.text, holds_at(slope, {"x": 2, "y": 3}, 12.0), holds_at(slope, {"x": 0, "y": 0}, 0.0)
    ('y·x^(y - 1)', True, False)
    """
    try:
        found = formula.evaluate(numbers)
    except KeyError:
        return True
    except (AutogradError, ArithmeticError):
        return False
    return is_close(found, exact) or abs(found - exact) <= noise
