"""The mistakes as a program: what a page runs.  That it says what quiz() says is tried in a browser."""

import pytest

from autograd import Op, Value, maximum, ops, trace
from viz.exercises.cases import Graph
from viz.exercises.mistakes import MISTAKES
from viz.exercises.quiz_program import CHANGES, write_changes, write_functions, write_quiz
from viz.pages.demos import demo

OURS = [op for op in ops.ALL.values() if op.derivatives.__module__ == ops.__name__]


def names_in(changes):
    """Which mistakes can be made in a contribution."""
    made = [change for change, result in zip(CHANGES, changes.results, strict=True) if result]
    return {mistake.name for mistake in MISTAKES if any(change in made for change in mistake.changes)}


def changes_of(loss):
    graph = Graph(trace(loss), loss)
    return [write_changes(graph, step) for step in graph.trace.backward]


@pytest.mark.parametrize("op", OURS, ids=lambda op: op.name)
def test_every_operation_has_its_mistakes(op):
    domain = op.domain * 4 if op.variadic else op.domain
    all_changes = changes_of(op(*(Value(sum(interval) / 2 + 0.01, f"x{i}") for i, interval in enumerate(domain))))
    assert len(all_changes) == len(domain)
    for changes in all_changes:
        assert names_in(changes) >= {
            "sign",
            "only_local",
            "only_upstream",
            "data_as_upstream",
            "divided",
            "rounded",
        }
        assert ("swapped" in names_in(changes)) == (len(domain) > 1)
        assert ("pre_activation" in names_in(changes)) == (len(domain) == 1)


def test_a_gradient_that_arrives_in_two_parts_may_be_passed_on_too_early():
    a = Value(3.0, "a")
    b = a * 2.0
    first, *_, last = changes_of(b * 5.0 + b.tanh())
    assert "incomplete_upstream" in names_in(last) - names_in(first)


def test_steps_that_go_wrong_alike_share_a_function():
    """So the program of a large graph is hardly larger than that of a small one."""

    def chain(count):
        total = Value(0.5, "a")
        for i in range(count):
            total = (total * Value(0.1 * i, f"w{i}") + 1.0).tanh()
        return total

    program, data = write_quiz(Graph(trace(loss := chain(60)), loss))
    short, _ = write_quiz(Graph(trace(loss := chain(6)), loss))
    assert len(data["kinds"]) == 60 * 5
    assert len(program) == len(short)
    assert len(demo("micrograd").data.quiz[0]) < 3000 + len(write_functions())


def test_an_operation_of_ones_own_changes_no_page_that_does_not_use_it():
    """It is Python that no page can run; the page of another graph reads answers as before."""
    before = write_functions.__wrapped__()
    Op("opaque_for_pages", lambda x: float(repr(x)), lambda x, z: (1.0,), atom="a rule of my own")
    Op("composed_for_pages", lambda x: x * x, lambda x, z: (2 * x,))
    assert write_functions.__wrapped__() == before


def test_an_operation_of_many_steps_stays_a_short_text():
    """What is needed several times has a name, and parentheses are not nested without end."""

    def forward(x):
        for _ in range(200):
            x = 0.5 * x + 1.0
        return x

    def rule(x, z):
        for _ in range(20):
            x = maximum(x, 0.5) + 1.0
        return (x * z,)

    op = Op("of many steps", forward, rule)
    program, _ = write_quiz(Graph(trace(loss := op(Value(1.0, "x"))), loss))
    assert len(program) < 60_000
    assert "(" * 110 not in program
