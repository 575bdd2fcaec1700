"""compile() and jit(): the same numbers as the engine itself, from every engine."""

import importlib.util
import math
import pickle
import random
import subprocess
import sys
import threading
import weakref
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd import (
    DataError,
    DomainError,
    GradientError,
    NumberOverflowError,
    Op,
    Value,
    compile,
    gradient,
    ieee,
    jit,
    ops,
)
from autograd.engines import numpy_batch, python_source
from autograd.errors import AutogradError
from autograd.program.calling import EngineMissing
from autograd.program.compiler import Program
from autograd.program.engine_table import ENGINES
from autograd.program.tape import TapeError

NEEDS = {"numpy": "numpy", "native": "llvmlite", "jax": "jax"}
AVAILABLE = [name for name in ENGINES if importlib.util.find_spec(NEEDS.get(name, "math"))]
NO_PACKAGE = "its package is not installed"


@pytest.fixture(params=list(ENGINES))
def engine(request):
    if request.param not in AVAILABLE:
        pytest.skip(f"engine {request.param}: {NO_PACKAGE}")
    return request.param


def sample_inputs(op, rng):
    domain = op.domain * 4 if op.variadic else op.domain
    return [rng.uniform(*interval) for interval in domain]


OURS = [op for op in ops.ALL.values() if op.is_built_in]


@pytest.mark.parametrize("op", OURS, ids=lambda op: op.name)
def test_every_operation_first_and_second_order(op, engine):
    rng = random.Random(op.name)
    leaves = [Value(x, f"x{i}") for i, x in enumerate(sample_inputs(op, rng))]
    y = op(*leaves)
    slopes = gradient(y, leaves)
    second = gradient(ops.total(slopes), leaves)
    program = compile([y, *slopes, *second], leaves, engine=engine)
    reference = [value.data for value in (y, *slopes, *second)]
    found = program(*[leaf.data for leaf in leaves])
    assert found == pytest.approx(reference, rel=1e-11, abs=1e-13)
    batch = program(*[np.full(3, leaf.data) for leaf in leaves])
    for column, number in zip(batch, reference, strict=True):
        assert column.shape == (3,)
        assert column == pytest.approx(np.full(3, number), rel=1e-11, abs=1e-13)
    value, by_inputs = compile(y, leaves, engine=engine).value_and_grad(*[leaf.data for leaf in leaves])
    assert value == pytest.approx(y.data, rel=1e-12, abs=1e-14)
    assert by_inputs == pytest.approx([slope.data for slope in slopes], rel=1e-11, abs=1e-13)


SMOOTH = [ops.tanh, ops.sigmoid, ops.sin, ops.softplus, ops.gelu, ops.atan, ops.square, ops.erf]
PAIRS = [ops.add, ops.subtract, ops.multiply, ops.maximum]


def random_graph(rng):
    leaves = [Value(rng.uniform(-2, 2), f"x{i}") for i in range(rng.randint(1, 4))]
    nodes = list(leaves)
    for _ in range(rng.randint(1, 25)):
        if rng.random() < 0.4:
            nodes.append(rng.choice(SMOOTH)(rng.choice(nodes)))
        elif rng.random() < 0.2:
            nodes.append(ops.total(rng.sample(nodes, min(len(nodes), 3))) * 0.5)
        else:
            nodes.append(ops.tanh(rng.choice(PAIRS)(rng.choice(nodes), rng.choice(nodes))))
    return nodes[-1], leaves


def test_500_random_graphs(engine):
    """Bound: 4096 ulps of the largest number in the graph's own scale, first and second order.

    The single atoms agree to 2 ulps; in a sum of large and opposite numbers these grow.
    """
    rng = random.Random(7)
    count = 500 if engine not in ("jax", "native") else 40
    for _ in range(count):
        y, leaves = random_graph(rng)
        slopes = gradient(y, leaves)
        second = gradient(ops.total(slopes), leaves)
        reference = [value.data for value in (y, *slopes, *second)]
        found = compile([y, *slopes, *second], leaves, engine=engine)(*[leaf.data for leaf in leaves])
        scale = max(1.0, *map(abs, reference))
        assert found == pytest.approx(reference, rel=1e-12, abs=4096 * 2.2e-16 * scale)


@pytest.mark.parametrize("name", ["native", pytest.param("jax", marks=pytest.mark.slow)])
def test_500_random_graphs_as_one_program(name):
    """All of them compiled together, because a program of its own for each would take a minute."""
    if name not in AVAILABLE:
        pytest.skip(f"engine {name}: {NO_PACKAGE}")
    rng = random.Random(8)
    outputs, inputs = [], []
    for _ in range(500):
        y, leaves = random_graph(rng)
        slopes = gradient(y, leaves)
        outputs += [y, *slopes, *gradient(ops.total(slopes), leaves)]
        inputs += leaves
    reference = [value.data for value in outputs]
    program = compile(outputs, inputs, engine=name)
    assert program(*[leaf.data for leaf in inputs]) == pytest.approx(reference, rel=1e-11, abs=1e-11)


# calling a program


def product(engine="auto"):
    a, b = Value(2.0, "a"), Value(3.0, "b")
    return compile(a * b, [a, b], engine=engine)


def test_numbers_arrays_names(engine):
    program = product(engine)
    assert program(2, 5) == program(2, b=5) == program(b=5, a=2) == program(Value(2.0), np.float64(5)) == 10.0
    assert program(np.array(2.0), 5) == 10.0
    assert program(np.arange(5), 2).tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert program([1, 2, 3], [1.0, 2.0, 3.0]).tolist() == [1.0, 4.0, 9.0]
    assert program(np.zeros(0), 2.0).tolist() == []
    value, (by_a, by_b) = program.value_and_grad(np.array([1.0, 4.0, 2.0]), 7.0)
    assert (value.tolist(), by_a.tolist(), by_b.tolist()) == ([7.0, 28.0, 14.0], [7.0] * 3, [1.0, 4.0, 2.0])


# lists of inputs


def quadratic(engine="auto", argnums=None):
    """Σ wᵢ·xᵢ² + b, whose derivatives are xᵢ², 2·wᵢ·xᵢ and 1."""
    w, x = [Value(0.0) for _ in range(3)], [Value(0.0) for _ in range(3)]
    b = Value(0.0, "b")
    return compile(ops.total([wi * xi * xi for wi, xi in zip(w, x, strict=True)]) + b, [w, x, b], engine, argnums)


def test_lists_of_inputs(engine):
    program = quadratic(engine)
    w, x = np.array([1.0, -2.0, 3.0]), np.array([0.5, 2.0, -1.0])
    expected = float(w @ x**2) + 4
    assert program(w, x, 4) == program(list(w), tuple(x), b=4.0) == expected
    value, (by_w, by_x, by_b) = program.value_and_grad(w, [0.5, 2.0, -1], 4)
    assert value == expected
    assert isinstance(by_w, np.ndarray)
    np.testing.assert_allclose(by_w, x**2, rtol=1e-15)
    assert by_x == pytest.approx(2 * w * x, rel=1e-15)
    assert isinstance(by_x, list)
    assert by_b == 1.0


def test_batches_of_lists(engine):
    program = quadratic(engine)
    rng = np.random.default_rng(1)
    w, x = rng.normal(size=(3, 5)), rng.normal(size=3)
    expected = x**2 @ w + 4
    for numbers in (w, list(w)):
        np.testing.assert_allclose(program(numbers, x, 4), expected, rtol=1e-13)
        value, (by_w, by_x, by_b) = program.value_and_grad(numbers, list(x), np.full(5, 4.0))
        np.testing.assert_allclose(value, expected, rtol=1e-13)
        assert type(by_w) is type(numbers)
        np.testing.assert_allclose(np.array(by_w), np.repeat(x[:, None] ** 2, 5, axis=1), rtol=1e-13)
        np.testing.assert_allclose(np.array(by_x), 2 * w * x[:, None], rtol=1e-13)
        np.testing.assert_allclose(by_b, np.ones(5))
    np.testing.assert_allclose(
        program([1.0, np.arange(5), 2.0], x, 0), x[0] ** 2 + np.arange(5) * x[1] ** 2 + 2 * x[2] ** 2
    )


def test_the_derivatives_that_were_asked_for(engine):
    w, x = np.array([1.0, -2.0, 3.0]), [0.5, 2.0, -1.0]
    value, by_x = quadratic(engine, argnums=1).value_and_grad(w, x, 4)
    assert by_x == pytest.approx([1.0, -8.0, -6.0], rel=1e-15)
    program = pickle.loads(pickle.dumps(quadratic(engine, argnums=(-1, 0))))
    assert len(program.gradient_tape.outputs) == 5
    again, (by_b, by_w) = program.value_and_grad(w, x, b=4)
    assert (again, by_b, by_w.tolist()) == (value, 1.0, [0.25, 4.0, 1.0])
    a, b = Value(1.0, "a"), Value(1.0, "b")
    assert compile(a * b, [a, b], engine, argnums=1).value_and_grad(3, 4) == (12.0, 3.0)
    assert compile(a * b, [a, b], engine, argnums=[1]).value_and_grad(3, 4) == (12.0, [3.0])


def test_a_number_that_is_not_finite_in_a_list(engine):
    x = [Value(1.0, "one"), Value(1.0, "two")]
    program = compile(ops.log(x[0]) + x[1], [x], engine=engine)
    for numbers in ([-1.0, 0.0], np.array([-1.0, 0.0])):
        with pytest.raises(DomainError, match="log"):
            program(numbers)
        with pytest.raises(DomainError, match="log"):
            program.value_and_grad(numbers)
    with ieee():
        assert math.isnan(program(np.array([-1.0, 0.0])))
    with pytest.raises(DomainError) as caught:
        program(np.array([[1.0, -1.0], [0.0, 0.0]]))
    assert "sample 1" in caught.value.__notes__[0]


def test_several_results_of_lists(engine):
    x = [Value(0.0), Value(0.0)]
    program = compile([x[0] + x[1], x[0] * x[1]], [x], engine=engine)
    assert program(np.array([3.0, 4.0])) == [7.0, 12.0]
    assert [column.tolist() for column in program(np.array([[3.0, 1.0], [4.0, 1.0]]))] == [[7.0, 2.0], [12.0, 1.0]]


def test_wrong_lists():
    program = quadratic()
    expected = r"inputs\[1\] is a list of 3 number\(s\), or an array of shape \(3,\), or \(3, n\) for n samples"
    for wrong, described in [
        (np.zeros(4), r"an array of shape \(4,\)"),
        (np.zeros((1, 3)), r"an array of shape \(1, 3\)"),
        ([1.0, 2.0], "of length 2"),
        (3.0, r"3.0 \(float\)"),
        ([1.0, np.zeros(2), np.zeros(3)], "of length 3"),
        (np.array(["a", "b", "c"]), "array"),
    ]:
        with pytest.raises(TypeError, match=expected + ", but got .*" + described):
            program([1, 2, 3], wrong, 0)
    with pytest.raises(TypeError, match="the same length"):
        program(np.zeros((3, 4)), np.zeros((3, 5)), 0)
    with pytest.raises(GradientError, match=r"argnums is 3, but there are 3 input\(s\), which are counted from 0"):
        quadratic(argnums=3)
    with pytest.raises(TapeError, match=r"a list of inputs, also for a single one"):
        compile(Value(1.0), Value(1.0))


def test_wrong_calls():
    program = product()
    for call, message in [
        (lambda: program(1.0), "it has no value for b"),
        (lambda: program(1.0, 2.0, 3.0), "3 were given in order"),
        (lambda: program(1.0, c=2.0), "it has no value for b"),
        (lambda: program(1.0, 2.0, b=2.0), "there are others"),
        (lambda: program(np.zeros(2), np.zeros(3)), "different lengths|same length"),
        (lambda: program(np.zeros((2, 2)), 1.0), "an array of shape"),
        (lambda: program("one", 1.0), "an input is a number"),
    ]:
        with pytest.raises(TypeError, match=message):
            call()
    with pytest.raises(AutogradError, match="there is no engine 'fast'; the engines are auto, eager"):
        product("fast")
    a = Value(1.0, "a")
    with pytest.raises(TapeError, match="one result"):
        compile([a + 1, a], [a]).value_and_grad(1.0)


def test_what_it_says():
    program = product("python")
    assert str(program) == "inputs a, b\nt1 = a * b\nreturn t1"
    assert repr(program).startswith("<Program by python: 1 steps (1 multiply)")
    assert program.inputs == ("a", "b")
    assert program.statistics.depth == 1
    assert "t2 = x0 * x1" in program.source


def test_auto_takes_the_fastest(monkeypatch):
    expected = "native" if "native" in AVAILABLE else "numpy"
    assert product().engine == expected
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    assert product().engine == "numpy"
    assert product()(2.0, 4.0) == 8.0


def test_auto_has_always_an_engine(monkeypatch):
    def missing(tape):
        raise ModuleNotFoundError(name="numpy")

    monkeypatch.setitem(ENGINES, "native", missing)
    monkeypatch.setitem(ENGINES, "numpy", missing)
    with pytest.raises(EngineMissing, match="the engine 'numpy' needs the package numpy: pip install numpy"):
        product("numpy")
    assert product().engine == "python"
    monkeypatch.setattr(python_source, "LONGEST", 0)
    assert product().engine == "eager"
    assert product()(2.0, 4.0) == 8.0


def test_an_operation_of_three_inputs_level_by_level():
    weigh = Op("weigh_in_test", lambda x, y, z: x * y + z, lambda x, y, z, out: (y, x, 1.0), atom="weigh")
    try:
        x = [Value(0.1 * i) for i in range(100)]
        program = compile(ops.total([weigh(a, 2.0, b) for a, b in pairwise(x)]), [x], engine="numpy")
        numbers = np.linspace(0, 1, 100)
        assert program(numbers) == pytest.approx(2 * numbers[:-1].sum() + numbers[1:].sum(), rel=1e-14)
    finally:
        del ops.ALL["weigh_in_test"]


def test_an_error_names_the_operation_the_label_and_the_sample(engine):
    x = Value(2.0, "x")
    z = x - 1
    y = z.log()
    y.label = "y"
    program = compile(y, [x], engine=engine)
    with pytest.raises(DomainError, match=r"log\(x\) is not defined at x = -3.0") as caught:
        program(-2.0)
    assert caught.value.__notes__ == ["  In the program this step is called 'y'."]
    with pytest.raises(DomainError, match=r"at x = 0.0") as caught:
        program(np.array([2.0, 3.0, 1.0]))
    if engine in ("numpy", "native", "jax"):
        assert "sample 2 of the batch" in caught.value.__notes__[-1]
    with pytest.raises(NumberOverflowError):
        compile(x.exp(), [x], engine=engine)(1000.0)
    with ieee():
        assert compile(x.exp(), [x], engine=engine)(1000.0) == np.inf
        assert np.isnan(program(-2.0))
        assert np.isnan(program(np.array([-2.0, 3.0]))).tolist() == [True, False]


def test_an_operation_of_ones_own(engine):
    cube = Op("cube_for_compiler", lambda x: x * x * x, lambda x, z: (3 * x * x,))
    x = Value(2.0, "x")
    value, [slope] = compile(cube(x), [x], engine=engine).value_and_grad(3.0)
    assert (value, slope) == (27.0, 27.0)


def test_an_opaque_operation_of_ones_own():
    opaque = Op(
        "opaque_for_compiler", lambda x: float(abs(x) ** 1.5), lambda x, z: (1.5 * abs(x) ** 0.5,), atom="my own"
    )
    x = Value(4.0, "x")
    for name in ("eager", "python", "numpy"):
        assert compile(opaque(x), [x], engine=name)(9.0) == 27.0
        assert compile(opaque(x), [x], engine=name)(np.array([4.0, 9.0])).tolist() == [8.0, 27.0]


@pytest.mark.parametrize("atom", ["logaddexp", "sinc", "cumsum"])
def test_an_operation_of_ones_own_with_the_name_of_something_else(atom, engine):
    own = Op("own_for_compiler", lambda x, y: 3 * x + y, lambda x, y, z: (3.0, 1.0), atom=atom)
    try:
        x, y = Value(2.0, "x"), Value(1.0, "y")
        if engine in ("native", "jax"):
            with pytest.raises(AutogradError, match="an operation of your own"):
                compile(own(x, y), [x, y], engine=engine)
        else:
            program = compile(own(x, y), [x, y], engine=engine)
            assert program(2.0, 1.0) == 7.0
            assert program(np.array([2.0, 3.0]), 1.0).tolist() == [7.0, 10.0]
        assert compile(own(x, y), [x, y]).engine == "numpy"
    finally:
        del ops.ALL["own_for_compiler"]


def test_inputs_with_the_same_name():
    a, b = Value(2.0, "a"), Value(3.0, "a")
    program = compile(a * b, [a, b])
    assert program(4.0, 5.0) == 20.0
    for given, named in [((), {"a": 2.0}), ((2.0,), {"a": 5.0})]:
        with pytest.raises(TypeError, match="several inputs are called 'a': give them in their order"):
            program(*given, **named)


@pytest.mark.parametrize(
    "wrong", [None, "1.0", ["1.0"], [[1.0], [1.0, 2.0]], [None, 1.0], 1j, np.array([Value(1.0)], dtype=object)]
)
def test_what_is_no_number(wrong):
    with pytest.raises(TypeError, match="an input is a number, or an array of shape"):
        product()(wrong, 2.0)


def test_an_error_in_a_batch_names_sample_and_input(engine):
    x, y = Value(3.0, "x"), Value(1.0, "y")
    program = compile(ops.log(x - y), [x, y], engine=engine)
    with pytest.raises(DomainError) as caught:
        program(np.array([4.0, 3.0, 2.0]), 2.0)
    assert "sample 2 of the batch" in caught.value.__notes__[0]
    with pytest.raises(DomainError, match=r"x = -1\.0 \(y\)"):
        compile(ops.log(y), [y], engine=engine)(-1.0)


def test_a_program_can_be_pickled(engine):
    program = pickle.loads(pickle.dumps(product(engine)))
    assert isinstance(program, Program)
    assert (program(3.0, 4.0), program.engine) == (12.0, engine)


def test_threads(engine):
    loss, inputs = network()
    program = compile(loss, inputs, engine=engine)
    numbers = [x.data for x in inputs]
    expected = program.value_and_grad(*numbers)
    found = []

    def work():
        found.extend([program.value_and_grad(*numbers) == expected for _ in range(5)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 20


def network():
    model = nn.MLP(2, [3, 1], activation="tanh", seed=1)
    xs = [Value(0.5, "x1"), Value(-1.0, "x2")]
    return nn.mean_squared_error(model(xs), 1.0), [*model.parameters(), *xs]


def wide_graph(width=1500):
    """Many small equal parts: computed level by level."""
    x = [Value(0.0) for _ in range(width)]
    return ops.total([ops.tanh(xi * xi + 1) * ops.maximum(xi, 0.25) for xi in x]), x


def wide_graph_in_numpy(x):
    t, m = np.tanh(x * x + 1), np.maximum(x, 0.25)
    return (t * m).sum(axis=0), (1 - t * t) * 2 * x * m + t * (x > 0.25)


@pytest.mark.parametrize("name", ["numpy", "native", "jax"])
@pytest.mark.slow
def test_a_wide_graph(name):
    if name not in AVAILABLE:
        pytest.skip(f"engine {name}: {NO_PACKAGE}")
    y, x = wide_graph()
    program = compile(y, [x], engine=name)
    numbers = np.random.default_rng(3).normal(size=(1500, 4))
    expected, slopes = wide_graph_in_numpy(numbers)
    value, [found] = program.value_and_grad(numbers[:, 0])
    np.testing.assert_allclose(value, expected[0], rtol=1e-13)
    np.testing.assert_allclose(found, slopes[:, 0], rtol=1e-12, atol=1e-14)
    value, [found] = program.value_and_grad(numbers)
    np.testing.assert_allclose(value, expected, rtol=1e-13)
    np.testing.assert_allclose(found, slopes, rtol=1e-12, atol=1e-14)
    flat = compile(y, x, engine=name)
    np.testing.assert_allclose(flat(*numbers[:, 0].tolist()), expected[0], rtol=1e-13)


def test_a_wide_batch_in_numpy_is_computed_in_parts(monkeypatch):
    monkeypatch.setattr(python_source, "LONGEST", 1_000)
    monkeypatch.setattr(numpy_batch, "MOST_NUMBERS", 50_000)
    y, x = wide_graph()
    numbers = np.random.default_rng(4).normal(size=(1500, 7))
    value, [found] = compile(y, [x], engine="numpy").value_and_grad(numbers)
    expected, slopes = wide_graph_in_numpy(numbers)
    np.testing.assert_allclose(value, expected, rtol=1e-13)
    np.testing.assert_allclose(found, slopes, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["python", "numpy", "native"])
@pytest.mark.slow
def test_a_large_graph(name):
    if name not in AVAILABLE:
        pytest.skip(f"engine {name}: {NO_PACKAGE}")
    x = Value(0.5, "x")
    y = x
    for _ in range(21_000):
        y = y * 0.9999 + 0.0001 * x
    if name == "python":
        with pytest.raises(AutogradError, match="Python source has 20,000 at most"):
            compile(y, [x], engine=name)
        return
    program = compile(y, [x], engine=name)
    y.backward()
    value, [slope] = program.value_and_grad(0.5)
    assert (value, slope) == pytest.approx((y.data, x.grad), rel=1e-12)
    assert program(np.array([0.5, 0.25]))[0] == pytest.approx(y.data, rel=1e-12)


# jit


def test_jit_of_numbers_lists_and_dicts(engine):
    @jit(engine=engine)
    def f(x, weights, settings):
        """What it does."""
        return ops.tanh(x * weights[0] + weights[1]) * settings["scale"]

    assert f.__doc__ == "What it does."
    expected = np.tanh(0.5 * 2.0 - 1.0) * 3.0
    assert f(0.5, [2.0, -1.0], {"scale": 3.0}) == pytest.approx(expected, rel=1e-14)
    value, (by_x, by_weights, by_settings) = f.value_and_grad(0.5, (2.0, -1.0), {"scale": 3.0})
    slope = (1 - np.tanh(0.0) ** 2) * 3.0
    assert value == pytest.approx(expected, rel=1e-14)
    assert (by_x, by_weights, by_settings) == (slope * 2, (slope * 0.5, slope), {"scale": np.tanh(0.0)})
    assert len(f.programs) == 2, "a tuple is another structure than a list"
    assert f(0.25, [2.0, 5.0], {"scale": 3.0}) == pytest.approx(np.tanh(5.5) * 3, rel=1e-14)
    assert len(f.programs) == 2
    assert "traced 2 time(s)" in repr(f)
    assert f.program_for(0.5, [2.0, -1.0], {"scale": 3.0}).inputs == ("x", "weights1", "weights2", "settings1")
    columns = f(np.array([0.5, 0.25]), [2.0, 5.0], {"scale": 3.0})
    assert columns == pytest.approx(np.tanh(np.array([0.5, 0.25]) * 2 + 5) * 3, rel=1e-14)


def test_jit_of_a_network_sees_its_present_parameters(engine):
    model = nn.MLP(2, [3, 1], activation="sigmoid", seed=1)

    @jit(engine=engine)
    def loss(model, x, target):
        return nn.mean_squared_error(model(x), target)

    for _ in range(2):
        reference = nn.mean_squared_error(model([0.5, -1.0]), 1.0)
        model.zero_grad()
        reference.backward()
        value, (by_model, _, _) = loss.value_and_grad(model, [0.5, -1.0], 1.0)
        assert value == pytest.approx(reference.data, rel=1e-14)
        assert by_model == pytest.approx([p.grad for p in model.parameters()], rel=1e-12)
        for parameter, slope in zip(model.parameters(), by_model, strict=True):
            parameter.data -= 0.1 * slope
    assert len(loss.programs) == 1
    other = nn.MLP(2, [3, 1], activation="tanh", seed=2)
    assert loss(other, [0.5, -1.0], 1.0) == pytest.approx((other([0.5, -1.0]).data - 1) ** 2, rel=1e-13)
    assert len(loss.programs) == 2


def test_jit_of_several_results():
    swap = jit(lambda a, b: (b, a, 7))
    assert swap(1.0, 2.0) == (2.0, 1.0, 7.0)
    assert jit(lambda a: [a, a * 2])(2.0) == [2.0, 4.0]
    assert jit(lambda a: a * a).value_and_grad(3.0) == (9.0, 6.0)
    assert jit(max_of)(3.0, 2.0) == 3.0
    with pytest.raises(TapeError, match="one result"):
        swap.value_and_grad(1.0, 2.0)


def max_of(*numbers):
    return ops.maximum(numbers[0], numbers[1])


def test_jit_says_what_cannot_be_traced():
    def branching(x):
        if x > 0:
            return x
        return -x

    with pytest.raises(TapeError, match=r"a comparison was asked of x,[\s\S]*if x > 0"):
        jit(branching)(1.0)
    with pytest.raises(TapeError, match="a plain number was asked"):
        jit(lambda x: float(x))(1.0)
    with pytest.raises(TapeError, match="but this one returned 'text'"):
        jit(lambda x: "text")(1.0)
    with pytest.raises(TapeError, match=r"but got \{1.0\}"):
        jit(lambda x: x)({1.0})
    with pytest.raises((TapeError, DataError), match="takes numbers"):
        jit(lambda x: x)(object())


def test_a_function_without_a_signature():
    with pytest.raises(TapeError, match=r"a plain number was asked of x0,"):
        jit(math.hypot)(1.0, 2.0)
    assert jit(lambda *xs: xs[0] * xs[1])(2.0, 3.0) == 6.0


def test_numpy_where_an_opaque_operation_is_not_defined():
    root = Op("root_for_compiler", math.sqrt, lambda x, z: (0.5 / z,), atom="root_for_compiler")
    x = Value(4.0, "x")
    program = compile(root(x), [x], engine="numpy")
    with pytest.raises(DomainError, match="root_for_compiler"):
        program(np.array([4.0, -1.0]))


def test_without_numpy_the_python_engine_works():
    root = Path(__file__).resolve().parents[3]
    text = (
        "import sys; sys.modules['numpy'] = None\n"
        "from autograd import Value, compile\n"
        "a = Value(2.0, 'a')\n"
        "print(compile(a.tanh() * 3, [a], engine='python').value_and_grad(0.0))\n"
        "print(compile(a.tanh() * 3, [a]).engine)"
    )
    found = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, encoding="utf-8", cwd=root, check=False
    )
    assert found.stdout == "(0.0, [3.0])\npython\n", found.stderr


# a program that closes over a Value


def compiled(body, *inputs):
    """A function that makes a program inside of itself, and calls it at once."""

    def function(w):
        leaves = [Value(1.0, f"x{i}") for i in range(len(inputs))]
        return compile(body(w, *leaves), leaves, engine="python")(*inputs)

    return function


@pytest.mark.parametrize("w", [0.5, -0.25])
@pytest.mark.parametrize(
    "transform",
    [
        lambda f, w: autograd.grad(f)(w),
        lambda f, w: autograd.value_and_grad(f)(w),
        lambda f, w: autograd.vjp(f, w)[1](1.0)[0],
        lambda f, w: autograd.jacobian(f)(w),
        lambda f, w: autograd.hessian(f)(w),
        lambda f, w: autograd.grad(autograd.grad(autograd.grad(f)))(w),
        lambda f, w: autograd.grad(lambda u: f(u * u) * u)(w),
    ],
)
def test_a_program_made_of_a_value_that_is_differentiated_loses_nothing(transform, w):
    def body(w, x, y):
        shared = ops.tanh(w * x)
        return shared * shared * y + w * w * x + w.detach()

    found = transform(compiled(body, 3.0, -2.0), w)
    expected = transform(lambda w: body(w, 3.0, -2.0), w)
    assert np.allclose(found, expected, rtol=1e-14, atol=0)


def test_derivatives_of_a_program_are_differentiated_with_its_constants():
    """d/dw of ∂(w²·x·y)/∂(y, x) = 2w·(x, y)."""

    def made_of(w):
        x, y = Value(1.0), [Value(1.0), Value(1.0)]
        return compile(w * w * x * y[0] + y[1], [x, y], argnums=[1, 0])

    def slopes(w):
        value, (by_y, by_x) = made_of(w).value_and_grad(3.0, [5.0, 7.0])
        return [by_y[0], by_y[1], by_x, value]

    assert np.allclose(autograd.jacobian(slopes)(2.0), [[12.0], [0.0], [20.0], [60.0]])
    with autograd.no_grad():
        assert np.allclose(autograd.jacobian(slopes)(2.0), [[12.0], [0.0], [20.0], [60.0]])

    def held(w):
        program = made_of(w)
        with autograd.no_grad():
            value, (by_y, _) = program.value_and_grad(3.0, [5.0, 7.0])
            again = program(3.0, [5.0, 7.0])
        return by_y[0] * w + value + again

    assert autograd.value_and_grad(held)(2.0) == (158.0, 12.0)


def test_where_no_program_can_be_made_it_is_said():
    def inside(w):
        x = Value(1.0)
        return compile(w * x, [x])(3.0)

    for transform in (
        lambda: autograd.jvp(inside, (2.0,), (1.0,)),
        lambda: autograd.hvp(inside, (2.0,), (1.0,)),
        lambda: jit(inside)(2.0),
    ):
        with pytest.raises(GradientError, match="compile takes Values, but got a"):
            transform()

    def batch(w):
        x = Value(1.0)
        return compile(w * x, [x])(np.array([3.0, 4.0]))

    with pytest.raises(TypeError, match="takes no batch there"):
        autograd.grad(batch)(2.0)


def test_elsewhere_a_program_keeps_no_graph():
    w, x = Value(2.0), Value(3.0)
    program = compile(w * x, [x])
    kept = weakref.ref(w)
    del w
    assert kept() is None
    assert program(4.0) == 8.0
    assert autograd.grad(lambda v: program(4.0) * v)(1.0) == 8.0
    inside = []
    autograd.grad(lambda v: inside.append(compile(v * x, [x])) or v)(5.0)
    assert inside[0](2.0) == pickle.loads(pickle.dumps(inside[0]))(2.0) == 10.0


@pytest.mark.parametrize("engine", [name for name in AVAILABLE if name != "jax"])
def test_arrays_again_and_again_in_every_form(engine):
    """The second call with arrays may take a shorter way, which must not be taken by anything else."""
    ws, xs = [Value(0.1 * i) for i in range(1, 5)], [Value(0.5) for _ in range(4)]
    program = compile(ops.dot(ws, xs).exp(), [ws, xs], engine, argnums=0)
    one, other = np.array([0.1, 0.2, 0.3, 0.4]), np.array([1.0, -1.0, 0.0, 2.0])
    forms = [
        list(other), other.astype(np.float32), other.astype(int), np.repeat(other, 2)[::2], other.astype(">f8"),
        other.view(np.recarray),
    ]  # fmt: skip
    for x in [other, *forms, other]:
        exact = math.exp(float(np.dot(one, np.asarray(x, dtype=float))))
        value, slopes = program.value_and_grad(one, x)
        assert value == pytest.approx(exact, rel=1e-14)
        assert type(value) is float
        assert slopes == pytest.approx(exact * np.asarray(x, dtype=float), rel=1e-14)
        assert program(one, x) == pytest.approx(exact, rel=1e-14)
        assert program.value_and_grad(one, **{program.arguments.names[1]: x})[0] == value
    first = program.value_and_grad(one, other)[1]
    program.value_and_grad(one, other * 2)
    assert first == pytest.approx(program.value_and_grad(one, other)[1], rel=1e-15)
    for wrong in (other[:3], np.append(other, 1.0), 1.0, memoryview(other), None, "four"):
        with pytest.raises(TypeError):
            program.value_and_grad(one, wrong)
    with pytest.raises(NumberOverflowError):
        program.value_and_grad(one, other * 1e6)
    with ieee():
        assert program(one, other * 1e6) == math.inf
