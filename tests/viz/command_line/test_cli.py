"""The command ``glassgrad``, as a learner types it: what it prints, writes and answers to mistakes."""

import contextlib
import json
import os
import re
import runpy
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd.core.numbers import read_number, write_number
from viz.command_line import draw_group, train_group
from viz.command_line import main as cli
from viz.command_line.options import short_path
from viz.command_line.train_group import TASKS

ROOT = Path(__file__).parents[3]
FORMULA = "L = (1 - sigmoid(w*x + b))**2"
VALUES = ["w=1", "x=-2", "b=0"]


def command(*arguments, cwd, **environment):
    """Run ``glassgrad`` as a program of its own."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "viz", *arguments], cwd=cwd, capture_output=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **environment}, text=True,
        encoding="utf-8",
    )  # fmt: skip


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def mistake(capsys, *arguments, code=2):
    """Run a command that must fail in an orderly way; what it says about it."""
    assert cli.main(arguments) == code
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.strip()
    return said


# --- help and version -----------------------------------------------------------------------------------


def test_version(tmp_path):
    done = command("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, f"glassgrad {autograd.__version__}")


@pytest.mark.parametrize("of_what", [[], ["demo"], ["train"], ["draw"], ["ops"]])
def test_help_names_the_command_and_fits_a_terminal(capsys, monkeypatch, of_what):
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main([*of_what, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(" ".join(["usage: glassgrad", *of_what]))
    assert max(map(len, text.splitlines())) <= 100


def test_ops_lists_the_table(capsys):
    assert cli.main(["ops"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(autograd.ops.ALL) + 1
    for name, op in autograd.ops.ALL.items():
        [line] = [line for line in lines if line.startswith(f"{name}(")]
        assert op.symbol in line
        assert op.requires in line
    assert any(line.startswith("leaky_relu(x, slope=0.01)") for line in lines)


# --- draw -----------------------------------------------------------------------------------------------


def test_draw_the_issues_formula_as_svg(tmp_path):
    done = command("draw", FORMULA, *VALUES, "-o", "loss.svg", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "loss.svg" in done.stdout
    words = "".join(ET.parse("loss.svg").getroot().itertext())
    for label in ("w", "x", "b", "L"):
        assert label in words
    s = 1 / (1 + np.exp(2.0))
    assert f"L{write_number((1 - s) ** 2)}1" in words.replace("\n", "")
    assert re.search(rf"b[−\d.]+{write_number(-2 * (1 - s) * s * (1 - s))}", words)


def test_draw_as_dot_without_gradients(capsys):
    assert cli.main(["draw", FORMULA, *VALUES, "--output", "loss.dot", "--no-backward"]) == 0
    dot = Path("loss.dot").read_text(encoding="utf-8")
    assert dot.startswith("digraph")
    assert "?" in dot
    assert "0.7758" in capsys.readouterr().out + dot


def test_without_a_file_the_numbers_are_printed(capsys):
    assert cli.main(["draw", "z = w*x + b; L = (1 - sigmoid(z))**2", *VALUES]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    assert rows[0] == ["name", "value", "dL/dname"]
    s = 1 / (1 + np.exp(2.0))
    slope = -2 * (1 - s) * s * (1 - s)
    expected = {"w": (1, -2 * slope), "x": (-2, slope), "b": (0, slope), "z": (-2, slope), "L": ((1 - s) ** 2, 1)}
    for name, value, grad in rows[1:6]:
        assert (float(read_number(value)), float(read_number(grad))) == pytest.approx(expected.pop(name), rel=1e-8)
    assert not expected


def test_the_advice_how_to_save_can_be_typed_as_it_stands(capsys):
    assert cli.main(["draw", FORMULA, *VALUES]) == 0
    advice = capsys.readouterr().out.splitlines()[-1].partition(": ")[2]
    arguments = [part.strip('"') for part in re.findall(r'"[^"]*"|\S+', advice)[1:]]
    assert cli.main(arguments) == 0
    assert Path("graph.svg").is_file()


def test_without_backward_gradients_are_unknown(capsys):
    assert cli.main(["draw", "y = x*x", "x=3", "--no-backward"]) == 0
    assert re.search(r"^x +3 +\?$", capsys.readouterr().out, re.MULTILINE)


def test_a_formula_may_begin_with_a_minus_sign(capsys):
    assert cli.main(["draw", "-x**2", "x=3"]) == 0
    assert re.search(r"^result +−9 +1$", capsys.readouterr().out, re.MULTILINE)


def test_values_may_be_formulas_of_numbers(capsys):
    assert cli.main(["draw", "y = sin(t)", "t=pi/6"]) == 0
    assert re.search(r"^y +0\.5 ", capsys.readouterr().out, re.MULTILINE)


def test_mistakes_in_a_formula_are_pointed_at(tmp_path):
    done = command("draw", "L = (1 - sigmod(w*x)**2", "w=1", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "glassgrad: this formula cannot be read:",
        "  L = (1 - sigmod(w*x)**2",
        "           ^ unknown function 'sigmod'; did you mean 'sigmoid'?",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["w*x", "w=1"], "x has no value; give it as x=1.5"),
        (["w*x", "w=1", "x=2", "y=3"], "'y' is not in the formula"),
        (["w", "w"], "one like w=1.5"),
        (["w", "w=1", "w=2"], "given a value twice"),
        (["w", "w=one"], "one has no value"),
        (["__import__('os').system('ls')"], "no text in quotes"),
        (["w", "w=1", "-o", "w.xyz"], ".xyz"),
        (["w", "w=1", "-o", "w"], "ending"),
        ([], "a formula or a worked example is missing"),
    ],
)
def test_bad_usage_of_draw(capsys, tmp_path, arguments, words):
    assert words in mistake(capsys, "draw", *arguments)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["1 + log(x - 1)", "x=0.5"], "log(x) is not defined at x = -0.5\n  It needs x > 0."),
        (["1 + log(x - 1)", "x=0.5"], "\n  1 + log(x - 1)\n      ^ here"),
        (["y = sqrt(x)", "x=0"], "the derivative of sqrt(x) is not defined"),
        (["exp(x)", "x=1000"], "exp(x) overflows"),
        (["w", "w=1", "-o", "missing/w.svg"], "no folder 'missing'"),
    ],
)
def test_what_cannot_be_computed_or_written(capsys, tmp_path, arguments, words):
    said = mistake(capsys, "draw", *arguments, code=1)
    assert words in said
    assert "autograd." not in said  # no advice about Python code
    assert "computed at" not in said
    assert os.listdir(tmp_path) == []


def test_a_png_or_a_message_that_says_what_to_install(capsys, monkeypatch):
    from viz.drawing import png, renderers

    def nobody(svg, dot):
        raise renderers.CannotRenderError('for PNG: pip install "glassgrad[png]"')

    monkeypatch.setattr(png, "make_png", nobody)
    assert "glassgrad[png]" in mistake(capsys, "draw", "w", "w=1", "-o", "w.png", code=1)


# --- train ----------------------------------------------------------------------------------------------


def test_five_epochs_as_a_program_of_its_own(tmp_path):
    done = command(
        "train", "xor", "--epochs", "5", "--save", "xor.json", "--plot", "loss.png", "--boundary", "xor.svg",
        "--seed", "3", cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "epoch 5 of 5" in done.stdout
    assert re.search(r"^accuracy +\d+\.0% \(\d of 4 samples\)$", done.stdout, re.MULTILINE)
    assert Path("loss.png").read_bytes().startswith(b"\x89PNG")
    assert ET.parse("xor.svg").getroot().tag.endswith("svg")
    model = nn.MLP(2, [8, 1], "tanh", output_activation="sigmoid")
    nn.load(model, "xor.json")
    found = nn.evaluate(model, nn.data.xor(), loss=nn.binary_cross_entropy)
    assert f"loss      {found['loss']:.6f}" in done.stdout


@pytest.mark.parametrize("name", list(TASKS))
def test_every_data_set_can_be_trained(name, capsys):
    assert cli.main(["train", name, "--epochs", "1", "--no-progress"]) == 0
    printed = capsys.readouterr()
    assert re.search(r"^loss +\d+\.\d{6}$", printed.out, re.MULTILINE)
    assert ("accuracy" in printed.out) == (name != "linear")
    assert "epoch 1" not in printed.out + printed.err


@pytest.mark.parametrize(("name", "loss"), [("alice-bob", 0.005), ("linear", 0.01), ("xor", 0.01), ("blobs", 0.01)])
def test_the_defaults_learn(name, loss, capsys):
    assert cli.main(["train", name, "--no-progress"]) == 0
    printed = capsys.readouterr().out
    assert float(re.search(r"^loss +(\S+)", printed, re.MULTILINE)[1]) < loss
    assert name == "linear" or "100.0%" in printed


def test_linear_finds_the_weights_that_made_the_data(capsys):
    assert cli.main(["train", "linear", "--no-progress"]) == 0
    printed = capsys.readouterr().out
    weights = [float(re.search(rf"^w{i} +(\S+)", printed, re.MULTILINE)[1]) for i in (1, 2, 3)]
    assert np.allclose(weights, [0.5, 0.9, 1.2], atol=0.02)


def test_the_same_seed_saves_the_same_file():
    for name in ("a", "b"):
        assert cli.main(["train", "moons", "--epochs", "2", "--seed", "7", "--no-progress", "--save", name]) == 0
    assert Path("a").read_bytes() == Path("b").read_bytes()
    assert cli.main(["train", "moons", "--epochs", "2", "--seed", "8", "--no-progress", "--save", "c"]) == 0
    assert Path("a").read_bytes() != Path("c").read_bytes()


def test_settings_reach_the_network(capsys):
    arguments = "--hidden 3,2 --activation relu --optimizer sgd --lr 0.01 --batch-size 50 --epochs 1 --save m.json"
    assert cli.main(["train", "moons", "--no-progress", *arguments.split()]) == 0
    printed = capsys.readouterr().out
    assert "relu" in printed
    saved = json.loads(Path("m.json").read_text(encoding="utf-8"))["parameters"]
    assert len(saved) == 3 * 3 + 2 * 4 + 3


def test_each_loss_gets_the_output_that_it_expects(capsys):
    for loss in ("mean_squared_error", "binary_cross_entropy_with_logits", "huber"):
        assert cli.main(["train", "xor", "--epochs", "1", "--no-progress", "--loss", loss]) == 0
    for loss in ("categorical_cross_entropy", "cross_entropy"):
        assert cli.main(["train", "blobs", "--epochs", "1", "--no-progress", "--loss", loss]) == 0
    assert "softmax" in capsys.readouterr().out


def test_no_hidden_layer(capsys):
    arguments = ["--hidden", "none", "--epochs", "1", "--no-progress", "--batch-size", "full"]
    assert cli.main(["train", "xor", *arguments]) == 0
    assert "total: 3 parameters" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mnist"], "there is no 'mnist'"),
        (["xor", "--epochs", "0"], "expected a whole number, 1 or more, but got '0'"),
        (["xor", "--epochs", "many"], "got 'many'"),
        (["xor", "--lr", "-1"], "expected a number above 0"),
        (["xor", "--lr", "nan"], "expected a number above 0"),
        (["xor", "--lr", "fast"], "got 'fast'"),
        (["xor", "--seed", "-1"], "0 or more"),
        (["xor", "--batch-size", "0"], "1 or more"),
        (["xor", "--hidden", "8,0"], "1 or more"),
        (["xor", "--optimizer", "adm"], "did you mean 'adam'?"),
        (["xor", "--loss", "guess"], "there is no 'guess'; there are"),
        (["xor", "--activation", "tanhh"], "did you mean 'tanh'?"),
        (["linear", "--boundary", "b.png"], "two features, but linear has 3 features"),
        (["xor", "--plot", "loss.xyz"], ".png, .svg or .pdf, but got 'loss.xyz'"),
        (["xor", "--speed", "9"], "there is no option --speed"),
    ],
)
def test_bad_usage_of_train(capsys, tmp_path, arguments, words):
    assert words in mistake(capsys, "train", *arguments)
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_noticed_before_the_training(capsys):
    said = mistake(capsys, "train", "xor", "--save", "missing/xor.json", code=1)
    assert "missing" in said
    assert "epoch" not in capsys.readouterr().out


def test_a_run_that_diverges_says_so(capsys):
    arguments = ["train", "linear", "--lr", "1", "--epochs", "500", "--no-progress", "--save", "w.json"]
    said = mistake(capsys, *arguments, code=1)
    assert "epoch" in said or "step" in said
    assert not Path("w.json").exists()


def test_a_loss_that_does_not_fit_the_targets(capsys):
    mistake(capsys, "train", "blobs", "--loss", "binary_cross_entropy", "--epochs", "1", "--no-progress", code=1)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process alone")
def test_ctrl_c_keeps_saves_and_says_what_was_learned(tmp_path):
    # Who runs the tests in the background has this signal ignored, and a process inherits that.
    start = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from viz.command_line.main import main\n"
        "sys.exit(main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", start, "train", "alice-bob", "--epochs", "100000000", "--save", "kept.json"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    ) as running:  # fmt: skip
        try:
            while not running.stdout.readline().startswith("epoch"):
                assert running.poll() is None
            running.send_signal(signal.SIGINT)
            rest, errors = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 130
    assert errors == ""
    assert re.search(r"Stopped after [\d,]+ complete epochs?; what was learned until then is kept\.", rest)
    assert "kept.json" in rest
    assert len(json.loads((tmp_path / "kept.json").read_text(encoding="utf-8"))["parameters"]) == 9


def test_ctrl_c_elsewhere_is_a_word_and_no_traceback(capsys, monkeypatch):
    def stop(*arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(draw_group, "draw", stop)
    assert "stopped" in mistake(capsys, "draw", "w", "w=1", "-o", "w.svg", code=130)


# --- demo -----------------------------------------------------------------------------------------------


def test_the_demo_on_a_terminal_that_knows_only_ascii(tmp_path):
    done = command("demo", "--epochs", "5", "--out", "größe", cwd=tmp_path, PYTHONIOENCODING="ascii:strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Emily" in done.stdout
    assert sorted(os.listdir(tmp_path / "größe")) == ["graph.svg", "loss.png"]


def test_ops_and_errors_on_a_terminal_that_knows_only_ascii(tmp_path):
    done = command("ops", cwd=tmp_path, PYTHONIOENCODING="ascii:strict")
    assert (done.returncode, done.stderr) == (0, "")
    done = command("draw", "θ² $", cwd=tmp_path, PYTHONIOENCODING="ascii:strict")
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == ["  theta^2 $", "          ^ '$' has no meaning in a formula"]


def test_the_demo_in_process(capsys):
    assert cli.main(["demo", "--out", "there", "--epochs", "3", "--seed", "2", "--quiet"]) == 0
    assert os.path.join("there", "graph.svg") in capsys.readouterr().out


def test_a_demo_that_cannot_write(capsys):
    Path("file").write_text("", encoding="utf-8")
    assert "file" in mistake(capsys, "demo", "--out", "file", code=1)


def test_on_a_terminal_there_is_a_progress_bar(tmp_path):
    termios = pytest.importorskip("termios", reason="only POSIX systems have terminals of this kind")
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    done = subprocess.run(
        [sys.executable, "-m", "viz", "demo", "--epochs", "20"], cwd=tmp_path, timeout=60,
        stdout=subprocess.PIPE, stderr=theirs, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # Linux says so when the other end is closed.
        while part := os.read(ours, 10_000):
            seen += part
    os.close(ours)
    assert done.returncode == 0
    assert b"20/20" in seen
    assert b"of 20" not in done.stdout


def test_a_reader_who_has_seen_enough(tmp_path):
    """glassgrad ops | head -1"""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "viz", "ops"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as running:  # fmt: skip
        running.stdout.readline()
        running.stdout.close()
        errors = running.stderr.read()
    assert running.wait() == 0
    assert errors == b""


def test_python_m_viz_is_the_command(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["viz", "--version"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("viz", run_name="__main__")
    assert (end.value.code, capsys.readouterr().out.split()[0]) == (0, "glassgrad")


def test_what_was_learned_until_ctrl_c_is_saved_and_drawn(monkeypatch, capsys):
    def stop_at_two(self, event):
        if event.epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(train_group, "is_watched", lambda: False)
    monkeypatch.setattr(train_group.Milestones, "on_epoch", stop_at_two)
    command = ["train", "xor", "--save", "net.json", "--plot", "loss.svg", "--boundary", "xor.svg", "--epochs", "5"]
    assert cli.main(command) == 130
    said = capsys.readouterr().out
    assert "what was learned until then is kept" in said
    assert all(Path(name).exists() and name in said for name in ("net.json", "loss.svg", "xor.svg"))
    assert "saved as .png, .svg or .pdf" in mistake(capsys, "train", "xor", "--plot", "loss.txt")


def test_on_another_drive_the_whole_path_is_told(monkeypatch):
    def no_way(path):
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", no_way)
    assert short_path(Path("a.svg")) == "a.svg"
