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
    assert frame.locator("#counter").inner_text() == "step 0 of 10"
    frame.locator("#forward").click()
    assert frame.locator("#narration").inner_text() == "e = a·b: with a = 2 and b = −3 that is −6."
    frame.locator("#last").click()
    gradients = frame.locator("#graph .grad").all_text_contents()
    assert sorted(gradients) == sorted(["+6.0", "-4.0", "-2.0", "+4.0", "-2.0", "-2.0", "+1.0"])
    frame.get_by_label("a", exact=True).fill("3")
    frame.locator("#alarm").wait_for(state="hidden")
    tab.wait_for_timeout(200)
    assert frame.locator("#graph .grad").all_text_contents().count("-6.0") == 1
    assert "+6.0" in frame.locator("#graph .grad").all_text_contents()
    assert frame.locator("#preview b").first.inner_text() == "-2.0"
    assert [url for url in requests if url.startswith("http") and not url.startswith(address)] == []
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
        r"rgb\(18, 22, 27\)", frame.locator("body").evaluate("(b) => getComputedStyle(b).backgroundColor")
    )
    assert errors == []
    tab.close()
