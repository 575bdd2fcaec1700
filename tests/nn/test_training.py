"""fit against published trainings, NumPy and PyTorch; how a run is steered, stopped, and kept whole."""

import io
import math
import pickle
import random
import sys

import numpy as np
import pytest

import autograd
from autograd import DataError, GradientError, NumberOverflowError, Value, ieee, no_grad
from nn.callbacks import EarlyStopping, Event, StopTraining
from nn.data import Dataset, alice_bob, blobs, linear_relationship, moons, single_neuron
from nn.fitting.measuring import evaluate
from nn.layers import MLP
from nn.losses import (
    L2,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy,
    half_squared_error,
    hinge,
    mean_squared_error,
)
from nn.metrics import accuracy
from nn.optim import SGD, Adam
from nn.schedules import ExponentialSchedule
from nn.training import TrainingError, fit


class Linear:
    """w · x with the given weights: the smallest model there is."""

    def __init__(self, *weights):
        self.weights = [Value(w, f"w{i}") for i, w in enumerate(weights, 1)]

    def parameters(self):
        return self.weights

    def __call__(self, x):
        return autograd.total([w * number for w, number in zip(self.weights, x, strict=True)])

    @property
    def numbers(self):
        return [w.data for w in self.weights]


# What teachers have published


def test_example_1_a_single_neuron_by_hand():
    model = Linear(0.3, 0.9)
    history = fit(model, single_neuron(), loss=half_squared_error, optimizer=SGD(lr=1.0), epochs=1)
    assert history.loss == [pytest.approx(0.35**2 / 2)]
    assert model.numbers == pytest.approx([0.265, 0.62])
    assert model([0.1, 0.8]).data == pytest.approx(0.5225)
    assert model([0.1, 0.8]).data - 0.4 == pytest.approx(0.1225)


def test_example_2_weights_of_a_linear_relationship():
    data = linear_relationship()
    model = Linear(200, -14, 3456)
    history = fit(model, data, optimizer=SGD(lr=0.001), epochs=1000, batch_size="full", record_parameters=True)
    # The same descent in NumPy: the gradient is -2·(y - z)·x, averaged over the five samples.
    x, y = data.as_arrays()
    w = np.array([200.0, -14.0, 3456.0])
    path = []
    for _ in range(1000):
        w = w - 0.001 * (-2 * (y - x @ w)[:, None] * x).mean(axis=0)
        path.append(w)
    ours = np.column_stack([history.parameters[f"w{i}"] for i in (1, 2, 3)])
    np.testing.assert_allclose(ours, path, rtol=1e-9, atol=1e-9)
    # With the gradient averaged over the samples, 1000 updates are not quite enough: the slowest
    # direction (eigenvalue 4.91 of the mean of 2·x·xᵀ) shrinks by 1 - 0.00491 in each of them.
    assert model.numbers == pytest.approx([1.5903, -0.3251, 1.2389], abs=1e-4)
    fit(model, data, optimizer=SGD(lr=0.001), epochs=1000, batch_size="full")
    assert model.numbers == pytest.approx([0.5, 0.9, 1.2], abs=0.01)
    # Added up instead of averaged, which is a rate 5 times as large, 1000 do find the weights.
    model = Linear(200, -14, 3456)
    fit(model, data, optimizer=SGD(lr=0.005), epochs=1000, batch_size="full")
    assert model.numbers == pytest.approx([0.5, 0.9, 1.2], abs=1e-6)
    assert history.parameters_at_start == {"w1": 200.0, "w2": -14.0, "w3": 3456.0}


@pytest.mark.parametrize("seed", range(20))
def test_example_5_alice_and_bob_from_any_of_20_seeds(seed):
    people = alice_bob()
    model = MLP(2, [2, 1], activation="sigmoid", seed=seed)
    history = fit(model, people, optimizer=SGD(lr=0.1), epochs=1000, batch_size=1)
    after = evaluate(model, people, metrics="accuracy")
    assert after["loss"] < 0.005
    assert after["accuracy"] == 1.0
    assert history.loss[-1] < 0.005
    emily, frank = (model(x).data for x in people.unseen.inputs)
    assert emily > 0.5 > frank


# The steps of an epoch


@pytest.mark.parametrize("batch_size", [1, 3, 7, 20, 1000, None])
def test_batches_of_any_size_equal_torch(batch_size):
    torch = pytest.importorskip("torch", reason="PyTorch is what we compare with")
    data = moons(20, seed=3)
    model = MLP(2, [3, 1], activation="tanh", seed=4)
    tensors = []
    for layer in model.layers:
        for numbers in ([[w.data for w in n.weights] for n in layer.neurons], [n.bias.data for n in layer.neurons]):
            tensors.append(torch.tensor(numbers, dtype=torch.float64, requires_grad=True))
    optimizer = torch.optim.Adam(tensors, lr=0.05)
    x, y = (torch.tensor(array).double() for array in data.as_arrays())
    losses = []
    size = batch_size or len(data)
    for _ in range(4):
        total = 0.0
        for start in range(0, len(data), size):
            hidden = torch.tanh(x[start : start + size] @ tensors[0].T + tensors[1])
            output = torch.tanh(hidden @ tensors[2].T + tensors[3])[:, 0]
            loss = torch.nn.functional.mse_loss(output, y[start : start + size])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(output)
        losses.append(total / len(data))
    history = fit(model, data, optimizer=Adam(lr=0.05), epochs=4, batch_size=batch_size)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-9)
    assert history.steps == 4 * math.ceil(20 / size)
    ours = [[w.data for w in n.weights] for n in model.layers[0].neurons]
    np.testing.assert_allclose(ours, tensors[0].detach().numpy(), rtol=1e-7)


def test_a_ragged_last_batch_is_averaged_rightly():
    # With a rate of 0 nothing moves, so the epoch's loss is the plain mean over the five samples.
    data = linear_relationship()
    x, y = data.as_arrays()
    expected = np.mean((y - x @ [1.0, 2.0, 3.0]) ** 2)
    for batch_size in (1, 2, 3, 5):
        history = fit(Linear(1, 2, 3), data, optimizer=SGD(lr=0), epochs=1, batch_size=batch_size)
        assert history.loss == [pytest.approx(expected, rel=1e-14)]
    # One batch of 3 and one of 2, by hand.
    model = Linear(1, 2, 3)
    fit(model, data, optimizer=SGD(lr=0.001), epochs=1, batch_size=3)
    w = np.array([1.0, 2.0, 3.0])
    for part in (slice(0, 3), slice(3, 5)):
        w = w - 0.001 * (-2 * (y[part] - x[part] @ w)[:, None] * x[part]).mean(axis=0)
    assert model.numbers == pytest.approx(w.tolist(), rel=1e-12)


def test_gradients_are_forgotten_before_each_step():
    model = Linear(1.0)
    model.weights[0].grad = 1e6
    fit(model, ([[1.0]], [0.0]), epochs=1)
    assert model.numbers == [pytest.approx(0.8)]


def test_several_outputs_and_classes():
    data = blobs(30, seed=1)
    model = MLP(4, [3], activation="identity", seed=0)
    torch_free = evaluate(model, data, loss=softmax_loss)["loss"]
    logits = np.array([[o.data for o in model(x)] for x in data.inputs])
    by_numpy = -np.mean([row[y] - np.log(np.exp(row).sum()) for row, y in zip(logits, data.targets, strict=True)])
    assert torch_free == pytest.approx(by_numpy, rel=1e-12)
    history = fit(model, data, loss=softmax_loss, epochs=20, batch_size=10, metrics="accuracy", validation=data)
    assert history.loss[-1] < 0.1 * history.loss[0]
    assert history.metrics["accuracy"][-1] == history.metrics["validation_accuracy"][-1] == 1.0
    assert len(history.validation_loss) == 20
    assert history.validation_loss[-1] == pytest.approx(evaluate(model, data, loss=softmax_loss)["loss"], rel=1e-12)


def softmax_loss(outputs, target):
    return categorical_cross_entropy(autograd.softmax(outputs), target)


def test_three_kinds_of_data_give_the_same_run():
    data = alice_bob()
    runs = [
        fit(MLP(2, [2, 1], "sigmoid", seed=1), kind, epochs=3).loss
        for kind in (data, (data.inputs, data.targets), list(data), data.as_arrays())
    ]
    assert runs[0] == runs[1] == runs[2] == runs[3]


def test_shuffling_with_a_seed_repeats_itself():
    def losses(seed, **settings):
        model, data = Linear(1, 2, 3), linear_relationship()
        history = fit(model, data, optimizer=SGD(lr=0.001), epochs=5, seed=seed, **settings)
        return history.loss, history.seed

    assert losses(1, shuffle=True) == losses(1, shuffle=True)
    assert losses(1, shuffle=True) != losses(2, shuffle=True)
    assert losses(1) == (losses(2)[0], None)
    # A source of chance, Python's or NumPy's, is used as it is.
    assert losses(random.Random(1), shuffle=True) == (losses(1, shuffle=True)[0], None)
    drawn, seed = losses(np.random.default_rng(1), shuffle=True)
    assert losses(np.random.default_rng(1), shuffle=True) == (drawn, None) == (drawn, seed)
    assert drawn != losses(1, shuffle=True)[0]
    # A seed that nobody chose is written down, and gives the same run again.
    drawn, seed = losses(None, shuffle=True)
    assert losses(seed, shuffle=True) == (drawn, seed)


def test_shuffling_visits_every_sample_once_in_an_order_of_its_own():
    seen = []

    class Watching(Linear):
        def __call__(self, x):
            seen.append(x[0])
            return super().__call__(x)

    fit(Watching(1.0), (range(10), [0] * 10), optimizer=SGD(lr=0), epochs=2, shuffle=True, seed=0, engine="eager")
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:] != list(range(10))


def test_penalty_is_part_of_the_loss():
    model = Linear(3.0)
    history = fit(model, ([[1.0]], [3.0]), epochs=1, penalty=L2(0.5))
    assert history.loss == [4.5]
    assert model.numbers == [pytest.approx(3.0 - 0.1 * 3.0)]


def test_a_schedule_counts_epochs_or_steps_from_0():
    def rates(unit):
        seen = []

        class Listener:
            def on_step(self, event):
                seen.append(event.lr)

        history = fit(
            Linear(1.0), ([1, 2], [1, 2]), optimizer=SGD(lr=0.1), epochs=3,
            schedule=ExponentialSchedule(0.5), schedule_unit=unit, callbacks=[Listener()],
        )  # fmt: skip
        return seen, history.lr

    assert rates("epoch") == ([0.1, 0.1, 0.05, 0.05, 0.025, 0.025], [0.1, 0.05, 0.025])
    assert rates("step") == ([0.1 * 0.5**i for i in range(6)], [0.1 * 0.5**i for i in (1, 3, 5)])
    with pytest.raises(ValueError, match="the learning rate from the schedule is -1"):
        fit(Linear(1.0), ([1], [1]), schedule=lambda epoch, lr: -1)


def test_clipping():
    # The gradient of (w·3 + v·4 - 0)² at w = v = 1 is (42, 56), of length 70.
    for settings, expected in [
        ({}, (42.0, 56.0)),
        ({"clip_norm": 7.0}, (4.2, 5.6)),
        ({"clip_norm": 100.0}, (42.0, 56.0)),
        ({"clip_value": 50.0}, (42.0, 50.0)),
        ({"clip_value": 42.0, "clip_norm": 0.42 * math.sqrt(2)}, (0.42, 0.42)),
    ]:
        model = Linear(1.0, 1.0)
        history = fit(model, ([[3.0, 4.0]], [0.0]), optimizer=SGD(lr=1.0), epochs=1, **settings)
        assert [1.0 - w for w in model.numbers] == pytest.approx(expected, rel=1e-5)
        assert history.gradient_norm == [pytest.approx(70.0)]


def test_fitting_again_with_the_same_optimizer_goes_on():
    data = linear_relationship()
    at_once, in_two = Linear(1, 2, 3), Linear(1, 2, 3)
    fit(at_once, data, optimizer=Adam(lr=0.1), epochs=6)
    adam = Adam(lr=0.1)
    fit(in_two, data, optimizer=adam, epochs=3)
    fit(in_two, data, optimizer=adam, epochs=3)
    assert in_two.numbers == at_once.numbers


def test_a_parameter_that_is_used_twice_is_one_parameter():
    class Twice(Linear):
        def parameters(self):
            return [self.weights[0], self.weights[0]]

    model = Twice(1.0)
    history = fit(model, ([[1.0]], [0.0]), epochs=1)
    assert model.numbers == [pytest.approx(0.8)]
    assert history.gradient_norm == [2.0]


# Metrics


def test_metrics_are_those_of_the_predictions_made_on_the_way():
    def mean_prediction(predictions, targets):
        assert targets == [2.0, 4.0]
        return np.float64(sum(predictions) / len(predictions))

    history = fit(
        Linear(1.0), ([1.0, 2.0], [2.0, 4.0]), optimizer=SGD(lr=0), epochs=2, metrics={"mean": mean_prediction}
    )
    assert history.metrics == {"mean": [1.5, 1.5]}
    assert type(history.metrics["mean"][0]) is float


def test_accuracy():
    assert accuracy([0.9, 0.1, 0.5, 0.51], [1, 0, 0, 0]) == 0.75
    assert accuracy([0.3, -0.3, 2.0, 0.1], [1, -1, 1, -1]) == 0.75
    assert accuracy([[0.1, 0.9], [0.9, 0.1]], [1, 1]) == 0.5
    assert accuracy([[0.1, 0.9], [0.9, 0.1]], [[0, 1], [1, 0]]) == 1.0
    with pytest.raises(ValueError, match="one prediction for each target: 1, 2"):
        accuracy([0.5], [1, 0])
    with pytest.raises(ValueError, match="one prediction for each target: 0, 0"):
        accuracy([], [])


def test_accuracy_judges_logits_and_margins_by_their_sign():
    # sigmoid(0.3) > 0.5, so a logit of 0.3 says class 1 as soon as one output shows that these are logits.
    assert accuracy([0.3, -2.0, 4.0, 0.1], [1, 0, 1, 0]) == 0.75
    assert accuracy([1.5, 0.4], [1, 0]) == 0.5
    assert accuracy([0.3, 0.4], [0, 1], threshold=0.35) == 1.0
    assert accuracy([0.3, 0.4], [1, 1], threshold=0) == 1.0
    # Targets keep their own middle: a target of 0.1 is class 0 where the outputs are logits.
    assert accuracy([-2.0, 2.0], [0.1, 0.9]) == 1.0


@pytest.mark.parametrize(
    ("loss", "targets", "outputs", "expected"),
    [
        (binary_cross_entropy_with_logits, [1, 0], [0.2, -3.0], 1.0),
        (binary_cross_entropy_with_logits, [1, 0], [0.2, 0.1], 0.5),
        (hinge, [1, -1], [0.2, -0.1], 1.0),
        (binary_cross_entropy, [1, 0], [0.6, 0.4], 1.0),
        # An output that was drawn towards 0 and lies a little beside it still says class 0.
        (mean_squared_error, [1, 0, 0], [1.1, 0.1, -0.1], 1.0),
        (mean_squared_error, [1, -1, -1], [1.1, -0.2, -0.9], 1.0),
        # A loss that nobody knows says nothing about the outputs, so their range does.
        (lambda prediction, target: (prediction - target) ** 2, [1, 0], [0.2, -3.0], 1.0),
        (lambda prediction, target: (prediction - target) ** 2, [1, 0], [0.2, 0.1], 0.5),
    ],
)
def test_accuracy_takes_the_threshold_of_the_loss(loss, targets, outputs, expected):
    data = ([[output] for output in outputs], targets)
    assert evaluate(Linear(1.0), data, loss=loss, metrics="accuracy")["accuracy"] == expected
    history = fit(Linear(1.0), data, loss=loss, optimizer=SGD(lr=0), epochs=1, metrics="accuracy", validation=data)
    assert history.metrics["accuracy"] == history.metrics["validation_accuracy"] == [expected]


def test_metrics_by_name_and_what_is_no_metric():
    data = ([0.0, 1.0], [0, 1])
    assert evaluate(Linear(1.0), data, metrics=["accuracy"]) == {"loss": 0.0, "accuracy": 1.0}
    with pytest.raises(ValueError, match="no metric is named 'acuracy'; known by name: accuracy"):
        evaluate(Linear(1.0), data, metrics="acuracy")
    with pytest.raises(TypeError, match="metrics must be functions by name"):
        evaluate(Linear(1.0), data, metrics={"error": 3})
    with pytest.raises(TypeError, match='"loss" is taken'):
        evaluate(Linear(1.0), data, metrics={"loss": accuracy})


def test_evaluating_changes_nothing_and_takes_plain_outputs():
    class Plain(Linear):
        def __call__(self, x):
            return [super().__call__(x), 1.0]

    model = Plain(1.0)
    found = evaluate(model, ([[2.0]], [[0.0, 1.0]]), metrics={"both": lambda p, t: p[0][0] + p[0][1]})
    assert found == {"loss": 2.0, "both": 3.0}
    assert model.weights[0].grad == 0


# The history


def test_what_the_history_keeps():
    data = alice_bob()
    model = MLP(2, [2, 1], "sigmoid", seed=1)
    start = model.state_dict()
    history = fit(model, data, epochs=10, record_parameters=True, record_every=4)
    assert history.epochs == [1, 4, 8, 10]
    assert history.parameters_at_start == start
    assert {name: column[-1] for name, column in history.parameters.items()} == model.state_dict()
    assert all(len(column) == 4 for column in (history.loss, history.lr, history.gradient_norm))
    assert history.lr == [0.1] * 4
    assert history.steps == 40
    assert history.seconds > 0
    assert history.stopped_because == "finished"
    assert fit(model, data, epochs=1).parameters == {}


def test_names_of_parameters_without_a_module():
    def names(*labels):
        model = Linear(*[1.0] * len(labels))
        for weight, label in zip(model.weights, labels, strict=True):
            weight.label = label
        return list(fit(model, ([[1.0] * len(labels)], [0.0]), epochs=1, record_parameters=True).parameters)

    assert names("a", "b") == ["a", "b"]
    assert names("a", "") == ["parameter 1", "parameter 2"]
    assert names("a", "a") == ["parameter 1", "parameter 2"]


# Callbacks


def test_callbacks_are_told_what_happens():
    told = []

    class Listener:
        def on_start(self, event):
            told.append(("start", event.epoch, event.step))

        def on_step(self, event):
            told.append(("step", event.epoch, event.step, event.graph.data == event.loss))

        def on_epoch(self, event):
            told.append(("epoch", event.epoch, event.step, event.loss == event.history.loss[-1]))

        def on_end(self, event):
            told.append(("end", event.epoch, event.step))

    seen: list[Event] = []
    fit(Linear(1.0), ([1, 2], [0, 0]), epochs=2, callbacks=[Listener(), seen.append], metrics={"n": lambda p, t: 7})
    assert told == [
        ("start", 0, 0),
        ("step", 1, 1, True), ("step", 1, 2, True), ("epoch", 1, 2, True),
        ("step", 2, 3, True), ("step", 2, 4, True), ("epoch", 2, 4, True),
        ("end", 2, 4),
    ]  # fmt: skip
    assert len(seen) == 2
    assert seen[0].metrics == {"n": 7.0}
    assert seen[0].epochs == 2


@pytest.mark.parametrize("yes", [True, np.True_])
def test_a_callback_that_returns_true_ends_the_run(yes):
    history = fit(Linear(1.0), ([1], [0]), epochs=50, record_every=10, callbacks=[lambda e: e.epoch == 3 and yes])
    assert history.epochs == [1, 3]
    assert history.stopped_because == "callback"


def test_only_true_ends_the_run():
    for answer in (None, 1, "yes", False, np.False_):
        assert len(fit(Linear(1.0), ([1], [0]), epochs=2, callbacks=[lambda e, answer=answer: answer])) == 2


def test_stop_training_gives_the_reason_and_everybody_is_still_heard():
    heard = []

    def stop(event):
        raise StopTraining("good enough")

    history = fit(Linear(1.0), ([1], [0]), epochs=9, callbacks=[stop, heard.append, lambda event: True])
    assert history.stopped_because == "good enough"
    assert len(history) == len(heard) == 1


def test_a_run_can_be_stopped_at_the_start_or_in_the_middle_of_an_epoch():
    class Stop:
        def __init__(self, moment, step):
            setattr(self, moment, lambda event: event.step == step)

    model = Linear(1.0)
    history = fit(model, ([1, 1], [0, 0]), epochs=9, callbacks=[Stop("on_start", 0)])
    assert (model.numbers, history.steps, len(history)) == ([1.0], 0, 0)
    history = fit(model, ([1, 1], [0, 0]), epochs=9, callbacks=[Stop("on_step", 3)])
    assert (history.steps, history.epochs) == (3, [1])
    assert model.numbers == [pytest.approx(0.8**3)]


def test_an_error_in_a_callback_comes_through_as_it_is():
    def wrong(event):
        autograd.log(-1.0)

    model = Linear(1.0)
    with pytest.raises(autograd.DomainError) as caught:
        fit(model, ([1], [0]), epochs=3, callbacks=[wrong])
    assert not isinstance(caught.value, TrainingError)
    assert model.numbers == [pytest.approx(0.8)]


# Early stopping


def losses_as_told(losses, **settings):
    """A run in which the watched number takes the given values, one after the other."""
    numbers = iter(losses)
    model = Linear(0.0)

    def count_epochs(event):
        event.model.weights[0].data = float(event.epoch)

    stopping = EarlyStopping(monitor="told", **settings)
    history = fit(
        model, ([1], [0]), epochs=len(losses), metrics={"told": lambda p, t: next(numbers)},
        callbacks=[count_epochs], early_stopping=stopping,
    )  # fmt: skip
    return history, stopping, model.numbers[0]


def test_early_stopping_waits_and_goes_back_to_the_best():
    history, stopping, weight = losses_as_told([5, 3, 4, 2, 3, 2, 2, 1], patience=3)
    assert history.stopped_because == "early stopping"
    assert (len(history), stopping.best_epoch, stopping.best, weight) == (7, 4, 2, 4.0)


def test_early_stopping_without_restoring():
    history, _, weight = losses_as_told([1, 2, 2, 2], patience=2, restore_best=False)
    assert (len(history), weight) == (3, 3.0)


def test_the_best_is_restored_also_when_the_epochs_run_out():
    history, _, weight = losses_as_told([3, 1, 2], patience=5)
    assert (history.stopped_because, weight) == ("finished", 2.0)


def test_small_improvements_do_not_count():
    history, stopping, _ = losses_as_told([1.0, 0.95, 0.9, 0.85], patience=2, min_delta=0.1)
    assert (len(history), stopping.best_epoch) == (3, 1)


def test_for_an_accuracy_more_is_better():
    _, stopping, weight = losses_as_told([1, 3, 2], mode="max")
    assert (stopping.best, weight) == (3, 2.0)
    numbers = iter([0.5, 0.9, 0.7])
    stopping = EarlyStopping(monitor="accuracy")
    told = {"accuracy": lambda p, t: next(numbers)}
    fit(Linear(1.0), ([1], [0]), epochs=3, metrics=told, early_stopping=stopping)
    assert stopping.best_epoch == 2


def test_early_stopping_watches_the_loss_with_a_patience_alone():
    # A rate of 0 never improves anything: one epoch to compare with, and 4 of patience.
    history = fit(Linear(1.0), ([1], [0]), optimizer=SGD(lr=0), epochs=50, early_stopping=4)
    assert len(history) == 5


def test_an_early_stopping_object_can_be_used_again():
    stopping = EarlyStopping(patience=2)
    for _ in range(2):
        history = fit(Linear(1.0), ([1], [0]), optimizer=SGD(lr=0), epochs=50, callbacks=[stopping])
        assert len(history) == 3


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


def test_an_update_that_overflows():
    model = Linear(1.0)
    with pytest.raises(TrainingError, match="at sample 1: the update of w1 by SGD has no finite result"):
        fit(model, ([[1e10]], [0.0]), optimizer=SGD(lr=1e300))
    assert model.numbers == [1.0]


def test_an_explosion_on_the_validation_data():
    model = Linear(1.0)
    with pytest.raises(TrainingError, match="epoch 1, step 1, on the validation data: ") as caught:
        fit(model, ([[1.0]], [0.0]), validation=([[1e200]], [0.0]))
    assert caught.value.sample is None
    assert model.numbers == [1.0]


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


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EarlyStopping(patience=0), "patience is 0"),
        (lambda: EarlyStopping(min_delta=-1), "min_delta is -1"),
        (lambda: EarlyStopping(mode="best"), "mode must be"),
    ],
)
def test_bad_settings_of_early_stopping(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_loaded_optimizer_must_fit_the_model():
    saved = SGD().state_dict() | {"parameters": [{"step": 1, "velocity": 0.0}]}
    sgd = SGD()
    sgd.load_state_dict(saved)
    model = Linear(1.0, 2.0)
    with pytest.raises(ValueError, match="belongs to 1 parameters"):
        fit(model, ([[1, 1]], [0]), optimizer=sgd)
    assert model.numbers == [1.0, 2.0]


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


def test_the_default_loss_is_the_mean_squared_error():
    assert fit(Linear(3.0), ([1], [1]), epochs=1).loss == [mean_squared_error(3.0, 1.0).data]


def test_an_arithmetic_error_without_words_is_still_explained():
    def silent(prediction, target):
        raise OverflowError

    with pytest.raises(TrainingError, match="at sample 1: OverflowError\n"):
        fit(Linear(1.0), ([1], [0]), loss=silent)
