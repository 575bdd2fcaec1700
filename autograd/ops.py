"""The table of operations: everything that glassgrad knows about each one, declared exactly once.

A row reads like a line from the endpapers of a calculus book::

    tanh = Op("tanh", math.tanh, lambda x, z: (1 - z * z,), latex=r"\\tanh({0})", atom="tanh", domain=((-2, 2),))

that is: its name, how to compute it, its local derivatives, how it is written, what an engine
calls it, and where it may be tried out.  The derivative rule receives the inputs and then the
output ``z`` and answers with one local derivative per input.  It is ordinary arithmetic, so the
same rule serves every purpose: run on floats it is backpropagation, run on Values it is the graph
of the gradient (and so the second derivative), run on arrays or symbols it is a batch or a formula.

An operation with an ``atom`` is a primitive.  One without is a *composite*: its ``forward`` is
written with other rows of this table, in a way that cannot overflow and needs no ``if``.

Your own operation is one more row, from any file, and works everywhere at once:

>>> from autograd import Op, Value
>>> cube = Op("cube", lambda x: x * x * x, lambda x, z: (3 * x * x,), latex="{0}^3")
>>> a = Value(2.0)
>>> b = cube(a)
>>> b.backward()
>>> a.grad
12.0

At a kink, where no derivative exists, the table keeps PyTorch's conventions: relu, abs and step
have slope 0 at 0, and min and max share the slope evenly between equal inputs.  elu and leaky_relu have
at 0 the slope of their left side, and its second derivatives.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, overload

from autograd.core import evaluate
from autograd.errors import is_typed, shown

if TYPE_CHECKING:
    from autograd.core.operand import Operand

__all__ = ["ALL", "Op", "find", "log_softmax_at", "power_by", "softmax_at"]

ALL: dict[str, Op] = {}
"""Every operation by its name, in the order of this file; a learner's own operations join it."""

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

    Raises:
        TypeError: if the rule does not take the inputs and then the output.
        ValueError: if another operation already has that name.
    """

    __slots__ = (
        "arity", "atom", "constants", "derivatives", "domain", "family", "forward", "latex", "name",
        "requires", "symbol", "variadic",
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
    ) -> None:
        parameters = number_of_parameters(derivatives)
        if parameters < 2 or (variadic and parameters != 2):
            expected = "(xs, z)" if variadic else "(x, z) or (x, y, z)"
            raise TypeError(
                f"the derivative rule of {name!r} takes {parameters} argument(s); it is called with the "
                f"inputs and then the output, so write it as a function of {expected}"
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
        if family is None:
            _register(self)

    @property
    def is_built_in(self) -> bool:
        """True for the operations of this file, and False for a learner's own."""
        return self.derivatives.__module__ == __name__

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
        elif len(inputs) != self.arity:
            inputs = self._with_defaults(inputs)
        recorder, highest_rank = None, -1
        for x in inputs:
            rank = getattr(x, "record_rank", -1)
            if rank > highest_rank:
                recorder, highest_rank = x, rank
        if recorder is not None:
            return recorder.record(self, inputs)
        return evaluate.compute(self, inputs)

    def _unpack(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(inputs) == 1 and isinstance(inputs[0], Iterable):
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
    if code is None or other_code is None or one.derivatives.__module__ == __name__:
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


# Any real number will do as an input of these.
ANY = (-2.0, 2.0)
POSITIVE = (0.2, 3.0)
INSIDE_ONE = (-0.9, 0.9)
# An interval on one side of a kink or a pole.
RIGHT = (0.2, 2.0)

# --- arithmetic -------------------------------------------------------------------------------------------

add: Op = Op("add", operator.add, lambda x, y, z: (1.0, 1.0), symbol="+", latex="{0} + {1}", atom="add")
subtract: Op = Op(
    "subtract", operator.sub, lambda x, y, z: (1.0, -1.0), symbol="-", latex="{0} - {1}", atom="subtract"
)
multiply: Op = Op(
    "multiply", operator.mul, lambda x, y, z: (y, x), symbol="*", latex=r"{0} \cdot {1}", atom="multiply"
)
divide: Op = Op(
    "divide", operator.truediv, lambda x, y, z: (1 / y, -z / y),
    symbol="/", latex=r"\frac{{0}}{{1}}", atom="divide", domain=(ANY, POSITIVE), requires="y ≠ 0",
)  # fmt: skip
negate: Op = Op("negate", operator.neg, lambda x, z: (-1.0,), symbol="neg", latex="-{0}", atom="negative")


@lru_cache(maxsize=1024)
def power_by(n: float) -> Op:
    """``x ** n`` for a plain number n: an operation of one input, because n is not differentiated.

    d(xⁿ)/dx = n·xⁿ⁻¹, so a negative x is welcome when n is whole, and x⁰ = 1 has derivative 0 everywhere.

    >>> from autograd import Value
    >>> x = Value(-3.0)
    >>> y = x ** 2
    >>> y.backward()
    >>> y.data, x.grad
    (9.0, -6.0)
    """
    exponent = f"{n:g}" if len(f"{n:g}") == 1 else f"{{{n:g}}}"
    slopes: dict[float, Callable[[Any], Any]] = {0: lambda x: 0.0, 1: lambda x: 1.0, 2: lambda x: 2 * x}
    slope = slopes.get(n, lambda x: n * x ** (n - 1))
    return Op(
        f"power_by({n:g})", lambda x: math.pow(x, n) if type(x) is float else x**n, lambda x, z: (slope(x),),
        symbol=f"**{n:g}", latex="{0}^" + exponent, atom="pow", domain=(POSITIVE,),
        requires="x ≠ 0" if n < 0 and n == int(n) else "x ≥ 0" if n > 0 else "x > 0", constants=(n,),
        family=power_by,
    )  # fmt: skip


def _is_zero(x: Any) -> Any:
    return 1 - step(abs(x))


# The exponent is a Value too.  Two points of the left edge x = 0 are taken care of: 0 ** y has slope 0 in y,
# and at y = 0 also in x, because x ** 0 = 1 for every x.
power: Op = Op(
    "power", math.pow,
    lambda x, y, z: (y * (x + _is_zero(x) * _is_zero(y)) ** (y - 1), z * log(x + _is_zero(x))),
    symbol="**", latex="{0}^{{1}}", atom="pow", domain=(POSITIVE, ANY),
    requires="x > 0 (a negative base takes a whole number as its exponent, written as a plain number: x ** 2)",
)  # fmt: skip

identity: Op = Op("identity", lambda x: x, lambda x, z: (1.0,), symbol="=", latex="{0}")
square: Op = Op("square", lambda x: x * x, lambda x, z: (2 * x,), symbol="x²", latex="{0}^2")
reciprocal: Op = Op(
    "reciprocal", lambda x: 1 / x, lambda x, z: (-z * z,),
    symbol="1/x", latex="{0}^{-1}", domain=(POSITIVE,), requires="x ≠ 0",
)  # fmt: skip


PLAIN = {float, int}


def _sum(*xs: Any) -> Any:
    if PLAIN.issuperset(map(type, xs)):
        return math.fsum(xs)
    # In pairs, and then pairs of pairs: rounding errors stay small, and a machine can do several at once.
    while len(xs) > 1:
        xs = tuple([x + y for x, y in zip(xs[::2], xs[1::2], strict=False)]) + xs[len(xs) // 2 * 2 :]
    return xs[0]


total: Op = Op("total", _sum, lambda xs, z: (1.0,) * len(xs), symbol="Σ", latex=r"\sum({0})", variadic=True)

# The inputs are all first factors and then all second factors; each one's slope is its partner.
inner_product: Op = Op(
    "dot", lambda *xs: total.forward(*[w * x for w, x in zip(*halves(xs), strict=True)]),
    lambda xs, z: (*halves(xs)[1], *halves(xs)[0]),
    symbol="w·x", latex=r"\operatorname{dot}({0})", variadic=True,
)  # fmt: skip


def halves(xs: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    middle = len(xs) // 2
    return xs[:middle], xs[middle:]


def dot(weights: Iterable[Any], inputs: Iterable[Any]) -> Any:
    """The sum of products w1·x1 + w2·x2 + ... of two lists, as one operation.

    The products are added exactly and rounded once, as ``total`` does it.  A program adds in pairs, and is within
    n·2⁻⁵²·Σ|wₖ·xₖ| of that.

    Raises:
        ValueError: if the lists are empty or not of one length.

    >>> from autograd import Value, dot
    >>> w1, w2 = Value(3.0), Value(4.0)
    >>> z = dot([w1, w2], [0.5, 0.25])
    >>> z.backward()
    >>> z.data, w1.grad, w2.grad
    (2.5, 0.5, 0.25)
    """
    weights, inputs = list(weights), list(inputs)
    if len(weights) != len(inputs):
        raise ValueError(f"dot takes two lists of one length, but got {len(weights)} and {len(inputs)} numbers")
    return inner_product(*weights, *inputs)


# --- steps, kinks and limits ------------------------------------------------------------------------------

step: Op = Op(
    "step", lambda x: 1.0 if x > 0 else 0.0 if x <= 0 else x, lambda x, z: (0.0,),
    latex=r"\operatorname{step}({0})", atom="step", domain=(RIGHT,),
)  # fmt: skip
sign: Op = Op(
    "sign", lambda x: 1.0 if x > 0 else -1.0 if x < 0 else x * 0, lambda x, z: (0.0,),
    latex=r"\operatorname{sign}({0})", atom="sign", domain=(RIGHT,),
)  # fmt: skip
absolute: Op = Op(
    "abs", operator.abs, lambda x, z: (sign(x),),
    symbol="|x|", latex=r"\left|{0}\right|", atom="abs", domain=(RIGHT,),
)  # fmt: skip
maximum: Op = Op(
    "maximum", lambda x, y: x if x >= y or x != x else y,
    lambda x, y, z: (0.5 + 0.5 * sign(x - y), 0.5 - 0.5 * sign(x - y)),
    symbol="max", latex=r"\max({0}, {1})", atom="maximum", domain=((1.0, 2.0), (-1.0, 0.5)),
)  # fmt: skip
minimum: Op = Op(
    "minimum", lambda x, y: x if x <= y or x != x else y,
    lambda x, y, z: (0.5 - 0.5 * sign(x - y), 0.5 + 0.5 * sign(x - y)),
    symbol="min", latex=r"\min({0}, {1})", atom="minimum", domain=((1.0, 2.0), (-1.0, 0.5)),
)  # fmt: skip
# Between its limits (and on them) clip lets the gradient through; beyond one, the gradient goes to that limit.
clip: Op = Op(
    "clip", lambda x, low, high: minimum(maximum(x, low), high),
    lambda x, low, high, z: (
        (1 - step(low - x)) * (1 - step(maximum(x, low) - high)),
        step(low - x) * (1 - step(maximum(x, low) - high)),
        step(maximum(x, low) - high),
    ),
    latex=r"\operatorname{clip}({0}, {1}, {2})", domain=((-1.0, 1.0), (-2.0, -1.5), (1.5, 2.0)),
)  # fmt: skip

# --- exponentials, logarithms, roots ----------------------------------------------------------------------

LARGEST_FLOAT = 1.7976931348623157e308
LN_2 = math.log(2)
LN_10 = math.log(10)

exp: Op = Op("exp", math.exp, lambda x, z: (z,), latex="e^{{0}}", atom="exp")
exp2: Op = Op("exp2", math.exp2, lambda x, z: (LN_2 * z,), latex="2^{{0}}", atom="exp2")
expm1: Op = Op("expm1", math.expm1, lambda x, z: (z + 1,), latex=r"\operatorname{expm1}({0})", atom="expm1")
log: Op = Op(
    "log", math.log, lambda x, z: (1 / x,), latex=r"\ln({0})", atom="log", domain=(POSITIVE,), requires="x > 0"
)
log2: Op = Op(
    "log2", math.log2, lambda x, z: (1 / (LN_2 * x),),
    latex=r"\log_2({0})", atom="log2", domain=(POSITIVE,), requires="x > 0",
)  # fmt: skip
log10: Op = Op(
    "log10", math.log10, lambda x, z: (1 / (LN_10 * x),),
    latex=r"\log_{10}({0})", atom="log10", domain=(POSITIVE,), requires="x > 0",
)  # fmt: skip
log1p: Op = Op(
    "log1p", math.log1p, lambda x, z: (1 / (1 + x),),
    latex=r"\operatorname{log1p}({0})", atom="log1p", domain=(POSITIVE,), requires="x > -1",
)  # fmt: skip
sqrt: Op = Op(
    "sqrt", math.sqrt, lambda x, z: (0.5 / z,),
    latex=r"\sqrt{{0}}", atom="sqrt", domain=(POSITIVE,), requires="x ≥ 0, and x > 0 for its derivative",
)  # fmt: skip
cbrt: Op = Op(
    "cbrt", math.cbrt, lambda x, z: (1 / (3 * z * z),),
    latex=r"\sqrt[3]{{0}}", atom="cbrt", domain=(POSITIVE,), requires="x ≠ 0 for its derivative",
)  # fmt: skip

# --- circular and hyperbolic functions --------------------------------------------------------------------

sin: Op = Op("sin", math.sin, lambda x, z: (cos(x),), latex=r"\sin({0})", atom="sin")
cos: Op = Op("cos", math.cos, lambda x, z: (-sin(x),), latex=r"\cos({0})", atom="cos")
tan: Op = Op("tan", math.tan, lambda x, z: (1 + z * z,), latex=r"\tan({0})", atom="tan", domain=((-1.0, 1.0),))
asin: Op = Op(
    "asin", math.asin, lambda x, z: (1 / sqrt((1 - x) * (1 + x)),),
    latex=r"\arcsin({0})", atom="asin", domain=(INSIDE_ONE,), requires="-1 ≤ x ≤ 1 (its derivative: -1 < x < 1)",
)  # fmt: skip
acos: Op = Op(
    "acos", math.acos, lambda x, z: (-1 / sqrt((1 - x) * (1 + x)),),
    latex=r"\arccos({0})", atom="acos", domain=(INSIDE_ONE,), requires="-1 ≤ x ≤ 1 (its derivative: -1 < x < 1)",
)  # fmt: skip
atan: Op = Op("atan", math.atan, lambda x, z: (1 / (1 + x * x),), latex=r"\arctan({0})", atom="atan")
# The angle of the point (x, y): its inputs come in the order y, x.
atan2: Op = Op(
    "atan2", math.atan2, lambda y, x, z: (x / (x * x + y * y), -y / (x * x + y * y)),
    latex=r"\operatorname{atan2}({0}, {1})", atom="atan2", domain=(RIGHT, RIGHT),
    requires="y and x not both 0 for its derivative",
)  # fmt: skip
sinh: Op = Op("sinh", math.sinh, lambda x, z: (cosh(x),), latex=r"\sinh({0})", atom="sinh")
cosh: Op = Op("cosh", math.cosh, lambda x, z: (sinh(x),), latex=r"\cosh({0})", atom="cosh")
tanh: Op = Op("tanh", math.tanh, lambda x, z: (1 - z * z,), latex=r"\tanh({0})", atom="tanh")
asinh: Op = Op(
    "asinh", math.asinh, lambda x, z: (1 / hypot(1, x),), latex=r"\operatorname{arsinh}({0})", atom="asinh"
)
acosh: Op = Op(
    "acosh", math.acosh, lambda x, z: (1 / (sqrt(x - 1) * sqrt(x + 1)),),
    latex=r"\operatorname{arcosh}({0})", atom="acosh", domain=((1.2, 3.0),),
    requires="x ≥ 1, and x > 1 for its derivative",
)  # fmt: skip
atanh: Op = Op(
    "atanh", math.atanh, lambda x, z: (1 / ((1 - x) * (1 + x)),),
    latex=r"\operatorname{artanh}({0})", atom="atanh", domain=(INSIDE_ONE,), requires="-1 < x < 1",
)  # fmt: skip
hypot: Op = Op(
    "hypot", math.hypot, lambda x, y, z: (x / z, y / z),
    latex=r"\sqrt{{0}^2 + {1}^2}", atom="hypot", domain=(RIGHT, RIGHT),
    requires="x and y not both 0 for its derivative",
)  # fmt: skip
degrees: Op = Op(
    "degrees", lambda x: x * (180 / math.pi), lambda x, z: (180 / math.pi,), latex=r"\frac{180}{\pi} \cdot {0}"
)
radians: Op = Op(
    "radians", lambda x: x * (math.pi / 180), lambda x, z: (math.pi / 180,), latex=r"\frac{\pi}{180} \cdot {0}"
)
erf: Op = Op(
    "erf", math.erf, lambda x, z: (2 / math.sqrt(math.pi) * exp(-x * x),),
    latex=r"\operatorname{erf}({0})", atom="erf",
)  # fmt: skip

# --- activations and what networks need -------------------------------------------------------------------

# exp is only ever taken of a number that is not positive, so none of these can overflow.


def _sigmoid(x: Any) -> Any:
    # 1 / (1 + e⁻ˣ) for a positive x, eˣ / (1 + eˣ) for all others.
    if type(x) is float:
        small = math.exp(-abs(x))
        return (1.0 if x > 0 else small) / (1.0 + small)
    small = exp(-abs(x))
    return maximum(small, step(x)) / (1 + small)


sigmoid: Op = Op("sigmoid", _sigmoid, lambda x, z: (z * (1 - z),), symbol="σ", latex=r"\sigma({0})")
softplus: Op = Op(
    "softplus", lambda x: maximum(x, 0.0) + log1p(exp(-abs(x))), lambda x, z: (sigmoid(x),),
    latex=r"\operatorname{softplus}({0})",
)  # fmt: skip
relu: Op = Op(
    "relu", lambda x: maximum(x, 0.0), lambda x, z: (step(x),), latex=r"\operatorname{relu}({0})", domain=(RIGHT,)
)
leaky_relu: Op = Op(
    "leaky_relu", lambda x, slope=0.01: maximum(x, 0.0) + slope * minimum(x, 0.0),
    lambda x, slope, z: (step(x) + slope * (1 - step(x)), x * (1 - step(x))),
    latex=r"\operatorname{leaky\_relu}({0}, {1})", domain=((-2.0, -0.2), RIGHT),
)  # fmt: skip


def _not_above_zero(x: Any) -> Any:
    # At 0 itself its slope is 1, as on the left side, to which 0 belongs.
    return x * (1 - step(x))


elu: Op = Op(
    "elu", lambda x, alpha=1.0: maximum(x, 0.0) + alpha * expm1(minimum(x, 0.0)),
    lambda x, alpha, z: (step(x) + alpha * (1 - step(x)) * exp(_not_above_zero(x)), expm1(_not_above_zero(x))),
    latex=r"\operatorname{elu}({0}, {1})", domain=((-2.0, -0.2), RIGHT),
)  # fmt: skip
silu: Op = Op(
    "silu", lambda x: x * sigmoid(x), lambda x, z: (sigmoid(x) + z * (1 - sigmoid(x)),),
    latex=r"\operatorname{silu}({0})",
)  # fmt: skip
GELU_SCALE, GELU_CUBE = math.sqrt(2 / math.pi), 0.044715


def _gelu_gate(x: Any) -> Any:
    return 0.5 * (1 + tanh(GELU_SCALE * (x + GELU_CUBE * x * x * x)))


def _gelu_slope(x: Any) -> Any:
    gate = _gelu_gate(x)
    # Further out than 20 the gate is exactly 0 or 1, and x * x might overflow.
    near = clip(x, -20.0, 20.0)
    return gate + near * gate * (1 - gate) * 2 * GELU_SCALE * (1 + 3 * GELU_CUBE * near * near)


# Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016), section 2: the approximation with tanh.
gelu: Op = Op(
    "gelu", lambda x: x * _gelu_gate(x), lambda x, z: (_gelu_slope(x),), latex=r"\operatorname{gelu}({0})"
)
softsign: Op = Op(
    "softsign", lambda x: x / (1 + abs(x)), lambda x, z: (square(1 / (1 + abs(x))),),
    latex=r"\operatorname{softsign}({0})", domain=(RIGHT,),
)  # fmt: skip


# The largest is subtracted before exp is taken: softmax and its logarithm do not change when all inputs are
# moved by the same amount, and the distances between large numbers are known better than the numbers.


def _exponentials(xs: tuple[Any, ...]) -> tuple[Any, list[Any], Any, Any]:
    """The largest number; exp(x - largest) for each x; the largest of these, which is 1; the sum of the others."""
    if set(map(type, xs)) == {float}:
        largest = max(xs)
        powers = [math.exp(x - largest) for x in xs]
        return largest, powers, 1.0, math.fsum([*powers, -1.0])
    largest, _ = _tournament(list(xs))
    # Inside ieee() it may be infinite, and infinity minus infinity is not a number.
    largest = minimum(maximum(largest, -LARGEST_FLOAT), LARGEST_FLOAT)
    powers = [exp(x - largest) for x in xs]
    one, others = _tournament(powers)
    return largest, powers, one, total(others) if others else 0.0


def _tournament(xs: list[Any]) -> tuple[Any, list[Any]]:
    """The largest number, found in pairs and pairs of pairs; and all others, the losers of each pair."""
    others: list[Any] = []
    while len(xs) > 1:
        pairs = list(zip(xs[::2], xs[1::2], strict=False))
        others += [minimum(x, y) for x, y in pairs]
        xs = [maximum(x, y) for x, y in pairs] + xs[2 * len(pairs) :]
    return xs[0], others


def _log_sum_exp(*xs: Any) -> Any:
    largest, _, one, others = _exponentials(xs)
    return largest + log1p(one - 1 + others)


def _shares(xs: tuple[Any, ...]) -> list[Any]:
    """softmax(xs): where something records, each share is a node; numbers are computed together."""
    if any(hasattr(x, "record_rank") for x in xs):
        return softmax(xs)
    _, powers, one, others = _exponentials(xs)
    return [power / (one + others) for power in powers]


logsumexp: Op = Op(
    "logsumexp", _log_sum_exp, lambda xs, z: tuple(_shares(xs)),
    latex=r"\operatorname{logsumexp}({0})", variadic=True,
)  # fmt: skip


@lru_cache(maxsize=1024)
def softmax_at(i: int) -> Op:
    """The i-th number of ``softmax(xs)``, counted from 0, as an operation: exp(xᵢ) / Σ exp(xⱼ).

    ∂pᵢ/∂xᵢ = pᵢ·(1 - pᵢ), where 1 - pᵢ is the sum of all others, and ∂pᵢ/∂xⱼ = -pᵢ·pⱼ.
    """

    def forward(*xs: Any) -> Any:
        _, powers, one, others = _exponentials(xs)
        return powers[i] / (one + others)

    return Op(
        f"softmax_{i + 1}", forward,
        lambda xs, z: tuple([z * slope for slope in _one_for_all_others(i, _shares(xs))]),
        symbol="softmax", latex=rf"\operatorname{{softmax}}_{{{i + 1}}}({{0}})", variadic=True,
        constants=(i,), family=softmax_at,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def log_softmax_at(i: int) -> Op:
    """The i-th number of ``log_softmax(xs)``, counted from 0, as an operation: xᵢ - logsumexp(xs)."""

    def forward(*xs: Any) -> Any:
        largest, _, one, others = _exponentials(xs)
        return -(log1p(one - 1 + others) - (xs[i] - largest))

    return Op(
        f"log_softmax_{i + 1}", forward, lambda xs, z: tuple(_one_for_all_others(i, _shares(xs))),
        symbol="log softmax", latex=rf"\operatorname{{log\_softmax}}_{{{i + 1}}}({{0}})", variadic=True,
        constants=(i,), family=log_softmax_at,
    )  # fmt: skip


def _one_for_all_others(i: int, shares: list[Any]) -> list[Any]:
    """1 - pᵢ in the i-th place, as the sum of all other shares, so that nothing cancels; else -pⱼ."""
    others = shares[:i] + shares[i + 1 :]
    return [-p for p in others[:i]] + [sum(others)] + [-p for p in others[i:]]


def softmax(xs: Iterable[Any]) -> list[Any]:
    """Turn a list of logits into probabilities: softmax(x)ᵢ = exp(xᵢ) / Σ exp(xⱼ).

    Raises:
        TypeError, ValueError: if it is given no list, or an empty one.

    >>> from autograd import softmax
    >>> [round(p, 4) for p in softmax([1.0, 2.0, 1002.0])], softmax([1e16, 1e16])
    ([0.0, 0.0, 1.0], [0.5, 0.5])
    """
    return _each_of(softmax_at, xs, "softmax")


def log_softmax(xs: Iterable[Any]) -> list[Any]:
    """The logarithms of softmax, without taking that of a probability that may be 0: xᵢ - logsumexp(x).

    Raises:
        TypeError, ValueError: if it is given no list, or an empty one.

    >>> from autograd import log_softmax
    >>> log_softmax([-1000.0, 1000.0])[0]
    -2000.0
    """
    return _each_of(log_softmax_at, xs, "log_softmax")


def _each_of(member: Callable[[int], Op], xs: Iterable[Any], name: str) -> list[Any]:
    if not isinstance(xs, Iterable):
        raise TypeError(f"{name} takes a list of numbers, but got {shown(xs)}")
    xs = tuple(xs)
    if not xs:
        raise ValueError(f"{name} of an empty list is not defined; give it at least one number")
    return [member(i)(xs) for i in range(len(xs))]
