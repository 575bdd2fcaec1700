"""The commands ``glassgrad step`` and ``glassgrad quiz``: a formula or a worked example, step by step."""

from __future__ import annotations

import argparse
from typing import Any, Literal

from viz.command_line.options import OK, add_formula_command, build, from_one, from_zero
from viz.exercises.questions import quiz
from viz.exercises.terminal_quiz import ask
from viz.stepping.terminal import step

# --- glassgrad step -------------------------------------------------------------------------------------


def add_step(commands: Any) -> None:
    add = add_formula_command(
        commands, "step", run_step,
        "Step through a forward and a backward pass, one contribution at a time, forward and back. It fills "
        "the screen (press ? for the keys); with --plain, or where there is no terminal, the steps are printed.",
        "alice",
        "alice w1=2",
        '"L = (1 - sigmoid(w*x + b))**2" w=1 x=-2 b=0',
        "mazur --plain --break w1",
        "karpathy --plain --at 6",
    )  # fmt: skip
    add("--plain", action="store_true", help="print the steps instead of filling the screen")
    add("--at", type=from_zero, default=0, metavar="K", help="begin at step K; with --plain, print only that")
    add(
        "--break", dest="breakpoints", action="append", default=[], metavar="NAME",
        help="stop at the steps that touch this node; may be given several times",
    )  # fmt: skip


def run_step(options: argparse.Namespace) -> int:
    loss = build(options.what, options.values, option="--break")
    step(loss, True if options.plain else None, at=options.at, breakpoints=options.breakpoints)
    return OK


# --- glassgrad quiz -------------------------------------------------------------------------------------


def add_quiz(commands: Any) -> None:
    add = add_formula_command(
        commands, "quiz", run_quiz,
        "Predict each gradient before it is revealed. A wrong answer is compared with what common mistakes "
        "give, and answered with a hint.",
        "alice --questions 5",
        "alice w1=2 --of w1",
        '"L = (y - w*x)**2" w=2 x=3 y=5',
        "cs231n-sum --each-contribution",
    )  # fmt: skip
    add("--questions", type=from_one, metavar="N", help="ask at most so many, chosen by chance")
    add("--seed", type=from_zero, metavar="N", help="for that choice")
    add(
        "--of", dest="nodes", action="append", metavar="NAME", help="ask only about this node; several are possible"
    )
    add("--each-contribution", action="store_true", help="ask for every contribution, and not only for the sums")


def run_quiz(options: argparse.Namespace) -> int:
    loss = build(options.what, options.values, option="--of")
    kind: Literal["contributions", "gradients"] = "contributions" if options.each_contribution else "gradients"
    ask(quiz(loss, options.seed, ask=kind, nodes=options.nodes, questions=options.questions))
    return OK
