"""The command ``glassgrad``: train small networks, draw formulas, step, explain, make pages and exercises.

Each group of commands is a file of its own, which is imported when one of its commands is called.

Exit codes: 0 all went well; 1 the run failed (a loss that is not finite, a file that cannot be written);
2 the command was not understood; 130 stopped by Ctrl-C, after saying what was kept.
"""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

from autograd import AutogradError, __version__
from autograd.core.plain_text import ALL_WAYS, can_encode, let_stream_spell, printable, spelled_lines
from viz.formulas.expression import did_you_mean

__all__ = ["main"]

OK, FAILED, BAD_USAGE, INTERRUPTED = 0, 1, 2, 130

COMMANDS = {
    "demo": ("demo", "train the network of Alice and Bob, ask it, draw it"),
    "train": ("train_group", "train a network on one of the data sets"),
    "draw": ("draw_group", "draw a graph with every number and gradient"),
    "explain": ("explain_group", "derive one derivative by the chain rule"),
    "step": ("step_group", "step through the forward and the backward pass"),
    "page": ("page_group", "make a page to step through and to play with, for any browser"),
    "quiz": ("step_group", "predict each gradient before it is revealed"),
    "worksheet": ("exercise_group", "make a page to print: backpropagation with a pencil"),
    "museum": ("exercise_group", "see wrong engines, each with the smallest graph it gets wrong"),
    "lessons": ("lessons_group", "take the course: list its lessons, open one"),
    "ops": ("ops_group", "list the operations of formulas, or measure how exact they are"),
}
"""For each command its file, where a function ``add_COMMAND`` describes it, and what it does in a line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``glassgrad`` with these arguments (those of the process, unless given).

    Returns:
        The exit code.

    >>> main(["draw", "y = x**2", "x=3"])
    name   value   dy/dname
    x          3          6
    y          9          1
    <BLANKLINE>
    To see the graph, save it: glassgrad draw "y = x**2" x=3 -o graph.svg
    0
    """
    prepare_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = run(given)
        sys.stdout.flush()
        return code
    except OSError as error:
        forget_output()
        # Whoever reads the output (head, less) may have seen enough.
        return OK if is_closed_pipe(error) else complain(explained(error), FAILED)


def forget_output() -> None:
    """Let nothing be written when Python ends if it cannot be written now, as to a closed pipe or a full disk."""
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = io.StringIO()
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def run(given: list[str]) -> int:
    """Run a command, and say what went wrong; only what is written to nowhere is left to the caller."""
    if not given or given[0] in ("help", "--"):
        # What people type first: the command alone, or a word in the place of --help.
        given = [*given[1:2], "--help"]
    if not given[0].startswith("-") and given[0] not in COMMANDS:
        return complain(unknown_command(given), BAD_USAGE)
    try:
        options = make_parser(given).parse_args(keep_minus_signs(given))
        code: int = options.run(options)
        return code
    except SystemExit as end:  # argparse has printed the help, or what was wrong
        return int(end.code or OK)
    except KeyboardInterrupt:
        return complain("stopped by the keyboard", INTERRUPTED)
    except OSError:
        raise
    except (AutogradError, ImportError, ValueError) as error:
        return complain(explained(error), BAD_USAGE if is_misunderstood(error) else FAILED)


def is_misunderstood(error: Exception) -> bool:
    """True if the command asks for what cannot be, and nothing went wrong in doing it."""
    from autograd.steps import TraceError
    from viz.command_line.options import UsageError
    from viz.engines.museum_exhibits import MuseumError
    from viz.exercises.worksheets import WorksheetError
    from viz.formulas.parser import ExpressionError
    from viz.pages.html import PageError

    return isinstance(error, (UsageError, ExpressionError, TraceError, MuseumError, WorksheetError, PageError))


def unknown_command(given: list[str]) -> str:
    """What to do instead, where the first word is no command.

    >>> unknown_command(["stpe", "alice"])
    "there is no command 'stpe'; did you mean 'step'?"
    >>> unknown_command(["alice", "w1=2"])
    "'alice' is a worked example; say first what to do with it: glassgrad step alice w1=2"
    """
    from viz.formulas.worked_examples import EXAMPLES

    word = printable(given[0])
    values = "".join(f" {text}" for text in given[1:])
    if word in EXAMPLES:
        return f"{word!r} is a worked example; say first what to do with it: glassgrad step {word}{values}"
    if not word.isidentifier() and any(sign in word for sign in "=+*/()"):
        return f'say first what to do with the formula: glassgrad step "{word}"{values}'
    hint = did_you_mean(word.lower(), COMMANDS) or f"; there are {', '.join(COMMANDS)}"
    return f"there is no command {word!r}{hint}"


class Parser(argparse.ArgumentParser):
    """A parser whose options may stand anywhere, and that says what may have been meant."""

    is_reading = False

    def error(self, message: str) -> NoReturn:
        if "FORMULA|EXAMPLE" in message:
            message = f"a formula or a worked example is missing: {self.prog} alice"
        self.exit(BAD_USAGE, f"{printable(message)}\n{self.prog} --help shows how it is used\n")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise SystemExit(complain(message.strip(), status) if message else status)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self.is_reading:  # Before Python 3.13 parse_known_intermixed_args calls back.
            return super().parse_known_args(args, namespace)
        self.is_reading = True
        try:
            # A parser of commands must not read what belongs to them.
            is_outer = self._subparsers is not None
            read = super().parse_known_args if is_outer else self.parse_known_intermixed_args
            found, unknown = read(args, namespace)
        finally:
            self.is_reading = False
        for word in unknown:
            known = [option.lstrip("-") for option in self._option_string_actions]
            hint = did_you_mean(word.partition("=")[0].lstrip("-"), known).replace("mean '", "mean '--")
            self.error(f"there is no option {word}{hint}")
        return found, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            known = ", ".join(map(str, action.choices))
            hint = did_you_mean(str(value), action.choices)
            raise argparse.ArgumentError(action, f"there is no {value!r}{hint or f'; there are {known}'}")


def make_parser(called: Collection[str] = COMMANDS) -> argparse.ArgumentParser:
    """A parser in which only the commands that are called know their options: the others need not be imported."""
    parser = Parser(
        prog="glassgrad",
        description="See how small networks learn: train one, step through backpropagation, make\n"
        "pages and exercises.",
        epilog="examples:\n"
        "  glassgrad demo\n"
        '  glassgrad draw "L = (1 - sigmoid(w*x + b))**2" w=1 x=-2 b=0 -o loss.svg\n'
        "  glassgrad step alice\n"
        "  glassgrad page alice w1=2 -o alice.html\n\n"
        "From draw to worksheet, each takes a formula or a worked example, and numbers for its names.\n"
        "glassgrad COMMAND --help tells more about each command.",
        formatter_class=with_columns,
    )
    parser.add_argument("--version", action="version", version=f"glassgrad {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, (group, line) in COMMANDS.items():
        if name in called:
            getattr(import_module(f"viz.command_line.{group}"), f"add_{name}")(commands)
        else:
            commands.add_parser(name, help=line)
    return parser


def with_columns(prog: str) -> argparse.HelpFormatter:
    """Help in which each command stands beside what it does; argparse forgets that commands are indented."""
    formatter = argparse.RawDescriptionHelpFormatter(prog, max_help_position=16)
    formatter._action_max_length = 16
    return formatter


WITH_OUTPUT = ("draw", "page", "worksheet")
WITH_FORMULA = (*WITH_OUTPUT, "explain", "quiz", "step")
"""The commands that take a formula, and those that have an option -o besides."""


def keep_minus_signs(arguments: list[str]) -> list[str]:
    """Let a formula begin with a minus sign: argparse would take ``-x**2`` for an option.

    >>> keep_minus_signs(["draw", "-x**2", "x=3", "-o", "a.svg"])
    ['draw', ' -x**2', 'x=3', '-o', 'a.svg']
    """
    if not arguments or arguments[0] not in WITH_FORMULA:
        return arguments
    options = ("--", "-h", "-o") if arguments[0] in WITH_OUTPUT else ("--", "-h")
    return [f" {text}" if text.startswith("-") and not text.startswith(options) else text for text in arguments]


# --- messages -------------------------------------------------------------------------------------------


def complain(message: str, code: int) -> int:
    said = "\n".join(map(printable, f"glassgrad: {message}".split("\n")))
    print(said if can_encode(sys.stderr, said) else spelled_lines(said), file=sys.stderr)
    return code


# What the engine says to people who write Python is of no use to those who type commands.
ADVICE_FOR_PROGRAMMERS = (
    "It was computed at ", "To get inf or nan instead", "To see the line that computed it", "Nothing was changed:"
)  # fmt: skip


def explained(error: BaseException) -> str:
    """An error as a message for the terminal: with its notes, and without advice about Python code."""
    lines = [line for line in str(error).splitlines() if not line.strip().startswith(ADVICE_FOR_PROGRAMMERS)]
    if isinstance(error, OSError) and error.strerror and not isinstance(error, AutogradError):
        lines = [f"{error.strerror}: {error.filename}" if error.filename else error.strerror]
    return "\n".join([*lines, *getattr(error, "__notes__", [])]) or type(error).__name__


def is_closed_pipe(error: OSError) -> bool:
    """True if nobody reads the output any more, which Windows calls an invalid argument."""
    return isinstance(error, BrokenPipeError) or (error.errno == errno.EINVAL and error.filename is None)


def prepare_streams() -> None:
    """All that is written here can be printed everywhere, also where there are no streams or few characters."""
    # Without a terminal (pythonw, >&-) there are no streams; IDLE's are of a kind of their own.
    sys.stdin = sys.stdin or io.StringIO()
    sys.stdout = sys.stdout or io.StringIO()
    sys.stderr = sys.stderr or io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        let_stream_spell(stream, instead_of=ALL_WAYS)
