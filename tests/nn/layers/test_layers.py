"""Neurons, layers and networks: what they compute, what they are called, and what they refuse."""

import copy
import gc
import math
import random
import weakref
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import DataError, Op, Value, jvp, no_grad, ops, topological_order
from nn.layers.activations import find_activation, takes_one_input

FINITE = st.floats(-3, 3)


def labels_behind(y):
    return [node.label for node in topological_order(y) if not node.inputs]


# What they compute


@given(st.lists(FINITE, min_size=3, max_size=3), st.lists(FINITE, min_size=3, max_size=3), FINITE)
def test_a_neuron_is_the_activation_of_a_weighted_sum(x, w, b):
    neuron = nn.Neuron(3, "tanh", weights=w, bias_value=b)
    assert neuron(x).data == pytest.approx(np.tanh(np.dot(w, x) + b), rel=1e-12, abs=1e-12)


def test_the_picture_of_a_neuron_is_products_then_a_sum_then_the_activation():
    neuron = nn.Neuron(2, "sigmoid", seed=1)
    out = neuron([1.0, 2.0])
    assert out.op is ops.sigmoid
    [summed] = out.inputs
    assert summed.op is ops.total
    assert [term.op for term in summed.inputs] == [ops.multiply, ops.multiply, None]
    assert summed.inputs[2] is neuron.bias
    assert labels_behind(out) == ["w1", "x1", "w2", "x2", "b"]


def test_one_product_needs_no_sum():
    out = nn.Neuron(1, "identity", bias=False, weights=[3.0])([2.0])
    assert (out.op, out.data) == (ops.multiply, 6.0)
    out = nn.Neuron(1, "tanh", bias=False, weights=[3.0])([2.0])
    assert (out.op, out.inputs[0].op) == (ops.tanh, ops.multiply)


ACTIVATIONS = {
    "tanh": "tanh", "relu": "relu", "sigmoid": "sigmoid", "softplus": "softplus", "silu": "silu", "elu": "elu",
    "leaky_relu": "leaky_relu", "softsign": "softsign", "mish": "mish", "selu": "selu", "celu": "celu",
    "relu6": "relu6", "hardtanh": "hardtanh", "logsigmoid": "logsigmoid",
}  # fmt: skip


@pytest.mark.parametrize("activation", [*ACTIVATIONS, "identity", "gelu"])
def test_a_network_and_its_gradients_agree_with_pytorch(activation):
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    net = nn.MLP(3, [4, 5, 2], activation=activation, seed=11)
    functions = {name: getattr(torch.nn.functional, name) for name in ACTIVATIONS.values()}
    functions["identity"] = lambda x: x
    # PyTorch's own, with approximate="tanh", loses digits where tanh is nearly -1.
    functions["gelu"] = lambda x: x * torch.sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    x = [0.3, -1.2, 2.0]

    outputs = net(x)
    (outputs[0] * 2 + outputs[1] ** 2).backward()

    tensors = []
    signal = torch.tensor(x, dtype=torch.float64)
    for layer in net.layers:
        weights = np.array([[p.data for p in n.weights] for n in layer.neurons])
        w = torch.tensor(weights, requires_grad=True)
        b = torch.tensor(np.array([n.bias.data for n in layer.neurons]), requires_grad=True)
        tensors.append((w, b))
        signal = functions[activation](w @ signal + b)
    (signal[0] * 2 + signal[1] ** 2).backward()

    np.testing.assert_allclose([y.data for y in outputs], signal.detach().numpy(), rtol=1e-12)
    for layer, (w, b) in zip(net.layers, tensors, strict=True):
        ours = [[p.grad for p in n.weights] for n in layer.neurons]
        np.testing.assert_allclose(ours, w.grad.numpy(), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose([n.bias.grad for n in layer.neurons], b.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_a_layer_gives_a_list_and_a_network_with_one_output_one_value():
    assert [type(y) for y in nn.Layer(2, 1)([1, 2])] == [Value]
    assert type(nn.MLP(2, [3, 1])([1, 2])) is Value
    assert [type(y) for y in nn.MLP(2, [3, 2])([1, 2])] == [Value, Value]


def test_the_output_can_have_an_activation_of_its_own():
    net = nn.MLP(2, [2, 2, 1], activation="relu", output_activation="sigmoid")
    assert [layer.activation for layer in net.layers] == ["relu", "relu", "sigmoid"]
    net = nn.MLP(2, [2, 1], activation="relu", output_activation=None)
    assert [layer.activation for layer in net.layers] == ["relu", "identity"]
    assert [layer.activation for layer in nn.MLP(2, [2, 1]).layers] == ["tanh", "tanh"]


@pytest.mark.parametrize("softmax", ["softmax", autograd.softmax])
def test_softmax_looks_at_the_whole_layer(softmax):
    net = nn.MLP(2, [3, 3], "tanh", output_activation=softmax, seed=2)
    logits = nn.MLP(2, [3, 3], "tanh", output_activation="identity", seed=2)([0.5, -1.0])
    probabilities = net([0.5, -1.0])
    exponentials = np.exp([z.data for z in logits])
    np.testing.assert_allclose([p.data for p in probabilities], exponentials / exponentials.sum(), rtol=1e-13)
    assert [p.label for p in probabilities] == ["o1", "o2", "o3"]
    sums = [node for node in topological_order(probabilities[0]) if nn.neuron_of(node) in net.layers[-1].neurons]
    assert [z.label for z in sums] == ["z1", "z2", "z3"]
    assert net.layers[-1].activation == "softmax"


@pytest.mark.parametrize("log_softmax", ["log_softmax", autograd.log_softmax])
def test_log_softmax_is_the_logarithm_of_softmax(log_softmax):
    net, of_softmax = (
        nn.MLP(2, [3, 3], output_activation=activation, seed=2) for activation in (log_softmax, "softmax")
    )
    logarithms = [y.data for y in net([0.5, -1.0])]
    np.testing.assert_allclose(logarithms, np.log([p.data for p in of_softmax([0.5, -1.0])]), rtol=1e-13)
    assert net.layers[-1].activation == "log_softmax"
    with pytest.raises(nn.NetworkError, match="log_softmax compares the neurons of a layer"):
        nn.Neuron(2, log_softmax)


def test_networks_that_differ_in_softmax_and_log_softmax_only_are_two_when_trained():
    """Programs are kept for all networks of one kind: these are two kinds."""
    data = [(x, [float(i == y) for i in range(3)]) for x, y in nn.data.blobs()][:12]
    for activation in ("softmax", "log_softmax", "identity"):
        losses = []
        for engine in ("auto", "eager"):
            net = nn.MLP(4, [3], output_activation=activation, seed=3)
            history = nn.fit(net, data, loss=nn.mean_squared_error, epochs=2, batch_size=4, engine=engine)
            losses.append(history.loss[-1])
        assert losses[0] == pytest.approx(losses[1], rel=1e-12), activation


def test_every_operation_of_one_input_is_an_activation_by_its_name():
    names = [name for name, op in ops.ALL.items() if takes_one_input(op)]
    assert {"tanh", "relu", "sigmoid", "leaky_relu", "elu", "step", "sin"} <= set(names)
    assert not {"maximum", "add", "total", "logsumexp", "clip"} & set(names)
    for name in names:
        neuron = nn.Neuron(1, name, weights=[0.5], bias=False)
        if name not in ("acosh",):
            assert neuron([1.0]).data == ops.ALL[name](0.5)


@pytest.fixture
def twice():
    op = Op("twice_for_a_layer", lambda x: 2 * x, lambda x, z: (2,))
    yield op
    del ops.ALL[op.name]


def test_an_operation_a_method_and_a_function_are_activations_too(twice):
    for activation, name, expected in [
        (twice, "twice_for_a_layer", 1.0),
        ("twice_for_a_layer", "twice_for_a_layer", 1.0),
        (Value.exp, "exp", math.exp(0.5)),
        (lambda z: z * z + 1, "function", 1.25),
    ]:
        neuron = nn.Neuron(1, activation, weights=[0.5])
        assert (neuron.activation, neuron([1.0]).data) == (name, expected)
    for nothing in (None, "identity", "linear", ops.identity):
        assert find_activation(nothing) == (None, "identity")


# Names


def test_names_are_those_of_the_page_that_learners_read():
    net = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    assert list(net.state_dict()) == [
        "h1.w1", "h1.w2", "h1.b1", "h2.w3", "h2.w4", "h2.b2", "o1.w5", "o1.w6", "o1.b3",
    ]  # fmt: skip
    assert [p.label for p in net.parameters()] == ["w1", "w2", "b1", "w3", "w4", "b2", "w5", "w6", "b3"]
    out = net([1.0, 2.0])
    assert out.label == "o1"
    assert {node.label for node in topological_order(out)} >= {"h1", "h2", "x1", "x2"}


def test_hidden_neurons_are_counted_through_the_network():
    net = nn.MLP(1, [2, 3, 2], seed=1)
    names = [[n.name for n in layer.neurons] for layer in net.layers]
    assert names == [["h1", "h2"], ["h3", "h4", "h5"], ["o1", "o2"]]
    assert [layer.name for layer in net.layers] == ["hidden layer 1", "hidden layer 2", "output layer"]
    assert [n.layer_name for n in net.layers[1].neurons] == ["hidden layer 2"] * 3


def test_the_names_of_a_lone_neuron_and_a_lone_layer():
    neuron = nn.Neuron(2)
    assert list(neuron.named_parameters()) == [p.label for p in neuron.parameters()] == ["w1", "w2", "b"]
    assert neuron([1, 2]).label == ""
    assert nn.Neuron(2, name="n")([1, 2]).label == "n"
    layer = nn.Layer(1, 2)
    assert list(layer.named_parameters()) == ["o1.w1", "o1.b1", "o2.w2", "o2.b2"]
    assert [y.label for y in layer([1])] == ["o1", "o2"]
    named = nn.Layer(1, 2, name="code")
    assert list(named.named_parameters()) == ["code1.w1", "code1.b1", "code2.w2", "code2.b2"]
    assert (named.name, named.neurons[0].layer_name) == ("code", "code")


def test_without_biases_only_weights_are_named():
    assert list(nn.MLP(2, [1, 1], bias=False).named_parameters()) == ["h1.w1", "h1.w2", "o1.w3"]


def test_labels_that_a_user_has_given_are_kept():
    x = Value(1.0, "height")
    slope = nn.Parameter(1.0, "w1")
    net = nn.MLP(1, [1, 1], weights=[[[2.0]], [[slope]]])
    assert list(net.named_parameters()) == ["h1.w1", "h1.b1", "o1.w2", "o1.b2"]
    assert [p.label for p in net.parameters()] == ["w1", "b1", "w1", "b2"]
    assert "height" in labels_behind(net([x]))
    bias = nn.Parameter(0.0, "b1")
    net = nn.MLP(1, [1, 1], bias_values=[[0.0], [bias]], seed=0)
    assert [p.label for p in net.parameters()] == ["w1", "b1", "w2", "b1"]

    def named(z):
        z.label = "mine"
        return z

    assert nn.Neuron(1, named, name="n")([1.0]).label == "mine"


def test_a_parameter_that_neurons_share_is_one_parameter():
    shared = nn.Parameter(0.5)
    net = nn.MLP(1, [2, 1], weights=[[[1.0], [2.0]], [[3.0, 4.0]]], bias_values=[[shared, shared], [0.25]])
    assert list(net.named_parameters()) == ["h1.w1", "h1.b1", "h2.w2", "o1.w3", "o1.w4", "o1.b2"]
    assert [p.label for p in net.parameters()] == ["w1", "b1", "w2", "w3", "w4", "b2"]
    assert net.layers[0].neurons[0].bias is net.layers[0].neurons[1].bias is shared


@pytest.mark.parametrize("seed", range(40))
def test_parameters_are_numbered_in_their_order_and_a_shared_one_keeps_its_first_number(seed):
    chance = random.Random(seed)
    sizes = [chance.randint(1, 5) for _ in range(chance.randint(2, 4))]
    shared = {kind: [nn.Parameter(0.5, chance.choice(["", "", "mine"])) for _ in range(3)] for kind in "wb"}
    mine = {parameter for parameters in shared.values() for parameter in parameters if parameter.label}

    def numbers(kind, count):
        return [chance.choice(shared[kind]) if chance.random() < 0.3 else 0.25 for _ in range(count)]

    net = nn.MLP(
        sizes[0], sizes[1:], bias_values=[numbers("b", n) for n in sizes[1:]],
        weights=[[numbers("w", m) for _ in range(n)] for m, n in pairwise(sizes)],
    )  # fmt: skip
    place = chance.choice(["", "encoder"])
    if place:
        setattr(nn.Module(), place, net)
    expected, counts = {}, {"w": 0, "b": 0}
    for neuron in [neuron for layer in net.layers for neuron in layer.neurons]:
        for kind, parameters in (("w", neuron.weights), ("b", [neuron.bias])):
            for parameter in parameters:
                if parameter not in expected:
                    counts[kind] += 1
                    number = f"{kind}{counts[kind]}"
                    expected[parameter] = number, f"{place}.{number}" if place else number
        assert neuron.weight_names == [expected[w][0] for w in neuron.weights]
        assert neuron.bias_name == expected[neuron.bias][0]
    for parameter, (_, label) in expected.items():
        assert parameter.label == ("mine" if parameter in mine else label)


def test_neuron_of_knows_which_neuron_made_a_value():
    net = nn.MLP(2, [2, 1], seed=1)
    out = net([1.0, 2.0])
    found = {node.label: nn.neuron_of(node) for node in topological_order(out) if nn.neuron_of(node)}
    assert found == {"h1": net.layers[0].neurons[0], "h2": net.layers[0].neurons[1], "o1": net.layers[1].neurons[0]}
    assert nn.neuron_of(out.inputs[0]) is None


def test_remembering_neurons_keeps_no_graph_alive():
    neuron = nn.Neuron(1, seed=1)
    out = neuron([1.0])
    watch = weakref.ref(out)
    gc.disable()
    try:
        del out
        assert watch() is None
    finally:
        gc.enable()


# Sequential


def test_sequential_names_its_layers_like_a_network():
    net = nn.Sequential(nn.Layer(2, 2, "tanh", seed=1), nn.Layer(2, 1, "identity", seed=2), lambda y: y[0] * 2)
    assert list(net.named_parameters()) == [
        "h1.w1", "h1.w2", "h1.b1", "h2.w3", "h2.w4", "h2.b2", "o1.w5", "o1.w6", "o1.b3",
    ]  # fmt: skip
    first, second = net.modules[:2]
    assert net([1.0, 2.0]).data == 2 * second([y.data for y in first([1.0, 2.0])])[0].data
    assert repr(net) == "Sequential of 3 with 9 parameters"


def test_sequential_takes_neurons_names_and_other_modules():
    class Double(nn.Module):
        def __init__(self):
            self.factor = nn.Parameter(2.0)

        def forward(self, y):
            return self.factor * y

    net = nn.Sequential(nn.Layer(1, 2, seed=0, name="code"), nn.Neuron(2, seed=1), nn.Neuron(1, name="n"), Double())
    assert list(net.named_parameters()) == [
        "code1.w1", "code1.b1", "code2.w2", "code2.b2", "h1.w3", "h1.w4", "h1.b3", "n.w5", "n.b4", "3.factor",
    ]  # fmt: skip
    assert net([1.0]).data == 2 * net.modules[2](net.modules[1](net.modules[0]([1.0]))).data
    assert net.summary().splitlines()[2:-2] == [
        "code            code1, code2  1 → 2     sigmoid              4",
        "hidden layer 2  h1            2 → 1     sigmoid              3",
        "n               n             1 → 1     sigmoid              2",
        "3.factor                                                     1",
    ]


def test_sequential_leaves_the_names_of_another_network_alone():
    body = nn.MLP(1, [2, 1], seed=0)
    before = list(body.named_parameters())
    net = nn.Sequential(body.layers[0], nn.Layer(2, 1, seed=1))
    assert list(net.named_parameters()) == ["h1.w1", "h1.b1", "h2.w2", "h2.b2", "o1.w1", "o1.w2", "o1.b1"]
    again = nn.Sequential(body.layers[0], body.layers[1], nn.Layer(1, 1, seed=2))
    assert list(again.named_parameters())[-5:] == ["o1.w3", "o1.w4", "o1.b3", "2.o1.w1", "2.o1.b1"]
    assert list(body.named_parameters()) == before
    whole = nn.Sequential(body, nn.Neuron(1, seed=3))
    assert list(whole.named_parameters())[:2] == ["0.h1.w1", "0.h1.b1"]
    assert [line.split("  ")[0] for line in whole.summary().splitlines()[2:-2]] == [
        "0.hidden layer 1", "0.output layer", "output layer",
    ]  # fmt: skip


def test_a_layer_used_twice_has_its_parameters_once():
    layer = nn.Layer(2, 2, "tanh", seed=1)
    net = nn.Sequential(layer, layer, autograd.softmax)
    assert len(net.parameters()) == 6
    inner = nn.Module()
    inner.network = net
    rows = [line.split() for line in inner.summary().splitlines()[2:-2]]
    assert [row[0] for row in rows] == ["network.output", "network.output", "softmax"]
    assert [row[-1] for row in rows] == ["6", "0", "0"]


@pytest.mark.parametrize("wrong", ["tanh", None, nn.MLP, 3])
def test_sequential_takes_only_what_can_be_called(wrong):
    with pytest.raises(DataError, match="Sequential takes modules and functions, but got"):
        nn.Sequential(nn.Layer(1, 1), wrong)


# Given weights


def test_given_weights_are_used_and_biases_then_start_at_0():
    net = nn.MLP(2, [2, 1], weights=[[[1, 2], [3, 4]], np.array([[5.0, 6.0]])])
    assert list(net.state_dict().values()) == [1, 2, 0, 3, 4, 0, 5, 6, 0]
    net = nn.MLP(2, [1, 1], weights=[[[1, 2]], [[3]]], bias_values=[[0.5], [0.25]])
    assert list(net.state_dict().values()) == [1, 2, 0.5, 3, 0.25]
    layer = nn.Layer(1, 2, weights=[[1], [2]], bias_values=(3, 4))
    assert list(layer.state_dict().values()) == [1, 3, 2, 4]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.Neuron(2, weights=[1]), nn.ShapeError, r"weights is a list of 2, one for each .* 1: \[1\]"),
        (lambda: nn.Neuron(2, weights=1), DataError, "weights is a list of 2, one for each input, but got 1"),
        (lambda: nn.Neuron(1, weights=["1"]), DataError, "one real number, but got '1'"),
        (lambda: nn.Neuron(1, weights=[math.nan]), ValueError, "finite"),
        (lambda: nn.Neuron(1, weights=[Value(1.0)]), DataError, "is a Value already"),
        (lambda: nn.Neuron(1, bias=False, bias_value=1), nn.NetworkError, "there is no bias, but bias_value is"),
        (lambda: nn.Layer(2, 2, weights=[[1, 2]]), nn.ShapeError, "a list of weights for each neuron, but got"),
        (lambda: nn.Layer(2, 1, weights=[[1, 2, 3]]), nn.ShapeError, r"but got a list of 3: \[1, 2, 3\]"),
        (lambda: nn.Layer(2, 2, bias_values=[1]), nn.ShapeError, "bias_values is a list of 2, one for each neuron"),
        (lambda: nn.MLP(2, [1, 1], weights=[[[1, 2]]]), nn.ShapeError, "weights is a list of 2, a list of lists"),
        (lambda: nn.MLP(2, [1, 1], bias_values=[]), nn.ShapeError, "bias_values is a list of 2, a list for each"),
        (lambda: nn.Neuron(50, weights=[0.5] * 49), nn.ShapeError, r"list of 49: \[0.5, .*\.\.\."),
    ],
)
def test_given_weights_of_the_wrong_shape(make, error, message):
    with pytest.raises(error, match=message):
        make()


# What they refuse


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.Neuron(0), ValueError, "n_inputs is 0, but it must be a whole number, 1 or more"),
        (lambda: nn.Neuron(2.0), TypeError, "n_inputs must be a whole number"),
        (lambda: nn.Layer(2, -1), ValueError, "n_outputs is -1"),
        (lambda: nn.MLP(2, [3, 0]), ValueError, "each of the sizes is 0"),
        (lambda: nn.MLP(2, []), nn.ShapeError, "sizes is empty, but a network has at least one layer"),
        (lambda: nn.MLP(2, 3), DataError, "sizes is a list with the number of neurons of each layer, but got 3"),
        (lambda: nn.MLP(2, "31"), DataError, "sizes is a list"),
        (lambda: nn.Neuron(2, "ReLU"), nn.NetworkError, "there is no activation 'ReLU'; did you mean 'relu'?"),
        (lambda: nn.MLP(2, [1], "sigmod"), nn.NetworkError, "did you mean 'sigmoid'?"),
        (lambda: nn.MLP(2, [1], "tahn"), nn.NetworkError, "there is no activation 'tahn'; did you mean 'tanh'?"),
        (lambda: nn.MLP(2, [1], "tann"), nn.NetworkError, "did you mean 'tanh'?"),
        (lambda: nn.MLP(2, [1], "cossh"), nn.NetworkError, "did you mean 'cosh'?"),
        (lambda: nn.Neuron(2, "qqq"), nn.NetworkError, "there is no activation 'qqq'; give the name of an"),
        (lambda: nn.Neuron(2, "maximum"), nn.NetworkError, "'maximum' takes 2 inputs, but an activation takes one"),
        (lambda: nn.Neuron(2, ops.logsumexp), nn.NetworkError, "'logsumexp' takes a list, but"),
        (lambda: nn.Neuron(2, 7), DataError, "an activation is a name, a function or None, but got 7"),
        (lambda: nn.Neuron(2, "softmax"), nn.NetworkError, "softmax compares the neurons of a layer"),
    ],
)
def test_descriptions_that_make_no_sense(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([1], nn.ShapeError, r"MLP\(2, \[2, 1\]\) with 9 parameters takes 2 inputs, but 1 were given: \[1\]"),
        ([1, 2, Value(3.0)], nn.ShapeError, r"but 3 were given: \[1, 2, 3.0\]"),
        (1.0, nn.ShapeError, r"but 1 were given: \[1.0\]"),
        ([[1, 2], [3, 4]], nn.ShapeError, r"one sample at a time, .* \[model\(x\) for x in samples\]"),
        (np.ones((2, 2)), nn.ShapeError, "one sample at a time"),
        ("ab", DataError, "takes a list of numbers, but got 'ab'"),
        (None, DataError, "takes a list of numbers, but got None"),
        ({"a": 1, "b": 2}, DataError, "takes a list of numbers"),
        ([1, "2"], DataError, "one real number, but got '2'"),
        ([1, math.inf], ValueError, "finite"),
    ],
)
def test_inputs_that_do_not_fit(x, error, message):
    net = nn.MLP(2, [2, 1], seed=1)
    with pytest.raises(error, match=message):
        net(x)


def test_a_wrong_number_of_inputs_names_the_neuron_and_the_layer():
    net = nn.MLP(2, [2, 1], "tanh", seed=1)
    with pytest.raises(nn.ShapeError, match=r"Neuron h2 \(2 inputs, tanh\) takes 2 inputs, but 3 were given"):
        net.layers[0].neurons[1]([1, 2, 3])
    with pytest.raises(nn.ShapeError, match=r"Layer 'hidden layer 1' \(2 inputs, 2 neurons, tanh\) takes 2 inputs"):
        net.layers[0]([1, 2, 3])
    with pytest.raises(nn.ShapeError, match=r"Neuron \(1 input, sigmoid\) takes 1 input, but 0 were given"):
        nn.Neuron(1)([])


def test_an_activation_must_give_a_value():
    neuron = nn.Neuron(1, lambda z: z.data, name="h1")
    with pytest.raises(nn.NetworkError, match=r"the activation 'function' of Neuron h1 .* must give a Value"):
        neuron([1.0])


# What may go in


@pytest.mark.parametrize(
    "x",
    [[1.0, 2.0], (1, 2), np.array([1.0, 2.0]), np.array([1, 2]), (n for n in (1, 2)), [Value(1.0), 2], range(1, 3)],
)
def test_inputs_may_be_any_row_of_numbers(x):
    assert nn.Neuron(2, "identity", weights=[3, 4])(x).data == 11.0


def test_a_neuron_with_one_input_takes_the_number_itself():
    neuron = nn.Neuron(1, "identity", weights=[3])
    assert [neuron(x).data for x in (2, 2.0, np.float64(2), np.array(2.0), Value(2.0))] == [6.0] * 5


def test_inside_no_grad_a_network_gives_numbers_without_a_graph():
    net = nn.MLP(2, [2, 1], seed=1)
    with no_grad():
        out = net([1.0, 2.0])
    assert (out.data, out.inputs) == (net([1.0, 2.0]).data, ())


def test_networks_can_be_differentiated_in_forward_mode():
    net = nn.MLP(2, [3, 1], "tanh", seed=1)
    x = Value(0.5)
    net([x, 1.0]).backward()
    assert jvp(lambda x: net([x, 1.0]), (0.5,), (1.0,))[1].data == pytest.approx(x.grad, rel=1e-13)
    softmax = nn.Layer(2, 2, "softmax", seed=1)
    slope = jvp(lambda x: softmax([x, 1.0])[0], (0.5,), (1.0,))[1].data
    assert autograd.grad(lambda x: softmax([x, 1.0])[0])(0.5).data == pytest.approx(slope, rel=1e-12)


def test_summaries_of_a_neuron_and_of_a_wide_layer():
    assert nn.Neuron(2, "relu").summary().splitlines()[2] == "neuron           2 → 1     relu                 3"
    wide = nn.MLP(4, [10, 1]).summary().splitlines()[2]
    assert wide == "hidden layer 1  h1 ... h10  4 → 10    tanh                50"
    thing = nn.Module()
    thing.unit = nn.Neuron(1, seed=1)
    assert thing.summary().splitlines()[2].split()[0] == "unit"


def test_a_copied_network_names_its_own_neurons():
    net = nn.MLP(1, [1], seed=1)
    twin = copy.deepcopy(net)
    assert nn.neuron_of(twin([1.0])) is twin.layers[0].neurons[0]


def test_a_wide_neuron_is_one_node_and_computes_what_its_products_would():
    weights, inputs = [0.01 * i for i in range(40)], [math.sin(i) for i in range(40)]
    wide = nn.Neuron(40, "tanh", weights=weights, bias_value=0.3)
    out = wide(inputs)
    assert [node.op.name for node in topological_order(out) if node.op is not None] == ["dot", "add", "tanh"]
    out.backward()
    z = float(np.dot(weights, inputs)) + 0.3
    slope = 1 - math.tanh(z) ** 2
    assert out.data == pytest.approx(math.tanh(z), rel=1e-13)
    assert [w.grad for w in wide.weights] == pytest.approx([slope * x for x in inputs], rel=1e-12)
    assert wide.bias.grad == pytest.approx(slope, rel=1e-12)


def test_a_neuron_that_keeps_its_output_is_let_go_with_it():
    neuron = nn.Neuron(1, seed=1)
    neuron.last = neuron([1.0])
    watch = weakref.ref(neuron)
    del neuron
    gc.collect()
    assert watch() is None


def test_a_copy_of_an_output_is_made_by_nobody():
    out = nn.Neuron(1, seed=1)([1.0])
    assert nn.neuron_of(copy.copy(out)) is nn.neuron_of(copy.deepcopy(out)) is nn.neuron_of(out.detach()) is None


def test_a_neuron_with_other_weights_than_its_layer_takes_inputs():
    net = nn.MLP(2, [2, 1], seed=1)
    net.layers[0].neurons[1].weights.append(nn.Parameter(1.0))
    with pytest.raises(nn.ShapeError, match=r"Neuron h2 \(3 inputs, tanh\) was given 2: the neurons of a layer"):
        net([1.0, 2.0])
