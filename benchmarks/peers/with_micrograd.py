"""micrograd from PyPI, whose values are single numbers as ours are.

It has no exp, log or sigmoid: they are added here, each as one operation and written as its own are.  The variant
"composed" has exp alone and computes the sigmoid with micrograd's own + and /, as one would who has only these.
"""

from __future__ import annotations

import math
from typing import Any

from micrograd.engine import Value
from micrograd.nn import MLP, Module
from tasks import Task

from peers.scalar_gpt import logits_of_word


def operation(x: Value, name: str, result: float, local: float) -> Value:
    out = Value(result, (x,), name)

    def _backward() -> None:
        x.grad += local * out.grad

    out._backward = _backward
    return out


def sigmoid(x: Value) -> Value:
    s = 1 / (1 + math.exp(-x.data))
    return operation(x, "sigmoid", s, s * (1 - s))


def exp(x: Value) -> Value:
    e = math.exp(x.data)
    return operation(x, "exp", e, e)


def composed_sigmoid(x: Value) -> Value:
    return 1 / (1 + exp(-x))


def log(x: Value) -> Value:
    return operation(x, "log", math.log(x.data), 1 / x.data)


def network(task: Task, *sizes: int) -> Any:
    """micrograd's own MLP with the given start weights."""
    model = MLP(sizes[0], list(sizes[1:]))
    for number, layer in enumerate(model.layers, 1):
        weights, biases = task.parameters[f"w{number}"], task.parameters[f"b{number}"]
        for neuron, row, bias in zip(layer.neurons, weights, biases, strict=True):
            neuron.w, neuron.b = [Value(w) for w in row], Value(bias)
    return model


def in_order(model: Any, attribute: str) -> list[Any]:
    """Data or gradients of all parameters, in the task's order."""
    numbers: list[Any] = []
    for layer in model.layers:
        numbers.append([[getattr(w, attribute) for w in neuron.w] for neuron in layer.neurons])
        numbers.append([getattr(neuron.b, attribute) for neuron in layer.neurons])
    return numbers


def descend(model: Module, loss: Value, lr: float) -> None:
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.data -= lr * p.grad


def alice_bob(task: Task, variant: str) -> Any:
    squash = composed_sigmoid if variant == "composed" else sigmoid

    def run(steps: int) -> Any:
        model = network(task, 2, 2, 1)
        for layer in model.layers:
            for neuron in layer.neurons:
                neuron.nonlin = False
        hidden, output = model.layers
        losses = []
        for _ in range(steps):
            sum_of_losses = 0.0
            for x, target in zip(task.inputs, task.targets, strict=True):
                prediction = squash(output([squash(z) for z in hidden(x)]))
                loss = (prediction - target) ** 2
                descend(model, loss, task.lr)
                sum_of_losses += loss.data
            losses.append(sum_of_losses / len(task.inputs))
        return losses, in_order(model, "data")

    return run


def moons(task: Task, variant: str) -> Any:
    """The loss of micrograd's own demo."""

    def run(steps: int) -> Any:
        model = network(task, 2, 16, 16, 1)
        losses = []
        for _ in range(steps):
            scores = [model([Value(number) for number in x]) for x in task.inputs]
            hinges = [(1 + -target * score).relu() for target, score in zip(task.targets, scores, strict=True)]
            data_loss = sum(hinges) * (1.0 / len(hinges))
            loss = data_loss + task.penalty * sum(p * p for p in model.parameters())
            descend(model, loss, task.lr)
            losses.append(loss.data)
        return losses, in_order(model, "data")

    return run


def cross_entropy(logits: list[Value], target: int) -> Value:
    largest = max(logit.data for logit in logits)
    shifted = [logit - largest for logit in logits]
    return log(sum(exp(logit) for logit in shifted)) - shifted[target]


def wide(task: Task, variant: str) -> Any:
    model = network(task, 64, 64, 10)

    def run(steps: int) -> Any:
        losses = []
        for step in range(steps):
            i = step % len(task.inputs)
            loss = cross_entropy(model(task.inputs[i]), int(task.targets[i]))
            model.zero_grad()
            loss.backward()
            losses.append(loss.data)
        return losses, in_order(model, "grad")

    return run


def gpt(task: Task, variant: str) -> Any:
    def dot(w: list[Value], x: list[Value]) -> Value:
        products = [a * b for a, b in zip(w, x, strict=True)]
        return sum(products[1:], products[0])

    def softmax(scores: list[Value]) -> list[Value]:
        largest = max(score.data for score in scores)
        exps = [exp(score - largest) for score in scores]
        total = sum(exps[1:], exps[0])
        return [e / total for e in exps]

    def run(steps: int) -> Any:
        parameters = {name: [[Value(w) for w in row] for row in rows] for name, rows in task.parameters.items()}
        flat = [w for rows in parameters.values() for row in rows for w in row]
        means, squares = [0.0] * len(flat), [0.0] * len(flat)
        beta1, beta2 = task.betas
        losses = []
        for step in range(1, steps + 1):
            word = task.words[(step - 1) % len(task.words)]
            letters = [parameters["letters"][letter] for letter in word[:-1]]
            logits = logits_of_word(parameters, letters, dot=dot, softmax=softmax, relu=Value.relu)
            losses_of_letters = [cross_entropy(row, letter) for row, letter in zip(logits, word[1:], strict=True)]
            loss = sum(losses_of_letters[1:], losses_of_letters[0]) * (1 / len(logits))
            for p in flat:
                p.grad = 0
            loss.backward()
            losses.append(loss.data)
            mean_scale, square_scale = 1 / (1 - beta1**step), 1 / (1 - beta2**step)
            for i, p in enumerate(flat):
                mean = means[i] = beta1 * means[i] + (1 - beta1) * p.grad
                square = squares[i] = beta2 * squares[i] + (1 - beta2) * p.grad**2
                p.data -= task.lr * mean * mean_scale / (math.sqrt(square * square_scale) + task.eps)
        return losses, [p.data for p in flat]

    return run
