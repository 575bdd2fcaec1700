"""One HTML page for paper and screen: no script, no font, nothing from outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from html import escape
from os import PathLike
from pathlib import Path
from typing import ClassVar

from nn.saving.files import file_path, write_whole
from viz.drawing.style import printable

PAGE = """
@page { size: auto; margin: 16mm 15mm; }
html { background: #eef1f4; }
body { margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 3rem); max-width: 62rem; background: #fff; color: #1f2328; }
@media print {
  html, body { background: none; }
  body { padding: 0; max-width: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def handout(title: str, body: str, style: str = "") -> str:
    """A whole page; ``body`` is HTML, ``title`` is text.

    Its security policy allows no script and no request.

    >>> handout("a < b", "<p>text</p>").count("<title>a &lt; b</title>")
    1
    """
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(printable(title))}</title>\n<style>{PAGE}{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


class Handout(ABC):
    """Something that can be saved as a page for paper and screen, or in Markdown."""

    what: ClassVar[str]
    error: ClassVar[type[Exception]]

    @abstractmethod
    def html(self) -> str: ...

    @abstractmethod
    def markdown(self) -> str: ...

    def save(self, path: str | PathLike[str]) -> Path:
        """Save it as .html or .md, whole or not at all.

        Returns:
            The path.

        Raises:
            WorksheetError, MuseumError: for another ending; nothing is written then.
            FileError: if it cannot be written.
        """
        path = file_path(path)
        make = {".html": self.html, ".htm": self.html, ".md": self.markdown}.get(path.suffix.lower())
        if make is None:
            raise self.error(f"{self.what} is saved as .html or .md, but got {str(path)!r}")
        return write_whole(path, make())
