"""Functions that become programs: what they take and give, and how they meet everything else."""

import copy
import dataclasses
import gc
import math
import pickle
import re
import threading
import weakref
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

import nn
from autograd import (
    AutogradError,
    DomainError,
    GradientError,
    Op,
    Value,
    exp,
    grad,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    log,
    no_grad,
    ops,
    tanh,
    total,
    value_and_grad,
    vjp,
)
from autograd.program.jitting import MOST_PROGRAMS
from autograd.program.tape import TapeError

Point = namedtuple("Point", "a b")


@pytest.fixture
def cube():
    return jit(lambda x: x * x * x, engine="python")


def test_flags_and_texts_belong_to_the_program():
    @jit(engine="python")
    def f(x, how, twice=False, nothing=None):
        y = exp(x) if how == "exp" else log(x)
        return 2 * y if twice else y

    assert f(1.0, "exp") == ops.exp(1.0)
    assert f(2.0, "log", True) == 2 * ops.log(2.0)
    assert f(2.0, "log", twice=True, nothing=None) == 2 * ops.log(2.0)
    assert len(f.programs) == 3
    assert f.value_and_grad(2.0, "log", False)[1] == (0.5, None, None)
    with pytest.raises(DomainError):
        f(-1.0, "log")


def test_arguments_by_name():
    f = jit(lambda x, scale: x * scale["by"], engine="python")
    assert f(3.0, scale={"by": 4.0}) == 12.0
    assert f.value_and_grad(3.0, scale={"by": 4.0}) == (12.0, (4.0, {"scale": {"by": 3.0}}))
    assert f.program_for(3.0, scale={"by": 4.0}).inputs == ("x", "scale1")


def test_structures_come_and_go():
    f = jit(lambda p: {"sum": p.a + p.b, "both": [p.b, (p.a, 1)]}, engine="python")
    assert f(Point(2.0, 3.0)) == {"sum": 5.0, "both": [3.0, (2.0, 1.0)]}
    found = f(Point(np.array([1.0, 2.0]), 3.0))
    assert found["sum"].tolist() == [4.0, 5.0]
    product = jit(lambda p: p.a * p.b, engine="python")
    assert product.value_and_grad(Point(2.0, 3.0)) == (6.0, Point(3.0, 2.0))
    with pytest.raises(TapeError, match="but got 1j"):
        f(1j)


def test_a_method():
    class Line(nn.Module):
        def __init__(self):
            self.slope = nn.Parameter(2.0)

        @jit(engine="python")
        def at(self, x):
            return self.slope * x

    line = Line()
    assert line.at(3.0) == 6.0
    line.slope.data = 5.0
    assert line.at(3.0) == 15.0
    assert Line.at.value_and_grad(line, 3.0) == (15.0, ([3.0], 5.0))
    assert len(Line.at.programs) == 1


def test_with_values_it_is_the_function_itself(cube):
    x = Value(2.0, "x")
    y = cube(x)
    y.backward()
    assert (y.data, x.grad) == (8.0, 12.0)
    assert cube.programs == {}


def test_derivatives_through_it(cube):
    assert grad(cube)(2.0) == 12.0
    assert grad(grad(cube))(2.0) == 12.0
    assert jvp(cube, (2.0,), (1.0,)) == (8.0, 12.0)


def test_derivatives_inside_of_it():
    f = jit(lambda x: grad(lambda t: t * t * t)(x), engine="python")
    assert (f(2.0), f.value_and_grad(2.0)) == (12.0, (12.0, 12.0))
    assert jit(grad(grad(ops.tanh)), engine="python")(0.5) == pytest.approx(grad(grad(ops.tanh))(0.5), rel=1e-14)
    assert jit(lambda x: jvp(ops.sin, (x,), (1.0,))[1], engine="python")(0.5) == ops.cos(0.5)
    both = jit(lambda x, y: grad(lambda a, b: a * a * b, (0, 1))(x, y), engine="python")
    assert both(3.0, 5.0) == (30.0, 9.0)
    # What does not depend on the traced number, and what depends on it in part only.
    assert jit(lambda x: grad(lambda t: t * x)(3.0), engine="python")(2.0) == 2.0
    assert jit(lambda x: value_and_grad(lambda t: Value(7.0))(x)[1] + x, engine="python")(2.0) == 2.0
    assert jit(lambda x: value_and_grad(lambda t: 7.0)(x)[1] + x, engine="python")(2.0) == 2.0


def test_one_inside_another(cube):
    outer = jit(lambda x: cube(x) + cube(2.0), engine="python")
    assert outer(1.0) == 9.0
    assert outer.value_and_grad(1.0) == (9.0, 3.0)
    assert (len(outer.programs), len(cube.programs)) == (1, 0), "a part of the outer one"

    @jit(engine="python")
    def power(x, n):
        return power(x, n[1:]) * x if n else 1.0

    assert power(3.0, [0.0] * 4) == 81.0


def test_parameters_cannot_steer_it():
    model = nn.MLP(1, [1], activation="identity", seed=1)
    [weight, _] = model.parameters()

    def gated(model, x):
        return model(x) if weight > 0 else model(x) * 2

    with pytest.raises(TapeError, match="a comparison was asked of w1"):
        jit(gated)(model, [1.0])
    with pytest.raises(TapeError, match=r"\.data was asked of w1"):
        jit(lambda model, x: model(x) * weight.data)(model, [1.0])
    assert type(weight) is nn.Parameter


GLOBAL = Value(2.0, "GLOBAL")


class Around:
    """A Value that no argument has, in each place where a function may find one."""

    def __init__(self):
        self.attribute = Value(2.0, "attribute")

    def everywhere(self):
        closure = Value(2.0, "closure")
        computed = Value(1.0, "leaf") * 2
        return {
            "closure": (closure, lambda: closure),
            "global": (GLOBAL, lambda: GLOBAL),
            "attribute": (self.attribute, lambda: self.attribute),
            "in a list": (closure, lambda: [closure][0]),
            "computed": (computed, lambda: computed),
        }


def swallowing(question, error):
    def ask(w):
        try:
            return question(w)
        except error:
            return 7.0

    return ask


@pytest.mark.parametrize("place", Around().everywhere())
@pytest.mark.parametrize(
    "question",
    [
        lambda w: 1.0 if w > 0 else -1.0,
        lambda w: max(w, 1.0),
        lambda w: 1.0 if w == 2.0 else -1.0,
        lambda w: w.data,
        lambda w: getattr(w, "data", w),
        lambda w: w.grad,
        lambda w: float(f"{w:.3f}"),
        lambda w: len(str(w)),
        lambda w: copy.copy(w),
        lambda w: 1.0 if w * 2 > 0 else -1.0,
        lambda w: {2.0: 1.0}.get(w.detach(), 0.0),
    ],
)
def test_no_number_around_a_function_is_frozen_in_it(question, place):
    """Its number may be another one at the next call."""
    w, find = Around().everywhere()[place]
    for ask in (question, swallowing(question, TapeError), swallowing(question, BaseException)):
        for _ in range(2):
            with pytest.raises(TapeError, match=rf"asked of ({w.label or 'a Value'}|a result|a number)"):
                jit(lambda x, ask=ask: x * ask(find()), engine="python")(3.0)
    assert (w.data, type(w)) == (2.0, Value)


@pytest.mark.parametrize(
    "question",
    [
        lambda x: 1.0 if x else 2.0,
        lambda x: x or 1.0,
        lambda x: 1.0 if x == 3.0 else 2.0,
        lambda x: len({x, 3.0}),
        lambda x: len(f"{x}"),
        lambda x: getattr(x, "data", 1.0),
        lambda x: math.trunc(x),
        lambda x: x.is_integer(),
    ],
)
def test_a_swallowed_question_is_an_error_all_the_same(question):
    for ask in (question, swallowing(question, TapeError), swallowing(question, Exception)):
        with pytest.raises(TapeError, match="was asked of x"):
            jit(lambda x, ask=ask: x * ask(x), engine="python")(3.0)
        # Also inside of what is differentiated, or traced, inside.
        with pytest.raises(TapeError, match="was asked of"):
            jit(lambda x, ask=ask: grad(lambda t: t * ask(t))(x), engine="python")(3.0)
        with pytest.raises(TapeError, match="was asked of"):
            jit(lambda x, ask=ask: jit(lambda t: t * ask(t))(x), engine="python")(3.0)


# what is not differentiated


def held(x, how):
    """x as a constant to derivatives."""
    if how == "detach":
        return x.detach() if hasattr(x, "detach") else x
    with no_grad():
        return x * 1.0


@pytest.mark.parametrize("how", ["detach", "no_grad"])
def test_no_grad_and_detach_of_arguments_parameters_and_values_around(how):
    """k·x + x with k = x, w, v held: the derivative is k + 1 by x, and 0 by what is held alone."""
    w, v = nn.Parameter(3.0, "w"), Value(3.0, "v")

    class Holder:
        def parameters(self):
            return [w]

    f = jit(lambda x: held(x, how) * x + x, engine="python")
    assert f.value_and_grad(3.0) == (12.0, 4.0)
    assert f.value_and_grad(2.0) == (6.0, 3.0)
    g = jit(lambda holder, x: held(w, how) * x + w * x, engine="python")
    h = jit(lambda x: held(v, how) * x + x, engine="python")
    assert g.value_and_grad(Holder(), 2.0) == (12.0, ([2.0], 6.0))
    assert h.value_and_grad(2.0) == (8.0, 4.0)
    w.data = v.data = 5.0
    assert h.value_and_grad(2.0) == (12.0, 6.0)
    assert jit(lambda x: grad(lambda t: held(t, how) * t)(x), engine="python").value_and_grad(3.0) == (3.0, 0.0)


def test_a_program_in_which_something_is_held_is_not_run_on_values():
    """Its steps are x·x: nothing in them says that one of the two was held."""
    f = jit(lambda x: x.detach() * x, engine="python")
    program = f.program_for(2.0)
    assert program.value_and_grad(3.0) == (9.0, [3.0])
    for again in (program, pickle.loads(pickle.dumps(program))):
        for ask in (lambda p: p(Value(3.0)), lambda p: grad(p)(3.0), lambda p: jvp(p, (3.0,), (1.0,))):
            with pytest.raises(TapeError, match=r"detach\(\) or no_grad\(\) held parts of it fixed"):
                ask(again)
    assert grad(f)(3.0) == 3.0
    assert grad(lambda x: f.value_and_grad(x)[1])(3.0) == 0.0


# a program that closes over a Value


def same_as_the_function_itself(transform):
    """The transformation of a jitted function, and of the function itself."""

    def body(w, x):
        return w * w * x + tanh(w * x)

    def value_of(w, wrap):
        return transform(lambda v: wrap(lambda x: body(v, x))(3.0), w)

    # A Value from further out, where the inner function has none of its own.
    def through(w, wrap):
        return transform(lambda v: wrap(lambda x: wrap(lambda y: body(v, y))(x))(3.0), w)

    for w in (0.5, -0.25):
        for make in (value_of, through):
            yield make(w, lambda f: jit(f, engine="python")), make(w, lambda f: f)


@pytest.mark.parametrize(
    "transform",
    [
        lambda f, w: grad(f)(w),
        lambda f, w: value_and_grad(f)(w),
        lambda f, w: grad(grad(f))(w),
        lambda f, w: grad(grad(grad(f)))(w),
        lambda f, w: vjp(f, w)[1](1.0)[0],
        lambda f, w: jvp(f, (w,), (1.0,)),
        lambda f, w: jvp(grad(f), (w,), (1.0,)),
        lambda f, w: grad(lambda u: jvp(f, (u,), (1.0,))[1])(w),
        lambda f, w: jacobian(f)(w),
        lambda f, w: hessian(f)(w),
        lambda f, w: hvp(f, (w,), (1.0,)),
        lambda f, w: jit(f, engine="python")(w),
        lambda f, w: jit(f, engine="python").value_and_grad(w),
        lambda f, w: jit(grad(f), engine="python")(w),
        lambda f, w: jit(grad(f), engine="python").value_and_grad(w),
        lambda f, w: grad(jit(f, engine="python"))(w),
    ],
)
def test_a_jitted_function_that_closes_over_a_value_loses_nothing(transform):
    for jitted, plain in same_as_the_function_itself(transform):
        assert np.allclose(jitted, plain, rtol=1e-14, atol=1e-15)
        assert np.any(np.array(plain) != 0.0)


def test_with_values_as_arguments_those_around_have_their_gradients_too():
    w, x = Value(2.0, "w"), Value(3.0, "x")
    jit(lambda x: w * w * x)(x).backward()
    assert (w.grad, x.grad) == (12.0, 4.0)


def test_value_and_grad_of_a_jitted_function_inside_of_others():
    """d/dw of d/dx w·x² = 2x, for a number, a list and parameters."""

    def slope(w):
        _, (by_x, by_scale) = jit(lambda x, s: w * x[0] * x[0] * s["s"]).value_and_grad([3.0], {"s": 1.0})
        return by_x[0] + 0.0 * by_scale["s"]

    assert grad(slope)(2.0) == 6.0
    assert jvp(slope, (2.0,), (1.0,)) == (12.0, 6.0)
    assert jit(slope, engine="python").value_and_grad(2.0) == (12.0, 6.0)
    scale = Scale(3.0)
    assert grad(lambda w: Scale.times.value_and_grad(scale, 2.0 * w)[1][0][0])(5.0) == 2.0
    assert grad(lambda w: scale.times.value_and_grad(w)[1][1] * w)(5.0) == 3.0
    with pytest.raises(GradientError, match="one number as its result"):
        grad(lambda w: jit(lambda x: [w, x]).value_and_grad(1.0)[0])(2.0)


# what is kept, and for how long


def test_a_jitted_function_keeps_no_model_alive():
    f = jit(lambda model, x: model(x), engine="python")
    model = nn.MLP(1, [1], activation="tanh", seed=1)
    f(model, [1.0])
    alive = weakref.ref(model), weakref.ref(model.parameters()[0])
    assert len(f.programs) == 1
    del model
    gc.collect()
    assert [x() for x in alive] == [None, None]
    assert f.programs == {}


def test_another_model_in_the_place_of_one_that_is_gone():
    """As when a notebook's cell is run once more: the program of the old one is gone with it."""
    holder = {}
    f = jit(lambda x: holder["model"](x), engine="python")
    for seed in range(5):
        holder["model"] = nn.MLP(1, [1], activation="tanh", seed=seed)
        gc.collect()
        assert f([0.5]) == pytest.approx(holder["model"]([0.5]).data, rel=1e-15)
        assert len(f.programs) == 1


def test_a_value_around_that_is_gone_is_looked_for_again():
    holder = {"w": Value(2.0, "w")}
    f = jit(lambda x: holder["w"] * x, engine="python")
    assert f(3.0) == 6.0
    holder["w"] = Value(5.0, "w")
    assert f(3.0) == 15.0
    holder["w"].data = 7.0
    assert f.value_and_grad(3.0) == (21.0, 7.0)


def test_a_value_that_goes_in_the_middle_of_a_call_is_looked_for_again():
    holder = {"w": Value(2.0, "w")}
    f = jit(lambda x: holder["w"] * x, engine="python")
    assert f(3.0) == 6.0
    # Another thread may let it go after the program was found: the program is found once more.
    [(key, traced)] = f.programs.items()
    f.programs[key] = dataclasses.replace(traced, around=[weakref.ref(Value(1.0))])
    assert f(3.0) == 6.0


def test_values_that_the_function_makes_for_itself_are_constants():
    f = jit(lambda x: Value(2.0) * x + total([Value(0.5), x]), engine="python")
    assert [f(3.0), f(4.0)] == [9.5, 12.5]
    assert len(f.programs) == 1
    f = jit(lambda x: [Value(2.0), {"x": Value(3.0) * x}], engine="python")
    assert [f(1.0), f(2.0)] == [[2.0, {"x": 3.0}], [2.0, {"x": 6.0}]]
    assert jit(lambda x: Value(2.0), engine="python").value_and_grad(1.0) == (2.0, 0.0)
    f = jit(lambda xs: total([xs.append(Value(2.0)), *xs][1:]), engine="python")
    given = [1.0, 5.0]
    assert [f(given), f([2.0, 5.0]), given] == [8.0, 9.0, [1.0, 5.0]]
    kept = []

    def keeping(x):
        kept.append(Value(2.0))
        return kept[0] * x

    g = jit(keeping, engine="python")
    assert g(3.0) == 6.0
    kept[0].data = 5.0
    assert (g(3.0), len(kept)) == (15.0, 1)


def test_an_object_without_weak_references_is_kept():
    class Slotted:
        __slots__ = ("w",)

        def __init__(self, w):
            self.w = Value(w, "w")

        def parameters(self):
            return [self.w]

    f = jit(lambda model, x: model.w * x, engine="python")
    assert [f(Slotted(float(k)), 2.0) for k in range(MOST_PROGRAMS + 5)] == [
        2.0 * k for k in range(MOST_PROGRAMS + 5)
    ]
    assert len(f.programs) <= MOST_PROGRAMS


def test_what_is_computed_from_parameters_alone():
    model = nn.MLP(1, [1], activation="tanh", seed=1)
    f = jit(lambda model: nn.l2_penalty(model, 0.5), engine="python")
    for parameter in model.parameters():
        parameter.data = 3.0
    assert f.value_and_grad(model) == (nn.l2_penalty(model, 0.5).data, [3.0, 3.0])


def test_a_parameter_that_comes_twice():
    w = nn.Parameter(3.0, "w")

    class Holder:
        def parameters(self):
            return [w]

    f = jit(lambda one, other, x: w * w * x, engine="python")
    assert f(Holder(), Holder(), 2.0) == 18.0
    assert f.value_and_grad(Holder(), Holder(), 2.0) == (18.0, ([12.0], [12.0], 9.0))


def test_a_neuron_is_named_on_the_tape():
    model = nn.MLP(2, [1, 1], activation="tanh", seed=1)
    listing = str(jit(lambda model, x: model(x)).program_for(model, [1.0, 2.0]))
    assert [line.split("# ")[1] for line in listing.splitlines() if "#" in line] == ["h1", "o1"]


def test_old_programs_give_way():
    f = jit(lambda xs: xs[0], engine="python")
    for n in range(1, MOST_PROGRAMS + 3):
        assert f([float(n)] * n) == n
    assert len(f.programs) == MOST_PROGRAMS
    assert f([7.0]) == 7.0


def test_several_threads_trace_at_once():
    model = nn.MLP(2, [4, 1], activation="tanh", seed=1)
    f = jit(lambda model, x: model(x), engine="python")
    expected = model([0.5, -1.0]).data
    found = []
    threads = [threading.Thread(target=lambda: found.append(f(model, [0.5, -1.0]))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == pytest.approx([expected] * 6, rel=1e-14)
    assert len(f.programs) == 1
    assert {type(p) for p in model.parameters()} == {nn.Parameter}


def test_an_operation_that_branches_on_a_constant():
    """A constant operand has a number, also on a tape: in the forward as in the rule."""
    leak = Op(
        "leak_for_jit",
        lambda x, slope: ops.maximum(x, 0.0) + (slope if slope > 0 else 0.0) * ops.minimum(x, 0.0),
        lambda x, slope, z: (ops.step(x) + (float(slope) if slope > 0 else 0.0) * (1 - ops.step(x)), 0.0),
    )
    f = jit(lambda x: leak(x, 0.5), engine="python")
    assert f.value_and_grad(-2.0) == (-1.0, 0.5)
    assert f.value_and_grad(3.0) == (3.0, 1.0)


@pytest.mark.parametrize("atom", ["lambda", "run", "t3", "x0", "float", "odd name"])
def test_an_atom_may_have_any_name(atom):
    own = Op(f"own_{atom}_for_jit", lambda x: x + 1, lambda x, z: (1.0,), atom=atom)
    try:
        assert jit(lambda x: own(x) * 2, engine="python").value_and_grad(1.0) == (4.0, 2.0)
        assert jit(lambda x: own(x) * 2, engine="numpy")(np.array([1.0, 2.0])).tolist() == [4.0, 6.0]
    finally:
        del ops.ALL[own.name]


# what stands around a function


def test_values_around_it_count_with_their_present_numbers():
    w = Value(2.0, "w")
    squared = w * w
    f = jit(lambda x: x * w + squared)
    assert f(3.0) == 10.0
    w.data = -1.0
    assert f(3.0) == -2.0
    assert f(np.array([1.0, 2.0])).tolist() == [0.0, -1.0]
    assert f.value_and_grad(3.0) == (-2.0, -1.0)
    assert len(f.programs) == 1
    # Somebody who differentiates through the call meets w as well.
    _, slope = f.value_and_grad(Value(3.0, "x"))
    slope.backward()
    assert w.grad == 1.0


def test_a_network_itself():
    model = nn.MLP(2, [2, 1], activation="tanh", seed=1)
    for f in (jit(model), jit(lambda x: model(x))):
        before = f([1.0, 2.0])
        assert before == pytest.approx(model([1.0, 2.0]).data, rel=1e-14)
        for p in model.parameters():
            p.data += 0.1
        assert f([1.0, 2.0]) != before
        assert f([1.0, 2.0]) == pytest.approx(model([1.0, 2.0]).data, rel=1e-14)


def test_a_parameter_that_is_a_whole_number():
    model = nn.MLP(1, [1], activation="identity", seed=1)
    for p in model.parameters():
        p.data = 3
    f = jit(lambda m, x: m(x))
    assert f(model, [2.0]) == 9.0
    assert f.value_and_grad(model, [2.0])[1] == ([2.0, 1.0], [3.0])


def test_no_gradient_is_lost(cube):
    assert grad(lambda x: cube.value_and_grad(x)[1])(2.0) == 12.0
    assert hessian(cube)(2.0) == [[12.0]]
    program = cube.program_for(2.0)
    assert grad(program)(2.0) == 12.0
    assert grad(grad(program))(2.0) == 12.0
    assert grad(lambda x: program.value_and_grad(x)[1][0])(2.0) == 12.0
    assert jvp(program, (2.0,), (1.0,)) == (8.0, 12.0)
    assert jit(lambda x: program(x) + program.value_and_grad(x)[1][0])(2.0) == 20.0
    x = Value(2.0, "x")
    y = program(x)
    y.backward()
    assert (y.data, x.grad) == (8.0, 12.0)


def test_a_list_of_values_in_a_program():
    from autograd import compile

    w, x = [Value(0.0), Value(0.0)], [Value(0.0), Value(0.0)]
    program = compile(ops.inner_product(*w, *x), [w, x])
    given = [Value(2.0), 3.0]
    y = program(given, np.array([5.0, 7.0]))
    y.backward()
    assert (y.data, given[0].grad) == (31.0, 5.0)
    _, (by_w, by_x) = program.value_and_grad(given, np.array([5.0, 7.0]))
    assert [getattr(slope, "data", slope) for slope in (*by_w, *by_x)] == [5.0, 7.0, 2.0, 3.0]
    with pytest.raises(TypeError, match="on Values or on a batch"):
        program(given, np.zeros((2, 3)))


# how it is written down


class Scale:
    def __init__(self, k):
        self.k = Value(k, "k")

    def parameters(self):
        return [self.k]

    @jit(engine="python")
    def times(self, x):
        """k·x"""
        return self.k * x


def test_all_of_it_as_a_method():
    scale = Scale(3.0)
    assert scale.times(2.0) == 6.0
    assert scale.times.value_and_grad(2.0) == (6.0, ([2.0], 3.0))
    assert scale.times.program_for(2.0).inputs == ("k", "x")
    assert scale.times.__doc__ == "k·x"


@jit
def doubled(x):
    return 2 * x


def test_it_is_pickled_by_its_name():
    assert copy.deepcopy(doubled) is doubled
    local = jit(lambda x: x)
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(local)


def test_wrong_decorations():
    with pytest.raises(TypeError, match=r"jit takes a function, but got 'numpy' .*engine=\.\.\."):
        jit("numpy")
    for engine in ("cuda", ["numpy"]):
        with pytest.raises(AutogradError, match=r"there is no engine .*; the engines are auto, eager"):
            jit(lambda x: x, engine=engine)


def test_dicts_stay_what_they_are():
    f = jit(lambda d: d["a"] + d["missing"], engine="python")
    assert f(defaultdict(float, a=2.0)) == 2.0
    g = jit(lambda d: next(reversed(d.values())), engine="python")
    assert g(OrderedDict(a=1.0, b=2.0)) == 2.0


def test_what_a_traced_number_cannot_be_asked():
    for question, what in [
        (lambda x: x // 2, "a whole quotient"),
        (lambda x: 7 // x, "a whole quotient"),
        (lambda x: round(x, 2), "Write round(x * 100) / 100 for two digits"),
        (lambda x: x if x > 2 else 2, "autograd.where(autograd.greater(x, y), a, b) for `a if x > y else b`"),
        (lambda x: divmod(x, 2)[0], "a whole quotient"),
        (lambda x: math.trunc(x), "a whole number"),
        (lambda x: [xi * xi for xi in x], "one of several numbers was asked of x"),
        (lambda x: x[0], "an array stands for samples, with one number for each"),
    ]:
        with pytest.raises(TapeError, match=re.escape(what)) as caught:
            jit(question)(np.array([1.0, 2.0]))
        assert "test_jit.py" in str(caught.value)


def test_an_array_for_a_network():
    model = nn.MLP(2, [1], seed=1)
    with pytest.raises(nn.ShapeError, match=r"(?s)takes 2 inputs, but got one.*A vector is a list of numbers"):
        jit(model)(np.array([1.0, 2.0]))
    assert jit(model)([1.0, 2.0]) == pytest.approx(model([1.0, 2.0]).data, rel=1e-15)


def test_what_is_no_number():
    class Tensor:
        dtype = object()
        ndim = 0

    with pytest.raises(TapeError, match="a traced function takes numbers"):
        jit(lambda x: x)(Tensor())


def test_parameters_are_copied_and_pickled_as_what_they_are_while_another_thread_traces():
    w, started, done = nn.Parameter(2.0, "w"), threading.Event(), threading.Event()

    class Model:
        def parameters(self):
            return [w]

    @jit
    def slow(model, x):
        started.set()
        done.wait(10)
        return w * x

    thread = threading.Thread(target=slow, args=(Model(), 3.0))
    thread.start()
    try:
        assert started.wait(10)
        for made in (pickle.loads(pickle.dumps(w)), copy.copy(w), copy.deepcopy(w)):
            assert (type(made), made.data) == (nn.Parameter, 2.0)
    finally:
        done.set()
        thread.join()
