"""EurekaLabsAI's micrograd with another import: an optimizer's state on the parameters, and coloured nodes."""

import re

import pytest


@pytest.fixture(scope="module")
def found(changed_import):
    return changed_import("yinyang")


def test_the_training_is_the_same_as_with_a_second_engine(found, by_reference):
    expected = by_reference("yinyang")
    assert found["history"] == pytest.approx(expected["history"], rel=1e-9)
    assert found["history"][-1] < 0.5 * found["history"][0]
    for ours, theirs in zip(found["states"], expected["states"], strict=True):
        assert ours == pytest.approx(theirs, rel=1e-7, abs=1e-12)


def test_the_training_is_pytorchs(found):
    torch = pytest.importorskip("torch", reason="compares with torch.optim.AdamW")
    net = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3)).double()
    with torch.no_grad():
        for layer, n in ((net[0], 2), (net[2], 8)):
            start = found["start"][: 3 * 8] if n == 2 else found["start"][3 * 8 :]
            rows = torch.tensor(start, dtype=torch.float64).reshape(-1, n + 1)
            layer.weight.copy_(rows[:, :n])
            layer.bias.copy_(rows[:, n])
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.1, betas=(0.9, 0.95), weight_decay=1e-4)
    inputs = torch.tensor(found["points"], dtype=torch.float64)
    targets = torch.tensor([target for _, target in found["data"]])
    history = []
    for _ in range(found["steps"]):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(inputs), targets)
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    # PyTorch makes the weights smaller before the step and not in it, which is a difference of lr² · 1e-4.
    assert found["history"] == pytest.approx(history, rel=1e-3)
    assert found["history"][:2] == pytest.approx(history[:2], rel=1e-5)


def test_the_colours_are_in_the_picture(found):
    source = found["dot"].source
    assert len(re.findall('BGCOLOR="lightgreen"', source)) == 2 * 8 + 8 + 8 * 3 + 3
    assert len(re.findall('BGCOLOR="lightblue"', source)) == 2
    svg = found["dot"].pipe("svg", encoding="utf-8")
    assert "lightgreen" in svg
    assert "lightblue" in svg
