"""Plots: their numbers against closed forms, their files against the formats' signatures, no figure left behind."""

import math
import os
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value
from nn.data import Dataset
from nn.history import History
from nn.history.curve import round_steps
from viz import plots

ROOT = Path(__file__).parents[3]


def texts_of(axes):
    return [text.get_text() for text in axes.texts]


def a_history(**metrics):
    return History(epochs=[1, 5, 10], loss=[1.0, 0.5, 0.25], metrics=metrics, lr=[0.1] * 3, gradient_norm=[1.0] * 3)


# --- the loss curve -----------------------------------------------------------------------------------


def test_loss_series_of_all_kinds():
    assert plots.loss_series([1, Value(0.5)]) == {"loss": ([1, 2], [1.0, 0.5])}
    assert plots.loss_series(np.array([1.0, 0.5])) == {"loss": ([1, 2], [1.0, 0.5])}
    two = plots.loss_series({"a": [1], "b": a_history()})
    assert two == {"a": ([1], [1.0]), "b": ([1, 5, 10], [1.0, 0.5, 0.25])}
    with_validation = plots.loss_series(a_history(validation_loss=[3.0, 2.0, 1.0]))
    assert with_validation["validation loss"] == ([1, 5, 10], [3.0, 2.0, 1.0])


def test_loss_curve_draws_these_numbers_at_these_epochs():
    figure = plots.loss_curve(a_history(validation_loss=[3.0, 2.0, 1.0]))
    first, second = figure.axes[0].lines
    assert list(first.get_xdata()) == [1, 5, 10]
    assert list(first.get_ydata()) == [1.0, 0.5, 0.25]
    assert list(second.get_ydata()) == [3.0, 2.0, 1.0]
    assert first.get_linestyle() != second.get_linestyle()  # not by colour alone
    assert first.get_color() != second.get_color()
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("epoch", "loss")
    assert figure.axes[0].get_ylim()[0] == 0


def test_losses_that_belong_to_no_epochs_have_an_axis_of_their_own():
    axes = plots.loss_curve([1.0, 0.5], each="update").axes[0]
    assert (axes.get_xlabel(), axes.get_title()) == ("update", "Loss over the updates")


def test_loss_curve_draws_metrics_below():
    figure = plots.loss_curve(a_history(accuracy=[0.5, 0.75, 1.0]))
    assert list(figure.axes[1].lines[0].get_ydata()) == [0.5, 0.75, 1.0]


def test_loss_curve_on_a_logarithmic_axis():
    axes = plots.loss_curve([1.0, 0.1, 0.01], log=True).axes[0]
    assert axes.get_yscale() == "log"
    assert "logarithmic" in axes.get_ylabel()


@pytest.mark.parametrize("nothing", [[], {}, {"a": []}, History()])
def test_no_loss_no_curve(nothing):
    with pytest.raises(ValueError, match="no loss to draw"):
        plots.loss_curve(nothing)


@pytest.mark.parametrize("wrong", [3, "0.5", None])
def test_what_is_not_a_history(wrong):
    with pytest.raises(TypeError, match=r"nn\.fit returned"):
        plots.loss_series(wrong)


def test_labels_with_dollar_signs_are_no_formulas(tmp_path):
    plots.save_plot(plots.loss_curve({"$\\frac{$": [1, 2]}, title="$x^$"), tmp_path / "loss.png")
    assert (tmp_path / "loss.png").stat().st_size > 1000


def test_the_svg_curve_without_matplotlib_has_the_same_numbers():
    losses = [1.0, 0.5, 0.25, 0.125]
    root = ET.fromstring(plots.loss_curve_svg({"<b>&": losses}, title='"<T>"'))
    svg = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{svg}title").text == '"<T>"'
    assert "1 to 0.125" in root.find(f"{svg}desc").text
    points = [tuple(map(float, point.split(","))) for point in root.find(f"{svg}polyline").get("points").split()]
    x, y = np.array(points).T
    assert np.allclose(np.diff(x), (x[-1] - x[0]) / 3, atol=0.1)
    # Heights are a linear function of the losses: equal ratios of differences.
    assert np.allclose(np.diff(y) / -np.diff(losses), (y[1] - y[0]) / 0.5, rtol=0.01)
    assert all(0 <= px <= 640 and 0 <= py <= 400 for px, py in points)


@settings(max_examples=100, deadline=None)
@example([5e-324])
@example([1e308, 1e308])
@given(st.lists(st.floats(-1e12, 1e12) | st.just(math.nan) | st.just(math.inf), min_size=1, max_size=20))
def test_the_svg_curve_of_any_numbers_is_well_formed(losses):
    assert ET.fromstring(plots.loss_curve_svg(losses)).tag.endswith("svg")


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_round_steps_span_the_interval(low, size):
    steps = round_steps(low, low + size)
    assert 2 <= len(steps) <= 13
    assert steps[0] <= low + 1e-6 * (size + abs(low))
    assert steps[-1] >= low + size - 1e-6 * (size + abs(low))


# --- the decision boundary ----------------------------------------------------------------------------


def line_through_the_origin(x):
    return Value(2.0) * x[0] - x[1]


SQUARE = Dataset([[-1, -1], [-1, 1], [1, -1], [1, 1]], [0, 0, 1, 1], "a square", ("width", "height"), ("no", "yes"))


def test_the_grid_has_the_models_outputs():
    grid = plots.decision_boundary_grid(line_through_the_origin, SQUARE, resolution=7)
    x1, x2 = np.meshgrid(grid.x1, grid.x2)
    assert np.allclose(grid.outputs, 2 * x1 - x2, rtol=1e-15)
    assert (grid.threshold, grid.classes) == (0.0, 2)
    assert grid.x1[0] < -1 < 1 < grid.x1[-1]


def test_the_threshold_follows_outputs_and_targets():
    def probability(x):
        return line_through_the_origin(x).sigmoid()

    assert plots.decision_boundary_grid(probability, SQUARE, resolution=3).threshold == 0.5
    signs = (SQUARE.inputs, [-1, -1, 1, 1])
    assert plots.decision_boundary_grid(lambda x: 0.3, signs, resolution=3).threshold == 0.0
    assert plots.decision_boundary_grid(probability, SQUARE, resolution=3, threshold=0.8).threshold == 0.8


def test_the_boundary_is_drawn_where_it_is():
    figure = plots.decision_boundary(line_through_the_origin, SQUARE)
    axes = figure.axes[0]
    contours = [c for c in axes.collections if hasattr(c, "levels")]
    vertices = np.concatenate([path.vertices for c in contours for path in c.get_paths()])
    assert len(vertices) > 5
    assert np.allclose(vertices[:, 1], 2 * vertices[:, 0], atol=1e-9)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("width", "height")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["no", "yes"]


def test_classes_differ_in_shape_as_well_as_in_colour():
    axes = plots.decision_boundary(line_through_the_origin, SQUARE).axes[0]
    no, yes = [c for c in axes.collections if len(c.get_offsets()) == 2]
    assert len(no.get_paths()[0].vertices) != len(yes.get_paths()[0].vertices)
    assert no.get_facecolor().tolist() != yes.get_facecolor().tolist()


def test_alice_and_bob_have_their_names_and_the_unseen_are_hollow():
    people = nn.data.alice_bob()
    axes = plots.decision_boundary(nn.MLP(2, [2, 1], "sigmoid", seed=1), people, resolution=10).axes[0]
    assert {"Alice", "Bob", "Charlie", "Diana", "Emily", "Frank"} <= set(texts_of(axes))
    assert [t.get_text() for t in axes.get_legend().get_texts()] == [
        "male", "female", "male (unseen)", "female (unseen)"
    ]  # fmt: skip
    hollow = [c for c in axes.collections if "(unseen)" in str(c.get_label())]
    assert [c.get_facecolor().tolist() for c in hollow] == [[[1.0, 1.0, 1.0, 1.0]]] * 2


def test_moons_have_no_names_at_their_samples():
    axes = plots.decision_boundary(line_through_the_origin, nn.data.moons(30), resolution=10).axes[0]
    assert "sample 1" not in texts_of(axes)


@pytest.mark.parametrize("data", [nn.data.xor(), nn.data.circles(20), nn.data.spirals(20)])
def test_every_flat_data_set_can_be_drawn(data):
    assert data.name in plots.decision_boundary(line_through_the_origin, data, resolution=8).axes[0].get_title()


def test_several_outputs_name_the_class_by_the_largest():
    def three(x):
        return [x[0], x[1], -x[0] - x[1]]

    data = Dataset([[1, 0], [0, 1], [-1, -1]], [0, 1, 2], target_names=("a", "b", "c"))
    grid = plots.decision_boundary_grid(three, data, resolution=9)
    x1, x2 = np.meshgrid(grid.x1, grid.x2)
    scores = np.stack([x1, x2, -x1 - x2])
    assert np.array_equal(grid.outputs, scores.argmax(axis=0))
    second, first = np.sort(scores, axis=0)[1:]
    assert np.allclose(np.max(grid.margins, axis=0), first - second)
    legend = plots.decision_boundary(three, data, resolution=9).axes[0].get_legend()
    assert [t.get_text() for t in legend.get_texts()] == ["a", "b", "c"]


def test_targets_may_be_lists_with_a_one():
    data = ([[1, 0], [0, 1]], [[1, 0], [0, 1]])
    legend = plots.decision_boundary(lambda x: [x[0], x[1]], data, resolution=5).axes[0].get_legend()
    assert [t.get_text() for t in legend.get_texts()] == ["class 0", "class 1"]


def test_probabilities_have_the_same_shades_in_each_picture():
    norms = []
    for weight in (0.1, 5.0):
        axes = plots.decision_boundary(lambda x, w=weight: autograd.sigmoid(w * x[0]), SQUARE, resolution=5).axes[0]
        norms.append((axes.collections[0].norm.vmin, axes.collections[0].norm.vmax))
    assert norms == [(0.0, 1.0), (0.0, 1.0)]
    axes = plots.decision_boundary(line_through_the_origin, SQUARE, resolution=5).axes[0]
    assert axes.collections[0].norm.vmax == pytest.approx(3 * 1.3)  # a margin: as far as its largest


def test_a_model_that_always_says_the_same_has_no_boundary():
    figure = plots.decision_boundary(lambda x: 0.25, SQUARE, resolution=5)
    assert not [c for c in figure.axes[0].collections if hasattr(c, "levels")]


def test_the_grid_leaves_no_graph_behind():
    outputs = []

    def model(x):
        outputs.append(line_through_the_origin(x))
        return outputs[-1]

    plots.decision_boundary_grid(model, SQUARE, resolution=3)
    assert len(outputs) == 9
    assert all(y.inputs == () for y in outputs)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (([[1, 2, 3]], [0]), "two features, but these data have 3"),
        (([], []), "as many targets as samples"),
        (([[1, 2]], []), "but got 1 and 0"),
    ],
)
def test_data_that_cannot_be_drawn(data, words):
    with pytest.raises(ValueError, match=words):
        plots.decision_boundary(line_through_the_origin, data)


def test_a_grid_of_one_point_is_refused():
    with pytest.raises(ValueError, match="at least two points"):
        plots.decision_boundary_grid(line_through_the_origin, SQUARE, resolution=1)


# --- files, notebooks, installation ---------------------------------------------------------------------


@pytest.mark.parametrize(("ending", "signature"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_plots_are_saved_by_their_ending(tmp_path, ending, signature):
    path = tmp_path / f"loss.{ending}"
    plots.save_plot(plots.loss_curve([1, 0.5]), path)
    assert path.read_bytes().startswith(signature)
    assert os.listdir(tmp_path) == [f"loss.{ending}"]


def test_an_unknown_ending_or_folder_leaves_no_file(tmp_path):
    figure = plots.loss_curve([1, 0.5])
    with pytest.raises(ValueError, match="cannot tell the format"):
        plots.save_plot(figure, tmp_path / "loss.xyz")
    with pytest.raises(OSError, match="no folder"):
        plots.save_plot(figure, tmp_path / "missing" / "loss.png")
    assert os.listdir(tmp_path) == []


def test_a_notebook_shows_the_figure_with_a_description():
    png, metadata = plots.loss_curve([1, 0.5])._repr_png_()
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    assert 600 <= width <= 900
    assert 350 <= height <= 700
    assert metadata["alt"] == "Loss over the epochs; at the end: loss 0.5"


def in_a_new_python(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        timeout=60,
    )


def test_matplotlib_is_imported_when_used_and_pyplot_never():
    code = """
import sys
from viz import plots
assert "matplotlib" not in sys.modules
plots.activation_plot("tanh")._repr_png_()
assert "matplotlib" in sys.modules and "matplotlib.pyplot" not in sys.modules
"""
    result = in_a_new_python(code)
    assert (result.returncode, result.stderr) == (0, "")


def test_without_matplotlib_the_message_says_what_to_install():
    code = """
import sys
sys.modules["matplotlib"] = None
from viz import plots
plots.loss_curve_svg([1, 0.5])
for draw in (
    lambda: plots.loss_curve([1, 0.5]),
    lambda: plots.activation_plot("tanh"),
    lambda: plots.decision_boundary(lambda x: x[0], ([[0, 1]], [1])),
    lambda: plots.descent_path(lambda x, y: x * y, [(0, 0)]),
):
    try:
        draw()
    except ImportError as error:
        print(error)
"""
    result = in_a_new_python(code)
    assert result.stderr == ""
    assert (
        result.stdout.splitlines()
        == ['plots are drawn with matplotlib, which is not installed here: pip install "glassgrad[plot]"'] * 4
    )
