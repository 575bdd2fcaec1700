"""How fast is the engine, beside others that a learner meets?

    python benchmarks/eager.py                  the whole table, about two minutes
    python benchmarks/eager.py --rounds 3       a quick look
    python benchmarks/eager.py --json FILE      the figures as JSON as well

One step is one forward and one backward pass of a 64-64-10 ReLU network with softmax cross-entropy on one
sample, and letting go of the graph.  Every peer starts from the same weights, and before anything is printed
its loss and its gradients are compared with those of the others.

Each peer runs in a process of its own, one after the other, and all of them again in the next round, so that a
busy moment of the machine does not fall on one of them alone.  A turn gives the mean time of its steps; the
median of all turns is shown, with the garbage collector as Python starts it and with the collector off.
README.md beside this file says how to read the figures.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

INPUTS, HIDDEN, OUTPUTS, TARGET = 64, 64, 10, 3


# --- the peers ----------------------------------------------------------------------------------------------


class TupleValue:
    """The usual small engine: each node stores its inputs and its local derivatives in two tuples."""

    __slots__ = ("data", "grad", "inputs", "locals")

    def __init__(self, data: float, inputs: tuple[Any, ...] = (), locals: tuple[float, ...] = ()) -> None:
        self.data, self.grad, self.inputs, self.locals = data, 0.0, inputs, locals

    def __add__(self, other: Any) -> TupleValue:
        other = other if isinstance(other, TupleValue) else TupleValue(other)
        return TupleValue(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> TupleValue:
        other = other if isinstance(other, TupleValue) else TupleValue(other)
        return TupleValue(self.data * other.data, (self, other), (other.data, self.data))

    def __sub__(self, other: Any) -> TupleValue:
        return self + (other * -1.0)

    def __radd__(self, other: float) -> TupleValue:
        return self + other

    def relu(self) -> TupleValue:
        return TupleValue(max(0.0, self.data), (self,), (float(self.data > 0),))

    def exp(self) -> TupleValue:
        return TupleValue(math.exp(self.data), (self,), (math.exp(self.data),))

    def log(self) -> TupleValue:
        return TupleValue(math.log(self.data), (self,), (1 / self.data,))

    def backward(self) -> None:
        order: list[TupleValue] = []
        visited = set()

        def visit(node: TupleValue) -> None:
            if node not in visited:
                visited.add(node)
                for x in node.inputs:
                    visit(x)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for x, local in zip(node.inputs, node.locals, strict=True):
                x.grad += local * node.grad


def network_operator_by_operator(exp: Callable[[Any], Any], log: Callable[[Any], Any]) -> Callable[..., Any]:
    """The same source for every engine: products, summed with +."""

    def layer(xs: list[Any], weights: list[list[Any]], biases: list[Any]) -> list[Any]:
        return [
            sum((w * x for w, x in zip(row, xs, strict=True)), b) for row, b in zip(weights, biases, strict=True)
        ]

    def loss(xs: list[Any], p: SimpleNamespace) -> Any:
        hidden = [h.relu() for h in layer(xs, p.w1, p.b1)]
        logits = layer(hidden, p.w2, p.b2)
        largest = max(o.data for o in logits)
        shifted = [o - largest for o in logits]
        return log(sum(exp(o) for o in shifted)) - shifted[TARGET]

    return loss


def micrograd_peer() -> tuple[type, Callable[..., Any]]:
    """micrograd from PyPI.  It has no exp and no log: here they are, written as its own operations are."""
    from micrograd.engine import Value

    def exp(x: Any) -> Any:
        out = Value(math.exp(x.data), (x,), "exp")

        def _backward() -> None:
            x.grad += out.data * out.grad

        out._backward = _backward
        return out

    def log(x: Any) -> Any:
        out = Value(math.log(x.data), (x,), "log")

        def _backward() -> None:
            x.grad += 1 / x.data * out.grad

        out._backward = _backward
        return out

    return Value, network_operator_by_operator(exp, log)


def tuple_peer() -> tuple[type, Callable[..., Any]]:
    return TupleValue, network_operator_by_operator(TupleValue.exp, TupleValue.log)


def operators_peer() -> tuple[type, Callable[..., Any]]:
    from autograd import Value

    return Value, network_operator_by_operator(Value.exp, Value.log)


def sums_peer() -> tuple[type, Callable[..., Any]]:
    """Products, one Σ node for each neuron, and logsumexp: how nn computes neurons of up to 16 inputs."""
    from autograd import Value, logsumexp, total

    def layer(xs: list[Any], weights: list[list[Any]], biases: list[Any]) -> list[Any]:
        return [
            total([w * x for w, x in zip(row, xs, strict=True)] + [b])
            for row, b in zip(weights, biases, strict=True)
        ]

    def loss(xs: list[Any], p: SimpleNamespace) -> Any:
        hidden = [h.relu() for h in layer(xs, p.w1, p.b1)]
        logits = layer(hidden, p.w2, p.b2)
        return logsumexp(logits) - logits[TARGET]

    return Value, loss


def network_peer() -> tuple[type, Callable[..., Any]]:
    """nn.MLP itself, which computes each of these wide neurons as one node w·x, and nn.cross_entropy."""
    import nn

    models: list[Any] = []

    def loss(xs: list[Any], p: SimpleNamespace) -> Any:
        if not models:
            models.append(
                nn.MLP(
                    INPUTS, [HIDDEN, OUTPUTS], activation="relu", output_activation="identity",
                    weights=[p.w1, p.w2], bias_values=[p.b1, p.b2],
                )
            )  # fmt: skip
        return nn.cross_entropy(models[0](xs), TARGET)

    return nn.Parameter, loss


PEERS: dict[str, tuple[str, Callable[[], tuple[type, Callable[..., Any]]]]] = {
    "micrograd": ("micrograd (PyPI)", micrograd_peer),
    "tuple": ("a Value with a tuple of local derivatives", tuple_peer),
    "operators": ("glassgrad, operator by operator", operators_peer),
    "sums": ("glassgrad, products and Σ", sums_peer),
    "network": ("glassgrad, nn.MLP and nn.cross_entropy", network_peer),
}


# --- one worker process -------------------------------------------------------------------------------------


def parameters_of(Value: type) -> tuple[SimpleNamespace, list[Any]]:
    chance = random.Random(1)

    def matrix(rows: int, columns: int) -> list[list[Any]]:
        size = 1 / math.sqrt(columns)
        return [[Value(chance.uniform(-size, size)) for _ in range(columns)] for _ in range(rows)]

    p = SimpleNamespace(w1=matrix(HIDDEN, INPUTS), b1=[Value(0.1) for _ in range(HIDDEN)])
    p.w2, p.b2 = matrix(OUTPUTS, HIDDEN), [Value(-0.1) for _ in range(OUTPUTS)]
    flat = [w for row in p.w1 + p.w2 for w in row] + p.b1 + p.b2
    return p, flat


def work_on_network(peer: str, collector: bool, steps: int) -> dict[str, Any]:
    """Several steps of one peer: the times of each, and the last loss and gradients."""
    Value, loss_of = PEERS[peer][1]()
    p, flat = parameters_of(Value)
    chance = random.Random(2)
    sample = [chance.random() for _ in range(INPUTS)]
    if not collector:
        gc.disable()
    forward, backward, whole = [], [], []
    number, gradients = 0.0, []
    for step in range(steps + 2):
        for w in flat:
            w.grad = 0.0
        start = time.perf_counter()
        loss = loss_of([Value(x) for x in sample], p)
        middle = time.perf_counter()
        loss.backward()
        end = time.perf_counter()
        number = loss.data
        del loss
        released = time.perf_counter()
        # The first two warm up.
        if step >= 2:
            forward.append(middle - start)
            backward.append(end - middle)
            whole.append(released - start)
        if not collector and peer == "micrograd":
            gc.collect()
        gradients = [w.grad for w in flat]
    return {"forward": forward, "backward": backward, "step": whole, "loss": number, "gradients": gradients}


def work_on_chain(length: int) -> dict[str, Any]:
    """y = y · w + b, a million times: seconds, and bytes a node."""
    from autograd import Value, topological_order

    def chain(count: int) -> Any:
        w, b = Value(0.999), Value(0.001)
        y = Value(0.5)
        for _ in range(count):
            y = y * w + b
        return y

    before = resident_bytes()
    start = time.perf_counter()
    y = chain(length)
    middle = time.perf_counter()
    y.backward()
    end = time.perf_counter()
    resident = resident_bytes() - before
    nodes = len(topological_order(y))
    now = time.perf_counter()
    del y
    released = time.perf_counter() - now
    tracemalloc.start()
    y = chain(length // 10)
    y.backward()
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "nodes": nodes,
        "forward": middle - start,
        "backward": end - middle,
        "release": released,
        "resident bytes a node": resident / nodes,
        "held bytes a node": held / (nodes / 10),
        "peak bytes a node": peak / (nodes / 10),
    }


def resident_bytes() -> float:
    """Peak memory of this process so far; nan where the system does not tell."""
    try:
        import resource
    except ImportError:
        return math.nan
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


# --- the conductor ------------------------------------------------------------------------------------------


def run_worker(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).resolve()), "--worker", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(f"the worker {' '.join(arguments)} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def measure_networks(
    rounds: int, steps: int, peers: Sequence[str] = tuple(PEERS), collectors: Sequence[str] = ("on", "off")
) -> dict[str, Any]:
    """Peer → collector → the median times of the parts of a step."""
    if "micrograd" in peers and not find_spec("micrograd"):
        peers = [peer for peer in peers if peer != "micrograd"]
        print("micrograd is not installed and is left out: pip install micrograd\n")
    found: dict[str, Any] = {}
    reference: dict[str, Any] | None = None
    for _ in range(rounds):
        for collector in collectors:
            for peer in peers:
                result = run_worker(peer, collector, str(steps))
                reference = reference or result
                compare(peer, result, reference)
                rows = found.setdefault(peer, {}).setdefault(collector, {"forward": [], "backward": [], "step": []})
                for part in rows:
                    # The collector's pauses fall on some steps only: a turn counts as a whole.
                    rows[part].append(statistics.mean(result[part]))
    return {
        peer: {
            collector: {part: statistics.median(times) for part, times in rows.items()}
            for collector, rows in by_collector.items()
        }
        for peer, by_collector in found.items()
    }


def compare(peer: str, result: dict[str, Any], reference: dict[str, Any]) -> None:
    """Stop if a peer computed something else."""
    pairs = zip([result["loss"], *result["gradients"]], [reference["loss"], *reference["gradients"]], strict=True)
    worst = max(abs(a - b) / max(abs(b), 1e-6) for a, b in pairs)
    if worst > 1e-9:
        sys.exit(f"{peer} computed another loss or gradient: off by {worst:.1e} of its size")


def measure_import(rounds: int) -> dict[str, Any]:
    """Milliseconds of `import autograd` in a fresh interpreter, over those of one that does nothing."""

    def milliseconds(code: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        return 1000 * (time.perf_counter() - start)

    milliseconds("import autograd")
    pairs = [(milliseconds("pass"), milliseconds("import autograd")) for _ in range(rounds)]
    bare, whole = (statistics.median(times) for times in zip(*pairs, strict=True))
    listing = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import autograd"],
        cwd=ROOT, check=True, capture_output=True, encoding="utf-8",
    ).stderr  # fmt: skip
    ours = []
    for line in listing.splitlines()[1:]:
        microseconds, _, name = (part.strip() for part in line.removeprefix("import time:").split("|"))
        if name.partition(".")[0] == "autograd":
            ours.append((int(microseconds) / 1000, name))
    slowest = sorted(ours, reverse=True)[:5]
    return {"bare": bare, "with autograd": whole, "import": whole - bare, "slowest modules": slowest}


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    print(title)
    for row in [header, ["-" * w for w in widths], *rows]:
        print(
            "  "
            + "  ".join(
                cell.ljust(w) if i == 0 else cell.rjust(w)
                for i, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
        )
    print()


def show_networks(found: dict[str, Any]) -> None:
    for collector in ("on", "off"):
        baselines = {name: found[name][collector]["step"] for name in ("micrograd", "tuple") if name in found}
        rows = []
        for peer, by_collector in found.items():
            times = by_collector[collector]
            ratios = [
                f"{baselines[name] / times['step']:.2f} x" if name in baselines else "?"
                for name in ("micrograd", "tuple")
            ]
            rows.append(
                [
                    PEERS[peer][0],
                    *(f"{1000 * times[part]:.2f}" for part in ("forward", "backward", "step")),
                    *ratios,
                ]
            )
        state = "on, as Python starts it" if collector == "on" else "off"
        show(
            f"64-64-10 ReLU network, softmax cross-entropy, one sample; garbage collector {state}",
            ["", "forward ms", "backward ms", "step ms", "vs micrograd", "vs tuple"],
            rows,
        )


def show_chain(found: dict[str, Any]) -> None:
    rows = [
        [part, f"{found[part]:.2f} s", f"{1e9 * found[part] / found['nodes']:.0f} ns"]
        for part in ("forward", "backward", "release")
    ]
    show(f"a chain of multiply-adds, {found['nodes']:,} nodes", ["", "seconds", "a node"], rows)
    held, peak, resident = (found[f"{which} bytes a node"] for which in ("held", "peak", "resident"))
    print(f"  {held:.0f} bytes a node hold the graph, {peak:.0f} at the peak of backward() (tracemalloc);")
    print(f"  {resident:.0f} bytes a node as the system sees it\n")


def write_whole(file: Path, text: str) -> None:
    """Into a temporary file beside it first, so that there is never half a file."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as temporary:
        temporary.write(text)
    os.replace(temporary.name, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="how often each peer has its turn (default 7)")
    parser.add_argument("--steps", type=int, default=20, help="steps measured in each turn (default 20)")
    parser.add_argument("--chain", type=int, default=1_000_000, help="multiply-adds in the chain")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--worker", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        peer, *rest = options.worker
        if peer == "chain":
            print(json.dumps(work_on_chain(int(rest[0]))))
        else:
            print(json.dumps(work_on_network(peer, rest[0] == "on", int(rest[1]))))
        return

    machine = (
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )
    print(machine + "\n")
    networks = measure_networks(options.rounds, options.steps)
    show_networks(networks)
    chain = run_worker("chain", str(options.chain))
    show_chain(chain)
    imports = measure_import(3 * options.rounds)
    slowest = ", ".join(f"{name} {ms:.1f}" for ms, name in imports["slowest modules"])
    print(f"import autograd: {imports['import']:.1f} ms more than a bare interpreter ({imports['bare']:.1f} ms)")
    print(f"  slowest modules of ours by themselves, in ms: {slowest}")
    if options.json:
        figures = {"machine": machine, "network": networks, "chain": chain, "import": imports}
        write_whole(options.json, json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
