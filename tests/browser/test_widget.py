"""The widget in Chromium: sliders change Values and Values move sliders, in a bare page and in JupyterLab."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Value
from autograd.core.numbers import write_number
from viz.pages.notebook_widget import widget

# A model as anywidget hands it to a front end, whose other side is reached from the test.
HOST = """
<!doctype html><meta charset="utf-8"><body></body>
<script type="module">
const state = STATE, watchers = {};
window.saved = [];
const model = {
  get: (name) => state[name],
  set: (name, value) => { state[name] = value; },
  save_changes: () => window.saved.push(structuredClone(state.numbers)),
  on: (event, action) => { (watchers[event] ??= []).push(action); },
  off: (event, action) => { watchers[event] = watchers[event].filter((other) => other !== action); },
};
window.fromPython = (name, value) => { state[name] = value; (watchers[`change:${name}`] ?? []).forEach((f) => f()); };
const { default: front } = await import(URL.createObjectURL(new Blob([ESM], { type: "text/javascript" })));
window.leave = front.render({ model, el: document.body });
</script>
"""


def host_page(shown: Any) -> str:
    state = {name: getattr(shown, name) for name in ("html", "title", "height", "numbers", "problem")}
    written = [json.dumps(part).replace("<", "\\u003c") for part in (state, str(shown._esm))]
    return HOST.replace("STATE", written[0]).replace("ESM", written[1])


@pytest.fixture
def opened(browser: Any) -> Iterator[tuple[Any, Any, Any, list[str]]]:
    """The widget of a neuron in a bare page: the Values, the widget, the page, and what was requested."""
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(0.25, "b")
    o = (w * x + b).tanh()
    o.label = "o"
    shown = widget(o)
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.set_content(host_page(shown))
    page.frame_locator("iframe").locator("#sliders input[type=number]").first.wait_for()
    yield (w, x, b, o), shown, page, requests
    page.close()


def test_a_slider_reaches_python(opened: Any) -> None:
    (w, x, _, o), shown, page, requests = opened
    field = page.frame_locator("iframe").get_by_role("spinbutton", name="w", exact=True)
    field.fill("-1")
    page.wait_for_function("window.saved.length > 0 && window.saved.at(-1).v0 === -1")
    shown.set_trait("numbers", page.evaluate("window.saved.at(-1)"))
    slope = 1 - np.tanh(-1.75) ** 2
    assert (w.data, o.data, x.grad) == (-1.0, pytest.approx(np.tanh(-1.75)), pytest.approx(-slope))
    # The page computed the same by itself.
    chip = page.frame_locator("iframe").locator(".slider", has_text="x").locator(".grad-chip")
    deadline = time.monotonic() + 5
    while not chip.inner_text().strip() and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert chip.inner_text() == write_number(x.grad, 3)
    assert [url for url in requests if not url.startswith(("blob:", "data:", "about:"))] == []


def test_python_moves_the_slider_and_is_not_told_so_again(opened: Any) -> None:
    _, shown, page, _ = opened
    frame = page.frame_locator("iframe")
    shown["w"] = 0.75
    page.evaluate("numbers => window.fromPython('numbers', numbers)", shown.numbers)
    page.wait_for_timeout(200)
    assert frame.get_by_role("spinbutton", name="w", exact=True).input_value() == "0.75"
    assert float(frame.get_by_label("w, slider").input_value()) == pytest.approx(0.75, abs=0.01)
    assert page.evaluate("window.saved.length") == 0


def test_dragging_reports_the_last_number(opened: Any) -> None:
    _, _, page, _ = opened
    slider = page.frame_locator("iframe").get_by_label("w, slider")
    slider.focus()
    for _ in range(30):
        slider.press("ArrowRight")
    page.wait_for_timeout(300)
    last = float(slider.input_value())
    assert last > 0.5
    assert page.evaluate("window.saved.at(-1).v0") == pytest.approx(last)
    assert page.evaluate("window.saved.length") < 30


def test_a_widget_that_is_taken_away_listens_no_more(opened: Any) -> None:
    _, _, page, _ = opened
    page.evaluate("window.leave()")
    page.frame_locator("iframe").get_by_role("spinbutton", name="w", exact=True).fill("2")
    page.wait_for_timeout(200)
    assert page.evaluate("window.saved.length") == 0


def test_the_page_cannot_reach_the_notebook(opened: Any) -> None:
    _, _, page, _ = opened
    inside = next(frame for frame in page.frames if frame.parent_frame is not None)
    assert (
        inside.evaluate("(() => { try { return parent.document.title } catch { return 'refused' } })()")
        == "refused"
    )


# --- JupyterLab -------------------------------------------------------------------------------------------

CELLS = [
    "from autograd import Value\nfrom viz.pages.notebook_widget import widget\n"
    "w, x = Value(0.5, 'w'), Value(2.0, 'x')\nL = w * x\nL.label = 'L'\nshown = widget(L)\nshown",
    "shown['w'] = 3.5",
    "print('L is', L.data)",
]


@pytest.fixture
def lab(jupyterlab: tuple[Path, str]) -> str:
    """The address of a notebook in JupyterLab."""
    import nbformat

    folder, address = jupyterlab
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "widget.ipynb")
    return f"{address}/lab/tree/widget.ipynb?reset"


def test_in_jupyterlab_both_ways_work(lab: str, browser: Any, run_first_cell: Any) -> None:
    page = browser.new_page(viewport={"width": 1300, "height": 1100})
    # JupyterLab takes its time where others use the machine too.
    page.set_default_timeout(120_000)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(lab)
    page.locator(".jp-Notebook .jp-CodeCell").nth(2).wait_for(timeout=60_000)
    # Wait until the kernel is there, then run the first cell.
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    field = page.frame_locator(".jp-OutputArea iframe").get_by_role("spinbutton", name="w", exact=True)
    run_first_cell(page, field)
    assert field.input_value() == "0.5"
    # Python moves the slider.
    page.locator(".jp-CodeCell .cm-content").nth(1).click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(1500)
    assert field.input_value() == "3.5"
    # The slider moves the Values.
    field.fill("-4")
    page.wait_for_timeout(1000)
    page.locator(".jp-CodeCell .cm-content").nth(2).click()
    page.keyboard.press("Shift+Enter")
    page.get_by_text("L is -8.0").wait_for(timeout=20_000)
    outside = [url for url in requests if url.startswith("http") and not url.startswith(lab.split("/lab")[0])]
    assert outside == []
    page.close()
