"""Samples of several forms in one run: every engine writes the history that node by node writes."""

import io
import random
from contextlib import redirect_stderr
from itertools import product

import numpy as np
import pytest

import nn
from autograd import dot, log, softmax, total
from nn.compiled import backends, programs
from nn.compiled.columns import samples_of
from nn.compiled.compilable import CannotCompile
from tests.nn.compiled.same_runs import assert_same, both

ENGINES = ("native", "numpy", "python")
COUNT, WIDTH = 5, 4


class Attention(nn.Module):
    """Logits for the letter after each one; a position that no other sample is as long as has a row of its own."""

    def __init__(self, longest=7, seed=1):
        self.letters = nn.Embedding(COUNT, WIDTH, seed=seed)
        self.places = nn.Embedding(longest, WIDTH, seed=seed + 1)
        self.query = nn.Layer(WIDTH, WIDTH, "tanh", seed=seed + 2)
        self.out = nn.Layer(WIDTH, COUNT, "identity", seed=seed + 3)

    def forward(self, letters):
        rows = [
            [a + b for a, b in zip(self.letters(letter), self.places(i), strict=True)]
            for i, letter in enumerate(letters)
        ]
        logits = []
        for n, row in enumerate(rows, 1):
            shares = softmax([dot(self.query(row), other) for other in rows[:n]])
            logits.append(self.out([dot(shares, column) for column in zip(*rows[:n], strict=True)]))
        return logits


class Summary(Attention):
    """The class of a whole sequence."""

    def forward(self, letters):
        return super().forward(letters)[-1]


class Mean(Attention):
    """A number for a whole sequence."""

    def forward(self, letters):
        return total([logits[0] for logits in super().forward(letters)]) / len(letters)


def words(lengths=(3, 2, 3, 5, 2, 1, 3, 2), seed=3):
    chance = random.Random(seed)
    inputs = [[chance.randrange(COUNT) for _ in range(length)] for length in lengths]
    return nn.Dataset(inputs, [[chance.randrange(COUNT) for _ in x] for x in inputs], ragged=True)


def with_targets(make):
    data = words()
    return nn.Dataset(data.inputs, [make(x) for x in data.inputs], ragged=True)


@pytest.fixture(autouse=True)
def _engines(no_programs):
    pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [1, 3, None])
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_in_batches_of_every_size(engine, batch_size, shuffle):
    found = both(
        Attention, words(), engine, loss=nn.cross_entropy, optimizer=lambda: nn.Adam(lr=0.05), epochs=4,
        batch_size=batch_size, shuffle=shuffle, seed=2, metrics="accuracy", validation=words((2, 5, 1, 2), seed=8),
    )  # fmt: skip
    assert_same(found)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("optimizer", "settings"),
    [
        (lambda: nn.SGD(lr=0.1, momentum=0.9), {"penalty": nn.L2(0.01)}),
        (nn.Adam, {"clip_norm": 0.1}),
        (nn.RMSProp, {"clip_value": 0.02, "clip_norm": 0.03, "penalty": nn.L1(0.001)}),
        (nn.Adam, {"schedule": nn.CosineSchedule(6), "early_stopping": 2, "record_parameters": True}),
    ],
    ids=lambda given: "+".join(given) if isinstance(given, dict) else "",
)
def test_every_limit_and_penalty(optimizer, settings, engine):
    found = both(
        Attention, words(), engine, loss=nn.cross_entropy, optimizer=optimizer, epochs=3, batch_size=3, **settings
    )
    assert_same(found)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("model", "data", "loss"),
    [
        (Summary, with_targets(lambda x: int(sum(x)) % COUNT), nn.cross_entropy),
        (Mean, with_targets(lambda x: sum(x) / 10), nn.mean_squared_error),
        (Summary, with_targets(lambda x: [float(x.count(i)) for i in range(COUNT)]), nn.mean_squared_error),
    ],
    ids=["class", "number", "list"],
)
def test_targets_of_every_kind(model, data, loss, engine):
    found = both(
        model, data, engine, loss=loss, optimizer=lambda: nn.SGD(lr=0.05), epochs=3, batch_size=3,
        metrics={"first": lambda predictions, targets: float(np.ravel(predictions[0])[0])}, validation=data[2:],
    )  # fmt: skip
    assert_same(found)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_goes_on_with_other_forms(engine):
    """The optimizer's memory and the parameters are the same for all forms, whichever there are."""
    models = Attention(), Attention()
    for model, chosen in zip(models, (engine, "eager"), strict=True):
        optimizer = nn.Adam(lr=0.05)
        for lengths in ((1, 2, 3), (4, 6), (2, 2)):
            history = nn.fit(
                model, words(lengths), loss=nn.cross_entropy, optimizer=optimizer, epochs=3, engine=chosen
            )
            assert history.engine == chosen
    assert list(models[0].state_dict().values()) == pytest.approx(list(models[1].state_dict().values()), rel=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_parameter_that_a_form_does_not_reach_has_the_gradient_0(engine):
    model = Attention()
    nn.fit(model, words((5, 3)), loss=nn.cross_entropy, optimizer=nn.SGD(lr=0.1), epochs=1, engine=engine)
    gradients = np.array([[p.grad for p in row] for row in model.places.weights])
    assert (gradients[:3] != 0).all()
    assert (gradients[3:] == 0).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_frozen_parameters_stay(engine):
    def model():
        made = Attention()
        made.places.requires_grad_(False)
        return made

    found = both(model, words(), engine, loss=nn.cross_entropy, optimizer=nn.Adam, epochs=2)
    assert_same(found)
    assert [p.data for row in found[0][1].places.weights for p in row] == [
        p.data for row in Attention().places.weights for p in row
    ]


@pytest.mark.parametrize(("engine", "batch_size"), list(product(ENGINES, (1, 3))))
def test_a_class_that_is_none_is_an_error_that_names_the_sample(engine, batch_size):
    data = words()
    data.targets[4][1] = COUNT
    errors = []
    for chosen in (engine, "eager"):
        with redirect_stderr(io.StringIO()), pytest.raises(nn.losses.LossError, match=f"target {COUNT}") as caught:
            nn.fit(Attention(), data, loss=nn.cross_entropy, epochs=2, engine=chosen, batch_size=batch_size)
        errors.append((str(caught.value), caught.value.__notes__))
    assert errors[0] == errors[1]
    assert "sample 5" in errors[0][1][0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_step_that_is_not_finite_leaves_everything_as_it_was(engine):
    class Logarithm(Mean):
        def forward(self, letters):
            return log(super().forward(letters) + 0.5)

    found = []
    for chosen in (engine, "eager"):
        model = Logarithm()
        with pytest.raises(nn.TrainingError) as error:
            nn.fit(model, with_targets(lambda x: 5.0), optimizer=nn.SGD(lr=40.0), epochs=50, engine=chosen)
        found.append((error.value.epoch, error.value.step, error.value.sample, list(model.state_dict().values())))
    assert found[0][:3] == found[1][:3]
    assert found[0][3] == pytest.approx(found[1][3], rel=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_only_measured_may_have_forms_that_cannot_be_recorded(engine):
    class Short(Mean):
        """Of long sequences it looks at a number, which a recording does not know."""

        def forward(self, letters):
            return super().forward(letters if len(letters) < 6 or letters[0] > 2 else letters[1:])

    data = words((2, 4, 6, 2), seed=4)
    validation = nn.Dataset(data.inputs, [0.5] * 4, ragged=True)
    found = both(
        Short, with_targets(lambda x: sum(x) / 10), engine, optimizer=nn.Adam, epochs=3, validation=validation
    )
    assert_same(found)


def test_a_callback_may_change_the_model(no_programs):
    """Everything is recorded and read again after it."""

    def settings(change):
        return {"callbacks": [lambda event: event.epoch == 2 and change(event.model)]}

    def freeze(model):
        model.places.requires_grad_(False)

    found = both(
        Attention,
        words((2, 3) * 8),
        "native",
        loss=nn.cross_entropy,
        optimizer=nn.Adam,
        epochs=4,
        **settings(freeze),
    )
    assert_same(found)


def test_samples_that_were_changed_until_they_are_none():
    data = words()
    data.inputs[2] = 3.0
    with pytest.raises(CannotCompile):
        programs.forms_of(data)


def test_data_of_one_form_in_a_program_of_several():
    outputs = {(1, 1): (COUNT,), (2, 2): (COUNT, COUNT)}
    samples = samples_of(nn.Dataset([[1, 2], [3, 4]], [[0, 1], [1, 0]]), outputs)
    assert samples.parts[0] is None
    assert samples.parts[1].numbers.tolist() == [[1, 3], [2, 4], [0, 1], [1, 0]]
    assert samples.forms.tolist() == [1, 1]
    assert samples.places.tolist() == [0, 1]
    with pytest.raises(KeyError):
        samples_of(words((1, 3)), outputs)


def test_a_run_in_machine_code_is_one_call_for_many_epochs(monkeypatch):
    calls = []
    run = backends.ByTable.__call__
    monkeypatch.setattr(backends.ByTable, "__call__", lambda *given: calls.append(run(*given)))
    nn.fit(Attention(), words(), loss=nn.cross_entropy, epochs=100, shuffle=True, seed=1)
    assert len(calls) == 1
