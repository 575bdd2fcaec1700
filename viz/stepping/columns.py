"""Text in the columns of a terminal: lines with styles, cut to fit, and a canvas to write on.

>>> as_text([(fit("w1·x1 + w2·x2", 8), ""), ("=", "bold")])
'w1·x1 +…='
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from autograd.core.plain_text import column_of, columns_of
from viz.drawing.style import printable

Line = list[tuple[str, str]]
"""A line: pieces of text, each with names of styles, separated by spaces."""

CELL, GUTTER = 13, 4
"""On the canvas: the width of a node, and of the space between two columns of nodes."""


@lru_cache(maxsize=4096)
def visible(text: str) -> str:
    """The text without anything that a terminal would obey or hide.

    >>> visible("a\\x1b[31mb\\u200bc")
    'a\ufffd[31mb\ufffdc'
    """
    # Formatting characters have no width, but they join and hide what stands around them.
    return "".join("\ufffd" if unicodedata.category(c) in ("Cf", "Co", "Cn") else c for c in printable(text))


def fit_only(text: str, width: int) -> str:
    """The text, shortened if it needs more columns than this.

    >>> fit_only("w1·x1 + w2·x2", 8), fit_only("w1", 8)
    ('w1·x1 +…', 'w1')
    """
    if width <= 0:
        return ""
    if len(text) <= width and columns_of(text) <= width:
        return text
    kept, used = "", 0
    # A tower of accents on one letter is as long as any other text.
    for character in text[: 4 * width]:
        size = column_of(character)
        if used + size > width - 1:
            break
        kept, used = kept + character, used + size
    return kept + "…"


def fit(text: str, width: int) -> str:
    """The same, and filled up with spaces."""
    text = fit_only(text, width)
    return text + " " * (width - columns_of(text))


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most this width, broken between words where that is possible.

    >>> wrap("upstream times local", 10), wrap("abcdefgh", 3)
    (['upstream', 'times', 'local'], ['abc', 'def', 'gh'])
    """
    width = max(width, 2)
    lines: list[str] = []
    line, used = "", 0
    for word in text.split(" "):
        *full, rest = in_pieces(word, width)
        size = columns_of(rest)
        if line and (full or used + 1 + size > width):
            lines.append(line)
            line, used = "", 0
        lines += full
        line, used = (f"{line} {rest}", used + 1 + size) if line else (rest, size)
    return [*lines, line]


def in_pieces(word: str, width: int) -> list[str]:
    """A word cut into pieces of at most this width; mostly there is one."""
    if columns_of(word) <= width:
        return [word]
    pieces, used = [""], 0
    for cluster in clusters(word):
        size = columns_of(cluster)
        if used + size > width:
            pieces.append("")
            used = 0
        pieces[-1] += cluster
        used += size
    return pieces


def cut(lines: list[str], height: int) -> list[str]:
    """At most so many lines; the last one says if there were more."""
    if len(lines) <= height:
        return lines
    kept = lines[: max(height, 1)]
    return [*kept[:-1], kept[-1][: max(len(kept[-1]) - 1, 0)] + "…"]


def as_text(line: Line) -> str:
    return "".join(text for text, _ in line).rstrip()


def clusters(text: str) -> list[str]:
    """The characters of a text, each with the accents that stand on it."""
    found: list[str] = []
    for character in text:
        if found and column_of(character) == 0:
            found[-1] += character
        else:
            found.append(character)
    return found


def right(text: str, width: int, style: str) -> Line:
    """A number at the right end of its column; a style like lit covers only the number."""
    text = text if len(text) < width else text[: width - 2] + "…"
    return [(" " * (width - len(text)), ""), (text, style)]


class Canvas:
    """A rectangle of characters to write on, for what does not come line by line."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._cells = [[(" ", "")] * width for _ in range(height)]

    def write(self, x: int, y: int, text: str, style: str) -> None:
        for cluster in clusters(text):
            size = columns_of(cluster)
            if 0 <= y < self.height and x >= 0 and x + size <= self.width:
                self._cells[y][x] = (cluster, style)
                for behind in range(x + 1, x + size):
                    self._cells[y][behind] = ("", style)
            x += size

    def connect(self, user: tuple[int, int], used: tuple[int, int], backward: bool) -> None:
        """Draw a line between an operation and its input to the left, with an arrow in the pass's direction."""
        (x1, y1), (x0, y0) = used, user
        left, stop = x1 + CELL, x0 - 2
        start = left + 1
        y1, y0 = y1 + 1, y0 + 1  # beside the gradients, where a line has room
        arrow_in = ("◄" if backward else "─", "path")
        arrow_out = ("─" if backward else "►", "path")
        # A line that passes other columns runs in the free row below its input.
        lane = y1 if start + GUTTER > stop else y1 + 1
        self._line(start, y1, start, lane)
        self._line(start, lane, stop, lane)
        self._line(stop, lane, stop, y0)
        self._corners(start, y1, lane)
        if start != stop or y1 == lane:
            self._corners(stop, lane, y0)
        self.write(left, y1, *arrow_in)
        self.write(stop + 1, y0, *arrow_out)

    def _line(self, x0: int, y0: int, x1: int, y1: int) -> None:
        for x in range(min(x0, x1), max(x0, x1) + 1):
            for y in range(min(y0, y1), max(y0, y1) + 1):
                self.write(x, y, "─" if y0 == y1 else "│", "path")

    def _corners(self, x: int, y0: int, y1: int) -> None:
        """The bends at both ends of the vertical piece of a line at x, which leads from y0 to y1."""
        if y0 == y1:
            self.write(x, y0, "─", "path")
            return
        self.write(x, y0, "┐" if y1 > y0 else "┘", "path")
        self.write(x, y1, "└" if y1 > y0 else "┌", "path")

    def lines(self) -> list[Line]:
        return [
            [("".join(text for text, _ in cells), style) for style, cells in groupby(row, key=itemgetter(1))]
            for row in self._cells
        ]
