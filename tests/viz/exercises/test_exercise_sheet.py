"""Exercises that an author writes: what is read, what is said, and what an author may not write."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from viz import EXAMPLES, ExerciseSheet
from viz.exercises.exercise_answers import meets, written
from viz.exercises.exercise_sheet import ExerciseError


@pytest.fixture
def sheet():
    sheet = ExerciseSheet("Everything")
    sheet.add(
        1, "By what ratio does E change?", 83.3, hint="Divide.", solution="8.33 / 0.1.",
        mistakes={8.33: "That is the change itself.", 78.4: "That is the limit."},
    )  # fmt: skip
    sheet.add(2, "How many updates?", 4000, mistakes={1000: "These are the epochs."}, solution="4 times 1000.")
    sheet.add(3, "Which way?", "up", choices=("up", "down", "not at all"), mistakes={"down": "Falls where?"})
    sheet.add(4, "Which weights?", (2, 3, 7), mistakes={(2, 5, 5): "Look at the last row's sign."})
    sheet.add(5, "How much is left?", 5.9e-25, hint="Multiply.")
    sheet.add(6, "Whom would you ask?", None, solution="Somebody light and tall.")
    sheet.add(7, "What is the slope?", 0, mistakes={3: "That passed the wall."})
    z = Value(2.0, "z")
    sheet.add(8, "What is dσ(z)/dz at z = 2?", 0.105, gradient=lambda: (z.sigmoid(), z))
    return sheet


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        (1, 83.3), (1, "83.3"), (1, "0.5*166.6"), (1, Value(83.3)), (1, np.float32(83.3)), (1, np.array(83.3)), (1, "83,3"),
        (1, Fraction(833, 10)), (1, "83"), (2, 4000), (2, "4*1000"), (2, 4000.0), (2, np.int64(4000)), (3, "Up"), (3, " up. "),
        (4, (2, 3, 7)), (4, [2, 3, 7]), (4, np.array([2, 3, 7])), (4, "(2, 3, 7)"), (4, "2; 3; 7"), (4, [Value(2), 3, "14/2"]),
        (5, "5.9·10⁻²⁵"), (5, 5.9e-25), (5, "5.9e-25"), (7, 0.1 + 0.2 - 0.3), (8, 0.10499), (8, "0.105"), (8, "0.1"),
    ],
)  # fmt: skip
def test_what_is_right_is_right_however_it_is_written(sheet, number, answer):
    verdict = sheet.check(number, answer)
    assert verdict.right
    assert verdict.message.startswith("Right")


@pytest.mark.parametrize(
    ("number", "answer", "name", "said"),
    [
        (1, 8.33, "written", "the change itself"),
        (1, "8.3", "written", "the change itself"),
        (1, -83.3, "sign", "sign"),
        (1, 166.6, "factor_two", "factor of two"),
        (1, "833", "decimal_point", "decimal point"),
        (1, "0.012", "reciprocal", "divided"),
        (1, 1 / 83.3, "reciprocal", "divided"),
        (1, "83.7", "rounded", "Keep all digits"),
        (1, 12, "", "question once more"),
        (2, 4001, "whole", "each one counts"),
        (2, 3999.5, "whole", "each one counts"),
        (3, "down", "written", "Falls where?"),
        (3, "not at all", "", "question once more"),
        (4, (2, 5, 5), "written", "last row"),
        (4, (7, 3, 2), "order", "order"),
        (4, (-2, -3, -7), "sign", "signs"),
        (4, (2, 3, 8), "", "Right so far: the first and the second"),
        (4, (1, 1, 1), "", "question once more"),
        (7, 3, "written", "wall"),
        (7, 12, "", "question once more"),
        (8, 0.2072, "applied_twice", "taken at its input z"),
        (8, 0.1021, "rounded", "Keep all digits"),
        (8, 0.777, "", "question once more"),
    ],
)
def test_what_is_wrong_is_told_what_it_was(sheet, number, answer, name, said):
    verdict = sheet.check(number, answer)
    assert not verdict.right
    assert verdict.counts
    assert verdict.diagnosis == name
    assert said in verdict.message


@pytest.mark.parametrize(
    ("number", "answer", "said"),
    [
        (5, "6e-25", "three significant digits"),
        (1, "huge", "cannot read"),
        (1, (1, 2), "One number is asked for, and (1, 2) has 2"),
        (1, None, "None is not a number"),
        (1, True, "True is not a number"),
        (1, float("nan"), "nan is not a number"),
        (3, "dwn", "did you mean 'down'?"),
        (3, 5, "'5' is not one of"),
        (4, 5, "3 numbers are asked for, and 5 has 1"),
        (4, "(1, x, 3)", "cannot read"),
        (6, "anything", "nothing to check. solution(6) says what others found"),
    ],
)
def test_what_cannot_be_judged_is_no_try(sheet, number, answer, said):
    verdict = sheet.check(number, answer)
    assert (verdict.right, verdict.counts) == (False, False)
    assert said in verdict.message
    assert not sheet.exercises[number].tries


def test_without_an_answer_the_question_is_shown(sheet):
    for shown in (sheet.check(1), sheet.check(1, ...)):
        assert repr(shown).startswith("Exercise 1. By what ratio does E change?")
        assert "<p>Exercise 1. By what ratio" in shown._repr_html_()
    ways = ["a number like 0.25", "a number", 'one of "up", "down", "not at all"', "3 numbers in parentheses"]
    for number, way in enumerate(ways, 1):
        assert way in repr(sheet.check(number))
    assert "hint(1) gives a push" in repr(sheet.check(1))
    assert "hint" not in repr(sheet.check(2))
    assert "open question" in repr(sheet.check(6))
    assert repr(sheet) == "<ExerciseSheet Everything: 0 of 8 exercises solved>"


def test_the_question_is_shown_again_until_the_answer_is_right(sheet):
    """In a notebook the answer takes the place of the question."""
    for wrong in ("huge", 8.33):
        assert "Exercise 1. By what ratio does E change?" in repr(sheet.check(1, wrong))
    assert repr(sheet.check(1, 83.3)) == "Right: 83.3."


def test_the_solution_opens_after_two_different_tries(sheet):
    assert repr(sheet.solution(1)) == "The solution opens after two tries: check(1, ...)."
    for _ in range(3):
        sheet.check(1, 8.33)
    assert "one more try" in str(sheet.solution(1))
    sheet.check(1, "huge")
    assert "one more try" in str(sheet.solution(1))
    assert "read solution(1)" in repr(sheet.check(1, 12))
    assert str(sheet.solution(1)) == "The answer is 83.3.\n\n8.33 / 0.1."
    assert "<p>8.33 / 0.1.</p>" in sheet.solution(1)._repr_html_()


def test_the_solution_opens_once_the_answer_is_right(sheet):
    sheet.check(3, "up")
    assert str(sheet.solution(3)) == "The answer is up."
    assert "1 of 8" in repr(sheet)
    assert str(sheet.solution(6)) == "Somebody light and tall."


def test_a_hint_is_given_at_once(sheet):
    assert str(sheet.hint(1)) == "Divide."
    assert "no hint" in str(sheet.hint(2))


def test_what_a_learner_types_is_never_markup(sheet):
    verdict = sheet.check(3, "<b>$x$\n\x1b[2J")
    assert "<b>" not in verdict._repr_html_()
    assert 'class="tex2jax_ignore mathjax_ignore"' in verdict._repr_html_()
    assert "\x1b" not in repr(verdict)


@pytest.mark.parametrize("number", [0, 9, "1", None, True])
def test_an_exercise_that_is_not_there(sheet, number):
    with pytest.raises(ExerciseError, match="it has 1, 2, 3, 4, 5, 6, 7, 8"):
        sheet.check(number)


def test_an_empty_sheet_has_none():
    with pytest.raises(ExerciseError, match="it has none"):
        ExerciseSheet("Nothing").hint(1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"number": 1}, "is there already"),
        ({"number": 0}, "numbered from 1"),
        ({"number": True}, "numbered from 1"),
        ({"question": " "}, "has no question"),
        ({"answer": float("inf")}, "is a number, up to 10"),
        ({"answer": {}}, "is a number, up to 10"),
        ({"answer": True}, "is a number, up to 10"),
        ({"answer": ()}, "is a number, up to 10"),
        ({"answer": "up"}, "needs two choices"),
        ({"answer": "up", "choices": ("up", "Up")}, "needs two choices"),
        ({"answer": "up", "choices": ("left", "right")}, "is not one of its choices"),
        ({"choices": ("up", "down")}, "so its answer is one of them"),
        ({"answer": None, "choices": ("up", "down")}, "is open, so it has no choices"),
        ({"answer": None}, "needs a solution"),
        ({"answer": None, "solution": "x", "hint": "y"}, "neither a hint"),
        ({"answer": None, "solution": "x", "mistakes": {3: "why?"}}, "nobody can answer"),
        ({"mistakes": {"up": "why?"}}, "nobody can answer"),
        ({"mistakes": {(1, 2): "why?"}}, "nobody can answer"),
        ({"mistakes": {0.5: " "}}, "says nothing"),
        ({"mistakes": {0.28004: "why?"}}, "is its answer, or rounds to it"),
        ({"mistakes": {0.5: "why?", 0.5004: "why?"}}, "round to the same: 0.5 and 0.5004"),
        ({"mistakes": {0.5: "It is 0.280."}}, "gives its answer away"),
        ({"hint": "28/100 is 0.28"}, "gives its answer away"),
        ({"answer": "up", "choices": ("up", "down"), "mistakes": {"left": "why?"}}, "not one of its choices"),
        ({"answer": "up", "choices": ("up", "down"), "mistakes": {"up": "why?"}}, "is its answer"),
        ({"gradient": lambda: (EXAMPLES["alice"].build(), "w1")}, "dL/dw1 is 0.0214"),
    ],
)  # fmt: skip
def test_an_exercise_that_contradicts_itself_is_refused(sheet, arguments, said):
    before = dict(sheet.exercises)
    with pytest.raises(ExerciseError, match=said):
        sheet.add(**{"number": 10, "question": "How much?", "answer": 0.28, **arguments})
    assert sheet.exercises == before


@given(st.floats(1e-30, 1e30), st.sampled_from([1, -1]))
def test_any_number_is_met_by_three_of_its_digits_and_by_nothing_of_another_size(size, sign):
    number = size * sign
    assert meets(float(f"{number:.2e}"), number)
    assert not meets(number * 1.02, number)
    assert not meets(-number, number)


@given(st.integers(-(10**9), 10**9), st.integers(1, 100))
def test_whole_numbers_are_met_exactly(number, more):
    assert meets(float(number), number)
    assert not meets(number + more, number)
    assert written((number,))
