"""Value: what it holds, what you can do with it, how gradients accumulate, and how large a graph may be."""

import copy
import gc
import math
import operator
import pickle
import random
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

import autograd
from autograd import DataError, DomainError, Value, no_grad, topological_order
from autograd.core.operand import Operand
from autograd.value import has_gradient


def small_graph():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    c = a * b
    c.label = "c"
    L = (c + a).tanh() * 10
    L.label = "L"
    return a, b, c, L


# --- construction -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "number"),
    [
        (2, 2.0),
        (2.5, 2.5),
        (-0.0, -0.0),
        (True, 1.0),
        (10**300, 1e300),
        (Fraction(1, 4), 0.25),
        (np.float64(2.5), 2.5),
        (np.float32(0.1), float(np.float32(0.1))),
        (np.float16(0.5), 0.5),
        (np.int64(-7), -7.0),
        (np.uint8(7), 7.0),
        (np.bool_(True), 1.0),
    ],
)
def test_data_may_be_any_real_number_and_becomes_a_float(data, number):
    value = Value(data)
    assert value.data == number
    assert type(value.data) is float
    result = 1.5 * value + value
    assert type(result.data) is float


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("2", r"'2' \(str\).*float\("),
        (b"2", r"b'2' \(bytes\)"),
        (2j, r"2j \(complex\); complex numbers are not supported"),
        (np.complex128(2j), "complex"),
        ([1.0, 2.0], r"\[1\.0, 2\.0\] \(list\).*one Value for each"),
        ((1.0,), r"\(tuple\)"),
        (np.array([1.0, 2.0]), r"\(ndarray\).*one Value for each"),
        (np.array(3.0), r"\(ndarray\)"),
        (None, r"None \(NoneType\)"),
        (Decimal("0.1"), r"\(Decimal\)"),
        (10**400, "too large for a float"),
        (Value(2.0, "a"), "is a Value already"),
        (object, r"\(type\)"),
    ],
)
def test_data_of_another_kind_is_refused(data, says):
    with pytest.raises(DataError, match=says) as caught:
        Value(data)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("data", [math.inf, -math.inf, math.nan, np.float64("inf")])
def test_data_that_is_not_finite_is_refused_outside_ieee(data):
    with pytest.raises(DomainError, match=f"finite number, but got {float(data)}.*ieee"):
        Value(data)
    with autograd.ieee():
        assert str(Value(data).data) == str(float(data))


def test_a_long_argument_is_shortened_in_the_message():
    with pytest.raises(DataError) as caught:
        Value(list(range(1000)))
    assert len(str(caught.value)) < 200


def test_a_new_value_is_a_leaf():
    value = Value(2.0, "a")
    assert (value.label, value.grad, value.op, value.inputs, value._op, value._prev) == (
        "a",
        0,
        None,
        (),
        "",
        set(),
    )
    assert Value(2.0).label == ""


def test_a_label_is_a_string():
    with pytest.raises(DataError, match=r"a label is a string, but got 3 \(int\)"):
        Value(2.0, 3)


@pytest.mark.parametrize("label", [None, 0, 3, False, b"a", []])
def test_a_label_given_by_name_is_one_too(label):
    with pytest.raises(DataError, match="a label is a string"):
        Value(2.0, label=label)


def test_a_value_takes_further_attributes_and_copies_keep_them():
    p = Value(2.0, "p")
    p.m = 0.5
    y = p * 3
    y.note = ["product"]
    copied, pickled = copy.deepcopy(y), pickle.loads(pickle.dumps(y))
    assert [z.note for z in (copied, pickled, copy.copy(y))] == [["product"]] * 3
    assert [z.inputs[0].m for z in (copied, pickled)] == [0.5, 0.5]
    assert copied.note is not y.note
    with pytest.raises(AttributeError):
        p.v  # noqa: B018


def test_results_know_their_operation_and_inputs_in_order():
    a, b = Value(2.0), Value(3.0)
    c = a - b
    assert c.op is autograd.ops.subtract
    assert c.inputs == (a, b)
    assert [x is y for x, y in zip(c.inputs, (a, b), strict=True)] == [True, True]
    assert c._op == "-"
    assert c._prev == {a, b}
    assert (a + a).inputs == (a, a)
    assert (a + a)._prev == {a}


# --- as text ----------------------------------------------------------------------------------------------


def test_repr_shows_a_question_mark_until_the_gradient_is_computed():
    a = Value(2.0, "a")
    b = a * 3
    assert repr(a) == str(a) == "Value(data=2.0, grad=?, label='a')"
    assert repr(b) == "Value(data=6.0, grad=?, op='*')"
    b.backward()
    assert repr(a) == "Value(data=2.0, grad=3.0, label='a')"
    assert repr(b) == "Value(data=6.0, grad=1.0, op='*')"
    b.zero_grad()
    assert "grad=?" in repr(a)


def test_a_computed_gradient_of_zero_is_not_a_question_mark():
    a = Value(-2.0)
    a.relu().backward()
    assert repr(a) == "Value(data=-2.0, grad=0.0)"


def test_format():
    a = Value(2 / 3, "a")
    assert f"{a:.3f} {a:+.1e} {a:8.2f}|" == "0.667 +6.7e-01     0.67|"
    assert f"{a}" == str(a)
    with pytest.raises(ValueError, match="format"):
        format(a, "what")


# --- comparisons ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne])
@pytest.mark.parametrize(("x", "y"), [(1.0, 2.0), (2.0, 1.0), (2.0, 2.0)])
def test_comparisons_with_numbers_look_at_the_number(compare, x, y):
    expected = compare(x, y)
    if compare not in (operator.eq, operator.ne):
        assert compare(Value(x), Value(y)) == expected
    assert compare(Value(x), y) == expected
    assert compare(x, Value(y)) == expected
    assert compare(np.float64(x), Value(y)) == expected
    assert compare(Value(x), np.float64(y)) == expected


def test_comparisons_with_other_things():
    assert Value(2.0) != "2.0"
    assert Value(2.0) != None  # noqa: E711
    with pytest.raises(TypeError):
        Value(2.0) < "3"  # noqa: B015


def test_a_value_is_itself_in_a_set_and_a_dict():
    a, b = Value(2.0), Value(2.0)
    assert a == a
    assert a != b
    assert len({a, b}) == 2
    assert {a: "a", b: "b"}[a] == "a"
    assert hash(a) == hash(a)


def test_a_value_is_true_because_it_is_there():
    bias = Value(0.0, "bias")
    assert Value(0.1)
    assert bias
    assert (bias or 0) is bias
    assert (bias and 1) == 1
    assert all([bias])
    # A bias that begins at 0 takes part, and is trained.
    y = 2.0 * Value(3.0) + (bias or 0)
    y.backward()
    assert bias.grad == 1.0


# --- what Python does with numbers ------------------------------------------------------------------------


def test_sum_max_min_sorted_prod():
    values = [Value(3.0), Value(1.0), Value(2.0)]
    assert sum(values).data == sum(values, 0.0).data == sum(values, Value(0.0)).data == 6.0
    assert max(values) is values[0]
    assert min(values) is values[1]
    assert [v.data for v in sorted(values)] == [1.0, 2.0, 3.0]
    product = math.prod(values)
    product.backward()
    assert product.data == 6.0
    assert [v.grad for v in values] == [2.0, 6.0, 3.0]


def test_sum_does_not_put_its_zero_into_the_graph():
    a, b = Value(1.0), Value(2.0)
    assert len(topological_order(sum([a, b]))) == 3


def test_unary_plus_is_the_value_itself():
    a = Value(2.0)
    assert +a is a


@pytest.mark.parametrize("lose", [float, math.exp, math.sqrt, "%f".__mod__])
def test_becoming_a_plain_float_unnoticed_is_refused(lose):
    with pytest.raises(DataError, match=r"(?s)plain float.*value\.data.*exp"):
        lose(Value(2.0, "a"))


@pytest.mark.parametrize("lose", [int, round, math.floor, complex, lambda v: v // 2, lambda v: v % 2])
def test_what_has_no_derivative_is_not_there(lose):
    with pytest.raises(TypeError):
        lose(Value(2.5))


@pytest.mark.parametrize(
    "number", [2, 2.5, True, Fraction(5, 2), np.float64(2.5), np.float32(2.5), np.int64(2), np.bool_(True)]
)
@pytest.mark.parametrize(
    "how", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow], ids=lambda how: how.__name__
)
def test_operators_with_numbers_on_either_side(how, number):
    for x, y, place in ((1.5, float(number), 0), (float(number), 1.5, 1)):
        v = Value(1.5)
        result = how(v, number) if place == 0 else how(number, v)
        assert type(result) is Value
        assert type(result.data) is float
        assert result.data == pytest.approx(how(x, y), rel=1e-15)
        result.backward()
        h = 1e-6
        slope = ((how(x + h, y) - how(x - h, y)) if place == 0 else (how(x, y + h) - how(x, y - h))) / (2 * h)
        assert v.grad == pytest.approx(slope, rel=1e-8)


@pytest.mark.parametrize("other", ["1", b"1", 1j, [1.0], (1.0,), {}, set(), None])
@pytest.mark.parametrize(
    "how", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow], ids=lambda how: how.__name__
)
def test_operators_with_other_things_on_either_side_are_refused(how, other):
    v = Value(2.0)
    with pytest.raises(DataError, match=type(other).__name__):
        how(v, other)
    with pytest.raises(TypeError):
        how(other, v)
    assert (v.data, v.grad, v.inputs) == (2.0, 0, ())


@pytest.mark.parametrize(
    "how", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow], ids=lambda how: how.__name__
)
def test_operators_with_something_unknown_are_python_s_own_type_error(how):
    v = Value(2.0)
    with pytest.raises(TypeError, match="unsupported operand"):
        how(v, object())
    with pytest.raises(TypeError, match="unsupported operand"):
        how(object(), v)


def test_another_kind_of_number_has_to_say_how_it_records():
    class Half(Operand):
        pass

    with pytest.raises(NotImplementedError):
        Half() + 1


class Stranger:
    """Some other library's number, which knows how to combine itself with ours."""

    def __radd__(self, other):
        return "stranger"

    __rpow__ = __radd__


def test_a_stranger_with_reflected_operators_gets_its_turn():
    assert Value(1.0) + Stranger() == "stranger"
    assert Value(1.0) ** Stranger() == "stranger"


@pytest.mark.parametrize("name", ["maximum", "minimum", "hypot", "atan2", "leaky_relu", "elu"])
@pytest.mark.parametrize("other", [object(), Stranger(), np.array([1.0, 2.0])], ids=lambda x: type(x).__name__)
def test_methods_with_two_inputs_never_answer_not_implemented(name, other):
    """NotImplemented is meant for Python's operators; from a method it would look like a result."""
    try:
        result = getattr(Value(1.0), name)(other)
    except TypeError:
        return
    assert result is not NotImplemented
    assert isinstance(result, np.ndarray)


# --- NumPy ------------------------------------------------------------------------------------------------


def slopes(result, *inputs):
    for x in inputs:
        x.zero_grad()
    result.backward()
    return [x.grad for x in inputs]


def test_numpy_scalar_on_the_left():
    v = Value(3.0)
    for result, expected in [
        (np.float64(2) * v, 2.0),
        (np.float32(2) + v, 1.0),
        (np.int64(2) - v, -1.0),
        (np.float64(9) / v, -1.0),
        (np.float64(2) ** v, 8 * math.log(2)),
    ]:
        assert type(result) is Value
        assert slopes(result, v) == pytest.approx([expected])


def test_arrays_give_object_arrays_of_values():
    v = Value(3.0)
    for result in (np.array([1.0, 2.0]) * v, v * np.array([1.0, 2.0])):
        assert result.dtype == object
        assert [x.data for x in result] == [3.0, 6.0]
        assert slopes(result.sum(), v) == [3.0]
    for result in (np.array(2.0) * v, v * np.array(2.0)):
        assert slopes(result, v) == [2.0]


NUMPY_FUNCTIONS = [
    np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sqrt, np.cbrt, np.square, np.reciprocal,
    np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.arctanh,
    np.abs, np.negative, np.positive, np.degrees, np.radians, np.deg2rad, np.rad2deg,
]  # fmt: skip


@pytest.mark.parametrize("function", NUMPY_FUNCTIONS, ids=lambda f: f.__name__)
def test_numpy_functions_take_values(function):
    x, h = 0.4, 1e-6
    v = Value(x)
    result = function(v)
    assert type(result) is Value
    assert result.data == pytest.approx(function(x), rel=1e-14)
    assert slopes(result, v) == pytest.approx([(function(x + h) - function(x - h)) / (2 * h)], rel=1e-8)
    of_array = function(np.array([v, v]))
    assert [type(y) for y in of_array] == [Value, Value]
    assert of_array[1].data == result.data


def test_numpy_arccosh_takes_values():
    v = Value(1.5)
    assert slopes(np.arccosh(v), v) == pytest.approx([1 / math.sqrt(1.25)])


@pytest.mark.parametrize(
    "function",
    [np.arctan2, np.hypot, np.power, np.multiply, np.add, np.maximum, np.minimum],
    ids=lambda f: f.__name__,
)
def test_numpy_functions_of_two_values(function):
    x, y, h = 0.4, 1.7, 1e-6
    v, w = Value(x), Value(y)
    result = function(v, w)
    assert result.data == pytest.approx(function(x, y), rel=1e-15)
    assert slopes(result, v, w) == pytest.approx(
        [
            (function(x + h, y) - function(x - h, y)) / (2 * h),
            (function(x, y + h) - function(x, y - h)) / (2 * h),
        ],
        rel=1e-8,
    )


def test_dot_sum_mean_of_object_arrays():
    ws, xs = [Value(1.0), Value(2.0)], [Value(3.0), Value(-4.0)]
    for result in (np.dot(ws, xs), np.array(ws) @ np.array(xs), np.sum(np.array(ws) * np.array(xs))):
        assert result.data == -5.0
        assert slopes(result, *ws, *xs) == [3.0, -4.0, 1.0, 2.0]
    assert slopes(np.dot(ws, [3.0, -4.0]), *ws) == [3.0, -4.0]
    assert slopes(np.mean(ws), *ws) == [0.5, 0.5]
    assert slopes(np.linalg.norm(xs), *xs) == pytest.approx([0.6, -0.8])
    matrix = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    assert [y.data for y in matrix @ np.array([1.0, -1.0])] == [-1.0, -1.0]


def test_an_array_of_floats_is_not_made_from_values_unnoticed():
    with pytest.raises(DataError, match="plain float"):
        np.array([Value(1.0)], dtype=float)


def test_functions_of_ours_on_arrays():
    array = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_array_equal(autograd.relu(array), [0.0, 0.0, 2.0])
    np.testing.assert_allclose(autograd.softplus(array), np.logaddexp(array, 0), rtol=1e-15)
    of_values = autograd.tanh(np.array([Value(1.0), Value(2.0)]))
    assert [type(y) for y in of_values] == [Value, Value]


# --- backward ---------------------------------------------------------------------------------------------


def test_a_value_used_twice():
    a = Value(3.0)
    (a + a).backward()
    assert a.grad == 2.0


@pytest.mark.parametrize(("how", "slope"), [(lambda a: a * a, 6.0), (lambda a: a - a, 0.0), (lambda a: a / a, 0.0)])
def test_both_operands_the_same(how, slope):
    a = Value(3.0)
    how(a).backward()
    assert a.grad == slope


def test_leaves_accumulate_and_intermediates_are_made_afresh():
    a, b, c, L = small_graph()
    L.backward()
    once = [x.grad for x in (a, b, c, L)]
    L.backward()
    assert [x.grad for x in (a, b, c, L)] == [2 * once[0], 2 * once[1], once[2], once[3]]


def test_two_results_add_up_in_their_common_leaves():
    a = Value(2.0)
    (a * 3).backward()
    (a * 4).backward()
    assert a.grad == 7.0


def test_backward_from_an_intermediate_node_after_the_whole():
    a = Value(2.0)
    b = a * 3
    L = b * b
    L.backward()
    assert (a.grad, b.grad) == (36.0, 12.0)
    a.grad = 0
    b.backward()
    assert (a.grad, b.grad, L.grad) == (3.0, 1.0, 1.0)


def test_backward_from_a_leaf():
    a = Value(2.0)
    a.backward()
    assert a.grad == 1.0
    assert type(a.grad) is float


def test_the_order_is_topological_and_complete():
    _, _, _, L = small_graph()
    order = topological_order(L)
    place = {node: i for i, node in enumerate(order)}
    assert order[-1] is L
    assert len(place) == len(order) == 7
    for node in order:
        assert all(place[x] < place[node] for x in node.inputs)


def test_a_diamond_needs_the_order():
    """Depth first without an order would pass c's gradient on before the second path has arrived."""
    a = Value(2.0)
    c = a * a
    d = c * 3
    e = c * d
    e.backward()
    assert a.grad == pytest.approx(3 * 4 * a.data**3)


def test_zero_grad_forgets_the_whole_graph():
    a, b, c, L = small_graph()
    L.backward()
    L.zero_grad()
    assert [x.grad for x in (a, b, c, L)] == [0, 0, 0, 0]
    assert all("grad=?" in repr(x) for x in (a, b, c, L))
    L.backward()
    assert L.grad == 1.0


def test_zero_grad_in_the_way_of_micrograd():
    a = Value(2.0)
    (a * 3).backward()
    a.grad = 0
    (a * 4).backward()
    assert a.grad == 4.0


def test_detach_stops_the_gradient():
    a = Value(3.0, "a")
    d = a.detach()
    assert (d.data, d.label, d.inputs) == (3.0, "a", ())
    (a * d).backward()
    assert (a.grad, d.grad) == (3.0, 3.0)


# --- no_grad ----------------------------------------------------------------------------------------------


def test_no_grad_makes_leaves():
    a = Value(2.0)
    with no_grad():
        results = [a * 3, a.tanh(), a**2, 3 - a, autograd.total([a, a]), autograd.softmax([a, a])[0]]
    assert [y.inputs for y in results] == [()] * 6
    assert [y.op for y in results] == [None] * 6
    assert (a * 3).inputs


def test_no_grad_as_a_decorator_and_nested():
    @no_grad()
    def double(x):
        return x * 2

    a = Value(2.0)
    assert double(a).inputs == ()
    assert (a * 2).inputs
    with no_grad():
        with no_grad():
            pass
        assert (a * 2).inputs == ()
        assert double(a).inputs == ()
        assert (a * 2).inputs == ()
    assert (a * 2).inputs


def test_no_grad_in_a_recursive_function():
    @no_grad()
    def power(x, n):
        return x * power(x, n - 1) if n > 1 else x * 1

    a = Value(2.0)
    assert power(a, 5).data == 32.0
    assert power(a, 5).inputs == ()
    assert (a * 2).inputs


def test_no_grad_ends_with_an_error():
    a = Value(-1.0)
    with pytest.raises(DomainError), no_grad():
        a.log()
    assert (a * 2).inputs


def test_no_grad_leaves_other_threads_alone():
    a = Value(2.0)
    with no_grad(), ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(lambda: a * 3).result()
        ours = a * 3
    assert theirs.inputs
    assert ours.inputs == ()


def test_one_decorated_function_in_two_threads_at_once():
    """The one that entered first leaves first, while the other is still inside."""
    entered, may_leave = [threading.Event(), threading.Event()], [threading.Event(), threading.Event()]

    @no_grad()
    def evaluate(x, i):
        entered[i].set()
        assert may_leave[i].wait(timeout=10)
        return x * 2

    a = Value(2.0)
    with ThreadPoolExecutor(2) as pool:
        runs = []
        for i in range(2):
            runs.append(pool.submit(evaluate, a, i))
            assert entered[i].wait(timeout=10)
        for i in range(2):
            may_leave[i].set()
            assert runs[i].result(timeout=10).inputs == ()
    assert (a * 2).inputs


# --- source written for micrograd and microgpt --------------------------------------------------------------


def readme_example(Value):
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return g, a, b


def random_expression(Value, seed):
    chance = random.Random(seed)
    leaves = [Value(chance.uniform(0.5, 2.0)) for _ in range(4)]
    nodes = list(leaves)
    for _ in range(25):
        x, y = chance.choice(nodes), chance.choice(nodes)
        how = chance.randrange(9)
        if how == 0:
            new = x + y
        elif how == 1:
            new = x * y * 0.5
        elif how == 2:
            new = x - y
        elif how == 3:
            new = x / (y**2 + 1.0)
        elif how == 4:
            new = (x * x + 0.5) ** -0.5
        elif how == 5:
            new = x.relu()
        elif how == 6:
            new = 2.0 - x
        elif how == 7:
            new = 1.0 / (y * y + 1)
        else:
            new = -x + 3
        nodes.append(new)
    result = sum(nodes[1:], nodes[0])
    result.backward()
    return result, *leaves


class TinyNetwork:
    """In the style of micrograd's nn.py, for any Value."""

    def __init__(self, Value, sizes, chance):
        self.layers = [
            [([Value(chance.uniform(-1, 1)) for _ in range(n)], Value(0)) for _ in range(m)]
            for n, m in pairwise(sizes)
        ]

    def __call__(self, x):
        for depth, layer in enumerate(self.layers):
            x = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
            if depth < len(self.layers) - 1:
                x = [xi.relu() for xi in x]
        return x[0]

    def parameters(self):
        return [p for layer in self.layers for w, b in layer for p in [*w, b]]

    def zero_grad(self):
        for p in self.parameters():
            p.grad = 0


def micrograd_training(Value):
    chance = random.Random(1337)
    model = TinyNetwork(Value, [2, 6, 4, 1], chance)
    inputs = [[chance.uniform(-1, 1), chance.uniform(-1, 1)] for _ in range(12)]
    targets = [1 if x * y > 0 else -1 for x, y in inputs]
    history = []
    for k in range(15):
        scores = [model(list(map(Value, x))) for x in inputs]
        losses = [(1 + -yi * score).relu() for yi, score in zip(targets, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        total_loss = data_loss + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        total_loss.backward()
        for p in model.parameters():
            p.data -= (0.5 - 0.3 * k / 15) * p.grad
        history.append(total_loss.data)
    return history


def nodes_and_edges(root):
    """The walk of micrograd's draw_dot."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def test_micrograds_readme_example_gives_the_printed_numbers():
    g, a, b = readme_example(Value)
    assert (f"{g.data:.4f}", f"{a.grad:.4f}", f"{b.grad:.4f}") == ("24.7041", "138.8338", "645.5773")


def test_micrograd_side_by_side():
    engine = pytest.importorskip("micrograd.engine", reason="pip install micrograd, to run both side by side")
    programs = [readme_example, *(lambda V, seed=seed: random_expression(V, seed) for seed in range(50))]
    for program in programs:
        ours, theirs = program(Value), program(engine.Value)
        assert ours[0].data == pytest.approx(theirs[0].data, rel=1e-13)
        assert [x.grad for x in ours[1:]] == pytest.approx([x.grad for x in theirs[1:]], rel=1e-12, abs=1e-14)
    assert micrograd_training(Value) == pytest.approx(micrograd_training(engine.Value), rel=1e-9)


def test_training_in_the_style_of_micrograd_learns():
    history = micrograd_training(Value)
    assert history[-1] < 0.7 * history[0]


def test_micrograds_walk_over_prev_and_op():
    *_, L = small_graph()
    nodes, edges = nodes_and_edges(L)
    assert len(nodes) == 7
    assert len(edges) == 7
    assert sorted(n._op for n in nodes) == ["", "", "", "*", "*", "+", "tanh"]


def gpt_style_loss(parameters, tokens):
    """One attention head over a few tokens, written in the style of microgpt."""
    width = 4

    def linear(x, w):
        return [sum(wi * xi for wi, xi in zip(row, x, strict=True)) for row in w]

    def softmax(logits):
        largest = max(val.data for val in logits)
        exps = [(val - largest).exp() for val in logits]
        total = sum(exps)
        return [e / total for e in exps]

    def rmsnorm(x):
        scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
        return [xi * scale for xi in x]

    keys, values, losses = [], [], []
    for position, (token, target) in enumerate(pairwise(tokens)):
        x = [t + p for t, p in zip(parameters["wte"][token], parameters["wpe"][position], strict=True)]
        x = rmsnorm(x)
        q = linear(x, parameters["wq"])
        keys.append(linear(x, parameters["wk"]))
        values.append(linear(x, parameters["wv"]))
        scores = [sum(qi * ki for qi, ki in zip(q, k, strict=True)) / width**0.5 for k in keys]
        weights = softmax(scores)
        x = [x[j] + sum(w * v[j] for w, v in zip(weights, values, strict=True)) for j in range(width)]
        x = [xi.relu() ** 2 for xi in x]
        losses.append(-softmax(linear(x, parameters["head"]))[target].log())
    return (1 / len(losses)) * sum(losses)


def test_training_in_the_style_of_microgpt():
    chance = random.Random(42)

    def matrix(rows, columns):
        return [[Value(chance.gauss(0, 0.4)) for _ in range(columns)] for _ in range(rows)]

    parameters = {"wte": matrix(3, 4), "wpe": matrix(5, 4), "wq": matrix(4, 4), "wk": matrix(4, 4)}
    parameters |= {"wv": matrix(4, 4), "head": matrix(3, 4)}
    params = [p for weights in parameters.values() for row in weights for p in row]
    m, v = [0.0] * len(params), [0.0] * len(params)
    history = []
    for step in range(20):
        loss = gpt_style_loss(parameters, [0, 1, 2, 1, 0, 2])
        loss.backward()
        if step == 0:
            check = chance.sample(params, 6)
            gradients = [p.grad for p in check]
            for p, expected in zip(check, gradients, strict=True):
                p.data += 1e-5
                above = gpt_style_loss(parameters, [0, 1, 2, 1, 0, 2]).data
                p.data -= 2e-5
                below = gpt_style_loss(parameters, [0, 1, 2, 1, 0, 2]).data
                p.data += 1e-5
                assert (above - below) / 2e-5 == pytest.approx(expected, rel=1e-6, abs=1e-9)
        for i, p in enumerate(params):
            m[i] = 0.9 * m[i] + 0.1 * p.grad
            v[i] = 0.95 * v[i] + 0.05 * p.grad**2
            m_hat, v_hat = m[i] / (1 - 0.9 ** (step + 1)), v[i] / (1 - 0.95 ** (step + 1))
            p.data -= 0.05 * m_hat / (v_hat**0.5 + 1e-8)
            p.grad = 0
        history.append(loss.data)
    assert history[-1] < 0.5 * history[0]


# --- large graphs -----------------------------------------------------------------------------------------


def chain(length):
    x = Value(0.5, "x")
    y = x
    for _ in range(length // 2):
        y = y * 0.5 + 0.25
    return x, y


@pytest.mark.slow
def test_a_chain_of_a_million_operations():
    x, y = chain(1_000_000)
    y.backward()
    assert y.data == pytest.approx(0.5)
    assert x.grad == 0.0
    assert y.grad == 1.0
    del y
    assert x.data == 0.5


def test_the_gradient_of_a_long_chain_is_right():
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y + x
    y.backward()
    assert x.grad == 100_001.0


def test_fewer_than_500_bytes_a_node_and_nothing_is_left():
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        x, y = chain(50_000)
        y.backward()
        nodes = len(topological_order(y))
        used = tracemalloc.get_traced_memory()[0] - before
        del x, y
        left = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert used / nodes < 500
    # Python itself keeps up to 2000 empty tuples for later use.
    assert left < used / 50, "a reference cycle keeps the graph alive"


def test_graphs_die_without_the_garbage_collector():
    import weakref

    gc.disable()
    try:
        a = Value(2.0)
        L = (a * a).tanh()
        L.backward()
        inner = weakref.ref(L.inputs[0])
        del L
        assert inner() is None
    finally:
        gc.enable()


# --- copy and pickle --------------------------------------------------------------------------------------


def same_graph(one, other):
    """Both graphs node by node: numbers, gradients, labels, operations, and which nodes are shared."""
    left, right = topological_order(one), topological_order(other)
    places = [{node: i for i, node in enumerate(order)} for order in (left, right)]
    assert len(left) == len(right)
    for x, y in zip(left, right, strict=True):
        assert x is not y
        assert (x.data, x.grad, x.label, x.op) == (y.data, y.grad, y.label, y.op)
        assert [places[0][i] for i in x.inputs] == [places[1][i] for i in y.inputs]


def pickled(x, protocol=None):
    return pickle.loads(pickle.dumps(x, protocol))


def pickled_in_python(x):
    """The pure Python pickler takes other ways than the C one."""
    import io

    file = io.BytesIO()
    pickle._Pickler(file).dump(x)
    return pickle.loads(file.getvalue())


copies = pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled, pickled_in_python])


@copies
def test_copies_of_a_small_graph(duplicate):
    _, _, _, L = small_graph()
    L.backward()
    twin = duplicate(L)
    same_graph(L, twin)
    assert "grad=1.0" in repr(twin)
    twin.backward()
    assert twin.inputs[0].grad == L.inputs[0].grad


@copies
def test_copies_of_a_leaf(duplicate):
    a = Value(2.0, "a")
    twin = duplicate(a)
    assert twin is not a
    assert repr(twin) == repr(a)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol(protocol):
    _, _, _, L = small_graph()
    same_graph(L, pickled(L, protocol))


@copies
def test_shared_nodes_stay_shared_between_several_results(duplicate):
    a = Value(2.0, "a")
    middle = a * 3
    u, v = middle + 1, middle.tanh()
    for things in ([a, middle, u, v], [v, u, middle, a], [middle, a, v, u]):
        twins = dict(zip((id(t) for t in things), duplicate(things), strict=True))
        assert twins[id(u)].inputs[0] is twins[id(middle)]
        assert twins[id(v)].inputs[0] is twins[id(middle)]
        assert twins[id(middle)].inputs[0] is twins[id(a)]


@pytest.mark.parametrize("pickler", [pickled, pickled_in_python])
@pytest.mark.parametrize("depth", [10, 1_000, 10_000])
@pytest.mark.slow
def test_deep_graphs_can_be_pickled_after_a_failure_on_the_way(pickler, depth):
    x, y = chain(depth)
    x.label = threading.Lock()
    with pytest.raises(TypeError, match="pickle"):
        pickler(y)
    x.label = "x"
    same_graph(y, pickled(y))
    _, deep = chain(20_000)
    same_graph(deep, pickled(deep))


@copies
@pytest.mark.slow
def test_copies_of_very_deep_graphs(duplicate):
    depth = 100_000 if duplicate is not pickled_in_python else 5_000
    x, y = chain(depth)
    y = y * x
    y.backward()
    same_graph(y, duplicate(y))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_deep_graphs_of_every_size_around_pickles_batches_of_1000(protocol):
    for depth in (1996, 1998, 2000, 2002, 2004, 4000):
        _, y = chain(depth)
        same_graph(y, pickled(y, protocol))


def test_copy_is_the_same_node_once_more():
    a, _, c, L = small_graph()
    L.backward()
    twin = copy.copy(c)
    assert twin is not c
    assert twin.inputs[0] is a
    assert (twin.data, twin.grad, twin.label, twin.op) == (c.data, c.grad, c.label, c.op)


def test_a_subclass_stays_a_subclass():
    y = Weight(2.0, "w") * 3
    for duplicate in (copy.deepcopy, pickled):
        assert type(duplicate(y).inputs[0]) is Weight
    assert type(copy.copy(Weight(2.0))) is Weight
    assert type(y) is Value


class Weight(Value):
    __slots__ = ()


def test_powers_survive_pickling():
    y = (Value(-3.0) ** 2) ** 0.5
    twin = pickled(y)
    assert twin.op is y.op


def test_numpy_functions_of_two_numbers_take_a_value_on_either_side():
    """A regression: np.arctan2(2.0, v) looked for a method of the float 2.0."""
    v = Value(2.0)
    for function, slope in ((np.arctan2, -1.0 / 5.0), (np.hypot, 2.0 / math.sqrt(5.0)), (np.maximum, 1.0)):
        v.grad = 0
        result = function(1.0, v)
        assert isinstance(result, Value)
        assert result.data == pytest.approx(float(function(1.0, 2.0)), rel=1e-15)
        result.backward()
        assert v.grad == pytest.approx(slope, rel=1e-15)
    assert np.power(Value(-3.0), 2).op.constants == (2.0,)
    with pytest.raises(TypeError):
        np.floor(v)


# --- PyTorch's way to forget a gradient -------------------------------------------------------------------


def test_a_gradient_that_is_none_is_one_that_is_not_computed():
    w, x = Value(3.0, "w"), Value(2.0, "x")
    w.grad = x.grad = None
    assert not has_gradient(w)
    assert repr(w) == "Value(data=3.0, grad=?, label='w')"
    y = w * x
    y.grad = None
    y.backward()
    assert (w.grad, x.grad, y.grad) == (2.0, 3.0, 1.0)
    w.grad = None
    (w * w).backward()
    assert (w.grad, x.grad) == (6.0, 3.0)
    alone = Value(1.0)
    alone.grad = None
    alone.backward()
    assert alone.grad == 1.0
    w.grad = None
    w.zero_grad()
    assert w.grad == 0


@pytest.mark.parametrize("mode", [autograd.ieee, autograd.detect_anomaly])
def test_none_in_the_careful_pass_and_after_a_failure(mode):
    w = Value(3.0, "w")
    w.grad = None
    with mode():
        (w * w).backward()
    assert w.grad == 6.0
    zero = Value(0.0)
    w.grad = zero.grad = None
    y = zero.sqrt() * w
    with pytest.raises(DomainError):
        y.backward()
    assert w.grad is zero.grad is None


def test_a_training_loop_in_the_style_of_makemore():
    w, b = Value(1.0, "w"), Value(0.0, "b")
    for _ in range(200):
        loss = sum((w * x + b - (3 * x - 1)) ** 2 for x in (-1.0, 0.0, 2.0))
        for p in (w, b):
            p.grad = None
        loss.backward()
        for p in (w, b):
            p.data += -0.05 * p.grad
    assert (w.data, b.data) == pytest.approx((3.0, -1.0), abs=1e-9)
    copied = copy.deepcopy(w)
    copied.grad = None
    assert pickle.loads(pickle.dumps(copied)).grad is None


@pytest.mark.parametrize("slopes", [(1.0, 1.0), (1.0,) * 4])
def test_a_rule_for_a_list_that_gives_too_few_or_too_many(slopes):
    op = autograd.Op("first_of_test", lambda *xs: xs[0], lambda xs, z: slopes, variadic=True)
    try:
        inputs = [Value(1.0), Value(2.0), Value(3.0)]
        out = op(inputs)
        with pytest.raises(
            autograd.GradientError, match=r"first_of_test must give a tuple of 3 .*, but gave \(1\.0,"
        ):
            out.backward()
        assert [x.grad for x in (*inputs, out)] == [0, 0, 0, 0]
    finally:
        del autograd.ops.ALL["first_of_test"]
