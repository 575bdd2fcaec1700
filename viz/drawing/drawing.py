"""draw(y): the computation graph behind a Value as a picture that shows itself and can be saved."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from autograd import Value
from autograd.errors import describe
from nn.saving.files import file_path, write_whole
from viz.drawing import png, renderers, svg
from viz.drawing.boxes import Scene, make_scene, without_outer_frames
from viz.drawing.folding import make_readable_picture
from viz.drawing.picture import (
    DIRECTIONS,
    Drawer,
    DrawingError,
    Edge,
    Frame,
    Node,
    Picture,
    check_arguments,
    check_roots,
)
from viz.drawing.placement import Placement, lay_out
from viz.drawing.style import plural, printable, shorten
from viz.drawing.svg import MARGIN

if TYPE_CHECKING:
    from viz.drawing.digraph import DrawnDigraph

MOST_NODES, SLIDE = 300, 534
"""How many boxes a drawing has at most if nothing is said, and how high a slide is that is 950 wide."""


def draw(
    y: Value | Sequence[Value],
    *,
    direction: Literal["LR", "RL", "TB", "BT"] = "LR",
    gradients: bool = True,
    collapse: Literal["neurons", "layers"] | None = None,
    max_nodes: int | None = None,
    digits: int = 4,
    title: str | None = None,
    layout: Literal["dot", "own"] | None = None,
    width: float | None = 950,
    reference: float | None = None,
) -> Drawing:
    """Draw the computation graph behind a Value: boxes with name, value and gradient, discs for operations.

    Parameters have a bold border.  The width of a line is the size of what flows back along it, upstream × local
    derivative; blue is above 0, orange and dashed below, dotted is 0, and a gradient has the same colour.  A plain
    number stands in the disc of its operation.  Where operands do not arrive in their order, they are numbered.  A
    notebook shows the drawing by itself.

    A graph that would be wider than ``width`` stands in rows, which are read like lines: what a row needs of an
    earlier one begins it as a dashed tag.  A graph that is too large to be read is folded: what was computed in the
    same way for many samples is drawn once, with means, then each neuron as one box, then each layer; ``notes``
    of the drawing says so.

    Args:
        y: a Value, or a list of several whose graphs are drawn together.
        direction: where the graph runs: "LR" (left to right), "RL", "TB" (top to bottom) or "BT".
        gradients: False leaves the gradients out.
        collapse: "neurons" or "layers" draws each of these as one box.
        max_nodes: the most boxes to draw; a graph with more is folded, or refused if it cannot be.  If it is not
            given, that is 300, and a graph is also folded if it would be higher than three slides.
        digits: how many significant digits numbers have; the tooltip of a box has all of them.
        title: a heading.
        layout: who places the boxes: "own" for our own layout, which is the same everywhere and is taken unless
            something is said; "dot" for Graphviz, where its program ``dot`` is installed.
        width: how wide the drawing may be, in points: a notebook's column; None for one row of any width.
        reference: what is drawn as 8 points wide; unless given, the largest of what flows back, rounded up to 1, 2
            or 5·10ⁿ.  With the same reference two drawings can be compared.

    Raises:
        GradientError: if y is not a Value.
        DrawingError: if another argument has no meaning here.
        GraphTooLargeError: if the graph is too large and cannot be collapsed far enough.

    >>> a = Value(3.0, "a")
    >>> b = a + a
    >>> b.backward()
    >>> drawing = draw(b)
    >>> [(node.label, node.data, node.grad) for node in drawing.nodes if node.kind != "operation"]
    [('a', 3.0, 2.0), ('', 6.0, 1.0)]
    >>> drawing
    <Drawing of 2 values and 1 operation; drawing.save("graph.svg") saves it>
    """
    if layout not in (None, "dot", "own"):
        raise DrawingError(f'layout is "dot", "own" or None, but got {describe(layout)}')
    if not (width is None or width > 0):
        raise DrawingError(f"width is a number above 0, or None, but got {describe(width)}")
    most = MOST_NODES if max_nodes is None else max_nodes
    check_arguments(direction, collapse, most, digits, title, reference)
    drawer = Drawer(check_roots(y), direction, gradients, digits, title or "", reference)
    tried: list[Drawing] = []

    def fits(picture: Picture, slides: int) -> bool:
        if max_nodes is not None or width is None or layout == "dot" or direction not in ("LR", "RL"):
            return True
        tried.append(Drawing(picture, (), layout, width))
        placement = tried[-1]._placement
        return placement.width + 2 * MARGIN <= width and placement.height + 2 * MARGIN <= slides * SLIDE

    picture = make_readable_picture(drawer, collapse, most, fits)
    drawing = next((drawing for drawing in tried if drawing.picture is picture), None)
    drawing = drawing or Drawing(picture, (), layout, width)
    drawing.notes = tuple(explain_folding(picture, collapse))
    return drawing


def explain_folding(picture: Picture, collapse: str | None) -> Iterator[str]:
    """What is drawn as one box, if that is not what was asked for."""
    if collapse is not None and picture.collapsed is None:
        yield f"there are no {collapse} in this graph to be collapsed"
    folded = [f"its {picture.samples:,} samples are drawn as one"] if picture.samples > 1 else []
    if picture.collapsed not in (None, collapse):
        folded.append(f"its {picture.collapsed} {'' if folded else 'are drawn '}as one box each")
    if folded:
        yield (
            f"the graph has {plural(picture.values, 'value')}, so {' and '.join(folded)} "
            f'(all of it: max_nodes={picture.values}; other scales: collapse="neurons" or "layers")'
        )


def draw_dot(
    root: Value | Sequence[Value], format: str = "svg", rankdir: str = "LR", **options: Any
) -> DrawnDigraph:
    """The same drawing as a ``graphviz.Digraph``, as micrograd's function of this name gives one.

    It has what graphviz' objects have, ``render``, ``view``, ``source``, ``pipe``, ``attr``, ..., and shows our own
    picture where Graphviz' program ``dot`` is missing.

    Args:
        root: a Value, or a list of several.
        format: of what ``render`` writes: "svg", "png", "pdf", ...
        rankdir: where the graph runs: "LR", "RL", "TB" or "BT".
        options: as for ``draw``; only a graph of more than 2,000 boxes is collapsed or refused.

    Raises:
        ValueError: for a format that Graphviz does not have.
        GradientError, DrawingError, GraphTooLargeError: as ``draw`` does.

    >>> dot = draw_dot(Value(2.0, "a") * 3, format="png", rankdir="TB")
    >>> dot.format, dot.graph_attr["rankdir"]
    ('png', 'TB')
    """
    if rankdir not in DIRECTIONS:
        raise DrawingError(f"rankdir is one of {', '.join(DIRECTIONS)}, but got {describe(rankdir)}")
    digraph = draw(root, direction=rankdir, **{"max_nodes": 2_000, "width": None} | options).graphviz  # type: ignore[arg-type]
    digraph.format = format
    return digraph


class Drawing:
    """A picture of a computation graph, as it was when it was drawn.

    Attributes:
        picture: everything that it shows, as plain data.
        notes: what was done differently from what one may expect, and why.

    >>> drawing = draw(Value(2.0, "a") * 3)
    >>> print(drawing.svg()[:32])
    <svg xmlns="http://www.w3.org/20
    """

    def __init__(
        self, picture: Picture, notes: tuple[str, ...] = (), layout: str | None = None, width: float | None = None
    ) -> None:
        self.picture = picture
        self.notes = notes
        self._layout = layout
        self._width = width

    @property
    def nodes(self) -> tuple[Node, ...]:
        return self.picture.nodes

    @property
    def edges(self) -> tuple[Edge, ...]:
        return self.picture.edges

    @property
    def frames(self) -> tuple[Frame, ...]:
        return self.picture.frames

    @property
    def data(self) -> dict[str, Any]:
        """The picture as dicts, lists, strings and numbers; inf and nan as strings, which JSON lacks."""
        found: dict[str, Any] = as_json(asdict(self.picture))
        return found

    def to_json(self) -> str:
        return json.dumps(self.data, indent=1, allow_nan=False) + "\n"

    @cached_property
    def dot(self) -> str:
        """The picture in Graphviz' language; the same graph always gives the same text."""
        from viz.drawing.digraph import write_dot

        return write_dot(self.picture)

    @cached_property
    def _scene(self) -> Scene:
        return without_outer_frames(make_scene(self.picture))

    @cached_property
    def _placement(self) -> Placement:
        if self._layout != "dot":
            return lay_out(self._scene, None if self._width is None else self._width - 2 * MARGIN)
        from viz.drawing.digraph import write_scene

        return renderers.place_by_dot(write_scene(self._scene), self._scene)

    @cached_property
    def graphviz(self) -> DrawnDigraph:
        """The drawing as a ``graphviz.Digraph``: what ``draw_dot`` gives."""
        from viz.drawing.digraph import DrawnDigraph, make_digraph

        digraph: DrawnDigraph = make_digraph(DrawnDigraph, self.picture)
        digraph.format = "svg"
        digraph.drawing = self
        return digraph

    @property
    def rendered_by(self) -> str:
        """Who places everything: "own layout", or "dot" if that was asked for."""
        return "dot" if self._layout == "dot" else "own layout"

    def svg(self) -> str:
        """The drawing as SVG, which needs nothing from outside.

        Raises:
            CannotRenderError: if ``dot`` is to place it, and is not installed or cannot do it.
        """
        return svg.write_svg(self._scene, self._placement)

    def png(self) -> bytes:
        """The drawing as PNG, twice as large as on the screen; ``notes`` say which letters no font here has.

        Raises:
            CannotRenderError: without the package resvg-py (``pip install "glassgrad[png]"``).
        """
        picture, missing = png.make_png(self.svg(), self.dot)
        self._note(missing)
        return picture

    def _note(self, missing: str) -> None:
        """Say which letters no font has."""
        note = f"no font here has {printable(missing)}: a PNG shows boxes in their place, an SVG does not"
        if missing and note not in self.notes:
            self.notes += (note,)

    def pdf(self) -> bytes:
        """The drawing as PDF.

        Raises:
            CannotRenderError: without Graphviz' program ``dot``.
        """
        return renderers.make_pdf(self.dot)

    def save(self, path: str | PathLike[str]) -> Path:
        """Save the drawing as what the ending of the path says: .svg, .png, .pdf, .dot (or .gv), .json.

        Returns:
            The path.

        Raises:
            DrawingError: for another ending; nothing is written then.
            CannotRenderError: for .png and .pdf where nobody can make them; the message says what to install.
            FileError: if the file cannot be written.
        """
        path = file_path(path)
        kinds: dict[str, Callable[[], str | bytes]] = {
            ".svg": self.svg, ".png": self.png, ".pdf": self.pdf, ".dot": lambda: self.dot, ".gv": lambda: self.dot,
            ".json": self.to_json,
        }  # fmt: skip
        make = kinds.get(path.suffix.lower())
        if make is None:
            ending = f"ends in {path.suffix!r}" if path.suffix else "has no ending"
            raise DrawingError(f"a drawing is saved as {', '.join(kinds)}, but {str(path)!r} {ending}")
        return write_whole(path, make())

    def render(self, filename: str | PathLike[str] = "graph", format: str = "svg") -> str:
        """Save the drawing the way graphviz' objects do it: the ending is added to the name.

        Returns:
            The path.
        """
        return str(self.save(f"{os.fspath(filename)}.{format}"))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a notebook shows: an SVG, and for those who may not show that a PNG of the same size."""
        svg = self.svg()
        pictures, sizes, missing = png.beside(svg)
        self._note(missing)
        return {"image/svg+xml": svg, **pictures, "text/plain": repr(self)}, sizes

    def _mime_(self) -> tuple[str, str]:
        """What marimo shows, which would make a choice of SVG and PNG."""
        return "image/svg+xml", self.svg()

    @property
    def size(self) -> str:
        """What is drawn, in a few words: "L: 7 values and 4 operations"."""
        operations = sum(node.kind == "operation" for node in self.nodes)
        by_id = {node.id: node for node in self.nodes}
        labels = [shorten(printable(by_id[id].label)) for id in self.picture.results if by_id[id].label]
        about = f"{', '.join(labels[:3])}: " if labels else ""
        size = f"{plural(self.picture.values, 'value')} and {plural(operations, 'operation')}"
        if self.picture.collapsed:
            size = f"{plural(self.picture.values, 'value')} with collapsed {self.picture.collapsed}"
        return about + size

    def __repr__(self) -> str:
        return f'<Drawing of {self.size}; drawing.save("graph.svg") saves it>'


def as_json(x: Any) -> Any:
    if isinstance(x, dict):
        return {key: as_json(part) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        return [as_json(part) for part in x]
    if isinstance(x, float) and not math.isfinite(x):
        return str(x)
    return x
