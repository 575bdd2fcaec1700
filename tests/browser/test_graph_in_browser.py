"""The graph of the page as a real browser draws it: nothing overlaps, all can be read, and widths say what flows back."""

from __future__ import annotations

import math
from functools import cache

import pytest

from viz.drawing.style import edge_width, flow, share_of_tint
from viz.formulas.worked_examples import EXAMPLES
from viz.pages.demos import DEMOS, demo

close = pytest.approx
SCREENS = {"slide": (1440, 900), "laptop": (1280, 720), "phone": (390, 844)}

# What is drawn, in pixels of the screen.  A test of each step would be slow if every step were asked for from here.
GEOMETRY = """
const visible = (selector) => [...document.querySelectorAll("#graph " + selector)].filter((e) => !e.closest(".gone, defs"));
const rect = (e) => { const { left, top, right, bottom } = e.getBoundingClientRect(); return { left, top, right, bottom }; };
const overlap = (a, b, by = 1) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > by && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > by;
const words = () => visible("text").filter((e) => e.textContent).map((e) => ({ text: e.textContent, ...rect(e) }));
const everyStep = (look) => { const found = []; for (let k = 0; k <= finished; k++) { show(k); found.push(...look().map((x) => `${k}: ${x}`)); } return found; };
const inside = ({ x, y }, box) => x > box.left && x < box.right && y > box.top && y < box.bottom;
const pointsOf = (line) => { const m = line.getScreenCTM(), n = line.getTotalLength(), found = [];
  for (let s = 0; s <= n; s += 2) { const p = line.getPointAtLength(s).matrixTransform(m); found.push(p); } return found; };
"""


@cache
def made(name):
    return demo(name)


def look(tab, script, argument=None):
    return tab.evaluate(f"(argument) => {{ {GEOMETRY} return {script}; }}", argument)


@pytest.mark.parametrize("name", list(DEMOS))
def test_no_two_texts_overlap_at_any_step(visit, name):
    tab = visit(made(name), *SCREENS["laptop"])
    pairs = """everyStep(() => { const all = words(), found = [];
        all.forEach((a, i) => all.slice(i + 1).forEach((b) => { if (overlap(a, b)) found.push(a.text + " / " + b.text); }));
        return found; })"""
    assert look(tab, pairs) == []


@pytest.mark.parametrize("name", list(DEMOS))
def test_an_equation_stands_on_nothing(visit, name):
    tab = visit(made(name), *SCREENS["laptop"])
    covered = """(() => { const things = visible(".node, .tag, .frame .title, .operand, .number").map((e) => [e.textContent, rect(e)]);
        const lines = visible(".line").map((e) => [e.parentNode.dataset.id, pointsOf(e)]);
        const whole = rect(svg);
        return everyStep(() => { const equation = svg.querySelector(".equation rect"); if (!equation) return [];
            const place = rect(equation);
            const found = things.filter(([, box]) => overlap(place, box, 0));
            found.push(...lines.filter(([, points]) => points.some((point) => inside(point, place))));
            if (place.left < whole.left || place.right > whole.right || place.top < whole.top || place.bottom > whole.bottom) found.push(["outside"]);
            return found.map(([name]) => name); }); })()"""
    assert look(tab, covered) == []
    shown = look(
        tab, "page.backward.filter((_, k) => { show(seedStep + 1 + k); return plaque.isConnected; }).length"
    )
    assert shown == len(made(name).data.steps.backward)
    if name in ("alice", "linear", "mazur"):
        # Numbers are longer after a descent.
        tab.evaluate("for (let i = 0; i < 200; i++) descendOnce()")
        assert look(tab, covered) == []


@pytest.mark.parametrize("name", ["alice", "mazur", "karpathy", "karpathy-neuron", "micrograd"])
def test_the_line_from_an_equation_to_its_edge_crosses_no_box(visit, name):
    tab = visit(made(name), *SCREENS["laptop"])
    crossed = """(() => { const cards = visible(".box").map((e) => [e.parentNode.dataset.id, rect(e)]);
        return everyStep(() => { const leader = svg.querySelector(".equation path"); if (!leader) return [];
            const points = pointsOf(leader);
            return cards.filter(([, box]) => points.some((point) => inside(point, box))).map(([id]) => id); }); })()"""
    assert look(tab, crossed) == []


@pytest.mark.parametrize("screen", list(SCREENS))
def test_letters_are_large_enough_and_the_window_wide_enough(visit, screen):
    for name in DEMOS:
        tab = visit(made(name), *SCREENS[screen])
        sizes = look(
            tab, "visible('text').map((e) => parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a)"
        )
        assert min(sizes) >= 10.99, name
        assert tab.evaluate("document.documentElement.scrollWidth") <= SCREENS[screen][0], name
        tab.close()


@pytest.mark.parametrize("name", ["alice", "mazur", "micrograd", "descent"])
def test_nothing_leaves_its_box_wherever_one_descends(visit, name):
    tab = visit(made(name), *SCREENS["laptop"])
    outside = """everyStep(() => visible(".node:not(.fold), .tag").flatMap((group) => { const box = rect(group.querySelector(".box"));
        return [...group.querySelectorAll(".name, .data, .grad")].filter((e) => e.textContent).filter((e) => { const t = rect(e);
            return t.left < box.left + 1 || t.right > box.right - 1 || t.top < box.top - 1 || t.bottom > box.bottom + 1; })
            .map((e) => e.textContent); }))"""
    pairs = """(() => { show(finished); return visible(".node").filter((group) => { const [a, b] = [".name", ".data"].map((name) => group.querySelector(name));
        return a && a.textContent && overlap(rect(a), rect(b), 0); }).map((e) => e.textContent); })()"""
    assert look(tab, outside) == []
    tab.evaluate("for (let i = 0; i < 200; i++) descendOnce()")
    assert look(tab, outside) == []
    assert look(tab, pairs) == []
    for factor in (-1.23456e-5, 1234.5678, -0.00123456):
        tab.evaluate(
            "(factor) => { state.inputs = page.start.map((number) => (number || 1) * factor); refresh(); }", factor
        )
        assert look(tab, outside) == []
        assert look(tab, pairs) == []


@pytest.mark.parametrize("name", ["alice", "micrograd", "cs231n-max"])
def test_an_edge_is_as_wide_as_what_flows_back_along_it(visit, name):
    tab = visit(made(name))
    reference = tab.evaluate("page.reference")
    sizes = [abs(step.product) for step in made(name).data.steps.backward]
    assert max(sizes) <= reference <= 2.5 * max(sizes)
    tab.evaluate("show(stepCount - 3)")
    check_edges(tab, reference)
    # The scale stays while numbers change.
    tab.evaluate("show(finished); state.inputs = page.start.map((number) => number * 1.5 + 0.3); refresh()")
    assert tab.evaluate("page.reference") == reference
    check_edges(tab, reference)


def check_edges(tab, reference):
    position, first = tab.evaluate("[state.position, seedStep]")
    products = tab.evaluate("state.numbers.product")
    drawn = look(
        tab,
        """page.backward.map(([, , , edge]) => { const line = groups[edge].querySelector(".line"), style = getComputedStyle(line);
        const probe = (name) => { const e = document.createElement("i"); e.style.color = `var(--${name})`; svg.parentNode.append(e);
            const c = getComputedStyle(e).color; e.remove(); return c; };
        return [parseFloat(style.strokeWidth), style.strokeDasharray, Object.fromEntries(
            ["positive-line", "negative-line", "line"].map((name) => [name, probe(name) === style.stroke]))]; })""",
    )
    for k, (product, (width, dashes, colours)) in enumerate(zip(products, drawn, strict=True)):
        contribution = product if k < position - first else None
        kind = flow(contribution)
        assert width == close(1.5 if kind == "zero" else edge_width(contribution, reference), abs=0.01)
        assert dashes == {"negative": "9px, 3px", "zero": "1.5px, 3px"}.get(kind, "none")
        assert colours[f"{kind}-line" if kind in ("positive", "negative") else "line"]


def test_a_tint_is_as_full_as_in_a_drawing(visit):
    tab = visit(made("alice"))
    reference = tab.evaluate("page.reference")
    for id, gradient in made("alice").data.steps.gradients.items():
        share, kind = tab.evaluate(
            "(id) => { const e = groups[id].querySelector('.tint'); return [e.getAttribute('fill-opacity'), e.getAttribute('class')]; }",
            id,
        )
        assert float(share) == close(share_of_tint(gradient, reference), abs=0.0006)
        assert kind == ("tint" if not gradient else f"tint {flow(gradient)}")


CONTRAST = """
(() => {
  const parts = (text) => { const [, kind, inside] = /^(\\w+)\\((.*)\\)$/.exec(text), n = inside.match(/-?[\\d.e-]+/g).map(Number);
    return kind === "color" ? n.slice(0, 3) : n.slice(0, 3).map((v) => v / 255); };
  const opacityOf = (e) => e.classList.contains("tint") ? Number(getComputedStyle(e).fillOpacity) : 1;
  const light = (colour) => { const [r, g, b] = colour.map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const isClear = (text) => text === "none" || text === "transparent" || /, 0\\)$|\\/ 0\\)$/.test(text);
  const paintOf = (e) => { const style = getComputedStyle(e);
    return e instanceof SVGElement && !(e instanceof SVGSVGElement) ? (e.tagName === "g" || e.tagName === "path" ? "none" : style.fill) : style.backgroundColor; };
  if (plaque.isConnected) plaque.style.pointerEvents = "auto";
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility() || e.closest("script, template, noscript, option, .gone, title")) continue;
    const range = document.createRange(); range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const stack = document.elementsFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    const shapes = stack.filter((other) => !(other instanceof SVGTextContentElement) && !isClear(paintOf(other)));
    if (!shapes.length) continue;
    // What shines through lies over what is behind it.
    const last = shapes.findIndex((other) => opacityOf(other) === 1);
    const behind = shapes.slice(0, last + 1).reverse().reduce((below, other) => {
      const over = parts(paintOf(other)), share = opacityOf(other);
      return below ? below.map((v, i) => v + (over[i] - v) * share) : over; }, null);
    const style = getComputedStyle(e);
    const ink = e instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [light(parts(ink)), light(behind)].sort((p, q) => q - p);
    const ratio = (a + 0.05) / (b + 0.05);
    found.push([ratio, node.data.trim().slice(0, 30), ink, behind.join(" ")]);
  }
  return found;
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["alice", "micrograd", "descent", "mazur"])
def test_every_text_stands_out_from_what_is_behind_it(visit, name, scheme):
    tab = visit(made(name), 1500, 2600, color_scheme=scheme)
    tab.evaluate("byId('all-steps').open = true; lookAt('v0'); descendOnce(); byId('original').click()")
    for step in ("finished", "seedStep + 2", "2"):
        tab.evaluate(f"show({step})")
        found = tab.evaluate(CONTRAST)
        assert len(found) > 60
        assert [text for text in found if text[0] < 4.5] == []
    # The fullest tints, wherever a gradient stands.
    for gradient in (1e6, -1e6):
        tab.evaluate("(g) => { show(finished); for (const b of boxes) { paint(b.tint, g); } }", gradient)
        assert [text for text in tab.evaluate(CONTRAST) if text[0] < 4.5] == []


def test_a_page_opens_on_the_finished_picture_and_plays_from_the_first_step(visit):
    tab = visit(made("alice"))
    assert tab.inner_text("#phase") == "done"
    assert "?" not in look(tab, "visible('.grad').map((e) => e.textContent)")
    assert look(tab, "visible('.made, .giver, .receiver, .lit, .pending').length") == 0
    tab.keyboard.press("ArrowRight")
    assert tab.inner_text("#counter") == "step 1 of 42"
    assert look(tab, "visible('.pending').length") == 27
    tab.keyboard.press("End")
    tab.keyboard.press(" ")
    assert tab.inner_text("#counter") == "step 1 of 42"
    tab.keyboard.press(" ")


def test_all_examples_show_their_mean_and_say_so(visit):
    tab = visit(demo("alice-bob"))
    tab.evaluate("show(20)")
    each = tab.evaluate("samples.rows.map((_, i) => compute(withExample(state.inputs, i)))")
    tab.select_option("#example", "mean")
    assert tab.inner_text("#phase") == "done"
    assert "mean of 4 examples" in tab.inner_text("#narration")
    shown = tab.evaluate("state.numbers")
    for field in ("data", "grad", "product", "after"):
        assert shown[field] == close(
            [math.fsum(column) / 4 for column in zip(*(one[field] for one in each), strict=True)]
        )
    assert tab.evaluate("objective(state.inputs, true).slopes") == close(
        [shown["grad"][i] for i in tab.evaluate("page.free")]
    )
    assert tab.text_content("tr.chosen th") == "mean"
    assert tab.is_hidden("#learn-row")
    # One step along that gradient lowers the mean, also if one had learned from one example only.
    before = shown["data"][-1]
    tab.click("#step")
    assert tab.evaluate("state.numbers.data[root]") < before
    tab.evaluate("lookAt('v0')")
    assert "means of all examples" in tab.inner_text("#inspection")
    # A step is that of one example.
    tab.keyboard.press("ArrowLeft")
    assert tab.input_value("#example") == "0"
    assert tab.inner_text("#counter") == "step 42 of 42"
    assert tab.evaluate("state.numbers.data") == close(tab.evaluate("compute(withExample(state.inputs, 0)).data"))


def test_boxes_can_be_reached_and_read_without_a_mouse(visit):
    made_page = made("karpathy")
    tab = visit(made_page)
    tab.focus("#graph .node[tabindex='0']")
    tab.keyboard.press("ArrowUp")
    assert tab.evaluate("document.activeElement.dataset.id") == made_page.data.steps.find("f")
    assert tab.evaluate("svg.querySelectorAll('[tabindex=\"0\"]').length") == 1
    tab.keyboard.press("Enter")
    assert tab.input_value("#look") == made_page.data.steps.find("f")
    tab.keyboard.press("ArrowLeft")
    count = len(made_page.data.steps.steps)
    assert tab.inner_text("#counter") == f"step {count} of {count}"
    assert tab.inner_text("#phase") == "backward pass"


def test_without_scripts_the_page_says_so_and_shows_its_gradients_in_colour(browser, tmp_path):
    path = made("alice").save(tmp_path / "page.html")
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 720})
    try:
        tab = context.new_page()
        tab.goto(path.as_uri())
        assert "Scripts do not run here" in tab.inner_text("noscript")
        for id in ("transport", "panels", "all-steps", "predict"):
            assert tab.is_hidden(f"#{id}")
        assert tab.locator("#graph .data", has_text="0.2269").count() == 1
        assert tab.locator("#graph .negative .line").count() > 10
        fills = tab.evaluate(
            "[...document.querySelectorAll('#graph .tint.negative')].map((e) => [getComputedStyle(e).fill, getComputedStyle(e).fillOpacity])"
        )
        assert len(fills) > 10
        assert all(fill == "rgb(240, 169, 90)" and float(opacity) > 0.08 for fill, opacity in fills)
        shot = tab.locator("#stage").screenshot()
        assert len(shot) > 10_000
    finally:
        context.close()


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_a_page_can_be_sent_by_mail(name):
    assert len(made(name).html.encode()) <= 160_000


@pytest.mark.parametrize("name", ["alice", "micrograd"])
def test_every_box_says_its_name_its_value_and_its_gradient_at_every_step(visit, name):
    tab = visit(made(name))
    steps = made(name).data.steps
    assert 'group "Computation graph"' in tab.locator("#graph").aria_snapshot()
    for position in (0, len(steps.forward) + 3, len(steps.steps) - 2, len(steps.steps) + 1):
        tab.evaluate("(k) => show(k)", position)
        heard = tab.locator("#graph").aria_snapshot()
        shown = tab.evaluate(
            'boxes.map(({ data, grad }, i) => `button "${page.names[i]} value ${data.data} gradient ${grad.data}"`)'
        )
        assert len(shown) == len(steps.nodes)
        assert [name for name in shown if name not in heard.replace('\\"', '"')] == []


def test_every_box_can_be_reached_with_keys(visit):
    tab = visit(made("alice"))
    count = len(made("alice").data.steps.nodes)
    tab.focus("#graph .node[tabindex='0']")
    reached = set()
    for _ in range(count):
        reached.add(tab.evaluate("document.activeElement.dataset.id"))
        tab.keyboard.press("ArrowUp")
    assert len(reached) == count
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    assert tab.evaluate("state.looking") == tab.evaluate("document.activeElement.dataset.id")
    tab.keyboard.press("Escape")
    assert tab.evaluate("state.looking") is None
