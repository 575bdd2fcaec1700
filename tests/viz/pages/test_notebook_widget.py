"""The widget without a browser: its traits, the Values behind them, and the page that it sends."""

from __future__ import annotations

import base64
import builtins
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd import DomainError, GradientError, Value, log, topological_order
from autograd.steps import TraceError
from viz.formulas.worked_examples import EXAMPLES
from viz.pages.bundle import script
from viz.pages.html import PageError
from viz.pages.notebook_widget import WidgetError, widget, widget_class


def neuron() -> tuple[Value, Value, Value, Value]:
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(0.25, "b")
    o = (w * x + b).tanh()
    o.label = "o"
    return w, x, b, o


def test_a_moved_slider_changes_the_values() -> None:
    w, x, b, o = neuron()
    shown = widget(o)
    assert shown.numbers == {"v0": 0.5, "v1": 2.0, "v3": 0.25}
    # What the front end does: one trait gets a new dict.
    shown.set_trait("numbers", {"v0": -1.0, "v1": 2.0, "v3": 0.25})
    z = -1.0 * 2.0 + 0.25
    assert (w.data, o.data) == (-1.0, pytest.approx(np.tanh(z), rel=1e-15))
    slope = 1 - np.tanh(z) ** 2
    assert (w.grad, x.grad, b.grad) == pytest.approx((2.0 * slope, -1.0 * slope, slope), rel=1e-12)
    assert shown.gradients == {"w": w.grad, "x": x.grad, "b": b.grad}


def test_values_move_the_sliders() -> None:
    w, x, _, o = neuron()
    shown = widget(o)
    heard: list[dict[str, float]] = []
    shown.observe(lambda change: heard.append(change["new"]), "numbers")
    shown["w"] = 0.75
    assert (w.data, shown["w"], shown[w]) == (0.75, 0.75, 0.75)
    assert o.data == pytest.approx(np.tanh(0.75 * 2.0 + 0.25))
    x.data = 3.0
    shown.refresh()
    assert heard == [{"v0": 0.75, "v1": 2.0, "v3": 0.25}, {"v0": 0.75, "v1": 3.0, "v3": 0.25}]
    assert o.data == pytest.approx(np.tanh(0.75 * 3.0 + 0.25))
    assert repr(shown) == "<Widget with sliders at w=0.75, x=3, b=0.25>"


def test_the_numbers_are_those_of_a_fresh_graph() -> None:
    loss = EXAMPLES["alice"].build()
    shown = widget(loss)
    for name, number in (("w1", 0.3), ("b3", -0.7), ("w6", 2.0)):
        shown[name] = number
    fresh = EXAMPLES["alice"].build()
    leaves = {node.label: node for node in topological_order(fresh) if node.label}
    leaves["w1"].data, leaves["b3"].data, leaves["w6"].data = 0.3, -0.7, 2.0
    again = widget(fresh)
    assert [(n.data, n.grad) for n in topological_order(loss)] == [
        (n.data, n.grad) for n in topological_order(fresh)
    ]
    assert again.gradients == shown.gradients


def test_where_the_graph_cannot_be_computed_the_values_stay() -> None:
    x = Value(2.0, "x")
    loss = log(x)
    shown = widget(loss)
    shown.set_trait("numbers", {"v0": -1.0})
    assert (x.data, loss.data, x.grad) == (2.0, pytest.approx(np.log(2.0)), 0.5)
    assert shown.problem.startswith("The Values in Python stay where they were: log(x) is not defined at x = -1.0")
    with pytest.raises(DomainError):
        shown["x"] = -3.0
    assert x.data == 2.0
    shown.set_trait("numbers", {"v0": 4.0})
    assert (x.data, shown.problem) == (4.0, "")


@pytest.mark.parametrize(
    "numbers",
    [{"v9": 1.0}, {"v0": "1"}, {"v0": None}, {"v0": float("nan")}, {"v0": float("inf")}, {"v0": True}, {"v2": 1.0}],
)
def test_nonsense_from_a_front_end_is_refused(numbers: dict[str, Any]) -> None:
    w, _, _, o = neuron()
    shown = widget(o)
    with pytest.raises(WidgetError):
        shown.set_trait("numbers", numbers)
    assert w.data == 0.5


def test_only_leaves_with_a_slider_can_be_set() -> None:
    _, _, _, o = neuron()
    shown = widget(o, free=["w"])
    with pytest.raises(WidgetError, match="x has no slider here; those with one are: w"):
        shown["x"] = 1.0
    with pytest.raises(TraceError, match="there is no node 'q'"):
        shown["q"] = 1.0
    with pytest.raises(WidgetError, match="finite"):
        shown["w"] = float("nan")
    with pytest.raises(GradientError):
        widget(3.0)  # type: ignore[arg-type]
    with pytest.raises(PageError):
        widget(o, lr=-1.0)


def test_the_page_allows_the_script_that_joins_it() -> None:
    _, _, _, o = neuron()
    html = widget(o).html
    policy = re.search(r'content="([^"]*default-src[^"]*)"', html)
    assert policy is not None
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert "parent.postMessage" in scripts[-1]
    for text in scripts:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]


def test_the_front_end_asks_nothing_of_anybody() -> None:
    front_end = widget_class()._esm
    for text in (str(front_end), script("notebook/widget_page")):
        assert "http" not in text
        assert "import" not in text.replace("important", "")
    assert 'setAttribute("sandbox", "allow-scripts")' in str(front_end)


def test_hostile_labels_are_inert() -> None:
    a = Value(2.0, "</script><script>alert(1)</script>")
    shown = widget(a * a)
    assert "<script>alert" not in shown.html
    assert "</script>" not in shown.title or "<" in shown.title


@pytest.fixture
def without_anywidget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name == "anywidget":
            raise ImportError("No module named 'anywidget'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    widget_class.cache_clear()
    yield
    widget_class.cache_clear()


@pytest.mark.usefixtures("without_anywidget")
def test_without_anywidget_it_says_what_to_install() -> None:
    _, _, _, o = neuron()
    with pytest.raises(ImportError, match=r"glassgrad\[widget\]") as caught:
        widget(o)
    assert "page(loss)" in str(caught.value)
