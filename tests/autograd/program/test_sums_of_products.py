"""Sums of products on the tape: how they read, what becomes a part of them and what never does."""

import random
from fractions import Fraction

import pytest

from autograd import Op, Value, dot, ops, relu, tanh, total
from autograd.engines import python_source
from autograd.program.calling import eager
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
