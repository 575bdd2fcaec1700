"""casadi: symbolic expressions, differentiated and run by its virtual machine; for the GPT, one for each length.

Small programs are made of scalar symbols (SX); where whole layers of many samples come together, of matrices (MX).
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import casadi as ca
import numpy as np
from tasks import CONTEXT, EPSILON, HEADS, WIDTH, Task


def flat(task: Task) -> Any:
    return np.concatenate([np.ravel(numbers) for numbers in task.parameters.values()])


def symbols(task: Task, kind: Any) -> tuple[Any, list[Any]]:
    """One column with all parameters, and each one as the matrix that it is (a vector is a column)."""
    shapes = [np.shape(numbers) for numbers in task.parameters.values()]
    ends = [0, *accumulate(int(np.prod(shape)) for shape in shapes)]
    whole = kind.sym("p", ends[-1])
    parts = ca.vertsplit(whole, ends)
    # casadi counts along columns, we along rows.
    return whole, [
        ca.reshape(part, shape[1], shape[0]).T if len(shape) == 2 else part
        for part, shape in zip(parts, shapes, strict=True)
    ]


def relu(x: Any) -> Any:
    return ca.fmax(x, 0)


def alice_bob(task: Task, variant: str) -> Any:
    """One function for an epoch; ``mapaccum`` makes it the whole run."""
    p = start = ca.SX.sym("p", len(flat(task)))
    losses = []
    update = sgd_update(task)
    for x, target in zip(task.inputs, task.targets, strict=True):
        p, loss = update(p, x, target)
        losses.append(loss)
    epoch = ca.Function("epoch", [start], [p, sum(losses) / len(losses)])
    runs: dict[int, Any] = {}

    def run(steps: int) -> Any:
        if steps not in runs:
            runs[steps] = epoch.mapaccum("run", steps)
        parameters, losses = runs[steps](flat(task))
        return losses.full()[0], parameters[:, -1].full()

    return run


def sgd_update(task: Task) -> Any:
    p, (w1, b1, w2, b2) = symbols(task, ca.SX)
    x, target = ca.SX.sym("x", 2), ca.SX.sym("t")
    h = 1 / (1 + ca.exp(-(w1 @ x + b1)))
    loss = (1 / (1 + ca.exp(-(w2 @ h + b2))) - target) ** 2
    return ca.Function("update", [p, x, target], [p - task.lr * ca.gradient(loss, p), loss])


def moons(task: Task, variant: str) -> Any:
    p, (w1, b1, w2, b2, w3, b3) = symbols(task, ca.MX)
    x, targets = ca.DM(task.inputs).T, ca.DM(task.targets).T
    count = len(task.inputs)
    h = relu(w2 @ relu(w1 @ x + ca.repmat(b1, 1, count)) + ca.repmat(b2, 1, count))
    margins = 1 - targets * (w3 @ h + b3)
    loss = ca.sum2(relu(margins)) / count + task.penalty * ca.sumsqr(p)
    step = ca.Function("step", [p], [p - task.lr * ca.gradient(loss, p), loss])

    def run(steps: int) -> Any:
        parameters, losses = ca.DM(flat(task)), []
        for _ in range(steps):
            parameters, loss = step(parameters)
            losses.append(float(loss))
        return losses, parameters.full()

    return run


def wide(task: Task, variant: str) -> Any:
    p, (w1, b1, w2, b2) = symbols(task, ca.MX)
    x, wanted = ca.MX.sym("x", 64), ca.MX.sym("wanted", 10)
    logits = w2 @ relu(w1 @ x + b1) + b2
    loss = ca.logsumexp(logits) - ca.dot(wanted, logits)
    function = ca.Function("wide", [p, x, wanted], [loss, ca.gradient(loss, p)])
    parameters = ca.DM(flat(task))
    samples = [(ca.DM(x), ca.DM(np.eye(10)[int(t)])) for x, t in zip(task.inputs, task.targets, strict=True)]

    def run(steps: int) -> Any:
        losses, gradient = [], None
        for step in range(steps):
            loss, gradient = function(parameters, *samples[step % len(samples)])
            losses.append(float(loss))
        return losses, gradient.full()

    return run


def gpt(task: Task, variant: str) -> Any:
    steps_of_length = {length: gpt_step(task, length) for length in range(1, CONTEXT + 1)}
    one_hot = np.eye(len(task.parameters["letters"]))
    words = [
        (len(word) - 1, ca.DM(one_hot[word[:-1]].T), ca.DM(one_hot[word[1:]].T))
        for word in task.words
    ]  # fmt: skip

    def run(steps: int) -> Any:
        p, losses = ca.DM(flat(task)), []
        mean = square = ca.DM.zeros(p.shape)
        for step in range(steps):
            length, given, wanted = words[step % len(words)]
            p, mean, square, loss = steps_of_length[length](p, mean, square, step + 1, given, wanted)
            losses.append(float(loss))
        return losses, p.full()

    return run


def gpt_step(task: Task, count: int) -> Any:
    """A whole training step on a word of so many letters; a column for each position."""
    p, (letters, positions, query, key, value, mix, up, down, head) = symbols(task, ca.MX)
    given, wanted = ca.MX.sym("given", letters.shape[0], count), ca.MX.sym("wanted", letters.shape[0], count)
    size = WIDTH // HEADS

    def rms(x: Any) -> Any:
        return x * ca.repmat((ca.sum1(x**2) / WIDTH + EPSILON) ** -0.5, WIDTH, 1)

    x = rms(letters.T @ given + positions[:count, :].T)
    normal = rms(x)
    q, k, v = query @ normal, key @ normal, value @ normal
    seen = []
    # Above the diagonal (a key that comes later than its query) nothing is seen.
    visible = ca.DM(np.triu(np.ones((count, count))))
    for start in range(0, WIDTH, size):
        part = slice(start, start + size)
        # keys × queries; the scores are small, so that exp needs no shift
        exps = ca.exp(k[part, :].T @ q[part, :] / size**0.5) * visible
        seen.append(v[part, :] @ (exps / ca.repmat(ca.sum1(exps), count, 1)))
    x = x + mix @ ca.vertcat(*seen)
    x = x + down @ relu(up @ rms(x))
    logits = head @ x
    loss = (ca.sum2(ca.log(ca.sum1(ca.exp(logits)))) - ca.sum1(ca.sum2(logits * wanted))) / count

    gradient = ca.gradient(loss, p)
    mean, square, step = ca.MX.sym("mean", p.shape), ca.MX.sym("square", p.shape), ca.MX.sym("step")
    beta1, beta2 = task.betas
    new_mean = mean + (1 - beta1) * (gradient - mean)
    new_square = square + (1 - beta2) * (gradient**2 - square)
    moved = (new_mean / (1 - beta1**step)) / (ca.sqrt(new_square / (1 - beta2**step)) + task.eps)
    return ca.Function(
        "step", [p, mean, square, step, given, wanted], [p - task.lr * moved, new_mean, new_square, loss]
    )
