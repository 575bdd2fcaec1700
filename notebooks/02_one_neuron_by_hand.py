# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2 · One neuron by hand
#
# *How does a neuron share the blame among its weights?*
#
# **Time:** 60 minutes. **You need:** lesson 1.
#
# **You will be able to**
#
# - run a neuron forward and back with a pencil,
# - say what the hidden ½ does,
# - average over samples,
# - count updates and epochs.

# %% [markdown]
# ## A neuron
#
# In lesson 1 you multiplied counts by prices and added up. That *is* a neuron, the smallest part of a neural
# network: *inputs*, a *weight* for each, one *output*. (Nerve cells add up what comes in, too.)

# %% [markdown]
# What a neuron does to its sum before it hands it on is its *activation*. Many neurons bend it; you will meet
# them in lesson 6. This one does nothing, $f(x) = x$: the *identity*.

# %% [markdown]
# The inputs are 0.1 and 0.8, the weights 0.3 and 0.9. Expected is the output 0.4.
#
# *By hand*, before you run the cell: which output does the neuron give? The *error* is output − expected. How
# large is it? (In lesson 1 the difference was the other way round. Its square does not care.)

# %%
from viz import EXAMPLES, draw

L = EXAMPLES["neuron"].build()
draw(L)

# %% [markdown]
# 0.1 · 0.3 + 0.8 · 0.9 = 0.03 + 0.72 = 0.75, so the error is 0.35. Going from the inputs to the output is called
# *feedforward*.
#
# The picture goes on to $L = \frac12 \cdot \text{error}^2$, the *loss*. You know why it is squared. What the ½ is
# for, you will see. A bold border says: this number may be learned.

# %% [markdown]
# ## Who is to blame?
#
# The output is 0.35 too large, so the weights should change. But which one more?
#
# *Predict:* $w_1$ is 0.3 and has the input 0.1; $w_2$ is 0.9 and has the input 0.8. Should $w_2$ change as much
# as $w_1$, 3 times as much, or 8 times? Why?

# %%
from viz import activation_plot


def when_w1(change):
    return 0.5 * ((0.3 + change) * 0.1 + 0.9 * 0.8 - 0.4) ** 2


def when_w2(change):
    return 0.5 * (0.3 * 0.1 + (0.9 + change) * 0.8 - 0.4) ** 2


activation_plot({"w1 changes": when_w1, "w2 changes": when_w2}, -1, 1)

# %% [markdown]
# Above is the loss, below its slope. Look at change 0: there the dashed slope, that of $w_2$, is 8 times the
# other.
#
# Many say 3 times, for 0.9 is three times 0.3: "the bigger weight is to blame". But a weight is multiplied by its
# *input*, and 0.8 is eight times 0.1. Soon you will test that.

# %% [markdown]
# ## From right to left
#
# How fast does the loss change when $w_1$ changes? Between them lie three links. Begin at the end:
#
# | link | a little more of ... | gives so many times as much ... |
# |---|---|---|
# | 1 | error | loss: 0.35 |
# | 2 | output | error: 1 |
# | 3 | $w_1$ | output: 0.1 |

# %% [markdown]
# Link 1: the slope of error² is 2 · error, as in lesson 1. *Half* of error² has half that slope: the error
# itself, 0.35. That is what the ½ is for: it takes away the 2.
#
# Link 2: the error is the output minus something fixed. Link 3: $w_1$ is multiplied by the input 0.1.

# %% [markdown]
# If your bicycle is 3 times as fast as a walker, and a train is 5 times as fast as your bicycle, the train is 15
# times as fast as the walker: one multiplies. So too here. This is the *chain rule*:
#
# $$\frac{dL}{dw_1} = 0.35 \cdot 1 \cdot 0.1 = 0.035$$
#
# *By hand:* and for $w_2$?

# %%
from viz import quiz

q = quiz(L, nodes=["w2"])
q

# %% [markdown]
# (dL/dw2 is the slope of L when only $w_2$ changes.) Put your answer into `q.answer("...")`. To see how a wrong
# one is taken, here are two that people give:

# %%
print(q.answer("0.56"))
print(q.answer("0.315"))

# %% [markdown]
# The first took error² instead of half of it. The second multiplied by the weight in the place of the input. (To
# *differentiate* is to find a slope.)
#
# `backward()` walks the same way, and fills in every slope. What stands below $w_1$ and $w_2$?

# %%
L.backward()
draw(L)

# %% [markdown]
# 0.035 and 0.28. Read it from right to left: 0.35 arrives at the error, passes the output unchanged, and is
# multiplied by each input. The lines are as wide as what flows: narrow to $w_1$, wide to $w_2$. So a neuron
# *shares the blame*. This walk is called *backpropagation*.
#
# (Inputs have slopes as well, but are data: nobody changes them.)

# %% [markdown]
# The same chain as `explain` writes it. Read derror/doutput as "how fast the error grows with the output".

# %%
from viz import explain

explain(L, "w2")

# %% [markdown]
# The article "Training networks" calls 0.035 and 0.28 the *deltas* of the weights, with the Greek letter δ,
# delta:
#
# $$\delta = \text{error} \cdot 1 \cdot \text{input}$$
#
# The 1 is the slope of $f(x) = x$. The article never says of which loss these are the slopes. Now you know: of
# *half* the squared error. From error² without the half they would be 0.07 and 0.56.

# %% [markdown]
# ## Step by step
#
# In the picture, each step of the walk is one multiplication. What arrives at a box from the right is called
# *upstream*; the link from there to the next box is the *local derivative*. Here is the step that reaches $w_2$:

# %%
from viz import step

step(L, at=15)

# %% [markdown]
# (The round ∂ says that all other numbers rest meanwhile. A slope begins at 0, and what arrives is added.)
#
# Take the whole walk yourself. Press the first button below the picture, which goes back to the start. Then press
# the right arrow key again and again, and say each number before you see it: first forward, then back.

# %%
from viz import page

page(L, title="One neuron, by hand", lr=1.0)

# %% [markdown]
# ## One update
# Change the weights as you did in lesson 1: weight − rate · delta. Take the rate 1. *By hand:* the new weights?
# The new output? The new error?
#
# The whole program is three functions:


# %%
def feedforward(weights, inputs):
    return sum(w * x for w, x in zip(weights, inputs))


def deltas(weights, inputs, expected):
    error = feedforward(weights, inputs) - expected
    return [error * x for x in inputs]


def learn(weights, inputs, expected, rate):
    return [w - rate * d for w, d in zip(weights, deltas(weights, inputs, expected))]


# %%
after = learn([0.3, 0.9], [0.1, 0.8], 0.4, rate=1)
print([round(w, 4) for w in after])

# %%
draw(EXAMPLES["neuron"].build(w1=0.265, w2=0.62))

# %% [markdown]
# The weights are 0.265 and 0.62, the output is 0.5225, and the error only 0.1225. It was 0.35. Such a change of
# the weights is an *update*.
#
# The article has a misprint here: for the second weight it prints $w_2 - \delta(w_1)$. That would be 0.9 − 0.035
# = 0.865. Its result, 0.62, is right: 0.9 − 0.28.

# %% [markdown]
# And the bigger weight? Swap the weights: 0.9 for the input 0.1, and 0.3 for the input 0.8.
#
# *Predict:* which of the two has the larger delta now, and how many times?

# %%
swapped = EXAMPLES["neuron"].build(w1=0.9, w2=0.3)
swapped.backward()
draw(swapped)

# %% [markdown]
# Still the second one, still 8 times: −0.007 and −0.056. The output is 0.33, a little too small, so both deltas
# are below 0, and subtracting them makes the weights larger. The inputs decide who gets how much of the blame,
# not the weights.

# %% [markdown]
# ## Again and again
#
# The error was 0.35, then 0.1225. Do the same again: with the new weights forward, back, and an update.
#
# *Predict* the third error. (0.35 · 0.35 is 0.1225, if that helps.)


# %%
def errors(rate, updates, inputs=(0.1, 0.8), weights=(0.3, 0.9)):
    found = []
    for _ in range(updates):
        found.append(feedforward(weights, inputs) - 0.4)
        weights = learn(weights, inputs, 0.4, rate)
    return found


print([round(e, 8) for e in errors(1, 5)])

# %% [markdown]
# 0.042875. Most people say 0.0150, and that was sensible: if 0.35 became its square, why should 0.1225 not become
# its own? But it did not become its square. It was multiplied by 0.35, as it is now, and as it will be. Where
# does that 0.35 come from?

# %% [markdown]
# An update takes error · input from each weight. Running forward multiplies that by the input once more. So the
# output falls by error · (0.1² + 0.8²) = 0.65 · error, and 0.35 of the error stays. In general:
#
# $$\text{error} \leftarrow \bigl(1 - \text{rate} \cdot (x_1^2 + x_2^2)\bigr) \cdot \text{error}$$
#
# That the first error is 0.35 as well is chance.

# %% [markdown]
# The article repeats this "100 or a million" times, until the error is 0, and calls each repeat an *epoch*.
#
# *Predict:* does the error ever become exactly 0? Never, after some dozens of updates, or after some thousands?

# %%
from viz import loss_curve

loss_curve([e * e / 2 for e in errors(1, 40)], log=True, each="update")

# %% [markdown]
# The axis is *logarithmic*: equal steps down are equal factors, so the same factor again and again makes a
# straight line. ($10^{-2}$ is 0.01, $10^{-4}$ is 0.0001.)

# %% [markdown]
# Such an axis has no place for 0, and so the line ends: after 35 updates the error, and
# with it the loss, is exactly 0.
#
# On paper it never is. But a computer keeps about 16 digits of a number, and then no difference is left.

# %% [markdown]
# ## Bold and timid rates
#
# The article proposes the learning rates 0.1, 0.05 and 0.01. (Its formula for them has lost a piece: "weight −".)
#
# *Predict:* at rate 1 it takes 4 updates until the error is at most 0.01. At rate 0.1: 8, 40 or 53?
#
# Go back to the page, scroll down to *Descend*, and try rates. Which one makes the error grow?


# %%
def updates_until_small(rate):
    for number, e in enumerate(errors(rate, 1000)):
        if abs(e) <= 0.01:
            return number
    return "never"


for rate in (1, 0.1, 0.05, 0.01, 1.538, 3.2):
    print(f"rate {rate:<6} factor {1 - 0.65 * rate:7.4f}   updates: {updates_until_small(rate)}")

# %% [markdown]
# It is 53. Most people say 40: a tenth of the rate, ten times the updates. From 0.1 to 0.01 nearly so, 53 and
# 546; but at rate 1 four are enough. At 1.538 the factor is almost 0: one update. At 3.2 it is −1.08: from side
# to side, farther each time.
#
# The losses of the first four:

# %%
loss_curve(
    {f"rate {r}": [e * e / 2 for e in errors(r, 60)] for r in (1, 0.1, 0.05, 0.01)},
    log=True,
    each="update",
)

# %% [markdown]
# Four straight lines, as each rate has its own factor. The bold one wins until it runs out of digits.
#
# So why should anybody want a small rate? You will meet two reasons.

# %% [markdown]
# ## A bias
#
# Now both inputs are 0, and 0.4 is expected. *Predict:* which weights give that?

# %%
for pair in ((0.3, 0.9), (100, -7)):
    print("weights", pair, "output", feedforward(pair, (0, 0)))

# %% [markdown]
# None: 0 times anything is 0. And the deltas are error · 0, so nothing is learned either.
#
# So a neuron has one number more, the *bias*, which is added to the sum: $w_1 x_1 + w_2 x_2 + b$. It needs no
# rule of its own: it is a weight whose input is always 1. (`parse` makes Values of a formula.)

# %%
from viz import parse

formula = parse("output = w1*x1 + w2*x2 + b*one; error = output - expected; L = 0.5*error**2")
with_bias = formula.evaluate({"w1": 0.3, "x1": 0.1, "w2": 0.9, "x2": 0.8, "b": 0, "one": 1, "expected": 0.4})
with_bias.backward()
draw(with_bias)

# %% [markdown]
# The delta of the bias is error · 1 = 0.35: it has the largest input of all.
#
# *Predict:* the rate is 1 again, the bias begins at 0. Without a bias the errors were 0.35, 0.1225, 0.042875.
# With it: do they fall faster, slower, or differently?

# %%
print([round(e, 6) for e in errors(1, 5, inputs=(0.1, 0.8, 1), weights=(0.3, 0.9, 0))])

# %% [markdown]
# Differently: 0.35, −0.2275, 0.147875. The error jumps from side to side. There are three inputs to square now,
# 0.1² + 0.8² + 1² = 1.65, and the factor is 1 − 1.65 = −0.65. One more input made the *same* rate bolder. That is
# the first reason for small rates.

# %% [markdown]
# ## A second sample
#
# One sample cannot teach much (remember the receipt). Here is another, ours: inputs 0.5 and 0.4, expected 0.9.
# The weights are 0.3 and 0.9 again.
#
# *By hand:* output, error, and both deltas. Then compare with the first sample's deltas, 0.035 and 0.28.

# %%
samples = [([0.1, 0.8], 0.4), ([0.5, 0.4], 0.9)]
for xs, wanted in samples:
    out = feedforward([0.3, 0.9], xs)
    print(
        f"output {out:.2f}  error {out - wanted:5.2f}  deltas",
        [round(d, 4) for d in deltas([0.3, 0.9], xs, wanted)],
    )

# %% [markdown]
# The error is −0.39, the deltas are −0.195 and −0.156. The samples disagree: the first wants smaller weights, the
# second larger ones. Who is right? Both. So take the *mean* of the deltas, weight by weight.
#
# *By hand:* the two means? Then look below $w_1$ and $w_2$, where the loss is the mean of both losses:

# %%
from autograd import Value

w1, w2 = Value(0.3, "w1"), Value(0.9, "w2")
first, other = w1 * 0.1 + w2 * 0.8 - 0.4, w1 * 0.5 + w2 * 0.4 - 0.9
mean_loss = (0.5 * first**2 + 0.5 * other**2) / 2
mean_loss.label = "mean loss"
mean_loss.backward()
draw(mean_loss)

# %% [markdown]
# (A wide picture goes on in a second row.) −0.08 and 0.062: each weight is used twice, once for each sample, and
# what flows back to it along both ways is added.
#
# *By hand:* the new weights at rate 1. *Predict:* do both errors become smaller? As fast as the first one did
# alone?


# %%
def learn_from_all(weights, batch, rate):
    lists = [deltas(weights, inputs, expected) for inputs, expected in batch]
    return [w - rate * sum(column) / len(batch) for w, column in zip(weights, zip(*lists))]


both = learn_from_all([0.3, 0.9], samples, rate=1)
print("weights", [round(w, 4) for w in both])
print("errors", [round(feedforward(both, inputs) - expected, 4) for inputs, expected in samples])

# %% [markdown]
# The weights are 0.38 and 0.838. Both errors shrink, but little: from 0.35 to 0.3084, and from −0.39 to −0.3748.
# Alone, the first would be 0.1225 now, and the second would have grown: what is good for one sample spoils
# another. That is the second reason for small steps, and for means.

# %% [markdown]
# ## Five words
#
# | word | what it is | here |
# |---|---|---|
# | *sample* | inputs, and what is expected | 2 of them |
# | *batch* | the samples whose deltas are averaged for one update | both |
# | *update* | the weights change once | 1 |
# | *epoch* | every sample was used once | 1 |
# | *mini-batch* | a batch of some, not all, samples | |

# %% [markdown]
# "An epoch is an update", many say; and the article calls repeated steps epochs. That holds while there is one
# sample, or while a batch has all samples.
#
# *Predict:* 100 samples. How many updates has one epoch with batches of 100, of 10, of 1? And how often does the
# neuron run forward?

# %% [markdown]
# | batch | updates in an epoch | forward and back |
# |---|---|---|
# | 100 | 1 | 100 times |
# | 10 | 10 | 100 times |
# | 1 | 100 | 100 times |
#
# An epoch costs the same with any batch. A mini-batch saves *memory* (only its samples are there at a time) and
# buys *more updates* for the same work. The article says that it saves time; in this sense it does.

# %% [markdown]
# See what more updates do. `nn.fit` is your loop, for any network. One detail: its loss is the mean of error²,
# *without* the half, so all slopes are twice yours, and rate 0.5 does what your 1 did. After one epoch with both
# samples in one batch:

# %%
import nn

data = nn.Dataset([[0.1, 0.8], [0.5, 0.4]], [0.4, 0.9], "two samples")


def train(epochs, batch_size):
    neuron = nn.Neuron(2, "identity", bias=False, weights=[0.3, 0.9])
    run = nn.fit(neuron, data, optimizer=nn.SGD(0.5), epochs=epochs, batch_size=batch_size, progress=False)
    return [round(p.data, 4) for p in neuron.parameters()], run.loss


print(train(1, batch_size="full")[0])

# %% [markdown]
# 0.38 and 0.838, as by hand. (`SGD` is the update that you know: weight − rate · slope.)
#
# Now 40 epochs. *Predict:* which is nearer to 0 in the end, one update an epoch with both samples, or two with
# one each?

# %%
loss_curve(
    {"one batch of both": train(40, "full")[1], "one sample at a time": train(40, 1)[1]},
    log=True,
)

# %% [markdown]
# One at a time, by far: twice as many updates for the same work. After 400 epochs both are at the weights 1.5556
# and 0.3056, which fit both samples. (One at a time, each update undoes a part of the one before. Lesson 5 shows
# when that hurts.)

# %% [markdown]
# ## What you know now
#
# **Forward:** multiply, add. **Back:** multiply the links from right to left; a weight's slope is error · 1 ·
# input. **Update:** weight − rate · slope. The **½** takes the 2 of the square away. A **bias** is a weight on
# the constant 1. Several samples: take the **mean**. An **update** changes the weights once, an **epoch** uses
# every sample once.

# %% tags=["assert"]
import numpy as np

from autograd import topological_order


def near(computed, written, digits=9):
    """What is computed is what is written, when rounded to so many decimals."""
    return np.all(np.abs(np.asarray(computed) - np.asarray(written)) <= 0.5001 * 10.0**-digits)


def node(loss, label):
    return next(one for one in topological_order(loss) if one.label == label)


# By hand
assert near([node(L, name).data for name in ("output", "error", "L")], [0.75, 0.35, 0.06125])
assert near([0.1 * 0.3, 0.8 * 0.9], [0.03, 0.72])
assert near([node(L, "w1").grad, node(L, "w2").grad], [0.035, 0.28]) and near(
    deltas([0.3, 0.9], [0.1, 0.8], 0.4), [0.035, 0.28]
)
assert (
    near([2 * 0.35 * 0.1, 2 * 0.35 * 0.8], [0.07, 0.56])
    and near(0.35 * 0.9, 0.315)
    and near(node(L, "x2").grad, 0.315)
)
assert near(after, [0.265, 0.62]) and near(0.9 - 0.035, 0.865)
assert near(feedforward(after, [0.1, 0.8]), 0.5225) and near(feedforward(after, [0.1, 0.8]) - 0.4, 0.1225)
assert near(feedforward([0.9, 0.3], [0.1, 0.8]), 0.33) and near(
    deltas([0.9, 0.3], [0.1, 0.8], 0.4), [-0.007, -0.056]
)

# %% tags=["assert"]
# Again and again, rates, bias
assert (
    near(errors(1, 4), [0.35, 0.1225, 0.042875, 0.01500625])
    and near(0.1225**2, 0.0150, 4)
    and near(0.35**2, 0.1225)
)
assert near([0.4 + e for e in errors(1, 4)], [0.75, 0.5225, 0.442875, 0.41500625])
assert near(1 - 0.1**2 - 0.8**2, 0.35) and near(0.1**2 + 0.8**2, 0.65)
assert errors(1, 100).index(0.0) == 35 and set(errors(1, 100)[35:]) == {0.0}
assert [updates_until_small(r) for r in (1, 0.1, 0.05, 0.01, 1.538, 3.2)] == [4, 53, 108, 546, 1, "never"]
assert near([1 - 0.65 * r for r in (0.1, 3.2)], [0.935, -1.08]) and near(53 / 4, 13, 0)
assert near(errors(1, 3, (0.1, 0.8, 1), (0.3, 0.9, 0)), [0.35, -0.2275, 0.147875]) and near(1 - 1.65, -0.65)
assert near(0.1**2 + 0.8**2 + 1**2, 1.65) and near(node(with_bias, "b").grad, 0.35)

# %% tags=["assert"]
# Two samples
assert abs(feedforward(after, [0.5, 0.4]) - 0.9) > 0.39 and [len(range(0, 100, n)) for n in (100, 10, 1)] == [
    1,
    10,
    100,
]
second = deltas([0.3, 0.9], *samples[1])
assert (
    near(feedforward([0.3, 0.9], [0.5, 0.4]), 0.51) and near(0.51 - 0.9, -0.39) and near(second, [-0.195, -0.156])
)
assert (
    near(np.mean([[0.035, 0.28], second], 0), [-0.08, 0.062])
    and near([w1.grad, w2.grad], [-0.08, 0.062])
    and near(both, [0.38, 0.838])
)
assert near([feedforward(both, inputs) - expected for inputs, expected in samples], [0.3084, -0.3748])
assert train(1, "full")[0] == [0.38, 0.838] and train(400, "full")[0] == train(400, 1)[0] == [1.5556, 0.3056]
assert train(40, 1)[1][-1] < train(40, "full")[1][-1] / 100

# %% [markdown]
# ## Exercises
#
# Put your answer in the place of the dots, and run the cell. `hint(1)` gives a push, and `solution(1)` opens
# after two tries. The first five are the neuron of this lesson: inputs 0.1 and 0.8, weights 0.3 and 0.9, expected
# 0.4.

# %%
from viz.course.lesson_2 import check, hint, solution

# %%
check(1, ...)

# %%
check(2, ...)

# %%
check(3, ...)

# %%
check(4, ...)

# %%
check(5, ...)

# %%
check(6, ...)

# %%
check(7, ...)

# %% tags=["assert"]
from viz.course.lesson_2 import SHEET


def answer(number):
    return SHEET.exercises[number].answer


def wrong(number):
    return [one[0] for one in SHEET.exercises[number].mistakes]


assert near(answer(1), node(L, "w2").grad) and near(wrong(1), [2 * 0.35 * 0.8, 0.35 * 0.9, 0.35 * 0.1])
assert near(answer(2), after[1]) and near(wrong(2), [0.9 - 0.035, 0.9 + 0.28, 0.9 - 0.56])
assert near(answer(3), learn([0.3, 0.9], [0.1, 0.8], 0.4, 0.1)[1]) and near(
    wrong(3), [after[1], 0.1 * 0.28, 0.9 + 0.028]
)
assert near(answer(4), 0.4 + errors(1, 4)[3]) and near(wrong(4), [0.4 + 0.35**8, errors(1, 4)[3], 0.442875], 8)
assert near(answer(5), np.mean([0.035, -0.195])) and near(wrong(5), [0.035 - 0.195, (0.035 + 0.195) / 2])
assert answer(6) == (-(-7 // 3) * 10,) and wrong(6) == [7 // 3 * 10, 7 * 10, -(-7 // 3), 10]
assert abs(errors(1, 9, (1.0, 1.1))[-1]) > abs(errors(1, 9, (1.0, 1.1))[0])

# %% [markdown]
# ## Go on
#
# The page of this lesson, and two worksheets for a pencil, each with other numbers (in a terminal, or in a cell
# with `!` before them):
#
# ```
# glassgrad page neuron -o neuron.html
# glassgrad worksheet neuron --seed 1 -o neuron-1.html
# glassgrad worksheet neuron --seed 2 -o neuron-2.html
# ```
#
# Next: [3 · Three weights found by descent](03_three_weights_found_by_descent.ipynb). Five receipts, and the
# slopes of all of them: can they find the prices?
