"""The cells of the lecture's two notebooks with another import: the numbers that they print, and PyTorch's."""

import math
import re

import graphviz
import numpy as np
import pytest

from autograd.core.numbers import write_gradient, write_number


@pytest.fixture(scope="module")
def first(changed_import):
    return changed_import("lecture_first_half")


@pytest.fixture(scope="module")
def second(changed_import):
    return changed_import("lecture_second_half")


# --- the first half


def test_derivatives_by_a_small_step(first):
    assert first["at_3"] == 20.0
    assert first["ys"].shape == (40,)
    assert first["slope_at_the_bottom"] == pytest.approx(0, abs=1e-5)
    assert first["slope_by_c"] == pytest.approx(1.0)


def test_a_value_remembers_what_it_was_made_of(first):
    assert first["d_op"] == "+"
    assert {v.label for v in first["d_prev"]} == {"e", "c"}
    assert "data=-8.0" in first["L_shown"]
    assert "label='L'" in first["L_shown"]
    assert {name: (data, op) for name, (data, _, op) in first["names"].items()} == {
        "a": (2.0, ""), "b": (-3.0, ""), "c": (10.0, ""), "e": (-6.0, "*"), "d": (4.0, "+"), "f": (-2.0, ""), "L": (-8.0, "*"),
    }  # fmt: skip
    assert len(first["edges"]) == 6


def test_the_pictures_are_graphviz_objects(first, second):
    pictures = [first["picture_of_L"], first["picture_of_o"], *second["pictures"], second["picture_of_the_loss"]]
    for picture in pictures:
        assert isinstance(picture, graphviz.Digraph)
    shown = [re.findall(r"label=<<TABLE .*?</TABLE>>", picture.source) for picture in pictures[:2]]
    texts = [[re.findall(r">([^<>]+)<", table) for table in tables] for tables in shown]
    assert ["a", write_number(2.0), "?"] in texts[0]
    assert ["L", write_number(-8.0), "?"] in texts[0]
    assert ["x1", write_number(2.0), write_gradient(-1.5)] in texts[1]
    assert pictures[0].pipe("svg").startswith(b"<")


def test_backpropagation_by_hand(first):
    assert first["by_hand"] == {"a": 6.0, "b": -4.0, "c": -2.0, "d": -2.0, "e": -2.0, "f": 4.0}
    assert first["small_steps"] == pytest.approx(first["by_hand"], rel=1e-9)
    assert first["L_after_a_step"] == pytest.approx(-7.286496)


NEURON = {"x1": -1.5, "w1": 1.0, "x2": 0.5, "w2": 0.0, "b": 0.5, "n": 0.5}
"""The gradients at the lecture's neuron: the bias is such that tanh' is a half."""


@pytest.mark.parametrize("how", ["by_hand", "one_by_one", "in_order", "in_one_call"])
def test_the_neuron_in_four_ways(first, how):
    found = first[f"neuron_{how}"]
    assert {name: found[name] for name in NEURON} == pytest.approx(NEURON, rel=1e-12)
    assert found["x1*w1"] == found["x2*w2"] == found["x1*w1 + x2*w2"] == pytest.approx(0.5)
    assert found["o"] == 1.0
    assert first["o"].data == pytest.approx(math.sqrt(0.5))
    assert first["n_grad_after_one"] == pytest.approx(0.5)


def test_a_value_that_is_used_twice(first):
    assert first["twice"] == (6.0, 2.0)
    assert first["used_twice"] == {"a": -3.0, "b": -8.0, "d": 1.0, "e": -6.0, "f": 1.0}


# --- the second half


def test_numbers_on_both_sides(second):
    assert second["numbers"] == pytest.approx([3, 3, 4, 4, 1, -1, 0.5, 2, 8, -2, math.e**2])


@pytest.mark.parametrize("how", ["whole", "apart", "own"])
def test_tanh_in_one_piece_apart_and_of_ones_own(second, how):
    assert second[how].data == pytest.approx(math.sqrt(0.5))
    assert second[f"{how}_gradients"] == pytest.approx(NEURON, rel=1e-9)
    assert (second["own_op"], second["own_prev"]) == ("tanh", 1)


def test_the_neuron_is_pytorchs(second):
    torch = pytest.importorskip("torch", reason="the lecture compares with PyTorch")
    numbers = {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0, "b": 6.8813735870195432}
    x = {name: torch.tensor([number], dtype=torch.float64, requires_grad=True) for name, number in numbers.items()}
    o = torch.tanh(x["x1"] * x["w1"] + x["x2"] * x["w2"] + x["b"])
    o.backward()
    assert second["whole"].data == pytest.approx(o.item(), rel=1e-15)
    found = second["whole_gradients"]
    assert {name: found[name] for name in x} == pytest.approx(
        {name: t.grad.item() for name, t in x.items()}, rel=1e-13
    )


def numpy_loss_and_gradients(weights, xs, ys):
    """The lecture's network 3-4-4-1 in NumPy, with its chain rule written out, for numbers in micrograd's order."""
    sizes = [(4, 3), (4, 4), (1, 4)]
    matrices, i = [], 0
    for n, m in sizes:
        rows = np.array(weights[i : i + n * (m + 1)]).reshape(n, m + 1)
        matrices.append((rows[:, :m], rows[:, m]))
        i += n * (m + 1)
    activations = [np.array(xs)]
    for w, b in matrices:
        activations.append(np.tanh(activations[-1] @ w.T + b))
    error = activations[-1][:, 0] - np.array(ys)
    gradients = []
    upstream = 2 * error[:, None]
    for (w, _), before, after in zip(matrices[::-1], activations[-2::-1], activations[:0:-1], strict=True):
        local = upstream * (1 - after**2)
        gradients.insert(0, np.column_stack([local.T @ before, local.sum(axis=0)]).ravel())
        upstream = local @ w
    return (error**2).sum(), np.concatenate(gradients), activations[-1][:, 0]


def test_the_network_of_four_samples_learns_as_in_numpy(second):
    assert second["n_parameters"] == 41
    weights = np.array(second["start"])
    _, first_gradients, outputs = numpy_loss_and_gradients(weights, second["xs"], second["ys"])
    assert second["first_output"] == pytest.approx(outputs[0], rel=1e-13)
    assert second["first_gradients"] == pytest.approx(list(first_gradients), rel=1e-11)
    expected = []
    for _ in range(second["steps"]):
        loss, gradients, _ = numpy_loss_and_gradients(weights, second["xs"], second["ys"])
        expected.append(loss)
        weights = weights - 0.1 * gradients
    assert second["history"] == pytest.approx(expected, rel=1e-9)
    assert second["history"][-1] < 0.05
    assert np.sign(second["predictions"]).tolist() == second["ys"]
