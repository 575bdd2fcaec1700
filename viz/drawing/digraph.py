"""A drawing as a graphviz object, for those who know graphviz: draw_dot(y), and draw(y).graphviz.

What it is asked for is made by Graphviz' program ``dot``, within a limit of time.  Where that is missing it shows
our own picture, unless the graph has been changed since it was drawn.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape as xml_escape

import graphviz

from nn.saving.files import write_whole
from viz.drawing import png, renderers
from viz.drawing.boxes import Box, Scene, make_scene
from viz.drawing.picture import Edge, Node, Picture
from viz.drawing.style import LIGHT, edge_width, flow, printable, shorten, tint, width_of

if TYPE_CHECKING:
    from viz.drawing.drawing import Drawing

PORTS = {"LR": ("e", "w"), "RL": ("w", "e"), "TB": ("s", "n"), "BT": ("n", "s")}
"""For each direction the sides on which edges leave a box and enter one, as points of the compass."""

FONTS = "Helvetica,Arial,DejaVu Sans,sans-serif"
FONT_SIZE, CIRCLE = 12.0, 24.0


class DrawnDigraph(graphviz.Digraph):
    """A ``graphviz.Digraph`` that can be seen and saved without Graphviz' program ``dot`` too.

    All that graphviz' own objects have is there: ``source``, ``format``, ``attr``, ``node``, ``edge``, ``pipe``,
    ``render``, ``view``, ``save``, ...  Files are written whole or not at all.

    >>> from autograd import Value
    >>> from viz import draw_dot
    >>> dot = draw_dot(Value(2.0, "a") * 3, rankdir="TB")
    >>> isinstance(dot, graphviz.Digraph), dot.format, "rankdir=TB" in dot.source
    (True, 'svg', True)
    >>> "<svg" in dot.pipe("svg", encoding="utf-8")
    True
    """

    drawing: Drawing | None = None
    """What it is as long as its source is still that of the drawing."""

    def __repr__(self) -> str:
        about = "" if self.drawing is None else f" of {self.drawing.size}"
        return f'<Digraph{about}; print(dot.source), or dot.render("graph")>'

    def copy(self) -> DrawnDigraph:
        """The same graph once more, to be changed on its own."""
        copied: DrawnDigraph = super().copy()
        copied.drawing = self.drawing
        return copied

    @property
    def _pipe_lines(self) -> Any:
        """What graphviz' own ``pipe`` calls, once it has checked what it was given."""
        return self._run

    @property
    def _pipe_lines_string(self) -> Any:
        def run(*arguments: Any, encoding: str, **settings: Any) -> str:
            try:
                return self._run(*arguments, input_encoding=encoding, **settings).decode(encoding)
            except UnicodeDecodeError as error:
                raise renderers.CannotRenderError(f"Graphviz' program dot wrote what is no text: {error}") from None

        return run

    def _run(
        self, engine: str, format: str, lines: Iterable[str], *, renderer: str | None = None,
        formatter: str | None = None, neato_no_op: bool | int | None = None, **_: Any,
    ) -> bytes:  # fmt: skip
        """The graph in a format: by ``dot``, or without it our own picture, if that is what it still is.

        Raises:
            CannotRenderError: if ``dot`` is not installed and nobody else can make it, or if it fails.
        """
        if formatter is not None and renderer is None:
            raise graphviz.RequiredArgumentError("formatter given without renderer")
        kind = ":".join(part for part in (format, renderer, formatter) if part is not None)
        options = [f"-K{engine}", *([f"-n{int(neato_no_op)}"] if neato_no_op else [])]
        try:
            return renderers.run_dot("".join(lines), kind, *options)
        except renderers.NotInstalled as error:
            if self.drawing is not None and self.source == self.drawing.dot:
                if format.lower() == "svg":
                    return self.drawing.svg().encode()
                if format.lower() == "png":
                    return self.drawing.png()
            raise renderers.CannotRenderError(
                f"this graph as {format.upper()} needs Graphviz' program dot, but {error}\n"
                f"  {renderers.INSTALL_DOT}; what draw() and draw_dot() give is shown and saved as .svg and .png "
                "without it, and a browser prints an .svg into a PDF."
            ) from None
        except renderers.RendererFailed as error:
            raise renderers.CannotRenderError(
                f"Graphviz' program dot was to make {format.upper()}: {error}"
            ) from None

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a notebook shows: what graphviz' own objects show, and a PNG beside an SVG."""
        shown: dict[str, Any] = super()._repr_mimebundle_(include, exclude)
        if "image/svg+xml" not in shown or include is not None:
            return shown, {}
        pictures, sizes, _missing = png.beside(shown["image/svg+xml"])
        return shown | pictures, sizes

    def _mime_(self) -> tuple[str, str]:
        """What marimo shows, which would make a choice of SVG and PNG."""
        return "image/svg+xml", self.pipe("svg", encoding="utf-8")

    def save(self, filename: Any = None, directory: Any = None, *, skip_existing: bool | None = False) -> str:
        """Write the source in Graphviz' language into a file.

        Returns:
            The path.

        Raises:
            OSError: if it cannot be written, or must not be replaced: a device, a pipe, a write-protected file.
        """
        if filename is not None:
            self.filename: Any = os.fspath(filename)
        if directory is not None:
            self.directory: Any = os.fspath(directory)
        path = Path(self.filepath)
        if not (skip_existing and path.exists()):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, self.source.encode(self.encoding))
        return str(self.filepath)

    @property
    def _render(self) -> Any:
        """What graphviz' own ``render`` and ``view`` call to make a file, once they have saved the source."""
        return self._render_file

    def _render_file(
        self, engine: str, format: str, filepath: str, *, renderer: str | None = None, formatter: str | None = None,
        outfile: Path | None = None, raise_if_result_exists: bool = False, overwrite_filepath: bool = False,
        **settings: Any,
    ) -> str:  # fmt: skip
        endings = [part for part in (formatter, renderer, format) if part is not None]
        path = Path(".".join([filepath, *endings]) if outfile is None else outfile)
        if raise_if_result_exists and path.exists():
            raise graphviz.FileExistsError(f"output file exists: {str(path)!r}")
        if path.resolve() == Path(filepath).resolve() and not overwrite_filepath:
            raise ValueError(f"outfile {path.name!r} must be different from the file of the source")
        content = self.pipe(format, renderer=renderer, formatter=formatter, engine=engine, **settings)
        write_whole(path, content)
        return str(path)


# --- in Graphviz' language, DOT ---------------------------------------------------------------------------------


def write_dot(picture: Picture) -> str:
    """The picture in Graphviz' language; the same picture always gives the same text.

    >>> from autograd import Value
    >>> from viz.drawing.picture import make_picture
    >>> a = Value(2.0, "a")
    >>> print(write_dot(make_picture(-a)))  # doctest: +ELLIPSIS
    digraph "computation graph" {
        ...
        v0 [label=<<TABLE ...><B>a</B>...2...?...]
        ...
    """
    text: str = make_digraph(graphviz.Digraph, picture).source
    return text


def make_digraph(kind: Callable[..., Any], picture: Picture) -> Any:
    """The picture as a ``graphviz.Digraph``, or as a class of that ``kind``."""
    boxes = {box.id: box for box in make_scene(picture, constants_in_discs=False).boxes}
    nodes = [
        (node.id, node.frame, attributes(node, boxes.get(node.id), picture.reference)) for node in picture.nodes
    ]
    edges = [(edge, look_of(flow_of(edge, boxes), picture.reference)) for edge in picture.edges]
    return assemble(kind, picture, nodes, edges, {node.id for node in picture.nodes} - boxes.keys())


def write_scene(scene: Scene) -> str:
    """The boxes of a scene, with their sizes and nothing in them: what Graphviz needs to know to place them."""
    nodes = []
    for box in scene.boxes:
        nodes.append((box.id, box.node.frame, {"label": "", "shape": "box", **size_in_inches(*box.size)}))
    edges: list[tuple[Edge, dict[str, str]]] = [(edge, {}) for edge in scene.edges]
    text: str = assemble(graphviz.Digraph, scene.picture, nodes, edges, set()).source
    return text


def assemble(
    kind: Callable[..., Any],
    picture: Picture,
    nodes: list[tuple[str, str | None, dict[str, str]]],
    edges: Sequence[tuple[Edge, dict[str, str]]],
    operations: set[str],
) -> Any:
    """A digraph of nodes, frames and edges with their attributes; ``operations`` have no sides."""
    line, ink = LIGHT["line"], LIGHT["ink"]
    dot = kind(
        "computation graph",
        filename="Digraph.gv",
        graph_attr={
            "rankdir": picture.direction, "nodesep": "0.2",
            "ranksep": "0.9" if picture.collapsed else "0.36", "fontname": FONTS, "fontsize": "15",
            "fontcolor": ink, "bgcolor": "white", "pad": "0.15",
        },
        node_attr={
            "style": "filled", "fillcolor": "white", "color": line, "fontname": FONTS, "fontsize": f"{FONT_SIZE:g}",
            "fontcolor": ink, "fixedsize": "true", "penwidth": "1",
        },
        edge_attr={"color": line, "arrowsize": "0.6", "fontname": FONTS, "fontsize": "11", "fontcolor": ink},
    )  # fmt: skip
    if picture.title:
        dot.attr(label=escape(printable(picture.title)), labelloc="t")
    write_inside(dot, None, picture, nodes)
    leave, enter = PORTS[picture.direction]
    for edge, look in edges:
        extra = look | ({"headlabel": edge.label, "labeldistance": "1.6"} if edge.label else {})
        # At a box, edges run along the picture and not through its upper or lower side.
        if edge.source not in operations:
            extra["tailport"] = leave
        if edge.target not in operations:
            extra["headport"] = enter
        dot.edge(edge.source, edge.target, id=edge.id, **extra)
    return dot


def write_inside(
    dot: Any,
    frame: str | None,
    picture: Picture,
    nodes: list[tuple[str, str | None, dict[str, str]]],
    depth: int = 0,
) -> None:
    # Inside a frame, Graphviz builds a horizontal picture from below: what comes first is declared last.
    backwards = -1 if picture.direction in ("LR", "RL") and frame is not None else 1
    for id, home, found in nodes[::backwards]:
        if home == frame:
            dot.node(id, **found)
    for inner in picture.frames[::backwards]:
        if inner.parent == frame:
            with dot.subgraph(name=inner.id) as part:
                part.attr(
                    label=escape(shorten(printable(inner.title))), style="rounded,filled", color=LIGHT["border"],
                    fillcolor=LIGHT["inner-frame" if depth % 2 else "frame"], margin="10", fontsize="12",
                )  # fmt: skip
                write_inside(part, inner.id, picture, nodes, depth + 1)


def attributes(node: Node, box: Box | None, reference: float) -> dict[str, str]:
    found = {"tooltip": escape(node.tooltip)}
    if box is not None:
        # A shape of its own size, which is that of the table in it.
        return found | {"shape": "plain", "fixedsize": "false", "label": write_table(box, reference)}
    sign = node.cells[0].text
    across = width_of(sign, FONT_SIZE)
    width = CIRCLE if across <= CIRCLE - 6 else across + 20
    shape = "circle" if width == CIRCLE else "ellipse"
    return size_in_inches(width, CIRCLE) | found | {"label": escape(sign), "shape": shape}


def write_table(box: Box, reference: float) -> str:
    """A box in Graphviz' kind of HTML: name and number, and the gradient on its tint."""
    name = f"<B>{escape_html(box.name)}</B>" if box.name else ""
    rows = [[("LEFT", name, ""), ("RIGHT", escape_html(box.data), "")]]
    rows += [[("LEFT", escape_html(note), "")] for note in box.notes]
    if box.grad is not None:
        rows[1:] = rows[1:] or [[]]
        rows[1].append(("RIGHT", escape_html(box.grad), f' BGCOLOR="{tint(box.node.grad, reference)}"'))
    written = ""
    for row in rows:
        filled = [cell for cell in row if cell[1]]
        span = ' COLSPAN="2"' if len(filled) == 1 else ""
        cells = "".join(f'<TD ALIGN="{side}"{span}{colour}>{text}</TD>' for side, text, colour in filled)
        written += f"<TR>{cells}</TR>"
    border = f'BORDER="2" COLOR="{LIGHT["ink"]}"' if box.node.kind == "parameter" else 'BORDER="1"'
    fill = f'BGCOLOR="{box.node.fill or LIGHT["card"]}"'
    return (
        f'<<TABLE {border} {fill} STYLE="ROUNDED" CELLBORDER="0" CELLSPACING="2" CELLPADDING="1">{written}</TABLE>>'
    )


def flow_of(edge: Edge, boxes: Mapping[str, Box]) -> float | None:
    """What flows back along an edge; into an operation flows what its result has, the gradient."""
    is_to_result = edge.operand is None and edge.source not in boxes
    return boxes[edge.target].node.grad if is_to_result else edge.contribution


def look_of(contribution: float | None, reference: float) -> dict[str, str]:
    """Width, dashes and colour of an edge, by what flows back along it."""
    kind, width = flow(contribution), edge_width(contribution, reference)
    found = {"arrowhead": "none", "penwidth": f"{width:.2f}"}
    if kind in ("positive", "negative"):
        found["color"] = LIGHT[f"{kind}-line"]
    dashes = {"negative": "dashed", "zero": "dotted"}.get(kind)
    return found | ({"style": dashes} if dashes else {})


def size_in_inches(width: float, height: float) -> dict[str, str]:
    return {"width": f"{width / 72:.4f}", "height": f"{height / 72:.4f}"}


def escape(text: str) -> str:
    """A text that Graphviz shows as it is: without the meaning that it gives to backslashes, to & and to <...>."""
    escaped: str = graphviz.escape(text.replace("&", "&amp;"))
    return graphviz.nohtml(escaped.replace("\n", "\\n"))  # type: ignore[no-any-return]


def escape_html(text: str) -> str:
    """The same in Graphviz' kind of HTML, where spaces that matter must not break."""
    found = xml_escape(text, {'"': "&quot;"}).replace("\\", "\\\\")
    return re.sub(r"^ | $|(?<= ) ", "\u00a0", found)
