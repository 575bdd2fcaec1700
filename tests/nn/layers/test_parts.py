"""Where the parts of a network may stand, and what they are called: any nesting, classes, slots, later changes."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Op, dot, ops, relu
from tests.nn.layers.users_networks import DATA, Gained, Transfer, bump
from viz.drawing.picture import make_picture

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
