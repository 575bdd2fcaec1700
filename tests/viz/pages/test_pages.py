"""Pages as files: what is in them, what is refused, and that nothing a user typed can become markup or code."""

from __future__ import annotations

import argparse
import html as html_module
import json
import math
import re
from html.parser import HTMLParser

import pytest

import nn
from autograd import DomainError, GradientError, Value, ieee
from autograd.core.numbers import write_number
from nn import Parameter
from viz.command_line.page_group import add_page
from viz.drawing.boxes import make_scene
from viz.drawing.picture import make_picture
from viz.drawing.placement import lay_out
from viz.drawing.style import NUMBER_WIDTH, printable, shorten
from viz.drawing.svg import write_svg
from viz.formulas.worked_examples import EXAMPLES
from viz.limits import MOST_VALUES
from viz.pages import html as pages
from viz.pages.contents import describe_page, embed
from viz.pages.demos import DEMOS, demo
from viz.pages.html import PageError, page
from viz.pages.sentences import FIELDS, cast_of
from viz.stepping.narration import narrate


class Reader(HTMLParser):
    """Which elements and addresses a page has."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.addresses, self.handlers, self.scripts = [], [], [], []
        self.inside_script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.inside_script = tag == "script"
        if self.inside_script:
            self.scripts.append("")
        for name, value in attrs:
            if name in ("src", "href", "action", "srcset", "poster", "data"):
                self.addresses.append(value)
            if name.startswith("on") or name == "style":
                self.handlers.append(name)

    def handle_endtag(self, tag):
        self.inside_script = False

    def handle_data(self, data):
        if self.inside_script:
            self.scripts[-1] += data


def product():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    loss = a * b
    loss.label = "L"
    return a, b, loss


# --- the file ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(DEMOS))
def test_a_page_needs_nothing_from_anywhere(name):
    html = demo(name).html
    found = Reader(html)
    assert set(found.addresses) <= {"data:,"}
    assert found.handlers == []
    assert found.tags.count("script") == 3
    assert {"img", "iframe", "object", "embed", "base"}.isdisjoint(found.tags)
    assert "url(http" not in html
    assert "@import" not in html
    assert re.search(r"\b(fetch|XMLHttpRequest|WebSocket|sendBeacon|import)\(", html) is None
    # The only address in it is the name of a language, for elements that its script makes.
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {"http://www.w3.org/2000/svg", *in_the_notes(html)}


def in_the_notes(html):
    return re.findall(r"https?://[^\s\"'<]+", " ".join(re.findall(r'<p id="note">(.*?)</p>', html)))


@pytest.mark.parametrize("name", list(DEMOS))
def test_every_worked_example_is_one_small_file(name):
    assert len(demo(name).html.encode()) <= 160_000


def test_the_policy_names_the_scripts_by_their_fingerprints():
    html = demo("alice").html
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.startswith("default-src 'none'; ")
    found = Reader(html)
    for script in found.scripts[1:]:
        assert pages.fingerprint(script) in policy
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    assert pages.fingerprint(style) in policy
    assert "unsafe" not in policy


def test_the_same_graph_gives_the_same_page():
    assert demo("mazur").html == demo("mazur").html


def test_saving(tmp_path):
    _, _, loss = product()
    made = page(loss, tmp_path / "L.html")
    assert (tmp_path / "L.html").read_text(encoding="utf-8") == made.html
    assert made.save(str(tmp_path / "again.htm")) == tmp_path / "again.htm"
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["L.html", "again.htm"]


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    _, _, loss = product()
    made = page(loss, tmp_path / "L.html")
    before = (tmp_path / "L.html").read_bytes()

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="full"):
        made.save(tmp_path / "L.html")
    assert (tmp_path / "L.html").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_a_notebook_shows_the_same_page():
    made = demo("karpathy")
    framed = made._repr_html_()
    found = Reader(framed)
    assert found.tags.count("iframe") == 1
    assert html_module.unescape(re.search(r"srcdoc='([^']*)'", framed)[1]) == made.html
    assert repr(made).startswith("<Page of 7 values with sliders for a, b, c, f;")


def test_the_loss_and_its_gradients_are_left_as_they_were():
    a, _, loss = product()
    page(loss).html  # noqa: B018
    assert a.grad == 0
    assert isinstance(a.grad, int)


# --- what is told -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(DEMOS))
def test_the_sentences_are_those_of_the_narration(name):
    """But for the signs that say that a result is cut, which the page's script finds by itself."""
    made = demo(name)
    steps, data = made.data.steps, describe_page(made.data)
    for i, (step, chosen) in enumerate(zip(steps.steps, data["sentences"][1:-1], strict=True), 1):
        cast = [id.place for id in cast_of(steps, step)] + data["others"].get(i, [])
        told = ""
        for part in (part for clause in chosen for part in data["clauses"][clause]):
            if isinstance(part, str):
                told += part
            elif isinstance(part, tuple):
                node, *attached = part
                called = data["names"][cast[node]]
                told += f"({called})" if attached and cast[node] in data["fenced"] else called
            elif part >= 0:
                told += write_number(steps.nodes[cast[part]].data)
            else:
                told += write_number(getattr(step, FIELDS[-1 - part]))
        assert told == narrate(steps, step).replace("≈ ", "")


def test_what_a_sentence_says_in_many_steps_stands_in_the_page_once():
    made = demo("micrograd")
    data = describe_page(made.data)
    said = [embed(clause) for clause in data["clauses"]]
    assert len(set(said)) == len(said)
    told = sum(len(embed(data[part])) for part in ("clauses", "sentences", "others", "fenced"))
    assert told < sum(len(narrate(made.data.steps, step)) for step in made.data.steps.steps) / 3


def test_the_data_are_those_of_the_trace():
    made = demo("alice")
    steps, data = made.data.steps, describe_page(made.data)
    assert [f"v{i}" for i in data["forward"]] == [step.node for step in steps.forward]
    ends = {edge.id: (edge.source, edge.target, edge.operand - 1) for edge in made.data.scene.edges}
    for (node, x, operand, edge), step in zip(data["backward"], steps.backward, strict=True):
        assert (f"v{node}", f"v{x}", operand) == (step.node, step.input, step.operand)
        assert ends[edge] == (step.input, step.node, step.operand)
    assert [steps.name(f"v{i}") for i in data["free"]] == [*(f"w{i}" for i in range(1, 7)), "b1", "b2", "b3"]
    assert [steps.name(f"v{i}") for i in data["examples"]["outputs"]] == ["o1"]
    hidden = next(frame for frame in data["frames"] if frame["title"] == "hidden layer 1")
    assert [steps.name(f"v{i}") for i in hidden["outputs"]] == ["h1", "h2"]
    assert len(hidden["members"]) == 14


def test_a_network_wider_than_its_products_is_drawn_too():
    model = nn.MLP(20, [2, 1], seed=0)
    loss = nn.mean_squared_error(model([0.1 * i for i in range(20)]), 1.0)
    made = page(loss)
    assert len(made.data.scene.edges) == len(made.data.steps.backward)
    assert "w·x" in made.html


# --- hostile labels ---------------------------------------------------------------------------------------

HOSTILE = [
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "'\"`${x}", "<!--", "]]>", "{{data}}",
    "{12}", "שלום \u202eabc", "🦊", "\u2028\u2029", "\ud800", "\0\x1b[31m", "w" * 10_000, "POLICY", "&amp;", "\\u003c",
]  # fmt: skip


@pytest.mark.parametrize("label", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_labels_stay_text(label):
    a, b = Parameter(2.0, label), Value(3.0, "b")
    loss = (a * b).tanh()
    loss.label = f"{label}2"
    made = page(loss, title=label, note=label, examples=[{"name": label, "b": 1}])
    harmless = demo("karpathy-neuron").html
    found, usual = Reader(made.html), Reader(harmless)
    # A slot of a formula is an element of its own, see write_formulas.
    assert {tag for tag in found.tags if not re.fullmatch("q[0-9]+", tag)} <= set(usual.tags) | {"mtext"}
    assert found.handlers == []
    assert found.tags.count("script") == 3
    data = json.loads(found.scripts[0])
    assert shorten(printable(label)) in data["names"]
    assert "<" not in found.scripts[0]
    assert made.html.encode("utf-8")
    # However long it is, a label stands in a page in full two or three times only.
    assert len(made.html) < len(harmless) + 30_000
    assert set(Reader(made._repr_html_()).tags) == {"div", "p", "img", "iframe"}


def test_what_stands_in_a_script_cannot_end_it():
    text = embed({"a": "</script><!-- & \u2028\u2029"})
    assert not set("<>&\u2028\u2029").intersection(text)
    assert json.loads(text) == {"a": "</script><!-- & \u2028\u2029"}


# --- what is refused --------------------------------------------------------------------------------------


def refused(message, *arguments, **options):
    with pytest.raises(PageError, match=message):
        page(*arguments, **options)


def test_only_a_value_has_a_page():
    with pytest.raises(GradientError, match="page needs a Value, but got 3"):
        page(3.0)


def test_a_graph_that_is_too_large_says_how_large(tmp_path):
    a = Value(1.0, "a")
    loss = a
    for _ in range(MOST_VALUES):
        loss = loss + a
    refused(rf"{MOST_VALUES + 1} values, but a page shows {MOST_VALUES} at most", loss, tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []


def test_free_leaves_must_be_leaves_with_labels(tmp_path):
    a, b, loss = product()
    assert page(loss, free=[a]).data.free == ("v0",)
    assert page(loss, free=["b", b]).data.free == ("v1",)
    assert page(loss, free=[]).data.free == ()
    refused("did you mean 'a'|the labels are a, b", loss, tmp_path / "x.html", free=["aa"])
    refused("is not part of this graph", loss, free=[Value(1.0, "z")])
    refused("'L' cannot be free, for it is computed", loss, free=["L"])
    refused("cannot have a slider without a label", loss * 2.0, free=["v3"])
    refused(r"free is a list of Values or labels.*free=\['a'\]", loss, free="a")
    assert list(tmp_path.iterdir()) == []


def test_parameters_are_free_if_there_are_any_in_reading_order():
    weights = [Parameter(1.0, f"w{i}") for i in (10, 2, 1)]
    loss = weights[0] * weights[1] + weights[2] * Value(2.0, "x")
    made = page(loss)
    assert [made.data.steps.name(id) for id in made.data.free] == ["w1", "w2", "w10"]


def test_examples_find_their_leaves():
    loss = EXAMPLES["linear"].build()
    made = page(loss, examples=nn.data.linear_relationship())
    assert [made.data.steps.name(id) for id in made.data.examples.columns] == ["x1", "x2", "x3", "y"]
    assert made.data.examples.rows[0] == (3.0, 4.0, 7.0, 13.5)
    rows = [{"name": "one", "y": 2, "x1": 1.0}, {"x1": 3, "y": 4}]
    by_hand = page(loss, examples=rows).data.examples
    assert by_hand.names == ("one", "example 2")
    assert by_hand.rows == ((1.0, 2.0), (3.0, 4.0))  # targets come last
    assert len(by_hand.targets) == 1


def test_examples_that_do_not_fit_are_refused():
    a, _, loss = product()
    refused("examples is a Dataset, or a list of dicts", loss, examples=[])
    refused("examples is a Dataset, or a list of dicts", loss, examples={"a": 1})
    refused("example 1 is a dict from label to number", loss, examples=[[1.0]])
    refused("example 2 differs from the first", loss, examples=[{"a": 1}, {"b": 1}])
    refused("finite number is needed", loss, examples=[{"a": math.inf}])
    refused("finite number is needed", loss, examples=[{"a": "1"}])
    refused("there is no node 'c'", loss, examples=[{"c": 1}])
    refused("examples can fill leaves", loss, examples=[{"L": 1}])
    refused("no leaf of this graph is called 'x1'", loss, examples=nn.data.alice_bob())
    refused("no leaf of this graph is called 'target'", loss, examples=nn.data.xor())
    refused("is free, but the examples say", loss, free=[a], examples=[{"a": 1}])


def test_other_arguments():
    _, _, loss = product()
    for lr in (0, -1.0, math.nan, math.inf, "fast", None):
        refused("lr is a learning rate", loss, lr=lr)
    refused("title is a string", loss, title=3)
    refused("note is a string", loss, note=None)
    refused("a page is saved as .html, but 'page.pdf' ends in '.pdf'", loss, "page.pdf")
    refused("has no ending", loss, "page")


def test_a_derivative_that_does_not_exist_is_an_error_before_anything_is_written(tmp_path):
    a = Value(0.0, "a")
    with pytest.raises(DomainError, match="sqrt"):
        page(a.sqrt(), tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []


def test_numbers_that_are_not_finite_can_be_shown():
    with ieee():
        a, b = Value(math.inf, "a"), Value(2.0, "b")
        made = page(a * b)
        data = json.loads(Reader(made.html).scripts[0])
    assert data["start"] == ["Infinity", 2.0]


def test_the_page_shows_the_picture_that_draw_shows():
    a, b = Value(2.0, "a"), Parameter(3.0, "b")
    loss = a / b
    loss.label = "L"
    loss.backward()
    paged = page(loss).html
    paged = paged[paged.index("<svg id=graph") :].split("</svg>")[0]
    # On a page there is room for the widest number to which a slider may lead.
    scene = make_scene(make_picture(loss), number_width=NUMBER_WIDTH)
    drawn = write_svg(scene, lay_out(scene))
    drawn, paged = (re.findall(r' d="([^"]*)"|transform="([^"]*)"', svg) for svg in (drawn, paged))
    assert len(drawn) == 5  # two edges, three boxes
    assert drawn == paged


# --- the command ------------------------------------------------------------------------------------------


def run(*arguments):
    parser = argparse.ArgumentParser()
    add_page(parser.add_subparsers())
    options = parser.parse_args(["page", *arguments])
    return options.run(options)


def test_the_command_makes_the_page_of_an_example_or_a_formula(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run("alice") == 0
    assert "alice.html" in capsys.readouterr().out
    assert (tmp_path / "alice.html").read_text(encoding="utf-8") == demo("alice").html
    assert run("f = x**2 + 4*y**2", "x=4", "y=1.5", "-o", "f.html", "--free", "x", "--lr", "0.05") == 0
    text = (tmp_path / "f.html").read_text(encoding="utf-8")
    assert "f = x**2 + 4*y**2</h1>" in text
    data = json.loads(Reader(text).scripts[0])
    assert [data["names"][i] for i in data["free"]] == ["x"]
    assert data["rate"] == 0.05
    with pytest.raises(PageError):
        run("a = x*2", "x=4", "--free", "z")
