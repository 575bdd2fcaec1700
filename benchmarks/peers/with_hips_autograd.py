"""HIPS autograd, which differentiates NumPy programs.

Its import name is that of glassgrad's engine: it is installed in a folder of its own, and runs in a process that
does not see glassgrad.
"""

from __future__ import annotations

from typing import Any

import numpy
from tasks import CONTEXT, EPSILON, HEADS, WIDTH, Task

try:
    import autograd.numpy as np

    from autograd import value_and_grad
except ImportError as error:
    raise ImportError(f"HIPS autograd is not in its folder ({error})") from error


def arrays(task: Task) -> list[Any]:
    return [numpy.array(numbers) for numbers in task.parameters.values()]


def descend(parameters: list[Any], gradients: list[Any], lr: float) -> list[Any]:
    return [p - lr * g for p, g in zip(parameters, gradients, strict=True)]


def alice_bob(task: Task, variant: str) -> Any:
    inputs = [numpy.array(x) for x in task.inputs]

    def loss_of(parameters: Any, x: Any, target: float) -> Any:
        w1, b1, w2, b2 = parameters
        h = 1 / (1 + np.exp(-(np.dot(w1, x) + b1)))
        return (1 / (1 + np.exp(-(np.dot(w2, h) + b2)))[0] - target) ** 2

    loss_and_gradients = value_and_grad(loss_of)

    def run(steps: int) -> Any:
        parameters, losses = arrays(task), []
        for _ in range(steps):
            sum_of_losses = 0.0
            for x, target in zip(inputs, task.targets, strict=True):
                loss, gradients = loss_and_gradients(parameters, x, target)
                parameters = descend(parameters, gradients, task.lr)
                sum_of_losses += loss
            losses.append(sum_of_losses / len(inputs))
        return losses, parameters

    return run


def moons(task: Task, variant: str) -> Any:
    x, targets = numpy.array(task.inputs), numpy.array(task.targets)[:, None]

    def loss_of(parameters: Any) -> Any:
        w1, b1, w2, b2, w3, b3 = parameters
        h = np.maximum(np.dot(np.maximum(np.dot(x, w1.T) + b1, 0.0), w2.T) + b2, 0.0)
        hinge = np.maximum(1 - targets * (np.dot(h, w3.T) + b3), 0.0)
        return np.mean(hinge) + task.penalty * sum(np.sum(p * p) for p in parameters)

    loss_and_gradients = value_and_grad(loss_of)

    def run(steps: int) -> Any:
        parameters, losses = arrays(task), []
        for _ in range(steps):
            loss, gradients = loss_and_gradients(parameters)
            parameters = descend(parameters, gradients, task.lr)
            losses.append(loss)
        return losses, parameters

    return run


def logsumexp(x: Any) -> Any:
    largest = np.max(x, axis=-1, keepdims=True)
    return (largest + np.log(np.sum(np.exp(x - largest), axis=-1, keepdims=True)))[..., 0]


def wide(task: Task, variant: str) -> Any:
    inputs = [numpy.array(x) for x in task.inputs]
    parameters = arrays(task)

    def loss_of(parameters: Any, x: Any, target: int) -> Any:
        w1, b1, w2, b2 = parameters
        logits = np.dot(w2, np.maximum(np.dot(w1, x) + b1, 0.0)) + b2
        return logsumexp(logits) - logits[target]

    loss_and_gradients = value_and_grad(loss_of)

    def run(steps: int) -> Any:
        losses, gradients = [], []
        for step in range(steps):
            i = step % len(inputs)
            loss, gradients = loss_and_gradients(parameters, inputs[i], int(task.targets[i]))
            losses.append(loss)
        return losses, gradients

    return run


def gpt(task: Task, variant: str) -> Any:
    words = [numpy.array(word) for word in task.words]
    size = WIDTH // HEADS
    later = numpy.triu(numpy.full((CONTEXT, CONTEXT), -numpy.inf), 1)

    def rms(x: Any) -> Any:
        return x * (np.mean(x * x, axis=1, keepdims=True) + EPSILON) ** -0.5

    def heads(x: Any) -> Any:
        return np.transpose(np.reshape(x, (len(x), HEADS, size)), (1, 0, 2))

    def loss_of(parameters: Any, word: Any) -> Any:
        letters, positions, query, key, value, mix, up, down, head = parameters
        given, wanted = word[:-1], word[1:]
        count = len(given)
        x = rms(letters[given] + positions[:count])
        normal = rms(x)
        q, k, v = (heads(np.dot(normal, w.T)) for w in (query, key, value))
        scores = np.matmul(q, np.transpose(k, (0, 2, 1))) / size**0.5 + later[:count, :count]
        attention = np.exp(scores - logsumexp(scores)[..., None])
        seen = np.reshape(np.transpose(np.matmul(attention, v), (1, 0, 2)), (count, WIDTH))
        x = x + np.dot(seen, mix.T)
        x = x + np.dot(np.maximum(np.dot(rms(x), up.T), 0.0), down.T)
        logits = np.dot(x, head.T)
        return np.mean(logsumexp(logits) - logits[numpy.arange(count), wanted])

    loss_and_gradients = value_and_grad(loss_of)

    def run(steps: int) -> Any:
        parameters, losses = arrays(task), []
        means = [numpy.zeros_like(p) for p in parameters]
        squares = [numpy.zeros_like(p) for p in parameters]
        beta1, beta2 = task.betas
        for step in range(1, steps + 1):
            loss, gradients = loss_and_gradients(parameters, words[(step - 1) % len(words)])
            losses.append(loss)
            for p, g, mean, square in zip(parameters, gradients, means, squares, strict=True):
                mean += (1 - beta1) * (g - mean)
                square += (1 - beta2) * (g * g - square)
                p -= task.lr * (mean / (1 - beta1**step)) / (numpy.sqrt(square / (1 - beta2**step)) + task.eps)
        return losses, parameters

    return run
