"""What the commands share: a formula or an example with its numbers, options that are numbers, exit codes."""

from __future__ import annotations

import argparse
import os
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from autograd import Value, topological_order
from viz.drawing.style import printable
from viz.formulas.expression import by_name_and_number, did_you_mean
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
    add = add_command(commands, name, run, text, f"{FORMULAS}\n\n{list_of_examples()}\n\nexamples:\n{examples}")
    add("what", metavar="FORMULA|EXAMPLE", help='like "L = (w*x - 1)**2", or the name of a worked example')
    add("values", metavar="NAME=VALUE", nargs="*", help="numbers for names, like w=1; an example has its own")
    return add


def build(what: str, values: list[str], option: str = "") -> Value:
    """The graph of a worked example or of a formula, on these numbers; a name alone belongs to the option.

    Raises:
        ExpressionError: if the formula cannot be read, a name has no value, or there is no such example or name.

    >>> build("karpathy", ["a=3"]).data, build("L = w*x", ["w=2", "x=3"]).data
    (-2.0, 6.0)
    """
    return build_named(what, values, option)[0]


def build_named(what: str, values: list[str], option: str = "") -> tuple[Value, dict[str, Value]]:
    """The same graph and, by its name, each node that has one.

    >>> L, nodes = build_named("z = w*x; L = z**2", ["w=2", "x=3"])
    >>> L.data, list(nodes)
    (36.0, ['w', 'x', 'z', 'L'])
    """
    what, numbers = what.strip(), read_values(values, option)
    if is_example(what, numbers):
        result = EXAMPLES[what].build(**numbers)
        nodes = {node.label: node for node in topological_order(result) if node.label}
        inputs = sorted((name for name, node in nodes.items() if node.op is None), key=by_name_and_number)
        return result, {name: nodes[name] for name in [*inputs, *nodes]}
    formula = parse(what)
    nodes = formula.evaluate_all(numbers)
    return nodes[formula.result_name], nodes


def read_values(values: Iterable[str], option: str = "") -> dict[str, float]:
    """The numbers for names, as they were typed: name=value.

    Raises:
        ExpressionError: if one is of another form; it says what may have been meant.

    >>> read_values(["w=1", "t=pi/2"])
    {'w': 1.0, 't': 1.5707963267948966}
    """
    values = list(values)
    for text in values:
        name, equals, _ = text.strip().partition("=")
        if name.startswith("-"):
            option = printable(name)
            raise ExpressionError(f"there is no option {option}; options begin with two dashes: -{option}", "")
        if not equals and text.strip():
            instead = f", or write {option} {printable(name)}" if option else ""
            raise ExpressionError(
                f"{printable(name)!r} is no number for a name; give one like {example_of(name)}{instead}", ""
            )
    return parse_values(values)


def example_of(name: str) -> str:
    """How a number is given to what may be a name.

    >>> example_of("w1"), example_of("0.5")
    ('w1=1.5', 'w=0.5')
    """
    return f"{name}=1.5" if name.isidentifier() else f"w={name}" if is_decimal(name) else "w=1.5"


def is_decimal(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_example(what: str, numbers: Iterable[str]) -> bool:
    """True for the name of a worked example, False for a formula, which may be a mere name that has a number.

    Raises:
        ExpressionError: if it looks like the name of an example, but there is none.

    >>> is_example("alice", ["w1"]), is_example("x-y", ["x", "y"]), is_example("x**2", [])
    (True, False, False)
    """
    if {what, *what.split("-")} & {*numbers}:
        return False
    if what not in EXAMPLES and what.replace("-", "_").isidentifier():
        raise ExpressionError(no_such_example(what), what)
    return what in EXAMPLES


def no_such_example(what: str) -> str:
    if hint := did_you_mean(what.lower(), EXAMPLES):
        return f"there is no worked example {what!r}{hint}"
    listed = textwrap.indent(textwrap.fill(", ".join(EXAMPLES), 76, break_on_hyphens=False), "  ")
    return (
        f"there is no worked example {what!r}; there are\n{listed}\n"
        f"If {what} is a name in a formula of yours, give it a number: {what}=1.5"
    )


FORMULAS = """\
A formula stands in quotes. It has numbers, names, + - * / **, parentheses and
functions (glassgrad ops lists them). Several parts, separated by ;, give names
to intermediate results: "z = w*x; L = (1 - z)**2". A worked example has a name,
and numbers of its own; those that you give take their place: alice w1=2"""


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
    """A whole number from 0 (or another)."""
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise argparse.ArgumentTypeError(f"expected a whole number, {least} or more, but got {text!r}")
    return int(text)


def from_one(text: str) -> int:
    """A whole number from 1."""
    return from_zero(text, least=1)


def rate(text: str) -> float:
    """A number above 0, as a learning rate is.

    >>> rate("0.1")
    0.1
    """
    if not is_decimal(text) or not 0 < float(text) < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, but got {text!r}")
    return float(text)


def short_path(path: Path) -> str:
    """The path as seen from the current folder, if that is shorter."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # On Windows there is no way from one drive to another.
        return printable(str(path))
    return printable(min(relative, str(path.absolute()), key=len))
