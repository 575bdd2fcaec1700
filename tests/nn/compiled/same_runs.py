"""The same run by an engine and node by node."""

import io
from contextlib import redirect_stderr, suppress

import pytest

import nn
from nn.fitting import progress

PEOPLE = nn.data.alice_bob()


MOONS = nn.data.moons().subset(range(30))


def both(make_model, data, engine="native", **settings):
    """The same run by an engine and node by node: two histories and two models."""
    found = []
    for chosen_engine in (engine, "eager"):
        model = make_model()
        chosen = {name: make() if name == "optimizer" else make for name, make in settings.items()}
        history = nn.fit(model, data, engine=chosen_engine, progress=False, **chosen)
        assert history.engine == chosen_engine, "the run was not made by the engine that was asked for"
        found.append((history, model, chosen.get("optimizer")))
    return found


def assert_same(found, tolerance=1e-10):
    (native, native_model, native_optimizer), (eager, eager_model, eager_optimizer) = found
    assert native.epochs == eager.epochs
    assert (native.steps, native.seed, native.stopped_because) == (eager.steps, eager.seed, eager.stopped_because)
    for column in ("loss", "lr", "gradient_norm"):
        assert getattr(native, column) == pytest.approx(getattr(eager, column), rel=tolerance, abs=tolerance)
    assert list(native.metrics) == list(eager.metrics)
    for name in eager.metrics:
        assert native.metrics[name] == pytest.approx(eager.metrics[name], rel=tolerance, abs=tolerance)
    for name in eager.parameters:
        assert native.parameters[name] == pytest.approx(eager.parameters[name], rel=tolerance, abs=tolerance)
    for one, other in zip(native_model.parameters(), eager_model.parameters(), strict=True):
        assert one.data == pytest.approx(other.data, rel=tolerance, abs=tolerance)
        assert one.grad == pytest.approx(other.grad, rel=1e-7, abs=tolerance)
    if native_optimizer is not None:
        ours, theirs = native_optimizer.state_dict()["parameters"], eager_optimizer.state_dict()["parameters"]
        for one, other in zip(ours, theirs, strict=True):
            assert one == pytest.approx(other, rel=1e-8, abs=tolerance)


def small(seed=1, **kwargs):
    return lambda: nn.MLP(2, [3, 1], **({"activation": "tanh", "seed": seed} | kwargs))


OPTIMIZERS = [
    lambda: nn.SGD(lr=0.1),
    lambda: nn.SGD(lr=0.05, momentum=0.9),
    lambda: nn.SGD(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda: nn.Adagrad(lr=0.1, lr_decay=0.01),
    lambda: nn.RMSProp(lr=0.01, momentum=0.5),
    lambda: nn.Adam(lr=0.02),
    lambda: nn.AdamW(lr=0.02, weight_decay=0.1),
]


def why_not(model, data=PEOPLE, **settings):
    """The line in which fit says why it goes node by node."""
    progress._said.clear()
    with redirect_stderr(io.StringIO()) as said, suppress(Exception):
        nn.fit(model, data, epochs=1, progress=False, **settings)
    return said.getvalue()
