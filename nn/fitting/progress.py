"""What is said to the person who is waiting: a progress bar, and lines of advice."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec

from autograd.core.plain_text import printable
from nn.callbacks import Event


def is_watched() -> bool:
    """True if the standard error stream is a terminal or belongs to a notebook."""
    stream = sys.stderr  # None without a terminal (pythonw)
    return stream is not None and (stream.isatty() or type(stream).__module__.startswith("ipykernel"))


def progress_bar(epochs: int, shown: bool) -> AbstractContextManager[Callable[[Event, int], None]]:
    """Gives a function that is to be called whenever some epochs have been made."""
    if shown and sys.stderr is not None and find_spec("tqdm") is not None:
        return bar_of_tqdm(epochs)
    return nullcontext(lambda event, epochs: None)


@contextmanager
def bar_of_tqdm(epochs: int) -> Iterator[Callable[[Event, int], None]]:
    from tqdm import tqdm

    with tqdm(total=epochs, desc="training", unit="epoch") as bar:

        def report(event: Event, epochs: int) -> None:
            bar.set_postfix_str(f"loss={event.loss:.4g}", refresh=False)
            bar.update(epochs)

        yield report


_said: set[str] = set()


def say_once(line: str) -> None:
    """A line for the person who is waiting; never the same one twice."""
    if line not in _said:
        _said.add(line)
        print(printable(line), file=sys.stderr)
