"""Training on samples of different lengths: what fit, metrics, validation and errors make of them."""

import io
import random
from contextlib import redirect_stderr

import numpy as np
import pytest

import nn
from autograd import Value, dot, log, softmax, total
from nn.fitting.advice import advice_before
from tests.nn.compiled.same_runs import assert_same
from viz import page
from viz.pages.html import PageError

INPUTS = [[0, 3], [0, 1, 2, 3], [0], [0, 2, 2]]
TARGETS = [[3, 1], [1, 2, 3, 1], [2], [2, 2, 0]]
NAMES = ("be", "cabs", "a", "bee")


def words(**settings):
    return nn.Dataset(INPUTS, TARGETS, "words", sample_names=NAMES, ragged=True, **settings)


class NextLetter(nn.Module):
    """Logits for the letter after each one, from the mean of all letters up to it."""

    def __init__(self, seed=1):
        self.letters = nn.Embedding(4, 3, seed=seed)
        self.places = nn.Embedding(6, 3, seed=seed + 1)
        self.out = nn.Layer(3, 4, "identity", seed=seed + 2)

    def forward(self, letters):
        rows = [
            [a + b for a, b in zip(self.letters(letter), self.places(i), strict=True)]
            for i, letter in enumerate(letters)
        ]
        return [
            self.out([total(column) / n for column in zip(*rows[:n], strict=True)]) for n in range(1, len(rows) + 1)
        ]


class Summary(nn.Module):
    """One number for a whole sequence, whose positions look at each other by attention."""

    def __init__(self):
        self.letters = nn.Embedding(4, 2, seed=5)
        self.query = nn.Parameter(0.5, "query")

    def forward(self, letters):
        rows = self.letters(letters)
        attention = softmax([self.query * row[0] for row in rows])
        return dot(attention, [row[1] for row in rows])


def by_hand(model, optimizer, epochs, batch_size=1):
    """A loop of one's own, in which every parameter has a gradient at every step."""
    losses = []
    for _ in range(epochs):
        epoch = []
        for first in range(0, len(INPUTS), batch_size):
            some = range(first, min(first + batch_size, len(INPUTS)))
            for p in model.parameters():
                p.grad = 0.0
            L = total([nn.cross_entropy(model(INPUTS[i]), TARGETS[i]) for i in some]) / len(some)
            L.backward()
            optimizer.step(model.parameters())
            epoch.append(L.data * len(some))
        losses.append(sum(epoch) / len(INPUTS))
    return losses


@pytest.mark.parametrize("make", [nn.Adam, lambda: nn.SGD(lr=0.1, momentum=0.9, weight_decay=0.01)])
@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("engine", ["eager", "auto"])
def test_fit_is_the_loop_of_ones_own(engine, batch_size, make):
    one, other = NextLetter(), NextLetter()
    history = nn.fit(
        one, words(), loss=nn.cross_entropy, optimizer=make(), epochs=4, batch_size=batch_size, engine=engine
    )
    assert history.loss == pytest.approx(by_hand(other, make(), 4, batch_size), rel=1e-10)
    assert list(one.state_dict().values()) == pytest.approx(list(other.state_dict().values()), rel=1e-9)


@pytest.mark.parametrize("engine", ["eager", "auto"])
@pytest.mark.parametrize("name", ["Adam", "AdamW", "SGD"])
def test_a_training_is_that_of_pytorch(name, engine):
    """Tables whose rows are not all used in a word or at all, decay and momentum: as PyTorch moves its tensors."""
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    model, settings = NextLetter(), {"lr": 0.05, "weight_decay": 0.1} | ({"momentum": 0.9} if name == "SGD" else {})
    layer = model.out.neurons
    letters, places, weights, biases = (
        torch.from_numpy(np.array([[p.data for p in row] for row in rows])).requires_grad_()
        for rows in (
            model.letters.weights,
            model.places.weights,
            [n.weights for n in layer],
            [[n.bias for n in layer]],
        )
    )
    optimizer = getattr(torch.optim, name)([letters, places, weights, biases], **settings)
    losses = []
    for _ in range(3):
        for x, y in words():
            rows = letters[torch.tensor(x).long()] + places[: len(x)]
            means = rows.cumsum(0) / torch.arange(1, len(x) + 1)[:, None]
            L = torch.nn.functional.cross_entropy(means @ weights.T + biases, torch.tensor(y))
            optimizer.zero_grad()
            L.backward()
            optimizer.step()
            losses.append(L.item())
    history = nn.fit(
        model, words(), loss=nn.cross_entropy, optimizer=getattr(nn, name)(**settings), epochs=3, engine=engine
    )
    assert history.loss == pytest.approx(np.reshape(losses, (3, -1)).mean(axis=1), rel=1e-9)
    found = [[p.data for p in row] for row in model.places.weights]
    np.testing.assert_allclose(found, places.detach().numpy(), rtol=1e-8)


class Tagger(nn.Module):
    """Scores for each position of a sequence of letters, from it and all others; or one number for all of them."""

    def __init__(self, letters, width, classes, seed):
        self.letters = nn.Embedding(letters, width, initializer=nn.normal(0, 0.5), seed=seed)
        self.places = nn.Embedding(5, width, initializer=nn.normal(0, 0.5), seed=seed + 1)
        self.key = nn.Layer(width, width, "tanh", seed=seed + 2)
        self.out = nn.Layer(width, classes, "identity", seed=seed + 3)
        self.classes = classes

    def forward(self, letters):
        rows = [
            [a + b for a, b in zip(self.letters(letter), self.places(place), strict=True)]
            for place, letter in enumerate(letters)
        ]
        keys = [self.key(row) for row in rows]
        seen = []
        for row in rows:
            shares = softmax([dot(row, key) for key in keys])
            seen.append(self.out([dot(shares, column) for column in zip(*rows, strict=True)]))
        if self.classes == 1:
            return total([one for (one,) in seen]) / len(seen)
        return seen


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("engine", ["native", "python", "numpy"])
def test_random_sequences_on_every_engine(engine, seed):
    """Forms, sizes, batches, order, optimizers, penalties, limits and metrics drawn at random."""
    if engine == "native":
        pytest.importorskip("llvmlite", reason='needs machine code: pip install "glassgrad[fast]"')
    chance = random.Random(seed)
    letters, width, classes = chance.randint(2, 5), chance.randint(1, 3), chance.choice([1, 2, 3])
    inputs = [[chance.randrange(letters) for _ in range(chance.randint(1, 5))] for _ in range(chance.randint(1, 9))]
    if classes == 1:
        targets = [chance.uniform(-1, 1) for _ in inputs]
    else:
        targets = [[chance.randrange(classes) for _ in x] for x in inputs]
    data = nn.Dataset(inputs, targets, ragged=True)
    settings = {
        "loss": nn.mean_squared_error if classes == 1 else nn.cross_entropy,
        "batch_size": chance.choice([1, 2, 4, None]),
        "epochs": chance.randint(1, 4),
        "shuffle": chance.random() < 0.5,
        "seed": seed,
        "penalty": chance.choice([None, nn.L2(0.01)]),
        "clip_norm": chance.choice([None, 0.5]),
        "metrics": chance.choice([None, "accuracy"]),
        "validation": chance.choice([None, data[:2]]),
    }
    make = chance.choice([lambda: nn.SGD(lr=0.1), lambda: nn.SGD(lr=0.05, momentum=0.9), nn.Adam, nn.AdamW])
    found = []
    for chosen in (engine, "eager"):
        model, optimizer = Tagger(letters, width, classes, seed), make()
        history = nn.fit(model, data, optimizer=optimizer, engine=chosen, progress=False, **settings)
        assert history.engine == chosen
        found.append((history, model, optimizer))
    assert_same(found, tolerance=1e-9)


def test_a_sequence_with_one_number_as_its_target():
    data = nn.Dataset(INPUTS, [0.5, -0.5, 0.1, 0.2], ragged=True)
    model = Summary()
    history = nn.fit(model, data, optimizer=nn.Adam(lr=0.05), epochs=100, batch_size=None, shuffle=True, seed=1)
    assert history.loss[-1] < history.loss[0] / 5
    assert nn.evaluate(model, data)["loss"] < history.loss[0] / 5


@pytest.mark.parametrize("engine", ["eager", "auto"])
def test_accuracy_and_validation(engine):
    model = NextLetter()
    unseen = nn.Dataset([[0, 3, 1, 1, 2]], [[3, 1, 1, 2, 0]], ragged=True)
    history = nn.fit(
        model, words(), loss=nn.cross_entropy, optimizer=nn.Adam(lr=0.1), epochs=30, metrics="accuracy",
        validation=unseen, engine=engine, batch_size=2,
    )  # fmt: skip
    found = nn.evaluate(model, unseen, loss=nn.cross_entropy, metrics="accuracy")
    assert history.metrics["validation_loss"][-1] == pytest.approx(found["loss"], rel=1e-12)
    assert history.metrics["validation_accuracy"][-1] == found["accuracy"]
    assert {round(10 * a, 9) % 1 for a in history.metrics["accuracy"]} == {0.0}
    right = sum(
        int(np.argmax([z.data for z in logits]) == letter)
        for x, y in words()
        for logits, letter in zip(model(x), y, strict=True)
    )
    assert nn.evaluate(model, words(), loss=nn.cross_entropy, metrics="accuracy")["accuracy"] == right / 10


def test_callbacks_see_it_and_may_stop_it():
    seen = []
    history = nn.fit(
        NextLetter(),
        words(),
        loss=nn.cross_entropy,
        epochs=9,
        callbacks=[lambda e: seen.append(e.loss) or e.epoch == 3],
    )
    assert seen == history.loss
    assert len(seen) == 3
    early = nn.fit(
        NextLetter(), words(), loss=nn.cross_entropy, epochs=500, optimizer=nn.Adam(lr=0.3), validation=words(),
        early_stopping=nn.EarlyStopping(2, monitor="validation_loss"), record_parameters=True,
    )  # fmt: skip
    assert "letters.weights.3.2" in early.parameters


@pytest.mark.parametrize("engine", ["eager", "auto"])
def test_an_error_names_the_sample(engine):
    class Logarithm(nn.Module):
        def __init__(self):
            self.w = nn.Parameter(1.0)

        def forward(self, x):
            return log(self.w * total(x))

    data = nn.Dataset([[1, 2], [1, 1, -2]], [0, 0], sample_names=("good", "bad"), ragged=True)
    with pytest.raises(nn.TrainingError, match=r"at sample 2 \(bad\)") as caught:
        nn.fit(Logarithm(), data, engine=engine)
    assert caught.value.sample == 1


@pytest.mark.parametrize("engine", ["eager", "auto", "python", "numpy"])
@pytest.mark.parametrize("wrong", [4, -1, 0.5, 1000])
def test_what_is_no_letter_or_class_is_found_in_its_sample(engine, wrong):
    inputs, targets = [[0, 3], [1], [0, 1, 2]], [[3, 1], [1], [1, 2, 3]]
    names = ("one", "two", "three")
    for place, kind, message in (
        (inputs, nn.NetworkError, "there is no row"),
        (targets, nn.LossError, "is no class"),
    ):
        before, place[2][1] = place[2][1], wrong
        data, model = nn.Dataset(inputs, targets, sample_names=names, ragged=True), NextLetter()
        with pytest.raises(kind, match=message) as caught:
            nn.fit(model, data, loss=nn.cross_entropy, engine=engine, progress=False)
        assert any("sample 3 (three)" in note for note in caught.value.__notes__)
        other = NextLetter()
        nn.fit(other, data[:2], loss=nn.cross_entropy, epochs=1, engine="eager")
        assert list(model.state_dict().values()) == pytest.approx(list(other.state_dict().values()), rel=1e-12)
        place[2][1] = before


@pytest.mark.parametrize("engine", ["eager", "auto", "python", "numpy"])
@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        ([[0, 1], [1, 4]], [[1, 1], [1, 1]], "there is no row 4"),
        ([[0, 1], [1, 2]], [[1, 1], [1, 4]], "the target 4 is no class"),
        ([[0, 1], [1, 2]], [[1, 1], [1]], "predictions has length 2, but targets has length 1"),
    ],
)
def test_what_is_wrong_with_the_validation_data_is_found_in_its_sample(engine, inputs, targets, message):
    measured = nn.Dataset(inputs, targets, sample_names=("one", "two"), ragged=True)
    with pytest.raises(nn.module.NetworkError, match=message) as caught:
        nn.fit(NextLetter(), words(), loss=nn.cross_entropy, validation=measured, engine=engine, progress=False)
    assert caught.value.__notes__ == ["  This came of sample 2 (two).", "  It belongs to the validation data."]


def test_parameters_that_a_loss_does_not_reach_are_found_out():
    with pytest.raises(ValueError, match="does not depend on any parameter"):
        nn.fit(NextLetter(), words(), loss=lambda p, t: Value(1.0))


def test_advice_looks_at_all_targets():
    data = nn.Dataset([[1], [1, 2]], [[0.5], [0.5, 7.0]], ragged=True)
    assert any(
        "7" in line for line in advice_before(nn.Layer(1, 1, "sigmoid"), data.targets, nn.mean_squared_error, 0.1)
    )


def test_without_ragged_fit_says_what_to_do():
    with pytest.raises(ValueError, match=r"for sequences that differ, write Dataset\(\.\.\., ragged=True\)"):
        nn.fit(NextLetter(), (INPUTS, TARGETS), loss=nn.cross_entropy)


def test_a_network_for_a_fixed_number_of_inputs_says_how_many_it_takes():
    with redirect_stderr(io.StringIO()), pytest.raises(nn.ShapeError, match="takes 2 inputs, but 4 were given"):
        nn.fit(nn.MLP(2, [4], seed=1), nn.Dataset(INPUTS, [0, 1, 2, 0], ragged=True), loss=nn.cross_entropy)


@pytest.mark.parametrize(
    ("predictions", "targets"),
    [
        ([[[0.1, 0.9]]], [[1, 0]]),
        ([[[0.1, 0.9]]], [1]),
        ([[[0.1, 0.9]], [0.1, 0.9]], [[1], [0, 1]]),
    ],
)
def test_accuracy_needs_a_target_for_each_position(predictions, targets):
    with pytest.raises(ValueError, match="a target for each position"):
        nn.accuracy(predictions, targets)


def test_a_page_takes_samples_of_one_length():
    x1, x2, target = Value(1.0, "x1"), Value(2.0, "x2"), Value(0.0, "target")
    data = nn.Dataset([[1], [1, 2], [3, 4]], [0, 1, 2], ragged=True)
    with pytest.raises(PageError, match="differ in length, but a page shows one graph"):
        page(x1 * x2 - target, examples=data)
    assert page(x1 * x2 - target, examples=data.subset([1, 2]))


@pytest.mark.parametrize("ragged", [True, False])
@pytest.mark.parametrize("engine", ["python", "numpy"])
def test_training_and_validation_may_have_forms_of_their_own(engine, ragged):
    words = nn.Dataset([[0, 1], [1, 0]], [[1, 0], [0, 1]], ragged=ragged)
    others = nn.Dataset([[0, 1], [1]], [[1, 0], [0]], ragged=True)
    found = {}
    for each in (engine, "eager"):
        history = nn.fit(
            nn.GPT(2, 2, width=2, heads=1, seed=1), words, loss=nn.cross_entropy, epochs=2, validation=others,
            engine=each, progress=False,
        )  # fmt: skip
        assert history.engine == each
        found[each] = [*history.loss, *history.validation_loss]
    assert found[engine] == pytest.approx(found["eager"], rel=1e-12)
