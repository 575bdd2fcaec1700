"""fit against published trainings, NumPy and PyTorch; how a run is steered, stopped, and kept whole."""

import math
import random

import numpy as np
import pytest

import autograd
from nn.data import alice_bob, blobs, linear_relationship, moons, single_neuron
from nn.fitting.measuring import evaluate
from nn.layers import MLP
from nn.losses import (
    L2,
    categorical_cross_entropy,
    half_squared_error,
    mean_squared_error,
)
from nn.optim import SGD, Adam
from nn.schedules import ExponentialSchedule
from nn.training import fit
from tests.nn.linear import Linear

# What teachers have published


def test_example_1_a_single_neuron_by_hand():
    model = Linear(0.3, 0.9)
    history = fit(model, single_neuron(), loss=half_squared_error, optimizer=SGD(lr=1.0), epochs=1)
    assert history.loss == [pytest.approx(0.35**2 / 2)]
    assert model.numbers == pytest.approx([0.265, 0.62])
    assert model([0.1, 0.8]).data == pytest.approx(0.5225)
    assert model([0.1, 0.8]).data - 0.4 == pytest.approx(0.1225)


def test_example_2_weights_of_a_linear_relationship():
    data = linear_relationship()
    model = Linear(200, -14, 3456)
    history = fit(model, data, optimizer=SGD(lr=0.001), epochs=1000, batch_size="full", record_parameters=True)
    # The same descent in NumPy: the gradient is -2·(y - z)·x, averaged over the five samples.
    x, y = data.as_arrays()
    w = np.array([200.0, -14.0, 3456.0])
    path = []
    for _ in range(1000):
        w = w - 0.001 * (-2 * (y - x @ w)[:, None] * x).mean(axis=0)
        path.append(w)
    ours = np.column_stack([history.parameters[f"w{i}"] for i in (1, 2, 3)])
    np.testing.assert_allclose(ours, path, rtol=1e-9, atol=1e-9)
    # With the gradient averaged over the samples, 1000 updates are not quite enough: the slowest
    # direction (eigenvalue 4.91 of the mean of 2·x·xᵀ) shrinks by 1 - 0.00491 in each of them.
    assert model.numbers == pytest.approx([1.5903, -0.3251, 1.2389], abs=1e-4)
    fit(model, data, optimizer=SGD(lr=0.001), epochs=1000, batch_size="full")
    assert model.numbers == pytest.approx([0.5, 0.9, 1.2], abs=0.01)
    # Added up instead of averaged, which is a rate 5 times as large, 1000 do find the weights.
    model = Linear(200, -14, 3456)
    fit(model, data, optimizer=SGD(lr=0.005), epochs=1000, batch_size="full")
    assert model.numbers == pytest.approx([0.5, 0.9, 1.2], abs=1e-6)
    assert history.parameters_at_start == {"w1": 200.0, "w2": -14.0, "w3": 3456.0}


@pytest.mark.parametrize("seed", range(20))
def test_example_5_alice_and_bob_from_any_of_20_seeds(seed):
    people = alice_bob()
    model = MLP(2, [2, 1], activation="sigmoid", seed=seed)
    history = fit(model, people, optimizer=SGD(lr=0.1), epochs=1000, batch_size=1)
    after = evaluate(model, people, metrics="accuracy")
    assert after["loss"] < 0.005
    assert after["accuracy"] == 1.0
    assert history.loss[-1] < 0.005
    emily, frank = (model(x).data for x in people.unseen.inputs)
    assert emily > 0.5 > frank


# The steps of an epoch


@pytest.mark.parametrize("batch_size", [1, 3, 7, 20, 1000, None])
def test_batches_of_any_size_equal_torch(batch_size):
    torch = pytest.importorskip("torch", reason="PyTorch is what we compare with")
    data = moons(20, seed=3)
    model = MLP(2, [3, 1], activation="tanh", seed=4)
    tensors = []
    for layer in model.layers:
        for numbers in ([[w.data for w in n.weights] for n in layer.neurons], [n.bias.data for n in layer.neurons]):
            tensors.append(torch.tensor(numbers, dtype=torch.float64, requires_grad=True))
    optimizer = torch.optim.Adam(tensors, lr=0.05)
    x, y = (torch.tensor(array).double() for array in data.as_arrays())
    losses = []
    size = batch_size or len(data)
    for _ in range(4):
        total = 0.0
        for start in range(0, len(data), size):
            hidden = torch.tanh(x[start : start + size] @ tensors[0].T + tensors[1])
            output = torch.tanh(hidden @ tensors[2].T + tensors[3])[:, 0]
            loss = torch.nn.functional.mse_loss(output, y[start : start + size])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(output)
        losses.append(total / len(data))
    history = fit(model, data, optimizer=Adam(lr=0.05), epochs=4, batch_size=batch_size)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-9)
    assert history.steps == 4 * math.ceil(20 / size)
    ours = [[w.data for w in n.weights] for n in model.layers[0].neurons]
    np.testing.assert_allclose(ours, tensors[0].detach().numpy(), rtol=1e-7)


def test_a_ragged_last_batch_is_averaged_rightly():
    # With a rate of 0 nothing moves, so the epoch's loss is the plain mean over the five samples.
    data = linear_relationship()
    x, y = data.as_arrays()
    expected = np.mean((y - x @ [1.0, 2.0, 3.0]) ** 2)
    for batch_size in (1, 2, 3, 5):
        history = fit(Linear(1, 2, 3), data, optimizer=SGD(lr=0), epochs=1, batch_size=batch_size)
        assert history.loss == [pytest.approx(expected, rel=1e-14)]
    # One batch of 3 and one of 2, by hand.
    model = Linear(1, 2, 3)
    fit(model, data, optimizer=SGD(lr=0.001), epochs=1, batch_size=3)
    w = np.array([1.0, 2.0, 3.0])
    for part in (slice(0, 3), slice(3, 5)):
        w = w - 0.001 * (-2 * (y[part] - x[part] @ w)[:, None] * x[part]).mean(axis=0)
    assert model.numbers == pytest.approx(w.tolist(), rel=1e-12)


def test_gradients_are_forgotten_before_each_step():
    model = Linear(1.0)
    model.weights[0].grad = 1e6
    fit(model, ([[1.0]], [0.0]), epochs=1)
    assert model.numbers == [pytest.approx(0.8)]


def test_several_outputs_and_classes():
    data = blobs(30, seed=1)
    model = MLP(4, [3], activation="identity", seed=0)
    torch_free = evaluate(model, data, loss=softmax_loss)["loss"]
    logits = np.array([[o.data for o in model(x)] for x in data.inputs])
    by_numpy = -np.mean([row[y] - np.log(np.exp(row).sum()) for row, y in zip(logits, data.targets, strict=True)])
    assert torch_free == pytest.approx(by_numpy, rel=1e-12)
    history = fit(model, data, loss=softmax_loss, epochs=20, batch_size=10, metrics="accuracy", validation=data)
    assert history.loss[-1] < 0.1 * history.loss[0]
    assert history.metrics["accuracy"][-1] == history.metrics["validation_accuracy"][-1] == 1.0
    assert len(history.validation_loss) == 20
    assert history.validation_loss[-1] == pytest.approx(evaluate(model, data, loss=softmax_loss)["loss"], rel=1e-12)


def softmax_loss(outputs, target):
    return categorical_cross_entropy(autograd.softmax(outputs), target)


def test_three_kinds_of_data_give_the_same_run():
    data = alice_bob()
    runs = [
        fit(MLP(2, [2, 1], "sigmoid", seed=1), kind, epochs=3).loss
        for kind in (data, (data.inputs, data.targets), list(data), data.as_arrays())
    ]
    assert runs[0] == runs[1] == runs[2] == runs[3]


def test_shuffling_with_a_seed_repeats_itself():
    def losses(seed, **settings):
        model, data = Linear(1, 2, 3), linear_relationship()
        history = fit(model, data, optimizer=SGD(lr=0.001), epochs=5, seed=seed, **settings)
        return history.loss, history.seed

    assert losses(1, shuffle=True) == losses(1, shuffle=True)
    assert losses(1, shuffle=True) != losses(2, shuffle=True)
    assert losses(1) == (losses(2)[0], None)
    # A source of chance, Python's or NumPy's, is used as it is.
    assert losses(random.Random(1), shuffle=True) == (losses(1, shuffle=True)[0], None)
    drawn, seed = losses(np.random.default_rng(1), shuffle=True)
    assert losses(np.random.default_rng(1), shuffle=True) == (drawn, None) == (drawn, seed)
    assert drawn != losses(1, shuffle=True)[0]
    # A seed that nobody chose is written down, and gives the same run again.
    drawn, seed = losses(None, shuffle=True)
    assert losses(seed, shuffle=True) == (drawn, seed)


def test_shuffling_visits_every_sample_once_in_an_order_of_its_own():
    seen = []

    class Watching(Linear):
        def __call__(self, x):
            seen.append(x[0])
            return super().__call__(x)

    fit(Watching(1.0), (range(10), [0] * 10), optimizer=SGD(lr=0), epochs=2, shuffle=True, seed=0, engine="eager")
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:] != list(range(10))


def test_penalty_is_part_of_the_loss():
    model = Linear(3.0)
    history = fit(model, ([[1.0]], [3.0]), epochs=1, penalty=L2(0.5))
    assert history.loss == [4.5]
    assert model.numbers == [pytest.approx(3.0 - 0.1 * 3.0)]


def test_a_schedule_counts_epochs_or_steps_from_0():
    def rates(unit):
        seen = []

        class Listener:
            def on_step(self, event):
                seen.append(event.lr)

        history = fit(
            Linear(1.0), ([1, 2], [1, 2]), optimizer=SGD(lr=0.1), epochs=3,
            schedule=ExponentialSchedule(0.5), schedule_unit=unit, callbacks=[Listener()],
        )  # fmt: skip
        return seen, history.lr

    assert rates("epoch") == ([0.1, 0.1, 0.05, 0.05, 0.025, 0.025], [0.1, 0.05, 0.025])
    assert rates("step") == ([0.1 * 0.5**i for i in range(6)], [0.1 * 0.5**i for i in (1, 3, 5)])
    with pytest.raises(ValueError, match="the learning rate from the schedule is -1"):
        fit(Linear(1.0), ([1], [1]), schedule=lambda epoch, lr: -1)


def test_clipping():
    # The gradient of (w·3 + v·4 - 0)² at w = v = 1 is (42, 56), of length 70.
    for settings, expected in [
        ({}, (42.0, 56.0)),
        ({"clip_norm": 7.0}, (4.2, 5.6)),
        ({"clip_norm": 100.0}, (42.0, 56.0)),
        ({"clip_value": 50.0}, (42.0, 50.0)),
        ({"clip_value": 42.0, "clip_norm": 0.42 * math.sqrt(2)}, (0.42, 0.42)),
    ]:
        model = Linear(1.0, 1.0)
        history = fit(model, ([[3.0, 4.0]], [0.0]), optimizer=SGD(lr=1.0), epochs=1, **settings)
        assert [1.0 - w for w in model.numbers] == pytest.approx(expected, rel=1e-5)
        assert history.gradient_norm == [pytest.approx(70.0)]


def test_fitting_again_with_the_same_optimizer_goes_on():
    data = linear_relationship()
    at_once, in_two = Linear(1, 2, 3), Linear(1, 2, 3)
    fit(at_once, data, optimizer=Adam(lr=0.1), epochs=6)
    adam = Adam(lr=0.1)
    fit(in_two, data, optimizer=adam, epochs=3)
    fit(in_two, data, optimizer=adam, epochs=3)
    assert in_two.numbers == at_once.numbers


def test_a_parameter_that_is_used_twice_is_one_parameter():
    class Twice(Linear):
        def parameters(self):
            return [self.weights[0], self.weights[0]]

    model = Twice(1.0)
    history = fit(model, ([[1.0]], [0.0]), epochs=1)
    assert model.numbers == [pytest.approx(0.8)]
    assert history.gradient_norm == [2.0]


def test_the_default_loss_is_the_mean_squared_error():
    assert fit(Linear(3.0), ([1], [1]), epochs=1).loss == [mean_squared_error(3.0, 1.0).data]
