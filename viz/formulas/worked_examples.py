"""The published worked examples as graphs: each one is built with the labels of its source.

>>> loss = EXAMPLES["karpathy"].build()
>>> loss.label, loss.data
('L', -8.0)

The numbers that their sources print are tested elsewhere; a builder makes new Values each time that it
is called, so that what is done to one graph does not change the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import nn
from autograd import Value, maximum, sigmoid, total
from nn import Parameter

__all__ = ["EXAMPLES", "Example"]


@dataclass(frozen=True)
class Example:
    """A worked example that teachers use.

    Attributes:
        name: what the command line calls it.
        story: what it is about, in a sentence or two.
        source: where it was published.
        build: a function that makes its graph and gives the result, with all labels.
    """

    name: str
    story: str
    source: str
    build: Callable[[], Value]


def named(value: Value, label: str) -> Value:
    """Give a Value its label and hand it back.

    >>> named(Value(1.0) + 2.0, "c").label
    'c'
    """
    value.label = label
    return value


def weight(data: float, label: str) -> Value:
    """A Value that training may change, as nn has them: drawn with a bold border.

    >>> weight(0.3, "w1")
    Parameter(data=0.3, grad=?, label='w1')
    """
    return Parameter(data, label)


# --- one neuron -------------------------------------------------------------------------------------------


def neuron() -> Value:
    """
    >>> round(neuron().data, 5)
    0.06125
    """
    w1, w2 = weight(0.3, "w1"), weight(0.9, "w2")
    x1, x2, expected = Value(0.1, "x1"), Value(0.8, "x2"), Value(0.4, "expected")
    output = named(w1 * x1 + w2 * x2, "output")
    error = named(output - expected, "error")
    return named(0.5 * error**2, "L")


def karpathy_neuron() -> Value:
    """
    >>> round(karpathy_neuron().data, 10)
    0.7071067812
    """
    x1, x2 = Value(2.0, "x1"), Value(0.0, "x2")
    w1, w2, b = weight(-3.0, "w1"), weight(1.0, "w2"), weight(6.8813735870195432, "b")
    n = named(x1 * w1 + x2 * w2 + b, "n")
    return named(n.tanh(), "o")


def cs231n_sigmoid() -> Value:
    """
    >>> round(cs231n_sigmoid().data, 10)
    0.7310585786
    """
    w0, w1, w2 = weight(2.0, "w0"), weight(-3.0, "w1"), weight(-3.0, "w2")
    x0, x1 = Value(-1.0, "x0"), Value(-2.0, "x1")
    dot = named(w0 * x0 + w1 * x1 + w2, "dot")
    return named(sigmoid(dot), "f")


# --- expressions ------------------------------------------------------------------------------------------


def karpathy() -> Value:
    """
    >>> karpathy().data
    -8.0
    """
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    e = named(a * b, "e")
    d = named(e + c, "d")
    return named(d * f, "L")


def micrograd() -> Value:
    """
    >>> round(micrograd().data, 4)
    24.7041
    """
    a, b = Value(-4.0, "a"), Value(2.0, "b")
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    named(c, "c")
    named(d, "d")
    e = named(c - d, "e")
    f = named(e**2, "f")
    g = f / 2.0
    g += 10.0 / f
    return named(g, "g")


def cs231n_product() -> Value:
    """
    >>> cs231n_product().data
    -12.0
    """
    x, y = Value(4.0, "x"), Value(-3.0, "y")
    return named(x * y, "f")


def cs231n_sum() -> Value:
    """
    >>> cs231n_sum().data
    -12.0
    """
    x, y, z = Value(-2.0, "x"), Value(5.0, "y"), Value(-4.0, "z")
    q = named(x + y, "q")
    return named(q * z, "f")


def cs231n_max() -> Value:
    """
    >>> cs231n_max().data
    -20.0
    """
    x, y, z, w = Value(3.0, "x"), Value(-4.0, "y"), Value(2.0, "z"), Value(-1.0, "w")
    return named(2 * (x * y + maximum(z, w)), "f")


def descent() -> Value:
    """
    >>> descent().data
    25.0
    """
    x, y = Value(4.0, "x"), Value(1.5, "y")
    return named(x**2 + 4 * y**2, "f")


# --- several weights --------------------------------------------------------------------------------------


def linear() -> Value:
    """
    >>> round(linear().data, 4)
    41087.29
    """
    data = nn.data.linear_relationship()
    weights = [weight(w, f"w{i}") for i, w in enumerate((0.2, 1.4, 30.0), 1)]
    inputs = [Value(x, f"x{i}") for i, x in enumerate(data.inputs[0], 1)]
    target = data.targets[0]
    assert not isinstance(target, list)
    z = named(total([w * x for w, x in zip(weights, inputs, strict=True)]), "z")
    return named((Value(target, "y") - z) ** 2, "L")


def alice() -> Value:
    """
    >>> loss = alice()
    >>> loss.backward()
    >>> round(loss.data, 10)
    0.2268662872
    """
    model = nn.MLP(2, [2, 1], activation="sigmoid", initializer=1.0)
    return named((1 - model([-2.0, -1.0])) ** 2, "L")


def alice_bob() -> Value:
    """
    >>> [leaf.label for leaf in alice_bob().inputs[0].inputs]
    ['o1', 'target']
    """
    model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    inputs, target = nn.data.alice_bob()[0]
    return named(nn.mean_squared_error(model(inputs), target), "L")


def mazur() -> Value:
    """
    >>> round(mazur().data, 9)
    0.298371109
    """
    numbers = (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)
    w1, w2, w3, w4, w5, w6, w7, w8 = (weight(w, f"w{i}") for i, w in enumerate(numbers, 1))
    i1, i2, b1, b2 = Value(0.05, "i1"), Value(0.10, "i2"), Value(0.35, "b1"), Value(0.60, "b2")
    t1, t2 = Value(0.01, "t1"), Value(0.99, "t2")
    net_h1 = named(w1 * i1 + w2 * i2 + b1, "net_h1")
    net_h2 = named(w3 * i1 + w4 * i2 + b1, "net_h2")
    h1, h2 = named(sigmoid(net_h1), "h1"), named(sigmoid(net_h2), "h2")
    net_o1 = named(w5 * h1 + w6 * h2 + b2, "net_o1")
    net_o2 = named(w7 * h1 + w8 * h2 + b2, "net_o2")
    o1, o2 = named(sigmoid(net_o1), "o1"), named(sigmoid(net_o2), "o2")
    E1, E2 = named(0.5 * (t1 - o1) ** 2, "E1"), named(0.5 * (t2 - o2) ** 2, "E2")
    return named(E1 + E2, "E")


KARPATHY = (
    'Andrej Karpathy, "The spelled-out intro to neural networks and backpropagation: building micrograd" (2022)'
)
CS231N = 'Stanford\'s CS231n, "Backpropagation, Intuitions", https://cs231n.github.io/optimization-2/'
ZHOU = nn.data.alice_bob().source

EXAMPLES: dict[str, Example] = {
    example.name: example
    for example in (
        Example(
            "neuron", "One neuron says 0.75 where 0.4 is expected. Which way should its weights go?",
            nn.data.single_neuron().source, neuron,
        ),
        Example(
            "linear", "Three weights, guessed as 0.2, 1.4 and 30, of a linear relationship between three inputs "
            "and an output.", nn.data.linear_relationship().source, linear,
        ),
        Example(
            "descent", "A valley over two variables, four times as steep in one direction as in the other.",
            '"Training a Neural Network", section 24.4', descent,
        ),
        Example(
            "alice", "A network with two hidden neurons is asked about Alice. All its weights are 1 and "
            "all its biases 0. How should w1 change?", ZHOU, alice,
        ),
        Example(
            "alice-bob", "The same network begins with random weights and learns from four people; here it is "
            "asked about Alice.", ZHOU, alice_bob,
        ),
        Example(
            "micrograd", "The expression in micrograd's README: values are used several times, under one name.",
            "https://github.com/karpathy/micrograd", micrograd,
        ),
        Example("karpathy", "L = (a·b + c)·f, the first graph of the lecture.", KARPATHY, karpathy),
        Example(
            "karpathy-neuron", "A tanh neuron with two inputs, whose bias was chosen to give round gradients.",
            KARPATHY, karpathy_neuron,
        ),
        Example(
            "mazur", "Two inputs, two hidden neurons, two outputs, and a loss that adds the errors of both.",
            'Matt Mazur, "A Step by Step Backpropagation Example" (2015), '
            "https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/", mazur,
        ),
        Example("cs231n-product", "f = x·y: the gradient of each factor is the other one.", CS231N, cs231n_product),
        Example(
            "cs231n-sum", "f = (x + y)·z: a sum hands its gradient on to both inputs, a product exchanges them.",
            CS231N, cs231n_sum,
        ),
        Example("cs231n-sigmoid", "A sigmoid neuron with two inputs.", CS231N, cs231n_sigmoid),
        Example(
            "cs231n-max", "f = 2·(x·y + max(z, w)): a maximum gives its whole gradient to the larger input.",
            CS231N, cs231n_max,
        ),
    )
}  # fmt: skip
"""Every example by its name."""
