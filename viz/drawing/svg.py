"""Draw a placed picture as SVG: the one place in which it is decided how a drawing looks.

Whoever placed the picture, Graphviz or our own layout, the drawing looks the same.  Everything that
a user typed goes through ``escape`` and is text, never markup.
"""

from __future__ import annotations

import math
from xml.sax.saxutils import escape, quoteattr

from viz.drawing.picture import (
    BOX_HEIGHT,
    FONT_SIZE,
    FRAME_FILLS,
    FRAME_LINE,
    INK,
    LINE,
    PALE,
    Edge,
    Frame,
    Node,
    Picture,
)
from viz.drawing.placement import TITLE_HEIGHT, Placement, Point
from viz.drawing.style import plural, printable, shorten, width_of, write_number

__all__ = ["describe_picture", "write_svg"]

FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
MARGIN = 12.0
BASELINE = 0.35
"""How far below the middle of a line its letters stand, as a share of the font size."""
QUIET = "#6e7781"


def write_svg(picture: Picture, placement: Placement) -> str:
    """The picture as one SVG element, which needs nothing from outside."""
    width = max(placement.width + 2 * MARGIN, title_width(picture) + 2 * MARGIN)
    height = placement.height + 2 * MARGIN
    depth = {frame.id: 0 if frame.parent is None else 1 for frame in picture.frames}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{n(width)}" height="{n(height)}" '
        f'viewBox="0 0 {n(width)} {n(height)}">',
        f"<title>{escape(printable(picture.name))}</title>",
        f"<desc>{escape(describe_picture(picture))}</desc>",
        f'<rect width="{n(width)}" height="{n(height)}" fill="#ffffff"/>',
        f'<g transform="translate({n((width - placement.width) / 2)} {n(MARGIN)})" font-family="{FONTS}" '
        f'font-size="{n(FONT_SIZE)}" fill="{INK}" text-anchor="middle">',
    ]
    if picture.title:
        style = 'font-size="16" font-weight="bold"'
        lines.append(text(placement.width / 2, TITLE_HEIGHT / 2 - 3, shown_title(picture), style))
    drawn = [frame for frame in picture.frames if frame.id in placement.frames]
    lines += [draw_frame(frame, placement, depth[frame.id]) for frame in drawn]
    numbers = place_operand_numbers(picture, placement)
    # Between fully connected layers there are so many edges that they must shine through each other.
    opacity = min(1.0, math.sqrt(150 / len(picture.edges))) if picture.collapsed and picture.edges else 1.0
    lines.append(f'<g class="edges" stroke-opacity="{n(opacity)}" fill-opacity="{n(opacity)}">')
    lines += [draw_edge(edge, *placement.curves[edge.id], numbers.get(edge.id)) for edge in picture.edges]
    lines.append("</g>")
    lines += [draw_node(node, placement.centres[node.id]) for node in picture.nodes]
    lines += ["</g>", "</svg>", ""]
    return "\n".join(lines)


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


def title_width(picture: Picture) -> float:
    return width_of(shown_title(picture), 17)


def draw_node(node: Node, centre: Point) -> str:
    kind = f"node {node.kind}"
    lines = [f'<g class="{kind}" data-id={quoteattr(node.id)}><title>{escape(node.tooltip)}</title>']
    lines += draw_operation(node, centre) if node.kind == "operation" else draw_box(node, centre)
    return "".join([*lines, "</g>"])


def draw_operation(node: Node, centre: Point) -> list[str]:
    (x, y), (width, height) = centre, node.size
    radii = f'rx="{n(width / 2)}" ry="{n(height / 2)}"'
    return [
        f'<ellipse cx="{n(x)}" cy="{n(y)}" {radii} fill="{PALE}" stroke="{LINE}"/>',
        text(x, y, node.cells[0].text, 'font-size="14"' if len(node.cells[0].text) == 1 else ""),
    ]


def draw_box(node: Node, centre: Point) -> list[str]:
    """One cell beside the other: the name on grey, the data on white, the gradient on its colour."""
    width = node.size[0]
    left, top = centre[0] - width / 2, centre[1] - BOX_HEIGHT / 2
    lines = []
    x = left
    for cell in node.cells:
        fill = node.colour if cell.heading == "grad" else node.fill or ("#ffffff" if cell.heading else PALE)
        lines.append(
            f'<rect x="{n(x)}" y="{n(top)}" width="{n(cell.width)}" height="{n(BOX_HEIGHT)}" fill="{fill}"/>'
        )
        x += cell.width
    x = left
    for i, cell in enumerate(node.cells):
        if i:
            lines.append(f'<path d="M{n(x)} {n(top)}v{n(BOX_HEIGHT)}" stroke="{FRAME_LINE}"/>')
        middle = x + cell.width / 2
        if cell.heading:
            # On a colour the small heading is as dark as the rest, to stay legible.
            fill = node.colour if cell.heading == "grad" else node.fill or "#ffffff"
            colour = QUIET if fill == "#ffffff" else INK
            content = f'<tspan fill="{colour}">{escape(cell.heading)}</tspan> {escape(cell.text)}'
            lines.append(f'<text x="{n(middle)}" y="{n(centre[1] + BASELINE * FONT_SIZE)}">{content}</text>')
        else:
            lines.append(text(middle, centre[1], cell.text, 'font-weight="bold"' if cell.bold else ""))
        x += cell.width
    bold = "2.6" if node.kind == "parameter" else "1"
    colour = INK if node.kind == "parameter" else LINE
    lines.append(
        f'<rect x="{n(left)}" y="{n(top)}" width="{n(width)}" height="{n(BOX_HEIGHT)}" '
        f'fill="none" stroke="{colour}" stroke-width="{bold}"/>'
    )
    return lines


def draw_frame(frame: Frame, placement: Placement, depth: int) -> str:
    x0, y0, x1, y1 = placement.frames[frame.id]
    title = shorten(printable(frame.title))
    return (
        f'<g class="{frame.kind}" data-id={quoteattr(frame.id)}>'
        f'<rect x="{n(x0)}" y="{n(y0)}" width="{n(x1 - x0)}" height="{n(y1 - y0)}" rx="8" '
        f'fill="{FRAME_FILLS[depth % 2]}" stroke="{FRAME_LINE}"/>'
        f'{text((x0 + x1) / 2, y0 + 13, title, f"""font-size="12" fill="{QUIET}" """.rstrip())}</g>'
    )


def draw_edge(edge: Edge, points: list[Point], tip: Point, number_at: Point | None) -> str:
    start, *rest = [f"{n(x)} {n(y)}" for x, y in points]
    lines = [
        f'<g class="edge" data-id={quoteattr(edge.id)}>',
        f'<path d="M{start}C{" ".join(rest)}" fill="none" stroke="{LINE}"/>',
        arrow_head(points[-1], tip),
    ]
    if number_at is not None:
        x, y = number_at
        lines.append(f'<circle cx="{n(x)}" cy="{n(y)}" r="6" fill="#ffffff" stroke="{FRAME_LINE}"/>')
        lines.append(text(x, y, edge.label, 'font-size="9"'))
    return "".join([*lines, "</g>"])


def arrow_head(end: Point, tip: Point) -> str:
    dx, dy = tip[0] - end[0], tip[1] - end[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    # Half as wide as it is long, on both sides of the line.
    x, y = -dy / length * 3, dx / length * 3
    corners = [(end[0] + x, end[1] + y), tip, (end[0] - x, end[1] - y)]
    return f'<path d="M{" ".join(f"{n(a)} {n(b)}" for a, b in corners)}Z" fill="{LINE}"/>'


def place_operand_numbers(picture: Picture, placement: Placement) -> dict[str, Point]:
    """For each edge with a number the place of a small disc for it: near the tip, and not on another such disc."""
    places: dict[str, Point] = {}
    taken: dict[str, list[Point]] = {}
    for edge in picture.edges:
        if not edge.label:
            continue
        points, tip = placement.curves[edge.id]
        others = taken.setdefault(edge.target, [])
        for distance in (15.0, 21.0, 27.0, 33.0):
            place = towards(tip, points[::-1], distance)
            if all(apart(place, other) >= 13 for other in others):
                break
        others.append(place)
        places[edge.id] = place
    return places


def towards(tip: Point, backwards: list[Point], distance: float) -> Point:
    """The point at that distance from the tip, along the last piece of the curve (walked backwards)."""
    last = tip
    walked = 0.0
    for i in range(21):
        point = bezier(backwards[:4], i / 20)
        step = apart(point, last)
        if walked + step >= distance:
            share = (distance - walked) / step
            return last[0] + share * (point[0] - last[0]), last[1] + share * (point[1] - last[1])
        walked += step
        last = point
    return last


def apart(one: Point, other: Point) -> float:
    return math.hypot(one[0] - other[0], one[1] - other[1])


def bezier(points: list[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return (
        sum(w * x for w, (x, _) in zip(weights, points, strict=True)),
        sum(w * y for w, (_, y) in zip(weights, points, strict=True)),
    )


def text(x: float, y: float, content: str, style: str = "") -> str:
    size = float(style.split('font-size="')[1].split('"')[0]) if "font-size" in style else FONT_SIZE
    return f'<text x="{n(x)}" y="{n(y + BASELINE * size)}"{" " + style if style else ""}>{escape(content)}</text>'


def n(x: float) -> str:
    """A coordinate, short."""
    return f"{x:.2f}".rstrip("0").rstrip(".")
