"""A scalar autodiff engine in which nothing is hidden: numbers that remember how they were computed.

>>> from autograd import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> L = (a * b + 10).tanh()
>>> L.backward()
>>> a
Value(data=2.0, grad=-0.00402285204..., label='a')
"""

import sys as _sys
import typing as _typing

from autograd import installation as _installation

_installation.refuse_a_mixture(__path__)

# isort: off
# fmt: off
from autograd import engines as _engines  # noqa: E402, F401
from autograd.core import plain_text as _plain_text  # noqa: E402
from autograd.core.on_demand import names_on_demand as _names_on_demand  # noqa: E402
from autograd.core.modes import detect_anomaly, ieee, no_grad  # noqa: E402
from autograd.errors import (  # noqa: E402
    AutogradError, DataError, DivisionByZeroError, DomainError, GradientError, NumberOverflowError,
)
from autograd.ops import (  # noqa: E402
    Op, absolute, acos, acosh, add, asin, asinh, atan, atan2, atan_slope, atanh, cbrt, ceil, celu, celu_slope, clip,
    cos, cosh, degrees, divide, dot, elu, erf, erfc, exp, exp2, expm1, floor, gauss, gelu, greater, hardtanh, hypot,
    identity, leaky_relu, log, log10, log1p, log2, log_softmax, logsigmoid, logsumexp, maximum, minimum, mish, mod,
    multiply, negate, one_minus_square, power, radians, reciprocal, relu, relu6, rint, selu, sigmoid, sigmoid_slope,
    sign, silu, sin, sinh, softmax, softplus, softsign, sqrt, square, step, subtract, tan, tanh, total, unit, where,
)
from autograd.transforms.forward import Dual, jvp  # noqa: E402
from autograd.transforms.reverse import (  # noqa: E402
    grad, gradient, hessian, hvp, jacobian, value_and_grad, vjp,
)
from autograd.value import Value, topological_order  # noqa: E402

if _typing.TYPE_CHECKING:
    from autograd.program.compiler import Program
    from autograd.program.compiler import compile as compile
    from autograd.program.jitting import jit
    from autograd.steps import Trace, trace
    from autograd.transforms.gradcheck import GradientReport, check_gradient
# isort: on
# fmt: on

__version__ = "0.1.0"

# print(trace(loss)) must not fail on a terminal or a pipe that knows no σ.
_plain_text.let_stream_spell(_sys.stdout)

# autograd.abs(x) and autograd.round(x) as one would write them; they and compile stand outside __all__, where they
# would hide Python's own.
abs = absolute
round = rint

if not _typing.TYPE_CHECKING:
    __getattr__, __dir__ = _names_on_demand(
        __name__,
        {
            "program.compiler": "Program compile",
            "program.jitting": "jit",
            "steps": "Trace trace",
            "transforms.gradcheck": "GradientReport check_gradient",
        },
    )

__all__ = [
    "AutogradError", "DataError", "DivisionByZeroError", "DomainError", "Dual", "GradientError",
    "GradientReport", "NumberOverflowError", "Op", "Program", "Trace", "Value", "absolute", "acos", "acosh",
    "add", "asin", "asinh", "atan", "atan2", "atan_slope", "atanh", "cbrt", "ceil", "celu", "celu_slope",
    "check_gradient", "clip", "cos", "cosh", "degrees", "detect_anomaly", "divide", "dot", "elu", "erf", "erfc",
    "exp", "exp2", "expm1", "floor", "gauss", "gelu", "grad", "gradient", "greater", "hardtanh", "hessian",
    "hvp", "hypot", "identity", "ieee", "jacobian", "jit", "jvp", "leaky_relu", "log", "log10", "log1p", "log2",
    "log_softmax", "logsigmoid", "logsumexp", "maximum", "minimum", "mish", "mod", "multiply", "negate",
    "no_grad", "one_minus_square", "power", "radians", "reciprocal", "relu", "relu6", "rint", "selu", "sigmoid",
    "sigmoid_slope", "sign", "silu", "sin", "sinh", "softmax", "softplus", "softsign", "sqrt", "square", "step",
    "subtract", "tan", "tanh", "topological_order", "total", "trace", "unit", "value_and_grad", "vjp", "where",
]  # fmt: skip
