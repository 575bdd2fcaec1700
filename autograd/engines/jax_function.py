"""A tape as a JAX function (extra ``jax``), which JAX can compile, batch and spread over many machines.

The function takes one array for each input and gives one for each output.  Whatever JAX does with
functions works on it: ``jax.jit``, ``jax.vmap``, ``jax.shard_map``, and JAX's distributed runtime.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engines.levels import Levels
from autograd.engines.numpy_batch import step_by_step
from autograd.engines.python_source import length
from autograd.errors import AutogradError
from autograd.program.calling import EngineMissing
from autograd.program.tape import SUM, Tape, primitive


def function(tape: Tape) -> Callable[..., tuple[Any, ...]]:
    """The tape as a function of JAX arrays: ``function(tape)(x1, x2, ...)`` gives a tuple of arrays.

    Numbers have the precision that JAX is set to; for the same float64 as everywhere else here, set
    ``jax.config.update("jax_enable_x64", True)`` first.

    Raises:
        EngineMissing: if JAX is not installed.
        AutogradError: if the tape has an atom that JAX has no function for.
    """
    steps, asarray = step_by_step(tape, jax_function), jax_numpy().asarray
    return lambda *inputs: tuple(map(asarray, steps(*inputs)))


LONGEST = 2_000
"""The longest tape that JAX is given step by step, at half a millisecond a step; others level by level."""


class JaxTape:
    """The tape compiled by JAX, in float64, for ``autograd.compile(..., engine="jax")``.

    Raises:
        EngineMissing, AutogradError: as ``function`` does.
    """

    def __init__(self, tape: Tape) -> None:
        self.is_long = length(tape) > LONGEST
        self._run = compiled(function(tape))
        self._on_array = compiled(level_by_level(tape))

    def __call__(self, *inputs: Any) -> Any:
        if not self.is_long:
            return self._run(*inputs)
        return list(self._on_array(np.array(np.broadcast_arrays(*inputs))))

    def on_arrays(self, inputs: Sequence[Any]) -> tuple[Any, bool]:
        """One sample, given as numbers, lists or arrays: its outputs as an array, and whether all are finite."""
        numbers = np.concatenate([np.atleast_1d(x) for x in inputs])
        results = np.asarray(self._on_array(numbers) if self.is_long else self._run(*numbers))
        return results, bool(np.isfinite(results).all())


def level_by_level(tape: Tape) -> Callable[[Any], Any]:
    """The tape as a function of one array of shape (inputs,), or (inputs, n) for n samples."""
    jnp, levels = jax_numpy(), Levels(tape)
    runs = [
        (sum_columns, [places[0], places[1::2], places[2::2]], results)
        if atom == SUM
        else (jax_function(atom), list(places), results)
        for atom, places, results in levels.calls()
    ]

    def run(inputs: Any) -> Any:
        slots = jnp.asarray(levels.slots).reshape(-1, *[1] * (inputs.ndim - 1))
        slots = jnp.broadcast_to(slots, (len(levels.slots), *inputs.shape[1:])).at[: levels.inputs].set(inputs)
        for compute, places, results in runs:
            slots = slots.at[results].set(compute(*[slots[place] for place in places]))
        return slots[levels.outputs]

    return run


def sum_columns(first: Any, left: Any, right: Any) -> Any:
    """Sums of products: ``first`` has a number for each, the factors stand in columns.

    (Where all is -0.0, JAX says 0.0.)
    """
    return first + (left * right).sum(axis=0)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function compiled by ``jax.jit``, whose numbers are float64 whatever JAX is set to elsewhere."""
    import jax

    # Before JAX 0.8 it had its place among the experiments.
    enable_x64 = (jax if hasattr(jax, "enable_x64") else importlib.import_module("jax.experimental")).enable_x64
    run = jax.jit(function)

    def in_double_precision(*inputs: Any) -> Any:
        with enable_x64(True):
            return run(*inputs)

    return in_double_precision


def jax_numpy() -> Any:
    try:
        import jax.numpy
    except ImportError:
        raise EngineMissing('the JAX engine needs the package jax: pip install "glassgrad[jax]"') from None
    return jax.numpy


def step(x: Any) -> Any:
    jnp = jax_numpy()
    return jnp.where(x > 0, 1.0, jnp.where(x <= 0, 0.0, x))


def mod(x: Any, y: Any) -> Any:
    """JAX's own, but for the sign of a zero."""
    jnp = jax_numpy()
    rest = jnp.mod(x, y)
    return jnp.where(rest == 0, jnp.copysign(0.0, y), rest)


def erf(x: Any) -> Any:
    import jax.scipy.special

    return jax.scipy.special.erf(x)


def erfc(x: Any) -> Any:
    import jax.scipy.special

    return jax.scipy.special.erfc(x)


def greater(x: Any, y: Any) -> Any:
    return jax_numpy().where(x > y, 1.0, 0.0)


WRITTEN_OUT: dict[str, Callable[..., Any]] = {"step": step, "gt": greater, "mod": mod, "erf": erf, "erfc": erfc}
"""The atoms whose name is not that of a function in jax.numpy."""


def jax_function(atom: str) -> Callable[..., Any]:
    found = WRITTEN_OUT.get(atom) or getattr(jax_numpy(), atom, None)
    if found is None or not primitive(atom).is_built_in:
        raise AutogradError(
            f"JAX has no function for {atom!r}, an operation of your own; write it with operations of autograd "
            "and without an atom, or use another engine"
        )
    return found
