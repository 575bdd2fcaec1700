"""What a box looks like, in all pictures: its rows, its badge, and how much room they take.

A picture says what is to be seen; here it becomes a scene of boxes, which are then placed and written as SVG.
Name, data and gradient stand below each other, and the operation that made a value is a badge at the side of
its box where the arrows arrive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from autograd import Value
from autograd.core.numbers import write_gradient, write_number
from autograd.steps import Trace
from viz.drawing.picture import Cell, Edge, Node, Picture, make_picture
from viz.drawing.style import (
    BADGE,
    FONT_SIZE,
    HEADING_WIDTH,
    NAME_ROW,
    NUMBER_WIDTH,
    PADDING,
    ROW,
    printable,
    width_of,
)

LONGEST_SHOWN_NAME = 12
"""An unlabelled node shows its formula if that is no longer than this."""


@dataclass(frozen=True)
class Box:
    """One box, with the badge of the operation that made it.

    Attributes:
        node: what it stands for.
        operation: the operation that made it, or None.
        name: what stands above its rows; "" for nothing.
        rows: what stands below the name.
        direction: where the graph runs; the badge is at the side from which the arrows come.
    """

    node: Node
    operation: Node | None
    name: str
    rows: tuple[Cell, ...]
    direction: str

    @property
    def id(self) -> str:
        return self.node.id

    @property
    def symbol(self) -> str:
        """What stands in the badge; "" if there is none."""
        return "" if self.operation is None else self.operation.cells[0].text

    @cached_property
    def badge(self) -> tuple[float, float]:
        """Width and height of the badge: a disc, or an oval if the symbol is long; nothing for a leaf."""
        return (max(BADGE, math.ceil(width_of(self.symbol, FONT_SIZE) + 10)), BADGE) if self.symbol else (0.0, 0.0)

    @cached_property
    def card(self) -> tuple[float, float]:
        """Width and height without the badge."""
        needed = [HEADING_WIDTH + NUMBER_WIDTH, width_of(self.name, FONT_SIZE) * 1.08]
        for row in self.rows:
            heading = HEADING_WIDTH if row.heading else 0.0
            needed.append(heading + width_of(row.text, FONT_SIZE))
        return math.ceil(max(needed)) + 2 * PADDING, ROW * len(self.rows) + (NAME_ROW if self.name else 0.0)

    @cached_property
    def size(self) -> tuple[float, float]:
        """Width and height of both; the card covers a part of the badge, as a coin lies half under it."""
        (width, height), (across, high) = self.card, self.badge
        if self.direction in ("LR", "RL"):
            return width + max(across - 5, 0.0), height
        return max(width, across), height + max(high - 5, 0.0)

    def corners(self, centre: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
        """The upper left corners of the card and of the badge, if the middle of both together is there."""
        (x, y), (whole, high) = centre, self.size
        (width, height), (across, _) = self.card, self.badge
        left, top, right, low = x - whole / 2, y - high / 2, x + whole / 2, y + high / 2
        return {
            "LR": ((right - width, y - height / 2), (left, y - BADGE / 2)),
            "RL": ((left, y - height / 2), (right - across, y - BADGE / 2)),
            "TB": ((x - width / 2, low - height), (x - across / 2, top)),
            "BT": ((x - width / 2, top), (x - across / 2, low - BADGE)),
        }[self.direction]


@dataclass(frozen=True)
class Scene:
    """A picture as it is drawn: boxes, and the arrows between them.

    >>> from autograd import Value
    >>> from viz.drawing.picture import make_picture
    >>> a = Value(3.0, "a")
    >>> scene = make_scene(make_picture(a * a))
    >>> [(box.id, box.symbol) for box in scene.boxes]
    [('v0', ''), ('v1', '*')]
    >>> [(edge.id, edge.source, edge.target, edge.operand) for edge in scene.edges]
    [('e0', 'v0', 'v1', 1), ('e1', 'v0', 'v1', 2)]
    """

    picture: Picture
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]


def make_scene(picture: Picture, names: Mapping[str, str] | None = None) -> Scene:
    """Join each operation of a picture to its result.

    ``names`` may give a box without a label something to stand above its rows: the formula of an unnamed value.
    """
    operations = {node.id.removesuffix("_op"): node for node in picture.nodes if node.kind == "operation"}
    boxes = []
    for node in picture.nodes:
        if node.kind == "operation":
            continue
        first, *others = node.cells or (Cell("", ""),)
        named = not first.heading
        name = first.text if named else (names or {}).get(node.id, "")
        rows = tuple(others) if named else node.cells
        boxes.append(Box(node, operations.get(node.id), name, rows, picture.direction))
    results = {node.id: id for id, node in operations.items()}
    edges = [
        replace(edge, target=results.get(edge.target, edge.target))
        for edge in picture.edges
        if edge.source not in results
    ]
    return Scene(picture, tuple(boxes), tuple(edges))


def make_traced_scene(loss: Value, steps: Trace, solved: bool = True) -> Scene:
    """The scene of the graph behind a Value, with the numbers of a trace; unless ``solved`` without its gradients.

    The trace may be one of the same graph with other numbers: frames of neurons are known of the original only.

    >>> a = Value(3.0, "a")
    >>> scene = make_traced_scene(a * a, Trace(a * a))
    >>> [(box.id, box.name, [row.line for row in box.rows]) for box in scene.boxes]
    [('v0', 'a', ['data 3.0', 'grad +6.0']), ('v1', 'a·a', ['data 9.0', 'grad +1.0'])]
    """
    picture = make_picture(loss, max_nodes=len(steps.nodes))
    nodes = []
    for node in picture.nodes:
        if node.kind != "operation":
            data, grad = steps.node(node.id).data, steps.gradients[node.id] if solved else None
            numbers = (Cell("data", write_number(data)), Cell("grad", write_gradient(grad) if solved else ""))
            name = tuple(cell for cell in node.cells if not cell.heading)
            node = replace(node, data=data, grad=grad, cells=(*name, *numbers))
        nodes.append(replace(node, tooltip=""))
    names: dict[str, str] = {node.id: shown_name(steps, node.id) for node in steps.nodes}
    return make_scene(replace(picture, nodes=tuple(nodes)), names)


def shown_name(steps: Trace, id: str) -> str:
    """The formula of a value that has no label, if it is short."""
    node = steps.node(id)
    is_plain = node.kind == "input" or node.name == id or len(node.name) > LONGEST_SHOWN_NAME
    return "" if is_plain else printable(node.name)
