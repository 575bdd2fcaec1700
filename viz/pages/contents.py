"""Everything that a page shows, as plain data: names, steps, sentences, formulas, examples; and its program.

Numbers are left open wherever a slider can change them: those of sentences, see ``sentences.py``, and those of
formulas.  A formula is MathML with slots: ``<mi>{2n}</mi>`` stands for node n, for its name or for its number, and
``<mi>{2n+1}</mi>`` as well, where a minus sign needs no parentheses.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd import Value, topological_order
from autograd.engines.javascript import HELPERS, write_function
from autograd.ops import Op
from autograd.program.graphs import record_backward
from autograd.steps import BackwardStep, ForwardStep, Trace
from autograd.symbols.formulas import Formula
from autograd.symbols.local_derivatives import written
from autograd.symbols.notation import (
    ATOM,
    MINUS,
    PLUS,
    Fence,
    Name,
    Notation,
    Power,
    Row,
    Slot,
    Subscript,
    level,
    write_mathml,
)  # fmt: skip
from autograd.symbols.templates import with_parts
from viz.drawing.boxes import Scene
from viz.drawing.picture import Frame
from viz.drawing.style import printable, shorten
from viz.exercises.cases import Graph
from viz.exercises.quiz_program import write_books, write_quiz
from viz.pages.sentences import describe_sentences, has_two_forms, write_clause
from viz.stepping.narration import QUESTIONS


@dataclass(frozen=True)
class Examples:
    """Samples that can be put into some leaves of the graph.

    Attributes:
        names: one for each sample.
        columns: the ids of the leaves.
        headings: what each column is called.
        rows: for each sample a number for each column.
        targets: which of the columns hold what the output should be.
    """

    names: tuple[str, ...]
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageData:
    """What a page is about.

    Attributes:
        loss: the result.
        steps: its trace.
        scene: its graph as it is drawn.
        free: the ids of the leaves with sliders.
        descends: those of them that gradient descent moves; the others are data.
        examples: samples for other leaves, or None.
        title, note: what stands above the graph.
        lr: the learning rate to begin with.
    """

    loss: Value
    steps: Trace
    scene: Scene
    free: tuple[str, ...]
    descends: tuple[str, ...]
    examples: Examples | None
    title: str
    note: str
    lr: float

    @cached_property
    def order(self) -> list[Value]:
        """All nodes in the order of their ids."""
        return topological_order(self.loss)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The ids of the nodes that are compared with the targets of the examples."""
        return () if self.examples is None else tuple(find_outputs(self.steps, self.examples))

    @cached_property
    def quiz(self) -> tuple[str, dict[str, Any]]:
        """The program and the data with which wrong answers are recognised."""
        return write_quiz(Graph(self.steps, self.loss))

    @cached_property
    def books(self) -> tuple[str, dict[str, int]]:
        """The textbook's rules as a program, and for each node whose operation has one its place there."""
        return write_books({f"v{i}": node.op for i, node in enumerate(self.order) if node.op is not None})

    @property
    def inputs(self) -> tuple[str, ...]:
        """The ids of all leaves whose numbers can change: the inputs of the program."""
        bound = () if self.examples is None else self.examples.columns
        return tuple(dict.fromkeys((*self.free, *bound)))


def describe_page(page: PageData) -> dict[str, Any]:
    """The page as dicts, lists, strings and numbers, in the form that its script reads."""
    steps, nodes = page.steps, page.steps.nodes
    edges = {(edge.target, edge.operand): edge.id for edge in page.scene.edges}
    ops = {f"v{i}": node.op for i, node in enumerate(page.order)}
    return {
        "names": [short_name(node.name) for node in nodes],
        "named": [bool(steps.formula_of(node.id).name) for node in nodes],
        "inputsOf": [[index(id) for id in node.inputs] for node in nodes],
        "requires": {index(id): clean(op.requires) for id, op in ops.items() if op is not None and op.requires},
        "forward": [index(step.node) for step in steps.forward],
        "backward": [
            [index(step.node), index(step.input), step.operand, edges[step.node, step.operand + 1]]
            for step in steps.backward
        ],
        **describe_sentences(steps),
        "books": {index(id): place for id, place in page.books[1].items()},
        # Widths and tints are compared with what flows back at the start, whatever the sliders do.
        "reference": page.scene.picture.reference,
        "questions": [write_clause(question, []) for question in QUESTIONS],
        "quiz": page.quiz[1],
        "frames": [describe_frame(frame, page) for frame in page.scene.picture.frames],
        "free": [index(id) for id in page.free],
        "descends": [index(id) for id in page.descends],
        "inputs": [index(id) for id in page.inputs],
        "start": [finite_or_word(steps.node(id).data) for id in page.inputs],
        "examples": describe_examples(page),
        "rate": page.lr,
    }


def index(id: str) -> int:
    return int(id[1:])


def finite_or_word(x: float) -> float | str:
    """A number for JSON, which has no infinity and no nan: JavaScript reads these words as numbers.

    >>> finite_or_word(2.0), finite_or_word(float("-inf")), finite_or_word(float("nan"))
    (2.0, '-Infinity', 'NaN')
    """
    if math.isfinite(x):
        return x
    return "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"


def clean(text: str) -> str:
    return printable(text)


def short_name(name: str) -> str:
    return shorten(printable(name))


# --- formulas ---------------------------------------------------------------------------------------------


def write_formulas(steps: Trace) -> str:
    """All formulas in MathML, for a ``<template>``: names of nodes, forward steps, local derivatives; exact ones.

    A node without a name of its own is called by the formula of its forward step; its place is empty, or
    has parentheses if the formula needs them.
    """
    write = FormulaWriter(steps)
    found = [write.name_of(node.id) for node in steps.nodes]
    found += [write.forward(step) for step in steps.forward]
    found += [write.local(step) for step in steps.backward]
    found += [write.local(step, exact=True) for step in steps.backward if has_two_forms(steps, step)]
    # A page says this in short: <q9/> for <mi>{9}</mi>, <q/> between two formulas.
    text = re.sub(r"<mi>{(\d+)}</mi>", r"<q\1/>", "<q/>".join(found))
    return f"<math>{text}</math>"


class FormulaWriter:
    """Writes formulas in MathML, with places for the names or numbers of nodes."""

    def __init__(self, steps: Trace) -> None:
        self.steps = steps
        # Only what is written as a name: "3" may be a label, and another node's number.
        self.places = {name: index(node.id) for node in steps.nodes if (name := steps.formula_of(node.id).name)}

    def name_of(self, id: str) -> str:
        """How a node is called inside of other formulas."""
        part = self.formula_of(id).notation
        if not isinstance(part, Name) and self.steps.node(id).op:
            return "" if level(part) == ATOM else "<mo>(</mo><mo>)</mo>"
        # A label that is a formula needs parentheses in other formulas.
        part = Fence(part) if isinstance(part, Name) and level(part) < ATOM else part
        return write_mathml(with_names(part, lambda label, _: Name(short_name(label)), True))

    def forward(self, step: ForwardStep) -> str:
        """What the operation of a step computes."""
        node = self.steps.node(step.node)
        op = self.op_of(node.id)
        return self.write(written(op, [self.formula_of(id) for id in node.inputs]))

    def local(self, step: BackwardStep, exact: bool = False) -> str:
        """The local derivative of a step: the textbook's form, or the one that is computed."""
        return self.write(self.steps.formula(step, exact))

    def write(self, formula: Formula) -> str:
        return write_mathml(with_slots(formula.notation, self.places))

    def formula_of(self, id: str) -> Formula:
        return self.steps.formula_of(id)

    def op_of(self, id: str) -> Op:
        op = self.steps.op_of(id)
        assert op is not None
        return op


def with_slots(part: Notation, places: Mapping[str, int]) -> Notation:
    """The notation with a slot for each name of a node.

    >>> from autograd.symbols.formulas import symbol
    >>> print(write_mathml(with_slots((symbol("a") - symbol("b")).notation, {"a": 4, "b": 7})))
    <mrow><mi>{9}</mi><mo>−</mo><mi>{14}</mi></mrow>
    """

    def slot(label: str, alone: bool) -> Notation:
        return Slot(2 * places[label] + alone) if label in places else Name(short_name(label))

    return with_names(part, slot, True)


def with_names(part: Notation, rename: Callable[[str, bool], Notation], alone: bool) -> Notation:
    """The notation with other names; ``rename`` also hears whether a negative number could stand there as it is."""
    match part:
        case Name(label):
            return rename(label, alone)
        case Row(parts):
            signs = (*parts[1:], PLUS)
            new = [
                with_names(inner, rename, alone and i == 0 and signs[0] in (PLUS, MINUS))
                for i, inner in enumerate(parts)
            ]
            return Row(tuple(new))
        case Fence(Name(label) as name) if level(name) < ATOM:
            # The parentheses belong to the label: its number may need none.
            renamed = rename(label, False)
            return renamed if isinstance(renamed, Slot) else Fence(renamed)
        case Power(base, exponent):
            return Power(with_names(base, rename, False), with_names(exponent, rename, True))
        case Subscript(base, i):
            return Subscript(with_names(base, rename, False), i)
    return with_parts(part, lambda inner: with_names(inner, rename, True))


# --- frames and examples ----------------------------------------------------------------------------------


def describe_frame(frame: Frame, page: PageData) -> dict[str, Any]:
    """A neuron or layer: which nodes are in it, and which of them are its outputs."""
    inner = {frame.id} | {other.id for other in page.scene.picture.frames if other.parent == frame.id}
    members = [box.id for box in page.scene.boxes if box.node.frame in inner]
    used_outside = {
        id for node in page.steps.nodes if node.id not in members for id in node.inputs if id in members
    } | ({page.steps.root} & set(members))
    outputs = [id for id in members if id in used_outside and page.steps.node(id).op]
    return {
        "id": frame.id, "kind": frame.kind, "title": short_name(frame.title), "parent": frame.parent,
        "members": [index(id) for id in members], "outputs": [index(id) for id in outputs],
    }  # fmt: skip


def describe_examples(page: PageData) -> dict[str, Any] | None:
    if page.examples is None:
        return None
    found = page.examples
    return {
        "names": [short_name(name) for name in found.names],
        "columns": [index(id) for id in found.columns],
        "headings": [short_name(heading) for heading in found.headings],
        "rows": [list(row) for row in found.rows],
        "targets": [index(id) for id in found.targets],
        "outputs": [index(id) for id in page.outputs],
    }


def find_outputs(steps: Trace, examples: Examples) -> list[str]:
    """For each target the node that is compared with it.

    >>> x, target = Value(2.0, "x"), Value(1.0, "target")
    >>> y = 3 * x
    >>> y.label = "y"
    >>> steps = Trace(-target * y.log())
    >>> examples = Examples(("a",), ("v0", "v3"), ("x", "y"), ((2.0, 1.0),), targets=(steps.find("target"),))
    >>> [steps.name(id) for id in find_outputs(steps, examples)]
    ['y']
    """
    outputs = []
    for target in examples.targets:
        given = {target}
        for node in steps.nodes:
            if node.op and given.intersection(node.inputs):
                partners = [id for id in node.inputs if id not in given and steps.node(id).op]
                if partners:
                    outputs.append(down_to_a_label(steps, partners[0]))
                    break
                given.add(node.id)
    return outputs


def down_to_a_label(steps: Trace, id: str) -> str:
    """The labelled node from which this one was computed, if there is only one way down to it; else the node."""
    below = steps.node(id)
    while not below.label:
        inputs = [x for x in below.inputs if steps.node(x).op]
        if len(inputs) != 1:
            return id
        below = steps.node(inputs[0])
    return below.id


# --- the program ------------------------------------------------------------------------------------------


def write_programs(page: PageData) -> str:
    """JavaScript functions, made from the graph's own rules.

    ``run(x)`` takes the numbers of the page's inputs and gives the data of every node, every local
    derivative and every gradient.  ``books`` are the rules of the textbook where others are computed, and
    ``mistaken`` has functions that give what common mistakes make of these numbers.
    """
    by_id = {f"v{i}": node for i, node in enumerate(page.order)}
    program = write_function(record_backward(page.loss, [by_id[id] for id in page.inputs]), name="run")
    # One declaration of all numbers is shorter than one for each.
    program = re.sub(r";\nconst (t\d+=)", r",\1", program)
    rest = page.books[0] + page.quiz[0]
    helpers = dict.fromkeys(text for atom, text in HELPERS.items() if f"{atom}(" in rest and text not in program)
    return f"{program}\n{''.join(helpers)}{rest}"


# --- as a part of a page ----------------------------------------------------------------------------------

ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def embed(data: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON that may stand inside ``<script>``: nothing in it can end the script or begin a tag.

    >>> embed({"label": "</script>"})
    '{"label":"\\\\u003c/script\\\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return "".join(ESCAPES.get(character, character) for character in text)
