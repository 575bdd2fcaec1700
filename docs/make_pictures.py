"""Draw the pictures of the README that are no drawings of graphs:

    python docs/make_pictures.py

stepper.svg: the full-screen stepper in the middle of Alice's backward pass.  The same picture comes out each time.
page.png: the page about Alice at the same step, as Chromium shows it (its name may stand in the variable CHROMIUM).
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from pathlib import Path

from nn.saving.files import write_whole
from viz.formulas.worked_examples import EXAMPLES
from viz.pages.demos import demo
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


def make_stepper() -> Path:
    stepper = Stepper(EXAMPLES["alice"].build())
    stepper.jump(STEP)
    path = FOLDER / "stepper.svg"
    write_whole(path, without_requests(asyncio.run(screenshot(StepperApp(stepper)))).encode())
    return path


def make_page() -> Path:
    from playwright.sync_api import sync_playwright

    path = FOLDER / "page.png"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = demo("alice").save(Path(folder) / "alice.html")
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        tab = browser.new_page(viewport={"width": 1280, "height": 1180})
        tab.goto(page.as_uri())
        for _ in range(STEP):
            tab.keyboard.press("ArrowRight")
        write_whole(path, tab.screenshot())
        browser.close()
    return path


if __name__ == "__main__":
    print(make_stepper().name)
    print(make_page().name)
