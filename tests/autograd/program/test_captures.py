"""Values that a traced function finds for itself: recorded, and not to be looked at."""

import contextlib
import copy
import pickle
import threading

import pytest

import nn
from autograd import Value, no_grad, ops, total
from autograd.engines import python_source
from autograd.program.captures import watching
from autograd.program.recorder import Recorder
from autograd.program.tape import TapeError
from autograd.program.tracer import Tracer


class Labelled(nn.Parameter):
    """A learner's own kind of parameter, with attributes of its own."""


def kinds():
    return [Value(2.0, "w"), nn.Parameter(2.0, "w"), Labelled(2.0, "w")]


@pytest.mark.parametrize("w", kinds(), ids=lambda w: type(w).__name__)
def test_what_is_computed_from_a_watched_value_is_recorded(w):
    kind = type(w)
    recorder = Recorder()
    recorder.input("w", w)
    with watching(recorder):
        assert type(w) is kind
        results = [w * w, 2 * w, w + 1, -w, w**3, w.tanh(), ops.exp(w), total([w, w, 1.0])]
        assert {type(result) for result in results} == {Tracer}
        results.append(Value(3.0) * w)
    assert [x.data for x in (w * w, 2 * w)] == [4.0, 4.0]
    run = python_source.function(recorder.finish(results))
    assert run(3.0) == pytest.approx([9, 6, 4, -3, 27, ops.tanh(3.0), ops.exp(3.0), 7, 9], rel=1e-14)


@pytest.mark.parametrize("is_input", [True, False], ids=["input", "around"])
@pytest.mark.parametrize("w", kinds(), ids=lambda w: type(w).__name__)
@pytest.mark.parametrize(
    ("look", "message"),
    [
        (lambda w: w > 0, "a comparison"),
        (lambda w: max(w, 1.0), "a comparison"),
        (lambda w: w * w > 0, "a comparison"),
        (lambda w: w == 2.0, ".data|a comparison"),
        (lambda w: w.data, r".data was asked of w[\s\S]*test_watching.py, line"),
        (lambda w: w.grad, r".grad was asked of w[\s\S]*test_watching.py, line"),
        (lambda w: hasattr(w, "data"), ".data was asked"),
        (lambda w: setattr(w, "data", 3.0), "a change of .data"),
        (lambda w: setattr(w, "grad", 3.0), "a change of .grad"),
        (lambda w: f"{w}", "was asked of w"),
        (lambda w: f"{w:.2f}", "was asked of w"),
        (lambda w: repr([w]), "was asked of w"),
        (lambda w: w.backward(), "was asked of w"),
        (lambda w: w.zero_grad(), "a change of .grad"),
        (lambda w: copy.copy(w), "was asked of w"),
        (lambda w: copy.deepcopy([w]), "was asked of w"),
        (lambda w: pickle.dumps(w), "was asked of w"),
    ],
)
def test_nobody_may_look_at_its_number(w, look, message, is_input):
    recorder = Recorder()
    if is_input:
        recorder.input("w", w)
    with pytest.raises(TapeError, match=message), watching(recorder):
        look(w)
    assert w.data == 2.0
    # A function that goes on all the same is not recorded.
    recorder = Recorder()
    with watching(recorder), contextlib.suppress(Exception):
        look(w)
    with pytest.raises(TapeError, match=message):
        recorder.finish([1.0])
    look(w)
    w.data, w.grad = 2.0, 0


def test_its_place_among_others_is_no_secret():
    """Which Value it is, is known, also where its number is not."""
    one, other = nn.Parameter(2.0, "one"), nn.Parameter(2.0, "other")
    with watching(Recorder()):
        assert {one: "first"}[one] == "first"
        assert other not in {one}
        assert isinstance(one, Value)
        assert (one.label, one.inputs, one.op) == ("one", (), None)


@pytest.mark.parametrize("is_input", [True, False], ids=["input", "around"])
def test_without_a_gradient_it_follows_its_number_all_the_same(is_input):
    w, around = Value(3.0, "w"), []
    recorder = Recorder(around)
    if is_input:
        recorder.input("w", w)
    with watching(recorder):
        with no_grad():
            square = w * w
        y = square * w + w.detach() * w
    traced = recorder.tracer(w)
    run = python_source.function(recorder.finish([y, *recorder.gradients(y, [traced])]))
    assert run(3.0) == (36.0, 12.0)
    assert run(2.0) == (12.0, 6.0)
    assert around == ([] if is_input else [w])


def test_a_value_without_a_label_is_one_in_the_message():
    with pytest.raises(TapeError, match="asked of a Value"), watching(Recorder()):
        Value(2.0).data  # noqa: B018


def test_values_may_be_made_while_others_are_watched():
    recorder = Recorder()
    with watching(recorder):
        w = nn.Parameter(2.0, "made inside")
        result = w * 3
    assert (w.data, w.grad, w.label) == (2.0, 0, "made inside")
    assert recorder.finish([result]).constants == (6.0,)


def test_values_are_what_they_were_whatever_ends_the_recording():
    before = dict(vars(Value))
    for error in (ValueError, KeyboardInterrupt, SystemExit, GeneratorExit):
        with pytest.raises(error), watching(Recorder()):
            raise error
        assert dict(vars(Value)) == before


def test_other_threads_notice_nothing():
    w, recorder = nn.Parameter(2.0, "w"), Recorder()
    recorder.input("w", w)
    found = []

    def elsewhere():
        w.data = w.data + 1.0
        y = w * w + w.detach()
        y.backward()
        found.extend([w > 0, y.data, w.grad, isinstance(w, nn.Parameter), copy.deepcopy(w).data])
        with watching(Recorder()):
            # This waits until the other recording is done.
            pass
        found.append(type(w))

    other = threading.Thread(target=elsewhere)
    with watching(recorder), watching(recorder):
        other.start()
        while len(found) < 5:
            pass
        with pytest.raises(TapeError):
            w.data  # noqa: B018
    other.join()
    assert found == [True, 12.0, 6.0, True, 3.0, nn.Parameter]
