"""The quiz of a page against quiz(): the same verdict, the same mistake and the same hint for the same wrong answer."""

import random
import re

import pytest

from autograd import Value, gelu, log, logsumexp, maximum, trace
from autograd.core.numbers import write_number
from viz import page, quiz
from viz.drawing.style import shorten
from viz.exercises.answers import read_number, significant_digits
from viz.exercises.cases import Case, Graph
from viz.exercises.diagnosis import ROUNDINGS, cut, diagnose, wrong_answers
from viz.formulas.parser import function_names
from viz.pages.demos import build_demo, demo


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


def as_on_a_page(advice, graph):
    """A page cuts names that are too long for a box."""
    for name in sorted({node.name for node in graph.nodes.values()}, key=len, reverse=True):
        advice = advice.replace(name, shorten(name))
    return advice


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
    # A page has a shorter name for the long sum of a neuron.
    graph = Graph(page(loss).data.steps, loss)
    rng = random.Random(3)
    asked = []
    for k, step in enumerate(graph.trace.backward):
        places = graph.places[step.input]
        case = Case(graph, tuple(places[: places.index(k) + 1]))
        asked += [(k, case, text) for text in as_typed(case, rng)]
    found = tab.evaluate(
        "(all) => all.map(([k, text]) => Object.values(diagnose(k, Number(text), readAnswer(text).digits)))",
        [(k, text) for k, _, text in asked],
    )
    names = set()
    for (k, case, text), answer in zip(asked, found, strict=True):
        expected = diagnose(case, float(text), significant_digits(text))
        assert answer == [expected.verdict, expected.name, as_on_a_page(expected.advice, graph)], (k, text)
        names.add(expected.name)
    # Where a gradient is complete, quiz() asks for the same number.
    complete = {question.case.places[-1]: question for question in quiz(loss).questions}
    for (k, _, text), (_, name, advice) in list(zip(asked, found, strict=True))[::5]:
        if k in complete:
            verdict = complete[k].check(text)
            assert verdict.diagnosis == name
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


# --- what is typed ----------------------------------------------------------------------------------------

TYPED = [
    "1/4", "2*0.4763", "-0.9526*0.2494", "−2", "–.5", "½", "3¼", "5.926·10⁻²⁵", "1e-3", "1E+2", "0,25", "-1,75", ",5", "1,000", "0,125",
    "12,345", "1,234,567", "", "   ", "=", "= 4", "dL/dw = -2*3", "2(3-1)", "(2)(3)", "6/2(3)", "2**3(2)", "2^-1", "-2^2", "2^3^2", "2²",
    "2²**2", "(2²)**2", "2^2·10³", "3·10²·2", "2⁻¹", "√2", "√√16", "√2²", "√(2)²", "|−3|·2", "||", "exp(0)", "sigmoid(0.5)", "σ(1)",
    "ln(e)", "log(0)", "sqrt(-1)", "e", "pi*2", "π", "w", "2*w*x", "x1", "y", "__proto__", "constructor(1)", "toString", "huge", "five",
    "1 2", "1.2.3", "0x10", "--3", "+-+3", "2*-3", "2--3", "2*/3", "(1", "1)", "()", "1/0", "0/0", "(-8)**0.5", "9**9**9", "1e999", "1/1e999",
    "1/(1e308*10)", "5.", ".", "-", "1e", "e1", "2e-1.5", "1;2", "a=b", "<b>2</b>", "'2'", "it's 5", "2 · 3", "2 × 3 ÷ 4", "(" * 60 + "1" + ")" * 60,
    "(" * 20 + "1" + ")" * 20, "much too long to be shown as a whole, and no number either", "0.0", "6", "6.0", "0.50", "600", "007", "1_000",
    "7 % 3", "-7 % 3", "7 % -3", "-7 % -3", "6 % -3", "7 % 0", "2*7 % 3(1)", "7 % 3**2", "⌊2.7⌋", "⌈−2.5⌉²", "⌊⌈2.5⌉/2⌋", "⌊2.5", "2⌋", "⌊2.5⌉",
]  # fmt: skip


def random_text(rng):
    """Something like a calculation: often right, often not."""

    def part(depth):
        kind = rng.randrange(9 if depth else 4)
        if kind < 4:
            return rng.choice(["2", "0.25", "1.5e-2", ".5", "3.", "w", "x", "7·10⁻²", "12"])
        if kind < 7:
            return (
                part(depth - 1)
                + rng.choice(["+", "-", "*", "/", "·", "−", "÷", "**", "^", " × ", " % "])
                + part(depth - 1)
            )
        return rng.choice(["(%s)", "-%s", "(%s)²", "√(%s)", "|%s|", "⌊%s⌋", "⌈%s⌉", "exp(%s)"]) % part(depth - 1)

    text = part(3)
    if rng.random() < 0.25:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(["", " ", "(", ")", "?", ",", "2"]) + text[at + 1 :]
    return text


def test_what_is_typed_is_read_as_in_the_terminal(visit):
    """Numbers, calculations, names, and the words for what cannot be read: as quiz() reads them."""
    w, x = Value(0.4763, "w"), Value(-2.0, "x")
    tab = visit(page(named(w * x * 1.5, "L")))
    rng = random.Random(13)
    texts = TYPED + [random_text(rng) for _ in range(500)]
    functions = [
        name for name, op in function_names().items() if op.arity == 1 and not op.variadic and op.is_built_in
    ]
    texts += [f"{name}({x})" for name in functions for x in ("0.4", "-3", "w")]
    found = tab.evaluate("(all) => all.map((text) => readAnswer(text))", texts)
    read = 0
    for text, page_reads in zip(texts, found, strict=True):
        expected = read_number(text, {"w": 0.4763, "x": -2.0, "L": loss_at(0.4763, -2.0)})
        # Only the terminal's parser says why.
        assert page_reads["note"] == re.sub(r"(as a number): .*(\. Type a)", r"\1\2", expected.note), text
        assert page_reads["digits"] == expected.digits, text
        assert page_reads["number"] == (
            None if expected.number is None else pytest.approx(expected.number, rel=1e-14)
        ), text
        read += expected.number is not None
    assert 0.5 < read / len(texts) < 0.95


def loss_at(w, x):
    return w * x * 1.5


# --- what a learner sees -------------------------------------------------------------------------------------------


def test_predicting_hides_the_gradient_and_gives_hints(visit):
    x, y = Value(2.0, "x"), Value(5.0, "y")
    loss = x * x * y
    loss.label = "L"
    tab = visit(page(loss))
    tab.click("#predict")
    assert tab.evaluate("state.asked") == 4
    assert tab.inner_text("#asking") == "(x·x).grad ="
    assert "What is (x·x).grad after this step?" in tab.inner_text("#narration")
    assert tab.text_content("[data-id=v1] .grad") == "?"
    assert tab.evaluate("[...document.querySelectorAll('.grad-chip')].map((e) => e.textContent)") == ["?", "?"]
    assert tab.text_content(".equation") == "× ?"

    def answer(text):
        tab.fill("#answer", text)
        tab.keyboard.press("Enter")
        return tab.inner_text("#verdict")

    assert answer("five") == read_number("five").note
    assert "another input" in answer("4")
    assert "sign" in answer("-5")
    assert "times the local derivative" in answer("77")
    assert answer("5").startswith("Right: (x·x).grad = 5.")
    tab.keyboard.press("ArrowRight")
    assert "times the local derivative" in answer("77")
    tab.click("#tell")  # a hint
    assert "∂" in tab.inner_text("#formulas")
    tab.click("#tell")  # the answer
    assert tab.inner_text("#verdict").startswith("It is")
    tab.keyboard.press("ArrowRight")
    assert tab.inner_text("#asking") == "x.grad ="
    assert answer("10").startswith("Right")
    tab.keyboard.press("ArrowRight")
    assert "used more than once" in answer("10")
    assert answer("20").startswith("Right")
    tab.keyboard.press("ArrowRight")
    ending = tab.inner_text("#narration")
    assert ending == "That was the last gradient: 3 of 4 questions right, 1 at the first try, 1 shown."


def test_hints_about_activations_and_squares(visit):
    z = Value(2.0, "z")
    a = z.sigmoid()
    a.label = "a"
    loss = (a - 0.5) ** 2
    loss.label = "L"
    tab = visit(page(loss))
    tab.click("#predict")
    # The square: 2(a - 0.5) without the 2.
    tab.fill("#answer", str(a.data - 0.5))
    tab.keyboard.press("Enter")
    assert "a plain number" in tab.inner_text("#verdict")
    tab.fill("#answer", f"{2 * (a.data - 0.5):.3g}")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#verdict").startswith("Right")
    last = len(trace(loss).steps)
    tab.evaluate("(k) => ask(k)", last)
    upstream = 2 * (a.data - 0.5)
    for wrong, hint in (
        (upstream * 2.0 * (1 - 2.0), "with the output of the operation"),
        (upstream, "upstream gradient"),
        (a.data * (1 - a.data), "That is the local derivative"),
        (upstream * a.data * (1 - a.data) * 1.03, ""),
    ):
        tab.fill("#answer", f"{wrong:.4g}")
        tab.keyboard.press("Enter")
        assert hint in tab.inner_text("#verdict")
    tab.fill("#answer", f"{upstream * a.data * (1 - a.data):.3g}")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#verdict").startswith("Right")


def digits_of(value):
    """How a number begins, however it is rounded behind that: its first four digits, without point and exponent."""
    return write_number(abs(value), 4).partition("·")[0].replace(".", "").lstrip("0")


SEEN = """() => {
  const words = [document.body.innerText];
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest("script, template, style") || !element.getClientRects().length) continue;
    for (const name of ["aria-label", "title", "aria-description", "aria-valuetext", "alt"]) words.push(element.getAttribute(name) || "");
    if (element.tagName === "text" || element.tagName === "title") words.push(element.textContent);
    if (element.value && element.id !== "scrubber") words.push(String(element.value));
  }
  return words.join("\\n");
}"""


@pytest.mark.parametrize("name", ["alice", "mazur", "cs231n-sigmoid"])
def test_while_a_question_is_asked_the_answer_stands_nowhere(visit, name):
    """Not in the graph and its names for those who hear it, not beside sliders, in the table, or on hover."""
    made = demo(name)
    steps = made.data.steps
    tab = visit(made)
    tab.click("#predict")
    tab.evaluate("lookAt('v0')")
    first = len(steps.forward) + 2
    known = {digits_of(node.data) for node in steps.nodes}
    asked = []
    for k, step in enumerate(steps.backward):
        known |= {digits_of(step.upstream), digits_of(step.local)}
        digits = digits_of(step.after)
        node = steps.node(step.input)
        if len(digits) == 4 and digits not in known and (node.inputs or node.label) and len(asked) < 6:
            tab.evaluate("(step) => { ask(step); byId('tabulate').click(); }", first + k)
            assert tab.evaluate("state.asked") == first + k
            seen = tab.evaluate(SEEN).replace(".", "")
            assert digits not in seen, (step.input_name, seen[max(0, seen.find(digits) - 60) :][:100])
            tab.click("#close-steps")
            asked.append(digits)
        known |= {digits_of(step.product), digits_of(step.after)}
    assert len(asked) >= 2
    # And it does stand there once it is shown.
    tab.click("#tell")
    tab.click("#tell")
    assert asked[-1] in tab.evaluate(SEEN).replace(".", "")


def test_plain_numbers_are_not_asked_for_as_in_the_terminal(visit):
    w = Value(0.5, "w")
    loss = named(2.0 * (w * 3.0 - 1.0) ** 2 + 0.25, "L")
    steps = trace(loss)
    tab = visit(page(loss))
    tab.click("#predict")
    asked = []
    while tab.evaluate("state.asked"):
        asked.append(tab.evaluate("page.backward[state.asked - seedStep - 1][1]"))
        tab.keyboard.type(repr(tab.evaluate("state.numbers.after[state.asked - seedStep - 1]")))
        tab.keyboard.press("Enter")
        tab.keyboard.press("Enter")
    assert [f"v{i}" for i in asked] == [question.node for question in quiz(loss).questions]
    assert len(asked) < len(steps.backward)
    count = len(asked)
    words = f"That was the last gradient: {count} of {count} questions right, {count} at the first try. Well done."
    assert tab.inner_text("#narration") == words


def test_who_was_shown_the_answer_is_not_congratulated(visit):
    w, x = Value(3.0, "w"), Value(2.0, "x")
    tab = visit(page(named(w * x, "L")))
    tab.click("#predict")
    for _ in range(2):
        tab.click("#tell")
        assert tab.inner_text("#tell") == "Show me"
        tab.click("#tell")
        assert "upstream × local" in tab.inner_text("#formulas").lower()
        told = tab.inner_text("#verdict") + tab.inner_text("#narration")
        assert "It is" in told
        assert not any(word in told for word in ("Right", "right", "done"))
        tab.keyboard.press("Enter")
    assert (
        tab.inner_text("#narration")
        == "That was the last gradient: 0 of 2 questions right, 0 at the first try, 2 shown."
    )


def test_a_quiz_goes_by_keyboard_alone(visit):
    """Type, Enter checks, Enter or the arrow goes on; the focus stays where one types, and a verdict is announced."""
    w, x = Value(3.0, "w"), Value(2.0, "x")
    tab = visit(page(named((w * x + 1.0).tanh(), "L")))
    tab.focus("#predict")
    tab.keyboard.press("Enter")
    keys = ["Enter", "ArrowRight", "Enter"]
    assert tab.get_attribute("#verdict", "role") == "status"
    for number, key in enumerate(keys):
        step = tab.evaluate("state.asked")
        assert tab.evaluate("document.activeElement.id") == "answer"
        tab.keyboard.type("123")
        tab.keyboard.press("ArrowLeft")  # the arrows move within what is typed
        tab.keyboard.press("Enter")
        assert tab.inner_text("#verdict").startswith("Not yet. ")
        assert tab.evaluate("[document.activeElement.id, state.asked]") == ["answer", step]
        tab.fill("#answer", repr(tab.evaluate("state.numbers.after[state.asked - seedStep - 1]")))
        tab.keyboard.press("Enter")
        assert tab.inner_text("#verdict").startswith("Right: ")
        assert tab.evaluate("[document.activeElement.id, state.asked, state.position]") == ["answer", 0, step]
        tab.keyboard.press(key)
        assert tab.evaluate("state.asked") > step or number == len(keys) - 1


@pytest.mark.parametrize("name", ["alice", "mazur", "linear"])
@pytest.mark.parametrize("width", [1280, 1440])
def test_question_field_verdict_and_formulas_are_seen_together(visit, name, width):
    """On a screen for a lesson nothing of a question is cut, whatever is said to an answer."""
    tab = visit(demo(name), width=width, height=720 if width == 1280 else 900)
    tab.click("#predict")
    last = tab.evaluate("stepCount")
    for step in (tab.evaluate("state.asked"), (tab.evaluate("seedStep") + last) // 2, last):
        tab.evaluate("(step) => ask(step)", step)
        tab.fill("#answer", "123")
        for key in ("#question [type=submit]", "#tell", "#tell"):
            tab.click(key)
            cut = tab.evaluate(
                """() => { const panel = byId("telling").getBoundingClientRect();
                return ["narration", "asking", "answer", "tell", "verdict", "formulas"].filter((id) => {
                  const box = byId(id).getBoundingClientRect();
                  return box.height && (box.bottom > panel.bottom || box.top < panel.top || box.right > panel.right); }); }"""
            )
            assert cut == [], (step, tab.inner_text("#verdict"))
