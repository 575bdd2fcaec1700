"""C, compiled on the spot: the programs in ``c/`` as gcc -O3 translates them, and for the vector units (SIMD)."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from tasks import CONTEXT, Task

SOURCES = Path(__file__).with_name("c")
FLAGS = {"plain": [], "simd": ["-fopenmp-simd", "-fno-math-errno"]}

if shutil.which("gcc") is None:
    raise ImportError("there is no gcc")


def compiled(name: str, variant: str) -> Any:
    """The function of that name in the file of that name, translated now."""
    source = SOURCES / f"{name}_{variant}.c"
    if not source.exists():
        source = SOURCES / f"{name}.c"
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "program.so"
        subprocess.run(
            ["gcc", "-O3", "-march=native", *FLAGS[variant], "-shared", "-fPIC", source, "-o", library, "-lm"],
            check=True,
        )
        # Loaded once, it no longer needs the file.
        function = getattr(ctypes.CDLL(str(library)), name)
    function.restype = None
    return function


def address(array: Any) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def flat(task: Task) -> Any:
    return np.concatenate([np.ravel(numbers) for numbers in task.parameters.values()])


def train(task: Task, variant: str, settings: list[float]) -> Any:
    """For the tasks whose samples are rows of numbers with a target."""
    function = compiled(task.name, variant)
    x, targets, start = np.array(task.inputs), np.array(task.targets, float), flat(task)
    numbers = [ctypes.c_double(setting) for setting in settings]

    def run(steps: int) -> Any:
        parameters, losses = start.copy(), np.empty(steps)
        function(
            ctypes.c_long(steps), ctypes.c_long(len(x)), address(x), address(targets),
            *numbers, address(parameters), address(losses),
        )  # fmt: skip
        return losses, parameters

    return run


def alice_bob(task: Task, variant: str) -> Any:
    return train(task, variant, [task.lr])


def moons(task: Task, variant: str) -> Any:
    return train(task, variant, [task.lr, task.penalty])


def wide(task: Task, variant: str) -> Any:
    function = compiled("wide", variant)
    x, targets, parameters = np.array(task.inputs), np.array(task.targets, float), flat(task)
    gradients = np.empty_like(parameters)

    def run(steps: int) -> Any:
        losses = np.empty(steps)
        function(
            ctypes.c_long(steps), ctypes.c_long(len(x)), address(x), address(targets),
            address(parameters), address(gradients), address(losses),
        )  # fmt: skip
        return losses, gradients

    return run


def gpt(task: Task, variant: str) -> Any:
    function = compiled("gpt", variant)
    start = flat(task)
    tokens = np.zeros((len(task.words), CONTEXT + 1), ctypes.c_long)
    for row, word in zip(tokens, task.words, strict=True):
        row[: len(word)] = word
    counts = np.array([len(word) - 1 for word in task.words], ctypes.c_long)
    settings = [ctypes.c_double(setting) for setting in (task.lr, *task.betas, task.eps)]

    def run(steps: int) -> Any:
        parameters, losses = start.copy(), np.empty(steps)
        function(
            ctypes.c_long(steps), ctypes.c_long(len(tokens)), address(tokens), address(counts),
            *settings, address(parameters), address(losses),
        )  # fmt: skip
        return losses, parameters

    return run
