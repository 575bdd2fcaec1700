"""Training as a program gives the same history as training node by node."""

import gc
import io
import re
import threading
import weakref
from contextlib import redirect_stderr, suppress
from types import SimpleNamespace

import numpy as np
import pytest

import nn
from autograd import Op, Value, ieee, ops, topological_order
from autograd.engines import python_source
from autograd.program.running import EngineMissing
from nn.compiled import backends as trainers
from nn.compiled import buffers as stepping
from nn.compiled import machine_training as native_training
from nn.compiled import programs as compiled
from nn.compiled import tapes as recording
from nn.compiled.setting import Setting
from nn.data import Dataset
from nn.fitting import progress
from nn.training import TrainingError

pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")

PEOPLE = nn.data.alice_bob()
MOONS = nn.data.moons().subset(range(30))


def both(make_model, data, engine="native", **settings):
    """The same run by an engine and node by node: two histories and two models."""
    found = []
    for chosen_engine in (engine, "eager"):
        model = make_model()
        chosen = {name: make() if name == "optimizer" else make for name, make in settings.items()}
        history = nn.fit(model, data, engine=chosen_engine, progress=False, **chosen)
        assert history.engine == chosen_engine, "the run was not made by the engine that was asked for"
        found.append((history, model, chosen.get("optimizer")))
    return found


def assert_same(found, tolerance=1e-10):
    (native, native_model, native_optimizer), (eager, eager_model, eager_optimizer) = found
    assert native.epochs == eager.epochs
    assert (native.steps, native.seed, native.stopped_because) == (eager.steps, eager.seed, eager.stopped_because)
    for column in ("loss", "lr", "gradient_norm"):
        assert getattr(native, column) == pytest.approx(getattr(eager, column), rel=tolerance, abs=tolerance)
    assert list(native.metrics) == list(eager.metrics)
    for name in eager.metrics:
        assert native.metrics[name] == pytest.approx(eager.metrics[name], rel=tolerance, abs=tolerance)
    for name in eager.parameters:
        assert native.parameters[name] == pytest.approx(eager.parameters[name], rel=tolerance, abs=tolerance)
    for one, other in zip(native_model.parameters(), eager_model.parameters(), strict=True):
        assert one.data == pytest.approx(other.data, rel=tolerance, abs=tolerance)
        assert one.grad == pytest.approx(other.grad, rel=1e-7, abs=tolerance)
    if native_optimizer is not None:
        ours, theirs = native_optimizer.state_dict()["parameters"], eager_optimizer.state_dict()["parameters"]
        for one, other in zip(ours, theirs, strict=True):
            assert one == pytest.approx(other, rel=1e-8, abs=tolerance)


def small(seed=1, **kwargs):
    return lambda: nn.MLP(2, [3, 1], **({"activation": "tanh", "seed": seed} | kwargs))


OPTIMIZERS = [
    lambda: nn.SGD(lr=0.1),
    lambda: nn.SGD(lr=0.05, momentum=0.9),
    lambda: nn.SGD(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda: nn.Adagrad(lr=0.1, lr_decay=0.01),
    lambda: nn.RMSProp(lr=0.01, momentum=0.5),
    lambda: nn.Adam(lr=0.02),
    lambda: nn.AdamW(lr=0.02, weight_decay=0.1),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda make: repr(make()))
@pytest.mark.parametrize("batch_size", [1, 3, None])
def test_every_optimizer_and_batch_size(optimizer, batch_size):
    assert_same(both(small(), PEOPLE, optimizer=optimizer, epochs=25, batch_size=batch_size))


@pytest.mark.parametrize("neurons", [2, 12], ids=["few parameters", "many parameters"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda make: repr(make()))
def test_shuffling_with_the_same_seed(optimizer, neurons):
    def model():
        return nn.MLP(2, [neurons, 3, 1], activation="sigmoid", seed=5)

    assert_same(both(model, MOONS, optimizer=optimizer, epochs=4, batch_size=7, shuffle=True, seed=11))


@pytest.mark.parametrize(
    "activation", ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "identity"]
)
def test_every_activation(activation):
    def model():
        return nn.MLP(2, [3, 1], activation=activation, output_activation="identity", seed=2)

    assert_same(both(model, MOONS, optimizer=lambda: nn.SGD(lr=0.01), epochs=3, batch_size=5))


LOSSES = {
    "mean_squared_error": ("sigmoid", lambda t: t),
    "half_squared_error": ("identity", lambda t: t),
    "mean_absolute_error": ("identity", lambda t: t),
    "huber": ("identity", lambda t: t),
    "hinge": ("identity", lambda t: 2 * t - 1),
    "binary_cross_entropy": ("sigmoid", lambda t: t),
    "binary_cross_entropy_with_logits": ("identity", lambda t: t),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_of_one_output(loss):
    activation, target = LOSSES[loss]
    data = [(x, target(y)) for x, y in MOONS]
    found = both(
        small(output_activation=activation), data, loss=getattr(nn, loss), optimizer=lambda: nn.SGD(lr=0.05),
        epochs=3, batch_size=8, metrics="accuracy",
    )  # fmt: skip
    assert_same(found)


@pytest.mark.parametrize(
    ("loss", "activation"), [("cross_entropy", "identity"), ("categorical_cross_entropy", "softmax")]
)
@pytest.mark.parametrize("one_hot", [False, True])
def test_classes(loss, activation, one_hot):
    blobs = nn.data.blobs()
    data = [(x, [float(i == y) for i in range(3)] if one_hot else y) for x, y in blobs][:40]

    def model():
        return nn.MLP(4, [4, 3], activation="tanh", output_activation=activation, seed=3)

    found = both(
        model, data, loss=getattr(nn, loss), optimizer=lambda: nn.Adam(lr=0.02), epochs=3, batch_size=6,
        metrics="accuracy", validation=data[:10],
    )  # fmt: skip
    assert_same(found)


def test_several_targets():
    data = [([0.1, 0.2], [1.0, 0.0, -1.0]), ([0.4, -0.2], [0.5, 0.2, 1.0])]

    def model():
        return nn.MLP(2, [2, 3], activation="tanh", seed=3)

    assert_same(both(model, data, optimizer=lambda: nn.SGD(lr=0.1), epochs=9, batch_size=2))


@pytest.mark.parametrize("neurons", [2, 12], ids=["few parameters", "many parameters"])
@pytest.mark.parametrize(
    "settings",
    [
        {"penalty": nn.L2(0.01)},
        {"penalty": nn.L1(0.01)},
        {"clip_value": 0.01},
        {"clip_norm": 0.1},
        {"clip_norm": 0.1, "penalty": nn.L2(0.01)},
        {"clip_value": 0.02, "clip_norm": 0.03},
        {"schedule": nn.CosineSchedule(T_max=10)},
        {"schedule": nn.ExponentialSchedule(0.9), "schedule_unit": "step"},
        {"record_every": 3},
        {"record_parameters": True},
        {"validation": MOONS.subset(range(5))},
        {"early_stopping": nn.EarlyStopping(patience=2, min_delta=0.5)},
        {"callbacks": [lambda event: event.epoch == 4]},
    ],
    ids=lambda settings: "+".join(settings),
)
def test_everything_else_that_fit_can_do(settings, neurons):
    def model():
        return nn.MLP(2, [neurons, 3, 1], activation="tanh", seed=8)

    assert_same(both(model, MOONS, optimizer=lambda: nn.SGD(lr=0.05), epochs=8, batch_size=4, **settings))


def test_a_run_goes_on_where_the_last_one_ended():
    def in_two_parts(engine):
        model, adam = small()(), nn.Adam(lr=0.02)
        first = nn.fit(model, PEOPLE, optimizer=adam, epochs=5, engine=engine)
        second = nn.fit(model, PEOPLE, optimizer=adam, epochs=5, engine=engine)
        return first.loss + second.loss

    in_one = nn.fit(small()(), PEOPLE, optimizer=nn.Adam(lr=0.02), epochs=10, engine="eager").loss
    assert in_two_parts("native") == pytest.approx(in_one, rel=1e-10)
    assert in_two_parts("eager") == pytest.approx(in_one, rel=1e-15)


def test_a_model_of_ones_own():
    class Line:
        def __init__(self):
            self.w, self.b = Value(0.0, "w"), Value(0.0, "b")

        def parameters(self):
            return [self.w, self.b]

        def __call__(self, x):
            return self.w * x[0] + 0.1 * self.w**2 * self.b + self.b

    data = ([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    found = []
    for engine in ("native", "eager"):
        line = Line()
        line.w.data = 0.5
        found.append(nn.fit(line, data, optimizer=nn.SGD(lr=0.05), epochs=40, engine=engine).loss)
    assert found[0] == pytest.approx(found[1], rel=1e-10)


def test_a_parameter_that_the_loss_does_not_use_stays_where_it_is():
    class Half(nn.MLP):
        def parameters(self):
            return [*super().parameters(), self.spare]

    def model():
        made = Half(2, [2, 1], seed=1)
        made.spare = Value(7.0, "spare")
        return made

    found = both(model, PEOPLE, optimizer=lambda: nn.AdamW(lr=0.1, weight_decay=0.5), epochs=3)
    assert found[0][1].spare.data == found[1][1].spare.data == 7.0
    assert found[0][0].loss == pytest.approx(found[1][0].loss)


@pytest.mark.parametrize("engine", ["python", "numpy"])
@pytest.mark.parametrize("batch_size", [1, 7, None])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda make: repr(make()))
def test_without_machine_code(engine, batch_size, optimizer):
    found = both(
        small(), MOONS, engine, optimizer=optimizer, epochs=3, batch_size=batch_size, penalty=nn.L2(0.01),
        clip_norm=0.5, metrics="accuracy", shuffle=True, seed=2,
    )  # fmt: skip
    assert_same(found)


@pytest.mark.parametrize(
    "settings",
    [
        {"clip_value": 0.02, "clip_norm": 0.03},
        {"clip_norm": 0.1, "penalty": nn.L1(0.01)},
        {"metrics": "accuracy", "shuffle": True},
    ],
    ids=lambda settings: "+".join(settings),
)
@pytest.mark.parametrize("longest", [20_000, 100], ids=["whole steps", "sample by sample"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda make: repr(make()))
def test_one_sample_at_a_time_in_python(settings, longest, optimizer, monkeypatch, no_programs):
    if longest == 100:
        monkeypatch.setattr(trainers, "record_step", lambda tapes: TOO_LONG)
    schedule = nn.ExponentialSchedule(0.9)
    found = both(small(), MOONS, "python", optimizer=optimizer, epochs=3, seed=2, schedule=schedule, **settings)
    assert_same(found)


TOO_LONG = SimpleNamespace(instructions=range(1_000_000))


def test_a_whole_step_is_a_tape_that_can_be_printed():
    model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[0.5]]])
    setting = Setting(
        data=Dataset.of(([[1.0]], [2.0])), validation=None, engine="python", model=model,
        parameters=model.parameters(), loss=nn.mean_squared_error, optimizer=nn.SGD(lr=0.1), penalty=None,
        clip_value=1.0, clip_norm=None, batch_size=1, with_predictions=True,
    )  # fmt: skip
    step = recording.record_step(recording.record_run(setting).tapes)
    assert step.inputs == ("parameter1", "state1.1", "x1", "x2", "step", "lr")
    # A weight of 0.5 and an input of 3 predict 1.5, where 1 was wanted: the gradient is 2 * 3 * 0.5, clipped to 1.
    assert python_source.function(step)(0.5, 0.0, 3.0, 1.0, 1.0, 0.1) == (0.4, 0.0, 0.25, 3.0, 3.0, 1.5)


@pytest.fixture
def half():
    yield Op("half_of_test", lambda x: x / 2, lambda x, z: (0.5,), atom="half_of_test")
    del ops.ALL["half_of_test"]


def test_an_operation_of_ones_own_has_no_machine_code(half):
    def model():
        return nn.MLP(2, [2, 1], activation=half, seed=1)

    assert_same(both(model, PEOPLE, "python", epochs=3, optimizer=lambda: nn.SGD(lr=0.001)))
    assert nn.fit(model(), PEOPLE, epochs=1).engine == "python"
    assert re.search("no machine code for 'half_of_test'", why_not(model(), engine="native"))


def test_the_keyboard_ends_a_run_in_python_between_two_steps(monkeypatch):
    model = small()()
    run = python_source.function

    def interrupting(tape, *args):
        step, calls = run(tape, *args), []

        def call(*numbers):
            calls.append(numbers)
            if len(calls) == 11:
                raise KeyboardInterrupt
            return step(*numbers)

        return call if len(tape.outputs) > 10 else step

    monkeypatch.setattr(python_source, "function", interrupting)
    history = nn.fit(model, PEOPLE, epochs=1000, engine="python")
    assert (history.stopped_because, history.steps, len(history)) == ("keyboard", 10, 2)
    monkeypatch.undo()
    again = small()()
    rest = nn.fit(again, PEOPLE.subset([0, 1, 2, 3, 0, 1, 2, 3, 0, 1]), epochs=1, engine="eager")
    assert [p.data for p in model.parameters()] == pytest.approx([p.data for p in again.parameters()], rel=1e-10)
    assert rest.steps == 10


@pytest.mark.parametrize("engine", ["native", "python", "numpy"])
@pytest.mark.parametrize("outputs", [0, 1, 3])
def test_validation_data_are_measured_by_the_program(engine, outputs, monkeypatch):
    targets = [[0.5] * outputs if outputs else 0.5 for _ in MOONS]
    data = Dataset.of((MOONS.inputs, targets))

    def model():
        made = nn.MLP(2, [3, max(outputs, 1)], activation="tanh", seed=3)
        return made if outputs != 1 else Listed(made)

    def worst(predictions, targets):
        return float(np.abs(np.array(predictions) - targets).max())

    def by_numpy(network):
        x = np.array(data.subset(range(20, 30)).inputs).T
        for layer in network.layers:
            weights = np.array([[w.data for w in neuron.weights] for neuron in layer.neurons])
            x = np.tanh(weights @ x + np.array([[neuron.bias.data] for neuron in layer.neurons]))
        return x - 0.5

    def forbidden(*args, **kwargs):
        raise AssertionError("the validation data were evaluated node by node")

    settings = {"validation": data.subset(range(20, 30)), "metrics": {"worst": worst}}
    found = both(model, data.subset(range(20)), engine, epochs=3, **settings)
    assert_same(found)
    history, trained, _ = found[0]
    errors = by_numpy(trained if outputs != 1 else trained.network)
    assert history.metrics["validation_worst"][-1] == pytest.approx(abs(errors).max())
    assert history.metrics["validation_loss"][-1] == pytest.approx((errors**2).mean())
    monkeypatch.setattr(nn.fitting.run, "evaluate", forbidden)
    nn.fit(model(), data, epochs=2, engine=engine, validation=data)


class Listed(nn.Module):
    """A network whose single output stands in a list."""

    def __init__(self, network):
        self.network = network

    def forward(self, x):
        return [self.network(x)]


def test_validation_data_of_another_form_are_evaluated_node_by_node():
    people = PEOPLE.subset(range(3))
    for validation in (([[0.5, 0.25]], [[1.0]]), ([[0.5, 0.25, 1.0]], [1.0])):
        caught = []
        for engine in ("native", "eager"):
            with pytest.raises(nn.ShapeError) as error:
                nn.fit(small()(), people, epochs=1, validation=validation, engine=engine)
            caught.append(str(error.value))
        assert caught[0] == caught[1]

    def either(prediction, target):
        return nn.mean_squared_error(prediction, target[0] if isinstance(target, list) else target)

    found = both(small(), people, loss=either, epochs=3, validation=([[0.5, 0.25]], [[1.0]]))
    assert_same(found)


def test_a_callback_may_change_a_parameter():
    def halve(event):
        for parameter in event.model.parameters():
            parameter.data /= 2

    assert_same(both(small(), PEOPLE, epochs=5, callbacks=[halve], optimizer=lambda: nn.Adam(lr=0.1)))


def changing_settings(optimizer):
    def change(event):
        if event.epoch == 2:
            optimizer.lr = 0.05
        if event.epoch == 3:
            optimizer.momentum = 0.9
        if event.epoch == 5:
            optimizer.load_state_dict(optimizer.state_dict())

    return change


@pytest.mark.parametrize("engine", ["native", "python", "numpy"])
def test_a_callback_may_change_the_optimizer(engine):
    found = []
    for chosen in (engine, "eager"):
        model, optimizer = small()(), nn.SGD(lr=0.1, momentum=0.5)
        callbacks = [changing_settings(optimizer)]
        history = nn.fit(model, PEOPLE, optimizer=optimizer, epochs=8, callbacks=callbacks, engine=chosen)
        assert history.engine == chosen
        found.append((history, model, optimizer))
    assert_same(found)


def test_the_rest_of_a_run_is_made_node_by_node_if_a_callback_makes_the_optimizer_uneven(capsys, said_nothing):
    found = []
    for engine in ("native", "eager"):
        model, optimizer = small()(), nn.Adam(lr=0.1)

        def change(event, model=model, optimizer=optimizer):
            if event.epoch == 3:
                del optimizer.memory[model.parameters()[0]]

        history = nn.fit(model, PEOPLE, optimizer=optimizer, epochs=6, callbacks=[change], engine=engine)
        assert history.engine == "eager"
        found.append((history, model, optimizer))
    assert_same(found)
    assert "moved some parameters more often than others" in capsys.readouterr().err


def test_an_explosion_after_a_callback_has_changed_the_optimizer():
    found = []
    for engine in ("native", "eager"):
        model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1.0]]])
        [w], optimizer = model.parameters(), nn.SGD(lr=0.1, momentum=0.5)

        def change(event, w=w, optimizer=optimizer):
            if event.epoch == 3:
                optimizer.momentum, w.data = 0.9, -1e160

        with pytest.raises(TrainingError, match="overflows at") as error:
            nn.fit(model, ([[1.0]], [0.0]), optimizer=optimizer, epochs=9, callbacks=[change], engine=engine)
        count, (velocity,) = optimizer.memory[w]
        found.append((error.value.epoch, error.value.step, error.value.history.loss, w.data, count, velocity))
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(other, rel=1e-12)


def test_new_targets_are_tried_too():
    model = small()()
    xs = PEOPLE.inputs
    assert nn.fit(model, (xs, [1, -1, -1, 1]), loss=nn.hinge, epochs=1).engine == "native"
    with pytest.raises(nn.losses.LossError, match="targets 1 and -1, but got 0"):
        nn.fit(model, (xs, [1, 0, 0, 1]), loss=nn.hinge, epochs=1)


def test_an_explosion_after_a_callback_has_changed_a_parameter():
    def jump(event):
        [w] = event.model.parameters()
        w.data = -1e160 if event.epoch == 3 else w.data

    found = []
    for engine in ("native", "python", "eager"):
        model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1.0]]])
        with pytest.raises(TrainingError, match="overflows at") as error:
            nn.fit(model, ([[1.0]], [0.0]), epochs=9, callbacks=[jump], engine=engine)
        found.append((error.value.epoch, error.value.step, len(error.value.history), model.parameters()[0].data))
    assert found[0][:3] == found[1][:3] == found[2][:3] == (4, 4, 3)
    assert found[0][3] == pytest.approx(found[2][3], rel=1e-12)
    assert found[1][3] == pytest.approx(found[2][3], rel=1e-12)


@pytest.mark.parametrize("engine", ["native", "python", "numpy"])
@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("neurons", [1, 12], ids=["few parameters", "many parameters"])
def test_both_limits_for_the_gradient(engine, batch_size, neurons):
    """Plain gradient descent moves by the clipped gradient, which NumPy computes from that of a step before."""

    def last_gradients(**limits):
        model = nn.MLP(2, [neurons, 3, 1], activation="tanh", seed=8)
        start = np.array([p.data for p in model.parameters()])
        data = MOONS.subset(range(batch_size))
        history = nn.fit(
            model, data, batch_size=batch_size, optimizer=nn.SGD(lr=1.0), epochs=1, engine=engine, **limits
        )
        assert history.engine == engine
        gradients = np.array([p.grad for p in model.parameters()])
        assert start - [p.data for p in model.parameters()] == pytest.approx(gradients, abs=1e-14)
        return gradients

    free = last_gradients()
    limit = float(np.median(abs(free)))
    each = np.clip(free, -limit, limit)
    length = float(np.linalg.norm(each))
    assert last_gradients(clip_value=limit) == pytest.approx(each, rel=1e-9)
    assert last_gradients(clip_value=limit, clip_norm=length / 2) == pytest.approx(each / 2, rel=1e-4)
    assert last_gradients(clip_value=limit, clip_norm=length * 2) == pytest.approx(each, rel=1e-9)


@pytest.mark.parametrize("engine", ["python", "numpy"])
def test_classes_without_machine_code(engine):
    blobs = nn.data.blobs()

    def model():
        return nn.MLP(4, [4, 3], activation="tanh", output_activation="identity", seed=3)

    found = both(
        model, blobs, engine, loss=nn.cross_entropy, optimizer=lambda: nn.Adam(lr=0.02), epochs=2, batch_size=6,
        metrics="accuracy",
    )  # fmt: skip
    assert_same(found)


@pytest.mark.parametrize("batch_size", [1, 7, None])
def test_a_network_too_large_to_be_compiled_is_interpreted(batch_size, monkeypatch, no_programs):
    monkeypatch.setattr(native_training, "LONGEST", 10)
    found = both(
        small(), MOONS, optimizer=lambda: nn.Adam(lr=0.02), epochs=3, batch_size=batch_size, penalty=nn.L2(0.01),
        metrics="accuracy",
    )  # fmt: skip
    assert_same(found)


def test_the_best_engine_is_chosen(monkeypatch, no_programs):
    def engine(batch_size=1, neurons=3):
        model = nn.MLP(2, [neurons, 1], seed=1)
        return nn.fit(model, PEOPLE, epochs=1, batch_size=batch_size).engine

    assert engine() == "native"

    def missing(tapes, one_by_one):
        raise EngineMissing("the native engine needs the package llvmlite")

    monkeypatch.setattr(trainers, "compile_training", missing)
    compiled.forget()
    assert engine() == engine(batch_size=2) == "python"
    monkeypatch.setattr(trainers, "FEW", 2)
    monkeypatch.setattr(compiled, "FEW", 2)
    assert engine(batch_size=3) == "numpy"
    monkeypatch.setattr(trainers.python_source, "LONGEST", 100)
    assert engine(neurons=30) == engine(batch_size=2, neurons=31) == "numpy"
    model = small()()
    before = model.state_dict()
    with pytest.raises(EngineMissing, match="needs the package llvmlite"):
        nn.fit(model, PEOPLE, engine="native")
    assert model.state_dict() == before


@pytest.mark.parametrize("engine", ["python", "numpy"])
def test_an_explosion_without_machine_code(engine):
    model = nn.MLP(2, [1], activation="identity", initializer=1.0, seed=1)
    with pytest.raises(TrainingError) as error:
        nn.fit(model, PEOPLE, optimizer=nn.SGD(lr=1e60, momentum=0.5), epochs=50, engine=engine)
    assert (error.value.epoch, error.value.step) == (1, 4)


# What cannot be compiled


def test_a_branch_is_noticed_and_said(capsys):
    class Branching(nn.MLP):
        def forward(self, x):
            z = super().forward(x)
            return z if x[0] > 0 else -z

    model = Branching(2, [2, 1], seed=1)
    progress._said.clear()
    history = nn.fit(model, PEOPLE, epochs=2)
    assert history.engine == "eager"
    assert "node by node, because a comparison was asked of x1," in capsys.readouterr().err
    nn.fit(model, PEOPLE, epochs=2)
    assert capsys.readouterr().err == "", "the same reason is said once"


def why_not(model, data=PEOPLE, **settings):
    """The line in which fit says why it goes node by node."""
    progress._said.clear()
    with redirect_stderr(io.StringIO()) as said, suppress(Exception):
        nn.fit(model, data, epochs=1, progress=False, **settings)
    return said.getvalue()


def test_every_reason_is_given():
    class OwnStep(nn.SGD):
        def step(self, parameters, lr=None):
            super().step(parameters, lr)

    class Uneven(nn.SGD):
        pass

    model = small()()
    cases = {
        "step\\(\\) of its own": {"optimizer": OwnStep(lr=0.1)},
        "does not depend on any parameter": {
            "loss": lambda p, t: (t - 1) ** 2 if not isinstance(t, (int, float)) else Value(t) - 1
        },
        "the loss does not depend on the data or the parameters": {"loss": lambda p, t: 1.0},
        "the penalty does not depend": {"penalty": lambda ps: Value(1.0)},
    }
    for reason, settings in cases.items():
        assert re.search(reason, why_not(model, **settings))
    with ieee():
        assert "ieee()" in why_not(model)
    uneven = Uneven(lr=0.1)
    uneven.prepare(model.parameters())
    uneven.memory[model.parameters()[0]] = (3, (0.0,))
    assert re.search("more often", why_not(model, optimizer=uneven))


def test_an_error_of_the_model_is_raised_as_it_is_and_nothing_is_said(capsys):
    with pytest.raises(nn.ShapeError):
        nn.fit(nn.MLP(3, [1]), PEOPLE, epochs=1)
    assert capsys.readouterr().err == ""


def test_a_loss_that_ignores_the_recorded_numbers():
    model = small()()
    assert re.search("does not depend on the data or the parameters", why_not(model, loss=lambda p, t: Value(1.0)))


def test_many_different_targets_and_a_first_loss_that_is_not_finite():
    data = ([[float(i)] for i in range(20)], [float(i) for i in range(20)])
    model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1e200]]])
    with pytest.raises(TrainingError):
        nn.fit(model, ([[1.0]], [0.0]), epochs=1, engine="native")
    model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[0.5]]])
    assert nn.fit(model, data, epochs=1, optimizer=nn.SGD(lr=1e-4), engine="native").engine == "native"


class Slotted:
    """A model to which nobody can refer weakly."""

    __slots__ = ("w",)

    def __init__(self):
        self.w = Value(0.5, "w")

    def parameters(self):
        return [self.w]

    def __call__(self, x):
        return self.w * x[0]


def test_what_cannot_be_compared_is_recorded_anew():
    class Penalty:
        __hash__ = None

        def __call__(self, parameters):
            return nn.l2_penalty(parameters, 0.01)

    data = ([[1.0], [2.0]], [0.0, 0.0])
    assert nn.fit(Slotted(), data, epochs=1).engine == "native"
    assert nn.fit(small()(), PEOPLE, epochs=1, penalty=Penalty()).engine == "native"
    assert re.search("the model changes while it computes", why_not(Counting(), data=([[1.0], [1.0]], [0.0, 0.0])))


def test_an_old_program_that_cannot_be_run_any_more():
    model = nn.MLP(1, [1], activation=Value.exp, bias=False, weights=[[[0.1]]])
    data = ([[1.0], [2.0]], [1.0, 1.0])
    nn.fit(model, data, epochs=1, engine="native")
    model.layers[0].neurons[0].activation_function = Value.tanh
    model.parameters()[0].data = 5000.0
    assert nn.fit(model, data, epochs=1, engine="native").loss == [0.0]


class Counting:
    """Every call gives another number."""

    def __init__(self):
        self.w = Value(1.0, "w")
        self.calls = 0

    def parameters(self):
        return [self.w]

    def __call__(self, x):
        self.calls += 1
        return self.w * x[0] * float(self.calls)


def test_a_false_alarm_with_metrics():
    def model():
        return nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1.0]]])

    data = ([[1e80], [1e-3]], [0.0, 1.0])
    assert_same(both(model, data, optimizer=lambda: nn.SGD(lr=1e-170), epochs=2, metrics="accuracy"))


def test_a_model_that_computes_something_else_each_time():
    rng = np.random.default_rng(0)

    class Dropout(nn.MLP):
        def forward(self, x):
            return super().forward(x) * float(rng.random())

    assert re.search(
        "rng, which is outside of the model, changes while the model computes", why_not(Dropout(2, [2, 1], seed=1))
    )


def test_a_changed_model_is_recorded_anew():
    model = small()()
    nn.fit(model, PEOPLE, epochs=2, engine="native")
    for neuron in model.layers[0].neurons:
        neuron.activation_function = Value.relu
    reference = nn.MLP(2, [3, 1], activation="tanh", seed=4)
    for neuron in reference.layers[0].neurons:
        neuron.activation_function = Value.relu
    for one, other in zip(reference.parameters(), model.parameters(), strict=True):
        one.data = other.data
    expected = nn.fit(reference, PEOPLE, epochs=3, engine="eager").loss
    assert nn.fit(model, PEOPLE, epochs=3, engine="native").loss == pytest.approx(expected, rel=1e-10)


def test_networks_of_one_shape_share_a_program(no_programs, monkeypatch):
    made = []
    monkeypatch.setattr(compiled, "trainer_for", lambda *args: made.append(args) or trainers.trainer_for(*args))
    for seed, data in ((1, PEOPLE), (2, PEOPLE), (3, MOONS)):
        nn.fit(nn.MLP(2, [3, 1], seed=seed), data, epochs=2, engine="native")
    assert len(made) == 1
    nn.fit(nn.MLP(2, [4, 1], seed=1), PEOPLE, epochs=2, engine="native")
    assert len(made) == 2
    # The same network, built of other objects, and one of somebody's own that computes the same.
    sequential = nn.Sequential(nn.Layer(2, 3, "tanh", seed=1), nn.Layer(3, 1, "tanh", seed=2), first_of)
    nn.fit(sequential, PEOPLE, epochs=2, engine="native")
    assert len(made) == 2


def first_of(outputs):
    return outputs[0]


def test_a_program_keeps_no_model_alive(no_programs):
    for make in (small(), Counted):
        model, optimizer = make(), nn.Adam(lr=0.01)
        assert nn.fit(model, PEOPLE, epochs=2, optimizer=optimizer, engine="native").engine == "native"
        gone = [weakref.ref(model), *map(weakref.ref, model.parameters())]
        del model
        gc.collect()
        assert [reference() for reference in gone] == [None] * len(gone)
    assert optimizer.memory.values() == []


class Counted(nn.MLP):
    """Not one of nn's own."""

    def __init__(self):
        super().__init__(2, [3, 1], seed=1)


# Numbers that are not finite


@pytest.mark.parametrize("lr", [1e60, 1e155, 1e308])
@pytest.mark.parametrize("epochs", [3, 50])
def test_an_explosion_is_the_same_as_node_by_node(lr, epochs):
    caught = []
    for engine in ("native", "eager"):
        model = nn.MLP(2, [1], activation="identity", initializer=1.0, seed=1)
        with pytest.raises(TrainingError) as error:
            nn.fit(model, PEOPLE, optimizer=nn.SGD(lr=lr, momentum=0.5), epochs=epochs, engine=engine)
        caught.append((error.value, [p.data for p in model.parameters()]))
    (native, ours), (eager, theirs) = caught
    assert (native.epoch, native.step, native.sample) == (eager.epoch, eager.step, eager.sample)
    assert ours == pytest.approx(theirs, rel=1e-9)
    assert native.history.loss == pytest.approx(eager.history.loss, rel=1e-9)
    assert str(native).splitlines()[0][:60] == str(eager).splitlines()[0][:60]


def test_a_false_alarm_is_not_an_end():
    """The squares of these gradients overflow, but they themselves do not."""

    def model():
        return nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1.0]]])

    data = ([[1e80], [1e-3], [1e80]], [0.0, 0.0, 0.0])
    found = both(model, data, optimizer=lambda: nn.SGD(lr=1e-170), epochs=3)
    assert_same(found)


@pytest.mark.parametrize("too_large", [1e200, 1.51e153], ids=["at once", "later"])
def test_an_explosion_on_the_validation_data_goes_back_behind_the_last_step(too_large):
    found = []
    for engine in ("native", "python", "numpy", "eager"):
        model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1.0]]])
        with pytest.raises(TrainingError, match="on the validation data") as error:
            nn.fit(model, ([[1.0], [2.0]], [9.0, 18.0]), validation=([[too_large]], [0.0]), epochs=9, engine=engine)
        history = error.value.history
        found.append(
            (error.value.epoch, error.value.step, history.loss, history.validation_loss, model.parameters()[0].data)
        )
    for ours in found[:-1]:
        for one, other in zip(ours, found[-1], strict=True):
            assert one == pytest.approx(other, rel=1e-12)
    assert found[0][0] == (1 if too_large == 1e200 else 3)


def test_the_keyboard_ends_a_compiled_run_between_two_calls(monkeypatch):
    monkeypatch.setattr(trainers, "SECONDS_PER_CALL", 1e-6)
    interrupt_at = 5
    calls = []
    run = stepping.EpochBlock.run

    def interrupted(self, upto=None):
        run(self, upto)
        calls.append(self.done)
        if len(calls) == interrupt_at:
            raise KeyboardInterrupt

    monkeypatch.setattr(stepping.EpochBlock, "run", interrupted)
    model = small()()
    history = nn.fit(model, PEOPLE, epochs=1000, engine="native")
    assert history.stopped_because == "keyboard"
    assert len(history) == sum(calls) // len(PEOPLE) == history.steps // len(PEOPLE)
    again = small()()
    assert nn.fit(again, PEOPLE, epochs=len(history), engine="eager").loss == pytest.approx(history.loss, rel=1e-10)
    assert [p.data for p in model.parameters()] == pytest.approx([p.data for p in again.parameters()], rel=1e-10)


def test_several_threads_train_at_once():
    expected = nn.fit(small()(), PEOPLE, epochs=300, engine="eager").loss
    results = {}

    def train(i):
        results[i] = nn.fit(small()(), PEOPLE, epochs=300, engine="native").loss

    threads = [threading.Thread(target=train, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(results[i] == pytest.approx(expected, rel=1e-10) for i in range(6))


def test_an_unknown_engine():
    with pytest.raises(ValueError, match="engine must be one of auto, eager, native"):
        nn.fit(small()(), PEOPLE, epochs=1, engine="fast")


@pytest.mark.parametrize("lr", [1e60, 1e155])
def test_an_explosion_in_the_first_step_of_a_call(lr, monkeypatch):
    """Then the last good step was made in the call before."""
    monkeypatch.setattr(trainers, "SECONDS_PER_CALL", 1e-9)
    found = []
    for engine in ("native", "eager"):
        model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1.0]]])
        with pytest.raises(TrainingError) as error:
            nn.fit(model, ([[1.0]], [0.0]), optimizer=nn.SGD(lr=lr, momentum=0.5), epochs=50, engine=engine)
        found.append((error.value.epoch, error.value.step, model.parameters()[0].data, error.value.history.loss))
    assert found[0][:2] == found[1][:2]
    assert found[0][2] == pytest.approx(found[1][2], rel=1e-9)
    assert found[0][3] == pytest.approx(found[1][3], rel=1e-9)


@pytest.mark.parametrize("batch_size", [1, 2])
def test_an_operation_that_overflows_in_generated_python(batch_size):
    model = nn.MLP(1, [1], activation=Value.exp, bias=False, weights=[[[0.1]]])
    data = ([[1.0], [1.0]], [1000.0, 1000.0])
    with pytest.raises(TrainingError, match="overflows"):
        nn.fit(model, data, optimizer=nn.SGD(lr=100.0), epochs=9, batch_size=batch_size, engine="python")


@pytest.mark.parametrize("how", ["data", "comparison", "computed"])
def test_a_branch_on_a_parameter_is_noticed(how):
    """It would be recorded as the way that was taken at first, and the training would be silently wrong."""

    class Branching(nn.Module):
        def __init__(self):
            self.w, self.b = nn.Parameter(0.5, "w"), nn.Parameter(0.0, "b")

        def forward(self, x):
            if how == "data":
                high = self.w.data > 0.45
            elif how == "comparison":
                high = self.w > 0.45
            else:
                high = self.w * self.w > 0.2
            return self.w * x[0] * (1 if high else 2) + self.b

    data = ([[1.0], [2.0]], [0.1, -0.2])
    found = []
    for engine in ("auto", "eager"):
        model = Branching()
        history = nn.fit(model, data, optimizer=nn.SGD(lr=0.05), epochs=5, engine=engine)
        found.append((history.engine, model.w.data, model.b.data))
    assert found[0] == found[1]
    assert found[0][0] == "eager"


@pytest.mark.parametrize("own", [False, True])
def test_a_callback_sees_the_graph_of_the_last_step_as_node_by_node(own):
    def run(engine):
        def look(event):
            graph = event.graph
            seen.append([graph.data, graph is event.graph, *[node.grad for node in topological_order(graph)]])
            seen[-1] += [p.grad for p in model.parameters()] + [p.data for p in model.parameters()]

        seen, model = [], Counted() if own else small()()
        history = nn.fit(
            model, MOONS, epochs=3, batch_size=7, penalty=nn.L2(0.1), callbacks=[look], engine=engine,
            clip_norm=0.01, optimizer=nn.Adam(lr=0.01),
        )  # fmt: skip
        assert history.engine == engine
        return [x for numbers in seen for x in numbers]

    assert run("native") == pytest.approx(run("eager"), rel=1e-9, abs=1e-12)


def test_memory_for_results_is_used_again_unless_it_is_much(monkeypatch, no_programs):
    def room_of_a_run(epochs):
        nn.fit(small()(), PEOPLE, epochs=epochs, engine="native")
        return closed[-1].room

    closed = []
    close = stepping.Buffers.close
    monkeypatch.setattr(stepping.Buffers, "close", lambda self: close(self) or closed.append(self))
    room = room_of_a_run(epochs=5)
    assert room_of_a_run(epochs=3) is room
    monkeypatch.setattr(stepping, "MOST_BYTES", 8 * 2 * 6 * len(PEOPLE))
    assert room_of_a_run(epochs=6) is not room_of_a_run(epochs=6)
