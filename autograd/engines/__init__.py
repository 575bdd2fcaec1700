"""Those who run a tape.  Each engine knows the atoms, and nothing of derivatives or of training.

python_source.py writes Python, javascript.py the same for a page, numpy_batch.py computes arrays (levels.py puts
a tape in order for it), jax_function.py hands it to JAX, native/ makes machine code.  Open python_source.py first.
Here they get the names by which ``autograd.compile`` finds them; each is imported when first used.
"""

from __future__ import annotations

from typing import Any

from autograd.program.engine_table import ENGINES, TEXTS


def later(module: str, name: str) -> Any:
    """A function of one of the files here, which is imported when the function is first called."""

    def run(tape: Any) -> Any:
        from importlib import import_module

        return getattr(import_module(f"autograd.engines.{module}"), name)(tape)

    return run


ENGINES.update(
    python=later("python_source", "function"), numpy=later("numpy_batch", "NumPyTape"),
    native=later("native.runners", "NativeTape"), jax=later("jax_function", "JaxTape"),
)  # fmt: skip
TEXTS.update(python=later("python_source", "write_function"), native=later("native.straight_line", "assembly"))
