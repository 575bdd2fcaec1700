"""The page about Alice in Chromium, for those who take pictures of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from viz.pages.demos import demo


@contextmanager
def alice_in_chromium(**options: Any) -> Iterator[tuple[Any, str]]:
    """An empty tab of Chromium (its name may stand in the variable CHROMIUM), and the address of the page."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = demo("alice").save(Path(folder) / "alice.html")
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser.new_page(**options), page.as_uri()
        browser.close()
