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

__all__ = ["ADVICE", "MISTAKES", "Mistake"]

MOST_SUMS = 8
"""Of a node with more uses than this, not every single use is tried for a mistake, only all at once."""

Found = Iterator[tuple[Any, Share]]
"""Wrong answers, each with the share that its hint speaks of."""


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
    answers: Callable[[Case, Sequence[Share]], Found]
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

Answers = Callable[[Case, Sequence[Share]], Found]


def mistake(name: str, hint: str, is_rounding: bool = False) -> Callable[[Answers], Answers]:
    """Add a mistake to the list."""

    def add(answers: Answers) -> Answers:
        MISTAKES.append(Mistake(name, hint, answers, is_rounding))
        return answers

    return add


# --- one mistake in the place of one factor ---------------------------------------------------------------

Change = Callable[[Share], Any]
"""What somebody takes for upstream × local; None where the mistake cannot be made."""


def sums(shares: Sequence[Share], change: Change) -> Found:
    """The answer if the contributions are changed: all of them where the change applies, then only one."""
    changed = [attempt(change, share) for share in shares]
    places = [i for i, product in enumerate(changed) if product is not None]
    if not places:
        return
    right = [share.product for share in shares]
    first = shares[places[0]]
    yield added([b if a is None else a for a, b in zip(changed, right, strict=True)]), first
    if 1 < len(right) <= MOST_SUMS:
        for i in places:
            yield added([*right[:i], changed[i], *right[i + 1 :]]), first


def attempt(change: Change, share: Share) -> Any:
    try:
        return change(share)
    except (AutogradError, ArithmeticError):
        return math.nan  # outside of some domain


def added(numbers: Sequence[Any]) -> Any:
    return reduce(operator.add, numbers)


def with_local(shares: Sequence[Share], local: Change) -> Found:
    """The answer with another local derivative."""

    def change(share: Share) -> Any:
        other = local(share)
        return None if other is None else other * share.upstream

    return sums(shares, change)


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


@mistake(
    "pre_activation",
    "The derivative of {operation} is written with the output of the operation. Have you put its input in there, "
    "{x}?",
)
def pre_activation(case: Case, shares: Sequence[Share]) -> Found:
    """σ(z)(1 - σ(z)) with z in the place of σ(z): the rule gets an input where it expects the output."""
    return with_local(shares, lambda s: s.rule(s.inputs, s.inputs[0]) if len(s.input_ids) == 1 else None)


@mistake(
    "forgot_factor",
    "Look at {operation} once more: a plain number, from an exponent or a factor, belongs to its derivative.",
)
def forgot_a_factor(case: Case, shares: Sequence[Share]) -> Found:
    """Without the plain number in the local derivative: x for 2·x, the error for ½ of its square."""

    def local(share: Share) -> Any:
        factor = abs(as_factors(share.formula)[0])
        return share.local / factor if factor not in (0, 1) else None

    return with_local(shares, local)


@mistake(
    "applied_twice",
    "The derivative of {operation} is taken at its input {x}. Have you put its output in there, "
    "so that the operation was applied twice?",
)
def applied_twice(case: Case, shares: Sequence[Share]) -> Found:
    """The derivative at σ(z) and not at z: the rule gets the output where it expects the input."""
    return with_local(
        shares, lambda s: s.rule([s.output], s.forward([s.output])) if len(s.input_ids) == 1 else None
    )


@mistake("sign", "The size is right. Look at the signs: which of the factors are negative?")
def wrong_sign(case: Case, shares: Sequence[Share]) -> Found:
    yield -added([share.product for share in shares]), shares[0]


@mistake("sign", "One contribution has the wrong sign. Look at the local derivative of each use.")
def wrong_sign_of_one(case: Case, shares: Sequence[Share]) -> Found:
    if len(shares) > 1:
        yield from sums(shares, lambda share: -share.product)


@mistake(
    "swapped",
    "That fits another input of {operation}. By which input do you differentiate? "
    "How much does the result change when only {x} changes?",
)
def swapped_inputs(case: Case, shares: Sequence[Share]) -> Found:
    """The local derivative of another input of the same operation."""
    most = max(len(share.input_ids) for share in shares)
    for shift in range(1, min(most, 12)):

        def local(share: Share, shift: int = shift) -> Any:
            count = len(share.input_ids)
            other = (share.step.operand + shift) % count
            return share.rule(share.inputs, share.output, other) if count > 1 else None

        yield from with_local(shares, local)


@mistake("only_local", "That is the local derivative alone. What arrives from above, {upstream}, is missing.")
def only_local(case: Case, shares: Sequence[Share]) -> Found:
    return sums(shares, lambda share: share.local)


@mistake(
    "only_upstream", "That is the upstream gradient alone. Multiply it by the local derivative of {operation}."
)
def only_upstream(case: Case, shares: Sequence[Share]) -> Found:
    return sums(shares, lambda share: share.upstream)


@mistake(
    "gave_data", "That is the number that {x} has. Asked is its gradient: how fast {loss} changes when {x} changes."
)
def gave_the_data(case: Case, shares: Sequence[Share]) -> Found:
    yield shares[0].numbers.data(shares[0].step.input), shares[0]


@mistake("data_as_upstream", "You seem to multiply by {z} itself; what belongs there is its gradient {upstream}.")
def data_as_upstream(case: Case, shares: Sequence[Share]) -> Found:
    return sums(shares, lambda share: share.local * share.output)


@mistake(
    "incomplete_upstream",
    "{z} is used more than once, so its own gradient is a sum. It must be complete before it is passed on.",
)
def incomplete_upstream(case: Case, shares: Sequence[Share]) -> Found:
    """Passing a gradient on before it is complete: what a wrong order gives."""
    products = [share.product for share in shares]
    for i, share in enumerate(shares):
        if 1 < case.graph.uses[share.step.node] <= MOST_SUMS:
            for k in case.graph.places[share.step.node]:
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

        yield from with_local(shares, local)


@mistake("reversed", "In {operation} the order matters. Which input comes first?")
def reversed_operation(case: Case, shares: Sequence[Share]) -> Found:
    """The rule for y / x or y - x in the place of x / y or x - y."""

    def local(share: Share) -> Any:
        turned = share.inputs[::-1]
        return share.rule(turned, share.forward(turned), 1 - share.step.operand) if len(turned) == 2 else None

    return with_local(shares, local)


@mistake("added", "The chain rule multiplies: upstream gradient times local derivative.")
def added_factors(case: Case, shares: Sequence[Share]) -> Found:
    return sums(shares, lambda share: share.upstream + share.local)


@mistake("divided", "The chain rule multiplies: upstream gradient times local derivative.")
def divided_factors(case: Case, shares: Sequence[Share]) -> Found:
    return sums(shares, lambda share: share.upstream / share.local)


@mistake("factor_two", "You are off by a factor of two. Has a 2 or a ½ been lost, or counted twice?")
def factor_of_two(case: Case, shares: Sequence[Share]) -> Found:
    answer = added([share.product for share in shares])
    yield 2 * answer, shares[0]
    yield 0.5 * answer, shares[0]


@mistake("decimal_point", "The digits are right. Look at the decimal point.")
def wrong_power_of_ten(case: Case, shares: Sequence[Share]) -> Found:
    answer = added([share.product for share in shares])
    for power in (10.0, 0.1, 100.0, 0.01):
        yield power * answer, shares[0]


ROUNDED = "It looks as if rounded numbers were multiplied. Keep all digits, and round only the result."


@mistake("rounded", ROUNDED, is_rounding=True)
def rounded_factors(case: Case, shares: Sequence[Share]) -> Found:
    """Products of numbers that were rounded first, as books print them."""
    return sums(shares, lambda share: share.upstream * share.local)


@mistake("rounded", ROUNDED, is_rounding=True)
def rounded_inputs(case: Case, shares: Sequence[Share]) -> Found:
    return with_local(shares, lambda share: share.rule(share.inputs, share.output))
