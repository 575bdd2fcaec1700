"""The first eight steps to an engine: what each adds, on which graphs it is looked at, and what is asked then.

>>> STEPS[5].title
'+='
>>> [graph.formula for graph in STEPS[4].graphs()][:4]
['a + b', 'a * b', '(a * b) * c', '(a + b) + c']
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from viz.engines import small_graphs as kinds
from viz.engines.small_graphs import Graph, Kind, listed

SUMS = (kinds.PLUS, kinds.PLUS_ONE, kinds.ONE_PLUS)
PRODUCTS = (kinds.TIMES, kinds.TIMES_TWO, kinds.TWO_TIMES)
DIFFERENCES = (kinds.MINUS, kinds.MINUS_ONE, kinds.ONE_MINUS, kinds.NEGATIVE)
FUNCTIONS = (
    kinds.SQUARE, kinds.CUBE, kinds.OVER, kinds.OVER_TWO, kinds.ONE_OVER, kinds.EXP, kinds.TANH, kinds.RELU,
)  # fmt: skip
ARITHMETIC = (*SUMS, *PRODUCTS, *DIFFERENCES)
PLAIN = kinds.SUMS_AND_PRODUCTS


@dataclass(frozen=True)
class EngineStep:
    """One step to an engine.

    Attributes:
        number: its place, from 1.
        title: what it adds, in a word or two.
        task: what is to be written.
        mode: what is looked at: "forward" the numbers, "slopes" the local derivatives, "rules" gradients after the
            rules were called by hand, "backward" after ``backward()``, "twice" after a second one too.
        sizes: how many operations, how many leaves, and of which kinds.
        hint: a question.
        proved: what is true of a class that passes.
        shared: False for graphs only in which nothing is used twice.
        first: graphs that come before others of their size.
    """

    number: int
    title: str
    task: str
    mode: str
    sizes: tuple[tuple[int, int, tuple[Kind, ...]], ...]
    hint: str
    proved: str
    shared: bool = True
    first: tuple[str, ...] = ()

    def graphs(self) -> Iterator[Graph]:
        """The graphs on which it is looked at, the smallest first."""
        for operations, leaves, allowed in self.sizes:
            found = listed(operations, leaves, allowed, self.shared)
            yield from (graph for formula in self.first for graph in found if graph.formula == formula)
            yield from (graph for graph in found if graph.formula not in self.first)

    def limited_to(self, has: frozenset[Kind], mode: str) -> EngineStep:
        """The same step with those operations only."""
        sizes = tuple((n, m, tuple(kind for kind in allowed if kind in has)) for n, m, allowed in self.sizes)
        return replace(self, sizes=sizes, mode=mode)


def sizes(most: int, allowed: tuple[Kind, ...], leaves: int = 2) -> tuple[tuple[int, int, tuple[Kind, ...]], ...]:
    return tuple((i, j, allowed) for i in range(1, most + 1) for j in range(1, leaves + 1))


@lru_cache(maxsize=10_000)
def numbers_for(graph: Graph) -> tuple[Graph, ...]:
    """The graph as it is; with relu also where a is negative, and relu(a) alone where it is 0."""
    if all(kind is not kinds.RELU for kind, _ in graph.steps):
        return (graph,)
    found = (graph, replace(graph, numbers=(-3.0, *graph.numbers[1:])))
    return (*found, replace(graph, numbers=(0.0,))) if len(graph.steps) == 1 else found


STEPS = {
    step.number: step
    for step in (
        EngineStep(
            1, "data, inputs and +", "a class with data and inputs, and __add__ that gives a new value",
            "forward", sizes(2, SUMS),
            "Who remembers, after a + b, that a and b went into it?",
            "sums remember what they were made of",
        ),
        EngineStep(
            2, "* and −", "__mul__, __sub__, __neg__ and their mirrors for a number on the left",
            "forward", sizes(2, ARITHMETIC),
            "In 1 - a, who is self, and which of the two is taken away?",
            "sums, differences and products are right, also with plain numbers",
        ),
        EngineStep(
            3, "local derivatives", "for + and *, how much the result changes with each input",
            "slopes", sizes(1, PLAIN),
            "One input grows by 1 and the other one rests: by how much does the result grow?",
            "each operation knows its slopes", shared=False,
        ),
        EngineStep(
            4, "upstream", "pass_on(): each input's gradient is its slope times the gradient that arrived",
            "rules", (*sizes(1, PLAIN), (2, 3, PLAIN)),
            "The next operation has left a number in out.grad. Where does the rule use it?",
            "gradients go through a chain, as long as nothing is used twice", shared=False, first=("(a * b) * c",),
        ),
        EngineStep(
            5, "+=", "shares add up",
            "rules", sizes(2, ARITHMETIC),
            "a is used more than once here. What becomes of its first share when the next one arrives?",
            "what is used twice gets both its shares",
        ),
        EngineStep(
            6, "backward()", "backward(): begin with 1, and call each rule once, in the right order",
            "backward", (*sizes(2, PLAIN), (3, 1, PLAIN), (3, 2, PLAIN)),
            "Whose shares must all have arrived before a value may pass its gradient on?",
            "backward() is right on every graph of up to three sums and products",
            first=("b = a + a; b + (a + b)",),
        ),
        EngineStep(
            7, "zeroing", "backward() twice gives the same as once",
            "twice", (*sizes(2, PLAIN), (3, 1, PLAIN)),
            "What still stands in grad, at each value, from the first pass?",
            "a second pass owes nothing to the first", first=("a * a", "b = a + a; b + b"),
        ),
        EngineStep(
            8, "**, / and functions", "__pow__, __truediv__, __rtruediv__, exp, tanh, relu",
            "twice", sizes(2, (*FUNCTIONS, *ARITHMETIC)),
            "What is the slope of this one operation, and is it written with its input or with its result?",
            "everything a network computes with is right, alone and in pairs",
        ),
    )
}  # fmt: skip
"""By number."""

LAST = {
    9: ("Neuron and MLP", "an MLP of neurons with a sigmoid, and parameters()"),
    10: ("fit", "the loop: forward, gradients to 0, backward, move"),
}
"""What the two last steps add, and what is to be written."""

QUESTIONS = {
    kinds.SQUARE: "Which exponent is left after the derivative of a to the power of n?",
    kinds.CUBE: "Which exponent is left after the derivative of a to the power of n?",
    kinds.OVER: "Dividing is multiplying with a power: which one?",
    kinds.OVER_TWO: "Dividing is multiplying with a power: which one?",
    kinds.ONE_OVER: "In 1 / a, who is self: what is above the line, or below?",
    kinds.EXP: "What is the slope of eᵃ: is it written with a, or with the result?",
    kinds.TANH: "The slope of tanh is 1 − t². Which number is t: the input, or the result?",
    kinds.RELU: "Left of 0 the curve is flat, right of it a diagonal. Which slope has each part?",
}
"""What to ask about one operation of step 8."""


def question(
    step: EngineStep, graph: Graph | None, kind: str, begins_with_0: bool = False, again: bool = False
) -> str:
    """The question for a failure: of a "value", of "inputs", of a "gradient" (perhaps only again), or a "crash"."""
    if begins_with_0:
        return "What is the gradient of the result by itself, and who writes it down?"
    if again:
        return STEPS[7].hint
    if step.number == 8 and graph is not None:
        asked = [QUESTIONS[made] for made, _ in graph.steps if made in QUESTIONS]
        return asked[-1] if asked else step.hint
    if kind == "value" and step.number > 2:
        return "The number itself is wrong already. Does step 2 still hold?"
    if kind == "inputs":
        return STEPS[1].hint
    return step.hint
