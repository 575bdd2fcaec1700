"""glassgrad explain, as a command of its own."""

import argparse
import xml.etree.ElementTree as ElementTree

import pytest

from autograd import Value
from viz.command_line.explain_group import add_explain, find
from viz.formulas.parser import ExpressionError


def run(*arguments):
    parser = argparse.ArgumentParser()
    add_explain(parser.add_subparsers())
    options = parser.parse_args(["explain", *arguments])
    return options.run(options)


def test_a_worked_example(capsys):
    assert run("alice", "--wrt", "w1", "--round-to", "3") == 0
    assert "dL/dw1 = −0.952 · 0.249 · (−0.0904) = 0.0214" in capsys.readouterr().out


def test_a_formula(capsys):
    assert run("z = w*x + b; L = (1 - sigmoid(z))**2", "w=1", "x=-2", "b=0", "--wrt", "w") == 0
    assert "dL/dw = dL/dz · dz/dw" in capsys.readouterr().out
    assert run("y = x**2", "x=3") == 0
    assert "dy/dx = 2·x = 2·3 = 6" in capsys.readouterr().out


def test_formats(capsys):
    run("karpathy", "--wrt", "a", "--format", "markdown")
    assert "$$" in capsys.readouterr().out
    run("karpathy", "--wrt", "a", "--format", "latex")
    assert "\\begin{aligned}" in capsys.readouterr().out
    run("karpathy", "--wrt", "a", "--format", "mathml")
    ElementTree.fromstring(capsys.readouterr().out)


def test_four_ways(capsys):
    run("karpathy", "--four-ways")
    out = capsys.readouterr().out
    assert out.startswith("Four ways to the derivatives of L")
    run("karpathy", "--four-ways", "--wrt", "a", "--format", "markdown")
    out = capsys.readouterr().out
    assert out.startswith("Wanted:")
    assert "| way |" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["alice"], "Add a name, like b1; the inputs are b1, b2, b3, w1"),
        (["alice", "--wrt", "w11"], "did you mean 'w1'?"),
        (["alice", "--wrt", "weight"], "nothing here is called 'weight'; the inputs are"),
        (["alice", "--wrt", "\x1b[31m"], "nothing here is called '\ufffd"),
        (["alise", "--wrt", "w1"], "did you mean 'alice'"),
        (["w*x", "w=1"], "x has no value"),
        (["alice", "--wrt", "w"], "did you mean 'w"),
    ],
)
def test_errors_for_beginners(arguments, message):
    with pytest.raises(ExpressionError) as error:
        run(*arguments)
    assert message in str(error.value)


def test_a_name_that_several_nodes_have():
    a, b = Value(1.0, "h"), Value(2.0, "h")
    with pytest.raises(ExpressionError, match="2 nodes are called 'h'"):
        find(a * b, "h", needed=True)


@pytest.mark.parametrize("digits", ["0", "7", "three", "-1"])
def test_round_to(digits, capsys):
    with pytest.raises(SystemExit):
        run("alice", "--wrt", "w1", f"--round-to={digits}")
    assert "expected a whole number from 1 to 6" in capsys.readouterr().err
