"""microgpt's training with another import, against a small engine of the same kind."""

import math

import pytest


@pytest.fixture(scope="module")
def both(changed_import, by_reference):
    return changed_import("microgpt"), by_reference("microgpt")


def test_the_training_is_the_same(both):
    found, expected = both
    assert found["start"] == expected["start"]
    assert len(found["params"]) == 1024
    assert found["history"] == pytest.approx(expected["history"], rel=1e-9)
    assert found["first_gradients"] == pytest.approx(expected["first_gradients"], rel=1e-8, abs=1e-12)
    assert [p.data for p in found["params"]] == pytest.approx(
        [p.data for p in expected["params"]], rel=1e-6, abs=1e-9
    )
    # It begins at chance, and learns.
    assert found["history"][0] == pytest.approx(math.log(found["vocab_size"]), rel=0.1)
    assert found["history"][-1] < found["history"][0]


def test_the_names_are_the_same(both):
    found, expected = both
    assert found["samples"] == expected["samples"]
    assert len(found["samples"]) == 3


def test_children_and_local_grads(both):
    for found in both:
        assert found["angle"].grad == pytest.approx(math.sin(1.0))
        assert [child.data for child in found["children"]] == [math.sin(0.5)] * 2
        assert list(found["local_grads"]) == [math.sin(0.5)] * 2
