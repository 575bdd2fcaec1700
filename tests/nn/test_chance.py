"""Chance: numbers that stay the same for ever, and are as likely as they should be."""

import math
import random
from statistics import NormalDist, fmean, stdev

import pytest

import nn
from nn.chance import make_generator, normal, uniform


def test_a_seed_is_the_same_network_for_ever():
    # random.Random(seed).random() is promised never to change, and nothing else is drawn from.
    weights = [p.data for p in nn.Neuron(2, initializer="uniform", seed=42).parameters()]
    assert weights == [0.2788535969157675, -0.9499784895546661, -0.4499413632617615]
    assert nn.Neuron(1, seed=42, bias=False).weights[0].data == pytest.approx(1.4107277054437621, rel=1e-15)


class Only:
    """A generator that has nothing but the method ``random()``."""

    def __init__(self, seed):
        self.random = random.Random(seed).random


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: nn.MLP(2, [3, 1], seed=seed).state_dict(),
        lambda seed: nn.MLP(2, [3, 1], initializer="he_uniform", seed=seed).state_dict(),
        nn.data.moons.__call__, nn.data.blobs.__call__, lambda seed: nn.data.xor().split(0.5, seed),
    ],
)  # fmt: skip
def test_all_chance_comes_from_the_method_random(make):
    assert make(seed=Only(5)) == make(seed=5) != make(seed=6)


def test_normal_numbers_are_those_of_the_bell_curve():
    generator = make_generator(1)
    drawn = sorted(normal(generator, 3.0, 0.5) for _ in range(20_000))
    assert fmean(drawn) == pytest.approx(3.0, abs=0.01)
    assert stdev(drawn) == pytest.approx(0.5, rel=0.02)
    # Kolmogorov and Smirnov: so far from the curve they are once in a thousand times.
    bell = NormalDist(3.0, 0.5)
    apart = max(abs(bell.cdf(x) - i / len(drawn)) for i, x in enumerate(drawn))
    assert apart < 1.95 / math.sqrt(len(drawn))


@pytest.mark.parametrize("number", [0.0, 1 - 2**-53])
def test_the_ends_of_what_random_gives_are_finite(number):
    class Stuck:
        def random(self):
            return number

    assert abs(normal(Stuck())) < 9
    assert -1 <= uniform(Stuck(), -1, 1) <= 1
