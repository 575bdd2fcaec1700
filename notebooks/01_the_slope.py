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
# # 1 · The slope
#
# *Which way should one number move, and how far?*
#
# **Time:** 75 minutes. **You need:** Python; what a straight line's slope is.
#
# **You will be able to**
#
# - estimate a slope by nudging a number,
# - turn the sign of a slope into a direction,
# - say why an error is squared,
# - predict from the learning rate whether steps crawl, land, bounce or fly apart.

# %% [markdown]
# **How to read this.** Run each cell with Shift + Enter. Where it says *Predict*, stop, and write your answer
# down before you run the next cell. A wrong guess is worth more than a right answer that you only read. You need
# no calculus, the mathematics of slopes: as much of it as is needed, you build here.

# %% [markdown]
# ## A lost price tag
#
# Seven mangoes cost 8.40. The price tag is gone, and you guess 2.00 for one. Then seven would cost 14.00: that is
# 5.60 too much.

# %% [markdown]
# Call your guess $w$. How bad is it? Take the difference, $8.4 - 7w$ ($7w$ is 7 times $w$), and square it:
#
# $$E = (8.4 - 7w)^2$$
#
# This is the *squared error*. When it is 0, your guess is right. (Guess too much, and the difference has a minus:
# −5.6 here. The square has none. There is more to squares; that comes later.)

# %%
from autograd import Value
from viz import draw


def E(w):
    return (8.4 - 7 * w) ** 2


w = Value(2.0, "w")
error = E(w)
error.label = "E"
draw(error)

# %% [markdown]
# A `Value` is a number that remembers how it was computed, so it can be drawn. Read from left to right: your
# guess, times 7, taken from 8.4, squared. Each box has its number at the top. The `?` below stands for a
# question: *what if this number were a little larger?* The answer will be called its *gradient*.

# %% [markdown]
# ## One cent more
#
# *Predict:* your guess goes up by one cent, from 2.00 to 2.01. Does E go up or down? And by about how much: 0.01,
# 0.1, 0.8 or 8? Write it down.

# %%
print(round(E(2.01) - E(2.00), 4))

# %% [markdown]
# Up, by 0.7889. Most people say 0.01, since a cent is 0.01. But the cent counts seven times: you were 5.60 off,
# and now you are 5.67 off. And the square of 5.67 is 0.7889 more than the square of 5.60.

# %% [markdown]
# Divide the change of E by the change of your guess: 0.7889 / 0.01 = 78.89. This is the *ratio of the changes*: E
# moves 78.89 times as fast as your guess.
#
# *Predict:* nudge by less and less than a cent. Both changes shrink to nothing. Does their ratio shrink to 0 as
# well, grow without end, or settle at some number?

# %%
for h in (0.1, 0.01, 0.001, 0.0001):
    change = E(2 + h) - E(2)
    print(f"nudge {h:<7} E changes by {change:<11.7f} ratio {change / h:.4f}")

# %% [markdown]
# Many say 0, because both numbers become 0. But their *ratio* settles: 83.3, 78.89, 78.449, 78.4049. Where is it
# heading? Say a number before you look at the picture.

# %%
from viz import slope_plot

slope_plot(E, at=2.0, h=0.5)

# %% [markdown]
# The curve is E for every guess. (Δ is read "the change of".) A nudge of 0.5 leads to a second point. The line
# through both, the *secant*, has the ratio as its slope: so far up, divided by so far to the right. With smaller
# nudges, the secant turns into the orange line, which touches the curve: the *tangent*.

# %% [markdown]
# So the ratio heads for the slope of the tangent. On paper you see why. Nudge by $h$, and you are not 5.6 but
# $5.6 + 7h$ off:
#
# $$(5.6 + 7h)^2 - 5.6^2 = 2 \cdot 5.6 \cdot 7h + (7h)^2 = 78.4\,h + 49\,h^2$$
#
# Divide by $h$: the ratio is $78.4 + 49h$. Look at the table: each ratio misses 78.4 by $49h$. Only 78.4 stays
# when $h$ goes away.

# %% [markdown]
# So E has the *slope* 78.4 at 2. It is also called the *derivative* of E, and written
#
# $$\frac{dE}{dw} = 78.4$$
#
# The d says "a very small change of", as Δ says "the change of". Read: a little more $w$ gives 78.4 times as much
# more E. `explain` finds the slope for every guess, not only for 2:

# %%
from viz import explain

explain(error, "w")

# %% [markdown]
# The last line is your paper work, with $w$ in the place of 2: $2 \cdot (8.4 - 7w) \cdot (-7)$, and 2 times −7 is
# −14. (A minus, since $8.4 - 7w$ *shrinks* when $w$ grows.)
#
# `backward()` finds such numbers without a nudge. It walks through the picture from right to left. How it does
# that, you will see in lesson 2.

# %%
error.backward()
draw(error)

# %% [markdown]
# Every `?` has its answer: how fast E changes when *that* number grows. Below 2 stands 78.4. Below 14 stands only
# 11.2, a seventh of it: one more unit of your guess is seven more units there. A wide line means a large
# gradient. Orange and dashed means below 0: when that number grows, E falls.

# %% [markdown]
# Slope, derivative, gradient: for one number, these are three words for the same thing.

# %% [markdown]
# ## Put your finger on the curve
#
# E has one valley. Here is a curve with a hill and a valley, $x^3 - 3x$.
#
# *Predict* how it runs to the right from −2, from 0.5 and from 1: uphill, downhill or flat? Then drag the large
# dot there. The straight line through your finger is the tangent.

# %%
from viz import page


def curve(x):
    return x**3 - 3 * x


f = curve(Value(1.5, "x"))
f.label = "f"
page(f, title="Put your finger on the curve")

# %% [markdown]
# Below the curve your finger leaves a dot at each place: the slope there. (The arrow is a step; you come to it
# soon.) The slopes of *all* places make a curve of their own, the *derivative*. Here it is dashed:

# %%
from viz import activation_plot

activation_plot(curve, -2.2, 2.2)

# %% [markdown]
# At −2 the slope is 9: steeply uphill. At 0.5 it is −2.25: downhill. At 1 it is 0: flat. Where the dashed curve
# is above 0, the other one rises; where it is below 0, it falls.
#
# *Predict:* your finger is at 0.5, and the slope is −2.25. To get *lower*, do you move left or right?

# %%
for x in (0.4, 0.5, 0.6):
    print(f"x = {x}   f = {curve(x):.3f}")

# %% [markdown]
# Right. To move *with* the sign of the slope (+ is right, − is left) climbs; to move *against* it goes down.
#
# For large steps that is no promise. *Predict:* from 0.5, go 2.5 *with* the sign, to −2. Do you end higher?

# %% [markdown]
# No: at 0.5 the curve is −1.375 high, at −2 only −2. You leapt over the whole hill. The article "How to train a
# neural network", which tells you to put your finger on the curve, leaves this out: the sign is right for *small*
# steps.

# %% [markdown]
# Where the slope is 0, its sign is silent. At −1 that is a peak, at 1 the floor of a valley.
#
# *Predict:* the curve $x^3$ has slope 0 at 0. Peak, valley, or neither?


# %%
def cube(x):
    return x**3


activation_plot(cube, -1.5, 1.5)

# %% [markdown]
# Neither: a shoulder. The curve comes up, rests, and goes on up. So "the slope is 0" does not mean "this is the
# lowest place". It means: from here, the slope points nowhere.

# %% [markdown]
# ## Why the error is squared
#
# Squaring made things larger and harder. Why not take the difference itself, 8.4 − 7w, and make it as small as
# possible?
#
# *Predict:* which guess does that like best: 1.20, 0 or 1000?

# %%
for price in (1.2, 0, 1000):
    print(f"price {price:<5} difference {8.4 - 7 * price:8.1f}   squared {E(price):14.2f}")

# %% [markdown]
# 1000, for −6991.6 is smaller than 0. And 2000 would be "better" still: a difference has no smallest value, it
# runs down to minus infinity. A square is never below 0, and it is 0 only where the price is right.

# %% [markdown]
# The absolute value, |8.4 − 7w| (the difference without its sign), is never below 0 either. The same article
# rules it out; it would work. But look at its slope.
#
# *Predict:* what is that slope at a guess of 2.00? And at 1.21, almost right: smaller, larger, the same?


# %%
def absolute(w):
    return abs(8.4 - 7 * w)


activation_plot({"squared": E, "absolute": absolute}, 0, 2.4)

# %% [markdown]
# The same: 7 at both, and −7 on the other side (dashed, in the lower picture). It says where the right price
# lies, and never that you are near.
#
# The slope of the square says both: 78.4 at 2.00, and only 0.98 at 1.21. (Lesson 4 shows when the absolute value
# is better.)

# %% [markdown]
# ## Walk down
#
# Your guess is 2, and the slope there is 78.4. It is above 0: a larger guess has a larger error, so the guess
# must go *down*. By how much?
#
# Many people subtract the slope itself. *Predict:* where does 2 go then? Does E fall?

# %%
print(round(2 - 78.4, 1), "where E is", round(E(2 - 78.4), 1))

# %% [markdown]
# To −76.4, where E is 295066.2 instead of 31.36. The way was right, but the slope says how *steep* it is, not how
# far it is to the floor. So take a small part of it:
#
# $$w \leftarrow w - \text{rate} \cdot \text{slope}$$
#
# The arrow reads "becomes", and the *learning rate* (lr) is a small number. *By hand:* where does 2 go at rate
# 0.01?

# %%
slope_plot(E, at=2.0, lr=0.01)

# %% [markdown]
# 2 − 0.01 · 78.4 = 1.216, and E falls from 31.36 to 0.0125. That is one *step*. At 1.216 the slope is another
# one, so compute it again, and step again. This is *gradient descent*. All of it is a loop (with the slope as
# `explain` wrote it):


# %%
def walk(rate, steps, w=2.0):
    places = [w]
    for _ in range(steps):
        slope = -14 * (8.4 - 7 * w)
        w = w - rate * slope
        places.append(w)
    return places


print([round(place, 6) for place in walk(0.01, 4)])

# %% [markdown]
# 1.216, 1.20032, 1.200006: a mango costs 1.20. Nobody told the loop to slow down. Near the floor the slope is
# small, so the steps are.
#
# *Predict* what other rates do to the guess: 0.001, 0.02 and 0.021. Each of them does one of these: crawls, lands
# at once, bounces from side to side, flies apart.

# %%
for rate in (0.001, 0.01, 0.02, 0.021):
    print(f"rate {rate:<6}", *[f"{place:8.4f}" for place in walk(rate, 6)])

# %% [markdown]
# 0.001 crawls. At 0.02 the guess bounces: 0.432, then 1.93728, a little nearer each time. At 0.021, hardly more,
# it flies apart: 0.3536, 2.0955, 0.2526. Most people say that 0.021 is a bit worse than 0.02. Look at its first
# step:

# %%
slope_plot(E, at=2.0, lr=0.021)

# %% [markdown]
# It leaps over the valley, and lands *higher* than it began. There the slope is steeper, so the next leap is
# longer.
#
# Why is the border between 0.02 and 0.021? Look at the distance from 1.2. The slope, $-14\,(8.4 - 7w)$, is
# $98\,(w - 1.2)$: it is 98 times the distance.

# %% [markdown]
# So one step takes rate · 98 · distance away from the distance. What is left is
#
# $$\text{distance} \leftarrow (1 - 98 \cdot \text{rate}) \cdot \text{distance}$$
#
# Each step multiplies by the same factor! *Predict* the factor for each of the four rates, above all its sign.

# %%
for part in (0.001, 0.01, 0.02, 0.021):
    print(f"rate {part:<6} factor {1 - 98 * part:6.3f}")

# %% [markdown]
# Factor 0.902: nine tenths of the distance stay, it crawls. Factor 0.02, at rate 0.01: almost nothing stays, it
# lands. −0.96 has a minus: each step ends on the other side, a little nearer. −1.058 is beyond −1: the other
# side, and farther away.

# %% [markdown]
# "Only the sign matters", some say: go a fixed step against the sign, say 0.3, whatever the slope is.
#
# *Predict:* does that ever come to rest?


# %%
def march(steps, w=2.0):
    places = [w]
    for _ in range(steps):
        w = w - 0.3 if 8.4 - 7 * w < 0 else w + 0.3
        places.append(round(w, 6))
    return places


print(march(8))

# %% [markdown]
# Never. It marches to and fro between 1.4 and 1.1 for ever. The *size* of the slope is what makes steps short
# where they should be.
#
# And the other frequent slip: to *add* rate · slope. *Predict:* from 2 at rate 0.01, does E fall? Work it out,
# then read on.

# %% [markdown]
# It rises. 2 + 0.784 = 2.784, and there E is 122.94 instead of 31.36. With a plus you climb: the slope points
# uphill.

# %% [markdown]
# ## Three prices at once
#
# Another shop, another receipt: 3 apples, 4 pears and 7 melons cost 13.50. You guess 0.20, 1.40 and (a bold one)
# 30.00.
#
# | | apples | pears | melons |
# |---|---|---|---|
# | counts: the *inputs* $x_1, x_2, x_3$ | 3 | 4 | 7 |
# | guessed prices: the *weights* $w_1, w_2, w_3$ | 0.2 | 1.4 | 30 |

# %% [markdown]
# Multiply each count by its price and add up. That is the *output*:
#
# $$z = w_1 x_1 + w_2 x_2 + w_3 x_3$$
#
# Mathematicians call it the *dot product* of the two lists. What it should be, 13.50, is the *target* $y$.
#
# *By hand:* how much does your guess make, and what is the squared error?

# %%
from viz import EXAMPLES

receipt = EXAMPLES["linear"].build()
draw(receipt)

# %% [markdown]
# 0.6 + 5.6 + 210 = 216.2, where 13.5 is wanted. The difference is −202.7, its square 41,087.29. (The box has room
# for 41087.) Σ, a Greek S, says *sum*. The error has the name L here, for *loss*: the usual word for a number
# that says how bad something is.

# %% [markdown]
# The shop has five receipts. Each one is a *sample*: inputs, and the target that belongs to them.

# %%
import nn

receipts = nn.data.linear_relationship()


def table(prices):
    print("apples pears melons   target   output  squared error")
    for counts, target in receipts:
        output = sum(price * count for price, count in zip(prices, counts))
        print("{:6.0f}{:6.0f}{:7.0f}".format(*counts), f"{target:8.1f}{output:9.2f}{(target - output) ** 2:15.2f}")


table((0.2, 1.4, 30))

# %% [markdown]
# Five outputs, five squared errors. To judge the three prices by one number, take the mean of the five:
# 50,035.676. It is called the *mean squared error*. (The article divides by N, and leaves open what N counts.
# Here it counts the samples: N = 5.)

# %% [markdown]
# ## Two minutes by hand
#
# Before there were programs that learn, people turned such weights by hand. Try it. Scroll down in the page: for
# each weight there is a small curve with a dot. Drag the dots until *mean L*, beside them, is small. How small do
# you get it in two minutes?

# %%
page(
    receipt,
    examples=receipts,
    title="Turn three weights until five receipts fit",
    lr=0.001,
)

# %% [markdown]
# Hard: what helps one receipt hurts another. But the slopes know which way to turn; there are three now, one for
# each weight.
#
# *By hand:* the output of the first receipt is 202.7 too large. How fast does its squared error grow with $z$?
# And with the price of an apple, $w_1$?

# %%
explain(receipt, "w1")

# %% [markdown]
# Twice 202.7, as with the mangoes: 405.4. And a unit more of $w_1$ is three units more of $z$, since three apples
# were bought. So the slope in $w_1$ is 3 times that of $z$: 1216.2. (To multiply so is *the chain rule*: lesson
# 2.)
#
# *Predict:* of $w_1$, $w_2$ and $w_3$, which has the largest slope?

# %%
receipt.backward()
draw(receipt)

# %% [markdown]
# The third: 1216.2, 1621.6 and 2837.8, which are 3, 4 and 7 times 405.4. (The boxes round.) Not because its
# weight is 30: the *input* decides how much a weight moves the output.
#
# This list of three slopes is *the gradient* of the loss.

# %% [markdown]
# One slope among several is written with a round d: $\partial L / \partial w_1$, "how fast L changes if only
# $w_1$ moves".
#
# One step moves all weights at once, each against its own slope. The article writes that for the whole list of
# weights, $W$, with α (alpha) for the rate:
#
# $$W \leftarrow W - \alpha\,\frac{\partial E}{\partial W}$$

# %% [markdown]
# Let it walk: 500 steps down the error of the first receipt. `gradient_descent` is your loop, for several
# numbers.
#
# *Predict:* does it find the prices of this shop? Yes, almost, or no?

# %%
from viz import gradient_descent


def first_receipt(w1, w2, w3):
    return (13.5 - (w1 * 3 + w2 * 4 + w3 * 7)) ** 2


found = gradient_descent(first_receipt, (0.2, 1.4, 30.0), lr=0.001, steps=500)[-1]
print("prices:", [round(price, 3) for price in found])

# %% [markdown]
# An apple for −8.018? A pear for −9.557, a melon for 10.826? Check them. *Predict* first: how far is the output
# of receipt 1 from 13.50, and that of receipt 2 from 15.60?

# %%
table(found)

# %% [markdown]
# Perfect for receipt 1. For receipt 2 it says 30.21 where 15.60 was paid. Nothing went wrong: the descent did
# what it was asked for, to make *one* error 0. But countless triples of prices make 13.50.
#
# The article promises that the weights "converge to the correct values". One receipt cannot know three prices.

# %% [markdown]
# Five receipts can, in lesson 3. Then you can answer what the article's table asks in its last line, and what no
# receipt says: what will 4 apples, 5 pears and 6 melons cost? (With the prices above: −14.90. You would be paid
# for shopping.)

# %% [markdown]
# ## What you know now
#
# A **slope** is the ratio of two small changes. Its **sign** says which way is up; go the other way. Its **size**
# says how steep it is: a step is rate · slope. An error is **squared** so that it has a floor, and a slope that
# becomes small near it. Several weights have a list of slopes, the **gradient**.

# %% tags=["assert"]
import numpy as np

from autograd import grad, topological_order


def near(computed, written, digits):
    """What is computed is what is written, when rounded to so many decimals."""
    return np.all(np.abs(np.asarray(computed) - np.asarray(written)) <= 0.5001 * 10.0**-digits)


# One cent more
assert near([E(2), 7 * 2.00, 14.00 - 8.40, 5.67**2 - 5.60**2], [31.36, 14.00, 5.60, 0.7889], 9)
assert near([E(2.01) - E(2.00), 7 * 2.01 - 8.40], [0.7889, 5.67], 9)
assert near([(E(2 + h) - E(2)) / h for h in (0.1, 0.01, 0.001, 0.0001)], [83.3, 78.89, 78.449, 78.4049], 6)
assert near([(E(2 + h) - E(2)) / h - 49 * h for h in (0.1, 0.01, 0.001)], 78.4, 6)
assert near([w.grad, grad(E)(2.0)], 78.4, 9)
assert near([node.grad for node in topological_order(error) if node.data == 14.00], 11.2, 9)

# %% tags=["assert"]
# The finger; why squared
assert near([grad(curve)(place) for place in (-2.0, 0.5, 1.0, -1.0)], [9, -2.25, 0, 0], 9)
assert curve(0.4) > curve(0.5) > curve(0.6) and near([curve(0.5 - 2.5), curve(0.5)], [-2, -1.375], 9)
assert grad(cube)(0.0) == 0 and cube(-0.1) < cube(0) < cube(0.1)
assert near([8.4 - 7 * 1000, E(1.20)], [-6991.6, 0], 9) and 8.4 - 7 * 2000 < 8.4 - 7 * 1000
assert [grad(absolute)(place) for place in (2.00, 1.21, 1.0)] == [7, 7, -7]
assert near([grad(E)(1.21), grad(E)(2.00)], [0.98, 78.4], 9)

# %% tags=["assert"]
# Walk down
assert near([2 - 78.4, E(-76.4)], [-76.4, 295066.2], 1) and near([E(2), E(1.216)], [31.36, 0.0125], 4)
assert near(walk(0.01, 3), [2, 1.216, 1.20032, 1.200006], 6) and near(walk(0.02, 2), [2, 0.432, 1.93728], 6)
assert near(walk(0.021, 3), [2, 0.3536, 2.0955, 0.2526], 4) and E(walk(0.021, 1)[1]) > E(2)
assert near([1 - 98 * r for r in (0.001, 0.01, 0.02, 0.021)], [0.902, 0.02, -0.96, -1.058], 9)
assert near(grad(E)(2.0), 98 * (2.0 - 1.2), 9) and set(march(100)[3:]) == {1.4, 1.1}
assert near(0.01 * 78.4, 0.784, 9) and near(2 + 0.784, 2.784, 9) and near(E(2.784), 122.94, 2)
assert near([p[0] for p in gradient_descent(E, (2.0,), 0.01, 4)], walk(0.01, 4), 12)

# %% tags=["assert"]
# Three prices
X, y = receipts.as_arrays()
guess = np.array([0.2, 1.4, 30.00])
assert near(X @ guess, [216.2, 274, 375.6, 131.6, 99.8], 9) and near(guess * X[0], [0.6, 5.6, 210], 9)
assert near([13.5 - 216.2, receipt.data], [-202.7, 41087.29], 6) and near(
    ((y - X @ guess) ** 2).mean(), 50035.676, 6
)
assert y[0] == 13.50 and y[1] == 15.60 and near(2 * 202.7, 405.4, 9)
assert near(-2 * (y[0] - X[0] @ guess) * X[0], [1216.2, 1621.6, 2837.8], 9)
assert near(grad(first_receipt, (0, 1, 2))(*guess), 405.4 * X[0], 9)
assert near(found, [-8.018, -9.557, 10.826], 3) and near(X[:2] @ found, [13.50, 30.21], 2)
assert near(np.dot([4, 5, 6], found), -14.90, 2)

# %% [markdown]
# ## Exercises
#
# Put your answer in the place of the dots, and run the cell. A wrong answer gets a question back. `hint(1)` gives
# a push, and `solution(1)` opens after two tries. Paper is allowed, and Python too.

# %%
from viz.course.lesson_1 import check, hint, solution

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
from viz.course.lesson_1 import SHEET


def answer(number):
    return SHEET.exercises[number].answer


def wrong(number):
    return list(SHEET.exercises[number].mistakes)


assert near(answer(1), (E(2.1) - E(2)) / 0.1, 9) and near(wrong(1), [(E(2.1) - E(2),), (grad(E)(2.0),)], 9)
assert near(answer(2), grad(E)(1.0), 9)
assert near(wrong(2), [(14 * 1.4,), (-2 * 1.4,), (-7 * 1.4,)], 9)
assert answer(3) == "up" and grad(E)(1.0) < 0 and E(1.01) < E(1.0) < E(0.99)
assert near(answer(4), 1 / 98, 5) and near(walk(1 / 98, 1)[1], 1.2, 9)
assert near(wrong(4), [(2 / 98,)], 5) and near(walk(2 / 98, 2), [2, 0.4, 2], 9)
assert near(answer(5), [n.grad for n in topological_order(receipt) if n.label == "w2"], 9)
assert near(wrong(5), [(405.4,), (405.4 * 3,), (405.4 * 7,), (202.7 * 4,)], 9)
one_step = [float(X[0] @ (guess + r * 2 * (y[0] - X[0] @ guess) * X[0]) - y[0]) for r in (0.5 / 74, 1 / 74)]
assert near(answer(6), 0.5 / 74, 5) and near(wrong(6), [(1 / 74,)], 4) and near(one_step, [0, -202.7], 9)
ends = [gradient_descent(curve, (start,), 0.05, 300)[-1][0] for start in (0.5, -0.9, 3.0)]
assert near(ends, 1, 6) and gradient_descent(curve, (-1.1,), 0.05, 15)[-1][0] < -100

# %% [markdown]
# ## Go on
#
# The pages of this lesson, and paper for a pencil (with another seed, other numbers). Type these in a terminal,
# or in a cell with `!` before them; then open the file in a browser:
#
# ```
# glassgrad page "E = (8.4-7*w)**2" w=2 -o price.html
# glassgrad page linear -o receipts.html
# glassgrad worksheet "L = (y - w*x)**2" --seed 1 -o worksheet.html
# ```
#
# Next: [2 · One neuron by hand](02_one_neuron_by_hand.ipynb). How does the walk from right to left find a slope?
