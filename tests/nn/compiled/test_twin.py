"""Models, losses and optimizers of somebody's own: what a compiled run notices, and that it leaves them alone."""

import collections
import copy
import gc
import itertools
import pickle
import queue
import random
import tempfile
import threading
import time
import tracemalloc
import types
import unittest.mock
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import nn
from autograd import AutogradError, DivisionByZeroError, Value, jit, log, tanh
from autograd.program.tracer import Tracer
from nn.compiled import backends, twin
from nn.compiled import programs as compiled
from nn.fitting import progress
from nn.losses import LossError

PEOPLE = nn.data.alice_bob()


def trained(make_model, engine, seed=5, **settings):
    """The history and the model; with Python's and NumPy's random numbers from a seed."""
    random.seed(seed)
    np.random.seed(seed)
    model = make_model()
    settings = {name: make() if name == "penalty" else make for name, make in settings.items()}
    return nn.fit(model, settings.pop("data", PEOPLE), engine=engine, progress=False, **settings), model


class Wrapped:
    """A small network inside of something else."""

    def __init__(self):
        self.inner = nn.MLP(2, [4, 1], activation="tanh", seed=1)
        self.own = random.Random(3)
        self.generator = np.random.default_rng(3)
        self.calls = 0
        self.log = []
        self.seen = set()

    def parameters(self):
        return self.inner.parameters()


class Dropout(Wrapped):
    def __init__(self, draw):
        super().__init__()
        self.draw = draw

    def __call__(self, x):
        first, last = self.inner.layers
        return last([v if self.draw(self) > 0.1 else v * 0 for v in first(x)])[0]


class Counting(Wrapped):
    def __call__(self, x):
        self.calls += 1
        y = self.inner(x)
        return y if self.calls < 10 else -y


class Remembering(Wrapped):
    def __call__(self, x):
        self.log.append(self.inner(x))
        return self.log[-1]


class Collecting(Wrapped):
    def __call__(self, x):
        self.seen.add(len(self.seen))
        return self.inner(x)


@pytest.mark.parametrize(
    ("make_model", "reason"),
    [
        (lambda: Dropout(lambda self: random.random()), "random numbers are drawn"),
        (lambda: Dropout(lambda self: np.random.rand()), "random numbers are drawn"),
        (lambda: Dropout(lambda self: self.own.random()), "changes while it computes"),
        (lambda: Dropout(lambda self: self.generator.random()), "changes while it computes"),
        (Counting, "changes while it computes"),
        (Remembering, "changes while it computes"),
        (Collecting, "changes while it computes"),
    ],
)
def test_a_model_that_is_not_the_same_each_time(make_model, reason, capsys, monkeypatch):
    monkeypatch.setattr(progress, "_said", set())
    auto, model = trained(make_model, "auto", epochs=5)
    assert reason in capsys.readouterr().err
    eager, other = trained(make_model, "eager", epochs=5)
    assert auto.engine == "eager"
    assert auto.loss == eager.loss
    assert (model.calls, len(model.log), model.seen) == (other.calls, len(other.log), other.seen)
    assert all(isinstance(y, Value) for y in model.log)


def test_what_is_kept_outside_of_the_model_is_named(capsys, said_nothing):
    noise, inner = itertools.count(), nn.MLP(2, [1], seed=1)

    def model(x):
        return inner(x) * (1 + 0.1 * next(noise))

    def penalty(parameters):
        return sum(p * p for p in parameters) * next(noise)

    model.parameters = inner.parameters
    assert nn.fit(model, PEOPLE, epochs=2, progress=False).engine == "eager"
    assert "noise, which is outside of the model, changes while the model computes" in capsys.readouterr().err
    assert nn.fit(inner, PEOPLE, penalty=penalty, epochs=2, progress=False).engine == "eager"


def test_a_function_that_assigns_outside_of_itself_is_not_even_called():
    calls = 0

    def count():
        nonlocal calls
        calls += 1
        return calls

    class Model(nn.MLP):
        def forward(self, x):
            return super().forward(x) * float(count())

    assert nn.fit(Model(2, [1], seed=1), PEOPLE, epochs=2, progress=False).engine == "eager"
    assert calls == 2 * len(PEOPLE)


class Slope:
    def __init__(self, k):
        self.k = k

    def __call__(self, parameters):
        return self.k * sum(p * p for p in parameters)


class Loss:
    def __init__(self, delta):
        self.delta = delta

    def __call__(self, prediction, target):
        # For targets of 1 delta does not count, and the first sample has one.
        return (prediction - target) ** 2 * (target + (1 - target) * self.delta)


FACTOR = 1.0


def loss_with_a_global(prediction, target):
    return (prediction - target) ** 2 * (target + (1 - target) * FACTOR)


def change_penalty(model, penalty, loss):
    penalty.k = 2.0


def change_loss(model, penalty, loss):
    loss.delta = 5.0


def change_activation(model, penalty, loss):
    for neuron in model.layers[0].neurons:
        neuron.activation_function, neuron.activation = nn.Neuron(1, "leaky_relu").activation_function, "leaky_relu"


@pytest.mark.parametrize("change", [change_penalty, change_loss, change_activation])
def test_a_change_between_two_runs(change):
    def run(engine):
        model, penalty, loss = nn.MLP(2, [3, 1], "relu", seed=2), Slope(0.1), Loss(1.0)
        settings = {"penalty": penalty, "loss": loss, "epochs": 3, "progress": False, "engine": engine}
        nn.fit(model, PEOPLE, **settings)
        change(model, penalty, loss)
        return nn.fit(model, PEOPLE, **settings)

    native, eager = run("auto"), run("eager")
    assert native.engine != "eager"
    assert native.loss == pytest.approx(eager.loss, rel=1e-10)


def test_the_same_data_set_with_other_numbers():
    data = nn.Dataset([[0.5, 1.0], [2.0, -1.0]], [0.25, 0.75])
    model = nn.MLP(2, [1], "sigmoid", seed=1)
    settings = {"loss": nn.binary_cross_entropy, "optimizer": nn.SGD(lr=1e-9), "progress": False}
    first = nn.fit(model, data, epochs=1, **settings).loss
    assert nn.fit(model, data, epochs=1, **settings).loss == pytest.approx(first)
    data.inputs[0][0] = 3.0
    changed = nn.fit(model, data, epochs=1, **settings).loss
    assert changed == pytest.approx(nn.fit(model, data, epochs=1, engine="eager", **settings).loss)
    assert changed != pytest.approx(first)
    data.targets[1] = 7.0
    with pytest.raises(LossError, match="a target is a probability"):
        nn.fit(model, data, epochs=1, **settings)


def test_a_history_that_goes_on():
    model = nn.MLP(2, [1], seed=1)
    whole = nn.History()
    whole.add_many(range(1, 3), np.array([1.0, 2.0]), [0.1, 0.1], np.array([3.0, 4.0]), 1)
    # As arrays until somebody asks, which a copy does.
    for same in (copy.copy(whole), copy.deepcopy(whole), pickle.loads(pickle.dumps(whole)), whole):
        assert same == nn.History(epochs=[1, 2], loss=[1.0, 2.0], lr=[0.1, 0.1], gradient_norm=[3.0, 4.0])
    with pytest.raises(AttributeError, match="no 'losses'"):
        _ = whole.losses
    whole.add_many(range(3, 4), np.array([5.0]), [0.2], np.array([6.0]), 1)
    assert (whole.epochs, whole.loss) == ([1, 2, 3], [1.0, 2.0, 5.0])
    assert (whole.lr, whole.gradient_norm) == ([0.1, 0.1, 0.2], [3.0, 4.0, 6.0])
    assert nn.fit(model, PEOPLE, epochs=3, progress=False).epochs == [1, 2, 3]


def test_old_programs_give_way(monkeypatch, no_programs):
    def remembered(*args):
        train, engine = backends.trainer_for(*args)
        made.append(weakref.ref(train))
        return train, engine

    made = []
    monkeypatch.setattr(compiled, "MOST_PROGRAMS", 2)
    monkeypatch.setattr(compiled, "trainer_for", remembered)
    penalty = Slope(0.0)
    for k in (1.0, 2.0, 3.0, 1.0):
        penalty.k = k
        for given in (penalty, nn.L1(k)):
            assert nn.fit(nn.MLP(2, [1], seed=1), PEOPLE, penalty=given, epochs=1).engine != "eager"
    gc.collect()
    assert len(made) > 4
    # Two by their tapes, and those of two programs.
    assert len([train for train in made if train() is not None]) <= 4


def test_a_global_number_that_changes(monkeypatch):
    histories = []
    for engine in ("auto", "eager"):
        model = nn.MLP(2, [3, 1], seed=2)
        monkeypatch.setitem(globals(), "FACTOR", 1.0)
        nn.fit(model, PEOPLE, loss=loss_with_a_global, epochs=3, progress=False, engine=engine)
        monkeypatch.setitem(globals(), "FACTOR", 7.0)
        histories.append(
            nn.fit(model, PEOPLE, loss=loss_with_a_global, epochs=3, progress=False, engine=engine).loss
        )
    assert histories[0] == pytest.approx(histories[1], rel=1e-10)


def test_what_surprises_a_model_only_while_it_is_recorded(capsys, said_nothing):
    table = {-2.0: 0.5}

    def quotient(x):
        return inner(x) * (1 + x[0] // 2)

    def look_up(x):
        return inner(x) * table.get(float(x[0]), 1.0)

    def look_at_array(x):
        assert np.isfinite(np.array(x, dtype=float)).all()
        return inner(x)

    def swallow(x):
        try:
            sign = 1 if x[0] > 0 else -1
        except TypeError:
            sign = 0.5
        return inner(x) * sign

    for model in (quotient, look_up, look_at_array, swallow):
        losses = []
        for engine in ("auto", "eager"):
            inner = nn.MLP(2, [1], seed=1)
            model.parameters = inner.parameters
            history = nn.fit(model, PEOPLE, epochs=3, progress=False, engine=engine)
            assert history.engine == "eager"
            losses.append(history.loss)
        assert losses[0] == losses[1]
    said = capsys.readouterr().err
    assert "a whole quotient was asked of x1," in said
    assert "(at test_twin.py, line" in said


def test_a_tracer_that_was_kept():
    kept = []

    @jit
    def f(x):
        kept.append(x)
        return tanh(x)

    f(1.0)
    for use in (lambda: kept[0] * 2, lambda: Value(2.0) * kept[0], lambda: tanh(kept[0])):
        with pytest.raises(AutogradError, match="it was kept from an earlier call of a traced function"):
            use()


# losses that look at numbers


@pytest.mark.parametrize("engine", ["auto", "python", "numpy", "native"])
@pytest.mark.parametrize("batch_size", [1, None])
def test_predictions_that_are_no_probabilities(engine, batch_size):
    if engine == "native":
        pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")

    def run(engine):
        model = nn.MLP(1, [1], "identity", weights=[[[1.0]]], bias_values=[[0.0]])
        data = ([[0.5], [2.0], [-3.0]], [1, 0, 1])
        with pytest.raises(LossError) as caught:
            nn.fit(
                model, data, loss=nn.binary_cross_entropy, epochs=3, batch_size=batch_size, engine=engine,
                progress=False, optimizer=nn.SGD(lr=0.01),
            )  # fmt: skip
        return str(caught.value), [p.data for p in model.parameters()]

    message, parameters = run(engine)
    assert message.startswith("a prediction is a probability, from 0 to 1, but got 2.0")
    assert (message, parameters) == run("eager")


def test_a_prediction_that_leaves_the_probabilities_later():
    def run(engine):
        model = nn.MLP(1, [1], "identity", weights=[[[0.1]]], bias_values=[[0.5]])
        history = []
        with pytest.raises(LossError, match=r"but got 1\.0"):
            nn.fit(
                model, ([[1.0], [0.9]], [1, 1]), loss=nn.binary_cross_entropy, epochs=500, engine=engine,
                progress=False, optimizer=nn.SGD(lr=0.01), callbacks=[lambda event: history.append(event.loss)],
            )  # fmt: skip
        return history, [p.data for p in model.parameters()]

    (native, found), (eager, expected) = run("auto"), run("eager")
    assert len(native) > 5
    assert native == pytest.approx(eager, rel=1e-10)
    assert found == pytest.approx(expected, rel=1e-10)


def test_probabilities_of_classes():
    model = nn.MLP(2, [2], "identity", seed=1)
    with pytest.raises(LossError, match="a prediction is a probability"):
        nn.fit(model, PEOPLE, loss=nn.categorical_cross_entropy, epochs=1, progress=False)
    softmax = [nn.MLP(2, [3, 2], "tanh", output_activation="softmax", seed=1) for _ in range(2)]
    histories = [
        nn.fit(model, PEOPLE, loss=nn.categorical_cross_entropy, epochs=20, progress=False, engine=engine)
        for model, engine in zip(softmax, ("auto", "eager"), strict=True)
    ]
    assert histories[0].engine != "eager"
    assert histories[0].loss == pytest.approx(histories[1].loss, rel=1e-10)


def test_a_loss_in_a_traced_function():
    f = jit(lambda p, t: nn.binary_cross_entropy(p, t))
    assert f(0.25, 1.0) == pytest.approx(-np.log(0.25), rel=1e-15)
    assert f(1.0, 1.0) == 0.0
    for wrong in (-3.0, 1.5):
        with pytest.raises(DivisionByZeroError) as caught:
            f(wrong, 1.0)
        assert any("is a prediction a probability, from 0 to 1?" in note for note in caught.value.__notes__)
    classes = jit(lambda a, b, t: nn.cross_entropy([a, b], t))
    assert classes(1.0, 2.0, 1) == pytest.approx(np.log1p(np.exp(-1)), rel=1e-15)
    with pytest.raises(DivisionByZeroError) as caught:
        classes(1.0, 2.0, 2)
    assert any("is it a whole number from 0 to 1?" in note for note in caught.value.__notes__)


def test_every_class_is_looked_at():
    model = nn.MLP(1, [13], "identity", seed=1)
    xs, classes = [[0.1 * i] for i in range(14)], [*range(13), 99]
    with pytest.raises(LossError, match="the target 99 is no class"):
        nn.fit(model, (xs, classes), loss=nn.cross_entropy, epochs=1, progress=False)


def test_of_many_targets_the_extremes_are_looked_at():
    model = nn.MLP(1, [1], "sigmoid", seed=1)
    xs, targets = [[0.1 * i] for i in range(40)], [*[i / 50 for i in range(39)], 1.5]
    with pytest.raises(LossError, match=r"a target is a probability, from 0 to 1, but got 1\.5"):
        nn.fit(model, (xs, targets), loss=nn.binary_cross_entropy, epochs=1, progress=False)


# state inside of a model: a run leaves it as node-by-node training leaves it


class Line(nn.Module):
    def __init__(self, state, use):
        self.w = nn.Parameter(0.1)
        self.state, self.use = state, use

    def forward(self, x):
        return self.w * x[0] * self.use(self.state, x)


DATA = ([[0.5], [1.0], [-0.3], [2.0], [0.1], [-1.2], [0.7], [1.5]], [1.0, 1.9, -0.5, 4.2, 0.2, -2.5, 1.3, 3.1])


def rarely(draw):
    """A drop-out that is missed by whoever looks at a few draws only."""
    return lambda state, x: 0.0 if draw(state) < 0.05 else 1.0


def remembered(state, x):
    return 1.0 + 0.1 * state.setdefault(tuple(x), len(state))


def counted(state, x):
    state[0] += 1
    return 1.0 + 1.0 / float(state[0])


def appended(state, x):
    state.append(x[0])
    return 1.0 if len(state) % 7 else 0.0


INSIDE = {
    "random.Random": (lambda: random.Random(3), rarely(lambda state: state.random()), random.Random.getstate),
    "a generator of NumPy": (
        lambda: np.random.default_rng(3), rarely(lambda state: state.random()), lambda state: state.bit_generator.state,
    ),
    "a RandomState": (
        lambda: np.random.RandomState(3), rarely(lambda state: state.random_sample()), lambda state: state.rand(),
    ),
    "a method of a generator": (
        lambda: random.Random(3).random, rarely(lambda state: state()), lambda state: state(),
    ),
    "a counter": (lambda: itertools.count(1), lambda state, x: 1.0 if next(state) % 20 else 0.0, next),
    "an array": (lambda: np.zeros(1), counted, list),
    "a list": (lambda: [0], counted, list),
    "a long list": (lambda: [0.0] * 20_000, appended, list),
    "a deque": (lambda: collections.deque([0.0]), appended, list),
    "a cache": (dict, remembered, dict),
    "a constant Value": (
        lambda: Value(1.0), lambda state, x: state.__setattr__("data", 2.0) or 1.0, lambda state: state.data,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "use", "look"), INSIDE.values(), ids=INSIDE)
def test_state_inside_of_a_model(make, use, look, capsys, said_nothing):
    def run(engine):
        model = Line(make(), use)
        history = nn.fit(model, DATA, epochs=12, optimizer=nn.SGD(lr=0.01), engine=engine, progress=False)
        return history.engine, history.loss, model.w.data, look(model.state)

    assert run("auto") == run("eager")
    assert "this training runs node by node, because" in capsys.readouterr().err


def test_chance_that_cannot_be_repeated_may_be_held():
    """One that is only held is copied, or not: in any case the model can be trained."""
    for chance in (random.SystemRandom(), np.random.default_rng(), random):
        nn.fit(Line(chance, lambda state, x: 1.0), DATA, epochs=2, progress=False)


@pytest.mark.parametrize("drawn", [random.random, lambda: np.random.rand()], ids=["Python's", "NumPy's"])
def test_chance_that_everybody_shares(drawn):
    def run(engine):
        random.seed(4)
        np.random.seed(4)
        model = Line(None, rarely(lambda state: drawn()))
        history = nn.fit(model, DATA, epochs=20, optimizer=nn.SGD(lr=0.01), engine=engine, progress=False)
        return history.engine, history.loss, drawn()

    assert run("auto") == run("eager")


def test_numbers_that_another_thread_draws_come_once():
    drawn, ended = [], threading.Event()

    def draw():
        while not ended.wait(0.0005):
            drawn.append(random.random())

    def pause(state, x):
        time.sleep(0.003)
        return look_at(state, x)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        nn.fit(Line(None, pause), DATA, epochs=2, progress=False)
    finally:
        ended.set()
        thread.join()
    assert len(drawn) > 16
    assert len(set(drawn)) == len(drawn)


# what is the user's stays as it is


class Frozen(dict):
    def _refuse(self, *args, **named):
        raise TypeError("frozen")

    clear = update = __setitem__ = pop = _refuse


class Watched(list):
    def __init__(self, *items):
        super().__init__(items)
        self.calls = []

    def append(self, item):
        self.calls.append(item)
        super().append(item)


def look_at(state, x):
    return 1.0 if x[0] > -99 else 0.0


def put(state, x):
    state.put(x[0])
    return look_at(state, x)


UNTOUCHED = {
    "a read-only dict": (lambda: Frozen(a=1), look_at, dict),
    "a list that notes calls": (lambda: Watched(1, 2), look_at, lambda state: (list(state), state.calls)),
    "a queue": (queue.Queue, put, lambda state: state.qsize()),
    "a lock": (threading.Lock, look_at, lambda state: state.locked()),
    "a generator": (lambda: iter(i for i in range(1000)), lambda state, x: next(state) * look_at(state, x), next),
    "an open file": (
        tempfile.TemporaryFile, lambda state, x: state.write(b"x") * look_at(state, x), lambda state: (state.tell(), state.close()),
    ),
    "a mock": (
        unittest.mock.MagicMock, lambda state, x: state.used(1) and look_at(state, x),
        lambda state: state.used.call_count,
    ),
    "a set": (lambda: {f"b{i}" for i in range(50)} - {"b3", "b7"}, look_at, list),
    "a thread pool": (
        lambda: ThreadPoolExecutor(1), lambda state, x: state.submit(look_at, state, x).result(),
        lambda state: (len(state._threads), state.shutdown()),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "use", "look"), UNTOUCHED.values(), ids=UNTOUCHED)
def test_the_users_objects_are_left_alone(make, use, look):
    seen = []
    for engine in ("auto", "eager"):
        model = Line(make(), use)
        history = nn.fit(model, DATA, epochs=2, engine=engine, optimizer=nn.SGD(lr=0.01), progress=False)
        seen.append((history.engine, history.loss, look(model.state)))
    assert seen[0] == seen[1]


def test_a_large_array_is_not_copied():
    big = np.zeros(20_000_000)
    tracemalloc.start()
    nn.fit(Line(big, lambda state, x: 1.0 + float(state[7])), DATA, epochs=2, progress=False)
    assert tracemalloc.get_traced_memory()[1] < big.nbytes / 4
    tracemalloc.stop()


def test_what_others_do_in_the_meantime_stays():
    """Another thread appends to a list and counts in an object of the model while that is recorded."""

    def also(state, x):
        thread = threading.Thread(target=lambda: (real.append(x), setattr(inner, "hits", inner.hits + 1)))
        thread.start()
        thread.join()
        return look_at(state, x)

    inner = nn.MLP(1, [1], seed=1)
    inner.hits, real = 0, []
    model = Line([inner, real], also)
    nn.fit(model, DATA, epochs=2, progress=False)
    assert model.state[1] is real
    assert len(real) == inner.hits >= 16


def test_the_keyboard_while_a_model_is_recorded():
    def seen(state, x):
        state.append(1)
        if isinstance(x[0], Tracer):
            raise KeyboardInterrupt
        return 1.0

    model = Line([], seen)
    labels = [p.label for p in model.parameters()]
    history = nn.fit(model, DATA, epochs=3, progress=False)
    assert (history.stopped_because, history.steps, model.state) == ("keyboard", 0, [])
    assert [p.label for p in model.parameters()] == labels
    assert type(model.w) is nn.Parameter
    model.use = lambda state, x: 1.0
    assert nn.fit(model, DATA, epochs=3, progress=False).engine != "eager"


def test_a_model_that_changes_its_inputs():
    def halve(state, x):
        x[0] = x[0] * 0.5
        return 1.0

    found = []
    for engine in ("auto", "eager"):
        data = nn.Dataset(*DATA)
        found.append((nn.fit(Line(None, halve), data, epochs=2, engine=engine, progress=False).loss, data.inputs))
    assert found[0] == found[1]


def test_what_no_tracer_can_refuse_is_noticed_in_the_comparison():
    for use in (
        lambda state, x: 3.0 if type(x[0]) is float else 1.0,
        lambda state, x: 3.0 if isinstance(x[0], (int, float)) and x[0] == -0.3 else 1.0,
    ):
        losses = [nn.fit(Line(None, use), DATA, epochs=2, engine=e, progress=False).loss for e in ("auto", "eager")]
        assert losses[0] == losses[1]


def test_more_objects_than_anybody_would_copy(monkeypatch, capsys, said_nothing):
    monkeypatch.setattr(twin, "MOST", 1000)
    model = Line([[0.0] for _ in range(1000)], lambda state, x: 1.0)
    assert nn.fit(model, DATA, epochs=1, progress=False).engine == "eager"
    assert "consists of more than 1,000 objects" in capsys.readouterr().err


class Tally:
    """Its class counts; an object of it stands in a global."""

    total = 0

    def add(self):
        type(self).total += 1
        return 1.0


TALLY = Tally()


def test_what_a_global_object_counts_in_its_class(capsys, said_nothing):
    model = Line(None, lambda state, x: TALLY.add())
    assert nn.fit(model, DATA, epochs=1, progress=False).engine == "eager"
    assert "Tally.total, which is outside of the model, changes" in capsys.readouterr().err


class Hidden:
    """What it counts nobody can read: a lock cannot be copied, nor anything that holds one."""

    def __init__(self):
        self.lock, self.calls = threading.Lock(), 0

    def count(self):
        self.calls += 1
        return float(self.calls)


def knows(plain, recorded):
    """A function that is one thing for numbers and another for tracers, which cannot be refused."""
    return lambda state, x: plain(x) if type(x[0]) is float else recorded(x)


def test_what_nobody_can_read_shows_in_two_recordings(capsys, said_nothing):
    hidden = Hidden()
    model = Line(None, lambda state, x: 1.0 + 1e-3 * hidden.count())
    assert nn.fit(model, DATA, epochs=1, progress=False).engine == "eager"
    assert "the model changes while it computes" in capsys.readouterr().err


@pytest.mark.parametrize(
    "use",
    [
        knows(lambda x: 2.0, lambda x: 1.0),
        knows(lambda x: 2.0, lambda x: log(Value(-1.0) * x[0] * x[0])),
        knows(lambda x: {}[x[0]], lambda x: 1.0),
    ],
    ids=["another number", "an operation that is not defined", "an error"],
)
def test_a_model_that_knows_whether_it_is_recorded(use):
    found = []
    for engine in ("auto", "eager"):
        model = Line(None, use)
        try:
            history = nn.fit(model, DATA, epochs=2, engine=engine, optimizer=nn.SGD(lr=0.01), progress=False)
            found.append((history.engine, history.loss, model.w.data))
        except KeyError as error:
            found.append((repr(error), model.w.data))
    assert found[0] == found[1]


def test_a_program_that_fails_where_the_model_does_not():
    """It divides by 0 only while it is recorded."""

    class Model(nn.Module):
        def __init__(self):
            self.w, self.b = nn.Parameter(0.5), nn.Parameter(0.0)

        def forward(self, x):
            return self.w * x[0] + (self.b if type(x[0]) is float else self.w / self.b)

    assert nn.fit(Model(), DATA, epochs=2, optimizer=nn.SGD(lr=1e-3), progress=False).engine == "eager"


def test_losses_and_penalties_that_know_whether_they_are_recorded():
    def loss(prediction, target):
        return 1.0 if type(target) is not Tracer else (prediction - target) ** 2

    with pytest.raises(TypeError, match="the loss must be a Value"):
        nn.fit(nn.Neuron(1, seed=1), DATA, loss=loss, epochs=1, progress=False)

    def penalty(parameters):
        return sum(p * p * (2.0 if isinstance(p, Value) else 1.0) for p in parameters)

    losses = [
        nn.fit(nn.Neuron(1, seed=1), DATA, penalty=penalty, epochs=2, engine=engine, progress=False).loss
        for engine in ("auto", "eager")
    ]
    assert losses[0] == losses[1]


def test_data_that_have_lost_their_form():
    for engine in ("auto", "eager"):
        data = nn.Dataset(*DATA)
        data.inputs[3].append(1.0)
        with pytest.raises(nn.ShapeError, match="takes 1 input, but 2 were given"):
            nn.fit(nn.Neuron(1, seed=1), data, epochs=1, engine=engine, progress=False)


def test_networks_that_are_not_quite_nns_own():
    class MyParameter(nn.Parameter):
        __slots__ = ()

    def run(engine):
        with_parameter, with_tuple = nn.Neuron(1, seed=1), nn.MLP(1, [2, 1], seed=1)
        with_parameter.weights[0] = MyParameter(0.3, "w1")
        with_tuple.layers = tuple(with_tuple.layers)
        histories = [nn.fit(m, DATA, epochs=2, engine=engine, progress=False) for m in (with_parameter, with_tuple)]
        assert [history.engine == "eager" for history in histories] == [engine == "eager"] * 2
        return [x for history in histories for x in history.loss]

    assert run("auto") == pytest.approx(run("eager"), rel=1e-10)


def helper_module(name):
    module = types.ModuleType(name)
    module.calls = [0]
    return module


COUNTS = helper_module("counts_of_test_twin")


class Counter:
    """In its ways of being called it counts in a module of somebody's own."""

    @staticmethod
    def in_a_static_method():
        COUNTS.calls[0] += 1
        return 1.0

    @classmethod
    def in_a_class_method(cls):
        return cls.in_a_static_method()

    @property
    def in_a_property(self):
        return self.in_a_class_method()

    def in_a_method(self):
        return self.in_a_property


COUNTER = Counter()


@pytest.mark.parametrize("later", [False, True])
def test_what_functions_of_all_kinds_change_outside_is_named(later, capsys, said_nothing):
    bound = COUNTER.in_a_method

    def use(state, x):
        return bound() if len(state) == 2 else unfinished

    if later:
        unfinished = 1.0
    model = Line(np.array([nn.Parameter(1.0), None]), use)
    assert nn.fit(model, DATA, epochs=1, progress=False).engine == "eager"
    assert (
        "COUNTS.calls, which is outside of the model, changes while the model computes" in capsys.readouterr().err
    )


def test_a_function_draws_by_chance_if_it_names_the_module_or_one_of_its_functions():
    draw = random.random
    assert twin.names_chance(lambda: random.random())
    assert twin.names_chance(lambda: draw())
    assert not twin.names_chance(lambda: random_looking_name)


random_looking_name = 4
