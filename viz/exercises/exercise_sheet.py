"""Exercises that check themselves: an author writes the question, the answer, and what wrong answers mean.

>>> sheet = ExerciseSheet("The slope")
>>> sheet.add(
...     1, "E = (8.4 − 7w)². By what ratio does E change from w = 2 to 2.1?", 83.3,
...     mistakes={8.33: "That is the change of E. What is a ratio divided by?"},
...     hint="Change of E, divided by change of w.", solution="(39.69 − 31.36) / 0.1.",
... )
>>> sheet.check(1, 8.33)
Not yet. That is the change of E. What is a ratio divided by?
<BLANKLINE>
Exercise 1. E = (8.4 − 7w)². By what ratio does E change from w = 2 to 2.1?
>>> sheet.check(1, "(39.69 - 31.36)/0.1").right
True

viz/course/ has the exercises of the lessons, written in this way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import EllipsisType, MappingProxyType
from typing import Any

from autograd import Value
from autograd.core.operand import exact
from autograd.errors import AutogradError, describe
from viz.drawing.style import plural, printable
from viz.exercises.exercise_answers import (
    PLACES,
    Numbers,
    gives_away,
    is_number,
    judge_choice,
    judge_numbers,
    listed,
    meets,
    parts_of,
    plain,
    read_choice,
    read_numbers,
    squeezed,
    written,
)
from viz.exercises.questions import Question, Verdict, quiz
from viz.frames import paragraphs

__all__ = ["Exercise", "ExerciseError", "ExerciseSheet", "Note"]

TRIES = 2
"""After so many different wrong answers the solution opens."""

Gradient = Callable[[], tuple[Value, Value | str]]
NO_MISTAKES: Mapping[Any, str] = MappingProxyType({})


class ExerciseError(AutogradError, ValueError):
    """An exercise contradicts itself, or a sheet was asked for one that it does not have."""


@dataclass(frozen=True)
class Note:
    """A few words to a learner: in a terminal as they are, in a notebook as paragraphs."""

    text: str

    def __repr__(self) -> str:
        return self.text

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return paragraphs(self.text)


@dataclass(repr=False)
class Exercise:
    """One exercise of a sheet; shown, it is its question.

    Attributes:
        number: its place on the sheet.
        question: what is asked.
        answer: a text for a choice, a tuple of numbers, or None for an open question.
        choices: what can be chosen.
        mistakes: what to say to wrong answers, each under that answer.
        hint, solution: a push, and the way.
        asked: the quiz's question about the same gradient, or None.
        tries: the different wrong answers until now.
        solved: True once it was answered rightly.
    """

    number: int
    question: str
    answer: str | Numbers | None
    choices: tuple[str, ...]
    mistakes: Mapping[Any, str]
    hint: str
    solution: str
    asked: Question | None = None
    tries: list[str] = field(default_factory=list)
    solved: bool = False

    @property
    def how(self) -> str:
        """How to answer, in a sentence."""
        n = self.number
        if self.answer is None:
            return f"An open question: try it, and write down what you find. solution({n}) says what others found."
        wanted = "a number like 0.25, 1/4 or 1e-3"
        if self.choices:
            wanted = f"one of {listed(self.choices)}"
        elif len(self.answer) > 1:
            wanted = f"{plural(len(self.answer), 'number')} in parentheses"
        push = f" hint({n}) gives a push." if self.hint else ""
        return f"Put your answer in the place of the dots in check({n}, ...): {wanted}.{push}"

    def check(self, given: Any) -> Verdict:
        """Judge an answer, whatever was answered before."""
        if self.answer is None:
            others = f"solution({self.number}) says what others found."
            return Verdict(False, f"This is an open question: there is nothing to check. {others}", counts=False)
        if isinstance(self.answer, str):
            return judge_choice(given, self.answer, self.choices, self.mistakes)
        readings = read_numbers(given, len(self.answer))
        if isinstance(readings, str):
            return Verdict(False, readings, counts=False)
        return judge_numbers(readings, self.answer, self.mistakes, self.asked)

    @property
    def title(self) -> str:
        return f"Exercise {self.number}. {self.question}"

    def __repr__(self) -> str:
        return f"{self.title}\n\n{self.how}"

    def _repr_html_(self) -> str:
        return paragraphs(repr(self))


class ExerciseSheet:
    """Exercises with answers, what wrong answers mean, hints, and solutions that open after two tries.

    Args:
        title: what the sheet is about.

    >>> sheet = ExerciseSheet("Directions")
    >>> sheet.add(
    ...     1, "The slope is positive. Which way does the result fall?", "down", choices=("up", "down"),
    ...     mistakes={"up": "A slope says where the result rises."}, hint="Draw it.", solution="Against the slope.",
    ... )
    >>> sheet.check(1, "Up")
    Not yet. A slope says where the result rises.
    <BLANKLINE>
    Exercise 1. The slope is positive. Which way does the result fall?
    >>> sheet.solution(1)
    The solution opens after one more try: check(1, ...).
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.exercises: dict[int, Exercise] = {}

    def add(
        self,
        number: Any,
        question: str,
        answer: Any,
        *,
        choices: Sequence[str] = (),
        mistakes: Mapping[Any, str] = NO_MISTAKES,
        hint: str = "",
        solution: str = "",
        gradient: Gradient | None = None,
    ) -> None:
        """Add an exercise.

        Args:
            number: its number, from 1.
            question: what is asked, as plain text.
            answer: a number, several in a tuple, one of ``choices``, or None for an open question.  A whole number
                is to be met exactly, any other to three significant digits.
            choices: what can be chosen.
            mistakes: for wrong answers, each a number (or tuple, or choice), what to say: a question back, or what
                was done; never the answer.
            hint: a push for ``hint(number)``.
            solution: the way to the answer, for ``solution(number)``.
            gradient: returns a loss and a node of it, whose gradient is the answer; wrong numbers that are not
                among the mistakes are then diagnosed as ``quiz`` does.

        Raises:
            ExerciseError: if the exercise contradicts itself: a mistake that is the answer, or that cannot be told
                from another; a choice that is none; a text that gives the answer away.
        """
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise ExerciseError(f"exercises are numbered from 1, but got {describe(number)}")
        where = f"exercise {number}"
        if number in self.exercises:
            raise ExerciseError(f"{where} is there already: {self.exercises[number].question!r}")
        if not question.strip():
            raise ExerciseError(f"{where} has no question")
        wanted = check_answer(where, answer, choices)
        known = check_mistakes(where, wanted, tuple(choices), mistakes)
        if wanted is None and (not solution.strip() or hint or gradient):
            raise ExerciseError(f"{where} is open: it needs a solution, and neither a hint nor a gradient")
        if isinstance(wanted, tuple):
            for text in (hint, *known.values()):
                if gives_away(text, wanted):
                    raise ExerciseError(f"{where} gives its answer away in {text!r}")
        asked = None
        if gradient is not None:
            asked = check_gradient(where, wanted, gradient)
        self.exercises[number] = Exercise(number, question, wanted, tuple(choices), known, hint, solution, asked)

    def check(self, number: int, answer: Any = ...) -> Exercise | Verdict:
        """Judge an answer; without one, or with ``...``, show the question.

        An answer is a number, a text like "1/4" or "2*0.35", a Value, a tuple or list, or the text of a choice.

        Raises:
            ExerciseError: if there is no such exercise.
        """
        exercise = self._find(number)
        if isinstance(answer, EllipsisType):
            return exercise
        verdict = exercise.check(answer)
        if verdict.right:
            exercise.solved = True
            return verdict
        if verdict.counts:
            given = plain(answer) if verdict.number is None else str(verdict.number)
            if given not in exercise.tries:
                exercise.tries.append(given)
        # The answer stands where the question was shown, so it is shown again.
        more = f"Try again, or read solution({number})." if len(exercise.tries) >= TRIES else ""
        return replace(verdict, then="\n\n".join(filter(None, (exercise.title, more))))

    def hint(self, number: int) -> Note:
        """A push in the right direction.

        Raises:
            ExerciseError: if there is no such exercise.
        """
        exercise = self._find(number)
        return Note(exercise.hint or f"There is no hint for this one. {exercise.how}")

    def solution(self, number: int) -> Note:
        """The answer and the way to it, after two different tries; before that, how many are missing.

        Raises:
            ExerciseError: if there is no such exercise.
        """
        exercise = self._find(number)
        if exercise.answer is None:
            return Note(exercise.solution)
        missing = TRIES - len(exercise.tries)
        if missing > 0 and not exercise.solved:
            tries = "one more try" if missing == 1 else "two tries"
            return Note(f"The solution opens after {tries}: check({number}, ...).")
        return Note("\n\n".join(filter(None, (f"The answer is {written(exercise.answer)}.", exercise.solution))))

    def _find(self, number: int) -> Exercise:
        if number not in self.exercises or number is True:
            numbers = ", ".join(map(str, self.exercises)) or "none"
            raise ExerciseError(f"{self.title!r} has no exercise {describe(number)}; it has {numbers}")
        return self.exercises[number]

    def __repr__(self) -> str:
        solved = sum(exercise.solved for exercise in self.exercises.values())
        return (
            f"<ExerciseSheet {printable(self.title)}: {solved} of {plural(len(self.exercises), 'exercise')} solved>"
        )


# --- what a teacher writes --------------------------------------------------------------------------------


def as_answer(given: Any) -> str | Numbers | None:
    """A text, or a tuple of numbers; None for anything else."""
    if isinstance(given, str):
        return given
    numbers = tuple(exact(x.data if isinstance(x, Value) else x) for x in parts_of(given, 1))
    return numbers if numbers and all(map(is_number, numbers)) else None


def check_answer(where: str, answer: Any, choices: Sequence[str]) -> str | Numbers | None:
    """The answer as it is kept; it can be given, and there is one way to do so."""
    if answer is None:
        if choices:
            raise ExerciseError(f"{where} is open, so it has no choices")
        return None
    found = as_answer(answer)
    if found is None or (isinstance(found, tuple) and len(found) > len(PLACES)):
        raise ExerciseError(
            f"the answer of {where} is a number, up to {len(PLACES)} of them in a tuple, a choice or None, but got "
            f"{describe(answer)}"
        )
    if isinstance(found, tuple):
        if choices:
            raise ExerciseError(f"{where} has choices, so its answer is one of them, but got {describe(answer)}")
        return found
    if len({squeezed(choice) for choice in choices}) != len(choices) or len(choices) < 2:
        raise ExerciseError(f"{where} needs two choices or more that differ, but got ({listed(choices)})")
    if found not in choices:
        raise ExerciseError(f"the answer of {where}, {found!r}, is not one of its choices: {listed(choices)}")
    return found


def check_mistakes(
    where: str, answer: str | Numbers | None, choices: tuple[str, ...], mistakes: Mapping[Any, str]
) -> Mapping[Any, str]:
    """The mistakes as they are kept; each can be made, and is told from the answer and from the others."""
    known: dict[Any, str] = {}
    for given, text in mistakes.items():
        wrong = as_answer(given)
        if (
            type(wrong) is not type(answer)
            or wrong is None
            or (isinstance(answer, tuple) and len(wrong) != len(answer))
        ):
            raise ExerciseError(f"nobody can answer {where} with the mistake {describe(given)}")
        if not text.strip():
            raise ExerciseError(f"{where} says nothing to the mistake {given!r}")
        if isinstance(wrong, str) and read_choice(wrong, choices) != wrong:
            raise ExerciseError(f"the mistake {given!r} of {where} is not one of its choices: {listed(choices)}")
        if cannot_be_told(wrong, answer):
            raise ExerciseError(f"the mistake {given!r} of {where} is its answer, or rounds to it")
        for other in known:
            if cannot_be_told(wrong, other):
                raise ExerciseError(
                    f"two mistakes of {where} round to the same: {written(other)} and {written(wrong)}"
                )
        known[wrong] = text
    return MappingProxyType(known)


def cannot_be_told(one: Any, other: Any) -> bool:
    """True if an answer could be either."""
    if isinstance(one, str):
        return bool(one == other)
    return all(meets(x, y) or meets(y, x) for x, y in zip(one, other, strict=True))


def check_gradient(where: str, answer: str | Numbers | None, gradient: Gradient) -> Question:
    """The quiz's question about the gradient, whose answer is that of the exercise."""
    loss, node = gradient()
    asked = quiz(loss, nodes=[node]).questions[0]
    if not isinstance(answer, tuple) or len(answer) != 1 or not meets(asked.expected, answer[0]):
        raise ExerciseError(f"{asked.name} is {asked.expected!r}, but the answer of {where} is {describe(answer)}")
    return asked
