"""What micrograd's trace_graph.ipynb computes: a small expression and a neuron, drawn."""

import random

from micrograd import nn
from micrograd.engine import Value
from utils import draw_dot

x = Value(1.0)
y = (x * 2 + 1).relu()
y.backward()
simple = draw_dot(y, format="svg", rankdir="LR")

random.seed(1337)
n = nn.Neuron(2)
inputs = [Value(1.0), Value(-2.0)]
z = n(inputs)
z.backward()
dot = draw_dot(z, rankdir="TB")
written = dot.render("gout")
