"""The command itself: what it says without words, to words that it does not know, and whether its help is true."""

import io
import re
import shlex

import pytest

from viz.command_line import main as cli

COMMANDS = list(cli.COMMANDS)


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def typed(capsys, *arguments, code=0):
    assert cli.main(arguments) == code
    said = capsys.readouterr()
    assert (said.out if code else said.err) == ""
    return said.err if code else said.out


@pytest.mark.parametrize("instead", [[], ["help"], ["--"]])
def test_without_a_command_there_is_help(capsys, instead):
    said = typed(capsys, *instead)
    assert said == typed(capsys, "--help")
    for name in COMMANDS:
        # Each beside what it does, in a line.
        assert re.search(rf"^    {name} +[a-z].{{20,}}$", said, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_may_be_a_word(capsys, name):
    assert typed(capsys, "help", name) == typed(capsys, name, "--help")


def examples_in_the_help():
    parser = cli.make_parser()
    texts = [parser.format_help()]
    texts += [sub.format_help() for sub in parser._subparsers._group_actions[0].choices.values()]
    lines = [line.strip() for text in texts for line in text.splitlines() if line.startswith("  glassgrad ")]
    return list(dict.fromkeys(lines))


EXAMPLES = examples_in_the_help()


def test_every_command_has_examples():
    assert {shlex.split(line)[1] for line in EXAMPLES} == {*COMMANDS}
    assert len(EXAMPLES) >= 25


@pytest.mark.parametrize("line", EXAMPLES)
def test_the_examples_in_the_help_run(capsys, monkeypatch, line):
    monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))
    words = shlex.split(line)[1:]
    if "--accuracy" in words:
        pytest.importorskip("mpmath", reason="accuracy is measured against mpmath")
    if words[0] in ("train", "demo"):
        words += ["--epochs", "2"]  # How well they learn is tried elsewhere.
    assert cli.main(words) == 0
    said = capsys.readouterr()
    assert said.out.strip()
    assert "glassgrad:" not in said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["stpe", "alice"], "there is no command 'stpe'; did you mean 'step'?"),
        (["Draw", "x"], "there is no command 'Draw'; did you mean 'draw'?"),
        (["zzz"], "there is no command 'zzz'; there are demo, train, draw, explain, step, page, quiz,"),
        (["help", "stpe"], "there is no command 'stpe'; did you mean 'step'?"),
        (["alice", "w1=2"], "say first what to do with it: glassgrad step alice w1=2"),
        (["w*x", "w=1", "x=2"], 'say first what to do with the formula: glassgrad step "w*x" w=1 x=2'),
        (["--hlep"], "there is no option --hlep; did you mean '--help'?"),
        (["--plain", "step", "alice"], "there is no option --plain"),
        (["step"], "a formula or a worked example is missing: glassgrad step alice"),
        (["worksheet", "--seed", "3"], "a formula or a worked example is missing: glassgrad worksheet alice"),
        (["step", "alice", "--pain"], "there is no option --pain; did you mean '--plain'?"),
        (["worksheet", "alice", "--sede=3"], "there is no option --sede=3; did you mean '--seed'?"),
        (["explain", "alice", "w1", "--format", "lattex"], "argument --format: there is no 'lattex'; did you mean 'latex'?"),
        (["train", "mons"], "argument DATA: there is no 'mons'; did you mean 'moons'?"),
        (["train", "qqq"], "argument DATA: there is no 'qqq'; there are alice-bob, linear, xor,"),
        (["step", "alice", "--at", "three"], "argument --at: expected a whole number, 0 or more, but got 'three'"),
        (["step", "alice", "--at"], "argument --at: expected one argument"),
        (["\x1b[31m"], "there is no command '\ufffd[31m'"),
    ],
)  # fmt: skip
def test_what_was_meant(capsys, arguments, said):
    answer = typed(capsys, *arguments, code=2)
    assert answer.startswith("glassgrad: ")
    assert said in answer
    assert "\x1b" not in answer


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_is_named_where_an_option_is_wrong(capsys, name):
    needed = {"train": ["xor"], "demo": [], "lessons": [], "museum": [], "ops": []}.get(name, ["alice"])
    answer = typed(capsys, name, *needed, "--qqq", code=2)
    assert answer == (f"glassgrad: there is no option --qqq\nglassgrad {name} --help shows how it is used\n")
