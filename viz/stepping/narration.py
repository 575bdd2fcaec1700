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
from autograd.steps import BackwardStep, ForwardStep, SeedStep, Step, Trace, in_parentheses, is_number
from viz.drawing.style import printable

__all__ = ["BEGIN", "BEGIN_A_PAGE", "END_OF_A_PAGE", "QUIZ_IS_DONE", "QUESTIONS", "Blank", "narrate", "sentence"]

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

QUIZ_IS_DONE = "That was the last gradient. Well done."

MOST_INPUTS = 4
"""An operation with more inputs than this is narrated without the number of each."""


@dataclass(frozen=True)
class Blank:
    """A place for a number: ``what`` is "data" (of ``node``), or a field of the step, like "local"."""

    what: str
    node: str = ""


Sentence = tuple[str | Blank, ...]

UPSTREAM: Sentence = ("{z} passes its gradient ", Blank("upstream"), " on to {x}. ")
WORK = "What is {x}.grad after this step? Work with "

QUESTIONS: tuple[Sentence, Sentence] = (
    (*UPSTREAM, "It is the first gradient that {x} receives. " + WORK),
    (*UPSTREAM, "{x}.grad is ", Blank("before"), " so far. " + WORK),
)
"""What a page asks before the first and a later contribution to {x}; the numbers of the inputs follow."""


def narrate(trace: Trace, step: Step, digits: int = 4) -> str:
    """What happens in a step, in words and numbers."""
    parts = sentence(trace, step)
    is_calculated = sum(isinstance(part, Blank) for part in parts) > 1
    told = []
    for part in parts:
        if isinstance(part, Blank):
            is_about = is_calculated and sign_before(part, step, digits) == "≈"
            told.append("≈ " * is_about + write_number(number_for(part, trace, step), digits))
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
    """The same with blanks for the numbers, which a page fills in while they change."""
    if isinstance(step, ForwardStep):
        parts = forward_sentence(trace, step)
    elif isinstance(step, SeedStep):
        parts = (
            f"The forward pass is done: {step.name} = ", Blank("data", step.node),
            f". The backward pass begins at {step.name}, where {derivative(step.name, step.name)} = 1.",
        )  # fmt: skip
    else:
        parts = backward_sentence(trace, step)
    return tuple(printable(part) if isinstance(part, str) else part for part in parts)


def forward_sentence(trace: Trace, step: ForwardStep) -> Sentence:
    is_named = step.name != step.formula
    begin = f"{step.name} = {step.formula}" if is_named else step.name
    named = [id for id in dict.fromkeys(step.inputs) if not is_number(trace.name(id))]
    if not named or len(named) > MOST_INPUTS:
        return (f"{begin} = ", Blank("data", step.node), ".")
    with_numbers: list[str | Blank] = []
    for i, id in enumerate(named):
        joint = "" if i == 0 else " and " if i == len(named) - 1 else ", "
        with_numbers += [f"{joint}{trace.name(id)} = ", Blank("data", id)]
    return (f"{begin}: with ", *with_numbers, " that is ", Blank("data", step.node), ".")


def backward_sentence(trace: Trace, step: BackwardStep) -> Sentence:
    root, node, x = trace.name(trace.root), step.node_name, step.input_name
    formula = "" if is_number(step.formula) else f"{step.formula} = "
    begin: Sentence = (
        f"{node} passes its gradient on to {x}: upstream gradient {derivative(root, node)} = ", Blank("upstream"),
        f" times local derivative {formula}", Blank("local"), " is ", Blank("product"), ". ",
    )  # fmt: skip
    uses = trace.uses(step.input)
    if uses == 1:
        return (*begin, f"So {derivative(root, x)} = ", Blank("after"), ".")
    if step.is_last:
        complete = f": that is {derivative(root, x)}, the sum over all {uses} uses of {x}."
        return (*begin, "Added to the ", Blank("before"), " from before it makes ", Blank("after"), complete)
    if trace.is_first(step):
        return (*begin, f"{x} is used {uses} times, so more will be added to this.")
    return (*begin, "Added to the ", Blank("before"), " from before it makes ", Blank("after"), ", so far.")


def derivative(of: str, by: str) -> str:
    """How a derivative is written in a line of text.

    >>> derivative("L", "w1"), derivative("L", "w1·x1")
    ('dL/dw1', 'dL/d(w1·x1)')
    """
    return f"d{in_parentheses(of)}/d{in_parentheses(by)}"
