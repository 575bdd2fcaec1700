"""The exercises of lesson 3: slopes of five receipts, the edge, paths that add up, layers that fold."""

from __future__ import annotations

import nn
from autograd import Value
from viz.exercises.exercise_sheet import ExerciseSheet

SHEET = ExerciseSheet("Three weights found by descent")


def mean_error() -> tuple[Value, str]:
    neuron = nn.Neuron(3, "identity", bias=False, weights=[0.2, 1.4, 30.0])
    receipts = nn.data.linear_relationship()
    E = nn.mean_squared_error([neuron(x) for x in receipts.inputs], receipts.targets)
    E.label = "E"
    return E, "w1"


SHEET.add(
    1,
    "The prices are 0.2, 1.4 and 30, so the five bills are too high by 202.7, 258.4, 348.2, 116 and 87.3. "
    "How steep is their mean squared error in w1? (The baskets hold 3, 6, 8, 9 and 7 of the first fruit.)",
    answer=2639.68,
    mistakes={
        13198.4: "Those are the five slopes, added up. What does the word mean ask for?",
        1216.2: "That is what the first receipt alone wishes. What do the other four say?",
        1319.84: "The square has a slope of its own. What comes down from its exponent?",
        -2639.68: "The bills are too high. Does a higher price make that better or worse?",
        405.08: "Each bill changes by more than 1 when w1 does. How many of the fruit are in the basket?",
    },
    hint="For each receipt: 2 · (too much) · (how many of the first fruit). What then, with five such numbers?",
    solution="(2·202.7·3 + 2·258.4·6 + 2·348.2·8 + 2·116·9 + 2·87.3·7) / 5 = 13198.4 / 5 = 2639.68.",
    gradient=mean_error,
)
SHEET.add(
    2,
    "With the mean of the five slopes, the descent flies apart above the rate 0.00731. Somebody adds the "
    "slopes up instead. Above which rate does theirs fly apart?",
    answer=0.00146,
    mistakes={
        0.00731: "That is the edge for the mean. How does a sum of five slopes differ from their mean?",
        0.0366: "You multiplied by 5. Is a step with the sum bolder than one with the mean, or shyer?",
        0.000731: "You divided twice by 5, or once by 10. How many receipts are there?",
    },
    hint="What moves a weight is rate · slope. If the slope is five times as large, ...",
    solution="A sum is 5 times the mean, so the same step needs a fifth of the rate: 0.00731 / 5 = 0.00146.",
)
SHEET.add(
    3,
    "Two hidden neurons without a bend have the weights (1, 2, 3) and (0, 1, −1); the output weighs them "
    "with 2 and −1. Which three weights does one neuron need to do the same?",
    answer=(2, 3, 7),
    mistakes={
        (2, 5, 5): "The second neuron is taken away, not added. What is −1 times (0, 1, −1)?",
        (1, 3, 2): "You added the two neurons. What does the output do with each of them?",
        (2, 4, 6): "That is the first way alone. What goes through the second neuron?",
    },
    hint="Two ways lead from each input to the output. Multiply along each, then add.",
    solution="2·(1, 2, 3) − 1·(0, 1, −1) = (2, 4, 6) − (0, 1, −1) = (2, 3, 7).",
)
SHEET.add(
    4,
    "At least how many receipts does linear algebra need for three prices, if no two tell the same story and "
    "nobody erred?",
    answer=3,
    mistakes={
        1: "Descend on one receipt, as in lesson 1: perfect for it. What do the others say of these prices?",
        2: "Two equations leave a whole line of prices. Which would you choose?",
        5: "That is how many we had. What would the last two tell you that you do not know yet?",
    },
    hint="How many unknowns are there? How many of them does one equation settle?",
    solution="As many as there are unknowns: 3. More receipts help only if somebody erred, or if the rule is "
    "not a line.",
)
SHEET.add(
    5,
    "L = a · a · a at a = 2. How steep is L in a?",
    answer=12,
    mistakes={
        4: "That is one path, the one through one of the three factors. How many ways lead from L to a?",
        8: "That is L itself. How much does it change when a is nudged?",
        6: "You added the factors. What does L do when only the first a is nudged, and the others stay 2?",
        64: "The paths are added up, not multiplied.",
    },
    hint="Nudge one factor at a time, and let the other two be 2.",
    solution="Each of three paths brings 2 · 2 = 4, and 4 + 4 + 4 = 12, as 3a² says.",
)
SHEET.add(
    6,
    "Write five receipts of a shop with a rule of its own: every third fruit free, or 1.00 for the bag. "
    "Find the best three prices. Where are they wrong? Could somebody guess the rule from the five errors?",
    answer=None,
    solution="A bag for 1.00 makes small baskets look dear and large ones cheap: the errors change sign with "
    "the size of the basket. That is the bias of lesson 2, and a fourth weight on a constant 1 ends it. "
    "Every third fruit free is a staircase, so its errors jump, and no set of prices, with a bias or "
    "without, follows it. From five errors alone one can see that something is missing, and hardly ever "
    "what.",
)

check, hint, solution = SHEET.check, SHEET.hint, SHEET.solution
