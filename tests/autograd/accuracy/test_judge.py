"""What is held for the truth, against difference quotients in many digits and forms written another way."""

import math
import sys

import pytest

from autograd.accuracy.jets import SMALLEST, Jet, JudgeMissing, Outside, Term, context, judged, mp
from autograd.accuracy.sheets import operations
from autograd.accuracy.truth import TRUTH

mpmath = pytest.importorskip("mpmath", reason="the judge is an extra")


@pytest.fixture(autouse=True)
def many_digits():
    with mp.workdps(700):
        yield


def test_every_operation_has_a_truth_and_no_truth_is_left_over():
    assert set(operations()) == set(TRUTH)


def places(op):
    """The middle of its domain, and points far out in it."""
    domain = op.domain * 2 if op.variadic else op.domain
    middle = [low + (high - low) * (0.3 + 0.11 * i) for i, (low, high) in enumerate(domain)]
    signs = [math.copysign(1.0, x) for x in middle]
    return [middle, *[[s * size * (1 + i / 8) for i, s in enumerate(signs)] for size in (1e-30, 30.0, 1e100)]]


def near(x, y, digits=28):
    """Equal to so many digits, or both too small for a float; a difference of equal numbers leaves their rounding."""
    if abs(x) < SMALLEST:
        return abs(y) < (SMALLEST if x else mp.mpf("1e-250"))
    return abs(x - y) <= mp.mpf(10) ** -digits * abs(y)


@pytest.mark.parametrize("name", operations())
def test_derivatives_are_difference_quotients(name):
    """(f(x + h) - f(x - h)) / 2h and the like, with 700 digits and steps of 1e-60: right to about 60 digits."""
    compared = 0
    for point in places(operations()[name]):
        try:
            found = judged(TRUTH[name], point)
        except Outside:
            continue
        xs = [mp.mpf(x) for x in point]
        steps = [min(abs(x), 1) * mp.mpf(10) ** -60 for x in xs]

        def f(*by, xs=xs, steps=steps):
            return value_of(name, [x + k * h for x, k, h in zip(xs, by, steps, strict=True)])

        n = len(xs)
        unit = [[int(i == j) for j in range(n)] for i in range(n)]
        assert near(found.number, f(*[0] * n))
        for i in range(n):
            slope = (f(*unit[i]) - f(*[-k for k in unit[i]])) / (2 * steps[i])
            assert near(found.slopes[i].value, slope), (point, i)
            for j in range(n):
                by = [
                    [p * a + q * b for a, b in zip(unit[i], unit[j], strict=True)] for p in (1, -1) for q in (1, -1)
                ]
                quotient = (f(*by[0]) - f(*by[1]) - f(*by[2]) + f(*by[3])) / (4 * steps[i] * steps[j])
                assert near(found.second[i][j].value, quotient), (point, i, j)
        compared += 1
    assert compared


def value_of(name, xs):
    """The function alone, on numbers of mpmath that are no floats."""
    zeros = [Term(0, 0)] * len(xs)
    return TRUTH[name](*[Jet(Term(x, 0), zeros, [zeros] * len(xs)) for x in xs]).number


TAILS = [1e-300, 1e-20, 1e-8, 0.3, 1.0, 7.0, 19.5, 36.9, 100.0, 700.0]


def test_the_sigmoid_and_its_like_in_another_form():
    for x in [s * x for x in TAILS for s in (1, -1)]:
        half = mp.mpf(x) / 2
        bell = mp.sech(half) ** 2 / 4
        for name, forms in {
            "sigmoid": ((1 + mp.tanh(half)) / 2, bell, -bell * mp.tanh(half)),
            "softplus": (mp.log(2 * mp.cosh(half)) + half, (1 + mp.tanh(half)) / 2, bell),
            "tanh": (mp.tanh(x), mp.sech(x) ** 2, -2 * mp.tanh(x) * mp.sech(x) ** 2),
        }.items():
            found = judged(TRUTH[name], [x])
            assert all(map(near, (found.number, found.slopes[0].value, found.second[0][0].value), forms)), (name, x)


def test_gelu_with_tanh_as_it_was_published():
    for x in [s * x for x in (1e-300, 1e-9, 0.5, 3.0, 7.0, 15.0) for s in (1, -1)]:
        u = mp.sqrt(2 / mp.pi) * (mp.mpf(x) + mp.mpf("0.044715") * mp.mpf(x) ** 3)
        by = mp.sqrt(2 / mp.pi) * (1 + 3 * mp.mpf("0.044715") * mp.mpf(x) ** 2)
        found = judged(TRUTH["gelu"], [x])
        assert near(found.number, mp.mpf(x) / 2 * (1 + mp.tanh(u)))
        assert near(found.slopes[0].value, (1 + mp.tanh(u)) / 2 + mp.mpf(x) / 2 * mp.sech(u) ** 2 * by)


def test_a_zero_that_comes_of_cancelling_is_found_by_more_digits():
    # σ'' passes through 0 at 0: e⁻ˣ and 2e⁻²ˣ/(1 + e⁻ˣ) cancel in all the 300 digits in front of -x/8.
    assert judged(TRUTH["sigmoid"], [0.0]).second[0][0].value == 0
    assert near(judged(TRUTH["sigmoid"], [1e-300]).second[0][0].value, -mp.mpf(1e-300) / 8)


def test_there_is_no_truth_at_kinks_and_outside_of_domains():
    for name, point in [
        ("relu", [0.0]), ("abs", [0.0]), ("maximum", [2.0, 2.0]), ("floor", [3.0]), ("round", [-2.5]),
        ("log", [-1.0]), ("sqrt", [0.0]), ("divide", [1.0, 0.0]), ("mod", [1.0, 0.0]), ("mod", [3.0, 1.5]),
        ("power", [-1.0, 2.0]), ("hypot", [0.0, 0.0]), ("atan2", [0.0, 0.0]), ("unit", [0.0, 0.0]),
        ("power_by(-1.5)", [0.0]), ("acosh", [0.5]),
    ]:  # fmt: skip
        with pytest.raises(Outside):
            judged(TRUTH[name], point)


def test_without_mpmath_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpmath", None)
    monkeypatch.setitem(sys.modules, "mpmath.ctx_mp", None)
    context.cache_clear()
    with pytest.raises(JudgeMissing, match=r'pip install "glassgrad\[accuracy\]"'):
        judged(TRUTH["exp"], [1.0])
    monkeypatch.undo()
    context.cache_clear()


def test_nobody_elses_precision_changes():
    with mpmath.workdps(17):
        judged(TRUTH["sigmoid"], [1e-300])
        assert mpmath.mp.dps == 17
