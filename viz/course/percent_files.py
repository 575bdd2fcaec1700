"""Read a lesson's source: a Python file whose lines ``# %%`` begin its cells (the percent format of jupytext).

>>> cells = read_cells("# %% [markdown]\\n# # Title\\n#\\n# Words.\\n\\n# %% tags=[\\"assert\\"]\\nassert True\\n")
>>> [(cell.kind, cell.tags, cell.source) for cell in cells]
[('markdown', (), '# Title\\n\\nWords.'), ('code', ('assert',), 'assert True')]
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Cell:
    """A cell of a lesson.

    Attributes:
        kind: "markdown" or "code".
        source: what stands in it.
        tags: "assert" if readers do not see it, "measured" if its output differs from run to run.
    """

    kind: Literal["markdown", "code"]
    source: str
    tags: tuple[str, ...] = ()


def read_cells(text: str) -> list[Cell]:
    """The cells of a lesson; what stands before the first one is jupytext's and left out."""
    found = []
    for part in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        tags = re.search(r"tags=(\[.*?\])", head)
        source = body.strip("\n")
        is_markdown = "[markdown]" in head
        if is_markdown:
            source = "\n".join(line.removeprefix("#").removeprefix(" ") for line in source.split("\n"))
        found.append(
            Cell("markdown" if is_markdown else "code", source, tuple(json.loads(tags[1])) if tags else ())
        )
    return found
