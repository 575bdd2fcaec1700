"""The README of the course says of the lessons what they are, and points at places that are there."""

import re

from lesson_files import COURSE, NOTEBOOKS, cells_of, numbers_in, numerals, occurs

from viz.course.notebook_files import find_lessons

README = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")


def headings(lesson):
    text = "\n".join(cell.source for cell in cells_of(lesson) if cell.kind == "markdown")
    return set(re.findall(r"^##+ (.*)$", text, re.MULTILINE))


def test_the_map_has_every_lesson_with_its_question_minutes_and_needs():
    rows = re.findall(r"^\| (\d+) \| \[(.*?)\]\((.*?)\) \| (.*?) \| (\d+) \| (.*?) \|$", README, re.MULTILINE)
    lessons = [lesson for lesson in find_lessons() if lesson.number < 10]
    expected = [
        (str(lesson.number), lesson.title, f"{path.stem}.ipynb", lesson.question, str(lesson.minutes), lesson.needs)
        for lesson, path in zip(lessons, COURSE, strict=True)
    ]
    assert rows == expected
    assert [lesson.number for lesson in lessons] == list(range(1, 10))


def test_every_place_that_is_named_is_in_its_lesson():
    known = {int(lesson.name[:2]): headings(lesson) for lesson in COURSE}
    places = re.findall(r"\b(\d+) · \*(.+?)\*", README)
    assert len(places) >= 70
    assert [place for place in places if place[1] not in known[int(place[0])]] == []


def test_every_lesson_asks_for_what_learners_get_wrong():
    table = README.partition("## What learners get wrong")[2].partition("\n## ")[0]
    assert {int(number) for number in re.findall(r"\| (\d+) · \*", table)} == set(range(1, 10))


def test_the_numbers_of_the_table_of_articles_are_those_of_the_lessons():
    table = README.partition("## The five articles")[2].partition("\n## ")[0]
    known = [x for lesson in COURSE for cell in cells_of(lesson) for x in numbers_in(cell.source)]
    assert [numeral for numeral in numerals(table) if not occurs(numeral, known)] == []
