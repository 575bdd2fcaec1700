"""What a box looks like, in all pictures: its two rows, its disc, and how much room they take.

A picture says what is to be seen; here it becomes a scene of boxes, which are then placed and written as SVG.
Name and value stand in the upper row, the gradient in the lower one, and the operation that made a value in a disc,
half under the box, where the edges arrive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from autograd import Value
from autograd.steps import NodeId, Trace
from viz.drawing.picture import Edge, Node, Picture, make_picture, own_reference, write_in_box
from viz.drawing.style import (
    BADGE,
    BOLD,
    COVERED,
    FONT_SIZE,
    GAP,
    NARROWEST,
    NUMBER_WIDTH,
    PADDING,
    ROW,
    SYMBOL_SIZE,
    width_of,
)

TAG_HEIGHT, TAG_PADDING = 20.0, 8.0
SMALL = 16.0
"""How large a box is in which nothing is written: one of very many neurons."""
LONGEST_IN_DISC = 8
"""A plain number with more characters than this stands in a box, not in a disc."""
LONGEST_NAME = 16
"""A formula with more characters than this is no name for a sum where there is little room."""


@dataclass(frozen=True)
class Box:
    """One box, with the disc of the operation that made it.

    Attributes:
        node: what it stands for.
        operation: the operation that made it, or None.
        symbol: what stands in the disc; "" if there is none.
        name: what it is called; "" for nothing.
        data: its number as it is shown; "" for none.
        grad: its gradient as it is shown, "" for a blank, or None for no such row.
        notes: what else is said of it, in the rows below its name.
        direction: where the graph runs; the disc is at the side from which the edges come.
        number_width: the least room for its number, beside a name.
        blank: the width and height left free for a gradient that is written with a pencil.
        mark: a sign at the box's corner, to point at it; "" for none.
    """

    node: Node
    operation: Node | None
    symbol: str
    name: str
    data: str
    grad: str | None
    notes: tuple[str, ...]
    direction: str
    number_width: float = 0.0
    blank: tuple[float, float] = (0.0, 0.0)
    mark: str = ""

    @property
    def id(self) -> str:
        return self.node.id

    @cached_property
    def badge(self) -> tuple[float, float]:
        """Width and height of the disc, which is an oval if the symbol is long; nothing for a leaf."""
        if not self.symbol:
            return 0.0, 0.0
        return max(BADGE, float(math.ceil(width_of(self.symbol, SYMBOL_SIZE) + 10))), BADGE

    @cached_property
    def card(self) -> tuple[float, float]:
        """Width and height without the disc."""
        if not self.node.cells:
            return SMALL, SMALL
        name, number = width_of(self.name, FONT_SIZE) * BOLD, width_of(self.data, FONT_SIZE)
        if self.name and self.data:
            name += GAP + max(number, self.number_width)
        lower = [width_of(note, FONT_SIZE) for note in self.notes] or [0.0]
        if self.grad:
            lower[0] += width_of(self.grad, FONT_SIZE) + (GAP if self.notes else 0.0)
        width = max(name, number, self.blank[0] - 2 * PADDING + 3, *lower) + 2 * PADDING
        return max(NARROWEST, float(math.ceil(width))), max(ROW * self.rows + 1 + self.lower - ROW, BADGE)

    @property
    def lower(self) -> float:
        """The height of the row in which the gradient stands."""
        return max(ROW, self.blank[1] + 1)

    @property
    def rows(self) -> int:
        return 1 + max(len(self.notes), self.grad is not None)

    @cached_property
    def size(self) -> tuple[float, float]:
        """Width and height of both; the card covers a part of the disc, as a coin lies half under it."""
        (width, height), (across, high) = self.card, self.badge
        if self.direction in ("LR", "RL"):
            return width + max(across - COVERED, 0.0), height
        return max(width, across), height + max(high - COVERED, 0.0)

    def corners(self, centre: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
        """The upper left corners of the card and of the disc, if the middle of both together is there."""
        (x, y), (whole, high) = centre, self.size
        (width, height), (across, _) = self.card, self.badge
        left, top, right, low = x - whole / 2, y - high / 2, x + whole / 2, y + high / 2
        return {
            "LR": ((right - width, y - height / 2), (left, y - BADGE / 2)),
            "RL": ((left, y - height / 2), (right - across, y - BADGE / 2)),
            "TB": ((x - width / 2, low - height), (x - across / 2, top)),
            "BT": ((x - width / 2, top), (x - across / 2, low - BADGE)),
        }[self.direction]

    @cached_property
    def tag(self) -> tuple[float, float]:
        """Width and height of the tag that stands for it in a later row: its name and its number."""
        name = width_of(self.name, FONT_SIZE) * BOLD + GAP if self.name else 0.0
        number = max(width_of(self.data, FONT_SIZE), self.number_width)
        return math.ceil(name + number + 2 * TAG_PADDING), TAG_HEIGHT


@dataclass(frozen=True)
class Scene:
    """A picture as it is drawn: boxes, and the edges between them.

    >>> from autograd import Value
    >>> from viz.drawing.picture import make_picture
    >>> a = Value(3.0, "a")
    >>> scene = make_scene(make_picture(a * a))
    >>> [(box.id, box.symbol) for box in scene.boxes]
    [('v0', ''), ('v1', '×')]
    >>> [(edge.id, edge.source, edge.target, edge.operand) for edge in scene.edges]
    [('e0', 'v0', 'v1', 1), ('e1', 'v0', 'v1', 2)]
    """

    picture: Picture
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]


def make_scene(picture: Picture, *, constants_in_discs: bool = True, number_width: float = 0.0) -> Scene:
    """Join each operation of a picture to its result.

    A plain number, of which nobody wants to know the gradient, stands in the disc of its operation; unless each
    value is to have its own box.

    >>> from viz.drawing.picture import make_picture
    >>> picture = make_picture((1 - Value(3.0, "a")) ** 2 * 0.5)
    >>> [box.symbol for box in make_scene(picture).boxes]
    ['', '1−', '( )²', '×0.5']
    >>> [box.symbol for box in make_scene(picture, constants_in_discs=False).boxes]
    ['', '', '−', '( )²', '', '×']
    """
    operations = {node.id.removesuffix("_op"): node for node in picture.nodes if node.kind == "operation"}
    results = {node.id: id for id, node in operations.items()}
    symbols = {id: node.cells[0].text for id, node in operations.items()}
    by_id = {node.id: node for node in picture.nodes}
    inside: set[str] = set()
    full: set[str] = set()
    edges = []
    for edge in picture.edges:
        target = results.get(edge.target, edge.target)
        if constants_in_discs and (symbol := with_constant(symbols.get(target, ""), by_id[edge.source])):
            symbols[target] = symbol
            inside.add(edge.source)
            full.add(target)
        elif edge.source not in results:
            edges.append(replace(edge, target=target))
    # Where one of two operands stands in the disc, their order is seen there.
    edges = [replace(edge, label="") if edge.target in full else edge for edge in edges]
    boxes = []
    for node in picture.nodes:
        if node.kind == "operation" or node.id in inside:
            continue
        cells: Mapping[str, str] = {cell.heading: cell.text for cell in node.cells if cell.heading}
        texts = [cell.text for cell in node.cells if not cell.heading]
        named = node.cells and not node.cells[0].heading
        name, notes = (texts[0], texts[1:]) if named else ("", texts)
        boxes.append(
            Box(
                node, operations.get(node.id), symbols.get(node.id, ""), name, cells.get("data", ""),
                cells.get("grad"), tuple(notes), picture.direction, number_width,
            )
        )  # fmt: skip
    return Scene(picture, tuple(boxes), tuple(edges))


def without_outer_frames(scene: Scene) -> Scene:
    """The scene without frames around nothing but frames, which would take much room and say little.

    >>> import nn
    >>> from viz.drawing.picture import make_picture
    >>> scene = make_scene(make_picture(nn.MLP(2, [2, 1])([1.0, 2.0])))
    >>> [frame.title for frame in scene.picture.frames]
    ['hidden layer 1', 'output layer', 'h1', 'h2', 'o1']
    >>> [frame.title for frame in without_outer_frames(scene).picture.frames]
    ['h1', 'h2', 'o1']
    """
    held = {node.frame for node in scene.picture.nodes}
    frames = (frame for frame in scene.picture.frames if frame.id in held)
    frames = (replace(frame, parent=frame.parent if frame.parent in held else None) for frame in frames)
    return replace(scene, picture=replace(scene.picture, frames=tuple(frames)))


def with_constant(sign: str, node: Node) -> str:
    """What a disc reads in which a plain number stands; "" if the node has to stand in a box."""
    number = next((cell.text for cell in node.cells if cell.heading == "data"), "")
    if not node.in_disc or len(number) > LONGEST_IN_DISC:
        return ""
    if node.in_disc == "left":
        return number + sign
    return f"{sign}({number})" if number[0] in "-−" else sign + number


def sums_of_neurons(picture: Picture, steps: Trace) -> dict[NodeId, str]:
    """Σ and the neuron's name for the sum of each neuron that has no label and would be called by a long formula.

    >>> import nn
    >>> loss = nn.Neuron(3, "tanh", name="h")([1.0, 2.0, 3.0])
    >>> sums_of_neurons(make_traced_scene(loss, Trace(loss)).picture, Trace(loss))
    {'v10': 'Σh'}
    """
    neurons = {frame.id: frame.title for frame in picture.frames if frame.kind == "neuron"}
    frame_of = {node.id: node.frame for node in picture.nodes}
    sums: dict[str, NodeId] = {}
    for node in steps.nodes:
        frame = frame_of.get(node.id)
        if frame in neurons and not node.label and node.op in ("add", "total") and len(node.name) > LONGEST_NAME:
            sums[frame] = node.id
    # One neuron may be used several times.
    by_name = {f"Σ{neurons[frame]}": id for frame, id in reversed(sums.items())}
    return {id: name for name, id in by_name.items()}


def make_traced_scene(loss: Value, steps: Trace, solved: bool = True, *, constants_in_discs: bool = False) -> Scene:
    """The scene of the graph behind a Value, with the numbers of a trace; unless ``solved`` without its gradients.

    The trace may be one of the same graph with other numbers: frames of neurons are known of the original only.

    >>> a = Value(3.0, "a")
    >>> scene = make_traced_scene(a * a, Trace(a * a))
    >>> [(box.id, box.name, box.data, box.grad) for box in scene.boxes]
    [('v0', 'a', '3', '6'), ('v1', '', '9', '1')]
    >>> [edge.contribution for edge in scene.edges]
    [3.0, 3.0]
    """
    picture = make_picture(loss, max_nodes=len(steps.nodes))
    operations = {node.id: node.id.removesuffix("_op") for node in picture.nodes if node.kind == "operation"}
    nodes, edges = [], []
    for node in picture.nodes:
        if node.kind != "operation":
            data, grad = steps.node(node.id).data, steps.gradients[node.id] if solved else None
            numbers = {"data": write_in_box(data), "grad": write_in_box(grad) if solved else ""}
            cells = tuple(replace(cell, text=numbers.get(cell.heading, cell.text)) for cell in node.cells)
            node = replace(node, data=data, grad=grad, cells=cells)
        nodes.append(replace(node, tooltip=""))
    for edge in picture.edges:
        if edge.operand is not None:
            local, contribution = steps.flows[operations[edge.target], edge.operand - 1]
            edge = replace(edge, local=local, contribution=contribution if solved else None)
        edges.append(edge)
    picture = replace(
        picture, nodes=tuple(nodes), edges=tuple(edges), reference=own_reference(nodes, edges)
    )  # fmt: skip
    return make_scene(picture, constants_in_discs=constants_in_discs, number_width=NUMBER_WIDTH)
