"""Settings that cannot learn: refused or warned of, with what to write instead; and nothing is said of good ones."""

import gc
import weakref

import pytest

import autograd
import nn
from autograd import Value
from nn.fitting.advice import advice_before
from nn.saving.known import known

XS = [[0.5, -1.0], [1.5, 0.25], [-0.75, 1.0]]


@pytest.mark.parametrize("softmax", ["softmax", "log_softmax", autograd.softmax, autograd.log_softmax])
@pytest.mark.parametrize(
    "make",
    [
        lambda softmax: nn.Layer(2, 1, softmax),
        lambda softmax: nn.MLP(2, [3, 1], output_activation=softmax),
        lambda softmax: nn.MLP(2, [1, 3], softmax),
        lambda softmax: nn.MLP(2, [1], activation=softmax),
    ],
)
def test_the_softmax_of_a_single_output_is_refused(make, softmax):
    with pytest.raises(nn.NetworkError, match=r"softmax of a single output is [01] whatever .* write 'sigmoid'"):
        make(softmax)


def test_a_softmax_behind_a_layer_of_one_is_refused_too():
    with pytest.raises(nn.NetworkError, match="the softmax of a single output is 1 whatever the weights are"):
        nn.Sequential(nn.Layer(2, 1), autograd.softmax)
    assert len(nn.Sequential(nn.Layer(2, 2), autograd.softmax, sum).modules) == 3


@pytest.mark.parametrize("loss", [nn.cross_entropy, nn.categorical_cross_entropy])
@pytest.mark.parametrize("target", [0, [1.0]])
def test_cross_entropy_of_one_class_is_refused(loss, target):
    with pytest.raises(nn.LossError, match=r"only one class, .* binary_cross_entropy_with_logits"):
        loss([Value(0.5)], target)


def said(capsys, model, targets=(0.5, 0.25, 0.75), **settings):
    nn.fit(model, (XS, list(targets)), epochs=2, **settings)
    return capsys.readouterr().err


pytestmark = pytest.mark.usefixtures("said_nothing")


@pytest.mark.parametrize(
    ("activation", "targets"),
    [
        ("sigmoid", [0.5, 3.0, 0.1]), ("sigmoid", [-1, 1, 1]), ("tanh", [20.0, 1.0, 0.0]), ("softsign", [1, -2, 0]),
        ("relu", [1.0, -1.0, 1.0]), ("softplus", [-0.5, -1.0, 0.0]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("loss", [nn.mean_squared_error, nn.half_squared_error, nn.mean_absolute_error, nn.huber])
def test_targets_that_the_output_never_reaches(capsys, activation, targets, loss):
    for model in (
        nn.MLP(2, [2, 1], "tanh", output_activation=activation, seed=1),
        nn.Neuron(2, activation, seed=1),
        nn.Sequential(nn.Layer(2, 2, seed=1), nn.Neuron(2, activation, seed=1)),
    ):
        line = said(capsys, model, targets, loss=loss)
        if isinstance(model, nn.MLP):
            assert f"the {activation} of the output layer gives numbers" in line
            assert "write output_activation='identity', or scale the targets" in line
        else:
            assert line == ""  # The same line is said once.


def test_what_lists_of_targets_are_reached():
    model = nn.MLP(2, [2], "softmax", seed=1)
    advice = list(advice_before(model, [[0.0, 1.0], [2.0, -1.0]], nn.mean_squared_error, 0.1))
    assert advice[0].startswith(
        "the softmax of the output layer gives numbers from 0 to 1, but there is a target 2"
    )


@pytest.mark.parametrize(
    ("model", "loss", "targets", "instead"),
    [
        (lambda: nn.MLP(2, [2], "softmax", seed=1), nn.cross_entropy, [0, 1, 0], "nn.categorical_cross_entropy"),
        (
            lambda: nn.MLP(2, [1], "sigmoid", seed=1), nn.binary_cross_entropy_with_logits, [0, 1, 0],
            "nn.binary_cross_entropy",
        ),
    ],
)  # fmt: skip
def test_an_activation_that_is_applied_twice(capsys, model, loss, targets, instead):
    line = said(capsys, model(), targets, loss=loss)
    assert f"write output_activation='identity', or loss={instead}\n" in line


def test_a_learning_rate_of_0(capsys):
    model = nn.MLP(2, [2, 1], "tanh", seed=1)
    assert "the learning rate is 0, so nothing will be learned" in said(capsys, model, optimizer=nn.SGD(lr=0))
    assert said(capsys, model, optimizer=nn.SGD(lr=0), schedule=lambda epoch, lr: 0.1) == ""


def test_neurons_that_are_all_the_same(capsys):
    model = nn.MLP(2, [3, 1], "tanh", initializer=0.5)
    assert "the neurons of hidden layer 1 start with the same weights" in said(capsys, model)
    outputs = {tuple(p.data for p in neuron.parameters()) for neuron in model.layers[0].neurons}
    assert len(outputs) == 1


@pytest.mark.parametrize("engine", ["eager", "auto"])
def test_a_gradient_of_0_everywhere(capsys, engine):
    class Certain(nn.Module):
        def __init__(self):
            self.body = nn.Neuron(2, "identity", seed=1)

        def forward(self, x):
            return autograd.softmax([self.body(x)])[0]

    dead = nn.Neuron(2, "relu", weights=[0.0, 0.0], bias_value=-1.0)
    for model in (Certain(), dead):
        before = model.state_dict()
        nn.fit(model, (XS, [0.5, 0.25, 0.75]), epochs=3, engine=engine)
        assert model.state_dict() == before
    assert capsys.readouterr().err.count("the gradient was exactly 0 in every epoch") == 1


@pytest.mark.parametrize(
    ("model", "loss", "targets"),
    [
        (lambda: nn.MLP(2, [3, 1], "tanh", seed=1), nn.mean_squared_error, [-1, 1, 0.5]),
        (lambda: nn.MLP(2, [3, 1], "tanh", seed=1), nn.hinge, [-1, 1, 1]),
        (lambda: nn.MLP(2, [3, 1], "relu", output_activation=None, seed=1), nn.hinge, [-1, 1, 1]),
        (
            lambda: nn.MLP(2, [3, 1], "tanh", output_activation="sigmoid", seed=1),
            nn.binary_cross_entropy,
            [0, 1, 1],
        ),
        (lambda: nn.MLP(2, [2], "softmax", seed=1), nn.categorical_cross_entropy, [0, 1, 1]),
        (lambda: nn.MLP(2, [2], "log_softmax", seed=1), nn.cross_entropy, [0, 1, 1]),
        (lambda: nn.MLP(2, [3, 1], "tanh", output_activation="elu", seed=1), nn.mean_squared_error, [-0.5, 9, 1]),
        (lambda: nn.Sequential(nn.MLP(2, [3, 1], seed=1), lambda y: 30 * y), nn.mean_squared_error, [-20, 9, 1]),
    ],
)
def test_nothing_is_said_of_what_can_learn(capsys, model, loss, targets):
    assert said(capsys, model(), targets, loss=loss) == ""


@pytest.mark.parametrize("make", [lambda: nn.MLP(1, [1], "sigmoid", seed=1), lambda: lambda x: x])
def test_what_is_known_of_a_model_is_looked_at_again_with_another_loss_or_other_targets(make):
    """And never forgotten in between: what was right with one loss may be wrong with another."""
    model, squared, with_logits = make(), nn.mean_squared_error, nn.binary_cross_entropy_with_logits
    own, targets = known(model), [0.0, 1.0]
    found = []
    for loss in (squared, squared, with_logits, squared):
        found.append([line.partition(" ")[0] for line in advice_before(model, targets, loss, 0.1, own)])
    targets[1] = 7.0
    found.append([line.partition(" ")[0] for line in advice_before(model, targets, squared, 0.1, own)])
    expected = [[], [], ["binary_cross_entropy_with_logits"], [], ["the"]]
    assert found == (expected if own else [[]] * 5)


def test_advice_keeps_no_model_alive():
    """A loss of somebody's own may belong to the model."""

    def run():
        model = nn.MLP(1, [1], "sigmoid", seed=1)
        nn.fit(model, ([[1.0]], [1.0]), loss=lambda p, t: (p - t) ** 2 + 0 * model.parameters()[0], epochs=1)
        return weakref.ref(model)

    gone = run()
    gc.collect()
    assert gone() is None
