"""The command ``glassgrad explain``: one derivative by the chain rule, in symbols and then in numbers."""

from __future__ import annotations

import argparse
from typing import Any

from autograd import Value
from autograd.value import topological_order
from viz.command_line.options import OK, add_formula_command, build
from viz.drawing.style import printable, shorten
from viz.explaining.comparison import four_ways
from viz.explaining.explanation import MOST_DIGITS, explain
from viz.formulas.expression import ExpressionError, by_name_and_number, did_you_mean


def add_explain(commands: Any) -> None:
    add = add_formula_command(
        commands, "explain", run_explain,
        "Derive the derivative of the result with respect to one name: the chain rule in symbols, each "
        "factor's formula, then the numbers. Intermediate results that have a name (z = w*x) become factors.",
        "alice w1",
        "alice w1 w1=2 --round-to 3",
        '"z = w*x + b; L = (1 - sigmoid(z))**2" w=1 x=-2 b=0 --wrt w',
        "mazur --wrt w1 --format latex",
        "karpathy --four-ways",
    )  # fmt: skip
    add("--wrt", metavar="NAME", help="what the result is differentiated with respect to; the name alone will do")
    add(
        "--round-to", type=significant_digits, metavar="N",
        help="calculate as on paper, with every number rounded to N significant digits, and compare",
    )  # fmt: skip
    add(
        "--format", choices=("text", "markdown", "latex", "mathml"), default="text",
        help="how it is written (default: %(default)s)",
    )  # fmt: skip
    add(
        "--four-ways", action="store_true",
        help="compare central differences, dual numbers, backpropagation and the formula, and what they cost",
    )  # fmt: skip


def run_explain(options: argparse.Namespace) -> int:
    values, name = options.values, options.wrt
    if name is None:
        values, name = split_name(values)
    loss = build(options.what, values)
    wanted = find(loss, name, needed=not options.four_ways)
    if wanted is not None:
        explanation = explain(loss, wanted, round_to=options.round_to)
        print(getattr(explanation, options.format))
    if options.four_ways:
        ways = four_ways(loss, wanted)
        between = "\n" if wanted is not None else ""
        print(between + (ways.markdown.rstrip() if options.format == "markdown" else str(ways)))
    return OK


def split_name(values: list[str]) -> tuple[list[str], str | None]:
    """What was given to names, and the one name that stands alone: with respect to that.

    Raises:
        ExpressionError: if there are several.

    >>> split_name(["w=1", "w", "x=2"])
    (['w=1', 'x=2'], 'w')
    """
    alone = [text.strip() for text in values if text.strip() and "=" not in text and text.strip()[0] != "-"]
    if len(alone) > 1:
        names = ", or to ".join(printable(name) for name in alone)
        raise ExpressionError(f"one derivative at a time: with respect to {names}?", "")
    return [text for text in values if text.strip() not in alone], alone[0] if alone else None


def find(loss: Value, name: str | None, needed: bool) -> Value | None:
    """The node of that name; the only input if no name is given and there is just one.

    Raises:
        ExpressionError: if there is no such name, or none was given and one is needed.

    >>> find(build("y = x**2", ["x=3"]), None, needed=True).label
    'x'
    """
    nodes = [node for node in topological_order(loss) if node.label]
    inputs = sorted((node.label for node in nodes if node.op is None), key=by_name_and_number)
    if name is None:
        if len(inputs) == 1:
            return next(node for node in nodes if node.label == inputs[0])
        if not needed:
            return None
        names = some_of(inputs)
        raise ExpressionError(f"with respect to what? Add a name, like {inputs[0]}; the inputs are {names}", "")
    found = [node for node in nodes if node.label == name]
    if len(found) == 1:
        return found[0]
    shown = shorten(printable(name))
    if found:
        raise ExpressionError(f"{len(found)} nodes are called {shown!r}, so it is not clear which one is meant", "")
    hint = did_you_mean(name, [node.label for node in nodes]) or f"; the inputs are {some_of(inputs)}"
    raise ExpressionError(f"nothing here is called {shown!r}{hint}", "")


def some_of(names: list[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")


def significant_digits(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DIGITS:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {MOST_DIGITS}, but got {text!r}")
    return int(text)
