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
# # 9 · Order, sharing and vanishing
#
# *Why does the order matter, and what reaches the far end?*
#
# **Time:** 60 minutes. **You need:** lesson 8; or lesson 6 and a look at `glassgrad museum`.
#
# **You will be able to**
#
# - put the nodes of a graph into an order that `backward()` can follow,
# - count the paths of a graph, and the operations, and say which of them cost time,
# - estimate what ten layers let through.

# %% [markdown]
# ## Four lines, three answers
#
# `backward()` walks from the result to the inputs, and each node hands on what it has received. Here a is used
# twice, and b three times.

# %%
from autograd import Value
from viz import draw

a = Value(3.0, "a")
b = a + a
c = b + b
d = b + c
b.label, c.label, d.label = "b", "c", "d"
draw(d)

# %% [markdown]
# *Vote:* what is the gradient of a: 1, 2 or 6? In a class, count the hands before you go on. Alone, write down a
# number and your reason.

# %%
d.backward()
draw(d)

# %% [markdown]
# 6: d = b + 2b = 3b, and b = 2a. Some engines vote otherwise. All of these were written by somebody, and all of
# them are right on a tree, where every value is used once.

# %%
from viz.engines import wrong_engines

names = ("right", "depth_first", "breadth_first", "overwriting", "every_path")
print("\n".join(f"{name:14} a: {getattr(wrong_engines, name)(d)[a]:g}" for name in names))

# %% [markdown]
# Two say 2, one says 1. The last one is right, but will cost you dearly, as you shall see. The museum shows each
# engine with the smallest graph that unmasks it. The first mistake: **whoever is reached first goes first.**

# %%
from viz import museum

museum()["depth_first"]

# %% [markdown]
# b is reached at once from d, with 1 of the 3 that it will get, and hands on that 1. What comes later over c is
# never passed on. To go by distance (`museum()["breadth_first"]`) does not help: b is one step from d, and so is
# c.

# %% [markdown]
# ## Who is next?
#
# Do it right, and slowly. d has handed 1 to b and 1 to c. *Predict:* whose turn is it now: b's, c's, or does it
# not matter?

# %%
from viz import step

step(d, at=7)

# %% [markdown]
# c's. b is used in three places, and only one of them has reported. A node waits for **all of its uses**. That is
# all that "topological order" means: nobody hands on before everything has arrived.

# %%
from autograd import topological_order, trace

print("forward: ", [node.label for node in topological_order(d)])
print("backward:", [node.label for node in reversed(topological_order(d))])
print("b receives", trace(d).uses("b"), "contributions")

# %% [markdown]
# In the order of computation, every node stands behind its inputs. Read backwards, it stands behind all of its
# uses. Walk through it on the page with →. Or go back to the first step and press *Predict*: it asks you for each
# contribution.

# %%
from viz import page

page(d, free=[])

# %% [markdown]
# ## Sharing adds up
#
# What is used twice receives two contributions, and they are **added**: along both paths the result moves.
# Whoever writes `=` for `+=` keeps the last one. *Predict:* which gradient is left for a in b = a + a?

# %%
museum()["overwriting"]

# %% [markdown]
# 1, in place of 2. Nothing crashes, and in a network where every weight is used once per step, nobody notices.
#
# *Question:* "recursion would do as well", says somebody: each node calls its inputs whenever something arrives.
# Does it? Predict a's gradient for c = b + b, b = a + a.

# %%
museum()["revisiting"]

# %% [markdown]
# 8, not 4: b is called twice, and both times it hands on all that it has by then. On many graphs this is right,
# which is why people believe it. It can be mended, by calling along **each path** with that path's share alone.
# So let us count paths.

# %% [markdown]
# ## Paths and operations
#
# Double a number: b = a + a. Double that, and so on, 20 times. *Predict:* how many operations are there, and how
# many paths from the result to a: 40, 400 or a million?


# %%
def doubled(times):
    first = last = Value(1.0, "a")
    for _ in range(times):
        last = last + last
    last.backward()
    return first, last


draw(doubled(6)[1])


# %%
def paths(node, goal):
    return 1 if node is goal else sum(paths(x, goal) for x in node.inputs)


for times, (first, last) in ((n, doubled(n)) for n in (1, 2, 5, 10, 16)):
    print(f"{times:2} operations, {paths(last, first):6,} paths, gradient {first.grad:6g}")

# %% [markdown]
# The gradient *is* the number of paths here, each carrying 1. At 20 doublings they are 1,048,576, and the 20
# operations are still 20. The sum over all paths is the definition; `backward()` visits every operation once,
# because it waits.

# %%
print(f"{doubled(20)[0].grad:,.0f} paths, {len(topological_order(doubled(20)[1])) - 1} operations")

# %% [markdown]
# That is the whole trick of backpropagation: the same sum, in a better order. Engines that walk every path give
# right answers, and do not finish.

# %%
museum()["every_path"]

# %% [markdown]
# ## Deep chains
#
# Recursion has a second trouble. *Predict:* add 1,000 numbers in a loop, and call a recursive `backward()`. Is
# the answer right, wrong, or none at all?

# %%
museum()["too_deep"]

# %% [markdown]
# None: Python allows about a thousand calls inside one another. Users of micrograd meet this in a long loop. An
# engine with its own list of waiting nodes has no such limit; here are 100,000 additions.

# %% tags=["measured"]
import time


def add_up(additions):
    begin, number = time.perf_counter(), Value(1.0)
    total = sum((number for _ in range(additions)), number)
    total.backward()
    return f"gradient {number.grad:,.0f} in {time.perf_counter() - begin:.1f} s"


add_up(100_000)

# %% [markdown]
# ## What reaches the far end
#
# Ten layers are a chain too, and each multiplies what flows back by its own slope. How steep are the usual
# activations, at most? (tanh is an S as well, from −1 to 1.)

# %%
from viz import activation_plot

activation_plot({"sigmoid": "sigmoid", "tanh": "tanh", "ReLU": "relu"}, -4, 4)

# %% [markdown]
# Read the lower half. The sigmoid's slope is 0.25 at its best, the others' is 1. *Predict:* what does the first
# number feel of ten sigmoids in a row: about a tenth, a thousandth, or less than a millionth?


# %%
def chain(function, start, length, name):
    number = Value(start, "x")
    for i in range(1, length + 1):
        number = function(number)
        number.label = f"{name}{i}"
    number.backward()
    return number


draw(chain(Value.sigmoid, 0.0, 10, "s"))

# %% [markdown]
# The line becomes a hair. $0.25^{10} ≈ 9.5 \cdot 10^{-7}$ is the most that can come through; it is $3.9 \cdot
# 10^{-7}$, for only the first sigmoid stands at 0, where it is steepest. After twenty it is $1.3 \cdot 10^{-13}$.
# This is the **vanishing gradient**.

# %% [markdown]
# *Predict* the same for ten tanh, from 0 and from 1, and ten ReLU, from 1 and from −1.


# %%
def slope_of(function, start, length=10):
    return topological_order(chain(function, start, length, "n"))[0].grad


print("ten tanh from 0:", round(slope_of(Value.tanh, 0.0), 3), " from 1:", round(slope_of(Value.tanh, 1.0), 3))
print("ten ReLU from 1:", slope_of(Value.relu, 1.0), "  from −1:", slope_of(Value.relu, -1.0))

# %% [markdown]
# tanh from 0: 1, nothing is lost. From 1: 0.041. ReLU from 1: 1. From −1: 0, and that is not "almost nothing" but
# nothing at all. See the dotted lines:

# %%
w, x, bias = Value(0.5, "w"), Value(2.0, "x"), Value(-3.0, "b")
out = (w * x + bias).relu()
out.label = "o"
loss = (out - 1) ** 2
loss.label = "L"
loss.backward()
draw(loss)

# %% [markdown]
# The loss is 1, so there is much to learn; and w and b hear nothing. *Question:* "a dead ReLU recovers by itself
# after a while". Which slope would move it?

# %%
from nn import SGD

optimizer = SGD(lr=0.1)
for _ in range(100):
    optimizer.step([w, bias])
print("after 100 steps: w =", w.data, " b =", bias.data)

# %% [markdown]
# None. As long as *every* sample leaves it below 0, its weights stay. Something else has to move: an earlier
# layer, or the inputs.

# %% [markdown]
# The source *How to train a neural network* wants activations that are differentiable everywhere. ReLU has a
# corner. *Predict:* what is its slope at 0, for `backward()`: an error, 0, ½ or 1?

# %%
corner = Value(0.0, "x")
corner.relu().backward()
print(corner.grad)

# %% [markdown]
# 0, by agreement; 1 would do as well. A sum that is exactly 0 is rare, and each of the two is the slope of one of
# its sides. So the rule is stricter than it must be: ReLU works, and most networks use it or a relative.

# %% [markdown]
# ## The other way
#
# *Predict:* multiply by 1.5, ten times. What does the first number feel: 15, 58 or 1024?

# %%
draw(chain(lambda number: 1.5 * number, 1.0, 10, "m"))

# %% [markdown]
# 57.67, since $1.5^{10} ≈ 57.7$; many say 15. With 2 it is 1024. Here gradients **explode**, and the step that
# they make is far too long: lesson 1's bouncing, in ten layers. A little above 1 or below 1, ten times, is a lot.

# %% [markdown]
# ## A real network
#
# Two inputs, six hidden layers of 8, one output: sigmoids everywhere, weights drawn at random. One sample, one
# `backward()`. Each layer is one box, and the lines are as wide as what flows back.

# %%
import nn


def deep(activation, **settings):
    model = nn.MLP(2, [8] * 6 + [1], activation, seed=1, **settings)
    error = nn.mean_squared_error(model([0.5, -0.3]), 1.0)
    error.label = "L"
    error.backward()
    return model, error


draw(deep("sigmoid")[1], collapse="layers")

# %% [markdown]
# *Predict:* the parameters of the first hidden layer have slopes how much smaller than those of the last layer: 4
# times, 40 times or 400 times? And with ReLU, and random weights scaled so that each layer keeps the size of what
# it hands on (the "He start")?

# %%
from viz import gradient_flow

sigmoids = deep("sigmoid")[0]
rectifiers = deep("relu", output_activation="identity", initializer="he_normal")[0]
gradient_flow({"sigmoid": sigmoids, "ReLU, He start": rectifiers})

# %% [markdown]
# A bar is the root mean square of a layer's slopes (squared, averaged, and the root of that), on a logarithmic
# axis: each tick is ten times more. Sigmoid: 0.130 above, 0.000353 below, 369 times less. ReLU: 0.453 and 0.293,
# hardly anything lost. A start that keeps the size, layer by layer, is worth more than patience.

# %% [markdown]
# *Question:* "the first layer's slopes are tiny, so that layer has learned its part." Is that so? Ask for the
# loss.

# %%
print(f"loss of the network of sigmoids: {deep('sigmoid')[1].data:.3f}")

# %% [markdown]
# 0.781, of at most 1: it has learned nothing yet. A small slope says "moving me changes little", and never "I am
# right". Only the loss says that.

# %% tags=["assert"]
import numpy as np

from autograd import grad, sigmoid

assert [getattr(wrong_engines, name)(d)[a] for name in names] == [6, 2, 2, 1, 6]
assert trace(d).uses("b") == 3
assert wrong_engines.revisiting(c)[a] == 8
assert doubled(20)[0].grad == 2**20 == 1_048_576
assert len(topological_order(doubled(20)[1])) - 1 == 20
assert [paths(*doubled(n)[::-1]) for n in (1, 2, 5, 10)] == [2, 4, 32, 1024]
assert round(0.25**10 * 1e7, 1) == 9.5
assert round(slope_of(Value.sigmoid, 0.0) * 1e7, 1) == 3.9
assert round(slope_of(Value.sigmoid, 0.0, 20) * 1e13, 1) == 1.3
assert round(grad(sigmoid)(0.0), 2) == 0.25
assert [round(slope_of(Value.tanh, x), 3) for x in (0.0, 1.0)] == [1, 0.041]
assert [slope_of(Value.relu, x) for x in (1.0, -1.0, 0.0)] == [1, 0, 0]
assert (w.data, bias.data, corner.grad) == (0.5, -3, 0)
assert round(1.5**10, 1) == round(slope_of(lambda number: number * 1.5, 1.0), 1) == 57.7
assert round(1.5**10, 2) == 57.67
assert slope_of(lambda number: number + number, 1.0) == 1024

# %% tags=["assert"]
from viz.plots import layer_gradients

upper, lower = layer_gradients(sigmoids).rms[0], layer_gradients(sigmoids).rms[-1]
assert (round(upper, 3), round(lower, 6), round(upper / lower)) == (0.130, 0.000353, 369)
assert np.allclose([layer_gradients(rectifiers).rms[i] for i in (0, -1)], [0.453, 0.293], atol=5e-4)
assert round(deep("sigmoid")[1].data, 3) == 0.781


def lost(sizes, activation, initializer="normal"):
    ratios = []
    for seed in (1, 2, 3):
        model = nn.MLP(2, sizes, activation, output_activation="identity", initializer=initializer, seed=seed)
        nn.mean_squared_error(model([0.5, -0.3]), 1.0).backward()
        ratios.append(layer_gradients(model).rms[0] / layer_gradients(model).rms[-1])
    return ratios


assert max(lost([8] * 6 + [1], "tanh", "xavier_normal") + lost([8] * 6 + [1], "relu", "he_normal")) < 5

# %% [markdown]
# ## Exercises
#
# Write your answer in the place of the dots. A wrong answer gets a question back; `hint(1)` gives a push, and
# `solution(1)` opens after two tries.

# %%
from viz.course.lesson_9 import check, hint, solution

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
assert [check(1, answer).right for answer in (10, 2, 1)] == [True, False, False]
assert [check(2, answer).right for answer in (30, 2**30, 2**31 - 2)] == [True, False, False]
assert [check(3, answer).right for answer in (slope_of(Value.tanh, 0.0, 20), 0)] == [True, False]
assert [check(4, answer).right for answer in (0.25**5, 1.25, 0.25)] == [True, False, False]
assert [check(5, answer).right for answer in (3 * grad(Value.relu)(-1.0), 3)] == [True, False]
assert round(0.25**5, 5) == 0.00098

# %% [markdown]
# ## Go on
#
# In a terminal, or in a cell with `!` before them:
#
# - `glassgrad museum` shows all exhibits, and `glassgrad museum every_path` one.
# - `glassgrad worksheet "d = (a+a) + (a+a)*b" --seed 1` is for a pencil: a is used four times.
# - Next: [everything else is efficiency](11_the_same_graph_at_machine_speed.ipynb), the same graph at machine
#   speed.
