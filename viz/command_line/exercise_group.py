"""The commands ``glassgrad worksheet`` and ``glassgrad museum``: exercises for paper, and mistakes to look at."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from autograd import Value
from autograd.core.numbers import write_number
from autograd.errors import AutogradError
from viz.command_line.options import (
    OK,
    add_command,
    add_formula_command,
    from_zero,
    is_example,
    paragraph,
    read_values,
    short_path,
)
from viz.engines.museum_exhibits import EXHIBITS, museum
from viz.exercises.worksheets import worksheet
from viz.formulas.parser import Expression, parse
from viz.formulas.worked_examples import EXAMPLES

PLACEHOLDERS = (1.0, 0.5, 2.0, -0.5, -2.0, 0.0)
"""What stands for names without a value, until the worksheet chooses its own numbers."""


# --- glassgrad worksheet --------------------------------------------------------------------------------


def add_worksheet(commands: Any) -> None:
    add = add_formula_command(
        commands, "worksheet", run_worksheet,
        "Make a page to print and fill in: the graph of a formula or a worked example with its numbers, blanks "
        "for the gradients, and the answers at the end. Names without a value get numbers that can be worked "
        "with by hand; each seed gives others.",
        "alice --seed 3 -o sheet.html",
        "alice w1=2 b1=-0.5 --own-numbers",
        '"L = (w*x + b - y)**2"',
        '"L = (w*x + b - y)**2" y=1 -o sheet.md',
    )  # fmt: skip
    add("--seed", type=from_zero, default=1, metavar="N", help="which sheet (default: %(default)s)")
    add("--own-numbers", action="store_true", help="keep all numbers of the example and those given")
    add("-o", "--output", metavar="FILE", default="worksheet.html", help=".html or .md (default: %(default)s)")


def run_worksheet(options: argparse.Namespace) -> int:
    loss, given = build_sheet(options.what, options.values)
    sheet = worksheet(loss, options.seed, keep="all" if options.own_numbers else given)
    path = sheet.save(options.output)
    numbers = ", ".join(f"{name} = {write_number(x, 6)}" for name, x in sheet.leaves.items())
    print(f"Sheet {sheet.seed}: {numbers}")
    print(f"To print, with the answers at the end: {short_path(path)}")
    return OK


def build_sheet(what: str, values: list[str]) -> tuple[Value, list[str]]:
    """A graph, and the names whose values were given and must stay.

    Raises:
        ExpressionError: if the formula cannot be read, or cannot be computed.

    >>> loss, given = build_sheet("L = w*x + b", ["x=2"])
    >>> loss.label, given
    ('L', ['x'])
    """
    what, numbers = what.strip(), read_values(values)
    if is_example(what, numbers):
        return EXAMPLES[what].build(**numbers), list(numbers)
    return compute_somehow(parse(what), numbers), list(numbers)


def compute_somehow(formula: Expression, given: Mapping[str, float]) -> Value:
    """The formula's graph on the given values and any numbers for the other names that it can be computed with.

    >>> compute_somehow(parse("log(-x)"), {}).data
    -0.6931471805599453
    """
    *others, last = PLACEHOLDERS
    for number in others:
        with suppress(AutogradError):
            return formula.evaluate(dict.fromkeys(formula.names, number) | dict(given))
    return formula.evaluate(dict.fromkeys(formula.names, last) | dict(given))


# --- glassgrad museum -----------------------------------------------------------------------------------


def add_museum(commands: Any) -> None:
    names = ", ".join(exhibit.name for exhibit in EXHIBITS)
    add = add_command(
        commands, "museum", run_museum,
        "Visit the museum of wrong engines: backward passes as people first write them, each beside the "
        "smallest graph that it gets wrong and the right answer.",
        paragraph(f"exhibits: {names}") + "\n\nexamples:\n"
        "  glassgrad museum overwriting\n"
        "  glassgrad museum -o museum.html",
    )  # fmt: skip
    add("exhibit", nargs="?", metavar="EXHIBIT", help="one of them; all, unless given")
    add("-o", "--output", metavar="FILE", help="save all of it as a page: .html or .md")


def run_museum(options: argparse.Namespace) -> int:
    rooms = museum()
    shown = rooms if options.exhibit is None else rooms[options.exhibit]
    if options.output:
        print(f"The museum: {short_path(rooms.save(options.output))}")
        return OK
    print(shown)
    return OK
