"""The record of a run: plain data, as a table, as a line of text and as a figure."""

import json
import sys

import numpy as np
import pytest

import viz  # noqa: F401
from nn.data import alice_bob
from nn.history import History
from nn.history.record import evenly, sparkline
from nn.layers import MLP
from nn.module import StateError
from nn.training import fit
from tests.nn.linear import Linear


def filled(epochs: int = 3, every: int = 1) -> History:
    history = History()
    for epoch in range(1, epochs + 1):
        history.add(epoch, 1.0 / epoch, 0.1, 2.0, {"accuracy": epoch / 10}, {"w": float(epoch)}, every)
    return history


def test_it_is_plain_data():
    history = filled()
    history.stopped_because = "finished"
    assert json.loads(json.dumps(history.as_dict())) == {
        "epochs": [1, 2, 3],
        "loss": [1.0, 0.5, 1.0 / 3],
        "metrics": {"accuracy": [0.1, 0.2, 0.3]},
        "lr": [0.1, 0.1, 0.1],
        "gradient_norm": [2.0, 2.0, 2.0],
        "parameters": {"w": [1.0, 2.0, 3.0]},
        "parameters_at_start": {},
        "steps": 0,
        "seconds": 0.0,
        "seed": None,
        "stopped_because": "finished",
        "engine": "",
    }
    history.as_dict()["loss"].append(7.0)
    assert len(history) == len(history.loss) == 3
    assert history.validation_loss == []


@pytest.mark.parametrize(
    ("epochs", "every", "kept"),
    [
        (10, 1, list(range(1, 11))),
        (10, 5, [1, 5, 10]),
        (10, 4, [1, 4, 8, 10]),
        (9, 4, [1, 4, 8, 9]),
        (1, 4, [1]),
        (2, 4, [1, 2]),
        (3, 100, [1, 3]),
    ],
)
def test_first_and_last_epoch_are_always_kept(epochs, every, kept):
    history = filled(epochs, every)
    assert history.epochs == kept
    assert history.loss == [1.0 / epoch for epoch in kept]
    assert history.metrics == {"accuracy": [epoch / 10 for epoch in kept]}
    assert history.parameters == {"w": [float(epoch) for epoch in kept]}
    assert len(history.lr) == len(history.gradient_norm) == len(kept)


def recorded_run(every: int = 1) -> tuple[MLP, History, list[dict[str, float]]]:
    """A network, the record of its six epochs, and a snapshot before the first epoch and after each."""
    model = MLP(2, [2, 1], "sigmoid", seed=1)
    snapshots = [model.state_dict()]
    history = fit(
        model,
        alice_bob(),
        epochs=6,
        callbacks=[lambda event: snapshots.append(model.state_dict())],
        record_parameters=True,
        record_every=every,
    )
    return model, history, snapshots


def test_every_recorded_epoch_can_be_had_again():
    model, history, snapshots = recorded_run()
    for epoch in (6, 0, 3, 1, 5, 2, 4):
        history.restore(model, epoch)
        assert model.state_dict() == snapshots[epoch]
    another = MLP(2, [2, 1], "sigmoid", seed=7)
    History(**json.loads(json.dumps(history.as_dict()))).restore(another, np.int64(6))
    assert another.state_dict() == snapshots[6]


def test_training_goes_on_from_a_restored_epoch():
    model, history, snapshots = recorded_run()
    history.restore(model, 2)
    fit(model, alice_bob(), epochs=4)
    assert model.state_dict() == snapshots[6]


def test_a_callback_can_go_back():
    model = MLP(2, [2, 1], "sigmoid", seed=1)
    start = model.state_dict()
    back = [lambda event: event.history.restore(event.model, 0)]
    fit(model, alice_bob(), epochs=5, callbacks=back, record_parameters=True)
    assert model.state_dict() == start


def test_models_without_a_module_and_frozen_parameters_are_restored():
    line = Linear(3.0, 4.0)
    for weight in line.weights:
        weight.label = ""
    history = fit(line, ([[1.0, 2.0]], [0.0]), epochs=2, record_parameters=True)
    history.restore(line, 0)
    assert line.numbers == [3.0, 4.0]
    model, history, snapshots = recorded_run()
    history.restore(model.requires_grad_(False), 1)
    assert model.state_dict() == snapshots[1]


@pytest.mark.parametrize(
    ("epoch", "kind", "message"),
    [
        (7, ValueError, "this run had 6 epochs, so there is nothing after epoch 7"),
        (3, ValueError, "epoch 3 is not recorded; its neighbours 1 and 4 are.*record_every=1"),
        (5, ValueError, "epoch 5 is not recorded; its neighbours 4 and 6 are"),
        (-1, ValueError, "epoch is -1, but it must be a whole number, 0 or more"),
        (1.0, TypeError, "epoch must be a whole number, but is 1.0"),
        (True, TypeError, "epoch must be a whole number, but is True"),
    ],
)
def test_an_epoch_that_was_not_recorded(epoch, kind, message):
    model, history, snapshots = recorded_run(every=4)
    with pytest.raises(kind, match=message):
        history.restore(model, epoch)
    assert model.state_dict() == snapshots[6]


def test_a_run_that_kept_no_parameters():
    model = MLP(2, [2, 1], "sigmoid", seed=1)
    with pytest.raises(
        ValueError, match=r"kept no parameters: ask for them with nn.fit\(..., record_parameters=True"
    ):
        fit(model, alice_bob(), epochs=1).restore(model, 1)
    stopped = fit(model, alice_bob(), callbacks=[AtStart()], record_parameters=True)
    stopped.restore(model, 0)
    with pytest.raises(ValueError, match="this run had 0 epochs"):
        stopped.restore(model, 1)


class AtStart:
    def on_start(self, event):
        return True


def test_a_model_of_another_shape():
    _, history, _ = recorded_run()
    other = MLP(3, [2, 1], "sigmoid", seed=1)
    before = other.state_dict()
    with pytest.raises(StateError) as caught:
        history.restore(other, 1)
    assert str(caught.value) == (
        "this run was that of another network than MLP(3, [2, 1]) with 11 parameters:\n"
        "  not recorded: 'h1.w3', 'h2.w5', 'h2.w6', 'o1.w7', 'o1.w8'\n"
        "  recorded, but not in the model: 'h2.w3', 'o1.w5', 'o1.w6'\n"
        "  Nothing was changed."
    )
    assert other.state_dict() == before
    for wrong in (5, MLP, "model"):
        with pytest.raises(TypeError, match="a model has a method parameters"):
            history.restore(wrong, 1)


def test_table():
    lines = filled(100).table(rows=5).splitlines()
    assert lines[0].split() == ["epoch", "loss", "accuracy", "lr", "gradient_norm"]
    assert [line.split()[0] for line in lines[1:]] == ["1", "26", "51", "75", "100"]
    assert lines[-1].split() == ["100", "0.01", "10", "0.1", "2"]
    assert len({len(line) for line in lines}) == 1
    with pytest.raises(ValueError, match="at least 2 rows"):
        filled().table(rows=1)


def test_how_it_looks():
    history = filled(3)
    history.stopped_because = "finished"
    history.seconds = 0.126
    assert repr(history) == "<History: 3 epochs in 0.13 s, finished; loss 1 → 0.3333 █▃▁>"
    assert repr(filled(1)) == "<History: 1 epoch in 0.00 s, running; loss 1 → 1 ▁>"
    assert repr(History()) == "<History: no complete epoch, running>"
    assert repr(History(stopped_because="keyboard")) == "<History: no complete epoch, keyboard>"


def test_sparkline():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([5.0, 5.0]) == "▁▁"
    assert len(sparkline(list(range(1000)))) == 30
    assert sparkline(list(range(1000)))[-1] == "█"


def test_evenly():
    assert evenly(3, 5) == [0, 1, 2]
    assert evenly(5, 2) == [0, 4]
    assert evenly(0, 2) == []


def test_plot_without_matplotlib_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "glassgrad\[plot\]"'):
        filled().plot()


def test_plot_draws_with_matplotlib():
    matplotlib = pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")
    matplotlib.use("Agg")
    figure = filled(20).plot()
    lines = [line for axes in figure.axes for line in axes.get_lines()]
    assert any(list(line.get_ydata()) == filled(20).loss for line in lines)
