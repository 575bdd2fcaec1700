"""One peer, one task, one process: what ``training.py`` starts again and again.

    python benchmarks/worker.py numpy moons            prints one line of JSON

In a process of its own no peer warms the caches, fills the memory or feeds the garbage collector of another.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from tasks import TASKS, Task

LONG_ENOUGH = 0.1
"""Seconds.  A call is given more and more steps until it takes so long, or has the task's ``many_steps``."""


def measure(
    task: Task,
    peer: str,
    variant: str = "",
    collector: bool = True,
    seconds: float = 0.5,
    most_steps: int = 10**9,
    after: str = "",
) -> dict[str, Any]:
    """Times (in seconds), memory (in MB), and results; ``after`` is a task that is done before the clock starts.

    Raises:
        ImportError: if the peer, or what this variant of it needs, is not installed.
    """
    before = peak_memory()
    start = time.perf_counter()
    module = importlib.import_module(f"peers.with_{peer}")
    imported = time.perf_counter()
    memory_of_import = peak_memory()
    if not collector:
        gc.disable()
    if after:
        other = TASKS[after]()
        getattr(module, other.name)(other, variant)(other.check_steps)

    # The first call: everything that has to be prepared, and a short run.
    first_start, first_busy = time.perf_counter(), time.process_time()
    run = getattr(module, task.name)(task, variant)
    steps = min(task.check_steps, most_steps)
    results = [result(task, steps, run(steps))]
    first = Duration(time.perf_counter() - first_start, time.process_time() - first_busy)
    # The same once more: what the first call took longer is compilation and warming up.
    again = timed(task, run, steps, results)

    turns = [again]
    while steps < min(task.many_steps, most_steps) and (task.whole or turns[0].wall < LONG_ENOUGH):
        steps = min(task.many_steps if task.whole else 2 * steps, task.many_steps, most_steps)
        timed(task, run, steps, results)
        turns = [timed(task, run, steps, results)]
    while sum(turn.wall for turn in turns) < seconds:
        turns.append(timed(task, run, steps, results))
    return {
        "import": imported - start,
        "first call": first.wall,
        "first call, busy": first.processor,
        "compile": first.wall - again.wall,
        "compile, busy": first.processor - again.processor,
        "time": statistics.median(turn.wall for turn in turns) / steps * task.unit_steps,
        "busy": statistics.median(turn.processor for turn in turns) / steps * task.unit_steps,
        "steps": steps,
        "memory": peak_memory(),
        "memory before": before,
        "memory of import": memory_of_import,
        "processors": sum(turn.processor for turn in turns) / sum(turn.wall for turn in turns),
        "results": results,
    }


class Duration(NamedTuple):
    """Seconds by the clock on the wall, and seconds of work by all processors together."""

    wall: float
    processor: float


def timed(task: Task, run: Any, steps: int, results: list[Any]) -> Duration:
    """How long one call takes.  If the collector is off, what it would collect is freed outside of the clock."""
    start, busy = time.perf_counter(), time.process_time()
    found = run(steps)
    duration = Duration(time.perf_counter() - start, time.process_time() - busy)
    if all(known["steps"] != steps for known in results):
        results.append(result(task, steps, found))
    del found
    if not gc.isenabled():
        gc.collect()
    return duration


def result(task: Task, steps: int, found: tuple[Any, Any]) -> dict[str, Any]:
    """What is compared: the last loss, and all numbers.  The loss of an epoch is the mean of its steps'."""
    losses, numbers = map(flat, found)
    if len(losses) == steps:
        losses = [statistics.fmean(losses[i : i + task.epoch]) for i in range(0, steps, task.epoch)]
    return {"steps": steps, "loss": losses[-1], "losses": len(losses), "numbers": numbers}


def flat(numbers: Any) -> list[float]:
    """All numbers in nested lists, arrays or tensors, in their order."""
    if hasattr(numbers, "tolist"):
        numbers = numbers.tolist()
    if isinstance(numbers, (list, tuple)):
        return [number for part in numbers for number in flat(part)]
    return [float(numbers)]


def peak_memory() -> float:
    """The most memory that this process has had so far, in MB; 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except (OSError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return 0.0
    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("peer")
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--variant", default="")
    parser.add_argument("--no-collector", action="store_true", help="switch the garbage collector off")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long to measure")
    parser.add_argument("--steps", type=int, default=10**9, help="no call makes more steps than this")
    parser.add_argument("--after", choices=TASKS, default="", help="do this one first, outside of the clock")
    options = parser.parse_args()
    task, collector = TASKS[options.task](), not options.no_collector
    try:
        found = measure(
            task, options.peer, options.variant, collector, options.seconds, options.steps, options.after
        )
    except ImportError as error:
        found = {"missing": str(error)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
