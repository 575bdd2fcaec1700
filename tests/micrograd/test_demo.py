"""micrograd's demo.ipynb with another import: the printed losses, and micrograd's own run beside ours."""

import gc

import numpy as np
import pytest

PUBLISHED = [0.8958441028683222, 1.7235905336972022, 0.7429006313851131]
"""The first losses that the notebook prints; it ends with an accuracy of 100 %."""


def test_the_network_and_the_first_loss_are_the_published_ones(changed_import):
    found = changed_import("demo", steps=1)
    assert found["n_parameters"] == 337
    assert found["described"].startswith("MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2), ")
    assert found["described"].endswith("ReLUNeuron(16)], Layer of [LinearNeuron(16)]]")
    assert found["first_loss"].data == pytest.approx(PUBLISHED[0], rel=1e-14)
    assert found["first_accuracy"] == 0.5


def test_a_few_steps_are_those_of_micrograd(changed_import, as_written):
    gc.disable()  # With Python's collector on, micrograd takes ten times as long.
    try:
        expected = as_written("demo", steps=3)
    finally:
        gc.enable()
    found = changed_import("demo", steps=3)
    assert found["losses"] == pytest.approx(expected["losses"], rel=1e-9)
    assert found["accuracies"] == expected["accuracies"]
    assert found["small_loss"].data == pytest.approx(expected["small_loss"].data, rel=1e-12)
    assert np.array_equal(found["Z"], expected["Z"])
    ours, theirs = ([p.data for p in run["model"].parameters()] for run in (found, expected))
    assert ours == pytest.approx(theirs, rel=1e-8, abs=1e-10)


@pytest.mark.slow
def test_a_hundred_steps_end_as_published(changed_import):
    found = changed_import("demo")
    assert found["losses"][:3] == pytest.approx(PUBLISHED, rel=1e-9)
    assert found["accuracies"][-1] == 1.0
    assert found["losses"][-1] < 0.012
    assert found["Z"].any()
    assert not found["Z"].all()
