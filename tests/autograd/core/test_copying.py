"""Copies and pickles of graphs of every depth."""

import copy
import pickle
import threading

import pytest

from autograd import Value, topological_order


def chain(length):
    x = Value(0.5, "x")
    y = x
    for _ in range(length // 2):
        y = y * 0.5 + 0.25
    return x, y


def small_graph():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    c = a * b
    c.label = "c"
    L = (c + a).tanh() * 10
    L.label = "L"
    return a, b, c, L


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
