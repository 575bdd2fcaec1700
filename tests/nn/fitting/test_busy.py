"""One model, several threads: one of them trains it, and the others are told."""

import copy
import os
import threading
from types import SimpleNamespace

import pytest

import nn
from nn.fitting.busy import BusyError, alone_with

DATA = nn.data.moons(12)


def fit_in_a_thread(model, **settings):
    """The history of a run in another thread, or the error with which it ended."""
    found = []

    def run():
        try:
            found.append(nn.fit(model, DATA, **settings))
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=run, name="another")
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.parametrize("engine", ["eager", "auto"])
def test_a_second_thread_is_refused_and_the_first_goes_on_as_if_alone(engine):
    expected = nn.MLP(2, [3, 1], seed=0)
    nn.fit(expected, DATA, epochs=3, engine=engine, seed=1)
    model, refused = nn.MLP(2, [3, 1], seed=0), []

    def disturb(event):
        refused.append(fit_in_a_thread(model, epochs=3))

    nn.fit(model, DATA, epochs=3, engine=engine, seed=1, callbacks=[disturb])
    assert [type(error) for error in refused] == [BusyError] * 3
    assert "the thread 'MainThread' is training one of these parameters (w1)" in str(refused[0])
    assert model.state_dict() == pytest.approx(expected.state_dict(), rel=1e-12)
    # Afterwards it is free again, also after an error.
    assert isinstance(fit_in_a_thread(model, epochs=1), nn.History)
    with pytest.raises(ZeroDivisionError), alone_with(model.parameters()):
        raise ZeroDivisionError
    assert isinstance(fit_in_a_thread(model, epochs=1), nn.History)


def test_a_shared_part_counts_and_a_copy_does_not():
    shared = nn.Layer(2, 2, seed=0)
    one, two = nn.Sequential(shared, nn.MLP(2, [1], seed=1)), nn.Sequential(shared, nn.MLP(2, [1], seed=2))
    with alone_with(one.parameters()):
        assert isinstance(fit_in_a_thread(two, epochs=1), BusyError)
        assert isinstance(fit_in_a_thread(copy.deepcopy(two), epochs=1), nn.History)


def test_the_same_thread_may_train_within_a_run():
    model = nn.MLP(2, [2, 1], seed=0)

    def again(event):
        nn.fit(model, DATA, epochs=1)
        refused.append(fit_in_a_thread(model, epochs=1))

    refused = []
    nn.fit(model, DATA, epochs=1, callbacks=[again])
    assert [type(error) for error in refused] == [BusyError]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only processes of Unix can be forked")
@pytest.mark.filterwarnings("ignore")
def test_a_forked_process_is_free_of_the_threads_that_it_left_behind():
    model, begun, go_on = nn.MLP(2, [2, 1], seed=0), threading.Event(), threading.Event()

    def wait(event):
        begun.set()
        go_on.wait()

    thread = threading.Thread(
        target=lambda: nn.fit(model, DATA, epochs=1, callbacks=[SimpleNamespace(on_start=wait)])
    )
    thread.start()
    begun.wait()
    child = os.fork()
    if child == 0:
        try:
            nn.fit(model, DATA, epochs=1, engine="eager")
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    go_on.set()
    thread.join()
    assert code == 0


def test_the_refusal_prints_no_label_as_it_is():
    neuron = nn.Neuron(1, weights=[nn.Parameter(0.5, "\x1b[31m\u202e")])
    data = ([[1.0]], [1.0])
    found = []

    def run():
        try:
            nn.fit(neuron, data)
        except BusyError as error:
            found.append(str(error))

    with alone_with(neuron.parameters()):
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    assert len(found) == 1
    assert found[0].isprintable()


def test_a_thread_that_is_gone_holds_nothing():
    """As in a process that was forked while another thread was training."""
    model, left_open = nn.MLP(2, [3, 1], seed=0), []

    def begin():
        left_open.append(alone_with(model.parameters()))
        left_open[0].__enter__()

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    assert isinstance(nn.fit(model, DATA, epochs=1), nn.History)
    left_open[0].__exit__(None, None, None)
