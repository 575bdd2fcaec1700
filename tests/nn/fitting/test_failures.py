"""What goes wrong in a run: numbers that are not finite, Ctrl-C, settings that make no sense; and the progress bar."""

import io
import math
import pickle
import sys

import pytest

import autograd
import nn
from autograd import DataError, GradientError, NumberOverflowError, Value, ieee, no_grad
from nn.callbacks import EarlyStopping
from nn.data import Dataset
from nn.fitting.measuring import evaluate
from nn.optim import SGD, Adam
from nn.schedules import ExponentialSchedule
from nn.training import TrainingError, fit
from tests.nn.linear import Linear

# When something goes wrong


class Interrupted(Linear):
    """A model at whose n-th call somebody presses Ctrl-C."""

    def __init__(self, weight, n):
        super().__init__(weight)
        self.calls_left = n

    def __call__(self, x):
        self.calls_left -= 1
        if self.calls_left == 0:
            raise KeyboardInterrupt
        return super().__call__(x)


def test_the_keyboard_keeps_what_was_learned():
    model = Interrupted(1.0, 6)
    history = fit(model, ([1, 1], [0, 0]), epochs=100, engine="eager")
    assert history.stopped_because == "keyboard"
    assert (history.epochs, history.steps) == ([1, 2], 5)
    assert model.numbers == [pytest.approx(0.8**5)]


def test_the_keyboard_in_the_middle_of_an_update_leaves_no_half_of_it():
    class Interrupting(SGD):
        def step(self, parameters, lr=None):
            if self.memory and next(iter(self.memory.values()))[0] == 2:
                parameters[0].data = 99.0
                raise KeyboardInterrupt
            super().step(parameters, lr)

    model = Linear(1.0, 1.0)
    history = fit(model, ([[1, 1]], [0]), optimizer=Interrupting(lr=0.1), epochs=9)
    assert (history.stopped_because, history.steps) == ("keyboard", 2)
    assert model.numbers == pytest.approx([0.36, 0.36])


def test_a_loss_that_explodes_ends_the_run_and_keeps_the_last_good_parameters():
    model = Linear(1.0)
    sgd = SGD(lr=1e60, momentum=0.5)
    with pytest.raises(TrainingError) as caught:
        fit(model, Dataset([1, 2], [0, 0], sample_names=("one", "two")), optimizer=sgd, epochs=9)
    error = caught.value
    # By hand: w = 1 → -2e60 → 1.6e121 (its square is finite) → about -1e181, whose square is not.
    assert (error.epoch, error.step, error.sample) == (2, 4, 1)
    assert model.numbers[0] == pytest.approx(1.6e121, rel=0.01)
    assert (2 * model.numbers[0]) ** 2 < math.inf
    text = str(error)
    assert text.startswith("training ended in epoch 2, step 4, at sample 2 (two): x **")
    assert "2 overflows at x = " in text
    assert "last finite loss" in text
    assert "smaller learning rate (it was 1e+60)" in text
    assert isinstance(error.__cause__, NumberOverflowError)
    assert error.history.epochs == [1]
    assert error.history.stopped_because == "error"
    assert error.history.steps == 3
    # The optimizer's memory went back as well.
    assert sgd.memory[model.weights[0]][0] == 2


@pytest.mark.parametrize("engine", ["eager", "python"])
def test_a_first_step_that_is_undone_is_forgotten_by_the_optimizer(engine):
    model, optimizer = Linear(1.0, 1.0), Adam(lr=1e200)
    with pytest.raises(TrainingError, match="step 2"):
        fit(model, ([[1.0, 2.0]], [0.0]), optimizer=optimizer, epochs=3, engine=engine)
    assert model.numbers == [1.0, 1.0]
    assert optimizer.memory.of(model.weights) == [(0, (0.0, 0.0))] * 2


def test_an_explosion_in_the_first_step_changes_nothing():
    model = Linear(1e200)
    with pytest.raises(TrainingError, match=r"(?s)epoch 1, step 1, at sample 1: .*No step was made") as caught:
        fit(model, ([[1.0]], [0.0]))
    assert model.numbers == [1e200]
    assert len(caught.value.history) == 0


def test_an_explosion_in_the_backward_pass_of_a_batch():
    class Root(Linear):
        def __call__(self, x):
            return autograd.sqrt(super().__call__(x))

    model = Root(0.0)
    with pytest.raises(TrainingError, match="step 1, in a batch of 2 samples: the derivative of sqrt") as caught:
        fit(model, ([[1.0], [2.0]], [1.0, 1.0]), batch_size=2)
    assert caught.value.sample is None
    assert model.numbers == [0.0]


@pytest.mark.parametrize("engine", ["eager", "python", "numpy", "auto"])
@pytest.mark.parametrize("lr", [-1, math.nan, "0.1", None, True])
def test_a_rate_that_was_set_later_is_looked_at_as_well(engine, lr):
    model, optimizer = Linear(1.0), SGD(lr=0.1)
    optimizer.lr = lr
    with pytest.raises((TypeError, ValueError), match=r"^lr (is|must be)"):
        fit(model, ([[1.0]], [0.0]), optimizer=optimizer, engine=engine)
    assert model.numbers == [1.0]


@pytest.mark.parametrize("engine", ["eager", "python", "numpy", "auto"])
@pytest.mark.parametrize("data", ["1.5", None, [1.0], 1j, 10**400, Value(1.0)])
def test_a_parameter_that_was_set_to_no_number_is_named(engine, data):
    model = nn.MLP(1, [1], output_activation="identity")
    model.parameters()[0].data = data
    with pytest.raises(DataError, match=r"(was given .* \(w1\)|a number is too large for a float: 1000)"):
        nn.fit(model, ([[1.0]], [0.0]), engine=engine)


def test_an_update_that_overflows():
    model = Linear(1.0)
    with pytest.raises(TrainingError, match="at sample 1: the update of w1 by SGD has no finite result"):
        fit(model, ([[1e10]], [0.0]), optimizer=SGD(lr=1e300))
    assert model.numbers == [1.0]


def test_an_explosion_on_the_validation_data():
    model = Linear(1.0)
    with pytest.raises(TrainingError, match="epoch 1, step 1, on the validation data: ") as caught:
        fit(model, ([[1.0]], [0.0]), validation=([[1.0], [1e200]], [0.0, 0.0]))
    assert caught.value.sample is None
    assert caught.value.__cause__.__notes__ == ["  This came of sample 2."]
    assert model.numbers == [1.0]


@pytest.mark.parametrize("engine", ["eager", "python", "numpy", "auto"])
def test_losses_on_the_validation_data_whose_sum_overflows(engine):
    model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1.0]]])
    with pytest.raises(TrainingError, match="epoch 1, step 1, on the validation data: intermediate overflow"):
        nn.fit(model, ([[1.0]], [1.0]), validation=([[1e154], [1e154]], [0.0, 0.0]), engine=engine)
    assert model.parameters()[0].data == 1.0


def test_in_ieee_mode_the_first_operation_that_is_not_finite_is_named():
    with ieee():
        model = Linear(1e200)
        with pytest.raises(TrainingError, match=r"x \*\* ?2 is inf at x = 1e\+200"):
            fit(model, ([[1.0]], [0.0]))
        model = Linear(math.nan)
        with pytest.raises(TrainingError, match="w1 is nan"):
            fit(model, ([[1.0]], [0.0]))
        model = Linear(0.0)
        with pytest.raises(TrainingError, match=r"the length of the gradient is .*; that of w1 alone is"):
            fit(model, ([[1.0]], [1.0]), loss=lambda p, t: autograd.sqrt(p) - t)
        model.weights[0].label = ""
        with pytest.raises(TrainingError, match="that of one parameter alone is"):
            fit(model, ([[1.0]], [1.0]), loss=lambda p, t: autograd.sqrt(p) - t)
        with pytest.raises(NumberOverflowError, match="a number is inf"):
            evaluate(lambda x: Value(math.inf), ([[1.0]], [0.0]), loss=lambda p, t: p)


def test_the_error_can_be_pickled():
    with pytest.raises(TrainingError) as caught:
        fit(Linear(1e200), ([[1.0]], [0.0]))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.epoch, again.step, again.sample) == (str(caught.value), 1, 1, 0)
    assert again.history == caught.value.history


def test_a_loss_that_has_nothing_to_do_with_the_model():
    with pytest.raises(GradientError, match="does not depend on any parameter"):
        fit(Linear(1.0), ([1], [0]), loss=lambda p, t: Value(3.0))
    with no_grad(), pytest.raises(GradientError, match="with no_grad"):
        fit(Linear(1.0), ([1], [0]))
    with pytest.raises(TypeError, match="the loss must be a Value"):
        fit(Linear(1.0), ([1], [0]), loss=lambda p, t: p.data - t)


class NotCallable:
    def parameters(self):
        return [Value(1.0)]


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"data": [1, 2]}, DataError, "data must be"),
        ({"validation": 3}, DataError, "data must be"),
        ({"model": NotCallable()}, TypeError, "a model is called with inputs"),
        ({"model": Linear}, TypeError, "a model is called with inputs"),
        ({"model": lambda x: x}, TypeError, "a model is called with inputs"),
        ({"model": Linear()}, ValueError, "no parameters that could be trained"),
        ({"loss": "mse"}, TypeError, "loss must be a function"),
        ({"optimizer": SGD}, TypeError, "optimizer must be one like"),
        ({"optimizer": "adam"}, TypeError, "optimizer must be one like"),
        ({"epochs": 0}, ValueError, "epochs is 0"),
        ({"epochs": 1.5}, TypeError, "epochs must be a whole number"),
        ({"batch_size": 0}, ValueError, "batch_size is 0"),
        ({"batch_size": "all"}, TypeError, "batch_size must be a whole number"),
        ({"shuffle": True, "seed": -1}, ValueError, "seed is -1"),
        ({"shuffle": True, "seed": "one"}, TypeError, "seed must be a whole number"),
        ({"penalty": 0.1}, TypeError, "penalty must be a function"),
        ({"schedule": ExponentialSchedule}, TypeError, "schedule must be a function"),
        ({"schedule_unit": "batch"}, ValueError, "schedule_unit must be"),
        ({"clip_value": 0}, ValueError, "clip_value is 0"),
        ({"clip_norm": -1}, ValueError, "clip_norm is -1"),
        ({"record_every": 0}, ValueError, "record_every is 0"),
        ({"callbacks": print}, TypeError, "callbacks must be a list"),
        ({"callbacks": 3}, TypeError, "callbacks must be a list"),
        ({"callbacks": ["print"]}, TypeError, "a callback must be a function or have one of"),
        ({"callbacks": [EarlyStopping]}, TypeError, "a callback must be a function or have one of"),
        ({"early_stopping": 0}, ValueError, "early_stopping is 0"),
        ({"early_stopping": EarlyStopping(monitor="accuracy")}, ValueError, "this run only has loss; pass metrics"),
        ({"callbacks": [EarlyStopping(monitor="validation_loss")]}, ValueError, "to watch 'validation_loss'"),
    ],
)
def test_a_wrong_setting_is_an_error_before_anything_happens(settings, kind, message):
    model = settings.get("model", Linear(1.0))
    arguments = {"data": ([1], [0])} | settings | {"model": model}
    with pytest.raises(kind, match=message):
        fit(**arguments)
    if isinstance(model, Linear):
        assert [w.grad for w in model.weights] == [0] * len(model.weights)
        assert model.numbers in ([1.0], [])


def test_a_parameter_must_be_a_leaf():
    model = Linear(1.0)
    model.weights = [model.weights[0] * 2]
    with pytest.raises(ValueError, match="a parameter is a leaf"):
        fit(model, ([1], [0]))


def test_a_loaded_optimizer_must_fit_the_model():
    saved = SGD().state_dict() | {"parameters": [{"step": 1, "velocity": 0.0}]}
    sgd = SGD()
    sgd.load_state_dict(saved)
    model = Linear(1.0, 2.0)
    with pytest.raises(ValueError, match="belongs to 1 parameters"):
        fit(model, ([[1, 1]], [0]), optimizer=sgd)
    assert model.numbers == [1.0, 2.0]


def test_an_arithmetic_error_without_words_is_still_explained():
    def silent(prediction, target):
        raise OverflowError

    with pytest.raises(TrainingError, match="at sample 1: OverflowError\n"):
        fit(Linear(1.0), ([1], [0]), loss=silent)


# Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Notebook(io.StringIO):
    pass


Notebook.__module__ = "ipykernel.iostream"


@pytest.mark.parametrize(
    ("stream", "progress", "shown"),
    [
        (io.StringIO, None, False),
        (io.StringIO, True, True),
        (Terminal, None, True),
        (Terminal, False, False),
        (Notebook, None, True),
    ],
)
def test_a_progress_bar_is_shown_where_somebody_can_see_it(monkeypatch, stream, progress, shown):
    monkeypatch.setattr(sys, "stderr", stream())
    history = fit(Linear(1.0), ([1], [0]), epochs=5, progress=progress)
    written = sys.stderr.getvalue()
    if shown:
        assert "5/5" in written
        assert f"loss={history.loss[-1]:.4g}" in written
    else:
        assert written == ""
