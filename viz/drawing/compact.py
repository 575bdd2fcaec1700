"""The graph of a page as SVG: compact boxes whose numbers a script can change.

A page shows the same picture as ``viz.draw``, drawn to be narrower: name, data and gradient stand below
each other, and the circle of an operation sits at the left side of its result, where the arrows arrive.
Colours come from the page's style sheet, so that they follow a light or a dark page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from xml.sax.saxutils import escape, quoteattr

from autograd import Value
from autograd.steps import Trace
from viz.drawing import renderers
from viz.drawing.picture import Edge, Frame, Node, Picture, make_picture, write_dot
from viz.drawing.placement import Placement, Point, lay_out
from viz.drawing.sizes import MOST_VALUES
from viz.drawing.style import printable, shorten, width_of, write_gradient, write_number
from viz.drawing.svg import MARGIN, place_operand_numbers

__all__ = ["PageNode", "edge_ids", "make_page_picture", "write_page_svg"]

FONT = 12.0
NAME_ROW, NUMBER_ROW = 19.0, 17.0
HEADING, NUMBER, PADDING = 23.0, 57.0, 5.0
BADGE = 24.0
LONGEST_SHOWN_NAME = 12
"""An unlabelled node shows its formula if that is no longer than this."""


@dataclass(frozen=True)
class PageNode(Node):
    """A value's box, with the circle of the operation that made it.

    Attributes:
        shown: what stands above its numbers; "" for nothing.
        symbol: what stands in the circle; "" for a leaf.
    """

    shown: str = ""
    symbol: str = ""

    @property
    def badge(self) -> float:
        """The width of the operation's circle, which is an oval if the symbol is long."""
        return max(BADGE, width_of(self.symbol, FONT) + 10) if self.symbol else 0.0

    @property
    def box(self) -> tuple[float, float]:
        """Width and height of the box alone."""
        width = max(HEADING + NUMBER, width_of(self.shown, FONT) * 1.08) + 2 * PADDING
        return width, 2 * NUMBER_ROW + (NAME_ROW if self.shown else 0.0)

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.box
        # The box covers a part of the circle, as a coin lies half under a card.
        return width + max(self.badge - 5, 0.0), height


def make_page_picture(loss: Value, steps: Trace) -> Picture:
    """The picture of the graph, with each operation joined to its result.

    >>> a = Value(3.0, "a")
    >>> loss = a * a
    >>> picture = make_page_picture(loss, Trace(loss))
    >>> [(node.id, node.symbol) for node in picture.nodes]
    [('v0', ''), ('v1', '*')]
    >>> [(edge.id, edge.source, edge.target, edge.operand) for edge in picture.edges]
    [('e0', 'v0', 'v1', 1), ('e1', 'v0', 'v1', 2)]
    """
    picture = make_picture(loss, max_nodes=MOST_VALUES)
    symbols = {
        node.id.removesuffix("_op"): node.cells[0].text for node in picture.nodes if node.kind == "operation"
    }
    nodes = []
    for node in picture.nodes:
        if node.kind != "operation":
            known = {field.name: getattr(node, field.name) for field in fields(node)}
            nodes.append(PageNode(**known, shown=shown_name(steps, node.id), symbol=symbols.get(node.id, "")))
    edges = [
        replace(edge, target=edge.target.removesuffix("_op")) for edge in picture.edges if edge.operand is not None
    ]
    return replace(picture, nodes=tuple(nodes), edges=tuple(edges), title="")


def shown_name(steps: Trace, id: str) -> str:
    node = steps.node(id)
    if node.label:
        return shorten(printable(node.label))
    if node.kind == "input" or node.name == id or len(node.name) > LONGEST_SHOWN_NAME:
        return ""
    return printable(node.name)


def edge_ids(picture: Picture) -> dict[tuple[str, int], str]:
    """For each operation's node and operand (counted from 0) the id of the edge that leads there."""
    return {(edge.target, edge.operand - 1): edge.id for edge in picture.edges if edge.operand is not None}


def write_page_svg(picture: Picture, gradients: Mapping[str, float]) -> str:
    """The picture as an SVG element, with the numbers of both passes filled in."""
    placement = place(picture)
    width, height = placement.width + 2 * MARGIN, placement.height + 2 * MARGIN
    numbers = place_operand_numbers(picture, placement)
    lines = [
        f'<svg id="graph" role="group" aria-label="Computation graph" width="{n(width)}" height="{n(height)}" '
        f'viewBox="{n(-MARGIN)} {n(-MARGIN)} {n(width)} {n(height)}">',
        # What stands at the left of the two numbers is the same in all boxes, and all arrows end alike.
        f'<defs><g id="headings"><text x="{n(PADDING)}" y="12.5">data</text>'
        f'<text x="{n(PADDING)}" y="{n(12.5 + NUMBER_ROW)}">grad</text></g>'
        + "".join(
            f'<marker id="{id}" markerUnits="userSpaceOnUse" orient="auto" overflow="visible">'
            f'<path d="M0 {-half}L7 0 0 {half}Z"/></marker>'
            for id, half in (("tip", 3), ("lit-tip", 5))
        )
        + "</defs>",
    ]
    lines += [write_frame(frame, placement) for frame in picture.frames if frame.id in placement.frames]
    lines += [write_edge(edge, placement, numbers.get(edge.id)) for edge in picture.edges]
    for node in picture.nodes:
        assert isinstance(node, PageNode)
        lines.append(write_node(node, placement, gradients[node.id]))
    return "\n".join([*lines, "</svg>"])


# --- where everything stands ------------------------------------------------------------------------------


def place(picture: Picture) -> Placement:
    """Graphviz places plain graphs, our own layout networks: it puts the neurons of a layer below each other."""
    if not picture.frames:
        return renderers.place(picture, write_dot(picture)).placement
    placement = lay_out(picture)
    nodes = {node.id: node for node in picture.nodes}
    for edge in picture.edges:
        if nodes[edge.source].frame != nodes[edge.target].frame and edge.id in placement.curves:
            lead_around_boxes(edge, picture, placement)
    uncross(picture, placement)
    return placement


def lead_around_boxes(edge: Edge, picture: Picture, placement: Placement) -> None:
    """Lead an edge that enters a frame between the boxes that stand there before its target, not behind them."""
    points, tip = placement.curves[edge.id]
    start, end = points[0], points[-1]
    target = next(node for node in picture.nodes if node.id == edge.target)
    boxes = [
        rectangle(node, placement)
        for node in picture.nodes
        if node.frame == target.frame and node.id not in (edge.source, edge.target)
    ]
    in_the_way = [box for box in boxes if start[0] < box[0] and box[2] < end[0] - GAP]
    if not in_the_way:
        return
    left, right = min(box[0] for box in in_the_way) - GAP, max(box[2] for box in in_the_way) + GAP / 2
    free = [y for y in lanes(in_the_way) if all(y <= box[1] - 2 or y >= box[3] + 2 for box in in_the_way)]
    lane = min(free, key=lambda y: abs(y - end[1] + GAP))
    straight = [((2 * left + right) / 3, lane), ((left + 2 * right) / 3, lane), (right, lane)]
    placement.curves[edge.id] = ([start, *bend(start, (left, lane)), *straight, *bend((right, lane), end)], tip)


def bend(start: Point, end: Point) -> list[Point]:
    """A piece of a Bézier curve that leaves and arrives horizontally."""
    middle = (start[0] + end[0]) / 2
    return [(middle, start[1]), (middle, end[1]), end]


def uncross(picture: Picture, placement: Placement) -> None:
    """Let the edges that arrive at one node arrive in the order of the heights from which they come."""
    arriving: dict[str, list[str]] = {}
    for edge in picture.edges:
        if edge.id in placement.curves:
            arriving.setdefault(edge.target, []).append(edge.id)
    for ids in arriving.values():
        ends = sorted(
            ((placement.curves[id][0][-1], placement.curves[id][1]) for id in ids), key=lambda end: end[0][1]
        )
        ids.sort(key=lambda id: placement.curves[id][0][-4][1])
        for id, (end, tip) in zip(ids, ends, strict=True):
            points, _ = placement.curves[id]
            placement.curves[id] = ([*points[:-3], *bend(points[-4], end)], tip)


GAP = 7.0
"""Half of the space between two boxes: an edge fits in between."""

Box = tuple[float, float, float, float]


def rectangle(node: Node, placement: Placement) -> Box:
    (x, y), (width, height) = placement.centres[node.id], node.size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def lanes(boxes: list[Box]) -> Iterator[float]:
    """Heights just above and below each box."""
    for _, top, _, bottom in boxes:
        yield top - GAP
        yield bottom + GAP


# --- as SVG -----------------------------------------------------------------------------------------------


def write_frame(frame: Frame, placement: Placement) -> str:
    x0, y0, x1, y1 = placement.frames[frame.id]
    title = escape(shorten(printable(frame.title)))
    return (
        f'<g class="frame {frame.kind}" data-id={quoteattr(frame.id)}>'
        f'<rect x="{n(x0)}" y="{n(y0)}" width="{n(x1 - x0)}" height="{n(y1 - y0)}" rx="10"/>'
        f'<text class="title" x="{n((x0 + x1) / 2)}" y="{n(y0 + 17)}">{title}</text></g>'
    )


def write_edge(edge: Edge, placement: Placement, number_at: tuple[float, float] | None) -> str:
    points, _ = placement.curves[edge.id]
    start, *rest = [f"{n(x)} {n(y)}" for x, y in points]
    lines = [f'<g class="edge" data-id={quoteattr(edge.id)}><path class="line" d="M{start}C{" ".join(rest)}"/>']
    if number_at is not None:
        x, y = number_at
        lines.append(f'<circle cx="{n(x)}" cy="{n(y)}" r="6.5"/>')
        lines.append(f'<text class="operand" x="{n(x)}" y="{n(y + 3.3)}">{escape(edge.label)}</text>')
    return "".join([*lines, "</g>"])


def write_node(node: PageNode, placement: Placement, grad: float) -> str:
    """One group whose origin is the upper left corner of the box."""
    (centre_x, centre_y), (whole, _) = placement.centres[node.id], node.size
    width, height = node.box
    left, top = centre_x + whole / 2 - width, centre_y - height / 2
    lines = [f'<g class="node {node.kind}" data-id={quoteattr(node.id)} transform="translate({n(left)} {n(top)})">']
    if node.symbol:
        across = node.badge
        lines.append(
            f'<rect class="badge" x="{n(5 - across)}" y="{n(height / 2 - BADGE / 2)}" width="{n(across)}" '
            f'height="{n(BADGE)}" rx="{n(BADGE / 2)}"/>'
            f'<text class="symbol" x="{n(2.5 - across / 2)}" y="{n(height / 2 + 4.2)}">{escape(node.symbol)}</text>'
        )
    y = NAME_ROW if node.shown else 0.0
    lines.append(
        f'<rect class="box" width="{n(width)}" height="{n(height)}" rx="3"/>'
        f'<rect class="tint" x="2" y="{n(y + NUMBER_ROW)}" width="{n(width - 4)}" height="{n(NUMBER_ROW - 2)}"/>'
    )
    if node.shown:
        style = "name" if node.label else "name formula"
        lines.append(f'<text class="{style}" x="{n(width / 2)}" y="14">{escape(node.shown)}</text>')
    lines.append(f'<use href="#headings"{f""" y="{n(y)}" """.rstrip() if y else ""}/>')
    assert node.data is not None
    for what, number in (("data", write_number(node.data)), ("grad", write_gradient(grad))):
        lines.append(f'<text class="{what}" x="{n(width - PADDING)}" y="{n(y + 12.5)}">{number}</text>')
        y += NUMBER_ROW
    return "".join([*lines, "</g>"])


def n(x: float) -> str:
    """A coordinate, short."""
    return f"{x:.1f}".removesuffix(".0")
