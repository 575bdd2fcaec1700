"""What the first notebook of Karpathy's lecture on micrograd computes, from a derivative by hand to o.backward()."""

import numpy as np
from lecture import Value
from utils import draw_dot

# The derivative of a simple function, by a small step.


def f(x):
    return 3 * x**2 - 4 * x + 5


at_3 = f(3.0)
ys = f(np.arange(-5, 5, 0.25))
h = 0.000001
x = 2 / 3
slope_at_the_bottom = (f(x + h) - f(x)) / h

a, b, c = 2.0, -3.0, 10.0
h = 0.0001
d1 = a * b + c
c += h
d2 = a * b + c
slope_by_c = (d2 - d1) / h

# Values, with labels; an expression remembers what it was made of.

a = Value(2.0, label="a")
b = Value(-3.0, label="b")
c = Value(10.0, label="c")
e = a * b
e.label = "e"
d = e + c
d.label = "d"
f = Value(-2.0, label="f")
L = d * f
L.label = "L"
d_prev, d_op = d._prev, d._op
L_shown = repr(L)

# Its graph, walked over _prev and _op.


def trace(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


nodes, edges = trace(L)
names = {n.label: (n.data, n.grad, n._op) for n in nodes}
picture_of_L = draw_dot(L)

# Backpropagation by hand, each number checked by a small step.

L.grad = 1.0
f.grad = 4.0
d.grad = -2.0
c.grad = -2.0
e.grad = -2.0
a.grad = -2.0 * -3.0
b.grad = -2.0 * 2.0


def slope_of_L(which):
    """dL/dx for one x, from two evaluations that have nothing to do with the graph above."""
    h = 0.001

    def compute(moved):
        x = {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}
        a, b, c, f = (Value(number + (h if name == moved else 0.0), label=name) for name, number in x.items())
        e = a * b
        d = e + c
        if moved == "d":
            d.data += h
        if moved == "e":
            e.data += h
            d = e + c
        return (d * f).data

    return (compute(which) - compute(None)) / h


small_steps = {name: slope_of_L(name) for name in "abcdef"}
by_hand = {"a": a.grad, "b": b.grad, "c": c.grad, "d": d.grad, "e": e.grad, "f": f.grad}

# One step uphill.

for leaf in (a, b, c, f):
    leaf.data += 0.01 * leaf.grad
e = a * b
d = e + c
L = d * f
L_after_a_step = L.data

# A neuron, and backpropagation through it by hand.


def neuron():
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1 = x1 * w1
    x1w1.label = "x1*w1"
    x2w2 = x2 * w2
    x2w2.label = "x2*w2"
    x1w1x2w2 = x1w1 + x2w2
    x1w1x2w2.label = "x1*w1 + x2*w2"
    n = x1w1x2w2 + b
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    return x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n, o


def gradients(values):
    return {v.label: v.grad for v in values}


with_numbers = neuron()
x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n, o = with_numbers
o.grad = 1.0
n.grad = 1 - o.data**2
x1w1x2w2.grad = b.grad = n.grad
x1w1.grad = x2w2.grad = x1w1x2w2.grad
x2.grad, w2.grad = w2.data * x2w2.grad, x2.data * x2w2.grad
x1.grad, w1.grad = w1.data * x1w1.grad, x1.data * x1w1.grad
neuron_by_hand = gradients(with_numbers)
picture_of_o = draw_dot(o)

# The same, each node by its own _backward().

one_by_one = neuron()
x1, x2, w1, w2, b, x1w1, x2w2, x1w1x2w2, n, o = one_by_one
o.grad = 1.0
o._backward()
n_grad_after_one = n.grad
n._backward()
b._backward()
x1w1x2w2._backward()
x2w2._backward()
x1w1._backward()
neuron_one_by_one = gradients(one_by_one)

# In topological order.

in_order = neuron()
o = in_order[-1]
topo = []
visited = set()


def build_topo(v):
    if v not in visited:
        visited.add(v)
        for child in v._prev:
            build_topo(child)
        topo.append(v)


build_topo(o)
o.grad = 1.0
for node in reversed(topo):
    node._backward()
neuron_in_order = gradients(in_order)

# And all of it in one call.

whole = neuron()
whole[-1].backward()
neuron_in_one_call = gradients(whole)

# A value that is used twice gets both gradients.

a = Value(3.0, label="a")
b = a + a
b.label = "b"
b.backward()
twice = (b.data, a.grad)

a, b = Value(-2.0, label="a"), Value(3.0, label="b")
d = a * b
d.label = "d"
e = a + b
e.label = "e"
f = d * e
f.label = "f"
f.backward()
used_twice = gradients((a, b, d, e, f))
