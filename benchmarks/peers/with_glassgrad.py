"""glassgrad itself, as a user trains with it: models from nn, data as lists, and ``nn.fit``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tasks import CONTEXT, HEADS, WIDTH, Task

import autograd
import nn
from autograd import Value, dot, logsumexp


def network(task: Task, sizes: list[int], **settings: Any) -> nn.MLP:
    weights = [numbers for name, numbers in task.parameters.items() if name.startswith("w")]
    biases = [numbers for name, numbers in task.parameters.items() if name.startswith("b")]
    return nn.MLP(sizes[0], sizes[1:], weights=weights, bias_values=biases, **settings)


def in_order(model: nn.MLP, attribute: str) -> list[Any]:
    """All parameters in the task's order, or their data or gradients."""
    numbers: list[Any] = []
    for layer in model.layers:
        weights, biases = [neuron.weights for neuron in layer.neurons], [neuron.bias for neuron in layer.neurons]
        if attribute:
            weights = [[getattr(w, attribute) for w in row] for row in weights]
            biases = [getattr(b, attribute) for b in biases]
        numbers += [weights, biases]
    return numbers


def fitting(task: Task, variant: str, model: nn.MLP, **settings: Any) -> Any:
    parameters = model.parameters()
    start = [p.data for p in parameters]
    data = nn.Dataset(task.inputs, task.targets)

    def run(steps: int) -> Any:
        for p, number in zip(parameters, start, strict=True):
            p.data = number
        history = nn.fit(
            model, data, optimizer=nn.SGD(lr=task.lr), epochs=steps, engine=variant, progress=False, **settings
        )
        if variant not in ("auto", history.engine):
            raise ImportError(f"fit cannot use it yet: the engine was {history.engine}")
        return history.loss, in_order(model, "data")

    return run


def alice_bob(task: Task, variant: str) -> Any:
    return fitting(task, variant, network(task, [2, 2, 1], activation="sigmoid"), loss=nn.mean_squared_error)


def moons(task: Task, variant: str) -> Any:
    model = network(task, [2, 16, 16, 1], activation="relu", output_activation="identity")
    return fitting(task, variant, model, loss=nn.hinge, penalty=nn.L2(task.penalty), batch_size=None)


def digits(task: Task, variant: str) -> Any:
    sizes = [len(task.inputs[0]), 32, 10]
    model = network(task, sizes, activation="relu", output_activation="identity")
    return fitting(task, variant, model, loss=nn.cross_entropy, batch_size=task.batch)


pixels = digits


def wide(task: Task, variant: str) -> Any:
    model = network(task, [64, 64, 10], activation="relu", output_activation="identity")
    if variant != "eager":
        return wide_as_a_program(task, variant, model)

    def run(steps: int) -> Any:
        losses = []
        for step in range(steps):
            i = step % len(task.inputs)
            model.zero_grad()
            loss = nn.cross_entropy(model(task.inputs[i]), int(task.targets[i]))
            loss.backward()
            losses.append(loss.data)
        return losses, in_order(model, "grad")

    return run


def wide_as_a_program(task: Task, variant: str, model: nn.MLP) -> Any:
    """One program for all samples: its inputs are the parameters, the sample, and a 1 where its class is."""
    x, target = leaves(64), leaves(10)
    parameters = flat(in_order(model, ""))
    program = autograd.compile(cross_entropy(model(x), target), [parameters, x, target], variant, argnums=0)
    start = np.concatenate([np.ravel(numbers) for numbers in task.parameters.values()])
    samples = [(np.array(x), np.eye(10)[int(target)]) for x, target in zip(task.inputs, task.targets, strict=True)]

    def run(steps: int) -> Any:
        losses, gradient = [], None
        for step in range(steps):
            loss, gradient = program.value_and_grad(start, *samples[step % len(samples)])
            losses.append(loss)
        return losses, gradient

    return run


def gpt(task: Task, variant: str) -> Any:
    """All words again and again, each with an update of its own, whatever its length."""
    model = nn.GPT(len(task.parameters["letters"]), CONTEXT, WIDTH, HEADS)
    parameters = model.parameters()
    start = flat(list(task.parameters.values()))
    words = nn.Dataset([word[:-1] for word in task.words], [word[1:] for word in task.words], ragged=True)

    def run(steps: int) -> Any:
        for p, number in zip(parameters, start, strict=True):
            p.data = number
        optimizer = nn.Adam(lr=task.lr, betas=task.betas, eps=task.eps)

        def losses(data: nn.Dataset, epochs: int) -> list[float]:
            history = nn.fit(
                model,
                data,
                loss=nn.cross_entropy,
                optimizer=optimizer,
                epochs=epochs,
                engine=variant,
                progress=False,
            )
            if variant not in ("auto", history.engine):
                raise ImportError(f"fit cannot use it yet: the engine was {history.engine}")
            return history.loss

        rounds, rest = divmod(steps, len(words))
        found = losses(words, rounds) if rounds else []
        return found + (losses(words[:rest], 1) if rest else []), [p.data for p in parameters]

    return run


def cross_entropy(logits: list[Value], wanted: list[Value]) -> Value:
    """``nn.cross_entropy`` for a class that is an input of the program: 1 for it, 0 for all others."""
    return logsumexp(logits) - dot(wanted, logits)


def leaves(count: int) -> list[Value]:
    return [Value(0.5) for _ in range(count)]


def flat(nested: Any) -> list[Any]:
    return [x for part in nested for x in flat(part)] if isinstance(nested, list) else [nested]
