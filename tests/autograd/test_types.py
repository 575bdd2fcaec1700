"""What a program's type checker is told: functions of the table give a float for floats and a Value for Values."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import math
import autograd
from autograd import Dual, Op, Value, clip, logsumexp, maximum, tanh, total, where

a, b = Value(1.0), Value(2.0)
cube = Op("cube", lambda x: x * x * x, lambda x, z: (3 * x * x,))

def f(either: Value | float, dual: Dual, weights: list[Value], numbers: tuple[float, ...]) -> None:
    reveal_type(autograd.tanh(a))  # Value
    reveal_type(autograd.tanh(1.0))  # float
    reveal_type(autograd.tanh(1))  # float
    reveal_type(tanh(tanh(a) * 2 + b))  # Value
    reveal_type(tanh(dual))  # Dual
    reveal_type(tanh(either))  # Value | float
    reveal_type(cube(a))  # Value
    reveal_type(cube(2.0))  # float
    reveal_type(maximum(a, b))  # Value
    reveal_type(maximum(a, 0))  # Value
    reveal_type(maximum(0.0, a))  # Value
    reveal_type(maximum(0, 1.0))  # float
    reveal_type(clip(a, -1, 1))  # Value
    reveal_type(where(a > 1, a, b))  # Value
    reveal_type(where(a, 0.0, 1.0))  # Value
    reveal_type(a % 2)  # Value
    reveal_type(2 % dual)  # Dual
    reveal_type(round(a))  # Value
    reveal_type(math.floor(dual))  # Dual
    reveal_type(a.celu().hardtanh(-b, 2).mish())  # Value
    reveal_type(total(weights))  # Value
    reveal_type(total(*weights))  # Value
    reveal_type(total(w * w for w in weights))  # Value
    reveal_type(total(numbers))  # float
    reveal_type(logsumexp([a, b]))  # Value
    reveal_type(logsumexp([1.0, 2.0]))  # float

def loss(w: Value, x: float) -> Value:
    return (tanh(w * x) - 1) ** 2

slope: float = tanh(a)  # error
"""


@pytest.mark.slow
def test_a_typed_program(tmp_path: Path) -> None:
    """mypy --strict reads a program that uses us, and answers as its comments say."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-site-packages", "--config-file", os.devnull, "--cache-dir", str(tmp_path), str(file)],
        cwd=tmp_path, capture_output=True, encoding="utf-8", env={**os.environ, "MYPYPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    answers = {}
    for line in done.stdout.splitlines():
        if read := re.search(r"program\.py:(\d+): (error|note: Revealed type is \"(.*)\")", line):
            answers[int(read[1])] = re.sub(r"\b(autograd|builtins)\.(\w+\.)*", "", read[3] or read[2])
    expected = {
        number: line.partition("  # ")[2] for number, line in enumerate(PROGRAM.splitlines(), 1) if "  # " in line
    }
    assert answers == expected, done.stdout + done.stderr
