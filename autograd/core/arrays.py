"""NumPy's side: its scalars as numbers, its arrays as inputs, its functions on Values.

Nothing here imports NumPy before somebody hands over something of NumPy's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.core.op import Op


def is_real(x: Any) -> bool:
    """True for what counts as one real number: int, float, bool, a fraction, a NumPy scalar."""
    if isinstance(x, (int, float)):
        return True
    if hasattr(x, "dtype"):
        # A NumPy scalar, but not an array of one number: that one can be changed in place.
        return getattr(x.dtype, "kind", "?") in "fiub" and x.ndim == 0 and not hasattr(x, "__setitem__")
    return hasattr(x, "numerator") and hasattr(x, "denominator")


def exact(x: Any) -> Any:
    """A NumPy scalar as a number of Python's, for comparisons: NumPy would round the other side to its own type."""
    if not hasattr(x, "dtype") or not is_real(x):
        return x
    return float(x) if x.dtype.kind == "f" else x.item()


def compute(op: Op, inputs: tuple[Any, ...]) -> Any:
    """An operation on arrays, element by element."""
    import numpy as np

    if any(getattr(getattr(x, "dtype", None), "kind", "") == "O" for x in inputs):
        return np.frompyfunc(op, len(inputs), 1)(*inputs)
    if op.atom is None or op.constants:
        return op.forward(*inputs)
    return in_numpy(op)(*inputs)


def in_numpy(op: Op) -> Any:
    """The NumPy function of a primitive: it has the same name, or NumPy has none and goes through the elements."""
    import numpy as np

    # An operation of one's own may have the name of something else there.
    function = getattr(np, op.atom or "", None) if op.is_built_in else None
    return np.vectorize(op.forward, otypes=[float]) if function is None else function


def numpy_function(
    table: Mapping[str, Op], function: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    """One of NumPy's functions where an operand stands among its inputs.

    On single numbers it is the operation of the table that NumPy knows by that function; on arrays,
    NumPy goes through the elements itself.
    """
    import numpy as np

    single = all(is_operand(x) or is_real(x) for x in inputs)
    op = operation_of(function, table) if method == "__call__" and not options else None
    if single and op is not None:
        return op(*inputs)
    if single and function in (np.isfinite, np.isinf, np.isnan, np.signbit):
        return function(*[x.data if is_operand(x) else x for x in inputs])
    # A long double among objects stays NumPy's, and would ask here again.
    inputs = tuple([x.astype(float) if getattr(x, "dtype", None) == np.longdouble else x for x in inputs])
    elements = [np.array(x, dtype=object) if is_operand(x) else x for x in inputs]
    if op is not None:
        return compute(op, tuple(elements))
    return getattr(function, method)(*elements, **options)


def is_operand(x: Any) -> bool:
    return hasattr(x, "record_rank")


_operations: dict[Any, Op] = {}


def operation_of(function: Any, table: Mapping[str, Op]) -> Op | None:
    """The primitive that is this function in NumPy; not power, whose ``**`` tells plain exponents from Values."""
    if not _operations:
        ours = [op for op in table.values() if op.is_built_in and op.atom is not None and op.name != "power"]
        _operations.update({in_numpy(op): op for op in ours})
    return _operations.get(function)
