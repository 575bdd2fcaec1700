"""Every exercise of every lesson, found and not listed: right answers pass, wrong ones get their own words."""

import importlib
import re
from pathlib import Path

import pytest

import viz.course
from autograd.core.numbers import write_number
from viz.exercises.exercise_answers import gives_away
from viz.exercises.exercise_sheet import ExerciseSheet

FILES = sorted(Path(viz.course.__file__).parent.glob("lesson_*.py"), key=lambda file: int(file.stem[7:]))
SHEETS = {file.stem: importlib.import_module(f"viz.course.{file.stem}").SHEET for file in FILES}
EXERCISES = [
    pytest.param(name, exercise, id=f"{name}-{exercise.number}")
    for name, sheet in SHEETS.items()
    for exercise in sheet.exercises.values()
]
CHECKED = [param for param in EXERCISES if param.values[1].answer is not None]


def as_typed(answer):
    """An answer as somebody types it who was asked for three digits; whole numbers have all."""
    if isinstance(answer, str):
        return answer
    digits = [write_number(x, 15 if isinstance(x, int) else 3) for x in answer]
    return digits[0] if len(digits) == 1 else f"({', '.join(digits)})"


def as_number(answer):
    return answer[0] if isinstance(answer, tuple) and len(answer) == 1 else answer


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_numbered_from_one_and_ends_with_an_open_question(name):
    sheet = SHEETS[name]
    module = importlib.import_module(f"viz.course.{name}")
    assert isinstance(sheet, ExerciseSheet)
    assert list(sheet.exercises) == list(range(1, len(sheet.exercises) + 1))
    assert (module.check, module.hint, module.solution) == (sheet.check, sheet.hint, sheet.solution)


@pytest.mark.parametrize(("name", "exercise"), CHECKED)
def test_the_right_answer_passes_as_a_number_and_as_a_text_of_three_digits(name, exercise):
    for given in (as_number(exercise.answer), as_typed(exercise.answer)):
        verdict = exercise.check(given)
        assert verdict.right, verdict
        assert verdict.message.startswith("Right: ")


@pytest.mark.parametrize(("name", "exercise"), CHECKED)
def test_each_wrong_answer_is_told_its_own_mistake(name, exercise):
    for wrong, text in exercise.mistakes.items():
        for given in (as_number(wrong), as_typed(wrong)):
            verdict = exercise.check(given)
            assert (verdict.right, verdict.diagnosis) == (False, "written")
            assert text in verdict.message


@pytest.mark.parametrize(("name", "exercise"), EXERCISES)
def test_nothing_that_is_said_before_the_solution_gives_the_answer_away(name, exercise):
    assert exercise.question.strip()
    assert exercise.solution.strip()
    if exercise.answer is None:
        return
    assert exercise.hint.strip()
    said = [exercise.hint, *(exercise.check(as_number(wrong)).message for wrong in exercise.mistakes)]
    if isinstance(exercise.answer, tuple):
        wrong = [tuple(x * factor for x in exercise.answer) for factor in (-1, 2, 0.5, 10, 1.03, 7)]
        verdicts = [exercise.check(as_number(numbers)) for numbers in wrong]
        said += [verdict.message for verdict in verdicts if not verdict.right]
        assert not [text for text in said if gives_away(text, exercise.answer)]
    elif len(exercise.answer.split()) > 1:
        assert not [text for text in said if re.search(rf"\b{re.escape(exercise.answer)}\b", text)]
