"""What is measured while a model learns and afterwards, and what the record of a run keeps."""

import numpy as np
import pytest

from nn.data import alice_bob
from nn.fitting.measuring import evaluate
from nn.layers import MLP
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    hinge,
    mean_squared_error,
)
from nn.metrics import accuracy
from nn.optim import SGD
from nn.training import fit
from tests.nn.linear import Linear

# Metrics


def test_metrics_are_those_of_the_predictions_made_on_the_way():
    def mean_prediction(predictions, targets):
        assert targets == [2.0, 4.0]
        return np.float64(sum(predictions) / len(predictions))

    history = fit(
        Linear(1.0), ([1.0, 2.0], [2.0, 4.0]), optimizer=SGD(lr=0), epochs=2, metrics={"mean": mean_prediction}
    )
    assert history.metrics == {"mean": [1.5, 1.5]}
    assert type(history.metrics["mean"][0]) is float


def test_accuracy():
    assert accuracy([0.9, 0.1, 0.5, 0.51], [1, 0, 0, 0]) == 0.75
    assert accuracy([0.3, -0.3, 2.0, 0.1], [1, -1, 1, -1]) == 0.75
    assert accuracy([[0.1, 0.9], [0.9, 0.1]], [1, 1]) == 0.5
    assert accuracy([[0.1, 0.9], [0.9, 0.1]], [[0, 1], [1, 0]]) == 1.0
    with pytest.raises(ValueError, match="one prediction for each target: 1, 2"):
        accuracy([0.5], [1, 0])
    with pytest.raises(ValueError, match="one prediction for each target: 0, 0"):
        accuracy([], [])


def test_accuracy_judges_logits_and_margins_by_their_sign():
    # sigmoid(0.3) > 0.5, so a logit of 0.3 says class 1 as soon as one output shows that these are logits.
    assert accuracy([0.3, -2.0, 4.0, 0.1], [1, 0, 1, 0]) == 0.75
    assert accuracy([1.5, 0.4], [1, 0]) == 0.5
    assert accuracy([0.3, 0.4], [0, 1], threshold=0.35) == 1.0
    assert accuracy([0.3, 0.4], [1, 1], threshold=0) == 1.0
    # Targets keep their own middle: a target of 0.1 is class 0 where the outputs are logits.
    assert accuracy([-2.0, 2.0], [0.1, 0.9]) == 1.0


@pytest.mark.parametrize(
    ("loss", "targets", "outputs", "expected"),
    [
        (binary_cross_entropy_with_logits, [1, 0], [0.2, -3.0], 1.0),
        (binary_cross_entropy_with_logits, [1, 0], [0.2, 0.1], 0.5),
        (hinge, [1, -1], [0.2, -0.1], 1.0),
        (binary_cross_entropy, [1, 0], [0.6, 0.4], 1.0),
        # An output that was drawn towards 0 and lies a little beside it still says class 0.
        (mean_squared_error, [1, 0, 0], [1.1, 0.1, -0.1], 1.0),
        (mean_squared_error, [1, -1, -1], [1.1, -0.2, -0.9], 1.0),
        # A loss that nobody knows says nothing about the outputs, so their range does.
        (lambda prediction, target: (prediction - target) ** 2, [1, 0], [0.2, -3.0], 1.0),
        (lambda prediction, target: (prediction - target) ** 2, [1, 0], [0.2, 0.1], 0.5),
    ],
)
def test_accuracy_takes_the_threshold_of_the_loss(loss, targets, outputs, expected):
    data = ([[output] for output in outputs], targets)
    assert evaluate(Linear(1.0), data, loss=loss, metrics="accuracy")["accuracy"] == expected
    history = fit(Linear(1.0), data, loss=loss, optimizer=SGD(lr=0), epochs=1, metrics="accuracy", validation=data)
    assert history.metrics["accuracy"] == history.metrics["validation_accuracy"] == [expected]


def test_metrics_by_name_and_what_is_no_metric():
    data = ([0.0, 1.0], [0, 1])
    assert evaluate(Linear(1.0), data, metrics=["accuracy"]) == {"loss": 0.0, "accuracy": 1.0}
    with pytest.raises(ValueError, match="no metric is named 'acuracy'; known by name: accuracy"):
        evaluate(Linear(1.0), data, metrics="acuracy")
    with pytest.raises(TypeError, match="metrics must be functions by name"):
        evaluate(Linear(1.0), data, metrics={"error": 3})
    with pytest.raises(TypeError, match='"loss" is taken'):
        evaluate(Linear(1.0), data, metrics={"loss": accuracy})


def test_evaluating_changes_nothing_and_takes_plain_outputs():
    class Plain(Linear):
        def __call__(self, x):
            return [super().__call__(x), 1.0]

    model = Plain(1.0)
    found = evaluate(model, ([[2.0]], [[0.0, 1.0]]), metrics={"both": lambda p, t: p[0][0] + p[0][1]})
    assert found == {"loss": 2.0, "both": 3.0}
    assert model.weights[0].grad == 0


# The history


def test_what_the_history_keeps():
    data = alice_bob()
    model = MLP(2, [2, 1], "sigmoid", seed=1)
    start = model.state_dict()
    history = fit(model, data, epochs=10, record_parameters=True, record_every=4)
    assert history.epochs == [1, 4, 8, 10]
    assert history.parameters_at_start == start
    assert {name: column[-1] for name, column in history.parameters.items()} == model.state_dict()
    assert all(len(column) == 4 for column in (history.loss, history.lr, history.gradient_norm))
    assert history.lr == [0.1] * 4
    assert history.steps == 40
    assert history.seconds > 0
    assert history.stopped_because == "finished"
    assert fit(model, data, epochs=1).parameters == {}


def test_names_of_parameters_without_a_module():
    def names(*labels):
        model = Linear(*[1.0] * len(labels))
        for weight, label in zip(model.weights, labels, strict=True):
            weight.label = label
        return list(fit(model, ([[1.0] * len(labels)], [0.0]), epochs=1, record_parameters=True).parameters)

    assert names("a", "b") == ["a", "b"]
    assert names("a", "") == ["parameter 1", "parameter 2"]
    assert names("a", "a") == ["parameter 1", "parameter 2"]
