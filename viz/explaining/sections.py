"""What an explanation says, section by section: the numbers, the chain rule, the factors, the result."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import astuple
from fractions import Fraction
from itertools import pairwise

from autograd import ops
from autograd.core.numbers import equal_sign, product_sign, read_number, round_on_paper, sum_sign, write_number
from autograd.errors import AutogradError
from autograd.ops import Op
from autograd.symbols import formulas
from autograd.symbols.formulas import Formula
from autograd.symbols.notation import known
from autograd.value import Value
from viz.drawing.style import plural, printable, shorten
from viz.explaining import document as maths
from viz.explaining.document import (
    ABOUT,
    EQUALS,
    About,
    Added,
    Block,
    Equations,
    Heading,
    Maths,
    Paragraph,
    Row,
    words,
)
from viz.explaining.meanings import jumps, meanings
from viz.explaining.path_formulas import everything_in, symbols_in
from viz.explaining.paths import MOST_FACTORS_IN_A_LINE, ChainRule, Factor, Path

MOST_NUMBERS = 16
"""So many given numbers are listed."""


def name_of(node: Value, otherwise: str) -> Formula:
    return formulas.symbol(shorten(printable(node.label)) or otherwise)


def unrelated(loss: Value, x: Value, order: list[Value]) -> list[Block]:
    """Why the derivative is 0: the loss does not depend on x."""
    L, name = maths.formula(name_of(loss, "L")), maths.formula(name_of(x, "x"))
    reason: tuple[str | Maths, ...] = (
        L, " was not computed from ", name, f": it is not among the {plural(len(order), 'node')} behind ", L,
        ". Whatever ", name, " is, ", L, " stays the same.",
    )  # fmt: skip
    twins = [node for node in order if x.label and node.label == x.label]
    if twins:
        reason += (" (There is a node with that label behind ", L, ", but it is another Value.)")
    slope = maths.derivative(name_of(loss, "L"), name_of(x, "x"))
    return [Equations((Row(slope, (maths.number(0.0),)),)), Paragraph(reason)]


def itself(loss: Value) -> list[Block]:
    """Why the derivative of a number with respect to itself is 1."""
    L = name_of(loss, "L")
    slope = Row(maths.derivative(L, L), (maths.number(1.0),))
    return [
        Equations((slope,)),
        Paragraph(
            ("A change of ", maths.formula(L), " changes it by just as much. Every backward pass begins here.")
        ),
    ]


def compose(chain: ChainRule) -> list[Block]:
    """The whole derivation, section by section."""
    blocks: list[Block] = [introduction(chain), *numbers(chain)]
    is_plain = len(chain.segments) == 1
    if not is_plain:
        blocks += [Heading("The chain rule"), *chain_rule(chain)]
    blocks.append(Heading("The derivative" if is_plain else "The factors"))
    blocks += factors(chain)
    if not is_plain:
        blocks += [Heading("The result"), *result(chain)]
    if chain.round_to is not None:
        blocks += [Heading("Rounded and exact"), *rounded_and_exact(chain, chain.round_to)]
    return blocks


def introduction(chain: ChainRule) -> Paragraph:
    L, x = maths.formula(chain.loss), maths.formula(chain.x)
    parts: list[str | Maths] = ["Wanted: ", sought(chain), ", how fast ", L, " changes when ", x, " changes."]
    if not chain.graph.order[chain.graph.goal].label and chain.x.name == f"v{chain.graph.goal}":
        parts += [" Here ", x, " is the unlabelled node of that id."]
    elif not chain.graph.order[chain.graph.goal].label and chain.x.name:
        parts += [" Here ", x, " stands for the constant ", maths.number(chain.number(chain.graph.goal)), "."]
    return Paragraph(tuple(parts))


def sought(chain: ChainRule) -> Maths:
    return maths.derivative(chain.loss, chain.x)


def written(chain: ChainRule, v: int, u: int) -> Maths:
    """A factor: dL/dh where one path leads down, ∂L/∂h where L depends on h in other ways as well."""
    return maths.derivative(chain.names[v], chain.names[u], partial=chain.count > 1)


# the numbers


def numbers(chain: ChainRule) -> list[Block]:
    """The given numbers, and the forward pass as far as it matters."""
    rows: list[Row] = []
    used: dict[str, None] = {}
    for i in definitions(chain):
        rows.append(defined(chain, i))
        used |= symbols_in(chain.definition(i))
    for factor in chain.factors.values():
        for i in factor.derivation.parts:
            used |= symbols_in(chain.definition(i))
        used |= symbols_in(factor.derivation.formula)
    if not chain.graph.inputs[chain.graph.goal]:
        used[chain.x.name] = None
    defined_below = {row.left.text for row in rows} | {name.name for name in chain.writer.part_names.values()}
    places = [chain.place_of[name] for name in used if name in chain.place_of and name not in defined_below]
    blocks: list[Block] = [Heading("The numbers")]
    if places:
        given: list[str | Maths] = ["Given: "]
        for i in places[:MOST_NUMBERS]:
            given += [maths.formula(chain.names[i]) + EQUALS + maths.number(chain.number(i)), ", "]
        given[-1] = "" if len(places) <= MOST_NUMBERS else f", and {len(places) - MOST_NUMBERS} more"
        blocks.append(Paragraph(tuple(given)))
    if rows:
        blocks.append(Equations(tuple(rows)))
    return blocks


def definitions(chain: ChainRule) -> list[int]:
    """The nodes whose formulas are shown: those on the paths, and the parts that these are written with."""
    places = set(chain.shown_stations)
    for i in chain.shown_stations:
        places |= chain.parts_behind(i) or set()
    return sorted(places)


def defined(chain: ChainRule, i: int) -> Row:
    """h1 = σ(w1·x1 + b1) = 0.2346"""
    name = chain.writer.part_names[i] if i in chain.writer.part_names else chain.names[i]
    formula = chain.definition(i)
    if formula is None:
        return Row(maths.formula(name), (maths.number(chain.number(i)),))
    number = result_of(with_numbers(chain, formula), chain.number(i), chain.digits)
    return Row(maths.formula(name), distinct(maths.formula(formula), number))


def distinct(*parts: Maths) -> tuple[Maths, ...]:
    """The parts without those that say the same as the one before."""
    return tuple(part for i, part in enumerate(parts) if not i or part.text != parts[i - 1].text)


def with_numbers(chain: ChainRule, formula: Formula) -> Formula:
    """A formula with the numbers of its names in their places."""
    return formula.plugged_in({name: formulas.number(x) for name, x in chain.numbers_in(formula).items()})


def result_of(plugged: Formula, x: float, digits: int) -> Maths:
    """What a formula of numbers gives: behind ≈ if it is not that to the last digit, computed as it stands."""
    try:
        return behind(equal_sign(write_number(x, 6), as_shown(plugged), digits), maths.number(x))
    except (AutogradError, ArithmeticError, KeyError, ValueError):
        return maths.number(x)


def as_shown(formula: Formula) -> Fraction:
    """The value of a formula of numbers, with each number as it is written.

    >>> as_shown(formulas.number(1 / 3) * 3 + 0)
    Fraction(1, 1)
    >>> as_shown(Formula(ops.multiply, (formulas.number(1 / 3), formulas.number(3.0))))
    Fraction(999999, 1000000)
    """
    if formula.value is not None:
        is_sign = known(formula.value) is not None
        return Fraction(formula.value) if is_sign else read_number(write_number(formula.value, 6))
    if not formula.inputs:
        raise KeyError(formula.name)
    inputs = [as_shown(x) for x in formula.inputs]
    if formula.op in EXACT:
        return EXACT[formula.op](*inputs)
    return Fraction(formula.applied_to(tuple(formulas.number(float(x)) for x in inputs)).evaluate({}))


EXACT: dict[Op | None, Callable[..., Fraction]] = {
    ops.add: operator.add, ops.subtract: operator.sub, ops.multiply: operator.mul, ops.divide: operator.truediv,
    ops.negate: operator.neg, ops.square: lambda x: x * x, ops.power_by(2.0): lambda x: x * x,
    ops.power_by(3.0): lambda x: x * x * x,
}  # fmt: skip


def product_result(chain: ChainRule, path: Path, x: float) -> Maths:
    """The number that the factors of a path give."""
    factors = [write_number(chain.factors[pair].used, 6) for pair in pairwise(path.stations)]
    return behind(product_sign(factors, write_number(x, 6), chain.digits), maths.number(x))


def behind(sign: str, part: Maths) -> Maths:
    return About(*astuple(part)) if sign == "≈" else part


# the chain rule


def chain_rule(chain: ChainRule) -> list[Block]:
    products = [product_of(chain, path) for path in chain.paths]
    if chain.count == 1:
        return [Equations((Row(sought(chain), (products[0],)),))]
    L, x = maths.formula(chain.loss), maths.formula(chain.x)
    count = plural(chain.count, "path")
    if chain.count >= 10**15:
        count = (
            f"about {write_number(Fraction(chain.count), 3)} paths"
            if chain.count < 10**308
            else "more than 10³⁰⁸ paths"
        )
    begin: list[str | Maths] = [count, " lead from ", L, " down to ", x]
    if chain.shows_all:
        begin.append(". The products along all of them are added up.")
    else:
        begin.append(f". These {len(products)} have the largest products; the others are added up in one number.")
        products.append(words("(the other paths)"))
    begin.append(" (∂ is the derivative along one step alone, d the one along all paths together.)")
    terms = tuple(Added(*astuple(term)) if i else term for i, term in enumerate(products))
    return [Paragraph(tuple(begin)), Equations((Row(sought(chain), terms),))]


def product_of(chain: ChainRule, path: Path) -> Maths:
    """∂L/∂h · ∂h/∂w"""
    return maths.product(
        maths.DOTS if pair is None else written(chain, *pair) for pair in chain.pairs_to_write(path)
    )


def number_product_of(chain: ChainRule, path: Path) -> Maths:
    pairs = chain.pairs_to_write(path)
    return maths.product(maths.DOTS if pair is None else chain.factors[pair].used for pair in pairs)


# the factors


def factors(chain: ChainRule) -> list[Block]:
    groups: list[list[Row]] = []
    explained = set(definitions(chain))
    too_long: list[Factor] = []
    for pair in chain.shown_segments:
        factor = chain.factors[pair]
        if factor.derivation.formula is not None:
            rows = derivation_of(chain, factor, explained)
        else:
            too_long.append(factor)
            rows = [Row(written(chain, *pair), (maths.number(factor.used),))]
        if groups and all(maths.fits_on_a_line(row) for row in [*groups[-1], *rows]):
            groups[-1] += rows
        else:
            groups.append(rows)
    blocks: list[Block] = [Equations(tuple(rows)) for rows in groups]
    if too_long:
        largest = max(factor.operations for factor in too_long)
        blocks.append(
            Paragraph((
                f"Where only a number stands, the formula would be too long: up to {plural(largest, 'operation')} "
                "without a label lie on that way. The number was found by backpropagation through them. "
                "Labels for some of them would make the chain rule visible.",
            ))
        )  # fmt: skip
    blocks += conventions(chain)
    hidden = len(chain.segments) - len(chain.shown_segments)
    if hidden:
        blocks.append(Paragraph((f"The other {plural(hidden, 'factor')} are found in the same way.",)))
    zeros = [chain.factors[pair] for pair in chain.segments if chain.factors[pair].used == 0]
    if chain.count == 1 and zeros and len(chain.segments) > 1:
        zero = written(chain, zeros[0].of, zeros[0].by)
        blocks.append(Paragraph(("Since ", zero, " is 0, the whole product is 0.")))
    return blocks


def conventions(chain: ChainRule) -> list[Block]:
    """What the functions mean that come up in slopes, and why those of others are 0."""
    found = [f.derivation.formula for f in chain.factors.values() if f.derivation.formula is not None]
    operations = {part.op for formula in found for part in everything_in(formula)}
    on_the_way = [chain.graph.order[i].op for v, u in chain.shown_segments for i in chain.writer.way(v, u)]
    said = meanings(operations) + jumps(on_the_way)
    return [Paragraph((" ".join(said),))] if said else []


def derivation_of(chain: ChainRule, factor: Factor, explained: set[int]) -> list[Row]:
    """dh/dw = x·σ'(w·x + b) = x·σ(z)(1 - σ(z)), where z = ... = 2·σ(3)(1 - σ(3)) = 0.0903"""
    formula = factor.derivation.formula
    assert formula is not None
    new = [i for i in factor.derivation.parts if i not in explained]
    explained.update(new)
    definitions = [defined(chain, i) for i in new]
    right = [] if factor.derivation.primed is None else [maths.formula(factor.derivation.primed)]
    line = maths.formula(formula)
    rows = []
    if len(new) == 1 and right:
        line = line + words(", where ") + definitions[0].left
        for part in definitions[0].right:
            line = line + (ABOUT if isinstance(part, About) else EQUALS) + part
    else:
        rows = definitions
    if factor.is_exceptional:
        beside = words("   (by convention: this point is a kink, or a limit; beside it ") + line + words(")")
        right = [maths.number(factor.used) + beside]
    else:
        right.append(line)
        plugged = with_numbers(chain, formula)
        if chain.can_be_evaluated(formula):
            right.append(maths.formula(plugged))
        right.append(result_of(plugged, factor.used, chain.digits))
    return [*rows, Row(written(chain, factor.of, factor.by), distinct(*right))]


# the result


def result(chain: ChainRule) -> list[Block]:
    value = chain.total if chain.rounded is None else chain.rounded
    if chain.count == 1:
        number = product_result(chain, chain.paths[0], value)
        parts = distinct(number_product_of(chain, chain.paths[0]), number)
        return [Equations((Row(sought(chain), parts),))]
    products = [chain.used_product(path) for path in chain.paths]
    same_sign = all(x > 0 for x in [*products, value]) or all(x < 0 for x in [*products, value])
    rows = []
    for n, (path, x) in enumerate(zip(chain.paths, products, strict=True), 1):
        *begin, last = distinct(number_product_of(chain, path), product_result(chain, path, x))
        if same_sign and math.isfinite(value) and value:
            last = maths.with_words(last, f"   ({write_number(100 * x / value, 3)} % of the whole)")
        rows.append(Row(words(f"path {n}"), (*begin, last)))
    if not chain.shows_all:
        rest = chain.rest if chain.rounded is None else chain.rounded - math.fsum(products)
        products.append(rest)
        rows.append(Row(words("the other paths"), (maths.number(rest),)))
    sign = sum_sign([write_number(x, 6) for x in products], write_number(value, 6), chain.digits)
    total = Row(sought(chain), distinct(maths.signed_sum(products), behind(sign, maths.number(value))))
    return [Equations(tuple(rows)), Equations((total,))]


def rounded_and_exact(chain: ChainRule, digits: int) -> list[Block]:
    if chain.rounded is None:
        reason = f"With every number rounded to {plural(digits, 'digit')} this cannot be computed: "
        return [Paragraph((reason, words(printable(chain.rounding_failed)), "."))]
    exact = maths.number(chain.total, digits=9)
    places = plural(digits, "significant digit")
    blocks: list[Block] = [
        Paragraph((
            f"Above, every number is rounded to {places} before it is used again, as one does on paper. "
            "Without rounding on the way:",
        ))
    ]  # fmt: skip
    pairs = list(pairwise(chain.paths[0].stations)) if chain.count == 1 else []
    right: tuple[Maths, ...] = (exact,)
    if 1 < len(pairs) <= MOST_FACTORS_IN_A_LINE:
        shown = [chain.factors[pair].value for pair in pairs]
        sign = product_sign([write_number(x, 6) for x in shown], write_number(chain.total, 9), 9)
        right = (maths.product(shown), behind(sign, exact))
    blocks.append(Equations((Row(sought(chain), right),)))
    at_the_end = round_on_paper(chain.total, digits)
    if chain.rounded == at_the_end:
        same = f" is what the exact value gives when it is rounded once, at the end, to {places}."
        blocks.append(Paragraph((maths.number(chain.rounded), same)))
    elif chain.total == 0:
        blocks.append(
            Paragraph(("What is left over, ", maths.number(chain.rounded), ", comes from rounding alone."))
        )
    else:
        off = abs(chain.rounded - chain.total) / abs(chain.total)
        blocks.append(
            Paragraph((
                "Rounded once, at the end, that is ", maths.number(at_the_end), " and not ",
                maths.number(chain.rounded), f", which is off by {write_number(100 * off, 2)} %: each rounded "
                "factor is a little too large or too small, and their product passes all of these errors on. "
                "Round at the end only.",
            ))
        )  # fmt: skip
    return blocks
