"""What people build on micrograd's classes computes the same with another import: subclasses, and methods set anew."""

from __future__ import annotations

import random
import sys
from itertools import pairwise

import pytest

KINDS = ["constructor", "more_parameters", "residual", "relu", "call", "initializer"]


def sources(kind):
    """Value, and the classes of micrograd's nn, from micrograd or from us."""
    if kind == "micrograd":
        pytest.importorskip("micrograd.engine", reason="pip install micrograd, to compare with it")
        from micrograd import nn
        from micrograd.engine import Value
    else:
        from autograd import Value
        from nn import micrograd as nn
    return Value, nn


def constructor(Value, nn, monkeypatch):
    """Classes whose constructors set what micrograd's set, and call no other."""

    class Neuron(nn.Neuron):
        def __init__(self, nin, nonlin=True):
            self.w = [Value(random.gauss(0, 1)) for _ in range(nin)]
            self.b = Value(random.uniform(-1, 1))
            self.nonlin = nonlin

    class Layer(nn.Layer):
        def __init__(self, nin, nout, **settings):
            self.neurons = [Neuron(nin, **settings) for _ in range(nout)]

    class Net(nn.MLP):
        def __init__(self, sizes):
            last = len(sizes) - 2
            self.layers = [Layer(a, b, nonlin=i != last) for i, (a, b) in enumerate(pairwise(sizes))]

    return Net([2, 3, 2, 1])


def more_parameters(Value, nn, monkeypatch):
    """A neuron that has one more, and says so in parameters()."""

    class Scaled(nn.Neuron):
        def __init__(self, nin):
            super().__init__(nin)
            self.scale = Value(0.3)

        def __call__(self, x):
            return super().__call__(x) * self.scale

        def parameters(self):
            return [*super().parameters(), self.scale]

    net = nn.MLP(2, [3, 3, 1])
    net.layers[0].neurons = [Scaled(2) for _ in range(3)]
    return net


def residual(Value, nn, monkeypatch):
    class Residual(nn.MLP):
        def __call__(self, x):
            x = self.layers[0](x)
            for layer in self.layers[1:-1]:
                x = [a + b for a, b in zip(x, layer(x), strict=True)]
            return self.layers[-1](x)

    return Residual(2, [3, 3, 3, 1])


def relu(Value, nn, monkeypatch):
    """Another relu for everybody, set before the network is made."""

    def leaky(self):
        slope = 1 if self.data > 0 else 0.1
        out = Value(slope * self.data, (self,), "leaky")

        def _backward():
            self.grad += slope * out.grad

        out._backward = _backward
        return out

    monkeypatch.setattr(Value, "relu", leaky)
    return nn.MLP(2, [3, 3, 1])


def call(Value, nn, monkeypatch):
    """Another forward pass for all neurons."""

    def squared(self, x):
        act = sum((w * xi for w, xi in zip(self.w, x, strict=True)), self.b)
        return act * act if self.nonlin else act

    monkeypatch.setattr(nn.Neuron, "__call__", squared)
    return nn.MLP(2, [3, 1])


def initializer(Value, nn, monkeypatch):
    def begin(self, nin, nonlin=True):
        self.w = [Value(random.gauss(0, nin**-0.5)) for _ in range(nin)]
        self.b = Value(0.1)
        self.nonlin = nonlin

    monkeypatch.setattr(nn.Neuron, "__init__", begin)
    return nn.MLP(2, [3, 1])


def trained(kind, library, monkeypatch):
    with monkeypatch.context() as patch:
        random.seed(11)
        net = getattr(sys.modules[__name__], kind)(*sources(library), patch)
        said, losses = repr(net), []
        for _ in range(5):
            loss = sum((net(x) - t) ** 2 for x, t in (([0.1, 0.9], 1.0), ([-0.8, 0.4], -1.0), ([0.5, 0.5], 0.0)))
            net.zero_grad()
            loss.backward()
            for p in net.parameters():
                p.data -= 0.01 * p.grad
            losses.append(loss.data)
        return said, losses, [p.data for p in net.parameters()]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_numbers_as_micrograd(kind, monkeypatch):
    said, losses, parameters = trained(kind, "ours", monkeypatch)
    wanted, wanted_losses, wanted_parameters = trained(kind, "micrograd", monkeypatch)
    assert said == wanted
    assert losses == pytest.approx(wanted_losses, rel=1e-12)
    assert parameters == pytest.approx(wanted_parameters, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_fit_trains_what_was_built(kind, monkeypatch):
    import nn

    data = ([[0.1, 0.9], [-0.8, 0.4], [0.5, 0.5]], [1.0, -1.0, 0.0])

    def fitted(engine):
        with monkeypatch.context() as patch:
            random.seed(11)
            net = getattr(sys.modules[__name__], kind)(*sources("ours"), patch)
            nn.fit(net, data, epochs=3, engine=engine)
            return [p.data for p in net.parameters()]

    # A network of nn.micrograd with nothing changed first, whose program must not be taken for another's.
    random.seed(11)
    nn.fit(sources("ours")[1].MLP(2, [3, 1]), data, epochs=1)
    assert fitted("auto") == pytest.approx(fitted("eager"), rel=1e-9)


def test_parameters_without_a_name_are_not_lost_by_save(monkeypatch, tmp_path):
    import nn

    Value, micrograd = sources("ours")

    class Line(micrograd.Module):
        def __init__(self, kind):
            self.w = [kind(0.5), kind(-1.0)]

        def parameters(self):
            return self.w

    path = tmp_path / "line.json"
    with pytest.raises(nn.CheckpointError, match=r"2 of its parameters\(\) have no name\n.*nn.Parameter"):
        nn.save(Line(Value), path)
    assert not path.exists()
    nn.save(Line(nn.Parameter), path)
    with pytest.raises(nn.CheckpointError, match="3 of its"):
        nn.save(more_parameters(Value, micrograd, monkeypatch), path)
    random.seed(11)
    net = constructor(Value, micrograd, monkeypatch)
    nn.save(net, path)
    again = constructor(Value, micrograd, monkeypatch)
    nn.load(again, path)
    assert [p.data for p in again.parameters()] == [p.data for p in net.parameters()]


def test_a_network_of_subclasses_that_compute_the_same_goes_to_torch(monkeypatch):
    torch = pytest.importorskip("torch", reason="pip install torch, to translate a network into its language")
    import nn

    random.seed(11)
    net = constructor(*sources("ours"), monkeypatch)
    outputs = nn.to_torch(net)(torch.tensor([0.1, 0.9], dtype=torch.float64))
    assert outputs.tolist() == pytest.approx([net([0.1, 0.9]).data], rel=1e-12)
    with pytest.raises(nn.NetworkError, match=r"this Residual has its own __call__\(\)"):
        nn.to_torch(residual(*sources("ours"), monkeypatch))


def test_an_activation_is_the_method_that_a_value_has_now(monkeypatch):
    import nn
    from autograd import Value, ops

    assert nn.Neuron(2, Value.tanh).activation_function is ops.tanh
    monkeypatch.setattr(Value, "tanh", lambda x: x * 3)
    neuron = nn.Neuron(1, Value.tanh, weights=[2.0])
    assert neuron([1.0]).data == 6.0


@pytest.mark.parametrize("base", [0.0, -0.0])
@pytest.mark.parametrize("exponent", [-1, -2.5])
def test_zero_to_a_negative_power_is_a_division_by_zero_as_in_python(base, exponent):
    from autograd import Value

    for exponents in (exponent, Value(exponent)):
        with pytest.raises(ZeroDivisionError, match="not defined at x = "):
            Value(base) ** exponents
    with pytest.raises(ZeroDivisionError, match="the derivative"):
        (Value(base) ** 0.5).backward()
