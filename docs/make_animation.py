"""Make the animated picture at the top of the README: ``make animation``.

alice.gif: frames of the real page about Alice in Chromium: the first
steps of the backward pass with their numbers on the way, the others quickly, and then a descent.  The clock of the
page is ours, so each frame shows one moment, however long it takes to draw.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from alice_in_chromium import alice_in_chromium

from nn.saving.files import write_whole

try:
    from PIL import Image
except ImportError:
    sys.exit("make animation needs Pillow: pip install pillow, or pip install --group docs")

FOLDER = Path(__file__).parent
WIDTH, HEIGHT, SCALE = 1280, 720, 0.75
FRAME = 90
"""Milliseconds from one frame to the next."""
FULL_STEPS = 4
DESCENT = 36
"""Frames of the descent, each after ``UPDATES`` steps."""
UPDATES = 3
COLOURS = 128


class Film:
    """What a page looked like, and for how long."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab
        self.frames: list[Image.Image] = []
        self.times: list[int] = []

    def take(self, time: int = FRAME) -> None:
        """One frame; what looks like the one before lengthens that."""
        frame = Image.open(io.BytesIO(self.tab.screenshot())).convert("RGB")
        if self.frames and frame.tobytes() == self.frames[-1].tobytes():
            self.times[-1] += time
        else:
            self.frames.append(frame)
            self.times.append(time)

    def run(self, time: int) -> None:
        """As many frames as pass in a time."""
        for _ in range(time // FRAME):
            self.tab.clock.run_for(FRAME)
            self.take()

    def gif(self) -> bytes:
        """All frames with one palette: the commonest colours of some of them, and what covers the others best."""
        some = self.frames[:: max(len(self.frames) // 6, 1)]
        sheet = Image.new("RGB", (some[0].width, some[0].height * len(some)))
        for i, frame in enumerate(some):
            sheet.paste(frame, (0, i * frame.height))
        common = sorted(sheet.getcolors(sheet.width * sheet.height) or [], reverse=True)[: COLOURS // 2]
        others = sheet.quantize(COLOURS // 2, Image.Quantize.MAXCOVERAGE).getpalette() or []
        palette = Image.new("P", (1, 1))
        palette.putpalette([*(part for _, colour in common for part in colour), *others[: COLOURS // 2 * 3]])
        first, *more = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self.frames]
        written = io.BytesIO()
        first.save(
            written,
            "GIF",
            save_all=True,
            append_images=more,
            duration=self.times,
            loop=0,
            optimize=True,
            disposal=1,
        )
        return written.getvalue()


def act(tab: Any) -> Film:
    """The page, played."""
    film = Film(tab)
    tab.evaluate("show(seedStep)")
    tab.clock.run_for(FRAME)
    film.take(1000)
    for _ in range(FULL_STEPS):
        tab.keyboard.press("ArrowRight")
        film.run(1300)
        film.take(300)
    while tab.evaluate("state.position < finished"):
        tab.keyboard.press("ArrowRight")
        tab.clock.run_for(2000)
        film.take(FRAME)
    film.take(1000)
    tab.select_option("#learn", "one")
    tab.evaluate("setRate(1)")
    for _ in range(DESCENT):
        for _ in range(UPDATES):
            tab.click("#step")
        tab.clock.run_for(2000)
        film.take()
    film.take(2000)
    return film


def make_animation() -> Path:
    path = FOLDER / "alice.gif"
    size = {"width": WIDTH, "height": HEIGHT}
    with alice_in_chromium(viewport=size, device_scale_factor=SCALE) as (tab, address):
        tab.clock.install(time=0)
        tab.goto(address)
        tab.clock.pause_at(1000)
        write_whole(path, act(tab).gif())
    return path


if __name__ == "__main__":
    print(make_animation().name)
