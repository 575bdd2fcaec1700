"""Networks whose numbers are printed in courses and papers: worked examples 1, 4 and 8."""

import pytest

import nn
from autograd import topological_order

# 1. A single neuron by hand ("Training networks")


def test_a_single_neuron_by_hand():
    neuron = nn.Neuron(2, "identity", bias=False, weights=[0.3, 0.9])
    x, expected = [0.1, 0.8], 0.4
    output = neuron(x)
    assert output.data == pytest.approx(0.75, abs=1e-15)
    assert output.data - expected == pytest.approx(0.35, abs=1e-15)

    nn.half_squared_error(output, expected).backward()
    assert [w.grad for w in neuron.weights] == pytest.approx([0.035, 0.28], abs=1e-15)

    for w in neuron.parameters():
        w.data -= 1 * w.grad
    assert [w.data for w in neuron.weights] == pytest.approx([0.265, 0.62], abs=1e-15)
    assert neuron(x).data == pytest.approx(0.5225, abs=1e-15)
    assert neuron(x).data - expected == pytest.approx(0.1225, abs=1e-15)


# 4. Alice ("Training a Neural Network, 2")


@pytest.fixture
def alice():
    net = nn.MLP(2, [2, 1], activation="sigmoid", initializer=1.0)
    return net, nn.mean_squared_error(net([-2.0, -1.0]), 1)


def test_alice_forward(alice):
    net, loss = alice
    assert list(net.state_dict().values()) == [1, 1, 0, 1, 1, 0, 1, 1, 0]
    values = {node.label: node.data for node in topological_order(loss)}
    assert values["h1"] == values["h2"] == pytest.approx(0.0474258732, abs=5e-11)
    assert values["o1"] == pytest.approx(0.5236951741, abs=5e-11)
    assert loss.data == pytest.approx((1 - 0.5236951741) ** 2, abs=1e-10)


def test_alice_backward(alice):
    net, loss = alice
    loss.backward()
    gradients = {p.label: p.grad for p in net.parameters()}
    expected = {"w1": 0.0214695353, "w2": 0.0107347676, "b1": -0.0107347676, "w5": -0.0112692202}
    assert {name: gradients[name] for name in expected} == pytest.approx(expected, abs=5e-11)
    # Computed with 40 digits; the printed -0.2376175596 is one off in its last place.
    assert gradients["b3"] == pytest.approx(-0.23761755952842808613, rel=1e-14)
    assert gradients["b3"] == pytest.approx(-0.2376175596, abs=1e-10)
    # The two hidden neurons are twins, because all weights are equal.
    assert [gradients[name] for name in ("w3", "w4", "b2", "w6")] == [
        gradients[name] for name in ("w1", "w2", "b1", "w5")
    ]


def test_alice_factors_of_the_chain_rule(alice):
    loss = alice[1]
    loss.backward()
    nodes = {node.label: node for node in topological_order(loss)}
    o1, h1, w1 = nodes["o1"], nodes["h1"], nodes["w1"]
    assert o1.grad == pytest.approx(-0.9526096518, abs=5e-11)
    o1.zero_grad()
    o1.backward()
    assert h1.grad == pytest.approx(0.2494385387, abs=5e-11)
    h1.zero_grad()
    h1.backward()
    assert w1.grad == pytest.approx(-0.0903533195, abs=5e-11)
    # The page multiplies its rounded factors, and prints 0.0214.
    assert f"{-0.952 * 0.249 * -0.0904:.4f}" == "0.0214"


# 8. Mazur, "A Step by Step Backpropagation Example"

MAZUR_GRADIENTS = {
    "w1": 0.000438567734, "w2": 0.000877135469, "w3": 0.000497712735, "w4": 0.000995425471,
    "w5": 0.0821670406, "w6": 0.0826676278, "w7": -0.0226025405, "w8": -0.0227402422,
}  # fmt: skip
MAZUR_AFTER_ONE_STEP = {
    "w1": 0.149780716, "w2": 0.199561432, "w3": 0.249751144, "w4": 0.299502287,
    "w5": 0.358916480, "w6": 0.408666186, "w7": 0.511301270, "w8": 0.561370121,
}  # fmt: skip


@pytest.fixture
def mazur():
    """His network: the neurons of a layer share one bias."""
    b1, b2 = nn.Parameter(0.35, "b1"), nn.Parameter(0.60, "b2")
    return nn.MLP(
        2, [2, 2], "sigmoid",
        weights=[[[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]],
        bias_values=[[b1, b1], [b2, b2]],
    )  # fmt: skip


def mazur_error(net):
    return nn.half_squared_error(net([0.05, 0.10]), [0.01, 0.99], reduction="sum")


def test_mazur_forward(mazur):
    error = mazur_error(mazur)
    nodes = {node.label: node for node in topological_order(error) if node.label}
    for name, net_input, output in [
        ("h1", 0.3775, 0.593269992), ("h2", 0.3925, 0.596884378),
        ("o1", 1.10590597, 0.751365070), ("o2", 1.22492140, 0.772928465),
    ]:  # fmt: skip
        assert nodes[name].data == pytest.approx(output, abs=1e-9)
        assert nodes[name].inputs[0].data == pytest.approx(net_input, abs=1e-8)
    e1, e2 = error.inputs
    assert e1.data == pytest.approx(0.274811083, abs=1e-9)
    assert e2.data == pytest.approx(0.0235600256, abs=1e-10)
    assert error.data == pytest.approx(0.298371109, abs=1e-9)


def test_mazur_backward(mazur):
    mazur_error(mazur).backward()
    gradients = {p.label: p.grad for p in mazur.parameters()}
    assert set(gradients) == {*MAZUR_GRADIENTS, "b1", "b2"}
    for name, expected in MAZUR_GRADIENTS.items():
        assert gradients[name] == pytest.approx(expected, rel=5e-9)


def test_mazur_one_step(mazur):
    mazur_error(mazur).backward()
    # He does not change the biases.
    weights = [p for p in mazur.parameters() if p.label.startswith("w")]
    nn.SGD(lr=0.5).step(weights)
    for name, expected in MAZUR_AFTER_ONE_STEP.items():
        [weight] = [w for w in weights if w.label == name]
        assert weight.data == pytest.approx(expected, abs=1e-9)
    assert mazur_error(mazur).data == pytest.approx(0.291027774, abs=1e-9)


def test_mazur_ten_thousand_steps(mazur):
    # The page prints 3.51085e-5; exact arithmetic gives 3.5102e-5.
    weights = [p for p in mazur.parameters() if p.label.startswith("w")]
    for _ in range(10_000):
        mazur.zero_grad()
        mazur_error(mazur).backward()
        for w in weights:
            w.data -= 0.5 * w.grad
    assert mazur_error(mazur).data == pytest.approx(3.5102e-5, abs=5e-10)
