"""What a compiled program is called with: numbers, lists of numbers, and batches of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.core.operand import Operand, is_real, to_float
from autograd.core.plain_text import printable
from autograd.core.threads import cached_property
from autograd.errors import shown

FLOAT = {float}


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

    @cached_property
    def _shapes(self) -> tuple[tuple[int] | None, ...]:
        return tuple([None if count is None else (count,) for count in self.counts])

    def are_exact(self, given: tuple[Any, ...]) -> bool:
        """True for one sample of floats, arrays of float64 and lists of floats: there is nothing to convert."""
        shapes = self._shapes
        if len(given) != len(shapes):
            return False
        for x, shape in zip(given, shapes, strict=True):
            kind = type(x)
            if shape is None:
                if kind is not float:
                    return False
            elif kind is list:
                if len(x) != shape[0] or set(map(type, x)) != FLOAT:
                    return False
            elif getattr(x, "dtype", None) != "d" or x.shape != shape or hasattr(x, "mask"):
                return False
        return True

    def checked(self, given: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        """Each argument as a float, a list of floats or an array of float64, in the order of the program.

        A Value, or another number that records, stays what it is.

        Raises:
            TypeError: if some are missing, if there are others, and for what is not a number.
        """
        names = self.names
        for name in named:
            if names.count(name) > 1:
                raise TypeError(f"several inputs are called {name!r}: give them in their order, not by name")
        missing = [name for name in names[len(given) :] if name not in named]
        unknown = [name for name in named if name not in names[len(given) :]]
        if len(given) > len(names) or missing or unknown:
            problem = f"it has no value for {listed(missing)}" if missing else "there are others"
            raise TypeError(
                f"the program takes {len(names)} input(s), {listed(names)}, but {problem}: "
                f"{len(given)} were given in order" + (f", and {listed(named)} by name" if named else "")
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
        pairs = zip(checked, self.counts, strict=True)
        lengths = {x.shape[-1] for x, count in pairs if getattr(x, "ndim", 0) == (1 if count is None else 2)}
        if len(lengths) > 1:
            raise TypeError(
                f"arrays have the same length, one number for each sample, but these have {sorted(lengths)}"
            )
        return lengths.pop() if lengths else None

    def columns(self, checked: Sequence[Any]) -> list[Any]:
        """The inputs of the tape, one by one: floats, and arrays with a number for each sample."""
        if not self.has_lists:
            return list(checked)
        columns: list[Any] = []
        for x, count in zip(checked, self.counts, strict=True):
            if count is None:
                columns.append(x)
            else:
                columns += x.tolist() if getattr(x, "ndim", 2) == 1 else list(x)
        return columns

    def shaped(self, numbers: Any, chosen: Sequence[int], given: Sequence[Any]) -> list[Any]:
        """Derivatives in the form of the arguments that they belong to.

        Args:
            numbers: the value, then the derivatives by all numbers in the chosen arguments; a list, or an array.
            chosen: the places of these arguments.
            given: the arguments as the caller gave them: for a list there is a list, for an array an array.
        """
        shaped: list[Any] = []
        start = 1
        for place in chosen:
            count = self.counts[place]
            part = numbers[start : start + (count or 1)]
            start += len(part)
            if count is None:
                shaped.append(float(part[0]) if isinstance(part[0], float) else part[0])
            elif isinstance(part, list):
                has_values = any(isinstance(x, Operand) for x in part)
                shaped.append(part if has_values or isinstance(given[place], (list, tuple)) else as_array(part))
            else:
                shaped.append(part.tolist() if isinstance(given[place], (list, tuple)) else part)
        return shaped


def listed(names: Iterable[str]) -> str:
    return ", ".join(map(printable, names))


def as_column(x: Any) -> Any:
    """A float, or an array of float64 with one number for each sample; or a number that records, as it is."""
    if type(x) is float or isinstance(x, Operand):
        return x
    if getattr(x, "ndim", 0) == 0 and is_real(x):
        return to_float(x)
    column = as_array(x)
    if column is None or column.ndim > 1:
        raise TypeError(
            "an input is a number, or an array of shape (n,) with one number for each sample, "
            f"but got {described(x)}"
        )
    return float(column) if column.ndim == 0 else column


def as_rows(x: Any, count: int, name: str) -> Any:
    """A list of so many numbers, an array of shape (count,), or one of shape (count, n) for n samples."""
    rows = None
    if isinstance(x, (list, tuple)):
        columns = [as_column(part) for part in x]
        shapes = {column.shape for column in columns if hasattr(column, "shape")}
        if len(columns) == count and (not shapes or any(isinstance(column, Operand) for column in columns)):
            return columns
        if len(shapes) == 1:
            import numpy as np

            rows = np.array([np.broadcast_to(column, *shapes) for column in columns])
    elif hasattr(x, "shape") and hasattr(x, "dtype"):
        if x.shape == (count,) and x.dtype.char == "d" and not hasattr(x, "mask"):
            return x
        rows = as_array(x)
    if rows is None or rows.ndim not in (1, 2) or len(rows) != count:
        raise TypeError(
            f"{name} is a list of {count} number(s), or an array of shape ({count},), "
            f"or ({count}, n) for n samples, but got {described(x)}"
        )
    return rows


def as_array(x: Any) -> Any:
    """An array of float64, or None for what does not consist of real numbers."""
    import numpy as np

    if np.ma.is_masked(x):
        return None
    try:
        array = np.asarray(x)
    except (TypeError, ValueError):
        return None
    return array.astype(np.float64, copy=False) if array.dtype.kind in "fiub" else None


def described(x: Any) -> str:
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        kind = "an array with masked numbers, " if hasattr(x, "mask") else "an array "
        return f"{kind}of shape {tuple(x.shape)} of {x.dtype}"
    return shown(x) + (f" of length {len(x)}" if isinstance(x, (list, tuple)) else "")
