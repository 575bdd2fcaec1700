"""Where a learner stands in a trace, and what can be seen from there: the same for every stepper.

No screen and no keyboard here.  At position 0 only the inputs have numbers; at position k the first k
steps of the trace are done.

>>> from autograd import Value
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> L = w * x
>>> L.label = "L"
>>> stepper = Stepper(L)
>>> stepper.see("w").gradient is None, stepper.see("L").data is None
(True, True)
>>> stepper.jump(3)
True
>>> stepper.progress, stepper.see("w").gradient
('step 3 of 4', 2.0)
>>> stepper.formulas
('∂L/∂w = x = 2', 'dL/dw = 0 + dL/dL · ∂L/∂w = 0 + 1 · 2 = 2')
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from autograd import AutogradError, Value, trace
from autograd.core.numbers import is_exact, write_number
from autograd.steps import BackwardStep, ForwardStep, NodeId, SeedStep, Step, id_at, in_parentheses, is_number
from autograd.symbols.formulas import Formula, symbol
from autograd.symbols.local_derivatives import written
from viz.drawing.style import printable
from viz.stepping.narration import BEGIN, derivative, narrate
from viz.stepping.replay import Edge, Wiring

MOST_IN_FORMULA = 6
"""An operation with more inputs than this is not written with the number of each."""

LONGEST_CHAIN = 60
"""A chain rule with long names is written in numbers only, if its symbols need more characters than this."""


@dataclass(frozen=True)
class View:
    """What can be seen of a node.

    Attributes:
        id, name: which one it is.
        symbol: how its operation is drawn, or "" for an input.
        formula: how it is computed, or "" for an input and where the name is that formula already.
        data: its number, or None before it is computed.
        gradient: the running total of its gradient, or None before the first contribution.
        received: how many contributions have arrived; ``uses`` will.
    """

    id: str
    name: str
    symbol: str
    formula: str
    data: float | None
    gradient: float | None
    received: int
    uses: int

    @property
    def is_complete(self) -> bool:
        """True once the gradient gets no further contribution."""
        return self.gradient is not None and self.received == self.uses


class Stepper:
    """A place in the trace of a graph that can be moved forward and back.

    The trace is a snapshot; nothing here changes the graph.  Methods that move return True if the
    position has changed.

    Attributes:
        trace: the steps.
        wiring: who is computed from whom.
        position: how many steps are done.
        breakpoints: the ids of the nodes at which ``next_stop`` stops.
        problem: why the pass cannot go on (a derivative is not defined, or too large), or "".

    Raises:
        GradientError: if loss is not a Value.
    """

    def __init__(self, loss: Value) -> None:
        self.trace = trace(loss)
        self.wiring = Wiring(loss)
        self.position = 0
        self.breakpoints: set[NodeId] = set()
        self.problem = ""
        self._end = len(self.trace.steps)
        self._looks: dict[int, tuple[str, str, str, float]] = {}
        self._positions: dict[frozenset[NodeId], list[int]] = {}

    # moving

    @property
    def length(self) -> int:
        """How many steps there are."""
        return len(self.trace.steps)

    def forward(self) -> bool:
        """One step on."""
        return self.jump(self.position + 1)

    def back(self) -> bool:
        return self.jump(self.position - 1)

    def first(self) -> bool:
        """Back to where nothing is computed."""
        return self.jump(0)

    def last(self) -> bool:
        return self.jump(self.length)

    def jump(self, position: int) -> bool:
        """Go where ``position`` steps are done; beyond the ends, go to the end.

        If the backward pass fails on the way, stop before the step that fails and say why in ``problem``.
        """
        position = min(max(position, 0), self._end)
        try:
            self._check(position)
        except AutogradError as error:
            self.problem = str(error)
            self._end = position = self._last_possible(position)
        moved = position != self.position
        self.position = position
        return moved

    def _check(self, position: int) -> None:
        """Compute the backward pass as far as this position."""
        if position > self.seed:
            self.trace.backward[position - self.seed - 1]

    def _last_possible(self, failing: int) -> int:
        def fails(position: int) -> bool:
            try:
                self._check(position)
            except (AutogradError, StopIteration, RuntimeError):
                return True
            return False

        return bisect_left(range(failing), True, lo=self.seed, key=fails) - 1

    @property
    def seed(self) -> int:
        """The position at which the backward pass begins: the result has the gradient 1, and no other has any."""
        return len(self.trace.forward) + 1

    @property
    def at_end(self) -> bool:
        return self.position >= self._end

    # breakpoints

    def toggle_breakpoint(self, what: Value | str) -> bool:
        """Set a breakpoint on a node, or clear the one it has; True if it has one now.

        Raises:
            TraceError: if there is no such node.
        """
        self.breakpoints ^= {self.trace.find(what)}
        return self.trace.find(what) in self.breakpoints

    def next_stop(self, what: Value | str | None = None) -> bool:
        """Go to the next step that touches this node; or, with None, any node that has a breakpoint."""
        stops = self._stops(what)
        k = bisect_right(stops, self.position)
        return k < len(stops) and self.jump(stops[k])

    def previous_stop(self, what: Value | str | None = None) -> bool:
        """The same backwards."""
        stops = self._stops(what)
        k = bisect_left(stops, self.position)
        return k > 0 and self.jump(stops[k - 1])

    def is_stop(self) -> bool:
        """True if the step that was just done touches a node with a breakpoint."""
        stops = self._stops(None)
        k = bisect_left(stops, self.position)
        return stops[k : k + 1] == [self.position]

    def _stops(self, what: Value | str | None) -> list[int]:
        """The positions behind all steps that touch a node, or the nodes with breakpoints, in order."""
        ids = frozenset(self.breakpoints if what is None else {self.trace.find(what)})
        if ids not in self._positions:
            self._positions[ids] = sorted({p for id in ids for p in self.trace.positions(id)})
        return self._positions[ids]

    # what is seen

    @property
    def step(self) -> Step | None:
        """The step that was just done; None at position 0."""
        return self.trace.steps[self.position - 1] if self.position else None

    @property
    def phase(self) -> str:
        """ "start", "forward" or "backward" (which begins with the seed)."""
        if self.position == 0:
            return "start"
        return "forward" if self.position < self.seed else "backward"

    @property
    def edge(self) -> Edge | None:
        """The edge along which the step that was just done runs, in the backward pass."""
        return self.wiring.edge(self.position - self.seed) if self.position > self.seed else None

    @property
    def focus(self) -> int:
        """The node that the step that was just done has given a number: its data, or its gradient."""
        if self.position == 0 or self.position == self.seed:
            return len(self.wiring.order) - 1
        if self.edge is not None:
            return self.edge.input
        return self.wiring.computed_by(self.position)

    def see(self, what: Value | str | int) -> View:
        """What can be seen of a node, which is given as a Value, a label, an id or the number in its id.

        Raises:
            TraceError: if there is no such node.
        """
        i = what if isinstance(what, int) else self.trace.find(what).place
        name, drawn_as, formula, data = self._look(i)
        received = self.trace.received.get(i, [])
        is_root = i == len(self.wiring.order) - 1
        arrived = bisect_left(received, self.position - self.seed)
        gradient: float | None = None
        if arrived:
            gradient = self.trace.backward[received[arrived - 1]].after
        elif is_root and self.position >= self.seed:
            gradient = self.trace.seed.grad
        computed = self.wiring.number[i] <= self.position
        return View(id_at(i), name, drawn_as, formula, data if computed else None, gradient, arrived, len(received))

    def _look(self, i: int) -> tuple[str, str, str, float]:
        """What never changes about a node; found when somebody looks at it."""
        if i not in self._looks:
            node = self.wiring.order[i]
            info = self.trace.node(node)
            drawn_as = "" if node.op is None else node.op.symbol
            self._looks[i] = info.name, drawn_as, self._formula_behind(i, info.name), info.data
        return self._looks[i]

    def _formula_behind(self, i: int, name: str) -> str:
        inputs = self.wiring.inputs[i]
        if len(inputs) > MOST_IN_FORMULA:
            op = self.wiring.order[i].op
            assert op is not None
            return f"{op.symbol} of {len(inputs):,} inputs"
        formula = self.trace.forward[self.wiring.number[i] - 1].formula if inputs else ""
        return "" if formula == name else formula

    @property
    def progress(self) -> str:
        return f"step {self.position:,} of {self.length:,}"

    @property
    def narration(self) -> str:
        """What just happened, in a sentence."""
        return BEGIN if self.step is None else narrate(self.trace, self.step)

    @property
    def formulas(self) -> tuple[str, ...]:
        """What just happened as formulas: in symbols, then with the numbers plugged in."""
        step = self.step
        if isinstance(step, BackwardStep):
            return self._backward_formulas(step)
        if isinstance(step, ForwardStep):
            return (self._forward_formula(step),)
        if isinstance(step, SeedStep):
            return (printable(f"{derivative(step.name, step.name)} = 1"),)
        return ()

    def _forward_formula(self, step: ForwardStep) -> str:
        """``o = σ(z) = σ(1.5) = 0.8176``."""
        parts = [step.name] if step.name == step.formula else [step.name, step.formula]
        equals = "="
        if len(step.inputs) <= MOST_IN_FORMULA:
            parts.append(self._written_with_numbers(step))
            equals = "=" if all(map(is_exact, (*step.input_data, step.data))) else "≈"
        return printable(f"{' = '.join(parts)} {equals} {write_number(step.data)}")

    def _written_with_numbers(self, step: ForwardStep) -> str:
        op = self.wiring.order[self.wiring.computed_by(step.number)].op
        assert op is not None
        return once_in_parentheses(written(op, [as_symbol(x) for x in step.input_data]).text)

    def _backward_formulas(self, step: BackwardStep) -> tuple[str, ...]:
        root, node, x = self.trace.seed.name, step.node_name, step.input_name
        local = f"∂{in_parentheses(node)}/∂{in_parentheses(x)}"
        first = f"{local} = {step.formula}"
        if not is_number(step.formula):
            numbers = self._numbers_around(step)
            formula = self.trace.formula(step).plugged_in({name: as_symbol(x) for name, x in numbers.items()})
            equals = "="
            if formula.op is not None:
                first += f" = {once_in_parentheses(formula.text)}"
                equals = "=" if all(map(is_exact, (*numbers.values(), step.local))) else "≈"
            first += f" {equals} {write_number(step.local)}"
        before = write_number(step.before)
        second = [derivative(root, x)]
        in_symbols = f"{before} + {derivative(root, node)} · {local}"
        if len(in_symbols) <= LONGEST_CHAIN:
            second.append(in_symbols)
        second.append(f"{before} + {factor(step.upstream)} · {factor(step.local)}")
        equals = step.equals
        return printable(first), printable(f"{' = '.join(second)} {equals} {write_number(step.after)}")

    def _numbers_around(self, step: BackwardStep) -> dict[str, float]:
        """The names that a local derivative may be written with, and their numbers."""
        node = int(step.node[1:])
        return {step.node_name: self._look(node)[3]} | dict(self._numbers_below(node))

    def _numbers_below(self, i: int) -> Iterator[tuple[str, float]]:
        """The names that can stand in a formula of this node's inputs, with their numbers."""
        for j in self.wiring.inputs[i]:
            name, _, formula, data = self._look(j)
            yield name, data
            if self.wiring.inputs[j] and not formula:
                # Its name is a formula, and that consists of other names.
                yield from self._numbers_below(j)


def as_symbol(x: float) -> Formula:
    """A number that no formula computes with."""
    return symbol(factor(x))


def once_in_parentheses(text: str) -> str:
    """
    >>> once_in_parentheses("σ((−3))·(−2)")
    'σ(−3)·(−2)'
    """
    return re.sub(r"\((\(−?[0-9.]+(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?\))\)", r"\1", text)


def factor(x: float) -> str:
    """A number as it stands in a product: a negative one, or one with an exponent, in parentheses.

    >>> factor(0.5), factor(-2.0), factor(1e-9)
    ('0.5', '(−2)', '(1·10⁻⁹)')
    """
    text = write_number(x)
    return f"({text})" if "·" in text or text.startswith("−") else text
