"""The slices in a real browser: a curve of the loss under each number, and a gradient that is its slope."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from waiting import until

from autograd import Value, ops, topological_order
from autograd.errors import AutogradError
from nn import MLP, Parameter
from nn.losses import mean_squared_error
from viz.pages.demos import DEMOS, demo
from viz.pages.html import page

close = pytest.approx

SIZES = [(1280, 720), (1440, 900), (390, 844)]

CURVES = {
    "square": (lambda x: x**2, 2.0),
    "cube": (lambda x: x**3, -1.5),
    "sine": (lambda x: x.sin(), 1.0),
    "exponential": (lambda x: x.exp(), 1.0),
    "logarithm": (lambda x: x.log(), 0.5),
    "reciprocal": (lambda x: 1 / x, 0.7),
    "absolute": (lambda x: abs(x), -1.0),
    "tanh": (lambda x: x.tanh(), 0.5),
}


def of_one_variable(name):
    """y = f(x), where a curve is put in the place of the slider."""
    f, start = CURVES[name]
    x = Value(start, "x")
    y = f(x)
    y.label = "y"
    return page(y, title=name)


def is_drawn(tab):
    tab.evaluate(
        "(document.querySelector('.slice').checkVisibility() ? byId('sliders') : document.body).scrollIntoView()"
    )
    until(
        tab,
        "slices.some((slice) => slice.px) && slices.every((slice) => slice.px || !slice.isSeen) || typeof finger === 'object' && Boolean(finger.px)",
    )
    return tab


def value_at(loss, numbers):
    """The loss with other numbers in its leaves; None where it has none."""
    for node in topological_order(loss):
        try:
            node.data = (
                numbers.get(node.label, node.data)
                if node.op is None
                else float(node.op(*[x.data for x in node.inputs]))
            )
        except (AutogradError, ValueError, OverflowError, ZeroDivisionError):
            return None
    return loss.data


def gradient_at(loss, numbers, label):
    value_at(loss, numbers)
    loss.zero_grad()
    loss.backward()
    return next(node.grad for node in topological_order(loss) if node.label == label)


def paths(tab, name):
    return tab.evaluate("(name) => slices.map((slice) => slice[name].getAttribute('d'))", name)


def points(path):
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](\S+) ([-\d.]+)", path)]


# --- what is drawn is what Python computes ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["alice", "mazur", "linear", "micrograd"])
def test_a_slice_is_the_loss_along_one_number_as_python_computes_it(visit, name):
    loss, options = DEMOS[name]()
    made = page(loss, **options)
    tab = visit(made)
    samples = options.get("examples")
    if samples:
        tab.select_option("#example", "mean")
        columns = [made.data.steps.node(id).label for id in made.data.examples.columns]
        rows = [dict(zip(columns, row, strict=True)) for row in made.data.examples.rows]
    else:
        rows = [{}]
    labels = [made.data.steps.node(id).label for id in made.data.free]
    start = {label: made.data.steps.node(made.data.steps.find(label)).data for label in labels}
    for label in labels:
        place = tab.evaluate("(label) => page.inputs.indexOf(page.names.indexOf(label))", label)
        shown = tab.evaluate("(place) => sliceOf(place)", place)
        assert len(shown["xs"]) == 41
        assert shown["xs"] == sorted(shown["xs"])
        assert start[label] in shown["xs"]
        expected = [sum(value_at(loss, start | row | {label: x}) for row in rows) / len(rows) for x in shown["xs"]]
        assert shown["losses"] == close(expected, rel=1e-12, abs=1e-14)
        slope = sum(gradient_at(loss, start | row, label) for row in rows) / len(rows)
        assert shown["slope"] == close(slope, rel=1e-12)
        assert shown["arrow"] == close(-options.get("lr", 0.1) * slope, rel=1e-12)


@pytest.mark.parametrize("name", list(CURVES))
def test_a_curve_of_one_variable_has_its_gaps_where_python_has_no_value(visit, name):
    made = of_one_variable(name)
    tab = visit(made)
    shown = tab.evaluate("sliceOf(0)")
    for x, found in zip(shown["xs"], shown["losses"], strict=True):
        expected = value_at(made.data.loss, {"x": x})
        if expected is None:
            assert found is None or not math.isfinite(found), x
        else:
            assert found == close(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("name", ["alice", "mazur", "linear"])
def test_the_tangent_is_drawn_with_the_slope_of_the_gradient(visit, name):
    tab = is_drawn(visit(demo(name), width=1280, height=1400))
    scales = tab.evaluate(
        "slices.map(({ px, py, slider }) => ({ x: px(1) - px(0), y: py(1) - py(0), grad: state.numbers.grad[slider.node] }))"
    )
    for path, scale in zip(paths(tab, "tangent"), scales, strict=True):
        (x1, y1), (x2, y2) = points(path)
        assert y2 - y1 == close(scale["grad"] * (x2 - x1) / scale["x"] * scale["y"], abs=0.03, rel=1e-3)
        assert x2 - x1 > 30


def test_the_dot_lies_on_the_curve_and_its_arrow_begins_below_it(visit):
    tab = is_drawn(visit(demo("alice"), width=1280, height=1400))
    dots = tab.evaluate("slices.map(({ dot }) => [Number(dot.getAttribute('cx')), Number(dot.getAttribute('cy'))])")
    for (x, y), curve, arrow in zip(dots, paths(tab, "curve"), paths(tab, "arrow"), strict=True):
        assert (x, y) in points(curve)
        assert points(arrow)[0][0] == x


def test_an_arrow_is_as_long_as_the_step_or_hollow(visit):
    tab = is_drawn(visit(demo("alice"), width=1280, height=1400))
    for rate in ("0.1", "3", "100"):
        tab.fill("#rate", rate)
        tab.evaluate("show(state.position)")
        drawn = tab.evaluate(
            """slices.map(({ arrow, slider, px, width }) => ({ d: arrow.getAttribute("d"), isHollow: arrow.classList.contains("hollow"),
                length: px(sliceOf(slider.place).arrow) - px(0), width }))"""
        )
        for arrow in drawn:
            start, tip = points(arrow["d"])[0][0], points(arrow["d"])[2][0]
            assert (tip > start) == (arrow["length"] > 0)
            assert 0 <= tip <= arrow["width"] + 0.01
            if arrow["isHollow"]:
                assert abs(tip - start) == close(9, abs=0.02) or tip in (0, close(arrow["width"], abs=0.01))
            else:
                assert tip - start == close(arrow["length"], abs=0.6)
    assert {arrow["isHollow"] for arrow in drawn} == {True, False}


# --- what is shown when -----------------------------------------------------------------------------------


def test_a_tangent_appears_when_its_gradient_is_known_and_an_arrow_when_it_is_complete(visit):
    a = Value(3.0, "a")
    b = Value(2.0, "b")
    loss = a * b + a
    loss.label = "L"
    tab = is_drawn(visit(page(loss)))
    seen = []
    for position in range(tab.evaluate("finished") + 1):
        tab.evaluate("(position) => show(position)", position)
        seen.append(
            tab.evaluate(
                """slices.map(({ tangent, arrow, slider: { gradient } }) => [gradient.textContent, Boolean(tangent.getAttribute("d")),
                    tangent.classList.contains("partial"), Boolean(arrow.getAttribute("d"))])"""
            )
        )
    assert seen[0] == [["?", False, True, False]] * 2
    for slices in seen:
        for text, has_tangent, is_partial, has_arrow in slices:
            assert has_tangent == (text != "?")
            assert has_arrow == (has_tangent and not is_partial) == (has_tangent and not text.endswith("…"))
    assert any(text.endswith("…") for slices in seen for text, *_ in slices)
    assert seen[-1] == [["3", True, False, True], ["3", True, False, True]]


def test_predicting_does_not_give_the_answer_away(visit):
    tab = is_drawn(visit(demo("karpathy"), width=1280, height=1400))
    tab.click("#predict")
    for _ in range(20):
        step = tab.evaluate("state.asked")
        if not step:
            break
        node = tab.evaluate("page.backward[state.asked - seedStep - 1][1]")
        drawn = tab.evaluate(
            "(node) => slices.filter(({ slider }) => slider.node === node).map(({ tangent, arrow }) => tangent.getAttribute('d') + arrow.getAttribute('d'))",
            node,
        )
        assert drawn in ([], [""])
        tab.click("#tell")
        tab.click("#forward")
    assert "ML" not in "".join(paths(tab, "tangent"))


def test_the_heading_says_whose_loss_it_is(visit):
    tab = is_drawn(visit(demo("alice"), width=1280, height=1400))
    heading = (
        "[byId('along').textContent, byId('example').selectedOptions[0]?.text, byId('along-what').textContent]"
    )
    assert tab.evaluate(heading) == ["L of", "Alice", "along each weight"]
    tab.select_option("#example", "mean")
    assert tab.evaluate(heading) == ["L of", "all 4 (mean)", "along each weight"]
    tab = is_drawn(visit(demo("karpathy"), width=1280, height=1400))
    assert tab.evaluate(heading) == ["L", None, "along each number"]
    assert tab.is_hidden("#example")


def test_with_the_same_scale_what_is_steeper_has_a_larger_gradient(visit):
    tab = is_drawn(visit(demo("micrograd"), width=1280, height=1400))

    def slopes():
        drawn = [points(path) for path in paths(tab, "tangent")]
        return [(y1 - y2) / (x2 - x1) for (x1, y1), (x2, y2) in drawn]

    gradients = tab.evaluate("slices.map(({ slider }) => state.numbers.grad[slider.node])")
    ratio = [slope / gradient for slope, gradient in zip(slopes(), gradients, strict=True)]
    assert ratio == close([ratio[0]] * len(ratio), rel=0.01)
    assert tab.get_attribute("#scale", "aria-pressed") == "true"
    tab.click("#scale")
    assert tab.get_attribute("#scale", "aria-pressed") == "false"
    assert [slope / gradient for slope, gradient in zip(slopes(), gradients, strict=True)] != close(ratio, rel=0.01)


def test_a_huge_loss_far_away_does_not_flatten_the_tangent(visit):
    a, b = Value(0.1, "a"), Value(1.0, "b")
    loss = (10 * a).exp() + b
    loss.label = "L"
    tab = is_drawn(visit(page(loss)))
    (_, y1), (_, y2) = points(paths(tab, "tangent")[0])
    assert abs(y1 - y2) > 4
    assert tab.evaluate("sliceOf(slices[0].slider.place).losses.at(-1)") > 1e8


def test_a_jump_is_a_gap_and_a_bend_is_none(visit):
    a, b = Value(0.37, "a"), Value(0.41, "b")
    loss = ops.step(a) + b.relu() + 1 / (a - 1)
    loss.label = "L"
    tab = is_drawn(visit(page(loss)))
    jumping, bending = paths(tab, "curve")
    # The step at 0 and the pole at 1.
    assert jumping.count("M") == 3
    assert bending.count("M") == 1
    for edge in tab.evaluate("[slices[0].px(0), slices[0].px(1)]"):
        for stroke in jumping.split("M")[1:]:
            xs = [x for x, _ in points("M" + stroke)]
            assert max(xs) <= edge + 0.01 or min(xs) >= edge - 0.01


def test_what_gradient_descent_does_not_move_has_a_slice_but_no_arrow(visit):
    w, x, y = Value(0.5, "w"), Value(3.0, "x"), Value(1.0, "y")
    loss = (w * x - y) ** 2
    loss.label = "L"
    tab = is_drawn(visit(page(loss)))
    moving = tab.evaluate("slices.map(({ slider }) => page.descends.includes(slider.node))")
    assert moving.count(True) == 1
    assert [bool(d) for d in paths(tab, "arrow")] == moving
    assert all(paths(tab, "tangent"))


# --- the slice is the slider ------------------------------------------------------------------------------


def places(tab):
    """For each slice where the middle of the range's thumb is, and that of the dot."""
    return tab.evaluate(
        """slices.map(({ slider: { range }, dot }) => {
            const box = range.getBoundingClientRect(), share = (range.value - range.min) / (range.max - range.min);
            const round = dot.getBoundingClientRect();
            return [box.left + 8 + share * (box.width - 16), round.left + round.width / 2]; })"""
    )


@pytest.mark.parametrize("size", SIZES)
def test_the_thumb_of_the_range_lies_below_the_dot(visit, size):
    tab = is_drawn(visit(demo("alice"), width=size[0], height=size[1]))
    tab.focus("input[aria-label='w5, slider']")
    for _ in range(7):
        tab.keyboard.press("ArrowLeft")
    until(tab, "state.numbers.data[page.names.indexOf('w5')] < 0.95")
    tab.evaluate("document.querySelector('#playing').scrollIntoView()")
    tab.wait_for_timeout(100)
    assert [thumb for thumb, _ in places(tab)] == close([dot for _, dot in places(tab)], abs=0.6)


def test_dragging_the_dot_to_a_place_gives_the_number_of_that_place(visit):
    tab = is_drawn(visit(demo("alice"), width=1280, height=1400))
    box = tab.locator(".slice", has=tab.locator("input[aria-label='w5, slider']")).bounding_box()
    low, high = tab.evaluate("[sliders[4].low, sliders[4].high]")

    def pixel(value):
        return box["x"] + 8 + (value - low) / (high - low) * (box["width"] - 16)

    tab.mouse.move(pixel(1), box["y"] + 20)
    tab.mouse.down()
    for value in (0.5, -0.2, -1.1):
        tab.mouse.move(pixel(value), box["y"] + 40)
        until(tab, f"Math.abs(state.numbers.data[page.names.indexOf('w5')] - {value}) < 0.02")
    # Held, it follows also outside of its picture.
    tab.mouse.move(pixel(high) + 300, box["y"] - 60)
    until(tab, f"state.numbers.data[page.names.indexOf('w5')] === {high}")
    tab.mouse.move(pixel(-1.1), box["y"] - 60)
    tab.mouse.up()
    until(tab, "state.numbers.data[page.names.indexOf('w5')] < -1")
    assert tab.input_value("input[type=number][aria-label=w5]").startswith("-1.1")
    assert tab.evaluate("document.activeElement.getAttribute('aria-label')") == "w5, slider"
    tab.mouse.move(pixel(0.5), box["y"] + 40)
    tab.wait_for_timeout(60)
    assert tab.evaluate("state.inputs[sliders[4].place]") < -1


def touch(tab, *moves):
    """A finger that goes along these points."""
    session = tab.context.new_cdp_session(tab)
    for kind, at in zip(["touchStart", *["touchMove"] * (len(moves) - 1)], moves, strict=True):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at[0], "y": at[1]}]})
        tab.wait_for_timeout(30)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    tab.wait_for_timeout(100)


def test_on_a_phone_a_finger_drags_the_dot_sideways_and_scrolls_the_page_up_and_down(visit):
    tab = is_drawn(visit(demo("alice"), width=390, height=844, has_touch=True, is_mobile=True))
    tab.evaluate(
        "document.querySelector(\".slice:has([aria-label='w1, slider'])\").scrollIntoView({ block: 'center' })"
    )
    tab.wait_for_timeout(200)
    box = tab.locator(".slice").first.bounding_box()
    assert box["height"] >= 44
    middle = box["y"] + box["height"] / 2
    before = tab.evaluate("scrollY")
    touch(tab, *[(box["x"] + share * box["width"], middle) for share in (0.75, 0.6, 0.4, 0.25)])
    until(tab, "state.numbers.data[page.names.indexOf('w1')] < -0.8")
    assert tab.evaluate("scrollY") == before
    moved = tab.evaluate("state.inputs[sliders[0].place]")
    touch(tab, *[(box["x"] + 0.9 * box["width"], middle - step) for step in (0, 20, 60, 120, 180)])
    assert tab.evaluate("state.inputs[sliders[0].place]") == moved
    assert tab.evaluate("scrollY") > before + 50


def test_keys_move_the_dot_which_shows_that_it_has_the_focus(visit):
    tab = is_drawn(visit(demo("alice"), width=1280, height=1400))
    ring = "getComputedStyle(slices[0].dot).strokeWidth"
    before = tab.evaluate(ring)
    tab.focus("input[type=number][aria-label=w1]")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.getAttribute('aria-label')") == "w1, slider"
    assert tab.evaluate(ring) != before
    x = tab.evaluate("slices[0].dot.getAttribute('cx')")
    tab.keyboard.press("ArrowRight")
    until(tab, "state.numbers.data[page.names.indexOf('w1')] === 1 + sliders[0].step")
    assert tab.evaluate("slices[0].dot.getAttribute('cx')") != x
    assert tab.evaluate(
        "slices[0].slider.range.getAttribute('aria-valuetext')"
    ) == "1.01; gradient " + tab.evaluate("sliders[0].gradient.textContent")


def test_a_number_that_leaves_its_range_takes_the_range_with_it(visit):
    tab = is_drawn(visit(demo("alice"), width=1280, height=1400))
    tab.fill("input[type=number][aria-label=w1]", "-7.5")
    tab.keyboard.press("Tab")
    until(tab, "sliders[0].low < -7.5")
    for slice in places(tab):
        assert slice[0] == close(slice[1], abs=0.6)
    low, high = tab.evaluate("[slices[0].low.textContent, slices[0].high.textContent]")
    assert float(low.replace("−", "-")) < -7.5 < float(high)


def test_of_many_slices_only_those_in_sight_are_computed(visit):
    model = MLP(4, [8, 8, 1], seed=0)
    loss = mean_squared_error(model([0.5, -0.2, 0.1, 0.9]), 1.0)
    tab = is_drawn(visit(page(loss), width=1280, height=720))
    assert tab.evaluate("slices.length") == sum(isinstance(node, Parameter) for node in topological_order(loss))
    tab.evaluate("document.querySelector('.slider:nth-child(90)').scrollIntoView()")
    until(tab, "slices[89].px !== undefined")
    drawn = tab.evaluate("slices.filter((slice) => slice.isSeen).length")
    assert 0 < drawn < 60
    assert tab.evaluate("slices[0].isSeen") is False


# --- one variable: a finger on the curve ------------------------------------------------------------------

OVERLAPS = """() => {
    const texts = [...document.querySelectorAll("#finger svg text")].filter((text) => text.textContent).map((text) => [text.textContent, text.getBoundingClientRect()]);
    const frame = document.querySelector("#finger").getBoundingClientRect();
    const found = texts.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1).map(([text]) => text);
    texts.forEach(([one, a], i) => texts.slice(i + 1).forEach(([other, b]) => {
        if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) found.push(`${one} on ${other}`);
    }));
    return found; }"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", list(CURVES))
def test_no_text_lies_on_another_wherever_the_finger_is(visit, name, size):
    tab = is_drawn(visit(of_one_variable(name), width=size[0], height=size[1]))
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for share in (0.5, 0.02, 0.2, 0.37, 0.5, 0.61, 0.8, 0.98, 1):
        tab.evaluate(
            "(share) => { state.inputs[0] = sliders[0].low + share * (sliders[0].high - sliders[0].low); refresh(); }",
            share,
        )
        assert tab.evaluate(OVERLAPS) == [], share


@pytest.mark.parametrize("name", ["square", "sine", "logarithm"])
def test_the_triangle_has_the_slope_as_its_rise(visit, name):
    made = of_one_variable(name)
    tab = is_drawn(visit(made, width=1280, height=720))
    scale = tab.evaluate(
        "({ x: finger.px(1) - finger.px(0), y: finger.py(0) - finger.py(1), at: finger.px(state.inputs[0]) })"
    )
    gradient = gradient_at(made.data.loss, {}, "x")
    assert float(tab.text_content("#finger-curve .rise")) == close(abs(gradient), rel=1e-3)
    assert tab.text_content("#finger-curve .run") == "1"
    (x1, y1), (x2, y2) = points(tab.get_attribute("#finger-curve .tangent", "d"))
    assert (y1 - y2) / (x2 - x1) == close(gradient * scale["y"] / scale["x"], rel=1e-3)
    assert (x1 + x2) / 2 == close(scale["at"], abs=0.02)


def test_a_finger_on_the_square_feels_twice_the_number(visit):
    tab = is_drawn(visit(of_one_variable("square"), width=1280, height=720))
    assert (
        tab.inner_text("#finger-words")
        == "At x = 2 the curve rises: one step of 1 to the right along the line, and y goes up by 4."
    )
    assert tab.text_content("#finger .step-text") == "−0.1 · 4 = −0.4"
    box = tab.locator("#finger-curve").bounding_box()
    low, high = tab.evaluate("[sliders[0].low, sliders[0].high]")

    def pixel(value):
        return box["x"] + 8 + (value - low) / (high - low) * (box["width"] - 16)

    tab.mouse.move(pixel(2), box["y"] + 100)
    tab.mouse.down()
    for value in (1, -0.5, -3):
        tab.mouse.move(pixel(value), box["y"] + 120)
        tab.wait_for_timeout(60)
    tab.mouse.up()
    until(tab, "state.inputs[0] < -2.9")
    touched = tab.evaluate("finger.touched")
    assert len(touched) > 100
    assert [slope for _, slope in touched] == close([2 * x for x, _ in touched], rel=1e-12, abs=1e-14)
    # Without a gap from 2 to −3.
    assert max(b - a for a, b in pairwise(sorted(x for x, _ in touched))) < (high - low) / 100
    assert tab.inner_text("#finger-words").startswith("At x = −3 the curve falls: one step of 1")
    beads = tab.evaluate(
        "[...document.querySelectorAll('.beads')].map((path) => path.getAttribute('d').split('M').length - 1)"
    )
    assert beads[0] > 40
    assert beads[1] > 60


def test_the_curve_is_a_slider_for_keys_and_for_those_who_hear_the_page(visit):
    tab = is_drawn(visit(of_one_variable("square"), width=1280, height=720))
    slider = tab.get_by_role("slider", name="x, slider")
    slider.focus()
    tab.keyboard.press("ArrowRight")
    until(tab, "state.inputs[0] > 2 && !byId('finger-words').textContent.startsWith('At x = 2 ')")
    x = tab.evaluate("state.inputs[0]")
    assert x == close(2 + tab.evaluate("sliders[0].step"))
    assert slider.get_attribute("aria-valuetext") == tab.inner_text("#finger-words")
    tab.fill("input[type=number][aria-label=x]", "0")
    until(tab, "byId('finger-words').textContent.startsWith('At x = 0 ')")
    assert tab.inner_text("#finger-words") == "At x = 0 the curve is level: its slope is 0."
    assert tab.locator("#finger-curve .triangle").count() == 0


def test_where_there_is_no_curve_the_page_says_so(visit):
    tab = is_drawn(visit(of_one_variable("logarithm"), width=1280, height=720))
    tab.fill("input[type=number][aria-label=x]", "-1")
    until(tab, "state.inputs[0] === -1")
    assert tab.inner_text("#finger-words") == "At x = −1 there is no curve: y is nan."
    assert tab.locator("#finger-curve circle").count() == 0
    # It begins where the logarithm begins.
    left = points(tab.get_attribute("#finger-curve .slice-curve", "d"))[0][0]
    assert left == close(tab.evaluate("finger.px(0)"), abs=1)


def test_before_the_backward_pass_the_finger_feels_nothing(visit):
    tab = is_drawn(visit(of_one_variable("square"), width=1280, height=720))
    tab.evaluate("show(1)")
    assert tab.get_attribute("#finger-curve .tangent", "d") == ""
    assert tab.locator("#finger-curve .rise, #finger-slopes circle, #finger .arrow").count() == 0
    assert "backward pass" in tab.inner_text("#finger-words")


def test_a_finger_drags_the_dot_without_scrolling_the_page(visit):
    tab = is_drawn(visit(of_one_variable("square"), width=390, height=844, has_touch=True, is_mobile=True))
    box = tab.locator("#finger-curve").bounding_box()
    touch(tab, *[(box["x"] + share * box["width"], box["y"] + 20 + 200 * share) for share in (0.8, 0.6, 0.4, 0.2)])
    until(tab, "state.inputs[0] < -2")
    assert tab.evaluate("scrollY") == 0


def test_three_sizes_of_numbers_have_their_own_run(visit):
    for start, run in ((2.0, "1"), (300.0, "100"), (0.002, "5·10⁻⁴")):
        x = Value(start, "x")
        y = x**2
        y.label = "y"
        tab = is_drawn(visit(page(y), width=1280, height=720))
        assert tab.text_content("#finger-curve .run") == run
        assert f"one step of {run} to the right" in tab.inner_text("#finger-words")
