"""Losses against PyTorch (values and gradients), NumPy's closed forms, and at the extremes."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import DataError, Value, check_gradient, compile, hessian, jit, jvp, ops, topological_order
from autograd.program.graphs import record
from viz import explain

RNG = np.random.default_rng(3)
REAL = RNG.normal(0, 2, (4, 3))
TARGET = RNG.normal(0, 2, (4, 3))
PROBABILITY = RNG.uniform(0.01, 0.99, (4, 3))
YES_OR_NO = RNG.integers(0, 2, (4, 3)).astype(float)
SOFT = RNG.dirichlet([1, 1, 1], 4)
CLASSES = [2, 0, 1, 1]
PLUS_OR_MINUS = 2 * YES_OR_NO - 1

REGRESSION = (nn.half_squared_error, nn.mean_squared_error, nn.mean_absolute_error, nn.huber)
ELEMENTWISE = (*REGRESSION, nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits, nn.hinge)
CATEGORICAL = (nn.categorical_cross_entropy, nn.cross_entropy)


def in_pytorch(loss, torch, predictions, targets, reduction):
    """The same loss, as PyTorch's users write it."""
    functional = torch.nn.functional
    if loss is nn.half_squared_error:
        return 0.5 * functional.mse_loss(predictions, targets, reduction=reduction)
    if loss is nn.categorical_cross_entropy:
        if targets.dtype == torch.int64:
            return functional.nll_loss(torch.log(predictions), targets, reduction=reduction)
        per_sample = -(targets * torch.log(predictions)).sum(dim=1)
        return per_sample.mean() if reduction == "mean" else per_sample.sum()
    if loss is nn.hinge:
        per_number = torch.relu(1 - predictions * targets)
        return per_number.mean() if reduction == "mean" else per_number.sum()
    name = {
        nn.mean_squared_error: "mse_loss",
        nn.mean_absolute_error: "l1_loss",
        nn.huber: "huber_loss",
        nn.binary_cross_entropy: "binary_cross_entropy",
        nn.binary_cross_entropy_with_logits: "binary_cross_entropy_with_logits",
        nn.cross_entropy: "cross_entropy",
    }[loss]
    return getattr(functional, name)(predictions, targets, reduction=reduction)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(
    ("loss", "predictions", "targets"),
    [
        *[(loss, REAL, TARGET) for loss in REGRESSION],
        (nn.huber, TARGET + RNG.uniform(-0.9, 0.9, (4, 3)), TARGET),
        (nn.mean_absolute_error, TARGET, TARGET),
        (nn.binary_cross_entropy, PROBABILITY, YES_OR_NO),
        (nn.binary_cross_entropy, PROBABILITY, RNG.uniform(0, 1, (4, 3))),
        (nn.binary_cross_entropy_with_logits, REAL, YES_OR_NO),
        (nn.binary_cross_entropy_with_logits, REAL, RNG.uniform(0, 1, (4, 3))),
        (nn.binary_cross_entropy_with_logits, 400 * REAL, YES_OR_NO),
        (nn.hinge, REAL, PLUS_OR_MINUS),
        (nn.categorical_cross_entropy, SOFT[::-1].copy(), CLASSES),
        (nn.categorical_cross_entropy, SOFT[::-1].copy(), SOFT),
        (nn.cross_entropy, REAL, CLASSES),
        (nn.cross_entropy, REAL, SOFT),
        (nn.cross_entropy, REAL, np.eye(3)[CLASSES]),
        (nn.cross_entropy, 400 * REAL, CLASSES),
    ],
)
def test_values_and_gradients_are_those_of_pytorch(loss, predictions, targets, reduction):
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    ours = [[Value(p) for p in row] for row in predictions]
    L = loss(ours, targets if isinstance(targets, list) else targets.tolist(), reduction)
    L.backward()
    theirs = torch.tensor(predictions, requires_grad=True)
    expected = in_pytorch(loss, torch, theirs, torch.tensor(targets), reduction)
    expected.backward()
    assert L.data == pytest.approx(expected.item(), rel=1e-12, abs=1e-12)
    # A number that the loss never looks at (another class's probability) has no gradient; PyTorch says 0.
    np.testing.assert_allclose([[p.grad for p in row] for row in ours], theirs.grad.numpy(), rtol=1e-12, atol=1e-14)


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.01, 10))
@settings(max_examples=50)
def test_closed_forms_of_the_errors(p, t, delta):
    error = p - t
    huber = 0.5 * error**2 if abs(error) <= delta else delta * (abs(error) - 0.5 * delta)
    assert nn.half_squared_error(p, t).data == pytest.approx(error**2 / 2, rel=1e-12)
    assert nn.mean_squared_error(p, t).data == pytest.approx(error**2, rel=1e-12)
    assert nn.mean_absolute_error(p, t).data == abs(error)
    assert nn.huber(p, t, delta=delta).data == pytest.approx(huber, rel=1e-9, abs=1e-12)
    assert nn.hinge(p, -1).data == pytest.approx(np.maximum(0, 1 + p), rel=1e-12)


@given(st.floats(-30, 30), st.sampled_from([0.0, 0.25, 1.0]))
@settings(max_examples=50)
def test_closed_forms_of_the_cross_entropies(z, t):
    p = 1 / (1 + np.exp(-z))
    expected = t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z)
    assert nn.binary_cross_entropy_with_logits(z, t).data == pytest.approx(expected, rel=1e-12)
    assert nn.cross_entropy([z, 0.0], [t, 1 - t]).data == pytest.approx(expected, rel=1e-12, abs=1e-14)
    if abs(z) < 10:
        assert nn.binary_cross_entropy(p, t).data == pytest.approx(expected, rel=1e-9)
        assert nn.categorical_cross_entropy([p, 1 - p], [t, 1 - t]).data == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_derivatives_of_first_and_second_order(loss):
    assert check_gradient(lambda p, q: loss([p, q], [1, 1]), 0.3, 0.6, order=2)


@pytest.mark.parametrize("loss", CATEGORICAL)
def test_derivatives_over_classes_of_first_and_second_order(loss):
    assert check_gradient(lambda p, q: loss([[p, q], [q, p]], [[0.25, 0.75], [1, 0]]), 0.3, 0.6, order=2)


def test_the_gradient_of_half_squared_error_is_the_error():
    p = Value(0.75)
    nn.half_squared_error(p, 0.4).backward()
    assert p.grad == 0.75 - 0.4


def test_cross_entropy_of_logits_pulls_by_the_error_of_the_probabilities():
    logits = [Value(z) for z in (0.2, -1.0, 3.0)]
    nn.cross_entropy(logits, 1).backward()
    p = np.exp([0.2, -1.0, 3.0]) / np.exp([0.2, -1.0, 3.0]).sum()
    np.testing.assert_allclose([z.grad for z in logits], p - [0, 1, 0], rtol=1e-13)


# Forms


@pytest.mark.parametrize("loss", REGRESSION)
def test_one_number_one_list_and_nested_lists(loss):
    one = loss(Value(2.0), 1.5).data
    assert loss([Value(2.0)], [1.5]).data == one
    assert loss([[2.0], [2.0]], [[1.5], [1.5]]).data == one
    assert loss(np.array([2.0, 2.0]), (1.5, 1.5), "sum").data == 2 * one
    assert loss([2.0, [2.0, 2.0]], [1.5, [Value(1.5), 1.5]], "sum").data == 3 * one


def test_a_loss_of_plain_numbers_is_a_value():
    for loss in ELEMENTWISE:
        assert type(loss(0.5, 1)) is Value
    for loss in CATEGORICAL:
        assert type(loss([0.5, 0.5], 1)) is Value


def test_the_mean_is_over_numbers_but_for_classes_over_samples():
    assert nn.mean_squared_error([[1.0, 2.0], [3.0, 4.0]], [[0, 0], [0, 0]]).data == 30 / 4
    undecided = [[0.0, 0.0], [0.0, 0.0]]
    assert nn.cross_entropy(undecided, [0, 1]).data == pytest.approx(math.log(2), rel=1e-15)
    assert nn.cross_entropy(undecided, [0, 1], "sum").data == pytest.approx(2 * math.log(2), rel=1e-15)


def test_the_graph_of_one_loss_is_as_small_as_its_formula():
    p = Value(0.5, "p")
    L = nn.mean_squared_error(p, 1)
    assert [node.label or node._op for node in topological_order(L)] == ["p", "target", "-", "**2"]
    L = nn.mean_squared_error([p, p], [1, 2])
    assert {node.label for node in topological_order(L)} == {"p", "target1", "target2", ""}
    y = Value(1.0, "y")
    assert y in topological_order(nn.mean_squared_error(p, y))
    logits = [Value(0.0), Value(1.0)]
    assert ops.multiply not in {node.op for node in topological_order(nn.cross_entropy(logits, [0, 1]))}


def test_the_class_may_be_any_whole_number_and_the_target_of_values():
    expected = nn.cross_entropy([1.0, 2.0], 1).data
    for target in (np.int64(1), 1.0, [0, 1], (0.0, 1.0), np.array([0, 1]), [Value(0.0), Value(1.0)]):
        assert nn.cross_entropy([1.0, 2.0], target).data == expected
    assert nn.cross_entropy(np.array([[1.0, 2.0]]), np.array([1])).data == expected


@pytest.mark.parametrize(
    ("predictions", "targets", "message"),
    [
        (1.0, [1.0], "predictions is one number, but targets is a list of 1: each prediction needs its own target"),
        ([1.0, 2.0], 1.0, "predictions is a list of 2, but targets is one number"),
        ([1.0, 2.0], [1.0], "predictions has length 2, but targets has length 1"),
        ([[1.0, 2.0], [3.0]], [[1, 2], [3, 4]], r"predictions\[1\] has length 1, but targets\[1\] has length 2"),
        ([1.0, 2.0], [[1.0], [2.0]], r"predictions\[0\] is one number, but targets\[0\] is a list of 1"),
        ([], [], "at least one prediction"),
        ([[]], [[]], "at least one prediction"),
    ],
)
@pytest.mark.parametrize("loss", ELEMENTWISE)
def test_forms_that_differ(loss, predictions, targets, message):
    with pytest.raises(nn.ShapeError, match=message):
        loss(predictions, targets)


@pytest.mark.parametrize(
    ("predictions", "targets", "message"),
    [
        (0.5, 0, "predictions is one number, but it has to be a list with one number for each class"),
        ([], [], "at least one prediction"),
        ([[0.5, 0.5]], 0, "there are 1 samples, but only one target"),
        ([[0.5, 0.5]], [0, 1], "predictions has length 1, but targets has length 2"),
        ([0.5, 0.5], [1, 0, 0], r"there are 2 classes, but a target has 3 numbers: \[1, 0, 0\]"),
        ([[0.5, 0.5], 0.5], [0, 1], "each sample needs a list with one number for each class, but got 0.5"),
        ([[[0.5], [0.5]]], [0], "each sample needs a list with one number for each class"),
    ],
)
@pytest.mark.parametrize("loss", CATEGORICAL)
def test_forms_of_classes_that_differ(loss, predictions, targets, message):
    with pytest.raises(nn.ShapeError, match=message):
        loss(predictions, targets)


@pytest.mark.parametrize("wrong", ["0.5", None, {"a": 1}, 1j, ["a"]])
def test_what_is_not_a_number(wrong):
    for loss in ELEMENTWISE:
        with pytest.raises(DataError, match="a loss takes numbers, or lists of numbers, but got"):
            loss([0.5], [wrong] if not isinstance(wrong, list) else wrong)
    for loss in CATEGORICAL:
        with pytest.raises(DataError, match="a loss takes numbers, or lists of numbers, but got"):
            loss(wrong, 0)


@pytest.mark.parametrize("loss", [*ELEMENTWISE, *CATEGORICAL])
def test_an_unknown_reduction(loss):
    samples = ([[0.5, 0.5]], [1]) if loss in CATEGORICAL else ([0.5], [1])
    with pytest.raises(nn.LossError, match="reduction is 'mean' or 'sum', but got 'none'"):
        loss(*samples, reduction="none")


# Targets and predictions that a loss is not defined for


@pytest.mark.parametrize("loss", CATEGORICAL)
def test_a_sample_without_classes(loss):
    with pytest.raises(nn.ShapeError, match=r"a list with one number for each class, but got \[\]"):
        loss([[], []], [0, 0])


@pytest.mark.parametrize("target", [2, -1, 1.5, True, -0.5, Value(1.0), math.nan])
def test_what_is_not_a_class(target):
    with pytest.raises(nn.LossError, match="is no class: classes are counted from 0, so the last is 1"):
        nn.cross_entropy([0.5, 0.5], target)


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (lambda: nn.binary_cross_entropy(1.5, 1), "a prediction is a probability, from 0 to 1, but got 1.5; for"),
        (lambda: nn.binary_cross_entropy(Value(-0.1), 1), "a prediction is a probability, .* but got -0.1"),
        (lambda: nn.binary_cross_entropy(0.5, -1), "a target is a probability, .* but got -1.0; write 1 for"),
        (lambda: nn.binary_cross_entropy_with_logits(0.5, 2), "a target is a probability, .* but got 2.0"),
        (lambda: nn.categorical_cross_entropy([2.0, 1.0], 0), "but got 2.0; for logits there is cross_entropy"),
        (lambda: nn.cross_entropy([2.0, 1.0], [2, -1]), "a target is a probability, from 0 to 1, but got 2; write"),
        (lambda: nn.cross_entropy([2.0, 1.0], [0.5, 0.4]), r"add up to 1, but \[0.5, 0.4\] add up to 0.9"),
        (lambda: nn.hinge(0.5, 0), "hinge takes targets 1 and -1, but got 0.0; from 0 and 1, write 2"),
    ],
)
def test_what_a_loss_is_not_defined_for(compute, message):
    with pytest.raises(nn.LossError, match=message):
        compute()


@pytest.mark.parametrize("delta", [0, -1.0, math.inf, math.nan])
def test_huber_needs_a_delta_above_0(delta):
    with pytest.raises(ValueError, match="delta is"):
        nn.huber(1.0, 2.0, delta=delta)


# The extremes


@pytest.mark.parametrize("z", [1000.0, -1000.0, 1e300, -1e300, 0.0])
@pytest.mark.parametrize("t", [0, 1])
def test_logits_may_be_as_large_as_they_like(z, t):
    logit = Value(z)
    L = nn.binary_cross_entropy_with_logits(logit, t)
    L.backward()
    assert L.data == pytest.approx(np.logaddexp(0, -z if t else z), rel=1e-15)
    probability = 0.5 if z == 0 else float(z > 0)
    assert logit.grad == probability - t
    logits = [Value(z), Value(-z)]
    L = nn.cross_entropy(logits, t)
    L.backward()
    assert math.isfinite(L.data)
    assert L.data >= 0
    assert logits[0].grad == -logits[1].grad
    assert abs(logits[0].grad) <= 1


@pytest.mark.parametrize("p", [0.0, 1.0, 5e-324, 1e-50, 1 - 2**-53])
@pytest.mark.parametrize("t", [0, 1, 0.5])
def test_probabilities_of_exactly_0_and_1_give_what_pytorch_gives(p, t):
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    prediction = Value(p)
    L = nn.binary_cross_entropy(prediction, t)
    L.backward()
    expected = torch.nn.functional.binary_cross_entropy(*torch.tensor([[p], [t]], dtype=torch.float64))
    assert L.data == pytest.approx(expected.item(), rel=1e-12)
    assert math.isfinite(prediction.grad)


def test_a_probability_of_0_for_the_true_class_costs_100():
    probabilities = [Value(0.0), Value(1.0)]
    L = nn.categorical_cross_entropy(probabilities, 0)
    L.backward()
    assert (L.data, probabilities[0].grad) == (100.0, 0.0)
    assert nn.categorical_cross_entropy([0.0, 1.0], 1).data == 0.0


def test_errors_that_are_large_do_not_overflow_before_they_must():
    assert nn.huber(1e200, -1e200).data == 2e200
    assert nn.mean_absolute_error(1e308, 0).data == 1e308
    with pytest.raises(OverflowError, match=r"x \*\*2 overflows|\*\*"):
        nn.mean_squared_error(1e200, 0)


def test_forward_mode_goes_through_a_loss():
    for loss in ELEMENTWISE:
        p = Value(0.25)
        loss(p, 1).backward()
        assert jvp(lambda p, loss=loss: loss(p, 1), (0.25,), (1.0,))[1] == pytest.approx(p.grad, rel=1e-13)
    for loss in CATEGORICAL:
        p = Value(0.25)
        loss([p, 0.5], 0).backward()
        assert jvp(lambda p, loss=loss: loss([p, 0.5], 0), (0.25,), (1.0,))[1] == pytest.approx(p.grad, rel=1e-13)
        assert jvp(lambda t, loss=loss: loss([0.25, 0.5], [t, 0.5]), (0.5,), (1.0,))[1] > 0
    assert jvp(lambda t: nn.hinge(0.25, t), (1.0,), (1.0,))[1] == -0.25


# Penalties


def test_penalties_are_sums_over_all_parameters():
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    net = nn.MLP(2, [2, 1], seed=1)
    tensor = torch.tensor([p.data for p in net.parameters()], dtype=torch.float64, requires_grad=True)
    for ours, theirs in [
        (nn.l1_penalty(net, 0.1), 0.1 * tensor.abs().sum()),
        (nn.l2_penalty(net.parameters(), 0.1), 0.1 * tensor.square().sum()),
        (nn.L1(0.1)(net), 0.1 * tensor.abs().sum()),
        (nn.L2(0.1)(p for p in net.parameters()), 0.1 * tensor.square().sum()),
    ]:
        net.zero_grad()
        tensor.grad = None
        ours.backward()
        theirs.backward()
        assert ours.data == pytest.approx(theirs.item(), rel=1e-13)
        np.testing.assert_allclose([p.grad for p in net.parameters()], tensor.grad.numpy(), rtol=1e-13)


@pytest.mark.parametrize("seed", range(20))
def test_on_a_tape_the_l2_penalty_is_one_sum_of_squares(seed):
    chance = random.Random(seed)
    weights = [Value(chance.gauss(0, 10 ** chance.randint(-8, 8)), "w") for _ in range(chance.randint(1, 40))]
    penalty, strength = nn.l2_penalty(weights, 0.375), 0.375
    penalty.backward()
    assert penalty.data == strength * math.fsum(w.data**2 for w in weights)
    assert [w.grad for w in weights] == [2 * strength * w.data for w in weights]
    assert record([penalty], weights).statistics.atoms.keys() <= {"sum", "multiply"}
    assert len(record([penalty], weights).instructions) == 2


def test_a_penalty_is_read_as_a_book_writes_it():
    weights = [Value(3.0, "w1"), Value(-4.0, "w2")]
    assert "L = 0.5(w1² + w2²) = 12.5" in str(explain(nn.l2_penalty(weights, 0.5), weights[0]))
    many = [Value(0.5, f"w{i}") for i in range(1, 100)]
    assert "= w1² + w2² + … + w99² = 24.75" in str(explain(nn.l2_penalty(many, 0.5), many[0]))


def test_in_a_graph_a_penalty_shows_each_square():
    weights = [Value(3.0, "w1"), Value(-4.0, "w2")]
    operations = [node.op.name for node in topological_order(nn.l2_penalty(weights, 0.5)) if node.op]
    assert operations == ["power_by(2)", "power_by(2)", "total", "multiply"]


def test_a_penalty_can_be_nothing_and_show_what_it_is():
    assert nn.l2_penalty([], 0.1).data == 0.0
    assert nn.l1_penalty([Value(3.0)], 0).data == 0.0
    assert repr(nn.L2(0.1)) == "L2(strength=0.1)"
    assert nn.L1(0.1) != nn.L1(0.2)


@pytest.mark.parametrize("strength", [-0.1, math.inf, math.nan])
def test_the_strength_of_a_penalty_is_not_negative(strength):
    for make in (nn.L1, nn.L2, lambda s: nn.l1_penalty([Value(1.0)], s), lambda s: nn.l2_penalty([], s)):
        with pytest.raises(ValueError, match="strength is"):
            make(strength)


# --- large logits -----------------------------------------------------------------------------------------

FAR = (0.0, 1.0, -1.0, 1e3, -1e3, 1e8, -1e8, 1e16, -1e16)


def eager_loss(logits, target):
    values = [Value(z) for z in logits]
    L = nn.cross_entropy(values, target)
    L.backward()
    return L.data, [z.grad for z in values]


def compiled_near_0(logits, target):
    values = [Value(0.1 * i) for i in range(len(logits))]
    return compile(nn.cross_entropy(values, target), values, engine="python").value_and_grad(*logits)


def traced_with_targets(logits, target):
    """As fit records it: which class is true is not known while recording."""
    targets = target if isinstance(target, list) else [float(i == target) for i in range(len(logits))]
    value, (slopes, _) = jit(nn.cross_entropy, engine="python").value_and_grad(logits, targets)
    return value, slopes


def traced_with_the_class(logits, target):
    """The target is a number that names the class, and is not known while recording either."""
    value, (slopes, _) = jit(nn.cross_entropy, engine="python").value_and_grad(logits, target)
    return value, slopes


WAYS = [eager_loss, compiled_near_0, traced_with_targets, traced_with_the_class]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("far", FAR)
def test_cross_entropy_depends_on_the_distances_between_logits_only(way, far):
    """The logits of the closed forms: three that are equal, and two that are 2 and 4 apart."""
    value, slopes = way([far] * 3, 0)
    assert value == pytest.approx(math.log(3), rel=1e-15)
    assert slopes == pytest.approx([-2 / 3, 1 / 3, 1 / 3], rel=1e-15)
    sum_of_powers = 1 + math.exp(-2) + math.exp(-4)
    value, slopes = way([far, far - 2, far - 4], 1)
    assert value == pytest.approx(2 + math.log(sum_of_powers), rel=1e-15)
    expected = [1 / sum_of_powers, math.exp(-2) / sum_of_powers - 1, math.exp(-4) / sum_of_powers]
    assert slopes == pytest.approx(expected, rel=1e-14)
    value, slopes = way([far, far - 2, far - 4], [0.25, 0.75, 0.0])
    assert value == pytest.approx(1.5 + math.log(sum_of_powers), rel=1e-15)
    assert slopes == pytest.approx([expected[0] - 0.25, expected[1] + 0.25, expected[2]], rel=1e-14)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("distance", [20.0, 40.0, 300.0, 700.0])
def test_a_confident_prediction_still_has_a_loss_and_pulls(way, distance):
    """log(1 + e⁻ᵈ) is e⁻ᵈ to the last digit, and its slopes are ±e⁻ᵈ / (1 + e⁻ᵈ)."""
    small = math.exp(-distance)
    value, slopes = way([distance, 0.0], 0)
    assert value == pytest.approx(math.log1p(small), rel=1e-14)
    assert slopes == pytest.approx([-small / (1 + small), small / (1 + small)], rel=1e-14)
    value, slopes = way([distance, 0.0], 1)
    assert value == pytest.approx(distance + small, rel=1e-15)
    assert slopes == pytest.approx([1 / (1 + small), -1 / (1 + small)], rel=1e-15)


@pytest.mark.parametrize("engine", ["python", "numpy"])
@pytest.mark.parametrize("loss", CATEGORICAL)
def test_a_recorded_class_of_several_positions(loss, engine):
    predictions = (REAL if loss is nn.cross_entropy else SOFT).tolist()
    values = [[Value(z) for z in row] for row in predictions]
    L = loss(values, CLASSES)
    L.backward()
    program = jit(loss, engine=engine)
    value, (slopes, by_class) = program.value_and_grad(predictions, CLASSES)
    assert value == pytest.approx(L.data, rel=1e-14)
    for row, expected in zip(slopes, values, strict=True):
        assert row == pytest.approx([z.grad for z in expected], rel=1e-13, abs=1e-15)
    assert by_class == [0.0] * 4
    others = [0, 2, 2, 1]
    assert program(predictions, others) == pytest.approx(loss(values, others).data, rel=1e-14)


@pytest.mark.parametrize("loss", CATEGORICAL)
@pytest.mark.parametrize("target", [3, -1, 0.5, 1e300, -0.25, 5e-324])
def test_a_recorded_class_that_does_not_exist_leads_to_no_number(loss, target):
    program = jit(lambda t: loss([0.25, 0.25, 0.5], t), engine="python")
    assert math.isfinite(program(2))
    with pytest.raises(ZeroDivisionError, match="is it a whole number from 0 to 2"):
        program(target)


@pytest.mark.parametrize("logits", [[800.0, 0.0], [1000.0, 0.0], [1e16, 0.0]])
def test_no_loss_is_0_and_not_minus_0(logits):
    assert str(nn.cross_entropy(logits, 0).data) == "0.0"


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("target", [0, 1, 0.25])
def test_binary_cross_entropy_of_logits_far_out(far, target):
    z = Value(far)
    L = nn.binary_cross_entropy_with_logits(z, target)
    L.backward()
    small = math.exp(-abs(far))
    assert L.data == pytest.approx(max(far, 0) - target * far + math.log1p(small), rel=1e-15)
    share = small / (1 + small) if far < 0 else 1 / (1 + small)
    not_share = 1 / (1 + small) if far < 0 else small / (1 + small)
    assert z.grad == pytest.approx((1 - target) * share - target * not_share, rel=1e-14)


def test_the_hessian_of_cross_entropy_is_that_of_pytorch():
    torch = pytest.importorskip("torch", reason="an independent second derivative")
    for far in (0.0, 1e3, -1e6):
        logits = [far + z for z in (0.5, -1.0, 2.0, 2.0)]
        theirs = torch.autograd.functional.hessian(
            lambda z: torch.nn.functional.cross_entropy(z[None], torch.tensor([2])),
            torch.tensor(logits, dtype=torch.float64),
        )
        found = hessian(lambda z: nn.cross_entropy(z, 2))(logits)
        np.testing.assert_allclose(found, theirs.numpy(), rtol=1e-13, atol=1e-16)
