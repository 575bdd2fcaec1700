"""What micrograd's trace_graph.ipynb computes: a small expression and a neuron, drawn."""

import random

from graphviz import Digraph
from micrograd import nn
from micrograd.engine import Value
from utils import draw_dot


def draw_with_graphviz(root):
    """A draw_dot of the user's own: boxes with numbers, circles with operations, an arrow for each input."""
    dot = Digraph(format="svg", graph_attr={"rankdir": "LR"})
    seen = set()

    def add(v):
        if v in seen:
            return
        seen.add(v)
        dot.node(str(id(v)), f"{{ data {v.data:.4f} | grad {v.grad:.4f} }}", shape="record")
        if v._op:
            dot.node(str(id(v)) + v._op, v._op)
            dot.edge(str(id(v)) + v._op, str(id(v)))
        for child in v._prev:
            add(child)
            dot.edge(str(id(child)), str(id(v)) + v._op)

    add(root)
    return dot


x = Value(1.0)
y = (x * 2 + 1).relu()
y.backward()
simple = draw_dot(y, format="svg", rankdir="LR")
own = draw_with_graphviz(y)

random.seed(1337)
n = nn.Neuron(2)
inputs = [Value(1.0), Value(-2.0)]
z = n(inputs)
z.backward()
dot = draw_dot(z, rankdir="TB")
written = dot.render("gout")
