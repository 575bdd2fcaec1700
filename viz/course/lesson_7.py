"""The exercises of lesson 7: counting, inputs of the right size, rates, flat ground, what data never asked."""

from __future__ import annotations

from viz.exercises.exercise_sheet import ExerciseSheet

SHEET = ExerciseSheet("Alice, Bob, Charlie and Diana")

SHEET.add(
    1,
    "Four people, one at a time, 1000 epochs: how many updates are that?",
    answer=4000,
    mistakes={
        1000: "That is how many epochs. How often do the weights move in one of them?",
        4: "That is one epoch. How many are there?",
    },
    hint="After each person, every weight moves. How many persons pass by in all?",
    solution="4 people · 1000 epochs = 4000 updates.",
)
SHEET.add(
    2,
    "How many numbers may training move in the network with two inputs, two hidden neurons and one output?",
    answer=9,
    mistakes={
        6: "Those are the weights. What else does each neuron add to its sum?",
        4: "How many numbers does one neuron with two inputs have, counting all?",
    },
    hint="Each of the three neurons has two inputs. What does a neuron have for each input, and what beside?",
    solution="3 neurons · (2 weights + 1 bias) = 9: w1 to w6, and b1 to b3.",
)
SHEET.add(
    3,
    "Somebody weighs 150 pounds and is 70 inches tall. With which two numbers do you ask the network?",
    answer=(15, 4),
    mistakes={
        (150, 70): ("Those are pounds and inches as they are. What happened to the network that was given these?"),
        (4, 15): "Which of the two does the network expect first? Look at the table of the four.",
    },
    hint="Alice weighs 133 pounds and is 65 inches tall, and goes in as (−2, −1).",
    solution="150 − 135 = 15 and 70 − 66 = 4. New data must be prepared as the old were.",
)
SHEET.add(
    4,
    "You train with rate 5 in the place of 0.1. What does the loss do?",
    answer="it falls further",
    choices=("it falls further", "it stays the same", "it flies apart"),
    mistakes={
        "it flies apart": "So it does in a bowl. How steep can this loss get, far out, where σ is flat?",
        "it stays the same": "Then the weights would stand still. Do they, when each step is 50 times as long?",
    },
    hint="The largest slope of σ is 0.25, and far from 0 it vanishes. What can a weight that is too large do?",
    solution="It falls further, to 0.0000255. Outputs that are squashed cannot run away, and a bold step "
    "saves time.",
)
SHEET.add(
    5,
    "Alice goes in raw, as (133, 65). All weights are 1, all biases 0. To three digits after the point, how"
    " steep is her loss in w1?",
    answer=0,
    mistakes={
        0.0215: "That is Alice less 135 and 66, as in lesson 6. What is the hidden sum now?",
        -0.0251: "That is the slope of w5 or b3. Which factor stands between h1 and w1?",
        0.25: "That is the most that σ lets through. How much is it at this sum?",
    },
    hint="Every path to w1 goes through the slope of σ at the hidden sum. How large is the sum, and how flat "
    "is σ there?",
    solution="The sum is 133 + 65 = 198, where σ is 1 to the last digit, so its slope σ(1 − σ) is 0, and so "
    "is the product.",
)
SHEET.add(
    6,
    "A hundred networks are right about all four people. Which share of them says that somebody light and "
    "tall, (−15, 8), is a woman?",
    answer=0.89,
    mistakes={
        1.0: "They agree about the four. Is anything known about somebody who is off their line?",
        0.11: "That is the share of the others. Which of the two did you count?",
    },
    hint="answers([-15, 8]) has the hundred outputs. Above which number does an output mean woman?",
    solution="(answers([-15, 8]) > 0.5).mean() is 0.89. Being right about the four has not settled it.",
)
SHEET.add(
    7,
    "Invent a fifth person who settles what height means. Train a hundred networks on the five, and ask "
    "them about (−15, 8) again. How many agree now? Whom should you ask about next?",
    answer=None,
    solution="Somebody off the line does it. With (−15, 8) as a man, about 70 of 100 networks call him a man "
    "after 1000 epochs; the others need longer. With (−2, 6) as a man, all hundred learn it, and about 80 "
    "still call (−15, 8) a woman. One person answers one question, and you chose which. The next to ask "
    "about is whoever divides the hundred most evenly.",
)

check, hint, solution = SHEET.check, SHEET.hint, SHEET.solution
