"""One exhibit of the museum: a wrong engine beside the smallest graph that it gets wrong, as text and as HTML."""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape

from autograd import Value, topological_order, trace
from autograd.core.numbers import write_number
from autograd.steps import in_columns
from viz import frames
from viz.drawing.boxes import Scene
from viz.drawing.style import printable
from viz.engines.two_pictures import answered, in_figures, in_table, right_scene
from viz.engines.wrong_engines import Engine, Gradients, Passed, right, slopes, watch
from viz.exercises.handout import MUSEUM, handout
from viz.explaining.tables import table_in_html, table_in_markdown


def long_chain() -> Value:
    a = Value(3.0, "a")
    result = a
    for _ in range(sys.getrecursionlimit()):
        result = result + a
    result.label = "z"
    return result


HEADS = ["gradient of", "right", "this engine", ""]


@dataclass(frozen=True)
class Row:
    """One line of the comparison: a gradient, or how much work it was.

    ``wrong`` is what the engine answers, or the name of the error with which it ends.
    """

    name: str
    right: float
    wrong: float | str

    @property
    def agrees(self) -> bool:
        return self.right == self.wrong

    @property
    def cells(self) -> tuple[str, str, str, str]:
        wrong = self.wrong if isinstance(self.wrong, str) else write_number(self.wrong)
        return printable(self.name), write_number(self.right), wrong, "✓" if self.agrees else "✗ wrong"


@dataclass(frozen=True, repr=False)
class Exhibit:
    """A wrong engine beside the smallest graph that it gets wrong.

    Attributes:
        name: the engine's name.
        title: the mistake in a few words.
        engine: the backward pass itself.
        graph: makes the smallest graph; the same Values are never used twice.
        explanation: why it goes wrong there, and where it goes well.
        history: who met it, or "".
        counts_work: True if the gradients are right, and the number of times that a rule is run is not.
    """

    name: str
    title: str
    engine: Engine
    graph: Callable[[], Value]
    explanation: str
    history: str = ""
    counts_work: bool = False

    @cached_property
    def root(self) -> Value:
        return self.graph()

    @property
    def is_large(self) -> bool:
        return self.graph is long_chain

    @cached_property
    def formula(self) -> str:
        """The graph in a line: ``b = a + a; c = b + b``."""
        if self.is_large:
            return f"z = a + a + a + ... + a, with {sys.getrecursionlimit():,} additions"
        return "; ".join(f"{step.name} = {step.formula}" for step in trace(self.root).forward)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The right answers and this engine's, from the result down to the leaves."""
        return compare(self.engine, self.root, self.counts_work, only_ends=self.is_large)

    @cached_property
    def _watched(self) -> tuple[Gradients, list[Passed]]:
        return watch(self.engine, self.root)

    @cached_property
    def wrong_nodes(self) -> tuple[Value, ...]:
        """The nodes that pass on a gradient which is not complete, or end with a wrong one."""
        if self.is_large or self.counts_work:
            return ()
        expected, (found, passed) = right(self.root), self._watched
        wrong = {step.node for step in passed if step.gradient != expected[step.node]}
        return tuple(x for x in reversed(topological_order(self.root)) if x in wrong or found[x] != expected[x])

    @cached_property
    def first_mistake(self) -> str:
        """Where it goes wrong, in a sentence; "" where no gradient is wrong.

        >>> from viz import museum
        >>> museum()["depth_first"].first_mistake
        'The first mistake: b passes on 1, but its gradient is 3.'
        """
        if not self.wrong_nodes:
            return ""
        expected, (found, passed) = right(self.root), self._watched
        node, what, gradient = next(
            ((step.node, "passes on", step.gradient) for step in passed if step.gradient != expected[step.node]),
            (self.wrong_nodes[0], "ends with", found[self.wrong_nodes[0]]),
        )
        numbers = write_number(gradient), write_number(expected[node])
        name = trace(self.root).name(node)
        return f"The first mistake: {name} {what} {numbers[0]}, but its gradient is {numbers[1]}."

    def _scenes(self) -> list[tuple[str, Scene]]:
        """The graph as the right engine and as this one leaves it."""
        if self.is_large:
            return []
        scene = right_scene(self.root)
        found, passed = self._watched
        flows = {(step.node, step.place + 1): step.contribution for step in passed}
        wrong = answered(self.root, scene, found, self.wrong_nodes, flows)
        return [("The right engine", scene), ("This engine", wrong)]

    @property
    def code(self) -> str:
        """The engine as it is written, without its docstring; the line that does it ends in ``# wrong``."""
        return source_of(self.engine)

    def __str__(self) -> str:
        rows = [HEADS, *[list(row.cells) for row in self.rows]]
        told = [textwrap.fill(text, 100) for text in (self.explanation, self.history) if text]
        inside = "\n\n".join([f"{self.formula}\n\n{in_columns(rows, 'lrrl')}", *told])
        return f"{self.title}\n{textwrap.indent(inside, '  ')}"

    def markdown(self) -> str:
        rows = table_in_markdown([HEADS, *(row.cells for row in self.rows)], "lrrl")
        told = [text for text in (self.explanation, self.history) if text]
        code = f"```python\n{self.code}\n```"
        return "\n\n".join([f"## {self.title}", f"`{self.formula}`", rows, *told, code]) + "\n"

    def html(self) -> str:
        """The exhibit as an HTML section."""
        rows = []
        for row in self.rows:
            name, *others = map(escape, row.cells)
            cells = "".join(f"<td>{cell}</td>" for cell in others)
            kind = "" if row.agrees else ' class="wrong"'
            rows.append(f'<tr{kind}><th scope="row">{name}</th>{cells}</tr>')
        mistake = f'<p class="mistake">{escape(self.first_mistake)}</p>' if self.wrong_nodes else ""
        history = f'<p class="history">{escape(self.history)}</p>' if self.history else ""
        pictures = in_figures(scenes) if (scenes := self._scenes()) else ""
        return (
            f'<section class="exhibit" id="{escape(self.name)}"><h2>{escape(self.title)}</h2>'
            f'<p class="formula">{escape(self.formula)}</p>{pictures}{mistake}'
            '<div class="beside"><div><table><thead><tr><th scope="col">gradient of</th><th scope="col">right</th>'
            '<th scope="col">this engine</th><th scope="col"><span class="unseen">mark</span></th></tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table><p>{escape(self.explanation)}</p>{history}</div>"
            f"<pre><code>{marked(self.code)}</code></pre></div></section>"
        )

    def _repr_html_(self) -> str:
        """What a notebook shows: the exhibit in a frame, and the same in plain HTML where there are no frames."""
        rows = table_in_html(
            [[*map(escape, cells)] for cells in (HEADS, *(row.cells for row in self.rows))], sides="lrrl"
        )
        told = "".join(f"<p>{escape(text)}</p>" for text in (self.explanation, self.history) if text)
        formula = f"<p><code>{escape(self.formula)}</code></p>"
        pictures = in_table(self._scenes(), self.formula)
        instead = f"<h4>{escape(self.title)}</h4>{formula}{pictures}{rows}{told}"
        return frames.frame(
            handout(self.title, f'<main class="museum">{self.html()}</main>', MUSEUM), self.title, instead
        )

    def __repr__(self) -> str:
        return f"<Exhibit {self.name}: {self.title}; print(it) shows it>"


def compare(engine: Engine, root: Value, counts_work: bool = False, only_ends: bool = False) -> tuple[Row, ...]:
    """An engine's answers beside the right ones."""
    names = trace(root)
    order = topological_order(root)[::-1]
    nodes = [order[0], order[-1]] if only_ends else order
    expected = right(root)
    try:
        found: Mapping[Value, float | str] = engine(root)
    except RecursionError:
        found = dict.fromkeys(nodes, "RecursionError")
    rows = [Row(names.name(node), expected[node], found[node]) for node in nodes]
    if counts_work:
        rows.append(Row("runs of a rule", work(right, root), work(engine, root)))
    return tuple(rows)


def work(engine: Engine, root: Value) -> float:
    """How often an engine runs the rule of an operation."""
    count = 0

    def counting(node: Value) -> list[tuple[Value, float]]:
        nonlocal count
        count += node.op is not None
        return slopes(node)

    engine(root, counting)
    return float(count)


def source_of(function: Callable[..., object]) -> str:
    lines = inspect.getsource(function).splitlines()
    # The docstring of an engine is one line, the second one.
    return "\n".join(line for line in lines if not line.strip().startswith('"""'))


def marked(code: str) -> str:
    """Code in HTML, the wrong lines marked."""
    lines = [escape(line) for line in code.splitlines()]
    return "\n".join(f"<mark>{line}</mark>" if line.endswith("# wrong") else line for line in lines)
