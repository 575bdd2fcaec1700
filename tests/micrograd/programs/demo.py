"""What micrograd's demo.ipynb computes: two moons, a network with two hidden layers, an SVM's loss, 100 steps."""

import random

import numpy as np
from micrograd.engine import Value
from micrograd.nn import MLP, Layer, Neuron

np.random.seed(1337)
random.seed(1337)


def make_moons(n_samples, noise):
    """Two half circles of points with noise, drawn from NumPy's global chance as scikit-learn draws them."""
    angles = np.linspace(0, np.pi, n_samples // 2)
    outer = np.column_stack([np.cos(angles), np.sin(angles)])
    inner = np.column_stack([1 - np.cos(angles), 1 - np.sin(angles) - 0.5])
    points = np.concatenate([outer, inner])
    classes = np.repeat([0, 1], n_samples // 2)
    order = np.arange(n_samples)
    np.random.shuffle(order)
    return points[order] + np.random.normal(scale=noise, size=points.shape), classes[order]


X, y = make_moons(100, noise=0.1)
y = y * 2 - 1

model = MLP(2, [16, 16, 1])
described = str(model)
n_parameters = len(model.parameters())
assert isinstance(model.layers[0], Layer)
assert isinstance(model.layers[0].neurons[0], Neuron)


def loss(batch_size=None):
    chosen = np.arange(len(X)) if batch_size is None else np.random.permutation(len(X))[:batch_size]
    inputs = [list(map(Value, row)) for row in X[chosen]]
    scores = list(map(model, inputs))
    # max-margin: everything that is on the right side by 1 or more costs nothing
    losses = [(1 + -yi * score).relu() for yi, score in zip(y[chosen], scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    reg_loss = 1e-4 * sum(p * p for p in model.parameters())
    right = [(yi > 0) == (score.data > 0) for yi, score in zip(y[chosen], scores)]
    return data_loss + reg_loss, sum(right) / len(right)


first_loss, first_accuracy = loss()
small_loss, _ = loss(batch_size=10)

losses, accuracies = [], []
steps = 100
for k in range(steps):
    total_loss, accuracy = loss()
    model.zero_grad()
    total_loss.backward()
    learning_rate = 1.0 - 0.9 * k / steps
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    losses.append(total_loss.data)
    accuracies.append(accuracy)

# which side of the boundary the points of a grid are on
h = 0.25
xs, ys = np.meshgrid(
    np.arange(X[:, 0].min() - 1, X[:, 0].max() + 1, h), np.arange(X[:, 1].min() - 1, X[:, 1].max() + 1, h)
)
grid = [list(map(Value, row)) for row in np.c_[xs.ravel(), ys.ravel()]]
scores = list(map(model, grid))
Z = np.array([score.data > 0 for score in scores]).reshape(xs.shape)
