"""The commands ``glassgrad step`` and ``glassgrad quiz``: a formula or a worked example, step by step."""

from __future__ import annotations

import argparse
import difflib
import textwrap
from typing import Any, Literal

from autograd import Value
from viz.exercises.questions import quiz
from viz.exercises.terminal_quiz import ask
from viz.formulas.parser import ExpressionError, parse, parse_values
from viz.formulas.worked_examples import EXAMPLES
from viz.stepping.terminal import step

__all__ = ["add_quiz", "add_step", "build", "run_quiz", "run_step"]


# --- glassgrad step -------------------------------------------------------------------------------------


def add_step(commands: Any) -> None:
    parser = commands.add_parser(
        "step",
        help="step through the forward and the backward pass of a formula or a worked example",
        description=paragraph(
            "Step through a forward and a backward pass, one contribution at a time, forward and back. It fills "
            "the screen (press ? for the keys); with --plain, or where there is no terminal, the steps are printed."
        ),
        epilog=list_of_examples() + "\n\nexamples:\n"
        "  glassgrad step alice\n"
        '  glassgrad step "L = (1 - sigmoid(w*x + b))**2" w=1 x=-2 b=0\n'
        "  glassgrad step mazur --plain --break w1\n"
        "  glassgrad step karpathy --at 6",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add_what(parser)
    add("--plain", action="store_true", help="print the steps instead of filling the screen")
    add("--at", type=position, default=0, metavar="K", help="begin after step K; with --plain, show only that")
    add(
        "--break", dest="breakpoints", action="append", default=[], metavar="NAME",
        help="stop at the steps that touch this node; may be given several times",
    )  # fmt: skip
    parser.set_defaults(run=run_step)


def run_step(options: argparse.Namespace) -> int:
    loss = build(options.what, options.values)
    step(loss, True if options.plain else None, at=options.at, breakpoints=options.breakpoints)
    return 0


# --- glassgrad quiz -------------------------------------------------------------------------------------


def add_quiz(commands: Any) -> None:
    parser = commands.add_parser(
        "quiz",
        help="predict the gradients of a formula or a worked example before they are revealed",
        description=paragraph(
            "Predict each gradient before it is revealed. A wrong answer is compared with what common mistakes "
            "give, and answered with a hint."
        ),
        epilog=list_of_examples() + "\n\nexamples:\n"
        "  glassgrad quiz alice --questions 5\n"
        '  glassgrad quiz "L = (y - w*x)**2" w=2 x=3 y=5\n'
        "  glassgrad quiz cs231n-sum --each-contribution",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add_what(parser)
    add("--questions", type=at_least_one, metavar="N", help="ask at most so many, chosen by chance")
    add("--seed", type=position, metavar="N", help="for that choice")
    add(
        "--of", dest="nodes", action="append", metavar="NAME", help="ask only about this node; several are possible"
    )
    add("--each-contribution", action="store_true", help="ask for every contribution, and not only for the sums")
    parser.set_defaults(run=run_quiz)


def run_quiz(options: argparse.Namespace) -> int:
    loss = build(options.what, options.values)
    kind: Literal["contributions", "gradients"] = "contributions" if options.each_contribution else "gradients"
    ask(quiz(loss, options.seed, ask=kind, nodes=options.nodes, questions=options.questions))
    return 0


# --- both -----------------------------------------------------------------------------------------------


def add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="FORMULA|EXAMPLE", help='like "L = (w*x - 1)**2", or an example')
    parser.add_argument("values", metavar="NAME=VALUE", nargs="*", help="a number for each name, like w=1")


def build(what: str, values: list[str]) -> Value:
    """The graph of a worked example or of a formula; a name with values beside it is a formula.

    Raises:
        ExpressionError: if the formula cannot be read, or a name has no value.

    >>> build("karpathy", []).label, build("L = w*x", ["w=2", "x=3"]).data
    ('L', 6.0)
    """
    what = what.strip()
    if what in EXAMPLES and not values:
        return EXAMPLES[what].build()
    if not values and looks_like_a_name(what):
        raise ExpressionError(no_such_example(what), what)
    formula = parse(what)
    return formula.evaluate_all(parse_values(values))[formula.result_name]


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


def position(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number, 0 or more, but got {text!r}")
    return int(text)


def at_least_one(text: str) -> int:
    number = position(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number, 1 or more, but got {text!r}")
    return number
