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
from functools import reduce
from itertools import combinations
from typing import Any

from autograd.errors import AutogradError
from autograd.symbols.formulas import as_factors
from viz.exercises.cases import Case, Share

MOST_SUMS = 8
"""Of a node with more uses than this, not every single use is tried for a mistake, only all at once."""

Found = Iterator[tuple[Any, Share]]
"""Wrong answers, each with the share that its hint speaks of."""

Answers = Callable[[Case, Sequence[Share]], Found]
Change = Callable[[Share], Any]
"""What somebody takes for upstream × local; None where the mistake cannot be made."""


@dataclass(frozen=True)
class Mistake:
    """A common mistake.

    Attributes:
        name: a word for it, like "sign".
        hint: what to say to somebody who gave such an answer: a push, not the solution.
        answers: what it leads to, from a case and the shares of its answer.
        is_rounding: True if it is tried with rounded numbers.
    """

    name: str
    hint: str
    answers: Answers
    is_rounding: bool = False


MISTAKES: list[Mistake] = []

ADVICE = {
    "zero": "Look at the local derivative once more: how much does the result change there?",
    "sign": "Begin with the sign: which of the factors are negative?",
    "sum": "Each use of {x} contributes its upstream gradient times its local derivative; add these up.",
    "product": "It is the upstream gradient {upstream} times the local derivative of {operation}.",
    "size": "That is about its size. Give three significant digits.",
}
"""What to say where no mistake is recognised."""


def mistake(name: str, hint: str) -> Callable[[Answers], Answers]:
    """Add a mistake to the list, and how its answers are found."""

    def add(answers: Answers) -> Answers:
        MISTAKES.append(Mistake(name, hint, answers))
        return answers

    return add


def changed(name: str, hint: str, change: Change, is_rounding: bool = False) -> None:
    """Add a mistake that is made in one contribution, or in all of them."""
    MISTAKES.append(Mistake(name, hint, lambda case, shares: sums(shares, change), is_rounding))


def scaled(name: str, hint: str, *factors: float) -> None:
    """Add a mistake that leaves the right digits."""

    def answers(case: Case, shares: Sequence[Share]) -> Found:
        for factor in factors:
            yield factor * added([share.product for share in shares]), shares[0]

    MISTAKES.append(Mistake(name, hint, answers))


def sums(shares: Sequence[Share], change: Change) -> Found:
    """The answer if the contributions are changed: all of them where the change applies, then only one."""
    found = [attempt(change, share) for share in shares]
    places = [i for i, product in enumerate(found) if product is not None]
    if not places:
        return
    right = [share.product for share in shares]
    first = shares[places[0]]
    yield added([b if a is None else a for a, b in zip(found, right, strict=True)]), first
    if 1 < len(right) <= MOST_SUMS:
        for i in places:
            yield added([*right[:i], found[i], *right[i + 1 :]]), first


def attempt(change: Change, share: Share) -> Any:
    try:
        return change(share)
    except (AutogradError, ArithmeticError):
        return math.nan  # outside of some domain


def added(numbers: Sequence[Any]) -> Any:
    return reduce(operator.add, numbers)


def with_local(local: Change) -> Change:
    """The upstream gradient times another local derivative."""

    def change(share: Share) -> Any:
        other = local(share)
        return None if other is None else other * share.upstream

    return change


# --- the mistakes -----------------------------------------------------------------------------------------


@mistake(
    "forgot_use",
    "{x} is used more than once, and each use contributes to its gradient. Have you added them all up?",
)
def forgot_a_use(case: Case, shares: Sequence[Share]) -> Found:
    """Only some of the contributions: what ``=`` in the place of ``+=`` gives."""
    products = [share.product for share in shares]
    if len(products) > MOST_SUMS:
        parts = [products[:1], products[-1:]]
    else:
        parts = [[*part] for size in range(1, len(products)) for part in combinations(products, size)]
    for part in parts:
        yield added(part), shares[0]


@mistake("gave_total", "That is what {x}'s gradient amounts to afterwards. Asked was only what {z} adds.")
def gave_the_total(case: Case, shares: Sequence[Share]) -> Found:
    if not case.whole and case.steps[0].before != 0:
        yield case.steps[0].after, shares[0]


# σ(z)(1 - σ(z)) with z in the place of σ(z): the rule gets an input where it expects the output.
changed(
    "pre_activation",
    "The derivative of {operation} is written with the output of the operation. Have you put its input in there, "
    "{x}?",
    with_local(lambda s: s.rule(s.inputs, s.inputs[0]) if len(s.inputs) == 1 else None),
)


def without_factor(share: Share) -> Any:
    """Without the plain number in the local derivative: x for 2·x, the error for ½ of its square."""
    factor = abs(as_factors(share.graph.trace.formula(share.step))[0])
    return share.local / factor if factor not in (0, 1) else None


changed(
    "forgot_factor",
    "Look at {operation} once more: a plain number, from an exponent or a factor, belongs to its derivative.",
    with_local(without_factor),
)
# The derivative at σ(z) and not at z: the rule gets the output where it expects the input.
changed(
    "applied_twice",
    "The derivative of {operation} is taken at its input {x}. Have you put its output in there, so that the "
    "operation was applied twice?",
    with_local(lambda s: s.rule([s.output], s.forward([s.output])) if len(s.inputs) == 1 else None),
)


scaled("sign", "The size is right. Look at the signs: which of the factors are negative?", -1.0)
changed(
    "sign", "One contribution has the wrong sign. Look at the local derivative of each use.",
    lambda share: -share.product,
)  # fmt: skip


@mistake(
    "swapped",
    "That fits another input of {operation}. By which input do you differentiate? How much does the result change "
    "when only {x} changes?",
)
def swapped_inputs(case: Case, shares: Sequence[Share]) -> Found:
    """The local derivative of another input of the same operation."""
    most = max(len(share.inputs) for share in shares)
    for shift in range(1, min(most, 12)):

        def local(share: Share, shift: int = shift) -> Any:
            count = len(share.inputs)
            other = (share.step.operand + shift) % count
            return share.rule(share.inputs, share.output, other) if count > 1 else None

        yield from sums(shares, with_local(local))


changed(
    "only_local", "That is the local derivative alone. What arrives from above, {upstream}, is missing.",
    lambda share: share.local,
)  # fmt: skip
changed(
    "only_upstream", "That is the upstream gradient alone. Multiply it by the local derivative of {operation}.",
    lambda share: share.upstream,
)  # fmt: skip


@mistake(
    "gave_data",
    "That is the number that {x} has. Asked is its gradient: how fast {loss} changes when {x} changes.",
)
def gave_the_data(case: Case, shares: Sequence[Share]) -> Found:
    yield shares[0].numbers.data(shares[0].step.input), shares[0]


changed(
    "data_as_upstream",
    "You seem to multiply by {z} itself; what belongs there is its gradient {upstream}.",
    lambda share: share.local * share.output,
)


@mistake(
    "incomplete_upstream",
    "{z} is used more than once, so its own gradient is a sum. It must be complete before it is passed on.",
)
def incomplete_upstream(case: Case, shares: Sequence[Share]) -> Found:
    """Passing a gradient on before it is complete: what a wrong order gives."""
    products = [share.product for share in shares]
    for i, share in enumerate(shares):
        if 1 < len(places := case.graph.places.get(share.step.node, ())) <= MOST_SUMS:
            for k in places:
                part = share.local * share.numbers.product(k)
                yield added([*products[:i], part, *products[i + 1 :]]), share


@mistake(
    "updated_weights", "Use the weights of the forward pass: they are updated only after all gradients are known."
)
def updated_weights(case: Case, shares: Sequence[Share]) -> Found:
    """Local derivatives at weights that have been moved already."""
    weights = case.graph.weights
    for rate in case.graph.rates:

        def local(share: Share, rate: float = rate) -> Any:
            if weights.isdisjoint(share.input_ids):
                return None
            moved = [
                x - rate * share.numbers.gradient(id) if id in weights else x
                for id, x in zip(share.input_ids, share.inputs, strict=True)
            ]
            return share.rule(moved, share.forward(moved))

        yield from sums(shares, with_local(local))


def at_reversed(share: Share) -> Any:
    """The rule for y / x or y - x in the place of x / y or x - y."""
    turned = share.inputs[::-1]
    return share.rule(turned, share.forward(turned), 1 - share.step.operand) if len(turned) == 2 else None


MULTIPLY = "The chain rule multiplies: upstream gradient times local derivative."
changed("reversed", "In {operation} the order matters. Which input comes first?", with_local(at_reversed))
changed("added", MULTIPLY, lambda share: share.upstream + share.local)
changed("divided", MULTIPLY, lambda share: share.upstream / share.local)
scaled("factor_two", "You are off by a factor of two. Has a 2 or a ½ been lost, or counted twice?", 2.0, 0.5)
scaled("decimal_point", "The digits are right. Look at the decimal point.", 10.0, 0.1, 100.0, 0.01)

ROUNDED = "It looks as if rounded numbers were multiplied. Keep all digits, and round only the result."
# Products of numbers that were rounded first, as books print them.
changed("rounded", ROUNDED, lambda share: share.upstream * share.local, is_rounding=True)
changed("rounded", ROUNDED, with_local(lambda s: s.rule(s.inputs, s.output)), is_rounding=True)
