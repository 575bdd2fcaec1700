"""Judge an answer to an author's exercise, a number, several, or a choice: what kind of mistake was it?

>>> judge_numbers([read_number("8.33")], (83.3,), {(8.33,): "A ratio divides by h."}).message
'Not yet. A ratio divides by h.'
>>> judge_numbers([read_number("-83.3")], (83.3,), {}).diagnosis
'sign'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograd import Value
from autograd.core.numbers import write_number
from autograd.core.operand import exact, is_finite, is_real
from autograd.errors import text_of
from viz.drawing.style import plural, printable, shorten
from viz.exercises.answers import Reading, read_number
from viz.exercises.diagnosis import agrees
from viz.exercises.mistakes import ADVICE, MISTAKES
from viz.exercises.questions import Question, Verdict
from viz.formulas.expression import did_you_mean
from viz.formulas.parser import function_names

Numbers = tuple[float, ...]

DIGITS = 3
"""So many significant digits of a measured number are asked for; two are taken, with a note."""

HINTS = {mistake.name: mistake.hint for mistake in reversed(MISTAKES)}

KINDS: tuple[tuple[str, str, Callable[[float], Sequence[float]]], ...] = (
    ("sign", HINTS["sign"], lambda x: [-x]),
    ("factor_two", HINTS["factor_two"], lambda x: [2 * x, x / 2]),
    ("decimal_point", HINTS["decimal_point"], lambda x: [x * 10.0**n for n in range(-6, 7) if n]),
    ("reciprocal", "That is 1 divided by what was asked for. What is to be divided by what?", lambda x: [1 / x]),
)
"""What may have gone wrong with any number but 0, the likeliest first: a name, what to say, what it gives."""

ROUNDED = "The first two digits are right. Keep all digits while you calculate, and round only the result."
EXACTLY = "That is near, but each one counts here: give the whole number exactly."
GENERAL = "Read the question once more: what is asked for, and from which numbers is it made?"


def is_number(x: Any) -> bool:
    """True for a finite number, also one of NumPy's, that is neither True nor False."""
    return is_real(x) and not isinstance(exact(x), bool) and is_finite(x)


def meets(given: float, wanted: float, digits: int = DIGITS) -> bool:
    """True if a number is the wanted one: a whole number exactly, any other to so many significant digits.

    >>> meets(4001, 4000), meets(0.2801, 0.28), meets(0.1 + 0.2 - 0.3, 0)
    (False, True, True)
    """
    if isinstance(wanted, int) or not wanted:
        return abs(given - wanted) <= 1e-9 + 1e-13 * abs(wanted)
    return agrees(given, wanted, digits)


def all_meet(given: Sequence[float], wanted: Sequence[float], digits: int = DIGITS) -> bool:
    return all(meets(x, y, digits) for x, y in zip(given, wanted, strict=True))


def written(answer: str | Numbers) -> str:
    """An answer as it is shown.

    >>> written((-19.6,)), written((2, 3, 7)), written("up")
    ('−19.6', '(2, 3, 7)', 'up')
    """
    if isinstance(answer, str):
        return answer
    texts = [write_number(x, 6) for x in answer]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def gives_away(text: str, answer: Numbers) -> bool:
    """True if a text has the answer in it; one of a single digit may stand there for something else.

    >>> gives_away("Is it 83.3?", (83.3,)), gives_away("Divide by h.", (83.3,)), gives_away("3 of them", (3,))
    (True, False, False)
    """
    found = [read_number(numeral).number or 0.0 for numeral in re.findall(r"\d*\.?\d+(?:·10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?", text)]
    if len(answer) == 1 and len(re.sub(r"·10.*|[^\d]", "", written(answer)).strip("0")) < 2:
        return False
    return all(any(meets(x, abs(wanted)) for x in found) for wanted in answer)


# --- reading ----------------------------------------------------------------------------------------------


def parts_of(given: Any, count: int) -> list[Any]:
    """The numbers that were given, not read yet: of a list, a tuple, an array, or a text like "(1, 2, 3)"."""
    if isinstance(given, str) and count > 1:
        text = given.strip().strip("()[]")
        return text.split(";" if ";" in text else ",")
    if getattr(given, "ndim", 1) == 0:
        return [given.item()]
    return [*given] if isinstance(given, Iterable) and not isinstance(given, (str, Mapping)) else [given]


def read_numbers(given: Any, count: int) -> list[Reading] | str:
    """So many numbers; or what to say if they cannot be read."""
    parts = parts_of(given, count)
    if len(parts) != count:
        wanted = "One number is" if count == 1 else f"{plural(count, 'number')} are"
        return f"{wanted} asked for, and {text_of(given)} has {len(parts)}."
    readings = [read_with_unit(exact(part.data if isinstance(part, Value) else part)) for part in parts]
    unread = [reading.note for reading in readings if reading.number is None]
    return unread[0] if unread else readings


def read_with_unit(given: Any) -> Reading:
    """A number, also with a word or % behind it, which is left out and said.

    >>> read_with_unit("30 updates")
    Reading(number=30.0, note='I read 30 updates as 30.', digits=2)
    >>> read_with_unit("89 %").number, read_with_unit("two").number
    (0.89, None)
    """
    reading = read_number(given)
    found = re.fullmatch(r"\s*(.*\d)\s*(%|[^\W\d_]{3,})[\s.!]*", given) if isinstance(given, str) else None
    if reading.number is not None or found is None or found[2] in function_names():
        return reading
    inner = read_number(found[1])
    if inner.number is None:
        return reading
    number = inner.number / 100 if found[2] == "%" else inner.number
    return replace(inner, number=number, note=f"I read {printable(given.strip())} as {write_number(number, 15)}.")


def read_choice(given: Any, choices: Sequence[str]) -> str | None:
    """The choice that is meant, upper case or lower, with blanks or without; None if it is none of them.

    >>> read_choice(" UP. ", ["up", "down"]), read_choice("a·b", ["a + b", "a * b"]), read_choice("left", ["up"])
    ('up', 'a * b', None)
    """
    meant = squeezed(given)
    return next((choice for choice in choices if squeezed(choice) == meant), None)


def squeezed(choice: Any) -> str:
    return plain(choice).replace(" ", "").replace("·", "*")


def plain(choice: Any) -> str:
    return " ".join(str(choice).casefold().replace("−", "-").strip(" .!\t\n").split())


# --- judging ----------------------------------------------------------------------------------------------


def judge_choice(given: Any, answer: str, choices: Sequence[str], mistakes: Mapping[str, str]) -> Verdict:
    """What to say to a choice.

    >>> judge_choice("dwn", "up", ["up", "down"], {})
    'dwn' is not one of "up", "down"; did you mean 'down'?
    """
    found = read_choice(given, choices)
    if found is None:
        text = shorten(printable(given)) if isinstance(given, str) else text_of(given)
        meant = did_you_mean(plain(given), choices) if isinstance(given, str) else ""
        return Verdict(False, f"'{text}' is not one of {listed(choices)}{meant or '.'}", counts=False)
    if found == answer:
        return Verdict(True, f"Right: {answer}.")
    return Verdict(False, f"Not yet. {mistakes.get(found, GENERAL)}", "written" if found in mistakes else "")


def listed(choices: Sequence[str]) -> str:
    return ", ".join(f'"{choice}"' for choice in choices)


def judge_numbers(
    readings: Sequence[Reading], answer: Numbers, mistakes: Mapping[Numbers, str], question: Question | None = None
) -> Verdict:
    """What to say to numbers: the author's words, else those of a quiz about the gradient, else of any number."""
    given = [reading.number or 0.0 for reading in readings]
    digits = max(reading.digits for reading in readings)
    notes = " ".join(f"({reading.note})" for reading in readings if reading.note)
    verdict = judged(given, digits, answer, mistakes)
    if question is not None and not verdict.right and verdict.diagnosis != "written":
        other = question.check(given[0] if digits > 2 else write_number(given[0], digits))
        if other.diagnosis and not other.right:
            verdict = other
    number = given[0] if len(given) == 1 else None
    return replace(verdict, message=f"{verdict.message} {notes}".rstrip(), number=number)


def judged(given: Sequence[float], digits: int, answer: Numbers, mistakes: Mapping[Numbers, str]) -> Verdict:
    if all_meet(given, answer):
        return Verdict(True, f"Right: {written(answer)}.")
    few = digits <= 2
    is_near = all_meet(given, answer, 2)
    for precision in (3, 2) if few and not is_near else (3,):
        for wrong, text in mistakes.items():
            if all_meet(given, wrong, precision):
                return Verdict(False, f"Not yet. {text}", "written")
    if is_near and few:
        return Verdict(True, f"Right to two digits: it is {written(answer)}.")
    if is_near:
        return Verdict(False, f"Not yet. {ROUNDED}", "rounded")
    if digits == 1 and all_meet(given, answer, 1):
        return Verdict(False, ADVICE["size"], "few_digits", counts=False)
    name, text = kind_of(given, answer)
    return Verdict(False, f"Not yet. {text}", name)


def kind_of(given: Sequence[float], answer: Numbers) -> tuple[str, str]:
    """The name of a mistake that can happen with any numbers, and what to say.

    >>> kind_of([0.012], (83.3,))[0], kind_of([3, 2], (2, 3))[0], kind_of([5, 6], (5, 7))
    ('reciprocal', 'order', ('', 'Right so far: the first. Look at the others.'))
    """
    if len(answer) == 1 and isinstance(answer[0], int) and agrees(given[0], answer[0] or 1, 2):
        return "whole", EXACTLY
    if all(answer):
        ways = [(name, text, [way(x) for x in answer]) for name, text, way in KINDS]
        for name, text, wrong in ways:
            if any(all_agree(given, numbers) for numbers in zip(*wrong, strict=True)):
                return name, text
    if len(answer) > 1:
        if all_meet(sorted(given), sorted(answer)):
            return "order", "These are the numbers, but not in this order."
        places = [PLACES[i] for i, (x, y) in enumerate(zip(given, answer, strict=True)) if meets(x, y)]
        if places:
            return "", f"Right so far: the {' and the '.join(places)}. Look at the others."
    return "", GENERAL


PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def all_agree(given: Sequence[float], wrong: Sequence[float]) -> bool:
    return all(agrees(x, y, DIGITS) for x, y in zip(given, wrong, strict=True))
