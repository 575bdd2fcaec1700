"""What a model, a loss and a penalty hold besides parameters.

A program is recorded from them once.  So it must be noticed when they have changed since, and when they
change while they compute: then there can be no program.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from functools import cache
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd import Value
from autograd.operand import Operand
from nn.module import Module

__all__ = ["Surroundings"]

PLAIN = {bool, int, float, complex, str, bytes, type(None)}

TRUSTED = {"autograd", "nn", *sys.stdlib_module_names} - {"__main__"}
"""The functions and classes of these packages depend on nothing that changes."""

MOST = 10_000
"""A list that is longer is not looked into, and neither is anything beyond so many objects."""

CLASS = object()
"""The place of an object's class among its attributes."""


class Surroundings:
    """Everything that can be reached from some objects, as it is now: attributes, lists, and so on.

    Attributes:
        fingerprint: the same at two moments between which nothing has changed.

    >>> box = {"rate": 0.5, "log": [1, 2]}
    >>> before = Surroundings([box], [])
    >>> box["log"].append(3)
    >>> Surroundings([box], []).fingerprint == before.fingerprint
    False
    >>> before.restore()
    >>> box
    {'rate': 0.5, 'log': [1, 2]}
    """

    def __init__(self, roots: Iterable[Any], parameters: Iterable[Value]) -> None:
        self._roots, self._parameters = list(roots), list(parameters)
        # Parameters are what training changes; an id that stands here has been looked at.
        seen = set(map(id, self._parameters))
        self._found: list[tuple[Any, Any]] = []
        prints: list[Any] = []
        stack = [self._roots]
        while stack and len(self._found) < MOST:
            x = stack.pop()
            contents = contents_of(x)
            if contents is None:
                continue
            self._found.append((x, contents))
            if isinstance(x, (random.Random, np.random.Generator)):
                prints.append(repr(contents))
                continue
            for part in contents.values() if type(contents) is dict else contents:
                if type(part) in PLAIN:
                    prints.append(part)
                    continue
                place = id(part)
                prints.append(place)
                if place not in seen:
                    seen.add(place)
                    stack.append(part)
            prints.append(len(contents))
        self.fingerprint = tuple(prints)
        self._chance: Any = None

    def with_chance(self) -> Surroundings:
        """The same, and the states of Python's and NumPy's own random numbers as well."""
        self._chance = random.getstate(), np.random.get_state()
        return self

    def has_drawn(self) -> bool:
        """True if somebody has drawn one of these random numbers since."""
        now = np.random.get_state()
        return random.getstate() != self._chance[0] or not all(map(np.array_equal, now, self._chance[1]))

    def has_changed(self) -> bool:
        return Surroundings(self._roots, self._parameters).fingerprint != self.fingerprint

    def parts(self) -> list[tuple[Any, Any]] | None:
        """The lists and attributes themselves, each with a copy; None if there is more than networks and lists.

        As long as each equals its copy nothing has changed, which is quickly seen.
        """
        found = []
        for x, contents in self._found[1:]:
            if isinstance(x, Module) and CLASS not in contents:
                found.append((vars(x), contents))
            elif type(x) in (list, dict):
                found.append((x, contents))
            else:
                return None
        return found

    def restore(self) -> None:
        """Put everything back that can be put back."""
        if self._chance is not None:
            random.setstate(self._chance[0])
            np.random.set_state(self._chance[1])
        for x, contents in self._found:
            if x is self._roots:
                continue
            if isinstance(x, list):
                x[:] = contents
            elif isinstance(x, set):
                x.clear()
                x.update(contents)
            elif isinstance(x, random.Random):
                x.setstate(contents[0])
            elif isinstance(x, np.random.Generator):
                x.bit_generator.state = contents[0]
            elif isinstance(contents, dict) and not isinstance(x, FunctionType):
                attributes = x if isinstance(x, dict) else vars(x)
                attributes.clear()
                attributes.update({name: part for name, part in contents.items() if name is not CLASS})


def contents_of(x: Any) -> list[Any] | dict[Any, Any] | None:
    """What an object consists of: a copy of a dict or of its attributes, a list of parts, or None for nothing."""
    if isinstance(x, (list, tuple, set, frozenset)):
        return list(x) if len(x) <= MOST else None
    if isinstance(x, Module):
        return attributes_of(x)
    if isinstance(x, Value):
        return [x.data]
    if isinstance(x, (Operand, ModuleType)):
        return None
    if isinstance(x, type):
        return None if is_trusted(x.__module__) else [*x.__bases__, *vars(x).values()]
    if isinstance(x, dict):
        return dict(x) if len(x) <= MOST else None
    if isinstance(x, random.Random):
        return [x.getstate()]
    if isinstance(x, np.random.Generator):
        return [x.bit_generator.state]
    if isinstance(x, np.ndarray):
        return [hash(x.tobytes())]
    if isinstance(x, MethodType):
        return [x.__self__, x.__func__]
    if isinstance(x, FunctionType):
        return None if is_trusted(x.__module__) else around_function(x)
    if isinstance(x, (staticmethod, classmethod)):
        return [x.__func__]
    if isinstance(x, property):
        return [x.fget]
    return attributes_of(x) if type(getattr(x, "__dict__", None)) is dict else None


def attributes_of(x: Any) -> dict[Any, Any]:
    """A copy of an object's attributes.  Its class is a part too: the methods, and what they find around them."""
    return dict(vars(x)) if is_trusted(type(x).__module__) else vars(x) | {CLASS: type(x)}


@cache
def is_trusted(module: str | None) -> bool:
    """True for Python's own modules, these packages, and what has been installed."""
    if module is None or module.partition(".")[0] in TRUSTED:
        return True
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file


def around_function(function: FunctionType) -> dict[Any, Any]:
    """What a function finds around itself by name: numbers, lists and objects; of modules and classes nothing."""
    found: dict[Any, Any] = {"code": hash(function.__code__), "defaults": function.__defaults__}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    for name in function.__code__.co_names:
        found[name] = function.__globals__.get(name)
    return found
