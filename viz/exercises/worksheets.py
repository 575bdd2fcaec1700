"""worksheet(loss): a page to be printed and filled in with a pencil, and its answer key.

>>> w, x, b = Value(1.0, "w"), Value(1.0, "x"), Value(1.0, "b")
>>> z = w * x + b
>>> z.label = "z"
>>> L = z.relu()
>>> L.label = "L"
>>> sheet = worksheet(L, seed=2)
>>> sheet
<Worksheet 2 about L: 3 gradients of inputs to find; sheet.save("sheet.html") saves it>
>>> sheet.save("sheet.docx")
Traceback (most recent call last):
...
viz.exercises.worksheets.WorksheetError: a worksheet is saved as .html or .md, but got 'sheet.docx'
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from html import escape
from typing import Literal

from autograd import Trace, Value, topological_order, trace
from autograd.core.numbers import in_parentheses, write_number
from autograd.errors import AutogradError, describe
from autograd.steps import BackwardStep, id_at
from autograd.symbols import formulas
from autograd.symbols.formulas import Formula
from autograd.value import require_value
from viz import frames
from viz.drawing.boxes import make_traced_scene
from viz.drawing.placement import lay_out
from viz.drawing.style import printable, shorten
from viz.drawing.svg import write_svg
from viz.exercises.easy_numbers import choose_numbers, digits_of
from viz.exercises.handout import Handout, handout
from viz.explaining.tables import in_markdown, table_in_html, table_in_markdown
from viz.limits import require_size
from viz.stepping.replay import Wiring

__all__ = ["Worksheet", "WorksheetError", "worksheet"]

ROOM = (675.0, 560.0)
"""Room for the graph, in points of the screen, on a standing page of A4 or Letter."""

LEGIBLE = 0.66
"""A graph that would be shrunk to less than this gets a lying page."""


class WorksheetError(AutogradError, ValueError):
    """A worksheet was asked for that cannot be made."""


def worksheet(
    loss: Value | Callable[[], Value],
    seed: int = 1,
    *,
    keep: Iterable[Value | str] | Literal["all"] = (),
    digits: int = 3,
    title: str = "",
) -> Worksheet:
    """A sheet of paper about a graph: the numbers of the forward pass are given, the gradients are to be found.

    The leaves that have a label get new numbers, which make the arithmetic bearable by hand.  The same
    seed always gives the same sheet.  The graph itself is not changed.

    Args:
        loss: the result, or a function without arguments that computes it.
        seed: a number for the sheet; each one has other numbers.
        keep: leaves that keep their own numbers (Values, labels or ids), or "all".
        digits: how many significant digits numbers should have, where that can be.
        title: a heading.

    Raises:
        GradientError: if loss is not a Value, or does not compute one.
        WorksheetError: if there is nothing to fill in, the graph is too large, or an argument has no meaning.
        TraceError: if ``keep`` names something that is not in the graph.

    >>> a, b = Value(0.123, "a"), Value(0.456, "b")
    >>> sheet = worksheet(a * b + a, seed=7)
    >>> sheet.leaves
    {'a': 3.0, 'b': -0.5}
    >>> sheet.key
    {'a': 0.5, 'b': 3.0}
    >>> a.data
    0.123
    """
    if not isinstance(loss, Value) and callable(loss):
        loss = loss()
    require_value(loss, "worksheet")
    check_arguments(seed, digits, title)
    order = topological_order(loss)
    if len(order) == 1:
        raise WorksheetError("this Value was not computed from anything, so there is no gradient to find")
    require_size(loss, "worksheet", WorksheetError)
    free = places_to_change(loss, order, keep)
    numbers = choose_numbers(Wiring(loss), free, seed, digits) if free else [node.data for node in order]
    return Worksheet(loss, rebuilt(order, numbers), seed, digits, title)


def check_arguments(seed: object, digits: object, title: object) -> None:
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise WorksheetError(f"seed is a whole number from 0, but got {describe(seed)}")
    if not isinstance(digits, int) or isinstance(digits, bool) or not 1 <= digits <= 6:
        raise WorksheetError(f"digits is a whole number from 1 to 6, but got {describe(digits)}")
    if not isinstance(title, str):
        raise WorksheetError(f"title is a string, but got {describe(title)}")


def places_to_change(loss: Value, order: list[Value], keep: Iterable[Value | str] | str) -> set[int]:
    """The leaves that get new numbers: those with a label, unless they are kept."""
    if keep == "all":
        return set()
    kept = trace(loss).find_all(keep)
    leaves = {i for i, node in enumerate(order) if node.op is None}
    labelled = {i for i in leaves if order[i].label}
    return {i for i in labelled or leaves if id_at(i) not in kept}


def rebuilt(order: list[Value], numbers: list[float]) -> Value:
    """The same graph once more, with other numbers in its leaves.

    >>> a = Value(2.0, "a")
    >>> rebuilt(topological_order(a * a), [5.0, 25.0])
    Value(data=25.0, grad=?, op='*')
    """
    copies: dict[Value, Value] = {}
    for node, number in zip(order, numbers, strict=True):
        copies[node] = node.op(*[copies[x] for x in node.inputs]) if node.op else type(node)(number)
        copies[node].label = node.label
    return copies[order[-1]]


class Worksheet(Handout):
    """A page to fill in, and its answer key.  Made by ``worksheet(loss)``.

    Attributes:
        seed: the number of the sheet.
        loss: the graph with the sheet's numbers.
        trace: its backward pass.
    """

    what, error = "a worksheet", WorksheetError

    def __init__(self, original: Value, loss: Value, seed: int, digits: int, title: str) -> None:
        self.loss = loss
        self.seed = seed
        self.trace: Trace = trace(loss)
        self.title = title or f"Backpropagation by hand: {shorten(printable(self.trace.name(self.trace.root)))}"
        self._original = original
        self._digits = digits

    @property
    def leaves(self) -> dict[str, float]:
        """The numbers of the labelled inputs."""
        return {node.name: node.data for node in self.trace.nodes if node.label and not node.inputs}

    @property
    def key(self) -> dict[str, float]:
        """The gradients of the labelled inputs: what backward() gives."""
        leaves = [node for node in self.trace.nodes if not node.inputs and (node.label or not self.leaves)]
        # Without labels, two leaves may be called by the same number.
        times = Counter(node.name for node in leaves)
        names = {node.id: node.name if times[node.name] == 1 else f"{node.name} ({node.id})" for node in leaves}
        return {names[node.id]: self.trace.gradients[node.id] for node in leaves}

    @property
    def is_exact(self) -> bool:
        """True if every number is short, so that nothing needs to be rounded."""
        steps = self.trace.backward
        numbers = [x for step in steps for x in (step.upstream, step.local, step.product, step.after)]
        return all(digits_of(x) <= self._digits + 1 for x in numbers)

    @cached_property
    def steps(self) -> tuple[BackwardStep, ...]:
        """The contributions that are asked for: all but those to plain numbers."""
        asked = {node.id for node in self.trace.nodes if node.inputs or node.label or not self.leaves}
        return tuple(step for step in self.trace.backward if step.input in asked)

    @cached_property
    def values_needed(self) -> dict[str, float]:
        """What nobody computes by hand: the values of functions that the local derivatives need."""
        symbols = {node.id: self.trace.formula_of(node.id).name for node in self.trace.nodes}
        data = {symbols[node.id]: node.data for node in self.trace.nodes if symbols[node.id]}
        found: dict[str, float] = {}
        for step in self.trace.backward:
            for formula in functions_in(self.trace.formula(step)):
                try:
                    value = formula.evaluate(data)
                except (AutogradError, KeyError):
                    continue
                if digits_of(value) > self._digits:
                    found[formula.text] = value
        return found

    def picture(self, solved: bool = False) -> str:
        """The graph with its numbers as SVG, and blanks for the gradients unless it is solved."""
        # The frames of neurons are known of the learner's graph, and not of the one that was rebuilt from it.
        scene = make_traced_scene(self._original, self.trace, solved)
        return write_svg(scene, lay_out(scene))

    # the texts

    @property
    def task(self) -> str:
        """What to do."""
        root = shorten(printable(self.trace.name(self.trace.root)))
        text = (
            f"The forward pass is done: each box shows its number. Go back from {root}, whose gradient is 1. "
            "At every operation, multiply the gradient that arrives (upstream) by the local derivative of each "
            "input. A value that is used more than once gets several contributions: add them up."
        )
        return text if self.is_exact else text + " Three significant digits are enough."

    def rows(self, solved: bool) -> list[tuple[str, ...]]:
        """The table of contributions, in the order of the backward pass."""
        found: list[tuple[str, ...]] = []
        for i, step in enumerate(self.steps, 1):
            numbers = (
                write_number(step.upstream),
                step.formula,
                write_number(step.local),
                write_number(step.product),
            )
            found.append((str(i), step.node_name, step.input_name, *(numbers if solved else [""] * 4)))
        return found

    def totals(self, solved: bool) -> list[tuple[str, str, str]]:
        """The table of gradients: a name, how it comes about, and the number."""
        found = []
        for node in reversed(self.trace.nodes):
            shares = [step.product for step in self.steps if step.input == node.id]
            if not node.label and node.id != self.trace.root and len(shares) < 2:
                # It has one contribution at most, which stands in the other table.
                continue
            first, *others = map(write_number, shares) if shares else [""]
            sum_of = " + ".join([first, *map(in_parentheses, others)]) if solved and others else ""
            is_known = solved or node.id == self.trace.root
            found.append((node.name, sum_of, write_number(self.trace.gradients[node.id]) if is_known else ""))
        return found

    def markdown(self) -> str:
        """The sheet in Markdown; the answer key comes at the end."""
        parts = [f"# {in_markdown(self.title)}", f"Sheet {self.seed}. Name: ______________________", self.task]
        parts.append(picture_in_markdown(self.picture()))
        if self.values_needed:
            needed = ", ".join(f"{in_markdown(name)} = {write_number(x)}" for name, x in self.values_needed.items())
            parts.append(f"You may need: {needed}.")
        parts += self._tables_in_markdown(False)
        parts += ["---", f"# Answers to sheet {self.seed}", picture_in_markdown(self.picture(solved=True))]
        parts += self._tables_in_markdown(True)
        return "\n\n".join(parts) + "\n"

    def _tables_in_markdown(self, solved: bool) -> list[str]:
        return [
            "## Contributions",
            table_in_markdown(shortened([CONTRIBUTIONS, *self.rows(solved)])),
            "## Gradients",
            table_in_markdown(shortened([self._gradient_heads(), *self.totals(solved)])),
        ]

    def _gradient_heads(self) -> tuple[str, str, str]:
        return ("value", "sum of its contributions", f"d{shorten(self.trace.name(self.trace.root))}/d(value)")

    def html(self) -> str:
        """The sheet as a page for the printer; the answer key is on a page of its own."""
        title, task = escape(printable(self.title)), escape(self.task)
        who = f'<p class="who">Name <span></span> Date <span></span> <b>Sheet {self.seed}</b></p>'
        items = [
            f"<li>{escape(printable(name))} = {write_number(x)}</li>" for name, x in self.values_needed.items()
        ]
        needed = f"<aside><b>You may need</b><ul>{''.join(items)}</ul></aside>" if items else ""
        head = f"<header><h1>{title}</h1>{who}</header><p>{task}</p>"
        key = f"<header><h1>Answers to sheet {self.seed}</h1><b>{title}</b></header>"
        body = (
            f'<main class="sheet">{self._begin(head, needed, False)}{self._tables(False)}</main>'
            f'<section class="sheet key">{self._begin(key, "", True)}{self._tables(True)}</section>'
        )
        return handout(f"{self.title}, sheet {self.seed}", body, STYLE)

    def _begin(self, head: str, needed: str, solved: bool) -> str:
        """What stands above the tables; with a wide graph it is a page of its own, which lies."""
        svg = self.picture(solved)
        kind = "begin lying" if scale_of(svg, ROOM) < LEGIBLE else "begin"
        return f'<div class="{kind}">{head}<figure class="graph">{svg}</figure>{needed}</div>'

    def _tables(self, solved: bool) -> str:
        rows = []
        for step, cells in zip(self.steps, self.rows(solved), strict=True):
            written = [escape(printable(shorten(cell))) for cell in cells]
            if solved:
                written[4] = f"<math>{printable(self.trace.formula(step).mathml)}</math>"
            rows.append(written)
        totals = [[escape(printable(shorten(name))), *numbers] for name, *numbers in self.totals(solved)]
        heads = [escape(printable(head)) for head in self._gradient_heads()]
        return (
            "<h2>Contributions, in the order of the backward pass</h2>"
            + table_in_html([CONTRIBUTIONS, *rows], "contributions")
            + "<h2>Gradients</h2>"
            + table_in_html([heads, *totals], "gradients")
        )

    def _repr_html_(self) -> str:
        """What a notebook shows: the page in a frame of its own, and its drawing where there are no frames."""
        instead = frames.sentence(f"{self.title}, a worksheet", "sheet", "sheet.html")
        return frames.frame(self.html(), self.title, instead + frames.picture(self.picture(), self.title))

    def __repr__(self) -> str:
        about = shorten(printable(self.trace.name(self.trace.root)))
        what = f"{len(self.key)} gradient" + (" of an input" if len(self.key) == 1 else "s of inputs")
        return f'<Worksheet {self.seed} about {about}: {what} to find; sheet.save("sheet.html") saves it>'


CONTRIBUTIONS = ("#", "from", "to", "upstream", "local derivative", "its value", "contribution")


def functions_in(formula: Formula) -> list[Formula]:
    """The parts of a formula that are no plain arithmetic: σ(z) in σ(z)(1 - σ(z)).

    >>> from autograd import ops
    >>> from autograd.symbols.local_derivatives import local_formulas
    >>> [slope] = local_formulas(ops.sin, [formulas.symbol("x")])
    >>> [f.text for f in functions_in(slope * 2 + 1)]
    ['cos(x)']
    """
    if formula.op is None:
        return []
    is_plain = formula.op in formulas.SUMS or formula.op in formulas.PRODUCTS or formulas.is_power(formula.op)
    return [f for x in formula.inputs for f in functions_in(x)] if is_plain else [formula]


def scale_of(svg: str, room: tuple[float, float]) -> float:
    """By how much a picture must be shrunk to fit into a room; 1 if it fits."""
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    assert found is not None
    return min(1.0, room[0] / float(found[1]), room[1] / float(found[2]))


def shortened(rows: Iterable[Iterable[str]]) -> list[list[str]]:
    return [[shorten(cell) for cell in row] for row in rows]


def picture_in_markdown(svg: str) -> str:
    encoded = base64.b64encode(svg.encode()).decode()
    return f"![the graph](data:image/svg+xml;base64,{encoded})"


STYLE = """
.sheet { --line: #8c959f; --pale: #f2f4f7; --quiet: #57606a;
  font: 15px/1.45 Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif; }
.sheet header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 2rem;
  border-bottom: 2px solid #1f2328; margin-bottom: .8rem; }
.sheet h1 { font-size: 1.45rem; margin: 0 0 .3rem; }
.sheet math { font-size: 1.1em; }
.sheet h2 { font-size: 1.05rem; margin: 1.2rem 0 .4rem; break-after: avoid; }
.sheet .who { margin: 0 0 .3rem; white-space: nowrap; }
.sheet .who span { display: inline-block; width: 8rem; border-bottom: 1px solid var(--line); margin-right: .8rem; }
.sheet .who span + span { width: 5rem; }
.sheet .graph { margin: .8rem 0; text-align: center; break-inside: avoid; }
.sheet .graph svg { max-width: 100%; height: auto; }
.sheet aside { border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem; background: var(--pale);
  break-inside: avoid; }
.sheet aside ul { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1.6rem; padding: 0;
  margin: .2rem 0 0; font-variant-numeric: tabular-nums; }
.sheet table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.sheet th, .sheet td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; }
.sheet th { background: var(--pale); font-size: .82rem; }
.sheet tr { break-inside: avoid; }
.sheet thead { display: table-header-group; }
.sheet td { height: 1.5rem; overflow-wrap: anywhere; }
.sheet .contributions td:first-child { color: var(--quiet); width: 1.6rem; text-align: right; }
.sheet .contributions th:nth-child(n+4) { width: 14%; }
.sheet .contributions th:nth-child(5) { width: 20%; }
.sheet .gradients th:nth-child(2) { width: 50%; }
.sheet .gradients th:nth-child(3) { width: 20%; }
.key { margin-top: 4rem; border-top: 2px dashed var(--line); padding-top: 1.5rem; }
.key td:nth-child(n+4), .key .gradients td:nth-child(n+2) { text-align: right; }
.key td { height: auto; padding-top: .15rem; padding-bottom: .15rem; }
@media print {
  .sheet { font-size: 12px; }
  .key { break-before: page; margin-top: 0; border-top: none; padding-top: 0; }
  .lying { page: lying; break-after: page; }
  .lying svg { max-height: 145mm; }
}
@page lying { size: landscape; }
"""
