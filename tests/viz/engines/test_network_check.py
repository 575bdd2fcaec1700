"""check_engine, steps 9 and 10: a network of a learner's class, and the loop in which it learns."""

from __future__ import annotations

import math

import pytest
import wrong_classes as classes

from viz import check_engine


@pytest.mark.parametrize(
    ("mistake", "graph", "right", "given"),
    [
        ("no biases", "MLP(1, [1])", 2.0, 1.0),
        ("equal starts", "MLP(2, [2, 1])", "different", "the same"),
        ("bias first", "MLP(1, [1])", 1 / (1 + math.exp(2)), 1 / (1 + math.exp(-1))),
        ("no sigmoid", "MLP(1, [1])", 1 / (1 + math.exp(2)), -2.0),
        ("a float", "MLP(1, [1])", "a network", "float"),
        ("no parameters", "MLP(1, [1])", "a network", "no parameters"),
        ("numbers", "MLP(1, [1])", "a network", "float"),
    ],
)
def test_a_wrong_network_is_caught(mistake: str, graph: str, right: object, given: object) -> None:
    cls = classes.engine()
    result = check_engine(cls, step=9, MLP=classes.network(cls, mistake))
    assert not result
    assert result.graph == graph
    assert result.right == (pytest.approx(right) if isinstance(right, float) else right)
    assert result.given == (pytest.approx(given) if isinstance(given, float) else given)
    assert result._repr_html_()
    assert len(repr(result)) <= 240


def test_alices_nine_gradients_are_those_of_a_right_network() -> None:
    cls = classes.engine()
    assert check_engine(cls, step=9, MLP=classes.network(cls))
    assert check_engine(cls, step=9, MLP=classes.network(cls, "a list"))
    # A wrong rule that no graph was asked about: exp alone.
    wrong = classes.engine("exp′ = a")
    failed = check_engine(wrong, step=9, MLP=classes.network(wrong))
    assert (failed.graph, failed.failed.what if failed.failed else "") == ("MLP(1, [1])", "gradient of w1")
    assert "a gradient is not" in str(failed)
    crashing = check_engine(cls, step=9, MLP=lambda inputs, sizes: 1 / 0)
    assert crashing.given == "ZeroDivisionError"


@pytest.mark.parametrize(
    ("mistake", "call", "asked"),
    [
        ("step before backward", "people[:1], epochs=1, lr=0.1, batch_size=1", "Nothing has moved"),
        ("zero after backward", "people[:1], epochs=1, lr=0.1, batch_size=1", "Nothing has moved"),
        ("no backward", "people[:1], epochs=1, lr=0.1, batch_size=1", "Nothing has moved"),
        ("+= rate", "people[:1], epochs=1, lr=0.1, batch_size=1", "the wrong way"),
        ("sum for mean", "people, epochs=1, lr=0.1, batch_size=4", "One at a time it is right"),
        ("never stops", "people[:1], epochs=1, lr=0.1, batch_size=1", "Which one is missing"),
    ],
)
def test_a_wrong_loop_is_caught_on_the_smallest_run(mistake: str, call: str, asked: str) -> None:
    cls = classes.engine()
    result = check_engine(cls, step=10, MLP=classes.network(cls), fit=classes.training(mistake))
    assert result.graph == f"fit(model, {call})"
    assert asked in str(result)
    assert len(repr(result)) <= 240


def test_a_right_loop_passes_by_ones_and_by_fours_and_an_engine_with_equals_by_ones_only() -> None:
    cls = classes.engine()
    assert check_engine(cls, step=10, MLP=classes.network(cls), fit=classes.training())
    stale = classes.engine("never zeroed")
    assert check_engine(stale, step=10, MLP=classes.network(stale), fit=classes.training())
    again = check_engine(stale, step=10, MLP=classes.network(stale), fit=classes.training("no zeroing"))
    assert again.graph == "fit(model, people[:1], epochs=2, lr=0.1, batch_size=1)"
    overwriting = classes.engine("=")
    failed = check_engine(overwriting, step=10, MLP=classes.network(overwriting), fit=classes.training())
    assert failed.graph == "fit(model, people, epochs=1, lr=0.1, batch_size=4)"
