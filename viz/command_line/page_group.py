"""The command ``glassgrad page``: a formula or a worked example as one page to step through and play with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from viz.command_line.options import OK, add_formula_command, build, is_example, rate, read_values, short_path
from viz.pages.demos import build_demo
from viz.pages.html import page


def add_page(commands: Any) -> None:
    add = add_formula_command(
        commands, "page", run_page,
        "Make one HTML file, to be opened in any browser and without a network: the graph of a formula or of a "
        "worked example, both passes step by step, a slider for each number, gradient descent, and exercises.",
        "alice",
        "alice w1=2 b1=-0.5 -o other.html",
        '"L = (1 - sigmoid(w*x + b))**2" w=1 x=-2 b=0 -o loss.html',
        '"f = x**2 + 4*y**2" x=4 y=1.5 --free x,y --lr 0.05',
    )  # fmt: skip
    add("-o", "--output", metavar="FILE.html", help="where to save it (default: EXAMPLE.html, or page.html)")
    add("--free", type=names, metavar="NAME,NAME", help="which numbers get a slider (default: all with a name)")
    add("--lr", type=rate, metavar="RATE", help="the learning rate to begin with")
    add("--title", metavar="TEXT", help="a heading")


def run_page(options: argparse.Namespace) -> int:
    what, numbers = options.what.strip(), read_values(options.values, option="--free")
    if is_example(what, numbers):
        loss, settings = build_demo(what, **numbers)
        path = Path(options.output or f"{what}.html")
    else:
        loss, settings = build(what, options.values), {"title": what}
        path = Path(options.output or "page.html")
    given = {"free": options.free, "lr": options.lr, "title": options.title}
    settings |= {name: value for name, value in given.items() if value is not None}
    made = page(loss, path, **settings)
    size = len(made.html.encode()) / 1000
    print(f"{short_path(path)} ({size:.0f} kB): open it in a browser; it needs no network")
    return OK


def names(text: str) -> list[str]:
    """
    >>> names("w, b")
    ['w', 'b']
    """
    return [name.strip() for name in text.split(",") if name.strip()]
