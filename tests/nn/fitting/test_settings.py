"""The parameters that fit finds: those of ``model.parameters()``, also where it need not ask for their names."""

import pytest

import autograd
import nn
from nn import micrograd
from nn.fitting.settings import parameters_of
from nn.saving.known import known


class Residual(nn.MLP):
    """A network of somebody's own, with one more parameter."""

    def __init__(self):
        super().__init__(2, [2, 2], seed=1)
        self.share = nn.Parameter(0.5)


def sharing():
    net = nn.MLP(2, [2, 2], seed=1)
    net.layers[1].neurons[0].weights = net.layers[0].neurons[1].weights
    return net


def frozen():
    net = nn.MLP(2, [2, 1], seed=1)
    net.layers[0].requires_grad_(False)
    return net


def with_an_attribute():
    net = nn.MLP(2, [2, 1], seed=1)
    net.temperature = nn.Parameter(1.0)
    return net


def with_a_weight_without_a_name():
    net = nn.MLP(2, [2, 1], seed=1)
    net.layers[0].neurons[0].weights[1] = nn.Parameter(0.5)
    return net


OWN = [
    lambda: nn.Neuron(3, bias=False, seed=1), lambda: nn.Layer(2, 3, "softmax", seed=1),
    lambda: nn.MLP(3, [4, 2], seed=1), lambda: micrograd.MLP(2, [3, 1]), sharing, frozen,
    lambda: nn.Sequential(nn.Layer(2, 3, seed=1), autograd.softmax, nn.MLP(3, [2, 1], seed=2), nn.Neuron(1, seed=3)),
]  # fmt: skip


@pytest.mark.parametrize("make", [*OWN, Residual, with_an_attribute, with_a_weight_without_a_name])
def test_all_parameters_are_found_in_their_order(make):
    model = make()
    assert list(map(id, parameters_of(model, known(model)))) == list(map(id, model.parameters()))
    another = make()
    assert all(parameter.label for parameter in parameters_of(another, known(another)))
    assert bool(known(model)) == (make in OWN or make is with_a_weight_without_a_name)
