"""The tape: what is recorded, how it reads, and what cannot be recorded."""

import copy
import math
import pickle
import random

import numpy as np
import pytest

from autograd import DataError, GradientError, Op, Value, gradient, ops, trace
from autograd.engines import python_source
from autograd.recorder import Recorder, record, record_backward, record_gradient
from autograd.tape import Instruction, Tape, TapeError, primitive


def steps(tape):
    return str(tape).splitlines()[1:-1]


def test_shared_steps_are_computed_once_and_dead_ones_are_gone():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    tape = record([(a + b) * (b + a) + (a + b)], [a, b])
    assert steps(tape) == ["t1 = a + b", "t2 = t1 * t1", "t3 = t2 + t1"]
    recorder = Recorder()
    x = recorder.input("x")
    (x * 7).exp()
    assert steps(recorder.finish([x + 1])) == ["t1 = x + 1"]


def test_constants_are_folded_and_shared():
    a, two, three = Value(2.0, "a"), Value(2.0), Value(3.0)
    tape = record([a * (two * three) + (two * three)], [a])
    assert str(tape) == "inputs a\nt1 = a * 6\nt2 = t1 + 6\nreturn t2"
    assert tape.constants == (6.0,)
    tape = record([Value(0.1) + Value(0.2)], [])
    assert (tape.constants, tape.outputs, steps(tape)) == ((0.1 + 0.2,), (0,), [])
    assert str(tape).splitlines()[-1] == "return 0.30000000000000004"


def test_a_constant_that_cannot_be_folded_waits_for_the_run():
    recorder = Recorder()
    recorder.input("x")
    zero = recorder.tracer(0.0)
    tape = recorder.finish([1 / zero])
    assert steps(tape) == ["t1 = 1 / 0"]


def test_a_composite_of_constants_is_a_constant():
    recorder = Recorder()
    x = recorder.input("x")
    tape = recorder.finish([ops.sigmoid(recorder.tracer(1.0)) * x])
    assert steps(tape) == [f"t1 = {ops.sigmoid(1.0):.17g} * x"]


def test_constants_have_a_number():
    recorder = Recorder()
    two = recorder.tracer(2.0)
    assert (float(two), int(two), round(two), complex(two), two.data, bool(two)) == (2.0, 2, 2, 2 + 0j, 2.0, True)
    assert (two > 1, two >= 2, two < 1, two <= 1, two == 2.0, two != 2.0) == (True, True, False, False, True, False)
    assert (f"{two:.2f}", f"{two}", math.sqrt(recorder.tracer(4.0))) == ("2.00", "Tracer(2.0)", 2.0)
    with pytest.raises(TapeError, match="a comparison"):
        assert two < recorder.input("x")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda x: x * 1, []),
        (lambda x: 1 * x, []),
        (lambda x: x / 1, []),
        (lambda x: x - 0, []),
        (lambda x: x**1, []),
        (lambda x: ops.negate(ops.negate(x)), []),
        (lambda x: x**0, []),
        (lambda x: x * -1, ["t1 = negative x"]),
        (lambda x: -1 * x, ["t1 = negative x"]),
        (lambda x: x / -1, ["t1 = negative x"]),
        (lambda x: x**2, ["t1 = x * x"]),
        (lambda x: x**3, ["t1 = x * x", "t2 = t1 * x"]),
        (lambda x: x**-1, ["t1 = 1 / x"]),
        (lambda x: x**0.5, ["t1 = sqrt x"]),
        (lambda x: x**7, ["t1 = x ** 7"]),
        # 0.0 + x is not x where x is -0.0, and 0 * x is not 0 where x is inf.
        (lambda x: x + 0, ["t1 = x + 0"]),
        (lambda x: x * 0, ["t1 = x * 0"]),
        (lambda x: x - -0.0, ["t1 = x - -0"]),
    ],
)
def test_what_needs_no_step(make, expected):
    recorder = Recorder()
    tape = recorder.finish([make(recorder.input("x"))])
    assert steps(tape) == expected
    for x in (2.0, -0.75, 3.5) if "sqrt" not in str(tape) else (2.0,):
        assert python_source.function(tape)(x) == (pytest.approx(make(x), rel=1e-15),)


def test_the_listing():
    w, x = Value(0.5, "w"), Value(3.0, "weird\nlabel")
    z = w * x
    z.label = "z"
    y = ops.logsumexp([z, x, w])
    tape = record([y, z], [w, x])
    assert "t1 = w * weird label" in str(tape)
    assert "# z" in str(tape)
    twice = record([x + w], [Value(1.0, "x"), x, Value(2.0, "x"), w])
    assert str(twice).startswith("inputs x[0], weird label, x[2], w")
    assert repr(tape) == f"<Tape: 2 input(s), {len(tape.instructions)} step(s), 2 output(s)>"
    assert record([z], [w, x]).statistics.bytes_per_sample == 24
    assert str(Tape((), (), (), ())) == "inputs\nreturn"
    assert "0 steps (none)" in str(Tape((), (), (), ()).statistics)
    assert pickle.loads(pickle.dumps(tape)) == tape


def test_an_input_in_the_middle_cuts_the_graph():
    a = Value(2.0, "a")
    h = a * 5
    h.label = "h"
    assert str(record([h * h], [h])) == "inputs h\nt1 = h * h\nreturn t1"


def test_the_backward_tape_gives_what_the_trace_gives():
    rng = random.Random(3)
    for _ in range(60):
        leaves = [Value(rng.uniform(0.5, 2), f"x{i}") for i in range(3)]
        nodes = list(leaves)
        for _ in range(rng.randint(1, 20)):
            op = rng.choice([ops.add, ops.multiply, ops.tanh, ops.sigmoid, ops.divide, ops.maximum, ops.total])
            inputs = [rng.choice(nodes) for _ in range(3 if op.variadic else op.arity)]
            nodes.append(op(*inputs))
        loss = nodes[-1]
        steps_of = trace(loss)
        used = [leaf for leaf in leaves if leaf in steps_of._place]
        found = python_source.function(record_backward(loss, used))(*[leaf.data for leaf in used])
        expected = [node.data for node in steps_of.nodes]
        expected += [step.local for step in steps_of.backward]
        expected += list(steps_of.gradients.values())
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_gradients_of_gradients():
    a = Value(0.7, "a")
    [slope] = gradient(a.tanh() * a, [a])
    value, second = python_source.function(record_gradient(slope, [a]))(0.7)
    [expected] = gradient(slope, [a])
    assert (value, second) == pytest.approx((slope.data, expected.data), rel=1e-14)


@pytest.mark.slow
def test_a_million_nodes_do_not_recurse():
    x = Value(1.0, "x")
    y = x
    for _ in range(100_000):
        y = y + x
    assert len(record_gradient(y, [x]).instructions) == 100_000


# what a tracer refuses


def refused(do):
    recorder = Recorder()
    x = recorder.input("x")
    with pytest.raises(TapeError) as caught:
        do(x)
    return str(caught.value)


@pytest.mark.parametrize(
    ("do", "message"),
    [
        (lambda x: bool(x), "a decision"),
        (lambda x: x > 0, "a comparison"),
        (lambda x: x == 1, "a comparison"),
        (lambda x: float(x), "a plain number"),
        (lambda x: math.exp(x), "autograd.exp(x) or x.exp()"),
        (lambda x: int(x), "a whole number"),
        (lambda x: [1, 2][x], "a whole number"),
        (lambda x: x.data, ".data was asked"),
        (lambda x: x.grad, ".grad was asked"),
        (lambda x: x.backward(), "backward()"),
        (lambda x: f"{x:.2f}", "text"),
        (lambda x: copy.copy(x), "cannot be copied"),
        (lambda x: pickle.dumps(x), "cannot be copied or pickled"),
        (lambda x: x + Recorder().input("other"), "belongs to another tape"),
    ],
)
def test_what_a_tracer_refuses(do, message):
    assert message in refused(do)


def test_a_message_names_the_line():
    assert "at test_tape.py, line" in refused(lambda x: x > 0)


def test_a_tracer_shows_itself():
    recorder = Recorder()
    x = recorder.input("x")
    assert repr(x) == f"{x}" == "Tracer(x)"
    assert repr(x * 2) == "Tracer(multiply)"
    assert repr(recorder.tracer(3.0)) == "Tracer(3.0)"
    y = x * 2
    y.label = "y"
    x.label = "z"
    assert (y.label, x.label) == ("y", "x"), "an input keeps its name"
    with pytest.raises(TypeError):
        x + "text"
    with pytest.raises(TypeError):
        "text" - x
    assert np.exp(x).op is ops.exp
    assert (np.float64(2.0) * x).op is ops.multiply
    with pytest.raises(DataError):
        recorder.tracer("text")


def test_wrong_arguments():
    a = Value(1.0, "a")
    for do, error in [
        (lambda: record(a, [a]), TapeError),
        (lambda: record([a], a), TapeError),
        (lambda: record([a], [1.0]), TapeError),
        (lambda: record([a], [a, a]), TapeError),
        (lambda: record([1.0], [a]), GradientError),
        (lambda: record_gradient(2.0, [a]), GradientError),
        (lambda: record_backward(a * 2, [a * 2]), TapeError),
    ]:
        with pytest.raises(error):
            do()


# operations of one's own


def test_an_operation_that_needs_floats_is_named():
    floor = Op("floor_for_tape", lambda x: math.floor(x), lambda x, z: (0.0,))
    x = Value(2.5, "x")
    with pytest.raises(TapeError, match="'floor_for_tape' cannot be written on a tape") as caught:
        record([floor(x)], [x])
    assert "atom='floor_for_tape'" in str(caught.value)
    with pytest.raises(TapeError, match="no operation has the atom 'nobody'"):
        primitive("nobody")


def test_the_newest_declaration_counts():
    name = "declared_twice_for_tape"
    for factor in (2.0, 3.0):
        # As when a notebook's cell is run once more.
        ops.ALL.pop(name, None)
        op = Op(name, lambda x, factor=factor: factor * x, lambda x, z: (1.0,), atom=name)
        assert primitive(name) is op
    x = Value(1.0, "x")
    tape = record([op(x)], [x])
    del ops.ALL[name]
    unknown = tape.instructions[0]._replace(atom="gone")
    assert steps(Tape(tape.inputs, (), (unknown,), (1,))) == ["t1 = gone x"]


def test_the_steps_of_a_tape_are_a_sequence():
    x = Value(0.5, "x")
    y = x.tanh()
    y.label = "y"
    tape = record([y * y + x], [x])
    first, second, third = tape.instructions
    assert first == Instruction("tanh", (0,), "y")
    assert tape.instructions[0] == first
    assert tape.instructions[-1] == third
    assert tape.instructions[1:] == [second, third]
    with pytest.raises(IndexError):
        tape.instructions[3]
    assert pickle.loads(pickle.dumps(tape)) == tape
    assert tape != record([y + x], [x])
