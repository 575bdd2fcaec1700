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
# # 6 · Alice by hand
#
# *How does a weight deep inside know its share?*
#
# **Time:** 75 minutes. **You need:** lesson 2; the sigmoid σ, which squashes any number into 0 to 1; a pencil.
#
# **You will be able to**
#
# - walk from a loss back to a weight deep inside, and multiply what you meet,
# - derive that σ′ is σ(1 − σ),
# - explain why the third digit of a product may be wrong,
# - say how far a slope can be trusted.

# %% [markdown]
# ## One person, nine numbers
#
# Alice weighs 133 pounds and is 65 inches tall. A network is told how far that is from 135 and 66, so $x_1 = -2$
# and $x_2 = -1$. It should answer 1, which stands for *female*. All six weights are 1, all three biases 0.

# %%
from viz import EXAMPLES, draw

L = EXAMPLES["alice"].build()
draw(L)

# %% [markdown]
# Read from left to right. Each frame is a neuron: it adds up what comes in, and σ squashes the sum. Both hidden
# neurons say 0.0474, the last one says $o_1$ = 0.524, and the loss $L$ is 0.227. For one person the *mean*
# squared error is one squared error:
#
# $$L(w_1, w_2, w_3, w_4, w_5, w_6, b_1, b_2, b_3) = (1 - o_1)^2$$

# %% tags=["assert"]
import numpy as np

import autograd as _autograd

assert len(_autograd.topological_order(L)) == 26 and len(_autograd.trace(L).backward) == 27
_node = {node.label: node for node in _autograd.topological_order(L) if node.label}
assert (133 - 135, 65 - 66) == (-2, -1)
assert [round(_node[name].data, 4) for name in ("h1", "h2", "o1", "L")] == [0.0474, 0.0474, 0.5237, 0.2269]
assert (round(_node["h1"].data, 10), round(_node["o1"].data, 10)) == (0.0474258732, 0.5236951741)

# %% [markdown]
# *Predict:* $w_1$ goes up a little, from 1 to 1.01. Does $L$ rise, fall, or stay? Write it down, with one reason.

# %%
moved = EXAMPLES["alice"].build(w1=1.01)
print(f"w1 = 1     L = {L.data:.6f}")
print(f"w1 = 1.01  L = {moved.data:.6f}")

# %% [markdown]
# It rises. Most people say that it falls: the answer 0.524 should go up to 1, and more weight gives more. But
# $w_1$ multiplies $x_1 = -2$. More of it pulls $h_1$ *down*, and $o_1$ with it, away from 1.
#
# How much it rises per unit of $w_1$ is the slope that we are after.

# %% [markdown]
# ## Three links
#
# $w_1$ does not touch $L$. It moves $h_1$; that moves $o_1$; that moves $L$. Each link passes a nudge on, larger
# or smaller, and three links in a row *multiply*:
#
# $$\frac{dL}{dw_1} = \frac{dL}{do_1} \cdot \frac{do_1}{dh_1} \cdot \frac{dh_1}{dw_1}$$

# %% [markdown]
# Now each link in symbols, from its own line of the network.
#
# $$L = (1 - o_1)^2 \qquad \frac{dL}{do_1} = -2\,(1 - o_1)$$
#
# $$o_1 = \sigma(w_5 h_1 + w_6 h_2 + b_3) \qquad \frac{do_1}{dh_1} = w_5 \cdot \sigma'(w_5 h_1 + w_6 h_2 + b_3)$$
#
# $$h_1 = \sigma(w_1 x_1 + w_2 x_2 + b_1) \qquad \frac{dh_1}{dw_1} = x_1 \cdot \sigma'(w_1 x_1 + w_2 x_2 + b_1)$$

# %% [markdown]
# One thing is missing: σ′, the slope of σ.
#
# *Predict:* where is the curve of σ steepest, and how steep is it there: 1, 1/2 or 1/4?

# %%
from viz.plots import activation_plot

activation_plot("sigmoid")

# %% [markdown]
# At 0, and 1/4: the dashed line is the slope, and its top is 0.25. Many say 1, as the curve looks steep; but one
# unit to the right is drawn shorter than one up.
#
# So a sigmoid lets at most a quarter of a nudge through. At −3, where Alice's hidden neurons are, it is
# much less.

# %% [markdown]
# Where does that curve come from? With $\sigma(z) = 1/(1 + e^{-z})$:
#
# $$\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}}
# = \sigma(z)\,\bigl(1 - \sigma(z)\bigr)$$
#
# The last step is $1 - \sigma(z) = e^{-z}/(1 + e^{-z})$: put both sides over one denominator, and see.

# %% [markdown]
# Does the formula hold? *Predict* σ′ at −3 from $h_1 = \sigma(-3) = 0.0474$, with a pencil. Then nudge:

# %%
from autograd import sigmoid

h1, nudge = sigmoid(-3.0), 0.0001
print(f"by the formula: {h1 * (1 - h1):.6f}")
print(f"by a nudge:     {(sigmoid(-3.0 + nudge) - sigmoid(-3.0)) / nudge:.6f}")

# %% tags=["assert"]
assert round(h1 * (1 - h1), 4) == 0.0452 < 1 / 20
assert round((sigmoid(-3.0 + nudge) - sigmoid(-3.0)) / nudge, 4) == 0.0452

# %% [markdown]
# 0.0452, less than a twentieth.
#
# ## Input or output?
#
# The formula σ(1 − σ) wants the *output* of σ. Other rules are alike: the slope of $e^x$ is $e^x$.
#
# *Predict:* nudge the exponential at 2. Is its slope 2 or 7.39?

# %%
from autograd import exp
from viz.plots import slope_plot

slope_plot(lambda x: exp(x), at=2.0, low=0.0, high=3.0)

# %% [markdown]
# 7.39, the output. People mix the two up sooner or later, for both numbers are at hand.
#
# For $o_1$ the input is 0.0949, and somebody takes 0.0949 · (1 − 0.0949) for σ′. Give that to the quiz; an answer
# may be a calculation, with the names of the graph:

# %%
from viz import quiz

asked = quiz(L, nodes=["w1"])
asked.answer("-2*(1-o1) * 0.0949*(1-0.0949) * x1*h1*(1-h1)")

# %% tags=["assert"]
assert round((exp(2 + nudge) - exp(2.0)) / nudge, 2) == 7.39
_input = 2 * _node["h1"].data
assert round(_input, 4) == 0.0949
_wrong = quiz(L, nodes=["w1"]).answer("-2*(1-o1) * 0.0949*(1-0.0949) * x1*h1*(1-h1)")
assert (_wrong.right, _wrong.diagnosis) == (False, "pre_activation") and "o1 = σ(" in _wrong.message

# %% [markdown]
# ## On paper
#
# Take a pencil, and round to three digits as you go: $h_1$ = 0.0474, $o_1$ = 0.524.
#
# | link | formula | your number |
# |---|---|---|
# | $dL/do_1$ | $-2(1 - o_1)$ | |
# | $do_1/dh_1$ | $w_5 \cdot o_1(1 - o_1)$ | |
# | $dh_1/dw_1$ | $x_1 \cdot h_1(1 - h_1)$ | |
#
# Multiply the three. *Predict:* is the third digit of your product right?

# %%
from viz import explain

explain(L, "w1", round_to=3)

# %% [markdown]
# You have −0.952 · 0.249 · (−0.0904) = 0.0214. So has the article *Training a Neural Network, 2*. Unrounded
# factors give 0.0214695353, and that, rounded once, is **0.0215**.
#
# You and the article multiplied correctly. *Predict:* in which of the three factors did the digit get lost?

# %%
draw(L, digits=6, collapse="neurons")

# %% [markdown]
# In the first. Most look for it in the small numbers, the σ′s. But read $o_1$ with six digits, each neuron drawn
# as one box, and work out the first factor from it:

# %%
print(f"{-2 * (1 - 0.5236951741):.4f}   the first factor, from all digits of o1")
print(f"{-2 * (1 - 0.524):.4f}   the first factor, from 0.524")
for first in (-0.952, -0.953):
    print(f"{first} · 0.249 · (−0.0904) = {first * 0.249 * -0.0904:.4f}")

# %% tags=["assert"]
_same = EXAMPLES["alice"].build()
_same.backward()
_grad = {node.label: node.grad for node in _autograd.topological_order(_same) if node.label}
assert round(_grad["w1"], 10) == 0.0214695353 and round(_grad["w1"], 4) == 0.0215
assert "= 0.0214" in str(explain(L, "w1", round_to=3))
assert round(-0.952 * 0.249 * -0.0904, 4) == 0.0214 and round(0.953 * 0.249 * 0.0904, 4) == 0.0215
assert round(-2 * (1 - 0.5236951741), 10) == -0.9526096518 and round(-2 * (1 - 0.524), 3) == -0.952
assert (round(1 - 0.5237, 4), round(1 - 0.524, 3)) == (0.4763, 0.476)
assert quiz(L, nodes=["w1"]).answer("0.0214").diagnosis == "rounded"

# %% [markdown]
# $o_1$ was rounded *before* it was used. 1 − 0.5237 is 0.4763, but 1 − 0.524 is 0.476: the first factor became
# −0.952 where −0.953 is right, and the product kept the debt. The article rounded early; its digits are no
# miscalculation. Tell the quiz 0.0214:

# %%
quiz(L, nodes=["w1"]).answer("0.0214")

# %% [markdown]
# Right to two digits, and it saw why. Once more, with other numbers? A worksheet has them: the same network, with
# numbers made for a pencil, and the answers on its last page. Another seed gives another sheet.

# %%
from viz import worksheet

worksheet(EXAMPLES["alice"].build, seed=6)

# %% [markdown]
# ## Step by step
#
# Back to Alice, and to what others answer for $w_1$. Some say −0.2376, some 0.0107. *Predict:* one of them
# stopped on the way, the other one took a wrong turn. Which, and where?

# %%
for given in ("-0.2376", "0.0107"):
    print(given, "·", quiz(L, nodes=["w1"]).answer(given).message, end="\n\n")

# %% tags=["assert"]
assert [quiz(L, nodes=["w1"]).answer(text).diagnosis for text in ("-0.2376", "0.0107")] == ["stopped", "elsewhere"]

# %% [markdown]
# Your three links are a shorthand. The engine takes a step for each arrow of the drawing, 27 of them, from $L$ to
# the left. Press *Predict* on the page, and say each number before it is shown; Enter checks and goes on.

# %%
from viz import page

page(L, title="Alice by hand", note="Press Predict, and say what each step gives before you see it.")

# %% [markdown]
# ## All nine
#
# Each weight and bias has its own walk, and the walks share their first steps. So one pass from right to left
# gives all nine slopes.
#
# *Predict,* or read it off the page: whose is the largest in size, and why?

# %%
L.backward()
draw(L)

# %% [markdown]
# $b_3$'s, −0.2376: eleven times that of $w_1$. Its walk is short, and ends before the second σ, which lets so
# little through.
#
# *Look for more:* which slopes are equal? Which one is twice another? Say why, before you read on.

# %%
import nn
from autograd import topological_order

parameters = {node.label: node for node in topological_order(L) if isinstance(node, nn.Parameter)}
for name in ("w1", "w2", "b1", "w3", "w4", "b2", "w5", "w6", "b3"):
    print(f"dL/d{name}  {parameters[name].grad:8.4f}")

# %% [markdown]
# $w_1$ has twice the slope of $w_2$, as $x_1$ is twice $x_2$; up to there their walks are the same. And all that
# belongs to $h_2$ equals what belongs to $h_1$: the two neurons are *twins*. They start alike, see the same, and
# are heard alike.

# %% tags=["assert"]
assert [round(_grad[name], 4) for name in ("w2", "b1", "w6", "b3")] == [0.0107, -0.0107, -0.0113, -0.2376]
assert round(_grad["w2"], 10) == 0.0107347676 and round(_grad["b3"], 8) == -0.23761756
assert round(_grad["w5"], 10) == -0.0112692202 and round(_grad["b3"] / _grad["w1"], 1) == -11.1
assert abs(_grad["w1"] - 2 * _grad["w2"]) < 1e-15
assert [_grad[name] for name in ("w1", "w2", "b1", "w5")] == [_grad[name] for name in ("w3", "w4", "b2", "w6")]

# %% [markdown]
# *Predict:* $w_1$ goes from 1 to 1.5. Which of $h_1$, $h_2$ and $o_1$ change?

# %%
changed = {node.label: node.data for node in topological_order(EXAMPLES["alice"].build(w1=1.5))}
for label in ("h1", "h2", "o1"):
    print(f"{label}  {changed[label]:.4f}")

# %% [markdown]
# $h_1$ falls to 0.018, $o_1$ to 0.5163; $h_2$ stays. Many say that $w_1$ moves $h_2$ as well, for they are twins.
# Follow the arrows: from $w_1$ one way leads to $L$, and $h_2$ is not on it. Equal numbers are no connection.

# %% tags=["assert"]
assert [round(changed[label], 4) for label in ("h1", "h2", "o1")] == [0.018, 0.0474, 0.5163]

# %% [markdown]
# ## How far to trust it
#
# 0.0215 of *what*? $L$ rises by 0.0215 for each unit of $w_1$. "A tiny bit", says the article; and that is true.
#
# *Predict:* raise $w_1$ by a whole unit, from 1 to 2. Does $L$ rise by 0.0215, by more, or by less?


# %%
def along_w1(w1):
    """The loss, when w1 alone changes."""
    h1 = sigmoid(-2 * w1 - 1)
    return (1 - sigmoid(h1 + 0.0474258732)) ** 2


slope_plot(along_w1, at=1.0, h=1.0, low=-1.5, high=4.0)

# %% [markdown]
# By less than half of it: 0.0098. The curve bends away under its tangent, for $h_1$ is near 0 already and cannot
# fall much further. A slope is a promise for small steps. How small?

# %%
for rise in (0.01, 0.1, 1, 2):
    print(f"w1 + {rise:<4}  promised {0.0214695353 * rise:.5f}   kept {along_w1(1 + rise) - along_w1(1.0):.5f}")

# %% [markdown]
# At a hundredth, all digits shown are kept. At a tenth $L$ rises by 0.00197 where 0.00215 was promised, at 2 by a
# quarter of the promise. No line of the sum was wrong: the slope was asked at 1, and holds *at* 1.

# %% tags=["assert"]
_rises = [EXAMPLES["alice"].build(w1=1 + step).data - EXAMPLES["alice"].build().data for step in (0.01, 0.1, 1, 2)]
assert [round(rise, 5) for rise in _rises] == [0.00021, 0.00197, 0.00979, 0.0112]
assert np.allclose(_rises, [along_w1(1 + step) - along_w1(1.0) for step in (0.01, 0.1, 1, 2)], atol=1e-9)
assert round(_rises[2], 4) == 0.0098 < 0.0215 / 2 and round(_rises[3] / (2 * 0.0214695353), 2) == 0.26
assert round(0.1 * 0.0214695353, 5) == 0.00215

# %% [markdown]
# ## One step
#
# The slope says where $L$ *rises*; so each number goes the other way, with a rate η:
#
# $$w_1 \leftarrow w_1 - \eta \cdot \frac{dL}{dw_1}$$
#
# *Predict* for η = 0.1: which way does $w_1$ go, whose slope is positive, and which way $b_3$, whose slope is
# negative?

# %%
rate = 0.1
stepped = {key: number.data - rate * number.grad for key, number in parameters.items()}
for key in ("w1", "w5", "b3"):
    print(f"{key}  slope {parameters[key].grad:8.4f}   {parameters[key].data:.0f} becomes {stepped[key]:.5f}")

# %% [markdown]
# One minus serves both signs: $w_1$ goes down to 0.99785, $b_3$ up to 0.02376, and each of these makes $L$
# smaller. Here is the loss along $b_3$, with a step at η = 1, ten times as long. *Predict:* does $L$ fall by as
# much as the tangent promises, by more, or by less?


# %%
def along_b3(b3):
    """The loss, when b3 alone changes."""
    return (1 - sigmoid(0.0948517464 + b3)) ** 2


slope_plot(along_b3, at=0.0, lr=1.0, low=-0.4, high=0.6)

# %% [markdown]
# By less: the circle lies a little above the tangent. Now η = 0.1, and all nine move at once. A slope $g$ makes a
# step of $\eta g$, and each unit of that counts $g$; so it promises that $L$ falls by $\eta g^2$. *Predict:* do
# the nine keep their promise better, or worse?

# %%
after = EXAMPLES["alice"].build(**stepped)
promised = rate * sum(number.grad**2 for number in parameters.values())
print(f"L was {L.data:.5f} and is {after.data:.5f}: it fell by {L.data - after.data:.5f}; promised {promised:.5f}")

# %% [markdown]
# Better, for the steps are shorter: 0.00581 was promised, 0.00577 kept. This is the article's update rule, whole.
# Lesson 7 repeats it 4000 times, for four people.

# %% tags=["assert"]
assert (round(stepped["w1"], 5), round(stepped["b3"], 5), round(stepped["w5"], 4)) == (0.99785, 0.02376, 1.0011)
assert (round(L.data - after.data, 5), round(promised, 5)) == (0.00577, 0.00581)
assert along_b3(0.0) - along_b3(-_grad["b3"]) < 0.95 * _grad["b3"] ** 2  # while all nine keep 99 %
_model = nn.MLP(2, [2, 1], activation="sigmoid", initializer=1.0)
_loss = nn.mean_squared_error(_model([-2.0, -1.0]), 1.0)
_loss.backward()
nn.SGD(0.1).step(_model.parameters())
assert np.isclose(nn.mean_squared_error(_model([-2.0, -1.0]), 1.0).data, after.data, atol=1e-12)
assert 4 * 1000 == 4000 and round(2 * _node["h1"].data, 10) == 0.0948517464
assert round(along_b3(0.0), 9) == round(along_w1(1.0), 9) == round(L.data, 9)

# %% [markdown]
# ## Old or new?
#
# Somebody walks from $L$ towards $w_1$, meets $w_5$ and updates it at once. With η = 1 it becomes 1.0113. Then
# they walk on, *through the new* $w_5$, and find 0.0217. *Predict* what the quiz says.

# %%
quiz(L, nodes=["w1"]).answer("0.0217")

# %% [markdown]
# At which point was the slope asked? At the nine numbers that gave $L$ = 0.227. Whoever changes one of them on
# the way asks about two points at once. So: all slopes first, then all steps.

# %% tags=["assert"]
assert round(1 - _grad["w5"], 4) == 1.0113 and round(_grad["w1"] * (1 - _grad["w5"]), 4) == 0.0217
assert quiz(L, nodes=["w1"]).answer("0.0217").diagnosis == "updated_weights"

# %% [markdown]
# ## What you have now
#
# - A weight's slope is the product of the links from the loss to it.
# - σ′ = σ(1 − σ), from the output; at most a quarter gets through.
# - Round at the end, once.
# - A slope holds at one point. Nearby it is a good promise.
# - All slopes first; then every number steps against its own.

# %% [markdown]
# ## Exercises
#
# Put your answer in the place of the dots. A wrong answer gets a question back. `hint(1)` gives a push,
# `solution(1)` opens after two tries. Pencil first.

# %%
from viz.course.lesson_6 import check, hint, solution

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
from viz.course.lesson_6 import SHEET

_answers = {number: exercise.answer for number, exercise in SHEET.exercises.items()}
assert [_answers[n] for n in (1, 2, 4)] == [(round(_grad[name], 4),) for name in ("w2", "b1", "w6")]
_link = _node["o1"].data * (1 - _node["o1"].data)
assert _answers[3] == (round(_link, 4),) == (0.2494,) and round(_link, 10) == 0.2494385387
_bob = EXAMPLES["alice"].build(target=0)
_bob.backward()
_slope = next(node.grad for node in topological_order(_bob) if node.label == "w1")
assert _answers[5] == (round(_slope, 4),) == (-0.0236,)
_twins = nn.MLP(2, [2, 1], activation="sigmoid", initializer=1.0)
for _ in range(100):
    _twins.zero_grad()
    nn.mean_squared_error(_twins([-2.0, -1.0]), 1.0).backward()
    nn.SGD(0.1).step(_twins.parameters())
_after = {parameter.label: parameter.data for parameter in _twins.parameters()}
assert _after["w1"] == _after["w3"] and round(_after["w1"], 4) == 0.8603 and _answers[6] == "yes"
_wide = EXAMPLES["alice"].build(b1=3, w5=4, b3=-3)
_wide.backward()
_slope_there = next(node.grad for node in topological_order(_wide) if node.label == "w1")
assert round(_slope_there, 2) == 0.58 > 10 * _grad["w1"]

# %% [markdown]
# ## Go on
#
# The page of this lesson, the same with the target 0, and a worksheet; another seed has other numbers. In a
# terminal, or in a cell with `!` before each line:
#
# ```bash
# glassgrad page alice -o alice.html
# glassgrad page alice target=0 -o other_target.html
# glassgrad worksheet alice --seed 1 -o worksheet.html
# ```
#
# A terminal asks as well: type glassgrad, then `quiz alice` or `step alice`.
#
# Next: [7 · Alice, Bob, Charlie and Diana](07_alice_bob_charlie_and_diana.ipynb). What has a network learned from
# four people?
