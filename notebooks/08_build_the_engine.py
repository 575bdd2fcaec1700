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
# # 8 · Build the engine
#
# *Could you have invented `backward()`?*
#
# **Time:** 120 minutes. **You need:** lesson 6; Python classes.
#
# **You will be able to**
#
# - write a Value that remembers what it was made of, and finds its own gradients,
# - find the smallest graph on which an engine is wrong,
# - train a network with an engine of your own.

# %% [markdown]
# ## Ten steps
#
# | step | you add | | step | you add |
# |---|---|---|---|---|
# | 1 | `data`, `inputs`, + | | 6 | `backward()` |
# | 2 | ·, − | | 7 | zeroing |
# | 3 | local derivatives | | 8 | powers, ÷, exp, tanh, relu |
# | 4 | what comes from upstream | | 9 | neurons and a network |
# | 5 | `+=` | | 10 | `fit` |

# %% [markdown]
# Each step begins with a first try, as many people write it. It fails, and `check_engine` shows the smallest
# graph on which it is wrong: the right number beside the one *this* class gives. The leaves are a = 3, b = 5, c
# = 7.
#
# Edit the cell until it passes. After two different tries `show_step(1)` prints our lines.

# %%
from viz.course.lesson_8 import check_engine, show_step, solved

# %% [markdown]
# You prefer files, an editor and pytest? `glassgrad lessons 8 --files` writes a folder with the same ten
# steps, from an empty class. Its README says how. As homework, take one step an evening.

# %% [markdown]
# ## Step 1: a number that remembers
#
# A value keeps its number in `data`, the values it was made of in `inputs`, and the sign between them in `op`.
# The other two wait for step 3.
#
# *Predict:* what is missing in this `+`?


# %%
class Value1:
    def __init__(self, data, inputs=(), op="", slopes=()):
        self.data, self.grad = data, 0.0
        self.inputs, self.op, self.slopes = inputs, op, slopes

    def __add__(self, other):
        return self.data + other.data


check_engine(Value1, step=1)

# %% [markdown]
# The number is right, and it is only a number: nobody knows where it came from. Return a value in its place:
#
# `type(self)(self.data + other.data, (self, other), "+")`
#
# (`type(self)` is your class. It has a new name in every step.) The check will then ask for two things more.

# %% [markdown]
# `a + 1`: a plain number has no `data`. Make a value of it first. `1 + a`: Python asks the 1, which knows no
# values, and then calls `a.__radd__(1)`.
#
# *Why it works:* a value that knows its inputs **is** the graph. Nobody has to write it down elsewhere.

# %%
from autograd import Value
from viz import draw

draw(Value(3.0, "a") + Value(5.0, "b") + 1)

# %% [markdown]
# ## Step 2: times and minus
#
# `solved(1)` is a class that has passed step 1, with a helper: `self.value(x)` makes a value of a number. Yours
# works as well: write `Value1` in its place.
#
# *Predict:* of these four methods (· and −, from the left and from the right) one is wrong. Which graph shows
# it?


# %%
class Value2(solved(1)):
    def __mul__(self, other):
        other = self.value(other)
        return type(self)(self.data * other.data, (self, other), "*")

    def __sub__(self, other):
        return self + other * -1

    __rmul__, __rsub__ = __mul__, __sub__


check_engine(Value2, step=2)

# %% [markdown]
# `1 - a` calls `a.__rsub__(1)`, and there `self` is a. For sums and products the order does not matter, so one
# line for both sides was a sensible guess. For differences it does.
#
# Then the check asks for `-a`, which Python calls `__neg__`.
#
# *Why it works:* a difference is a sum and a product. Two operations are enough until step 8.

# %% [markdown]
# ## Step 3: local derivatives
#
# Each operation now says how much its result grows with each input: `slopes`, in the order of `inputs`.
#
# *Predict:* in 3 · 5, the 3 grows by 1. By how much does the product grow: 1, 3 or 5?


# %%
class Value3(solved(2)):
    def __add__(self, other):
        other = self.value(other)
        return type(self)(self.data + other.data, (self, other), "+", (1.0, 1.0))

    def __mul__(self, other):
        other = self.value(other)
        return type(self)(self.data * other.data, (self, other), "*", (self.data, other.data))


check_engine(Value3, step=3)

# %% [markdown]
# By 5: one more three is one more *five*. The slope of a product in one factor is the other factor, so the two
# are swapped here.
#
# A square hides this mistake: in a · a both factors are the same. That is why the check looks at every small
# graph, and not only at one.

# %% [markdown]
# ## Step 4: what comes from upstream
#
# `pass_on()` gives each input its share. In lesson 6 you multiplied along the path.
#
# *Predict:* for (a · b) · c, the slope in a is 5 · 7 = 35. What does this rule say?


# %%
class Value4(solved(3)):
    def pass_on(self):
        for x, slope in zip(self.inputs, self.slopes, strict=True):
            x.grad = slope


check_engine(Value4, step=4)

# %% [markdown]
# It says 5: each operation answers as if it were the last one. Multiply with what has arrived, `self.grad`.
# (With `self.data`, one word apart, a · b would say 75.)
#
# *Why it works:* it is the chain rule, one link at a time.

# %% [markdown]
# Now you can go backward by hand. The result has the gradient 1; then call the rules, from right to left.
#
# *By hand*, before you run it: the gradients of a, b and c.

# %%
a, b, c = (solved(4)(x) for x in (3.0, 5.0, 7.0))
p = a * b
q = p * c
q.grad = 1.0
q.pass_on()
p.pass_on()
a.grad, b.grad, c.grad

# %% tags=["assert"]
assert (a.grad, b.grad, c.grad) == (35.0, 21.0, 15.0) and 5 * 15 == 75

# %% [markdown]
# ## Step 5: a value that is used twice
#
# The rule is right now, on every chain. *Predict:* a + a, with this rule. Both inputs of the sum are a. Is a's
# gradient 0, 1 or 2?


# %%
class Value5(solved(4)):
    def pass_on(self):
        for x, slope in zip(self.inputs, self.slopes, strict=True):
            x.grad = slope * self.grad


check_engine(Value5, step=5)

# %% [markdown]
# 1: the second share takes the place of the first one. One more character, and shares add up: `+=`.
#
# Most say 2, because they know what is right. Andrej Karpathy runs into this very bug, on this graph, in his
# lecture on micrograd, a famous small engine. The museum has it:

# %%
from viz import museum

museum()["overwriting"]

# %% [markdown]
# ## Step 6: who is next?
#
# Until now *you* called the rules in the right order. `backward()` shall do it. The first idea of nearly
# everybody: pass on, then let each input do the same.
#
# *Predict:* right or wrong on b = a + a, then b + b?


# %%
class Recursion(solved(5)):
    def backward(self):
        self.grad = 1.0
        self.visit()

    def visit(self):
        self.pass_on()
        for x in self.inputs:
            x.visit()


# %%
check_engine(Recursion, step=6)

# %% [markdown]
# b is visited twice, and passes its whole 2 on both times. So: visit an input that occurs twice only once.
# (`dict.fromkeys` keeps one of each.)
#
# *Predict:* does that save it?


# %%
class Once(Recursion):
    def visit(self):
        self.pass_on()
        for x in dict.fromkeys(self.inputs):
            x.visit()


check_engine(Once, step=6)

# %% [markdown]
# Two operations pass now, three do not: b is reached directly *and* through a + b, and passes its gradient on
# before all of it has arrived.
#
# It is right on many graphs, so it is hard to believe. micrograd's issue #21 thinks that recursion must be
# right; #2 is where somebody met a graph on which it failed.

# %% [markdown]
# A value may pass on when everybody who *uses* it has done so. An order in which inputs come first, read from
# its end, does that: a *topological order*.
#
# *Predict* it for d = b + (a + b) with b = a + a: which numbers, in which order?


# %%
class Ordered(solved(5)):
    def order(self, found):
        if self not in found:
            for x in self.inputs:
                x.order(found)
            found.append(self)
        return found


# %%
three = Ordered(3.0)
six = three + three
d = six + (three + six)
[x.data for x in d.order([])]

# %% tags=["assert"]
assert [x.data for x in d.order([])] == [3.0, 6.0, 9.0, 15.0]

# %% [markdown]
# a, then b, then a + b, then d. The same graph, to play with: step backward, and guess who is next.

# %%
from viz import page


def shared(a):
    b = a + a
    b.label = "b"
    return b + (a + b)


page(shared(Value(3.0, "a")), free=[])

# %% [markdown]
# Your turn. *Predict:* on which graph is this one wrong?


# %%
class Value6(Ordered):
    def backward(self):
        self.grad = 1.0
        for x in self.order([]):
            x.pass_on()


check_engine(Value6, step=6)

# %% [markdown]
# The order is right, and read from the wrong end: a + a passes on while its gradient is still 0. Python has
# `reversed(...)`.
#
# *Why it works:* from the end, nobody's turn comes before those who use it. And without `self.grad = 1.0` all
# gradients are 0: try it.

# %% [markdown]
# ## Step 7: twice
#
# `backward()` is right, once. *Predict:* a · a at 3 has the gradient 6. You call `backward()` a second time.
# What is there now: 6, 9 or 12?

# %%
check_engine(solved(6), step=7)

# %% [markdown]
# 12: `+=` adds to what the first pass left. Many set the leaves to 0 then, for they are the parameters.
#
# *Predict:* is that enough for b = a + a, then b + b?


# %%
class Value7(solved(6)):
    def backward(self):
        for node in self.order():
            if not node.inputs:
                node.grad = 0.0
        super().backward()


check_engine(Value7, step=7)

# %% [markdown]
# b still has its 2, gets 2 more, and passes on 4. Set *every* node to 0.
#
# micrograd sets only parameters to 0 (its issues #25 and #32 ask why). That is right as long as each pass makes
# a new graph, as a training loop does. Then the nodes inside are new, and begin at 0.

# %% [markdown]
# ## Step 8: powers and bends
#
# Still missing: `a ** n`, `a / b`, `1 / a`, and the methods `exp`, `tanh`, `relu`. Each is one line of number
# and slope.
#
# *Predict:* what does this say for the slope of a² at 3?


# %%
class Value8(solved(7)):
    def __pow__(self, n):
        return type(self)(self.data**n, (self,), f"**{n}", (n * self.data**n,))


check_engine(Value8, step=8)

# %% [markdown]
# 18, three times too much: the exponent has to go down by one. The check then asks for the others, one after
# the other. Dividing is multiplying with a power of −1.
#
# Three of the bends go wrong in a way of their own. *Predict:* what is wrong with this tanh?

# %%
import math


class Bent(solved(8)):
    def tanh(self):
        t = math.tanh(self.data)
        return type(self)(t, (self,), "tanh", (1 - self.data**2,))


check_engine(Bent, step=8)

# %% [markdown]
# Its slope is written with the result, 1 − t², and here stands the input: −8 where 0.00987 is right. The slope
# of exp is the result as well: 20.1 at 3, not 3.
#
# And relu? The slope is 1 where the *input* is above 0. Somebody asks the output, and writes `>=`:


# %%
class Walked(solved(8)):
    def relu(self):
        out = max(0.0, self.data)
        return type(self)(out, (self,), "relu", (1.0 if out >= 0 else 0.0,))


check_engine(Walked, step=8)

# %% [markdown]
# Left of 0 the output is 0, so `>=` always holds and the wall has a door. (At 0 itself the curve has a corner:
# any slope from 0 to 1 is accepted there.)
#
# *Why it works:* a new operation needs a number and a slope. Steps 4 to 7 never ask which operation it was.

# %% tags=["assert"]
assert 3 * 3**2 // 1 == 27 and 2 * 3**2 == 18 and round(1 - math.tanh(3) ** 2, 5) == 0.00987
assert 1 - 3**2 == -8 and round(math.exp(3), 1) == 20.1

# %% [markdown]
# ## Step 9: a network
#
# A neuron is σ(w · x + b), as in lesson 6. The names are yours; the check calls `MLP(2, [2, 1])`, then the
# model, then `parameters()`: neuron by neuron its weights, then its bias.

# %%
import random


class Neuron:
    def __init__(self, inputs):
        self.w = [solved(8)(random.uniform(-1, 1)) for _ in range(inputs)]
        self.b = solved(8)(0.0)

    def __call__(self, xs):
        z = sum((w * x for w, x in zip(self.w, xs, strict=True)), self.b)
        return 1 / (1 + (-z).exp())


# %%
class Layers:
    def __init__(self, inputs, sizes):
        counts = zip([inputs, *sizes[:-1]], sizes, strict=True)
        self.layers = [[Neuron(n) for _ in range(size)] for n, size in counts]

    def __call__(self, xs):
        for layer in self.layers:
            xs = [neuron(xs) for neuron in layer]
        return xs[0]


# %% [markdown]
# *Predict:* the smallest network has one input and one neuron. How many parameters does it have, and how many
# does this one name?


# %%
class MLP9(Layers):
    def parameters(self):
        return [w for layer in self.layers for neuron in layer for w in neuron.w]


check_engine(solved(8), step=9, MLP=MLP9)

# %% [markdown]
# Two, and the bias is missing: it would stay 0 for ever, and nobody would complain. Name each `neuron.b` too.
#
# Then the check goes on to Alice: her nine gradients. It also looks whether the two hidden neurons *start*
# alike. Twins get the same gradients, and stay twins (lesson 7).

# %% [markdown]
# ## Step 10: learn
#
# A step is four things: forward, gradients to 0, backward, move. (Your `backward()` does the second one.)
#
# *Predict:* where does this loop go?


# %%
def one_step(model, batch, lr):
    loss = sum((model(x) - y) ** 2 for x, y in batch) / len(batch)
    loss.backward()
    for w in model.parameters():
        w.data += lr * w.grad


# %%
def fit10(model, data, epochs, lr, batch_size):
    for _ in range(epochs):
        for i in range(0, len(data), batch_size):
            one_step(model, data[i : i + batch_size], lr)


check_engine(solved(8), step=10, MLP=solved(9), fit=fit10)

# %% [markdown]
# Uphill. The gradient says where the loss *rises*, so subtract. The check compares every parameter with those
# of `nn.fit`: one person, then two epochs, then four people one by one, then by fours.
#
# When it passes, you have built all of it: about a hundred lines. Let it learn:

# %%
import nn
from viz import decision_boundary

people = nn.data.alice_bob()
samples = list(zip(people.inputs, people.targets, strict=True))
random.seed(1)
mine = solved(9)(2, [2, 1])
solved(10)(mine, samples, epochs=1000, lr=0.1, batch_size=1)
decision_boundary(lambda x: mine(x).data, people)

# %% [markdown]
# Light people on one side, heavy ones on the other, and a line that nobody has drawn. Every number of it went
# through your ten steps.

# %% [markdown]
# ## It learns, so it is right?
#
# An engine with `=` for `+=` sees a wrong gradient in a + a. *Predict:* it trains on Alice, Bob, Charlie and
# Diana one by one, 100 epochs, from the same start. How many of its nine parameters are equal to those of a
# right engine, to the last bit?


# %%
def network(Value):
    model = solved(9)(2, [2, 1], Value)
    ours = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    for w, begin in zip(model.parameters(), ours.parameters(), strict=True):
        w.data = begin.data
    return model


# %%
class Forgetful(solved(8)):
    def pass_on(self):
        for x, slope in zip(self.inputs, self.slopes, strict=True):
            x.grad = slope * self.grad


check_engine(Forgetful, step=5)


# %%
def trained(Value, epochs, batch_size):
    model = network(Value)
    solved(10)(model, samples, epochs, 0.1, batch_size)
    return [w.data for w in model.parameters()]


sum(map(float.__eq__, trained(solved(8), 100, 1), trained(Forgetful, 100, 1)))

# %% [markdown]
# All nine. With one person at a time no parameter is used twice, and nothing is ever lost. "It learns" is no
# proof, and neither is "it agrees".
#
# Four people in one loss use each parameter four times. *Predict:* which engine's w5 is right, and does the
# other one at least have the right sign?


# %%
def slope_of_w5(Value):
    model = network(Value)
    (sum((model(x) - y) ** 2 for x, y in samples) / 4).backward()
    return round(model.parameters()[6].grad, 4)


slope_of_w5(solved(8)), slope_of_w5(Forgetful)

# %% [markdown]
# 0.0774 is right. −0.0045 is Alice's share alone, and even its sign is wrong.
#
# *Predict:* trained on all four at once, does the loss of the forgetful engine fall?

# %%
from viz import loss_curve


def losses(Value):
    model = network(Value)
    for _ in range(100):
        solved(10)(model, samples, 10, 0.1, 4)
        yield sum((model(x).data - y) ** 2 for x, y in samples) / 4


loss_curve({"+=": [*losses(solved(8))], "=": [*losses(Forgetful)]}, title="Loss, every tenth epoch")

# %% tags=["assert"]
right_losses, forgetful_losses = list(losses(solved(8))), list(losses(Forgetful))
assert round(right_losses[-1], 4) == 0.0063 and round(forgetful_losses[-1], 4) == 0.3187
assert forgetful_losses[0] > forgetful_losses[29] < forgetful_losses[-1] and 10 * 12 == 120

# %% [markdown]
# It falls a little, and rests at 0.319, where the right one arrives at 0.0063. A curve like this has many
# causes: the rate, the start, the data. A small graph has one. So step 10 asks by fours, and step 5 asks first.

# %%
check_engine(Forgetful, step=10, MLP=lambda n, sizes: solved(9)(n, sizes, Forgetful), fit=solved(10))

# %% [markdown]
# ## Exercises
#
# `hint(1)` gives a push, and `solution(1)` opens after two tries.

# %%
from viz.course.lesson_8 import check, hint, solution

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

# %% tags=["assert"]
from viz.course.lesson_8 import SHEET
from viz.engines import wrong_engines


def answer(number):
    return SHEET.exercises[number].answer


def graph_of(kind):
    leaf = Value(3.0, "a")
    return leaf, {"a + a": leaf + leaf, "a + (a + a)": leaf + (leaf + leaf), "a * a": leaf * leaf}[kind]


def says(engine, kind):
    leaf, root = graph_of(kind)
    return engine(root)[leaf]


assert answer(1) == "a * b" and says(wrong_engines.swapped, "a * a") == says(wrong_engines.right, "a * a") == 6
assert answer(2) == (says(wrong_engines.overwriting, "a + a"),) == (1,)
assert answer(3) == (says(wrong_engines.not_reversed, "a + (a + a)"),) == (1,)
assert says(wrong_engines.right, "a + (a + a)") == 3
assert answer(4) == (says(wrong_engines.never_zeroed, "a * a"),) == (12,)
for number, tried in enumerate((Value1, Value2, Value3, Value4, Value5, Value6, Value7, Value8), 1):
    assert not check_engine(tried, step=number) and check_engine(solved(number), step=number)
given = {tried: check_engine(tried, step=number).given for number, tried in ((2, Value2), (3, Value3), (4, Value4))}
assert given == {Value2: 2.0, Value3: 3.0, Value4: 5.0}
seen = [check_engine(tried, step=6) for tried in (Recursion, Once, Value6)]
assert [(result.right, result.given) for result in seen] == [(4, 8), (5, 7), (3, 1)]
assert [result.exhibit for result in seen] == ["revisiting", "revisiting", "not_reversed"]
assert trained(solved(8), 100, 1) == trained(Forgetful, 100, 1)
assert (slope_of_w5(solved(8)), slope_of_w5(Forgetful)) == (0.0774, -0.0045)
assert check_engine(solved(8), step=9, MLP=solved(9)) and check_engine(solved(8), 10, MLP=solved(9), fit=solved(10))

# %% [markdown]
# ## Go on
#
# Add 1,001 numbers with your engine and call `backward()`: what ends, and why? (micrograd's issue #90.) Then
# add an operation of your own, and look at it with `check_gradient` of `autograd`.
#
# In a terminal, or in a cell with `!` before each line:
#
# ```
# glassgrad museum -o museum.html
# glassgrad page "b = a + a; d = b + (a + b)" a=3 -o order.html
# glassgrad worksheet "b = a + a; d = b + (a + b)" --seed 1 -o order-1.html
# ```
#
# Next: [9 · Order, sharing and vanishing](09_order_sharing_and_vanishing.ipynb). Why does order matter?
