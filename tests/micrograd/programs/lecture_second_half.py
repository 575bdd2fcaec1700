"""What the second notebook of Karpathy's lecture on micrograd computes: more operations, a network, a training."""

import math
import random

from lecture import Value
from utils import draw_dot

# Plain numbers on both sides, exp, division, powers.

a = Value(2.0)
sums = (a + 1, 1 + a, a * 2, 2 * a, a - 1, 1 - a, a / 4, 4 / a, a**3, -a, a.exp())
numbers = [value.data for value in sums]

# tanh in one piece, and taken apart.


def neuron(activation):
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1x2w2 = x1 * w1 + x2 * w2
    n = x1w1x2w2 + b
    n.label = "n"
    o = activation(n)
    o.label = "o"
    o.backward()
    return o, {v.label: v.grad for v in (x1, w1, x2, w2, b, n)}


def from_exponentials(n):
    e = (2 * n).exp()
    e.label = "e"
    return (e - 1) / (e + 1)


whole, whole_gradients = neuron(lambda n: n.tanh())
apart, apart_gradients = neuron(from_exponentials)
pictures = [draw_dot(whole), draw_dot(apart)]

# An operation of one's own, as the lecture adds them to its class.


def tanh(x):
    t = (math.exp(2 * x.data) - 1) / (math.exp(2 * x.data) + 1)
    out = Value(t, (x,), "tanh")

    def _backward():
        x.grad += (1 - t**2) * out.grad

    out._backward = _backward
    return out


own, own_gradients = neuron(tanh)
own_op, own_prev = own._op, len(own._prev)

# Neurons, layers, a network.

random.seed(42)


class Neuron:
    def __init__(self, nin):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(random.uniform(-1, 1))

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return act.tanh()

    def parameters(self):
        return [*self.w, self.b]


class Layer:
    def __init__(self, nin, nout):
        self.neurons = [Neuron(nin) for _ in range(nout)]

    def __call__(self, x):
        outs = [neuron(x) for neuron in self.neurons]
        return outs[0] if len(outs) == 1 else outs

    def parameters(self):
        return [p for neuron in self.neurons for p in neuron.parameters()]


class MLP:
    def __init__(self, nin, nouts):
        sizes = [nin, *nouts]
        self.layers = [Layer(m, n) for m, n in zip(sizes, nouts)]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


n = MLP(3, [4, 4, 1])
first_output = n([2.0, 3.0, -1.0]).data
n_parameters = len(n.parameters())

xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
ys = [1.0, -1.0, -1.0, 1.0]
start = [p.data for p in n.parameters()]

ypred = [n(x) for x in xs]
loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred))
loss.backward()
first_gradients = [p.grad for p in n.parameters()]
first_weight = n.layers[0].neurons[0].w[0]
picture_of_the_loss = draw_dot(loss)
first_weight_before = first_weight.data
first_weight.data += -0.01 * first_weight.grad
first_weight.data = first_weight_before

history = []
steps = 60
for _ in range(steps):
    ypred = [n(x) for x in xs]
    loss = sum((yout - ygt) ** 2 for ygt, yout in zip(ys, ypred))
    for p in n.parameters():
        p.grad = 0.0
    loss.backward()
    for p in n.parameters():
        p.data += -0.1 * p.grad
    history.append(loss.data)
predictions = [y.data for y in ypred]
