"""A model is trained by one thread at a time: two runs of fit would change each other's parameters under way."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Thread, current_thread

from autograd import Value
from autograd.core.threads import counting
from autograd.errors import label_of
from nn.module import NetworkError


class BusyError(NetworkError):
    """The parameters are being trained by another thread."""


_in_training: dict[object, tuple[Thread, Sequence[Value]]] = {}
"""For each run of this moment, which thread trains which parameters."""


class alone_with:
    """Let no other thread train these parameters; the same one may, in a callback for example.

    Raises:
        BusyError: if another thread is training one of them.
    """

    def __init__(self, parameters: Sequence[Value]) -> None:
        self.parameters = parameters

    def __enter__(self) -> None:
        me = current_thread()
        with counting:
            for other, (thread, taken) in list(_in_training.items()):
                if not thread.is_alive():
                    # In a process that was forked, the other threads are dead.
                    del _in_training[other]
                elif thread is not me:
                    require_others(self.parameters, taken, thread)
            _in_training[self] = me, self.parameters

    def __exit__(self, *error: object) -> None:
        with counting:
            _in_training.pop(self, None)


def require_others(parameters: Sequence[Value], taken: Sequence[Value], thread: Thread) -> None:
    """Raise BusyError if one of the parameters is among those that a thread has taken."""
    ids = set(map(id, taken))
    parameter = next((parameter for parameter in parameters if id(parameter) in ids), None)
    if parameter is None:
        return
    label = label_of(parameter)
    name = f" ({label})" if label else ""
    raise BusyError(
        f"the thread {thread.name!r} is training one of these parameters{name} at this moment: "
        "train a copy of the model (copy.deepcopy), or one after the other. Nothing was changed"
    )
