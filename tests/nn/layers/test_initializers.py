"""Starting weights: against NumPy's own distributions, PyTorch's bounds, and the published formulas."""

import math

import numpy as np
import pytest

import nn
from autograd import DataError
from nn.layers.initializers import BY_NAME, find_initializer, make_generator

FAN_IN, FAN_OUT = 7, 5

# What NumPy's generator gives for each, with the bound or standard deviation from the papers.
EXPECTED = {
    "normal": lambda rng, n: rng.normal(0, 1, n),
    "uniform": lambda rng, n: rng.uniform(-1, 1, n),
    "xavier_uniform": lambda rng, n: rng.uniform(-math.sqrt(6 / 12), math.sqrt(6 / 12), n),
    "xavier_normal": lambda rng, n: rng.normal(0, math.sqrt(2 / 12), n),
    "he_uniform": lambda rng, n: rng.uniform(-math.sqrt(6 / 7), math.sqrt(6 / 7), n),
    "he_normal": lambda rng, n: rng.normal(0, math.sqrt(2 / 7), n),
}


@pytest.mark.parametrize("name", BY_NAME)
def test_weights_come_from_the_stated_distribution(name):
    layer = nn.Layer(FAN_IN, FAN_OUT, initializer=name, bias=False, seed=42)
    weights = [p.data for p in layer.parameters()]
    np.testing.assert_allclose(weights, EXPECTED[name](np.random.default_rng(42), FAN_IN * FAN_OUT), rtol=1e-14)


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
    assert doubled(make_generator(3), 4, 5) == 2 * plain(make_generator(3), 4, 5)
    assert nn.xavier_normal(gain=2.0)(make_generator(3), 4, 5) == 2 * nn.xavier_normal()(make_generator(3), 4, 5)


def test_normal_and_uniform_with_other_settings():
    np.testing.assert_array_equal(nn.normal(3.0, 0.5)(make_generator(1), 1, 1), make_generator(1).normal(3.0, 0.5))
    np.testing.assert_array_equal(nn.uniform(2, 4)(make_generator(1), 1, 1), make_generator(1).uniform(2, 4))


@pytest.mark.parametrize("name", BY_NAME)
def test_biases_are_drawn_by_normal_and_uniform_and_else_start_at_0(name):
    biases = [neuron.bias.data for neuron in nn.Layer(3, 4, initializer=name, seed=5).neurons]
    if name in ("normal", "uniform"):
        # Each neuron draws its weights and then its bias.
        assert biases == pytest.approx(list(EXPECTED[name](np.random.default_rng(5), 16)[3::4]), rel=1e-14)
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
    assert neuron.bias.data == np.random.default_rng(1).normal()


def test_a_function_of_ones_own():
    def from_size(generator, n_inputs, n_outputs):
        return 10 * n_inputs + n_outputs

    layer = nn.Layer(2, 3, initializer=from_size)
    assert [p.data for p in layer.neurons[0].parameters()] == [23.0, 23.0, 0.0]
    assert find_initializer(from_size).name == "from_size"


def test_the_same_seed_gives_the_same_network_and_another_seed_another():
    seeds = [7, 7, np.int64(7), np.random.default_rng(7), 8]
    states = [nn.MLP(3, [4, 2], seed=seed).state_dict() for seed in seeds]
    assert states[0] == states[1] == states[2] == states[3]
    assert not set(states[0].values()) & set(states[4].values())


def test_without_a_seed_every_network_is_new():
    assert nn.MLP(3, [4, 2]).state_dict() != nn.MLP(3, [4, 2]).state_dict()


def test_a_generator_moves_on_from_one_network_to_the_next():
    generator = np.random.default_rng(7)
    first, second = nn.Neuron(1, seed=generator), nn.Neuron(1, seed=generator)
    drawn = np.random.default_rng(7).normal(size=4)
    assert [*first.state_dict().values(), *second.state_dict().values()] == list(drawn)


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True, [1]])
def test_what_is_not_a_seed(seed):
    with pytest.raises(DataError, match="a seed is a whole number from 0 up, a NumPy generator, or None, but got"):
        nn.Neuron(2, seed=seed)


@pytest.mark.parametrize(
    ("wanted", "error", "message"),
    [
        ("Xavier_Unifrom", nn.NetworkError, "no initializer 'Xavier_Unifrom'; did you mean 'xavier_uniform'"),
        ("zzz", nn.NetworkError, r"there is no initializer 'zzz'; There are: normal, uniform"),
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
