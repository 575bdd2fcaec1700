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
# # 5 · Descent in two variables
#
# *What goes wrong on the way down, and what helps?*
#
# **Time:** 75 minutes. **You need:** lessons 1 and 4.
#
# **You will be able to**
#
# - predict by how much a small step lowers a function,
# - tell crawling, zigzag and divergence apart on a contour map,
# - find a case where descent stops and there is no minimum,
# - choose an optimizer by trying.

# %% [markdown]
# ## A valley
#
# In lesson 1 one number had a curve. Now there are two, $x$ and $y$, and above each pair stands a height. That
# is a landscape; ours is a valley:
#
# $$f(x, y) = x^2 + 4y^2$$
#
# You stand at $x = 4$, $y = 1.5$. *Predict:* which of the two numbers, nudged a little, changes the height
# more?

# %%
from autograd import Value
from viz import draw


def f(x, y):
    return x**2 + 4 * y**2


height = f(Value(4.0, "x"), Value(1.5, "y"))
height.backward()
draw(height)

# %% [markdown]
# $y$: its slope is 12, that of $x$ is 8. Most people say $x$, since 4 is larger than 1.5. But the 4 in front
# makes the valley four times as curved along $y$ as along $x$.
#
# The list of both slopes is the *gradient*, written ∇f (read "nabla f"):
#
# $$\nabla f = \left(\frac{\partial f}{\partial x}, \frac{\partial f}{\partial y}\right) = (2x,\ 8y) = (8, 12)$$

# %% [markdown]
# ## Which way is down?
#
# From above, the valley is a map. Each grey line joins places of one height, and where lines are close, it is
# steep. You stand on the square, and the deepest place is (0, 0). Two ways lead down: straight to the deepest
# place, and against the gradient, along (−8, −12).

# %%
from viz import descent_path

straight = {"to the deepest place": [(4, 1.5), (0, 0)], "against ∇f": [(4, 1.5), (3.2, 0.3)]}
descent_path(f, straight, x_range=(-5, 5), y_range=(-2.5, 2.5), title="The valley from above")

# %% [markdown]
# *Predict:* you may go a short way, 0.1. Which way loses most height: to the deepest place, against the
# gradient, left, or straight down the page?

# %%
import math

ways = {"to the deepest place": (-4, -1.5), "against ∇f": (-8, -12), "left": (-1, 0), "down the page": (0, -1)}
for name, (right, up) in ways.items():
    scale = 0.1 / math.hypot(right, up)
    print(f"{name:<22} {f(4 + scale * right, 1.5 + scale * up) - f(4, 1.5):7.3f}".replace("-", "−"))

# %% tags=["assert"]
from viz import EXAMPLES

assert "section 24.4" in EXAMPLES["descent"].source and f(4, 1.5) == 25
assert [f"{f(4 + a, 1.5 + b) - 25:.3f}" for a, b in ((-0.1, 0), (0, -0.1))] == ["-0.790", "-1.160"]

# %% [markdown]
# Against the gradient: 1.411 lower. Most say "to the deepest place", for that is where you want to be. But you
# feel only the ground under your feet. There, no way is steeper than against the gradient. In a round bowl it
# leads to the bottom; in a long valley, to the opposite side.

# %% [markdown]
# ## How much lower?
#
# Nudge $x$ by Δx and $y$ by Δy. Each counts as often as its slope says, and what they do adds up. Two lists
# multiplied number by number and added: a *dot product*.
#
# $$\Delta f \approx \frac{\partial f}{\partial x}\Delta x + \frac{\partial f}{\partial y}\Delta y
# = \nabla f \cdot (\Delta x, \Delta y)$$
#
# *Predict* Δf for Δx = 0.01, Δy = 0.02.

# %% tags=["assert"]
assert round(8 * 0.01 + 12 * 0.02, 4) == 0.32 and round(f(4.01, 1.52) - f(4, 1.5), 4) == 0.3217

# %% [markdown]
# $8 \cdot 0.01 + 12 \cdot 0.02 = 0.32$, and the valley itself rises by 0.3217. Now make your nudge a step of
# descent: against the gradient, times the rate η (read "eta").
#
# $$(\Delta x, \Delta y) = -\eta\,\nabla f \quad\Rightarrow\quad
# \Delta f \approx \nabla f \cdot (-\eta\,\nabla f) = -\eta\,\|\nabla f\|^2$$
#
# ‖∇f‖ is the gradient's length, by Pythagoras. Here ‖∇f‖² = 8² + 12² = 208.

# %% tags=["assert"]
assert 8**2 + 12**2 == 208

# %% [markdown]
# (In the article "24.4 Training a neural network" these formulas were pictures, and our copy has lost them. It
# draws a conclusion from them: a square is never below 0, so Δf ≤ 0, and each step goes down.)
#
# *Predict* with $-\eta \cdot 208$ what a step does at the rates 0.01, 0.1 and 0.3. Then measure.


# %%
def along(rate):
    """The height after a step of this rate."""
    return f(4 - rate * 8, 1.5 - rate * 12)


for rate in (0.01, 0.1, 0.3):
    print(f"rate {rate:<5} predicted {-rate * 208:6.2f}   measured {along(rate) - 25:7.3f}".replace("-", "−"))

# %% [markdown]
# −2.08 and −2.016: fine. −20.8 and −14.4: too much was promised. And −62.4 is impossible: you are 25 above the
# bottom. Here is the height along that one line, for every rate:

# %%
from viz import slope_plot

slope_plot(along, at=0.0, h=0.1, low=0.0, high=0.34)

# %% tags=["assert"]
assert [round(along(_r) - 25, 3) for _r in (0.01, 0.1, 0.3)] == [-2.016, -14.4, -4.8]
assert [round(-_r * 208, 2) for _r in (0.01, 0.1, 0.3)] == [-2.08, -20.8, -62.4]
assert all(along(0.1625) < along(0.1625 + _d) for _d in (-0.01, 0.01))
assert round(along(0.325), 9) == 25

# %% [markdown]
# −208 is the slope of the dashed line, the tangent. The tangent falls for ever; the curve turns round at
# 0.1625, and beyond 0.325 you end higher than you began. "Δf ≤ 0" is the tangent's promise, not the curve's. It
# holds if the step is small enough.

# %% [markdown]
# ## Too small, right, too large
#
# Descent repeats this: a new place, a new gradient, a new step. Play with it: a dot on each curve, an arrow for
# the step. Choose a rate below, press *Descend*, and *predict* what the arrows do at 0.01, at 0.2, at 0.3.

# %%
from viz import page

page(height, title="A valley over two variables")

# %% [markdown]
# Now count. We say that a descent has arrived when f *stays* below 0.01; its *arrival* is the number of steps
# till then.
#
# *Predict:* six rates, from 0.01 to 0.3. Which one arrives first? Which ones never do?

# %%
from viz import gradient_descent


def arrival(points, f=f):
    """The step from which on f stays below 0.01; None if it does not."""
    high = [n for n, point in enumerate(points) if f(*point) >= 0.01]
    return high[-1] + 1 if high[-1] + 1 < len(points) else None


# %%
for rate_ in (0.01, 0.05, 0.1, 0.2, 0.25, 0.3):
    points = gradient_descent(f, (4.0, 1.5), rate_, steps=300)
    arrived = arrival(points) or "never"
    print(f"rate {rate_:<5} arrival: {arrived:<6} after 20 steps f = {f(*points[20]):.3g}")

# %% tags=["assert"]
_arrivals = [arrival(gradient_descent(f, (4.0, 1.5), _r, 300)) for _r in (0.01, 0.05, 0.1, 0.2, 0.25, 0.3)]
assert _arrivals == [183, 36, 17, 8, None, None]
assert gradient_descent(f, (4.0, 1.5), 0.25, 20)[-1][1] == 1.5
assert round(f(*gradient_descent(f, (4.0, 1.5), 0.3, 20)[-1]) / 1e6, 1) == 6.3

# %% [markdown]
# 0.2 arrives at step 8, and 0.01 needs 183. At 0.25 $y$ jumps between 1.5 and −1.5 for ever. At 0.3, f is 6.3
# million after 20 steps, *although its first step went down*, by 4.8.
#
# *Predict* how each of them looks on the map.

# %%
rates = {"0.01 crawls": 0.01, "0.1": 0.1, "0.2 zigzags": 0.2, "0.25 jumps": 0.25}
paths = {name: gradient_descent(f, (4.0, 1.5), rate, steps=20) for name, rate in rates.items()}
descent_path(f, paths, title="Twenty steps at four rates")

# %% [markdown]
# Why? A step takes $\eta \cdot 2x$ from $x$ and $\eta \cdot 8y$ from $y$. So each has a factor of its own:
#
# $$x \leftarrow (1 - 2\eta)\,x \qquad y \leftarrow (1 - 8\eta)\,y$$
#
# *Predict* both factors at 0.3. Which of them flies apart?

# %%
for rate_of_step in (0.01, 0.1, 0.2, 0.25, 0.3):
    factors = f"{1 - 2 * rate_of_step:.2f} for x   {1 - 8 * rate_of_step:5.2f} for y"
    print(f"rate {rate_of_step:<5} each step leaves {factors}".replace("-", "−"))

# %% [markdown]
# $x$ is fine, with 0.4; $y$ has −1.4, and each jump is larger than the last. The steep direction sets the
# largest rate, 0.25, and the flat one has to live with it: that is why long valleys are slow. In lesson 3 the
# valley was 56 times as curved one way as another.

# %% tags=["assert"]
import numpy as np

import nn

_X = np.array(nn.data.linear_relationship().inputs)
_curved = np.linalg.eigvalsh(2 * _X.T @ _X / 5)
assert round(_curved[2] / _curved[0]) == 56

# %% [markdown]
# ## Where you begin
#
# Another landscape has two wells, and a slight tilt to the left:
#
# $$g(x, y) = (x^2 - 1)^2 + 0.3x + y^2$$
#
# *Predict:* two descents begin close together, at $x = 0.2$ and $x = 0.05$, both on the right of 0. Which well
# does each of them find, the right or the left?


# %%
def wells(x, y):
    return (x**2 - 1) ** 2 + 0.3 * x + y**2


starts = {"from 0.2": (0.2, 1.0), "from 0.05": (0.05, 1.0)}
found = {name: gradient_descent(wells, place, lr=0.05, steps=300) for name, place in starts.items()}
descent_path(wells, found, title="Two wells")

# %% tags=["assert"]
_ends = [(round(points[-1][0], 3), round(wells(*points[-1]), 3)) for points in found.values()]
assert _ends == [(0.960, 0.294), (-1.036, -0.305)]
assert round(sorted(np.roots([4, 0, -4, 0.3]).real)[1], 4) == 0.0754

# %% [markdown]
# From 0.2 you come to $x$ = 0.960, where g is 0.294; from 0.05 to −1.036, where it is −0.305. "Both right"
# is sensible, for both stand right of the middle. But the tilt has moved the watershed to 0.0754.
#
# Each well is a *local* minimum. The *global* one is on the left, and nothing on the right tells you so.

# %% [markdown]
# The same article says that gradient descent is guaranteed to find a local minimum. Take the tilt away:
#
# $$h(x, y) = (x^2 - 1)^2 + y^2$$
#
# *Predict:* you begin at (0, 1), exactly between two wells. Where does the descent end: in the left well, in
# the right one, or at (0, 0)?


# %%
def saddle(x, y):
    return (x**2 - 1) ** 2 + y**2


places = {"from 0": (0.0, 1.0), "from 1e-9": (1e-9, 1.0)}
nearly = {name: gradient_descent(saddle, place, lr=0.05, steps=200) for name, place in places.items()}
descent_path(saddle, nearly, x_range=(-1.5, 1.5), y_range=(-0.6, 1.2), title="A saddle")

# %% tags=["assert"]
assert np.allclose(gradient_descent(saddle, (0.0, 1.0), 0.05, 500)[-1], (0, 0), atol=1e-9)
assert [round(nearly["from 1e-9"][n][0], 3) for n in (100, 200)] == [0.083, 1.000]
assert saddle(0, 0) == 1 and saddle(0.1, 0) < 1 < saddle(0, 0.1)

# %% [markdown]
# At (0, 0). There both slopes are 0, so you stay; and it is no minimum. Along $x$ it is the top of a ridge,
# along $y$ the bottom of a valley: a *saddle*. So "the slope is zero" does not mean "this is a minimum", and
# the guarantee has a hole.

# %% [markdown]
# It is a small hole. From $x$ = 0.000000001 the descent looks stuck for a long time: $x$ is 0.083 after 100
# steps. After 200 it is 1.000. Whoever trembles a little leaves a saddle. Where does trembling come from?

# %% [markdown]
# ## Noise
#
# The five receipts of lesson 3: three prices, guessed as (0.6, 0.9, 1.1). Each receipt has an error of its own,
# and so a slope of its own for the first price.
#
# *Predict:* do all five want to move that price the same way?

# %%
from autograd import dot, gradient
from nn.data import linear_relationship

receipts = linear_relationship()
prices = [Value(0.6), Value(0.9), Value(1.1)]
losses = [(total - dot(prices, basket)) ** 2 for basket, total in zip(receipts.inputs, receipts.targets)]
slopes = [gradient(loss, prices)[0].data for loss in losses]
print([round(slope, 1) for slope in slopes], " mean:", round(sum(slopes) / 5, 2))

# %% tags=["assert"]
assert np.allclose(slopes, [-2.4, -3.6, -6.4, 9, 5.6]) and round(sum(slopes) / 5, 2) == 0.44

# %% [markdown]
# No: three would raise it, two would lower it. The mean of all, 0.44, says "a little lower".
#
# A step by the mean is *full batch*. A step by one receipt is *stochastic gradient descent*, SGD: cheap, and
# often in a wrong direction. A step by the mean of a few is a *mini-batch*, between the two.

# %% [markdown]
# Keep the third price right, at 1.2, so that two are left and we have a map. One descent asks all five receipts
# before each step, the other one receipt after another.
#
# *Predict:* thirty steps each, at the same rate. Which path is smooth? Which ends lower?


# %%
def receipt_loss(n):
    (a, b, c), total = receipts.inputs[n], receipts.targets[n]
    return lambda w1, w2: (total - (w1 * a + w2 * b + 1.2 * c)) ** 2


def mean_loss(w1, w2):
    return sum(receipt_loss(n)(w1, w2) for n in range(5)) / 5


# %%
one_by_one = [(2.0, -1.0)]
for n in range(30):
    one_by_one += gradient_descent(receipt_loss(n % 5), one_by_one[-1], 0.004, steps=1)[1:]
all_five = gradient_descent(mean_loss, (2.0, -1.0), 0.004, steps=30)
descent_path(mean_loss, {"all five": all_five, "one by one": one_by_one}, title="Two prices")

# %% tags=["assert"]
from itertools import pairwise

_means = [mean_loss(*point) for point in one_by_one]
assert sum(after > before for before, after in pairwise(_means)) == 12
assert [round(mean_loss(*path[-1]), 2) for path in (one_by_one, all_five)] == [2.68, 4.35]
assert all(receipt_loss(n % 5)(*one_by_one[n + 1]) < receipt_loss(n % 5)(*one_by_one[n]) for n in range(30))

# %% [markdown]
# One by one trembles, and ends lower: at 2.68 against 4.35, with a fifth of the work.
#
# *Question:* 12 of its 30 steps *raise* the mean loss. Is the rate too large? Whose loss must fall at each
# step: this receipt's, or the mean?

# %% [markdown]
# This receipt's, and it does, in all thirty. What pleases one receipt may displease the others. So a loss that
# goes up now and then is no sign of a mistake. Look at the mean over an epoch.

# %% [markdown]
# ## The race
#
# Three inventions change the rule. $g$ is the slope of one number $x$; μ (mu) and α (alpha) lie between 0 and 1.
#
# | rule | what it remembers | the step |
# |---|---|---|
# | plain | nothing | $x \leftarrow x - \eta g$ |
# | momentum | its speed, $v \leftarrow \mu v + g$ | $x \leftarrow x - \eta v$ |
# | RMSProp | how large slopes are, $s \leftarrow \alpha s + (1-\alpha)g^2$ | $x \leftarrow x - \eta g / \sqrt{s}$ |
# | Adam | both, as running means $\hat m$, $\hat v$ | $x \leftarrow x - \eta\,\hat m / \sqrt{\hat v}$ |

# %% [markdown]
# Momentum is a ball that rolls: it gathers speed where slopes agree, and zigzags cancel out. RMSProp gives each
# number its own scale, so that steep and flat directions move alike. Adam does both.
#
# **Bet first.** In the valley $x^2 + 4y^2$, from (4, 1.5): who arrives first, who last? Plain 0.05, plain 0.2,
# momentum 0.5, momentum 0.9, Adam 0.3.

# %%
from nn import SGD, Adam, RMSProp

racers = {
    "plain .05": SGD(0.05), "plain .2": SGD(0.2), "momentum .5": SGD(0.05, momentum=0.5),
    "momentum .9": SGD(0.05, momentum=0.9), "Adam .3": Adam(0.3),
}  # fmt: skip
race = {name: gradient_descent(f, (4.0, 1.5), steps=100, optimizer=rule) for name, rule in racers.items()}

# %%
from viz import animate, descent_frames

first = {name: points[:31] for name, points in race.items()}
animate(descent_frames(f, first, most=16, title="The race"), milliseconds=300)

# %%
for name_, points_ in race.items():
    print(f"{name_:<12} arrival: {arrival(points_)}")

# %% tags=["assert"]
assert [arrival(points) for points in race.values()] == [36, 8, 13, 71, 72]

# %% [markdown]
# Plain descent at a good rate wins, with 8 steps. Adam comes last. Most people bet on Adam, which many
# libraries take unless you say otherwise. But a valley this short needs no help, and a ball that is fast rolls
# past the bottom and back.

# %% [markdown]
# Now a hard one, $x^2 + 100y^2$: a hundred times as curved one way as the other. Plain descent flies apart
# above 0.01, so it gets 0.009.
#
# **Bet again:** plain 0.009, momentum 0.8 at the same rate, Adam 0.3, RMSProp 0.05.


# %%
def canyon(x, y):
    return x**2 + 100 * y**2


again = {
    "plain": SGD(0.009), "momentum": SGD(0.009, momentum=0.8), "Adam": Adam(0.3),
    "RMSProp": RMSProp(0.05, alpha=0.9),
}  # fmt: skip
second = {name: gradient_descent(canyon, (4.0, 1.5), steps=600, optimizer=rule) for name, rule in again.items()}

# %%
begin = {name: points[:61] for name, points in second.items()}
animate(descent_frames(canyon, begin, most=16, title="The canyon", x_range=(-3, 5)), milliseconds=300)

# %%
for name__, points__ in second.items():
    print(f"{name__:<9} arrival: {arrival(points__, canyon) or 'never'}")

# %% tags=["assert"]
assert [arrival(points, canyon) for points in second.values()] == [204, 45, 92, None]

# %% [markdown]
# Momentum, with 45. Plain needs 204, Adam 92. RMSProp comes near and never rests: close to the bottom it
# divides a small slope by an equally small size, so its steps stay as long as its rate. (A rate that falls
# helps.)
#
# There is no winner everywhere. So try: that is what these tables are for.

# %% [markdown]
# ## What helps
#
# - Does it crawl? A larger rate. Does it zigzag in a long valley? Momentum. Does it fly apart? A smaller rate.
# - Is the slope 0? Look whether it is a minimum, a saddle or a peak.
# - Where it ends depends on where it begins: begin several times.
# - Does the loss go up and down? Ask whose loss it is.

# %% [markdown]
# ## Exercises
#
# Put your answer in the place of the dots. `hint(1)` gives a push; `solution(1)` opens after two tries.

# %%
from viz.course.lesson_5 import check, hint, solution

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
_first, _second, _third = gradient_descent(f, (4.0, 1.5), steps=2, optimizer=SGD(0.05, momentum=0.9))
assert round(-0.05 * 208, 2) == -10.4 and round(along(0.05) - 25, 2) == -8.8 and round(-0.05 * 208**0.5, 2) == -0.72
assert 1 - 20 * 0.1 == -1 and 1 - 20 * 0.05 == 0 and 1 - 2 * 1 == -1 and 1 - 8 * 0.25 == -1
assert np.allclose(_second, (3.6, 0.9)) and np.allclose(_third, (2.88, 0.0))
assert np.allclose(gradient_descent(f, _second, 0.05, steps=1)[1], (3.24, 0.54))
assert np.allclose(gradient_descent(f, (4.0, 1.5), steps=1, optimizer=Adam(0.1))[1], (3.9, 1.4))
assert np.allclose(gradient_descent(f, (4.0, 1.5), 0.1, steps=1)[1], (3.2, 0.3))
for _rule, _best in ((SGD(0.015, momentum=0.7), 31), (Adam(0.5, betas=(0.5, 0.999)), 15)):
    assert arrival(gradient_descent(canyon, (4.0, 1.5), steps=200, optimizer=_rule), canyon) == _best

# %% [markdown]
# ## Go on
#
# The valley as a page of its own, and on paper with other numbers (in a terminal, or in a cell with `!` before
# them):
#
# ```
# glassgrad page descent
# glassgrad worksheet descent --seed 1
# ```
#
# Next: [6 · Alice by hand](06_alice_by_hand.ipynb). The landscape is a network's: Alice's loss over nine numbers,
# and the slope of one of them, by hand.
