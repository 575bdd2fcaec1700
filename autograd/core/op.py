"""Op, one row of the table of operations, and the registry in which every row is found by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar, overload

from autograd.core import evaluate
from autograd.errors import is_typed

if TYPE_CHECKING:
    from autograd.core.operand import Operand


rows = SimpleNamespace()
"""The table: ``rows.tanh`` is the operation of that name, which may be declared further down."""

ALL: dict[str, Op] = vars(rows)
"""Every operation by its name, in the order of ``ops.py``; a learner's own operations join it."""

OUR_FILES = ("autograd.ops", "autograd.core.composites")

NODES: set[type] = set()
"""Value and the subclasses that compute as it does: where every input is one of these, the first records."""

SUM = "sum"
"""What engines call a sum of products, which is no row of the table: no operation has it for its atom."""

Interval = tuple[float, float]
Recording = TypeVar("Recording", bound="Operand")
"""Value, or another kind of number that records what is done with it."""


class Op:
    """One row of the table: an operation on real numbers with its derivative rule.

    Args:
        name: what it is called, everywhere.
        forward: the operation on numbers, ``forward(x, y, ...) -> z``.
        derivatives: ``derivatives(x, y, ..., z)`` gives a tuple with ∂z/∂x, ∂z/∂y, ...
            With ``variadic=True`` it is called as ``derivatives(xs, z)``.
        symbol: what a drawing shows in the circle; the name, unless given.
        latex: a LaTeX template in which ``{0}``, ``{1}``, ... stand for the inputs.
        atom: the primitive's name in the engines, or None for a composite.
        domain: for each input an interval in which the operation is smooth; tests sample there.
        requires: in words, what the inputs must satisfy; error messages quote it.
        variadic: True if it takes a list of any length, like ``logsumexp``.
        constants: fixed numbers that belong to the operation and not to the graph, like the 2 of ``x ** 2``.
        family: the function that makes the operation from its constants, like ``power_by``.
        textbook: the derivatives as a book prints them, for formulas only: where another form is computed, because
            the book's loses its digits in the tails.

    Raises:
        TypeError: if a rule does not take the inputs and then the output.
        ValueError: if another operation already has that name, or the atom is "sum".

    Your own operation is one more row, from any file, and works everywhere at once:

    >>> from autograd import Op, Value
    >>> cube = Op("cube", lambda x: x * x * x, lambda x, z: (3 * x * x,), latex="{0}^3")
    >>> a = Value(2.0)
    >>> b = cube(a)
    >>> b.backward()
    >>> a.grad
    12.0
    """

    __slots__ = (
        "__weakref__", "arity", "atom", "constants", "derivatives", "domain", "family", "forward", "latex", "name",
        "requires", "symbol", "textbook", "variadic",
    )  # fmt: skip

    is_by_hand = False
    """True for the operation of a single node, made as in ``autograd.core.by_hand``."""

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        derivatives: Callable[..., tuple[Any, ...]],
        *,
        symbol: str = "",
        latex: str = "",
        atom: str | None = None,
        domain: tuple[Interval, ...] = (),
        requires: str = "",
        variadic: bool = False,
        constants: tuple[float, ...] = (),
        family: Callable[..., Op] | None = None,
        textbook: Callable[..., tuple[Any, ...]] | None = None,
    ) -> None:
        parameters = number_of_parameters(derivatives)
        if parameters < 2 or (variadic and parameters != 2):
            expected = "(xs, z)" if variadic else "(x, z) or (x, y, z)"
            raise TypeError(
                f"the derivative rule of {name!r} takes {parameters} argument(s); it is called with the "
                f"inputs and then the output, so write it as a function of {expected}"
            )
        if textbook is not None and (given := number_of_parameters(textbook)) != parameters:
            raise TypeError(
                f"the textbook's rule of {name!r} takes {given} argument(s), and the derivative rule {parameters}; "
                "both are called with the inputs and then the output"
            )
        if atom == SUM:
            raise ValueError(
                f"the atom of {name!r} is {SUM!r}, which the engines call a sum of products; choose another"
            )
        self.name = name
        self.forward = forward
        self.derivatives = derivatives
        self.arity = parameters - 1
        self.symbol = symbol or name
        self.latex = latex or default_latex(name, self.arity)
        self.atom = atom
        self.domain = domain or ((-2.0, 2.0),) * self.arity
        self.requires = requires
        self.variadic = variadic
        self.constants = constants
        self.family = family
        self.textbook = textbook
        if family is None:
            _register(self)

    @property
    def is_built_in(self) -> bool:
        """True for the operations of the table in ``ops.py``, and False for a learner's own."""
        return self.derivatives.__module__ in OUR_FILES

    def backward_of(self, node: Any) -> Callable[[], object] | None:
        """A function of the user's that adds to the gradients of a node's inputs, if there is one, not the rule."""
        return None

    @overload
    def __call__(self, x: Recording | Iterable[Recording], /, *others: Recording | float) -> Recording: ...
    @overload
    def __call__(self, x: float, y: Recording, /, *others: Recording | float) -> Recording: ...
    @overload
    def __call__(self, *inputs: float | Iterable[float]) -> float: ...
    @overload
    def __call__(self, *inputs: Any) -> Any: ...
    def __call__(self, *inputs: Any) -> Any:
        """Compute on numbers; on Values (and duals, arrays, ...) let them record the operation.

        >>> from autograd import Value, tanh, logsumexp
        >>> tanh(0.0), tanh(Value(0.0)).data
        (0.0, 0.0)
        >>> round(logsumexp([1000.0, 1000.0]), 4)
        1000.6931
        """
        if self.variadic:
            if len(inputs) < 2:
                inputs = self._unpack(inputs)
            if NODES.issuperset(map(type, inputs)):
                first: Any = inputs[0]
                return first.record(self, inputs)
        elif len(inputs) != self.arity:
            inputs = self._with_defaults(inputs)
        recorder, highest_rank = None, -2
        for x in inputs:
            if type(x) is not float:
                rank = getattr(x, "record_rank", -1)
                if rank > highest_rank:
                    recorder, highest_rank = x, rank
        if recorder is not None and highest_rank >= 0:
            return recorder.record(self, inputs)
        if recorder is None:
            # A rule on plain numbers comes here for every node: this is the shortest way to its result.
            try:
                result = self.forward(*inputs)
                if isfinite(result):
                    return result
            except evaluate.FAILURES:
                pass  # What went wrong is said below.
        return evaluate.compute(self, inputs)

    def _unpack(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        # A number on a tape has an __iter__, to refuse it.
        if len(inputs) == 1 and not hasattr(inputs[0], "record_rank") and isinstance(inputs[0], Iterable):
            inputs = tuple(inputs[0])
        if not inputs:
            raise ValueError(f"{self.name} of an empty list is not defined; give it at least one number")
        return inputs

    def _with_defaults(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        defaults = getattr(self.forward, "__defaults__", None) or ()
        missing = self.arity - len(inputs)
        if not 0 < missing <= len(defaults):
            raise TypeError(f"{self.name} takes {self.arity} input(s), but {len(inputs)} were given")
        return inputs + defaults[-missing:]

    def write_latex(self, *inputs: str) -> str:
        """The operation in LaTeX, with its inputs already in LaTeX.

        >>> from autograd import ops
        >>> ops.divide.write_latex("a", "b")
        '\\\\frac{a}{b}'
        """
        import re

        if self.variadic:
            inputs = (", ".join(inputs),)
        return re.sub(
            r"\{(\d)\}", lambda slot: inputs[int(slot[1])] if int(slot[1]) < len(inputs) else slot[0], self.latex
        )

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def __reduce__(self) -> tuple[Callable[..., Op], tuple[Any, ...]]:
        if self.family is not None:
            return self.family, self.constants
        return find, (self.name,)


def default_latex(name: str, arity: int) -> str:
    r"""The template of a function call.

    >>> print(default_latex("my_op", 2))
    \operatorname{my\_op}({0}, {1})
    """
    slots = ", ".join("{" + str(i) + "}" for i in range(arity))
    return r"\operatorname{" + name.replace("_", r"\_") + "}(" + slots + ")"


def number_of_parameters(function: Callable[..., Any]) -> int:
    code = getattr(function, "__code__", None)
    if code is not None:
        return int(code.co_argcount)
    import inspect

    return len(inspect.signature(function).parameters)


def _register(op: Op) -> None:
    known = ALL.get(op.name)
    if known is not None and not _same_source(known, op):
        raise ValueError(f"there is already an operation named {op.name!r}; choose another name")
    ALL[op.name] = op


def _same_source(one: Op, other: Op) -> bool:
    """True when a cell or a module is run again, or a line typed again, and so declares the same row once more."""
    code, other_code = (getattr(op.derivatives, "__code__", None) for op in (one, other))
    if code is None or other_code is None or one.is_built_in:
        return False
    if one.derivatives.__module__ != other.derivatives.__module__:
        return False
    # What is typed has a new made-up file name each time.
    return is_typed(other_code.co_filename) or code.co_filename == other_code.co_filename


def find(name: str) -> Op:
    """The operation of that name.

    Raises:
        LookupError: if no such operation has been declared (a learner's own must be declared
            before a graph that uses it is unpickled).
    """
    try:
        return ALL[name]
    except KeyError:
        raise LookupError(f"no operation is named {name!r}; declare it with Op({name!r}, ...) first") from None
