"""glassgrad lessons: the course is listed, a lesson becomes a notebook, and nothing is written over."""

import json
import subprocess
import sys

import pytest

from viz.command_line import lessons_group
from viz.command_line.main import main
from viz.course import notebook_files
from viz.course.lessons import read_lesson

FIRST = """# ---
# jupyter:
#   kernelspec:
#     name: python3
# ---

# %% [markdown]
# # 1 · The slope
#
# *Which way should one number move,
# and how far?*
#
# **Time:** 75 minutes. **You need:** Python; patience.
#
# **You will be able to**
#
# - nudge a number
#   and look,
# - go down.

# %%
a = 1
a

# %% tags=["assert"]
assert a == 1

# %% tags=["measured"]
print("µ", a)
"""
SECOND = FIRST.replace("# # 1 · The slope", "# # 2 · Files").replace("75", "45")


@pytest.fixture(autouse=True)
def a_course_of_two_lessons(tmp_path, monkeypatch):
    written, here = tmp_path / "notebooks", tmp_path / "here"
    (written / "files").mkdir(parents=True)
    here.mkdir()
    (written / "01_the_slope.py").write_text(FIRST, encoding="utf-8")
    (written / "02_files.py").write_text(SECOND, encoding="utf-8")
    (written / "11_older.py").write_text("# %%\n1 + 1\n", encoding="utf-8")
    (written / "files" / "README.md").write_text("Run pytest.", encoding="utf-8")
    (written / "files" / "step_1.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(notebook_files, "SHIPPED", tmp_path / "nowhere")
    monkeypatch.setattr(notebook_files, "WRITTEN", written)
    monkeypatch.chdir(here)
    return written


def run(capsys, *arguments, code=0):
    assert main(["lessons", *arguments]) == code
    said = capsys.readouterr()
    return said.err if code else said.out


def test_all_are_listed_with_question_minutes_and_needs(capsys):
    assert run(capsys).splitlines() == [
        " 1  The slope (75 minutes)",
        "    Which way should one number move, and how far?",
        "    You need: Python; patience.",
        " 2  Files (45 minutes)",
        "    Which way should one number move, and how far?",
        "    You need: Python; patience.",
        "",
        "About 2 hours in all. To begin: glassgrad lessons 1",
    ]


def test_a_lesson_says_what_one_will_be_able_to_do():
    lesson = read_lesson(FIRST)
    assert lesson.abilities == ("nudge a number and look", "go down")
    assert [cell.tags for cell in lesson.cells] == [(), (), ("assert",), ("measured",)]
    with pytest.raises(ValueError, match="a lesson begins with its number"):
        read_lesson("")


def test_a_lesson_becomes_a_notebook_without_what_readers_do_not_see(capsys, tmp_path):
    assert "01_the_slope.ipynb" in run(capsys, "1")
    made = json.loads((tmp_path / "here" / "01_the_slope.ipynb").read_text(encoding="utf-8"))
    assert ["".join(cell["source"]) for cell in made["cells"][1:]] == ["a = 1\na", 'print("µ", a)']
    assert [cell["metadata"] for cell in made["cells"][1:]] == [{}, {"tags": ["measured"]}]
    nbformat = pytest.importorskip("nbformat", reason="nbformat comes with jupytext, from the extra 'test'")
    nbformat.validate(made)


def test_nothing_is_written_over(capsys, tmp_path):
    mine = tmp_path / "here" / "01_the_slope.ipynb"
    mine.write_text("my answers", encoding="utf-8")
    assert "it is there already" in run(capsys, "1", code=1)
    assert mine.read_text(encoding="utf-8") == "my answers"
    assert "again.ipynb" in run(capsys, "1", "--out", "again.ipynb")
    (tmp_path / "here" / "folder").mkdir()
    run(capsys, "1", "--out", "folder")
    assert (tmp_path / "here" / "folder" / "01_the_slope.ipynb").exists()


def test_the_files_of_a_lesson(capsys, tmp_path):
    assert "2 files in files; begin with README.md" in run(capsys, "2", "--files")
    assert (tmp_path / "here" / "files" / "step_1.py").read_text(encoding="utf-8") == "x = 1\n"
    assert "it is there already" in run(capsys, "2", "--files", code=1)
    run(capsys, "2", "--files", "--out", "other")
    assert (tmp_path / "here" / "other" / "README.md").exists()
    assert "cannot write" in run(capsys, "2", "--files", "--out", "no/such/place", code=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["3"], "there is no lesson 3; there are 1, 2"),
        (["one"], "expected a whole number, 1 or more"),
        (["1", "--files"], "lesson 1 is a notebook and has no other files"),
        (["--files"], "say which lesson: glassgrad lessons 1"),
        (["--out", "x"], "say which lesson: glassgrad lessons 1"),
    ],
)
def test_what_cannot_be_done_is_said(capsys, arguments, said):
    assert said in run(capsys, *arguments, code=2)


def test_it_is_opened_where_somebody_looks_and_jupyterlab_is_there(capsys, monkeypatch):
    started = []
    monkeypatch.setattr(subprocess, "run", lambda command, check: started.append(command))
    monkeypatch.setattr(lessons_group, "find_spec", lambda name: None)
    told = run(capsys, "1")
    assert "pip install jupyterlab" in told
    assert 'pip install "glassgrad[plot]"' in told
    monkeypatch.setattr(lessons_group, "find_spec", lambda name: name)
    assert "To open it: jupyter lab b.ipynb" in run(capsys, "1", "--out", "b.ipynb")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "jupyter" not in run(capsys, "1", "--out", "c.ipynb", "--no-open")
    assert "until you press Ctrl-C" in run(capsys, "1", "--out", "d.ipynb")
    assert started == [[sys.executable, "-m", "jupyterlab", "d.ipynb"]]


def test_an_installation_has_them_beside_what_reads_them(capsys, monkeypatch, a_course_of_two_lessons):
    monkeypatch.setattr(notebook_files, "SHIPPED", a_course_of_two_lessons)
    monkeypatch.setattr(notebook_files, "WRITTEN", a_course_of_two_lessons / "nowhere")
    assert "The slope" in run(capsys)
