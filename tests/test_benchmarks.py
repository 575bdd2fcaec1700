"""The benchmarks: every peer computes what nn computes eagerly, and tables and charts come out."""

import json
import math
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import nn

pytestmark = pytest.mark.slow
BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
STEPS = {"alice_bob": 20, "moons": 1, "wide": 2, "gpt": 8}
IMAGES = {"digits": 2, "pixels": 1}
"""Epochs of a hundred images: three batches and a smaller one."""

RESULTS = """
import json, sys
from dataclasses import replace
from importlib import import_module
from tasks import TASKS
import worker
peer, variant, steps = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
module = import_module("peers.with_" + peer)
def result(name, n):
    task = TASKS[name]()
    task = replace(task, inputs=task.inputs[:100], targets=task.targets[:100])
    return worker.result(task, n, getattr(module, name)(task, variant)(n))
print(json.dumps({name: result(name, n) for name, n in steps.items()}))
"""


def results_of(peer, variant, steps):
    """Loss and numbers of each task, computed in a process of its own."""
    command = [sys.executable, "-c", RESULTS, peer, variant, json.dumps(steps)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=BENCHMARKS)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def eager():
    return results_of("glassgrad", "eager", STEPS | IMAGES)


@pytest.fixture
def benchmark(monkeypatch):
    """Import a module of the benchmarks for one test."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield import_module
    for name in ("compare", "eager", "goals", "growth", "tasks", "training", "worker"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("peer", "variant", "tasks", "needs"),
    [
        ("numpy", "", STEPS | IMAGES, "numpy"),
        ("c", "plain", STEPS, "gcc"),
        ("c", "simd", STEPS, "gcc"),
        ("glassgrad", "auto", STEPS | IMAGES, "llvmlite"),
        ("micrograd", "", STEPS, "micrograd"),
        ("micrograd", "composed", ("alice_bob",), "micrograd"),
        ("torch", "", STEPS | IMAGES, "torch"),
        ("sklearn", "", IMAGES, "sklearn"),
        ("jax", "jit", ("alice_bob", "moons", "wide"), "jax"),
        ("jax", "scan", ("alice_bob", "moons", "gpt", "digits", "pixels"), "jax"),
        ("casadi", "", STEPS, "casadi"),
        # The others would take tinygrad ten seconds.
        ("tinygrad", "", ("wide",), "tinygrad"),
    ],
)
def test_every_peer_computes_what_nn_computes_eagerly(peer, variant, tasks, needs, eager):
    if not (shutil.which(needs) if needs == "gcc" else find_spec(needs)):
        pytest.skip(f"{needs} is not installed")
    steps = STEPS | IMAGES
    found = results_of(peer, variant, {task: steps[task] for task in tasks})
    for task, result in found.items():
        known = eager[task]
        # Of the GPT two: an epoch of six words, and one of the rest.
        assert result["losses"] == known["losses"] == (2 if task == "gpt" else steps[task])
        assert result["loss"] == pytest.approx(known["loss"], rel=1e-9), task
        size = max(map(abs, known["numbers"]))
        assert result["numbers"] == pytest.approx(known["numbers"], abs=1e-9 * size, rel=0), task


def test_the_eager_row_is_a_plain_call_of_fit(eager, benchmark):
    task = benchmark("tasks").alice_bob()
    w1, b1, w2, b2 = task.parameters.values()
    model = nn.MLP(2, [2, 1], activation="sigmoid", weights=[w1, w2], bias_values=[b1, b2])
    history = nn.fit(
        model, (task.inputs, task.targets), optimizer=nn.SGD(lr=0.1), epochs=20, engine="eager", progress=False
    )
    assert eager["alice_bob"]["loss"] == history.loss[-1]
    assert sorted(eager["alice_bob"]["numbers"]) == sorted(p.data for p in model.parameters())


def test_the_gpt_has_the_stated_size(benchmark):
    task = benchmark("tasks").gpt()
    assert sum(len(row) for rows in task.parameters.values() for row in rows) == 4192
    assert sum(len(word) - 2 for word in task.words) == 6 * len(task.words)


def test_the_images_have_the_stated_sizes(benchmark):
    tasks = benchmark("tasks")
    for task, count, size in ((tasks.digits(), 1797, 64), (tasks.pixels(), 1920, 784)):
        assert len(task.targets) == len(task.inputs) == count
        assert {len(pixels) for pixels in task.inputs} == {size}
        assert set(task.targets) == set(range(10))
        assert all(0 <= pixel <= 1 for pixels in task.inputs for pixel in pixels)


def test_digits_are_drawn_where_scikit_learn_is_missing(benchmark, monkeypatch):
    tasks = benchmark("tasks")
    monkeypatch.setattr(tasks, "find_spec", lambda name: None)
    task = tasks.digits()
    assert "scikit-learn's are not installed" in task.title
    assert (len(task.inputs), len(task.inputs[0]), set(task.targets)) == (1797, 64, set(range(10)))


def test_another_result_is_noticed(benchmark):
    training = benchmark("training")
    known = {"losses": 3, "loss": 0.5, "numbers": [1.0, -2.0]}
    assert training.difference(known, known) == 0
    for wrong in (
        {"loss": 0.5 + 1e-9},
        {"loss": math.nan},
        {"losses": 2},
        {"numbers": [1.0, -2.00001]},
        {"numbers": [1.0, math.nan]},
        {"numbers": [1.0]},
    ):
        assert training.difference(known | wrong, known) > training.TOLERANCE


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.00001234, "12.3 µs"),
        (1.5, "1.50 s"),
        (0.25, "250 ms"),
        (0.0009999, "1.00 ms"),
        (0.9999, "1.00 s"),
        (0.0099999, "10.0 ms"),
        (123.4, "123 s"),
        (5e-9, "5.00 ns"),
        (2e-11, "0.02 ns"),
        (0, "0"),
    ],
)
def test_durations_have_three_digits(seconds, text, benchmark):
    assert benchmark("training").duration(seconds) == text


def test_training_shows_a_table_and_writes_figures_and_a_chart(tmp_path):
    figures, chart = tmp_path / "figures.json", tmp_path / "chart.svg"
    done = subprocess.run(
        [
            sys.executable, "training.py", "--rounds", "1", "--seconds", "0", "--steps", "2",
            "--tasks", "alice_bob", "--peers", "numpy", "glassgrad-eager", "hips",
            "--hips", str(tmp_path / "nowhere"), "--json", str(figures), "--chart", str(chart),
        ],
        capture_output=True, encoding="utf-8", check=True, cwd=BENCHMARKS,
    )  # fmt: skip
    assert "> glassgrad eager" in done.stdout
    assert "HIPS autograd: not installed" in done.stdout
    assert "pip install --no-deps --target" in done.stdout
    rows = json.loads(figures.read_text(encoding="utf-8"))["tasks"]["alice_bob"]
    assert rows["glassgrad-eager"]["off by"] < 1e-9
    assert rows["glassgrad-eager"]["time"] > 0
    assert "not installed" in rows["hips"]
    assert chart.read_text(encoding="utf-8").startswith("<?xml")


ROOT = BENCHMARKS.parent


def test_two_checkouts_are_compared(tmp_path):
    figures = tmp_path / "figures.json"
    command = [sys.executable, "compare.py", str(ROOT), str(ROOT), "--rounds", "1", "--groups", "networks"]
    command += ["--only", "Alice and Bob .*(eager|python)", "--json", str(figures)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=BENCHMARKS)
    assert done.stdout.splitlines()[0].split() == ["before", "after", "ratio", "of", "medians", "off", "by"]
    rows = json.loads(figures.read_text(encoding="utf-8"))["rows"]
    assert list(rows) == [f"Alice and Bob 2-2-1 sigmoid, {engine}" for engine in ("eager", "python")]
    assert all(row["before"] > 0 and row["after"] > 0 and row["off by"] == 0 for row in rows.values())


def test_what_is_no_checkout_is_refused(tmp_path):
    command = [sys.executable, "compare.py", str(ROOT), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=BENCHMARKS)
    assert done.returncode == 2
    assert "is not a checkout of glassgrad: it has no autograd/ops.py" in done.stderr


def test_the_smallest_times_and_the_numbers_of_two_checkouts_are_compared(benchmark):
    compare = benchmark("compare")

    def turn(time, *numbers):
        return {"time": time, "numbers": list(numbers)}

    before = {"a": [turn(4.0, 1.0, 8.0), turn(2.0), turn(3.0)], "gone": [turn(1.0)], "b": [turn(1.0, 2.0)]}
    after = {"a": [turn(1.0, 1.0, 8.5), turn(5.0), turn(6.0)], "new": [turn(1.0)], "b": [turn(1.0)]}
    rows = compare.compared(before, after)
    assert rows["a"] == {"before": 2, "after": 1, "ratio": 0.5, "of medians": 5 / 3, "off by": 0.5 / 8}
    assert list(rows) == ["a", "b"]
    assert rows["b"]["off by"] == math.inf
    assert compare.difference([1.0, math.nan], [1.0, 2.0]) == math.inf


def test_a_goal_is_reached_or_not_or_could_not_be_measured(benchmark):
    goals = benchmark("goals")
    training = sys.modules["training"]

    def row(time, compile=0.0):
        return training.Row([{"time": time, "compile": compile}])

    ours = {"glassgrad-auto": row(2.0), "glassgrad-second": row(2.0, compile=0.02)}
    found = goals.judged({"training": {"moons": ours | {"c-simd": row(1.25)}}}, ["moons", "wide"], "time")
    steps, prepared, *others = found
    assert (steps["measured"], steps["wanted"], steps["reached"]) == (1.6, "≤ 1.7", True)
    assert (prepared["measured"], prepared["wanted"], prepared["reached"]) == (0.02, "≤ 10.0 ms", False)
    busy = {"time": 9.0, "compile": 9.0, "busy": 1.0, "compile, busy": 0.001}
    rows = {name: training.Row([busy]) for name in ("glassgrad-auto", "glassgrad-second", "c-simd")}
    found = goals.judged({"training": {"moons": rows}}, ["moons"], "busy")
    assert [row["measured"] for row in found] == [1.0, 0.001]
    assert [other["work"] for other in others] == ["wide", "wide"]
    assert all("missing" in other for other in others)


def test_every_goal_is_about_a_peer_that_takes_part(benchmark):
    goals = benchmark("goals")
    peers = sys.modules["training"].PEERS
    for task, names in goals.NEEDED.items():
        assert all(task in peers[name].tasks for name in names)
    steps = {name: {"on": {"step": 1.0}} for name in ("tuple", "micrograd", "operators")}
    figures = {
        "training": {
            task: {name: goals.training.Row([{"time": 1.0, "first call": 0.0, "compile": 0.0}]) for name in names}
            for task, names in goals.NEEDED.items()
        },
        "eager": steps, "growth": {"1000000": {"run": 1.0, "compile": 1.0, "trace": 1.0, "trace, now": 1.0}},
    }  # fmt: skip
    assert not [row for row in goals.judged(figures, goals.TASKS, "time") if "missing" in row]


def test_goals_shows_a_table_and_compares_with_another_checkout(tmp_path):
    figures = tmp_path / "figures.json"
    command = [sys.executable, "goals.py", "--only", "alice_bob", "irregular", "--rounds", "1", "--seconds", "0"]
    command += ["--steps", "2", "--before", str(ROOT), "--nodes", "100", "--json", str(figures)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=BENCHMARKS)
    goals = json.loads(figures.read_text(encoding="utf-8"))["goals"]
    assert [row["work"] for row in goals] == ["alice_bob"] * 3 + ["irregular"] * 4
    assert goals[3]["measured"] > 0
    assert done.stdout.count("  yes") + done.stdout.count("  NO") + done.stdout.count("not measured") == len(goals)


def test_growth_draws_every_engine(benchmark):
    growth = benchmark("growth")
    assert list(growth.MARKS) == list(growth.ENGINES)


def test_growth_compares_with_backward(tmp_path):
    figures = tmp_path / "figures.json"
    command = [sys.executable, "growth.py", "--nodes", "200", "--seconds", "0", "--engines", "eager", "native"]
    subprocess.run([*command, "--json", str(figures)], capture_output=True, check=True, cwd=BENCHMARKS)
    engines = json.loads(figures.read_text(encoding="utf-8"))["engines"]
    [row] = engines["native"]
    assert row["error"] < 1e-12
    assert row["steps"] > row["nodes"] > 100
    assert engines["eager"][0]["run"] > 0


def test_nesting_shows_what_a_turn_costs(tmp_path):
    figures = tmp_path / "figures.json"
    command = [sys.executable, "nesting.py", "--turns", "3", "6", "--json", str(figures)]
    shown = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=BENCHMARKS).stdout
    programs = json.loads(figures.read_text(encoding="utf-8"))["programs"]
    slopes = {name: [row["slope"] for row in rows] for name, rows in programs.items()}
    assert all(name in shown for name in slopes)
    first, *others = [slopes.pop(name) for name in list(slopes) if name not in ("minimax", "several weights")]
    assert all(other == pytest.approx(first, rel=1e-12) for other in others)
    assert all(len(rows) == 2 and rows[0]["seconds"] > 0 for rows in programs.values())


def test_the_ladder_shows_every_rung():
    pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")
    command = [sys.executable, "ladder.py", "--rounds", "1"]
    shown = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=BENCHMARKS).stdout
    assert "t1 = b + w * x\n" in shown
    assert "def run(x0, x1, x2, x3):\n" in shown
    assert "mul" in shown.partition("machine code of this processor")[2]
    table = shown.partition("faster by\n")[2].splitlines()
    assert len(table) == 7
    assert all(float(line.split()[-1].replace(",", "")) >= 0 for line in table)
