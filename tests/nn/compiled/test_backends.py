"""Who makes the steps: Python, NumPy, the interpreter and machine code give the same history."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

import nn
from autograd import Op, Value, ops
from autograd.engines import python_source
from autograd.program.calling import EngineMissing
from nn.compiled import backends as trainers
from nn.compiled import programs as compiled
from nn.compiled import tapes as recording
from nn.compiled.compilable import Setting
from nn.data import Dataset
from nn.training import TrainingError
from tests.nn.compiled.same_runs import MOONS, OPTIMIZERS, PEOPLE, assert_same, both, small, why_not

pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")


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


TOO_LONG = SimpleNamespace(operands=[(0, 1)] * 100_000)


def test_a_whole_step_is_a_tape_that_can_be_printed():
    model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[0.5]]])
    setting = Setting(
        dataset=Dataset.of(([[1.0]], [2.0])), validation=None, engine="python", model=model, own=None,
        parameters=model.parameters(), loss=nn.mean_squared_error, optimizer=nn.SGD(lr=0.1), penalty=None,
        clip_value=1.0, clip_norm=None, batch_size=1, metrics=nn.metrics.metrics_by_name("accuracy", nn.mean_squared_error),
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


def test_the_best_engine_is_chosen(monkeypatch, no_programs):
    def engine(batch_size=1, neurons=3):
        model = nn.MLP(2, [neurons, 1], seed=1)
        return nn.fit(model, PEOPLE, epochs=1, batch_size=batch_size).engine

    assert engine() == "native"

    def missing(*parts):
        raise EngineMissing("the native engine needs the package llvmlite")

    monkeypatch.setattr(trainers, "compile_training", missing)
    monkeypatch.setattr(trainers.groups, "program", missing)
    monkeypatch.setattr(trainers.singles, "program", missing)
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


def test_a_step_of_long_sums_that_is_too_long_for_one_function_of_python(monkeypatch, no_programs):
    """Its length is that of its products: here it has few steps, but sums of 40."""
    data = ([[0.01 * i for i in range(40)]] * 2, [[1.0, 0.0, 2.0, -1.0]] * 2)

    def weights():
        model = nn.MLP(40, [4], activation="identity", seed=1)
        nn.fit(model, data, epochs=2, batch_size=1, engine="python")
        return [parameter.data for parameter in model.parameters()]

    whole = weights()
    monkeypatch.setattr(trainers.python_source, "LONGEST", 600)
    compiled.forget()
    assert weights() == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("engine", ["python", "numpy"])
def test_an_explosion_without_machine_code(engine):
    model = nn.MLP(2, [1], activation="identity", initializer=1.0, seed=1)
    with pytest.raises(TrainingError) as error:
        nn.fit(model, PEOPLE, optimizer=nn.SGD(lr=1e60, momentum=0.5), epochs=50, engine=engine)
    assert (error.value.epoch, error.value.step) == (1, 4)


@pytest.mark.parametrize("batch_size", [1, 2])
def test_an_operation_that_overflows_in_generated_python(batch_size):
    model = nn.MLP(1, [1], activation=Value.exp, bias=False, weights=[[[0.1]]])
    data = ([[1.0], [1.0]], [1000.0, 1000.0])
    with pytest.raises(TrainingError, match="overflows"):
        nn.fit(model, data, optimizer=nn.SGD(lr=100.0), epochs=9, batch_size=batch_size, engine="python")
