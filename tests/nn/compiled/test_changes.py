"""Whatever stands around a model may change, between two runs and in the middle of one: training follows it.

Every case says what is changed.  It is trained by the best engine and node by node, and both must give the same
history.  Where nothing changes while the model computes, the best engine is not node by node.
"""

import array
import collections
import contextvars
import dataclasses
import functools
import os
import sys
import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, no_grad, ops, relu, tanh
from nn import Module, Parameter

XS = [[0.5], [1.0], [-0.3], [2.0], [0.1], [-1.2], [0.7], [1.5], [-0.8], [0.4], [-1.6], [0.9]]
YS = [1.0, 1.9, -0.5, 4.2, 0.2, -2.5, 1.3, 3.1, -1.6, 0.8, -3.3, 1.9]

CASES = {}


def case(make):
    """A function that makes a model, its settings, and a function that changes something to a number."""
    CASES[make.__name__] = make
    return make


class Scaled(Module):
    """A line whose slope is multiplied by what ``factor`` says."""

    def __init__(self, factor):
        self.w, self.b = Parameter(0.1), Parameter(0.0)
        self.factor = factor

    def forward(self, x):
        return self.w * x[0] * self.factor() + self.b


@case
def an_attribute():
    class Model(Scaled):
        def forward(self, x):
            return self.w * x[0] * self.scale + self.b

    model = Model(None)
    return model, {}, lambda k: setattr(model, "scale", k)


@case
def an_object_with_slots():
    class Box:
        __slots__ = ("k",)

    class Model(Scaled):
        def forward(self, x):
            return self.w * x[0] * self.factor.k + self.b

    model = Model(Box())
    return model, {}, lambda k: setattr(model.factor, "k", k)


@case
def a_model_with_slots():
    class Model:
        __slots__ = ("k", "w")

        def __init__(self):
            self.w = Parameter(0.1)

        def parameters(self):
            return [self.w]

        def __call__(self, x):
            return self.w * x[0] * self.k

    model = Model()
    return model, {}, lambda k: setattr(model, "k", k)


def container(make):
    class Model(Scaled):
        def forward(self, x):
            return self.w * x[0] * float(self.factor[0]) + self.b

    model = Model(make([1.0, 5.0]))
    return model, {}, lambda k: model.factor.__setitem__(0, k)


for kind in (list, collections.deque, np.array, functools.partial(array.array, "d"), lambda x: dict(enumerate(x))):
    CASES[f"an element of {getattr(kind, '__name__', repr(kind))[:20]}"] = functools.partial(container, kind)

RATE = 1.0


def set_rate(k):
    global RATE
    RATE = k


@case
def a_global():
    return Scaled(lambda: RATE), {}, set_rate


@case
def a_global_in_a_function_inside():
    return Scaled(lambda: (lambda: RATE)() * sum([RATE / 3 for _ in range(3)])), {}, set_rate


@case
def an_attribute_of_a_module():
    module = sys.modules.setdefault("settings_of_test_changes", types.ModuleType("settings_of_test_changes"))
    return Scaled(lambda: module.k), {}, lambda k: setattr(module, "k", k)


@case
def an_attribute_of_a_class():
    class Model(Scaled):
        k = 1.0

        def forward(self, x):
            return self.w * x[0] * self.k + self.b

    return Model(None), {}, lambda k: setattr(Model, "k", k)


@case
def a_closure():
    k = 1.0

    def change(number):
        nonlocal k
        k = number

    return Scaled(lambda: k), {}, change


@case
def a_default():
    def factor(box=[1.0]):  # noqa: B006
        return box[0]

    return Scaled(factor), {}, lambda k: factor.__defaults__[0].__setitem__(0, k)


@case
def an_attribute_of_a_function():
    def factor():
        return factor.k

    return Scaled(factor), {}, lambda k: setattr(factor, "k", k)


@case
def a_context_variable():
    k = contextvars.ContextVar("k", default=1.0)
    return Scaled(lambda: k.get()), {}, lambda number: k.set(number) and None


@case
def the_environment():
    name = "GLASSGRAD_TEST_CHANGES"
    return Scaled(lambda: float(os.environ[name])), {}, lambda k: os.environ.__setitem__(name, str(k))


@case
def a_constant_value():
    class Model(Scaled):
        def forward(self, x):
            return self.w * x[0] * self.factor + self.b

    model = Model(Value(1.0))
    return model, {}, lambda k: setattr(model.factor, "data", k)


@case
def a_method_of_the_object():
    model = Scaled(lambda: 1.0)
    return model, {}, lambda k: setattr(model, "forward", lambda x: model.w * x[0] * k)


@case
def a_method_of_a_class():
    class Model(Scaled):
        pass

    def put(k):
        Model.forward = lambda self, x: self.w * x[0] * k

    return Model(lambda: 1.0), {}, put


@case
def a_data_class():
    @dataclasses.dataclass(eq=True)
    class Model:
        w: Value
        k: float = 1.0

        def parameters(self):
            return [self.w]

        def __call__(self, x):
            return self.w * x[0] * self.k

    model = Model(Value(0.1))
    return model, {}, lambda k: setattr(model, "k", k)


@case
def which_parameters_are_used():
    class Model(Scaled):
        def forward(self, x):
            return (self.w if self.factor > 1.0 else self.b) * x[0] + self.b

    model = Model(1.0)
    return model, {}, lambda k: setattr(model, "factor", k)


@case
def the_argument_of_a_partial_loss():
    box = [1.0]

    def loss(box, prediction, target):
        return box[0] * (prediction - target) ** 2

    return Scaled(lambda: 1.0), {"loss": functools.partial(loss, box)}, lambda k: box.__setitem__(0, k)


@case
def a_penalty():
    box = [0.1]
    return (
        Scaled(lambda: 1.0),
        {"penalty": lambda parameters: 0.1 * box[0] * sum(p * p for p in parameters)},
        lambda k: box.__setitem__(0, k),
    )


@case
def a_penalty_that_knows_the_model():
    model = Scaled(lambda: 1.0)
    box = [0.1]
    return model, {"penalty": lambda _: 0.1 * box[0] * model.w**2}, lambda k: box.__setitem__(0, k)


@case
def an_optimizer_of_ones_own():
    class Damped(nn.Optimizer):
        def update(self, parameter, gradient, state, step, lr):
            return parameter - lr * self.damping * gradient, state

    optimizer = Damped(lr=0.02)
    return Scaled(lambda: 1.0), {"optimizer": optimizer}, lambda k: setattr(optimizer, "damping", k)


# nn's own


@case
def the_weights_of_a_network():
    model = nn.MLP(1, [2, 1], seed=1)
    return model, {}, lambda k: setattr(model.parameters()[0], "data", k)


@case
def the_activation_of_a_neuron():
    model = nn.MLP(1, [3, 1], seed=1)

    def change(k):
        model.layers[0].neurons[1].activation_function = tanh if k > 1 else relu

    return model, {}, change


@case
def a_method_of_a_neuron():
    model = nn.MLP(1, [3, 1], seed=1)
    plain = nn.Neuron.output_for

    def change(k):
        neuron = model.layers[0].neurons[1]
        neuron.output_for = lambda inputs: plain(neuron, inputs) * k

    return model, {}, change


@case
def weights_that_are_shared():
    model = nn.MLP(1, [3, 1], seed=1)
    first, second, _ = model.layers[0].neurons

    def change(k):
        second.weights[0] = first.weights[0] if k > 1 else Parameter(0.3, "w")

    return model, {}, change


@case
def the_layers_of_a_network():
    model = nn.Sequential(nn.Layer(1, 2, seed=1), nn.Layer(2, 2, seed=2), nn.Layer(2, 1, seed=3), ops.total)

    def change(k):
        model.modules[1] = nn.Layer(2, 2, "relu" if k > 1 else "tanh", seed=4)

    return model, {}, change


@case
def the_strength_of_an_own_penalty():
    penalty = nn.L2(0.1)
    return nn.Neuron(1, seed=1), {"penalty": penalty}, lambda k: object.__setattr__(penalty, "strength", k)


@case
def the_settings_of_an_own_optimizer():
    optimizer = nn.SGD(lr=0.01, momentum=0.5)
    return nn.Neuron(1, seed=1), {"optimizer": optimizer}, lambda k: setattr(optimizer, "momentum", k / 4)


@case
def the_learning_rate():
    optimizer = nn.Adam(lr=0.01)
    return nn.Neuron(1, seed=1), {"optimizer": optimizer}, lambda k: setattr(optimizer, "lr", k / 100)


@case
def the_data():
    data = nn.Dataset(XS, YS)
    return nn.Neuron(1, seed=1), {"data": data}, lambda k: data.inputs[3].__setitem__(0, k)


@case
def the_targets():
    data = nn.Dataset(XS, YS)
    return Scaled(lambda: 1.0), {"data": data}, lambda k: data.targets.__setitem__(3, k)


@case
def the_validation_data():
    data = nn.Dataset(XS, YS)
    return nn.Neuron(1, seed=1), {"validation": data}, lambda k: data.inputs[3].__setitem__(0, k)


def numbers_of(history, model):
    columns = [history.loss, history.lr, history.gradient_norm, *history.metrics.values()]
    return [x for column in columns for x in column] + [p.data for p in model.parameters()]


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
def test_what_changes_between_two_runs(make):
    def run(engine):
        model, options, change = make()
        data = options.pop("data", (XS, YS))
        found, engines = [], []
        for k in (1.0, 2.0, 0.5):
            change(k)
            history = nn.fit(model, data, epochs=3, engine=engine, **{"optimizer": nn.SGD(lr=0.02)} | options)
            found += numbers_of(history, model)
            engines.append(history.engine)
        return found, engines

    (auto, engines), (eager, _) = run("auto"), run("eager")
    assert auto == pytest.approx(eager, rel=1e-10)
    assert "eager" not in engines


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
@pytest.mark.parametrize("who", ["callback", "schedule", "metric"])
def test_what_changes_within_a_run(make, who):
    def run(engine):
        model, options, change = make()
        change(1.0)
        numbers = iter([1.0, 2.0, 2.0, 0.5, 1.5, 1.5] * 2)
        data = options.pop("data", (XS, YS))
        if who == "callback":
            options["callbacks"] = [lambda event: change(next(numbers))]
        elif who == "schedule":
            options["schedule"] = lambda epoch, lr: change(next(numbers)) or lr * 0.9**epoch
        else:
            options["metrics"] = {
                "first": lambda predictions, targets: change(next(numbers)) or model.parameters()[0].data
            }
        history = nn.fit(model, data, epochs=6, engine=engine, **{"optimizer": nn.SGD(lr=0.02)} | options)
        return numbers_of(history, model), history.engine

    (auto, engine), (eager, _) = run("auto"), run("eager")
    assert auto == pytest.approx(eager, rel=1e-10)
    # Of parameters that have been moved more often than others, the updates cannot be counted together.
    assert engine != "eager" or make is which_parameters_are_used


@pytest.mark.parametrize("engine", ["auto", "python", "numpy"])
def test_a_row_of_the_data_may_become_an_array(engine):
    found = []
    for chosen in (engine, "eager"):
        model, data = nn.MLP(2, [2, 1], seed=1), nn.Dataset([[1, 2], [3, 4]], [0, 1])
        for row in ([1.0, 2.0], np.array([0.5, 2.0])):
            data.inputs[0] = row
            history = nn.fit(model, data, epochs=2, engine=chosen, progress=False)
            assert engine == "auto" or history.engine == chosen
            found.append(numbers_of(history, model))
    assert found[0] + found[1] == pytest.approx(found[2] + found[3], rel=1e-10)


@pytest.mark.parametrize("engine", ["auto", "python", "eager"])
def test_a_number_of_the_data_may_become_too_large(engine):
    model, data = nn.MLP(2, [2, 1], seed=1), nn.Dataset([[1, 2], [3, 4]], [0, 1])
    data.inputs[1][0] = 10**400
    with pytest.raises(autograd.DataError, match="a number is too large for a float") as caught:
        nn.fit(model, data, engine=engine, progress=False)
    assert caught.value.__notes__ == ["  This came of sample 2."]


def test_a_schedule_is_asked_as_often_by_every_engine():
    def asked(engine, unit):
        moments = []
        nn.fit(
            nn.Neuron(1, seed=1), (XS, YS), epochs=3, batch_size=5, engine=engine, schedule_unit=unit,
            schedule=lambda moment, lr: moments.append(moment) or lr,
        )  # fmt: skip
        return moments

    assert asked("auto", "epoch") == asked("eager", "epoch") == [0, 1, 2]
    assert asked("auto", "step") == asked("eager", "step") == list(range(9))


@pytest.mark.parametrize("who", ["callback", "schedule", "metric"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_run_goes_on_node_by_node_where_it_cannot_be_recorded_any_more(who, shuffle):
    def run(engine):
        def branch(x):
            return 1.0 if len(moments) < 3 or x[0] > 0 else -0.5

        def note():
            moments.append(1)

        class Model(Scaled):
            def forward(self, x):
                return self.w * x[0] * branch(x) + self.b

        moments, model = [], Model(None)
        options = {
            "callback": {"callbacks": [lambda event: note()]},
            "schedule": {"schedule": lambda epoch, lr: note() or lr * 0.9**epoch},
            "metric": {"metrics": {"calls": lambda predictions, targets: note() or len(moments)}},
        }[who]
        history = nn.fit(
            model, (XS, YS), epochs=6, validation=(XS[:3], YS[:3]), optimizer=nn.Adam(lr=0.01), shuffle=shuffle,
            seed=3, engine=engine, **options,
        )  # fmt: skip
        assert history.engine == "eager"
        assert history.epochs == [1, 2, 3, 4, 5, 6]
        return [*numbers_of(history, model), len(moments)]

    assert run("auto") == pytest.approx(run("eager"), rel=1e-10)


# any model, any data, any changes


class World:
    """A model made of pieces, data, and all that can be changed in it."""

    def __init__(self, pieces, own, samples):
        self.w = [Parameter(0.1 * (i + 1), f"w{i}") for i in range(len(pieces) + 1)]
        self.numbers = [0.5] * len(pieces)
        self.pieces = list(pieces)
        self.data = nn.Dataset(XS[:samples], YS[:samples])
        self.network = nn.MLP(1, [2, 1], "tanh", seed=1)
        self.own = own
        self.optimizer = nn.SGD(lr=0.01)
        self.strength = 0.01
        world = self

        class Model(Module):
            def __init__(self):
                self.w = world.w

            def forward(self, x):
                z = self.w[-1] * x[0]
                for piece, w, k in zip(world.pieces, self.w, world.numbers, strict=False):
                    z = PIECES[piece](z, w, k)
                return z

        self.model = self.network if own else Model()

    def change(self, what, k):
        if what == "number":
            self.numbers[int(k * 10) % len(self.numbers)] = k
        elif what == "piece":
            self.pieces[int(k * 10) % len(self.pieces)] = list(PIECES)[int(k * 100) % len(PIECES)]
        elif what == "parameter":
            self.model.parameters()[0].data = k - 0.5
        elif what == "input":
            self.data.inputs[int(k * 10) % len(self.data)][0] = k
        elif what == "target":
            self.data.targets[int(k * 10) % len(self.data)] = k
        elif what == "activation":
            self.network.layers[0].neurons[0].activation_function = tanh if k > 0.5 else ops.sigmoid
        elif what == "rate":
            self.optimizer.lr = 0.005 + 0.01 * k
        elif what == "strength":
            self.strength = 0.02 * k


def without_gradient(z, w, k):
    with no_grad():
        frozen = z * w
    return z * k + frozen * w


PIECES = {
    "tanh": lambda z, w, k: (z * w + k).tanh(),
    "add": lambda z, w, k: z + k * w,
    "detach": lambda z, w, k: z * k + z.detach() * w,
    "no_grad": without_gradient,
    "choose": lambda z, w, k: z * w if k > 0.5 else z + w,
    "sigmoid": lambda z, w, k: z.sigmoid() + k,
}
CHANGES = ["number", "piece", "parameter", "input", "target", "activation", "rate", "strength"]
SOME_CHANGES = st.lists(st.tuples(st.sampled_from(CHANGES), st.floats(0.0, 1.0)), max_size=3)


@settings(max_examples=60)
@given(
    pieces=st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=3),
    own=st.booleans(),
    samples=st.integers(3, len(XS)),
    batch_size=st.sampled_from([1, 4, None]),
    runs=st.lists(st.tuples(SOME_CHANGES, st.lists(SOME_CHANGES, min_size=3, max_size=3)), min_size=1, max_size=3),
    penalty=st.booleans(),
)
def test_any_change_is_followed(pieces, own, samples, batch_size, runs, penalty):
    def train(engine):
        world, found = World(pieces, own, samples), []
        for before, within in runs:
            for change in before:
                world.change(*change)
            epochs = iter(within)

            def change_all(event, world=world, epochs=epochs):
                for change in next(epochs):
                    world.change(*change)

            history = nn.fit(
                world.model, world.data, epochs=3, batch_size=batch_size, engine=engine, progress=False,
                optimizer=world.optimizer, callbacks=[change_all] if any(within) else [],
                penalty=(lambda ps, world=world: world.strength * sum(p * p for p in ps)) if penalty else None,
            )  # fmt: skip
            found += numbers_of(history, world.model)
        return found

    assert train("auto") == pytest.approx(train("eager"), rel=1e-10, abs=1e-13)
