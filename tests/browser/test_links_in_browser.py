"""What belongs together is lit together, in a real browser: a box, its slider, its symbol, its name in the sentence."""

from __future__ import annotations

from functools import cache

import pytest

from viz.pages.demos import demo

KINDS = """[...document.querySelectorAll(".linked")].map((e) => e.closest("#graph") ? e.classList.contains("tag") ? "tag" : "box"
  : e.closest("#formulas") ? "symbol" : e.closest(".slider") ? "slider" : e.closest("#narration") ? "word" : e.tagName)"""


@cache
def made(name="alice"):
    return demo(name)


def at_a_step_of_w5(tab):
    """The step in which w5 receives its gradient: w5 stands in its formulas, its sentence, its box and its slider."""
    tab.evaluate("show(33)")
    assert tab.evaluate("page.names[page.backward[33 - seedStep - 1][1]]") == "w5"
    return tab.evaluate("page.names.indexOf('w5')")


PLACES = {
    "box": "#graph .node[data-node='{}'] .box",
    "symbol": "#formulas [data-node='{}']",
    "slider": ".slider[data-node='{}']",
    "word": "#narration [data-node='{}']",
}


@pytest.mark.parametrize("place", list(PLACES))
def test_pointing_at_one_lights_all_the_others(visit, place):
    tab = visit(made())
    node = at_a_step_of_w5(tab)
    assert tab.evaluate(KINDS) == []
    tab.locator(PLACES[place].format(node)).first.hover()
    assert set(tab.evaluate(KINDS)) == {*PLACES}
    lit = tab.evaluate("[...document.querySelectorAll('.linked')].map((e) => Number(e.dataset.node))")
    assert set(lit) == {node}
    # They stay lit while the words are written anew, and no longer than somebody points there.
    tab.evaluate("refresh()")
    assert set(tab.evaluate(KINDS)) == {*PLACES}
    tab.locator("h1").hover()
    assert tab.evaluate(KINDS) == []


def test_what_is_lit_looks_different(visit):
    tab = visit(made())
    node = at_a_step_of_w5(tab)
    look = """(selector) => { const e = document.querySelector(selector), style = getComputedStyle(e);
        return [style.backgroundColor, style.stroke, style.strokeWidth].join(); }"""
    selectors = [where.format(node) for where in PLACES.values()]
    tab.locator("h1").hover()
    before = [tab.evaluate(look, selector) for selector in selectors]
    tab.evaluate("(node) => link(`[data-node='${node}']`)", node)
    assert all(old != new for old, new in zip(before, (tab.evaluate(look, s) for s in selectors), strict=True))


def test_the_focus_of_a_slider_or_of_a_box_does_the_same(visit):
    tab = visit(made())
    node = at_a_step_of_w5(tab)
    for selector in (".slider[data-node='{}'] input", "#graph .node[data-node='{}']"):
        tab.focus(selector.format(node))
        assert set(tab.evaluate(KINDS)) == {*PLACES}
        tab.evaluate("document.activeElement.blur()")
        assert tab.evaluate(KINDS) == []


def test_a_tap_does_the_same(visit):
    tab = visit(made(), 390, 844, has_touch=True, is_mobile=True)
    node = at_a_step_of_w5(tab)
    tab.locator(PLACES["symbol"].format(node)).first.tap()
    assert set(tab.evaluate(KINDS)) == {*PLACES}
    tab.locator("h1").tap()
    assert tab.evaluate(KINDS) == []


def test_the_number_that_is_put_in_for_a_name_belongs_to_it(visit):
    tab = visit(made())
    tab.evaluate("show(4)")
    found = tab.evaluate(
        "[...document.querySelectorAll('#formulas [data-node]')].map((e) => [page.names[e.dataset.node], e.textContent])"
    )
    assert ["Σh1", "(−3)"] in found or ["Σh1", "−3"] in found
    assert ["h1", "h1"] in found


def test_an_edge_and_what_flows_back_along_it_light_each_other(visit):
    tab = visit(made())
    tab.evaluate("show(33)")
    edge = tab.evaluate("page.backward[33 - seedStep - 1][3]")
    lit = "[...document.querySelectorAll('.linked')].map((e) => e.dataset.edge || e.dataset.id)"
    tab.locator("#formulas [data-edge] span").hover()
    assert tab.evaluate(lit) == [edge, edge]
    assert "upstream" in tab.inner_text("#formulas .linked")
    tab.locator("h1").hover()
    assert tab.evaluate(lit) == []
    place = tab.evaluate(
        "(id) => { const line = groups[id].querySelector('.line'); const p = line.getPointAtLength(line.getTotalLength() / 2).matrixTransform(line.getScreenCTM()); return [p.x, p.y]; }",
        edge,
    )
    tab.mouse.move(*place)
    assert tab.evaluate(lit) == [edge, edge]
    # An edge says in which step it passes on.
    assert tab.text_content(f"#graph .edge[data-id='{edge}'] title") == "step 33: w5·h1 passes on to w5"


def test_what_is_clicked_says_so_where_one_looks(visit):
    for width, height in ((1280, 720), (390, 844)):
        tab = visit(made(), width, height)
        tab.evaluate("show(33)")
        for id in made().data.steps.find("w5"), made().data.steps.find("h1"):
            box = tab.locator(f"#graph .node[data-id={id}]")
            box.scroll_into_view_if_needed()
            box.locator(".box").click(position={"x": 40, "y": 8})
            assert tab.evaluate("state.looking") == id
            card, place, stage = (
                tab.locator(x).bounding_box() for x in ("#card", f"#graph .node[data-id={id}]", "#stage")
            )
            # Near what was clicked, without covering it, and where it can be seen.
            gap = max(card["y"] - place["y"] - place["height"], place["y"] - card["y"] - card["height"])
            assert 0 <= gap <= 14
            assert card["x"] <= place["x"] + place["width"]
            assert card["x"] + card["width"] >= place["x"]
            assert stage["x"] <= card["x"]
            assert card["x"] + card["width"] <= stage["x"] + stage["width"]
        assert tab.text_content("#card").startswith("h1 = 0.04743, dL/dh1 = −0.2376")
        tab.keyboard.press("Escape")
        assert tab.is_hidden("#card")
        tab.close()


def test_the_card_shows_the_chain_of_factors_of_a_single_path_and_follows_the_numbers(visit):
    tab = visit(made())
    tab.evaluate("lookAt('v' + page.names.indexOf('w5'))")
    assert "0.9526 · (−1) · 0.2494 · 1 · 0.04743 = −0.01127" in tab.text_content("#card")
    slider = tab.locator(".slider input").first
    slider.evaluate("(e) => { e.value = -1; e.dispatchEvent(new Event('input')); }")
    tab.evaluate("new Promise(requestAnimationFrame)")
    assert "0.04743" not in tab.text_content("#card")
    # While gradients are to be predicted, it tells none.
    tab.click("#predict")
    assert "hidden" in tab.text_content("#card")
