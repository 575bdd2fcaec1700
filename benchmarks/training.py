"""How fast is training, beside others that compute the same?

    python benchmarks/training.py                        every task and every peer, about a quarter of an hour
    python benchmarks/training.py --rounds 1 --tasks moons --peers numpy c torch
    python benchmarks/training.py --json FILE --chart FILE.png

Six tasks (``tasks.py``), the same start weights and the same order of the data for all.  Each peer has a process
of its own (``worker.py``); the processes take turns, round after round, and the median of the rounds is shown.
Every result is compared with NumPy's.  README.md beside this file says what the columns mean.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tasks import TASKS

HERE = Path(__file__).resolve().parent

TOLERANCE = 1e-9
"""Losses may differ by this part of their size, parameters and gradients by this part of the largest one."""

ONE_THREAD = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}  # fmt: skip


FOUR = ("alice_bob", "moons", "wide", "gpt")
"""The small tasks, which everybody takes part in."""
IMAGES = ("digits", "pixels")
"""Trainings in batches, of which an epoch would take those with single numbers minutes."""


@dataclass(frozen=True)
class Peer:
    """One row of the table."""

    title: str
    module: str
    variant: str = ""
    kind: str = "frameworks"
    install: str = ""
    collector: bool = True
    after: str = ""
    """A task that its process does first, so that the machine code that all tasks share is there."""
    tasks: Sequence[str] = FOUR


OURS = "glassgrad"
FAST = "pip install glassgrad[fast]"
PEERS = {
    "micrograd": Peer("micrograd, collector on", "micrograd", kind="scalars", install="pip install micrograd"),
    "micrograd-no-gc": Peer(
        "micrograd, collector off", "micrograd", kind="scalars", install="pip install micrograd", collector=False
    ),
    "micrograd-composed": Peer(
        "micrograd, sigmoid composed", "micrograd", "composed", kind="scalars", install="pip install micrograd",
        tasks=("alice_bob",),
    ),
    "glassgrad-eager": Peer("glassgrad eager", "glassgrad", "eager", kind=OURS),
    # Whole runs by nn.fit; of single programs, Python source has a longest length, and auto is native.
    "glassgrad-python": Peer("glassgrad python", "glassgrad", "python", kind=OURS, tasks=("alice_bob", "moons")),
    "glassgrad-numpy": Peer("glassgrad numpy", "glassgrad", "numpy", kind=OURS),
    "glassgrad-native": Peer("glassgrad native", "glassgrad", "native", kind=OURS, install=FAST),
    "glassgrad-auto": Peer(
        "glassgrad auto", "glassgrad", "auto", kind=OURS, tasks=("alice_bob", "moons", *IMAGES, "gpt")
    ),
    "glassgrad-second": Peer(
        "glassgrad auto, after the digits", "glassgrad", "auto", kind=OURS, after="digits", tasks=("moons",)
    ),
    "torch": Peer("PyTorch, eager", "torch", install="pip install torch", tasks=tuple(TASKS)),
    "sklearn": Peer("scikit-learn", "sklearn", install="pip install scikit-learn", tasks=IMAGES),
    "jax-jit": Peer("JAX, jit", "jax", "jit", install="pip install jax"),
    "jax-scan": Peer(
        "JAX, scan", "jax", "scan", install="pip install jax", tasks=("alice_bob", "moons", *IMAGES, "gpt")
    ),
    "casadi": Peer("casadi", "casadi", install="pip install casadi"),
    "hips": Peer(
        "HIPS autograd", "hips_autograd", install="pip install --no-deps --target .venv/hips-autograd autograd"
    ),
    "tinygrad": Peer("tinygrad", "tinygrad", install="pip install tinygrad ziglang"),
    "numpy": Peer("NumPy by hand", "numpy", kind="by hand", tasks=tuple(TASKS)),
    "c": Peer("C by hand", "c", "plain", kind="by hand", install="apt install gcc"),
    "c-simd": Peer("C by hand, SIMD", "c", "simd", kind="by hand", install="apt install gcc"),
}  # fmt: skip


@dataclass
class Row:
    """What is known about one peer in one task: one entry of ``turns`` for each round."""

    turns: list[dict[str, Any]] = field(default_factory=list)
    missing: str = ""
    failed: str = ""
    error: float = 0.0
    """The largest difference from NumPy's results."""
    losses: dict[int, float] = field(default_factory=dict)
    """The last loss after so many steps."""

    def median(self, name: str) -> float:
        return statistics.median(turn[name] for turn in self.turns)


Table = dict[str, dict[str, Row]]
"""Task → peer → row."""


# --- running ------------------------------------------------------------------------------------------------


def measure(wanted: dict[str, list[str]], options: argparse.Namespace) -> Table:
    """``wanted``: task → peers."""
    table: Table = {task: {name: Row() for name in names} for task, names in wanted.items()}
    for number in range(1, options.rounds + 1):
        for task, rows in table.items():
            for name, row in rows.items():
                if row.missing or row.failed:
                    continue
                say(f"round {number} of {options.rounds}: {task}, {PEERS[name].title}")
                take_turn(PEERS[name], task, row, options)
    say("")
    return table


def take_turn(peer: Peer, task: str, row: Row, options: argparse.Namespace) -> None:
    try:
        turn = run_worker(peer, task, options)
    except (subprocess.SubprocessError, ValueError) as error:
        row.failed = last_line(error)
        return
    if "missing" in turn:
        row.missing = turn["missing"]
        return
    for result in turn.pop("results"):
        row.error = max(row.error, difference(result, reference(task, result["steps"])))
        row.losses[result["steps"]] = result["loss"]
    if row.error > TOLERANCE:
        row.failed = f"computed something else: off by {row.error:.1e}"
    row.turns.append(turn)


def run_worker(peer: Peer, task: str, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, str(HERE / "worker.py"), peer.module, task, "--variant", peer.variant]
    command += ["--seconds", str(options.seconds), "--steps", str(options.steps)]
    if not peer.collector:
        command.append("--no-collector")
    if peer.after:
        command += ["--after", peer.after]
    environment = os.environ | ONE_THREAD
    environment.pop("PYTHONPATH", None)
    if peer.module == "hips_autograd":
        # The only process that sees this 'autograd', and it does not see ours.
        environment["PYTHONPATH"] = str(options.hips)
    done = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        cwd=HERE,
        env=environment,
        check=True,
        timeout=options.timeout,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def last_line(error: Exception) -> str:
    text = getattr(error, "stderr", None) or str(error)
    return str(text).strip().splitlines()[-1]


@cache
def reference(task: str, steps: int) -> dict[str, Any]:
    """The result of NumPy by hand, which is always there."""
    import worker
    from peers import with_numpy

    made = TASKS[task]()
    return worker.result(made, steps, getattr(with_numpy, task)(made, "")(steps))


def difference(found: dict[str, Any], known: dict[str, Any]) -> float:
    """How far the results differ, in parts of their size; infinite if the form differs or one is not finite."""
    if found["losses"] != known["losses"] or len(found["numbers"]) != len(known["numbers"]):
        return math.inf
    if not all(map(math.isfinite, [found["loss"], *found["numbers"]])):
        return math.inf
    largest = max(map(abs, known["numbers"]))
    of_numbers = max(abs(a - b) for a, b in zip(found["numbers"], known["numbers"], strict=True)) / largest
    return max(of_numbers, abs(found["loss"] - known["loss"]) / abs(known["loss"]))


def say(text: str) -> None:
    """What is going on, on one line of the terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


# --- showing ------------------------------------------------------------------------------------------------


def duration(seconds: float) -> str:
    """Three digits and a unit.

    >>> duration(0.00001234), duration(1.5), duration(0.25)
    ('12.3 µs', '1.50 s', '250 ms')
    """
    if seconds <= 0:
        return "0"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if seconds >= 0.9995 * size or unit == "ns":
            number = seconds / size
            return f"{number:.{max(0, 3 - len(str(int(number + 0.0005))))}f} {unit}"
    raise AssertionError


def times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"


def measured(rows: dict[str, Row]) -> dict[str, Row]:
    """The rows with a figure, the fastest first."""
    found = {name: row for name, row in rows.items() if row.turns and not row.failed}
    return dict(sorted(found.items(), key=lambda item: item[1].median("time")))


def ratios(rows: dict[str, Row], name: str) -> dict[str, float]:
    """How often the limit's time fits into this one's, and how often this one's fits into micrograd's."""
    found = measured(rows)
    own = found[name].median("time")
    limits = [found[limit].median("time") for limit in ("c", "c-simd") if limit in found]
    result = {"of the limit": own / min(limits)} if limits else {}
    for micrograd in ("micrograd", "micrograd-no-gc"):
        if micrograd in found:
            result[micrograd] = found[micrograd].median("time") / own
    return result


def show(table: Table) -> None:
    for task, rows in table.items():
        about = TASKS[task]()
        print(about.title)
        header = ["", f"time of {about.unit}", "of the limit", "micrograd÷", "off÷"]
        header += ["import", "first call", "compile", "memory", "off by"]
        lines = []
        for name, row in measured(rows).items():
            ratio = ratios(rows, name)
            line = [
                f"{'> ' if PEERS[name].kind == OURS else '  '}{PEERS[name].title}",
                duration(row.median("time")),
            ]
            for key in ("of the limit", "micrograd", "micrograd-no-gc"):
                line.append(times(ratio[key]) if key in ratio else "")
            line += [duration(row.median(key)) for key in ("import", "first call", "compile")]
            lines.append([*line, f"{row.median('memory'):.0f} MB", f"{row.error:.0e}"])
        show_columns(header, lines)
        for name, row in rows.items():
            title, install = PEERS[name].title, PEERS[name].install
            if row.missing:
                print(f"  {title}: not installed ({row.missing}){': ' + install if install else ''}")
            elif row.failed:
                print(f"  {title}: FAILED, {row.failed}")
            elif row.median("processors") > 1.15:
                print(f"  {title} kept {row.median('processors'):.1f} processors busy")
        print()


def show_columns(header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    widths = [max(len(line[i]) for line in [header, *lines]) for i in range(len(header))]
    for line in [header, ["-" * width for width in widths], *lines]:
        cells = [cell.rjust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join([line[0].ljust(widths[0]), *cells[1:]]))


MARKS = {
    OURS: ("#D55E00", "D"),
    "scalars": ("#56B4E9", "o"),
    "frameworks": ("#0072B2", "s"),
    "by hand": ("#555555", "^"),
}
"""A colour and a shape for each kind of peer: nobody needs the colours to tell them apart."""


def draw(table: Table, file: Path) -> None:
    """A panel for each task, a line for each peer, time on a logarithmic scale."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    found = {task: measured(rows) for task, rows in table.items()}
    heights = [max(len(rows), 1) + 2.5 for rows in found.values()]
    size = (8.5, 0.24 * sum(heights))
    figure, panels = pyplot.subplots(
        len(found), 1, figsize=size, height_ratios=heights, layout="constrained", squeeze=False
    )
    for panel, (task, rows) in zip(panels[:, 0], found.items(), strict=True):
        seconds = [row.median("time") for row in rows.values()]
        for place, (name, row) in enumerate(rows.items()):
            colour, shape = MARKS[PEERS[name].kind]
            turns = [turn["time"] for turn in row.turns]
            panel.plot([min(turns), max(turns)], [place, place], color=colour, linewidth=1)
            panel.plot(seconds[place], place, shape, color=colour, markersize=6)
            panel.annotate(
                duration(seconds[place]), (max(turns), place), (8, 0), textcoords="offset points", va="center",
                fontsize=8,
            )  # fmt: skip
        panel.set_yticks(range(len(rows)), [PEERS[name].title for name in rows], fontsize=8)
        for label, name in zip(panel.get_yticklabels(), rows, strict=True):
            label.set_fontweight("bold" if PEERS[name].kind == OURS else "normal")
        panel.invert_yaxis()
        panel.set_xscale("log")
        panel.grid(axis="x", color="#DDDDDD")
        panel.set_axisbelow(True)
        panel.spines[["top", "right"]].set_visible(False)
        if seconds:
            panel.set_xlim(min(seconds) / 2, max(seconds) * 5)
        about = TASKS[task]()
        panel.set_title(about.title, loc="left", fontsize=9)
        panel.set_xlabel(f"seconds for {about.unit}", fontsize=8)
    kinds = {PEERS[name].kind for rows in found.values() for name in rows}
    marks = [
        panels[0, 0].plot([], [], shape, color=colour, label=kind)[0]
        for kind, (colour, shape) in MARKS.items()
        if kind in kinds
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    save(figure, file)
    pyplot.close(figure)


def save(figure: Any, file: Path) -> None:
    """Into a temporary file beside it first, so that there is never half a picture."""
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=file.suffix, delete=False) as temporary:
        figure.savefig(temporary.name, dpi=150)
    os.replace(temporary.name, file)


def machine() -> dict[str, Any]:
    """Where the figures come from, and the versions of what is installed."""
    packages = {}
    for package in (
        "glassgrad", "numpy", "micrograd", "torch", "scikit-learn", "jax", "casadi", "tinygrad", "llvmlite"
    ):  # fmt: skip
        try:
            packages[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": os.cpu_count(),
        "packages": packages,
    }


def processor() -> str:
    """Its name, and the widest of its vector units that the system tells of."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    known = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = known.get("flags", known.get("Features", "")).split()
    widest = next((flag for flag in ("avx512f", "avx2", "avx", "sse2", "sve", "asimd") if flag in flags), "")
    return ", ".join(filter(None, (known.get("model name", platform.machine()), widest)))


def say_where(where: dict[str, Any]) -> None:
    packages = ", ".join(f"{name} {number}" for name, number in where["packages"].items())
    print(f"{where['processor']}, {where['cores']} cores, one thread each")
    print(f"Python {where['python']}, {where['system']}; {packages}\n")


def as_data(table: Table) -> dict[str, Any]:
    """The table as JSON can hold it: medians, ratios, and every turn."""
    keys = (
        "time", "busy", "import", "first call", "first call, busy", "compile", "compile, busy",
        "memory", "memory of import", "processors",
    )  # fmt: skip
    result: dict[str, Any] = {}
    for task, rows in table.items():
        result[task] = {}
        for name, row in rows.items():
            entry: dict[str, Any] = {"title": PEERS[name].title, "turns": row.turns}
            if row.missing:
                entry["not installed"] = row.missing
            elif row.failed:
                entry["failed"] = row.failed
            else:
                entry |= {key: row.median(key) for key in keys} | ratios(rows, name)
                entry |= {"off by": row.error, "losses": row.losses}
            result[task][name] = entry
    return result


def write_whole(file: Path, text: str) -> None:
    """Into a temporary file beside it first, so that there is never half a file."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as temporary:
        temporary.write(text)
    os.replace(temporary.name, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS), help="only these tasks")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS), help="only these peers")
    parser.add_argument("--rounds", type=int, default=3, help="how often each peer has its turn (default 3)")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long a turn measures (default 0.5)")
    parser.add_argument("--steps", type=int, default=10**9, help="at most so many steps a call, for a quick look")
    parser.add_argument("--timeout", type=float, default=300, help="seconds after which a turn is given up")
    parser.add_argument("--hips", type=Path, default=HERE.parent / ".venv" / "hips-autograd", help="its folder")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--chart", type=Path, help="draw them: a .png or .svg file")
    options = parser.parse_args()
    where = machine()
    say_where(where)
    wanted = {task: [name for name in options.peers if task in PEERS[name].tasks] for task in options.tasks}
    table = measure(wanted, options)
    show(table)
    if options.json:
        write_whole(options.json, json.dumps({"machine": where, "tasks": as_data(table)}, indent=2) + "\n")
    if options.chart:
        draw(table, options.chart)
    if any(row.failed for rows in table.values() for row in rows.values()):
        sys.exit("not every peer computed the same: see above")


if __name__ == "__main__":
    main()
