"""The command ``glassgrad draw``: a formula with its gradients, and its picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from autograd import Value
from autograd.core.numbers import write_number
from autograd.steps import in_columns
from autograd.value import has_gradient
from viz.command_line.options import OK, UsageError, add_formula_command, build_named, short_path
from viz.drawing.drawing import draw
from viz.drawing.picture import DrawingError, GraphTooLargeError
from viz.drawing.renderers import CannotRenderError
from viz.drawing.style import printable
from viz.formulas.worked_examples import EXAMPLES


def add_draw(commands: Any) -> None:
    add = add_formula_command(
        commands, "draw", run_draw,
        "Compute a formula or a worked example and the derivative of its result with respect to everything in it, "
        "and draw the graph. Without -o, print the numbers.",
        '"L = (1 - sigmoid(w*x + b))**2" w=1 x=-2 b=0 -o loss.svg',
        '"z = w*x + b; L = (y - tanh(z))**2" w=0.5 x=2 b=0 y=1',
        '"y = sin(t)" t=pi/3 -o sine.svg',
        "alice w1=2 -o alice.svg",
    )  # fmt: skip
    add("-o", "--output", metavar="FILE", help="draw the graph into this file: .svg, .png, .pdf or .dot")
    add("--no-backward", action="store_true", help="forward pass only: gradients are shown as ?")


def run_draw(options: argparse.Namespace) -> int:
    result, nodes = build_named(options.what, options.values)
    if not options.no_backward:
        result.backward()
    if options.output:
        try:
            drawing = draw(result)
            drawing.save(options.output)
        except (CannotRenderError, GraphTooLargeError):
            raise
        except DrawingError as error:  # an unknown ending
            raise UsageError(str(error)) from error
        print(f"{result.label} = {write_number(result.data, 10)}, drawn in {short_path(Path(options.output))}")
        for note in drawing.notes:
            print(printable(f"note: {note}"))
        return OK
    print(write_numbers(nodes, result.label))
    what = options.what.strip()
    what = what if what in EXAMPLES else f'"{what}"'
    values = "".join(f" {text}" for text in options.values)
    again = printable(f"glassgrad draw {what}{values} -o graph.svg")
    print(f"\nTo see the graph, save it: {again}")
    return OK


def write_numbers(nodes: dict[str, Value], result_name: str) -> str:
    """The named nodes with their values and gradients, as text in columns."""
    rows = [["name", "value", f"d{result_name}/dname"]]
    for name, node in nodes.items():
        rows.append([name, write_number(node.data, 10), write_number(node.grad, 10) if has_gradient(node) else "?"])
    return in_columns(rows, "lrr", between="   ")
