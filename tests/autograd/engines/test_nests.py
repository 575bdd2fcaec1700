"""Tables of rows and their kernels: every kernel, every remainder, every width of vectors, against NumPy."""

import math
import random
import threading
from itertools import product

import numpy as np
import pytest

import nn
from autograd import DomainError, NumberOverflowError, Value, compile, grad, ieee, ops
from autograd.engines.native import machine_code
from autograd.engines.native.nests import Table
from autograd.engines.native.rows import FIELDS, kinds
from autograd.program.graphs import record_gradient
from autograd.program.tape import SUM, Instruction, Tape, primitive

pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")

LENGTHS = [*range(1, 18), 33, 40]


@pytest.fixture(params=[2, 4, 8])
def width(request, monkeypatch):
    """Vectors as wide as those of one processor or another; LLVM takes wider ones apart."""
    monkeypatch.setattr(machine_code, "lanes_of_machine", lambda binding: request.param)
    return request.param


def run(table, numbers):
    """The results of a table, behind which nothing may be written."""
    slots, results = table.slots.copy(), np.full(len(table.levels.outputs) + 1, 7.0)
    slots[: len(numbers)] = numbers
    signs = table.program(slots.ctypes.data, table.address, results.ctypes.data)
    assert (signs >= 0) == np.isfinite(results).all()
    assert results[-1] == 7.0
    return results[:-1]


def tape_of(steps, inputs, constants=()):
    """A tape whose results are all its steps."""
    first = inputs + len(constants)
    names = tuple(f"x{i}" for i in range(inputs))
    outputs = tuple(range(first, first + len(steps)))
    return Tape(names, constants, tuple(Instruction(*step) for step in steps), outputs)


def used(table):
    """The kernels of a table, and how many steps each of them computes."""
    names, count, copies = list(kinds()), FIELDS.index("count"), FIELDS.index("copies")
    return {str(names[row[0]]): int(row[count] * row[copies]) for row in table.rows}


def sums_of(steps, numbers):
    return [
        numbers[step[0]] + sum(numbers[a] * numbers[b] for a, b in zip(step[1::2], step[2::2], strict=True))
        for step in steps
    ]


def check_sums(sums, inputs, kernel=None, seed=1):
    numbers = np.random.default_rng(seed).normal(size=inputs)
    # Afterwards come steps that need all of them: what was written beyond a row must not be left there.
    after = [("negative", (inputs + i,)) for i in range(len(sums))]
    table = Table(tape_of([*[(SUM, step) for step in sums], *after], inputs))
    if kernel is not None:
        assert kernel in used(table), table
    expected = sums_of(sums, numbers)
    np.testing.assert_allclose(run(table, numbers), [*expected, *[-x for x in expected]], rtol=1e-12, atol=1e-13)
    return table


@pytest.mark.parametrize("terms", LENGTHS)
def test_dot_products(width, terms):
    """The rows of a matrix with a vector, as in a layer; then with another vector each."""
    for sums in (1, 2, 4, 7, 8, 13):
        check_dot_products(sums, terms)


def check_dot_products(sums, terms):
    matrix, vector = sums * terms, sums * terms + sums * terms
    inputs, kernel = vector + sums, "sum dot 1" if terms > 3 else None
    rows = [[i * terms + k for k in range(terms)] for i in range(sums)]
    for swapped in (False, True):
        same = [[matrix + k for k in range(terms)]] * sums
        other = [[matrix + i * terms + k for k in range(terms)] for i in range(sums)]
        for factors in (same, other):
            steps = [
                (vector + i, *np.stack([b, a] if swapped else [a, b], axis=1).ravel().tolist())
                for i, (a, b) in enumerate(zip(rows, factors, strict=True))
            ]
            check_sums(steps, inputs, kernel)


@pytest.mark.parametrize("terms", LENGTHS)
@pytest.mark.parametrize("swapped", [False, True])
def test_the_sum_of_a_row(width, terms, swapped):
    """One and the same factor: the number 1 of a total, say."""
    factor = [terms] * terms
    pairs = np.stack([factor, range(terms)] if swapped else [range(terms), factor], axis=1).ravel().tolist()
    check_sums([(terms + 1, *pairs)], terms + 2, "sum dot 0" if terms > 3 else None)


@pytest.mark.parametrize("count", LENGTHS)
@pytest.mark.parametrize("right", [0, 1])
@pytest.mark.parametrize("start", [0, 1])
def test_neighbouring_sums(width, count, right, start):
    """The columns of a matrix with a vector, as where gradients go back through a layer."""
    for terms, swapped in product((1, 2, 9), (False, True)):
        check_neighbours(count, terms, right, start, swapped)


def check_neighbours(count, terms, right, start, swapped):
    rng = np.random.default_rng(count)
    lefts, rights = rng.permutation(terms) * (count + 1), rng.permutation(terms) * (count + 1)
    size = terms * (count + 1)
    steps = []
    for i in range(count):
        pairs = [(a + i, size + b + right * i) for a, b in zip(lefts.tolist(), rights.tolist(), strict=True)]
        flat = [x for pair in pairs for x in (pair[::-1] if swapped else pair)]
        steps.append((2 * size + start * i, *flat))
    kernel = f"sum neighbours {right}" if count >= 4 else None
    check_sums(steps, 2 * size + count, kernel)


def check_together(steps, inputs, kernel):
    """Nests that are copies of each other are one row."""
    table = check_sums(steps, inputs, kernel)
    assert len(table.rows) == 2, table


@pytest.mark.parametrize("count", [4, 5, 7, 8, 13, 16, 27, 33, 40])
@pytest.mark.parametrize("direction", [1, -1, 3])
def test_products_of_matrices(width, count, direction):
    """The gradients of a layer's weights, over several positions: every row needs the same inputs."""
    for copies, terms, start in product((2, 3, 4, 9), (1, 2, 7), ((0, 0), (0, 1), (1, 0), (-2, 1))):
        size, most = terms * count, 3 * copies
        steps = []
        for c, i in product(range(copies), range(count)):
            along = 3 * copies - 3 + direction * c if direction < 0 else direction * c
            pairs = [(k * count + i, size + k * most + along) for k in range(terms)]
            # The factor that moves may be the left one in one term, and the right one in another.
            flat = [x for k, pair in enumerate(pairs) for x in (pair[::-1] if k % 3 == 1 else pair)]
            steps.append((size + terms * most + 2 * copies + start[0] * c + start[1] * i, *flat))
        check_together(steps, size + terms * most + 3 * copies + count, "sum neighbours 0")
    heads = [
        (900, *[x for k in range(3) for x in (k * 250 + (count + 2) * c + i, 800 + 20 * k + abs(direction) * c)])
        for c, i in product(range(5), range(count))
    ]
    check_together(heads, 901, "sum neighbours 0")


@pytest.mark.parametrize("sums", [4, 5, 9])
@pytest.mark.parametrize("terms", [4, 7, 16, 21])
def test_dot_products_of_matrices(width, sums, terms):
    """A layer at several positions; then heads of attention, where the left factors move on as well."""
    for copies, left in product((2, 3, 5), (0, 100)):
        begin = copies * 100 + sums * terms
        steps = [
            (
                begin + copies * terms,
                *[x for k in range(terms) for x in (left * c + i * terms + k, begin + c * terms + k)],
            )
            for c, i in product(range(copies), range(sums))
        ]
        check_together(steps, begin + copies * terms + 1, "sum dot 1")


def test_lists_that_move_on_unequally_are_no_copies(width):
    """One place of the second row is not where that of the first one would lead to."""
    for side, term in product((0, 1), range(3)):
        steps = []
        for c, i in product(range(2), range(8)):
            pairs = [[8 * k + i, 100 + 10 * k + c] for k in range(3)]
            pairs[term][side] += 30 * c
            steps.append((160, *[x for pair in pairs for x in pair]))
        table = check_sums(steps, 161, "sum neighbours 0")
        assert len(table.rows) == 3


def test_sums_anywhere(width):
    rng = np.random.default_rng(3)
    for terms in (1, 2, 3, 5, 20):
        steps = [tuple(rng.integers(0, 50, size=2 * terms + 1).tolist()) for _ in range(11)]
        check_sums(steps, 50, "sum listed")


STRIPS = sorted({kind.atom for kind in kinds() if kind.how == "strip"})


@pytest.mark.parametrize("atom", STRIPS)
def test_strips(width, atom):
    """Inputs in a row, or one for all, of every length; then the same atom on the results."""
    op = primitive(atom)
    moves = [(1,)] if op.arity == 1 else [(1, 1), (1, 0), (0, 1)]
    for steps in moves:
        for count in LENGTHS:
            places = [tuple(50 * side + step * i for side, step in enumerate(steps)) for i in range(count)]
            again = [tuple(100 + x - 50 * side for side, x in enumerate(each)) for each in places]
            numbers = np.random.default_rng(count).uniform(0.5, 2, size=100)
            table = Table(tape_of([(atom, each) for each in (*places, *again)], 100))
            if count >= 4:
                assert f"{atom} strip" in used(table)
            expected = [op.forward(*numbers[list(each)]) for each in places]
            expected += [op.forward(*[expected[x - 100] for x in each]) for each in again]
            np.testing.assert_allclose(run(table, numbers), expected, rtol=1e-14)


@pytest.mark.parametrize("moves", [(0, 1), (0, -1), (5, 0), (9, 3)])
def test_strips_that_are_copies_of_each_other(width, moves):
    """The products of all numbers of one row with all of another: one row, and a last vector that reaches beyond."""
    for count, copies in product((4, 5, 8, 11), (2, 3, 8)):
        steps = [(40 + moves[0] * c + i, 20 + moves[1] * c) for c, i in product(range(copies), range(count))]
        table = Table(tape_of([("multiply", each) for each in steps], 150))
        assert len(table.rows) == 1
        numbers = np.random.default_rng(1).normal(size=150)
        np.testing.assert_array_equal(run(table, numbers), [numbers[a] * numbers[b] for a, b in steps])


def test_steps_that_go_backwards_are_turned_round(width):
    """Gradients come in the opposite order, from the last neuron to the first."""
    backwards = tape_of([("multiply", (19 - i, 39 - i)) for i in range(20)], 40)
    table = Table(backwards)
    assert used(table) == {"multiply strip": 20}
    numbers = np.arange(40.0)
    assert run(table, numbers).tolist() == [(19 - i) * (39 - i) for i in range(20)]


PIECES = [
    lambda a, b, values: a * b,
    lambda a, b, values: a * b,
    lambda a, b, values: a + b,
    lambda a, b, values: a + b,
    lambda a, b, values: a - b,
    lambda a, b, values: a.sigmoid(),
    lambda a, b, values: a.relu(),
    lambda a, b, values: a.tanh().exp(),
    lambda a, b, values: a.maximum(b),
    lambda a, b, values: ops.dot(values[-3:], values[:3]),
    lambda a, b, values: ops.total(values[-5:]),
    lambda a, b, values: (a * a + 1.0).log(),
]


def random_graph(seed):
    chance = random.Random(seed)
    leaves = [Value(chance.uniform(0.3, 1.2), f"x{i}") for i in range(chance.choice((3, 8, 20)))]
    values = list(leaves)
    for _ in range(chance.choice((10, 60, 200))):
        y = chance.choice(PIECES)(chance.choice(values[-40:]), chance.choice(values), values)
        values.append(y.tanh() if abs(y.data) > 50 else y)
    return ops.total(values[-5:]), leaves


@pytest.mark.parametrize("seed", range(300))
def test_random_graphs(seed):
    loss, leaves = random_graph(seed)
    program = compile(loss, leaves, engine="native")
    numbers = [x.data for x in leaves]
    loss.backward()
    value, slopes = program.value_and_grad(*numbers)
    scale = max(1.0, *[abs(x.grad) for x in leaves])
    assert value == pytest.approx(loss.data, rel=1e-12, abs=1e-13)
    np.testing.assert_allclose(slopes, [x.grad for x in leaves], rtol=1e-11, atol=1e-12 * scale)
    # As a batch, each sample a little different.
    columns = np.array(numbers)[:, None] * (1 + 0.001 * np.arange(seed % 37 + 1))
    values, slopes = program.value_and_grad(*columns)
    for sample in {0, columns.shape[1] - 1}:
        value, single = program.value_and_grad(*columns[:, sample].tolist())
        assert values[sample] == pytest.approx(value, rel=1e-12, abs=1e-13)
        np.testing.assert_allclose([row[sample] for row in slopes], single, rtol=1e-11, atol=1e-12 * scale)


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs_of_second_order(seed):
    """The program of a derivative, differentiated once more."""
    loss, leaves = random_graph(seed)
    numbers = [x.data for x in leaves]

    def by_first(*xs):
        return grad(lambda *ys: compile(loss, leaves, engine="native")(*ys))(*xs)

    second = grad(by_first)(*numbers)
    program = compile(loss, leaves, engine="eager")
    expected = grad(lambda *xs: grad(lambda *ys: program(*ys))(*xs))(*numbers)
    assert second == pytest.approx(expected, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("samples", [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 65])
def test_batches(width, samples):
    rng = np.random.default_rng(samples)
    model = nn.MLP(2, [5, 3], activation="tanh", seed=2)
    xs, parameters = [Value(0.1), Value(0.2)], model.parameters()
    loss = nn.cross_entropy(model(xs), 1) + xs[0].sin() + ops.hypot(*xs) + ops.where(xs[0], xs[1], 2.0)
    columns, given = rng.normal(size=(2, samples)), np.array([p.data for p in parameters])
    programs = [compile(loss, [parameters, *xs], engine) for engine in ("native", "eager")]
    (loss, slopes), (expected_loss, expected) = [p.value_and_grad(given, *columns) for p in programs]
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-12)
    for found, wanted in zip((*slopes[0], *slopes[1:]), (*expected[0], *expected[1:]), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-13)
    assert programs[0](given, columns[0], 0.5) == pytest.approx(programs[1](given, columns[0], 0.5), rel=1e-12)


def test_what_is_not_finite_is_named():
    x, y = Value(1.0, "x"), Value(2.0, "y")
    program = compile((x * y + 1).log() + ops.exp(x * 100.0), [x, y], engine="native")
    with pytest.raises(DomainError, match="log"):
        program(-1.0, 3.0)
    with pytest.raises(NumberOverflowError, match="exp"):
        program.value_and_grad(50.0, 3.0)
    with pytest.raises(DomainError, match=r"(?s)log.*sample 2"):
        program(np.array([1.0, 1.0, -1.0, -1.0]), 3.0)
    with ieee():
        assert math.isinf(program(50.0, 3.0))
        assert math.isnan(program.value_and_grad(-1.0, 3.0)[0])
        assert np.isnan(program(np.array([1.0, -1.0]), 3.0)).tolist() == [False, True]
    lists = compile((x * y + 1).log(), [[x, y]], engine="native")
    with pytest.raises(DomainError, match="log"):
        lists.value_and_grad(np.array([-1.0, 3.0]))


def test_several_threads_share_a_program():
    loss, leaves = random_graph(7)
    program = compile(loss, [leaves], engine="native")
    numbers = [np.array([x.data * (1 + 0.01 * k) for x in leaves]) for k in range(8)]
    expected = [program.value_and_grad(each) for each in numbers]
    wrong = []

    def work(k):
        for _ in range(200):
            value, [slopes] = program.value_and_grad(numbers[k])
            if value != expected[k][0] or (slopes != expected[k][1][0]).any():
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_results_are_the_callers_own():
    x = [Value(1.0), Value(2.0)]
    program = compile(ops.dot(x, x), [x], engine="native")
    first = program.value_and_grad(np.array([1.0, 2.0]))[1][0]
    program.value_and_grad(np.array([5.0, 6.0]))
    assert first.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("rows_of_samples", [1, 10, 10_000_000])
def test_rows_of_samples_of_any_length(monkeypatch, rows_of_samples):
    monkeypatch.setattr("autograd.engines.native.batches.MOST_NUMBERS", rows_of_samples)
    x, y = Value(1.0, "x"), Value(2.0, "y")
    program = compile((x * y + y * y).tanh(), [x, y], engine="native")
    for samples in (1, 100, 3000):
        given = np.linspace(-1, 1, samples)[::-1]
        given.setflags(write=False)
        np.testing.assert_allclose(program(given, 0.5), np.tanh(given * 0.5 + 0.25), rtol=1e-14)


def test_results_that_are_no_steps_or_come_twice():
    x, y = Value(1.0, "x"), Value(2.0, "y")
    product, column = x * y, np.linspace(1.0, 2.0, 70)
    program = compile([product, x, product, 3.0 * y, y, product], [x, y], engine="native")
    for given in ((column, 0.5), (0.5, column), (column, column[::-1])):
        a, b = [np.broadcast_to(each, 70) for each in given]
        np.testing.assert_array_equal(program(*given), [a * b, a, a * b, 3 * b, b, a * b])


def test_a_program_without_results():
    assert compile([], [Value(1.0, "x")], engine="native")(2.0) == []


def test_the_table_can_be_read():
    model = nn.MLP(3, [6, 4], activation="tanh", seed=1)
    xs = [Value(0.1) for _ in range(3)]
    text = str(Table(record_gradient(ops.total(model(xs)), model.parameters())))
    lines = text.splitlines()
    assert lines[0].startswith("52 inputs, ")
    assert any("= tanh s[" in line and line.startswith("strip") for line in lines)
    assert "Σ s[24 + 7·i + k] · s[" in text
    assert {line.split()[0] for line in lines[1:]} == {"strip", "dot", "listed", "neighbours"}


def test_tables_that_share_their_parameters(width):
    """Networks of two sizes on one row of weights, in one memory: each table has a part of its own behind it."""
    numbers = np.random.default_rng(1).normal(size=40)
    tapes, tables, begin = [], [], 40
    for inputs in (4, 7):
        weights, xs = [Value(x) for x in numbers], [Value(0.5 + i) for i in range(inputs)]
        hidden = [ops.dot(weights[inputs * n : inputs * (n + 1)], xs).tanh() for n in range(5)]
        tapes.append(record_gradient(ops.total(hidden) * 3.0, [*weights, *xs]))
        tables.append(Table(tapes[-1], shared=40, begin=begin))
        assert f"s[{begin + inputs}" in str(tables[-1])
        begin += len(tables[-1].slots)
    memory = np.concatenate([numbers, *[table.slots for table in tables]])
    for tape, table in zip(tapes, tables, strict=True):
        xs = np.arange(len(tape.inputs) - 40) + 0.5
        own = table.levels.first - len(tape.constants) - len(xs)
        memory[own : own + len(xs)] = xs
        results = np.empty(len(tape.outputs))
        assert table.program(memory.ctypes.data, table.address, results.ctypes.data) >= 0
        alone = Table(tape)
        np.testing.assert_array_equal(results, run(alone, [*numbers, *xs]))
    np.testing.assert_array_equal(memory[:40], numbers)
