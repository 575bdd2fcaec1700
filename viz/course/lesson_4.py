"""The exercises of lesson 4: what each loss says to a wrong answer, and how steep it is there."""

from autograd import Value, sigmoid
from nn import binary_cross_entropy_with_logits, mean_squared_error
from viz.exercises.exercise_sheet import ExerciseSheet

SHEET = ExerciseSheet("Losses")


def logit_of_a_tenth() -> tuple[Value, str]:
    """The cross-entropy of p = 0.1, from its logit ln(0.1/0.9), where the truth is 1."""
    z = Value(-2.1972245773362196, "z")
    return binary_cross_entropy_with_logits(z, 1.0), "z"


def square_behind_the_sigmoid() -> tuple[Value, str]:
    z = Value(-6.0, "z")
    return mean_squared_error(sigmoid(z), 1.0), "z"


SHEET.add(
    1,
    "The truth is 1, the network says p = 0.1. What is the binary cross-entropy?",
    2.303,
    mistakes={
        0.105: "That is −ln 0.9, the cost if the truth were 0. Which of the two terms does y = 1 leave?",
        1.0: "That is the logarithm to the base 10. Which one does the slope −1/p belong to?",
        0.81: "That is the squared error. How surprised is somebody who gave the truth one chance in ten?",
    },
    hint="−[y ln p + (1 − y) ln(1 − p)], and one of the two terms is 0.",
    solution="y = 1 leaves −ln p, the natural logarithm: −ln 0.1 = ln 10.",
)
SHEET.add(
    2,
    "The same network (p = 0.1, truth 1): how fast does the cross-entropy change with the logit z, where p = σ(z)?",
    -0.9,
    mistakes={
        -10: "That is −1/p, the slope in p. How fast does p move when z moves?",
        -0.162: "That belongs to the squared error. What becomes of σ′ = p(1 − p) when the loss is a logarithm?",
        0.9: "Would the loss rise if z rose, when the truth is 1?",
        0.1: "That is p. What flows back is the error: p, minus what it should have been?",
    },
    hint="The slope in p, −1/p, times the slope of the sigmoid, p(1 − p). Something cancels.",
    solution="dL/dz = −1/p · p(1 − p) = p − 1: the error itself.",
    gradient=logit_of_a_tenth,
)
SHEET.add(
    3,
    "Logits 2, 1 and 0.1, and the first class is the right one. What is the categorical cross-entropy?",
    0.417,
    mistakes={
        0.802: "That is what comes out when softmax is applied twice. What does the loss do with logits by itself?",
        1.417: "That is −ln of the second class's share. Which class is the right one?",
        0.659: "That is the share of the right class. How surprised are you by it?",
    },
    hint="Three powers of e, their sum, the share of the right class, and its logarithm.",
    solution="The share is 7.389 / (7.389 + 2.718 + 1.105) = 0.659, and −ln of that is the loss.",
)
SHEET.add(
    4,
    "One number for the truths 1, 2, 3, 4 and 40: which has the smallest mean absolute error?",
    3,
    mistakes={
        10: "That is the mean. Which loss does it belong to?",
        20.5: "That is half way between 1 and 40. How many truths pull down there, and how many up?",
        2.5: "That is right for the first four. Does 40 not have a vote as well?",
    },
    hint="Each truth pulls with the slope 1 or −1, however far away it is. Where do they balance?",
    solution="The median: two truths lie below it and two above, so the slopes add to 0 there.",
)
SHEET.add(
    5,
    "The truth is 1 and z = −6. What is the slope of the squared error (1 − σ(z))² in z?",
    -0.00492,
    mistakes={
        -1.995: "That is the slope in p = σ(z). How fast does p move when z moves, so far out?",
        0.00247: "That is σ′, the slope of the sigmoid alone. What comes before it in the chain?",
        0.00492: "Would the loss rise if z rose, when the truth is 1?",
        -0.9975: "That is the slope of the cross-entropy. What does the square have in the place of −1/p?",
    },
    hint="The slope of the square, −2(1 − p), times the slope of the sigmoid, p(1 − p).",
    solution="p = 0.00247, so −2 · 0.99753 · 0.00247 · 0.99753.",
    gradient=square_behind_the_sigmoid,
)
SHEET.add(
    6,
    "One of ten sensors is broken and says 1000 now and then. Which loss would you take, and what does it cost?",
    None,
    solution="Others took the mean absolute error, which gives each sample one vote and finds the median; the "
    "price is that descent does not come to rest unless the rate falls. nn.huber is a square nearby, a distance "
    "far away, and has both. Some kept the square and threw the outliers away first: then somebody has to say "
    "which sample is one, and may be wrong.",
)
check, hint, solution = SHEET.check, SHEET.hint, SHEET.solution
