"""To PyTorch and back: the same weights, the same outputs."""

import sys

import pytest

import nn
from nn.graduation import ACTIVATIONS
from nn.module import NetworkError


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")


@pytest.mark.parametrize("activation", ["identity", *ACTIVATIONS])
@pytest.mark.parametrize("bias", [True, False])
def test_there_and_back(torch, activation, bias):
    hidden = "tanh" if activation in ("softmax", "log_softmax") else activation
    model = nn.MLP(3, [4, 2], hidden, output_activation=activation, bias=bias, seed=1)
    theirs = nn.to_torch(model)
    back = nn.from_torch(theirs)
    for sample in ([0.1, -0.7, 2.0], [-3.0, 0.4, 0.0]):
        expected = [value.data for value in model(sample)]
        found = theirs(torch.tensor(sample, dtype=torch.float64)).tolist()
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)
        assert [value.data for value in back(sample)] == expected
    assert list(back.named_parameters()) == list(model.named_parameters())


def test_gradients_are_the_same(torch):
    model = nn.MLP(2, [3, 1], "sigmoid", seed=2)
    theirs = nn.to_torch(model)
    model([0.5, -1.0]).backward()
    theirs(torch.tensor([0.5, -1.0], dtype=torch.float64)).backward()
    expected = [g for part in theirs.parameters() for g in part.grad.flatten().tolist()]
    found = [
        w.grad
        for layer in model.layers
        for rows in ([n.weights for n in layer.neurons], [[n.bias for n in layer.neurons]])
        for row in rows
        for w in row
    ]
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_sequential_and_a_layer(torch):
    layers = [nn.Layer(2, 3, "relu", seed=1), nn.Layer(3, 1, "identity", seed=2)]
    sequential = nn.to_torch(nn.Sequential(*layers))
    assert sequential(torch.tensor([1.0, 2.0], dtype=torch.float64)).shape == (1,)
    assert len(nn.to_torch(layers[0])) == 2


def test_settings_that_make_another_function(torch):
    for part in (torch.nn.ELU(alpha=2.0), torch.nn.Softplus(beta=2.0), torch.nn.Softplus(threshold=1.0)):
        with pytest.raises(NetworkError, match="is another function than"):
            nn.from_torch(torch.nn.Sequential(torch.nn.Linear(2, 1), part))


def test_neurons_that_were_changed_one_by_one(torch):
    layer = nn.Layer(2, 3, "relu", seed=1)
    layer.neurons[1].bias = None
    with pytest.raises(NetworkError, match="only some have a bias"):
        nn.to_torch(layer)


def test_layers_without_numbers(torch):
    linear = torch.nn.Linear
    for part, message in [
        (linear(2, 1, device="meta"), "no numbers to be read"),
        (torch.nn.LazyLinear(1), "no numbers to be read"),
        (linear(2, 1, dtype=torch.complex64), "complex numbers"),
    ]:
        with pytest.raises(NetworkError, match=message):
            nn.from_torch(torch.nn.Sequential(part))
    with pytest.raises(NetworkError, match="takes 4 numbers, but the layer before it gives 3"):
        nn.from_torch(torch.nn.Sequential(linear(2, 3), linear(4, 1)))
    identity = torch.nn.Sequential(linear(2, 1), torch.nn.Identity())
    assert nn.from_torch(identity)([0.0, 0.0]).data == pytest.approx(identity[0].bias.item())


def test_what_cannot_be_translated(torch):
    linear = torch.nn.Linear
    cases = [
        (lambda: nn.to_torch(nn.Sequential(nn.Layer(2, 2), lambda xs: xs)), "only layers, one after the other"),
        (lambda: nn.to_torch(nn.MLP(2, [1], activation=lambda z: z * z)), "PyTorch has no module"),
        (lambda: nn.from_torch(linear(2, 1)), "takes a torch.nn.Sequential"),
        (lambda: nn.from_torch(torch.nn.Sequential()), "no linear layer"),
        (lambda: nn.from_torch(torch.nn.Sequential(torch.nn.ReLU())), "does not follow a linear layer"),
        (lambda: nn.from_torch(torch.nn.Sequential(linear(2, 1), torch.nn.Dropout())), "no activation that can be"),
        (lambda: nn.from_torch(torch.nn.Sequential(linear(2, 1), torch.nn.GELU())), "another function than gelu"),
        (
            lambda: nn.from_torch(
                torch.nn.Sequential(linear(2, 2), torch.nn.ReLU(), linear(2, 2), torch.nn.Tanh(), linear(2, 1))
            ),
            "one activation in all hidden layers",
        ),
        (lambda: nn.from_torch(torch.nn.Sequential(linear(2, 2), linear(2, 1, bias=False))), "only some have one"),
    ]
    for translate, message in cases:
        with pytest.raises(NetworkError, match=message):
            translate()


def test_without_pytorch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="need PyTorch: pip install torch"):
        nn.to_torch(nn.MLP(2, [1]))
