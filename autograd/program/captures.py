"""While a function is traced, the Values that it finds for itself are watched.

A function that is traced gets tracers for its arguments, but a network looks up its weights in its own
attributes, and any function may use Values that stand around it.  These stay what they are; only, for as
long as the function runs, what is computed from them is recorded, and whoever asks for their number is told
that it is not known yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from autograd.core import written_out
from autograd.core.threads import recording
from autograd.program.recorder import Recorder
from autograd.program.tracer import CHANGE, CHOOSE, COMPUTE, GRADIENT, Tracer, at_work, unknown
from autograd.value import Value


@contextmanager
def watching(recorder: Recorder) -> Iterator[None]:
    """Record what is computed from Values, and let nobody look at their numbers.

    Other threads notice nothing: for them the Values are what they always are.

    >>> w, recorder = Value(2.0, "w"), Recorder()
    >>> tracer = recorder.input("w", w)
    >>> with watching(recorder):
    ...     print(recorder.finish([w * w]))
    ...     w > 0
    Traceback (most recent call last):
    ...
    autograd.program.tape.TapeError: a comparison was asked of w, but its number is only known when the program runs
      at <doctest autograd.program.captures.watching[2]>, line 3: w > 0
      A tape cannot branch or compare: ...
    """
    with recording:
        token = at_work.set(recorder)
        plain = {name: vars(Value)[name] for name in WATCHED}
        try:
            for name, method in WATCHED.items():
                setattr(Value, name, method)
            yield
        finally:
            for name, method in plain.items():
                setattr(Value, name, method)
            at_work.reset(token)


def recorded(name: str) -> Callable[..., Any]:
    """A method for an operation, which the Value's tracer is to write down."""
    plain = getattr(Value, name)

    def method(self: Value, *others: Any) -> Any:
        recorder = at_work.get()
        if recorder is None:
            return plain(self, *others)
        return getattr(Tracer, name)(recorder.tracer(self), *others)

    return method


def refusing(name: str, what: str, instead: str) -> Callable[..., Any]:
    """A method that asks about the number."""
    plain = getattr(Value, name)

    def method(self: Value, *others: Any) -> Any:
        refuse(self, what, instead)
        return plain(self, *others)

    return method


def guarded(name: str, instead: str) -> property:
    """An attribute that nobody may look at, and that is set only once: when the Value is made."""
    slot = vars(Value)[name]

    def get(self: Value) -> Any:
        refuse(self, f".{name}", instead)
        return slot.__get__(self)

    def set_to(self: Value, number: float) -> None:
        if at_work.get() is not None:
            # A Value that is just being made has none yet.
            with suppress(AttributeError):
                slot.__get__(self)
                refuse(self, f"a change of .{name}", CHANGE)
        slot.__set__(self, number)

    return property(get, set_to)


def refuse(value: Value, what: str, instead: str) -> None:
    recorder = at_work.get()
    if recorder is not None:
        raise recorder.remembered(unknown(what, value, instead))


WATCHED: dict[str, Any] = {
    **{name: recorded(name) for name in ("record", "_binary", "_reflected", "detach")},
    **{name: recorded(name) for name in written_out.OPERATORS},
    **{name: refusing(name, "a comparison", CHOOSE) for name in ("__lt__", "__le__", "__gt__", "__ge__")},
    "data": guarded("data", COMPUTE),
    "grad": guarded("grad", GRADIENT),
}
"""What stands in the class Value while a recorder is at work.  All other methods ask for .data, or for nothing."""
