"""What moves on a page, in a real browser: a gradient travels along its edge, is multiplied, and adds into a box."""

from __future__ import annotations

import re
from functools import cache

import pytest

from autograd.core.numbers import write_number
from viz.pages.demos import demo

MOMENT = """(time) => {
  motion.draw(time);
  const k = state.position - seedStep - 1, [node, input, , edge] = page.backward[k];
  const label = svg.querySelector(".traveller:not(.meeting)"), line = groups[edge].querySelector(".line");
  const { e: x, f: y } = label.transform.baseVal[0].matrix, length = line.getTotalLength();
  const away = (share) => { const p = line.getPointAtLength(share * length); return Math.hypot(p.x - x, p.y - y); };
  const gaps = Array.from({ length: 201 }, (_, i) => away(i / 200));
  const nearest = gaps.indexOf(Math.min(...gaps)) / 200;
  const filling = groups[edge].querySelector(".line + .line");
  return { text: label.textContent, from_edge: away(nearest), share: nearest,
    receiver: boxes[input].grad.data, moving: svg.classList.contains("moving"),
    filled: filling ? length - Number(getComputedStyle(filling).strokeDasharray.split(",")[1].replace("px", "")) : length, length };
}"""
"""A motion is stopped after so many milliseconds: where its number is, and what stands in the box that it goes to."""


@cache
def made(name="alice"):
    return demo(name)


@pytest.fixture
def tab(visit):
    return visit(made(), 1280, 720)


def backward(name="alice"):
    """Each backward step, with its number among all steps of the page."""
    data = made(name).data
    first = len(data.steps.forward) + 2
    return list(enumerate(data.steps.backward, first))


def press_on(tab, step):
    """Go on to a step with the arrow key; its motion waits for the test, however slow the machine is."""
    key = "new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true })"
    tab.evaluate(f"show({step - 1}); document.body.dispatchEvent({key}); if (motion) motion.isHeld = true")
    assert tab.evaluate("state.position") == step


def wait_until(tab, condition):
    # The page's security policy forbids what playwright's own waiting does.
    tab.evaluate(f"(async () => {{ while (!({condition})) await new Promise((done) => setTimeout(done, 20)); }})()")


def test_the_upstream_gradient_travels_along_the_edge_and_is_multiplied_on_the_way(tab):
    for step, found in backward()[::5]:
        upstream, local, product = (write_number(x) for x in (found.upstream, found.local, found.product))
        factor = f"({local})" if local.startswith("−") else local
        press_on(tab, step)
        moments = {time: tab.evaluate(MOMENT, time) for time in range(0, 700, 50)}
        texts = [moment["text"] for moment in moments.values()]
        assert list(dict.fromkeys(texts)) == list(dict.fromkeys([upstream, f"{upstream} × {factor}", product]))
        # From the upper end of the edge (the box from which the gradient comes) to the lower one.
        shares = [moment["share"] for moment in moments.values()]
        assert shares == sorted(shares, reverse=True)
        assert shares[0] == 1
        assert shares[-1] < 0.05
        on_the_edge = [moment for moment in moments.values() if 0.02 < moment["share"] < 0.98]
        assert len(on_the_edge) >= 4
        assert all(moment["from_edge"] < 3 for moment in on_the_edge)
        # The edge fills behind the number, not before it.
        for moment in on_the_edge:
            assert moment["filled"] == pytest.approx((1 - moment["share"]) * moment["length"], abs=3)
        # It meets the local derivative in the middle.
        assert moments[300]["share"] == pytest.approx(0.5, abs=0.02)


def test_the_box_has_its_old_total_until_the_number_arrives_and_then_the_new_one(tab):
    for step, found in backward():
        before, product, after = (write_number(x) for x in (found.before, found.product, found.after))
        press_on(tab, step)
        is_first = not any(other.input == found.input for k, other in backward() if k < step)
        on_the_way = tab.evaluate(MOMENT, 699)
        assert on_the_way["receiver"].rstrip("…") == ("?" if is_first else before)
        arrived = tab.evaluate(MOMENT, 701)
        assert arrived["receiver"].rstrip("…") == after
        factor = f"({product})" if product.startswith("−") else product
        assert re.fullmatch(re.escape(f"{before} + {factor} ") + "[=≈]" + re.escape(f" {after}"), arrived["text"])
        assert arrived["filled"] == arrived["length"]


def test_at_the_end_of_a_motion_all_is_as_without_it(tab):
    drawn = "[svg.innerHTML.replace(/ style=\"[^\"]*\"/g, ''), svg.getAttribute('class') || '']"
    for step in (5, 17, 18, 25, 41):
        tab.evaluate("(k) => show(k)", step)
        still = tab.evaluate(drawn)
        tab.evaluate("(k) => show(k)", step - 1)
        tab.keyboard.press("ArrowRight")
        wait_until(tab, "!motion")
        assert tab.evaluate(drawn) == still


def test_a_motion_takes_less_than_two_seconds_and_a_sum_of_several_longer_than_one(tab):
    lasts = {}
    for step, found in backward():
        press_on(tab, step)
        lasts.setdefault(found.before != 0, set()).add(tab.evaluate("motion.lasts"))
    assert lasts == {False: {1200}, True: {1800}}


def test_the_next_key_ends_the_motion_and_goes_on(tab):
    press_on(tab, 25)
    assert tab.evaluate("Boolean(motion)")
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    assert tab.evaluate("state.position") == 28
    assert tab.locator("#graph .traveller:not(.meeting)").count() == 1
    known = tab.evaluate("boxes.map((box) => box.grad.data)")
    tab.keyboard.press("ArrowLeft")
    assert tab.evaluate("Boolean(motion)") is False
    assert tab.locator("#graph .traveller, #graph .waiting, #graph .arrived").count() == 0
    # All but the last contribution had been added already.
    assert tab.evaluate("boxes.map((box) => box.grad.data)") == known


def test_what_is_said_does_not_wait_for_what_moves(tab):
    press_on(tab, 25)
    found = dict(backward())[25]
    assert write_number(found.product) in tab.inner_text("#narration")
    assert tab.inner_text("#counter") == "step 25 of 42"


def test_in_the_forward_pass_the_inputs_go_into_the_operation_and_the_result_appears(tab):
    press_on(tab, 3)
    node = tab.evaluate("page.forward[2]")
    tab.evaluate("motion.draw(390)")
    assert tab.evaluate(f"boxes[{node}].data.data") == "?"
    dots = tab.evaluate(
        """() => [...svg.querySelectorAll(".traveller")].map((dot, i) => { const { e, f } = dot.transform.baseVal[0].matrix;
            const line = groups[edgesInto[page.forward[2]][i].edge].querySelector(".line"), p = line.getPointAtLength(line.getTotalLength());
            return Math.hypot(p.x - e, p.y - f); })"""
    )
    assert len(dots) == 3
    assert max(dots) < 3
    tab.evaluate("motion.draw(410)")
    assert tab.evaluate(f"boxes[{node}].data.data") == "−3"
    assert tab.locator("#graph .traveller").count() == 0


def test_playing_waits_for_what_moves(tab):
    tab.evaluate("show(20)")
    tab.keyboard.press(" ")
    assert tab.inner_text("#counter") == "step 21 of 42"
    tab.evaluate("motion.isHeld = true")
    tab.wait_for_timeout(1800)
    assert tab.inner_text("#counter") == "step 21 of 42"
    tab.evaluate("finishMotion()")
    wait_until(tab, "state.position === 22")
    assert tab.evaluate("Boolean(motion)")
    tab.keyboard.press(" ")
    wait_until(tab, "!motion")
    tab.wait_for_timeout(1200)
    assert tab.inner_text("#counter") == "step 22 of 42"


def test_nothing_moves_but_in_a_step_forward(tab):
    still = "Boolean(motion) || svg.querySelector('.traveller') !== null"
    moves = {
        "scrubbing": lambda: tab.evaluate("byId('scrubber').value = 30; byId('scrubber').dispatchEvent(new Event('input'))"),
        "a jump": lambda: tab.keyboard.press("Home"),
        "back": lambda: (tab.evaluate("show(30)"), tab.keyboard.press("ArrowLeft")),
        "the end": lambda: tab.keyboard.press("End"),
        "a slider": lambda: (tab.evaluate("show(30)"), tab.locator(".slider input").first.focus(), tab.keyboard.press("ArrowRight")),
        "another size": lambda: tab.set_viewport_size({"width": 1200, "height": 700}),
        "a jump to a step": lambda: (tab.evaluate("lookAt('v1')"), tab.locator("#inspection button").first.click()),
        "a question": lambda: tab.click("#predict"),
    }  # fmt: skip
    for what, do in moves.items():
        do()
        tab.wait_for_timeout(60)
        assert tab.evaluate(still) is False, what


def test_what_changes_meanwhile_ends_the_motion(tab):
    slide = "(() => { const e = document.querySelector('.slider input'); e.value = 0.5; e.dispatchEvent(new Event('input')); })()"
    for change in (slide, "dispatchEvent(new Event('beforeprint'))"):
        press_on(tab, 30)
        tab.evaluate(change)
        wait_until(tab, "!motion")
        assert tab.locator("#graph .traveller, #graph .waiting").count() == 0
        tab.evaluate("dispatchEvent(new Event('afterprint'))")


def test_who_wants_no_motion_sees_the_equation_at_once(visit):
    tab = visit(made(), 1280, 720, reduced_motion="reduce")
    for step, found in backward()[::5]:
        press_on(tab, step)
        assert tab.evaluate("Boolean(motion)") is False
        assert tab.evaluate("plaque.isConnected && getComputedStyle(plaque).visibility") == "visible"
        assert write_number(found.product) in tab.text_content("#graph .equation")
        assert tab.evaluate(f"boxes[page.backward[{step} - seedStep - 1][1]].grad.data").rstrip(
            "…"
        ) == write_number(found.after)
    # It can be played all the same.
    tab.evaluate("show(20)")
    tab.keyboard.press(" ")
    wait_until(tab, "state.position === 22")


def test_a_number_of_an_earlier_row_arrives_at_its_tag(visit):
    tab = visit(made("mazur"), 1280, 720)
    crossing = [
        step for step, found in backward("mazur")
        if tab.evaluate("(k) => { const [, input, , edge] = page.backward[k]; const p = groups[edge].querySelector('.line').getPointAtLength(0);"
                        " const { e, f } = boxes[input].group.transform.baseVal[0].matrix; return Math.hypot(p.x - e, p.y - f); }",
                        step - backward("mazur")[0][0]) > 150
    ]  # fmt: skip
    assert crossing
    for step in crossing:
        press_on(tab, step)
        at_last = tab.evaluate(MOMENT, 699)
        assert at_last["from_edge"] < 3
        assert at_last["share"] < 0.03
        assert tab.evaluate(MOMENT, 701)["receiver"].rstrip("…") == write_number(
            dict(backward("mazur"))[step].after
        )


def test_a_motion_on_a_telephone_can_be_seen(visit):
    tab = visit(made(), 390, 844)
    for step in (20, 24, 40):
        press_on(tab, step)
        tab.evaluate("motion.draw(340)")
        tab.wait_for_timeout(600)
        dot, view = tab.evaluate(
            "[svg.querySelector('.traveller:not(.meeting) circle'), stage].map((e) => { const { left, right, top, bottom } = e.getBoundingClientRect(); return [left, right, top, bottom]; })"
        )
        assert view[0] <= dot[0] <= dot[1] <= view[1]
        assert view[2] <= dot[2] <= dot[3] <= view[3]
