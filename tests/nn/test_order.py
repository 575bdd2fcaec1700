"""The order of an epoch: one rule, followed alike by Python, NumPy and machine code."""

import math
import random
from collections import Counter

import numpy as np
import pytest

import nn
from nn.chance import draw_key, order_of


def states(key, count):
    """The numbers of Knuth's generator, by its definition."""
    found = []
    for _ in range(count):
        key = (6364136223846793005 * key + 1442695040888963407) % 2**64
        found.append(key)
    return found


def test_the_generator_is_the_published_one():
    # The first numbers from 0 and from 42, as they stand in the tests of other people's libraries.
    assert states(0, 3) == [1442695040888963407, 1876011003808476466, 11166244414315200793]
    assert states(42, 3) == [10481999410520546993, 4159066171780167020, 7615522811268512075]


@pytest.mark.parametrize("key", [0, 1, 2**53 - 1])
def test_the_rule_by_its_definition(key):
    samples, order = 7, list(range(7))
    for last, state in zip(range(6, 0, -1), states(key, 6), strict=True):
        chosen = math.floor((state >> 32) / 2**32 * (last + 1))
        order[last], order[chosen] = order[chosen], order[last]
    assert order_of(samples, key) == order


def test_a_key_has_all_the_bits_that_are_drawn():
    chance, again = random.Random(5), random.Random(5)
    keys = [draw_key(chance) for _ in range(100)]
    assert [key / 2**53 for key in keys] == [again.random() for _ in range(100)]
    assert draw_key(np.random.default_rng(1)) == int(np.random.default_rng(1).random() * 2**53)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_order_of_four_is_about_equally_likely(seed):
    chance, draws = random.Random(seed), 24_000
    counts = Counter([tuple(order_of(4, draw_key(chance))) for _ in range(draws)])
    expected = draws / math.factorial(4)
    chi_square = sum([(count - expected) ** 2 / expected for count in counts.values()])
    # With 23 degrees of freedom it is between 8 and 47 in 998 of 1000 cases.
    assert len(counts) == 24
    assert 8 < chi_square < 47


@pytest.mark.parametrize("size", [1, 4, None])
@pytest.mark.parametrize("engine", ["python", "numpy", "native"])
@pytest.mark.parametrize("samples", [1, 2, 3, 25])
def test_all_engines_take_the_samples_in_the_same_order(samples, engine, size):
    def losses(engine, **settings):
        data = [([x / samples], math.sin(x)) for x in range(samples)]
        model = nn.MLP(1, [2, 1], seed=1)
        history = nn.fit(
            model,
            data,
            epochs=30,
            batch_size=size,
            shuffle=True,
            seed=4,
            engine=engine,
            metrics={"last": last},
            progress=False,
            **settings,
        )
        assert history.engine == engine
        return history.metrics["last"]

    def last(predictions, targets):
        return targets[-1]

    assert losses(engine) == losses("eager")


@pytest.mark.parametrize("samples", [1, 2, 5, 1000])
@pytest.mark.parametrize("epochs", [1, 3, 50])
def test_orders_of_many_epochs_at_once(samples, epochs):
    from nn.compiled.orders import orders_of

    chance = random.Random(samples)
    keys = [draw_key(chance) for _ in range(epochs)]
    expected = [sample for key in keys for sample in order_of(samples, key)]
    assert orders_of(samples, keys).tolist() == expected
