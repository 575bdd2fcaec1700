"""What an explanation says, section by section: the numbers, the chain rule, the factors, the result."""

from __future__ import annotations

import math
from itertools import pairwise

from autograd import ops
from autograd.symbols import formulas
from autograd.symbols.formulas import Formula
from autograd.value import Value
from viz.drawing.style import plural, printable, shorten
from viz.explaining import document as maths
from viz.explaining.document import EQUALS, Added, Block, Equations, Heading, Maths, Paragraph, Row, words
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
    formula, number = chain.definition(i), maths.number(chain.number(i))
    return Row(maths.formula(name), (number,) if formula is None else distinct(maths.formula(formula), number))


def distinct(*parts: Maths) -> tuple[Maths, ...]:
    """The parts without those that say the same as the one before."""
    return tuple(part for i, part in enumerate(parts) if not i or part.text != parts[i - 1].text)


# the chain rule


def chain_rule(chain: ChainRule) -> list[Block]:
    products = [product_of(chain, path) for path in chain.paths]
    if chain.count == 1:
        return [Equations((Row(sought(chain), (products[0],)),))]
    L, x = maths.formula(chain.loss), maths.formula(chain.x)
    count = plural(chain.count, "path")
    if chain.count >= 10**15:
        count = f"about {chain.count:.2e} paths" if chain.count < 10**308 else "more than 1e+308 paths"
    begin: list[str | Maths] = [count, " lead from ", L, " down to ", x]
    if chain.shows_all:
        begin.append(". The products along all of them are added up.")
    else:
        begin.append(f". These {len(products)} have the largest products; the others are added up in one number.")
        products.append(words("(the other paths)"))
    begin.append(" (∂ is the derivative along one step alone, d the one along all paths together.)")
    terms = tuple(Added.to_the_rest(term) if i else term for i, term in enumerate(products))
    return [Paragraph(tuple(begin)), Equations((Row(sought(chain), terms),))]


def product_of(chain: ChainRule, path: Path) -> Maths:
    """∂L/∂h · ∂h/∂w"""
    return maths.product(
        maths.DOTS if pair is None else written(chain, *pair) for pair in chain.pairs_to_write(path)
    )


def number_product_of(chain: ChainRule, path: Path) -> Maths:
    pairs = chain.pairs_to_write(path)
    return maths.product(maths.DOTS if pair is None else maths.number(chain.factors[pair].used) for pair in pairs)


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
    """What the functions mean that come up in slopes and that few books have."""
    found = [f.derivation.formula for f in chain.factors.values() if f.derivation.formula is not None]
    operations = {part.op for formula in found for part in everything_in(formula)}
    meanings = []
    if ops.step in operations:
        meanings.append("step(u) is 1 where u is positive, and else 0.")
    if ops.sign in operations:
        meanings.append("sign(u) is 1 where u is positive, -1 where it is negative, and else 0.")
    return [Paragraph((" ".join(meanings),))] if meanings else []


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
            line = line + EQUALS + part
    else:
        rows = definitions
    if factor.is_exceptional:
        beside = words("   (by convention: this point is a kink, or a limit; beside it ") + line + words(")")
        right = [maths.number(factor.used) + beside]
    else:
        right.append(line)
        if chain.can_be_evaluated(formula):
            numbers = {name: formulas.number(x) for name, x in chain.numbers_in(formula).items()}
            right.append(maths.formula(formula.plugged_in(numbers)))
        right.append(maths.number(factor.used))
    return [*rows, Row(written(chain, factor.of, factor.by), distinct(*right))]


# the result


def result(chain: ChainRule) -> list[Block]:
    value = chain.total if chain.rounded is None else chain.rounded
    if chain.count == 1:
        parts = distinct(number_product_of(chain, chain.paths[0]), maths.number(value))
        return [Equations((Row(sought(chain), parts),))]
    products = [chain.used_product(path) for path in chain.paths]
    same_sign = all(x > 0 for x in [*products, value]) or all(x < 0 for x in [*products, value])
    rows = []
    for n, (path, x) in enumerate(zip(chain.paths, products, strict=True), 1):
        share = maths.number(x)
        if same_sign and math.isfinite(value) and value:
            share = share + words(f"   ({100 * x / value:.3g} % of the whole)")
        rows.append(Row(words(f"path {n}"), distinct(number_product_of(chain, path), share)))
    if not chain.shows_all:
        rest = chain.rest if chain.rounded is None else chain.rounded - math.fsum(products)
        products.append(rest)
        rows.append(Row(words("the other paths"), (maths.number(rest),)))
    total = Row(sought(chain), distinct(maths.signed_sum(products), maths.number(value)))
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
        right = (maths.product(maths.number(chain.factors[pair].value) for pair in pairs), exact)
    blocks.append(Equations((Row(sought(chain), right),)))
    at_the_end = float(f"{chain.total:.{digits - 1}e}")
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
                maths.number(chain.rounded), f", which is off by {100 * off:.2g} %: each rounded factor is "
                "a little too large or too small, and their product passes all of these errors on. Round at the "
                "end only.",
            ))
        )  # fmt: skip
    return blocks
