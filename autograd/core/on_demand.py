"""Names of a package that are imported when somebody asks for them, so that importing the package takes no time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def names_on_demand(package: str, names: dict[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The functions ``__getattr__`` and ``__dir__`` of a package (PEP 562).

    Args:
        package: its name.
        names: for each module, below the package, the names that it has, separated by spaces.
    """
    home_of = {name: f"{package}.{home}" for home, found in names.items() for name in found.split()}
    rooms = {home.partition(".")[0] for home in names}
    module = sys.modules[package]

    def find(name: str) -> Any:
        if name in rooms:
            return import_module(f"{package}.{name}")
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(home_of[name]), name)
        setattr(module, name, found)
        return found

    return find, lambda: sorted({*vars(module), *home_of})
