"""Training by machine code gives the same history as training node by node."""

import pytest

import nn
from autograd import Value
from tests.nn.compiled.same_runs import MOONS, OPTIMIZERS, PEOPLE, assert_same, both, small

pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda make: repr(make()))
@pytest.mark.parametrize("batch_size", [1, 3, None])
def test_every_optimizer_and_batch_size(optimizer, batch_size):
    assert_same(both(small(), PEOPLE, optimizer=optimizer, epochs=25, batch_size=batch_size))


@pytest.mark.parametrize("neurons", [2, 12], ids=["few parameters", "many parameters"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda make: repr(make()))
def test_shuffling_with_the_same_seed(optimizer, neurons):
    def model():
        return nn.MLP(2, [neurons, 3, 1], activation="sigmoid", seed=5)

    assert_same(both(model, MOONS, optimizer=optimizer, epochs=4, batch_size=7, shuffle=True, seed=11))


@pytest.mark.parametrize(
    "activation",
    [
        "sigmoid",
        "tanh",
        "relu",
        "leaky_relu",
        "elu",
        "gelu",
        "silu",
        "softplus",
        "identity",
        "mish",
        "selu",
        "celu",
        "relu6",
        "hardtanh",
        "logsigmoid",
        "erfc",
        "floor",
    ],
)
def test_every_activation(activation):
    def model():
        return nn.MLP(2, [3, 1], activation=activation, output_activation="identity", seed=2)

    assert_same(both(model, MOONS, optimizer=lambda: nn.SGD(lr=0.01), epochs=3, batch_size=5))


LOSSES = {
    "mean_squared_error": ("sigmoid", lambda t: t),
    "half_squared_error": ("identity", lambda t: t),
    "mean_absolute_error": ("identity", lambda t: t),
    "huber": ("identity", lambda t: t),
    "hinge": ("identity", lambda t: 2 * t - 1),
    "binary_cross_entropy": ("sigmoid", lambda t: t),
    "binary_cross_entropy_with_logits": ("identity", lambda t: t),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_of_one_output(loss):
    activation, target = LOSSES[loss]
    data = [(x, target(y)) for x, y in MOONS]
    found = both(
        small(output_activation=activation), data, loss=getattr(nn, loss), optimizer=lambda: nn.SGD(lr=0.05),
        epochs=3, batch_size=8, metrics="accuracy",
    )  # fmt: skip
    assert_same(found)


@pytest.mark.parametrize(
    ("loss", "activation"), [("cross_entropy", "identity"), ("categorical_cross_entropy", "softmax")]
)
@pytest.mark.parametrize("one_hot", [False, True])
def test_classes(loss, activation, one_hot):
    blobs = nn.data.blobs()
    data = [(x, [float(i == y) for i in range(3)] if one_hot else y) for x, y in blobs][:40]

    def model():
        return nn.MLP(4, [4, 3], activation="tanh", output_activation=activation, seed=3)

    found = both(
        model, data, loss=getattr(nn, loss), optimizer=lambda: nn.Adam(lr=0.02), epochs=3, batch_size=6,
        metrics="accuracy", validation=data[:10],
    )  # fmt: skip
    assert_same(found)


def test_several_targets():
    data = [([0.1, 0.2], [1.0, 0.0, -1.0]), ([0.4, -0.2], [0.5, 0.2, 1.0])]

    def model():
        return nn.MLP(2, [2, 3], activation="tanh", seed=3)

    assert_same(both(model, data, optimizer=lambda: nn.SGD(lr=0.1), epochs=9, batch_size=2))


@pytest.mark.parametrize("neurons", [2, 12], ids=["few parameters", "many parameters"])
@pytest.mark.parametrize(
    "settings",
    [
        {"penalty": nn.L2(0.01)},
        {"penalty": nn.L1(0.01)},
        {"clip_value": 0.01},
        {"clip_norm": 0.1},
        {"clip_norm": 0.1, "penalty": nn.L2(0.01)},
        {"clip_value": 0.02, "clip_norm": 0.03},
        {"schedule": nn.CosineSchedule(T_max=10)},
        {"schedule": nn.ExponentialSchedule(0.9), "schedule_unit": "step"},
        {"record_every": 3},
        {"record_parameters": True},
        {"validation": MOONS.subset(range(5))},
        {"early_stopping": nn.EarlyStopping(patience=2, min_delta=0.5)},
        {"callbacks": [lambda event: event.epoch == 4]},
    ],
    ids=lambda settings: "+".join(settings),
)
def test_everything_else_that_fit_can_do(settings, neurons):
    def model():
        return nn.MLP(2, [neurons, 3, 1], activation="tanh", seed=8)

    assert_same(both(model, MOONS, optimizer=lambda: nn.SGD(lr=0.05), epochs=8, batch_size=4, **settings))


def test_a_run_goes_on_where_the_last_one_ended():
    def in_two_parts(engine):
        model, adam = small()(), nn.Adam(lr=0.02)
        first = nn.fit(model, PEOPLE, optimizer=adam, epochs=5, engine=engine)
        second = nn.fit(model, PEOPLE, optimizer=adam, epochs=5, engine=engine)
        return first.loss + second.loss

    in_one = nn.fit(small()(), PEOPLE, optimizer=nn.Adam(lr=0.02), epochs=10, engine="eager").loss
    assert in_two_parts("native") == pytest.approx(in_one, rel=1e-10)
    assert in_two_parts("eager") == pytest.approx(in_one, rel=1e-15)


def test_a_model_of_ones_own():
    class Line:
        def __init__(self):
            self.w, self.b = Value(0.0, "w"), Value(0.0, "b")

        def parameters(self):
            return [self.w, self.b]

        def __call__(self, x):
            return self.w * x[0] + 0.1 * self.w**2 * self.b + self.b

    data = ([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    found = []
    for engine in ("native", "eager"):
        line = Line()
        line.w.data = 0.5
        found.append(nn.fit(line, data, optimizer=nn.SGD(lr=0.05), epochs=40, engine=engine).loss)
    assert found[0] == pytest.approx(found[1], rel=1e-10)


def test_a_parameter_that_the_loss_does_not_use_stays_where_it_is():
    class Half(nn.MLP):
        def parameters(self):
            return [*super().parameters(), self.spare]

    def model():
        made = Half(2, [2, 1], seed=1)
        made.spare = Value(7.0, "spare")
        return made

    found = both(model, PEOPLE, optimizer=lambda: nn.AdamW(lr=0.1, weight_decay=0.5), epochs=3)
    assert found[0][1].spare.data == found[1][1].spare.data == 7.0
    assert found[0][0].loss == pytest.approx(found[1][0].loss)
