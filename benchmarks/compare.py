"""Is a change slower than what was there before it?  The same rows in two checkouts of glassgrad, in turns.

    git worktree add ../before main
    python benchmarks/compare.py ../before .                         every row, about a quarter of an hour
    python benchmarks/compare.py ../before . --groups networks --only tanh
    python benchmarks/compare.py ../before . --rounds 15 --json figures.json

Each turn is a process of its own (``compared.py``), first of one checkout and then of the other, round after round.
A row shows the smallest time of each, because whatever else the machine does can only add to it, and their ratio.
Where a row gives losses and parameters, both checkouts must agree on them.  README.md beside this file says more.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from training import ONE_THREAD, TOLERANCE, duration, machine, say, show_columns, write_whole

HERE = Path(__file__).resolve().parent

GROUPS = (
    "operations", "networks", "digits", "around", "programs-native", "programs-jax",
    "operations-python", "operations-numpy", "operations-native", "operations-jax",
)  # fmt: skip
"""Node by node; by ``fit`` with each engine; around that; programs of ``compile``; and every operation as one."""

Turns = dict[str, list[dict[str, Any]]]
"""Row → what it gave in each round: its time, and numbers to be compared."""


def measure(checkouts: list[Path], options: argparse.Namespace) -> list[Turns]:
    """The turns of each checkout.

    Raises:
        SystemExit: if one of them cannot run the rows.
    """
    found: list[Turns] = [{} for _ in checkouts]
    for number in range(1, options.rounds + 1):
        for group in options.groups:
            for turns, checkout in zip(found, checkouts, strict=True):
                say(f"round {number} of {options.rounds}: {group}, {checkout}")
                for name, turn in run(checkout, group, options.only).items():
                    turns.setdefault(name, []).append(turn)
    say("")
    return found


def run(checkout: Path, group: str, only: str) -> dict[str, Any]:
    command = [sys.executable, str(HERE / "compared.py"), str(checkout), group, only]
    environment = os.environ | ONE_THREAD
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False)
    if done.returncode:
        sys.exit(f"{checkout} cannot run {group}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compared(before: Turns, after: Turns) -> dict[str, dict[str, float]]:
    """For each row that both have: the smallest times, their ratio, the ratio of the medians, what they are off by.

    >>> old = [{"time": 4.0, "numbers": [1.0, 8.0]}, {"time": 2.0, "numbers": [1.0, 8.0]}]
    >>> new = [{"time": 1.0, "numbers": [1.0, 8.0]}, {"time": 2.0, "numbers": [1.0, 8.0]}]
    >>> compared({"a row": old, "gone": old}, {"a row": new})
    {'a row': {'before': 2.0, 'after': 1.0, 'ratio': 0.5, 'of medians': 0.5, 'off by': 0.0}}
    """
    rows = {}
    for name in before:
        if name in after:
            times = [[turn["time"] for turn in turns[name]] for turns in (before, after)]
            (old, new), (old_median, new_median) = map(min, times), map(statistics.median, times)
            rows[name] = {
                "before": old, "after": new, "ratio": new / old, "of medians": new_median / old_median,
                "off by": difference(before[name][0]["numbers"], after[name][0]["numbers"]),
            }  # fmt: skip
    return rows


def difference(numbers: list[float], others: list[float]) -> float:
    """How far numbers differ, in parts of the largest; infinite if there are more of one, or one is not finite.

    >>> difference([2.0, 4.0], [2.0, 5.0]), difference([1.0], [1.0, 2.0]), difference([], [])
    (0.25, inf, 0.0)
    """
    if len(numbers) != len(others) or not all(map(math.isfinite, [*numbers, *others])):
        return math.inf
    size = max(map(abs, numbers), default=0.0) or 1.0
    return max((abs(x - y) / size for x, y in zip(numbers, others, strict=True)), default=0.0)


def show(rows: dict[str, dict[str, float]]) -> None:
    lines = [
        [name, duration(row["before"]), duration(row["after"]), f"{row['ratio']:.2f}", f"{row['of medians']:.2f}",
         f"{row['off by']:.0e}" if row["off by"] else "0"]
        for name, row in rows.items()
    ]  # fmt: skip
    show_columns(["", "before", "after", "ratio", "of medians", "off by"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("before", type=Path, help="a checkout of glassgrad: a folder")
    parser.add_argument("after", type=Path, help="another one")
    parser.add_argument(
        "--groups", nargs="+", choices=GROUPS, default=list(GROUPS), help="only these groups of rows"
    )
    parser.add_argument(
        "--only", default="", metavar="PATTERN", help="only rows whose name has this regular expression"
    )
    parser.add_argument("--rounds", type=int, default=7, help="how often each checkout has its turn (default 7)")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = parser.parse_args()
    checkouts = [options.before.resolve(), options.after.resolve()]
    for checkout in checkouts:
        if not (checkout / "autograd" / "ops.py").is_file():
            parser.error(f"{checkout} is not a checkout of glassgrad: it has no autograd/ops.py")
    rows = compared(*measure(checkouts, options))
    show(rows)
    if options.json:
        write_whole(options.json, json.dumps({"machine": machine(), "rows": rows}, indent=2) + "\n")
    if wrong := [name for name, row in rows.items() if row["off by"] > TOLERANCE]:
        sys.exit(f"not the same numbers: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
