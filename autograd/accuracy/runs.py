"""Who is measured: each engine as a function from an operation and its points to all results, value to Hessian."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

import autograd.engines  # noqa: F401 (it enters the engines)
from autograd.accuracy.jets import AccuracyError
from autograd.accuracy.peers import PEERS
from autograd.core.modes import ieee
from autograd.engines import javascript
from autograd.ops import Op
from autograd.program.compiler import compile
from autograd.program.engine_table import ENGINES
from autograd.program.graphs import record
from autograd.transforms.forward import jvp
from autograd.transforms.reverse import gradient
from autograd.value import Value

Run = Callable[[Op, Any], Any]
"""It takes an operation and an array with a row for each input, and gives one with a row for each result: the
value, the slopes, and the second derivatives row by row."""


def all_results(op: Op, point: Any) -> tuple[list[Value], list[Value]]:
    """The inputs as Values, and the operation with all its derivatives by reverse mode over reverse mode."""
    xs = [Value(float(x)) for x in point]
    y = op(*xs)
    slopes = gradient(y, xs)
    return xs, [y, *slopes, *[second for slope in slopes for second in gradient(slope, xs)]]


def node_by_node(op: Op, inputs: Any) -> Any:
    return np.array([[value.data for value in all_results(op, point)[1]] for point in inputs.T]).T


def forward_mode(op: Op, inputs: Any) -> Any:
    """Dual numbers, and dual numbers of dual numbers."""
    n = len(inputs)
    directions = np.eye(n).tolist()

    def slope(direction: list[float], *xs: Any) -> Any:
        return jvp(op, xs, direction)[1]

    def results(point: list[float]) -> list[float]:
        found = [op(*point)] * (1 + n + n * n)
        for i, direction in enumerate(directions):
            for j in range(i + 1):
                found[1 + i], second = jvp(partial(slope, direction), point, directions[j])
                found[1 + n + n * i + j] = found[1 + n + n * j + i] = second
        return found

    return np.array([results(point) for point in inputs.T.tolist()]).T


def program(engine: str, op: Op, inputs: Any) -> Any:
    """A tape of everything, made once and run by an engine on all points together."""
    leaves, outputs = all_results(op, inputs[:, 0])
    found = compile(outputs, leaves, engine=engine)(*inputs)
    return np.array([np.broadcast_to(row, inputs.shape[1:]) for row in found])


NODE = """\
const points = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(points.map(x => run(x).map(String))));"""


def in_node(op: Op, inputs: Any) -> Any:
    """The tape as the page's JavaScript, run by Node.js."""
    leaves, outputs = all_results(op, inputs[:, 0])
    script = f"{javascript.write_function(record(outputs, leaves))}\n{NODE}"
    done = subprocess.run(
        ["node", "-e", script], input=json.dumps(inputs.T.tolist()), capture_output=True, encoding="utf-8",
        check=True, timeout=100,
    )  # fmt: skip
    rows = json.loads(done.stdout)
    return np.array([[float(x.replace("Infinity", "inf")) for x in row] for row in rows]).T


OURS: dict[str, Run] = {
    "eager": node_by_node,
    "forward": forward_mode,
    **{name: partial(program, name) for name in ENGINES if name != "eager"},
    "javascript": in_node,
}
"""The engines by name: node by node, forward mode, and those that run a tape."""

RUNS: dict[str, Run] = {**OURS, **PEERS}

NEEDS = {"native": "llvmlite", "jax": "jax", "PyTorch": "torch", "JAX": "jax"}


def is_here(engine: str) -> bool:
    """True if what an engine needs is installed."""
    if engine == "javascript":
        return shutil.which("node") is not None
    return find_spec(NEEDS.get(engine, "math")) is not None


def run(engine: str, op: Op, inputs: Any) -> Any:
    """All results of an operation; None where a peer has no function for it.

    Raises:
        AccuracyError: if there is no such engine, or what it needs is not installed.
    """
    if engine not in RUNS:
        raise AccuracyError(f"there is no engine {engine!r} to be measured; there are {', '.join(RUNS)}")
    if not is_here(engine):
        needed = NEEDS.get(engine, "node")
        raise AccuracyError(f"the engine {engine!r} cannot be measured, because {needed} is not installed")
    with ieee():
        return RUNS[engine](op, inputs)
