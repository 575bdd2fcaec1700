"""The mistakes as a program: what a page runs.  That it says what quiz() says is tried in a browser."""

import pytest

from autograd import Value, ops, trace
from viz.exercises.cases import Graph
from viz.exercises.mistakes import MISTAKES
from viz.exercises.quiz_program import write_quiz

OURS = [op for op in ops.ALL.values() if op.derivatives.__module__ == ops.__name__]


@pytest.mark.parametrize("op", OURS, ids=lambda op: op.name)
def test_every_operation_has_its_mistakes(op):
    domain = op.domain * 4 if op.variadic else op.domain
    loss = op(*(Value(sum(interval) / 2 + 0.01, f"x{i}") for i, interval in enumerate(domain)))
    program, data = write_quiz(Graph(trace(loss), loss))
    assert "function mistaken(x){" in program
    for answers in data["answers"]:
        names = {MISTAKES[i].name for i in answers[::2]}
        assert names >= {"sign", "only_local", "only_upstream", "gave_data", "decimal_point", "rounded"}
    places = {place for answers in data["answers"] for place in answers[1::2]}
    assert places == set(range(len(domain)))


def test_a_later_use_is_asked_with_those_before_it():
    a = Value(3.0, "a")
    loss = a * a
    _, data = write_quiz(Graph(trace(loss), loss))
    first, second = ({MISTAKES[i].name for i in answers[::2]} for answers in data["answers"])
    assert second - first == {"forgot_use"}
