"""A local derivative that is not defined matters only where somebody asked for it, however one differentiates."""

import math
import pickle

import pytest

import viz
from autograd import (
    DomainError,
    NumberOverflowError,
    Op,
    Value,
    atan2,
    compile,
    detect_anomaly,
    grad,
    gradient,
    hypot,
    ieee,
    jit,
    jvp,
    no_grad,
    ops,
    power,
    sqrt,
    trace,
    vjp,
)

# A function of one number and of a plain one that has no derivative there; the point; value and slope.
UNNEEDED = {
    "0 ** y": (lambda y: 0.0**y, 0.5, 0.0, 0.0),
    "power(0, y)": (lambda y: power(0, y), 0.25, 0.0, 0.0),
    "x / tiny": (lambda x: x / 1e-160, 1e100, 1e260, 1e160),
    "huge / y": (lambda x: (x / 1e-200 / 1e-100) * 1e-200, 1e-10, 1e90, 1e100),
    "(-2) ** 3": (lambda x: power(x, 3.0), -2.0, -8.0, 12.0),
    "twice": (lambda y: 0.0**y * 3 + y * y, 0.5, 0.25, 1.0),
}


def by_backward(f, x):
    v = Value(x)
    y = f(v)
    y.backward()
    return y.data, v.grad


def by_gradient(f, x):
    v = Value(x)
    y = f(v)
    return y.data, gradient(y, [v])[0].data


def inside_detect_anomaly(f, x):
    with detect_anomaly():
        return by_backward(f, x)


def by_compile(f, x):
    v = Value(x)
    value, [slope] = compile(f(v), [v], engine="python").value_and_grad(x)
    return value, slope


WAYS = {
    "backward": by_backward,
    "detect_anomaly": inside_detect_anomaly,
    "gradient": by_gradient,
    "grad": lambda f, x: (f(x), grad(f)(x)),
    "vjp": lambda f, x: (f(x), vjp(f, x)[1](1.0)[0]),
    "jvp": lambda f, x: jvp(f, (x,), (1.0,)),
    "nested": lambda f, x: jvp(lambda x: jvp(lambda y: f(y), (x,), (1.0,))[0], (x,), (1.0,)),
    "compile": by_compile,
    "jit": lambda f, x: jit(f, engine="python").value_and_grad(x),
    "jit in numpy": lambda f, x: jit(f, engine="numpy").value_and_grad(x),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", UNNEEDED)
def test_the_slope_in_a_plain_number_is_not_needed(way, name):
    f, x, value, slope = UNNEEDED[name]
    found = WAYS[way](f, x)
    assert found == pytest.approx((value, slope), rel=1e-14)


@pytest.mark.parametrize("name", UNNEEDED)
def test_that_is_what_pytorch_gives(name):
    torch = pytest.importorskip("torch", reason="PyTorch keeps no gradients of plain numbers either")
    f, x, value, slope = UNNEEDED[name]
    if name.startswith("power"):
        f = lambda y: 0.0**y  # noqa: E731
    elif name == "(-2) ** 3":
        f = lambda x: x**3.0  # noqa: E731
    tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = f(tensor)
    y.backward()
    assert (y.item(), tensor.grad.item()) == pytest.approx((value, slope), rel=1e-14)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x**0.5, 0.0),
        (sqrt, 0.0),
        (lambda x: hypot(x, 0.0), 0.0),
        (lambda x: atan2(0.0, x), 0.0),
        # 0 · ∞: for the square of a root the true slope is 1, for a root's third power it is 0.
        (lambda x: sqrt(x) * sqrt(x), 0.0),
        (lambda x: x * sqrt(x), 0.0),
        (lambda x: 1.0 / x * 1e-300, 1e-200),
    ],
)
def test_a_slope_that_is_needed_and_not_defined_is_an_error_however_one_asks(way, f, x):
    with pytest.raises((DomainError, NumberOverflowError)):
        WAYS[way](f, x)


def test_a_learners_own_leaf_is_always_asked_for():
    x, y = Value(0.0, "x"), Value(0.5, "y")
    z = x**y
    with pytest.raises(
        DomainError, match=r"(?s)the derivative of x \*\* y is not defined at x = 0\.0 \(x\).*Nothing"
    ):
        z.backward()
    assert (x.grad, y.grad) == (0, 0)
    # gradient() is asked for y alone.
    assert gradient(z, [y])[0].data == 0.0


def test_a_gradient_that_was_never_computed_is_drawn_as_a_question_mark():
    y = Value(0.5)
    z = 0.0**y
    z.backward()
    zero = z.inputs[0]
    assert (zero.grad, repr(zero)) == (0, "Value(data=0.0, grad=?)")
    # Where it is defined it is computed as ever: a picture shows it.
    product = 3.0 * y
    product.backward()
    assert product.inputs[0].grad == 0.5


def test_the_steps_and_the_explanation_go_on_too():
    y = Value(0.5, "y")
    z = 0.0**y + 3 * y
    steps = trace(z)
    z.backward()
    assert steps.gradients[steps.find(y)] == y.grad == 3.0
    [undefined] = [step for step in steps.backward if math.isnan(step.local)]
    assert (undefined.before, undefined.after) == (0.0, 0.0)
    assert viz.explain(z, "y").value == 3.0
    x = Value(0.0, "x")
    with pytest.raises(DomainError, match=r"x \*\* y is not defined at x = 0\.0 \(x\)"):
        list(trace(x**y).backward)


def test_a_constant_stays_one_in_copies():
    y = Value(0.5, "y")
    z = pickle.loads(pickle.dumps(0.0**y))
    z.backward()
    assert z.inputs[1].grad == 0.0


def test_gradients_add_up_and_upstream_gradients_are_multiplied_as_ever():
    y = Value(0.5)
    for _ in range(2):
        z = 0.0**y + 2 * y
        (z * z * 3).backward()
    assert y.grad == 2 * 3 * 2 * 1.0 * 2


def test_second_derivatives_where_the_first_ones_were_not_needed():
    assert grad(grad(lambda y: 0.0**y + y**3))(0.5) == 3.0
    assert grad(grad(lambda x: (x / 1e-160) * (x / 1e100)))(1e100) == pytest.approx(2e60, rel=1e-14)


def test_inside_ieee_it_is_infinite_or_nan_and_does_not_touch_the_others():
    with ieee():
        assert by_backward(lambda y: 0.0**y, 0.5) == (0.0, 0.0)
        assert by_backward(lambda x: x / 1e-160, 1e100) == (1e260, 1e160)


def test_in_no_grad_nothing_is_asked_for():
    with no_grad():
        assert (0.0 ** Value(0.5)).inputs == ()


@pytest.fixture
def scaled():
    """An operation of one's own whose slope by its second input does not exist at 0; it calls math's functions."""
    yield Op("scaled_by_root", lambda x, k: x * math.sqrt(k), lambda x, k, z: (k**0.5, x / (2 * k**0.5)))
    del ops.ALL["scaled_by_root"]


def test_an_operation_of_ones_own(scaled):
    assert by_backward(lambda x: scaled(x, 0.0), 3.0) == (0.0, 0.0)
    assert grad(lambda x: scaled(x, 0.0))(3.0) == 0.0
    with pytest.raises(DomainError, match="scaled_by_root"):
        by_backward(lambda k: scaled(3.0, k), 0.0)


# Functions with edges, kinks, constants and slopes that are infinite or 0.
PARTS = {
    "sqrt": sqrt,
    "log": ops.log,
    "|x|": abs,
    "step": ops.step,
    "x ** 2": lambda x: x**2,
    "x ** 0": lambda x: x**0,
    "x ** -1": lambda x: x**-1,
    "0 * x": lambda x: 0.0 * x,
    "0 ** x": lambda x: 0.0**x,
    "x * x": lambda x: x * x,
    "x - x": lambda x: x - x,
    "x / tiny": lambda x: x / 1e-160,
    "min(x, 1)": lambda x: ops.minimum(x, 1.0),
    "hypot(x, 0)": lambda x: hypot(x, 0.0),
    "x ** 0.0 as a power": lambda x: power(x, 0.0),
    "logsumexp(x, 0)": lambda x: ops.logsumexp([x, 0.0]),
}


@pytest.mark.parametrize("outer", PARTS)
@pytest.mark.parametrize("inner", PARTS)
def test_all_ways_agree_on_what_is_defined(outer, inner):
    def f(x):
        return PARTS[outer](PARTS[inner](x))

    for x in (0.0, 1.0, 1e160):
        found = {}
        for way in ("backward", "gradient", "grad", "jvp", "compile"):
            try:
                found[way] = grad(f)(x) if way == "grad" else WAYS[way](f, x)[1]
            except (DomainError, NumberOverflowError):
                found[way] = math.nan
        compiled = found.pop("compile")
        assert list(found.values()) == pytest.approx([found["backward"]] * 4, rel=1e-13, nan_ok=True), (x, found)
        # What a program multiplies by a constant 0 it leaves out, so that there is nothing undefined.
        assert compiled == pytest.approx(found["backward"], rel=1e-13, nan_ok=True) or compiled == 0.0


def test_a_constant_whose_gradient_alone_overflows():
    v = Value(1e200, "v")
    loss = (1e-100 * v) * 1e150
    loss.backward()
    assert v.grad == pytest.approx(1e50)
    found = {step.input_name: step.after for step in trace(loss).backward}
    assert found["v"] == pytest.approx(1e50)


def test_a_rule_that_takes_floats_only_fails_as_a_whole():
    half_open = Op("half_open_of_test", lambda x, y: x * y, lambda x, y, z: (math.log(x), math.sqrt(x)))
    try:
        with pytest.raises(DomainError, match="half_open_of_test"):
            half_open(-1.0, Value(2.0, "y")).backward()
    finally:
        del ops.ALL["half_open_of_test"]


@pytest.mark.parametrize(
    ("f", "point", "direction", "slope"),
    [
        (lambda x, y: x * sqrt(y), (3.0, 0.0), (1.0, 0), 0.0),
        (lambda x, y: x / y, (1.0, 1e-300), (1.0, 0.0), 1 / 1e-300),
        (lambda x, y: x + sqrt(ops.relu(y) * 2), (3.0, 0.0), (1.0, False), 1.0),
        (power, (0.0, 0.5), (0.0, 1.0), 0.0),
        (hypot, (0.0, 0.0), (0.0, 0.0), 0.0),
    ],
)
def test_in_the_direction_0_an_input_stands_still(f, point, direction, slope):
    """As reverse mode asks for no derivative by an input that is not among its argnums."""
    assert jvp(f, point, direction)[1] == slope
    assert jvp(lambda *xs: jvp(f, xs, direction)[0], point, direction)[1] == slope
    if any(direction):
        assert grad(f, list(map(bool, direction)).index(True))(*point) == slope


def test_a_direction_that_became_0_on_the_way_still_asks():
    for slope in (
        lambda: jvp(lambda x: sqrt(x.relu()), (-1.0,), (1.0,)),
        lambda: grad(lambda x: sqrt(x.relu()))(-1.0),
    ):
        with pytest.raises(ZeroDivisionError, match="is not defined at x = 0"):
            slope()
