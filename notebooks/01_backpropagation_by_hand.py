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
# # Backpropagation by hand
#
# A neural network learns by asking one question very often: *if I nudge this number a little, which
# way does the result move, and by how much?* The answer is a derivative. In this lesson we find
# derivatives three times, each way better than the one before:
#
# 1. by nudging and looking,
# 2. by the chain rule, one step at a time, on paper,
# 3. by letting `backward()` do the same steps.
#
# ## A small expression
#
# A `Value` is one number that remembers how it was computed.

# %%
from autograd import Value
from viz import draw

a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
e = a * b
e.label = "e"
d = e + c
d.label = "d"
L = d * f
L.label = "L"
L

# %%
draw(L)

# %% [markdown]
# Numbers stand in the boxes, operations in the circles. Every gradient is still a `?`: nobody has
# computed one yet.
#
# ## First way: nudge and look
#
# The derivative of L with respect to a is the limit of (L(a + h) - L(a)) / h. So take a small h.


# %%
def compute_L(a, b, c, f):
    return (a * b + c) * f


h = 0.0001
(compute_L(2.0 + h, -3.0, 10.0, -2.0) - compute_L(2.0, -3.0, 10.0, -2.0)) / h

# %% [markdown]
# About 6: when a grows by a little, L grows by six times as much. This works for any function, but
#
# - it is not exact (here by luck it nearly is; a smaller h makes the rounding errors worse),
# - it costs one more evaluation **for every input**, and a network has thousands.
#
# ## Second way: the chain rule, from the right to the left
#
# Start at the end. If L moves by one, L moves by one:

# %%
L.grad = 1.0

# %% [markdown]
# L = d · f. For a product, the derivative with respect to one factor is the *other* factor:
# dL/dd = f and dL/df = d.

# %%
d.grad = f.data * L.grad
f.grad = d.data * L.grad
d.grad, f.grad

# %% [markdown]
# d = e + c. For a sum, both local derivatives are 1: a sum hands its gradient on unchanged. The
# **chain rule** says how to go on: dL/dc = dL/dd · dd/dc, *upstream gradient times local derivative*.

# %%
e.grad = d.grad * 1.0
c.grad = d.grad * 1.0
e.grad, c.grad

# %% [markdown]
# And once more through the product e = a · b.

# %%
a.grad = e.grad * b.data
b.grad = e.grad * a.data
a.grad, b.grad

# %% [markdown]
# Six again, exactly this time. The whole picture, filled in by hand:

# %%
draw(L)

# %% [markdown]
# ## What the gradient is for
#
# Each input moved a little *along* its gradient makes L larger, all at once:

# %%
for leaf in (a, b, c, f):
    leaf.data += 0.01 * leaf.grad
compute_L(a.data, b.data, c.data, f.data)

# %% [markdown]
# L rose from -8 to -7.286. Training a network is the same step in the other direction, repeated: L
# is then an error, and we want it smaller.
#
# ## Third way: `backward()`
#
# Now a neuron: two inputs, two weights, a bias, and tanh to squash the sum.

# %%
x1, x2 = Value(2.0, "x1"), Value(0.0, "x2")
w1, w2 = Value(-3.0, "w1"), Value(1.0, "w2")
bias = Value(6.8813735870195432, "b")
n = x1 * w1 + x2 * w2 + bias
n.label = "n"
o = n.tanh()
o.label = "o"
o.backward()
draw(o)

# %% [markdown]
# Check some of it by hand. tanh has the local derivative 1 - tanh², and o is 0.7071 = √½, so
# do/dn = 1 - ½ = ½. The sums hand that on. Then w1 receives ½ · x1 and x1 receives ½ · w1:

# %%
o.data, 1 - o.data**2, (0.5 * x1.data, w1.grad), (0.5 * w1.data, x1.grad)

# %% [markdown]
# The gradient of w2 is 0, because its input x2 is 0: whatever w2 is, it makes no difference now.
#
# ## A number that is used twice
#
# If a number goes into the result along two paths, both count: the gradient is the **sum** over the
# paths. In code that means `+=`, never `=`. Draw it, and see the two edges:

# %%
a = Value(3.0, "a")
b = a + a
b.label = "b"
b.backward()
print(a)
draw(b)

# %% [markdown]
# ## Try it
#
# - Write out n as `(x1 * w1 + x2 * w2) * bias`. Which gradients change, and why?
# - Replace tanh by its definition, `((2 * n).exp() - 1) / ((2 * n).exp() + 1)`. The gradients of the
#   inputs should not change at all.
# - What does `Value(0.0).log()` say?
