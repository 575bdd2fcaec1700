"""JAX on the CPU in float64, twice: each step a call of a compiled function (jit), and whole runs as one (scan).

As a scan, the GPT pads every word to the whole context, because one program cannot have several lengths; step by
step it has a program for each length.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from tasks import CONTEXT, EPSILON, HEADS, WIDTH, Task

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


def arrays(task: Task) -> list[Any]:
    return [jnp.array(numbers, jnp.float64) for numbers in task.parameters.values()]


def train(step: Any, start: Any, inputs: Any, variant: str, shapes: Sequence[Any] = ()) -> Any:
    """``step(state, input) -> (state, loss)`` again and again; state[0] are the parameters.

    ``inputs(steps)`` are all inputs of a scan, else ``inputs(i)`` is that of one step; ``shapes`` are inputs of
    every shape that can come, whose programs are compiled before the first step.
    """
    if variant == "scan":
        whole = jax.jit(lambda state, xs: jax.lax.scan(step, state, xs))

        def run(steps: int) -> Any:
            state, losses = whole(start, inputs(steps))
            jax.block_until_ready((state, losses))
            return losses, state[0]

        return run
    one = jax.jit(step)
    for shape in shapes:
        one(start, shape)

    def run_stepwise(steps: int) -> Any:
        state, losses = start, []
        for i in range(steps):
            state, loss = one(state, inputs(i))
            losses.append(loss)
        # All losses are fetched at once: asking for each one would have the steps wait for Python.
        jax.block_until_ready((state, losses))
        return losses, state[0]

    return run_stepwise


def descend(parameters: list[Any], gradients: list[Any], lr: float) -> list[Any]:
    return [p - lr * g for p, g in zip(parameters, gradients, strict=True)]


def alice_bob(task: Task, variant: str) -> Any:
    samples = jnp.array(task.inputs), jnp.array(task.targets)

    def loss_of(parameters: Any, x: Any, target: Any) -> Any:
        w1, b1, w2, b2 = parameters
        # Products and sums, not @: these few numbers then stay in one fused loop, which is ten times as fast.
        h = jax.nn.sigmoid((w1 * x).sum(1) + b1)
        return ((jax.nn.sigmoid((w2 * h).sum(1) + b2) - target) ** 2)[0]

    def update(parameters: Any, sample: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(parameters, *sample)
        return descend(parameters, gradients, task.lr), loss

    def epoch(state: Any, _: Any) -> Any:
        parameters, losses = jax.lax.scan(update, state[0], samples)
        return (parameters,), losses.mean()

    # What is scanned over is only counted.
    inputs = jnp.zeros if variant == "scan" else lambda i: None
    return train(epoch, (arrays(task),), inputs, variant)


def moons(task: Task, variant: str) -> Any:
    x, targets = jnp.array(task.inputs), jnp.array(task.targets)[:, None]

    def loss_of(parameters: Any) -> Any:
        w1, b1, w2, b2, w3, b3 = parameters
        h = jax.nn.relu(jax.nn.relu(x @ w1.T + b1) @ w2.T + b2)
        loss = jnp.mean(jax.nn.relu(1 - targets * (h @ w3.T + b3)))
        return loss + task.penalty * sum(jnp.sum(p * p) for p in parameters)

    def step(state: Any, _: Any) -> Any:
        (parameters,) = state
        loss, gradients = jax.value_and_grad(loss_of)(parameters)
        return (descend(parameters, gradients, task.lr),), loss

    inputs = jnp.zeros if variant == "scan" else lambda i: None
    return train(step, (arrays(task),), inputs, variant)


def digits(task: Task, variant: str) -> Any:
    """A scan over the epochs, in it one over the full batches, and then the last batch, which is smaller."""
    # Which class it is as a row of 0 and 1: a product is a little faster than looking up the wanted logit.
    x, targets = jnp.array(task.inputs), jnp.eye(10)[np.array(task.targets, int)]
    count, size = len(x), task.batch
    full = count // size
    batches = x[: full * size].reshape(full, size, -1), targets[: full * size].reshape(full, size, -1)
    rest = x[full * size :], targets[full * size :]

    def loss_of(parameters: Any, x: Any, target: Any) -> Any:
        w1, b1, w2, b2 = parameters
        logits = jax.nn.relu(x @ w1.T + b1) @ w2.T + b2
        return jnp.mean(jax.nn.logsumexp(logits, axis=1) - (logits * target).sum(1))

    def update(parameters: Any, batch: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(parameters, *batch)
        return descend(parameters, gradients, task.lr), loss

    def epoch(state: Any, _: Any) -> Any:
        parameters, losses = jax.lax.scan(update, state[0], batches)
        loss = losses.sum() * size
        if full * size < count:
            parameters, last = update(parameters, rest)
            loss += last * (count - full * size)
        return (parameters,), loss / count

    inputs = jnp.zeros if variant == "scan" else lambda i: None
    return train(epoch, (arrays(task),), inputs, variant)


pixels = digits


def wide(task: Task, variant: str) -> Any:
    """Forward and backward on a sample that comes from outside: a call each (there is nothing to scan)."""
    samples = [(jnp.array(x), jnp.array(int(t))) for x, t in zip(task.inputs, task.targets, strict=True)]
    parameters = arrays(task)

    @jax.jit
    def loss_and_gradients(parameters: Any, x: Any, target: Any) -> Any:
        def loss_of(parameters: Any) -> Any:
            w1, b1, w2, b2 = parameters
            logits = w2 @ jax.nn.relu(w1 @ x + b1) + b2
            return jax.nn.logsumexp(logits) - logits[target]

        return jax.value_and_grad(loss_of)(parameters)

    def run(steps: int) -> Any:
        losses, gradients = [], []
        for step in range(steps):
            x, target = samples[step % len(samples)]
            loss, gradients = loss_and_gradients(parameters, x, target)
            losses.append(loss)
        jax.block_until_ready((losses, gradients))
        return losses, gradients

    return run


def gpt(task: Task, variant: str) -> Any:
    size = WIDTH // HEADS

    def rms(x: Any) -> Any:
        return x * (jnp.mean(x * x, axis=1, keepdims=True) + EPSILON) ** -0.5

    def loss_of(parameters: Any, given: Any, wanted: Any, weight: Any) -> Any:
        """``weight`` is 1/length for each letter, and 0 for what is only there to fill the context."""
        letters, positions, query, key, value, mix, up, down, head = parameters
        count = len(given)
        x = rms(letters[given] + positions[:count])
        normal = rms(x)
        q, k, v = ((normal @ w.T).reshape(count, HEADS, size) for w in (query, key, value))
        scores = jnp.einsum("ihc,jhc->hij", q, k) / size**0.5
        attention = jax.nn.softmax(jnp.where(np.tri(count, dtype=bool), scores, -jnp.inf))
        x = x + jnp.einsum("hij,jhc->ihc", attention, v).reshape(count, WIDTH) @ mix.T
        x = x + jax.nn.relu(rms(x) @ up.T) @ down.T
        logits = x @ head.T
        losses = jax.nn.logsumexp(logits, axis=1) - jnp.take_along_axis(logits, wanted[:, None], 1)[:, 0]
        return losses @ weight

    def step(state: Any, word: Any) -> Any:
        parameters, means, squares, number = state
        loss, gradients = jax.value_and_grad(loss_of)(parameters, *word)
        beta1, beta2 = task.betas
        number = number + 1
        means = [m + (1 - beta1) * (g - m) for m, g in zip(means, gradients, strict=True)]
        squares = [s + (1 - beta2) * (g * g - s) for s, g in zip(squares, gradients, strict=True)]
        mean_scale, square_scale = 1 / (1 - beta1**number), 1 / (1 - beta2**number)
        parameters = [
            p - task.lr * (m * mean_scale) / (jnp.sqrt(s * square_scale) + task.eps)
            for p, m, s in zip(parameters, means, squares, strict=True)
        ]
        return (parameters, means, squares, number), loss

    def prepared(word: list[int], length: int) -> tuple[Any, Any, Any]:
        count = len(word) - 1
        filling = [0] * (length - count)
        return (
            np.array(word[:-1] + filling),
            np.array(word[1:] + filling),
            np.array([1 / count] * count + [0.0] * (length - count)),
        )

    parameters = arrays(task)
    zeros = [jnp.zeros_like(p) for p in parameters]
    start = (parameters, zeros, zeros, jnp.array(0.0))
    if variant == "scan":
        padded = [prepared(word, CONTEXT) for word in task.words]

        @cache
        def inputs(steps: int) -> Any:
            chosen = [padded[i % len(padded)] for i in range(steps)]
            return tuple(jnp.array(np.array(column)) for column in zip(*chosen, strict=True))

        return train(step, start, inputs, variant)

    def on_device(word: list[int]) -> Any:
        return tuple(jnp.array(column) for column in prepared(word, len(word) - 1))

    words = [on_device(word) for word in task.words]
    every_length = [on_device([0] * (length + 1)) for length in range(1, CONTEXT + 1)]
    return train(step, start, lambda i: words[i % len(words)], variant, every_length)
