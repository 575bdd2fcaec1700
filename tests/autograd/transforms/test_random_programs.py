"""Properties of all derivatives, on random programs from the whole table of operations.

What two ways compute may differ by their rounding errors, and a running error analysis says how large these can be
(``helpers/random_programs.py``): nothing here has a tolerance of its own.  In the end each property meets a rule that
is wrong, and must notice.
"""

from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, given, settings
from random_programs import (
    MIRRORED,
    TABLE,
    UNIT,
    Program,
    Step,
    along,
    axes,
    bounds,
    in_place_of,
    programs,
)

from autograd import Value, compile, grad, gradient, hessian, hvp, jvp, vjp

ENGINES = [
    name for name, needs in {"python": "math", "numpy": "numpy", "native": "llvmlite"}.items() if find_spec(needs)
]


def assert_near(found, expected, error):
    assert abs(found - expected) <= error, f"{found!r} is not {expected!r}: they may differ by {error:.1e}"


def errors_of_slopes(program):
    return [bounds(program, program.start, axis)[1] for axis in axes(len(program.start))]


def errors_of_hessian(program):
    """The bound is that of one order of the two differentiations, and of the other."""
    n = range(len(program.start))
    one_order = [[bounds(program, program.start, a, b)[1] for b in axes(len(n))] for a in axes(len(n))]
    return [[one_order[i][j] + one_order[j][i] for j in n] for i in n]


# --- the properties -----------------------------------------------------------------------------------------


def the_hessian_is_symmetric(program):
    found, errors = hessian(program)(*program.start), errors_of_hessian(program)
    for i, row in enumerate(found):
        for j, entry in enumerate(row):
            assert_near(entry, found[j][i], errors[i][j])


def the_modes_agree(program):
    """Reverse over reverse, forward over reverse, reverse over forward, forward over forward."""
    start, directions = program.start, axes(len(program.start))
    errors, expected = errors_of_hessian(program), hessian(program)(*start)
    for i, a in enumerate(directions):
        ways = {
            "forward over reverse": hvp(program, start, a),
            "reverse over forward": grad(along(program, a), range(len(start)))(*start),
            "forward over forward": [along(along(program, a), b)(*start) for b in directions],
        }
        for row in ways.values():
            for j, found in enumerate(row):
                assert_near(found, expected[j][i], errors[i][j])


def jvp_and_vjp_are_adjoint(program):
    """u·(J·v) is (uᵀ·J)·v."""
    start = program.start
    u = [(-0.75) ** k for k in range(len(program.steps))]
    v = [1.5, -0.5, 0.25][: len(start)]

    def f(*xs):
        return program.outputs(xs)

    def weighted(*xs):
        return sum((weight * y for weight, y in zip(u, f(*xs), strict=True)), 0.0)

    pushed = sum(weight * y for weight, y in zip(u, jvp(f, start, v)[1], strict=True))
    pulled = vjp(f, *start)[1](u)
    errors = [
        bounds(weighted, start, axis)[1] + len(start) * UNIT * abs(d)
        for axis, d in zip(axes(len(start)), pulled, strict=True)
    ]
    error = bounds(weighted, start, v)[1] + sum(abs(c) * e for c, e in zip(v, errors, strict=True))
    assert_near(pushed, sum(c * d for c, d in zip(v, pulled, strict=True)), error)


def it_is_the_slope_of_a_chord(program, h=2.0**-13):
    """(f(x + hv) - f(x - hv)) / 2h = f'·v + h²/6·f''' somewhere between."""
    start = program.start
    v = [1.0, -0.5, 0.25][: len(start)]
    ends = [[x + side * h * c for x, c in zip(start, v, strict=True)] for side in (1, -1)]
    above, below = [bounds(program, end) for end in ends]
    slope, error = bounds(program, start, v)
    third = max(abs(along(along(along(program, v), v), v)(*point)) for point in (*ends, start))
    chord = (above[0] - below[0]) / (2 * h)
    assert_near(along(program, v)(*start), slope, 2 * error)
    assert_near(slope, chord, error + h * h / 3 * third + (above[1] + below[1]) / (2 * h))


def it_is_what_mpmath_says(program):
    """The program once more with mpmath's functions, whose derivatives are written down apart from the table."""
    pytest.importorskip("mpmath", reason="the judge is an extra")
    from autograd.accuracy.jets import independent, mp
    from autograd.accuracy.truth import TRUTH

    with mp.workdps(50):
        jet = program(*independent(program.start), table=TRUTH)
        slopes = [float(slope.value) for slope in jet.slopes]
        second = [[float(entry.value) for entry in row] for row in jet.second]
    errors = errors_of_slopes(program)
    found = grad(program, range(len(slopes)))(*program.start)
    for i, slope in enumerate(slopes):
        assert_near(found[i], slope, errors[i])
    for row, expected, error in zip(
        hessian(program)(*program.start), second, errors_of_hessian(program), strict=True
    ):
        for trio in zip(row, expected, error, strict=True):
            assert_near(*trio)


def an_engine_computes_it(program, engine="python"):
    """The slopes, and the second derivatives as those of a compiled gradient."""
    inputs = [Value(x) for x in program.start]
    y = program(*inputs)
    y.backward()
    value, slopes = compile(y, inputs, engine=engine).value_and_grad(*program.start)
    assert_near(value, y.data, 2 * bounds(program, program.start)[1])
    for x, slope, error in zip(inputs, slopes, errors_of_slopes(program), strict=True):
        assert_near(slope, x.grad, 2 * error)
    slope = gradient(y, inputs)[0]
    _, row = compile(slope, inputs, engine=engine).value_and_grad(*program.start)
    for found, expected, error in zip(
        row, hessian(program)(*program.start)[0], errors_of_hessian(program)[0], strict=True
    ):
        assert_near(found, expected, error)


PROPERTIES = [
    the_hessian_is_symmetric, the_modes_agree, jvp_and_vjp_are_adjoint, it_is_the_slope_of_a_chord,
    it_is_what_mpmath_says, an_engine_computes_it,
]  # fmt: skip


# --- held against random programs ---------------------------------------------------------------------------


def examples(count):
    return settings(max_examples=count, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("holds", PROPERTIES[:-1], ids=lambda holds: holds.__name__)
@given(program=programs())
@examples(25)
def test_of_random_programs(holds, program):
    holds(program)


@pytest.mark.parametrize("engine", ENGINES)
@given(program=programs(count=4))
@examples(8)
def test_of_random_programs_on_an_engine(engine, program):
    an_engine_computes_it(program, engine)


@pytest.mark.parametrize("name", TABLE)
def test_every_row_in_a_program(name):
    """Its inputs are computed from all inputs of the program, and its result is used twice."""
    steps = (
        Step("dot", (0, 1, 2, 1)),
        Step(name, (0, 1, 2, 3), -1 if name in MIRRORED else 1),
        Step("multiply", (0, 1)),
    )
    program = Program(steps, (0.4, -0.9))
    for holds in PROPERTIES:
        if holds is not it_is_what_mpmath_says or find_spec("mpmath"):
            holds(program)


# --- held against rules that are wrong ----------------------------------------------------------------------


def constant(x):
    return x.detach() if hasattr(x, "detach") else x


WRONG = {
    # It treats a variable as a constant: right at order 1, and asymmetric at order 2.
    "half a product": ("multiply", lambda x, y, z: (constant(y), x)),
    # Its short way for floats is another one than its way for what records.
    "another way for floats": ("exp", lambda x, z: (z if type(z) is float else z * 1.000001,)),
    "half a slope": ("sin", lambda x, z: (0.5 * TABLE["cos"](x),)),
}


@pytest.mark.parametrize(
    ("holds", "wrong"),
    [
        (the_hessian_is_symmetric, "half a product"),
        (the_modes_agree, "half a product"),
        (it_is_what_mpmath_says, "half a product"),
        (jvp_and_vjp_are_adjoint, "another way for floats"),
        (an_engine_computes_it, "another way for floats"),
        (it_is_the_slope_of_a_chord, "half a slope"),
        (it_is_what_mpmath_says, "half a slope"),
    ],
)
def test_a_wrong_rule_is_noticed(holds, wrong):
    name, derivatives = WRONG[wrong]
    places = (0, 1) if name == "multiply" else (0,)
    program = Program((Step(name, places), Step("tanh", (0,))), (0.4, -0.9))
    holds(program)
    with in_place_of(name, derivatives), pytest.raises(AssertionError, match="they may differ by"):
        holds(program)
