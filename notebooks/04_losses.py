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
# # 4 · Losses
#
# *Whom does each loss punish most?*
#
# **Time:** 60 minutes. **You need:** lessons 1 to 3; what a logarithm is.
#
# **You will be able to**
#
# - compute the mean squared error, the mean absolute error and both cross-entropies,
# - read their slopes, and say whom each of them punishes,
# - say why a network hands its loss logits rather than probabilities.

# %% [markdown]
# ## One large error
#
# A network is wrong about many samples at once, a little here and a lot there. Its **loss** is one number for all
# of it. Say three errors are 0.1, 1 and 10. You square them and add.
#
# *Predict:* which share of the sum belongs to the largest error: one half, nine tenths, or 99 hundredths?

# %%
errors = [0.1, 1, 10]
print("squares:  ", [round(e**2, 2) for e in errors], "sum", round(sum(e**2 for e in errors), 2))
print("distances:", errors, "sum", round(sum(errors), 1))

# %% [markdown]
# 99 hundredths: 100 of 101.01. Most people say nine tenths, and for the distances that is right: 10 of 11.1.
# Squares let one large error drown all others. Here are both rules, and their slopes below them. (`lambda e: e**2`
# is a function without a name: it takes e and returns e².)

# %%
from viz import activation_plot

activation_plot({"squared error": lambda e: e**2, "absolute error": lambda e: abs(e)}, -3, 3)

# %% [markdown]
# Read the lower half. The slope of the square grows with the error: far away it pulls hard, and near 0 it lets
# go. The slope of the distance is −1 or 1. It pulls equally hard wherever you are, and jumps at 0.

# %% [markdown]
# A data set has n samples, each with inputs $x$ and a truth $y$; the network says $\hat y$, "y hat". $\sum_i$
# adds up over all samples $i$. Averaged so, the two rules are the **mean squared error** and the **mean absolute
# error**:
#
# $$\text{MSE} = \frac{1}{n}\sum_i (\hat y_i - y_i)^2 \qquad\qquad \text{MAE} = \frac{1}{n}\sum_i |\hat y_i - y_i|$$

# %% [markdown]
# ## One answer for five numbers
#
# The truths are 1, 2, 3, 4 and 40, and your network is so small that it can say one number only, c, to all five.
#
# *Predict:* which c has the smallest MSE, and which the smallest MAE: 3, 10 or 20.5?

# %%
import nn

truths = [1, 2, 3, 4, 40]
mse, mae = nn.mean_squared_error, nn.mean_absolute_error
print("   c     MSE    MAE")
print(
    "\n".join(f"{c:4}  {mse([c] * 5, truths).data:6.2f}  {mae([c] * 5, truths).data:5.2f}" for c in (3, 10, 20.5))
)

# %%
activation_plot({"MSE ÷ 20": lambda c: mse([c] * 5, truths) / 20, "MAE": lambda c: mae([c] * 5, truths)}, 0, 42)

# %% [markdown]
# (÷ 20, so that both fit.) The MSE is smallest at 10, the **mean**; the MAE at 3, the **median**, the middle one.
# The slopes say why. Each truth pulls with
# its distance, or with one vote: at 3, two pull up and two pull down. The 40 drags the mean to where none of the
# five is.

# %% [markdown]
# Is 40 a broken sensor, or the one sample that matters? No loss knows. You choose whom it listens to.
#
# ## Which one comes to rest?
#
# One sample: the truth is 1, the network says 0.25. Descend with rate 0.4, once for each loss. *Predict:* one of
# them arrives. Does the other stop early, bounce for ever, or fly apart?

# %%
from viz import gradient_descent


def walk(loss):
    return [round(p, 4) for (p,) in gradient_descent(lambda p: loss(p, 1), (0.25,), lr=0.4, steps=5)]


print("MAE:", walk(mae), "\nMSE:", walk(mse))

# %%
from viz import loss_curve

loss_curve(
    {"MAE": [abs(p - 1) for p in walk(mae)], "MSE": [(p - 1) ** 2 for p in walk(mse)]},
    title="Loss, step by step",
    each="step",
)

# %% [markdown]
# The MAE bounces: 0.65, 1.05, 0.65, 1.05. Its slope says which way, and never how near. The MSE comes to 0.85,
# 0.97, 0.994: each step leaves a fifth of the way, because the slope shrinks with what is left. That is the other
# half of the answer to lesson 1's *why square?*

# %% [markdown]
# ## Yes or no
#
# Now the truth is yes, y = 1, and the network answers with a probability p. One says 0.5, "no idea". Another says
# 0.01, "surely not", and is wrong.
#
# *Predict:* how many times larger is the second one's squared error: 2, 4 or 100 times?

# %%
from math import log

print("   p  (1 − p)²     −ln p")
print("\n".join(f"{p:4}  {(1 - p) ** 2:8.4f}  {-log(p):8.4f}" for p in (0.99, 0.5, 0.01)))

# %% [markdown]
# Four times: 0.98 against 0.25. Many expect a hundred, since it is so much surer. But a square can never exceed 1
# here. The last column asks *how surprised am I?*: the logarithm, negated. It goes from 0.0101 to 4.605, and has
# no upper end.

# %%
activation_plot(
    {"squared": lambda p: (1 - p) ** 2, "absolute": lambda p: abs(1 - p), "cross-entropy": lambda p: -p.log()},
    0.01,
    0.99,
)

# %% [markdown]
# All four losses of this lesson are on this page, for a truth of 1. The third is called **binary cross-entropy**:
#
# $$\text{BCE} = -\big[\,y \ln p + (1-y) \ln (1-p)\,\big]$$
#
# (The fourth, for more than two classes, has the same curve; it comes below.)

# %% [markdown]
# One of its two terms is always 0: y chooses. *By hand:* the truth is 0 and p = 0.2. Which term stays, and what
# is the loss? And how steep is it for y = 1 at p = 0.01? (The slope of ln p is 1/p.)

# %%
from autograd import Value, grad, sigmoid

bce = nn.binary_cross_entropy
print("BCE of p = 0.2, y = 0:", round(bce(0.2, 0).data, 4))
print("slopes at p = 0.01, y = 1: BCE", round(grad(lambda p: bce(p, 1))(0.01), 2), end=", ")
print("square", round(grad(lambda p: mse(p, 1))(0.01), 2))

# %% [markdown]
# The second term stays: −ln 0.8 = 0.2231. And the slope is −1/p = −100, where the square has −1.98. Who is sure
# *and* wrong is punished without limit.

# %% [markdown]
# *Ask before you compare.* Network A reports a squared error of 0.25, network B a cross-entropy of 0.69.
#
# *Predict:* which one is better: A, B, or neither?

# %%
print(f"p = 0.5, y = 1:  squared error {mse(0.5, 1).data:.2f}, cross-entropy {bce(0.5, 1).data:.2f}")

# %% [markdown]
# Neither: both toss a coin. Most choose A, for a smaller loss is better, as long as it is the *same* loss. Across
# two losses, compare what the networks get right.

# %% [markdown]
# ## Through the sigmoid
#
# p comes out of a sigmoid, $\sigma(z) = 1 / (1 + e^{-z})$. What goes in, z, is the **logit**. At z = −6 the
# network is sure of "no": p ≈ 0.00247, and y is 1. *Predict:* through which loss does more flow back to z, and is
# it twice as much, 20 times or 200 times?

# %%
from viz import draw


def sure_of_no(loss):
    p = sigmoid(Value(-6.0, "z"))
    p.label, L = "p", loss(p)
    L.label = "L"
    L.backward()
    return L


draw(sure_of_no(lambda p: -p.log()), title="L = −ln p", reference=5)

# %%
draw(sure_of_no(lambda p: (1 - p) ** 2), title="L = (1 − p)²", reference=5)

# %% [markdown]
# −0.9975 against −0.00492: 203 times. A sigmoid is flat out there; its slope, 0.00247, is nearly a wall, and the
# square pushes against it with −1.995. The logarithm pushes with −404.4. Is it luck that this is as much as the
# wall takes away?

# %%
from viz import explain

explain(sure_of_no(lambda p: -p.log()), "z")

# %% [markdown]
# No luck. The sigmoid's slope is p(1 − p) (lesson 6 shows why), that of −ln p is −1/p, and the p cancels:
#
# $$\frac{dL}{dz} = -\frac{1}{p} \cdot p\,(1 - p) = p - 1, \qquad\text{for any truth}\qquad \frac{dL}{dz} = p - y$$
#
# What flows back is the error itself. Whoever is wrong is told so, however flat the sigmoid.

# %% [markdown]
# *Question:* in many books cross-entropy and the squared error "have the same slope", p − y. You have seen 203
# times. Who is right? Ask: the slope in which variable?

# %%
nudged_logit = grad(lambda z: nn.binary_cross_entropy_with_logits(z, 1))(-6.0)
nudged_output = grad(lambda o: nn.half_squared_error(o, 1))(sigmoid(-6.0))
print(round(nudged_logit, 6), round(nudged_output, 6))

# %% [markdown]
# Both. Cross-entropy has p − y in the *logit*, behind the sigmoid. The square (with the ½ of lesson 2) has it in
# its own *output*, where no sigmoid stands in between. The same number, at two places.

# %% [markdown]
# Play: drag the dot from z = −6 to 6. On the left the slope stays near −1; where is it −0.5? Further down, the
# graph and *Descend*.

# %%
from viz import page

page(sure_of_no(lambda p: -p.log()))

# %% [markdown]
# ## Three classes
#
# Cat, dog or bird? The network gives three logits, 2, 1 and 0.1, and **softmax** makes shares of them: $p_i =
# e^{z_i} / \sum_j e^{z_j}$. It is a cat. The **categorical cross-entropy** is $-\sum_i y_i \ln p_i$, where
# $y_i$ is 1 for the right class and 0 for the others: one term is left, −ln of the right class's share.

# %%
from autograd import softmax

z1, z2, z3 = Value(2.0, "z1"), Value(1.0, "z2"), Value(0.1, "z3")
shares = softmax([z1, z2, z3])
shares[0].label = "p1"
surprise = -shares[0].log()
surprise.label = "L"
draw(surprise)

# %% [markdown]
# *By hand:* $e^2 ≈ 7.389$, $e^1 ≈ 2.718$, $e^{0.1} ≈ 1.105$. Check the first share and the loss. What are the
# other two shares, and the slope in each logit? For the slopes, remember the error itself, p − y.

# %%
from viz import quiz

questions = quiz(surprise, nodes=["z1", "z2"])
questions

# %% [markdown]
# Many answer the share, 0.659. That forgets y: the right class should have had 1.

# %%
questions.answer("0.659 - 1")

# %%
surprise.backward()
draw(surprise)

# %%
explain(surprise, "z2")

# %%
print("shares:", [round(p.data, 3) for p in shares], " loss:", round(surprise.data, 3))
print("slopes:", [round(z.grad, 3) for z in (z1, z2, z3)], " sum:", round(abs(z1.grad + z2.grad + z3.grad), 12))

# %% [markdown]
# Shares 0.659, 0.242, 0.099; loss 0.417; slopes −0.341, 0.242, 0.099. They add to 0: what one class gains, the
# others lose. With two classes it is the loss that you know: for p = 0.8 both cross-entropies give 0.2231.

# %% [markdown]
# ## Softmax twice
#
# `nn.cross_entropy` takes logits and does the softmax itself. Somebody ends the network with a softmax as well.
#
# *Predict:* the network is perfect: the right one of three classes has the whole share. What is the lowest loss
# it can reach: 0, about 0.55, or 1?

# %%
activation_plot(
    {
        "softmax once": lambda z: nn.cross_entropy([z, 0.0, 0.0], 0),
        "softmax twice": lambda z: nn.cross_entropy(softmax([z, 0.0, 0.0]), 0),
    },
    -3,
    9,
)

# %% [markdown]
# 0.551, not 0: shares of 1, 0 and 0 are taken for logits, and e/(e + 2) is all that a logit of 1 buys. It still
# learns a little, which hides the mistake; the slopes are small everywhere. Our three logits cost 0.802 in place
# of 0.417.

# %% [markdown]
# *Question:* a network with **one** output ends with a softmax. Which numbers can it give?

# %%
lonely = Value(-3.0, "z")
(share,) = softmax([lonely])
share.backward()
print(share.data, abs(lonely.grad))

# %% [markdown]
# 1, and nothing else: a share of itself. Its slope is 0, so it never learns. For one output, take a sigmoid.
#
# ## Why logits?
#
# *Predict:* what does the binary cross-entropy say to p = 0 when y = 1: infinity, an error, or 100?

# %%
with_logits = nn.binary_cross_entropy_with_logits
print("from p = 0:", round(bce(0.0, 1).data, 3), " from z = −40:", round(with_logits(-40.0, 1).data, 3))

# %%
activation_plot(
    {"from σ(z)": lambda z: bce(sigmoid(z), 1), "from the logit z": lambda z: with_logits(z, 1)}, -150, 20
)

# %% [markdown]
# 100: the library stops there, since a probability of 0 would cost infinitely much. Beyond z = −100 the blue loss
# is flat, and nothing is learned. From the logit −40 comes 40, and the slope stays −1: no probability has to be
# written down on the way. So networks end with logits, and the loss does the rest.

# %% [markdown]
# ## Could calculus do it at once?
#
# The lowest point is where every slope is 0. For the receipts of lesson 3 that is three equations with three
# unknowns. How each slope changes with each weight (`hessian`) gives the nine coefficients. *Predict:* how many
# are needed for a million weights?

# %%
import numpy as np

from autograd import hessian

receipts = nn.data.linear_relationship()


def cost(w1, w2, w3):
    return mse([w1 * a + w2 * b + w3 * c for (a, b, c), _ in receipts], [paid for _, paid in receipts])


# %%
coefficients = np.array(hessian(cost)(0.0, 0.0, 0.0))
at_zero = np.array(grad(cost, [0, 1, 2])(0.0, 0.0, 0.0))
print(np.round(coefficients, 1), "\nweights:", np.round(np.linalg.solve(coefficients, -at_zero), 6))

# %% [markdown]
# The three prices, at one stroke. But a million weights make a million times a million coefficients; and with a
# sigmoid on the way, slopes are no straight lines, and nobody can solve for 0. So we walk: lesson 5.

# %% tags=["assert"]
import math

assert sum(e**2 for e in errors) == 101.01
assert round(100 / 101.01, 2) == 0.99
assert [mse([c] * 5, truths).data for c in (3, 10, 20.5)] == [275, 226, 336.25]
assert [round(mae([c] * 5, truths).data, 6) for c in (3, 10, 20.5)] == [8.2, 12, 18.3]
assert min(range(41), key=lambda c: mse([c] * 5, truths).data) == 10
assert min(range(41), key=lambda c: mae([c] * 5, truths).data) == 3
assert walk(mae)[1:5] == [0.65, 1.05, 0.65, 1.05]
assert np.allclose(walk(mse)[1:4], [0.85, 0.97, 0.994])
assert np.allclose([(1 - p) ** 2 for p in (0.99, 0.5, 0.01)], [0.0001, 0.25, 0.98], atol=5e-4)
assert np.allclose([-log(p) for p in (0.99, 0.5, 0.01, 0.1)], [0.0101, 0.693, 4.605, 2.303], atol=5e-4)
assert round(bce(0.2, 0).data, 4) == round(-log(0.8), 4) == 0.2231
assert np.isclose(grad(lambda p: bce(p, 1))(0.01), -100)
assert np.isclose(grad(lambda p: mse(p, 1))(0.01), -1.98)

# %% tags=["assert"]
assert round(sigmoid(-6.0), 5) == round(grad(sigmoid)(-6.0), 5) == 0.00247
assert round(grad(lambda z: bce(sigmoid(z), 1.0))(-6.0), 4) == -0.9975
assert round(grad(lambda z: mse(sigmoid(z), 1.0))(-6.0), 5) == -0.00492
assert round(grad(lambda z: bce(sigmoid(z), 1.0))(-6.0) / grad(lambda z: mse(sigmoid(z), 1.0))(-6.0)) == 203
assert round(grad(lambda p: mse(p, 1))(sigmoid(-6.0)), 3) == round(2 * (sigmoid(-6.0) - 1), 3) == -1.995
assert round(-1 / sigmoid(-6.0), 1) == -404.4
assert np.isclose(nudged_logit, sigmoid(-6.0) - 1)
assert np.isclose(nudged_output, sigmoid(-6.0) - 1)
assert grad(lambda z: with_logits(z, 1))(0.0) == -0.5
assert [round(math.exp(z), 3) for z in (2, 1, 0.1)] == [7.389, 2.718, 1.105]
assert [round(p.data, 3) for p in shares] == [0.659, 0.242, 0.099]
assert [round(z.grad, 3) for z in (z1, z2, z3)] == [-0.341, 0.242, 0.099]
assert round(surprise.data, 3) == round(nn.cross_entropy([2.0, 1.0, 0.1], 0).data, 3) == 0.417
assert round(bce(0.8, 1.0).data, 4) == round(nn.categorical_cross_entropy([0.2, 0.8], 1).data, 4) == 0.2231

# %% tags=["assert"]
assert round(nn.cross_entropy([1.0, 0.0, 0.0], 0).data, 3) == round(-log(math.e / (math.e + 2)), 3) == 0.551
assert round(nn.cross_entropy(softmax([2.0, 1.0, 0.1]), 0).data, 3) == 0.802
assert [softmax([z])[0] for z in (-3.0, 0.0, 700.0)] == [1, 1, 1]
assert lonely.grad == 0
assert np.isclose(bce(0.0, 1.0).data, 100)
assert np.isclose(with_logits(-40.0, 1.0).data, 40)
assert grad(lambda z: bce(sigmoid(z), 1.0))(-140.0) == 0
assert np.isclose(grad(lambda z: with_logits(z, 1.0))(-140.0), -1)
assert np.allclose(np.linalg.solve(coefficients, -at_zero), [0.5, 0.9, 1.2])

# %% [markdown]
# ## Exercises
#
# Write your answer in the place of the dots. Wrong answers are good for a question back; `hint(1)` gives a push,
# and `solution(1)` opens after two tries.

# %%
from viz.course.lesson_4 import check, hint, solution

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

# %% tags=["assert"]
assert [round(-log(p), 3) for p in (0.1, 0.9)] == [2.303, 0.105]
assert [check(1, answer).right for answer in (-log(0.1), -log(0.9), 1.0, 0.81)] == [True, False, False, False]
assert np.isclose(grad(lambda z: with_logits(z, 1))(log(0.1 / 0.9)), -0.9)
assert np.isclose(grad(lambda z: mse(sigmoid(z), 1))(log(0.1 / 0.9)), -0.162)
assert [check(2, answer).right for answer in (-0.9, -10, -0.162)] == [True, False, False]
assert round(-log(shares[1].data), 3) == 1.417
assert [check(3, answer).right for answer in (-log(shares[0].data), 0.802, 1.417)] == [True, False, False]
assert [check(4, answer).right for answer in (3, 10, 20.5)] == [True, False, False]
assert check(5, grad(lambda z: mse(sigmoid(z), 1))(-6.0)).right
assert not check(5, -1.995).right
assert not check(6, 1).right

# %% [markdown]
# ## Go on
#
# In a terminal, or in a cell with `!` before them:
#
# - `glassgrad page "L = -log(sigmoid(z))" z=-6` is the page of this lesson in your browser.
# - `glassgrad worksheet "L = -log(sigmoid(w*x + b))" --seed 1` is for a pencil; another seed gives other numbers.
# - Next: [descent in two variables](05_descent_in_two_variables.ipynb), the way down to all these lowest points.
