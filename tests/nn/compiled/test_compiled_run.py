"""A compiled run between its calls: callbacks, the keyboard, and numbers that are not finite."""

import threading
from fractions import Fraction

import numpy as np
import pytest

import nn
from autograd import topological_order
from nn.compiled import backends as trainers
from nn.compiled import buffers as stepping
from nn.compiled import compiled_run
from nn.training import TrainingError
from tests.nn.compiled.same_runs import MOONS, PEOPLE, assert_same, both, small

pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")


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


def test_a_false_alarm_with_metrics():
    def model():
        return nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1.0]]])

    data = ([[1e80], [1e-3]], [0.0, 1.0])
    assert_same(both(model, data, optimizer=lambda: nn.SGD(lr=1e-170), epochs=2, metrics="accuracy"))


class Counted(nn.MLP):
    """Not one of nn's own."""

    def __init__(self):
        super().__init__(2, [3, 1], seed=1)


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


def run_in_calls_of_one_epoch(monkeypatch, **settings):
    """A run, and after which epochs the parameters were written back."""
    monkeypatch.setattr(compiled_run, "epochs_per_call", lambda tapes, batches: 1)
    written, write = [], stepping.Buffers.write

    def noted(self):
        if not self.written:
            written.append(self.before // len(PEOPLE))
        write(self)

    monkeypatch.setattr(stepping.Buffers, "write", noted)
    model = small()()
    return model, nn.fit(model, PEOPLE, engine="native", **settings), written


@pytest.mark.parametrize(
    "settings", [{"callbacks": [lambda event: None]}, {"validation": PEOPLE}, {"early_stopping": 9}]
)
def test_parameters_are_written_back_for_whoever_looks(settings, monkeypatch):
    assert run_in_calls_of_one_epoch(monkeypatch, epochs=5, **settings)[2] == [1, 2, 3, 4, 5]


def test_parameters_that_nobody_looks_at_are_written_back_at_the_end(monkeypatch):
    model, _, written = run_in_calls_of_one_epoch(monkeypatch, epochs=5)
    assert written == [5]
    again = small()()
    nn.fit(again, PEOPLE, epochs=5, engine="eager")
    assert [p.data for p in model.parameters()] == pytest.approx([p.data for p in again.parameters()], rel=1e-10)


def test_an_interruption_between_two_calls_keeps_what_was_learned(monkeypatch):
    rates = compiled_run.CompiledRun.rates

    def interrupted(self, epochs, per_epoch):
        if 4 in epochs:
            raise KeyboardInterrupt
        return rates(self, epochs, per_epoch)

    monkeypatch.setattr(compiled_run.CompiledRun, "rates", interrupted)
    optimizer = nn.SGD(lr=0.1, momentum=0.5)
    model, history, written = run_in_calls_of_one_epoch(monkeypatch, epochs=5, optimizer=optimizer)
    assert (history.stopped_because, len(history), written) == ("keyboard", 3, [3])
    again, same = small()(), nn.SGD(lr=0.1, momentum=0.5)
    nn.fit(again, PEOPLE, epochs=3, engine="eager", optimizer=same)
    assert [p.data for p in model.parameters()] == pytest.approx([p.data for p in again.parameters()], rel=1e-10)
    assert [count for count, _ in optimizer.memory.values()] == [count for count, _ in same.memory.values()]


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


def line(weight=1.0):
    return nn.MLP(1, [1], activation="identity", bias=False, weights=[[[weight]]])


@pytest.mark.parametrize("engine", ["native", "python", "numpy"])
@pytest.mark.parametrize("epochs", [1, 3])
def test_a_step_that_fails_leaves_the_gradients_that_were_there(engine, epochs):
    """Machine code has computed new ones by then, which are not numbers."""
    found = []
    for chosen in (engine, "eager"):
        model, optimizer = line(), nn.SGD(lr=1e200)
        with pytest.raises(TrainingError, match="overflows at"):
            nn.fit(model, ([[1.0], [2.0]], [0.0, 0.0]), optimizer=optimizer, epochs=epochs, engine=chosen)
        found.append([parameter.grad for parameter in model.parameters()])
    assert found[0] == found[1] == [2.0]


@pytest.mark.parametrize("engine", ["native", "python", "numpy"])
def test_a_step_that_was_made_node_by_node_keeps_its_graph_and_its_loss(engine):
    """The length of its gradient overflows in the program; at the next step everything does."""
    found = []
    for chosen in (engine, "eager"):
        graphs = []
        with pytest.raises(TrainingError, match="overflows at") as error:
            nn.fit(
                line(), ([[1e80], [1e-3]], [0.0, 1e150]), optimizer=nn.SGD(lr=1e-12), epochs=3, engine=chosen,
                callbacks=[lambda event, graphs=graphs: graphs.append(event.graph.data)],
            )  # fmt: skip
        found.append((graphs, error.value.epoch, str(error.value).splitlines()[1]))
    assert found[0] == found[1]


def overflowing(parameters):
    return parameters[0] ** 4


def test_a_penalty_that_overflows_is_an_error_of_the_training():
    for engine in ("native", "eager"):
        with pytest.raises(TrainingError, match=r"x \*\* 4 overflows at x = 1e\+100"):
            nn.fit(line(1e100), ([[1e-100]], [0.0]), penalty=overflowing, engine=engine)


class Outer(nn.Module):
    def __init__(self):
        self.inner = nn.MLP(2, [2, 1], "tanh", seed=1)

    def forward(self, x):
        return self.inner(x)


@pytest.mark.parametrize("make", [np.float64, np.float32, np.float16, np.int64, Fraction, bool, int])
@pytest.mark.parametrize("is_frozen", [True, False])
@pytest.mark.parametrize("engine", ["eager", "native", "python", "numpy"])
def test_a_parameter_may_be_set_to_any_kind_of_number(engine, is_frozen, make):
    """What is computed from it has all digits, and no engine writes the number's class into its source."""
    found = []
    for kind in (make, float):
        for model in (Outer(), nn.MLP(2, [2, 1], "tanh", seed=1)):
            first = model.parameters()[0]
            first.data, first.requires_grad = kind(make(0.3)), not is_frozen
            history = nn.fit(model, PEOPLE, epochs=3, engine=engine, progress=False)
            assert history.engine == engine
            found.append((history.loss, [parameter.data for parameter in model.parameters()]))
    assert found[:2] == found[2:]
