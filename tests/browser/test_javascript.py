"""The tape as JavaScript, run in a real browser, against the engine itself."""

import math
import random

import pytest

from autograd import Value, ops, trace
from autograd.engines.javascript import write_function
from autograd.engines.python_source import function
from autograd.program.graphs import record, record_backward

OURS = [op for op in ops.ALL.values() if op.is_built_in]


@pytest.fixture(scope="module")
def run(browser):
    """Run many functions in one page: a list of (source, inputs) gives a list of outputs."""
    tab = browser.new_page()

    def run_all(programs):
        calls = ",".join(f"(()=>{{{source};return run({inputs!r}).map(String)}})()" for source, inputs in programs)
        return [[float(x.replace("Infinity", "inf")) for x in row] for row in tab.evaluate(f"[{calls}]")]

    yield run_all
    tab.close()


def everything(loss):
    steps = trace(loss)
    data = [node.data for node in steps.nodes]
    return data + [step.local for step in steps.backward] + list(steps.gradients.values())


def test_every_operation(run):
    rng = random.Random(5)
    programs, expected, names = [], [], []
    for op in OURS:
        for _ in range(12):
            domain = op.domain * 4 if op.variadic else op.domain
            leaves = [Value(rng.uniform(*interval), "<script>alert(1)</script>") for interval in domain]
            y = op(*leaves)
            programs.append((write_function(record_backward(y, leaves)), [leaf.data for leaf in leaves]))
            expected.append(everything(y))
            names.append(op.name)
    for name, found, reference in zip(names, run(programs), expected, strict=True):
        assert found == pytest.approx(reference, rel=1e-12, abs=1e-14), name


def test_whole_numbers_and_remainders_are_those_of_python(run):
    """Halves, signed zeros, numbers without room for a fraction."""
    x, y = Value(1.0, "x"), Value(1.0, "y")
    results = [x.floor(), x.ceil(), round(x), x % y, x.greater(y), ops.where(x, y, 2.0)]
    # The text of a zero has no sign, but its angle beside -1 has.
    tape = record([*results, *[ops.atan2(result, -1.0) for result in results]], [x, y])
    source, python = write_function(tape), function(tape)
    numbers = [0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.49999999999999994, 3.0, -7.0, 4503599627370495.5, 1e300]
    points = [[a, b] for a in numbers for b in numbers if b]
    for point, found in zip(points, run([(source, point) for point in points]), strict=True):
        expected = list(python(*point))
        assert found[:6] == expected[:6], point
        assert found[6:] == pytest.approx(expected[6:], rel=1e-15), point


def test_erf_and_erfc_in_their_tails(run):
    x = Value(1.0, "x")
    source = write_function(record([x.erf(), x.erfc()], [x]))
    numbers = [
        0.0,
        1e-300,
        -1e-9,
        0.3,
        0.5,
        0.51,
        1.0,
        -1.0,
        2.5,
        5.9,
        6.1,
        13.7,
        24.78,
        26.5,
        27.0,
        40.0,
        -40.0,
        1e300,
    ]
    for number, found in zip(numbers, run([(source, [number]) for number in numbers]), strict=True):
        assert found == [
            pytest.approx(math.erf(number), rel=5e-16, abs=0), pytest.approx(math.erfc(number), rel=1e-15, abs=1e-322)
        ], number  # fmt: skip


def test_softmax_of_large_logits(run):
    """Recorded near 0, and run far out: as exact as the engine itself."""
    programs, expected = [], []
    for op in (ops.softmax_at(0), ops.softmax_at(2), ops.log_softmax_at(1), ops.logsumexp):
        leaves = [Value(0.1 * i, f"z{i}") for i in range(3)]
        source = write_function(record_backward(op(*leaves), leaves))
        for logits in ([0.5, -1.0, 2.0], [1e16, 1e16 - 2, 1e16], [-1e16, -1e16, -1e16], [40.0, 0.0, 0.0]):
            programs.append((source, logits))
            expected.append(everything(op(*map(Value, logits))))
    for found, reference in zip(run(programs), expected, strict=True):
        assert found == pytest.approx(reference, rel=1e-13, abs=1e-300)


def test_500_random_graphs(run):
    rng = random.Random(6)
    programs, expected = [], []
    for _ in range(500):
        leaves = [Value(rng.uniform(0.5, 2), f"x{i}") for i in range(3)]
        nodes = list(leaves)
        for _ in range(rng.randint(1, 12)):
            op = rng.choice(
                [ops.add, ops.multiply, ops.tanh, ops.sigmoid, ops.subtract, ops.maximum, ops.sin, ops.erf]
            )
            nodes.append(op(*[rng.choice(nodes) for _ in range(op.arity)]))
        steps = trace(nodes[-1])
        used = [leaf for leaf in leaves if leaf in steps._place]
        programs.append((write_function(record_backward(nodes[-1], used)), [leaf.data for leaf in used]))
        expected.append(everything(nodes[-1]))
    for found, reference in zip(run(programs), expected, strict=True):
        assert found == pytest.approx(reference, rel=1e-12, abs=1e-12)


def test_what_is_not_finite(run):
    x = Value(1.0, "x")
    y = (x.log() + (-x).exp()) * ops.erf(x * 9)
    source = write_function(record_backward(y, [x]))
    assert all(number == number for number in run([(source, [0.5])])[0])
    assert any(number != number or abs(number) == float("inf") for number in run([(source, [-1.0])])[0])
