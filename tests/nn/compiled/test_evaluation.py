"""Validation data measured by the program."""

import numpy as np
import pytest

import nn
from nn.data import Dataset
from nn.training import TrainingError
from tests.nn.compiled.same_runs import MOONS, PEOPLE, assert_same, both, small

pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")


@pytest.mark.parametrize("engine", ["native", "python", "numpy"])
@pytest.mark.parametrize("outputs", [0, 1, 3])
def test_validation_data_are_measured_by_the_program(engine, outputs, monkeypatch):
    targets = [[0.5] * outputs if outputs else 0.5 for _ in MOONS]
    data = Dataset.of((MOONS.inputs, targets))

    def model():
        made = nn.MLP(2, [3, max(outputs, 1)], activation="tanh", seed=3)
        return made if outputs != 1 else Listed(made)

    def worst(predictions, targets):
        return float(np.abs(np.array(predictions) - targets).max())

    def by_numpy(network):
        x = np.array(data.subset(range(20, 30)).inputs).T
        for layer in network.layers:
            weights = np.array([[w.data for w in neuron.weights] for neuron in layer.neurons])
            x = np.tanh(weights @ x + np.array([[neuron.bias.data] for neuron in layer.neurons]))
        return x - 0.5

    def forbidden(*args, **kwargs):
        raise AssertionError("the validation data were evaluated node by node")

    settings = {"validation": data.subset(range(20, 30)), "metrics": {"worst": worst}}
    found = both(model, data.subset(range(20)), engine, epochs=3, **settings)
    assert_same(found)
    history, trained, _ = found[0]
    errors = by_numpy(trained if outputs != 1 else trained.network)
    assert history.metrics["validation_worst"][-1] == pytest.approx(abs(errors).max())
    assert history.metrics["validation_loss"][-1] == pytest.approx((errors**2).mean())
    monkeypatch.setattr(nn.fitting.run, "evaluate", forbidden)
    nn.fit(model(), data, epochs=2, engine=engine, validation=data)


class Listed(nn.Module):
    """A network whose single output stands in a list."""

    def __init__(self, network):
        self.network = network

    def forward(self, x):
        return [self.network(x)]


def test_validation_data_of_another_form_are_evaluated_node_by_node():
    people = PEOPLE.subset(range(3))
    for validation in (([[0.5, 0.25]], [[1.0]]), ([[0.5, 0.25, 1.0]], [1.0])):
        caught = []
        for engine in ("native", "eager"):
            with pytest.raises(nn.ShapeError) as error:
                nn.fit(small()(), people, epochs=1, validation=validation, engine=engine)
            caught.append(str(error.value))
        assert caught[0] == caught[1]

    def either(prediction, target):
        return nn.mean_squared_error(prediction, target[0] if isinstance(target, list) else target)

    found = both(small(), people, loss=either, epochs=3, validation=([[0.5, 0.25]], [[1.0]]))
    assert_same(found)


@pytest.mark.parametrize("too_large", [1e200, 1.51e153], ids=["at once", "later"])
def test_an_explosion_on_the_validation_data_goes_back_behind_the_last_step(too_large):
    found = []
    for engine in ("native", "python", "numpy", "eager"):
        model = nn.MLP(1, [1], activation="identity", bias=False, weights=[[[1.0]]])
        with pytest.raises(TrainingError, match="on the validation data") as error:
            nn.fit(model, ([[1.0], [2.0]], [9.0, 18.0]), validation=([[too_large]], [0.0]), epochs=9, engine=engine)
        history = error.value.history
        found.append(
            (error.value.epoch, error.value.step, history.loss, history.validation_loss, model.parameters()[0].data)
        )
    for ours in found[:-1]:
        for one, other in zip(ours, found[-1], strict=True):
            assert one == pytest.approx(other, rel=1e-12)
    assert found[0][0] == (1 if too_large == 1e200 else 3)
