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
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from html import escape
from typing import Literal

from autograd import Trace, Value, ops, topological_order, trace
from autograd.core.numbers import in_parentheses, write_number
from autograd.errors import AutogradError, describe
from autograd.steps import BackwardStep, id_at
from autograd.symbols import formulas, snapshot
from autograd.symbols.formulas import Formula
from autograd.symbols.local_derivatives import local_formulas, written
from autograd.value import require_value
from viz import frames
from viz.drawing.boxes import LONGEST_NAME, Box, make_traced_scene, sums_of_neurons
from viz.drawing.placement import lay_out
from viz.drawing.style import printable, shorten
from viz.drawing.svg import write_svg
from viz.exercises.easy_numbers import choose_numbers, digits_of
from viz.exercises.handout import SHEET, Handout, handout, height_of, room_of, with_subscripts
from viz.exercises.paper import SHOWN, Calculation, Line, read
from viz.explaining.meanings import meanings
from viz.explaining.path_formulas import everything_in
from viz.explaining.tables import in_markdown, table_in_html, table_in_markdown
from viz.limits import require_size
from viz.stepping.replay import Wiring

__all__ = ["Worksheet", "WorksheetError", "worksheet"]

PAPER, PHONE = 668.0, 322.0
"""How wide a drawing may be, in pixels: on standing paper (A4 or Letter), and on a telephone."""

PAGE_HEIGHT, HEAD, ROW_HEIGHT = 925.0, 160.0, 31.0
"""In pixels, 96 to an inch: a page of Letter, its heading and its task, a row of the table."""

BLANK = (80.0, 27.0)
"""Room for a gradient that is written with a pencil: 21 by 7 mm."""


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
        self._paper = Calculation(self.trace, digits)

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
        return tuple(line.step for line in self._lines)

    @cached_property
    def _lines(self) -> list[Line]:
        asked = {node.id for node in self.trace.nodes if node.inputs or node.label or not self.leaves}
        return [line for line in self._paper.lines if line.step.input in asked]

    @cached_property
    def names(self) -> dict[str, str]:
        """For each node what the tables call it: a label, a short formula, or Σ and the neuron whose sum it is."""
        picture = make_traced_scene(self._original, self.trace).picture
        sums = sums_of_neurons(picture, self.trace)
        return {
            node.id: node.name if len(node.name) <= LONGEST_NAME or node.label else sums.get(node.id, node.id)
            for node in self.trace.nodes
        }

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """How the operations of the graph are differentiated, sums aside: d(u²)/du = 2·u."""
        return tuple(self._slopes)

    @cached_property
    def _slopes(self) -> dict[str, Formula]:
        """The rules, each with its right side."""
        taken = {node.name for node in self.trace.nodes}
        free = [formulas.symbol(name) for name in ("u", "v", "s", "t", "p", "q", "r") if name not in taken]
        found: dict[str, Formula] = {}
        for node in topological_order(self.loss):
            if node.op is None or node.op.variadic or node.op in formulas.SUMS or node.op.arity > 3:
                continue
            inputs = free[: node.op.arity]
            whole = written(node.op, inputs)
            d = "d" if len(inputs) == 1 else "∂"
            slopes = zip(inputs, local_formulas(node.op, inputs), strict=True)
            rules = {f"{d}({whole.text})/{d}{x.text} = {y.text}": y for x, y in slopes if y.value is None}
            # The three slopes of clip would fill the sheet.
            if len(inputs) < 3 or sum(map(len, rules)) <= LONGEST_RULES:
                found |= rules
        return found

    @cached_property
    def values_needed(self) -> dict[str, float]:
        """What nobody computes by hand: the values of functions that the local derivatives need."""
        symbols = {node.id: self.trace.formula_of(node.id).name for node in self.trace.nodes}
        data = {symbols[node.id]: node.data for node in self.trace.nodes if symbols[node.id]}
        drawn = {node.data for node in self.trace.nodes}
        found: dict[str, float] = {}
        for step in self.trace.backward:
            for formula in functions_in(self.trace.formula(step)):
                try:
                    value = formula.evaluate(data)
                except (AutogradError, KeyError):
                    continue
                if digits_of(value) > self._digits and value not in drawn:
                    found[formula.text] = value
        return found

    def picture(self, solved: bool = False, width: float = PAPER) -> str:
        """The graph with its numbers as SVG, and blanks for the gradients unless it is solved."""
        # The frames of neurons are known of the learner's graph, and not of the one that was rebuilt from it.
        scene = make_traced_scene(self._original, self.trace, solved, constants_in_discs=bool(self.leaves))
        scene = replace(scene, boxes=tuple(self._with_blank(box, solved) for box in scene.boxes))
        return write_svg(scene, lay_out(scene, width))

    def _with_blank(self, box: Box, solved: bool) -> Box:
        known = self._paper.gradients[box.id] if solved or box.id == self.trace.root else ""
        name = box.name or (box.id if self.names[box.id] == box.id else "")
        return replace(box, name=name, grad=known, blank=BLANK)

    # the texts

    @property
    def task(self) -> str:
        """What to do."""
        root = shorten(printable(self.trace.name(self.trace.root)))
        text = (
            f"The forward pass is done: each box shows its value. Write its gradient into the blank below that. "
            f"Begin at {root}, whose gradient is 1, and go back: the gradient that arrives (upstream) × the local "
            "derivative of the operation = a contribution. A box from which several lines lead gets several "
            "contributions: add them up."
        )
        return text if self.is_exact else f"{text} {NUMBERS[self._digits]} are enough."

    def rows(self, solved: bool) -> list[tuple[str, ...]]:
        """The table of contributions, in the order of the backward pass."""
        found = []
        for i, line in enumerate(self._lines, 1):
            names = str(i), self.names[line.step.node], self.names[line.step.input]
            found.append((*names, *(self._calculated(line) if solved else ("", "×", "", "=", ""))))
        return found

    def _calculated(self, line: Line) -> tuple[str, ...]:
        rule = line.step.formula
        is_number = self.trace.formula(line.step).value is not None
        local = line.local if is_number else f"{rule} = {line.local}"
        return line.upstream, "×", in_parentheses(line.local) if is_number else local, line.sign, line.product

    def totals(self, solved: bool) -> list[tuple[str, str, str]]:
        """The table of gradients: a name, how it comes about, and the number."""
        found = []
        for node in reversed(self.trace.nodes):
            sum_of = self._paper.sum_of(node.id) if node.id in self._paper.gradients else ""
            if not (node.label or node.id == self.trace.root or (sum_of and self.names[node.id] in self._asked)):
                # It has one contribution at most, which stands in the other table.
                continue
            is_known = solved or node.id == self.trace.root
            gradient = self._paper.gradients[node.id] if is_known else ""
            found.append((self.names[node.id], sum_of if solved else "", gradient))
        return found

    @property
    def _asked(self) -> set[str]:
        return {self.names[step.input] for step in self.steps}

    def _exactly(self, solved: bool) -> str:
        """How the numbers of the key differ from those that are not rounded on the way."""
        if self.is_exact or not solved:
            return ""
        gap = max(abs(read(self._paper.gradients[id]) - x) for id, x in self._exact.items())
        return (
            f"Calculated as on paper: every number is rounded to {self._digits} significant digits before it is "
            f"used again. backward(), which rounds nothing, differs by {write_number(gap, 2)} at most."
        )

    @property
    def _exact(self) -> dict[str, float]:
        return {id: self.trace.gradients[id] for id in self._paper.gradients}

    def markdown(self) -> str:
        """The sheet in Markdown; the answer key comes at the end."""
        parts = [f"# {in_markdown(self.title)}", f"Sheet {self.seed}. Name: ______________________", self.task]
        parts.append(picture_in_markdown(self.picture()))
        if self._needed:
            parts.append(f"You may need: {', '.join(map(in_markdown, self._needed))}.")
        parts += self._tables_in_markdown(False)
        parts += ["---", f"# Answers to sheet {self.seed}", picture_in_markdown(self.picture(solved=True))]
        parts += self._tables_in_markdown(True)
        parts += filter(None, [self._exactly(True)])
        return "\n\n".join(parts) + "\n"

    @property
    def _needed(self) -> list[str]:
        """What is given besides the numbers in the boxes: rules, and the values of functions."""
        values = [f"{name} ≈ {write_number(x, SHOWN)}" for name, x in self.values_needed.items()]
        parts = {part.op for slope in self._slopes.values() for part in everything_in(slope)}
        step = [STEP] if ops.step in parts else []
        return [*self.rules, *values, *step, *(text.removesuffix(".") for text in meanings(parts - {ops.step}))]

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
        title = escape(printable(self.title))
        who = f'<p class="who">Name <span></span> <b>Sheet {self.seed}</b></p>'
        items = "".join(f"<li>{with_subscripts(text)}</li>" for text in self._needed)
        needed = f"<aside><b>You may need</b><ul>{items}</ul></aside>" if items else ""
        # As much as is left of a page is for the pencil.
        used = HEAD + height_of(self.picture()) + (60 + 11 * len(self._needed) if items else 0.0)
        table = 60 + ROW_HEIGHT * len(self.steps)
        together = used + table + 70 < PAGE_HEIGHT
        room = room_of(PAGE_HEIGHT - used - (table if together else 0.0))
        contributions = self._contributions(False)
        first = f"<header><h1>{title}</h1>{who}</header><p>{escape(self.task)}</p>{self._drawings(False)}{needed}"
        if together:
            sheet = f'<main class="sheet">{first}{contributions}{room}</main>'
        else:
            sheet = f'<main class="sheet">{first}{room}</main><section class="sheet">{contributions}</section>'
        key = (
            f'<section class="sheet key"><header><h1>Answers to sheet {self.seed}</h1><b>{title}</b></header>'
            f"{self._drawings(True)}{self._contributions(True)}{self._gradients()}</section>"
        )
        return handout(f"{self.title}, sheet {self.seed}", sheet + key, SHEET)

    def _drawings(self, solved: bool) -> str:
        """The drawing for paper and wide screens, and the same for narrow ones."""
        return (
            f'<figure class="wide">{self.picture(solved)}</figure>'
            f'<figure class="narrow">{self.picture(solved, PHONE)}</figure>'
        )

    def _contributions(self, solved: bool) -> str:
        rows = [[with_subscripts(shorten(cell)) for cell in cells] for cells in self.rows(solved)]
        table = table_in_html([CONTRIBUTIONS, *rows], "contributions")
        return f"<h2>Contributions, in the order of the backward pass</h2>{table}"

    def _gradients(self) -> str:
        """The key's list of gradients; those with several contributions as their sum."""
        root = with_subscripts(shorten(self.names[self.trace.root]))
        items = "".join(
            f"<li>d{root}/d{with_subscripts(shorten(snapshot.in_parentheses(name)))} = {sum_of} {gradient}</li>"
            for name, sum_of, gradient in self.totals(True)
        )
        note = f"<p>{self._exactly(True)}</p>" if self._exactly(True) else ""
        return f'<h2>Gradients</h2><ul class="gradients">{items}</ul>{note}'

    def _repr_html_(self) -> str:
        """What a notebook shows: the page in a frame of its own, and its drawing where there are no frames."""
        instead = frames.sentence(f"{self.title}, a worksheet", "sheet", "sheet.html")
        return frames.frame(self.html(), self.title, instead + frames.picture(self.picture(), self.title))

    def __repr__(self) -> str:
        about = shorten(printable(self.trace.name(self.trace.root)))
        what = f"{len(self.key)} gradient" + (" of an input" if len(self.key) == 1 else "s of inputs")
        return f'<Worksheet {self.seed} about {about}: {what} to find; sheet.save("sheet.html") saves it>'


LONGEST_RULES = 120
"""With more characters the rules of an operation of three inputs are not printed."""

CONTRIBUTIONS = ("", "from", "into", "upstream", "", "local derivative", "", "contribution")
NUMBERS = (
    "",
    "One significant digit",
    *(f"{n} significant digits" for n in ("Two", "Three", "Four", "Five", "Six")),
)
STEP = "step(u) is 1 for u > 0, and 0 for u < 0"


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


def shortened(rows: Iterable[Iterable[str]]) -> list[list[str]]:
    return [[shorten(cell) for cell in row] for row in rows]


def picture_in_markdown(svg: str) -> str:
    encoded = base64.b64encode(svg.encode()).decode()
    return f"![the graph](data:image/svg+xml;base64,{encoded})"
