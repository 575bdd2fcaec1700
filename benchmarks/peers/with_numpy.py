"""NumPy, with every derivative worked out by hand: what a careful person writes without an autodiff library."""

from __future__ import annotations

from typing import Any

import numpy as np
from tasks import CONTEXT, EPSILON, HEADS, WIDTH, Task


def arrays(task: Task) -> list[Any]:
    return [np.array(numbers) for numbers in task.parameters.values()]


def alice_bob(task: Task, variant: str) -> Any:
    inputs = [np.array(x) for x in task.inputs]
    targets, lr = task.targets, task.lr

    def run(steps: int) -> Any:
        w1, b1, w2, b2 = parameters = arrays(task)
        losses = []
        for _ in range(steps):
            loss = 0.0
            for x, target in zip(inputs, targets, strict=True):
                h = 1 / (1 + np.exp(-(w1 @ x + b1)))
                y = 1 / (1 + np.exp(-(w2 @ h + b2)))
                error = y - target
                loss += float(error[0] * error[0])
                d_output = 2 * error * y * (1 - y)
                d_hidden = w2[0] * d_output * h * (1 - h)
                w2 -= lr * d_output * h
                b2 -= lr * d_output
                w1 -= lr * np.outer(d_hidden, x)
                b1 -= lr * d_hidden
            losses.append(loss / len(inputs))
        return losses, parameters

    return run


def moons(task: Task, variant: str) -> Any:
    x = np.array(task.inputs)
    targets = np.array(task.targets)[:, None]
    count, lr, penalty = len(x), task.lr, task.penalty

    def run(steps: int) -> Any:
        w1, b1, w2, b2, w3, b3 = parameters = arrays(task)
        losses = []
        for _ in range(steps):
            h1 = np.maximum(x @ w1.T + b1, 0)
            h2 = np.maximum(h1 @ w2.T + b2, 0)
            margin = 1 - targets * (h2 @ w3.T + b3)
            squares = sum(float(np.vdot(p, p)) for p in parameters)
            losses.append(float(np.maximum(margin, 0).sum()) / count + penalty * squares)

            d_score = np.where(margin > 0, -targets / count, 0)
            d_h2 = (d_score @ w3) * (h2 > 0)
            d_h1 = (d_h2 @ w2) * (h1 > 0)
            gradients = [d_h1.T @ x, d_h1.sum(0), d_h2.T @ h1, d_h2.sum(0), d_score.T @ h2, d_score.sum(0)]
            for p, gradient in zip(parameters, gradients, strict=True):
                p -= lr * (gradient + 2 * penalty * p)
        return losses, parameters

    return run


def digits(task: Task, variant: str) -> Any:
    x, one_hot = np.array(task.inputs), np.eye(10)[np.array(task.targets, int)]
    batches = [(x[i : i + task.batch], one_hot[i : i + task.batch]) for i in range(0, len(x), task.batch)]
    lr = task.lr

    def run(steps: int) -> Any:
        w1, b1, w2, b2 = parameters = arrays(task)
        losses = []
        for _ in range(steps):
            loss = 0.0
            for inputs, wanted in batches:
                h = np.maximum(inputs @ w1.T + b1, 0)
                logits = h @ w2.T + b2
                logits -= logits.max(axis=1, keepdims=True)
                exps = np.exp(logits)
                sums = exps.sum(axis=1, keepdims=True)
                loss += float(np.log(sums).sum() - np.vdot(wanted, logits))

                # The learning rate goes into the smallest of the factors.
                d_logits = (exps / sums - wanted) * (lr / len(inputs))
                d_hidden = (d_logits @ w2) * (h > 0)
                w1 -= d_hidden.T @ inputs
                b1 -= d_hidden.sum(axis=0)
                w2 -= d_logits.T @ h
                b2 -= d_logits.sum(axis=0)
            losses.append(loss / len(x))
        return losses, parameters

    return run


pixels = digits


def wide(task: Task, variant: str) -> Any:
    inputs = [np.array(x) for x in task.inputs]
    w1, b1, w2, b2 = arrays(task)

    def run(steps: int) -> Any:
        losses, gradients = [], []
        for step in range(steps):
            x, target = inputs[step % len(inputs)], int(task.targets[step % len(inputs)])
            h = np.maximum(w1 @ x + b1, 0)
            logits = w2 @ h + b2
            shifted = logits - logits.max()
            exps = np.exp(shifted)
            total = exps.sum()
            losses.append(float(np.log(total) - shifted[target]))
            d_logits = exps / total
            d_logits[target] -= 1
            d_hidden = (d_logits @ w2) * (h > 0)
            gradients = [np.outer(d_hidden, x), d_hidden, np.outer(d_logits, h), d_logits]
        return losses, gradients

    return run


def gpt(task: Task, variant: str) -> Any:
    words = [np.array(word) for word in task.words]
    size = WIDTH // HEADS
    later = np.triu(np.full((CONTEXT, CONTEXT), True), 1)

    def heads(x: Any) -> Any:
        """(positions, width) → (heads, positions, width of a head)"""
        return x.reshape(len(x), HEADS, size).transpose(1, 0, 2)

    def joined(x: Any) -> Any:
        return x.transpose(1, 0, 2).reshape(-1, WIDTH)

    def rms(x: Any) -> tuple[Any, Any]:
        scale = (np.mean(x * x, axis=1, keepdims=True) + EPSILON) ** -0.5
        return x * scale, scale

    def through_rms(d_y: Any, y: Any, scale: Any) -> Any:
        return scale * (d_y - y * np.mean(d_y * y, axis=1, keepdims=True))

    def loss_and_gradients(parameters: list[Any], word: Any) -> tuple[float, list[Any]]:
        letters, positions, query, key, value, mix, up, down, head = parameters
        given, wanted = word[:-1], word[1:]
        count = len(given)

        # Forward
        x0, scale0 = rms(letters[given] + positions[:count])
        normal1, scale1 = rms(x0)
        q, k, v = heads(normal1 @ query.T), heads(normal1 @ key.T), heads(normal1 @ value.T)
        scores = np.where(later[:count, :count], -np.inf, q @ k.transpose(0, 2, 1) / size**0.5)
        attention = np.exp(scores - scores.max(axis=2, keepdims=True))
        attention /= attention.sum(axis=2, keepdims=True)
        seen = joined(attention @ v)
        x1 = x0 + seen @ mix.T
        normal2, scale2 = rms(x1)
        hidden = np.maximum(normal2 @ up.T, 0)
        x2 = x1 + hidden @ down.T
        logits = x2 @ head.T
        shifted = logits - logits.max(axis=1, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(axis=1, keepdims=True)
        each = np.arange(count)
        loss = float(np.mean(np.log(sums[:, 0]) - shifted[each, wanted]))

        # Backward
        d_logits = exps / sums
        d_logits[each, wanted] -= 1
        d_logits /= count
        d_x2 = d_logits @ head
        d_hidden = (d_x2 @ down) * (hidden > 0)
        d_x1 = d_x2 + through_rms(d_hidden @ up, normal2, scale2)
        d_seen = heads(d_x1 @ mix)
        d_attention = d_seen @ v.transpose(0, 2, 1)
        d_scores = attention * (d_attention - np.sum(d_attention * attention, axis=2, keepdims=True)) / size**0.5
        d_q, d_k, d_v = (
            joined(d_scores @ k),
            joined(d_scores.transpose(0, 2, 1) @ q),
            joined(attention.transpose(0, 2, 1) @ d_seen),
        )
        d_normal1 = d_q @ query + d_k @ key + d_v @ value
        d_x0 = d_x1 + through_rms(d_normal1, normal1, scale1)
        d_embedded = through_rms(d_x0, x0, scale0)
        d_letters, d_positions = np.zeros_like(letters), np.zeros_like(positions)
        np.add.at(d_letters, given, d_embedded)
        d_positions[:count] = d_embedded
        return loss, [
            d_letters, d_positions, d_q.T @ normal1, d_k.T @ normal1, d_v.T @ normal1, d_x1.T @ seen,
            d_hidden.T @ normal2, d_x2.T @ hidden, d_logits.T @ x2,
        ]  # fmt: skip

    def run(steps: int) -> Any:
        parameters = arrays(task)
        means = [np.zeros_like(p) for p in parameters]
        squares = [np.zeros_like(p) for p in parameters]
        beta1, beta2 = task.betas
        losses = []
        for step in range(1, steps + 1):
            loss, gradients = loss_and_gradients(parameters, words[(step - 1) % len(words)])
            losses.append(loss)
            for p, g, mean, square in zip(parameters, gradients, means, squares, strict=True):
                mean += (1 - beta1) * (g - mean)
                square += (1 - beta2) * (g * g - square)
                p -= task.lr * (mean / (1 - beta1**step)) / (np.sqrt(square / (1 - beta2**step)) + task.eps)
        return losses, parameters

    return run
