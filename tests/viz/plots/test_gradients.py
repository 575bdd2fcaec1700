"""What reaches each layer: against NumPy and closed forms, and a picture that shows these numbers."""

import math

import numpy as np
import pytest

import nn
from autograd import GradientError, Value
from viz.plots import gradient_flow, layer_gradients, save_plot


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def by_numpy(model, x, target):
    """The loss's gradients of a sigmoid network, layer by layer from the loss's side: backpropagation with matrices."""
    weights = [np.array([[w.data for w in n.weights] for n in layer.neurons]) for layer in model.layers]
    biases = [np.array([n.bias.data for n in layer.neurons]) for layer in model.layers]
    outputs = [np.array(x)]
    for matrix, offset in zip(weights, biases, strict=True):
        outputs.append(sigmoid(matrix @ outputs[-1] + offset))
    upstream = 2 * (outputs[-1] - target)
    for matrix, before, after in zip(weights[::-1], outputs[-2::-1], outputs[:0:-1], strict=True):
        delta = upstream * after * (1 - after)
        yield np.concatenate([np.outer(delta, before).ravel(), delta])
        upstream = matrix.T @ delta


def deep(seed=1, **settings):
    model = nn.MLP(2, [8] * 6 + [1], seed=seed, **({"activation": "sigmoid"} | settings))
    nn.mean_squared_error(model([0.5, -0.3]), 1.0).backward()
    return model


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_layer_has_the_root_mean_square_that_numpy_finds(seed):
    model = deep(seed)
    found = layer_gradients(model)
    expected = [np.sqrt(np.mean(g**2)) for g in by_numpy(model, [0.5, -0.3], 1.0)]
    assert found.rms == pytest.approx(expected, rel=1e-12)
    assert found.layers == ["output layer", *(f"hidden layer {n}" for n in (6, 5, 4, 3, 2, 1))]
    assert found.parameters == [9, 72, 72, 72, 72, 72, 24]


def test_gradients_that_vanish_do_not_become_0_when_they_are_squared():
    model = nn.MLP(1, [1] * 80, "identity", bias=False, initializer=1e-4)
    model([1.0]).backward()
    assert layer_gradients(model).rms[-1] == pytest.approx(1e-316, rel=1e-6, abs=0)
    assert min(gradient_flow(model).axes[0].get_xlim()) < 1e-316


def test_layers_are_the_lines_of_the_summary():
    class Own(nn.Module):
        def __init__(self):
            self.first = nn.Sequential(nn.Layer(2, 3, "tanh", seed=1), nn.Layer(3, 2, "tanh", seed=2))
            self.gain = nn.Parameter(2.0)
            self.unused = nn.Neuron(2, seed=3)
            self.frozen = nn.Neuron(2, seed=4).requires_grad_(False)

        def forward(self, x):
            return self.gain * self.frozen(self.first(x))

    model = Own()
    model([1.0, -1.0]).backward()
    found = layer_gradients(model)
    lines = [line.rsplit("  ", 1)[0].split("  ")[0] for line in model.summary().splitlines()[2:-2]]
    assert found.layers == lines[::-1]
    by_name = dict(zip(found.layers, found.rms, strict=True))
    assert by_name["gain"] == abs(model.gain.grad)
    assert [name for name, rms in by_name.items() if math.isnan(rms)] == ["frozen", "unused"]
    own = [p.grad for p in model.first.modules[1].parameters()]
    assert by_name["first.output layer"] == pytest.approx(math.sqrt(sum(g * g for g in own) / len(own)))
    assert [text.get_text() for text in gradient_flow(model).axes[0].texts][:2] == ["no gradient"] * 2


def test_what_several_layers_share_counts_where_it_comes_first():
    shared = nn.Layer(2, 2, "identity", bias=False, weights=[[1.0, 0.0], [0.0, 3.0]])
    model = nn.Sequential(shared, shared)
    sum(model([2.0, 1.0])).backward()
    found = layer_gradients(model)
    # Entry (i, j) of the matrix gets x_j and 1·(W x)_j from its second use, W_ii·x_j from its first.
    assert found.parameters == [4]
    assert found.rms == pytest.approx([math.sqrt(((2 + 2) ** 2 + (3 + 1) ** 2 + (2 + 6) ** 2 + (3 + 3) ** 2) / 4)])


def test_the_picture_has_a_bar_for_each_layer_with_its_number():
    model = deep()
    figure, flow = gradient_flow(model), layer_gradients(model)
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert [bar.get_x() + bar.get_width() for bar in axes.patches] == pytest.approx(flow.rms)
    assert [text.get_text() for text in axes.texts][:2] == ["0.130", "0.00929"]
    assert [label.get_text() for label in axes.get_yticklabels()] == flow.layers
    low, high = axes.get_ylim()
    assert low > high  # The first bar is the uppermost one.
    assert "output layer 0.130, hidden layer 6 0.00929" in figure.description


def test_networks_are_compared_side_by_side_and_not_by_colour_alone(tmp_path):
    small = nn.MLP(2, [2, 1], "relu", weights=[[[-1.0, 0.0], [-1.0, 0.0]], [[1.0, 1.0]]], bias_values=[[0, 0], [0]])
    small([1.0, 1.0]).backward()
    figure = gradient_flow({"$sigmoid$": deep(), "dead": small}, title="Two")
    axes = figure.axes[0]
    one, other = axes.containers
    assert (len(one), len(other)) == (7, 2)
    assert one[0].get_hatch() != other[0].get_hatch()
    assert one[0].get_y() + one[0].get_height() == pytest.approx(other[0].get_y())
    assert [text.get_text() for text in axes.texts][-2:] == ["0", "0"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [r"\$sigmoid\$", "dead"]
    assert axes.get_yticklabels()[1].get_text() == "hidden layer 6 / hidden layer 1"
    assert "; dead: output layer 0, hidden layer 1 0." in figure.description
    save_plot(figure, tmp_path / "flow.png")
    assert (tmp_path / "flow.png").stat().st_size > 1000


def test_without_gradients_there_is_nothing_to_draw():
    model = nn.MLP(2, [2, 1], seed=1)
    with pytest.raises(GradientError, match=r"no parameter of this network has a gradient: call backward\(\)"):
        gradient_flow(model)
    model([1.0, 1.0]).backward()
    gradient_flow(model)
    model.zero_grad()
    with pytest.raises(GradientError, match=r"before zero_grad\(\)"):
        gradient_flow(model)


@pytest.mark.parametrize("wrong", [Value(3.0, "L"), [1.0], None])
def test_what_is_not_a_network(wrong):
    with pytest.raises(TypeError, match=r"takes a network after loss\.backward\(\), like gradient_flow\(model\)"):
        gradient_flow(wrong)


def test_no_networks_at_all():
    with pytest.raises(ValueError, match="there is no network to draw"):
        gradient_flow({})
