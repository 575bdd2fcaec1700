"""What glassgrad set out to reach in speed, and whether it does: one table, of ratios to its peers.

    python benchmarks/goals.py                                       all but the last rows, about ten minutes
    python benchmarks/goals.py --only digits gpt --rounds 1          a quick look
    git worktree add ../before main; python benchmarks/goals.py --before ../before --json FILE

The peers take turns in one run (``training.py``, ``eager.py``, ``growth.py``), one thread each; ratios are of the
medians over the rounds; the run ends with an error if somebody computes another loss than NumPy.  The last rows,
irregular graphs, compare two checkouts of glassgrad.  README.md beside this file says what was measured.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eager
import growth
import training
from training import Table, duration, machine, say, say_where, show_columns, write_whole

Figures = dict[str, Any]
"""``training``: its table.  ``eager``: peer → collector → times.  ``growth``: the rows of both checkouts."""


@dataclass(frozen=True)
class Goal:
    """One row: a figure that must be at least, or at most, what is wanted."""

    task: str
    about: str
    wanted: float
    measured: Callable[[Figures, str], float]
    """From the figures and the kind of clock; a KeyError if they lack something, like a peer."""
    at_most: bool = False
    unit: str = "×"

    def reached(self, measured: float) -> bool:
        return measured <= self.wanted if self.at_most else measured >= self.wanted


def faster_than(task: str, peer: str, wanted: float, ours: str = "glassgrad-auto") -> Goal:
    """The peer's time over ours."""
    about = f"{training.PEERS[peer].title} ÷ ours"

    def measured(figures: Figures, clock: str) -> float:
        rows = training.measured(figures["training"][task])
        return rows[peer].median(clock) / rows[ours].median(clock)

    return Goal(task, about, wanted, measured)


def within(task: str, peer: str, wanted: float, ours: str = "glassgrad-auto") -> Goal:
    """Our time over the peer's."""
    about = f"ours ÷ {training.PEERS[peer].title}"

    def measured(figures: Figures, clock: str) -> float:
        rows = training.measured(figures["training"][task])
        return rows[ours].median(clock) / rows[peer].median(clock)

    return Goal(task, about, wanted, measured, at_most=True)


def seconds(task: str, about: str, part: str, wanted: float, ours: str = "glassgrad-auto") -> Goal:
    """Of the first call, or of what it takes longer than the next one."""

    def measured(figures: Figures, clock: str) -> float:
        row = training.measured(figures["training"][task])[ours]
        return row.median(f"{part}, busy" if clock == "busy" else part)

    return Goal(task, about, wanted, measured, at_most=True, unit="s")


def node_by_node(peer: str, about: str, wanted: float) -> Goal:
    """A step of an engine of single nodes over that of glassgrad, the collector on, in the same source."""

    def measured(figures: Figures, clock: str) -> float:
        steps = {name: by_collector["on"]["step"] for name, by_collector in figures["eager"].items()}
        return steps[peer] / steps["operators"]

    return Goal("eager", about, wanted, measured)


def against_before(part: str, about: str, wanted: float) -> Goal:
    """The largest ratio, of all sizes of irregular graphs, to the other checkout."""

    def measured(figures: Figures, clock: str) -> float:
        return max(row[part] for row in figures["growth"].values())

    return Goal("irregular", about, wanted, measured, at_most=True)


def recording(part: str, about: str, wanted: float, unit: str = "×") -> Goal:
    """Of the largest irregular graph."""

    def measured(figures: Figures, clock: str) -> float:
        return figures["growth"][str(growth.NODES[-1])][part]

    return Goal("irregular", about, wanted, measured, at_most=True, unit=unit)


GOALS = [
    faster_than("digits", "torch", 10),
    faster_than("digits", "sklearn", 5),
    faster_than("digits", "jax-scan", 1),
    faster_than("digits", "numpy", 1),
    faster_than("pixels", "torch", 3),
    faster_than("pixels", "jax-scan", 1),
    faster_than("pixels", "numpy", 1),
    seconds("pixels", "the first fit in all: model, data, one epoch of 1,920 samples", "first call", 1.0),
    faster_than("gpt", "c-simd", 1),
    faster_than("gpt", "jax-scan", 2),
    faster_than("gpt", "torch", 25),
    seconds("gpt", "all lengths prepared", "compile", 2.0),
    within("moons", "c-simd", 1.7),
    seconds("moons", "prepared, in a process that has trained the digits", "compile", 0.010, "glassgrad-second"),
    faster_than("alice_bob", "jax-scan", 1),
    within("alice_bob", "c-simd", 1.6),
    faster_than("alice_bob", "micrograd", 2, "glassgrad-eager"),
    faster_than("wide", "jax-jit", 1, "glassgrad-native"),
    within("wide", "c-simd", 10 / 1.2, "glassgrad-native"),
    node_by_node("tuple", "a tuple of local derivatives ÷ operator by operator, 64-64-10", 2.3),
    node_by_node("micrograd", "micrograd ÷ operator by operator, 64-64-10, collector on", 7),
    against_before("run", "to run, 10² to 10⁶ nodes, now ÷ before", 1.0),
    against_before("compile", "to prepare, 10² to 10⁶ nodes, now ÷ before", 1.5),
    recording("trace", "10⁶ nodes recorded, now ÷ before", 0.5),
    recording("trace, now", "10⁶ nodes recorded", 8.0, "s"),
]
TASKS = tuple(dict.fromkeys(goal.task for goal in GOALS))
NEEDED = {
    "digits": ["glassgrad-auto", "torch", "sklearn", "jax-scan", "numpy"],
    "pixels": ["glassgrad-auto", "torch", "sklearn", "jax-scan", "numpy"],
    "gpt": ["glassgrad-auto", "c-simd", "c", "jax-scan", "torch", "numpy"],
    "moons": ["glassgrad-auto", "glassgrad-second", "c-simd", "jax-scan", "numpy"],
    "alice_bob": ["glassgrad-auto", "glassgrad-eager", "c-simd", "c", "jax-scan", "micrograd"],
    "wide": ["glassgrad-native", "c-simd", "jax-jit", "numpy"],
}
"""For each task of ``training.py`` the peers that goals are about, and some beside them."""


def measure(options: argparse.Namespace) -> Figures:
    figures: Figures = {}
    needed = {task: peers for task, peers in NEEDED.items() if task in options.only}
    figures["training"] = training.measure(needed, options)
    if "eager" in options.only:
        say("node by node")
        figures["eager"] = eager.measure_networks(
            options.rounds, 20, peers=("micrograd", "tuple", "operators"), collectors=("on",)
        )
    if "irregular" in options.only and options.before:
        figures["growth"] = irregular_graphs(options)
    say("")
    return figures


def irregular_graphs(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """For each size the medians of this checkout over those of the other, which takes its turn just before.

    Raises:
        SystemExit: if one of them cannot do it, or its gradient is not that of ``backward()``.
    """
    settings = {"seconds": 0.3, "limit": 300.0, "shape": "irregular", "second": True}
    checkouts = [options.before, growth.ROOT]
    ratios = {}
    for nodes in options.nodes:
        found: list[list[dict[str, Any]]] = [[] for _ in checkouts]
        for number in range(1, options.rounds + 1):
            for turns, checkout in zip(found, checkouts, strict=True):
                say(f"round {number} of {options.rounds}: {nodes:,} nodes, {checkout}")
                row = growth.turn("native", nodes, argparse.Namespace(**settings, checkout=checkout))
                if row.get("stopped") or row["error"] > training.TOLERANCE:
                    sys.exit(f"{checkout}, {nodes:,} nodes: {row.get('stopped') or row['error']}")
                turns.append(row)
        parts: dict[str, float] = {}
        for part in ("trace", "compile", "run"):
            before, now = (statistics.median(row[part] for row in turns) for turns in found)
            parts |= {part: now / before, f"{part}, before": before, f"{part}, now": now}
        ratios[str(nodes)] = parts
    return ratios


def judged(figures: Figures, tasks: Sequence[str], clock: str) -> list[dict[str, Any]]:
    """Each goal of these tasks with what was measured, or with what is missing."""
    rows = []
    for goal in GOALS:
        if goal.task not in tasks:
            continue
        row: dict[str, Any] = {"work": goal.task, "goal": goal.about, "wanted": wanted(goal)}
        try:
            found = goal.measured(figures, clock)
        except KeyError as missing:
            rows.append(row | {"missing": str(missing.args[0])})
            continue
        rows.append(row | {"measured": found, "unit": goal.unit, "reached": goal.reached(found)})
    return rows


def wanted(goal: Goal) -> str:
    number = duration(goal.wanted) if goal.unit == "s" else f"{goal.wanted:.3g}"
    return f"{'≤' if goal.at_most else '≥'} {number}"


def show(goals: list[dict[str, Any]]) -> None:
    lines = []
    for row in goals:
        if "missing" in row:
            lines.append([row["work"], row["goal"], row["wanted"], "not measured", ""])
            continue
        number = duration(row["measured"]) if row["unit"] == "s" else f"{row['measured']:.3g}"
        lines.append([row["work"], row["goal"], row["wanted"], number, "yes" if row["reached"] else "NO"])
    show_columns(["", "", "wanted", "measured", "reached"], lines)


def show_growth(ratios: dict[str, dict[str, float]]) -> None:
    parts = ("trace", "compile", "run")
    lines = []
    for nodes, row in ratios.items():
        times = [[duration(row[f"{part}, {which}"]) for which in ("before", "now")] for part in parts]
        lines.append([f"{int(nodes):,}", *map(" → ".join, times)])
    show_columns(["irregular graphs, nodes", *parts], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=TASKS, default=list(TASKS), help="only these rows")
    parser.add_argument("--before", type=Path, help="another checkout of glassgrad, for the irregular graphs")
    parser.add_argument("--nodes", nargs="+", type=int, default=growth.NODES, help="sizes of the irregular graphs")
    parser.add_argument("--rounds", type=int, default=3, help="how often each peer has its turn (default 3)")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long a turn measures (default 0.5)")
    parser.add_argument("--steps", type=int, default=10**9, help="at most so many steps a call, for a quick look")
    parser.add_argument("--timeout", type=float, default=300, help="seconds after which a turn is given up")
    parser.add_argument(
        "--busy", action="store_true", help="divide times of the processor, for a machine that others use too"
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()
    where = machine()
    say_where(where)
    figures = measure(options)
    table: Table = figures["training"]
    goals = judged(figures, options.only, "busy" if options.busy else "time")
    training.show(table)
    if "growth" in figures:
        show_growth(figures["growth"])
        print()
    if options.busy:
        print("Below, times are those of the processor, except node by node and of irregular graphs.")
    show(goals)
    if options.json:
        data = {"machine": where, "goals": goals} | figures | {"training": training.as_data(table)}
        write_whole(options.json, json.dumps(data, indent=2) + "\n")
    if any(row.failed for rows in table.values() for row in rows.values()):
        sys.exit("not every peer computed the same: see above")


if __name__ == "__main__":
    main()
