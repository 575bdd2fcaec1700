"""The table of operations: everything that glassgrad knows about each one, declared exactly once.

A row reads like a line from the endpapers of a calculus book: a name, how to compute it, its local derivatives
(what the inputs and then the output z give, one slope for each input); then what the engines call it, how it is
written, where it may be tried out, and what its inputs must satisfy.  The derivatives are ordinary arithmetic: run
on floats they are backpropagation, on Values the gradient's own graph, on symbols a formula.  A row without an
``atom`` is a *composite*, written with other rows.  Your own operation is one more row (see ``autograd.Op``).

At a kink the slopes are PyTorch's: 0 at 0 for relu, abs and step, halves where min and max have equal inputs, and
for elu, leaky_relu, celu and selu those of the left side, 0 on the limits of relu6 and hardtanh.  At a jump the
slope is 0, as it is beside it.
"""
# fmt: off
# isort: off

import math
import operator

from autograd.core.composites import (
    ANY, BETWEEN, INSIDE, LEFT, LN_10, LN_2, PI, POSITIVE, RIGHT, SELU_LEFT, SELU_RIGHT, above_minus_infinity,
    celu_of, celu_textbook, dot, elu_textbook, finite, gauss_of, gelu_exponent, gelu_slope, gelu_textbook, halves,
    log_softmax, log_softmax_at, log_sum_exp, mish_slope, not_above_zero, power_by, shares, side, sigmoid_of,
    sigmoid_slope_of, slopes_of_angle, slopes_of_celu, slopes_of_clip, slopes_of_elu, slopes_of_hardtanh,
    slopes_of_hypot, slopes_of_power, slopes_of_unit, softmax, softmax_at, sum_of, sum_of_products,
)
from autograd.core.op import ALL, Op, find

__all__ = ["ALL", "Op", "dot", "find", "halves", "log_softmax", "log_softmax_at", "power_by", "softmax",
           "softmax_at"]

# --- arithmetic ---------------------------------------------------------------------------------------------------

add:           Op = Op("add",        operator.add,     lambda x, y, z: (1.0, 1.0),           atom="add",
                       symbol="+",   latex="{0} + {1}")
subtract:      Op = Op("subtract",   operator.sub,     lambda x, y, z: (1.0, -1.0),          atom="subtract",
                       symbol="-",   latex="{0} - {1}")
multiply:      Op = Op("multiply",   operator.mul,     lambda x, y, z: (y, x),               atom="multiply",
                       symbol="*",   latex=r"{0} \cdot {1}")
divide:        Op = Op("divide",     operator.truediv, lambda x, y, z: (1 / y, -z / y),      atom="divide",
                       symbol="/",   latex=r"\frac{{0}}{{1}}", domain=ANY + POSITIVE, requires="y ≠ 0")
negate:        Op = Op("negate",     operator.neg,     lambda x, z: (-1.0,),                 atom="negative",
                       symbol="neg", latex="-{0}")
power:         Op = Op("power",      math.pow,         slopes_of_power,                      atom="pow",
                       symbol="**",  latex="{0}^{{1}}", domain=POSITIVE + ANY,
                       textbook=lambda x, y, z: (y * x ** (y - 1), z * log(x)), requires="x > 0 "
                       "(a negative base takes a whole number as its exponent, written as a plain number: x ** 2)")
identity:      Op = Op("identity",   lambda x: x,      lambda x, z: (1.0,),
                       symbol="=",   latex="{0}")
square:        Op = Op("square",     lambda x: x * x,  lambda x, z: (2 * x,),
                       symbol="x²",  latex="{0}^2")
reciprocal:    Op = Op("reciprocal", lambda x: 1 / x,  lambda x, z: (-z * z,),
                       symbol="1/x", latex="{0}^{-1}", domain=POSITIVE, requires="x ≠ 0")
total:         Op = Op("total",      sum_of,           lambda xs, z: (1.0,) * len(xs),
                       symbol="Σ",   latex=r"\sum({0})", variadic=True)
inner_product: Op = Op("dot",        sum_of_products,  lambda xs, z: (*halves(xs)[1], *halves(xs)[0]),
                       symbol="w·x", variadic=True)

# --- steps, kinks and limits --------------------------------------------------------------------------------------

step:     Op = Op("step",    lambda x: 1.0 if x > 0 else 0.0 if x <= 0 else x,          lambda x, z: (0.0,),
                  atom="step",    domain=RIGHT)
sign:     Op = Op("sign",    lambda x: 1.0 if x > 0 else -1.0 if x < 0 else x * 0,      lambda x, z: (0.0,),
                  atom="sign",    domain=RIGHT)
greater:  Op = Op("greater", lambda x, y: 1.0 if x > y else 0.0,                        lambda x, y, z: (0.0, 0.0),
                  atom="gt",      domain=((1.0, 2.0), (-1.0, 0.5)), symbol=">", latex="{0} > {1}")
absolute: Op = Op("abs",     operator.abs,                                              lambda x, z: (sign(x),),
                  atom="abs",     domain=RIGHT, symbol="|·|", latex=r"\left|{0}\right|")
maximum:  Op = Op("maximum", lambda x, y: x if x >= y or x != x else y,
                             lambda x, y, z: (0.5 + 0.5 * side(x, y), 0.5 - 0.5 * side(x, y)),
                  textbook=lambda x, y, z: (step(x - y), step(y - x)),
                  atom="maximum", domain=((1.0, 2.0), (-1.0, 0.5)), symbol="max", latex=r"\max({0}, {1})")
minimum:  Op = Op("minimum", lambda x, y: x if x <= y or x != x else y,
                             lambda x, y, z: (0.5 - 0.5 * side(x, y), 0.5 + 0.5 * side(x, y)),
                  textbook=lambda x, y, z: (step(y - x), step(x - y)),
                  atom="minimum", domain=((1.0, 2.0), (-1.0, 0.5)), symbol="min", latex=r"\min({0}, {1})")
clip:     Op = Op("clip",    lambda x, low, high: minimum(maximum(x, low), high),       slopes_of_clip,
                                  domain=((-1.0, 1.0), (-2.0, -1.5), (1.5, 2.0)))
floor:    Op = Op("floor",   lambda x: x // 1.0 if abs(x) < math.inf else x,            lambda x, z: (0.0,),
                  atom="floor",   domain=BETWEEN, symbol="⌊·⌋", latex=r"\left\lfloor{0}\right\rfloor")
ceil:     Op = Op("ceil",    lambda x: -(-x // 1.0) if abs(x) < math.inf else x,        lambda x, z: (0.0,),
                  atom="ceil",    domain=BETWEEN, symbol="⌈·⌉", latex=r"\left\lceil{0}\right\rceil")
# Halves go to the even neighbour: 0.5 and -0.5 to 0, 1.5 and 2.5 to 2.
rint:     Op = Op("round",   lambda x: round(x, 0),                                     lambda x, z: (0.0,),
                  atom="rint",    domain=((0.6, 1.4),))
# What is left of x when y has been taken off floor(x / y) times; it has the sign of y, as Python's % has.
mod:      Op = Op("mod",     operator.mod,                            lambda x, y, z: (1.0, rint(z / y - x / y)),
                  textbook=lambda x, y, z: (1.0, -floor(x / y)),
                  atom="mod",     domain=((4.1, 4.4), (1.1, 1.3)), symbol="%", requires="y ≠ 0")
# x where the condition c is not 0, and y where it is.  (nan is not 0.)
where:    Op = Op("where",   lambda c, x, y: x if c != 0 else y,
                             lambda c, x, y, z: (0.0, where(c, 1.0, 0.0), where(c, 0.0, 1.0)),
                  atom="where",   domain=RIGHT + ANY + ANY)

# --- exponentials, logarithms, roots ------------------------------------------------------------------------------

exp:   Op = Op("exp",   math.exp,   lambda x, z: (z,),               atom="exp",   latex="e^{{0}}")
exp2:  Op = Op("exp2",  math.exp2,  lambda x, z: (LN_2 * z,),        atom="exp2",  latex="2^{{0}}")
expm1: Op = Op("expm1", math.expm1, lambda x, z: (exp(x),),          atom="expm1")
log:   Op = Op("log",   math.log,   lambda x, z: (1 / x,),           atom="log",   latex=r"\ln({0})",
               domain=POSITIVE, requires="x > 0")
log2:  Op = Op("log2",  math.log2,  lambda x, z: (1 / (LN_2 * x),),  atom="log2",  latex=r"\log_2({0})",
               domain=POSITIVE, requires="x > 0")
log10: Op = Op("log10", math.log10, lambda x, z: (1 / (LN_10 * x),), atom="log10", latex=r"\log_{10}({0})",
               domain=POSITIVE, requires="x > 0")
log1p: Op = Op("log1p", math.log1p, lambda x, z: (1 / (1 + x),),     atom="log1p",
               domain=POSITIVE, requires="x > -1")
sqrt:  Op = Op("sqrt",  math.sqrt,  lambda x, z: (0.5 / z,),         atom="sqrt",  symbol="√",
               latex=r"\sqrt{{0}}", domain=POSITIVE, requires="x ≥ 0, and x > 0 for its derivative")
cbrt:  Op = Op("cbrt",  math.cbrt,  lambda x, z: (square(1 / z) / 3,), atom="cbrt", symbol="∛",
               latex=r"\sqrt[3]{{0}}", domain=POSITIVE, requires="x ≠ 0 for its derivative")

# --- circular and hyperbolic functions ----------------------------------------------------------------------------

sin:     Op = Op("sin",   math.sin,   lambda x, z: (cos(x),),                         atom="sin",
                 latex=r"\sin({0})")
cos:     Op = Op("cos",   math.cos,   lambda x, z: (-sin(x),),                        atom="cos",
                 latex=r"\cos({0})")
tan:     Op = Op("tan",   math.tan,   lambda x, z: (1 + z * z,),                      atom="tan",
                 latex=r"\tan({0})", domain=((-1.0, 1.0),))
asin:    Op = Op("asin",  math.asin,  lambda x, z: (1 / sqrt(one_minus_square(x)),),  atom="asin",
                 latex=r"\arcsin({0})", domain=INSIDE, requires="-1 ≤ x ≤ 1 (its derivative: -1 < x < 1)")
acos:    Op = Op("acos",  math.acos,  lambda x, z: (-1 / sqrt(one_minus_square(x)),), atom="acos",
                 latex=r"\arccos({0})", domain=INSIDE, requires="-1 ≤ x ≤ 1 (its derivative: -1 < x < 1)")
atan:    Op = Op("atan",  math.atan,  lambda x, z: (atan_slope(x),),                  atom="atan",
                 latex=r"\arctan({0})", textbook=lambda x, z: (1 / (1 + x * x),))
# The angle of the point (x, y): its inputs come in the order y, x.
atan2:   Op = Op("atan2", math.atan2, slopes_of_angle,                                atom="atan2",
                 textbook=lambda y, x, z: (x / (x * x + y * y), -y / (x * x + y * y)),
                 domain=RIGHT + RIGHT, requires="y and x not both 0 for its derivative")
sinh:    Op = Op("sinh",  math.sinh,  lambda x, z: (cosh(x),),                        atom="sinh",
                 latex=r"\sinh({0})")
cosh:    Op = Op("cosh",  math.cosh,  lambda x, z: (sinh(x),),                        atom="cosh",
                 latex=r"\cosh({0})")
tanh:    Op = Op("tanh",  math.tanh,  lambda x, z: (4 * sigmoid_slope(2 * x),),       atom="tanh",
                 latex=r"\tanh({0})", textbook=lambda x, z: (1 - z * z,))
asinh:   Op = Op("asinh", math.asinh, lambda x, z: (1 / hypot(1, x),),                atom="asinh",
                 latex=r"\operatorname{arsinh}({0})")
acosh:   Op = Op("acosh", math.acosh, lambda x, z: (1 / sqrt(x - 1) * (1 / sqrt(x + 1)),), atom="acosh",
                 latex=r"\operatorname{arcosh}({0})", domain=((1.2, 3.0),),
                 requires="x ≥ 1, and x > 1 for its derivative")
atanh:   Op = Op("atanh", math.atanh, lambda x, z: (1 / one_minus_square(x),),        atom="atanh",
                 latex=r"\operatorname{artanh}({0})", domain=INSIDE, requires="-1 < x < 1")
hypot:   Op = Op("hypot", math.hypot, slopes_of_hypot,                                atom="hypot",
                 latex=r"\sqrt{{0}^2 + {1}^2}", textbook=lambda x, y, z: (x / z, y / z), domain=RIGHT + RIGHT,
                 requires="x and y not both 0 for its derivative")
degrees: Op = Op("degrees", lambda x: x * (180 / PI), lambda x, z: (180 / PI,), latex=r"\frac{180}{\pi} \cdot {0}")
radians: Op = Op("radians", lambda x: x * (PI / 180), lambda x, z: (PI / 180,), latex=r"\frac{\pi}{180} \cdot {0}")
erf:     Op = Op("erf",   math.erf,   lambda x, z: (2 / math.sqrt(PI) * gauss(x),), atom="erf")
erfc:    Op = Op("erfc",  math.erfc,  lambda x, z: (-2 / math.sqrt(PI) * gauss(x),), atom="erfc")

# --- parts of other derivatives, which are operations so that nothing cancels in their own derivatives either -----

one_minus_square: Op = Op("one_minus_square", lambda x: (1 - x) * (1 + x), lambda x, z: (-2 * x,),
                          symbol="1−x²", latex="1 - {0}^2", domain=INSIDE)
atan_slope:       Op = Op("atan_slope",       lambda x: 1 / (1 + x * x),   lambda x, z: (-2 * (finite(x) * z) * z,),
                          latex=r"\frac{1}{1 + {0}^2}", textbook=lambda x, z: (-2 * x * z * z,))
gauss:            Op = Op("gauss",            gauss_of,                    lambda x, z: (-2 * (finite(x) * z),),
                          latex="e^{-{0}^2}", textbook=lambda x, z: (-2 * x * z,))
sigmoid_slope:    Op = Op("sigmoid_slope",    sigmoid_slope_of,            lambda x, z: (-z * tanh(x / 2),),
                          symbol="σ′", latex=r"\sigma({0}) \cdot \sigma(-{0})")
# What moves with alpha on the left side of celu.
celu_slope:       Op = Op("celu_slope",       lambda x: expm1(x) - finite(x) * exp(x),
                          lambda x, z: (-finite(x) * exp(x),),
                          latex=r"e^{{0}} - 1 - {0} \cdot e^{{0}}", textbook=lambda x, z: (-x * exp(x),))
# How far to the right the unit vector reaches that points from the origin to (x, y).
unit:             Op = Op("unit",             lambda x, y: finite(x) / hypot(finite(x), y),
                          lambda x, y, z: slopes_of_unit(unit(y, x), hypot(x, y), z),
                          latex=r"\frac{{0}}{\sqrt{{0}^2 + {1}^2}}", domain=RIGHT + RIGHT,
                          requires="x and y not both 0")

# --- activations and what networks need ---------------------------------------------------------------------------

sigmoid:    Op = Op("sigmoid",    sigmoid_of,                                      lambda x, z: (sigmoid_slope(x),),
                    textbook=lambda x, z: (z * (1 - z),), symbol="σ", latex=r"\sigma({0})")
softplus:   Op = Op("softplus",   lambda x: maximum(x, 0.0) + log1p(exp(-abs(x))),  lambda x, z: (sigmoid(x),))
logsigmoid: Op = Op("logsigmoid", lambda x: -softplus(-x),                          lambda x, z: (sigmoid(-x),),
                    textbook=lambda x, z: (1 - sigmoid(x),))
relu:       Op = Op("relu",       lambda x: maximum(x, 0.0),                        lambda x, z: (step(x),),
                    domain=RIGHT, symbol="ReLU")
leaky_relu: Op = Op("leaky_relu", lambda x, slope=0.01: where(step(x), x, slope * x),
                                  lambda x, slope, z: (where(step(x), 1.0, slope), not_above_zero(x)),
                    textbook=lambda x, slope, z: (step(x) + slope * (1 - step(x)), x * (1 - step(x))),
                    domain=LEFT + RIGHT)
elu:        Op = Op("elu",        lambda x, alpha=1.0: where(step(x), x, alpha * expm1(not_above_zero(x))),
                                  slopes_of_elu, textbook=elu_textbook,
                    domain=LEFT + RIGHT)
silu:       Op = Op("silu",       lambda x: above_minus_infinity(x) * sigmoid(x),
                    lambda x, z: (sigmoid(x) + finite(x) * sigmoid_slope(x),),
                    textbook=lambda x, z: (sigmoid(x) + z * (1 - sigmoid(x)),))
mish:       Op = Op("mish",       lambda x: above_minus_infinity(x) * tanh(softplus(x)),
                    lambda x, z: (mish_slope(x),),
                    textbook=lambda x, z: (tanh(softplus(x)) + x * (1 - square(tanh(softplus(x)))) * sigmoid(x),))
gelu:       Op = Op("gelu",       lambda x: above_minus_infinity(x) * sigmoid(gelu_exponent(x)),
                    lambda x, z: (gelu_slope(x),),
                    textbook=gelu_textbook)
relu6:      Op = Op("relu6",      lambda x: minimum(maximum(x, 0.0), 6.0),
                    lambda x, z: (step(x) * step(6 - x),),
                    domain=RIGHT, symbol="ReLU6")
hardtanh:   Op = Op("hardtanh",   lambda x, low=-1.0, high=1.0: minimum(maximum(x, low), high), slopes_of_hardtanh,
                    domain=((-1.0, 1.0), (-2.0, -1.5), (1.5, 2.0)))
selu:       Op = Op("selu",       lambda x: where(step(x), SELU_RIGHT * x, SELU_LEFT * expm1(not_above_zero(x))),
                                  lambda x, z: (where(step(x), SELU_RIGHT, SELU_LEFT * exp(not_above_zero(x))),),
                    domain=RIGHT)
celu:       Op = Op("celu",       celu_of,                                          slopes_of_celu,
                    textbook=celu_textbook,
                    domain=LEFT + RIGHT, requires="alpha ≠ 0")
softsign:   Op = Op("softsign",   lambda x: finite(x) / (1 + abs(finite(x))),
                    lambda x, z: (square(1 / (1 + abs(finite(x)))),),
                    domain=RIGHT)
logsumexp:  Op = Op("logsumexp",  log_sum_exp,                                      lambda xs, z: tuple(shares(xs)),
                    variadic=True)
