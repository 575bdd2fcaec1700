"""The exercises of lesson 8, its ten steps with the solution of each, and an engine to go on with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.errors import shown
from viz.course import engine_in_steps
from viz.engines import engine_check
from viz.engines.engine_check import EngineCheck
from viz.exercises.exercise_sheet import TRIES, ExerciseError, ExerciseSheet

__all__ = ["SHEET", "check", "check_engine", "hint", "show_step", "solution", "solved"]

SHEET = ExerciseSheet("Build the engine")

SHEET.add(
    1,
    "Somebody swapped the two slopes of a product. Which of these graphs shows it?",
    "a * b",
    choices=("a + b", "a * a", "a * b"),
    mistakes={
        "a + b": "Is there a product in it, whose slopes could be wrong?",
        "a * a": "Both factors are the same number here: what changes if their slopes are swapped?",
    },
    hint="Write down both slopes of each operation, right and swapped.",
    solution="In a * b the slopes are b and a, which differ. In a * a they are a and a, swapped or not.",
)
SHEET.add(
    2,
    "a + a with = in the place of +=. What does the engine say for the gradient of a?",
    1,
    mistakes={
        2: "That is what += gives. What is left of the share that came first?",
        0: "Something arrives at a. How much does each use of a bring?",
        6: "That is the value of a + a at a = 3. What was asked is a slope.",
    },
    hint="Write a.grad = ... down for the left a, then for the right one.",
    solution="Each use brings a share of 1, and the last share takes the place of the first one.",
)
SHEET.add(
    3,
    "a + (a + a), and backward() goes through the order without reversed(). What is the gradient of a?",
    1,
    mistakes={
        3: "That is what a right engine gives. Whose gradient was still 0 when it was passed on?",
        0: "One share does arrive. Which operation runs while its own gradient is there already?",
        2: "You let the inner sum pass on its share. What was in its gradient when its turn came?",
    },
    hint="The order is a, then a + a, then the result. Only the result has a gradient at the beginning.",
    solution="The inner sum passes on 0, for its turn comes first. Then the result gives a its one direct share.",
)
SHEET.add(
    4,
    "a * a at a = 3, and backward() is called twice; nothing is set to 0 in between. What is in a.grad?",
    12,
    mistakes={
        6: "That is what one call gives. Who has taken it away before the second?",
        9: "That is the value of a * a. What was asked is what two passes leave in a.grad.",
        18: "That would be three passes. How many are there?",
    },
    hint="One pass brings a share of 3 for each of the two uses of a.",
    solution="Each pass adds 3 + 3, so two of them leave 12.",
)
SHEET.add(
    5,
    "Write an engine that is wrong, and that check_engine does not catch.",
    None,
    solution="Some that others found: relu that is right at −3, 0 and 3 but not at 1000; a ** n that is wrong for "
    "n = 7; an order that is wrong only if four operations share a value; a rule that counts its calls. Each small "
    "graph is a question, and nobody asks all of them. What would you ask next?",
)

check, hint, solution = SHEET.check, SHEET.hint, SHEET.solution


# --- the ten steps ----------------------------------------------------------------------------------------

tries: dict[int, set[tuple[str, str]]] = {}
"""What went wrong until now, step by step."""
passed: set[int] = set()


def check_engine(
    Value: type, step: int, *, MLP: Callable[..., Any] | None = None, fit: Callable[..., Any] | None = None
) -> EngineCheck:
    """``viz.check_engine``, which here remembers what was tried, for ``show_step``."""
    result = engine_check.check_engine(Value, step, MLP=MLP, fit=fit)
    if result:
        passed.add(step)
    else:
        tries.setdefault(step, set()).add((str(result.graph), str(result.given)))
    return result


def show_step(step: int) -> None:
    """Print the lines that a step adds, after two tries that went wrong in different ways.

    Raises:
        ExerciseError: if there is no such step.

    >>> show_step(7)
    The lines of step 7 open after two tries: check_engine(..., step=7).
    """
    require_step(step)
    missing = TRIES - len(tries.get(step, ()))
    if missing > 0 and step not in passed:
        more = "one more try" if missing == 1 else "two tries"
        print(f"The lines of step {step} open after {more}: check_engine(..., step={step}).")
    else:
        print(engine_in_steps.lines_of(step))


def solved(step: int) -> Any:
    """What has passed this step and all before it, to go on with: a class of values, for 9 the MLP, for 10 fit.

    Raises:
        ExerciseError: if there is no such step.

    >>> a = solved(1)(3.0)
    >>> (a + a).data
    6.0
    """
    require_step(step)
    return engine_in_steps.solved(step)


def require_step(step: int) -> None:
    if step not in engine_in_steps.STAGES or isinstance(step, bool):
        raise ExerciseError(f"the steps are 1 to 10, but got {shown(step)}")
