"""What was written for micrograd and microgpt runs as it is."""

import random
from itertools import pairwise

import pytest

from autograd import Value


def small_graph():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    c = a * b
    c.label = "c"
    L = (c + a).tanh() * 10
    L.label = "L"
    return a, b, c, L


def readme_example(Value):
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return g, a, b


def random_expression(Value, seed):
    chance = random.Random(seed)
    leaves = [Value(chance.uniform(0.5, 2.0)) for _ in range(4)]
    nodes = list(leaves)
    for _ in range(25):
        x, y = chance.choice(nodes), chance.choice(nodes)
        how = chance.randrange(9)
        if how == 0:
            new = x + y
        elif how == 1:
            new = x * y * 0.5
        elif how == 2:
            new = x - y
        elif how == 3:
            new = x / (y**2 + 1.0)
        elif how == 4:
            new = (x * x + 0.5) ** -0.5
        elif how == 5:
            new = x.relu()
        elif how == 6:
            new = 2.0 - x
        elif how == 7:
            new = 1.0 / (y * y + 1)
        else:
            new = -x + 3
        nodes.append(new)
    result = sum(nodes[1:], nodes[0])
    result.backward()
    return result, *leaves


class TinyNetwork:
    """In the style of micrograd's nn.py, for any Value."""

    def __init__(self, Value, sizes, chance):
        self.layers = [
            [([Value(chance.uniform(-1, 1)) for _ in range(n)], Value(0)) for _ in range(m)]
            for n, m in pairwise(sizes)
        ]

    def __call__(self, x):
        for depth, layer in enumerate(self.layers):
            x = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
            if depth < len(self.layers) - 1:
                x = [xi.relu() for xi in x]
        return x[0]

    def parameters(self):
        return [p for layer in self.layers for w, b in layer for p in [*w, b]]

    def zero_grad(self):
        for p in self.parameters():
            p.grad = 0


def micrograd_training(Value):
    chance = random.Random(1337)
    model = TinyNetwork(Value, [2, 6, 4, 1], chance)
    inputs = [[chance.uniform(-1, 1), chance.uniform(-1, 1)] for _ in range(12)]
    targets = [1 if x * y > 0 else -1 for x, y in inputs]
    history = []
    for k in range(15):
        scores = [model(list(map(Value, x))) for x in inputs]
        losses = [(1 + -yi * score).relu() for yi, score in zip(targets, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        total_loss = data_loss + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        total_loss.backward()
        for p in model.parameters():
            p.data -= (0.5 - 0.3 * k / 15) * p.grad
        history.append(total_loss.data)
    return history


def nodes_and_edges(root):
    """The walk of micrograd's draw_dot."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def test_micrograds_readme_example_gives_the_printed_numbers():
    g, a, b = readme_example(Value)
    assert (f"{g.data:.4f}", f"{a.grad:.4f}", f"{b.grad:.4f}") == ("24.7041", "138.8338", "645.5773")


def test_micrograd_side_by_side():
    engine = pytest.importorskip("micrograd.engine", reason="pip install micrograd, to run both side by side")
    programs = [readme_example, *(lambda V, seed=seed: random_expression(V, seed) for seed in range(50))]
    for program in programs:
        ours, theirs = program(Value), program(engine.Value)
        assert ours[0].data == pytest.approx(theirs[0].data, rel=1e-13)
        assert [x.grad for x in ours[1:]] == pytest.approx([x.grad for x in theirs[1:]], rel=1e-12, abs=1e-14)
    assert micrograd_training(Value) == pytest.approx(micrograd_training(engine.Value), rel=1e-9)


def test_training_in_the_style_of_micrograd_learns():
    history = micrograd_training(Value)
    assert history[-1] < 0.7 * history[0]


def test_micrograds_walk_over_prev_and_op():
    *_, L = small_graph()
    nodes, edges = nodes_and_edges(L)
    assert len(nodes) == 7
    assert len(edges) == 7
    assert sorted(n._op for n in nodes) == ["", "", "", "*", "*", "+", "tanh"]


def gpt_style_loss(parameters, tokens):
    """One attention head over a few tokens, written in the style of microgpt."""
    width = 4

    def linear(x, w):
        return [sum(wi * xi for wi, xi in zip(row, x, strict=True)) for row in w]

    def softmax(logits):
        largest = max(val.data for val in logits)
        exps = [(val - largest).exp() for val in logits]
        total = sum(exps)
        return [e / total for e in exps]

    def rmsnorm(x):
        scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
        return [xi * scale for xi in x]

    keys, values, losses = [], [], []
    for position, (token, target) in enumerate(pairwise(tokens)):
        x = [t + p for t, p in zip(parameters["wte"][token], parameters["wpe"][position], strict=True)]
        x = rmsnorm(x)
        q = linear(x, parameters["wq"])
        keys.append(linear(x, parameters["wk"]))
        values.append(linear(x, parameters["wv"]))
        scores = [sum(qi * ki for qi, ki in zip(q, k, strict=True)) / width**0.5 for k in keys]
        weights = softmax(scores)
        x = [x[j] + sum(w * v[j] for w, v in zip(weights, values, strict=True)) for j in range(width)]
        x = [xi.relu() ** 2 for xi in x]
        losses.append(-softmax(linear(x, parameters["head"]))[target].log())
    return (1 / len(losses)) * sum(losses)


def test_training_in_the_style_of_microgpt():
    chance = random.Random(42)

    def matrix(rows, columns):
        return [[Value(chance.gauss(0, 0.4)) for _ in range(columns)] for _ in range(rows)]

    parameters = {"wte": matrix(3, 4), "wpe": matrix(5, 4), "wq": matrix(4, 4), "wk": matrix(4, 4)}
    parameters |= {"wv": matrix(4, 4), "head": matrix(3, 4)}
    params = [p for weights in parameters.values() for row in weights for p in row]
    m, v = [0.0] * len(params), [0.0] * len(params)
    history = []
    for step in range(20):
        loss = gpt_style_loss(parameters, [0, 1, 2, 1, 0, 2])
        loss.backward()
        if step == 0:
            check = chance.sample(params, 6)
            gradients = [p.grad for p in check]
            for p, expected in zip(check, gradients, strict=True):
                p.data += 1e-5
                above = gpt_style_loss(parameters, [0, 1, 2, 1, 0, 2]).data
                p.data -= 2e-5
                below = gpt_style_loss(parameters, [0, 1, 2, 1, 0, 2]).data
                p.data += 1e-5
                assert (above - below) / 2e-5 == pytest.approx(expected, rel=1e-6, abs=1e-9)
        for i, p in enumerate(params):
            m[i] = 0.9 * m[i] + 0.1 * p.grad
            v[i] = 0.95 * v[i] + 0.05 * p.grad**2
            m_hat, v_hat = m[i] / (1 - 0.9 ** (step + 1)), v[i] / (1 - 0.95 ** (step + 1))
            p.data -= 0.05 * m_hat / (v_hat**0.5 + 1e-8)
            p.grad = 0
        history.append(loss.data)
    assert history[-1] < 0.5 * history[0]
