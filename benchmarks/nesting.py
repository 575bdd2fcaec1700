"""Derivatives inside of a loop that is differentiated itself: what each turn costs, beside PyTorch.

    python benchmarks/nesting.py                          every program, a minute and a half
    python benchmarks/nesting.py --turns 50 400 --programs minimax "several weights"
    python benchmarks/nesting.py --json FILE

The programs unroll an optimizer: each turn takes a gradient, and in the end the whole run is differentiated by
where it began.  PyTorch runs those of reverse mode alone, and their derivatives are compared.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from training import duration, machine, say, show_columns, write_whole

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import autograd
from autograd import grad, jit, jvp

TURNS = [50, 100, 200, 400, 800, 1600]
STARTS = (0.8, 0.3)

Way = Callable[..., Callable[..., Any]]
"""How to differentiate: from f to (x, *others) ↦ df/dx."""


def by_forward(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, *others: jvp(lambda t: f(t, *others), (x,), (1.0,))[1]


def by_torch(f: Callable[..., Any]) -> Callable[..., Any]:
    import torch

    def slopes(x: Any, *others: Any) -> Any:
        # New numbers, as our grad makes them: f may use the old ones too.
        xs = [t.clone() for t in (x if isinstance(x, list) else [x])]
        found = torch.autograd.grad(f(xs if isinstance(x, list) else xs[0], *others), xs, create_graph=True)
        return list(found) if isinstance(x, list) else found[0]

    return slopes


# --- the programs: from how the inner gradient is taken, the functions, and the turns, to a function of x --------


def descent(way: Way, m: Any, turns: int, x: Any, y: float = 0.3) -> Any:
    """A particle that slides down a potential."""
    slope = way(lambda x: m.exp(-x * x) + y * x * x)
    for _ in range(turns):
        x = x - 0.01 * slope(x)
    return x


def minimax(way: Way, m: Any, turns: int, x: Any, y: Any = 0.3) -> Any:
    """One number goes down while the other goes up, each by a function that uses the other."""

    def saddle(x: Any, y: Any) -> Any:
        return m.sin(x * y) + 0.1 * x * x - 0.1 * y * y

    for _ in range(turns):
        x = x - 0.1 * way(lambda s, y=y: saddle(s, y))(x)
        y = (y + 0.1 * way(lambda s, x=x: saddle(x, s))(x * 0 + y)) * 0.99
    return x + y


def several_weights(way: Way, m: Any, turns: int, x: Any, y: float = 0.3) -> Any:
    """Three weights in a list that learn together, and what they make of where they began."""
    ws = [x, x * y, x + y]

    def loss(ws: list[Any]) -> Any:
        return sum((m.tanh(w * s + y) ** 2 for w, s in zip(ws, (x, y, x * y), strict=True)), 0.0)

    for _ in range(turns):
        ws = [w - 0.1 * slope for w, slope in zip(ws, way(loss)(ws), strict=True)]
    return loss(ws)


PROGRAMS: dict[str, tuple[Callable[..., Any], Way, Way]] = {
    "forward over forward": (descent, by_forward, by_forward),
    "reverse over forward": (descent, grad, by_forward),
    "reverse over reverse": (descent, grad, grad),
    "forward over reverse": (descent, by_forward, grad),
    "minimax": (minimax, grad, grad),
    "several weights": (several_weights, grad, grad),
    "recorded": (descent, lambda f: jit(grad(f), engine="numpy"), grad),
}
"""The program, how it is differentiated, and how the gradients inside of it are."""


def with_glassgrad(name: str, turns: int) -> float:
    program, outer, inner = PROGRAMS[name]
    return float(outer(lambda x: program(inner, autograd, turns, x))(STARTS[0]))


def with_torch(name: str, turns: int) -> float:
    import torch

    program, _, _ = PROGRAMS[name]
    x = torch.tensor(STARTS[0], dtype=torch.float64, requires_grad=True)
    return float(torch.autograd.grad(program(by_torch, torch, turns, x), x)[0])


def clocked(run: Callable[[str, int], float], name: str, turns: int) -> tuple[float, float]:
    """The best of three, each from a clean table; and what came out."""
    times = []
    for _ in range(3):
        gc.collect()
        start = time.perf_counter()
        found = run(name, turns)
        times.append(time.perf_counter() - start)
    return min(times), found


def measure(names: Sequence[str], all_turns: Sequence[int]) -> dict[str, list[dict[str, float]]]:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for name in names:
        for turns in all_turns:
            say(f"{name}, {turns} turns")
            seconds, slope = clocked(with_glassgrad, name, turns)
            row = {"turns": turns, "seconds": seconds, "slope": slope}
            if find_spec("torch") and PROGRAMS[name][1:] == (grad, grad):
                row["torch"], known = clocked(with_torch, name, turns)
                row["off by"] = abs(slope - known) / max(1.0, abs(known))
            found[name].append(row)
    say("")
    return found


def show(found: dict[str, list[dict[str, float]]]) -> None:
    lines = []
    for name, rows in found.items():
        for row in rows:
            lines.append(
                [name, f"{row['turns']}", duration(row["seconds"]), duration(row["seconds"] / row["turns"])]
            )
            torch = row.get("torch")
            lines[-1] += [duration(torch), f"{row['seconds'] / torch:.2f}"] if torch else ["", ""]
    show_columns(["", "turns", "all", "a turn", "PyTorch", "ours / PyTorch"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--turns", nargs="+", type=int, default=TURNS)
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()
    sys.setrecursionlimit(10_000)
    found = measure(options.programs, options.turns)
    show(found)
    if options.json:
        write_whole(options.json, json.dumps({"machine": machine(), "programs": found}, indent=2) + "\n")
    if any(row.get("off by", 0) > 1e-9 for rows in found.values() for row in rows):
        sys.exit("a derivative is not PyTorch's")


if __name__ == "__main__":
    main()
