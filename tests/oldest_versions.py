"""Print the oldest version that pyproject.toml allows of each package that it names, for pip's --constraint.

    python tests/oldest_versions.py

make oldest installs these; a bound that does not work any more is raised in pyproject.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+) (\[[\w,-]+\])? >= (?P<version>[\w.]+) (,<[\w.]+)? \s* (?P<marker>;.*)?", re.VERBOSE
)


BENEATH = ["pyparsing<3.3"]
"""What these in turn need and nobody names: the oldest matplotlib calls what pyparsing deprecates since 3.3."""


def requirements(settings: dict[str, Any]) -> Iterator[str]:
    """What is needed always, for the extras, and by the tests."""
    project, groups = settings["project"], settings["dependency-groups"]
    for needed in (
        project["dependencies"],
        *project["optional-dependencies"].values(),
        groups["docs"],
        groups["test"],
    ):
        yield from (name for name in needed if isinstance(name, str) and not name.startswith("glassgrad["))


def oldest(needed: Iterable[str]) -> list[str]:
    """
    Raises:
        ValueError: if a requirement has no lower bound.

    >>> oldest(["numpy>=2.0", "graphviz[extra]>=0.20,<1", "llvmlite>=0.45; sys_platform != 'darwin'"])
    ['numpy==2.0', 'graphviz==0.20', "llvmlite==0.45; sys_platform != 'darwin'"]
    """
    found = []
    for requirement in needed:
        read = REQUIREMENT.fullmatch(requirement)
        if read is None:
            raise ValueError(f"{requirement!r} in pyproject.toml names no oldest version")
        found.append(f"{read['name']}=={read['version']}{read['marker'] or ''}")
    return found


if __name__ == "__main__":
    text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    print(*oldest(requirements(tomllib.loads(text))), *BENEATH, sep="\n")
