"""The scene of a graph with the numbers of its trace: what a page and a worksheet show."""

from __future__ import annotations

from dataclasses import replace

from autograd import Value
from autograd.steps import Trace
from viz.drawing.boxes import Scene, make_scene
from viz.drawing.from_graph import make_picture
from viz.drawing.numbers import write_gradient, write_number
from viz.drawing.picture import Cell
from viz.drawing.sizes import MOST_VALUES
from viz.drawing.style import printable

__all__ = ["make_traced_scene"]

LONGEST_SHOWN_NAME = 12
"""An unlabelled node shows its formula if that is no longer than this."""


def make_traced_scene(loss: Value, steps: Trace, solved: bool = True) -> Scene:
    """The scene of the graph behind a Value, with the numbers of a trace; unless ``solved`` without its gradients.

    The trace may be one of the same graph with other numbers: frames of neurons are known of the original only.

    >>> a = Value(3.0, "a")
    >>> scene = make_traced_scene(a * a, Trace(a * a))
    >>> [(box.id, box.name, [row.line for row in box.rows]) for box in scene.boxes]
    [('v0', 'a', ['data 3.0', 'grad +6.0']), ('v1', 'a·a', ['data 9.0', 'grad +1.0'])]
    """
    picture = make_picture(loss, max_nodes=MOST_VALUES)
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
