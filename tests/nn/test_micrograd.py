"""micrograd's nn: against the package itself where it is installed, and with everything that nn has to offer."""

import copy
import random
import subprocess
import sys

import numpy as np
import pytest

import nn
from autograd import Value
from nn import micrograd
from nn.saving.known import configuration_of_model, known
from viz import draw

REASON = "pip install micrograd, to compare with it"


@pytest.fixture
def theirs():
    return pytest.importorskip("micrograd.nn", reason=REASON)


# --- as micrograd has it


@pytest.mark.parametrize(("nin", "nouts"), [(2, [16, 16, 1]), (3, [4, 4, 1]), (1, [1]), (2, [3]), (20, [5, 2])])
def test_the_same_seed_gives_micrograds_network(theirs, nin, nouts):
    random.seed(1337)
    expected = theirs.MLP(nin, nouts)
    after = random.random()
    random.seed(1337)
    net = micrograd.MLP(nin, nouts)
    assert random.random() == after
    assert [p.data for p in net.parameters()] == [p.data for p in expected.parameters()]
    assert repr(net) == repr(expected)
    assert [repr(part) for layer in net.layers for part in (layer, *layer.neurons)] == [
        repr(part) for layer in expected.layers for part in (layer, *layer.neurons)
    ]
    x = [random.uniform(-2, 2) for _ in range(nin)]
    ours, other = net(x), expected(x)
    assert isinstance(ours, Value) == (nouts[-1] == 1)
    numbers = [y.data for y in (ours if isinstance(ours, list) else [ours])]
    assert numbers == pytest.approx([y.data for y in (other if isinstance(other, list) else [other])], rel=1e-12)
    sum(ours if isinstance(ours, list) else [ours]).backward()
    sum(other if isinstance(other, list) else [other]).backward()
    assert [p.grad for p in net.parameters()] == pytest.approx([p.grad for p in expected.parameters()], rel=1e-12)


def test_a_neuron_is_micrograds():
    random.seed(3)
    w = [random.uniform(-1, 1), random.uniform(-1, 1)]
    random.seed(3)
    neuron = micrograd.Neuron(2)
    assert ([p.data for p in neuron.w], neuron.b.data, neuron.nonlin) == (w, 0, True)
    assert neuron.parameters() == [*neuron.w, neuron.b]
    assert neuron([1.0, -2.0]).data == pytest.approx(max(0, w[0] - 2 * w[1]))
    linear = micrograd.Neuron(2, nonlin=False)
    linear.w[0].data, linear.w[1].data, linear.b.data = 1.0, 2.0, -10.0
    assert (linear(np.array([1.0, 2.0])).data, repr(linear)) == (-5.0, "LinearNeuron(2)")


def test_what_a_neuron_has_can_be_set():
    neuron = micrograd.Neuron(2)
    neuron.w = [Value(1.0), Value(2.0)]
    neuron.b = Value(3.0)
    y = neuron([10.0, 100.0])
    y.backward()
    assert y.data == 213.0
    assert [p.grad for p in neuron.parameters()] == [10.0, 100.0, 1.0]
    assert neuron.parameters() == [*neuron.w, neuron.b]
    negative = [-10.0, 0.0]
    assert neuron(negative).data == 0.0
    neuron.nonlin = False
    assert (neuron(negative).data, neuron.nonlin, repr(neuron)) == (-7.0, False, "LinearNeuron(2)")
    neuron.nonlin = True
    assert (neuron(negative).data, neuron.nonlin, neuron.activation) == (0.0, True, "relu")


def test_a_layer_gives_a_list_or_the_only_output():
    assert isinstance(micrograd.Layer(2, 1)([1, 2]), Value)
    assert len(micrograd.Layer(2, 3, nonlin=False)([Value(1.0), Value(2.0)])) == 3
    # A layer of one neuron in the middle of a network, at which micrograd itself fails.
    assert isinstance(micrograd.MLP(2, [1, 1])([1.0, 2.0]), Value)


def test_zero_grad():
    net = micrograd.MLP(2, [2, 1])
    net([1.0, 2.0]).backward()
    net.zero_grad()
    assert {p.grad for p in net.parameters()} == {0}


def test_a_module_of_ones_own_says_itself_what_its_parameters_are():
    class Line(micrograd.Module):
        def __init__(self):
            self.k = Value(2.0)

        def __call__(self, x):
            return self.k * x

        def parameters(self):
            return [self.k]

    line = Line()
    line(3.0).backward()
    assert line.k.grad == 3.0
    line.zero_grad()
    assert line.k.grad == 0
    assert micrograd.Module().parameters() == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: micrograd.Neuron(0), "nin is 0"), (lambda: micrograd.Layer(2, 0), "n_outputs is 0"),
        (lambda: micrograd.MLP(2, []), "sizes is empty"), (lambda: micrograd.Neuron(2)([1, 2, 3]), "3 were given"),
        (lambda: micrograd.MLP(2, [16, 1])([1]), r"^Layer of \[ReLUNeuron.{30,50}\.\.\. takes 2 inputs, but 1 were given"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_an_error(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# --- with everything that nn has


def test_named_summarised_saved_and_copied(tmp_path):
    net = micrograd.MLP(2, [3, 1])
    assert list(net.state_dict()) == [
        "h1.w1", "h1.w2", "h1.b1", "h2.w3", "h2.w4", "h2.b2", "h3.w5", "h3.w6", "h3.b3", "o1.w7", "o1.w8", "o1.w9",
        "o1.b4",
    ]  # fmt: skip
    assert [p.label for p in net.parameters()] == [name.split(".")[1] for name in net.state_dict()]
    lines = net.summary().splitlines()
    assert lines[2].split() == ["hidden", "layer", "1", "h1", "...", "h3", "2", "→", "3", "relu", "9"]
    assert lines[3].split() == ["output", "layer", "o1", "3", "→", "1", "identity", "4"]
    nn.save(net, tmp_path / "net.json")
    other = micrograd.MLP(2, [3, 1])
    nn.load(other, tmp_path / "net.json")
    assert other.state_dict() == net.state_dict() == copy.deepcopy(net).state_dict()
    titles = [frame.title for frame in draw(net([1.0, 2.0])).frames]
    assert titles == ["hidden layer 1", "output layer", "h1", "h2", "h3", "o1"]


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_fit_trains_it_as_it_trains_the_same_mlp(engine):
    random.seed(7)
    net = micrograd.MLP(2, [4, 1])
    same = nn.MLP(2, [4, 1], "relu", output_activation="identity", seed=0)
    same.load_state_dict(net.state_dict())
    points = nn.data.moons(20)
    histories = [
        nn.fit(
            model, points, loss=nn.mean_squared_error, optimizer=nn.SGD(lr=0.01), epochs=20, seed=1, engine=engine
        )
        for model in (net, same)
    ]
    assert histories[0].engine == histories[1].engine
    assert histories[0].loss == pytest.approx(histories[1].loss, rel=1e-12)
    assert list(net.state_dict().values()) == pytest.approx(list(same.state_dict().values()), rel=1e-12)


def test_its_program_is_known_by_its_configuration():
    def configuration(net):
        return configuration_of_model(known(net), net.parameters())

    assert configuration(micrograd.MLP(2, [4, 1])) == configuration(micrograd.MLP(2, [4, 1]))
    assert configuration(micrograd.MLP(2, [4, 1])) != configuration(micrograd.MLP(2, [3, 1]))
    assert configuration(micrograd.Layer(2, 1)) != configuration(micrograd.Layer(2, 1, nonlin=False))
    other = micrograd.MLP(2, [4, 1])
    other.layers[0].neurons[0].nonlin = False
    assert configuration(other) != configuration(micrograd.MLP(2, [4, 1]))
    other.layers[0].scale = 2.0
    assert configuration(other) is None


def test_to_torch():
    torch = pytest.importorskip("torch", reason="turns the network into PyTorch's")
    net = micrograd.MLP(2, [4, 1])
    assert [type(part).__name__ for part in nn.to_torch(net)] == ["Linear", "ReLU", "Linear"]
    x = [0.5, -1.5]
    assert nn.to_torch(net)(torch.tensor(x, dtype=torch.float64)).item() == pytest.approx(net(x).data, rel=1e-13)


# --- micrograd's names in nn itself


def test_w_and_b_of_any_neuron():
    neuron = nn.Neuron(2, seed=1)
    assert neuron.w is neuron.weights
    assert neuron.b is neuron.bias
    assert nn.Neuron(2, bias=False, seed=1).b is None
    assert nn.Neuron.w.name == "weights"


def test_a_subclass_may_call_something_of_its_own_so():
    class Scaled(nn.Neuron):
        def __init__(self):
            super().__init__(1, seed=1)
            self.w = 3.0

    assert Scaled().w == 3.0
    assert len(Scaled().weights) == 1


@pytest.mark.parametrize("make", [lambda: nn.Neuron(2, nonlin=False), lambda: nn.Layer(2, 3, nonlin=True)])
def test_nonlin_says_what_to_write(make):
    with pytest.raises(nn.NetworkError, match=r'"relu" for nonlin=True.*\n.*from nn\.micrograd import'):
        make()


# --- chance without a seed is Python's


def first_weights(**settings):
    return [p.data for p in nn.MLP(2, [3, 1], **settings).parameters()]


@pytest.mark.parametrize("initializer", ["normal", "uniform", "xavier_normal", "he_uniform"])
def test_without_a_seed_the_weights_follow_random(initializer):
    random.seed(1337)
    first, second = first_weights(initializer=initializer), first_weights(initializer=initializer)
    random.seed(1337)
    assert first_weights(initializer=initializer) == first
    assert first != second


def test_an_initializer_of_ones_own_gets_all_that_a_generator_has():
    def own(generator, n_inputs, n_outputs):
        return generator.betavariate(1, 2)

    random.seed(5)
    first = first_weights(initializer=own)
    random.seed(5)
    assert first_weights(initializer=own) == first == first_weights(initializer=own, seed=random.Random(5))
    numpys = first_weights(
        initializer=lambda generator, m, n: generator.standard_cauchy(), seed=np.random.default_rng(1)
    )
    assert numpys[0] == np.random.default_rng(1).standard_cauchy()


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.MLP(2, [3, 1], seed=1), lambda: nn.MLP(2, [3, 1], seed=np.random.default_rng(1)),
        lambda: nn.Neuron(2, weights=[1.0, 2.0], bias_value=0.0), lambda: nn.Layer(2, 2, initializer=0.5),
        lambda: nn.data.moons(), lambda: nn.fit(nn.Neuron(2, seed=1), nn.data.alice_bob(), epochs=1, loss=nn.mean_squared_error, optimizer=nn.SGD(lr=0.1)),
    ],
)  # fmt: skip
def test_what_needs_no_chance_leaves_random_alone(make):
    random.seed(9)
    before = random.getstate()
    np_before = np.random.get_state()[1].tolist()
    make()
    assert random.getstate() == before
    assert np.random.get_state()[1].tolist() == np_before


def test_importing_leaves_random_alone():
    source = "import random; random.seed(1); a = random.getstate(); import nn, viz, nn.saving.configuration; print(a == random.getstate())"
    result = subprocess.run([sys.executable, "-c", source], capture_output=True, encoding="utf-8", check=False)
    assert (result.stdout.strip(), result.stderr) == ("True", "")
