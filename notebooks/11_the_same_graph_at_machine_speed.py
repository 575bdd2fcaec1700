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
# # The same graph, at machine speed
#
# micrograd ends with a sentence: *everything else is just efficiency*. This lesson is about everything
# else. We take one neuron and its loss, and compute its gradient four times, each time closer to the
# machine. The numbers stay the same.
#
# ## Rung 1: the graph
#
# Every operation makes a node; `backward()` walks the nodes in reverse.

# %%
import timeit

from autograd import Value, compile
from viz import draw

w, x, b, target = Value(0.5, "w"), Value(2.0, "x"), Value(-0.5, "b"), Value(1.0, "target")


def loss_of_the_neuron():
    o = (w * x + b).tanh()
    o.label = "o"
    L = (o - target) ** 2
    L.label = "L"
    return L


def eager():
    for leaf in (w, x, b, target):
        leaf.grad = 0
    loss_of_the_neuron().backward()


L = loss_of_the_neuron()
L.backward()
draw(L)


# %%
def microseconds(function):
    return min(timeit.repeat(function, number=2000, repeat=5)) / 2000 * 1e6


print(f"a graph of Values: {microseconds(eager):.2f} µs")

# %% [markdown]
# ## Rung 2: the tape
#
# The graph is the same each time, so we can write down once what is computed: a straight line of
# primitive operations, *forward and backward*. What occurs twice is computed once, and a composite
# like sigmoid would stand there as the operations that it is made of.

# %%
program = compile(L, [w, x, b, target], engine="python")
print(program.gradient_tape)

# %% [markdown]
# ## Rung 3: Python source
#
# A straight line of operations is easily written as a Python function. No nodes are made any more.

# %%
from autograd.engines.python_source import function, write_function

print(write_function(program.gradient_tape))

# %%
by_python = function(program.gradient_tape)
numbers = (0.5, 2.0, -0.5, 1.0)
print(by_python(*numbers)[1:], "are the gradients that backward() found:", (w.grad, x.grad, b.grad, target.grad))
print(f"generated Python: {microseconds(lambda: by_python(*numbers)):.2f} µs")

# %% [markdown]
# ## Rung 4: machine code
#
# LLVM, the compiler behind C++ and Rust, turns the same tape into instructions of this very
# processor. For one call from Python the difference is small, because the call itself costs more
# than the arithmetic. It pays where many steps are made in one call: on a batch, or in a training run.
#
# Here are the processor's own words for `w * x + b`, a product and a sum; what stands around them fetches
# the numbers and puts the result away.

# %%
lines = compile(w * x + b, [w, x, b], engine="native").assembly.splitlines()
print("\n".join(line for line in lines if line.startswith("\t") and line[1] not in "."))

# %%
import numpy as np

native = compile(L, [w, x, b, target], engine="native")
xs = np.linspace(-3, 3, 100_000)


def batch():
    return native(0.5, xs, -0.5, 1.0)


batch()
each = min(timeit.repeat(batch, number=20, repeat=5)) / 20 / len(xs) * 1e9
print(f"machine code, a batch of {len(xs):,}: {each:.2f} nanoseconds for each sample")

# %% [markdown]
# ## A whole training run
#
# `nn.fit` does all of this by itself. The model, the loss and the optimizer's own rule are recorded,
# and a thousand epochs are one call. The history is the same, digit by digit.

# %%
import nn

people = nn.data.alice_bob()
histories = {}
for engine in ("eager", "python", "native"):
    model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    nn.fit(model, people, epochs=1, engine=engine, progress=False)
    model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    seconds = -timeit.default_timer()
    histories[engine] = nn.fit(model, people, epochs=1000, engine=engine, progress=False)
    seconds += timeit.default_timer()
    print(f"{engine:8}{seconds * 1000:8.1f} ms, loss {histories[engine].loss[-1]:.12f}")

# %% [markdown]
# (The time of `native` contains making the code for a new model. Call `fit` again on the same model,
# and it is a fraction of a millisecond.)
#
# ## Try it
#
# - `nn.to_torch(model)` is the same network in PyTorch. Compare the outputs.
# - Write a model with `if` on an input, and read what `fit` says.
# - `print(program.statistics)`: how many steps has the tape of a larger network?
