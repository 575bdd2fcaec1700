"""The museum of wrong engines: each wrong backward pass beside the smallest graph that it gets wrong.

>>> print(museum()["overwriting"])
= in the place of +=
  b = a + a
<BLANKLINE>
  gradient of  right  this engine
  b                1            1  ✓
  a                2            1  ✗ wrong
<BLANKLINE>
  a is used twice, so its gradient is the sum of two contributions. With = only the last one is left.
  As long as every value is used once, nobody notices.
<BLANKLINE>
  Andrej Karpathy runs into this bug in his lecture on micrograd, with this very graph.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape

from autograd import Value, topological_order, trace
from autograd.core.numbers import write_gradient, write_number
from autograd.errors import AutogradError, text_of
from autograd.steps import id_at, in_columns
from viz import frames
from viz.drawing.boxes import Scene, make_traced_scene
from viz.drawing.placement import lay_out
from viz.drawing.style import printable
from viz.drawing.svg import write_svg
from viz.engines import wrong_engines as engines
from viz.engines.wrong_engines import Engine, Gradients, Passed, right, slopes, sweep, watch
from viz.exercises.handout import MUSEUM, Handout, handout
from viz.explaining.tables import table_in_html, table_in_markdown
from viz.formulas.expression import did_you_mean
from viz.formulas.worked_examples import graph

__all__ = ["Exhibit", "Museum", "MuseumError", "Row", "museum"]


class MuseumError(AutogradError, LookupError):
    """The museum was asked for something that it does not have."""


# --- the smallest graphs ----------------------------------------------------------------------------------


one_sum = graph("b = a + a", a=3)
one_product = graph("b = a*a", a=3)
two_sums = graph("b = a + a; c = b + b", a=3)
short_and_long_way = graph("b = a + a; c = b + b; d = b + c", a=3)


def long_chain() -> Value:
    a = Value(3.0, "a")
    result = a
    for _ in range(sys.getrecursionlimit()):
        result = result + a
    result.label = "z"
    return result


# --- the exhibits -----------------------------------------------------------------------------------------


WIDTHS = {"wide": 480.0, "narrow": 300.0}
"""How wide a drawing may be, in pixels, beside another and on a telephone."""

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

    def _wrong_scene(self, scene: Scene) -> Scene:
        """The drawing with what this engine passed on and answered, and a sign at what is wrong."""
        found, passed = self._watched
        place: dict[str, Value] = {id_at(i): node for i, node in enumerate(topological_order(self.root))}
        flows = {(step.node, step.place + 1): step.contribution for step in passed}
        boxes = [
            replace(
                box, node=replace(box.node, grad=found[place[box.id]]), grad=write_gradient(found[place[box.id]]),
                mark="≠" if place[box.id] in self.wrong_nodes else "",
            )
            for box in scene.boxes
        ]  # fmt: skip
        edges = [
            replace(edge, contribution=flows.get((place[edge.target], edge.operand or 0))) for edge in scene.edges
        ]
        return replace(scene, boxes=tuple(boxes), edges=tuple(edges))

    def _pictures(self) -> str:
        """The graph as the right engine and as this one leaves it; each for wide and for narrow screens."""
        if self.is_large:
            return ""
        scene = make_traced_scene(self.root, trace(self.root))
        shown = {"The right engine": scene, "This engine": self._wrong_scene(scene)}
        figures = []
        for title, each in shown.items():
            drawings = "".join(
                f'<div class="{kind}">{write_svg(each, lay_out(each, width))}</div>'
                for kind, width in WIDTHS.items()
            )
            figures.append(f"<figure><figcaption>{title}</figcaption>{drawings}</figure>")
        return f'<div class="pictures">{"".join(figures)}</div>'

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
        return (
            f'<section class="exhibit" id="{escape(self.name)}"><h2>{escape(self.title)}</h2>'
            f'<p class="formula">{escape(self.formula)}</p>{self._pictures()}{mistake}'
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
        instead = f"<h4>{escape(self.title)}</h4>{formula}{rows}{told}"
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


def museum() -> Museum:
    """All wrong engines, each beside the smallest graph that it gets wrong.

    >>> [exhibit.name for exhibit in museum()][:3]
    ['overwriting', 'depth_first', 'breadth_first']
    >>> museum()["revisiting"].rows[-1]
    Row(name='a', right=4.0, wrong=6.0)
    """
    return Museum(EXHIBITS)


class Museum(Handout):
    """The exhibits; in a notebook it shows itself, ``museum().save("museum.html")`` makes a page.

    Attributes:
        exhibits: all of them.
    """

    what, error = "the museum", MuseumError

    def __init__(self, exhibits: tuple[Exhibit, ...]) -> None:
        self.exhibits = exhibits

    def __iter__(self) -> Iterator[Exhibit]:
        return iter(self.exhibits)

    def __len__(self) -> int:
        return len(self.exhibits)

    def __getitem__(self, name: str) -> Exhibit:
        for exhibit in self.exhibits:
            if exhibit.name == name:
                return exhibit
        known = [exhibit.name for exhibit in self.exhibits]
        asked = text_of(name)
        hint = did_you_mean(asked.strip("'"), known) or f"; there are {', '.join(known)}"
        raise MuseumError(f"there is no exhibit {asked}{hint}")

    def __str__(self) -> str:
        return "\n\n".join(f"{i}. {exhibit}" for i, exhibit in enumerate(self.exhibits, 1))

    def markdown(self) -> str:
        """All of it in Markdown."""
        intro = f"# {TITLE}\n\n{INTRODUCTION}\n\n```python\n{RIGHT}\n```\n"
        return "\n".join([intro, *(exhibit.markdown() for exhibit in self.exhibits)])

    def html(self) -> str:
        """All of it as one page that needs nothing from outside."""
        contents = "".join(f'<li><a href="#{e.name}">{escape(e.title)}</a></li>' for e in self.exhibits)
        body = (
            f'<main class="museum"><h1>{TITLE}</h1><p class="lead">{INTRODUCTION}</p>'
            f'<pre class="right"><code>{escape(RIGHT)}</code></pre><nav><ol>{contents}</ol></nav>'
            + "".join(exhibit.html() for exhibit in self.exhibits)
            + "</main>"
        )
        return handout(TITLE, body, MUSEUM)

    def _repr_html_(self) -> str:
        """What a notebook shows: all of it in a frame, and what there is where there are no frames."""
        titles = "".join(
            f"<li><code>museum()[{escape(repr(e.name))}]</code> {escape(e.title)}</li>" for e in self.exhibits
        )
        instead = frames.sentence(TITLE, "museum()", "museum.html") + f"<ol>{titles}</ol>"
        return frames.frame(self.html(), TITLE, instead)

    def __repr__(self) -> str:
        return f'<Museum of {len(self)} wrong engines; print(it), or museum().save("museum.html")>'


TITLE = "The museum of wrong engines"
INTRODUCTION = (
    "Backward passes as people first write them. Each one works on many graphs, which is why the mistake goes "
    "unnoticed; beside it stands the smallest graph of sums and products on which it fails. This engine is right:"
)

RIGHT = f"{source_of(right)}\n\n\n{source_of(sweep)}"

EXHIBITS = (
    Exhibit(
        "overwriting", "= in the place of +=", engines.overwriting, one_sum,
        "a is used twice, so its gradient is the sum of two contributions. With = only the last one is left. "
        "As long as every value is used once, nobody notices.",
        "Andrej Karpathy runs into this bug in his lecture on micrograd, with this very graph.",
    ),
    Exhibit(
        "depth_first", "No topological order: whoever is reached first", engines.depth_first, short_and_long_way,
        "b is reached from d directly and over c. The direct way comes first, and b passes on what it has by "
        "then: 1 in the place of 3. What arrives later over c is never passed on to a. On a tree, and "
        "wherever only leaves are shared, the order does not matter.",
    ),
    Exhibit(
        "breadth_first", "No topological order: by distance from the result", engines.breadth_first,
        short_and_long_way,
        "b is one step from d, and so is c; b comes first, although a contribution from c is still to come. A "
        "node may pass its gradient on only after everybody who uses it has done so: that is what the "
        "topological order says, and a distance does not.",
    ),
    Exhibit(
        "revisiting", "Recursion that comes back", engines.revisiting, two_sums,
        "c reaches b twice. The first time b passes on 1, the second time the 2 that it has by then, so that "
        "the first 1 is counted again: 2·(1 + 2) = 6 arrives at a. Where no intermediate node is shared, each "
        "one is visited once and all is well.",
    ),
    Exhibit(
        "every_path", "Recursion along every path", engines.every_path, two_sums,
        "The gradients are right: this is the chain rule, summed over all paths. But b's rule is run once for "
        "each path, and twenty such doublings in a row have over a million paths. Backpropagation passes "
        "every node once.",
        counts_work=True,
    ),
    Exhibit(
        "too_deep", "Recursion on a deep graph", engines.every_path, long_chain,
        "Every operation is one function call inside another, and Python allows about a thousand of these. A "
        "loop with its own list of waiting nodes has no such limit.",
        "micrograd sorts its nodes with a recursive function, so a sum of a thousand terms in a loop ends so.",
    ),
    Exhibit(
        "never_zeroed", "Stale gradients: zero_grad() forgotten", engines.never_zeroed, one_sum,
        "Gradients add up over calls of backward(), which is useful when one batch is computed in parts. "
        "Whoever wants the gradient of this pass alone has to set them to 0 before. The first pass is always "
        "right; the second has twice the gradient, the tenth ten times.",
        "Karpathy forgets it in the same lecture, while the training seems to work: a problem that is easy "
        "enough hides the bug.",
    ),
    Exhibit(
        "stale_intermediates", "Stale gradients: only the leaves set to 0", engines.stale_intermediates, two_sums,
        "The leaves begin at 0, but b still has the gradient of the first pass. It adds the second one to it, "
        "and passes both on. A graph that is built anew for each pass, or that has only one operation, does "
        "not show it.",
    ),
    Exhibit(
        "changed_data", "Data changed between forward and backward", engines.changed_data, one_product,
        "b was computed with a = 3; then somebody moved a to 4 (a weight updated too early, say), and the "
        "rule of the product looks up a. The gradient 8 belongs to another point than the result 9. Sums do "
        "not notice: their slopes are 1 everywhere.",
        "PyTorch counts the changes of every tensor and refuses with an error.",
    ),
)  # fmt: skip
