"""The columns of numbers that a program takes, against the samples written out one by one."""

import random

import numpy as np
import pytest

from nn.compiled.columns import columns_of, different
from nn.data import Dataset

rng = random.Random(5)
INPUTS = [[rng.uniform(-1, 1) for _ in range(4)] for _ in range(9)]
CLASSES = [rng.randrange(3) for _ in INPUTS]
TARGETS = {
    "number": ([rng.uniform(-1, 1) for _ in INPUTS], 0, lambda t: [t]),
    "whole number": ([rng.randrange(-9, 9) for _ in INPUTS], 1, lambda t: [float(t)]),
    "list": ([[1, rng.random()] for _ in INPUTS], 2, lambda t: list(map(float, t))),
    "class": (CLASSES, 3, lambda t: [float(t == i) for i in range(3)]),
    "no class": ([*CLASSES[:-1], 3], 3, lambda t: [float(t == i) for i in range(3)]),
    "class as a float": (list(map(float, CLASSES)), 3, lambda t: [float(t == i) for i in range(3)]),
}


@pytest.mark.parametrize(("targets", "outputs", "numbers_of"), TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("samples", [1, 9])
def test_a_row_for_each_number_and_a_column_for_each_sample(targets, outputs, numbers_of, samples):
    columns = columns_of(Dataset(INPUTS[:samples], targets[-samples:]), outputs)
    expected = [x + numbers_of(t) for x, t in zip(INPUTS[:samples], targets[-samples:], strict=True)]
    assert columns.numbers.T.tolist() == expected
    # Whoever reads a row reads its numbers one after the other; behind the last sample it stands once more.
    for rows in (columns.numbers, columns.longer):
        assert rows.flags.c_contiguous
        assert rows.dtype == np.float64
    assert (columns.longer[:, samples:] == columns.numbers[:, -1:]).all()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.inputs[2].append(1.0),
        lambda data: data.inputs.append([1.0]),
        lambda data: data.inputs.pop(),
        lambda data: data.targets.pop(),
        lambda data: data.inputs[1].__setitem__(0, "one"),
        lambda data: data.targets.__setitem__(3, [1.0, 2.0]),
        lambda data: data.inputs.__setitem__(slice(None), [1.0] * len(data.inputs)),
    ],
)
def test_lists_that_were_changed_until_they_are_no_samples(spoil):
    data = Dataset(INPUTS, [0.5] * len(INPUTS))
    spoil(data)
    with pytest.raises((TypeError, ValueError)):
        columns_of(data, 0)


def test_of_many_numbers_the_first_and_the_extremes_are_tried_and_of_classes_all():
    many = list(range(40, 0, -1))
    numbers = columns_of(Dataset([[0.0]] * 40, many), 0)
    assert list(different(many, numbers.target).values()) == [*range(40, 28, -1), 1]
    assert set(different(many, numbers.target)) == {repr(t) for t in [*range(29, 41), 1, 40]}
    classes = columns_of(Dataset([[0.0]] * 40, many), 41)
    assert list(different(many, classes.target).values()) == many
