"""Operations made as in micrograd's lessons give what operations with a rule give, or say what to write."""

import copy
import math
import pickle
from random import Random

import pytest

import autograd
from autograd import (
    DataError,
    GradientError,
    NumberOverflowError,
    Op,
    Value,
    compile,
    detect_anomaly,
    grad,
    gradient,
    ieee,
    jvp,
    no_grad,
    trace,
)
from autograd.program.tape import TapeError


def tanh(x):
    t = math.tanh(x.data)
    out = Value(t, (x,), "tanh")

    def _backward():
        x.grad += (1 - t * t) * out.grad

    out._backward = _backward
    return out


def product(x, y):
    out = Value(x.data * y.data, (x, y), "*")

    def _backward():
        x.grad += y.data * out.grad
        y.grad += x.data * out.grad

    out._backward = _backward
    return out


def gpt_exp(x):
    return Value(math.exp(x.data), (x,), (math.exp(x.data),))


def gpt_add(x, y):
    return Value(x.data + y.data, (x, y), (1, 1))


PAIRS = [
    (tanh, autograd.tanh),
    (gpt_exp, autograd.exp),
    (product, lambda x, y: x * y),
    (gpt_add, lambda x, y: x + y),
]


def random_graph(seed, which):
    """A graph of operations, of which ``which`` says whether each is made by hand (0) or not (1), and its leaves."""
    chance = Random(seed)
    leaves = [Value(chance.uniform(-1, 1), f"x{i}") for i in range(3)]
    nodes = list(leaves)
    for _ in range(12):
        row = chance.randrange(len(PAIRS))
        inputs = [chance.choice(nodes) for _ in range(1 if row < 2 else 2)]
        if row == 1:
            inputs = [nodes[0]]
        coin = chance.randrange(2)
        nodes.append(PAIRS[row][which(coin)](*inputs))
    return sum(nodes, Value(0.0)), leaves


@pytest.mark.parametrize("seed", range(20))
def test_graphs_with_operations_made_by_hand_have_the_gradients_of_those_with_rules(seed):
    expected, leaves = random_graph(seed, lambda coin: 1)
    expected.backward()
    wanted = [x.grad for x in leaves]
    for which in (lambda coin: 0, lambda coin: coin):
        y, xs = random_graph(seed, which)
        y.backward()
        assert y.data == pytest.approx(expected.data, rel=1e-12)
        assert [x.grad for x in xs] == pytest.approx(wanted, rel=1e-12)
        # Once more: leaves add up, and the nodes between begin afresh.
        y.backward()
        assert [x.grad for x in xs] == pytest.approx([2 * g for g in wanted], rel=1e-12)
        assert [trace(y).gradients[trace(y).find(x)] for x in xs] == pytest.approx(wanted, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("seed", range(10))
def test_a_backward_pass_cranked_by_hand_is_that_of_backward(seed):
    y, leaves = random_graph(seed, lambda coin: coin)
    y.backward()
    wanted = [x.grad for x in leaves]
    order = autograd.topological_order(y)
    for node in order:
        node.grad = 0
    y.grad = 1.0
    for node in reversed(order):
        node._backward()
    assert [x.grad for x in leaves] == pytest.approx(wanted, rel=1e-12)
    for node in order:
        node.grad = 0
    y.grad = 1
    for node in reversed(order):
        for child, local in zip(node._children, node._local_grads, strict=True):
            child.grad += local * node.grad
    assert [x.grad for x in leaves] == pytest.approx(wanted, rel=1e-12)


def test_the_function_is_called_once_in_its_turn_with_the_whole_upstream_gradient():
    seen = []
    x = Value(0.5)
    y = Value(2 * x.data, (x,), "double")

    def _backward():
        seen.append(y.grad)
        x.grad += 2 * y.grad

    y._backward = _backward
    assert y._backward is _backward
    (y * y + y).backward()
    assert seen == [3.0]
    assert x.grad == 6.0


def test_it_need_not_be_linear():
    x = Value(0.5)
    y = Value(x.data, (x,), "clip")

    def _backward():
        x.grad += max(-1.0, min(1.0, y.grad))

    y._backward = _backward
    (y * 10).backward()
    assert x.grad == 1.0


def test_a_value_that_is_used_twice_is_one_child_of_a_function():
    x = Value(3.0)
    y = product(x, x)
    y.backward()
    assert x.grad == 6.0
    assert (y.inputs, y._local_grads) == ((x,), (6.0,))
    z = gpt_add(x, x)
    assert (z.inputs, z._local_grads) == ((x, x), (1.0, 1.0))


def test_the_step_of_any_node_can_be_another():
    x, y = Value(2.0), Value(3.0)
    z = x * y
    z._backward = lambda: setattr(x, "grad", x.grad + 100 * z.grad)
    (z * 2).backward()
    assert (x.grad, y.grad) == (200.0, 0.0)
    assert (z._op, z.data) == ("*", 6.0)


def test_previous_nodes_are_a_set_in_order():
    x, y = Value(2.0), Value(3.0)
    z = x * y
    assert z._prev == {y, x}
    assert (z._prev[0], z._prev[1], list(z._prev), len(z._prev)) == (x, y, [x, y], 2)
    assert (x * x)._prev == {x}
    assert len((x * x)._prev) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda x: Value(3.0, (x,), "op"),
        lambda x: Value(3.0, [x], "op"),
        lambda x: Value(3.0, {x}, "op"),
        lambda x: Value(3.0, (child for child in [x]), "op"),
        lambda x: Value(3.0, {x: "x"}.keys(), "op"),
        lambda x: Value(3.0, (x,), "op", "name"),
        lambda x: Value(3.0, (x,), "op", label="name"),
        lambda x: Value(3.0, "name", _children=(x,), _op="op"),
        lambda x: Value(3.0, _children=(x,), _op="op", label="name"),
        lambda x: Value(data=3.0, _prev=(x,), _op="op"),
        lambda x: Value(3.0, children=(x,), local_grads=(1.0,)),
    ],
)
def test_all_ways_to_call_the_constructor(make):
    x = Value(1.0)
    y = make(x)
    assert (y.data, y.inputs) == (3.0, (x,))
    assert y._op in ("op", "f")
    assert y.label in ("", "name")


def test_leaves_may_be_made_in_that_way_too():
    for leaf in (Value(2.0, ()), Value(2.0, (), ""), Value(2.0, (), "", "a"), Value(2.0, _children=(), _op="")):
        leaf._backward = lambda: None
        leaf._backward()
        assert (leaf.inputs, leaf.op, leaf._children, leaf._local_grads) == ((), None, (), ())


class Extended(Value):
    def __init__(self, data, _children=(), _op=""):
        super().__init__(data, _children=_children, _op=_op)
        self._backward = lambda: None
        self.visits = 0

    def double(self):
        out = Extended(2 * self.data, (self,), "double")

        def _backward():
            self.grad += 2 * out.grad
            self.visits += 1

        out._backward = _backward
        return out


def test_a_class_of_ones_own():
    x = Extended(3.0)
    y = x.double()
    z = y * y + x
    z.backward()
    assert (z.data, x.grad, x.visits) == (39.0, 25.0, 1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x: Value(1.0, x, "op"), r"a tuple, also a single one: Value\(data, \(x,\), 'name'\)"),
        (lambda x: Value(1.0, (x, 2.0), "+"), r"not 2.0 \(float\)"),
        (lambda x: Value(1.0, ("x",), "+"), r"not 'x' \(str\)"),
        (lambda x: Value(1.0, (x,), (1.0, 2.0)), "one local derivative for each of the 1 children"),
        (lambda x: Value(1.0, (x,), 3.0), "one local derivative for each"),
        (lambda x: Value(1.0, (x,), ("1",)), "a Value holds one real number"),
        (lambda x: Value(1.0, (x,), "+", "a", "b"), r"but got 'b' \(str\) too"),
        (lambda x: Value(1.0, parents=(x,)), "no argument 'parents'"),
        (lambda x: Value(1.0, 3), r"a label is a string, but got 3"),
        (lambda x: Value(1.0, (), "", 3), r"a label is a string, but got 3"),
        (lambda x: setattr(x * x, "_backward", 3), "a function without arguments"),
    ],
)
def test_what_cannot_be_meant_is_an_error(wrong, message):
    with pytest.raises(DataError, match=message):
        wrong(Value(1.0))


def test_a_function_for_a_leaf_would_never_be_called():
    x = Value(1.0)
    y = Value(math.sin(x.data))
    with pytest.raises(GradientError, match=r"without children.*\n?.*my_op = Op\('my_op', function"):
        y._backward = lambda: setattr(x, "grad", 1.0)


def test_without_a_derivative_backward_says_what_is_missing_and_changes_nothing():
    x = Value(1.0)
    y = Value(2.0, (x,), "double")
    with pytest.raises(GradientError, match=r"double = Op\('double', function, lambda x, z: \(slope,\)\)"):
        (y * 2 + x).backward()
    assert (x.grad, y.grad) == (0, 0)


def test_an_error_of_the_function_leaves_all_gradients_as_they_were():
    x = Value(1.0)
    y = Value(2.0, (x,), "double")

    def _backward():
        x.grad += 1
        raise RuntimeError("mine")

    y._backward = _backward
    for ask in ((y * 2 + x).backward, lambda: list(trace(y).backward)):
        with pytest.raises(RuntimeError, match="mine"):
            ask()
        assert (x.grad, y.grad) == (0, 0)


def test_a_gradient_that_is_not_finite_is_an_error():
    x = Value(1.0)
    y = Value(2.0, (x,), "odd")
    y._backward = lambda: setattr(x, "grad", math.inf)
    with pytest.raises(NumberOverflowError, match="the _backward of 'odd'"):
        y.backward()
    assert x.grad == 0
    with ieee():
        y.backward()
    assert x.grad == math.inf


def test_no_grad_and_detect_anomaly():
    x = Value(0.5)
    with no_grad():
        assert tanh(x).inputs == ()
    with detect_anomaly():
        y = tanh(x)
        y.backward()
        x.data = 0.75
        with pytest.raises(GradientError, match="for no others"):
            y.backward()


@pytest.mark.parametrize(
    "ask",
    [
        lambda x: grad(tanh)(x),
        lambda x: gradient(tanh(x), [x]),
        lambda x: compile(tanh(x), [x]),
        lambda x: tanh(x).op(0.75),
        lambda x: pickle.dumps(tanh(x)),
    ],
)
def test_what_needs_a_rule_shows_the_line_that_has_one(ask):
    with pytest.raises(autograd.AutogradError, match=r"tanh = Op\('tanh', function, lambda x, z: \(slope,\)\)"):
        ask(Value(0.5))


def test_forward_mode_does_not_take_its_numbers_for_children():
    with pytest.raises(DataError, match="not Dual"):
        jvp(tanh, (0.5,), (1.0,))


def test_a_copy_knows_its_numbers_and_leaves_the_original_alone():
    x = Value(0.5)
    y = tanh(x)
    again = copy.deepcopy(y)
    again.backward()
    assert (again.inputs[0].grad, x.grad) == (1 - math.tanh(0.5) ** 2, 0)
    again.inputs[0].data = 0.75
    with pytest.raises(GradientError, match="for the numbers that it was made with"):
        again.backward()
    z = pickle.loads(pickle.dumps(gpt_exp(x)))
    z.backward()
    assert z.inputs[0].grad == math.exp(0.5)


def test_a_number_on_a_tape_is_no_child():
    program = autograd.jit(lambda x: Value(1.0, (x,), "one") * x)
    with pytest.raises(TapeError):
        program(2.0)


def test_a_fixed_result_is_a_constant_of_a_program():
    x, w = Value(0.5), Value(2.0)
    program = compile(tanh(x) * w, [w])
    assert program(3.0) == pytest.approx(3 * math.tanh(0.5), rel=1e-15)


def test_the_line_that_an_error_shows_works():
    hand = tanh(Value(0.5))
    with pytest.raises(GradientError) as caught:
        hand.op(0.75)
    line = str(caught.value).splitlines()[1].split(": ", 1)[1].split(", where")[0]
    known = {"Op": Op, "function": lambda x: x * x, "slope": 1.0}
    exec(line.replace("'tanh'", "'a_line_that_an_error_shows'"), known)
    assert known["tanh"](3.0) == 9.0


@pytest.mark.parametrize(
    "make",
    [
        lambda x, y: x * y,
        lambda x, y: x * x + y,
        lambda x, y: x * x,
        lambda x, y: tanh(x),
        lambda x, y: product(x, y),
        lambda x, y: gpt_add(x, x),
        lambda x, y: autograd.total(x, y, x),
    ],
)
@pytest.mark.parametrize("layers", [1, 3])
def test_a_step_can_be_wrapped_in_another_that_calls_it(make, layers):
    x, y = Value(0.5), Value(-2.0)
    z = make(x, y)
    (z * z).backward()
    wanted = (x.grad, y.grad)
    calls = []

    def counted(step, name):
        def again():
            calls.append(name)
            step()

        return again

    for i in range(layers):
        z._backward = counted(z._backward, i)
    for _ in range(2):
        x.grad = y.grad = 0
        calls.clear()
        (z * z).backward()
        assert (x.grad, y.grad) == wanted
        assert calls == list(range(layers))[::-1]


def test_every_operation_can_be_wrapped_by_a_decorator(monkeypatch):
    seen = []

    def watched(method):
        def operator(self, *others):
            out = method(self, *others)
            step = out._backward

            def _backward():
                seen.append((method.__name__, out.grad))
                step()

            out._backward = _backward
            return out

        return operator

    def result():
        a, b = Value(2.0), Value(-3.0)
        ((a * b + 8.0).relu() * a).backward()
        return a.grad, b.grad

    wanted = result()
    for name in ("__add__", "__mul__", "relu"):
        monkeypatch.setattr(Value, name, watched(getattr(Value, name)))
    assert result() == wanted
    assert seen == [("__mul__", 1.0), ("relu", 2.0), ("__add__", 2.0), ("__mul__", 2.0)]


def test_a_wrapper_may_change_the_gradient_that_goes_on():
    x = Value(5.0)
    y = x * 10
    step = y._backward

    def clipped():
        y.grad = min(1.0, y.grad)
        step()

    y._backward = clipped
    (y * y).backward()
    assert (y.grad, x.grad) == (1.0, 10.0)


def test_the_steps_of_leaves_do_nothing_and_cannot_be_wrapped():
    x = Value(5.0)
    step = x._backward
    step()
    with pytest.raises(GradientError, match="leave out the leaves"):
        x._backward = lambda: step()


@pytest.mark.parametrize("name", ["_prev", "_children", "_op", "_local_grads"])
def test_what_says_how_a_value_was_made_cannot_be_set(name):
    x = Value(2.0)
    y = x * x
    with pytest.raises(GradientError, match=rf"^{name} of a Value .*Value\(data, \(x, y\), 'name'\)"):
        setattr(y, name, ())
    assert (y._op, y.inputs) == ("*", (x, x))


def test_a_subclass_that_does_not_call_our_constructor_is_told_to():
    class Copied(Value):
        def __init__(self, data, _children=(), _op=""):
            self.data = data
            self.grad = 0
            self._backward = lambda: None
            self._prev = set(_children)

    with pytest.raises(GradientError, match=r"in a subclass with super\(\).__init__\(data"):
        Copied(2.0)
