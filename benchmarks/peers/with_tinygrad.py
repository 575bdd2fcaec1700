"""tinygrad on the CPU in float64: the whole step is captured by TinyJit after its second call.

It has clang translate its kernels.  Where there is no clang, the one in the package ziglang is taken.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tasks import CONTEXT, EPSILON, HEADS, WIDTH, Task

# Kernels are translated in each process anew, as everywhere else.
os.environ |= {"DEV": "CPU", "NUM_CPU_THREADS": "1", "CACHELEVEL": "0", "DEFAULT_FLOAT": "DOUBLE"}

if shutil.which("clang") is None:
    if find_spec("ziglang") is None:
        raise ImportError("tinygrad needs clang")
    folder = Path(tempfile.mkdtemp())
    (folder / "clang").write_text(f'#!/bin/sh\nexec {sys.executable} -m ziglang clang "$@"\n', encoding="utf-8")
    (folder / "clang").chmod(0o755)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"

from tinygrad import Tensor, TinyJit


def tensors(task: Task) -> list[Tensor]:
    return [Tensor(numbers).realize() for numbers in task.parameters.values()]


def train(task: Task, state: list[Tensor], step: Callable[..., Tensor], inputs: list[tuple[Tensor, ...]]) -> Any:
    """``step(*input)`` changes the state, whose first tensors are the parameters, and gives the loss."""
    start = [t.numpy() for t in state]
    captured = TinyJit(step)

    def run(steps: int) -> Any:
        for t, numbers in zip(state, start, strict=True):
            t.assign(Tensor(numbers)).realize()
        losses = [captured(*inputs[i % len(inputs)]).item() for i in range(steps)]
        return losses, [p.numpy() for p in state[: len(task.parameters)]]

    return run


def alice_bob(task: Task, variant: str) -> Any:
    """The four updates of an epoch are one captured step."""
    parameters = w1, b1, w2, b2 = tensors(task)
    samples = [(Tensor(x).realize(), t) for x, t in zip(task.inputs, task.targets, strict=True)]

    def epoch() -> Tensor:
        losses = []
        for x, target in samples:
            h = (w1 @ x + b1).sigmoid()
            loss = ((w2 @ h + b2).sigmoid() - target).square().sum()
            losses.append(loss.realize(*descend(parameters, loss, task.lr)))
        return (sum(losses[1:], losses[0]) / len(losses)).realize()

    return train(task, parameters, epoch, [()])


def descend(parameters: list[Tensor], loss: Tensor, lr: float) -> list[Tensor]:
    gradients = loss.gradient(*parameters)
    return [p.assign(p - lr * g) for p, g in zip(parameters, gradients, strict=True)]


def moons(task: Task, variant: str) -> Any:
    parameters = w1, b1, w2, b2, w3, b3 = tensors(task)
    x, targets = Tensor(task.inputs).realize(), Tensor(task.targets).reshape(-1, 1).realize()

    def step() -> Tensor:
        h = ((x @ w1.T + b1).relu() @ w2.T + b2).relu()
        loss = (1 - targets * (h @ w3.T + b3)).relu().mean()
        loss = loss + task.penalty * sum([p.square().sum() for p in parameters[1:]], parameters[0].square().sum())
        return loss.realize(*descend(parameters, loss, task.lr))

    return train(task, parameters, step, [()])


def wide(task: Task, variant: str) -> Any:
    parameters = w1, b1, w2, b2 = tensors(task)
    samples = [
        (Tensor(x).realize(), Tensor([[float(int(t) == i) for i in range(10)]]).reshape(-1).contiguous().realize())
        for x, t in zip(task.inputs, task.targets, strict=True)
    ]

    @TinyJit
    def loss_and_gradients(x: Tensor, wanted: Tensor) -> list[Tensor]:
        logits = w2 @ (w1 @ x + b1).relu() + b2
        loss = logits.logsumexp() - (logits * wanted).sum()
        gradients = loss.gradient(*parameters)
        Tensor.realize(loss, *gradients)
        return [loss, *gradients]

    def run(steps: int) -> Any:
        losses, gradients = [], []
        for step in range(steps):
            loss, *gradients = loss_and_gradients(*samples[step % len(samples)])
            losses.append(loss.item())
        return losses, [gradient.numpy() for gradient in gradients]

    return run


def gpt(task: Task, variant: str) -> Any:
    """Every word is filled up to the whole context: one program for all lengths."""
    size = WIDTH // HEADS
    parameters = letters, positions, query, key, value, mix, up, down, head = tensors(task)
    means, squares = ([Tensor.zeros(*p.shape).contiguous().realize() for p in parameters] for _ in range(2))
    powers = [Tensor.ones(1).contiguous().realize() for _ in task.betas]
    later = Tensor.ones(CONTEXT, CONTEXT).triu(1).realize()
    tokens = Tensor.arange(len(task.parameters["letters"])).realize()

    def rms(x: Tensor) -> Tensor:
        return x * (x.square().mean(1, keepdim=True) + EPSILON).rsqrt()

    def heads(x: Tensor) -> Tensor:
        return x.reshape(CONTEXT, HEADS, size).transpose(0, 1)

    def loss_of(given: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
        x = rms((given.unsqueeze(1) == tokens).double() @ letters + positions)
        normal = rms(x)
        q, k, v = (heads(normal @ w.T) for w in (query, key, value))
        scores = q @ k.transpose(1, 2) / size**0.5 - later * 1e9
        x = x + (scores.softmax(2) @ v).transpose(0, 1).reshape(CONTEXT, WIDTH) @ mix.T
        x = x + (rms(x) @ up.T).relu() @ down.T
        logits = x @ head.T
        chosen = (logits * (wanted.unsqueeze(1) == tokens)).sum(1)
        return ((logits.logsumexp(1) - chosen) * weight).sum()

    def step(given: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
        loss = loss_of(given, wanted, weight)
        beta1, beta2 = task.betas
        for power, beta in zip(powers, task.betas, strict=True):
            power.assign(power * beta)
        changed = [*powers]
        for p, g, m, s in zip(parameters, loss.gradient(*parameters), means, squares, strict=True):
            m.assign(beta1 * m + (1 - beta1) * g)
            s.assign(beta2 * s + (1 - beta2) * g * g)
            p.assign(p - task.lr * (m / (1 - powers[0])) / ((s / (1 - powers[1])).sqrt() + task.eps))
            changed += [m, s, p]
        return loss.realize(*changed)

    def filled_up(word: list[int]) -> tuple[Tensor, Tensor, Tensor]:
        count = len(word) - 1
        filling = [0] * (CONTEXT - count)
        weight = [1 / count] * count + [0.0] * len(filling)
        return Tensor(word[:-1] + filling).realize(), Tensor(word[1:] + filling).realize(), Tensor(weight).realize()

    return train(task, [*parameters, *means, *squares, *powers], step, [filled_up(word) for word in task.words])
