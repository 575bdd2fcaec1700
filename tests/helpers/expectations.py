"""What tests of errors ask: what a message says, which line it names, and that nothing was changed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from autograd import Value, topological_order


def check_message(caught, *parts):
    message = str(caught.value)
    for part in parts:
        assert part in message, message


def line_here() -> int:
    return sys._getframe(1).f_lineno


@contextmanager
def nothing_changes(*values: Value) -> Iterator[None]:
    """Every node behind these values is the same afterwards: data, gradient, label, operation, inputs."""

    def state() -> list[tuple[object, ...]]:
        return [
            (id(n), n.data, n.grad, type(n.grad), n.label, n.op, tuple(map(id, n.inputs)))
            for value in values
            for n in topological_order(value)
        ]

    before = state()
    yield
    assert state() == before
