"""How the cost grows: graphs of a hundred to a million nodes, and what each node costs.

    python benchmarks/growth.py                                    all engines, about eight minutes
    python benchmarks/growth.py --nodes 100 10000 --engines eager native
    python benchmarks/growth.py --shape irregular --engines native --checkout ../before
    python benchmarks/growth.py --json FILE --chart FILE.png

For each engine and each size a process of its own builds the graph, records it with its gradient on a tape
(trace), makes a program of it (compile), and runs the program (run: the loss and 32 derivatives).  All times are
shown for each node of the graph.  An engine that needs more than ``--limit`` seconds for a size is not asked for
larger ones.  The gradients are compared with those of ``backward()``.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from training import ONE_THREAD, duration, last_line, machine, save, say, show_columns, write_whole

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 16
NODES = [100, 1_000, 10_000, 100_000, 1_000_000]

# --- the engines: from a tape to a function that gives its outputs ------------------------------------------

Run = Callable[[], list[float]]


def straight_line(tape: Any, numbers: list[float]) -> Run:
    """Machine code in which each step of the tape stands once."""
    import numpy as np

    from autograd.engines.native import straight_line as of_tapes

    function = of_tapes.straight_line(tape, 1, [False] * len(numbers))
    inputs, outputs = np.array(numbers), np.empty(len(tape.outputs))
    places = [
        (ctypes.c_void_p * len(array))(*[array.ctypes.data + 8 * i for i in range(len(array))])
        for array in (inputs, outputs)
    ]

    def run() -> list[float]:
        function(*places, 1)
        return outputs.tolist()

    return run


def of_compile(name: str) -> Callable[[Any, list[float]], Run]:
    """One of the engines of ``autograd.compile``."""

    def make(tape: Any, numbers: list[float]) -> Run:
        from autograd.program import engine_table

        function = engine_table.ENGINES[name](tape)
        # What an engine makes when it is first needed belongs to making the program.
        function(*numbers)
        return lambda: [float(output) for output in function(*numbers)]

    return make


ENGINES: dict[str, Callable[[Any, list[float]], Run] | None] = {
    "eager": None,
    "straight line": straight_line,
    "native": of_compile("native"),
    "python": of_compile("python"),
    "numpy": of_compile("numpy"),
    "jax": of_compile("jax"),
}


# --- one worker process -------------------------------------------------------------------------------------


def levels(nodes: int) -> tuple[Any, list[Any]]:
    """A loss of about so many nodes, 16 values wide and otherwise deep, and its 32 inputs.

    Each value goes on as tanh(w·v + v'), v' being its neighbour: a product, a sum and a function in turn.
    """
    from autograd import Value, total

    values = inputs = [Value(0.1 + 0.05 * i, f"v{i}") for i in range(WIDTH)]
    weights = [Value(0.9 - 0.03 * i, f"w{i}") for i in range(WIDTH)]
    for _ in range(max(1, nodes // (3 * WIDTH))):
        values = [
            (w * v + neighbour).tanh()
            for w, v, neighbour in zip(weights, values, values[1:] + values[:1], strict=True)
        ]
    return total(values), [*inputs, *weights]


def irregular(nodes: int) -> tuple[Any, list[Any]]:
    """A loss of about so many nodes and its 32 inputs, in which no part is like another.

    One of 32 values after the other is drawn, and gives way to its product with an input, its sum with another
    value, its tanh or its sine.
    """
    from autograd import Value, total

    chance = random.Random(nodes)
    inputs = [Value(chance.uniform(-0.9, 0.9), f"x{i}") for i in range(2 * WIDTH)]
    values = list(inputs)
    for _ in range(max(1, nodes - len(inputs))):
        i, j = chance.randrange(len(values)), chance.randrange(len(values))
        x = values[i]
        match chance.randrange(4):
            case 0:
                values[i] = inputs[j] * x
            case 1:
                values[i] = x + values[j]
            case 2:
                values[i] = x.tanh()
            case _:
                values[i] = x.sin()
    return total(values), inputs


SHAPES = {"levels": levels, "irregular": irregular}


def work(engine: str, nodes: int, seconds: float, shape: str, second: bool) -> dict[str, Any]:
    """Seconds of each part, and how far the results are from those of backward()."""
    from autograd.program.graphs import record_gradient
    from autograd.value import topological_order

    start = time.perf_counter()
    loss, inputs = SHAPES[shape](nodes)
    built = time.perf_counter()
    loss.backward()
    known = [loss.data, *[x.grad for x in inputs]]
    done = time.perf_counter()
    found: dict[str, Any] = {"nodes": len(topological_order(loss)), "trace": 0.0, "compile": 0.0}
    make = ENGINES[engine]
    if make is None:
        found["run"] = done - start
        return found | {"build": built - start, "error": 0.0}

    if second:
        small, few = levels(WIDTH)
        make(record_gradient(small, few), [x.data for x in few])()
    start = time.perf_counter()
    tape = record_gradient(loss, inputs)
    traced = time.perf_counter()
    run = make(tape, [x.data for x in inputs])
    compiled = time.perf_counter()
    results = run()
    times: list[float] = []
    while not times or sum(times) < seconds:
        now = time.perf_counter()
        run()
        times.append(time.perf_counter() - now)
    largest = max(map(abs, known))
    return found | {
        "steps": len(tape.instructions),
        "trace": traced - start,
        "compile": compiled - traced,
        "run": statistics.median(times),
        "error": max(abs(a - b) for a, b in zip(results, known, strict=True)) / largest,
    }


# --- the conductor ------------------------------------------------------------------------------------------


def measure(options: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """Engine → what was found for each size that it could do."""
    found: dict[str, list[dict[str, Any]]] = {}
    for engine in options.engines:
        found[engine] = []
        for nodes in options.nodes:
            say(f"{engine}, {nodes:,} nodes")
            found[engine].append(row := turn(engine, nodes, options))
            if "stopped" in row:
                break
    say("")
    return found


def turn(engine: str, nodes: int, options: argparse.Namespace) -> dict[str, Any]:
    """What a process of its own found for one size, or why it ``stopped``."""
    command = [sys.executable, __file__, "--worker", engine, str(nodes), str(options.seconds)]
    command += ["--shape", options.shape, "--checkout", str(options.checkout)]
    if options.second:
        command.append("--second")
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", check=True, timeout=options.limit,
            env=os.environ | ONE_THREAD,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"stopped": f"{nodes:,} nodes took more than {options.limit:g} s"}
    except subprocess.CalledProcessError as error:
        return {"stopped": f"{nodes:,} nodes: {last_line(error)}"}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def show(found: dict[str, list[dict[str, Any]]]) -> None:
    header = [
        "",
        "nodes",
        "steps",
        "trace",
        "compile",
        "run",
        "trace a node",
        "compile a node",
        "run a node",
        "off by",
    ]
    lines, notes = [], []
    for engine, rows in found.items():
        for row in rows:
            if "stopped" in row:
                notes.append(f"  {engine}: {row['stopped']}")
                continue
            parts = [row[part] for part in ("trace", "compile", "run")]
            lines.append(
                [
                    engine, f"{row['nodes']:,}", f"{row['steps']:,}" if "steps" in row else "",
                    *[duration(seconds) if seconds else "" for seconds in parts],
                    *[duration(seconds / row["nodes"]) if seconds else "" for seconds in parts],
                    f"{row['error']:.0e}",
                ]
            )  # fmt: skip
    show_columns(header, lines)
    print("\n".join(notes))


MARKS = {
    "eager": ("#D55E00", "o"),
    "straight line": ("#0072B2", "s"),
    "native": ("#009E73", "D"),
    "python": ("#CC79A7", "v"),
    "numpy": ("#E69F00", "P"),
    "jax": ("#555555", "^"),
}


def draw(found: dict[str, list[dict[str, Any]]], file: Path) -> None:
    """Time a node over the number of nodes, both logarithmic; a panel for each part."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(10, 3.6), sharex=True, sharey=True, layout="constrained")
    for panel, part in zip(panels, ("trace", "compile", "run"), strict=True):
        for engine, rows in found.items():
            points = [(row["nodes"], 1e9 * row[part] / row["nodes"]) for row in rows if row.get(part)]
            if points:
                colour, shape = MARKS[engine]
                panel.plot(*zip(*points, strict=True), color=colour, marker=shape, label=engine)
        panel.set(xscale="log", yscale="log", title=part, xlabel="nodes of the graph")
        panel.grid(color="#DDDDDD")
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("nanoseconds a node")
    figure.legend(*panels[2].get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False)
    save(figure, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nodes", nargs="+", type=int, default=NODES)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--seconds", type=float, default=0.3, help="how long each program runs (default 0.3)")
    parser.add_argument("--limit", type=float, default=60, help="seconds after which a size is given up")
    parser.add_argument("--shape", choices=SHAPES, default="levels", help="of the graph (default levels)")
    parser.add_argument(
        "--second", action="store_true", help="make a small program first: what is made once in a process is there"
    )
    parser.add_argument("--checkout", type=Path, default=ROOT, help="whose autograd it is (default this one's)")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--chart", type=Path, help="draw them: a .png or .svg file")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        sys.path.insert(0, str(options.checkout.resolve()))
        engine, nodes, seconds = options.worker
        print(json.dumps(work(engine, int(nodes), float(seconds), options.shape, options.second)))
        return
    found = measure(options)
    show(found)
    if options.json:
        write_whole(options.json, json.dumps({"machine": machine(), "engines": found}, indent=2) + "\n")
    if options.chart:
        draw(found, options.chart)
    if any(row.get("error", 0) > 1e-9 for rows in found.values() for row in rows):
        sys.exit("an engine computed something else than backward(): see 'off by'")


if __name__ == "__main__":
    main()
