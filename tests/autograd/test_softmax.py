"""softmax, log_softmax and logsumexp against hundreds of digits of decimal arithmetic: near, far out, and confident."""

import pickle
import random
from decimal import Decimal, getcontext
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest

from autograd import (
    Value,
    compile,
    gradient,
    hessian,
    ieee,
    jacobian,
    jit,
    jvp,
    log_softmax,
    logsumexp,
    ops,
    softmax,
    trace,
)  # fmt: skip
from autograd.engines import python_source
from autograd.program.graphs import record
from autograd.symbols.formulas import symbol
from autograd.symbols.local_derivatives import local_formulas

getcontext().prec = 700

ENGINES = ["eager", "python", "numpy"] + ["native"] * bool(find_spec("llvmlite")) + ["jax"] * bool(find_spec("jax"))

# Far from 0 the distances are those of floats: at 1e16 they are even numbers.
LOGITS = [
    [far + near for near in distances]
    for far in (0.0, 1.0, -1.0, 1e3, -1e3, 1e8, -1e8, 1e16, -1e16)
    for distances in ([0.0, 0.0], [0.0, 2.0, -4.0], [0.0, 40.0], [8.0, 8.0, 8.0, 0.0], [0.0, -300.0, 2.0, 4.0, 4.0])
]
EXTREMES = [[0.5], [40.0, 0.0], [0.0, 700.0], [-745.0, 0.0], [1e300, -1e300], [1e16, 1e16, 1e16], [3.0, 1e17, 1e17]]


def exactly(logits):
    """The shares, the shares of all others, the logarithms of the shares, and logsumexp."""
    return exactly_once(tuple(logits))


@cache
def exactly_once(logits):
    xs = [Decimal(x) for x in logits]
    largest = max(xs)
    powers = [(x - largest).exp() for x in xs]
    total = sum(powers)
    log_of_sum = largest + total.ln()
    others = [(total - power) / total for power in powers]
    return [p / total for p in powers], others, [x - log_of_sum for x in xs], log_of_sum


def close(found, expected, rel=1e-14):
    """Equal to the last digits; what is below the smallest float may be 0."""
    return [float(x) for x in found] == pytest.approx([float(x) for x in expected], rel=rel, abs=1e-307)


@pytest.mark.parametrize("logits", LOGITS + EXTREMES)
def test_values(logits):
    shares, _, logs, log_of_sum = exactly(logits)
    assert close(softmax(logits), shares)
    assert close(log_softmax(logits), logs)
    assert logsumexp(logits) == pytest.approx(float(log_of_sum), rel=1e-15, abs=1e-15)
    values = [Value(x) for x in logits]
    assert [p.data for p in softmax(values)] == softmax(logits)
    assert [p.data for p in log_softmax(values)] == log_softmax(logits)
    columns = [np.array([x, x]) for x in logits]
    assert close([column[1] for column in softmax(columns)], shares)


@pytest.mark.parametrize("logits", LOGITS + EXTREMES)
def test_first_derivatives_also_where_one_share_is_nearly_1(logits):
    p, q, _, _ = exactly(logits)
    places = range(len(logits))
    for of_softmax, of_log in zip(
        jacobian(softmax)(logits),
        [[p[i] * q[i] if i == j else -p[i] * p[j] for j in places] for i in places],
        strict=True,
    ):
        assert close(of_softmax, of_log)
    for row, i in zip(jacobian(log_softmax)(logits), places, strict=True):
        assert close(row, [q[i] if i == j else -p[j] for j in places])
    values = [Value(x) for x in logits]
    logsumexp(values).backward()
    assert close([x.grad for x in values], p)


@pytest.mark.parametrize("logits", LOGITS + EXTREMES)
def test_second_derivatives_and_forward_mode(logits):
    p, q, _, _ = exactly(logits)
    places = range(len(logits))
    expected = [[p[i] * q[i] if i == j else -p[i] * p[j] for j in places] for i in places]
    for f, sign in ((logsumexp, 1), (lambda xs: log_softmax(xs)[0], -1)):
        for row, exact in zip(hessian(f)(logits), expected, strict=True):
            # Sums of products of shares: exact beside 1.
            assert [sign * x for x in row] == pytest.approx([float(x) for x in exact], rel=1e-14, abs=1e-16)
    direction = [1.0] + [0.0] * (len(logits) - 1)
    _, slopes = jvp(softmax, (logits,), (direction,))
    assert close(slopes, [row[0] for row in expected])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("function", [softmax, log_softmax])
def test_a_program_recorded_near_0_is_as_exact_far_out(engine, function):
    for count in (2, 3, 4, 5):
        leaves = [Value(0.1 * i) for i in range(count)]
        values = compile(function(leaves), leaves, engine=engine)
        slopes = compile(gradient(function(leaves)[0], leaves), leaves, engine=engine)
        for logits in [x for x in LOGITS + EXTREMES if len(x) == count]:
            p, q, logs, _ = exactly(logits)
            assert close(values(*logits), p if function is softmax else logs, rel=1e-13)
            others = [-x * (p[0] if function is softmax else 1) for x in p[1:]]
            assert close(slopes(*logits), [q[0] * (p[0] if function is softmax else 1), *others], rel=1e-13)


@pytest.mark.parametrize("engine", ENGINES)
def test_logsumexp_in_a_traced_function(engine):
    traced = jit(lambda xs: logsumexp(xs), engine=engine)
    for logits in LOGITS:
        p, _, _, log_of_sum = exactly(logits)
        value, slopes = traced.value_and_grad(logits)
        assert value == pytest.approx(float(log_of_sum), rel=1e-14, abs=1e-14)
        assert close(slopes, p, rel=1e-13)


def test_many_random_logits_are_those_of_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch's softmax subtracts the maximum too")
    chance = random.Random(7)
    for _ in range(100):
        logits = [chance.uniform(-30, 30) for _ in range(chance.randint(1, 9))]
        theirs = torch.tensor(logits, dtype=torch.float64)
        assert softmax(logits) == pytest.approx(torch.softmax(theirs, 0).tolist(), rel=1e-13)
        assert log_softmax(logits) == pytest.approx(torch.log_softmax(theirs, 0).tolist(), rel=1e-12, abs=1e-15)


def test_one_node_for_each_result_and_no_more():
    logits = [Value(x) for x in (1.0, 2.0, 3.0)]
    p = softmax(logits)[1]
    assert p.inputs == tuple(logits)
    assert p.op.symbol == "softmax"
    assert p.op is ops.softmax_at(1)
    assert pickle.loads(pickle.dumps(p)).op is p.op
    assert pickle.loads(pickle.dumps(ops.log_softmax_at(4))) is ops.log_softmax_at(4)


def test_the_formula_on_show_is_the_one_that_is_computed():
    """At 1e16, e^(x - logsumexp) would be 1 for each."""
    names = ["a", "b", "c"]
    for op in (ops.logsumexp, ops.softmax_at(0), ops.log_softmax_at(2)):
        slopes = local_formulas(op, [symbol(name) for name in names])
        for logits in ([0.5, -1.0, 2.0], [1e16, 1e16, 1e16 - 2], [40.0, 0.0, 1.0]):
            values = [Value(x) for x in logits]
            op(*values).backward()
            numbers = dict(zip(names, logits, strict=True))
            assert [slope.evaluate(numbers) for slope in slopes] == pytest.approx(
                [x.grad for x in values], rel=1e-14
            )
    assert local_formulas(ops.softmax_at(0), [symbol("a"), symbol("b")])[0].text == "softmax₁(a, b)·softmax₂(a, b)"


def test_a_long_list_is_cut_in_formulas():
    xs = [Value(0.1 * i, f"x{i}") for i in range(40)]
    assert trace(logsumexp(xs)).backward[2].formula == "softmax₃(x0, x1, ..., x39)"


def test_infinite_logits_inside_ieee():
    with ieee():
        found = [x.data for x in softmax([Value(-float("inf")), Value(0.0)])]
        assert found == [0.0, 1.0]
        assert logsumexp(Value(-float("inf")), Value(-float("inf"))).data == -float("inf")


def test_steps_on_a_tape_grow_with_the_number_of_logits_and_share_their_exponentials():
    def exponentials(count):
        leaves = [Value(0.0) for _ in range(count)]
        atoms = record([logsumexp(leaves), *softmax(leaves), *log_softmax(leaves)], leaves).atoms
        return list(atoms).count("exp"), len(atoms)

    assert [exponentials(n)[0] for n in (2, 10, 40)] == [2, 10, 40]
    assert exponentials(40)[1] < 4.5 * exponentials(10)[1]


def test_the_generated_source_needs_nothing():
    leaves = [Value(0.0), Value(0.0)]
    assert python_source.function(record(softmax(leaves), leaves))(1e16, 1e16) == (0.5, 0.5)


@pytest.mark.parametrize("function", [softmax, log_softmax])
@pytest.mark.parametrize("given", [1.0, Value(1.0), None])
def test_one_number_is_no_list(function, given):
    with pytest.raises(TypeError, match=f"{function.__name__} takes a list of numbers, but got"):
        function(given)
