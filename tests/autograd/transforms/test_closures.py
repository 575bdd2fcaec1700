"""A function that uses Values which stand around it: its derivatives can be differentiated by them."""

import math

import pytest

import nn
from autograd import Value, grad, hessian, hvp, jacobian, jit, jvp, no_grad, value_and_grad, vjp
from autograd.core.operand import Operand
from autograd.program.recorder import Recorder
from autograd.transforms.nesting import Inside, closes_over
from autograd.value import Constant


def second_slope(w, x):
    """d/dw of d/dx tanh(w·x), in closed form: (1 - t²)·(1 - 2·w·x·t)."""
    t = math.tanh(w * x)
    return (1 - t * t) * (1 - 2 * w * x * t)


WAYS = {
    "grad": lambda f, x: grad(f)(x),
    "value_and_grad": lambda f, x: value_and_grad(f)(x)[1],
    "vjp": lambda f, x: vjp(f, x)[1](1.0)[0],
    "jvp": lambda f, x: jvp(f, (x,), (1.0,))[1],
    "jacobian": lambda f, x: jacobian(f)(x)[0][0],
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("w", "x"), [(0.5, 0.3), (2.0, -0.7), (0.0, 1.0)])
def test_a_slope_can_be_differentiated_by_what_is_around(way, w, x):
    around = Value(w, "w")
    slope = way(lambda s: (around * s).tanh(), x)
    assert slope.data == pytest.approx(w * (1 - math.tanh(w * x) ** 2), abs=1e-15)
    (3 * slope).backward()
    assert around.grad == pytest.approx(3 * second_slope(w, x), rel=1e-12)


def test_second_derivatives_too():
    w = Value(2.0, "w")
    (hessian(lambda s: w * s**3)(0.5)[0][0] + hvp(lambda s: w * s**3, (0.5,), (1.0,))[0]).backward()
    assert w.grad == pytest.approx(2 * 6 * 0.5)


def test_the_value_is_not_lost_either():
    w = Value(2.0, "w")
    value, slope = value_and_grad(lambda s: w * s)(3.0)
    (value + slope).backward()
    assert w.grad == 4.0
    result, _ = vjp(lambda s: [w * s, s], 3.0)
    result[0].backward()
    assert w.grad == 7.0
    jvp(lambda s: w * s, (3.0,), (1.0,))[0].backward()
    assert w.grad == 10.0


def test_what_is_made_inside_is_nobodys():
    def f(s):
        total = Value(0.0)
        for factor in (1.0, Value(2.0)):
            total = total + factor * s * s
        with no_grad():
            frozen = s * 2
        return total + frozen * s + s.detach() * Value(1.0, "one")

    for way in WAYS.values():
        assert isinstance(way(f, 0.5), float)
    assert isinstance(grad(lambda p: nn.mean_squared_error(p, 1.0))(3.0), float)


def test_constants_around_and_inside_no_grad():
    w = Value(2.0, "w")
    for f in (lambda s: w.data * s, lambda s: 2 * s, lambda s: w.detach() * s):
        assert isinstance(grad(f)(3.0), float)
    with no_grad():
        assert grad(lambda s: w * s)(3.0) == 2.0
        assert isinstance(grad(lambda s: w * s)(3.0), float)


@pytest.mark.parametrize("engine", ["auto", "python", "numpy"])
def test_a_network_with_a_jitted_part(engine):
    class Net(nn.Module):
        def __init__(self):
            self.w = nn.Parameter(0.5)
            self.part = jit(lambda t: self.w * t)

        def forward(self, x):
            return self.part(0.7) + x[0] * self.part.value_and_grad(0.2)[1]

    found = []
    for chosen in (engine, "eager"):
        model = Net()
        history = nn.fit(model, ([[0.5], [1.0]], [1.0, 2.0]), epochs=5, engine=chosen)
        found.append([*history.loss, model.w.data])
        assert nn.evaluate(model, ([[0.5]], [1.0]))["loss"] == pytest.approx((1.2 * model.w.data - 1) ** 2)
    assert found[0] == pytest.approx(found[1], rel=1e-10)
    # The model is w·(0.7 + x), and least squares through (1.2, 1) and (1.7, 2) are where it goes.
    assert abs(found[0][-1] - (1.2 * 1 + 1.7 * 2) / (1.2**2 + 1.7**2)) < 0.1


@pytest.mark.parametrize("engine", ["auto", "python", "numpy"])
def test_a_network_that_is_trained_by_its_slopes(engine):
    """A loss with the derivative of the network by its input, as differential equations are solved."""

    class Solution(nn.Module):
        def __init__(self):
            self.w, self.b = nn.Parameter(0.5), nn.Parameter(0.1)

        def at(self, t):
            return (self.w * t + self.b).tanh()

        def forward(self, x):
            return self.at(x[0]) + grad(self.at)(0.3) + jvp(self.at, (0.2,), (1.0,))[1]

    def run(engine):
        model = Solution()
        history = nn.fit(model, ([[0.5], [1.0], [-0.3]], [1.0, 2.0, -0.5]), epochs=5, engine=engine)
        return history.loss, [p.data for p in model.parameters()], history.engine

    losses, numbers, used = run(engine)
    expected_losses, expected, _ = run("eager")
    assert losses == pytest.approx(expected_losses, rel=1e-10)
    assert numbers == pytest.approx(expected, rel=1e-10)
    assert used != "eager"
    # By hand: the gradient of the first step by central differences.
    h = 1e-6

    def loss(w):
        def at(t):
            return math.tanh(w * t + 0.1)

        slope = sum(w * (1 - at(t) ** 2) for t in (0.3, 0.2))
        return (at(0.5) + slope - 1.0) ** 2

    moved = Solution()
    nn.fit(moved, ([[0.5]], [1.0]), epochs=1, engine=engine)
    assert moved.w.data == pytest.approx(0.5 - 0.1 * (loss(0.5 + h) - loss(0.5 - h)) / (2 * h), rel=1e-8)


def test_a_number_that_is_recorded_stands_for_whatever_it_will_be():
    assert closes_over([Recorder().input("x")], Inside([]))
    assert not closes_over([1.0, Constant(2.0)], Inside([]))
    with pytest.raises(NotImplementedError):
        Operand().detach()
