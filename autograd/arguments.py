"""What a compiled program is called with: numbers, lists of numbers, and batches of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd.errors import describe, shown
from autograd.operand import is_real
from autograd.value import Value

__all__ = ["Arguments", "as_column"]


@dataclass(frozen=True)
class Arguments:
    """The arguments of a program.

    Attributes:
        names: what each is called.
        counts: for each how many numbers a list has, or None for a single number.
    """

    names: tuple[str, ...]
    counts: tuple[int | None, ...]

    @property
    def has_lists(self) -> bool:
        return any(count is not None for count in self.counts)

    def checked(self, given: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        """Each argument as a float, or as an array of float64, in the order of the program.

        Raises:
            TypeError: if some are missing, or there are others.
            DataError: for what is not a number.
        """
        names = self.names
        missing = [name for name in names[len(given) :] if name not in named]
        unknown = [name for name in named if name not in names[len(given) :]]
        if len(given) > len(names) or missing or unknown:
            problem = f"it has no value for {', '.join(missing)}" if missing else "there are others"
            raise TypeError(
                f"the program takes {len(names)} input(s), {', '.join(names)}, but {problem}: "
                f"{len(given)} were given in order" + (f", and {', '.join(named)} by name" if named else "")
            )
        everything = [*given, *[named[name] for name in names[len(given) :]]]
        return [
            as_column(x) if count is None else as_rows(x, count, name)
            for x, count, name in zip(everything, self.counts, names, strict=True)
        ]

    def samples(self, checked: list[Any]) -> int | None:
        """How many samples a batch has; None for single numbers.

        Raises:
            TypeError: if some arrays are longer than others.
        """
        lengths = set()
        for x, count in zip(checked, self.counts, strict=True):
            if not isinstance(x, float) and x.ndim == (1 if count is None else 2):
                lengths.add(x.shape[-1])
        if len(lengths) > 1:
            raise TypeError(
                f"arrays have the same length, one number for each sample, but these have {sorted(lengths)}"
            )
        return lengths.pop() if lengths else None

    def columns(self, checked: list[Any]) -> list[Any]:
        """The inputs of the tape, one by one: floats, and arrays with a number for each sample."""
        if not self.has_lists:
            return checked
        columns: list[Any] = []
        for x, count in zip(checked, self.counts, strict=True):
            if count is None:
                columns.append(x)
            else:
                columns += x.tolist() if x.ndim == 1 else list(x)
        return columns

    def shaped(self, numbers: Sequence[Any], chosen: Sequence[int], given: Sequence[Any]) -> list[Any]:
        """Derivatives in the form of the arguments that they belong to.

        Args:
            numbers: the derivatives by all numbers in the chosen arguments.
            chosen: the places of these arguments.
            given: the arguments as the caller gave them: for a list there is a list, for an array an array.
        """
        shaped: list[Any] = []
        start = 0
        for place in chosen:
            count = self.counts[place]
            part = numbers[start : start + (count or 1)]
            start += len(part)
            if count is None:
                shaped.append(part[0])
            elif isinstance(given[place], (list, tuple)):
                shaped.append(part if isinstance(part, list) else as_array(part).tolist())
            else:
                shaped.append(as_array(part))
        return shaped


def as_column(x: Any) -> Any:
    """A float, or an array of float64 with one number for each sample."""
    if type(x) is float:
        return x
    if isinstance(x, Value):
        return x.data
    if is_real(x):
        return float(x)
    column = as_array(x)
    if column is None or column.ndim > 1:
        raise TypeError(f"an input is a number, or an array of shape (n,), but got {describe(x)}")
    return float(column) if column.ndim == 0 else column


def as_rows(x: Any, count: int, name: str) -> Any:
    """A list of numbers as an array of shape (count,), or (count, n) for n samples."""
    import numpy as np

    rows = None
    if isinstance(x, np.ndarray):
        rows = as_array(x)
    elif isinstance(x, (list, tuple)):
        columns = [as_column(part) for part in x]
        shapes = {np.shape(column) for column in columns} - {()}
        if not shapes:
            rows = np.array(columns)
        elif len(shapes) == 1:
            rows = np.array([np.broadcast_to(column, *shapes) for column in columns])
    if rows is None or rows.ndim not in (1, 2) or len(rows) != count:
        got = f"an array of shape {x.shape}" if isinstance(x, np.ndarray) else shown(x)
        if isinstance(x, (list, tuple)):
            got += f" of length {len(x)}"
        raise TypeError(
            f"{name} is a list of {count} number(s), or an array of shape ({count},), "
            f"or ({count}, n) for n samples, but got {got}"
        )
    return rows


def as_array(x: Any) -> Any:
    import numpy as np

    try:
        return np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError):
        return None
