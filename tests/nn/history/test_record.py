"""The record of a run: plain data, as a table, as a line of text and as a figure."""

import json
import sys

import pytest

import viz  # noqa: F401
from nn.history import History
from nn.history.record import evenly, sparkline


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
