"""Make the pictures of the README and of its pages anew: ``make pictures``.

alice-bob.svg, loss.png: what the demo draws, the graph of Alice's loss and the loss over the epochs.
stepper.svg: the full-screen stepper in the middle of Alice's backward pass.
page.png: the page about Alice at the same step, as Chromium shows it.

The same pictures come out each time, as far as the fonts of the machine are the same.  Three others have commands
of their own: alice.gif (``make animation``), architecture.svg (``make architecture``), growth.png (``make bench``).
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import tempfile
from pathlib import Path

from alice_in_chromium import alice_in_chromium

from nn.saving.files import write_whole
from viz.command_line.demo import run
from viz.formulas.worked_examples import EXAMPLES
from viz.stepping.full_screen import StepperApp
from viz.stepping.stepper import Stepper

FOLDER = Path(__file__).parent
COLUMNS, LINES = 110, 36
STEP = 35

FONTS = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
DESCRIPTION = "The stepper in a terminal: the graph of Alice's loss as a tree, the running totals, a sentence"


async def screenshot(app: StepperApp) -> str:
    """The screen as textual writes it, after one look at it in a terminal that is not there."""
    async with app.run_test(size=(COLUMNS, LINES)) as pilot:
        await pilot.pause()
        return app.export_screenshot(title="glassgrad step alice")


def without_requests(svg: str) -> str:
    """The picture without the fonts that textual would load from the net, and without what nobody sees."""
    svg = re.sub(r"@font-face\s*\{[^}]*\}", "", svg)
    svg = re.sub(r"font-family:[^;]*;", f"font-family: {FONTS};", svg)
    svg = re.sub(r'<clipPath id="[^"]*-line-\d+">.*?</clipPath>', "", svg, flags=re.DOTALL)
    svg = re.sub(r' clip-path="url\(#[^)]*-line-\d+\)"', "", svg)
    svg = re.sub(r"terminal-\d+", "t", svg)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"(<svg[^>]*)>", rf'\1 role="img"><title>{DESCRIPTION}</title>', svg, count=1)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def make_demo() -> list[Path]:
    paths = [FOLDER / "alice-bob.svg", FOLDER / "loss.png"]
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.redirect_stdout(io.StringIO()):
            run(folder, quiet=True)
        for path, name in zip(paths, ("graph.svg", "loss.png"), strict=True):
            write_whole(path, (Path(folder) / name).read_bytes())
    return paths


def make_stepper() -> Path:
    stepper = Stepper(EXAMPLES["alice"].build())
    stepper.jump(STEP)
    path = FOLDER / "stepper.svg"
    write_whole(path, without_requests(asyncio.run(screenshot(StepperApp(stepper)))).encode())
    return path


def make_page() -> Path:
    path = FOLDER / "page.png"
    options = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
    with alice_in_chromium(**options) as (tab, address):
        tab.goto(address)
        for _ in range(STEP):
            tab.keyboard.press("ArrowRight")
        write_whole(path, tab.screenshot())
    return path


if __name__ == "__main__":
    for made in (*make_demo(), make_stepper(), make_page()):
        print(made.name)
