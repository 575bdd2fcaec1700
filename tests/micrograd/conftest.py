"""Programs as people have written them for micrograd, run with another import and nothing else changed."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
collect_ignore_glob = ["programs/*"]  # They are data here, and no modules with doctests.

OURS = {
    "from micrograd.engine import": "from autograd import",
    "from micrograd.nn import": "from nn.micrograd import",
    "from micrograd import nn": "from nn import micrograd as nn",
    "from lecture import": "from autograd import",
    "from microgpt import": "from autograd import",
    "from utils import": "from viz import",
}
"""All that we change; lecture, microgpt and utils stand for the cells and files that have these in them."""


def run(name: str, imports: Mapping[str, str], given: Mapping[str, Any], **shorter: int) -> dict[str, Any]:
    """All names of a program that has run; ``shorter`` has other numbers for some of them."""
    path = HERE / "programs" / f"{name}.py"
    source = path.read_text(encoding="utf-8")
    for old, new in imports.items():
        source = re.sub(rf"^{re.escape(old)}\b", new, source, flags=re.MULTILINE)
    for name_of_number, number in shorter.items():
        assert source.count(f"\n{name_of_number} = ") == 1
        source = source.replace(f"\n{name_of_number} = ", f"\n{name_of_number} = {number} or ")
    namespace: dict[str, Any] = {"__name__": name, **given}
    exec(compile(source, str(path), "exec"), namespace)
    return namespace


@pytest.fixture(scope="session")
def changed_import() -> Callable[..., dict[str, Any]]:
    """Run a program with our import in the place of micrograd's."""
    return lambda name, **shorter: run(name, OURS, {}, **shorter)


@pytest.fixture(scope="session")
def as_written() -> Callable[..., dict[str, Any]]:
    """Run a program as it was written, with micrograd itself."""
    pytest.importorskip("micrograd.engine", reason="pip install micrograd, to run a program with both")
    return lambda name, **shorter: run(name, {}, {}, **shorter)


@pytest.fixture(scope="session")
def by_reference() -> Callable[..., dict[str, Any]]:
    """Run a program with the small engine that stands beside this file, and without pictures."""
    value = runpy.run_path(str(HERE / "reference.py"))["Value"]
    given = {"Value": value, "draw_dot": lambda root: None}
    taken_away = {old: f"# {old}" for old in OURS if not old.startswith("from micrograd")}
    return lambda name, **shorter: run(name, taken_away, given, **shorter)
