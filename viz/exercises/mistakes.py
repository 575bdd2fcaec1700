"""The mistakes that learners make with the chain rule, the likeliest first: a name, a hint, and what it gives.

No derivative is written here: a mistake runs an operation's own rule on mistaken numbers, or leaves out one
part of upstream × local, there or nearer to the result.  The numbers are floats; or tracers, and the mistakes
become the program of a page.  A hint speaks of the step in which the mistake was made: {x} is the input that gets a
gradient (the one that is asked for, unless the mistake was made elsewhere), {z} the node that passes its own on,
{operation} how that is computed and {upstream} its gradient, and {loss} the result.

>>> [mistake.name for mistake in MISTAKES[:3]]
['forgot_use', 'gave_total', 'pre_activation']
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import combinations
from typing import Any

from autograd.errors import AutogradError
from autograd.symbols.formulas import as_factors
from viz.exercises.cases import USUAL_RATES, Case, Share

MOST_SUMS = 8
"""Of a node with more uses than this, not every single use is tried for a mistake, only all at once."""

MOST_SWAPPED = 12
"""Of an operation with more inputs than this, not every other one is tried."""

MOST_LINKS = 12
"""Of a longer chain from the result to a node, only so many steps are looked at for a mistake."""

MOST_OTHERS = 40
"""So many other nodes, the nearest in the backward pass, are compared with an answer."""

Found = Iterator[tuple[Any, Share]]
"""Wrong answers, each with the share that its hint speaks of."""

Change = Callable[[Share], Any]
"""What somebody takes for upstream × local; None where the mistake cannot be made."""


@dataclass(frozen=True)
class Mistake:
    """A common mistake.

    Attributes:
        name: a word for it, like "sign".
        hint: what to say to somebody who gave such an answer: a push, not the solution.
        way: what becomes of the answer; a page's predict/mistakes.js has functions of the same names.
        changes: what somebody may take for one contribution, each tried in all of them and in each one.
        factors: what the answer is multiplied by.
        is_rounding: True if it is tried with rounded numbers.
    """

    name: str
    hint: str
    way: Callable[[Mistake, Case, Sequence[Share]], Found]
    changes: tuple[Change, ...] = ()
    factors: tuple[float, ...] = ()
    is_rounding: bool = False

    def answers(self, case: Case, shares: Sequence[Share]) -> Found:
        """What it leads to, from a case and the shares of its answer."""
        return self.way(self, case, shares)


MISTAKES: list[Mistake] = []

ADVICE = {
    "zero": "Look at the local derivative once more: how much does the result change there?",
    "sign": "Begin with the sign: which of the factors are negative?",
    "sum": "Each use of {x} contributes its upstream gradient times its local derivative; add these up.",
    "product": "It is the upstream gradient {upstream} times the local derivative of {operation}.",
    "size": "That is about its size. Give three significant digits.",
}
"""What to say where no mistake is recognised."""


# --- the ways in which an answer goes wrong ---------------------------------------------------------------


def some(mistake: Mistake, case: Case, shares: Sequence[Share]) -> Found:
    """Only some of the contributions: what ``=`` in the place of ``+=`` gives."""
    products = [share.product for share in shares]
    if len(products) > MOST_SUMS:
        parts = [products[:1], products[-1:]]
    else:
        parts = [[*part] for size in range(1, len(products)) for part in combinations(products, size)]
    for part in parts:
        yield added(part), shares[0]


def total(mistake: Mistake, case: Case, shares: Sequence[Share]) -> Found:
    """The whole gradient where one contribution was asked for."""
    if not case.whole and case.steps[0].before != 0:
        yield case.steps[0].after, shares[0]


def data(mistake: Mistake, case: Case, shares: Sequence[Share]) -> Found:
    """The number of the node itself."""
    yield shares[0].numbers.data(shares[0].step.input), shares[0]


def scaled(mistake: Mistake, case: Case, shares: Sequence[Share]) -> Found:
    """The right digits."""
    for factor in mistake.factors:
        yield factor * added([share.product for share in shares]), shares[0]


def changed(mistake: Mistake, case: Case, shares: Sequence[Share]) -> Found:
    """Contributions are changed: all of them where the change applies, then only one."""
    right = [share.product for share in shares]
    for change in mistake.changes:
        found = [attempt(change, share) for share in shares]
        places = [i for i, product in enumerate(found) if product is not None]
        if places:
            yield added([b if a is None else a for a, b in zip(found, right, strict=True)]), shares[places[0]]
        if 1 < len(right) <= MOST_SUMS:
            for i in places:
                yield added([*right[:i], found[i], *right[i + 1 :]]), shares[i]


def above(mistake: Mistake, case: Case, shares: Sequence[Share]) -> Found:
    """A step nearer to the result is changed, and the chain from there on is right."""
    if len(shares) <= MOST_SUMS:
        for i, share in enumerate(shares):
            rest = [other.product for other in (*shares[:i], *shares[i + 1 :])]
            for link, behind in share.links(MOST_LINKS):
                for change in mistake.changes:
                    product = attempt(change, link)
                    if product is not None:
                        yield added([*rest, product * behind]), link


def stopped(mistake: Mistake, case: Case, shares: Sequence[Share]) -> Found:
    """The gradient of a node between the result and the one that is asked for."""
    for share in shares[:MOST_SUMS]:
        for link, _ in share.links(MOST_LINKS):
            if link.step.node != share.graph.trace.root:
                yield link.upstream, link


def elsewhere(mistake: Mistake, case: Case, shares: Sequence[Share]) -> Found:
    """The gradient of another node that has a name."""
    graph, at = shares[0].graph, case.places[-1]
    others = [
        places[0]
        for id, places in graph.places.items()
        if id != shares[0].step.input and graph.trace.formula_of(id).name and shares[0].numbers.gradient(id) != 0
    ]
    for k in sorted(others, key=lambda k: (abs(k - at), k))[:MOST_OTHERS]:
        other = Share(graph, graph.trace.backward[k], shares[0].numbers)
        yield other.numbers.gradient(other.step.input), other


def attempt(change: Change, share: Share) -> Any:
    try:
        return change(share)
    except (AutogradError, ArithmeticError):
        return math.nan  # outside of some domain


def added(numbers: Sequence[Any]) -> Any:
    return reduce(operator.add, numbers)


# --- what is taken for a contribution ---------------------------------------------------------------------


def with_local(local: Change) -> Change:
    """The upstream gradient times another local derivative."""

    def change(share: Share) -> Any:
        other = local(share)
        return None if other is None else other * share.upstream

    return change


def upstream(share: Share) -> Any:
    return share.upstream


def local(share: Share) -> Any:
    return share.local


def without_factor(share: Share) -> Any:
    """Without the plain number in the local derivative: x for 2·x, the error for ½ of its square."""
    factor = abs(as_factors(share.graph.trace.formula(share.step, exact=False))[0])
    return share.local / factor if factor not in (0, 1) else None


def at_its_input(share: Share) -> Any:
    """σ(z)(1 - σ(z)) with z in the place of σ(z): the rule gets an input where it expects the output."""
    return share.rule(share.inputs, share.inputs[0]) if len(share.inputs) == 1 else None


def at_its_output(share: Share) -> Any:
    """The derivative at σ(z) and not at z: the rule gets the output where it expects the input."""
    return share.rule([share.output], share.forward([share.output])) if len(share.inputs) == 1 else None


def at_another_input(shift: int, share: Share) -> Any:
    """The local derivative of another input of the same operation."""
    count = len(share.inputs)
    return share.rule(share.inputs, share.output, (share.step.operand + shift) % count) if shift < count else None


def at_moved_weights(i: int, share: Share) -> Any:
    """Local derivatives at weights that have been moved already."""
    weights, rates = share.graph.weights, share.graph.rates
    if weights.isdisjoint(share.input_ids) or i >= len(rates):
        return None
    moved = [
        x - rates[i] * share.numbers.gradient(id) if id in weights else x
        for id, x in zip(share.input_ids, share.inputs, strict=True)
    ]
    return share.rule(moved, share.forward(moved))


def at_reversed(share: Share) -> Any:
    """The rule for y / x or y - x in the place of x / y or x - y."""
    turned = share.inputs[::-1]
    return share.rule(turned, share.forward(turned), 1 - share.step.operand) if len(turned) == 2 else None


def too_early(i: int, share: Share) -> Any:
    """Passing a gradient on before it is complete: what a wrong order gives."""
    places = share.graph.places.get(share.step.node, ())
    return share.local * share.numbers.product(places[i]) if i < len(places) in range(2, MOST_SUMS + 1) else None


# --- the mistakes -----------------------------------------------------------------------------------------


def mistake(
    name: str, hint: str, way: Callable[[Mistake, Case, Sequence[Share]], Found], *changes: Change,
    factors: tuple[float, ...] = (), is_rounding: bool = False,
) -> None:  # fmt: skip
    """Add a mistake to the list."""
    MISTAKES.append(Mistake(name, hint, way, changes, factors, is_rounding))


PUT_INPUT = (
    "The derivative of {operation} is written with the output of the operation. Have you put its input in there, "
    "{x}?"
)
PUT_OUTPUT = (
    "The derivative of {operation} is taken at its input {x}. Have you put its output in there, so that the "
    "operation was applied twice?"
)
PLAIN_NUMBER = (
    "Look at {operation} once more: a plain number, from an exponent or a factor, belongs to its derivative."
)
OLD_WEIGHTS = "Use the weights of the forward pass: they are updated only after all gradients are known."
AT_ITS_INPUT, WITHOUT_FACTOR, AT_ITS_OUTPUT = map(with_local, (at_its_input, without_factor, at_its_output))
AT_MOVED_WEIGHTS = tuple(with_local(partial(at_moved_weights, i)) for i in range(len(USUAL_RATES)))

mistake(
    "forgot_use",
    "{x} is used more than once, and each use contributes to its gradient. Have you added them all up?", some,
)  # fmt: skip
mistake("gave_total", "That is what {x}'s gradient amounts to afterwards. Asked was only what {z} adds.", total)
mistake("pre_activation", PUT_INPUT, changed, AT_ITS_INPUT)
mistake("forgot_factor", PLAIN_NUMBER, changed, WITHOUT_FACTOR)
mistake("applied_twice", PUT_OUTPUT, changed, AT_ITS_OUTPUT)
mistake("sign", "The size is right. Look at the signs: which of the factors are negative?", scaled, factors=(-1.0,))
mistake(
    "sign", "One contribution has the wrong sign. Look at the local derivative of each use.",
    changed, lambda share: -share.product,
)  # fmt: skip
mistake(
    "swapped",
    "That fits another input of {operation}. By which input do you differentiate? How much does the result change "
    "when only {x} changes?",
    changed, *(with_local(partial(at_another_input, shift)) for shift in range(1, MOST_SWAPPED)),
)  # fmt: skip
mistake(
    "only_local", "That is the local derivative alone. What arrives from above, {upstream}, is missing.",
    changed, local,
)  # fmt: skip
mistake(
    "only_upstream", "That is the upstream gradient alone. Multiply it by the local derivative of {operation}.",
    changed, upstream,
)  # fmt: skip
mistake(
    "gave_data",
    "That is the number that {x} has. Asked is its gradient: how fast {loss} changes when {x} changes.", data,
)  # fmt: skip
mistake(
    "data_as_upstream", "You seem to multiply by {z} itself; what belongs there is its gradient {upstream}.",
    changed, lambda share: share.local * share.output,
)  # fmt: skip
mistake(
    "incomplete_upstream",
    "{z} is used more than once, so its own gradient is a sum. It must be complete before it is passed on.",
    changed, *(partial(too_early, i) for i in range(MOST_SUMS)),
)  # fmt: skip
mistake("updated_weights", OLD_WEIGHTS, changed, *AT_MOVED_WEIGHTS)
mistake("reversed", "In {operation} the order matters. Which input comes first?", changed, with_local(at_reversed))
# And what goes wrong along a whole chain.
mistake(
    "stopped",
    "That is {upstream}: the walk has come to {z}, and is not at its end. Each step from there on multiplies by a "
    "local derivative; the next is that of {operation}.",
    stopped,
)  # fmt: skip
mistake("elsewhere", "That is the gradient of {x}. Which way leads to the node that is asked for?", elsewhere)
mistake("pre_activation", PUT_INPUT, above, AT_ITS_INPUT)
mistake("applied_twice", PUT_OUTPUT, above, AT_ITS_OUTPUT)
mistake(
    "left_out",
    "From {z} to {x} the chain has a factor too, the local derivative of {operation}. Is it in your product?",
    above, upstream,
)  # fmt: skip
mistake(
    "left_out", "What arrives at {z} from above, {upstream}, belongs to the product. Is it in yours?", above, local
)
mistake("forgot_factor", PLAIN_NUMBER, above, WITHOUT_FACTOR)
mistake("updated_weights", OLD_WEIGHTS, above, *AT_MOVED_WEIGHTS)
MULTIPLY = "The chain rule multiplies: upstream gradient times local derivative."
mistake("added", MULTIPLY, changed, lambda share: share.upstream + share.local)
mistake("divided", MULTIPLY, changed, lambda share: share.upstream / share.local)
mistake(
    "factor_two", "You are off by a factor of two. Has a 2 or a ½ been lost, or counted twice?",
    scaled, factors=(2.0, 0.5),
)  # fmt: skip
mistake(
    "decimal_point", "The digits are right. Look at the decimal point.", scaled, factors=(10.0, 0.1, 100.0, 0.01)
)
# Products of numbers that were rounded first, as books print them.
mistake(
    "rounded", "It looks as if rounded numbers were multiplied. Keep all digits, and round only the result.",
    changed, lambda share: share.upstream * share.local, with_local(lambda s: s.rule(s.inputs, s.output)),
    is_rounding=True,
)  # fmt: skip
