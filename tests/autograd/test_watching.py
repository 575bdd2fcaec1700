"""Parameters that a traced function finds for itself: recorded, and not to be looked at."""

import threading

import pytest

import nn
from autograd import Value, ops, total
from autograd.engines import python_source
from autograd.recorder import Recorder, Tracer
from autograd.tape import TapeError
from autograd.watching import watching


class Labelled(nn.Parameter):
    """A learner's own kind of parameter, with attributes of its own."""


def kinds():
    return [Value(2.0, "w"), nn.Parameter(2.0, "w"), Labelled(2.0, "w")]


@pytest.mark.parametrize("w", kinds(), ids=lambda w: type(w).__name__)
def test_what_is_computed_from_a_watched_value_is_recorded(w):
    kind = type(w)
    recorder = Recorder()
    recorder.input("w", w)
    with watching(recorder, [w]):
        assert isinstance(w, kind)
        assert hash(w) == object.__hash__(w)
        results = [w * w, 2 * w, w + 1, -w, w**3, w.tanh(), ops.exp(w), total([w, w, 1.0])]
        assert {type(result) for result in results} == {Tracer}
        # A plain Value in front makes a graph; it is recorded with all behind it.
        results.append(Value(3.0) * w)
    assert type(w) is kind
    assert [x.data for x in (w * w, 2 * w)] == [4.0, 4.0]
    run = python_source.function(recorder.finish(results))
    assert run(3.0) == pytest.approx([9, 6, 4, -3, 27, ops.tanh(3.0), ops.exp(3.0), 7, 9], rel=1e-14)


@pytest.mark.parametrize("w", kinds(), ids=lambda w: type(w).__name__)
@pytest.mark.parametrize(
    ("look", "message"),
    [
        (lambda w: w > 0, "a comparison"),
        (lambda w: w == 2.0, "a comparison"),
        (lambda w: max(w, 1.0), "a comparison"),
        (lambda w: 1 if w else 0, "a decision"),
        (lambda w: w.data, r".data was asked of w[\s\S]*test_watching.py, line"),
        (lambda w: w * w > 0, "a comparison"),
        (lambda w: setattr(w, "data", 3.0), "a change of .data"),
    ],
)
def test_nobody_may_look_at_its_number(w, look, message):
    recorder = Recorder()
    recorder.input("w", w)
    with pytest.raises(TapeError, match=message), watching(recorder, [w]):
        look(w)
    assert w.data == 2.0
    look(w)
    w.data = 2.0


def test_a_parameter_without_a_label_is_one_in_the_message():
    w, recorder = Value(2.0), Recorder()
    recorder.input("w", w)
    with pytest.raises(TapeError, match="asked of a parameter"), watching(recorder, [w]):
        bool(w)


def test_other_threads_notice_nothing():
    w, recorder = nn.Parameter(2.0, "w"), Recorder()
    recorder.input("w", w)
    found = []

    def elsewhere():
        w.data = w.data + 1.0
        found.extend([w > 0, bool(w), (w * w).data, isinstance(w, nn.Parameter)])
        with watching(Recorder(), [w]):
            # This waits until the other recording is done.
            pass
        found.append(type(w))

    other = threading.Thread(target=elsewhere)
    with watching(recorder, [w, w]), watching(recorder, [w]):
        other.start()
        while len(found) < 4:
            pass
    other.join()
    assert found == [True, True, 9.0, True, nn.Parameter]
    assert type(w) is nn.Parameter
