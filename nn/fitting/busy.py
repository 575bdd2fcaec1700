"""A model is trained by one thread at a time: two runs of fit would change each other's parameters under way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread, current_thread

from autograd import Value
from autograd.core.threads import counting
from autograd.errors import label_of
from nn.module import NetworkError


class BusyError(NetworkError):
    """The parameters are being trained by another thread."""


_trained_by: dict[int, Thread] = {}
"""Which thread trains a parameter, by the parameter's id, as long as it does."""


@contextmanager
def alone_with(parameters: Sequence[Value]) -> Iterator[None]:
    """Let no other thread train these parameters; the same one may, in a callback for example.

    Raises:
        BusyError: if another thread is training one of them.
    """
    me = current_thread()
    with counting:
        before = {key: _trained_by.get(key) for key in map(id, parameters)}
        for thread in dict.fromkeys(before.values()):
            # In a process that was forked, the other threads are dead.
            if thread and thread is not me and thread.is_alive():
                label = next(label_of(parameter) for parameter in parameters if before[id(parameter)] is thread)
                name = f" ({label})" if label else ""
                raise BusyError(
                    f"the thread {thread.name!r} is training one of these parameters{name} at this moment: "
                    "train a copy of the model (copy.deepcopy), or one after the other. Nothing was changed"
                )
        _trained_by.update(dict.fromkeys(before, me))
    try:
        yield
    finally:
        with counting:
            for key, thread in before.items():
                if thread is not me:
                    del _trained_by[key]
