"""A Value or dual number is a node: what truth, ==, hash, < and the containers of Python make of it."""

import copy
import math
import operator
import pickle
from collections import Counter, deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograd import Dual, Value, grad, ieee, jvp, topological_order

ORDER = [operator.lt, operator.le, operator.gt, operator.ge]
EQUALITY = [operator.eq, operator.ne]

KINDS = {
    "Value": Value,
    "an intermediate Value": lambda x: Value(x) * 1.0,
    "Dual": lambda x: Dual(x, 1.0),
    "Dual of a Dual": lambda x: Dual(Dual(x, 1.0, 1), Dual(1.0, 0.0, 1), 2),
    "Dual of a Value": lambda x: Dual(Value(x), Value(1.0), 3),
}
kinds = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
PLAIN = [2, 2.0, Fraction(2), True, 0, -0.0, 0.5, Fraction(1, 2), -3, np.float64(2), np.float32(0.1), np.float16(-3), np.longdouble(2),
         np.int64(2), np.int8(-3), np.uint8(1), np.bool_(True), 10**400, -(10**400), math.inf, math.nan]  # fmt: skip


@kinds
@pytest.mark.parametrize("data", [2.0, 0.0, 0.1, 1.0, -3.0, 1e300])
@pytest.mark.parametrize("compare", ORDER + EQUALITY, ids=lambda f: f.__name__)
def test_with_a_plain_number_the_number_is_compared(make, data, compare):
    for other in PLAIN:
        answer, reflected = compare(make(data), other), compare(other, make(data))
        plain = other if isinstance(other, int) else float(other)
        assert answer == compare(data, plain)
        assert reflected == compare(plain, data)
        assert isinstance(answer, (bool, np.bool_))
        assert isinstance(reflected, (bool, np.bool_))


@kinds
@pytest.mark.parametrize("others", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(("x", "y"), [(1.0, 2.0), (2.0, 1.0), (0.0, 0.0), (2.0, 2.0)])
def test_with_a_recording_number_order_is_of_numbers_and_equality_of_nodes(make, others, x, y):
    a, b = make(x), others(y)
    for compare in ORDER:
        assert compare(a, b) == compare(x, y)
    assert (a == b, a != b) == (False, True)
    assert (a == a, a != a) == (True, False)


@kinds
@pytest.mark.parametrize("data", [0.0, -0.0, 1.0, math.nan])
def test_it_is_true_because_it_is_there(make, data):
    with ieee():
        x = make(data)
    assert bool(x) is True
    assert (x or 5) is x
    assert all([x])
    assert list(filter(None, [x, None])) == [x]


@kinds
def test_containers_find_the_node_itself(make):
    first, second, third = make(1.0), make(1.0), make(2.0)
    nodes = [first, second, third]
    assert [nodes.index(x) for x in nodes] == [0, 1, 2]
    assert make(1.0) not in nodes
    assert second not in (first, third)
    assert second not in deque([first])
    assert nodes.count(second) == 1
    nodes.remove(second)
    assert [x is y for x, y in zip(nodes, [first, third], strict=True)] == [True, True]
    assert len({first, second, third, first}) == 3
    assert Counter([first, second, first])[first] == 2
    assert {first: "first", second: "second"}[second] == "second"
    assert (first, third) == (first, third)
    assert (first, third) != (second, third)
    # A plain number in the list is found by its number, as ever.
    assert [make(3.0), 1.0].index(first) == 1


@kinds
def test_with_anything_else_python_decides(make):
    x = make(2.0)
    for other in ("2.0", None, [2.0], (2.0,), {}, object(), 2 + 0j, math):
        assert (x == other, x != other, other == x, other != x) == (False, True, False, True)
    for other in ("2.0", None, [2.0], object()):
        for compare in ORDER:
            with pytest.raises(TypeError, match="not supported between"):
                compare(x, other)

    class Anything:
        def __eq__(self, other):
            return "asked"

    assert (x == Anything()) == "asked"
    assert (x < Decimal("2.5")) is True


@kinds
@pytest.mark.parametrize("compare", ORDER + EQUALITY, ids=lambda f: f.__name__)
def test_arrays_compare_their_elements(make, compare):
    array = np.array([1.0, 2.0, 3.0])
    assert compare(make(2.0), array).tolist() == compare(2.0, array).tolist()
    assert compare(array, make(2.0)).tolist() == compare(array, 2.0).tolist()
    assert compare(make(2.0), np.array(2.0)) == compare(2.0, 2.0)
    nodes = np.array([make(1.0), make(2.0)])
    if compare in ORDER:
        assert compare(nodes, make(2.0)).tolist() == compare(np.array([1.0, 2.0]), 2.0).tolist()
    else:
        assert compare(nodes, make(2.0)).tolist() == [compare is operator.ne] * 2
        assert compare(nodes, nodes[0]).tolist() == [compare(0, 0), compare(0, 1)]


@kinds
def test_nan_is_not_equal_to_itself_but_the_node_is(make):
    with ieee():
        x, y = make(math.nan), make(math.nan)
    assert x == x
    assert x != y
    assert x != math.nan
    assert not any(compare(x, other) for compare in ORDER for other in (x, y, 1.0))


def test_tensors_of_other_libraries():
    torch = pytest.importorskip("torch", reason="a tensor is what is compared")
    for x in (Value(2.0), Dual(2.0, 1.0)):
        for t in (torch.tensor(2.0), torch.tensor([2.0])):
            assert (x == t) is (t == x) is False
            assert bool(x <= t) is bool(t >= x) is True


def test_sorting_and_choosing():
    values = [Value(3.0), Value(1.0), Value(3.0), Value(2.0)]
    largest = max(values)
    assert largest is values[0]
    assert values.index(largest) == max(range(4), key=lambda i: values[i]) == 0
    assert [values.index(v) for v in sorted(values)] == [1, 3, 0, 2]
    assert [values.index(v) for v in sorted(values, reverse=True)] == [0, 2, 3, 1]
    tied = [(values[2], 1), (values[0], 2), (values[1], 3)]
    assert [place for _, place in sorted(tied)] == [3, 1, 2]


def test_a_walk_that_keeps_a_list_of_visited_nodes():
    # micrograd's topological order, with a list where it has a set; all numbers are equal.
    a, b = Value(1.0, "a"), Value(1.0, "b")
    root = (a * b) * (a / b)
    order, visited = [], []

    def build(v):
        if v not in visited:
            visited.append(v)
            for child in v.inputs:
                build(child)
            order.append(v)

    build(root)
    assert [id(v) for v in order] == [id(v) for v in topological_order(root)]


@pytest.mark.parametrize("transform", [lambda f, x: grad(f)(x), lambda f, x: jvp(f, (x,), (1.0,))[1]])
def test_a_bias_that_begins_at_0_keeps_its_derivative(transform):
    def neuron(bias):
        return 2.0 + (bias or 0)

    assert transform(neuron, 0.0) == 1.0
    assert transform(lambda b: 3.0 * b if b is not None and b else b, 0.0) == 3.0
    assert transform(lambda x: x * x if x != 0 else x, 0.0) == 1.0


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_copy_is_another_node(duplicate):
    a = Value(2.0, "a")
    assert duplicate(a) != a
    assert duplicate(a).data == a.data
    pair = duplicate([a, a])
    assert pair[0] == pair[1]
