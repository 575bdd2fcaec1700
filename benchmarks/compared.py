"""What ``compare.py`` times in one checkout of glassgrad: one process, one group of rows.

    python benchmarks/compared.py ../another-checkout networks ""       prints one line of JSON

Every row is a function that does one thing.  It is called again and again for a hundredth of a second, some times
over, and the smallest time of a call counts: processor time, so that others who use the machine count as little as
may be.  Rows of networks give their losses and parameters too.  A row whose engine is not installed is left out.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

sys.path.insert(0, sys.argv[1])

import numpy as np
from tasks import TASKS

import autograd
import nn
from autograd import Value, dot, gradient, logsumexp, ops, total
from autograd.program.calling import EngineMissing

BLOCK, BLOCKS = 0.01, 5
"""Seconds that a function is called for, and how many times over."""

Row = tuple[str, Callable[[], Callable[[], Any]]]
"""Its name, and what prepares the function that is timed."""


def smallest_time(function: Callable[[], Any]) -> float:
    """Seconds of a call, in the best of some blocks of calls."""
    calls, clock = 1, time.process_time
    while True:
        start = clock()
        for _ in range(calls):
            function()
        if (spent := clock() - start) > BLOCK / 2:
            break
        calls *= 2
    calls = max(1, round(calls * BLOCK / spent))
    times = []
    for _ in range(BLOCKS):
        start = clock()
        for _ in range(calls):
            function()
        times.append((clock() - start) / calls)
    return min(times)


# --- every operation of the table -------------------------------------------------------------------------------

COPIES = 16
"""How often an operation stands in a graph; all results are added up."""


def operations() -> dict[str, autograd.Op]:
    """Every row of the table, and one member of each family."""
    families = [ops.power_by(3.0), ops.power_by(0.5), ops.softmax_at(0), ops.log_softmax_at(0)]
    return ops.ALL | {op.name: op for op in families}


def graph_of(op: autograd.Op) -> tuple[Callable[[], Value], list[Value]]:
    """A function that makes a small graph of an operation, and its leaves, where it may be tried out."""
    intervals = [op.domain[0]] * 4 if op.variadic else op.domain
    points = [[low + (high - low) * (k + 0.5) / COPIES for low, high in intervals] for k in range(COPIES)]
    # The inputs of one call do not move together: max(x, y) is not to have one and the same winner.
    columns = [column[i:] + column[:i] for i, column in enumerate(map(list, zip(*points, strict=True)))]
    leaves = [[Value(number) for number in inputs] for inputs in zip(*columns, strict=True)]

    def make() -> Value:
        return total([op(inputs) if op.variadic else op(*inputs) for inputs in leaves])

    return make, [x for inputs in leaves for x in inputs]


def eager_operations() -> Iterator[Row]:
    for name, op in operations().items():
        yield f"{name}, forward", lambda op=op: graph_of(op)[0]
        yield f"{name}, backward", lambda op=op: graph_of(op)[0]().backward


def programs_of_operations(engine: str, samples: int) -> Iterator[Row]:
    for name, op in operations().items():
        yield f"{name}, {engine}, {samples} at once", partial(program_of, op, engine, samples)


def program_of(op: autograd.Op, engine: str, samples: int) -> Callable[[], Any]:
    """A program of an operation's values and gradients, for one sample or for a batch."""
    make, leaves = graph_of(op)
    result = make()
    program = autograd.compile([result, *gradient(result, leaves)], leaves, engine)
    numbers = [x.data if samples == 1 else np.full(samples, x.data) for x in leaves]
    return partial(program, *numbers)


# --- networks -----------------------------------------------------------------------------------------------------


def leaves(count: int) -> list[Value]:
    return [Value(0.5) for _ in range(count)]


def training(
    make: Callable[[], Any], data: Any, engine: str, epochs: int, **settings: Any
) -> Callable[[], Callable[[], Any]]:
    """``fit`` from the same start each time; it gives the losses of all epochs, and the parameters at the end."""

    def prepare() -> Callable[[], tuple[list[float], list[float]]]:
        model = make()
        parameters = model.parameters()
        start = [p.data for p in parameters]

        def run() -> tuple[list[float], list[float]]:
            for p, number in zip(parameters, start, strict=True):
                p.data = number
            history = nn.fit(model, data, engine=engine, epochs=epochs, progress=False, **settings)
            assert history.engine == engine, history.engine
            return list(history.loss), [p.data for p in parameters]

        return run

    return prepare


def alice_and_bob() -> tuple[Callable[[], Any], Any]:
    task = TASKS["alice_bob"]()
    w1, b1, w2, b2 = task.parameters.values()
    make = partial(nn.MLP, 2, [2, 1], activation="sigmoid", weights=[w1, w2], bias_values=[b1, b2])
    return make, nn.Dataset(task.inputs, task.targets)


def neural_networks() -> Iterator[Row]:
    """The networks that people know from lectures, node by node and by each engine of ``fit``."""
    make, data = alice_and_bob()
    for engine, epochs in (("eager", 25), ("python", 200), ("numpy", 50), ("native", 1000)):
        yield f"Alice and Bob 2-2-1 sigmoid, {engine}", training(make, data, engine, epochs, optimizer=nn.SGD(0.1))
    inputs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    data = nn.Dataset(inputs, [1.0, -1.0, -1.0, 1.0])
    make = partial(nn.MLP, 3, [4, 4, 1], activation="tanh", seed=1)
    for engine, epochs in (("eager", 2), ("native", 300)):
        yield (
            f"Karpathy's 3-4-4-1 tanh, {engine}",
            training(make, data, engine, epochs, optimizer=nn.SGD(0.05), batch_size=None),
        )
    task = TASKS["moons"]()
    data = nn.Dataset(task.inputs, task.targets)
    few = nn.Dataset(task.inputs[:5], task.targets[:5])
    for activation in ("tanh", "relu"):
        make = partial(nn.MLP, 2, [16, 16, 1], activation=activation, output_activation="identity", seed=1)
        settings: dict[str, Any] = {"optimizer": nn.SGD(0.02), "loss": nn.hinge}
        name = f"micrograd's 2-16-16-1 {activation}"
        yield f"{name}, eager", training(make, few, "eager", 1, **settings)
        yield f"{name}, numpy", training(make, data, "numpy", 5, batch_size=None, **settings)
        yield f"{name}, native", training(make, data, "native", 50, batch_size=None, **settings)
        yield f"{name}, native, one sample an update", training(make, data, "native", 20, **settings)


ACTIVATIONS = ("sigmoid", "tanh", "relu", "gelu", "silu")


def digits() -> Iterator[Row]:
    """64-32-10 and cross-entropy, with each activation."""
    source = TASKS["wide"]()
    xs = [[(x * (k + 1)) % 1.0 for x in row] for k in range(12) for row in source.inputs]
    ys = [int(k * 7 % 10) for k in range(len(xs))]
    data, one = nn.Dataset(xs, ys), nn.Dataset(xs[:1], ys[:1])
    for activation in ACTIVATIONS:
        make = partial(nn.MLP, 64, [32, 10], activation=activation, output_activation="identity", seed=1)
        settings: dict[str, Any] = {"optimizer": nn.SGD(0.05), "loss": nn.cross_entropy}
        name = f"digits 64-32-10 {activation}"
        yield f"{name}, eager", training(make, one, "eager", 1, **settings)
        yield f"{name}, numpy", training(make, data, "numpy", 5, batch_size=32, **settings)
        yield f"{name}, native", training(make, data, "native", 10, batch_size=32, **settings)
        yield f"{name}, native, one sample an update", training(make, data, "native", 5, **settings)


def digits_as_programs(engine: str) -> Iterator[Row]:
    for activation in ACTIVATIONS:
        yield f"digits 64-32-10 {activation}, {engine} program", partial(program_of_digits, activation, engine)


def program_of_digits(activation: str, engine: str) -> Callable[[], tuple[list[float], Any]]:
    """The loss of one sample of 64-32-10 and its gradient, as one program of an engine."""
    model = nn.MLP(64, [32, 10], activation=activation, output_activation="identity", seed=1)
    parameters, x, wanted = model.parameters(), leaves(64), leaves(10)
    logits = model(x)
    loss = logsumexp(logits) - dot(wanted, logits)
    program = autograd.compile(loss, [parameters, x, wanted], engine, argnums=0)
    sample = np.array(TASKS["wide"]().inputs[0])
    numbers = [np.array([p.data for p in parameters]), sample, np.eye(10)[3]]

    def run() -> tuple[list[float], Any]:
        found, slopes = program.value_and_grad(*numbers)
        return [found], slopes

    return run


# --- what is done around the steps --------------------------------------------------------------------------------


def around() -> Iterator[Row]:
    """Data taken in, a gradient recorded, a fit of a single step, the way into a small program and out of it."""
    chance = np.random.default_rng(1)
    xs, ys = chance.random((500, 64)), chance.integers(0, 10, 500)
    lists = xs.tolist(), ys.tolist()
    yield "Dataset of lists, 500 × 64", lambda: partial(nn.Dataset.of, lists)
    yield "Dataset of arrays, 500 × 64", lambda: partial(nn.Dataset.of, (xs, ys))
    pixels = chance.random((64, 784))
    yield "Dataset of arrays, 64 × 784", lambda: partial(nn.Dataset.of, (pixels, ys[:64]))
    yield "gradient of 64-64-10 recorded", recording
    few = nn.Dataset(lists[0][:32], lists[1][:32])
    make = partial(nn.MLP, 64, [32, 10], activation="relu", output_activation="identity", seed=1)
    yield (
        "fit of 64-32-10, one step",
        training(make, few, "native", 1, optimizer=nn.SGD(0.05), loss=nn.cross_entropy, batch_size=32),
    )
    yield "value_and_grad(arrays) of w·x", calling


def recording() -> Callable[[], Any]:
    from autograd.program.graphs import record_gradient

    model = nn.MLP(64, [64, 10], activation="relu", output_activation="identity", seed=1)
    parameters, x = model.parameters(), leaves(64)
    loss = nn.cross_entropy(model(x), 3)
    return partial(record_gradient, loss, [*parameters, *x])


def calling() -> Callable[[], tuple[list[float], Any]]:
    w, x = leaves(4), leaves(4)
    program = autograd.compile(dot(w, x), [w, x], "native", argnums=0)
    numbers = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.5, 0.25, 0.125, 1.0])

    def run() -> tuple[list[float], Any]:
        found, slopes = program.value_and_grad(*numbers)
        return [found], slopes

    return run


GROUPS: dict[str, Callable[[], Iterator[Row]]] = {
    "operations": eager_operations,
    "networks": neural_networks,
    "digits": digits,
    "around": around,
    "programs-native": partial(digits_as_programs, "native"),
    "programs-jax": partial(digits_as_programs, "jax"),
    "operations-python": partial(programs_of_operations, "python", 1),
    "operations-numpy": partial(programs_of_operations, "numpy", 1000),
    "operations-native": partial(programs_of_operations, "native", 1000),
    "operations-jax": partial(programs_of_operations, "jax", 1000),
}


def main() -> None:
    group, only = sys.argv[2:]
    found = {}
    for name, prepare in GROUPS[group]():
        if only and not re.search(only, name):
            continue
        try:
            function = prepare()
            first = function()
        except EngineMissing:
            continue
        numbers = [float(x) for part in first for x in part] if type(first) is tuple else []
        found[name] = {"time": smallest_time(function), "numbers": numbers}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
