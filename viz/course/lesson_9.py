"""The exercises of lesson 9: who waits for whom, what is counted, and what comes through."""

from autograd import Value
from viz.exercises.exercise_sheet import ExerciseSheet

SHEET = ExerciseSheet("Order, sharing and vanishing")


def shared_twice() -> tuple[Value, str]:
    a = Value(3.0, "a")
    b = a + a
    c = b + b
    d = c + c
    e = b + d
    b.label, c.label, d.label, e.label = "b", "c", "d", "e"
    return e, "a"


def behind_a_dead_relu() -> tuple[Value, str]:
    a = Value(-1.0, "a")
    y = 3 * a.relu()
    y.label = "y"
    return y, "a"


SHEET.add(
    1,
    "b = a + a; c = b + b; d = c + c; e = b + d. What is the gradient of a?",
    10,
    mistakes={
        2: "b left before everything had arrived. From how many places does it receive?",
        1: "That is the last contribution alone. What happens to those before it?",
        8: "That is what comes over d. Does e not use b itself as well?",
        5: "That is the gradient of b. How often is a used in it?",
    },
    hint="Begin at e: d gets 1 and b gets 1. Who of the two may hand on now?",
    solution="d hands 1 + 1 to c, c hands 2 + 2 to b, which had 1 from e: 5. Then b hands 5 + 5 to a.",
    gradient=shared_twice,
)
SHEET.add(
    2,
    "A number is doubled 30 times, each time by adding it to itself. How many operations does backward() visit?",
    30,
    mistakes={
        1_073_741_824: "That is the number of paths. Does backward() walk each of them?",
        60: "That is the number of contributions, two for each operation. How often is a rule run?",
        31: "That counts the first number as well. Which operation made it?",
    },
    hint="One addition makes one node, however many paths run through it.",
    solution="One for each doubling: a node hands on once, when everything has arrived.",
)
SHEET.add(
    3,
    "Twenty tanh, one after the other, beginning at 0. What is the slope of the last in the first?",
    1,
    mistakes={
        0: "That is the value, tanh(0). What is the slope there, 1 − tanh²?",
        20: "Were the slopes added? What does the chain rule do with them?",
    },
    hint="tanh′ = 1 − tanh². Where does each of the twenty stand?",
    solution="Each of them stands at 0, where the slope is 1 − 0², and the product of twenty ones is one.",
)
SHEET.add(
    4,
    "How much can five sigmoids in a row let through at most?",
    0.000977,
    mistakes={
        1.25: "Were the slopes added? What does the chain rule do with them?",
        0.25: "That is one sigmoid. What do the other four do?",
        0.03125: "That is ½ multiplied by itself five times. ½ is the sigmoid's value at 0: what is its slope?",
    },
    hint="The sigmoid is steepest at 0: σ(1 − σ) with σ = ½.",
    solution="¼ five times over: 1/1024.",
)
SHEET.add(
    5,
    "y = 3·relu(a). What is the slope of y in a at a = −1?",
    0,
    mistakes={
        3: "That comes as far as the ReLU. Does it pass where a is below 0?",
        -3: "Does y change at all when a moves a little around −1?",
        1: "That is the slope of a ReLU that is on. Which side of the corner is −1 on?",
    },
    hint="Nudge a from −1 to −0.9. What does y do?",
    solution="relu(a) is 0 everywhere below 0, so nothing moves y there, and 3 times nothing is nothing.",
    gradient=behind_a_dead_relu,
)
SHEET.add(
    6,
    "Make the network of sigmoids deeper or less deep, give it another start or another activation. When does its "
    "first layer learn, and how did you see it?",
    None,
    solution="Others found that two hidden layers of sigmoids lose a factor of 10 to 20, and six of them 100 and "
    "more; larger weights are no cure, since the sigmoids then stand where they are flat. tanh with xavier_normal "
    "and ReLU with he_normal lose less than a factor of 5. They looked at gradient_flow before the first step, and "
    "at the loss after a hundred.",
)
check, hint, solution = SHEET.check, SHEET.hint, SHEET.solution
