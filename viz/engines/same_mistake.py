"""Which wrong engine of the museum gives the same answers as a learner's class?

Nothing is listed: the engines are run on the graph on which the class fails, and on all smaller ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from viz.engines.engine_steps import EngineStep
from viz.engines.exhibit import Exhibit
from viz.engines.learners_class import LearnersClass
from viz.engines.museum_exhibits import museum
from viz.engines.outcomes import Outcome, close, has_value, outcome_of
from viz.engines.small_graphs import Graph
from viz.engines.wrong_engines import Engine

MISTAKES_OF_RULES = (
    "overwriting", "swapped", "no_upstream", "data_passed_on", "first_input_only", "wrong_number",
)  # fmt: skip
"""What can be wrong where the rules are called by hand, which has its own order and begins with 1."""


def same_mistake(mine: LearnersClass, step: EngineStep, failed: Outcome) -> str | None:
    """The name of the exhibit that makes the same mistake, or None.

    It gives the same gradients on the graph that failed, and on at least half of those up to its size on which the
    class is wrong.  Of several, the one that agrees most often.
    """
    if failed.kind != "gradient" or failed.graph is None:
        return None
    has_rules = mine.lacks("backward") or mine.rule(mine.leaf(1.0, "a")) is not None
    by_hand = step.mode in ("slopes", "rules") and has_rules
    candidates = [
        exhibit
        for exhibit in museum()
        if not (exhibit.is_large or exhibit.counts_work)
        and (not by_hand or exhibit.name in MISTAKES_OF_RULES)
        and agrees(exhibit.engine, failed)
    ]
    return most_alike(mine, step, failed.graph, candidates) if candidates else None


def most_alike(mine: LearnersClass, step: EngineStep, graph: Graph, candidates: Sequence[Exhibit]) -> str | None:
    """The candidate whose answers are most often those of the class, on all graphs up to this size."""
    size = max((len(graph.steps), len(graph.numbers)), (1, 2))
    wrong, agreed, differ = 0, dict.fromkeys(candidates, 0), dict.fromkeys(candidates, 0)
    for each in step.graphs():
        if (len(each.steps), len(each.numbers)) > size:
            break
        if not has_value(each):
            continue
        failed = outcome_of(mine, each, step.mode)
        wrong += failed is not None
        for exhibit in candidates:
            same = agrees(exhibit.engine, failed or each)
            agreed[exhibit] += same and failed is not None
            differ[exhibit] += not same
    best = max(candidates, key=lambda exhibit: (agreed[exhibit], -differ[exhibit]))
    return best.name if 2 * agreed[best] >= wrong else None


def agrees(engine: Engine, asked: Outcome | Graph) -> bool:
    """True if an engine gives these gradients at all leaves: a class's where it is wrong, else the right ones."""
    if isinstance(asked, Outcome) and asked.kind != "gradient":
        return False
    answers = engine(asked.values[-1])
    found = asked.found if isinstance(asked, Outcome) else asked.gradients
    pairs = [(answers[node], x) for node, x in zip(asked.values, found, strict=True) if node.op is None]
    return all(x is not None and close(answer, x) for answer, x in pairs)
