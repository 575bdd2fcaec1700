"""Networks as users write them: named by their attributes wherever they show, trained, saved, and translated or refused.

Each comes with the same formula in PyTorch, written down apart from it: that is the oracle of its training.
"""

from __future__ import annotations

import copy
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
import viz
from autograd import GradientError, Op, Value, dot, exp, ops, relu, topological_order
from viz.drawing.picture import make_picture

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


# --- names --------------------------------------------------------------------------------------------------------

ROWS = {
    Residual: ["blocks.0.fc", "blocks.0.gain", "blocks.1.fc", "blocks.1.gain", "head"],
    Recurrent: ["cell", "start.0", "start.1", "readout"],
    Tied: ["bias", "encoder", "decoder", "head"],
    Gained: ["neuron", "offset", "b"],
    Summed: ["normed", "normed.scale"],
    Skipping: ["hidden layer 1", "hidden layer 1.scale", "output layer", "skip", "h1"],
    Scaled: ["hidden layer 1", "1.fc", "1.gain", "output layer", "scales.out"],
    Nested: ["parts.0.in.0", "parts.0.in.1", "matrix.0.0", "matrix.0.1", "heads.left", "heads.7.0"],
    Bumps: ["body.hidden layer 1", "body.output layer"],
    Transfer: ["body.hidden layer 1", "body.output layer", "head"],
}
FRAMES = {
    Residual: {"blocks.0.fc", "blocks.1.fc", "blocks.0.fc.o1", "blocks.1.fc.o2", "head"},
    Recurrent: {"cell", "cell.o1", "cell.o2", "readout", "readout.o1"},
    Tied: {"encoder", "encoder.o1", "decoder", "decoder.o1", "decoder.o2", "head"},
    Gained: {"neuron"},
    Summed: {"normed", "normed.o1", "normed.o2"},
    Skipping: {"hidden layer 1", "h1", "h2", "output layer", "o1", "skip"},
    Scaled: {"hidden layer 1", "h1", "h2", "1.fc", "1.fc.o1", "1.fc.o2", "output layer", "o1"},
    Nested: {"parts.0.in.0", "parts.0.in.0.o1", "parts.0.in.0.o2", "heads.left", "heads.7.0"},
    Bumps: {"body.hidden layer 1", "body.h1", "body.h2", "body.h3", "body.output layer", "body.o1"},
    Transfer: {"body.hidden layer 1", "body.h3", "body.output layer", "body.o1", "body.o2", "head", "head.o1"},
}


@EVERY
def test_the_summary_names_each_part_by_its_attribute_and_counts_it(network):
    model = network()
    lines = [re.split(r"\s{2,}", line) for line in model.summary().splitlines()[2:-2]]
    assert [line[0] for line in lines] == ROWS[network]
    counts = [int(re.match(r"\d+", line[-1])[0]) for line in lines]
    assert sum(counts) == len(model.parameters()) == len(model.state_dict())


@EVERY
def test_a_drawing_and_a_page_show_these_names(network):
    model = network()
    L = nn.mean_squared_error(model([0.5, -1.0]), 0.25)
    L.backward()
    titles = {frame.title for frame in make_picture(L).frames}
    assert titles >= FRAMES[network]
    assert not [title for title in titles if title == "output layer"] or "output layer" in FRAMES[network]
    html, svg = viz.page(L).html, viz.draw(L).svg()
    for name in FRAMES[network]:
        assert name in html
        assert name in svg
    labels = [p.label for p in topological_order(L) if isinstance(p, nn.Parameter)]
    assert "" not in labels
    if network not in (Residual, Summed, Skipping):  # in which several modules have a gain, or an offset
        assert len(set(labels)) == len(labels)


@EVERY
def test_collapsed_drawings_have_a_box_for_each_layer(network):
    L = network()([0.5, -1.0])
    boxes = {node.label for node in make_picture(L, collapse="layers").nodes}
    layers = {name for name in FRAMES[network] if not re.search(r"(^|\.)[oh]\d$", name)} - {"neuron"}
    assert boxes >= layers


@EVERY
def test_names_stay_what_they_are_in_copies_and_in_larger_networks(network):
    model = network()
    names = list(model.state_dict())
    assert list(copy.deepcopy(model).state_dict()) == names
    whole = nn.Module()
    whole.inner = model
    assert list(whole.state_dict()) == [f"inner.{name}" for name in names]
    assert list(whole.state_dict()) == list(whole.state_dict())
    assert list(model.state_dict()) == names


# --- training -----------------------------------------------------------------------------------------------------


def own_loss(prediction, target):
    return (prediction - target) ** 2 * (1 + 0.1 * prediction**2)


@EVERY
@pytest.mark.parametrize("loss", [nn.mean_squared_error, own_loss])
def test_it_is_trained_as_in_pytorch_whoever_computes_it(network, loss):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle")
    start = network()
    tensors = {
        name: torch.tensor(p.data, dtype=torch.float64, requires_grad=p.requires_grad)
        for name, p in start.named_parameters().items()
    }
    theirs = torch.optim.Adam([t for t in tensors.values() if t.requires_grad], lr=0.02)
    expected = []
    for _ in range(6):
        losses = []
        for x, y in DATA:
            prediction = NETWORKS[network](torch, tensors, torch.tensor(x, dtype=torch.float64))
            theirs.zero_grad()
            error = (prediction - y) ** 2
            error = error if loss is nn.mean_squared_error else error * (1 + 0.1 * prediction**2)
            error.backward()
            theirs.step()
            losses.append(error.item())
        expected.append(sum(losses) / len(losses))
    for engine in ("eager", "auto", "python", "numpy"):
        model = network()
        history = nn.fit(model, DATA, loss=loss, optimizer=nn.Adam(lr=0.02), epochs=6, engine=engine)
        assert (history.engine == "eager") == (engine == "eager")
        assert history.loss == pytest.approx(expected, rel=1e-9)
        found = model.state_dict()
        assert found == pytest.approx({name: t.item() for name, t in tensors.items()}, rel=1e-9, abs=1e-12)
        moved = {name for name, number in start.state_dict().items() if number != found[name]}
        assert moved == {name for name, t in tensors.items() if t.requires_grad}


@EVERY
def test_an_own_network_is_never_taken_for_one_of_nn(network):
    """A plain one of the same shape is trained first, so that its program is there to be taken by mistake."""
    plain, model, twin = nn.MLP(2, [2, 1], "tanh", output_activation="identity", seed=1), network(), network()
    nn.fit(plain, DATA, epochs=2)
    histories = [nn.fit(m, DATA, epochs=3, engine=e) for m, e in ((model, "auto"), (twin, "eager"))]
    assert histories[0].loss == pytest.approx(histories[1].loss, rel=1e-9)


def test_an_attribute_given_to_a_network_later_is_trained_and_saved_too():
    model = nn.MLP(2, [2, 1], "tanh", seed=1)
    model.layers[0].neurons[0].note = "mine"
    model.temperature = nn.Parameter(2.0)
    model.layers[1].gate = nn.Neuron(2, seed=2)
    assert list(model.state_dict())[-4:] == [
        "layers.1.gate.w1",
        "layers.1.gate.w2",
        "layers.1.gate.b",
        "temperature",
    ]
    model.forward = lambda x: nn.MLP.forward(model, x) * model.temperature + model.layers[1].gate(x)
    before = model.state_dict()
    twin = copy.copy(before)
    nn.fit(model, DATA, epochs=2)
    assert all(number != before[name] for name, number in model.state_dict().items())
    model.load_state_dict(twin)
    assert model.state_dict() == before


# --- frozen -------------------------------------------------------------------------------------------------------


def test_a_frozen_part_stays_and_is_saved_and_can_be_let_go(tmp_path):
    model = Transfer()
    assert model.summary().splitlines()[2].endswith("9 frozen")
    assert model.summary().endswith("total: 20 parameters, 17 of them frozen")
    nn.mean_squared_error(model([1.0, 2.0]), 0.5).backward()
    assert {p.grad for p in model.body.parameters()} == {0}
    assert all(p.grad for p in model.head.parameters())
    nn.SGD(lr=0.1).step(model.parameters())
    assert model.body.state_dict() == Transfer().body.state_dict()
    assert model.head.state_dict() != Transfer().head.state_dict()
    nn.save(model, tmp_path / "model.json")
    other = Transfer(seed=5)
    nn.load(other, tmp_path / "model.json")
    assert other.state_dict() == model.state_dict()
    assert not any(p.requires_grad for p in other.body.parameters())
    model.requires_grad_()
    before = model.state_dict()
    nn.fit(model, DATA, epochs=1)
    assert all(number != before[name] for name, number in model.state_dict().items())


def test_everything_frozen_is_refused_and_a_subclass_of_parameter_too():
    with pytest.raises(ValueError, match=r"all parameters of the model are frozen.*requires_grad_\(\)"):
        nn.fit(nn.MLP(2, [1], seed=1).requires_grad_(False), DATA)
    frozen = nn.MLP(2, [1], seed=1).requires_grad_(False)
    frozen([1.0, 2.0]).backward()
    with pytest.raises(GradientError, match=r"all 3 parameters are frozen: requires_grad_\(\) lets them"):
        nn.SGD(lr=0.1).step(frozen.parameters())

    class Mine(nn.Parameter):
        pass

    with pytest.raises(TypeError, match=r"only an nn\.Parameter itself can be frozen, but this is a Mine"):
        Mine(1.0).requires_grad_(False)


@pytest.mark.parametrize("engine", ["eager", "auto"])
@pytest.mark.parametrize("penalty", [None, nn.L2(0.1)])
def test_a_callback_may_freeze_and_let_go(engine, penalty):
    """Two stages of fine-tuning in one run, against two runs."""

    def switch(event):
        if event.epoch == 3:
            event.model.body.requires_grad_()
            event.model.head.requires_grad_(False)

    settings = {"penalty": penalty, "engine": engine, "batch_size": 2}
    model, twin = Transfer(), Transfer()
    data = nn.Dataset.of((np.linspace(-1, 1, 40).reshape(20, 2), np.linspace(-0.5, 0.5, 20)))
    optimizer, other = nn.Adam(lr=0.02), nn.Adam(lr=0.02)
    history = nn.fit(model, data, optimizer=optimizer, epochs=6, callbacks=[switch], **settings)
    first = nn.fit(twin, data, optimizer=other, epochs=3, **settings)
    twin.body.requires_grad_()
    twin.head.requires_grad_(False)
    second = nn.fit(twin, data, optimizer=other, epochs=3, **settings)
    assert history.loss == pytest.approx([*first.loss, *second.loss], rel=1e-9)
    assert model.state_dict() == pytest.approx(twin.state_dict(), rel=1e-9)


def test_the_slope_in_something_frozen_need_not_exist():
    power = nn.Parameter(2.0, "power")
    x = Value(-3.0, "x")
    with pytest.raises(Exception, match="power"):
        (x**power).backward()
    power.requires_grad = False
    (x**power).backward()
    assert x.grad == -6.0


# --- files --------------------------------------------------------------------------------------------------------


@EVERY
def test_it_is_saved_and_loaded_to_the_last_bit(network, tmp_path):
    model, other = network(), network(seed=4)
    nn.save(model, tmp_path / "model.json")
    nn.load(other, tmp_path / "model.json")
    assert other.state_dict() == model.state_dict()
    assert other([0.5, -1.0]).data == model([0.5, -1.0]).data
    saved = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    layers = [entry["layer"] for entry in saved["architecture"]]
    assert layers == [name for name in ROWS[network] if name in FRAMES[network] and name != "h1"]


@EVERY
def test_a_file_of_the_first_version_still_loads(network, tmp_path):
    model, other = network(), network(seed=4)
    state = {"format": "glassgrad state", "version": 1, "parameters": model.state_dict()}
    (tmp_path / "old.json").write_text(json.dumps(state), encoding="utf-8")
    nn.load(other, tmp_path / "old.json")
    assert other.state_dict() == model.state_dict()


def relu_of_my_own(z):
    return relu(z) + 0.01 * z


relu_of_my_own.__name__ = "relu"


@pytest.mark.parametrize(
    ("saved", "loaded", "message"),
    [
        (lambda: nn.MLP(2, [3, 1]), lambda: nn.MLP(2, [2, 1]), ["hidden layer 1: 2 → 3 in the file, but 2 → 2"]),
        (
            lambda: nn.MLP(2, [3, 1], "tanh"), lambda: nn.MLP(2, [3, 1], "relu", output_activation="tanh"),
            ["hidden layer 1: activation 'tanh' in the file, but 'relu' in this network"],
        ),
        (
            lambda: nn.MLP(2, [1], "relu"), lambda: nn.MLP(2, [1], relu_of_my_own),
            ["output layer: activation 'relu' in the file, but 'relu (your own)' in this network"],
        ),
        (lambda: nn.MLP(2, [1], bump), lambda: nn.MLP(2, [1], lambda z: z), ["'bump (your own)' in the file"]),
        (
            lambda: nn.Sequential(nn.Layer(2, 2), nn.Layer(2, 2), np.tanh),
            lambda: nn.Sequential(nn.Layer(2, 2), nn.Layer(2, 2), bump),
            ["function 'tanh (your own)' in the file, but 'bump (your own)' in this network"],
        ),
        (
            lambda: nn.Sequential(nn.Layer(2, 2), ops.tanh), lambda: nn.MLP(2, [2, 1]),
            ["the file has 1 layer and 1 function (output layer, tanh), but this network has 2 layers (hidden"],
        ),
        (
            Transfer, lambda: change(Transfer(), "softplus"),
            ["head: activation 'identity' in the file, but 'softplus' in this network"],
        ),
    ],
)  # fmt: skip
def test_a_file_of_another_network_says_what_differs_and_changes_nothing(saved, loaded, message, tmp_path):
    nn.save(saved(), tmp_path / "model.json")
    model = loaded()
    before = model.state_dict()
    with pytest.raises(nn.CheckpointError, match=re.escape("this state does not fit")) as caught:
        nn.load(model, tmp_path / "model.json")
    for part in [*message, "Nothing was changed."]:
        assert part in str(caught.value)
    assert model.state_dict() == before


def change(model, activation):
    model.head = nn.Layer(2, 1, activation, seed=3)
    return model


def test_a_part_of_a_network_can_be_saved_and_loaded_alone(tmp_path):
    model = Transfer()
    nn.save(model.head, tmp_path / "head.json")
    alone = nn.Layer(2, 1, "identity", seed=8)
    nn.load(alone, tmp_path / "head.json")
    assert list(alone.state_dict().values()) == list(model.head.state_dict().values())


# --- to PyTorch ---------------------------------------------------------------------------------------------------


@EVERY
def test_it_is_refused_by_to_torch_with_a_reason(network):
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    reason = f"{network.__name__} is no class of nn"
    if network in (Gained, Skipping, Scaled):
        reason = rf"this {network.__name__} has its own forward\(\), [a-z]+"
    with pytest.raises(nn.NetworkError, match=f"may compute anything: {reason}"):
        nn.to_torch(network())


def test_what_stands_inside_may_go_to_torch_and_back():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    body = Transfer().body
    theirs = nn.to_torch(body)
    assert not any(p.requires_grad for p in theirs.parameters())
    back = nn.from_torch(theirs)
    assert not any(p.requires_grad for p in back.parameters())
    x = [0.3, -0.8]
    expected = [y.data for y in body(x)]
    assert [y.data for y in back(x)] == expected
    assert theirs(torch.tensor(x, dtype=torch.float64)).tolist() == pytest.approx(expected, rel=1e-14)


# --- any nesting --------------------------------------------------------------------------------------------------

LEAVES = st.sampled_from([
    lambda: nn.Parameter(0.5), lambda: nn.Neuron(2, seed=1), lambda: nn.Layer(1, 2, seed=1),
    lambda: nn.MLP(1, [2, 1], seed=1), lambda: nn.Sequential(nn.Layer(1, 2, seed=1), nn.Layer(2, 2, seed=2)),
    lambda: "no parameter",
])  # fmt: skip
KINDS = (nn.Module, lambda: nn.Neuron(1, seed=3), lambda: nn.Layer(1, 2, seed=3), lambda: nn.MLP(1, [2, 1], seed=3))
ATTRIBUTE = st.sampled_from(["encoder", "h1", "o1", "w1", "b", "b1", "first"])


@st.composite
def trees(draw, depth=2):
    """A module, of nn or not, with anything in attributes whose names nn may use itself."""
    module = draw(st.sampled_from(KINDS))()
    for name in draw(st.lists(ATTRIBUTE, max_size=3, unique=True)):
        parts = [draw(trees(depth - 1)) if depth and draw(st.booleans()) else draw(LEAVES)() for _ in range(2)]
        late = draw(st.booleans())
        value = draw(st.sampled_from([parts[0], [] if late else parts, {"in": parts, 3: ()}]))
        setattr(module, name, value)
        if value == []:
            value.extend(parts)
    return module


def everything_in(x):
    """All parameters behind an object, found by going through whatever it has."""
    if isinstance(x, nn.Parameter):
        yield x
    elif isinstance(x, (list, tuple)):
        for part in x:
            yield from everything_in(part)
    elif isinstance(x, dict):
        yield from everything_in(list(x.values()))
    elif isinstance(x, nn.Module):
        yield from everything_in(vars(x))


@given(trees())
@settings(max_examples=150, deadline=None)
def test_whatever_is_put_into_attributes_is_found_once_and_named_once(model):
    expected = {id(p): p for p in everything_in(model)}
    named = model.named_parameters()
    assert {id(p) for p in named.values()} == set(expected)
    assert len(named) == len(expected)
    assert all(p.label for p in named.values())
    rows = [row.cells[-1] for row in model._rows("", set())]
    assert sum(map(int, rows)) == len(expected)
    assert list(model.named_parameters()) == list(named)
    twin = copy.deepcopy(model)
    assert list(twin.named_parameters()) == list(named)
    numbers = {name: 0.25 * i for i, name in enumerate(named)}
    twin.load_state_dict(numbers)
    assert [p.data for p in everything_in(twin)] != [] or not numbers
    assert twin.state_dict() == numbers


# --- small things -------------------------------------------------------------------------------------------------


def test_modules_that_cannot_be_hashed_and_loops_do_no_harm():
    class Equal(nn.Module):
        def __init__(self):
            self.w = nn.Parameter(1.0)
            self.myself = self

        __hash__ = None

        def __eq__(self, other):
            return True

    pair = nn.Module()
    pair.first, pair.second = Equal(), Equal()
    assert list(pair.state_dict()) == ["first.w", "second.w"]
    assert pair.summary().endswith("total: 2 parameters")


def test_an_object_in_an_attribute_is_asked_for_nothing():
    class Touchy:
        def __getattr__(self, name):
            raise RuntimeError(name)

    model = nn.Module()
    model.touchy = Touchy()
    model.w = nn.Parameter(1.0)
    assert model.state_dict() == {"w": 1.0}


def test_a_name_that_the_user_has_given_stays():
    model = nn.Module()
    model.bottleneck = nn.Layer(2, 2, name="code", seed=1)
    model.unit = nn.Neuron(2, name="n", seed=2)
    model.again = model.bottleneck
    assert list(model.state_dict())[:2] == ["bottleneck.code1.w1", "bottleneck.code1.w2"]
    assert {frame.title for frame in make_picture(model.unit(model.again([1.0, 2.0]))).frames} == {
        "code", "code1", "code2", "n",
    }  # fmt: skip


def test_layers_that_are_put_into_a_network_later_are_told_apart():
    net = nn.Sequential(nn.Layer(2, 2, seed=1))
    net.modules += [nn.Layer(2, 2, seed=2), nn.Neuron(2, seed=3)]
    titles = [line.split("  ")[0] for line in net.summary().splitlines()[2:-2]]
    assert titles == ["output layer", "1", "2"]
    assert list(net.state_dict())[6:10] == ["1.o1.w1", "1.o1.w2", "1.o1.b1", "1.o2.w3"]
    mlp = nn.MLP(2, [2, 1], seed=1)
    mlp.layers.insert(0, nn.Layer(2, 2, seed=3))
    mlp.layers.append(nn.Layer(1, 1, seed=2))
    titles = [line.split("  ")[0] for line in mlp.summary().splitlines()[2:-2]]
    assert titles == ["hidden layer 1", "hidden layer 2", "hidden layer 3", "output layer"]
    model = Transfer()
    model.head.neurons = [Gained(seed=7), Gained(seed=8)]
    assert [neuron.name for neuron in model.head.neurons] == ["head.o1", "head.o2"]
    assert list(model.head.state_dict())[:4] == ["o1.w1", "o1.w2", "o1.b1", "o1.offset"]
    assert list(model.state_dict())[17:19] == ["head.o1.w1", "head.o1.w2"]
    unit = nn.Neuron(2, bias=False, seed=1)
    unit.bias = nn.Parameter(0.5)
    assert (unit.bias.label, list(unit.state_dict())) == ("bias", ["w1", "w2", "b"])


class Leaky(nn.Module):
    """An activation that learns."""

    def __init__(self):
        self.slope = nn.Parameter(0.1)

    def forward(self, z):
        return relu(z) - self.slope * relu(-z)


def test_an_activation_may_have_a_parameter(tmp_path):
    models = [nn.MLP(2, [3, 1], Leaky(), output_activation="identity", seed=1) for _ in range(2)]
    assert "h1.activation_function.slope" in models[0].state_dict()
    assert models[0].summary().splitlines()[2].split()[-2:] == ["Leaky", "10"]
    assert nn.Neuron(2, Leaky()).summary().splitlines()[2].split()[-1] == "4"
    histories = [nn.fit(m, DATA, epochs=5, engine=e) for m, e in zip(models, ("auto", "eager"), strict=True)]
    assert histories[0].loss == pytest.approx(histories[1].loss, rel=1e-9)
    assert models[0].state_dict() == pytest.approx(models[1].state_dict(), rel=1e-9)
    assert models[0].state_dict()["h1.activation_function.slope"] != 0.1
    nn.save(models[0], tmp_path / "model.json")
    nn.load(models[1], tmp_path / "model.json")
    assert models[0].state_dict() == models[1].state_dict()


def test_an_activation_of_ones_own_by_a_known_name_is_that_function():
    op = Op("bell_of_users_networks", lambda x: np.exp(-x * x).item(), lambda x, z: (-2 * x * z,))
    try:
        nets = [nn.MLP(2, [2, 1], activation, seed=1) for activation in (op, bump)]
        assert nets[0]([1.0, 2.0]).data == pytest.approx(nets[1]([1.0, 2.0]).data, rel=1e-12)
    finally:
        del ops.ALL[op.name]
    neuron = nn.Neuron(2, "identity", weights=[1.0, 2.0])
    neuron.weights.append(nn.Parameter(3.0))
    assert list(neuron.state_dict()) == ["weights.0", "weights.1", "weights.2", "b"]
    assert dot(neuron.weights, [1, 1, 1]).data == 6.0


# --- where else a part may stand


class Mixin:
    scale = nn.Parameter(2.0)


class InTheClass(Mixin, nn.MLP):
    """Parts in the class itself, which all its networks share, also in one that is no module."""

    around = (nn.Neuron(2, "identity", seed=4),)

    def __init__(self, seed=0):
        super().__init__(2, [2, 1], "tanh", seed=seed)

    def forward(self, x):
        return self.scale * super().forward(x) + self.around[0](x)


class Slotted(nn.Neuron):
    __slots__ = ("gain", "unused")

    def __init__(self, seed=0):
        super().__init__(2, "tanh", seed=seed)
        self.gain = nn.Parameter(0.7)

    def forward(self, x):
        return self.gain * super().forward(x)


@pytest.mark.parametrize(("network", "names"), [
    (InTheClass, {"scale", "around.0.w1", "around.0.w2", "around.0.b"}), (Slotted, {"gain"}),
])  # fmt: skip
def test_parts_in_a_class_and_in_slots_are_trained_and_saved(network, names, tmp_path):
    model = network()
    start = model.state_dict()
    assert names < set(start)
    assert all(name.split(".w")[0].split(".b")[0] in model.summary() for name in names)
    runs = []
    for engine in ("eager", "auto", "numpy"):
        model = network()
        model.load_state_dict(start)
        history = nn.fit(model, DATA, epochs=3, engine=engine)
        runs.append([*history.loss, *model.state_dict().values()])
    assert runs[1] == pytest.approx(runs[0], rel=1e-9)
    assert runs[2] == pytest.approx(runs[0], rel=1e-9)
    learned = model.state_dict()
    assert all(learned[name] != start[name] for name in names)
    nn.save(model, tmp_path / "model.json")
    model.load_state_dict(start)
    nn.load(model, tmp_path / "model.json")
    assert model.state_dict() == learned
    assert copy.deepcopy(model).state_dict() == learned


def test_what_an_object_has_comes_before_what_its_class_has():
    model = InTheClass()
    model.scale = nn.Parameter(5.0)
    assert model.state_dict()["scale"] == 5.0
    assert [name for name in model.state_dict() if "scale" in name] == ["scale"]


@pytest.mark.parametrize("kind", [nn.Neuron, nn.Layer, nn.MLP, nn.Sequential])
def test_a_class_that_forgets_to_call_init_is_told_so(kind):
    class Forgetful(kind):
        def __init__(self):
            self.gain = nn.Parameter(1.0)

    with pytest.raises(AttributeError, match=r"this Forgetful has no .*its __init__ must call super\(\).__init__"):
        Forgetful().state_dict()


def test_an_attribute_that_is_missing_is_named_as_python_names_it():
    class Property(nn.Module):
        @property
        def weight(self):
            return self.hidden_weight

    with pytest.raises(AttributeError, match="'Property' object has no attribute 'hidden_weight'"):
        Property().weight  # noqa: B018


def test_what_takes_the_place_of_a_neuron_or_a_weight_is_named_too():
    model = nn.MLP(2, [2, 1], "tanh", seed=1)
    model.layers[0].neurons[0] = nn.Neuron(2, "sigmoid", seed=2)
    model.layers[1].neurons[0].weights[0] = nn.Parameter(0.5)
    assert list(model.state_dict())[:4] == ["h1.w1", "h1.w2", "h1.b1", "h2.w3"]
    assert "h1, h2" in model.summary()
    labels = [p.label for p in model.parameters()]
    assert len({*labels, ""}) == 10
    assert {frame.title for frame in make_picture(model([1.0, 2.0])).frames} >= {"h1", "h2", "o1"}


def test_a_weight_and_an_attribute_of_one_name_are_told_apart_in_pictures():
    class Gate(nn.Neuron):
        def __init__(self):
            super().__init__(2, "tanh", seed=0)
            self.w1 = nn.Parameter(0.5)

        def forward(self, x):
            return self.w1 * super().forward(x)

    gate = Gate()
    assert list(gate.state_dict()) == [p.label for p in gate.parameters()] == ["weights.0", "weights.1", "b", "w1"]
