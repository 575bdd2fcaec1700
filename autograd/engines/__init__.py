"""Those who run a tape.  Each engine knows the atoms, and nothing of derivatives or of training.

python_source.py writes Python, javascript.py the same for a page, numpy_batch.py computes arrays (levels.py puts
a tape in order for it), jax_function.py hands it to JAX, native/ makes machine code.  Open python_source.py first.
Here they get the names by which ``autograd.compile`` finds them; each is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.program.engine_table import ENGINES, TEXTS, Runner

if TYPE_CHECKING:
    from autograd.program.tape import Tape


def python(tape: Tape) -> Runner:
    from autograd.engines import python_source

    return python_source.function(tape)


def python_text(tape: Tape) -> str:
    from autograd.engines import python_source

    return python_source.write_function(tape)


def numpy(tape: Tape) -> Runner:
    from autograd.engines import numpy_batch

    return numpy_batch.function(tape)


def native(tape: Tape) -> Runner:
    from autograd.engines.native import runners

    return runners.runner(tape)


def assembly(tape: Tape) -> str:
    from autograd.engines.native import runners

    return runners.assembly(tape)


def jax(tape: Tape) -> Runner:
    from autograd.engines import jax_function

    return jax_function.runner(tape)


ENGINES.update(python=python, numpy=numpy, native=native, jax=jax)
TEXTS.update(python=python_text, native=assembly)
