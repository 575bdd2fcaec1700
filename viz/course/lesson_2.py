"""The exercises of lesson 2: deltas and updates of one neuron, means over samples, batches and epochs."""

from __future__ import annotations

from autograd import Value
from viz.exercises.exercise_sheet import ExerciseSheet
from viz.formulas.worked_examples import EXAMPLES


def second_weight() -> tuple[Value, str]:
    """The loss of the neuron, half its squared error, and the name of its second weight."""
    return EXAMPLES["neuron"].build(), "w2"


SHEET = ExerciseSheet("One neuron by hand")

SHEET.add(
    1,
    "Inputs 0.1 and 0.8, weights 0.3 and 0.9, expected 0.4; the loss is ½ · error². What is the delta of w2?",
    0.28,
    mistakes={
        0.56: "That is the slope of error². What does the ½ in front of it do?",
        0.315: "You multiplied the error by the weight. What is w2 itself multiplied by, when the neuron runs "
        "forward?",
        0.035: "That belongs to the other weight. Which input does w2 have?",
    },
    hint="error · 1 · input. First run the neuron forward, to know the error.",
    solution="Output 0.75, error 0.35, and 0.35 · 1 · 0.8 = 0.28.",
    gradient=second_weight,
)
SHEET.add(
    2,
    "What is w2 after one update with rate 1?",
    0.62,
    mistakes={
        0.865: "You subtracted the delta of w1, as the article's misprint does. Which delta belongs to w2?",
        1.18: "You added the delta. The slope says where the loss grows: which way should the weight go?",
        0.34: "You subtracted the slope of error². Which loss has the delta error · 1 · input?",
    },
    hint="weight − rate · delta, with the delta of exercise 1.",
    solution="0.9 − 1 · 0.28 = 0.62.",
)
SHEET.add(
    3,
    "And with rate 0.1, from the same beginning?",
    0.872,
    mistakes={
        0.62: "That is the update with rate 1. What does a rate of 0.1 do to the delta?",
        0.028: "That is rate · delta. From what is it subtracted? (The article's formula has lost the same piece.)",
        0.928: "You added. The slope says where the loss grows: which way should the weight go?",
    },
    hint="The delta is as before; only a tenth of it is subtracted.",
    solution="0.9 − 0.1 · 0.28 = 0.872.",
)
SHEET.add(
    4,
    "Rate 1 again. What is the output after the third update?",
    0.41500625,
    mistakes={
        0.4
        + 0.35**8: "You squared the error at each update, 0.35, 0.1225, and so on. Is it squared, or multiplied by"
        " a factor that stays the same?",
        0.01500625: "That is the error. What is the output, if it is so much above what is expected?",
        0.442875: "That is the output after the second update. How many updates have there been?",
    },
    hint="Each update multiplies the error by 1 − (0.1² + 0.8²). The output is 0.4 + error. Give all digits "
    "that you can.",
    solution="The errors are 0.35, 0.1225, 0.042875 and, after three updates, 0.01500625. So the output is "
    "0.41500625.",
)
SHEET.add(
    5,
    "A second sample has the inputs 0.5 and 0.4, and 0.9 is expected. The weights are 0.3 and 0.9. What is "
    "the mean of the two deltas of w1?",
    -0.08,
    mistakes={
        -0.16: "That is the sum of the two. What does a mean do with it?",
        0.115: "One of the deltas has lost its sign. Is the second output too large or too small?",
    },
    hint="The second output is 0.51, so its error is below 0. Add the two deltas of w1, and halve.",
    solution="0.35 · 0.1 = 0.035 and −0.39 · 0.5 = −0.195; (0.035 − 0.195) / 2 = −0.08.",
)
SHEET.add(
    6,
    "Seven samples, in batches of 3, for 10 epochs: how many updates?",
    30,
    mistakes={
        20: "After two batches of three, one sample is left. Is it not used?",
        70: "That would be an update after each sample. How many samples share one here?",
        3: "That is one epoch. How many are there?",
        10: "That is the number of epochs. How many updates has one epoch?",
    },
    hint="How many batches does it take to use each of the seven samples once?",
    solution="3 + 3 + 1: three batches, so three updates an epoch, and 3 · 10 = 30.",
)
SHEET.add(
    7,
    "The rate is 1. For which inputs x1, x2 does one sample's error grow instead of shrinking? Try "
    "errors(1, 10, inputs=(1.2, 0.5)) and others, and draw the border in the plane of x1 and x2.",
    None,
    solution="The factor is 1 − (x1² + x2²). It lies beyond −1 when x1² + x2² is more than 2: outside a circle "
    "of radius √2 ≈ 1.414. Inside it, the error shrinks; on the circle of radius 1 it is gone at once. "
    "Large inputs make a rate bold: one reason to scale the inputs of a network first (lesson 7).",
)

check, hint, solution = SHEET.check, SHEET.hint, SHEET.solution
