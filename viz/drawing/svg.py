"""Write a placed picture as SVG: the one place in which a box, an arrow and a frame are drawn.

Whoever placed the picture and wherever it is shown, it looks the same.  What is drawn has a class; on a page these
have the colours of its style sheet, which follow a light or a dark page, and a picture that stands alone has its
colours in itself.  Everything that a user typed goes through ``escape`` and is text, never markup.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from autograd.core.numbers import write_number
from viz.drawing.arrangement import Point
from viz.drawing.boxes import Box, Scene
from viz.drawing.picture import Cell, Edge, Frame, Picture
from viz.drawing.placement import Placement
from viz.drawing.style import (
    BADGE,
    FONT_SIZE,
    FONTS,
    LIGHT,
    NAME_ROW,
    PADDING,
    ROW,
    TITLE_HEIGHT,
    plural,
    printable,
    shorten,
    width_of,
)  # fmt: skip

MARGIN = 12.0


def n(x: float) -> str:
    """A coordinate, short."""
    return f"{x:.1f}".removesuffix(".0")


def write_svg(scene: Scene, placement: Placement) -> str:
    """The picture as one SVG element, which needs nothing from outside."""
    style = f'font-family="{FONTS}" font-size="{n(FONT_SIZE)}" text-anchor="middle" fill="{LIGHT["ink"]}"'
    return Writer(scene, placement, PAINT).write(f'xmlns="http://www.w3.org/2000/svg" role="img" {style}')


def write_page_svg(scene: Scene, placement: Placement) -> str:
    """The picture as a part of a page, whose style sheet gives it colours and whose script changes its numbers."""
    return Writer(scene, placement, {}).write('id="graph" role="group" aria-label="Computation graph"')


NUMBER = 'text-anchor="end"'
PAINT = {
    "layer": f'rx="10" fill="{LIGHT["frame"]}" stroke="{LIGHT["border"]}"',
    "neuron": f'rx="10" fill="{LIGHT["inner-frame"]}" stroke="{LIGHT["border"]}"',
    "title": f'fill="{LIGHT["muted"]}"',
    "line": f'fill="none" stroke="{LIGHT["line"]}"',
    "head": f'fill="{LIGHT["line"]}"',
    "disc": f'fill="{LIGHT["card"]}" stroke="{LIGHT["border"]}"',
    "operand": 'font-size="9"',
    "badge": f'fill="{LIGHT["pale"]}" stroke="{LIGHT["line"]}"',
    "box": f'rx="3" stroke="{LIGHT["line"]}"',
    "parameter box": f'rx="3" stroke="{LIGHT["ink"]}" stroke-width="2.6"',
    "name": 'font-weight="bold"',
    "name formula": f'fill="{LIGHT["muted"]}"',
    "tag": 'font-size="9.5" text-anchor="start"',
    "data": NUMBER,
    "grad": NUMBER,
}
"""What a class looks like in a picture that stands alone; a page has this in its style sheet."""


class Writer:
    """Writes one picture; without ``paint`` it leaves all colours to a style sheet, and tooltips to a script."""

    def __init__(self, scene: Scene, placement: Placement, paint: Mapping[str, str]) -> None:
        self.scene = scene
        self.picture = scene.picture
        self.placement = placement
        self.paint = paint

    def write(self, attributes: str) -> str:
        placement = self.placement
        title = shown_title(self.picture)
        width = max(placement.width, width_of(title, 17)) + 2 * MARGIN
        height = placement.height + 2 * MARGIN
        left = (placement.width - width) / 2
        lines = [
            f'<svg {attributes} width="{n(width)}" height="{n(height)}" '
            f'viewBox="{n(left)} {n(-MARGIN)} {n(width)} {n(height)}">'
        ]
        if self.paint:
            lines += [
                f"<title>{escape(printable(self.picture.name))}</title>",
                f"<desc>{escape(describe_picture(self.picture))}</desc>",
                f'<rect x="{n(left)}" y="{n(-MARGIN)}" width="{n(width)}" height="{n(height)}" '
                f'fill="{LIGHT["card"]}"/>',
            ]
        if title:
            style = 'font-size="16" font-weight="bold"'
            lines.append(
                f'<text x="{n(placement.width / 2)}" y="{n(TITLE_HEIGHT / 2 + 3)}" {style}>{escape(title)}</text>'
            )
        lines += [self.frame(frame) for frame in self.picture.frames if frame.id in placement.frames]
        edges, numbers = self.scene.edges, place_operand_numbers(self.scene, placement)
        # Between fully connected layers there are so many edges that they must shine through each other.
        crowd = self.picture.collapsed and len(edges) > 150
        opacity = f' opacity="{n(math.sqrt(150 / len(edges)))}"' if crowd else ""
        lines.append(f'<g class="edges"{opacity}>')
        lines += [self.edge(edge, numbers.get(edge.id)) for edge in edges]
        lines += ["</g>", *(self.box(box) for box in self.scene.boxes), "</svg>", ""]
        return "\n".join(lines)

    def mark(self, kind: str, look: str = "") -> str:
        """The attributes of something of a kind, which may look as another kind does."""
        painted = self.paint.get(look or kind, "")
        return f'class="{kind}"{" " + painted if painted else ""}'

    def tooltip(self, text: str) -> str:
        return f"<title>{escape(text)}</title>" if self.paint and text else ""

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
            f'<text {self.mark("title")} {at} y="{n(y0 + 17)}">{title}</text></g>'
        )

    def edge(self, edge: Edge, number_at: Point | None) -> str:
        points = self.placement.curves[edge.id]
        lines = [
            f'<g class="edge" data-id={quoteattr(edge.id)}>',
            f'<path {self.mark("line")} d="{path_through(points)}"/>',
        ]
        if number_at is not None:
            x, y = number_at
            lines.append(f'<circle {self.mark("disc")} cx="{n(x)}" cy="{n(y)}" r="6.5"/>')
            lines.append(f'<text {self.mark("operand")} x="{n(x)}" y="{n(y + 3)}">{escape(edge.label)}</text>')
        return "".join([*lines, "</g>"])

    def box(self, box: Box) -> str:
        """One group whose origin is the upper left corner of the card: badge, card, name, rows."""
        node, (width, height) = box.node, box.card
        (left, top), badge = box.corners(self.placement.centres[box.id])
        lines = [
            f'<g class="node {node.kind}" data-id={quoteattr(box.id)} transform="translate({n(left)} {n(top)})">'
            + self.tooltip(node.tooltip)
        ]
        if box.operation is not None:
            lines.append(self.badge(box, box.operation.tooltip, (badge[0] - left, badge[1] - top)))
        look = "parameter box" if node.kind == "parameter" else "box"
        fill = f' fill="{node.fill or LIGHT["card"]}"' if self.paint else ""
        lines.append(f'<rect {self.mark("box", look)}{fill} width="{n(width)}" height="{n(height)}"/>')
        y = 0.0
        if box.name:
            kind = "name" if node.label else "name formula"
            lines.append(f'<text {self.mark(kind)} x="{n(width / 2)}" y="14">{escape(box.name)}</text>')
            y = NAME_ROW
        for row in box.rows:
            lines.append(self.row(box, row, y))
            y += ROW
        return "".join([*lines, "</g>"])

    def badge(self, box: Box, tooltip: str, corner: Point) -> str:
        (x, y), (across, high) = corner, box.badge
        # The symbol stands in the middle of what the card leaves to be seen.
        right, down = {"LR": (-2.5, 0), "RL": (2.5, 0), "TB": (0, -2.5), "BT": (0, 2.5)}[self.picture.direction]
        shape = (
            f'<rect {self.mark("badge")} x="{n(x)}" y="{n(y)}" width="{n(across)}" height="{n(high)}" '
            f'rx="{n(BADGE / 2)}"/><text x="{n(x + across / 2 + right)}" '
            f'y="{n(y + high / 2 + 4 + down)}">{escape(box.symbol)}</text>'
        )
        return f"<g>{self.tooltip(tooltip)}{shape}</g>" if self.paint else shape

    def row(self, box: Box, row: Cell, y: float) -> str:
        """A small heading at the left and a number at the right; a gradient stands on its colour."""
        width, middle = box.card[0], n(y + 12)
        if not row.heading:
            return f'<text x="{n(width / 2)}" y="{middle}">{escape(row.text)}</text>'
        tint = LIGHT["card"] if row.heading != "grad" else box.node.colour
        tinted = tint != LIGHT["card"]
        lines = []
        if row.heading == "grad" and (tinted or not self.paint):
            fill = f' fill="{tint}"' if self.paint else ""
            lines.append(
                f'<rect class="tint"{fill} x="2" y="{n(y)}" width="{n(width - 4)}" height="{n(ROW - 2)}"/>'
            )
        # On a colour the small heading is as dark as the rest, to stay legible.
        quiet = f' fill="{LIGHT["muted"]}"' if self.paint and not tinted and not box.node.fill else ""
        # Two texts: a browser lays each out on its own, which makes the sliders of a page faster.
        heading = f'{self.mark("tag")}{quiet} x="{n(PADDING)}" y="{middle}"'
        number = f'{self.mark(row.heading)} x="{n(width - PADDING)}" y="{middle}"'
        lines.append(f"<text {heading}>{escape(row.heading)}</text><text {number}>{escape(row.text)}</text>")
        return "".join(lines)


def describe_picture(picture: Picture) -> str:
    """The picture in a sentence, for those who hear it.

    >>> from autograd import Value
    >>> from viz.drawing.picture import make_picture
    >>> describe_picture(make_picture(Value(2.0, "a") * 3))
    'A graph of 3 values and 1 operation. Result: 6.0.'
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


def shown_title(picture: Picture) -> str:
    title = printable(picture.title)
    return title if len(title) <= 100 else title[:99] + "…"


def path_through(points: list[Point]) -> str:
    """A curve as SVG writes it; where it is straight, it says so."""
    parts = [f"M{n(points[0][0])} {n(points[0][1])}"]
    for i in range(0, len(points) - 3, 3):
        piece = points[i : i + 4]
        straight = len({y for _, y in piece}) == 1 or len({x for x, _ in piece}) == 1
        parts.append(
            ("L" if straight else "C") + " ".join(f"{n(x)} {n(y)}" for x, y in piece[3 if straight else 1 :])
        )
    return "".join(parts)


# --- the discs that number an operation's operands ------------------------------------------------------------


def place_operand_numbers(scene: Scene, placement: Placement) -> dict[str, Point]:
    """For each edge with a number the place of a small disc for it: near the tip, and not on another such disc."""
    places: dict[str, Point] = {}
    taken: dict[str, list[Point]] = {}
    for edge in scene.edges:
        if not edge.label:
            continue
        points = placement.curves[edge.id]
        others = taken.setdefault(edge.target, [])
        for distance in (15.0, 21.0, 27.0, 33.0):
            place = towards(points[-1], points[::-1], distance)
            if all(math.dist(place, other) >= 13 for other in others):
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
