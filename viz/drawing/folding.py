"""Large graphs folded until they can be read: samples into one, neurons into boxes, wide layers into one box.

A loss over a batch contains the same network once for each sample.  What was computed in the same way from the same
parameters is then drawn as one box, with the mean of the values and the sum of the gradients.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from math import fsum

from autograd import Value
from autograd.core.numbers import write_gradient, write_number
from nn import Parameter
from viz.drawing.flow import join
from viz.drawing.picture import Cell, Drawer, Edge, Node, Picture, own_reference
from viz.drawing.style import plural, printable, shorten

MOST_BOXES, MOST_DISCS = 16, 32
"""The neurons of a layer with more than these are small discs, or all in one box."""
LONG_SUM = 3
"""So many additions one after the other, as Python's ``sum`` makes them, are drawn as one where samples are."""
MOST_TRIED = 20_000
"""A picture with more boxes than this is not made, to see whether folding its samples is enough."""


def make_readable_picture(
    drawer: Drawer, collapse: str | None, max_nodes: int, fits: Callable[[Picture, int], bool]
) -> Picture:
    """The picture of a graph on the finest scale that fits: all values, neurons, layers, each also as one sample.

    ``fits`` is asked whether a picture is not higher than so many slides: three, or one if it shows several samples
    one by one.  If none fits, it is the coarsest.

    Raises:
        GraphTooLargeError: if there are more than ``max_nodes`` boxes on each of them.
    """
    samples: Samples | None = None
    found: Picture | None = None
    for scale in drawer.scales(collapse):
        if drawer.count(scale) > MOST_TRIED:
            continue
        samples = samples or Samples(drawer)
        whole = drawer.picture(scale)
        for picture in [whole] if samples.count == 1 else [whole, samples.fold(whole)]:
            if scale == "neurons":
                picture = fold_layers(picture)
            if drawer.reference is None:
                picture = replace(picture, reference=own_reference(picture.nodes, picture.edges))
            if picture.boxes <= max_nodes:
                found = picture
                if fits(picture, 1 if picture.samples < samples.count else 3):
                    return picture
    if found is None:
        raise drawer.too_large(collapse, max_nodes)
    return found


# --- boxes that are drawn as one --------------------------------------------------------------------------------


def merge(picture: Picture, into: Mapping[str, str], changed: Iterable[Node], add: bool) -> Picture:
    """A picture in which some nodes are drawn as others, and some of these are changed.

    What several edges hand back that become one is added; or else, of several sources, the largest counts.
    """
    new = {node.id: node for node in changed}
    nodes = tuple(new.get(node.id, node) for node in picture.nodes if into.get(node.id, node.id) == node.id)
    drawn: Counter[tuple[str, str]] = Counter()
    together: dict[tuple[str, str, int], list[Edge]] = {}
    for edge in picture.edges:
        source, target = into.get(edge.source, edge.source), into.get(edge.target, edge.target)
        # An addition that became a part of a long sum does not feed that.
        if target not in (source, f"{source}_op"):
            # The two edges of a·a stay two.
            together.setdefault((source, target, drawn[edge.source, edge.target]), []).append(edge)
            drawn[edge.source, edge.target] += 1
    edges = []
    for i, ((source, target, _), found) in enumerate(together.items()):
        edge = replace(found[0], id=f"e{i}", source=source, target=target)
        for other in found[1:]:
            both = join(edge.contribution, other.contribution, add or other.source == found[0].source)
            edge = replace(edge, local=None, contribution=both)
        edges.append(edge)
    parents = {frame.id: frame.parent for frame in picture.frames}
    used = {node.frame for node in nodes}
    used |= {parents[frame] for frame in used if frame is not None}
    frames = tuple(frame for frame in picture.frames if frame.id in used)
    results = tuple(dict.fromkeys(into.get(id, id) for id in picture.results))
    return replace(picture, nodes=nodes, edges=tuple(edges), frames=frames, results=results)


def fold_layers(picture: Picture) -> Picture:
    """A picture of neurons, in which those of a wide layer are small discs, and those of a very wide one a box."""
    layers: dict[str, list[Node]] = {}
    for node in picture.nodes:
        if node.kind == "neuron" and node.frame is not None:
            layers.setdefault(node.frame, []).append(node)
    titles = {frame.id: frame.title for frame in picture.frames}
    into: dict[str, str] = {}
    changed: list[Node] = []
    for frame, neurons in layers.items():
        if len(neurons) > MOST_DISCS:
            into |= dict.fromkeys((node.id for node in neurons), neurons[0].id)
            changed.append(box_of(titles[frame], neurons))
        elif len(neurons) > MOST_BOXES:
            changed += [replace(node, cells=()) for node in neurons]
    return merge(picture, into, changed, add=False) if changed else picture


def box_of(name: str, neurons: list[Node]) -> Node:
    """One box for all neurons of a layer."""
    parameters = sum(node.parameters for node in neurons)
    count, size = plural(len(neurons), "neuron"), plural(parameters, "parameter")
    cells = Cell("", shorten(printable(name)), True), Cell("", count), Cell("", size)
    lines = [f"{printable(name)}: {count}, {size}"]
    lines += [" ".join(cell.line for cell in node.cells[:3]) for node in neurons]
    return Node(neurons[0].id, "layer", name, None, None, "", cells, "\n".join(lines), parameters=parameters)


# --- samples: what was computed in the same way -----------------------------------------------------------------


def stem(label: str) -> str:
    """A label without the number at its end: the targets of several samples have the same stem.

    >>> stem("target12"), stem("x")
    ('target', 'x')
    """
    return label.rstrip("0123456789")


def with_its_users(picture: Picture) -> Iterator[Node]:
    """The nodes of a picture, with the parameters of which all samples make use in the frame in which they do."""
    frames = {node.id: node.frame for node in picture.nodes}
    users: dict[str, set[str | None]] = {}
    for edge in picture.edges:
        users.setdefault(edge.source, set()).add(frames[edge.target])
    for node in picture.nodes:
        homes = users.get(node.id, set())
        yield replace(node, frame=homes.pop()) if node.kind == "parameter" and len(homes) == 1 else node


class Samples:
    """Which values of a graph were computed in the same way from the same parameters, once for each sample.

    Attributes:
        sums: for the last of many additions in a row those before it, and what all of them add.
        part_of: for those before it the last one.
        first: for each value the first one that was computed like it.
        count: how many samples there are; 1 if the graph is not made of samples.
    """

    def __init__(self, drawer: Drawer) -> None:
        self.drawer = drawer
        self.sums = self.find_long_sums()
        self.part_of = {part: whole for whole, (parts, _) in self.sums.items() for part in parts}
        # Inputs are told apart by what they are used for.
        kinds = self.classify({})
        uses = {
            leaf: tuple(sorted(
                (kinds[self.part_of.get(user, user)], user.inputs.index(leaf)) for user in drawer.users[leaf]
            ))
            for leaf in drawer.order if not leaf.inputs
        }  # fmt: skip
        kinds = self.classify(uses)
        firsts: dict[int, Value] = {}
        self.first = {node: firsts.setdefault(kind, node) for node, kind in kinds.items()}
        sizes = Counter(kinds.values())
        self.count = max(sizes.values(), default=1)
        if set(sizes.values()) - {1, self.count} or not any(isinstance(node, Parameter) for node in kinds):
            self.count = 1

    def find_long_sums(self) -> dict[Value, tuple[list[Value], list[Value]]]:
        found: dict[Value, tuple[list[Value], list[Value]]] = {}
        for node in self.drawer.order:
            if node.op is None or node.op.name != "add":
                continue
            parts: list[Value] = []
            terms: list[Value] = []
            for x in node.inputs:
                if x in found and not x.label and len(self.drawer.users[x]) == 1:
                    earlier_parts, earlier_terms = found.pop(x)
                    parts += [*earlier_parts, x]
                    terms += earlier_terms
                else:
                    terms.append(x)
            found[node] = parts, terms
        return {node: sum for node, sum in found.items() if len(sum[0]) >= LONG_SUM - 1}

    def classify(self, uses: Mapping[Value, object]) -> dict[Value, int]:
        """For each value a number that those share which were computed in the same way."""
        kinds: dict[Value, int] = {}
        numbers: dict[object, int] = {}
        for node in self.drawer.order:
            if node in self.part_of:
                continue
            key: object = node
            if node.inputs:
                inputs = self.sums[node][1] if node in self.sums else node.inputs
                key = node.op, stem(node.label), tuple(kinds[x] for x in inputs)
            elif not isinstance(node, Parameter):
                key = stem(node.label), node.is_constant, uses.get(node)
            kinds[node] = numbers.setdefault(key, len(numbers))
        return kinds

    def fold(self, picture: Picture) -> Picture:
        """A picture of the drawer, on its present scale, with the samples drawn as one."""
        drawer = self.drawer
        layers = {f"layer{i}": layer for i, layer in enumerate(drawer.layers)}
        values = {id: node for node, id in drawer.ids.items()}
        into: dict[str, str] = {}
        alike: dict[object, list[Node]] = {}
        operations: dict[str, Node] = {}
        for node in picture.nodes:
            if node.kind == "operation":
                operations[node.id] = node
            elif (value := values.get(node.id)) in self.part_of:
                whole = drawer.ids[self.part_of[value]]
                into[node.id], into[f"{node.id}_op"] = whole, f"{whole}_op"
            else:
                made = [value] if value is not None else [call.output for call in layers[node.id].calls]
                alike.setdefault(tuple(self.first[output] for output in made), []).append(node)
        changed = []
        for nodes in alike.values():
            first = nodes[0].id
            for node in nodes[1:]:
                into[node.id], into[f"{node.id}_op"] = first, f"{first}_op"
            if len(nodes) > 1:
                changed.append(self.mean(nodes))
                if operation := operations.get(f"{first}_op"):
                    tooltip = f"{printable(operation.op)}, in each of {self.count:,} samples"
                    changed.append(replace(operation, tooltip=tooltip))
        for last, (_, terms) in self.sums.items():
            if operation := operations.get(f"{drawer.ids[last]}_op"):
                tooltip = f"the sum of {plural(len(terms), 'number')}"
                changed.append(replace(operation, cells=(Cell("", "Σ"),), tooltip=tooltip))
        # What several samples' sums became stands for their parts too.
        into = {id: into.get(target, target) for id, target in into.items()}
        statement = f"means of {self.count:,} samples, gradients added up"
        title = f"{picture.title}: {statement}" if picture.title else statement.capitalize()
        merged = replace(merge(picture, into, changed, add=True), samples=self.count, title=title)
        return replace(merged, nodes=tuple(with_its_users(merged)))

    def mean(self, nodes: list[Node]) -> Node:
        """One box for what was computed in the same way: the mean of the values, and the sum of the gradients."""
        first, digits = nodes[0], self.drawer.digits
        label = first.label if len({node.label for node in nodes}) == 1 else stem(first.label)
        numbers = [node.data for node in nodes if node.data is not None]
        data = fsum(numbers) / len(numbers) if numbers else None
        grads = [node.grad for node in nodes if node.grad is not None]
        grad = fsum(grads) if len(grads) == len(nodes) else None
        texts = {"grad": write_gradient(grad, digits)}
        if data is not None:
            texts["data"] = write_number(data, digits)
        cells = [replace(cell, text=texts.get(cell.heading, cell.text)) for cell in first.cells]
        lines = [f"mean of data = {data!r}", f"sum of grad = {grad!r}"] if data is not None else []
        if label:
            cells[0] = replace(cells[0], text=shorten(printable(label)))
            lines.insert(0, printable(label))
        same = all(node.cells == first.cells for node in nodes)
        return replace(
            first, label=label, data=data, grad=grad, cells=tuple(cells), in_disc=first.in_disc if same else "",
            tooltip="\n".join([*lines, f"in {len(nodes):,} samples"]),
        )  # fmt: skip
