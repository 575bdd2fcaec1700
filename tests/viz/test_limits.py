"""What would take long is refused at once; what is not refused is done within seconds."""

import contextlib
import io
import time

import pytest

import viz
from autograd import AutogradError, Value, total, trace
from viz.limits import LIMITS, require_size
from viz.stepping.stepper import Stepper


def chain(n):
    x = Value(1.0000001, "x")
    y = x
    for _ in range(n):
        y = (y * x).tanh()
    return x, y


def wide(n):
    xs = [Value(0.001 * (i % 7), f"x{i}") for i in range(n)]
    return xs[0], total(xs).tanh()


def dense(n):
    """Few values, each computed from all before it: many contributions."""
    values = [x := Value(0.01, "x")]
    for i in range(n):
        values.append(total(values).tanh())
        values[-1].label = f"h{i}"
    return x, values[-1]


def fibonacci(n, label=False):
    """Few values, but the number of paths down to x grows like the golden ratio to the power of n."""
    x = Value(0.3, "x")
    u, v = x, x.sin()
    for i in range(n):
        u, v = v, (u * v).sin()
        if label:
            v.label = f"f{i}"
    return x, v


def printed(loss):
    with contextlib.redirect_stdout(io.StringIO()):
        viz.step(loss)


SHOWN = {
    "worksheet": lambda x, loss: viz.worksheet(loss).html(),
    "page": lambda x, loss: viz.page(loss).html,
    "quiz": lambda x, loss: viz.quiz(loss).question.check("17"),
    "contributions": lambda x, loss: viz.quiz(loss, ask="contributions").question.check("17"),
    "explain": lambda x, loss: str(viz.explain(loss, x, round_to=3)),
    "four_ways": lambda x, loss: str(viz.four_ways(loss)),
    "four_ways of one": lambda x, loss: str(viz.four_ways(loss, x)),
    "step": lambda x, loss: printed(loss),
    "draw": lambda x, loss: viz.draw(loss),
}
LARGE = {"chain": lambda: chain(100_000), "sum": lambda: wide(100_000), "dense": lambda: dense(400)}
"""Three kinds of large graphs: deep, wide, and with few values that are used very often."""


@pytest.fixture(scope="module", params=LARGE)
def large(request):
    return LARGE[request.param]()


@pytest.mark.parametrize("what", SHOWN)
def test_a_large_graph_is_refused_at_once(large, what):
    begin = time.process_time()
    with pytest.raises(
        AutogradError, match=r"this graph has [\d,]+ (values|contributions)[^\n]+\d+[^\n]*\n?.*[Pp]art"
    ):
        SHOWN[what](*large)
    # 0.4 s here, most of it one look at each of 100,000 nodes; eight times as much where coverage is measured.
    assert time.process_time() - begin < 8


@pytest.mark.parametrize("what", SHOWN)
def test_many_paths_are_no_reason_to_wait(what):
    begin = time.process_time()
    for graph in (fibonacci(35), fibonacci(35, label=True)):
        SHOWN[what](*graph)
    assert time.process_time() - begin < 20


def test_the_formula_of_many_paths_is_not_begun_and_its_number_is_right():
    x, loss = fibonacci(40)
    loss.backward()
    found = viz.explain(loss, x)
    assert found.value == x.grad
    assert found.factors[0].derivation.formula is None
    assert viz.four_ways(loss).rows[0].formula is None


def test_more_paths_than_floats_can_count():
    x, loss = fibonacci(2_000, label=True)
    found = viz.explain(loss, x)
    assert found.path_count > 10**400
    assert "more than 10³⁰⁸ paths lead from" in found.text


@pytest.mark.parametrize("asker", LIMITS)
def test_the_largest_graph_that_is_taken(asker):
    limit = LIMITS[asker]
    y = line(limit.values)
    require_size(y, asker)
    with pytest.raises(viz.GraphTooLargeError, match=rf"has {limit.values + 1:,} values, but .*{limit.values:,}"):
        require_size(-y, asker)


def line(values):
    y = Value(1.0, "x")
    for _ in range(values - 1):
        y = -y
    return y


def test_a_trace_and_its_stepper_take_every_graph():
    _, loss = chain(100_000)
    begin = time.process_time()
    assert len(trace(loss).backward) == 300_000
    assert Stepper(loss).forward()
    assert time.process_time() - begin < 10


def test_a_part_of_a_large_graph_is_printed(capsys):
    x, loss = wide(3_000)
    viz.step(loss, plain=True, breakpoints=[x])
    viz.step(loss, plain=True, at=2)
    assert "dx0" in capsys.readouterr().out
