"""The command ``glassgrad ops``: the table of operations, and how exact each one was measured to be."""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from autograd import ops
from autograd.steps import in_columns
from nn.fitting.progress import is_watched
from viz.command_line.options import OK, UsageError, add_command
from viz.formulas.expression import did_you_mean

FAILED = 1

EXAMPLES = """\
examples:
  glassgrad ops
  glassgrad ops --accuracy tanh gelu
  glassgrad ops --accuracy tanh --engine eager --engine forward
  glassgrad ops --accuracy tanh --quick --json"""


def add_ops(commands: Any) -> None:
    add = add_command(
        commands, "ops", run_ops,
        "List the table of operations: how each one is called in a formula, how it is drawn, and "
        "what its inputs must satisfy. With --accuracy, measure instead how exact each one is, and its first and "
        "second derivatives, on every engine, against mpmath, beside PyTorch and JAX where they are installed; "
        "the exit code is 1 if a bound is broken.",
        EXAMPLES,
    )  # fmt: skip
    add("names", metavar="OPERATION", nargs="*", help="the operations that are meant; all, unless given")
    add("--accuracy", action="store_true", help="measure the worst errors; all operations take a minute or two")
    add("--engine", metavar="NAME", action="append", help="only this engine; may be given several times")
    add("--quick", action="store_true", help="look at fewer points")
    add("--json", action="store_true", help="write the figures as data, with everything that is known of each")


def run_ops(options: argparse.Namespace) -> int:
    for name in options.names:
        check_name(name, options.accuracy)
    if options.accuracy:
        return run_accuracy(options)
    if options.engine or options.quick or options.json:
        raise UsageError("--engine, --quick and --json belong to --accuracy: glassgrad ops --accuracy")
    rows = [[write_call(op), op.symbol, op.requires] for op in map(ops.find, options.names or ops.ALL)]
    print(in_columns([["operation", "drawn as", "needs"], *rows], "lll"))
    return OK


def check_name(name: str, measured: bool) -> None:
    known: Iterable[str] = ops.ALL
    if measured:
        from autograd.accuracy.sheets import operations

        known = operations()
    if name not in known:
        raise UsageError(
            f"there is no operation {name!r}{did_you_mean(name, known) or '; glassgrad ops lists them'}"
        )


def run_accuracy(options: argparse.Namespace) -> int:
    from autograd.accuracy.measure import one_by_one
    from autograd.accuracy.sheets import operations
    from autograd.accuracy.table import broken, plain, write_table

    names = options.names or list(operations())
    found = one_by_one(names, options.engine, options.quick)
    if is_watched() and find_spec("tqdm") is not None:
        from tqdm import tqdm

        found = iter(tqdm(found, total=len(names), desc="measuring", unit="operation", file=sys.stderr))
    figures = [figure for part in found for figure in part]
    print(json.dumps(plain(figures), indent=1) if options.json else write_table(figures))
    return FAILED if broken(figures) else OK


def write_call(op: ops.Op) -> str:
    """An operation as it is written in a formula, optional inputs in brackets.

    >>> write_call(ops.ALL["clip"]), write_call(ops.ALL["elu"]), write_call(ops.ALL["logsumexp"])
    ('clip(x, low, high)', 'elu(x, alpha=1.0)', 'logsumexp(x1, x2, ...)')
    """
    if op.variadic:
        return f"{op.name}(x1, x2, ...)"
    names = list(inspect.signature(op.derivatives).parameters)[: op.arity]
    defaults = getattr(op.forward, "__defaults__", None) or ()
    for i, default in enumerate(reversed(defaults), start=1):
        names[-i] += f"={default}"
    return f"{op.name}({', '.join(names)})"
