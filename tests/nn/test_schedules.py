"""Every schedule against torch.optim.lr_scheduler, epoch by epoch."""

import math

import numpy as np
import pytest

from autograd import Value
from nn.schedules import CosineSchedule, ExponentialSchedule, LinearWarmup, StepSchedule

EPOCHS = 40
LR = 0.3


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is what we compare with")


def rates_of(torch, make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR)
    scheduler = make(optimizer)
    rates = []
    for _ in range(EPOCHS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def assert_equal(schedule, rates):
    np.testing.assert_allclose([schedule(epoch, LR) for epoch in range(EPOCHS)], rates, rtol=1e-12, atol=1e-15)


def test_step(torch):
    rates = rates_of(torch, lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=7, gamma=0.3))
    assert_equal(StepSchedule(step_size=7, gamma=0.3), rates)
    rates = rates_of(torch, lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=10))
    assert_equal(StepSchedule(10), rates)


def test_exponential(torch):
    rates = rates_of(torch, lambda o: torch.optim.lr_scheduler.ExponentialLR(o, gamma=0.93))
    assert_equal(ExponentialSchedule(0.93), rates)


@pytest.mark.parametrize(("T_max", "eta_min"), [(EPOCHS, 0.0), (EPOCHS, 0.05), (15, 0.01)])
def test_cosine_also_beyond_its_end(torch, T_max, eta_min):
    rates = rates_of(torch, lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max, eta_min))
    assert_equal(CosineSchedule(T_max, eta_min), rates)


def test_warm_up(torch):
    rates = rates_of(torch, lambda o: torch.optim.lr_scheduler.LinearLR(o, start_factor=0.1, total_iters=6))
    assert_equal(LinearWarmup(6, start_factor=0.1), rates)
    rates = rates_of(torch, lambda o: torch.optim.lr_scheduler.LinearLR(o, total_iters=6))
    assert_equal(LinearWarmup(6), rates)


def test_warm_up_before_another_schedule(torch):
    scheduler = torch.optim.lr_scheduler
    cases = [
        (ExponentialSchedule(0.9), lambda o: scheduler.ExponentialLR(o, 0.9)),
        (CosineSchedule(30, 0.01), lambda o: scheduler.CosineAnnealingLR(o, 30, 0.01)),
        (StepSchedule(8), lambda o: scheduler.StepLR(o, 8)),
    ]
    for ours, theirs in cases:
        rates = rates_of(
            torch,
            lambda o, theirs=theirs: scheduler.SequentialLR(
                o, [scheduler.LinearLR(o, start_factor=0.25, total_iters=5), theirs(o)], milestones=[5]
            ),
        )
        assert_equal(LinearWarmup(5, start_factor=0.25, then=ours), rates)


@pytest.mark.parametrize(
    "schedule",
    [
        StepSchedule(4, 0.5),
        ExponentialSchedule(0.9),
        CosineSchedule(20),
        LinearWarmup(5, then=CosineSchedule(20)),
        LinearWarmup(5, then=StepSchedule(4, 0.5)),
    ],
)
def test_on_arrays_and_values(schedule):
    expected = [schedule(epoch, LR) for epoch in range(EPOCHS)]
    np.testing.assert_allclose(schedule(np.arange(EPOCHS), LR), expected, rtol=1e-15)
    values = [schedule(epoch, Value(LR)) for epoch in range(EPOCHS)]
    assert [value.data for value in values] == pytest.approx(expected, rel=1e-15)


def test_smooth_schedules_take_an_epoch_that_is_a_value():
    for schedule in (ExponentialSchedule(0.9), CosineSchedule(20), LinearWarmup(5, then=CosineSchedule(20))):
        assert schedule(Value(3.0), LR).data == pytest.approx(schedule(3, LR), rel=1e-15)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: StepSchedule(0), ValueError, "step_size is 0"),
        (lambda: StepSchedule(2.5), TypeError, "step_size must be a whole number"),
        (lambda: StepSchedule(True), TypeError, "step_size must be a whole number"),
        (lambda: StepSchedule(2, gamma=0), ValueError, "gamma is 0"),
        (lambda: ExponentialSchedule(-0.5), ValueError, "gamma is -0.5"),
        (lambda: ExponentialSchedule(math.inf), ValueError, "gamma is inf"),
        (lambda: CosineSchedule(0), ValueError, "T_max is 0"),
        (lambda: CosineSchedule(10, eta_min=-1), ValueError, "eta_min is -1"),
        (lambda: LinearWarmup(0), ValueError, "total_iters is 0"),
        (lambda: LinearWarmup(5, start_factor=1.5), ValueError, "start_factor is 1.5"),
        (lambda: LinearWarmup(5, then=0.1), TypeError, "then must be a schedule"),
    ],
)
def test_bad_settings(make, kind, message):
    with pytest.raises(kind, match=message):
        make()
