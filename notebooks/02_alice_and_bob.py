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
# # Alice, Bob and a network that guesses
#
# Four people, two numbers each, one question. Can a network of three neurons learn to answer it?

# %%
import nn
from autograd import Value, sigmoid
from viz import draw

people = nn.data.alice_bob()
print(people.story)
for name, features, target in zip(people.sample_names, people.inputs, people.targets, strict=True):
    print(f"{name:8} {features}  ->  {target}")

# %% [markdown]
# ## One neuron after the other
#
# The network has two hidden neurons and one output neuron. Each multiplies its inputs by weights,
# adds a bias, and squashes the sum with the sigmoid σ(z) = 1 / (1 + e⁻ᶻ). We begin with all weights
# 1 and all biases 0, and show it Alice.

# %%
x1, x2 = Value(-2.0, "x1"), Value(-1.0, "x2")
w1, w2, w3, w4, w5, w6 = (Value(1.0, f"w{i}") for i in range(1, 7))
b1, b2, b3 = (Value(0.0, f"b{i}") for i in range(1, 4))

h1 = sigmoid(w1 * x1 + w2 * x2 + b1)
h2 = sigmoid(w3 * x1 + w4 * x2 + b2)
y_pred = sigmoid(w5 * h1 + w6 * h2 + b3)
L = (1 - y_pred) ** 2
h1.label, h2.label, y_pred.label, L.label = "h1", "h2", "ypred", "L"
h1.data, y_pred.data, L.data

# %% [markdown]
# The network says 0.524: it cannot tell. How should w1 change, to make the loss L smaller? Go from L
# back to w1 and multiply what you meet on the way:
#
# $$\frac{dL}{dw_1} = \frac{dL}{dy_{pred}} \cdot \frac{dy_{pred}}{dh_1} \cdot \frac{dh_1}{dw_1}$$
#
# Each of the three factors is a derivative that you can work out on paper.

# %%
dL_dypred = -2 * (1 - y_pred.data)
dypred_dh1 = w5.data * y_pred.data * (1 - y_pred.data)
dh1_dw1 = x1.data * h1.data * (1 - h1.data)
print(f"{dL_dypred:.4f} · {dypred_dh1:.4f} · {dh1_dw1:.4f} = {dL_dypred * dypred_dh1 * dh1_dw1:.10f}")

# %%
L.backward()
w1.grad

# %% [markdown]
# The same number, and with it the eight others: `backward()` walks every path once. (A page that
# rounds each factor to three digits prints 0.0214; the exact value begins 0.02147.)

# %%
draw(L)

# %% [markdown]
# ## The same network in one line
#
# `nn.MLP(2, [2, 1])` makes those three neurons. Its parameters bear the names that we used, it draws
# itself with a frame around each neuron, and it starts from random weights: the seed says which.

# %%
model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
print(model.summary())

# %% [markdown]
# Before training, its answers are as good as any guess:

# %%
for name, features in zip(people.sample_names, people.inputs, strict=True):
    print(f"{name:8} {model(features).data:.3f}")

# %% [markdown]
# ## Training
#
# Show it one person after the other. After each, move every parameter a little against its gradient:
# `w.data -= 0.1 * w.grad`. A thousand rounds of that are one line too.

# %%
history = nn.fit(
    model,
    people,
    loss=nn.mean_squared_error,
    optimizer=nn.SGD(lr=0.1),
    epochs=1000,
    batch_size=1,
    progress=False,
)
history.plot()

# %%
for name, features, target in zip(people.sample_names, people.inputs, people.targets, strict=True):
    print(f"{name:8} {model(features).data:.3f}  (truth: {target})")

# %% [markdown]
# ## People that it has never seen
#
# The true test of learning is somebody new.

# %%
for name, features in zip(people.unseen.sample_names, people.unseen.inputs, strict=True):
    answer = model(features).data
    print(f"{name:8} {answer:.3f}  ->  {'F' if answer > 0.5 else 'M'}")

# %% [markdown]
# Where does it draw the line? Every point of the plane is a person; the colour is what the network
# would say.

# %%
from viz.plots import decision_boundary

decision_boundary(model, people)

# %% [markdown]
# ## Look inside
#
# The trained network's loss for Alice, with every gradient. They are tiny: there is little left to
# learn from her.

# %%
model.zero_grad()
loss = nn.mean_squared_error(model(people.inputs[0]), people.targets[0])
loss.label = "L"
loss.backward()
draw(loss)

# %% [markdown]
# ## Try it
#
# - Train with `lr=5.0`, then with `lr=0.001`. What do the loss curves tell you?
# - Another `seed` gives other weights. Do the answers about Emily and Frank change?
# - What does the network say about yourself? (Weight in pounds minus 135, height in inches minus 66.)
