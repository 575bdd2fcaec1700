"""A tape as a JAX function: compiled, batched, and spread over several devices."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd import Op, Value, errors, ops
from autograd.engines import jax_function
from autograd.program.calling import EngineMissing
from autograd.program.graphs import record_gradient

SKIP = "JAX is not installed: pip install 'glassgrad[jax]'"


@pytest.fixture(scope="module")
def jax():
    found = pytest.importorskip("jax", reason=SKIP)
    found.config.update("jax_enable_x64", True)
    return found


@pytest.mark.parametrize("op", ops.ALL.values(), ids=lambda op: op.name)
def test_every_operation_and_its_gradient(jax, op):
    rng = np.random.default_rng(2)
    domain = op.domain * 3 if op.variadic else op.domain
    domain = domain[:2] if op is ops.inner_product else domain
    columns = [rng.uniform(*interval, size=5) for interval in domain]
    xs = [Value(column[0], f"x{i}") for i, column in enumerate(columns)]
    tape = record_gradient(op(*xs), xs)
    found = [np.asarray(out) for out in jax.jit(jax.vmap(jax_function.function(tape)))(*columns)]
    for k in range(5):
        for x, column in zip(xs, columns, strict=True):
            x.data = float(column[k])
        again = [Value(x.data) for x in xs]
        y = op(*again)
        y.backward()
        for row, reference in zip(found, [y.data, *[x.grad for x in again]], strict=True):
            assert row[k] == pytest.approx(reference, rel=1e-12, abs=1e-14)


def test_an_operation_that_jax_does_not_know(jax):
    opaque = Op("opaque_for_jax", lambda x: math.floor(x), lambda x, z: (0.0,), atom="opaque_for_jax")
    x = Value(2.0, "x")
    with pytest.raises(errors.AutogradError, match="JAX has no function for 'opaque_for_jax'"):
        jax_function.function(record_gradient(opaque(x), [x]))


def test_without_jax(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    monkeypatch.setitem(sys.modules, "jax.numpy", None)
    x = Value(2.0, "x")
    with pytest.raises(EngineMissing, match=r'pip install "glassgrad\[jax\]"'):
        jax_function.function(record_gradient(x * x, [x]))


SHARDED = """
import jax, numpy as np
jax.config.update("jax_enable_x64", True)
from jax.sharding import Mesh, PartitionSpec as P
import nn
from autograd import Value
from autograd.engines.jax_function import function
from autograd.program.graphs import record_gradient

assert len(jax.devices()) == 8
model = nn.MLP(2, [4, 1], activation="tanh", seed=1)
xs, target = [Value(0.0, "x1"), Value(0.0, "x2")], Value(0.0, "target")
parameters = model.parameters()
run = function(record_gradient(nn.mean_squared_error(model(xs), target), [*parameters, *xs, target]))
weights = np.array([p.data for p in parameters])
samples = np.random.default_rng(0).normal(size=(64, 3))

def loss_and_gradient(weights, rows):
    outputs = jax.vmap(lambda row: jax.numpy.stack(run(*weights, *row)))(rows)
    return outputs[:, : 1 + len(weights)].sum(axis=0)

mesh = Mesh(np.array(jax.devices()), ("batch",))
shard = lambda w, rows: jax.lax.psum(loss_and_gradient(w, rows), "batch")
spread = jax.jit(jax.shard_map(shard, mesh=mesh, in_specs=(P(), P("batch")), out_specs=P()))
one = jax.jit(loss_and_gradient)(weights, samples)
eight = spread(weights, samples)
np.testing.assert_allclose(np.asarray(eight), np.asarray(one), rtol=1e-12, atol=1e-12)

for parameter in parameters:
    parameter.grad = 0
for x1, x2, t in samples:
    nn.mean_squared_error(model([x1, x2]), t).backward()
np.testing.assert_allclose(np.asarray(eight)[1:], [p.grad for p in parameters], rtol=1e-10)
print("equal")
"""


def test_a_batch_spread_over_eight_devices():
    pytest.importorskip("jax", reason=SKIP)
    root = Path(__file__).resolve().parents[3]
    found = subprocess.run(
        [sys.executable, "-c", SHARDED], capture_output=True, encoding="utf-8", timeout=120, check=False,
        env={
            "XLA_FLAGS": "--xla_force_host_platform_device_count=8", "PYTHONPATH": str(root), "PATH": "",
            "JAX_PLATFORMS": "cpu",
        },
    )  # fmt: skip
    assert found.stdout.strip().endswith("equal"), found.stderr[-2000:]
