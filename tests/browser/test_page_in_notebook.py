"""The page in a notebook: in JupyterLab, and in a frame as other notebooks show it."""

from __future__ import annotations

import re

import pytest

from viz.pages.demos import demo

CELL = """
from viz.pages.demos import demo
demo("karpathy")
"""


def test_jupyterlab_shows_the_page(jupyterlab, browser, run_first_cell):
    import nbformat

    folder, address = jupyterlab
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL.strip())])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "page.ipynb")
    tab = browser.new_page(viewport={"width": 1300, "height": 1000})
    # JupyterLab takes its time where others use the machine too.
    tab.set_default_timeout(120_000)
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(f"{address}/lab/tree/page.ipynb?reset")
    tab.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    frame = tab.frame_locator(".jp-OutputArea iframe")
    run_first_cell(tab, frame.locator("#counter"))
    assert frame.locator("#counter").inner_text() == "step 10 of 10"
    frame.locator("#forward").click()
    assert frame.locator("#narration").inner_text() == "e = a·b: with a = 2 and b = −3 that is −6."
    frame.locator("#last").click()
    gradients = frame.locator("#graph .grad").all_text_contents()
    assert sorted(gradients) == sorted(["6", "−4", "−2", "4", "−2", "−2", "1"])
    frame.get_by_role("spinbutton", name="a", exact=True).fill("3")
    frame.locator("#alarm").wait_for(state="hidden")
    tab.wait_for_timeout(200)
    assert frame.locator("#graph .grad").all_text_contents().count("−6") == 1
    assert "6" in frame.locator("#graph .grad").all_text_contents()
    assert frame.locator("#preview b").first.inner_text() == "−2"
    assert [url for url in requests if url.startswith("http") and not url.startswith(address)] == []
    tab.close()


SHOWN = """
from viz import draw, museum, worksheet
from viz.pages.demos import demo
from autograd import Value
from IPython.display import display
L = Value(2.0, "a") * 3 + 1
L.label = "L"
for shown in (draw(L), demo("karpathy"), worksheet(L), museum()["overwriting"]):
    display(shown)
"""


def test_a_notebook_that_is_not_trusted_shows_pictures_and_sentences(jupyterlab, browser):
    """What was stored by somebody else: JupyterLab takes frames, styles and SVG away."""
    import nbclient
    import nbformat

    folder, address = jupyterlab
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SHOWN.strip())])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbclient.NotebookClient(notebook, timeout=120).execute()
    nbformat.write(notebook, folder / "strange.ipynb")
    tab = browser.new_page(viewport={"width": 1300, "height": 1000})
    tab.set_default_timeout(120_000)
    tab.goto(f"{address}/lab/tree/strange.ipynb?reset")
    outputs = tab.locator(".jp-OutputArea-output")
    outputs.nth(3).wait_for()
    assert tab.locator(".jp-OutputArea iframe").count() == 0
    drawn = outputs.nth(0).locator("img")
    assert drawn.get_attribute("src").startswith("data:image/png")
    size = notebook.cells[0].outputs[0].metadata["image/png"]
    assert drawn.evaluate("(x) => [x.clientWidth, x.clientHeight]") == [size["width"], size["height"]]
    for n, word in ((1, "page.html"), (2, "sheet.html"), (3, "✗ wrong")):
        assert word in outputs.nth(n).inner_text()
    for n in (1, 2):
        assert outputs.nth(n).locator("img").evaluate("(x) => x.complete && x.naturalWidth > 100")
    tab.close()


NARROW = '<div style="width:740px;max-height:610px;overflow:auto">'


@pytest.mark.parametrize("name", ["karpathy", "alice"])
def test_a_narrow_and_low_output_shows_the_whole_frame_with_its_step_bar(browser, tmp_path, name):
    (tmp_path / "narrow.html").write_text(
        f"<!doctype html>{NARROW}{demo(name)._repr_html_()}</div>", encoding="utf-8"
    )
    tab = browser.new_page()
    tab.goto((tmp_path / "narrow.html").as_uri())
    [box, around] = [tab.locator(what).first.bounding_box() for what in ("iframe", "div")]
    assert tab.evaluate(
        "(() => { const d = document.querySelector('div'); return d.scrollHeight <= d.clientHeight })()"
    )
    assert (box["width"], box["height"]) == (740, 600)
    bar = tab.frame_locator("iframe").locator("#forward").bounding_box()
    assert around["y"] <= bar["y"]
    assert bar["y"] + bar["height"] <= around["y"] + 600
    inside = tab.frame_locator("iframe").locator("html")
    assert inside.evaluate("(h) => h.scrollWidth <= h.clientWidth")
    tab.close()


def test_where_scripts_may_not_run_the_page_says_so_and_shows_the_gradients_in_colour(browser, tmp_path):
    framed = demo("karpathy")._repr_html_().replace("<iframe", "<iframe sandbox", 1)
    (tmp_path / "still.html").write_text(f"<!doctype html>{framed}", encoding="utf-8")
    tab = browser.new_page()
    tab.goto((tmp_path / "still.html").as_uri())
    frame = tab.frame_locator("iframe")
    assert frame.locator("noscript").first.is_visible()
    assert "JavaScript" in frame.locator("noscript").first.inner_text()
    tints = frame.locator("#graph .tint").all()
    colours = {tint.evaluate("(t) => getComputedStyle(t).fill") for tint in tints if tint.is_visible()}
    assert len(colours) >= 2, colours
    tab.close()


@pytest.mark.parametrize("sandbox", ["", 'sandbox="allow-scripts"'])
def test_a_page_in_a_frame_works_also_where_it_may_remember_nothing(browser, tmp_path, sandbox):
    framed = demo("karpathy")._repr_html_().replace("<iframe", f"<iframe {sandbox}", 1)
    (tmp_path / "notebook.html").write_text(f"<!doctype html><p>before</p>{framed}", encoding="utf-8")
    tab = browser.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto((tmp_path / "notebook.html").as_uri())
    frame = tab.frame_locator("iframe")
    frame.locator("#last").click()
    assert frame.locator("#counter").inner_text() == "step 10 of 10"
    frame.locator("#theme").click()
    assert re.fullmatch(
        r"rgb\(17, 21, 26\)", frame.locator("body").evaluate("(b) => getComputedStyle(b).backgroundColor")
    )
    assert errors == []
    tab.close()
