"""The page in a real browser: what it shows is what Python computes, whatever the learner does with it."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from waiting import until

import nn
from autograd import Value, topological_order, trace
from autograd.core.numbers import read_number, write_number
from viz.drawing.style import printable, shorten
from viz.formulas.worked_examples import EXAMPLES
from viz.pages.demos import DEMOS, demo
from viz.pages.html import page
from viz.stepping.narration import narrate

close = pytest.approx


def recompute(loss, numbers):
    """The graph with other numbers in its leaves, and its gradients: what the page must agree with."""
    order = topological_order(loss)
    for node in order:
        if node.op is None:
            node.data = numbers.get(node.label, node.data)
        else:
            node.data = float(node.op(*[x.data for x in node.inputs]))
    loss.zero_grad()
    loss.backward()
    return order


def labels(made):
    return [made.data.steps.node(id).label for id in made.data.inputs]


def texts(tab):
    """Every text that changes with the step."""
    return tab.evaluate(
        """() => [...document.querySelectorAll("#graph text, #narration, #formulas, #counter, #phase, .grad-chip")]
            .map((e) => e.textContent)"""
    )


def look(tab):
    """Every class in the graph: what is lit, tinted or hidden."""
    return tab.evaluate("[...document.querySelectorAll('#graph [class]')].map((e) => e.getAttribute('class'))")


# --- steps ------------------------------------------------------------------------------------------------


def test_a_page_opens_from_a_file_without_a_network(visit):
    tab = visit(demo("alice"))
    assert tab.title() == "Is Alice female? A network takes its first step"
    assert tab.inner_text("#counter") == "step 42 of 42"
    assert tab.evaluate("document.querySelectorAll('link[href^=http], script[src], img').length") == 0


@pytest.mark.parametrize("name", ["alice", "karpathy-neuron", "cs231n-product"])
def test_stepping_to_the_end_and_back_restores_every_text_and_every_light(visit, name):
    made = demo(name)
    tab = visit(made, reduced_motion="reduce")
    count = len(made.data.steps.steps)
    tab.keyboard.press("Home")
    seen = [(texts(tab), sorted(look(tab)))]
    for _ in range(count):
        tab.keyboard.press("ArrowRight")
        seen.append((texts(tab), sorted(look(tab))))
    assert tab.inner_text("#counter") == f"step {count} of {count}"
    assert all(one != next_one for one, next_one in pairwise(seen))
    for k in reversed(range(count)):
        tab.keyboard.press("ArrowLeft")
        assert (texts(tab), sorted(look(tab))) == seen[k], f"step {k}"


@pytest.mark.parametrize("name", list(DEMOS))
def test_every_step_is_told_as_in_python_and_the_numbers_are_pythons(visit, name):
    made = demo(name)
    tab = visit(made)
    steps = made.data.steps
    told = tab.evaluate(
        "(count) => Array.from({ length: count }, (_, k) => { show(k + 1); return byId('narration').textContent; })",
        len(steps.steps),
    )
    assert told == [narrate(steps, step) for step in steps.steps]
    numbers = tab.evaluate("state.numbers")
    assert numbers["data"] == close([node.data for node in steps.nodes], rel=1e-12, abs=1e-14)
    assert numbers["grad"] == close(list(steps.gradients.values()), rel=1e-12, abs=1e-14)
    for field in ("upstream", "local", "product", "before", "after"):
        expected = [getattr(step, field) for step in steps.backward]
        assert numbers[field] == close(expected, rel=1e-12, abs=1e-14)


def test_values_appear_in_the_forward_pass_and_gradients_in_the_backward_pass(visit):
    tab = visit(demo("karpathy"), reduced_motion="reduce")
    box = "[data-id='{}'] .{}"

    def shown(label, what):
        return tab.text_content(box.format(tab.evaluate("(l) => 'v' + page.names.indexOf(l)", label), what))

    tab.keyboard.press("Home")
    assert [shown(label, "data") for label in "aedL"] == ["2", "?", "?", "?"]
    tab.keyboard.press("ArrowRight")
    assert [shown(label, "data") for label in "aedL"] == ["2", "−6", "?", "?"]
    assert {shown(label, "grad") for label in "abcdefL"} == {"?"}
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    assert [shown(label, "grad") for label in "Ld"] == ["1", "?"]
    tab.keyboard.press("ArrowRight")
    assert [shown(label, "grad") for label in "Lda"] == ["1", "−2", "?"]
    lit = tab.evaluate("[...svg.querySelectorAll('.lit.backwards, .giver, .receiver')].map((e) => e.dataset.id)")
    giver, receiver = (tab.evaluate("(l) => 'v' + page.names.indexOf(l)", label) for label in "Ld")
    assert set(lit) == {giver, receiver, tab.evaluate("page.backward[0][3]")}
    assert tab.text_content(".equation") == "1 × (−2) = −2"
    # Not by colour alone: the box that receives has a wide border, that of the one that gives is dashed.
    style = "(name) => { const s = getComputedStyle(svg.querySelector(`.${name} .box`)); return [s.strokeWidth, s.strokeDasharray]; }"
    width, dashes = tab.evaluate(style, "receiver")
    assert float(width.removesuffix("px")) > 3
    assert dashes == "none"
    assert tab.evaluate(style, "giver")[1] != "none"


def test_a_total_that_is_not_complete_says_so(visit):
    a = Value(3.0, "a")
    tab = visit(page(a + a))
    tab.evaluate("show(3)")
    assert tab.text_content("[data-id=v0] .grad") == "1…"
    tab.evaluate("show(4)")
    assert tab.text_content("[data-id=v0] .grad") == "2"


def test_the_formula_stands_in_mathml_with_symbols_and_with_numbers(visit):
    made = demo("alice")
    tab = visit(made)
    step = next(step for step in made.data.steps.backward if step.input_name == "Σh1")
    tab.evaluate("(number) => show(seedStep + number)", step.number)
    written = tab.evaluate(
        "[...document.querySelectorAll('#formulas p')].map((p) => p.textContent.replaceAll(' ', ''))"
    )
    assert written[0] == "∂h1∂Σh1=h1·(1−h1)=0.04743·(1−0.04743)≈0.04518"
    assert written[1] == "∂L∂h1×∂h1∂Σh1=−0.2376×0.04518=−0.01073"
    assert written[2].endswith("=0+(−0.01073)=−0.01073")
    assert tab.evaluate("document.querySelectorAll('#formulas mfrac').length") >= 2
    # The long sum of a neuron has a short name, and its own step says what it is.
    tab.evaluate("show(page.forward.indexOf(page.names.indexOf('Σh1')) + 1)")
    assert tab.text_content("#formulas p").replace(" ", "") == "Σh1=w1·x1+w2·x2+b1=1·(−2)+1·(−1)+0=−3"


# --- numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["alice", "mazur", "linear", "karpathy-neuron", "cs231n-max", "micrograd", "attention"]
)
def test_sliders_give_pythons_gradients(visit, name):
    loss, options = DEMOS[name]()
    made = page(loss, **options)
    tab = visit(made)
    chance = random.Random(name)
    for _ in range(20):
        numbers = {label: chance.uniform(-2, 2) for label in labels(made)}
        found = tab.evaluate(
            "(xs) => { state.inputs = xs; refresh(); return state.numbers; }", list(numbers.values())
        )
        order = recompute(loss, numbers)
        assert found["data"] == close([node.data for node in order], rel=1e-12, abs=1e-12)
        assert found["grad"] == close([node.grad for node in order], rel=1e-12, abs=1e-12)


def test_dragging_a_slider_moves_the_whole_graph(visit):
    loss, options = DEMOS["alice"]()
    made = page(loss, **options)
    tab = visit(made)
    tab.focus("input[aria-label='w5, slider']")
    tab.keyboard.press("ArrowRight")
    until(tab, "state.numbers.data[page.names.indexOf('w5')] !== 1")
    order = {
        node.label: node
        for node in recompute(
            loss, {"w5": tab.evaluate("state.inputs[page.inputs.indexOf(page.names.indexOf('w5'))]")}
        )
    }
    assert tab.inner_text("#counter") == "step 42 of 42"
    assert tab.text_content(f"[data-id={made.data.steps.find('w5')}] .grad") == write_number(order["w5"].grad)
    assert tab.evaluate("state.numbers.data[root]") == close(order["L"].data, rel=1e-13)
    # A number field takes any number.
    tab.fill("input[type=number][aria-label=w5]", "-1.234567")
    until(tab, "state.numbers.data[page.names.indexOf('w5')] === -1.234567")
    assert tab.evaluate("state.numbers.data[root]") == close(recompute(loss, {"w5": -1.234567})[-1].data, rel=1e-13)
    tab.click("#original")
    assert tab.evaluate("state.numbers.data[root]") == close(0.2268662872, abs=1e-10)


def test_a_number_out_of_its_domain_is_told_in_words_and_nothing_breaks(visit):
    a = Value(2.0, "a")
    loss = (a.log() * 3).sqrt()
    loss.label = "L"
    tab = visit(page(loss))
    tab.fill("input[type=number][aria-label=a]", "-1")
    tab.wait_for_selector("#alarm:not([hidden])")
    assert tab.inner_text("#alarm") == "ln(a) with a = −1 is not defined: it needs x > 0."
    tab.keyboard.press("Escape")
    tab.evaluate("goTo(0); goTo(stepCount); lookAt('v0'); lookAt('e0'); descendOnce()")
    tab.fill("input[type=number][aria-label=a]", "2")
    tab.wait_for_selector("#alarm", state="hidden")
    assert tab.evaluate("state.numbers.grad[0]") == close(trace(loss).gradients["v0"], rel=1e-12)


# --- examples and descent ---------------------------------------------------------------------------------


def test_choosing_an_example_shows_that_person(visit):
    loss, options = DEMOS["alice-bob"]()
    tab = visit(page(loss, **options))
    tab.select_option("#example", label="Bob")
    order = recompute(loss, {"x1": 25.0, "x2": 6.0, "target": 0.0})
    assert tab.evaluate("state.numbers.grad") == close([node.grad for node in order], rel=1e-12, abs=1e-14)
    rows = tab.evaluate(
        "[...document.querySelectorAll('#table-of-examples tr')].map((r) => [...r.cells].map((c) => c.textContent))"
    )
    assert [row[0] for row in rows[1:]] == ["Alice", "Bob", "Charlie", "Diana", "mean"]
    assert rows[2][:4] == ["Bob", "25", "6", "0"]
    assert rows[2][5] == write_number(order[-1].data, 3)
    assert tab.text_content("tr.chosen th") == "Bob"


@pytest.mark.parametrize(
    ("name", "learn"), [("alice-bob", "one"), ("alice-bob", "all"), ("linear", "all"), ("mazur", "one")]
)
def test_descending_gives_pythons_weights_and_losses(visit, name, learn):
    loss, options = DEMOS[name]()
    made = page(loss, **options)
    tab = visit(made)
    if "examples" in options:
        tab.select_option("#learn", learn)
    rate = options.get("lr", 0.1)
    by_label = {node.label: node for node in topological_order(loss) if isinstance(node, nn.Parameter)}
    names = [made.data.steps.node(id).label for id in made.data.free]
    rows = [{}]
    if learn == "all":
        data = options["examples"]
        target = next(node.label for node in topological_order(loss) if node.label in ("target", "y"))
        rows = [{**{f"x{i}": v for i, v in enumerate(xs, 1)}, target: float(y)} for xs, y in data]
    losses = []
    for _ in range(25):
        total, slopes = 0.0, dict.fromkeys(names, 0.0)
        for row in rows:
            recompute(loss, row)
            total += loss.data / len(rows)
            for label in names:
                slopes[label] += by_label[label].grad / len(rows)
        losses.append(total)
        for label in names:
            by_label[label].data -= rate * slopes[label]
    tab.click("#step")
    tab.evaluate("for (let i = 1; i < 25; i++) byId('step').click()")
    assert tab.evaluate("state.descent.curve.slice(0, 25).map((point) => point.loss)") == close(losses, rel=1e-9)
    assert tab.evaluate("pointOf(state.inputs)") == close(
        [by_label[label].data for label in names], rel=1e-9, abs=1e-12
    )
    assert tab.inner_text("#steps-done") == "25 steps"
    assert tab.evaluate("document.querySelector('#curve .series').getAttribute('d').split('L').length") == 26
    tab.click("#reset")
    assert tab.evaluate("state.inputs") == tab.evaluate("page.start")
    assert tab.is_hidden("#curve")


def test_the_preview_tells_what_a_step_will_do(visit):
    tab = visit(demo("descent"))
    preview = tab.inner_text("#preview")
    tab.click("#step")
    assert f"One step would make it {tab.evaluate('writeNumber(state.numbers.data[root])')} " in preview


def test_mazur_s_first_step(visit):
    tab = visit(demo("mazur"))
    tab.click("#step")
    assert tab.evaluate("state.numbers.data[root]") == close(0.291027774, abs=5e-10)
    assert tab.evaluate("pointOf(state.inputs)[4]") == close(0.358916480, abs=5e-10)


def test_a_rate_that_is_too_large_diverges_and_the_page_says_so(visit):
    tab = visit(demo("descent"))
    tab.fill("#rate", "0.3")
    assert "worse" not in (tab.get_attribute("#preview", "class") or "")
    for _ in range(10):
        tab.click("#step")
    assert "It diverges: f grows with every step. The rate 0.3 is too large" in tab.inner_text("#progress")
    tab.fill("#rate", "1e6")
    tab.evaluate("for (let i = 0; i < 30; i++) descendOnce()")
    assert "is too large for a number" in tab.inner_text("#progress")
    tab.click("#reset")
    assert tab.inner_text("#progress") == ""
    assert tab.evaluate("state.numbers.data[root]") == 25


def test_running_and_pausing(visit):
    tab = visit(demo("alice"))
    # In the page itself: a run is over before somebody outside can press a button twice.
    pressed, count, later = tab.evaluate(
        """async () => {
          const frames = async (n) => { while (n--) await new Promise(requestAnimationFrame); };
          byId("run").click();
          await frames(4);
          const pressed = byId("run").getAttribute("aria-pressed");
          byId("run").click();
          const count = state.descent.steps;
          await frames(8);
          return [pressed, count, state.descent.steps];
        }"""
    )
    assert pressed == "true"
    assert 0 < count == later


def colours(tab, figure):
    """How many different colours stand in a canvas."""
    return tab.evaluate(
        """(id) => { const c = document.querySelector(`#${id} canvas`); const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        const seen = new Set(); for (let i = 0; i < d.length; i += 4 * 7) seen.add(d[i] + "," + d[i+1] + "," + d[i+2]); return seen.size; }""",
        figure,
    )


def test_two_free_leaves_have_a_map_and_a_click_goes_there(visit):
    tab = visit(demo("descent"))
    assert tab.is_visible("#surface")
    assert tab.is_hidden("#boundary")
    assert colours(tab, "surface") > 20
    box = tab.locator("#surface canvas").bounding_box()
    tab.locator("#surface canvas").click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    until(tab, "Math.abs(state.numbers.data[root]) < 0.01")


def test_a_model_of_two_inputs_has_a_decision_boundary(visit):
    tab = visit(demo("alice-bob"))
    assert tab.is_visible("#boundary")
    assert tab.is_hidden("#surface")
    assert colours(tab, "boundary") > 20
    tab.evaluate("setRate(1); for (let i = 0; i < 150; i++) descendOnce()")
    assert tab.get_attribute("#boundary canvas", "aria-label") == "Map of o1: 4 of 4 examples are on the right side"


# --- looking, folding -------------------------------------------------------------------------------------


def test_a_node_s_gradient_is_shown_as_the_sum_over_its_paths(visit):
    made = demo("alice")
    tab = visit(made)
    id = made.data.steps.find("x1")
    tab.click(f"[data-id={id}] .data")
    assert "the sum over 2 paths" in tab.inner_text("#inspection")
    shares = [float(read_number(text)) for text in tab.locator(".paths b").all_inner_texts()]
    assert sum(shares) == close(made.data.steps.gradients[id], abs=2e-4)
    tab.hover(".paths button >> nth=0")
    assert tab.evaluate("svg.querySelectorAll('.on-path').length") == 8
    assert tab.input_value("#look") == id
    # "Go to the next step that touches it", again and again, visits the steps that the trace names.
    steps = made.data.steps
    visited = []
    while "go to the next step" in tab.inner_text("#inspection"):
        tab.click("#inspection button >> nth=0")
        visited.append(tab.evaluate("state.position"))
    touching = [
        k
        for k, step in enumerate(steps.steps, 1)
        if id in (step.node, getattr(step, "input", ""), *getattr(step, "inputs", ()))
    ]
    assert visited == touching


def test_very_many_paths_are_counted_but_not_listed(visit):
    a = Value(1.0, "a")
    b = a
    for _ in range(25):
        b = b + b
    b.label = "b"
    tab = visit(page(b))
    tab.evaluate("lookAt('v0')")
    assert "more than a million paths" in tab.inner_text("#inspection")
    assert tab.locator(".paths li").count() == 8
    assert "These are the first 8" in tab.inner_text("#inspection")


def test_an_edge_tells_its_contribution(visit):
    made = demo("cs231n-sum")
    tab = visit(made)
    step = next(s for s in made.data.steps.backward if s.input_name == "z")
    edge = tab.evaluate("(k) => page.backward[k - 1][3]", step.number)
    tab.evaluate(
        "(id) => groups[id].querySelector('.catch').dispatchEvent(new MouseEvent('click', { bubbles: true }))", edge
    )
    assert "upstream gradient 1 × local derivative 3 = 3" in tab.inner_text("#inspection")
    tab.click("#inspection button")
    assert tab.evaluate("state.position") == len(made.data.steps.forward) + 1 + step.number


def test_neurons_and_layers_fold_into_one_box_and_open_again(visit):
    made = demo("alice")
    tab = visit(made)
    tab.evaluate("show(stepCount)")
    before = (texts(tab), look(tab), tab.inner_html("#graph"))

    def toggle(title):
        """The title of a neuron or layer is a button."""
        tab.click(f"#graph :is(.title, .fold)[aria-label^='{title}: ']:visible")

    toggle("h1")
    visible = "[...svg.querySelectorAll('.node')].filter((e) => !e.classList.contains('gone')).length"
    assert tab.evaluate(visible) == 26 - 7 + 1
    fold = tab.locator(".fold")
    output = made.data.steps.find("h1")
    assert fold.locator(".data").text_content() == "0.04743"
    assert fold.locator(".grad").text_content() == write_number(made.data.steps.gradients[output])
    toggle("hidden layer 1")
    assert tab.evaluate(visible) == 26 - 14 + 1
    # Stepping goes on with folded boxes: what is lit can be seen.
    for k in range(1, 43):
        tab.evaluate("(k) => goTo(k)", k)
        assert tab.evaluate(
            "[...svg.querySelectorAll('.giver, .receiver, .made')].every((e) => !e.classList.contains('gone'))"
        )
    assert tab.evaluate("document.activeElement.getAttribute('aria-label')") == "hidden layer 1: open"
    tab.keyboard.press("Enter")
    toggle("h1")
    tab.evaluate("show(stepCount)")
    tab.mouse.move(0, 0)  # what lies under the pointer is lit
    assert (texts(tab), look(tab)) == before[:2]
    assert tab.evaluate("folded.size") == 0


# --- everybody, everywhere --------------------------------------------------------------------------------


def test_everything_can_be_done_with_the_keyboard_alone(visit):
    tab = visit(demo("alice"))
    for key, expected in (("End", 43), ("ArrowLeft", 42), ("Home", 0), ("ArrowRight", 1)):
        tab.keyboard.press(key)
        assert tab.evaluate("state.position") == expected
    tab.keyboard.press(" ")
    assert tab.evaluate("playing !== null")
    until(tab, "state.position === 2")
    tab.keyboard.press(" ")
    assert tab.evaluate("playing === null")
    # Tab comes by every control, each with a name, and the focus can be seen.
    seen = []
    for _ in range(80):
        tab.keyboard.press("Tab")
        found = tab.evaluate(
            """() => { const e = document.activeElement; if (e === document.body) return null;
            const label = e.labels && e.labels[0] ? e.labels[0].textContent : "";
            return [e.id || e.tagName, (e.getAttribute("aria-label") || label || e.textContent).trim(), getComputedStyle(e).outlineStyle]; }"""
        )
        if found is None:
            break
        seen.append(found)
    ids = {id for id, _, _ in seen}
    controls = tab.evaluate(
        "[...document.querySelectorAll('button, input, select')].filter((e) => e.offsetParent && !e.disabled).length"
    )
    # And the note, the graph, which can be scrolled, one of its boxes, and the titles that fold.
    assert len(seen) == controls + 3 + tab.evaluate("page.frames.length")
    assert {
        "note",
        "predict",
        "present",
        "tabulate",
        "theme",
        "stage",
        "play",
        "scrubber",
        "look",
        "example",
        "rate",
        "step",
        "learn",
    } <= ids
    assert all(name for _, name, _ in seen)
    assert all(outline != "none" for _, _, outline in seen)
    # A slider keeps its arrow keys.
    tab.focus("input[aria-label='w1, slider']")
    at = tab.evaluate("state.position")
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("state.position") == at


HOSTILE = [
    "</script><script>document.title='pwned'</script>",
    "<img src=x onerror=\"document.title='pwned'\">",
    "\"'><svg onload=alert(1)>",
    "{{script}}<!--",
    "שלום \u202eabc\u202c",
    "🦊👩\u200d🔬",
    "a\u2028b\u2029c",
    "\ud800 lone",
    "x\0y",
    "\ue0000\ue001",
    "&lt;b&gt; &amp;",
    "long " * 2000,
]


@pytest.mark.parametrize("label", HOSTILE, ids=[f"{i}" for i in range(len(HOSTILE))])
def test_hostile_labels_are_inert_and_shown(visit, label):
    a, b = Value(2.0, label), Value(3.0, "b")
    loss = a * b
    loss.label = label + "!"
    made = page(loss, title=label, note=label, examples=[{"name": label, "b": 1.0}, {"name": "2", "b": 2.0}])
    tab = visit(made)
    assert "pwned" not in tab.title() or tab.title() == printable(label)
    shown = tab.evaluate("[...svg.querySelectorAll('.name')].map((e) => e.textContent)")
    assert shorten(printable(label)) in shown
    tab.evaluate("goTo(stepCount); lookAt('v0'); byId('all-steps').open = true; writeTables()")
    assert (
        tab.evaluate(
            "document.querySelectorAll('img, #graph script, #formulas script, [onerror], [onload]').length"
        )
        == 0
    )
    assert tab.evaluate("document.scripts.length") == 3
    assert shorten(printable(label)) in tab.evaluate("page.names[0]")
    assert tab.locator("#example option").first.text_content() == "as in the graph"
    assert len(tab.inner_text("#narration")) < 1500
    assert tab.evaluate("document.documentElement.scrollWidth") <= 1280


def test_dark_and_light(visit):
    made = demo("alice")
    background = "getComputedStyle(document.body).backgroundColor"
    light, dark = visit(made), visit(made, color_scheme="dark")
    assert light.evaluate(background) == "rgb(244, 246, 248)"
    assert dark.evaluate(background) == "rgb(17, 21, 26)"
    light.click("#theme")
    assert light.evaluate(background) == dark.evaluate(background)
    light.click("#theme")
    assert light.evaluate(background) == "rgb(244, 246, 248)"


def test_a_phone(visit):
    tab = visit(demo("alice"), width=360, height=740, has_touch=True)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    for id in ("back", "play", "forward"):
        box = tab.locator(f"#{id}").bounding_box()
        assert box["width"] >= 44
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    # The letters of the graph are not shrunk away, and the step that is lit comes into view.
    assert tab.evaluate("zoom") >= 0.8
    tab.evaluate("goTo(14)")
    tab.wait_for_timeout(700)
    lit = tab.locator(".made").bounding_box()
    assert 0 <= lit["x"] <= 360


def test_paper(visit):
    tab = visit(demo("alice"))
    tab.emulate_media(media="print")
    tab.evaluate("show(3); dispatchEvent(new Event('beforeprint'))")
    assert tab.is_visible("#graph")
    assert tab.locator("#steps-table table").count() == 2
    assert tab.locator("#steps-table tr").count() == 1 + 14 + 1 + 27
    for id in ("transport", "panels", "predict", "theme"):
        assert tab.is_hidden(f"#{id}")
    assert "?" not in tab.evaluate("[...svg.querySelectorAll('.grad')].map((e) => e.textContent)")
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    tab.emulate_media(media="screen")
    assert tab.evaluate("state.position") == 3
    assert tab.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"


def test_the_step_is_announced_but_a_moving_slider_is_not(visit):
    tab = visit(demo("alice"))
    assert tab.get_attribute("#narration", "aria-live") == "polite"
    tab.keyboard.press("ArrowRight")
    assert tab.get_attribute("#narration", "aria-live") == "polite"
    # Whoever looks now and then may miss what lasts a moment.
    tab.evaluate(
        "() => { const place = byId('narration'); window.seen = []; "
        "new MutationObserver(() => window.seen.push(place.getAttribute('aria-live')))"
        ".observe(place, {attributes: true, attributeFilter: ['aria-live']}); }"
    )
    tab.focus("input[aria-label='w1, slider']")
    tab.keyboard.press("ArrowRight")
    until(tab, "window.seen[0] === 'off' && window.seen.at(-1) === 'polite'")


def test_nothing_that_is_put_into_the_page_later_can_run(visit):
    """The page's own policy names the scripts that may run by their fingerprints."""
    tab = visit(demo("cs231n-product"))
    tab.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'document.title = 7'; "
        "addEventListener('securitypolicyviolation', (e) => { window.refused = e.effectiveDirective; }); document.body.append(s); }"
    )
    until(tab, "window.refused === 'script-src-elem'")
    assert [text for text in tab.errors if "Content Security Policy" not in text] == []
    tab.errors.clear()
    assert tab.title() != "7"


def test_a_graph_without_labels_and_one_with_a_single_value(visit):
    tab = visit(page(Value(2.0) * Value(3.0)))
    tab.keyboard.press("End")
    assert tab.evaluate("state.numbers.grad") == [3, 2, 1]
    assert tab.is_hidden("#descending")
    lonely = visit(page(Value(2.0, "a")))
    lonely.keyboard.press("End")
    assert lonely.evaluate("state.numbers.grad") == [1]
    assert lonely.inner_text("#counter") == "step 1 of 1"


def test_random_graphs(visit):
    """Every operation of two inputs and many of one, in graphs of chance, against backward()."""
    from autograd import maximum, minimum, softmax

    for seed in range(4):
        chance = random.Random(seed)
        pool = [Value(chance.uniform(0.3, 1.5), f"a{i}") for i in range(4)]
        leaves = list(pool)
        for _ in range(14):
            one, other = chance.choice(pool), chance.choice(pool)
            pool.append(
                chance.choice(
                    [
                        lambda p, q: p + q, lambda p, q: p - q, lambda p, q: p * q, lambda p, q: p / (q * q + 1),
                        lambda p, q: p.tanh(), lambda p, q: p.sigmoid(), lambda p, q: (p * p + 0.5).log(),
                        lambda p, q: maximum(p, q), lambda p, q: minimum(p, q), lambda p, q: softmax([p, q])[0],
                        lambda p, q: p.relu(), lambda p, q: p.sin(), lambda p, q: p.gelu(), lambda p, q: p.erf(),
                    ]
                )(one, other)
            )  # fmt: skip
        loss = pool[4] * 0.5
        for node in pool[5:]:
            loss = loss + node
        used = set(topological_order(loss))
        made = page(loss, free=[leaf for leaf in leaves if leaf in used] if seed % 2 else None)
        tab = visit(made)
        order = recompute(loss, {})
        found = tab.evaluate("state.numbers")
        assert found["data"] == close([node.data for node in order], rel=1e-12, abs=1e-12)
        assert found["grad"] == close([node.grad for node in order], rel=1e-12, abs=1e-12)
        assert found["after"] == close([step.after for step in made.data.steps.backward], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("x", [0.5, 2.7, -5.0, 8.0])
def test_every_part_of_the_error_function_is_pythons(visit, x):
    y = Value(x, "x").erf() * 2
    y.backward()
    tab = visit(page(y))
    assert tab.evaluate("state.numbers.data[root]") == close(2 * math.erf(x), rel=1e-14)
    assert tab.evaluate("state.numbers.grad[0]") == close(4 / math.sqrt(math.pi) * math.exp(-x * x), rel=1e-12)


def test_every_published_example_has_its_page():
    assert set(DEMOS) == set(EXAMPLES)
    assert all(math.isfinite(demo(name).data.loss.data) for name in DEMOS)
