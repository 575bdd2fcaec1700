"""A GPT against its formula in NumPy, central differences and PyTorch; how it is trained, known, saved, and what it refuses."""

import random
import traceback

import numpy as np
import pytest

import nn
from autograd import DataError, Value, jit
from nn.compiled import programs
from nn.layers.embedding import has_embedding
from nn.saving.configuration import what_is_not_own
from nn.saving.known import configuration_of_model, known
from tests.nn.compiled.same_runs import assert_same, both

CHANCE = random.Random(9)
WORDS = [[CHANCE.randrange(5) for _ in range(length)] for length in (3, 2, 4, 3, 1, 2)]
FOLLOWING = [[CHANCE.randrange(5) for _ in word] for word in WORDS]
SIZES = [(3, 4, 2, 1, 1), (5, 3, 4, 2, 1), (4, 5, 6, 3, 2), (3, 2, 4, 4, 3)]


def words():
    return nn.Dataset(WORDS, FOLLOWING, ragged=True)


def small(seed=1, **settings):
    return nn.GPT(5, 4, width=4, heads=2, initializer=nn.normal(0, 0.5), seed=seed, **settings)


def matrices(model, arrays=np.array):
    """Its parameters by the names of their parts."""
    parts = {"tokens": model.tokens.weights, "positions": model.positions.weights}
    for i, block in enumerate(model.blocks):
        for name in ("query", "key", "value", "mix", "up", "down"):
            parts[f"{name}{i}"] = [neuron.weights for neuron in getattr(block, name).neurons]
    parts["head"] = [neuron.weights for neuron in model.head.neurons]
    return {name: arrays([[number.data for number in row] for row in rows]) for name, rows in parts.items()}


def logits_by_numpy(p, tokens, heads, layers, xp=np):
    """All positions at once: those that come later are hidden by -inf before softmax."""

    def rms(x):
        return x / xp.sqrt((x * x).mean(-1)[:, None] + 1e-5)

    n = len(tokens)
    x = rms(p["tokens"][tokens] + p["positions"][:n])
    size = x.shape[1] // heads
    later = xp.triu(xp.ones((n, n)), 1) == 1
    for i in range(layers):
        normal = rms(x)
        query, key, value = [normal @ p[f"{name}{i}"].T for name in ("query", "key", "value")]
        seen = []
        for h in range(heads):
            part = slice(h * size, (h + 1) * size)
            scores = xp.where(later, -xp.inf, query[:, part] @ key[:, part].T / size**0.5)
            shares = xp.exp(scores - scores.max())
            seen.append(shares / shares.sum(-1)[:, None] @ value[:, part])
        x = x + xp.concatenate(seen, -1) @ p[f"mix{i}"].T
        hidden = rms(x) @ p[f"up{i}"].T
        x = x + xp.where(hidden > 0, hidden, 0 * hidden) @ p[f"down{i}"].T
    return x @ p["head"].T


@pytest.mark.parametrize("sizes", SIZES)
def test_its_logits_are_those_of_the_formula(sizes):
    tokens, context, _, heads, layers = sizes
    model = nn.GPT(*sizes, initializer=nn.normal(0, 0.7), seed=3)
    for length in range(1, context + 1):
        word = [CHANCE.randrange(tokens) for _ in range(length)]
        expected = logits_by_numpy(matrices(model), word, heads, layers)
        found = [[logit.data for logit in row] for row in model(word)]
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)
        assert model(tuple(map(float, word)))[-1][0].data == model(np.array(word))[-1][0].data == found[-1][0]
        np.testing.assert_allclose(jit(model, engine="python")(word), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("sizes", SIZES)
def test_its_gradients_are_central_differences(sizes):
    tokens, context, _, heads, layers = sizes
    model = nn.GPT(*sizes, initializer=nn.normal(0, 0.7), seed=4)
    word = [CHANCE.randrange(tokens) for _ in range(context - 1)]
    classes = [CHANCE.randrange(tokens) for _ in word]

    def loss(p):
        logits = logits_by_numpy(p, word, heads, layers)
        return np.mean(np.log(np.exp(logits).sum(-1)) - logits[np.arange(len(word)), classes])

    L = nn.cross_entropy(model(word), classes)
    L.backward()
    numbers, at = matrices(model), iter(model.parameters())
    assert L.data == pytest.approx(loss(numbers), rel=1e-12)
    for matrix in numbers.values():
        for place in np.ndindex(matrix.shape):
            there, parameter = matrix[place], next(at)
            assert parameter.data == there
            differences = []
            for h in (1e-4, -1e-4):
                matrix[place] = there + h
                differences.append(loss(numbers) / (2 * h))
            matrix[place] = there
            assert parameter.grad == pytest.approx(sum(differences), rel=1e-5, abs=1e-7)
    assert next(at, None) is None


def test_its_gradients_are_those_of_pytorch():
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    torch.set_default_dtype(torch.float64)
    try:
        model = nn.GPT(27, 16, seed=5)
        word, classes = [0, 5, 13, 13, 1], [5, 13, 13, 1, 0]
        theirs = matrices(model, lambda rows: torch.tensor(rows, requires_grad=True))
        torch.nn.functional.cross_entropy(
            logits_by_numpy(theirs, word, 4, 1, torch), torch.tensor(classes)
        ).backward()
    finally:
        torch.set_default_dtype(torch.float32)
    nn.cross_entropy(model(word), classes).backward()
    expected = np.concatenate([matrix.grad.numpy().ravel() for matrix in theirs.values()])
    found = [parameter.grad for parameter in model.parameters()]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_a_position_sees_none_that_come_after_it():
    model = small(layers=2)
    long, short = model([0, 3, 1, 2]), model([0, 3])
    assert [[logit.data for logit in row] for row in long[:2]] == [[logit.data for logit in row] for row in short]
    model.zero_grad()
    nn.cross_entropy(short, [3, 1]).backward()
    for i, row in enumerate(model.positions.weights):
        assert any(number.grad for number in row) == (i < 2)
    for i, row in enumerate(model.tokens.weights):
        assert any(number.grad for number in row) == (i in (0, 3))


def test_sizes_names_and_how_it_looks():
    model = nn.GPT(27, 16)
    assert len(model.parameters()) == 4192
    assert repr(model) == "GPT(27, 16, width=16, heads=4, layers=1) with 4192 parameters"
    assert repr(nn.GPT(2, 3, 4, 1, 2)).startswith("GPT(2, 3, width=4, heads=1, layers=2) with")
    names = list(model.state_dict())
    assert names[0] == "tokens.weights.0.0"
    assert names[432] == "positions.weights.0.0"
    assert names[432 + 256] == "blocks.0.query.o1.w1"
    assert names[-1] == "head.o27.w432"
    assert [model.parameters()[i].label for i in (0, -1)] == ["tokens.weights.0.0", "head.w432"]
    lines = model.summary().splitlines()
    assert lines[4].split() == ["blocks.0", "attention,", "4", "heads", "0"]
    assert lines[9].split() == ["blocks.0.up", "o1", "...", "o64", "16", "→", "64", "relu", "1024"]
    assert lines[-1] == "total: 4192 parameters"
    assert nn.GPT(3, 2, 4, seed=1).state_dict() == nn.GPT(3, 2, 4, seed=1).state_dict()
    assert nn.GPT(3, 2, 4, seed=1).state_dict() != nn.GPT(3, 2, 4, seed=2).state_dict()
    assert {*nn.GPT(3, 2, 4, initializer=0.5).state_dict().values()} == {0.5}
    assert np.std(list(nn.GPT(27, 16, seed=1).state_dict().values())) == pytest.approx(0.08, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((3, 4, 6, 4), nn.NetworkError, "4 heads cannot share a width of 6: it must be a multiple"),
        ((0, 4), ValueError, "tokens is 0"),
        ((3, 0), ValueError, "context is 0"),
        ((3, 4, 0), ValueError, "width is 0"),
        ((3, 4, 4, 0), ValueError, "heads is 0"),
        ((3, 4, 4, 1, 0), ValueError, "layers is 0"),
        ((3, 4, 1.5), TypeError, "width must be a whole number"),
    ],
)
def test_a_gpt_that_cannot_be(arguments, kind, message):
    with pytest.raises(kind, match=message):
        nn.GPT(*arguments)


def test_an_initializer_that_does_not_exist():
    with pytest.raises(nn.NetworkError, match="did you mean 'normal'"):
        nn.GPT(3, 4, initializer="nomal")


@pytest.mark.parametrize(
    ("tokens", "kind", "message"),
    [
        ([], nn.ShapeError, "takes at least one token, but got an empty list"),
        ([0, 1, 2, 3, 4], nn.ShapeError, r"at most 4 tokens, its context, but 5 were given: \[0, 1, 2, 3, 4\]"),
        ([0, 5], nn.NetworkError, "no row 5 in Embedding tokens .*counted from 0, the last is 4"),
        ([0.5], nn.NetworkError, r"no row 0\.5 in Embedding tokens"),
        (["a"], DataError, "but got 'a'"),
        ([Value(1.0)], DataError, "looked up, not computed"),
        ("emma", DataError, "takes a list of tokens, but got 'emma'\n  A token is a whole number"),
        (3, DataError, "takes a list of tokens, but got 3"),
        (None, DataError, "takes a list of tokens, but got None"),
        ({0, 1}, DataError, "takes a list of tokens"),
        ([[0, 1]], nn.ShapeError, r"but got a list of lists; for all of them write \[model\(tokens\)"),
    ],
)
def test_what_it_does_not_read(tokens, kind, message):
    with pytest.raises(kind, match=message):
        small()(tokens)


# --- trained ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("engine", "batch_size"), [("python", 1), ("numpy", 4), ("native", 1), ("native", 4)])
@pytest.mark.parametrize("layers", [1, 2])
def test_every_engine_learns_as_node_by_node(engine, batch_size, layers):
    if engine == "native":
        pytest.importorskip("llvmlite", reason='needs machine code: pip install "glassgrad[fast]"')
    settings = {"loss": nn.cross_entropy, "optimizer": nn.Adam, "batch_size": batch_size, "epochs": 3}
    assert_same(both(lambda: small(layers=layers), words(), engine, **settings), tolerance=1e-9)


@pytest.fixture
def recordings(monkeypatch, no_programs):
    """A list that grows with everything that is recorded."""
    found = []
    record_run = programs.record_run
    monkeypatch.setattr(programs, "record_run", lambda setting: found.append(setting) or record_run(setting))
    return found


def learn(model, data=None, **settings):
    chosen = {"loss": nn.cross_entropy, "engine": "numpy", "batch_size": 2, "epochs": 2, "progress": False}
    history = nn.fit(model, data or words(), optimizer=nn.Adam(), **chosen | settings)
    assert history.engine == "numpy"


def test_what_is_known_is_recorded_once(recordings):
    model = small()
    learn(model)
    assert len(recordings) == 1
    learn(model)
    learn(small(seed=2), epochs=5)
    learn(model, nn.Dataset(FOLLOWING, WORDS, ragged=True))
    assert len(recordings) == 1
    # Words of other lengths, other sizes, and what somebody has changed.
    learn(model, nn.Dataset(WORDS[:2], FOLLOWING[:2], ragged=True))
    learn(small(layers=2))
    model.blocks[0].heads = 1
    learn(model)
    assert len(recordings) == 4
    mine = small()
    mine.more = 1
    learn(mine)
    assert len(recordings) > 4, "it may compute something else, so it is recorded on a twin"


def test_an_embedding_in_a_row_of_modules_is_known(recordings):
    for seed in (1, 2):
        learn(nn.Sequential(nn.Embedding(5, 5, seed=seed)))
    assert len(recordings) == 1


def tie(model):
    """The scores of the tokens are dot products with their rows."""
    for neuron, row in zip(model.head.neurons, model.tokens.weights, strict=True):
        neuron.weights[:] = row
    return model


def test_a_head_that_shares_the_rows_of_the_tokens(recordings):
    learn(small())
    learn(tie(small()))
    learn(tie(small(seed=2)))
    assert len(recordings) == 2
    settings = {"loss": nn.cross_entropy, "optimizer": nn.Adam, "batch_size": 2, "epochs": 3}
    assert_same(both(lambda: tie(small()), words(), "numpy", **settings), tolerance=1e-9)


def key(model):
    return configuration_of_model(known(model), model.parameters())


def another_row(model):
    model.tokens.weights.append([nn.Parameter(0.5, f"more{i}") for i in range(4)])


def another_head(model):
    model.head = nn.Layer(4, 5, "identity", seed=1)


def another_activation(model):
    model.blocks[0].up = nn.Layer(4, 16, "tanh", bias=False, seed=1)


def another_block(model):
    model.blocks.append(small().blocks[0])


def another_class(model):
    class Mine(type(model.blocks[0])):
        pass

    model.blocks[0].__class__ = Mine


def a_list_in_place_of_a_layer(model):
    model.head = [model.head]


def no_head(model):
    model.head = None


def no_whole_number(model):
    model.blocks[0].heads = [2]


def rows_in_a_tuple(model):
    model.tokens.weights = tuple(model.tokens.weights)


def uneven_rows(model):
    model.tokens.weights[0].pop()


def a_number(model):
    model.positions.weights[1][0] = 0.5


def frozen(model):
    model.positions.requires_grad_(False)


@pytest.mark.parametrize(
    ("change", "is_own"),
    [
        (another_row, True), (another_head, True), (another_activation, True), (another_block, True), (tie, True),
        (a_list_in_place_of_a_layer, True), (no_head, False), (no_whole_number, False), (another_class, False),
        (rows_in_a_tuple, False), (uneven_rows, False), (a_number, False), (frozen, False),
    ],
)  # fmt: skip
def test_a_changed_model_is_another_program(change, is_own):
    model, same = small(), small(seed=2)
    assert what_is_not_own(model) == ""
    assert key(model) == key(same) is not None
    assert list(map(id, known(model).parameters)) == list(map(id, model.parameters()))
    change(model)
    assert key(model) != key(same)
    assert (key(model) is not None) == is_own


def test_methods_that_somebody_replaced_are_recorded(recordings, monkeypatch):
    learn(small())
    for kind in (nn.Embedding, type(small().blocks[0]), nn.GPT):
        forward, before = kind.forward, len(recordings)
        with monkeypatch.context() as changed:
            changed.setattr(kind, "forward", lambda self, x, forward=forward: forward(self, x))
            learn(small())
        assert len(recordings) > before


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_an_error_names_the_sample(engine):
    assert has_embedding(small())
    for wrong, kind, message in (
        ([1] * 5, nn.ShapeError, "at most 4 tokens"),
        ([2, 7], nn.NetworkError, "no row 7 in Embedding tokens"),
    ):
        data = nn.Dataset([[0, 1], wrong], [[1, 0], [0] * len(wrong)], sample_names=("be", "it"), ragged=True)
        with pytest.raises(kind, match=message) as caught:
            nn.fit(small(), data, loss=nn.cross_entropy, engine=engine, progress=False)
        said = "".join(traceback.format_exception(caught.value))
        assert "This came of sample 2 (it)." in said


def test_files(tmp_path):
    path = tmp_path / "gpt.json"
    model, other = small(layers=2), small(seed=2, layers=2)
    nn.save(model, path)
    nn.load(other, path)
    assert other.state_dict() == model.state_dict()
    for wrong, message in (
        (nn.GPT(5, 4, 4, 1, 2), r"'attention, 2 heads' in the file, but 'attention, 1 head' in this network"),
        (nn.GPT(5, 5, 4, 2, 2), "positions: 4 → 4 in the file, but 5 → 4 in this network"),
        (small(), "the file has 15 layers and 2 functions .* but this network has 9 layers and 1 function"),
    ):
        before = wrong.state_dict()
        with pytest.raises(nn.StateError, match=message):
            nn.load(wrong, path)
        assert wrong.state_dict() == before


def test_only_layers_one_after_the_other_go_to_pytorch():
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    with pytest.raises(nn.NetworkError, match="GPT is no MLP, Sequential, Layer or Neuron"):
        nn.to_torch(small())
