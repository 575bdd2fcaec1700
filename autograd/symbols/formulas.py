"""Formulas for people: a Formula stands where a number stands, and records what is done with it.

>>> x = symbol("x")
>>> f = 1 - ops.tanh(x) * ops.tanh(x)
>>> f.text
'1 - tanh²(x)'
>>> print(f.latex)
1 - \\tanh^{2}\\left(x\\right)

It tidies up as it goes: no factor 1, no summand 0, one fraction instead of two.
"""

from __future__ import annotations

import operator
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from autograd import ops
from autograd.core.operand import Operand
from autograd.core.threads import cached_property
from autograd.errors import AutogradError
from autograd.ops import Op
from autograd.symbols import notation
from autograd.symbols.notation import Notation
from autograd.symbols.templates import MISTAKABLE, fill, read_template, spelled, with_commas


class FormulaError(AutogradError, TypeError):
    """A formula was used where only a number will do."""


class Formula(Operand):
    """A symbol, a number, or an operation on formulas.

    Attributes:
        op: the operation, or None for a symbol or number.
        inputs: what it is applied to.
        name: the symbol's name, or "".
        size: how many operations, names and numbers are written in it.
        value: the number, or None.
        near: names in it, or in the graph that it is about, which e, π or σ could be taken for.

    Two formulas are equal if they are written in the same way, but for the order of summands and factors.

    >>> x, y = symbol("x"), symbol("y")
    >>> (2 * x * 3 + 0).text, (x * x / (1 * x)).text, (-x * -x).text, (x * y - y * x).text
    ('6·x', 'x', 'x²', '0')
    >>> ops.exp(2 * x).text, (symbol("e") * ops.exp(2 * x)).text
    ('e^(2·x)', 'e·exp(2·x)')
    """

    record_rank = 1_000_000

    def __init__(
        self,
        op: Op | None = None,
        inputs: tuple[Formula, ...] = (),
        name: str = "",
        value: float | None = None,
        near: frozenset[str] = frozenset(),
    ) -> None:
        self.op = op
        self.inputs = inputs
        self.name = name
        self.value = value
        self.size: int = 1 + sum([x.size for x in inputs])
        self.near = near | names_near(inputs)
        self.key: tuple[Any, ...] = key_of(op, inputs) if op else ("symbol", name, value)

    def plugged_in(self, given: Mapping[str, Formula]) -> Formula:
        """The formula with these in place of its names, and nothing worked out.

        >>> print((2 * (1 - symbol("y"))).plugged_in({"y": number(-0.5)}).text)
        2(1 - (−0.5))
        """
        inputs = tuple(x.plugged_in(given) for x in self.inputs)
        return self.applied_to(inputs) if inputs else given.get(self.name, self)

    def applied_to(self, inputs: tuple[Formula, ...]) -> Formula:
        """The same operation on other formulas."""
        return Formula(self.op, inputs, near=self.near)

    def record(self, op: Op, inputs: tuple[Any, ...]) -> Formula:
        """Write an operation down, in its simplest form."""
        given = [as_formula(x) for x in inputs]
        return simplified(op, given).among(names_near(given))

    def among(self, names: frozenset[str]) -> Formula:
        """The same formula in a graph with these mistakable names."""
        if names <= self.near:
            return self
        found = copy(self)
        found.near = names | self.near
        vars(found).pop("notation", None)
        return found

    @cached_property
    def notation(self) -> Notation:
        """How it is written, as a tree."""
        return self.written_near(self.near)

    def written_near(self, near: frozenset[str]) -> Notation:
        """How it is written as a part of a formula with these mistakable names."""
        if self.op is None:
            return notation.Name(self.name) if self.value is None else spelled(notation.number(self.value), near)
        parts: list[Notation] = [x.notation if x.near == near else x.written_near(near) for x in self.inputs]
        if self.op.variadic:
            parts = [with_commas(parts)]
        return fill(spelled(read_template(self.op.latex, len(parts)), near), parts)

    @property
    def text(self) -> str:
        """One line of plain text: ``σ(z)(1 - σ(z))``."""
        return notation.write_text(self.notation)

    @property
    def latex(self) -> str:
        return notation.write_latex(self.notation)

    @property
    def mathml(self) -> str:
        """MathML, to stand inside ``<math>``."""
        return notation.write_mathml(self.notation)

    def evaluate(self, numbers: Mapping[str, float]) -> float:
        """Its value, with a number for each name.

        Raises:
            KeyError: if a name has no number.
            DomainError: where it is not defined.

        >>> (symbol("x") ** 2 + 1).evaluate({"x": 3.0})
        10.0
        """
        if self.op is None:
            return numbers[self.name] if self.value is None else self.value
        if self.op is ops.where:
            # What is not chosen need not be defined.
            condition, x, y = self.inputs
            return (x if condition.evaluate(numbers) != 0 else y).evaluate(numbers)
        return float(self.op(*[x.evaluate(numbers) for x in self.inputs]))

    def _repr_latex_(self) -> str:
        """What a notebook shows."""
        return f"$\\displaystyle {self.latex}$"

    def __repr__(self) -> str:
        return f"<Formula {self.text}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Formula) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    # A rule that asks for the number cannot be written as one formula.

    def _refuse(self, *_: Any) -> Any:
        raise FormulaError(f"the formula {self.text} has no number yet; use formula.evaluate({{...}})")

    __float__ = __int__ = __bool__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse


def names_near(formulas: Sequence[Formula]) -> frozenset[str]:
    """The mistakable names in some formulas, or around them."""
    return frozenset[str]().union(*[x.near for x in formulas])


def key_of(op: Op, inputs: Sequence[Formula]) -> tuple[Any, ...]:
    """What two formulas have in common that differ only in the order of summands or factors."""
    if op not in (ops.add, ops.multiply):
        return (op.name, *[x.key for x in inputs])
    parts: Counter[Any] = Counter()
    for x in inputs:
        parts.update(dict(x.key[1]) if x.op is op else {x.key: 1})
    return (op.name, frozenset(parts.items()))


def symbol(name: str, near: frozenset[str] = frozenset()) -> Formula:
    """A formula that is just a name, in a graph with these mistakable names."""
    return Formula(name=name, near=near | (MISTAKABLE & {name}))


def number(value: float, near: frozenset[str] = frozenset()) -> Formula:
    """A formula that is just a number, in a graph with these mistakable names."""
    return Formula(value=float(value), near=near)


ZERO, ONE = number(0), number(1)


def as_formula(x: Any) -> Formula:
    return x if isinstance(x, Formula) else number(x)


# --- tidying up -------------------------------------------------------------------------------------------


def simplified(op: Op, inputs: list[Formula]) -> Formula:
    if op in SUMS:
        return write_sum(terms_of(op, inputs))
    if op in PRODUCTS or is_power(op):
        return write_product(*factors_of(op, inputs))
    if op in LIMITS and inputs[1].value == LIMITS[op]:
        # Only an infinite x is changed by max(x, -1.8·10³⁰⁸).
        return inputs[0]
    if op is ops.where:
        return choice(*inputs)
    if op is ops.step and inputs[0].op is ops.absolute:
        # step(|x|) is 1 wherever x is not 0.
        return ONE
    if op is ops.power and inputs[1].value is not None:
        return simplified(ops.power_by(inputs[1].value), inputs[:1])
    if op in (ops.total, ops.inner_product):
        return as_formula(op.forward(*inputs))
    if op is ops.exp and inputs[0] == ZERO:
        return ONE
    return Formula(op, tuple(inputs))


LIMITS = {ops.maximum: -sys.float_info.max, ops.minimum: sys.float_info.max}
"""No number is below the one limit or above the other."""


def choice(condition: Formula, x: Formula, y: Formula) -> Formula:
    """x or y; within them nothing is asked again: where(c, 1, e^where(c, 0, x)) is where(c, 1, e^x)."""
    if condition.value is not None:
        return x if condition.value != 0 else y
    x, y = chosen(condition, 1, x), chosen(condition, 2, y)
    return x if x == y else Formula(ops.where, (condition, x, y))


def chosen(condition: Formula, branch: int, x: Formula) -> Formula:
    """A formula with this branch of each choice on that condition."""
    inputs = tuple([chosen(condition, branch, part) for part in x.inputs])
    if x.op is ops.where and inputs[0] == condition:
        return inputs[branch]
    return x if all(map(operator.is_, inputs, x.inputs)) else x.applied_to(inputs)


SUMS = {ops.add: (1.0, 1.0), ops.subtract: (1.0, -1.0)}
PRODUCTS = {
    ops.multiply: (1.0, 1.0),
    ops.divide: (1.0, -1.0),
    ops.negate: (1.0,),
    ops.square: (2.0,),
    ops.reciprocal: (-1.0,),
}
"""For each operation that is a sum, the signs of its inputs; for each product, their exponents."""

Terms = dict[Formula, float]
Factors = dict[Formula, float]


def terms_of(op: Op | None, inputs: Sequence[Formula]) -> Terms:
    """A sum as its terms, each with a coefficient; the number 1 stands for the constant."""
    terms: Terms = {}
    for sign, x in zip(SUMS[op], inputs, strict=True):  # type: ignore[index]
        if x.op in SUMS:
            inner = terms_of(x.op, x.inputs)
        else:
            coefficient, factors = as_factors(x)
            inner = {write_product(1.0, factors): coefficient}
        for term, coefficient in inner.items():
            terms[term] = terms.get(term, 0.0) + sign * coefficient
    return terms


def write_sum(terms: Terms) -> Formula:
    terms = {term: coefficient for term, coefficient in terms.items() if coefficient != 0}
    if not terms:
        return ZERO
    ordered = list(terms.items())
    if ordered[0][1] < 0:
        # A sum begins with something positive, if it has it: 1 - x rather than -x + 1.
        ordered.sort(key=lambda item: item[1] < 0)
    result: Formula | None = None
    for term, coefficient in ordered:
        if result is None:
            result = times(coefficient, term)
        else:
            size = times(abs(coefficient), term)
            result = Formula(ops.add if coefficient > 0 else ops.subtract, (result, size))
    assert result is not None
    return result


def times(coefficient: float, x: Formula) -> Formula:
    inner_coefficient, factors = as_factors(x)
    return write_product(coefficient * inner_coefficient, factors)


def factors_of(op: Op, inputs: Sequence[Formula]) -> tuple[float, Factors]:
    """A product as a coefficient and its other factors, each with an exponent."""
    coefficient, factors = (-1.0, {}) if op is ops.negate else (1.0, dict[Formula, float]())
    for exponent, x in zip(PRODUCTS.get(op, op.constants), inputs, strict=True):
        inner_coefficient, inner = as_factors(x)
        if exponent < 0 and inner_coefficient == 0:
            inner_coefficient, inner = 1.0, {x: 1.0}
        if not is_whole(exponent):
            # (-2·x)^0.5 stays together: its parts might have no such power.
            inner_coefficient, inner = (1.0, {x: 1.0})
        coefficient *= inner_coefficient**exponent
        for factor, inner_exponent in inner.items():
            factors[factor] = factors.get(factor, 0.0) + exponent * inner_exponent
    return coefficient, factors


def as_factors(x: Formula) -> tuple[float, Factors]:
    if x.value is not None:
        return x.value, {}
    if x.op is not None and (x.op in PRODUCTS or (is_power(x.op) and is_whole(x.op.constants[0]))):
        return factors_of(x.op, x.inputs)
    return 1.0, {x: 1.0}


def is_power(op: Op) -> bool:
    """True for an operation x ** n with a plain number n."""
    return op.atom == ops.power.atom and bool(op.constants)


def is_whole(x: float) -> bool:
    return x == int(x)


def write_product(coefficient: float, factors: Factors) -> Formula:
    """A product as one fraction: what has a positive exponent above, what has a negative one below."""
    factors = {factor: exponent for factor, exponent in factors.items() if exponent != 0 and factor != ONE}
    if coefficient == 0:
        return ZERO
    if len(factors) == 1 and coefficient == 1 and next(iter(factors.values())) == 1:
        return next(iter(factors))
    factors = join_conjugates(factors)
    above = [raised(factor, exponent) for factor, exponent in factors.items() if exponent > 0]
    below = [raised(factor, -exponent) for factor, exponent in factors.items() if exponent < 0]
    size = abs(coefficient)
    if size != 1 and belongs_below(1 / size, bool(below)) and factors:
        # 0.5 / x is written 1 / (2·x).
        below.insert(0, number(1 / size))
    elif size != 1 or not above:
        above.insert(0, number(size))
    result = joined(above)
    if below:
        result = Formula(ops.divide, (result, joined(below)))
    return with_sign(coefficient, result)


def belongs_below(divisor: float, is_fraction: bool) -> bool:
    """True for a coefficient 1 / divisor that is easier to read as a divisor."""
    if not is_fraction:
        return divisor == 2
    return (divisor == int(divisor) and divisor <= 10) or notation.known(divisor) is not None


def with_sign(coefficient: float, x: Formula) -> Formula:
    if coefficient >= 0:
        return x
    return number(-x.value) if x.value is not None else Formula(ops.negate, (x,))


def joined(factors: list[Formula]) -> Formula:
    result = factors[0] if factors else ONE
    for factor in factors[1:]:
        result = Formula(ops.multiply, (result, factor))
    return result


def raised(x: Formula, exponent: float) -> Formula:
    return x if exponent == 1 else Formula(ops.power_by(float(exponent)), (x,))


def join_conjugates(factors: Factors) -> Factors:
    """(1 - x)(1 + x) is written 1 - x²."""
    for factor, exponent in factors.items():
        if factor.op is ops.subtract and factor.inputs[0] == ONE:
            x = factor.inputs[1]
            partner = Formula(ops.add, (ONE, x))
            if factors.get(partner) == exponent:
                rest = {other: e for other, e in factors.items() if other not in (factor, partner)}
                return {Formula(ops.subtract, (ONE, simplified(ops.square, [x]))): exponent} | rest
    return factors
