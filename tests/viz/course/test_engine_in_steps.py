"""Lesson 8: its ten solutions pass their steps, no step is passed too early, and solutions open after two tries."""

import pytest

from viz import check_engine
from viz.course import engine_in_steps, lesson_8
from viz.course.lesson_8 import show_step, solved
from viz.exercises.exercise_sheet import ExerciseError


@pytest.fixture(autouse=True)
def nothing_tried_yet(monkeypatch):
    monkeypatch.setattr(lesson_8, "tries", {})
    monkeypatch.setattr(lesson_8, "passed", set())


@pytest.mark.parametrize("step", range(1, 9))
def test_each_solution_passes_its_step_and_not_the_next(step):
    assert check_engine(solved(step), step=step)
    if step < 8:
        assert not check_engine(solved(step), step=step + 1)


def test_the_network_and_the_loop_pass():
    assert check_engine(solved(8), step=9, MLP=solved(9))
    assert check_engine(solved(8), step=10, MLP=solved(9), fit=solved(10))


def test_a_solution_opens_after_two_different_tries(capsys):
    show_step(5)
    assert "open after two tries" in capsys.readouterr().out
    for _ in range(2):
        lesson_8.check_engine(solved(4), step=5)
    show_step(5)
    assert "open after one more try" in capsys.readouterr().out
    lesson_8.check_engine(solved(1), step=5)
    show_step(5)
    assert "x.grad += slope * self.grad" in capsys.readouterr().out
    show_step(9)
    assert "open after two tries" in capsys.readouterr().out


def test_a_solution_opens_for_whoever_has_passed(capsys):
    assert lesson_8.check_engine(solved(8), 10, MLP=solved(9), fit=solved(10))
    show_step(10)
    shown = capsys.readouterr().out
    assert shown.startswith("def fit(")
    assert "loss.backward()" in shown


def test_the_lines_of_a_step_have_nothing_of_the_others():
    lines = [engine_in_steps.lines_of(step) for step in engine_in_steps.STAGES]
    assert len(lines) == 10
    assert [text.count("def __mul__") for text in lines] == [0, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert lines[8].startswith("class Neuron:")
    assert "class MLP:" in lines[8]


@pytest.mark.parametrize("ask", [show_step, solved])
@pytest.mark.parametrize("step", [0, 11, True, "5"])
def test_there_are_ten_steps(ask, step):
    with pytest.raises(ExerciseError, match="the steps are 1 to 10, but got"):
        ask(step)
