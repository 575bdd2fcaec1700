"""The ten files of notebooks/build_the_engine: a right engine passes them, and each wrong one is caught by its file."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import wrong_classes as classes

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "notebooks" / "build_the_engine"
STEPS = sorted(FOLDER.glob("test_step_*.py"))


def run_step(
    monkeypatch: pytest.MonkeyPatch, step: int, engine: str = "", network: str = "", fit: str = ""
) -> None:
    """Run one of the files as pytest does, with a learner's file of this content."""
    learners = ModuleType("my_engine")
    learners.Value = classes.engine(engine)  # type: ignore[attr-defined]
    learners.MLP = classes.network(learners.Value, network)  # type: ignore[attr-defined]
    learners.fit = classes.training(fit)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "my_engine", learners)
    runpy.run_path(str(STEPS[step - 1]))[f"test_step_{step:02}"]()


def test_there_are_ten_and_a_beginning() -> None:
    assert [path.name for path in STEPS] == [f"test_step_{n:02}.py" for n in range(1, 11)]
    for path in STEPS:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 12
    assert "grad" not in (FOLDER / "my_engine.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("step", range(1, 11))
def test_a_right_engine_passes_each_file(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    run_step(monkeypatch, step)


@pytest.mark.parametrize(
    ("step", "wrong", "said"),
    [
        (1, {"engine": "returns a float"}, "a + a gives 6.0 (float) and no Value"),
        (2, {"engine": "__rsub__ as __sub__"}, "1 - a        −2           2  ✗ wrong"),
        (3, {"engine": "swapped"}, "a                5           3  ✗ wrong"),
        (4, {"engine": "no upstream"}, "a               35           5  ✗ wrong"),
        (4, {"engine": "out.data for out.grad"}, "a                5          75  ✗ wrong"),
        (5, {"engine": "="}, "a                2           1  ✗ wrong"),
        (5, {"engine": "only self"}, "a                2           1  ✗ wrong"),
        (6, {"engine": "recursion with a set"}, "a                5           7  ✗ wrong"),
        (6, {"engine": "pre-order"}, "a                5           3  ✗ wrong"),
        (6, {"engine": "not reversed"}, "a                3           1  ✗ wrong"),
        (6, {"engine": "no seed"}, "a                2           0  ✗ wrong"),
        (7, {"engine": "never zeroed"}, "a                6          12  ✗ wrong"),
        (7, {"engine": "leaves only zeroed"}, "a                4           8  ✗ wrong"),
        (8, {"engine": "n·aⁿ"}, "a                6          18  ✗ wrong"),
        (8, {"engine": "exp′ = a"}, "a            20.09           3  ✗ wrong"),
        (8, {"engine": "tanh′ = 1 − a²"}, "a            0.009866          −8  ✗ wrong"),
        (8, {"engine": "relu >="}, "a                0           1  ✗ wrong"),
        (9, {"network": "no biases"}, "number of parameters      2           1  ✗ wrong"),
        (9, {"network": "equal starts"}, "different    the same  ✗ wrong"),
        (10, {"fit": "step before backward"}, "Nothing has moved."),
        (10, {"fit": "+= rate"}, "It moved the wrong way."),
        (10, {"fit": "zero after backward"}, "Nothing has moved."),
    ],
)
def test_each_wrong_engine_is_caught_by_its_file(
    monkeypatch: pytest.MonkeyPatch, step: int, wrong: dict[str, str], said: str
) -> None:
    with pytest.raises(AssertionError) as caught:
        run_step(monkeypatch, step, **wrong)
    assert said in str(caught.value)


def test_pytest_stops_at_the_first_step_and_runs_ten_when_all_is_done(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))

    def outcome() -> str:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"], capture_output=True, encoding="utf-8",
            cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        )  # fmt: skip
        return ran.stdout + ran.stderr

    first = outcome()
    assert "a + a needs __add__, which Value does not have yet." in first
    assert "1 failed" in first
    shutil.copy(str(classes.__file__), folder)
    (folder / "my_engine.py").write_text(
        "from wrong_classes import engine, network, training\n\n"
        "Value = engine()\nMLP, fit = network(Value), training()\n",
        encoding="utf-8",
    )
    assert "10 passed" in outcome()
