"""no_grad, detach and nested derivatives mean on a tape, in every engine, what they mean node by node."""

import random

import pytest

import autograd
from autograd import grad, jit, jvp, no_grad, value_and_grad, vjp
from autograd.transforms.gradcheck import central_difference


def in_a_block(compute):
    with no_grad():
        return compute()


def by_detach(compute):
    return compute().detach()


def by_grad_in_a_block(compute):
    with no_grad():
        return grad(lambda s: s * compute())(1.0)


def by_jvp_in_a_block(compute):
    with no_grad():
        return jvp(lambda s: s * compute(), (1.0,), (1.0,))[1]


def by_vjp_in_a_block(compute):
    with no_grad():
        return vjp(lambda s: s * compute(), 1.0)[1](1.0)[0]


def inner_by_grad(one, other):
    return grad(lambda s: s * one * other + (s * one) ** 3)(0.5)


def inner_by_jvp(one, other):
    return jvp(lambda s: s * one * other + (s * one) ** 3, (0.5,), (1.0,))[1]


def inner_by_hand(one, other):
    return one * other + 0.75 * one * one * one


def random_function(seed):
    rng = random.Random(seed)
    names = ["add", "multiply", "tanh", "sin", "stop", "stop", "inner"]
    steps = [(rng.choice(names), rng.random(), rng.random()) for _ in range(8)]

    def f(x, y, stop, inner):
        known = [x, y, 0.5 * x * y]
        for name, i, j in steps:
            one, other = known[int(i * len(known))], known[int(j * len(known))]
            if name == "stop":
                known.append(stop(lambda one=one, other=other: one * other + one))
            elif name == "inner":
                known.append(inner(autograd.tanh(one), other))
            else:
                op = getattr(autograd, name)
                known.append(op(one, other) if op.arity == 2 else op(one))
        return sum(known[-4:]) + x * y

    return f


@pytest.mark.parametrize("engine", ["python", "numpy", "auto"])
@pytest.mark.parametrize("stop", [in_a_block, by_detach, by_grad_in_a_block, by_jvp_in_a_block, by_vjp_in_a_block])
@pytest.mark.parametrize("seed", range(6))
def test_recorded_functions_agree_with_central_differences_in_which_constants_are_held(seed, stop, engine):
    function, point = random_function(seed), (0.7, -0.4)
    inner = inner_by_grad if seed % 2 else inner_by_jvp
    numbers = []
    function(*point, lambda compute: numbers.append(compute()) or numbers[-1], inner_by_hand)

    def held(xs):
        left = iter(numbers)
        return function(*xs, lambda _: next(left), inner_by_hand)

    def f(x, y):
        return function(x, y, stop, inner)

    expected = [central_difference(held, point, i) for i in range(2)]
    program = jit(f, engine=engine)
    assert program(*point) == pytest.approx(held(point), rel=1e-13)
    ways = {
        "jit.value_and_grad": program.value_and_grad(*point)[1],
        "jit of grad": jit(grad(f, (0, 1)), engine=engine)(*point),
        "jit of value_and_grad": jit(lambda x, y: value_and_grad(f, (0, 1))(x, y)[1], engine=engine)(*point),
        "jit of jvp": [jit(lambda x, y, d=d: jvp(f, (x, y), d)[1], engine=engine)(*point)
                       for d in ((1.0, 0.0), (0.0, 1.0))],
        "grad of jit": grad(program, (0, 1))(*point),
        "jvp of jit": [jvp(program, point, d)[1] for d in ((1.0, 0.0), (0.0, 1.0))],
    }  # fmt: skip
    for name, found in ways.items():
        assert list(found) == pytest.approx(expected, abs=1e-9), name
