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

import difflib
import json
import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count, pairwise
from typing import Any, Generic, TypeVar, overload

from autograd.core import evaluate, modes
from autograd.core.anomaly import asked_for, overflow
from autograd.core.plain_text import printable
from autograd.core.threads import backpropagating, cached_property
from autograd.errors import AutogradError, text_of
from autograd.ops import Op
from autograd.symbols import formulas
from autograd.symbols.formulas import Formula
from autograd.value import Value, require_value, topological_order

__all__ = ["BackwardStep", "ForwardStep", "NodeId", "NodeInfo", "SeedStep", "Trace", "TraceError", "trace"]

LONGEST_NAME = 28
"""An unlabelled node is called by its formula up to so many characters, and by its id beyond."""

MOST_INPUTS = 12
"""An operation on more inputs than this is not written out."""

LONGEST_FORMULA = 36
"""A longer local derivative is written with the name of the result, if that is shorter: h1·(1 - h1)."""


class TraceError(AutogradError, LookupError):
    """A node or step was asked for that the trace does not have."""


class NodeId(str):
    """The id of a node: v0, v1, ..., its place in topological order.

    It is of a type of its own, because a learner may call a node "v0" too: ``trace.find("v0")`` is the node with
    that label, if there is one, and ``trace.find(step.node)`` is always the node of the step.
    """

    __slots__ = ()

    @property
    def place(self) -> int:
        return int(self[1:])


def id_at(place: int) -> NodeId:
    return NodeId(f"v{place}")


@dataclass(frozen=True)
class NodeInfo:
    """One node of the graph, as it was when the trace was taken.

    Attributes:
        id: v0, v1, ...: its place in topological order, the same as in a drawing.
        name: what it is called in texts and formulas, where no other labelled node is called so: its label, with
            its id if others have that label too; without one its formula if that is short (``w1·x1``), else its id.
        label: what the learner called it, or "".
        data: its number.
        op: the name of the operation that made it, or "".
        inputs: the ids of that operation's inputs.
        kind: "input" for a leaf, "value" for all others.
    """

    id: NodeId
    name: str
    label: str
    data: float
    op: str
    inputs: tuple[NodeId, ...]
    kind: str


@dataclass(frozen=True)
class ForwardStep:
    """One operation is computed: ``node = op(inputs)``.

    ``formula`` writes it with the names of its inputs; ``name`` is the node's own.
    """

    number: int
    node: NodeId
    name: str
    op: str
    symbol: str
    inputs: tuple[NodeId, ...]
    input_data: tuple[float, ...]
    data: float
    formula: str

    def __str__(self) -> str:
        return f"{self.number}. {self.name} = {self.formula} = {short(self.data)}"


@dataclass(frozen=True)
class SeedStep:
    """The backward pass begins: the derivative of the result with respect to itself is 1."""

    node: NodeId
    name: str
    grad: float = 1.0

    def __str__(self) -> str:
        return f"{self.name}.grad = d{self.name}/d{self.name} = 1"


@dataclass(frozen=True)
class BackwardStep:
    """One contribution: ``input.grad`` goes from ``before`` to ``after = before + upstream × local``.

    Attributes:
        number: its place in the backward pass, from 1.
        node: the id of the node that passes its gradient on.
        input: the id of the input that receives a share.
        operand: which input of the operation that is, from 0.
        node_name, input_name: their names.
        op: the operation's name.
        upstream: the node's own gradient, which is complete by now.
        local: the local derivative ∂node/∂input; nan where it is not defined, by a plain number.
        product: upstream × local.
        before, after: the running total of the input's gradient.
        formula: the local derivative in symbols.
        is_last: True if this completes the input's gradient.
    """

    number: int
    node: NodeId
    input: NodeId
    operand: int
    node_name: str
    input_name: str
    op: str
    upstream: float
    local: float
    product: float
    before: float
    after: float
    formula: str
    is_last: bool

    def __str__(self) -> str:
        name = in_parentheses(self.input_name)
        product = f"upstream {short(self.upstream)} × local {short(self.local)}"
        return f"{self.number}. {name}.grad = {short(self.before)} + {product} = {short(self.after)}"


def in_parentheses(name: str) -> str:
    """A name that something can be attached to: a formula in parentheses.

    >>> in_parentheses("w1"), in_parentheses("w1·x1"), in_parentheses("z²")
    ('w1', '(w1·x1)', '(z²)')
    """
    is_word = name.isidentifier() and name.replace("_", "").isalnum()
    return name if is_word or name.isdecimal() else f"({name})"


Step = ForwardStep | SeedStep | BackwardStep
T = TypeVar("T", bound=Step)


def is_number(text: str) -> bool:
    """
    >>> is_number("-2.5e3"), is_number("x1")
    (True, False)
    """
    try:
        float(text)
    except ValueError:
        return False
    return True


def short(x: float) -> str:
    """
    >>> short(2.0), short(0.0214695353), short(-12345678.0)
    ('2', '0.0214695', '-1.23457e+07')
    """
    return f"{x:.6g}"


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


class Trace:
    """One forward and one backward pass as lists of steps.  Made by ``trace(loss)``.

    Attributes:
        forward: one ForwardStep for each operation.
        seed: the SeedStep between the two passes.
        backward: one BackwardStep for each contribution, in the order of ``Value.backward()``.  It is
            computed as far as somebody looks, so that the first steps of a large graph come at once.
        steps: all of them, one after the other.
    """

    def __init__(self, loss: Value) -> None:
        self._order = topological_order(loss)
        self._place = {node: i for i, node in enumerate(self._order)}
        self._data = [node.data for node in self._order]
        self._labels = [node.label for node in self._order]
        # What is shown of the labels: all that follows is made of this, and is safe to print.
        self._shown = [printable(label) for label in self._labels]
        self._taken = Counter(self._shown)
        self._names: dict[int, str] = {}
        self._operations = [i for i, node in enumerate(self._order) if node.op is not None]
        # Where each node's contributions begin in the backward pass: the last node's come first.
        self._begin: dict[int, int] = {}
        edges = 0
        for i in reversed(self._operations):
            self._begin[i] = edges
            edges += len(self._order[i].inputs)
        self._found: list[Contribution] = []
        self._failure: AutogradError | None = None
        self._last_formulas: tuple[int, list[tuple[Formula, ...]]] | None = None
        self._totals = [0.0] * len(self._order)
        self._sweep = self._contributions()
        self.forward: Sequence[ForwardStep] = Steps(len(self._operations), self._forward_step)
        self.seed = SeedStep(self.root, self.name(self.root))
        self.backward: Sequence[BackwardStep] = Steps(edges, self._backward_step)
        self.steps: Sequence[Step] = Steps(len(self._operations) + 1 + edges, self._any_step)

    # the two passes

    def _contributions(self) -> Iterator[Contribution]:
        """Backpropagation, one contribution at a time, on the numbers of the snapshot."""
        totals, data = self._totals, self._data
        totals[-1] = 1.0
        for i in reversed(self._operations):
            node = self._order[i]
            assert node.op is not None
            inputs = [self._place[x] for x in node.inputs]
            try:
                local_derivatives: Sequence[Any] = evaluate.local_derivatives(
                    node.op, [data[j] for j in inputs], data[i]
                )
            except AutogradError:
                # The same once more, for a message with the labels.
                labelled = [Value(data[j], self._labels[j]) for j in inputs]
                asked = [not x.is_constant for x in node.inputs]
                local_derivatives = asked_for(evaluate.local_derivatives, node.op, labelled, data[i], asked)
            for operand, (j, local) in enumerate(zip(inputs, local_derivatives, strict=True)):
                before = totals[j]
                # The slope in a plain number may be undefined: then its gradient stays what it is.
                after = before if local is None else before + local * totals[i]
                if not math.isfinite(after) and not modes.ieee_is_on():
                    if not self._order[j].is_constant:
                        raise overflow(node, self._order[j], totals[i], local)
                    after = before
                totals[j] = after
                yield Contribution(i, operand, j, math.nan if local is None else local, before, after)

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
    def _last(self) -> dict[int, int]:
        """For each node the backward step that completes its gradient."""
        last: dict[int, int] = {}
        for i in reversed(self._operations):
            for operand, x in enumerate(self._order[i].inputs):
                last[self._place[x]] = self._begin[i] + operand
        return last

    @cached_property
    def _first(self) -> dict[int, int]:
        """For each node the backward step that first adds to its gradient."""
        first: dict[int, int] = {}
        for i in reversed(self._operations):
            for operand, x in enumerate(self._order[i].inputs):
                first.setdefault(self._place[x], self._begin[i] + operand)
        return first

    def is_first(self, step: BackwardStep) -> bool:
        """True if nothing has been added to that input's gradient before."""
        return self._first[step.input.place] == step.number - 1

    def _forward_step(self, k: int) -> ForwardStep:
        i = self._operations[k]
        node = self._order[i]
        assert node.op is not None
        places = [self._place[x] for x in node.inputs]
        if len(places) > MOST_INPUTS:
            names = ", ".join([self._name(j) for j in places[:2]] + ["...", self._name(places[-1])])
            formula = f"{node.op.symbol}({names})"
        else:
            formula = formulas.written(node.op, [self._formula_of(j) for j in places]).text
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
            found.after, self._local_formula(found.node, found.operand).text, self._last[found.input] == k,
        )  # fmt: skip

    def _upstream(self, i: int) -> float:
        return 1.0 if i == len(self._order) - 1 else self._contribution(self._last[i]).after

    def _any_step(self, k: int) -> Step:
        if k < len(self.forward):
            return self.forward[k]
        k -= len(self.forward) + 1
        return self.seed if k < 0 else self.backward[k]

    # names and formulas

    def _name(self, i: int) -> str:
        if i not in self._names:
            self._names[i] = self._formula_of(i).text
        return self._names[i]

    def _formula_of(self, i: int) -> Formula:
        """The node as it stands in other formulas: by its label, its short formula or its id."""
        if self._shown[i]:
            return self._symbol(i)
        formula = self._written(i, depth=4)
        is_short = formula is not None and len(formula.text) <= LONGEST_NAME
        if formula is None or not is_short or (self._order[i].op is not None and formula.text in self._taken):
            return formulas.symbol(self._free(f"v{i}"))
        return formula

    def _symbol(self, i: int) -> Formula:
        """A label, with the node's id where it could be taken for another node, or for a number."""
        label = self._shown[i]
        is_clear = self._taken[label] == 1 and not is_number(label)
        return formulas.symbol(label if is_clear else self._free(f"{label} (v{i})"))

    def _free(self, name: str) -> str:
        """This name, or one very much like it that no label has."""
        while name in self._taken:
            name += "_"
        return name

    def _written(self, i: int, depth: int) -> Formula | None:
        """The formula of an unlabelled node, or None if it would be long."""
        node = self._order[i]
        if self._shown[i]:
            return self._symbol(i)
        if node.op is None:
            return formulas.number(self._data[i])
        if depth == 0 or len(node.inputs) > 6:
            return None
        inputs = [self._written(self._place[x], depth - 1) for x in node.inputs]
        known = [x for x in inputs if x is not None]
        return formulas.written(node.op, known) if len(known) == len(inputs) else None

    def _local_formula(self, i: int, operand: int) -> Formula:
        candidates = [all_operands[operand] for all_operands in self._local_formulas(i)]
        if len(candidates[0].text) <= LONGEST_FORMULA:
            return candidates[0]
        return min(candidates, key=lambda formula: len(formula.text))

    def _local_formulas(self, i: int) -> list[tuple[Formula, ...]]:
        """All local derivatives of an operation in terms of its inputs, and in terms of its result too."""
        # The steps of one operation follow one another, so the last one's formulas are worth keeping.
        if self._last_formulas is None or self._last_formulas[0] != i:
            node = self._order[i]
            assert node.op is not None
            inputs = [self._formula_of(self._place[x]) for x in node.inputs]
            result = formulas.symbol(self._name(i))
            found = []
            if len(inputs) <= MOST_INPUTS:
                found.append(formulas.local_formulas(node.op, inputs))
            if self._shown[i] or not found:
                found.append(formulas.local_formulas(node.op, inputs, result))
            self._last_formulas = (i, found)
        return self._last_formulas[1]

    def formula(self, step: BackwardStep) -> Formula:
        """The local derivative of a step as a formula, which has ``.text``, ``.latex`` and ``.mathml``."""
        return self._local_formula(step.node.place, step.operand)

    def formula_of(self, what: Value | str) -> Formula:
        """A node as it stands in the formulas of others: its label, its own formula if that is short, or its id."""
        return self._formula_of(self.find(what).place)

    def op_of(self, what: Value | str) -> Op | None:
        """The operation that made a node; None for a leaf."""
        return self._order[self.find(what).place].op

    # nodes

    @property
    def root(self) -> NodeId:
        """The id of the result."""
        return id_at(len(self._order) - 1)

    @cached_property
    def nodes(self) -> tuple[NodeInfo, ...]:
        return tuple(self.node(id_at(i)) for i in range(len(self._order)))

    def node(self, what: Value | str) -> NodeInfo:
        """All about one node."""
        id = self.find(what)
        i = id.place
        node = self._order[i]
        inputs = tuple(id_at(self._place[x]) for x in node.inputs)
        op = "" if node.op is None else node.op.name
        return NodeInfo(
            id, self._name(i), self._labels[i], self._data[i], op, inputs, "value" if inputs else "input"
        )

    def name(self, what: Value | str) -> str:
        return self._name(self.find(what).place)

    def uses(self, what: Value | str) -> int:
        """How many contributions the gradient of a node has: one for each place where it is used.

        >>> a = Value(2.0, "a")
        >>> trace(a * a + a).uses("a")
        3
        """
        node = self._order[self.find(what).place]
        return self._uses.get(node, 0)

    @cached_property
    def _uses(self) -> Counter[Value]:
        return Counter(x for i in self._operations for x in self._order[i].inputs)

    @cached_property
    def _with_label(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for i, label in enumerate(self._labels):
            if label:
                found.setdefault(label, []).append(i)
        return found

    def find(self, what: Value | str) -> NodeId:
        """The id of a node that is given as a Value, a label, a name or an id.

        Raises:
            TraceError: if there is no such node, or several have that label.

        >>> x = Value(2.0, "weight")
        >>> trace(x * x).find("wieght")
        Traceback (most recent call last):
        ...
        autograd.steps.TraceError: there is no node 'wieght' in this graph; did you mean 'weight'?
        """
        if isinstance(what, Value):
            if what not in self._place:
                raise TraceError(f"{what!r} is not part of this graph: the result was not computed from it")
            return id_at(self._place[what])
        if isinstance(what, NodeId) and what.place < len(self._order):
            return what
        # A label comes first: it is what the learner knows.
        found = self._with_label.get(what, [])
        given: object = what
        if not found and isinstance(given, str) and re.fullmatch("v[0-9]{1,18}", given):
            found = [i] if (i := int(what[1:])) < len(self._order) else []
        if not found and len(self._order) <= 2000:
            found = [i for i in range(len(self._order)) if self._name(i) == what]
        if len(found) == 1:
            return id_at(found[0])
        if found:
            ids = ", ".join(f"v{i}" for i in found[:8])
            raise TraceError(f"{len(found)} nodes are called {text_of(what)}; say which one by its id: {ids}")
        raise self._unknown(what)

    def _unknown(self, what: Any) -> TraceError:
        labels = [label for label in self._labels if label]
        close = difflib.get_close_matches(what, labels, n=1) if isinstance(what, str) else []
        hint = f"; did you mean {close[0]!r}?" if close else ""
        known = [label for label in self._taken if label]
        if not close:
            hint = (
                f"; the labels are {', '.join(known[:12])}{', ...' if len(known) > 12 else ''}"
                if known
                else (f"; none has a label, so name it by its id, v0 to {self.root}")
            )
        return TraceError(f"there is no node {text_of(what)} in this graph{hint}")

    @cached_property
    def gradients(self) -> dict[str, float]:
        """Every node's gradient by its id: bit for bit what ``backward()`` gives."""
        if self.backward:
            self._contribution(len(self.backward) - 1)
        else:
            self._totals[-1] = 1.0
        return {id_at(i): total for i, total in enumerate(self._totals)}

    # breakpoints

    def steps_of(self, what: Value | str) -> tuple[Step, ...]:
        """All steps that touch a node: it is computed, or used, or passes a gradient on, or receives one.

        >>> a = Value(2.0, "a")
        >>> [str(step) for step in trace(a * 3).steps_of("a")]
        ['1. a·3 = a·3 = 6', '1. a.grad = 0 + upstream 1 × local 3 = 3']
        """
        return tuple(self.steps[k - 1] for k in self._positions_of(self.find(what)))

    def next_step(self, what: Value | str, after: int = 0) -> int | None:
        """The position (from 1) of the next step that touches a node, behind position ``after``; else None.

        >>> a = Value(2.0, "a")
        >>> steps = trace(a * 3)
        >>> steps.next_step("a"), steps.next_step("a", after=1), steps.next_step("a", after=3)
        (1, 3, None)
        """
        positions = self._positions_of(self.find(what))
        k = bisect_right(positions, after)
        return positions[k] if k < len(positions) else None

    def _positions_of(self, id: NodeId) -> list[int]:
        i = id.place
        node = self._order[i]
        offset = len(self._operations) + 1
        found: list[int] = []
        for k, j in enumerate(self._operations, 1):
            user = self._order[j]
            if j == i or any(x is node for x in user.inputs):
                found.append(k)
            operands = [n for n, x in enumerate(user.inputs) if j == i or x is node]
            found += [offset + self._begin[j] + n + 1 for n in operands]
        if id == self.root:
            found.append(offset)
        return sorted(found)

    def paths(self, what: Value | str) -> Iterator[tuple[NodeId, ...]]:
        """Every path from the result down to a node, as ids; one at a time, for there may be very many.

        >>> a = Value(2.0, "a")
        >>> list(trace(a * a).paths("a"))
        [('v1', 'v0'), ('v1', 'v0')]
        """
        goal = self.find(what).place
        useful = self._nodes_above(goal)
        # A path that has been begun, and its last node's inputs that have not been tried.
        path = [len(self._order) - 1]
        waiting = [self._inputs_on_the_way(path[0], useful, goal)]
        if path[0] == goal:
            yield (self.root,)
            return
        while path:
            step = next(waiting[-1], None)
            if step is None:
                path.pop()
                waiting.pop()
            elif step == goal:
                yield (*map(id_at, path), id_at(goal))
            else:
                path.append(step)
                waiting.append(self._inputs_on_the_way(step, useful, goal))

    def _nodes_above(self, goal: int) -> set[int]:
        above = {goal}
        for i in self._operations:
            if any(self._place[x] in above for x in self._order[i].inputs):
                above.add(i)
        return above

    def _inputs_on_the_way(self, i: int, useful: set[int], goal: int) -> Iterator[int]:
        return iter([j for x in self._order[i].inputs if (j := self._place[x]) in useful])

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


def finite(x: Any) -> Any:
    if isinstance(x, dict):
        return {key: finite(part) for key, part in x.items()}
    if isinstance(x, (list, tuple)):
        return [finite(part) for part in x]
    return str(x) if isinstance(x, str) or (isinstance(x, float) and not math.isfinite(x)) else x


def write_table(steps: Trace) -> str:
    """Both passes as text in columns.

    >>> a = Value(3.0, "a")
    >>> b = a * a
    >>> b.label = "b"
    >>> print(write_table(trace(b)))
    forward  node  operation  data
          1  b     a·a           9
    <BLANKLINE>
    backward  into  from  upstream  local derivative  value  product  before  after
           1  a     b            1  a                     3        3       0      3
           2  a     b            1  a                     3        3       3      6
    """
    forward = [["forward", "node", "operation", "data"]]
    forward += [[str(s.number), s.name, s.formula, short(s.data)] for s in steps.forward]
    backward = [["backward", "into", "from", "upstream", "local derivative", "value", "product", "before", "after"]]
    for s in steps.backward:
        numbers = [short(x) for x in (s.local, s.product, s.before, s.after)]
        backward.append([str(s.number), s.input_name, s.node_name, short(s.upstream), s.formula, *numbers])
    return in_columns(forward, "rllr") + "\n\n" + in_columns(backward, "rllrlrrrr")


def in_columns(rows: list[list[str]], sides: str) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(sides))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if side == "r" else cell.ljust(width)
            for cell, width, side in zip(row, widths, sides, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
