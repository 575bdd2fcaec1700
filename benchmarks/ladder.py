"""One example on every rung of the ladder: graph, tape, Python, NumPy, machine code; and how fast each one is.

    python benchmarks/ladder.py                    ten seconds

The example is one sample of a linear regression: the loss (w·x + b - t)² and its derivatives by w and b.  Each
rung computes all three, and the last one moves w and b as well, sample after sample.  The time for a sample is
the median of some rounds, in which the rungs take turns.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from training import duration

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import autograd
import nn
from autograd import Value, gradient

SAMPLES = 10_000
NUMBERS = {"w": 0.5, "x": 3.0, "b": -1.0, "t": 1.0}


def node_by_node() -> tuple[float, float, float]:
    """The lesson itself: a graph of Values, and backward()."""
    w, x, b, t = [Value(number, name) for name, number in NUMBERS.items()]
    loss = (w * x + b - t) ** 2
    loss.backward()
    return loss.data, w.grad, b.grad


def program(engine: str) -> autograd.Program:
    """The loss and its derivatives, recorded once."""
    inputs = [Value(number, name) for name, number in NUMBERS.items()]
    w, x, b, t = inputs
    loss = (w * x + b - t) ** 2
    return autograd.compile([loss, *gradient(loss, [w, b])], inputs, engine)


def training(samples: int, epochs: int) -> Callable[[], Any]:
    """The same loss, and an update of w and b after every sample."""
    model = nn.MLP(1, [1], "identity", seed=1)
    xs = np.linspace(-1, 1, samples)
    # Not quite on a line: there the loss would become a number so small that processors are slow with it.
    targets = 3 * xs + 1 + 0.1 * np.sin(40 * xs)
    data = nn.Dataset([[x] for x in xs.tolist()], targets.tolist())
    return lambda: nn.fit(model, data, epochs=epochs, optimizer=nn.SGD(lr=1e-3), engine="native", progress=False)


def rungs() -> dict[str, tuple[Callable[[], Any], int]]:
    """For each rung what is run, and how many samples that computes."""
    numbers = list(NUMBERS.values())
    batch = [np.full(SAMPLES, number) for number in numbers]

    def one(engine: str) -> tuple[Callable[[], Any], int]:
        made = program(engine)
        return lambda: made(*numbers), 1

    def many(engine: str) -> tuple[Callable[[], Any], int]:
        made = program(engine)
        return lambda: made(*batch), SAMPLES

    return {
        "node by node, backward()": (node_by_node, 1),
        "the tape, step by step": one("eager"),
        "generated Python": one("python"),
        "machine code, one sample": one("native"),
        f"NumPy, {SAMPLES:,} samples": many("numpy"),
        f"machine code, {SAMPLES:,} samples": many("native"),
        "machine code, with the update": (training(1_000, 1_000), 1_000_000),
    }


def seconds_per_sample(run: Callable[[], Any], samples: int, least: float = 0.02) -> float:
    """The time of so many calls that they take a while together."""
    calls = 1
    while True:
        start = time.perf_counter()
        for _ in range(calls):
            run()
        seconds = time.perf_counter() - start
        if seconds > least:
            return seconds / calls / samples
        calls *= 2


def instructions(assembly: str) -> list[str]:
    """The instructions alone, without what is said to the assembler."""
    lines = [line.strip() for line in assembly.splitlines()]
    return [line.replace("\t", " ") for line in lines if line and line[0] not in ".#/" and not line.endswith(":")]


def main() -> None:
    parser = argparse.ArgumentParser(description="One example on every rung of the ladder.")
    parser.add_argument("--rounds", type=int, default=11, help="how often each rung has its turn (default 11)")
    rounds = parser.parse_args().rounds
    expected = node_by_node()
    steps = rungs()
    for name, (run, _) in list(steps.items())[:-1]:
        found = [float(np.ravel(number)[0]) for number in run()]
        if not np.allclose(found, expected, rtol=1e-14):
            sys.exit(f"{name} gives {found}, but backward() gives {expected}")
    made = program("native")
    print("the tape\n")
    print(made)
    print("\ngenerated Python\n")
    print(made.source)
    print("\nmachine code of this processor\n")
    print("\n".join(instructions(made.assembly)))
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, (run, samples) in steps.items():
            times[name].append(seconds_per_sample(run, samples))
    slowest = statistics.median(times["node by node, backward()"])
    print(f"\n{'rung':32}{'a sample':>12}{'faster by':>12}")
    for name, found in times.items():
        median = statistics.median(found)
        print(f"{name:32}{duration(median):>12}{slowest / median:>12,.0f}")


if __name__ == "__main__":
    main()
