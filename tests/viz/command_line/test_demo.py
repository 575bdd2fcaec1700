"""The main job: what the network learns, says and leaves behind, compared with NumPy and read from the files."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd.core.numbers import write_number
from viz.command_line import demo

ROOT = Path(__file__).parents[3]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_the_main_job(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    result = demo.run()
    printed = capsys.readouterr().out
    assert result.history.loss[-1] < 0.005
    assert [(answer.name, answer.says) for answer in result.answers] == [
        ("Alice", "F"), ("Bob", "M"), ("Charlie", "M"), ("Diana", "F"), ("Emily", "F"), ("Frank", "M"),
    ]  # fmt: skip
    assert all(answer.is_right for answer in result.answers)
    emily, frank = result.answers[-2:]
    # The page prints 0.951 and 0.039, from other first weights.
    assert emily.probability > 0.9
    assert frank.probability < 0.1
    for words in ("epoch    1 of 1000", "epoch 1000 of 1000", "never seen before", "6 of 6 right"):
        assert words in printed
    assert f"  {os.path.join('output', 'graph.svg')}  " in printed
    assert f"  {os.path.join('output', 'loss.png')} " in printed
    assert sorted(os.listdir("output")) == ["graph.svg", "loss.png"]
    assert (tmp_path / "output" / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_the_training_is_that_of_numpy(tmp_path):
    start = nn.MLP(2, [2, 1], activation="sigmoid", seed=3).state_dict()
    result = demo.run(tmp_path, epochs=40, seed=3, quiet=True)
    w = np.array(list(start.values()))  # h1.w1 w2 b1, h2.w3 w4 b2, o1.w5 w6 b3
    W, b, v, c = w[[[0, 1], [3, 4]]], w[[2, 5]], w[[6, 7]], w[8]
    losses = []
    for _ in range(40):
        epoch = []
        for x, y in zip([[-2, -1], [25, 6], [17, 4], [-15, -6]], [1, 0, 0, 1], strict=True):
            h = sigmoid(W @ x + b)
            o = sigmoid(v @ h + c)
            epoch.append((o - y) ** 2)
            d_out = 2 * (o - y) * o * (1 - o)
            d_hidden = d_out * v * h * (1 - h)
            W, b, v, c = W - 0.1 * np.outer(d_hidden, x), b - 0.1 * d_hidden, v - 0.1 * d_out * h, c - 0.1 * d_out
        losses.append(np.mean(epoch))
    assert np.allclose(result.history.loss, losses, rtol=1e-9)
    said = {answer.name: answer.probability for answer in result.answers}
    assert said["Emily"] == pytest.approx(sigmoid(v @ sigmoid(W @ [-7, -3] + b) + c), rel=1e-9)


def test_the_same_seed_says_the_same(tmp_path):
    first, second = (demo.run(tmp_path, epochs=3, seed=5, quiet=True) for _ in range(2))
    assert first.history.loss == second.history.loss
    assert first.answers == second.answers


def test_the_graph_shows_data_and_gradients_of_alices_loss(tmp_path):
    result = demo.run(tmp_path, epochs=3, quiet=True)
    # The gradients that the picture must show, by closed form, for the trained parameters.
    w = np.array(list(result.model.state_dict().values()))
    x = np.array([-2.0, -1.0])
    h = sigmoid(w[[[0, 1], [3, 4]]] @ x + w[[2, 5]])
    o = sigmoid(w[[6, 7]] @ h + w[8])
    d_b3 = -2 * (1 - o) * o * (1 - o)
    words = "".join(ET.parse(tmp_path / "graph.svg").getroot().itertext())
    for label in ("h1", "h2", "o1", "w1", "w6", "b3", "L"):
        assert label in words
    gradients = {"b3": d_b3, "w5": d_b3 * h[0], "w6": d_b3 * h[1]}
    for label, gradient in gradients.items():
        assert re.search(rf"{label}[−\d.]+?{write_number(gradient)}", words)
    assert re.search(rf"L{write_number((1 - o) ** 2)}1$", words, flags=re.MULTILINE)
    assert "?" not in words


def test_a_wrong_answer_is_said_to_be_wrong():
    answer = demo.Answer("Bob", [25.0, 6.0], 0.7, "F", "M")
    table = demo.write_table([answer], [], ["weight", "height"])
    assert "wrong" in table
    assert "0 of 1 right" in table


def test_the_folder_is_made_and_must_be_a_folder(tmp_path):
    demo.run(tmp_path / "a" / "b", epochs=1, quiet=True)
    assert (tmp_path / "a" / "b" / "graph.svg").is_file()
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FileExistsError):
        demo.run(tmp_path / "file", epochs=1, quiet=True)


def test_stopping_keeps_what_was_learned(tmp_path, monkeypatch, capsys):
    def stop_at_three(self, event):
        if event.epoch == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(demo.Milestones, "on_epoch", stop_at_three)
    result = demo.run(tmp_path)
    assert len(result.history.loss) == 3
    assert "Stopped after 3 complete epochs; what was learned until then is kept." in capsys.readouterr().out
    assert len(result.pictures) == 2


def test_a_stop_before_the_first_epoch_is_over_still_draws_the_graph(tmp_path, monkeypatch):
    def stop(model, data, **settings):
        return nn.History(stopped_because="keyboard")

    monkeypatch.setattr(nn, "fit", stop)
    assert [path.name for path in demo.run(tmp_path).pictures] == ["graph.svg"]


def test_quiet_shows_only_the_results(tmp_path, capsys):
    demo.run(tmp_path, epochs=2, quiet=True)
    printed = capsys.readouterr()
    assert "epoch 1" not in printed.out + printed.err
    assert "Emily" in printed.out


def test_a_plain_installation_draws_the_loss_as_svg(tmp_path):
    code = (
        "import sys; sys.modules['matplotlib'] = None; from viz.command_line.demo import run; run('here', epochs=5)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert os.path.join("here", "loss.svg") in done.stdout
    assert ET.parse(tmp_path / "here" / "loss.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "here" / "graph.svg").is_file()


def test_in_process_too_the_curve_needs_no_matplotlib(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = demo.run(tmp_path, epochs=2, quiet=True)
    assert [path.name for path in result.pictures] == ["graph.svg", "loss.svg"]
