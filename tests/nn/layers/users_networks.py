"""Ten networks as users write them, each with the same formula in PyTorch, written down apart from it."""

from __future__ import annotations

import re

import numpy as np
import pytest

import nn
from autograd import exp

DATA = nn.Dataset.of(([[0.5, -1.0], [1.5, 0.25], [-0.75, 1.0], [0.0, 0.4]], [0.3, -0.2, 0.6, 0.1]))


# --- ten networks, and their formulas -----------------------------------------------------------------------------


class Block(nn.Module):
    def __init__(self, seed):
        self.fc = nn.Layer(2, 2, "tanh", seed=seed)
        self.gain = nn.Parameter(0.5)

    def forward(self, x):
        return [old + self.gain * new for old, new in zip(x, self.fc(x), strict=True)]


class Residual(nn.Module):
    """A list to which the blocks are appended one by one."""

    def __init__(self, seed=0):
        self.blocks = []
        for i in range(2):
            self.blocks.append(Block(seed + i))
        self.head = nn.Neuron(2, "identity", seed=seed + 9)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def layer(p, place, x, activation, neurons="o", first=1):
    """The outputs of a layer, from its weights by their names."""
    outputs = []
    for i in range(1, 9):
        names = [name for name in p if re.fullmatch(rf"{re.escape(place)}{neurons}{i}\.w\d+", name)]
        if names:
            bias = next((p[name] for name in p if re.fullmatch(rf"{re.escape(place)}{neurons}{i}\.b\d*", name)), 0)
            outputs.append(activation(sum(p[name] * z for name, z in zip(names, x, strict=True)) + bias))
    return outputs


def residual(torch, p, x):
    for i in range(2):
        new = layer(p, f"blocks.{i}.fc.", x, torch.tanh)
        x = [a + p[f"blocks.{i}.gain"] * b for a, b in zip(x, new, strict=True)]
    return p["head.w1"] * x[0] + p["head.w2"] * x[1] + p["head.b"]


class Recurrent(nn.Module):
    """The numbers of a sample come one after the other; the state goes from each to the next."""

    def __init__(self, seed=0):
        self.cell = nn.Layer(3, 2, "tanh", seed=seed)
        self.start = [nn.Parameter(0.1), nn.Parameter(-0.1)]
        self.readout = nn.Layer(2, 1, "identity", seed=seed + 1)

    def forward(self, x):
        state = self.start
        for number in x:
            state = self.cell([number, *state])
        return self.readout(state)[0]


def recurrent(torch, p, x):
    state = [p["start.0"], p["start.1"]]
    for number in x:
        state = layer(p, "cell.", [number, *state], torch.tanh)
    return layer(p, "readout.", state, lambda z: z)[0]


class Tied(nn.Module):
    """An autoencoder whose decoder uses the encoder's weights, and which has one bias for everything."""

    def __init__(self, seed=0):
        self.bias = nn.Parameter(0.2)
        self.encoder = nn.Layer(2, 1, "tanh", seed=seed, bias_values=[self.bias])
        [weights] = [neuron.weights for neuron in self.encoder.neurons]
        self.decoder = nn.Layer(1, 2, "identity", weights=[[w] for w in weights], bias_values=[self.bias] * 2)
        self.head = nn.Neuron(2, "identity", seed=seed + 1)

    def forward(self, x):
        return self.head(self.decoder(self.encoder(x)))


def tied(torch, p, x):
    weights = [p["encoder.o1.w1"], p["encoder.o1.w2"]]
    code = torch.tanh(weights[0] * x[0] + weights[1] * x[1] + p["bias"])
    decoded = [w * code + p["bias"] for w in weights]
    return p["head.w1"] * decoded[0] + p["head.w2"] * decoded[1] + p["head.b"]


class Gained(nn.Neuron):
    """A Neuron with a parameter of its own, called as its bias is, and one that is there before the neuron is."""

    def __init__(self, n_inputs=2, seed=0):
        self.offset = nn.Parameter(0.25)
        super().__init__(n_inputs, "tanh", seed=seed)
        self.b = nn.Parameter(1.5)

    def forward(self, x):
        return self.b * super().forward(x) + self.offset


def gained(torch, p, x):
    return p["b"] * torch.tanh(p["w1"] * x[0] + p["w2"] * x[1] + p["bias"]) + p["offset"]


class Normed(nn.Layer):
    """A Layer that divides by what its outputs add up to, made of neurons that are no plain ones."""

    def __init__(self, n_inputs=2, n_outputs=2, seed=0):
        super().__init__(n_inputs, n_outputs, "tanh")
        self.neurons = [Gained(n_inputs, seed + i) for i in range(n_outputs)]
        self.scale = nn.Parameter(2.0)

    def forward(self, x):
        outputs = super().forward(x)
        return [self.scale * y / (1 + sum(z * z for z in outputs)) for y in outputs]


class Summed(nn.Module):
    def __init__(self, seed=0):
        self.normed = Normed(seed=seed)

    def forward(self, x):
        return sum(self.normed(x))


def normed(torch, p, place, neurons, x):
    outputs = []
    for i in (1, 2):
        first = f"{place}{neurons}{i}."
        own = {name.removeprefix(first): p[name] for name in p if name.startswith(first)}
        one, two = (number for name, number in own.items() if re.fullmatch(r"w\d", name))
        [bias] = (number for name, number in own.items() if re.fullmatch(r"b\d", name))
        outputs.append(own["b"] * torch.tanh(one * x[0] + two * x[1] + bias) + own["offset"])
    length = 1 + sum(y * y for y in outputs)
    return [p[f"{place}scale"] * y / length for y in outputs]


def summed(torch, p, x):
    return sum(normed(torch, p, "normed.", "o", x))


class Skipping(nn.MLP):
    """An MLP with a way around it, in which another layer than the usual one was put."""

    def __init__(self, seed=0):
        self.skip = nn.Neuron(2, "identity", seed=seed)
        super().__init__(2, [2, 1], "tanh", output_activation="identity", seed=seed + 1)
        self.layers[0] = Normed(seed=seed + 2)
        self.h1 = nn.Parameter(0.75)

    def forward(self, x):
        return super().forward(x) + self.h1 * self.skip(x)


def skipping(torch, p, x):
    around = p["skip.w1"] * x[0] + p["skip.w2"] * x[1] + p["skip.b"]
    return layer(p, "", normed(torch, p, "layers.0.", "h", x), lambda z: z)[0] + p["h1"] * around


class Scaled(nn.Sequential):
    """A Sequential with parameters of its own and a module of somebody's in it."""

    def __init__(self, seed=0):
        super().__init__(
            nn.Layer(2, 2, "tanh", seed=seed), Block(seed + 1), nn.Layer(2, 1, "identity", seed=seed + 2)
        )
        self.scales = {"out": nn.Parameter(1.25)}

    def forward(self, x):
        return self.scales["out"] * super().forward(x)[0]


def scaled(torch, p, x):
    hidden = layer(p, "", x, torch.tanh, "h")
    new = layer(p, "1.fc.", hidden, torch.tanh)
    hidden = [a + p["1.gain"] * b for a, b in zip(hidden, new, strict=True)]
    return p["scales.out"] * layer(p, "", hidden, lambda z: z)[0]


class Nested(nn.Module):
    """Parameters and modules in lists of dicts of tuples, and in an array."""

    def __init__(self, seed=0):
        self.parts = [{"in": (nn.Layer(2, 2, "tanh", seed=seed), nn.Parameter(0.5)), "names": ["a", 3]}]
        self.matrix = np.array([[nn.Parameter(0.3), nn.Parameter(-0.6)]], dtype=object)
        self.heads = {"left": nn.Neuron(2, "identity", seed=seed + 1), 7: [nn.Neuron(2, "sigmoid", seed=seed + 2)]}

    def forward(self, x):
        first, shift = self.parts[0]["in"]
        hidden = [y + shift for y in first(x)]
        products = sum(w * y for w, y in zip(self.matrix[0], hidden, strict=True))
        return products + self.heads["left"](hidden) * self.heads[7][0](hidden)


def nested(torch, p, x):
    hidden = [y + p["parts.0.in.1"] for y in layer(p, "parts.0.in.0.", x, torch.tanh)]
    left = p["heads.left.w1"] * hidden[0] + p["heads.left.w2"] * hidden[1] + p["heads.left.b"]
    right = torch.sigmoid(p["heads.7.0.w1"] * hidden[0] + p["heads.7.0.w2"] * hidden[1] + p["heads.7.0.b"])
    return p["matrix.0.0"] * hidden[0] + p["matrix.0.1"] * hidden[1] + left * right


def bump(z):
    return exp(-(z * z))


class Bumps(nn.Module):
    """An activation of one's own in an MLP that is nn's."""

    def __init__(self, seed=0):
        self.body = nn.MLP(2, [3, 1], bump, output_activation="identity", seed=seed)

    def forward(self, x):
        return self.body(x)


def bumps(torch, p, x):
    hidden = layer(p, "body.", x, lambda z: torch.exp(-z * z), "h")
    return layer(p, "body.", hidden, lambda z: z)[0]


class Transfer(nn.Module):
    """A body that is kept as it is, and a head that learns."""

    def __init__(self, seed=0):
        self.body = nn.MLP(2, [3, 2], "tanh", seed=seed).requires_grad_(False)
        self.head = nn.Layer(2, 1, "identity", seed=seed + 1)

    def forward(self, x):
        return self.head(self.body(x))[0]


def transfer(torch, p, x):
    hidden = layer(p, "body.", x, torch.tanh, "h")
    return layer(p, "head.", layer(p, "body.", hidden, torch.tanh), lambda z: z)[0]


NETWORKS = {
    Residual: residual, Recurrent: recurrent, Tied: tied, Gained: gained, Summed: summed, Skipping: skipping,
    Scaled: scaled, Nested: nested, Bumps: bumps, Transfer: transfer,
}  # fmt: skip
EVERY = pytest.mark.parametrize("network", NETWORKS)
