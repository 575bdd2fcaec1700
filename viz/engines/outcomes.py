"""Where a class is wrong: on which graph, what is right there, and what the class gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd import Value
from autograd.core.numbers import write_number
from autograd.errors import AutogradError, shown
from viz.drawing.style import printable
from viz.engines import small_graphs as kinds
from viz.engines.engine_steps import EngineStep, numbers_for
from viz.engines.learners_class import LearnersClass, NotYet, as_number, told
from viz.engines.small_graphs import Graph
from viz.engines.wrong_engines import slopes

Answer = float | str


@dataclass(frozen=True)
class Outcome:
    """A class is wrong on a graph.

    Attributes:
        formula: the graph, as Python writes it.
        numbers: where it begins: ``a = 3, b = 5``.
        kind: "value", "inputs", "gradient" or "crash".
        what: what is wrong, like "gradient of a".
        right, given: what it should be, and what the class gives.
        names: what is compared, value by value.
        wanted, found: the right numbers and those of the class; None where it has none.
        values: the same values in a right graph.
        told: what happened, if it is no number.
        graph: as it was computed; None for a network.
        root: of a network, the loss of a right one.
    """

    formula: str
    numbers: str
    kind: str
    what: str
    right: Answer
    given: Answer
    names: tuple[str, ...] = ()
    wanted: tuple[float, ...] = ()
    found: tuple[float | None, ...] = ()
    values: tuple[Value, ...] = ()
    told: str = ""
    graph: Graph | None = None
    root: Value | None = None

    @property
    def wrong(self) -> tuple[int, ...]:
        """The places of what is wrong."""
        pairs = zip(self.wanted, self.found, strict=True)
        return tuple(i for i, (x, y) in enumerate(pairs) if y is not None and not close(x, y))


def close(x: float, y: float) -> bool:
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9)


def first_failure(mine: LearnersClass, step: EngineStep) -> tuple[Outcome | None, int]:
    """The smallest graph on which a class is wrong, or None; and how many graphs were looked at."""
    count = 0
    for graph in step.graphs():
        for each in numbers_for(graph):
            if not has_value(each):
                continue
            count += 1
            if (found := outcome_of(mine, each, step.mode)) is not None:
                return found, count
    return None, count


def has_value(graph: Graph) -> bool:
    """False where nobody can be right, because something is divided by 0."""
    try:
        return bool(graph.gradients)
    except AutogradError:
        return False


def outcome_of(mine: LearnersClass, graph: Graph, mode: str) -> Outcome | None:
    """Compute one graph with a class; None if all is right."""
    nodes: list[Any] | Outcome | None = None
    try:
        nodes = forward(mine, graph)
        if isinstance(nodes, Outcome) or mode == "forward":
            return nodes if isinstance(nodes, Outcome) else None
        return backward(mine, graph, nodes, mode)
    except NotYet as error:
        place = len(graph.names) - 1 if error.place is None else error.place
        what, right = f"value of {graph.written(place)}", graph.values[place].data
        if nodes is not None:
            what, right = f"gradient of {graph.names[0]}", graph.gradients[0]
        return outcome(graph, "crash", what, right, error.given, told=error.text)


def outcome(graph: Graph, kind: str, what: str, right: Answer, given: Answer, **more: Any) -> Outcome:
    numbers = ", ".join(f"{name} = {write_number(x)}" for name, x in zip(graph.names, graph.numbers, strict=False))
    return Outcome(
        graph.formula, numbers, kind, what, right, given,
        names=tuple(graph.names), values=tuple(graph.values), graph=graph, **more,
    )  # fmt: skip


# --- forward ----------------------------------------------------------------------------------------------


def forward(mine: LearnersClass, graph: Graph) -> list[Any] | Outcome:
    """The values of the learner's class, or where the first number or input is wrong."""
    nodes = [mine.leaf(number, name) for name, number in zip(graph.names, graph.numbers, strict=False)]
    first = len(nodes)
    found: list[float | None] = []
    for place, name in enumerate(graph.names):
        written = graph.written(place)
        if place >= first:
            kind, places = graph.steps[place - first]
            nodes.append(operate(mine, kind, [nodes[i] for i in places], written, place))
        data = mine.number(nodes[place], "data", written)
        found.append(as_number(data))
        right = graph.values[place].data
        if found[-1] is None or not close(right, found[-1]):
            given = shown(data) if found[-1] is None else found[-1]
            answers = (*found, *[None] * (len(graph.names) - len(found)))
            wanted = tuple(x.data for x in graph.values)
            return outcome(graph, "value", f"value of {name}", right, given, wanted=wanted, found=answers)
    for (kind, places), node, place in zip(graph.steps, nodes[first:], range(first, len(nodes)), strict=True):
        if kind in (kinds.PLUS, kinds.TIMES):
            inputs = [nodes[i] for i in places]
            made = mine.was_made_of(node, inputs)
            if made is False or (made is None and mine.lacks("backward")):
                made_of = ", ".join(graph.names[i] for i in places)
                return outcome(
                    graph,
                    "inputs",
                    f"inputs of {graph.written(place)}",
                    f"({made_of})",
                    as_names(mine, node, graph, nodes),
                )
    return nodes


def operate(mine: LearnersClass, kind: kinds.Kind, inputs: Sequence[Any], written: str, place: int) -> Any:
    """One operation of the learner's class."""
    if mine.lacks(kind.method):
        why = ""
        if kind.method.startswith("__r"):
            left = kind.formula.split()[0]
            why = f" Python asks the {left} on the left first, which knows no {mine.name}, and then looks for it."
        said = f"{written} needs {kind.method}, which {mine.name} does not have yet.{why}"
        raise NotYet(said, f"no {kind.method}", place)
    with told(written, place):
        node = kind.apply(*inputs)
    if node is None:
        raise NotYet(f"{written} gives None: is a return missing?", "None", place)
    if not isinstance(node, mine.cls):
        sort = printable(type(node).__name__)
        remembers = "it remembers nothing" if as_number(node) is not None else "type(self)(...) would make one"
        article = "an" if sort[0] in "aeiouAEIOU" else "a"
        raise NotYet(
            f"{written} gives {shown(node)} and no {mine.name}: {remembers}.",
            f"{article} {sort}", place,
        )  # fmt: skip
    return node


def as_names(mine: LearnersClass, node: Any, graph: Graph, nodes: Sequence[Any]) -> str:
    """The inputs that a value says it has, with the names of the graph."""
    found = mine.inputs(node)
    if found is None:
        return "none"
    names = {id(x): name for x, name in zip(nodes, graph.names, strict=True)}
    return f"({', '.join(names.get(id(x), 'another value') for x in found)})"


# --- backward ---------------------------------------------------------------------------------------------


def backward(mine: LearnersClass, graph: Graph, nodes: list[Any], mode: str) -> Outcome | None:
    """Where a gradient is wrong; ``mode`` says how it is asked for."""
    if mode == "slopes" and (given := getattr(nodes[-1], "slopes", None)):
        return compare_slopes(mine, graph, given)
    if mode in ("slopes", "rules") and (mine.rule(nodes[-1]) or mine.lacks("backward")):
        call_rules(mine, graph, nodes, mode)
        return compare(mine, graph, nodes)
    if mine.lacks("backward"):
        raise NotYet(f"{mine.name} has no backward() yet.", "no backward")
    run_backward(graph, nodes)
    wrong = compare(mine, graph, nodes)
    if wrong is not None or mode != "twice":
        return wrong
    zero = getattr(nodes[-1], "zero_grad", None)
    if callable(zero):
        with told("zero_grad()"):
            zero()
    run_backward(graph, nodes)
    return compare(mine, graph, nodes, " after a second backward()")


def run_backward(graph: Graph, nodes: list[Any]) -> None:
    with told(f"backward() of {graph.formula}"):
        nodes[-1].backward()


def call_rules(mine: LearnersClass, graph: Graph, nodes: list[Any], mode: str) -> None:
    """Call the rule of each value by hand, from the result to the leaves."""
    if mine.rule(nodes[-1]) is None:
        if mode == "slopes":
            raise NotYet(
                f"{graph.formula} does not say its local derivatives: they belong in .slopes, one for each input.",
                "no slopes",
            )
        raise NotYet(
            f"{graph.formula} has no rule to call: pass_on() hands its gradient to its inputs.", "no pass_on"
        )
    order = mine.order(nodes)
    # A leaf has nobody to pass anything on to.
    rules = [mine.rule(node) for node in reversed(order) if mine.inputs(node) != ()]
    with told(f"calling the rules of {graph.formula} by hand"):
        nodes[-1].grad = 1.0
        for rule in filter(None, rules):
            rule()


def compare_slopes(mine: LearnersClass, graph: Graph, given: Any) -> Outcome | None:
    """The local derivatives that a value of one operation says it has."""
    right = [local for _, local in slopes(graph.values[-1])]
    with told(f"the slopes of {graph.formula}"):
        found = [as_number(x) for x in given]
    if len(found) != len(right):
        raise NotYet(
            f"{graph.formula} has {len(right)} inputs, and {len(found)} in .slopes: one is missing, or too many.",
            f"{len(found)} slopes",
        )
    for name, x, y, raw in zip(graph.names, right, found, given, strict=False):
        if y is None or not close(x, y):
            return outcome(
                graph, "gradient", f"slope of {graph.formula} in {name}", x, shown(raw) if y is None else y,
                wanted=(*right, 1.0), found=(*found, 1.0),
            )  # fmt: skip
    return None


def compare(mine: LearnersClass, graph: Graph, nodes: list[Any], when: str = "") -> Outcome | None:
    """The first gradient that is wrong: of the leaves, then of what was computed."""
    raw = [mine.number(node, "grad", name) for node, name in zip(nodes, graph.names, strict=True)]
    found = tuple(map(as_number, raw))
    for name, right, given, number in zip(graph.names, graph.gradients, raw, found, strict=True):
        is_leaf = name in graph.names[: len(graph.numbers)]
        if number is None and given is None and not is_leaf:
            continue
        if number is not None and (close(right, number) or at_the_kink(graph, number)):
            continue
        return outcome(
            graph, "gradient", f"gradient of {name}{when}", right, shown(given) if number is None else number,
            wanted=tuple(graph.gradients), found=found,
        )  # fmt: skip
    return None


def at_the_kink(graph: Graph, gradient: float) -> bool:
    """At 0 relu has no slope: any from that of the left side to that of the right one will do."""
    at_0 = any(x.op is not None and x.op.name == "relu" and x.inputs[0].data == 0 for x in graph.values)
    return at_0 and (len(graph.steps) > 1 or 0.0 <= gradient <= 1.0)
