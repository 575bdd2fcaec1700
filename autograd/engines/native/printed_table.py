"""The table of rows as text: what each row computes, written with the places s[0], s[1], ... of the numbers."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from autograd.engines.levels import Levels
from autograd.engines.native.rows import DOT, FIELDS, LISTED, NEIGHBOURS, kinds
from autograd.program.tape import SUM, primitive, write_step

MOST_PLACES = 8
"""So many places of a list are shown."""


def table_as_text(levels: Levels, rows: Any) -> str:
    """One line for each row: its kernel, a formula for step i, how many steps there are, and where lists begin."""
    starts, names = [start for _, start, _ in levels.runs], list(kinds())
    first = levels.first
    lines = []
    for row in rows[:, : len(FIELDS)].tolist():
        field, how = dict(zip(FIELDS, row, strict=True)), names[row[0]].how
        field["result_copy"] = field["count"] if field["copies"] > 1 else 0
        atom, start, _ = levels.runs[bisect_right(starts, field["result"] - first) - 1]
        length = int(levels.borders[start + 1] - levels.borders[start])
        listed = length * (field["count"] if how == LISTED else how == NEIGHBOURS)
        places = levels.operands[field["list"] : field["list"] + listed].tolist()
        often = f"i < {field['count']}" + (f", k < {field['terms']}" if atom == SUM else "")
        often += f", c < {field['copies']}" if field["copies"] > 1 else ""
        shown = ", ".join(map(str, places[:MOST_PLACES])) + (", ..." if len(places) > MOST_PLACES else "")
        formula = sum_of(how, field) if atom == SUM else write_step(atom, inputs_of(atom, how, field))
        lines.append((how, f"{moved('result', field)} = {formula}", f"{often}; {shown}" if shown else often))
    widths = [max([len(line[column]) for line in lines], default=0) for column in (0, 1)]
    counts = f"{levels.inputs} inputs, {levels.constants} constants, {len(levels.borders) - 1} steps"
    return "\n".join([counts, *[f"{how:{widths[0]}}  {what:{widths[1]}}  {often}" for how, what, often in lines]])


def moved(name: str, field: dict[str, int], *more: str) -> str:
    """
    >>> moved("left", {"left": 7, "left_step": 3, "left_copy": -1}, "k")
    's[7 + 3·i - c + k]'
    """
    step, copy = field.get(f"{name}_step", 1), field.get(f"{name}_copy", 0)
    return f"s[{' + '.join([str(field[name]), *times(step, 'i'), *times(copy, 'c'), *more])}]".replace("+ -", "- ")


def times(step: int, letter: str) -> list[str]:
    """So many times a letter, if at all.

    >>> times(1, "i"), times(-1, "i"), times(3, "i"), times(0, "i")
    (['i'], ['-i'], ['3·i'], [])
    """
    sign = {1: "", -1: "-"}.get(step, f"{step}·")
    return [sign + letter] if step else []


def sum_of(how: str, field: dict[str, int]) -> str:
    if how == LISTED:
        return "s[cᵢ] + Σ s[aᵢₖ] · s[bᵢₖ]"
    if how == DOT:
        right = list(kinds())[field["kind"]].right
        return f"{moved('start', field)} + Σ {moved('left', field, 'k')} · {moved('right', field, *['k'] * right)}"
    moving = " + ".join(["aₖ", "i", *times(field["left_copy"], "c")])
    other = " + ".join(["bₖ", *times(field["right_step"], "i"), *times(field["right_copy"], "c")])
    return f"{moved('start', field)} + Σ s[{moving}] · s[{other}]".replace("+ -", "- ")


def inputs_of(atom: str, how: str, field: dict[str, int]) -> list[str]:
    sides, arity = ("left", "right"), primitive(atom).arity
    return (
        [f"s[{name}ᵢ]" for name in "abc"[:arity]]
        if how == LISTED
        else [moved(side, field) for side in sides[:arity]]
    )
