"""The engines by name.  Here they are not imported: ``autograd.engines`` enters them, each as a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.program.tape import Tape

Runner = Callable[..., Sequence[Any]]
"""A tape made ready: it takes numbers or arrays of one length, and gives the outputs."""

ENGINES: dict[str, Callable[[Tape], Runner]] = {}
"""For each engine what makes a tape ready.  Yours may join: a function from a tape to a function."""

TEXTS: dict[str, Callable[[Tape], str]] = {}
"""For some engines what writes the program down, to be read."""
