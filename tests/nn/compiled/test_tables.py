"""Training on tables of rows: what the one program of machine code computes is what NumPy and the readable engine do."""

import ctypes
import random

import numpy as np
import pytest

import nn
from autograd import Op, Value, dot, ops, total
from autograd.engines.numpy_batch import NumPyTape
from autograd.program.recorder import Recorder
from nn.compiled import machine_training, singles
from tests.nn.compiled.same_runs import MOONS, OPTIMIZERS, PEOPLE, assert_same, both, small

pytest.importorskip("llvmlite", reason="machine code needs the extra fast: pip install 'glassgrad[fast]'")

from autograd.engines.native.machine_code import aligned, compile_functions, handle
from nn.compiled.groups import write_group
from nn.compiled.kernels import Kernels
from nn.compiled.nests import FIELDS, kinds_by_name, nests_of
from nn.compiled.singles import SingleTable
from nn.compiled.table import Table, in_pieces
from nn.compiled.table_training import training_function


@pytest.fixture(autouse=True)
def _always_tables(monkeypatch, no_programs):
    monkeypatch.setattr(machine_training, "SHORT", 0)


# --- whole runs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [*range(1, 10), 15, 16, 17, 31, 32, 33, 63, 64, 65, 66, 100, 127, 128, 129])
def test_batches_of_every_size_and_what_is_left_of_them(batch_size):
    data = nn.data.moons(130)

    def model():
        return nn.MLP(2, [7, 5, 1], activation="tanh", seed=5)

    found = both(
        model, data, optimizer=lambda: nn.SGD(lr=0.05), epochs=2, batch_size=batch_size, shuffle=True, seed=3,
        metrics="accuracy", validation=nn.data.moons(70, seed=9),
    )  # fmt: skip
    assert_same(found)


@pytest.mark.parametrize("batch_size", [1, 6, None])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"penalty": nn.L2(0.01), "clip_norm": 0.1},
        {"penalty": nn.L1(0.01), "clip_value": 0.02},
        {"clip_value": 0.02, "clip_norm": 0.03},
    ],
    ids=lambda settings: "+".join(settings),
)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda make: repr(make()))
def test_every_rule_with_every_limit_and_penalty(optimizer, settings, batch_size):
    def model():
        return nn.MLP(2, [9, 3, 1], activation="tanh", seed=8)

    runs = {
        engine: both(model, MOONS, engine, optimizer=optimizer, epochs=2, batch_size=batch_size, **settings)
        for engine in ("native", "numpy")
    }
    assert_same(runs["native"])
    assert_same([runs["native"][0], runs["numpy"][0]])


PENALTIES = {
    "ours": (nn.L2(0.01), nn.L1(0.02)),
    "by hand": (
        lambda parameters: 0.01 * dot(parameters, parameters), lambda parameters: 0.02 * total(map(abs, parameters)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("batch_size", [1, 7, None])
@pytest.mark.parametrize("which", [0, 1])
def test_a_penalty_of_ours_is_what_one_writes_by_hand(which, batch_size, frozen):
    """Ours are recorded for one parameter, and those of somebody's own for all of them."""

    def model():
        made = nn.MLP(2, [9, 3, 1], activation="tanh", seed=8)
        made.layers[1].requires_grad_(not frozen)
        return made

    settings = {"epochs": 3, "batch_size": batch_size, "optimizer": lambda: nn.Adam(lr=0.02)}
    for engine in ("native", "numpy"):
        found = [both(model, MOONS, engine, penalty=kind[which], **settings) for kind in PENALTIES.values()]
        for runs in (*found, [found[0][0], found[1][1]]):
            assert_same(runs)


def test_each_strength_of_a_penalty_is_its_own_on_the_same_machine_code():
    def final(strength, engine):
        model = nn.MLP(2, [9, 3, 1], activation="tanh", seed=8)
        nn.fit(model, MOONS, epochs=2, penalty=nn.L2(strength), engine=engine)
        return [parameter.data for parameter in model.parameters()]

    before = training_function.cache_info().misses
    runs = [final(strength, "native") for strength in (0.5, 0.25, 0.0, 0.5)]
    assert training_function.cache_info().misses <= before + 1
    for run, strength in zip(runs, (0.5, 0.25, 0.0, 0.5), strict=True):
        assert run == pytest.approx(final(strength, "eager"), rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("loss", ["cross_entropy", "mean_squared_error"])
@pytest.mark.parametrize("batch_size", [1, 7])
def test_several_outputs_and_classes(loss, batch_size):
    blobs = nn.data.blobs().subset(range(20))
    data = blobs if loss == "cross_entropy" else [(x, [float(i == y) for i in range(3)]) for x, y in blobs]

    def model():
        return nn.MLP(4, [6, 3], activation="relu", output_activation="identity", seed=3)

    found = both(
        model, data, loss=getattr(nn, loss), optimizer=lambda: nn.Adam(lr=0.02), epochs=3, batch_size=batch_size,
        metrics="accuracy" if loss == "cross_entropy" else None, validation=data[:9],
    )  # fmt: skip
    assert_same(found)


class Irregular:
    """A model of one's own: shared parameters, constants, branches of all lengths, parameters that nothing needs."""

    def __init__(self, seed, size=12, steps=60):
        self.chance = random.Random(seed)
        self.weights = [Value(self.chance.uniform(-1, 1), f"w{i}") for i in range(size)]
        choose, self.plan = self.chance, []
        for _ in range(steps):
            self.plan.append((choose.choice("+-*tsdc"), [choose.random() for _ in range(choose.randint(1, 9))]))

    def parameters(self):
        return self.weights

    def __call__(self, x):
        found = [*self.weights[:-1], *[number + 0.5 * self.weights[1] for number in x]]
        for kind, places in self.plan:
            chosen = [found[int(place * len(found))] for place in places]
            a, b = chosen[0], chosen[-1]
            new = {
                "+": lambda a=a, b=b: a + b,
                "-": lambda a=a, b=b: a - b * 0.5,
                "*": lambda a=a, b=b: a * b,
                "t": lambda a=a: a.tanh(),
                "s": lambda chosen=chosen: total(chosen) * (1 / len(chosen)),
                "d": lambda chosen=chosen: dot(chosen, chosen[::-1]) * 0.3,
                "c": lambda a=a: a * 2.0 + 1.0,
            }[kind]()
            found.append((new * 0.5).tanh())
        return total(found[-9:]) + self.weights[0]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("batch_size", [1, 5])
def test_irregular_models(seed, batch_size):
    found = both(
        lambda: Irregular(seed), MOONS, optimizer=lambda: nn.SGD(lr=0.01, momentum=0.5), epochs=2,
        batch_size=batch_size,
    )  # fmt: skip
    assert_same(found)


class Convolution(nn.Module):
    """One filter, moved over a row of numbers: its weights are shared by all places."""

    def __init__(self):
        self.filter = nn.Neuron(3, activation="tanh", seed=1)
        self.last = nn.Neuron(8, activation="identity", seed=2)

    def forward(self, x):
        return self.last([self.filter(x[i : i + 3]) for i in range(8)])


@pytest.mark.parametrize("batch_size", [1, 6])
def test_shared_parameters(batch_size):
    chance = random.Random(1)
    rows = [[chance.uniform(-1, 1) for _ in range(10)] for _ in range(15)]
    data = (rows, [sum(row) for row in rows])
    assert_same(both(Convolution, data, optimizer=lambda: nn.Adam(lr=0.01), epochs=4, batch_size=batch_size))


def test_a_rule_that_gives_nan_for_zeros_is_asked_only_about_parameters():
    """Behind 33 parameters, rows are filled up with zeros, for which Adagrad without ε is 0 / 0."""

    def model():
        return nn.MLP(2, [8, 1], activation="tanh", seed=1)

    assert len(model().parameters()) == 33
    assert_same(both(model, MOONS, optimizer=lambda: nn.Adagrad(lr=0.01, eps=0.0), epochs=2, batch_size=5))


@pytest.mark.parametrize("batch_size", [1, 3])
def test_of_a_step_that_is_not_finite_nothing_is_kept(batch_size):
    found = []
    for engine in ("native", "eager"):
        model = nn.MLP(2, [8, 1], activation="identity", seed=1)
        with pytest.raises(nn.training.TrainingError) as error:
            nn.fit(model, PEOPLE, optimizer=nn.SGD(lr=1e60, momentum=0.5), epochs=50, engine=engine,
                   batch_size=batch_size)  # fmt: skip
        found.append((error.value.epoch, error.value.step, [p.data for p in model.parameters()]))
    assert found[0][:2] == found[1][:2]
    assert found[0][2] == pytest.approx(found[1][2], rel=1e-9)


def test_samples_behind_a_batch_are_not_looked_at():
    """The last sample of all makes the loss overflow, but it is never in a batch with others."""
    data = ([[0.1, 0.2], [0.3, 0.1], [0.2, 0.2], [1e200, 1e200]], [0.0, 1.0, 0.0, 1.0])
    for size in (1, 3):
        model = nn.MLP(2, [8, 1], activation="identity", seed=1)
        with pytest.raises(nn.training.TrainingError) as error:
            nn.fit(model, data, optimizer=nn.SGD(lr=0.1), epochs=1, engine="native", batch_size=size)
        assert error.value.step == -(-4 // size)


def test_an_operation_of_ones_own_is_left_to_another_engine():
    own = Op("third_of_test", lambda x: x / 3, lambda x, z: (1 / 3,), atom="third_of_test")
    try:
        model = nn.MLP(2, [20, 1], activation=own, seed=1)
        assert nn.fit(model, PEOPLE, epochs=1, batch_size=2).engine == "python"
    finally:
        del ops.ALL["third_of_test"]


# --- the tables themselves ------------------------------------------------------------------------------------


def recorded(seed, parameters=5, columns=11, steps=40):
    """A random tape of a sample: its loss, the gradients of weight · loss, and two more outputs."""
    chance, recorder = random.Random(seed), Recorder()
    ws = [recorder.input(f"w{i}") for i in range(parameters)]
    xs = [recorder.input(f"x{i}") for i in range(columns)]
    weight = recorder.input("weight")
    found = [*ws, *xs]
    for _ in range(steps):
        a, b = chance.choice(found), chance.choice(found)
        many = [chance.choice(found) for _ in range(chance.randint(2, 8))]
        made = chance.choice(
            [
                lambda a=a, b=b: a + b, lambda a=a, b=b: a * b, lambda a=a, b=b: a - b, lambda a=a: 3.0 * a,
                lambda a=a: a.sin(), lambda a=a, b=b: (a * a).hypot(b + 1.5), lambda a=a: (a * a).log1p(), lambda a=a, b=b: a.maximum(b), lambda many=many: dot(many, many[::-1]),
                lambda many=many: total(many), lambda a=a, b=b: (a * 0.1).exp() / (1.5 + b.tanh()),
            ]
        )()  # fmt: skip
        found.append(made.tanh())
    loss = total(found[-8:]) + ws[0] * xs[0]
    gradients = recorder.gradients(loss * weight, ws)
    recorder.close()
    return recorder.finish([loss, *gradients, found[-1], found[-2]]), parameters, columns


@pytest.fixture(scope="module", params=[2, 4, 8])
def group(request):
    """LLVM takes a vector apart that is too wide for this machine, so that all kernels can run here."""
    kernels = Kernels(request.param)
    written = write_group(kernels)
    return handle(compile_functions([*kernels.functions, written]), written)


def assert_as_numpy(group, tape, parameters, columns, seed):
    """Some samples by a table, which are computed as by NumPy; the table."""
    chance = np.random.default_rng(seed)
    samples, row = int(chance.integers(1, 20)), -(-parameters // 8) * 8
    table = Table(tape, parameters, parameters, row)
    placed = table.placed(samples)
    memory = aligned(placed.end)
    placed.fill(memory)
    memory[:parameters] = given = chance.uniform(-1, 1, parameters)
    numbers, gradients = chance.uniform(-1, 1, (columns, samples)), np.zeros(row + 8)
    # Every second time in an order: the samples stand in memory from the last to the first.
    order = np.arange(samples)[::-1].copy() if seed % 2 else None
    rows = np.ascontiguousarray(numbers.T[order] if order is not None else numbers.T)
    results = np.full((len(tape.outputs) - 1 - parameters, samples), np.nan)
    loss = group(
        ctypes.addressof(placed.place), memory.ctypes.data, gradients.ctypes.data, rows.ctypes.data,
        None if order is None else order.ctypes.data, 0, samples, 1 / samples, results.ctypes.data, samples,
    )  # fmt: skip
    losses, *rest = [
        np.broadcast_to(row, samples) for row in NumPyTape(tape)(*given.tolist(), *numbers, 1 / samples)
    ]
    assert loss == pytest.approx(losses.mean(), rel=1e-10, abs=1e-12), seed
    expected = [row.sum() for row in rest[:parameters]]
    assert gradients[:parameters] == pytest.approx(expected, rel=1e-9, abs=1e-11), seed
    assert results == pytest.approx(np.array(rest[parameters:]).reshape(results.shape), rel=1e-10, abs=1e-12), seed
    return table


def test_random_tapes_for_vectors_of_every_width(group):
    for seed in range(60):
        assert_as_numpy(group, *recorded(seed), seed)


@pytest.mark.parametrize("neurons", [1, 3, 4, 6])
@pytest.mark.parametrize(("columns", "packed"), [(31, 0), (33, 32), (64, 64), (300, 288)])
def test_numbers_of_samples_are_packed_where_sums_go_along_them(group, columns, packed, neurons):
    assert assert_as_numpy(group, *layer(columns, neurons), seed=columns + neurons).packed == packed


@pytest.mark.parametrize(("used", "packed"), [(0, 0), (31, 0), (32, 32), (35, 32)])
def test_nothing_is_packed_that_is_needed_for_something_else(group, used, packed):
    assert assert_as_numpy(group, *layer(36, 3, used), seed=used).packed == packed


def layer(columns, neurons, used=None):
    """The tape of a layer and of a loss that needs one of its inputs for something else too."""
    recorder = Recorder()
    ws = [recorder.input(f"w{i}") for i in range(neurons * (columns + 1))]
    xs = [recorder.input(f"x{i}") for i in range(columns + 1)]
    weight = recorder.input("weight")
    rows = [ws[i : i + columns + 1] for i in range(0, len(ws), columns + 1)]
    outputs = [(dot(row[:-1], xs[:-1]) + row[-1]).tanh() for row in rows]
    loss = (total(outputs) - xs[-1]) ** 2
    if used is not None:
        loss = loss + xs[used].sin()
    gradients = recorder.gradients(loss * weight, ws)
    recorder.close()
    return recorder.finish([loss, *gradients, *outputs]), len(ws), columns + 1


@pytest.mark.parametrize("seed", range(40))
def test_random_tapes_one_sample_after_the_other(seed):
    """Two tables over each other, behind one row of parameters; the gradients are added to what is there."""
    chance = np.random.default_rng(seed)
    tapes = [recorded(2 * seed, columns=3), recorded(2 * seed + 1, columns=11)]
    tables = [SingleTable(tape, 5, 5, 8) for tape, _, _ in tapes]
    memory = aligned(max(table.end for table in tables))
    memory[:5] = given = chance.uniform(-1, 1, 5)
    for (tape, _, columns), table in zip(tapes, tables, strict=True):
        samples = int(chance.integers(1, 5))
        gradients, results = np.ones(8), np.full((2, samples), np.nan)
        rows = chance.uniform(-1, 1, (2 + samples, columns))
        order = chance.permutation(2 + samples)[:samples] if seed % 2 else None
        loss = singles.program()(
            table.address, memory.ctypes.data, gradients.ctypes.data, rows.ctypes.data,
            None if order is None else order.ctypes.data, 2, samples, 1 / samples, results.ctypes.data, samples,
        )  # fmt: skip
        numbers = rows[2:] if order is None else rows[order]
        losses, *rest = [
            np.broadcast_to(row, samples) for row in NumPyTape(tape)(*given.tolist(), *numbers.T, 1 / samples)
        ]
        assert loss == pytest.approx(losses.mean(), rel=1e-10, abs=1e-12)
        assert gradients[:5] == pytest.approx([1 + row.sum() for row in rest[:5]], rel=1e-9, abs=1e-11)
        assert results == pytest.approx(np.array(rest[5:]), rel=1e-10, abs=1e-12)


def test_a_gradient_that_is_always_0_is_not_added():
    recorder = Recorder()
    ws = [recorder.input(f"w{i}") for i in range(20)]
    weight = recorder.input("weight")
    penalty = total([w * w for w in ws[:7]])
    tape = recorder.finish([penalty, *recorder.gradients(penalty * weight, ws)])
    table = SingleTable(tape, 20, 20, 24)
    assert table._rows[:, 1:].tolist() == [[0, 7]]
    assert not len(table._pairs)


def test_a_layer_is_a_row_of_the_table():
    recorder = Recorder()
    ws = [recorder.input(f"w{i}") for i in range(5 * 4)]
    xs = [recorder.input(f"x{i}") for i in range(4)]
    weight = recorder.input("weight")
    neurons = [dot([*ws[5 * j : 5 * j + 4]], xs) + ws[5 * j + 4] for j in range(4)]
    loss = total([neuron.tanh() for neuron in neurons])
    tape = recorder.finish([loss, *recorder.gradients(loss * weight, ws)])
    table = Table(tape, 20, 20, 24)
    names = list(kinds_by_name())
    rows = [(names[kind], count, terms) for kind, count, terms in table.rows[:, :3].tolist()]
    assert ("uniform sum", 4, 4) in rows
    assert ("outer product", 4, 4) in rows
    assert ("tanh", 4, 1) in rows


def test_long_sums_are_cut_into_pieces_that_follow_each_other():
    row = dict.fromkeys(FIELDS, 0) | {
        "kind": kinds_by_name()["uniform sum"], "count": 3, "terms": 10, "out": 40, "outs": 1, "init": 7, "inits": 2, "left": 100, "lefts": 10,
        "left_terms": 1, "right": 20, "right_terms": 2,
    }  # fmt: skip
    pieces = in_pieces(np.array([list(row.values())]), {"uniform sum": 4})
    found = [dict(zip(FIELDS, piece, strict=True)) for piece in pieces.tolist()]
    assert [piece["terms"] for piece in found] == [4, 4, 2]
    assert [(piece["init"], piece["inits"]) for piece in found] == [(7, 2), (40, 1), (40, 1)]
    assert [(piece["left"], piece["right"]) for piece in found] == [(100, 20), (104, 28), (108, 36)]


@pytest.mark.parametrize("seed", range(30))
def test_nests_are_shifted_copies_and_leave_nothing_out(seed):
    chance = np.random.default_rng(seed)
    items = int(chance.integers(0, 40))
    group = np.sort(chance.integers(0, 3, items))
    columns = [np.cumsum(chance.choice([1, 1, 1, 5], items)), chance.choice([3, 3, 4], items)]
    nests = nests_of(group, columns)
    found = [
        (first + i, *[column[first] + i * stride for column, stride in zip(columns, strides, strict=True)])
        for first, count, strides in zip(nests.first, nests.count, nests.strides.T, strict=True)
        for i in range(count)
    ]
    assert found == [(i, columns[0][i], columns[1][i]) for i in range(items)]
    assert all(
        len(set(group[first : first + count])) == 1 for first, count in zip(nests.first, nests.count, strict=True)
    )


def test_a_small_model_has_straight_line_code_and_the_same_numbers(monkeypatch):
    by_table = both(small(), PEOPLE, optimizer=lambda: nn.Adam(lr=0.02), epochs=9, batch_size=3)
    monkeypatch.undo()
    nn.compiled.programs.forget()
    straight = both(small(), PEOPLE, optimizer=lambda: nn.Adam(lr=0.02), epochs=9, batch_size=3)
    assert by_table[0][0].loss == pytest.approx(straight[0][0].loss, rel=1e-12)
