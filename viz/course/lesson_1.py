"""The exercises of lesson 1: ratios and slopes, directions, learning rates, the gradient of three prices."""

from __future__ import annotations

from viz.exercises.exercise_sheet import ExerciseSheet

SHEET = ExerciseSheet("The slope")

SHEET.add(
    1,
    "E = (8.4 − 7w)². Nudge w from 2 by h = 0.1. What is the ratio of the changes?",
    83.3,
    mistakes={
        8.33: "That is the change of E alone. What is it divided by to make a ratio?",
        78.4: "That is where the ratio is heading when h becomes ever smaller. What is it for this h, which "
        "is not small?",
    },
    hint="Two changes: that of E, from w = 2 to w = 2.1, and that of w.",
    solution="E(2.1) − E(2) = 39.69 − 31.36 = 8.33, and 8.33 / 0.1 = 83.3. (Or 78.4 + 49h with h = 0.1.)",
)
SHEET.add(
    2,
    "What is the slope of E = (8.4 − 7w)² at w = 1?",
    -19.6,
    mistakes={
        19.6: "The size is right. But if w grows a little, what happens to 8.4 − 7w: does it grow or shrink?",
        -2.8: "You have twice the difference. How many times does a nudge of w count in 8.4 − 7w?",
        -9.8: "You have the difference times −7. What does squaring do to a small change?",
    },
    hint="Seven mangoes at 1 make 7. How much too little is that? Then use 2 · (difference) · (−7), or nudge.",
    solution="The difference is 8.4 − 7 = 1.4, and 2 · 1.4 · (−7) = −19.6. With a nudge of 0.001: −19.551.",
)
SHEET.add(
    3,
    "You guess 1. Should the guess go up or down, or stay, so that E becomes smaller?",
    "up",
    choices=("up", "down", "stay"),
    mistakes={
        "down": "The slope at 1 is below 0. Does that say where E falls, or where E rises?",
        "stay": "Would it stay if the slope were 0? Is it?",
    },
    hint="Put your finger on the curve at w = 1: E falls in one of the two directions.",
    solution="The slope is −19.6: a little more w, a little less E. Against the sign of the slope is up, to 1.20.",
)
SHEET.add(
    4,
    "The mangoes again. From any guess, one rate lands on their price in a single step. Which one? (Three digits "
    "are enough.)",
    1 / 98,
    mistakes={
        2 / 98: "Try it: 2 goes to 0.4, and then? What should the factor be so that nothing of the distance is "
        "left? (Or: was there a 2 in front, from squaring?)",
    },
    hint="A step leaves (1 − 98 · rate) of the distance. How much should it leave?",
    solution="1 − 98 · rate = 0 gives rate = 1/98 ≈ 0.0102. With 2/98 the factor is −1: from side to side, for "
    "ever.",
)
SHEET.add(
    5,
    "The first receipt has 3 apples, 4 pears, 7 melons, and the guess 0.2, 1.4, 30 is 202.7 too much. What "
    "is the slope of its squared error in the price of a pear, w2?",
    1621.6,
    mistakes={
        405.4: "That is the slope in the output z. How many pears are on the receipt?",
        1216.2: "That belongs to the apples. Which input is multiplied by w2?",
        2837.8: "That belongs to the melons. Which input is multiplied by w2?",
        810.8: "You have the difference times the input. What does squaring do to a small change?",
    },
    hint="A little more w2 makes z larger, 4 times as much. And the square of 202.7 grows 2 · 202.7 times as"
    " fast as z.",
    solution="2 · 202.7 · 4 = 405.4 · 4 = 1621.6.",
)
SHEET.add(
    6,
    "Which rate brings the output of that receipt to 13.5 in one step? (Three digits are enough.)",
    0.5 / 74,
    mistakes={
        1 / 74: "Try it: 202.7 too much becomes 202.7 too little, and so on for ever. Which factor did the "
        "slope bring along?",
    },
    hint="Each weight moves by rate · 405.4 · (its input). What does that take from z, if each change is "
    "multiplied by its input again? It should take 202.7.",
    solution="z falls by rate · 405.4 · (3² + 4² + 7²) = rate · 405.4 · 74. That is 202.7 if the rate is ½ / 74 "
    "≈ 0.00676.",
)
SHEET.add(
    7,
    "Walk down x³ − 3x with gradient_descent(curve, (start,), 0.05, 15). From which starts do you reach 1, "
    "and from which do you never come to rest? What is special about the start between them?",
    None,
    solution="From every start above −1 (and not too far out, where the steps are too large) you come to 1. From"
    " below −1 there is no floor: the walk falls faster and faster, until the numbers are too large. At"
    " −1 itself the slope is 0: you stay on the peak. Gradient descent finds the valley that it starts "
    "in, if there is one.",
)

check, hint, solution = SHEET.check, SHEET.hint, SHEET.solution
