"""A Dataset takes rows of plain numbers a quicker way: what comes of it, or is said of it, is the same either way."""

import math
import operator
from collections import deque
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograd import Value
from nn.data import Dataset, dataset


class Whole(int):
    """A whole number of somebody's own."""


class Rows(list):
    """A list of somebody's own."""


NUMBERS = [
    0, 1, -7, 2**53 + 1, 2**63, 2**1023, 10**400, -(10**400), 0.0, -0.0, 0.5, 5e-324, 1.7e308, -1.7e308, math.inf,
    -math.inf, math.nan, True, False, Whole(3), Fraction(1, 3), Decimal("0.5"), 1j, None, "1", b"1", "", [1.0], (), {},
    {2.0}, Value(1.0), np.float64(0.5), np.float32(0.1), np.float16(0.1), np.longdouble(0.5), np.float32("nan"),
    np.int8(3), np.uint64(2**64 - 1), np.bool_(True), np.complex128(1j), np.datetime64(5, "s"), np.timedelta64(5, "ns"),
    np.array(0.5), np.array([0.5]), np.str_("1"), object(),
]  # fmt: skip
CONTAINERS = [list, tuple, Rows, deque, lambda row: np.array(row, dtype=object), lambda row: [row], dict.fromkeys]
ARRAYS = [
    np.array(numbers).astype(kind)
    for numbers in ([0, 1, 2, 1], [[0, 1], [2, 1]], [[[0, 1], [2, 1]]], 1, [], [[]], [[1], [0]])
    for kind in ("?", "b", "i8", "u8", "f2", "f4", "f8", "g", "c16", "O", "S", "U", "m8[ns]", "M8[s]")
]
FAULTY_ARRAYS = [np.array([[0.5, 1], [2, fault]]).astype(kind) for fault in (math.inf, math.nan) for kind in "efdg"]
KINDS_OF_ARRAY = [
    np.asfortranarray(np.eye(2)), np.eye(4)[::2, ::-3], np.ma.masked_array(np.eye(2), np.eye(2) > 0),
    np.zeros(2, dtype=[("a", float)]), np.rec.array([(1.0, 2.0)]),
]  # fmt: skip


def answer(make, *given):
    """What is made, with the kinds of all numbers, or the error."""
    try:
        data = make(*given)
    except (TypeError, ValueError) as error:
        return type(error), str(error)
    return repr((data.inputs, data.targets)), data.feature_names, data.sample_names


def require_same_answers(given, monkeypatch):
    quick = answer(Dataset, *given)
    with monkeypatch.context() as patch:
        patch.setattr(dataset, "PLAIN", frozenset())
        patch.setattr(dataset, "as_list", lambda x: x)
        careful = answer(Dataset, *given)
    assert quick == careful


def in_all_places(x):
    """Samples with x as a feature or a target, in each place, beside numbers that are right; or in the place of all."""
    yield [x, 1.0], [0, 1]
    yield [1.0, 2], [0, x]
    yield x, [0, 1]
    yield [[0.0], [1.0]], x
    for container in CONTAINERS:
        for right in ([0.5, 1.5], [1, 2], [True, 0.5]):
            for place in range(3):
                with suppress(TypeError):  # not everything can be a key
                    row = container([*right[:place], x, *right[place:]])
                    yield [[1.0, 2.0, 3.0], row], [0, 1]
                    yield [row, [1, 2]], [0, x]
                    yield [1, 2], [[1.0, 2.0, 3.0], row]


@pytest.mark.parametrize("x", NUMBERS, ids=lambda x: f"{type(x).__name__} {x!r:.20}")
def test_every_kind_of_number_in_every_place(x, monkeypatch):
    for given in in_all_places(x):
        require_same_answers(given, monkeypatch)


@pytest.mark.parametrize("array", [*ARRAYS, *FAULTY_ARRAYS, *KINDS_OF_ARRAY], ids=lambda a: f"{a.dtype} {a.shape}")
def test_every_kind_of_array(array, monkeypatch):
    rows = list(array) if array.ndim else [array]
    some = [0.5] * len(rows)
    for given in (
        (array, some),
        (some, array),
        (array, array),
        (rows, some),
        (some, rows),
        ([array, array], [0, 1]),
    ):
        require_same_answers(given, monkeypatch)


@pytest.mark.parametrize("make", [list, tuple, np.array], ids=["list", "tuple", "array"])
def test_what_is_given_is_left_alone(make):
    inputs, targets = [make([0.5, 1.5]), make([2.5, 3.5])], [make([1, 0]), make([0, 1])]
    data = Dataset(inputs, targets)
    data.inputs[0][0] = data.targets[0][0] = 7.0
    assert all(map(operator.eq, inputs[0], [0.5, 1.5]))
    assert all(map(operator.eq, targets[0], [1, 0]))


def test_whole_numbers_become_the_nearest_floats():
    numbers = [2**53 + 1, -(2**53) - 1, 2**63 - 1, 10**300 + 1, 3]
    (row,) = Dataset([numbers], [0]).inputs
    assert row == [float(Fraction(number)) for number in numbers]
    assert {type(number) for number in row} == {float}
