"""Backpropagation as a list of steps, one for each contribution that a gradient receives.

Everything that shows a backward pass (text, a full-screen stepper, a page, an exercise) shows this
list.  It is plain data, taken from a snapshot of the graph: looking at it changes nothing.

>>> from autograd import Value
>>> a = Value(3.0, "a")
>>> L = a * a + a
>>> L.label = "L"
>>> for step in trace(L).backward:
...     print(step)
1. (a·a).grad = 0 + upstream 1 × local 1 = 1
2. a.grad = 0 + upstream 1 × local 1 = 1
3. a.grad = 1 + upstream 1 × local 3 = 4
4. a.grad = 4 + upstream 1 × local 3 = 7
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count, pairwise
from typing import Any, Generic, TypeVar, overload

from autograd.core import evaluate
from autograd.core.anomaly import asked_for, contributions, finite_sum
from autograd.core.threads import backpropagating, cached_property
from autograd.errors import AutogradError, TraceError
from autograd.symbols import formulas
from autograd.symbols.formulas import Formula
from autograd.symbols.local_derivatives import book_fails, holds_at, local_formulas, written
from autograd.symbols.snapshot import NodeId, NodeInfo, Snapshot, id_at, in_parentheses, is_number
from autograd.symbols.step_records import BackwardStep, ForwardStep, SeedStep, Step
from autograd.symbols.step_table import finite, in_columns, write_table
from autograd.value import Value, require_value, topological_order

__all__ = [
    "BackwardStep", "ForwardStep", "NodeId", "NodeInfo", "SeedStep", "Step", "Trace", "TraceError", "id_at",
    "in_columns", "in_parentheses", "is_number", "trace",
]  # fmt: skip

MOST_INPUTS = 12
"""An operation on more inputs than this is not written out."""

LONGEST_FORMULA = 36
"""A longer local derivative is written with the name of the result, if that is shorter: h1·(1 - h1)."""

T = TypeVar("T", bound=Step)


class Steps(Sequence[T], Generic[T]):
    """A list whose steps are made when somebody looks at them."""

    def __init__(self, length: int, make: Callable[[int], T]) -> None:
        self._length = length
        self._make = make

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, i: int) -> T: ...
    @overload
    def __getitem__(self, i: slice) -> list[T]: ...
    def __getitem__(self, i: int | slice) -> T | list[T]:
        if isinstance(i, slice):
            return [self._make(j) for j in range(*i.indices(self._length))]
        if not -self._length <= i < self._length:
            raise IndexError(f"there are {self._length} steps, counted from 0, but step {i} was asked for")
        return self._make(i % self._length)

    def __iter__(self) -> Iterator[T]:
        return map(self._make, range(self._length))

    def __repr__(self) -> str:
        return f"<{self._length} steps>"


@dataclass(slots=True)
class Contribution:
    """The numbers of one backward step."""

    node: int
    operand: int
    input: int
    local: float
    before: float
    after: float


def trace(loss: Value) -> Trace:
    """Write down the forward pass that made a Value and one backward pass, step by step.

    The backward pass begins with all gradients 0, as after ``zero_grad()``.  Nothing is changed, and
    later changes of the graph do not change the trace.

    Raises:
        GradientError: if loss is not a Value.

    >>> w, x = Value(0.5, "w"), Value(3.0, "x")
    >>> L = (w * x).tanh()
    >>> steps = trace(L)
    >>> [step.formula for step in steps.forward]
    ['w·x', 'tanh(w·x)']
    >>> [(step.input_name, step.formula) for step in steps.backward]
    [('w·x', '1 - tanh²(w·x)'), ('w', 'x'), ('x', 'w')]
    >>> L.backward()
    >>> steps.gradients[steps.find(w)] == w.grad
    True
    """
    require_value(loss, "trace")
    return Trace(loss)


def restored_trace(loss: Value) -> Trace:
    """The trace of a copied graph, as long as it has no numbers yet."""
    steps = object.__new__(Trace)
    steps._order = topological_order(loss)
    steps._place = {node: i for i, node in enumerate(steps._order)}
    steps._sweep = iter(())
    return steps


class Trace(Snapshot):
    """One forward and one backward pass as lists of steps.  Made by ``trace(loss)``.

    Attributes:
        forward: one ForwardStep for each operation.
        seed: the SeedStep between the two passes.
        backward: one BackwardStep for each contribution, in the order of ``Value.backward()``.  It is
            computed as far as somebody looks, so that the first steps of a large graph come at once.
        steps: all of them, one after the other.
    """

    def __init__(self, loss: Value, names: Mapping[int, str] | None = None) -> None:
        super().__init__(loss, names)
        # Where each node's contributions begin in the backward pass: the last node's come first.
        self._begin: dict[int, int] = {}
        edges = 0
        for i in reversed(self._operations):
            self._begin[i] = edges
            edges += len(self._order[i].inputs)
        self._found: list[Contribution] = []
        self._failure: AutogradError | None = None
        self._last_formulas: tuple[int, bool, list[tuple[Formula, ...]]] | None = None
        self._totals = [0.0] * len(self._order)
        self._sweep = self._contributions()
        self.forward: Sequence[ForwardStep] = Steps(len(self._operations), self._forward_step)
        self.seed = SeedStep(self.root, self.name(self.root))
        self.backward: Sequence[BackwardStep] = Steps(edges, self._backward_step)
        self.steps: Sequence[Step] = Steps(len(self._operations) + 1 + edges, self._any_step)

    # the two passes

    def _contributions(self) -> Iterator[Contribution]:
        """Backpropagation, one contribution at a time, on the numbers of the snapshot."""
        gradients = dict.fromkeys(map(id, self._order), 0.0)
        gradients[id(self._order[-1])] = self._totals[-1] = 1.0
        for node, operand, local, before, after in contributions(self._order, gradients, self._slopes, finite_sum):
            j = self._place[node.inputs[operand]]
            self._totals[j] = after
            # The slope in a plain number may be undefined: then its gradient stays what it is.
            yield Contribution(self._place[node], operand, j, math.nan if local is None else local, before, after)

    def _slopes(self, node: Value) -> Sequence[Any]:
        """The local derivatives of an operation, at the numbers of the snapshot."""
        assert node.op is not None
        inputs = [self._place[x] for x in node.inputs]
        numbers, z = [self._data[j] for j in inputs], self._data[self._place[node]]
        try:
            return evaluate.local_derivatives(node.op, numbers, z)
        except AutogradError:
            # The same once more, for a message with the labels.
            labelled = [Value(x, self._labels[j]) for x, j in zip(numbers, inputs, strict=True)]
            asked = [not x.is_constant for x in node.inputs]
            return asked_for(evaluate.local_derivatives, node.op, labelled, z, asked)

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy has the whole backward pass, because nobody can copy half of one, and the graph is copied once."""
        with suppress(AutogradError):
            self.gradients  # noqa: B018
        numbers = {name: x for name, x in vars(self).items() if name not in ("_order", "_place", "_sweep")}
        return restored_trace, (self._order[-1],), numbers

    def _contribution(self, k: int) -> Contribution:
        if k < len(self._found):
            return self._found[k]
        try:
            # Several threads may look at one trace.
            with backpropagating:
                while len(self._found) <= k:
                    self._found.append(next(self._sweep))
        except AutogradError as error:
            self._failure = error
            raise
        except StopIteration:
            # The sweep ended with an error before: it is the same for everybody who asks again.
            assert self._failure is not None
            raise self._failure from None
        return self._found[k]

    @cached_property
    def received(self) -> dict[int, list[int]]:
        """By the place of each node the backward steps (counted from 0) that add to its gradient, in order."""
        found: dict[int, list[int]] = {}
        for i in reversed(self._operations):
            for k, x in enumerate(self._order[i].inputs, self._begin[i]):
                found.setdefault(self._place[x], []).append(k)
        return found

    def is_first(self, step: BackwardStep) -> bool:
        """True if nothing has been added to that input's gradient before."""
        return self.received[step.input.place][0] == step.number - 1

    def uses(self, what: Value | str) -> int:
        """How many contributions the gradient of a node has: one for each place where it is used.

        >>> a = Value(2.0, "a")
        >>> trace(a * a + a).uses("a")
        3
        """
        return len(self.received.get(self.find(what).place, ()))

    def _forward_step(self, k: int) -> ForwardStep:
        i = self._operations[k]
        node = self._order[i]
        assert node.op is not None
        places = [self._place[x] for x in node.inputs]
        if len(places) > MOST_INPUTS:
            names = ", ".join([self._name(j) for j in places[:2]] + ["...", self._name(places[-1])])
            formula = f"{node.op.symbol}({names})"
        else:
            formula = written(node.op, [self._formula_of(j) for j in places]).text
        return ForwardStep(
            k + 1, id_at(i), self._name(i), node.op.name, node.op.symbol, tuple(map(id_at, places)),
            tuple(self._data[j] for j in places), self._data[i], formula,
        )  # fmt: skip

    def _backward_step(self, k: int) -> BackwardStep:
        found = self._contribution(k)
        node = self._order[found.node]
        assert node.op is not None
        upstream = self._upstream(found.node)
        return BackwardStep(
            k + 1, id_at(found.node), id_at(found.input), found.operand, self._name(found.node),
            self._name(found.input), node.op.name, upstream, found.local, found.local * upstream, found.before,
            found.after, self._formula_here(found.node, found.operand, found.local).text,
            self.received[found.input][-1] == k,
        )  # fmt: skip

    def _upstream(self, i: int) -> float:
        return 1.0 if i == len(self._order) - 1 else self._contribution(self.received[i][-1]).after

    def _any_step(self, k: int) -> Step:
        if k < len(self.forward):
            return self.forward[k]
        k -= len(self.forward) + 1
        return self.seed if k < 0 else self.backward[k]

    # formulas

    def _local_formula(self, i: int, operand: int, exact: bool) -> Formula:
        candidates = [all_operands[operand] for all_operands in self._local_formulas(i, exact)]
        inputs = [self._place[x] for x in self._order[i].inputs]
        # A name that was made up for a long sum hides as much as a long formula.
        is_clear = all(self._labels[j] or not self._shown[j] for j in inputs)
        if is_clear and len(candidates[0].text) <= LONGEST_FORMULA:
            return candidates[0]
        return min(candidates, key=lambda formula: len(formula.text))

    def _formula_here(self, i: int, operand: int, local: float) -> Formula:
        """A local derivative as it is at the graph's numbers: in a tail, at a tie or limit, what is used there."""
        node = self._order[i]
        assert node.op is not None
        is_tail = book_fails(node.op, [self._data[self._place[x]] for x in node.inputs], self._data[i])
        numbers = {self._name(i): self._data[i], **dict(self._numbers_behind(i))}
        for exact in (is_tail, True):
            formula = self._local_formula(i, operand, exact)
            if holds_at(formula, numbers, local):
                return formula
        return formulas.number(local)

    def _local_formulas(self, i: int, exact: bool) -> list[tuple[Formula, ...]]:
        """All local derivatives of an operation in terms of its inputs, and in terms of its result too."""
        # The steps of one operation follow one another, so the last one's formulas are worth keeping.
        if self._last_formulas is None or self._last_formulas[:2] != (i, exact):
            node = self._order[i]
            assert node.op is not None
            inputs = [self._formula_of(self._place[x]) for x in node.inputs]
            result = self._called(self._name(i))
            found = []
            if len(inputs) <= MOST_INPUTS:
                found.append(local_formulas(node.op, inputs, exact=exact))
            if self._shown[i] or not found:
                found.append(local_formulas(node.op, inputs, result, exact))
            self._last_formulas = (i, exact, found)
        return self._last_formulas[2]

    def formula(self, step: BackwardStep, exact: bool | None = None) -> Formula:
        """The local derivative of a step as a formula, which has ``.text``, ``.latex`` and ``.mathml``.

        It is the one that holds at the graph's numbers.  With ``exact`` it is the one that is computed, which holds
        in tails and at ties too, and with ``exact=False`` the one that a textbook has.

        >>> a, b = Value(3.0, "a"), Value(2.0, "b")
        >>> steps = trace(a.maximum(b))
        >>> [steps.formula(steps.backward[0], exact).text for exact in (None, True)]
        ['step(a - b)', '0.5 + ((a > b) - (b > a)) / 2']
        """
        place = step.node.place
        if exact is None:
            return self._formula_here(place, step.operand, step.local)
        return self._local_formula(place, step.operand, exact)

    @cached_property
    def gradients(self) -> dict[str, float]:
        """Every node's gradient by its id: bit for bit what ``backward()`` gives."""
        if self.backward:
            self._contribution(len(self.backward) - 1)
        else:
            self._totals[-1] = 1.0
        return {id_at(i): total for i, total in enumerate(self._totals)}

    @cached_property
    def flows(self) -> dict[tuple[str, int], tuple[float, float]]:
        """By a node's id and the place of one of its inputs (from 0): the local derivative, and upstream × local.

        >>> a = Value(3.0, "a")
        >>> trace(a * 2).flows
        {('v2', 0): (2.0, 2.0), ('v2', 1): (3.0, 3.0)}
        """
        upstream = self.gradients
        found: dict[tuple[str, int], tuple[float, float]] = {}
        for step in self._found:
            node = id_at(step.node)
            found[node, step.operand] = step.local, step.local * upstream[node]
        return found

    # breakpoints

    def steps_of(self, what: Value | str) -> tuple[Step, ...]:
        """All steps that touch a node: it is computed, or used, or passes a gradient on, or receives one.

        >>> a = Value(2.0, "a")
        >>> [str(step) for step in trace(a * 3).steps_of("a")]
        ['1. a·3 = a·3 = 6', '1. a.grad = 0 + upstream 1 × local 3 = 3']
        """
        return tuple(self.steps[k - 1] for k in self.positions(self.find(what)))

    def next_step(self, what: Value | str, after: int = 0) -> int | None:
        """The position (from 1) of the next step that touches a node, behind position ``after``; else None.

        >>> a = Value(2.0, "a")
        >>> steps = trace(a * 3)
        >>> steps.next_step("a"), steps.next_step("a", after=1), steps.next_step("a", after=3)
        (1, 3, None)
        """
        positions = self.positions(self.find(what))
        k = bisect_right(positions, after)
        return positions[k] if k < len(positions) else None

    def positions(self, id: NodeId) -> list[int]:
        """The positions (from 1) of all steps that touch a node, in order."""
        i, seed = id.place, len(self._operations) + 1
        node = self._order[i]
        is_used_by = [j == i or any(x is node for x in self._order[j].inputs) for j in self._operations]
        passed_on = range(self._begin.get(i, 0), self._begin.get(i, 0) + len(node.inputs))
        backward = sorted({*passed_on, *self.received.get(i, ())})
        forward = [k for k, it_is in enumerate(is_used_by, 1) if it_is]
        return forward + [seed] * (id == self.root) + [seed + k + 1 for k in backward]

    def steps_of_path(self, path: Sequence[str]) -> tuple[BackwardStep, ...]:
        """The backward steps along a path: one for each of its edges (the first, where two are parallel).

        Raises:
            TraceError: if two neighbours on the path are not joined by an operation.
        """
        found = []
        for above, below in pairwise(path):
            node, x = self._order[self.find(above).place], self._order[self.find(below).place]
            if not any(y is x for y in node.inputs):
                raise TraceError(f"{self.name(below)} is not an input of {self.name(above)}, so no path runs there")
            operand = next(n for n in count() if node.inputs[n] is x)
            found.append(self.backward[self._begin[self._place[node]] + operand])
        return tuple(found)

    # the whole as a table and as data

    def __str__(self) -> str:
        return write_table(self)

    def __repr__(self) -> str:
        return (
            f"<Trace of {self.name(self.root)}: {len(self.forward)} forward and {len(self.backward)} backward "
            "steps; print(it) for the table>"
        )

    @property
    def data(self) -> dict[str, Any]:
        """Everything as dicts, lists, strings and numbers; inf and nan as strings, which JSON lacks."""
        found: dict[str, Any] = {
            "root": self.root,
            "nodes": [asdict(node) | {"grad": self.gradients[node.id]} for node in self.nodes],
            "forward": [asdict(step) for step in self.forward],
            "seed": asdict(self.seed),
            "backward": [asdict(step) for step in self.backward],
        }
        return {key: finite(part) for key, part in found.items()}

    def to_json(self) -> str:
        """The trace as JSON text.

        >>> json.loads(trace(Value(3.0, "a") * 2).to_json())["backward"][0]["after"]
        2.0
        """
        return json.dumps(self.data, indent=1, allow_nan=False) + "\n"
