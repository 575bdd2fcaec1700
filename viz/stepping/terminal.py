"""Backpropagation by hand in a terminal: ``step(loss)``.

With textual (``pip install "glassgrad[terminal]"``) it fills the screen and follows the arrow keys; without
it, or where the output goes into a file, the steps are printed one below the other.

>>> from autograd import Value
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> L = w * x
>>> L.label = "L"
>>> step(L, plain=True, breakpoints=["w"])
  node             data   gradient
  L = w·x             ?          ?
● ├─w                 3          ?
  └─x                 2          ?
<BLANKLINE>
step 1 of 4 · forward pass
  L = w·x: with w = 3 and x = 2 that is 6.
  L = w·x = 3·2 = 6
<BLANKLINE>
step 3 of 4 · backward pass
  L passes its gradient on to w: upstream gradient dL/dL = 1 times local derivative x = 2 is 2. So dL/dw
  = 2.
  ∂L/∂w = x = 2
  dL/dw = 0 + dL/dL · ∂L/∂w = 0 + 1 · 2 = 2
<BLANKLINE>
node       gradient   from
L                 1   seed
w                 2 1 of 1
x                 3 1 of 1
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from autograd import Value
from autograd.core.plain_text import let_stream_spell
from autograd.steps import TraceError
from autograd.value import require_value
from viz.limits import require_size
from viz.stepping.columns import Line, as_text
from viz.stepping.screen import Screen, rich_style
from viz.stepping.stepper import Stepper

__all__ = ["can_fill_the_screen", "print_steps", "printer", "step"]

MOST_LINES = 60
"""Of a tree or table with more lines than this, only the first ones are printed."""

WIDEST = 104
"""Text is printed in lines of at most this many columns."""


def step(loss: Value, plain: bool | None = None, *, at: int = 0, breakpoints: Iterable[Value | str] = ()) -> None:
    """Step through the forward and the backward pass that belong to a result.

    The graph is looked at as it is now; nothing is changed.

    Args:
        loss: the result.
        plain: True prints the steps one below the other; False fills the screen; None fills the screen
            if that is possible.
        at: begin where so many steps are done.  In print: show the step of that number, and no other.
        breakpoints: nodes (Values, labels or ids) to stop at.  In print: show only the steps that touch them.

    Raises:
        GradientError: if loss is not a Value.
        GraphTooLargeError: if all steps would be printed, and they are too many.
        TraceError: if a node of ``breakpoints`` or the step ``at`` is not in the graph.
        ImportError: if ``plain`` is False and textual is not installed.
    """
    require_value(loss, "step")
    breakpoints = list(breakpoints)
    if plain is None:
        plain = not can_fill_the_screen()
    if plain and not at and not breakpoints:
        require_size(loss, "step")
    stepper = Stepper(loss)
    if not 0 <= at <= stepper.length:
        raise TraceError(f"there is no step {at} here: the steps are 1 to {stepper.length}")
    stepper.jump(at)
    for what in breakpoints:
        if stepper.trace.find(what) not in stepper.breakpoints:
            stepper.toggle_breakpoint(what)
    if plain:
        print_steps(stepper)
        return
    try:
        from viz.stepping.full_screen import StepperApp
    except ModuleNotFoundError as error:
        raise ImportError(
            'the full-screen stepper needs textual: pip install "glassgrad[terminal]"; '
            "step(loss, plain=True) prints the steps without it"
        ) from error
    StepperApp(stepper).run()


def can_fill_the_screen() -> bool:
    """True if there is a terminal at both ends, and textual is installed."""
    return (
        is_terminal(sys.stdin)
        and is_terminal(sys.stdout)
        and os.environ.get("TERM", "") != "dumb"
        and importlib.util.find_spec("textual") is not None
    )


def is_shown(stream: Any) -> bool:
    """True for a stream that somebody looks at: a terminal, or IDLE's window."""
    return stream is not None and bool(stream.isatty())


def is_terminal(stream: Any) -> bool:
    """True for a real terminal; IDLE's window calls itself one, but has no file behind it."""
    try:
        return is_shown(stream) and stream.fileno() >= 0
    except (AttributeError, OSError, ValueError):
        return False


# --- printed steps ----------------------------------------------------------------------------------------


def print_steps(stepper: Stepper, file: TextIO | None = None) -> None:
    """Print the graph, every step (or, with breakpoints, every step that touches them), and the gradients.

    Where the stepper does not stand at the beginning, print only the step at which it stands.
    """
    out = printer(file)
    width = min(out_width(file), WIDEST)
    screen = Screen(stepper)
    if stepper.position:
        print_step(out, screen, width)
        return
    print_table(out, screen, "tree", width)
    out([("", "")])
    move = stepper.next_stop if stepper.breakpoints else stepper.forward
    while move():
        print_step(out, screen, width)
        out([("", "")])
    if stepper.problem:
        for line in screen.story(width, MOST_LINES):
            out(line)
        return
    stepper.last()
    print_table(out, screen, "totals", width)


def print_table(out: Callable[[Line], None], screen: Screen, part: str, width: int) -> None:
    """Print the tree or the totals, as wide as their names need and as long as is bearable."""
    count = len(screen.layout.rows) if part == "tree" else screen.count_of_totals
    height = min(count, MOST_LINES) + 1
    if part == "tree":
        depth = max(row.depth for row in screen.layout.rows[:MOST_LINES])
        lines = screen.tree(min(width, 34 if count <= 3 else 2 * min(depth, 14) + 52), height)
    else:
        lines = screen.totals(min(width, 26 if count <= 3 else 48), height)
    for line in lines:
        out(line)
    if count > MOST_LINES:
        out([(f"... and {count - MOST_LINES:,} more lines", "dim")])


def print_step(out: Callable[[Line], None], screen: Screen, width: int) -> None:
    stepper = screen.stepper
    out([(stepper.progress, "bold"), (f" · {stepper.phase} pass", "dim")])
    for line in screen.story(width - 2, MOST_LINES):
        out([("  ", ""), *line])
    for line in screen.formulas(width - 2, MOST_LINES):
        out([("  ", ""), *[(text, "path") for text, _ in line]])


def printer(file: TextIO | None = None) -> Callable[[Line], None]:
    """A function that prints a line: in colours on a terminal if rich is installed, else as mere text."""
    stream = file or sys.stdout
    let_stream_spell(stream)
    if not (is_shown(stream) and importlib.util.find_spec("rich") is not None):
        return lambda line: print(as_text(line), file=stream)
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, emoji=False, markup=False, soft_wrap=True)

    return lambda line: console.print(
        Text.assemble(*[(piece, rich_style(style)) for piece, style in line], no_wrap=True)
    )


def out_width(file: TextIO | None) -> int:
    """How many columns there are: as many as we like where the output is no terminal."""
    stream = file or sys.stdout
    return shutil.get_terminal_size().columns if is_shown(stream) else WIDEST
