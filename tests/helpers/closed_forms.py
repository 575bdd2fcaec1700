"""What the operations of the table are: a second time on purpose, in NumPy and by hand.

The table is compared with these.  A new row fails a test until its closed form stands here.
"""

import math
from collections.abc import Callable

import numpy as np

Function = Callable[..., float]

LARGEST = np.finfo(float).max


def finite(x):
    """At infinity NumPy's form of an operation may be inf · 0 or inf / inf, where the operation has a limit."""
    return np.clip(x, -LARGEST, LARGEST)


def sigma(x):
    return 1 / (1 + np.exp(-x))


SELU = 1.0507009873554805, 1.6732632423543772


def tanh_of_gelu(x):
    return np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))


# name: the function, and its partial derivatives with respect to each input
CLOSED_FORMS: dict[str, tuple[Function, Callable[..., tuple[float, ...]]]] = {
    "add": (lambda x, y: x + y, lambda x, y: (1, 1)),
    "subtract": (lambda x, y: x - y, lambda x, y: (1, -1)),
    "multiply": (lambda x, y: x * y, lambda x, y: (y, x)),
    "divide": (lambda x, y: x / y, lambda x, y: (1 / y, -x / y**2)),
    "negate": (np.negative, lambda x: (-1,)),
    "power": (np.power, lambda x, y: (y * x ** (y - 1), x**y * np.log(x))),
    "identity": (np.positive, lambda x: (1,)),
    "square": (np.square, lambda x: (2 * x,)),
    "reciprocal": (np.reciprocal, lambda x: (-1 / x**2,)),
    "total": (lambda *xs: np.sum(xs), lambda *xs: (1,) * len(xs)),
    "dot": (
        lambda *xs: np.dot(xs[: len(xs) // 2], xs[len(xs) // 2 :]),
        lambda *xs: (*xs[len(xs) // 2 :], *xs[: len(xs) // 2]),
    ),
    "step": (lambda x: np.heaviside(x, 0.0), lambda x: (0,)),
    "sign": (np.sign, lambda x: (0,)),
    "greater": (lambda x, y: np.greater(x, y) * 1.0, lambda x, y: (0, 0)),
    "abs": (np.abs, lambda x: (np.sign(x),)),
    "maximum": (np.maximum, lambda x, y: (float(x > y), float(y > x))),
    "minimum": (np.minimum, lambda x, y: (float(x < y), float(y < x))),
    "clip": (np.clip, lambda x, low, high: (float(low < x < high), float(x < low), float(x > high))),
    "floor": (np.floor, lambda x: (0,)),
    "ceil": (np.ceil, lambda x: (0,)),
    "round": (np.rint, lambda x: (0,)),
    "mod": (np.mod, lambda x, y: (1, -np.floor(x / y))),
    "where": (
        lambda condition, x, y: np.where(condition, x, y)[()],
        lambda condition, x, y: (0, float(condition != 0), float(condition == 0)),
    ),
    "exp": (np.exp, lambda x: (np.exp(x),)),
    "exp2": (np.exp2, lambda x: (np.log(2) * np.exp2(x),)),
    "expm1": (np.expm1, lambda x: (np.exp(x),)),
    "log": (np.log, lambda x: (1 / x,)),
    "log2": (np.log2, lambda x: (1 / (x * np.log(2)),)),
    "log10": (np.log10, lambda x: (1 / (x * np.log(10)),)),
    "log1p": (np.log1p, lambda x: (1 / (1 + x),)),
    "sqrt": (np.sqrt, lambda x: (1 / (2 * np.sqrt(x)),)),
    "cbrt": (np.cbrt, lambda x: (1 / (3 * np.cbrt(x) ** 2),)),
    "sin": (np.sin, lambda x: (np.cos(x),)),
    "cos": (np.cos, lambda x: (-np.sin(x),)),
    "tan": (np.tan, lambda x: (1 / np.cos(x) ** 2,)),
    "asin": (np.arcsin, lambda x: (1 / np.sqrt(1 - x**2),)),
    "acos": (np.arccos, lambda x: (-1 / np.sqrt(1 - x**2),)),
    "atan": (np.arctan, lambda x: (1 / (1 + x**2),)),
    "atan2": (np.arctan2, lambda y, x: (x / (x**2 + y**2), -y / (x**2 + y**2))),
    "sinh": (np.sinh, lambda x: (np.cosh(x),)),
    "cosh": (np.cosh, lambda x: (np.sinh(x),)),
    "tanh": (np.tanh, lambda x: (1 / np.cosh(x) ** 2,)),
    "asinh": (np.arcsinh, lambda x: (1 / np.sqrt(x**2 + 1),)),
    "acosh": (np.arccosh, lambda x: (1 / np.sqrt(x**2 - 1),)),
    "atanh": (np.arctanh, lambda x: (1 / (1 - x**2),)),
    "hypot": (np.hypot, lambda x, y: (x / np.hypot(x, y), y / np.hypot(x, y))),
    "degrees": (np.degrees, lambda x: (180 / np.pi,)),
    "radians": (np.radians, lambda x: (np.pi / 180,)),
    "erf": (np.vectorize(math.erf, otypes=[float]), lambda x: (2 / np.sqrt(np.pi) * np.exp(-(x**2)),)),
    "erfc": (np.vectorize(math.erfc, otypes=[float]), lambda x: (-2 / np.sqrt(np.pi) * np.exp(-(x**2)),)),
    "one_minus_square": (lambda x: 1 - x**2, lambda x: (-2 * x,)),
    "atan_slope": (lambda x: 1 / (1 + x**2), lambda x: (-2 * x / (1 + x**2) ** 2,)),
    "celu_slope": (lambda x: np.expm1(x) - finite(x) * np.exp(x), lambda x: (-x * np.exp(x),)),
    "gauss": (lambda x: np.exp(-(x**2)), lambda x: (-2 * x * np.exp(-(x**2)),)),
    "sigmoid_slope": (
        lambda x: sigma(x) * sigma(-x),
        lambda x: (sigma(x) * sigma(-x) * (sigma(-x) - sigma(x)),),
    ),
    "unit": (
        lambda x, y: finite(x) / np.hypot(finite(x), y),
        lambda x, y: (y**2 / (x**2 + y**2) ** 1.5, -x * y / (x**2 + y**2) ** 1.5),
    ),
    "sigmoid": (sigma, lambda x: (sigma(x) * sigma(-x),)),
    "softplus": (lambda x: np.logaddexp(x, 0), lambda x: (sigma(x),)),
    "relu": (lambda x: np.maximum(x, 0), lambda x: (float(x > 0),)),
    "leaky_relu": (
        lambda x, slope: np.where(x > 0, x, slope * x)[()],
        lambda x, slope: (1 if x > 0 else slope, min(x, 0)),
    ),
    "elu": (
        lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(x))[()],
        lambda x, alpha: (1 if x > 0 else alpha * np.exp(x), np.expm1(min(x, 0))),
    ),
    "logsigmoid": (lambda x: -np.logaddexp(-x, 0), lambda x: (sigma(-x),)),
    "relu6": (lambda x: np.clip(x, 0, 6), lambda x: (float(0 < x < 6),)),
    "hardtanh": (np.clip, lambda x, low, high: (float(low < x < high), float(x < low), float(x > high))),
    "selu": (
        lambda x: SELU[0] * np.where(x > 0, x, SELU[1] * np.expm1(x))[()],
        lambda x: (SELU[0] if x > 0 else SELU[0] * SELU[1] * np.exp(x),),
    ),
    "celu": (
        lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(x / alpha))[()],
        lambda x, alpha: (
            1 if x > 0 else np.exp(x / alpha),
            np.expm1(min(x, 0) / alpha) - min(x, 0) / alpha * np.exp(min(x, 0) / alpha),
        ),
    ),
    "mish": (
        lambda x: np.maximum(x, -LARGEST) * np.tanh(np.logaddexp(x, 0)),
        lambda x: (np.tanh(np.logaddexp(x, 0)) + x * (1 - np.tanh(np.logaddexp(x, 0)) ** 2) * sigma(x),),
    ),
    "silu": (lambda x: np.maximum(x, -LARGEST) * sigma(x), lambda x: (sigma(x) * (1 + x * sigma(-x)),)),
    "gelu": (
        lambda x: np.maximum(x, -LARGEST) / 2 * (1 + tanh_of_gelu(x)),
        lambda x: (
            (1 + tanh_of_gelu(x)) / 2
            + x / 2 * (1 - tanh_of_gelu(x) ** 2) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2),
        ),
    ),
    "softsign": (lambda x: finite(x) / (1 + np.abs(finite(x))), lambda x: (1 / (1 + np.abs(x)) ** 2,)),
    "logsumexp": (
        lambda *xs: np.logaddexp.reduce(xs),
        lambda *xs: tuple(np.exp(xs) / np.sum(np.exp(xs))),
    ),
}
