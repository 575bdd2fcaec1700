"""The exercises of lesson 5: what a step promises, the largest rate, and what optimizers remember."""

from viz.exercises.exercise_sheet import ExerciseSheet

SHEET = ExerciseSheet("Descent in two variables")
SHEET.add(
    1,
    "f = x² + 4y² at (4, 1.5), where ∇f = (8, 12). What change of f does −η‖∇f‖² predict for the rate η = 0.05?",
    -10.4,
    mistakes={
        10.4: "A step of descent, and f rises? Which sign has the step against the gradient?",
        -0.72: "That is −η times the length of the gradient. What stands on the length in the formula?",
        -8.8: "That is what is measured after the step. What did the formula promise before it?",
        -1: "That is −η · (8 + 12). How does one get the length of (8, 12)?",
    },
    hint="‖∇f‖² is 8² + 12². No square root is needed.",
    solution="−0.05 · (8² + 12²) = −0.05 · 208 = −10.4. Measured, it is −8.8: the curve bends "
    "away from the tangent.",
)
SHEET.add(
    2,
    "Another valley: x² + 10y². What is the largest learning rate at which plain descent does not fly apart?",
    0.1,
    mistakes={
        1: "With this rate x only changes its sign. But what happens to y, where the valley is steeper?",
        0.05: "With this rate y lands on 0 in one step. May it not go past 0 and still come nearer?",
        0.25: "That is for x² + 4y². What is the slope along y here?",
    },
    hint="A step multiplies x by 1 − 2η. By what does it multiply y? And how large may such a factor be?",
    solution="The slope along y is 20y, so a step multiplies y by 1 − 20η. At η = 0.1 that is −1: y jumps from "
    "side to side. Above, each jump is larger than the last. (x alone would bear a rate of 1.)",
)
SHEET.add(
    3,
    "Momentum 0.9, rate 0.05, on x² + 4y² from (4, 1.5). The first step leads to (3.6, 0.9). And the second?",
    (2.88, 0.0),
    mistakes={
        (3.24, 0.54): "That is plain descent. What does the ball still have of its first speed?",
        (3.6, 0.9): "That is where the first step has led. Take one more from there.",
    },
    hint="v begins as (8, 12). At (3.6, 0.9) the gradient is (7.2, 7.2). The new v is 0.9 · v + gradient.",
    solution="v = 0.9 · (8, 12) + (7.2, 7.2) = (14.4, 18), and (3.6, 0.9) − 0.05 · (14.4, 18) = (2.88, 0).",
)
SHEET.add(
    4,
    "On (x² − 1)² + 0.3x + y² a descent begins at (0.2, 1), with small steps. At which x does it end?",
    0.960,
    mistakes={
        -1.036: "That is the deeper well. Does the descent know of it, from where it begins?",
        1: "Without the tilt it would. What is the slope at 1, with the 0.3x?",
        0.0754: "That is the watershed. Does a descent that begins beside it stay there?",
    },
    hint="Which side of the watershed is it? Then let gradient_descent walk, and look at the last point.",
    solution="0.2 lies right of the watershed at 0.0754, so it ends in the right well, at x ≈ 0.960, although the "
    "left one is deeper: it finds the well that it begins in.",
)
SHEET.add(
    5,
    "Adam with rate 0.1 begins at (4, 1.5) on x² + 4y², where ∇f = (8, 12). Where does its first step lead?",
    (3.9, 1.4),
    mistakes={
        (3.2, 0.3): "That is plain descent with this rate. By what does Adam divide a slope?",
        (
            3.92,
            1.38,
        ): "That is a tenth of plain descent's step. In the first step, what is m̂ / √v̂ for a slope of 8?",
        (4.1, 1.6): "The size is right. Which way is down?",
    },
    hint="In the first step m̂ is the slope itself, and v̂ its square. What is g / √(g²)?",
    solution="g / √(g²) is 1 for 8 and for 12: whatever the slopes are, the first step is as long as the rate in "
    "each direction, from (4, 1.5) to (3.9, 1.4).",
)
SHEET.add(
    6,
    "In the canyon x² + 100y², momentum 0.8 at the rate 0.009 arrives at step 45. Find a rule that arrives sooner.",
    None,
    solution="Change momentum and rate together: SGD(0.015, momentum=0.7) arrives at 31, for its zigzags die out "
    "sooner. An Adam that forgets old slopes quickly, Adam(0.5, betas=(0.5, 0.999)), needs 15. And on the first "
    "valley? Whoever calls a rule the best has to say for which landscape.",
)

check, hint, solution = SHEET.check, SHEET.hint, SHEET.solution
