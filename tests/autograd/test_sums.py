"""Sums: exact node by node, and within n·2⁻⁵²·Σ|aₖbₖ| of that in every engine.

The truth is computed in fractions, which know no rounding.
"""

from fractions import Fraction
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograd import Value, compile, dot, total
from autograd.program.engine_table import ENGINES

LENGTHS = (1, 2, 3, 8, 33)
NEEDS = {"native": "llvmlite", "jax": "jax", "numpy": "numpy"}
available = [name for name in ENGINES if find_spec(NEEDS.get(name, "math"))]

# No product of two of them is too small or too large for a float.
magnitudes = st.floats(1e-100, 1e100)
numbers = st.one_of(st.just(0.0), magnitudes, magnitudes.map(lambda x: -x), st.integers(-9, 9).map(float))


@st.composite
def summands(draw):
    """Numbers of all sizes, of which some cancel each other."""
    n = draw(st.sampled_from(LENGTHS))
    xs = draw(st.lists(numbers, min_size=n, max_size=n))
    for i in draw(st.lists(st.integers(0, n - 1), max_size=n // 2)):
        xs[i] = -xs[n - 1 - i]
    return xs


@cache
def program(engine, n, kind):
    if engine == "jax":
        # A process that has begun with 32 bits stays there.
        pytest.importorskip("jax").config.update("jax_enable_x64", True)
    xs, ys = [[Value(1.0) for _ in range(n)] for _ in range(2)]
    if kind == "total":
        return compile(total(xs), [xs], engine=engine)
    return compile(dot(xs, ys), [xs, ys], engine=engine)


def error_in_bound(found, terms):
    """Whether a computed sum is as near to the exact one as promised."""
    bound = len(terms) * Fraction(1, 2**52) * sum(map(abs, terms))
    return abs(Fraction(found) - sum(terms)) <= bound


@given(summands())
def test_node_by_node_a_sum_is_rounded_once(xs):
    exact = float(sum(map(Fraction, xs)))
    assert total(xs) == exact
    assert total([Value(x) for x in xs]).data == exact


@given(summands(), st.randoms(use_true_random=False))
def test_node_by_node_only_the_products_of_a_dot_are_rounded(xs, chance):
    ys = chance.sample(xs, len(xs))
    rounded = float(sum(Fraction(x * y) for x, y in zip(xs, ys, strict=True)))
    assert dot(xs, ys) == dot([Value(x) for x in xs], ys).data == rounded
    assert error_in_bound(rounded, [Fraction(x) * Fraction(y) for x, y in zip(xs, ys, strict=True)])


@pytest.mark.parametrize("engine", available)
@given(summands(), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_every_engine_keeps_the_bound(engine, xs, chance):
    ys = chance.sample(xs, len(xs))
    products = [Fraction(x) * Fraction(y) for x, y in zip(xs, ys, strict=True)]
    n = len(xs)
    assert error_in_bound(program(engine, n, "total")(xs), [*map(Fraction, xs)])
    assert error_in_bound(program(engine, n, "total").value_and_grad(xs)[0], [*map(Fraction, xs)])
    assert error_in_bound(program(engine, n, "dot")(xs, ys), products)
    # A batch is computed by other code: 9 samples, of which one is this.
    batch = [np.linspace(x, 1.0, 9) for x in xs]
    assert error_in_bound(program(engine, n, "dot")(batch, [np.full(9, y) for y in ys])[0], products)


@pytest.mark.parametrize("engine", available)
def test_what_the_bound_allows_is_seen_where_large_numbers_cancel(engine):
    """1e16 + 1 - 1e16 is 1, but the nearest floats of 1e16 + 1 are 1e16 and 1e16 + 2."""
    xs = [1e16, 1.0, -1e16]
    assert total(xs) == total([Value(x) for x in xs]).data == 1.0
    found = program(engine, 3, "total")(xs)
    assert abs(found - 1.0) <= 3 * 2**-52 * 2e16


def test_whole_numbers_are_summed_exactly_too():
    assert total([1e16, 1, -1e16]) == total([10**16, 1.0, -(10**16)]) == 1.0
    assert dot([1, 2.5, 3], [10**16, 2, -1]) == 1e16 + 2


@given(summands())
def test_the_order_of_a_sum_does_not_matter_node_by_node(xs):
    assume(len(xs) > 1)
    assert total(xs) == total(sorted(xs)) == total(xs[::-1])
