"""The mistakes as a program and plain data: a page finds with them, while its numbers change, what quiz() finds.

>>> from autograd import Value, trace
>>> w, x = Value(3.0, "w"), Value(2.0, "x")
>>> y = w * x
>>> program, data = write_quiz(Graph(trace(y), y))
>>> data["mistakes"][2][0], data["operations"], data["upstream"]
('pre_activation', {2: 'w·x'}, {2: 'd(w·x)/d(w·x)'})
"""

from __future__ import annotations

from typing import Any

from autograd.engines.javascript import write_function
from autograd.program.recorder import Recorder
from viz.drawing.style import printable, shorten
from viz.exercises.cases import Case, Graph, Numbers
from viz.exercises.diagnosis import ROUNDINGS, answers_from
from viz.exercises.mistakes import ADVICE, MISTAKES


def write_quiz(graph: Graph) -> tuple[str, dict[str, Any]]:
    """A JavaScript function and what its results mean.

    ``mistaken(n)`` takes the data and the gradient of each node, then the local derivative and the product of
    each backward step, and gives a number for each of the wrong answers.  These are listed by backward step, the
    one after which a running total is asked for: each with its mistake and the contribution that the hint is about.
    """
    recorder = Recorder()
    nodes, steps = [*graph.nodes], range(len(graph.trace.backward))
    data, gradients = ({id: recorder.input() for id in nodes} for _ in range(2))
    local, products = ([recorder.input() for _ in steps] for _ in range(2))
    numbers = Numbers(data.__getitem__, gradients.__getitem__, local.__getitem__, products.__getitem__)
    answers = []
    outputs: list[Any] = []
    for k in steps:
        places = graph.places[graph.trace.backward[k].input]
        case = Case(graph, tuple(places[: places.index(k) + 1]))
        found = [answer for kind in (False, True) for answer in answers_from(case, numbers, kind)]
        outputs += [answer.value for answer in found]
        answers.append([x for one in found for x in (MISTAKES.index(one.mistake), one.share.place)])
    ids = {int(step.node[1:]): step.node for step in graph.trace.forward}
    description = {
        "mistakes": [[mistake.name, mistake.hint, mistake.is_rounding] for mistake in MISTAKES],
        "advice": ADVICE,
        "roundings": ROUNDINGS,
        "answers": answers,
        "operations": {i: line(graph.written(id)) for i, id in ids.items()},
        "upstream": {i: line(graph.upstream(id)) for i, id in ids.items()},
    }
    program = write_function(recorder.finish(outputs), name="mistaken")
    return program, description


def line(text: str) -> str:
    text = printable(text)
    return shorten(text) if len(text) > 80 else text
