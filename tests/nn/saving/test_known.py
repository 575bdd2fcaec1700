"""What was found in a model is kept, and never believed when anything in the model is another."""

import copy
import gc
import weakref
from itertools import chain

import pytest

import autograd
import nn
from nn import micrograd
from nn.saving.known import configuration_of_model, known

MODELS = {
    "neuron": lambda: nn.Neuron(3, seed=1),
    "layer": lambda: nn.Layer(2, 3, "softmax", seed=1),
    "network": lambda: nn.MLP(3, [4, 2], seed=1),
    "micrograd": lambda: micrograd.MLP(2, [3, 1]),
    "sequence": lambda: nn.Sequential(nn.Layer(2, 3, seed=1), autograd.softmax, nn.MLP(3, [2, 1], seed=2)),
}


def neurons(model):
    if isinstance(model, nn.Neuron):
        return [model]
    parts = [getattr(model, name, []) for name in ("neurons", "layers", "modules")]
    return [neuron for part in chain(*parts) for neuron in neurons(part)]


def put_a_parameter(model):
    neurons(model)[-1].weights[0] = nn.Parameter(neurons(model)[-1].weights[0].data)


def put_a_number(model):
    """Which is equal to the Value that stood there."""
    neuron = neurons(model)[0]
    neuron.weights[-1] = neuron.weights[-1].data


def put_a_number_as_bias(model):
    neurons(model)[0].bias = neurons(model)[0].bias.data


def add_a_weight(model):
    neurons(model)[0].weights.append(nn.Parameter(0.5, "w"))


def take_a_weight(model):
    neurons(model)[0].weights.pop()


def take_the_bias(model):
    neurons(model)[0].bias = None


def change_the_activation(model):
    neurons(model)[0].activation_function = autograd.sin


def add_an_attribute(model):
    neurons(model)[0].more = 1


def freeze(model):
    neurons(model)[0].weights[0].requires_grad_(False)


def share_a_weight(model):
    neurons(model)[0].weights[0] = neurons(model)[0].weights[1]


def change_the_class(model):
    class Other(type(model)):
        pass

    model.__class__ = Other


def change_the_class_of_a_parameter(model):
    class Other(nn.Parameter):
        pass

    neurons(model)[0].weights[0].__class__ = Other


CHANGES = [
    put_a_parameter, put_a_number, put_a_number_as_bias, add_a_weight, take_a_weight, take_the_bias,
    change_the_activation, add_an_attribute, freeze, share_a_weight, change_the_class,
    change_the_class_of_a_parameter,
]  # fmt: skip


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_model_is_looked_at_again(make, change):
    model = make()
    first = known(model)
    assert known(model) is first
    change(model)
    now, fresh = known(model), known(copy.deepcopy(model))
    assert now is not first
    assert (now is None) == (fresh is None)
    if now is not None:
        assert (now.shape, now.are_plain) == (fresh.shape, fresh.are_plain)
        assert list(map(id, now.parameters)) == list(map(id, model.parameters()))


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_learning_changes_nothing_and_no_model_is_kept_alive(make):
    model = make()
    first = known(model)
    for parameter in model.parameters():
        parameter.data, parameter.grad = 0.25, 1.0
    assert known(model) is first
    gone, parameter = weakref.ref(model), weakref.ref(model.parameters()[0])
    del model, first
    gc.collect()
    assert gone() is None
    assert parameter() is None


def test_a_layer_put_in_the_place_of_another_is_named_and_found():
    model = nn.MLP(2, [3, 1], seed=1)
    known(model)
    model.layers[0] = nn.Layer(2, 3, "tanh", seed=2)
    assert list(map(id, known(model).parameters)) == list(map(id, model.parameters()))
    assert all(parameter.label for parameter in known(model).parameters)
    # All parameters in another order are those of the same model, but not the same program.
    parameters = model.parameters()
    assert configuration_of_model(known(model), parameters) != configuration_of_model(
        known(model), parameters[::-1]
    )
    assert configuration_of_model(known(copy.deepcopy(model)), parameters) is None
