"""The package viz: all of its names at hand, and no heavy library imported before a picture is drawn."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import viz
from viz import plots

ROOT = Path(__file__).parents[2]
HEAVY = ("matplotlib", "graphviz", "resvg_py", "tqdm")
ROOMS = ["figures", *sorted({file.stem for file in (ROOT / "viz" / "plots").glob("[!_]*.py")} - {"figures"})]
"""All may import figures, and none another."""


def run_python(source):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", source]
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False, timeout=60)


def test_importing_viz_and_its_names_imports_no_heavy_library():
    done = run_python(f"import viz, sys\nfrom viz import *\nprint([x for x in {HEAVY} if x in sys.modules])")
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_the_first_plot_imports_matplotlib():
    source = (
        "import viz, sys\nviz.loss_curve([1, 0.5])\nprint('matplotlib' in sys.modules, 'graphviz' in sys.modules)"
    )
    done = run_python(source)
    assert (done.stdout.strip(), done.stderr) == ("True False", "")


def test_the_names_of_the_package_do_their_work():
    from viz import activation_plot, decision_boundary, descent_path, gradient_descent, loss_curve, parse

    path = gradient_descent(lambda x, y: x * x + y * y, (1.0, 2.0), lr=0.25, steps=1)
    assert path == [(1.0, 2.0), (0.5, 1.0)]
    assert parse("2*x + 1").evaluate({"x": 3}).data == 7.0
    for figure, labels in (
        (loss_curve([1, 0.5]), ("epoch", "loss")),
        (decision_boundary(lambda x: x[0], ([[0, 1], [1, 0]], [0, 1]), resolution=3), ("x1", "x2")),
        (descent_path(lambda u, v: u * u + v * v, path, resolution=5), ("u", "v")),
        (activation_plot("tanh"), ("x", "value")),
    ):
        assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == labels


@pytest.mark.parametrize("room", ROOMS)
def test_each_kind_of_plot_can_be_imported_first_and_hands_its_names_to_plots(room):
    source = f"import viz.plots.{room} as room, viz.plots as plots\nassert all(getattr(plots, x) is getattr(room, x) for x in room.__all__)"
    done = run_python(source)
    assert (done.returncode, done.stderr) == (0, "")


def test_imports_between_the_files_of_plots_point_one_way():
    for room in ROOMS:
        tree = ast.parse((ROOT / "viz" / "plots" / f"{room}.py").read_text(encoding="utf-8"))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not imported & {"viz", "viz.plots", *(f"viz.plots.{other}" for other in ROOMS[1:])}


def test_every_name_that_is_promised_is_there():
    assert all(hasattr(viz, name) for name in viz.__all__)
    assert all(hasattr(plots, name) for name in plots.__all__)


def test_names_and_folders_are_there_when_they_are_asked_for():
    assert viz.__getattr__("plots") is plots
    assert viz.__getattr__("quiz") is viz.quiz
    assert {"quiz", "draw", "__doc__"} <= set(dir(viz))
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        viz.no_such_name  # noqa: B018
