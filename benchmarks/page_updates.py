"""How long a page takes to follow a slider: forward, backward, every number on it, and the browser's layout.

    python benchmarks/page_updates.py

It needs playwright and a Chromium (the environment variable CHROMIUM names another one).  The aim is a
median below 16 ms, the time of one picture at 60 a second, for a graph of 300 values; paint is not in it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import nn
from viz.pages.demos import demo
from viz.pages.html import Page, page

MEASURE = """() => {
  show(stepCount);
  const script = [], all = [];
  for (let i = 0; i < 300; i++) {
    state.inputs[0] = Math.sin(i + 0.3);
    const start = performance.now();
    refresh();
    script.push(performance.now() - start);
    document.body.offsetHeight;  // The browser lays everything out now.
    all.push(performance.now() - start);
  }
  const sorted = (times) => times.sort((a, b) => a - b);
  return [sorted(script)[150], sorted(all)[150], all[285]];
}"""


def network(*sizes: int) -> Page:
    model = nn.MLP(sizes[0], sizes[1:], seed=0)
    return page(nn.mean_squared_error(model([0.1 * i for i in range(1, sizes[0] + 1)]), 1.0))


def main() -> None:
    pages = {
        "alice": demo("alice"), "mazur": demo("mazur"), "MLP 3-5-5-1": network(3, 5, 5, 1),
        "MLP 5-8-8-1": network(5, 8, 8, 1),
    }  # fmt: skip
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    print(f"{'':<12} {'values':>6} {'script':>9} {'with layout':>12} {'slowest 5 %':>12}")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        for name, made in pages.items():
            tab = browser.new_page(viewport={"width": 1440, "height": 900})
            tab.goto(made.save(Path(folder) / "page.html").as_uri())
            script, everything, slowest = tab.evaluate(MEASURE)
            count = len(made.data.steps.nodes)
            print(f"{name:<12} {count:>6} {script:>6.1f} ms {everything:>9.1f} ms {slowest:>9.1f} ms")
            tab.close()
        browser.close()


if __name__ == "__main__":
    main()
