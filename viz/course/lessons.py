"""What a lesson says of itself in its first cell: its title, its question, how long it takes, what one needs.

>>> lesson = read_lesson('''# %% [markdown]
... # # 1 · The slope
... #
... # *Which way should one number move, and how far?*
... #
... # **Time:** 75 minutes. **You need:** Python; what a straight line's slope is.
... #
... # **You will be able to**
... #
... # - estimate a slope by nudging,
... # - turn its sign into a direction.
... ''')
>>> lesson.number, lesson.title, lesson.minutes, lesson.needs
(1, 'The slope', 75, "Python; what a straight line's slope is")
>>> lesson.abilities
('estimate a slope by nudging', 'turn its sign into a direction')
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from viz.course.percent_files import Cell, read_cells

FIRST_CELL = re.compile(
    r"# (?P<number>\d+) · (?P<title>[^\n]+)\n\n"
    r"\*(?P<question>[^*]+\?)\*\n\n"
    r"\*\*Time:\*\* (?P<minutes>\d+) minutes\.\s\*\*You need:\*\* (?P<needs>[^*]+)\.\n\n"
    r"\*\*You will be able to\*\*\n\n"
    r"(?P<abilities>- .+(?:\n(?:- |  ).+)*)"
)


@dataclass(frozen=True)
class Lesson:
    """A lesson, as its source has it.

    Attributes:
        number: its place in the course, from 1.
        title: its name.
        question: what it answers.
        minutes: how long it takes.
        needs: what one has to know before.
        abilities: what one is able to do afterwards.
        cells: all of it.
    """

    number: int
    title: str
    question: str
    minutes: int
    needs: str
    abilities: tuple[str, ...]
    cells: tuple[Cell, ...]


def read_lesson(text: str) -> Lesson:
    """A lesson from its source.

    Raises:
        ValueError: if its first cell does not begin as those of lessons do.

    >>> read_lesson("# %%\\nprint(1)")
    Traceback (most recent call last):
    ...
    ValueError: a lesson begins with its number, title, question, time, needs and abilities, but got: print(1)
    """
    cells = read_cells(text)
    first = cells[0].source if cells else ""
    found = FIRST_CELL.fullmatch(first)
    if found is None:
        wanted = "a lesson begins with its number, title, question, time, needs and abilities"
        raise ValueError(f"{wanted}, but got: {first}")
    abilities = [joined(part).rstrip(",.") for part in re.split(r"^- ", found["abilities"], flags=re.MULTILINE)[1:]]
    return Lesson(
        int(found["number"]), found["title"], joined(found["question"]), int(found["minutes"]),
        joined(found["needs"]), tuple(abilities), tuple(cells),
    )  # fmt: skip


def joined(text: str) -> str:
    return " ".join(text.split())
