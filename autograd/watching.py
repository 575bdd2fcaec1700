"""While a function is traced, the parameters that it finds for itself are watched.

A function that is traced gets tracers for its arguments, but a network looks up its weights in its own
attributes.  These are Values, and stay what they are; only, for as long as the function runs, what is
computed from them is recorded, and whoever asks for their number is told that it is not known yet.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

from autograd.ops import Op
from autograd.recorder import CHOOSE, COMPUTE, Recorder, unknown
from autograd.value import Value

__all__ = ["one_at_a_time", "watching"]

# Functions are traced one after the other, because two of them may use the same parameters.
one_at_a_time = RLock()

_recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)

QUESTIONS = {
    "__bool__": "a decision (if, while, and, or, not)",
    **dict.fromkeys(["__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"], "a comparison"),
}


@contextmanager
def watching(recorder: Recorder, values: Iterable[Value]) -> Iterator[None]:
    """Record what is computed from Values that are inputs of a recorder, and let nobody look at their numbers.

    Other threads notice nothing: for them the Values are what they always are.

    >>> w, recorder = Value(2.0, "w"), Recorder()
    >>> tracer = recorder.input("w", w)
    >>> with watching(recorder, [w]):
    ...     print(recorder.finish([w * w]))
    ...     w > 0
    Traceback (most recent call last):
    ...
    autograd.tape.TapeError: a comparison was asked of w, but its number is only known when the program runs
      at <doctest autograd.watching.watching[2]>, line 3: w > 0
      A tape cannot branch or compare: ...
    """
    with one_at_a_time:
        kinds: list[tuple[Value, Any]] = [(value, type(value)) for value in dict.fromkeys(values)]
        token = _recorder.set(recorder)
        try:
            for value, kind in kinds:
                value.__class__ = watched(kind)
            yield
        finally:
            for value, kind in kinds:
                value.__class__ = kind
            _recorder.reset(token)


@cache
def watched(kind: Any) -> Any:
    """The same kind of Value, with methods that do something else while a recorder is at work."""
    if "is_watched" in vars(kind):
        return kind
    methods: dict[str, Any] = {name: refusing(name, what, kind) for name, what in QUESTIONS.items()}
    methods |= {name: recording(name, kind) for name in ("record", "_binary", "_reflected")}
    methods |= {"data": property(number_of, set_number), "__hash__": kind.__hash__, "record_rank": 1}
    about = {"__slots__": (), "__module__": kind.__module__, "is_watched": True}
    return type(kind.__name__, (kind,), about | methods)


def recording(name: str, kind: type[Value]) -> Callable[..., Any]:
    """A method for an operation, which the Value's tracer is to write down."""
    plain = getattr(kind, name)

    def method(self: Value, op: Op, *others: Any) -> Any:
        recorder = _recorder.get()
        if recorder is None:
            return plain(self, op, *others)
        return getattr(recorder.tracer(self), name)(op, *others)

    return method


def refusing(name: str, what: str, kind: type[Value]) -> Callable[..., Any]:
    """A method that asks about the number."""
    plain = getattr(kind, name)

    def method(self: Value, *others: Any) -> Any:
        if _recorder.get() is not None:
            raise unknown(what, Name(self), CHOOSE)
        return plain(self, *others)

    return method


class Name:
    """A Value in a message, without its number."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def __repr__(self) -> str:
        return self.value.label or "a parameter"


_number: Any = Value.__dict__["data"]
_engine = str(Path(__file__).parent)


def number_of(self: Value) -> float:
    """``.data``: the engine may look at it, nobody else."""
    if _recorder.get() is not None and not sys._getframe(1).f_code.co_filename.startswith(_engine):
        raise unknown(".data", Name(self), COMPUTE)
    found: float = _number.__get__(self)
    return found


def set_number(self: Value, number: float) -> None:
    if _recorder.get() is not None:
        raise unknown("a change of .data", Name(self), "A tape computes; it changes nothing outside.")
    _number.__set__(self, number)
