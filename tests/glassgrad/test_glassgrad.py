"""The one name for all packages: the same objects, typed, quick to import, and the command."""

from __future__ import annotations

import importlib
import os
import re
import runpy
import subprocess
import sys
import types
from pathlib import Path

import pytest

import autograd
import glassgrad as gg
import nn
import viz

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import glassgrad as gg
from glassgrad import Value, nn, viz

a = gg.Value(1.0)
model = nn.MLP(2, [2, 1])
reveal_type(a)  # Value
reveal_type(Value(1.0))  # Value
reveal_type(gg.tanh(a))  # Value
reveal_type(gg.tanh(1.0))  # float
reveal_type(gg.grad(gg.tanh)(1.0))  # Any
reveal_type(model)  # MLP
reveal_type(gg.nn.SGD(lr=0.1))  # SGD
reveal_type(gg.viz.draw(a))  # Drawing
reveal_type(viz.explain(a, a))  # Explanation
number: int = gg.__version__  # error
gg.tanhh  # error
gg.nn.MPL  # error
"""


def run(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, capture_output=True, encoding="utf-8", check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def test_every_public_name_is_the_same_object() -> None:
    for name in [*autograd.__all__, "abs", "compile", "__version__"]:
        assert getattr(gg, name) is getattr(autograd, name)
    assert (gg.nn, gg.viz) == (nn, viz)
    assert sorted(gg.__all__) == sorted([*autograd.__all__, "nn", "viz"])
    assert set(gg.__all__) <= set(dir(gg))


def test_a_star_brings_all_but_what_would_hide_python_s_own() -> None:
    for name in ("nn", "viz"):
        vars(gg).pop(name, None)  # as if nobody had asked yet
    names: dict[str, object] = {}
    exec("from glassgrad import *", names)
    assert set(gg.__all__) == set(names) - {"__builtins__"}
    assert names["nn"] is nn


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'glassgrad' has no attribute 'Valeu'"):
        gg.Valeu  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'Valeu' from 'glassgrad'"):
        from glassgrad import Valeu  # noqa: F401


def test_what_nobody_asks_for_is_not_imported(tmp_path: Path) -> None:
    code = """
import sys, autograd
before = len(sys.modules)
import glassgrad as gg
gg.Value(2.0).tanh()
print(len(sys.modules) - before)
gg.viz.draw
print("viz" in sys.modules)
"""
    done = run("-c", code, cwd=tmp_path)
    # glassgrad itself, and runpy.
    added, viz_is_there = done.stdout.split()
    assert int(added) <= 8, done.stderr
    assert viz_is_there == "True"


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for package in ("glassgrad", "viz"):
        importlib.import_module(f"{package}.__main__")  # which says and does nothing
        del sys.modules[f"{package}.__main__"]
        monkeypatch.setattr(sys, "argv", [package, "ops"])
        with pytest.raises(SystemExit) as end:
            runpy.run_module(package, run_name="__main__")
        assert end.value.code == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] != ""


@pytest.mark.parametrize("name", ["autograd", "nn", "viz"])
def test_a_file_of_ones_own_in_our_place_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.py").write_text("x = 1", encoding="utf-8")
    (tmp_path / "lesson.py").write_text("import glassgrad", encoding="utf-8")
    last = run("lesson.py", cwd=tmp_path).stderr.splitlines()[-2:]
    assert last[0].startswith(f"ImportError: A file of your own hides glassgrad's package {name!r}")
    assert last[0].endswith(str(tmp_path / f"{name}.py"))


@pytest.mark.parametrize("package", ["nn", "viz", "glassgrad"])
def test_each_package_looks_for_strangers_before_it_imports(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = types.ModuleType("autograd")
    stranger.__file__ = str(tmp_path / "autograd.py")
    Path(stranger.__file__).write_text("", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "autograd", stranger)
    folder = ROOT / package
    with pytest.raises(ImportError, match="hides glassgrad's package 'autograd'"):
        runpy.run_path(str(folder / "__init__.py"), {"__path__": [str(folder)]})


def test_the_package_is_typed() -> None:
    assert (ROOT / "glassgrad" / "py.typed").is_file()


@pytest.mark.slow
def test_a_typed_program(tmp_path: Path) -> None:
    """mypy --strict reads a program that uses us, and answers as its comments say."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM, encoding="utf-8")
    done = run(
        "-m", "mypy", "--strict", "--no-site-packages", "--config-file", os.devnull, "--cache-dir", str(tmp_path), str(file),
        cwd=tmp_path, MYPYPATH=str(ROOT),
    )  # fmt: skip
    answers = {}
    for line in done.stdout.splitlines():
        if read := re.search(r"program\.py:(\d+): (error|note: Revealed type is \"(.*)\")", line):
            answers[int(read[1])] = re.sub(r"\b(\w+\.)+(?=\w)", "", read[3] or read[2])
    expected = {
        number: line.partition("  # ")[2] for number, line in enumerate(PROGRAM.splitlines(), 1) if "  # " in line
    }
    assert answers == expected, done.stdout + done.stderr
