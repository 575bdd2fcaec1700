"""PyTorch as it is mostly used: eager, on the CPU, in float64, on one thread."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from tasks import CONTEXT, EPSILON, HEADS, WIDTH, Task

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def tensors(task: Task) -> list[torch.Tensor]:
    return [torch.tensor(numbers, requires_grad=True) for numbers in task.parameters.values()]


def numbers_of(parameters: list[torch.Tensor]) -> list[Any]:
    return [p.detach() for p in parameters]


def alice_bob(task: Task, variant: str) -> Any:
    samples = [(torch.tensor(x), torch.tensor([t])) for x, t in zip(task.inputs, task.targets, strict=True)]

    def run(steps: int) -> Any:
        w1, b1, w2, b2 = parameters = tensors(task)
        optimizer = torch.optim.SGD(parameters, lr=task.lr)
        losses = []
        for _ in range(steps):
            sum_of_losses = 0.0
            for x, target in samples:
                optimizer.zero_grad()
                h = torch.sigmoid(F.linear(x, w1, b1))
                loss = F.mse_loss(torch.sigmoid(F.linear(h, w2, b2)), target)
                loss.backward()
                optimizer.step()
                sum_of_losses += loss.item()
            losses.append(sum_of_losses / len(samples))
        return losses, numbers_of(parameters)

    return run


def moons(task: Task, variant: str) -> Any:
    x, targets = torch.tensor(task.inputs), torch.tensor(task.targets)[:, None]

    def run(steps: int) -> Any:
        w1, b1, w2, b2, w3, b3 = parameters = tensors(task)
        # The optimizer's weight decay gives the same gradient as the penalty in the loss, in less time.
        optimizer = torch.optim.SGD(parameters, lr=task.lr, weight_decay=2 * task.penalty)
        losses = []
        for _ in range(steps):
            optimizer.zero_grad()
            h = F.relu(F.linear(F.relu(F.linear(x, w1, b1)), w2, b2))
            loss = F.relu(1 - targets * F.linear(h, w3, b3)).mean()
            loss.backward()
            with torch.no_grad():
                flat = torch.cat([p.view(-1) for p in parameters])
                penalty = task.penalty * torch.dot(flat, flat)
            optimizer.step()
            losses.append(loss.item() + penalty.item())
        return losses, numbers_of(parameters)

    return run


def digits(task: Task, variant: str) -> Any:
    inputs, targets = torch.tensor(task.inputs), torch.tensor(task.targets).long()
    batches = list(zip(inputs.split(task.batch), targets.split(task.batch), strict=True))

    def run(steps: int) -> Any:
        w1, b1, w2, b2 = parameters = tensors(task)
        optimizer = torch.optim.SGD(parameters, lr=task.lr)
        losses = []
        for _ in range(steps):
            sum_of_losses = 0.0
            for x, target in batches:
                optimizer.zero_grad()
                loss = F.cross_entropy(F.linear(F.relu(F.linear(x, w1, b1)), w2, b2), target)
                loss.backward()
                optimizer.step()
                sum_of_losses += loss.item() * len(x)
            losses.append(sum_of_losses / len(inputs))
        return losses, numbers_of(parameters)

    return run


pixels = digits


def wide(task: Task, variant: str) -> Any:
    samples = [(torch.tensor(x), torch.tensor(int(t))) for x, t in zip(task.inputs, task.targets, strict=True)]
    w1, b1, w2, b2 = parameters = tensors(task)

    def run(steps: int) -> Any:
        losses, gradients = [], []
        for step in range(steps):
            x, target = samples[step % len(samples)]
            loss = F.cross_entropy(F.linear(F.relu(F.linear(x, w1, b1)), w2, b2), target)
            gradients = torch.autograd.grad(loss, parameters)
            losses.append(loss.item())
        return losses, list(gradients)

    return run


def gpt(task: Task, variant: str) -> Any:
    words = [torch.tensor(word) for word in task.words]
    size = WIDTH // HEADS
    later = torch.full((CONTEXT, CONTEXT), True).triu(1)

    def rms(x: torch.Tensor) -> torch.Tensor:
        return x * (x.square().mean(1, keepdim=True) + EPSILON) ** -0.5

    def heads(x: torch.Tensor) -> torch.Tensor:
        return x.view(len(x), HEADS, size).transpose(0, 1)

    def loss_of(parameters: list[torch.Tensor], word: torch.Tensor) -> torch.Tensor:
        letters, positions, query, key, value, mix, up, down, head = parameters
        given, wanted = word[:-1], word[1:]
        count = len(given)
        x = rms(F.embedding(given, letters) + positions[:count])
        normal = rms(x)
        q, k, v = (heads(F.linear(normal, w)) for w in (query, key, value))
        scores = (q @ k.transpose(1, 2) / size**0.5).masked_fill(later[:count, :count], -torch.inf)
        seen = (scores.softmax(2) @ v).transpose(0, 1).reshape(count, WIDTH)
        x = x + F.linear(seen, mix)
        x = x + F.linear(F.relu(F.linear(rms(x), up)), down)
        return F.cross_entropy(F.linear(x, head), wanted)

    def run(steps: int) -> Any:
        parameters = tensors(task)
        optimizer = torch.optim.Adam(parameters, lr=task.lr, betas=task.betas, eps=task.eps)
        losses = []
        for step in range(steps):
            optimizer.zero_grad()
            loss = loss_of(parameters, words[step % len(words)])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses, numbers_of(parameters)

    return run
