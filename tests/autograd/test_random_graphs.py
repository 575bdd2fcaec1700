"""500 random graphs against PyTorch, and properties that every gradient must have."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, grad, gradient, jvp, value_and_grad

# --- random graphs against PyTorch ------------------------------------------------------------------------
#
# A graph is a program: a list of (name, places of the inputs among the nodes so far).  The same program runs on
# Values and on tensors.  Every result lies between -10 and 10, so that 60 of them in a row stay sane numbers.

# name: (number of inputs, with glassgrad, with PyTorch); s(x) brings x safely into the domain
OPERATIONS = {
    "add": (2, lambda x, y: (x + y) / 2, lambda t, x, y: (x + y) / 2),
    "subtract": (2, lambda x, y: (x - y) * 0.5, lambda t, x, y: (x - y) * 0.5),
    "multiply": (2, lambda x, y: x * y / 10, lambda t, x, y: x * y / 10),
    "divide": (2, lambda x, y: x / (1 + y * y), lambda t, x, y: x / (1 + y * y)),
    "from a number": (1, lambda x: 3 - x / 2, lambda t, x: 3 - x / 2),
    "a number over": (1, lambda x: 2 / (1 + x * x), lambda t, x: 2 / (1 + x * x)),
    "negate": (1, lambda x: -x, lambda t, x: -x),
    "cube": (1, lambda x: (x / 10) ** 3, lambda t, x: (x / 10) ** 3),
    "power -2": (1, lambda x: (abs(x) + 1) ** -2, lambda t, x: (abs(x) + 1) ** -2),
    "power": (
        2,
        lambda x, y: (1 + abs(x) / 10) ** (y / 10),
        lambda t, x, y: (1 + abs(x) / 10) ** (y / 10),
    ),
    "square": (1, lambda x: (x / 4).square(), lambda t, x: (x / 4).square()),
    "reciprocal": (1, lambda x: (1 + x * x).reciprocal(), lambda t, x: (1 + x * x).reciprocal()),
    "abs": (1, lambda x: abs(x), lambda t, x: abs(x)),
    "maximum": (2, autograd.maximum, lambda t, x, y: t.maximum(x, y)),
    "minimum": (2, autograd.minimum, lambda t, x, y: t.minimum(x, y)),
    "clip": (1, lambda x: x.clip(-1.5, 2.0), lambda t, x: x.clip(-1.5, 2.0)),
    "exp": (1, lambda x: (x / 5).exp(), lambda t, x: (x / 5).exp()),
    "exp2": (1, lambda x: (x / 5).exp2(), lambda t, x: (x / 5).exp2()),
    "expm1": (1, lambda x: (x / 5).expm1(), lambda t, x: (x / 5).expm1()),
    "log": (1, lambda x: (abs(x) + 0.5).log(), lambda t, x: (abs(x) + 0.5).log()),
    "log2": (1, lambda x: (abs(x) + 0.5).log2(), lambda t, x: (abs(x) + 0.5).log2()),
    "log10": (1, lambda x: (abs(x) + 0.5).log10(), lambda t, x: (abs(x) + 0.5).log10()),
    "log1p": (1, lambda x: abs(x).log1p(), lambda t, x: abs(x).log1p()),
    "sqrt": (1, lambda x: (x * x + 0.1).sqrt(), lambda t, x: (x * x + 0.1).sqrt()),
    "sin": (1, lambda x: x.sin(), lambda t, x: x.sin()),
    "cos": (1, lambda x: x.cos(), lambda t, x: x.cos()),
    "tan": (1, lambda x: (x / 10).tan(), lambda t, x: (x / 10).tan()),
    "asin": (1, lambda x: (x / 11).asin(), lambda t, x: (x / 11).asin()),
    "acos": (1, lambda x: (x / 11).acos(), lambda t, x: (x / 11).acos()),
    "atan": (1, lambda x: x.atan(), lambda t, x: x.atan()),
    "atan2": (2, lambda x, y: autograd.atan2(x, y * y + 1), lambda t, x, y: t.atan2(x, y * y + 1)),
    "sinh": (1, lambda x: (x / 5).sinh(), lambda t, x: (x / 5).sinh()),
    "cosh": (1, lambda x: (x / 5).cosh(), lambda t, x: (x / 5).cosh()),
    "tanh": (1, lambda x: x.tanh(), lambda t, x: x.tanh()),
    "asinh": (1, lambda x: x.asinh(), lambda t, x: x.asinh()),
    "acosh": (1, lambda x: (x * x + 1.5).acosh(), lambda t, x: (x * x + 1.5).acosh()),
    "atanh": (1, lambda x: (x / 11).atanh(), lambda t, x: (x / 11).atanh()),
    "hypot": (2, lambda x, y: autograd.hypot(x, y + 20) / 3, lambda t, x, y: t.hypot(x, y + 20) / 3),
    "degrees": (1, lambda x: (x / 100).degrees(), lambda t, x: t.rad2deg(x / 100)),
    "radians": (1, lambda x: x.radians(), lambda t, x: t.deg2rad(x)),
    "erf": (1, lambda x: x.erf(), lambda t, x: x.erf()),
    "sigmoid": (1, lambda x: x.sigmoid(), lambda t, x: x.sigmoid()),
    "softplus": (
        1,
        lambda x: (x / 2).softplus(),
        lambda t, x: t.logaddexp(x / 2, t.zeros_like(x)),
    ),
    "relu": (1, lambda x: x.relu(), lambda t, x: x.relu()),
    "leaky_relu": (1, lambda x: x.leaky_relu(0.1), lambda t, x: t.nn.functional.leaky_relu(x, 0.1)),
    "elu": (1, lambda x: x.elu(1.5), lambda t, x: t.nn.functional.elu(x, 1.5)),
    "silu": (1, lambda x: x.silu(), lambda t, x: t.nn.functional.silu(x)),
    "gelu": (1, lambda x: x.gelu(), lambda t, x: t.nn.functional.gelu(x, approximate="tanh")),
    "mish": (1, lambda x: x.mish(), lambda t, x: t.nn.functional.mish(x)),
    "selu": (1, lambda x: x.selu(), lambda t, x: t.nn.functional.selu(x)),
    "celu": (1, lambda x: x.celu(1.5), lambda t, x: t.nn.functional.celu(x, 1.5)),
    "relu6": (1, lambda x: x.relu6(), lambda t, x: t.nn.functional.relu6(x)),
    "hardtanh": (1, lambda x: x.hardtanh(-2.0, 1.5), lambda t, x: t.nn.functional.hardtanh(x, -2.0, 1.5)),
    "logsigmoid": (1, lambda x: (x / 2).logsigmoid(), lambda t, x: t.nn.functional.logsigmoid(x / 2)),
    "erfc": (1, lambda x: x.erfc(), lambda t, x: t.erfc(x)),
    "floor": (1, lambda x: x.floor() + x, lambda t, x: t.floor(x) + x),
    "ceil": (1, lambda x: x.ceil() - x, lambda t, x: t.ceil(x) - x),
    "round": (1, lambda x: round(x) * x / 3, lambda t, x: t.round(x) * x / 3),
    "mod": (2, lambda x, y: x % (y * y + 0.5), lambda t, x, y: t.remainder(x, y * y + 0.5)),
    "where": (
        3,
        lambda x, y, w: autograd.where(autograd.greater(x, y), w * x, y),
        lambda t, x, y, w: t.where(x > y, w * x, y),
    ),
    "softsign": (1, lambda x: x.softsign(), lambda t, x: t.nn.functional.softsign(x)),
    "logsumexp": (
        4,
        lambda *xs: autograd.logsumexp(xs) / 2,
        lambda t, *xs: t.logsumexp(t.stack(xs), 0) / 2,
    ),
    "softmax": (3, lambda *xs: autograd.softmax(xs)[1], lambda t, *xs: t.softmax(t.stack(xs), 0)[1]),
    "total": (5, lambda *xs: autograd.total(xs) / 5, lambda t, *xs: t.stack(xs).sum() / 5),
}


def random_program(seed):
    """Between 5 and 60 operations on 1 to 6 leaves; most nodes are used more than once."""
    chance = random.Random(seed)
    leaves = [chance.uniform(-3, 3) for _ in range(chance.randint(1, 6))]
    program = []
    for i in range(chance.randint(5, 60)):
        name = chance.choice(list(OPERATIONS))
        nodes = len(leaves) + i
        recent = max(0, nodes - chance.choice([3, 10, 100]))
        program.append((name, [chance.randrange(recent, nodes) for _ in range(OPERATIONS[name][0])]))
    return leaves, program


def run(program, nodes, way):
    for name, places in program:
        nodes.append(way(name)(*[nodes[i] for i in places]))
    # Every node counts, so that nothing computed is idle.
    result = nodes[0] * 0.1
    for node in nodes[1:]:
        result = result + node * 0.1
    return result


def with_values(name):
    return OPERATIONS[name][1]


def assert_close(found, expected):
    """1e-12 relative, and the last bit of a number near 1 for what cancels to almost nothing."""
    assert abs(found - expected) <= 1e-12 * abs(expected) + 1e-15, f"{found!r} is not {expected!r}"


@pytest.mark.parametrize("block", range(10))
def test_random_graphs_against_pytorch(block):
    torch = pytest.importorskip("torch", reason="an independent engine to compare with")
    for seed in range(50 * block, 50 * block + 50):
        leaves, program = random_program(seed)
        values = [Value(x) for x in leaves]
        y = run(program, list(values), with_values)
        y.backward()
        tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in leaves]
        expected = run(program, list(tensors), lambda name: lambda *xs, name=name: OPERATIONS[name][2](torch, *xs))
        expected.backward()
        assert_close(y.data, expected.item())
        for value, tensor in zip(values, tensors, strict=True):
            slope = 0.0 if tensor.grad is None else tensor.grad.item()
            assert_close(value.grad, slope)


def test_the_random_graphs_use_every_operation_and_share_nodes():
    used, shared = set(), 0
    for seed in range(500):
        _, program = random_program(seed)
        assert 5 <= len(program) <= 60
        used |= {name for name, _ in program}
        places = [i for _, inputs in program for i in inputs]
        shared += len(places) > len(set(places))
    assert used == set(OPERATIONS)
    assert shared > 450


# --- reverse, forward, and the gradient as a graph agree ----------------------------------------------------


@pytest.mark.parametrize("block", range(4))
def test_three_ways_to_the_same_gradient(block):
    for seed in range(1000 + 10 * block, 1010 + 10 * block):
        leaves, program = random_program(seed)

        def f(*xs, program=program):
            return run(program, list(xs), with_values)

        values = [Value(x) for x in leaves]
        y = f(*values)
        y.backward()
        directions = [1.0 / (i + 1) for i in range(len(leaves))]
        forward, slope = jvp(f, leaves, directions)
        assert forward == y.data
        assert_close(slope, math.fsum(v.grad * d for v, d in zip(values, directions, strict=True)))
        for value, by_graph in zip(values, gradient(y, values), strict=True):
            assert_close(by_graph.data, value.grad)


# --- properties -------------------------------------------------------------------------------------------

numbers = st.floats(-2.0, 2.0, allow_nan=False)
coefficients = st.floats(-5.0, 5.0, allow_nan=False)


def f(x, y):
    return (x * y).tanh() + autograd.sin(x) * autograd.exp(y / 2)


def g(x, y):
    return autograd.softplus(x - y) * autograd.sigmoid(y) + autograd.hypot(x, 3.0)


@settings(max_examples=60, deadline=None)
@given(numbers, numbers, coefficients, coefficients)
def test_differentiation_is_linear(x, y, a, b):
    combined = grad(lambda x: a * f(x, y) + b * g(x, y))(x)
    expected = a * grad(f)(x, y) + b * grad(g)(x, y)
    assert combined == pytest.approx(expected, rel=1e-12, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(numbers, numbers)
def test_product_and_chain_rule(x, y):
    (vf, df), (vg, dg) = value_and_grad(f)(x, y), value_and_grad(g)(x, y)
    assert grad(lambda x: f(x, y) * g(x, y))(x) == pytest.approx(df * vg + vf * dg, rel=1e-12, abs=1e-12)
    assert grad(lambda x: f(g(x, y), y))(x) == pytest.approx(grad(f)(vg, y) * dg, rel=1e-12, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(numbers, min_size=1, max_size=8))
def test_softmax_sums_to_one_and_its_gradient_to_zero(xs):
    assert math.fsum(autograd.softmax(xs)) == pytest.approx(1.0, rel=1e-14)
    assert math.fsum(grad(autograd.logsumexp)(xs)) == pytest.approx(1.0, rel=1e-14)
    for i in range(len(xs)):
        assert math.fsum(grad(lambda xs, i=i: autograd.softmax(xs)[i])(xs)) == pytest.approx(0.0, abs=1e-15)


@settings(max_examples=60, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_finite_number_goes_in_and_comes_out_unchanged(x):
    assert Value(x).data == x
    assert (+Value(x)).data == x
    assert (-Value(x)).data == -x
