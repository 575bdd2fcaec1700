"""check_engine: is an engine that somebody builds right, step by step, and on which graph is it wrong first?

>>> class Value:
...     def __init__(self, data):
...         self.data = data
...     def __add__(self, other):
...         return self.data + other.data
>>> print(check_engine(Value, step=1))
Step 1, data, inputs and +: not yet.
<BLANKLINE>
  a = 3
  a + a
<BLANKLINE>
                  right  your class
  value of a + a      6     a float  ✗ wrong
<BLANKLINE>
  a + a gives 6.0 (float) and no Value: it remembers nothing.
<BLANKLINE>
  Who remembers, after a + b, that a and b went into it?
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from autograd import topological_order
from autograd.core.numbers import write_number
from autograd.errors import shown
from autograd.steps import in_columns
from viz import frames
from viz.drawing.style import printable
from viz.engines.engine_steps import ARITHMETIC, FUNCTIONS, LAST, STEPS, EngineStep, question
from viz.engines.exhibit import Row
from viz.engines.learners_class import EngineCheckError, LearnersClass
from viz.engines.museum_exhibits import museum
from viz.engines.network_check import check_fit, check_network, fit_question, network_question
from viz.engines.outcomes import Outcome, close, first_failure, outcome_of
from viz.engines.same_mistake import same_mistake
from viz.engines.small_graphs import TIMES, Graph
from viz.engines.two_pictures import answered, in_table, right_scene
from viz.explaining.tables import table_in_html

__all__ = ["EngineCheck", "EngineCheckError", "check_engine"]

MOST_BOXES = 12
"""Larger graphs are not drawn: the table says it all."""


def check_engine(
    Value: type,
    step: int | None = None,
    *,
    MLP: Callable[..., Any] | None = None,
    fit: Callable[..., Any] | None = None,
) -> EngineCheck:
    """Look for the smallest graph on which a class of yours is wrong: in data, in inputs, in a gradient.

    It works on any class with ``data``, ``grad`` and ``backward()``; the ten steps are those of lesson 8.  Smallest
    means fewest operations, then fewest leaves (a = 3, b = 5, c = 7).

    Args:
        Value: the class.  ``Value(3.0)`` makes a leaf; for more arguments, like inputs and an operation, empty ones
            are given.
        step: 1 to 10; None looks at all that the class has.
        MLP: for steps 9 and 10, a class or function; ``MLP(2, [2, 1])`` has two inputs, two hidden neurons and one
            output, all with a sigmoid, and ``parameters()``: neuron by neuron its weights, then its bias.
        fit: for step 10, ``fit(model, data, epochs=1, lr=0.1, batch_size=4)``; ``data`` is a list of pairs (x, y).

    Returns:
        A result that is true if the class passed, shows itself, and has ``passed``, ``graph``, ``right``, ``given``
        and ``exhibit`` as plain data.

    Raises:
        EngineCheckError: if there is no such step, or nothing to look at.

    >>> from autograd import Value
    >>> result = check_engine(Value, step=6)
    >>> result.passed, bool(result)
    (True, True)
    """
    mine = LearnersClass(Value)
    if step is not None and (isinstance(step, bool) or step not in (*STEPS, *LAST)):
        raise EngineCheckError(f"step is a number from 1 to 10, or None, but got {shown(step)}")
    if step in LAST and (MLP is None or (step == 10 and fit is None)):
        wanted = "MLP=MLP" if step == 9 else "MLP=MLP, fit=fit"
        raise EngineCheckError(
            f"step {step} looks at a network of yours: check_engine(Value, step={step}, {wanted})"
        )
    if step is None:
        return check_all(mine, MLP, fit)
    if step in STEPS:
        return check_step(mine, STEPS[step])
    failed = check_network(mine, MLP) if step == 9 else check_fit(mine, MLP, fit)
    asked = "" if failed is None else network_question(failed) if step == 9 else fit_question(failed)
    return EngineCheck(step, LAST[step][0], failed, asked, None, PROVED[step])


PROVED = {
    9: "Proved: the nine gradients of Alice's network, with starts that differ. Next: step 10, fit.",
    10: "Proved: by ones and by fours, every parameter is that of nn.fit. You have built an engine.",
}


def check_step(mine: LearnersClass, step: EngineStep, skipped: str = "") -> EngineCheck:
    """One of the first eight steps."""
    failed, count = first_failure(mine, step)
    if failed is None:
        after = STEPS[step.number + 1].title if step.number + 1 in STEPS else LAST[9][0]
        proved = f"Proved on {count:,} graphs: {step.proved}. Next: step {step.number + 1}, {after}.{skipped}"
        return EngineCheck(step.number, step.title, None, "", None, proved)
    exhibit = same_mistake(mine, step, failed)
    begins_with_0 = step.mode in ("backward", "twice") and failed.kind == "gradient" and failed.found[-1] == 0
    asked = question(step, failed.graph, failed.kind, begins_with_0, "second" in failed.what)
    return EngineCheck(step.number, step.title, failed, asked, exhibit, "")


def check_all(mine: LearnersClass, MLP: Any, fit: Any) -> EngineCheck:
    """Everything that a class has; what it lacks is said."""
    kinds = frozenset(kind for kind in (*ARITHMETIC, *FUNCTIONS) if not mine.lacks(kind.method))
    lacking = sorted({k.method for k in (*ARITHMETIC, *FUNCTIONS)} - {k.method for k in kinds})
    again = outcome_of(mine, Graph((3.0,), ((TIMES, (0, 0)),)), "twice") if TIMES in kinds else None
    zeroes = again is None or "second" not in again.what or not mine.lacks("zero_grad")
    if not zeroes:
        lacking.append("zero_grad (a second backward() adds to the first)")
    skipped = f" Not looked at, because it is not there: {', '.join(lacking)}." if lacking else ""
    mode = "twice" if zeroes else "backward"
    for number in (6, 8):
        result = check_step(mine, STEPS[number].limited_to(kinds, mode), skipped)
        if not result:
            return result
    for step, check in ((9, MLP is not None), (10, MLP is not None and fit is not None)):
        if check:
            result = check_engine(mine.cls, step, MLP=MLP, fit=fit)
            if not result:
                return result
    return replace(result, step=None)


@dataclass(frozen=True, repr=False)
class EngineCheck:
    """What check_engine found: true if the class passed.

    Attributes:
        step: the number of the step; None if all that the class has was looked at, and passed.
        title: what the step adds.
        failed: on which graph the class is wrong, in all detail; None if it passed.
        question: what to ask oneself.
        exhibit: the name of the wrong engine in the museum that gives the same answers, or None.
        proved: what is true of a class that passed, and what comes next.
    """

    step: int | None
    title: str
    failed: Outcome | None
    question: str
    exhibit: str | None
    proved: str

    @property
    def passed(self) -> bool:
        return self.failed is None

    def __bool__(self) -> bool:
        return self.passed

    @property
    def graph(self) -> str | None:
        """The smallest graph on which the class is wrong, as Python writes it; None if it passed."""
        return None if self.failed is None else self.failed.formula

    @property
    def right(self) -> float | str | None:
        """The right number."""
        return None if self.failed is None else self.failed.right

    @property
    def given(self) -> float | str | None:
        """What the class gives in its place: a number, or a word like "None" or the name of an error."""
        return None if self.failed is None else self.failed.given

    @property
    def rows(self) -> tuple[Row, ...]:
        """The right numbers beside those of the class; empty where it has none."""
        if self.failed is None:
            return ()
        failed = self.failed
        answers = list(zip(failed.names, failed.wanted, failed.found, strict=False))
        if failed.graph is not None:
            # From the result down; then the leaves, a first.
            leaves = len(failed.graph.numbers)
            answers = [*reversed(answers[leaves:]), *answers[:leaves]]
        return tuple(
            Row(name, right, right if close(right, given) else given)
            for name, right, given in answers
            if given is not None
        )

    @property
    def heading(self) -> str:
        what = "All that the class has" if self.step is None else f"Step {self.step}, {self.title}"
        return f"{what}: {'passed' if self.passed else 'not yet'}."

    @property
    def _table(self) -> list[list[str]]:
        """What is compared, in columns, under a heading."""
        assert self.failed is not None
        if self.rows:
            kind = "gradient of" if self.failed.kind == "gradient" else "value of"
            if self.failed.what.startswith("slope"):
                kind = f"slope of {self.failed.formula} in"
            rows = [
                cells_of(row)
                for row in self.rows
                if not (kind.startswith("slope") and row.name == self.failed.formula)
            ]
            return [[kind, "right", "your class", ""], *rows]
        answers = (self.failed.right, self.failed.given)
        written = [write_number(x) if isinstance(x, float) else printable(x) for x in answers]
        return [["", "right", "your class", ""], [self.failed.what, *written, "✗ wrong"]]

    @property
    def _told(self) -> list[str]:
        """What is said below the table."""
        assert self.failed is not None
        told = [self.failed.told, self.question]
        if "second" in self.failed.what:
            told.insert(0, "backward() was called twice on this graph.")
        if self.exhibit is not None:
            told.append(
                f'The same mistake in the museum: museum()["{self.exhibit}"], {museum()[self.exhibit].title}.'
            )
        return [text for text in told if text]

    def __str__(self) -> str:
        if self.failed is None:
            return f"{self.heading}\n\n{textwrap.indent(textwrap.fill(self.proved, 96), '  ')}"
        graph = "\n".join(filter(None, (self.failed.numbers, self.failed.formula)))
        told = ["\n".join(textwrap.fill(line, 96) for line in text.splitlines()) for text in self._told]
        inside = "\n\n".join([graph, in_columns(self._table, "lrrl"), *told])
        return f"{self.heading}\n\n{textwrap.indent(inside, '  ')}"

    def __repr__(self) -> str:
        if self.failed is None:
            return f"<{self.heading[:-1]}; print(it) says what is proved>"
        right, given = (f"{x:.6g}" if isinstance(x, float) else printable(str(x)) for x in (self.right, self.given))
        what = self.failed.what
        if self.failed.formula not in what:
            what = f"{what} in {self.graph}"
        said = f"the {what} is {right}, this class gives {given}"
        return f"<Step {self.step}, {self.title}, not yet: {said}; print(it) says more>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What IPython shows."""
        printer.text(str(self))

    def _repr_html_(self) -> str:
        """What a notebook shows: the graph twice, the numbers side by side, and a question."""
        heading = f"<p><b>{'✓' if self.passed else '✗'} {escape(self.heading)}</b></p>"
        if self.failed is None:
            return f"{heading}{frames.paragraphs(self.proved)}"
        numbers = f"{escape(self.failed.numbers)}<br>" if self.failed.numbers else ""
        formula = f"<p><code>{numbers}{escape(self.failed.formula)}</code></p>"
        table = table_in_html([[escape(cell) for cell in row] for row in self._table], sides="lrrl")
        return f"{heading}{formula}{self._pictures()}{table}{''.join(map(frames.paragraphs, self._told))}"

    def _pictures(self) -> str:
        """The graph as it is right, and as the class leaves it."""
        failed = self.failed
        assert failed is not None
        root = failed.values[-1] if failed.values else failed.root
        if root is None or len(topological_order(root)) > MOST_BOXES:
            return ""
        with_gradients = failed.kind == "gradient" or failed.graph is None
        scene = right_scene(root, with_gradients, constants_in_discs=True)
        shown_scenes = {"Right": scene}
        if failed.graph is not None and failed.found:
            answers = dict(zip(failed.values, failed.found, strict=True))
            wrong = {failed.values[i] for i in failed.wrong}
            if with_gradients:
                shown_scenes["Your class"] = answered(root, scene, answers, wrong)
            else:
                shown_scenes["Your class"] = answered(root, scene, {}, wrong, data=answers)
        return in_table(shown_scenes.items(), failed.formula)


def cells_of(row: Row) -> list[str]:
    """A line of the table; numbers that differ are written with so many digits that one sees it."""
    name, right, given, mark = row.cells
    digits = 4
    while right == given and not row.agrees and isinstance(row.wrong, float) and digits < 17:
        digits += 1
        right, given = write_number(row.right, digits), write_number(row.wrong, digits)
    return [name, right, given, mark]
