"""A picture in Graphviz' language, DOT: the one that people read, and the one that only asks for places."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from viz.drawing.boxes import Scene
from viz.drawing.picture import Edge, Node, Picture
from viz.drawing.style import LIGHT, printable, shorten, width_of

__all__ = ["make_digraph", "write_dot", "write_scene"]

PORTS = {"LR": ("e", "w"), "RL": ("w", "e"), "TB": ("s", "n"), "BT": ("n", "s")}
"""For each direction the sides on which edges leave a box and enter one, as points of the compass."""

FONTS = "Helvetica,Arial,DejaVu Sans,sans-serif"
FONT_SIZE, CELL_PADDING, CELL_HEIGHT, CIRCLE = 13.0, 9.0, 28.0, 32.0


def write_dot(picture: Picture) -> str:
    """The picture in Graphviz' language; the same picture always gives the same text.

    >>> from autograd import Value
    >>> from viz.drawing.from_graph import make_picture
    >>> a = Value(2.0, "a")
    >>> print(write_dot(make_picture(-a)))  # doctest: +ELLIPSIS
    digraph "computation graph" {
        ...
        v0 [label="{a|data 2.0|grad ?}" ...]
        ...
    """
    from graphviz import Digraph

    text: str = make_digraph(Digraph, picture).source
    return text


def make_digraph(kind: Callable[..., Any], picture: Picture) -> Any:
    """The picture as a ``graphviz.Digraph``, or as a class of that ``kind``."""
    horizontal = picture.direction in ("LR", "RL")
    nodes = [(node.id, node.frame, attributes(node, horizontal)) for node in picture.nodes]
    operations = {node.id for node in picture.nodes if node.kind == "operation"}
    return assemble(kind, picture, nodes, picture.edges, operations)


def write_scene(scene: Scene) -> str:
    """The boxes of a scene, with their sizes and nothing in them: what Graphviz needs to know to place them."""
    from graphviz import Digraph

    nodes = []
    for box in scene.boxes:
        nodes.append((box.id, box.node.frame, {"label": "", "shape": "box", **size_in_inches(*box.size)}))
    text: str = assemble(Digraph, scene.picture, nodes, scene.edges, set()).source
    return text


def assemble(
    kind: Callable[..., Any],
    picture: Picture,
    nodes: list[tuple[str, str | None, dict[str, str]]],
    edges: Sequence[Edge],
    operations: set[str],
) -> Any:
    """A digraph of nodes with their frames and attributes, and of edges; ``operations`` have no sides."""
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
            "shape": "record", "style": "filled", "fillcolor": "white", "color": line, "fontname": FONTS,
            "fontsize": f"{FONT_SIZE:g}", "fontcolor": ink, "fixedsize": "true", "penwidth": "1",
        },
        edge_attr={"color": line, "arrowsize": "0.6", "fontname": FONTS, "fontsize": "10", "fontcolor": line},
    )  # fmt: skip
    if picture.title:
        dot.attr(label=escape(printable(picture.title)), labelloc="t")
    write_inside(dot, None, picture, nodes)
    leave, enter = PORTS[picture.direction]
    for edge in edges:
        extra = {"headlabel": edge.label, "labeldistance": "1.6"} if edge.label else {}
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


def attributes(node: Node, horizontal: bool) -> dict[str, str]:
    found = {"tooltip": escape(node.tooltip)}
    if node.kind == "operation":
        symbol = node.cells[0].text
        across = width_of(symbol, FONT_SIZE)
        width = CIRCLE if across <= CIRCLE - 6 else across + 20
        shape = "circle" if width == CIRCLE else "ellipse"
        size = size_in_inches(width, CIRCLE)
        return size | found | {"label": escape(symbol), "shape": shape, "fillcolor": LIGHT["pale"]}
    width = sum(
        width_of(cell.line, FONT_SIZE) * (1.12 if cell.bold else 1) + 2 * CELL_PADDING for cell in node.cells
    )
    fields = "|".join(escape_field(cell.line) for cell in node.cells)
    # Graphviz stacks the fields of a record when the graph runs from left to right; braces turn them back.
    found |= size_in_inches(width, CELL_HEIGHT) | {"label": f"{{{fields}}}" if horizontal else fields}
    if node.kind == "parameter":
        found["penwidth"] = "2.5"
    if node.fill or node.colour != LIGHT["card"]:
        found["fillcolor"] = node.fill or node.colour
    return found


def size_in_inches(width: float, height: float) -> dict[str, str]:
    return {"width": f"{width / 72:.4f}", "height": f"{height / 72:.4f}"}


def escape(text: str) -> str:
    """A text that Graphviz shows as it is: without the meaning that it gives to backslashes, to & and to <...>."""
    import graphviz

    escaped: str = graphviz.escape(text.replace("&", "&amp;"))
    return graphviz.nohtml(escaped.replace("\n", "\\n"))  # type: ignore[no-any-return]


def escape_field(text: str) -> str:
    """The same for a field of a record, where {}|<> have a meaning too and spaces that matter must not break."""
    return re.sub(r"[{}|<>]", r"\\\g<0>", re.sub(r"^ | $|(?<= ) ", "\u00a0", escape(text)))
