"""Callbacks: who is called when, how a run is stopped, and early stopping."""

import numpy as np
import pytest

import autograd
from nn.callbacks import EarlyStopping, Event, StopTraining
from nn.optim import SGD
from nn.training import TrainingError, fit
from tests.nn.linear import Linear

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
