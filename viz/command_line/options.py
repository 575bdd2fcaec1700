"""What the commands share: a formula or an example with its numbers, whole numbers, texts that fit, exit codes."""

from __future__ import annotations

import argparse
import difflib
import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd import Value
from viz.drawing.style import printable
from viz.formulas.parser import ExpressionError, parse, parse_values
from viz.formulas.worked_examples import EXAMPLES

OK, INTERRUPTED = 0, 130


class UsageError(ValueError):
    """A command that was understood by its form, but makes no sense."""


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], text: str, more: str = ""
) -> Any:
    """Describe a command: what it does, and below its options a list and examples; the way to add an option."""
    parser = commands.add_parser(
        name, description=textwrap.fill(text, 78), epilog=more, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(run=run)
    return parser.add_argument


def add_formula_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], text: str, *uses: str
) -> Any:
    """The same for a command that is about a formula or a worked example; ``uses`` are examples of it."""
    examples = "\n".join(f"  glassgrad {name} {use}" for use in uses)
    add = add_command(commands, name, run, text, f"{list_of_examples()}\n\nexamples:\n{examples}")
    add("what", metavar="FORMULA|EXAMPLE", help='like "L = (w*x - 1)**2", or an example')
    add("values", metavar="NAME=VALUE", nargs="*", help="a number for each name, like w=1")
    return add


def build(what: str, values: list[str]) -> Value:
    """The graph of a worked example or of a formula; a name with values beside it is a formula.

    Raises:
        ExpressionError: if the formula cannot be read, or a name has no value.

    >>> build("karpathy", []).label, build("L = w*x", ["w=2", "x=3"]).data
    ('L', 6.0)
    """
    what = what.strip()
    if is_example(what, values):
        return EXAMPLES[what].build()
    formula = parse(what)
    return formula.evaluate_all(parse_values(values))[formula.result_name]


def is_example(what: str, values: list[str]) -> bool:
    """True for the name of a worked example, False for a formula.

    Raises:
        ExpressionError: if it looks like a name, but there is no such example.
    """
    if what in EXAMPLES and not values:
        return True
    if not values and looks_like_a_name(what):
        raise ExpressionError(no_such_example(what), what)
    return False


def looks_like_a_name(what: str) -> bool:
    """True for text that was meant as the name of an example.

    >>> looks_like_a_name("alise"), looks_like_a_name("x**2"), looks_like_a_name("3-1")
    (True, False, False)
    """
    return what[:1].isalpha() and what.replace("-", "").isalnum()


def no_such_example(what: str) -> str:
    close = difflib.get_close_matches(what, EXAMPLES, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"the examples are {', '.join(EXAMPLES)}"
    return f"there is no worked example {what!r}: {hint} (A formula needs its values, like {what[0]}=1.)"


def list_of_examples() -> str:
    lines = []
    for name, example in EXAMPLES.items():
        lines += textwrap.wrap(
            f"  {name:<16}{example.story}", 96, subsequent_indent=" " * 18, break_long_words=False
        )
    return "worked examples:\n" + "\n".join(lines)


def paragraph(text: str) -> str:
    return textwrap.fill(text, 78)


def from_zero(text: str, least: int = 0) -> int:
    """A whole number, 0 (or another) or more."""
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise argparse.ArgumentTypeError(f"expected a whole number, {least} or more, but got {text!r}")
    return int(text)


def from_one(text: str) -> int:
    """A whole number, 1 or more."""
    return from_zero(text, least=1)


def short_path(path: Path) -> str:
    """The path as seen from the current folder, if that is shorter."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # On Windows there is no way from one drive to another.
        return printable(str(path))
    return printable(min(relative, str(path.absolute()), key=len))
