"""Engines as learners write them, in micrograd's manner: one that is right, and those with one wrong line each."""

from __future__ import annotations

import math
import random


def engine(wrong: str = "") -> type:
    """A class; ``wrong`` names the mistake that it makes."""

    class Value:
        def __init__(self, data, inputs=(), op=""):
            self.data = data
            self.grad = 0.0
            self.inputs = tuple(inputs)
            self.op = op
            self._backward = lambda: None

        def __add__(self, other):
            if wrong == "returns a float":
                return self.data + getattr(other, "data", other)
            if wrong != "numbers not wrapped":
                other = other if isinstance(other, Value) else Value(other)
            out = Value(self.data + other.data, () if wrong == "no inputs" else (self, other), "+")

            def rule():
                if wrong == "=":
                    self.grad = out.grad
                    other.grad = out.grad
                elif wrong == "only self":
                    self.grad += out.grad
                else:
                    self.grad += out.grad
                    other.grad += out.grad

            out._backward = rule
            return None if wrong == "no return" else out

        if wrong != "no __radd__":

            def __radd__(self, other):
                return self + other

        def __mul__(self, other):
            other = other if isinstance(other, Value) else Value(other)
            out = Value(self.data * other.data, (self, other), "*")

            def rule():
                if wrong == "=":
                    self.grad = other.data * out.grad
                    other.grad = self.data * out.grad
                elif wrong == "swapped":
                    self.grad += self.data * out.grad
                    other.grad += other.data * out.grad
                elif wrong == "no upstream":
                    self.grad += other.data
                    other.grad += self.data
                elif wrong == "out.data for out.grad":
                    self.grad += other.data * out.data
                    other.grad += self.data * out.data
                else:
                    self.grad += other.data * out.grad
                    other.grad += self.data * out.grad

            out._backward = rule
            return out

        __rmul__ = __mul__

        def __neg__(self):
            return self * -1

        def __sub__(self, other):
            if wrong == "calls itself":
                return -(other - self)
            return self + (-other)

        def __rsub__(self, other):
            return self - other if wrong == "__rsub__ as __sub__" else other + (-self)

        def __truediv__(self, other):
            return self * (other if isinstance(other, Value) else Value(other)) ** -1

        def __rtruediv__(self, other):
            return self / other if wrong == "__rtruediv__ as __truediv__" else other * self**-1

        def __pow__(self, n):
            out = Value(self.data**n, (self,), f"**{n}")

            def rule():
                slope = n * self.data ** (n if wrong == "n·aⁿ" else n - 1)
                self.grad += (self.data ** (n - 1) if wrong == "no n" else slope) * out.grad

            out._backward = rule
            return out

        if wrong != "no exp":

            def exp(self):
                out = Value(math.exp(self.data), (self,), "exp")

                def rule():
                    self.grad += (self.data if wrong == "exp′ = a" else out.data) * out.grad

                out._backward = rule
                return out

        def tanh(self):
            t = math.tanh(self.data)
            out = Value(t, (self,), "tanh")

            def rule():
                self.grad += (1 - (self.data if wrong == "tanh′ = 1 − a²" else t) ** 2) * out.grad

            out._backward = rule
            return out

        def relu(self):
            out = Value(max(0.0, self.data), (self,), "relu")

            def rule():
                passes = out.data >= 0 if wrong == "relu >=" else True if wrong == "relu′ = 1" else out.data > 0
                self.grad += passes * out.grad

            out._backward = rule
            return out

        def backward(self):
            if wrong == "never ends":
                waiting = [self]
                while waiting:
                    waiting.extend(waiting[0].inputs)
            if wrong.startswith("recursion"):
                self.grad = 1.0
                go(self)
                return
            order, seen = [], set()

            def sort(node):
                if node in seen:
                    return
                seen.add(node)
                if wrong == "pre-order":
                    order.append(node)
                for x in node.inputs:
                    sort(x)
                if wrong != "pre-order":
                    order.append(node)

            sort(self)
            for node in order:
                if wrong not in ("never zeroed", "leaves only zeroed") or (
                    wrong == "leaves only zeroed" and not node.inputs
                ):
                    node.grad = 0.0
            if wrong != "no seed":
                self.grad = 1.0
            for node in order if wrong in ("not reversed", "pre-order") else reversed(order):
                node._backward()

    def go(node):
        node._backward()
        for x in dict.fromkeys(node.inputs) if wrong == "recursion with a set" else node.inputs:
            go(x)

    return Value


def network(Value: type, wrong: str = "") -> type:
    """An MLP of such a class."""

    class Neuron:
        def __init__(self, inputs):
            self.w = [Value(0.5 if wrong == "equal starts" else random.uniform(-1, 1)) for _ in range(inputs)]
            self.b = Value(0.0)

        def __call__(self, xs):
            total = sum((w * x for w, x in zip(self.w, xs, strict=True)), self.b)
            return total if wrong == "no sigmoid" else 1 / (1 + (-total).exp())

        def parameters(self):
            if wrong == "bias first":
                return [self.b, *self.w]
            return self.w if wrong == "no biases" else [*self.w, self.b]

    class MLP:
        def __init__(self, inputs, sizes):
            self.layers = [[Neuron(n) for _ in range(m)] for n, m in zip([inputs, *sizes[:-1]], sizes, strict=True)]

        def __call__(self, xs):
            for layer in self.layers:
                xs = [neuron(xs) for neuron in layer]
            return xs if wrong == "a list" else xs[0].data if wrong == "a float" else xs[0]

        if wrong != "no parameters":

            def parameters(self):
                found = [p for layer in self.layers for neuron in layer for p in neuron.parameters()]
                return [p.data for p in found] if wrong == "numbers" else found

    return MLP


def training(wrong: str = ""):
    """A loop of fit."""

    def fit(model, data, epochs, lr, batch_size):
        for _ in range(epochs):
            for i in range(0, len(data), batch_size):
                batch = data[i : i + batch_size]
                loss = sum((model(x) - y) ** 2 for x, y in batch)
                if wrong != "sum for mean":
                    loss = loss / len(batch)
                parameters = model.parameters()
                if wrong == "step before backward":
                    step(parameters, lr)
                if wrong == "no backward":
                    continue
                if wrong == "never stops":
                    while True:
                        pass
                if wrong != "no zeroing":
                    for p in parameters:
                        p.grad = 0.0
                loss.backward()
                if wrong == "zero after backward":
                    for p in parameters:
                        p.grad = 0.0
                if wrong != "step before backward":
                    step(parameters, -lr if wrong == "+= rate" else lr)

    def step(parameters, lr):
        for p in parameters:
            p.data -= lr * p.grad

    return fit
