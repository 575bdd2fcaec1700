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
# # One step at a time
#
# `backward()` is over in a moment. Here we slow it down until every single multiplication can be
# seen, go back and forth, predict what comes next, and look at engines that get it wrong.
#
# ## The list of steps
#
# A node that is used twice receives two *contributions* to its gradient, one for each use. A step of
# the backward pass is one contribution:
#
# $$\text{gradient} \leftarrow \text{gradient} + \text{upstream gradient} \times \text{local derivative}$$

# %%
from autograd import Value, trace

a = Value(3.0, "a")
b = a * a
b.label = "b"
L = b + a
L.label = "L"

print(trace(L))

# %%
from viz import draw

draw(L)

# %% [markdown]
# (The picture shows `?` where the trace shows numbers: the trace is taken from a snapshot, and
# `backward()` has not been called.)
#
# Each step is plain data, and can be said in a sentence. Look at the last one: `a` is used three
# times (twice in `a·a`, once in the sum), and its gradient is complete only when all three have
# added to it.

# %%
from viz import narrate

steps = trace(L)
for step in steps.backward:
    print(narrate(steps, step))

# %% [markdown]
# The last running totals are what `backward()` gives, bit for bit.

# %%
L.backward()
a.grad, steps.gradients[steps.find(a)]

# %% [markdown]
# ## Where do the local derivatives come from?
#
# Every operation is declared in one line of `autograd/ops.py`, with its derivative rule. That rule is
# ordinary arithmetic. Run on numbers it is backpropagation; run on *symbols* it gives the formula.

# %%
from autograd import ops
from autograd.symbols.formulas import symbol
from autograd.symbols.local_derivatives import local_formulas

for op in (ops.tanh, ops.sigmoid, ops.divide, ops.sqrt, ops.power):
    names = [symbol(name) for name in "xy"[: op.arity]]
    print(f"{op.name:8}", [formula.text for formula in local_formulas(op, names)])

# %% [markdown]
# ## One gradient, explained
#
# `explain` writes down the chain rule for one input, from named node to named node: first in symbols,
# then with numbers, over all paths. (In a notebook it shows formulas; `print` gives text.)

# %%
from viz import explain

print(explain(L, a))

# %% [markdown]
# ## A page to play with
#
# The same steps as a page: buttons and arrow keys go through them, sliders change the numbers, and
# *Descend* takes gradient steps. `page(L).save("L.html")` writes it to a file that works offline, so
# that you can give it to somebody else.

# %%
from viz import page

page(L)

# %% [markdown]
# ## Predict the next gradient
#
# Before you go on: what is dL/db? The quiz finds out which mistake a wrong answer comes from, and
# answers with a hint.

# %%
from viz import quiz

q = quiz(L)
q

# %%
q.answer("1")

# %%
q.answer("6")

# %% [markdown]
# (6 is the share of `a·a` alone. The question asks for all of it.)

# %%
q.answer("7")

# %% [markdown]
# ## The museum of wrong engines
#
# Every one of these mistakes has been made by somebody who wrote an engine. Each stands beside the
# smallest graph on which it is wrong.

# %%
from viz import museum

print(museum()["overwriting"])

# %% [markdown]
# ## Try it
#
# - Make a page of the network of the last lesson: `page(loss, examples=people)`. How large may the
#   learning rate be before it diverges?
# - `worksheet(L, seed=1).save("sheet.html")` is for a pencil. Another seed gives other numbers.
# - In a terminal: `glassgrad step alice`, `glassgrad quiz mazur`, `glassgrad museum`.
