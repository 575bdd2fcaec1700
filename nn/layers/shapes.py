"""What a network is given: inputs, weights and sizes must be there in the number that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import DataError, Value
from autograd.core.node import leaf
from autograd.core.operand import Operand, is_real
from autograd.errors import AutogradError, describe, text_of
from autograd.program.tracer import AS_ARRAY, Tracer
from nn.module import Module, ShapeError
from nn.validation import count_of, shorten, whole_number

VALUES, ORDINARY = {Value}, {Value, float, int}
"""What the outputs of another layer are, and what inputs are nearly always: these need no closer look."""


def checked_inputs(x: Any, n_inputs: int, asker: Module) -> list[Any]:
    """The inputs as a list of ``n_inputs`` Values; plain numbers become leaves with the labels x1, x2, ...

    Raises:
        ShapeError: if there are more or fewer of them.
        DataError: if one of them is not a number.
    """
    given = x if type(x) is list else as_list(x, n_inputs, asker)
    if len(given) == n_inputs and VALUES.issuperset(map(type, given)):
        return given
    if not ORDINARY.issuperset(map(type, given)) and any(map(is_list, given)):
        raise ShapeError(
            f"{shorten(asker)} takes one sample at a time, a list of {n_inputs}, but got a list of lists; "
            "for all samples write [model(x) for x in samples]"
        )
    if len(given) != n_inputs:
        wanted = count_of(n_inputs, "input")
        raise ShapeError(f"{shorten(asker)} takes {wanted}, but {len(given)} were given: {shortly(given)}")
    return [x if isinstance(x, Operand) else leaf(Value, x, f"x{i}") for i, x in enumerate(given, 1)]


def is_list(number: Any) -> bool:
    return hasattr(number, "__len__") and not isinstance(number, str)


def as_list(x: Any, n_inputs: int, asker: Module) -> list[Any]:
    """Anything like a list as a list; a single number is one of one."""
    given = x.tolist() if hasattr(x, "tolist") else x
    if isinstance(given, Tracer) and n_inputs > 1:
        raise ShapeError(f"{shorten(asker)} takes {n_inputs} inputs, but got one: {text_of(given)}\n  {AS_ARRAY}")
    if isinstance(given, Operand) or is_real(given):
        return [given]
    if isinstance(given, (str, bytes, dict, set)) or not hasattr(given, "__iter__"):
        raise DataError(f"{shorten(asker)} takes a list of numbers, but got {describe(x)}")
    return list(given)


def checked_list(what: str, given: Any, n: int, meaning: str) -> list[Any]:
    """A list of n things, or an error that says what they are for; n times None if nothing is given."""
    if given is None:
        return [None] * n
    given = given.tolist() if hasattr(given, "tolist") else given
    if not isinstance(given, (list, tuple)):
        raise DataError(f"{what} is a list of {n}, {meaning}, but got {describe(given)}")
    if len(given) != n:
        raise ShapeError(f"{what} is a list of {n}, {meaning}, but got a list of {len(given)}: {shortly(given)}")
    return list(given)


def checked_sizes(sizes: Any) -> list[int]:
    if isinstance(sizes, str) or not hasattr(sizes, "__iter__"):
        raise DataError(f"sizes is a list with the number of neurons of each layer, but got {describe(sizes)}")
    checked = [whole_number("each of the sizes", n) for n in sizes]
    if not checked:
        raise ShapeError("sizes is empty, but a network has at least one layer: its output layer")
    return checked


def shortly(numbers: Sequence[Any]) -> str:
    try:
        text = str([number.data if isinstance(number, Value) else number for number in numbers])
    except AutogradError:
        return text_of(numbers)
    return text if len(text) <= 60 else text[:57] + "..."
