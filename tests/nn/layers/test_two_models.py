"""One optimizer for several models: what it remembers of each is its own, however the models are trained."""

import gc

import pytest

import nn

OPTIMIZERS = [
    lambda: nn.SGD(lr=0.1, momentum=0.9),
    lambda: nn.SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda: nn.Adagrad(lr=0.1, lr_decay=0.1),
    lambda: nn.RMSProp(lr=0.01, momentum=0.5),
    lambda: nn.Adam(lr=0.05),
    lambda: nn.AdamW(lr=0.05),
]
DATA = ([[0.5, -1.0], [2.0, 0.25], [-1.5, 1.0]], [0.5, -0.25, 0.75])


class Velocity(nn.Optimizer):
    """An optimizer as a user writes it."""

    state_names = ("velocity",)

    def update(self, parameter, gradient, state, step, lr):
        velocity = 0.5 * state[0] + gradient * (1 + 1 / step)
        return parameter - lr * velocity, (velocity,)


def by_hand(model, optimizer):
    for x, y in zip(*DATA, strict=True):
        model.zero_grad()
        nn.mean_squared_error(model(x), y).backward()
        optimizer.step(model.parameters())


def by_fit(engine, **settings):
    def train(model, optimizer):
        nn.fit(model, DATA, optimizer=optimizer, epochs=2, engine=engine, **settings)

    return train


WAYS = {
    "by hand": by_hand,
    "eager": by_fit("eager"),
    "native": by_fit("auto"),
    "python": by_fit("python", batch_size=2),
    "numpy": by_fit("numpy", batch_size="full"),
}


def models():
    return nn.MLP(2, [3, 1], "tanh", seed=1), nn.MLP(2, [3, 1], "tanh", seed=2), nn.MLP(2, [1], "sigmoid", seed=3)


@pytest.mark.parametrize("make", [*OPTIMIZERS, lambda: Velocity(lr=0.05)])
@pytest.mark.parametrize(
    "order", [list(WAYS), [*reversed(WAYS)], ["native", "by hand", "eager", "native", "by hand"]]
)
def test_models_trained_in_turn_end_as_with_an_optimizer_for_each(make, order):
    shared, together, apart = make(), models(), models()
    own = [make() for _ in apart]
    for round_, way in enumerate(order):
        for i, model in enumerate(together):
            if (i + round_) % 3:  # Not all equally often, so that the counts of updates differ.
                WAYS[way](model, shared)
                WAYS[way](apart[i], own[i])
    for model, twin in zip(together, apart, strict=True):
        assert list(model.state_dict().values()) == pytest.approx(list(twin.state_dict().values()), rel=1e-12)
    for model, optimizer in zip(together, own, strict=True):
        remembered = [shared.memory[parameter] for parameter in model.parameters()]
        for (count, state), (own_count, own_state) in zip(remembered, optimizer.memory.values(), strict=True):
            assert count == own_count
            assert state == pytest.approx(own_state, rel=1e-12)


def test_a_new_model_does_not_inherit_from_one_that_is_gone():
    """Python gives new objects the places of old ones."""
    shared = nn.Adam(lr=0.05)
    for seed in range(20):
        model, twin = nn.MLP(2, [2, 1], seed=seed), nn.MLP(2, [2, 1], seed=seed)
        by_hand(model, shared)
        by_hand(twin, nn.Adam(lr=0.05))
        assert model.state_dict() == twin.state_dict()
        del model
        gc.collect()
    assert len(shared.memory.values()) == 0


def test_a_parameter_in_two_models_is_remembered_once():
    body = nn.Layer(2, 2, "tanh", seed=1)
    first, second = (nn.Sequential(body, nn.Neuron(2, "identity", seed=seed)) for seed in (2, 3))
    shared = nn.Adam(lr=0.05)
    for way in ("by hand", "native", "eager", "by hand"):
        WAYS[way](first, shared)
        WAYS[way](second, shared)
    counts = [shared.memory[parameter][0] for parameter in (body.neurons[0].bias, first.modules[1].bias)]
    assert counts == [2 * counts[1], counts[1]]


def test_the_state_of_an_optimizer_for_two_models_is_refused_for_one():
    first, second, _ = models()
    shared = nn.Adam(lr=0.05)
    by_hand(first, shared)
    by_hand(second, shared)
    later = nn.Adam()
    later.load_state_dict(shared.state_dict())
    before = first.state_dict()
    first.zero_grad()
    first([1.0, 2.0]).backward()
    with pytest.raises(ValueError, match=r"belongs to 26 parameters, but step\(\) was given 13"):
        later.step(first.parameters())
    assert first.state_dict() == before
    second([1.0, 2.0]).backward()
    later.step([*first.parameters(), *second.parameters()])
