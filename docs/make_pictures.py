"""Draw the pictures of the README that are no drawings of graphs:

    python docs/make_pictures.py

stepper.svg: the full-screen stepper in the middle of Alice's backward pass.  The same picture comes out each time.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from viz.drawing import write_whole
from viz.examples import EXAMPLES
from viz.stepper import Stepper
from viz.terminal_app import StepperApp

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


def make_stepper() -> Path:
    stepper = Stepper(EXAMPLES["alice"].build())
    stepper.jump(STEP)
    path = FOLDER / "stepper.svg"
    write_whole(path, without_requests(asyncio.run(screenshot(StepperApp(stepper)))).encode())
    return path


if __name__ == "__main__":
    print(make_stepper().name)
