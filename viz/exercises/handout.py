"""One HTML page for paper and screen: no script, no font, nothing from outside."""

from __future__ import annotations

from html import escape

from viz.drawing.style import printable

__all__ = ["handout"]

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
