"""The mistakes that learners make with the chain rule, the likeliest first: a name, a hint, and what it gives.

No derivative is written here: a mistake runs an operation's own rule on mistaken numbers, or leaves out one
part of upstream × local.  The numbers are floats; or tracers, and the mistakes become the program of a page.
In a hint {x} is the input whose gradient is asked for, {z} the node that passes its own on, {operation} how that is
computed and {upstream} its gradient, and {loss} the result.

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


def without_factor(share: Share) -> Any:
    """Without the plain number in the local derivative: x for 2·x, the error for ½ of its square."""
    factor = abs(as_factors(share.graph.trace.formula(share.step))[0])
    return share.local / factor if factor not in (0, 1) else None


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


mistake(
    "forgot_use",
    "{x} is used more than once, and each use contributes to its gradient. Have you added them all up?", some,
)  # fmt: skip
mistake("gave_total", "That is what {x}'s gradient amounts to afterwards. Asked was only what {z} adds.", total)
# σ(z)(1 - σ(z)) with z in the place of σ(z): the rule gets an input where it expects the output.
mistake(
    "pre_activation",
    "The derivative of {operation} is written with the output of the operation. Have you put its input in there, "
    "{x}?",
    changed, with_local(lambda s: s.rule(s.inputs, s.inputs[0]) if len(s.inputs) == 1 else None),
)  # fmt: skip
mistake(
    "forgot_factor",
    "Look at {operation} once more: a plain number, from an exponent or a factor, belongs to its derivative.",
    changed, with_local(without_factor),
)  # fmt: skip
# The derivative at σ(z) and not at z: the rule gets the output where it expects the input.
mistake(
    "applied_twice",
    "The derivative of {operation} is taken at its input {x}. Have you put its output in there, so that the "
    "operation was applied twice?",
    changed, with_local(lambda s: s.rule([s.output], s.forward([s.output])) if len(s.inputs) == 1 else None),
)  # fmt: skip
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
    changed, lambda share: share.local,
)  # fmt: skip
mistake(
    "only_upstream", "That is the upstream gradient alone. Multiply it by the local derivative of {operation}.",
    changed, lambda share: share.upstream,
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
mistake(
    "updated_weights", "Use the weights of the forward pass: they are updated only after all gradients are known.",
    changed, *(with_local(partial(at_moved_weights, i)) for i in range(len(USUAL_RATES))),
)  # fmt: skip
mistake("reversed", "In {operation} the order matters. Which input comes first?", changed, with_local(at_reversed))
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
