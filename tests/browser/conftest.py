"""A real browser for the tests of the page: Chromium, one for the whole session, without a network."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright drives the browser: pip install playwright"
    )
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("there is no Chromium on this machine; on Debian: apt install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open a Page from a file, with no network.  Any request or error that it makes fails the test."""
    contexts, requests, errors = [], [], []

    def open_page(made: Any, width: int = 1280, height: int = 900, **options: Any) -> Any:
        path = made.save(tmp_path / f"page{len(contexts)}.html")
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True, **options)
        context.set_default_timeout(5000)
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        tab.on("dialog", lambda dialog: (errors.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
        tab.goto(path.as_uri())
        tab.errors = errors
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
    assert [url for url in requests if not url.startswith("file:")] == []
    assert len(requests) == len(contexts), f"a page asked for more than itself: {requests}"


ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A JupyterLab of our own: the folder of its notebooks, and its address."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed: pip install jupyterlab")
    pytest.importorskip("nbformat", reason="nbformat is not installed: pip install nbformat")
    folder = tmp_path_factory.mktemp("lab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    names = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    homes = {name: str(folder / name.lower()) for name in names}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--allow-root",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with open(folder / "log.txt", "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            command, stdout=log, stderr=log, env=os.environ | homes | {"PYTHONPATH": str(ROOT)}, cwd=folder
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                with urllib.request.urlopen(f"{address}/api", timeout=2):
                    break
            except OSError:
                time.sleep(0.25)
        else:
            pytest.fail((folder / "log.txt").read_text(encoding="utf-8"))
        yield folder, address
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def run_first_cell() -> Callable[[Any, Any], None]:
    """Run the first cell of a notebook in JupyterLab, and wait for something that its output shows."""
    from playwright.sync_api import TimeoutError

    def run(tab: Any, shown: Any) -> None:
        # On a slow machine JupyterLab may ask which kernel to take: the one that it offers.
        tab.add_locator_handler(
            tab.locator(".jp-Dialog").first, lambda: tab.locator(".jp-Dialog button").last.click()
        )
        for _ in range(6):
            # A key that is pressed before JupyterLab listens is lost.
            tab.locator(".jp-CodeCell .cm-content").first.click()
            tab.keyboard.press("Shift+Enter")
            try:
                shown.wait_for(timeout=10_000)
            except TimeoutError:
                continue
            return
        pytest.fail("the cell did not run")

    return run
