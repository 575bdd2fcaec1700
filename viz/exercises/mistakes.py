"""The mistakes that learners make with the chain rule, each computed: what number does this one give here?

A wrong answer is compared with these numbers.  No derivative is written here: a mistake runs an
operation's own rule on mistaken numbers, or leaves out one part of upstream × local.

>>> from autograd import Value, topological_order, trace
>>> z = Value(2.0, "z")
>>> L = z.sigmoid()
>>> case = Case(Graph(trace(L), topological_order(L)), (0,))
>>> round(case.answer, 4)
0.105
>>> for mistake in likely_mistakes(case)[:3]:
...     print(f"{mistake.name} {mistake.value:.4f}")
pre_activation -2.0000
applied_twice 0.2072
sign -0.1050
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from autograd import Op, Trace, Value
from autograd.core import evaluate
from autograd.errors import AutogradError
from autograd.steps import BackwardStep, ForwardStep, NodeInfo
from autograd.symbols.formulas import Formula, as_factors
from nn import Parameter
from viz.stepping.narration import derivative

__all__ = ["Case", "Graph", "Mistake", "agrees", "find_mistake", "is_zero", "likely_mistakes"]

USUAL_RATES = (0.01, 0.1, 0.5, 1.0)
"""Learning rates with which somebody may have updated a weight too early."""

MOST_SUMS = 8
"""Of a node with more uses than this, not every single use is tried for a mistake, only all at once."""


class Graph:
    """What is known of the graph that the answers are about.

    Args:
        trace: its steps.
        order: its Values in topological order.
        lr: the learning rate of the learner's training, or None for the usual ones.
    """

    def __init__(self, trace: Trace, order: Sequence[Value], lr: float | None = None) -> None:
        self.trace = trace
        self.rates = USUAL_RATES if lr is None else (lr,)
        self.nodes: dict[str, NodeInfo] = {f"v{i}": trace.node(value) for i, value in enumerate(order)}
        self.operations = {f"v{i}": value.op for i, value in enumerate(order)}
        self.uses = Counter(x for node in self.nodes.values() for x in node.inputs)
        self.root = trace.name(trace.root)
        # If there are no parameters, every leaf with a label may be what somebody trains.
        parameters = {f"v{i}" for i, value in enumerate(order) if isinstance(value, Parameter)}
        leaves = {id for id, node in self.nodes.items() if node.label and not node.inputs}
        self.weights = parameters or leaves

    @cached_property
    def forward_steps(self) -> dict[str, ForwardStep]:
        """How each node was computed, by its id."""
        return {step.node: step for step in self.trace.forward}

    @cached_property
    def names(self) -> dict[str, float]:
        """The numbers of the forward pass by their labels."""
        return {node.label: node.data for node in self.nodes.values() if node.label and node.name == node.label}


class Case:
    """One answer that is asked for: the sum of some contributions to one gradient.

    Args:
        graph: the graph.
        places: which steps of ``trace.backward``, counted from 0.
        whole: True if these are all contributions to that gradient.
    """

    def __init__(self, graph: Graph, places: tuple[int, ...], whole: bool = True) -> None:
        self.graph = graph
        self.places = places
        self.whole = whole

    @cached_property
    def steps(self) -> tuple[BackwardStep, ...]:
        return tuple(self.graph.trace.backward[k] for k in self.places)

    @property
    def answer(self) -> float:
        return self.steps[-1].after if self.whole else self.steps[0].product

    @property
    def target(self) -> str:
        return self.steps[0].input

    @property
    def name(self) -> str:
        return self.steps[0].input_name

    def op(self, step: BackwardStep) -> Op:
        op = self.graph.operations[step.node]
        assert op is not None
        return op

    def numbers(self, step: BackwardStep) -> tuple[list[float], float]:
        """The inputs and the output of the operation."""
        node = self.graph.nodes[step.node]
        return [self.graph.nodes[id].data for id in node.inputs], node.data

    def local(
        self, step: BackwardStep, inputs: Sequence[float], output: float, operand: int | None = None
    ) -> float | None:
        """The local derivative that the operation's rule gives for these numbers, or None outside its domain."""
        try:
            found = evaluate.local_derivatives(self.op(step), list(inputs), output)
        except AutogradError:
            return None
        return found[step.operand if operand is None else operand]

    def forward(self, step: BackwardStep, inputs: Sequence[float]) -> float | None:
        """The operation's result for these inputs, or None outside its domain."""
        try:
            return float(evaluate.compute(self.op(step), tuple(inputs)))
        except AutogradError:
            return None

    def written(self, step: BackwardStep) -> str:
        """The operation of a step as it is written: ``z = w·x``."""
        forward = self.graph.forward_steps[step.node]
        return forward.formula if forward.name == forward.formula else f"{forward.name} = {forward.formula}"

    def names_in(self, step: BackwardStep) -> set[str]:
        """The names that stand in the formula of the local derivative."""
        return names_in(self.graph.trace.formula(step))


def names_in(formula: Formula) -> set[str]:
    return {formula.name} if formula.op is None else {name for x in formula.inputs for name in names_in(x)}


@dataclass(frozen=True)
class Mistake:
    """A common mistake.

    Attributes:
        name: a word for it, like "sign".
        value: the answer that it leads to.
        hint: what to say to somebody who gave that answer: a push, not the solution.
    """

    name: str
    value: float
    hint: str

    @property
    def is_rounding(self) -> bool:
        return self.name == "rounded"


# --- comparing numbers ------------------------------------------------------------------------------------


def agrees(given: float, exact: float, digits: int) -> bool:
    """True if a number is right to so many significant digits: within half a unit of the last one.

    >>> agrees(0.0215, 0.0214695, 3), agrees(0.0214, 0.0214695, 3), agrees(0.0214, 0.0214695, 2)
    (True, False, True)
    """
    if exact == 0 or not math.isfinite(exact):
        return given == exact
    unit = 10.0 ** (math.floor(math.log10(abs(exact))) - digits + 1)
    return abs(given - exact) <= 0.5 * unit * (1 + 1e-9)


def is_zero(case: Case) -> bool:
    """True if the answer is 0, or would be if floats were exact."""
    size = max(abs(step.product) for step in case.steps)
    return abs(case.answer) <= 1e-13 * size


def find_mistake(given: float, digits: int, mistakes: Sequence[Mistake]) -> Mistake | None:
    """The likeliest mistake that gives this number; ``digits`` is how many significant ones were typed."""
    for precision in (3, 2) if digits <= 2 else (3,):
        for mistake in mistakes:
            if mistake.is_rounding:
                continue
            if agrees(given, mistake.value, precision) or (mistake.value == 0 and abs(given) < 1e-9):
                return mistake
    for mistake in mistakes:
        # What was computed with rounded numbers is compared with all the digits that were typed.
        if mistake.is_rounding and agrees(given, mistake.value, max(digits, 2)):
            return mistake
    return None


def likely_mistakes(case: Case) -> list[Mistake]:
    """What common mistakes lead to here, the likeliest first; none of them happens to be right."""
    found: list[Mistake] = []
    seen: set[float] = set()
    for family in FAMILIES:
        for mistake in family(case):
            if not math.isfinite(mistake.value) or mistake.value in seen or agrees(mistake.value, case.answer, 6):
                continue
            seen.add(mistake.value)
            found.append(mistake)
    return found


# --- one mistake in the place of one factor ---------------------------------------------------------------

Change = Callable[[BackwardStep], float | None]


def sums(case: Case, change: Change) -> Iterator[float]:
    """The answer if the contributions are changed: all of them where the change applies, then only one."""
    changed = [change(step) for step in case.steps]
    if all(product is None for product in changed):
        return
    right = [step.product for step in case.steps]
    yield math.fsum(b if a is None else a for a, b in zip(changed, right, strict=True))
    if 1 < len(right) <= MOST_SUMS:
        for i, product in enumerate(changed):
            if product is not None:
                yield math.fsum([*right[:i], product, *right[i + 1 :]])


def with_local(case: Case, local: Change) -> Iterator[float]:
    """The answer with another local derivative."""

    def change(step: BackwardStep) -> float | None:
        other = local(step)
        return None if other is None else other * step.upstream

    return sums(case, change)


# --- the families of mistakes, the likeliest first --------------------------------------------------------


def forgot_a_use(case: Case) -> Iterator[Mistake]:
    """Only some of the contributions: what ``=`` in the place of ``+=`` gives."""
    products = [step.product for step in case.steps]
    count = len(products)
    if count == 1:
        return
    hint = (
        f"{case.name} is used more than once, and each use contributes to its gradient. Have you added them all up?"
    )
    if count > MOST_SUMS:
        yield Mistake("forgot_use", products[0], hint)
        yield Mistake("forgot_use", products[-1], hint)
        return
    for size in range(1, count):
        for some in combinations(products, size):
            yield Mistake("forgot_use", math.fsum(some), hint)


def gave_the_total(case: Case) -> Iterator[Mistake]:
    step = case.steps[0]
    if not case.whole and step.before != 0:
        hint = (
            f"That is what {case.name}'s gradient amounts to afterwards. Asked was only what {step.node_name} adds."
        )
        yield Mistake("gave_total", step.after, hint)


def pre_activation(case: Case) -> Iterator[Mistake]:
    """σ(z)(1 - σ(z)) with z in the place of σ(z): the rule gets an input where it expects the output."""

    def local(step: BackwardStep) -> float | None:
        inputs, _ = case.numbers(step)
        return case.local(step, inputs, inputs[0]) if len(inputs) == 1 else None

    step = case.steps[0]
    hint = (
        f"The derivative of {case.written(step)} is written with the output of the operation. Have you put its "
        f"input in there, {step.input_name}?"
    )
    for value in with_local(case, local):
        yield Mistake("pre_activation", value, hint)


def applied_twice(case: Case) -> Iterator[Mistake]:
    """The derivative at σ(z) and not at z: the rule gets the output where it expects the input."""

    def local(step: BackwardStep) -> float | None:
        inputs, output = case.numbers(step)
        again = case.forward(step, [output]) if len(inputs) == 1 else None
        return None if again is None else case.local(step, [output], again)

    step = case.steps[0]
    hint = (
        f"The derivative of {case.written(step)} is taken at its input {step.input_name}. Have you put its output "
        "in there, so that the operation was applied twice?"
    )
    for value in with_local(case, local):
        yield Mistake("applied_twice", value, hint)


def forgot_a_factor(case: Case) -> Iterator[Mistake]:
    """Without the plain number in the local derivative: x for 2·x, the error for ½ of its square."""

    def factor(step: BackwardStep) -> float:
        return abs(as_factors(case.graph.trace.formula(step))[0])

    def local(step: BackwardStep) -> float | None:
        return step.local / factor(step) if factor(step) not in (0, 1) else None

    for step in case.steps:
        if local(step) is not None:
            hint = (
                f"Look at {case.written(step)} once more: a plain number, from an exponent or a factor, belongs to "
                "its derivative."
            )
            for value in with_local(case, local):
                yield Mistake("forgot_factor", value, hint)
            return


def wrong_sign(case: Case) -> Iterator[Mistake]:
    hint = "The size is right. Look at the signs: which of the factors are negative?"
    if len(case.steps) > 1:
        yield Mistake("sign", -case.answer, hint)
        hint = "One contribution has the wrong sign. Look at the local derivative of each use."
    for value in sums(case, lambda step: -step.product):
        yield Mistake("sign", value, hint)


def swapped_inputs(case: Case) -> Iterator[Mistake]:
    """The local derivative of another input of the same operation."""
    most = max(len(case.graph.nodes[step.node].inputs) for step in case.steps)
    for shift in range(1, min(most, 12)):

        def local(step: BackwardStep, shift: int = shift) -> float | None:
            inputs, output = case.numbers(step)
            other = (step.operand + shift) % len(inputs)
            return case.local(step, inputs, output, other) if len(inputs) > 1 else None

        step = next(step for step in case.steps if len(case.graph.nodes[step.node].inputs) > 1)
        hint = (
            f"That fits another input of {case.written(step)}. By which input do you differentiate? "
            f"How much does the result change when only {case.name} changes?"
        )
        for value in with_local(case, local):
            yield Mistake("swapped", value, hint)


def only_local(case: Case) -> Iterator[Mistake]:
    step = case.steps[0]
    upstream = derivative(case.graph.root, step.node_name)
    hint = f"That is the local derivative alone. What arrives from above, {upstream}, is missing."
    for value in sums(case, lambda step: step.local):
        yield Mistake("only_local", value, hint)


def only_upstream(case: Case) -> Iterator[Mistake]:
    step = case.steps[0]
    hint = f"That is the upstream gradient alone. Multiply it by the local derivative of {case.written(step)}."
    for value in sums(case, lambda step: step.upstream):
        yield Mistake("only_upstream", value, hint)


def gave_the_data(case: Case) -> Iterator[Mistake]:
    node = case.graph.nodes[case.target]
    root = case.graph.root
    hint = (
        f"That is the number that {case.name} has. Asked is its gradient: how fast {root} changes when "
        f"{case.name} changes."
    )
    yield Mistake("gave_data", node.data, hint)


def data_as_upstream(case: Case) -> Iterator[Mistake]:
    step = case.steps[0]
    upstream = derivative(case.graph.root, step.node_name)
    hint = f"You seem to multiply by {step.node_name} itself; what belongs there is its gradient {upstream}."
    for value in sums(case, lambda step: step.local * case.numbers(step)[1]):
        yield Mistake("data_as_upstream", value, hint)


def incomplete_upstream(case: Case) -> Iterator[Mistake]:
    """Passing a gradient on before it is complete: what a wrong order gives."""
    backward = case.graph.trace.backward
    for step in case.steps:
        uses = case.graph.uses[step.node]
        if not 1 < uses <= MOST_SUMS:
            continue
        arriving = [s.product for s in backward[: step.number - 1] if s.input == step.node]
        hint = (
            f"{step.node_name} is used more than once, so its own gradient is a sum. It must be complete before "
            "it is passed on."
        )
        for part in arriving:
            yield Mistake("incomplete_upstream", case.answer - step.product + step.local * part, hint)


def updated_weights(case: Case) -> Iterator[Mistake]:
    """Local derivatives at weights that have been moved already."""
    graph = case.graph
    for rate in graph.rates:

        def local(step: BackwardStep, rate: float = rate) -> float | None:
            ids = graph.nodes[step.node].inputs
            if not any(id in graph.weights for id in ids):
                return None
            inputs, _ = case.numbers(step)
            moved = [
                x - rate * graph.trace.gradients[id] if id in graph.weights else x
                for id, x in zip(ids, inputs, strict=True)
            ]
            output = case.forward(step, moved)
            return None if output is None else case.local(step, moved, output)

        hint = "Use the weights of the forward pass: they are updated only after all gradients are known."
        for value in with_local(case, local):
            yield Mistake("updated_weights", value, hint)


def reversed_operation(case: Case) -> Iterator[Mistake]:
    """The rule for y / x or y - x in the place of x / y or x - y."""

    def local(step: BackwardStep) -> float | None:
        inputs, _ = case.numbers(step)
        output = case.forward(step, inputs[::-1]) if len(inputs) == 2 else None
        return None if output is None else case.local(step, inputs[::-1], output, 1 - step.operand)

    for value in with_local(case, local):
        step = case.steps[0]
        yield Mistake("reversed", value, f"In {case.written(step)} the order matters. Which input comes first?")


def added_or_divided(case: Case) -> Iterator[Mistake]:
    hint = "The chain rule multiplies: upstream gradient times local derivative."
    for value in sums(case, lambda step: step.upstream + step.local):
        yield Mistake("added", value, hint)
    for value in sums(case, lambda step: step.upstream / step.local if step.local else None):
        yield Mistake("divided", value, hint)


def factor_of_two(case: Case) -> Iterator[Mistake]:
    hint = "You are off by a factor of two. Has a 2 or a ½ been lost, or counted twice?"
    yield Mistake("factor_two", 2 * case.answer, hint)
    yield Mistake("factor_two", case.answer / 2, hint)


def wrong_power_of_ten(case: Case) -> Iterator[Mistake]:
    for power in (10.0, 0.1, 100.0, 0.01):
        yield Mistake("decimal_point", power * case.answer, "The digits are right. Look at the decimal point.")


def rounded_factors(case: Case) -> Iterator[Mistake]:
    """Products of numbers that were rounded first, as books print them."""
    hint = "It looks as if rounded numbers were multiplied. Keep all digits, and round only the result."
    for cut in ROUNDINGS:

        def product(step: BackwardStep, cut: Callable[[float], float] = cut) -> float:
            return cut(step.upstream) * cut(step.local)

        def from_inputs(step: BackwardStep, cut: Callable[[float], float] = cut) -> float | None:
            inputs, output = case.numbers(step)
            found = case.local(step, [cut(x) for x in inputs], cut(output))
            return None if found is None else cut(step.upstream) * found

        for value in (*sums(case, product), *sums(case, from_inputs)):
            yield Mistake("rounded", value, hint)


def to_digits(digits: int) -> Callable[[float], float]:
    return lambda x: float(f"{x:.{digits - 1}e}")


def to_decimals(decimals: int) -> Callable[[float], float]:
    return lambda x: round(x, decimals)


ROUNDINGS = (
    to_digits(3), to_decimals(3), to_digits(2), to_decimals(2), to_decimals(1), to_digits(4), to_decimals(4)
)  # fmt: skip

FAMILIES: tuple[Callable[[Case], Iterator[Mistake]], ...] = (
    forgot_a_use, gave_the_total, pre_activation, forgot_a_factor, applied_twice, wrong_sign, swapped_inputs,
    only_local, only_upstream, gave_the_data, data_as_upstream, incomplete_upstream, updated_weights,
    reversed_operation, added_or_divided, factor_of_two, wrong_power_of_ten, rounded_factors,
)  # fmt: skip
