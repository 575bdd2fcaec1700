"""What EurekaLabsAI's micrograd trains: three classes in the plane, tanh, cross-entropy, AdamW with its state on the
parameters, and a picture with coloured nodes."""

import random

from lecture import Value
from utils import draw_dot

random.seed(42)


class Neuron:
    def __init__(self, nin, nonlin=True):
        self.w = [Value(random.uniform(-1, 1) * nin**-0.5) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin
        for p in self.parameters():
            p._vis_color = "lightgreen"

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return act.tanh() if self.nonlin else act

    def parameters(self):
        return [*self.w, self.b]


class MLP:
    def __init__(self, nin, nouts):
        sizes = [nin, *nouts]
        self.layers = [
            [Neuron(sizes[i], nonlin=i < len(nouts) - 1) for _ in range(nouts[i])] for i in range(len(nouts))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x

    def parameters(self):
        return [p for layer in self.layers for neuron in layer for p in neuron.parameters()]


def cross_entropy(logits, target):
    ex = [x.exp() for x in logits]
    denom = sum(ex)
    return -(ex[target] / denom).log()


class AdamW:
    def __init__(self, parameters, lr=0.1, betas=(0.9, 0.95), weight_decay=0.0):
        self.parameters, self.lr, self.betas, self.weight_decay = parameters, lr, betas, weight_decay
        self.t = 0
        for p in self.parameters:
            p.m = 0.0
            p.v = 0.0

    def step(self):
        self.t += 1
        first, second = self.betas
        for p in self.parameters:
            if p.grad is None:
                continue
            p.m = first * p.m + (1 - first) * p.grad
            p.v = second * p.v + (1 - second) * p.grad**2
            m_hat = p.m / (1 - first**self.t)
            v_hat = p.v / (1 - second**self.t)
            p.data -= self.lr * (m_hat / (v_hat**0.5 + 1e-8) + self.weight_decay * p.data)

    def zero_grad(self):
        for p in self.parameters:
            p.grad = 0


def class_of(x, y):
    return 0 if x < 0 else 1 if y < 0 else 2


points = [(random.uniform(-2, 2), random.uniform(-2, 2)) for _ in range(40)]
data = [([Value(x), Value(y)], class_of(x, y)) for x, y in points]
model = MLP(2, [8, 3])
start = [p.data for p in model.parameters()]


def mean_loss(split):
    total = Value(0.0)
    for x, y in split:
        total = total + cross_entropy(model(x), y)
    return total * (1.0 / len(split))


optimizer = AdamW(model.parameters(), weight_decay=1e-4)
history = []
steps = 15
for _ in range(steps):
    loss = mean_loss(data)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    history.append(loss.data)

origin = [Value(0.0), Value(0.0)]
for x in origin:
    x._vis_color = "lightblue"
loss = mean_loss([(origin, 0)])
loss.backward()
dot = draw_dot(loss)
states = [(p.m, p.v) for p in model.parameters()]
