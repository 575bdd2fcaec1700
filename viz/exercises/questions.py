"""Predict the next gradient before it is revealed: questions about a backward pass, and what a wrong answer tells.

No screen and no keyboard here: a terminal, a notebook and a page ask the same questions in their own way.

>>> from autograd import Value
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> L = (w * x) ** 2
>>> L.label = "L"
>>> q = quiz(L)
>>> print(q.question)
What is dL/d(w·x)?
  w·x is used in L = (w·x)²
  known: dL/dL = 1, w·x = 6, L = 36
>>> q.answer("6").diagnosis
'forgot_factor'
>>> q.answer("2*6").right
True
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from autograd import Trace, Value, trace
from autograd.core.numbers import write_number
from autograd.core.operand import is_real
from autograd.errors import AutogradError, describe
from autograd.steps import BackwardStep, NodeId, in_parentheses, is_number
from autograd.value import require_value
from viz.drawing.style import plural, printable
from viz.exercises.answers import read_number
from viz.exercises.cases import Case, Graph, is_asked
from viz.exercises.diagnosis import diagnose
from viz.explaining.path_formulas import symbols_in
from viz.frames import paragraphs
from viz.limits import require_size
from viz.stepping.narration import derivative, narrate

__all__ = ["Fact", "Question", "Quiz", "QuizError", "Score", "Verdict", "quiz"]

TRIES = 3
"""After so many wrong answers the solution may be revealed."""

MOST_INPUTS = 6
"""Of an operation with more inputs, only the numbers that its local derivative needs are listed."""


ENOUGH_DIGITS = 6
"""With so many digits of each factor, a product is right to the three that are asked for."""


class QuizError(AutogradError, ValueError):
    """A quiz was asked for something that it cannot do."""


@dataclass(frozen=True)
class Fact:
    """A number that is known when a question is asked: ``dL/dz = 0.5`` or ``x = 2``."""

    name: str
    value: float

    def __str__(self) -> str:
        return f"{self.name} = {write_number(self.value, ENOUGH_DIGITS)}"


@dataclass(frozen=True, repr=False)
class Verdict:
    """What a teacher says to an answer.

    Attributes:
        right: True if it is right.
        message: what to tell the learner; a wrong answer gets a hint and never the solution.
        diagnosis: which common mistake gives this number, like "sign"; "" if none does.
        number: the number that was understood, or None.
        counts: False if this was no real try: not a number, or too few digits.
        then: how to go on.
    """

    right: bool
    message: str
    diagnosis: str = ""
    number: float | None = None
    counts: bool = True
    then: str = ""

    def __repr__(self) -> str:
        return "\n\n".join(part for part in (self.message, self.then) if part)

    def _repr_html_(self) -> str:
        return paragraphs(repr(self))


@dataclass(frozen=True, repr=False)
class Question:
    """One number to predict: a contribution, or a whole gradient.

    Attributes:
        number: its place in the quiz, from 1.
        node: the id of the node whose gradient is asked for.
        position: show the trace as it is after so many of ``trace.steps``.
        hidden: the node whose running total must not be shown meanwhile, or "".
        trace: the trace that the question is about.
    """

    number: int
    node: str
    position: int
    hidden: str
    trace: Trace = field(repr=False)
    case: Case = field(repr=False)

    @property
    def steps(self) -> tuple[BackwardStep, ...]:
        """The backward steps whose sum is the answer."""
        return self.case.steps

    @property
    def expected(self) -> float:
        """The solution."""
        return self.case.answer

    @property
    def name(self) -> str:
        """What is asked for: "dL/dw"; or "the contribution of z to dL/dw"."""
        whole = derivative(self.case.graph.root, self.case.graph.nodes[self.node].name)
        if self.hidden:
            return whole
        step = self.steps[0]
        twice = step.operand if self.case.graph.nodes[step.node].inputs.count(step.input) > 1 else -1
        place = f" as its input {twice + 1}" if twice >= 0 else ""
        return f"the contribution of {step.node_name} to {whole}{place}"

    @property
    def text(self) -> str:
        return printable(f"What is {self.name}?")

    @cached_property
    def uses(self) -> tuple[str, ...]:
        """The operations that use the node, each as ``z = w·x``."""
        return tuple(dict.fromkeys(self.case.graph.written(step.node) for step in self.steps))

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What is known: the gradients that arrive, and the numbers of the forward pass."""
        root = self.case.graph.root
        nodes = self.case.graph.nodes
        found: dict[str, float] = {}
        for step in self.steps:
            found[derivative(root, step.node_name)] = step.upstream
        for step in self.steps:
            node = nodes[step.node]
            ids = [*node.inputs, node.id]
            if len(node.inputs) > MOST_INPUTS:
                needed = symbols_in(self.trace.formula(step))
                ids = [id for id in ids if nodes[id].name in needed]
            found |= {nodes[id].name: nodes[id].data for id in ids}
        return tuple(Fact(printable(name), x) for name, x in found.items() if not is_number(name))

    @property
    def hint(self) -> str:
        """A push in the right direction: the local derivatives in symbols."""
        shares = []
        for step in self.steps:
            root = self.case.graph.root
            local = f"∂{in_parentheses(step.node_name)}/∂{in_parentheses(step.input_name)}"
            shares.append(f"{derivative(root, step.node_name)} by the local derivative {local} = {step.formula}")
        if len(shares) == 1:
            return printable(f"Multiply {shares[0]}.")
        return printable(f"Add up {len(shares)} products. Multiply {'; multiply '.join(shares)}.")

    @property
    def solution(self) -> str:
        """The sentences that narrate the steps; the last one ends with the answer."""
        return "\n".join(narrate(self.trace, step, ENOUGH_DIGITS) for step in self.steps)

    def check(self, answer: str | float) -> Verdict:
        """Judge an answer: a number, or text like "0.25", "-.5", "1/4", "1e-3", "2*w".

        Right is what agrees to three significant digits, and, with a note, to two, if no more were typed or the
        rest comes from rounding.  A wrong answer is compared with what common mistakes give, which are computed
        from the trace.

        >>> a = Value(3.0, "a")
        >>> question = quiz(a * a).question
        >>> question.check("3").message
        'Not yet. a is used more than once, and each use contributes to its gradient. Have you added them all up?'
        >>> question.check("6,0")
        Right: d(a·a)/da is 6. (I read 6,0 as 6: decimals come after a point here.)
        """
        reading = read_number(answer, self.case.graph.names)
        if reading.number is None:
            return Verdict(False, reading.note, counts=False)
        found = diagnose(self.case, reading.number, reading.digits)
        result = f"{self.name} is {write_number(self.expected, ENOUGH_DIGITS)}."
        texts = {
            "right": f"Right: {result}",
            "nearly": f"Right to two digits: {result} {found.advice}".rstrip(),
            "size": found.advice,
            "wrong": f"Not yet. {found.advice}",
        }
        message = printable(texts[found.verdict]) + (f" ({reading.note})" if reading.note else "")
        is_right = found.verdict in ("right", "nearly")
        return Verdict(is_right, message, found.name, reading.number, counts=found.verdict != "size")

    def __str__(self) -> str:
        used = f"{self.case.graph.nodes[self.node].name} is used in {' and in '.join(self.uses)}"
        known = ", ".join(map(str, self.facts))
        return f"{self.text}\n  {printable(used)}\n  known: {known}"

    __repr__ = __str__


@dataclass(frozen=True)
class Score:
    """How it went so far, as plain numbers.

    Attributes:
        questions: how many there are.
        right: how many were answered rightly, ``first_try`` of them at the first try.
        revealed: how many were given up.
        tries: all answers that counted.
        mistakes: how often each mistake was recognised.
    """

    questions: int
    right: int
    first_try: int
    revealed: int
    tries: int
    mistakes: dict[str, int]

    @property
    def open(self) -> int:
        """How many questions are still to come."""
        return self.questions - self.right - self.revealed

    def __str__(self) -> str:
        text = f"{self.right} of {plural(self.questions, 'question')} right, {self.first_try} at the first try"
        return text + (f", {self.revealed} revealed" if self.revealed else "")


class Quiz:
    """Questions in the order of the backward pass.  Made by ``quiz(loss)``.

    Attributes:
        trace: the trace that the questions are about.
        questions: all of them.
    """

    def __init__(self, trace: Trace, questions: Sequence[Question]) -> None:
        self.trace = trace
        self.questions = tuple(questions)
        self._verdicts: list[list[Verdict]] = [[] for _ in self.questions]
        self._revealed: set[int] = set()
        self._at = 0

    @property
    def question(self) -> Question | None:
        """The question that is open now, or None after the last one."""
        return None if self.done else self.questions[self._at]

    @property
    def done(self) -> bool:
        return self._at >= len(self.questions)

    @property
    def tries(self) -> int:
        """How many wrong answers the open question has got."""
        return 0 if self.done else sum(verdict.counts for verdict in self._verdicts[self._at])

    @property
    def may_reveal(self) -> bool:
        """True once the solution of the open question may be seen."""
        return not self.done and self.tries >= TRIES

    def answer(self, answer: str | float) -> Verdict:
        """Answer the open question; if the answer is right, the next one opens.

        Raises:
            QuizError: if all questions have been answered.
        """
        verdict = self._open().check(answer)
        self._verdicts[self._at].append(verdict)
        then = ""
        if verdict.right:
            self._at += 1
            then = self._next()
        elif self.may_reveal:
            then = "Try again with q.answer(...), or see the solution with q.reveal()."
        return replace(verdict, then=then)

    def hint(self) -> str:
        """The local derivatives of the open question, in symbols."""
        return self._open().hint

    def reveal(self) -> str:
        """The solution of the open question with its steps in words; the next question opens.

        Raises:
            QuizError: before three tries, and if all questions have been answered.
        """
        question = self._open()
        if not self.may_reveal:
            left = "once" if TRIES - self.tries == 1 else f"{TRIES - self.tries} times"
            raise QuizError(f"try {left} more before the solution is revealed; q.hint() gives a hint")
        self._revealed.add(self._at)
        self._at += 1
        return question.solution

    def _open(self) -> Question:
        if self.done:
            raise QuizError("all questions have been answered; quiz(loss) begins anew, q.score says how it went")
        return self.questions[self._at]

    def _next(self) -> str:
        if self.done:
            return f"That was the last question: {self.score}."
        return f"Question {self._at + 1} of {len(self.questions)}: {self.question}"

    @property
    def score(self) -> Score:
        answered = [
            [verdict for verdict in verdicts if verdict.counts]
            for i, verdicts in enumerate(self._verdicts)
            if i < self._at and i not in self._revealed
        ]
        all_verdicts = [verdict for verdicts in self._verdicts for verdict in verdicts if verdict.counts]
        mistakes = Counter(v.diagnosis for v in all_verdicts if v.diagnosis and not v.right)
        return Score(
            len(self.questions), len(answered), sum(len(verdicts) == 1 for verdicts in answered),
            len(self._revealed), len(all_verdicts), dict(mistakes.most_common()),
        )  # fmt: skip

    @property
    def summary(self) -> list[dict[str, Any]]:
        """One dict for each question that is behind: what was asked, expected, answered, recognised."""
        found = []
        for i, question in enumerate(self.questions[: self._at]):
            verdicts = [verdict for verdict in self._verdicts[i] if verdict.counts]
            found.append(
                {
                    "question": question.text,
                    "node": question.node,
                    "expected": question.expected,
                    "answers": [verdict.number for verdict in verdicts],
                    "mistakes": [verdict.diagnosis for verdict in verdicts if verdict.diagnosis],
                    "right": i not in self._revealed,
                }
            )
        return found

    def __repr__(self) -> str:
        if self.done:
            return f"<Quiz, done: {self.score}; q.summary has the details>"
        return (
            f'{self._next()}\nAnswer with q.answer("..."): a number like 0.25, 1/4 or 1e-3. q.hint() gives a hint.'
        )


def quiz(
    loss: Value,
    seed: int | None = None,
    *,
    ask: Literal["gradients", "contributions"] = "gradients",
    nodes: Iterable[Value | str] | None = None,
    questions: int | None = None,
    lr: float | None = None,
) -> Quiz:
    """Ask for the gradients of a graph, in the order in which the backward pass finds them.

    Args:
        loss: the result; the graph is looked at and not changed.
        seed: with ``questions``, which ones are chosen; without it, the choice differs each time.
        ask: "gradients" asks for each node's whole gradient; "contributions" for every single product of
            an upstream gradient and a local derivative.
        nodes: ask only about these (Values, labels or ids); about all but plain numbers unless given.
        questions: how many to ask at most; they are chosen by chance.
        lr: the learning rate with which somebody might update a weight too early; several usual ones
            are tried unless given.

    Raises:
        GradientError: if loss is not a Value.
        GraphTooLargeError: if the graph is too large to be asked about.
        QuizError: if there is nothing to ask, or another argument has no meaning.
        TraceError: if a node of ``nodes`` is not in the graph.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> q = quiz(a * b + a, nodes=[a])
    >>> q
    Question 1 of 1: What is d(a·b + a)/da?
      a is used in a·b + a and in a·b
      known: d(a·b + a)/d(a·b + a) = 1, d(a·b + a)/d(a·b) = 1, a·b = −6, a = 2, a·b + a = −4, b = −3
    Answer with q.answer("..."): a number like 0.25, 1/4 or 1e-3. q.hint() gives a hint.
    """
    require_value(loss, "quiz")
    require_size(loss, "quiz")
    steps = trace(loss)
    check_arguments(ask, questions, lr)
    chosen = None if nodes is None else steps.find_all(nodes)
    graph = Graph(steps, loss, lr)
    if chosen is None:
        asked = {id for id, node in graph.nodes.items() if is_asked(node)}
    else:
        asked = {*chosen}
    found = [group for group in groups_of_steps(graph, ask) if group[0] in asked]
    if not found:
        raise QuizError(nothing_to_ask(steps, chosen))
    if questions is not None and questions < len(found):
        picked = random.Random(seed).sample(range(len(found)), questions)
        found = [found[i] for i in sorted(picked)]
    return Quiz(steps, [make_question(graph, k, *group, ask == "gradients") for k, group in enumerate(found, 1)])


def check_arguments(ask: Any, questions: Any, lr: Any) -> None:
    if ask not in ("gradients", "contributions"):
        raise QuizError(f'ask is "gradients" or "contributions", but got {describe(ask)}')
    if questions is not None and (not isinstance(questions, int) or isinstance(questions, bool) or questions < 1):
        raise QuizError(f"questions is a whole number from 1, but got {describe(questions)}")
    if lr is not None and (not is_real(lr) or not 0 < lr < float("inf")):
        raise QuizError(f"lr is a number above 0, but got {describe(lr)}")


def groups_of_steps(graph: Graph, ask: str) -> list[tuple[str, tuple[int, ...]]]:
    """The questions: for each a node and the places (from 0) of the backward steps whose sum is asked for."""
    uses = graph.places
    if ask == "contributions":
        single = sorted((place, id) for id, places in uses.items() for place in places)
        return [(id, (place,)) for place, id in single]
    # A gradient is complete with its last contribution.
    return sorted(((id, tuple(places)) for id, places in uses.items()), key=lambda group: group[1][-1])


def nothing_to_ask(steps: Trace, chosen: set[NodeId] | None) -> str:
    if not steps.backward:
        return f"{steps.name(steps.root)} was not computed from anything, so there is no gradient to predict"
    if chosen is not None:
        return "the gradient of the result with respect to itself is always 1; choose other nodes"
    return "this graph has only plain numbers as inputs; give a label to what you want to be asked about"


def make_question(graph: Graph, number: int, id: str, places: tuple[int, ...], whole: bool) -> Question:
    position = len(graph.trace.forward) + 1 + places[-1]
    return Question(number, id, position, id if whole else "", graph.trace, Case(graph, places, whole))
