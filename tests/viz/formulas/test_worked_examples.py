"""Worked examples that no published page prints digit by digit: against closed forms in NumPy."""

import numpy as np
import pytest

from autograd import topological_order
from viz import EXAMPLES, draw, explain
from viz.formulas.expression import ExpressionError
from viz.pages.demos import demo


def gradients(example, **numbers):
    result = EXAMPLES[example].build(**numbers)
    result.backward()
    return result, {node.label: node.grad for node in topological_order(result) if node.label}


@pytest.mark.parametrize("moved", [{}, {"q1": -0.5, "k22": 2.0, "v2": 3.0}], ids=["as it is", "with other numbers"])
def test_attention_is_softmax_of_scaled_dot_products(moved):
    n = {
        "q1": 1,
        "q2": 2,
        "k11": 1,
        "k12": 0,
        "k21": 0,
        "k22": 1,
        "k31": 1,
        "k32": 1,
        "v1": 1,
        "v2": 0,
        "v3": -1,
    } | moved
    q, v = np.array([n["q1"], n["q2"]]), np.array([n["v1"], n["v2"], n["v3"]])
    K = np.array([[n[f"k{i}1"], n[f"k{i}2"]] for i in (1, 2, 3)])
    p = np.exp(K @ q / np.sqrt(2))
    p /= p.sum()
    scores = p * (v - p @ v)
    out, found = gradients("attention", **moved)
    assert out.data == pytest.approx(p @ v, rel=1e-12)
    assert [found[f"v{i}"] for i in (1, 2, 3)] == pytest.approx(list(p), rel=1e-12)
    assert [found["q1"], found["q2"]] == pytest.approx(list(scores @ K / np.sqrt(2)), rel=1e-9)
    for i in (1, 2, 3):
        expected = list(scores[i - 1] * q / np.sqrt(2))
        assert [found[f"k{i}1"], found[f"k{i}2"]] == pytest.approx(expected, rel=1e-9)


def test_attention_fits_a_page_of_text():
    out, found = gradients("attention")
    assert len(topological_order(out)) == 28
    assert [round(found[name], 3) for name in ("v1", "v2", "v3")] == [0.14, 0.284, 0.576]
    assert int(draw(out).svg().split(' width="')[1].split('"')[0]) <= 950


def test_paths_of_attention_that_carry_nothing_carry_nothing():
    """Twelve ways lead to q1; six of them go through v2 = 0 or k21 = 0."""
    found = explain(EXAMPLES["attention"].build(), "q1")
    assert (found.path_count, len(found.shares), found.rest) == (12, 6, 0.0)
    assert "the other paths = 0\n" in str(found)


def test_alice_may_have_another_target():
    """dL/dw1 = -2·(target - o1)·σ'·w5·σ'·x1."""
    h1 = 1 / (1 + np.exp(3))
    o1 = 1 / (1 + np.exp(-2 * h1))
    for target in (0.0, 0.25, 1.0):
        loss, found = gradients("alice", target=target)
        assert loss.data == pytest.approx((target - o1) ** 2)
        expected = -2 * (target - o1) * o1 * (1 - o1) * -2 * h1 * (1 - h1)
        assert found["w1"] == pytest.approx(expected, rel=1e-12)
        assert found["target"] == pytest.approx(2 * (target - o1))
    assert "target" not in gradients("alice")[1]
    assert [node.name for node in demo("alice", target=0).data.steps.nodes].count("target") == 1
    with pytest.raises(ExpressionError, match="did you mean 'target'"):
        EXAMPLES["alice"].build(targt=0)
