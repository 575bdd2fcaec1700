"""Worked examples with numbers of one's own: in Python, in every command, and what is said to a wrong one."""

import io
import re
from pathlib import Path

import pytest

from autograd import Value, topological_order
from viz import EXAMPLES
from viz.command_line import main as cli
from viz.command_line.options import build, build_named
from viz.formulas.parser import ExpressionError
from viz.pages.demos import DEMOS, build_demo, demo


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))


def inputs_of(root):
    """The numbers of the inputs that have a label."""
    return {node.label: node.data for node in topological_order(root) if node.label and node.op is None}


def typed(capsys, *arguments, code=0):
    assert cli.main(arguments) == code
    said = capsys.readouterr()
    return said.err if code else said.out


# --- the examples -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_input_of_each_example_takes_another_number(name):
    before = inputs_of(EXAMPLES[name].build())
    assert before
    for label, number in before.items():
        root = EXAMPLES[name].build(**{label: number + 0.25})
        assert inputs_of(root) == before | {label: number + 0.25}
        # The forward pass was computed on it: the same graph on the same numbers.
        again = {node: Value(node.data) for node in topological_order(root)}
        for node in topological_order(root):
            if node.op is not None:
                again[node] = node.op(*[again[x] for x in node.inputs])
        assert again[root].data == root.data


def test_what_is_no_input_is_refused():
    with pytest.raises(ExpressionError, match=r"^alice has no input 'w11'; did you mean 'w1'\?$"):
        EXAMPLES["alice"].build(w11=1)
    with pytest.raises(
        ExpressionError, match=r"^h1 is computed in mazur, so it gets no number; its inputs are b1, b2,"
    ):
        EXAMPLES["mazur"].build(h1=1)
    with pytest.raises(ExpressionError, match=r"^micrograd has no input '\ufffd'; its inputs are a, b$"):
        EXAMPLES["micrograd"].build(**{"\x1b": 1})


@pytest.mark.parametrize("name", DEMOS)
def test_the_page_of_each_example_takes_other_numbers(name):
    for label, number in inputs_of(DEMOS[name]()[0]).items():
        loss, _ = build_demo(name, **{label: number + 0.25})
        assert inputs_of(loss)[label] == number + 0.25


def test_samples_stay_on_the_page_unless_their_own_numbers_are_changed():
    assert "examples" in build_demo("alice", w1=2)[1]
    for changed in ({"x1": 1}, {"target": 0}, {"w1": 2, "x2": 0}):
        assert "examples" not in build_demo("alice", **changed)[1]
        assert demo("alice", **changed).data.examples is None
    with pytest.raises(ExpressionError, match="did you mean 'target'"):
        build_demo("alice", targt=0)


# --- typed ------------------------------------------------------------------------------------------------


def test_an_example_with_a_number_of_ones_own_is_the_graph_of_the_formula():
    given = ["a=3", "f=-1"]
    by_hand = build("e = a*b; d = e + c; L = d*f", ["a=3", "b=-3", "c=10", "f=-1"])
    assert build("karpathy", given).data == by_hand.data == -1
    root, nodes = build_named(" karpathy ", given)
    assert list(nodes) == ["a", "b", "c", "f", "e", "d", "L"]
    assert nodes["L"] is root


def test_a_formula_may_be_called_like_an_example():
    assert build("linear", ["linear=3"]).data == 3


COMMANDS = {
    "draw": [], "explain": ["--four-ways"], "step": ["--plain"], "page": ["-o", "page.html"], "quiz": [],
    "worksheet": ["--own-numbers", "-o", "sheet.md"],
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_numbers_for_every_example(capsys, command, name):
    label, number = next(iter(inputs_of(EXAMPLES[name].build()).items()))
    told = f"{number + 0.1875:.4f}"
    assert typed(capsys, command, name, f"{label}={told}", *COMMANDS[command])
    assert f"{name} has no input" in typed(capsys, command, name, "nobody=1", code=2)


def test_the_numbers_are_those_on_show(capsys):
    assert re.search(r"^w1 +2 ", typed(capsys, "draw", "alice", "w1=2"), re.MULTILINE)
    assert "w1 = 2" in typed(capsys, "explain", "alice", "w1=2", "w1")
    assert "with w1 = 2" in typed(capsys, "step", "alice", "w1=2", "--plain", "--at", "1")
    assert re.search(r"\bw1 = 2\b", typed(capsys, "worksheet", "alice", "w1=2"))
    typed(capsys, "page", "alice", "w1=2.625")
    assert "2.625" in Path("alice.html").read_text(encoding="utf-8")


def test_the_advice_how_to_draw_an_example_can_be_typed(capsys):
    advice = typed(capsys, "draw", "alice", "w1=2").splitlines()[-1].partition(": ")[2]
    assert advice == "glassgrad draw alice w1=2 -o graph.svg"
    typed(capsys, *advice.split()[1:])
    assert Path("graph.svg").is_file()


# --- one step ---------------------------------------------------------------------------------------------


def test_one_printed_step_and_nothing_else(capsys):
    whole = typed(capsys, "step", "alice", "--plain")
    for k in (1, 3, 17, 42):
        [step] = re.findall(rf"^step {k} of 42 .*?(?=\n\n)", whole, re.MULTILINE | re.DOTALL)
        assert typed(capsys, "step", "alice", "--plain", "--at", str(k)) == step + "\n"


@pytest.mark.parametrize("at", ["43", "999999999999"])
def test_a_step_that_is_not_there(capsys, at):
    assert typed(capsys, "step", "alice", "--plain", "--at", at, code=2) == (
        f"glassgrad: there is no step {at} here: the steps are 1 to 42\n"
    )


# --- explain ----------------------------------------------------------------------------------------------


def test_the_name_alone_is_with_respect_to_it(capsys):
    expected = typed(capsys, "explain", "alice", "--wrt", "w1")
    assert typed(capsys, "explain", "alice", "w1") == expected
    formula = ["z = w*x; L = (1 - z)**2", "w=1", "x=2"]
    assert typed(capsys, "explain", formula[0], "w", *formula[1:]) == typed(
        capsys, "explain", *formula, "--wrt", "w"
    )


# --- what is said to mistakes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain", "alice", "w1", "w2"], "one derivative at a time: with respect to w1, or to w2?"),
        (["explain", "alice"], "with respect to what? Add a name, like b1; the inputs are b1, b2, b3, w1"),
        (["explain", "alice", "w11"], "nothing here is called 'w11'; did you mean 'w1'?"),
        (["explain", "alice", "--wrt", "w1", "w2"], "'w2' is no number for a name; give one like w2=1.5"),
        (["step", "alice", "w1"], "'w1' is no number for a name; give one like w1=1.5, or write --break w1"),
        (["quiz", "alice", "w1"], "or write --of w1"),
        (["page", "alice", "w1"], "or write --free w1"),
        (["draw", "w*x", "2"], "'2' is no number for a name; give one like w=2"),
        (["draw", "w*x", "$"], "'$' is no number for a name; give one like w=1.5"),
        (["step", "alise", "w1=2"], "there is no worked example 'alise'; did you mean 'alice'?"),
        (["step", "Alice"], "did you mean 'alice'?"),
        (["step", "foo"], "cs231n-max\nIf foo is a name in a formula of yours, give it a number: foo=1.5"),
        (["draw", "foo", "x=1"], "there is no worked example 'foo'; there are"),
        (["step", "alice", "--break", "w11"], "there is no node 'w11' in this graph; did you mean 'w1'?"),
        (["quiz", "alice", "--of", "w11"], "did you mean 'w1'?"),
        (["page", "alice", "--free", "w11"], "did you mean 'w1'?"),
        (["museum", "overwritting"], "did you mean 'overwriting'?"),
        (["worksheet", "alice", "-seed=3"], "there is no option -seed; options begin with two dashes: --seed"),
        (["step", "alice", "-plain"], "options begin with two dashes: --plain"),
        (["page", "alice", "--lr", "fast"], "expected a number above 0, but got 'fast'"),
    ],
)
def test_what_was_meant(capsys, tmp_path, arguments, words):
    said = typed(capsys, *arguments, code=2)
    assert words in said
    assert max(map(len, said.splitlines())) <= 160
    assert list(tmp_path.iterdir()) == []
