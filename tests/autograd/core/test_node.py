"""How a node keeps what it was computed from, and leaves that are made without the questions of ``Value(...)``."""

import contextlib
import math
from fractions import Fraction

import numpy as np
import pytest

from autograd import AutogradError, Value, ieee
from autograd.core import modes
from autograd.core.node import leaf
from autograd.value import Constant

NUMBERS = (
    0.0, -0.0, 1.5, -1e308, math.inf, -math.inf, math.nan, 0, -3, 2**53 + 1, -(10**300), 10**301, 10**400, True,
    np.float64(0.1), np.float32(0.1), np.int64(7), Fraction(1, 3), "2", None, 1j, [1.0], Value(2.0),
)  # fmt: skip


def outcome(make, kind, number, label):
    try:
        with modes.noting_leaves() as noted:
            made = make(kind, number, label)
    except AutogradError as error:
        return type(error), str(error)
    assert noted == [made]
    return (
        type(made), type(made.data), math.copysign(1.0, made.data), repr(made), made.grad, made.label, made.op,
        made.inputs, made._met,
    )  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS, ids=repr)
@pytest.mark.parametrize("kind", [Value, Constant])
@pytest.mark.parametrize("mode", [contextlib.nullcontext, ieee])
def test_a_leaf_is_what_its_class_makes_of_the_number(kind, number, mode):
    with mode():
        for label in ("", "x1"):
            made = outcome(leaf, kind, number, label)
            assert made == outcome(lambda kind, number, label: kind(number, label), kind, number, label)
