"""Sums of products on the tape: how they read, what becomes a part of them and what never does."""

import math
import random
import sys
from fractions import Fraction

import numpy as np
import pytest

from autograd import (
    AutogradError,
    NumberOverflowError,
    Op,
    Value,
    compile,
    dot,
    gradient,
    ieee,
    ops,
    relu,
    tanh,
    total,
)
from autograd.engines import python_source
from autograd.program.calling import eager, explain
from autograd.program.engine_table import ENGINES
from autograd.program.graphs import record, record_backward, record_gradient
from autograd.program.recorder import Recorder
from autograd.program.sums import expanded, fused
from autograd.program.tape import SUM, Instruction, Tape, TapeError, primitive


def steps(tape):
    return str(tape).splitlines()[1:-1]


def words(tape):
    return [" ".join(step.split()) for step in steps(tape)]


def written(write, names="abcdx"):
    recorder = Recorder()
    result = write(*[recorder.input(name) for name in names])
    return recorder.finish(result if isinstance(result, list) else [result])


HOW_IT_READS = [
    (lambda a, b, c, d, x: a * b + c * d + x, ["t1 = x + a * b + c * d"]),
    (lambda a, b, c, d, x: x + a * b, ["t1 = x + a * b"]),
    (lambda a, b, c, d, x: a * x + 3, ["t1 = a * x + 3"]),
    (lambda a, b, c, d, x: (a + b) + (c + d), ["t1 = a + b + c + d"]),
    (lambda a, b, c, d, x: a + b, ["t1 = a + b"]),
    (lambda a, b, c, d, x: a * b, ["t1 = a * b"]),
    (lambda a, b, c, d, x: dot([a, b], [c, d]), ["t1 = a * c + b * d"]),
    (lambda a, b, c, d, x: dot([a, b], [c, d]) + x, ["t1 = x + a * c + b * d"]),
    (lambda a, b, c, d, x: dot([a], [b]), ["t1 = a * b"]),
    (lambda a, b, c, d, x: total([a, b, c]), ["t1 = a + b + c"]),
    (lambda a, b, c, d, x: total([a]), []),
    (lambda a, b, c, d, x: total([a, 2.0, b, 3.0]), ["t1 = a + b + 5"]),
    (lambda a, b, c, d, x: dot([a, 2.0, 1.0], [3.0, 4.0, x]), ["t1 = x + a * 3 + 8"]),
    (lambda a, b, c, d, x: dot([a, -1.0], [b, c]), ["t1 = a * b - c"]),
    (lambda a, b, c, d, x: dot([-1.0, -1.0], [b, c]), ["t1 = -b - c"]),
    (lambda a, b, c, d, x: dot([1.0, -1.0], [b, c]), ["t1 = b - c"]),
    (lambda a, b, c, d, x: dot([-1.0, 1.0], [b, c]), ["t1 = c - b"]),
    (lambda a, b, c, d, x: dot([2.0, -0.0], [3.0, 0.0]) * x, ["t1 = 6 * x"]),
    (lambda a, b, c, d, x: total([-0.0, -0.0]) + x, ["t1 = 0 + x"]),
    (lambda a, b, c, d, x: dot([a, -0.0], [b, 1.0]), ["t1 = a * b"]),
    (lambda a, b, c, d, x: total([a, 2.0, b]) * total([a, b, 2.0]), ["t1 = a + b + 2", "t2 = t1 * t1"]),
    # What cancels does so first.
    (lambda a, b, c, d, x: (a - b) + c, ["t1 = a - b", "t2 = t1 + c"]),
    (lambda a, b, c, d, x: a * b - c * d, ["t1 = a * b", "t2 = c * d", "t3 = t1 - t2"]),
    # What is used twice is computed once.
    (lambda a, b, c, d, x: (a * b) + (a * b), ["t1 = a * b", "t2 = t1 + t1"]),
    (lambda a, b, c, d, x: [a * b + c, a * b], ["t1 = a * b", "t2 = t1 + c"]),
    (lambda a, b, c, d, x: (a + b) * (b + a) + (a + b), ["t1 = a + b", "t2 = t1 + t1 * t1"]),
    (lambda a, b, c, d, x: dot([a, b], [c, d]) * dot([a, b], [c, d]), ["t1 = a * c + b * d", "t2 = t1 * t1"]),
]


@pytest.mark.parametrize(("write", "expected"), HOW_IT_READS)
def test_how_a_sum_reads(write, expected):
    tape = written(write)
    assert steps(tape) == expected
    numbers = [0.7, -1.3, 0.4, 2.1, -0.6]
    result = write(*numbers)
    expected = result if isinstance(result, list) else [result]
    for run in (eager(tape), eager(expanded(tape)), python_source.function(tape)):
        assert run(*numbers) == pytest.approx(expected, rel=1e-15)
    assert not {SUM}.intersection(expanded(tape).atoms)
    assert fused(tape) is tape


def test_a_sum_is_a_step_without_a_row():
    tape = written(lambda a, b, c, d, x: a * b + x)
    assert tape.instructions[0] == Instruction(SUM, (4, 0, 1))
    assert written(lambda a, b, c, d, x: dot([a, b], [c, d])).constants[0] == 0.0
    with pytest.raises(TapeError, match="no operation has the atom 'sum'"):
        primitive(SUM)
    with pytest.raises(ValueError, match="choose another"):
        Op("sum_of_mine", lambda x: x, lambda x, z: (1.0,), atom="sum")


def test_one_formula_is_one_tape_however_it_is_written():
    one = written(lambda a, b, c, d, x: x + a * c + b * d)
    assert one.constants == ()
    for other in (
        lambda a, b, c, d, x: a * c + x + b * d,
        lambda a, b, c, d, x: dot([a, b], [c, d]) + x,
        lambda a, b, c, d, x: total([x, a * c, b * d]),
        lambda a, b, c, d, x: total([x, dot([a, b], [c, d])]),
        lambda a, b, c, d, x: dot([1.0, a, b], [x, c, d]),
    ):
        assert written(other) == one


def test_statistics_count_what_is_added_up():
    statistics = written(lambda a, b, c, d, x: [dot([a, b], [c, d]) + x, tanh(a + b + 3)]).statistics
    assert (statistics.steps, statistics.summands, statistics.depth) == (3, 6, 2)
    assert "2 sum of 6 summands, 1 tanh" in str(statistics)


def test_labels_and_outputs_stay():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    product = a * b
    product.label = "area"
    assert words(record([product + a], [a, b])) == ["t1 = a * b # area", "t2 = t1 + a"]
    assert words(record([product + a, product], [a, b]))[0] == "t1 = a * b # area"
    unlabelled = a * b
    assert words(record([unlabelled + a, unlabelled], [a, b])) == ["t1 = a * b", "t2 = t1 + a"]
    root = a * b + a
    root.label = "root"
    assert words(record([root + b], [a, b])) == ["t1 = a + a * b # root", "t2 = t1 + b"]
    labels = expanded(record([root * b], [a, b])).labels
    assert labels == {1: "root"}


def test_a_page_keeps_every_node():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    tape = record_backward(a * b + a, [a, b])
    assert steps(tape)[:2] == ["t1 = a * b", "t2 = t1 + a"]


def test_a_network_is_forward_sums_atoms_backward_sums_and_outer_products():
    xs = [Value(0.1 + i, f"x{i}") for i in range(3)]
    first = [[Value(0.2 * i - 0.3 * j, f"v{i}{j}") for j in range(3)] for i in range(4)]
    last = [[Value(0.1 * i + 0.2 * j, f"w{i}{j}") for j in range(4)] for i in range(2)]
    biases = [Value(0.01 * i, f"b{i}") for i in range(4)]
    hidden = [relu(dot(row, xs) + bias) for row, bias in zip(first, biases, strict=True)]
    outputs = [dot(row, hidden) for row in last]
    loss = total([y * y for y in outputs])
    inputs = [x for row in first + last for x in row]
    counts = record_gradient(loss, inputs).statistics.atoms
    # 4 + 2 neurons, the loss, 4 upstream gradients of hidden ones (2 contributions each).
    assert counts[SUM] == 4 + 2 + 1 + 4
    assert set(counts) == {SUM, "maximum", "step", "multiply", "add"}
    # Each y gets 2·y as y + y; the rest are slopes of relu, and one product for each weight.
    assert (counts["add"], counts["multiply"]) == (2, 4 + 12 + 8)


def random_graph(chance, leaves, count):
    """Numbers that are added and multiplied, and at times something else."""
    nodes = list(leaves)
    for _ in range(count):
        kind = chance.random()
        x, y = chance.choice(nodes[-8:]), chance.choice(nodes)
        if kind < 0.4:
            node = x + y
        elif kind < 0.7:
            node = x * y
        elif kind < 0.8:
            node = x - y
        elif kind < 0.9:
            node = tanh(x)
        else:
            node = ops.total([x, y, chance.choice(nodes)])
        nodes.append(node)
    return nodes


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs_compute_the_same_with_and_without_sums(seed):
    chance = random.Random(seed)
    recorder = Recorder()
    leaves = [recorder.input(f"x{i}") for i in range(4)]
    nodes = random_graph(chance, leaves, chance.randint(1, 60))
    outputs = [nodes[-1].tanh(), *chance.sample(nodes, 2)]
    plain, tape = recorder.finish(outputs, fuse=False), recorder.finish(outputs)
    assert fused(plain) == tape
    assert len(tape.instructions) <= len(plain.instructions)
    numbers = [chance.uniform(-0.9, 0.9) for _ in leaves]
    expected = eager(expanded(plain))(*numbers)
    for run in (eager(tape), eager(expanded(tape)), python_source.function(tape)):
        assert run(*numbers) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    for terms, computed in sums_in(tape, numbers):
        assert abs(Fraction(computed) - sum(terms)) <= len(terms) * Fraction(1, 2**52) * sum(map(abs, terms))


def sums_in(tape, numbers):
    """The exact terms of each sum of a run, and what the additions come to that stand for it in ``expanded``."""
    slots = [*numbers, *tape.constants]
    for instruction in tape.instructions:
        names = tuple([f"x{i}" for i in range(len(slots))])
        alone = Tape(names, (), (instruction,), (len(slots),))
        [result] = eager(expanded(alone))(*slots)
        if instruction.atom == SUM:
            init, *factors = [Fraction(slots[i]) for i in instruction.operands]
            yield [init, *[a * b for a, b in zip(factors[::2], factors[1::2], strict=True)]], result
        slots.append(result)


# what a sum computes


def sum_of_two_products():
    a, b, c, d = (Value(x, name) for x, name in zip([1.0, 2.0, 3.0, 4.0], "abcd", strict=True))
    z = a * b + c * d
    z.label = "z"
    return record([z.tanh()], [a, b, c, d])


def test_an_error_names_the_operation_and_the_label():
    tape = sum_of_two_products()
    with pytest.raises(AutogradError, match=r"x \* y overflows at x = 1e\+200, y = 1e\+200") as caught:
        eager(tape)(1e200, 1e200, 1.0, 1.0)
    assert caught.value.__notes__ == ["  In the program this step is called 'z'."]
    with pytest.raises(AutogradError, match=r"x = 1e\+200 \(a\), y = 1e\+200 \(b\)"):
        explain(tape, [1e200, 1e200, 1.0, 1.0])
    with pytest.raises(AutogradError, match="overflows"):
        eager(written(lambda a, b, c, d, x: a + b + c))(1e308, 1e308, 1e308, 0.0, 0.0)


@pytest.mark.parametrize("run", [eager, lambda tape: python_source.function(expanded(tape))])
def test_numbers_that_are_not_finite_and_the_sign_of_zero(run):
    inf = math.inf
    with ieee():
        product, alone = sum_of_two_products(), written(lambda a, b, c, d, x: total([a, b, c]) - d)
        assert [*run(product)(inf, 1.0, 1.0, 1.0)] == [1.0]
        [result] = run(product)(inf, 1.0, -inf, 1.0)
        assert math.isnan(result)
        [result] = run(alone)(inf, 1.0, 1.0, 1.0, 0.0)
        assert result == inf
        # A factor of 1 is not multiplied with: 0 + inf·1 is inf, and 0 + -0.0 is 0.
        [result] = run(written(lambda a, b, c, d, x: dot([a, b, 1.0], [c, d, x])))(0.0, -0.0, 1.0, 1.0, -0.0)
        assert (result, math.copysign(1.0, result)) == (0.0, 1.0)


def test_nothing_to_begin_with_changes_no_sum():
    """-0.0 + -0.0 is -0.0, where 0.0 + -0.0 would be 0.0."""
    tape = written(lambda a, b, c, d, x: a * b + c * d)
    init = tape.operands[0][0]
    assert math.copysign(1.0, tape.constants[init - len(tape.inputs)]) == -1.0
    [result] = python_source.function(expanded(tape))(-0.0, 1.0, -0.0, 1.0, 0.0)
    assert math.copysign(1.0, result) == -1.0


def test_constants_that_cannot_be_computed_wait_for_the_run():
    tape = written(lambda a, b, c, d, x: dot([a, 1e200], [b, 1e200]))
    assert steps(tape) == ["t1 = a * b + 1e+200 * 1e+200"]
    with pytest.raises(AutogradError, match="overflows"):
        eager(tape)(1.0, 1.0, 1.0, 1.0, 1.0)
    assert steps(written(lambda a, b, c, d, x: total([a, 1e308, 1e308]))) == ["t1 = a + 1e+308 + 1e+308"]


def test_the_sum_of_a_single_number():
    tape = Tape(("x",), (-0.0, 1.0, -1.0), (Instruction(SUM, (1, 0, 2)), Instruction(SUM, (1, 0, 3))), (4, 5))
    assert steps(tape) == ["t1 = x", "t2 = -x"]
    assert eager(tape)(3.0) == [3.0, -3.0]
    assert eager(expanded(tape))(3.0) == [3.0, -3.0]
    assert steps(expanded(tape)) == ["t1 = negative x"]
    assert steps(expanded(written(lambda a, b, c, d, x: dot([-1.0] * 2, [a, b])))) == [
        "t1 = a + b",
        "t2 = negative t1",
    ]


def test_on_values_a_sum_is_a_graph():
    tape = written(lambda a, b, c, d, x: dot([a, b], [c, d]) + x)
    values = [Value(x) for x in (2.0, 3.0, 5.0, 7.0, 11.0)]
    [result] = eager(tape)(*values)
    result.backward()
    assert [result.data, *[x.grad for x in values]] == [42.0, 5.0, 7.0, 2.0, 3.0, 1.0]
    assert (result.op, [node.op for node in result.inputs]) == (ops.total, [None, ops.multiply, ops.multiply])


def test_first_and_second_derivatives_in_closed_form():
    """f = ½ Σ (aᵢ·w)², so ∇f = AᵀA·w and H = AᵀA."""
    chance = random.Random(5)
    rows = [[chance.uniform(-1, 1) for _ in range(4)] for _ in range(3)]
    weights = [Value(chance.uniform(-1, 1), f"w{i}") for i in range(4)]
    numbers = [w.data for w in weights]
    products = [dot(row, weights) for row in rows]
    f = total([0.5 * p * p for p in products])
    matrix = [[sum(row[i] * row[j] for row in rows) for j in range(4)] for i in range(4)]
    slopes = [sum(x * w for x, w in zip(line, numbers, strict=True)) for line in matrix]
    _, *found = python_source.function(record_gradient(f, weights))(*numbers)
    assert found == pytest.approx(slopes, rel=1e-13)
    for slope, line in zip(gradient(f, weights), matrix, strict=True):
        assert python_source.function(record_gradient(slope, weights))(*numbers)[1:] == pytest.approx(
            line, rel=1e-13
        )


def test_a_learners_own_operation_between_sums():
    cube = Op("cube_between_sums", lambda x: x * x * x, lambda x, z: (3 * x * x,))
    opaque = Op("opaque_between_sums", lambda x: x + 1.0, lambda x, z: (1.0,), atom="opaque_between_sums")
    a, b = Value(2.0, "a"), Value(3.0, "b")
    tape = record_gradient(cube(a * b + a) + opaque(a * b + b), [a, b])
    # The product is computed once, for both sums.
    assert words(tape)[:2] == ["t1 = a * b", "t2 = t1 + a"]
    # d/da = 3(ab + a)²·(b + 1) + b, d/db = 3(ab + a)²·a + a + 1
    assert eager(tape)(2.0, 3.0) == [512.0 + 10.0, 192.0 * 4 + 3, 192.0 * 2 + 3]


def test_a_long_tape_gives_its_first_part_fused(monkeypatch):
    monkeypatch.setattr("autograd.program.compiler.LONG", 0)
    a, b = Value(2.0, "a"), Value(3.0, "b")
    y = ((a * b + a) * b + a).tanh()
    assert compile(y, [a, b], engine="eager").tape == record([y], [a, b])


def calls_in(work):
    """How many functions are called, Python's own included: a measure of time that every machine agrees on."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def chain(length):
    """((x·w + x)·w + x)... and at its end a sum of as many numbers: deep, and then wide."""
    x, w = 0, 1
    steps = []
    last = x
    for _ in range(length):
        steps.append(Instruction("multiply", (last, w)))
        steps.append(Instruction("add", (len(steps) + 1, x)))
        last = len(steps) + 1
    for _ in range(length):
        steps.append(Instruction("add", (last, w)))
        last = len(steps) + 1
    return Tape(("x", "w"), (), tuple(steps), (last,))


def test_the_time_to_fuse_grows_with_the_tape():
    small, large = chain(500), chain(2_000)
    assert calls_in(lambda: expanded(fused(large))) < 4.2 * calls_in(lambda: expanded(fused(small)))
    tape = fused(chain(100_000))
    # All sums at the end are one, with the last of those before.
    assert len(tape.instructions) == 100_000
    assert tape.statistics.summands == 2 * 99_999 + 100_002


@pytest.mark.parametrize("engine", ["python", "numpy", "native", "jax"])
def test_an_order_of_adding_that_overflows_is_no_result(engine):
    """An engine adds in its own order. Where that leaves the floats and the exact sum does not, that is the result."""
    if engine != "python":
        pytest.importorskip({"numpy": "numpy", "native": "llvmlite", "jax": "jax"}[engine])
    huge = [1e308, -1e308] * 4
    ws, xs = [Value(0.0) for _ in huge], [Value(0.0) for _ in huge]
    program = compile(dot(ws, xs), [*ws, *xs], engine=engine)
    columns = [[1.0, x, x] for x in huge]
    for order in (columns, columns[::-1], columns[::2] + columns[1::2]):
        given = [*map(np.array, order), *[1.0] * len(huge)]
        try:
            expected = math.fsum([column[1] for column in order])
        except OverflowError:
            with pytest.raises(NumberOverflowError, match="overflows"):
                program(*given)
        else:
            assert program(*given).tolist() == [8.0, expected, expected]


def test_what_an_engine_leaves_open_is_computed_step_by_step(monkeypatch):
    """Another order of adding may overflow where the exact sum does not; a batch then has the exact sum there."""

    def in_pairs(a, b, c, d):
        return [(a + c) + (b + d)]

    monkeypatch.setitem(ENGINES, "in pairs", lambda tape: in_pairs)
    a, b, c, d = (Value(0.0) for _ in range(4))
    program = compile(total([a, b, c, d]), [a, b, c, d], engine="in pairs")
    large, small = np.array([1.0, 1e308]), np.array([2.0, -1e308])
    with np.errstate(all="ignore"):
        assert math.isnan(in_pairs(large, small, large, small)[0][1])
        assert program(large, small, large, small).tolist() == [6.0, 0.0]
