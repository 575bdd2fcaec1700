"""Starting weights: against the published formulas on what Random.random() draws, and PyTorch's bounds."""

import math
from random import Random

import numpy as np
import pytest

import nn
from autograd import DataError
from nn.layers.initializers import BY_NAME, find_initializer

FAN_IN, FAN_OUT = 7, 5


def even(rng, bound, n):
    return [rng.uniform(-bound, bound) for _ in range(n)]


def bell(rng, std, n):
    """Box and Muller's normal numbers, as complex ones: the radius from the first number, the angle from the second."""
    pairs = [(rng.random(), rng.random()) for _ in range(n)]
    return [std * (np.sqrt(-2 * np.log1p(-u)) * np.exp(2j * np.pi * v)).real for u, v in pairs]


# The bound or standard deviation of each, from the papers.
EXPECTED = {
    "normal": lambda rng, n: bell(rng, 1, n),
    "uniform": lambda rng, n: even(rng, 1, n),
    "xavier_uniform": lambda rng, n: even(rng, math.sqrt(6 / 12), n),
    "xavier_normal": lambda rng, n: bell(rng, math.sqrt(2 / 12), n),
    "he_uniform": lambda rng, n: even(rng, math.sqrt(6 / 7), n),
    "he_normal": lambda rng, n: bell(rng, math.sqrt(2 / 7), n),
}


@pytest.mark.parametrize("name", BY_NAME)
def test_weights_come_from_the_stated_distribution(name):
    layer = nn.Layer(FAN_IN, FAN_OUT, initializer=name, bias=False, seed=42)
    weights = [p.data for p in layer.parameters()]
    np.testing.assert_allclose(weights, EXPECTED[name](Random(42), FAN_IN * FAN_OUT), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("ours", "theirs", "slope"),
    [
        (nn.xavier_uniform(), "xavier_uniform_", None), (nn.xavier_normal(), "xavier_normal_", None),
        (nn.he_uniform(), "kaiming_uniform_", 0.0), (nn.he_normal(), "kaiming_normal_", 0.0),
        (nn.he_uniform(0.3), "kaiming_uniform_", 0.3), (nn.he_normal(0.3), "kaiming_normal_", 0.3),
    ],
)  # fmt: skip
def test_the_spread_is_that_of_pytorch(ours, theirs, slope):
    torch = pytest.importorskip("torch", reason="compares with PyTorch's initialisers")
    torch.manual_seed(0)
    tensor = torch.empty(200, 300, dtype=torch.float64)
    more = {} if slope is None else {"a": slope, "nonlinearity": "leaky_relu"}
    getattr(torch.nn.init, theirs)(tensor, **more)
    generator = np.random.default_rng(0)
    drawn = np.array([ours(generator, 300, 200) for _ in range(60_000)])
    assert drawn.std() == pytest.approx(tensor.std().item(), rel=0.02)
    if "uniform" in theirs:
        assert np.abs(drawn).max() == pytest.approx(tensor.abs().max().item(), rel=0.001)
    assert abs(drawn.mean()) < 0.02 * drawn.std()


def test_gain_scales_xavier():
    plain, doubled = nn.xavier_uniform(), nn.xavier_uniform(gain=2.0)
    assert doubled(Random(3), 4, 5) == 2 * plain(Random(3), 4, 5)
    assert nn.xavier_normal(gain=2.0)(Random(3), 4, 5) == 2 * nn.xavier_normal()(Random(3), 4, 5)


def test_normal_and_uniform_with_other_settings():
    assert nn.normal(3.0, 0.5)(Random(1), 1, 1) == 3.0 + 0.5 * nn.normal()(Random(1), 1, 1)
    assert nn.uniform(2, 4)(Random(1), 1, 1) == Random(1).uniform(2, 4)


@pytest.mark.parametrize("name", BY_NAME)
def test_biases_are_drawn_by_normal_and_uniform_and_else_start_at_0(name):
    biases = [neuron.bias.data for neuron in nn.Layer(3, 4, initializer=name, seed=5).neurons]
    if name in ("normal", "uniform"):
        # Each neuron draws its weights and then its bias.
        assert biases == pytest.approx(EXPECTED[name](Random(5), 16)[3::4], rel=1e-12)
    else:
        assert biases == [0.0] * 4


def test_a_constant_or_a_plain_number_is_every_weight():
    for initializer in (nn.constant(0.25), 0.25, np.float32(0.25)):
        layer = nn.Layer(2, 2, initializer=initializer)
        assert [p.data for p in layer.parameters()] == [0.25, 0.25, 0.0] * 2


def test_biases_can_have_their_own_initializer():
    neuron = nn.Neuron(2, initializer="he_normal", bias_initializer=nn.constant(0.1), seed=1)
    assert neuron.bias.data == 0.1
    neuron = nn.Neuron(2, weights=[1, 2], bias_initializer="normal", seed=1)
    assert neuron.bias.data == nn.normal()(Random(1), 1, 1)


def test_a_function_of_ones_own():
    def from_size(generator, n_inputs, n_outputs):
        return 10 * n_inputs + n_outputs

    layer = nn.Layer(2, 3, initializer=from_size)
    assert [p.data for p in layer.neurons[0].parameters()] == [23.0, 23.0, 0.0]
    assert find_initializer(from_size).name == "from_size"


def test_the_same_seed_gives_the_same_network_and_another_seed_another():
    seeds = [7, 7, np.int64(7), Random(7), 8]
    states = [nn.MLP(3, [4, 2], seed=seed).state_dict() for seed in seeds]
    assert states[0] == states[1] == states[2] == states[3]
    assert not set(states[0].values()) & set(states[4].values())


def test_without_a_seed_every_network_is_new():
    assert nn.MLP(3, [4, 2]).state_dict() != nn.MLP(3, [4, 2]).state_dict()


def test_a_generator_moves_on_from_one_network_to_the_next():
    for kind in (Random, np.random.default_rng, np.random.RandomState):
        generator, same = kind(7), kind(7)
        first, second = nn.Neuron(1, seed=generator), nn.Neuron(1, seed=generator)
        drawn = bell(same, 1, 4)
        assert [*first.state_dict().values(), *second.state_dict().values()] == pytest.approx(drawn, rel=1e-12)


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True, [1], Random])
def test_what_is_not_a_seed(seed):
    with pytest.raises(
        DataError, match=r"a seed is a whole number from 0 up, a generator like .*, or None, but got"
    ):
        nn.Neuron(2, seed=seed)


@pytest.mark.parametrize(
    ("wanted", "error", "message"),
    [
        (
            "Xavier_Unifrom",
            nn.NetworkError,
            "no initializer 'Xavier_Unifrom'; did you mean 'xavier_uniform'\\? There are",
        ),
        ("zzz", nn.NetworkError, r"there is no initializer 'zzz'; there are: normal, uniform"),
        (nn.he_normal, DataError, r"write he_normal\(...\): the function makes an initializer"),
        (nn.constant, DataError, r"write constant\(...\)"),
        ([1.0], DataError, "an initializer is a name, a number, or a function"),
        (np.array([1.0, 2.0]), DataError, "an initializer is a name, a number, or a function"),
        (math.nan, ValueError, "value is nan, but it must be a finite number"),
    ],
)
def test_what_is_not_an_initializer(wanted, error, message):
    with pytest.raises(error, match=message):
        nn.Neuron(2, initializer=wanted)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.uniform(1, 1), "uniform draws from low to high, but low is 1.0 and high is 1.0"),
        (lambda: nn.normal(0, -1), "std is -1"),
        (lambda: nn.normal(math.inf), "mean is inf"),
        (lambda: nn.xavier_uniform(-1), "gain is -1"),
        (lambda: nn.xavier_normal(-1), "gain is -1"),
        (lambda: nn.he_uniform(math.nan), "negative_slope is nan"),
        (lambda: nn.he_normal(math.nan), "negative_slope is nan"),
    ],
)
def test_settings_that_make_no_sense(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_an_initializer_must_give_numbers():
    with pytest.raises(DataError, match="one real number"):
        nn.Neuron(2, initializer=lambda generator, n_inputs, n_outputs: "many")
