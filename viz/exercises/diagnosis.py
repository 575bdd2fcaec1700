"""What a teacher says to an answer: right, nearly, or which mistake gives this number (quiz.js does the same).

>>> from autograd import Value, topological_order, trace
>>> from viz.exercises.cases import Graph
>>> z = Value(2.0, "z")
>>> L = z.sigmoid()
>>> case = Case(Graph(trace(L), L), (0,))
>>> round(case.answer, 4)
0.105
>>> for wrong in wrong_answers(case)[:3]:
...     print(f"{wrong.name} {wrong.value:.4f}")
pre_activation -2.0000
applied_twice 0.2072
sign -0.1050
>>> diagnose(case, -0.105, 3).advice
'The size is right. Look at the signs: which of the factors are negative?'
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Literal

from autograd.core.numbers import in_decimal, round_on_paper
from viz.exercises.cases import Case, Numbers, Share
from viz.exercises.mistakes import ADVICE, MISTAKES, Mistake

ROUNDINGS = (
    ("digits", 3),
    ("decimals", 3),
    ("digits", 2),
    ("decimals", 2),
    ("decimals", 1),
    ("digits", 4),
    ("decimals", 4),
)
"""How somebody may have rounded before multiplying."""

CLOSE = 0.01
"""What is right to two digits only, though more were typed, and comes from no rounding, is off by no more."""


@dataclass(frozen=True)
class WrongAnswer:
    """A number that a mistake gives, and the contribution that its hint speaks of."""

    mistake: Mistake
    value: Any
    share: Share

    @property
    def name(self) -> str:
        return self.mistake.name

    @property
    def hint(self) -> str:
        return self.mistake.hint.format(**self.share.words)


@dataclass(frozen=True)
class Diagnosis:
    """What is to be said to an answer.

    Attributes:
        verdict: "right" to three digits, "nearly" to two, "size" if only its first digit was given, or "wrong".
        name: the mistake that was recognised, or "".
        advice: a hint; "" for what is right.
    """

    verdict: Literal["right", "nearly", "size", "wrong"]
    name: str = ""
    advice: str = ""


def agrees(given: float, exact: float, digits: int) -> bool:
    """True if a number is right to so many significant digits: within half a unit of the last one.

    >>> agrees(0.0215, 0.0214695, 3), agrees(0.0214, 0.0214695, 3), agrees(0.0214, 0.0214695, 2)
    (True, False, True)
    """
    if exact == 0 or not math.isfinite(exact):
        return given == exact
    unit = 10.0 ** (math.floor(math.log10(abs(exact))) - digits + 1)
    return abs(given - exact) <= 0.5 * unit * (1 + 1e-9)


def is_zero(case: Case) -> bool:
    """True if the answer is 0, or would be if floats were exact."""
    return abs(case.answer) <= 1e-13 * max(abs(step.product) for step in case.steps)


def diagnose(case: Case, given: float, digits: int) -> Diagnosis:
    """Judge a number that was typed with so many significant digits."""
    exact, zero = case.answer, is_zero(case)
    if abs(given) <= 1e-9 if zero else agrees(given, exact, 3):
        return Diagnosis("right")
    found = find(given, digits, wrong_answers(case))
    is_rounding = found is not None and found.mistake.is_rounding
    is_near = not zero and agrees(given, exact, 2)
    is_certain = found is not None and not is_rounding and agrees(given, found.value, 3)
    if digits == 1 and not zero and not is_near and not is_certain and agrees(given, exact, 1):
        return Diagnosis("size", "few_digits", ADVICE["size"])
    is_close = abs(given - exact) <= CLOSE * abs(exact)
    if is_near and not is_rounding and (digits <= 2 or (found is None and is_close)):
        return Diagnosis("nearly")
    if found is not None:
        return Diagnosis("nearly" if is_near and is_rounding else "wrong", found.name, found.hint)
    kind = "zero" if zero else "sign" if given * exact < 0 else "sum" if len(case.steps) > 1 else "product"
    return Diagnosis("wrong", "", ADVICE[kind].format(**case.shares()[0].words))


def find(given: float, digits: int, wrong: Sequence[WrongAnswer]) -> WrongAnswer | None:
    """The likeliest mistake that gives this number."""
    for precision in (3, 2) if digits <= 2 else (3,):
        for answer in wrong:
            if not answer.mistake.is_rounding and (
                agrees(given, answer.value, precision) or (answer.value == 0 and abs(given) < 1e-9)
            ):
                return answer
    # What was computed with rounded numbers is compared with all the digits that were typed.
    rounded = (answer for answer in wrong if answer.mistake.is_rounding)
    return next((answer for answer in rounded if agrees(given, answer.value, max(digits, 2))), None)


def wrong_answers(case: Case) -> list[WrongAnswer]:
    """What common mistakes lead to here, the likeliest first; none of them happens to be right."""
    found: dict[float, WrongAnswer] = {}
    exact = case.graph.numbers
    for numbers, is_rounding in ((exact, False), *((exact.rounded(cut(*how)), True) for how in ROUNDINGS)):
        for answer in answers_from(case, numbers, is_rounding):
            if math.isfinite(answer.value) and not agrees(answer.value, case.answer, 6):
                found.setdefault(answer.value, answer)
    return list(found.values())


def answers_from(case: Case, numbers: Numbers, is_rounding: bool) -> Iterator[WrongAnswer]:
    """Everything that mistakes of one kind give with these numbers."""
    shares = case.shares(numbers)
    for mistake in MISTAKES:
        if mistake.is_rounding == is_rounding:
            for value, share in mistake.answers(case, shares):
                yield WrongAnswer(mistake, value, share)


def cut(kind: str, count: int) -> Callable[[float], float]:
    """Round to so many digits or decimals as on paper: the decimal that a number stands for, halves away from zero.

    >>> cut("digits", 3)(0.4985), cut("decimals", 1)(-0.25), cut("decimals", 1)(1e300)
    (0.499, -0.3, 1e+300)
    """
    last = Decimal(1).scaleb(-count)

    def shorter(x: float) -> float:
        if kind == "digits" or not math.isfinite(x):
            return round_on_paper(x, count)
        return float(in_decimal(x, count).quantize(last, context=Context(prec=400, rounding=ROUND_HALF_UP)))

    return shorter
