"""The mistakes as a program and plain data: a page finds with them, while its numbers change, what quiz() finds.

>>> from autograd import Value, trace
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> y = w * x
>>> program, data = write_quiz(Graph(trace(y), y))
>>> data["mistakes"][1][0], data["operations"]
('pre_activation', {2: 'w·x'})
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from autograd.core.evaluate import apply_rule
from autograd.engines.javascript import number, write_step
from autograd.ops import Op
from autograd.program.recorder import Recorder
from autograd.program.tape import Tape
from autograd.steps import BackwardStep
from viz.drawing.style import printable, shorten
from viz.exercises.answers import NOTES
from viz.exercises.cases import Graph, Numbers, Share, is_asked
from viz.exercises.diagnosis import ROUNDINGS
from viz.exercises.mistakes import ADVICE, MISTAKES, MOST_LINKS, MOST_OTHERS, MOST_SUMS, attempt, total
from viz.formulas.expression import CONSTANTS
from viz.formulas.parser import function_names

CHANGES = [*dict.fromkeys(change for mistake in MISTAKES for change in mistake.changes)]


def write_quiz(graph: Graph) -> tuple[str, dict[str, Any]]:
    """A JavaScript function, and what its results mean.

    ``mistaken(kind, ...)`` takes the numbers of one contribution and gives all that somebody may take for it: one
    number for each of ``CHANGES`` that occur, the most frequent first.  Contributions that go wrong in the same
    ways are of one kind: of these there are few, also in a large graph.
    """
    found: dict[Changes, int] = {}
    kinds = [found.setdefault(write_changes(graph, step), len(found)) for step in graph.trace.backward]
    counts = [sum(bool(changes.results[i]) for changes in found) for i in range(len(CHANGES))]
    order = sorted((i for i, count in enumerate(counts) if count), key=lambda i: -counts[i])
    functions = ",\n".join(changes.function(order) for changes in found)
    places = {CHANGES[i]: place for place, i in enumerate(order)}
    ids = {int(step.node[1:]): step.node for step in graph.trace.forward}
    description = {
        "mistakes": [
            [it.name, it.hint, it.is_rounding, it.way.__name__,
             [places[change] for change in it.changes if change in places], *it.factors]
            for it in MISTAKES
            if it.way is not total
        ],
        "mostSums": MOST_SUMS,
        "mostLinks": MOST_LINKS,
        "mostOthers": MOST_OTHERS,
        "advice": ADVICE,
        "roundings": ROUNDINGS,
        "notes": NOTES,
        "constants": CONSTANTS,
        "kinds": kinds,
        "unasked": [int(id[1:]) for id, node in graph.nodes.items() if not is_asked(node)],
        "operations": {i: line(graph.written(id)) for i, id in ids.items()},
    }  # fmt: skip
    return f"const mistaken=(kind,u,l,p,z,x,g,q)=>[{functions}][kind]();\n{write_functions()}", description


def write_books(operations: Mapping[str, Op]) -> tuple[str, dict[str, int]]:
    """The textbook's rules as a list of JavaScript functions, and for each node that has one its place in the list.

    >>> from autograd import ops
    >>> write_books({"v1": ops.sigmoid, "v2": ops.exp})
    ('const books=[(x,z)=>[z*(1-z)]];\\n', {'v1': 0})
    """
    found: dict[str, int] = {}
    places = {}
    for id, op in operations.items():
        if op.textbook is not None:
            recorder = Recorder()
            inputs, output = [recorder.input() for _ in range(op.arity)], recorder.input()
            slopes = apply_rule(op, inputs, output, op.textbook)
            words = [*(f"x[{i}]" for i in range(op.arity)), "z"]
            lines, results = write_expressions(recorder.finish(slopes), words)
            result = f"[{','.join(results)}]"
            text = f"(x,z)=>{f'{{{lines}return{result}}}' if lines else result}"
            places[id] = found.setdefault(text, len(found))
    return f"const books=[{','.join(found)}];\n", places


@cache
def write_functions() -> str:
    """The functions of one number that an answer may name, by each of their names, as JavaScript.

    An operation of a user's own is not among them: its rule may be Python that JavaScript has no name for.

    >>> "exp:x=>Math.exp(x)," in write_functions(), "get σ(){return this.sigmoid}" in write_functions()
    (True, True)
    """
    found: dict[str, list[str]] = {}
    for name, op in function_names().items():
        if op.arity == 1 and not op.variadic and op.is_built_in:
            recorder = Recorder()
            lines, [result] = write_expressions(recorder.finish([op(recorder.input())]), ["x"])
            found.setdefault(f"{{{lines}return {result}}}" if lines else result, []).append(name)
    written = [f"{names[0]}:x=>{text}" for text, names in found.items()]
    written += [f"get {other}(){{return this.{first}}}" for first, *others in found.values() for other in others]
    return f"const functions={{{','.join(written)}}};\n"


@dataclass(frozen=True)
class Changes:
    """What may be taken for a contribution, as JavaScript.

    Attributes:
        lines: what is computed first, for it is needed several times.
        results: one for each of ``CHANGES``; "" where a mistake cannot be made.
    """

    lines: str
    results: tuple[str, ...]

    def function(self, order: list[int]) -> str:
        """A function that gives these results.

        >>> Changes("", ("", "u", "l", "")).function([1, 0, 2, 3])
        '()=>[u,,l]'
        """
        results = f"[{','.join(self.results[i] for i in order).rstrip(',')}]"
        return f"()=>{{{self.lines}return{results}}}" if self.lines else f"()=>{results}"


def write_changes(graph: Graph, step: BackwardStep) -> Changes:
    """From a contribution's numbers: its upstream gradient u, local derivative l and product p, the output z of
    its operation, the inputs x and their gradients g, and what arrives at the output in parts q.

    >>> from autograd import Value, trace
    >>> y = Value(3.0, "w") + Value(2.0, "x")
    >>> graph = Graph(trace(y), y)
    >>> [result for result in write_changes(graph, graph.trace.backward[0]).results if result]
    ['-p', 'u', 'l', 'u', 'l*z', 'u', 'u', 'u', 'u', 'u', 'u+l', 'u/l', 'u*l', 'u']
    """
    recorder = Recorder()
    inputs = [*dict.fromkeys(graph.nodes[step.node].inputs)]
    parts = graph.places.get(step.node, [])
    words = ["u", "l", "p", "z", *(f"{kind}[{i}]" for kind in "xg" for i in range(len(inputs)))]
    words += [f"q[{i}]" for i in range(len(parts))]
    upstream, local, product, output, *rest = (recorder.input() for _ in words)
    data: dict[str, Any] = {**dict(zip(inputs, rest, strict=False)), step.node: output}
    gradients: dict[str, Any] = {**dict(zip(inputs, rest[len(inputs) :], strict=False)), step.node: upstream}
    products = dict(zip(parts, rest[2 * len(inputs) :], strict=True)) | {step.number - 1: product}
    numbers = Numbers(data.__getitem__, gradients.__getitem__, lambda _: local, products.__getitem__)
    share = Share(graph, step, numbers)
    found = [attempt(change, share) for change in CHANGES]
    lines, results = write_expressions(recorder.finish([x for x in found if x is not None], fuse=False), words)
    return Changes(lines, tuple(["" if x is None else results.pop(0) for x in found]))


def write_expressions(tape: Tape, words: list[str]) -> tuple[str, list[str]]:
    """One expression for each output, and before them what is needed several times."""
    words = words + [number(x) for x in tape.constants]
    uses, marks = Counter(tape.outputs), ["#"] * (len(words) + len(tape.instructions))
    for instruction in tape.instructions:
        repeats = write_step(tape, instruction, marks).count("#") > len(instruction.operands)
        uses.update(instruction.operands * (1 + repeats))
    operands = words[:]
    lines = []
    for slot, instruction in enumerate(tape.instructions, len(words)):
        text = write_step(tape, instruction, operands)
        # Parentheses cannot be nested without end.
        is_named = uses[slot] > 1 or slot % 100 == 0
        if is_named:
            lines.append(f"const t{slot}={text};")
        words.append(f"t{slot}" if is_named else text)
        operands.append(f"t{slot}" if is_named else f"({text})")
    return "".join(lines), [words[i] for i in tape.outputs]


def line(text: str) -> str:
    text = printable(text)
    return shorten(text) if len(text) > 80 else text
