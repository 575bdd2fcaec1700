"""Arguments and results may be numbers, arrays, and lists, tuples and dicts of them."""

import random
from collections import Counter, OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import (
    DataError,
    GradientError,
    Value,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from autograd.transforms.pytree import flatten


def bowl(x, y):
    return x**2 * y + autograd.sin(y) / x


def bowl_gradient(x, y):
    return [2 * x * y - np.sin(y) / x**2, x**2 + np.cos(y) / x]


def bowl_hessian(x, y):
    mixed = 2 * x - np.cos(y) / x**2
    return [[2 * y + 2 * np.sin(y) / x**3, mixed], [mixed, -np.sin(y) / x]]


POINT = (1.3, -0.7)


def slope(f):
    """d/dx by forward mode, as a function."""
    return lambda x: jvp(f, (x,), (1.0,))[1]


# --- arguments and results of any structure ---------------------------------------------------------------


def test_arguments_may_be_lists_tuples_dicts_and_arrays():
    def loss(parameters, x):
        return (parameters["w"][0] * x[0] + parameters["w"][1] * x[1] + parameters["b"][0]) ** 2

    parameters = {"w": [1.0, -2.0], "b": (0.5,)}
    value, slopes = value_and_grad(loss)(parameters, np.array([3.0, 4.0]))
    assert value == 4.5**2
    assert slopes == {"w": [-27.0, -36.0], "b": (-9.0,)}
    assert grad(loss, 1)(parameters, [3.0, 4.0]) == [-9.0, 18.0]
    assert parameters == {"w": [1.0, -2.0], "b": (0.5,)}


def test_an_array_argument_gives_a_list_of_slopes():
    assert grad(lambda x: x[0] * x[1])(np.array([2.0, 3.0])) == [3.0, 2.0]
    assert grad(lambda m: m[0][1] * m[1][0])(np.array([[1.0, 2.0], [3.0, 4.0]])) == [[0.0, 3.0], [2.0, 0.0]]


def test_integers_numpy_scalars_and_bools_are_arguments():
    for x in (3, 3.0, np.float64(3), np.int64(3)):
        assert grad(lambda x: x * x)(x) == 6.0
        assert jvp(lambda x: x * x, (x,), (1,)) == (9.0, 6.0)


def test_keyword_arguments_are_passed_on():
    assert grad(lambda x, *, scale: scale * x * x)(3.0, scale=10) == 60.0


def test_an_empty_structure():
    assert grad(lambda xs, y: y * y)([], 3.0) == []


def test_results_may_have_any_structure_in_jvp_vjp_and_jacobian():
    value, derivative = jvp(lambda x: {"twice": 2 * x, "list": [x, 1.0]}, (3.0,), (1.0,))
    assert (value, derivative) == ({"twice": 6.0, "list": [3.0, 1.0]}, {"twice": 2.0, "list": [1.0, 0.0]})
    value, pull_back = vjp(lambda x: {"twice": 2 * x, "list": [x]}, 3.0)
    assert value == {"twice": 6.0, "list": [3.0]}
    assert pull_back({"twice": 1.0, "list": [10.0]}) == (12.0,)
    assert jacobian(lambda x: (2 * x, (x * x,)))(3.0) == [[2.0], [6.0]]


# --- arguments and results of all kinds -------------------------------------------------------------------

Point = namedtuple("Point", "x y")


def product(p):
    return p.x * p.y * p.y


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        (Point(2.0, 3.0), Point(9.0, 12.0)),
        (Point(np.float64(2.0), 3), Point(9.0, 12.0)),
        (Point(np.array(2.0), np.array(3)), Point(9.0, 12.0)),
    ],
)
def test_a_named_tuple_stays_one(point, expected):
    value, slopes = value_and_grad(product)(point)
    assert (value, slopes) == (18.0, expected)
    assert type(slopes) is Point
    assert [type(slope) for slope in slopes] == [float, float]
    assert vjp(product, point)[1](1.0) == (expected,)
    assert jvp(product, (point,), (Point(1.0, 0.0),)) == (18.0, 9.0)
    _, derivative = jvp(lambda x: Point(x, x * x), (3.0,), (1.0,))
    assert derivative == Point(1.0, 6.0)
    assert type(hvp(product, (point,), (Point(0.0, 1.0),))[0]) is Point


def test_kinds_of_dicts_stay_what_they_are_and_are_not_changed():
    kinds = (OrderedDict(b=2.0, a=3.0), defaultdict(float, b=2.0, a=3.0), Counter(b=2, a=3), {"b": 2.0, "a": 3.0})
    for given in kinds:
        before = dict(given)
        slopes = grad(lambda d: d["b"] * d["a"] ** 2)(given)
        assert type(slopes) is type(given)
        assert slopes == {"b": 9.0, "a": 12.0}
        assert list(slopes) == ["b", "a"]
        assert autograd.jit(lambda d: d["b"] * d["a"] ** 2, engine="python").value_and_grad(given)[1] == slopes
        assert given == before


def random_tree(chance, depth):
    """Numbers of every kind in nested lists, tuples, named tuples, dicts and arrays; and the same as Python's floats."""
    kind = chance.choice(["number", "number", "array", "list", "tuple", "point", "dict", "ordered"])
    if depth == 0 or kind == "number":
        x = chance.choice([1.0, 2, np.float64(0.5), np.int64(3), np.array(4.0), Fraction(1, 4)])
        return x, float(x)
    if kind == "array":
        rows = [[chance.randint(-8, 8) / 4 for _ in range(2)] for _ in range(chance.randint(1, 2))]
        return np.array(rows), rows
    parts = [random_tree(chance, depth - 1) for _ in range(2 if kind == "point" else chance.randint(0, 3))]
    given, floats = [part[0] for part in parts], [part[1] for part in parts]
    if kind in ("dict", "ordered"):
        make = dict if kind == "dict" else OrderedDict
        return tuple(make(zip("cab", numbers, strict=False)) for numbers in (given, floats))
    make = {"list": list, "tuple": tuple, "point": Point._make}[kind]
    return make(given), make(floats)


def mapped(f, tree):
    """f of each number, in a tree of the same kind."""
    if isinstance(tree, dict):
        return type(tree)((key, mapped(f, part)) for key, part in tree.items())
    if isinstance(tree, (list, tuple)):
        parts = [mapped(f, part) for part in tree]
        return Point._make(parts) if isinstance(tree, Point) else type(tree)(parts)
    return f(tree)


def same(one, other):
    if isinstance(one, (dict, list, tuple)):
        keys = list(one) if isinstance(one, dict) else range(len(one))
        return (
            type(one) is type(other) and len(one) == len(other) and all(same(one[key], other[key]) for key in keys)
        )
    return type(one) is type(other) is float and one == other


@pytest.mark.parametrize("seed", range(60))
def test_trees_of_every_shape(seed):
    """The sum of all x³ has the slopes 3·x², in the same places."""
    tree, floats = random_tree(random.Random(seed), 4)

    def cubes(tree):
        return autograd.total([0.0, *[x * x * x for x in flatten(tree)]])

    assert same(grad(cubes)(tree), mapped(lambda x: 3 * x * x, floats))
    _, directional = jvp(cubes, (tree,), (floats,))
    assert directional == pytest.approx(sum(3 * x**3 for x in flatten(floats)), rel=1e-12, abs=1e-12)
    result, pull_back = vjp(lambda tree: tree, tree)
    assert same(result, floats)
    assert same(pull_back(floats)[0], floats)


def test_dicts_of_tuples_of_lists_and_empty_parts():
    tree = {"w": ([1.0, 2.0], 3.0), "none": [], "b": ((), (4.0,))}
    slopes = grad(lambda t: t["w"][0][0] * t["w"][0][1] * t["w"][1] + t["b"][1][0] ** 2)(tree)
    assert slopes == {"w": ([6.0, 3.0], 2.0), "none": [], "b": ((), (8.0,))}


@pytest.mark.parametrize(
    "number", [np.array(2.0), np.array(2), np.float32(2.0), np.int64(2), True + 1, Fraction(2)]
)
def test_everything_that_is_one_number(number):
    def cube(x):
        return x * x * x

    assert grad(cube)(number) == 12.0
    assert value_and_grad(cube)(number) == (8.0, 12.0)
    assert jacobian(cube)(number) == [[12.0]]
    assert hessian(cube)(number) == [[12.0]]
    assert jvp(cube, (number,), (number,)) == (8.0, 24.0)
    assert vjp(cube, number)[1](number) == (24.0,)
    assert hvp(cube, (number,), (1.0,)) == (12.0,)


def test_arrays_without_dimensions_as_results():
    """NumPy's where gives one that holds a Value."""

    def branches(x):
        return np.where(x > 0, x * x, -x)

    assert (grad(branches)(3.0), grad(branches)(-3.0)) == (6.0, -1.0)
    assert jvp(branches, (3.0,), (1.0,)) == (9.0, 6.0)
    assert jacobian(branches)(3.0) == [[6.0]]
    assert vjp(branches, 3.0)[1](2.0) == (12.0,)
    assert grad(lambda x: np.array(5.0))(3.0) == 0.0


@pytest.mark.parametrize("argnums", [1, np.int64(1), -1, np.int32(-1)])
def test_one_argument_by_its_place(argnums):
    def f(x, y, k=1.0):
        return [k * x * y, y**3]

    assert grad(lambda *xs: f(*xs)[0], argnums)(2.0, 3.0) == 2.0
    assert jacobian(f, argnums)(2.0, 3.0) == [[2.0], [27.0]]
    assert jacobian(f, argnums)(2.0, 3.0, k=10.0) == [[20.0], [27.0]]
    assert hessian(lambda x, y: x * y**3, argnums)(2.0, 3.0) == [[36.0]]


@pytest.mark.parametrize("argnums", [(0, 1), [np.int64(0), 1], range(2), np.array([0, 1])])
def test_several_arguments_by_their_places(argnums):
    assert grad(bowl, argnums)(*POINT) == pytest.approx(tuple(bowl_gradient(*POINT)), rel=1e-14)
    np.testing.assert_allclose(hessian(bowl, argnums)(*POINT), bowl_hessian(*POINT), rtol=1e-13)
    swapped = jacobian(lambda x, y: [x, y], (1, 0))(2.0, 3.0)
    assert swapped == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize("transformation", [grad, value_and_grad, jacobian, hessian])
@pytest.mark.parametrize(
    ("argnums", "message"),
    [(2, "argnums is 2, but"), ("0", "argnums is a whole number"), (0.5, "got 0.5"), ((0, "x"), "whole number")],
)
def test_argnums_that_are_none(transformation, argnums, message):
    with pytest.raises(GradientError, match=message):
        transformation(lambda x, y: x * y, argnums)(2.0, 3.0)


def test_all_arguments_together_are_no_argnums_of_a_gradient():
    with pytest.raises(GradientError, match="argnums is a whole number, or a list of them, but got None"):
        grad(bowl, None)(*POINT)
    assert jacobian(bowl, None)(*POINT) == jacobian(bowl)(*POINT)


def test_compiled_programs_take_the_same_argnums():
    x, y = Value(2.0), Value(3.0)
    assert autograd.compile(x * y * y, [x, y], argnums=np.int64(1)).value_and_grad(2.0, 3.0) == (18.0, 12.0)
    with pytest.raises(GradientError, match="argnums is a whole number"):
        autograd.compile(x * y, [x, y], argnums="x")


def test_arguments_that_are_not_differentiated_may_be_anything():
    def f(x, how, *, power=2, also=None):
        assert also is None or isinstance(also, str)
        return x**power if how is None else x * len(how)

    assert grad(f)(3.0, None) == 6.0
    assert grad(f)(3.0, "four", also="text") == 4.0
    assert jacobian(f, 0)(3.0, None, power=3) == [[27.0]]
    assert hessian(f, 0)(3.0, None, power=3) == [[18.0]]

    def by_name(x, power=1):
        return x**power

    assert vjp(by_name, 3.0, power=2)[1](1.0) == (6.0,)
    assert jvp(by_name, (3.0,), (1.0,), power=2) == (9.0, 6.0)
    assert hvp(by_name, (3.0,), (1.0,), power=3) == (18.0,)
    for transformation in (jacobian, hessian):
        with pytest.raises(DataError, match="expected a number, or a list, tuple or dict of numbers, but got"):
            transformation(f)(3.0, "four")


@dataclass
class Pair:
    x: float
    y: float


@pytest.mark.parametrize("argument", [None, "text", {1.0, 2.0}, Pair(1.0, 2.0), [1.0, None], {"a": "b"}, 1j])
def test_arguments_that_hold_no_numbers_are_refused(argument):
    with pytest.raises(DataError, match="expected a number, or a list, tuple or dict of numbers, but got"):
        grad(lambda x: 1.0)(argument)
    with pytest.raises(DataError, match="expected a number, or a list, tuple or dict of numbers, but got"):
        jvp(lambda x: 1.0, (argument,), (1.0,))


@pytest.mark.parametrize(
    ("primals", "tangents"),
    [
        (([1.0, 2.0], 3.0), (1.0, [2.0, 3.0])),
        ((1.0, 2.0), ([1.0, 2.0],)),
        (({"a": 1.0, "b": 2.0},), ({"a": 1.0, "c": 2.0},)),
        (({"a": 1.0, "b": 2.0},), ([1.0, 2.0],)),
        (([1.0, [2.0]],), ([[1.0], 2.0],)),
        ((1.0,), ([1.0],)),
    ],
)
def test_tangents_of_another_shape_are_refused(primals, tangents):
    with pytest.raises(GradientError, match="one tangent for each number, in the same lists, tuples and dicts"):
        jvp(lambda *xs: 1.0, primals, tangents)
    with pytest.raises(GradientError, match="one tangent for each number, in the same lists, tuples and dicts"):
        hvp(lambda *xs: 1.0, primals, tangents)
    with pytest.raises(GradientError, match="u has the shape of the function's result"):
        vjp(lambda x: primals, 1.0)[1](tangents)


def test_tangents_may_come_in_another_kind_of_list_and_in_any_order_of_keys():
    def f(xs, d):
        return xs[0] * xs[1] + d["a"] * d["b"] ** 2

    given = ([2.0, 3.0], {"a": 5.0, "b": 7.0})
    assert jvp(f, given, (np.array([1.0, 0.0]), {"b": 0.0, "a": 1.0})) == (251.0, 3.0 + 49.0)
    result = {"s": 2.0, "t": 3.0}
    pulled = vjp(lambda x: {key: k * x for key, k in result.items()}, 1.0)[1]({"t": 1.0, "s": 10.0})
    assert pulled == (23.0,)


def test_a_value_in_another_place_is_not_lost():
    """Called with a number and a Value, grad answers with what the Value's own gradient can be taken of."""
    w = Value(3.0, "w")
    ways = {
        "argument": lambda: grad(lambda x, w: w * x * x)(2.0, w),
        "by name": lambda: grad(lambda x, w: w * x * x)(2.0, w=w),
        "in a list": lambda: grad(lambda x, ws: ws[0]["w"] * x * x)(2.0, [{"w": w}]),
        "in an array": lambda: grad(lambda x, ws: ws[0] * x * x)(2.0, np.array([w, 1.0], dtype=object)),
        "jacobian": lambda: jacobian(lambda x, w: [w * x * x], 0)(2.0, w)[0][0],
        "hessian": lambda: hessian(lambda x, w: w * x * x * x / 3, 0)(2.0, w)[0][0],
        "vjp": lambda: vjp(lambda x, w: w * x * x, 2.0, w=w)[1](1.0)[0],
        "jvp": lambda: jvp(lambda x, w: w * x * x, (2.0,), (1.0,), w=w)[1],
        "hvp": lambda: hvp(lambda x, w: w * x * x * x / 3, (2.0,), (1.0,), w=w)[0],
    }
    for name, way in ways.items():
        w.grad = 0
        slope = way()
        assert slope.data == 12.0, name
        slope.backward()
        assert w.grad == pytest.approx(4.0, rel=1e-14), name
