"""What a row of a table is: many equal steps, and which *kernel* computes them.

- ``dot``: sums whose left factors stand side by side, the terms in vectors; the right factors stand so as well
  (``dot 1``), or are one and the same number (``dot 0``);
- ``neighbours``: sums that are shifted copies of each other, several in a vector.  The places of the first one are
  listed; from one sum to the next the left factors move by one, the right ones by one or by nothing;
- ``strip``: an atom on numbers that stand in a row, several in a vector;
- ``listed``: sums, or an atom, on numbers that stand anywhere: the places of each are listed.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from autograd.engines.native.atoms import ATOMS, code_for
from autograd.program.tape import SUM, primitive

FIELDS = (
    "kind", "count", "result", "list", "terms", "start", "start_step", "left", "left_step", "right", "right_step",
    "copies", "start_copy", "left_copy", "right_copy", "function",
)  # fmt: skip
"""The whole numbers of a row: places among the numbers, by how much they move from step to step, and how often all
that is to be done again, with other places.  The last one is an address."""


def packed(rows: Any) -> Any:
    """Rows as the program reads them: numbers of 32 bits, so that large tables stay near; the address has two."""
    return np.concatenate([rows[:, :-1].astype(np.int32), rows[:, -1:].copy().view(np.int32)], axis=1)


class Kind(NamedTuple):
    """A kernel: what it computes, and how.

    Attributes:
        right: for sums by how much the right factors move; for functions how many inputs they have.
    """

    atom: str
    how: str
    right: int = 1

    def __str__(self) -> str:
        has_right = self.how in (DOT, NEIGHBOURS) or self.atom == CALL
        return f"{self.atom} {self.how}" + (f" {self.right}" if has_right else "")

    @property
    def has_copies(self) -> bool:
        """Whether a row may stand for several that are copies of each other."""
        return self.how in (DOT, STRIP) or (self.how == NEIGHBOURS and self.right == 0)


DOT, NEIGHBOURS, STRIP, LISTED = "dot", "neighbours", "strip", "listed"

CALL = "call"
"""In the place of an atom: a function of the C library, whose address stands in the row."""

RARE = ("mod", "where", "sign", "floor", "ceil", "rint")
"""Atoms of which there are hardly many side by side; their steps are listed."""


@cache
def kinds() -> dict[Kind, int]:
    """All kernels, with their numbers."""
    found = [Kind(SUM, how, right) for how in (DOT, NEIGHBOURS) for right in (0, 1)]
    found += [Kind(atom, LISTED) for atom in (SUM, *ATOMS)]
    found += [Kind(atom, STRIP) for atom in ATOMS if atom not in RARE]
    found += [Kind(CALL, LISTED, arity) for arity in (1, 2)]
    return {kind: number for number, kind in enumerate(found)}


def listed_kind(atom: str) -> Kind:
    """The kernel for an atom on numbers that stand anywhere.

    Raises:
        AutogradError: if it has no machine code.
    """
    if atom == SUM or atom in ATOMS:
        return Kind(atom, LISTED)
    code_for(atom)
    return Kind(CALL, LISTED, primitive(atom).arity)


def shortest(width: int) -> int:
    """So many steps in a row are computed as vectors."""
    return min(width, 4)
