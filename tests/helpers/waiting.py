"""What tests of a page in the browser need before they may read it."""

from typing import Any


def until(tab: Any, expression: str) -> None:
    """Wait until it is true, and drawn: a page draws what has changed in the next picture of the screen.

    playwright's own way to wait would need eval, which the page's policy forbids.
    """
    for _ in range(200):
        if tab.evaluate(expression):
            tab.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => go())))")
            return
        tab.wait_for_timeout(30)
    raise AssertionError(f"never true: {expression}")
