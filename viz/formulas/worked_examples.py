"""The published worked examples as graphs: each one is built with the labels of its source.

>>> loss = EXAMPLES["karpathy"].build()
>>> loss.label, loss.data
('L', -8.0)
>>> EXAMPLES["karpathy"].build(a=3).data
-2.0

The numbers that their sources print are tested elsewhere; new Values are made each time, so that what is
done to one graph does not change the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import nn
from autograd import Value, dot, topological_order, total
from nn import Parameter
from viz.drawing.style import printable
from viz.formulas.expression import ExpressionError, by_name_and_number, did_you_mean
from viz.formulas.parser import parse

__all__ = ["EXAMPLES", "Example"]


@dataclass(frozen=True)
class Example:
    """A worked example that teachers use.

    Attributes:
        name: what the command line calls it.
        story: what it is about, in a sentence or two.
        source: where it was published.
        make: a function that makes its graph, with all labels, and gives the result; ``build`` asks it.
        optional: names of plain numbers in the graph, which may be given as well and are inputs then.
    """

    name: str
    story: str
    source: str
    make: Callable[..., Value]
    optional: tuple[str, ...] = ()

    def build(self, /, **numbers: float) -> Value:
        """The result, with its graph; the numbers take the place of the example's own.

        Raises:
            ExpressionError: if a name is not that of an input.

        >>> loss = EXAMPLES["alice"].build(w1=2)
        >>> round(loss.data, 4), round(EXAMPLES["alice"].build().data, 4)
        (0.2367, 0.2269)
        >>> round(EXAMPLES["alice"].build(target=0).data, 4)  # what if she were a man?
        0.2743
        >>> EXAMPLES["alice"].build(w11=2)
        Traceback (most recent call last):
        ...
        viz.formulas.expression.ExpressionError: alice has no input 'w11'; did you mean 'w1'?
        """
        if numbers:
            require_inputs(self.name, self.make(**dict.fromkeys(self.optional, 0.0)), numbers)
        return self.make(**numbers)


def require_inputs(example: str, root: Value, names: Iterable[str]) -> None:
    """Refuse names that are not those of inputs.

    >>> require_inputs("descent", EXAMPLES["descent"].build(), ["f"])
    Traceback (most recent call last):
    ...
    viz.formulas.expression.ExpressionError: f is computed in descent, so it gets no number; its inputs are x, y
    """
    nodes = [node for node in topological_order(root) if node.label]
    inputs = sorted((node.label for node in nodes if node.op is None), key=by_name_and_number)
    for name in names:
        if name in inputs:
            continue
        listed = f"its inputs are {', '.join(inputs)}"
        if any(node.label == name for node in nodes):
            raise ExpressionError(f"{name} is computed in {example}, so it gets no number; {listed}", name)
        hint = did_you_mean(name, inputs) or f"; {listed}"
        raise ExpressionError(f"{example} has no input {printable(name)!r}{hint}", name)


def named(value: Value, label: str) -> Value:
    """Give a Value its label and hand it back.

    >>> named(Value(1.0) + 2.0, "c").label
    'c'
    """
    value.label = label
    return value


def graph(formula: str, weights: str = "", **numbers: float) -> Callable[..., Value]:
    """A maker: a formula's graph on these numbers; training may change those of ``weights``, drawn in bold.

    >>> make = graph("z = w*x; L = (1 - z)**2", "w", w=3, x=2)
    >>> L = make()
    >>> L.data, [x.label for x in L.inputs[0].inputs if x.label], make(x=1).data
    (25.0, ['z'], 4.0)
    """

    def make(**others: float) -> Value:
        changing = weights.split()
        return parse(formula).evaluate(
            {name: (Parameter if name in changing else Value)(x, name) for name, x in (numbers | others).items()}
        )

    return make


def micrograd(**numbers: float) -> Value:
    """
    >>> round(micrograd().data, 4)
    24.7041
    """
    a, b = Value(numbers.get("a", -4.0), "a"), Value(numbers.get("b", 2.0), "b")
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


def answer(model: nn.MLP, inputs: Sequence[float], numbers: Mapping[str, float]) -> Value:
    """What a network answers; the numbers take the place of the parameters and inputs of those names.

    >>> answer(nn.MLP(2, [1], "identity", initializer=1.0), [3.0, 4.0], {"w1": 10.0, "x2": 5.0}).data
    35.0
    """
    for parameter in model.parameters():
        parameter.data = numbers.get(parameter.label, parameter.data)
    output = model([numbers.get(f"x{i}", x) for i, x in enumerate(inputs, 1)])
    assert isinstance(output, Value)
    return output


def alice(**numbers: float) -> Value:
    """
    >>> loss = alice()
    >>> loss.backward()
    >>> round(loss.data, 10)
    0.2268662872
    """
    model = nn.MLP(2, [2, 1], activation="sigmoid", initializer=1.0)
    target = Value(numbers["target"], "target") if "target" in numbers else 1
    return named((target - answer(model, [-2.0, -1.0], numbers)) ** 2, "L")


def alice_bob(**numbers: float) -> Value:
    """
    >>> [leaf.label for leaf in alice_bob().inputs[0].inputs]
    ['o1', 'target']
    """
    model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    inputs, target = nn.data.alice_bob()[0]
    return named(nn.mean_squared_error(answer(model, inputs, numbers), numbers.get("target", target)), "L")


ATTENTION = {
    "q1": 1.0, "q2": 2.0,
    "k11": 1.0, "k12": 0.0, "k21": 0.0, "k22": 1.0, "k31": 1.0, "k32": 1.0,
    "v1": 1.0, "v2": 0.0, "v3": -1.0,
}  # fmt: skip
"""A query, three keys, and the value behind each."""


def attention(**numbers: float) -> Value:
    """
    >>> out = attention()
    >>> out.backward()
    >>> round(out.data, 4), [round(leaf.grad, 3) for leaf in out.inputs if leaf.label.startswith("v")]
    (-0.4359, [0.14, 0.284, 0.576])
    """
    leaves = {name: Value(x, name) for name, x in (ATTENTION | numbers).items()}

    def vector(*names: str) -> list[Value]:
        return [leaves[name] for name in names]

    query = vector("q1", "q2")
    keys = [vector(f"k{i}1", f"k{i}2") for i in (1, 2, 3)]
    scores = [named(dot(query, key) / math.sqrt(2), f"s{i}") for i, key in enumerate(keys, 1)]
    powers = [named(score.exp(), f"e{i}") for i, score in enumerate(scores, 1)]
    Z = named(total(powers), "Z")
    weights = [named(power / Z, f"a{i}") for i, power in enumerate(powers, 1)]
    return named(dot(weights, vector("v1", "v2", "v3")), "out")


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
            nn.data.single_neuron().source,
            graph("output = w1*x1 + w2*x2; error = output - expected; L = 0.5*error**2", "w1 w2",
                  w1=0.3, w2=0.9, x1=0.1, x2=0.8, expected=0.4),
        ),
        Example(
            "linear", "Three weights, guessed as 0.2, 1.4 and 30, of a linear relationship between three inputs "
            "and an output.", nn.data.linear_relationship().source,
            graph("z = total(w1*x1, w2*x2, w3*x3); L = (y - z)**2", "w1 w2 w3",
                  w1=0.2, w2=1.4, w3=30, x1=3, x2=4, x3=7, y=13.5),
        ),
        Example(
            "descent", "A valley over two variables, four times as steep in one direction as in the other.",
            '"Training a Neural Network", section 24.4', graph("f = x**2 + 4*y**2", x=4, y=1.5),
        ),
        Example(
            "alice", "A network with two hidden neurons is asked about Alice. All its weights are 1 and "
            "all its biases 0. How should w1 change?", ZHOU, alice, optional=("target",),
        ),
        Example(
            "alice-bob", "The same network begins with random weights and learns from four people; here it is "
            "asked about Alice.", ZHOU, alice_bob,
        ),
        Example(
            "attention", "A query looks at three keys; the better one fits, the more of its value is taken. "
            "Softmax is written out.",
            'Ashish Vaswani and others, "Attention Is All You Need" (2017), on numbers for a pencil', attention,
        ),
        Example(
            "micrograd", "The expression in micrograd's README: values are used several times, under one name.",
            "https://github.com/karpathy/micrograd", micrograd,
        ),
        Example(
            "karpathy", "L = (a·b + c)·f, the first graph of the lecture.", KARPATHY,
            graph("e = a*b; d = e + c; L = d*f", a=2, b=-3, c=10, f=-2),
        ),
        Example(
            "karpathy-neuron", "A tanh neuron with two inputs, whose bias was chosen to give round gradients.",
            KARPATHY, graph("n = x1*w1 + x2*w2 + b; o = tanh(n)", "w1 w2 b",
                            x1=2, x2=0, w1=-3, w2=1, b=6.8813735870195432),
        ),
        Example(
            "mazur", "Two inputs, two hidden neurons, two outputs, and a loss that adds the errors of both.",
            'Matt Mazur, "A Step by Step Backpropagation Example" (2015), '
            "https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/",
            graph("net_h1 = w1*i1 + w2*i2 + b1; net_h2 = w3*i1 + w4*i2 + b1;"
                  "h1 = sigmoid(net_h1); h2 = sigmoid(net_h2);"
                  "net_o1 = w5*h1 + w6*h2 + b2; net_o2 = w7*h1 + w8*h2 + b2;"
                  "o1 = sigmoid(net_o1); o2 = sigmoid(net_o2);"
                  "E1 = 0.5*(t1 - o1)**2; E2 = 0.5*(t2 - o2)**2; E = E1 + E2", "w1 w2 w3 w4 w5 w6 w7 w8",
                  w1=0.15, w2=0.20, w3=0.25, w4=0.30, w5=0.40, w6=0.45, w7=0.50, w8=0.55,
                  i1=0.05, i2=0.10, b1=0.35, b2=0.60, t1=0.01, t2=0.99),
        ),
        Example(
            "cs231n-product", "f = x·y: the gradient of each factor is the other one.", CS231N,
            graph("f = x*y", x=4, y=-3),
        ),
        Example(
            "cs231n-sum", "f = (x + y)·z: a sum hands its gradient on to both inputs, a product exchanges them.",
            CS231N, graph("q = x + y; f = q*z", x=-2, y=5, z=-4),
        ),
        Example(
            "cs231n-sigmoid", "A sigmoid neuron with two inputs.", CS231N,
            graph("dot = w0*x0 + w1*x1 + w2; f = sigmoid(dot)", "w0 w1 w2", w0=2, x0=-1, w1=-3, x1=-2, w2=-3),
        ),
        Example(
            "cs231n-max", "f = 2·(x·y + max(z, w)): a maximum gives its whole gradient to the larger input.",
            CS231N, graph("f = 2*(x*y + max(z, w))", x=3, y=-4, z=2, w=-1),
        ),
    )
}  # fmt: skip
"""Every example by its name."""
