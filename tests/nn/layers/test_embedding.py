"""An Embedding against a product with a one-hot vector, central differences and PyTorch; and what it refuses."""

import math
import random
import traceback

import numpy as np
import pytest

import nn
from autograd import DataError, GradientError, Value, check_gradient, dot, jit, total, value_and_grad
from nn.layers.embedding import has_embedding
from tests.nn.compiled.same_runs import assert_same, both

CHANCE = random.Random(3)
CONTEXTS = [[CHANCE.randrange(5) for _ in range(3)] for _ in range(12)]
FOLLOWING = [CHANCE.randrange(5) for _ in CONTEXTS]
TAGS = [[CHANCE.randrange(4) for _ in context] for context in CONTEXTS]


class Following(nn.Module):
    """Which letter follows three others?"""

    def __init__(self):
        self.letters = nn.Embedding(5, 2, seed=1)
        self.hidden = nn.Layer(6, 4, "tanh", seed=2)
        self.out = nn.Layer(4, 5, "identity", seed=3)
        self.spare = nn.Parameter(2.0)

    def forward(self, letters):
        return self.out(self.hidden([number for row in self.letters(letters) for number in row]))


class Tagging(nn.Module):
    """What is each letter, in its place?"""

    def __init__(self):
        self.letters = nn.Embedding(5, 3, seed=1)
        self.places = nn.Embedding(4, 3, seed=2)
        self.out = nn.Layer(3, 4, "identity", seed=3)

    def forward(self, letters):
        rows = [zip(self.letters(letter), self.places(i), strict=True) for i, letter in enumerate(letters)]
        return [self.out([a + b for a, b in row]) for row in rows]


def numbers(row):
    return [number.data for number in row]


def test_it_is_a_linear_layer_on_a_one_hot_vector():
    rows = np.random.default_rng(5).normal(size=(4, 3))
    table = nn.Embedding(4, 3, weights=rows)
    layer = nn.Layer(4, 3, "identity", bias=False, weights=rows.T)
    for i, one_hot in enumerate(np.eye(4)):
        assert numbers(table(i)) == rows[i].tolist() == numbers(layer(one_hot.tolist()))
        program = jit(table, engine="python")
        assert program(i) == rows[i].tolist()


def test_it_is_the_embedding_of_pytorch():
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    table = nn.Embedding(5, 3, seed=4)
    theirs = torch.nn.Embedding(5, 3, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(torch.from_numpy(np.array([numbers(row) for row in table.weights])))
    classes = [2, 0, 1, 2]
    expected = torch.nn.functional.cross_entropy(theirs(torch.tensor([4, 0, 4, 1])), torch.tensor(classes))
    expected.backward()
    L = nn.cross_entropy(table([4, 0, 4, 1]), classes)
    L.backward()
    assert L.data == pytest.approx(expected.item(), rel=1e-14)
    found = [[number.grad for number in row] for row in table.weights]
    np.testing.assert_allclose(found, theirs.weight.grad.numpy(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("index", [2, 2.0, np.int64(2), np.float32(2), np.array(2)], ids=lambda i: type(i).__name__)
def test_any_whole_number_is_an_index_and_nothing_is_computed(index):
    table = nn.Embedding(3, 2, seed=1)
    assert all(one is other for one, other in zip(table(index), table.weights[2], strict=True))
    table(index).clear()
    assert len(table(index)) == 2


def test_a_list_of_indices_gives_a_list_of_rows():
    table = nn.Embedding(3, 2, seed=1)
    assert table([2, 0, 2]) == table((2, 0, 2)) == table(np.array([2, 0, 2])) == [table(2), table(0), table(2)]
    assert table([[1]]) == [[table(1)]]


@pytest.mark.parametrize(
    ("index", "kind", "message"),
    [
        (3, nn.NetworkError, r"no row 3 in Embedding \(3 rows of 2 numbers\): counted from 0, the last is 2"),
        (-1, nn.NetworkError, "there is no row -1"),
        (0.5, nn.NetworkError, r"there is no row 0\.5"),
        (math.nan, nn.NetworkError, "there is no row nan"),
        (10**400, nn.NetworkError, "there is no row 1000"),
        ([0, 3], nn.NetworkError, "there is no row 3"),
        (Value(1.0), DataError, "looked up, not computed from its number"),
        (True, DataError, r"takes the number of a row, or a list of them, but got True"),
        ("a", DataError, "but got 'a'"),
        (None, DataError, "but got None"),
        (1j, DataError, "takes the number of a row"),
    ],
)  # fmt: skip
def test_what_is_no_row(index, kind, message):
    with pytest.raises(kind, match=message):
        nn.Embedding(3, 2, seed=1)(index)


@pytest.mark.parametrize("engine", ["python", "numpy"])
@pytest.mark.parametrize("index", [3, -1, 0.5, 1e300, 5e-324])
def test_a_recorded_index_that_is_no_row_leads_to_no_number(index, engine):
    program = jit(nn.Embedding(3, 1, weights=[[0.0], [1.0], [2.0]]), engine=engine)
    assert program(1) == [1.0]
    with pytest.raises(ZeroDivisionError, match="is it a whole number from 0 to 2"):
        program(index)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: nn.Embedding(0, 2), ValueError, "count is 0"),
        (lambda: nn.Embedding(2, 1.5), TypeError, "width must be a whole number"),
        (lambda: nn.Embedding(2, 2, initializer="nomal"), nn.NetworkError, "did you mean 'normal'"),
        (lambda: nn.Embedding(2, 2, weights=[[1, 2]]), nn.ShapeError, "weights is a list of 2"),
        (lambda: nn.Embedding(2, 2, weights=[[1, 2], [3]]), nn.ShapeError, r"weights\[1\] is a list of 2"),
        (lambda: nn.Embedding(1, 1, weights=[["a"]]), DataError, "'a'"),
    ],
)
def test_a_table_that_cannot_be(make, kind, message):
    with pytest.raises(kind, match=message):
        make()


def test_how_it_starts():
    assert nn.Embedding(3, 2, seed=7).state_dict() == nn.Embedding(3, 2, seed=7).state_dict()
    assert nn.Embedding(3, 2, seed=7).state_dict() != nn.Embedding(3, 2, seed=8).state_dict()
    assert numbers(nn.Embedding(2, 3, initializer=0.5)(1)) == [0.5] * 3
    asked = []
    nn.Embedding(4, 2, initializer=lambda generator, n_in, n_out: asked.append((n_in, n_out)) or 0.0, seed=1)
    assert asked == [(4, 2)] * 8
    shared = nn.Parameter(0.25, "shared")
    assert nn.Embedding(2, 1, weights=[[shared], [shared]]).parameters() == [shared]


def test_names_files_and_how_it_looks(tmp_path):
    model = Tagging()
    assert list(model.letters.state_dict())[:4] == ["weights.0.0", "weights.0.1", "weights.0.2", "weights.1.0"]
    assert [p.label for p in model.letters.parameters()][-1] == "letters.weights.4.2"
    assert list(model.state_dict())[15] == "places.weights.0.0"
    assert repr(model.letters) == "Embedding letters (5 rows of 3 numbers)"
    assert repr(nn.Embedding(1, 1)) == "Embedding (1 row of 1 number)"
    assert model.summary().splitlines()[2].split() == ["letters", "5", "→", "3", "identity", "15"]
    nn.save(model, tmp_path / "model.json")
    other = Tagging()
    other.letters.weights[0][0].data = 9.0
    nn.load(other, tmp_path / "model.json")
    assert other.state_dict() == model.state_dict()
    other.letters = nn.Embedding(6, 3)
    with pytest.raises(nn.StateError, match="letters: 5 → 3 in the file, but 6 → 3 in this network"):
        nn.load(other, tmp_path / "model.json")
    own = nn.Embedding(1, 1, weights=[[nn.Parameter(1.0, "mine")]])
    model.own = own
    assert own(0)[0].label == "mine"
    frozen = nn.Embedding(2, 2, seed=1).requires_grad_(False)
    assert all(not p.requires_grad for p in frozen.parameters())


def test_only_networks_go_to_pytorch():
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    with pytest.raises(nn.NetworkError, match="Embedding is no MLP, Sequential, Layer or Neuron"):
        nn.to_torch(nn.Sequential(nn.Embedding(3, 2), nn.Layer(2, 2)))


@pytest.mark.parametrize("index", [0, 2])
def test_derivatives_of_first_and_second_order(index):
    """Of what is looked up, and of the sums that a program computes in its place."""
    table = nn.Embedding(3, 2)

    def loss(rows, index):
        table.weights = rows
        row, other = table(index), table(1)
        return dot(row, other) ** 2 + total(row) * total(other)

    rows = [[0.3, -0.4], [0.5, 0.6], [-0.7, 0.8]]
    assert check_gradient(lambda rows: loss(rows, index), rows, order=2)
    value, slopes = value_and_grad(loss)(rows, index)
    found, (found_slopes, by_index) = jit(loss, engine="python").value_and_grad(rows, index)
    assert found == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(found_slopes, slopes, rtol=1e-13, atol=1e-16)
    assert by_index == 0.0


# --- trained ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SGD", "AdamW"])
@pytest.mark.parametrize(("engine", "batch_size"), [("python", 1), ("numpy", 5), ("native", 1), ("native", 5)])
def test_every_engine_learns_as_node_by_node(engine, batch_size, name):
    """Rows that a batch does not have move on with Adam's momentum, as in PyTorch, and so do all parameters."""
    if engine == "native":
        pytest.importorskip("llvmlite", reason='needs machine code: pip install "glassgrad[fast]"')
    decaying = {"SGD": lambda: nn.SGD(lr=0.1, momentum=0.9, weight_decay=0.1), "AdamW": nn.AdamW}[name]
    settings = {"loss": nn.cross_entropy, "optimizer": decaying, "batch_size": batch_size, "epochs": 3}
    assert_same(both(Following, (CONTEXTS, FOLLOWING), engine, **settings))
    assert_same(both(Tagging, (CONTEXTS, TAGS), engine, **settings))


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_fit_moves_the_rows_that_pytorch_moves(name):
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    table = nn.Embedding(5, 3, seed=4)
    theirs = torch.nn.Embedding(5, 3, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight.copy_(torch.from_numpy(np.array([numbers(row) for row in table.weights])))
    settings = {"lr": 0.05, "weight_decay": 0.1} | ({"momentum": 0.9} if name == "SGD" else {})
    optimizer = getattr(torch.optim, name)(theirs.parameters(), **settings)
    inputs, targets = [[4, 1], [0, 4], [1, 1]], [[2, 0], [1, 1], [0, 2]]
    for _ in range(3):
        for x, y in zip(inputs, targets, strict=True):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(y)).backward()
            optimizer.step()
    nn.fit(
        table, (inputs, targets), loss=nn.cross_entropy, optimizer=getattr(nn, name)(**settings), epochs=3,
        engine="eager",
    )  # fmt: skip
    found = [numbers(row) for row in table.weights]
    np.testing.assert_allclose(found, theirs.weight.detach().numpy(), rtol=1e-9)


@pytest.mark.parametrize("engine", ["auto", "eager"])
@pytest.mark.parametrize(("wrong", "kind"), [("letter", nn.NetworkError), ("tag", nn.LossError)])
def test_what_names_no_row_or_class_is_found_in_its_sample(engine, wrong, kind):
    inputs, targets = [[0, 1], [2, 5 if wrong == "letter" else 3]], [[0, 1], [2, 5 if wrong == "tag" else 3]]
    data = nn.Dataset(inputs, targets, sample_names=("first", "second"))
    model = Tagging()
    with pytest.raises(kind, match="no row 5" if wrong == "letter" else "the target 5 is no class") as caught:
        nn.fit(model, data, loss=nn.cross_entropy, engine=engine, progress=False)
    said = "".join(traceback.format_exception(caught.value))
    assert "This came of sample 2 (second)." in said
    assert "CannotCompile" not in said


def test_a_loss_of_an_embedding_that_depends_on_nothing():
    with pytest.raises(GradientError, match="does not depend on any parameter"):
        nn.fit(nn.Embedding(2, 1), ([0], [0.0]), loss=lambda p, t: Value(1.0), progress=False)


def test_where_an_embedding_is_found():
    class Plain:
        def __init__(self, part):
            self.parts = {"a": [part]}

    table = nn.Embedding(2, 1)
    assert has_embedding(table)
    assert has_embedding(Plain(table))
    assert has_embedding(Plain(Tagging()))
    assert has_embedding(nn.Sequential(table, nn.Layer(1, 1)))
    assert not has_embedding(Plain(nn.Neuron(1)))
    assert not has_embedding(len)
    around = nn.Module()
    around.inside = nn.Module()
    around.inside.around = around
    assert not has_embedding(around)
