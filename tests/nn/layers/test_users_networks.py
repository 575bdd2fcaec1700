"""Networks as users write them: named by their attributes wherever they show, trained, saved, and translated or refused.

Each comes with the same formula in PyTorch, written down apart from it: that is the oracle of its training.
"""

from __future__ import annotations

import copy
import json
import re

import numpy as np
import pytest

import nn
import viz
from autograd import GradientError, Value, ops, relu, topological_order
from tests.nn.layers.users_networks import (
    DATA,
    EVERY,
    NETWORKS,
    Bumps,
    Gained,
    Nested,
    Recurrent,
    Residual,
    Scaled,
    Skipping,
    Summed,
    Tied,
    Transfer,
    bump,
)
from viz.drawing.picture import make_picture

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
    html, drawing = viz.page(L).html, viz.draw(L)
    assert all(name in html for name in FRAMES[network])
    # A drawing leaves out frames that hold nothing but frames.
    svg = drawing.svg()
    assert all(frame.title in svg for frame in drawing.frames if frame.kind == "neuron")
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
    reason = f"{network.__name__} is no MLP, Sequential, Layer or Neuron"
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
