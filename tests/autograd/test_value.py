"""Value: what it holds, how it compares, how gradients accumulate, and how large a graph may be."""

import copy
import gc
import math
import operator
import pickle
import tracemalloc
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import DataError, DomainError, Value, topological_order
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
