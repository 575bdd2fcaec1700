"""A twin of a model, a loss, a penalty and an optimizer: a run is recorded on it, and the originals are left alone.

What these objects own is copied.  Parameters, functions with all that is around them, classes and modules are
lent, and so are arrays, as views that cannot be written to.  What a function finds around it cannot be copied, so
it is read before and after the recording, and what has changed is named.
"""

from __future__ import annotations

import dis
import io
import pickle
import random
import sys
import threading
import zlib
from collections.abc import Hashable, Iterable, Iterator
from functools import cache
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

MOST = 100_000
"""Of more objects than this no twin is made."""

PLAIN = {bool, int, float, complex, str, bytes, type(None), list, tuple, dict, set, frozenset}
"""What is always copied."""

TRUSTED = {"autograd", "nn", "viz", *sys.stdlib_module_names} - {"__main__"}
"""The functions and classes of these packages keep nothing that changes what is computed."""


class TwinError(Exception):
    """Why there can be no twin, or why what was recorded on it does not count."""


class Twin:
    """Copies of some objects.

    Attributes:
        parts: the copies, in order.
        functions: the user's functions that they may call.

    >>> box = {"rate": 0.5, "log": [1, 2]}
    >>> twin = Twin([box], [])
    >>> twin.parts[0]["log"].append(3)
    >>> box["log"], twin.has_changed()
    ([1, 2], True)
    """

    def __init__(self, originals: Iterable[Any], parameters: Iterable[Any]) -> None:
        self._parameters = {id(parameter): parameter for parameter in parameters}
        writer = TwinWriter(self._parameters)
        try:
            writer.dump(list(originals))
            self.parts: list[Any] = TwinReader(writer).load()
            self._before = self._state()
        except TwinError:
            raise
        except Exception as error:
            # Anything may happen while somebody's object is copied.
            raise TwinError(f"what it consists of cannot be copied: {type(error).__name__}: {error}") from error
        self._roots = writer.lent
        self.functions, self._around = explore(self._roots, self._parameters)
        refuse_assignments(self.functions)

    def _state(self) -> Hashable:
        writer = TwinWriter(self._parameters)
        writer.dump(self.parts)
        return writer.written()

    def has_changed(self) -> bool:
        """True if something that the copies own has changed."""
        try:
            return self._state() != self._before
        except Exception:
            return True

    def changed_around(self) -> str | None:
        """What has changed among the things that the functions find around them, by its name."""
        before, (_, now) = self._around, explore(self._roots, self._parameters)
        return next((place[1] for place in {**before, **now} if before.get(place) != now.get(place)), None)


class TwinWriter(pickle.Pickler):
    """Writes what an object owns, and numbers in the place of what is lent.

    (Pickle is what ``copy.deepcopy`` works with too; but it can be told what is not to be copied.)
    """

    def __init__(self, parameters: dict[int, Any], budget: list[int] | None = None) -> None:
        self.file = io.BytesIO()
        super().__init__(self.file, protocol=5)
        self.parameters = parameters
        self.lent: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.budget = budget or [MOST]

    def persistent_id(self, x: Any) -> int | None:
        self.budget[0] -= 1
        if self.budget[0] < 0:
            raise TwinError(f"it consists of more than {MOST:,} objects")
        if type(x) in PLAIN:
            return None
        if not (id(x) in self.parameters or is_lent(x)):
            kind: Any = type(x)
            refuse_own_container(kind)
            return None
        number = self.numbers.setdefault(id(x), len(self.lent))
        if number == len(self.lent):
            self.lent.append(x)
        return number

    def written(self) -> Hashable:
        """Equal for two moments between which nothing has changed."""
        return self.file.getvalue(), tuple([checksum(x) if isinstance(x, np.ndarray) else id(x) for x in self.lent])


class TwinReader(pickle.Unpickler):
    """Reads what a TwinWriter has written: the copies."""

    def __init__(self, writer: TwinWriter) -> None:
        super().__init__(io.BytesIO(writer.file.getvalue()))
        self.lent = writer.lent

    def persistent_load(self, number: Any) -> Any:
        x = self.lent[number]
        if isinstance(x, np.ndarray):
            x = x.view()
            x.flags.writeable = False
        return x


LENT = (FunctionType, type, ModuleType, np.ufunc, np.ndarray)


def is_lent(x: Any) -> bool:
    # Not isinstance, which asks an object for its __class__: here nobody's objects are asked for anything.
    kind = type(x)
    if kind is BuiltinFunctionType:
        # A method like rng.random belongs to its object.
        return x.__self__ is None or type(x.__self__) is ModuleType
    return issubclass(kind, LENT)


@cache
def refuse_own_container(kind: Any) -> None:
    """Raise TwinError for a list or dict with methods of its own for what it holds: filling a copy calls them."""
    for plain, names in ((dict, ("__setitem__",)), (list, ("append", "extend"))):
        if issubclass(kind, plain) and not is_trusted(kind.__module__):
            for name in names:
                if getattr(kind, name) is not getattr(plain, name):
                    raise TwinError(
                        f"objects of the class {kind.__name__} cannot be copied without calling its {name}()"
                    )


def checksum(array: np.ndarray) -> Hashable:
    """The same for arrays with the same numbers; of a large one, a hundred thousand of them are looked at."""
    if array.dtype.hasobject:
        return id(array)
    flat = array.reshape(-1)
    return array.shape, zlib.crc32(flat[:: 1 + len(flat) // MOST].tobytes())


# --- what functions find around them ---------------------------------------------------------------------------


@cache
def is_trusted(module: str | None) -> bool:
    """True for Python's own modules, these packages, and what has been installed."""
    if module is None or module.partition(".")[0] in TRUSTED:
        return True
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file


def explore(
    roots: Iterable[Any], parameters: dict[int, Any]
) -> tuple[list[FunctionType], dict[tuple[int, str], Hashable]]:
    """The user's functions among some objects and those that they name; and what else they name, as it is now.

    The latter is found by the function's number and the name.
    """
    functions: list[FunctionType] = []
    state: dict[tuple[int, str], Hashable] = {}
    seen: set[int] = set()
    budget = [MOST]
    stack = list(roots)
    while stack:
        x = stack.pop()
        kind = type(x)
        if issubclass(kind, (MethodType, staticmethod, classmethod)):
            stack.append(x.__func__)
        elif issubclass(kind, property):
            stack += [x.fget, x.fset]
        elif issubclass(kind, (FunctionType, type)) and not is_trusted(x.__module__) and id(x) not in seen:
            seen.add(id(x))
            if kind is FunctionType:
                functions.append(x)
            for name, part in named_by(x):
                writer = TwinWriter(parameters, budget)
                try:
                    writer.dump(part)
                    state[id(x), name] = writer.written()
                    stack += writer.lent
                except Exception:
                    # What cannot be read is known by being the same object.
                    state[id(x), name] = id(part)
                    stack.append(part)
    return functions, state


def named_by(x: FunctionType | type) -> Iterator[tuple[str, Any]]:
    """What a function or a class names, each with its name."""
    if isinstance(x, type):
        for base in x.__bases__:
            yield base.__name__, base
        for name, part in list(vars(x).items()):
            # A class's own descriptors (__dict__, __weakref__) and its documentation do not compute.
            if type(part) is FunctionType or not (name.startswith("__") and name.endswith("__")):
                yield f"{x.__name__}.{name}", part
        return
    for name, cell in zip(x.__code__.co_freevars, x.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    names = names_in(x.__code__)
    for name in names:
        part = x.__globals__.get(name)
        if type(part) is ModuleType and not is_trusted(part.__name__):
            yield from [(f"{name}.{inner}", vars(part)[inner]) for inner in names if inner in vars(part)]
        elif name in x.__globals__:
            yield name, part
    for number, part in enumerate([*(x.__defaults__ or ()), *(x.__kwdefaults__ or {}).values()], 1):
        yield f"default {number} of {x.__name__}()", part
    for name, part in list(vars(x).items()):
        yield f"{x.__name__}.{name}", part


def codes_in(code: CodeType) -> Iterator[CodeType]:
    """A function's code, and that of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes_in(constant)


def names_in(code: CodeType) -> list[str]:
    return list(dict.fromkeys([name for inner in codes_in(code) for name in inner.co_names]))


def refuse_assignments(functions: list[FunctionType]) -> None:
    """Raise TwinError if a function that may be called assigns to a name outside of it: it shows without a call."""
    called = {"__call__", "forward", "update"}.union(*[names_in(function.__code__) for function in functions])
    for function in functions:
        if "." in function.__qualname__.rpartition("<locals>.")[2] and function.__name__ not in called:
            continue
        outside = set(function.__code__.co_freevars)
        for code in codes_in(function.__code__):
            for step in dis.get_instructions(code):
                if step.opname in ("STORE_GLOBAL", "DELETE_GLOBAL") or (
                    step.opname in ("STORE_DEREF", "DELETE_DEREF") and step.argval in outside
                ):
                    raise TwinError(f"{function.__name__}() assigns to {step.argval}, which is outside of it")


# --- chance ------------------------------------------------------------------------------------------------------


class RandomStates:
    """The states of the random numbers that everybody shares: Python's, NumPy's and, if it is there, PyTorch's.

    Args:
        functions: what will be called.
    """

    def __init__(self, functions: Iterable[FunctionType]) -> None:
        self.before = random_states()
        # If these do not draw, another thread may: put back, its numbers would come twice.
        self.is_ours = threading.active_count() == 1 or any(map(names_chance, functions))

    def have_been_used(self) -> bool:
        return random_states() != self.before

    def restore(self) -> None:
        """Put the states back if the functions may have drawn."""
        if self.is_ours and self.have_been_used():
            python, (name, key, *rest), of_torch = self.before
            random.setstate(python)
            np.random.set_state((name, np.frombuffer(key, dtype=np.uint32), *rest))
            if of_torch is not None:
                torch: Any = sys.modules["torch"]
                torch.set_rng_state(torch.tensor(of_torch, dtype=torch.uint8))


def random_states() -> tuple[Any, Any, Any]:
    state: Any = np.random.get_state()
    name, key, *rest = state
    torch: Any = sys.modules.get("torch")
    of_torch = torch.get_rng_state().tolist() if hasattr(torch, "get_rng_state") else None
    return random.getstate(), (name, key.tobytes(), *rest), of_torch


def names_chance(function: FunctionType) -> bool:
    """True if a function names a module with random numbers, or one of its functions.

    >>> names_chance(lambda: random.random()), names_chance(lambda: len("x"))
    (True, False)
    """
    # Whose methods the modules' functions are, under whatever name they were imported.  That of NumPy takes long to
    # be imported, so nobody asks for it before.
    shared = (getattr(random.random, "__self__", None), getattr(np.random.rand, "__self__", None))
    for _, part in named_by(function):
        if type(part) is ModuleType and part.__name__.partition(".")[0] in ("random", "numpy", "torch"):
            return True
        owner = part.__self__ if type(part) in (BuiltinFunctionType, MethodType, type(np.random.rand)) else None
        if owner is not None and any(owner is one for one in shared):
            return True
    return False
