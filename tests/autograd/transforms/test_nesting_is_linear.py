"""A derivative inside of a loop costs the same at each turn: what is counted are looks at the inputs of a node.

Every walk over a graph looks at ``inputs``, whoever makes it.  Where a turn walked over all turns before, the counts
of 10, 20 and 30 turns would not lie on a line.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest

from autograd import Value, exp, grad, gradient, hessian, hvp, jacobian, jit, jvp, sin, tanh, value_and_grad, vjp
from autograd.program.tracer import Tracer


def slope(f):
    """d/dx by forward mode, as a function."""
    return lambda x: jvp(f, (x,), (1.0,))[1]


@contextmanager
def looks_counted() -> Iterator[list[int]]:
    """While it is open, the list's only number is how often somebody looked at the inputs of a node."""
    looks = [0]
    plain = {kind: kind.inputs for kind in (Value, Tracer)}

    def counted(slot: Any) -> property:
        def get(node: Any) -> Any:
            looks[0] += 1
            return slot.__get__(node)

        return property(get, slot.__set__)

    try:
        for kind, slot in plain.items():
            kind.inputs = counted(slot)
        yield looks
    finally:
        for kind, slot in plain.items():
            kind.inputs = slot


def looks_at(run: Callable[[int], Any], turns: int) -> int:
    with looks_counted() as looks:
        run(turns)
    return looks[0]


def assert_linear(run: Callable[[int], Any]) -> None:
    run(3)
    ten, twenty, thirty = [looks_at(run, turns) for turns in (10, 20, 30)]
    assert thirty - twenty == pytest.approx(twenty - ten, rel=0.01), (ten, twenty, thirty)


def potential(x: Any) -> Any:
    return exp(-x * x) + 0.1 * x * x


def descent(step: Callable[[Any], Any]) -> Callable[[int], Callable[[Any], Any]]:
    """The function x ↦ the x after so many turns of x - 0.01·step(x)."""

    def of_turns(turns: int) -> Callable[[Any], Any]:
        def descended(x: Any) -> Any:
            for _ in range(turns):
                x = x - 0.01 * step(x)
            return x

        return descended

    return of_turns


def of_node(x: Any) -> Any:
    return gradient(potential(x), [x])[0]


INNER = {
    "grad": grad(potential),
    "jvp": slope(potential),
    "value_and_grad": lambda x: sum(value_and_grad(potential)(x)),
    "vjp": lambda x: vjp(lambda t: [potential(t), t * t], x)[1]([1.0, x])[0],
    "jacobian": lambda x: jacobian(lambda t: [potential(t), t * x, x])(x)[0][0],
    "hessian": lambda x: hessian(potential)(x)[0][0],
    "hvp": lambda x: hvp(potential, (x,), (x,))[0],
    "a closure": lambda x: grad(lambda t: potential(t) * x)(x),
    "a closure by a number": lambda x: grad(lambda t: potential(t) * x)(0.5),
    "grad of grad": grad(grad(potential)),
}


@pytest.mark.parametrize("outer", [grad, slope])
@pytest.mark.parametrize("inner", INNER)
def test_in_a_function_that_is_differentiated(outer, inner):
    descended = descent(INNER[inner])
    assert_linear(lambda turns: outer(descended(turns))(1.3))


def test_three_deep():
    middle = descent(grad(potential))(3)
    assert_linear(lambda turns: grad(descent(grad(middle))(turns))(1.3))


@pytest.mark.parametrize("inner", ["grad", "jacobian", "a closure", "hessian"])
def test_while_it_is_recorded(inner):
    descended = descent(INNER[inner])
    assert_linear(lambda turns: jit(descended(turns), engine="python").value_and_grad(1.3))
    assert_linear(lambda turns: jit(grad(descended(turns)), engine="python")(1.3))


@pytest.mark.parametrize("step", [of_node, INNER["grad"], INNER["a closure"]])
def test_with_values_and_one_backward_in_the_end(step):
    assert_linear(lambda turns: descent(step)(turns)(Value(1.3)).backward())
    x = Value(1.3)
    descent(step)(7)(x).backward()
    assert x.grad == pytest.approx(
        slope(descent(INNER["a closure" if step is INNER["a closure"] else "jvp"])(7))(1.3)
    )


def saddle(x: Any, y: Any) -> Any:
    return sin(x * y) + 0.1 * x * x - 0.1 * y * y


def minimax(turns: int, x: Any, y: Any) -> Any:
    """Each step's function closes over the other number, which is as deep as the one it is differentiated by."""
    for _ in range(turns):
        x = x - 0.1 * grad(lambda s, y=y: saddle(s, y))(x)
        y = y + 0.1 * grad(lambda s, x=x: saddle(x, s))(y)
    return x + y


def half_of_it(turns: int, x: Any, y: Any) -> Any:
    """The same, but x is a plain number, and only y is deep."""
    x = 0.8
    for _ in range(turns):
        x = x - 0.1 * grad(lambda s, y=y: saddle(s, y))(x).data
        y = y + 0.1 * grad(lambda s, x=x: saddle(x, s))(y)
    return x + y


def by_nodes(turns: int, x: Any, y: Any) -> Any:
    """The same with two nodes at once, one of which is behind the other."""
    for _ in range(turns):
        x = x + 0.1 * y
        by_x, by_y = gradient(saddle(x, y), [x, y])
        x, y = x - 0.1 * by_x, y + 0.1 * by_y
    return x + y


def adapted(turns: int, x: Any, y: Any) -> Any:
    """Several weights in a list, and a loss that also uses what they were at first."""
    start = ws = [x, y, x * y]

    def loss(ws: Any, scale: Any) -> Any:
        return scale * sum([tanh(w * s + 0.5) ** 2 for w, s in zip(ws, start, strict=True)], 0.0)

    for turn in range(turns):
        ws = [w - 0.1 * d for w, d in zip(ws, grad(loss)(ws, 1.0 + turn % 2), strict=True)]
    return loss(ws, 1.0)


@pytest.mark.parametrize("loop", [minimax, half_of_it, by_nodes, adapted])
def test_loops_over_several_numbers(loop):
    assert_linear(lambda turns: loop(turns, Value(0.8), Value(0.3)).backward())
    if loop in (minimax, adapted):
        assert_linear(lambda turns: grad(lambda x, y: loop(turns, x, y), (0, 1))(0.8, 0.3))
        assert_linear(lambda turns: jvp(lambda x, y: loop(turns, x, y), (0.8, 0.3), (1.0, 2.0)))


@pytest.mark.parametrize("loop", [minimax, by_nodes, adapted])
def test_what_they_come_to_is_right(loop):
    x, y = Value(0.8), Value(0.3)
    result = loop(9, x, y)
    result.backward()
    h = 1e-5
    for value, moved in ((x, (h, 0.0)), (y, (0.0, h))):
        above, below = [loop(9, Value(0.8 + s * moved[0]), Value(0.3 + s * moved[1])).data for s in (1, -1)]
        assert value.grad == pytest.approx((above - below) / (2 * h), rel=1e-8)
    # The graph stands: what was found while it was made can be asked for again, of each node and in any order.
    assert [d.data for d in gradient(result, [x, y])] == [x.grad, y.grad]
    again = loop(9, x, y)
    assert [d.data for d in gradient(again + result, [y, x])] == pytest.approx([2 * y.grad, 2 * x.grad], rel=1e-15)


def test_a_node_that_was_met_before_is_found_by_a_later_walk():
    """Old inputs and new ones in one question, rows of one Jacobian, a vector pulled back twice."""
    a = Value(2.0)
    b = a * a
    c = b * a
    assert gradient(c, [b])[0].data == 2.0
    assert [d.data for d in gradient(c, [b, a])] == [2.0, 12.0]
    new = c + a
    assert [d.data for d in gradient(new * c, [new, a, c])] == [8.0, 8.0 * 13.0 + 10.0 * 12.0, 18.0]
    assert gradient(c, [new])[0].data == 0.0
    ten = (new * 10.0).inputs[1]
    scaled = a * a * ten
    for _ in range(2):
        assert [d.data for d in gradient(scaled, [ten])] == [4.0]
    _, pull_back = vjp(lambda x: [x * x, x * b], a)
    rows = [pull_back([1.0, 0.0])[0], pull_back([0.0, 1.0])[0]]
    assert [row.data for row in rows] == [4.0, 4.0]
    assert gradient(rows[1], [a])[0].data == 4.0


def test_threads_that_walk_over_one_graph():
    x = Value(0.9)
    shared = descent(INNER["grad"])(30)(x)
    found = []

    def work() -> None:
        found.extend(gradient(shared * INNER["grad"](shared), [x, shared])[0].data for _ in range(5))

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40
    assert len(set(found)) == 1


@pytest.mark.parametrize("replaced", [0, 1, 2])
def test_inputs_that_are_replaced_after_a_walk(replaced):
    """Neither the node nor those that use it may keep the numbers from which a later walk knows where to end."""
    a, b = Value(2.0), Value(3.0)
    nodes = [a * a]
    for _ in range(2):
        nodes.append(nodes[-1] * 1.0)
    assert gradient(nodes[2], [a])[0].data == 4.0
    new = b * b * b
    assert gradient(new, [b])[0].data == 27.0
    nodes[replaced].inputs = (new, a) if replaced == 0 else (new, nodes[replaced].inputs[1])
    for x in (new, b, a):
        x.grad = 0
    nodes[2].backward()
    for x in (b, new, a):
        assert gradient(nodes[2], [x])[0].data == x.grad
    assert new.grad != 0
