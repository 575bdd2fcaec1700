"""compile() and jit(): the same numbers as the engine itself, from every engine."""

import importlib.util
import math
import pickle
import random
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd import DataError, DomainError, NumberOverflowError, Op, Value, compile, gradient, ieee, jit, ops
from autograd.compiler import ENGINES, Program
from autograd.errors import AutogradError
from autograd.tape import TapeError

AVAILABLE = [
    name
    for name, package in {
        "eager": "math",
        "python": "math",
        "numpy": "numpy",
        "native": "llvmlite",
        "jax": "jax",
    }.items()
    if importlib.util.find_spec(package)
]
NO_PACKAGE = "its package is not installed"


@pytest.fixture(params=list(ENGINES))
def engine(request):
    if request.param not in AVAILABLE:
        pytest.skip(f"engine {request.param}: {NO_PACKAGE}")
    if request.param == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
    return request.param


def sample_inputs(op, rng):
    domain = op.domain * 4 if op.variadic else op.domain
    return [rng.uniform(*interval) for interval in domain]


OURS = [op for op in ops.ALL.values() if op.derivatives.__module__ == ops.__name__]


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


@pytest.mark.parametrize("name", ["native", "jax"])
def test_500_random_graphs_as_one_program(name):
    """All of them compiled together, because a program of its own for each would take a minute."""
    if name not in AVAILABLE:
        pytest.skip(f"engine {name}: {NO_PACKAGE}")
    rng = random.Random(8)
    count = 500 if name == "native" else 100
    outputs, inputs = [], []
    for _ in range(count):
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


@pytest.mark.parametrize("name", ["python", "numpy", "native"])
def test_a_large_graph(name):
    if name not in AVAILABLE:
        pytest.skip(f"engine {name}: {NO_PACKAGE}")
    x = Value(0.5, "x")
    y = x
    for _ in range(12_000):
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

    with pytest.raises(TapeError, match=r"a comparison was asked of Tracer\(x\)[\s\S]*if x > 0"):
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
    with pytest.raises(TapeError, match=r"a plain number was asked of Tracer\(x0\)"):
        jit(math.hypot)(1.0, 2.0)
    assert jit(lambda *xs: xs[0] * xs[1])(2.0, 3.0) == 6.0


def test_numpy_where_an_opaque_operation_is_not_defined():
    root = Op("root_for_compiler", math.sqrt, lambda x, z: (0.5 / z,), atom="root_for_compiler")
    x = Value(4.0, "x")
    program = compile(root(x), [x], engine="numpy")
    with pytest.raises(DomainError, match="root_for_compiler"):
        program(np.array([4.0, -1.0]))


def test_without_numpy_the_python_engine_works():
    root = Path(__file__).resolve().parents[2]
    text = (
        "import sys; sys.modules['numpy'] = None\n"
        "from autograd import Value, compile\n"
        "a = Value(2.0, 'a')\n"
        "print(compile(a.tanh() * 3, [a], engine='python').value_and_grad(0.0))"
    )
    found = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, cwd=root, check=False)
    assert found.stdout == "(0.0, [3.0])\n", found.stderr
