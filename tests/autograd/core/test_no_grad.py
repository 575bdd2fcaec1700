"""no_grad and detach mean the same for every kind of derivative, and modes stay where they were opened."""

import asyncio
import math
import random
from contextlib import ExitStack, contextmanager

import pytest

import autograd
from autograd import (
    DataError,
    Dual,
    GradientError,
    Value,
    check_gradient,
    detect_anomaly,
    grad,
    gradient,
    hessian,
    hvp,
    ieee,
    jacobian,
    jvp,
    no_grad,
    topological_order,
    value_and_grad,
    vjp,
)
from autograd.transforms.gradcheck import central_difference

# --- ways to make a constant of what is computed ----------------------------------------------------------


def in_a_block(compute):
    with no_grad():
        return compute()


def as_a_decorator(compute):
    return no_grad()(compute)()


def by_detach(compute):
    # Where neither argument is differentiated, what is computed is a float already.
    result = compute()
    return result if isinstance(result, float) else result.detach()


def by_grad_in_a_block(compute):
    with no_grad():
        return grad(lambda s: s * compute())(1.0)


def by_jvp_in_a_block(compute):
    with no_grad():
        return jvp(lambda s: s * compute(), (1.0,), (1.0,))[1]


def by_vjp_in_a_block(compute):
    with no_grad():
        result, pull_back = vjp(lambda s: s * compute(), 1.0)
        return 0.5 * (result + pull_back(1.0)[0])


def by_hvp_in_a_block(compute):
    with no_grad():
        return 0.5 * hvp(lambda s: s * s * compute(), (1.0,), (1.0,))[0]


def by_gradient_in_a_block(compute):
    with no_grad():
        return jacobian(lambda s: [s * compute(), s])(1.0)[0][0]


STOPS = [in_a_block, as_a_decorator, by_detach, by_grad_in_a_block, by_jvp_in_a_block, by_vjp_in_a_block,
         by_hvp_in_a_block, by_gradient_in_a_block]  # fmt: skip


# --- ways to differentiate --------------------------------------------------------------------------------


def by_backward(f, point):
    leaves = [Value(x) for x in point]
    f(*leaves).backward()
    return [leaf.grad for leaf in leaves]


def along(f, i):
    """The slope of f along its i-th argument by forward mode, as a function of the same arguments."""
    return lambda *xs: jvp(f, xs, tuple(float(j == i) for j in range(len(xs))))[1]


def slope(f, i):
    return lambda *xs: grad(f, i)(*xs)


FIRST = {
    "backward": by_backward,
    "grad": lambda f, xs: list(grad(f, range(len(xs)))(*xs)),
    "value_and_grad": lambda f, xs: list(value_and_grad(f, range(len(xs)))(*xs)[1]),
    "vjp": lambda f, xs: list(vjp(f, *xs)[1](1.0)),
    "jvp": lambda f, xs: [along(f, i)(*xs) for i in range(len(xs))],
    "jacobian": lambda f, xs: jacobian(f)(*xs)[0],
}
SECOND = {
    "hessian": lambda f, xs: hessian(f)(*xs),
    "hvp": lambda f, xs: [list(hvp(f, xs, [float(i == j) for j in range(len(xs))])) for i in range(len(xs))],
    **{
        f"{outer.__name__} of {inner.__name__}": lambda f, xs, outer=outer, inner=inner: [
            [outer(inner(f, i), j)(*xs) for j in range(len(xs))] for i in range(len(xs))
        ]
        for outer in (along, slope)
        for inner in (along, slope)
    },
}


def inner_by_grad(one, other):
    """d/ds (s·one·other + (s·one)³) at s = 1/2, of a function that closes over what is differentiated outside."""
    return grad(lambda s: s * one * other + (s * one) ** 3)(0.5)


def inner_by_jvp(one, other):
    return jvp(lambda s: s * one * other + (s * one) ** 3, (0.5,), (1.0,))[1]


def inner_by_hand(one, other):
    return one * other + 0.75 * one * one * one


def random_function(seed):
    """A function of two numbers; ``stop`` is called for what is a constant in it, ``inner`` for a derivative."""
    rng = random.Random(seed)
    names = ["add", "multiply", "tanh", "sin", "stop", "stop", "branch", "inner"]
    steps = [(rng.choice(names), rng.random(), rng.random()) for _ in range(9)]

    def f(x, y, stop, inner, library=autograd):
        known = [x, y, 0.5 * x * y]
        for name, i, j in steps:
            one, other = known[int(i * len(known))], known[int(j * len(known))]
            if name == "stop":
                known.append(stop(lambda one=one, other=other: one * other + one))
            elif name == "inner":
                known.append(inner(library.tanh(one), other))
            elif name == "branch":
                known.append(one * other if one > other + 0.01 else library.tanh(other) - one)
            else:
                op = getattr(library, name)
                known.append(op(one, other) if name in ("add", "multiply") else op(one))
        return sum(known[-4:]) + x * y

    return f


class Frozen:
    """The constants of a function as they are at one point: the first run notes them, later runs read them."""

    def __init__(self):
        self.numbers, self.noted, self.at = [], False, 0

    def __call__(self, compute):
        if not self.noted:
            self.numbers.append(compute())
        self.at += 1
        return self.numbers[(self.at - 1) % len(self.numbers)]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.__name__)
def test_all_derivatives_agree_with_central_differences_in_which_constants_are_held(seed, stop):
    function, point, frozen = random_function(seed), (0.7, -0.4), Frozen()
    inner = inner_by_grad if seed % 2 else inner_by_jvp

    def f(x, y):
        return function(x, y, stop, inner)

    def held(numbers):
        return function(*numbers, frozen, inner_by_hand)

    value = held(point)
    frozen.noted = True
    first = [central_difference(held, point, i) for i in range(2)]
    second = [[central_difference(lambda at, i=i: central_difference(held, at, i), point, j) for j in range(2)]
              for i in range(2)]  # fmt: skip
    assert value_and_grad(f)(*point)[0] == jvp(f, point, (1.0, 0.0))[0] == vjp(f, *point)[0]
    assert value_and_grad(f)(*point)[0] == pytest.approx(value, rel=1e-14)
    for name, how in FIRST.items():
        # Outside of every differentiation a derivative is a float, also one of a function that closes over Values.
        f_of_floats = (lambda x, y: function(x, y, stop, inner_by_hand)) if name == "backward" else f
        assert how(f_of_floats, point) == pytest.approx(first, abs=1e-9), name
    for name, how in SECOND.items():
        for row, expected in zip(how(f, point), second, strict=True):
            assert row == pytest.approx(expected, abs=1e-5), name
    with no_grad():
        for how in list(FIRST.values())[1:]:
            assert how(f, point) == pytest.approx(first, abs=1e-9)


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.__name__)
def test_a_bootstrapped_target(stop):
    # (w - c)² with c = w/2 held: 2 (w - w/2) = w, and the second derivative is 2.
    def f(w):
        return (w - stop(lambda: w * 0.5)) ** 2

    assert [how(f, (3.0,)) for how in FIRST.values()] == [[3.0]] * len(FIRST)
    assert [how(f, (3.0,)) for how in SECOND.values()] == [[[2.0]]] * len(SECOND)


@pytest.mark.parametrize("seed", range(12))
def test_pytorch_agrees_on_random_functions(seed):
    torch = pytest.importorskip("torch", reason="torch is the oracle here")
    function, point = random_function(seed), (0.7, -0.4)

    def stop(compute):
        with torch.no_grad():
            return compute()

    def inner(one, other):
        return torch.func.grad(lambda s: s * one * other + (s * one) ** 3)(torch.tensor(0.5, dtype=torch.float64))

    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
    result = function(*tensors, stop, inner, torch)
    expected = torch.autograd.grad(result, tensors, create_graph=True, materialize_grads=True)
    second = [torch.autograd.grad(slope, tensors, retain_graph=True, materialize_grads=True) for slope in expected
              if slope.requires_grad]  # fmt: skip

    def f(x, y):
        return function(x, y, in_a_block, inner_by_grad)

    for name, how in FIRST.items():
        if name != "backward":
            assert how(f, point) == pytest.approx([slope.item() for slope in expected], rel=1e-12, abs=1e-14)
    if len(second) == 2:
        for how in SECOND.values():
            for row, theirs in zip(how(f, point), second, strict=True):
                assert row == pytest.approx([slope.item() for slope in theirs], rel=1e-11, abs=1e-13)


def test_pytorch_agrees():
    torch = pytest.importorskip("torch", reason="torch is the oracle here")

    def ours(x):
        with no_grad():
            s = grad(lambda y: y**3 * x)(x)
            k = s * x
        return s * k * x * x

    def theirs(x):
        with torch.no_grad():
            s = torch.func.grad(lambda y: y**3 * x)(x)
            k = s * x
        return s * k * x * x

    x = torch.tensor(1.5, dtype=torch.float64)
    expected = torch.func.grad(theirs)(x).item()
    curvature = torch.func.grad(torch.func.grad(theirs))(x).item()
    for how in FIRST.values():
        assert how(ours, (1.5,)) == pytest.approx([expected], rel=1e-14)
    for how in SECOND.values():
        assert how(ours, (1.5,))[0] == pytest.approx([curvature], rel=1e-14)


# --- a differentiation inside a block is whole, and its results are constants outside ---------------------


def cube(x):
    return x * x * x


@pytest.mark.parametrize("kind", [float, Value])
def test_every_transformation_inside_no_grad(kind):
    with no_grad():
        x = kind(2.0)
        answers = [
            grad(cube)(x), grad(grad(cube))(x), *value_and_grad(cube)(x), *jvp(cube, (x,), (1.0,)),
            vjp(cube, x)[0], *vjp(cube, x)[1](1.0), hessian(cube)(x)[0][0], jacobian(cube)(x)[0][0],
            *hvp(cube, (x,), (1.0,)),
        ]  # fmt: skip
        assert check_gradient(cube, 2.0, order=2)
    if kind is float:
        assert all(type(y) is float for y in answers)
    numbers = [y.data if isinstance(y, Value) else y for y in answers]
    assert numbers == [12.0, 12.0, 8.0, 12.0, 8.0, 12.0, 8.0, 12.0, 12.0, 12.0, 12.0]
    assert all(y.inputs == () for y in answers if isinstance(y, Value))


def test_what_a_function_closes_over_is_cut_off_too():
    w = Value(3.0, "w")
    with no_grad():
        value, slope = value_and_grad(lambda x: w * x)(Value(2.0))
    assert (value.data, slope.data) == (6.0, 3.0)
    assert w not in topological_order(value) + topological_order(slope)


def test_gradient_of_a_graph_inside_no_grad():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    product = a * b
    with no_grad():
        [slope] = gradient(product, [a])
    assert slope.data == 3.0
    assert slope is not b


def test_backward_works_inside_no_grad():
    a = Value(2.0)
    square = a * a
    with no_grad():
        square.backward()
    assert a.grad == 4.0


# --- dual numbers -----------------------------------------------------------------------------------------


def test_a_dual_inside_no_grad_has_no_tangent():
    x = Dual(3.0, 1.0)
    with no_grad():
        y = x * x
    assert (y.primal, y.tangent) == (9.0, 0.0)
    assert (x * y).tangent == 9.0


def test_detach_of_a_dual_at_every_level():
    x = Dual(Dual(3.0, 1.0, 1), Dual(1.0, 0.0, 1), 2)
    detached = x.detach()
    assert (detached.data, detached.tangent, detached.primal.tangent) == (3.0, 0.0, 0.0)
    assert detached is not x
    with_a_value = Dual(Value(2.0), Value(1.0)).detach()
    assert (with_a_value.primal.data, with_a_value.primal.inputs, with_a_value.tangent) == (2.0, (), 0.0)


def test_a_dual_that_was_kept_is_a_constant():
    # ForwardDiff.jl, issue 443: a function that remembers its last result.
    def remembering(by):
        kept = [2.0]

        def f(y):
            kept.append(y * kept[-1])
            return kept[-1]

        return [by(f), by(f), by(f)], kept

    slopes, kept = remembering(lambda f: jvp(f, (1.5,), (1.0,))[1])
    assert slopes == [2.0, 3.0, 4.5] == remembering(lambda f: grad(f)(1.5))[0]
    assert type(kept[1]) is Dual
    assert kept[1] * 2 == 6.0
    assert jvp(lambda x: kept[1], (1.0,), (1.0,)) == (3.0, 0.0)
    assert grad(lambda x: x * kept[1])(1.0) == 3.0
    assert jvp(lambda x: x * x, (kept[1],), (1.0,)) == (9.0, 6.0)


def test_one_that_was_kept_inside_another_differentiation():
    # inner = x · s at s = 2 was kept; it is still a function of x when the inner differentiation is over.
    def outer(x):
        kept = []
        jvp(lambda s: kept.append(x * s) or s, (2.0,), (1.0,))
        return kept[0] * x

    assert along(outer, 0)(3.0) == grad(outer)(3.0) == 12.0
    assert [how(outer, (3.0,)) for how in SECOND.values()] == [[[4.0]]] * len(SECOND)


def test_levels_are_not_confused_by_detach():
    # d/dx (x · d/dy (detach(x) · y)) = d/dx (x · detach(x)) = x
    ways = [how for name, how in FIRST.items() if name != "backward"]

    def f(x):
        return x * jvp(lambda y: x.detach() * y, (1.0,), (1.0,))[1]

    assert [how(f, (3.0,)) for how in ways] == [[3.0]] * len(ways)

    # d/dx (x · d/dy (x · detach(y) + x · y)) = d/dx (x · x) = 2x
    def g(x):
        return x * jvp(lambda y: x * y.detach() + x * y, (1.0,), (1.0,))[1]

    assert [how(g, (3.0,)) for how in ways] == [[6.0]] * len(ways)


def test_a_dual_answers_as_a_value_does():
    x = Dual(Dual(0.5, 1.0, 1), 1.0, 2)
    assert f"{x:.3f}" == "0.500"
    assert f"{x}" == str(x)
    assert x.data == 0.5
    x.label = "x"
    assert (+x).label == "x"
    for lose in (math.sin, float, int, math.trunc, complex):
        with pytest.raises(DataError, match=r"(?s)Dual.*gradient would be lost.*\.data"):
            lose(x)
    for other in (1j, "1", [1.0], None):
        with pytest.raises(DataError, match="real number"):
            x * other
    with pytest.raises(TypeError, match="unsupported operand"):
        x + object()
    with pytest.raises(GradientError, match="jvp"):
        x.grad  # noqa: B018
    with pytest.raises(GradientError, match=r"autograd\.grad"):
        x.backward()


def test_numbers_given_to_jvp_are_checked_as_those_of_grad_are():
    assert jvp(lambda x: x * x, (3,), (1,)) == (9.0, 6.0)
    for x in (10**400, float("inf"), float("nan")):
        for f in (lambda x: jvp(cube, (x,), (1.0,)), lambda x: jvp(cube, (1.0,), (x,)), grad(cube)):
            with pytest.raises((DataError, autograd.DomainError)):
                f(x)
    with ieee():
        assert jvp(lambda x: 1 / x, (float("inf"),), (1.0,))[0] == 0.0


# --- modes stay where they were opened --------------------------------------------------------------------


@pytest.mark.parametrize("mode", [no_grad, ieee, detect_anomaly])
def test_blocks_may_be_closed_in_any_order(mode):
    def block():
        with mode():
            yield

    first, second = block(), block()
    next(first)
    next(second)
    first.close()
    assert mode.switch.get()
    second.close()
    assert not mode.switch.get()


def test_a_function_may_leave_a_generator_open():
    def open_block():
        with no_grad():
            yield 1.0

    kept = []

    def f(x):
        kept.append(open_block())
        next(kept[-1])
        return x * x

    assert grad(f)(3.0) == 0.0
    assert grad(cube)(1.0) == 3.0
    kept.pop().close()
    assert (Value(2.0) * 2).inputs


def test_a_block_of_ones_own():
    @contextmanager
    def evaluating():
        with no_grad():
            yield

    with evaluating():
        assert (Value(2.0) * 2).inputs == ()
    with ExitStack() as stack:
        stack.enter_context(no_grad())
        assert (Value(2.0) * 2).inputs == ()
    assert (Value(2.0) * 2).inputs


def test_no_grad_and_asyncio():
    a = Value(2.0)

    @no_grad()
    async def predict():
        await asyncio.sleep(0)
        return a * 2

    async def learn():
        await asyncio.sleep(0)
        return a * 3

    async def both():
        return await asyncio.gather(predict(), learn(), predict(), learn())

    results = asyncio.run(both())
    assert [bool(y.inputs) for y in results] == [False, True, False, True]


def test_a_generator_cannot_be_decorated():
    with pytest.raises(TypeError, match=r"generator predictions.*with no_grad\(\):"):

        @no_grad()
        def predictions():
            yield 1.0

    with pytest.raises(TypeError, match="generator"):

        @ieee()
        async def more():
            yield 1.0
