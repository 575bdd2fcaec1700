"""The backward pass that runs, beside the one to be read: the same bits on graphs of all kinds."""

import copy
import gc
import math
import operator
import random
import struct

import pytest

from autograd import AutogradError, Op, Value, ieee, ops, softmax, topological_order, total
from autograd.core import sweep
from autograd.core.evaluate import FAILURES
from autograd.value import backpropagate

NUMBERS = (0.0, -0.0, 1.0, -1.0, 0.5, 3.0, -2.0, 1e-300, 1e200)
BUILT_IN = operator.attrgetter("is_built_in")
NOT_FINITE = (math.inf, -math.inf, math.nan)


def random_graph(chance, numbers, operations=25):
    """A graph over all operations of the table; those that are not defined somewhere are left out there."""
    nodes = [Value(chance.choice(numbers) if chance.random() < 0.5 else chance.gauss(0, 1)) for _ in range(5)]
    rows = [*filter(BUILT_IN, ops.ALL.values()), *map(ops.power_by, (2.0, -1.0, 0.5, 3.0)), ops.softmax_at(0)]
    # Half of the nodes are of the four operators, as in all graphs that people write.
    rows += [ops.add, ops.subtract, ops.multiply, ops.divide] * (len(rows) // 4)
    made = 0
    while made < operations:
        op = chance.choice(rows)
        count = 2 * chance.randint(1, 3) if op.variadic else op.arity
        try:
            # Often one of the last, so that the graph is deep; often the same one twice, and sometimes a number.
            inputs = [chance.choice(nodes[-4:] if chance.random() < 0.6 else nodes) for _ in range(count)]
            if count > 1 and chance.random() < 0.2:
                inputs[1] = chance.choice((inputs[0], 2.0, 0))
            nodes.append(op(*inputs))
        except AutogradError:
            continue
        made += 1
    return total(nodes[-3:]) if chance.random() < 0.5 else nodes[-1]


def bits(grad):
    return grad if grad is None or isinstance(grad, int) else struct.pack("d", grad)


def as_it_is_read(result):
    """The bits of all gradients of a copy of the graph; None if one of them is not defined or not finite."""
    order = topological_order(copy.deepcopy(result))
    try:
        backpropagate(order)
        found = [node.grad for node in order]
        # Python's power of a negative number may be a complex one: a TypeError.
        return [bits(grad) for grad in found] if all(map(math.isfinite, found)) else None
    except FAILURES:
        return None


def assert_same_bits(result):
    before = [bits(node.grad) for node in topological_order(result)]
    expected = as_it_is_read(result)
    is_done = sweep.backpropagate(result)
    assert [bits(node.grad) for node in topological_order(result)] == (expected if is_done else before)
    assert is_done == (expected is not None)
    return is_done


@pytest.mark.parametrize("seed", range(300))
def test_random_graphs(seed):
    chance = random.Random(seed)
    result = random_graph(chance, NUMBERS)
    for node in topological_order(result):
        node.grad = chance.choice((0, 0.0, -0.0, None, 0.25, -3.0))
    for _ in range(2):
        assert_same_bits(result)


@pytest.mark.parametrize("seed", range(100))
def test_random_graphs_with_numbers_that_are_not_finite(seed):
    chance = random.Random(seed)
    with ieee():
        result = random_graph(chance, (*NUMBERS, *NOT_FINITE))
        assert_same_bits(result)


def test_the_random_graphs_are_of_all_operations_and_mostly_done():
    graphs = [random_graph(random.Random(seed), NUMBERS) for seed in range(300)]
    met = {node.op for result in graphs for node in topological_order(result)}
    assert met.issuperset(filter(BUILT_IN, ops.ALL.values()))
    assert sum(map(assert_same_bits, graphs)) > 100


@pytest.mark.parametrize("seed", range(30))
def test_operations_stand_in_topological_order(seed):
    result = random_graph(random.Random(seed), NUMBERS, operations=60)
    operations, leaves = sweep.operations_and_leaves(result)
    order = topological_order(result)
    assert operations == [node for node in order if node.op is not None]
    assert {id(leaf) for leaf in leaves} == {id(node) for node in order if node.op is None}
    assert len(operations) + len(leaves) == len(order)


@pytest.mark.parametrize("step", [lambda y, w: y * w, lambda y, w: y.tanh(), lambda y, w: total([y, w, y, w])])
def test_deep_graphs(step):
    w = Value(0.5)
    y = x = Value(0.25)
    for _ in range(20_000):
        y = step(y * 0.5, w)
    y.backward()
    assert math.isfinite(x.grad)


def test_a_leaf_is_its_own_result():
    leaf = Value(2.0)
    assert not sweep.backpropagate(leaf)
    leaf.backward()
    leaf.backward()
    assert leaf.grad == 2.0


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, ZeroDivisionError])
def test_what_stops_a_backward_pass_leaves_all_gradients_as_they_were(error):
    def stop(x, z):
        raise error

    stopped = Op("stopped", lambda x: x, stop)
    try:
        a, b = Value(2.0), Value(3.0)
        product = stopped(a) * b
        result = product * a
        a.grad, b.grad, product.grad, result.grad = 7.0, None, 5.0, 0
        with pytest.raises((error, AutogradError)):
            result.backward()
        assert [x.grad for x in (a, b, product, result)] == [7.0, None, 5.0, 0]
    finally:
        del ops.ALL["stopped"]


def test_inputs_are_a_tuple_that_may_be_replaced():
    a, b, c = Value(2.0), Value(3.0), Value(5.0)
    assert a.inputs == ()
    assert (a * b).inputs == (a, b)
    assert a.tanh().inputs == (a,)
    assert total([a, b, c]).inputs == (a, b, c)
    for count in (0, 1, 3, 2):
        product = a * b
        product.inputs = (c, b, a)[:count]
        assert product.inputs == (c, b, a)[:count]
    product.backward()
    assert (a.grad, b.grad, c.grad) == (0, 5.0, 3.0)


@pytest.mark.parametrize("inputs", [0, 1, 3])
def test_an_operation_whose_inputs_were_replaced_by_too_few_or_too_many_is_no_silent_gradient(inputs):
    a = Value(2.0)
    for node in (a * a, a + a, a - a, a / a, a % a, a.tanh() if inputs != 1 else a * 1.0):
        node.inputs = (a,) * inputs
        with pytest.raises((AutogradError, ValueError, TypeError)):
            (node * a).backward()
        assert a.grad == 0


def test_softmax_of_leaves_and_operations_in_turn():
    xs = [Value(0.1), Value(0.2) * 2.0, Value(-0.3), Value(0.5).exp()]
    assert assert_same_bits(softmax(xs)[1] * xs[3])


def test_a_node_is_one_object_for_the_garbage_collector():
    a, b = Value(2.0), Value(0.5)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        y = a
        for _ in range(1000):
            y = y * b + a
        assert len(gc.get_objects()) - before < 2050
        assert not any(isinstance(x, tuple) for x in gc.get_referents(y))
        del y
        assert len(gc.get_objects()) - before < 50
    finally:
        gc.enable()


@pytest.mark.parametrize("op", [op for op in ops.ALL.values() if op.is_built_in and op.variadic])
@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_lists_of_any_length(op, count):
    """Among them with one node twice, whose contributions are added in the order of the list."""
    if op is ops.inner_product and count % 2:
        return
    for seed in range(20):
        chance = random.Random(seed)
        leaves = [Value(chance.gauss(0, 1)) for _ in range(3)]
        assert assert_same_bits(op([chance.choice(leaves) * chance.gauss(0, 1) for _ in range(count)]) * leaves[0])
        assert assert_same_bits(op([chance.choice(leaves) for _ in range(count)]))
