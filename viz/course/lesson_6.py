"""The exercises of lesson 6: slopes of weights and biases deep inside, one link, another target, twins."""

from __future__ import annotations

from autograd import Value
from viz.exercises.exercise_sheet import ExerciseSheet
from viz.formulas.worked_examples import EXAMPLES


def alice(node: str, **numbers: float) -> tuple[Value, str]:
    """Alice's loss, and a node of its graph."""
    return EXAMPLES["alice"].build(**numbers), node


SHEET = ExerciseSheet("Alice by hand")

SHEET.add(
    1, "Walk from L to w2, with three digits or more at each link. What is dL/dw2?", 0.0107,
    mistakes={
        0.0215: "That is the walk to w1. Which input stands beside w2?",
        -0.0107: "The size is right. x2 is negative, and so is one more factor. What do two of them give?",
    },
    hint="Only the last of the three links differs from the walk to w1: dh1/dw2.",
    solution="dL/do1 · do1/dh1 · dh1/dw2 = −0.9526 · 0.2494 · (−1 · 0.0452) = 0.0107.",
    gradient=lambda: alice("w2"),
)  # fmt: skip
SHEET.add(
    2, "b1 is 0. What is dL/db1?", -0.0107,
    mistakes={
        0: "0 is the number that b1 has. If it became 0.01, would h1 stay the same?",
        0.0107: "The size is right. Which of the three factors are negative here?",
    },
    hint="A bias is a weight on an input that is always 1.",
    solution="dh1/db1 = 1 · h1(1 − h1) = 0.0452, so dL/db1 = −0.9526 · 0.2494 · 0.0452 = −0.0107.",
    gradient=lambda: alice("b1"),
)  # fmt: skip
SHEET.add(
    3, "How fast does o1 change with h1: what is the link do1/dh1?", 0.2494,
    mistakes={
        0.0452: "That is σ′ at the sum of h1. Which neuron's σ lies between h1 and o1?",
        0.5237: "That is o1, so σ itself. What is the slope of σ there?",
        0.0859: "That is z(1 − z), with the input of σ. Which number does its slope want: input or output?",
        -0.2376: "That is dL/dh1. Here the walk begins at o1, not at L. Which factor is too many?",
    },
    hint="o1 = σ(w5·h1 + w6·h2 + b3), and σ′ is written with the output.",
    solution="w5 · o1(1 − o1) = 1 · 0.5237 · 0.4763 = 0.2494.",
)  # fmt: skip
SHEET.add(
    4, "What is dL/dw6?", -0.0113,
    mistakes={
        -0.2376: "That has come as far as the product w6·h2. What does w6 count for in it?",
        0.0113: "The size is right. Should more of w6 raise o1 or lower it? And L?",
    },
    hint="w6 multiplies h2, as w1 multiplies x1. How long is its walk?",
    solution="dL/do1 · o1(1 − o1) · h2 = −0.9526 · 0.2494 · 0.0474 = −0.0113. Two links: w6 is no weight of h2.",
    gradient=lambda: alice("w6"),
)  # fmt: skip
SHEET.add(
    5, "Say the right answer for these inputs were 0, so L = (0 − o1)². What is dL/dw1?", -0.0236,
    mistakes={
        -0.0215: "The sign is turned. But is 0.5237 as far from 0 as it is from 1?",
        0.0236: "The size is right. More of w1 lowers o1. Is that good or bad now?",
        0.0215: "That is the slope for the target 1. Which of the three links knows the target?",
    },
    hint="Only dL/do1 changes. What is it for L = (0 − o1)²?",
    solution="dL/do1 = −2(0 − 0.5237) = 1.0474, and 1.0474 · 0.2494 · (−0.0904) = −0.0236.",
    gradient=lambda: alice("w1", target=0.0),
)  # fmt: skip
SHEET.add(
    6, "All nine numbers make 100 steps for Alice, at rate 0.1. Is w1 still equal to w3?", "yes",
    choices=("yes", "no"),
    mistakes={"no": "Which step would be the first to part them? Look at their slopes before it."},
    hint="What do two numbers do that are equal and have equal slopes?",
    solution="Both are 0.8603 then. h1 and h2 are twins: equal numbers, equal slopes, so equal steps, for ever. "
    "That is why networks start from random weights.",
)  # fmt: skip
SHEET.add(
    7, "Find nine numbers with which the slope of w1 is ten times as large as here, or more: "
    'EXAMPLES["alice"].build(w1=..., b1=..., w5=...). Which links did you have to open?', None,
    solution="All three links must be wide. A bias b1 near 3 brings the sum of h1 to 0, where σ is steepest: 0.25 "
    "in the place of 0.0452. A larger w5 lets more of h1 through, if b3 keeps the sum of o1 near 0. And the answer "
    "must be wrong enough. With b1 = 3, w5 = 4 and b3 = −3, the slope is 0.58.",
)  # fmt: skip

check, hint, solution = SHEET.check, SHEET.hint, SHEET.solution
