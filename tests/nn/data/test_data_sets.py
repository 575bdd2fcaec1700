"""The data sets against the pages and formulas that they come from, and what a Dataset refuses."""

import math
import random

import numpy as np
import pytest

from autograd import DataError, Value
from nn.data import Dataset, alice_bob, blobs, circles, linear_relationship, moons, single_neuron, spirals, xor

SHIPPED = [alice_bob, single_neuron, linear_relationship, xor, moons, circles, spirals, blobs]
MADE_BY_CHANCE = [moons, circles, spirals, blobs]


@pytest.mark.parametrize("make", SHIPPED)
def test_every_data_set_says_what_it_is(make):
    data = make()
    assert data.name
    assert data.source
    assert data.story.strip()
    assert "\n" not in data.story
    assert len(data.feature_names) == len(data.inputs[0])
    assert len(data.sample_names) == len(data) == len(data.targets)
    assert data.target_names
    if all(isinstance(y, int) for y in data.targets):
        assert set(data.targets) == set(range(len(data.target_names)))
    assert make() == data


def test_alice_and_bob():
    data = alice_bob()
    assert data.inputs == [[-2, -1], [25, 6], [17, 4], [-15, -6]]
    assert data.targets == [1, 0, 0, 1]
    assert data.sample_names == ("Alice", "Bob", "Charlie", "Diana")
    assert data.unseen.inputs == [[-7, -3], [20, 2]]
    assert data.unseen.targets == [1, 0]
    assert data.unseen.sample_names == ("Emily", "Frank")


def test_the_single_neuron():
    assert single_neuron()[0] == ([0.1, 0.8], 0.4)


def test_the_linear_relationship():
    inputs, targets = linear_relationship().as_arrays()
    assert inputs.tolist() == [[3, 4, 7], [6, 2, 9], [8, 10, 12], [9, 7, 4], [7, 6, 3]]
    assert targets.tolist() == [13.5, 15.6, 27.4, 15.6, 12.5]
    np.testing.assert_allclose(inputs @ [0.5, 0.9, 1.2], targets, rtol=1e-14)


def test_exclusive_or():
    for (a, b), y in xor():
        assert y == int(a) ^ int(b)


@pytest.mark.parametrize("make", MADE_BY_CHANCE)
def test_the_same_seed_makes_the_same_points(make):
    assert make(seed=3) == make(seed=3)
    assert make(seed=3) == make(seed=random.Random(3)) == make(seed=np.int64(3))
    assert make(seed=np.random.default_rng(3)) == make(seed=np.random.default_rng(3))
    assert make(seed=3) != make(seed=4)
    assert len(make(37)) == 37
    counts = np.bincount(make(37).targets)
    assert counts.max() - counts.min() <= 1


def test_moons_without_noise_lie_on_half_circles():
    for (x, y), moon in moons(51, noise=0):
        if moon == 0:
            assert math.hypot(x, y) == pytest.approx(1)
            assert y >= -1e-12
        else:
            assert math.hypot(x - 1, y - 0.5) == pytest.approx(1)
            assert y <= 0.5 + 1e-12


def test_circles_without_noise_have_their_radius():
    for (x, y), ring in circles(51, noise=0, factor=0.3):
        assert math.hypot(x, y) == pytest.approx([1.0, 0.3][ring])


def test_spirals_without_noise_follow_their_arm():
    for (x, y), arm in spirals(60, noise=0, classes=3, turns=0.75):
        r = math.hypot(x, y)
        angle = 2 * math.pi * (0.75 * r + arm / 3)
        assert (x, y) == pytest.approx((r * math.cos(angle), r * math.sin(angle)))
        assert 0.1 - 1e-12 <= r <= 1 + 1e-12


def test_blobs_are_iris_sized_and_as_wide_as_told():
    inputs, classes = blobs().as_arrays()
    assert inputs.shape == (150, 4)
    assert np.bincount(classes).tolist() == [50, 50, 50]
    inputs, classes = blobs(3000, spread=0.25).as_arrays()
    for k in range(3):
        np.testing.assert_allclose(inputs[classes == k].std(axis=0), 0.25, rtol=0.1)


def test_noise_is_as_large_as_told():
    noisy, _ = moons(4000, noise=0.2, seed=5).as_arrays()
    clean, _ = moons(4000, noise=0.0, seed=5).as_arrays()
    # The same seed draws the same noise and the same order, so the difference is the noise itself.
    assert (noisy - clean).std() == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: moons(1), ValueError, "n is 1, but it must be a whole number, 2 or more"),
        (lambda: moons(10.5), TypeError, "n must be a whole number"),
        (lambda: moons(10, noise=-0.1), ValueError, "noise is -0.1"),
        (lambda: circles(10, factor=1), ValueError, "factor is 1"),
        (lambda: circles(10, factor=0), ValueError, "factor is 0"),
        (lambda: spirals(2, classes=3), ValueError, "n is 2"),
        (lambda: spirals(10, classes=1), ValueError, "classes is 1"),
        (lambda: spirals(10, turns=-1), ValueError, "turns is -1"),
        (lambda: blobs(2), ValueError, "n is 2"),
        (lambda: blobs(features=0), ValueError, "features is 0"),
        (lambda: blobs(spread=math.nan), ValueError, "spread is nan"),
    ],
)
def test_sizes_that_make_no_sense(make, kind, message):
    with pytest.raises(kind, match=message):
        make()


# Data of one's own


def test_three_ways_to_say_the_same():
    expected = Dataset([[0, 1], [2, 3]], [0, 1])
    assert Dataset.of(expected) is expected
    assert Dataset.of([[0, 1], [2, 3]], [0, 1]) == expected
    assert Dataset.of(([[0, 1], [2, 3]], [0, 1])) == expected
    assert Dataset.of([([0, 1], 0), ([2, 3], 1)]) == expected
    assert Dataset.of(zip([[0, 1], [2, 3]], [0, 1], strict=True)) == expected
    assert Dataset.of((np.array([[0, 1], [2, 3]]), np.array([0, 1]))) == expected


def test_numbers_become_plain_numbers_and_names_are_filled_in():
    data = Dataset(np.array([[0, 1], [2, 3]], dtype=np.float32), np.array([0, 1]))
    assert all(type(number) is float for row in data.inputs for number in row)
    assert all(type(target) is int for target in data.targets)
    assert data.feature_names == ("x1", "x2")
    assert data.sample_names == ("sample 1", "sample 2")
    assert Dataset([1, 2], [0.5, True]).targets == [0.5, 1]
    assert Dataset([1, 2], [[0, 1.5], (1, 0)]).targets == [[0, 1.5], [1, 0]]
    rows = Dataset([np.array([1.0]), np.array([2.0])], [np.array([1, 0]), np.array([0, 1])])
    assert rows.targets == [[1, 0], [0, 1]]


def test_the_lists_are_the_data_sets_own():
    mine = [[1.0], [2.0]]
    data = Dataset(mine, [0, 1])
    mine[0][0] = 100.0
    assert data.inputs[0] == [1.0]
    with pytest.raises(AttributeError):
        data.name = "other"


def test_as_arrays():
    inputs, targets = Dataset([[0, 1], [2, 3]], [0.5, 1.5]).as_arrays()
    assert (inputs.dtype, inputs.shape, targets.tolist()) == (np.float64, (2, 2), [0.5, 1.5])
    assert Dataset([0, 1], [[1, 0], [0, 1]]).as_arrays()[1].shape == (2, 2)


def test_single_samples_and_slices():
    data = alice_bob()
    assert data[1] == ([25.0, 6.0], 0)
    assert data[-1] == ([-15.0, -6.0], 1)
    assert data[1:3].sample_names == ("Bob", "Charlie")
    assert data[::-2].sample_names == ("Diana", "Bob")
    assert data.subset(np.array([2, 2])).sample_names == ("Charlie", "Charlie")
    assert data[:2].feature_names == data.feature_names
    assert data[:2].unseen == data.unseen
    assert next(iter(data)) == data[0]
    with pytest.raises(IndexError, match="there is no sample 4: Alice and Bob has 4"):
        data.subset([0, 4])
    with pytest.raises(IndexError, match="there is no sample -1"):
        data.subset([-1])
    with pytest.raises(IndexError):
        data[4]


def test_split():
    data = blobs()
    first, second = data.split(0.7, seed=1)
    assert (len(first), len(second)) == (105, 45)
    assert sorted(first.inputs + second.inputs) == sorted(data.inputs)
    assert data.split(0.7, seed=1) == (first, second)
    assert data.split(0.7, seed=2) != (first, second)
    with pytest.raises(ValueError, match="splits 4 samples into 4 and 0"):
        alice_bob().split(0.95)
    for fraction in (0, 1, -0.5, 2):
        with pytest.raises(ValueError, match="fraction is"):
            data.split(fraction)


def test_how_it_looks():
    assert repr(single_neuron()) == "<Dataset a single neuron: 1 sample, 2 features (input 1, input 2)>"
    assert repr(Dataset([1, 2], [1, 2], "line")) == "<Dataset line: 2 samples, 1 feature (x1)>"
    assert repr(blobs(features=5)) == "<Dataset blobs: 150 samples, 5 features (x1, x2, x3, ...)>"
    assert linear_relationship().table().splitlines()[1].split() == ["sample", "1", "3.0", "4.0", "7.0", "13.5"]
    assert xor().target_text(1) == "1 (different)"
    assert xor().target_text(7) == "7"


# Samples of different lengths


def words():
    return Dataset(
        [[0, 3], [0, 1, 2, 3], [0]], [[3, 1], [1, 2, 3, 1], [2]], "words", sample_names=("be", "cabs", "a"),
        ragged=True,
    )  # fmt: skip


def test_sequences_keep_their_lengths():
    data = words()
    assert data.inputs == [[0, 3], [0, 1, 2, 3], [0]]
    assert data[1] == ([0.0, 1.0, 2.0, 3.0], [1, 2, 3, 1])
    assert {type(number) for target in data.targets for number in target} == {int}
    assert data.feature_names == ("x1", "x2", "x3", "x4")
    assert data == words()
    assert data != words().subset([1, 0, 2])
    assert Dataset([[1, 2]], [0]) != Dataset([[1, 2]], [0], ragged=True)
    assert Dataset([[1], [2, 3]], [0, 1.5], ragged=True).targets == [0, 1.5]


def test_three_ways_to_sequences():
    inputs, targets = [[0.5, 1], [2]], [[1, 0], [1]]
    expected = Dataset(inputs, targets, ragged=True)
    assert Dataset.of(expected) is expected
    assert Dataset.of(inputs, targets, ragged=True) == expected
    assert Dataset.of((inputs, targets), ragged=True) == expected
    assert Dataset.of(list(zip(inputs, targets, strict=True)), ragged=True) == expected
    assert Dataset.of(([np.array(x) for x in inputs], [np.array(y) for y in targets]), ragged=True) == expected
    with pytest.raises(ValueError, match="for sequences that differ, write Dataset"):
        Dataset.of(inputs, targets)


def test_parts_of_sequences():
    data = words()
    assert data[::2] == data.subset([0, 2])
    assert data.subset([0, 2]).feature_names == ("x1", "x2")
    assert data.subset(range(3)) == data
    assert data.subset([2]).ragged
    first, second = data.split(0.5)
    assert sorted(first.sample_names + second.sample_names) == ["a", "be", "cabs"]
    assert first.ragged
    assert second.ragged


def test_sequences_are_arrays_only_if_they_have_one_length():
    with pytest.raises(
        ValueError, match=r"sample 1 has 2 features and sample 2 has 4 features; to become an array"
    ):
        words().as_arrays()
    with pytest.raises(ValueError, match=r"sample 1 has 1 number and sample 2 has 2 numbers; to become an array"):
        Dataset([[1], [2]], [[1], [2, 3]], ragged=True).as_arrays()
    inputs, targets = words().subset([1, 1]).as_arrays()
    assert inputs.shape == targets.shape == (2, 4)


def test_how_sequences_look():
    assert repr(words()) == "<Dataset words: 3 samples, 1 to 4 numbers each>"
    assert repr(words()[:1]) == "<Dataset words: 1 sample, 2 numbers each>"
    assert (
        repr(Dataset([[3], [1]], [1, 0], "letters", ragged=True)) == "<Dataset letters: 2 samples, 1 number each>"
    )
    assert words().table().splitlines()[1:] == [
        "be    0.0  3.0                  [3, 1]",
        "cabs  0.0  1.0  2.0  3.0  [1, 2, 3, 1]",
        "a     0.0                          [2]",
    ]


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: Dataset([], []), ValueError, "this one is empty"),
        (lambda: Dataset([[1], [2]], [1]), ValueError, "2 inputs and 1 targets"),
        (
            lambda: Dataset([[1], [2, 3]], [1, 2]),
            ValueError,
            r"sample 1 has 1 feature and sample 2 has 2 features; .* ragged=True",
        ),
        (lambda: Dataset([[1], [2]], [[1], [2, 3]]), ValueError, r"sample 1 has 1 number and .* ragged=True"),
        (lambda: Dataset([[1], [2, 3]], [1, [2]], ragged=True), ValueError, "must be all numbers or all lists"),
        (lambda: Dataset([[1], []], [1, 2], ragged=True), ValueError, "sample 2 has no features"),
        (lambda: Dataset([[1], [2]], [[1], []], ragged=True), ValueError, "target of sample 2 is an empty list"),
        (
            lambda: Dataset([[1], [2, None]], [1, 2], ragged=True),
            DataError,
            "feature 2 of sample 2 must be a number",
        ),
        (lambda: Dataset([[1], [2, 3]], [1, 2], feature_names="a", ragged=True), DataError, "list of strings"),
        (
            lambda: Dataset([[1], [2, 3]], [1, 2], feature_names=["a"], ragged=True),
            ValueError,
            "2 feature_names are",
        ),
        (lambda: Dataset([[1], [2]], [1, [2]]), ValueError, "sample 1 is one number and that of sample 2 is a"),
        (lambda: Dataset([[]], [1]), ValueError, "sample 1 has no features"),
        (lambda: Dataset([[1]], [[]]), ValueError, "the target of sample 1 is an empty list"),
        (lambda: Dataset([[1], ["2"]], [1, 2]), DataError, r"feature 1 of sample 2 .* it is '2' \(str\)"),
        (lambda: Dataset([[1], None], [1, 2]), DataError, "the input of sample 2 must be a list of numbers"),
        (lambda: Dataset([[1], [[2]]], [1, 2]), DataError, "feature 1 of sample 2 must be a number"),
        (lambda: Dataset([[Value(1.0)]], [1]), DataError, "feature 1 of sample 1 must be a number"),
        (lambda: Dataset([[1]], ["female"]), DataError, "target of sample 1 must be a number, but it is 'female'"),
        (lambda: Dataset([[1]], [[1, None]]), DataError, "target 2 of sample 1 must be a number"),
        (lambda: Dataset([[math.nan]], [1]), ValueError, "feature 1 of sample 1 is nan"),
        (lambda: Dataset([[1]], [math.inf]), ValueError, "the target of sample 1 is inf"),
        (lambda: Dataset("abc", [1]), DataError, "inputs must be a list"),
        (lambda: Dataset([[1]], 1), DataError, "targets must be a list"),
        (lambda: Dataset([[1]], np.array(1)), DataError, "targets must be a list"),
        (lambda: Dataset([[1]], [1], feature_names=("a", "b")), ValueError, "1 feature_names are needed, but"),
        (lambda: Dataset([[1]], [1], sample_names=("a", "b")), ValueError, "1 sample_names are needed"),
        (lambda: Dataset([[1]], [1], feature_names="a"), DataError, "feature_names must be a list of strings"),
        (lambda: Dataset([[1]], [1], target_names=(1, 2)), DataError, "target_names must be a list of strings"),
        (lambda: Dataset.of(5), DataError, "data must be a Dataset, a tuple"),
        (lambda: Dataset.of("abc"), DataError, "data must be a Dataset, a tuple"),
        (lambda: Dataset.of([[1, 2, 3], [1, 2, 3]]), DataError, r"\[1, 2, 3\] is not a pair"),
        (lambda: Dataset.of([1, 2]), DataError, "1 is not a pair"),
    ],
)
def test_what_is_refused(make, kind, message):
    with pytest.raises(kind, match=message):
        make()
