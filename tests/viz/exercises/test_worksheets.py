"""Worksheets: numbers that one can work with, a key that is right, a page that is inert and prints."""

from __future__ import annotations

import base64
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd import GradientError, Value, log, relu, topological_order
from autograd.core.numbers import read_number
from autograd.steps import TraceError
from viz.exercises.easy_numbers import choose_numbers, digits_of
from viz.exercises.paper import read
from viz.exercises.worksheets import Worksheet, WorksheetError, functions_in, rebuilt, worksheet
from viz.formulas.worked_examples import EXAMPLES
from viz.stepping.replay import Wiring


def karpathy() -> Value:
    return EXAMPLES["karpathy"].build()


# --- the numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_key_is_what_backward_gives(name: str) -> None:
    sheet = worksheet(EXAMPLES[name].build, seed=5)
    loss = sheet.loss
    loss.backward()
    order = topological_order(loss)
    assert sheet.trace.gradients == {f"v{i}": node.grad for i, node in enumerate(order)}
    assert sheet.key == {sheet.trace.name(node): node.grad for node in order if node.op is None and node.label}


@pytest.mark.parametrize("seed", range(8))
def test_the_key_agrees_with_numpy(seed: int) -> None:
    sheet = worksheet(karpathy, seed)
    a, b, c, f = (sheet.leaves[name] for name in "abcf")
    assert sheet.key == pytest.approx({"a": b * f, "b": a * f, "c": f, "f": a * b + c}, abs=1e-12)

    sheet = worksheet(EXAMPLES["cs231n-sigmoid"].build, seed)
    x = sheet.leaves
    z = x["w0"] * x["x0"] + x["w1"] * x["x1"] + x["w2"]
    slope = np.exp(-z) / (1 + np.exp(-z)) ** 2
    expected = {"w0": x["x0"], "x0": x["w0"], "w1": x["x1"], "x1": x["w1"], "w2": 1.0}
    assert sheet.key == pytest.approx({name: slope * factor for name, factor in expected.items()}, rel=1e-12)


def test_with_its_own_numbers_the_key_is_the_published_one() -> None:
    assert worksheet(karpathy, keep="all").key == {"a": 6.0, "b": -4.0, "c": -2.0, "f": 4.0}
    assert worksheet(EXAMPLES["cs231n-sum"].build, keep="all").key == {"x": -4.0, "y": -4.0, "z": 3.0}
    key = worksheet(EXAMPLES["alice"].build, keep="all").key
    published = {
        "w1": 0.0214695353,
        "w2": 0.0107347676,
        "b1": -0.0107347676,
        "w5": -0.0112692202,
        "b3": -0.2376175596,
    }
    assert {name: key[name] for name in published} == pytest.approx(published, abs=1e-10)


@pytest.mark.parametrize("name", ["karpathy", "cs231n-product", "cs231n-sum", "neuron", "linear", "descent"])
@pytest.mark.parametrize("seed", range(6))
def test_the_arithmetic_is_bearable(name: str, seed: int) -> None:
    sheet = worksheet(EXAMPLES[name].build, seed)
    assert sheet.is_exact
    assert sheet.values_needed == {}
    numbers = [node.data for node in sheet.trace.nodes] + list(sheet.trace.gradients.values())
    assert max(map(digits_of, numbers)) <= 3
    assert all(0.004 < abs(x) < 200 for x in numbers)
    assert all(digits_of(x) <= 2 for x in sheet.leaves.values())


@pytest.mark.parametrize("seed", range(6))
def test_no_activation_is_saturated_or_dead(seed: int) -> None:
    sheet = worksheet(EXAMPLES["alice"].build, seed)
    assert all(0.1 < node.data < 0.9 for node in sheet.trace.nodes if node.op == "sigmoid")
    assert all(abs(grad) > 0.001 for grad in sheet.key.values())
    x, w, b = Value(2.0, "x"), Value(-3.0, "w"), Value(1.0, "b")
    assert all(worksheet(relu(w * x + b), seed).key.values())


def test_the_same_seed_gives_the_same_sheet_and_others_give_others() -> None:
    for name in ("karpathy", "alice", "cs231n-product"):
        build = EXAMPLES[name].build
        assert worksheet(build, 4).html() == worksheet(build, 4).html()
        assert worksheet(build, 4).markdown() == worksheet(build(), 4).markdown()
        assert len({tuple(worksheet(build, seed).leaves.values()) for seed in range(10)}) >= 8


def test_the_learners_graph_is_untouched() -> None:
    loss = EXAMPLES["alice"].build()
    loss.backward()
    before = [(node, node.data, node.grad, node.label) for node in topological_order(loss)]
    sheet = worksheet(loss, seed=9)
    sheet.html()
    after = [(node, node.data, node.grad, node.label) for node in topological_order(loss)]
    assert all(one[0] is other[0] and one[1:] == other[1:] for one, other in zip(before, after, strict=True))
    assert not set(topological_order(sheet.loss)) & set(topological_order(loss))


def test_a_rebuilt_graph_has_the_same_shape() -> None:
    w, x = nn.Parameter(2.0, "w"), Value(3.0, "x")
    loss = (w * x + w) ** 2 / x
    order = topological_order(loss)
    copies = topological_order(rebuilt(order, [node.data for node in order]))
    assert [(type(a), a.data, a.label, a.op) for a in order] == [(type(b), b.data, b.label, b.op) for b in copies]


def test_plain_numbers_and_kept_leaves_keep_their_numbers() -> None:
    t, y = Value(0.25, "t"), Value(7.0, "y")
    sheet = worksheet(0.5 * (t - y) ** 2, seed=1, keep=["t"])
    assert sheet.leaves["t"] == 0.25
    assert sheet.leaves["y"] != 7.0
    assert 0.5 in [node.data for node in sheet.trace.nodes if not node.inputs and not node.label]
    assert worksheet(t * y, keep=t).leaves["t"] == 0.25
    assert worksheet(t * y, keep="y").leaves["y"] == 7.0


def test_a_graph_without_labels_has_all_its_numbers_changed() -> None:
    sheet = worksheet(Value(0.123) * Value(0.456), seed=2)
    assert len(sheet.key) == 1 or len(sheet.key) == 2
    assert all(digits_of(node.data) <= 2 for node in sheet.trace.nodes)


def test_numbers_stay_in_the_domain() -> None:
    x = Value(0.5, "x")
    for seed in range(10):
        assert worksheet(log(x) + x, seed).leaves["x"] > 0


def test_what_can_be_computed_nowhere_says_so() -> None:
    x = Value(0.5, "x")
    root = (-1 - x * x).exp() - 100.0
    with pytest.raises(ValueError, match="log"):
        choose_numbers(Wiring(log_of_a_negative(root)), set(), 1, 3)


def log_of_a_negative(node: Value) -> Value:
    """A node that could be computed when it was made, but cannot any more."""
    good = Value(1.0)
    result = log(good)
    result.inputs = (node,)
    return result


def test_values_of_functions_are_given() -> None:
    x, w = Value(1.0, "x"), Value(1.0, "w")
    sheet = worksheet((w * x).sin(), seed=1)
    assert list(sheet.values_needed) == ["cos(w·x)"]
    product = sheet.leaves["w"] * sheet.leaves["x"]
    assert sheet.values_needed["cos(w·x)"] == pytest.approx(np.cos(product), rel=1e-12)
    assert "You may need" in sheet.html()
    assert "cos(w·x) ≈ " in sheet.markdown()
    assert functions_in(sheet.trace.formula(sheet.trace.backward[1])) == []


def test_digits_are_counted_without_the_noise_of_floats() -> None:
    assert [digits_of(x) for x in (0.1 + 0.2, 1.1 * 1.1, -0.25, 100.0, 0.0, 2 / 3)] == [1, 3, 2, 1, 0, 10]


# --- the page ---------------------------------------------------------------------------------------------


class Checker(HTMLParser):
    """Wants every element closed, and collects the texts of the cells."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        if tag not in ("meta",):
            self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open:
            self.cells[-1] += data


def parts_of(sheet: Worksheet) -> tuple[str, str]:
    before, after = sheet.html().split('<section class="sheet key">')
    return before, after


@pytest.mark.parametrize("name", ["karpathy", "alice", "micrograd"])
def test_the_page_is_whole_and_needs_nothing(name: str) -> None:
    page = worksheet(EXAMPLES[name].build).html()
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert not checker.seen & {"script", "link", "img", "iframe"}
    assert "http" not in re.sub(r'xmlns="[^"]*"|http-equiv', "", page)
    assert "default-src 'none'" in page
    ids = re.findall(r'(?<![-\w])id="([^"]*)"', page)
    assert len(ids) == len(set(ids))


def test_gradients_are_blank_on_the_sheet_and_stand_in_the_key() -> None:
    sheet = worksheet(karpathy, seed=3)
    blank, key = parts_of(sheet)
    assert set(re.findall(r'class="grad"[^>]*>([^<]*)<', blank)) == {"1"}
    assert "" not in re.findall(r'class="grad"[^>]*>([^<]*)<', key)
    assert re.findall(r'class="data"[^>]*>([^<]*)<', blank) == re.findall(r'class="data"[^>]*>([^<]*)<', key)
    questions, answers = Checker(), Checker()
    questions.feed(blank.replace("<main", "<section").replace("</main", "</section"))
    answers.feed('<html><body><section class="sheet key">' + key)
    # Six contributions of eight columns.
    assert len(questions.cells) == len(answers.cells) == 6 * 8
    assert [cell for cell in questions.cells if cell] == [
        x for k, (a, b) in enumerate(["Ld", "Lf", "de", "dc", "ea", "eb"], 1) for x in (str(k), a, b, "×", "=")
    ]
    found = {name: read_number(grad) for name, grad in re.findall(r"<li>dL/d(\w) = +([^<]*)</li>", key)}
    assert found == {"L": 1.0} | {name: sheet.trace.gradients[sheet.trace.find(name)] for name in "fdceba"}


def test_several_contributions_are_added_in_the_key() -> None:
    a = Value(1.0, "a")
    sheet = worksheet(a * a * a, seed=2)
    [row] = [row for row in sheet.totals(solved=True) if row[0] == "a"]
    numbers = [read_number(x) for x in row[1].removesuffix(" =").split(" + ")]
    assert sum(numbers) == read_number(row[2])
    assert sheet.totals(solved=False)[-1] == ("a", "", "")


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("seed", range(1, 4))
def test_each_line_of_the_key_is_what_its_numbers_give(name: str, seed: int) -> None:
    sheet = worksheet(EXAMPLES[name].build, seed)
    digits = 3

    def rounded(x: Fraction) -> Decimal:
        # At least so many digits; digits before the point all stay.
        exact = Context(60).divide(Decimal(x.numerator), Decimal(x.denominator))
        kept = max(digits, exact.adjusted() + 1)
        return Context(kept, rounding=ROUND_HALF_UP).plus(exact)

    for _, _, _, upstream, _, local, sign, product in sheet.rows(solved=True):
        number = read_number(local.rpartition("= ")[2])
        assert sign == "="
        assert rounded(read_number(upstream) * number) == read_number(product)
    for name, terms, total in sheet.totals(solved=True):
        if terms:
            *shares, last = terms.removesuffix(" =").split(" + ")
            assert rounded(sum(map(read_number, [*shares, last]), Fraction())) == read_number(total), name
    # On paper one comes close to what backward() gives.
    for node, gradient in sheet._paper.gradients.items():
        assert read(gradient) == pytest.approx(sheet.trace.gradients[node], rel=0.04, abs=1e-3)


def test_the_key_says_how_far_it_is_from_what_backward_gives() -> None:
    sheet = worksheet(EXAMPLES["alice"].build)
    [gap] = re.findall(r"backward\(\), which rounds nothing, differs by ([0-9.]+) at most", sheet.html())
    worst = max(abs(read(text) - sheet.trace.gradients[id]) for id, text in sheet._paper.gradients.items())
    assert float(gap) == pytest.approx(worst, rel=0.05)
    assert "rounds nothing" in sheet.markdown()
    assert "rounds nothing" not in worksheet(karpathy).html()


def test_every_row_of_the_table_names_boxes_that_are_found_in_the_drawing() -> None:
    names = worksheet(EXAMPLES["alice"].build).names.values()
    assert {"Σh1", "Σh2", "Σo1", "w1·x1"} <= {*names}
    sheet = worksheet(EXAMPLES["micrograd"].build)
    numbered = [name for name in sheet.names.values() if re.fullmatch(r"v\d+", name)]
    assert numbered
    for name in numbered:
        assert re.search(rf">v<tspan[^>]*>{name[1:]}</tspan>", sheet.picture())


def test_rules_are_given_for_what_is_in_the_graph() -> None:
    assert worksheet(EXAMPLES["alice"].build).rules == (
        "∂(u·v)/∂u = v", "∂(u·v)/∂v = u", "d(σ(u))/du = σ(u)(1 - σ(u))", "d(u²)/du = 2·u",
    )  # fmt: skip
    x = Value(2.0, "u")
    assert worksheet(relu(x) + x).rules == ("d(relu(v))/dv = step(v)",)
    assert "step(u) is 1 for u" in worksheet(relu(x) + x).html()
    assert worksheet(x + x).rules == ()


def test_frames_of_neurons_are_drawn() -> None:
    assert "hidden layer 1" in worksheet(EXAMPLES["alice"].build).html()


HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe",
    "a|b",
    "*x*",
    "\x00",
    "x" * 10_000,
    "🧠",
    "]](http://x)",
]


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_are_text(label: str) -> None:
    x = Value(2.0, label)
    sheet = worksheet(x * x + x, title=label)
    for text in (sheet.html(), sheet._repr_html_(), sheet.markdown(), repr(sheet)):
        assert "<script>alert" not in text
        assert "<img src" not in text
        assert "\u202e" not in text
        assert "\x00" not in text
    checker = Checker()
    checker.feed(sheet.html())
    assert checker.open == []
    assert len(sheet.html()) < 100_000
    rows = [line for line in sheet.markdown().splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {9, 4}


def test_markdown_has_the_graph_the_tables_and_the_key() -> None:
    sheet = worksheet(karpathy, seed=3)
    text = sheet.markdown()
    question, answers = text.split("# Answers to sheet 3")
    pictures = re.findall(r"!\[the graph\]\(data:image/svg\+xml;base64,([^)]*)\)", text)
    assert [base64.b64decode(picture).decode() for picture in pictures] == [
        sheet.picture(),
        sheet.picture(solved=True),
    ]
    assert "| 1 | L | d |  | × |  | = |  |" in question
    f = sheet.leaves["f"]
    assert f"| 1 | L | d | 1 | × | f = {f:g} | = | {f:g} |" in answers


def test_it_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    sheet = worksheet(karpathy)
    assert sheet.save(tmp_path / "sheet.html").read_text(encoding="utf-8") == sheet.html()
    assert sheet.save(str(tmp_path / "sheet.md")).read_text(encoding="utf-8") == sheet.markdown()
    with pytest.raises(WorksheetError, match=r"\.html or \.md"):
        sheet.save(tmp_path / "sheet.pdf")
    with pytest.raises(FileNotFoundError, match="create it first"):
        sheet.save(tmp_path / "nowhere" / "sheet.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sheet.html", "sheet.md"]


def test_it_introduces_itself_and_shows_itself() -> None:
    sheet = worksheet(karpathy, seed=3)
    assert repr(sheet) == '<Worksheet 3 about L: 4 gradients of inputs to find; sheet.save("sheet.html") saves it>'
    assert sheet._repr_html_().count("<iframe srcdoc=") == 1
    assert "1 gradient of an input" in repr(worksheet(Value(2.0, "a") * 3))


def test_what_makes_no_sheet_says_why() -> None:
    x = Value(2.0, "x")
    with pytest.raises(WorksheetError, match="not computed from anything"):
        worksheet(x)
    with pytest.raises(GradientError, match="needs a Value"):
        worksheet(3.0)  # type: ignore[arg-type]
    with pytest.raises(GradientError, match="needs a Value"):
        worksheet(lambda: 3.0)  # type: ignore[arg-type, return-value]
    for seed in (-1, 1.5, True, "1"):
        with pytest.raises(WorksheetError, match="seed is"):
            worksheet(x * x, seed=seed)  # type: ignore[arg-type]
    for digits in (0, 7, True, "3"):
        with pytest.raises(WorksheetError, match="digits is"):
            worksheet(x * x, digits=digits)  # type: ignore[arg-type]
    with pytest.raises(WorksheetError, match="title is"):
        worksheet(x * x, title=3)  # type: ignore[arg-type]
    with pytest.raises(TraceError, match="no node 'q'"):
        worksheet(x * x, keep=["q"])
    y = x
    for _ in range(200):
        y = y + x
    with pytest.raises(WorksheetError, match="at most 120"):
        worksheet(y)
