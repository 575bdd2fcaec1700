"""The commands ``glassgrad worksheet`` and ``glassgrad museum``, each parsed and run as the command line does it."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from autograd import DomainError
from viz.command_line.exercise_group import add_museum, add_worksheet
from viz.engines.museum_exhibits import MuseumError, museum
from viz.exercises.worksheets import WorksheetError
from viz.formulas.parser import ExpressionError


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    add_worksheet(commands)
    add_museum(commands)
    options = parser.parse_args(arguments)
    code: int = options.run(options)
    return code


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_sheet_of_an_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("worksheet", "karpathy", "--seed", "3", "-o", "sheet.html") == 0
    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert "Answers to sheet 3" in page
    assert capsys.readouterr().out.startswith("Sheet 3: a = ")


def test_the_numbers_of_the_example_can_be_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("worksheet", "karpathy", "--own-numbers") == 0
    assert "a = 2, b = −3, c = 10, f = −2" in capsys.readouterr().out


def test_given_values_stay_and_others_are_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("worksheet", "L = (w*x + b - y)**2", "y=0.75", "x=4", "-o", "sheet.md") == 0
    out = capsys.readouterr().out
    assert "y = 0.75" in out
    assert "x = 4" in out
    assert (tmp_path / "sheet.md").read_text(encoding="utf-8").count("\n## Gradients") == 2
    assert run("worksheet", "log(-z) * w") == 0
    assert (tmp_path / "worksheet.html").exists()


def test_what_cannot_be_made_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ExpressionError, match="karpathy"):
        run("worksheet", "karpahty")
    with pytest.raises(ExpressionError, match="not in the formula"):
        run("worksheet", "w*x", "z=1")
    with pytest.raises(DomainError):
        run("worksheet", "log(-1 - x*x)")
    with pytest.raises(WorksheetError, match=r"\.html or \.md"):
        run("worksheet", "w*x", "-o", "sheet.docx")
    for seed in ("-1", "one", "1.5", "²"):
        with pytest.raises(SystemExit):
            run("worksheet", "w*x", "--seed", seed)
    assert list(tmp_path.iterdir()) == []


def test_the_museum_is_printed_or_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("museum") == 0
    assert capsys.readouterr().out == f"{museum()}\n"
    assert run("museum", "revisiting") == 0
    assert capsys.readouterr().out.startswith("Recursion that comes back\n")
    assert run("museum", "-o", "museum.html") == 0
    assert "✗ wrong" in (tmp_path / "museum.html").read_text(encoding="utf-8")
    with pytest.raises(MuseumError, match="there is no exhibit"):
        run("museum", "louvre")
