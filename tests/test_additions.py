"""Whatever is added is covered by itself: here everything of a kind is found, and not listed.

CONTRIBUTING.md says for each kind in which place it is added.  Operations are found by tests/autograd/test_ops.py, engines by
tests/autograd/program/test_compiler.py, lessons by tests/notebooks/.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any
from xml.etree import ElementTree

import pytest

import nn
import nn.losses.classification
import nn.losses.regression
from autograd import Value, check_gradient, compile, topological_order
from nn import losses
from nn.optim import rules
from nn.saving.configuration import what_is_not_own
from viz import EXAMPLES, draw, explain, page, quiz, worksheet
from viz.command_line.main import main

Loss = Callable[..., Value]

LOSSES: dict[str, Loss] = {
    name: getattr(file, name) for file in (losses.regression, losses.classification) for name in file.__all__
}
OPTIMIZERS: dict[str, type[nn.Optimizer]] = {name: getattr(rules, name) for name in rules.__all__}
SCHEDULES = {name: kind for name, kind in vars(nn).items() if name.endswith(("Schedule", "Warmup"))}

ENGINES = ["python"] + ["numpy"] * bool(find_spec("numpy")) + ["native"] * bool(find_spec("llvmlite"))
"""Engines for a training that is compared with the one node by node."""

INPUTS = [[0.5, -1.0], [1.5, 0.25], [-0.5, 2.0]]


def takes(loss: Loss, prediction: Any, target: int) -> bool:
    try:
        loss(prediction, target)
    except nn.NetworkError:
        return False
    return True


def outputs_for(loss: Loss) -> int:
    """1 if a loss compares a number with a number, and 2 if it takes a probability or a score for each class."""
    return 1 if takes(loss, 0.25, 1) else 2


def targets_for(loss: Loss) -> list[int]:
    """Two that it takes: numbers, or classes."""
    prediction = 0.25 if outputs_for(loss) == 1 else [0.25, 0.75]
    return [target for target in (1, 0, -1) if takes(loss, prediction, target)][:2]


def small_model(loss: Loss) -> nn.Module:
    """A network whose outputs are probabilities, so that every loss is defined for them."""
    last = "softmax" if outputs_for(loss) == 2 else "sigmoid"
    return nn.MLP(2, [3, outputs_for(loss)], "tanh", output_activation=last, seed=1)


def trained(loss: Loss, optimizer: nn.Optimizer, engine: str, **settings: Any) -> tuple[list[float], list[float]]:
    """The losses of some epochs, and the parameters after them."""
    model = small_model(loss)
    one, other = targets_for(loss)
    samples = list(zip(INPUTS, (one, other, one), strict=True))
    history = nn.fit(
        model, samples, loss=loss, optimizer=optimizer, epochs=4, batch_size=2, engine=engine, **settings
    )
    return history.loss, [p.data for p in model.parameters()]


def assert_the_same(one: tuple[list[float], list[float]], other: tuple[list[float], list[float]]) -> None:
    assert one[0] == pytest.approx(other[0], rel=1e-12)
    assert one[1] == pytest.approx(other[1], rel=1e-12)


every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
every_optimizer = pytest.mark.parametrize("kind", OPTIMIZERS.values(), ids=OPTIMIZERS)


def test_all_kinds_are_found() -> None:
    assert len(LOSSES) >= 9
    assert len(OPTIMIZERS) >= 5
    assert len(SCHEDULES) >= 4


def test_losses_and_optimizers_are_handed_on() -> None:
    assert {*LOSSES, *OPTIMIZERS} <= set(nn.__all__)
    assert LOSSES.keys() <= set(losses.__all__)
    assert OPTIMIZERS.keys() <= set(nn.optim.__all__)


@every_loss
def test_the_gradient_of_a_loss_is_that_of_finite_differences(loss: Loss) -> None:
    for target in targets_for(loss):
        if outputs_for(loss) == 1:
            assert check_gradient(lambda p, t=target: loss(p, t), 0.3, order=2)
        else:
            assert check_gradient(lambda p, q, t=target: loss([p, q], t), 0.3, 0.6, order=2)


@every_loss
def test_a_loss_is_a_mean_or_a_sum_and_says_which_reductions_there_are(loss: Loss) -> None:
    predictions: list[Any] = [0.25, 0.75, 0.5]
    if outputs_for(loss) == 2:
        predictions = [[p, 1 - p] for p in predictions]
    one, other = targets_for(loss)
    targets = [other, one, one]
    single = [loss(p, t).data for p, t in zip(predictions, targets, strict=True)]
    assert loss(predictions, targets, reduction="sum").data == pytest.approx(sum(single), rel=1e-14)
    assert loss(predictions, targets).data == pytest.approx(sum(single) / 3, rel=1e-14)
    with pytest.raises(nn.LossError, match="reduction"):
        loss(predictions, targets, reduction="average")
    with pytest.raises(nn.ShapeError):
        loss(predictions, targets[:2])


@every_loss
def test_a_loss_is_in_the_program_what_it_is_node_by_node(loss: Loss) -> None:
    p, q = Value(0.3, "p"), Value(0.6, "q")
    y = loss(p, 1) if outputs_for(loss) == 1 else loss([p, q], 1)
    y.backward()
    for engine in ENGINES:
        program = compile(y, [p, q], engine=engine, argnums=(0, 1))
        value, slopes = program.value_and_grad(0.3, 0.6)
        assert value == pytest.approx(y.data, rel=1e-13)
        assert list(slopes) == pytest.approx([p.grad or 0.0, q.grad or 0.0], rel=1e-13)


@every_loss
@pytest.mark.parametrize("engine", ENGINES)
def test_training_with_a_loss_is_the_same_with_every_engine(loss: Loss, engine: str) -> None:
    assert_the_same(trained(loss, nn.SGD(lr=0.1), engine), trained(loss, nn.SGD(lr=0.1), "eager"))


def test_every_loss_and_every_optimizer_can_be_asked_for_in_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--help"]) == 0
    words = set(re.findall(r"\w+", capsys.readouterr().out))
    assert words >= LOSSES.keys()
    assert words >= {name.lower() for name in OPTIMIZERS}


@every_optimizer
@pytest.mark.parametrize("engine", ENGINES)
def test_training_with_an_optimizer_is_the_same_with_every_engine(kind: type[nn.Optimizer], engine: str) -> None:
    loss = nn.mean_squared_error
    assert_the_same(trained(loss, kind(lr=0.05), engine), trained(loss, kind(lr=0.05), "eager"))


@every_optimizer
def test_an_optimizer_descends_shows_its_settings_and_goes_on_from_its_saved_state(
    kind: type[nn.Optimizer],
) -> None:
    def steps(optimizer: nn.Optimizer, w: Value, count: int) -> None:
        for _ in range(count):
            w.zero_grad()
            ((w - 1) ** 2).backward()
            optimizer.step([w])

    one, w = kind(lr=0.05), Value(3.0, "w")
    assert what_is_not_own(one) == ""
    assert "lr=0.05" in repr(one)
    steps(one, w, 5)
    assert 1 < w.data < 3
    other, again = kind(lr=0.05), Value(w.data, "w")
    other.load_state_dict(one.state_dict())
    steps(one, w, 3)
    steps(other, again, 3)
    assert again.data == w.data


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", SCHEDULES.values(), ids=SCHEDULES)
def test_training_with_a_schedule_is_the_same_with_every_engine(kind: Any, engine: str) -> None:
    needed = [p for p in inspect.signature(kind).parameters.values() if p.default is p.empty]
    schedule = kind(*[2 for _ in needed])
    assert math.isfinite(schedule(1, 0.1))
    loss = nn.mean_squared_error
    runs = [trained(loss, nn.SGD(lr=0.1), which, schedule=schedule) for which in (engine, "eager")]
    assert_the_same(*runs)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_worked_example_can_be_drawn_explained_and_asked_about(name: str) -> None:
    L = EXAMPLES[name].build()
    L.backward()
    assert ElementTree.fromstring(draw(L).svg()).tag.endswith("svg")
    wanted = next(node for node in topological_order(L) if node.label and not node.inputs and node.grad)
    assert explain(L, wanted).value == pytest.approx(wanted.grad, rel=1e-12)
    asked = quiz(L)
    while not asked.done:
        assert asked.question is not None
        assert asked.answer(asked.question.expected).right
    assert "<svg" in page(L, title=EXAMPLES[name].story).html
    assert "<svg" in worksheet(L).html()
