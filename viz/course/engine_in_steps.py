# mypy: ignore-errors
# (Code as a learner writes it, without types.)
"""The engine of lesson 8 as it stands after each of its ten steps, each step only with what is new in it.

>>> a = solved(6)(3.0)
>>> b = a + a
>>> b.backward()
>>> a.grad
2.0
"""

from __future__ import annotations

import inspect
import math
import random
from typing import Any


class Value1:
    def __init__(self, data, inputs=(), op="", slopes=()):
        self.data, self.grad = data, 0.0
        self.inputs, self.op, self.slopes = inputs, op, slopes

    def value(self, x):
        """A plain number becomes a value."""
        return x if isinstance(x, type(self)) else type(self)(x)

    def __add__(self, other):
        other = self.value(other)
        return type(self)(self.data + other.data, (self, other), "+")

    def __radd__(self, other):
        return self + other


class Value2(Value1):
    def __mul__(self, other):
        other = self.value(other)
        return type(self)(self.data * other.data, (self, other), "*")

    def __rmul__(self, other):
        return self * other

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + other * -1

    def __rsub__(self, other):
        return -self + other


class Value3(Value2):
    def __add__(self, other):
        other = self.value(other)
        return type(self)(self.data + other.data, (self, other), "+", (1.0, 1.0))

    def __mul__(self, other):
        other = self.value(other)
        return type(self)(self.data * other.data, (self, other), "*", (other.data, self.data))


class Value4(Value3):
    def pass_on(self):
        for x, slope in zip(self.inputs, self.slopes, strict=True):
            x.grad = slope * self.grad


class Value5(Value4):
    def pass_on(self):
        for x, slope in zip(self.inputs, self.slopes, strict=True):
            x.grad += slope * self.grad


class Value6(Value5):
    def order(self):
        """Every value behind this one, each after its inputs."""
        found, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for x in node.inputs:
                    visit(x)
                found.append(node)

        visit(self)
        return found

    def backward(self):
        self.grad = 1.0
        for node in reversed(self.order()):
            node.pass_on()


class Value7(Value6):
    def backward(self):
        for node in self.order():
            node.grad = 0.0
        super().backward()


class Value8(Value7):
    def __pow__(self, n):
        return type(self)(self.data**n, (self,), f"**{n}", (n * self.data ** (n - 1),))

    def __truediv__(self, other):
        return self * self.value(other) ** -1

    def __rtruediv__(self, other):
        return self**-1 * other

    def exp(self):
        e = math.exp(self.data)
        return type(self)(e, (self,), "exp", (e,))

    def tanh(self):
        t = math.tanh(self.data)
        return type(self)(t, (self,), "tanh", (1 - t**2,))

    def relu(self):
        return type(self)(max(0.0, self.data), (self,), "relu", (float(self.data > 0),))


class Neuron:
    def __init__(self, inputs, Value=Value8):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(inputs)]
        self.b = Value(0.0)

    def __call__(self, xs):
        z = sum((w * x for w, x in zip(self.w, xs, strict=True)), self.b)
        return 1 / (1 + (-z).exp())

    def parameters(self):
        return [*self.w, self.b]


class MLP:
    def __init__(self, inputs, sizes, Value=Value8):
        counts = zip([inputs, *sizes[:-1]], sizes, strict=True)
        self.layers = [[Neuron(n, Value) for _ in range(size)] for n, size in counts]

    def __call__(self, xs):
        for layer in self.layers:
            xs = [neuron(xs) for neuron in layer]
        return xs[0]

    def parameters(self):
        return [p for layer in self.layers for neuron in layer for p in neuron.parameters()]


def fit(model, data, epochs, lr, batch_size):
    for _ in range(epochs):
        for i in range(0, len(data), batch_size):
            batch = data[i : i + batch_size]
            loss = sum((model(x) - y) ** 2 for x, y in batch) / len(batch)
            loss.backward()
            for p in model.parameters():
                p.data -= lr * p.grad


STAGES = {
    1: (Value1,), 2: (Value2,), 3: (Value3,), 4: (Value4,), 5: (Value5,), 6: (Value6,), 7: (Value7,), 8: (Value8,),
    9: (Neuron, MLP), 10: (fit,),
}  # fmt: skip
"""What each step adds."""


def solved(step: int) -> Any:
    """What has passed this step and all before it: a class of values, for 9 the network, for 10 the loop."""
    return STAGES[step][-1]


def lines_of(step: int) -> str:
    """What a step adds, as Python code."""
    return "\n\n".join(inspect.getsource(part).rstrip() for part in STAGES[step])
