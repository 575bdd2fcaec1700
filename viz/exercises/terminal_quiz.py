"""A quiz in the terminal: it asks, reads, and answers with a hint.

>>> from autograd import Value
>>> from viz.exercises.questions import quiz
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> L = w * x
>>> L.label = "L"
>>> answers = iter(["2", "-3", "3"])
>>> score = ask(quiz(L), lambda prompt: next(answers))
Predict each gradient. Answer with a number like 0.25, 1/4 or 1e-3; h gives a hint, q ends the quiz.
<BLANKLINE>
Question 1 of 2: What is dL/dw?
  w is used in L = w·x
  known: dL/dL = 1, w = 3, x = 2, L = 6
Right: dL/dw is 2.
<BLANKLINE>
Question 2 of 2: What is dL/dx?
  x is used in L = w·x
  known: dL/dL = 1, w = 3, x = 2, L = 6
Not yet. ...
Right: dL/dx is 3.
<BLANKLINE>
That was the last one: 2 of 2 questions right, 1 at the first try.
"""

from __future__ import annotations

from collections.abc import Callable

from viz.exercises.questions import Quiz, Score
from viz.stepping.columns import visible, wrap
from viz.stepping.terminal import WIDEST, out_width, printer

__all__ = ["ask"]

INTRODUCTION = (
    "Predict each gradient. Answer with a number like 0.25, 1/4 or 1e-3; h gives a hint, q ends the quiz."
)
PROMPT = "> "


def ask(quiz: Quiz, read: Callable[[str], str] = input) -> Score:
    """Ask the questions that are still open, one after the other.

    The end of the input (Ctrl-D), Ctrl-C and "q" end the quiz with a summary.

    Args:
        quiz: the questions, from ``viz.exercises.questions.quiz(loss)``.
        read: shows a prompt and gives what was typed, like ``input``.

    Returns:
        The score.
    """
    tell = Teller()
    tell.say(INTRODUCTION)
    try:
        asked = 0
        while quiz.question is not None:
            if quiz.question.number != asked:
                asked = quiz.question.number
                tell.say("")
                tell.say(f"Question {asked} of {len(quiz.questions)}: {quiz.question}", "bold")
            given = read(PROMPT).strip()
            if given.lower() in ("q", "quit", "exit"):
                break
            answer(quiz, given, tell)
    except (EOFError, KeyboardInterrupt):
        tell.say("")
    tell.say("")
    if quiz.done:
        tell.say(f"That was the last one: {quiz.score}.")
    else:
        tell.say(f"So far: {quiz.score}, {quiz.score.open} still open.")
    return quiz.score


def answer(quiz: Quiz, given: str, tell: Teller) -> None:
    """Judge what was typed: an answer, or a wish for a hint or for the solution."""
    if given.lower() in ("h", "hint", "?"):
        tell.say(quiz.hint(), "path")
    elif given.lower() in ("s", "solution") and quiz.may_reveal:
        tell.say(quiz.reveal())
    elif given.lower() in ("s", "solution"):
        tell.say("Try a little more first; h gives a hint.")
    elif given:
        verdict = quiz.answer(given)
        tell.say(verdict.message, "positive" if verdict.right else "negative")
        if not verdict.right and quiz.may_reveal:
            tell.say("Try again; h gives a hint, s the solution.", "dim")


class Teller:
    """Prints text of any length, in lines that fit."""

    def __init__(self) -> None:
        self._show = printer()
        self._width = min(out_width(None), WIDEST)

    def say(self, text: str, style: str = "") -> None:
        for line in text.split("\n"):
            indent = line[: len(line) - len(line.lstrip())]
            for part in wrap(visible(line.strip()), self._width - len(indent)):
                self._show([(indent + part, style)])
            style = "" if style == "bold" else style
