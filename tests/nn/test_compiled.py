"""Training as a program gives the same history as training node by node."""

import gc
import threading
import weakref

import numpy as np
import pytest

import nn
from autograd import Value, ieee
from autograd.engines import native_training
from nn import compiled
from nn.compiled import CannotCompile
from nn.data import Dataset
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
def test_a_network_too_large_to_be_compiled_is_interpreted(batch_size, monkeypatch):
    monkeypatch.setattr(native_training, "LONGEST", 10)
    found = both(
        small(), MOONS, optimizer=lambda: nn.Adam(lr=0.02), epochs=3, batch_size=batch_size, penalty=nn.L2(0.01),
        metrics="accuracy",
    )  # fmt: skip
    assert_same(found)
    assert isinstance(next(iter(compiled._programs[found[0][1]].values())).train, compiled.InterpretingTrainer)


def test_the_best_engine_is_chosen(monkeypatch):
    def engine(batch_size=1, neurons=3):
        model = nn.MLP(2, [neurons, 1], seed=1)
        return nn.fit(model, PEOPLE, epochs=1, batch_size=batch_size).engine

    assert engine() == "native"

    def missing(tapes, one_by_one):
        raise compiled.EngineMissing("the native engine needs the package llvmlite")

    monkeypatch.setattr(compiled, "compile_training", missing)
    assert engine() == "python"
    assert engine(batch_size=2) == "numpy"
    monkeypatch.setattr(compiled.python_source, "LONGEST", 100)
    assert engine(neurons=30) == engine(batch_size=2, neurons=31) == "numpy"
    model = small()()
    with pytest.raises(CannotCompile, match="needs the package llvmlite"):
        raise_reason(model, engine="native")


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
    with pytest.raises(CannotCompile, match="a comparison was asked"):
        raise_reason(model)
    history = nn.fit(model, PEOPLE, epochs=2)
    assert history.engine == "eager"
    assert "node by node, because a comparison was asked of Tracer(x1)" in capsys.readouterr().err
    nn.fit(model, PEOPLE, epochs=2)
    assert capsys.readouterr().err == "", "the same reason is said once"


def raise_reason(model, data=PEOPLE, **settings):
    optimizer = settings.pop("optimizer", nn.SGD(lr=0.1))
    optimizer.prepare(model.parameters())
    setting = compiled.Setting(
        model, model.parameters(), settings.pop("loss", nn.mean_squared_error), optimizer,
        settings.pop("penalty", None), settings.pop("clip_value", None), settings.pop("clip_norm", None),
        one_by_one=True, with_predictions=False,
    )  # fmt: skip
    program, columns = compiled.program_for(setting, Dataset.of(data), settings.pop("engine", "auto"))
    compiled.Stepper(program, columns, optimizer)


def test_every_reason_is_given():
    class OwnStep(nn.SGD):
        def step(self, parameters, lr=None):
            super().step(parameters, lr)

    class Uneven(nn.SGD):
        pass

    model = small()()
    cases = {
        "both set": {"clip_value": 1.0, "clip_norm": 1.0},
        "asks for it": {"engine": "eager"},
        "step\\(\\) of its own": {"optimizer": OwnStep(lr=0.1)},
        "does not depend on any parameter": {
            "loss": lambda p, t: (t - 1) ** 2 if not isinstance(t, (int, float)) else Value(t) - 1
        },
        "the loss is not a Value": {"loss": lambda p, t: 1.0},
        "the penalty does not depend": {"penalty": lambda ps: Value(1.0)},
    }
    for reason, settings in cases.items():
        with pytest.raises(CannotCompile, match=reason):
            raise_reason(model, **settings)
    with ieee(), pytest.raises(CannotCompile, match="ieee"):
        raise_reason(model)
    uneven = Uneven(lr=0.1)
    uneven.prepare(model.parameters())
    uneven.memory[model.parameters()[0]] = (3, (0.0,))
    with pytest.raises(CannotCompile, match="more often"):
        raise_reason(model, optimizer=uneven)


def test_an_error_of_the_model_is_raised_as_it_is_and_nothing_is_said(capsys):
    with pytest.raises(nn.ShapeError):
        nn.fit(nn.MLP(3, [1]), PEOPLE, epochs=1)
    assert capsys.readouterr().err == ""


def test_a_loss_that_ignores_the_recorded_numbers():
    model = small()()
    with pytest.raises(CannotCompile, match="does not depend on the data or the parameters"):
        raise_reason(model, loss=lambda p, t: Value(1.0))


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
    with pytest.raises(CannotCompile, match="something else each time"):
        raise_reason(Counting(), data=([[1.0], [1.0]], [0.0, 0.0]))


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


def test_a_model_that_has_been_changed_is_noticed_by_its_inputs():
    model = small()()
    nn.fit(model, PEOPLE, epochs=1, engine="native")
    [program] = compiled._programs[model].values()
    assert not compiled.agrees(program, compiled.Columns(np.zeros((9, 2)), 8, "number", 0), 0.0)


def test_a_model_that_computes_something_else_each_time():
    rng = np.random.default_rng(0)

    class Dropout(nn.MLP):
        def forward(self, x):
            return super().forward(x) * float(rng.random())

    with pytest.raises(CannotCompile, match="something else each time"):
        raise_reason(Dropout(2, [2, 1], seed=1))


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


def test_a_program_is_used_again_and_goes_with_its_model():
    model = small()()
    nn.fit(model, PEOPLE, epochs=2, engine="native")
    [program] = compiled._programs[model].values()
    nn.fit(model, PEOPLE, epochs=2, engine="native")
    assert list(compiled._programs[model].values()) == [program]
    gone = weakref.ref(program)
    del program, model
    gc.collect()
    assert gone() is None


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


def test_an_explosion_on_the_validation_data_goes_back_behind_the_last_step():
    numbers = []
    for engine in ("native", "eager"):
        model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1.0]]])
        with pytest.raises(TrainingError, match="on the validation data"):
            nn.fit(model, ([[1.0], [2.0]], [0.0, 0.0]), validation=([[1e200]], [0.0]), epochs=2, engine=engine)
        numbers.append(model.parameters()[0].data)
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-12)


def test_the_keyboard_ends_a_compiled_run_between_two_calls(monkeypatch):
    monkeypatch.setattr(compiled, "SECONDS_PER_CALL", 1e-6)
    interrupt_at = 5
    calls = []
    run = compiled.Steps.run

    def interrupted(self, upto=None):
        run(self, upto)
        calls.append(self.done)
        if len(calls) == interrupt_at:
            raise KeyboardInterrupt

    monkeypatch.setattr(compiled.Steps, "run", interrupted)
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
    monkeypatch.setattr(compiled, "SECONDS_PER_CALL", 1e-9)
    found = []
    for engine in ("native", "eager"):
        model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1.0]]])
        with pytest.raises(TrainingError) as error:
            nn.fit(model, ([[1.0]], [0.0]), optimizer=nn.SGD(lr=lr, momentum=0.5), epochs=50, engine=engine)
        found.append((error.value.epoch, error.value.step, model.parameters()[0].data, error.value.history.loss))
    assert found[0][:2] == found[1][:2]
    assert found[0][2] == pytest.approx(found[1][2], rel=1e-9)
    assert found[0][3] == pytest.approx(found[1][3], rel=1e-9)


def test_an_operation_that_overflows_in_generated_python():
    model = nn.MLP(1, [1], activation=Value.exp, bias=False, weights=[[[0.1]]])
    with pytest.raises(TrainingError, match="overflows"):
        nn.fit(model, ([[1.0]], [1000.0]), optimizer=nn.SGD(lr=100.0), epochs=9, engine="python")


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


def test_a_callback_can_look_at_the_graph_of_the_last_step():
    seen = []

    def look(event):
        seen.append((event.graph.data, event.graph is event.graph))

    model = small()()
    history = nn.fit(model, PEOPLE, epochs=2, batch_size=3, penalty=nn.L2(0.1), callbacks=[look], engine="native")
    assert history.engine == "native"
    expected = (model(PEOPLE.inputs[3]).data - PEOPLE.targets[3]) ** 2 + nn.l2_penalty(model, 0.1).data
    assert seen[-1] == (pytest.approx(expected), True)
