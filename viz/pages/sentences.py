"""What a page says of its steps: each clause once, and for each step which clauses it is put together from.

A clause is a list of texts and places.  The places are numbered by the *cast* of a step, the nodes that it is
about, see ``cast_of``: a whole number n from 0 is a place for the data of cast[n], a negative one for a field of
the step, see ``FIELDS``; ``[n]`` is a place for the name of cast[n], and ``[n, 1]`` for that name in parentheses
if it is a formula (``fenced`` says whose is).

The page's script fills in the cast.  There a sentence is a list of texts, of whole numbers for blanks (from 0:
the data of that node; negative: a field of the step), and of ``{node, text}`` for the names.
"""

from __future__ import annotations

from typing import Any

from autograd.steps import BackwardStep, ForwardStep, NodeId, Step, Trace, in_parentheses
from viz.stepping.narration import BEGIN_A_PAGE, END_OF_A_PAGE, Blank, Named, Sentence, clauses, formula_clause

FIELDS = ("upstream", "local", "product", "before", "after")
"""The fields of a backward step: in a clause, -1 stands for the first and -5 for the last."""

NO_CLAUSE = -1
"""What is said instead of a formula where it does not hold and there is no other: nothing."""

Clause = tuple[str | int | tuple[int, ...], ...]


def describe_sentences(steps: Trace) -> dict[str, Any]:
    """What is said before the first step, after each, and of the finished picture.

    >>> from autograd import Value, trace
    >>> a = Value(2.0, "a")
    >>> told = describe_sentences(trace(a * 3.0))
    >>> told["sentences"]
    [[0], [1, 2], [3], [4, 5, 6], [4, 7, 5, 6], [8]]
    >>> told["clauses"][1:3]
    [((0,),), (': with ', (1,), ' = ', 1, ' that is ', 0, '.')]
    """
    begin, end = END_OF_A_PAGE
    root = steps.root
    told: list[tuple[Step | None, tuple[Sentence, ...]]] = [(None, ((BEGIN_A_PAGE,),))]
    told += [(step, clauses(steps, step)) for step in steps.forward]
    told.append((steps.seed, clauses(steps, steps.seed)))
    told += [(step, clauses(steps, step, steps.formula(step, exact=False))) for step in steps.backward]
    told.append((None, ((begin, Named(root), " = ", Blank("data", root), end),)))
    numbers: dict[Clause, int] = {}
    sentences = []
    others, exact = {}, {}
    for i, (step, pieces) in enumerate(told):
        cast = cast_of(steps, step)
        known = len(cast)
        written = [write_clause(clause, cast) for clause in pieces if clause]
        sentences.append([numbers.setdefault(clause, len(numbers)) for clause in written])
        if isinstance(step, BackwardStep) and has_two_forms(steps, step):
            other = write_clause(formula_clause(steps, step, steps.formula(step, exact=True)), cast)
            exact[step.number - 1] = numbers.setdefault(other, len(numbers))
        elif isinstance(step, BackwardStep) and has_textbook(steps, step) and pieces[1]:
            exact[step.number - 1] = NO_CLAUSE
        if cast[known:]:
            others[i] = [id.place for id in cast[known:]]
    names = [steps.name(node.id) for node in steps.nodes]
    return {
        "clauses": list(numbers),
        "sentences": sentences,
        "others": others,
        "exactly": exact,
        "fenced": [i for i, name in enumerate(names) if in_parentheses(name) != name],
    }


def has_textbook(steps: Trace, step: BackwardStep) -> bool:
    """True if the row of the operation has the textbook's rule beside its own."""
    op = steps.op_of(step.node)
    return op is not None and op.textbook is not None


def has_two_forms(steps: Trace, step: BackwardStep) -> bool:
    """True if the local derivative is written in another way where the textbook's loses its digits."""
    return has_textbook(steps, step) and steps.formula(step, exact=False) != steps.formula(step, exact=True)


def cast_of(steps: Trace, step: Step | None) -> list[NodeId]:
    """The nodes that a sentence is about; those that only a formula in it mentions come behind them."""
    if isinstance(step, ForwardStep):
        return [step.node, *step.inputs]
    if isinstance(step, BackwardStep):
        return [step.node, step.input, steps.root, *steps.node(step.node).inputs]
    return [steps.root]


def write_clause(clause: Sentence, cast: list[NodeId]) -> Clause:
    """A clause with numbers for its places; who is not in the cast yet joins it.

    >>> write_clause((Named(NodeId("v7")), " = ", Blank("data", "v7"), " and ", Blank("after")), [NodeId("v7")])
    ((0,), ' = ', 0, ' and ', -5)
    """

    def place(id: str) -> int:
        if id not in cast:
            cast.append(NodeId(id))
        return cast.index(NodeId(id))

    found: list[str | int | tuple[int, ...]] = []
    for part in clause:
        if isinstance(part, Named):
            found.append((place(part.node), 1) if part.is_attached else (place(part.node),))
        elif isinstance(part, Blank):
            found.append(place(part.node) if part.what == "data" else -1 - FIELDS.index(part.what))
        elif found and isinstance(found[-1], str):
            found[-1] += part
        elif part:
            found.append(part)
    return tuple(found)
