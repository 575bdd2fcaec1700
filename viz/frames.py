"""A page in a frame, as notebooks show it; and what stands in its place where no frame is shown.

Front ends differ: some take frames away (a notebook that is not trusted, a repository's page), some cap an output
at 610 px (marimo), some give it a height only afterwards (Colab).  So the height is a number of pixels, borders
count to it, and what is shown instead lies under the frame in the same cell of a grid: without styles it stands
before it, and without the frame it is all there is.
"""

from __future__ import annotations

import base64
from html import escape

from viz.drawing.style import printable

HEIGHT = 600
"""The most that a frame is high, in pixels."""

APOSTROPHE = "'"


def frame(page: str, title: str, instead: str, height: int = HEIGHT) -> str:
    """A whole page of HTML in a frame; ``title`` is text, and ``instead`` is plain HTML without script or style.

    >>> frame("<p>a page</p>", "a < b", "<p>no frames here</p>").count('title="a &lt; b"')
    1
    """
    cell = "grid-area:1/1;width:100%;"
    return (
        '<div style="display:grid;grid-template-columns:minmax(0,1fr);width:100%">'
        f'<div style="{cell}max-height:{height}px;overflow:auto">{instead}</div>'
        # In a box of its own, because a front end may put one between the grid and the frame.
        f'<div style="{cell}position:relative">'
        # A page has thousands of quotation marks, and hardly an apostrophe.
        f"<iframe srcdoc='{escape(page, quote=False).replace(APOSTROPHE, '&#x27;')}'"
        f' title="{escape(printable(title))}" width="100%" height="{height}" '
        f'style="display:block;width:100%;height:{height}px;background:#fff;border:1px solid #d0d7de;'
        'border-radius:6px;box-sizing:border-box"></iframe></div></div>'
    )


def picture(svg: str, description: str) -> str:
    """A drawing as an ``<img>``, which is left where SVG itself is taken away.

    >>> picture("<svg></svg>", "a & b")
    '<img alt="a &amp; b" style="max-width:100%" src="data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=">'
    """
    encoded = base64.b64encode(svg.encode()).decode()
    return (
        f'<img alt="{escape(printable(description))}" style="max-width:100%" '
        f'src="data:image/svg+xml;base64,{encoded}">'
    )


def paragraphs(text: str) -> str:
    """A text as paragraphs of HTML, in which nothing is markup or mathematics; an empty line parts two.

    >>> paragraphs("a < b\\n\\nso b > a")
    '<div class="tex2jax_ignore mathjax_ignore"><p>a &lt; b</p><p>so b &gt; a</p></div>'
    """
    parts = [map(printable, part.splitlines()) for part in text.split("\n\n")]
    inside = "".join(f"<p>{'<br>'.join(escape(line, quote=False) for line in part)}</p>" for part in parts)
    return f'<div class="tex2jax_ignore mathjax_ignore">{inside}</div>'


def sentence(what: str, name: str, file: str) -> str:
    """What to do where no frame is shown.

    >>> sentence("A page to step through", "page", "page.html")
    '<p>A page to step through. Where frames are not shown, page.save("page.html") makes a file for a browser.</p>'
    """
    return (
        f"<p>{escape(printable(what), quote=False)}. Where frames are not shown, "
        f'{name}.save("{file}") makes a file for a browser.</p>'
    )
