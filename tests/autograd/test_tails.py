"""Slopes in the tails and far out: no digit is lost where the true number is an ordinary float.

The true numbers were computed with mpmath at 60 digits and are written down here, so that these points are looked at
also where mpmath is not installed; `glassgrad ops --accuracy` (tests/autograd/accuracy) goes through whole grids.
"""

import pytest

from autograd import Value, compile, grad, jvp, ops

# The operation, x, its slope and its second derivative there.
TAILS = [
    ("tanh", 6.0, 2.4576547405332702e-05, -4.915249080027189e-05),
    ("tanh", -12.0, 1.510053817597626e-10, 3.0201076349672256e-10),
    ("tanh", 20.0, 1.6993417021166355e-17, -3.398683404233271e-17),
    ("tanh", -350.0, 3.943870617503908e-304, 7.887741235007817e-304),
    ("tanh", 1e-08, 0.9999999999999999, -1.9999999999999997e-08),
    ("tanh", 1e-200, 1.0, -2e-200),
    ("sigmoid", 20.0, 2.061153613941849e-09, -2.061153605445141e-09),
    ("sigmoid", 37.0, 8.533047625744065e-17, -8.533047625744063e-17),
    ("sigmoid", -37.0, 8.533047625744065e-17, 8.533047625744063e-17),
    ("sigmoid", 700.0, 9.85967654375977e-305, -9.85967654375977e-305),
    ("sigmoid", 1e-09, 0.25, -1.25e-10),
    ("expm1", -20.0, 2.061153622438558e-09, 2.061153622438558e-09),
    ("expm1", -40.0, 4.248354255291589e-18, 4.248354255291589e-18),
    ("expm1", -700.0, 9.85967654375977e-305, 9.85967654375977e-305),
    ("silu", -40.0, -1.6568581595637197e-16, -1.6143746170108038e-16),
    ("silu", 40.0, 1.0000000000000002, -1.6143746170108038e-16),
    ("silu", -700.0, -6.891913904088079e-302, -6.88205422754432e-302),
    ("gelu", -6.0, -7.709973930953696e-10, -6.824247274157189e-09),
    ("gelu", -8.0, -4.7147845041068414e-20, -7.0458213960972915e-19),
    ("gelu", -12.0, -5.290403352522559e-60, -1.7023793207351786e-58),
    ("atan", 300000.0, 1.1111111110987654e-11, -7.407407407242798e-17),
    ("atan", 1e+100, 1e-200, -2e-300),
    ("atan", -1e+150, 1e-300, 0.0),
    ("asinh", 1e+100, 1e-100, -1e-200),
    ("asinh", 1e-100, 1.0, -1e-100),
    ("acosh", 1.0000000001, 70710.67519157329, -353553346722409.06),
    ("acosh", 1e+150, 1e-150, -1e-300),
    ("atanh", 0.9999999999, 4999999586.54818, 4.999999172596393e+19),
    ("asin", -0.9999999999, 70710.67519510884, -353553346704731.44),
    ("erf", 5.0, 1.5670866531017336e-11, -1.5670866531017336e-10),
    ("erf", 26.0, 2.9470349932662697e-294, -1.53245819649846e-292),
]  # fmt: skip

# The operation, its inputs, and the slope by each of them.
FAR_OUT = [
    ("atan2", 1e-10, 1e-10, 5000000000.0, -5000000000.0),
    ("atan2", 1e-160, 1e-160, 5e+159, -5e+159),
    ("atan2", 1e-170, 1e-170, 5e+169, -5e+169),
    ("atan2", 3.0, 1e+155, 1e-155, -3e-310),
    ("atan2", 1e+160, 1e+160, 5e-161, -5e-161),
    ("atan2", 1e+200, 1e+200, 5e-201, -5e-201),
    ("atan2", 1e-200, 1e-200, 5e+199, -5e+199),
    ("hypot", 1e+200, 1e+200, 0.7071067811865476, 0.7071067811865476),
    ("hypot", 1e-200, 3e-200, 0.31622776601683794, 0.9486832980505138),
    ("hypot", 3.0, 1e+155, 3e-155, 1.0),
]  # fmt: skip


def few_ulps(number, name=""):
    """In gelu's tails an ulp of the exponent, which is a polynomial of x, is as many ulps as that is large."""
    return pytest.approx(number, rel=1e-13 if name == "gelu" else 2e-15, abs=0)


def backward(op, *numbers):
    inputs = [Value(number) for number in numbers]
    op(*inputs).backward()
    return [x.grad for x in inputs]


def slopes_in_every_mode(op, *numbers):
    """Backward, a gradient that is a graph, forward mode, and a program, one after the other."""
    count = range(len(numbers))
    inputs = [Value(number) for number in numbers]
    program = compile(op(*inputs), inputs, "python")
    yield backward(op, *numbers)
    yield [grad(op, i)(*numbers) for i in count]
    yield [jvp(op, numbers, tuple([float(i == k) for k in count]))[1] for i in count]
    yield list(program.value_and_grad(*numbers)[1])


@pytest.mark.parametrize(("name", "x", "slope", "second"), TAILS)
def test_a_slope_in_the_tails_in_every_mode(name, x, slope, second):
    op = ops.ALL[name]
    for found in slopes_in_every_mode(op, x):
        assert found == [few_ulps(slope, name)]
    assert grad(grad(op))(x) == pytest.approx(second, rel=1e-12, abs=0)


@pytest.mark.parametrize(("name", "x", "y", "by_x", "by_y"), FAR_OUT)
def test_a_slope_near_and_far_in_every_mode(name, x, y, by_x, by_y):
    for found in slopes_in_every_mode(ops.ALL[name], x, y):
        assert found == [few_ulps(by_x), few_ulps(by_y)]


@pytest.mark.parametrize(
    ("name", "slope"), [("atan", 0.0), ("erf", 0.0), ("gelu", 1.0), ("tanh", 0.0), ("silu", 1.0)]
)
def test_squares_that_are_too_large_for_a_float_are_no_error(name, slope):
    for found in slopes_in_every_mode(ops.ALL[name], 1e160):
        assert found == [pytest.approx(slope, rel=0, abs=2.3e-308)]
