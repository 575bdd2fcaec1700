"""Gradient descent on the page: its updates are Python's, its sliders follow, and what it says of a run is true."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

import nn
from autograd import Value
from viz.formulas.parser import parse
from viz.pages.demos import DEMOS, demo
from viz.pages.html import page

close = pytest.approx

POINT = "pointOf(state.inputs)"


def build(formula, **numbers):
    loss = parse(formula).evaluate({name: Value(x, name) for name, x in numbers.items()})
    loss.label = loss.label or "L"
    return loss


def finish(tab, button="#run"):
    """Press a button of the panel and wait until its run is over."""
    tab.click(button)
    for _ in range(200):
        if not tab.evaluate("going"):
            return
        tab.wait_for_timeout(30)
    raise AssertionError("the run goes on and on")


def said(tab):
    """What kind of thing is said of the run, and in which words."""
    return tab.get_attribute("#progress", "data-kind"), tab.inner_text("#progress")


def run(visit, formula, lr, button="#run", **numbers):
    tab = visit(page(build(formula, **numbers), lr=lr))
    finish(tab, button)
    return tab


# --- updates are Python's ---------------------------------------------------------------------------------


def test_one_example_after_the_other_is_stochastic_gradient_descent(visit):
    loss, options = DEMOS["alice-bob"]()
    made = page(loss, **options)
    tab = visit(made)
    model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    data = nn.data.alice_bob()
    nn.fit(model, data, optimizer=nn.SGD(lr=0.1), epochs=10, engine="eager", progress=False)
    expected = {parameter.label: parameter.data for parameter in model.parameters()}
    tab.select_option("#learn", "turns")
    tab.click("#step")
    # Whose turn is next is the example that the graph shows.
    assert tab.evaluate("samples.names[state.chosen]") == "Bob"
    assert tab.inner_text("tr.chosen th") == "Bob"
    assert "L of Bob = " in tab.inner_text("#preview")
    for _ in range(39):
        tab.click("#step")
    names = [made.data.steps.node(id).label for id in made.data.descends]
    assert tab.evaluate(POINT) == close([expected[name] for name in names], rel=1e-12)
    assert tab.inner_text("#steps-done") == "40 steps"
    assert tab.evaluate("samples.names[state.chosen]") == "Alice"
    losses = [(model(xs) - y) ** 2 for xs, y in data]
    assert tab.evaluate("state.descent.latest.loss") == close(sum(x.data for x in losses) / 4, rel=1e-12)
    # And so it is when many steps are made at once, wherever a picture of them falls.
    tab.click("#reset")
    assert tab.evaluate("samples.names[state.chosen]") == "Alice"
    for _ in range(4):
        finish(tab, "#steps-10")
    assert tab.evaluate(POINT) == close([expected[name] for name in names], rel=1e-12)


def test_a_hundred_steps_of_the_mean_are_pythons(visit):
    loss, options = DEMOS["linear"]()
    tab = visit(page(loss, **options))
    data = [(xs, float(y)) for xs, y in options["examples"]]
    weights = [0.2, 1.4, 30.0]
    for _ in range(110):
        errors = [sum(w * x for w, x in zip(weights, xs, strict=True)) - y for xs, y in data]
        slopes = [sum(2 * e * xs[j] for e, (xs, _) in zip(errors, data, strict=True)) / 5 for j in range(3)]
        weights = [w - 0.001 * slope for w, slope in zip(weights, slopes, strict=True)]
    finish(tab, "#steps-10")
    finish(tab, "#steps-100")
    assert tab.inner_text("#steps-done") == "110 steps"
    assert tab.evaluate(POINT) == close(weights, rel=1e-12)


def test_a_thousand_updates_of_the_linear_page_take_about_a_second(visit):
    tab = visit(demo("linear"))
    seconds = []
    for _ in range(3):
        tab.click("#reset")
        seconds.append(
            tab.evaluate(
                """() => new Promise((done) => { const begin = performance.now(); byId("run").click();
                const look = () => state.descent?.steps >= 1000 ? done((performance.now() - begin) / 1000) : requestAnimationFrame(look);
                look(); })"""
            )
        )
        tab.click("#reset")
    assert min(seconds) < 1.5, seconds
    finish(tab)
    assert tab.evaluate(POINT) == close([0.5, 0.9, 1.2], abs=1e-4)
    assert said(tab)[0] == "converged"


def test_the_record_of_a_long_run_stays_small(visit):
    tab = visit(page(build("(w - 1)**2", w=0), lr=1e-6))
    finish(tab)
    assert tab.inner_text("#steps-done") == "10000 steps"
    assert tab.evaluate("state.descent.curve.length") < 1000
    steps = tab.evaluate("state.descent.curve.map((point) => point.step)")
    assert steps[0] == 0
    assert len({b - a for a, b in pairwise(steps)}) == 1
    assert tab.evaluate("state.descent.visits.length") <= 12


# --- sliders follow ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "presses"), [("alice", ["#steps-100"] * 2), ("alice-bob", ["#steps-100"]), ("linear", ["#run"])]
)
def test_sliders_hold_the_descended_values_and_a_key_moves_them_by_one_step(visit, name, presses):
    made = demo(name)
    tab = visit(made)
    if name != "linear":
        tab.evaluate("setRate(1)")
    for button in presses:
        finish(tab, button)
    for slider in tab.locator("#sliders input[type=range]").all():
        label = slider.get_attribute("aria-label").removesuffix(", slider")
        value = f"state.inputs[page.inputs.findIndex((node) => page.names[node] === '{label}')]"
        low, high, step = (float(slider.get_attribute(name)) for name in ("min", "max", "step"))
        before = tab.evaluate(value)
        assert low <= before <= high
        # Where the thumb stands is where the number is, and there are hundreds of places for it.
        assert abs(float(slider.input_value()) - before) <= step / 2 * 1.001
        assert 200 <= (high - low) / step <= 4000
        if name == "linear":
            assert step == 0.01
        slider.focus()
        tab.keyboard.press("ArrowRight")
        tab.wait_for_timeout(40)
        assert 0 < tab.evaluate(value) - before <= step * 1.001


def test_ranges(visit):
    tab = visit(demo("linear"))
    found = tab.evaluate(
        "[0, 1, 30, -14, 3456, -2.858, 6.8813735870195432, 1e-5, 0.3].map((value) => rangeFor(value))"
    )
    assert [(one["low"], one["high"], one["step"]) for one in found] == [
        (-2, 2, 0.01), (-2, 2, 0.01), (-60, 60, 0.1), (-30, 30, 0.1), (-8000, 8000, 10), (-6, 6, 0.01), (-15, 15, 0.01),
        (-2e-5, 2e-5, 1e-7), (-2, 2, 0.01),
    ]  # fmt: skip
    follow = "([start, value]) => followRange(rangeFor(start), value)"
    assert tab.evaluate(follow, [3456, 1.24]) == {"low": -3, "high": 3, "step": 0.01}  # far inside: finer
    assert tab.evaluate(follow, [1, -2.858]) == {"low": -6, "high": 6, "step": 0.01}  # outside: wider
    assert tab.evaluate(follow, [1, 1.8]) == {"low": -2, "high": 2, "step": 0.01}  # inside: as it was
    assert tab.evaluate(follow, [1, 1e-9]) == {"low": -2, "high": 2, "step": 0.01}  # a valley at 0 stays in sight
    assert tab.evaluate(follow, [1, math.inf]) == {"low": -2, "high": 2, "step": 0.01}
    for value, direction, expected in (
        (1.2437, 1, 1.25),
        (1.2437, -1, 1.24),
        (1.25, 1, 1.26),
        (2, 1, 2),
        (-0.01, 1, 0),
    ):
        mark = "([value, direction]) => nextMark({ low: -2, high: 2, step: 0.01 }, value, direction)"
        assert tab.evaluate(mark, [value, direction]) == expected


def test_a_range_holds_the_answer_that_descent_finds(visit):
    tab = visit(page(build("(w - 1000)**2", w=0), lr=0.1))
    assert tab.evaluate("sliders[0].high") == 1500
    # Where there is none to be found, it lies around the start.
    tab = visit(page(build("x*y", x=4, y=-3), lr=0.1))
    assert tab.evaluate("sliders.map(({ high }) => high)") == [8, 6]


# --- what is said of a run: eight cases, each with one that looks like it and is another --------------------


def test_converged(visit):
    tab = run(visit, "(w - 3)**2", 0.1, w=0)
    assert said(tab)[0] == "converged"
    assert "a minimum" in said(tab)[1]
    assert tab.evaluate(POINT) == close([3], abs=1e-6)
    assert said(run(visit, "(w - 3)**2", 0.1, "#steps-10", w=0))[0] == ""


def test_rounding_at_the_minimum_is_not_overshooting(visit):
    for formula, lr, numbers in (
        ("1000000 + (w - 3)**2", 0.1, {"w": 0}),
        ("(w*0.1 - 0.3)**2 + 0.7", 5, {"w": 10}),
        ("(w - 0.1)**2", 0.95, {"w": 7}),
    ):
        tab = run(visit, formula, lr, **numbers)
        assert said(tab)[0] == "converged"
        for _ in range(30):
            finish(tab, "#steps-10")
            assert said(tab)[0] == "converged", formula
    # Two large losses, one of which grows as the other falls: their sum is rounded up and down.
    tab = visit(page(build("(w - 1000.1)**2 + (w + 1000.3)**2", w=5), lr=0.05))
    kinds = tab.evaluate(
        "Array.from({ length: 100 }, () => { descendOnce(); return byId('progress').dataset.kind; })"
    )
    losses = tab.evaluate("state.descent.curve.map(({ loss }) => loss)")
    assert any(after > before for before, after in pairwise(losses))
    assert set(kinds) == {"", "converged"}


def test_crawling(visit):
    tab = run(visit, "(w - 3)**2", 1e-5, w=0)
    kind, text = said(tab)
    assert kind == "crawling"
    # ... in how many steps it would be off by a thousandth:
    assert text.split("about ")[1].split(" more")[0] == "400000"
    assert math.log(3 / 0.001) / 2e-5 - 10_000 == close(390_000, rel=0.01)
    # The rate that it names is in truth faster.
    rate = float(text.split("A rate of about ")[1].split(" would")[0])
    tab = run(visit, "(w - 3)**2", rate, w=0)
    assert said(tab)[0] == "converged"
    assert tab.evaluate("state.descent.steps") < 100
    # A long, narrow valley: a larger rate is no remedy, and none is named.
    text = said(run(visit, "x**2 + 4000*y**2", 0.0002, x=4, y=1.5))[1]
    assert "long and narrow" in text
    assert "would be faster" not in text


def test_bouncing(visit):
    for formula in ("w**2", "abs(w)"):
        kind, text = said(run(visit, formula, 1.0, w=4.3))
        assert kind == "bouncing", formula
        assert "from side to side of the valley" in text
    # From side to side, but ever lower: it arrives.
    assert said(run(visit, "w**2", 0.9, w=4))[0] == "converged"


def test_the_noise_of_one_example_after_the_other_is_not_bouncing(visit):
    w = nn.Parameter(0.0, "w")
    loss = (w - Value(1.0, "target")) ** 2
    loss.label = "L"
    examples = [{"name": name, "target": target} for name, target in (("low", -1.0), ("high", 1.0))]
    tab = visit(page(loss, examples=examples, lr=0.5))
    tab.select_option("#learn", "turns")
    for _ in range(20):
        tab.click("#step")
        assert said(tab)[0] not in ("bouncing", "diverging", "overshot")


def test_diverging(visit):
    tab = run(visit, "w**2", 1.1, w=4)
    kind, text = said(tab)
    assert kind == "diverging"
    assert "too large; here it must be below 1." in text
    assert tab.evaluate("state.descent.steps") < 10
    # Just below the rate that it names, it converges.
    assert said(run(visit, "w**2", 0.98, w=4))[0] == "converged"


def test_unbounded(visit):
    for formula, numbers in (("2*w", {"w": 1}), ("-exp(w)", {"w": 1}), ("x*y", {"x": 4, "y": -3})):
        kind, text = said(run(visit, formula, 0.1, **numbers))
        assert kind == "unbounded", formula
        assert "no rate helps" in text
    # What falls for long, but not for ever.
    assert said(run(visit, "(w - 1000)**2", 0.01, w=0))[0] == "converged"
    assert said(run(visit, "exp(-w)", 0.1, w=1))[0] == "crawling"
    assert said(run(visit, "1/w", 0.1, "#steps-10", w=1))[0] != "unbounded"


def test_flat(visit):
    for formula, numbers in (("(1 - relu(2*w))**2", {"w": -1}), ("sigmoid(w)**2", {"w": 25})):
        kind, text = said(run(visit, formula, 0.1, **numbers))
        assert kind == "flat", formula
        assert "need not be a minimum" in text
    assert said(run(visit, "(1 - relu(2*w))**2", 0.1, w=0.1))[0] == "converged"
    assert said(run(visit, "1000000 + w**2", 0.1, w=4))[0] == "converged"


def test_an_overflow_names_the_operation_as_the_learner_wrote_it(visit):
    tab = run(visit, "(exp(w*x) - y)**2", 300, w=-1, x=1, y=5)
    kind, text = said(tab)
    assert kind == "overflow"
    assert text.startswith("e^(w·x) with w·x = 1021 is too large for a number. The steps became too long.")
    tab.click("#reset")
    assert said(tab) == ("", "")
    kind, text = said(run(visit, "log(a)**2", 10, a=0.5))
    assert kind == "overflow"
    assert "ln(a) with a = " in text
    assert "is not defined: it needs x > 0" in text
    assert said(run(visit, "(exp(w*x) - y)**2", 0.01, w=-1, x=1, y=5))[0] == "converged"


def test_a_saddle(visit):
    kind, text = said(run(visit, "x**2 - y**2", 0.1, x=4, y=0))
    assert kind == "saddle"
    assert "bends up one way and down another" in text
    assert said(run(visit, "x**2 + y**2", 0.1, x=4, y=0))[0] == "converged"
    assert said(run(visit, "x**2 - y**2", 0.1, x=4, y=0.001))[0] == "unbounded"
    assert "A top: " in said(run(visit, "-x**2", 0.1, "#step", x=0))[1]


def test_it_is_said_once_at_the_end_of_a_run(visit):
    tab = visit(demo("linear"))
    tab.evaluate(
        "() => { window.heard = []; new MutationObserver(() => heard.push(byId('progress').textContent))"
        ".observe(byId('progress'), { childList: true }); }"
    )
    finish(tab, "#steps-100")
    assert [text for text in tab.evaluate("heard") if text] == [tab.inner_text("#progress")]


def test_with_reduced_motion_a_run_is_not_watched(visit):
    count = (
        "() => { window.pictures = 0; new MutationObserver(() => { window.pictures += 1; })"
        ".observe(byId('steps-done'), { childList: true }); }"
    )
    pictures = []
    for motion in ("reduce", "no-preference"):
        tab = visit(page(build("(w - 1)**2", w=0), lr=1e-4), reduced_motion=motion)
        tab.evaluate(count)
        finish(tab, "#steps-100")
        assert tab.inner_text("#steps-done") == "100 steps"
        pictures.append(tab.evaluate("pictures"))
    assert pictures[0] <= 2 < pictures[1]


def test_pause(visit):
    tab = visit(page(build("(w - 1)**2", w=0), lr=1e-4))
    pause = """() => new Promise((done) => { byId("run").click(); const first = byId("run").textContent;
        const look = () => { if (!(state.descent?.steps > 3)) return requestAnimationFrame(look);
            byId("run").click(); done([first, byId("run").textContent, state.descent.steps]); }; look(); })"""
    first, then, steps = tab.evaluate(pause)
    assert (first, then) == ("Pause", "To the end")
    tab.wait_for_timeout(120)
    assert tab.evaluate("state.descent.steps") == steps < 10000


# --- what moves -------------------------------------------------------------------------------------------


def test_data_stay_where_they_are(visit):
    tab = visit(page(build("(y - w*x - b)**2", w=1, x=2, y=5, b=0), lr=0.05))
    assert tab.evaluate("page.free.map((node) => page.names[node]).sort()") == ["b", "w", "x", "y"]
    finish(tab, "#steps-10")
    moved = tab.evaluate(
        "sliders.filter(({ place }) => state.inputs[place] !== page.start[place]).map(({ node }) => page.names[node]).sort()"
    )
    assert moved == ["b", "w"]
    assert tab.locator("#sliders .data").count() == 2
    tab = visit(page(build("(y - w*x - b)**2", w=1, x=2, y=5, b=0), lr=0.05, free=["x"]))
    finish(tab, "#steps-10")
    assert tab.evaluate("state.inputs[0]") != 2
