"""The page in a lesson: everything in one screen, large for a projector, whole on paper and on a phone."""

from __future__ import annotations

import re
from functools import cache

import pytest
from waiting import until

import nn
from autograd import Value
from viz.pages.demos import DEMOS, demo
from viz.pages.html import page

LESSONS = ["alice", "mazur", "linear", "neuron", "descent"]
SCREENS = [(1280, 720), (1440, 900)]
PANELS = ["stage", "transport", "telling", "playing", "descending"]

# What does not fit: a document or a panel that scrolls, a panel outside of the window or over another one.
MISFITS = """
const rect = (e) => { const { left, top, right, bottom } = e.getBoundingClientRect(); return { left, top, right, bottom }; };
const root = document.documentElement;
const misfits = (ids) => {
  const found = [];
  if (root.scrollHeight > innerHeight || root.scrollWidth > innerWidth) found.push("the document scrolls");
  const shown = ids.map((id) => byId(id)).filter((e) => e.getClientRects().length);
  if (shown.length !== ids.length) found.push("a panel is missing");
  for (const e of shown) {
    const { left, top, right, bottom } = rect(e);
    if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) found.push(`${e.id} is not in the window`);
    if (e.scrollHeight > e.clientHeight || e.scrollWidth > e.clientWidth) found.push(`${e.id} scrolls: ${e.scrollWidth}x${e.scrollHeight} in ${e.clientWidth}x${e.clientHeight}`);
  }
  shown.forEach((one, i) => shown.slice(i + 1).forEach((other) => { const a = rect(one), b = rect(other);
    if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1) found.push(`${one.id} over ${other.id}`); }));
  return found;
};
"""


@cache
def made(name):
    return demo(name)


def ask(tab, script, argument=None):
    return tab.evaluate(f"(argument) => {{ {MISFITS} return {script}; }}", argument)


# --- one screen -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen[0]}x{screen[1]}")
@pytest.mark.parametrize("name", LESSONS)
def test_graph_step_words_numbers_and_descent_stand_in_one_screen_at_every_step(visit, name, screen):
    tab = visit(made(name), *screen)
    every_step = """Array.from({ length: finished + 1 }, (_, k) => { goTo(k);
        return misfits(argument).map((misfit) => `step ${k}: ${misfit}`); }).flat()"""
    assert ask(tab, every_step, PANELS) == []
    for count in (100, 200):
        tab.click("#steps-100")
        until(tab, f"byId('steps-done').textContent === '{count} steps'")
    assert ask(tab, "misfits(argument)", PANELS) == []
    assert tab.evaluate("[byId('views'), byId('table-of-examples')].every((e) => e.scrollWidth <= e.clientWidth)")
    if tab.is_visible("#view-tabs"):
        tab.click("#view-tabs button:text('Map')")
        assert tab.is_hidden("#table-of-examples")
        assert ask(tab, "misfits(argument)", PANELS) == []
        assert ask(tab, "misfits(['boundary'])") == []


@pytest.mark.parametrize("name", list(DEMOS))
def test_stepping_moves_nothing_but_what_the_step_changes(visit, name):
    """The panels and the first formula stay where they are."""
    tab = visit(made(name), 1280, 720)
    places = """Array.from({ length: finished + 1 }, (_, k) => { goTo(k);
        return JSON.stringify(argument.map((id) => rect(byId(id)))); })"""
    assert len(set(ask(tab, places, PANELS))) == 1
    assert ask(tab, "root.scrollHeight <= innerHeight")


@pytest.mark.parametrize("name", ["alice", "mazur"])
def test_words_and_formulas_that_shrink_can_still_be_read(visit, name):
    tab = visit(made(name), 1280, 720)
    sizes = ask(
        tab,
        """Array.from({ length: finished }, (_, k) => { goTo(k + 1); return [...document.querySelectorAll("#narration, #formulas math")]
            .map((e) => parseFloat(getComputedStyle(e).fontSize)); }).flat()""",
    )
    assert min(sizes) >= 12


def test_a_long_title_and_note_leave_the_buttons_where_they_are(visit):
    a, b = Value(2.0, "a"), Value(3.0, "b")
    tab = visit(page(a * b, title="word " * 60, note="what this is about " * 40), 1280, 720)
    assert ask(tab, "root.scrollHeight <= innerHeight && root.scrollWidth <= innerWidth")
    assert ask(tab, "rect(document.querySelector('header')).bottom") < 50
    for id in ("predict", "present", "tabulate", "theme"):
        assert tab.locator(f"#{id}").bounding_box()["x"] > 800
    tab.focus("#note")
    whole = tab.locator("#note span").bounding_box()
    assert whole["height"] > 60
    assert whole["x"] >= 0
    assert whole["x"] + whole["width"] <= 1280


# --- in front of a class ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LESSONS)
def test_presenting_shows_the_graph_and_large_words_at_every_step(visit, name):
    tab = visit(made(name), 1280, 720)
    tab.keyboard.press("p")
    assert tab.get_attribute("#present", "aria-pressed") == "true"
    assert tab.is_hidden("#playing")
    assert tab.is_hidden("#descending")
    found = ask(
        tab,
        """Array.from({ length: finished + 1 }, (_, k) => { goTo(k); return misfits(argument).map((misfit) => `step ${k}: ${misfit}`); }).flat()""",
        ["stage", "transport", "telling"],
    )
    assert found == []
    size = "parseFloat(getComputedStyle(byId('narration')).fontSize)"
    assert tab.evaluate(size) == 26
    assert (
        ask(
            tab,
            "Math.min(...[...svg.querySelectorAll('text')].map((e) => parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a))",
        )
        >= 10.99
    )
    # It stays so while one steps, changes the colours or the window; Escape ends it.
    tab.keyboard.press("ArrowLeft")
    tab.click("#theme")
    tab.set_viewport_size({"width": 1440, "height": 900})
    assert tab.is_hidden("#playing")
    assert tab.evaluate(size) == 26
    tab.keyboard.press("Escape")
    assert tab.is_visible("#playing")
    assert tab.get_attribute("#present", "aria-pressed") == "false"
    tab.click("#present")
    assert tab.is_hidden("#descending")


def test_a_tall_graph_is_presented_beside_its_words(visit):
    neuron = nn.Neuron(9)
    tab = visit(page(neuron([Value(i / 9, f"x{i}") for i in range(1, 10)])), 1280, 720)
    above = tab.evaluate("zoom")
    tab.keyboard.press("p")
    assert tab.evaluate("zoom") > 1.2 * above
    ids = ["stage", "transport", "telling"]
    every_step = """Array.from({ length: edgeCount + 1 }, (_, i) => { const k = seedStep + i; goTo(k);
        return misfits(argument).map((misfit) => `step ${k}: ${misfit}`); }).flat()"""
    assert ask(tab, every_step, ids) == []
    assert ask(tab, "rect(byId('telling')).left >= rect(byId('stage')).right")


def test_a_curve_is_presented_beside_its_words(visit):
    x = Value(2.0, "x")
    y = x**2
    y.label = "y"
    tab = visit(page(y), 1280, 720)
    tab.keyboard.press("p")
    every_step = """Array.from({ length: finished + 1 }, (_, k) => { goTo(k);
        return misfits(argument).map((misfit) => `step ${k}: ${misfit}`); }).flat()"""
    assert ask(tab, every_step, ["finger", "stage", "transport", "telling"]) == []
    assert ask(tab, "rect(byId('formulas')).left - rect(byId('narration')).left") == 0


def test_the_size_and_place_that_were_chosen_survive_another_window(visit):
    tab = visit(made("alice"), 1280, 720)
    fitted = tab.evaluate("zoom")
    for _ in range(3):
        tab.click("#larger")
    chosen = tab.evaluate("zoom")
    assert chosen == pytest.approx(fitted * 1.2**3)
    tab.evaluate("stage.scrollTo(700, 120)")
    middle = (
        "[(stage.scrollLeft + stage.clientWidth / 2) / zoom, (stage.scrollTop + stage.clientHeight / 2) / zoom]"
    )
    tab.wait_for_timeout(100)
    before = tab.evaluate(middle)
    for width, height in ((1440, 900), (950, 600), (1280, 720)):
        tab.set_viewport_size({"width": width, "height": height})
        tab.wait_for_timeout(100)
        assert tab.evaluate("zoom") == chosen
        assert tab.evaluate(middle) == pytest.approx(before, abs=3)
    tab.keyboard.press("p")
    assert tab.evaluate("zoom") == chosen
    tab.click("#fit")
    assert ask(tab, "stage.scrollWidth <= stage.clientWidth && stage.scrollHeight <= stage.clientHeight")
    tab.set_viewport_size({"width": 1440, "height": 900})
    tab.wait_for_function(f"zoom > {fitted}")  # The page hears of its new size a moment later.


def test_all_steps_stand_in_a_dialog_that_gives_the_focus_back(visit):
    tab = visit(made("alice"), 1280, 720)
    tab.focus("#tabulate")
    tab.keyboard.press("Enter")
    assert tab.is_visible("#all-steps")
    assert tab.locator("#steps-table tr").count() == 1 + 14 + 1 + 27
    box = tab.locator("#all-steps").bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 720
    # Its keys are its own.
    position = tab.evaluate("state.position")
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("p")
    assert tab.evaluate("state.position") == position
    assert tab.is_visible("#playing")
    tab.keyboard.press("Escape")
    assert tab.is_hidden("#all-steps")
    assert tab.evaluate("document.activeElement.id") == "tabulate"


# --- small windows, paper, colours ------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(DEMOS))
def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_steps_are_at_hand(visit, name):
    tab = visit(made(name), 390, 844, has_touch=True)
    assert ask(tab, "root.scrollWidth") <= 390
    wide = ask(
        tab,
        "[...document.querySelectorAll('header *, #panels > *, #transport *')].filter((e) => rect(e).right > 391).map((e) => e.id || e.tagName)",
    )
    assert wide == []
    tab.evaluate("scrollTo(0, 99999)")
    for id in ("back", "play", "forward"):
        box = tab.locator(f"#{id}").bounding_box()
        assert box["width"] >= 44
        assert box["height"] >= 44
        assert 750 < box["y"] < 844 - 44
    # What the step is about comes into view.
    for k in tab.evaluate("[2, seedStep, stepCount]"):
        tab.evaluate("(k) => goTo(k)", k)
        tab.wait_for_timeout(700)
        assert ask(
            tab,
            "[...svg.querySelectorAll('.made .box, .receiver .box')].every((e) => { const box = rect(e), place = rect(stage); return box.left >= place.left && box.right <= place.right; })",
        )


@pytest.mark.parametrize("size", [(950, 600), (740, 600)])
def test_in_the_frame_of_a_notebook_the_graph_and_its_steps_are_in_sight(visit, size):
    tab = visit(made("alice"), *size)
    assert ask(tab, "root.scrollWidth <= innerWidth")
    for id in ("stage", "transport"):
        box = tab.locator(f"#{id}").bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size[1]


@pytest.mark.parametrize("name", ["alice", "mazur", "micrograd", "cs231n-product"])
def test_on_paper_the_graph_is_whole_on_the_first_page_and_the_steps_follow(visit, name):
    tab = visit(made(name), 1280, 720)
    tab.click("#tabulate")
    tab.emulate_media(media="print")
    # A4 landscape without its margins, in pixels of paper.
    tab.set_viewport_size({"width": 1031, "height": 703})
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not tab.evaluate("byId('all-steps').open")
    graph, table = (tab.locator(f"#{id}").bounding_box() for id in ("graph", "all-steps"))
    assert graph["x"] >= 0
    assert graph["x"] + graph["width"] <= 1032
    assert graph["y"] + graph["height"] <= 703
    assert table["y"] >= graph["y"] + graph["height"]
    assert tab.is_visible("#all-steps")
    for id in ("transport", "panels", "predict", "present", "smaller"):
        assert tab.is_hidden(f"#{id}")
    pages = tab.pdf(prefer_css_page_size=True)
    sizes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pages))
    assert {(round(float(w)), round(float(h))) for w, h in sizes} <= {(842, 595), (841, 595), (842, 596)}
    assert len(re.findall(rb"/Type /Page\b", pages)) >= 2


CONTRAST = """
(() => { const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * x + 0.7152 * y + 0.0722 * z; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; } return [255, 255, 255]; };
  const found = [];
  for (const e of document.querySelectorAll("header *, #transport *, #panels *")) {
    if (e.closest("svg, math, option, canvas") || !e.getClientRects().length || !getComputedStyle(e).color) continue;
    if (![...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${e.id || e.className || e.tagName} "${e.textContent.slice(0, 20)}": ${ratio.toFixed(2)}`);
  }
  return found; })()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["alice", "descent"])
def test_all_words_stand_out_from_what_is_behind_them(visit, name, scheme):
    tab = visit(made(name), 1280, 720, color_scheme=scheme)
    tab.evaluate("goTo(seedStep + 3)")
    assert tab.evaluate(CONTRAST) == []
    tab.click("#predict")
    tab.fill("#answer", "77")
    tab.keyboard.press("Enter")
    assert tab.evaluate(CONTRAST) == []


def test_with_forced_colours_what_is_pressed_has_a_border(visit):
    tab = visit(made("alice"), 1280, 720, forced_colors="active")
    border = "(id) => parseFloat(getComputedStyle(byId(id)).borderTopWidth)"
    assert tab.evaluate(border, "present") == 1
    tab.click("#present")
    assert tab.evaluate(border, "present") == 3
    assert tab.evaluate(border, "telling") >= 1


@pytest.mark.parametrize("name", ["alice", "descent"])
def test_the_keyboard_comes_by_everything_in_the_order_in_which_it_stands(visit, name):
    tab = visit(made(name), 1280, 720)
    seen = []
    for _ in range(90):
        tab.keyboard.press("Tab")
        found = tab.evaluate(
            """() => { const e = document.activeElement; if (e === document.body) return null;
            const label = e.labels && e.labels[0] ? e.labels[0].textContent : "", style = getComputedStyle(e), box = e.getBoundingClientRect();
            return { part: (e.closest("header, #stage, #transport, .zoom, #telling, #playing, #descending") || {}).id || "", name: (e.getAttribute("aria-label") || label || e.textContent).trim(),
                isSeen: style.outlineStyle !== "none" || Boolean(e.closest("#playing, #graph")), top: box.top, left: box.left }; }"""
        )
        if found is None:
            break
        seen.append(found)
    assert all(one["name"] for one in seen)
    assert all(one["isSeen"] for one in seen)
    assert all(-1 <= one["top"] <= 720 and -1 <= one["left"] <= 1280 for one in seen)
    parts = list(dict.fromkeys(one["part"] for one in seen))
    assert parts == ["", "stage", "transport", "telling", "playing", "descending"]
    # One Tab after the other stays within a part until that is done with.
    order = [one["part"] for one in seen if one["part"]]
    assert order == sorted(order, key=parts.index)
