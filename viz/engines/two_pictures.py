"""A graph drawn twice, side by side: as the right engine leaves it, and as another one does."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from autograd import Value, topological_order, trace
from autograd.core.numbers import write_gradient
from autograd.steps import id_at
from viz import frames
from viz.drawing.boxes import Scene, make_traced_scene
from viz.drawing.picture import write_in_box
from viz.drawing.placement import lay_out
from viz.drawing.svg import write_svg

WIDTHS = {"wide": 480.0, "narrow": 300.0}
"""How wide a drawing may be, in pixels, beside another and on a telephone."""


def right_scene(root: Value, gradients: bool = True, *, constants_in_discs: bool = False) -> Scene:
    """The graph with the right gradients, or with none."""
    return make_traced_scene(root, trace(root), gradients, constants_in_discs=constants_in_discs)


def answered(
    root: Value,
    scene: Scene,
    grads: Mapping[Value, float | None],
    wrong: Container[Value],
    flows: Mapping[tuple[Value, int], float] | None = None,
    data: Mapping[Value, float | None] | None = None,
) -> Scene:
    """The drawing with what another engine answered, and the sign ≠ at what is wrong.

    Args:
        root: the graph's result.
        scene: the graph with the right numbers.
        grads: each node's gradient, or None for no answer.
        wrong: the nodes to be marked.
        flows: what was passed on from a node to the input at a place, counted from 1.
        data: other numbers of the forward pass.
    """
    place: dict[str, Value] = {id_at(i): node for i, node in enumerate(topological_order(root))}
    boxes = []
    for box in scene.boxes:
        node = place[box.id]
        grad = grads.get(node)
        number = (data or {}).get(node, box.node.data)
        boxes.append(
            replace(
                box, node=replace(box.node, grad=grad, data=number),
                data=box.data if number == box.node.data or number is None else write_in_box(number),
                grad=box.grad if grad is None else write_gradient(grad),
                mark="≠" if node in wrong else "",
            )
        )  # fmt: skip
    edges = [
        replace(edge, contribution=(flows or {}).get((place[edge.target], edge.operand or 0)))
        for edge in scene.edges
    ]
    return replace(scene, boxes=tuple(boxes), edges=tuple(edges))


def in_figures(scenes: Iterable[tuple[str, Scene]]) -> str:
    """Drawings with captions as HTML; each for wide and for narrow screens."""
    figures = []
    for title, scene in scenes:
        drawings = "".join(
            f'<div class="{kind}">{write_svg(scene, lay_out(scene, width))}</div>' for kind, width in WIDTHS.items()
        )
        figures.append(f"<figure><figcaption>{title}</figcaption>{drawings}</figure>")
    return f'<div class="pictures">{"".join(figures)}</div>'


def in_table(scenes: Iterable[tuple[str, Scene]], formula: str) -> str:
    """Drawings with captions as images in a table, which are left where styles, frames and SVG are taken away."""
    cells = ""
    for title, scene in scenes:
        picture = frames.picture(write_svg(scene, lay_out(scene, 440.0)), f"{title}: {formula}")
        cells += f'<td align="left" style="text-align:left;vertical-align:top"><b>{title}</b><br>{picture}</td>'
    return f"<table><tbody><tr>{cells}</tr></tbody></table>" if cells else ""
