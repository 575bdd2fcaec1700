"""The exercises after the lecture with another import: the numbers that stand in them."""

import pytest

SLOPES = [-12.353553390593273, 10.25699027111255, 0.0625]
LOGIT_GRADIENTS = [0.041772570515350445, 0.8390245074625319, 0.005653302662216329, -0.8864503806400986]


def test_the_numbers_are_those_of_the_exercises(changed_import):
    found = changed_import("exercises")
    assert found["at_2_3_4"] == pytest.approx(6.336362190988558, rel=1e-15)
    assert found["y"].data == pytest.approx(6.336362190988558, rel=1e-14)
    assert found["by_calculus"] == pytest.approx(SLOPES, rel=1e-14)
    assert found["by_backward"] == pytest.approx(SLOPES, rel=1e-14)
    assert found["one_sided"] == pytest.approx(SLOPES, rel=1e-4)
    assert found["symmetric"] == pytest.approx(SLOPES, rel=1e-8)
    assert found["loss"].data == pytest.approx(2.1755153626167147, rel=1e-14)
    assert found["logit_gradients"] == pytest.approx(LOGIT_GRADIENTS, rel=1e-13)
