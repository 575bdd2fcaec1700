"""A tape as a JAX function (extra ``jax``), which JAX can compile, batch and spread over many machines.

The function takes one array for each input and gives one for each output.  Whatever JAX does with
functions works on it: ``jax.jit``, ``jax.vmap``, ``jax.shard_map``, and JAX's distributed runtime.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.engines.machine_code import EngineMissing
from autograd.errors import AutogradError
from autograd.tape import Tape

__all__ = ["function"]


def function(tape: Tape) -> Callable[..., tuple[Any, ...]]:
    """The tape as a function of JAX arrays: ``function(tape)(x1, x2, ...)`` gives a tuple of arrays.

    Numbers have the precision that JAX is set to; for the same float64 as everywhere else here, set
    ``jax.config.update("jax_enable_x64", True)`` first.

    Raises:
        EngineMissing: if JAX is not installed.
        AutogradError: if the tape has an atom that JAX has no function for.
    """
    steps = [(jax_function(instruction.atom), instruction.operands) for instruction in tape.instructions]

    def run(*inputs: Any) -> tuple[Any, ...]:
        slots = [*inputs, *tape.constants]
        for compute, operands in steps:
            slots.append(compute(*[slots[i] for i in operands]))
        return tuple([jax_numpy().asarray(slots[i]) for i in tape.outputs])

    return run


def jax_numpy() -> Any:
    try:
        import jax.numpy
    except ImportError:
        raise EngineMissing("the JAX engine needs the package jax: pip install 'glassgrad[jax]'") from None
    return jax.numpy


def step(x: Any) -> Any:
    jnp = jax_numpy()
    return jnp.where(x > 0, 1.0, jnp.where(x <= 0, 0.0, x))


def erf(x: Any) -> Any:
    import jax.scipy.special

    return jax.scipy.special.erf(x)


WRITTEN_OUT = {"step": step, "erf": erf}
"""The atoms whose name is not that of a function in jax.numpy."""


def jax_function(atom: str) -> Callable[..., Any]:
    found = WRITTEN_OUT.get(atom) or getattr(jax_numpy(), atom, None)
    if found is None:
        raise AutogradError(
            f"JAX has no function for {atom!r}, an operation of your own; write it with operations of autograd "
            "and without an atom, or use another engine"
        )
    return found
