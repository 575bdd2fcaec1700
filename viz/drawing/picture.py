"""What a picture of a computation graph shows, as plain data.

Values are boxes with a label, data and a gradient, operations stand between them, one edge for each operand.
Neurons and layers are frames, or one box each if the graph is collapsed.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograd.errors import AutogradError
from viz.drawing.style import tint

__all__ = ["Cell", "DrawingError", "Edge", "Frame", "GraphTooLargeError", "Node", "Picture"]


class DrawingError(AutogradError, ValueError):
    """A drawing was asked for that cannot be made."""


class GraphTooLargeError(DrawingError):
    """A graph has more values than anybody could read in one picture."""


@dataclass(frozen=True)
class Cell:
    """One field of a box: a small heading ("data", "grad", or none) and what stands there."""

    heading: str
    text: str
    bold: bool = False

    @property
    def line(self) -> str:
        return f"{self.heading} {self.text}" if self.heading else self.text


@dataclass(frozen=True)
class Node:
    """One box or circle.

    Attributes:
        id: "v0", "v1", ... in the order of computation, left inputs first; "v7_op" for the operation that
            made v7; "layer0", ... for a whole layer.
        kind: "input", "parameter", "value", "operation", "neuron" or "layer".
        label: what the user called it, unshortened.
        data: its number, or None if it has none of its own.
        grad: its gradient, or None if none was computed.
        op: the name of the operation, or of the one that made this value, or "".
        cells: what is written in the picture.
        tooltip: what is said when the mouse rests on it.
        frame: the id of the frame that it stands in, or None.
        parameters: how many parameters a collapsed neuron or layer has.
        fill: the colour that the user gave it as ``value._vis_color``, or "".
    """

    id: str
    kind: str
    label: str
    data: float | None
    grad: float | None
    op: str
    cells: tuple[Cell, ...]
    tooltip: str
    frame: str | None = None
    parameters: int = 0
    fill: str = ""

    @property
    def colour(self) -> str:
        return tint(self.grad)


@dataclass(frozen=True)
class Edge:
    """An arrow from an input to an operation, or from an operation to its result.

    Attributes:
        id: "e0", "e1", ...
        source, target: ids of nodes.
        operand: which operand of the operation it is, counted from 1; None for an arrow to a result.
        label: the operand's number where the order of the operands matters, else "".
    """

    id: str
    source: str
    target: str
    operand: int | None = None
    label: str = ""


@dataclass(frozen=True)
class Frame:
    """A frame around a neuron or a layer, perhaps inside another frame."""

    id: str
    kind: str
    title: str
    parent: str | None = None


@dataclass(frozen=True)
class Picture:
    """Everything that a drawing shows.

    ``collapsed`` is "neurons" or "layers" if these are drawn as one box each.  ``values`` counts the
    Values of the graph, also those that are inside of such boxes.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    frames: tuple[Frame, ...]
    results: tuple[str, ...]
    direction: str
    title: str
    values: int
    collapsed: str | None = None

    @property
    def name(self) -> str:
        """What the picture is about: its title, or the labels of its results."""
        if self.title:
            return self.title
        labels = [node.label for node in self.nodes if node.id in self.results and node.label]
        return f"Computation graph of {', '.join(labels)}" if labels else "Computation graph"
