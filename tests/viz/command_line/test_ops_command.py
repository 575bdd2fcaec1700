"""``glassgrad ops``: the table of operations, and how exact each one was measured to be."""

import json

import pytest

from autograd import ops
from autograd.accuracy import table
from viz.command_line.main import main


def test_the_table_lists_every_operation(capsys):
    assert main(["ops"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(ops.ALL)
    assert main(["ops", "tanh", "log"]) == 0
    _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split("(")[0] for row in rows] == ["tanh", "log"]
    assert rows[1].endswith("x > 0")


def test_what_makes_no_sense_is_said(capsys):
    for given, message in [
        (["sinn"], "there is no operation 'sinn'; did you mean 'sin'?"),
        (["cosine"], "there is no operation 'cosine'"),
        (["--json"], "--engine, --quick and --json belong to --accuracy"),
        (["tanh", "--engine", "native"], "belong to --accuracy"),
        (["--accuracy", "sinn"], "did you mean 'sin'?"),
    ]:
        assert main(["ops", *given]) == 2
        assert message in capsys.readouterr().err


def test_without_mpmath_it_says_what_to_install(capsys, monkeypatch):
    from autograd.accuracy.jets import context

    context.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "mpmath.ctx_mp", None)
    assert main(["ops", "--accuracy", "exp", "--engine", "eager"]) == 1
    assert 'pip install "glassgrad[accuracy]"' in capsys.readouterr().err
    monkeypatch.undo()
    context.cache_clear()


def test_accuracy_as_a_table_and_as_data(capsys, monkeypatch):
    pytest.importorskip("mpmath", reason="the judge is an extra")
    asked = ["ops", "--accuracy", "exp", "power_by(3)", "--engine", "eager", "--engine", "numpy", "--quick"]
    assert main(asked) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("operation     eager numpy ours worst at")
    assert "power_by(3) 0" in shown
    monkeypatch.setattr("viz.command_line.ops_group.is_watched", lambda: True)
    assert main([*asked, "--json"]) == 0
    out, err = capsys.readouterr()
    figures = json.loads(out)
    assert [figure["engine"] for figure in figures[:2]] == ["eager", "numpy"]
    assert len(figures) == 2 * 2 * 3
    assert "measuring" in err
    assert main(["ops", "--accuracy", "exp", "--engine", "fast"]) == 1
    assert "there is no engine 'fast' to be measured" in capsys.readouterr().err


def test_a_broken_bound_is_a_failure(capsys, monkeypatch):
    pytest.importorskip("mpmath", reason="the judge is an extra")
    monkeypatch.setattr(table, "is_allowed", lambda figure: figure.order != 1)
    assert main(["ops", "--accuracy", "exp", "--engine", "eager", "--quick"]) == 1
    assert "! exp, order 1 (eager)" in capsys.readouterr().out
