"""Labels are data: what a learner calls a node is taken for no other node, and no terminal obeys it."""

import contextlib
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
import viz
from autograd import AutogradError, Value, compile, detect_anomaly, grad, jit, ops, trace
from autograd.core.plain_text import printable
from autograd.program.graphs import record
from autograd.steps import is_number
from viz.command_line import main as cli
from viz.pages.contents import describe_page
from viz.pages.html import PageError, page
from viz.stepping.stepper import Stepper

INTERNAL = ["v0", "v1", "v5", "v2_", "v0_op", "e0", "n0", "t1", "t2", "x0", "x1", "z", "z1", "c", "L", "loss", "f"]
WORDS = ["grad", "lr", "data", "self", "inputs", "target", "constructor", "__proto__", "toString", "layer0"]
FORMULAS = [
    "a.b",
    "a b",
    "p·q",
    "p+q",
    "3",
    "-2.5",
    "inf",
    "nan",
    "q (v1)",
    "q[v1]",
    "q[0]",
    "[",
    "]",
    "'",
    "…",
    "<b>",
]
CONTROL = [
    "\x1b]0;owned\x07", "\x1b[31mred", "\u202etfel", "line\nbreak", "nul\0nul", "\r", "\x9b2J", "\ud800", "\u2028",
    "\u2066", "tab\t", "\x7f",
]  # fmt: skip
HOSTILE = [*INTERNAL, *WORDS, *FORMULAS, *CONTROL]
labels = st.lists(st.sampled_from(HOSTILE), min_size=5, max_size=5)


def graph(names):
    """Three leaves, a product without a label, a labelled value and a result; each leaf has another gradient."""
    p, q, r = Value(2.0, names[0]), Value(-3.0, names[1]), Value(0.5, names[2])
    h = p * q + r
    h.label = names[3]
    L = h * h + 7 * r + p
    L.label = names[4]
    return [p, q, r], L


def unsafe_lines(text):
    """The lines with something in them that a terminal obeys, or that turns the direction of a text."""
    lines = [line.lstrip("\t") for line in text.split("\n")]
    return [ascii(line) for line in lines if line != printable(line)]


# ids and labels


@given(labels)
def test_the_trace_keeps_every_node(names):
    leaves, L = graph(names)
    steps = trace(L)
    L.backward()
    nodes = {node.id: node for node in steps.nodes}
    assert len(nodes) == len(steps.nodes) == 10
    for leaf in leaves:
        id = steps.find(leaf)
        assert nodes[id].label == leaf.label
        assert nodes[id].data == leaf.data
        assert steps.gradients[id] == leaf.grad
        assert steps.node(id) is not None
        assert steps.node(id).data == leaf.data
        assert sum(step.product for step in steps.backward if step.input == id) == pytest.approx(leaf.grad)
    written = json.loads(steps.to_json())
    assert [node["label"] for node in written["nodes"]] == [node.label for node in steps.nodes]
    assert {node["id"]: node["grad"] for node in written["nodes"]} == steps.gradients


@given(labels)
def test_names_are_unique(names):
    _, L = graph(names)
    steps = trace(L)
    found = [node.name for node in steps.nodes if node.label or node.op]
    assert len(set(found)) == len(found)
    # No label can be taken for a number, or for the name of a node without a label.
    assert all(not node.label or steps.formula_of(node.id).name for node in steps.nodes)


@given(labels)
def test_a_label_is_found_as_a_label_and_an_id_as_an_id(names):
    _, L = graph(names)
    steps = trace(L)
    for node in steps.nodes:
        assert steps.find(node.id) == node.id
        assert steps.find(node.name) == node.id or not (node.label or node.op) or node.name in names
        if names.count(node.label) == 1:
            assert steps.find(node.label) == node.id


def test_a_label_that_looks_like_the_id_of_another_node_is_found_as_the_label_everywhere(capsys):
    leaves = [Value(number, name) for name, number in {"v3": 2.0, "v0": 3.0, "v1": 5.0, "v2": 7.0}.items()]
    L = (leaves[0] * leaves[1] + leaves[2] * leaves[3]) * leaves[0]
    L.backward()
    steps = trace(L)
    for leaf, gradient in zip(leaves, (47.0, 4.0, 14.0, 10.0), strict=True):
        name = leaf.label
        assert steps.find(name) == steps.find(leaf) != name
        assert (steps.node(name).data, steps.gradients[steps.find(name)]) == (leaf.data, gradient)
        assert viz.explain(L, name).value == gradient == leaf.grad
        assert viz.quiz(L, nodes=[name]).questions[0].expected == gradient
        assert [steps.node(id).label for id in page(L, free=[name]).data.free] == [name]
        assert viz.worksheet(L, keep=[name]).leaves[name] == leaf.data
        assert viz.four_ways(L, name).rows[0].formula == pytest.approx(gradient)
        stepper = Stepper(L)
        assert stepper.toggle_breakpoint(name)
        assert not stepper.toggle_breakpoint(leaf)
        words = [f"{other.label}={other.data}" for other in leaves]
        assert cli.main(["explain", "L = (v3*v0 + v1*v2)*v3", name, *words]) == 0
        assert f"dL/d{name} = " in (said := capsys.readouterr().out)
        assert said.rstrip().endswith(f" = {gradient:g}")


@given(labels)
def test_the_page_has_a_slider_for_every_leaf(names):
    leaves, L = graph(names)
    made = page(L)
    steps = made.data.steps
    assert sorted(steps.node(id).data for id in made.data.free) == sorted(leaf.data for leaf in leaves)
    described = describe_page(made.data)
    assert len(described["names"]) == 10
    assert sorted(described["start"]) == sorted(leaf.data for leaf in leaves)


def slots_on_the_page(names):
    _, L = graph(names)
    html = page(L).html
    return re.findall(r"<mi>\{\d+\}</mi>", html)


# Long names, and those that are written with an id, make other formulas the shortest ones.
SHORT = [x for x in HOSTILE if len(x) < 4 and not is_number(x)]


@given(st.lists(st.sampled_from(SHORT), min_size=5, max_size=5, unique=True))
def test_the_formulas_of_the_page_speak_of_the_same_nodes_whatever_they_are_called(names):
    assert slots_on_the_page(names) == slots_on_the_page(["a1", "a2", "a3", "a4", "a5"])


@given(labels)
def test_the_worksheet_asks_for_every_leaf(names):
    leaves, L = graph(names)
    sheet = viz.worksheet(L, keep="all")
    L.backward()
    assert sorted(sheet.leaves.values()) == sorted(leaf.data for leaf in leaves)
    assert sorted(sheet.key.values()) == sorted(leaf.grad for leaf in leaves)


@given(labels)
def test_the_quiz_asks_for_the_right_numbers(names):
    _, L = graph(names)
    questions = viz.quiz(L)
    for question in questions.questions:
        assert question.check(repr(question.expected)).right
        known = [fact.name for fact in question.facts]
        assert len(set(known)) == len(known)


@given(labels)
def test_explanations_and_four_ways_give_the_right_numbers(names):
    leaves, L = graph(names)
    L.backward()
    for leaf in leaves:
        found = viz.explain(L, leaf)
        assert found.value == leaf.grad
        assert sum(share.value for share in found.shares) == pytest.approx(leaf.grad)
        assert all(len(set(share.names)) == len(share.names) for share in found.shares)
        assert all(factor.used == pytest.approx(factor.value) for factor in found.factors)
    rows = viz.four_ways(L).rows
    assert sorted(row.formula for row in rows) == pytest.approx(sorted(leaf.grad for leaf in leaves))


@given(labels)
def test_programs_and_their_listings(names):
    leaves, L = graph(names)
    program = compile(L, leaves, engine="python")
    assert program(2.0, -3.0, 0.5) == L.data
    if len(set(names[:3])) == 3 and "" not in names:
        assert program(**{leaf.label: leaf.data for leaf in leaves}) == L.data
        assert program.value_and_grad(**{leaf.label: leaf.data for leaf in leaves})[0] == L.data
    tape = record([L], leaves)
    called = tape.names()
    assert len(set(called)) == len(called)
    assert unsafe_lines(str(tape)) == []


@given(labels)
def test_drawings_have_a_box_for_every_node(names):
    _, L = graph(names)
    drawing = viz.draw(L)
    values = [node for node in drawing.nodes if node.kind != "operation"]
    assert sorted(node.label for node in values if node.label) == sorted(names)
    ids = [thing.id for thing in (*drawing.nodes, *drawing.edges)]
    assert len(set(ids)) == len(ids)
    in_svg = re.findall(r' id="([^"]*)"', drawing.svg())
    assert len(set(in_svg)) == len(in_svg)
    assert unsafe_lines(drawing.dot + drawing.svg()) == []


def test_a_worksheet_of_plain_numbers_asks_for_each():
    sheet = viz.worksheet(Value(2.0) * Value(2.0) * Value(5.0), keep="all")
    assert sheet.key == {"2 (v0)": 10.0, "2 (v1)": 10.0, "5": 4.0}


def test_columns_of_examples_go_into_one_leaf_each():
    x, w = Value(2.0, "x1"), Value(3.0, "x1")
    data = nn.data.Dataset([[1.0], [2.0]], [1.0, 2.0])
    with pytest.raises(PageError, match="2 leaves of this graph are called 'x1'"):
        page((x * w - Value(1.0, "target")) ** 2, examples=data)


# control characters


def everything_that_is_text(names):
    """Each thing that makes text for people, by what it is."""
    leaves, L = graph(names)
    steps = trace(L)
    yield "Value", repr(leaves[0])
    yield "steps", "\n".join(map(str, steps.steps))
    yield "trace", f"{steps}\n{steps!r}"
    yield (
        "formulas",
        "\n".join(f"{steps.formula(step).text} {steps.formula(step).latex}" for step in steps.backward),
    )
    yield "program", f"{compile(L, leaves, engine='python')}\n{compile(L, leaves, engine='python')!r}"
    yield "tape", f"{record([L], leaves)}\n{record([L], leaves)!r}"
    for leaf in leaves:
        found = viz.explain(L, leaf)
        yield "explain", "\n".join([found.text, found.markdown, found.latex, found.mathml, repr(found)])
    ways = viz.four_ways(L)
    yield "four_ways", f"{ways}\n{ways!r}\n{ways.markdown}\n{ways._repr_html_()}"
    questions = viz.quiz(L)
    yield "quiz", f"{questions!r}\n{questions.hint()}\n{questions.answer('17')!r}\n{questions.answer('nonsense')!r}"
    for question in questions.questions:
        yield "question", f"{question}\n{question.hint}\n{question.solution}\n{question.check(1234.5).message}"
        yield "answer", question.check(question.expected).message
    sheet = viz.worksheet(L, keep="all")
    yield "worksheet", f"{sheet!r}\n{sheet.markdown()}\n{sheet.html()}"
    yield "page", f"{page(L)!r}\n{page(L).html}"
    drawing = viz.draw(L, title=names[0])
    yield "drawing", f"{drawing!r}\n{drawing.svg()}\n{drawing.dot}\n{drawing.notes}"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        viz.step(L)
    yield "step", printed.getvalue()
    stepper = Stepper(L)
    while stepper.forward():
        view = stepper.see(stepper.focus)
        yield "stepper", "\n".join([stepper.narration, *stepper.formulas, view.name, view.formula])


@pytest.mark.parametrize("name", CONTROL)
def test_no_text_has_control_characters(name):
    for what, text in everything_that_is_text([name, "q", name, f"h{name}", f"L{name}"]):
        assert unsafe_lines(text) == [], what


def errors(name):
    """Everything that is refused with a label in the message."""
    a, zero = Value(-1.0, name), Value(0.0, name)
    other = Value(1.0, f"b{name}")
    yield lambda: a.log()
    yield lambda: a / zero
    yield lambda: a**0.5
    yield lambda: (Value(700.0, name) * 2).exp()
    yield lambda: zero.sqrt().backward()
    yield lambda: (Value(1e-300, name) ** 0.25 * 1e200 * 1e100).backward()
    yield lambda: trace(a * a).find(f"{name}?")
    yield lambda: trace(a * Value(1.0, name)).find(name)
    yield lambda: trace(a * a).find(other)
    yield lambda: trace(zero.sqrt()).gradients
    yield lambda: viz.explain(a * a, name + "?")
    yield lambda: viz.explain(zero.sqrt(), zero)
    yield lambda: viz.quiz(zero.sqrt())
    yield lambda: viz.quiz(a * 2, [name + "?"])
    yield lambda: viz.worksheet(zero.sqrt()).key
    yield lambda: page(zero.sqrt())
    yield lambda: page(a * a, free=[name + "?"])
    yield lambda: page(a * a, free=[a * a])
    yield lambda: page(a * a, examples=[{name + "?": 1.0}])
    yield lambda: page(a * a, examples=[{name: "text"}])
    yield lambda: page(a * other, free=[a], examples=[{name: 1.0}])
    yield lambda: viz.four_ways(a * a, name + "?")
    yield lambda: compile(a * other, [a], engine="python")
    yield lambda: compile(a * other, [a, other], engine="python")(1.0)
    yield lambda: compile(a * other, [a, other], engine="python")(1.0, **{name + "?": 1.0})
    yield lambda: compile(a * other, [a, other], engine="python")("text", 1.0)
    yield lambda: compile(a.exp().exp(), [a], engine="python")(1e3)
    yield lambda: jit(lambda x: 1.0 if x > 0 else x)(a)
    yield lambda: jit(lambda x: float(x) + other)(a)
    yield lambda: grad(lambda x: x.log())(a)
    yield lambda: Value(name)
    yield lambda: Value(1.0, [name])
    yield lambda: a + name
    yield lambda: ops.maximum(a, name)
    yield lambda: math_of(a)
    yield lambda: nn.load(nn.Neuron(1, seed=1), name)
    yield lambda: nn.save(nn.Neuron(1, seed=1), f"nowhere/{name}")
    yield lambda: viz.draw(a * a).save(name)
    yield lambda: page(a * a).save(name)
    yield lambda: viz.worksheet(a * a).save(name)
    yield lambda: nn.MLP(1, [1], activation=name)
    yield lambda: nn.fit(nn.MLP(1, [1], seed=1), [([1.0], 1.0)], loss=name)
    yield lambda: viz.museum()[name]


def math_of(a):
    return detect_anomaly()(lambda: a.log())()


@pytest.mark.parametrize("name", CONTROL)
def test_no_error_has_control_characters(name):
    said = 0
    for attempt in errors(name):
        try:
            attempt()
        except Exception as error:
            text = "\n".join([str(error), *getattr(error, "__notes__", [])])
            assert unsafe_lines(text) == []
            said += 1
    assert said > 35


@pytest.mark.parametrize("name", CONTROL)
def test_no_word_about_a_network_has_control_characters(name, tmp_path, capsys):
    class Own(nn.Module):
        def __init__(self):
            self.parts = {name: nn.Parameter(0.1), name + "2": nn.MLP(1, [2, 1], seed=1)}

        def forward(self, x):
            return self.parts[name] * self.parts[name + "2"](x)

    Own.__name__ = name.replace("\0", "").replace("\ud800", "")  # Which Python takes in no name of a class.
    model, neuron = Own(), nn.Neuron(2, name=name)
    said = [repr(model), model.summary(), repr(model.state_dict().keys()), repr(neuron), neuron.summary()]
    for attempt in (
        lambda: model([1.0, 2.0]), lambda: neuron([1.0]), lambda: model.load_state_dict({}), lambda: model.load_state_dict({name: 1.0}),
        lambda: model.load_state_dict(dict.fromkeys(model.state_dict(), name)), lambda: nn.save(model, tmp_path),
        lambda: nn.load(model, tmp_path / "none"), lambda: nn.to_torch(model),
        lambda: nn.fit(model, [([1.0], 1.0)], epochs=1, optimizer=nn.SGD(lr=1e308), engine="python"),
        lambda: nn.fit(model, [([1.0], 1.0)], epochs=1, metrics=name),
    ):  # fmt: skip
        try:
            attempt()
        except Exception as error:
            said.append(str(error))
    model = Own()
    history = nn.fit(model, nn.data.Dataset([[1.0]], [1.0], feature_names=[name], sample_names=[name]), epochs=2)
    said += [str(history), repr(history), history.table()]
    data = nn.data.Dataset([[1.0]], [1e200], feature_names=[name], sample_names=[name])
    said += [repr(data), data.table()]
    leaf = nn.Parameter(1e160, name)
    for attempt in (
        lambda: nn.fit(Own(), data, epochs=3, batch_size=1, engine="eager"),
        lambda: nn.fit(Own(), data, epochs=1, metrics={name: lambda *_: 1 / 0}, engine="eager"),
        lambda: fit_parameter(leaf),
    ):
        with pytest.raises((AutogradError, nn.TrainingError, ArithmeticError)) as caught:
            attempt()
        said.append(str(caught.value))
    loss = nn.mean_squared_error(model([1.0]), 0.5)
    said += [*everything_about(loss), *capsys.readouterr()]
    for text in said:
        assert unsafe_lines(text.replace("\r", "")) == []


def fit_parameter(leaf):
    class One(nn.Module):
        def __init__(self):
            self.leaf = leaf

        def forward(self, x):
            return self.leaf * 1.0

    nn.fit(One(), [([1.0], 1.0)], epochs=1, engine="eager")


def everything_about(loss):
    yield str(trace(loss))
    yield viz.draw(loss).dot
    yield viz.draw(loss, collapse="layers").svg()
    yield page(loss).html


@pytest.mark.parametrize("name", [name for name in CONTROL if "\0" not in name and "\ud800" not in name])
def test_the_command_prints_no_control_characters(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for words in (
        ["draw", f"y = {name}"], ["draw", "y = x**2", f"x={name}"], ["draw", "y = x**2", f"{name}=3"],
        ["step", "y = x**2", "x=3", "--to", name], ["draw", "--unknown", name], ["explain", "y = x**2", name, "x=3"], [name],
        ["draw", "y = x**2", "x=3", "-o", f"{name}.svg"], ["worksheet", "y = x**2", "x=3", "-o", f"{name}.html"],
        ["train", name], ["museum", name], ["draw", "y = x**2", "x=3", "-o", f"nowhere{name}/x.svg"],
    ):  # fmt: skip
        cli.main(words)
        said = capsys.readouterr()
        assert unsafe_lines(said.out + said.err) == []


def test_the_errors_are_ours():
    with pytest.raises(AutogradError, match="log"):
        Value(-1.0, CONTROL[0]).log()
