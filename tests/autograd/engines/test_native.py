"""Machine code, straight-line and by the table of rows, against the engine itself."""

import ctypes
import math
import sys
from itertools import pairwise

import numpy as np
import pytest

import nn
from autograd import Op, Value, compile, errors, ops
from autograd.engines.native.llvm_text import LANES, Body
from autograd.engines.native.runners import NativeTape
from autograd.engines.native.straight_line import straight_line
from autograd.program.calling import EngineMissing
from autograd.program.graphs import record_gradient
from autograd.program.tape import Instruction, Tape

pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")

MOST_ULPS = 2
"""exp and tanh have code of their own; all other atoms are the C library's or exact."""

HARD = [
    0.0,
    -0.0,
    math.inf,
    -math.inf,
    math.nan,
    5e-324,
    -1e-310,
    709.78,
    710.5,
    -745.1,
    -746.5,
    1e300,
    0.6249,
    0.6251,
]


def run(tape, columns, width, broadcast=None):
    """The outputs of a tape on arrays, by straight-line code."""
    broadcast = broadcast or [False] * len(columns)
    count = len(next(column for column, fixed in zip(columns, broadcast, strict=True) if not fixed))
    outputs = np.empty((len(tape.outputs), count))
    function = straight_line(tape, width, broadcast)
    inputs = (ctypes.c_void_p * len(columns))(*[column.ctypes.data for column in columns])
    results = (ctypes.c_void_p * len(outputs))(*[row.ctypes.data for row in outputs])
    function(inputs, results, count // width)
    return outputs


def interpret(tape, numbers):
    return NativeTape(tape).on_arrays([np.array(numbers)])[0]


def single(atom, arity):
    return Tape(tuple("xyz"[:arity]), (), (Instruction(atom, tuple(range(arity))),), (arity,))


def expected(op, numbers):
    try:
        return float(op.forward(*numbers))
    except (ValueError, ZeroDivisionError):
        return math.nan
    except OverflowError:
        return math.inf


PRIMITIVES = {op.atom: op for op in ops.ALL.values() if op.is_built_in and op.atom}


@pytest.mark.parametrize("atom", PRIMITIVES)
@pytest.mark.parametrize("width", [1, LANES])
def test_every_atom(atom, width):
    op = PRIMITIVES[atom]
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(size=300) * 3, rng.normal(size=300) * 300, rng.uniform(-1, 1, 300), HARD])
    x = np.resize(x, len(x) // LANES * LANES)
    y = rng.permutation(x)
    columns = [x, y, rng.permutation(x)][: op.arity]
    with np.errstate(all="ignore"):
        reference = np.array([expected(op, map(float, numbers)) for numbers in zip(*columns, strict=True)])
        for found in (run(single(atom, op.arity), columns, width)[0], interpreted(atom, columns)):
            finite = np.isfinite(reference)
            distance = np.abs(found[finite] - reference[finite]) / np.spacing(np.abs(reference[finite]))
            assert distance.max() <= MOST_ULPS
            # Where Python raises an error, or gives inf or nan, machine code gives inf or nan.
            assert not np.isfinite(found[~finite]).any()


def interpreted(atom, columns):
    tape = NativeTape(single(atom, len(columns)))
    return np.array([tape(*numbers)[0] for numbers in zip(*[column.tolist() for column in columns], strict=True)])


def network(neurons, outputs, seed):
    model = nn.MLP(3, [neurons, outputs], activation="tanh", output_activation="identity", seed=seed)
    xs = [Value(v, f"x{i}") for i, v in enumerate((0.3, -1.2, 0.8))]
    loss = nn.cross_entropy(model(xs), 1) if outputs > 1 else nn.mean_squared_error(model(xs), 1.0)
    return loss, [*model.parameters(), *xs]


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("neurons", [2, 20])
def test_a_network_and_its_gradient(neurons, outputs):
    loss, inputs = network(neurons, outputs, seed=neurons)
    tape = record_gradient(loss, inputs)
    loss.backward()
    reference = [loss.data, *[x.grad for x in inputs]]
    numbers = [x.data for x in inputs]
    assert interpret(tape, numbers) == pytest.approx(reference, rel=1e-12, abs=1e-15)
    for width in (1, LANES):
        # The parameters are one number each, the last three inputs differ from sample to sample.
        fixed = [True] * (len(inputs) - 3) + [False] * 3
        columns = [np.array([x]) for x in numbers[:-3]] + [np.full(2 * LANES, x) for x in numbers[-3:]]
        found = run(tape, columns, width, fixed)
        for k in range(2 * LANES):
            assert found[:, k] == pytest.approx(reference, rel=1e-12, abs=1e-15)


def test_a_tape_without_steps():
    tape = Tape(("x",), (3.0,), (), (0, 1))
    assert interpret(tape, [7.0]).tolist() == [7.0, 3.0]
    assert run(tape, [np.arange(float(LANES))], LANES)[1].tolist() == [3.0] * LANES


def test_a_deep_chain_and_a_wide_sum():
    x = Value(1.0, "x")
    deep = x
    for _ in range(3000):
        deep = deep * 1.0001 + 0.5
    wide = ops.total([x * float(i) for i in range(3000)])
    for y in (deep, wide):
        tape = record_gradient(y, [x])
        x.grad = 0
        y.backward()
        assert interpret(tape, [1.0]) == pytest.approx([y.data, x.grad], rel=1e-12)


def test_an_operation_of_ones_own():
    triple = Op("triple_for_native", lambda x: 3 * x, lambda x, z: (3.0,))
    x = Value(2.0, "x")
    assert interpret(record_gradient(triple(x), [x]), [2.0]).tolist() == [6.0, 3.0]
    opaque = Op("opaque_for_native", lambda x: math.floor(x), lambda x, z: (0.0,), atom="opaque_for_native")
    with pytest.raises(errors.AutogradError, match="no machine code for 'opaque_for_native'"):
        NativeTape(record_gradient(opaque(x), [x]))


def test_without_llvmlite(monkeypatch):
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    with pytest.raises(EngineMissing, match=r'pip install "glassgrad\[fast\]"'):
        straight_line(single("add", 2), 1, [False, False])


def test_the_assembly_can_be_read():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    text = compile(a * b + a, [a, b]).assembly
    assert "mul" in text or "madd" in text, "a product has an instruction on every processor"
    assert "ret" in text


def test_what_stands_there_already_is_not_computed_again():
    body = Body()
    x = body.load("%numbers", 0)
    first = body.binary("fmul", x, x)
    assert body.binary("fmul", x, x) == first
    assert body.binary("fadd", x, x) != first
    body.store(first, "%numbers", 0)
    assert body.load("%numbers", 0) != x, "it was stored anew"


def test_the_sign_of_zero_goes_through_tanh():
    x = Value(1.0)
    run = compile(x.tanh(), [x], "native")
    found = [run(-0.0), run(0.0), *run(np.array([-0.0, 0.0])).tolist()]
    assert [math.copysign(1.0, number) for number in found] == [-1, 1, -1, 1]


def test_strips_between_other_steps():
    """Three rows of twelve products, and sums whose inputs stand anywhere."""
    rng = np.random.default_rng(2)
    w, x = [Value(v) for v in rng.normal(size=36)], [Value(v) for v in rng.normal(size=12)]
    order = rng.permutation(36).tolist()
    products = [w[i] * x[i % 12] for i in range(36)]
    sums = [products[i] + products[j] for i, j in pairwise(order)]
    y = ops.total([s * s for s in sums])
    program = compile(y, [w, x], engine="native")
    found = interpret(program.gradient_tape, [leaf.data for leaf in (*w, *x)])
    y.backward()
    expected = [y.data, *[leaf.grad for leaf in (*w, *x)]]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
