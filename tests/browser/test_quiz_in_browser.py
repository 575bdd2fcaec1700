"""The quiz of a page against quiz(): the same verdict, the same mistake and the same hint for the same wrong answer."""

import random

import pytest

from autograd import Value, gelu, log, logsumexp, maximum, trace
from viz import page, quiz
from viz.exercises.answers import significant_digits
from viz.exercises.cases import Case, Graph
from viz.exercises.diagnosis import ROUNDINGS, cut, diagnose, wrong_answers
from viz.pages.demos import build_demo


def named(value, label):
    value.label = label
    return value


def every_kind(w=0.4, x=1.25, b=-0.3):
    """Shared nodes, functions of their input and of their output, order, exponents, a kink and a plain number."""
    w, x, b = Value(w, "w"), Value(x, "x"), Value(b, "b")
    z = named(w * x + b, "z")
    h = named(z.sigmoid() + z.tanh() * w, "h")
    return named((h / x - 1.0) ** 3 + maximum(h, 0.5 * x) + log(x) + h**2, "L")


def products(x=2.0, y=5.0):
    x, y = Value(x, "x"), Value(y, "y")
    return named(x * x * y, "L")


def many_uses(a=0.7, b=-1.5):
    """A node with nine uses; an operation of several inputs, and one that needs a helper on numbers that no slider moves."""
    a, b = Value(a, "a"), Value(b, "b")
    total = named(logsumexp([a, b, a * b]), "s")
    for i in range(8):
        total = total + a * (i - 3.5)
    return named(total * gelu(Value(0.5)) * (total - b), "L")


def as_typed(case, rng):
    """Many wrong answers and some right ones, as people type them."""
    numbers = [answer.value for answer in wrong_answers(case)]
    numbers += [case.answer, 1.003 * case.answer, 1.04 * case.answer, -1.3 * case.answer, 0.0, 1e-12]
    numbers += [rng.uniform(-5, 5) for _ in range(4)]
    typed = [form % x for x in numbers for form in ("%.3g", "%.2g", "%.1g", "%.10g", "%.2f")]
    return rng.sample(typed, min(40, len(typed)))


@pytest.mark.parametrize(
    ("make", "moved"),
    [
        (every_kind, {"w": -0.8, "x": 2.5, "b": 0.1}),
        (products, {"x": -0.3, "y": 7.0}),
        (many_uses, {"a": -1.1, "b": 0.4}),
        (lambda **numbers: build_demo("alice", **numbers)[0], {"w1": 0.3, "w6": -0.7, "b3": 0.2}),
    ],
    ids=["every", "products", "many", "alice"],
)
@pytest.mark.parametrize("is_moved", [False, True], ids=["at the start", "after sliders moved"])
def test_page_and_terminal_say_the_same_to_the_same_answer(visit, make, moved, is_moved):
    tab = visit(page(make()))
    loss = make(**moved) if is_moved else make()
    if is_moved:
        steps = page(make()).data.inputs
        tab.evaluate("(moved) => { state.inputs = moved; refresh(); }", [trace(loss).node(id).data for id in steps])
    graph = Graph(trace(loss), loss)
    rng = random.Random(3)
    asked = []
    for k, step in enumerate(graph.trace.backward):
        places = graph.places[step.input]
        case = Case(graph, tuple(places[: places.index(k) + 1]))
        asked += [(k, case, text) for text in as_typed(case, rng)]
    found = tab.evaluate(
        "(all) => all.map(([k, text]) => Object.values(diagnose(k, Number(text), significantDigits(text))))",
        [(k, text) for k, _, text in asked],
    )
    names = set()
    for (k, case, text), answer in zip(asked, found, strict=True):
        expected = diagnose(case, float(text), significant_digits(text))
        assert answer == [expected.verdict, expected.name, expected.advice], (k, text)
        names.add(expected.name)
    # Where a gradient is complete, quiz() asks for the same number.
    complete = {question.case.places[-1]: question for question in quiz(loss).questions}
    for (k, _, text), (_, name, advice) in list(zip(asked, found, strict=True))[::5]:
        if k in complete:
            verdict = complete[k].check(text)
            assert verdict.diagnosis == name
            # A page has a shorter name for the long sum of a neuron.
            assert advice in verdict.message or "Σ" in advice
    assert len(names) > (15 if make is every_kind else 8)


def test_numbers_are_rounded_alike(visit):
    tab = visit(page(products()))
    rng = random.Random(1)
    numbers = [rng.uniform(-10, 10) * 10 ** rng.randint(-6, 6) for _ in range(300)]
    numbers += [0.25, -0.25, 0.125, 2.5, -0.0625, 1e300, 5e-324, 0.0, 0.045, 1.005]
    for how in ROUNDINGS:
        found = tab.evaluate("([all, how]) => all.map((x) => cut(x, how))", [numbers, how])
        assert found == [cut(*how)(x) for x in numbers]
