"""Numbers inside lists, tuples and dicts: take them out in order, and put others in their places."""

from __future__ import annotations

import copy
import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from autograd.core.operand import Operand, is_real
from autograd.errors import DataError, GradientError, describe, shown, text_of


def flatten(tree: Any) -> list[Any]:
    """Every number in nested lists, tuples, dicts and NumPy arrays, from left to right.

    >>> flatten([1, (2, {"b": 3})])
    [1, 2, 3]
    """
    if isinstance(tree, Operand) or is_real(tree):
        return [tree]
    if is_one_number(tree):
        return flatten(tree.item())
    return [number for part in parts_of(tree) for number in flatten(part)]


def is_one_number(tree: Any) -> bool:
    """True for a number, and for an array without dimensions, which holds one."""
    return (
        isinstance(tree, Operand) or is_real(tree) or (hasattr(tree, "item") and getattr(tree, "ndim", None) == 0)
    )


def parts_of(tree: Any) -> list[Any]:
    """What a list, tuple, dict or array consists of."""
    if isinstance(tree, dict):
        return list(tree.values())
    if isinstance(tree, (list, tuple)):
        return list(tree)
    if hasattr(tree, "ndim") and hasattr(tree, "tolist"):
        return list(tree.tolist())
    raise DataError(f"expected a number, or a list, tuple or dict of numbers, but got {describe(tree)}")


def rebuild(tree: Any, numbers: Sequence[Any]) -> Any:
    """The same nesting with other numbers; named tuples and kinds of dicts stay what they are, arrays become lists.

    >>> rebuild([1, (2, {"b": 3})], [10, 20, 30])
    [10, (20, {'b': 30})]
    """
    return _take(tree, iter(numbers))


def _take(tree: Any, numbers: Iterator[Any]) -> Any:
    if is_one_number(tree):
        return next(numbers)
    return with_parts(tree, [_take(part, numbers) for part in parts_of(tree)])


def with_parts(tree: Any, parts: list[Any]) -> Any:
    """The same list, tuple or dict with other parts."""
    if isinstance(tree, dict):
        changed = copy.copy(tree)
        for key, part in zip(tree, parts, strict=True):
            changed[key] = part
        return changed
    if isinstance(tree, tuple):
        return tree._make(parts) if hasattr(tree, "_make") else tuple(parts)
    return parts


def matched(tree: Any, other: Any) -> list[Any] | None:
    """The numbers in ``other``, each in the place of that in ``tree``; None if the two differ in their shape.

    A list, a tuple and an array may stand for each other, and a dict for one with the same keys.

    >>> matched({"a": 1, "b": [2, 3]}, {"b": (20, 30), "a": 10}), matched([1, [2]], [[1], 2])
    ([10, 20, 30], None)
    """
    if is_one_number(tree) or is_one_number(other):
        return flatten(other) if is_one_number(tree) and is_one_number(other) else None
    if isinstance(tree, dict) or isinstance(other, dict):
        if not isinstance(tree, dict) or not isinstance(other, dict) or tree.keys() != other.keys():
            return None
        other = [other[key] for key in tree]
    parts, others = parts_of(tree), parts_of(other)
    if len(parts) != len(others):
        return None
    found = [matched(part, its) for part, its in zip(parts, others, strict=True)]
    return None if None in found else [number for part in found for number in part or ()]


def checked_argnums(argnums: Any, count: int, what: str) -> list[int]:
    """The places that ``argnums`` names among so many arguments: a whole number, or several, counted from 0.

    Raises:
        GradientError: if there is no such place.
    """
    try:
        chosen = [operator.index(n) for n in (argnums if isinstance(argnums, Iterable) else [argnums])]
    except TypeError:
        raise GradientError(f"argnums is a whole number, or a list of them, but got {shown(argnums)}") from None
    if not all(-count <= n < count for n in chosen):
        raise GradientError(f"argnums is {text_of(argnums)}, but {what}, which are counted from 0")
    return [n % count for n in chosen]
