"""What a picture of a computation graph shows, as plain data.

Values are boxes with a label, data and a gradient, operations stand between them, one edge for each operand.
Neurons and layers are frames, or one box each if the graph is collapsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf

from autograd import Op, Value, topological_order
from autograd.core.numbers import write_number, write_short
from autograd.errors import AutogradError, describe
from autograd.steps import id_at
from autograd.value import has_gradient, require_value
from nn import Parameter, neuron_of
from viz.drawing.clusters import Call, LayerCall, find_calls, find_layers, users_of
from viz.drawing.flow import Flow, join
from viz.drawing.signs import explain, has_operands_beside, order_matters, sign_of
from viz.drawing.style import fill_of, plural, printable, reference_of, shorten

DIRECTIONS = ("LR", "RL", "TB", "BT")
DIGITS = 4
"""How many significant digits the numbers in a drawing have, unless somebody asks for more."""
COLLAPSE = (None, "neurons", "layers")


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
        in_disc: "left" or "right" for a plain number that can stand there beside the sign in the disc of its only
            user, as in 1− and ×2; else "".
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
    in_disc: str = ""


@dataclass(frozen=True)
class Edge:
    """From an input to an operation, or from an operation to its result.

    Attributes:
        id: "e0", "e1", ...
        source, target: ids of nodes.
        operand: which operand of the operation it is, counted from 1; None for an edge to a result.
        label: the operand's number where the order of the operands matters, else "".
        local: the operation's local derivative by this operand, or None if it has none.
        contribution: what flows back along it, upstream × local; None as long as there are no gradients.  Into a
            collapsed neuron several edges are drawn as one: it has the sum; from a collapsed layer, the largest.
    """

    id: str
    source: str
    target: str
    operand: int | None = None
    label: str = ""
    local: float | None = None
    contribution: float | None = None


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
    Values of the graph, also those that are inside of such boxes.  With ``reference`` the widths of the edges and
    the tints of the gradients are compared.  If ``samples`` is more than 1, so many are drawn as one, with
    means of their values and sums of their gradients.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    frames: tuple[Frame, ...]
    results: tuple[str, ...]
    direction: str
    title: str
    values: int
    collapsed: str | None = None
    reference: float = 1.0
    samples: int = 1

    @property
    def boxes(self) -> int:
        """How many boxes there are: all nodes but the operations."""
        return sum(node.kind != "operation" for node in self.nodes)

    @property
    def name(self) -> str:
        """What the picture is about: its title, or the labels of its results."""
        if self.title:
            return self.title
        labels = [node.label for node in self.nodes if node.id in self.results and node.label]
        return f"Computation graph of {', '.join(labels)}" if labels else "Computation graph"


def make_picture(
    y: Value | Sequence[Value],
    *,
    direction: str = "LR",
    gradients: bool = True,
    collapse: str | None = None,
    max_nodes: int = 300,
    digits: int = DIGITS,
    title: str | None = None,
    reference: float | None = None,
) -> Picture:
    """The picture of the graph behind one Value, or behind several.  See ``viz.draw`` for the arguments.

    Raises:
        GradientError: if y is not a Value.
        DrawingError: if another argument has no meaning here.
        GraphTooLargeError: if there are more than ``max_nodes`` boxes to draw.

    >>> a = Value(3.0, "a")
    >>> picture = make_picture(a + a)
    >>> [node.id for node in picture.nodes]
    ['v0', 'v1_op', 'v1']
    >>> [(edge.source, edge.target) for edge in picture.edges]
    [('v0', 'v1_op'), ('v0', 'v1_op'), ('v1_op', 'v1')]
    """
    check_arguments(direction, collapse, max_nodes, digits, title, reference)
    drawer = Drawer(check_roots(y), direction, gradients, digits, title or "", reference)
    for scale in drawer.scales(collapse):
        if drawer.count(scale) <= max_nodes:
            return drawer.picture(scale)
    raise drawer.too_large(collapse, max_nodes)


def own_reference(nodes: Iterable[Node], edges: Iterable[Edge]) -> float:
    """The reference of a graph: what flows back to plain numbers does not count, because nobody asks for it."""
    constants = {node.id for node in nodes if node.in_disc}
    return reference_of(edge.contribution for edge in edges if edge.source not in constants)


def check_arguments(
    direction: str, collapse: str | None, max_nodes: object, digits: object, title: object, reference: object
) -> None:
    if direction not in DIRECTIONS:
        raise DrawingError(f"direction is one of {', '.join(DIRECTIONS)}, but got {describe(direction)}")
    if collapse not in COLLAPSE:
        raise DrawingError(f'collapse is None, "neurons" or "layers", but got {describe(collapse)}')
    if not isinstance(max_nodes, int) or max_nodes < 1:
        raise DrawingError(f"max_nodes is a whole number from 1, but got {describe(max_nodes)}")
    if not isinstance(digits, int) or not 1 <= digits <= 17:
        raise DrawingError(f"digits is a whole number from 1 to 17, but got {describe(digits)}")
    if title is not None and not isinstance(title, str):
        raise DrawingError(f"title is a string, but got {describe(title)}")
    if reference is not None and not (isinstance(reference, (int, float)) and 0 < reference < inf):
        raise DrawingError(f"reference is a number above 0, but got {describe(reference)}")


def check_roots(y: Value | Sequence[Value]) -> list[Value]:
    if not isinstance(y, (list, tuple)):
        require_value(y, "draw")
        return [y]  # type: ignore[list-item]
    if not y:
        raise DrawingError("draw was given an empty list; it needs at least one Value")
    for root in y:
        require_value(root, "draw (a list of Values)")
    return list(dict.fromkeys(y))


def order_of(roots: list[Value]) -> list[Value]:
    """Every node behind any of the roots, each one after all of its inputs."""
    return list(dict.fromkeys(node for root in roots for node in topological_order(root)))


class Drawer:
    """Turns a graph into nodes, edges and frames, on three scales: all values, neurons, layers."""

    def __init__(
        self, roots: list[Value], direction: str, gradients: bool, digits: int, title: str,
        reference: float | None,
    ) -> None:  # fmt: skip
        self.roots = roots
        self.direction = direction
        self.gradients = gradients
        self.digits = digits
        self.title = title
        self.reference = reference
        self.order = order_of(roots)
        self.flow = Flow(gradients)
        self.users = users_of(self.order)
        self.ids: dict[Value, str] = {node: id_at(i) for i, node in enumerate(self.order)}
        self.calls = find_calls(self.order, neuron_of)
        self.layers = find_layers(self.calls)
        # For what is inside a collapsed neuron or layer: the box that stands for it.
        self.stands_for: dict[Value, str] = {}

    def id_after_collapsing(self, node: Value) -> str:
        return self.stands_for.get(node, self.ids[node])

    def scales(self, collapse: str | None) -> list[str | None]:
        """The scale that was asked for and the coarser ones, as far as there are such."""
        if not (self.layers if collapse == "layers" else self.calls):
            collapse = None
        there = {None: True, "neurons": bool(self.calls), "layers": bool(self.layers)}
        return [scale for scale in COLLAPSE[COLLAPSE.index(collapse) :] if there[scale]]

    def count(self, scale: str | None) -> int:
        """How many boxes a picture on that scale has."""
        self.collapse(scale)
        return len({self.id_after_collapsing(node) for node in self.order})

    def picture(self, scale: str | None) -> Picture:
        """The picture on that scale."""
        self.collapse(scale)
        frames = self.frames(scale)
        nodes, edges = tuple(self.nodes(scale, frames)), tuple(self.edges())
        results = tuple(dict.fromkeys(self.id_after_collapsing(root) for root in self.roots))
        reference = self.reference
        if reference is None:
            reference = own_reference(nodes, edges)
        return Picture(
            nodes, edges, tuple(frame for frame, _ in frames), results, self.direction, self.title, len(self.order),
            scale, float(reference),
        )  # fmt: skip

    def too_large(self, collapse: str | None, max_nodes: int) -> GraphTooLargeError:
        counts = [
            f"{self.count(scale):,} boxes" + (f" with {scale} collapsed" if scale else "")
            for scale in self.scales(collapse)
        ]
        return GraphTooLargeError(
            f"this graph has {plural(len(self.order), 'value')}, too many for a picture that anybody can read: "
            f"it would have {', and '.join(counts)}, but max_nodes is {max_nodes:,}\n"
            "  Draw a part of it, for example the loss of one sample, or one neuron's output; "
            + ("" if self.calls else "compute it with nn's neurons, which can be collapsed to one box each; ")
            + "or ask for it all: draw(y, max_nodes=...)."
        )

    def collapse(self, scale: str | None) -> None:
        self.stands_for = {}
        if scale is None:
            return
        boxes: list[tuple[str, list[Call]]] = [(self.ids[call.output], [call]) for call in self.calls]
        if scale == "layers":
            in_layers = {call for layer in self.layers for call in layer.calls}
            boxes = [(f"layer{i}", layer.calls) for i, layer in enumerate(self.layers)]
            boxes += [(self.ids[call.output], [call]) for call in self.calls if call not in in_layers]
        for box, calls in boxes:
            for call in calls:
                self.stands_for.update(dict.fromkeys(call.members, box))
        # A parameter that several uses of a neuron share disappears into the first of them.
        for node, users in self.users.items():
            if isinstance(node, Parameter) and users and all(user in self.stands_for for user in users):
                self.stands_for.setdefault(node, self.stands_for[users[0]])

    def frames(self, scale: str | None) -> list[tuple[Frame, list[Value]]]:
        """The frames, outer ones first, each with the values that are directly or deeper inside."""
        found: list[tuple[Frame, list[Value]]] = []
        layer_frame: dict[Call, str] = {}
        if scale != "layers":
            for i, layer in enumerate(self.layers):
                frame = Frame(f"cluster_layer{i}", "layer", layer.name)
                layer_frame |= dict.fromkeys(layer.calls, frame.id)
                found.append((frame, [node for call in layer.calls for node in call.members]))
        if scale is None:
            for call in self.calls:
                title = call.neuron.name or "neuron"
                frame = Frame(f"cluster_{self.ids[call.output]}", "neuron", title, layer_frame.get(call))
                found.append((frame, call.members))
        return found

    def nodes(self, scale: str | None, frames: list[tuple[Frame, list[Value]]]) -> list[Node]:
        frame_of = {node: frame.id for frame, members in frames for node in members}
        call_of = {self.ids[call.output]: call for call in self.calls} if scale else {}
        layer_of = {f"layer{i}": layer for i, layer in enumerate(self.layers)} if scale == "layers" else {}
        found: list[Node] = []
        last = {self.id_after_collapsing(node): node for node in self.order}
        for node in self.order:
            box = self.id_after_collapsing(node)
            # A collapsed box comes where the last of its values comes: after everything that it needs.
            if last[box] is not node:
                continue
            if box in layer_of:
                found.append(self.layer_node(box, layer_of[box]))
            elif box in call_of:
                found.append(self.neuron_node(box, call_of[box], frame_of.get(node)))
            else:
                if node.op is not None:
                    found.append(self.operation_node(f"{box}_op", node, node.op, frame_of.get(node)))
                found.append(self.value_node(box, node, frame_of.get(node)))
        return found

    def edges(self) -> list[Edge]:
        found: list[Edge] = []
        into_boxes: dict[tuple[str, str], int] = {}
        for node in self.order:
            target = self.id_after_collapsing(node)
            if node in self.stands_for:
                # Into a collapsed box goes one edge from each thing that it needs.
                for i, x in enumerate(node.inputs):
                    source = self.id_after_collapsing(x)
                    if source == target or self.is_inside(x, target):
                        continue
                    contribution = self.flow.contribution(node, i)
                    place = into_boxes.setdefault((source, target), len(found))
                    if place == len(found):
                        found.append(Edge(f"e{place}", source, target, contribution=contribution))
                    else:
                        # A layer has several outputs, whose contributions have no sum.
                        both = join(found[place].contribution, contribution, add=source == self.ids[x])
                        found[place] = replace(found[place], contribution=both)
            elif node.op is not None:
                # Of what somebody made by hand nobody knows it, and its author does not expect numbers.
                numbered = len(node.inputs) > 1 and not node.op.is_by_hand and order_matters(node.op)
                for i, x in enumerate(node.inputs):
                    ends = self.id_after_collapsing(x), f"{target}_op", i + 1, str(i + 1) if numbered else ""
                    numbers = self.flow.slopes(node)[i], self.flow.contribution(node, i)
                    found.append(Edge(f"e{len(found)}", *ends, *numbers))
                found.append(Edge(f"e{len(found)}", f"{target}_op", target))
        return found

    def is_inside(self, x: Value, box: str) -> bool:
        """True for a parameter that disappeared into another box than this one: the two only share it."""
        return isinstance(x, Parameter) and x in self.stands_for and self.stands_for[x] != box

    # single boxes

    def number_cells(self, node: Value) -> tuple[Cell, ...]:
        cells = [Cell("data", write_in_box(node.data, self.digits))]
        if self.gradients:
            cells.append(Cell("grad", write_in_box(self.flow.gradient(node), self.digits)))
        return tuple(cells)

    def value_node(self, box: str, node: Value, frame: str | None) -> Node:
        kind = "parameter" if isinstance(node, Parameter) else "value" if node.inputs else "input"
        op = "" if node.op is None else node.op.name
        named = (Cell("", shorten(printable(node.label)), kind == "parameter"),) if node.label else ()
        lines = [printable(node.label)] if node.label else []
        lines += [f"result of {printable(op)}" if op else kind, f"data = {node.data!r}"]
        if self.gradients:
            lines.append(f"grad = {node.grad!r}" if has_gradient(node) else "grad: not computed yet")
        grad = self.flow.gradient(node)
        cells = named + self.number_cells(node)
        return Node(
            box, kind, node.label, node.data, grad, op, cells, "\n".join(lines), frame, fill=fill_of(node),
            in_disc=self.in_disc(node),
        )  # fmt: skip

    def in_disc(self, node: Value) -> str:
        """The side of the sign at which a plain number can stand, because a single operation uses it once."""
        users = self.users[node]
        op = users[0].op if node.is_constant and not node.label and len(users) == 1 else None
        if op is None or not has_operands_beside(op) or all(x.is_constant for x in users[0].inputs):
            return ""
        return "left" if users[0].inputs[0] is node and order_matters(op) else "right"

    def operation_node(self, id: str, node: Value, op: Op, frame: str | None) -> Node:
        sign = Cell("", shorten(printable(sign_of(op))))
        tooltip = explain(op, node, self.flow.slopes(node))
        return Node(id, "operation", op.symbol, None, None, op.name, (sign,), tooltip, frame)

    def neuron_node(self, box: str, call: Call, frame: str | None) -> Node:
        output = call.output
        grad = self.flow.gradient(output)
        label = output.label or call.neuron.name or "neuron"
        count = plural(call.parameters, "parameter")
        activation = printable(str(call.neuron.activation))
        cells = (Cell("", shorten(printable(label)), True), *self.number_cells(output))
        tooltip = "\n".join([
            f"neuron {printable(label)}, {activation}, {count}", f"data = {output.data!r}",
            *([f"grad = {grad!r}"] if grad is not None else []),
        ])  # fmt: skip
        op = "" if output.op is None else output.op.name
        return Node(box, "neuron", label, output.data, grad, op, cells, tooltip, frame, call.parameters)

    def layer_node(self, box: str, layer: LayerCall) -> Node:
        parameters = sum(call.parameters for call in layer.calls)
        neurons = plural(len(layer.calls), "neuron")
        size = plural(parameters, "parameter")
        cells = [Cell("", shorten(printable(layer.name)), True)]
        data, grad = None, None
        if len(layer.calls) == 1:
            output = layer.calls[0].output
            data, grad = output.data, self.flow.gradient(output)
            cells += [*self.number_cells(output), Cell("", size)]
        else:
            cells.append(Cell("", f"{neurons}, {size}"))
        lines = [f"{printable(layer.name)}: {neurons}, {size}"]
        for call in layer.calls:
            numbers = " ".join(cell.line for cell in self.number_cells(call.output))
            lines.append(f"{printable(call.output.label or call.neuron.name)} {numbers}")
        return Node(box, "layer", layer.name, data, grad, "", tuple(cells), "\n".join(lines), None, parameters)


def write_in_box(x: float | None, digits: int = DIGITS) -> str:
    """A number, or "?" where none was computed; with the usual digits it is short where it has an exponent.

    >>> write_in_box(-1.23456e-12), write_in_box(-1.23456e-12, 5), write_in_box(None)
    ('−1.23·10⁻¹²', '−1.2346·10⁻¹²', '?')
    """
    if x is None:
        return "?"
    return write_short(x) if digits == DIGITS else write_number(x, digits)
