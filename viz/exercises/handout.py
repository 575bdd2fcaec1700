"""One HTML page for paper and screen: no script, no font, nothing from outside."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from html import escape
from os import PathLike
from pathlib import Path
from typing import ClassVar

from nn.saving.files import file_path, write_whole
from viz.drawing.style import DARK, LIGHT, printable, variables

PAGE = f"""
@page {{ size: portrait; margin: 13mm 14mm; }}
:root {{ {variables(LIGHT)}; color-scheme: light dark; }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {variables(DARK)} }} }}
html {{ background: var(--page); }}
body {{ margin: 0 auto; padding: clamp(.5rem, 2vw, 2rem); max-width: 70rem; color: var(--ink); }}
.narrow {{ display: none; }}
@media screen and (max-width: 47rem) {{ .wide {{ display: none; }} .narrow {{ display: block; }} }}
@media print {{
  html, body {{ background: none; }}
  body {{ padding: 0; max-width: none; }}
  * {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
}}
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


def height_of(svg: str) -> float:
    found = re.search(r'height="([\d.]+)"', svg)
    assert found is not None
    return float(found[1])


def room_of(height: float) -> str:
    """A place for arithmetic that fills what is left of a page; nothing if that is little."""
    if height < 70:
        return ""
    return f'<div class="room" style="height:{min(height, 400) - 40:.0f}px">Room for your arithmetic</div>'


def with_subscripts(text: str) -> str:
    """A text in HTML; digits behind a letter are subscripts, as people write them.

    >>> with_subscripts("w5·h1 < 2"), with_subscripts("Σo1")
    ('w<sub>5</sub>·h<sub>1</sub> &lt; 2', 'Σo<sub>1</sub>')
    """
    return re.sub(r"(?<=[^\W\d_])(\d{1,3})(?!\w)", r"<sub>\1</sub>", escape(printable(text)))


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


SHEET = """
.sheet { font: 11pt/1.4 "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif;
  background: var(--card); border: 1px solid var(--border); border-radius: 6px; padding: clamp(.8rem, 4vw, 13mm);
  margin: 0 auto 1.2rem; max-width: 210mm; box-sizing: border-box; }
.sheet header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 2rem;
  border-bottom: 1.5pt solid var(--ink); padding-bottom: 1.5mm; margin-bottom: 3mm; }
.sheet h1 { font-size: 15pt; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
.sheet h2 { font-size: 11.5pt; margin: 4mm 0 1.5mm; break-after: avoid; }
.sheet p { margin: 0 0 3mm; }
.sheet .who { margin: 0; white-space: nowrap; }
.sheet .who span { display: inline-block; width: 34mm; border-bottom: .6pt solid var(--line); margin-right: .8rem; }
.sheet sub { font-size: 9pt; line-height: 0; }
.sheet figure { margin: 3mm 0; text-align: center; break-inside: avoid; background: #fff; border-radius: 4px; }
.sheet figure svg { max-width: 100%; height: auto; }
.sheet svg tspan, .sheet svg .operand { font-size: 12px; }
.sheet svg .tint { stroke: #77818c; stroke-width: .8; stroke-dasharray: 2 2; }
.sheet aside, .sheet .room { border: .8pt solid var(--line); border-radius: 2mm; padding: 1.5mm 4mm;
  break-inside: avoid; }
.sheet aside { display: flex; flex-wrap: wrap; gap: 0 6mm; margin-bottom: 3mm; }
.sheet aside ul, .sheet .gradients { list-style: none; display: flex; flex-wrap: wrap; gap: 0 6mm; padding: 0;
  margin: 0; font-variant-numeric: tabular-nums; }
.sheet .gradients { display: block; columns: 2 14rem; column-gap: 8mm; }
.sheet .gradients li { break-inside: avoid; overflow-wrap: anywhere; }
.sheet .room { border: .6pt dashed var(--line); color: var(--muted); font-size: 9pt; margin-top: 4mm;
  box-sizing: border-box; }
.sheet table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.sheet tr { break-inside: avoid; }
.sheet thead { display: table-header-group; }
.sheet th { font-size: 9pt; font-weight: 600; text-align: left; padding: 0 1.5mm 1mm; }
.sheet td { height: 8mm; padding: 0 1.5mm; border-bottom: .5pt solid var(--line); overflow-wrap: anywhere;
  box-sizing: border-box; }
.sheet td:first-child { color: var(--muted); width: 8mm; text-align: right; }
.sheet td:nth-child(4), .sheet td:nth-child(6), .sheet td:nth-child(8) { border: .6pt solid var(--line);
  width: 24mm; min-width: 21mm; text-align: right; }
.sheet td:nth-child(6) { width: 38mm; }
.sheet td:nth-child(5), .sheet td:nth-child(7) { width: 6mm; padding: 0; text-align: center; border: 0; }
.key { font-size: 10pt; }
.key td { height: 5.4mm; }
.key td:nth-child(6) { white-space: nowrap; }
@media screen and (max-width: 47rem) {
  .sheet { font-size: 10.5pt; }
  .sheet td, .sheet th { padding: 0 3px; }
  .sheet td:nth-child(4), .sheet td:nth-child(6), .sheet td:nth-child(8) { width: auto; min-width: 0; }
  .sheet table { table-layout: fixed; }
  .sheet th:first-child { width: 6%; }
  .sheet th { font-size: 11px; padding: 0 1px; overflow-wrap: anywhere; }
  .sheet th:nth-child(2), .sheet th:nth-child(3) { width: 16%; }
  .sheet th:nth-child(5), .sheet th:nth-child(7) { width: 4%; }
  .sheet th:nth-child(4), .sheet th:nth-child(8) { width: 17%; }
  .sheet td:first-child, .sheet td:nth-child(5), .sheet td:nth-child(7) { padding: 0; width: auto; }
  .key td:nth-child(6) { white-space: normal; }
  .sheet .who span { width: 22mm; }
}
@media print {
  .sheet { padding: 0; margin: 0; border: 0; max-width: none; break-after: page; }
  .sheet:last-child { break-after: auto; }
  .sheet figure svg { max-height: 240mm; }
}
"""

MONO = 'ui-monospace, "DejaVu Sans Mono", monospace'
MUSEUM = f"""
.museum {{ font: 16px/1.5 "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif; }}
.museum h1 {{ font-size: 1.9rem; line-height: 1.2; margin: 0 0 .6rem; }}
.museum h2 {{ font-size: 1.2rem; margin: 0 0 .2rem; break-after: avoid; }}
.museum .lead {{ max-width: 46rem; }}
.museum nav ol {{ columns: 2 20rem; padding-left: 1.4rem; margin: 1rem 0 1.6rem; }}
.museum a {{ color: var(--positive-line); }}
.museum .exhibit {{ border: 1px solid var(--border); border-radius: 10px; padding: clamp(.6rem, 3vw, 1.2rem);
  margin: 0 0 1.2rem; break-inside: avoid; background: var(--card); }}
.museum .formula {{ font: .9em {MONO}; color: var(--muted); margin: 0; overflow-wrap: anywhere; }}
.museum .pictures {{ display: flex; flex-wrap: wrap; gap: .6rem; margin: .6rem 0; }}
.museum figure {{ flex: 1 1 18rem; min-width: 0; margin: 0; background: #fff; color: #1b1f24;
  border: 1px solid var(--border); border-radius: 8px; padding: .3rem .5rem; }}
.museum figcaption {{ font-weight: bold; font-size: .9em; }}
.museum figure svg {{ max-width: 100%; height: auto; display: block; margin: auto; }}
.museum .mistake {{ font-weight: bold; }}
.museum .beside {{ display: flex; flex-wrap: wrap; gap: .8rem 1.6rem; align-items: flex-start; }}
.museum .beside > div {{ flex: 1 1 17em; min-width: 0; }}
.museum table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .4rem 0 .8rem; }}
.museum th, .museum td {{ padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--border); }}
.museum th:first-child, .museum td:last-child {{ text-align: left; }}
.museum thead th {{ color: var(--muted); font-weight: normal; font-size: .85em; }}
.museum tbody th {{ font-weight: normal; }}
.museum td:last-child {{ white-space: nowrap; }}
.museum tr.wrong > * {{ background: var(--alarm-pale); color: var(--alarm); font-weight: bold; }}
.museum pre {{ background: var(--pale); border-radius: 8px; padding: .7rem .9rem; margin: .4rem 0; overflow-x: auto;
  font: .78em/1.45 {MONO}; flex: 1 1 37em; min-width: 0; max-width: 100%; box-sizing: border-box; }}
.museum pre.right {{ max-width: 46rem; }}
.museum mark {{ background: var(--alarm-pale); color: var(--alarm); outline: 2px solid currentColor;
  border-radius: 3px; font-weight: bold; }}
.museum .history {{ color: var(--muted); font-size: .92em; }}
.museum p {{ margin: 0 0 .5rem; }}
.museum .unseen {{ position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }}
@media print {{
  .museum {{ font-size: 10pt; }}
  .museum nav {{ display: none; }}
  .museum pre {{ white-space: pre-wrap; font-size: 9pt; }}
}}
"""
