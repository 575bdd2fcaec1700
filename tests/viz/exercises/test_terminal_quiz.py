"""The quiz in the terminal: what it asks, how it takes answers, and how it is left."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograd import Value
from viz.exercises.questions import quiz
from viz.exercises.terminal_quiz import ask

ROOT = Path(__file__).parents[3]


def small(label="w"):
    L = Value(3.0, label) * Value(2.0, "x")
    L.label = "L"
    return L


def typing(*lines, end=EOFError):
    """A keyboard on which somebody types these lines, and then what ``end`` stands for."""
    left = list(lines)

    def read(prompt):
        if not left:
            raise end
        return left.pop(0)

    return read


def test_right_answers(capsys):
    score = ask(quiz(small()), typing("2", "6/2"))
    assert (score.right, score.first_try, score.open) == (2, 2, 0)
    out = capsys.readouterr().out
    assert "Question 1 of 2: What is dL/dw?" in out
    assert "That was the last one: 2 of 2 questions right" in out


def test_a_wrong_answer_gets_a_hint_and_not_the_solution(capsys):
    score = ask(quiz(small()), typing("-2", "h", "s", "", "nonsense", "2"))
    out = capsys.readouterr().out
    assert (score.right, score.first_try, score.tries) == (1, 0, 2)
    assert "Not yet." in out.split("Right:")[0]
    assert "dL/dw is 2" not in out.split("Right:")[0]
    assert "Multiply dL/dL" in out
    assert "Try a little more first" in out


def test_the_solution_after_three_tries(capsys):
    score = ask(quiz(small()), typing("7", "8", "9", "s"))
    assert (score.revealed, score.open) == (1, 1)
    assert "s the solution" in capsys.readouterr().out


@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
def test_leaving_is_answered_with_a_summary(capsys, end):
    score = ask(quiz(small()), typing("2", end=end))
    assert (score.right, score.open) == (1, 1)
    assert capsys.readouterr().out.endswith("So far: 1 of 2 questions right, 1 at the first try, 1 still open.\n")
    ask(quiz(small()), typing("Q"))
    assert "2 still open" in capsys.readouterr().out


@pytest.mark.parametrize("label", ["[bold]w[/]", "a\x1b[31m", "w\u202e", "w" * 10_000])
def test_hostile_labels(capsys, label):
    ask(quiz(small(label)), typing("-2", "h", "2"))
    out = capsys.readouterr().out
    assert not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in out)


def test_as_a_program_with_its_input_at_an_end():
    code = "from viz.command_line.options import build; from viz.exercises.questions import quiz; from viz.exercises.terminal_quiz import ask; ask(quiz(build('karpathy', [])))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input="3\n", capture_output=True, text=True, encoding="utf-8",
        timeout=60, env={"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == ""
    assert "still open" in done.stdout
    assert "\x1b" not in done.stdout
