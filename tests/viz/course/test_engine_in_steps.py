"""Lesson 8: its ten solutions pass their steps, no step is passed too early, and solutions open after two tries."""

import pytest

import nn
from autograd import Value
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


def one_of_each(a, b):
    """Sums, products and differences, with plain numbers on both sides."""
    return 2 + a * b - (1 - b) * 3 + 2 * -a - a * a


def bent(a, b):
    """Powers, quotients and functions on top of these."""
    return (one_of_each(a, b) * 0.1).tanh() + (a / b).exp() + (1 / b) ** 3 * a.relu() + (-a).relu()


@pytest.mark.parametrize("step", range(1, 4))
def test_the_first_classes_compute_what_python_computes(step):
    a, b = solved(step)(3.0), solved(step)(5.0)
    assert (1 + a + b + 2).data == 11.0
    if step > 1:
        assert one_of_each(a, b).data == one_of_each(3.0, 5.0)


@pytest.mark.parametrize("step", [4, 5])
def test_rules_called_by_hand(step):
    a, b = solved(step)(3.0), solved(step)(5.0)
    product = a * b
    result = product + a
    result.grad = 1.0
    result.pass_on()
    product.pass_on()
    assert (a.grad, b.grad) == ((5.0, 3.0) if step == 4 else (6.0, 3.0))


@pytest.mark.parametrize(("step", "formula"), [(6, one_of_each), (7, one_of_each), (8, one_of_each), (8, bent)])
def test_backward_gives_what_our_engine_gives(step, formula):
    mine, ours = [[kind(x) for x in (3.0, 5.0)] for kind in (solved(step), Value)]
    result, expected = formula(*mine), formula(*ours)
    for _ in range(1 if step == 6 else 2):
        result.backward()
    expected.backward()
    assert result.data == pytest.approx(expected.data, rel=1e-14)
    assert [x.grad for x in mine] == pytest.approx([x.grad for x in ours], rel=1e-13)


def test_the_network_learns_what_nn_learns():
    people = nn.data.alice_bob()
    ours = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    mine = solved(9)(2, [2, 1])
    assert len({p.data for p in mine.parameters()}) == 7, "six weights drawn by chance, three biases of 0"
    for p, q in zip(mine.parameters(), ours.parameters(), strict=True):
        p.data = q.data
    solved(10)(mine, list(zip(people.inputs, people.targets, strict=True)), epochs=3, lr=0.1, batch_size=4)
    nn.fit(ours, people, optimizer=nn.SGD(0.1), epochs=3, batch_size=4, progress=False)
    assert [p.data for p in mine.parameters()] == pytest.approx([q.data for q in ours.parameters()], rel=1e-12)


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
