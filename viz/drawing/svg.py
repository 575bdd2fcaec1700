"""Write a placed picture as SVG: the one place in which a box, an edge and a frame are drawn.

Whoever placed the picture and wherever it is shown, it looks the same.  What is drawn has a class; on a page these
have the colours of its style sheet, which follow a light or a dark page, and a picture that stands alone has its
colours in itself.  Everything that a user typed goes through ``escape`` and is text, never markup.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from autograd.core.numbers import write_number
from viz.drawing.arrangement import Point
from viz.drawing.boxes import TAG_PADDING, Box, Scene
from viz.drawing.curves import n, path_through
from viz.drawing.picture import Edge, Frame, Picture
from viz.drawing.placement import Frame as Borders
from viz.drawing.placement import Placement, Tag
from viz.drawing.style import (
    BADGE,
    COVERED,
    FONT_SIZE,
    FONTS,
    LIGHT,
    PADDING,
    ROW,
    SUBSCRIPT_SIZE,
    SYMBOL_SIZE,
    TITLE_HEIGHT,
    edge_width,
    flow,
    plural,
    printable,
    share_of_tint,
    shorten,
    tint,
    width_of,
)

MARGIN = 12.0
KEY = {"positive": "gradient above 0", "negative": "below 0", "zero": "0: nothing flows back"}
KEY_GAP, KEY_LINE, SAMPLE = 10.0, 16.0, 26.0
EQUATION = (300.0, 24.0)
"""The room for an equation above a page's graph: as wide and as high as it needs."""

PAGE_MARGIN = 7.0
"""The room around the graph of a page, which has a border of its own."""

HIGH, HIGH_ROWS = 310.0, 425.0
"""How high a graph of one row, or of several, is if it fills its part of a window of 1280 by 720 pixels."""


def write_svg(scene: Scene, placement: Placement) -> str:
    """The picture as one SVG element, which needs nothing from outside."""
    style = f'font-family="{FONTS}" font-size="{n(FONT_SIZE)}" text-anchor="middle" fill="{LIGHT["ink"]}"'
    return Writer(scene, placement, PAINT).write(f'xmlns="http://www.w3.org/2000/svg" role="img" {style}')


def write_page_svg(scene: Scene, placement: Placement) -> str:
    """The picture as a part of a page, whose style sheet gives it colours and whose script changes its numbers.

    Above it there is room for the equation of a step: a small graph has no other free place.  One so high that it
    would be shrunk has some.
    """
    attributes = 'id="graph" role="group" aria-label="Computation graph"'
    above = 0.0 if placement.height > (HIGH_ROWS if placement.rows else HIGH) else EQUATION[1]
    return Writer(scene, placement, {}, PAGE_MARGIN).write(attributes, above, narrowest=EQUATION[0])


NUMBER = 'text-anchor="end"'
LINE = 'fill="none" stroke='
PAINT = {
    "layer": f'rx="8" fill="{LIGHT["frame"]}" stroke="{LIGHT["border"]}"',
    "neuron": f'rx="8" fill="{LIGHT["inner-frame"]}" stroke="{LIGHT["border"]}"',
    "band": f'rx="8" fill="{LIGHT["frame"]}" stroke="{LIGHT["border"]}"',
    "number": f'font-weight="bold" fill="{LIGHT["muted"]}"',
    "tag": f'rx="10" fill="{LIGHT["card"]}" stroke="{LIGHT["line"]}" stroke-dasharray="3 2"',
    "title": f'fill="{LIGHT["muted"]}"',
    "positive line": f'{LINE}"{LIGHT["positive-line"]}"',
    "negative line": f'{LINE}"{LIGHT["negative-line"]}" stroke-dasharray="9 3"',
    "zero line": f'{LINE}"{LIGHT["line"]}" stroke-dasharray="1.5 3"',
    "pending line": f'{LINE}"{LIGHT["line"]}"',
    "disc": f'fill="{LIGHT["card"]}" stroke="{LIGHT["border"]}"',
    "operand": 'font-size="11"',
    "badge": f'rx="{n(BADGE / 2)}" fill="{LIGHT["card"]}" stroke="{LIGHT["line"]}"',
    "tint": 'rx="2.5"',
    "symbol": f'font-size="{SYMBOL_SIZE:g}" font-weight="600"',
    "box": f'rx="4" stroke="{LIGHT["line"]}"',
    "small box": f'rx="8" stroke="{LIGHT["line"]}"',
    "parameter box": f'rx="4" stroke="{LIGHT["ink"]}" stroke-width="2"',
    "marked box": f'rx="4" stroke="{LIGHT["negative-line"]}" stroke-width="3"',
    "pointer": f'fill="{LIGHT["negative-line"]}"',
    "sign": f'font-size="{SYMBOL_SIZE:g}" font-weight="bold" fill="{LIGHT["card"]}"',
    "name": 'text-anchor="start" font-weight="bold"',
    "note": 'text-anchor="start"',
    "key": f'text-anchor="start" font-size="11" fill="{LIGHT["muted"]}"',
    "data": NUMBER,
    "grad": NUMBER,
}
"""What a class looks like in a picture that stands alone; a page has this in its style sheet."""


class Writer:
    """Writes one picture; without ``paint`` it leaves all colours to a style sheet, and tooltips to a script."""

    def __init__(
        self, scene: Scene, placement: Placement, paint: Mapping[str, str], margin: float = MARGIN
    ) -> None:
        self.scene = scene
        self.picture = scene.picture
        self.placement = placement
        self.paint = paint
        self.margin = margin

    def write(self, attributes: str, above: float = 0.0, narrowest: float = 0.0) -> str:
        placement = self.placement
        title = shown_title(self.picture)
        width = max(placement.width, width_of(title, 17), narrowest) + 2 * self.margin
        key = lay_out_key(explain_scene(self.scene), placement.width) if self.paint else []
        height = placement.height + (KEY_GAP if key else 0.0) + len(key) * KEY_LINE + 2 * self.margin + above
        left = (placement.width - width) / 2
        lines = [
            f'<svg {attributes} width="{n(width)}" height="{n(height)}" '
            f'viewBox="{n(left)} {n(-self.margin - above)} {n(width)} {n(height)}">'
        ]
        if self.paint:
            lines += [
                f"<title>{escape(printable(self.picture.name))}</title>",
                f"<desc>{escape(describe_picture(self.picture))}{escape(describe_key(self.scene))}</desc>",
                f'<rect x="{n(left)}" y="{n(-self.margin)}" width="{n(width)}" height="{n(height)}" '
                f'fill="{LIGHT["card"]}"/>',
            ]
        if title:
            style = 'font-size="16" font-weight="bold"'
            lines.append(
                f'<text x="{n(placement.width / 2)}" y="{n(TITLE_HEIGHT / 2 + 3)}" {style}>{escape(title)}</text>'
            )
        lines += [self.row(i, borders) for i, borders in enumerate(placement.rows, 1)]
        lines += [self.frame(frame) for frame in self.picture.frames if frame.id in placement.frames]
        # What is thin stands before what is wide.
        edges = sorted(self.scene.edges, key=self.width_of_edge, reverse=True)
        numbers = place_operand_numbers(self.scene, placement)
        # Between fully connected layers there are so many edges that they must shine through each other.
        crowd = self.picture.collapsed and len(edges) > 150
        opacity = f' opacity="{n(math.sqrt(150 / len(edges)))}"' if crowd else ""
        lines.append(f'<g class="edges"{opacity}>')
        lines += [self.edge(edge, numbers.get(edge.id)) for edge in edges]
        boxes = {box.id: box for box in self.scene.boxes}
        lines += ["</g>", *map(self.box, self.scene.boxes)]
        lines += [self.tag(tag, boxes[tag.node]) for tag in placement.tags]
        for i, line in enumerate(key):
            lines += [
                self.key(place, kind, text, placement.height + KEY_GAP + i * KEY_LINE) for place, kind, text in line
            ]
        lines += ["</svg>", ""]
        return "\n".join(lines)

    def mark(self, kind: str, look: str = "") -> str:
        """The attributes of something of a kind, which may look as another kind does."""
        painted = self.paint.get(look or kind, "")
        return f'class="{kind}"{" " + painted if painted else ""}'

    def tooltip(self, text: str) -> str:
        return f"<title>{escape(text)}</title>" if self.paint and text else ""

    def row(self, number: int, borders: Borders) -> str:
        """The ground of one row of a long graph, with its number at the left."""
        x0, y0, x1, y1 = borders
        return (
            f'<g class="row"><rect {self.mark("band")} x="{n(x0)}" y="{n(y0)}" width="{n(x1 - x0)}" '
            f'height="{n(y1 - y0)}"/><text {self.mark("number")} x="{n(x0 + 15)}" y="{n((y0 + y1) / 2 + 4)}">'
            f"{number}</text></g>"
        )

    def tag(self, tag: Tag, box: Box) -> str:
        """What stands for a value of an earlier row: its name and its number, in a dashed round box."""
        (x, y), height = tag.centre, box.tag[1]
        lines = [
            f'<g class="tag" data-id={quoteattr(box.id)} '
            f'transform="translate({n(x - tag.width / 2)} {n(y - height / 2)})">{self.tooltip(box.node.tooltip)}'
            f'<rect {self.mark("box", "tag")} width="{n(tag.width)}" height="{n(height)}"/>'
        ]
        if box.name:
            lines.append(self.name(box, TAG_PADDING, 14))
        at = f'x="{n(tag.width - TAG_PADDING)}" y="14"'
        return "".join([*lines, f"<text {self.mark('data')} {at}>{escape(box.data)}</text></g>"])

    def frame(self, frame: Frame) -> str:
        x0, y0, x1, y1 = self.placement.frames[frame.id]
        title = escape(shorten(printable(frame.title)))
        # Where edges pass the upper side of the frame, the title stands beside them.
        aside = self.picture.direction in ("TB", "BT")
        at = f'x="{n(x0 + 12)}" text-anchor="start"' if aside else f'x="{n((x0 + x1) / 2)}"'
        return (
            f'<g class="frame {frame.kind}" data-id={quoteattr(frame.id)}>'
            f'<rect {self.mark("pane", frame.kind)} x="{n(x0)}" y="{n(y0)}" width="{n(x1 - x0)}" '
            f'height="{n(y1 - y0)}"/>'
            f'<text {self.mark("title")} {at} y="{n(y0 + 15)}">{title}</text></g>'
        )

    def key(self, x: float, kind: str, text: str, y: float) -> str:
        """A part of the key: a piece of a line, if it is about one, and what it means."""
        line = f'<path {self.mark("line", f"{kind} line")} stroke-width="4" d="M{n(x)} {n(y + 8)}h{n(SAMPLE)}"/>'
        at = x + (SAMPLE + 5 if kind else 0.0)
        words = f'<text {self.mark("key")} x="{n(at)}" y="{n(y + 12)}">{text}</text>'
        return f'<g class="key">{line if kind else ""}{words}</g>'

    def width_of_edge(self, edge: Edge) -> float:
        return edge_width(edge.contribution, self.picture.reference)

    def edge(self, edge: Edge, number_at: Point | None) -> str:
        points = self.placement.curves[edge.id]
        kind, width = flow(edge.contribution), self.width_of_edge(edge)
        wide = f' stroke-width="{n(1.5 if kind == "zero" else width)}"' if kind != "pending" else ""
        lines = [
            f'<g class="edge {kind}" data-id={quoteattr(edge.id)}>{self.tooltip(explain_edge(edge))}'
            f'<path {self.mark("line", f"{kind} line")}{wide} d="{path_through(points)}"/>'
        ]
        if number_at is not None:
            x, y = number_at
            lines.append(f'<circle {self.mark("disc")} cx="{n(x)}" cy="{n(y)}" r="7.5"/>')
            lines.append(f'<text {self.mark("operand")} x="{n(x)}" y="{n(y + 4)}">{escape(edge.label)}</text>')
        return "".join([*lines, "</g>"])

    def box(self, box: Box) -> str:
        """One group whose origin is the upper left corner of the card: disc, card, name and number, gradient."""
        node, (width, height) = box.node, box.card
        (left, top), badge = box.corners(self.placement.centres[box.id])
        lines = [
            f'<g class="node {node.kind}" data-id={quoteattr(box.id)} transform="translate({n(left)} {n(top)})">'
            + self.tooltip(node.tooltip)
        ]
        if box.operation is not None:
            lines.append(self.badge(box, box.operation.tooltip, (badge[0] - left, badge[1] - top)))
        look = "parameter box" if node.kind == "parameter" else "box" if node.cells else "small box"
        look = "marked box" if box.mark else look
        ground = node.fill or LIGHT["card"] if node.cells else tint(node.grad, self.picture.reference)
        fill = f' fill="{ground}"' if self.paint else ""
        lines.append(f'<rect {self.mark("box", look)}{fill} width="{n(width)}" height="{n(height)}"/>')
        # A single row stands in the middle.
        first = ROW - 3.5 if box.rows > 1 else height / 2 + 4
        if box.grad is not None:
            lines.append(self.tint(box))
        if box.name:
            lines.append(self.name(box, PADDING, first))
        lines += [
            f'<text {self.mark("note")} x="{n(PADDING)}" y="{n(first + i * ROW)}">{escape(note)}</text>'
            for i, note in enumerate(box.notes, 1)
        ]
        numbers = [("data", box.data, first)]
        if box.grad is not None:
            numbers.append(("grad", box.grad, first + ROW + (box.lower - ROW) / 2))
        lines += [
            f'<text {self.mark(kind)} x="{n(width - PADDING)}" y="{n(y)}">{escape(text)}</text>'
            for kind, text, y in numbers
            if text or not self.paint
        ]
        if box.mark:
            # Above the corner, where it covers no number.
            lines.append(f'<circle {self.mark("pointer")} cx="{n(width + 2)}" cy="-4" r="8"/>')
            lines.append(f'<text {self.mark("sign")} x="{n(width + 2)}" y="0.5">{escape(box.mark)}</text>')
        return "".join([*lines, "</g>"])

    def name(self, box: Box, x: float, y: float) -> str:
        size = SUBSCRIPT_SIZE if self.paint else 0.0
        return f'<text {self.mark("name")} x="{n(x)}" y="{n(y)}">{with_subscript(box.name, size)}</text>'

    def badge(self, box: Box, tooltip: str, corner: Point) -> str:
        (x, y), (across, high) = corner, box.badge
        # The symbol stands in the middle of what the card leaves to be seen.
        half = COVERED / 2
        right, down = {"LR": (-half, 0.0), "RL": (half, 0.0), "TB": (0.0, -half), "BT": (0.0, half)}[box.direction]
        shape = (
            f'<rect {self.mark("badge")} x="{n(x)}" y="{n(y)}" width="{n(across)}" height="{n(high)}"/>'
            f'<text {self.mark("symbol")} x="{n(x + across / 2 + right)}" '
            f'y="{n(y + high / 2 + 4.5 + down)}">{escape(box.symbol)}</text>'
        )
        return f"<g>{self.tooltip(tooltip)}{shape}</g>" if self.paint else shape

    def tint(self, box: Box) -> str:
        """The strip behind the gradient, which says its sign and its size."""
        grad, reference = box.node.grad, self.picture.reference
        kind = "tint" if grad is None or flow(grad) not in ("positive", "negative") else f"tint {flow(grad)}"
        colour = f'fill="{tint(grad, reference)}"'
        if not self.paint:
            colour = f'fill-opacity="{share_of_tint(grad, reference) or 1.0:.3g}"'
        return (
            f'<rect {self.mark(kind, "tint")} {colour} x="1.5" y="{n(ROW + 0.5)}" width="{n(box.card[0] - 3)}" '
            f'height="{n(box.lower - 1)}"/>'
        )


def with_subscript(name: str, size: float = SUBSCRIPT_SIZE) -> str:
    """A name as markup; the digits at its end are a subscript, as people write them; 0 leaves their size open.

    >>> with_subscript("net_h1"), with_subscript("a<b"), with_subscript("2")
    ('net_h<tspan font-size="11.4" dy="2.5">1</tspan>', 'a&lt;b', '2')
    """
    found = re.fullmatch(r"(.*[^\W\d_])(\d{1,3})", name)
    if found is None:
        return escape(name)
    look = f'font-size="{size:g}" ' if size else ""
    return f'{escape(found[1])}<tspan {look}dy="2.5">{found[2]}</tspan>'


def explain_edge(edge: Edge) -> str:
    """What flows back along an edge, in full; "" where it is not known."""
    if edge.contribution is None:
        return ""
    if edge.local is None:
        return f"flows back: {edge.contribution!r}"
    return f"flows back: {edge.contribution!r}\nlocal derivative: {edge.local!r}"


def describe_picture(picture: Picture) -> str:
    """The picture in a sentence, for those who hear it.

    >>> from autograd import Value
    >>> from viz.drawing.picture import make_picture
    >>> describe_picture(make_picture(Value(2.0, "a") * 3))
    'A graph of 3 values and 1 operation. Result: 6.'
    """
    operations = sum(node.kind == "operation" for node in picture.nodes)
    values = plural(picture.values, "value")
    sentence = f"A graph of {values} and {plural(operations, 'operation')}"
    if picture.collapsed:
        sentence = f"A graph of {values} with its {picture.collapsed} drawn as one box each"
    by_id = {node.id: node for node in picture.nodes}
    results = []
    for id in picture.results[:5]:
        node = by_id[id]
        name = f"{shorten(printable(node.label))} = " if node.label else ""
        results.append(name + (write_number(node.data) if node.data is not None else "several numbers"))
    return f"{sentence}. Result: {', '.join(results)}."


# --- the key ------------------------------------------------------------------------------------------------------


def explain_scene(scene: Scene) -> list[tuple[str, str]]:
    """What the boxes and the lines of a scene mean: for each kind of line that it has, or "", a few words.

    >>> from autograd import Value
    >>> from viz.drawing.boxes import make_scene
    >>> from viz.drawing.picture import make_picture
    >>> explain_scene(make_scene(make_picture(Value(2.0, "a") * 3)))
    [('', 'a box: value, below it the gradient'), ('', '?: not computed yet')]
    """
    shown = {box.grad for box in scene.boxes}
    if shown == {None}:
        return []
    kinds = {flow(edge.contribution) for edge in scene.edges}
    found = [("", "a box: value, below it the gradient")]
    found += [(kind, text) for kind, text in KEY.items() if kind in kinds]
    if kinds & {"positive", "negative"}:
        found.append(("", "the wider, the more flows back"))
    return [*found, ("", "?: not computed yet")] if "?" in shown else found


def lay_out_key(key: list[tuple[str, str]], room: float) -> list[list[tuple[float, str, str]]]:
    """The lines of a key, with the place of each part; none if it needs more than two."""
    lines: list[list[tuple[float, str, str]]] = [[]]
    x = 0.0
    for kind, text in key:
        width = (SAMPLE + 5 if kind else 0.0) + width_of(text, 11)
        if x + width > room and lines[-1]:
            lines.append([])
            x = 0.0
        lines[-1].append((x, kind, text))
        x += width + 16
        if x - 16 > room:
            return []
    return lines if key and len(lines) <= 2 else []


def describe_key(scene: Scene) -> str:
    """The key for those who hear the picture, or for whom it is too narrow to have one."""
    names = {"positive": "blue line", "negative": "orange dashed line", "zero": "dotted line"}
    parts = [f"{names[kind]}: {text}" if kind else text for kind, text in explain_scene(scene)]
    return f" {'; '.join(parts)}." if parts else ""


def shown_title(picture: Picture) -> str:
    title = printable(picture.title)
    return title if len(title) <= 100 else title[:99] + "…"


# --- the discs that number an operation's operands ------------------------------------------------------------


def place_operand_numbers(scene: Scene, placement: Placement) -> dict[str, Point]:
    """For each edge with a number the place of a small disc for it: near the tip, and not on another such disc.

    None has one where the operands arrive in their order, from above to below or from left to right.
    """
    across = 1 if scene.picture.direction in ("LR", "RL") else 0
    arrivals: dict[str, list[tuple[int, float]]] = {}
    for edge in scene.edges:
        if edge.label:
            arrivals.setdefault(edge.target, []).append((edge.operand or 0, placement.curves[edge.id][-1][across]))
    unclear = {
        target for target, found in arrivals.items()
        if any(one >= other for (_, one), (_, other) in pairwise(sorted(found)))
    }  # fmt: skip
    places: dict[str, Point] = {}
    taken: dict[str, list[Point]] = {}
    for edge in scene.edges:
        if not edge.label or edge.target not in unclear:
            continue
        points = placement.curves[edge.id]
        others = taken.setdefault(edge.target, [])
        for distance in (12.0, 20.0, 28.0, 36.0):
            place = towards(points[-1], points[::-1], distance)
            if all(math.dist(place, other) >= 15 for other in others):
                break
        others.append(place)
        places[edge.id] = place
    return places


def towards(tip: Point, backwards: list[Point], distance: float) -> Point:
    """The point at that distance from the tip, along the curve, or its beginning if it is shorter than that."""
    last = tip
    for piece in range(0, len(backwards) - 3, 3):
        for i in range(21):
            point = bezier(backwards[piece : piece + 4], i / 20)
            step = math.dist(point, last)
            if step >= distance:
                share = distance / step
                return last[0] + share * (point[0] - last[0]), last[1] + share * (point[1] - last[1])
            distance -= step
            last = point
    return last


def bezier(points: list[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return (
        sum(w * x for w, (x, _) in zip(weights, points, strict=True)),
        sum(w * y for w, (_, y) in zip(weights, points, strict=True)),
    )
