"""PyTorch's and JAX's own functions for the operations of the table, with their own derivatives, in float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from autograd.engines.jax_function import compiled
from autograd.ops import Op

Functions = Mapping[str, Callable[..., Any]]

SAME_NAME = [
    "add", "subtract", "multiply", "divide", "reciprocal", "square", "sign", "abs", "maximum", "minimum",
    "floor", "ceil", "round", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos",
    "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "hypot",
]  # fmt: skip
"""What both call as we do."""

POWERS: Functions = {
    "negate": lambda x: -x,
    "power": lambda x, y: x**y,
    "power_by(2)": lambda x: x**2,
    "power_by(3)": lambda x: x**3,
    "power_by(0.5)": lambda x: x**0.5,
    "power_by(-1.5)": lambda x: x**-1.5,
}


@cache
def functions_of_pytorch() -> Functions:
    import torch
    import torch.nn.functional as F

    return {
        **{name: getattr(torch, name) for name in SAME_NAME},
        **POWERS,
        "total": lambda *xs: torch.stack(xs).sum(0),
        "dot": lambda *xs: torch.linalg.vecdot(*torch.stack(xs).chunk(2), dim=0),
        "clip": lambda x, low, high: torch.clamp(x, low, high),
        "mod": torch.remainder,
        "where": lambda condition, x, y: torch.where(condition != 0, x, y),
        "degrees": torch.rad2deg,
        "radians": torch.deg2rad,
        "erf": torch.erf,
        "erfc": torch.erfc,
        "sigmoid": torch.sigmoid,
        "softplus": F.softplus,
        "logsigmoid": F.logsigmoid,
        "relu": torch.relu,
        "relu6": F.relu6,
        "selu": F.selu,
        "silu": F.silu,
        "mish": F.mish,
        "gelu": lambda x: F.gelu(x, approximate="tanh"),
        "softsign": F.softsign,
        "logsumexp": lambda *xs: torch.logsumexp(torch.stack(xs), 0),
        "softmax_1": lambda *xs: torch.softmax(torch.stack(xs), 0)[0],
        "log_softmax_1": lambda *xs: torch.log_softmax(torch.stack(xs), 0)[0],
    }


@cache
def functions_of_jax() -> Functions:
    import jax
    import jax.numpy as jnp
    import jax.scipy.special

    return {
        **{name: getattr(jnp, name) for name in SAME_NAME},
        **POWERS,
        "total": lambda *xs: jnp.sum(jnp.stack(xs)),
        "dot": lambda *xs: jnp.dot(*jnp.split(jnp.stack(xs), 2)),
        "clip": jnp.clip,
        "mod": jnp.mod,
        "where": lambda condition, x, y: jnp.where(condition != 0, x, y),
        "cbrt": jnp.cbrt,
        "degrees": jnp.degrees,
        "radians": jnp.radians,
        "erf": jax.scipy.special.erf,
        "erfc": jax.scipy.special.erfc,
        "sigmoid": jax.nn.sigmoid,
        "softplus": jax.nn.softplus,
        "logsigmoid": jax.nn.log_sigmoid,
        "relu": jax.nn.relu,
        "relu6": jax.nn.relu6,
        "leaky_relu": jax.nn.leaky_relu,
        "elu": jax.nn.elu,
        "celu": jax.nn.celu,
        "selu": jax.nn.selu,
        "silu": jax.nn.silu,
        "mish": jax.nn.mish,
        "gelu": lambda x: jax.nn.gelu(x, approximate=True),
        "softsign": jax.nn.soft_sign,
        "logsumexp": lambda *xs: jax.nn.logsumexp(jnp.stack(xs)),
        "softmax_1": lambda *xs: jax.nn.softmax(jnp.stack(xs))[0],
        "log_softmax_1": lambda *xs: jax.nn.log_softmax(jnp.stack(xs))[0],
    }


def by_pytorch(op: Op, inputs: Any) -> Any:
    """All results by ``torch.autograd.grad``; None where PyTorch has no function for the operation."""
    import torch

    function = functions_of_pytorch().get(op.name)
    if function is None:
        return None
    xs = [torch.tensor(row, dtype=torch.float64, requires_grad=True) for row in inputs]

    def slopes_of(y: Any) -> list[Any]:
        if not y.requires_grad:
            return [torch.zeros_like(x) for x in xs]
        return list(torch.autograd.grad(y.sum(), xs, create_graph=True, materialize_grads=True))

    y = function(*xs)
    slopes = slopes_of(y)
    rows = [y, *slopes, *[second for slope in slopes for second in slopes_of(slope)]]
    return np.array([row.detach().numpy(force=True) for row in rows])


def by_jax(op: Op, inputs: Any) -> Any:
    """All results by ``jax.grad`` and ``jax.hessian``; None where JAX has no function for the operation."""
    import jax

    function = functions_of_jax().get(op.name)
    if function is None:
        return None
    every = tuple(range(len(inputs)))

    def results(*xs: Any) -> Any:
        second = jax.hessian(function, every)(*xs)
        return [function(*xs), *jax.grad(function, every)(*xs), *[x for row in second for x in row]]

    return np.array(compiled(jax.vmap(results))(*inputs))


PEERS: dict[str, Callable[[Op, Any], Any]] = {"PyTorch": by_pytorch, "JAX": by_jax}
