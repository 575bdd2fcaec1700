"""widget(loss): the page in a notebook, joined to Python: sliders move the Values, and Values move the sliders.

It needs the extra: ``pip install "glassgrad[widget]"``.  Without it, ``page(loss)`` shows the same page, on
which everything works but the way back to Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from autograd import Value
from autograd.core.numbers import write_number
from autograd.core.operand import is_finite, is_real
from autograd.errors import AutogradError, describe
from nn.data import Dataset
from viz.drawing.style import printable
from viz.frames import HEIGHT
from viz.pages.bundle import asset
from viz.pages.html import Page, page, write_html
from viz.stepping.replay import Wiring

NOT_INSTALLED = (
    'the widget needs the package anywidget: pip install "glassgrad[widget]"\n'
    "  Without it, page(loss) shows the same page, only that its sliders do not change the Values in Python."
)


class WidgetError(AutogradError, ValueError):
    """The widget was asked for something that its graph does not have."""


class Link:
    """The Values behind a page: its free leaves by their ids, and everything that is computed from them.

    >>> w, x = Value(2.0, "w"), Value(3.0, "x")
    >>> L = w * x
    >>> link = Link(L, page(L))
    >>> link.move({"v0": 5.0})
    >>> L.data, w.data, x.grad
    (15.0, 5.0, 5.0)
    """

    def __init__(self, loss: Value, shown: Page) -> None:
        self.wiring = Wiring(loss)
        self.order = self.wiring.order
        self.trace = shown.data.steps
        self.leaves: dict[str, Value] = {id: self.order[int(id[1:])] for id in shown.data.inputs}

    def numbers(self) -> dict[str, float]:
        """The leaves' numbers by their ids."""
        return {id: leaf.data for id, leaf in self.leaves.items()}

    def find(self, what: Value | str) -> str:
        """The id of a leaf that has a slider.

        Raises:
            TraceError: if it is not in the graph.
            WidgetError: if it has no slider.
        """
        id = self.trace.find(what)
        if id not in self.leaves:
            free = ", ".join(printable(self.trace.name(id)) for id in self.leaves) or "none"
            raise WidgetError(f"{printable(self.trace.name(id))} has no slider here; those with one are: {free}")
        return id

    def move(self, numbers: Mapping[str, float]) -> None:
        """Give leaves new numbers and compute both passes again; if that fails, all is as it was.

        Raises:
            AutogradError: if the graph cannot be computed there.
        """
        before = [(node.data, node.grad) for node in self.order]
        try:
            for id, number in numbers.items():
                self.leaves[id].data = float(number)
            self.compute()
        except AutogradError:
            for node, (data, grad) in zip(self.order, before, strict=True):
                node.data, node.grad = data, grad
            raise

    def compute(self) -> None:
        """The forward pass in the same Values, and a backward pass that begins with all gradients 0."""
        leaves = {i: node.data for i, node in enumerate(self.order) if node.op is None}
        for node, number in zip(self.order, self.wiring.replay(leaves), strict=True):
            node.data = number
        self.order[-1].zero_grad()
        self.order[-1].backward()


def checked_numbers(link: Link, numbers: Any) -> dict[str, float]:
    """What a front end sent, if it is a finite number for each of some leaves.

    Raises:
        WidgetError: if it is anything else.
    """
    if not isinstance(numbers, dict) or not set(numbers) <= set(link.leaves):
        raise WidgetError(f"numbers is a dict with the keys {', '.join(link.leaves)}, but got {describe(numbers)}")
    for number in numbers.values():
        if not is_real(number) or isinstance(number, bool) or not is_finite(number):
            raise WidgetError(f"a slider has a finite number, but got {describe(number)}")
    return {id: float(number) for id, number in (link.numbers() | numbers).items()}


def widget(
    loss: Value,
    *,
    free: Iterable[Value | str] | None = None,
    examples: Dataset | Sequence[Mapping[str, Any]] | None = None,
    title: str | None = None,
    lr: float = 0.1,
    note: str = "",
) -> Any:
    """The page of ``viz.page``, joined to the Values in Python.

    Moving a slider (or descending, or choosing an example) gives the leaf its new number, and the data and
    gradients of all Values of this graph follow.  The other way round, ``w["w1"] = 0.5`` moves the slider, and so
    does ``w.refresh()`` after ``w1.data = 0.5``.

    Args:
        loss: the result whose gradients are computed.  Its Values are changed by the sliders.
        free, examples, title, lr, note: see ``viz.page``.

    Returns:
        An anywidget with ``w[leaf]`` (read and write a number), ``w.refresh()``, ``w.gradients``, and a trait
        ``numbers`` that can be observed: ``w.observe(print, "numbers")``.

    Raises:
        ImportError: without the package anywidget; the message says what to install.
        GradientError: if loss is not a Value.
        PageError: if a page cannot be made of this.
    """
    shown = page(loss, free=free, examples=examples, title=title, lr=lr, note=note)
    link = Link(loss, shown)
    link.compute()
    kind = widget_class()
    return kind(
        link,
        html=write_html(shown.data, "notebook/widget_page"),
        numbers=link.numbers(),
        title=printable(shown.data.title),
        height=HEIGHT,
    )


@cache
def widget_class() -> Any:
    """The widget's class: made when the first one is shown, because it needs anywidget.

    Raises:
        ImportError: without that package.
    """
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ImportError(NOT_INSTALLED) from error

    class GraphWidget(anywidget.AnyWidget):
        """A page whose sliders change Values."""

        _esm = asset("scripts/notebook/widget.js")
        html = traitlets.Unicode().tag(sync=True)
        title = traitlets.Unicode().tag(sync=True)
        height = traitlets.Int().tag(sync=True)
        numbers = traitlets.Dict().tag(sync=True)
        problem = traitlets.Unicode().tag(sync=True)

        def __init__(self, link: Link, **state: Any) -> None:
            self.link = link
            super().__init__(**state)

        @traitlets.validate("numbers")
        def _check_numbers(self, proposal: Any) -> dict[str, float]:
            return checked_numbers(self.link, proposal["value"])

        @traitlets.observe("numbers")
        def _follow(self, change: Any) -> None:
            """The sliders were moved: the Values follow, or say why they cannot."""
            try:
                self.link.move(change["new"])
                self.problem = ""
            except AutogradError as error:
                self.problem = f"The Values in Python stay where they were: {str(error).splitlines()[0]}"

        def refresh(self) -> None:
            """Look at the Values again: compute both passes from their data, and move the sliders there.

            Raises:
                AutogradError: if the graph cannot be computed with these numbers.
            """
            self.link.move({})
            self.numbers = self.link.numbers()
            self.problem = ""

        @property
        def gradients(self) -> dict[str, float]:
            """The gradients of the leaves that have a slider, by their names."""
            return {self.link.trace.name(id): leaf.grad for id, leaf in self.link.leaves.items()}

        def __getitem__(self, what: Value | str) -> float:
            return self.link.leaves[self.link.find(what)].data

        def __setitem__(self, what: Value | str, number: float) -> None:
            """Give a leaf a number and move its slider there.

            Raises:
                AutogradError: if the graph cannot be computed there; nothing has changed then.
            """
            new = checked_numbers(self.link, {self.link.find(what): number})
            self.link.move(new)
            self.numbers = new

        def __repr__(self) -> str:
            names = {id: printable(self.link.trace.name(id)) for id in self.link.leaves}
            sliders = [f"{name}={write_number(self.numbers[id], 6)}" for id, name in names.items()]
            return f"<Widget with sliders at {', '.join(sliders)}>"

    return GraphWidget
