"""The command ``glassgrad lessons``: the course, and each lesson as a notebook in one's own folder."""

from __future__ import annotations

import argparse
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from viz.command_line.options import OK, UsageError, add_command, from_one, short_path
from viz.course.lessons import Lesson
from viz.course.notebook_files import files_of, find_lessons, save_files, save_lesson

WITHOUT_JUPYTER = """\
To open it, install JupyterLab:  pip install jupyterlab
and type:                        jupyter lab {name}
Or open the file in VS Code, which needs its extensions Python and Jupyter.
Or read it with its pictures, without running it: notebooks/{stored}, where glassgrad's sources are shown."""


def add_lessons(commands: Any) -> None:
    add = add_command(
        commands, "lessons", run_lessons,
        "List the lessons of the course; or write one as a notebook into the current folder and open it in "
        "JupyterLab, if that is installed. A file that is there is never written over.",
        "examples:\n"
        "  glassgrad lessons\n"
        "  glassgrad lessons 1\n"
        "  glassgrad lessons 1 --out slope.ipynb\n"
        "  glassgrad lessons 8 --files",
    )  # fmt: skip
    add("number", nargs="?", type=from_one, metavar="N", help="write this lesson; without it, list all")
    add("--out", metavar="FILE", help="write to this file or folder")
    add("--files", action="store_true", help="write its files for an editor and pytest (lesson 8)")
    add("--no-open", action="store_true", help="write it, and open nothing")


def run_lessons(options: argparse.Namespace) -> int:
    lessons = {lesson.number: lesson for lesson in find_lessons()}
    if options.number is None:
        if options.out or options.files:
            raise UsageError("say which lesson: glassgrad lessons 1")
        print(listed(lessons.values()))
        return OK
    if options.number not in lessons:
        raise UsageError(f"there is no lesson {options.number}; there are {', '.join(map(str, lessons))}")
    lesson = lessons[options.number]
    if options.files:
        return write_files(lesson, options.out)
    path = save_lesson(lesson, options.out)
    print(f"Lesson {lesson.number}, {lesson.title} ({lesson.minutes} minutes): {short_path(path)}")
    if find_spec("matplotlib") is None:
        print('Its plots need matplotlib:       pip install "glassgrad[plot]"')
    if not options.no_open:
        open_notebook(path)
    return OK


def listed(lessons: Any) -> str:
    """The course as text: number, title, minutes, and below them the question and what one needs."""
    lines = []
    for lesson in lessons:
        lines.append(f"{lesson.number:>2}  {lesson.title} ({lesson.minutes} minutes)")
        for text in (lesson.question, f"You need: {lesson.needs}."):
            lines += textwrap.wrap(text, 78, initial_indent="    ", subsequent_indent="    ")
    hours = sum(lesson.minutes for lesson in lessons) / 60
    return "\n".join([*lines, "", f"About {hours:.0f} hours in all. To begin: glassgrad lessons 1"])


def write_files(lesson: Lesson, out: str | None) -> int:
    files = files_of(lesson)
    if not files:
        raise UsageError(f"lesson {lesson.number} is a notebook and has no other files")
    folder = short_path(save_files(lesson, out))
    print(f"Lesson {lesson.number}, {lesson.title}: {len(files)} files in {folder}; begin with {files[0].name}")
    return OK


def open_notebook(path: Path) -> None:
    """Open it in JupyterLab until that is stopped; where it is not installed, or nobody looks, say how."""
    name = short_path(path)
    if find_spec("jupyterlab") is None:
        print(WITHOUT_JUPYTER.format(name=name, stored=path.name))
    elif not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(f"To open it: jupyter lab {name}")
    else:
        print("JupyterLab opens it in your browser, until you press Ctrl-C here.", flush=True)
        subprocess.run([sys.executable, "-m", "jupyterlab", str(path)], check=False)
