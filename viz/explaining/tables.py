"""Tables in Markdown and HTML, and text in Markdown: whatever somebody has named stands there as it is.

>>> print(in_markdown("y_pred <b> | *"))
y\\_pred &lt;b&gt; \\| \\*
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from viz.drawing.style import printable


def in_markdown(text: str) -> str:
    """A text that Markdown shows as it is."""
    return re.sub(r"[\\`*_{}\[\]|#~$]", r"\\\g<0>", escape(printable(text), quote=False))


def table_in_markdown(rows: Sequence[Sequence[str]], sides: str = "") -> str:
    """A table, its first row the heading; ``sides`` says for each column whether it stands left or right.

    >>> print(table_in_markdown([["name", "number"], ["a", "2"]], "lr"))
    | name | number |
    | --- | ---: |
    | a | 2 |
    """
    first, *others = [[in_markdown(cell) for cell in row] for row in rows]
    ruler = ["---:" if side == "r" else "---" for side in sides or "l" * len(first)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (first, ruler, *others))


def table_in_html(rows: Sequence[Sequence[str]], kind: str = "", sides: str = "") -> str:
    """The same in HTML; the cells are HTML themselves, and a ``kind`` is for a page that has a style for it.

    >>> table_in_html([["name"], ["<b>a</b>"]], "names").split("<tbody>")[1]
    '<tr><td><b>a</b></td></tr></tbody></table>'
    """
    # Attributes besides styles, which a notebook or a repository's page may take away.
    named = ["right" if side == "r" else "left" for side in sides]
    style = [f' align="{side}" style="text-align:{side};padding:3px 10px"' for side in named] or [""] * len(rows[0])
    opening = f'<table class="{kind}">' if kind else '<table cellpadding="4">'
    head, *others = [list(zip(row, style, strict=True)) for row in rows]
    body = ["".join(f"<td{look}>{cell}</td>" for cell, look in row) for row in others]
    return (
        f"{opening}<thead><tr>"
        + "".join(f'<th scope="col"{look}>{cell}</th>' for cell, look in head)
        + f"</tr></thead><tbody>{''.join(f'<tr>{cells}</tr>' for cells in body)}</tbody></table>"
    )
