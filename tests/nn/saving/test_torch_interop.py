"""To PyTorch and back: the same weights, the same outputs."""

import sys

import pytest

import autograd
import nn
from autograd import Op, Value, ops
from nn.layers.activations import find_activation, takes_one_input
from nn.module import NetworkError
from nn.saving.torch_interop import ACTIVATIONS


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


def named(name, function):
    function.__name__ = name
    return function


@pytest.mark.parametrize("name", [*ACTIVATIONS])
def test_a_function_that_only_has_the_name_of_an_activation_is_refused(torch, name):
    """And nothing has been made when that is found out, in whichever layer it stands."""
    mine = named(name, lambda z: 2 * z)
    for model in (nn.MLP(2, [3, 2], mine, seed=1), nn.MLP(2, [3, 2], "tanh", output_activation=mine, seed=1)):
        with pytest.raises(
            NetworkError, match=rf"the activation '{name}', .* \(it is a function of yours that only has"
        ):
            nn.to_torch(model)


def test_ours_under_another_name_is_found(torch):
    known = autograd.relu
    for activation, theirs in [
        (known, "ReLU"),
        (Value.relu, "ReLU"),
        (Value.tanh, "Tanh"),
        (ops.sigmoid, "Sigmoid"),
    ]:
        model = nn.MLP(2, [3, 1], activation, seed=1)
        module = nn.to_torch(model)
        assert [type(part).__name__ for part in module] == ["Linear", theirs, "Linear", theirs]
        assert module(torch.tensor([0.3, 0.4], dtype=torch.float64)).item() == pytest.approx(model([0.3, 0.4]).data)
    layer = nn.Layer(2, 2, "relu", seed=1)
    for neuron in layer.neurons:
        neuron.activation_function = ops.tanh
    assert type(nn.to_torch(layer)[1]) is torch.nn.Tanh


@pytest.mark.parametrize("name", sorted(vars(ops)))
def test_every_method_of_a_value_is_the_operation_of_that_name(name):
    op = getattr(ops, name)
    if isinstance(op, Op) and op.is_built_in and takes_one_input(op) and callable(getattr(Value, name, None)):
        found, found_name = find_activation(getattr(Value, name))
        assert found_name == ("identity" if op is ops.identity else op.name)
        low, high = op.domain[0]
        x = Value(low + 0.6 * (high - low))
        assert found is None or found(x).data == getattr(x, name)().data


def test_networks_inside_a_sequential(torch):
    whole = nn.Sequential(
        nn.MLP(2, [3, 2], "relu", seed=1), nn.Layer(2, 3, None, seed=2), autograd.softmax,
        nn.Sequential(nn.Layer(3, 2, "elu", seed=3)), nn.Neuron(2, "tanh", seed=4),
    )  # fmt: skip
    module = nn.to_torch(whole)
    found = module(torch.tensor([[0.3, 0.4], [-1.0, 2.0]], dtype=torch.float64))
    assert found.shape == (2, 1)
    assert found.flatten().tolist() == pytest.approx([whole(x).data for x in ([0.3, 0.4], [-1.0, 2.0])], rel=1e-13)


def test_what_is_nearly_one_of_ours(torch):
    class Doubled(nn.Layer):
        def forward(self, x):
            return [2 * y for y in super().forward(x)]

    own_forward, own_attribute, shared = (nn.MLP(2, [2, 2, 2], "tanh", seed=1) for _ in range(3))
    own_forward.forward = lambda x: [0.0, 0.0]
    own_attribute.layers[1].gain = nn.Parameter(1.0)
    shared.layers[1] = shared.layers[0]
    inside = nn.MLP(2, [2, 2], "tanh", seed=1)
    inside.layers[0] = Doubled(2, 2)
    other_size = nn.Sequential(nn.Layer(2, 3), nn.Layer(2, 1))
    partly = nn.MLP(2, [2, 1], seed=1)
    partly.layers[0].neurons[0].weights[0].requires_grad = False
    for model, message in [
        (own_forward, r"may compute anything: this MLP has its own forward\(\)"),
        (own_attribute, "this Layer has its own gain"),
        (inside, r"this Doubled has its own forward\(\)"),
        (shared, r"some parameters stand in several places \(w1, "),
        (other_size, "takes 2 inputs, but Layer 'hidden layer 1' .* gives 3"),
        (partly, "only some weights of Layer 'hidden layer 1' .* are frozen"),
        (nn.Sequential(), "there is no layer in Sequential of 0"),
    ]:
        with pytest.raises(NetworkError, match=message):
            nn.to_torch(model)


def test_a_subclass_that_computes_the_same_is_translated(torch):
    class Xor(nn.MLP):
        def __init__(self):
            super().__init__(2, [3, 1], "tanh", seed=1)
            self.note = "learns xor"

    model = Xor()
    model.layers[0].note = "the hidden one"
    theirs = nn.to_torch(model)
    found = theirs(torch.tensor([0.3, 0.4], dtype=torch.float64)).item()
    assert found == pytest.approx(model([0.3, 0.4]).data, rel=1e-14)


def test_methods_of_nn_that_were_replaced(torch, monkeypatch):
    monkeypatch.setattr(nn.Layer, "forward", lambda self, x: [Value(0.0)])
    with pytest.raises(NetworkError, match="methods of nn have been replaced"):
        nn.to_torch(nn.MLP(2, [1], seed=1))


def test_what_is_nearly_one_of_pytorchs(torch):
    class ReLU(torch.nn.Module):
        def forward(self, x):
            return 2 * x

    class Mine(torch.nn.Sequential):
        def forward(self, x):
            return 2 * super().forward(x)

    class MyLinear(torch.nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    linear = torch.nn.Linear(2, 2)
    broken = torch.nn.Linear(2, 1)
    torch.nn.init.constant_(broken.bias, float("nan"))
    tied, hooked, early = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    tied.weight = linear.weight
    hooked.register_forward_hook(lambda module, inputs, output: 2 * output)
    early.register_forward_pre_hook(lambda module, inputs: (2 * inputs[0],))
    for module, message in [
        (torch.nn.Sequential(linear, ReLU()), "is no activation that can be translated"),
        (Mine(linear), "takes a torch.nn.Sequential with its own forward"),
        (torch.nn.Sequential(MyLinear(2, 1)), "does not follow a linear layer"),
        (torch.nn.Sequential(linear, torch.nn.ReLU(), linear), "weights stand in several places"),
        (torch.nn.Sequential(linear, torch.nn.ReLU(), tied), "weights stand in several places"),
        (torch.nn.Sequential(hooked), "there are forward hooks in this module"),
        (torch.nn.Sequential(early), "there are forward hooks in this module"),
        (torch.nn.Sequential(broken), "the bias of Linear.* has numbers that are not finite"),
    ]:
        with pytest.raises(NetworkError, match=message):
            nn.from_torch(module)


def test_numbers_are_exact_in_float64_whatever_pytorch_is_set_to(torch):
    model = nn.MLP(2, [2, 1], "softplus", weights=[[[0.1, 1e-300], [1e300, -0.0]], [[1 / 3, 5e-324]]], seed=1)
    with torch.device("meta"):
        theirs = nn.to_torch(model)
    assert {p.dtype for p in theirs.parameters()} == {torch.float64}
    back = nn.from_torch(theirs)
    assert [x.hex() for x in back.state_dict().values()] == [x.hex() for x in model.state_dict().values()]
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        small = torch.nn.Sequential(torch.nn.Linear(2, 1, dtype=dtype))
        assert nn.from_torch(small).layers[0].neurons[0].weights[1].data == small[0].weight[0, 1].item()


@pytest.mark.parametrize("z", [-800.0, -40.0, 19.0, 20.5, 30.0, 39.9, 41.0, 800.0])
def test_softplus_is_the_same_to_the_last_digits(torch, z):
    model = nn.Layer(1, 1, "softplus", weights=[[1.0]])
    module = nn.to_torch(model)
    assert module(torch.tensor([z], dtype=torch.float64)).item() == pytest.approx(model([z])[0].data, rel=1e-15)
    default = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Softplus())
    assert nn.from_torch(default).layers[0].activation == "softplus"


def test_what_is_frozen_stays_frozen(torch):
    model = nn.MLP(2, [3, 1], "tanh", seed=1)
    model.layers[0].requires_grad_(False)
    model.layers[1].neurons[0].bias.requires_grad = False
    theirs = nn.to_torch(model)
    assert [p.requires_grad for p in theirs.parameters()] == [False, False, True, False]
    back = nn.from_torch(theirs)
    assert [p.requires_grad for p in back.parameters()] == [p.requires_grad for p in model.parameters()]


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
