"""page(loss): the graph behind a Value as one self-contained HTML file, to be stepped through and played with."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from autograd import Value, topological_order, trace
from autograd.core.operand import is_finite, is_real
from autograd.errors import AutogradError, describe
from autograd.steps import Trace, TraceError, id_at
from autograd.value import require_value
from nn import Parameter
from nn.data import Dataset
from nn.saving.files import file_path, write_whole
from viz import frames
from viz.drawing.boxes import make_traced_scene, sums_of_neurons
from viz.drawing.placement import Placement, lay_out
from viz.drawing.style import DARK, LIGHT, plural, printable, shorten, variables
from viz.drawing.svg import HIGH, write_page_svg, write_svg
from viz.limits import require_size
from viz.pages.bundle import asset, bundle, style
from viz.pages.contents import Examples, PageData, describe_page, embed, write_formulas, write_programs
from viz.pages.squeeze import bare_attributes, squeeze_markup
from viz.pages.still_curve import write_curve

WIDTH = 1330.0
"""How wide a graph is before it breaks into rows: what a window of 1280 pixels shows with letters of 11 pixels."""

NARROW = 600.0
"""How wide a graph of one slider may be to stand beside the large curve of that slider."""

TARGETS = ("target", "y", "expected", "t")
"""What a leaf may be called that holds the number which the output should be."""

DATA = re.compile(rf"(x|i|input|label|goal|{'|'.join(TARGETS)})_?\d*")
"""What leaves are called that hold data: what goes in, and what should come out."""

VARIABLES = re.compile(r"[zuv]_?\d*")
"""Beside numbers of these names, x and y are variables like any other."""


class PageError(AutogradError, ValueError):
    """A page was asked for that cannot be made; nothing has been written."""


class Page:
    """A page about one graph.  A notebook shows it by itself; ``save`` writes it to a file.

    Attributes:
        data: what it is about.
        html: the whole page as text.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> page(a * b)
    <Page of 3 values with sliders for a, b; page.save("page.html") saves it>
    """

    def __init__(self, data: PageData) -> None:
        self.data = data

    @cached_property
    def html(self) -> str:
        return write_html(self.data)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the page as an HTML file, whole or not at all.

        Returns:
            The path.

        Raises:
            PageError: if the path does not end in .html or .htm; nothing is written then.
            FileError: if it cannot be written.
        """
        return write_whole(checked_path(path), self.html)

    def _repr_html_(self) -> str:
        """What a notebook shows: the same page in a frame, and its pictures where there are no frames."""
        data = self.data
        instead = frames.sentence(f"{data.title}, a page to step through", "page", "page.html")
        if has_large_curve(data, lay_out(data.scene, WIDTH)):
            id = data.steps.node(data.free[0]).id
            instead += frames.picture(*write_curve(data.loss, data.order[id.place], data.steps.gradients[id]))
        drawn = write_svg(data.scene, lay_out(data.scene))
        return frames.frame(self.html, data.title, instead + frames.picture(drawn, data.title))

    def __repr__(self) -> str:
        steps = self.data.steps
        labels = [shorten(printable(steps.name(id))) for id in self.data.free]
        sliders = f" with sliders for {', '.join(labels[:4])}{', ...' if len(labels) > 4 else ''}" if labels else ""
        return f'<Page of {plural(len(steps.nodes), "value")}{sliders}; page.save("page.html") saves it>'


def page(
    loss: Value,
    path: str | os.PathLike[str] | None = None,
    *,
    free: Iterable[Value | str] | None = None,
    examples: Dataset | Sequence[Mapping[str, Any]] | None = None,
    title: str | None = None,
    lr: float = 0.1,
    note: str = "",
) -> Page:
    """Make a page on which the graph behind a Value can be stepped through, forwards and back, and played with.

    Every number of it follows when a slider is dragged.  The page is one file that needs nothing from
    anywhere: it can be opened from a disk, sent to somebody, or shown in a notebook.

    Args:
        loss: the result whose gradients are computed.
        path: where to save the page; it is not saved unless given.
        free: the leaves (Values, labels or ids) that get a slider, and that gradient descent moves.  Unless given,
            these are the parameters; if there is no parameter, all leaves with a label get a slider, and those that
            are called like data (x, x1, i1, target, y, t, ...) stay where they are in a descent, if others do not.
        examples: samples to choose from.  The columns of a Dataset are put into the leaves called x1,
            x2, ... and target (or y); a list of dicts gives a number for each label, and perhaps a "name".
        title: a heading.
        lr: the learning rate to begin with.
        note: a line below the heading.

    Raises:
        GradientError: if loss is not a Value.
        DomainError: where a derivative is not defined.
        PageError: if a page cannot be made of this.  Whatever is raised, nothing has been written.

    >>> w, x = Value(0.5, "w"), Value(3.0, "x")
    >>> made = page((w * x).tanh(), free=[w])
    >>> made.html[:15], "http-equiv" in made.html
    ('<!doctype html>', True)
    """
    require_value(loss, "page")
    if path is not None:
        path = checked_path(path)
    data = collect(loss, free, examples, title, lr, note)
    made = Page(data)
    if path is not None:
        made.save(path)
    return made


# --- what was asked for -----------------------------------------------------------------------------------


def collect(
    loss: Value,
    free: Iterable[Value | str] | None,
    examples: Dataset | Sequence[Mapping[str, Any]] | None,
    title: str | None,
    lr: float,
    note: str,
) -> PageData:
    """Check everything that was given and put it together."""
    require_size(loss, "page", PageError)
    steps = trace(loss)
    if not is_real(lr) or not is_finite(lr) or lr <= 0:
        raise PageError(f"lr is a learning rate, a number above 0, but got {describe(lr)}")
    for name, text in (("title", "" if title is None else title), ("note", note)):
        if not isinstance(text, str):
            raise PageError(f"{name} is a string, but got {describe(text)}")
    # Where a derivative is not defined, this is where that is said.
    assert len(steps.gradients) == len(steps.nodes)
    scene = make_traced_scene(loss, steps)
    if sums := sums_of_neurons(scene.picture, steps):
        # There is little room for formulas beside the graph.
        steps = Trace(loss, {id.place: name for id, name in sums.items()})
    bound = None if examples is None else read_examples(steps, examples)
    columns = () if bound is None else bound.columns
    chosen = free_leaves(steps, loss, free, columns)
    name = printable(loss.label)
    moving = chosen if free is not None or has_parameters(loss) else descending(steps, chosen)
    return PageData(
        loss, steps, scene, chosen, moving, bound,
        title or (f"Backpropagation through {shorten(name)}" if name else "Backpropagation, step by step"),
        note, float(lr),
    )  # fmt: skip


def free_leaves(
    steps: Trace, loss: Value, free: Iterable[Value | str] | None, columns: Sequence[str]
) -> tuple[str, ...]:
    """The ids of the leaves that get sliders."""
    order = topological_order(loss)
    if free is None:
        leaves = [id_at(i) for i, node in enumerate(order) if isinstance(node, Parameter) and not node.inputs]
        leaves = leaves or [node.id for node in steps.nodes if node.kind == "input" and node.label]
        return in_reading_order([id for id in leaves if id not in columns], steps)
    if isinstance(free, (str, Value)):
        raise PageError(f"free is a list of Values or labels, but got {describe(free)}; write free=[{free!r:.40}]")
    found = []
    for what in free:
        id = find(steps, what, "free")
        node = steps.node(id)
        if node.kind != "input":
            raise PageError(
                f"{shorten(printable(node.name))!r} cannot be free, for it is computed from other values; "
                f"the leaves are {listed(steps)}"
            )
        if not node.label:
            raise PageError(
                f"{node.id} (data {node.data}) cannot have a slider without a label; give it one: .label"
            )
        if id in columns:
            raise PageError(
                f"{printable(node.label)!r} is free, but the examples say what its number is: choose one"
            )
        found.append(id)
    return tuple(dict.fromkeys(found))


def has_parameters(loss: Value) -> bool:
    return any(isinstance(node, Parameter) for node in topological_order(loss))


def descending(steps: Trace, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Those that gradient descent moves, where nobody said which: not those that are called like data.

    >>> from viz.formulas.parser import parse
    >>> def moved(formula, *names):
    ...     made = page(parse(formula).evaluate(dict.fromkeys(names, 1.0))).data
    ...     return [made.steps.name(id) for id in made.descends]
    >>> moved("(y - w*x - b)**2", *"wxyb"), moved("x**2 + y**2", *"xy"), moved("(x + y)*z", *"xyz")
    (['w', 'b'], ['x', 'y'], ['x', 'y', 'z'])
    """
    others = tuple(id for id in chosen if not DATA.fullmatch(steps.node(id).label))
    return chosen if not others or any(VARIABLES.fullmatch(steps.node(id).label) for id in others) else others


def in_reading_order(ids: list[str], steps: Trace) -> tuple[str, ...]:
    """w1, w2, ..., w10, b1: letters as they first come, numbers by their size."""
    letters: dict[str, int] = {}

    def key(id: str) -> tuple[int, int]:
        label = steps.node(id).label
        letter = label.rstrip("0123456789")
        digits = label[len(letter) :]
        return letters.setdefault(letter, len(letters)), int(digits) if digits.isascii() and digits else 0

    return tuple(sorted(ids, key=key))


def find(steps: Trace, what: Any, asker: str) -> str:
    try:
        return steps.find(what)
    except TraceError as error:
        raise PageError(f"{asker}: {printable(str(error))}") from None


def listed(steps: Trace) -> str:
    labels = [shorten(printable(node.label)) for node in steps.nodes if node.kind == "input" and node.label]
    return ", ".join(labels[:12]) + (", ..." if len(labels) > 12 else "") or "without labels"


# --- examples ---------------------------------------------------------------------------------------------


def read_examples(steps: Trace, examples: Any) -> Examples:
    if isinstance(examples, Dataset):
        return read_dataset(steps, examples)
    if isinstance(examples, (str, Mapping)) or not isinstance(examples, Sequence) or not examples:
        raise PageError(
            "examples is a Dataset, or a list of dicts with a number for each label, like "
            f'[{{"name": "Alice", "x1": -2, "target": 1}}], but got {describe(examples)}'
        )
    return read_dicts(steps, examples)


def read_dataset(steps: Trace, data: Dataset) -> Examples:
    """The leaves x1, x2, ... and target, or those that are called as the data set calls its columns."""
    lengths = {(len(x), len(y) if isinstance(y, list) else 1) for x, y in data}
    if len(lengths) > 1:
        raise PageError(
            "the samples of this Dataset differ in length, but a page shows one graph, for all of them: "
            "choose samples of one length with data.subset(...)"
        )
    columns, headings = [], []
    for i, name in enumerate(data.feature_names, 1):
        columns.append(leaf_called(steps, (f"x{i}", name, f"i{i}"), f"feature {i} ({name})"))
        headings.append(name)
    first = data.targets[0]
    count = len(first) if isinstance(first, list) else 1
    targets = []
    for i in range(1, count + 1):
        names = TARGETS if count == 1 else tuple(f"{target}{i}" for target in TARGETS)
        targets.append(leaf_called(steps, names, "the target" if count == 1 else f"target {i}"))
        headings.append(steps.node(targets[-1]).label)
    rows = []
    for x, y in data:
        rows.append((*x, *map(float, y)) if isinstance(y, list) else (*x, float(y)))
    return Examples(data.sample_names, (*columns, *targets), tuple(headings), tuple(rows), tuple(targets))


def leaf_called(steps: Trace, names: Iterable[str], what: str) -> str:
    leaves = [node for node in steps.nodes if node.kind == "input"]
    for name in names:
        found = [node.id for node in leaves if node.label == name]
        if len(found) > 1:
            raise PageError(
                f"the examples have {printable(what)}, but {len(found)} leaves of this graph are called "
                f"{name!r}: give each a label of its own"
            )
        if found:
            return found[0]
    expected = " or ".join(repr(name) for name in dict.fromkeys(names))
    raise PageError(
        f"the examples have {printable(what)}, but no leaf of this graph is called {expected}; its leaves are "
        f"{listed(steps)}\n  Give the leaf that label, or give the examples as dicts from label to number."
    )


def read_dicts(steps: Trace, rows: Sequence[Mapping[str, Any]]) -> Examples:
    names, numbers = [], []
    labels: list[str] = []
    for i, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise PageError(f"example {i} is a dict from label to number, but got {describe(row)}")
        own = {key: x for key, x in row.items() if not (key == "name" and isinstance(x, str))}
        if i == 1:
            labels = list(own)
        if set(own) != set(labels):
            raise PageError(
                f"all examples give a number to the same labels, but example {i} differs from the first"
            )
        for label, x in own.items():
            if not is_real(x) or not is_finite(x):
                raise PageError(f"example {i} gives {label!r} {describe(x)}, but a finite number is needed")
        names.append(str(row["name"]) if isinstance(row.get("name"), str) else f"example {i}")
        numbers.append(tuple(float(own[label]) for label in labels))
    columns = [find(steps, label, "examples") for label in labels]
    for id in columns:
        if steps.node(id).kind != "input" or not steps.node(id).label:
            raise PageError(
                f"examples can fill leaves with labels, but {steps.name(id)!r} is none of {listed(steps)}"
            )
    known = {*TARGETS, *(f"{target}{i}" for target in TARGETS for i in range(1, 100))}
    targets = tuple(id for id in columns if steps.node(id).label in known)
    # Targets come last, as in a data set.
    order = sorted(range(len(columns)), key=lambda j: columns[j] in targets)
    return Examples(
        tuple(names), tuple(columns[j] for j in order), tuple(labels[j] for j in order),
        tuple(tuple(row[j] for j in order) for row in numbers), targets,
    )  # fmt: skip


# --- the file ---------------------------------------------------------------------------------------------


def checked_path(path: str | os.PathLike[str]) -> Path:
    path = file_path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        ending = f"ends in {path.suffix!r}" if path.suffix else "has no ending"
        raise PageError(f"a page is saved as .html, but {str(path)!r} {ending}")
    return path


def write_html(data: PageData, *more: str) -> str:
    """The whole page: template, style, graph, data, program and script, to which more modules may belong."""
    program = write_programs(data)
    placement = lay_out(data.scene, WIDTH)
    script = bundle(*parts_for(data, placement), "start", *more)
    note = escape(printable(data.note))
    sheets = ("finger",) if has_large_curve(data, placement) else ()
    look = f':root{{{variables(LIGHT)}}}:root[data-theme="dark"]{{{variables(DARK)}}}' + style(*sheets)
    parts = {
        "title": escape(printable(data.title)),
        "note": f'<p id="note" tabindex="0"><span>{note}</span></p>' if note else "",
        "layout": " ".join(layout(data, placement)),
        "policy": (
            f"default-src 'none'; script-src {fingerprint(program)} {fingerprint(script)}; "
            f"style-src {fingerprint(look)}; img-src data:; base-uri 'none'; form-action 'none'"
        ),
        "style": look,
        "graph": bare_attributes(write_page_svg(data.scene, placement)),
        "formulas": write_formulas(data.steps),
        "data": embed(describe_page(data)),
        "program": program,
        "script": script,
    }
    # In one pass over the template, so that marks in what is put in stay what they are.
    return re.sub(r"\{\{(\w+)\}\}", lambda mark: parts[mark[1]], squeeze_markup(asset("page.html")))


def layout(data: PageData, placement: Placement) -> Iterator[str]:
    """The classes by which the style sheet arranges the page: what its graph needs."""
    if placement.rows:
        yield "rows"
    # Beside the words such a graph is larger than above them.
    if placement.height > max(HIGH, placement.width / 1.5):
        yield "tall"
    if has_large_curve(data, placement):
        yield "one-variable"


def has_large_curve(data: PageData, placement: Placement) -> bool:
    return len(data.free) == 1 and placement.width <= NARROW


def parts_for(data: PageData, placement: Placement) -> tuple[str, ...]:
    """The modules that only some pages need, and this one does."""
    parts = ["graph/folds"] if data.scene.picture.frames else []
    if has_large_curve(data, placement):
        parts.append("play/finger")
    if len(data.descends) == 2:
        parts.append("descend/surface")
    if data.examples is not None and len(data.examples.columns) == 3 and len(data.outputs) == 1:
        parts.append("descend/boundary")
    return tuple(parts)


def fingerprint(text: str) -> str:
    """How a page's security policy names a script that may run: by its SHA-256."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
