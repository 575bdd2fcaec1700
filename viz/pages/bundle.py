"""The page's scripts are modules that import each other; here they become one script, and the styles one style.

Each module reads as any JavaScript module does.  A page is one file: there they stand one after the other, every
one below those that it imports, without the words ``import`` and ``export``, so no two of them may use one name.
What is for those who read the source (comments, and spaces that part nothing) stays behind: see ``squeeze.py``.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from importlib import resources

from viz.pages.squeeze import squeeze_script, squeeze_style

STYLES = ("base", "graph", "words", "slices", "descend", "layout", "print")
"""The style sheets, in the order in which they are read: a later one has the last word."""

IMPORT = re.compile(r'^import (?:\{[^}]*\} from )?"([^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=const |let |function |async )", re.MULTILINE)

DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+|[\[{][^=]*)", re.MULTILINE)


def asset(name: str) -> str:
    """The text of a file of the page: "page.html", "scripts/state.js"."""
    return resources.files("viz.pages").joinpath("assets", *name.split("/")).read_text(encoding="utf-8")


@cache
def bundle(*entries: str) -> str:
    """One script of these modules and all that they import.

    >>> bundle("numbers")[:13], "import " in bundle("numbers"), "export " in bundle("state")
    ('"use strict";', False, False)
    """
    return "\n".join(['"use strict";', *map(script, modules(*entries))])


@cache
def script(name: str) -> str:
    """A module as it stands in a page."""
    return squeeze_script(EXPORT.sub("", IMPORT.sub("", asset(f"scripts/{name}.js"))), first_level())


@cache
def first_level() -> frozenset[str]:
    """The names of the first levels of all modules: these they may use of each other.

    >>> {"page", "state", "compute"} <= first_level()
    True
    """
    folder = resources.files("viz.pages").joinpath("assets", "scripts")
    files = [file for part in folder.iterdir() for file in (part.iterdir() if part.is_dir() else [part])]
    return frozenset(name for file in files for name in declared(file.read_text(encoding="utf-8")))


def declared(source: str) -> list[str]:
    """The names of a module's first level.

    >>> declared("export const a = 1;\\nlet [b, { c: d }] = x;\\nasync function e(f) {\\n  const g = 1;\\n}")
    ['a', 'b', 'd', 'e']
    """
    return [name for found in DECLARED.findall(source) for name in re.findall(r"\w+(?!\w*:)", found)]


def modules(*entries: str) -> tuple[str, ...]:
    """The names of these modules and all that they import, each below what it imports.

    Where two import each other, neither may use the other before all are read.

    >>> modules("state")
    ('document', 'state')
    """
    found: dict[str, bool] = {}

    def visit(name: str) -> None:
        if name in found:
            return
        found[name] = False
        for path in IMPORT.findall(asset(f"scripts/{name}.js")):
            visit(posixpath.normpath(posixpath.join(posixpath.dirname(name), path)).removesuffix(".js"))
        del found[name]
        found[name] = True

    for entry in entries:
        visit(entry)
    return tuple(found)


@cache
def style(*more: str) -> str:
    """All style sheets as one, and behind them more that only some pages need.

    >>> style().count("}") > 100, len(style("finger")) > len(style())
    (True, True)
    """
    return "\n".join(squeeze_style(asset(f"styles/{name}.css")) for name in (*STYLES, *more))
