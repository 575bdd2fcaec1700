"""One sentence for each step of a trace: the same in the terminal, in a notebook and on a page.

>>> from autograd import Value, trace
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> L = w * x
>>> L.label = "L"
>>> steps = trace(L)
>>> for step in steps.steps:
...     print(narrate(steps, step))
L = w·x: with w = 3 and x = 2 that is 6.
The forward pass is done: L = 6. The backward pass begins at L, where dL/dL = 1.
L passes its gradient on to w: upstream gradient dL/dL = 1 times local derivative x = 2 is 2. So dL/dw = 2.
L passes its gradient on to x: upstream gradient dL/dL = 1 times local derivative w = 3 is 3. So dL/dx = 3.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograd.core.numbers import is_exact, product_sign, sum_sign, write_number
from autograd.steps import MOST_INPUTS as LONGEST_OPERATION
from autograd.steps import BackwardStep, ForwardStep, Step, Trace, in_parentheses, is_number
from autograd.symbols import local_derivatives
from autograd.symbols.formulas import Formula
from autograd.symbols.notation import write_text
from viz.drawing.style import printable

__all__ = [
    "BEGIN", "BEGIN_A_PAGE", "END_OF_A_PAGE", "QUESTIONS", "Blank", "Named", "Sentence", "clauses",
    "narrate", "sentence",
]  # fmt: skip

BEGIN = "Nothing is computed yet: only the inputs have numbers. The forward pass comes first."

BEGIN_A_PAGE = (
    "Press → to compute the graph step by step: first forwards, from the inputs to the result, then backwards, "
    "where every node passes its gradient on to what it was computed from. Click a box or an arrow to look at it."
)

END_OF_A_PAGE = (
    "All gradients are known. ",
    ". A thick line carries much of the gradient back, a thin one little. Press → to see how they came about, "
    "step by step.",
)
"""What is said of the finished picture, before and behind the result."""

MOST_INPUTS = 4
"""An operation with more inputs than this is narrated without the number of each."""


@dataclass(frozen=True)
class Blank:
    """A place for a number: ``what`` is "data" (of ``node``), or a field of the step, like "local"."""

    what: str
    node: str = ""


@dataclass(frozen=True)
class Named:
    """A place for the name of a node, in parentheses if it is a formula and something is attached to it."""

    node: str
    is_attached: bool = False


Sentence = tuple[str | Blank | Named, ...]

UPSTREAM: Sentence = ("{z} passes its gradient ", Blank("upstream"), " on to {x}. ")
WORK = "What is {grad} after this step? Work with "

QUESTIONS: tuple[Sentence, Sentence] = (
    (*UPSTREAM, "It is the first gradient that {x} receives. " + WORK),
    (*UPSTREAM, "{grad} is ", Blank("before"), " so far. " + WORK),
)
"""What a page asks before the first and a later contribution to {x}, whose gradient is {grad}; numbers follow."""


def narrate(trace: Trace, step: Step, digits: int = 4) -> str:
    """What happens in a step, in words and numbers."""
    parts = sentence(trace, step)
    is_calculated = sum(isinstance(part, Blank) for part in parts) > 1
    told = []
    for part in parts:
        if isinstance(part, Blank):
            is_about = is_calculated and sign_before(part, step, digits) == "≈"
            told.append("≈ " * is_about + write_number(number_for(part, trace, step), digits))
        elif isinstance(part, Named):
            name = printable(trace.name(part.node))
            told.append(in_parentheses(name) if part.is_attached else name)
        else:
            told.append(part)
    return "".join(told)


def sign_before(blank: Blank, step: Step, digits: int) -> str:
    """ "≈" before a result that does not come out of the numbers that are shown."""
    if isinstance(step, BackwardStep):
        upstream, local, product, before, after = (
            write_number(x, digits) for x in (step.upstream, step.local, step.product, step.before, step.after)
        )
        if blank.what == "product":
            return product_sign([upstream, local], product, digits)
        return sum_sign([before, product], after, digits) if blank.what == "after" else "="
    if isinstance(step, ForwardStep) and blank.node == step.node:
        return "=" if all(is_exact(x, digits) for x in (*step.input_data, step.data)) else "≈"
    return "="


def number_for(blank: Blank, trace: Trace, step: Step) -> float:
    return trace.node(blank.node).data if blank.what == "data" else float(getattr(step, blank.what))


def sentence(trace: Trace, step: Step) -> Sentence:
    """The same with blanks for what a page fills in, while its numbers change."""
    return tuple(part for clause in clauses(trace, step) for part in clause)


def clauses(trace: Trace, step: Step, formula: Formula | None = None) -> tuple[Sentence, ...]:
    """The sentence in pieces, most of which it has in common with those of other steps.

    ``formula`` is the local derivative of a backward step; the one that holds at the graph's numbers, unless given.
    """
    if isinstance(step, ForwardStep):
        return forward_clauses(trace, step)
    if isinstance(step, BackwardStep):
        return backward_clauses(trace, step, trace.formula(step) if formula is None else formula)
    z = Named(step.node)
    done: Sentence = ("The forward pass is done: ", z, " = ", Blank("data", step.node))
    return ((*done, ". The backward pass begins at ", z, ", where ", *slope(step.node, step.node), " = 1."),)


def forward_clauses(trace: Trace, step: ForwardStep) -> tuple[Sentence, ...]:
    begin: tuple[Sentence, ...] = ((Named(step.node),),)
    if step.name != step.formula:
        begin = (*begin, (" = ", *operation(trace, step)))
    named = [id for id in dict.fromkeys(step.inputs) if not is_number(trace.name(id))]
    if not named or len(named) > MOST_INPUTS:
        return (*begin, (" = ", Blank("data", step.node), "."))
    with_numbers: Sentence = ()
    for i, id in enumerate(named):
        joint = ": with " if i == 0 else " and " if i == len(named) - 1 else ", "
        with_numbers = (*with_numbers, joint, Named(id), " = ", Blank("data", id))
    return (*begin, (*with_numbers, " that is ", Blank("data", step.node), "."))


def backward_clauses(trace: Trace, step: BackwardStep, formula: Formula) -> tuple[Sentence, ...]:
    root, x = trace.root, Named(step.input)
    begin: tuple[Sentence, ...] = (
        (
            Named(step.node), " passes its gradient on to ", x, ": upstream gradient ", *slope(root, step.node),
            " = ", Blank("upstream"), " times local derivative ",
        ),
        formula_clause(trace, step, formula),
        (Blank("local"), " is ", Blank("product"), ". "),
    )  # fmt: skip
    uses = trace.uses(step.input)
    whole = slope(root, step.input)
    if uses == 1:
        return (*begin, ("So ", *whole, " = ", Blank("after"), "."))
    if not step.is_last and trace.is_first(step):
        return (*begin, (x, f" is used {uses} times, so more will be added to this."))
    added: Sentence = ("Added to the ", Blank("before"), " from before it makes ", Blank("after"))
    if step.is_last:
        return (*begin, added, (": that is ", *whole, f", the sum over all {uses} uses of ", x, "."))
    return (*begin, added, (", so far.",))


def formula_clause(trace: Trace, step: BackwardStep, formula: Formula) -> Sentence:
    """The local derivative in symbols, before its number."""
    return () if is_number(formula.text) else (*written(trace, formula, step.node), " = ")


def slope(of: str, by: str) -> Sentence:
    """A derivative with places for the names of two nodes."""
    return ("d", Named(of, True), "/d", Named(by, True))


def operation(trace: Trace, step: ForwardStep) -> Sentence:
    """The formula of a forward step, with places for the names in it."""
    if len(step.inputs) > LONGEST_OPERATION:
        first, second, *_, last = map(Named, step.inputs)
        return (f"{printable(step.symbol)}(", first, ", ", second, ", ..., ", last, ")")
    op = trace.op_of(step.node)
    assert op is not None
    return written(trace, local_derivatives.written(op, [trace.formula_of(id) for id in step.inputs]), step.node)


def written(trace: Trace, formula: Formula, node: str) -> Sentence:
    """A formula about an operation, with places for the names in it."""
    behind = {trace.formula_of(node).name: node, **names_behind(trace, node)}
    labels: list[str] = []

    def leave_a_place(label: str) -> str:
        labels.append(label)
        return "\0"

    first, *texts = write_text(formula.notation, leave_a_place).split("\0")
    places = [Named(behind[label]) if label in behind else printable(label) for label in labels]
    return (printable(first), *(part for pair in zip(places, map(printable, texts), strict=True) for part in pair))


def names_behind(trace: Trace, node: str) -> dict[str, str]:
    """The names that may stand in formulas about an operation, each with its node."""
    found: dict[str, str] = {}
    for id in trace.node(node).inputs:
        name = trace.formula_of(id).name
        found |= {name: id} if name else names_behind(trace, id)
    return found


def derivative(of: str, by: str) -> str:
    """How a derivative is written in a line of text.

    >>> derivative("L", "w1"), derivative("L", "w1·x1")
    ('dL/dw1', 'dL/d(w1·x1)')
    """
    return f"d{in_parentheses(of)}/d{in_parentheses(by)}"
